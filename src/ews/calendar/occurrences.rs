//! The occurrences of one series.

use std::collections::VecDeque;

use super::expansion::Expansion;
use super::list::PAGE;
use super::load::Load;
use super::window::MOST_AT_ONCE;
use crate::connector::Backend;
use crate::error::Result;
use crate::ews::mailbox::{EwsMailbox, lacks};
use crate::ews::types::{
    BaseShape, CalendarItem, CalendarItemType, FolderIdRef, ItemShape, OccurrenceInfo,
    RecurrenceRange,
};
use crate::ews::{FieldUri, convert};
use crate::listing::{Listing, Page};
use crate::model::{BodyWanted, Event, EventId, ICalUid, Projection, TimeRange};

const OPERATION: &str = "list_occurrences";

pub(super) fn list(
    mailbox: EwsMailbox,
    series: &EventId,
    window: TimeRange,
    projection: Projection,
) -> Listing<Event> {
    let checked = window
        .validate(OPERATION)
        .and_then(|()| series.require(Backend::Ews, OPERATION).map(str::to_owned));
    let raw = match checked {
        Ok(raw) => raw,
        Err(error) => return Listing::from_error(error),
    };
    let listing = OccurrenceListing {
        mailbox,
        any: series.clone(),
        raw,
        window,
        projection,
        source: None,
        pending: VecDeque::new(),
    };
    Listing::unfold(listing, |listing| async move { listing.next_page().await })
}

struct OccurrenceListing {
    mailbox: EwsMailbox,
    any: EventId,
    raw: String,
    window: TimeRange,
    projection: Projection,
    source: Option<Source>,
    /// What was found and is still to be read.
    pending: VecDeque<CalendarItem>,
}

/// All that happens in the calendar while the series lasts: a calendar view takes no condition.
struct Source {
    id: EventId,
    uid: ICalUid,
    expansion: Expansion,
}

impl OccurrenceListing {
    async fn next_page(mut self) -> Result<Option<(Page<Event>, Self)>> {
        let version = self.mailbox.version(OPERATION).await?;
        let load = Load::of(self.projection, version, BodyWanted::Native, &[]);
        let mut source = match self.source.take() {
            Some(source) => source,
            None => match self.open(&load).await? {
                Some(source) => source,
                None => return Ok(None),
            },
        };
        while self.pending.is_empty() {
            let Some(found) = source.expansion.next(&self.mailbox).await? else {
                return Ok(None);
            };
            let items = found.into_iter().map(|one| one.item);
            self.pending
                .extend(items.filter(|item| is_part_of(item, &source.uid)));
        }
        let count = self.pending.len().min(PAGE as usize);
        let part = self.pending.drain(..count).collect();
        let events = self
            .mailbox
            .load_found(part, &load, Some(&source.id), OPERATION)
            .await?;
        self.source = Some(source);
        Ok(Some((Page::new(events), self)))
    }

    /// Where the series is and how long it lasts; `None` if nothing of it can be in the window.
    async fn open(&self, load: &Load) -> Result<Option<Source>> {
        let shape = ItemShape::new(BaseShape::IdOnly).with([
            FieldUri::ItemParentFolderId,
            FieldUri::CalendarUID,
            FieldUri::CalendarRecurrence,
            FieldUri::CalendarFirstOccurrence,
            FieldUri::CalendarLastOccurrence,
            FieldUri::CalendarModifiedOccurrences,
        ]);
        let master = self
            .mailbox
            .master(&self.any, &self.raw, shape, OPERATION)
            .await?;
        let lacks = |what| lacks(OPERATION, what);
        let id = master
            .item
            .item_id
            .as_ref()
            .ok_or_else(|| lacks("ItemId"))?;
        let folder = master.item.parent_folder_id.clone();
        let folder = folder.ok_or_else(|| lacks("ParentFolderId"))?;
        let uid = master.uid.as_deref().ok_or_else(|| lacks("UID"))?;
        let window = lifetime(&master, self.window);
        Ok((window.start < window.end).then(|| Source {
            id: convert::event_id(id),
            uid: ICalUid::new(uid),
            expansion: Expansion::new(
                FolderIdRef::Id(folder),
                load.list_shape(),
                window,
                MOST_AT_ONCE,
                OPERATION,
            ),
        }))
    }
}

fn is_part_of(item: &CalendarItem, uid: &ICalUid) -> bool {
    use CalendarItemType::{Exception, Occurrence};
    matches!(item.calendar_item_type, Some(Occurrence | Exception))
        && item.uid.as_deref().map(ICalUid::new).as_ref() == Some(uid)
}

/// The part of the window in which the series, with what was moved out of its pattern, can be.
fn lifetime(master: &CalendarItem, mut window: TimeRange) -> TimeRange {
    let moved = || master.modified_occurrences.iter().flatten();
    // An occurrence that was moved says nothing of its neighbours by where it is now.
    let start = |one: &OccurrenceInfo| [one.start, one.original_start].into_iter().flatten().min();
    if let Some(first) = master.first_occurrence.as_ref().and_then(start) {
        let first = moved().filter_map(start).fold(first, Ord::min);
        window.start = window.start.max(first);
    }
    let is_endless = master
        .recurrence
        .as_ref()
        .is_none_or(|recurrence| matches!(recurrence.range, RecurrenceRange::NoEnd { .. }));
    let end = |one: &OccurrenceInfo| [one.end, one.original_start].into_iter().flatten().max();
    if let (false, Some(last)) = (is_endless, master.last_occurrence.as_ref().and_then(end)) {
        let last = moved().filter_map(end).fold(last, Ord::max);
        // What has no length ends when it begins.
        let after = last.checked_add_signed(chrono::TimeDelta::seconds(1));
        window.end = window.end.min(after.unwrap_or(last));
    }
    window
}
