//! Changing messages.

use crate::calendar::Batch;
use crate::connector::Backend;
use crate::error::{Effect, Error, ErrorKind, Result};
use crate::ews::FieldUri;
use crate::ews::convert;
use crate::ews::mailbox::{EwsMailbox, lacks};
use crate::ews::operation::{ConflictResolution, GetItem, MessageDisposition, UpdateItem};
use crate::ews::types::{BaseShape, Item, ItemChange, ItemId, ItemShape};
use crate::mail::MailRead as _;
use crate::model::{Message, MessageId, MessageLoad, MessagePatch, Version};

impl EwsMailbox {
    pub(super) async fn change_message(
        &self,
        id: &MessageId,
        patch: &MessagePatch,
        version: Option<&Version>,
    ) -> Result<Message> {
        const OPERATION: &str = "update_message";
        let raw = id.require(Backend::Ews, OPERATION)?;
        let server = self.version(OPERATION).await?;
        let mut item = ItemId::new(raw);
        item.change_key = version.map(|version| version.as_raw().to_owned());
        let resolution = match version {
            Some(_) => ConflictResolution::NeverOverwrite,
            None => ConflictResolution::AlwaysOverwrite,
        };
        let change = convert::message_change(item, patch, server, OPERATION)?;
        if patch.is_for_drafts() {
            let checked = self.are_drafts(std::slice::from_ref(id), OPERATION).await?;
            checked.into_iter().collect::<Result<()>>()?;
        }
        let changed = self.apply(change, resolution, OPERATION).await?;
        self.message_back(changed, OPERATION).await
    }

    pub(super) async fn change_messages(
        &self,
        ids: &[MessageId],
        patch: &MessagePatch,
    ) -> Result<Batch<()>> {
        const OPERATION: &str = "update_messages";
        let server = self.version(OPERATION).await?;
        let change = |id: ItemId| convert::message_change(id, patch, server, OPERATION);
        // What is wrong with it is said before any request.
        change(ItemId::new(""))?;
        let mut refused: Vec<Option<Error>> = ids.iter().map(|_| None).collect();
        let mut allowed = ids.to_vec();
        if patch.is_for_drafts() {
            let checked = self.are_drafts(ids, OPERATION).await?;
            refused = checked.into_iter().map(Result::err).collect();
            let kept = ids
                .iter()
                .zip(&refused)
                .filter(|(_, error)| error.is_none());
            allowed = kept.map(|(id, _)| id.clone()).collect();
        }
        let request = |ids: &[ItemId]| {
            let changes = ids.iter().cloned().map(change).collect::<Result<_>>();
            let overwrite = ConflictResolution::AlwaysOverwrite;
            UpdateItem::messages(changes.unwrap_or_default(), overwrite, SAVE)
        };
        let mut changed = self.each(&allowed, OPERATION, request).await?.into_iter();
        let outcome = |refused: Option<Error>| match refused {
            Some(error) => Err(error),
            None => changed
                .next()
                .unwrap_or_else(|| Err(lacks(OPERATION, "answer")))
                .map(drop),
        };
        Ok(refused.into_iter().map(outcome).collect())
    }

    /// Makes one change, and returns the message in its new state.
    pub(super) async fn apply(
        &self,
        change: ItemChange,
        resolution: ConflictResolution,
        operation: &'static str,
    ) -> Result<ItemId> {
        let update = UpdateItem::messages(vec![change], resolution, SAVE);
        let answer = self.one(&update, operation).await?;
        let id = answer.items.items.iter().find_map(Item::item_id).cloned();
        id.ok_or_else(|| lacks(operation, "ItemId").with_effect(Effect::Partial))
    }

    /// Refuses each message that was sent or received: servers differ in what they let be changed
    /// about those.
    async fn are_drafts(&self, ids: &[MessageId], operation: &'static str) -> Result<Batch<()>> {
        let shape = ItemShape::new(BaseShape::IdOnly).with([FieldUri::ItemIsDraft]);
        let request = |ids: &[ItemId]| GetItem::new(shape.clone(), ids.to_vec());
        let read = self.each(ids, operation, request).await?;
        let check = |found: crate::ews::operation::Items| {
            let item = found.items.first().and_then(Item::properties);
            match item.and_then(|item| item.is_draft) {
                Some(true) => Ok(()),
                _ => Err(sent_already(operation)),
            }
        };
        Ok(read.into_iter().map(|one| one.and_then(check)).collect())
    }

    /// What has just been written, as it is now.
    pub(super) async fn message_back(
        &self,
        id: ItemId,
        operation: &'static str,
    ) -> Result<Message> {
        let id = MessageId::from_raw(Backend::Ews, id.id);
        let read = self.get_message(&id, &MessageLoad::full()).await;
        read.map_err(|error| {
            let hint = format!(
                "The message was written as {id}, but could not be read back: read it again."
            );
            error
                .with_operation(operation)
                .with_effect(Effect::Partial)
                .with_hint(hint)
        })
    }
}

const SAVE: MessageDisposition = MessageDisposition::SaveOnly;

fn sent_already(operation: &'static str) -> Error {
    let problem = "the message is no draft, so its text and the people in it stay as they are";
    Error::new(ErrorKind::InvalidState, operation, problem)
        .with_backend(Backend::Ews)
        .with_hint(
            "Change what is the reader's own: read, flag, categories, importance, MAPI properties.",
        )
}
