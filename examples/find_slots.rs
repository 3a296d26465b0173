//! An interview: when two people are free together, if possible a third one too, and a room. Nothing
//! is shown of what is in their calendars.
//!
//! With nothing set it starts the simulator; `examples/connect/mod.rs` says how to name a server.
//! `FIND_REQUIRED`, `FIND_OPTIONAL` and `FIND_ROOMS` are addresses with commas between them;
//! without rooms those of the first list of rooms are looked at. It only reads, and needs no more
//! than the right to see free and busy times.
//!
//! ```sh
//! cargo run --example find_slots
//! ```

mod connect;

use std::env;
use std::error::Error;
use std::process::ExitCode;

use chrono::{Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use exchange_connector::model::{TimeRange, ZonedTime};
use exchange_connector::{AvailabilityExt, Directory, ErrorKind, FoundSlots, SlotOrder, SlotQuery};

/// How many proposals a candidate gets.
const PROPOSALS: usize = 6;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    connect::exit(run().await)
}

async fn run() -> Result<(), Box<dyn Error>> {
    let connected = connect::connect().await?;
    let mut required = listed("FIND_REQUIRED");
    let mut optional = listed("FIND_OPTIONAL");
    let mut rooms = listed("FIND_ROOMS");
    if required.is_empty() && connected.simulator.is_some() {
        required = ["alice@example.test", "bob@example.test"]
            .map(String::from)
            .into();
        optional = vec!["carol@example.test".to_owned()];
    }
    if required.is_empty() {
        return Err("FIND_REQUIRED is not set: the addresses of who must be free".into());
    }
    if rooms.is_empty() {
        rooms = rooms_of_the_first_list(&*connected.directory).await?;
    }

    let here = connected.zone;
    println!("45 minutes for {}, times of {here}", required.join(" and "));
    let query = SlotQuery::new(next_fortnight(here), TimeDelta::minutes(45))
        .required(required)
        .optional(optional)
        .rooms(rooms)
        .granularity(TimeDelta::minutes(30))
        // Time to take notes.
        .buffer(TimeDelta::zero(), TimeDelta::minutes(15))
        .order(SlotOrder::MostOptional)
        .limit(PROPOSALS);
    let found = connected.mailbox.find_slots(query).await?;
    print_slots(&found, here);
    Ok(())
}

/// From tomorrow on, whole days.
fn next_fortnight(here: Tz) -> TimeRange {
    let midnight = |day: NaiveDate| ZonedTime::from_local(day.and_time(NaiveTime::MIN), here).utc;
    let tomorrow = Utc::now().with_timezone(&here).date_naive() + Days::new(1);
    TimeRange::new(midnight(tomorrow), midnight(tomorrow + Days::new(14)))
}

/// Nothing where a server has no lists of rooms.
async fn rooms_of_the_first_list(
    directory: &dyn Directory,
) -> exchange_connector::Result<Vec<String>> {
    let lists = match directory.room_lists().await {
        Err(error) if error.kind() == ErrorKind::Unsupported => Vec::new(),
        lists => lists?,
    };
    let Some(list) = lists.first() else {
        return Ok(Vec::new());
    };
    let rooms = directory.rooms(Some(&list.who)).await?;
    let addresses = rooms.iter().filter_map(|room| room.who.smtp_address());
    Ok(addresses.map(str::to_owned).collect())
}

fn print_slots(found: &FoundSlots, here: Tz) {
    for slot in &found.slots {
        let start = slot.range.start.with_timezone(&here);
        let end = slot.range.end.with_timezone(&here);
        let mut line = format!("{}-{}", start.format("%a %d %b %H:%M"), end.format("%H:%M"));
        if !slot.optional.is_empty() {
            line += &format!("  with {}", slot.optional.join(" and "));
        }
        if let Some(room) = slot.rooms.first() {
            line += &format!("  in {room}");
        }
        println!("  {line}");
    }
    if found.slots.is_empty() {
        println!("  there is no time at which all are free");
    }
    for missing in &found.missing {
        println!("not known: {}: {}", missing.who, missing.error);
    }
    for who in &found.without_hours {
        println!("working hours not known: {who}");
    }
}

/// The addresses in a variable.
fn listed(variable: &str) -> Vec<String> {
    let text = env::var(variable).unwrap_or_default();
    let addresses = text.split(',').map(str::trim);
    addresses
        .filter(|one| !one.is_empty())
        .map(str::to_owned)
        .collect()
}
