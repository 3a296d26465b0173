//! The occurrences of one series.

use std::collections::VecDeque;

use super::GraphMailbox;
use super::list::{MOST, is_in, of_window, pieces};
use super::load::Load;
use crate::connector::Backend;
use crate::error::Result;
use crate::graph::call::Call;
use crate::graph::wire;
use crate::listing::{Listing, Page};
use crate::model::{BodyWanted, Event, EventId, Projection, TimeRange};

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
        master: None,
        open: pieces(window).into(),
        window,
    };
    Listing::unfold(listing, |listing| async move { listing.next_page().await })
}

struct OccurrenceListing {
    mailbox: GraphMailbox,
    load: Load,
    any: EventId,
    master: Option<String>,
    open: VecDeque<TimeRange>,
    window: TimeRange,
}

impl OccurrenceListing {
    async fn next_page(mut self) -> Result<Option<(Page<Event>, Self)>> {
        let Some(piece) = self.open.pop_front() else {
            return Ok(None);
        };
        let master = match self.master.take() {
            Some(master) => master,
            None => self.mailbox.master_of(&self.any, OPERATION).await?,
        };
        let mailbox = &self.mailbox;
        let mut events = mailbox
            .instances(&master, piece, &self.load, OPERATION)
            .await?;
        let utc = chrono_tz::Tz::UTC;
        let start = |event: &Event| event.when.span(utc).start;
        // What began before was in the piece before.
        events.retain(|event| {
            is_in(event, self.window)
                && (piece.start == self.window.start || start(event) >= piece.start)
        });
        events.sort_by_key(start);
        self.master = Some(master);
        Ok(Some((Page::new(events), self)))
    }
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
