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
    listing::{BoxStream, Unfold},
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

    /// The bytes of the pieces made by calling `next` until it answers `None`.
    ///
    /// `state` is handed from call to call: an open file, a connection, whatever the next piece needs.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use exchange_connector::ByteStream;
    ///
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// let lines = ByteStream::unfold(0, |line| async move {
    ///     Ok((line < 3).then(|| (Bytes::from(format!("line {line}\n")), line + 1)))
    /// });
    /// assert_eq!(lines.collect(100).await.unwrap(), "line 0\nline 1\nline 2\n");
    /// # });
    /// ```
    pub fn unfold<S, F, Fut>(state: S, next: F) -> Self
    where
        S: Send + 'static,
        F: FnMut(S) -> Fut + Send + 'static,
        Fut: Future<Output = Result<Option<(Bytes, S)>>> + Send + 'static,
    {
        Self::new(Unfold::new(state, next))
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
            if piece.len() > most - all.len() {
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
    /// Bytes that are read while they are sent, so that any size takes little memory. They are sent once: if a server
    /// wants them a second time the call fails, nothing is changed, and the error says to call with a new stream.
    Stream {
        /// How many there are. It must be exact: both protocols want to know before the first one. A stream of another
        /// length is an [`InvalidArgument`](ErrorKind::InvalidArgument) error, and nothing is changed.
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

    /// The bytes as a stream that ends in an error if there are not as many as announced.
    pub fn into_stream(self) -> ByteStream {
        match self {
            Self::Bytes(bytes) => bytes.into(),
            Self::Stream { len, stream } => ByteStream::new(Exact {
                stream,
                announced: len,
                given: 0,
            }),
        }
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

/// A stream that gives as much as was announced, or an error.
struct Exact {
    stream: ByteStream,
    announced: u64,
    given: u64,
}

impl Stream for Exact {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = match Pin::new(&mut self.stream).poll_next(context) {
            Poll::Ready(next) => next,
            Poll::Pending => return Poll::Pending,
        };
        if let Some(Ok(piece)) = &next {
            self.given = self.given.saturating_add(piece.len() as u64);
        }
        let (given, announced) = (self.given, self.announced);
        let is_wrong = given > announced || next.is_none() && given < announced;
        if !is_wrong {
            return Poll::Ready(next);
        }
        let how_many = if given > announced {
            "more than".to_owned()
        } else {
            format!("{given} instead of")
        };
        let message = format!("the stream gave {how_many} the {announced} bytes announced");
        Poll::Ready(Some(Err(Error::invalid_argument("upload", message))))
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

    fn pieces(sizes: &'static [usize]) -> ByteStream {
        ByteStream::unfold(sizes.iter(), |mut sizes| async move {
            Ok(sizes.next().map(|size| (vec![b'x'; *size].into(), sizes)))
        })
    }

    #[tokio::test]
    async fn pieces_are_never_empty() {
        let mut stream = pieces(&[0, 2, 0, 0, 1, 0]);
        assert_eq!(stream.try_next().await.unwrap().unwrap(), "xx");
        assert_eq!(stream.try_next().await.unwrap().unwrap(), "x");
        assert_eq!(stream.try_next().await.unwrap(), None);
        assert_eq!(stream.try_next().await.unwrap(), None);
    }

    #[tokio::test]
    async fn after_an_error_it_ends() {
        let mut stream = ByteStream::unfold((), |()| async {
            Err(Error::new(ErrorKind::Connection, "GetItem", "gone"))
        });
        assert_eq!(
            stream.try_next().await.unwrap_err().kind(),
            ErrorKind::Connection
        );
        assert_eq!(stream.try_next().await.unwrap(), None);
    }

    #[tokio::test]
    async fn lengths_are_exact() {
        for (announced, problem) in [
            (5, None),
            (4, Some("the stream gave more than the 4 bytes announced")),
            (
                6,
                Some("the stream gave 5 instead of the 6 bytes announced"),
            ),
        ] {
            let upload = Upload::stream(announced, pieces(&[2, 0, 3]));
            assert_eq!(upload.len(), announced);
            let collected = upload.into_stream().collect(9).await;
            match problem {
                None => assert_eq!(collected.unwrap().len(), 5),
                Some(message) => {
                    let error = collected.unwrap_err();
                    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
                    assert_eq!(error.message(), message);
                }
            }
        }
        let empty = Upload::stream(0, pieces(&[])).into_stream();
        assert_eq!(empty.collect(0).await.unwrap(), "");
    }

    #[test]
    fn content_is_not_shown() {
        assert_eq!(format!("{:?}", Upload::from("secret")), "Bytes(6 bytes)");
        let stream = Upload::stream(7, ByteStream::from(Bytes::new()));
        assert_eq!((stream.len(), stream.is_empty()), (7, false));
    }
}
