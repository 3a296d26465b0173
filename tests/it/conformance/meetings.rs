//! Who is told what about a meeting, and what those who are told do about it.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use exchange_connector::model::{
    Answer, Attendee, AttendeeRole, CalendarRef, DeleteMode, Event, EventPatch, FreeBusyStatus,
    ItemRef, MeetingMessage, MeetingMessageKind, MeetingReply, Notify, Projection, Recipient,
    Response, When, ZonedTime,
};
use exchange_connector::{ErrorKind, Result};

use super::backend::{Backend, Doing, HOME, address, at, clock};
use super::writing::{events, talk};

const REQUEST: &str = "MeetingRequest";
const RESPONSE: &str = "MeetingResponse";
const CANCELLATION: &str = "MeetingCancellation";

/// A meeting of alice with these people, invited already.
pub(super) async fn meeting(b: &Backend, people: &[&str]) -> Result<Event> {
    let attendees = people.iter().map(|who| Attendee::required(address(who)));
    let event = talk().attendees(attendees);
    let made = b
        .mailbox("alice")
        .create_event(&CalendarRef::Default, event, Notify::Auto)
        .await?;
    b.sent();
    Ok(made)
}

pub(super) async fn one_invitation_for_each_attendee(b: &Backend) -> Result<()> {
    let event = talk()
        .attendee(Attendee::required(address("bob")))
        .attendee(Attendee::optional(address("carol")))
        .attendee(Attendee::required("guest@elsewhere.test"));
    let made = b
        .mailbox("alice")
        .create_event(&CalendarRef::Default, event, Notify::Auto)
        .await?;
    let organizer = made.organizer.as_ref().unwrap();
    assert_eq!(organizer.smtp_address(), Some("alice@example.test"));
    assert!(made.is_organizer && made.is_meeting);
    assert_eq!(made.my_response.response, Response::Organizer);

    let sent = b.sent();
    assert!(
        sent.iter()
            .all(|one| one.kind == REQUEST && one.from == address("alice"))
    );
    let mut told: Vec<_> = sent.iter().flat_map(|one| one.to.clone()).collect();
    told.sort();
    assert_eq!(
        told,
        [
            "bob@example.test",
            "carol@example.test",
            "guest@elsewhere.test"
        ]
    );
    let booked = events(b, "bob").await?;
    assert_eq!(booked.len(), 1);
    assert_eq!(booked[0].uid, made.uid);
    Ok(())
}

pub(super) async fn a_silent_meeting(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let event = talk().attendee(Attendee::required(address("bob")));
    let made = mailbox
        .create_event(&CalendarRef::Default, event, Notify::Nobody)
        .await?;
    assert_eq!(made.detail.as_ref().unwrap().attendees.len(), 1);
    let patch = EventPatch::new().subject("Quiet");
    mailbox
        .update_event(&made.id, patch, None, Notify::Nobody)
        .await?;
    mailbox
        .delete_event(&made.id, DeleteMode::Trash, Notify::Nobody)
        .await?;
    assert_eq!(b.sent(), []);
    assert_eq!(events(b, "bob").await?, []);
    Ok(())
}

pub(super) async fn private_changes_tell_nobody(b: &Backend) -> Result<()> {
    let made = meeting(b, &["bob"]).await?;
    let categories: BTreeSet<String> = ["Red".to_owned()].into();
    let patch = EventPatch::new()
        .reminder(TimeDelta::minutes(30))
        .categories(categories)
        .show_as(FreeBusyStatus::Free);
    let mailbox = b.mailbox("alice");
    mailbox
        .update_event(&made.id, patch, None, Notify::Auto)
        .await?;
    assert_eq!(b.sent(), []);
    let patch = EventPatch::new().location("Room 2");
    mailbox
        .update_event(&made.id, patch, None, Notify::Auto)
        .await?;
    let sent = b.sent();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].to_whom(), (REQUEST, vec!["bob@example.test"]));
    assert_eq!(
        events(b, "bob").await?[0].location.as_deref(),
        Some("Room 2")
    );
    Ok(())
}

pub(super) async fn an_added_attendee_is_told_alone(b: &Backend) -> Result<()> {
    let made = meeting(b, &["bob"]).await?;
    let both = ["bob", "carol"].map(|who| Attendee::required(address(who)));
    let patch = EventPatch::new().attendees(both.to_vec());
    let changed = b
        .mailbox("alice")
        .update_event(&made.id, patch, None, Notify::Auto)
        .await?;
    assert_eq!(changed.detail.unwrap().attendees.len(), 2);
    let sent = b.sent();
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert_eq!(sent[0].to_whom(), (REQUEST, vec!["carol@example.test"]));
    Ok(())
}

pub(super) async fn a_removed_attendee_gets_a_cancellation(b: &Backend) -> Result<()> {
    let made = meeting(b, &["bob", "carol"]).await?;
    let patch = EventPatch::new().attendees(vec![Attendee::required(address("bob"))]);
    let changed = b
        .mailbox("alice")
        .update_event(&made.id, patch, None, Notify::Auto)
        .await?;
    assert_eq!(changed.detail.unwrap().attendees.len(), 1);
    let sent = b.sent();
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert_eq!(
        sent[0].to_whom(),
        (CANCELLATION, vec!["carol@example.test"])
    );
    Ok(())
}

pub(super) async fn cancel_as_organizer(b: &Backend) -> Result<()> {
    let made = meeting(b, &["bob", "carol"]).await?;
    let invited = events(b, "bob").await?.remove(0);
    let refused = b
        .mailbox("bob")
        .cancel_event(&invited.id, None)
        .await
        .unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidState, "{refused:?}");
    assert_eq!(b.sent(), []);

    b.mailbox("alice")
        .cancel_event(&made.id, Some("The room is flooded."))
        .await?;
    let sent = b.sent();
    assert_eq!(sent.len(), 1);
    assert_eq!(
        sent[0].to_whom(),
        (CANCELLATION, vec!["bob@example.test", "carol@example.test"])
    );
    assert!(sent[0].body.contains("The room is flooded."), "{sent:?}");
    assert_eq!(events(b, "alice").await?, []);
    assert!(
        events(b, "bob")
            .await?
            .iter()
            .all(|event| event.is_cancelled)
    );

    let gone = b.mailbox("alice").cancel_event(&invited.id, None).await;
    assert!(gone.is_err());
    Ok(())
}

pub(super) async fn delete_as_organizer_and_attendee(b: &Backend) -> Result<()> {
    let made = meeting(b, &["bob", "carol"]).await?;
    let invited = events(b, "bob").await?.remove(0);
    b.mailbox("bob")
        .delete_event(&invited.id, DeleteMode::Trash, Notify::Auto)
        .await?;
    assert_eq!(b.sent(), []);
    assert_eq!(events(b, "bob").await?, []);

    let mailbox = b.mailbox("alice");
    mailbox
        .delete_event(&made.id, DeleteMode::Trash, Notify::Auto)
        .await?;
    let sent = b.sent();
    assert_eq!(sent.len(), 1);
    assert_eq!(
        sent[0].to_whom(),
        (CANCELLATION, vec!["bob@example.test", "carol@example.test"])
    );
    assert_eq!(b.count("alice", "deleteditems"), 1);
    assert_eq!(b.count("alice", "calendar"), 0);
    let again = mailbox
        .delete_event(&made.id, DeleteMode::Permanent, b.quietly())
        .await;
    // In the Deleted Items folder it has another id, or the same one.
    assert!(again.is_ok() || again.unwrap_err().kind() == ErrorKind::NotFound);
    Ok(())
}

/// What somebody's copy of the first meeting says of the answer of another.
fn answer_of(event: &Event, person: &str) -> Response {
    let attendees = &event.detail.as_ref().unwrap().attendees;
    let address = address(person);
    let found = attendees
        .iter()
        .find(|one| one.who.smtp_address() == Some(address.as_str()));
    found.unwrap().response.response
}

/// The messages about meetings in somebody's Inbox, newest first.
async fn messages(b: &Backend, person: &str) -> Result<Vec<MeetingMessage>> {
    b.mailbox(person).list_meeting_messages().collect().await
}

/// The invitation that came last.
async fn invitation(b: &Backend, person: &str) -> Result<MeetingMessage> {
    let mut messages = messages(b, person).await?;
    messages.retain(|one| one.kind == MeetingMessageKind::Request);
    Ok(messages.remove(0))
}

pub(super) async fn each_answer_on_event_and_invitation(b: &Backend) -> Result<()> {
    let answers = [
        (Answer::Accept, Response::Accepted),
        (Answer::Tentative, Response::Tentative),
        (Answer::Decline, Response::Declined),
    ];
    for (answer, expected) in answers {
        for on_message in [false, true] {
            for send in [true, false] {
                let made = meeting(b, &["bob"]).await?;
                let mailbox = b.mailbox("bob");
                let event = events(b, "bob").await?.remove(0);
                let message = invitation(b, "bob").await?;
                assert_eq!(message.event_id.as_ref(), Some(&event.id));
                let to: ItemRef = match on_message {
                    true => message.item(),
                    false => event.id.clone().into(),
                };
                let mut reply = MeetingReply::new(answer).comment("See you < there.");
                if !send {
                    reply = reply.silently();
                }
                mailbox.respond(&to, reply).await?;
                let what = format!("{answer:?} on message: {on_message}, sent: {send}");

                let sent = b.sent();
                assert_eq!(sent.len(), usize::from(send), "{what}");
                if send {
                    assert_eq!(
                        sent[0].to_whom(),
                        (RESPONSE, vec!["alice@example.test"]),
                        "{what}"
                    );
                    assert!(
                        sent[0].body.contains("See you < there."),
                        "{what}: {sent:?}"
                    );
                }
                let alice = b.mailbox("alice");
                let organizers = alice.get_event(&made.id, Projection::Full);
                let heard = if send { expected } else { Response::None };
                let known = answer_of(&organizers.await?, "bob");
                assert!(
                    known == heard || (!send && known == Response::NotResponded),
                    "{what}: {known:?}"
                );
                let own = events(b, "bob").await?;
                match answer {
                    Answer::Decline => assert_eq!(own, [], "{what}"),
                    _ => assert_eq!(own[0].my_response.response, expected, "{what}"),
                }
                let accepted = answer == Answer::Accept;
                if accepted {
                    assert_eq!(own[0].show_as, FreeBusyStatus::Busy, "{what}");
                }
                b.mailbox("alice")
                    .delete_event(&made.id, DeleteMode::Permanent, b.quietly())
                    .await?;
                for event in own {
                    mailbox
                        .delete_event(&event.id, DeleteMode::Permanent, b.quietly())
                        .await?;
                }
            }
        }
    }
    Ok(())
}

pub(super) async fn what_cannot_be_answered(b: &Backend) -> Result<()> {
    let made = meeting(b, &["bob"]).await?;
    let accept = || MeetingReply::new(Answer::Accept);
    let alice = b.mailbox("alice");
    let bob = b.mailbox("bob");
    let invited = events(b, "bob").await?.remove(0);
    let first = invitation(b, "bob").await?;

    // The organiser has nothing to answer.
    for reply in [
        accept(),
        MeetingReply::new(Answer::Tentative),
        MeetingReply::new(Answer::Decline),
    ] {
        let refused = alice.respond(&made.id.clone().into(), reply).await;
        let refused = refused.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidState, "{refused:?}");
        let advice = refused.advice_text().unwrap_or_default();
        assert!(advice.contains("organises"), "{advice}");
    }

    // An invitation that was overtaken by a later one.
    let moved = EventPatch::new().when(super::backend::lasting("2026-03-05T10:00", 60));
    alice
        .update_event(&made.id, moved, None, Notify::Auto)
        .await?;
    b.sent();
    let refused = bob.respond(&first.item(), accept()).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidState, "{refused:?}");
    let advice = refused.advice_text().unwrap_or_default();
    assert!(advice.contains("latest invitation"), "{advice}");
    assert_eq!(b.sent(), []);
    bob.respond(&invited.id.clone().into(), accept()).await?;
    assert_eq!(b.sent().len(), 1);

    // A meeting that was called off.
    alice.cancel_event(&made.id, None).await?;
    b.sent();
    let refused = bob.respond(&invited.id.clone().into(), accept()).await;
    let refused = refused.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidState, "{refused:?}");
    let advice = refused.advice_text().unwrap_or_default();
    assert!(advice.contains("cancelled"), "{advice}");
    assert_eq!(b.sent(), []);

    // What is gone.
    bob.delete_event(&invited.id, DeleteMode::Permanent, Notify::Auto)
        .await?;
    let refused = bob.respond(&invited.id.into(), accept()).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::NotFound, "{refused:?}");
    Ok(())
}

pub(super) async fn another_time_is_proposed(b: &Backend) -> Result<()> {
    let local = |text| ZonedTime::from_local(clock(text), HOME);
    let (start, end) = (local("2026-03-03T14:00"), local("2026-03-03T15:00"));
    let other = |answer| MeetingReply::new(answer).propose(start.clone(), end.clone());
    let support = b.connector("bob").capabilities();
    if !support.supports(exchange_connector::Feature::ProposeNewTime) {
        let unknown: exchange_connector::model::EventId = "ews:nothing".parse()?;
        return b
            .mailbox("bob")
            .respond(&unknown.into(), other(Answer::Tentative))
            .await;
    }
    let bob = b.mailbox("bob");
    for answer in [Answer::Tentative, Answer::Decline] {
        let made = meeting(b, &["bob"]).await?;
        let invited = events(b, "bob").await?.remove(0);
        bob.respond(&invited.id.clone().into(), other(answer))
            .await?;
        let alice = b.mailbox("alice");
        let organizers = alice.get_event(&made.id, Projection::Full).await?;
        let detail = organizers.detail.unwrap();
        let proposed = detail.attendees[0].proposed.as_ref().unwrap();
        assert_eq!((proposed.0.utc, proposed.1.utc), (start.utc, end.utc));
        let messages = messages(b, "alice").await?;
        let proposed = messages[0].proposed.as_ref().unwrap();
        assert_eq!((proposed.0.utc, proposed.1.utc), (start.utc, end.utc));
        b.mailbox("alice")
            .delete_event(&made.id, DeleteMode::Permanent, b.quietly())
            .await?;
        for event in events(b, "bob").await? {
            bob.delete_event(&event.id, DeleteMode::Permanent, b.quietly())
                .await?;
        }
        b.sent();
    }

    // Where the organiser wants none.
    let firm = talk()
        .attendee(Attendee::required(address("bob")))
        .allow_new_time_proposals(false);
    b.mailbox("alice")
        .create_event(&CalendarRef::Default, firm, Notify::Auto)
        .await?;
    b.sent();
    let invited = events(b, "bob").await?.remove(0);
    let to = [
        ItemRef::from(invited.id.clone()),
        invitation(b, "bob").await?.item(),
    ];
    for to in to {
        let refused = bob
            .respond(&to, other(Answer::Tentative))
            .await
            .unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidState, "{refused:?}");
    }
    assert_eq!(b.sent(), []);
    assert_eq!(events(b, "bob").await?[0].my_response, invited.my_response);
    Ok(())
}

pub(super) async fn proposals_that_mean_nothing(b: &Backend) -> Result<()> {
    let unknown: exchange_connector::model::EventId = "ews:nothing".parse()?;
    let (start, end) = (at("2026-03-03T14:00:00Z"), at("2026-03-03T15:00:00Z"));
    for wrong in [
        MeetingReply::new(Answer::Decline)
            .propose(start, end)
            .silently(),
        MeetingReply::new(Answer::Accept).propose(start, end),
        MeetingReply::new(Answer::Tentative).propose(end, start),
    ] {
        let refused = b
            .mailbox("bob")
            .respond(&unknown.clone().into(), wrong)
            .await;
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidArgument);
    }
    assert_eq!(b.requests(), 0);
    Ok(())
}

pub(super) async fn a_forwarded_meeting_reaches_others(b: &Backend) -> Result<()> {
    let made = meeting(b, &["bob"]).await?;
    let to = [
        Recipient::smtp(address("carol")),
        Recipient::smtp("guest@elsewhere.test"),
    ];
    // By the attendee and by the organiser.
    let invited = events(b, "bob").await?.remove(0);
    for (who, id) in [("bob", &invited.id), ("alice", &made.id)] {
        b.mailbox(who)
            .forward_event(id, &to, Some("You should < come."))
            .await?;
        let sent = b.sent();
        let forwarded = sent.iter().find(|one| one.from == address(who)).unwrap();
        assert_eq!(
            forwarded.to,
            ["carol@example.test", "guest@elsewhere.test"],
            "{who}"
        );
        assert!(forwarded.body.contains("You should < come."), "{sent:?}");
    }
    let arrived = invitation(b, "carol").await?;
    assert_eq!(arrived.uid, made.uid);

    let before = b.requests();
    let nobody = Recipient::new(exchange_connector::model::Address::ExchangeDn(
        "/o=x".into(),
    ));
    for wrong in [vec![], vec![Recipient::smtp("nobody")], vec![nobody]] {
        let refused = b
            .mailbox("bob")
            .forward_event(&invited.id, &wrong, None)
            .await;
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidArgument);
    }
    assert_eq!(b.requests(), before);
    Ok(())
}

pub(super) async fn roles_come_and_go(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let event = talk()
        .attendee(Attendee::required(address("bob")))
        .attendee(Attendee::optional(address("carol")))
        .attendee(Attendee::resource(address("user4")));
    let made = mailbox
        .create_event(&CalendarRef::Default, event, Notify::Auto)
        .await?;
    let roles = |event: &Event| -> Vec<(String, AttendeeRole)> {
        let attendees = &event.detail.as_ref().unwrap().attendees;
        let role = |one: &Attendee| (one.who.smtp_address().unwrap().to_owned(), one.role);
        attendees.iter().map(role).collect()
    };
    use AttendeeRole::*;
    let expected = [("bob", Required), ("carol", Optional), ("user4", Resource)];
    assert_eq!(
        roles(&made),
        expected.map(|(who, role)| (address(who), role))
    );

    // Bob may come now, and the room is given back.
    let patch = EventPatch::new().attendees(vec![
        Attendee::optional(address("bob")),
        Attendee::optional(address("carol")),
    ]);
    b.sent();
    let changed = mailbox
        .update_event(&made.id, patch, None, Notify::Auto)
        .await?;
    assert_eq!(
        roles(&changed),
        [(address("bob"), Optional), (address("carol"), Optional)]
    );
    let cancelled: Vec<_> = b
        .sent()
        .into_iter()
        .filter(|one| one.kind == CANCELLATION)
        .flat_map(|one| one.to)
        .collect();
    assert_eq!(cancelled, ["user4@example.test"]);

    // Without attendees it is an appointment again.
    let patch = EventPatch::new().attendees(exchange_connector::model::Patch::Clear);
    let alone = mailbox
        .update_event(&made.id, patch, None, Notify::Auto)
        .await?;
    assert_eq!(roles(&alone), []);
    let told: Vec<_> = b.sent().into_iter().map(|one| (one.kind, one.to)).collect();
    let everybody = vec![address("bob"), address("carol")];
    assert_eq!(told, [(CANCELLATION.to_owned(), everybody)]);
    Ok(())
}

pub(super) async fn messages_in_the_inbox(b: &Backend) -> Result<()> {
    b.delegate("bob", "carol");
    let made = meeting(b, &["bob"]).await?;
    let alice = b.mailbox("alice");
    let inbox = messages(b, "bob").await?;
    assert_eq!(inbox.len(), 1);
    let request = &inbox[0];
    assert_eq!(request.kind, MeetingMessageKind::Request);
    assert_eq!(
        (&request.subject, &request.location),
        (&made.subject, &made.location)
    );
    assert_eq!(request.uid, made.uid);
    let from = request.from.as_ref().and_then(Recipient::smtp_address);
    assert_eq!(from, Some("alice@example.test"));
    assert!(request.received.is_some() && !request.is_read);
    assert!(!request.is_out_of_date && !request.is_delegated && request.proposed.is_none());
    let span = |when: &When| when.span(HOME);
    assert_eq!(request.when.as_ref().map(span), Some(span(&made.when)));
    let booked = events(b, "bob").await?;
    assert_eq!(request.event_id.as_ref(), Some(&booked[0].id));

    // The delegate's copy is for the other, and of an update the first request is of no use.
    let copies = messages(b, "carol").await?;
    assert_eq!(copies.len(), 1);
    assert!(copies[0].is_delegated && !copies[0].is_out_of_date);
    let later = EventPatch::new().when(When::timed(
        clock("2026-03-02T15:00"),
        clock("2026-03-02T16:00"),
        HOME,
    ));
    alice
        .update_event(&made.id, later, None, Notify::All)
        .await?;
    let inbox = messages(b, "bob").await?;
    let outdated: Vec<_> = inbox.iter().map(|one| one.is_out_of_date).collect();
    assert_eq!(outdated, [false, true], "newest first");
    assert!(inbox.is_sorted_by_key(|one| std::cmp::Reverse(one.received)));

    alice.cancel_event(&made.id, Some("Next time")).await?;
    let inbox = messages(b, "bob").await?;
    assert_eq!(inbox[0].kind, MeetingMessageKind::Cancellation);
    assert_eq!(inbox[0].uid, made.uid);
    assert_eq!(messages(b, "alice").await?, []);
    Ok(())
}

pub(super) async fn many_messages_come_in_pages(b: &Backend) -> Result<()> {
    for number in 0..105 {
        let note = "IPM.Schedule.Meeting.Notification.Forward";
        b.plant_message("bob", note, &number.to_string());
        b.plant_message("bob", "IPM.Note", "not about a meeting");
    }
    let mailbox = b.mailbox("bob");
    let mut listing = mailbox.list_meeting_messages();
    assert_eq!(b.requests(), 0);
    let first = listing.next_page().await?.unwrap();
    assert_eq!(b.requests_to(Doing::Lists), 1);
    let rest = listing.collect().await?;
    let all: Vec<_> = first.items.into_iter().chain(rest).collect();
    let ids: BTreeSet<_> = all.iter().map(|one| one.id.clone()).collect();
    assert_eq!((all.len(), ids.len()), (105, 105));
    assert!(all.is_sorted_by_key(|one| std::cmp::Reverse(one.received)));
    assert!(all.iter().all(|one| one.kind == MeetingMessageKind::Other));
    Ok(())
}
