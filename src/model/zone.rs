//! Time zones, as the server names them and as they are.

use chrono::{
    DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta,
    TimeZone, Utc, Weekday,
};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::WeekIndex;
use crate::timezone;

/// A time zone: the server's own name for it, and what that stands for.
///
/// ```
/// use exchange_connector::model::Zone;
///
/// let zone = Zone::from_wire("W. Europe Standard Time");
/// assert_eq!(zone.tz, Some(chrono_tz::Europe::Berlin));
/// assert_eq!(Zone::from(chrono_tz::Europe::Berlin).windows_name(), Some("W. Europe Standard Time"));
/// assert_eq!(Zone::from_wire("Zone of my own").tz, None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Zone {
    /// The name as the server spells it, to be put back unchanged: a Windows id, `UTC`, or a name of its own. `None`
    /// when the zone did not come from a server.
    pub wire: Option<String>,
    /// The IANA zone. `None` when the name has no known equivalent.
    pub tz: Option<Tz>,
    /// The rules, for a zone the server defines itself.
    pub custom: Option<Box<CustomZone>>,
}

impl Zone {
    /// Coordinated Universal Time.
    pub const fn utc() -> Self {
        Self {
            wire: None,
            tz: Some(Tz::UTC),
            custom: None,
        }
    }

    /// The zone a server names so; [`tz`](Self::tz) is looked up with [`timezone::from_wire`]. An empty name, which
    /// servers do send, is none.
    pub fn from_wire(name: impl Into<String>) -> Self {
        let name = name.into();
        let tz = timezone::from_wire(&name);
        Self {
            wire: Some(name).filter(|name| !name.trim().is_empty()),
            tz,
            custom: None,
        }
    }

    /// Adds the rules the server defines for it.
    #[must_use]
    pub fn with_custom(mut self, custom: CustomZone) -> Self {
        self.custom = Some(Box::new(custom));
        self
    }

    /// The name to write: the server's own if there is one, else the Windows id of the IANA zone. `None` when there
    /// is no Windows id for it, so that it cannot be written.
    ///
    /// What the server has for people to read, `(UTC+01:00) …`, is no name it takes back: then it is the Windows id too.
    pub fn windows_name(&self) -> Option<&str> {
        let windows = || self.tz.and_then(timezone::to_windows);
        match self.wire.as_deref() {
            Some(shown) if shown.trim_start().starts_with('(') => windows().or(Some(shown)),
            Some(name) => Some(name),
            None => windows(),
        }
    }

    /// The difference to UTC at that instant, from the IANA zone or else from the zone's own rules. `None` when
    /// neither is known: then nobody can tell the wall clock.
    pub fn offset_at(&self, instant: DateTime<Utc>) -> Option<FixedOffset> {
        match self.tz {
            Some(tz) => Some(tz.offset_from_utc_datetime(&instant.naive_utc()).fix()),
            None => self.custom.as_ref()?.rules.offset_at(instant),
        }
    }

    /// The instant at which the wall clock in this zone shows that.
    ///
    /// What the clock shows twice in autumn means the earlier instant; what it does not show in spring is moved
    /// forward by as much as the clock is set. `None` when the rules of the zone are not known.
    pub fn instant_of(&self, local: NaiveDateTime) -> Option<DateTime<Utc>> {
        // The clocks are not set twice within two days, and no zone is further than a day from UTC.
        let near = |days| {
            let near = local
                .checked_add_signed(TimeDelta::days(days))
                .unwrap_or(local);
            self.offset_at(near.and_utc())
                .or_else(|| self.offset_at(local.and_utc()))
        };
        let (before, after) = (near(-1)?, near(1)?);
        let instant = |offset| Some(local.checked_sub_offset(offset)?.and_utc());
        let shown = [before, after]
            .into_iter()
            .filter_map(|offset| Some((offset, instant(offset)?)))
            .filter(|(offset, instant)| self.offset_at(*instant) == Some(*offset))
            .map(|(_, instant)| instant)
            .min();
        shown.or_else(|| instant(before))
    }

    /// The date an instant is midnight of, in the zone it was meant in.
    ///
    /// Servers widen whole days to midnights of that zone. Where the zone is not known, or the clock does not say
    /// midnight there, the nearest midnight is meant.
    #[cfg(any(feature = "ews", feature = "graph"))]
    pub(crate) fn date_near(&self, instant: DateTime<Utc>) -> NaiveDate {
        let offset = self.offset_at(instant).map(|o| o.local_minus_utc());
        let utc = instant.naive_utc();
        let to_noon = TimeDelta::seconds(offset.unwrap_or_default().into()) + TimeDelta::hours(12);
        utc.checked_add_signed(to_noon).unwrap_or(utc).date()
    }
}

impl From<Tz> for Zone {
    fn from(tz: Tz) -> Self {
        Self {
            wire: None,
            tz: Some(tz),
            custom: None,
        }
    }
}

/// A time zone that a server, or an Outlook before 2010, defines itself.
///
/// EWS `TimeZoneDefinition` and `MeetingTimeZone`, Graph `tzone://Microsoft/Custom`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CustomZone {
    /// What people call it.
    pub name: Option<String>,
    /// When its clocks are set.
    pub rules: ZoneRules,
}

impl CustomZone {
    /// A zone with these rules.
    pub fn new(rules: ZoneRules) -> Self {
        Self { name: None, rules }
    }

    /// Adds what people call it.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }
}

/// When the clocks of a zone are set, in the manner of Windows: one offset, and at most one change to daylight time and
/// one back a year. EWS `SerializableTimeZone`, MAPI `TZREG`, Windows `TIME_ZONE_INFORMATION`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ZoneRules {
    /// UTC less local time, in minutes: -60 for Central Europe.
    pub bias_minutes: i32,
    /// The change to daylight time and the change back to standard time; `None`: the clocks are never set.
    pub changes: Option<(ZoneRule, ZoneRule)>,
}

impl ZoneRules {
    /// A zone whose clocks are never set.
    pub const fn fixed(bias_minutes: i32) -> Self {
        Self {
            bias_minutes,
            changes: None,
        }
    }

    /// Adds the change to daylight time and the change back to standard time.
    #[must_use]
    pub fn with_changes(mut self, daylight: ZoneRule, standard: ZoneRule) -> Self {
        self.changes = Some((daylight, standard));
        self
    }

    /// The difference to UTC at that instant; `None` when a rule does not name a day in that year, or the numbers are
    /// beyond a day.
    pub fn offset_at(&self, instant: DateTime<Utc>) -> Option<FixedOffset> {
        let Some((daylight, standard)) = &self.changes else {
            return offset(self.bias_minutes, 0);
        };
        let standard_offset = offset(self.bias_minutes, standard.extra_bias_minutes)?;
        let daylight_offset = offset(self.bias_minutes, daylight.extra_bias_minutes)?;
        // Each change is given in the time that ends with it.
        let year = instant
            .naive_utc()
            .checked_add_offset(standard_offset)?
            .year();
        let to_daylight = daylight
            .local_in(year)?
            .checked_sub_offset(standard_offset)?
            .and_utc();
        let to_standard = standard
            .local_in(year)?
            .checked_sub_offset(daylight_offset)?
            .and_utc();
        let in_daylight = if to_daylight < to_standard {
            (to_daylight..to_standard).contains(&instant)
        } else {
            !(to_standard..to_daylight).contains(&instant)
        };
        Some(if in_daylight {
            daylight_offset
        } else {
            standard_offset
        })
    }
}

fn offset(bias: i32, extra: i32) -> Option<FixedOffset> {
    FixedOffset::west_opt(bias.checked_add(extra)?.checked_mul(60)?)
}

/// When, once a year, the clocks are set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ZoneRule {
    /// What is added to [`ZoneRules::bias_minutes`] from then on: usually -60 for daylight time, 0 for standard time.
    pub extra_bias_minutes: i32,
    /// The day.
    pub day: ChangeDay,
    /// The wall clock of the time that ends then.
    pub at: NaiveTime,
}

impl ZoneRule {
    /// A change of the clocks.
    pub const fn new(extra_bias_minutes: i32, day: ChangeDay, at: NaiveTime) -> Self {
        Self {
            extra_bias_minutes,
            day,
            at,
        }
    }

    /// The wall clock at the change in that year; `None` when it does not take place then.
    pub fn local_in(&self, year: i32) -> Option<NaiveDateTime> {
        Some(self.day.in_year(year)?.and_time(self.at))
    }
}

/// The day of a change of the clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ChangeDay {
    /// A weekday of a month, every year.
    Weekday {
        /// 1 to 12.
        month: u8,
        /// Which of them in the month.
        week: WeekIndex,
        /// The weekday.
        weekday: Weekday,
    },
    /// This day only. EWS `SerializableTimeZone` with a `Year`.
    Date(NaiveDate),
}

impl ChangeDay {
    /// The day in that year.
    pub fn in_year(&self, year: i32) -> Option<NaiveDate> {
        match *self {
            Self::Date(date) => (date.year() == year).then_some(date),
            Self::Weekday {
                month,
                week,
                weekday,
            } => match week.nth() {
                Some(nth) => NaiveDate::from_weekday_of_month_opt(year, month.into(), weekday, nth),
                None => {
                    let fourth =
                        NaiveDate::from_weekday_of_month_opt(year, month.into(), weekday, 4)?;
                    let fifth = fourth.checked_add_signed(TimeDelta::weeks(1))?;
                    Some(if fifth.month() == fourth.month() {
                        fifth
                    } else {
                        fourth
                    })
                }
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn last_sunday(month: u8, extra: i32, hour: u32) -> ZoneRule {
        let day = ChangeDay::Weekday {
            month,
            week: WeekIndex::Last,
            weekday: Weekday::Sun,
        };
        ZoneRule::new(extra, day, NaiveTime::from_hms_opt(hour, 0, 0).unwrap())
    }

    #[test]
    fn own_rules_give_offsets() {
        let rules =
            ZoneRules::fixed(-60).with_changes(last_sunday(3, -60, 2), last_sunday(10, 0, 3));
        let zone = Zone::from_wire("Customized Time Zone").with_custom(CustomZone::new(rules));
        assert_eq!(zone.tz, None);
        for (instant, hours) in [
            ("2026-01-01T00:00:00Z", 1),
            ("2026-03-29T00:59:59Z", 1),
            ("2026-03-29T01:00:00Z", 2),
            ("2026-10-25T00:59:59Z", 2),
            ("2026-10-25T01:00:00Z", 1),
            ("2026-12-31T23:30:00Z", 1),
        ] {
            assert_eq!(
                zone.offset_at(at(instant)).unwrap().local_minus_utc(),
                hours * 3600,
                "{instant}"
            );
        }
    }

    #[test]
    fn own_rules_give_instants() {
        let rules =
            ZoneRules::fixed(-60).with_changes(last_sunday(3, -60, 2), last_sunday(10, 0, 3));
        let zone = Zone::from_wire("Customized Time Zone").with_custom(CustomZone::new(rules));
        let berlin = Zone::from(chrono_tz::Europe::Berlin);
        for (local, instant) in [
            ("2026-01-01T00:00:00", "2025-12-31T23:00:00Z"),
            ("2026-03-29T02:30:00", "2026-03-29T01:30:00Z"),
            ("2026-03-29T03:00:00", "2026-03-29T01:00:00Z"),
            ("2026-10-25T02:30:00", "2026-10-25T00:30:00Z"),
            ("2026-10-25T03:00:00", "2026-10-25T02:00:00Z"),
        ] {
            let local = local.parse().unwrap();
            assert_eq!(zone.instant_of(local), Some(at(instant)), "{local}");
            assert_eq!(berlin.instant_of(local), Some(at(instant)), "{local}");
        }
        assert_eq!(
            Zone::from_wire("Unknown").instant_of(NaiveDateTime::MAX),
            None
        );
        assert_eq!(zone.instant_of(NaiveDateTime::MAX), None);
    }

    #[test]
    fn southern_summer_spans_the_new_year() {
        let rules =
            ZoneRules::fixed(-600).with_changes(last_sunday(10, -60, 2), last_sunday(3, 0, 3));
        for (instant, hours) in [
            ("2026-12-31T13:30:00Z", 11),
            ("2026-01-15T00:00:00Z", 11),
            ("2026-07-01T00:00:00Z", 10),
        ] {
            assert_eq!(
                rules.offset_at(at(instant)).unwrap().local_minus_utc(),
                hours * 3600,
                "{instant}"
            );
        }
    }

    #[test]
    fn absurd_rules_give_nothing() {
        assert_eq!(
            ZoneRules::fixed(i32::MIN).offset_at(at("2026-01-01T00:00:00Z")),
            None
        );
        let date = ChangeDay::Date(NaiveDate::from_ymd_opt(2025, 3, 1).unwrap());
        let rule = ZoneRule::new(-60, date, NaiveTime::MIN);
        assert_eq!(
            ZoneRules::fixed(0)
                .with_changes(rule, rule)
                .offset_at(at("2026-01-01T00:00:00Z")),
            None
        );
        let month = ChangeDay::Weekday {
            month: 13,
            week: WeekIndex::Last,
            weekday: Weekday::Sun,
        };
        assert_eq!(month.in_year(2026), None);
    }

    #[test]
    fn empty_name_is_none() {
        assert_eq!(Zone::from_wire(" ").windows_name(), None);
        assert_eq!(
            Zone::from_wire("Europe/Berlin").windows_name(),
            Some("Europe/Berlin")
        );
    }

    #[test]
    fn what_is_shown_is_not_written() {
        let zone = Zone::from_wire("(UTC+01:00) Brussels, Copenhagen, Madrid, Paris");
        assert_eq!(zone.windows_name(), Some("Romance Standard Time"));
        let zone = Zone::from_wire("(UTC+01:00) Unser Werk");
        assert_eq!(zone.windows_name(), Some("(UTC+01:00) Unser Werk"));
    }

    #[test]
    fn last_is_fourth_or_fifth() {
        let last = |month| ChangeDay::Weekday {
            month,
            week: WeekIndex::Last,
            weekday: Weekday::Sun,
        };
        assert_eq!(last(3).in_year(2026), NaiveDate::from_ymd_opt(2026, 3, 29));
        assert_eq!(last(2).in_year(2026), NaiveDate::from_ymd_opt(2026, 2, 22));
        assert_eq!(
            last(12)
                .in_year(NaiveDate::MAX.year())
                .map(|day| day.month()),
            Some(12)
        );
    }
}
