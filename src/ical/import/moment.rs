//! When something is, as a property says it.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use super::Reader;
use crate::{
    error::{Error, Result},
    ical::{
        line::{Component, Line},
        problem,
        time::{Stamp, read_duration},
    },
    model::{When, Zone, ZonedTime},
};

/// A day, or an instant in a zone.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Moment {
    Day(NaiveDate),
    Time(ZonedTime),
}

impl Reader<'_> {
    /// The value of a property with one.
    pub(super) fn moment(&self, line: &Line) -> Result<Moment> {
        self.moment_of(line, &line.value)
    }

    /// One value of a property.
    pub(super) fn moment_of(&self, line: &Line, value: &str) -> Result<Moment> {
        let wrong = || {
            problem(format!(
                "{} is {value:?}, which is no date or time",
                line.name
            ))
        };
        match Stamp::read(value).ok_or_else(wrong)? {
            Stamp::Date(day) => Ok(Moment::Day(day)),
            Stamp::Utc(instant) => Ok(Moment::Time(instant.into())),
            Stamp::Local(local) if line.says("VALUE", "DATE") => Ok(Moment::Day(local.date())),
            Stamp::Local(local) => {
                let zone = match line.parameter("TZID").filter(|id| !id.trim().is_empty()) {
                    Some(id) => self.zone(id)?,
                    None => self.floating(line)?,
                };
                on_clock(zone, local).map(Moment::Time)
            }
        }
    }

    fn zone(&self, id: &str) -> Result<Zone> {
        self.zones.get(id).or_else(|why| {
            self.choices.unknown_zones.clone().ok_or_else(|| {
                problem(format!("nobody knows the time zone {id:?}: {why}"))
                    .with_hint("Choose what it means with Import::unknown_zones.")
            })
        })
    }

    fn floating(&self, line: &Line) -> Result<Zone> {
        self.choices.floating.clone().ok_or_else(|| {
            problem(format!("{} has a time without a time zone", line.name))
                .with_hint("Choose the zone of such times with Import::floating.")
        })
    }

    /// When an event is.
    pub(super) fn when(&self, event: &Component) -> Result<When> {
        let start = event
            .line("DTSTART")
            .ok_or_else(|| problem("it has no DTSTART"))?;
        let start = self.moment(start)?;
        let end = match (event.line("DTEND"), event.value("DURATION")) {
            (Some(end), _) if !end.value.trim().is_empty() => Some(self.moment(end)?),
            (_, Some(text)) => {
                let (days, rest) = days_and_rest(text)
                    .ok_or_else(|| problem(format!("DURATION is {text:?}, which is none")))?;
                Some(after(&start, days, rest)?)
            }
            _ => None,
        };
        let when = when(start, end)?;
        Ok(if event.is_true("X-MICROSOFT-CDO-ALLDAYEVENT") {
            whole_days(&when).unwrap_or(when)
        } else {
            when
        })
    }
}

fn on_clock(zone: Zone, local: NaiveDateTime) -> Result<ZonedTime> {
    match zone.instant_of(local) {
        Some(instant) => Ok(ZonedTime::from_utc(instant, zone)),
        None => Err(problem(format!(
            "nobody can tell when it is {local} in that time zone"
        ))),
    }
}

/// What of a duration is days and weeks, and what is hours, minutes and seconds.
fn days_and_rest(text: &str) -> Option<(TimeDelta, TimeDelta)> {
    let whole = read_duration(text)?;
    let rest = match text.split_once(['T', 't']) {
        Some((_, rest)) => read_duration(&format!("PT{rest}"))?,
        None => TimeDelta::zero(),
    };
    Some((whole.checked_sub(&rest)?, rest))
}

/// Days are days on the clock, hours are exact (RFC 5545 section 3.3.6).
fn after(start: &Moment, days: TimeDelta, rest: TimeDelta) -> Result<Moment> {
    let beyond = || problem("it lasts too long");
    let whole = days.checked_add(&rest).ok_or_else(beyond)?;
    match start {
        Moment::Day(day) if whole.num_seconds() % 86_400 == 0 => {
            let end = day.checked_add_signed(whole).ok_or_else(beyond)?;
            Ok(Moment::Day(end))
        }
        Moment::Day(_) => Err(problem("it begins on a day and lasts for hours")),
        Moment::Time(time) => {
            let on_day = match time.local().filter(|_| !days.is_zero()) {
                Some(local) => {
                    let local = local.checked_add_signed(days).ok_or_else(beyond)?;
                    on_clock(time.zone.clone(), local)?.utc
                }
                None => time.utc.checked_add_signed(days).ok_or_else(beyond)?,
            };
            let end = on_day.checked_add_signed(rest).ok_or_else(beyond)?;
            Ok(Moment::Time(ZonedTime::from_utc(end, time.zone.clone())))
        }
    }
}

fn when(start: Moment, end: Option<Moment>) -> Result<When> {
    match (start, end) {
        (Moment::Day(start), None) => Ok(When::all_day(start)),
        // Some makers write the last day.
        (Moment::Day(start), Some(Moment::Day(end))) if end == start => Ok(When::all_day(start)),
        (Moment::Day(start), Some(Moment::Day(end))) if end > start => Ok(When::days(start, end)),
        (Moment::Time(start), None) => Ok(When::between(start.clone(), start)),
        (Moment::Time(start), Some(Moment::Time(end))) if end.utc >= start.utc => {
            Ok(When::between(start, end))
        }
        (Moment::Day(_), Some(Moment::Time(_))) | (Moment::Time(_), Some(Moment::Day(_))) => Err(
            problem("of its start and its end one is a day and the other a time"),
        ),
        _ => Err(problem("it ends before it begins")),
    }
}

/// From midnight to midnight: what Outlook writes for whole days.
fn whole_days(when: &When) -> Option<When> {
    let When::Timed { start, end } = when else {
        return None;
    };
    let end = ZonedTime::from_utc(end.utc, start.zone.clone()).local()?;
    let start = start.local()?;
    let are_midnights = start.time() == NaiveTime::MIN && end.time() == NaiveTime::MIN;
    (are_midnights && start < end).then(|| When::days(start.date(), end.date()))
}

/// Names the event in an error.
pub(super) fn in_event(error: Error, event: &Component) -> Error {
    let name = event.value("UID").unwrap_or("without a UID").trim();
    let message = format!("the event {name}: {}", error.message());
    let named = Error::new(error.kind(), crate::ical::READ, message);
    match error.advice_text() {
        Some(hint) => named.with_hint(hint.to_owned()),
        None => named,
    }
}
