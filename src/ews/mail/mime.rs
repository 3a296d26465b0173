//! Messages as MIME (RFC 5322): read as they arrive, made from what is sent.

use crate::connector::Backend;
use crate::error::{Error, Result};
use crate::ews::client::Opened;
use crate::ews::mailbox::{EwsMailbox, lacks, of};
use crate::ews::operation::{GetItem, Items, ResponseMessage};
use crate::ews::types::{BaseShape, Item, ItemId, ItemShape};
use crate::model::MessageId;
use crate::stream::ByteStream;

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
                let has_mime = item
                    .properties()
                    .is_some_and(|one| one.mime_content.is_some());
                has_mime
                    .then_some(())
                    .ok_or_else(|| without_mime(&item, OPERATION))
            })),
            Opened::Answer(answer) => Err(without_mime(&only(answer, OPERATION)?, OPERATION)),
        }
    }
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
