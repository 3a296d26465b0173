//! What the crate makes of a series without the server, and series that travel as iCalendar text.

use chrono::{TimeDelta, Weekday};
use exchange_connector::Result;
use exchange_connector::ical::{Export, ICalEntry, Import, RecurrenceId};
use exchange_connector::model::{
    CalendarRef, DaySet, DeleteMode, Event, EventId, EventPatch, NewEvent, Notify, Pattern,
    Projection, Range, Recurrence, Series, TimeRange, When,
};

use super::backend::{Backend, HOME, day, lasting, window};

/// Two series, timed and of whole days, each with two occurrences changed and one deleted. The clocks
/// are set while they go on.
async fn two_series(b: &Backend) -> Result<Vec<EventId>> {
    let mailbox = b.mailbox("alice");
    let weekly = Pattern::Weekly {
        interval: 1,
        days: DaySet::of(&[Weekday::Mon, Weekday::Thu]),
        first_day: Weekday::Sun,
    };
    let last = Pattern::MonthlyOnDay {
        interval: 1,
        day: 31,
    };
    let mut made = Vec::new();
    for (pattern, start, when) in [
        (weekly, "2026-03-16", lasting("2026-03-16T09:30", 45)),
        (
            last,
            "2026-01-31",
            When::days(day("2026-01-31"), day("2026-02-02")),
        ),
    ] {
        let range = Range::Count {
            start: day(start),
            count: 12,
        };
        let series = NewEvent::new("Planned", when)
            .location("Room 1; or 2")
            .category("Blue")
            .recurrence(Recurrence::new(pattern, range));
        let series = mailbox
            .create_event(&CalendarRef::Default, series, Notify::Auto)
            .await?;
        let parts = occurrences(b, "alice", &series.id, year()).await?;
        assert_eq!(parts.len(), 12);
        let moved = EventPatch::new()
            .when(later(&parts[3].when, 1))
            .subject("Moved");
        let elsewhere = EventPatch::new().location("Room 3");
        for (part, patch) in [(&parts[3], moved), (&parts[7], elsewhere)] {
            mailbox
                .update_event(&part.id, patch, None, Notify::Auto)
                .await?;
        }
        mailbox
            .delete_event(&parts[5].id, DeleteMode::Trash, Notify::Auto)
            .await?;
        made.push(series.id);
    }
    Ok(made)
}

fn later(when: &When, days: i64) -> When {
    match when {
        When::Timed { start, end } => {
            let (mut start, mut end) = (start.clone(), end.clone());
            start.utc += TimeDelta::days(days);
            end.utc += TimeDelta::days(days);
            When::between(start, end)
        }
        When::AllDay { start, end, .. } => {
            let days = TimeDelta::days(days);
            When::days(*start + days, *end + days)
        }
        other => other.clone(),
    }
}

fn year() -> TimeRange {
    window("2026-01-01T00:00:00Z", "2027-02-01T00:00:00Z")
}

async fn occurrences(
    b: &Backend,
    person: &str,
    series: &EventId,
    window: TimeRange,
) -> Result<Vec<Event>> {
    let mailbox = b.mailbox(person);
    mailbox
        .list_occurrences(series, window, Projection::Full)
        .collect()
        .await
}

pub(super) async fn occurrences_without_asking(b: &Backend) -> Result<()> {
    for id in two_series(b).await? {
        let series = b.mailbox("alice").get_series(&id).await?;
        for window in [
            year(),
            window("2026-03-26T08:30:00Z", "2026-03-31T08:00:00Z"),
            window("2026-04-02T07:30:00Z", "2026-04-02T08:15:00Z"),
            window("2026-06-01T00:00:00Z", "2026-06-30T12:00:00Z"),
        ] {
            let asked = occurrences(b, "alice", &id, window).await?;
            let asked: Vec<_> = asked
                .iter()
                .map(|event| (&event.subject, event.when.span(HOME)))
                .collect();
            let ours: Vec<_> = series
                .occurrences(window, HOME)?
                .map(|one| {
                    let event = one.exception.unwrap_or(&series.master);
                    (&event.subject, one.when.span(HOME))
                })
                .collect();
            assert_eq!(ours, asked, "{window:?}");
        }
    }
    Ok(())
}

pub(super) async fn a_series_travels_as_text(b: &Backend) -> Result<()> {
    for id in two_series(b).await? {
        let series = b.mailbox("alice").get_series(&id).await?;
        let mut export = Export::new();
        export.series(&series)?;
        let calendar = Import::new().read(&export.to_text()?)?;
        for entry in calendar.entries {
            let copy = create(b, "bob", entry?).await?;
            same(&series, &copy);
        }
    }
    Ok(())
}

/// As a program would that reads a file into a calendar.
async fn create(b: &Backend, person: &str, mut entry: ICalEntry) -> Result<Series> {
    // Not every version takes a UID.
    entry.main.event.uid = None;
    let mailbox = b.mailbox(person);
    let made = mailbox
        .create_event(
            &CalendarRef::Default,
            entry.main.event.clone(),
            Notify::Nobody,
        )
        .await?;
    let parts = occurrences(b, person, &made.id, year()).await?;
    let part = |id: RecurrenceId| parts.iter().find(|part| id.is_of(part, HOME)).unwrap();
    for exception in &entry.exceptions {
        let part = part(exception.recurrence_id.unwrap());
        let changes = exception.changes_from(&entry.main.event);
        mailbox
            .update_event(&part.id, changes, None, Notify::Nobody)
            .await?;
    }
    for deleted in &entry.deleted {
        mailbox
            .delete_event(&part(*deleted).id, DeleteMode::Trash, Notify::Nobody)
            .await?;
    }
    mailbox.get_series(&made.id).await
}

fn same(one: &Series, other: &Series) {
    let said = |event: &Event| {
        (
            event.subject.clone(),
            event.when.span(HOME),
            event.when.is_all_day(),
            event.location.clone(),
            event.categories.clone(),
            event.recurrence_id,
            event.show_as,
            event.detail.as_ref().unwrap().recurrence.clone(),
        )
    };
    assert_eq!(said(&one.master), said(&other.master));
    let exceptions = |series: &Series| series.exceptions.iter().map(said).collect::<Vec<_>>();
    assert_eq!(exceptions(one), exceptions(other));
    assert_eq!(one.deleted, other.deleted);
}
