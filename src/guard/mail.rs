//! Mail of a mailbox that asks before it writes.

use async_trait::async_trait;

use super::mailbox::GuardedMailbox;
use crate::calendar::Batch;
use crate::error::{Error, Result};
use crate::listing::Listing;
use crate::mail::{AttachmentRead, AttachmentWrite, MailRead, MailSend, MailWrite};
use crate::model::{
    Attachment, AttachmentId, AttachmentUpload, DeleteMode, DraftOptions, Folder, FolderChange,
    FolderId, FolderQuery, FolderRef, ItemRef, Message, MessageChange, MessageId, MessageLoad,
    MessagePatch, MessageQuery, NewMessage, NewReply, SendOptions, SendReceipt, SyncPage,
    SyncRequest, Version,
};
use crate::stream::{ByteStream, Upload};

#[async_trait]
impl AttachmentRead for GuardedMailbox {
    async fn list_attachments(&self, of: &ItemRef) -> Result<Vec<Attachment>> {
        self.inner.list_attachments(of).await
    }

    async fn open_attachment(&self, of: &ItemRef, id: &AttachmentId) -> Result<ByteStream> {
        self.inner.open_attachment(of, id).await
    }
}

#[async_trait]
impl AttachmentWrite for GuardedMailbox {
    async fn add_attachment(&self, _to: &ItemRef, _file: AttachmentUpload) -> Result<Attachment> {
        Err(unbuilt("add_attachment"))
    }

    async fn delete_attachment(&self, _of: &ItemRef, _id: &AttachmentId) -> Result<()> {
        Err(unbuilt("delete_attachment"))
    }
}

#[async_trait]
impl MailRead for GuardedMailbox {
    fn list_folders(&self, query: FolderQuery) -> Listing<Folder> {
        self.inner.list_folders(query)
    }

    async fn get_folder(&self, folder: &FolderRef) -> Result<Folder> {
        self.inner.get_folder(folder).await
    }

    fn list_messages(&self, query: MessageQuery) -> Listing<Message> {
        self.inner.list_messages(query)
    }

    async fn get_messages(&self, ids: &[MessageId], load: &MessageLoad) -> Result<Batch<Message>> {
        self.inner.get_messages(ids, load).await
    }

    async fn open_mime(&self, id: &MessageId) -> Result<ByteStream> {
        self.inner.open_mime(id).await
    }

    async fn sync_folders(&self, request: SyncRequest<()>) -> Result<SyncPage<FolderChange>> {
        self.inner.sync_folders(request).await
    }

    async fn sync_messages(
        &self,
        request: SyncRequest<FolderRef>,
    ) -> Result<SyncPage<MessageChange>> {
        self.inner.sync_messages(request).await
    }
}

#[async_trait]
impl MailWrite for GuardedMailbox {
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

#[async_trait]
impl MailSend for GuardedMailbox {
    async fn send(&self, _message: NewMessage, _options: SendOptions) -> Result<SendReceipt> {
        Err(unbuilt("send"))
    }

    async fn send_mime(&self, _mime: Upload, _options: SendOptions) -> Result<SendReceipt> {
        Err(unbuilt("send_mime"))
    }

    async fn send_draft(&self, _id: &MessageId, _options: SendOptions) -> Result<SendReceipt> {
        Err(unbuilt("send_draft"))
    }

    async fn send_reply(
        &self,
        _to: &MessageId,
        _reply: NewReply,
        _options: SendOptions,
    ) -> Result<SendReceipt> {
        Err(unbuilt("send_reply"))
    }
}

fn unbuilt(operation: &'static str) -> Error {
    Error::unsupported(operation, "this is not built yet")
}
