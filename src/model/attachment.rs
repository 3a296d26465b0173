//! What is attached to an item.

use std::fmt;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::AttachmentId;
use crate::error::{Error, Result};
use crate::stream::Upload;

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

/// A file to attach.
///
/// ```
/// use exchange_connector::model::NewAttachment;
///
/// let agenda = NewAttachment::new("agenda.txt", "1. Welcome").content_type("text/plain");
/// assert_eq!(agenda.content.len(), 10);
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NewAttachment {
    /// The file name.
    pub name: String,
    /// The media type; `None`: as the server sees it from the name.
    pub content_type: Option<String>,
    /// It is part of the body, which shows it by its [`content_id`](Self::content_id). EWS: Exchange 2010.
    pub is_inline: bool,
    /// What the body calls it: `cid:` and this.
    pub content_id: Option<String>,
    /// What is in the file.
    #[serde(with = "in_base64")]
    pub content: Bytes,
}

impl NewAttachment {
    /// A file of this name with this in it.
    pub fn new(name: impl Into<String>, content: impl Into<Bytes>) -> Self {
        Self {
            name: name.into(),
            content_type: None,
            is_inline: false,
            content_id: None,
            content: content.into(),
        }
    }

    /// Sets the media type.
    #[must_use]
    pub fn content_type(mut self, media_type: impl Into<String>) -> Self {
        self.content_type = Some(media_type.into());
        self
    }

    /// Makes it part of the body, which shows it as `cid:` and this id.
    #[must_use]
    pub fn inline(mut self, content_id: impl Into<String>) -> Self {
        self.is_inline = true;
        self.content_id = Some(content_id.into());
        self
    }

    /// Checks what every server refuses.
    pub(super) fn validate(&self, operation: &'static str) -> Result<()> {
        let name = &self.name;
        if name.trim().is_empty() || name.contains(char::is_control) {
            let problem = format!("an attachment cannot be called {name:?}");
            return Err(Error::invalid_argument(operation, problem));
        }
        for (what, value) in [
            ("media type", &self.content_type),
            ("content id", &self.content_id),
        ] {
            let is_wrong =
                |text: &String| text.trim().is_empty() || text.contains(char::is_control);
            if value.as_ref().is_some_and(is_wrong) {
                let problem = format!("the {what} of the attachment {name:?} is none");
                return Err(Error::invalid_argument(operation, problem));
            }
        }
        if self.is_inline && self.content_id.is_none() {
            let problem = format!(
                "the attachment {name:?} is part of the body, but has no content id by which the body could show it"
            );
            return Err(Error::invalid_argument(operation, problem));
        }
        Ok(())
    }
}

/// A file to attach whose content is read while it is sent, so that any size takes little memory.
///
/// ```
/// use exchange_connector::model::AttachmentUpload;
///
/// let small = AttachmentUpload::new("notes.txt", "1. Welcome").content_type("text/plain");
/// assert_eq!(small.content.len(), 10);
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct AttachmentUpload {
    /// The file name.
    pub name: String,
    /// The media type; `None`: as the server sees it from the name.
    pub content_type: Option<String>,
    /// It is part of the body, which shows it by its [`content_id`](Self::content_id). EWS: Exchange 2010.
    pub is_inline: bool,
    /// What the body calls it: `cid:` and this.
    pub content_id: Option<String>,
    /// What is in the file.
    pub content: Upload,
}

impl AttachmentUpload {
    /// A file of this name with this in it.
    pub fn new(name: impl Into<String>, content: impl Into<Upload>) -> Self {
        Self {
            name: name.into(),
            content_type: None,
            is_inline: false,
            content_id: None,
            content: content.into(),
        }
    }

    /// Sets the media type.
    #[must_use]
    pub fn content_type(mut self, media_type: impl Into<String>) -> Self {
        self.content_type = Some(media_type.into());
        self
    }

    /// Makes it part of the body, which shows it as `cid:` and this id.
    #[must_use]
    pub fn inline(mut self, content_id: impl Into<String>) -> Self {
        self.is_inline = true;
        self.content_id = Some(content_id.into());
        self
    }

    /// Checks what every server refuses, so that it is found before anything is sent.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument), which says what is wrong.
    pub fn validate(&self) -> Result<()> {
        let described = NewAttachment {
            name: self.name.clone(),
            content_type: self.content_type.clone(),
            is_inline: self.is_inline,
            content_id: self.content_id.clone(),
            content: Bytes::new(),
        };
        described.validate("add_attachment")
    }
}

impl From<NewAttachment> for AttachmentUpload {
    fn from(file: NewAttachment) -> Self {
        Self {
            name: file.name,
            content_type: file.content_type,
            is_inline: file.is_inline,
            content_id: file.content_id,
            content: Upload::Bytes(file.content),
        }
    }
}

impl fmt::Debug for NewAttachment {
    /// Without the content.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewAttachment")
            .field("name", &self.name)
            .field("content_type", &self.content_type)
            .field("is_inline", &self.is_inline)
            .field("content_id", &self.content_id)
            .field("bytes", &self.content.len())
            .finish()
    }
}

mod in_base64 {
    use base64::{Engine, engine::general_purpose::STANDARD};
    use bytes::Bytes;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(bytes: &Bytes, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(&STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Bytes, D::Error> {
        let text = String::deserialize(from)?;
        STANDARD
            .decode(text)
            .map(Bytes::from)
            .map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_attachment_survives_storage_and_is_not_shown() {
        let file = NewAttachment::new("a.bin", vec![0_u8, 255, 7]).inline("logo");
        let stored = serde_json::to_string(&file).unwrap();
        assert!(stored.contains(r#""content":"AP8H""#), "{stored}");
        assert_eq!(
            serde_json::from_str::<NewAttachment>(&stored).unwrap(),
            file
        );
        assert!(format!("{file:?}").contains("bytes: 3"));
        let mut homeless = file.clone();
        homeless.content_id = None;
        for wrong in [
            NewAttachment::new(" ", ""),
            NewAttachment::new("a\n", ""),
            file.clone().content_type(" "),
            file.clone().inline("a\nb"),
            homeless,
        ] {
            assert!(wrong.validate("t").is_err(), "{wrong:?}");
        }
        assert!(file.validate("t").is_ok());
    }
}
