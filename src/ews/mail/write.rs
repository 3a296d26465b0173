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
