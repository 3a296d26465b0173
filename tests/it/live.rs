//! What holds on any server, checked on real ones.
//!
//! With `EWS_URL`, `EWS_USERNAME`, `EWS_PASSWORD` (and, if need be, `EWS_VERSION`, `EWS_AUTH`,
//! `EWS_CA_FILE`, `EWS_MAILBOX`) it checks that server; with `GRAPH_TOKEN` (and, if need be, `GRAPH_URL`,
//! `GRAPH_MAILBOX`) that tenant; else only the simulator.
//!
//! Nothing is written unless `LIVE_WRITES` is `1`. Then a calendar and a mail folder are made, whose names nobody else
//! has; all that is written is in them, nobody is invited and nothing is sent; and both are removed at the end, whatever
//! happened.

use std::collections::BTreeSet;
use std::env;
use std::sync::Arc;

use chrono::{TimeDelta, Utc};
use exchange_connector::ews::EwsConnector;
use exchange_connector::graph::{Cloud, GraphConnector};
use exchange_connector::http::{Credentials, HttpOptions};
use exchange_connector::model::{
    Body, CalendarId, CalendarRef, DeleteMode, DraftOptions, Event, EventFilter, EventId,
    EventKind, EventPatch, EventQuery, FolderId, FolderRef, FreeBusyQuery, MessageLoad,
    MessagePatch, MessageQuery, NewEvent, NewMessage, Notify, Pattern, Projection, Range,
    Recurrence, TimeRange, WellKnownFolder, When,
};
use exchange_connector::simulator::Simulator;
use exchange_connector::{Backend, Connector, ErrorKind, Feature, Mailbox, MailboxTarget, Result};

#[tokio::test]
async fn a_server_of_ones_own() {
    let Ok(url) = env::var("EWS_URL") else {
        println!("skipped: EWS_URL is not set");
        return;
    };
    let needed = |name: &str| env::var(name).unwrap_or_else(|_| panic!("{name} is not set"));
    let user = needed("EWS_USERNAME");
    let credentials = Credentials::password(user.clone(), needed("EWS_PASSWORD"));
    let mut builder = EwsConnector::builder(url).credentials(credentials);
    if let Ok(version) = env::var("EWS_VERSION") {
        builder = builder.version(version.parse().unwrap());
    }
    if let Ok(auth) = env::var("EWS_AUTH") {
        builder = builder.auth(auth.parse().unwrap());
    }
    if let Ok(file) = env::var("EWS_CA_FILE") {
        let certificates = std::fs::read(&file).expect(&file);
        builder = builder.http(HttpOptions::default().root_certificates(certificates));
    }
    let mailbox = env::var("EWS_MAILBOX").ok();
    let target = match &mailbox {
        Some(address) => MailboxTarget::shared(address),
        None => MailboxTarget::Own,
    };
    let address = mailbox.or(user.contains('@').then_some(user));
    let connector = builder.build().unwrap();
    check(&connector, &target, address.as_deref())
        .await
        .unwrap();
    write_if_asked(&connector, &target).await.unwrap();
}

#[tokio::test]
async fn a_tenant_of_ones_own() {
    let Ok(token) = env::var("GRAPH_TOKEN") else {
        println!("skipped: GRAPH_TOKEN is not set");
        return;
    };
    let mut builder = GraphConnector::with_token(token);
    if let Ok(url) = env::var("GRAPH_URL") {
        builder = builder.cloud(Cloud::At(url));
    }
    let mailbox = env::var("GRAPH_MAILBOX").ok();
    let target = match &mailbox {
        Some(address) => MailboxTarget::shared(address),
        None => MailboxTarget::Own,
    };
    let connector = builder.build().unwrap();
    check(&connector, &target, mailbox.as_deref())
        .await
        .unwrap();
    write_if_asked(&connector, &target).await.unwrap();
}

#[tokio::test]
async fn the_simulator_as_a_tenant() {
    let simulator = Simulator::builder()
        .seed_agenda(true)
        .start()
        .await
        .unwrap();
    let alice = &simulator.accounts()[0];
    for subject in ["one", "two"] {
        let mail = format!("<t:Message><t:Subject>{subject}</t:Subject></t:Message>");
        simulator.plant(&alice.address, "inbox", &mail).unwrap();
    }
    let permissions = [
        "Calendars.ReadWrite",
        "Mail.ReadWrite",
        "MailboxSettings.Read",
        "User.Read",
    ];
    let token = simulator.delegated_token(&alice.address, &permissions);
    let connector = GraphConnector::with_token(token.unwrap().secret)
        .cloud(Cloud::At(simulator.graph_url()))
        .build()
        .unwrap();
    let own = MailboxTarget::Own;
    let seen = check(&connector, &own, Some(&alice.address)).await.unwrap();
    assert!(seen > 5, "{seen} events");
    leaves_nothing(&simulator, &connector).await;
}

/// What writing leaves: nothing, and nobody heard of it.
async fn leaves_nothing(simulator: &Simulator, connector: &dyn Connector) {
    let alice = &simulator.accounts()[0].address;
    let count = |folder: &str| simulator.item_ids(alice, folder).unwrap().len();
    let folders = ["calendar", "drafts", "deleteditems", "inbox"];
    let before = folders.map(count);
    write(connector, &MailboxTarget::Own).await.unwrap();
    assert_eq!(folders.map(count), before);
    assert_eq!(simulator.outbox(), []);
}

async fn write_if_asked(connector: &dyn Connector, target: &MailboxTarget) -> Result<()> {
    if env::var("LIVE_WRITES").as_deref() != Ok("1") {
        println!("skipped: nothing is written, since LIVE_WRITES is not 1");
        return Ok(());
    }
    write(connector, target).await
}

/// Writes into a calendar and a folder of its own, and removes them.
async fn write(connector: &dyn Connector, target: &MailboxTarget) -> Result<()> {
    let mailbox = connector.mailbox(target)?;
    let name = format!("exchange-connector {}", uuid::Uuid::new_v4());
    println!(
        "makes and removes the calendar '{name}' and the mail folder '{name}', and writes into nothing else"
    );
    let calendar = mailbox.create_calendar(&name).await?;
    let written = write_events(&*mailbox, &calendar.id).await;
    let removed = mailbox.delete_calendar(&calendar.id).await;
    written.and(removed)?;

    let root = WellKnownFolder::Root.into();
    let folder = mailbox.create_folder(&root, &name).await?;
    let written = write_messages(&*mailbox, &folder.id).await;
    let removed = mailbox
        .delete_folder(&folder.id, DeleteMode::Permanent)
        .await;
    written.and(removed)
}

/// Makes, changes and deletes events that nobody else is invited to.
async fn write_events(mailbox: &dyn Mailbox, calendar: &CalendarId) -> Result<()> {
    let calendar = CalendarRef::from(calendar.clone());
    let start = chrono::NaiveDate::from_ymd_opt(2030, 3, 30).unwrap();
    let start = start.and_hms_opt(10, 0, 0).unwrap();
    let when = When::timed(
        start,
        start + TimeDelta::hours(1),
        chrono_tz::Europe::Berlin,
    );
    let daily = Recurrence::new(
        Pattern::Daily { interval: 1 },
        Range::Count {
            start: start.date(),
            count: 3,
        },
    );
    let new = NewEvent::new("Ä series", when).recurrence(daily);
    let made = mailbox.create_event(&calendar, new, Notify::Auto).await?;
    let day_before = (start - TimeDelta::days(1)).and_utc();
    let window = TimeRange::lasting(day_before, TimeDelta::days(5));
    let query = || EventQuery::between(window).calendar(calendar.clone());
    let listed = mailbox.list_events(query()).collect().await?;
    // The clocks change on the second day; what they show does not.
    let starts: Vec<_> = listed
        .iter()
        .map(|event| event.when.span(chrono_tz::UTC).start.to_rfc3339())
        .collect();
    assert_eq!(
        starts,
        [
            "2030-03-30T09:00:00+00:00",
            "2030-03-31T08:00:00+00:00",
            "2030-04-01T08:00:00+00:00"
        ]
    );
    let patch = EventPatch::new().subject("Changed");
    let changed = mailbox
        .update_event(&listed[1].id, patch, None, Notify::Auto)
        .await?;
    assert_eq!(changed.subject, "Changed");
    let series = mailbox.get_series(&made.id).await?;
    assert_eq!(series.exceptions.len(), 1);
    mailbox
        .delete_event(&made.id, DeleteMode::Permanent, Notify::Auto)
        .await?;
    assert!(mailbox.list_events(query()).collect().await?.is_empty());
    Ok(())
}

/// Makes, changes and moves a draft.
async fn write_messages(mailbox: &dyn Mailbox, folder: &FolderId) -> Result<()> {
    let above = FolderRef::Id(folder.clone());
    let within = mailbox.create_folder(&above, "within").await?;
    let folder = FolderRef::Id(within.id);
    let new = NewMessage::new("Ä draft", Body::text("Nothing to see."));
    let options = DraftOptions::new().folder(above);
    let draft = mailbox.create_draft(new, options).await?;
    let moved = mailbox
        .move_messages(&[draft.id], &folder)
        .await?
        .remove(0)?;
    let patch = MessagePatch::new().subject("Changed");
    let changed = mailbox.update_message(&moved, patch, None).await?;
    assert_eq!(changed.subject, "Changed");
    let listed = mailbox.list_messages(MessageQuery::new(folder));
    assert_eq!(listed.collect().await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn the_simulator_with_its_agenda() {
    let simulator = Simulator::builder()
        .seed_agenda(true)
        .start()
        .await
        .unwrap();
    let alice = &simulator.accounts()[0];
    for subject in ["one", "two"] {
        let mail = format!("<t:Message><t:Subject>{subject}</t:Subject></t:Message>");
        simulator.plant(&alice.address, "inbox", &mail).unwrap();
    }
    let credentials = Credentials::password(&alice.address, alice.password.clone());
    let connector = EwsConnector::builder(simulator.ews_url())
        .credentials(credentials)
        .build()
        .unwrap();
    let seen = check(&connector, &MailboxTarget::Own, Some(&alice.address))
        .await
        .unwrap();
    assert!(seen > 5, "{seen} events");
    let written = ["CreateItem", "UpdateItem", "DeleteItem"];
    let operations = simulator.operations();
    assert!(written.iter().all(|name| !operations.contains_key(*name)));
    leaves_nothing(&simulator, &connector).await;
    assert_eq!(simulator.violations(), []);
}

/// Checks everything, and returns how many events there were to check it with.
async fn check(
    connector: &dyn Connector,
    target: &MailboxTarget,
    address: Option<&str>,
) -> Result<usize> {
    let capabilities = connector.probe().await?;
    println!("{}", capabilities.server);
    let mailbox = connector.mailbox(target)?;
    calendars(&*mailbox).await?;
    let window = TimeRange::lasting(Utc::now() - TimeDelta::weeks(4), TimeDelta::weeks(12));
    let events = expanded(&mailbox, window).await?;
    partition(&mailbox, window, &events).await?;
    let elsewhere = match connector.backend() {
        Backend::Ews => Backend::Graph,
        _ => Backend::Ews,
    };
    by_id(&*mailbox, &events, elsewhere).await?;
    masters(&*mailbox).await?;
    mail(&*mailbox).await?;
    if let Some(address) = address {
        availability(&*mailbox, address, window).await?;
    }
    Ok(events.len())
}

async fn calendars(mailbox: &dyn Mailbox) -> Result<()> {
    let calendars = mailbox.list_calendars().collect().await?;
    assert_eq!(calendars.iter().filter(|one| one.is_default).count(), 1);
    let default = mailbox.get_calendar(&CalendarRef::Default).await?;
    assert!(calendars.contains(&default));
    Ok(())
}

async fn list(mailbox: &Arc<dyn Mailbox>, query: EventQuery) -> Result<Vec<Event>> {
    mailbox.list_events(query).collect().await
}

/// A list and the events themselves say the same; all is in the window, in order, and just once.
async fn expanded(mailbox: &Arc<dyn Mailbox>, window: TimeRange) -> Result<Vec<Event>> {
    let summary = list(mailbox, EventQuery::between(window)).await?;
    let full = list(mailbox, EventQuery::between(window).full()).await?;
    assert_eq!(summary.len(), full.len());
    let has_dates = mailbox.capabilities().supports(Feature::DatesInSummaries);
    for (listed, event) in summary.iter().zip(&full) {
        let mut plain = event.clone();
        plain.detail = None;
        if !has_dates {
            (plain.created, plain.last_modified) = (None, None);
        }
        assert_eq!(listed, &plain);
    }
    let ids: BTreeSet<_> = full.iter().map(|event| &event.id).collect();
    assert_eq!(ids.len(), full.len());
    for event in &full {
        let detail = event.detail.as_ref().expect("details");
        let is_part = matches!(event.kind, EventKind::Occurrence | EventKind::Exception);
        assert_ne!(event.kind, EventKind::SeriesMaster);
        assert_eq!(detail.series_id.is_some(), is_part, "{event:?}");
        assert_eq!(event.recurrence_id.is_some(), is_part, "{event:?}");
        if !event.when.is_all_day() {
            let span = event.when.span(chrono_tz::UTC);
            let is_instant = span.start == span.end && window.contains(span.start);
            assert!(span.overlaps(&window) || is_instant, "{event:?}");
        }
    }
    Ok(full)
}

async fn partition(mailbox: &Arc<dyn Mailbox>, window: TimeRange, whole: &[Event]) -> Result<()> {
    let mut parts = BTreeSet::new();
    let mut start = window.start;
    while start < window.end {
        let part = TimeRange::lasting(start, TimeDelta::weeks(3));
        let events = list(mailbox, EventQuery::between(part).page_size(7)).await?;
        parts.extend(events.into_iter().map(|event| event.id));
        start = part.end;
    }
    let whole: BTreeSet<_> = whole.iter().map(|event| event.id.clone()).collect();
    assert_eq!(parts, whole);
    Ok(())
}

async fn by_id(mailbox: &dyn Mailbox, events: &[Event], elsewhere: Backend) -> Result<()> {
    let mut ids: Vec<EventId> = events.iter().map(|event| event.id.clone()).collect();
    ids.reverse();
    let mut read = mailbox.get_events(&ids, Projection::Full).await?;
    read.reverse();
    for (event, read) in events.iter().zip(read) {
        assert_eq!(event, &read?);
    }
    let foreign = EventId::from_raw(elsewhere, "AAMkAD");
    let refused = mailbox.get_event(&foreign, Projection::Summary).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidId);
    Ok(())
}

async fn masters(mailbox: &dyn Mailbox) -> Result<()> {
    let mut listing = mailbox.list_events(EventQuery::masters(EventFilter::new()).page_size(20));
    let mut seen = BTreeSet::new();
    while let Some(event) = listing.try_next().await? {
        assert!(matches!(
            event.kind,
            EventKind::Single | EventKind::SeriesMaster
        ));
        assert!(seen.insert(event.id));
        if seen.len() == 60 {
            break;
        }
    }
    Ok(())
}

/// What came last, listed and by its id. A token may be for calendars alone.
async fn mail(mailbox: &dyn Mailbox) -> Result<()> {
    let inbox = MessageQuery::new(WellKnownFolder::Inbox).page_size(20);
    let page = match mailbox.list_messages(inbox).next_page().await {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            println!("skipped: no mail is read, since {error}");
            return Ok(());
        }
        page => page?,
    };
    let listed = page.map(|page| page.items).unwrap_or_default();
    let ids: Vec<_> = listed.iter().map(|message| message.id.clone()).collect();
    let read = mailbox.get_messages(&ids, &MessageLoad::summary()).await?;
    for (message, read) in listed.iter().zip(read) {
        assert_eq!(message, &read?);
    }
    Ok(())
}

async fn availability(mailbox: &dyn Mailbox, address: &str, window: TimeRange) -> Result<()> {
    let query = FreeBusyQuery::new([address], window).slot(TimeDelta::hours(1));
    let slots = query.slot_count();
    let schedule = mailbox.free_busy(query.clone()).await?.remove(0)?;
    assert_eq!(schedule.who, address);
    assert_eq!(schedule.slots.len(), slots);
    assert_eq!(schedule.slots, query.slots(&schedule.items));
    Ok(())
}
