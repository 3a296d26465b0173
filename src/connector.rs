//! A connection to one organisation, and the mailboxes in it.

mod capabilities;

use std::{any::Any, fmt, sync::Arc};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

pub use capabilities::{Capabilities, Feature, Limits, Support};

use crate::{calendar::Calendar, error::Result};

/// The protocol behind a connector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Backend {
    /// Exchange Web Services: Exchange Server on-premises, from 2007 SP1.
    Ews,
    /// Microsoft Graph: Exchange Online.
    Graph,
}

impl Backend {
    /// The word that ids and tokens of this backend begin with: `ews` or `graph`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Ews => "ews",
            Self::Graph => "graph",
        }
    }

    /// The backend with this [tag](Self::tag).
    pub fn from_tag(tag: &str) -> Option<Self> {
        [Self::Ews, Self::Graph]
            .into_iter()
            .find(|backend| backend.tag() == tag)
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ews => "Exchange Web Services",
            Self::Graph => "Microsoft Graph",
        })
    }
}

/// Whose mailbox, and by what right.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MailboxTarget {
    /// The mailbox of the account that is signed in.
    ///
    /// EWS: no further header. Graph: `/me`, which needs a delegated token.
    Own,
    /// The mailbox with this SMTP address, with the rights of the account that is signed in: a shared mailbox, or one
    /// it is a delegate of.
    ///
    /// EWS: `Mailbox` in the folder id. Graph: `/users/{address}` with the `*.Shared` scopes.
    Shared(String),
    /// The mailbox with this SMTP address, as if its owner were signed in.
    ///
    /// EWS: `ExchangeImpersonation`, which needs the role ApplicationImpersonation (Exchange 2010; before, an extended
    /// right). Graph: `/users/{address}` with application permissions.
    ActAs(String),
}

impl MailboxTarget {
    /// The mailbox with this address, with the rights of the account that is signed in.
    pub fn shared(address: impl Into<String>) -> Self {
        Self::Shared(address.into())
    }

    /// The mailbox with this address, as if its owner were signed in.
    pub fn act_as(address: impl Into<String>) -> Self {
        Self::ActAs(address.into())
    }

    /// The address of the mailbox; `None` for one's own.
    pub fn address(&self) -> Option<&str> {
        match self {
            Self::Own => None,
            Self::Shared(address) | Self::ActAs(address) => Some(address),
        }
    }
}

/// A connection to one organisation. Which type implements it is the only thing that differs between on-premises and
/// online.
#[async_trait]
pub trait Connector: Any + fmt::Debug + Send + Sync {
    /// The protocol behind it.
    fn backend(&self) -> Backend;

    /// What the server is known to be able to do by now; complete after [`probe`](Self::probe). No request is made.
    fn capabilities(&self) -> Capabilities;

    /// Finds out with one cheap authenticated request whether the address, the version and the credentials are right.
    ///
    /// # Errors
    /// [`Unauthenticated`](crate::ErrorKind::Unauthenticated) for wrong credentials,
    /// [`Configuration`](crate::ErrorKind::Configuration) for a wrong address or version,
    /// [`Connection`](crate::ErrorKind::Connection) when the server cannot be reached.
    async fn probe(&self) -> Result<Capabilities>;

    /// A mailbox of the organisation. No request is made, so whether it exists shows with the first call.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) for what is no address,
    /// [`Unsupported`](crate::ErrorKind::Unsupported) when the credentials cannot serve such a target.
    fn mailbox(&self, target: &MailboxTarget) -> Result<Arc<dyn Mailbox>>;
}

/// One mailbox. An `Arc<dyn Mailbox>` turns into an `Arc` of any of the narrower traits:
///
/// ```
/// use std::sync::Arc;
/// use exchange_connector::{Availability, CalendarRead, Mailbox};
///
/// fn narrow(mailbox: Arc<dyn Mailbox>) -> (Arc<dyn CalendarRead>, Arc<dyn Availability>) {
///     (mailbox.clone(), mailbox)
/// }
/// ```
pub trait Mailbox: Calendar + Any + fmt::Debug {
    /// Whose mailbox this is, and by what right it is used.
    fn target(&self) -> &MailboxTarget;

    /// What can be done with it, as [`Connector::capabilities`].
    fn capabilities(&self) -> Capabilities;
}
