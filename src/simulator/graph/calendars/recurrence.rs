//! `patternedRecurrence`: patterns of Graph and of the store.

use chrono::{NaiveDate, Weekday};
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::refusal::GraphRefusal;
use super::clock;
use crate::simulator::item::Item;
use crate::simulator::recurrence::{DayGroup, End, Index, Pattern, Recurrence};
use crate::simulator::zone::{weekday, weekday_name};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PatternedRecurrence {
    pattern: RecurrencePattern,
    range: RecurrenceRange,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RecurrencePattern {
    #[serde(rename = "type")]
    kind: String,
    interval: u32,
    #[serde(default)]
    month: Option<u32>,
    #[serde(default)]
    day_of_month: Option<u32>,
    #[serde(default)]
    days_of_week: Option<Vec<String>>,
    #[serde(default)]
    first_day_of_week: Option<String>,
    #[serde(default)]
    index: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RecurrenceRange {
    #[serde(rename = "type")]
    kind: String,
    start_date: String,
    #[serde(default)]
    end_date: Option<String>,
    #[serde(default)]
    recurrence_time_zone: Option<String>,
    #[serde(default)]
    number_of_occurrences: Option<u32>,
}

fn invalid(what: &str) -> GraphRefusal {
    GraphRefusal::new(
        400,
        "ErrorPropertyValidationFailure",
        format!("At least one property failed validation: the recurrence's {what}."),
    )
}

impl PatternedRecurrence {
    /// The pattern for the store. `start` is the day that the event starts on.
    pub(super) fn read(&self, start: NaiveDate) -> Result<Recurrence, GraphRefusal> {
        if let Some(name) = self.range.recurrence_time_zone.as_deref()
            && !name.is_empty()
        {
            clock::zone(name)?;
        }
        let recurrence = Recurrence {
            pattern: self.pattern.read()?,
            start: day(&self.range.start_date).ok_or_else(|| invalid("startDate"))?,
            end: self.range.end()?,
        };
        if recurrence.start != start {
            return Err(invalid("startDate, which is not that of the event"));
        }
        if recurrence.dates().next().is_none() {
            return Err(GraphRefusal::new(
                400,
                "ErrorRecurrenceHasNoOccurrence",
                "The recurrence has no occurrence.",
            ));
        }
        Ok(recurrence)
    }
}

impl RecurrencePattern {
    fn read(&self) -> Result<Pattern, GraphRefusal> {
        let interval = self.interval;
        // MS-OXOCAL 2.2.1.44.1, `Period`; years are kept as months.
        let longest = match self.kind.as_str() {
            "daily" => 999,
            "absoluteYearly" | "relativeYearly" => 8,
            _ => 99,
        };
        if interval == 0 || interval > longest {
            return Err(invalid("interval"));
        }
        let in_range =
            |number: Option<u32>, most: u32| number.filter(|number| (1..=most).contains(number));
        let day = || in_range(self.day_of_month, 31).ok_or_else(|| invalid("dayOfMonth"));
        let month = || in_range(self.month, 12).ok_or_else(|| invalid("month"));
        // Years are months by the dozen, as the store has them.
        let dozen = |interval: u32| interval * 12;
        Ok(match self.kind.as_str() {
            "daily" => Pattern::Daily { interval },
            "weekly" => Pattern::Weekly {
                interval,
                days: self.days()?,
                first: match self.first_day_of_week.as_deref() {
                    None => Weekday::Sun,
                    Some(name) => day_of_week(name).ok_or_else(|| invalid("firstDayOfWeek"))?,
                },
            },
            "absoluteMonthly" => Pattern::AbsoluteMonthly {
                interval,
                day: day()?,
            },
            "relativeMonthly" => Pattern::RelativeMonthly {
                interval,
                days: DayGroup::of(self.days()?),
                index: self.index()?,
            },
            "absoluteYearly" if interval == 1 => Pattern::AbsoluteYearly {
                month: month()?,
                day: day()?,
            },
            "relativeYearly" if interval == 1 => Pattern::RelativeYearly {
                month: month()?,
                days: DayGroup::of(self.days()?),
                index: self.index()?,
            },
            "absoluteYearly" => Pattern::AbsoluteMonthly {
                interval: dozen(interval),
                day: day()?,
            },
            "relativeYearly" => Pattern::RelativeMonthly {
                interval: dozen(interval),
                days: DayGroup::of(self.days()?),
                index: self.index()?,
            },
            _ => return Err(invalid("type")),
        })
    }

    fn days(&self) -> Result<Vec<Weekday>, GraphRefusal> {
        let names = self.days_of_week.iter().flatten();
        let days: Option<Vec<Weekday>> = names.map(|name| day_of_week(name)).collect();
        days.filter(|days| !days.is_empty())
            .ok_or_else(|| invalid("daysOfWeek"))
    }

    fn index(&self) -> Result<Index, GraphRefusal> {
        let name = self.index.as_deref().unwrap_or("first");
        Index::named(&capital(name)).ok_or_else(|| invalid("index"))
    }
}

impl RecurrenceRange {
    fn end(&self) -> Result<End, GraphRefusal> {
        match self.kind.as_str() {
            "noEnd" => Ok(End::Never),
            "endDate" => {
                let end = self.end_date.as_deref().and_then(day);
                let end = end.ok_or_else(|| invalid("endDate"))?;
                match day(&self.start_date).is_some_and(|start| start <= end) {
                    true => Ok(End::On(end)),
                    false => Err(GraphRefusal::new(
                        400,
                        "ErrorCalendarEndDateIsEarlierThanStartDate",
                        "EndDate is earlier than StartDate.",
                    )),
                }
            }
            "numbered" => self
                .number_of_occurrences
                .filter(|count| (1..=999).contains(count))
                .map(End::After)
                .ok_or_else(|| invalid("numberOfOccurrences")),
            _ => Err(invalid("range")),
        }
    }
}

fn day(text: &str) -> Option<NaiveDate> {
    text.get(..10)?.parse().ok()
}

fn capital(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

fn day_of_week(name: &str) -> Option<Weekday> {
    weekday(&capital(name))
}

/// The recurrence of a series.
pub(in crate::simulator::graph) fn written(item: &Item) -> Value {
    let Some(recurrence) = &item.recurrence else {
        return Value::Null;
    };
    let (kind, end, count) = match recurrence.end {
        End::Never => ("noEnd", None, 0),
        End::On(date) => ("endDate", Some(date), 0),
        End::After(count) => ("numbered", None, count),
    };
    json!({
        "pattern": pattern(recurrence),
        "range": {
            "type": kind,
            "startDate": recurrence.start.to_string(),
            "endDate": end.map_or_else(|| "0001-01-01".to_owned(), |date| date.to_string()),
            "recurrenceTimeZone": clock::own_name(item.start_zone.as_ref()),
            "numberOfOccurrences": count,
        },
    })
}

fn pattern(recurrence: &Recurrence) -> Value {
    let start_month = chrono::Datelike::month(&recurrence.start);
    let yearly = |interval: u32| interval.is_multiple_of(12);
    let parts = match &recurrence.pattern {
        Pattern::Daily { interval } => Parts::new("daily", *interval),
        Pattern::Weekly {
            interval,
            days,
            first,
        } => Parts {
            days: days.clone(),
            first: *first,
            ..Parts::new("weekly", *interval)
        },
        Pattern::AbsoluteMonthly { interval, day } if yearly(*interval) => Parts {
            day: *day,
            month: start_month,
            ..Parts::new("absoluteYearly", interval / 12)
        },
        Pattern::AbsoluteMonthly { interval, day } => Parts {
            day: *day,
            ..Parts::new("absoluteMonthly", *interval)
        },
        Pattern::RelativeMonthly {
            interval,
            days,
            index,
        } => {
            let (kind, interval, month) = match yearly(*interval) {
                true => ("relativeYearly", interval / 12, start_month),
                false => ("relativeMonthly", *interval, 0),
            };
            Parts {
                days: days.days().to_vec(),
                index: *index,
                month,
                ..Parts::new(kind, interval)
            }
        }
        Pattern::AbsoluteYearly { month, day } => Parts {
            day: *day,
            month: *month,
            ..Parts::new("absoluteYearly", 1)
        },
        Pattern::RelativeYearly { month, days, index } => Parts {
            days: days.days().to_vec(),
            index: *index,
            month: *month,
            ..Parts::new("relativeYearly", 1)
        },
    };
    parts.write()
}

/// What `recurrencePattern` always has, whether the type needs it or not.
struct Parts {
    kind: &'static str,
    interval: u32,
    month: u32,
    day: u32,
    days: Vec<Weekday>,
    first: Weekday,
    index: Index,
}

impl Parts {
    fn new(kind: &'static str, interval: u32) -> Self {
        Self {
            kind,
            interval,
            month: 0,
            day: 0,
            days: Vec::new(),
            first: Weekday::Sun,
            index: Index::Nth(0),
        }
    }

    fn write(&self) -> Value {
        let small = |day: Weekday| weekday_name(day).to_lowercase();
        let mut pattern = json!({
            "type": self.kind,
            "interval": self.interval,
            "month": self.month,
            "dayOfMonth": self.day,
            "firstDayOfWeek": small(self.first),
            "index": self.index.name().to_lowercase(),
        });
        if !self.days.is_empty()
            && let Some(pattern) = pattern.as_object_mut()
        {
            let days: Vec<String> = self.days.iter().map(|day| small(*day)).collect();
            pattern.insert("daysOfWeek".to_owned(), days.into());
        }
        pattern
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::item::ItemKind;

    fn round_trip(pattern: Value) -> Value {
        let whole = json!({
            "pattern": pattern,
            "range": {"type": "numbered", "startDate": "2026-03-02", "numberOfOccurrences": 5},
        });
        let read: PatternedRecurrence = serde_json::from_value(whole).unwrap();
        let mut item = Item::new(ItemKind::CalendarItem);
        item.recurrence = Some(read.read("2026-03-02".parse().unwrap()).unwrap());
        written(&item)
    }

    #[test]
    fn patterns_come_back() {
        for pattern in [
            json!({"type": "daily", "interval": 3}),
            json!({"type": "weekly", "interval": 2, "daysOfWeek": ["monday", "friday"], "firstDayOfWeek": "monday"}),
            json!({"type": "absoluteMonthly", "interval": 1, "dayOfMonth": 31}),
            json!({"type": "relativeMonthly", "interval": 1, "daysOfWeek": ["tuesday"], "index": "second"}),
            json!({"type": "absoluteYearly", "interval": 1, "dayOfMonth": 2, "month": 3}),
            json!({"type": "absoluteYearly", "interval": 2, "dayOfMonth": 2, "month": 3}),
            json!({"type": "relativeYearly", "interval": 1, "daysOfWeek": ["monday"], "index": "last", "month": 5}),
        ] {
            let back = round_trip(pattern.clone());
            for (name, value) in pattern.as_object().unwrap() {
                assert_eq!(&back["pattern"][name], value, "{name} of {back}");
            }
            assert_eq!(back["range"]["numberOfOccurrences"], 5);
        }
    }

    #[test]
    fn what_makes_no_series_is_refused() {
        let read = |pattern: Value, range: Value| {
            let read: PatternedRecurrence =
                serde_json::from_value(json!({"pattern": pattern, "range": range})).unwrap();
            read.read("2026-03-02".parse().unwrap()).unwrap_err().status
        };
        let range = json!({"type": "noEnd", "startDate": "2026-03-02"});
        assert_eq!(
            read(json!({"type": "weekly", "interval": 1}), range.clone()),
            400
        );
        assert_eq!(
            read(json!({"type": "hourly", "interval": 1}), range.clone()),
            400
        );
        for (kind, interval) in [("daily", 0), ("daily", 1000), ("absoluteMonthly", 100)] {
            let pattern = json!({"type": kind, "interval": interval, "dayOfMonth": 2});
            assert_eq!(read(pattern, range.clone()), 400);
        }
        let daily = json!({"type": "daily", "interval": 1});
        let other = json!({"type": "noEnd", "startDate": "2026-03-03"});
        assert_eq!(read(daily, other), 400);
    }
}
