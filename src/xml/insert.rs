//! One large value put into a document while the document is sent.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;

use super::base64::Encoder;
use super::extract::{Extract, Place};
use crate::error::Result;
use crate::stream::{ByteStream, Upload};

/// A document with the base64 of a value in the element at that place, which is empty so far:
/// `<a></a>`. `None` if there is no such element.
pub(crate) fn insert(document: &str, places: &'static [Place], value: Upload) -> Option<Inserted> {
    let mut extract = Extract::new(places);
    extract.push(document.as_bytes(), &mut Vec::new()).ok()?;
    let (_, gap) = extract.into_rest();
    let (before, after) = document.split_at_checked(gap?.at())?;
    if before.ends_with("/>") || !after.starts_with("</") {
        return None;
    }
    Some(match value {
        Upload::Bytes(value) if value.len() <= LARGEST_WHOLE => {
            let mut encoder = Encoder::default();
            let text = [before, &encoder.encode(&value), &encoder.finish(), after].concat();
            Inserted::Whole(text)
        }
        value => {
            let around = before.len() as u64 + after.len() as u64;
            Inserted::Stream {
                length: around.saturating_add(Encoder::length(value.len())),
                stream: ByteStream::new(Insert {
                    before: before.to_owned().into(),
                    after: after.to_owned().into(),
                    value: Some(value.into_stream()),
                    piece: Bytes::new(),
                    encoder: Encoder::default(),
                }),
            }
        }
    })
}

/// A document that holds a value.
#[derive(Debug)]
pub(crate) enum Inserted {
    Whole(String),
    /// A document in pieces, of which the last comes only when the value has come whole.
    Stream {
        length: u64,
        stream: ByteStream,
    },
}

struct Insert {
    before: Bytes,
    after: Bytes,
    value: Option<ByteStream>,
    /// What of the value is not written yet.
    piece: Bytes,
    encoder: Encoder,
}

impl Stream for Insert {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if !this.before.is_empty() {
            return Poll::Ready(Some(Ok(std::mem::take(&mut this.before))));
        }
        loop {
            if !this.piece.is_empty() {
                let piece = this.piece.split_to(this.piece.len().min(LARGEST_PIECE));
                let text = this.encoder.encode(&piece);
                if text.is_empty() {
                    continue;
                }
                return Poll::Ready(Some(Ok(text.into())));
            }
            let Some(value) = &mut this.value else {
                return Poll::Ready(None);
            };
            match Pin::new(value).poll_next(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some(Ok(piece))) => this.piece = piece,
                Poll::Ready(Some(Err(error))) => {
                    this.value = None;
                    return Poll::Ready(Some(Err(error)));
                }
                Poll::Ready(None) => {
                    this.value = None;
                    let mut last = this.encoder.finish().into_bytes();
                    last.extend_from_slice(&this.after);
                    return Poll::Ready(Some(Ok(last.into())));
                }
            }
        }
    }
}

/// Values up to here are sent whole: that takes one request less, and it can be repeated.
const LARGEST_WHOLE: usize = 1024 * 1024;

/// So many bytes are encoded at a time.
const LARGEST_PIECE: usize = 48 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    const PLACES: &[Place] = &[&["a", "b"]];

    fn stream(sizes: &'static [usize]) -> ByteStream {
        ByteStream::unfold(sizes.iter(), |mut sizes| async move {
            Ok(sizes.next().map(|size| (vec![b'x'; *size].into(), sizes)))
        })
    }

    async fn written(value: Upload) -> Result<Vec<u8>> {
        match insert("<a><b c='d'></b></a>", PLACES, value).unwrap() {
            Inserted::Whole(text) => Ok(text.into_bytes()),
            Inserted::Stream { length, mut stream } => {
                let mut all = Vec::new();
                while let Some(piece) = stream.try_next().await? {
                    assert!(piece.len() <= LARGEST_PIECE / 3 * 4 + 4, "{}", piece.len());
                    all.extend_from_slice(&piece);
                }
                assert_eq!(all.len() as u64, length);
                Ok(all)
            }
        }
    }

    #[tokio::test]
    async fn whole_and_in_pieces() {
        let sizes: &[usize] = &[1, 1, 0, 5, 200_000, 2, 3, 100_000];
        let total: usize = sizes.iter().sum();
        let streamed = written(Upload::stream(total as u64, stream(sizes))).await;
        let whole = written(Upload::from(vec![b'x'; total])).await.unwrap();
        assert_eq!(streamed.unwrap(), whole);
        let mut extract = Extract::new(PLACES);
        let mut value = Vec::new();
        extract.push(&whole, &mut value).unwrap();
        assert_eq!(value, vec![b'x'; total]);

        let large = Bytes::from(vec![b'y'; LARGEST_WHOLE + 1]);
        assert!(written(large.into()).await.unwrap().len() > LARGEST_WHOLE / 3 * 4);
        let nothing = written(Upload::stream(0, stream(&[]))).await.unwrap();
        assert_eq!(nothing, b"<a><b c='d'></b></a>");
    }

    #[tokio::test]
    async fn the_end_is_not_given_away_too_early() {
        for (length, sizes) in [(2, &[3_usize] as &[_]), (4, &[3]), (3, &[3, 1])] {
            let upload = Upload::stream(length, stream(sizes));
            let Some(Inserted::Stream { mut stream, .. }) =
                insert("<a><b></b></a>", PLACES, upload)
            else {
                panic!("a stream");
            };
            let error = loop {
                match stream.try_next().await {
                    Ok(piece) => assert!(!piece.unwrap().ends_with(b"</a>")),
                    Err(error) => break error,
                }
            };
            assert_eq!(error.kind(), ErrorKind::InvalidArgument);
            assert_eq!(stream.try_next().await.unwrap(), None);
        }
    }

    #[test]
    fn without_a_place() {
        for document in ["<a></a>", "<a><b/></a>", "<a><c></c></a>"] {
            assert!(insert(document, PLACES, "x".into()).is_none());
        }
    }
}
