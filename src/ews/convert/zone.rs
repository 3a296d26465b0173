use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::recurrence;
use crate::error::{Error, Result};
use crate::ews::types::{
    CalendarItem, MeetingTimeZone, Period, RelativeYearlyChange, SerializableTimeZone,
    SerializableTimeZoneTime, TimeChange, TimeZoneDefinition, Transition, TransitionRule,
    TransitionTarget, TransitionTargetKind, TransitionsGroup,
};
use crate::model::{ChangeDay, CustomZone, WeekIndex, Zone, ZoneRule, ZoneRules};
use crate::timezone;

/// A zone nobody named.
pub(super) fn unknown() -> Zone {
    Zone::from_wire("")
}

/// The zones of the start and the end, as far as the server said.
///
/// Exchange 2010 and later name both; lists of 2013 and later by name alone; 2007 gives rules for
/// one zone. The name shown is the last resort, and never a guess.
pub(super) fn zones(item: &CalendarItem) -> (Zone, Zone) {
    let start = item
        .start_time_zone
        .as_ref()
        .map(of_definition)
        .or_else(|| item.start_time_zone_id.as_deref().map(Zone::from_wire))
        .or_else(|| item.meeting_time_zone.as_ref().map(of_meeting))
        .or_else(|| item.time_zone.as_deref().and_then(of_shown_name))
        .unwrap_or_else(unknown);
    let end = item
        .end_time_zone
        .as_ref()
        .map(of_definition)
        .or_else(|| item.end_time_zone_id.as_deref().map(Zone::from_wire))
        .unwrap_or_else(|| start.clone());
    (start, end)
}

/// The name shown, in the server's language: kept, so that it can be said how sure the zone is.
fn of_shown_name(name: &str) -> Option<Zone> {
    let mut zone = Zone::from_wire(name);
    zone.tz = timezone::resolve(Some(name), None).tz;
    zone.tz.is_some().then_some(zone)
}

fn of_definition(wire: &TimeZoneDefinition) -> Zone {
    let zone = Zone::from_wire(wire.id.clone().unwrap_or_default());
    if zone.tz.is_some() {
        return zone;
    }
    match rules_of_definition(wire) {
        Some(rules) => {
            let mut custom = CustomZone::new(rules);
            if let Some(name) = &wire.name {
                custom = custom.named(name);
            }
            zone.with_custom(custom)
        }
        None => match wire.name.as_deref().and_then(of_shown_name) {
            Some(named) if zone.wire.is_none() => named,
            _ => zone,
        },
    }
}

/// The rules a definition ends with: one offset, or a change to daylight time and one back.
fn rules_of_definition(wire: &TimeZoneDefinition) -> Option<ZoneRules> {
    let bias = |id: &str| {
        let period = wire.periods.iter().find(|period| period.id == id)?;
        bias_minutes(period.bias)
    };
    let last = wire.transitions.last()?;
    let group = wire
        .transitions_groups
        .iter()
        .find(|group| group.id == last.to.value);
    let Some(group) = group else {
        return Some(ZoneRules::fixed(bias(&last.to.value)?));
    };
    match group.transitions.as_slice() {
        [only] => Some(ZoneRules::fixed(bias(&only.to.value)?)),
        [one, other] => {
            let (a, b) = (bias(&one.to.value)?, bias(&other.to.value)?);
            // The larger bias is standard time.
            let (standard, daylight) = if a >= b { (one, other) } else { (other, one) };
            let standard_bias = a.max(b);
            Some(ZoneRules::fixed(standard_bias).with_changes(
                ZoneRule::new(
                    a.min(b).checked_sub(standard_bias)?,
                    change_day(daylight)?,
                    clock(daylight)?,
                ),
                ZoneRule::new(0, change_day(standard)?, clock(standard)?),
            ))
        }
        _ => None,
    }
}

/// The bias of a zone in minutes; `None` for what no zone on Earth can have.
fn bias_minutes(bias: TimeDelta) -> Option<i32> {
    within_a_day(i32::try_from(bias.num_minutes()).ok()?)
}

fn within_a_day(minutes: i32) -> Option<i32> {
    (-1440..=1440).contains(&minutes).then_some(minutes)
}

fn change_day(transition: &Transition) -> Option<ChangeDay> {
    match &transition.rule {
        TransitionRule::RecurringDay {
            month,
            day_of_week,
            occurrence,
            ..
        } => Some(ChangeDay::Weekday {
            month: u8::try_from(*month).ok()?,
            week: match occurrence {
                -1 => WeekIndex::Last,
                n => WeekIndex::from_number(u8::try_from(*n).ok()?)?,
            },
            weekday: recurrence::weekday(day_of_week)?,
        }),
        _ => None,
    }
}

fn clock(transition: &Transition) -> Option<NaiveTime> {
    match &transition.rule {
        TransitionRule::RecurringDay { time_offset, .. } => {
            let seconds = u32::try_from(time_offset.num_seconds()).ok()?;
            NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0)
        }
        _ => None,
    }
}

fn of_meeting(wire: &MeetingTimeZone) -> Zone {
    let name = wire.time_zone_name.clone().unwrap_or_default();
    let zone = Zone::from_wire(name);
    if zone.tz.is_some() {
        return zone;
    }
    match rules_of_meeting(wire) {
        Some(rules) => zone.with_custom(CustomZone::new(rules)),
        None => zone,
    }
}

fn rules_of_meeting(wire: &MeetingTimeZone) -> Option<ZoneRules> {
    let minutes = bias_minutes;
    let rules = ZoneRules::fixed(minutes(wire.base_offset?)?);
    let rule = |change: &TimeChange| {
        let day = match (&change.relative_yearly_recurrence, change.absolute_date) {
            (Some(yearly), _) => ChangeDay::Weekday {
                month: recurrence::month_number(yearly.month.as_ref()?)?,
                week: recurrence::week(yearly.day_of_week_index.as_ref()?)?,
                weekday: recurrence::weekday(yearly.days_of_week.as_ref()?)?,
            },
            (None, Some(date)) => ChangeDay::Date(date),
            (None, None) => return None,
        };
        let at = NaiveTime::parse_from_str(change.time.as_deref()?.get(..8)?, "%H:%M:%S").ok()?;
        Some(ZoneRule::new(minutes(change.offset?)?, day, at))
    };
    let daylight = wire.daylight.as_ref().and_then(rule);
    let standard = wire.standard.as_ref().and_then(rule);
    Some(match daylight.zip(standard) {
        Some((daylight, standard)) => rules.with_changes(daylight, standard),
        None => rules,
    })
}

/// The zone of working hours, which come with rules and without a name.
pub(super) fn of_serializable(wire: &SerializableTimeZone) -> Option<Zone> {
    let rules = ZoneRules::fixed(within_a_day(wire.bias?)?);
    let rule = |change: &SerializableTimeZoneTime| {
        let month = u8::try_from(change.month?)
            .ok()
            .filter(|month| *month > 0)?;
        let day = match change
            .year
            .as_deref()
            .and_then(|year| year.trim().parse().ok())
        {
            Some(year) if year > 0 => ChangeDay::Date(NaiveDate::from_ymd_opt(
                year,
                month.into(),
                u32::try_from(change.day_order?).ok()?,
            )?),
            _ => ChangeDay::Weekday {
                month,
                week: WeekIndex::from_number(u8::try_from(change.day_order?).ok()?)?,
                weekday: recurrence::weekday(change.day_of_week.as_ref()?)?,
            },
        };
        let at = NaiveTime::parse_from_str(change.time.as_deref()?.get(..8)?, "%H:%M:%S").ok()?;
        Some(ZoneRule::new(within_a_day(change.bias?)?, day, at))
    };
    let daylight = wire.daylight_time.as_ref().and_then(rule);
    let standard = wire.standard_time.as_ref().and_then(rule);
    let rules = match daylight.zip(standard) {
        Some((daylight, standard)) => rules.with_changes(daylight, standard),
        None => rules,
    };
    Some(unknown().with_custom(CustomZone::new(rules)))
}

/// The zone to write: by the name the server knows, or with its rules if they are its own.
///
/// # Errors
///
/// A zone Windows has no name for is refused, never guessed.
pub(super) fn to_definition(zone: &Zone, operation: &'static str) -> Result<TimeZoneDefinition> {
    let of_its_own = zone.custom.as_ref().filter(|_| zone.tz.is_none());
    let by_rules = of_its_own.and_then(|custom| definition_of(zone, custom));
    match (by_rules, zone.windows_name()) {
        (Some(definition), _) => Ok(definition),
        (None, Some(name)) => Ok(TimeZoneDefinition::named(name)),
        (None, None) => Err(nameless(zone, operation)),
    }
}

/// What Outlook calls a zone that is none of those of Windows.
const CUSTOM: &str = "Customized Time Zone";

/// A definition with rules, as Exchange 2010 and later take it; `None` for changes on a date, which
/// have no place in it.
fn definition_of(zone: &Zone, custom: &CustomZone) -> Option<TimeZoneDefinition> {
    let (standard, daylight) = ("Standard", "Daylight");
    let period = |id: &str, bias: i32| Period {
        bias: TimeDelta::minutes(bias.into()),
        name: id.to_owned(),
        id: id.to_owned(),
    };
    let to = |kind, value: &str, rule| Transition {
        to: TransitionTarget {
            kind,
            value: value.to_owned(),
        },
        rule,
    };
    let yearly = |id: &str, rule: &ZoneRule| match rule.day {
        ChangeDay::Weekday {
            month,
            week,
            weekday,
        } => {
            let rule = TransitionRule::RecurringDay {
                time_offset: rule.at.signed_duration_since(NaiveTime::MIN),
                month: month.into(),
                day_of_week: recurrence::day(weekday),
                occurrence: week.nth().map_or(-1, i32::from),
            };
            Some(to(TransitionTargetKind::Period, id, rule))
        }
        ChangeDay::Date(_) => None,
    };
    let rules = &custom.rules;
    let mut definition = TimeZoneDefinition::named(zone.wire.as_deref().unwrap_or(CUSTOM));
    definition.name.clone_from(&custom.name);
    let transitions = match &rules.changes {
        None => {
            definition.periods = vec![period(standard, rules.bias_minutes)];
            let always = TransitionRule::Always {};
            vec![to(TransitionTargetKind::Period, standard, always)]
        }
        Some((to_daylight, to_standard)) => {
            let bias = |rule: &ZoneRule| rules.bias_minutes.checked_add(rule.extra_bias_minutes);
            definition.periods = vec![
                period(standard, bias(to_standard)?),
                period(daylight, bias(to_daylight)?),
            ];
            let mut changes = vec![
                yearly(daylight, to_daylight)?,
                yearly(standard, to_standard)?,
            ];
            // In the order of the year, as servers write them.
            changes.sort_by_key(|change| match change.rule {
                TransitionRule::RecurringDay { month, .. } => month,
                _ => 0,
            });
            changes
        }
    };
    definition.transitions_groups = vec![TransitionsGroup {
        id: "0".to_owned(),
        transitions,
    }];
    let always = TransitionRule::Always {};
    definition.transitions = vec![to(TransitionTargetKind::Group, "0", always)];
    Some(definition)
}

fn nameless(zone: &Zone, operation: &'static str) -> Error {
    let which = match zone.tz {
        Some(tz) => format!("Windows has no name for the time zone {tz}, so it cannot be sent"),
        None => "the time zone is not known, so it cannot be sent".to_owned(),
    };
    Error::invalid_argument(operation, which)
        .with_hint("Use a zone from the list of the server (GetServerTimeZones), or UTC.")
}

/// The zone to write by its rules, for Exchange 2007, which knows no names.
pub(super) fn to_meeting(
    zone: &Zone,
    at: DateTime<Utc>,
    operation: &'static str,
) -> Result<MeetingTimeZone> {
    let rules = match (zone.tz, &zone.custom) {
        (Some(tz), _) => timezone::rules_for_year(tz, at.year())
            .map_err(|error| error.with_operation(operation))?,
        (None, Some(custom)) => custom.rules,
        (None, None) => return Err(nameless(zone, operation)),
    };
    let minutes = |minutes: i32| Some(TimeDelta::minutes(minutes.into()));
    let change = |rule: &ZoneRule| {
        let mut change = TimeChange {
            offset: minutes(rule.extra_bias_minutes),
            time: Some(rule.at.format("%H:%M:%S").to_string()),
            ..TimeChange::default()
        };
        match rule.day {
            ChangeDay::Weekday {
                month,
                week,
                weekday,
            } => {
                change.relative_yearly_recurrence = Some(RelativeYearlyChange {
                    days_of_week: Some(recurrence::day(weekday)),
                    day_of_week_index: Some(recurrence::index(week)),
                    month: recurrence::month_name(month),
                });
            }
            ChangeDay::Date(date) => change.absolute_date = Some(date),
        }
        change
    };
    let mut wire = MeetingTimeZone {
        time_zone_name: zone.windows_name().map(str::to_owned),
        base_offset: minutes(rules.bias_minutes),
        ..MeetingTimeZone::default()
    };
    if let Some((daylight, standard)) = &rules.changes {
        wire.standard = Some(change(standard));
        wire.daylight = Some(change(daylight));
    }
    Ok(wire)
}

/// Whether the clock there shows midnight.
pub(super) fn is_midnight(instant: DateTime<Utc>, zone: &Zone) -> bool {
    let local = zone
        .offset_at(instant)
        .and_then(|offset| instant.naive_utc().checked_add_offset(offset));
    local.is_some_and(|local| local.time() == NaiveTime::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exchange_2007_gets_rules_and_gives_them_back() {
        let at = "2026-07-01T00:00:00Z".parse().unwrap();
        for tz in [
            chrono_tz::Europe::Berlin,
            chrono_tz::America::New_York,
            chrono_tz::Asia::Kolkata,
            chrono_tz::Australia::Sydney,
        ] {
            let mut wire = to_meeting(&Zone::from(tz), at, "test").unwrap();
            assert_eq!(of_meeting(&wire).tz, Some(tz));
            wire.time_zone_name = None;
            let zone = of_meeting(&wire);
            for month in 1..=12 {
                let instant = NaiveDate::from_ymd_opt(2026, month, 15).unwrap();
                let instant = instant.and_time(NaiveTime::MIN).and_utc();
                assert_eq!(
                    zone.offset_at(instant),
                    Zone::from(tz).offset_at(instant),
                    "{tz} {month}"
                );
            }
        }
    }

    #[test]
    fn a_custom_definition_keeps_its_rules() {
        let period = |id: &str, minutes| Period {
            bias: TimeDelta::minutes(minutes),
            name: id.to_owned(),
            id: id.to_owned(),
        };
        let to = |kind, value: &str| TransitionTarget {
            kind,
            value: value.to_owned(),
        };
        let yearly = |value, month, occurrence| Transition {
            to: to(TransitionTargetKind::Period, value),
            rule: TransitionRule::RecurringDay {
                time_offset: TimeDelta::hours(2),
                month,
                day_of_week: recurrence::day(chrono::Weekday::Sun),
                occurrence,
            },
        };
        let mut wire = TimeZoneDefinition::named("Customized Time Zone");
        wire.periods = vec![period("std", -60), period("dst", -120)];
        wire.transitions_groups = vec![TransitionsGroup {
            id: "0".into(),
            transitions: vec![yearly("dst", 3, -1), yearly("std", 10, -1)],
        }];
        wire.transitions = vec![Transition {
            to: to(TransitionTargetKind::Group, "0"),
            rule: TransitionRule::Always {},
        }];
        let zone = of_definition(&wire);
        assert_eq!(zone.tz, None);
        assert_eq!(zone.wire.as_deref(), Some("Customized Time Zone"));
        let minutes = |text: &str| {
            let offset = zone.offset_at(text.parse().unwrap()).unwrap();
            offset.local_minus_utc() / 60
        };
        assert_eq!(minutes("2026-01-01T00:00:00Z"), 60);
        assert_eq!(minutes("2026-07-01T00:00:00Z"), 120);
    }

    fn rules() -> Vec<ZoneRules> {
        use chrono_tz::{America, Asia, Australia, Europe};
        [
            Europe::Berlin,
            Europe::Dublin,
            America::New_York,
            America::St_Johns,
            Asia::Kolkata,
            Australia::Lord_Howe,
        ]
        .map(|tz| timezone::rules_for_year(tz, 2026).unwrap())
        .to_vec()
    }

    #[test]
    fn rules_of_a_zone_of_ones_own_are_written_back() {
        for rules in rules() {
            for wire in [None, Some("Customized Time Zone"), Some("tzone://ours")] {
                let mut zone = unknown().with_custom(CustomZone::new(rules).named("Ours"));
                zone.wire = wire.map(str::to_owned);
                let written = to_definition(&zone, "test").unwrap();
                let read = of_definition(&written);
                assert_eq!(read.custom, zone.custom, "{written:?}");
                assert_eq!(read.wire.as_deref(), Some(wire.unwrap_or(CUSTOM)));
                // To Exchange 2007 too.
                let at = "2026-07-01T00:00:00Z".parse().unwrap();
                let read = of_meeting(&to_meeting(&zone, at, "test").unwrap());
                assert_eq!(read.custom.unwrap().rules, rules);
            }
        }
    }

    #[test]
    fn a_known_zone_is_written_by_its_name_alone() {
        let written = to_definition(&Zone::from_wire("Tokyo Standard Time"), "test").unwrap();
        assert_eq!(written, TimeZoneDefinition::named("Tokyo Standard Time"));
        let kamchatka = "Kamchatka Standard Time";
        let written = to_definition(&Zone::from_wire(kamchatka), "test").unwrap();
        assert_eq!(written, TimeZoneDefinition::named(kamchatka));
    }

    #[test]
    fn a_name_for_people_says_how_sure_it_is() {
        use crate::timezone::ZoneCertainty;
        let of = |name: &str| {
            let item = CalendarItem {
                time_zone: Some(name.to_owned()),
                ..CalendarItem::default()
            };
            zones(&item).0
        };
        let german = of("(GMT+01:00) Amsterdam, Berlin, Bern, Rom, Stockholm, Wien");
        assert_eq!(german.tz, Some(chrono_tz::Europe::Berlin));
        assert_eq!(german.certainty(), ZoneCertainty::ByRules);
        assert_eq!(german.windows_name(), Some("W. Europe Standard Time"));
        assert_eq!(of("(GMT+01:00) Werk"), unknown());
        assert_eq!(of("Mitteleuropäische Zeit"), unknown());
    }

    #[test]
    fn rules_of_exchange_2007_say_how_sure_they_are() {
        use crate::timezone::ZoneCertainty;
        let at = "2026-07-01T00:00:00Z".parse().unwrap();
        for (name, tz, certainty, candidate) in [
            (
                "W. Europe Standard Time",
                chrono_tz::Europe::Berlin,
                ZoneCertainty::Exact,
                Some(chrono_tz::Europe::Berlin),
            ),
            (
                "(GMT+01:00) Brüssel, Kopenhagen, Madrid, Paris",
                chrono_tz::Europe::Paris,
                ZoneCertainty::ByRules,
                Some(chrono_tz::Europe::Paris),
            ),
            (
                "Mitteleuropäische Zeit",
                chrono_tz::Europe::Berlin,
                ZoneCertainty::Ambiguous,
                None,
            ),
            (
                "",
                chrono_tz::Asia::Kathmandu,
                ZoneCertainty::ByRules,
                Some(chrono_tz::Asia::Kathmandu),
            ),
        ] {
            let mut wire = to_meeting(&Zone::from(tz), at, "test").unwrap();
            wire.time_zone_name = Some(name.to_owned());
            let zone = of_meeting(&wire);
            let found = zone.resolution();
            assert_eq!(
                (found.certainty, found.tz),
                (certainty, candidate),
                "{name}"
            );
            // The instants are right, however sure the name is.
            assert_eq!(zone.offset_at(at), Zone::from(tz).offset_at(at), "{name}");
        }
    }

    #[test]
    fn a_bias_beyond_a_day_is_no_zone() {
        let mut wire = TimeZoneDefinition::named("Customized Time Zone");
        let period = |id: &str, minutes: i32| Period {
            bias: TimeDelta::minutes(minutes.into()),
            name: id.to_owned(),
            id: id.to_owned(),
        };
        let to = |value: &str| Transition {
            to: TransitionTarget {
                kind: TransitionTargetKind::Period,
                value: value.to_owned(),
            },
            rule: TransitionRule::Always {},
        };
        wire.periods = vec![period("a", i32::MAX), period("b", i32::MIN)];
        wire.transitions_groups = vec![TransitionsGroup {
            id: "0".into(),
            transitions: vec![to("a"), to("b")],
        }];
        wire.transitions = vec![to("0")];
        let zone = of_definition(&wire);
        assert_eq!((zone.tz, zone.custom), (None, None));
        let meeting = MeetingTimeZone {
            base_offset: Some(TimeDelta::minutes(i32::MAX.into())),
            ..MeetingTimeZone::default()
        };
        assert_eq!(of_meeting(&meeting).custom, None);
        let hours = SerializableTimeZone {
            bias: Some(i32::MIN),
            ..SerializableTimeZone::default()
        };
        assert_eq!(of_serializable(&hours), None);
    }

    #[test]
    fn whole_days() {
        let zone = Zone::from(chrono_tz::Europe::Berlin);
        let day = |text: &str, zone: &Zone| zone.date_near(text.parse().unwrap()).to_string();
        assert_eq!(day("2026-03-28T23:00:00Z", &zone), "2026-03-29");
        assert_eq!(day("2026-03-29T22:00:00Z", &zone), "2026-03-30");
        // Made where the day began an hour later, read without that zone.
        assert_eq!(day("2026-03-29T00:00:00Z", &zone), "2026-03-29");
        assert_eq!(day("2026-03-28T14:00:00Z", &unknown()), "2026-03-29");
        assert_eq!(day("2026-03-29T08:00:00Z", &unknown()), "2026-03-29");
    }
}
