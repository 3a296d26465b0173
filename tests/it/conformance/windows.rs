//! Long windows are asked for in pieces, and servers limit what one answer holds.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use exchange_connector::model::{Event, EventId, EventQuery, TimeRange};
use exchange_connector::{ErrorKind, Feature, Result};

use super::backend::{Backend, Doing, HOME, HOME_ON_WINDOWS, Planted, at, window, zones};

/// A weekly series without an end, a daily one of a year, and single events of all lengths, also
/// several at the same instant, over five years.
fn plant(b: &Backend) -> TimeRange {
    let series = |pattern: &str, range: &str| {
        format!(
            "<t:Recurrence>{pattern}{range}</t:Recurrence>{}",
            zones(HOME_ON_WINDOWS)
        )
    };
    let weekly = series(
        "<t:WeeklyRecurrence><t:Interval>1</t:Interval><t:DaysOfWeek>Tuesday</t:DaysOfWeek></t:WeeklyRecurrence>",
        "<t:NoEndRecurrence><t:StartDate>2024-01-02</t:StartDate></t:NoEndRecurrence>",
    );
    b.plant(
        "alice",
        &Planted::new("w", "2024-01-02T09:00:00Z", "2024-01-02T10:00:00Z", &weekly),
    );
    let daily = series(
        "<t:DailyRecurrence><t:Interval>1</t:Interval></t:DailyRecurrence>",
        "<t:NumberedRecurrence><t:StartDate>2026-05-04</t:StartDate><t:NumberOfOccurrences>30</t:NumberOfOccurrences></t:NumberedRecurrence>",
    );
    b.plant(
        "alice",
        &Planted::new("d", "2026-05-04T07:00:00Z", "2026-05-04T07:15:00Z", &daily),
    );
    let first = at("2025-01-01T00:00:00Z");
    for number in 0..60_i64 {
        let start = first + TimeDelta::hours(number / 3 * 24 * 91);
        let length = [0, 15, 60, 60 * 30, 60 * 24 * 40][number as usize % 5];
        let end = start + TimeDelta::minutes(length);
        let event = Planted::new(&number.to_string(), &stamp(start), &stamp(end), "");
        b.plant("alice", &event);
    }
    window("2025-01-01T00:00:00Z", "2030-01-01T00:00:00Z")
}

async fn list(b: &Backend, query: EventQuery) -> Result<Vec<Event>> {
    b.mailbox("alice").list_events(query).collect().await
}

/// Their ids in order, each just once, ordered by their starts.
fn ids(events: &[Event]) -> Vec<&EventId> {
    let start = |event: &Event| event.when.span(HOME).start;
    assert!(events.is_sorted_by_key(start), "not in order");
    let ids: Vec<_> = events.iter().map(|event| &event.id).collect();
    assert_eq!(
        ids.iter().collect::<BTreeSet<_>>().len(),
        ids.len(),
        "repeated"
    );
    ids
}

pub(super) async fn any_partition_makes_the_whole(b: &Backend) -> Result<()> {
    let five_years = plant(b);
    let whole = list(b, EventQuery::between(five_years)).await?;
    assert_eq!(whole.len(), 260 + 30 + 60);
    let all: BTreeSet<_> = ids(&whole).into_iter().collect();
    assert!(b.requests_to(Doing::Lists) > 1);

    for days in [200, 731] {
        let mut parts = BTreeSet::new();
        let mut start = five_years.start;
        while start < five_years.end {
            let end = (start + TimeDelta::days(days)).min(five_years.end);
            let part = list(b, EventQuery::between(TimeRange::new(start, end))).await?;
            ids(&part);
            parts.extend(part.into_iter().map(|event| event.id));
            start = end;
        }
        assert!(
            parts.iter().eq(all.iter().copied()),
            "pieces of {days} days"
        );
    }

    // A listing that is dropped asks for nothing more.
    let before = b.requests();
    let mailbox = b.mailbox("alice");
    let mut listing = mailbox.list_events(EventQuery::between(five_years));
    listing.try_next().await?;
    let after = b.requests();
    drop(listing);
    tokio::task::yield_now().await;
    assert!(after > before);
    assert_eq!(b.requests(), after);
    Ok(())
}

pub(super) async fn a_limited_server_loses_nothing(b: &Backend) -> Result<()> {
    let five_years = plant(b);
    let whole = list(b, EventQuery::between(five_years)).await?;
    for limit in [200, 20] {
        b.limit_find(Some(limit));
        let before = b.requests_to(Doing::Lists) as usize;
        let limited = list(b, EventQuery::between(five_years)).await?;
        assert_eq!(ids(&limited), ids(&whole), "at most {limit} items");
        let asked = b.requests_to(Doing::Lists) as usize - before;
        assert!(asked >= whole.len() / limit, "at most {limit} items");
    }
    // More at the same instant than a server gives at once: where it goes on it is asked to, else it is said, not cut.
    b.limit_find(Some(2));
    let limited = list(b, EventQuery::between(five_years)).await;
    if b.can(Feature::PagedViews) {
        assert_eq!(ids(&limited?), ids(&whole));
    } else {
        let refused = limited.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::LimitExceeded, "{refused:?}");
    }
    Ok(())
}

pub(super) async fn small_pages_lose_nothing(b: &Backend) -> Result<()> {
    let five_years = plant(b);
    let months = TimeRange::lasting(five_years.start, TimeDelta::days(200));
    for (size, window) in [(1, months), (3, months), (60, five_years)] {
        let whole = list(b, EventQuery::between(window)).await?;
        let paged = list(b, EventQuery::between(window).page_size(size)).await?;
        assert_eq!(ids(&paged), ids(&whole), "pages of {size}");
    }
    Ok(())
}

/// Eleven meetings each day of a year, three at once, and some that take weeks.
fn plant_busy_year(b: &Backend) -> TimeRange {
    for number in 0..11 {
        let start = at("2026-01-01T07:00:00Z") + TimeDelta::minutes(number / 3 * 30);
        let daily = format!(
            "<t:Recurrence><t:DailyRecurrence><t:Interval>1</t:Interval></t:DailyRecurrence>\
             <t:NumberedRecurrence><t:StartDate>2026-01-01</t:StartDate>\
             <t:NumberOfOccurrences>365</t:NumberOfOccurrences></t:NumberedRecurrence>\
             </t:Recurrence>{}",
            zones(HOME_ON_WINDOWS)
        );
        let (from, to) = (stamp(start), stamp(start + TimeDelta::minutes(45)));
        b.plant("alice", &Planted::new("daily", &from, &to, &daily));
    }
    for number in 0..5 {
        let start = at("2026-01-10T00:00:00Z") + TimeDelta::days(number * 61);
        let (from, to) = (stamp(start), stamp(start + TimeDelta::days(40)));
        b.plant("alice", &Planted::new("long", &from, &to, ""));
    }
    window("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z")
}

fn stamp(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

pub(super) async fn a_busy_year_takes_few_requests(b: &Backend) -> Result<()> {
    let year = plant_busy_year(b);
    let mailbox = b.mailbox("alice");
    let mut listing = mailbox.list_events(EventQuery::between(year));
    let (mut events, mut largest) = (Vec::new(), 0);
    while let Some(page) = listing.next_page().await? {
        largest = largest.max(page.items.len());
        events.extend(page.items);
    }
    assert_eq!(ids(&events).len(), 11 * 365 + 5);
    assert!(largest <= 1000, "{largest} events at once");
    let most = events.len().div_ceil(1000) + 1;
    let asked = b.requests_to(Doing::Lists) as usize;
    assert!(
        asked <= most,
        "{asked} requests for {} events",
        events.len()
    );
    Ok(())
}
