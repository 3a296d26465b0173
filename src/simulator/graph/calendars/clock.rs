//! Times of events: the reading of a clock, and the name of its zone.

use chrono::{DateTime, NaiveDateTime, NaiveTime, Utc};
use chrono_tz::Tz;
use serde::Deserialize;
use serde_json::{Value, json};
use windows_timezones::WindowsTimezone;

use super::super::refusal::GraphRefusal;
use super::super::request::GraphRequest;
use crate::simulator::item::Item;
use crate::simulator::zone::{Zone, is_within_calendar};

/// A zone that Windows has no name for.
const CUSTOM: &str = "tzone://Microsoft/Custom";

/// `dateTimeTimeZone`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::simulator::graph) struct ZonedClock {
    #[serde(default, rename = "@odata.type")]
    _kind: Option<String>,
    date_time: String,
    #[serde(default)]
    time_zone: Option<String>,
}

impl ZonedClock {
    /// The instant, and the zone that it was given in.
    pub(in crate::simulator::graph) fn read(&self) -> Result<(DateTime<Utc>, Zone), GraphRefusal> {
        let zone = zone(self.time_zone.as_deref().unwrap_or_default())?;
        Ok((instant(&self.date_time, &zone)?, zone))
    }
}

/// An instant; without an offset it is what the clock shows in a zone.
pub(super) fn instant(text: &str, zone: &Zone) -> Result<DateTime<Utc>, GraphRefusal> {
    let text = text.trim();
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Ok(instant.with_timezone(&Utc));
    }
    ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .or_else(|| {
            Some(
                text.parse::<chrono::NaiveDate>()
                    .ok()?
                    .and_time(NaiveTime::MIN),
            )
        })
        .filter(|clock| is_within_calendar(clock.date()))
        .map(|clock| zone.instant(clock))
        .ok_or_else(|| {
            GraphRefusal::new(
                400,
                "ErrorInvalidParameter",
                format!("The value '{text}' is not a date and time."),
            )
        })
}

/// The zone of a Windows name, or of one of the IANA names that Windows knows.
pub(super) fn zone(name: &str) -> Result<Zone, GraphRefusal> {
    if name == "tzone://Microsoft/Utc" {
        return Ok(Zone::utc());
    }
    Zone::windows(name)
        .or_else(|| {
            let zone = WindowsTimezone::try_from(name.parse::<Tz>().ok()?).ok()?;
            Zone::windows(zone.name())
        })
        .ok_or_else(|| {
            GraphRefusal::new(
                400,
                "TimeZoneNotSupportedException",
                format!(
                    "A valid TimeZone value must be specified. The following TimeZone value is not supported: '{name}'."
                ),
            )
        })
}

/// The name of an item's own zone.
pub(super) fn own_name(zone: Option<&Zone>) -> String {
    let known = zone.filter(|zone| Zone::windows(&zone.id).is_some());
    match (zone, known) {
        (Some(_), None) => CUSTOM.to_owned(),
        (_, known) => known.map_or_else(|| "UTC".to_owned(), |zone| zone.id.clone()),
    }
}

/// The clock that a request reads times with: `Prefer: outlook.timezone`, else UTC.
#[derive(Clone, Debug)]
pub(in crate::simulator::graph) struct Clock {
    name: String,
    pub(super) zone: Zone,
}

impl Clock {
    pub(in crate::simulator::graph) fn of(request: &GraphRequest) -> Result<Self, GraphRefusal> {
        let name = request.preference("outlook.timezone").unwrap_or("UTC");
        Ok(Self {
            name: name.to_owned(),
            zone: zone(name)?,
        })
    }

    pub(in crate::simulator::graph) fn write(&self, instant: DateTime<Utc>) -> Value {
        self.written(self.zone.local(instant))
    }

    fn written(&self, clock: NaiveDateTime) -> Value {
        json!({
            "dateTime": clock.format("%Y-%m-%dT%H:%M:%S%.6f0").to_string(),
            "timeZone": self.name,
        })
    }

    /// Start and end of an event. Days are the same days on every clock.
    pub(in crate::simulator::graph) fn span(&self, item: &Item) -> (Value, Value) {
        if !item.is_all_day() {
            return (self.write(item.start()), self.write(item.end()));
        }
        let zone = item.zone();
        let midnight = |instant| {
            let date = zone.local(instant).date();
            self.written(date.and_time(NaiveTime::MIN))
        };
        (midnight(item.start()), midnight(item.end()))
    }
}

/// A timestamp.
pub(super) fn stamp(instant: DateTime<Utc>) -> String {
    instant.format("%Y-%m-%dT%H:%M:%S%.6f0Z").to_string()
}

/// What stands where there was no time.
pub(super) const NEVER: &str = "0001-01-01T00:00:00Z";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_have_windows_and_iana_names() {
        assert_eq!(zone("Europe/Berlin").unwrap().id, "W. Europe Standard Time");
        assert_eq!(zone("UTC").unwrap(), Zone::utc());
        let refusal = zone("Middle/Earth").unwrap_err();
        assert_eq!(refusal.code, "TimeZoneNotSupportedException");
        assert_eq!(zone("").unwrap_err().status, 400);
    }

    #[test]
    fn an_offset_counts_for_more_than_the_zone() {
        let berlin = zone("W. Europe Standard Time").unwrap();
        for (text, expected) in [
            ("2026-03-02T09:00:00", "2026-03-02T08:00:00.0000000Z"),
            (
                "2026-03-02T09:00:00.0000000",
                "2026-03-02T08:00:00.0000000Z",
            ),
            ("2026-03-02T09:00:00-05:00", "2026-03-02T14:00:00.0000000Z"),
            ("2026-03-02", "2026-03-01T23:00:00.0000000Z"),
        ] {
            assert_eq!(stamp(instant(text, &berlin).unwrap()), expected);
        }
        assert_eq!(instant("soon", &berlin).unwrap_err().status, 400);
    }
}
