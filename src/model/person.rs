//! People, groups and rooms, as a directory has them.

use serde::{Deserialize, Serialize};

use super::Recipient;

/// An entry of a directory.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Person {
    /// Name and address.
    pub who: Recipient,
    /// What it is.
    pub kind: PersonKind,
}

impl Person {
    /// An entry of this kind.
    pub fn new(who: Recipient, kind: PersonKind) -> Self {
        Self { who, kind }
    }
}

/// What an entry of a directory is. EWS `MailboxType`; unknown values read as `Unknown`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PersonKind {
    /// Someone, or something, with a mailbox in the organisation.
    Mailbox,
    /// A distribution list or a group.
    Group,
    /// A room.
    Room,
    /// A list of rooms.
    RoomList,
    /// Somebody outside whom the directory knows, or a contact of one's own.
    Contact,
    /// A public folder.
    PublicFolder,
    /// Something else.
    Unknown,
}
