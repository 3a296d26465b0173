//! The rules of time zones as Exchange describes them: periods and yearly changes between them.

use chrono::{
    Datelike as _, Duration, NaiveDate, NaiveDateTime, Offset as _, TimeZone as _, Timelike as _,
    Weekday,
};
use chrono_tz::Tz;

use super::xml::Writer;
use super::zone::{Zone, duration, month_name, weekday_name};

/// The first and the last year that zone definitions describe.
const YEARS: std::ops::RangeInclusive<i32> = 2007..=2037;

/// Periods, groups of transitions, and when which group begins.
pub(super) fn write_rules(zone: &Zone, writer: &mut Writer) {
    let eras = eras(zone.tz);
    let mut periods: Vec<(Period, String)> = Vec::new();
    for period in eras.iter().flat_map(|era| era.periods()) {
        if !periods.iter().any(|(known, _)| *known == period) {
            let serial = periods.len() + 1;
            let id = format!(
                "trule:Microsoft/Registry/{}/{serial}-{}",
                zone.id,
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
fn eras(tz: Tz) -> Vec<Era> {
    let mut eras: Vec<Era> = Vec::new();
    for year in YEARS {
        let era = Era::of(tz, year);
        if !eras.last_mut().is_some_and(|last| last.absorb(&era)) {
            eras.push(era);
        }
    }
    eras
}

/// `MeetingTimeZone` of Exchange 2007.
pub(super) fn write_meeting_zone(zone: &Zone, writer: &mut Writer, year: i32) {
    let era = Era::of(zone.tz, year);
    let standard = era.standard();
    writer.element(
        "t:MeetingTimeZone",
        &[("TimeZoneName", zone.id.as_str())],
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

/// An offset from UTC (seconds to the east) that holds for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Period {
    pub(super) offset: i32,
    pub(super) daylight: bool,
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
pub(super) struct Change {
    pub(super) to: Period,
    pub(super) month: u32,
    pub(super) weekday: Weekday,
    /// Which of the month's such weekdays it can be: 1 to 4, or -1 for the last.
    occurrences: Vec<i32>,
    /// Seconds after midnight on the clock before the change.
    pub(super) time: i64,
}

impl Change {
    pub(super) fn index(&self) -> i32 {
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
pub(super) struct Era {
    first: i32,
    start: Period,
    changes: Vec<Change>,
}

impl Era {
    pub(super) fn of(tz: Tz, year: i32) -> Self {
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
            // No zone changes twice within a week.
            let next = (at + Duration::days(7)).min(end);
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

    pub(super) fn standard(&self) -> i32 {
        self.periods()
            .find(|period| !period.daylight)
            .map_or(self.start.offset, |period| period.offset)
    }

    /// The change to standard and the one to daylight time, where the year has both.
    pub(super) fn pair(&self) -> Vec<&Change> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn berlin_has_one_era_with_last_sundays() {
        let eras = eras(Zone::windows("W. Europe Standard Time").unwrap().tz);
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
        let eras = eras(Zone::windows("Eastern Standard Time").unwrap().tz);
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
            for era in eras(zone.tz) {
                for change in &era.changes {
                    assert!(!change.occurrences.is_empty(), "{}", zone.id);
                }
            }
        }
    }
}
