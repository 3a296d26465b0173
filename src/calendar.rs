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

mod carry;
mod ext;
mod follow;
#[cfg(any(feature = "ews", feature = "graph"))]
mod free_busy;
mod slots;
mod split;

use async_trait::async_trait;

pub use ext::CalendarExt;
pub use follow::{CalendarReadExt, Followed};
#[cfg(any(feature = "ews", feature = "graph"))]
pub(crate) use free_busy::{
    Asked, Piece, items_of_digits, least_window, nothing_shown, working_periods,
};
pub use slots::{
    AvailabilityExt, FoundSlots, MissingSchedule, Slot, SlotHours, SlotOrder, SlotQuery,
    WhenMissing,
};

use crate::{
    error::{Error, ErrorKind, Result},
    listing::Listing,
    model::{
        CalendarId, CalendarInfo, CalendarRef, DeleteMode, Event, EventChange, EventId, EventPatch,
        EventQuery, FreeBusyQuery, ICalUid, ItemRef, MeetingMessage, MeetingReply, NewEvent,
        Notify, Projection, Recipient, Schedule, Series, SyncPage, SyncRequest, TimeRange, Version,
        ViewScope,
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

    /// The occurrences and exceptions of one series that overlap the window, by start. The id may be that of the
    /// series or of any part of it.
    ///
    /// # Errors
    /// As the first item: [`NotFound`](ErrorKind::NotFound), [`InvalidState`](ErrorKind::InvalidState) for an event
    /// that is no series, [`InvalidArgument`](ErrorKind::InvalidArgument) before any request.
    fn list_occurrences(
        &self,
        series: &EventId,
        window: TimeRange,
        projection: Projection,
    ) -> Listing<Event>;

    /// A series with all that differs from its pattern. The id may be that of the series or of any part of it.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound), [`InvalidState`](ErrorKind::InvalidState) for an event that is no series.
    async fn get_series(&self, any: &EventId) -> Result<Series>;

    /// The events with this UID in all calendars of the mailbox, single or series, loaded whole: usually one, none
    /// when there is none.
    async fn find_by_uid(&self, uid: &ICalUid) -> Result<Vec<Event>>;

    /// What changed in a calendar: single events and series as one.
    ///
    /// EWS: `SyncFolderItems`, at most 512 changes to a page; the token holds what the server calls the `SyncState`.
    ///
    /// # Errors
    /// [`SyncStateInvalid`](ErrorKind::SyncStateInvalid) when the token cannot be used any more: start without one;
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) when it is the token of another calendar.
    async fn sync_events(&self, request: SyncRequest<CalendarRef>)
    -> Result<SyncPage<EventChange>>;

    /// What changed within a window of a calendar: single events and each occurrence.
    ///
    /// Where one occurrence of a series changes, all of them in the window may be named, because they share a version.
    /// A page may be empty although there is more.
    ///
    /// EWS follows the folder with `SyncFolderItems`, and when something changed in it lists the window again and
    /// compares, so a round costs a request for each 1,000 occurrences in the window; the first one costs one more for
    /// each 512 items in the calendar. The token holds some 50 bytes for each event in the window beside the
    /// `SyncState`.
    ///
    /// # Errors
    /// [`SyncStateInvalid`](ErrorKind::SyncStateInvalid) when the token cannot be used any more: start without one;
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) when it is the token of another window or calendar.
    async fn sync_calendar_view(
        &self,
        request: SyncRequest<ViewScope>,
    ) -> Result<SyncPage<EventChange>>;

    /// The messages about meetings in the Inbox, newest first: invitations, answers, cancellations.
    fn list_meeting_messages(&self) -> Listing<MeetingMessage>;
}

/// Writing calendars. Graph permission: `Calendars.ReadWrite`.
#[async_trait]
pub trait CalendarWrite: Send + Sync {
    /// Creates an event. With attendees it is a meeting, and `notify` says whether they are invited; what is
    /// [attached](NewEvent::attachments) is in place before they are.
    ///
    /// EWS: with attachments it takes one more request for each, and one to invite. Inline attachments came with
    /// Exchange 2010; how large a file may be, the administrator decides (10 MB for a message and 64 MB for a request
    /// unless changed).
    ///
    /// # Errors
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) and [`Unsupported`](ErrorKind::Unsupported) before any request;
    /// [`NotFound`](ErrorKind::NotFound) for the calendar; [`TooLarge`](ErrorKind::TooLarge) for an attachment. If the
    /// answer got lost, [`Error::effect`] is [`Effect::Unknown`](crate::Effect::Unknown), and repeating the call makes
    /// a second event unless [`NewEvent::idempotency_key`] is set. If a step after the first failed, it is
    /// [`Effect::Partial`](crate::Effect::Partial): nobody was invited, and the event was removed again if that was
    /// possible, which the hint says. Repeated with the same key, the call goes on where it stopped.
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

    /// Changes the fields named in the patch, and no other. The id of an occurrence changes that occurrence only,
    /// which makes it an exception; that of a series changes all of it, but not what its exceptions say differently.
    ///
    /// With a `version` the change is made only if the event is still what it was when that version was read; without
    /// one the last writer wins.
    ///
    /// Changing when a series takes place, or how it repeats, drops its exceptions and brings back its deleted
    /// occurrences, as in Outlook. (A server may keep those that still fit: read [`Series`] again. MS-OXOCAL
    /// 3.1.4.7.3.5.) To begin a series on another day, give the recurrence with that day too. To change a part of a
    /// series, see [`CalendarExt`].
    ///
    /// `notify` with [`Notify::Auto`]: nobody is told when only [private](EventPatch::is_private_only) fields change,
    /// those added or removed when of the rest [only the attendees](EventPatch::is_attendees_only) do, otherwise all.
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
    /// the Deleted Items folder. The id of an occurrence cancels that one only.
    ///
    /// # Errors
    /// [`InvalidState`](ErrorKind::InvalidState) for whoever is not the organiser, [`NotFound`](ErrorKind::NotFound).
    async fn cancel_event(&self, id: &EventId, comment: Option<&str>) -> Result<()>;

    /// Removes an event from this calendar. From the organiser of a meeting [`Notify::Auto`] sends the cancellation,
    /// from an attendee nothing. The id of an occurrence removes that one only; whether it can be taken back
    /// from anywhere is up to the server.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound), also when it is deleted already.
    async fn delete_event(&self, id: &EventId, mode: DeleteMode, notify: Notify) -> Result<()>;

    /// Answers a meeting as an attendee, on the event or on the invitation in the Inbox. A declined meeting leaves
    /// the calendar; the invitation may leave the Inbox. The id of an occurrence answers that one only.
    ///
    /// # Errors
    /// [`InvalidState`](ErrorKind::InvalidState) for the organiser, for a cancelled meeting, for an invitation that is
    /// out of date or was left to a delegate, and for another time where the organiser wants none proposed: the
    /// message says which. [`InvalidArgument`](ErrorKind::InvalidArgument) and
    /// [`Unsupported`](ErrorKind::Unsupported) before any request.
    async fn respond(&self, to: &ItemRef, reply: MeetingReply) -> Result<()>;

    /// Forwards a meeting to more people: they get the invitation, with the comment before its body. The organiser
    /// may be told by the server; the list of attendees stays as it is until the organiser changes it.
    ///
    /// # Errors
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) without recipients or with one that has no SMTP address.
    async fn forward_event(
        &self,
        id: &EventId,
        to: &[Recipient],
        comment: Option<&str>,
    ) -> Result<()>;

    /// Makes a calendar beside the default one.
    ///
    /// # Errors
    /// [`AlreadyExists`](ErrorKind::AlreadyExists), [`InvalidArgument`](ErrorKind::InvalidArgument) for an empty name.
    async fn create_calendar(&self, name: &str) -> Result<CalendarInfo>;

    /// Gives a calendar another name.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound), [`AlreadyExists`](ErrorKind::AlreadyExists),
    /// [`InvalidState`](ErrorKind::InvalidState) for the default calendar.
    async fn rename_calendar(&self, id: &CalendarId, name: &str) -> Result<CalendarInfo>;

    /// Removes a calendar with all its events, without telling anybody; it goes to the Deleted Items folder.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound), [`InvalidState`](ErrorKind::InvalidState) for the default calendar.
    async fn delete_calendar(&self, id: &CalendarId) -> Result<()>;
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
