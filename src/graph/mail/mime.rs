//! Messages as MIME (RFC 5322): read as they arrive, made from what is sent.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::Map;

use super::draft::{WRITE, draft_folder};
use super::once::Once;
use super::submit::{DRAFTS, check_copy, copy_stays, message_id_property};
use crate::connector::Backend;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::call::Call;
use crate::graph::convert;
use crate::graph::mailbox::GraphMailbox;
use crate::graph::permission::Permission;
use crate::mail::head::Head;
use crate::mail::keys;
use crate::mail::once::{nobody, not_sent, receipt, send_once};
use crate::model::{
    DraftOptions, ExtendedProperty, Message, MessageId, SaveSent, SendOptions, SendReceipt,
};
use crate::stream::{ByteStream, Upload};

/// How many bytes of MIME one request takes: its base64 has 4 MB then.
///
/// Source: <https://learn.microsoft.com/graph/outlook-send-mime-message>
const LARGEST: usize = 3 * 1024 * 1024;

impl GraphMailbox {
    pub(super) async fn read_mime(&self, id: &MessageId) -> Result<ByteStream> {
        const OPERATION: &str = "open_mime";
        let raw = id.require(Backend::Graph, OPERATION)?;
        let call = Call::get(
            OPERATION,
            &["messages", raw, "$value"],
            Permission::MailRead,
        );
        self.client.open(&call).await
    }

    pub(super) async fn make_draft_of_mime(
        &self,
        mime: Upload,
        options: DraftOptions,
    ) -> Result<Message> {
        const OPERATION: &str = "create_draft_mime";
        options.validate(OPERATION)?;
        let place = draft_folder(&options, OPERATION)?;
        let mime = whole(mime, OPERATION).await?;
        let key = options.idempotency_key.as_deref().map(keys::draft_key);
        let save = self.save_mime_with(&mime, key.as_slice(), &place, OPERATION);
        let id = match &key {
            None => save.await?,
            Some(key) => self.draft_once(key, &place, save, OPERATION).await?,
        };
        self.message_back(&id, OPERATION).await
    }

    pub(super) async fn submit_mime(
        &self,
        mime: Upload,
        options: SendOptions,
    ) -> Result<SendReceipt> {
        const OPERATION: &str = "send_mime";
        options.validate(OPERATION)?;
        check_copy(&options.save, OPERATION)?;
        if options.save == SaveSent::Nowhere {
            return Err(copy_stays(OPERATION));
        }
        let (head, mime) = Head::of(mime, OPERATION).await?;
        if !head.has_recipients {
            return Err(nobody(OPERATION));
        }
        let mime = whole(mime, OPERATION).await?;
        let key = options.idempotency_key.as_deref();
        if key.is_none() && (!options.track || head.message_id.is_some()) {
            self.send_as_mime(&mime, OPERATION).await?;
            return Ok(receipt(head.message_id.filter(|_| options.track)));
        }
        let mut own: Vec<ExtendedProperty> = key.map(keys::send_key).into_iter().collect();
        let message_id = options.track.then(|| {
            head.message_id.clone().unwrap_or_else(|| {
                let id = self.new_message_id();
                own.push(message_id_property(&id));
                id
            })
        });
        let save = self.save_mime_with(&mime, &own, DRAFTS, OPERATION);
        let Some(key) = key else {
            let id = save.await.map_err(not_sent)?;
            self.send_made(&id, OPERATION).await?;
            return Ok(receipt(message_id));
        };
        let once = Once {
            mailbox: self,
            key,
            operation: OPERATION,
        };
        let build = async { save.await.map(drop) };
        send_once(&once, options.track, build).await
    }

    /// Saves MIME as a draft, then what it is found by.
    async fn save_mime_with(
        &self,
        mime: &[u8],
        properties: &[ExtendedProperty],
        place: &str,
        operation: &'static str,
    ) -> Result<MessageId> {
        let id = self.save_mime(mime, place, operation).await?;
        if !properties.is_empty() {
            let mut change = Map::new();
            convert::put_properties(&mut change, properties);
            self.complete_draft(&id, &change, operation).await?;
        }
        Ok(id)
    }

    pub(super) async fn save_mime(
        &self,
        mime: &[u8],
        place: &str,
        operation: &'static str,
    ) -> Result<MessageId> {
        let call = Call::post(operation, &["mailFolders", place, "messages"], WRITE);
        self.created(&call.mime(in_base64(mime, operation)?)).await
    }
}

/// As one request takes it.
pub(super) fn in_base64(mime: &[u8], operation: &'static str) -> Result<String> {
    match mime.len() <= LARGEST {
        true => Ok(STANDARD.encode(mime)),
        false => Err(too_large(operation)),
    }
}

/// All of it: it goes in one request, and that is not large.
async fn whole(mime: Upload, operation: &'static str) -> Result<Bytes> {
    if mime.len() > LARGEST as u64 && matches!(mime, Upload::Bytes(_)) {
        return Err(too_large(operation));
    }
    let read = mime.into_stream().collect(LARGEST).await;
    read.map_err(|error| match error.kind() {
        ErrorKind::TooLarge => too_large(operation),
        _ => error.with_operation(operation),
    })
}

fn too_large(operation: &'static str) -> Error {
    let problem = format!("Graph takes no MIME of more than {LARGEST} bytes");
    Error::new(ErrorKind::TooLarge, operation, problem)
        .with_backend(Backend::Graph)
        .with_hint("Send it by its parts: a NewMessage without text_alternative may have attachments of up to 150 MB each.")
}
