//! What happens within a window, read from the server in pieces.

use chrono::{DateTime, Utc};

use super::list::event;
use super::window::{Found, Windows};
use super::{is_full, is_too_much};
use crate::connector::Backend;
use crate::error::{Error, ErrorKind, Result};
use crate::ews::mailbox::EwsMailbox;
use crate::ews::operation::{FindItem, FoundItems};
use crate::ews::types::{CalendarItem, FolderIdRef, Item, ItemShape, View};
use crate::model::TimeRange;

/// Single events and the occurrences of series within a window, by their start.
#[derive(Debug)]
pub(super) struct Expansion {
    folder: FolderIdRef,
    shape: ItemShape,
    windows: Windows,
    operation: &'static str,
}

impl Expansion {
    /// Of each item the shape is read, which is to have `ItemId` and `Start`; `size` items at once.
    pub(super) fn new(
        folder: FolderIdRef,
        shape: ItemShape,
        window: TimeRange,
        size: u32,
        operation: &'static str,
    ) -> Self {
        Self {
            folder,
            shape,
            windows: Windows::new(window, size),
            operation,
        }
    }

    /// What is behind that has been read; the end of the window when all was.
    pub(super) fn reached(&self) -> DateTime<Utc> {
        self.windows.next()
    }

    /// The next items that were not read yet; `None` at the end of the window. There may be none in
    /// a piece of it.
    pub(super) async fn next(
        &mut self,
        mailbox: &EwsMailbox,
    ) -> Result<Option<Vec<Found<CalendarItem>>>> {
        while let Some(piece) = self.windows.piece() {
            let entries = self.windows.entries();
            let found = match self.find(mailbox, piece, entries).await {
                Err(error) if is_too_much(&error) && self.windows.refused(is_full(&error)) => {
                    continue;
                }
                found => found?,
            };
            let count = u32::try_from(found.items.len()).unwrap_or(u32::MAX);
            let is_whole = found.paging.includes_last_item_in_range;
            let is_whole = is_whole.unwrap_or(count < entries);
            let items = found.items.into_iter().filter_map(dated).collect();
            match self.windows.take(piece, items, is_whole) {
                Some(fresh) => return Ok(Some(fresh)),
                None if self.windows.stuck() => {}
                None => return Err(self.too_many_at(piece.start)),
            }
        }
        Ok(None)
    }

    async fn find(
        &self,
        mailbox: &EwsMailbox,
        piece: TimeRange,
        entries: u32,
    ) -> Result<FoundItems> {
        let view = View::Calendar {
            max_entries_returned: Some(entries),
            start: piece.start,
            end: piece.end,
        };
        let find = FindItem::new(self.shape.clone(), [self.folder.clone()]).view(view);
        mailbox.one(&find, self.operation).await
    }

    fn too_many_at(&self, instant: DateTime<Utc>) -> Error {
        let what =
            format!("the server does not give all the events there are at {instant} at once");
        Error::new(ErrorKind::LimitExceeded, self.operation, what)
            .with_backend(Backend::Ews)
            .with_hint("Ask the administrator to raise EwsFindCountLimit of the throttling policy.")
    }
}

/// A calendar item with its id and its time.
fn dated(item: Item) -> Option<Found<CalendarItem>> {
    let item = event(item)?;
    let start = item.start.unwrap_or(DateTime::UNIX_EPOCH);
    Some(Found {
        start,
        end: item.end.unwrap_or(start),
        id: item.item.item_id.as_ref()?.id.clone(),
        item,
    })
}
