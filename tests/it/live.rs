//! What holds on any server, checked without writing anything.
//!
//! With `EWS_URL`, `EWS_USERNAME`, `EWS_PASSWORD` (and, if need be, `EWS_VERSION`, `EWS_AUTH`,
//! `EWS_CA_FILE`, `EWS_MAILBOX`) it checks that server, else only the simulator.

use std::collections::BTreeSet;
use std::env;
use std::sync::Arc;

use chrono::{TimeDelta, Utc};
use exchange_connector::ews::EwsConnector;
use exchange_connector::http::{Credentials, HttpOptions};
use exchange_connector::model::{
    CalendarRef, Event, EventFilter, EventId, EventKind, EventQuery, FreeBusyQuery, Projection,
    TimeRange,
};
use exchange_connector::simulator::Simulator;
use exchange_connector::{Backend, Connector, ErrorKind, Mailbox, MailboxTarget, Result};

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
}

#[tokio::test]
async fn the_simulator_with_its_agenda() {
    let simulator = Simulator::builder()
        .seed_agenda(true)
        .start()
        .await
        .unwrap();
    let alice = &simulator.accounts()[0];
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
    by_id(&*mailbox, &events).await?;
    masters(&*mailbox).await?;
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
    let plain = full.iter().cloned().map(|mut event| {
        event.detail = None;
        event
    });
    assert!(plain.eq(summary.iter().cloned()));
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

async fn by_id(mailbox: &dyn Mailbox, events: &[Event]) -> Result<()> {
    let mut ids: Vec<EventId> = events.iter().map(|event| event.id.clone()).collect();
    ids.reverse();
    let mut read = mailbox.get_events(&ids, Projection::Full).await?;
    read.reverse();
    for (event, read) in events.iter().zip(read) {
        assert_eq!(event, &read?);
    }
    let foreign = EventId::from_raw(Backend::Graph, "AAMkAD");
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

async fn availability(mailbox: &dyn Mailbox, address: &str, window: TimeRange) -> Result<()> {
    let query = FreeBusyQuery::new([address], window).slot(TimeDelta::hours(1));
    let slots = query.slot_count();
    let schedule = mailbox.free_busy(query.clone()).await?.remove(0)?;
    assert_eq!(schedule.who, address);
    assert_eq!(schedule.slots.len(), slots);
    assert_eq!(schedule.slots, query.slots(&schedule.items));
    Ok(())
}
