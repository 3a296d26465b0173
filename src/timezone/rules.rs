//! The rules of an IANA zone for one year, in the manner of Windows.

use chrono::{
    DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc,
};
use chrono_tz::Tz;

use crate::{
    error::{Error, ErrorKind, Result},
    model::{ChangeDay, WeekIndex, ZoneRule, ZoneRules},
};

const OPERATION: &str = "time zone rules";
/// Years for which chrono can name every day, and an hour before and after.
const YEARS: std::ops::RangeInclusive<i32> = 1..=9998;

/// The rules that a zone follows in one calendar year: what EWS wants where it takes no name, which is for meetings on
/// Exchange 2007 (`MeetingTimeZone`) and for GetUserAvailability on all versions (`SerializableTimeZone`).
///
/// The answer is exact for every instant of that year, UTC: it is compared with the zone before it is given. For other
/// years it may be wrong. A day is named by its weekday in the month, in the way that also fits the years around,
/// where one does.
///
/// ```
/// use exchange_connector::timezone::{ChangeDay, rules_for_year};
/// use exchange_connector::model::WeekIndex;
///
/// let rules = rules_for_year(chrono_tz::Europe::Berlin, 2026)?;
/// let (daylight, _) = rules.changes.unwrap();
/// assert_eq!((rules.bias_minutes, daylight.extra_bias_minutes), (-60, -60));
/// assert!(matches!(daylight.day, ChangeDay::Weekday { month: 3, week: WeekIndex::Last, .. }));
/// # Ok::<(), exchange_connector::Error>(())
/// ```
///
/// # Errors
/// [`Unsupported`](ErrorKind::Unsupported) when two changes and whole minutes do not describe the year: a zone whose
/// clocks were set once, as where summer time was abolished, or more than twice, or that was seconds off UTC, as
/// before about 1930. [`InvalidArgument`](ErrorKind::InvalidArgument) for a year before 1 or after 9998.
pub fn rules_for_year(tz: Tz, year: i32) -> Result<ZoneRules> {
    if !YEARS.contains(&year) {
        let (first, last) = (YEARS.start(), YEARS.end());
        return Err(Error::invalid_argument(
            OPERATION,
            format!("the year {year} is not one from {first} to {last}"),
        ));
    }
    describe(tz, year).filter(|rules| holds(rules, tz, year)).ok_or_else(|| {
        let problem = format!("the clocks of {tz} in {year} cannot be described by one change to daylight time and one back");
        Error::new(ErrorKind::Unsupported, OPERATION, problem)
            .with_hint("Use another time zone for this event, such as UTC, or a server from Exchange 2010 on, which takes the name of the zone.")
    })
}

fn describe(tz: Tz, year: i32) -> Option<ZoneRules> {
    match changes(tz, year)?.as_slice() {
        [] => Some(ZoneRules::fixed(bias(offset_at(tz, start_of(year)?))?)),
        [first, second] if first.after == second.before && second.after == first.before => {
            let (daylight, standard) =
                if first.after.local_minus_utc() > first.before.local_minus_utc() {
                    (first, second)
                } else {
                    (second, first)
                };
            let base = bias(standard.after)?;
            let rule = |change: &Change| {
                Some(ZoneRule::new(
                    bias(change.after)? - base,
                    change.day(tz)?,
                    change.local()?.time(),
                ))
            };
            Some(ZoneRules::fixed(base).with_changes(rule(daylight)?, rule(standard)?))
        }
        _ => None,
    }
}

/// Whether the rules give the offsets of the zone for the whole year: on each day, and where the clocks are set.
pub(super) fn holds(rules: &ZoneRules, tz: Tz, year: i32) -> bool {
    let (Some(start), Some(end), Some(changes)) =
        (start_of(year), start_of(year + 1), changes(tz, year))
    else {
        return false;
    };
    let days = (0..(end - start).num_days()).map(|day| start + TimeDelta::days(day));
    let around = changes
        .iter()
        .flat_map(|change| [change.at - TimeDelta::seconds(1), change.at]);
    days.chain(around)
        .all(|instant| rules.offset_at(instant) == Some(offset_at(tz, instant)))
}

/// When a zone sets its clocks in a year: the instant, and the offsets before and after.
#[cfg(feature = "icalendar")]
pub(crate) fn changes_in_year(
    tz: Tz,
    year: i32,
) -> impl Iterator<Item = (DateTime<Utc>, FixedOffset, FixedOffset)> {
    let changes = changes(tz, year).unwrap_or_default();
    changes
        .into_iter()
        .map(|change| (change.at, change.before, change.after))
}

/// A setting of the clocks.
struct Change {
    at: DateTime<Utc>,
    before: FixedOffset,
    after: FixedOffset,
}

impl Change {
    /// What the clocks show when they are set.
    fn local(&self) -> Option<NaiveDateTime> {
        self.at.naive_utc().checked_add_offset(self.before)
    }

    /// The day as a weekday of the month. Where the last of them is the fourth too, the one that fits more of the
    /// years around is meant.
    fn day(&self, tz: Tz) -> Option<ChangeDay> {
        let date = self.local()?.date();
        let month = u8::try_from(date.month()).ok()?;
        let is_last = (date + TimeDelta::weeks(1)).month() != date.month();
        let nth = u8::try_from((date.day() - 1) / 7 + 1)
            .ok()
            .and_then(WeekIndex::from_number);
        let candidates = [
            is_last.then_some(WeekIndex::Last),
            nth.filter(|nth| *nth != WeekIndex::Last),
        ];
        let named = |week| ChangeDay::Weekday {
            month,
            week,
            weekday: date.weekday(),
        };
        let around: Vec<NaiveDate> = (-3..=3)
            .filter_map(|years| changes(tz, date.year() + years))
            .flatten()
            .filter(|other| other.after == self.after)
            .filter_map(|other| Some(other.local()?.date()))
            .collect();
        let fits = |day: &ChangeDay| {
            around
                .iter()
                .filter(|date| day.in_year(date.year()) == Some(**date))
                .count()
        };
        // The last of equals wins, so that a tie goes to the first candidate.
        candidates
            .into_iter()
            .flatten()
            .map(named)
            .rev()
            .max_by_key(fits)
    }
}

/// When the clocks are set in a year, UTC.
fn changes(tz: Tz, year: i32) -> Option<Vec<Change>> {
    let (start, end) = (start_of(year)?, start_of(year + 1)?);
    let mut changes = Vec::new();
    let (mut from, mut before) = (start, offset_at(tz, start));
    while from < end {
        // No zone ever set its clocks twice within a day.
        let to = (from + TimeDelta::days(1)).min(end);
        let after = offset_at(tz, to - TimeDelta::seconds(1));
        if after != before {
            changes.push(Change {
                at: change_between(tz, from, to, before),
                before,
                after,
            });
        }
        (from, before) = (to, after);
    }
    Some(changes)
}

/// The first second after `from` with another offset than `before`, which the one before `to` has.
fn change_between(
    tz: Tz,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    before: FixedOffset,
) -> DateTime<Utc> {
    let (mut low, mut high) = (from, to - TimeDelta::seconds(1));
    if offset_at(tz, low) != before {
        return low;
    }
    while (high - low).num_seconds() > 1 {
        let middle = low + TimeDelta::seconds((high - low).num_seconds() / 2);
        if offset_at(tz, middle) == before {
            low = middle
        } else {
            high = middle
        }
    }
    high
}

fn start_of(year: i32) -> Option<DateTime<Utc>> {
    Some(
        NaiveDate::from_ymd_opt(year, 1, 1)?
            .and_hms_opt(0, 0, 0)?
            .and_utc(),
    )
}

/// Minutes before UTC of standard time in a year: the least there are.
pub(super) fn standard_offset(tz: Tz, year: i32) -> Option<i32> {
    let offsets = [1, 7].map(|month| {
        Some(offset_at(
            tz,
            NaiveDate::from_ymd_opt(year, month, 1)?
                .and_hms_opt(0, 0, 0)?
                .and_utc(),
        ))
    });
    let seconds = offsets
        .into_iter()
        .flatten()
        .map(|offset| offset.local_minus_utc());
    seconds.min().map(|seconds| seconds / 60)
}

fn offset_at(tz: Tz, instant: DateTime<Utc>) -> FixedOffset {
    tz.offset_from_utc_datetime(&instant.naive_utc()).fix()
}

/// UTC less local time in minutes; `None` when it is not whole minutes.
fn bias(offset: FixedOffset) -> Option<i32> {
    let seconds = offset.utc_minus_local();
    (seconds % 60 == 0).then_some(seconds / 60)
}

#[cfg(test)]
mod tests {
    use chrono::{NaiveTime, Weekday};
    use chrono_tz::{Africa, America, Asia, Australia, Europe, Pacific};
    use proptest::prelude::*;

    use super::*;

    fn rule(extra: i32, month: u8, week: WeekIndex, weekday: Weekday, time: &str) -> ZoneRule {
        let at: NaiveTime = time.parse().unwrap();
        ZoneRule::new(
            extra,
            ChangeDay::Weekday {
                month,
                week,
                weekday,
            },
            at,
        )
    }

    #[test]
    fn rules_in_use() {
        use WeekIndex::*;
        use Weekday::*;
        for (tz, year, bias, daylight, standard) in [
            (
                Europe::Berlin,
                2026,
                -60,
                rule(-60, 3, Last, Sun, "02:00:00"),
                rule(0, 10, Last, Sun, "03:00:00"),
            ),
            // In 2015 the last Sunday of October was the fourth.
            (
                Europe::Berlin,
                2015,
                -60,
                rule(-60, 3, Last, Sun, "02:00:00"),
                rule(0, 10, Last, Sun, "03:00:00"),
            ),
            (
                Europe::Dublin,
                2026,
                0,
                rule(-60, 3, Last, Sun, "01:00:00"),
                rule(0, 10, Last, Sun, "02:00:00"),
            ),
            (
                America::New_York,
                2026,
                300,
                rule(-60, 3, Second, Sun, "02:00:00"),
                rule(0, 11, First, Sun, "02:00:00"),
            ),
            (
                Australia::Sydney,
                2026,
                -600,
                rule(-60, 10, First, Sun, "02:00:00"),
                rule(0, 4, First, Sun, "03:00:00"),
            ),
            (
                Australia::Lord_Howe,
                2026,
                -630,
                rule(-30, 10, First, Sun, "02:00:00"),
                rule(0, 4, First, Sun, "02:00:00"),
            ),
            (
                America::Sao_Paulo,
                2018,
                180,
                rule(-60, 11, First, Sun, "00:00:00"),
                rule(0, 2, Third, Sun, "00:00:00"),
            ),
            (
                Pacific::Chatham,
                2026,
                -765,
                rule(-60, 9, Last, Sun, "02:45:00"),
                rule(0, 4, First, Sun, "03:45:00"),
            ),
        ] {
            let expected = ZoneRules::fixed(bias).with_changes(daylight, standard);
            assert_eq!(rules_for_year(tz, year).unwrap(), expected, "{tz} {year}");
        }
    }

    #[test]
    fn clocks_that_are_never_set() {
        for (tz, year, bias) in [
            (Asia::Kolkata, 2026, -330),
            (America::Sao_Paulo, 2026, 180),
            (Europe::Istanbul, 2026, -180),
            (chrono_tz::UTC, 2026, 0),
        ] {
            assert_eq!(
                rules_for_year(tz, year).unwrap(),
                ZoneRules::fixed(bias),
                "{tz}"
            );
        }
    }

    /// Cairo sets its clocks at midnight after the last Thursday, which may be the first day of November; in
    /// Casablanca the standard time is that of Ramadan.
    #[test]
    fn unusual_clocks() {
        for year in 2023..2030 {
            assert!(rules_for_year(Africa::Cairo, year).is_ok(), "{year}");
        }
        let casablanca = rules_for_year(Africa::Casablanca, 2026).unwrap();
        assert_eq!(casablanca.bias_minutes, 0);
    }

    #[test]
    fn years_that_rules_cannot_describe() {
        for (tz, year) in [
            // Summer time was kept for good.
            (Europe::Istanbul, 2016),
            // A day was left out.
            (Pacific::Apia, 2011),
            // Ramadan fell into summer, when it was still the exception.
            (Africa::Casablanca, 2014),
            // Summer time was abolished in its middle.
            (America::Sao_Paulo, 2019),
            // Local mean time.
            (Europe::Amsterdam, 1800),
        ] {
            let error = rules_for_year(tz, year).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unsupported, "{tz} {year}");
        }
        for year in [i32::MIN, 0, 9999, i32::MAX] {
            assert_eq!(
                rules_for_year(Europe::Berlin, year).unwrap_err().kind(),
                ErrorKind::InvalidArgument
            );
        }
    }

    #[test]
    fn present_rules_exist_for_every_zone() {
        let without: Vec<_> = chrono_tz::TZ_VARIANTS
            .into_iter()
            .filter(|tz| rules_for_year(*tz, 2026).is_err())
            .map(Tz::name)
            .collect();
        assert_eq!(without, [""; 0]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn rules_agree_with_the_zone(index in 0..chrono_tz::TZ_VARIANTS.len(), year in 1990i32..2037, second in 0i64..31_536_000) {
            let tz = chrono_tz::TZ_VARIANTS[index];
            let instant = start_of(year).unwrap() + TimeDelta::seconds(second);
            if let Ok(rules) = rules_for_year(tz, year) {
                prop_assert_eq!(rules.offset_at(instant), Some(offset_at(tz, instant)), "{} {}", tz, instant);
            }
        }
    }
}
