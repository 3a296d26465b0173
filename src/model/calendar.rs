//! Calendars.

use serde::{Deserialize, Serialize};

use super::{CalendarId, Recipient};

/// A calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CalendarInfo {
    /// Its id.
    pub id: CalendarId,
    /// Its name.
    pub name: String,
    /// Whose it is; `None` where the server does not say.
    pub owner: Option<Recipient>,
    /// The mailbox's default calendar.
    pub is_default: bool,
    /// Events in it may be created and changed.
    pub can_edit: bool,
    /// It may be shared with others; `None` where the server does not say (EWS).
    pub can_share: Option<bool>,
    /// The details of private events may be seen.
    pub can_view_private: bool,
    /// Its colour as `#rrggbb`; Graph only.
    pub color: Option<String>,
    /// The Graph calendar group, or the name of the EWS parent folder.
    pub group: Option<String>,
}

impl CalendarInfo {
    /// A calendar of which only this is known: not the default one, read-only.
    pub fn new(id: CalendarId, name: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
            owner: None,
            is_default: false,
            can_edit: false,
            can_share: None,
            can_view_private: false,
            color: None,
            group: None,
        }
    }
}

/// A calendar to work on.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CalendarRef {
    /// The mailbox's default calendar.
    #[default]
    Default,
    /// The calendar with this id.
    Id(CalendarId),
}

impl From<CalendarId> for CalendarRef {
    fn from(id: CalendarId) -> Self {
        Self::Id(id)
    }
}

impl From<&CalendarInfo> for CalendarRef {
    fn from(calendar: &CalendarInfo) -> Self {
        Self::Id(calendar.id.clone())
    }
}
