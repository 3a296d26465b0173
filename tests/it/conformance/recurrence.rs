//! Each pattern is created, read back, and its expansion compared with what `rrule` makes of the
//! same rule in the words of RFC 5545.

use chrono::{Datelike, NaiveDate, TimeDelta, Weekday};
use exchange_connector::model::{
    CalendarRef, DaySet, Event, EventKind, EventPatch, EventQuery, NewEvent, Notify, Patch,
    Pattern, Projection, Range, Recurrence, Series, TimeRange, WeekIndex, When,
};
use exchange_connector::{Error, ErrorKind, Feature, Result};
use rrule::RRuleSet;

use super::backend::{Backend, HOME, day, lasting};

/// A whole number of years after the beginning of the series, so that endless ones are seen to go on.
const YEARS: i64 = 9;

pub(super) async fn daily(b: &Backend) -> Result<()> {
    for (interval, count) in [(1, 40), (3, 30), (100, 12)] {
        let start = day("2026-02-20");
        check(
            b,
            Pattern::Daily { interval },
            Range::Count { start, count },
        )
        .await?;
    }
    Ok(())
}

pub(super) async fn weekly(b: &Backend) -> Result<()> {
    let days = DaySet::of(&[Weekday::Sun, Weekday::Tue]);
    let start = day("2026-03-01");
    let range = Range::Count { start, count: 12 };
    for interval in [1, 2] {
        let weekly = |first_day| Pattern::Weekly {
            interval,
            days,
            first_day,
        };
        check(b, weekly(Weekday::Sun), range).await?;
        if b.can(Feature::FirstDayOfWeek) {
            check(b, weekly(Weekday::Mon), range).await?;
        } else if interval == 2 {
            // That version cannot say when weeks begin.
            refused(b, weekly(Weekday::Mon), start, ErrorKind::Unsupported).await;
        }
    }
    let workdays = Pattern::Weekly {
        interval: 1,
        days: DaySet::WEEKDAYS,
        first_day: Weekday::Sun,
    };
    let start = day("2026-03-23");
    check(b, workdays, Range::Count { start, count: 12 }).await
}

pub(super) async fn monthly_on_a_day(b: &Backend) -> Result<()> {
    for (interval, day_of_month, start) in [
        (1, 15, "2026-01-15"),
        (1, 31, "2026-01-31"),
        (1, 30, "2026-01-30"),
        (1, 29, "2026-01-29"),
        (5, 31, "2026-01-31"),
    ] {
        let pattern = Pattern::MonthlyOnDay {
            interval,
            day: day_of_month,
        };
        check(
            b,
            pattern,
            Range::Count {
                start: day(start),
                count: 30,
            },
        )
        .await?;
    }
    Ok(())
}

pub(super) async fn monthly_on_a_weekday(b: &Backend) -> Result<()> {
    for (interval, week, days, start) in [
        (1, WeekIndex::Last, DaySet::WEEKDAYS, "2026-01-30"),
        (1, WeekIndex::First, DaySet::WEEKEND, "2026-01-03"),
        (1, WeekIndex::Second, Weekday::Tue.into(), "2026-01-13"),
        (2, WeekIndex::Fourth, Weekday::Fri.into(), "2026-01-23"),
        (1, WeekIndex::Last, DaySet::ALL, "2026-01-31"),
        (3, WeekIndex::Third, DaySet::ALL, "2026-01-03"),
    ] {
        let pattern = Pattern::MonthlyOnWeekday {
            interval,
            week,
            days,
        };
        check(
            b,
            pattern,
            Range::Count {
                start: day(start),
                count: 24,
            },
        )
        .await?;
    }
    Ok(())
}

pub(super) async fn yearly_on_a_day(b: &Backend) -> Result<()> {
    for (month, day_of_month, start) in [(2, 29, "2028-02-29"), (12, 24, "2026-12-24")] {
        let pattern = Pattern::YearlyOnDay {
            interval: 1,
            month,
            day: day_of_month,
        };
        check(b, pattern, Range::NoEnd { start: day(start) }).await?;
    }
    Ok(())
}

pub(super) async fn yearly_on_a_weekday(b: &Backend) -> Result<()> {
    for (month, week, days, start) in [
        (11, WeekIndex::Fourth, Weekday::Thu.into(), "2026-11-26"),
        (3, WeekIndex::Last, Weekday::Sun.into(), "2026-03-29"),
        (1, WeekIndex::First, DaySet::WEEKDAYS, "2026-01-01"),
    ] {
        let pattern = Pattern::YearlyOnWeekday {
            interval: 1,
            month,
            week,
            days,
        };
        check(
            b,
            pattern,
            Range::Count {
                start: day(start),
                count: 8,
            },
        )
        .await?;
    }
    Ok(())
}

pub(super) async fn every_other_year(b: &Backend) -> Result<()> {
    let pattern = Pattern::YearlyOnDay {
        interval: 2,
        month: 2,
        day: 29,
    };
    check(
        b,
        pattern,
        Range::Count {
            start: day("2028-02-29"),
            count: 4,
        },
    )
    .await?;
    let pattern = Pattern::YearlyOnWeekday {
        interval: 2,
        month: 5,
        week: WeekIndex::Second,
        days: Weekday::Sun.into(),
    };
    check(
        b,
        pattern,
        Range::Count {
            start: day("2026-05-10"),
            count: 4,
        },
    )
    .await
}

pub(super) async fn ends(b: &Backend) -> Result<()> {
    let start = day("2026-03-20");
    let daily = Pattern::Daily { interval: 7 };
    check(b, daily.clone(), Range::NoEnd { start }).await?;
    check(b, daily.clone(), Range::Count { start, count: 1 }).await?;
    for end in ["2026-03-20", "2026-04-02", "2026-04-03", "2026-04-04"] {
        check(
            b,
            daily.clone(),
            Range::Until {
                start,
                end: day(end),
            },
        )
        .await?;
    }
    Ok(())
}

pub(super) async fn what_cannot_be_stored_is_refused(b: &Backend) -> Result<()> {
    let start = day("2026-03-02");
    let unsupported = [
        Pattern::YearlyOnDay {
            interval: 9,
            month: 3,
            day: 2,
        },
        Pattern::MonthlyOnDay {
            interval: 100,
            day: 2,
        },
        Pattern::Daily { interval: 1000 },
    ];
    for pattern in unsupported {
        refused(b, pattern, start, ErrorKind::Unsupported).await;
    }
    let wrong = [
        Pattern::Daily { interval: 0 },
        Pattern::MonthlyOnDay {
            interval: 1,
            day: 32,
        },
        Pattern::YearlyOnDay {
            interval: 1,
            month: 13,
            day: 2,
        },
        Pattern::Weekly {
            interval: 1,
            days: DaySet::EMPTY,
            first_day: Weekday::Mon,
        },
    ];
    for pattern in wrong {
        refused(b, pattern, start, ErrorKind::InvalidArgument).await;
    }
    Ok(())
}

/// The n-th of several days of the week, which are no workdays and no weekend.
pub(super) async fn any_of_several_days(b: &Backend) -> Result<()> {
    let odd = DaySet::of(&[Weekday::Mon, Weekday::Wed]);
    let patterns = [
        Pattern::MonthlyOnWeekday {
            interval: 1,
            week: WeekIndex::First,
            days: odd,
        },
        Pattern::YearlyOnWeekday {
            interval: 1,
            month: 3,
            week: WeekIndex::First,
            days: odd,
        },
    ];
    let start = day("2026-03-02");
    if !b.can(Feature::WeekdaySets) {
        for pattern in &patterns {
            refused(b, pattern.clone(), start, ErrorKind::Unsupported).await;
        }
    }
    for pattern in patterns {
        check(b, pattern, Range::Count { start, count: 8 }).await?;
    }
    Ok(())
}

pub(super) async fn a_single_becomes_a_series_and_back(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let event = NewEvent::new("Talk", lasting("2026-03-02T10:00", 60));
    let single = mailbox
        .create_event(&CalendarRef::Default, event, Notify::Auto)
        .await?;
    assert_eq!(single.kind, EventKind::Single);

    let start = day("2026-03-02");
    let daily = Recurrence::new(
        Pattern::Daily { interval: 2 },
        Range::Count { start, count: 3 },
    );
    let patch = EventPatch::new().recurrence(daily.clone());
    let series = mailbox
        .update_event(&single.id, patch, None, Notify::Auto)
        .await?;
    assert_eq!(series.kind, EventKind::SeriesMaster);
    assert_eq!(series.detail.unwrap().recurrence, Some(daily));
    assert_eq!(expanded(b, start).await?.len(), 3);

    let patch = EventPatch::new().recurrence(Patch::Clear);
    let again = mailbox
        .update_event(&series.id, patch, None, Notify::Auto)
        .await?;
    assert_eq!(again.kind, EventKind::Single);
    assert_eq!(again.when, single.when);
    assert_eq!(expanded(b, start).await?.len(), 1);
    Ok(())
}

/// Creates a series in a calendar of its own, so to say: it is deleted afterwards.
async fn check(b: &Backend, pattern: Pattern, range: Range) -> Result<()> {
    let recurrence = Recurrence::new(pattern, range);
    let mailbox = b.mailbox("alice");
    let made = mailbox
        .create_event(&CalendarRef::Default, series(&recurrence), Notify::Auto)
        .await?;
    assert_eq!(made.kind, EventKind::SeriesMaster);
    let read = mailbox.get_event(&made.id, Projection::Full).await?;
    let detail = read.detail.as_deref().unwrap();
    assert_eq!(detail.recurrence.as_ref(), Some(&recurrence));

    let start = recurrence.range.start();
    let seen: Vec<_> = expanded(b, start)
        .await?
        .iter()
        .map(|event| event.when.span(HOME).start.timestamp())
        .collect();
    let expected = independent(&recurrence);
    assert!(!expected.is_empty());
    assert_eq!(seen, expected, "{recurrence:?}");
    // What the crate makes of it without asking is the same.
    let ours: Vec<_> = Series::new(read)
        .occurrences(seen_until(start), HOME)?
        .map(|one| one.recurrence_id.timestamp())
        .collect();
    assert_eq!(ours, expected, "{recurrence:?}");
    mailbox
        .delete_event(
            &made.id,
            exchange_connector::model::DeleteMode::Permanent,
            Notify::Nobody,
        )
        .await
}

async fn refused(b: &Backend, pattern: Pattern, start: NaiveDate, kind: ErrorKind) {
    let before = b.requests();
    let recurrence = Recurrence::new(pattern, Range::NoEnd { start });
    let event = series(&recurrence);
    let answer = b
        .mailbox("alice")
        .create_event(&CalendarRef::Default, event, Notify::Auto)
        .await;
    let refused: Option<ErrorKind> = answer.as_ref().err().map(Error::kind);
    assert_eq!(refused, Some(kind), "{recurrence:?}");
    assert_eq!(b.requests(), before);
}

/// A series that begins at 10:00.
fn series(recurrence: &Recurrence) -> NewEvent {
    let start = recurrence.range.start().and_hms_opt(10, 0, 0).unwrap();
    let when = When::timed(start, start + TimeDelta::minutes(30), HOME);
    NewEvent::new("Series", when).recurrence(recurrence.clone())
}

fn seen_until(start: NaiveDate) -> TimeRange {
    let midnight = start.and_hms_opt(0, 0, 0).unwrap().and_utc();
    TimeRange::lasting(midnight, TimeDelta::days(365 * YEARS))
}

async fn expanded(b: &Backend, start: NaiveDate) -> Result<Vec<Event>> {
    let query = EventQuery::between(seen_until(start));
    b.mailbox("alice").list_events(query).collect().await
}

/// When it takes place, by RFC 5545.
fn independent(recurrence: &Recurrence) -> Vec<i64> {
    let start = recurrence.range.start();
    let end = match recurrence.range {
        Range::Until { end, .. } => format!(";UNTIL={}", end.format("%Y%m%dT235959Z")),
        Range::Count { count, .. } => format!(";COUNT={count}"),
        _ => String::new(),
    };
    let text = format!(
        "DTSTART;TZID=Europe/Berlin:{}T100000\nRRULE:{}{end}",
        start.format("%Y%m%d"),
        rule(&recurrence.pattern),
    );
    let rules: RRuleSet = text.parse().unwrap();
    let until = seen_until(start).end.timestamp();
    rules
        .into_iter()
        .map(|date| date.timestamp())
        .take_while(|date| *date < until)
        .collect()
}

fn rule(pattern: &Pattern) -> String {
    match pattern {
        Pattern::Daily { interval } => format!("FREQ=DAILY;INTERVAL={interval}"),
        Pattern::Weekly {
            interval,
            days,
            first_day,
        } => format!(
            "FREQ=WEEKLY;INTERVAL={interval};BYDAY={};WKST={}",
            names(*days),
            name(*first_day)
        ),
        Pattern::MonthlyOnDay { interval, day } => {
            format!("FREQ=MONTHLY;INTERVAL={interval};{}", month_day(*day))
        }
        Pattern::MonthlyOnWeekday {
            interval,
            week,
            days,
        } => format!(
            "FREQ=MONTHLY;INTERVAL={interval};BYDAY={};BYSETPOS={}",
            names(*days),
            position(*week)
        ),
        Pattern::YearlyOnDay {
            interval,
            month,
            day,
        } => format!(
            "FREQ=YEARLY;INTERVAL={interval};BYMONTH={month};{}",
            month_day(*day)
        ),
        Pattern::YearlyOnWeekday {
            interval,
            month,
            week,
            days,
        } => format!(
            "FREQ=YEARLY;INTERVAL={interval};BYMONTH={month};BYDAY={};BYSETPOS={}",
            names(*days),
            position(*week)
        ),
        other => panic!("no event repeats so: {other:?}"),
    }
}

/// In months that are too short Exchange takes the last day, RFC 5545 none.
fn month_day(day: u8) -> String {
    if day <= 28 {
        return format!("BYMONTHDAY={day}");
    }
    let days: Vec<_> = (28..=day).map(|day| day.to_string()).collect();
    format!("BYMONTHDAY={};BYSETPOS=-1", days.join(","))
}

fn names(days: DaySet) -> String {
    days.iter().map(name).collect::<Vec<_>>().join(",")
}

fn name(day: Weekday) -> &'static str {
    let names = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
    names[day.num_days_from_monday() as usize]
}

fn position(week: WeekIndex) -> i8 {
    week.nth().map_or(-1, |nth| nth as i8)
}

#[test]
fn the_last_day_of_short_months() {
    let start = day("2026-01-31");
    let pattern = Pattern::MonthlyOnDay {
        interval: 1,
        day: 31,
    };
    let dates = independent(&Recurrence::new(pattern, Range::Count { start, count: 4 }));
    let days: Vec<_> = dates
        .iter()
        .map(|seconds| chrono::DateTime::from_timestamp(*seconds, 0).unwrap().day())
        .collect();
    assert_eq!(days, [31, 28, 31, 30]);
}
