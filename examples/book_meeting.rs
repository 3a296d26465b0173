//! A meeting booked: people, a room, a file that the invitations carry. Booking it twice makes one
//! meeting, so a program that lost an answer may simply ask again.
//!
//! With nothing set it starts the simulator; `examples/connect/mod.rs` says how to name a server.
//! On a server it invites real people, so these must be set:
//!
//! | variable | what |
//! |---|---|
//! | `BOOK_ATTENDEES` | addresses with commas between them; those in brackets, as `(ada@example.com)`, may come |
//! | `BOOK_START` | when, by the clock on the wall: `2026-03-02T15:00` |
//! | `BOOK_ROOM` | the address of a room; none if not set |
//! | `BOOK_FILE` | a file to attach; none if not set |
//!
//! ```sh
//! cargo run --example book_meeting
//! ```

mod connect;

use std::env;
use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use chrono::{Days, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use exchange_connector::Effect;
use exchange_connector::model::{
    Attendee, AttendeeRole, Body, CalendarRef, Event, NewAttachment, NewEvent, Notify, When,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    connect::exit(run().await)
}

async fn run() -> Result<(), Box<dyn Error>> {
    let connected = connect::connect().await?;
    let mailbox = &*connected.mailbox;
    let here = connected.zone;
    let (start, attendees, file) = if connected.simulator.is_some() {
        let rooms = connected.directory.rooms(None).await?;
        let room = rooms.iter().find_map(|room| room.who.smtp_address());
        let mut attendees = vec![
            Attendee::required("bob@example.test"),
            Attendee::optional("carol@example.test"),
        ];
        attendees.extend(room.map(Attendee::resource));
        let tomorrow = Utc::now().with_timezone(&here).date_naive() + Days::new(1);
        let agenda = NewAttachment::new("agenda.txt", "1. Welcome\n2. The new office\n");
        let three = NaiveTime::MIN + TimeDelta::hours(15);
        (tomorrow.and_time(three), attendees, Some(agenda))
    } else {
        (start()?, attendees()?, file()?)
    };

    let when = When::timed(start, start + TimeDelta::minutes(45), here);
    let mut event = NewEvent::new("The new office", when)
        .body(Body::text("What we want, and what it may cost."))
        .attendees(attendees)
        // The same for each attempt at this booking, and for no other.
        .idempotency_key(format!("book-meeting-{start}"));
    event.attachments.extend(file);

    let book = || mailbox.create_event(&CalendarRef::Default, event.clone(), Notify::Auto);
    let made = match book().await {
        // Half done, or nobody knows: with the key, asking again finishes it.
        Err(error) if error.effect() != Effect::None => {
            eprintln!("once more, because {error}");
            book().await?
        }
        done => done?,
    };
    print(&made, start);
    if connected.simulator.is_some() {
        let again = book().await?;
        let same = if again.id == made.id {
            "the same"
        } else {
            "another"
        };
        println!("\nbooked again with the same key: {same} meeting");
    }
    Ok(())
}

fn print(made: &Event, start: NaiveDateTime) {
    println!(
        "booked: {}, {}",
        made.subject,
        start.format("%a %d %b %H:%M")
    );
    let Some(detail) = &made.detail else { return };
    for attendee in &detail.attendees {
        let name = attendee.who.name.as_deref();
        let who = name.or(attendee.who.smtp_address()).unwrap_or("somebody");
        let role = match attendee.role {
            AttendeeRole::Optional => "may come",
            AttendeeRole::Resource => "is booked",
            _ => "should come",
        };
        println!("  invited: {who}, {role}");
    }
    for attachment in &detail.attachments {
        println!("  attached: {}", attachment.name);
    }
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn start() -> Result<NaiveDateTime, Box<dyn Error>> {
    let text = variable("BOOK_START").ok_or("BOOK_START is not set: when the meeting begins")?;
    let read = NaiveDateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M");
    Ok(read.map_err(|_| format!("BOOK_START={text} is no time such as 2026-03-02T15:00"))?)
}

fn attendees() -> Result<Vec<Attendee>, Box<dyn Error>> {
    let text = variable("BOOK_ATTENDEES");
    let text = text.ok_or("BOOK_ATTENDEES is not set: the addresses of who is invited")?;
    let addresses = text.split(',').map(str::trim).filter(|one| !one.is_empty());
    let mut attendees: Vec<_> = addresses
        .map(|address| {
            let bare = address.strip_prefix('(').and_then(|a| a.strip_suffix(')'));
            bare.map_or_else(|| Attendee::required(address), Attendee::optional)
        })
        .collect();
    attendees.extend(variable("BOOK_ROOM").map(Attendee::resource));
    Ok(attendees)
}

fn file() -> Result<Option<NewAttachment>, Box<dyn Error>> {
    let Some(path) = variable("BOOK_FILE") else {
        return Ok(None);
    };
    let content = std::fs::read(&path).map_err(|error| format!("BOOK_FILE={path}: {error}"))?;
    let name = Path::new(&path).file_name().unwrap_or_default();
    let name = name.to_string_lossy().into_owned();
    Ok(Some(NewAttachment::new(name, content)))
}
