//! What following changes has in common, whatever is followed.

use serde::de::DeserializeOwned;

use super::mailbox::EwsMailbox;
use crate::connector::{Backend, Mailbox as _, MailboxTarget};
use crate::error::{Error, ErrorKind, Result};
use crate::model::SyncToken;

/// How many changes a server gives at once at most.
pub(super) const MOST_CHANGES: u32 = 512;

/// What is inside a token, if there is one.
pub(super) fn place<T: DeserializeOwned>(
    token: Option<&SyncToken>,
    kind: &str,
    operation: &'static str,
) -> Result<Option<T>> {
    let Some(token) = token else {
        return Ok(None);
    };
    let named = |error: Error| error.with_operation(operation);
    let data = token.decode(Backend::Ews, kind).map_err(named)?;
    let place = serde_json::from_value(data).map_err(|error| {
        invalid(operation, "what is inside the token cannot be read").with_source(error)
    })?;
    Ok(Some(place))
}

pub(super) fn invalid(operation: &'static str, why: &str) -> Error {
    Error::new(ErrorKind::SyncStateInvalid, operation, why).with_backend(Backend::Ews)
}

pub(super) fn other_scope(operation: &'static str, what: &str) -> Error {
    let why = format!("the token belongs to another {what}");
    Error::invalid_argument(operation, why)
        .with_backend(Backend::Ews)
        .with_hint("Keep one token for each folder, calendar and window that is followed.")
}

/// Whether there is more now: as the server says in `is_last`, else as long as it names changes.
///
/// A server that says there is more but gets no further would say so for ever; to believe it the
/// opposite would make a round complete that is not.
pub(super) fn has_more(
    is_last: Option<bool>,
    is_empty: bool,
    stands_still: bool,
    operation: &'static str,
) -> Result<bool> {
    let more = is_last.map_or(!is_empty, |is_last| !is_last);
    if more && is_empty && stands_still {
        let problem = "the server says there are more changes, but gives none and gets no further";
        return Err(Error::new(ErrorKind::Unavailable, operation, problem)
            .with_backend(Backend::Ews)
            .with_hint("Ask again later with the same token, or start without one."));
    }
    Ok(more)
}

/// How many changes come a page, where a server or this crate gives at most so many.
pub(super) fn page_size(asked: Option<u32>, most: u32, operation: &'static str) -> Result<u32> {
    match asked {
        Some(0) => Err(Error::invalid_argument(
            operation,
            "a page must have at least one change",
        )),
        asked => Ok(asked.unwrap_or(most).min(most)),
    }
}

impl EwsMailbox {
    /// Whose mailbox it is, if not of the account that signs in.
    pub(super) fn owner(&self) -> Option<String> {
        match self.target() {
            MailboxTarget::Shared(address) | MailboxTarget::ActAs(address) => {
                Some(address.to_ascii_lowercase())
            }
            MailboxTarget::Own => None,
        }
    }
}
