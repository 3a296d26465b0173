//! Lists of events that are read page by page.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};

use super::expansion::Expansion;
use super::load::Load;
use super::window::MOST_AT_ONCE;
use crate::error::Result;
use crate::ews::FieldUri;
use crate::ews::convert;
use crate::ews::mailbox::EwsMailbox;
use crate::ews::operation::FindItem;
use crate::ews::types::{
    CalendarItem, FieldOrder, FieldPath, FolderIdRef, Item, Operand, SearchExpression,
};
use crate::listing::{Listing, Page};
use crate::model::{Event, EventFilter, EventQuery, EventView};
use crate::paging::Paging;

const LIST_EVENTS: &str = "list_events";

/// How many items a page has, where the caller does not say.
pub(super) const PAGE: u32 = 200;

/// The events of a calendar, as the query wants them.
pub(super) fn events(mailbox: EwsMailbox, query: EventQuery) -> Listing<Event> {
    let folder = query
        .validate()
        .and_then(|()| mailbox.calendar_folder(&query.calendar, LIST_EVENTS));
    let folder = match folder {
        Ok(folder) => folder,
        Err(error) => return Listing::from_error(error),
    };
    let listing = EventListing {
        mailbox,
        query,
        folder,
        source: None,
        pending: VecDeque::new(),
    };
    Listing::unfold(listing, |listing| async move { listing.next_page().await })
}

struct EventListing {
    mailbox: EwsMailbox,
    query: EventQuery,
    folder: FolderIdRef,
    source: Option<Source>,
    /// What was found and is still to be read.
    pending: VecDeque<CalendarItem>,
}

/// Where items come from.
enum Source {
    Expanded(Expansion),
    Masters(Paging, Option<SearchExpression>),
}

impl EventListing {
    async fn next_page(mut self) -> Result<Option<(Page<Event>, Self)>> {
        let version = self.mailbox.version(LIST_EVENTS).await?;
        let query = &self.query;
        let load = Load::of(query.projection, version, query.body, &query.extended);
        let mut total = None;
        if self.pending.is_empty() {
            match self.find(&load).await? {
                Some((found, count)) => {
                    self.pending = found.into();
                    total = count;
                }
                None => return Ok(None),
            }
        }
        // What was found at once may be more than should be read at once.
        let count = match load.needs_items() {
            true => self.query.page_size.unwrap_or(PAGE) as usize,
            false => self.pending.len(),
        };
        let part = self.pending.drain(..count.min(self.pending.len()));
        let events = self
            .mailbox
            .load_found(part.collect(), &load, None, LIST_EVENTS)
            .await?;
        let page = Page::new(events);
        let page = match total {
            Some(total) => page.with_total(total),
            None => page,
        };
        Ok(Some((page, self)))
    }

    /// The next items, and how many there are in all if the server says so; `None` at the end.
    async fn find(&mut self, load: &Load) -> Result<Option<(Vec<CalendarItem>, Option<u64>)>> {
        let query = &self.query;
        let source = self.source.get_or_insert_with(|| match &query.view {
            EventView::Expanded(window) => Source::Expanded(Expansion::new(
                self.folder.clone(),
                load.list_shape(),
                *window,
                query.page_size.unwrap_or(MOST_AT_ONCE),
                LIST_EVENTS,
            )),
            EventView::Masters(filter) => Source::Masters(
                Paging::new(query.page_size.unwrap_or(PAGE)),
                restriction(filter),
            ),
        });
        match source {
            Source::Expanded(expansion) => {
                let found = expansion.next(&self.mailbox).await?;
                Ok(found.map(|found| (found.into_iter().map(|one| one.item).collect(), None)))
            }
            Source::Masters(paging, restriction) => {
                // By when they were made, so that new ones come last.
                let order = FieldOrder::ascending(FieldUri::ItemDateTimeCreated);
                let mut find = FindItem::new(load.list_shape(), [self.folder.clone()]);
                find.restriction.clone_from(restriction);
                let find = find.sort_by(order);
                let found = self.mailbox.find_page(paging, find, LIST_EVENTS).await?;
                Ok(found
                    .map(|(items, total)| (items.into_iter().filter_map(event).collect(), total)))
            }
        }
    }
}

/// A calendar can hold other things, as tasks somebody dragged there.
pub(super) fn event(item: Item) -> Option<CalendarItem> {
    match item {
        Item::CalendarItem(item) => Some(*item),
        _ => None,
    }
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
