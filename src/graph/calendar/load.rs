//! How much of events is read, and reading them by their identifiers.

use super::{GraphMailbox, lacks};
use crate::calendar::Batch;
use crate::connector::Backend;
use crate::error::{ErrorKind, Result};
use crate::graph::call::Call;
use crate::graph::permission::Permission;
use crate::graph::{convert, wire};
use crate::model::{BodyWanted, CalendarId, Event, EventId, Projection, PropertyName};

/// How much of an event to read, and how.
#[derive(Clone, Debug)]
pub(super) struct Load {
    body: BodyWanted,
    leaves_html: bool,
    reading: convert::Reading,
}

impl Load {
    /// What is wanted of each.
    pub(super) fn of(
        mailbox: &GraphMailbox,
        projection: Projection,
        body: BodyWanted,
        extended: &[PropertyName],
    ) -> Self {
        Self {
            body,
            leaves_html: mailbox.leaves_html,
            reading: convert::Reading {
                is_full: projection == Projection::Full,
                extended: extended.to_vec(),
                calendar: None,
            },
        }
    }

    pub(super) fn summary(mailbox: &GraphMailbox) -> Self {
        Self::of(mailbox, Projection::Summary, BodyWanted::Native, &[])
    }

    pub(super) fn full(mailbox: &GraphMailbox) -> Self {
        Self::of(mailbox, Projection::Full, BodyWanted::Native, &[])
    }

    /// All are in this calendar.
    pub(super) fn in_calendar(mut self, calendar: Option<CalendarId>) -> Self {
        self.reading.calendar = calendar;
        self
    }

    /// What a token must allow to read so much.
    pub(super) fn permission(&self) -> Permission {
        match self.reading.is_full {
            true => Permission::CalendarsRead,
            false => Permission::CalendarsReadBasic,
        }
    }

    /// The same request, for so much.
    pub(super) fn ask(&self, call: Call) -> Call {
        if !self.reading.is_full {
            return call.query("$select", convert::summary_fields(false));
        }
        let call = call
            .query("$select", convert::full_fields())
            .query("$expand", convert::full_expansion(&self.reading.extended));
        self.with_body(call)
    }

    /// The same request to a calendar view, of which not all fields may be chosen one by one.
    pub(super) fn ask_view(&self, call: Call) -> Call {
        if !self.reading.is_full {
            return call.query("$select", convert::summary_fields(true));
        }
        let expansion = convert::full_expansion(&self.reading.extended);
        self.with_body(call.query("$expand", expansion))
    }

    fn with_body(&self, call: Call) -> Call {
        let call = call.prefer(convert::body_preference(self.body));
        match self.leaves_html {
            true => call.prefer("outlook.allow-unsafe-html"),
            false => call,
        }
    }

    /// What was read.
    pub(super) fn event(&self, wire: wire::Event, operation: &'static str) -> Result<Event> {
        convert::event(wire, &self.reading, operation)
    }
}

impl GraphMailbox {
    /// Reads events by their identifiers, in order, in as many requests as it takes.
    pub(super) async fn load_events(
        &self,
        ids: &[EventId],
        load: &Load,
        operation: &'static str,
    ) -> Result<Batch<Event>> {
        let call = |id: &EventId| {
            let raw = id.require(Backend::Graph, operation)?;
            let get = Call::get(operation, &["events", raw], load.permission());
            Ok(load.ask(get))
        };
        let calls: Vec<Result<Call>> = ids.iter().map(call).collect();
        let asked: Vec<Call> = calls.iter().flatten().cloned().collect();
        let mut answers = self.client.batch(&asked).await?.into_iter();
        let event = |call: Result<Call>| {
            let call = call?;
            let answer = answers
                .next()
                .unwrap_or_else(|| Err(lacks(operation, "part")))?;
            load.event(answer.json(&call)?, operation)
        };
        Ok(calls.into_iter().map(event).collect())
    }

    /// What of these is still there.
    pub(super) async fn load_present(
        &self,
        ids: &[EventId],
        load: &Load,
        operation: &'static str,
    ) -> Result<Vec<Event>> {
        let read = self.load_events(ids, load, operation).await?;
        let is_gone =
            |one: &Result<Event>| matches!(one, Err(error) if error.kind() == ErrorKind::NotFound);
        read.into_iter().filter(|one| !is_gone(one)).collect()
    }

    /// One event with everything.
    pub(super) async fn load_full(&self, id: &EventId, operation: &'static str) -> Result<Event> {
        let ids = std::slice::from_ref(id);
        let read = self.load_events(ids, &Load::full(self), operation).await?;
        let mut read = read.into_iter();
        read.next()
            .unwrap_or_else(|| Err(lacks(operation, "event")))
    }

    /// Some fields of one event.
    pub(super) async fn fields(
        &self,
        raw: &str,
        fields: &str,
        operation: &'static str,
    ) -> Result<wire::Event> {
        let call = Call::get(operation, &["events", raw], Permission::CalendarsReadBasic);
        self.client.json(&call.query("$select", fields)).await
    }
}
