//! [`MailRead`] on Graph.

use async_trait::async_trait;

use super::{list, tree};
use crate::calendar::Batch;
use crate::error::Result;
use crate::graph::mailbox::GraphMailbox;
use crate::listing::Listing;
use crate::mail::MailRead;
use crate::model::{
    Folder, FolderChange, FolderQuery, FolderRef, Message, MessageChange, MessageId, MessageLoad,
    MessageQuery, SyncPage, SyncRequest,
};
use crate::stream::ByteStream;

#[async_trait]
impl MailRead for GraphMailbox {
    fn list_folders(&self, query: FolderQuery) -> Listing<Folder> {
        tree::list(self.clone(), query)
    }

    async fn get_folder(&self, folder: &FolderRef) -> Result<Folder> {
        self.folder_as_it_is(folder, "get_folder").await
    }

    fn list_messages(&self, query: MessageQuery) -> Listing<Message> {
        list::messages(self.clone(), query)
    }

    async fn get_messages(&self, ids: &[MessageId], load: &MessageLoad) -> Result<Batch<Message>> {
        self.messages_by_id(ids, load, "get_messages").await
    }

    async fn open_mime(&self, id: &MessageId) -> Result<ByteStream> {
        self.read_mime(id).await
    }

    async fn sync_folders(&self, request: SyncRequest<()>) -> Result<SyncPage<FolderChange>> {
        self.changed_folders(request).await
    }

    async fn sync_messages(
        &self,
        request: SyncRequest<FolderRef>,
    ) -> Result<SyncPage<MessageChange>> {
        self.changed_messages(request).await
    }
}
