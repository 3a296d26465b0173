//! How much memory long lists and large contents take. A program of its own, because it counts what
//! is allocated.
//!
//! The server runs in a thread of its own, and only what the thread of the client allocates is
//! counted.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "it is a test"
)]

#[path = "memory/content.rs"]
mod content;
#[path = "memory/messages.rs"]
mod messages;
#[path = "memory/seeing.rs"]
mod seeing;

use std::sync::mpsc;
use std::thread;

use allocation_counter::AllocationInfo;
use chrono::{DateTime, TimeDelta, Utc};
use exchange_connector::ews::{EwsConnector, ServerVersion};
use exchange_connector::http::{AuthPolicy, AuthScheme, Credentials, HttpOptions, Proxy};
use exchange_connector::model::{EventQuery, TimeRange};
use exchange_connector::simulator::Simulator;
use exchange_connector::{Connector, MailboxTarget};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

/// So many series, each of which takes place each day.
const SERIES: usize = 17;

fn first() -> DateTime<Utc> {
    "2026-01-01T08:00:00Z".parse().unwrap()
}

/// A calendar with some ten thousand occurrences in each two years, until the sender is dropped.
fn serve() -> (String, oneshot::Sender<()>) {
    let (url, served) = mpsc::channel();
    let (stop, stopped) = oneshot::channel();
    thread::spawn(move || {
        let runtime = Runtime::new().unwrap();
        runtime.block_on(async {
            let simulator = Simulator::builder().start().await.unwrap();
            for number in 0..SERIES {
                let item = format!(
                    "<t:CalendarItem><t:Subject>Series {number}</t:Subject>\
                     <t:Start>2026-01-01T08:00:00Z</t:Start><t:End>2026-01-01T09:00:00Z</t:End>\
                     <t:Recurrence><t:DailyRecurrence><t:Interval>1</t:Interval></t:DailyRecurrence>\
                     <t:NoEndRecurrence><t:StartDate>2026-01-01</t:StartDate></t:NoEndRecurrence>\
                     </t:Recurrence></t:CalendarItem>"
                );
                let planted = simulator.plant("alice@example.test", "calendar", &item);
                planted.unwrap();
            }
            url.send(simulator.ews_url().to_owned()).unwrap();
            stopped.await.ok();
        });
    });
    (served.recv().unwrap(), stop)
}

/// How many events there are in so many days, and what it took to read them one by one, or to keep
/// them all.
fn read(url: &str, days: i64, keeps: bool) -> (usize, AllocationInfo) {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let password = Credentials::password("alice@example.test", "alice-Passw0rd");
    let connector = EwsConnector::builder(url)
        .credentials(password)
        .auth(AuthPolicy::Only(AuthScheme::Basic))
        .version(ServerVersion::Exchange2016)
        .http(HttpOptions::default().proxy(Proxy::Off))
        .build()
        .unwrap();
    let mailbox = connector.mailbox(&MailboxTarget::Own).unwrap();
    let window = TimeRange::lasting(first(), TimeDelta::days(days));
    let mut count = 0;
    let took = allocation_counter::measure(|| {
        runtime.block_on(async {
            let mut events = mailbox.list_events(EventQuery::between(window));
            let mut kept = Vec::new();
            while let Some(event) = events.try_next().await.unwrap() {
                count += 1;
                if keeps {
                    kept.push(event);
                }
            }
        });
    });
    (count, took)
}

#[test]
fn five_years_stream_in_bounded_memory() {
    let (url, stop) = serve();
    let days = 5 * 365;
    let (_, short) = read(&url, 180, false);
    let (count, long) = read(&url, days, false);
    let (_, kept) = read(&url, 365, true);
    drop(stop);

    assert_eq!(count, SERIES * usize::try_from(days).unwrap());
    let most = |one: &AllocationInfo| one.bytes_max / 1024;
    let said = format!(
        "at most {} KiB for half a year, {} KiB for five years ({count} occurrences), {} KiB to keep one year",
        most(&short),
        most(&long),
        most(&kept)
    );
    println!("{said}");
    assert!(long.bytes_max < short.bytes_max * 5 / 4, "{said}");
    // So that it is seen to be measured at all.
    assert!(kept.bytes_max > long.bytes_max * 5 / 4, "{said}");
}
