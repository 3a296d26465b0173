//! Large contents out and in, over a transport that does as it is told.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use http::HeaderMap;

use super::*;
use crate::error::{RetryAdvice, Unreadable};
use crate::ews::ServerVersion;
use crate::ews::operation::{CreateAttachment, GetAttachment};
use crate::ews::types::{Attachment, AttachmentId, ItemId};
use crate::http::{Reply, Request, Transport};
use crate::retry::{Pacing, RetryPolicy};

const LIMIT: u64 = 4096;

/// Gives one answer to every request, and keeps the last request.
#[derive(Debug, Default)]
struct Canned {
    status: u16,
    content_type: &'static str,
    pieces: Vec<Bytes>,
    request: Mutex<Option<RequestBody>>,
}

#[async_trait]
impl Transport for Canned {
    async fn send(&self, request: Request) -> Result<Reply> {
        *self.request.lock().unwrap() = Some(request.body);
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, self.content_type.parse().unwrap());
        headers.insert("request-id", "4711".parse().unwrap());
        Ok(Reply {
            status: self.status,
            headers,
            body: Body::of_pieces(self.pieces.clone(), LIMIT),
        })
    }

    fn facts(&self, _: &url::Url) -> crate::http::ConnectionFacts {
        crate::http::ConnectionFacts::default()
    }
}

fn canned(pieces: &[&[u8]]) -> Canned {
    Canned {
        status: 200,
        content_type: "text/xml; charset=utf-8",
        pieces: pieces
            .iter()
            .map(|one| Bytes::copy_from_slice(one))
            .collect(),
        request: Mutex::default(),
    }
}

fn client(transport: Arc<Canned>) -> Client {
    let url = "https://mail.example.test/EWS/Exchange.asmx"
        .parse()
        .unwrap();
    let pacing = Pacing::new(RetryPolicy::none(), Duration::from_secs(60));
    let version = Some(ServerVersion::Exchange2016);
    Client::new(url, transport, version, pacing, None)
}

/// The content of an attachment, or how many bytes came before the error, and the error.
async fn open(answer: Canned) -> Result<Vec<u8>, (usize, Error)> {
    let get = GetAttachment::new([AttachmentId::new("a")]);
    let client = client(Arc::new(answer));
    let opened = client.open(&get, GetAttachment::CONTENT).await;
    let mut stream = match opened.map_err(|error| (0, error))? {
        Opened::Content(content) => content.into_stream("open", |answer| {
            let message = answer.into_iter().next().unwrap();
            let info = message.ok().map_err(|refusal| refusal.into_error("open"))?;
            let attachment = &info.attachments.0[0].properties;
            assert!(attachment.content.as_ref().unwrap().0.is_empty());
            assert_eq!(attachment.name.as_deref(), Some("ü.bin"));
            Ok(())
        }),
        Opened::Answer(answer) => {
            let message = answer.into_iter().next().unwrap();
            let refusal = message.ok().expect_err("content");
            return Err((0, refusal.into_error("open")));
        }
    };
    let mut all = Vec::new();
    loop {
        match stream.try_next().await {
            Ok(Some(piece)) => all.extend_from_slice(&piece),
            Ok(None) => return Ok(all),
            Err(error) => return Err((all.len(), error)),
        }
    }
}

fn envelope(messages: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/' \
         xmlns:m='http://schemas.microsoft.com/exchange/services/2006/messages' \
         xmlns:t='http://schemas.microsoft.com/exchange/services/2006/types'><s:Header/><s:Body>\
         <m:GetAttachmentResponse><m:ResponseMessages>{messages}</m:ResponseMessages>\
         </m:GetAttachmentResponse></s:Body></s:Envelope>"
    )
}

fn message(content: &str) -> String {
    format!(
        "<m:GetAttachmentResponseMessage ResponseClass='Success'><m:ResponseCode>NoError</m:ResponseCode>\
         <m:Attachments><t:FileAttachment><t:AttachmentId Id='a'/><t:Name>ü.bin</t:Name>{content}\
         <t:IsInline>false</t:IsInline></t:FileAttachment></m:Attachments></m:GetAttachmentResponseMessage>"
    )
}

fn file() -> String {
    envelope(&message(
        "<t:Content>SGVs\r\nbG8g<![CDATA[d29y]]>bGQ=</t:Content>",
    ))
}

#[tokio::test]
async fn cut_anywhere() {
    let document = file();
    let bytes = document.as_bytes();
    for at in 0..=bytes.len() {
        let (one, other) = bytes.split_at(at);
        let content = open(canned(&[one, b"", other])).await.unwrap();
        assert_eq!(content, b"Hello world");
    }
    let single: Vec<&[u8]> = bytes.chunks(1).collect();
    assert_eq!(open(canned(&single)).await.unwrap(), b"Hello world");
    let marked = [b"\xef\xbb\xbf", bytes].concat();
    assert_eq!(open(canned(&[&marked])).await.unwrap(), b"Hello world");
}

#[tokio::test]
async fn an_answer_that_ends_early_is_an_error() {
    let document = file();
    let end = document.len();
    for length in 0..end {
        let (given, error) = open(canned(&[&document.as_bytes()[..length]]))
            .await
            .unwrap_err();
        assert!(given <= 11);
        assert_eq!(error.kind(), ErrorKind::Protocol, "{length}: {error}");
        assert_eq!(error.request_id(), Some("4711"), "{length}: {error}");
    }
}

#[tokio::test]
async fn other_encodings_are_collected() {
    let mut answer = canned(&[]);
    answer.content_type = "text/xml; charset=utf-16";
    let wide: Vec<u8> = file().encode_utf16().flat_map(u16::to_le_bytes).collect();
    answer.pieces = wide.chunks(13).map(Bytes::copy_from_slice).collect();
    assert_eq!(open(answer).await.unwrap(), b"Hello world");

    let mut answer = canned(&[]);
    answer.content_type = "text/xml; charset=iso-8859-1";
    let narrow: Vec<u8> = file().chars().map(|c| u8::try_from(c).unwrap()).collect();
    answer.pieces = vec![narrow.into()];
    assert_eq!(open(answer).await.unwrap(), b"Hello world");
}

#[tokio::test]
async fn refusals_are_as_everywhere() {
    let busy = "<m:GetAttachmentResponseMessage ResponseClass='Error'><m:MessageText>Later.</m:MessageText>\
        <m:ResponseCode>ErrorServerBusy</m:ResponseCode><m:MessageXml>\
        <t:Value Name='BackOffMilliseconds'>3000</t:Value></m:MessageXml></m:GetAttachmentResponseMessage>";
    let (_, error) = open(canned(&[envelope(busy).as_bytes()]))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Throttled);
    assert_eq!(error.code(), Some("ErrorServerBusy"));
    let wait = Duration::from_millis(3000);
    assert_eq!(error.advice(), RetryAdvice::After(wait));

    let fault = "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body><s:Fault>\
        <faultcode>s:Client</faultcode><faultstring>Who?</faultstring><detail>\
        <e:ResponseCode xmlns:e='http://schemas.microsoft.com/exchange/services/2006/errors'>ErrorNonExistentMailbox\
        </e:ResponseCode></detail></s:Fault></s:Body></s:Envelope>";
    for status in [200, 500] {
        let mut answer = canned(&[fault.as_bytes()]);
        answer.status = status;
        let (_, error) = open(answer).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::MailboxNotFound, "{error}");
        assert_eq!(error.request_id(), Some("4711"));
    }
    let mut page = canned(&[b"<!DOCTYPE html><html><body>Sign in</body></html>"]);
    page.content_type = "text/html";
    let (_, error) = open(page).await.unwrap_err();
    assert_eq!(error.unreadable(), Some(Unreadable::Http), "{error}");
}

#[tokio::test]
async fn answers_that_say_too_much() {
    let content = |text: &str| format!("<t:Content>{text}</t:Content>");
    let twice = message(&content("QUJD")) + &message(&content("QUJD"));
    let (_, error) = open(canned(&[envelope(&twice).as_bytes()]))
        .await
        .unwrap_err();
    assert!(error.message().contains("a single content"), "{error}");
    let second = message(&content("QUJD")) + &message("");
    let (given, error) = open(canned(&[envelope(&second).as_bytes()]))
        .await
        .unwrap_err();
    assert!(error.message().contains("2 answers came to 1"), "{error}");
    assert_eq!(given, 3, "they were given out before");

    let wrong = envelope(&message(&content("QUJD*")));
    let (_, error) = open(canned(&[wrong.as_bytes()])).await.unwrap_err();
    assert!(error.message().contains("wrong base64"), "{error}");
    assert_eq!(error.unreadable(), Some(Unreadable::Protocol));

    // The limit is for all but the content.
    let large = envelope(&message(&content(&"QUJD".repeat(10_000))));
    assert_eq!(
        open(canned(&[large.as_bytes()])).await.unwrap().len(),
        30_000
    );
    let padding = content("QUJD") + &format!("<t:ContentId>{}</t:ContentId>", "x".repeat(5000));
    let chatty = envelope(&message(&padding));
    let pieces: Vec<&[u8]> = chatty.as_bytes().chunks(100).collect();
    let (given, error) = open(canned(&pieces)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LimitExceeded, "{error}");
    assert_eq!(given, 3);
}

#[tokio::test]
async fn a_failed_write_is_in_doubt_as_everywhere() {
    let create = CreateAttachment::new(ItemId::new("i"), [Attachment::file("a", Vec::new())]);
    let mut answer = canned(&[b"<cut"]);
    answer.status = 200;
    let transport = Arc::new(answer);
    let client = client(transport.clone());
    let sent = client.send_with(&create, CreateAttachment::CONTENT, "Hello world".into());
    let error = sent.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert_eq!(error.effect(), crate::error::Effect::Unknown);
    let body = transport.request.lock().unwrap().take().unwrap();
    let RequestBody::Bytes(body) = body else {
        panic!("{body:?}");
    };
    let body = String::from_utf8(body.to_vec()).unwrap();
    assert!(
        body.contains("<t:Content>SGVsbG8gd29ybGQ=</t:Content>"),
        "{body}"
    );
}
