//! Identifiers that another program, or another protocol, kept.

use serde::{Deserialize, Serialize};

/// The identifier of an item in another spelling than this library's, of the same mailbox on the same side: what MAPI
/// programs, add-ins of Outlook or older versions of a program kept.
///
/// [`Connector::translate_event_ids`](crate::Connector::translate_event_ids) and
/// [`translate_message_ids`](crate::Connector::translate_message_ids) make ids of it. They do not lead from a mailbox
/// on-premises to the one it became online: there all ids are others, see
/// [`moving`](crate::moving).
///
/// | | Exchange Web Services | Microsoft Graph |
/// |---|---|---|
/// | `EntryIdHex`, `EntryIdBase64`, `Ews` | yes | yes |
/// | `EwsLegacy`, `Owa` | yes | no |
/// | `Rest`, `RestImmutable` | no | yes |
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ForeignId {
    /// The entry id of MAPI (`PidTagEntryId`), in hexadecimal.
    EntryIdHex(String),
    /// The entry id of MAPI, in base64 (RFC 4648, section 4).
    EntryIdBase64(String),
    /// As EWS writes it, without the `ews:` of this library.
    Ews(String),
    /// As EWS of Exchange 2007 without a service pack wrote it.
    EwsLegacy(String),
    /// As Outlook on the web writes it.
    Owa(String),
    /// As Graph and the REST API of Outlook write it by default: it changes when the item is moved.
    Rest(String),
    /// As Graph writes it for who asks for immutable ids, without the `graph:` of this library.
    RestImmutable(String),
}

impl ForeignId {
    /// What it is called, for errors.
    #[cfg(any(feature = "ews", feature = "graph"))]
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::EntryIdHex(_) | Self::EntryIdBase64(_) => "an entry id of MAPI",
            Self::Ews(_) => "an id of EWS",
            Self::EwsLegacy(_) => "an id of EWS of Exchange 2007",
            Self::Owa(_) => "an id of Outlook on the web",
            Self::Rest(_) => "an id of the REST API",
            Self::RestImmutable(_) => "an immutable id of Graph",
        }
    }

    /// The id as it is written.
    pub fn as_raw(&self) -> &str {
        match self {
            Self::EntryIdHex(id)
            | Self::EntryIdBase64(id)
            | Self::Ews(id)
            | Self::EwsLegacy(id)
            | Self::Owa(id)
            | Self::Rest(id)
            | Self::RestImmutable(id) => id,
        }
    }
}
