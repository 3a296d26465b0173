//! Instants with their zones, and when an event takes place.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::Zone;
use crate::error::{Error, Result};

/// The years Exchange can store: from the first of a Windows `FILETIME` to the last of a MAPI recurrence
/// (MS-OXOCAL 2.2.1.44.1: 31 August 4500).
const YEARS: std::ops::RangeInclusive<i32> = 1601..=4500;

pub(super) fn check_year(operation: &'static str, what: &str, date: NaiveDate) -> Result<()> {
    if YEARS.contains(&date.year()) {
        return Ok(());
    }
    let (first, last) = (YEARS.start(), YEARS.end());
    Err(Error::invalid_argument(
        operation,
        format!(
            "the {what} {date} is outside of the years {first} to {last}, which Exchange can store"
        ),
    ))
}

fn check_zone(operation: &'static str, zone: &Zone) -> Result<()> {
    if zone.windows_name().is_some() || zone.custom.is_some() {
        return Ok(());
    }
    let problem = match zone.tz {
        Some(tz) => format!("Windows, and so Exchange, has no time zone for {tz}"),
        None => "the time zone has neither a name nor rules".to_owned(),
    };
    Err(Error::invalid_argument(operation, problem)
        .with_hint("Choose a zone with the same wall clock that Windows has, or UTC."))
}

/// An instant, and the zone it is shown in.
///
/// The instant is what counts; the zone says what the wall clock shows then, and in which zone a series repeats.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ZonedTime {
    /// The instant.
    pub utc: DateTime<Utc>,
    /// The zone.
    pub zone: Zone,
}

impl ZonedTime {
    /// An instant shown in a zone.
    pub fn from_utc(utc: DateTime<Utc>, zone: impl Into<Zone>) -> Self {
        Self {
            utc,
            zone: zone.into(),
        }
    }

    /// The instant at which the wall clock in a zone shows this.
    ///
    /// What the clock shows twice in autumn means the earlier instant; what it does not show in spring is moved
    /// forward by as much as the clock is set. Beyond what [`DateTime<Utc>`] can hold it is the nearest it can.
    ///
    /// ```
    /// use chrono::NaiveDate;
    /// use exchange_connector::model::ZonedTime;
    ///
    /// let local = NaiveDate::from_ymd_opt(2026, 7, 1).unwrap().and_hms_opt(9, 0, 0).unwrap();
    /// let time = ZonedTime::from_local(local, chrono_tz::Europe::Berlin);
    /// assert_eq!(time.utc.to_rfc3339(), "2026-07-01T07:00:00+00:00");
    /// ```
    pub fn from_local(local: NaiveDateTime, tz: Tz) -> Self {
        let zone = Zone::from(tz);
        let nearest = if local.year() < 0 {
            DateTime::<Utc>::MIN_UTC
        } else {
            DateTime::<Utc>::MAX_UTC
        };
        Self {
            utc: zone.instant_of(local).unwrap_or(nearest),
            zone,
        }
    }

    /// What the wall clock shows in the zone. `None` when the zone's rules are not known: it is never guessed.
    pub fn local(&self) -> Option<NaiveDateTime> {
        self.utc
            .naive_utc()
            .checked_add_offset(self.zone.offset_at(self.utc)?)
    }

    /// The same instant as chrono's zoned type; `None` when the zone is no IANA zone.
    pub fn to_tz(&self) -> Option<DateTime<Tz>> {
        self.zone.tz.map(|tz| self.utc.with_timezone(&tz))
    }
}

impl From<DateTime<Tz>> for ZonedTime {
    fn from(time: DateTime<Tz>) -> Self {
        Self::from_utc(time.to_utc(), time.timezone())
    }
}

impl From<DateTime<Utc>> for ZonedTime {
    fn from(time: DateTime<Utc>) -> Self {
        Self::from_utc(time, Zone::utc())
    }
}

/// When an event takes place: between two instants, or on whole days. Exchange has no timed events without a zone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum When {
    /// Between two instants.
    Timed {
        /// When it begins.
        start: ZonedTime,
        /// When it ends. Start and end in different zones: EWS from Exchange 2010.
        end: ZonedTime,
    },
    /// On whole days.
    AllDay {
        /// The first day.
        start: NaiveDate,
        /// The day after the last: for one day `start` and the day after it.
        end: NaiveDate,
        /// The zone at whose midnights it begins and ends on the server. For writing, `None` means that of the
        /// mailbox.
        zone: Option<Zone>,
    },
}

impl When {
    /// Between two instants.
    pub fn between(start: impl Into<ZonedTime>, end: impl Into<ZonedTime>) -> Self {
        Self::Timed {
            start: start.into(),
            end: end.into(),
        }
    }

    /// Between what the wall clock shows in a zone, as [`ZonedTime::from_local`].
    pub fn timed(start: NaiveDateTime, end: NaiveDateTime, tz: Tz) -> Self {
        Self::Timed {
            start: ZonedTime::from_local(start, tz),
            end: ZonedTime::from_local(end, tz),
        }
    }

    /// On one whole day.
    pub fn all_day(day: NaiveDate) -> Self {
        // There is no day after the last one chrono knows; `validate` refuses what then comes out.
        Self::AllDay {
            start: day,
            end: day.succ_opt().unwrap_or(day),
            zone: None,
        }
    }

    /// On whole days from `start` until the day before `end`.
    pub fn days(start: NaiveDate, end: NaiveDate) -> Self {
        Self::AllDay {
            start,
            end,
            zone: None,
        }
    }

    /// For whole days: the zone at whose midnights they begin and end. Without effect on what is timed.
    #[must_use]
    pub fn in_zone(mut self, midnights: impl Into<Zone>) -> Self {
        if let Self::AllDay { zone, .. } = &mut self {
            *zone = Some(midnights.into());
        }
        self
    }

    /// Whether it is on whole days.
    pub fn is_all_day(&self) -> bool {
        matches!(self, Self::AllDay { .. })
    }

    /// The day it begins on, in its own zone. `None` when the rules of that zone are not known.
    pub fn start_date(&self) -> Option<NaiveDate> {
        match self {
            Self::Timed { start, .. } => start.local().map(|local| local.date()),
            Self::AllDay { start, .. } => Some(*start),
        }
    }

    /// Between which instants it is. Whole days without a known zone are taken in `fallback`.
    pub fn span(&self, fallback: Tz) -> TimeRange {
        match self {
            Self::Timed { start, end } => TimeRange {
                start: start.utc,
                end: end.utc,
            },
            Self::AllDay { start, end, zone } => {
                let midnight = |day: &NaiveDate| {
                    let local = day.and_time(NaiveTime::MIN);
                    let known = zone.as_ref().and_then(|zone| zone.instant_of(local));
                    known.unwrap_or_else(|| ZonedTime::from_local(local, fallback).utc)
                };
                TimeRange {
                    start: midnight(start),
                    end: midnight(end),
                }
            }
        }
    }

    /// Checks what every server refuses: an end before the start, no day at all, years that cannot be stored, a zone
    /// that Windows has no name for.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument), in this operation.
    pub fn validate(&self, operation: &'static str) -> Result<()> {
        match self {
            Self::Timed { start, end } => {
                check_year(operation, "start", start.utc.date_naive())?;
                check_year(operation, "end", end.utc.date_naive())?;
                check_zone(operation, &start.zone)?;
                check_zone(operation, &end.zone)?;
                if end.utc < start.utc {
                    let (start, end) = (start.utc.to_rfc3339(), end.utc.to_rfc3339());
                    return Err(Error::invalid_argument(
                        operation,
                        format!("the end {end} is before the start {start}"),
                    ));
                }
            }
            Self::AllDay { start, end, zone } => {
                if let Some(zone) = zone {
                    check_zone(operation, zone)?;
                }
                check_year(operation, "start", *start)?;
                check_year(operation, "end", *end)?;
                if end <= start {
                    return Err(Error::invalid_argument(
                        operation,
                        format!("the days from {start} until before {end} are none"),
                    )
                    .with_hint("The end is the day after the last: for one day give the day after the start."));
                }
            }
        }
        Ok(())
    }
}

/// The time from one instant until before another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TimeRange {
    /// The first instant.
    pub start: DateTime<Utc>,
    /// The instant after the last.
    pub end: DateTime<Utc>,
}

impl TimeRange {
    /// From one instant until before another, in any zones.
    pub fn new<A: TimeZone, B: TimeZone>(start: DateTime<A>, end: DateTime<B>) -> Self {
        Self {
            start: start.to_utc(),
            end: end.to_utc(),
        }
    }

    /// From an instant on for so long; not beyond what [`DateTime<Utc>`] can hold.
    pub fn lasting<A: TimeZone>(start: DateTime<A>, duration: TimeDelta) -> Self {
        let start = start.to_utc();
        let nearest = if duration < TimeDelta::zero() {
            DateTime::<Utc>::MIN_UTC
        } else {
            DateTime::<Utc>::MAX_UTC
        };
        Self {
            start,
            end: start.checked_add_signed(duration).unwrap_or(nearest),
        }
    }

    /// How long it is; negative when the end is before the start.
    pub fn duration(&self) -> TimeDelta {
        self.end.signed_duration_since(self.start)
    }

    /// Whether the two have any time in common. Touching is not enough.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// Whether the instant lies within.
    pub fn contains(&self, instant: DateTime<Utc>) -> bool {
        (self.start..self.end).contains(&instant)
    }

    /// Checks that it is not empty and within the years that Exchange can store.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument), in this operation.
    pub fn validate(&self, operation: &'static str) -> Result<()> {
        check_year(operation, "start of the window", self.start.date_naive())?;
        check_year(operation, "end of the window", self.end.date_naive())?;
        if self.start < self.end {
            return Ok(());
        }
        let (start, end) = (self.start.to_rfc3339(), self.end.to_rfc3339());
        Err(Error::invalid_argument(
            operation,
            format!("the window from {start} to {end} is empty"),
        ))
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::{Europe::Berlin, Pacific::Apia};
    use proptest::prelude::*;

    use super::*;
    use crate::error::ErrorKind;

    fn local(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn clock_changes() {
        let twice = ZonedTime::from_local(local("2024-10-27T02:30:00"), Berlin);
        assert_eq!(twice.utc.to_rfc3339(), "2024-10-27T00:30:00+00:00");
        let never = ZonedTime::from_local(local("2024-03-31T02:30:00"), Berlin);
        assert_eq!(never.local(), Some(local("2024-03-31T03:30:00")));
        let left_out = ZonedTime::from_local(local("2011-12-30T12:00:00"), Apia);
        assert_eq!(left_out.local(), Some(local("2011-12-31T12:00:00")));
    }

    #[test]
    fn day_of_a_clock_change() {
        let span = When::all_day(day("2024-03-31")).span(Berlin);
        assert_eq!(span.duration(), TimeDelta::hours(23));
        assert_eq!(
            When::days(day("2024-10-26"), day("2024-10-28"))
                .span(Berlin)
                .duration(),
            TimeDelta::hours(49)
        );
    }

    #[test]
    fn unknown_zone_has_no_wall_clock() {
        let time = ZonedTime::from_utc(
            "2026-01-01T00:00:00Z".parse().unwrap(),
            Zone::from_wire("Custom"),
        );
        assert_eq!((time.local(), time.to_tz()), (None, None));
        assert_eq!(When::between(time.clone(), time).start_date(), None);
    }

    #[test]
    fn extremes_do_not_panic() {
        for tz in [
            Berlin,
            chrono_tz::America::New_York,
            chrono_tz::Pacific::Kiritimati,
        ] {
            for extreme in [NaiveDateTime::MIN, NaiveDateTime::MAX] {
                let time = ZonedTime::from_local(extreme, tz);
                time.local();
                assert!(When::timed(extreme, extreme, tz).validate("t").is_err());
            }
            for utc in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
                let time = ZonedTime::from_utc(utc, tz);
                time.local();
                assert!(!format!("{time:?}").is_empty());
                TimeRange::lasting(utc, TimeDelta::MAX).duration();
                TimeRange::lasting(utc, TimeDelta::MIN).duration();
                When::between(time.clone(), time).start_date();
            }
            assert!(When::all_day(NaiveDate::MAX).validate("t").is_err());
            When::days(NaiveDate::MIN, NaiveDate::MAX)
                .span(tz)
                .duration();
        }
    }

    #[test]
    fn validation() {
        let event =
            |start, end| When::timed(local(start), local(end), Berlin).validate("create_event");
        assert!(event("2026-01-01T10:00:00", "2026-01-01T10:00:00").is_ok());
        let error = event("2026-01-01T10:00:00", "2026-01-01T09:00:00").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert_eq!(
            error.to_string(),
            "create_event: the end 2026-01-01T08:00:00+00:00 is before the start 2026-01-01T09:00:00+00:00"
        );
        assert!(
            When::days(day("2026-01-01"), day("2026-01-01"))
                .validate("t")
                .is_err()
        );
        assert!(When::all_day(day("2026-01-01")).validate("t").is_ok());
        assert!(When::all_day(day("1600-01-01")).validate("t").is_err());
        let station = When::all_day(day("2026-01-01")).in_zone(chrono_tz::Antarctica::Troll);
        let problem = station.validate("t").unwrap_err();
        assert!(
            problem
                .message()
                .ends_with("has no time zone for Antarctica/Troll")
        );
    }

    #[test]
    fn windows() {
        let range = |start: &str, end: &str| {
            TimeRange::new(
                start.parse::<DateTime<Utc>>().unwrap(),
                end.parse::<DateTime<Utc>>().unwrap(),
            )
        };
        let morning = range("2026-01-01T08:00:00Z", "2026-01-01T12:00:00Z");
        assert!(morning.overlaps(&range("2026-01-01T11:59:59Z", "2026-01-02T00:00:00Z")));
        assert!(!morning.overlaps(&range("2026-01-01T12:00:00Z", "2026-01-02T00:00:00Z")));
        assert!(morning.contains(morning.start) && !morning.contains(morning.end));
        assert!(
            range("2026-01-01T08:00:00Z", "2026-01-01T08:00:00Z")
                .validate("t")
                .is_err()
        );
    }

    proptest! {
        #[test]
        fn wall_clock_comes_back(seconds in -11_000_000_000i64..80_000_000_000, index in 0..chrono_tz::TZ_VARIANTS.len()) {
            let tz = chrono_tz::TZ_VARIANTS[index];
            let time = ZonedTime::from_utc(DateTime::from_timestamp(seconds, 0).unwrap(), tz);
            let again = ZonedTime::from_local(time.local().unwrap(), tz);
            // The earlier of two instants with the same wall clock.
            prop_assert_eq!(again.local(), time.local());
            prop_assert!(again.utc <= time.utc);
            prop_assert_eq!(time.to_tz().map(|t| t.naive_local()), time.local());
        }

        #[test]
        fn stored_form_comes_back(seconds in -11_000_000_000i64..80_000_000_000, length in 0i64..1_000_000, index in 0..chrono_tz::TZ_VARIANTS.len()) {
            let start = DateTime::from_timestamp(seconds, 0).unwrap();
            let end = start + TimeDelta::seconds(length);
            let tz = chrono_tz::TZ_VARIANTS[index];
            let whens = [
                When::between(ZonedTime::from_utc(start, tz), ZonedTime::from_utc(end, Zone::from_wire("UTC"))),
                When::days(start.date_naive(), end.date_naive()).in_zone(tz),
            ];
            for when in whens {
                prop_assert_eq!(serde_json::from_str::<When>(&serde_json::to_string(&when).unwrap()).unwrap(), when);
            }
        }
    }
}
