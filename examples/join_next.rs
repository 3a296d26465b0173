//! The next meeting to join online: its link, its passcode and a number to call.
//!
//! Passes over what was cancelled, what the owner of the calendar declined, what has ended, and
//! what takes place in a room only. With nothing set it starts the simulator;
//! `examples/connect/mod.rs` says how to name a server. It only reads.
//!
//! ```sh
//! cargo run --example join_next
//! ```

mod connect;

use std::error::Error;
use std::process::ExitCode;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use exchange_connector::Mailbox;
use exchange_connector::model::{
    Event, EventQuery, OnlineMeeting, Projection, Response, TimeRange, When,
};

/// How far to look ahead.
const DAYS: i64 = 14;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    connect::exit(run().await)
}

async fn run() -> Result<(), Box<dyn Error>> {
    let connected = connect::connect().await?;
    let now = Utc::now();
    match next(&*connected.mailbox, now).await? {
        Some((event, meeting)) => print(&event, &meeting, now, connected.zone),
        None => println!("nothing to join in the next {DAYS} days"),
    }
    Ok(())
}

/// The first meeting that has not ended and can be joined. What is already running comes first.
async fn next(
    mailbox: &dyn Mailbox,
    now: DateTime<Utc>,
) -> Result<Option<(Event, OnlineMeeting)>, Box<dyn Error>> {
    let window = TimeRange::new(now, now + TimeDelta::days(DAYS));
    // In the order of their beginning; pages that are not needed are not read.
    let mut events = mailbox.list_events(EventQuery::between(window));
    while let Some(event) = events.try_next().await? {
        if let Some(why) = passed_over(&event, now) {
            println!("passed over: {} ({why})", event.subject);
            continue;
        }
        // The list is short; where to join is among the details.
        let event = mailbox.get_event(&event.id, Projection::Full).await?;
        let detail = event.detail.as_deref();
        match detail.and_then(|detail| detail.online_meeting.clone()) {
            Some(meeting) => return Ok(Some((event, meeting))),
            None => println!("passed over: {} (no link)", event.subject),
        }
    }
    Ok(None)
}

/// Why nobody would join it.
fn passed_over(event: &Event, now: DateTime<Utc>) -> Option<&'static str> {
    let When::Timed { end, .. } = &event.when else {
        return Some("all day");
    };
    if event.is_cancelled {
        Some("cancelled")
    } else if event.my_response.response == Response::Declined {
        Some("declined")
    } else if end.utc <= now {
        Some("over")
    } else {
        None
    }
}

fn print(event: &Event, meeting: &OnlineMeeting, now: DateTime<Utc>, here: Tz) {
    println!("\n{}", event.subject);
    if let When::Timed { start, end } = &event.when {
        let clock = |instant: DateTime<Utc>| instant.with_timezone(&here).format("%a %H:%M");
        let minutes = (start.utc - now).num_minutes();
        let when = match minutes {
            ..=0 => "running".to_owned(),
            1..=90 => format!("in {minutes} minutes"),
            _ => format!("in {} hours", minutes / 60),
        };
        println!("  {} to {} ({when})", clock(start.utc), clock(end.utc));
    }
    let provider = meeting.provider.as_deref().unwrap_or("online");
    println!("  {provider}: {}", meeting.join_url);
    if let Some(service) = &meeting.wrapped_by {
        println!("  the link is one of {service}, which alone knows where it leads");
    }
    for (what, value) in [
        ("number", &meeting.conference_id),
        ("passcode", &meeting.passcode),
    ] {
        if let Some(value) = value {
            println!("  {what}: {value}");
        }
    }
    for number in &meeting.dial_in {
        let label = number.label.as_deref().unwrap_or_default();
        let code = number.conference_id.as_deref().unwrap_or("of the host");
        println!("  or call {} {label}, code {code}", number.number);
    }
}
