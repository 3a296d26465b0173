//! What items of every kind have in common.

use chrono::{DateTime, NaiveDateTime, SecondsFormat, Utc};

use crate::model::{Importance, Sensitivity};

/// A time; nothing where it cannot be read.
pub(in crate::graph) fn instant(text: Option<&String>) -> Option<DateTime<Utc>> {
    let text = text?;
    let time = text.parse::<DateTime<Utc>>();
    // Without a zone it is UTC, as asked for.
    let time = time.or_else(|_| text.parse::<NaiveDateTime>().map(|time| time.and_utc()));
    // What was never set comes as the year 1.
    time.ok()
        .filter(|time| *time > DateTime::<Utc>::UNIX_EPOCH || text.starts_with("19"))
}

/// A time, to be written.
pub(in crate::graph) fn utc(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// Unknown values are normal.
pub(in crate::graph) fn importance(text: Option<&String>) -> Importance {
    let text = text.map(|text| text.to_ascii_lowercase());
    match text.as_deref() {
        Some("low") => Importance::Low,
        Some("high") => Importance::High,
        _ => Importance::Normal,
    }
}

pub(in crate::graph) fn importance_name(importance: Importance) -> &'static str {
    match importance {
        Importance::Low => "low",
        Importance::Normal => "normal",
        Importance::High => "high",
    }
}

/// PidTagSensitivity (MS-OXCMSG 2.2.1.13). Unknown values are private, so that nothing is shown that should not be.
pub(in crate::graph) fn sensitivity(text: Option<&str>) -> Sensitivity {
    match text {
        None | Some("0") => Sensitivity::Normal,
        Some("1") => Sensitivity::Personal,
        Some("3") => Sensitivity::Confidential,
        Some(_) => Sensitivity::Private,
    }
}

/// The same, to be written.
pub(in crate::graph) fn sensitivity_number(sensitivity: Sensitivity) -> &'static str {
    match sensitivity {
        Sensitivity::Normal => "0",
        Sensitivity::Personal => "1",
        Sensitivity::Private => "2",
        Sensitivity::Confidential => "3",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_they_come() {
        let read = |text: &str| instant(Some(&text.to_owned())).map(utc);
        for (text, time) in [
            ("2026-03-02T09:00:00Z", Some("2026-03-02T09:00:00Z")),
            (
                "2026-03-02T09:00:00.1234567Z",
                Some("2026-03-02T09:00:00.123456700Z"),
            ),
            ("2026-03-02T09:00:00.0000000", Some("2026-03-02T09:00:00Z")),
            ("2026-03-02T10:00:00+01:00", Some("2026-03-02T09:00:00Z")),
            ("0001-01-01T00:00:00Z", None),
            ("soon", None),
        ] {
            assert_eq!(read(text).as_deref(), time, "{text}");
        }
    }

    #[test]
    fn whom_an_item_concerns() {
        for one in [
            Sensitivity::Normal,
            Sensitivity::Personal,
            Sensitivity::Private,
            Sensitivity::Confidential,
        ] {
            assert_eq!(sensitivity(Some(sensitivity_number(one))), one);
        }
        assert_eq!(sensitivity(None), Sensitivity::Normal);
        assert_eq!(sensitivity(Some("9")), Sensitivity::Private);
    }
}
