//! Time zones in iCalendar (RFC 5545 section 3.6.5): named, with the rules beside them.

mod read;
mod write;

use chrono::{NaiveDateTime, Weekday};

use crate::model::WeekIndex;

pub(super) use self::{
    read::Zones,
    write::{write, years_of},
};

/// The last year for which everybody knows rules: that of 32-bit clocks. Later changes of law are nobody's to know.
const KNOWN_UNTIL: i32 = 2037;

/// A time from which on a zone has an offset: `STANDARD` or `DAYLIGHT`.
#[derive(Debug, Clone, PartialEq)]
struct Observance {
    is_daylight: bool,
    /// In seconds east of UTC.
    from: i32,
    to: i32,
    /// When it begins, on the clock before.
    start: NaiveDateTime,
    /// Every year on such a day.
    rule: Option<YearlyDay>,
    /// When it begins again otherwise.
    again: Vec<NaiveDateTime>,
}

/// A weekday of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct YearlyDay {
    month: u8,
    week: WeekIndex,
    weekday: Weekday,
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Datelike, NaiveTime, Offset, TimeDelta, TimeZone, Utc};
    use chrono_tz::Tz;

    use super::*;
    use crate::{
        ical::line::{Component, Text},
        model::{ChangeDay, CustomZone, Zone, ZoneRule, ZoneRules},
    };

    fn written(zone: &Zone, years: std::ops::RangeInclusive<i32>) -> Component {
        let mut text = Text::default();
        write(&mut text, zone, "Zone", &years).unwrap();
        let text = format!("BEGIN:VCALENDAR\r\n{}END:VCALENDAR\r\n", text.into_string());
        Component::read_all(&text).unwrap().remove(0)
    }

    /// The offsets from each instant on, by RFC 5545: that of the latest observance that has begun.
    fn offsets(zone: &Component, last: i32) -> Vec<(DateTime<Utc>, i32)> {
        let mut onsets = Vec::new();
        for component in &zone.components[0].components {
            let one = Observance::read(component).unwrap();
            let ruled = one.rule.into_iter().flat_map(|day| {
                (one.start.year()..=last).map(move |year| {
                    ChangeDay::from(day)
                        .in_year(year)
                        .unwrap()
                        .and_time(one.start.time())
                })
            });
            for local in ruled.chain(one.again.iter().copied()).chain([one.start]) {
                onsets.push((
                    (local - TimeDelta::seconds(one.from.into())).and_utc(),
                    one.to,
                ));
            }
        }
        onsets.sort_unstable();
        onsets
    }

    fn check(zone: &Zone, first: i32, last: i32) {
        let onsets = offsets(&written(zone, first..=last), last);
        let start = Utc.with_ymd_and_hms(first + 1, 1, 1, 0, 0, 0).unwrap();
        let hours = i64::from(last - first - 1) * 365 * 24;
        for hour in (0..hours).step_by(59) {
            let instant = start + TimeDelta::hours(hour);
            let (_, offset) = onsets.iter().rfind(|(onset, _)| *onset <= instant).unwrap();
            let expected = zone.offset_at(instant).unwrap().local_minus_utc();
            assert_eq!(*offset, expected, "{zone:?} {instant}");
        }
    }

    #[test]
    fn every_zone_of_the_database() {
        for tz in chrono_tz::TZ_VARIANTS {
            check(&tz.into(), 2022, 2028);
        }
        for tz in [
            Tz::Europe__Moscow,
            Tz::America__New_York,
            Tz::Pacific__Apia,
            Tz::Africa__Casablanca,
        ] {
            check(&tz.into(), 1970, 2040);
        }
    }

    fn custom() -> Zone {
        let rule = |extra, month, week| {
            let day = ChangeDay::Weekday {
                month,
                week,
                weekday: Weekday::Sun,
            };
            ZoneRule::new(extra, day, NaiveTime::from_hms_opt(2, 30, 0).unwrap())
        };
        let rules = ZoneRules::fixed(-345)
            .with_changes(rule(-30, 4, WeekIndex::Second), rule(0, 9, WeekIndex::Last));
        Zone {
            wire: None,
            tz: None,
            custom: Some(Box::new(CustomZone::new(rules).named("Zone"))),
        }
    }

    #[test]
    fn own_rules_come_back() {
        check(&custom(), 2019, 2030);
        let calendar = written(&custom(), 2019..=2021);
        assert_eq!(Zones::new(&[calendar]).get("Zone"), Ok(custom()));
        let fixed = CustomZone::new(ZoneRules::fixed(-90)).named("Zone");
        let fixed = Zone {
            custom: Some(Box::new(fixed)),
            ..custom()
        };
        let calendar = written(&fixed, 2019..=2021);
        assert_eq!(Zones::new(&[calendar]).get("Zone"), Ok(fixed));
    }

    #[test]
    fn rules_of_the_database_are_recognised_as_rules() {
        for tz in [
            Tz::Europe__Berlin,
            Tz::America__New_York,
            Tz::Australia__Sydney,
            Tz::Asia__Tokyo,
        ] {
            let calendar = written(&tz.into(), 2000..=2026);
            let zone = Zones::new(&[calendar]).get("Zone").unwrap();
            for hour in (0..5 * 8_766).step_by(31) {
                let instant =
                    Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap() + TimeDelta::hours(hour);
                let expected = tz.offset_from_utc_datetime(&instant.naive_utc()).fix();
                assert_eq!(zone.offset_at(instant), Some(expected), "{tz} {instant}");
            }
        }
    }

    fn zone(id: &str, definition: &str) -> Result<Zone, String> {
        let text = format!(
            "BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:{id}\n{definition}END:VTIMEZONE\nEND:VCALENDAR\n"
        );
        Zones::new(&Component::read_all(&text).unwrap()).get(id)
    }

    #[test]
    fn names() {
        for (id, tz) in [
            ("Europe/Berlin", Tz::Europe__Berlin),
            ("W. Europe Standard Time", Tz::Europe__Berlin),
            ("/example.org/20260101_1/Europe/Berlin", Tz::Europe__Berlin),
            (
                "/a/America/Argentina/Buenos_Aires",
                Tz::America__Argentina__Buenos_Aires,
            ),
            (
                "(UTC-05:00) Eastern Time (US & Canada)",
                Tz::America__New_York,
            ),
        ] {
            assert_eq!(Zones::default().get(id), Ok(tz.into()), "{id}");
        }
        assert_eq!(
            zone("Somewhere", "X-LIC-LOCATION:Europe/Berlin\n"),
            Ok(Tz::Europe__Berlin.into())
        );
        for id in ["Somewhere", "/Berlin", "/", "//////////", "/Europe", ""] {
            assert!(Zones::default().get(id).is_err(), "{id}");
        }
    }

    #[test]
    fn definitions_that_do_not_say_enough() {
        let part = |name: &str, lines: &str| {
            format!(
                "BEGIN:{name}\nDTSTART:20070101T020000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\n{lines}END:{name}\n"
            )
        };
        for (definition, why) in [
            (String::new(), "no standard time"),
            (part("DAYLIGHT", ""), "no standard time"),
            (
                "BEGIN:STANDARD\nEND:STANDARD\n".to_owned(),
                "no sound DTSTART",
            ),
            (
                part("STANDARD", "").replace("TZOFFSETTO:+0200", "TZOFFSETTO:2"),
                "TZOFFSETTO",
            ),
            (
                part("STANDARD", "").replace("TZOFFSETTO:+0200", "TZOFFSETTO:+020001"),
                "whole minutes",
            ),
            (
                part("STANDARD", "RRULE:FREQ=MONTHLY;BYMONTHDAY=1\n"),
                "one weekday of a month",
            ),
            (
                part("STANDARD", "")
                    + &part("DAYLIGHT", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\n"),
                "how its clocks are set",
            ),
        ] {
            let problem = zone("Somewhere", &definition).unwrap_err();
            assert!(problem.contains(why), "{definition}: {problem}");
        }
        // Summer time that ended for good.
        let ended = part(
            "DAYLIGHT",
            "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU;UNTIL=20100328T010000Z\n",
        ) + &part(
            "STANDARD",
            "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU;UNTIL=20101031T010000Z\n",
        ) + &part("STANDARD", "").replace("2007", "2014");
        let rules = zone("Somewhere", &ended).unwrap().custom.unwrap().rules;
        assert_eq!(rules, ZoneRules::fixed(-120));
    }
}
