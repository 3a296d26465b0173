//! The occurrences of a series, without asking the server.

use std::{collections::BTreeSet, iter::Peekable, vec};

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::Series;
use crate::{
    error::{Error, Result},
    model::{Days, Event, Recurrence, TimeRange, When, Zone, ZonedTime},
};

const OPERATION: &str = "occurrences";

/// One time that a series takes place.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Occurrence<'a> {
    /// When it would have begun by the pattern: with the UID of the series the name of this occurrence.
    pub recurrence_id: DateTime<Utc>,
    /// When it takes place.
    pub when: When,
    /// What it was changed to; `None`: it is as the series says.
    pub exception: Option<&'a Event>,
}

impl Series {
    /// What the server would list of this series between two instants, by start: each occurrence of the pattern that
    /// was not deleted, and the exceptions where they are now.
    ///
    /// Each begins and ends at the same wall clock in the zone of the series, whatever the offset of that day; whole
    /// days are dates. `home` is the zone of whole days that do not name one, as in [`When::span`].
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) for a window that is empty or out of range, and when
    /// nobody can tell: the master is not loaded whole or is no series, or the rules of its zone are not known.
    pub fn occurrences(&self, window: TimeRange, home: Tz) -> Result<Occurrences<'_>> {
        window.validate(OPERATION)?;
        let recurrence = self
            .master
            .detail
            .as_deref()
            .and_then(|detail| detail.recurrence.as_ref())
            .ok_or_else(|| {
                let problem = "the master has no recurrence, or was not loaded whole";
                Error::invalid_argument(OPERATION, problem)
            })?;
        let clock = Clock::of(&self.master.when, home).ok_or_else(|| {
            let problem = "the rules of the series' time zone are not known";
            Error::invalid_argument(OPERATION, problem)
        })?;
        let mut exceptions: Vec<_> = self
            .exceptions
            .iter()
            .map(|event| occurrence_of(event, home))
            .collect();
        let replaced = exceptions
            .iter()
            .map(|(_, occurrence)| occurrence.recurrence_id)
            .chain(self.deleted.iter().copied())
            .collect();
        exceptions.retain(|(span, _)| is_in(*span, window));
        exceptions.sort_by_key(|(span, occurrence)| (span.start, occurrence.recurrence_id));
        Ok(Occurrences {
            days: clock.days_until(recurrence, window.start),
            clock,
            window,
            replaced,
            planned: None,
            exceptions: exceptions.into_iter().peekable(),
        })
    }
}

fn occurrence_of(event: &Event, home: Tz) -> (TimeRange, Occurrence<'_>) {
    let span = event.when.span(home);
    let occurrence = Occurrence {
        recurrence_id: event.recurrence_id.unwrap_or(span.start),
        when: event.when.clone(),
        exception: Some(event),
    };
    (span, occurrence)
}

/// An instant is in a window that begins with it.
fn is_in(span: TimeRange, window: TimeRange) -> bool {
    span.overlaps(&window) || window.contains(span.start)
}

/// The occurrences of a series within a window; see [`Series::occurrences`].
#[derive(Debug, Clone)]
pub struct Occurrences<'a> {
    days: Days,
    clock: Clock,
    window: TimeRange,
    replaced: BTreeSet<DateTime<Utc>>,
    /// The next of the pattern.
    planned: Option<(TimeRange, Occurrence<'a>)>,
    exceptions: Peekable<vec::IntoIter<(TimeRange, Occurrence<'a>)>>,
}

impl<'a> Iterator for Occurrences<'a> {
    type Item = Occurrence<'a>;

    fn next(&mut self) -> Option<Occurrence<'a>> {
        let planned = self.planned.take().or_else(|| self.next_planned());
        match (planned, self.exceptions.peek()) {
            (Some(planned), Some((exception, _))) if exception.start < planned.0.start => {
                self.planned = Some(planned);
                self.exceptions.next()
            }
            (Some(planned), _) => Some(planned),
            (None, _) => self.exceptions.next(),
        }
        .map(|(_, occurrence)| occurrence)
    }
}

impl<'a> Occurrences<'a> {
    fn next_planned(&mut self) -> Option<(TimeRange, Occurrence<'a>)> {
        loop {
            let (span, when) = self.clock.on(self.days.next()?)?;
            if span.start >= self.window.end {
                return None;
            }
            if is_in(span, self.window) && !self.replaced.contains(&span.start) {
                let occurrence = Occurrence {
                    recurrence_id: span.start,
                    when,
                    exception: None,
                };
                return Some((span, occurrence));
            }
        }
    }
}

/// When on its day an occurrence begins, and how long it lasts, on the wall clock.
#[derive(Debug, Clone)]
enum Clock {
    Timed {
        start: NaiveTime,
        length: TimeDelta,
        zone: Zone,
        end_zone: Zone,
    },
    Days {
        length: TimeDelta,
        zone: Option<Zone>,
        home: Tz,
    },
}

impl Clock {
    /// `None` when the rules of the zone are not known.
    fn of(when: &When, home: Tz) -> Option<Self> {
        match when {
            When::Timed { start, end } => {
                let begin = start.local()?;
                // In the zone of the start, in which the series repeats.
                let finish = ZonedTime::from_utc(end.utc, start.zone.clone()).local()?;
                Some(Self::Timed {
                    start: begin.time(),
                    length: finish - begin,
                    zone: start.zone.clone(),
                    end_zone: end.zone.clone(),
                })
            }
            When::AllDay { start, end, zone } => Some(Self::Days {
                length: *end - *start,
                zone: zone.clone(),
                home,
            }),
        }
    }

    /// The days of which the first may still go on at an instant.
    fn days_until(&self, recurrence: &Recurrence, instant: DateTime<Utc>) -> Days {
        let (Self::Timed { length, .. } | Self::Days { length, .. }) = self;
        // No zone is further than a day from UTC, and no clock is set by more than a day.
        let first = instant
            .checked_sub_signed(*length)
            .and_then(|instant| instant.checked_sub_signed(TimeDelta::days(2)))
            .map_or(NaiveDate::MIN, |instant| instant.date_naive());
        recurrence.days_from(first)
    }

    fn on(&self, day: NaiveDate) -> Option<(TimeRange, When)> {
        match self {
            Self::Timed {
                start,
                length,
                zone,
                end_zone,
            } => {
                let local = day.and_time(*start);
                let start = zone.instant_of(local)?;
                let end = zone.instant_of(later(local, *length)?)?.max(start);
                let when = When::between(
                    ZonedTime::from_utc(start, zone.clone()),
                    ZonedTime::from_utc(end, end_zone.clone()),
                );
                Some((TimeRange { start, end }, when))
            }
            Self::Days { length, zone, home } => {
                let when = When::AllDay {
                    start: day,
                    end: day.checked_add_signed(*length)?,
                    zone: zone.clone(),
                };
                Some((when.span(*home), when))
            }
        }
    }
}

/// When an event that begins so would take place on another day; `None` when the rules of its zone are not known.
#[cfg(feature = "icalendar")]
pub(crate) fn when_on(when: &When, day: NaiveDate) -> Option<When> {
    let (_, when) = Clock::of(when, Tz::UTC)?.on(day)?;
    Some(when)
}

fn later(local: NaiveDateTime, length: TimeDelta) -> Option<NaiveDateTime> {
    local.checked_add_signed(length)
}

#[cfg(test)]
mod tests {
    use chrono_tz::{America::New_York, Europe::Berlin};

    use super::*;
    use crate::{
        connector::Backend,
        model::{EventDetail, EventId, Pattern, Range, Version},
    };

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn event(when: When) -> Event {
        let id = EventId::from_raw(Backend::Ews, "AAMk");
        Event::new(id, Version::from_raw("DwAA"), when)
    }

    fn series(when: When, pattern: Pattern) -> Series {
        let mut master = event(when.clone());
        let mut detail = EventDetail::new();
        let start = when.start_date().unwrap();
        detail.recurrence = Some(Recurrence::new(pattern, Range::NoEnd { start }));
        master.detail = Some(Box::new(detail));
        Series::new(master)
    }

    fn local(start: &str, end: &str) -> When {
        When::timed(start.parse().unwrap(), end.parse().unwrap(), Berlin)
    }

    fn window(start: &str, end: &str) -> TimeRange {
        TimeRange::new(at(start), at(end))
    }

    fn starts(series: &Series, window: TimeRange) -> Vec<String> {
        let occurrences = series.occurrences(window, Berlin).unwrap();
        occurrences
            .map(|one| one.when.span(Berlin).start.format("%FT%RZ").to_string())
            .collect()
    }

    #[test]
    fn the_wall_clock_is_kept() {
        let nine = local("2026-03-23T09:00:00", "2026-03-23T10:00:00");
        let weekly = series(nine, Pattern::Daily { interval: 7 });
        assert_eq!(
            starts(
                &weekly,
                window("2026-03-23T08:30:00Z", "2026-04-06T07:00:00Z")
            ),
            ["2026-03-23T08:00Z", "2026-03-30T07:00Z"]
        );
        // Over the night in which the clocks are set.
        let night = local("2026-03-27T23:00:00", "2026-03-28T05:00:00");
        let night = series(night, Pattern::Daily { interval: 1 });
        let hours: Vec<_> = night
            .occurrences(
                window("2026-03-27T22:00:00Z", "2026-03-29T20:00:00Z"),
                Berlin,
            )
            .unwrap()
            .map(|one| one.when.span(Berlin).duration().num_hours())
            .collect();
        assert_eq!(hours, [6, 5]);
    }

    #[test]
    fn whole_days_are_dates() {
        let days = When::days(day("2026-03-28"), day("2026-03-30")).in_zone(New_York);
        let series = series(days, Pattern::Daily { interval: 30 });
        let found: Vec<_> = series
            .occurrences(
                window("2026-03-30T03:59:00Z", "2026-05-01T00:00:00Z"),
                Berlin,
            )
            .unwrap()
            .collect();
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].recurrence_id, at("2026-03-28T04:00:00Z"));
        assert_eq!(
            found[1].when,
            When::days(day("2026-04-27"), day("2026-04-29")).in_zone(New_York)
        );
    }

    #[test]
    fn exceptions_replace_and_deleted_are_left_out() {
        let nine = local("2026-01-05T09:00:00", "2026-01-05T10:00:00");
        let mut daily = series(nine, Pattern::Daily { interval: 1 });
        daily.deleted.push(at("2026-01-06T08:00:00Z"));
        let exception = |id: &str, start: &str, end: &str| {
            let mut changed = event(local(start, end));
            changed.recurrence_id = Some(at(id));
            changed
        };
        daily.exceptions = vec![
            // Moved out of the window, into it from after it, and within it.
            exception(
                "2026-01-07T08:00:00Z",
                "2026-02-01T09:00:00",
                "2026-02-01T10:00:00",
            ),
            exception(
                "2026-01-20T08:00:00Z",
                "2026-01-08T12:00:00",
                "2026-01-08T13:00:00",
            ),
            exception(
                "2026-01-08T08:00:00Z",
                "2026-01-05T07:00:00",
                "2026-01-05T08:00:00",
            ),
        ];
        let week = window("2026-01-05T00:00:00Z", "2026-01-10T00:00:00Z");
        assert_eq!(
            starts(&daily, week),
            [
                "2026-01-05T06:00Z",
                "2026-01-05T08:00Z",
                "2026-01-08T11:00Z",
                "2026-01-09T08:00Z"
            ]
        );
        let ids: Vec<_> = daily
            .occurrences(week, Berlin)
            .unwrap()
            .filter(|one| one.exception.is_some())
            .map(|one| one.recurrence_id)
            .collect();
        assert_eq!(
            ids,
            [at("2026-01-08T08:00:00Z"), at("2026-01-20T08:00:00Z")]
        );
    }

    #[test]
    fn what_nobody_can_tell() {
        let nine = local("2026-01-05T09:00:00", "2026-01-05T10:00:00");
        let week = window("2026-01-05T00:00:00Z", "2026-01-10T00:00:00Z");
        let single = Series::new(event(nine));
        assert!(single.occurrences(week, Berlin).is_err());
        let unknown = ZonedTime::from_utc(at("2026-01-05T08:00:00Z"), Zone::from_wire("Own"));
        let mut master = series(
            When::all_day(day("2026-01-05")),
            Pattern::Daily { interval: 1 },
        );
        assert!(master.occurrences(week, Berlin).is_ok());
        assert!(
            master
                .occurrences(TimeRange::new(week.end, week.start), Berlin)
                .is_err()
        );
        master.master.when = When::between(unknown.clone(), unknown);
        let error = master.occurrences(week, Berlin).unwrap_err();
        assert!(error.to_string().contains("zone are not known"), "{error}");
    }

    #[test]
    fn an_instant_is_in_the_window_that_begins_with_it() {
        let noon = local("2026-01-05T12:00:00", "2026-01-05T12:00:00");
        let daily = series(noon, Pattern::Daily { interval: 1 });
        let hour = window("2026-01-06T11:00:00Z", "2026-01-07T11:00:00Z");
        assert_eq!(starts(&daily, hour), ["2026-01-06T11:00Z"]);
    }
}
