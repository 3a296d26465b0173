//! Never twice: messages that are found again by the key they were sent with.
//!
//! The key is a property of the draft, so it is on the copy too. What keeps two calls with one key
//! apart is the server: it sends a draft once, and removes it once. A call sends a draft only after
//! it has looked for others with its key, later than its own was whole, and has removed those it
//! found; if one of these was gone already, it may have been sent, so the call looks again. Of two
//! drafts therefore one at most is ever sent, whoever makes them and wherever a call breaks off.
//!
//! A draft of the caller's is not such a one: it has its key in another property, is never removed,
//! and is not sent where another draft has its key.

use std::future::Future;
use std::time::Duration;

use uuid::Uuid;

use super::submit::{Copy, not_sent, receipt};
use crate::connector::Backend;
use crate::error::{Effect, Error, ErrorKind, Result};
use crate::ews::convert;
use crate::ews::mailbox::{EwsMailbox, of};
use crate::ews::operation::{DeleteType, FindItem};
use crate::ews::types::{
    BaseShape, ExtendedFieldUri, FieldOrder, FieldPath, FolderIdRef, Item, ItemId, ItemShape,
    Operand, PropertyValue, SearchExpression, View,
};
use crate::ews::{DistinguishedFolderId, FieldUri};
use crate::model::{ExtendedProperty, MessageId, SendReceipt};

/// How often a call that meets others with its key looks again.
const ROUNDS: u32 = 8;

/// What becomes of drafts that are not wanted. A person may have copied one of them to write
/// another message with it, and can take that back.
const ASIDE: DeleteType = DeleteType::MoveToDeletedItems;

/// A send that must not happen twice.
#[derive(Clone, Copy, Debug)]
pub(in crate::ews) struct Once<'a> {
    pub(in crate::ews) key: &'a str,
    pub(in crate::ews) copy: &'a Copy,
    /// Whether the `Message-ID` is wanted.
    pub(in crate::ews) is_tracked: bool,
    pub(in crate::ews) operation: &'static str,
}

/// A message with a key.
#[derive(Clone, Debug)]
struct Keyed {
    id: ItemId,
    message_id: Option<String>,
    /// Something is still to be attached to it.
    is_unfinished: bool,
    /// It is a draft of the caller's, not made to be sent with this key.
    is_stored: bool,
}

/// All messages with a key.
#[derive(Debug, Default)]
struct Found {
    sent: Option<Keyed>,
    /// The oldest first.
    drafts: Vec<Keyed>,
}

impl EwsMailbox {
    /// Sends the message with a key: the one that is there already, whoever made it, else the one
    /// that `build` saves with that key among the drafts ([`convert::send_key`]). Nothing is sent
    /// if it was before.
    pub(in crate::ews) async fn send_once(
        &self,
        once: Once<'_>,
        build: impl Future<Output = Result<()>> + Send,
    ) -> Result<SendReceipt> {
        let operation = once.operation;
        let mut build = Some(build);
        // A draft with the key was there and went: it may have been sent.
        let mut is_gone = false;
        // A draft was sent, and the answer was lost.
        let mut lost: Option<Error> = None;
        let mut looks = self.client.lookups(operation);
        for round in 0..ROUNDS {
            let found = self.sent_or_saved(&once).await;
            let found = found.map_err(|error| so_far(error, is_gone))?;
            if let Some(sent) = found.sent {
                self.clear(&found.drafts, operation).await;
                return Ok(sent.receipt(once.is_tracked));
            }
            if found.drafts.iter().any(|one| one.is_stored) {
                return Err(so_far(taken(operation), is_gone));
            }
            let (unfinished, mut whole): (Vec<_>, Vec<_>) =
                found.drafts.into_iter().partition(|one| one.is_unfinished);
            if whole.is_empty() {
                if let Some(error) = &lost {
                    // The copy may come a little later.
                    looks.look_again(error.again()).await?;
                    continue;
                }
                match build.take() {
                    Some(build) if !is_gone => build.await.map_err(not_sent)?,
                    _ => return Err(vanished(operation)),
                }
                continue;
            }
            let draft = whole.remove(0);
            let removed = self.remove(&whole, operation).await;
            if removed.map_err(|error| so_far(error, is_gone))? {
                match self.send_saved(&draft.id, once.copy, operation).await {
                    Ok(()) => {
                        self.clear(&unfinished, operation).await;
                        return Ok(receipt(draft.message_id.filter(|_| once.is_tracked)));
                    }
                    Err(error) if is_overtaken(&error) => {}
                    Err(error) if error.effect() == Effect::Unknown => {
                        let error = self.refused(&draft, error, operation).await;
                        lost = Some(error.again());
                        is_gone = true;
                        looks.look_again(error).await?;
                        continue;
                    }
                    Err(error) => {
                        let refused = self.refused(&draft, error, operation).await;
                        return Err(match is_gone {
                            true => refused.with_effect(Effect::Unknown),
                            false => refused,
                        });
                    }
                }
            }
            is_gone = true;
            pause(round).await;
        }
        Err(lost.unwrap_or_else(|| crowded(operation)))
    }

    /// Makes a call with a key again while it broke off before it did the last thing, and can be repeated.
    pub(super) async fn until_finished<T, F>(
        &self,
        operation: &'static str,
        is_unfinished: fn(&Error) -> bool,
        call: impl Fn() -> F + Send + Sync,
    ) -> Result<T>
    where
        F: Future<Output = Result<T>> + Send,
    {
        let mut looks = self.client.lookups(operation);
        loop {
            match call().await {
                Err(error) if is_unfinished(&error) => looks.look_again(error).await?,
                done => return done,
            }
        }
    }

    /// Sends a draft that is there, once, and nothing if a message was sent with its key before.
    /// `ready` gives it its key, and returns the state to send.
    pub(super) async fn send_draft_once<F>(
        &self,
        once: Once<'_>,
        ready: impl Fn() -> F + Send + Sync,
    ) -> Result<SendReceipt>
    where
        F: Future<Output = Result<(ItemId, Option<String>)>> + Send,
    {
        let mut was_tried = false;
        let mut looks = self.client.lookups(once.operation);
        for round in 0..ROUNDS {
            let found = self.sent_or_saved(&once).await;
            let found = found.map_err(|error| so_far(error, was_tried))?;
            if let Some(sent) = found.sent {
                return Ok(sent.receipt(once.is_tracked));
            }
            let (id, message_id) = match ready().await {
                Ok(ready) => ready,
                Err(error)
                    if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::InvalidState) =>
                {
                    let found = self.sent_or_saved(&once).await;
                    return match found.map_err(|error| so_far(error, was_tried))?.sent {
                        Some(sent) => Ok(sent.receipt(once.is_tracked)),
                        None if was_tried => Err(vanished(once.operation)),
                        None => Err(error),
                    };
                }
                Err(error) => return Err(so_far(error, was_tried)),
            };
            let found = self.sent_or_saved(&once).await;
            let found = found.map_err(|error| so_far(error, was_tried))?;
            if let Some(sent) = found.sent {
                return Ok(sent.receipt(once.is_tracked));
            }
            if found.drafts.iter().any(|other| other.id.id != id.id) {
                return Err(so_far(taken(once.operation), was_tried));
            }
            match self.send_saved(&id, once.copy, once.operation).await {
                Ok(()) => return Ok(receipt(message_id)),
                Err(error) if is_overtaken(&error) => was_tried = true,
                Err(error) if error.effect() == Effect::Unknown => {
                    was_tried = true;
                    looks.look_again(error).await?;
                    continue;
                }
                Err(error) => return Err(so_far(error, was_tried)),
            }
            pause(round).await;
        }
        Err(crowded(once.operation))
    }

    /// The draft with a key: the one that is there, else the one that `build` makes.
    pub(in crate::ews) async fn draft_once(
        &self,
        key: &ExtendedProperty,
        place: FolderIdRef,
        build: impl Future<Output = Result<ItemId>> + Send,
        operation: &'static str,
    ) -> Result<ItemId> {
        let places = [place];
        let first = |found: Vec<Vec<(Keyed, bool)>>| {
            let drafts = found.into_iter().flatten().map(|(one, _)| one);
            drafts
                .filter(|one| !one.is_unfinished)
                .map(|one| one.id)
                .next()
        };
        let keys = [key.clone()];
        if let Some(there) = first(self.with_keys(&keys, &places, operation).await?) {
            return Ok(there);
        }
        let made = build.await?;
        // Another call may have made one meanwhile: the older stays.
        let found = self.with_keys(&keys, &places, operation).await;
        let found = found.map_err(|error| error.with_effect(Effect::Partial))?;
        let Some(oldest) = first(found).filter(|oldest| oldest.id != made.id) else {
            return Ok(made);
        };
        let removed = self.discard(&made, operation).await;
        removed.map_err(|error| error.with_effect(Effect::Partial))?;
        Ok(oldest)
    }

    /// Looks where a message with the key can be, in the order in which it goes from one place to
    /// the next, so that it is not missed on its way.
    async fn sent_or_saved(&self, once: &Once<'_>) -> Result<Found> {
        let copies = match once.copy {
            Copy::To(folder) => folder.clone(),
            Copy::Default | Copy::Nowhere => self.folder(DistinguishedFolderId::SentItems),
        };
        let places = [
            self.folder(DistinguishedFolderId::Drafts),
            self.folder(DistinguishedFolderId::Outbox),
            copies,
        ];
        let keys = [
            convert::send_key(once.key),
            convert::stored_send_key(once.key),
        ];
        let mut found = Found::default();
        let folders = self.with_keys(&keys, &places, once.operation).await?;
        for (place, messages) in folders.into_iter().enumerate() {
            let is_outbox = place == 1;
            for (message, is_draft) in messages {
                if is_draft && !is_outbox {
                    found.drafts.push(message);
                } else {
                    found.sent.get_or_insert(message);
                }
            }
        }
        Ok(found)
    }

    /// The messages with one of these keys in each of these folders, the oldest first, and whether
    /// each is a draft that nobody has sent yet. Of several keys the second is that of what is stored.
    async fn with_keys(
        &self,
        keys: &[ExtendedProperty],
        places: &[FolderIdRef],
        operation: &'static str,
    ) -> Result<Vec<Vec<(Keyed, bool)>>> {
        let uris: Vec<_> = keys
            .iter()
            .map(|key| convert::property_uri(&key.name))
            .collect();
        let mark = convert::property_uri(&convert::unfinished());
        let value = keys.first().and_then(|key| key.value.first());
        let value = value.unwrap_or_default();
        let has = |uri: &ExtendedFieldUri| {
            SearchExpression::IsEqualTo(FieldPath::Extended(uri.clone()), Operand::from(value))
        };
        let mut conditions: Vec<_> = uris.iter().map(has).collect();
        let condition = match conditions.len() {
            1 => conditions.pop(),
            _ => Some(SearchExpression::Or(conditions)),
        };
        let mut shape = ItemShape::new(BaseShape::IdOnly);
        shape.additional_properties = vec![
            FieldUri::ItemIsSubmitted.into(),
            FieldUri::ItemIsDraft.into(),
            FieldUri::MessageInternetMessageId.into(),
            mark.clone().into(),
        ];
        shape
            .additional_properties
            .extend(uris.iter().cloned().map(FieldPath::Extended));
        let mut find = FindItem::new(shape, places.iter().cloned())
            .view(View::page(0, 100))
            .sort_by(FieldOrder::ascending(FieldUri::ItemDateTimeCreated));
        find.restriction = condition;
        let answers = self.send(&find, operation).await?;
        let keyed = |item: Item| {
            let properties = item.properties()?;
            let extended = properties.extended_properties.as_ref();
            let extended = extended.map(|list| list.0.as_slice()).unwrap_or_default();
            // Servers compare without regard to case; keys are not the same for that.
            let is_it = |one: &&crate::ews::types::ExtendedProperty| matches!(&one.value, PropertyValue::Value(there) if there == value);
            let key = extended.iter().find(is_it)?;
            let stored = uris.get(1).and_then(|uri| uri.property_name.as_deref());
            let is_mark = |one: &crate::ews::types::ExtendedProperty| {
                one.uri.property_name.as_deref() == mark.property_name.as_deref()
            };
            let is_draft =
                properties.is_draft.unwrap_or(true) && properties.is_submitted != Some(true);
            let message = Keyed {
                id: properties.item_id.clone()?,
                message_id: match &item {
                    Item::Message(message) => message.internet_message_id.clone(),
                    _ => None,
                },
                is_unfinished: extended.iter().any(is_mark),
                is_stored: stored.is_some() && key.uri.property_name.as_deref() == stored,
            };
            Some((message, is_draft))
        };
        let folders = answers.into_iter().map(|answer| {
            let items = of(answer, operation)?.items.into_iter();
            Ok(items.filter_map(keyed).collect())
        });
        folders.collect()
    }

    /// Removes drafts; whether each was there. One that was not may have been sent.
    async fn remove(&self, drafts: &[Keyed], operation: &'static str) -> Result<bool> {
        for (removed_before, draft) in drafts.iter().enumerate() {
            match self.remove_draft(&draft.id, ASIDE, operation).await {
                Ok(true) => {}
                Ok(false) => return Ok(false),
                Err(error) if removed_before > 0 && error.effect() == Effect::None => {
                    return Err(error.with_effect(Effect::Partial));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// Removes what is left of a message that was sent; that it is, counts for more than these.
    async fn clear(&self, drafts: &[Keyed], operation: &'static str) {
        for draft in drafts {
            let removed = self.remove_draft(&draft.id, ASIDE, operation).await;
            if let Err(error) = removed {
                tracing::warn!(%error, "a second draft of a message that was sent is left");
            }
        }
    }

    /// What to do with a draft that the server does not send: it is kept if the same call can send
    /// it later, or if it may have been sent.
    async fn refused(&self, draft: &Keyed, error: Error, operation: &'static str) -> Error {
        match (error.effect(), error.retry_after()) {
            (Effect::None, None) => self.retract_unsent(&draft.id, error, operation).await,
            (Effect::None, Some(_)) => {
                let hint = "Nothing was sent yet. The draft is kept: the same call with the same key sends it.";
                error.with_effect(Effect::Partial).with_hint(hint)
            }
            _ => error.with_hint(
                "Whether it was sent is not known. The same call with the same key finds it, and sends it if it was not.",
            ),
        }
    }
}

impl Keyed {
    fn receipt(self, is_tracked: bool) -> SendReceipt {
        let id = MessageId::from_raw(Backend::Ews, self.id.id);
        receipt(self.message_id.filter(|_| is_tracked)).message_id(id)
    }
}

/// Whether somebody else sent, changed or removed the draft first. That the folder for the copy is
/// not there is not that.
fn is_overtaken(error: &Error) -> bool {
    let is_of_item = match error.kind() {
        ErrorKind::NotFound => error.code().is_none_or(|code| !code.contains("Folder")),
        kind => kind == ErrorKind::Conflict,
    };
    error.effect() == Effect::None && is_of_item
}

/// Whether the way broke off before anything was sent: at worst a draft is left, which the same call
/// finds.
pub(super) fn is_unsent(error: &Error) -> bool {
    error.effect() == Effect::Partial && is_broken_off(error)
}

/// Whether the way broke off, and a draft with the key may be there.
pub(super) fn is_unsaved(error: &Error) -> bool {
    error.effect() != Effect::None && is_broken_off(error)
}

fn is_broken_off(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Connection
            | ErrorKind::Internal
            | ErrorKind::MailboxUnavailable
            | ErrorKind::Protocol
            | ErrorKind::Timeout
            | ErrorKind::Unavailable
    )
}

/// Another draft has the key.
fn taken(operation: &'static str) -> Error {
    let problem = "another draft that is not sent yet has this key";
    Error::new(ErrorKind::Conflict, operation, problem)
        .with_backend(Backend::Ews)
        .with_hint("Send or delete that draft, or use a key of its own for each message.")
}

/// What is known when a look fails, or a removal: nothing was sent by this call, unless a draft it
/// wanted to send had gone.
fn so_far(error: Error, is_gone: bool) -> Error {
    match (error.effect(), is_gone) {
        (_, true) => error.with_effect(Effect::Unknown),
        (Effect::Unknown, false) => not_sent(error),
        _ => error,
    }
}

fn vanished(operation: &'static str) -> Error {
    let problem = "the draft with this key is gone, and no copy of it is there: it was sent, or somebody removed it";
    Error::new(ErrorKind::Conflict, operation, problem)
        .with_backend(Backend::Ews)
        .with_effect(Effect::Unknown)
        .with_hint("Look whether it was sent. The same call with the same key sends it once more, unless a copy is found by then.")
}

fn crowded(operation: &'static str) -> Error {
    let problem = "other calls with the same key are at work";
    Error::new(ErrorKind::Conflict, operation, problem)
        .with_backend(Backend::Ews)
        .with_effect(Effect::Unknown)
        .with_hint("The same call with the same key finds what came of it.")
}

/// Lets others finish: longer each time, and not the same for all.
async fn pause(round: u32) {
    let (_, random, ..) = Uuid::new_v4().as_fields();
    let milliseconds = (10_u64 << round) + u64::from(random % 16);
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
}
