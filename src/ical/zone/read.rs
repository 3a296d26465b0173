//! Zones that a text names, from their names or their rules.

use std::{cell::RefCell, collections::HashMap};

use chrono::{Datelike, NaiveDate, NaiveDateTime};

use super::{KNOWN_UNTIL, Observance, YearlyDay};
use crate::{
    ical::{
        line::Component,
        rule::{End, Rule, Until},
        time::{Stamp, read_offset},
    },
    model::{ChangeDay, CustomZone, Pattern, Zone, ZoneRule, ZoneRules},
    timezone,
};

/// The zones of a text by their ids.
#[derive(Debug, Default)]
pub(in crate::ical) struct Zones {
    definitions: HashMap<String, Component>,
    known: RefCell<HashMap<String, Result<Zone, String>>>,
}

impl Zones {
    /// Of the definitions in these calendars.
    pub(in crate::ical) fn new(calendars: &[Component]) -> Self {
        let definitions = calendars
            .iter()
            .flat_map(|calendar| &calendar.components)
            .filter(|component| component.name == "VTIMEZONE")
            .filter_map(|component| {
                Some((
                    component.value("TZID")?.trim().to_owned(),
                    component.clone(),
                ))
            })
            .collect();
        Self {
            definitions,
            known: RefCell::default(),
        }
    }

    /// The zone with this id.
    ///
    /// # Errors
    /// A sentence about why it is not known.
    pub(in crate::ical) fn get(&self, id: &str) -> Result<Zone, String> {
        let id = id.trim();
        let mut known = self.known.borrow_mut();
        if let Some(zone) = known.get(id) {
            return zone.clone();
        }
        let zone = self.find(id);
        known.insert(id.to_owned(), zone.clone());
        zone
    }

    fn find(&self, id: &str) -> Result<Zone, String> {
        if let Some(tz) = by_name(id) {
            return Ok(tz);
        }
        let definition = self
            .definitions
            .get(id)
            .ok_or("it is no known name, and the text does not define it")?;
        if let Some(zone) = definition.value("X-LIC-LOCATION").and_then(by_name) {
            return Ok(zone);
        }
        let rules = rules_of(definition)?;
        Ok(Zone {
            wire: None,
            tz: None,
            custom: Some(Box::new(CustomZone::new(rules).named(id))),
        })
    }
}

/// By an IANA or Windows name, or one that ends with an IANA name after a maker's prefix, as
/// `/example.org/2026a/Europe/Berlin`.
fn by_name(id: &str) -> Option<Zone> {
    let known = |name: &str| timezone::from_wire(name).map(Zone::from);
    let suffixes = || {
        let rest = id.strip_prefix('/')?;
        let starts = rest.match_indices('/').map(|(at, _)| at + 1);
        let found = starts.filter_map(|at| rest.get(at..)).take(8);
        found.filter(|name| name.contains('/')).find_map(known)
    };
    known(id).or_else(suffixes)
}

/// The rules in force at last.
fn rules_of(definition: &Component) -> Result<ZoneRules, String> {
    let mut observances = Vec::new();
    for component in &definition.components {
        if matches!(component.name.as_str(), "STANDARD" | "DAYLIGHT") {
            observances.push(Observance::read(component)?);
        }
    }
    let newest = |is_daylight: bool| {
        observances
            .iter()
            .filter(|one| one.is_daylight == is_daylight)
            .max_by_key(|one| (one.rule.is_some(), one.last()))
    };
    let standard = newest(false).ok_or("its definition has no standard time")?;
    let base = minutes(standard.to)?;
    let newer = |one: &&Observance| one.rule.is_some() || one.last() > standard.last();
    let Some(daylight) = newest(true).filter(newer) else {
        return Ok(ZoneRules::fixed(base));
    };
    match (daylight.rule, standard.rule) {
        (Some(to_daylight), Some(to_standard)) => {
            let extra = minutes(daylight.to)? - base;
            Ok(ZoneRules::fixed(base).with_changes(
                ZoneRule::new(extra, to_daylight.into(), daylight.start.time()),
                ZoneRule::new(0, to_standard.into(), standard.start.time()),
            ))
        }
        _ => Err("its definition does not say how its clocks are set from now on".to_owned()),
    }
}

fn minutes(offset: i32) -> Result<i32, String> {
    if offset % 60 == 0 {
        Ok(-offset / 60)
    } else {
        Err("its offset is not in whole minutes".to_owned())
    }
}

impl From<YearlyDay> for ChangeDay {
    fn from(day: YearlyDay) -> Self {
        Self::Weekday {
            month: day.month,
            week: day.week,
            weekday: day.weekday,
        }
    }
}

impl Observance {
    /// An observance; of rules only one that goes on counts.
    fn read(component: &Component) -> Result<Self, String> {
        let offset = |name: &str| {
            let value = component.value(name).and_then(read_offset);
            value.ok_or_else(|| format!("its definition has no sound {name}"))
        };
        let start = match component.value("DTSTART").and_then(Stamp::read) {
            Some(Stamp::Local(local)) => local,
            _ => return Err("its definition has no sound DTSTART".to_owned()),
        };
        let (from, to) = (offset("TZOFFSETFROM")?, offset("TZOFFSETTO")?);
        let yearly = match component.value("RRULE") {
            None => None,
            Some(text) => yearly(text, start.date())?,
        };
        let dates = component
            .lines("RDATE")
            .flat_map(|line| line.value.split(','));
        let again = dates
            .filter_map(|date| match Stamp::read(date)? {
                Stamp::Local(local) => Some(local),
                _ => None,
            })
            .collect();
        let observance = Self {
            is_daylight: component.name == "DAYLIGHT",
            from,
            to,
            start,
            rule: yearly,
            again,
        };
        Ok(observance)
    }

    fn last(&self) -> NaiveDateTime {
        self.again.iter().copied().fold(self.start, Ord::max)
    }
}

/// The day of a rule that goes on; some makers end all rules with the last year of 32-bit clocks.
fn yearly(text: &str, start: NaiveDate) -> Result<Option<YearlyDay>, String> {
    let problem = |why: String| format!("its definition has the rule {text:?}: {why}");
    let rule = Rule::read(text, start, [0, 0, 0]).map_err(problem)?;
    let last = match rule.end {
        End::Never => None,
        End::Until(Until::Utc(utc)) => Some(utc.year()),
        End::Until(Until::Local(local)) => Some(local.year()),
        End::Until(Until::Date(date)) => Some(date.year()),
        End::Count(count) => Some(
            i32::try_from(count)
                .unwrap_or(i32::MAX)
                .saturating_add(start.year() - 1),
        ),
    };
    if last.is_some_and(|year| year < KNOWN_UNTIL) {
        return Ok(None);
    }
    match rule.pattern {
        Pattern::YearlyOnWeekday {
            interval: 1,
            month,
            week,
            days,
        } if days.len() == 1 => Ok(days.single().map(|weekday| YearlyDay {
            month,
            week,
            weekday,
        })),
        _ => Err(problem(
            "that is not one weekday of a month every year".to_owned(),
        )),
    }
}
