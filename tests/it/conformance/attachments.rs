//! Files attached to new events.

use exchange_connector::model::{
    Attendee, Body, CalendarRef, Event, EventFilter, EventQuery, NewAttachment, NewEvent, Notify,
    Projection, PropertyKind, PropertyName, PropertySet,
};
use exchange_connector::simulator::Trouble;
use exchange_connector::{Effect, ErrorKind, Feature, Result};

use super::backend::{Backend, address, all_times, lasting};

const REQUEST: &str = "MeetingRequest";

/// A meeting with bob, with two files.
fn briefing() -> NewEvent {
    let plan = NewAttachment::new("plan.txt", "1. Welcome\n2. Ärger & <Lob>");
    let picture = NewAttachment::new("bild.png", vec![0_u8, 255, 137, 10, 13]);
    NewEvent::new("Briefing", lasting("2026-03-02T10:00", 60))
        .attendee(Attendee::required(address("bob")))
        .attachment(plan.content_type("text/plain"))
        .attachment(picture.content_type("image/png"))
}

fn attached(event: &Event) -> Vec<&str> {
    let list = &event.detail.as_ref().unwrap().attachments;
    let mut names: Vec<_> = list.iter().map(|one| one.name.as_str()).collect();
    names.sort_unstable();
    names
}

async fn events(b: &Backend, person: &str) -> Result<Vec<Event>> {
    let query = EventQuery::between(all_times()).full();
    b.mailbox(person).list_events(query).collect().await
}

pub(super) async fn invitations_carry_what_is_attached(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let made = mailbox
        .create_event(&CalendarRef::Default, briefing(), Notify::Auto)
        .await?;
    assert_eq!(attached(&made), ["bild.png", "plan.txt"]);
    assert!(made.has_attachments);
    let plan = &made.detail.as_ref().unwrap().attachments;
    let plan = plan.iter().find(|one| one.name == "plan.txt").unwrap();
    assert_eq!(plan.content_type.as_deref(), Some("text/plain"));

    // One invitation, and it had the files when it left.
    let sent = b.sent();
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert_eq!(sent[0].to_whom(), (REQUEST, vec!["bob@example.test"]));
    let invited = events(b, "bob").await?.remove(0);
    assert_eq!(attached(&invited), ["bild.png", "plan.txt"]);
    assert_eq!(invited.uid, made.uid);
    Ok(())
}

pub(super) async fn files_without_anybody_to_invite(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let mut alone = briefing().idempotency_key("alone");
    alone.attendees.clear();
    let made = mailbox
        .create_event(&CalendarRef::Default, alone, Notify::Auto)
        .await?;
    assert_eq!(attached(&made).len(), 2);
    let before = b.requests();
    let silent = mailbox
        .create_event(&CalendarRef::Default, briefing(), Notify::Nobody)
        .await;
    if b.can(Feature::SilentMeetingChange) {
        let silent = silent?;
        assert_eq!(attached(&silent).len(), 2);
        assert_eq!(silent.detail.unwrap().attendees.len(), 1);
    } else {
        assert_eq!(silent.unwrap_err().kind(), ErrorKind::Unsupported);
        assert_eq!(b.requests(), before);
    }
    assert_eq!(b.sent(), []);
    Ok(())
}

pub(super) async fn a_picture_in_the_body(b: &Backend) -> Result<()> {
    let logo = NewAttachment::new("logo.png", vec![1_u8, 2, 3]).inline("logo@example.test");
    let event = NewEvent::new("Pictures", lasting("2026-03-02T10:00", 60))
        .body(Body::html(
            "<html><body><img src=\"cid:logo@example.test\"></body></html>",
        ))
        .attachment(logo);
    let before = b.requests();
    let made = b
        .mailbox("alice")
        .create_event(&CalendarRef::Default, event, Notify::Auto)
        .await;
    if !b.can(Feature::InlineAttachments) {
        assert_eq!(made.unwrap_err().kind(), ErrorKind::Unsupported);
        assert_eq!(b.requests(), before);
        return Ok(());
    }
    let made = made?;
    let list = &made.detail.as_ref().unwrap().attachments;
    assert!(list[0].is_inline);
    let kind = &list[0].kind;
    let id = match kind {
        exchange_connector::model::AttachmentKind::File { content_id, .. } => content_id.as_deref(),
        _ => None,
    };
    assert_eq!(id, Some("logo@example.test"), "{kind:?}");
    Ok(())
}

/// The requests are: create, attach, attach, invite, read.
pub(super) async fn a_failure_between_the_steps_invites_nobody(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    // Whatever is refused, nothing is left.
    for refused in 1..=3 {
        let code = "ErrorMessageSizeExceeded";
        b.fail_after(
            refused,
            Trouble::Message {
                code,
                back_off: None,
            },
        );
        let failed = mailbox
            .create_event(&CalendarRef::Default, briefing(), Notify::Auto)
            .await
            .unwrap_err();
        assert_eq!(failed.kind(), ErrorKind::TooLarge, "{failed:?}");
        assert_eq!(failed.effect(), Effect::Partial, "{failed:?}");
        let advice = failed.advice_text().unwrap_or_default();
        assert!(advice.contains("removed again"), "{advice}");
        assert!(
            refused == 3 || advice.contains(".txt") || advice.contains(".png"),
            "{advice}"
        );
        assert_eq!(b.sent(), []);
        assert_eq!(b.count("alice", "calendar"), 0);
        assert_eq!(b.count("alice", "deleteditems"), 0);
    }
    // What cannot even be removed is named, and nobody is invited to it.
    b.fail_after(1, Trouble::fault("ErrorInternalServerError"));
    b.fail_after(2, Trouble::fault("ErrorServerBusy"));
    let failed = mailbox
        .create_event(&CalendarRef::Default, briefing(), Notify::Auto)
        .await
        .unwrap_err();
    assert_eq!(failed.effect(), Effect::Partial);
    let left = events(b, "alice").await?.remove(0);
    let advice = failed.advice_text().unwrap_or_default();
    assert!(advice.contains(&left.id.to_string()), "{advice}");
    assert_eq!(b.sent(), []);
    assert_eq!(events(b, "bob").await?, []);
    Ok(())
}

/// How many events are marked as half-made.
async fn half_made(b: &Backend) -> Result<usize> {
    let set = PropertySet::Guid("5e0a7d54-9c1f-4a6e-8d27-3b4f6a9c21d8".to_owned());
    let mark = PropertyName::named(set, "create-unfinished", PropertyKind::String);
    let filter = EventFilter::new().extended_equals(mark, "true");
    let found = b.mailbox("alice").list_events(EventQuery::masters(filter));
    Ok(found.collect().await?.len())
}

/// With a key the requests are: look, create, attach, attach, invite, read; a server may be looked at between them.
pub(super) async fn one_key_makes_one_event_with_its_files(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    // How many steps come before somebody is invited, and how many after.
    let (mut before, mut after) = (0, 0);
    for step in 1.. {
        let key = format!("briefing-{step}");
        let event = || briefing().idempotency_key(key.clone());
        // The step was carried out, but its answer is lost, and the server stays away for a while.
        b.fail_after(step, Trouble::DropAfter);
        b.fail_after(step + 1, Trouble::DropBefore);
        let outcome = mailbox
            .create_event(&CalendarRef::Default, event(), Notify::Auto)
            .await;
        b.calm();
        // There are no more steps.
        let Err(lost) = outcome else { break };
        assert_ne!(lost.effect(), Effect::None, "{step}: {lost:?}");
        let is_invited = !b.sent().is_empty();
        match is_invited {
            true => after += 1,
            false => before += 1,
        }
        // From the creation on it says of itself that it is not whole; who invites takes that away.
        let expected = usize::from(!is_invited);
        assert_eq!(half_made(b).await?, expected, "{step}");
        let made = mailbox
            .create_event(&CalendarRef::Default, event(), Notify::Auto)
            .await?;
        assert_eq!(attached(&made), ["bild.png", "plan.txt"], "{step}");
        assert_eq!(b.count("alice", "calendar"), step, "{step}");
        let again = mailbox
            .create_event(&CalendarRef::Default, event(), Notify::Auto)
            .await?;
        assert_eq!(again, made, "{step}");
        assert_eq!(b.count("bob", "inbox"), step, "{step}");
        let invited = b
            .mailbox("bob")
            .find_by_uid(made.uid.as_ref().unwrap())
            .await?;
        assert_eq!(attached(&invited[0]), ["bild.png", "plan.txt"], "{step}");
        b.sent();
        assert_eq!(half_made(b).await?, 0, "{step}");
    }
    assert!(before >= 3 && after == 2, "{before}, {after}");
    Ok(())
}

pub(super) async fn wrong_files_are_refused(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    for name in ["", " ", "a\nb.txt"] {
        let event = briefing().attachment(NewAttachment::new(name, "x"));
        let refused = mailbox
            .create_event(&CalendarRef::Default, event, Notify::Auto)
            .await
            .unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidArgument);
    }
    assert_eq!(b.requests(), 0);
    // An empty file is one.
    let event = NewEvent::new("Empty", lasting("2026-03-02T10:00", 60))
        .attachment(NewAttachment::new("empty.txt", ""));
    let made = mailbox
        .create_event(&CalendarRef::Default, event, Notify::Auto)
        .await?;
    let made = mailbox.get_event(&made.id, Projection::Full).await?;
    assert_eq!(attached(&made), ["empty.txt"]);
    Ok(())
}
