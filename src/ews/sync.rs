//! What following changes has in common, whatever is followed.

use serde::de::DeserializeOwned;

use super::mailbox::{EwsMailbox, lacks};
use super::types::ItemId;
use crate::calendar::Batch;
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
/// `known` is the state that was given, `state` the one that came back.
///
/// A server that says there is more but gets no further would say so for ever; to believe it the
/// opposite would make a round complete that is not.
pub(super) fn has_more(
    is_last: Option<bool>,
    is_empty: bool,
    known: Option<&String>,
    state: &String,
    operation: &'static str,
) -> Result<bool> {
    let more = is_last.map_or(!is_empty, |is_last| !is_last);
    if more && is_empty && known == Some(state) {
        let problem = "the server says there are more changes, but gives none and gets no further";
        return Err(Error::new(ErrorKind::Unavailable, operation, problem)
            .with_backend(Backend::Ews)
            .with_hint("Ask again later with the same token, or start without one."));
    }
    Ok(more)
}

/// A change, or what is to be read to know it.
pub(super) enum Step<C> {
    Known(C),
    ToRead(ItemId),
}

/// What can be said of an item that is followed.
pub(super) trait Change<T>: Sized {
    fn upserted(item: T) -> Self;
    fn deleted(id: &ItemId) -> Self;
    fn unreadable(id: &ItemId, why: String) -> Self;

    /// What is wrong with one item must not keep the others back; all else is an error.
    fn of(id: &ItemId, read: Result<T>) -> Result<Self> {
        match read {
            Ok(item) => Ok(Self::upserted(item)),
            // It was deleted since: the next round says so again.
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self::deleted(id)),
            Err(error) if error.is_of_one_item() => Ok(Self::unreadable(id, error.to_string())),
            Err(error) => Err(error),
        }
    }
}

/// What is to be read, in order.
pub(super) fn to_read<C>(steps: &[Step<C>]) -> Vec<ItemId> {
    let ids = steps.iter().filter_map(|step| match step {
        Step::ToRead(id) => Some(id.clone()),
        Step::Known(_) => None,
    });
    ids.collect()
}

/// The changes, with what was read in the place of what was to be read.
pub(super) fn settled<T, C: Change<T>>(
    steps: Vec<Step<C>>,
    read: Batch<T>,
    operation: &'static str,
) -> Result<Vec<C>> {
    let mut read = read.into_iter();
    let mut changes = Vec::with_capacity(steps.len());
    for step in steps {
        changes.push(match step {
            Step::Known(change) => change,
            Step::ToRead(id) => match read.next() {
                // Something of another kind that strayed into the folder.
                Some(Err(error)) if error.kind() == ErrorKind::InvalidId => continue,
                Some(read) => C::of(&id, read)?,
                None => return Err(lacks(operation, "answer")),
            },
        });
    }
    Ok(changes)
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
            MailboxTarget::Shared(address) => Some(address.to_ascii_lowercase()),
            MailboxTarget::ActAs(principal) => Some(principal.as_str().to_ascii_lowercase()),
            MailboxTarget::Own => None,
        }
    }
}
