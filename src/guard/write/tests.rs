use super::*;
use crate::model::{Answer, EventDetail, MessageDetail, NewAttachment, When};
use bytes::Bytes;

fn intent(write: &Write<'_>, known: Option<&Known>) -> WriteIntent {
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
    let known = Known::Event(Box::new(known));
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

#[test]
fn whom_an_answer_reaches() {
    let id = MessageId::from_raw(Backend::Ews, "AAMk=");
    let mut message = Message::new(id.clone(), Version::from_raw("1"));
    message.from = Some(Recipient::smtp("Bob@example.com"));
    let mut detail = MessageDetail::default();
    detail.to.push(Recipient::smtp("ada@example.com"));
    detail.cc.push(Recipient::smtp("carol@example.com"));
    message.detail = Some(Box::new(detail));
    let known = Known::Message(Box::new(message));
    let body = || crate::model::Body::text("Yes");
    let eve = || Recipient::smtp("eve@example.com");
    let of = |reply: NewReply, known| {
        let write = Write::SendReply {
            to: &id,
            reply: &reply,
            options: &SendOptions::new(),
        };
        let intent = intent(&write, known);
        assert_eq!(intent.notify, Notify::All);
        (intent.recipients.join(" "), intent.recipients_complete)
    };
    let one = |text: &str, complete| (text.to_owned(), complete);
    assert_eq!(of(NewReply::reply(body()), None), one("", false));
    assert_eq!(
        of(NewReply::reply(body()), Some(&known)),
        one("bob@example.com", true)
    );
    let all = "ada@example.com bob@example.com carol@example.com eve@example.com";
    assert_eq!(
        of(NewReply::reply_all(body()).cc(eve()), Some(&known)),
        one(all, true)
    );
    assert_eq!(
        of(NewReply::forward([eve()], body()), None),
        one("eve@example.com", true)
    );

    let options = SendOptions::new();
    let draft = Write::SendDraft {
        id: &id,
        options: &options,
    };
    assert!(!intent(&draft, None).recipients_complete);
    let mime = Bytes::from_static(b"To: eve@example.com");
    let mime = Write::SendMime {
        mime: &mime,
        options: &options,
    };
    assert!(!intent(&mime, None).recipients_complete);
}

#[test]
fn mail_fingerprints_are_fixed_and_tell_arguments_apart() {
    let id = MessageId::from_raw(Backend::Ews, "AAMk=");
    let options = SendOptions::new();
    let one = NewMessage::new("Hi", crate::model::Body::text("1"));
    let mut two = one.clone();
    two.attachments.push(NewAttachment::new("a", "1"));
    let mut three = two.clone();
    three.attachments[0].content = Bytes::from_static(b"2");
    let inbox = FolderRef::WellKnown(crate::model::WellKnownFolder::Inbox);
    let of = |write: &Write<'_>| intent(write, None).fingerprint;
    let send = |message| {
        of(&Write::Send {
            message,
            options: &options,
        })
    };
    assert_eq!(
        send(&one),
        "sha256:968ddc8113b5ee6e999d4731898bb2b370e5abcf62292005e04492cc4c311aee"
    );
    let all = BTreeSet::from([
        send(&one),
        send(&two),
        send(&three),
        of(&Write::MoveMessage {
            id: &id,
            to: &inbox,
        }),
        of(&Write::CopyMessage {
            id: &id,
            to: &inbox,
        }),
        of(&Write::SendDraft {
            id: &id,
            options: &options,
        }),
    ]);
    assert_eq!(all.len(), 6);
}
