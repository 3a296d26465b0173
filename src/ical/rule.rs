//! Recurrence rules (RFC 5545 section 3.3.10) and recurrences.
//!
//! A rule means another thing than the pattern with the same numbers where a month is too short: RFC 5545 leaves it
//! out, Exchange takes its last day. Rules are written so that they give the days of Exchange, and read only if they
//! do.

mod parts;
#[cfg(test)]
mod tests;
mod write;

use chrono::{Datelike, NaiveDate, Weekday};

use self::{
    parts::{Frequency, Parts},
    write::longest,
};
use crate::model::{DaySet, Pattern, Range, Recurrence, WeekIndex};

pub(super) use self::{parts::Until, write::write_pattern};

/// What a rule ends with; the days are those in the zone of the series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Never,
    Count(u32),
    Until(Until),
}

/// A rule as it was read, without its end.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rule {
    pub(super) pattern: Pattern,
    pub(super) end: End,
    /// Short months are left out, unlike in the pattern.
    leaves_out: bool,
}

impl Rule {
    /// Reads a rule of an event that begins on this day. `clock` is what its start shows, for rules that say so
    /// again.
    ///
    /// # Errors
    /// A sentence about what no pattern can say.
    pub(super) fn read(text: &str, start: NaiveDate, clock: [u32; 3]) -> Result<Self, String> {
        let mut parts = Parts::read(text)?;
        parts.take_clock(clock)?;
        let (pattern, leaves_out) = pattern(&mut parts, start)?;
        parts.must_be_used_up()?;
        let end = match (parts.count, parts.until) {
            (Some(_), Some(_)) => return Err("it has both COUNT and UNTIL".to_owned()),
            (Some(count), None) => End::Count(count),
            (None, Some(until)) => End::Until(until),
            (None, None) => End::Never,
        };
        Ok(Self {
            pattern,
            end,
            leaves_out: leaves_out && !parts.backward,
        })
    }

    /// The recurrence, if it gives the days of the rule; with `last_day` also where it has a day more in months that
    /// are too short.
    ///
    /// # Errors
    /// A sentence about what differs.
    pub(super) fn recurrence(self, range: Range, last_day: bool) -> Result<Recurrence, String> {
        let start = range.start();
        let recurrence = Recurrence::new(self.pattern, range).normalized();
        if recurrence.days().next() != Some(start) {
            return Err(format!(
                "the first event, on {start}, is not one of its days"
            ));
        }
        if let (true, false, Pattern::MonthlyOnDay { day, .. } | Pattern::YearlyOnDay { day, .. }) =
            (self.leaves_out, last_day, &recurrence.pattern)
            && let Some(short) = recurrence
                .days()
                .find(|found| found.day() != u32::from(*day))
        {
            return Err(format!(
                "it leaves out months without a day {day}, where Exchange takes the last day, as on {short}"
            ));
        }
        Ok(recurrence)
    }
}

/// The pattern, and whether the rule leaves out months that are too short.
fn pattern(parts: &mut Parts, start: NaiveDate) -> Result<(Pattern, bool), String> {
    let interval = parts.interval;
    let exact = |pattern| Ok((pattern, false));
    match parts.frequency {
        Frequency::Daily if parts.days.is_empty() => exact(Pattern::Daily { interval }),
        Frequency::Daily if interval == 1 => weekly(parts, start).map(|pattern| (pattern, false)),
        Frequency::Daily => Err("weekdays of every so many days".to_owned()),
        Frequency::Weekly => weekly(parts, start).map(|pattern| (pattern, false)),
        Frequency::Monthly if parts.is_every_weekday() => {
            weekly(parts, start).map(|pattern| (pattern, false))
        }
        Frequency::Monthly | Frequency::Yearly => {
            let place = Place::take(parts, start)?;
            place.pattern(months(parts, start)?)
        }
    }
}

fn weekly(parts: &mut Parts, start: NaiveDate) -> Result<Pattern, String> {
    let days = std::mem::take(&mut parts.days);
    if days.iter().any(|(nth, _)| nth.is_some()) {
        return Err("weekdays with numbers outside of months".to_owned());
    }
    let days: DaySet = days.into_iter().map(|(_, day)| day).collect();
    Ok(Pattern::Weekly {
        interval: parts.interval,
        days: if days.is_empty() {
            start.weekday().into()
        } else {
            days
        },
        first_day: parts.week_start.unwrap_or(Weekday::Mon),
    })
}

/// In which months.
#[derive(Debug, Clone, Copy)]
enum Months {
    Every(u16),
    OfYears(u16, u8),
}

fn months(parts: &mut Parts, start: NaiveDate) -> Result<Months, String> {
    let interval = parts.interval;
    let months = std::mem::take(&mut parts.months);
    let yearly = parts.frequency == Frequency::Yearly;
    match months.as_slice() {
        [] if yearly => {
            let month = u8::try_from(start.month()).unwrap_or(1);
            Ok(Months::OfYears(interval, month))
        }
        [] => Ok(Months::Every(interval)),
        [month] if yearly || interval == 1 => Ok(Months::OfYears(interval, *month)),
        // Quarters and their like.
        [first, .., last] if interval == 1 => {
            let apart = 12 / u8::try_from(months.len()).unwrap_or(12).max(1);
            let even = months
                .windows(2)
                .all(|pair| matches!(pair, [a, b] if b - a == apart));
            if even
                && first + 12 - last == apart
                && months.contains(&u8::try_from(start.month()).unwrap_or(0))
            {
                Ok(Months::Every(apart.into()))
            } else {
                Err("months that are not equally far apart".to_owned())
            }
        }
        _ => Err(
            "several months of every so many years, or months of every so many months".to_owned(),
        ),
    }
}

/// Where in a month.
enum Place {
    Day {
        day: u8,
        leaves_out: bool,
    },
    /// Day 28 or later, or the last of a month without it.
    LastUpTo(u8),
    Weekday {
        week: WeekIndex,
        days: DaySet,
    },
}

impl Place {
    fn take(parts: &mut Parts, start: NaiveDate) -> Result<Self, String> {
        let days = std::mem::take(&mut parts.days);
        let month_days = std::mem::take(&mut parts.month_days);
        let position = std::mem::take(&mut parts.positions);
        let in_month = parts.frequency == Frequency::Monthly || !parts.months.is_empty();
        if parts.frequency == Frequency::Yearly && parts.months.len() > 1 && !position.is_empty() {
            return Err("a position among the days of several months of a year".to_owned());
        }
        match (days.as_slice(), month_days.as_slice(), position.as_slice()) {
            ([], [], []) => Self::on_day(i8::try_from(start.day()).unwrap_or(0)),
            _ if !in_month && !days.is_empty() => Err("weekdays of the year".to_owned()),
            ([], [_, ..], _) if !in_month => Err("days of every month of the year".to_owned()),
            ([], [day], [] | [1 | -1]) => Self::on_day(*day),
            ([], days, [-1]) => Self::last_of(days),
            ([(Some(nth), day)], [], [] | [1 | -1]) => Self::on_weekday(*nth, (*day).into()),
            ([(None, day)], days @ [_, _, ..], []) => Self::on_weekday(
                week_of(days).ok_or("weekdays on days that are not one week of the month")?,
                (*day).into(),
            ),
            (days, [], [nth]) if days.iter().all(|(nth, _)| nth.is_none()) => {
                Self::on_weekday(*nth, days.iter().map(|(_, day)| *day).collect())
            }
            _ => Err("more than one day of a month".to_owned()),
        }
    }

    fn on_day(day: i8) -> Result<Self, String> {
        match day {
            -1 => Ok(Self::LastUpTo(31)),
            1..=31 => Ok(Self::Day {
                day: day.unsigned_abs(),
                leaves_out: true,
            }),
            _ => Err(format!("day {day} of the month, counted from its end")),
        }
    }

    /// The last of these days that a month has.
    fn last_of(days: &[i8]) -> Result<Self, String> {
        let (Some(first), Some(last)) = (days.first(), days.last()) else {
            return Err("no day".to_owned());
        };
        let without_gap = days
            .windows(2)
            .all(|pair| matches!(pair, [a, b] if b - a == 1));
        if !without_gap || *first < 1 {
            return Err("the last of several days of the month".to_owned());
        }
        let last = last.unsigned_abs();
        // With fewer days than these, February may have none of them.
        if *first <= 28 || last <= 28 {
            Ok(Self::LastUpTo(last))
        } else {
            Err("the last of several days that February does not have".to_owned())
        }
    }

    fn on_weekday(nth: i8, days: DaySet) -> Result<Self, String> {
        let week = match nth {
            -1 => Some(WeekIndex::Last),
            1..=4 => WeekIndex::from_number(nth.unsigned_abs()),
            _ => None,
        };
        match week {
            Some(week) if !days.is_empty() => Ok(Self::Weekday { week, days }),
            _ => Err(format!("number {nth} of the weekdays of a month")),
        }
    }

    fn pattern(self, months: Months) -> Result<(Pattern, bool), String> {
        let (day, leaves_out) = match (self, months) {
            (Self::Weekday { week, days }, Months::Every(interval)) => {
                let pattern = Pattern::MonthlyOnWeekday {
                    interval,
                    week,
                    days,
                };
                return Ok((pattern, false));
            }
            (Self::Weekday { week, days }, Months::OfYears(interval, month)) => {
                let pattern = Pattern::YearlyOnWeekday {
                    interval,
                    month,
                    week,
                    days,
                };
                return Ok((pattern, false));
            }
            (Self::Day { day, leaves_out }, _) => (day, leaves_out),
            (Self::LastUpTo(day), _) => (day, false),
        };
        match months {
            Months::Every(interval) => Ok((Pattern::MonthlyOnDay { interval, day }, leaves_out)),
            Months::OfYears(_, month) if leaves_out && day > longest(month) => {
                Err(format!("day {day} of month {month}, which has none"))
            }
            Months::OfYears(interval, month) => {
                let day = day.min(longest(month));
                let pattern = Pattern::YearlyOnDay {
                    interval,
                    month,
                    day,
                };
                Ok((pattern, leaves_out))
            }
        }
    }
}

/// Which week of a month these seven days are.
fn week_of(days: &[i8]) -> Option<i8> {
    let first = *days.first()?;
    let whole = days.len() == 7
        && days
            .windows(2)
            .all(|pair| matches!(pair, [a, b] if b - a == 1));
    match first {
        _ if !whole => None,
        -7 => Some(-1),
        1 | 8 | 15 | 22 => Some((first - 1) / 7 + 1),
        _ => None,
    }
}
