use chrono::{Datelike, NaiveDate, Weekday};

use crate::connector::Backend;
use crate::error::{Error, Result};
use crate::ews::ServerVersion;
use crate::ews::types::{
    self, DayOfWeek, DayOfWeekIndex, DaysOfWeek, Month, RecurrencePattern, RecurrenceRange,
};
use crate::model::{DaySet, Pattern, Range, Recurrence, RegenerationUnit, WeekIndex};

/// A recurrence as it came; `None` if it says nothing that could be one.
pub(super) fn recurrence(wire: &types::Recurrence) -> Option<Recurrence> {
    let range = match &wire.range {
        RecurrenceRange::NoEnd { start_date } => Range::NoEnd { start: *start_date },
        RecurrenceRange::EndDate {
            start_date,
            end_date,
        } => Range::Until {
            start: *start_date,
            end: *end_date,
        },
        RecurrenceRange::Numbered {
            start_date,
            number_of_occurrences,
        } => Range::Count {
            start: *start_date,
            count: *number_of_occurrences,
        },
    };
    Some(Recurrence::new(pattern(&wire.pattern)?, range).normalized())
}

fn pattern(wire: &RecurrencePattern) -> Option<Pattern> {
    let interval = |number: &u32| u16::try_from(*number).ok();
    Some(match wire {
        RecurrencePattern::Daily { interval: n } => Pattern::Daily {
            interval: interval(n)?,
        },
        RecurrencePattern::Weekly {
            interval: n,
            days_of_week,
            first_day_of_week,
        } => Pattern::Weekly {
            interval: interval(n)?,
            days: days(&days_of_week.0),
            first_day: first_day_of_week
                .as_ref()
                .and_then(|day| day_set(day).single())
                .unwrap_or(Weekday::Sun),
        },
        RecurrencePattern::AbsoluteMonthly {
            interval: n,
            day_of_month,
        } => Pattern::MonthlyOnDay {
            interval: interval(n)?,
            day: u8::try_from(*day_of_month).ok()?,
        },
        RecurrencePattern::RelativeMonthly {
            interval: n,
            days_of_week,
            day_of_week_index,
        } => Pattern::MonthlyOnWeekday {
            interval: interval(n)?,
            week: week(day_of_week_index)?,
            days: day_set(days_of_week),
        },
        RecurrencePattern::AbsoluteYearly {
            day_of_month,
            month,
        } => Pattern::YearlyOnDay {
            interval: 1,
            month: month_number(month)?,
            day: u8::try_from(*day_of_month).ok()?,
        },
        RecurrencePattern::RelativeYearly {
            days_of_week,
            day_of_week_index,
            month,
        } => Pattern::YearlyOnWeekday {
            interval: 1,
            month: month_number(month)?,
            week: week(day_of_week_index)?,
            days: day_set(days_of_week),
        },
        RecurrencePattern::Regeneration { unit, interval: n } => Pattern::Regenerate {
            interval: interval(n)?,
            unit: match unit.as_str() {
                "DailyRegeneration" => RegenerationUnit::Day,
                "WeeklyRegeneration" => RegenerationUnit::Week,
                "MonthlyRegeneration" => RegenerationUnit::Month,
                "YearlyRegeneration" => RegenerationUnit::Year,
                _ => return None,
            },
        },
    })
}

/// A recurrence to write, for a server of that version.
///
/// # Errors
///
/// What the model or EWS cannot hold, before anything is sent.
pub(super) fn to_wire(
    recurrence: &Recurrence,
    version: ServerVersion,
    operation: &'static str,
) -> Result<types::Recurrence> {
    recurrence
        .check(Backend::Ews)
        .map_err(|error| error.with_operation(operation))?;
    if let Pattern::Weekly {
        interval,
        first_day,
        ..
    } = &recurrence.pattern
        && version < ServerVersion::Exchange2010Sp1
        && *interval > 1
        && *first_day != Weekday::Sun
    {
        let why = format!(
            "weeks that begin on another day than Sunday came with Exchange2010_SP1, but requests are made for {version}"
        );
        return Err(Error::unsupported(operation, why));
    }

    // Every so many months says nothing of the month, so that the first day has to.
    let start = recurrence.range.start();
    if let Pattern::YearlyOnDay { interval, .. } | Pattern::YearlyOnWeekday { interval, .. } =
        recurrence.pattern
        && interval > 1
        && !recurrence
            .days()
            .next()
            .is_some_and(|first| same_month(first, start))
    {
        let problem = format!(
            "the event repeats every {interval} years, but not from the month of its first day {start} on"
        );
        return Err(Error::invalid_argument(operation, problem)
            .with_hint("Let it begin on the first day on which it takes place."));
    }

    let range = match recurrence.range {
        Range::NoEnd { start } => RecurrenceRange::NoEnd { start_date: start },
        Range::Until { start, end } => RecurrenceRange::EndDate {
            start_date: start,
            end_date: end,
        },
        Range::Count { start, count } => RecurrenceRange::Numbered {
            start_date: start,
            number_of_occurrences: count,
        },
    };
    Ok(types::Recurrence {
        pattern: pattern_to_wire(&recurrence.pattern, version)
            .ok_or_else(|| Error::unsupported(operation, "EWS has no word for this pattern"))?,
        range,
    })
}

fn same_month(one: NaiveDate, other: NaiveDate) -> bool {
    (one.year(), one.month()) == (other.year(), other.month())
}

/// A yearly pattern has no interval on the wire: every n years are every 12n months, which is how
/// Exchange stores them too.
fn pattern_to_wire(pattern: &Pattern, version: ServerVersion) -> Option<RecurrencePattern> {
    Some(match *pattern {
        Pattern::Daily { interval } => RecurrencePattern::Daily {
            interval: interval.into(),
        },
        Pattern::Weekly {
            interval,
            days,
            first_day,
        } => RecurrencePattern::Weekly {
            interval: interval.into(),
            days_of_week: DaysOfWeek(days.iter().map(day).collect()),
            first_day_of_week: (version >= ServerVersion::Exchange2010Sp1).then(|| day(first_day)),
        },
        Pattern::MonthlyOnDay { interval, day } => RecurrencePattern::AbsoluteMonthly {
            interval: interval.into(),
            day_of_month: day.into(),
        },
        Pattern::MonthlyOnWeekday {
            interval,
            week,
            days,
        } => RecurrencePattern::RelativeMonthly {
            interval: interval.into(),
            days_of_week: word(days)?,
            day_of_week_index: index(week),
        },
        Pattern::YearlyOnDay {
            interval: 1,
            month,
            day,
        } => RecurrencePattern::AbsoluteYearly {
            day_of_month: day.into(),
            month: month_name(month)?,
        },
        Pattern::YearlyOnDay { interval, day, .. } => RecurrencePattern::AbsoluteMonthly {
            interval: u32::from(interval) * 12,
            day_of_month: day.into(),
        },
        Pattern::YearlyOnWeekday {
            interval: 1,
            month,
            week,
            days,
        } => RecurrencePattern::RelativeYearly {
            days_of_week: word(days)?,
            day_of_week_index: index(week),
            month: month_name(month)?,
        },
        Pattern::YearlyOnWeekday {
            interval,
            week,
            days,
            ..
        } => RecurrencePattern::RelativeMonthly {
            interval: u32::from(interval) * 12,
            days_of_week: word(days)?,
            day_of_week_index: index(week),
        },
        Pattern::Regenerate { interval, unit } => RecurrencePattern::Regeneration {
            unit: match unit {
                RegenerationUnit::Day => "DailyRegeneration",
                RegenerationUnit::Week => "WeeklyRegeneration",
                RegenerationUnit::Month => "MonthlyRegeneration",
                RegenerationUnit::Year => "YearlyRegeneration",
            }
            .to_owned(),
            interval: interval.into(),
        },
    })
}

/// The days of a list, in which words for several may stand.
pub(super) fn days(list: &[DayOfWeek]) -> DaySet {
    list.iter()
        .flat_map(|word| day_set(word).iter())
        .fold(DaySet::EMPTY, DaySet::with)
}

fn day_set(word: &DayOfWeek) -> DaySet {
    match word {
        DayOfWeek::Day => DaySet::ALL,
        DayOfWeek::Weekday => DaySet::WEEKDAYS,
        DayOfWeek::WeekendDay => DaySet::WEEKEND,
        word => weekday(word).map_or(DaySet::EMPTY, |day| DaySet::EMPTY.with(day)),
    }
}

pub(super) fn weekday(word: &DayOfWeek) -> Option<Weekday> {
    Some(match word {
        DayOfWeek::Monday => Weekday::Mon,
        DayOfWeek::Tuesday => Weekday::Tue,
        DayOfWeek::Wednesday => Weekday::Wed,
        DayOfWeek::Thursday => Weekday::Thu,
        DayOfWeek::Friday => Weekday::Fri,
        DayOfWeek::Saturday => Weekday::Sat,
        DayOfWeek::Sunday => Weekday::Sun,
        _ => return None,
    })
}

pub(super) fn day(weekday: Weekday) -> DayOfWeek {
    match weekday {
        Weekday::Mon => DayOfWeek::Monday,
        Weekday::Tue => DayOfWeek::Tuesday,
        Weekday::Wed => DayOfWeek::Wednesday,
        Weekday::Thu => DayOfWeek::Thursday,
        Weekday::Fri => DayOfWeek::Friday,
        Weekday::Sat => DayOfWeek::Saturday,
        Weekday::Sun => DayOfWeek::Sunday,
    }
}

/// The word of a relative pattern; EWS has none for most sets of days.
fn word(days: DaySet) -> Option<DayOfWeek> {
    match days {
        DaySet::ALL => Some(DayOfWeek::Day),
        DaySet::WEEKDAYS => Some(DayOfWeek::Weekday),
        DaySet::WEEKEND => Some(DayOfWeek::WeekendDay),
        days => days.single().map(day),
    }
}

pub(super) fn week(index: &DayOfWeekIndex) -> Option<WeekIndex> {
    Some(match index {
        DayOfWeekIndex::First => WeekIndex::First,
        DayOfWeekIndex::Second => WeekIndex::Second,
        DayOfWeekIndex::Third => WeekIndex::Third,
        DayOfWeekIndex::Fourth => WeekIndex::Fourth,
        DayOfWeekIndex::Last => WeekIndex::Last,
        DayOfWeekIndex::Other(_) => return None,
    })
}

pub(super) fn index(week: WeekIndex) -> DayOfWeekIndex {
    match week {
        WeekIndex::First => DayOfWeekIndex::First,
        WeekIndex::Second => DayOfWeekIndex::Second,
        WeekIndex::Third => DayOfWeekIndex::Third,
        WeekIndex::Fourth => DayOfWeekIndex::Fourth,
        WeekIndex::Last => DayOfWeekIndex::Last,
    }
}

pub(super) fn month_number(month: &Month) -> Option<u8> {
    let position = Month::ALL.iter().position(|known| known == month)?;
    u8::try_from(position + 1).ok()
}

pub(super) fn month_name(number: u8) -> Option<Month> {
    Month::ALL.get(usize::from(number).checked_sub(1)?).cloned()
}

#[cfg(test)]
mod tests {

    use super::*;

    #[test]
    fn every_pattern_goes_there_and_back() {
        let start = NaiveDate::from_ymd_opt(2026, 7, 14).unwrap();
        let (interval, week, days) = (2, WeekIndex::Last, DaySet::WEEKEND);
        let patterns = [
            Pattern::Daily { interval },
            Pattern::Weekly {
                interval,
                days: DaySet::of(&[Weekday::Tue, Weekday::Fri]),
                first_day: Weekday::Mon,
            },
            Pattern::MonthlyOnDay { interval, day: 14 },
            Pattern::MonthlyOnWeekday {
                interval,
                week,
                days,
            },
            Pattern::YearlyOnDay {
                interval: 1,
                month: 7,
                day: 14,
            },
            Pattern::YearlyOnDay {
                interval,
                month: 7,
                day: 14,
            },
            Pattern::YearlyOnWeekday {
                interval: 1,
                month: 7,
                week,
                days,
            },
            Pattern::YearlyOnWeekday {
                interval,
                month: 7,
                week,
                days,
            },
        ];
        let ranges = [
            Range::NoEnd { start },
            Range::Until {
                start,
                end: NaiveDate::from_ymd_opt(2027, 1, 1).unwrap(),
            },
            Range::Count { start, count: 10 },
        ];
        for pattern in patterns {
            for range in ranges {
                let model = Recurrence::new(pattern.clone(), range);
                let wire = to_wire(&model, ServerVersion::Exchange2016, "test").unwrap();
                assert_eq!(recurrence(&wire), Some(model));
            }
        }
    }

    #[test]
    fn every_so_many_years_begins_in_its_month() {
        for (start, is_right) in [
            ("2026-07-01", true),
            ("2026-07-15", false),
            ("2026-06-14", false),
        ] {
            let start = start.parse().unwrap();
            let pattern = Pattern::YearlyOnDay {
                interval: 2,
                month: 7,
                day: 14,
            };
            let recurrence = Recurrence::new(pattern, Range::NoEnd { start });
            let wire = to_wire(&recurrence, ServerVersion::Exchange2016, "test");
            assert_eq!(wire.is_ok(), is_right, "{start}");
        }
    }

    #[test]
    fn exchange_2007_begins_weeks_on_sunday() {
        let start = NaiveDate::from_ymd_opt(2026, 7, 14).unwrap();
        let weekly = |interval, first_day| {
            let days = DaySet::of(&[Weekday::Tue]);
            let pattern = Pattern::Weekly {
                interval,
                days,
                first_day,
            };
            let model = Recurrence::new(pattern, Range::NoEnd { start });
            to_wire(&model, ServerVersion::Exchange2007Sp1, "test")
        };
        assert!(weekly(1, Weekday::Mon).is_ok());
        assert!(weekly(2, Weekday::Sun).is_ok());
        let error = weekly(2, Weekday::Mon).unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::Unsupported);
    }
}
