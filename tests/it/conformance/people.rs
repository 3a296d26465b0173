use exchange_connector::ews::types::ResponseObjectKind;
use exchange_connector::model::{
    Address, Attendee, AttendeeRole, CalendarRef, Event, EventId, EventQuery, FreeBusyQuery,
    NewEvent, Notify, Projection, Response, Sensitivity, TimeRange,
};
use exchange_connector::simulator::{CalendarRights, Trouble};
use exchange_connector::{MailboxTarget, Result};

use super::backend::{Backend, Odd, Planted, address, all_times, lasting, window};

pub(super) async fn own_response_is_read(b: &Backend) -> Result<()> {
    for (subject, how, expected) in [
        ("Unanswered", None, Response::NotResponded),
        (
            "Yes",
            Some(ResponseObjectKind::AcceptItem),
            Response::Accepted,
        ),
        (
            "Perhaps",
            Some(ResponseObjectKind::TentativelyAcceptItem),
            Response::Tentative,
        ),
    ] {
        let event = NewEvent::new(subject, lasting("2026-03-02T10:00", 60))
            .attendee(Attendee::required(address("bob")));
        let made = b
            .mailbox("alice")
            .create_event(&CalendarRef::Default, event, Notify::Auto)
            .await?;
        assert_eq!(made.my_response.response, Response::Organizer);
        assert!(made.is_organizer && made.is_meeting);
        if let Some(how) = how {
            b.answer("bob", subject, how).await;
        }
        let listed = b
            .mailbox("bob")
            .list_events(EventQuery::between(all_times()))
            .collect()
            .await?;
        let event = listed
            .iter()
            .find(|event| event.subject == subject)
            .expect(subject);
        assert_eq!(event.my_response.response, expected, "{subject}");
        assert!(event.is_meeting && !event.is_organizer);
        let organizer = event.organizer.as_ref().unwrap();
        assert_eq!(organizer.smtp_address(), Some("alice@example.test"));
        assert_eq!(
            event.my_response.at.is_some(),
            expected != Response::NotResponded
        );
    }
    Ok(())
}

pub(super) async fn attendees_are_read(b: &Backend) -> Result<()> {
    let event = NewEvent::new("Review", lasting("2026-03-02T10:00", 60))
        .attendee(Attendee::required(address("bob")))
        .attendee(Attendee::optional(address("carol")))
        .attendee(Attendee::resource(address("user4")))
        .attendee(Attendee::optional("guest@elsewhere.test"));
    let made = b
        .mailbox("alice")
        .create_event(&CalendarRef::Default, event, Notify::Auto)
        .await?;
    b.answer("bob", "Review", ResponseObjectKind::AcceptItem)
        .await;
    b.answer("carol", "Review", ResponseObjectKind::DeclineItem)
        .await;
    let read = b
        .mailbox("alice")
        .get_event(&made.id, Projection::Full)
        .await?;
    let attendees = read.detail.unwrap().attendees;
    let mut seen: Vec<_> = attendees
        .iter()
        .map(|one| {
            (
                one.who.smtp_address().unwrap(),
                one.role,
                one.response.response,
            )
        })
        .collect();
    seen.sort_by_key(|(address, ..)| *address);
    let silent = seen[2].2;
    assert!(matches!(silent, Response::None | Response::NotResponded));
    assert_eq!(
        seen,
        [
            (
                "bob@example.test",
                AttendeeRole::Required,
                Response::Accepted
            ),
            (
                "carol@example.test",
                AttendeeRole::Optional,
                Response::Declined
            ),
            ("guest@elsewhere.test", AttendeeRole::Optional, silent),
            ("user4@example.test", AttendeeRole::Resource, silent),
        ]
    );
    for one in attendees {
        let has_answered = matches!(
            one.response.response,
            Response::Accepted | Response::Declined
        );
        assert_eq!(one.response.at.is_some(), has_answered, "{one:?}");
    }
    Ok(())
}

pub(super) async fn private_events_of_others(b: &Backend) -> Result<()> {
    let more = "<t:Sensitivity>Private</t:Sensitivity>\
                <t:Body BodyType=\"Text\">The secret body</t:Body>\
                <t:Location>The secret place</t:Location>";
    let event = Planted::new(
        "The secret",
        "2026-03-02T08:00:00Z",
        "2026-03-02T09:00:00Z",
        more,
    );
    let id = b.plant("alice", &event);
    b.grant("alice", "bob", CalendarRights::Reviewer);
    let guest = b
        .connector("bob")
        .mailbox(&MailboxTarget::shared(address("alice")))?;
    let own = b.mailbox("alice").get_event(&id, Projection::Full).await?;
    let seen = guest.get_event(&id, Projection::Full).await?;
    assert_eq!(seen.sensitivity, Sensitivity::Private);
    assert_eq!(seen.when, own.when);
    assert_eq!(seen.show_as, own.show_as);
    assert_eq!(seen.subject, "Private Appointment");
    assert_eq!((seen.location, seen.organizer), (None, None));
    let detail = seen.detail.expect("details");
    assert!(detail.body.is_none_or(|body| body.content.is_empty()));
    assert_eq!((detail.preview, detail.locations), (None, vec![]));
    assert_eq!(detail.attendees, []);

    // A server that hides more leaves it out.
    b.answer_oddly(&b.last_answer(), Odd::NoSubject);
    let seen = guest.get_event(&id, Projection::Full).await?;
    assert_eq!(seen.subject, "");
    assert_eq!(seen.when, own.when);

    // Of the times of others only the times are seen.
    let query = FreeBusyQuery::new([address("alice")], all_times_of_march());
    let schedule = guest.free_busy(query).await?.remove(0)?;
    assert_eq!(schedule.items.len(), 1);
    assert_eq!(schedule.items[0].subject, None);
    assert_eq!(schedule.items[0].location, None);

    // Who was shown private events sees them whole.
    b.grant_private("alice", "bob", CalendarRights::Reviewer);
    let seen = guest.get_event(&id, Projection::Full).await?;
    assert_eq!(seen.subject, "The secret");
    assert_eq!(seen.location.as_deref(), Some("The secret place"));
    Ok(())
}

fn all_times_of_march() -> TimeRange {
    window("2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z")
}

/// What an older item calls somebody.
fn distinguished_name(person: &str) -> String {
    format!("/o=Example/ou=Exchange Administrative Group/cn=Recipients/cn={person}")
}

fn older_mailbox(person: &str) -> String {
    let name = distinguished_name(person);
    format!(
        "<t:Mailbox><t:Name>{person}</t:Name><t:EmailAddress>{name}</t:EmailAddress>\
         <t:RoutingType>EX</t:RoutingType></t:Mailbox>"
    )
}

/// Plants an event of alice that names these people by their distinguished names.
fn older_event(b: &Backend, subject: &str, organizer: &str, attendees: &[&str]) -> EventId {
    let attendee = |person: &&str| format!("<t:Attendee>{}</t:Attendee>", older_mailbox(person));
    let attendees: String = attendees.iter().map(attendee).collect();
    let more = format!(
        "<t:RequiredAttendees>{attendees}\
         <t:Attendee><t:Mailbox><t:EmailAddress>alice@example.test</t:EmailAddress></t:Mailbox></t:Attendee>\
         </t:RequiredAttendees>"
    );
    let (start, end) = ("2026-03-02T08:00:00Z", "2026-03-02T09:00:00Z");
    let id = b.plant("alice", &Planted::new(subject, start, end, &more));
    b.alter(&id, "calendar:Organizer", &distinguished_name(organizer));
    id
}

fn addresses(event: &Event) -> Vec<&Address> {
    let detail = event.detail.as_ref().expect("details");
    let attendees = detail.attendees.iter().map(|one| &one.who);
    let everybody = event.organizer.iter().chain(attendees);
    everybody.map(|who| &who.address).collect()
}

fn look_ups(b: &Backend) -> u32 {
    let operations = b.simulator().operations();
    operations.get("ResolveNames").copied().unwrap_or_default()
}

pub(super) async fn addresses_of_the_directory(b: &Backend) -> Result<()> {
    let smtp = |person: &str| Address::Smtp(address(person));
    let unknown = |person: &str| Address::ExchangeDn(distinguished_name(person));
    let old = older_event(b, "Old", "bob", &["gone", "carol", "Bob"]);
    let older = older_event(b, "Older", "user4", &["CAROL", "gone"]);
    let connector = b.connector("alice");
    let mailbox = connector.mailbox(&MailboxTarget::Own)?;
    // Two at once ask for each name once.
    let (one, other) = tokio::join!(
        mailbox.get_event(&old, Projection::Full),
        mailbox.get_event(&old, Projection::Full),
    );
    let (one, other) = (one?, other?);
    let expected = [
        smtp("bob"),
        unknown("gone"),
        smtp("carol"),
        smtp("bob"),
        smtp("alice"),
    ];
    assert_eq!(addresses(&one), expected.iter().collect::<Vec<_>>());
    assert_eq!(addresses(&other), addresses(&one));
    let attendees = one.detail.unwrap().attendees;
    assert_eq!(attendees[0].who.name.as_deref(), Some("gone"));
    assert_eq!(look_ups(b), 3);

    // What is known is known in every mailbox of the connector, by id and in lists.
    let again = connector.mailbox(&MailboxTarget::Own)?;
    let read = again.get_event(&older, Projection::Full).await?;
    let expected = [smtp("user4"), smtp("carol"), unknown("gone"), smtp("alice")];
    assert_eq!(addresses(&read), expected.iter().collect::<Vec<_>>());
    let query = EventQuery::between(all_times());
    let listed = again.list_events(query.clone()).collect().await?;
    let organizers: Vec<_> = listed
        .iter()
        .map(|event| event.organizer.as_ref().and_then(|who| who.smtp_address()))
        .collect();
    assert_eq!(
        organizers,
        [Some("bob@example.test"), Some("user4@example.test")]
    );
    assert_eq!(look_ups(b), 4);
    let listed = again.list_events(query.clone().full()).collect().await?;
    assert_eq!(addresses(&listed[1]), expected.iter().collect::<Vec<_>>());
    assert_eq!(look_ups(b), 4);

    // Who does not want to know does not ask.
    let incurious = b.incurious("alice").mailbox(&MailboxTarget::Own)?;
    let read = incurious.get_event(&older, Projection::Full).await?;
    assert_eq!(addresses(&read)[0], &unknown("user4"));
    let listed = incurious.list_events(query).collect().await?;
    let organizer = listed[0].organizer.as_ref().map(|who| &who.address);
    assert_eq!(organizer, Some(&unknown("bob")));
    assert_eq!(look_ups(b), 4);
    Ok(())
}

pub(super) async fn a_failed_look_up_costs_no_event(b: &Backend) -> Result<()> {
    let id = older_event(b, "Old", "alice", &["alice"]);
    let mailbox = b.mailbox("alice");
    b.fail_after(1, Trouble::busy(1000));
    let read = mailbox.get_event(&id, Projection::Full).await?;
    let unknown = Address::ExchangeDn(distinguished_name("alice"));
    assert_eq!(addresses(&read)[..2], [&unknown, &unknown]);
    // It is asked for again.
    let read = mailbox.get_event(&id, Projection::Full).await?;
    let known = Address::Smtp(address("alice"));
    assert_eq!(addresses(&read), [&known, &known, &known]);
    // The first was refused before it was one.
    assert_eq!(look_ups(b), 1);
    Ok(())
}
