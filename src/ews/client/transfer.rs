//! Content that passes through a call in pieces: out of an answer, into a request.

use std::marker::PhantomData;

use bytes::Bytes;
use http::header::CONTENT_TYPE;

use super::{Call, Client, header_text, of_ews};
use crate::error::{Error, ErrorKind, Result};
use crate::ews::operation::{Needs, Operation};
use crate::ews::soap;
use crate::http::{Body, RequestBody, charset, too_large};
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
        Needs::check(operation, context.version).map_err(of_ews)?;

        let envelope = soap::request(&context, operation);
        let (call, mut body) = self.begin(O::NAME, envelope.into(), O::REPEATABLE).await?;
        let requested = operation.requested();
        if call.status != 200 {
            let bytes = body.collect().await.map_err(|error| call.judge(error))?;
            return read::<O>(call, bytes, requested).map(Opened::Answer);
        }
        let begin = body.begin(BEGIN).await.map_err(|error| call.judge(error))?;
        let content_type = header_text(&call.headers, CONTENT_TYPE.as_str());
        let mut content = Content {
            call,
            limit: body.limit(),
            body: None,
            is_decoded: false,
            extract: Extract::new(places),
            ready: Vec::new(),
            requested,
            operation: PhantomData,
        };
        if charset::is_utf8(content_type.as_deref(), &begin) {
            body.lift_limit();
            content.body = Some(body);
            content.push(&begin)?;
        } else {
            let bytes = body.collect_after(begin).await;
            let bytes = bytes.map_err(|error| content.call.judge(error))?;
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
        Ok(Opened::Content(content))
    }

    /// Sends an operation with this content in the element of it that is left empty.
    pub(crate) async fn send_with<O: Operation>(
        &self,
        operation: &O,
        places: &'static [Place],
        content: Upload,
    ) -> Result<O::Response> {
        let context = self.context().await?;
        Needs::check(operation, context.version).map_err(of_ews)?;

        let envelope = soap::request(&context, operation);
        let body = match xml::insert(&envelope, places, content) {
            Some(Inserted::Whole(text)) => text.into(),
            Some(Inserted::Stream { length, stream }) => RequestBody::stream(length, stream),
            None => {
                let message = "the request has no place for the content";
                return Err(of_ews(Error::new(ErrorKind::Internal, O::NAME, message)));
            }
        };
        let arrived = self.post(O::NAME, body, O::REPEATABLE).await?;
        let requested = operation.requested();
        let answer = self.server.read::<O>(arrived, requested, None)?;
        answer.into_result::<O>()
    }
}

/// An answer that may hold one large value.
pub(crate) enum Opened<O: Operation> {
    /// The value comes.
    Content(Content<O>),
    /// The whole answer, which holds none.
    Answer(O::Response),
}

/// One large value of an answer, as it arrives; the answer itself is known when it has come whole.
pub(crate) struct Content<O> {
    call: Call,
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
            let next = match content.next().await {
                Ok(Some(piece)) => return Ok(Some((piece, (content, check)))),
                Ok(None) => content.finish().and_then(check),
                Err(error) => Err(error),
            };
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
        let piece = body.chunk().await;
        let piece = piece.map_err(|error| {
            let error = self.call.judge(error);
            error.with_request_id(self.call.request_id.clone())
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
        answer.into_result::<O>()
    }
}

/// Reads an answer that came whole.
fn read<O: Operation>(call: Call, bytes: Vec<u8>, requested: Option<usize>) -> Result<O::Response> {
    let server = call.server.clone();
    let arrived = call.envelope(bytes)?;
    server
        .read::<O>(arrived, requested, None)?
        .into_result::<O>()
}

/// So many bytes say in what they are written.
const BEGIN: usize = 256;
