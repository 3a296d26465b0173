//! Dates, times and durations as RFC 5545 writes them (sections 3.3.4 to 3.3.6 and 3.3.14).

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeDelta, Utc};

use super::problem;
use crate::error::Result;

/// A date, or a time on a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stamp {
    Date(NaiveDate),
    /// On the clock of a zone that is named elsewhere, or of none.
    Local(NaiveDateTime),
    Utc(DateTime<Utc>),
}

impl Stamp {
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        // ASCII only: chrono takes digits, signs and spaces that RFC 5545 does not have.
        let sound = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let date = |text: &str| {
            let text = Some(text).filter(|text| text.len() == 8 && sound(text))?;
            NaiveDate::parse_from_str(text, "%Y%m%d").ok()
        };
        let Some((day, time)) = text.split_once(['T', 't']) else {
            return date(text).map(Self::Date);
        };
        let clock = time.strip_suffix(['Z', 'z']).unwrap_or(time);
        let part = |range: std::ops::Range<usize>| clock.get(range)?.parse::<u32>().ok();
        // A leap second is the second before.
        let second = match clock.len() {
            4 => 0,
            6 => part(4..6)?.min(59),
            _ => return None,
        };
        if !sound(clock) {
            return None;
        }
        let local = date(day)?.and_hms_opt(part(0..2)?, part(2..4)?, second)?;
        Some(if clock.len() < time.len() {
            Self::Utc(local.and_utc())
        } else {
            Self::Local(local)
        })
    }
}

pub(super) fn write_date(date: NaiveDate) -> Result<String> {
    if !(1..=9999).contains(&date.year()) {
        return Err(problem(format!("iCalendar cannot write the date {date}")));
    }
    Ok(date.format("%Y%m%d").to_string())
}

pub(super) fn write_local(local: NaiveDateTime) -> Result<String> {
    Ok(format!(
        "{}T{}",
        write_date(local.date())?,
        local.format("%H%M%S")
    ))
}

pub(super) fn write_utc(instant: DateTime<Utc>) -> Result<String> {
    Ok(format!("{}Z", write_local(instant.naive_utc())?))
}

/// A duration such as `-P1DT2H` or `P2W`. A day is one of 24 hours.
pub(super) fn read_duration(text: &str) -> Option<TimeDelta> {
    let text = text.trim();
    let (negative, text) = match text.strip_prefix('-') {
        Some(text) => (true, text),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let text = text.strip_prefix(['P', 'p'])?;
    let (mut seconds, mut digits, mut found) = (0_i64, String::new(), false);
    for character in text.chars() {
        let unit = match character.to_ascii_uppercase() {
            'W' => 604_800,
            'D' => 86_400,
            'H' => 3_600,
            'M' => 60,
            'S' => 1,
            'T' if digits.is_empty() => continue,
            digit if digit.is_ascii_digit() => {
                digits.push(digit);
                continue;
            }
            _ => return None,
        };
        let number: i64 = digits.parse().ok()?;
        seconds = seconds.checked_add(number.checked_mul(unit)?)?;
        digits.clear();
        found = true;
    }
    if !found || !digits.is_empty() {
        return None;
    }
    TimeDelta::try_seconds(if negative { -seconds } else { seconds })
}

/// Whole minutes before something.
pub(super) fn write_before(time: TimeDelta) -> String {
    let minutes = time.num_minutes();
    let sign = if minutes < 0 { "" } else { "-" };
    format!("{sign}PT{}M", minutes.unsigned_abs())
}

/// The difference to UTC in seconds, from `+0130` or `-013000`.
pub(super) fn read_offset(text: &str) -> Option<i32> {
    let text = text.trim();
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    if !matches!(digits.len(), 4 | 6) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize| {
        let part = digits.get(from..from + 2)?.parse::<i32>().ok()?;
        (part < 60).then_some(part)
    };
    let seconds = if digits.len() == 6 { part(4)? } else { 0 };
    let offset = part(0)? * 3_600 + part(2)? * 60 + seconds;
    // No zone is further than a day from UTC.
    (offset < 86_400).then_some(sign * offset)
}

pub(super) fn write_offset(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let seconds = seconds.unsigned_abs();
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if seconds == 0 {
        format!("{sign}{hours:02}{minutes:02}")
    } else {
        format!("{sign}{hours:02}{minutes:02}{seconds:02}")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn stamps() {
        let local = |text: &str| Stamp::Local(text.parse().unwrap());
        for (text, stamp) in [
            ("20260228", Some(Stamp::Date("2026-02-28".parse().unwrap()))),
            ("20260228T090000", Some(local("2026-02-28T09:00:00"))),
            (" 20260228T0900 ", Some(local("2026-02-28T09:00:00"))),
            ("20260228T235960", Some(local("2026-02-28T23:59:59"))),
            (
                "20260228T090000Z",
                Some(Stamp::Utc("2026-02-28T09:00:00Z".parse().unwrap())),
            ),
            ("20260229", None),
            ("2026-02-28", None),
            ("20260228T", None),
            ("20260228T250000", None),
            ("20260228T09000", None),
            ("+0260228", None),
            ("٢٠٢٦0228", None),
            ("", None),
        ] {
            assert_eq!(Stamp::read(text), stamp, "{text}");
        }
    }

    #[test]
    fn durations() {
        for (text, seconds) in [
            ("PT15M", Some(900)),
            ("-PT15M", Some(-900)),
            ("+P1DT2H3M4S", Some(93_784)),
            ("P2W", Some(1_209_600)),
            ("PT0S", Some(0)),
            ("P", None),
            ("PT", None),
            ("P1", None),
            ("15M", None),
            ("P99999999999999999999D", None),
            ("PT9223372036854775807M", None),
        ] {
            assert_eq!(
                read_duration(text),
                seconds.map(TimeDelta::seconds),
                "{text}"
            );
        }
        assert_eq!(write_before(TimeDelta::minutes(15)), "-PT15M");
    }

    proptest! {
        #[test]
        fn offsets_come_back(seconds in -86_399..86_400) {
            prop_assert_eq!(read_offset(&write_offset(seconds)), Some(seconds));
        }

        #[test]
        fn any_text_is_taken(text in "[+-]?[PTZWDHMS0-9é]{0,20}") {
            let _ = (Stamp::read(&text), read_duration(&text), read_offset(&text));
        }
    }
}
