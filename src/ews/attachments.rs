//! [`AttachmentRead`] and [`AttachmentWrite`] on EWS.

use async_trait::async_trait;

use super::FieldUri;

use super::client::Opened;
use super::convert;
use super::mailbox::{EwsMailbox, lacks, of};
use super::operation::{
    AttachmentInfo, CreateAttachment, DeleteAttachment, GetAttachment, GetItem, ResponseMessage,
};
use super::types::{self, AttachmentShape, BaseShape, BodyTypeResponse, Item, ItemId, ItemShape};
use crate::connector::Backend;
use crate::error::{Effect, Error, ErrorKind, Result};
use crate::mail::{AttachmentRead, AttachmentWrite};
use crate::model::{Attachment, AttachmentId, AttachmentKind, AttachmentUpload, ItemRef};
use crate::stream::ByteStream;

#[async_trait]
impl AttachmentRead for EwsMailbox {
    async fn list_attachments(&self, of: &ItemRef) -> Result<Vec<Attachment>> {
        const OPERATION: &str = "list_attachments";
        let id = ItemId::new(of.require(Backend::Ews, OPERATION)?);
        let shape = ItemShape::new(BaseShape::IdOnly).with([FieldUri::ItemAttachments]);
        let items = self.one(&GetItem::new(shape, [id]), OPERATION).await?;
        let item = items.items.first();
        let item = item.ok_or_else(|| lacks(OPERATION, "item"))?;
        let attached = item.properties().and_then(|item| item.attachments.as_ref());
        let mut list = convert::attachments(attached);
        self.tell_items_apart(&mut list, OPERATION).await?;
        Ok(list)
    }

    async fn open_attachment(&self, of: &ItemRef, id: &AttachmentId) -> Result<ByteStream> {
        const OPERATION: &str = "open_attachment";
        of.require(Backend::Ews, OPERATION)?;
        let id = types::AttachmentId::new(id.require(Backend::Ews, OPERATION)?);
        let shape = AttachmentShape::default().with_mime_content();
        let get = GetAttachment::new([id]).shape(shape);
        let opened = self.client.open(&get, GetAttachment::CONTENT).await;
        match opened.map_err(|error| error.with_operation(OPERATION))? {
            Opened::Content(content) => Ok(content.into_stream(OPERATION, |answer| {
                has_content(&only(answer, OPERATION)?, OPERATION)
            })),
            Opened::Answer(answer) => Err(without_content(&only(answer, OPERATION)?, OPERATION)),
        }
    }
}

#[async_trait]
impl AttachmentWrite for EwsMailbox {
    async fn add_attachment(&self, to: &ItemRef, file: AttachmentUpload) -> Result<Attachment> {
        const OPERATION: &str = "add_attachment";
        let parent = ItemId::new(to.require(Backend::Ews, OPERATION)?);
        file.validate()?;
        let wire = convert::upload(&file);
        let create = CreateAttachment::new(parent, [wire]);
        let place = CreateAttachment::CONTENT;
        let made = self
            .one_with(&create, place, file.content, OPERATION)
            .await?;
        let made = made.attachments.0.into_iter().next();
        let id = made.and_then(|made| made.properties.attachment_id);
        let id =
            id.ok_or_else(|| lacks(OPERATION, "attachment id").with_effect(Effect::Partial))?;
        let mut attachment = Attachment::new(
            AttachmentId::from_raw(Backend::Ews, id.id),
            file.name,
            AttachmentKind::File {
                content_id: file.content_id,
                content_location: None,
            },
        );
        attachment.content_type = file.content_type;
        attachment.is_inline = file.is_inline;
        Ok(attachment)
    }

    async fn delete_attachment(&self, of: &ItemRef, id: &AttachmentId) -> Result<()> {
        const OPERATION: &str = "delete_attachment";
        of.require(Backend::Ews, OPERATION)?;
        let id = types::AttachmentId::new(id.require(Backend::Ews, OPERATION)?);
        self.one(&DeleteAttachment::new([id]), OPERATION)
            .await
            .map(drop)
    }
}

impl EwsMailbox {
    /// A list of attachments says which are items, but not of what kind: the items are read for that, if there are any.
    async fn tell_items_apart(
        &self,
        list: &mut [Attachment],
        operation: &'static str,
    ) -> Result<()> {
        // One at a time: each comes with its text.
        let items = list.iter_mut();
        for attachment in items.filter(|one| matches!(one.kind, AttachmentKind::Item { .. })) {
            let id = types::AttachmentId::new(attachment.id.as_raw());
            let shape = AttachmentShape::default().body_type(BodyTypeResponse::Text);
            let get = GetAttachment::new([id]).shape(shape);
            let answers = match self.send(&get, operation).await {
                // One that cannot be read is of a kind nobody knows.
                Err(error)
                    if error.is_of_one_item() || error.kind() == ErrorKind::LimitExceeded =>
                {
                    continue;
                }
                answers => answers?,
            };
            let answer = answers
                .into_iter()
                .next()
                .and_then(|answer| answer.ok().ok());
            let read = answer.and_then(|mut info| info.attachments.0.pop());
            if let Some(item) = read.and_then(|read| read.item) {
                let item = convert::item_kind(&item);
                attachment.kind = AttachmentKind::Item { item };
            }
        }
        Ok(())
    }
}

/// The one attachment of an answer.
fn only(
    answer: Vec<ResponseMessage<AttachmentInfo>>,
    called: &'static str,
) -> Result<types::Attachment> {
    let message = answer.into_iter().next();
    let message = message.ok_or_else(|| lacks(called, "answer"))?;
    let mut list = of(message, called)?.attachments.0;
    match (list.pop(), list.is_empty()) {
        (Some(attachment), true) => Ok(attachment),
        (Some(_), false) => {
            let problem = "several attachments came where one was asked for";
            Err(Error::new(ErrorKind::Protocol, called, problem).with_backend(Backend::Ews))
        }
        (None, _) => Err(lacks(called, "attachment")),
    }
}

/// Checks that the content that came was that of the attachment.
fn has_content(attachment: &types::Attachment, called: &'static str) -> Result<()> {
    let item = attachment.item.as_ref().and_then(Item::properties);
    let has_mime = item.is_some_and(|item| item.mime_content.is_some());
    if has_mime || attachment.properties.content.is_some() {
        return Ok(());
    }
    Err(without_content(attachment, called))
}

/// Why there is nothing to read.
fn without_content(attachment: &types::Attachment, called: &'static str) -> Error {
    let name = attachment.properties.name.as_deref().unwrap_or_default();
    let error = match (&attachment.kind, &attachment.item) {
        (types::AttachmentKind::ReferenceAttachment, _) => {
            let url = attachment.properties.attach_long_path_name.as_deref();
            let problem = format!(
                "{name:?} is no file but a link to {}",
                url.unwrap_or("a place the server does not name")
            );
            let hint = "Open the link with the program for that place.";
            Error::unsupported(called, problem).with_hint(hint)
        }
        (types::AttachmentKind::ItemAttachment, Some(item)) => {
            let problem = format!("the server has no MIME form of {name:?}, a {}", item.kind());
            let hint = "Read its properties with GetAttachment.";
            Error::unsupported(called, problem).with_hint(hint)
        }
        _ => lacks(called, "content"),
    };
    error.with_backend(Backend::Ews)
}
