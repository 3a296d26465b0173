//! [`MailRead`] on EWS.

use async_trait::async_trait;

use crate::calendar::Batch;
use crate::error::{Error, Result};
use crate::ews::mailbox::EwsMailbox;
use crate::listing::Listing;
use crate::mail::MailRead;
use crate::model::{
    Folder, FolderChange, FolderQuery, FolderRef, Message, MessageChange, MessageId, MessageLoad,
    MessageQuery, SyncPage, SyncRequest,
};
use crate::stream::ByteStream;

#[async_trait]
impl MailRead for EwsMailbox {
    fn list_folders(&self, _query: FolderQuery) -> Listing<Folder> {
        Listing::from_error(unbuilt("list_folders"))
    }

    async fn get_folder(&self, _folder: &FolderRef) -> Result<Folder> {
        Err(unbuilt("get_folder"))
    }

    fn list_messages(&self, _query: MessageQuery) -> Listing<Message> {
        Listing::from_error(unbuilt("list_messages"))
    }

    async fn get_messages(
        &self,
        _ids: &[MessageId],
        _load: &MessageLoad,
    ) -> Result<Batch<Message>> {
        Err(unbuilt("get_messages"))
    }

    async fn open_mime(&self, id: &MessageId) -> Result<ByteStream> {
        self.read_mime(id).await
    }

    async fn sync_folders(&self, _request: SyncRequest<()>) -> Result<SyncPage<FolderChange>> {
        Err(unbuilt("sync_folders"))
    }

    async fn sync_messages(
        &self,
        _request: SyncRequest<FolderRef>,
    ) -> Result<SyncPage<MessageChange>> {
        Err(unbuilt("sync_messages"))
    }
}

fn unbuilt(operation: &'static str) -> Error {
    Error::unsupported(operation, "this is not built yet")
}
