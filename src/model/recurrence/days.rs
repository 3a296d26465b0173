//! The days of a recurrence.

use std::iter::FusedIterator;

use chrono::{Datelike, Days as Count, Months, NaiveDate};

use super::{DaySet, Pattern, Range, Recurrence, WeekIndex};

/// More days than there are from the first that chrono knows to [`last_storable`].
const NUMBERS: u32 = 1 << 28;

/// The last day of a MAPI recurrence (MS-OXOCAL 2.2.1.44.1).
fn last_storable() -> NaiveDate {
    NaiveDate::from_ymd_opt(4500, 8, 31).unwrap_or(NaiveDate::MAX)
}

impl Recurrence {
    /// The days on which the event takes place, as Exchange has them: a day that a short month does not have is its
    /// last day, and an end day is included. Nothing is computed before it is asked for.
    ///
    /// Without an end they go on until 31 August 4500, the last day that Exchange can store. Exceptions are not known
    /// here: see [`Series::occurrences`](crate::model::Series::occurrences). There are none for
    /// [`Pattern::Regenerate`], whose days depend on when the last was done, nor for a pattern that means nothing
    /// ([`Recurrence::check`]).
    ///
    /// ```
    /// use chrono::NaiveDate;
    /// use exchange_connector::model::{Pattern, Range, Recurrence};
    ///
    /// let start = NaiveDate::from_ymd_opt(2026, 1, 31).unwrap();
    /// let monthly = Recurrence::new(Pattern::MonthlyOnDay { interval: 1, day: 31 }, Range::NoEnd { start });
    /// let days: Vec<_> = monthly.days().take(3).map(|day| day.to_string()).collect();
    /// assert_eq!(days, ["2026-01-31", "2026-02-28", "2026-03-31"]);
    /// ```
    pub fn days(&self) -> Days {
        Days::new(self)
    }

    /// The same from a day on. What comes before is not gone through, however long ago the series began.
    pub fn days_from(&self, first: NaiveDate) -> Days {
        let mut days = Days::new(self);
        days.next = days.next.max(days.rule.first_from(first));
        days
    }
}

/// The days of a [`Recurrence`], in order.
#[derive(Debug, Clone)]
pub struct Days {
    rule: Rule,
    /// The number of the next day.
    next: u32,
    /// The number after that of the last day.
    end: u32,
    last: NaiveDate,
}

impl Days {
    fn new(recurrence: &Recurrence) -> Self {
        let start = recurrence.range.start();
        let rule = Rule {
            pattern: recurrence.pattern.clone(),
            start,
        };
        let first = rule.first_from(start);
        let (end, last) = match recurrence.range {
            Range::NoEnd { .. } => (NUMBERS, last_storable()),
            Range::Until { end, .. } => (NUMBERS, end.min(last_storable())),
            Range::Count { count, .. } => (first.saturating_add(count), last_storable()),
        };
        Self {
            rule,
            next: first,
            end,
            last,
        }
    }
}

impl Iterator for Days {
    type Item = NaiveDate;

    fn next(&mut self) -> Option<NaiveDate> {
        if self.next >= self.end {
            return None;
        }
        let day = self.rule.day(self.next).filter(|day| *day <= self.last);
        match day {
            Some(_) => self.next = self.next.saturating_add(1),
            None => self.next = self.end,
        }
        day
    }
}

impl FusedIterator for Days {}

/// A pattern whose days are numbered from the day, week, month or year that the range begins in. Each of these has as
/// many days as the next, so that any day is found by its number.
#[derive(Debug, Clone)]
struct Rule {
    pattern: Pattern,
    start: NaiveDate,
}

impl Rule {
    /// The number of the first day that is not before this one.
    fn first_from(&self, first: NaiveDate) -> u32 {
        let (mut low, mut high) = (0, NUMBERS);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.day(middle).is_some_and(|day| day < first) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// The day with this number. `None` beyond what chrono can name, and for a pattern that means nothing.
    fn day(&self, number: u32) -> Option<NaiveDate> {
        let interval = u32::from(self.pattern.interval());
        if interval == 0 {
            return None;
        }
        let months = |interval: u32| {
            self.start
                .with_day(1)?
                .checked_add_months(Months::new(number.checked_mul(interval)?))
        };
        let years = |month: u8| {
            let years = i32::try_from(number.checked_mul(interval)?).ok()?;
            NaiveDate::from_ymd_opt(self.start.year().checked_add(years)?, month.into(), 1)
        };
        match self.pattern {
            Pattern::Daily { .. } => {
                let days = u64::from(number) * u64::from(interval);
                self.start.checked_add_days(Count::new(days))
            }
            Pattern::Weekly {
                days, first_day, ..
            } => {
                let week = number.checked_div(days.len())?;
                let into = self.start.weekday().days_since(first_day);
                let begin = self.start.checked_sub_days(Count::new(into.into()))?;
                let offset = (0..7)
                    .filter(|offset| {
                        let day = begin.checked_add_days(Count::new(*offset));
                        day.is_some_and(|day| days.contains(day.weekday()))
                    })
                    .nth(usize::try_from(number % days.len()).ok()?)?;
                let days = u64::from(week) * u64::from(interval) * 7 + offset;
                begin.checked_add_days(Count::new(days))
            }
            Pattern::MonthlyOnDay { day, .. } => on_day(months(interval)?, day),
            Pattern::MonthlyOnWeekday { week, days, .. } => {
                on_weekday(months(interval)?, week, days)
            }
            Pattern::YearlyOnDay { month, day, .. } => on_day(years(month)?, day),
            Pattern::YearlyOnWeekday {
                month, week, days, ..
            } => on_weekday(years(month)?, week, days),
            Pattern::Regenerate { .. } => None,
        }
    }
}

/// The day of the month, or the last day of a month that does not have it.
fn on_day(first: NaiveDate, day: u8) -> Option<NaiveDate> {
    if !(1..=31).contains(&day) {
        return None;
    }
    first.with_day(day.into()).or_else(|| last_of(first))
}

/// Of the days of a month that are one of these, the nth or the last.
fn on_weekday(first: NaiveDate, week: WeekIndex, days: DaySet) -> Option<NaiveDate> {
    let is_one = |day: &NaiveDate| days.contains(day.weekday());
    match week.nth() {
        Some(nth) => first
            .iter_days()
            .take(28)
            .filter(is_one)
            .nth(usize::from(nth).checked_sub(1)?),
        None => {
            let last = last_of(first)?;
            (0..7)
                .filter_map(|back| last.checked_sub_days(Count::new(back)))
                .find(is_one)
        }
    }
}

fn last_of(first: NaiveDate) -> Option<NaiveDate> {
    first.checked_add_months(Months::new(1))?.pred_opt()
}

#[cfg(test)]
mod tests {
    use chrono::Weekday;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn first(pattern: Pattern, range: Range, most: usize) -> Vec<String> {
        let days = Recurrence::new(pattern, range).days();
        days.take(most).map(|day| day.to_string()).collect()
    }

    #[test]
    fn short_months_take_their_last_day() {
        let start = day("2027-12-31");
        let monthly = Pattern::MonthlyOnDay {
            interval: 1,
            day: 31,
        };
        assert_eq!(
            first(monthly, Range::NoEnd { start }, 5),
            [
                "2027-12-31",
                "2028-01-31",
                "2028-02-29",
                "2028-03-31",
                "2028-04-30"
            ]
        );
        let leap = Pattern::YearlyOnDay {
            interval: 1,
            month: 2,
            day: 29,
        };
        let start = day("2028-02-29");
        assert_eq!(
            first(leap, Range::Count { start, count: 5 }, 9),
            [
                "2028-02-29",
                "2029-02-28",
                "2030-02-28",
                "2031-02-28",
                "2032-02-29"
            ]
        );
    }

    #[test]
    fn weeks_begin_when_they_are_said_to() {
        let weekly = |first_day| Pattern::Weekly {
            interval: 2,
            days: DaySet::of(&[Weekday::Sun, Weekday::Tue]),
            first_day,
        };
        let start = day("2026-03-01");
        let range = Range::Count { start, count: 4 };
        assert_eq!(
            first(weekly(Weekday::Sun), range, 9),
            ["2026-03-01", "2026-03-03", "2026-03-15", "2026-03-17"]
        );
        assert_eq!(
            first(weekly(Weekday::Mon), range, 9),
            ["2026-03-01", "2026-03-10", "2026-03-15", "2026-03-24"]
        );
    }

    #[test]
    fn a_pattern_may_miss_the_first_day() {
        let start = day("2026-01-31");
        let friday = Pattern::MonthlyOnWeekday {
            interval: 2,
            week: WeekIndex::Last,
            days: Weekday::Fri.into(),
        };
        let range = Range::Count { start, count: 2 };
        assert_eq!(first(friday, range, 9), ["2026-03-27", "2026-05-29"]);
        let spring = Pattern::YearlyOnDay {
            interval: 2,
            month: 1,
            day: 5,
        };
        assert_eq!(first(spring, range, 9), ["2028-01-05", "2030-01-05"]);
    }

    #[test]
    fn ends() {
        let start = day("2026-03-20");
        let weekly = Pattern::Daily { interval: 7 };
        let until = |end| Range::Until {
            start,
            end: day(end),
        };
        assert_eq!(first(weekly.clone(), until("2026-04-03"), 9).len(), 3);
        assert_eq!(first(weekly.clone(), until("2026-04-02"), 9).len(), 2);
        assert!(first(weekly, until("2026-03-19"), 9).is_empty());
        let daily = Recurrence::new(Pattern::Daily { interval: 1 }, Range::NoEnd { start });
        assert_eq!(daily.days().last(), Some(day("4500-08-31")));
        assert_eq!(daily.days_from(day("4500-08-30")).count(), 2);
        assert_eq!(daily.days_from(day("4500-09-01")).next(), None);
        assert_eq!(daily.days_from(day("1900-01-01")).next(), Some(start));
    }

    #[test]
    fn counting_begins_at_the_beginning() {
        let start = day("2026-01-01");
        let daily = Recurrence::new(
            Pattern::Daily { interval: 1 },
            Range::Count { start, count: 10 },
        );
        let rest: Vec<_> = daily.days_from(day("2026-01-09")).collect();
        assert_eq!(rest, [day("2026-01-09"), day("2026-01-10")]);
        assert_eq!(daily.days_from(day("2026-01-11")).next(), None);
    }

    #[test]
    fn what_means_nothing_has_no_days() {
        let start = day("2026-01-01");
        for pattern in [
            Pattern::Daily { interval: 0 },
            Pattern::Weekly {
                interval: 1,
                days: DaySet::EMPTY,
                first_day: Weekday::Mon,
            },
            Pattern::MonthlyOnDay {
                interval: 1,
                day: 0,
            },
            Pattern::MonthlyOnDay {
                interval: 1,
                day: 32,
            },
            Pattern::MonthlyOnWeekday {
                interval: 1,
                week: WeekIndex::Last,
                days: DaySet::EMPTY,
            },
            Pattern::YearlyOnDay {
                interval: 1,
                month: 13,
                day: 1,
            },
            Pattern::Regenerate {
                interval: 1,
                unit: crate::model::RegenerationUnit::Day,
            },
        ] {
            assert!(
                first(pattern.clone(), Range::NoEnd { start }, 3).is_empty(),
                "{pattern:?}"
            );
        }
        for start in [NaiveDate::MIN, NaiveDate::MAX] {
            let weekly = Pattern::Weekly {
                interval: u16::MAX,
                days: DaySet::ALL,
                first_day: Weekday::Thu,
            };
            first(weekly, Range::NoEnd { start }, 3);
            let yearly = Pattern::YearlyOnWeekday {
                interval: u16::MAX,
                month: 12,
                week: WeekIndex::Last,
                days: DaySet::ALL,
            };
            first(
                yearly,
                Range::Count {
                    start,
                    count: u32::MAX,
                },
                3,
            );
        }
    }

    #[test]
    fn centuries_are_skipped() {
        let start = day("1601-01-01");
        let daily = Recurrence::new(Pattern::Daily { interval: 1 }, Range::NoEnd { start });
        let begun = std::time::Instant::now();
        for _ in 0..1_000 {
            assert_eq!(
                daily.days_from(day("4400-01-01")).next(),
                Some(day("4400-01-01"))
            );
        }
        assert!(begun.elapsed().as_secs() < 2);
    }
}
