//! A mailbox that asks before it writes.
//!
//! Each method of each trait is written out, also those with a default: a new one does not compile until somebody has
//! decided here whether it writes.

use std::sync::Arc;

use async_trait::async_trait;

use super::{
    Decision, WriteGuard, WriteIntent,
    write::{Known, Write},
};
use crate::{
    calendar::{Availability, Batch, CalendarRead, CalendarWrite},
    connector::{Backend, Capabilities, Mailbox, MailboxTarget},
    error::{Effect, Error, ErrorKind, Result},
    listing::Listing,
    model::{
        CalendarId, CalendarInfo, CalendarRef, DeleteMode, Event, EventChange, EventId, EventPatch,
        EventQuery, FreeBusyQuery, ICalUid, ItemRef, MeetingMessage, MeetingReply, MessageLoad,
        NewEvent, Notify, Projection, Recipient, Schedule, Series, SyncPage, SyncRequest,
        TimeRange, Version, ViewScope,
    },
};

#[derive(Debug)]
pub(super) struct GuardedMailbox {
    pub(super) inner: Arc<dyn Mailbox>,
    pub(super) backend: Backend,
    pub(super) guard: Arc<dyn WriteGuard>,
    pub(super) looks_up: bool,
}

impl GuardedMailbox {
    /// Shows a write to the guard; the intent if it may be made.
    pub(super) async fn approved(&self, write: Write<'_>) -> Result<WriteIntent> {
        let known = match write.item() {
            Some(item) if self.looks_up => self.look_up(&item).await,
            _ => None,
        };
        let intent = write.intent(self.backend, self.inner.target(), known.as_ref())?;
        let refusal = |kind, problem: String| {
            Err(Error::new(kind, intent.operation.name(), problem).with_backend(self.backend))
        };
        match self.guard.review(&intent).await {
            Decision::Allow => Ok(intent),
            Decision::Deny { reason } => refusal(
                ErrorKind::PolicyDenied,
                format!("the write was refused before it was sent: {reason}"),
            ),
            Decision::Defer { ticket } => refusal(
                ErrorKind::ApprovalRequired,
                "the write waits for approval; nothing was sent".to_owned(),
            )
            .map_err(|error| error.with_ticket(ticket)),
        }
    }

    /// An item that cannot be read is left to the write itself to fail on.
    async fn look_up(&self, item: &ItemRef) -> Option<Known> {
        match item {
            ItemRef::Event(id) => {
                let event = self.inner.get_event(id, Projection::Full).await.ok()?;
                Some(Known::Event(Box::new(event)))
            }
            ItemRef::Message(id) => {
                let message = self
                    .inner
                    .get_message(id, &MessageLoad::full())
                    .await
                    .ok()?;
                Some(Known::Message(Box::new(message)))
            }
        }
    }

    /// Tells the guard how a write ended.
    pub(super) async fn ended<T>(&self, intent: &WriteIntent, outcome: Result<T>) -> Result<T> {
        let end = outcome.as_ref().map(|_| ());
        self.guard.finished(intent, end).await;
        outcome
    }

    /// Makes the writes of a batch that may be made, and gives each its outcome.
    pub(super) async fn batch<T>(
        &self,
        operation: &'static str,
        reviewed: Vec<Result<WriteIntent>>,
        make: impl Future<Output = Result<Batch<T>>>,
    ) -> Result<Batch<T>> {
        let made = match reviewed.iter().any(Result::is_ok) {
            true => make.await,
            false => Ok(Vec::new()),
        };
        let mut made = match made {
            Ok(made) => made.into_iter(),
            Err(error) => {
                for intent in reviewed.iter().flatten() {
                    self.guard.finished(intent, Err(&error)).await;
                }
                return Err(error);
            }
        };
        let mut batch = Vec::with_capacity(reviewed.len());
        for answer in reviewed {
            batch.push(match answer {
                Ok(intent) => {
                    let outcome = made.next().unwrap_or_else(|| {
                        let problem = "there is no answer for this one";
                        Err(Error::new(ErrorKind::Protocol, operation, problem)
                            .with_backend(self.backend)
                            .with_effect(Effect::Unknown))
                    });
                    self.ended(&intent, outcome).await
                }
                Err(refusal) => Err(refusal),
            });
        }
        Ok(batch)
    }
}

#[async_trait]
impl CalendarRead for GuardedMailbox {
    fn list_calendars(&self) -> Listing<CalendarInfo> {
        self.inner.list_calendars()
    }

    async fn get_calendar(&self, calendar: &CalendarRef) -> Result<CalendarInfo> {
        self.inner.get_calendar(calendar).await
    }

    fn list_events(&self, query: EventQuery) -> Listing<Event> {
        self.inner.list_events(query)
    }

    async fn get_events(&self, ids: &[EventId], projection: Projection) -> Result<Batch<Event>> {
        self.inner.get_events(ids, projection).await
    }

    async fn get_event(&self, id: &EventId, projection: Projection) -> Result<Event> {
        self.inner.get_event(id, projection).await
    }

    fn list_occurrences(
        &self,
        series: &EventId,
        window: TimeRange,
        projection: Projection,
    ) -> Listing<Event> {
        self.inner.list_occurrences(series, window, projection)
    }

    async fn get_series(&self, any: &EventId) -> Result<Series> {
        self.inner.get_series(any).await
    }

    async fn find_by_uid(&self, uid: &ICalUid) -> Result<Vec<Event>> {
        self.inner.find_by_uid(uid).await
    }

    async fn sync_events(
        &self,
        request: SyncRequest<CalendarRef>,
    ) -> Result<SyncPage<EventChange>> {
        self.inner.sync_events(request).await
    }

    async fn sync_calendar_view(
        &self,
        request: SyncRequest<ViewScope>,
    ) -> Result<SyncPage<EventChange>> {
        self.inner.sync_calendar_view(request).await
    }

    fn list_meeting_messages(&self) -> Listing<MeetingMessage> {
        self.inner.list_meeting_messages()
    }
}

#[async_trait]
impl CalendarWrite for GuardedMailbox {
    async fn create_event(
        &self,
        calendar: &CalendarRef,
        event: NewEvent,
        notify: Notify,
    ) -> Result<Event> {
        let write = Write::CreateEvent {
            calendar,
            event: &event,
            notify,
        };
        let intent = self.approved(write).await?;
        let outcome = self.inner.create_event(calendar, event, notify).await;
        self.ended(&intent, outcome).await
    }

    /// Each event is reviewed on its own; those that may be made go on together.
    async fn create_events(
        &self,
        calendar: &CalendarRef,
        events: Vec<NewEvent>,
        notify: Notify,
    ) -> Result<Batch<Event>> {
        const OPERATION: &str = "create_events";
        let mut reviewed = Vec::with_capacity(events.len());
        let mut allowed = Vec::new();
        for event in events {
            let write = Write::CreateEvent {
                calendar,
                event: &event,
                notify,
            };
            let answer = self.approved(write).await;
            if answer.is_ok() {
                allowed.push(event);
            }
            reviewed.push(answer);
        }
        let made = self.inner.create_events(calendar, allowed, notify);
        self.batch(OPERATION, reviewed, made).await
    }

    async fn update_event(
        &self,
        id: &EventId,
        patch: EventPatch,
        version: Option<&Version>,
        notify: Notify,
    ) -> Result<Event> {
        let write = Write::UpdateEvent {
            id,
            patch: &patch,
            version,
            notify,
        };
        let intent = self.approved(write).await?;
        let outcome = self.inner.update_event(id, patch, version, notify).await;
        self.ended(&intent, outcome).await
    }

    async fn cancel_event(&self, id: &EventId, comment: Option<&str>) -> Result<()> {
        let intent = self.approved(Write::CancelEvent { id, comment }).await?;
        let outcome = self.inner.cancel_event(id, comment).await;
        self.ended(&intent, outcome).await
    }

    async fn delete_event(&self, id: &EventId, mode: DeleteMode, notify: Notify) -> Result<()> {
        let intent = self
            .approved(Write::DeleteEvent { id, mode, notify })
            .await?;
        let outcome = self.inner.delete_event(id, mode, notify).await;
        self.ended(&intent, outcome).await
    }

    async fn respond(&self, to: &ItemRef, reply: MeetingReply) -> Result<()> {
        let intent = self.approved(Write::Respond { to, reply: &reply }).await?;
        let outcome = self.inner.respond(to, reply).await;
        self.ended(&intent, outcome).await
    }

    async fn forward_event(
        &self,
        id: &EventId,
        to: &[Recipient],
        comment: Option<&str>,
    ) -> Result<()> {
        let intent = self
            .approved(Write::ForwardEvent { id, to, comment })
            .await?;
        let outcome = self.inner.forward_event(id, to, comment).await;
        self.ended(&intent, outcome).await
    }

    async fn create_calendar(&self, name: &str) -> Result<CalendarInfo> {
        let intent = self.approved(Write::CreateCalendar { name }).await?;
        let outcome = self.inner.create_calendar(name).await;
        self.ended(&intent, outcome).await
    }

    async fn rename_calendar(&self, id: &CalendarId, name: &str) -> Result<CalendarInfo> {
        let intent = self.approved(Write::RenameCalendar { id, name }).await?;
        let outcome = self.inner.rename_calendar(id, name).await;
        self.ended(&intent, outcome).await
    }

    async fn delete_calendar(&self, id: &CalendarId) -> Result<()> {
        let intent = self.approved(Write::DeleteCalendar { id }).await?;
        let outcome = self.inner.delete_calendar(id).await;
        self.ended(&intent, outcome).await
    }
}

#[async_trait]
impl Availability for GuardedMailbox {
    async fn free_busy(&self, query: FreeBusyQuery) -> Result<Batch<Schedule>> {
        self.inner.free_busy(query).await
    }
}

impl Mailbox for GuardedMailbox {
    fn target(&self) -> &MailboxTarget {
        self.inner.target()
    }

    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }
}
