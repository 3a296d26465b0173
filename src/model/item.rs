//! What items of every kind have in common, and how they are asked for, changed and removed.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// How much of an item to load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Projection {
    /// What a list gives on every server and version.
    #[default]
    Summary,
    /// Everything but the content of attachments. On EWS a list then costs one more request a page.
    Full,
}

/// How important an item is. Unknown values read as `Normal`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Importance {
    /// Of little importance.
    Low,
    /// Neither.
    #[default]
    Normal,
    /// Of great importance.
    High,
}

/// Whom an item concerns. Unknown values read as `Private`, so that nothing is shown that should not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Sensitivity {
    /// No restriction.
    #[default]
    Normal,
    /// Of a personal nature.
    Personal,
    /// Its details are hidden from others.
    Private,
    /// To be treated as confidential.
    Confidential,
}

/// How a time is taken. Unknown values read as `NoData`.
///
/// Ordered by strength: of several items at the same time the greatest counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FreeBusyStatus {
    /// Nothing is known. Graph `unknown`.
    NoData,
    /// Free.
    Free,
    /// Working, but not at the usual place. EWS: Exchange 2013.
    WorkingElsewhere,
    /// Perhaps taken.
    Tentative,
    /// Taken.
    Busy,
    /// Away.
    OutOfOffice,
}

/// Category names of an item. Their colours belong to the mailbox, not to the item.
pub type Categories = BTreeSet<String>;

/// MS-OXCICAL 2.1.3.1.1.20.3: longer names are cut off, in UTF-16 code units.
const CATEGORY_UNITS: usize = 255;
/// MS-OXCICAL 2.1.3.1.1.20.3: what separates names, so that a name with one in it would come back as two.
const CATEGORY_SEPARATORS: [char; 5] = [',', ';', '\u{61b}', '\u{fe54}', '\u{ff1b}'];

/// Checks that the names come back as they are, and that none is there twice: Exchange compares them without regard to
/// the case of letters.
pub(super) fn check_categories(operation: &'static str, categories: &Categories) -> Result<()> {
    let mut seen = BTreeSet::new();
    for name in categories {
        let problem = if name.trim().is_empty() {
            "a category name is empty".to_owned()
        } else if name.trim() != name {
            format!("the category name {name:?} begins or ends with a space")
        } else if name.encode_utf16().count() > CATEGORY_UNITS {
            format!("the category name {name:?} has more than {CATEGORY_UNITS} characters")
        } else if let Some(found) = name
            .chars()
            .find(|c| CATEGORY_SEPARATORS.contains(c) || c.is_control())
        {
            format!("the category name {name:?} has the character {found:?} in it")
        } else if !seen.insert(name.to_lowercase()) {
            format!("the category name {name:?} is there twice")
        } else {
            continue;
        };
        return Err(Error::invalid_argument(operation, problem));
    }
    Ok(())
}

/// What becomes of a deleted item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DeleteMode {
    /// It goes to the Deleted Items folder. EWS `MoveToDeletedItems`.
    #[default]
    Trash,
    /// It goes to the Recoverable Items, from where the user can take it back for some days. EWS `SoftDelete`.
    Recoverable,
    /// It is removed for good. EWS `HardDelete`; see [`Feature::PermanentDelete`](crate::Feature::PermanentDelete).
    Permanent,
}

/// Who is told about a change to a meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Notify {
    /// What Exchange Online does by itself: nobody about what only the organiser sees, the attendees who were added or
    /// removed when only they changed, otherwise all.
    #[default]
    Auto,
    /// All attendees, in any case. Graph: [`Unsupported`](crate::ErrorKind::Unsupported) where it would not do so by
    /// itself.
    All,
    /// Nobody. Graph: [`Unsupported`](crate::ErrorKind::Unsupported) unless there is nobody to tell; see
    /// [`Feature::SilentMeetingChange`](crate::Feature::SilentMeetingChange).
    Nobody,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stronger_status_is_greater() {
        use FreeBusyStatus::*;
        let mut all = [Busy, NoData, OutOfOffice, Tentative, Free, WorkingElsewhere];
        all.sort();
        assert_eq!(
            all,
            [NoData, Free, WorkingElsewhere, Tentative, Busy, OutOfOffice]
        );
    }

    #[test]
    fn category_names() {
        let check = |names: &[&str]| {
            check_categories("t", &names.iter().map(|name| (*name).to_owned()).collect())
        };
        assert!(check(&["Grüne Kategorie", "red", &"ä".repeat(255)]).is_ok());
        for bad in [
            "",
            " ",
            " a",
            "a,b",
            "a;b",
            "a\u{ff1b}b",
            "a\nb",
            &"x".repeat(256),
            &"😀".repeat(128),
        ] {
            assert!(check(&[bad]).is_err(), "{bad:?}");
        }
        assert!(check(&["Red", "red"]).is_err());
    }
}
