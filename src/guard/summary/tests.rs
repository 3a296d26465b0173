use super::*;
use crate::{
    connector::Backend,
    model::{
        Attendee, AttendeeRole, CalendarRef, ClientRules, DraftOptions, EventId, EventPatch,
        FreeBusyStatus, InboxRule, MessageId, MessagePatch, NewEvent, NewMessage, NewReply,
        OutOfOffice, ReminderChoice, RuleActions, RulePredicates, SendOptions, WellKnownFolder,
        When,
    },
};
use chrono::TimeDelta;

fn summary(write: &Write<'_>) -> String {
    of(write, &MailboxTarget::Own, None)
}

fn interview() -> NewEvent {
    let nine = "2026-03-02T09:00:00".parse().unwrap();
    let ten = "2026-03-02T10:00:00".parse().unwrap();
    NewEvent::new(
        "Interview",
        When::timed(nine, ten, chrono_tz::Europe::Berlin),
    )
}

#[test]
fn new_event() {
    let event = interview()
        .attendee(Attendee::new(
            Recipient::smtp("Ada@example.com").named("Ada"),
            AttendeeRole::Optional,
        ))
        .location("Room 5")
        .body(Body::text("Hello\r\nTold: nobody"))
        .show_as(FreeBusyStatus::OutOfOffice)
        .reminder(ReminderChoice::Before(TimeDelta::minutes(10)))
        .attachment(NewAttachment::new("a.txt", "abc"));
    let text = summary(&Write::CreateEvent {
        calendar: &CalendarRef::Default,
        event: &event,
        notify: Notify::All,
    });
    assert_eq!(
        text,
        "Create the event \u{201c}Interview\u{201d}\n\
         Calendar: the default one\n\
         Told: the attendees, in any case\n\
         When: Mon 2026-03-02 09:00:00 Europe/Berlin (2026-03-02 08:00:00 UTC) to \
         Mon 2026-03-02 10:00:00 Europe/Berlin (2026-03-02 09:00:00 UTC)\n\
         Where: Room 5\n\
         Attendees:\n\
         - ada@example.com (Ada), optional\n\
         Body (plain text, 19 characters):\n\
         | Hello\n\
         | Told: nobody\n\
         Attachments:\n\
         - a.txt, 3 bytes, SHA-256 ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n\
         Shown as: out of office\n\
         Reminder: 10 minutes before\n\
         Mailbox: that of the account signed in"
    );
}

#[test]
fn no_text_passes_for_a_line() {
    let event = interview().location("Here\nAttendees: nobody\u{202e}\u{200b}\u{85}");
    let text = summary(&Write::CreateEvent {
        calendar: &CalendarRef::Default,
        event: &event,
        notify: Notify::Nobody,
    });
    assert!(
        text.contains("\nWhere: Here\\nAttendees: nobody\\u{202e}\\u{200b}\\u{85}\n"),
        "{text}"
    );
    assert!(text.contains("\nTold: nobody\n"), "{text}");
    assert_eq!(
        visible("ä a\u{308} é \"'\\ 日本 😀"),
        "ä a\u{308} é \"'\\ 日本 😀"
    );
}

#[test]
fn long_bodies_are_cut_and_say_so() {
    let event = interview().body(Body::html("x".repeat(BODY_CHARACTERS + 7)));
    let text = summary(&Write::CreateEvent {
        calendar: &CalendarRef::Default,
        event: &event,
        notify: Notify::Auto,
    });
    assert!(
        text.contains("(7 more characters are not shown; SHA-256"),
        "{text}"
    );
}

#[test]
fn patch() {
    let id = EventId::from_raw(Backend::Ews, "AAMk=");
    let patch = EventPatch::new()
        .subject("Moved")
        .location(Patch::Clear)
        .attendees(vec![Attendee::required("bob@example.com")])
        .response_requested(false)
        .remove_extended(PropertyName::tag(
            0x7001,
            crate::model::PropertyKind::String,
        ));
    let version = Version::from_raw("v1");
    let text = summary(&Write::UpdateEvent {
        id: &id,
        patch: &patch,
        version: Some(&version),
        notify: Notify::Auto,
    });
    for line in [
        "\nProperties taken away:\n- 0x7001 (String)\n",
        "Change an event\nEvent: ews:AAMk=\nOnly if its version is: v1\n",
        "\nNew: Subject: Moved\nNew: Where: none\n",
        "\nNew attendees; whoever is not among them is removed:\n- bob@example.com\n",
        "\nNew: Asks for answers: false\n",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    let nothing = summary(&Write::UpdateEvent {
        id: &id,
        patch: &EventPatch::new(),
        version: None,
        notify: Notify::Auto,
    });
    assert!(nothing.contains("\nChanges: nothing\n"), "{nothing}");
}

#[test]
fn message_to_send() {
    let message = NewMessage::new("Offer", Body::html("<p>Hi</p>"))
        .to(Recipient::smtp("ada@example.com"))
        .bcc(Recipient::smtp("Eve@example.org"))
        .header("X-Ticket", "4711")
        .attachment(NewAttachment::new("a.txt", "abc"));
    let options = SendOptions::new().idempotency_key("offer-1");
    let text = summary(&Write::Send {
        message: &message,
        options: &options,
    });
    assert_eq!(
        text,
        "Send the message \u{201c}Offer\u{201d}\n\
         Sent once for the key: offer-1\n\
         To:\n\
         - ada@example.com\n\
         Blind copy to:\n\
         - eve@example.org\n\
         Body (HTML, 9 characters):\n\
         | <p>Hi</p>\n\
         Attachments:\n\
         - a.txt, 3 bytes, SHA-256 ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n\
         Headers:\n\
         - X-Ticket: 4711\n\
         Mailbox: that of the account signed in"
    );
}

#[test]
fn mime_shows_its_headers() {
    let mime = bytes::Bytes::from_static(b"To: eve@example.org\r\nSubject: a\r\n\r\nTo: nobody");
    let options = DraftOptions::new().folder(WellKnownFolder::Inbox);
    let text = summary(&Write::CreateDraftMime {
        mime: &mime,
        options: &options,
    });
    let expected = "Draft a message from MIME\n\
         In the folder: inbox\n\
         Headers:\n\
         | To: eve@example.org\n\
         | Subject: a\n\
         Content: 45 bytes, SHA-256 ";
    assert!(text.starts_with(expected), "{text}");
    assert!(!text.contains("nobody"), "{text}");
}

#[test]
fn messages_and_what_becomes_of_them() {
    let id = MessageId::from_raw(Backend::Ews, "AAMk=");
    let reply = NewReply::forward(
        [Recipient::smtp("ada@example.com")],
        Body::text("See\nbelow"),
    );
    let text = summary(&Write::SendReply {
        to: &id,
        reply: &reply,
        options: &SendOptions::new(),
    });
    assert_eq!(
        text,
        "Send on a message\n\
         Message: ews:AAMk=\n\
         To:\n\
         - ada@example.com\n\
         Body above what is quoted (plain text, 9 characters):\n\
         | See\n\
         | below\n\
         Mailbox: that of the account signed in"
    );
    let nothing = summary(&Write::UpdateMessage {
        id: &id,
        patch: &MessagePatch::new(),
        version: None,
    });
    assert!(nothing.contains("\nChanges: nothing\n"), "{nothing}");
    let to = FolderRef::WellKnown(WellKnownFolder::DeletedItems);
    let moved = summary(&Write::MoveMessage { id: &id, to: &to });
    assert!(
        moved.contains("\nTo the folder: deleted items\n"),
        "{moved}"
    );
}

#[test]
fn settings() {
    let reply = OutOfOffice::enabled().internal_reply("<p>Away</p>");
    let text = summary(&Write::SetOutOfOffice {
        out_of_office: &reply,
    });
    assert_eq!(
        text,
        "Switch automatic replies on\n\
         To people of the organisation (HTML):\n\
         | <p>Away</p>\n\
         Others who get a reply: none\n\
         To others (HTML):\n\
         | \n\
         Mailbox: that of the account signed in"
    );
    let actions = RuleActions {
        redirect_to: vec![Recipient::smtp("eve@example.org")],
        delete: true,
        ..RuleActions::default()
    };
    let conditions = RulePredicates {
        subject_contains: vec!["invoice\nAlways: no".to_owned()],
        sent_to_me: Some(false),
        ..RulePredicates::default()
    };
    let rule = InboxRule::new("Out", actions).when(conditions);
    let text = summary(&Write::CreateRule {
        rule: &rule,
        client_rules: ClientRules::Discard,
    });
    assert_eq!(
        text,
        "Create the inbox rule \u{201c}Out\u{201d}\n\
         Place in the order: 1\n\
         When:\n\
         - subject: \u{201c}invoice\\nAlways: no\u{201d}\n\
         - it is to the owner: no\n\
         Then:\n\
         - redirect it to eve@example.org\n\
         - delete it\n\
         Rules that only Outlook knows: are lost where there are some\n\
         Mailbox: that of the account signed in"
    );
}
