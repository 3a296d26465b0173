//! A calendar as an iCalendar file: what takes place within a window, each series whole.
//!
//! With nothing set it starts the simulator; `examples/connect/mod.rs` says how to name a server.
//! `EXPORT_FROM` and `EXPORT_UNTIL` are the first and the last day, as `2026-05-04`; without them
//! it is this week and the three after it. Without a file the text goes to the standard output. It
//! only reads.
//!
//! ```sh
//! cargo run --example export_ics --features icalendar,simulator -- agenda.ics
//! ```

mod connect;

use std::collections::HashSet;
use std::env;
use std::error::Error;
use std::process::ExitCode;

use chrono::{Datelike, Days, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use exchange_connector::ical::Export;
use exchange_connector::model::{Event, EventKind, EventQuery, TimeRange, ZonedTime};
use exchange_connector::{ErrorKind, Mailbox};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    connect::exit(run().await)
}

async fn run() -> Result<(), Box<dyn Error>> {
    let connected = connect::connect().await?;
    let here = connected.zone;
    let window = window(here)?;
    let export = export(&*connected.mailbox, window, here).await?;
    let text = export.to_text()?;
    match env::args().nth(1) {
        Some(file) => {
            std::fs::write(&file, text).map_err(|error| format!("{file}: {error}"))?;
            eprintln!("written to {file}");
        }
        None => print!("{text}"),
    }
    Ok(())
}

async fn export(
    mailbox: &dyn Mailbox,
    window: TimeRange,
    here: Tz,
) -> Result<Export, Box<dyn Error>> {
    let mut export = Export::new().name("Calendar").home(here);
    let mut known = HashSet::new();
    let mut events = mailbox.list_events(EventQuery::between(window).full());
    while let Some(event) = events.try_next().await? {
        let name = event.subject.clone();
        match add(&mut export, mailbox, event, &mut known).await {
            Ok(()) => {}
            // What a text cannot say does not cost the rest of the calendar.
            Err(error) if error.kind() == ErrorKind::Unsupported => {
                eprintln!("left out: {name}: {error}");
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(export)
}

/// Adds a single event, or the whole series of an occurrence when it is met first.
async fn add(
    export: &mut Export,
    mailbox: &dyn Mailbox,
    event: Event,
    known: &mut HashSet<String>,
) -> exchange_connector::Result<()> {
    if event.kind == EventKind::Single {
        return export.event(&event);
    }
    // All parts of a series have its UID.
    if let Some(uid) = &event.uid
        && !known.insert(uid.as_str().to_owned())
    {
        return Ok(());
    }
    let series = mailbox.get_series(&event.id).await?;
    if event.uid.is_none() && !known.insert(series.master.id.as_raw().to_owned()) {
        return Ok(());
    }
    eprintln!(
        "series: {}, changed {}, deleted {}",
        series.master.subject,
        series.exceptions.len(),
        series.deleted.len()
    );
    export.series(&series)
}

fn window(here: Tz) -> Result<TimeRange, String> {
    let today = Utc::now().with_timezone(&here).date_naive();
    let monday = today - Days::new(today.weekday().num_days_from_monday().into());
    let first = day("EXPORT_FROM")?.unwrap_or(monday);
    let last = day("EXPORT_UNTIL")?.unwrap_or(first + Days::new(27));
    let midnight = |day: NaiveDate| ZonedTime::from_local(day.and_time(NaiveTime::MIN), here).utc;
    Ok(TimeRange::new(
        midnight(first),
        midnight(last + Days::new(1)),
    ))
}

fn day(variable: &str) -> Result<Option<NaiveDate>, String> {
    match env::var(variable).ok().filter(|value| !value.is_empty()) {
        Some(value) => match value.parse() {
            Ok(day) => Ok(Some(day)),
            Err(_) => Err(format!("{variable}={value} is no day such as 2026-05-04")),
        },
        None => Ok(None),
    }
}
