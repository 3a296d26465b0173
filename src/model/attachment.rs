//! What is attached to an item.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::AttachmentId;

/// An attachment, without its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Attachment {
    /// Its id.
    pub id: AttachmentId,
    /// Its name, usually that of a file.
    pub name: String,
    /// Its media type, such as `application/pdf`.
    pub content_type: Option<String>,
    /// Its size in bytes as the server counts it. EWS: Exchange 2010.
    pub size: Option<u64>,
    /// Shown within the body, not beside it. EWS: Exchange 2010.
    pub is_inline: bool,
    /// When it was last changed. EWS: Exchange 2010.
    pub last_modified: Option<DateTime<Utc>>,
    /// What it is.
    pub kind: AttachmentKind,
}

impl Attachment {
    /// An attachment of which only this is known.
    pub fn new(id: AttachmentId, name: impl Into<String>, kind: AttachmentKind) -> Self {
        Self {
            id,
            name: name.into(),
            content_type: None,
            size: None,
            is_inline: false,
            last_modified: None,
            kind,
        }
    }
}

/// What an attachment is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AttachmentKind {
    /// A file.
    File {
        /// The id by which the body refers to it, as `cid:` URL.
        content_id: Option<String>,
        /// The URL by which the body refers to it.
        content_location: Option<String>,
    },
    /// Another item.
    Item {
        /// What kind of item.
        item: ItemKind,
    },
    /// A link to a file elsewhere. EWS: Exchange 2013.
    Reference {
        /// The link; Graph does not show it.
        url: Option<String>,
    },
}

/// The kind of an attached item. Unknown kinds read as `Other`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ItemKind {
    /// A mail.
    Message,
    /// An event.
    Event,
    /// A contact.
    Contact,
    /// A task.
    Task,
    /// An invitation.
    MeetingRequest,
    /// An answer to an invitation.
    MeetingResponse,
    /// The cancellation of a meeting.
    MeetingCancellation,
    /// Anything else.
    Other,
}
