//! Messages with a key, as EWS finds and sends them; see [`crate::mail::once`].

use std::future::Future;

use async_trait::async_trait;

use super::submit::Copy;
use crate::connector::Backend;
use crate::error::{Effect, Error, Result};
use crate::ews::convert;
use crate::ews::mailbox::{EwsMailbox, of};
use crate::ews::operation::{DeleteType, FindItem};
use crate::ews::types::{
    BaseShape, ExtendedFieldUri, FieldOrder, FieldPath, FolderIdRef, Item, ItemId, ItemShape,
    Operand, PropertyValue, SearchExpression, View,
};
use crate::ews::{DistinguishedFolderId, FieldUri};
use crate::mail::once::{self, Outgoing};
use crate::model::{ExtendedProperty, MessageId, SendReceipt};
use crate::retry::Attempts;

type Keyed = once::Keyed<ItemId>;
type Found = once::Found<ItemId>;

/// What becomes of drafts that are not wanted.
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

/// The same, from this mailbox.
struct Way<'a> {
    mailbox: &'a EwsMailbox,
    once: Once<'a>,
}

#[async_trait]
impl Outgoing for Way<'_> {
    type Draft = ItemId;

    fn backend(&self) -> Backend {
        Backend::Ews
    }

    fn operation(&self) -> &'static str {
        self.once.operation
    }

    fn lookups(&self) -> Attempts {
        self.mailbox.client.lookups(self.once.operation)
    }

    fn id(&self, draft: &ItemId) -> MessageId {
        convert::message_ref(draft)
    }

    async fn sent_or_saved(&self) -> Result<Found> {
        self.mailbox.sent_or_saved(&self.once).await
    }

    async fn send_saved(&self, draft: &ItemId) -> Result<()> {
        let Once {
            copy, operation, ..
        } = self.once;
        self.mailbox.send_saved(draft, copy, operation).await
    }

    async fn put_aside(&self, draft: &ItemId) -> Result<bool> {
        let operation = self.once.operation;
        self.mailbox.remove_draft(draft, ASIDE, operation).await
    }

    async fn retract_unsent(&self, draft: &ItemId, error: Error) -> Error {
        let operation = self.once.operation;
        self.mailbox.retract_unsent(draft, error, operation).await
    }
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
        let way = Way {
            mailbox: self,
            once,
        };
        once::send_once(&way, once.is_tracked, build).await
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
        let looks = self.client.lookups(operation);
        once::until_finished(looks, is_unfinished, call).await
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
        let way = Way {
            mailbox: self,
            once,
        };
        once::send_draft_once(&way, once.is_tracked, ready).await
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
                .map(|one| one.draft)
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
                draft: properties.item_id.clone()?,
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
}
