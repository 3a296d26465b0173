//! Never twice: messages that are found again by the key they were sent with.
//!
//! The key is a property of the draft, so it is on the copy too. What keeps two calls with one key
//! apart is the server: it sends a draft once, and deletes it once. A call sends a draft only after
//! it has looked for others with its key, later than its own was whole, and has removed those it
//! found; if one of these was gone already, it may have been sent, so the call looks again. Of two
//! drafts therefore one at most is ever sent, whoever makes them and wherever a call breaks off.

use std::future::Future;
use std::time::Duration;

use uuid::Uuid;

use super::submit::{Copy, not_sent, receipt};
use crate::connector::Backend;
use crate::error::{Effect, Error, ErrorKind, Result};
use crate::ews::convert;
use crate::ews::mailbox::{EwsMailbox, of};
use crate::ews::operation::FindItem;
use crate::ews::types::{
    BaseShape, FieldOrder, FieldPath, FolderIdRef, Item, ItemId, ItemShape, Operand, PropertyValue,
    SearchExpression, View,
};
use crate::ews::{DistinguishedFolderId, FieldUri};
use crate::model::{ExtendedProperty, MessageId, SendReceipt};

/// How often a call that meets others with its key looks again.
const ROUNDS: u32 = 8;

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
        let mut was_there = false;
        for round in 0..ROUNDS {
            let found = self.sent_or_saved(&once).await;
            let found = found.map_err(|error| so_far(error, was_there))?;
            if let Some(sent) = found.sent {
                self.clear(&found.drafts, operation).await;
                return Ok(sent.receipt(once.is_tracked));
            }
            let (unfinished, mut whole): (Vec<_>, Vec<_>) =
                found.drafts.into_iter().partition(|one| one.is_unfinished);
            if whole.is_empty() {
                match build.take() {
                    Some(build) if !was_there => build.await.map_err(not_sent)?,
                    _ => return Err(vanished(operation)),
                }
                continue;
            }
            was_there = true;
            let draft = whole.remove(0);
            if self.remove(&whole, operation).await? {
                match self.send_saved(&draft.id, once.copy, operation).await {
                    Ok(()) => {
                        self.clear(&unfinished, operation).await;
                        return Ok(receipt(draft.message_id.filter(|_| once.is_tracked)));
                    }
                    Err(error) if is_overtaken(&error) => {}
                    Err(error) => return Err(self.refused(&draft, error, operation).await),
                }
            }
            pause(round).await;
        }
        Err(crowded(operation))
    }

    /// Sends a draft that is there, once. `ready` gives it its key, and returns the state to send.
    pub(super) async fn send_draft_once<F>(
        &self,
        once: Once<'_>,
        ready: impl Fn() -> F + Send + Sync,
    ) -> Result<SendReceipt>
    where
        F: Future<Output = Result<(ItemId, Option<String>)>> + Send,
    {
        let mut was_tried = false;
        for round in 0..ROUNDS {
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
            match self.send_saved(&id, once.copy, once.operation).await {
                Ok(()) => return Ok(receipt(message_id)),
                Err(error) if is_overtaken(&error) => was_tried = true,
                Err(error) => return Err(error),
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
        if let Some(there) = first(self.with_key(key, &places, operation).await?) {
            return Ok(there);
        }
        let made = build.await?;
        // Another call may have made one meanwhile: the older stays.
        let found = self.with_key(key, &places, operation).await;
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
        let key = convert::send_key(once.key);
        let mut found = Found::default();
        let folders = self.with_key(&key, &places, once.operation).await?;
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

    /// The messages with a key in each of these folders, the oldest first, and whether each is a
    /// draft that nobody has sent yet.
    async fn with_key(
        &self,
        key: &ExtendedProperty,
        places: &[FolderIdRef],
        operation: &'static str,
    ) -> Result<Vec<Vec<(Keyed, bool)>>> {
        let path = FieldPath::Extended(convert::property_uri(&key.name));
        let mark = convert::property_uri(&convert::unfinished());
        let value = key.value.first().unwrap_or_default();
        let mut shape = ItemShape::new(BaseShape::IdOnly);
        shape.additional_properties = vec![
            FieldUri::ItemIsSubmitted.into(),
            FieldUri::ItemIsDraft.into(),
            FieldUri::MessageInternetMessageId.into(),
            path.clone(),
            mark.clone().into(),
        ];
        let find = FindItem::new(shape, places.iter().cloned())
            .view(View::page(0, 100))
            .restriction(SearchExpression::IsEqualTo(path, Operand::from(value)))
            .sort_by(FieldOrder::ascending(FieldUri::ItemDateTimeCreated));
        let answers = self.send(&find, operation).await?;
        let keyed = |item: Item| {
            let properties = item.properties()?;
            let extended = properties.extended_properties.as_ref();
            let extended = extended.map(|list| list.0.as_slice()).unwrap_or_default();
            // Servers compare without regard to case; keys are not the same for that.
            let is_it = |one: &&crate::ews::types::ExtendedProperty| matches!(&one.value, PropertyValue::Value(there) if there == value);
            extended.iter().find(is_it)?;
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
        for draft in drafts {
            let removed = self.discard(&draft.id, operation).await;
            if !removed.map_err(|error| so_far(error, false))? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Removes what is left of a message that was sent; that it is, counts for more than these.
    async fn clear(&self, drafts: &[Keyed], operation: &'static str) {
        for draft in drafts {
            if let Err(error) = self.discard(&draft.id, operation).await {
                tracing::warn!(%error, "a second draft of a message that was sent is left");
            }
        }
    }

    /// What to do with a draft that the server does not send: it is kept if the same call can send
    /// it later, or if it may have been sent.
    async fn refused(&self, draft: &Keyed, error: Error, operation: &'static str) -> Error {
        match (error.effect(), error.retry_after()) {
            (Effect::None, None) => {
                let what = "The message could not be sent";
                self.retract(&draft.id, error, what, operation).await
            }
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

/// Whether somebody else sent, changed or removed the draft first.
fn is_overtaken(error: &Error) -> bool {
    error.effect() == Effect::None
        && matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Conflict)
}

/// What is known when a look fails, or a removal: nothing was sent by this call, unless a draft it
/// wanted to send had gone.
fn so_far(error: Error, was_there: bool) -> Error {
    match (error.effect(), was_there) {
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
