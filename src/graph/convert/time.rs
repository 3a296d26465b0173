use chrono::{
    DateTime, Datelike, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone as _,
    Utc,
};

use crate::connector::Backend;
use crate::error::{Error, Result};
use crate::graph::wire::{DateTimeTimeZone, TimeSlot};
use crate::model::{When, Zone, ZonedTime};
use crate::timezone;

/// An instant; `None` for what cannot be read, and for the year 1, by which Graph says that there is none.
pub(in crate::graph) fn instant(text: Option<&str>) -> Option<DateTime<Utc>> {
    let instant: DateTime<Utc> = text?.trim().parse().ok()?;
    (instant.year() > 1).then_some(instant)
}

/// An instant as a parameter of a query.
pub(in crate::graph) fn to_instant(instant: DateTime<Utc>) -> String {
    instant.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The same, not before it: the last fraction of a second counts.
pub(in crate::graph) fn to_instant_after(instant: DateTime<Utc>) -> String {
    let is_whole = instant.timestamp_subsec_nanos() == 0;
    let rest = TimeDelta::seconds(i64::from(!is_whole));
    to_instant(instant.checked_add_signed(rest).unwrap_or(instant))
}

fn local(text: &str) -> Option<NaiveDateTime> {
    let text = text.trim().trim_end_matches(['Z', 'z']);
    let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok();
    local.or_else(|| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").ok())
}

/// The instant, which answers give in UTC, because every request asks for that.
pub(in crate::graph) fn utc(wire: &DateTimeTimeZone) -> Option<DateTime<Utc>> {
    let local = local(wire.date_time.as_deref()?)?;
    match wire.time_zone.as_deref() {
        None => Some(local.and_utc()),
        Some(zone) => Zone::from_wire(zone).instant_of(local),
    }
}

/// The zone an event was made in.
pub(super) fn zone(name: Option<&str>) -> Option<Zone> {
    let zone = Zone::from_wire(name?);
    zone.wire.is_some().then_some(zone)
}

/// What is said of a time.
pub(super) struct Times<'a> {
    pub(super) start: &'a DateTimeTimeZone,
    pub(super) end: &'a DateTimeTimeZone,
    pub(super) start_zone: Option<Zone>,
    pub(super) end_zone: Option<Zone>,
    pub(super) is_all_day: bool,
}

/// When an event takes place; `None` for what cannot be read.
pub(super) fn when(times: Times<'_>) -> Option<When> {
    if times.is_all_day {
        let start = date(times.start, times.start_zone.as_ref())?;
        let end = date(times.end, times.end_zone.as_ref())?;
        // An event that ends when it begins takes the day all the same.
        let end = end.max(start.succ_opt().unwrap_or(start));
        let days = When::days(start, end);
        return Some(match times.start_zone {
            Some(zone) => days.in_zone(zone),
            None => days,
        });
    }
    let (start, end) = (utc(times.start)?, utc(times.end)?);
    let start_zone = times.start_zone.unwrap_or_else(Zone::utc);
    let end_zone = times.end_zone.unwrap_or_else(|| start_zone.clone());
    Some(When::between(
        ZonedTime::from_utc(start, start_zone),
        ZonedTime::from_utc(end, end_zone),
    ))
}

/// The date of a whole day. It comes as midnight, whatever the zone; from some calendars as the instant of midnight in
/// the zone it was made in.
fn date(wire: &DateTimeTimeZone, zone: Option<&Zone>) -> Option<NaiveDate> {
    let local = local(wire.date_time.as_deref()?)?;
    if local.time() == NaiveTime::MIN {
        return Some(local.date());
    }
    let unknown = Zone::from_wire("");
    Some(zone.unwrap_or(&unknown).date_near(utc(wire)?))
}

/// Start and end that somebody proposes instead.
pub(in crate::graph) fn slot(wire: &TimeSlot) -> Option<(ZonedTime, ZonedTime)> {
    let time = |wire: &DateTimeTimeZone| Some(ZonedTime::from(utc(wire)?));
    Some((time(wire.start.as_ref()?)?, time(wire.end.as_ref()?)?))
}

/// Start, end and whether it is on whole days, as Graph takes them: what the clock shows in the zone, so that a series
/// stays there when clocks are set. Whole days without a zone of their own begin at midnight in `home`.
///
/// # Errors
/// `Unsupported` for a zone by rules alone, and for a series in the hour that clocks show twice; `InvalidArgument` where
/// no zone is known.
pub(super) fn to_times(
    when: &When,
    is_series: bool,
    home: Option<&Zone>,
    operation: &'static str,
) -> Result<(DateTimeTimeZone, DateTimeTimeZone)> {
    when.validate(operation)?;
    match when {
        When::Timed { start, end } => Ok((
            to_local(start, is_series, operation)?,
            to_local(end, is_series, operation)?,
        )),
        When::AllDay { start, end, zone } => {
            let zone = zone.as_ref().or(home).ok_or_else(|| homeless(operation))?;
            let name = zone_name(zone, operation)?;
            let midnight = |date: &NaiveDate| wall_clock(date.and_time(NaiveTime::MIN), &name);
            Ok((midnight(start), midnight(end)))
        }
    }
}

fn wall_clock(local: NaiveDateTime, zone: &str) -> DateTimeTimeZone {
    DateTimeTimeZone {
        date_time: Some(local.format("%Y-%m-%dT%H:%M:%S%.f").to_string()),
        time_zone: Some(zone.to_owned()),
    }
}

fn to_local(
    time: &ZonedTime,
    is_series: bool,
    operation: &'static str,
) -> Result<DateTimeTimeZone> {
    let name = zone_name(&time.zone, operation)?;
    let local = time
        .local()
        .ok_or_else(|| nameless(&time.zone, operation))?;
    if !is_shown_twice(time, local) {
        return Ok(wall_clock(local, &name));
    }
    // No reference says which of the two Graph takes.
    if is_series {
        let problem = format!(
            "the clock in {name} shows {local} twice, and Graph cannot be told which is meant"
        );
        return Err(Error::unsupported(operation, problem)
            .with_backend(Backend::Graph)
            .with_hint("Begin the series on another day."));
    }
    Ok(to_utc(time.utc))
}

/// Whether it is in the hour that the clock shows twice when it is set back.
fn is_shown_twice(time: &ZonedTime, local: NaiveDateTime) -> bool {
    let found = time.zone.tz.map(|tz| tz.from_local_datetime(&local));
    matches!(found, Some(LocalResult::Ambiguous(..)))
}

/// An instant as Graph takes it.
pub(in crate::graph) fn to_utc(instant: DateTime<Utc>) -> DateTimeTimeZone {
    wall_clock(instant.naive_utc(), "UTC")
}

/// Start and end to propose.
pub(in crate::graph) fn to_slot(
    (start, end): &(ZonedTime, ZonedTime),
    operation: &'static str,
) -> Result<[DateTimeTimeZone; 2]> {
    Ok([
        to_local(start, false, operation)?,
        to_local(end, false, operation)?,
    ])
}

/// The name to write. Graph takes Windows ids, and of the others only some.
///
/// # Errors
/// `Unsupported` for a zone by rules alone, `InvalidArgument` for a name that Graph does not know.
pub(super) fn zone_name(zone: &Zone, operation: &'static str) -> Result<String> {
    let windows = |name: &&str| {
        let known = timezone::from_wire(name).and_then(timezone::to_windows);
        known.is_some_and(|known| known.eq_ignore_ascii_case(name))
    };
    let own = zone.windows_name().filter(windows);
    let name = own.or_else(|| zone.tz.and_then(timezone::to_windows));
    name.map(str::to_owned)
        .ok_or_else(|| nameless(zone, operation))
}

/// What Graph calls a zone by rules, which it does not show.
const OWN_RULES: &str = "tzone://Microsoft/Custom";

fn nameless(zone: &Zone, operation: &'static str) -> Error {
    let name = zone.wire.as_deref().unwrap_or("without a name");
    let error = match zone.custom.is_some() || name == OWN_RULES {
        true => {
            let problem = format!("Graph takes no rules of time zones, as {name} has them");
            Error::unsupported(operation, problem)
        }
        false => {
            let problem = format!("Graph has no word for the time zone {name}");
            Error::invalid_argument(operation, problem)
        }
    };
    error
        .with_backend(Backend::Graph)
        .with_hint("Choose a zone with the same wall clock that Windows has, or UTC.")
}

fn homeless(operation: &'static str) -> Error {
    Error::invalid_argument(
        operation,
        "an all-day event begins at midnight somewhere, but neither the event nor the connector names a zone, and the settings of the mailbox do not tell",
    )
    .with_hint("Give the event a zone (When::in_zone), or the connector that of its mailboxes (GraphConnectorBuilder::time_zone); or let the token have MailboxSettings.Read.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wire(date_time: &str, zone: &str) -> DateTimeTimeZone {
        DateTimeTimeZone {
            date_time: Some(date_time.to_owned()),
            time_zone: Some(zone.to_owned()),
        }
    }

    #[test]
    fn instants() {
        assert_eq!(instant(Some("0001-01-01T00:00:00Z")), None);
        assert_eq!(instant(Some("soon")), None);
        let read = instant(Some("2026-03-02T09:00:00.1234567Z")).unwrap();
        assert_eq!(to_instant(read), "2026-03-02T09:00:00Z");
        for (text, zone) in [
            ("2026-03-02T08:00:00.0000000", "UTC"),
            ("2026-03-02T08:00:00", "tzone://Microsoft/Utc"),
            ("2026-03-02T09:00:00.0000000", "W. Europe Standard Time"),
            ("2026-03-02T09:00", "Europe/Berlin"),
        ] {
            let read = utc(&wire(text, zone)).map(to_instant);
            assert_eq!(read.as_deref(), Some("2026-03-02T08:00:00Z"), "{text}");
        }
        assert_eq!(
            utc(&wire("2026-03-02T08:00:00", "tzone://Microsoft/Custom")),
            None
        );
    }

    #[test]
    fn whole_days_come_in_two_ways() {
        let berlin = zone(Some("W. Europe Standard Time"));
        for (start, end) in [
            ("2026-07-01T00:00:00.0000000", "2026-07-03T00:00:00.0000000"),
            ("2026-06-30T22:00:00.0000000", "2026-07-02T22:00:00.0000000"),
        ] {
            let read = when(Times {
                start: &wire(start, "UTC"),
                end: &wire(end, "UTC"),
                start_zone: berlin.clone(),
                end_zone: berlin.clone(),
                is_all_day: true,
            });
            let days = When::days("2026-07-01".parse().unwrap(), "2026-07-03".parse().unwrap());
            assert_eq!(read, Some(days.in_zone(berlin.clone().unwrap())));
        }
    }

    #[test]
    fn written_by_the_wall_clock_of_the_zone() {
        let nine: NaiveDateTime = "2026-03-02T09:00:00".parse().unwrap();
        let when = When::timed(nine, nine + TimeDelta::hours(1), chrono_tz::Europe::Berlin);
        let (start, end) = to_times(&when, true, None, "test").unwrap();
        assert_eq!(
            start,
            wire("2026-03-02T09:00:00", "W. Europe Standard Time")
        );
        assert_eq!(end, wire("2026-03-02T10:00:00", "W. Europe Standard Time"));
        // What Graph calls UTC in answers it need not take.
        let utc = Zone::from_wire("tzone://Microsoft/Utc");
        assert_eq!(zone_name(&utc, "test").unwrap(), "UTC");
        let iana = Zone::from_wire("Europe/Vienna");
        assert_eq!(zone_name(&iana, "test").unwrap(), "W. Europe Standard Time");
        assert!(zone_name(&Zone::from_wire("tzone://Microsoft/Custom"), "test").is_err());
    }

    #[test]
    fn what_the_clock_shows_twice() {
        // 02:30 summer time is 00:30 UTC, 02:30 winter time an hour later.
        let at = |hour: &str| {
            let instant = instant(Some(&format!("2026-10-25T{hour}:30:00Z"))).unwrap();
            ZonedTime::from_utc(instant, chrono_tz::Europe::Berlin)
        };
        for hour in ["00", "01"] {
            let written = to_local(&at(hour), false, "test").unwrap();
            assert_eq!(written, wire(&format!("2026-10-25T{hour}:30:00"), "UTC"));
            let refused = to_local(&at(hour), true, "test").unwrap_err();
            assert_eq!(refused.kind(), crate::error::ErrorKind::Unsupported);
        }
        let after = to_local(&at("02"), true, "test").unwrap();
        assert_eq!(
            after,
            wire("2026-10-25T03:30:00", "W. Europe Standard Time")
        );
    }

    #[test]
    fn whole_days_want_a_zone() {
        let day = When::all_day("2026-07-01".parse().unwrap());
        assert!(to_times(&day, false, None, "test").is_err());
        let home = Zone::from(chrono_tz::Europe::Berlin);
        let (start, end) = to_times(&day, false, Some(&home), "test").unwrap();
        assert_eq!(
            start,
            wire("2026-07-01T00:00:00", "W. Europe Standard Time")
        );
        assert_eq!(end, wire("2026-07-02T00:00:00", "W. Europe Standard Time"));
    }
}
