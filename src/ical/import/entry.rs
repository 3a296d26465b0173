//! Events with one UID: a single event, or a series with its exceptions.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveTime, Timelike, Utc};
use chrono_tz::Tz;

use super::{
    ICalEntry, ICalEvent, Reader, RecurrenceId,
    moment::{Moment, in_event},
};
use crate::{
    error::{Error, Result},
    ical::{
        READ,
        line::Component,
        problem,
        rule::{End, Rule, Until},
    },
    model::{Range, Recurrence, When, ZonedTime},
};

impl Reader<'_> {
    pub(super) fn entries(&self, group: &[&Component]) -> Vec<Result<ICalEntry>> {
        let (changed, mains): (Vec<&Component>, Vec<&Component>) = group
            .iter()
            .partition(|event| event.line("RECURRENCE-ID").is_some());
        match mains.into_iter().max_by_key(|event| state(event)) {
            Some(main) => {
                let entry = self.entry(main, &changed);
                vec![entry.map_err(|error| in_event(error, main))]
            }
            None => {
                let alone = |event: &&Component| {
                    let entry = self.occurrence_alone(event);
                    entry.map_err(|error| in_event(error, event))
                };
                changed.iter().map(alone).collect()
            }
        }
    }

    fn entry(&self, main: &Component, changed: &[&Component]) -> Result<ICalEntry> {
        let mut event = self.event(main)?;
        event.event.uid.clone_from(&event.uid);
        let when = event.event.when.clone();
        let recurrence = self.recurrence(main, &when)?;
        let (mut exceptions, mut deleted) = (BTreeMap::new(), Vec::new());
        if let Some(recurrence) = &recurrence {
            exceptions = self.exceptions(changed, recurrence, &when)?;
        } else if !changed.is_empty() {
            return Err(problem("it has changed occurrences, but does not repeat"));
        }
        for line in main.lines("EXDATE") {
            let values = line.value.split(',').map(str::trim);
            for value in values.filter(|value| !value.is_empty()) {
                let id = original(&self.moment_of(line, value)?, &when);
                let is_one = |id: &RecurrenceId| {
                    let recurrence = recurrence.as_ref();
                    recurrence.is_some_and(|recurrence| is_one_of(*id, recurrence, &when))
                };
                match id.filter(is_one) {
                    Some(id) if !exceptions.contains_key(&id) => deleted.push(id),
                    _ => event.ignored.push(format!("EXDATE:{value}")),
                }
            }
        }
        deleted.sort_unstable();
        deleted.dedup();
        event.event.recurrence = recurrence;
        Ok(ICalEntry {
            main: event,
            exceptions: exceptions.into_values().map(|(_, event)| event).collect(),
            deleted,
        })
    }

    /// The newest state of each occurrence that was changed.
    fn exceptions<'a>(
        &self,
        changed: &[&'a Component],
        recurrence: &Recurrence,
        when: &When,
    ) -> Result<BTreeMap<RecurrenceId, (&'a Component, ICalEvent)>> {
        let mut exceptions: BTreeMap<_, (&Component, _)> = BTreeMap::new();
        for component in changed {
            let id = self.changed_occurrence(component, when)?;
            if !is_one_of(id, recurrence, when) {
                let value = component.value("RECURRENCE-ID").unwrap_or_default();
                return Err(problem(format!(
                    "RECURRENCE-ID:{value} names an occurrence that the series does not have"
                )));
            }
            let known = exceptions.get(&id).map(|(known, _)| state(known));
            if known.is_none_or(|known| known <= state(component)) {
                let mut exception = self.event(component)?;
                exception.recurrence_id = Some(id);
                exceptions.insert(id, (*component, exception));
            }
        }
        Ok(exceptions)
    }

    fn occurrence_alone(&self, component: &Component) -> Result<ICalEntry> {
        let mut event = self.event(component)?;
        event.event.uid.clone_from(&event.uid);
        let line = self.changed_occurrence(component, &event.event.when)?;
        event.recurrence_id = Some(line);
        Ok(ICalEntry {
            main: event,
            exceptions: Vec::new(),
            deleted: Vec::new(),
        })
    }

    fn changed_occurrence(&self, component: &Component, series: &When) -> Result<RecurrenceId> {
        let line = component
            .line("RECURRENCE-ID")
            .ok_or_else(|| problem("it has no RECURRENCE-ID"))?;
        if let Some(range) = line.parameter("RANGE") {
            let problem = format!(
                "RECURRENCE-ID with RANGE={range} changes more than one occurrence, which Exchange keeps as two series"
            );
            return Err(Error::unsupported(READ, problem));
        }
        if component.line("RRULE").is_some() {
            return Err(problem("one of its occurrences has a rule of its own"));
        }
        original(&self.moment(line)?, series)
            .ok_or_else(|| problem("RECURRENCE-ID is not in the terms of the series"))
    }

    fn recurrence(&self, event: &Component, when: &When) -> Result<Option<Recurrence>> {
        for name in ["RDATE", "EXRULE"] {
            if let Some(value) = event.value(name) {
                let problem = format!("Exchange cannot keep {name}:{value}");
                return Err(Error::unsupported(READ, problem));
            }
        }
        let mut rules = event.lines("RRULE").map(|line| line.value.trim());
        let text = match (rules.next(), rules.next()) {
            (None, _) => return Ok(None),
            (Some(text), None) => text,
            (Some(one), Some(two)) => {
                let problem =
                    format!("Exchange cannot keep two rules, RRULE:{one} and RRULE:{two}");
                return Err(Error::unsupported(READ, problem));
            }
        };
        let cannot = |why: String| {
            let error =
                Error::unsupported(READ, format!("Exchange cannot keep RRULE:{text}: {why}"));
            if why.contains("leaves out months") {
                error
                    .with_hint("With Import::short_months_on_last_day it takes the last day there.")
            } else {
                error.with_hint("Split the event into series that Exchange can keep.")
            }
        };
        let start = when
            .start_date()
            .ok_or_else(|| problem("nobody knows the day it begins on"))?;
        let clock = match when {
            When::Timed { start, .. } => start.local().map_or([0; 3], |local| {
                [local.hour(), local.minute(), local.second()]
            }),
            When::AllDay { .. } => [0; 3],
        };
        let rule = Rule::read(text, start, clock).map_err(cannot)?;
        let range = match rule.end {
            End::Never => Range::NoEnd { start },
            End::Count(count) => Range::Count { start, count },
            End::Until(until) => Range::Until {
                start,
                end: last_day(until, when)
                    .filter(|end| *end >= start)
                    .ok_or_else(|| cannot("it ends before it begins".to_owned()))?,
            },
        };
        rule.recurrence(range, self.choices.last_day)
            .map(Some)
            .map_err(cannot)
    }
}

/// RFC 5546 section 2.1.5: of several states of one event the highest sequence counts, then the latest.
fn state(event: &Component) -> (u32, Option<DateTime<Utc>>) {
    let sequence = event
        .value("SEQUENCE")
        .and_then(|text| text.trim().parse().ok());
    (sequence.unwrap_or(0), event.instant("DTSTAMP"))
}

/// An occurrence in the terms of its series.
fn original(moment: &Moment, series: &When) -> Option<RecurrenceId> {
    Some(match (moment, series) {
        (Moment::Day(day), When::AllDay { .. }) => RecurrenceId::On(*day),
        // An instant that is no midnight does not say of which day it is.
        (Moment::Time(time), When::AllDay { .. }) if time.zone.tz == Some(Tz::UTC) => {
            let local = time.local().filter(|local| local.time() == NaiveTime::MIN);
            RecurrenceId::On(local?.date())
        }
        (Moment::Time(time), When::AllDay { .. }) => RecurrenceId::On(time.local()?.date()),
        (Moment::Time(time), When::Timed { .. }) => RecurrenceId::At(time.utc),
        (Moment::Day(day), When::Timed { start, .. }) => {
            let local = day.and_time(start.local()?.time());
            RecurrenceId::At(start.zone.instant_of(local)?)
        }
    })
}

fn is_one_of(id: RecurrenceId, recurrence: &Recurrence, series: &When) -> bool {
    let is_day = |day: NaiveDate| recurrence.days_from(day).next() == Some(day);
    match (id, series) {
        (RecurrenceId::On(day), _) => is_day(day),
        (RecurrenceId::At(instant), When::Timed { start, .. }) => {
            let original = ZonedTime::from_utc(instant, start.zone.clone()).local();
            let (Some(clock), Some(original)) = (start.local(), original) else {
                return false;
            };
            // Where the clocks are set, one may show another time than the series has.
            let begins = start
                .zone
                .instant_of(original.date().and_time(clock.time()));
            begins == Some(instant) && is_day(original.date())
        }
        (RecurrenceId::At(_), When::AllDay { .. }) => false,
    }
}

/// The last day on which a series may begin that ends so.
fn last_day(until: Until, series: &When) -> Option<NaiveDate> {
    let local = match (until, series) {
        (Until::Date(date), _) => return Some(date),
        (Until::Local(local), _) => local,
        (Until::Utc(instant), When::AllDay { .. }) => instant.naive_utc(),
        (Until::Utc(instant), When::Timed { start, .. }) => {
            ZonedTime::from_utc(instant, start.zone.clone()).local()?
        }
    };
    let clock = match series {
        When::Timed { start, .. } => start.local()?.time(),
        When::AllDay { .. } => NaiveTime::MIN,
    };
    if local.time() < clock {
        local.date().pred_opt()
    } else {
        Some(local.date())
    }
}
