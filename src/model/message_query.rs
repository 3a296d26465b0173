//! Which messages to list.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    BodyWanted, ConversationId, FolderRef, Importance, MessageLoad, PropertyName, PropertyValue,
    extended_property::check_name, recipient::check_smtp,
};
use crate::error::{Error, Result};

const OPERATION: &str = "list_messages";

/// Which messages to list, in which order, and how much of them.
///
/// ```
/// use exchange_connector::model::{MessageFilter, MessageQuery, WellKnownFolder};
///
/// let unread = MessageQuery::new(WellKnownFolder::Inbox)
///     .filter(MessageFilter::unread().and(MessageFilter::SubjectContains("invoice".into())));
/// assert!(unread.validate().is_ok());
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MessageQuery {
    /// In which folder.
    pub folder: FolderRef,
    /// Which messages of it.
    pub select: MessageSelect,
    /// In which order.
    pub order: MessageOrder,
    /// How much of each.
    pub load: MessageLoad,
    /// How many to a page; `None`: as many as suits the server. The server may give fewer.
    pub page_size: Option<u32>,
}

impl MessageQuery {
    /// All messages of a folder, newest first, in summary.
    pub fn new(folder: impl Into<FolderRef>) -> Self {
        Self {
            folder: folder.into(),
            select: MessageSelect::All,
            order: MessageOrder::NewestFirst,
            load: MessageLoad::summary(),
            page_size: None,
        }
    }

    /// Only those that meet a condition.
    #[must_use]
    pub fn filter(mut self, filter: MessageFilter) -> Self {
        self.select = MessageSelect::Filter(filter);
        self
    }

    /// Only those in which words are found; see [`MessageSelect::Search`].
    #[must_use]
    pub fn search(mut self, words: impl Into<String>) -> Self {
        self.select = MessageSelect::Search(words.into());
        self
    }

    /// Oldest first.
    #[must_use]
    pub fn oldest_first(mut self) -> Self {
        self.order = MessageOrder::OldestFirst;
        self
    }

    /// Sets how much of each is loaded.
    #[must_use]
    pub fn load(mut self, load: MessageLoad) -> Self {
        self.load = load;
        self
    }

    /// Loads everything but the content of attachments.
    #[must_use]
    pub fn full(self) -> Self {
        self.load(MessageLoad::full())
    }

    /// Loads everything, with bodies in this form.
    #[must_use]
    pub fn body(self, body: BodyWanted) -> Self {
        self.load(MessageLoad::full().body(body))
    }

    /// Sets how many come a page at most.
    #[must_use]
    pub fn page_size(mut self, messages: u32) -> Self {
        self.page_size = Some(messages);
        self
    }

    /// Checks what every server refuses.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument): a page of none, an empty search, a condition that says
    /// nothing.
    pub fn validate(&self) -> Result<()> {
        if self.page_size == Some(0) {
            return Err(Error::invalid_argument(OPERATION, "a page has no messages"));
        }
        for name in &self.load.extended {
            check_name(OPERATION, name)?;
        }
        match &self.select {
            MessageSelect::All => Ok(()),
            MessageSelect::Filter(filter) => filter.validate(0),
            MessageSelect::Search(words) if words.trim().is_empty() => Err(
                Error::invalid_argument(OPERATION, "there is nothing to search for"),
            ),
            MessageSelect::Search(_) => Ok(()),
        }
    }
}

/// Which messages of a folder. A condition and a search exclude each other on every server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MessageSelect {
    /// All.
    All,
    /// Those that meet the condition: exactly, all of them, in order.
    Filter(MessageFilter),
    /// Those in which the content index finds the words: as well as it can, not more than some hundred, and not the
    /// newest before the index knows them. See [`Feature::ContentSearch`](crate::Feature::ContentSearch).
    ///
    /// Understood by all servers: words, phrases in quotes, `AND`, `OR`, `NOT`, and `subject:`, `from:`, `to:`, `cc:`,
    /// `body:`, `attachment:`, `hasattachment:`, `received:` before a word. EWS `QueryString` (AQS), Exchange 2010;
    /// Graph `$search` (KQL).
    Search(String),
}

/// In which order to list messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MessageOrder {
    /// What arrived last comes first.
    #[default]
    NewestFirst,
    /// What arrived first comes first.
    OldestFirst,
}

/// A condition that messages meet or do not. Texts are compared without regard to the case of letters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MessageFilter {
    /// All of these are met.
    All(Vec<Self>),
    /// One of these is met, or several.
    Any(Vec<Self>),
    /// This is not met.
    Not(Box<Self>),
    /// The author's mail address is this one.
    ///
    /// EWS names people of the organisation in another way, by which they are looked up; if the connector was built not
    /// to do that, they do not meet it.
    From(String),
    /// This mail address is among the recipients, in whatever role.
    ///
    /// No server can search for it, so the recipients of all messages that meet the rest are read.
    To(String),
    /// The subject has this in it.
    SubjectContains(String),
    /// The subject is this, prefixes such as `RE:` included.
    SubjectIs(String),
    /// The text of the body has this in it.
    BodyContains(String),
    /// It arrived at this time or later.
    ReceivedFrom(DateTime<Utc>),
    /// It arrived before this time.
    ReceivedBefore(DateTime<Utc>),
    /// It was sent at this time or later.
    SentFrom(DateTime<Utc>),
    /// It was sent before this time.
    SentBefore(DateTime<Utc>),
    /// It was changed at this time or later.
    ModifiedFrom(DateTime<Utc>),
    /// It was read, or not.
    IsRead(bool),
    /// It was never sent, or was.
    IsDraft(bool),
    /// It has a follow-up flag that is not done with, or has none such.
    IsFlagged(bool),
    /// Something is attached that is not part of the body, or nothing is.
    HasAttachments(bool),
    /// It is that important.
    Importance(Importance),
    /// It has this category.
    Category(String),
    /// Its `Message-ID` header is this one, with its angle brackets; compared with regard to case.
    InternetMessageId(String),
    /// It belongs to this conversation. EWS: Exchange 2010.
    Conversation(ConversationId),
    /// It has so many bytes or more.
    SizeFrom(u64),
    /// It has fewer bytes.
    SizeBelow(u64),
    /// This MAPI property has this value.
    Extended(PropertyName, PropertyValue),
}

/// How deep conditions may lie in each other.
const MOST_LEVELS: usize = 16;

impl MessageFilter {
    /// It was not read.
    pub fn unread() -> Self {
        Self::IsRead(false)
    }

    /// Both are met.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match self {
            Self::All(mut all) => {
                all.push(other);
                Self::All(all)
            }
            one => Self::All(vec![one, other]),
        }
    }

    /// One of the two is met, or both.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match self {
            Self::Any(mut any) => {
                any.push(other);
                Self::Any(any)
            }
            one => Self::Any(vec![one, other]),
        }
    }

    /// This is not met.
    #[must_use]
    #[expect(clippy::should_implement_trait, reason = "as and, or")]
    pub fn not(self) -> Self {
        Self::Not(Box::new(self))
    }

    fn validate(&self, level: usize) -> Result<()> {
        let refuse = |problem: String| Err(Error::invalid_argument(OPERATION, problem));
        if level > MOST_LEVELS {
            return refuse(format!(
                "conditions lie deeper than {MOST_LEVELS} levels in each other"
            ));
        }
        match self {
            Self::All(list) | Self::Any(list) => {
                if list.is_empty() {
                    return refuse("a list of conditions is empty".to_owned());
                }
                list.iter().try_for_each(|one| one.validate(level + 1))
            }
            Self::Not(one) => one.validate(level + 1),
            Self::From(address) => check_smtp(OPERATION, "author", address),
            Self::To(address) => check_smtp(OPERATION, "recipient", address),
            Self::SubjectContains(text)
            | Self::BodyContains(text)
            | Self::Category(text)
            | Self::InternetMessageId(text)
                if text.trim().is_empty() =>
            {
                refuse("a text to look for is empty".to_owned())
            }
            Self::Extended(name, _) => check_name(OPERATION, name),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::WellKnownFolder;

    #[test]
    fn what_says_nothing_is_refused() {
        let inbox = || MessageQuery::new(WellKnownFolder::Inbox);
        assert!(inbox().validate().is_ok());
        let mut deep = MessageFilter::unread();
        for _ in 0..=MOST_LEVELS {
            deep = deep.not();
        }
        for wrong in [
            inbox().page_size(0),
            inbox().search(" "),
            inbox().filter(MessageFilter::All(Vec::new())),
            inbox().filter(MessageFilter::Category(String::new()).or(MessageFilter::unread())),
            inbox().filter(MessageFilter::From("Ada".into())),
            inbox().filter(deep),
        ] {
            assert!(wrong.validate().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn filters_survive_storage() {
        let filter = MessageFilter::unread()
            .and(MessageFilter::HasAttachments(true))
            .and(MessageFilter::Importance(Importance::High).not());
        let stored = serde_json::to_string(&filter).unwrap();
        let expected =
            r#"{"all":[{"is_read":false},{"has_attachments":true},{"not":{"importance":"high"}}]}"#;
        assert_eq!(stored, expected);
        assert_eq!(
            serde_json::from_str::<MessageFilter>(&stored).unwrap(),
            filter
        );
    }
}
