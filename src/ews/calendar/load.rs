//! Reading events by their identifiers.

use super::{ITEMS_PER_REQUEST, SANITISES_SINCE, of};
use crate::calendar::Batch;
use crate::connector::Backend;
use crate::error::Result;
use crate::ews::convert;
use crate::ews::mailbox::{EwsMailbox, lacks};
use crate::ews::operation::GetItem;
use crate::ews::types::{
    BaseShape, BodyTypeResponse, FieldPath, Item, ItemId, ItemIdRef, ItemShape,
};
use crate::ews::{FieldUri, ServerVersion};
use crate::model::{BodyWanted, Event, EventId, EventKind, Projection, PropertyName};

/// How much of an event to read, and how.
pub(super) struct Load {
    pub(super) shape: ItemShape,
    pub(super) is_full: bool,
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
        Self { shape, is_full }
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
        let mut events: Batch<Event> = Vec::with_capacity(ids.len());
        for ids in ids.chunks(ITEMS_PER_REQUEST as usize) {
            let get = GetItem::new(load.shape.clone(), ids.iter().cloned());
            for answer in self.send(&get, operation).await? {
                let event = of(answer, operation).and_then(|found| {
                    let item = found.items.into_iter().next();
                    let item = item.ok_or_else(|| lacks(operation, "item"))?;
                    convert::event(&item, load.is_full, operation)
                });
                events.push(event);
            }
        }
        if load.is_full {
            self.add_series_ids(&mut events, operation).await?;
        }
        Ok(events)
    }

    /// Says of each occurrence to which series it belongs: one more request for each page, because
    /// an item does not say.
    async fn add_series_ids(
        &self,
        events: &mut Batch<Event>,
        operation: &'static str,
    ) -> Result<()> {
        let mut asked: Vec<&Event> = Vec::new();
        for event in events.iter().flatten() {
            let is_part = matches!(event.kind, EventKind::Occurrence | EventKind::Exception);
            let is_known = |known: &&Event| known.uid.is_some() && known.uid == event.uid;
            if is_part && !asked.iter().any(is_known) {
                asked.push(event);
            }
        }
        let mut masters = Vec::with_capacity(asked.len());
        for part in asked.chunks(ITEMS_PER_REQUEST as usize) {
            let ids = part.iter().map(|event| ItemIdRef::RecurringMaster {
                occurrence_id: event.id.as_raw().to_owned(),
                change_key: None,
            });
            let get = GetItem::new(ItemShape::new(BaseShape::IdOnly), ids);
            let answers = self.send(&get, operation).await?;
            for (event, answer) in part.iter().zip(answers) {
                // A master that cannot be read is no reason to lose its occurrences.
                let found = answer.ok().ok().and_then(|found| {
                    let id = found.items.iter().find_map(Item::item_id)?;
                    Some(EventId::from_raw(Backend::Ews, id.id.as_str()))
                });
                masters.extend(found.map(|id| (event.id.clone(), event.uid.clone(), id)));
            }
        }
        for event in events.iter_mut().flatten() {
            let is_part = matches!(event.kind, EventKind::Occurrence | EventKind::Exception);
            let found = masters
                .iter()
                .find(|(part, uid, _)| *part == event.id || (uid.is_some() && *uid == event.uid));
            if let (true, Some((_, _, id)), Some(detail)) = (is_part, found, &mut event.detail) {
                detail.series_id = Some(id.clone());
            }
        }
        Ok(())
    }
}
