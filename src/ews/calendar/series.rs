//! A series as a whole.

use super::load::{Load, master_of};
use super::of;
use crate::connector::Backend;
use crate::error::{Error, ErrorKind, Result};
use crate::ews::FieldUri;
use crate::ews::convert;
use crate::ews::mailbox::{EwsMailbox, lacks};
use crate::ews::operation::GetItem;
use crate::ews::types::{CalendarItem, CalendarItemType, Item, ItemId, ItemIdRef, ItemShape};
use crate::model::{Event, EventId, Series};

impl EwsMailbox {
    /// A series with all that differs from its pattern.
    pub(super) async fn series(&self, any: &EventId, operation: &'static str) -> Result<Series> {
        let raw = any.require(Backend::Ews, operation)?;
        let load = Load::full(self.version(operation).await?);
        let shape = load.shape.clone().with([
            FieldUri::CalendarModifiedOccurrences,
            FieldUri::CalendarDeletedOccurrences,
        ]);
        let item = self.master(any, raw, shape, operation).await?;
        let changed = item.modified_occurrences.clone().unwrap_or_default();
        let deleted = item.deleted_occurrences.clone().unwrap_or_default();

        let master = Item::CalendarItem(Box::new(item));
        let home = self.home_of([&master], operation).await;
        let mut master = convert::event_at_home(&master, true, home.as_ref(), operation)?;
        let read = vec![&mut master];
        self.addresses.resolve_in(&self.client, read).await;
        let mut series = Series::new(master);
        series.deleted = deleted.iter().filter_map(|one| one.start).collect();
        series.deleted.sort_unstable();
        let ids: Vec<ItemId> = changed
            .iter()
            .filter_map(|one| Some(ItemId::new(&one.item_id.as_ref()?.id)))
            .collect();
        let master = Some(&series.master.id);
        series.exceptions = self.load_present(&ids, &load, master, operation).await?;
        for exception in &mut series.exceptions {
            if exception.recurrence_id.is_none() {
                let listed = |id: &ItemId| id.id == exception.id.as_raw();
                let known = changed
                    .iter()
                    .find(|one| one.item_id.as_ref().is_some_and(listed));
                exception.recurrence_id = known.and_then(|one| one.original_start);
            }
        }
        let original = |event: &Event| event.recurrence_id;
        series.exceptions.sort_by_key(original);
        Ok(series)
    }

    /// The master of a series, given the id of it or of any part of it: one request, in which the
    /// item is asked for both as what it is and as the master of what it is.
    pub(super) async fn master(
        &self,
        any: &EventId,
        raw: &str,
        shape: ItemShape,
        operation: &'static str,
    ) -> Result<CalendarItem> {
        let shape = shape.with([FieldUri::CalendarCalendarItemType]);
        let ids = [ItemIdRef::from(ItemId::new(raw)), master_of(any)];
        let mut answers = self
            .send(&GetItem::new(shape, ids), operation)
            .await?
            .into_iter()
            .map(|answer| of(answer, operation).map(|found| found.items.into_iter().next()));
        let mut next = || {
            let item = answers
                .next()
                .unwrap_or_else(|| Err(lacks(operation, "answer")))?;
            item.ok_or_else(|| lacks(operation, "item"))
        };
        let (item, master) = (next(), next());
        if let Ok(Item::CalendarItem(master)) = master {
            return Ok(*master);
        }
        match item? {
            Item::CalendarItem(item)
                if item.calendar_item_type == Some(CalendarItemType::RecurringMaster) =>
            {
                Ok(*item)
            }
            Item::CalendarItem(item)
                if matches!(
                    item.calendar_item_type,
                    Some(CalendarItemType::Occurrence | CalendarItemType::Exception)
                ) =>
            {
                // It is part of a series: why that cannot be read is what there is to say.
                Err(master
                    .err()
                    .unwrap_or_else(|| lacks(operation, "recurring master")))
            }
            _ => Err(no_series(operation)),
        }
    }
}

fn no_series(operation: &'static str) -> Error {
    Error::new(
        ErrorKind::InvalidState,
        operation,
        "it is neither a series nor part of one",
    )
    .with_backend(Backend::Ews)
}
