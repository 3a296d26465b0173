use exchange_connector::model::{
    CalendarId, CalendarRef, DeleteMode, Event, EventId, EventPatch, EventQuery, NewEvent, Notify,
    Projection, Version,
};
use exchange_connector::simulator::CalendarRights;
use exchange_connector::{ErrorKind, MailboxTarget, Result};

use super::backend::{Backend, Planted, Wrong, address, all_times, lasting};

pub(super) async fn ids_of_another_backend_are_refused(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let id = EventId::from_raw(b.other_protocol(), "AAMkAD");
    let elsewhere = CalendarRef::from(CalendarId::from_raw(b.other_protocol(), "AAMkAD"));
    let event = NewEvent::new("Lost", lasting("2026-03-02T10:00", 60));
    let list = EventQuery::between(all_times()).calendar(elsewhere.clone());
    let patch = EventPatch::new().subject("Lost");
    let auto = Notify::Auto;
    let trash = DeleteMode::Trash;
    let kinds = [
        mailbox.get_event(&id, Projection::Full).await.map(drop),
        mailbox
            .get_events(std::slice::from_ref(&id), Projection::Summary)
            .await?
            .remove(0)
            .map(drop),
        mailbox.update_event(&id, patch, None, auto).await.map(drop),
        mailbox.cancel_event(&id, None).await,
        mailbox.delete_event(&id, trash, auto).await,
        mailbox.list_events(list).collect().await.map(drop),
        mailbox.get_calendar(&elsewhere).await.map(drop),
        mailbox
            .create_event(&elsewhere, event.clone(), auto)
            .await
            .map(drop),
        mailbox
            .create_events(&elsewhere, vec![event], auto)
            .await?
            .remove(0)
            .map(drop),
    ]
    .map(|answer| answer.unwrap_err().kind());
    assert_eq!(kinds, [ErrorKind::InvalidId; 9]);
    assert_eq!(b.requests(), 0);
    Ok(())
}

pub(super) async fn ids_and_versions_outlive_the_process(b: &Backend) -> Result<()> {
    let event = NewEvent::new("Kept", lasting("2026-03-02T10:00", 60));
    let made = b
        .mailbox("alice")
        .create_event(&CalendarRef::Default, event, Notify::Auto)
        .await?;
    let stored = serde_json::to_string(&made).unwrap();
    assert_eq!(serde_json::from_str::<Event>(&stored).unwrap(), made);
    let id: EventId = made.id.to_string().parse()?;
    let version: Version =
        serde_json::from_str(&serde_json::to_string(&made.version).unwrap()).unwrap();

    // Another program, with nothing but what was stored.
    let mailbox = b.mailbox("alice");
    assert_eq!(mailbox.get_event(&id, Projection::Full).await?, made);
    let patch = EventPatch::new().subject("Changed");
    let changed = mailbox
        .update_event(&id, patch, Some(&version), Notify::Auto)
        .await?;
    assert_eq!(
        (changed.subject.as_str(), &changed.id),
        ("Changed", &made.id)
    );
    assert_ne!(changed.version, made.version);
    Ok(())
}

pub(super) async fn probe_tells_what_is_wrong(b: &Backend) -> Result<()> {
    let capabilities = b.connector("alice").probe().await?;
    assert_eq!(capabilities.backend, b.connector("alice").backend());
    assert!(
        capabilities.server.starts_with("Exchange "),
        "{capabilities:?}"
    );

    for (wrong, kind) in [
        (Wrong::Secret, ErrorKind::Unauthenticated),
        (Wrong::Path, ErrorKind::Configuration),
        (Wrong::Server, ErrorKind::Connection),
    ] {
        let error = b.misled(wrong).probe().await.unwrap_err();
        assert_eq!(error.kind(), kind, "{wrong:?}: {error}");
    }
    Ok(())
}

pub(super) async fn a_mailbox_costs_no_request(b: &Backend) -> Result<()> {
    let connector = b.connector("alice");
    for target in [
        MailboxTarget::Own,
        MailboxTarget::shared("nobody@example.test"),
        MailboxTarget::act_as("nobody@example.test"),
    ] {
        let mailbox = connector.mailbox(&target)?;
        assert_eq!(mailbox.target(), &target);
        assert_eq!(mailbox.capabilities().backend, connector.backend());
    }
    let wrong = connector
        .mailbox(&MailboxTarget::shared("nobody"))
        .unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::InvalidArgument);
    assert_eq!(b.requests(), 0);
    Ok(())
}

pub(super) async fn targets_reach_the_right_mailbox(b: &Backend) -> Result<()> {
    for person in ["alice", "bob", "carol"] {
        let event = Planted::new(
            &format!("Of {person}"),
            "2026-03-02T09:00:00Z",
            "2026-03-02T10:00:00Z",
            "",
        );
        b.plant(person, &event);
    }
    b.grant("bob", "alice", CalendarRights::Reviewer);
    let subjects = async |who: &str, target| {
        let program = match target {
            MailboxTarget::ActAs(_) => b.service(who),
            _ => b.connector(who),
        };
        let mailbox = program.mailbox(&target)?;
        let listing = mailbox.list_events(EventQuery::between(all_times()));
        let events = listing.collect().await?;
        Ok::<_, exchange_connector::Error>(
            events
                .into_iter()
                .map(|event| event.subject)
                .collect::<Vec<_>>(),
        )
    };
    let kind = async |target| subjects("alice", target).await.unwrap_err().kind();
    let shared = |who: &str| MailboxTarget::shared(address(who));
    let act_as = |who: &str| MailboxTarget::act_as(address(who));

    assert_eq!(subjects("alice", MailboxTarget::Own).await?, ["Of alice"]);
    assert_eq!(subjects("alice", shared("bob")).await?, ["Of bob"]);
    assert_eq!(kind(shared("carol")).await, ErrorKind::PermissionDenied);
    assert_eq!(kind(shared("nobody")).await, ErrorKind::MailboxNotFound);

    assert_eq!(kind(act_as("carol")).await, ErrorKind::PermissionDenied);
    b.allow_impersonation("alice");
    assert_eq!(subjects("alice", act_as("carol")).await?, ["Of carol"]);
    assert_eq!(kind(act_as("nobody")).await, ErrorKind::MailboxNotFound);
    Ok(())
}
