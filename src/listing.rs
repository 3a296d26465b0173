//! Lazy lists, read item by item or page by page.

use std::{
    collections::VecDeque,
    fmt,
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll},
};

use futures_core::Stream;

use crate::error::{Error, Result};

/// A boxed stream that owns everything it needs.
pub type BoxStream<T> = Pin<Box<dyn Stream<Item = T> + Send + 'static>>;

/// Some items of a list, as they came in one answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page<T> {
    /// The items, in the order of the server.
    pub items: Vec<T>,
    /// How many items the whole list has, when the server says so.
    pub total: Option<u64>,
}

impl<T> Page<T> {
    /// A page of these items, of a list of unknown length.
    pub fn new(items: Vec<T>) -> Self {
        Self { items, total: None }
    }

    /// Says how many items the whole list has.
    #[must_use]
    pub fn with_total(mut self, total: u64) -> Self {
        self.total = Some(total);
        self
    }
}

/// A list that is fetched while it is read.
///
/// No request is made before the first item is asked for, and none for a further page before the items of the one at
/// hand are used up; dropping the listing stops it. It is a [`Stream`] of results, and has methods of its own for
/// those who want no further crate. After an error it ends.
///
/// ```
/// use exchange_connector::Listing;
///
/// # async fn example() -> exchange_connector::Result<()> {
/// let mut numbers = Listing::from_vec(vec![1, 2, 3]);
/// while let Some(number) = numbers.try_next().await? {
///     println!("{number}");
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "a listing does nothing until it is read"]
pub struct Listing<T> {
    pages: Option<BoxStream<Result<Page<T>>>>,
    buffer: VecDeque<T>,
    total: Option<u64>,
}

impl<T: Send + 'static> Listing<T> {
    /// A listing over a stream of pages, which is polled only when items are wanted.
    pub fn from_pages(pages: impl Stream<Item = Result<Page<T>>> + Send + 'static) -> Self {
        Self {
            pages: Some(Box::pin(pages)),
            buffer: VecDeque::new(),
            total: None,
        }
    }

    /// A listing of items that are there already.
    pub fn from_vec(items: Vec<T>) -> Self {
        Self {
            pages: None,
            total: u64::try_from(items.len()).ok(),
            buffer: items.into(),
        }
    }

    /// A listing that gives this error and ends: for what is known to fail before any request.
    pub fn from_error(error: Error) -> Self {
        Self::from_pages(Once(Some(Err(error))))
    }

    /// A listing whose pages are made by calling `next` until it answers `None`.
    ///
    /// `state` is handed from call to call: the place in the list, the client, whatever the next request needs.
    ///
    /// ```
    /// use exchange_connector::{Listing, Page};
    ///
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// let listing = Listing::unfold(0, |offset| async move {
    ///     if offset >= 4 {
    ///         return Ok(None);
    ///     }
    ///     Ok(Some((Page::new(vec![offset, offset + 1]), offset + 2)))
    /// });
    /// assert_eq!(listing.collect().await.unwrap(), [0, 1, 2, 3]);
    /// # });
    /// ```
    pub fn unfold<S, F, Fut>(state: S, next: F) -> Self
    where
        S: Send + 'static,
        F: FnMut(S) -> Fut + Send + 'static,
        Fut: Future<Output = Result<Option<(Page<T>, S)>>> + Send + 'static,
    {
        Self::from_pages(Unfold::new(state, next))
    }

    /// The next item; `None` at the end.
    ///
    /// # Errors
    /// Whatever the request for the page answered; the listing has then ended.
    pub async fn try_next(&mut self) -> Result<Option<T>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context))
            .await
            .transpose()
    }

    /// The next page, what is left of the current one first; `None` at the end. A page may be empty.
    ///
    /// # Errors
    /// Whatever the request for the page answered; the listing has then ended.
    pub async fn next_page(&mut self) -> Result<Option<Page<T>>> {
        if !self.buffer.is_empty() {
            return Ok(Some(Page {
                items: self.buffer.drain(..).collect(),
                total: self.total,
            }));
        }
        poll_fn(|context| self.poll_page(context)).await.transpose()
    }

    /// All items that are left.
    ///
    /// # Errors
    /// The first error; the items before it are lost. Use [`try_next`](Self::try_next) to keep them.
    pub async fn collect(mut self) -> Result<Vec<T>> {
        let mut items = Vec::new();
        while let Some(page) = self.next_page().await? {
            items.extend(page.items);
        }
        Ok(items)
    }

    /// The first `count` items, or all when there are fewer. No more pages are fetched than needed for them.
    ///
    /// # Errors
    /// The first error; the items before it are lost.
    pub async fn take(mut self, count: usize) -> Result<Vec<T>> {
        let mut items = Vec::new();
        while items.len() < count {
            let Some(item) = self.try_next().await? else {
                break;
            };
            items.push(item);
        }
        Ok(items)
    }
}

impl<T> Listing<T> {
    /// How many items the whole list has, when the server has said so with a page already read.
    pub fn total(&self) -> Option<u64> {
        self.total
    }

    fn poll_page(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Page<T>>>> {
        let Some(pages) = &mut self.pages else {
            return Poll::Ready(None);
        };
        let answer = match pages.as_mut().poll_next(context) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(answer) => answer,
        };
        match &answer {
            Some(Ok(page)) => self.total = page.total.or(self.total),
            // Not polled again: most streams must not be.
            Some(Err(_)) | None => self.pages = None,
        }
        Poll::Ready(answer)
    }
}

impl<T> Unpin for Listing<T> {}

impl<T> Stream for Listing<T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        loop {
            if let Some(item) = self.buffer.pop_front() {
                return Poll::Ready(Some(Ok(item)));
            }
            match self.poll_page(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error))),
                Poll::Ready(Some(Ok(page))) => self.buffer.extend(page.items),
            }
        }
    }
}

impl<T> fmt::Debug for Listing<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listing")
            .field("buffered", &self.buffer.len())
            .field("total", &self.total)
            .finish_non_exhaustive()
    }
}

struct Once<T>(Option<T>);

impl<T> Unpin for Once<T> {}

impl<T> Stream for Once<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<T>> {
        Poll::Ready(self.0.take())
    }
}

/// A stream whose items are made by calling a function again and again. Between two calls there is a state, during
/// one there is a future, at the end neither.
pub(crate) struct Unfold<S, F, Fut> {
    state: Option<S>,
    next: F,
    running: Option<Pin<Box<Fut>>>,
}

impl<S, F, Fut> Unfold<S, F, Fut> {
    pub(crate) fn new(state: S, next: F) -> Self {
        Self {
            state: Some(state),
            next,
            running: None,
        }
    }
}

impl<S, F, Fut> Unpin for Unfold<S, F, Fut> {}

impl<I, S, F, Fut> Stream for Unfold<S, F, Fut>
where
    F: FnMut(S) -> Fut,
    Fut: Future<Output = Result<Option<(I, S)>>>,
{
    type Item = Result<I>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if let Some(state) = this.state.take() {
            this.running = Some(Box::pin((this.next)(state)));
        }
        let Some(running) = &mut this.running else {
            return Poll::Ready(None);
        };
        let answer = match running.as_mut().poll(context) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(answer) => answer,
        };
        this.running = None;
        Poll::Ready(match answer {
            Ok(Some((item, state))) => {
                this.state = Some(state);
                Some(Ok(item))
            }
            Ok(None) => None,
            Err(error) => Some(Err(error)),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use super::*;
    use crate::error::ErrorKind;

    /// Pages of two up to `last`, counting the requests; with `last` odd the end is an error.
    fn pages(requests: &Arc<AtomicUsize>, last: usize) -> Listing<usize> {
        let requests = Arc::clone(requests);
        Listing::unfold(0, move |offset| {
            requests.fetch_add(1, Ordering::SeqCst);
            async move {
                tokio::task::yield_now().await;
                if offset > last {
                    return Err(Error::new(ErrorKind::Unavailable, "FindItem", "gone"));
                }
                if offset == last {
                    return Ok(None);
                }
                Ok(Some((
                    Page::new(vec![offset, offset + 1]).with_total(last as u64),
                    offset + 2,
                )))
            }
        })
    }

    #[tokio::test]
    async fn asks_only_for_what_is_read() {
        let requests = Arc::new(AtomicUsize::new(0));
        let mut listing = pages(&requests, 6);
        assert_eq!(requests.load(Ordering::SeqCst), 0);
        assert_eq!(listing.try_next().await.unwrap(), Some(0));
        assert_eq!(listing.try_next().await.unwrap(), Some(1));
        assert_eq!(
            (requests.load(Ordering::SeqCst), listing.total()),
            (1, Some(6))
        );
        assert_eq!(listing.take(2).await.unwrap(), [2, 3]);
        assert_eq!(requests.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn pages_and_items_mix() {
        let mut listing = pages(&Arc::default(), 4);
        assert_eq!(listing.try_next().await.unwrap(), Some(0));
        assert_eq!(listing.next_page().await.unwrap().unwrap().items, [1]);
        assert_eq!(listing.next_page().await.unwrap().unwrap().items, [2, 3]);
        assert!(listing.next_page().await.unwrap().is_none());
        assert!(listing.next_page().await.unwrap().is_none());
    }

    #[tokio::test]
    async fn ends_after_an_error() {
        let mut listing = pages(&Arc::default(), 3);
        for expected in 0..4 {
            assert_eq!(listing.try_next().await.unwrap(), Some(expected));
        }
        assert_eq!(
            listing.try_next().await.unwrap_err().kind(),
            ErrorKind::Unavailable
        );
        assert_eq!(listing.try_next().await.unwrap(), None);
        assert!(listing.next_page().await.unwrap().is_none());
    }

    #[tokio::test]
    async fn known_outcomes() {
        assert_eq!(
            Listing::from_vec(vec![1, 2]).collect().await.unwrap(),
            [1, 2]
        );
        let failed = Listing::<u8>::from_error(Error::unsupported("list_events", "no"));
        assert_eq!(
            failed.collect().await.unwrap_err().kind(),
            ErrorKind::Unsupported
        );
    }
}
