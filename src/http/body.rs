//! The body of an answer, read in pieces or whole.

use std::fmt;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::failure;
use crate::error::{Effect, Error, ErrorKind, Unreadable};

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
        let record = Record::start("test", "test".to_owned());
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
            self.record.complete();
            if let Some(finish) = self.finish.take() {
                finish();
            }
            return Ok(None);
        };
        *read += piece.len() as u64;
        self.record.bytes = *read;
        if *read > self.limit {
            return Err(self.failed(too_large(operation, self.limit)));
        }
        Ok(Some(piece))
    }

    fn failed(&mut self, error: Error) -> Error {
        self.record.failed(error.kind());
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

/// The one event of a call in the log: never a secret, never a body.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) operation: &'static str,
    pub(super) host: String,
    pub(super) status: u16,
    pub(super) bytes: u64,
    started: Instant,
    written: bool,
}

impl Record {
    pub(super) fn start(operation: &'static str, host: String) -> Self {
        Self {
            operation,
            host,
            status: 0,
            bytes: 0,
            started: Instant::now(),
            written: false,
        }
    }

    fn complete(&mut self) {
        self.write("answered");
    }

    pub(super) fn failed(&mut self, kind: ErrorKind) {
        self.write(&format!("failed: {kind:?}"));
    }

    fn write(&mut self, outcome: &str) {
        if std::mem::replace(&mut self.written, true) {
            return;
        }
        tracing::debug!(
            operation = self.operation,
            host = %self.host,
            status = self.status,
            bytes = self.bytes,
            milliseconds = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX),
            outcome,
            "call"
        );
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        self.write("abandoned");
    }
}
