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

/// The most characters a category name has: PidNameKeywords (MS-OXPROPS 2.430) takes fewer than 256.
const CATEGORY_CHARACTERS: usize = 255;

/// A category name must not be empty or too long. Outlook separates names by commas and semicolons, so a name with one
/// would come back as two.
pub(super) fn check_category(operation: &'static str, name: &str) -> Result<()> {
    let problem = if name.trim().is_empty() {
        "a category name is empty".to_owned()
    } else if name.chars().count() > CATEGORY_CHARACTERS {
        format!("a category name has more than {CATEGORY_CHARACTERS} characters")
    } else if let Some(found) = name
        .chars()
        .find(|c| matches!(c, ',' | ';') || c.is_control())
    {
        format!("the category name {name:?} has the character {found:?} in it")
    } else {
        return Ok(());
    };
    Err(Error::invalid_argument(operation, problem))
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
        assert!(check_category("t", "Grüne Kategorie").is_ok());
        assert!(check_category("t", &"ä".repeat(255)).is_ok());
        for bad in ["", " ", "a,b", "a;b", "a\nb", &"x".repeat(256)] {
            assert!(check_category("t", bad).is_err(), "{bad:?}");
        }
    }
}
