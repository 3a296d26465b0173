//! Events as iCalendar text.

mod event;

use std::ops::RangeInclusive;

use chrono::{DateTime, NaiveDateTime, Utc};
use chrono_tz::Tz;

use super::{
    WRITE,
    line::Text,
    rule,
    time::{write_date, write_local, write_utc},
    zone::{self, years_of},
};
use crate::{
    error::{Error, Result},
    model::{Event, EventKind, Range, Recurrence, Series, When, Zone, ZonedTime},
};

/// Events and series to write as one iCalendar text.
///
/// | of the model | in the text |
/// |---|---|
/// | whole days | `VALUE=DATE`, without the zone of their midnights |
/// | timed | `TZID` with the IANA name, and a `VTIMEZONE`; a zone of its own under its own name; a zone whose rules nobody knows as the same instants in UTC |
/// | recurrence | `RRULE` that gives the days of Exchange, also in short months |
/// | exceptions, deleted | a `VEVENT` with `RECURRENCE-ID`; `EXDATE` |
/// | body | `DESCRIPTION` as plain text, and HTML in `X-ALT-DESC` too |
/// | online meeting | `CONFERENCE` (RFC 7986) |
/// | attendees, organiser, categories, sensitivity, importance, status, reminder | `ATTENDEE`, `ORGANIZER`, `CATEGORIES`, `CLASS`, `PRIORITY`, `TRANSP` and `X-MICROSOFT-CDO-BUSYSTATUS`, `VALARM` |
///
/// What was not loaded is not written: use [`Projection::Full`](crate::model::Projection::Full), and
/// [`get_series`](crate::CalendarRead::get_series) for series. Attachments and MAPI properties are left out.
#[derive(Debug, Clone, Default)]
pub struct Export {
    name: Option<String>,
    method: Option<String>,
    stamp: Option<DateTime<Utc>>,
    home: Option<Tz>,
    events: Text,
    zones: Vec<UsedZone>,
}

#[derive(Debug, Clone)]
struct UsedZone {
    zone: Zone,
    id: String,
    years: RangeInclusive<i32>,
}

impl Export {
    /// No event yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets what the calendar is called.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets what is to be done with the events (RFC 5546), such as `PUBLISH` or `REQUEST`. A file of events has none.
    #[must_use]
    pub fn method(mut self, method: impl Into<String>) -> Self {
        self.method = Some(method.into());
        self
    }

    /// Sets the time of writing, which events get that do not know when they were changed last; else it is now.
    #[must_use]
    pub fn stamp(mut self, stamp: DateTime<Utc>) -> Self {
        self.stamp = Some(stamp);
        self
    }

    /// Sets the zone of whole days that do not name one. It matters for exceptions and deleted occurrences, of which
    /// only the instant of the midnight is known.
    #[must_use]
    pub fn home(mut self, zone: Tz) -> Self {
        self.home = Some(zone);
        self
    }

    /// Adds a single event, or one occurrence by itself. A series alone is added with its pattern.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) for a year that iCalendar cannot write;
    /// [`Unsupported`](crate::ErrorKind::Unsupported) for a series in a zone whose rules nobody knows, and for one
    /// that goes on when it is done.
    pub fn event(&mut self, event: &Event) -> Result<()> {
        match event.kind {
            EventKind::SeriesMaster => self.series(&Series::new(event.clone())),
            _ => {
                let id = match event.recurrence_id {
                    Some(id) => Some(self.original(id, &event.when)?),
                    None => None,
                };
                let lines = id.into_iter().collect();
                let mut text = Text::default();
                self.write_event(&mut text, event, lines)?;
                self.events.append(&text);
                Ok(())
            }
        }
    }

    /// Adds a series with its exceptions and without its deleted occurrences.
    ///
    /// # Errors
    /// As [`event`](Self::event); [`InvalidArgument`](crate::ErrorKind::InvalidArgument) also for a master without its
    /// recurrence. Nothing of the series is added then.
    pub fn series(&mut self, series: &Series) -> Result<()> {
        let when = &series.master.when;
        let detail = series.master.detail.as_deref();
        let recurrence = detail
            .and_then(|detail| detail.recurrence.as_ref())
            .ok_or_else(|| {
                let problem = "the master has no recurrence, or was not loaded whole";
                Error::invalid_argument(WRITE, problem)
            })?;
        let mut lines = vec![self.rule(recurrence, when)?];
        for deleted in &series.deleted {
            let original = self.original(*deleted, when)?;
            lines.push(Property {
                name: "EXDATE",
                ..original
            });
        }
        let mut text = Text::default();
        self.write_event(&mut text, &series.master, lines)?;
        for exception in &series.exceptions {
            let id = exception.recurrence_id.ok_or_else(|| {
                let problem = "an exception does not say which occurrence it is";
                Error::invalid_argument(WRITE, problem)
            })?;
            let id = self.original(id, when)?;
            self.write_event(&mut text, exception, vec![id])?;
        }
        self.use_zone_until(when, recurrence);
        self.events.append(&text);
        Ok(())
    }

    /// The text: one `VCALENDAR` with everything that was added.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) for zones with years that iCalendar cannot write.
    pub fn to_text(&self) -> Result<String> {
        let mut text = Text::default();
        text.begin("VCALENDAR");
        text.line("VERSION", &[], "2.0");
        let version = env!("CARGO_PKG_VERSION");
        text.text(
            "PRODID",
            &[],
            &format!("-//exchange-connector//exchange-connector {version}//EN"),
        );
        text.line("CALSCALE", &[], "GREGORIAN");
        if let Some(method) = &self.method {
            text.text("METHOD", &[], method);
        }
        if let Some(name) = &self.name {
            text.text("X-WR-CALNAME", &[], name);
        }
        for used in &self.zones {
            zone::write(&mut text, &used.zone, &used.id, &used.years)?;
        }
        text.append(&self.events);
        text.end("VCALENDAR");
        Ok(text.into_string())
    }

    /// When an occurrence would have begun, in the terms of the start of its series.
    fn original(&mut self, instant: DateTime<Utc>, series: &When) -> Result<Property> {
        match series {
            When::Timed { start, .. } => {
                let original = ZonedTime::from_utc(instant, start.zone.clone());
                self.time("RECURRENCE-ID", &original)
            }
            When::AllDay { zone, .. } => {
                let zone = zone.clone().or_else(|| self.home.map(Zone::from));
                let local = zone.and_then(|zone| ZonedTime::from_utc(instant, zone).local());
                let local = local.ok_or_else(|| {
                    let problem =
                        "the day of an occurrence is not known without the zone of its midnight";
                    Error::invalid_argument(WRITE, problem).with_hint("Set Export::home.")
                })?;
                Property::date("RECURRENCE-ID", local.date())
            }
        }
    }

    /// A time on the clock of its zone, or in UTC where nobody knows that clock, or where it shows the same time twice
    /// and the second is meant: a text can name only the first (RFC 5545 section 3.3.5).
    fn time(&mut self, name: &'static str, time: &ZonedTime) -> Result<Property> {
        let utc = || Property::new(name, write_utc(time.utc)?);
        if is_utc(&time.zone) {
            return utc();
        }
        let means_it = |local: &_| time.zone.instant_of(*local) == Some(time.utc);
        match time.local().filter(means_it) {
            Some(local) => {
                let id = self.zone_id(&time.zone, years_of([time.utc; 2]));
                Property::new(name, write_local(local)?).map(|property| property.with("TZID", id))
            }
            None => utc(),
        }
    }

    /// The name of a zone, whose rules are then written for these years.
    fn zone_id(&mut self, zone: &Zone, years: RangeInclusive<i32>) -> String {
        let same =
            |used: &&mut UsedZone| (used.zone.tz, &used.zone.custom) == (zone.tz, &zone.custom);
        if let Some(used) = self.zones.iter_mut().find(same) {
            used.years =
                *used.years.start().min(years.start())..=*used.years.end().max(years.end());
            return used.id.clone();
        }
        let own = zone
            .custom
            .as_ref()
            .and_then(|custom| custom.name.as_deref());
        let name = match zone.tz {
            Some(tz) => tz.name(),
            None => own.or(zone.wire.as_deref()).unwrap_or("Custom"),
        };
        // A zone with its own rules must not be taken for another one.
        let name: String = name.chars().filter(|c| !c.is_control()).collect();
        let is_taken = |id: &str| {
            self.zones.iter().any(|used| used.id == id)
                || zone.tz.is_none() && crate::timezone::from_wire(id).is_some()
        };
        let numbered = (2..).map(|number| format!("{name} {number}"));
        let id = std::iter::once(name.clone())
            .chain(numbered)
            .find(|id| !is_taken(id));
        let id = id.unwrap_or(name);
        self.zones.push(UsedZone {
            zone: zone.clone(),
            id: id.clone(),
            years,
        });
        id
    }

    fn rule(&self, recurrence: &Recurrence, when: &When) -> Result<Property> {
        let pattern = rule::write_pattern(&recurrence.pattern).ok_or_else(|| {
            Error::unsupported(
                WRITE,
                "iCalendar cannot say that an event follows when the last is done",
            )
        })?;
        let clock = match when {
            When::Timed { start, .. } => Some((
                start.zone.clone(),
                start.local().ok_or_else(|| {
                    let name = start.zone.wire.as_deref().unwrap_or("without a name");
                    let problem =
                        format!("a series repeats in the zone {name}, whose rules nobody knows");
                    Error::unsupported(WRITE, problem)
                })?,
            )),
            When::AllDay { .. } => None,
        };
        let end = match (recurrence.range, clock) {
            (Range::NoEnd { .. }, _) => String::new(),
            (Range::Count { count, .. }, _) => format!(";COUNT={count}"),
            (Range::Until { end, .. }, None) => format!(";UNTIL={}", write_date(end)?),
            // RFC 5545 wants the instant of the last start there.
            (Range::Until { end, .. }, Some((zone, first))) => {
                let last = NaiveDateTime::new(end, first.time());
                let last = zone.instant_of(last).unwrap_or(last.and_utc());
                format!(";UNTIL={}", write_utc(last)?)
            }
        };
        Property::new("RRULE", pattern + &end)
    }

    /// The zone of a series is needed as long as it goes on.
    fn use_zone_until(&mut self, when: &When, recurrence: &Recurrence) {
        if let When::Timed { start, .. } = when
            && !is_utc(&start.zone)
            && start.local().is_some()
        {
            let last = match recurrence.range {
                Range::Until { end, .. } => Some(end),
                Range::Count { .. } => recurrence.days().last(),
                Range::NoEnd { .. } => None,
            };
            if let Some(last) = last.and_then(|last| last.and_hms_opt(0, 0, 0)) {
                self.zone_id(&start.zone, years_of([start.utc, last.and_utc()]));
            }
        }
    }
}

fn is_utc(zone: &Zone) -> bool {
    matches!(zone.tz, Some(Tz::UTC | Tz::Etc__UTC))
}

/// A property with a value that is written as it is.
#[derive(Debug)]
struct Property {
    name: &'static str,
    parameters: Vec<(&'static str, String)>,
    value: String,
}

impl Property {
    fn new(name: &'static str, value: String) -> Result<Self> {
        Ok(Self {
            name,
            parameters: Vec::new(),
            value,
        })
    }

    fn date(name: &'static str, date: chrono::NaiveDate) -> Result<Self> {
        Ok(Self::new(name, write_date(date)?)?.with("VALUE", "DATE".to_owned()))
    }

    fn with(mut self, name: &'static str, value: String) -> Self {
        self.parameters.push((name, value));
        self
    }

    fn write(&self, text: &mut Text) {
        let parameters: Vec<_> = self
            .parameters
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        text.line(self.name, &parameters, &self.value);
    }
}
