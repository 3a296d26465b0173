//! Time zones: Windows names on the wire, rules from chrono-tz.

use chrono::{
    DateTime, Datelike as _, Duration, LocalResult, NaiveDate, NaiveDateTime, Offset as _,
    TimeZone as _, Utc, Weekday,
};
use chrono_tz::Tz;
use windows_timezones::WindowsTimezone;

use super::xml::Writer;
use super::zone_rules::write_rules;

/// A zone as an item keeps it: the Windows name and the rules.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Zone {
    pub(super) id: String,
    pub(super) tz: Tz,
}

impl Zone {
    pub(super) fn utc() -> Self {
        Self {
            id: "UTC".to_owned(),
            tz: Tz::UTC,
        }
    }

    /// The zone of that Windows name.
    pub(super) fn windows(id: &str) -> Option<Self> {
        if id.eq_ignore_ascii_case("UTC") {
            return Some(Self::utc());
        }
        let zone: WindowsTimezone = id.parse().ok()?;
        Some(Self {
            id: zone.name().to_owned(),
            tz: zone.into(),
        })
    }

    /// All zones that Windows knows and tzdata too, by name.
    pub(super) fn all() -> Vec<Self> {
        let mut zones: Vec<Self> = chrono_tz::TZ_VARIANTS
            .iter()
            .filter_map(|tz| WindowsTimezone::try_from(*tz).ok())
            .filter_map(|zone| Self::windows(zone.name()))
            .collect();
        zones.sort_by(|a, b| a.id.cmp(&b.id));
        zones.dedup_by(|a, b| a.id == b.id);
        zones
    }

    /// The name for people, such as `(UTC+01:00) Amsterdam, Berlin, …`.
    pub(super) fn display_name(&self) -> String {
        self.id.parse::<WindowsTimezone>().map_or_else(
            |_| "(UTC) Coordinated Universal Time".to_owned(),
            |zone| zone.description().to_owned(),
        )
    }

    /// The zone of that name for people.
    pub(super) fn displayed(name: &str) -> Option<Self> {
        Self::all().into_iter().find(|zone| {
            zone.display_name() == name || zone.display_name().replacen("UTC", "GMT", 1) == name
        })
    }

    /// The clock there.
    pub(super) fn local(&self, instant: DateTime<Utc>) -> NaiveDateTime {
        instant.with_timezone(&self.tz).naive_local()
    }

    /// The instant of a clock reading. What the clock shows twice is standard time, what it skips
    /// is moved on by the gap, as Windows does.
    pub(super) fn instant(&self, local: NaiveDateTime) -> DateTime<Utc> {
        match self.tz.from_local_datetime(&local) {
            LocalResult::Single(instant) | LocalResult::Ambiguous(_, instant) => {
                instant.with_timezone(&Utc)
            }
            LocalResult::None => {
                let before = self
                    .tz
                    .offset_from_utc_datetime(&(local - Duration::days(1)));
                (local - before.fix()).and_utc()
            }
        }
    }

    /// The definition as `GetServerTimeZones` and items give it.
    pub(super) fn write(&self, writer: &mut Writer, element: &str, full: bool) {
        let is_known = Self::windows(&self.id).is_some();
        let name = match is_known {
            true => self.display_name(),
            false => self.id.clone(),
        };
        writer.element(
            element,
            &[("Id", self.id.as_str()), ("Name", name.as_str())],
            |writer| {
                // A name nobody else knows says nothing without its rules.
                if full || !is_known {
                    write_rules(self, writer);
                }
            },
        );
    }
}

const WEEKDAYS: [(Weekday, &str); 7] = [
    (Weekday::Sun, "Sunday"),
    (Weekday::Mon, "Monday"),
    (Weekday::Tue, "Tuesday"),
    (Weekday::Wed, "Wednesday"),
    (Weekday::Thu, "Thursday"),
    (Weekday::Fri, "Friday"),
    (Weekday::Sat, "Saturday"),
];

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

pub(super) fn weekday_name(day: Weekday) -> &'static str {
    WEEKDAYS
        .iter()
        .find(|(known, _)| *known == day)
        .map_or("Sunday", |(_, name)| name)
}

pub(super) fn weekday(name: &str) -> Option<Weekday> {
    WEEKDAYS
        .iter()
        .find(|(_, known)| *known == name)
        .map(|(day, _)| *day)
}

pub(super) fn month_name(month: u32) -> &'static str {
    MONTHS
        .get(usize::try_from(month.saturating_sub(1)).unwrap_or_default())
        .copied()
        .unwrap_or("January")
}

pub(super) fn month(name: &str) -> Option<u32> {
    let index = MONTHS.iter().position(|known| *known == name)?;
    u32::try_from(index + 1).ok()
}

/// Seconds as xs:duration, such as `-PT1H` or `PT5H30M`.
pub(super) fn duration(seconds: i32) -> String {
    let sign = if seconds < 0 { "-" } else { "" };
    let seconds = seconds.unsigned_abs();
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let mut text = format!("{sign}PT");
    for (amount, unit) in [(hours, 'H'), (minutes, 'M'), (rest, 'S')] {
        if amount > 0 {
            text.push_str(&amount.to_string());
            text.push(unit);
        }
    }
    if seconds == 0 {
        text.push_str("0S");
    }
    text
}

/// Reads an xs:dateTime; without an offset it is a clock reading in `zone`.
pub(super) fn date_time(text: &str, zone: &Zone) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Some(instant.with_timezone(&Utc));
    }
    Some(zone.instant(clock(text)?))
}

/// Whether a date can be reckoned with: those of requests are of the years 1 to 9999, as Exchange
/// has them, far from the ends of what the types of dates bear.
pub(super) fn is_within_calendar(date: NaiveDate) -> bool {
    (1..=9999).contains(&date.year())
}

/// Reads an xs:dateTime without an offset; of the years 1 to 9999.
pub(super) fn clock(text: &str) -> Option<NaiveDateTime> {
    let clock = NaiveDateTime::parse_from_str(text.trim(), "%Y-%m-%dT%H:%M:%S%.f").ok()?;
    is_within_calendar(clock.date()).then_some(clock)
}

/// Writes an instant: UTC with `Z`, or the clock and offset of the zone the request asked for.
pub(super) fn write_time(instant: DateTime<Utc>, zone: Option<&Zone>) -> String {
    match zone {
        Some(zone) if zone.tz != Tz::UTC => instant
            .with_timezone(&zone.tz)
            .format("%Y-%m-%dT%H:%M:%S%:z")
            .to_string(),
        _ => instant.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn gaps_move_on_and_doubled_hours_are_standard_time() {
        let zone = Zone::windows("W. Europe Standard Time").unwrap();
        assert_eq!(
            zone.instant(clock("2026-03-29T02:30:00").unwrap()),
            at("2026-03-29T01:30:00Z")
        );
        assert_eq!(
            zone.instant(clock("2026-10-25T02:30:00").unwrap()),
            at("2026-10-25T01:30:00Z")
        );
    }

    #[test]
    fn dates_with_and_without_offset() {
        let zone = Zone::windows("Eastern Standard Time").unwrap();
        assert_eq!(
            date_time("2026-01-05T09:00:00", &zone),
            Some(at("2026-01-05T14:00:00Z"))
        );
        assert_eq!(
            date_time("2026-01-05T09:00:00+02:00", &zone),
            Some(at("2026-01-05T07:00:00Z"))
        );
        assert_eq!(date_time("2026-01-05", &zone), None);
        assert_eq!(
            write_time(at("2026-01-05T14:00:00Z"), Some(&zone)),
            "2026-01-05T09:00:00-05:00"
        );
        assert_eq!(duration(-5400), "-PT1H30M");
    }
}
