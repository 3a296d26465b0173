//! Follow-up flags.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::graph::wire::{DateTimeTimeZone, FollowupFlag};
use crate::model::FollowUpFlag;

/// The flag of a message.
pub(super) fn flag(wire: Option<&FollowupFlag>) -> FollowUpFlag {
    let Some(wire) = wire else {
        return FollowUpFlag::NotFlagged;
    };
    let status = wire.flag_status.as_deref().unwrap_or_default();
    if status.eq_ignore_ascii_case("flagged") {
        FollowUpFlag::Flagged {
            start: wire.start_date_time.as_ref().and_then(day),
            due: wire.due_date_time.as_ref().and_then(day),
        }
    } else if status.eq_ignore_ascii_case("complete") {
        let on = wire.completed_date_time.as_ref();
        FollowUpFlag::Complete {
            on: on.and_then(time).map(|time| time.date_naive()),
        }
    } else {
        FollowUpFlag::NotFlagged
    }
}

/// In UTC, as asked for.
fn time(wire: &DateTimeTimeZone) -> Option<DateTime<Utc>> {
    let text = wire.date_time.as_deref()?.trim_end_matches('Z');
    text.parse::<NaiveDateTime>()
        .ok()
        .map(|time| time.and_utc())
}

/// Days are kept as midnight in UTC (MS-OXOTASK 2.2.2.2.4), but some programs write the midnight of where they are: the
/// nearest one is meant.
fn day(wire: &DateTimeTimeZone) -> Option<NaiveDate> {
    let noon = time(wire)?.checked_add_signed(TimeDelta::hours(12))?;
    Some(noon.date_naive())
}

/// A flag, to be written: a start without a due date is refused by servers, and so here.
pub(super) fn flag_json(flag: FollowUpFlag, operation: &'static str) -> Result<Value> {
    let midnight =
        |day: NaiveDate| json!({ "dateTime": format!("{day}T00:00:00"), "timeZone": "UTC" });
    Ok(match flag {
        FollowUpFlag::NotFlagged => json!({ "flagStatus": "notFlagged" }),
        FollowUpFlag::Flagged {
            start,
            due: Some(due),
        } => json!({
            "flagStatus": "flagged",
            "startDateTime": midnight(start.unwrap_or(due)),
            "dueDateTime": midnight(due),
        }),
        FollowUpFlag::Flagged {
            start: Some(_),
            due: None,
        } => {
            let problem = "a flag that says from when on must say until when";
            return Err(Error::invalid_argument(operation, problem));
        }
        FollowUpFlag::Flagged { .. } => json!({ "flagStatus": "flagged" }),
        FollowUpFlag::Complete { on: Some(day) } => json!({
            "flagStatus": "complete",
            "completedDateTime": midnight(day),
        }),
        FollowUpFlag::Complete { on: None } => json!({ "flagStatus": "complete" }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_there_and_back() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        for flag in [
            FollowUpFlag::NotFlagged,
            FollowUpFlag::flagged(),
            FollowUpFlag::complete(),
            FollowUpFlag::Complete {
                on: Some(day("2026-03-02")),
            },
            FollowUpFlag::Flagged {
                start: Some(day("2026-03-02")),
                due: Some(day("2026-03-05")),
            },
        ] {
            let wire = serde_json::from_value(flag_json(flag, "t").unwrap()).unwrap();
            assert_eq!(super::flag(Some(&wire)), flag);
        }
        let endless = FollowUpFlag::Flagged {
            start: Some(day("2026-03-02")),
            due: None,
        };
        assert!(flag_json(endless, "t").is_err());
    }

    #[test]
    fn days_of_other_zones() {
        let wire = r#"{"flagStatus":"flagged","dueDateTime":{"dateTime":"2026-03-04T23:00:00.0000000","timeZone":"UTC"}}"#;
        let wire = serde_json::from_str(wire).unwrap();
        let due = "2026-03-05".parse().ok();
        assert_eq!(
            flag(Some(&wire)),
            FollowUpFlag::Flagged { start: None, due }
        );
        let wire = serde_json::from_str(r#"{"flagStatus":"snoozed"}"#).unwrap();
        assert_eq!(flag(Some(&wire)), FollowUpFlag::NotFlagged);
    }
}
