//! [`MailWrite`] on EWS.

use async_trait::async_trait;

use crate::calendar::Batch;
use crate::error::Result;
use crate::ews::mailbox::EwsMailbox;
use crate::mail::MailWrite;
use crate::mail::once::is_unsaved;
use crate::model::{
    DeleteMode, DraftOptions, Folder, FolderId, FolderRef, Message, MessageId, MessagePatch,
    NewMessage, NewReply, Version,
};
use crate::stream::Upload;

#[async_trait]
impl MailWrite for EwsMailbox {
    async fn create_draft(&self, message: NewMessage, options: DraftOptions) -> Result<Message> {
        if options.idempotency_key.is_none() {
            return self.make_draft(&message, &options).await;
        }
        let call = || self.make_draft(&message, &options);
        self.until_finished("create_draft", is_unsaved, call).await
    }

    async fn create_draft_mime(&self, mime: Upload, options: DraftOptions) -> Result<Message> {
        self.make_draft_of_mime(mime, options).await
    }

    async fn create_reply_draft(
        &self,
        to: &MessageId,
        reply: NewReply,
        options: DraftOptions,
    ) -> Result<Message> {
        self.make_reply_draft(to, &reply, &options).await
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

    async fn create_folder(&self, parent: &FolderRef, name: &str) -> Result<Folder> {
        self.make_folder(parent, name).await
    }

    async fn rename_folder(&self, id: &FolderId, name: &str) -> Result<Folder> {
        self.name_folder(id, name).await
    }

    async fn move_folder(&self, id: &FolderId, to: &FolderRef) -> Result<Folder> {
        self.put_folder(id, to).await
    }

    async fn delete_folder(&self, id: &FolderId, mode: DeleteMode) -> Result<()> {
        self.drop_folder(id, mode).await
    }

    async fn empty_folder(
        &self,
        folder: &FolderRef,
        mode: DeleteMode,
        folders: bool,
    ) -> Result<()> {
        self.clear_folder(folder, mode, folders).await
    }
}
