use chrono::{NaiveDate, Weekday};

use super::time::zone_name;
use crate::connector::Backend;
use crate::error::Result;
use crate::graph::wire::{PatternedRecurrence, RecurrencePattern, RecurrenceRange};
use crate::model::{DaySet, Pattern, Range, Recurrence, WeekIndex, Zone};

/// A recurrence as it came; `None` if it says nothing that could be one.
pub(in crate::graph) fn recurrence(wire: &PatternedRecurrence) -> Option<Recurrence> {
    let pattern = pattern(wire.pattern.as_ref()?)?;
    let range = range(wire.range.as_ref()?)?;
    Some(Recurrence::new(pattern, range).normalized())
}

fn pattern(wire: &RecurrencePattern) -> Option<Pattern> {
    let interval = u16::try_from(wire.interval.unwrap_or(1)).ok()?;
    let small = |number: Option<i64>| u8::try_from(number?).ok();
    let days = || days(wire.days_of_week.as_ref());
    let week = || week(wire.index.as_deref());
    Some(match wire.kind.as_deref()?.to_ascii_lowercase().as_str() {
        "daily" => Pattern::Daily { interval },
        "weekly" => Pattern::Weekly {
            interval,
            days: days(),
            first_day: wire
                .first_day_of_week
                .as_deref()
                .and_then(|word| day_set(word).single())
                .unwrap_or(Weekday::Sun),
        },
        "absolutemonthly" => Pattern::MonthlyOnDay {
            interval,
            day: small(wire.day_of_month)?,
        },
        "relativemonthly" => Pattern::MonthlyOnWeekday {
            interval,
            week: week()?,
            days: days(),
        },
        "absoluteyearly" => Pattern::YearlyOnDay {
            interval,
            month: small(wire.month)?,
            day: small(wire.day_of_month)?,
        },
        "relativeyearly" => Pattern::YearlyOnWeekday {
            interval,
            month: small(wire.month)?,
            week: week()?,
            days: days(),
        },
        _ => return None,
    })
}

fn range(wire: &RecurrenceRange) -> Option<Range> {
    let date = |text: &Option<String>| text.as_deref()?.get(..10)?.parse::<NaiveDate>().ok();
    let start = date(&wire.start_date)?;
    Some(match wire.kind.as_deref()?.to_ascii_lowercase().as_str() {
        "noend" => Range::NoEnd { start },
        "enddate" => Range::Until {
            start,
            end: date(&wire.end_date)?,
        },
        "numbered" => Range::Count {
            start,
            count: u32::try_from(wire.number_of_occurrences?).ok()?,
        },
        _ => return None,
    })
}

/// The days of a list; words for several, as servers of old have them, may stand in it.
pub(super) fn days(list: Option<&Vec<String>>) -> DaySet {
    list.into_iter()
        .flatten()
        .flat_map(|word| day_set(word).iter())
        .fold(DaySet::EMPTY, DaySet::with)
}

fn day_set(word: &str) -> DaySet {
    match word.to_ascii_lowercase().as_str() {
        "day" => DaySet::ALL,
        "weekday" => DaySet::WEEKDAYS,
        "weekendday" => DaySet::WEEKEND,
        word => word
            .parse::<Weekday>()
            .map_or(DaySet::EMPTY, |day| DaySet::EMPTY.with(day)),
    }
}

/// Where nothing is said, it is the first.
pub(super) fn week(index: Option<&str>) -> Option<WeekIndex> {
    Some(
        match index.unwrap_or("first").to_ascii_lowercase().as_str() {
            "first" => WeekIndex::First,
            "second" => WeekIndex::Second,
            "third" => WeekIndex::Third,
            "fourth" => WeekIndex::Fourth,
            "last" => WeekIndex::Last,
            _ => return None,
        },
    )
}

/// A recurrence to write, in the zone of the event's start.
///
/// # Errors
/// What the model or Graph cannot hold, before anything is sent.
pub(super) fn to_wire(
    recurrence: &Recurrence,
    zone: Option<&Zone>,
    operation: &'static str,
) -> Result<PatternedRecurrence> {
    recurrence
        .check(Backend::Graph)
        .map_err(|error| error.with_operation(operation))?;
    let (kind, start, end, count) = match recurrence.range {
        Range::NoEnd { start } => ("noEnd", start, None, None),
        Range::Until { start, end } => ("endDate", start, Some(end), None),
        Range::Count { start, count } => ("numbered", start, None, Some(count.into())),
    };
    let zone = zone.map(|zone| zone_name(zone, operation)).transpose()?;
    Ok(PatternedRecurrence {
        pattern: Some(to_pattern(&recurrence.pattern)),
        range: Some(RecurrenceRange {
            kind: Some(kind.to_owned()),
            start_date: Some(start.to_string()),
            end_date: end.map(|end| end.to_string()),
            number_of_occurrences: count,
            recurrence_time_zone: zone,
        }),
    })
}

fn to_pattern(pattern: &Pattern) -> RecurrencePattern {
    let of = |kind: &str| RecurrencePattern {
        kind: Some(kind.to_owned()),
        interval: Some(pattern.interval().into()),
        ..RecurrencePattern::default()
    };
    let list = |days: &DaySet| Some(days.iter().map(|day| word(day).to_owned()).collect());
    match pattern {
        Pattern::Daily { .. } => of("daily"),
        Pattern::Weekly {
            days, first_day, ..
        } => RecurrencePattern {
            days_of_week: list(days),
            first_day_of_week: Some(word(*first_day).to_owned()),
            ..of("weekly")
        },
        Pattern::MonthlyOnDay { day, .. } => RecurrencePattern {
            day_of_month: Some((*day).into()),
            ..of("absoluteMonthly")
        },
        Pattern::MonthlyOnWeekday { week, days, .. } => RecurrencePattern {
            days_of_week: list(days),
            index: Some(index(*week).to_owned()),
            ..of("relativeMonthly")
        },
        Pattern::YearlyOnDay { month, day, .. } => RecurrencePattern {
            month: Some((*month).into()),
            day_of_month: Some((*day).into()),
            ..of("absoluteYearly")
        },
        Pattern::YearlyOnWeekday {
            month, week, days, ..
        } => RecurrencePattern {
            month: Some((*month).into()),
            days_of_week: list(days),
            index: Some(index(*week).to_owned()),
            ..of("relativeYearly")
        },
        // Refused before.
        Pattern::Regenerate { .. } => of("daily"),
    }
}

fn word(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "monday",
        Weekday::Tue => "tuesday",
        Weekday::Wed => "wednesday",
        Weekday::Thu => "thursday",
        Weekday::Fri => "friday",
        Weekday::Sat => "saturday",
        Weekday::Sun => "sunday",
    }
}

fn index(week: WeekIndex) -> &'static str {
    match week {
        WeekIndex::First => "first",
        WeekIndex::Second => "second",
        WeekIndex::Third => "third",
        WeekIndex::Fourth => "fourth",
        WeekIndex::Last => "last",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::RegenerationUnit;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn every_pattern_comes_back() {
        let start = day("2026-01-05");
        let days = DaySet::of(&[Weekday::Mon, Weekday::Thu]);
        let patterns = [
            Pattern::Daily { interval: 3 },
            Pattern::Weekly {
                interval: 2,
                days,
                first_day: Weekday::Mon,
            },
            Pattern::MonthlyOnDay {
                interval: 1,
                day: 31,
            },
            Pattern::MonthlyOnWeekday {
                interval: 2,
                week: WeekIndex::Last,
                days: DaySet::WEEKDAYS,
            },
            Pattern::YearlyOnDay {
                interval: 4,
                month: 2,
                day: 29,
            },
            Pattern::YearlyOnWeekday {
                interval: 1,
                month: 11,
                week: WeekIndex::Fourth,
                days,
            },
        ];
        let ranges = [
            Range::NoEnd { start },
            Range::Until {
                start,
                end: day("2027-01-05"),
            },
            Range::Count { start, count: 7 },
        ];
        let zone = Zone::from(chrono_tz::Europe::Berlin);
        for pattern in patterns {
            for range in ranges {
                let written = Recurrence::new(pattern.clone(), range);
                let wire = to_wire(&written, Some(&zone), "test").unwrap();
                let json = serde_json::to_value(&wire).unwrap();
                assert_eq!(
                    json["range"]["recurrenceTimeZone"],
                    "W. Europe Standard Time"
                );
                let read: PatternedRecurrence = serde_json::from_value(json).unwrap();
                assert_eq!(recurrence(&read), Some(written));
            }
        }
    }

    #[test]
    fn reads_what_graph_adds() {
        let wire = json!({
            "pattern": {
                "type": "weekly", "interval": 1, "month": 0, "dayOfMonth": 0,
                "daysOfWeek": ["Tuesday"], "firstDayOfWeek": "sunday", "index": "first"
            },
            "range": {
                "type": "endDate", "startDate": "2026-01-06", "endDate": "2026-03-31",
                "recurrenceTimeZone": "UTC", "numberOfOccurrences": 0
            }
        });
        let read = recurrence(&serde_json::from_value(wire).unwrap()).unwrap();
        assert_eq!(
            read.pattern,
            Pattern::Weekly {
                interval: 1,
                days: DaySet::of(&[Weekday::Tue]),
                first_day: Weekday::Sun
            }
        );
        assert!(matches!(read.range, Range::Until { .. }));
        // Every twelve months is every year.
        let wire = json!({
            "pattern": { "type": "absoluteMonthly", "interval": 24, "dayOfMonth": 5 },
            "range": { "type": "noEnd", "startDate": "2026-01-05", "endDate": "0001-01-01" }
        });
        let read = recurrence(&serde_json::from_value(wire).unwrap()).unwrap();
        assert_eq!(
            read.pattern,
            Pattern::YearlyOnDay {
                interval: 2,
                month: 1,
                day: 5
            }
        );
        let unknown = json!({ "pattern": { "type": "lunar" }, "range": null });
        assert_eq!(recurrence(&serde_json::from_value(unknown).unwrap()), None);
    }

    #[test]
    fn tasks_are_refused() {
        let pattern = Pattern::Regenerate {
            interval: 1,
            unit: RegenerationUnit::Day,
        };
        let start = day("2026-01-05");
        let task = Recurrence::new(pattern, Range::NoEnd { start });
        assert!(to_wire(&task, None, "test").is_err());
    }
}
