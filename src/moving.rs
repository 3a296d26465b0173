//! Moving house: taking what a program keeps about a mailbox along when the mailbox goes to another server, as from
//! Exchange on-premises to Exchange Online.
//!
//! What is in the mailbox moves by itself, but every id changes, and so do the tokens of synchronisation. What stays is
//! what the standards gave: the UID of an event with the original start of an occurrence (RFC 5545), and the Message-ID
//! of a message (RFC 5322). So:
//!
//! 1. **Before the move**, while the old mailbox can be read: [`note_events`] and [`note_messages`] look up these for
//!    the ids that the program keeps. Store the [`Noted`]s (serde). Programs that kept UIDs and Message-IDs beside their
//!    ids all along can do without.
//! 2. **The move.** Pause the program for this mailbox. Calls that come too early or too late end in errors that say
//!    so: on Graph [`MailboxUnavailable`](crate::ErrorKind::MailboxUnavailable) (`MailboxNotEnabledForRESTAPI`) while the
//!    mailbox is still on-premises, on EWS [`MailboxNotFound`](crate::ErrorKind::MailboxNotFound)
//!    (`ErrorNonExistentMailbox`) once it has left.
//! 3. **After the move**, with a connector to the new server ([`ConnectorConfig`](crate::ConnectorConfig)):
//!    [`find_events`] and [`find_messages`] look for the counterparts. Replace each old id by the new one of
//!    [`Matched::pairs`]; [`Matched::missing`] says what has none and why: a person decides about these.
//! 4. **Synchronisation starts anew.** A token of the old server is refused by the new one with
//!    [`SyncStateInvalid`](crate::ErrorKind::SyncStateInvalid), without a request;
//!    [`follow_events`](crate::CalendarReadExt::follow_events) then starts over by itself and says
//!    [`Followed::Restarted`](crate::Followed::Restarted), and for messages the program calls
//!    [`sync_messages`](crate::MailRead::sync_messages) without a token. The first round names everything there is; what
//!    was matched in step 3 is known already and is no news.
//! 5. Idempotency keys of events and mails that were written before the move are good no more: let no write be in doubt
//!    when the move begins.
//!
//! ```no_run
//! use exchange_connector::model::EventId;
//! use exchange_connector::{Mailbox, Result, moving};
//!
//! async fn relink(old: &dyn Mailbox, new: &dyn Mailbox, kept: &[EventId]) -> Result<()> {
//!     let noted = moving::note_events(old, kept).await?;
//!     // … the mailbox moves …
//!     let matched = moving::find_events(new, &noted).await?;
//!     for (before, after) in &matched.pairs {
//!         println!("{before} is now {after}");
//!     }
//!     for lost in &matched.missing {
//!         println!("{}: {}", lost.id, lost.why);
//!     }
//!     Ok(())
//! }
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::calendar::CalendarRead;
use crate::error::{Error, ErrorKind, Result};
use crate::mail::MailRead;
use crate::model::{
    Event, EventId, EventKind, FolderQuery, FolderRef, ICalUid, MessageId, MessageLoad,
    MessageQuery, Projection, TimeRange,
};

/// What names an event on every server.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EventKey {
    /// The UID of the event, or of the series it belongs to.
    pub uid: ICalUid,
    /// Of an occurrence: when it would have begun by the pattern of the series.
    pub recurrence_id: Option<DateTime<Utc>>,
}

impl EventKey {
    /// The event or the series with this UID.
    pub fn new(uid: ICalUid) -> Self {
        Self {
            uid,
            recurrence_id: None,
        }
    }

    /// The occurrence that the pattern of the series has then.
    #[must_use]
    pub fn occurrence(mut self, original_start: DateTime<Utc>) -> Self {
        self.recurrence_id = Some(original_start);
        self
    }

    fn of(event: &Event) -> Option<Self> {
        Some(Self {
            uid: event.uid.clone()?,
            recurrence_id: event.recurrence_id,
        })
    }
}

/// What names a message on every server: its Message-ID, with the angle brackets.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageKey(String);

impl MessageKey {
    /// The message with this Message-ID.
    pub fn new(message_id: impl Into<String>) -> Self {
        Self(message_id.into())
    }

    /// The Message-ID.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An id of the old server, and what names the same thing on the new one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Noted<Id, Key> {
    /// The id that the program keeps.
    pub id: Id,
    /// What was found for it; or why nothing was.
    pub key: Result<Key, Unmatched>,
}

impl<Id, Key> Noted<Id, Key> {
    /// For programs that know the key already.
    pub fn new(id: Id, key: Key) -> Self {
        Self { id, key: Ok(key) }
    }
}

/// Why there is no counterpart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Unmatched {
    /// It was not in the old mailbox any more.
    GoneBefore,
    /// It has no UID or no Message-ID, as drafts that were never sent.
    Nameless,
    /// It is not in the new mailbox.
    NotThere,
    /// Several things in the new mailbox have its name, as copies of a message in several folders.
    Ambiguous,
}

impl fmt::Display for Unmatched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::GoneBefore => "it was gone before the move",
            Self::Nameless => "nothing names it on both servers",
            Self::NotThere => "it is not in the new mailbox",
            Self::Ambiguous => "several in the new mailbox have its name",
        })
    }
}

/// What came of looking for counterparts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Matched<Id> {
    /// Ids of before, and those of now.
    pub pairs: Vec<(Id, Id)>,
    /// What has no counterpart.
    pub missing: Vec<Missing<Id>>,
}

/// Something without a counterpart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Missing<Id> {
    /// The id of before.
    pub id: Id,
    /// Why it has none.
    pub why: Unmatched,
}

impl<Id: Clone> Matched<Id> {
    fn of<Key>(
        noted: &[Noted<Id, Key>],
        mut find: impl FnMut(&Key) -> Result<Id, Unmatched>,
    ) -> Self {
        let mut matched = Self {
            pairs: Vec::new(),
            missing: Vec::new(),
        };
        for one in noted {
            let found = one.key.as_ref().map_err(|why| *why).and_then(&mut find);
            let id = one.id.clone();
            match found {
                Ok(now) => matched.pairs.push((id, now)),
                Err(why) => matched.missing.push(Missing { id, why }),
            }
        }
        matched
    }
}

/// What names these events on every server, in their order. Before the move; ids of events that are gone are noted as
/// such.
///
/// # Errors
/// As [`CalendarRead::get_events`], also where one of them cannot be read for another reason than that it is gone.
pub async fn note_events(
    calendar: &dyn CalendarRead,
    ids: &[EventId],
) -> Result<Vec<Noted<EventId, EventKey>>> {
    let events = calendar.get_events(ids, Projection::Summary).await?;
    let key = |event: Event| EventKey::of(&event);
    ids.iter()
        .zip(events)
        .map(|(id, event)| noted(id, event, key))
        .collect()
}

/// The same for messages.
///
/// # Errors
/// As [`MailRead::get_messages`].
pub async fn note_messages(
    mail: &dyn MailRead,
    ids: &[MessageId],
) -> Result<Vec<Noted<MessageId, MessageKey>>> {
    let messages = mail.get_messages(ids, &MessageLoad::summary()).await?;
    let key = |message: crate::model::Message| {
        let id = message.internet_message_id?;
        (!id.trim().is_empty()).then(|| MessageKey::new(id))
    };
    ids.iter()
        .zip(messages)
        .map(|(id, message)| noted(id, message, key))
        .collect()
}

fn noted<Id: Clone, T, Key>(
    id: &Id,
    found: Result<T>,
    key: impl Fn(T) -> Option<Key>,
) -> Result<Noted<Id, Key>> {
    let key = match found {
        Ok(found) => key(found).ok_or(Unmatched::Nameless),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(Unmatched::GoneBefore),
        Err(error) => return Err(error),
    };
    Ok(Noted {
        id: id.clone(),
        key,
    })
}

/// The counterparts of events in the new mailbox, in all its calendars: a search for each UID, and one look into the
/// series for each occurrence.
///
/// # Errors
/// As those of [`CalendarRead`].
pub async fn find_events(
    calendar: &dyn CalendarRead,
    noted: &[Noted<EventId, EventKey>],
) -> Result<Matched<EventId>> {
    let keys: BTreeSet<&EventKey> = noted
        .iter()
        .filter_map(|one| one.key.as_ref().ok())
        .collect();
    let mut masters: BTreeMap<&ICalUid, Result<Event, Unmatched>> = BTreeMap::new();
    let mut found: BTreeMap<&EventKey, Result<EventId, Unmatched>> = BTreeMap::new();
    for key in keys {
        if !masters.contains_key(&key.uid) {
            let master = only(calendar.find_by_uid(&key.uid).await?);
            masters.insert(&key.uid, master);
        }
        let Some(master) = masters.get(&key.uid) else {
            continue;
        };
        let event = match (master, key.recurrence_id) {
            (Err(why), _) => Err(*why),
            (Ok(master), None) => Ok(master.id.clone()),
            (Ok(master), Some(start)) => occurrence(calendar, master, start).await?,
        };
        found.insert(key, event);
    }
    Ok(Matched::of(noted, |key| {
        found.get(key).cloned().unwrap_or(Err(Unmatched::NotThere))
    }))
}

/// The only one of these that stands for itself or for a series.
fn only(events: Vec<Event>) -> Result<Event, Unmatched> {
    let is_whole =
        |event: &Event| matches!(event.kind, EventKind::Single | EventKind::SeriesMaster);
    let mut events = events.into_iter().filter(is_whole);
    match (events.next(), events.next()) {
        (None, _) => Err(Unmatched::NotThere),
        (Some(event), None) => Ok(event),
        (Some(_), Some(_)) => Err(Unmatched::Ambiguous),
    }
}

async fn occurrence(
    calendar: &dyn CalendarRead,
    master: &Event,
    start: DateTime<Utc>,
) -> Result<Result<EventId, Unmatched>> {
    if master.kind != EventKind::SeriesMaster {
        return Ok(Err(Unmatched::NotThere));
    }
    let is_it = |event: &Event| event.recurrence_id == Some(start);
    let (Some(from), Some(until)) = (
        start.checked_sub_signed(TimeDelta::days(1)),
        start.checked_add_signed(TimeDelta::days(2)),
    ) else {
        return Ok(Err(Unmatched::NotThere));
    };
    let around = TimeRange::new(from, until);
    let mut near = calendar.list_occurrences(&master.id, around, Projection::Summary);
    while let Some(event) = near.try_next().await? {
        if is_it(&event) {
            return Ok(Ok(event.id));
        }
    }
    // it was moved to another day
    let series = calendar.get_series(&master.id).await?;
    let moved = series.exceptions.into_iter().find(is_it);
    Ok(moved.map(|event| event.id).ok_or(Unmatched::NotThere))
}

/// The counterparts of messages in the new mailbox. All its folders are read in summary, so this takes as many
/// requests as the mailbox has pages.
///
/// # Errors
/// As those of [`MailRead`].
pub async fn find_messages(
    mail: &dyn MailRead,
    noted: &[Noted<MessageId, MessageKey>],
) -> Result<Matched<MessageId>> {
    let wanted: BTreeSet<&str> = noted
        .iter()
        .filter_map(|one| one.key.as_ref().ok())
        .map(MessageKey::as_str)
        .collect();
    let mut found: BTreeMap<String, Result<MessageId, Unmatched>> = BTreeMap::new();
    let mut folders = match wanted.is_empty() {
        true => Vec::new(),
        false => mail.list_folders(FolderQuery::tree()).collect().await?,
    };
    folders.retain(|folder| folder.total_items != Some(0));
    for folder in folders {
        let mut messages = mail.list_messages(MessageQuery::new(FolderRef::Id(folder.id)));
        loop {
            let message = match messages.try_next().await {
                Ok(Some(message)) => message,
                Ok(None) => break,
                Err(error) if holds_no_messages(&error) => break,
                Err(error) => return Err(error),
            };
            let Some(name) = message.internet_message_id else {
                continue;
            };
            if wanted.contains(name.as_str()) {
                found
                    .entry(name)
                    .and_modify(|one| *one = Err(Unmatched::Ambiguous))
                    .or_insert(Ok(message.id));
            }
        }
    }
    Ok(Matched::of(noted, |key| {
        let found = found.get(key.as_str()).cloned();
        found.unwrap_or(Err(Unmatched::NotThere))
    }))
}

/// A folder that went meanwhile, or is none of mail.
fn holds_no_messages(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Unsupported)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connector::Backend;

    #[test]
    fn what_was_noted_is_kept_and_read_again() {
        let id = EventId::from_raw(Backend::Ews, "AAMk");
        let key = EventKey::new(ICalUid::new("a@b")).occurrence(DateTime::UNIX_EPOCH);
        let gone: Noted<EventId, EventKey> = Noted {
            id: id.clone(),
            key: Err(Unmatched::GoneBefore),
        };
        for one in [Noted::new(id, key), gone] {
            let json = serde_json::to_string(&one).unwrap();
            let read: Noted<EventId, EventKey> = serde_json::from_str(&json).unwrap();
            assert_eq!(read, one);
        }
    }

    #[test]
    fn each_has_an_outcome() {
        let id = |raw: &str| MessageId::from_raw(Backend::Ews, raw);
        let now = MessageId::from_raw(Backend::Graph, "1");
        let noted = [
            Noted::new(id("a"), MessageKey::new("<a@b>")),
            Noted::new(id("b"), MessageKey::new("<b@b>")),
            Noted {
                id: id("c"),
                key: Err(Unmatched::Nameless),
            },
        ];
        let matched = Matched::of(&noted, |key| match key.as_str() {
            "<a@b>" => Ok(now.clone()),
            _ => Err(Unmatched::NotThere),
        });
        assert_eq!(matched.pairs, [(id("a"), now)]);
        let missing: Vec<_> = matched.missing.iter().map(|one| one.why).collect();
        assert_eq!(missing, [Unmatched::NotThere, Unmatched::Nameless]);
    }
}
