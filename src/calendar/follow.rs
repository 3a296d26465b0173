//! Following changes to the end of a round, and starting again where a token is of no use any more.

use std::pin::Pin;
use std::sync::Arc;

use super::CalendarRead;
use crate::error::{Error, ErrorKind, Result};
use crate::listing::{Listing, Page};
use crate::model::{CalendarRef, EventChange, SyncPage, SyncRequest, SyncToken, ViewScope};

/// What is got from following changes.
#[derive(Debug)]
#[non_exhaustive]
pub enum Followed<C> {
    /// The token was of no use any more, and everything there is comes again: the pages after this are
    /// [`full`](SyncPage::full). What was kept and is not in them is not there any more.
    Restarted {
        /// Why the token was of no use.
        reason: Error,
    },
    /// Some changes, and the token to keep once they are applied.
    Page(SyncPage<C>),
}

/// What every reader of calendars can do besides, made of what it has: one round of following changes, to its end.
///
/// ```no_run
/// use std::sync::Arc;
///
/// use exchange_connector::model::{CalendarRef, EventChange, SyncRequest, SyncToken};
/// use exchange_connector::{CalendarReadExt, Followed, Mailbox, Result};
///
/// async fn follow(mailbox: Arc<dyn Mailbox>, kept: SyncToken) -> Result<SyncToken> {
///     let mut token = kept.clone();
///     let mut round = mailbox.follow_events(SyncRequest::since(CalendarRef::Default, kept));
///     while let Some(followed) = round.try_next().await? {
///         match followed {
///             Followed::Restarted { reason } => println!("everything comes again: {reason}"),
///             Followed::Page(page) => {
///                 for change in page.changes {
///                     match change {
///                         EventChange::Upserted(event) => println!("{}", event.subject),
///                         EventChange::Deleted(id) => println!("{id} is gone"),
///                         _ => {}
///                     }
///                 }
///                 token = page.token;
///             }
///             _ => {}
///         }
///     }
///     Ok(token)
/// }
/// ```
pub trait CalendarReadExt {
    /// One round of [`sync_events`](CalendarRead::sync_events), page by page until there is no more for now.
    ///
    /// If the token turns out to be [invalid](ErrorKind::SyncStateInvalid), it starts again without one, once, and
    /// says so with [`Followed::Restarted`]. No request is made before the first page is asked for, and none for a
    /// further one before the one at hand is used up.
    ///
    /// # Errors
    /// As those of [`sync_events`](CalendarRead::sync_events). The listing has then ended; the token of the last page
    /// is good.
    fn follow_events(&self, request: SyncRequest<CalendarRef>) -> Listing<Followed<EventChange>>;

    /// One round of [`sync_calendar_view`](CalendarRead::sync_calendar_view), as
    /// [`follow_events`](Self::follow_events) is one of `sync_events`.
    ///
    /// # Errors
    /// As those of [`sync_calendar_view`](CalendarRead::sync_calendar_view).
    fn follow_calendar_view(
        &self,
        request: SyncRequest<ViewScope>,
    ) -> Listing<Followed<EventChange>>;
}

impl<T: CalendarRead + ?Sized + 'static> CalendarReadExt for Arc<T> {
    fn follow_events(&self, request: SyncRequest<CalendarRef>) -> Listing<Followed<EventChange>> {
        let calendar = Self::clone(self);
        round(request, move |request| {
            let calendar = Self::clone(&calendar);
            Box::pin(async move { calendar.sync_events(request).await })
        })
    }

    fn follow_calendar_view(
        &self,
        request: SyncRequest<ViewScope>,
    ) -> Listing<Followed<EventChange>> {
        let calendar = Self::clone(self);
        round(request, move |request| {
            let calendar = Self::clone(&calendar);
            Box::pin(async move { calendar.sync_calendar_view(request).await })
        })
    }
}

type Answer<C> = Pin<Box<dyn Future<Output = Result<SyncPage<C>>> + Send>>;

/// How far a round is.
struct Round<S, F> {
    request: SyncRequest<S>,
    ask: F,
    /// It began without a token, or has begun again.
    is_fresh: bool,
    more: bool,
}

fn round<S, C, F>(request: SyncRequest<S>, ask: F) -> Listing<Followed<C>>
where
    S: Clone + Send + Sync + 'static,
    C: Send + 'static,
    F: Fn(SyncRequest<S>) -> Answer<C> + Send + Sync + 'static,
{
    let state = Round {
        is_fresh: request.token.is_none(),
        request,
        ask,
        more: true,
    };
    Listing::unfold(state, |mut round| async move {
        if !round.more {
            return Ok(None);
        }
        let followed = match (round.ask)(round.request.clone()).await {
            Err(error) if error.kind() == ErrorKind::SyncStateInvalid && !round.is_fresh => {
                round.is_fresh = true;
                round.request.token = None;
                Followed::Restarted { reason: error }
            }
            page => {
                let page = page?;
                round.more = page.more;
                round.request.token = Some(SyncToken::clone(&page.token));
                Followed::Page(page)
            }
        };
        Ok(Some((Page::new(vec![followed]), round)))
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use async_trait::async_trait;
    use serde_json::json;

    use super::*;
    use crate::calendar::Batch;
    use crate::connector::Backend;
    use crate::model::{
        CalendarInfo, Event, EventId, EventQuery, ICalUid, MeetingMessage, Projection, Series,
        TimeRange,
    };

    /// A calendar with two pages, whose server forgets tokens when told to.
    #[derive(Default)]
    struct Forgetful {
        forgets: Mutex<u32>,
        asked: Mutex<Vec<Option<SyncToken>>>,
    }

    fn token(number: u32) -> SyncToken {
        SyncToken::encode(Backend::Ews, "events", json!(number))
    }

    #[async_trait]
    impl CalendarRead for Forgetful {
        fn list_calendars(&self) -> Listing<CalendarInfo> {
            Listing::from_vec(Vec::new())
        }

        async fn get_calendar(&self, _: &CalendarRef) -> Result<CalendarInfo> {
            Err(Error::unsupported("get_calendar", "not here"))
        }

        fn list_events(&self, _: EventQuery) -> Listing<Event> {
            Listing::from_vec(Vec::new())
        }

        async fn get_events(&self, _: &[EventId], _: Projection) -> Result<Batch<Event>> {
            Ok(Vec::new())
        }

        async fn sync_events(
            &self,
            request: SyncRequest<CalendarRef>,
        ) -> Result<SyncPage<EventChange>> {
            self.asked.lock().unwrap().push(request.token.clone());
            let mut forgets = self.forgets.lock().unwrap();
            if *forgets > 0 {
                *forgets -= 1;
                let why = "it is too old";
                return Err(Error::new(ErrorKind::SyncStateInvalid, "sync_events", why));
            }
            let at = match request.token {
                None => 0,
                Some(token) => token.decode(Backend::Ews, "events")?.as_u64().unwrap() as u32,
            };
            let gone = EventChange::Deleted(EventId::from_raw(Backend::Ews, at.to_string()));
            Ok(SyncPage::new(vec![gone], token(at + 1)).more(at % 2 == 0))
        }

        fn list_occurrences(&self, _: &EventId, _: TimeRange, _: Projection) -> Listing<Event> {
            Listing::from_vec(Vec::new())
        }

        async fn get_series(&self, _: &EventId) -> Result<Series> {
            Err(Error::unsupported("get_series", "not here"))
        }

        async fn find_by_uid(&self, _: &ICalUid) -> Result<Vec<Event>> {
            Ok(Vec::new())
        }

        async fn sync_calendar_view(
            &self,
            _: SyncRequest<ViewScope>,
        ) -> Result<SyncPage<EventChange>> {
            Err(Error::unsupported("sync_calendar_view", "not here"))
        }

        fn list_meeting_messages(&self) -> Listing<MeetingMessage> {
            Listing::from_vec(Vec::new())
        }
    }

    async fn words(
        calendar: &Arc<Forgetful>,
        since: Option<SyncToken>,
    ) -> (Vec<String>, Result<()>) {
        let mut request = SyncRequest::from_start(CalendarRef::Default);
        request.token = since;
        let mut round = calendar.follow_events(request);
        let mut words = Vec::new();
        loop {
            match round.try_next().await {
                Ok(Some(Followed::Restarted { reason })) => words.push(reason.to_string()),
                Ok(Some(Followed::Page(page))) => words.push(format!("{:?}", page.changes)),
                Ok(None) => return (words, Ok(())),
                Err(error) => return (words, Err(error)),
            }
        }
    }

    fn gone(number: u32) -> String {
        format!("[Deleted(EventId(ews:{number}))]")
    }

    #[tokio::test]
    async fn a_round_goes_to_its_end() {
        let calendar = Arc::new(Forgetful::default());
        let (words, end) = words(&calendar, None).await;
        assert!(end.is_ok());
        assert_eq!(words, [gone(0), gone(1)]);
        let asked = calendar.asked.lock().unwrap();
        assert_eq!(*asked, [None, Some(token(1))]);
    }

    #[tokio::test]
    async fn it_starts_again_once_and_says_so() {
        let calendar = Arc::new(Forgetful::default());
        *calendar.forgets.lock().unwrap() = 1;
        let (said, end) = words(&calendar, Some(token(7))).await;
        assert!(end.is_ok());
        assert!(said[0].contains("too old"), "{said:?}");
        assert_eq!(said[1..], [gone(0), gone(1)]);

        // A server that takes no token at all is no reason to ask for ever.
        *calendar.forgets.lock().unwrap() = 2;
        let (said, end) = words(&calendar, Some(token(7))).await;
        assert_eq!(said.len(), 1);
        assert_eq!(end.unwrap_err().kind(), ErrorKind::SyncStateInvalid);
        *calendar.forgets.lock().unwrap() = 1;
        let (said, end) = words(&calendar, None).await;
        assert_eq!(said.len(), 0);
        assert_eq!(end.unwrap_err().kind(), ErrorKind::SyncStateInvalid);
    }
}
