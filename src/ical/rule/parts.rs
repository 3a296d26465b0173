//! The parts of a recurrence rule, each read once and used once.

use std::str::FromStr;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc, Weekday};

use super::super::time::Stamp;

/// How often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Frequency {
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

/// The last instant, or the last day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ical) enum Until {
    Date(NaiveDate),
    Local(NaiveDateTime),
    Utc(DateTime<Utc>),
}

/// What a rule says. Lists are sorted and without repetitions; whoever understands one takes it out.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) frequency: Frequency,
    pub(super) interval: u16,
    pub(super) count: Option<u32>,
    pub(super) until: Option<Until>,
    pub(super) week_start: Option<Weekday>,
    pub(super) days: Vec<(Option<i8>, Weekday)>,
    pub(super) month_days: Vec<i8>,
    pub(super) months: Vec<u8>,
    pub(super) positions: Vec<i8>,
    /// RFC 7529 `SKIP=BACKWARD`: short months take their last day.
    pub(super) backward: bool,
    clock: [Vec<u8>; 3],
}

/// RFC 5545 section 3.3.10 has 13, RFC 7529 two more.
const MOST_PARTS: usize = 15;

const CLOCK: [&str; 3] = ["BYHOUR", "BYMINUTE", "BYSECOND"];

impl Parts {
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let mut seen: Vec<(String, String)> = Vec::new();
        for part in text
            .split(';')
            .map(str::trim)
            .filter(|part| !part.is_empty())
        {
            let (name, value) = part
                .split_once('=')
                .ok_or_else(|| format!("{part:?} is no part of a rule"))?;
            let name = name.trim().to_ascii_uppercase();
            if seen.iter().any(|(other, _)| *other == name) {
                return Err(format!("it has {name} twice"));
            }
            if seen.len() >= MOST_PARTS {
                return Err("it has more parts than a rule can have".to_owned());
            }
            seen.push((name, value.trim().to_ascii_uppercase()));
        }
        let mut take = |name: &str| {
            let at = seen.iter().position(|(other, _)| other == name)?;
            Some(seen.swap_remove(at).1)
        };
        let frequency = take("FREQ").ok_or("it has no FREQ")?;
        let frequency = match frequency.as_str() {
            "DAILY" => Frequency::Daily,
            "WEEKLY" => Frequency::Weekly,
            "MONTHLY" => Frequency::Monthly,
            "YEARLY" => Frequency::Yearly,
            other => return Err(format!("FREQ={other}")),
        };
        match take("RSCALE").as_deref() {
            None | Some("GREGORIAN") => {}
            Some(other) => return Err(format!("RSCALE={other}")),
        }
        let backward = match take("SKIP").as_deref() {
            None | Some("OMIT") => false,
            Some("BACKWARD") => true,
            Some(other) => return Err(format!("SKIP={other}")),
        };
        let parts = Self {
            frequency,
            interval: one(take("INTERVAL"), "INTERVAL", 1..=u16::MAX)?.unwrap_or(1),
            count: one(take("COUNT"), "COUNT", 1..=u32::MAX)?,
            until: match take("UNTIL") {
                Some(text) => Some(until(&text).ok_or_else(|| format!("UNTIL={text}"))?),
                None => None,
            },
            week_start: match take("WKST") {
                Some(text) => Some(weekday(&text).ok_or_else(|| format!("WKST={text}"))?),
                None => None,
            },
            days: {
                let days = take("BYDAY").unwrap_or_default();
                let mut days = list(&days, numbered_weekday, "BYDAY")?;
                days.sort_unstable_by_key(|(nth, day)| (*nth, day.num_days_from_monday()));
                days.dedup();
                days
            },
            month_days: numbers(take("BYMONTHDAY"), "BYMONTHDAY", -31..=31)?,
            months: numbers(take("BYMONTH"), "BYMONTH", 1..=12)?,
            positions: numbers(take("BYSETPOS"), "BYSETPOS", -127..=127)?,
            backward,
            clock: [
                numbers(take("BYHOUR"), "BYHOUR", 0..=23)?,
                numbers(take("BYMINUTE"), "BYMINUTE", 0..=59)?,
                numbers(take("BYSECOND"), "BYSECOND", 0..=60)?,
            ],
        };
        match seen.first() {
            Some((name, value)) => Err(format!("{name}={value}")),
            None => Ok(parts),
        }
    }

    /// A rule may repeat what the clock shows at the start of the first event.
    pub(super) fn take_clock(&mut self, clock: [u32; 3]) -> Result<(), String> {
        for ((name, said), shown) in CLOCK.iter().zip(std::mem::take(&mut self.clock)).zip(clock) {
            match said.as_slice() {
                [] => {}
                [one] if u32::from(*one) == shown => {}
                _ => {
                    return Err(format!(
                        "{name} with another time than that of the first event"
                    ));
                }
            }
        }
        Ok(())
    }

    /// Monthly on each of some weekdays, which is weekly.
    pub(super) fn is_every_weekday(&self) -> bool {
        self.interval == 1
            && !self.days.is_empty()
            && self.days.iter().all(|(nth, _)| nth.is_none())
            && self.month_days.is_empty()
            && self.months.is_empty()
            && self.positions.is_empty()
    }

    pub(super) fn must_be_used_up(&self) -> Result<(), String> {
        let left = [
            ("BYDAY", self.days.is_empty()),
            ("BYMONTHDAY", self.month_days.is_empty()),
            ("BYMONTH", self.months.is_empty()),
            ("BYSETPOS", self.positions.is_empty()),
        ];
        match left.iter().find(|(_, is_empty)| !is_empty) {
            Some((name, _)) => Err(format!("{name} together with that FREQ")),
            None => Ok(()),
        }
    }
}

fn until(text: &str) -> Option<Until> {
    Some(match Stamp::read(text)? {
        Stamp::Date(date) => Until::Date(date),
        Stamp::Local(local) => Until::Local(local),
        Stamp::Utc(utc) => Until::Utc(utc),
    })
}

/// A number in a range; a sign and zeros before it may be there.
fn number<T: FromStr + PartialOrd>(text: &str, range: &std::ops::RangeInclusive<T>) -> Option<T> {
    let number = text.trim().parse().ok()?;
    range.contains(&number).then_some(number)
}

fn one<T: FromStr + PartialOrd>(
    text: Option<String>,
    name: &str,
    range: std::ops::RangeInclusive<T>,
) -> Result<Option<T>, String> {
    let read = |text: String| number(&text, &range).ok_or_else(|| format!("{name}={text}"));
    text.map(read).transpose()
}

fn list<T>(text: &str, read: impl Fn(&str) -> Option<T>, name: &str) -> Result<Vec<T>, String> {
    let items = text
        .split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty());
    items
        .map(|item| read(item).ok_or_else(|| format!("{name}={item}")))
        .collect()
}

fn numbers<T: FromStr + Ord + Copy>(
    text: Option<String>,
    name: &str,
    range: std::ops::RangeInclusive<T>,
) -> Result<Vec<T>, String> {
    let mut numbers = list(&text.unwrap_or_default(), |item| number(item, &range), name)?;
    numbers.sort_unstable();
    numbers.dedup();
    Ok(numbers)
}

fn weekday(text: &str) -> Option<Weekday> {
    Some(match text {
        "MO" => Weekday::Mon,
        "TU" => Weekday::Tue,
        "WE" => Weekday::Wed,
        "TH" => Weekday::Thu,
        "FR" => Weekday::Fri,
        "SA" => Weekday::Sat,
        "SU" => Weekday::Sun,
        _ => return None,
    })
}

fn numbered_weekday(text: &str) -> Option<(Option<i8>, Weekday)> {
    let (nth, day) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let nth = match nth {
        "" => None,
        nth => Some(number(nth, &(-53..=53)).filter(|nth| *nth != 0)?),
    };
    Some((nth, weekday(day)?))
}
