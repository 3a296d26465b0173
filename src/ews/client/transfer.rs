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
mod tests;
