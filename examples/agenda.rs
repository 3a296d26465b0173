//! The main job: what is on this week, a meeting booked, who is free when.
//!
//! With nothing set it starts the simulator; `examples/connect/mod.rs` says how to name a server.
//! On a real server it only reads.
//!
//! ```sh
//! cargo run --example agenda
//! ```

mod connect;

use std::error::Error;
use std::process::ExitCode;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use exchange_connector::Mailbox;
use exchange_connector::model::{
    Attendee, CalendarRef, Event, EventKind, EventQuery, FreeBusyQuery, FreeBusyStatus, NewEvent,
    Notify, Response, TimeRange, When, ZonedTime,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    connect::exit(run().await)
}

async fn run() -> Result<(), Box<dyn Error>> {
    let connected = connect::connect().await?;
    let mailbox = &*connected.mailbox;
    let here = connected.zone;
    println!("times of {here}");
    let today = Utc::now().with_timezone(&here).date_naive();
    let monday = today - Days::new(today.weekday().num_days_from_monday().into());
    let week = TimeRange::new(
        midnight(monday, here),
        midnight(monday + Days::new(7), here),
    );

    for calendar in mailbox.list_calendars().collect().await? {
        let default = if calendar.is_default {
            " (default)"
        } else {
            ""
        };
        println!("calendar {}{default}", calendar.name);
    }
    print_agenda(mailbox, week, here).await?;
    if connected.simulator.is_some() {
        let friday = monday + Days::new(4);
        book(mailbox, friday, here).await?;
        print_agenda(mailbox, week, here).await?;
        let people = [
            "alice@example.test",
            "bob@example.test",
            "carol@example.test",
        ];
        print_free_busy(mailbox, &people, friday, here).await?;
    }
    Ok(())
}

async fn print_agenda(
    mailbox: &dyn Mailbox,
    week: TimeRange,
    here: Tz,
) -> Result<(), Box<dyn Error>> {
    println!("\nweek of {}", week.start.with_timezone(&here).date_naive());
    let mut events = mailbox.list_events(EventQuery::between(week).full());
    while let Some(event) = events.try_next().await? {
        println!("  {:<28} {}", when(&event.when, here), describe(&event));
    }
    Ok(())
}

fn describe(event: &Event) -> String {
    let mut line = event.subject.clone();
    if let Some(location) = &event.location {
        line += &format!(", {location}");
    }
    match event.kind {
        EventKind::Occurrence => line += " [of a series]",
        EventKind::Exception => line += " [of a series, changed]",
        _ => {}
    }
    let detail = event.detail.as_deref();
    let attendees = detail.map(|detail| detail.attendees.as_slice());
    for attendee in attendees.unwrap_or_default() {
        let name = attendee.who.name.as_deref().or(attendee.who.smtp_address());
        let answer = match attendee.response.response {
            Response::Accepted => "accepted",
            Response::Tentative => "perhaps",
            Response::Declined => "declined",
            Response::Organizer => "organises it",
            _ => "no answer yet",
        };
        let name = name.unwrap_or("somebody");
        line += &format!("\n{:31}with {name}: {answer}", "");
    }
    if let Some(meeting) = detail.and_then(|detail| detail.online_meeting.as_ref()) {
        let provider = meeting.provider.as_deref().unwrap_or("online");
        line += &format!("\n{:31}join ({provider}): {}", "", meeting.join_url);
    }
    line
}

fn when(when: &When, here: Tz) -> String {
    match when {
        When::AllDay { start, end, .. } if *end == *start + Days::new(1) => {
            format!("{} all day", start.format("%a %d %b"))
        }
        When::AllDay { start, end, .. } => {
            let last = *end - Days::new(1);
            format!(
                "{} to {}",
                start.format("%a %d %b"),
                last.format("%a %d %b")
            )
        }
        When::Timed { start, end } => {
            let from = start.utc.with_timezone(&here);
            let to = end.utc.with_timezone(&here);
            let mut text = format!("{}-{}", from.format("%a %d %b %H:%M"), to.format("%H:%M"));
            if let (Some(there), false) = (start.local(), start.zone.tz == Some(here)) {
                text += &format!(" ({} there)", there.format("%H:%M"));
            }
            text
        }
        _ => String::new(),
    }
}

async fn book(mailbox: &dyn Mailbox, day: NaiveDate, here: Tz) -> Result<(), Box<dyn Error>> {
    let at = |hour: i64| {
        ZonedTime::from_local(day.and_time(NaiveTime::MIN) + TimeDelta::hours(hour), here)
    };
    let event = NewEvent::new("Interview", When::between(at(15), at(16)))
        .location("Room 1.10")
        .attendee(Attendee::required("bob@example.test"));
    let made = mailbox
        .create_event(&CalendarRef::Default, event, Notify::Auto)
        .await?;
    println!("\nbooked: {} {}", when(&made.when, here), made.subject);
    Ok(())
}

async fn print_free_busy(
    mailbox: &dyn Mailbox,
    people: &[&str],
    day: NaiveDate,
    here: Tz,
) -> Result<(), Box<dyn Error>> {
    let start = midnight(day, here) + TimeDelta::hours(8);
    let window = TimeRange::new(start, start + TimeDelta::hours(10));
    let query = FreeBusyQuery::new(people.to_vec(), window);
    println!(
        "\nfree and busy on {}, 8:00 to 18:00 by half hours",
        day.format("%A")
    );
    let answers = mailbox.free_busy(query).await?;
    for (person, answer) in people.iter().zip(answers) {
        match answer {
            Ok(schedule) => {
                let slots: String = schedule.slots.iter().map(symbol).collect();
                println!("  {person:<24} {slots}");
            }
            Err(error) => println!("  {person:<24} {error}"),
        }
    }
    println!("  . free  ? tentative  # busy  o out of office  e elsewhere");
    Ok(())
}

fn symbol(status: &FreeBusyStatus) -> char {
    match status {
        FreeBusyStatus::Free => '.',
        FreeBusyStatus::Tentative => '?',
        FreeBusyStatus::Busy => '#',
        FreeBusyStatus::OutOfOffice => 'o',
        FreeBusyStatus::WorkingElsewhere => 'e',
        _ => ' ',
    }
}

fn midnight(day: NaiveDate, here: Tz) -> DateTime<Utc> {
    ZonedTime::from_local(day.and_time(NaiveTime::MIN), here).utc
}
