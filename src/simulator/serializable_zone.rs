//! Time zones of free/busy requests: a bias and two yearly changes.

use chrono::{DateTime, Datelike as _, Duration, NaiveDate, NaiveDateTime, Utc, Weekday};

use super::xml::Writer;
use super::zone::{Zone, weekday_name};
use super::zone_rules::{Change, Era};

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::zone::clock;

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
            let mut instant = "2026-01-02T00:30:00Z".parse::<DateTime<Utc>>().unwrap();
            while instant < "2026-12-30T00:00:00Z".parse::<DateTime<Utc>>().unwrap() {
                assert_eq!(rules.local(instant), zone.local(instant), "{id} {instant}");
                instant += Duration::hours(1);
            }
            let noon = clock("2026-07-01T12:00:00").unwrap();
            assert_eq!(rules.instant(noon), zone.instant(noon), "{id}");
        }
    }
}
