//! `VTIMEZONE` from the IANA database or a zone's own rules.

use std::ops::RangeInclusive;

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone, Utc};
use chrono_tz::{OffsetComponents, Tz};

use super::{KNOWN_UNTIL, Observance, YearlyDay};
use crate::{
    error::Result,
    ical::{
        line::Text,
        rule,
        time::{write_local, write_offset},
    },
    model::{ChangeDay, Pattern, Zone, ZoneRules},
    timezone::{changes_in_year, rules_for_year},
};

/// Adds a zone that is exact in these years, and from the last change of its rules on for ever.
pub(in crate::ical) fn write(
    text: &mut Text,
    zone: &Zone,
    id: &str,
    years: &RangeInclusive<i32>,
) -> Result<()> {
    let observances = match (zone.tz, &zone.custom) {
        (Some(tz), _) => of_database(tz, years),
        (None, Some(custom)) => of_rules(&custom.rules, *years.start()),
        (None, None) => Vec::new(),
    };
    text.begin("VTIMEZONE");
    text.text("TZID", &[], id);
    for observance in &observances {
        observance.write(text)?;
    }
    text.end("VTIMEZONE");
    Ok(())
}

impl Observance {
    fn write(&self, text: &mut Text) -> Result<()> {
        let name = if self.is_daylight {
            "DAYLIGHT"
        } else {
            "STANDARD"
        };
        text.begin(name);
        text.line("DTSTART", &[], &write_local(self.start)?);
        text.line("TZOFFSETFROM", &[], &write_offset(self.from));
        text.line("TZOFFSETTO", &[], &write_offset(self.to));
        if let Some(day) = &self.rule {
            let pattern = Pattern::YearlyOnWeekday {
                interval: 1,
                month: day.month,
                week: day.week,
                days: day.weekday.into(),
            };
            text.line(
                "RRULE",
                &[],
                &rule::write_pattern(&pattern).unwrap_or_default(),
            );
        }
        for again in &self.again {
            text.line("RDATE", &[], &write_local(*again)?);
        }
        text.end(name);
        Ok(())
    }
}

fn of_rules(rules: &ZoneRules, year: i32) -> Vec<Observance> {
    let east = |extra: i32| rules.bias_minutes.saturating_add(extra).saturating_mul(-60);
    let Some((daylight, standard)) = &rules.changes else {
        return vec![always(east(0), false, year)];
    };
    let (daylight_offset, standard_offset) = (
        east(daylight.extra_bias_minutes),
        east(standard.extra_bias_minutes),
    );
    let observance = |is_daylight, rule: &crate::model::ZoneRule, from, to| {
        let rule_day = match rule.day {
            ChangeDay::Weekday {
                month,
                week,
                weekday,
            } => Some(YearlyDay {
                month,
                week,
                weekday,
            }),
            ChangeDay::Date(_) => None,
        };
        let date = match rule.day {
            ChangeDay::Date(date) => Some(date),
            ChangeDay::Weekday { .. } => rule.day.in_year(year),
        };
        Some(Observance {
            is_daylight,
            from,
            to,
            start: date?.and_time(rule.at),
            rule: rule_day,
            again: Vec::new(),
        })
    };
    let changes = [
        observance(false, standard, daylight_offset, standard_offset),
        observance(true, daylight, standard_offset, daylight_offset),
    ];
    let mut all: Vec<_> = changes.into_iter().flatten().collect();
    // What is before the first change of that year.
    if let Some(first) = all.iter().min_by_key(|one| one.start) {
        all.insert(0, always(first.from, !first.is_daylight, year));
    }
    all
}

/// An offset since the beginning of a year.
fn always(offset: i32, is_daylight: bool, year: i32) -> Observance {
    Observance {
        is_daylight,
        from: offset,
        to: offset,
        start: new_year(year),
        rule: None,
        again: Vec::new(),
    }
}

fn new_year(year: i32) -> NaiveDateTime {
    let day = NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or(NaiveDate::MIN);
    day.and_time(NaiveTime::MIN)
}

fn of_database(tz: Tz, years: &RangeInclusive<i32>) -> Vec<Observance> {
    let (first, last) = (*years.start(), (*years.end()).max(KNOWN_UNTIL));
    let begin = tz.offset_from_utc_datetime(&new_year(first));
    let begin_is_daylight = !begin.dst_offset().is_zero();
    let mut all = vec![always(
        begin.fix().local_minus_utc(),
        begin_is_daylight,
        first,
    )];
    // From when on the zone has the rules that it has at the end.
    let rules = rules_for_year(tz, KNOWN_UNTIL).ok();
    let ruled_from = rules.map_or(last + 1, |rules| {
        let same = |year: &i32| rules_for_year(tz, *year).is_ok_and(|other| other == rules);
        (first..=KNOWN_UNTIL)
            .rev()
            .take_while(same)
            .last()
            .unwrap_or(last + 1)
    });
    let singles = (first..ruled_from).flat_map(|year| changes_in_year(tz, year));
    for (at, from, to) in singles {
        let start = at
            .naive_utc()
            .checked_add_offset(from)
            .unwrap_or(at.naive_utc());
        let (from, to) = (from.local_minus_utc(), to.local_minus_utc());
        let is_daylight = !tz
            .offset_from_utc_datetime(&at.naive_utc())
            .dst_offset()
            .is_zero();
        let same = |one: &&mut Observance| {
            (one.is_daylight, one.from, one.to) == (is_daylight, from, to) && from != to
        };
        match all.iter_mut().find(same) {
            Some(same) => same.again.push(start),
            None => all.push(Observance {
                is_daylight,
                from,
                to,
                start,
                rule: None,
                again: Vec::new(),
            }),
        }
    }
    if let Some(rules) = rules.filter(|rules| rules.changes.is_some() && ruled_from <= last) {
        let ruled = of_rules(&rules, ruled_from);
        all.extend(ruled.into_iter().filter(|one| one.rule.is_some()));
    }
    all
}

/// The years that an event in a zone makes use of.
pub(in crate::ical) fn years_of(instants: [chrono::DateTime<Utc>; 2]) -> RangeInclusive<i32> {
    // The offset before the first change of a year, and the clock that is a year ahead, must be right too.
    let [first, last] = instants.map(|instant| instant.year());
    (first - 1).clamp(1, 9997)..=(last + 1).clamp(2, 9998)
}
