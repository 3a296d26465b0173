//! Bytes on their way: contents too large to be held whole.

use std::{
    fmt,
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;

use crate::{
    error::{Error, ErrorKind, Result},
    listing::BoxStream,
};

/// The content of an attachment or a message, in pieces as they arrive.
///
/// Nothing is kept: what is read is the caller's. Dropped before its end, the connection is closed. After an error it
/// ends, and what was read until then is not the whole.
#[must_use = "nothing is read until it is asked for"]
pub struct ByteStream {
    pieces: Option<BoxStream<Result<Bytes>>>,
}

impl ByteStream {
    /// The bytes of a stream of pieces.
    pub fn new(pieces: impl Stream<Item = Result<Bytes>> + Send + 'static) -> Self {
        Self {
            pieces: Some(Box::pin(pieces)),
        }
    }

    /// The next piece, never empty; `None` at the end.
    ///
    /// # Errors
    /// Whatever reading the answer ended in.
    pub async fn try_next(&mut self) -> Result<Option<Bytes>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context))
            .await
            .transpose()
    }

    /// All that is left, up to so many bytes.
    ///
    /// # Errors
    /// [`TooLarge`](ErrorKind::TooLarge) when there are more; whatever reading the answer ended in.
    pub async fn collect(mut self, most: usize) -> Result<Bytes> {
        let mut all = BytesMut::new();
        while let Some(piece) = self.try_next().await? {
            if all.len() + piece.len() > most {
                let problem = format!("the content has more than {most} bytes");
                return Err(Error::new(ErrorKind::TooLarge, "read content", problem)
                    .with_hint("Read it in pieces, or allow more."));
            }
            all.extend_from_slice(&piece);
        }
        Ok(all.freeze())
    }
}

impl Stream for ByteStream {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let Some(pieces) = &mut self.pieces else {
                return Poll::Ready(None);
            };
            let piece = match pieces.as_mut().poll_next(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(piece) => piece,
            };
            match &piece {
                Some(Ok(bytes)) if bytes.is_empty() => continue,
                Some(Ok(_)) => {}
                // Not polled again: most streams must not be.
                Some(Err(_)) | None => self.pieces = None,
            }
            return Poll::Ready(piece);
        }
    }
}

impl From<Bytes> for ByteStream {
    fn from(bytes: Bytes) -> Self {
        Self::new(Once(Some(bytes)))
    }
}

impl fmt::Debug for ByteStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByteStream")
            .field("at_end", &self.pieces.is_none())
            .finish_non_exhaustive()
    }
}

struct Once(Option<Bytes>);

impl Stream for Once {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.take().map(Ok))
    }
}

/// Content to send.
#[non_exhaustive]
pub enum Upload {
    /// Bytes at hand.
    Bytes(Bytes),
    /// Bytes that are read while they are sent, so that any size takes little memory. They are sent once.
    Stream {
        /// How many there are. It must be exact: both protocols want to know before the first one.
        len: u64,
        /// The bytes.
        stream: ByteStream,
    },
}

impl Upload {
    /// Bytes that are read while they are sent; `len` must be exact.
    pub fn stream(len: u64, stream: ByteStream) -> Self {
        Self::Stream { len, stream }
    }

    /// How many bytes there are.
    pub fn len(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Stream { len, .. } => *len,
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<B: Into<Bytes>> From<B> for Upload {
    fn from(bytes: B) -> Self {
        Self::Bytes(bytes.into())
    }
}

impl fmt::Debug for Upload {
    /// Without the content.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self {
            Self::Bytes(_) => "Bytes",
            Self::Stream { .. } => "Stream",
        };
        write!(f, "{kind}({} bytes)", self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn bytes_in_and_out() {
        let stream = ByteStream::from(Bytes::from_static(b"abc"));
        assert_eq!(stream.collect(3).await.unwrap(), "abc");
        let stream = ByteStream::from(Bytes::from_static(b"abc"));
        let error = stream.collect(2).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLarge);
        let mut empty = ByteStream::from(Bytes::new());
        assert!(empty.try_next().await.unwrap().is_none());
        assert!(empty.try_next().await.unwrap().is_none());
    }

    #[test]
    fn content_is_not_shown() {
        assert_eq!(format!("{:?}", Upload::from("secret")), "Bytes(6 bytes)");
        let stream = Upload::stream(7, ByteStream::from(Bytes::new()));
        assert_eq!((stream.len(), stream.is_empty()), (7, false));
    }
}
