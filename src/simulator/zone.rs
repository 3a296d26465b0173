//! Time zones: Windows names on the wire, rules from chrono-tz.

use chrono::{
    DateTime, Datelike, Duration, LocalResult, NaiveDate, NaiveDateTime, Offset, TimeZone,
    Timelike, Utc, Weekday,
};
use chrono_tz::Tz;
use windows_timezones::WindowsTimezone;

use super::xml::Writer;

/// A zone as an item keeps it: the Windows name and the rules.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Zone {
    pub(super) id: String,
    pub(super) tz: Tz,
}

/// The first and the last year that zone definitions describe.
const YEARS: std::ops::RangeInclusive<i32> = 2007..=2037;

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
        let name = self.display_name();
        writer.element(
            element,
            &[("Id", self.id.as_str()), ("Name", name.as_str())],
            |writer| {
                if full {
                    self.write_rules(writer);
                }
            },
        );
    }

    fn write_rules(&self, writer: &mut Writer) {
        let eras = self.eras();
        let mut periods: Vec<(Period, String)> = Vec::new();
        for period in eras.iter().flat_map(|era| era.periods()) {
            if !periods.iter().any(|(known, _)| *known == period) {
                let serial = periods.len() + 1;
                let id = format!(
                    "trule:Microsoft/Registry/{}/{serial}-{}",
                    self.id,
                    period.name()
                );
                periods.push((period, id));
            }
        }
        let id_of = |period: Period| {
            periods
                .iter()
                .find(|(known, _)| *known == period)
                .map_or("", |(_, id)| id.as_str())
        };
        writer.element("t:Periods", &[], |writer| {
            for (period, id) in &periods {
                writer.empty(
                    "t:Period",
                    &[
                        ("Bias", duration(-period.offset).as_str()),
                        ("Name", period.name()),
                        ("Id", id),
                    ],
                );
            }
        });
        writer.element("t:TransitionsGroups", &[], |writer| {
            for (number, era) in eras.iter().enumerate() {
                writer.element(
                    "t:TransitionsGroup",
                    &[("Id", number.to_string().as_str())],
                    |writer| era.write(writer, id_of),
                );
            }
        });
        writer.element("t:Transitions", &[], |writer| {
            for (number, era) in eras.iter().enumerate() {
                let to = number.to_string();
                if number == 0 {
                    writer.element("t:Transition", &[], |writer| {
                        writer.leaf_with("t:To", &[("Kind", "Group")], &to);
                    });
                } else {
                    writer.element("t:AbsoluteDateTransition", &[], |writer| {
                        writer.leaf_with("t:To", &[("Kind", "Group")], &to);
                        writer.leaf("t:DateTime", &format!("{:04}-01-01T00:00:00", era.first));
                    });
                }
            }
        });
    }

    /// The rules of consecutive years, equal ones joined.
    fn eras(&self) -> Vec<Era> {
        let mut eras: Vec<Era> = Vec::new();
        for year in YEARS {
            let era = Era::of(self.tz, year);
            if !eras.last_mut().is_some_and(|last| last.absorb(&era)) {
                eras.push(era);
            }
        }
        eras
    }

    /// `MeetingTimeZone` of Exchange 2007.
    pub(super) fn write_meeting_zone(&self, writer: &mut Writer, year: i32) {
        let era = Era::of(self.tz, year);
        let standard = era.standard();
        writer.element(
            "t:MeetingTimeZone",
            &[("TimeZoneName", self.id.as_str())],
            |writer| {
                writer.leaf("t:BaseOffset", &duration(-standard));
                for change in era.pair() {
                    let name = if change.to.daylight {
                        "t:Daylight"
                    } else {
                        "t:Standard"
                    };
                    writer.element(name, &[], |writer| {
                        writer.leaf("t:Offset", &duration(standard - change.to.offset));
                        writer.element("t:RelativeYearlyRecurrence", &[], |writer| {
                            writer.leaf("t:DaysOfWeek", weekday_name(change.weekday));
                            writer.leaf("t:DayOfWeekIndex", change.index_name());
                            writer.leaf("t:Month", month_name(change.month));
                        });
                        writer.leaf("t:Time", &change.clock());
                    });
                }
            },
        );
    }
}

/// An offset from UTC (seconds to the east) that holds for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Period {
    offset: i32,
    daylight: bool,
}

impl Period {
    fn name(self) -> &'static str {
        if self.daylight {
            "Daylight"
        } else {
            "Standard"
        }
    }
}

/// One change of the clock within a year, as a rule.
#[derive(Clone, Debug, PartialEq)]
struct Change {
    to: Period,
    month: u32,
    weekday: Weekday,
    /// Which of the month's such weekdays it can be: 1 to 4, or -1 for the last.
    occurrences: Vec<i32>,
    /// Seconds after midnight on the clock before the change.
    time: i64,
}

impl Change {
    fn index(&self) -> i32 {
        self.occurrences
            .iter()
            .copied()
            .find(|occurrence| *occurrence == -1)
            .or_else(|| self.occurrences.first().copied())
            .unwrap_or(1)
    }

    fn index_name(&self) -> &'static str {
        match self.index() {
            1 => "First",
            2 => "Second",
            3 => "Third",
            4 => "Fourth",
            _ => "Last",
        }
    }

    fn clock(&self) -> String {
        let seconds = self.time.rem_euclid(86_400);
        format!(
            "{:02}:{:02}:{:02}",
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60
        )
    }
}

/// Years with the same rules.
#[derive(Clone, Debug)]
struct Era {
    first: i32,
    start: Period,
    changes: Vec<Change>,
}

impl Era {
    fn of(tz: Tz, year: i32) -> Self {
        let Some(first) = NaiveDate::from_ymd_opt(year, 1, 1) else {
            return Self {
                first: year,
                start: Period {
                    offset: 0,
                    daylight: false,
                },
                changes: Vec::new(),
            };
        };
        let offset =
            |at: NaiveDateTime| i64::from(tz.offset_from_utc_datetime(&at).fix().local_minus_utc());
        // The clock of the zone decides where the year begins.
        let midnight = first.and_time(chrono::NaiveTime::MIN);
        let begin = midnight - Duration::seconds(offset(midnight));
        let end = begin + Duration::days(if first.leap_year() { 366 } else { 365 });
        let mut jumps = Vec::new();
        let mut at = begin;
        while at < end {
            let next = (at + Duration::days(1)).min(end);
            if offset(at) != offset(next) {
                let (mut low, mut high) = (at, next);
                while high - low > Duration::seconds(1) {
                    let middle = low + (high - low) / 2;
                    if offset(middle) == offset(at) {
                        low = middle;
                    } else {
                        high = middle;
                    }
                }
                jumps.push((high, offset(at), offset(next)));
            }
            at = next;
        }
        let standard = jumps
            .iter()
            .flat_map(|(_, before, after)| [*before, *after])
            .chain([offset(begin)])
            .min()
            .unwrap_or_default();
        let period = |seconds: i64| Period {
            offset: i32::try_from(seconds).unwrap_or_default(),
            daylight: seconds != standard && !jumps.is_empty(),
        };
        let changes = jumps
            .iter()
            .map(|(instant, before, after)| {
                let clock = *instant + Duration::seconds(*before);
                // Midnight belongs to the evening before in Windows' rules too; the day is kept.
                let date = clock.date();
                let nth = i32::try_from((date.day() - 1) / 7 + 1).unwrap_or(1);
                let mut occurrences = Vec::new();
                if nth <= 4 {
                    occurrences.push(nth);
                }
                if (date + Duration::days(7)).month() != date.month() {
                    occurrences.push(-1);
                }
                Change {
                    to: period(*after),
                    month: date.month(),
                    weekday: date.weekday(),
                    occurrences,
                    time: i64::from(clock.time().num_seconds_from_midnight()),
                }
            })
            .collect();
        Self {
            first: year,
            start: period(offset(begin)),
            changes,
        }
    }

    /// Takes over a following year whose rules are the same.
    fn absorb(&mut self, next: &Self) -> bool {
        let same = self.start == next.start
            && self.changes.len() == next.changes.len()
            && self.changes.iter().zip(&next.changes).all(|(a, b)| {
                a.to == b.to
                    && (a.month, a.weekday, a.time) == (b.month, b.weekday, b.time)
                    && a.occurrences.iter().any(|one| b.occurrences.contains(one))
            });
        if same {
            for (a, b) in self.changes.iter_mut().zip(&next.changes) {
                a.occurrences.retain(|one| b.occurrences.contains(one));
            }
        }
        same
    }

    fn periods(&self) -> impl Iterator<Item = Period> {
        std::iter::once(self.start).chain(self.changes.iter().map(|change| change.to))
    }

    fn standard(&self) -> i32 {
        self.periods()
            .find(|period| !period.daylight)
            .map_or(self.start.offset, |period| period.offset)
    }

    /// The change to standard and the one to daylight time, where the year has both.
    fn pair(&self) -> Vec<&Change> {
        let find = |daylight| {
            self.changes
                .iter()
                .find(|change| change.to.daylight == daylight)
        };
        match (find(false), find(true)) {
            (Some(standard), Some(daylight)) => vec![standard, daylight],
            _ => Vec::new(),
        }
    }

    fn write<'a>(&self, writer: &mut Writer, id_of: impl Fn(Period) -> &'a str) {
        if self.changes.is_empty() {
            writer.element("t:Transition", &[], |writer| {
                writer.leaf_with("t:To", &[("Kind", "Period")], id_of(self.start));
            });
        }
        for change in &self.changes {
            writer.element("t:RecurringDayTransition", &[], |writer| {
                writer.leaf_with("t:To", &[("Kind", "Period")], id_of(change.to));
                writer.leaf(
                    "t:TimeOffset",
                    &duration(i32::try_from(change.time).unwrap_or_default()),
                );
                writer.leaf("t:Month", &change.month.to_string());
                writer.leaf("t:DayOfWeek", weekday_name(change.weekday));
                writer.leaf("t:Occurrence", &change.index().to_string());
            });
        }
    }
}

/// The `t:SerializableTimeZone` of free/busy requests: minutes west of UTC and two yearly changes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SerializableZone {
    pub(super) bias: i64,
    pub(super) standard: YearlyChange,
    pub(super) daylight: YearlyChange,
}

/// One of the two changes: further minutes west of UTC from then on, and the rule of the day.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct YearlyChange {
    pub(super) bias: i64,
    pub(super) month: u32,
    /// First to fourth, 5 for the last.
    pub(super) order: u32,
    pub(super) weekday: Weekday,
    pub(super) time: chrono::NaiveTime,
}

impl YearlyChange {
    /// The clock reading of the change in a year; `None` without one (month 0).
    fn local(&self, year: i32) -> Option<NaiveDateTime> {
        let date = match self.order {
            0 => return None,
            order @ 1..=4 => NaiveDate::from_weekday_of_month_opt(
                year,
                self.month,
                self.weekday,
                u8::try_from(order).ok()?,
            )?,
            _ => (4..=5u8).rev().find_map(|order| {
                NaiveDate::from_weekday_of_month_opt(year, self.month, self.weekday, order)
            })?,
        };
        Some(date.and_time(self.time))
    }
}

impl SerializableZone {
    /// The rules of a zone in a year.
    pub(super) fn of(zone: &Zone, year: i32) -> Self {
        let era = Era::of(zone.tz, year);
        let standard = era.standard();
        let none = YearlyChange {
            bias: 0,
            month: 0,
            order: 0,
            weekday: Weekday::Sun,
            time: chrono::NaiveTime::MIN,
        };
        let change = |change: &Change| YearlyChange {
            bias: i64::from(standard - change.to.offset) / 60,
            month: change.month,
            order: match change.index() {
                -1 => 5,
                other => u32::try_from(other).unwrap_or(1),
            },
            weekday: change.weekday,
            time: chrono::NaiveTime::from_num_seconds_from_midnight_opt(
                u32::try_from(change.time).unwrap_or_default(),
                0,
            )
            .unwrap_or_default(),
        };
        let pair = era.pair();
        Self {
            bias: -i64::from(standard) / 60,
            standard: pair.first().map_or(none.clone(), |one| change(one)),
            daylight: pair.get(1).map_or(none, |one| change(one)),
        }
    }

    /// Minutes west of UTC that hold at an instant.
    fn bias_at(&self, instant: DateTime<Utc>) -> i64 {
        let standard = self.bias + self.standard.bias;
        let daylight = self.bias + self.daylight.bias;
        let year = (instant.naive_utc() - Duration::minutes(self.bias)).year();
        let (Some(to_standard), Some(to_daylight)) =
            (self.standard.local(year), self.daylight.local(year))
        else {
            return standard;
        };
        let begin = to_daylight + Duration::minutes(standard);
        let end = to_standard + Duration::minutes(daylight);
        let at = instant.naive_utc();
        let summer = if begin < end {
            begin <= at && at < end
        } else {
            at < end || begin <= at
        };
        if summer { daylight } else { standard }
    }

    pub(super) fn local(&self, instant: DateTime<Utc>) -> NaiveDateTime {
        instant.naive_utc() - Duration::minutes(self.bias_at(instant))
    }

    pub(super) fn instant(&self, local: NaiveDateTime) -> DateTime<Utc> {
        let guess = (local + Duration::minutes(self.bias)).and_utc();
        let first = (local + Duration::minutes(self.bias_at(guess))).and_utc();
        (local + Duration::minutes(self.bias_at(first))).and_utc()
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.element("TimeZone", &[], |writer| {
            writer.leaf("Bias", &self.bias.to_string());
            for (name, change) in [
                ("StandardTime", &self.standard),
                ("DaylightTime", &self.daylight),
            ] {
                writer.element(name, &[], |writer| {
                    writer.leaf("Bias", &change.bias.to_string());
                    writer.leaf("Time", &change.time.format("%H:%M:%S").to_string());
                    writer.leaf("DayOrder", &change.order.to_string());
                    writer.leaf("Month", &change.month.to_string());
                    writer.leaf("DayOfWeek", weekday_name(change.weekday));
                });
            }
        });
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

/// Reads an xs:dateTime without an offset.
pub(super) fn clock(text: &str) -> Option<NaiveDateTime> {
    NaiveDateTime::parse_from_str(text.trim(), "%Y-%m-%dT%H:%M:%S%.f").ok()
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
    fn berlin_has_one_era_with_last_sundays() {
        let eras = Zone::windows("W. Europe Standard Time").unwrap().eras();
        assert_eq!(eras.len(), 1);
        let [spring, autumn] = eras[0].changes.as_slice() else {
            panic!("two changes a year: {eras:?}");
        };
        assert_eq!((spring.month, spring.index(), spring.time), (3, -1, 7200));
        assert_eq!(
            (autumn.month, autumn.index(), autumn.time),
            (10, -1, 10_800)
        );
        assert!(spring.to.daylight && !autumn.to.daylight);
    }

    #[test]
    fn new_york_changes_on_second_and_first_sunday() {
        let eras = Zone::windows("Eastern Standard Time").unwrap().eras();
        assert_eq!(eras.len(), 1);
        let found: Vec<_> = eras[0]
            .changes
            .iter()
            .map(|c| (c.month, c.index()))
            .collect();
        assert_eq!(found, [(3, 2), (11, 1)]);
    }

    #[test]
    fn every_windows_zone_has_a_definition_of_valid_rules() {
        let zones = Zone::all();
        assert!(zones.len() > 120, "{} zones", zones.len());
        for zone in zones {
            for era in zone.eras() {
                for change in &era.changes {
                    assert!(!change.occurrences.is_empty(), "{}", zone.id);
                }
            }
        }
    }

    #[test]
    fn serializable_zone_agrees_with_tzdata_over_a_year() {
        for id in [
            "W. Europe Standard Time",
            "Eastern Standard Time",
            "AUS Eastern Standard Time",
            "India Standard Time",
        ] {
            let zone = Zone::windows(id).unwrap();
            let rules = SerializableZone::of(&zone, 2026);
            let mut instant = at("2026-01-02T00:30:00Z");
            while instant < at("2026-12-30T00:00:00Z") {
                assert_eq!(rules.local(instant), zone.local(instant), "{id} {instant}");
                instant += Duration::hours(1);
            }
            let noon = clock("2026-07-01T12:00:00").unwrap();
            assert_eq!(rules.instant(noon), zone.instant(noon), "{id}");
        }
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
