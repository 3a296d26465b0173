//! Recurrence rules (RFC 5545 section 3.3.10) and recurrences.
//!
//! A rule means another thing than the pattern with the same numbers where a month is too short: RFC 5545 leaves it
//! out, Exchange takes its last day. Rules are written so that they give the days of Exchange, and read only if they
//! do.

mod parts;

use chrono::{Datelike, NaiveDate, Weekday};

use self::parts::{Frequency, Parts};
use crate::model::{DaySet, Pattern, Range, Recurrence, WeekIndex};

pub(super) use self::parts::Until;

/// The rule of a recurrence without its end, or `None` for [`Pattern::Regenerate`].
pub(super) fn write_pattern(pattern: &Pattern) -> Option<String> {
    let interval = match pattern.interval() {
        1 => String::new(),
        interval => format!(";INTERVAL={interval}"),
    };
    Some(match *pattern {
        Pattern::Daily { .. } => format!("FREQ=DAILY{interval}"),
        Pattern::Weekly {
            days, first_day, ..
        } => format!(
            "FREQ=WEEKLY{interval};BYDAY={};WKST={}",
            names(days),
            name(first_day)
        ),
        Pattern::MonthlyOnDay { day, .. } => {
            format!("FREQ=MONTHLY{interval};{}", month_day(day, 31))
        }
        Pattern::MonthlyOnWeekday { week, days, .. } => {
            format!("FREQ=MONTHLY{interval};{}", weekday(week, days))
        }
        Pattern::YearlyOnDay { month, day, .. } => format!(
            "FREQ=YEARLY{interval};BYMONTH={month};{}",
            month_day(day, longest(month))
        ),
        Pattern::YearlyOnWeekday {
            month, week, days, ..
        } => format!(
            "FREQ=YEARLY{interval};BYMONTH={month};{}",
            weekday(week, days)
        ),
        Pattern::Regenerate { .. } => return None,
    })
}

/// `most` is the last day that such a month can have.
fn month_day(day: u8, most: u8) -> String {
    if day <= 28 {
        return format!("BYMONTHDAY={day}");
    }
    if day >= most {
        return "BYMONTHDAY=-1".to_owned();
    }
    let days: Vec<_> = (28..=day).map(|day| day.to_string()).collect();
    format!("BYMONTHDAY={};BYSETPOS=-1", days.join(","))
}

fn weekday(week: WeekIndex, days: DaySet) -> String {
    let nth = week.nth().map_or("-1".to_owned(), |nth| nth.to_string());
    match days.single() {
        Some(day) => format!("BYDAY={nth}{}", name(day)),
        None => format!("BYDAY={};BYSETPOS={nth}", names(days)),
    }
}

fn names(days: DaySet) -> String {
    days.iter().map(name).collect::<Vec<_>>().join(",")
}

fn name(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "MO",
        Weekday::Tue => "TU",
        Weekday::Wed => "WE",
        Weekday::Thu => "TH",
        Weekday::Fri => "FR",
        Weekday::Sat => "SA",
        Weekday::Sun => "SU",
    }
}

/// How many days a month can have.
fn longest(month: u8) -> u8 {
    match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

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
        let rscale = parts.backward;
        let pattern = pattern(&mut parts, start)?;
        parts.must_be_used_up()?;
        let leaves_out = !rscale && pattern.1;
        let end = match (parts.count, parts.until) {
            (Some(_), Some(_)) => return Err("it has both COUNT and UNTIL".to_owned()),
            (Some(count), None) => End::Count(count),
            (None, Some(until)) => End::Until(until),
            (None, None) => End::Never,
        };
        Ok(Self {
            pattern: pattern.0,
            end,
            leaves_out,
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rrule::{RRuleSet, Tz};

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn read(text: &str, start: &str) -> Result<Pattern, String> {
        let start = day(start);
        let range = Range::NoEnd { start };
        let rule = Rule::read(text, start, [9, 0, 0])?;
        Ok(rule.recurrence(range, false)?.pattern)
    }

    #[test]
    fn spellings() {
        let monthly = |week, days| Pattern::MonthlyOnWeekday {
            interval: 1,
            week,
            days,
        };
        let tuesday = DaySet::from(Weekday::Tue);
        let weekly = |days, first_day| Pattern::Weekly {
            interval: 1,
            days,
            first_day,
        };
        let yearly = |month, day| Pattern::YearlyOnDay {
            interval: 1,
            month,
            day,
        };
        for (text, start, pattern) in [
            ("FREQ=DAILY", "2026-01-01", Pattern::Daily { interval: 1 }),
            (
                "freq=daily;interval=3;byhour=9;byminute=0;",
                "2026-01-01",
                Pattern::Daily { interval: 3 },
            ),
            (
                "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR",
                "2026-01-01",
                weekly(DaySet::WEEKDAYS, Weekday::Mon),
            ),
            (
                "FREQ=WEEKLY;WKST=SU",
                "2026-01-06",
                weekly(tuesday, Weekday::Sun),
            ),
            (
                "FREQ=MONTHLY;BYDAY=TU",
                "2026-01-06",
                weekly(tuesday, Weekday::Mon),
            ),
            (
                "FREQ=MONTHLY;BYDAY=2TU",
                "2026-01-13",
                monthly(WeekIndex::Second, tuesday),
            ),
            (
                "FREQ=MONTHLY;BYDAY=+2TU",
                "2026-01-13",
                monthly(WeekIndex::Second, tuesday),
            ),
            (
                "FREQ=MONTHLY;BYDAY=TU;BYSETPOS=2",
                "2026-01-13",
                monthly(WeekIndex::Second, tuesday),
            ),
            (
                "FREQ=MONTHLY;BYDAY=TU;BYMONTHDAY=8,9,10,11,12,13,14",
                "2026-01-13",
                monthly(WeekIndex::Second, tuesday),
            ),
            (
                "FREQ=MONTHLY;BYDAY=TU;BYMONTHDAY=-7,-6,-5,-4,-3,-2,-1",
                "2026-01-27",
                monthly(WeekIndex::Last, tuesday),
            ),
            (
                "FREQ=MONTHLY;BYSETPOS=-1;BYDAY=SU,SA",
                "2026-01-31",
                monthly(WeekIndex::Last, DaySet::WEEKEND),
            ),
            (
                "FREQ=MONTHLY;BYMONTHDAY=-1",
                "2026-01-31",
                Pattern::MonthlyOnDay {
                    interval: 1,
                    day: 31,
                },
            ),
            (
                "FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1",
                "2026-01-30",
                Pattern::MonthlyOnDay {
                    interval: 1,
                    day: 30,
                },
            ),
            (
                "RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=BACKWARD;BYMONTHDAY=30",
                "2026-01-30",
                Pattern::MonthlyOnDay {
                    interval: 1,
                    day: 30,
                },
            ),
            (
                "FREQ=YEARLY;BYMONTH=1,4,7,10",
                "2026-04-15",
                Pattern::MonthlyOnDay {
                    interval: 3,
                    day: 15,
                },
            ),
            ("FREQ=YEARLY", "2026-12-31", yearly(12, 31)),
            ("FREQ=MONTHLY;INTERVAL=12", "2026-12-31", yearly(12, 31)),
            (
                "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1",
                "2028-02-29",
                yearly(2, 29),
            ),
            (
                "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH",
                "2026-11-26",
                Pattern::YearlyOnWeekday {
                    interval: 1,
                    month: 11,
                    week: WeekIndex::Fourth,
                    days: Weekday::Thu.into(),
                },
            ),
        ] {
            assert_eq!(read(text, start), Ok(pattern), "{text}");
        }
    }

    #[test]
    fn what_no_pattern_can_say() {
        for (text, start, why) in [
            ("FREQ=HOURLY", "2026-01-01", "FREQ=HOURLY"),
            ("FREQ=FORTNIGHTLY", "2026-01-01", "FREQ=FORTNIGHTLY"),
            ("INTERVAL=1", "2026-01-01", "no FREQ"),
            ("FREQ=DAILY;FREQ=DAILY", "2026-01-01", "FREQ twice"),
            ("FREQ=DAILY;INTERVAL=65537", "2026-01-01", "INTERVAL=65537"),
            ("FREQ=DAILY;INTERVAL=0", "2026-01-01", "INTERVAL=0"),
            ("FREQ=DAILY;INTERVAL=-1", "2026-01-01", "INTERVAL=-1"),
            ("FREQ=DAILY;COUNT=0", "2026-01-01", "COUNT=0"),
            (
                "FREQ=DAILY;COUNT=1;UNTIL=20270101",
                "2026-01-01",
                "both COUNT and UNTIL",
            ),
            ("FREQ=DAILY;UNTIL=tomorrow", "2026-01-01", "UNTIL=TOMORROW"),
            ("FREQ=DAILY;BYEASTER=1", "2026-01-01", "BYEASTER"),
            ("FREQ=DAILY;BYHOUR=9,17", "2026-01-01", "BYHOUR"),
            ("FREQ=DAILY;BYHOUR=10", "2026-01-01", "BYHOUR"),
            ("FREQ=DAILY;BYMONTH=1", "2026-01-01", "BYMONTH"),
            ("FREQ=DAILY;INTERVAL=2;BYDAY=MO", "2026-01-01", "weekdays"),
            (
                "FREQ=WEEKLY;BYDAY=2MO",
                "2026-01-12",
                "weekdays with numbers",
            ),
            ("FREQ=WEEKLY;BYSETPOS=1", "2026-01-12", "BYSETPOS"),
            ("FREQ=MONTHLY;BYDAY=5TU", "2026-03-31", "number 5"),
            ("FREQ=MONTHLY;BYDAY=-2TU", "2026-03-24", "number -2"),
            (
                "FREQ=MONTHLY;BYDAY=1TU,3TU",
                "2026-03-03",
                "more than one day",
            ),
            (
                "FREQ=MONTHLY;BYMONTHDAY=1,15",
                "2026-03-01",
                "more than one day",
            ),
            (
                "FREQ=MONTHLY;BYMONTHDAY=-2",
                "2026-03-30",
                "counted from its end",
            ),
            (
                "FREQ=MONTHLY;BYMONTHDAY=287",
                "2026-03-31",
                "BYMONTHDAY=287",
            ),
            (
                "FREQ=MONTHLY;BYMONTHDAY=29,30,31;BYSETPOS=-1",
                "2026-03-31",
                "February",
            ),
            ("FREQ=MONTHLY;BYMONTHDAY=31", "2026-03-31", "2026-04-30"),
            ("FREQ=YEARLY", "2028-02-29", "2029-02-28"),
            ("FREQ=YEARLY;BYWEEKNO=20", "2026-05-11", "BYWEEKNO"),
            (
                "FREQ=YEARLY;BYDAY=20MO",
                "2026-05-18",
                "weekdays of the year",
            ),
            ("FREQ=YEARLY;BYMONTHDAY=1", "2026-05-01", "every month"),
            ("FREQ=YEARLY;BYMONTH=1,2", "2026-01-01", "equally far apart"),
            (
                "FREQ=MONTHLY;BYDAY=2TU",
                "2026-01-14",
                "2026-01-14, is not one of its days",
            ),
            ("RSCALE=CHINESE;FREQ=YEARLY", "2026-01-14", "RSCALE=CHINESE"),
            ("", "2026-01-01", "no FREQ"),
            ("FREQ", "2026-01-01", "FREQ"),
        ] {
            let problem = read(text, start).expect_err(text);
            assert!(problem.contains(why), "{text}: {problem}");
        }
    }

    #[test]
    fn short_months_may_be_chosen() {
        let start = day("2026-03-31");
        let rule = Rule::read("FREQ=MONTHLY", start, [9, 0, 0]).unwrap();
        let range = Range::NoEnd { start };
        assert!(rule.clone().recurrence(range, false).is_err());
        assert!(rule.clone().recurrence(range, true).is_ok());
        // Where no short month is met there is nothing to choose.
        let two = Range::Count { start, count: 1 };
        assert!(rule.recurrence(two, false).is_ok());
    }

    /// The first days by the crate `rrule`.
    fn by_rrule(rule: &str, start: NaiveDate, most: u16) -> Vec<NaiveDate> {
        let text = format!("DTSTART:{}T090000Z\nRRULE:{rule}", start.format("%Y%m%d"));
        let set: RRuleSet = text
            .parse()
            .unwrap_or_else(|error| panic!("{text}: {error}"));
        let found = set.all(most).dates;
        found
            .iter()
            .map(|date: &chrono::DateTime<Tz>| date.date_naive())
            .collect()
    }

    fn patterns() -> impl Strategy<Value = Pattern> {
        let days = (1_u8..128).prop_map(|bits| -> DaySet {
            let all = DaySet::ALL.iter().enumerate();
            all.filter(|(at, _)| bits & 1 << at != 0)
                .map(|(_, day)| day)
                .collect()
        });
        let weekday = (0_usize..7).prop_map(|at| DaySet::ALL.iter().nth(at).unwrap());
        let week = (1_u8..=5).prop_map(|number| WeekIndex::from_number(number).unwrap());
        prop_oneof![
            (1_u16..400).prop_map(|interval| Pattern::Daily { interval }),
            (1_u16..9, days.clone(), weekday).prop_map(|(interval, days, first_day)| {
                Pattern::Weekly {
                    interval,
                    days,
                    first_day,
                }
            }),
            (1_u16..30, 1_u8..=31)
                .prop_map(|(interval, day)| Pattern::MonthlyOnDay { interval, day }),
            (1_u16..30, week.clone(), days.clone()).prop_map(|(interval, week, days)| {
                Pattern::MonthlyOnWeekday {
                    interval,
                    week,
                    days,
                }
            }),
            (1_u16..5, 1_u8..=12, 1_u8..=31).prop_map(|(interval, month, day)| {
                Pattern::YearlyOnDay {
                    interval,
                    month,
                    day: day.min(longest(month)),
                }
            }),
            (1_u16..5, 1_u8..=12, week, days).prop_map(|(interval, month, week, days)| {
                Pattern::YearlyOnWeekday {
                    interval,
                    month,
                    week,
                    days,
                }
            }),
        ]
    }

    fn starts() -> impl Strategy<Value = NaiveDate> {
        (0_u64..20_000).prop_map(|days| day("1995-01-01") + chrono::Days::new(days))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        /// What is written gives the same days to others, and comes back.
        #[test]
        fn written_rules_have_our_days(pattern in patterns(), start in starts()) {
            let endless = Recurrence::new(pattern, Range::NoEnd { start });
            let rule = write_pattern(&endless.pattern).unwrap();
            let ours: Vec<_> = endless.days().take(40).collect();
            prop_assert_eq!(by_rrule(&rule, start, 40), ours.clone(), "{}", rule);
            prop_assert_eq!(endless.days_from(ours[17]).next(), Some(ours[17]));

            let start = ours[0];
            let range = Range::NoEnd { start };
            let recurrence = Recurrence::new(endless.pattern, range).normalized();
            let rule = write_pattern(&recurrence.pattern).unwrap();
            let read = Rule::read(&rule, start, [9, 0, 0]).and_then(|rule| rule.recurrence(range, false));
            prop_assert_eq!(read, Ok(recurrence), "{}", rule);
        }

        /// What is read has the days of the rule.
        #[test]
        fn rules_that_are_read_have_their_days(
            frequency in "DAILY|WEEKLY|MONTHLY|MONTHLY|YEARLY|YEARLY",
            interval in 1_u8..4,
            days in proptest::option::of("(MO|-1TU|2WE|TH|SA,SU|FR|MO,TU,WE,TH,FR|3FR)"),
            month_days in proptest::option::of("(1|15|28|29|31|-1|-2|27,28,29|28,29,30,31|1,2,3,4,5,6,7|15,16,17,18,19,20,21)"),
            months in proptest::option::of("(2|3|12|1,7|1,4,7,10|2,3)"),
            position in proptest::option::weighted(0.3, "(1|2|-1|4)"),
            start in starts(),
        ) {
            let mut rule = format!("FREQ={frequency};INTERVAL={interval}");
            for (name, part) in [("BYDAY", days), ("BYMONTHDAY", month_days), ("BYMONTH", months), ("BYSETPOS", position)] {
                if let Some(part) = part {
                    rule += &format!(";{name}={part}");
                }
            }
            // The crate refuses a few combinations that RFC 5545 rules out, and so do we.
            let text = format!("DTSTART:{}T090000Z\nRRULE:{rule}", start.format("%Y%m%d"));
            let Ok(set) = text.parse::<RRuleSet>() else { return Ok(()) };
            let Some(first) = set.all(1).dates.first().map(chrono::DateTime::date_naive) else { return Ok(()) };
            let range = Range::NoEnd { start: first };
            if let Ok(read) = Rule::read(&rule, first, [9, 0, 0]).and_then(|rule| rule.recurrence(range, false)) {
                let ours: Vec<_> = read.days().take(30).collect();
                prop_assert_eq!(by_rrule(&rule, first, 30), ours, "{} {:?}", rule, read);
            }
        }

        #[test]
        fn any_text_is_taken(text in "(FREQ=|DAILY|YEARLY|MONTHLY|;|BYDAY=|BYMONTHDAY=|BYMONTH=|BYSETPOS=|INTERVAL=|COUNT=|UNTIL=|[-+0-9,MOTUé]{1,4}){0,12}", start in starts()) {
            if let Ok(rule) = Rule::read(&text, start, [9, 0, 0]) {
                let _ = rule.recurrence(Range::NoEnd { start }, false);
            }
        }
    }
}
