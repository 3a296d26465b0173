//! Who takes part in a meeting.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Recipient, ZonedTime};

/// Someone, or something, invited to a meeting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Attendee {
    /// Who.
    pub who: Recipient,
    /// In what role.
    pub role: AttendeeRole,
    /// The answer so far. Only the organiser's copy of a meeting has it.
    pub response: ResponseStatus,
    /// Start and end proposed instead. EWS: Exchange 2013.
    pub proposed: Option<(ZonedTime, ZonedTime)>,
}

impl Attendee {
    /// Someone in a role.
    pub fn new(who: Recipient, role: AttendeeRole) -> Self {
        Self {
            who,
            role,
            response: ResponseStatus::default(),
            proposed: None,
        }
    }

    /// Someone who should come, by SMTP address.
    pub fn required(address: impl Into<String>) -> Self {
        Self::new(Recipient::smtp(address), AttendeeRole::Required)
    }

    /// Someone who may come, by SMTP address.
    pub fn optional(address: impl Into<String>) -> Self {
        Self::new(Recipient::smtp(address), AttendeeRole::Optional)
    }

    /// A room or a piece of equipment, by SMTP address.
    pub fn resource(address: impl Into<String>) -> Self {
        Self::new(Recipient::smtp(address), AttendeeRole::Resource)
    }
}

/// The role of an attendee. EWS keeps a list for each, Graph a `type`; unknown values read as `Required`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AttendeeRole {
    /// Should come.
    Required,
    /// May come.
    Optional,
    /// A room or a piece of equipment.
    Resource,
}

/// An answer to an invitation, and when it was given.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ResponseStatus {
    /// The answer.
    pub response: Response,
    /// When it was given.
    pub at: Option<DateTime<Utc>>,
}

impl ResponseStatus {
    /// An answer given at that time.
    pub fn new(response: Response, at: Option<DateTime<Utc>>) -> Self {
        Self { response, at }
    }
}

/// An answer to an invitation. Unknown values read as `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Response {
    /// Not known, or none was asked for. EWS `Unknown`.
    #[default]
    None,
    /// It is the organiser.
    Organizer,
    /// Perhaps. EWS `Tentative`, Graph `tentativelyAccepted`.
    Tentative,
    /// Yes. EWS `Accept`.
    Accepted,
    /// No. EWS `Decline`.
    Declined,
    /// Not answered yet. EWS `NoResponseReceived`.
    NotResponded,
}
