//! Opaque identifiers that know their backend, and the version of an item.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{
    connector::Backend,
    error::{Error, ErrorKind, Result},
};

macro_rules! opaque_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        ///
        /// Opaque and case-sensitive. Its text form is `ews:<id>` or `graph:<id>`, so that a stored id of one backend
        /// given to the other fails with [`InvalidId`](ErrorKind::InvalidId) before any request.
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name {
            backend: Backend,
            raw: Arc<str>,
        }

        impl $name {
            /// The id as the server of this backend spells it.
            pub fn from_raw(backend: Backend, raw: impl Into<Arc<str>>) -> Self {
                Self { backend, raw: raw.into() }
            }

            /// The backend it belongs to.
            pub fn backend(&self) -> Backend {
                self.backend
            }

            /// The id as the server spells it.
            pub fn as_raw(&self) -> &str {
                &self.raw
            }

            /// The id as the server spells it, for a backend that is about to send it.
            ///
            /// # Errors
            /// [`InvalidId`](ErrorKind::InvalidId) when it is empty or belongs to another backend.
            pub fn require(&self, backend: Backend, operation: &'static str) -> Result<&str> {
                require(stringify!($name), self.backend, &self.raw, backend, operation)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}:{}", self.backend.tag(), self.raw)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl FromStr for $name {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self> {
                let (backend, raw) = untag(text, stringify!($name))?;
                Ok(Self { backend, raw: raw.into() })
            }
        }

        impl TryFrom<String> for $name {
            type Error = Error;

            fn try_from(text: String) -> Result<Self> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }
    )+};
}

opaque_id! {
    /// The id of an event: single, series master, occurrence or exception.
    ///
    /// EWS `ItemId`, which changes when the event is moved; Graph immutable id, which does not.
    EventId,
    /// The id of a calendar.
    ///
    /// EWS: the `FolderId` of a folder of class `IPF.Appointment`.
    CalendarId,
    /// The id of a message.
    ///
    /// EWS `ItemId`, which changes when the message is moved; Graph immutable id, which does not.
    MessageId,
    /// The id of an attachment.
    ///
    /// EWS `AttachmentId`.
    AttachmentId,
    /// The id of a folder. It stays the same when the folder is moved within its mailbox.
    ///
    /// EWS `FolderId`.
    FolderId,
    /// The id of a conversation. Comparable within one backend only.
    ///
    /// EWS `ConversationId`, Exchange 2010; Graph `conversationId`.
    ConversationId,
    /// The id of an inbox rule.
    ///
    /// EWS `RuleId`, Exchange 2010 SP1; Graph `messageRule` id.
    RuleId,
}

/// An event or a message, where either will do.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ItemRef {
    /// An event in a calendar.
    Event(EventId),
    /// A message, such as an invitation in the Inbox.
    Message(MessageId),
}

impl ItemRef {
    /// The id as the server spells it, for a backend that is about to send it.
    ///
    /// # Errors
    /// [`InvalidId`](ErrorKind::InvalidId) when it is empty or belongs to another backend.
    pub fn require(&self, backend: Backend, operation: &'static str) -> Result<&str> {
        match self {
            Self::Event(id) => id.require(backend, operation),
            Self::Message(id) => id.require(backend, operation),
        }
    }
}

impl fmt::Display for ItemRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Event(id) => id.fmt(f),
            Self::Message(id) => id.fmt(f),
        }
    }
}

impl From<EventId> for ItemRef {
    fn from(id: EventId) -> Self {
        Self::Event(id)
    }
}

impl From<MessageId> for ItemRef {
    fn from(id: MessageId) -> Self {
        Self::Message(id)
    }
}

fn require<'a>(
    what: &'static str,
    owner: Backend,
    raw: &'a str,
    wanted: Backend,
    operation: &'static str,
) -> Result<&'a str> {
    let problem = if owner != wanted {
        format!("the {what} belongs to {owner}, not to {wanted}")
    } else if raw.is_empty() {
        format!("the {what} is empty")
    } else if matches!(raw, "." | "..") {
        // In a path it would lead to something else.
        format!("the {what} is none")
    } else {
        return Ok(raw);
    };
    Err(Error::new(ErrorKind::InvalidId, operation, problem).with_backend(wanted))
}

fn untag<'a>(text: &'a str, what: &'static str) -> Result<(Backend, &'a str)> {
    text.split_once(':')
        .and_then(|(tag, raw)| Some((Backend::from_tag(tag)?, raw)))
        .filter(|(_, raw)| !raw.is_empty())
        .ok_or_else(|| {
            Error::new(
                ErrorKind::InvalidId,
                "parse id",
                format!("not the text form of a {what}"),
            )
            .with_hint(
                "Store and pass ids in their text form, which begins with `ews:` or `graph:`.",
            )
        })
}

/// The state of an item at the time it was read. Only equality means anything.
///
/// EWS `ChangeKey`, Graph `changeKey`. Any change gives a new one, marking as read too.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Version(Arc<str>);

impl Version {
    /// The version as the server spells it.
    pub fn from_raw(raw: impl Into<Arc<str>>) -> Self {
        Self(raw.into())
    }

    /// The version as the server spells it.
    pub fn as_raw(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ids_do_not_cross_backends() {
        let id: EventId = "ews:AAMk=".parse().unwrap();
        assert_eq!(id.require(Backend::Ews, "GetItem").unwrap(), "AAMk=");
        let error = id.require(Backend::Graph, "GetItem").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidId);
        assert!(
            error
                .to_string()
                .contains("EventId belongs to Exchange Web Services"),
            "{error}"
        );
    }

    /// In a path they would lead to what is above.
    #[test]
    fn dots_are_no_ids() {
        for raw in [".", ".."] {
            let id = EventId::from_raw(Backend::Graph, raw);
            let error = id.require(Backend::Graph, "delete_event").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidId, "{raw}");
        }
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for text in ["", "AAMk=", "ews:", "memory:1", ":x", "EWS:x"] {
            assert_eq!(
                text.parse::<EventId>().unwrap_err().kind(),
                ErrorKind::InvalidId,
                "{text:?}"
            );
        }
        let empty = EventId::from_raw(Backend::Ews, "");
        assert_eq!(
            empty.require(Backend::Ews, "GetItem").unwrap_err().kind(),
            ErrorKind::InvalidId
        );
    }

    proptest! {
        #[test]
        fn stored_form_comes_back(raw in ".{1,80}", graph: bool) {
            let id = CalendarId::from_raw(if graph { Backend::Graph } else { Backend::Ews }, raw);
            prop_assert_eq!(&serde_json::from_str::<CalendarId>(&serde_json::to_string(&id).unwrap()).unwrap(), &id);
            prop_assert_eq!(id.to_string().parse::<CalendarId>().unwrap(), id);
        }
    }
}
