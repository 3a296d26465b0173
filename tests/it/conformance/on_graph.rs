//! What is about Graph itself: tokens, permissions, limits.

use exchange_connector::model::{
    Body, CalendarRef, DeleteMode, EventFilter, EventQuery, FreeBusyQuery, MessageQuery, NewEvent,
    NewMessage, Notify, Projection, Recipient, SendOptions, WellKnownFolder,
};
use exchange_connector::{ErrorKind, MailboxTarget, Result};

use super::backend::{Backend, Planted, address, all_times, lasting, window};

fn plant(b: &Backend, count: usize) {
    for hour in 0..count {
        let (start, end) = (
            format!("2026-03-02T{:02}:00:00Z", 6 + hour),
            format!("2026-03-02T{:02}:30:00Z", 6 + hour),
        );
        b.plant("alice", &Planted::new(&hour.to_string(), &start, &end, ""));
    }
}

/// It is renewed once, and the listing goes on.
pub(super) async fn a_token_expires_in_mid_listing(b: &Backend) -> Result<()> {
    plant(b, 7);
    let mailbox = b.mailbox("alice");
    let mut listing = mailbox.list_events(EventQuery::masters(EventFilter::new()).page_size(3));
    let first = listing.next_page().await?.unwrap().items.len();
    assert!((1..=3).contains(&first), "{first}");
    b.simulator().expire_tokens();
    let rest = listing.collect().await?;
    assert_eq!(first + rest.len(), 7);
    assert_eq!(b.simulator().log().wrong_credentials, 1);
    Ok(())
}

/// Who may not, is told which permission is missing.
pub(super) async fn a_denial_names_the_permission(b: &Backend) -> Result<()> {
    let nothing = b
        .allowed("alice", &["User.Read"])
        .mailbox(&MailboxTarget::Own)?;
    let mail = || NewMessage::new("x", Body::text("x")).to(Recipient::smtp(address("bob")));
    let event = NewEvent::new("x", lasting("2026-03-02T10:00", 60));
    let busy = FreeBusyQuery::new([address("bob")], all_week());
    for (denied, permission) in [
        (
            nothing
                .list_events(EventQuery::between(all_times()))
                .collect()
                .await
                .err(),
            "Calendars.Read",
        ),
        (
            nothing
                .create_event(&CalendarRef::Default, event, Notify::Auto)
                .await
                .err(),
            "Calendars.ReadWrite",
        ),
        (nothing.free_busy(busy).await.err(), "Calendars.Read"),
        (
            nothing
                .list_messages(MessageQuery::new(WellKnownFolder::Inbox))
                .collect()
                .await
                .err(),
            "Mail.Read",
        ),
        (
            nothing.send(mail(), SendOptions::new()).await.err(),
            "Mail.Send",
        ),
        (nothing.out_of_office().await.err(), "MailboxSettings.Read"),
    ] {
        let denied = denied.unwrap();
        assert_eq!(
            denied.kind(),
            ErrorKind::PermissionDenied,
            "{permission}: {denied}"
        );
        assert!(
            denied.to_string().contains(permission),
            "{permission}: {denied}"
        );
    }
    assert_eq!(b.sent(), []);
    Ok(())
}

fn all_week() -> exchange_connector::model::TimeRange {
    window("2026-03-02T00:00:00Z", "2026-03-07T00:00:00Z")
}

/// Each thing is done with the least permission that Microsoft names for it.
pub(super) async fn the_least_permission_is_enough(b: &Backend) -> Result<()> {
    plant(b, 2);
    let sender = b
        .allowed("alice", &["Mail.Send"])
        .mailbox(&MailboxTarget::Own)?;
    let mail = NewMessage::new("x", Body::text("x")).to(Recipient::smtp(address("bob")));
    sender.send(mail, SendOptions::new()).await?;
    assert_eq!(b.count("bob", "inbox"), 1);

    let basic = b
        .allowed("alice", &["Calendars.ReadBasic"])
        .mailbox(&MailboxTarget::Own)?;
    let query = FreeBusyQuery::new([address("bob")], all_week());
    assert_eq!(basic.free_busy(query).await?.len(), 1);
    assert_eq!(basic.list_calendars().collect().await?.len(), 1);
    let listed = basic
        .list_events(EventQuery::between(all_times()))
        .collect()
        .await?;
    assert_eq!(listed.len(), 2);

    let reader = b
        .allowed("alice", &["Calendars.Read"])
        .mailbox(&MailboxTarget::Own)?;
    let read = reader.get_event(&listed[0].id, Projection::Full).await?;
    assert_eq!(read.id, listed[0].id);
    let refused = reader
        .delete_event(&read.id, DeleteMode::Trash, Notify::Auto)
        .await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::PermissionDenied);

    // What kind a message is says a property that Mail.ReadBasic leaves out.
    let basic = b
        .allowed("bob", &["Mail.ReadBasic"])
        .mailbox(&MailboxTarget::Own)?;
    let inbox = basic.get_folder(&WellKnownFolder::Inbox.into()).await?;
    assert_eq!(inbox.total_items, Some(1));
    let reader = b
        .allowed("bob", &["Mail.Read"])
        .mailbox(&MailboxTarget::Own)?;
    let query = MessageQuery::new(WellKnownFolder::Inbox);
    assert_eq!(reader.list_messages(query).collect().await?.len(), 1);
    Ok(())
}

/// No more requests for a mailbox are under way than the server takes.
pub(super) async fn more_at_once_than_the_server_takes(b: &Backend) -> Result<()> {
    plant(b, 1);
    let mailbox = b.mailbox("alice");
    let query = || EventQuery::between(all_times());
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let mailbox = std::sync::Arc::clone(&mailbox);
        asking.spawn(async move { mailbox.list_events(query()).collect().await });
    }
    while let Some(answer) = asking.join_next().await {
        assert_eq!(answer.unwrap()?.len(), 1);
    }
    let log = b.simulator().log();
    assert!((1..=4).contains(&log.most_at_once), "{}", log.most_at_once);
    assert_eq!(log.refused_concurrency, 0);

    // Where others use the places too, it waits as long as it is told to.
    b.simulator().limit_mailbox_concurrency(Some(0));
    let refused = mailbox.list_events(query()).collect().await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Throttled, "{refused}");
    assert_eq!(refused.code(), Some("ApplicationThrottled"));
    Ok(())
}
