//! The writes there are, each with all its arguments.

use std::collections::BTreeSet;

use bytes::Bytes;
use chrono::NaiveDate;
use serde::{Serialize, Serializer, ser::Error as _};
use serde_json::{Map, Value};

use super::{WriteIntent, WriteOperation, fingerprint, summary};
use crate::{
    connector::{Backend, MailboxTarget},
    error::{Error, Result},
    model::{
        Address, Answer, Attendee, CalendarId, CalendarRef, DeleteMode, Event, EventId, EventPatch,
        ItemRef, MeetingReply, NewAttachment, NewEvent, Notify, Patch, Recipient, Version, When,
    },
};

/// A write with all its arguments.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Write<'a> {
    CreateEvent {
        calendar: &'a CalendarRef,
        #[serde(serialize_with = "with_digests")]
        event: &'a NewEvent,
        notify: Notify,
    },
    UpdateEvent {
        id: &'a EventId,
        #[serde(serialize_with = "changes_only")]
        patch: &'a EventPatch,
        version: Option<&'a Version>,
        notify: Notify,
    },
    CancelEvent {
        id: &'a EventId,
        comment: Option<&'a str>,
    },
    DeleteEvent {
        id: &'a EventId,
        mode: DeleteMode,
        notify: Notify,
    },
    Respond {
        to: &'a ItemRef,
        #[serde(serialize_with = "reply_only")]
        reply: &'a MeetingReply,
    },
    ForwardEvent {
        id: &'a EventId,
        to: &'a [Recipient],
        comment: Option<&'a str>,
    },
    CreateCalendar {
        name: &'a str,
    },
    RenameCalendar {
        id: &'a CalendarId,
        name: &'a str,
    },
    DeleteCalendar {
        id: &'a CalendarId,
    },
}

/// What the fingerprint is taken of.
#[derive(Serialize)]
struct Bound<'a> {
    backend: Backend,
    mailbox: &'a MailboxTarget,
    write: &'a Write<'a>,
}

impl Write<'_> {
    pub(super) fn operation(&self) -> WriteOperation {
        match self {
            Self::CreateEvent { .. } => WriteOperation::CreateEvent,
            Self::UpdateEvent { .. } => WriteOperation::UpdateEvent,
            Self::CancelEvent { .. } => WriteOperation::CancelEvent,
            Self::DeleteEvent { .. } => WriteOperation::DeleteEvent,
            Self::Respond { .. } => WriteOperation::Respond,
            Self::ForwardEvent { .. } => WriteOperation::ForwardEvent,
            Self::CreateCalendar { .. } => WriteOperation::CreateCalendar,
            Self::RenameCalendar { .. } => WriteOperation::RenameCalendar,
            Self::DeleteCalendar { .. } => WriteOperation::DeleteCalendar,
        }
    }

    /// The event it is done to.
    pub(super) fn event_id(&self) -> Option<&EventId> {
        match *self {
            Self::UpdateEvent { id, .. }
            | Self::CancelEvent { id, .. }
            | Self::DeleteEvent { id, .. }
            | Self::ForwardEvent { id, .. }
            | Self::Respond {
                to: ItemRef::Event(id),
                ..
            } => Some(id),
            Self::CreateEvent { .. }
            | Self::Respond { .. }
            | Self::CreateCalendar { .. }
            | Self::RenameCalendar { .. }
            | Self::DeleteCalendar { .. } => None,
        }
    }

    /// The intent, with what is known of the event it is done to.
    pub(super) fn intent(
        &self,
        backend: Backend,
        mailbox: &MailboxTarget,
        known: Option<&Event>,
    ) -> Result<WriteIntent> {
        let operation = self.operation();
        let bound = Bound {
            backend,
            mailbox,
            write: self,
        };
        let fingerprint = fingerprint::of(&bound).map_err(|cause| {
            let problem = "the request cannot be put into the form that an approval is bound to";
            Error::invalid_argument(operation.name(), problem).with_source(cause)
        })?;
        Ok(WriteIntent {
            operation,
            mailbox: mailbox.clone(),
            targets: self.targets(),
            recipients: self.recipients(known),
            recipients_complete: self.names_everyone(known),
            notify: self.notify(),
            summary: summary::of(self, mailbox, known),
            fingerprint,
        })
    }

    fn targets(&self) -> Vec<String> {
        match self {
            Self::CreateEvent { calendar, .. } => match calendar {
                CalendarRef::Default => Vec::new(),
                CalendarRef::Id(id) => vec![id.to_string()],
            },
            Self::UpdateEvent { id, .. }
            | Self::CancelEvent { id, .. }
            | Self::DeleteEvent { id, .. }
            | Self::ForwardEvent { id, .. } => vec![id.to_string()],
            Self::Respond { to, .. } => vec![to.to_string()],
            Self::CreateCalendar { .. } => Vec::new(),
            Self::RenameCalendar { id, .. } | Self::DeleteCalendar { id } => vec![id.to_string()],
        }
    }

    pub(super) fn notify(&self) -> Notify {
        match self {
            Self::CreateEvent { notify, .. }
            | Self::UpdateEvent { notify, .. }
            | Self::DeleteEvent { notify, .. } => *notify,
            Self::CancelEvent { .. } | Self::ForwardEvent { .. } => Notify::All,
            Self::Respond { reply, .. } if reply.send => Notify::All,
            Self::Respond { .. }
            | Self::CreateCalendar { .. }
            | Self::RenameCalendar { .. }
            | Self::DeleteCalendar { .. } => Notify::Nobody,
        }
    }

    fn recipients(&self, known: Option<&Event>) -> Vec<String> {
        let attendees = |attendees: &[Attendee]| {
            attendees
                .iter()
                .map(|attendee| address(&attendee.who))
                .collect()
        };
        let named: Vec<String> = match self {
            Self::CreateEvent { event, .. } => attendees(&event.attendees),
            Self::UpdateEvent { patch, .. } => match &patch.attendees {
                Patch::Set(list) => attendees(list),
                Patch::Keep | Patch::Clear => Vec::new(),
            },
            Self::ForwardEvent { to, .. } => to.iter().map(address).collect(),
            Self::CancelEvent { .. }
            | Self::DeleteEvent { .. }
            | Self::Respond { .. }
            | Self::CreateCalendar { .. }
            | Self::RenameCalendar { .. }
            | Self::DeleteCalendar { .. } => Vec::new(),
        };
        let invited = match (self, known) {
            // The answer goes to the organiser alone, and a forwarded invitation to those named.
            (Self::Respond { .. } | Self::ForwardEvent { .. }, Some(event)) => {
                event.organizer.iter().map(address).collect()
            }
            (_, Some(event)) => event
                .detail
                .as_deref()
                .map_or_else(Vec::new, |detail| attendees(&detail.attendees)),
            (_, None) => Vec::new(),
        };
        let all: BTreeSet<String> = named.into_iter().chain(invited).collect();
        all.into_iter().collect()
    }

    /// Whether nobody is concerned beside those the write names and what is known of the event.
    fn names_everyone(&self, known: Option<&Event>) -> bool {
        match self {
            Self::CreateEvent { .. }
            | Self::CreateCalendar { .. }
            | Self::RenameCalendar { .. }
            | Self::DeleteCalendar { .. } => true,
            Self::Respond { .. } | Self::ForwardEvent { .. } => {
                known.is_some_and(|event| event.organizer.is_some())
            }
            Self::UpdateEvent { .. } | Self::CancelEvent { .. } | Self::DeleteEvent { .. } => {
                known.is_some_and(|event| event.detail.is_some())
            }
        }
    }
}

/// An address as a policy can compare it.
pub(super) fn address(who: &Recipient) -> String {
    match &who.address {
        Address::Smtp(address) => address.to_lowercase(),
        Address::ExchangeDn(name) => format!("EX:{name}"),
        Address::Other { routing, address } => format!("{routing}:{address}"),
        Address::Missing => who.name.clone().unwrap_or_default(),
    }
}

// What is not set is left out of the form that is digested: a field that a later version adds does not change the
// fingerprint of a request without it.

/// A new event, with the digests of its attachments in place of their contents, which may be large.
fn with_digests<S: Serializer>(event: &&NewEvent, out: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct File {
        file: NewAttachment,
        sha256: String,
    }

    let mut light = (*event).clone();
    let files: Vec<File> = std::mem::take(&mut light.attachments)
        .into_iter()
        .map(|mut file| {
            let content = std::mem::replace(&mut file.content, Bytes::new());
            let sha256 = fingerprint::sha256(&content);
            File { file, sha256 }
        })
        .collect();
    // No event can be at that time.
    let empty = NewEvent::new("", When::days(NaiveDate::MAX, NaiveDate::MIN));
    let mut members = unlike(&light, &empty).map_err(S::Error::custom)?;
    if !files.is_empty() {
        let files = serde_json::to_value(files).map_err(S::Error::custom)?;
        members.insert("attachments".to_owned(), files);
    }
    members.serialize(out)
}

fn changes_only<S: Serializer>(patch: &&EventPatch, out: S) -> Result<S::Ok, S::Error> {
    let members = unlike(*patch, &EventPatch::new()).map_err(S::Error::custom)?;
    members.serialize(out)
}

fn reply_only<S: Serializer>(reply: &&MeetingReply, out: S) -> Result<S::Ok, S::Error> {
    let members = unlike(*reply, &MeetingReply::new(Answer::Accept)).map_err(S::Error::custom)?;
    members.serialize(out)
}

/// The members of a structure in which it differs from an empty one.
fn unlike<T: Serialize>(value: &T, empty: &T) -> serde_json::Result<Map<String, Value>> {
    let (value, empty) = (serde_json::to_value(value)?, serde_json::to_value(empty)?);
    let Value::Object(mut members) = value else {
        return Err(serde_json::Error::custom("not a structure"));
    };
    members.retain(|name, member| empty.get(name) != Some(member));
    Ok(members)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::EventDetail;

    fn intent(write: &Write<'_>, known: Option<&Event>) -> WriteIntent {
        write
            .intent(
                Backend::Ews,
                &MailboxTarget::act_as("ada@example.com"),
                known,
            )
            .unwrap()
    }

    fn event() -> NewEvent {
        NewEvent::new("Review", When::all_day("2026-03-02".parse().unwrap()))
            .attendee(Attendee::required("Bob@Example.com"))
            .attachment(NewAttachment::new("a.txt", "abc"))
    }

    fn creating<'a>(event: &'a NewEvent, calendar: &'a CalendarRef) -> Write<'a> {
        Write::CreateEvent {
            calendar,
            event,
            notify: Notify::Auto,
        }
    }

    /// What somebody approved under an older version must still be let pass.
    #[test]
    fn fingerprints_are_fixed() {
        let id = EventId::from_raw(Backend::Ews, "AAMk=");
        let reply = MeetingReply::new(Answer::Tentative).comment("Perhaps");
        let patch = EventPatch::new().subject("New");
        let of = |write: &Write<'_>| intent(write, None).fingerprint;
        assert_eq!(
            of(&creating(&event(), &CalendarRef::Default)),
            "sha256:6d666b7a67d352fce25782934767533d5a5369907df6de0d178295fc2a2c3d0e"
        );
        assert_eq!(
            of(&Write::UpdateEvent {
                id: &id,
                patch: &patch,
                version: None,
                notify: Notify::Auto
            }),
            "sha256:3645177c85eaebb4b4d7cd435d05be8549006e2b896e48e030cb92160958e0da"
        );
        assert_eq!(
            of(&Write::Respond {
                to: &ItemRef::Event(id),
                reply: &reply
            }),
            "sha256:e49415ae5c7f63f25bd3fed5d8d5ab7e8d44c6c25554ca895ad7c292675d6376"
        );
    }

    #[test]
    fn every_argument_counts() {
        let default = CalendarRef::Default;
        let other = CalendarRef::Id(CalendarId::from_raw(Backend::Ews, "AQ=="));
        let (one, two) = (event(), event().location("Room 5"));
        let mut three = event();
        three.attachments[0].content = Bytes::from_static(b"abd");
        let id = EventId::from_raw(Backend::Ews, "AAMk=");
        let version = Version::from_raw("1");
        let patch = EventPatch::new();
        let update = |version, notify| Write::UpdateEvent {
            id: &id,
            patch: &patch,
            version,
            notify,
        };
        let writes = [
            creating(&one, &default),
            creating(&one, &other),
            creating(&two, &default),
            creating(&three, &default),
            update(None, Notify::Auto),
            update(None, Notify::Nobody),
            update(Some(&version), Notify::Auto),
            Write::CancelEvent {
                id: &id,
                comment: None,
            },
            Write::CancelEvent {
                id: &id,
                comment: Some(""),
            },
        ];
        let all: BTreeSet<_> = writes
            .iter()
            .map(|write| intent(write, None).fingerprint)
            .collect();
        assert_eq!(all.len(), writes.len());
        let write = creating(&one, &default);
        let here = write
            .intent(Backend::Ews, &MailboxTarget::Own, None)
            .unwrap();
        assert!(!all.contains(&here.fingerprint));
    }

    #[test]
    fn recipients_are_all_that_are_known() {
        let id = EventId::from_raw(Backend::Ews, "AAMk=");
        let patch = EventPatch::new().attendees(vec![Attendee::required("new@example.com")]);
        let write = Write::UpdateEvent {
            id: &id,
            patch: &patch,
            version: None,
            notify: Notify::Nobody,
        };
        let unknown = intent(&write, None);
        assert_eq!(unknown.recipients, ["new@example.com"]);
        assert!(!unknown.recipients_complete);

        let mut known = Event::new(
            id.clone(),
            Version::from_raw("1"),
            When::all_day("2026-03-02".parse().unwrap()),
        );
        known.subject = "Review".to_owned();
        known.organizer = Some(Recipient::smtp("Ada@example.com"));
        let mut detail = EventDetail::new();
        detail.attendees.push(Attendee::required("old@example.com"));
        known.detail = Some(Box::new(detail));
        let told = intent(&write, Some(&known));
        assert_eq!(told.recipients, ["new@example.com", "old@example.com"]);
        assert!(told.recipients_complete);
        assert!(
            told.summary
                .starts_with("Change the event \u{201c}Review\u{201d}\n")
        );
        assert!(told.summary.contains("Now: Attendees:\n- old@example.com"));
        assert_eq!(told.fingerprint, unknown.fingerprint);

        let reply = MeetingReply::new(Answer::Decline).silently();
        let to = ItemRef::Event(id);
        let answer = intent(
            &Write::Respond {
                to: &to,
                reply: &reply,
            },
            Some(&known),
        );
        assert_eq!(answer.recipients, ["ada@example.com"]);
        assert_eq!(answer.notify, Notify::Nobody);
        let stored = serde_json::to_string(&answer).unwrap();
        assert_eq!(
            serde_json::from_str::<WriteIntent>(&stored).unwrap(),
            answer
        );
    }
}
