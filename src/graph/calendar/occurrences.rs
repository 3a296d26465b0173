//! The occurrences of one series.

use std::collections::VecDeque;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};

use super::GraphMailbox;
use super::list::{MOST, is_in, of_window, pieces};
use super::load::Load;
use crate::connector::Backend;
use crate::error::Result;
use crate::graph::call::Call;
use crate::graph::{convert, wire};
use crate::listing::{Listing, Page};
use crate::model::{BodyWanted, Event, EventId, Projection, Range, TimeRange};

const OPERATION: &str = "list_occurrences";

pub(super) fn list(
    mailbox: GraphMailbox,
    series: EventId,
    window: TimeRange,
    projection: Projection,
) -> Listing<Event> {
    let checked = window
        .validate(OPERATION)
        .and_then(|()| series.require(Backend::Graph, OPERATION).map(drop));
    if let Err(error) = checked {
        return Listing::from_error(error);
    }
    let listing = OccurrenceListing {
        load: Load::of(&mailbox, projection, BodyWanted::Native, &[]),
        mailbox,
        any: series,
        window,
        source: None,
    };
    Listing::unfold(listing, |listing| async move { listing.next_page().await })
}

struct OccurrenceListing {
    mailbox: GraphMailbox,
    load: Load,
    any: EventId,
    window: TimeRange,
    source: Option<Source>,
}

/// A series, and what of the window is still to be asked for.
struct Source {
    master: String,
    open: VecDeque<TimeRange>,
    /// Where the first piece begins.
    start: DateTime<Utc>,
}

impl OccurrenceListing {
    async fn next_page(mut self) -> Result<Option<(Page<Event>, Self)>> {
        let mut source = match self.source.take() {
            Some(source) => source,
            None => self.open().await?,
        };
        let Some(piece) = source.open.pop_front() else {
            return Ok(None);
        };
        let mailbox = &self.mailbox;
        let mut events = mailbox
            .instances(&source.master, piece, &self.load, OPERATION)
            .await?;
        let utc = chrono_tz::Tz::UTC;
        let start = |event: &Event| event.when.span(utc).start;
        // What began before was in the piece before.
        events.retain(|event| {
            is_in(event, self.window)
                && (piece.start == source.start || start(event) >= piece.start)
        });
        events.sort_by_key(start);
        self.source = Some(source);
        Ok(Some((Page::new(events), self)))
    }

    async fn open(&self) -> Result<Source> {
        let master = self.mailbox.master_of(&self.any, OPERATION).await?;
        let permission = self.load.permission();
        let outline = self.mailbox.outline(&master, permission, OPERATION).await?;
        let window = lifetime(&outline.0, &outline.1, self.window);
        Ok(Source {
            master,
            open: window.map(pieces).unwrap_or_default().into(),
            start: window.map_or(self.window.start, |window| window.start),
        })
    }
}

/// How far the days of a series may be from the instants they are compared with.
const SLACK: TimeDelta = TimeDelta::days(2);

/// The part of the window in which the series, with what was moved out of its pattern, can be.
fn lifetime(
    master: &wire::Event,
    exceptions: &[wire::Event],
    mut window: TimeRange,
) -> Option<TimeRange> {
    let Some(first) = convert::when(master).map(|when| when.span(chrono_tz::Tz::UTC)) else {
        return Some(window);
    };
    let time = |time: &Option<wire::DateTimeTimeZone>| time.as_ref().and_then(convert::utc);
    let moved = exceptions.iter().filter_map(|one| time(&one.start));
    let begin = moved.fold(first.start, Ord::min);
    if let Some(begin) = begin.checked_sub_signed(SLACK) {
        window.start = window.start.max(begin);
    }
    let last = master
        .recurrence
        .as_ref()
        .and_then(convert::recurrence)
        .and_then(|recurrence| match recurrence.range {
            Range::NoEnd { .. } => None,
            Range::Until { end, .. } => Some(end),
            _ => recurrence.days().last(),
        });
    if let Some(last) = last {
        let end = last.and_time(NaiveTime::MIN).and_utc();
        let end = end.checked_add_signed(first.duration() + SLACK);
        let moved = exceptions.iter().filter_map(|one| time(&one.end));
        let end = moved.fold(end.unwrap_or(window.end), |end, moved| {
            end.max(moved.checked_add_signed(SLACK).unwrap_or(moved))
        });
        window.end = window.end.min(end);
    }
    (window.start < window.end).then_some(window)
}

impl GraphMailbox {
    /// The occurrences and exceptions of a series within a window, in no certain order.
    pub(super) async fn instances(
        &self,
        master: &str,
        window: TimeRange,
        load: &Load,
        operation: &'static str,
    ) -> Result<Vec<Event>> {
        let call = Call::get(
            operation,
            &["events", master, "instances"],
            load.permission(),
        );
        let call = load
            .ask_view(of_window(call, window))
            .query("$top", MOST.to_string());
        let mut page = self.client.page::<wire::Event>(&call).await?;
        let mut events = Vec::new();
        loop {
            let next = page.next.take();
            for wire in page.readable(operation) {
                events.push(load.event(wire, operation)?);
            }
            match next {
                Some(link) => page = self.client.follow(&call, &link).await?,
                None => return Ok(events),
            }
        }
    }
}
