//! [`AttachmentRead`] and [`AttachmentWrite`] on EWS.

use async_trait::async_trait;

use super::mailbox::EwsMailbox;
use crate::error::{Error, Result};
use crate::mail::{AttachmentRead, AttachmentWrite};
use crate::model::{Attachment, AttachmentId, AttachmentUpload, ItemRef};
use crate::stream::ByteStream;

#[async_trait]
impl AttachmentRead for EwsMailbox {
    async fn list_attachments(&self, _of: &ItemRef) -> Result<Vec<Attachment>> {
        Err(unbuilt("list_attachments"))
    }

    async fn open_attachment(&self, _of: &ItemRef, _id: &AttachmentId) -> Result<ByteStream> {
        Err(unbuilt("open_attachment"))
    }
}

#[async_trait]
impl AttachmentWrite for EwsMailbox {
    async fn add_attachment(&self, _to: &ItemRef, _file: AttachmentUpload) -> Result<Attachment> {
        Err(unbuilt("add_attachment"))
    }

    async fn delete_attachment(&self, _of: &ItemRef, _id: &AttachmentId) -> Result<()> {
        Err(unbuilt("delete_attachment"))
    }
}

fn unbuilt(operation: &'static str) -> Error {
    Error::unsupported(operation, "this is not built yet")
}
