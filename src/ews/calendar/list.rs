//! Lists that are read page by page.

use chrono::{DateTime, Utc};

use super::is_too_much;
use super::load::Load;
use super::window::Windows;
use crate::connector::Backend;
use crate::error::{Error, ErrorKind, Result};
use crate::ews::convert;
use crate::ews::mailbox::{EwsMailbox, lacks};
use crate::ews::operation::{FindFolder, FindItem, FoundItems, GetFolder};
use crate::ews::types::{
    BaseShape, FieldPath, Folder, FolderIdRef, FolderShape, Item, ItemId, Operand,
    SearchExpression, Traversal, View,
};
use crate::ews::{DistinguishedFolderId, FieldUri, ServerVersion};
use crate::listing::{Listing, Page};
use crate::model::{
    CalendarInfo, Event, EventFilter, EventId, EventQuery, EventView, Projection, TimeRange,
};

const LIST_CALENDARS: &str = "list_calendars";
const LIST_EVENTS: &str = "list_events";

/// How many items a page has, where the caller does not say. Servers return 1,000 at most.
const PAGE: u32 = 200;

/// How many items servers return at most, unless an administrator allows more.
const MOST_AT_ONCE: u32 = 1000;

/// All folders with appointments, the default calendar first.
pub(super) fn calendars(mailbox: EwsMailbox) -> Listing<CalendarInfo> {
    Listing::unfold(Some(mailbox), |mailbox| async move {
        let Some(mailbox) = mailbox else {
            return Ok(None);
        };
        Ok(Some((Page::new(find_calendars(&mailbox).await?), None)))
    })
}

async fn find_calendars(mailbox: &EwsMailbox) -> Result<Vec<CalendarInfo>> {
    let shape = FolderShape::new(BaseShape::IdOnly).with(convert::folder_paths());
    let default = mailbox.folder(DistinguishedFolderId::Calendar);
    let default = mailbox
        .one(&GetFolder::new(shape.clone(), [default]), LIST_CALENDARS)
        .await?;
    let default = default.folders.into_iter().next();
    let default = default.ok_or_else(|| lacks(LIST_CALENDARS, "folder"))?;
    let mut calendars: Vec<CalendarInfo> =
        convert::calendar_info(&default, true).into_iter().collect();

    let root = mailbox.folder(DistinguishedFolderId::MsgFolderRoot);
    let is_calendar = SearchExpression::IsEqualTo(
        FieldPath::Field(FieldUri::FolderFolderClass),
        Operand::from("IPF.Appointment"),
    );
    let mut offset = 0;
    loop {
        let find = FindFolder::new(Traversal::Deep, shape.clone(), [root.clone()])
            .view(View::page(offset, PAGE))
            .restriction(is_calendar.clone());
        let found = match mailbox.one(&find, LIST_CALENDARS).await {
            Ok(found) => found,
            // Somebody may see a calendar without seeing what is around it.
            Err(error) if is_denied(&error) => break,
            Err(error) => return Err(error),
        };
        let id = |folder: &Folder| folder.properties.folder_id.as_ref().map(|id| id.id.clone());
        let others = found
            .folders
            .iter()
            .filter(|folder| id(folder) != id(&default));
        calendars.extend(others.filter_map(|folder| convert::calendar_info(folder, false)));
        let count = u32::try_from(found.folders.len()).unwrap_or(u32::MAX);
        let is_last = found.paging.includes_last_item_in_range.unwrap_or(true);
        match next_offset(offset, count, found.paging.indexed_paging_offset, is_last) {
            Some(next) => offset = next,
            None => break,
        }
    }
    Ok(calendars)
}

fn is_denied(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::PermissionDenied | ErrorKind::NotFound
    )
}

/// Where the next page begins; `None` if there is none, or the server makes no progress.
fn next_offset(offset: u32, count: u32, said: Option<u32>, is_last: bool) -> Option<u32> {
    if is_last || count == 0 {
        return None;
    }
    let counted = offset.saturating_add(count);
    said.filter(|said| *said > offset).or(Some(counted))
}

/// The events of a calendar, as the query wants them.
pub(super) fn events(mailbox: EwsMailbox, query: EventQuery) -> Listing<Event> {
    let folder = query
        .validate()
        .and_then(|()| mailbox.calendar_folder(&query.calendar, LIST_EVENTS));
    let folder = match folder {
        Ok(folder) => folder,
        Err(error) => return Listing::from_error(error),
    };
    let progress = match &query.view {
        EventView::Expanded(window) => Progress::Expanded(Windows::new(*window)),
        EventView::Masters(_) => Progress::Masters {
            offset: Some(0),
            size: query.page_size.unwrap_or(PAGE),
        },
    };
    let listing = EventListing {
        mailbox,
        query,
        folder,
        progress,
    };
    Listing::unfold(listing, |listing| async move { listing.next_page().await })
}

struct EventListing {
    mailbox: EwsMailbox,
    query: EventQuery,
    folder: FolderIdRef,
    progress: Progress,
}

enum Progress {
    Expanded(Windows),
    Masters {
        /// Where the next page begins.
        offset: Option<u32>,
        /// How many items to ask for; less once a server found it too many.
        size: u32,
    },
}

impl EventListing {
    async fn next_page(mut self) -> Result<Option<(Page<Event>, Self)>> {
        let version = self.mailbox.version(LIST_EVENTS).await?;
        let page = match &self.progress {
            Progress::Expanded(windows) => match windows.piece() {
                Some(piece) => self.expanded(piece, version).await?,
                None => return Ok(None),
            },
            Progress::Masters {
                offset: Some(offset),
                size,
            } => self.masters(*offset, *size, version).await?,
            Progress::Masters { offset: None, .. } => return Ok(None),
        };
        Ok(Some((page, self)))
    }

    /// What happens in a piece of the window. A piece that is too much for the server is halved.
    async fn expanded(
        &mut self,
        mut piece: TimeRange,
        version: ServerVersion,
    ) -> Result<Page<Event>> {
        let mut size = match &self.progress {
            Progress::Expanded(windows) => {
                let known = u32::try_from(windows.known_ahead()).unwrap_or(u32::MAX);
                let page_size = self.query.page_size;
                page_size.map(|size| size.saturating_add(known))
            }
            Progress::Masters { .. } => None,
        };
        loop {
            let mut view = View::calendar(piece.start, piece.end);
            if let View::Calendar {
                max_entries_returned,
                ..
            } = &mut view
            {
                *max_entries_returned = size;
            }
            let found = self.find(view, None, version).await;
            let Progress::Expanded(windows) = &mut self.progress else {
                return Ok(Page::new(Vec::new()));
            };
            let found = match found {
                Err(error) if is_too_much(&error) && windows.halve() => {
                    piece = windows.piece().unwrap_or(piece);
                    continue;
                }
                found => found?,
            };
            let is_whole = found.paging.includes_last_item_in_range.unwrap_or(true);
            let last = starts(&found.items).max();
            if !is_whole && last.is_none_or(|last| last <= piece.start) {
                // It was cut before anything that begins later: more at once, else less time.
                match &mut size {
                    Some(size) if *size < MOST_AT_ONCE => *size = size.saturating_mul(2),
                    _ if windows.halve() => piece = windows.piece().unwrap_or(piece),
                    _ => return Err(too_many_at(piece.start)),
                }
                continue;
            }
            let events = self.load(found, version).await?;
            let mut events: Vec<(DateTime<Utc>, EventId, Event)> = events
                .into_iter()
                .map(|(start, event)| (start, event.id.clone(), event))
                .collect();
            events.sort_by_key(|(start, _, _)| *start);
            let Progress::Expanded(windows) = &mut self.progress else {
                return Ok(Page::new(Vec::new()));
            };
            return Ok(Page::new(windows.take(piece, events, is_whole)));
        }
    }

    /// Single events and series, unexpanded.
    async fn masters(
        &mut self,
        offset: u32,
        mut size: u32,
        version: ServerVersion,
    ) -> Result<Page<Event>> {
        let restriction = match &self.query.view {
            EventView::Masters(filter) => restriction(filter),
            _ => None,
        };
        let found = loop {
            let view = View::page(offset, size);
            match self.find(view, restriction.clone(), version).await {
                Err(error) if is_too_much(&error) && size > 1 => size /= 2,
                found => break found?,
            }
        };
        let count = u32::try_from(found.items.len()).unwrap_or(u32::MAX);
        let is_last = found.paging.includes_last_item_in_range.unwrap_or(true);
        let total = found.paging.total_items_in_view;
        self.progress = Progress::Masters {
            offset: next_offset(offset, count, found.paging.indexed_paging_offset, is_last),
            size,
        };
        let events = self.load(found, version).await?;
        let page = Page::new(events.into_iter().map(|(_, event)| event).collect());
        Ok(match total {
            Some(total) => page.with_total(total.into()),
            None => page,
        })
    }

    async fn find(
        &self,
        view: View,
        restriction: Option<SearchExpression>,
        version: ServerVersion,
    ) -> Result<FoundItems> {
        let shape = if self.needs_items(version) {
            // The rest comes with the items.
            crate::ews::types::ItemShape::new(BaseShape::IdOnly).with([FieldUri::CalendarStart])
        } else {
            Load::of(Projection::Summary, version, self.query.body, &[]).shape
        };
        let mut find = FindItem::new(shape, [self.folder.clone()]).view(view);
        find.restriction = restriction;
        self.mailbox.one(&find, LIST_EVENTS).await
    }

    /// The events of what was found, read whole where the list does not say enough.
    /// Each comes with the instant it begins, as the list said it.
    async fn load(
        &self,
        found: FoundItems,
        version: ServerVersion,
    ) -> Result<Vec<(DateTime<Utc>, Event)>> {
        let items = starts(&found.items).zip(calendar_items(&found.items));
        if !self.needs_items(version) {
            let home = self.mailbox.home_of(&found.items, LIST_EVENTS).await;
            let event = |item| convert::event_at_home(item, false, home.as_ref(), LIST_EVENTS);
            return items
                .map(|(start, item)| Ok((start, event(item)?)))
                .collect();
        }
        let (starts, ids): (Vec<DateTime<Utc>>, Vec<ItemId>) = items
            .filter_map(|(start, item)| Some((start, item.item_id()?.clone())))
            .unzip();
        let load = Load::of(
            self.query.projection,
            version,
            self.query.body,
            &self.query.extended,
        );
        let events = self.mailbox.load_events(&ids, &load, LIST_EVENTS).await?;
        // What was deleted since it was listed is in the list no longer.
        let is_gone =
            |event: &Result<Event>| matches!(event, Err(e) if e.kind() == ErrorKind::NotFound);
        let present = starts
            .into_iter()
            .zip(events)
            .filter(|(_, event)| !is_gone(event));
        present.map(|(start, event)| Ok((start, event?))).collect()
    }

    /// Lists before 2013 name no zone, without which the dates of whole days are not known.
    fn needs_items(&self, version: ServerVersion) -> bool {
        self.query.projection == Projection::Full || version < ServerVersion::Exchange2013
    }
}

/// A calendar can hold other things, as tasks somebody dragged there.
fn calendar_items(items: &[Item]) -> impl Iterator<Item = &Item> {
    let is_calendar_item = |item: &&Item| matches!(item, Item::CalendarItem(_));
    items.iter().filter(is_calendar_item)
}

/// When each of the calendar items begins.
fn starts(items: &[Item]) -> impl Iterator<Item = DateTime<Utc>> {
    items.iter().filter_map(|item| match item {
        Item::CalendarItem(item) => Some(item.start.unwrap_or(DateTime::UNIX_EPOCH)),
        _ => None,
    })
}

fn too_many_at(instant: DateTime<Utc>) -> Error {
    let what = format!("the server does not give all the events there are at {instant} at once");
    Error::new(ErrorKind::LimitExceeded, LIST_EVENTS, what)
        .with_backend(Backend::Ews)
        .with_hint("Ask the administrator to raise EwsFindCountLimit of the throttling policy.")
}

/// The conditions of a filter, as EWS says them.
fn restriction(filter: &EventFilter) -> Option<SearchExpression> {
    let path = FieldPath::Field;
    let time = |time: &DateTime<Utc>| Operand::from(time.format("%Y-%m-%dT%H:%M:%SZ").to_string());
    let mut conditions = Vec::new();
    if let Some(since) = &filter.modified_since {
        conditions.push(SearchExpression::IsGreaterThanOrEqualTo(
            path(FieldUri::ItemLastModifiedTime),
            time(since),
        ));
    }
    if let Some(after) = &filter.starts_after {
        conditions.push(SearchExpression::IsGreaterThanOrEqualTo(
            path(FieldUri::CalendarStart),
            time(after),
        ));
    }
    if let Some(before) = &filter.starts_before {
        conditions.push(SearchExpression::IsLessThan(
            path(FieldUri::CalendarStart),
            time(before),
        ));
    }
    if let Some(text) = &filter.subject_contains {
        let subject = path(FieldUri::ItemSubject);
        conditions.push(SearchExpression::contains(subject, text));
    }
    if let Some(category) = &filter.category {
        conditions.push(SearchExpression::IsEqualTo(
            path(FieldUri::ItemCategories),
            Operand::from(category.as_str()),
        ));
    }
    if let Some((name, value)) = &filter.extended_equals {
        conditions.push(SearchExpression::IsEqualTo(
            FieldPath::Extended(convert::property_uri(name)),
            Operand::from(value.as_str()),
        ));
    }
    SearchExpression::all(conditions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paging_ends() {
        assert_eq!(next_offset(0, 10, Some(10), false), Some(10));
        assert_eq!(next_offset(0, 10, None, false), Some(10));
        assert_eq!(next_offset(10, 10, Some(10), false), Some(20));
        assert_eq!(next_offset(10, 0, Some(10), false), None);
        assert_eq!(next_offset(10, 5, Some(15), true), None);
    }
}
