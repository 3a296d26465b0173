//! Lists of events that are read page by page.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};

use super::load::Load;
use super::{GraphMailbox, in_calendar, known_id};
use crate::error::Result;
use crate::graph::call::Call;
use crate::graph::page::Link;
use crate::graph::{convert, wire};
use crate::listing::{Listing, Page};
use crate::model::{Event, EventFilter, EventQuery, EventView, Projection, TimeRange, When, Zone};
use crate::paging::{Extent, Paging};

const OPERATION: &str = "list_events";

/// How many events a page has, where the caller does not say; of what takes place in a window, in summary, [`MOST`].
pub(super) const PAGE: u32 = 100;

/// The most that a page may have.
///
/// Source: <https://learn.microsoft.com/graph/api/calendar-list-calendarview#query-parameters>
pub(super) const MOST: u32 = 1000;

/// The most days that the server takes for one calendar view.
const LONGEST: TimeDelta = TimeDelta::days(1800);

/// The events of a calendar, as the query wants them.
pub(super) fn events(mailbox: GraphMailbox, query: EventQuery) -> Listing<Event> {
    match EventListing::new(mailbox, &query) {
        Ok(listing) => Listing::unfold(listing, |listing| async move { listing.next_page().await }),
        Err(error) => Listing::from_error(error),
    }
}

struct EventListing {
    mailbox: GraphMailbox,
    load: Load,
    source: Source,
}

/// Where events come from.
enum Source {
    View(View),
    Masters(Box<Masters>),
}

/// What takes place in a window.
struct View {
    window: TimeRange,
    /// What is still to be asked, in order.
    open: VecDeque<Piece>,
}

/// A part of what is asked for.
struct Piece {
    first: Call,
    /// Where to go on.
    next: Option<Link>,
    window: TimeRange,
    /// What began before it was in the piece before.
    is_continued: bool,
}

/// Single events and series, in the order they were made, so that new ones come last.
struct Masters {
    call: Call,
    paging: Paging,
    /// Within what they begin, which the server does not decide exactly.
    after: Option<DateTime<Utc>>,
    before: Option<DateTime<Utc>>,
}

impl EventListing {
    fn new(mailbox: GraphMailbox, query: &EventQuery) -> Result<Self> {
        query.validate()?;
        let load = Load::of(&mailbox, query.projection, query.body, &query.extended);
        let load = load.in_calendar(known_id(&query.calendar));
        let source = match &query.view {
            EventView::Expanded(window) => Source::View(View::new(query, *window, &load)?),
            EventView::Masters(filter) => {
                Source::Masters(Box::new(Masters::new(query, filter, &load)?))
            }
        };
        Ok(Self {
            mailbox,
            load,
            source,
        })
    }

    async fn next_page(mut self) -> Result<Option<(Page<Event>, Self)>> {
        let found = match &mut self.source {
            Source::View(view) => view.next(&self.mailbox, &self.load).await?,
            Source::Masters(masters) => masters.next(&self.mailbox, &self.load).await?,
        };
        Ok(found.map(|events| (Page::new(events), self)))
    }
}

impl View {
    fn new(query: &EventQuery, window: TimeRange, load: &Load) -> Result<Self> {
        let size = query.page_size.unwrap_or(match query.projection {
            Projection::Full => PAGE,
            _ => MOST,
        });
        let size = size.min(MOST).to_string();
        let path = in_calendar(&query.calendar, &["calendarView"], OPERATION)?;
        let piece = |(at, piece): (usize, TimeRange)| {
            let call = Call::get(OPERATION, &path, load.permission());
            let call = load.ask_view(of_window(call, piece));
            Piece {
                first: call
                    .query("$orderby", "start/dateTime")
                    .query("$top", size.clone()),
                next: None,
                window: piece,
                is_continued: at > 0,
            }
        };
        let pieces = pieces(window).into_iter().enumerate();
        Ok(Self {
            window,
            open: pieces.map(piece).collect(),
        })
    }

    async fn next(&mut self, mailbox: &GraphMailbox, load: &Load) -> Result<Option<Vec<Event>>> {
        let Some(piece) = self.open.front_mut() else {
            return Ok(None);
        };
        let client = &mailbox.client;
        let mut page = match &piece.next {
            Some(link) => client.follow::<wire::Event>(&piece.first, link).await?,
            None => client.page(&piece.first).await?,
        };
        let (window, is_continued) = (piece.window, piece.is_continued);
        piece.next = page.next.take();
        if piece.next.is_none() {
            self.open.pop_front();
        }
        let began_before = |wire: &wire::Event| {
            let start = wire.start.as_ref().and_then(convert::utc);
            start.is_some_and(|start| start < window.start)
        };
        let mut events = Vec::new();
        for wire in page.readable(OPERATION) {
            if is_continued && began_before(&wire) {
                continue;
            }
            let event = load.event(wire, OPERATION)?;
            if is_in(&event, self.window) {
                events.push(event);
            }
        }
        Ok(Some(events))
    }
}

impl Masters {
    fn new(query: &EventQuery, filter: &EventFilter, load: &Load) -> Result<Self> {
        let path = in_calendar(&query.calendar, &["events"], OPERATION)?;
        let call = load.ask(Call::get(OPERATION, &path, load.permission()));
        let mut call = call.query("$orderby", "createdDateTime");
        if let Some(condition) = condition(filter) {
            // What lists are sorted by has to come first, as it has for messages.
            let condition = format!("createdDateTime ge 1900-01-01T00:00:00Z and {condition}");
            call = call.query("$filter", condition);
        }
        Ok(Self {
            call,
            paging: Paging::new(query.page_size.unwrap_or(PAGE).min(MOST - 1)),
            after: filter.starts_after,
            before: filter.starts_before,
        })
    }

    async fn next(&mut self, mailbox: &GraphMailbox, load: &Load) -> Result<Option<Vec<Event>>> {
        while let Some(span) = self.paging.span() {
            let mut call = self.call.clone();
            if span.offset > 0 {
                call = call.query("$skip", span.offset.to_string());
            }
            let call = call.query("$top", span.entries.to_string());
            let page = mailbox.client.page::<wire::Event>(&call).await?;
            let extent = Extent {
                is_last: Some(page.next.is_none()),
                total: None,
            };
            let items = page.readable(OPERATION);
            let Some(fresh) = self.paging.take(items, |one| one.id.as_deref(), extent) else {
                continue;
            };
            let events = fresh.into_iter().map(|one| load.event(one, OPERATION));
            let mut events = events.collect::<Result<Vec<_>>>()?;
            events.retain(|event| self.takes(event));
            return Ok(Some(events));
        }
        Ok(None)
    }

    fn takes(&self, event: &Event) -> bool {
        let start = span(&event.when).start;
        self.after.is_none_or(|after| start >= after)
            && self.before.is_none_or(|before| start < before)
    }
}

/// Whether an event takes place in a window: what only touches its edge does not.
pub(super) fn is_in(event: &Event, window: TimeRange) -> bool {
    let span = span(&event.when);
    span.overlaps(&window) || window.contains(span.start)
}

fn span(when: &When) -> TimeRange {
    let utc = Zone::utc().tz.unwrap_or_default();
    when.span(utc)
}

/// The request for what is in a window.
pub(super) fn of_window(call: Call, window: TimeRange) -> Call {
    call.query("startDateTime", convert::to_instant(window.start))
        .query("endDateTime", convert::to_instant_after(window.end))
}

/// A window in parts that the server takes.
pub(super) fn pieces(window: TimeRange) -> Vec<TimeRange> {
    let mut pieces = Vec::new();
    let mut rest = window;
    while rest.duration() > LONGEST {
        let border = TimeRange::lasting(rest.start, LONGEST).end;
        pieces.push(TimeRange::new(rest.start, border));
        rest.start = border;
    }
    pieces.push(rest);
    pieces
}

/// How far the time that a condition compares may be from the one that is meant: it is said without a zone.
const SLACK: TimeDelta = TimeDelta::days(1);

/// The conditions of a filter, as `$filter` says them; those on the start are wider than meant.
fn condition(filter: &EventFilter) -> Option<String> {
    let mut conditions = Vec::new();
    if let Some(since) = filter.modified_since {
        let since = convert::to_instant(since);
        conditions.push(format!("lastModifiedDateTime ge {since}"));
    }
    let time = |time: Option<DateTime<Utc>>| {
        let time = time?.format("%Y-%m-%dT%H:%M:%S").to_string();
        Some(convert::quoted(&time))
    };
    let after = filter
        .starts_after
        .and_then(|time| time.checked_sub_signed(SLACK));
    if let Some(after) = time(after) {
        conditions.push(format!("start/dateTime ge {after}"));
    }
    let before = filter
        .starts_before
        .and_then(|time| time.checked_add_signed(SLACK));
    if let Some(before) = time(before) {
        conditions.push(format!("start/dateTime lt {before}"));
    }
    if let Some(text) = &filter.subject_contains {
        conditions.push(format!("contains(subject,{})", convert::quoted(text)));
    }
    if let Some(category) = &filter.category {
        let category = convert::quoted(category);
        conditions.push(format!("categories/any(c:c eq {category})"));
    }
    if let Some((name, value)) = &filter.extended_equals {
        conditions.push(convert::property_equals(name, value));
    }
    (!conditions.is_empty()).then(|| conditions.join(" and "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{PropertyKind, PropertyName, PropertySet};

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn conditions_in_the_words_of_graph() {
        let name = PropertyName::named(PropertySet::PublicStrings, "T", PropertyKind::String);
        let filter = EventFilter::new()
            .modified_since(at("2026-05-01T10:00:00Z"))
            .starts_after(at("2026-05-02T00:00:00Z"))
            .starts_before(at("2026-05-03T00:00:00Z"))
            .subject_contains("it's")
            .category("Red")
            .extended_equals(name, "4711");
        assert_eq!(
            condition(&filter).unwrap(),
            "lastModifiedDateTime ge 2026-05-01T10:00:00Z and start/dateTime ge '2026-05-01T00:00:00' \
             and start/dateTime lt '2026-05-04T00:00:00' and contains(subject,'it''s') \
             and categories/any(c:c eq 'Red') and singleValueExtendedProperties/any(ep:ep/id eq \
             'String {00020329-0000-0000-c000-000000000046} Name T' and ep/value eq '4711')"
        );
        assert_eq!(condition(&EventFilter::new()), None);
    }

    #[test]
    fn long_windows_are_asked_for_in_pieces() {
        let window = TimeRange::lasting(at("2020-01-01T00:00:00Z"), TimeDelta::days(4000));
        let pieces = pieces(window);
        assert_eq!(pieces.len(), 3);
        assert_eq!((pieces[0].start, pieces[2].end), (window.start, window.end));
        for pair in pieces.windows(2) {
            assert_eq!(pair[0].end, pair[1].start);
        }
    }
}
