//! What is attached to events and messages.

use async_trait::async_trait;

use super::mailbox::{GraphMailbox, unbuilt};
use crate::error::Result;
use crate::mail::{AttachmentRead, AttachmentWrite};
use crate::model::*;
use crate::stream::ByteStream;

#[async_trait]
impl AttachmentRead for GraphMailbox {
    async fn list_attachments(&self, of: &ItemRef) -> Result<Vec<Attachment>> {
        let _ = of;
        Err(unbuilt("list_attachments"))
    }

    async fn open_attachment(&self, of: &ItemRef, id: &AttachmentId) -> Result<ByteStream> {
        let _ = of;
        let _ = id;
        Err(unbuilt("open_attachment"))
    }
}

#[async_trait]
impl AttachmentWrite for GraphMailbox {
    async fn add_attachment(&self, to: &ItemRef, file: AttachmentUpload) -> Result<Attachment> {
        let _ = to;
        let _ = file;
        Err(unbuilt("add_attachment"))
    }

    async fn delete_attachment(&self, of: &ItemRef, id: &AttachmentId) -> Result<()> {
        let _ = of;
        let _ = id;
        Err(unbuilt("delete_attachment"))
    }
}
