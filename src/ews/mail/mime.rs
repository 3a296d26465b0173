//! Messages as MIME (RFC 5322): read as they arrive, made from what is sent.

use super::draft::created_id;
use crate::connector::Backend;
use crate::error::{Error, Result};
use crate::ews::DistinguishedFolderId;
use crate::ews::client::Opened;
use crate::ews::convert;
use crate::ews::mail::once::Once;
use crate::ews::mailbox::{EwsMailbox, lacks, of};
use crate::ews::operation::{CreateItem, GetItem, Items, MessageDisposition, ResponseMessage};
use crate::ews::types::{self, BaseShape, FolderIdRef, Item, ItemId, ItemShape, MimeContent};
use crate::mail::head::Head;
use crate::mail::once::{nobody, not_sent, receipt};
use crate::model::{DraftOptions, ExtendedProperty, Message, MessageId, SendOptions, SendReceipt};
use crate::stream::{ByteStream, Upload};

impl EwsMailbox {
    pub(super) async fn read_mime(&self, id: &MessageId) -> Result<ByteStream> {
        const OPERATION: &str = "open_mime";
        let id = ItemId::new(id.require(Backend::Ews, OPERATION)?);
        let mut shape = ItemShape::new(BaseShape::IdOnly);
        shape.include_mime_content = Some(true);
        let get = GetItem::new(shape, [id]);
        let opened = self.client.open(&get, GetItem::MIME).await;
        match opened.map_err(|error| error.with_operation(OPERATION))? {
            Opened::Content(content) => Ok(content.into_stream(OPERATION, |answer| {
                let item = only(answer, OPERATION)?;
                let properties = item.properties();
                match properties.and_then(|item| item.mime_content.as_ref()) {
                    Some(_) => Ok(()),
                    None => Err(without_mime(&item, OPERATION)),
                }
            })),
            Opened::Answer(answer) => Err(without_mime(&only(answer, OPERATION)?, OPERATION)),
        }
    }

    pub(super) async fn make_draft_of_mime(
        &self,
        mime: Upload,
        options: DraftOptions,
    ) -> Result<Message> {
        const OPERATION: &str = "create_draft_mime";
        options.validate(OPERATION)?;
        let place = self.draft_folder(&options, OPERATION)?;
        let (head, mime) = Head::of(mime, OPERATION).await?;
        let key = options.idempotency_key.as_deref().map(convert::draft_key);
        let message = message(&head, key.iter());
        let save = self.save_mime(message, mime, place.clone(), OPERATION);
        let id = match &key {
            None => save.await?,
            Some(key) => self.draft_once(key, place, save, OPERATION).await?,
        };
        self.message_back(id, OPERATION).await
    }

    pub(super) async fn submit_mime(
        &self,
        mime: Upload,
        options: SendOptions,
    ) -> Result<SendReceipt> {
        const OPERATION: &str = "send_mime";
        options.validate(OPERATION)?;
        let copy = self.copy(&options.save, OPERATION)?;
        let (head, mime) = Head::of(mime, OPERATION).await?;
        if !head.has_recipients {
            return Err(nobody(OPERATION));
        }
        let key = options.idempotency_key.as_deref();
        if key.is_none() && !options.track {
            let send = copy.send(Item::Message(Box::new(message(&head, []))));
            self.one_with(&send, CreateItem::MIME, mime, OPERATION)
                .await?;
            return Ok(SendReceipt::new());
        }
        let mut own: Vec<ExtendedProperty> = key.map(convert::send_key).into_iter().collect();
        let message_id = options.track.then(|| match &head.message_id {
            Some(id) => id.clone(),
            None => {
                let id = self.new_message_id();
                own.push(convert::message_id(&id));
                id
            }
        });
        let place = self.folder(DistinguishedFolderId::Drafts);
        let save = self.save_mime(message(&head, own.iter()), mime, place, OPERATION);
        let Some(key) = key else {
            let id = save.await.map_err(not_sent)?;
            self.send_made(id, &copy, OPERATION).await?;
            return Ok(receipt(message_id));
        };
        let once = Once {
            key,
            copy: &copy,
            is_tracked: options.track,
            operation: OPERATION,
        };
        let build = async { save.await.map(drop) };
        self.send_once(once, build).await
    }

    async fn save_mime(
        &self,
        message: types::Message,
        mime: Upload,
        place: FolderIdRef,
        operation: &'static str,
    ) -> Result<ItemId> {
        let items = vec![Item::Message(Box::new(message))];
        let create = CreateItem::messages(items, MessageDisposition::SaveOnly).into_folder(place);
        let made = self
            .one_with(&create, CreateItem::MIME, mime, operation)
            .await?;
        created_id(&made.0, operation)
    }
}

/// The message to create, with these properties and its MIME left empty.
fn message<'p>(
    head: &Head,
    properties: impl IntoIterator<Item = &'p ExtendedProperty>,
) -> types::Message {
    let mut message = types::Message::default();
    message.item.mime_content = Some(MimeContent::new(""));
    message.bcc_recipients =
        (!head.bcc.is_empty()).then(|| head.bcc.iter().map(convert::mailbox).collect());
    for property in properties {
        let list = message.item.extended_properties.get_or_insert_default();
        list.0.push(convert::extended_uri(property));
    }
    message
}

/// The one item of an answer.
fn only(answer: Vec<ResponseMessage<Items>>, called: &'static str) -> Result<Item> {
    let message = answer.into_iter().next();
    let message = message.ok_or_else(|| lacks(called, "answer"))?;
    let item = of(message, called)?.items.into_iter().next();
    item.ok_or_else(|| lacks(called, "item"))
}

fn without_mime(item: &Item, called: &'static str) -> Error {
    let problem = format!("the server has no MIME form of this {}", item.kind());
    Error::unsupported(called, problem).with_backend(Backend::Ews)
}
