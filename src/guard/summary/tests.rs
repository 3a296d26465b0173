use super::*;
use crate::{
    connector::Backend,
    model::{EventId, FreeBusyStatus, Version},
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
