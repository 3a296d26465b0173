//! Mail on Graph.

use async_trait::async_trait;

use super::mailbox::{GraphMailbox, unbuilt};
use crate::calendar::Batch;
use crate::error::Result;
use crate::listing::Listing;
use crate::mail::{MailRead, MailSend, MailWrite};
use crate::model::*;
use crate::stream::{ByteStream, Upload};

#[async_trait]
impl MailRead for GraphMailbox {
    fn list_folders(&self, query: FolderQuery) -> Listing<Folder> {
        let _ = query;
        Listing::from_error(unbuilt("list_folders"))
    }

    async fn get_folder(&self, folder: &FolderRef) -> Result<Folder> {
        let _ = folder;
        Err(unbuilt("get_folder"))
    }

    fn list_messages(&self, query: MessageQuery) -> Listing<Message> {
        let _ = query;
        Listing::from_error(unbuilt("list_messages"))
    }

    async fn get_messages(&self, ids: &[MessageId], load: &MessageLoad) -> Result<Batch<Message>> {
        let _ = ids;
        let _ = load;
        Err(unbuilt("get_messages"))
    }

    async fn open_mime(&self, id: &MessageId) -> Result<ByteStream> {
        let _ = id;
        Err(unbuilt("open_mime"))
    }

    async fn sync_folders(&self, request: SyncRequest<()>) -> Result<SyncPage<FolderChange>> {
        let _ = request;
        Err(unbuilt("sync_folders"))
    }

    async fn sync_messages(
        &self,
        request: SyncRequest<FolderRef>,
    ) -> Result<SyncPage<MessageChange>> {
        let _ = request;
        Err(unbuilt("sync_messages"))
    }
}

#[async_trait]
impl MailWrite for GraphMailbox {
    async fn create_draft(&self, message: NewMessage, options: DraftOptions) -> Result<Message> {
        let _ = message;
        let _ = options;
        Err(unbuilt("create_draft"))
    }

    async fn create_draft_mime(&self, mime: Upload, options: DraftOptions) -> Result<Message> {
        let _ = mime;
        let _ = options;
        Err(unbuilt("create_draft_mime"))
    }

    async fn create_reply_draft(
        &self,
        to: &MessageId,
        reply: NewReply,
        options: DraftOptions,
    ) -> Result<Message> {
        let _ = to;
        let _ = reply;
        let _ = options;
        Err(unbuilt("create_reply_draft"))
    }

    async fn update_message(
        &self,
        id: &MessageId,
        patch: MessagePatch,
        version: Option<&Version>,
    ) -> Result<Message> {
        let _ = id;
        let _ = patch;
        let _ = version;
        Err(unbuilt("update_message"))
    }

    async fn update_messages(&self, ids: &[MessageId], patch: MessagePatch) -> Result<Batch<()>> {
        let _ = ids;
        let _ = patch;
        Err(unbuilt("update_messages"))
    }

    async fn move_messages(&self, ids: &[MessageId], to: &FolderRef) -> Result<Batch<MessageId>> {
        let _ = ids;
        let _ = to;
        Err(unbuilt("move_messages"))
    }

    async fn copy_messages(&self, ids: &[MessageId], to: &FolderRef) -> Result<Batch<MessageId>> {
        let _ = ids;
        let _ = to;
        Err(unbuilt("copy_messages"))
    }

    async fn delete_messages(&self, ids: &[MessageId], mode: DeleteMode) -> Result<Batch<()>> {
        let _ = ids;
        let _ = mode;
        Err(unbuilt("delete_messages"))
    }

    async fn create_folder(&self, parent: &FolderRef, name: &str) -> Result<Folder> {
        let _ = parent;
        let _ = name;
        Err(unbuilt("create_folder"))
    }

    async fn rename_folder(&self, id: &FolderId, name: &str) -> Result<Folder> {
        let _ = id;
        let _ = name;
        Err(unbuilt("rename_folder"))
    }

    async fn move_folder(&self, id: &FolderId, to: &FolderRef) -> Result<Folder> {
        let _ = id;
        let _ = to;
        Err(unbuilt("move_folder"))
    }

    async fn delete_folder(&self, id: &FolderId, mode: DeleteMode) -> Result<()> {
        let _ = id;
        let _ = mode;
        Err(unbuilt("delete_folder"))
    }

    async fn empty_folder(
        &self,
        folder: &FolderRef,
        mode: DeleteMode,
        folders: bool,
    ) -> Result<()> {
        let _ = folder;
        let _ = mode;
        let _ = folders;
        Err(unbuilt("empty_folder"))
    }
}

#[async_trait]
impl MailSend for GraphMailbox {
    async fn send(&self, message: NewMessage, options: SendOptions) -> Result<SendReceipt> {
        let _ = message;
        let _ = options;
        Err(unbuilt("send"))
    }

    async fn send_mime(&self, mime: Upload, options: SendOptions) -> Result<SendReceipt> {
        let _ = mime;
        let _ = options;
        Err(unbuilt("send_mime"))
    }

    async fn send_draft(&self, id: &MessageId, options: SendOptions) -> Result<SendReceipt> {
        let _ = id;
        let _ = options;
        Err(unbuilt("send_draft"))
    }

    async fn send_reply(
        &self,
        to: &MessageId,
        reply: NewReply,
        options: SendOptions,
    ) -> Result<SendReceipt> {
        let _ = to;
        let _ = reply;
        let _ = options;
        Err(unbuilt("send_reply"))
    }
}
