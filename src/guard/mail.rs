//! Mail of a mailbox that asks before it writes.

use async_trait::async_trait;
use bytes::Bytes;

use super::WriteIntent;
use super::mailbox::GuardedMailbox;
use super::write::Write;
use crate::calendar::Batch;
use crate::error::Result;
use crate::listing::Listing;
use crate::mail::{AttachmentRead, AttachmentWrite, MailRead, MailSend, MailWrite};
use crate::model::{
    Attachment, AttachmentId, AttachmentUpload, DeleteMode, DraftOptions, Folder, FolderChange,
    FolderId, FolderQuery, FolderRef, ItemRef, Message, MessageChange, MessageId, MessageLoad,
    MessagePatch, MessageQuery, NewAttachment, NewMessage, NewReply, SendOptions, SendReceipt,
    SyncPage, SyncRequest, Version,
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
    async fn add_attachment(&self, to: &ItemRef, file: AttachmentUpload) -> Result<Attachment> {
        let content = gathered("add_attachment", file.content).await?;
        let mut at_hand = NewAttachment::new(file.name, content);
        at_hand.content_type = file.content_type;
        at_hand.is_inline = file.is_inline;
        at_hand.content_id = file.content_id;
        let file = at_hand;
        let write = Write::AddAttachment { to, file: &file };
        let intent = self.approved(write).await?;
        let outcome = self.inner.add_attachment(to, file.into()).await;
        self.ended(&intent, outcome).await
    }

    async fn delete_attachment(&self, of: &ItemRef, id: &AttachmentId) -> Result<()> {
        let intent = self.approved(Write::DeleteAttachment { of, id }).await?;
        let outcome = self.inner.delete_attachment(of, id).await;
        self.ended(&intent, outcome).await
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

    async fn get_message(&self, id: &MessageId, load: &MessageLoad) -> Result<Message> {
        self.inner.get_message(id, load).await
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
    async fn create_draft(&self, message: NewMessage, options: DraftOptions) -> Result<Message> {
        let write = Write::CreateDraft {
            message: &message,
            options: &options,
        };
        let intent = self.approved(write).await?;
        let outcome = self.inner.create_draft(message, options).await;
        self.ended(&intent, outcome).await
    }

    async fn create_draft_mime(&self, mime: Upload, options: DraftOptions) -> Result<Message> {
        let mime = gathered("create_draft_mime", mime).await?;
        let write = Write::CreateDraftMime {
            mime: &mime,
            options: &options,
        };
        let intent = self.approved(write).await?;
        let outcome = self.inner.create_draft_mime(mime.into(), options).await;
        self.ended(&intent, outcome).await
    }

    async fn create_reply_draft(
        &self,
        to: &MessageId,
        reply: NewReply,
        options: DraftOptions,
    ) -> Result<Message> {
        let write = Write::CreateReplyDraft {
            to,
            reply: &reply,
            options: &options,
        };
        let intent = self.approved(write).await?;
        let outcome = self.inner.create_reply_draft(to, reply, options).await;
        self.ended(&intent, outcome).await
    }

    async fn update_message(
        &self,
        id: &MessageId,
        patch: MessagePatch,
        version: Option<&Version>,
    ) -> Result<Message> {
        let write = Write::UpdateMessage {
            id,
            patch: &patch,
            version,
        };
        let intent = self.approved(write).await?;
        let outcome = self.inner.update_message(id, patch, version).await;
        self.ended(&intent, outcome).await
    }

    async fn update_messages(&self, ids: &[MessageId], patch: MessagePatch) -> Result<Batch<()>> {
        let mut reviewed = Vec::with_capacity(ids.len());
        for id in ids {
            let write = Write::UpdateMessage {
                id,
                patch: &patch,
                version: None,
            };
            reviewed.push(self.approved(write).await);
        }
        let allowed = allowed(ids, &reviewed);
        let made = self.inner.update_messages(&allowed, patch);
        self.batch("update_messages", reviewed, made).await
    }

    async fn move_messages(&self, ids: &[MessageId], to: &FolderRef) -> Result<Batch<MessageId>> {
        let mut reviewed = Vec::with_capacity(ids.len());
        for id in ids {
            reviewed.push(self.approved(Write::MoveMessage { id, to }).await);
        }
        let allowed = allowed(ids, &reviewed);
        let made = self.inner.move_messages(&allowed, to);
        self.batch("move_messages", reviewed, made).await
    }

    async fn copy_messages(&self, ids: &[MessageId], to: &FolderRef) -> Result<Batch<MessageId>> {
        let mut reviewed = Vec::with_capacity(ids.len());
        for id in ids {
            reviewed.push(self.approved(Write::CopyMessage { id, to }).await);
        }
        let allowed = allowed(ids, &reviewed);
        let made = self.inner.copy_messages(&allowed, to);
        self.batch("copy_messages", reviewed, made).await
    }

    async fn delete_messages(&self, ids: &[MessageId], mode: DeleteMode) -> Result<Batch<()>> {
        let mut reviewed = Vec::with_capacity(ids.len());
        for id in ids {
            reviewed.push(self.approved(Write::DeleteMessage { id, mode }).await);
        }
        let allowed = allowed(ids, &reviewed);
        let made = self.inner.delete_messages(&allowed, mode);
        self.batch("delete_messages", reviewed, made).await
    }

    async fn create_folder(&self, parent: &FolderRef, name: &str) -> Result<Folder> {
        let intent = self.approved(Write::CreateFolder { parent, name }).await?;
        let outcome = self.inner.create_folder(parent, name).await;
        self.ended(&intent, outcome).await
    }

    async fn rename_folder(&self, id: &FolderId, name: &str) -> Result<Folder> {
        let intent = self.approved(Write::RenameFolder { id, name }).await?;
        let outcome = self.inner.rename_folder(id, name).await;
        self.ended(&intent, outcome).await
    }

    async fn move_folder(&self, id: &FolderId, to: &FolderRef) -> Result<Folder> {
        let intent = self.approved(Write::MoveFolder { id, to }).await?;
        let outcome = self.inner.move_folder(id, to).await;
        self.ended(&intent, outcome).await
    }

    async fn delete_folder(&self, id: &FolderId, mode: DeleteMode) -> Result<()> {
        let intent = self.approved(Write::DeleteFolder { id, mode }).await?;
        let outcome = self.inner.delete_folder(id, mode).await;
        self.ended(&intent, outcome).await
    }

    async fn empty_folder(
        &self,
        folder: &FolderRef,
        mode: DeleteMode,
        folders: bool,
    ) -> Result<()> {
        let write = Write::EmptyFolder {
            folder,
            mode,
            folders,
        };
        let intent = self.approved(write).await?;
        let outcome = self.inner.empty_folder(folder, mode, folders).await;
        self.ended(&intent, outcome).await
    }
}

#[async_trait]
impl MailSend for GuardedMailbox {
    async fn send(&self, message: NewMessage, options: SendOptions) -> Result<SendReceipt> {
        let write = Write::Send {
            message: &message,
            options: &options,
        };
        let intent = self.approved(write).await?;
        let outcome = self.inner.send(message, options).await;
        self.ended(&intent, outcome).await
    }

    async fn send_mime(&self, mime: Upload, options: SendOptions) -> Result<SendReceipt> {
        let mime = gathered("send_mime", mime).await?;
        let write = Write::SendMime {
            mime: &mime,
            options: &options,
        };
        let intent = self.approved(write).await?;
        let outcome = self.inner.send_mime(mime.into(), options).await;
        self.ended(&intent, outcome).await
    }

    async fn send_draft(&self, id: &MessageId, options: SendOptions) -> Result<SendReceipt> {
        let write = Write::SendDraft {
            id,
            options: &options,
        };
        let intent = self.approved(write).await?;
        let outcome = self.inner.send_draft(id, options).await;
        self.ended(&intent, outcome).await
    }

    async fn send_reply(
        &self,
        to: &MessageId,
        reply: NewReply,
        options: SendOptions,
    ) -> Result<SendReceipt> {
        let write = Write::SendReply {
            to,
            reply: &reply,
            options: &options,
        };
        let intent = self.approved(write).await?;
        let outcome = self.inner.send_reply(to, reply, options).await;
        self.ended(&intent, outcome).await
    }
}

/// The messages of a batch whose writes may be made.
fn allowed(ids: &[MessageId], reviewed: &[Result<WriteIntent>]) -> Vec<MessageId> {
    let pairs = ids.iter().zip(reviewed);
    let allowed = pairs.filter(|(_, answer)| answer.is_ok());
    allowed.map(|(id, _)| id.clone()).collect()
}

/// How many bytes of a stream are held for a guard to judge.
const MOST_GATHERED: usize = 150 * 1024 * 1024;

/// An approval is bound to a content, so the content is to be at hand when it is given.
async fn gathered(operation: &'static str, content: Upload) -> Result<Bytes> {
    match content {
        Upload::Bytes(bytes) => Ok(bytes),
        stream => {
            let gathered = stream.into_stream().collect(MOST_GATHERED).await;
            gathered.map_err(|error| error.with_operation(operation))
        }
    }
}
