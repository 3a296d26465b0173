//! Drafts: saved, with what is attached, in as few requests as the version allows.

use crate::connector::{Mailbox as _, MailboxTarget};
use crate::error::{Effect, Error, ErrorKind, Result};
use crate::ews::convert::{self, Draft, Extras};
use crate::ews::mailbox::{EwsMailbox, lacks};
use crate::ews::operation::{
    ConflictResolution, CreateAttachment, CreateItem, DeleteItem, DeleteType, GetItem, Items,
    MessageDisposition,
};
use crate::ews::types::{
    AttachmentId, BaseShape, FolderIdRef, Item, ItemChange, ItemId, ItemShape,
};
use crate::ews::{DistinguishedFolderId, FieldUri};
use crate::mail::retract;
use crate::model::{DraftOptions, Message, NewAttachment, NewMessage};

impl EwsMailbox {
    pub(super) async fn make_draft(
        &self,
        new: &NewMessage,
        options: &DraftOptions,
    ) -> Result<Message> {
        const OPERATION: &str = "create_draft";
        options.validate(OPERATION)?;
        let place = self.draft_folder(options, OPERATION)?;
        let version = self.version(OPERATION).await?;
        let key = options.idempotency_key.as_deref().map(convert::draft_key);
        let extras = Extras {
            key: key.as_ref(),
            message_id: None,
            author: self.author(),
        };
        let draft = convert::new_message(new, version, extras, OPERATION)?;
        let save = self.save(draft, place.clone(), OPERATION);
        let id = match &key {
            None => save.await?,
            Some(key) => self.draft_once(key, place, save, OPERATION).await?,
        };
        self.message_back(id, OPERATION).await
    }

    /// Saves a draft and attaches what is to be attached. If that fails, the draft is taken away
    /// again.
    pub(super) async fn save(
        &self,
        draft: Draft<'_>,
        place: FolderIdRef,
        operation: &'static str,
    ) -> Result<ItemId> {
        let items = vec![Item::Message(Box::new(draft.message))];
        let create = CreateItem::messages(items, MessageDisposition::SaveOnly).into_folder(place);
        let made = self.one(&create, operation).await?;
        let id = created_id(&made.0, operation)?;
        let id = self.attach(id, &draft.rest, operation).await?;
        if !draft.is_marked {
            return Ok(id);
        }
        let whole = ItemChange::new(ItemId::new(id.id.as_str()))
            .delete(convert::property_uri(&convert::unfinished()));
        self.complete_draft(&id, whole, operation).await
    }

    /// Makes the last change to a new draft. If that fails, the draft is taken away again.
    pub(super) async fn complete_draft(
        &self,
        id: &ItemId,
        change: ItemChange,
        operation: &'static str,
    ) -> Result<ItemId> {
        let changed = self.apply(change, ConflictResolution::AlwaysOverwrite, operation);
        match changed.await {
            Err(error) if error.effect() == Effect::None => {
                let what = "The draft could not be completed";
                Err(self.retract(id, error, what, operation).await)
            }
            done => done,
        }
    }

    /// Attaches files to a draft, one at a time: servers limit the size of a request, and an error
    /// is about one file. Returns the draft in its newest state.
    pub(super) async fn attach<'f>(
        &self,
        mut id: ItemId,
        files: impl IntoIterator<Item = &'f &'f NewAttachment> + Send,
        operation: &'static str,
    ) -> Result<ItemId> {
        let files: Vec<_> = files.into_iter().collect();
        for file in files {
            let parent = ItemId::new(id.id.as_str());
            let create = CreateAttachment::new(parent, [convert::new_attachment(file)]);
            match self.one(&create, operation).await {
                Ok(made) => {
                    let made = made.attachments.0.first();
                    let made = made.and_then(|one| one.properties.attachment_id.as_ref());
                    let root = made.and_then(AttachmentId::root_item);
                    // Without it the state is looked up when it is needed.
                    id = root.unwrap_or_else(|| ItemId::new(id.id.as_str()));
                }
                Err(error) => {
                    let what = format!("The file {:?} could not be attached", file.name);
                    return Err(self.retract(&id, error, &what, operation).await);
                }
            }
        }
        Ok(id)
    }

    /// Takes a draft away again that the server did not send.
    pub(super) async fn retract_unsent(
        &self,
        id: &ItemId,
        error: Error,
        operation: &'static str,
    ) -> Error {
        let removed = self.discard(id, operation).await;
        retract::unsent(error, removed, &format!("ews:{}", id.id))
    }

    /// Takes a draft away again that is of no use to anybody, and says so.
    pub(super) async fn retract(
        &self,
        id: &ItemId,
        error: Error,
        what: &str,
        operation: &'static str,
    ) -> Error {
        let removed = self.discard(id, operation).await;
        retract::retracted(error, removed, &format!("ews:{}", id.id), what)
    }

    /// Removes a draft of this call for good; whether it was there.
    pub(super) async fn discard(&self, id: &ItemId, operation: &'static str) -> Result<bool> {
        self.remove_draft(id, DeleteType::HardDelete, operation)
            .await
    }

    /// Removes a draft; whether it was there.
    pub(super) async fn remove_draft(
        &self,
        id: &ItemId,
        how: DeleteType,
        operation: &'static str,
    ) -> Result<bool> {
        let id = ItemId::new(id.id.as_str());
        let delete = DeleteItem::new(how, [id]);
        match self.one(&delete, operation).await {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// What the server says of a message in a few words.
    pub(super) async fn glance(
        &self,
        id: &ItemId,
        paths: impl IntoIterator<Item = FieldUri>,
        operation: &'static str,
    ) -> Result<(ItemId, Item)> {
        let shape = ItemShape::new(BaseShape::IdOnly).with(paths);
        let get = GetItem::new(shape, [ItemId::new(id.id.as_str())]);
        let found = self.one(&get, operation).await?;
        let item = found.items.into_iter().next();
        let item = item.ok_or_else(|| lacks(operation, "item"))?;
        let id = item.item_id().cloned();
        Ok((id.ok_or_else(|| lacks(operation, "ItemId"))?, item))
    }

    /// Where a draft is kept.
    pub(super) fn draft_folder(
        &self,
        options: &DraftOptions,
        operation: &'static str,
    ) -> Result<FolderIdRef> {
        match &options.folder {
            Some(folder) => self.mail_folder(folder, operation),
            None => Ok(self.folder(DistinguishedFolderId::Drafts)),
        }
    }

    /// In whose name messages are, where nobody is said: that of a mailbox of somebody else. For
    /// the own one the server knows.
    pub(super) fn author(&self) -> Option<&str> {
        match self.target() {
            MailboxTarget::Shared(address) => Some(address),
            _ => None,
        }
    }
}

/// The identifier of what was created.
pub(super) fn created_id(items: &Items, operation: &'static str) -> Result<ItemId> {
    let id = items.items.iter().find_map(Item::item_id).cloned();
    id.ok_or_else(|| lacks(operation, "ItemId for what it created").with_effect(Effect::Partial))
}
