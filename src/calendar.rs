//! What a program can do with calendars, the same for every backend.
//!
//! The traits are small and named after the permissions that administrators grant in either world, so that a part of
//! a program can be given just the one it needs. All are dyn-compatible, and an
//! `Arc<dyn `[`Mailbox`](crate::Mailbox)`>` turns into an `Arc` of any of them.
//!
//! Errors common to all methods, beside those named there: the kinds that every request can end in, from
//! [`Connection`](crate::ErrorKind::Connection) and [`Timeout`](crate::ErrorKind::Timeout) over
//! [`Unauthenticated`](crate::ErrorKind::Unauthenticated), [`PermissionDenied`](crate::ErrorKind::PermissionDenied) and
//! [`Throttled`](crate::ErrorKind::Throttled) to [`Protocol`](crate::ErrorKind::Protocol).

use async_trait::async_trait;

use crate::{
    error::{Error, ErrorKind, Result},
    listing::Listing,
    model::{
        CalendarInfo, CalendarRef, DeleteMode, Event, EventId, EventPatch, EventQuery,
        FreeBusyQuery, NewEvent, Notify, Projection, Schedule, Version,
    },
};

/// One answer per input, in the order of the inputs.
///
/// Where a method returns `Result<Batch<T>>`, the outer error means that nothing was attempted.
pub type Batch<T> = Vec<Result<T>>;

/// Everything about calendars: reading, writing and availability.
pub trait Calendar: CalendarRead + CalendarWrite + Availability {}

impl<T: CalendarRead + CalendarWrite + Availability + ?Sized> Calendar for T {}

/// Reading calendars. Graph permission: `Calendars.Read`.
#[async_trait]
pub trait CalendarRead: Send + Sync {
    /// The calendars of the mailbox, the default one among them.
    fn list_calendars(&self) -> Listing<CalendarInfo>;

    /// One calendar.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound), also when the caller may not see it.
    async fn get_calendar(&self, calendar: &CalendarRef) -> Result<CalendarInfo>;

    /// Events of one calendar: expanded within a window, or series as one. What is wrong with the query
    /// ([`InvalidArgument`](ErrorKind::InvalidArgument)) is said before any request, as the first item.
    fn list_events(&self, query: EventQuery) -> Listing<Event>;

    /// Events by id, in the order given, each with its own outcome.
    ///
    /// # Errors
    /// Per event: [`NotFound`](ErrorKind::NotFound), [`InvalidId`](ErrorKind::InvalidId) for an id of another backend.
    async fn get_events(&self, ids: &[EventId], projection: Projection) -> Result<Batch<Event>>;

    /// One event by id.
    ///
    /// # Errors
    /// As [`get_events`](Self::get_events).
    async fn get_event(&self, id: &EventId, projection: Projection) -> Result<Event> {
        let mut answers = self
            .get_events(std::slice::from_ref(id), projection)
            .await?;
        match (answers.pop(), answers.is_empty()) {
            (Some(answer), true) => answer,
            _ => Err(Error::new(
                ErrorKind::Protocol,
                "get_event",
                "not exactly one answer for one event",
            )),
        }
    }
}

/// Writing calendars. Graph permission: `Calendars.ReadWrite`.
#[async_trait]
pub trait CalendarWrite: Send + Sync {
    /// Creates an event. With attendees it is a meeting, and `notify` says whether they are invited.
    ///
    /// # Errors
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) and [`Unsupported`](ErrorKind::Unsupported) before any request;
    /// [`NotFound`](ErrorKind::NotFound) for the calendar. If the answer got lost,
    /// [`Error::effect`] is [`Effect::Unknown`](crate::Effect::Unknown), and repeating the call makes a
    /// second event unless [`NewEvent::idempotency_key`] is set.
    async fn create_event(
        &self,
        calendar: &CalendarRef,
        event: NewEvent,
        notify: Notify,
    ) -> Result<Event>;

    /// Creates several events, each with its own outcome.
    ///
    /// # Errors
    /// Per event as [`create_event`](Self::create_event).
    async fn create_events(
        &self,
        calendar: &CalendarRef,
        events: Vec<NewEvent>,
        notify: Notify,
    ) -> Result<Batch<Event>>;

    /// Changes the fields named in the patch, and no other. The id of an occurrence changes that occurrence only.
    ///
    /// With a `version` the change is made only if the event is still what it was when that version was read; without
    /// one the last writer wins.
    ///
    /// # Errors
    /// [`Conflict`](ErrorKind::Conflict) when the event has another version, [`NotFound`](ErrorKind::NotFound),
    /// [`InvalidState`](ErrorKind::InvalidState) when an occurrence would cross its neighbour,
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) before any request.
    async fn update_event(
        &self,
        id: &EventId,
        patch: EventPatch,
        version: Option<&Version>,
        notify: Notify,
    ) -> Result<Event>;

    /// Cancels a meeting as its organiser: the attendees get a cancellation with the comment, and the event goes to
    /// the Deleted Items folder.
    ///
    /// # Errors
    /// [`InvalidState`](ErrorKind::InvalidState) for whoever is not the organiser, [`NotFound`](ErrorKind::NotFound).
    async fn cancel_event(&self, id: &EventId, comment: Option<&str>) -> Result<()>;

    /// Removes an event from this calendar. From the organiser of a meeting [`Notify::Auto`] sends the cancellation,
    /// from an attendee nothing.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound), also when it is deleted already.
    async fn delete_event(&self, id: &EventId, mode: DeleteMode, notify: Notify) -> Result<()>;
}

/// Asking when people are free. Graph permission: `Calendars.ReadBasic`.
#[async_trait]
pub trait Availability: Send + Sync {
    /// The availability of any number of people over any number of days, one answer per address, in order. The
    /// limits of the server on both are met by asking in pieces.
    ///
    /// # Errors
    /// Per address: [`MailboxNotFound`](ErrorKind::MailboxNotFound), [`PermissionDenied`](ErrorKind::PermissionDenied).
    /// For the whole: [`InvalidArgument`](ErrorKind::InvalidArgument) before any request.
    async fn free_busy(&self, query: FreeBusyQuery) -> Result<Batch<Schedule>>;
}
