//! Messages, as they are read.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{
    Attachment, Body, BodyWanted, Categories, ConversationId, ExtendedProperty, FolderId,
    Importance, ItemKind, MeetingMessage, MessageId, Projection, PropertyName, Recipient,
    Sensitivity, Version,
};

/// A message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Its version.
    pub version: Version,
    /// The folder it is in.
    pub folder_id: Option<FolderId>,
    /// What it is: a mail, or a message about a meeting.
    pub kind: ItemKind,
    /// The subject; empty when there is none.
    pub subject: String,
    /// Who wrote it; a draft may have nobody.
    pub from: Option<Recipient>,
    /// Who sent it: differs from [`from`](Self::from) where somebody sends for another.
    pub sender: Option<Recipient>,
    /// The `Message-ID` header (RFC 5322 section 3.6.4), with its angle brackets.
    pub internet_message_id: Option<String>,
    /// The conversation it belongs to. EWS: Exchange 2010.
    pub conversation_id: Option<ConversationId>,
    /// When it arrived.
    pub received: Option<DateTime<Utc>>,
    /// When it was sent; `None` for a draft.
    pub sent: Option<DateTime<Utc>>,
    /// When it was made in this mailbox.
    pub created: Option<DateTime<Utc>>,
    /// When it was last changed.
    pub last_modified: Option<DateTime<Utc>>,
    /// It was read.
    pub is_read: bool,
    /// It was never sent.
    pub is_draft: bool,
    /// Something is attached that is not part of the body.
    pub has_attachments: bool,
    /// How important it is.
    pub importance: Importance,
    /// Whom it concerns.
    pub sensitivity: Sensitivity,
    /// Its categories.
    pub categories: Categories,
    /// The follow-up flag.
    pub flag: FollowUpFlag,
    /// Its size in bytes as the server counts it.
    pub size: Option<u64>,
    /// With [`Projection::Full`] all the rest.
    pub detail: Option<Box<MessageDetail>>,
}

impl Message {
    /// A mail of which only this is known.
    pub fn new(id: MessageId, version: Version) -> Self {
        Self {
            id,
            version,
            folder_id: None,
            kind: ItemKind::Message,
            subject: String::new(),
            from: None,
            sender: None,
            internet_message_id: None,
            conversation_id: None,
            received: None,
            sent: None,
            created: None,
            last_modified: None,
            is_read: false,
            is_draft: false,
            has_attachments: false,
            importance: Importance::Normal,
            sensitivity: Sensitivity::Normal,
            categories: Categories::new(),
            flag: FollowUpFlag::NotFlagged,
            size: None,
            detail: None,
        }
    }

    /// Everybody it names.
    #[cfg(any(feature = "ews", feature = "graph"))]
    pub(crate) fn people_mut(&mut self) -> impl Iterator<Item = &mut Recipient> {
        let detail = self.detail.iter_mut().flat_map(|detail| {
            let MessageDetail {
                to,
                cc,
                bcc,
                reply_to,
                meeting,
                ..
            } = &mut **detail;
            let meeting = meeting.iter_mut().flat_map(|meeting| &mut meeting.from);
            to.iter_mut()
                .chain(cc)
                .chain(bcc)
                .chain(reply_to)
                .chain(meeting)
        });
        self.from.iter_mut().chain(&mut self.sender).chain(detail)
    }
}

/// What of a message only [`Projection::Full`] has.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MessageDetail {
    /// The text; `None` when there is none. HTML comes without scripts and other active content, unless the connector
    /// was built to leave them; see [`Feature::HtmlSanitised`](crate::Feature::HtmlSanitised).
    pub body: Option<Body>,
    /// The text without what it quotes, if it was [asked for](MessageLoad::unique_body). EWS: Exchange 2010.
    pub unique_body: Option<Body>,
    /// How the text begins, up to 255 characters.
    pub preview: Option<String>,
    /// To whom.
    pub to: Vec<Recipient>,
    /// Who gets a copy.
    pub cc: Vec<Recipient>,
    /// Who gets a copy without the others knowing; only the sender's own copy says so.
    pub bcc: Vec<Recipient>,
    /// Whom to answer, instead of the author.
    pub reply_to: Vec<Recipient>,
    /// The `Message-ID` of the message this one answers.
    pub in_reply_to: Option<String>,
    /// The `References` header: the messages before this one, oldest first.
    pub references: Option<String>,
    /// Where in the conversation it is (PidTagConversationIndex, MS-OXOMSG 2.2.1.3).
    pub conversation_index: Option<Vec<u8>>,
    /// What the conversation is called: the subject without prefixes.
    pub conversation_topic: Option<String>,
    /// The headers it arrived with, in order; none for what was never sent over the Internet.
    pub headers: Vec<(String, String)>,
    /// The sender asks to be told when it is read.
    pub read_receipt_requested: bool,
    /// The sender asks to be told when it is delivered.
    pub delivery_receipt_requested: bool,
    /// What is attached, without the content. Of attached items it is not said here what they are:
    /// [`list_attachments`](crate::AttachmentRead::list_attachments) does.
    pub attachments: Vec<Attachment>,
    /// Where to open it in a browser, as far as the server says so.
    pub web_link: Option<String>,
    /// For a message about a meeting: what it says, and the event it is about.
    pub meeting: Option<Box<MeetingMessage>>,
    /// The MAPI properties that were asked for and are there.
    pub extended: Vec<ExtendedProperty>,
}

/// A follow-up flag. Unknown values read as `NotFlagged`.
///
/// EWS `Flag`, Exchange 2013; before, the MAPI properties it stands for (MS-OXOFLAG). Graph `followupFlag`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FollowUpFlag {
    /// None.
    #[default]
    NotFlagged,
    /// Something is to be done.
    Flagged {
        /// From when on; set to the day it is due where only that is given. Servers refuse it without one.
        start: Option<NaiveDate>,
        /// Until when.
        due: Option<NaiveDate>,
    },
    /// It is done.
    Complete {
        /// Since when.
        on: Option<NaiveDate>,
    },
}

impl FollowUpFlag {
    /// Something is to be done, at no certain time.
    pub fn flagged() -> Self {
        Self::Flagged {
            start: None,
            due: None,
        }
    }

    /// Something is to be done until this day.
    pub fn due(day: NaiveDate) -> Self {
        Self::Flagged {
            start: None,
            due: Some(day),
        }
    }

    /// It is done.
    pub fn complete() -> Self {
        Self::Complete { on: None }
    }
}

/// How much of messages to load.
///
/// ```
/// use exchange_connector::model::{BodyWanted, MessageLoad};
///
/// let as_text = MessageLoad::full().body(BodyWanted::Text);
/// assert!(!as_text.unique_body);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MessageLoad {
    /// How much of each.
    pub projection: Projection,
    /// In what form the bodies, with [`Projection::Full`].
    pub body: BodyWanted,
    /// The text without what it quotes too, with [`Projection::Full`].
    pub unique_body: bool,
    /// Which MAPI properties besides, with [`Projection::Full`].
    pub extended: Vec<PropertyName>,
}

impl MessageLoad {
    /// What a list gives.
    pub fn summary() -> Self {
        Self::default()
    }

    /// Everything but the content of attachments.
    pub fn full() -> Self {
        Self {
            projection: Projection::Full,
            ..Self::default()
        }
    }

    /// Sets in what form the bodies are wanted.
    #[must_use]
    pub fn body(mut self, body: BodyWanted) -> Self {
        self.body = body;
        self
    }

    /// Asks for the text without what it quotes too.
    #[must_use]
    pub fn unique_body(mut self) -> Self {
        self.unique_body = true;
        self
    }

    /// Adds a MAPI property.
    #[must_use]
    pub fn extended(mut self, name: PropertyName) -> Self {
        self.extended.push(name);
        self
    }
}
