//! Content that is read and sent in pieces, so that its size costs no memory.

use std::{
    fmt,
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_core::Stream;

use crate::error::{Error, ErrorKind, Result};
use crate::listing::{BoxStream, Unfold};

/// The content of an attachment or of a message, as it arrives.
///
/// It is read at the pace of the reader: what is not asked for stays on the server's side of the connection. Dropping
/// it before its end closes that connection. After an error it ends. What came before an error is not the whole
/// content; only `None` says that nothing is missing.
///
/// ```
/// use exchange_connector::ByteStream;
///
/// # async fn example(mut content: ByteStream) -> exchange_connector::Result<()> {
/// let mut length = 0;
/// while let Some(piece) = content.try_next().await? {
///     length += piece.len();
/// }
/// println!("{length} bytes");
/// # Ok(())
/// # }
/// ```
#[must_use = "a stream does nothing until it is read"]
pub struct ByteStream {
    pieces: Option<BoxStream<Result<Bytes>>>,
}

impl ByteStream {
    /// A stream of these pieces.
    pub fn new(pieces: impl Stream<Item = Result<Bytes>> + Send + 'static) -> Self {
        Self {
            pieces: Some(Box::pin(pieces)),
        }
    }

    /// A stream whose pieces are made by calling `next` until it answers `None`.
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
    /// assert_eq!(lines.collect(100).await.unwrap(), b"line 0\nline 1\nline 2\n");
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
    /// Whatever interrupted the content; the stream has then ended.
    pub async fn try_next(&mut self) -> Result<Option<Bytes>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context))
            .await
            .transpose()
    }

    /// All that is left, if it is no more than `limit` bytes.
    ///
    /// # Errors
    /// [`ErrorKind::LimitExceeded`] if it is more, and whatever interrupted the content.
    pub async fn collect(mut self, limit: usize) -> Result<Vec<u8>> {
        let mut all = Vec::new();
        while let Some(piece) = self.try_next().await? {
            if piece.len() > limit - all.len() {
                let message = format!("the content is larger than {limit} bytes");
                return Err(Error::new(ErrorKind::LimitExceeded, "collect", message)
                    .with_hint("Read it piece by piece, or allow more."));
            }
            all.extend_from_slice(&piece);
        }
        Ok(all)
    }
}

impl Stream for ByteStream {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let Some(pieces) = &mut self.pieces else {
                return Poll::Ready(None);
            };
            match pieces.as_mut().poll_next(context) {
                Poll::Ready(Some(Ok(piece))) if piece.is_empty() => {}
                Poll::Ready(Some(Ok(piece))) => return Poll::Ready(Some(Ok(piece))),
                Poll::Pending => return Poll::Pending,
                Poll::Ready(last) => {
                    // Not polled again: most streams must not be.
                    self.pieces = None;
                    return Poll::Ready(last);
                }
            }
        }
    }
}

impl From<Bytes> for ByteStream {
    fn from(content: Bytes) -> Self {
        Self::new(Whole(Some(content)))
    }
}

impl From<Vec<u8>> for ByteStream {
    fn from(content: Vec<u8>) -> Self {
        Bytes::from(content).into()
    }
}

impl fmt::Debug for ByteStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByteStream")
            .field("ended", &self.pieces.is_none())
            .finish_non_exhaustive()
    }
}

/// One piece.
struct Whole(Option<Bytes>);

impl Stream for Whole {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.take().map(Ok))
    }
}

/// Content to be sent: an attachment, a message as MIME.
///
/// ```
/// use exchange_connector::Upload;
///
/// assert_eq!(Upload::from("1. Welcome\n").len(), 11);
/// ```
#[non_exhaustive]
pub enum Upload {
    /// Content in memory.
    Bytes(Bytes),
    /// Content that is read while it is sent.
    ///
    /// It can be read once: if the request is needed a second time the call fails, nothing is changed, and the error
    /// says to call again with a new stream.
    Stream {
        /// How many bytes it is, exactly: servers are told before the first byte. A stream of another length is an
        /// [`InvalidArgument`](ErrorKind::InvalidArgument) error, and nothing is changed.
        len: u64,
        /// The bytes.
        stream: ByteStream,
    },
}

impl Upload {
    /// The content of a stream that gives exactly `len` bytes.
    pub fn stream(len: u64, stream: impl Stream<Item = Result<Bytes>> + Send + 'static) -> Self {
        let stream = ByteStream::new(stream);
        Self::Stream { len, stream }
    }

    /// How many bytes it is.
    pub fn len(&self) -> u64 {
        match self {
            Self::Bytes(content) => content.len() as u64,
            Self::Stream { len, .. } => *len,
        }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The content as a stream that ends in an error if its length is not as announced.
    pub fn into_stream(self) -> ByteStream {
        match self {
            Self::Bytes(content) => content.into(),
            Self::Stream { len, stream } => ByteStream::new(Exact {
                stream,
                announced: len,
                given: 0,
            }),
        }
    }
}

impl From<Bytes> for Upload {
    fn from(content: Bytes) -> Self {
        Self::Bytes(content)
    }
}

impl From<Vec<u8>> for Upload {
    fn from(content: Vec<u8>) -> Self {
        Self::Bytes(content.into())
    }
}

impl From<&'static str> for Upload {
    fn from(content: &'static str) -> Self {
        Self::Bytes(Bytes::from_static(content.as_bytes()))
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(content) => write!(f, "Bytes({} bytes)", content.len()),
            Self::Stream { len, .. } => write!(f, "Stream({len} bytes)"),
        }
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
    async fn collecting_has_a_limit() {
        assert_eq!(pieces(&[2, 3]).collect(5).await.unwrap(), b"xxxxx");
        assert_eq!(pieces(&[]).collect(0).await.unwrap(), b"");
        let error = pieces(&[2, 3]).collect(4).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::LimitExceeded);
        assert_eq!(error.message(), "the content is larger than 4 bytes");
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
        assert_eq!(empty.collect(0).await.unwrap(), b"");
    }

    #[test]
    fn content_is_not_shown() {
        let secret = Bytes::from_static(b"secret");
        let shown = format!(
            "{:?} {:?} {:?}",
            Upload::from(secret.clone()),
            Upload::stream(6, ByteStream::from(secret.clone())),
            ByteStream::from(secret)
        );
        assert_eq!(
            shown,
            "Bytes(6 bytes) Stream(6 bytes) ByteStream { ended: false, .. }"
        );
    }
}
