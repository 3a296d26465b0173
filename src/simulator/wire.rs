//! What goes over a connection: answers whole or broken, fast or byte by byte, and what follows
//! them although nobody asked.

use std::io::{Error, ErrorKind, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf as _, Bytes};
use hyper::body::{Body, Frame, SizeHint};
use hyper::rt::{Read, ReadBufCursor, Write};
use tokio::time::Sleep;

use super::server::lock;

/// What follows the answer that is being written.
#[derive(Debug, Default)]
pub(super) struct Tail {
    /// Bytes that belong to no answer.
    bytes: Bytes,
    /// The connection closes then.
    close: bool,
    /// The answer is complete in front of it.
    due: bool,
}

impl Tail {
    pub(super) fn of(bytes: Vec<u8>) -> Self {
        Self {
            bytes: bytes.into(),
            ..Self::default()
        }
    }

    pub(super) fn close() -> Self {
        Self {
            close: true,
            ..Self::default()
        }
    }
}

/// A connection that can say more than HTTP does.
pub(super) struct Wire<S> {
    stream: S,
    tail: Arc<Mutex<Tail>>,
}

impl<S> Wire<S> {
    pub(super) fn new(stream: S) -> (Self, Arc<Mutex<Tail>>) {
        let tail = Arc::<Mutex<Tail>>::default();
        let wire = Self {
            stream,
            tail: Arc::clone(&tail),
        };
        (wire, tail)
    }
}

impl<S: Read + Unpin> Read for Wire<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<Result<(), Error>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: Write + Unpin> Write for Wire<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<Result<usize, Error>> {
        Pin::new(&mut self.stream).poll_write(context, buffer)
    }

    /// The server flushes when all of an answer is written.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let this = &mut *self;
        let mut tail = lock(&this.tail);
        if !tail.due {
            return Pin::new(&mut this.stream).poll_flush(context);
        }
        while !tail.bytes.is_empty() {
            let written = ready!(Pin::new(&mut this.stream).poll_write(context, &tail.bytes))?;
            tail.bytes.advance(written);
        }
        ready!(Pin::new(&mut this.stream).poll_flush(context))?;
        if tail.close {
            return Poll::Ready(Err(Error::new(ErrorKind::ConnectionAborted, Dropped)));
        }
        tail.due = false;
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), Error>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<Result<usize, Error>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, buffers)
    }
}

/// The connection is to close without an answer.
#[derive(Debug)]
pub(super) struct Dropped;

impl std::fmt::Display for Dropped {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("the connection was dropped on purpose")
    }
}

impl std::error::Error for Dropped {}

/// An answer's body; a broken one ends before it says it would.
pub(super) struct Content {
    pub(super) data: Bytes,
    announced: u64,
    pub(super) broken: bool,
    /// The time between two bytes, where they come one by one.
    pub(super) pause: Option<Duration>,
    waiting: Option<Pin<Box<Sleep>>>,
    /// What follows it.
    pub(super) tail: Option<Arc<Mutex<Tail>>>,
}

impl Content {
    pub(super) fn new(data: impl Into<Bytes>) -> Self {
        let data = data.into();
        Self {
            announced: u64::try_from(data.len()).unwrap_or_default(),
            data,
            broken: false,
            pause: None,
            waiting: None,
            tail: None,
        }
    }

    fn next(&mut self, context: &mut Context<'_>) -> Poll<Bytes> {
        let Some(pause) = self.pause else {
            return Poll::Ready(std::mem::take(&mut self.data));
        };
        match &mut self.waiting {
            Some(waiting) => ready!(waiting.as_mut().poll(context)),
            // The server writes out what it has while it waits, so each byte goes on its own.
            None => {
                let mut waiting = Box::pin(tokio::time::sleep(pause));
                if waiting.as_mut().poll(context).is_ready() {
                    context.waker().wake_by_ref();
                }
                self.waiting = Some(waiting);
                return Poll::Pending;
            }
        }
        self.waiting = None;
        Poll::Ready(self.data.split_to(1))
    }
}

impl Body for Content {
    type Data = Bytes;
    type Error = Dropped;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Dropped>>> {
        if !self.data.is_empty() {
            let data = ready!(self.next(context));
            return Poll::Ready(Some(Ok(Frame::data(data))));
        }
        Poll::Ready(self.broken.then_some(Err(Dropped)))
    }

    fn is_end_stream(&self) -> bool {
        self.data.is_empty() && !self.broken
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.announced)
    }
}

/// The server lets the body go when all of it is in its buffer, and flushes then.
impl Drop for Content {
    fn drop(&mut self) {
        if let Some(tail) = &self.tail {
            lock(tail).due = true;
        }
    }
}
