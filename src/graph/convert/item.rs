//! What messages have that Graph has no words for: values of MAPI properties.

use chrono::{DateTime, SecondsFormat, Utc};

use crate::model::Sensitivity;

/// A time to the fraction, to be written.
pub(in crate::graph) fn exact_instant(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// PidTagSensitivity (MS-OXCMSG 2.2.1.13). Unknown values are private, so that nothing is shown that should not be.
pub(super) fn sensitivity(number: Option<&str>) -> Sensitivity {
    match number {
        None | Some("0") => Sensitivity::Normal,
        Some("1") => Sensitivity::Personal,
        Some("3") => Sensitivity::Confidential,
        Some(_) => Sensitivity::Private,
    }
}

/// The same, to be written.
pub(super) fn sensitivity_number(sensitivity: Sensitivity) -> &'static str {
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
