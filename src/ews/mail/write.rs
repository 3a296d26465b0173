//! [`MailWrite`] on EWS.

use async_trait::async_trait;

use crate::calendar::Batch;
use crate::error::{Error, Result};
use crate::ews::mailbox::EwsMailbox;
use crate::mail::MailWrite;
use crate::model::{
    DeleteMode, DraftOptions, Folder, FolderId, FolderRef, Message, MessageId, MessagePatch,
    NewMessage, NewReply, Version,
};
use crate::stream::Upload;

#[async_trait]
impl MailWrite for EwsMailbox {
    async fn create_draft(&self, message: NewMessage, options: DraftOptions) -> Result<Message> {
        self.make_draft(message, options).await
    }

    async fn create_draft_mime(&self, _mime: Upload, _options: DraftOptions) -> Result<Message> {
        Err(unbuilt("create_draft_mime"))
    }

    async fn create_reply_draft(
        &self,
        to: &MessageId,
        reply: NewReply,
        options: DraftOptions,
    ) -> Result<Message> {
        self.make_reply_draft(to, reply, options).await
    }

    async fn update_message(
        &self,
        id: &MessageId,
        patch: MessagePatch,
        version: Option<&Version>,
    ) -> Result<Message> {
        self.change_message(id, &patch, version).await
    }

    async fn update_messages(&self, ids: &[MessageId], patch: MessagePatch) -> Result<Batch<()>> {
        self.change_messages(ids, &patch).await
    }

    async fn move_messages(&self, ids: &[MessageId], to: &FolderRef) -> Result<Batch<MessageId>> {
        self.relocate(ids, to).await
    }

    async fn copy_messages(&self, ids: &[MessageId], to: &FolderRef) -> Result<Batch<MessageId>> {
        self.duplicate(ids, to).await
    }

    async fn delete_messages(&self, ids: &[MessageId], mode: DeleteMode) -> Result<Batch<()>> {
        self.dispose(ids, mode).await
    }

    async fn create_folder(&self, _parent: &FolderRef, _name: &str) -> Result<Folder> {
        Err(unbuilt("create_folder"))
    }

    async fn rename_folder(&self, _id: &FolderId, _name: &str) -> Result<Folder> {
        Err(unbuilt("rename_folder"))
    }

    async fn move_folder(&self, _id: &FolderId, _to: &FolderRef) -> Result<Folder> {
        Err(unbuilt("move_folder"))
    }

    async fn delete_folder(&self, _id: &FolderId, _mode: DeleteMode) -> Result<()> {
        Err(unbuilt("delete_folder"))
    }

    async fn empty_folder(
        &self,
        _folder: &FolderRef,
        _mode: DeleteMode,
        _folders: bool,
    ) -> Result<()> {
        Err(unbuilt("empty_folder"))
    }
}

fn unbuilt(operation: &'static str) -> Error {
    Error::unsupported(operation, "this is not built yet")
}
