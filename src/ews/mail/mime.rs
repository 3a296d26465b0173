//! Messages as MIME (RFC 5322): read as they arrive, made from what is sent.

use bytes::{Bytes, BytesMut};
use mail_parser::{Address, MessageParser};

use super::draft::created_id;
use super::submit::{nobody, not_sent, receipt};
use crate::connector::Backend;
use crate::error::{Error, ErrorKind, Result};
use crate::ews::DistinguishedFolderId;
use crate::ews::client::Opened;
use crate::ews::convert;
use crate::ews::mail::once::Once;
use crate::ews::mailbox::{EwsMailbox, lacks, of};
use crate::ews::operation::{CreateItem, GetItem, Items, MessageDisposition, ResponseMessage};
use crate::ews::types::{
    self, BaseShape, FolderIdRef, Item, ItemId, ItemShape, Mailbox, MimeContent,
};
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
        let message = head.message(key.iter());
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
            let send = copy.send(Item::Message(Box::new(head.message([]))));
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
        let save = self.save_mime(head.message(own.iter()), mime, place, OPERATION);
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

/// What the headers of a message say that has to be known before it is sent.
struct Head {
    has_recipients: bool,
    /// Servers need not look for them in the headers, so they are said apart.
    bcc: Vec<Mailbox>,
    /// With its angle brackets.
    message_id: Option<String>,
}

impl Head {
    /// Reads the headers, and gives the whole message back.
    async fn of(mime: Upload, operation: &'static str) -> Result<(Self, Upload)> {
        let (begin, mime) = match mime {
            Upload::Bytes(bytes) => (bytes.clone(), Upload::Bytes(bytes)),
            Upload::Stream { len, mut stream } => {
                let mut begin = BytesMut::new();
                while end_of_headers(&begin).is_none()
                    && begin.len() <= LONGEST_HEADERS
                    && let Some(piece) = stream.try_next().await?
                {
                    begin.extend_from_slice(&piece);
                }
                let begin = begin.freeze();
                let whole = chain(begin.clone(), stream);
                (begin, Upload::stream(len, whole))
            }
        };
        let end = end_of_headers(&begin).unwrap_or(begin.len());
        if end > LONGEST_HEADERS {
            let problem = format!("the headers are longer than {LONGEST_HEADERS} bytes");
            return Err(Error::new(ErrorKind::ContentRejected, operation, problem)
                .with_hint("Check that it is a message at all (RFC 5322)."));
        }
        let headers = begin.get(..end).unwrap_or_default();
        Ok((Self::read(headers), mime))
    }

    fn read(headers: &[u8]) -> Self {
        // The parser takes no last line that does not end.
        let headers = [headers, b"\r\n\r\n"].concat();
        let Some(message) = MessageParser::default().parse_headers(&headers) else {
            return Self {
                has_recipients: false,
                bcc: Vec::new(),
                message_id: None,
            };
        };
        let bcc = mailboxes(message.bcc());
        let has_some = |list| !mailboxes(list).is_empty();
        Self {
            has_recipients: !bcc.is_empty() || has_some(message.to()) || has_some(message.cc()),
            bcc,
            message_id: message.message_id().map(|id| format!("<{id}>")),
        }
    }

    /// The message to create, with these properties and its MIME left empty.
    fn message<'p>(
        &self,
        properties: impl IntoIterator<Item = &'p ExtendedProperty>,
    ) -> types::Message {
        let mut message = types::Message::default();
        message.item.mime_content = Some(MimeContent::new(""));
        message.bcc_recipients = (!self.bcc.is_empty()).then(|| self.bcc.clone());
        for property in properties {
            let list = message.item.extended_properties.get_or_insert_default();
            list.0.push(convert::extended_uri(property));
        }
        message
    }
}

fn mailboxes(list: Option<&Address<'_>>) -> Vec<Mailbox> {
    let one = |address: &mail_parser::Addr<'_>| {
        let mut mailbox = Mailbox::smtp(address.address.as_deref()?.trim());
        mailbox.name = address.name.as_deref().map(str::to_owned);
        Some(mailbox)
    };
    list.into_iter()
        .flat_map(Address::iter)
        .filter_map(one)
        .collect()
}

/// Where the headers end: behind the line before the first empty one.
fn end_of_headers(bytes: &[u8]) -> Option<usize> {
    if bytes.starts_with(b"\n") || bytes.starts_with(b"\r\n") {
        return Some(0);
    }
    let lines = memchr::memchr_iter(b'\n', bytes);
    lines
        .map(|at| at + 1)
        .find(|next| matches!(bytes.get(*next..), Some([b'\n', ..] | [b'\r', b'\n', ..])))
}

/// The bytes that were read already, and the rest.
fn chain(begin: Bytes, rest: ByteStream) -> ByteStream {
    ByteStream::unfold((begin, rest), |(begin, mut rest)| async move {
        if !begin.is_empty() {
            return Ok(Some((begin, (Bytes::new(), rest))));
        }
        let next = rest.try_next().await?;
        Ok(next.map(|piece| (piece, (Bytes::new(), rest))))
    })
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

/// No message has headers like that.
const LONGEST_HEADERS: usize = 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(mime: &'static [u8], size: usize) -> Head {
        let pieces = ByteStream::unfold(Bytes::from_static(mime), move |mut rest| async move {
            let piece = rest.split_to(rest.len().min(size));
            Ok((!piece.is_empty()).then_some((piece, rest)))
        });
        let upload = Upload::stream(mime.len() as u64, pieces);
        let (head, upload) = Head::of(upload, "send_mime").await.unwrap();
        assert_eq!(
            upload.into_stream().collect(mime.len()).await.unwrap(),
            mime
        );
        let (whole, _) = Head::of(Bytes::from_static(mime).into(), "send_mime")
            .await
            .unwrap();
        assert_eq!(whole.has_recipients, head.has_recipients);
        assert_eq!(whole.bcc, head.bcc);
        head
    }

    #[tokio::test]
    async fn recipients_of_the_headers_only() {
        for size in [1, 2, 7, 1000] {
            let head = read(
                b"Subject: a\r\nBcc: =?utf-8?Q?J=C3=B6rg?= <joerg@example.test>,\r\n team: Ada <ada@example.test>;\r\n\
                  Message-ID: <1@example.test>\r\n\r\nTo: body@example.test",
                size,
            )
            .await;
            assert!(head.has_recipients);
            let addresses: Vec<_> = head
                .bcc
                .iter()
                .map(|one| (one.name.as_deref(), one.email_address.as_deref()))
                .collect();
            assert_eq!(
                addresses,
                [
                    (Some("J\u{f6}rg"), Some("joerg@example.test")),
                    (Some("Ada"), Some("ada@example.test"))
                ]
            );
            assert_eq!(head.message_id.as_deref(), Some("<1@example.test>"));
            for nobody in [
                &b"Subject: a\n\nTo: body@example.test"[..],
                b"\r\nTo: body@example.test",
                b"\nTo: body@example.test",
                b"",
                b"To: undisclosed-recipients:;\n\n",
                b"no headers at all",
            ] {
                assert!(!read(nobody, size).await.has_recipients);
            }
            assert!(read(b"cc: ada@example.test", size).await.has_recipients);
        }
    }

    #[tokio::test]
    async fn what_is_no_message() {
        let endless = Upload::from(vec![b'x'; LONGEST_HEADERS + 2]);
        let error = Head::of(endless, "send_mime").await.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::ContentRejected);
    }
}
