//! What is made of several calls of the traits, the same on every backend.

use async_trait::async_trait;

use super::{CalendarRead, CalendarWrite, split};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Event, EventId, EventPatch, Notify, Projection, SplitSeries};

/// How often [`CalendarExt::update_event_with`] tries to write what somebody else keeps changing.
const ATTEMPTS: u32 = 5;

/// What every calendar can do by several calls: safe read-modify-write, and changes to a part of a
/// series.
///
/// It is there for everything that reads and writes calendars, `dyn `[`Calendar`](crate::Calendar)
/// and `dyn `[`Mailbox`](crate::Mailbox) too: bring it into scope with
/// `use exchange_connector::CalendarExt`.
#[async_trait]
pub trait CalendarExt: CalendarRead + CalendarWrite {
    /// Changes an event by what it is now: reads it whole, asks `change` for the patch, and writes
    /// that only if nobody else has written since. If somebody has, it begins anew, five times at
    /// most, so `change` may be called several times.
    ///
    /// It is the way to add to what can only be replaced: an attendee to the list, a word to the
    /// body. Where `change` answers an empty patch, nothing is written, and the event is returned
    /// as it was read.
    ///
    /// ```no_run
    /// use exchange_connector::model::{Attendee, EventId, EventPatch, Notify};
    /// use exchange_connector::{CalendarExt, Mailbox, Result};
    ///
    /// async fn invite(mailbox: &dyn Mailbox, event: &EventId, who: &str) -> Result<()> {
    ///     let add = |event: &exchange_connector::model::Event| {
    ///         let mut attendees = event.detail.as_ref().map(|d| d.attendees.clone()).unwrap_or_default();
    ///         attendees.push(Attendee::required(who));
    ///         EventPatch::new().attendees(attendees)
    ///     };
    ///     mailbox.update_event_with(event, Notify::Auto, add).await?;
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    /// As [`update_event`](CalendarWrite::update_event); [`Conflict`](ErrorKind::Conflict) only
    /// when the event was changed under every attempt.
    async fn update_event_with<F>(
        &self,
        id: &EventId,
        notify: Notify,
        mut change: F,
    ) -> Result<Event>
    where
        F: FnMut(&Event) -> EventPatch + Send,
    {
        let mut last = None;
        for _ in 0..ATTEMPTS {
            let event = self.get_event(id, Projection::Full).await?;
            let patch = change(&event);
            if patch.is_empty() {
                return Ok(event);
            }
            let version = Some(&event.version);
            // The id of an occurrence may have become that of an exception meanwhile.
            match self.update_event(&event.id, patch, version, notify).await {
                Err(error) if error.kind() == ErrorKind::Conflict => last = Some(error),
                done => return done,
            }
        }
        let problem = format!("somebody else changed the event during each of {ATTEMPTS} attempts");
        let error = Error::new(ErrorKind::Conflict, "update_event_with", problem);
        Err(match last {
            Some(cause) => error.with_source(cause),
            None => error,
        })
    }

    /// Changes an occurrence of a series and all that follow, by splitting the series: the old one
    /// ends before the occurrence, a new one begins with it and has the rest of the pattern.
    ///
    /// The id is that of an occurrence or exception. Of its first occurrence it changes the series
    /// itself, as there is nothing to split. A time in the patch is that of this occurrence, and
    /// the later ones follow it; on another day the days of a weekly pattern, or the day of the
    /// month, move along, and what else repeats needs a recurrence in the patch. A recurrence in
    /// the patch is that of the new series and begins on its first day; cleared, what follows is a
    /// single event. A range that counts goes on counting where the old one stops.
    ///
    /// Exceptions and deletions after the split are carried over to the occurrence of the new
    /// series on the same day, except for their own time where the patch changes that of the
    /// series, and for fields that the patch sets; what has no such day is in
    /// [`SplitSeries::lost`]. Those before the split stay. Answers to the invitation are lost on
    /// the new series: it is a new meeting, with another UID. Files attached to the old one are
    /// not on the new one: see [`SplitSeries::attachments`].
    ///
    /// Attendees are told as `notify` says: of the end of the old series, by an invitation to the
    /// new one, and of exceptions carried over that are still to come.
    ///
    /// The steps: the new series is created without attendees, the old one is ended if nobody
    /// changed it meanwhile, the attendees of the new one are invited, exceptions are carried over.
    /// If ending fails, the new series is removed again.
    ///
    /// # Errors
    /// [`InvalidState`](ErrorKind::InvalidState) for an event that is no part of a series, or that
    /// somebody else organises; [`InvalidArgument`](ErrorKind::InvalidArgument) before anything is
    /// written; [`Conflict`](ErrorKind::Conflict) when the series was changed at the same time;
    /// then nothing has changed. If a later step fails, [`Error::effect`] is
    /// [`Effect::Partial`](crate::Effect::Partial), and the hint says what is left to do.
    async fn change_this_and_following(
        &self,
        occurrence: &EventId,
        patch: EventPatch,
        notify: Notify,
    ) -> Result<SplitSeries> {
        split::change(self, occurrence, patch, notify).await
    }

    /// Ends a series before one of its occurrences; the series that is left is returned, or `None`
    /// when it was the first one and the whole series was deleted. Exceptions and deletions before
    /// it stay. Attendees are told as `notify` says.
    ///
    /// # Errors
    /// As [`change_this_and_following`](Self::change_this_and_following).
    async fn delete_this_and_following(
        &self,
        occurrence: &EventId,
        notify: Notify,
    ) -> Result<Option<Event>> {
        split::delete(self, occurrence, notify).await
    }
}

impl<T: CalendarRead + CalendarWrite + ?Sized> CalendarExt for T {}
