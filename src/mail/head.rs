//! What the headers of a message as MIME (RFC 5322) say that has to be known before it is sent.

use bytes::{Bytes, BytesMut};
use mail_parser::{Address, MessageParser};

use crate::error::{Error, ErrorKind, Result};
use crate::model::Recipient;
use crate::stream::{ByteStream, Upload};

/// What the headers of a message say that has to be known before it is sent.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) has_recipients: bool,
    /// Servers need not look for them in the headers, so they are said apart.
    #[cfg_attr(
        not(feature = "ews"),
        expect(dead_code, reason = "Graph reads them in the headers")
    )]
    pub(crate) bcc: Vec<Recipient>,
    /// With its angle brackets.
    pub(crate) message_id: Option<String>,
}

impl Head {
    /// Reads the headers, and gives the whole message back.
    pub(crate) async fn of(mime: Upload, operation: &'static str) -> Result<(Self, Upload)> {
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
}

fn mailboxes(list: Option<&Address<'_>>) -> Vec<Recipient> {
    let one = |address: &mail_parser::Addr<'_>| {
        let mut who = Recipient::smtp(address.address.as_deref()?.trim());
        who.name = address.name.as_deref().map(str::to_owned);
        Some(who)
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
                .map(|one| (one.name.as_deref(), one.smtp_address()))
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
