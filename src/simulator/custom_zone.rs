//! Zones that come with rules and without a name Windows knows.
//!
//! An item keeps a zone by its rules, so that what is stored is the zone of Windows with the same
//! ones, under the name that came with them.

use chrono::{Datelike as _, NaiveTime, Utc, Weekday};
use roxmltree::Node;

use super::request::Element as _;
use super::serializable_zone::{SerializableZone, YearlyChange};
use super::zone::{self, Zone};

/// What Exchange calls a zone nobody named.
const NAMELESS: &str = "Customized Time Zone";

/// The zone of a `MeetingTimeZone` with rules.
pub(super) fn of_meeting(node: Node<'_, '_>) -> Option<Zone> {
    let bias = minutes(node.text_of("BaseOffset")?)?;
    let change = |name: &str| -> Option<YearlyChange> {
        let node = node.child(name)?;
        let day = node.child("RelativeYearlyRecurrence")?;
        Some(YearlyChange {
            bias: minutes(node.text_of("Offset")?)?,
            month: zone::month(day.text_of("Month")?)?,
            order: match day.text_of("DayOfWeekIndex")? {
                "First" => 1,
                "Second" => 2,
                "Third" => 3,
                "Fourth" => 4,
                _ => 5,
            },
            weekday: zone::weekday(day.text_of("DaysOfWeek")?)?,
            time: node.text_of("Time")?.parse().ok()?,
        })
    };
    let rules = SerializableZone {
        bias,
        standard: change("Standard").unwrap_or_else(none),
        daylight: change("Daylight").unwrap_or_else(none),
    };
    like(&rules, node.attribute("TimeZoneName"))
}

/// The zone of a definition with one group of transitions.
pub(super) fn of_definition(node: Node<'_, '_>) -> Option<Zone> {
    let periods = node.child("Periods")?;
    let bias = |id: &str| {
        let mut periods = periods.elements();
        let period = periods.find(|period| period.attribute("Id") == Some(id))?;
        minutes(period.attribute("Bias")?)
    };
    let transitions = node.child("TransitionsGroups")?.first()?;
    let mut changes = Vec::new();
    for transition in transitions.elements() {
        let bias = bias(transition.text_of("To")?)?;
        let Some(offset) = transition.text_of("TimeOffset") else {
            let rules = SerializableZone {
                bias,
                standard: none(),
                daylight: none(),
            };
            return like(&rules, node.attribute("Id"));
        };
        let after_midnight = u32::try_from(minutes(offset)?).ok()?;
        changes.push(YearlyChange {
            bias,
            month: transition.text_of("Month")?.parse().ok()?,
            order: match transition.text_of("Occurrence")? {
                "-1" => 5,
                number => number.parse().ok()?,
            },
            weekday: zone::weekday(transition.text_of("DayOfWeek")?)?,
            time: NaiveTime::from_num_seconds_from_midnight_opt(after_midnight * 60, 0)?,
        });
    }
    changes.sort_by_key(|change| -change.bias);
    let [standard, daylight] = <[YearlyChange; 2]>::try_from(changes).ok()?;
    let base = standard.bias;
    let relative = |change: YearlyChange| YearlyChange {
        bias: change.bias - base,
        ..change
    };
    let rules = SerializableZone {
        bias: base,
        standard: relative(standard),
        daylight: relative(daylight),
    };
    like(&rules, node.attribute("Id"))
}

/// The zone of Windows with these rules this year, under another name.
fn like(rules: &SerializableZone, name: Option<&str>) -> Option<Zone> {
    let year = Utc::now().year();
    let mut zones = Zone::all().into_iter();
    let found = zones.find(|zone| SerializableZone::of(zone, year) == *rules)?;
    let name = name.filter(|name| !name.is_empty()).unwrap_or(NAMELESS);
    Some(Zone {
        id: name.to_owned(),
        tz: found.tz,
    })
}

fn none() -> YearlyChange {
    YearlyChange {
        bias: 0,
        month: 0,
        order: 0,
        weekday: Weekday::Sun,
        time: NaiveTime::MIN,
    }
}

/// Minutes of a duration such as `-PT1H30M`.
fn minutes(text: &str) -> Option<i64> {
    let text = text.trim();
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let text = text.strip_prefix('P')?;
    let text = text
        .strip_prefix("0D")
        .unwrap_or(text)
        .strip_prefix('T')
        .unwrap_or("");
    let mut number = String::new();
    let mut sum = 0;
    for letter in text.chars() {
        let unit = match letter {
            'H' => 60.0,
            'M' => 1.0,
            'S' => 1.0 / 60.0,
            digit => {
                number.push(digit);
                continue;
            }
        };
        // Seconds may have a fraction.
        let value: f64 = std::mem::take(&mut number).parse().ok()?;
        sum += (value * unit) as i64;
    }
    Some(sign * sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, expected) in [
            ("PT0S", Some(0)),
            ("-PT1H", Some(-60)),
            ("PT3H30M", Some(210)),
            ("PT120M", Some(120)),
            ("P0DT2H0M0.0S", Some(120)),
            ("1 hour", None),
        ] {
            assert_eq!(minutes(text), expected, "{text}");
        }
    }
}
