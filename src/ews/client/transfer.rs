//! Content that passes through a call in pieces: out of an answer, into a request.

use std::marker::PhantomData;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use tracing::{Instrument, Span};

use super::{Call, Client, Context, Parts, header_text, of_ews, versions};
use crate::error::{Error, ErrorKind, Result};
use crate::ews::fault::in_doubt;
use crate::ews::operation::{Needs, Operation};
use crate::ews::soap;
use crate::http::{Body, RequestBody, charset, too_large};
use crate::observe::{CallWatch, Outcome, Watch};
use crate::retry::{Attempts, Place as CallPlace};
use crate::stream::{ByteStream, Upload};
use crate::xml::{self, Extract, Inserted, Place};

impl Client {
    /// Sends an operation in whose answer one value may be large, and stops where that begins.
    pub(crate) async fn open<O: Operation>(
        &self,
        operation: &O,
        places: &'static [Place],
    ) -> Result<Opened<O>> {
        let context = self.context().await?;
        let refused = match self.open_in(&context, operation, places).await {
            Ok(Opened::Answer(answer)) => match versions::refused::<O>(&answer) {
                Some(refused) => refused,
                None => return Ok(Opened::Answer(answer)),
            },
            Ok(content) => return Ok(content),
            Err(error) => error,
        };
        let context = Box::pin(self.correct(&context, refused)).await?;
        Box::pin(self.open_in(&context, operation, places)).await
    }

    async fn open_in<O: Operation>(
        &self,
        context: &Context,
        operation: &O,
        places: &'static [Place],
    ) -> Result<Opened<O>> {
        Needs::check(operation, context.version).map_err(of_ews)?;
        let envelope = Bytes::from(soap::request(context, operation));
        let watched = self.watch(O::NAME, context.version);
        let attempts = self.attempts(O::NAME, O::REPEATABLE, watched.watch());
        let opening = self.open_again(operation, envelope, places, attempts);
        match opening.instrument(watched.watch().span()).await {
            Ok(Opened::Content(mut content)) => {
                content.watched = Some(watched);
                Ok(Opened::Content(content))
            }
            other => {
                watched.end(Outcome::of(&other));
                other
            }
        }
    }

    async fn open_again<O: Operation>(
        &self,
        operation: &O,
        envelope: Bytes,
        places: &'static [Place],
        mut attempts: Attempts,
    ) -> Result<Opened<O>> {
        let mut parts = Parts::of(operation);
        loop {
            let place = match attempts.begin().await {
                Ok(place) => place,
                Err(error) => return parts.given_up(of_ews(error)).map(Opened::Answer),
            };
            parts.begin();
            let watch = attempts.watch();
            let opening = self.open_once(operation, envelope.clone(), places, &place, watch);
            let error = match attempts.within(opening).await {
                Ok(Opened::Content(content)) => {
                    attempts.answered(&place);
                    return Ok(Opened::Content(content));
                }
                Ok(Opened::Answer(answer)) => match parts.take(answer, &attempts) {
                    Some(error) => error,
                    None => {
                        attempts.answered(&place);
                        return parts.answer().map(Opened::Answer);
                    }
                },
                Err(error) => in_doubt::<O>(error),
            };
            if let Err(error) = attempts.failed(place, error).await {
                return parts.given_up(of_ews(error)).map(Opened::Answer);
            }
        }
    }

    async fn open_once<O: Operation>(
        &self,
        operation: &O,
        envelope: Bytes,
        places: &'static [Place],
        held: &CallPlace,
        watch: &Watch,
    ) -> Result<Opened<O>> {
        let (call, mut body) = self
            .begin(O::NAME, envelope.into(), O::REPEATABLE, watch)
            .await?;
        let requested = operation.requested();
        if call.status != 200 {
            let bytes = body.collect().await.map_err(of_ews)?;
            return read::<O>(call, bytes, requested).map(Opened::Answer);
        }
        let limit = body.set_limit(u64::MAX);
        let begin = body.begin(BEGIN).await.map_err(of_ews)?;
        let content_type = header_text(&call.headers, CONTENT_TYPE.as_str());
        let mut content = Content {
            call,
            held: held.clone(),
            limit,
            body: None,
            is_decoded: false,
            extract: Extract::new(places),
            ready: Vec::new(),
            requested,
            operation: PhantomData,
            watched: None,
        };
        if charset::is_utf8(content_type.as_deref(), &begin) {
            content.body = Some(body);
            content.push(&begin)?;
        } else {
            body.set_limit(limit);
            let bytes = body.collect_after(begin).await;
            let bytes = bytes.map_err(of_ews)?;
            if let Ok(text) = charset::decode(content_type.as_deref(), bytes.clone()) {
                content.is_decoded = true;
                content.push(text.as_bytes())?;
            }
            if !content.extract.found() {
                return read::<O>(content.call, bytes, requested).map(Opened::Answer);
            }
        }
        while !content.extract.found() {
            if !content.pull().await? {
                return content.finish().map(Opened::Answer);
            }
        }
        Ok(Opened::Content(Box::new(content)))
    }

    /// Sends an operation with this content in the element of it that is left empty.
    pub(crate) async fn send_with<O: Operation>(
        &self,
        operation: &O,
        places: &'static [Place],
        content: Upload,
    ) -> Result<O::Response> {
        let context = self.context().await?;
        let again = match &content {
            Upload::Bytes(bytes) => Some(bytes.clone()),
            // What comes once is gone; the next call is made for the right version.
            _ => None,
        };
        let sent = self.send_with_in(&context, operation, places, content);
        let refused = match sent.await {
            Ok(answer) => match versions::refused::<O>(&answer) {
                Some(refused) => refused,
                None => return Ok(answer),
            },
            Err(error) => error,
        };
        let reason = refused.again();
        let context = Box::pin(self.correct(&context, refused)).await?;
        match again {
            Some(bytes) => {
                let content = Upload::Bytes(bytes);
                self.send_with_in(&context, operation, places, content).await
            }
            None => Err(reason.with_hint(
                "The version is corrected now, but the content can be sent once only: repeat the call with it.",
            )),
        }
    }

    async fn send_with_in<O: Operation>(
        &self,
        context: &Context,
        operation: &O,
        places: &'static [Place],
        content: Upload,
    ) -> Result<O::Response> {
        Needs::check(operation, context.version).map_err(of_ews)?;
        let envelope = soap::request(context, operation);
        let watched = self.watch(O::NAME, context.version);
        let watch = watched.watch();
        let source = match content {
            Upload::Bytes(bytes) => Source::Anew(bytes),
            stream => Source::Once(self.body_with::<O>(&envelope, places, stream, watch)?),
        };
        let attempts = self.attempts(O::NAME, O::REPEATABLE, watch);
        watched
            .follow(self.send_again(operation, &envelope, places, source, attempts))
            .await
    }

    async fn send_again<O: Operation>(
        &self,
        operation: &O,
        envelope: &str,
        places: &'static [Place],
        source: Source,
        mut attempts: Attempts,
    ) -> Result<O::Response> {
        let mut parts = Parts::of(operation);
        loop {
            let place = match attempts.begin().await {
                Ok(place) => place,
                Err(error) => return parts.given_up(of_ews(error)),
            };
            parts.begin();
            let (body, is_lost) = match &source {
                Source::Anew(bytes) => {
                    let content = Upload::Bytes(bytes.clone());
                    (
                        self.body_with::<O>(envelope, places, content, attempts.watch())?,
                        false,
                    )
                }
                Source::Once(body) => (body.clone(), true),
            };
            let sending = self.send_body(operation, envelope, body.clone(), attempts.watch());
            // What moves has no other limit than the server's silence.
            let sent = match body.is_stream() {
                true => sending.await,
                false => attempts.within(sending).await,
            };
            let error = match sent {
                Ok(answer) => match parts.take(answer, &attempts) {
                    Some(error) => error,
                    None => {
                        attempts.answered(&place);
                        return parts.answer();
                    }
                },
                Err(error) => in_doubt::<O>(error),
            };
            if is_lost && body.is_spent() {
                return parts.given_up(attempts.final_error(error));
            }
            if let Err(error) = attempts.failed(place, error).await {
                return parts.given_up(of_ews(error));
            }
        }
    }

    /// A request with this content in the element that is left empty.
    fn body_with<O: Operation>(
        &self,
        envelope: &str,
        places: &'static [Place],
        content: Upload,
        watch: &Watch,
    ) -> Result<RequestBody> {
        match xml::insert(envelope, places, content) {
            Some(Inserted::Whole(text)) => Ok(text.into()),
            Some(Inserted::Stream { length, stream }) => {
                let moving = (watch.upload(stream), self.pacing().clone());
                let stream = ByteStream::unfold(moving, |(mut stream, pacing)| async move {
                    let piece = stream.try_next().await?;
                    pacing.moved();
                    Ok(piece.map(|piece| (piece, (stream, pacing))))
                });
                Ok(RequestBody::stream(length, stream))
            }
            None => {
                let message = "the request has no place for the content";
                Err(of_ews(Error::new(ErrorKind::Internal, O::NAME, message)))
            }
        }
    }

    async fn send_body<O: Operation>(
        &self,
        operation: &O,
        envelope: &str,
        body: RequestBody,
        watch: &Watch,
    ) -> Result<O::Response> {
        let arrived = self.post(O::NAME, body, O::REPEATABLE, watch).await?;
        let requested = operation.requested();
        let answer = self.server.read::<O>(arrived, requested, None)?;
        answer.explained(|| envelope.to_owned()).into_result::<O>()
    }
}

/// Where the content of a request comes from.
enum Source {
    /// It can be had again.
    Anew(Bytes),
    /// It goes once.
    Once(RequestBody),
}

/// An answer that may hold one large value.
pub(crate) enum Opened<O: Operation> {
    /// The value comes.
    Content(Box<Content<O>>),
    /// The whole answer, which holds none.
    Answer(O::Response),
}

/// One large value of an answer, as it arrives; the answer itself is known when it has come whole.
pub(crate) struct Content<O> {
    call: Call,
    held: CallPlace,
    /// Until its end.
    body: Option<Body>,
    /// The largest answer, the value apart.
    limit: u64,
    /// The answer was in another encoding than UTF-8, and is in UTF-8 now.
    is_decoded: bool,
    extract: Extract,
    /// What of the value has arrived and was not asked for yet.
    ready: Vec<u8>,
    requested: Option<usize>,
    operation: PhantomData<fn() -> O>,
    /// Ends when this does, after the body: so last.
    watched: Option<CallWatch>,
}

impl<O: Operation + 'static> Content<O> {
    /// The value as a stream, for the method that was called, after which errors are named. It ends well only if
    /// `check` finds the answer around it in order.
    pub(crate) fn into_stream(
        self,
        called: &'static str,
        check: impl FnOnce(O::Response) -> Result<()> + Send + 'static,
    ) -> ByteStream {
        ByteStream::unfold((self, check), move |(mut content, check)| async move {
            let watched = content.watched.take();
            let span = watched
                .as_ref()
                .map_or_else(Span::none, |it| it.watch().span());
            let next = match content.next().instrument(span).await {
                Ok(Some(piece)) => {
                    content.watched = watched;
                    return Ok(Some((piece, (content, check))));
                }
                Ok(None) => content.finish().and_then(check),
                Err(error) => Err(error),
            };
            if let Some(watched) = watched {
                watched.end(Outcome::of(&next));
            }
            next.map(|()| None)
                .map_err(|error| error.with_operation(called))
        })
    }
}

impl<O: Operation> Content<O> {
    async fn next(&mut self) -> Result<Option<Bytes>> {
        while self.ready.is_empty() {
            if !self.pull().await? {
                return Ok(None);
            }
        }
        Ok(Some(std::mem::take(&mut self.ready).into()))
    }

    /// Reads the next piece of the answer; `false` if there is none.
    async fn pull(&mut self) -> Result<bool> {
        let Some(body) = &mut self.body else {
            return Ok(false);
        };
        self.held.moved();
        let piece = body.chunk().await;
        let piece = piece.map_err(|error| {
            let error = self.call.judge(error);
            error.with_request_id(self.call.origin.request_id.clone().unwrap_or_default())
        })?;
        match piece {
            Some(piece) => self.push(&piece)?,
            None => self.body = None,
        }
        Ok(self.body.is_some())
    }

    fn push(&mut self, piece: &[u8]) -> Result<()> {
        self.extract
            .push(piece, &mut self.ready)
            .map_err(|error| self.call.unreadable(error))?;
        if self.extract.kept() as u64 > self.limit {
            return Err(self.call.judge(too_large(O::NAME, self.limit)));
        }
        Ok(())
    }

    /// The answer around the value.
    fn finish(self) -> Result<O::Response> {
        let (rest, gap) = self.extract.into_rest();
        let server = self.call.server.clone();
        let arrived = match (self.is_decoded, String::from_utf8(rest)) {
            (true, Ok(text)) => self.call.arrived(text),
            (_, Ok(text)) => self.call.envelope(text.into_bytes())?,
            (_, Err(wrong)) => self.call.envelope(wrong.into_bytes())?,
        };
        let answer = server.read::<O>(arrived, self.requested, gap)?;
        answer.explained(String::new).into_result::<O>()
    }
}

/// Reads an answer that came whole.
fn read<O: Operation>(call: Call, bytes: Vec<u8>, requested: Option<usize>) -> Result<O::Response> {
    let server = call.server.clone();
    let arrived = call.envelope(bytes)?;
    server
        .read::<O>(arrived, requested, None)?
        .explained(String::new)
        .into_result::<O>()
}

/// So many bytes say in what they are written.
const BEGIN: usize = 256;

#[cfg(test)]
mod tests {
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
}
