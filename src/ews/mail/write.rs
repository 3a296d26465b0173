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
    async fn create_draft(&self, _message: NewMessage, _options: DraftOptions) -> Result<Message> {
        Err(unbuilt("create_draft"))
    }

    async fn create_draft_mime(&self, _mime: Upload, _options: DraftOptions) -> Result<Message> {
        Err(unbuilt("create_draft_mime"))
    }

    async fn create_reply_draft(
        &self,
        _to: &MessageId,
        _reply: NewReply,
        _options: DraftOptions,
    ) -> Result<Message> {
        Err(unbuilt("create_reply_draft"))
    }

    async fn update_message(
        &self,
        _id: &MessageId,
        _patch: MessagePatch,
        _version: Option<&Version>,
    ) -> Result<Message> {
        Err(unbuilt("update_message"))
    }

    async fn update_messages(&self, _ids: &[MessageId], _patch: MessagePatch) -> Result<Batch<()>> {
        Err(unbuilt("update_messages"))
    }

    async fn move_messages(&self, _ids: &[MessageId], _to: &FolderRef) -> Result<Batch<MessageId>> {
        Err(unbuilt("move_messages"))
    }

    async fn copy_messages(&self, _ids: &[MessageId], _to: &FolderRef) -> Result<Batch<MessageId>> {
        Err(unbuilt("copy_messages"))
    }

    async fn delete_messages(&self, _ids: &[MessageId], _mode: DeleteMode) -> Result<Batch<()>> {
        Err(unbuilt("delete_messages"))
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

fn unbuilt(operation: &'static str) -> Error {
    Error::unsupported(operation, "this is not built yet")
}
