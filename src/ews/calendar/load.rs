//! Reading events by their identifiers.

use crate::calendar::Batch;
use crate::connector::Backend;
use crate::error::Result;
use crate::ews::convert;
use crate::ews::items::{SANITISES_SINCE, present};
use crate::ews::mailbox::EwsMailbox;
use crate::ews::types::{
    BaseShape, BodyTypeResponse, CalendarItem, FieldPath, Item, ItemId, ItemIdRef, ItemShape,
};
use crate::ews::{FieldUri, ServerVersion};
use crate::model::{BodyWanted, Event, EventId, EventKind, Projection, PropertyName};

/// How much of an event to read, and how.
#[derive(Clone, Debug)]
pub(super) struct Load {
    /// What to read of an item.
    pub(super) shape: ItemShape,
    pub(super) is_full: bool,
    version: ServerVersion,
}

impl Load {
    pub(super) fn of(
        projection: Projection,
        version: ServerVersion,
        body: BodyWanted,
        extended: &[PropertyName],
    ) -> Self {
        let is_full = projection == Projection::Full;
        let mut shape = ItemShape::new(BaseShape::IdOnly);
        if is_full {
            shape.body_type = Some(match body {
                BodyWanted::Html => BodyTypeResponse::Html,
                BodyWanted::Text => BodyTypeResponse::Text,
                BodyWanted::Native => BodyTypeResponse::Best,
            });
            shape.filter_html_content = (version >= SANITISES_SINCE).then_some(true);
            shape.additional_properties = convert::full_paths(version, extended);
        } else {
            shape.additional_properties = convert::summary_paths(version);
            if version < ServerVersion::Exchange2013 {
                // Lists name no zone here, but an item does.
                let zones: &[FieldUri] = match version < ServerVersion::Exchange2010 {
                    true => &[FieldUri::CalendarMeetingTimeZone],
                    false => &[
                        FieldUri::CalendarStartTimeZone,
                        FieldUri::CalendarEndTimeZone,
                    ],
                };
                let zones = zones.iter().cloned().map(FieldPath::from);
                shape.additional_properties.extend(zones);
            }
        }
        Self {
            shape,
            is_full,
            version,
        }
    }

    /// In summary.
    pub(super) fn summary(version: ServerVersion) -> Self {
        Self::of(Projection::Summary, version, BodyWanted::Native, &[])
    }

    /// With everything.
    pub(super) fn full(version: ServerVersion) -> Self {
        Self::of(Projection::Full, version, BodyWanted::Native, &[])
    }

    /// Whether a list does not say enough, so that each item is to be read. Lists before 2013 name
    /// no zone, without which the dates of whole days are not known.
    pub(super) fn needs_items(&self) -> bool {
        self.is_full || self.version < ServerVersion::Exchange2013
    }

    /// What a list is to say of each item.
    pub(super) fn list_shape(&self) -> ItemShape {
        if self.needs_items() {
            // The rest comes with the items.
            let paths = [
                FieldUri::CalendarStart,
                FieldUri::CalendarEnd,
                FieldUri::CalendarUID,
                FieldUri::CalendarCalendarItemType,
            ];
            return ItemShape::new(BaseShape::IdOnly).with(paths);
        }
        self.shape.clone()
    }
}

impl EwsMailbox {
    /// Reads events by their identifiers, in order, in as many requests as it takes.
    pub(super) async fn load_events(
        &self,
        ids: &[ItemId],
        load: &Load,
        operation: &'static str,
    ) -> Result<Batch<Event>> {
        let items = self.read_items(ids, &load.shape, operation).await?;
        let mut events = self.events_of(items, load.is_full, operation).await;
        if load.is_full {
            self.add_series_ids(&mut events, operation).await?;
        }
        let read = events.iter_mut().flatten().collect();
        self.addresses.resolve_in(&self.client, read).await;
        Ok(events)
    }

    /// The events of what a list found, in its order, read whole where the list does not say
    /// enough. What was deleted since is left out. All are of the series, if one is said.
    pub(super) async fn load_found(
        &self,
        found: Vec<CalendarItem>,
        load: &Load,
        series: Option<&EventId>,
        operation: &'static str,
    ) -> Result<Vec<Event>> {
        if !load.needs_items() {
            let items = found
                .into_iter()
                .map(|item| Item::CalendarItem(Box::new(item)));
            let events = self
                .events_of(items.map(Ok).collect(), false, operation)
                .await;
            return Ok(self
                .with_addresses(events.into_iter().collect::<Result<_>>()?)
                .await);
        }
        let ids = found.into_iter().filter_map(|item| item.item.item_id);
        let ids: Vec<ItemId> = ids.map(|id| ItemId::new(id.id)).collect();
        self.load_present(&ids, load, series, operation).await
    }

    /// Reads events by their identifiers, in order; what is not there any more is left out. All are
    /// of the series, if one is said.
    pub(super) async fn load_present(
        &self,
        ids: &[ItemId],
        load: &Load,
        series: Option<&EventId>,
        operation: &'static str,
    ) -> Result<Vec<Event>> {
        let Some(series) = series else {
            return present(self.load_events(ids, load, operation).await?);
        };
        let items = self.read_items(ids, &load.shape, operation).await?;
        let mut events = present(self.events_of(items, load.is_full, operation).await)?;
        for detail in events.iter_mut().filter_map(|event| event.detail.as_mut()) {
            detail.series_id = Some(series.clone());
        }
        Ok(self.with_addresses(events).await)
    }

    /// What was read, as events. Whole days that need it are those of the zone of the mailbox.
    async fn events_of(
        &self,
        items: Batch<Item>,
        is_full: bool,
        operation: &'static str,
    ) -> Batch<Event> {
        let home = self.home_of(items.iter().flatten(), operation).await;
        let event = |item: Item| convert::event_at_home(&item, is_full, home.as_ref(), operation);
        items.into_iter().map(|item| item.and_then(event)).collect()
    }

    /// The events, with people by their SMTP addresses where the directory knows them.
    async fn with_addresses(&self, mut events: Vec<Event>) -> Vec<Event> {
        let read = events.iter_mut().collect();
        self.addresses.resolve_in(&self.client, read).await;
        events
    }

    /// Says of each occurrence to which series it belongs: one more request for each page, because
    /// an item does not say.
    async fn add_series_ids(
        &self,
        events: &mut Batch<Event>,
        operation: &'static str,
    ) -> Result<()> {
        let mut asked: Vec<&Event> = Vec::new();
        for event in events.iter().flatten().filter(|event| is_part(event)) {
            let is_known = |known: &&Event| same_series(known, event);
            if !asked.iter().any(is_known) {
                asked.push(event);
            }
        }
        let ids: Vec<ItemIdRef> = asked.iter().map(|event| master_of(&event.id)).collect();
        let shape = ItemShape::new(BaseShape::IdOnly);
        let answers = self.read_items(&ids, &shape, operation).await?;
        let mut masters = Vec::with_capacity(asked.len());
        for (event, answer) in asked.iter().zip(answers) {
            // A master that cannot be read is no reason to lose its occurrences.
            if let Some(id) = answer.ok().as_ref().and_then(Item::item_id) {
                let id = EventId::from_raw(Backend::Ews, id.id.as_str());
                masters.push(((*event).clone(), id));
            }
        }
        for event in events.iter_mut().flatten().filter(|event| is_part(event)) {
            let found = masters
                .iter()
                .find(|(part, _)| part.id == event.id || same_series(part, event));
            if let (Some((_, id)), Some(detail)) = (found, &mut event.detail) {
                detail.series_id = Some(id.clone());
            }
        }
        Ok(())
    }
}

/// Whether two are of one series: the same meeting may be in several calendars.
fn same_series(one: &Event, other: &Event) -> bool {
    let calendar = |event: &Event| event.detail.as_ref()?.calendar_id.clone();
    one.uid.is_some() && one.uid == other.uid && calendar(one) == calendar(other)
}

/// Whether it is one of a series.
fn is_part(event: &Event) -> bool {
    matches!(event.kind, EventKind::Occurrence | EventKind::Exception)
}

/// The series that something is part of.
pub(super) fn master_of(part: &EventId) -> ItemIdRef {
    ItemIdRef::RecurringMaster {
        occurrence_id: part.as_raw().to_owned(),
        change_key: None,
    }
}
