//! The body of a request: whole, or in pieces that can be sent once.

use std::fmt;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use http_body::{Frame, SizeHint};
use tokio::time::{Instant, error::Elapsed, timeout, timeout_at};

use crate::error::{Effect, Error, ErrorKind};
use crate::stream::ByteStream;

/// What a request sends. A clone of content in pieces is the same content, not a second one.
#[derive(Clone)]
pub(crate) enum RequestBody {
    Bytes(Bytes),
    #[cfg_attr(
        not(feature = "ews"),
        expect(dead_code, reason = "Graph takes content in parts, each a request")
    )]
    Stream(Arc<Outgoing>),
}

/// Content in pieces, on its way or not yet.
pub(crate) struct Outgoing {
    length: u64,
    state: Mutex<State>,
}

struct State {
    /// Taken by the first connection that asks for it. Until then nothing is lost.
    stream: Option<ByteStream>,
    /// All of it was handed to the connection, so the server may act on the request.
    complete: bool,
    /// When something last moved; `None` while the source, not the server, is waited for.
    moved: Option<Instant>,
    /// Why the content broke off.
    problem: Option<Error>,
}

impl RequestBody {
    /// Content of that length in pieces.
    #[cfg(feature = "ews")]
    pub(crate) fn stream(length: u64, stream: ByteStream) -> Self {
        Self::Stream(Arc::new(Outgoing {
            length,
            state: Mutex::new(State {
                stream: Some(stream),
                complete: false,
                moved: Some(Instant::now()),
                problem: None,
            }),
        }))
    }

    pub(crate) fn is_stream(&self) -> bool {
        matches!(self, Self::Stream(_))
    }

    /// How long it is.
    pub(super) fn length(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Stream(outgoing) => outgoing.length,
        }
    }

    /// All of it, if it is no content in pieces.
    pub(crate) fn bytes(&self) -> Option<&Bytes> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            Self::Stream(_) => None,
        }
    }

    /// Whether it was sent, as far as it came, and cannot be sent again.
    pub(crate) fn is_spent(&self) -> bool {
        match self {
            Self::Bytes(_) => false,
            Self::Stream(outgoing) => outgoing.state().stream.is_none(),
        }
    }

    pub(crate) fn to_reqwest(&self) -> reqwest::Body {
        match self {
            Self::Bytes(bytes) => bytes.clone().into(),
            Self::Stream(outgoing) => reqwest::Body::wrap(Sending {
                left: outgoing.length,
                outgoing: outgoing.clone(),
                stream: Mutex::new(None),
            }),
        }
    }

    /// Waits for what comes of sending it, but not longer than `silence` after anything last moved.
    pub(super) async fn patience<F: Future>(
        &self,
        silence: Duration,
        sending: F,
    ) -> Result<F::Output, Elapsed> {
        let Self::Stream(outgoing) = self else {
            return timeout(silence, sending).await;
        };
        outgoing.state().moved = Some(Instant::now());
        let mut sending = pin!(sending);
        loop {
            let moved = outgoing.state().moved;
            let since = moved.unwrap_or_else(Instant::now);
            // a time too far away is none
            let Some(latest) = since.checked_add(silence) else {
                return Ok(sending.await);
            };
            let waited = timeout_at(latest, &mut sending);
            match waited.await {
                Err(_) if outgoing.state().moved.is_none_or(|now| Some(now) != moved) => {}
                done => return done,
            }
        }
    }

    /// What is to be said of a failed request that had this body.
    pub(super) fn judge(&self, error: Error) -> Error {
        let Self::Stream(outgoing) = self else {
            return error;
        };
        let mut state = outgoing.state();
        if let Some(problem) = state.problem.take() {
            // without its end no server makes anything of a request
            return problem.with_effect(Effect::None);
        }
        let error = match state.complete {
            true => error,
            false => error.with_effect(Effect::None),
        };
        if state.stream.is_some() {
            return error;
        }
        let is_size = !state.complete && error.kind() == ErrorKind::Connection;
        let why = if is_size {
            "If it breaks again, the content may be larger than the server allows. "
        } else {
            ""
        };
        let before = error.advice_text().unwrap_or_default();
        let space = if before.is_empty() { "" } else { " " };
        let hint = format!(
            "{before}{space}{why}The content's stream is used up: call again with a new one."
        );
        error.with_hint(hint)
    }
}

impl Outgoing {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for RequestBody {
    fn default() -> Self {
        Self::Bytes(Bytes::new())
    }
}

impl<B: Into<Bytes>> From<B> for RequestBody {
    fn from(bytes: B) -> Self {
        Self::Bytes(bytes.into())
    }
}

impl fmt::Debug for RequestBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
            Self::Stream(outgoing) => write!(f, "{} bytes in pieces", outgoing.length),
        }
    }
}

/// The content on one connection.
struct Sending {
    outgoing: Arc<Outgoing>,
    left: u64,
    /// Never locked: it is here because the HTTP library wants what it holds to be shareable.
    stream: Mutex<Option<ByteStream>>,
}

/// The content broke off; the reason is kept where the request is.
#[derive(Debug, thiserror::Error)]
#[error("the content broke off")]
struct BrokenOff;

impl http_body::Body for Sending {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        let this = &mut *self;
        let slot = this
            .stream
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        if slot.is_none() {
            *slot = this.outgoing.state().stream.take();
        }
        let Some(stream) = slot else {
            return Poll::Ready(Some(Err(BrokenOff)));
        };
        let polled = Pin::new(stream).poll_next(context);
        let mut state = this.outgoing.state();
        state.moved = polled.is_ready().then(Instant::now);
        let piece = match polled {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(piece) => piece,
        };
        let problem = match piece {
            Some(Ok(piece)) if piece.len() as u64 <= this.left => {
                this.left -= piece.len() as u64;
                state.complete = this.left == 0;
                return Poll::Ready(Some(Ok(Frame::data(piece))));
            }
            None if this.left == 0 => return Poll::Ready(None),
            Some(Err(problem)) => problem,
            Some(Ok(_)) | None => {
                let message = "the content is not as long as was announced";
                Error::invalid_argument("upload", message)
            }
        };
        state.problem = Some(problem);
        Poll::Ready(Some(Err(BrokenOff)))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
