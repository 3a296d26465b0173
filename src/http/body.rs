//! The body of an answer, read in pieces or whole.

use std::fmt;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::HeaderMap;

use super::headers::request_id;
use super::{Request, failure};
use crate::error::{Effect, Error, ErrorKind, Unreadable};
use crate::observe::{AttemptSummary, Outcome, Watch};
use crate::record::Recording;

/// The bytes of an answer, decompressed. Over NTLM it keeps its connection until it is read to the
/// end; dropped before, the connection is closed.
pub(crate) struct Body {
    source: Source,
    read: u64,
}

enum Source {
    Stream(Box<Stream>),
    End,
}

struct Stream {
    response: reqwest::Response,
    limit: u64,
    silence: Duration,
    record: Record,
    finish: Option<Finish>,
}

/// Gives the connection back. Dropped without being called, the connection is closed.
pub(super) type Finish = Box<dyn FnOnce() + Send>;

impl Body {
    pub(super) fn stream(
        response: reqwest::Response,
        limit: u64,
        silence: Duration,
        record: Record,
        finish: Option<Finish>,
    ) -> Self {
        let stream = Stream {
            response,
            limit,
            silence,
            record,
            finish,
        };
        Self {
            source: Source::Stream(Box::new(stream)),
            read: 0,
        }
    }

    /// An answer that comes in these pieces, for tests.
    #[cfg(test)]
    pub(crate) fn of_pieces(pieces: Vec<Bytes>, limit: u64) -> Self {
        let pieces = crate::stream::ByteStream::unfold(pieces.into_iter(), |mut pieces| async {
            Ok(pieces.next().map(|piece| (piece, pieces)))
        });
        let response = http::Response::new(reqwest::Body::wrap_stream(pieces));
        let request = Request {
            method: http::Method::POST,
            operation: "test",
            url: url::Url::parse("https://test/").unwrap(),
            headers: HeaderMap::new(),
            body: Default::default(),
            affinity: None,
            timeout: None,
            watch: Watch::default(),
        };
        let record = Record::start(&request, "test".to_owned());
        Self::stream(response.into(), limit, Duration::MAX, record, None)
    }

    /// The next piece, never empty; `None` at the end.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        let stream = match &mut self.source {
            Source::End => return Ok(None),
            Source::Stream(stream) => stream,
        };
        let result = stream.next(&mut self.read).await;
        if !matches!(result, Ok(Some(_))) {
            self.source = Source::End;
        }
        result
    }

    /// Sets the largest answer, and says what it was before: at first that of the options.
    pub(crate) fn set_limit(&mut self, limit: u64) -> u64 {
        match &mut self.source {
            Source::Stream(stream) => std::mem::replace(&mut stream.limit, limit),
            Source::End => limit,
        }
    }

    /// The first bytes: so many at least, if there are so many.
    #[cfg(feature = "ews")]
    pub(crate) async fn begin(&mut self, least: usize) -> Result<Vec<u8>, Error> {
        let mut begin = Vec::new();
        while begin.len() < least
            && let Some(piece) = self.chunk().await?
        {
            begin.extend_from_slice(&piece);
        }
        Ok(begin)
    }

    /// All of it. Fails when it is larger than the limit of the options.
    pub(crate) async fn collect(self) -> Result<Vec<u8>, Error> {
        // what the server announces is believed up to here only
        const MOST_RESERVED: u64 = 16 * 1024 * 1024;
        let announced = match &self.source {
            Source::Stream(stream) => stream.response.content_length().unwrap_or(0),
            Source::End => 0,
        };
        let all = Vec::with_capacity(usize::try_from(announced.min(MOST_RESERVED)).unwrap_or(0));
        self.collect_after(all).await
    }

    /// All of it, of which this was read already.
    pub(crate) async fn collect_after(mut self, mut all: Vec<u8>) -> Result<Vec<u8>, Error> {
        while let Some(piece) = self.chunk().await? {
            all.extend_from_slice(&piece);
        }
        Ok(all)
    }
}

impl Stream {
    async fn next(&mut self, read: &mut u64) -> Result<Option<Bytes>, Error> {
        let operation = self.record.operation;
        let piece = tokio::time::timeout(self.silence, self.response.chunk()).await;
        let piece = match piece {
            Err(_) => {
                return Err(self.failed(failure::silence(
                    operation,
                    &self.record.host,
                    self.silence,
                )));
            }
            Ok(Err(error)) => {
                return Err(self.failed(failure::body(operation, &self.record.host, *read, error)));
            }
            Ok(Ok(piece)) => piece,
        };
        let Some(piece) = piece else {
            self.record.end(Outcome::Done);
            if let Some(finish) = self.finish.take() {
                finish();
            }
            return Ok(None);
        };
        *read += piece.len() as u64;
        self.record.received(&piece);
        if *read > self.limit {
            return Err(self.failed(too_large(operation, self.limit)));
        }
        Ok(Some(piece))
    }

    fn failed(&mut self, error: Error) -> Error {
        self.record.failed(&error);
        error
    }
}

/// The error for an answer over the limit of the options.
pub(crate) fn too_large(operation: &'static str, limit: u64) -> Error {
    let message = format!("the answer is larger than {limit} bytes");
    Error::new(ErrorKind::LimitExceeded, operation, message)
        .with_effect(Effect::Unknown)
        .with_unreadable(Unreadable::Limit)
        .with_hint("Ask for less at a time, or raise max_response_bytes.")
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body")
            .field("read", &self.read)
            .finish_non_exhaustive()
    }
}

/// One attempt from its begin to the end of its answer, for those who watch.
pub(super) struct Record {
    pub(super) operation: &'static str,
    pub(super) host: String,
    watch: Watch,
    number: u32,
    status: Option<u16>,
    request_id: Option<String>,
    sent: u64,
    received: u64,
    started: Instant,
    recording: Option<Recording>,
    is_ended: bool,
}

impl Record {
    pub(super) fn start(request: &Request, host: String) -> Self {
        let watch = request.watch.clone();
        let recording = watch
            .recorder()
            .and_then(|(recorder, backend)| recorder.begin(backend, request));
        Self {
            operation: request.operation,
            host,
            number: watch.begin_attempt(),
            watch,
            status: None,
            request_id: None,
            sent: request.body.length(),
            received: 0,
            started: Instant::now(),
            recording,
            is_ended: false,
        }
    }

    /// The head of the answer has come.
    pub(super) fn answered(&mut self, status: u16, headers: &HeaderMap) {
        self.status = Some(status);
        if self.watch.is_idle() {
            return;
        }
        self.request_id = request_id(headers).map(str::to_owned);
        if let Some(recording) = &mut self.recording {
            recording.answered(status, headers);
        }
    }

    fn received(&mut self, piece: &[u8]) {
        self.received += piece.len() as u64;
        if let Some(recording) = &mut self.recording {
            recording.received(piece);
        }
    }

    pub(super) fn failed(&mut self, error: &Error) {
        self.status = self.status.or(error.http_status());
        if self.request_id.is_none() && !self.watch.is_idle() {
            self.request_id = error.request_id().map(str::to_owned);
        }
        self.end(Outcome::Failed(error.kind()));
    }

    fn end(&mut self, outcome: Outcome) {
        if std::mem::replace(&mut self.is_ended, true) || self.watch.is_idle() {
            return;
        }
        if let Some(recording) = self.recording.take() {
            recording.end(outcome, self.watch.take_upload());
        }
        self.watch.attempt_ended(AttemptSummary {
            operation: self.operation,
            mailbox: None,
            number: self.number,
            host: std::mem::take(&mut self.host),
            status: self.status,
            request_id: self.request_id.take(),
            bytes_sent: self.sent,
            bytes_received: self.received,
            duration: self.started.elapsed(),
            outcome,
        });
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        self.end(Outcome::Abandoned);
    }
}
