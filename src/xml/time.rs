//! Dates, times and durations as XML Schema spells them (XML Schema Part 2, 3.2.6-3.2.9).

use std::fmt::Write;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};

/// An instant. Exchange omits the offset now and then, as in the `LastModifiedTime` of an
/// attachment; such a time is UTC. A date alone is its midnight.
pub(super) fn read_date_time(text: &str) -> Option<DateTime<Utc>> {
    let (local, offset) = split(text)?;
    let utc = local.checked_sub_signed(offset)?.and_utc();
    // Years of more than four digits could be read, but not be sent back.
    (1..=9999).contains(&utc.year()).then_some(utc)
}

/// A wall clock; an offset is not looked at.
pub(super) fn read_local_date_time(text: &str) -> Option<NaiveDateTime> {
    split(text).map(|(local, _)| local)
}

/// The day of a date, or of a date with a time or a zone.
pub(super) fn read_date(text: &str) -> Option<NaiveDate> {
    let (date, rest) = date(text)?;
    let is_date = match rest.as_bytes().first() {
        None => true,
        Some(b'T') => split(text).is_some(),
        Some(_) => offset(rest).is_some(),
    };
    is_date.then_some(date)
}

/// Local time and what to take off it to get UTC.
fn split(text: &str) -> Option<(NaiveDateTime, TimeDelta)> {
    let (date, rest) = date(text)?;
    let Some(clock) = rest.strip_prefix('T') else {
        return Some((date.and_time(NaiveTime::MIN), offset(rest)?));
    };

    let (hour, clock) = two_digits(clock)?;
    let (minute, clock) = two_digits(clock.strip_prefix(':')?)?;
    let (second, clock) = two_digits(clock.strip_prefix(':')?)?;
    let (nanosecond, zone) = match clock.strip_prefix('.') {
        Some(fraction) => self::fraction(fraction)?,
        None => (0, clock),
    };
    // The end of a day may be spelt 24:00:00.
    let (date, hour) = match (hour, minute, second, nanosecond) {
        (24, 0, 0, 0) => (date.succ_opt()?, 0),
        _ => (date, hour),
    };
    let time = NaiveTime::from_hms_nano_opt(hour, minute, second, nanosecond)?;
    Some((date.and_time(time), offset(zone)?))
}

/// Four digits of year, month, day. Years of more digits have no meaning in a mailbox.
fn date(text: &str) -> Option<(NaiveDate, &str)> {
    let (century, rest) = two_digits(text)?;
    let (year, rest) = two_digits(rest)?;
    let (month, rest) = two_digits(rest.strip_prefix('-')?)?;
    let (day, rest) = two_digits(rest.strip_prefix('-')?)?;
    let year = i32::try_from(century * 100 + year).ok()?;
    if year == 0 {
        return None;
    }
    Some((NaiveDate::from_ymd_opt(year, month, day)?, rest))
}

fn two_digits(text: &str) -> Option<(u32, &str)> {
    let [a @ b'0'..=b'9', b @ b'0'..=b'9', ..] = text.as_bytes() else {
        return None;
    };
    Some((u32::from((a - b'0') * 10 + (b - b'0')), text.get(2..)?))
}

/// Nanoseconds, of as many digits as there are.
fn fraction(text: &str) -> Option<(u32, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(end)?;
    if digits.is_empty() {
        return None;
    }
    let nanoseconds = digits
        .bytes()
        .chain(std::iter::repeat(b'0'))
        .take(9)
        .fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'));
    Some((nanoseconds, rest))
}

/// `Z`, `+02:00`, or nothing, which is taken for UTC. XML Schema allows 14 hours at most.
fn offset(text: &str) -> Option<TimeDelta> {
    let (sign, rest) = match text.as_bytes().first() {
        None => return Some(TimeDelta::zero()),
        Some(b'Z') if text.len() == 1 => return Some(TimeDelta::zero()),
        Some(b'+') => (1, text.get(1..)?),
        Some(b'-') => (-1, text.get(1..)?),
        Some(_) => return None,
    };
    let (hours, rest) = two_digits(rest)?;
    let (minutes, rest) = two_digits(rest.strip_prefix(':')?)?;
    if !rest.is_empty() || minutes > 59 || hours * 60 + minutes > 14 * 60 {
        return None;
    }
    Some(TimeDelta::minutes(sign * i64::from(hours * 60 + minutes)))
}

/// `-PT5H30M`, `P1D`, `PT0S`; years and months have no fixed length and are not read.
pub(super) fn read_duration(text: &str) -> Option<TimeDelta> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let mut rest = rest.strip_prefix('P')?;
    let mut seconds: i64 = 0;
    let mut is_time = false;
    let mut parts = 0;
    while !rest.is_empty() {
        if let Some(time) = rest.strip_prefix('T') {
            if is_time {
                return None;
            }
            is_time = true;
            rest = time;
            continue;
        }
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, unit) = rest.split_at_checked(end)?;
        let whole: i64 = number.split('.').next()?.parse().ok()?;
        let unit_seconds = match (unit.as_bytes().first()?, is_time) {
            (b'D', false) => 86_400,
            (b'H', true) => 3_600,
            (b'M', true) => 60,
            (b'S', true) => 1,
            _ if whole == 0 => 0,
            _ => return None,
        };
        seconds = seconds.checked_add(whole.checked_mul(unit_seconds)?)?;
        parts += 1;
        rest = unit.get(1..)?;
    }
    if parts == 0 {
        return None;
    }
    TimeDelta::try_seconds(sign * seconds)
}

pub(super) fn write_duration(duration: TimeDelta, out: &mut String) {
    let seconds = duration.num_seconds();
    if seconds < 0 {
        out.push('-');
    }
    let seconds = seconds.unsigned_abs();
    let parts = [
        (seconds / 3_600, 'H'),
        (seconds / 60 % 60, 'M'),
        (seconds % 60, 'S'),
    ];
    out.push_str("PT");
    for (number, unit) in parts {
        if number != 0 {
            // Writing to a `String` cannot fail.
            let _ = write!(out, "{number}{unit}");
        }
    }
    if seconds == 0 {
        out.push_str("0S");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants() {
        let read = |text| read_date_time(text).map(|t| t.to_rfc3339());
        assert_eq!(
            read("2013-05-19T17:16:37+02:00").unwrap(),
            "2013-05-19T15:16:37+00:00"
        );
        assert_eq!(
            read("2024-05-14T09:30:00.1234567Z").unwrap(),
            "2024-05-14T09:30:00.123456700+00:00"
        );
        assert_eq!(
            read("2024-05-14T24:00:00Z").unwrap(),
            "2024-05-15T00:00:00+00:00"
        );
        assert_eq!(
            read("2024-05-14T09:30:00").unwrap(),
            "2024-05-14T09:30:00+00:00"
        );
        assert!(read("9999-12-31T23:59:59Z").is_some());
        for bad in [
            "",
            "9999-12-31T23:59:59-08:00",
            "0001-01-01T00:00:00+05:30",
            "2024-05-14T09:30:00+25:00",
            "2024-02-30T00:00:00Z",
            "5/14/2024 9:30:00 AM",
            "10000-01-01T00:00:00Z",
            "-0001-01-01T00:00:00Z",
            "2024-05-14T09:30:00.Z",
            "2024-05-14T09:30:00Zx",
            "2024-05-14T9:30:00Z",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn dates() {
        let day = NaiveDate::from_ymd_opt(2016, 3, 15).unwrap();
        for text in [
            "2016-03-15",
            "2016-03-15Z",
            "2016-03-15+02:00",
            "2016-03-15T00:00:00",
        ] {
            assert_eq!(read_date(text), Some(day), "{text}");
        }
        assert_eq!(read_date("2016-03-15x"), None);
    }

    #[test]
    fn durations() {
        let minutes = |text| read_duration(text).map(|d| d.num_minutes());
        assert_eq!(minutes("-PT5H30M"), Some(-330));
        assert_eq!(minutes("PT0S"), Some(0));
        assert_eq!(minutes("P1DT1M"), Some(1441));
        assert_eq!(minutes("P0Y0M0DT60M"), Some(60));
        assert_eq!(minutes("P1M"), None);
        assert_eq!(minutes("P"), None);
        assert_eq!(minutes("PT99999999999999999999H"), None);
        for minutes in [-330, 0, 60, 61] {
            let mut text = String::new();
            write_duration(TimeDelta::minutes(minutes), &mut text);
            assert_eq!(read_duration(&text), Some(TimeDelta::minutes(minutes)));
        }
    }
}
