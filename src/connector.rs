//! A connection to one organisation, and the mailboxes in it.

mod capabilities;
#[cfg(any(feature = "ews", feature = "graph"))]
mod config;
mod target;

use std::{any::Any, fmt, sync::Arc};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

pub use capabilities::{Capabilities, Feature, Limits, Support};
#[cfg(any(feature = "ews", feature = "graph"))]
pub use config::{
    CloudConfig, ConnectorConfig, OnPremisesConfig, OnlineConfig, Secret, TokenConfig,
};
pub use target::{MailboxTarget, Principal};

use crate::{
    calendar::{Batch, Calendar},
    diagnosis::{Diagnosis, DiagnosisScope},
    directory::Directory,
    error::Result,
    mail::Mail,
    model::{EventId, ForeignId, MessageId},
    settings::Settings,
};

/// The protocol behind a connector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Backend {
    /// Exchange Web Services: Exchange Server on-premises, from 2007 SP1.
    Ews,
    /// Microsoft Graph: Exchange Online.
    Graph,
}

impl Backend {
    /// The word that ids and tokens of this backend begin with: `ews` or `graph`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Ews => "ews",
            Self::Graph => "graph",
        }
    }

    /// The backend with this [tag](Self::tag).
    pub fn from_tag(tag: &str) -> Option<Self> {
        [Self::Ews, Self::Graph]
            .into_iter()
            .find(|backend| backend.tag() == tag)
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ews => "Exchange Web Services",
            Self::Graph => "Microsoft Graph",
        })
    }
}

/// A connection to one organisation. Which type implements it is the only thing that differs between on-premises and
/// online.
#[async_trait]
pub trait Connector: Any + fmt::Debug + Send + Sync {
    /// The protocol behind it.
    fn backend(&self) -> Backend;

    /// What the server is known to be able to do by now; complete after [`probe`](Self::probe). No request is made.
    fn capabilities(&self) -> Capabilities;

    /// Finds out with one cheap authenticated request whether the address, the version and the credentials are right.
    /// Where they are not, [`diagnose`](Self::diagnose) says more.
    ///
    /// # Errors
    /// [`Unauthenticated`](crate::ErrorKind::Unauthenticated) for wrong credentials,
    /// [`Configuration`](crate::ErrorKind::Configuration) for a wrong address or version,
    /// [`Connection`](crate::ErrorKind::Connection) when the server cannot be reached.
    async fn probe(&self) -> Result<Capabilities>;

    /// Finds out what is in order and what not, from the address to the mailboxes, with a verdict on each: for a person
    /// who connects for the first time or looks for a fault. A program that only wants to know whether it can go on
    /// uses [`probe`](Self::probe), which is one request.
    ///
    /// Never fails: what went wrong is in the [`Diagnosis`]. It goes on as far as that makes sense, sends a password
    /// once at most where it is not known to be right, repeats nothing, changes nothing (but for
    /// [`SendCheck::Draft`](crate::SendCheck::Draft)), and sends no mail.
    ///
    /// EWS: one request for each mailbox, one more for the version if none was set, and one each for the calendar and
    /// the inbox of the own mailbox.
    async fn diagnose(&self, scope: &DiagnosisScope) -> Diagnosis;

    /// A mailbox of the organisation. No request is made, so whether it exists shows with the first call.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) for what is no address,
    /// [`Unsupported`](crate::ErrorKind::Unsupported) when the credentials cannot serve such a target.
    fn mailbox(&self, target: &MailboxTarget) -> Result<Arc<dyn Mailbox>>;

    /// The directory of the organisation, as the signed-in account sees it. No request is made.
    fn directory(&self) -> Arc<dyn Directory>;

    /// The ids of events that another program kept, one for each, in their order. What is translated need not exist
    /// any more, and may be no event: that shows when it is read. EWS: Exchange 2007 SP1.
    ///
    /// # Errors
    /// Per id: [`InvalidId`](crate::ErrorKind::InvalidId), [`Unsupported`](crate::ErrorKind::Unsupported) for a kind
    /// that this backend does not know (see [`ForeignId`]).
    async fn translate_event_ids(
        &self,
        mailbox: &MailboxTarget,
        foreign: &[ForeignId],
    ) -> Result<Batch<EventId>>;

    /// The same for messages.
    ///
    /// # Errors
    /// As [`translate_event_ids`](Self::translate_event_ids).
    async fn translate_message_ids(
        &self,
        mailbox: &MailboxTarget,
        foreign: &[ForeignId],
    ) -> Result<Batch<MessageId>>;
}

/// One mailbox. An `Arc<dyn Mailbox>` turns into an `Arc` of any of the narrower traits:
///
/// ```
/// use std::sync::Arc;
/// use exchange_connector::{CalendarRead, MailSend, Mailbox};
///
/// fn narrow(mailbox: Arc<dyn Mailbox>) -> (Arc<dyn CalendarRead>, Arc<dyn MailSend>) {
///     (mailbox.clone(), mailbox)
/// }
/// ```
pub trait Mailbox: Calendar + Mail + Settings + Any + fmt::Debug {
    /// Whose mailbox this is, and by what right it is used.
    fn target(&self) -> &MailboxTarget;

    /// What can be done with it, as [`Connector::capabilities`].
    fn capabilities(&self) -> Capabilities;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        calendar::{Batch, CalendarRead},
        error::{Error, ErrorKind},
        listing::Listing,
        model::*,
    };

    /// A reader that answers for every event so many times.
    #[derive(Debug)]
    struct Echo(usize);

    fn event() -> Event {
        let when = When::all_day("2026-03-02".parse().unwrap());
        Event::new(
            EventId::from_raw(Backend::Ews, "1"),
            Version::from_raw("a"),
            when,
        )
    }

    #[async_trait]
    impl CalendarRead for Echo {
        fn list_calendars(&self) -> Listing<CalendarInfo> {
            Listing::from_vec(Vec::new())
        }
        async fn get_calendar(&self, _: &CalendarRef) -> Result<CalendarInfo> {
            Err(Error::new(
                ErrorKind::NotFound,
                "get_calendar",
                "there is none",
            ))
        }
        fn list_events(&self, query: EventQuery) -> Listing<Event> {
            match query.validate() {
                Ok(()) => Listing::from_vec(vec![event()]),
                Err(error) => Listing::from_error(error),
            }
        }
        async fn get_events(&self, ids: &[EventId], _: Projection) -> Result<Batch<Event>> {
            Ok(ids
                .iter()
                .flat_map(|_| (0..self.0).map(|_| Ok(event())))
                .collect())
        }
        fn list_occurrences(&self, _: &EventId, _: TimeRange, _: Projection) -> Listing<Event> {
            Listing::from_vec(vec![event()])
        }
        async fn get_series(&self, _: &EventId) -> Result<Series> {
            Ok(Series::new(event()))
        }
        async fn find_by_uid(&self, _: &ICalUid) -> Result<Vec<Event>> {
            Ok(Vec::new())
        }
        async fn sync_events(&self, _: SyncRequest<CalendarRef>) -> Result<SyncPage<EventChange>> {
            Ok(nothing_new())
        }
        async fn sync_calendar_view(
            &self,
            _: SyncRequest<ViewScope>,
        ) -> Result<SyncPage<EventChange>> {
            Ok(nothing_new())
        }
        fn list_meeting_messages(&self) -> Listing<MeetingMessage> {
            Listing::from_vec(Vec::new())
        }
    }

    fn nothing_new() -> SyncPage<EventChange> {
        let token = SyncToken::encode(Backend::Ews, "events", serde_json::Value::Null);
        SyncPage::new(Vec::new(), token)
    }

    #[tokio::test]
    async fn readers_and_their_lists_can_go_to_other_threads() {
        let reader: Arc<dyn CalendarRead> = Arc::new(Echo(1));
        let query = EventQuery::masters(EventFilter::new());
        let listed = tokio::spawn(async move { reader.list_events(query).collect().await });
        assert_eq!(listed.await.unwrap().unwrap(), [event()]);
    }

    #[tokio::test]
    async fn one_event_has_one_answer() {
        let get = async |answers| {
            let mailbox = Echo(answers);
            let answer = mailbox.get_event(&event().id, Projection::Summary).await;
            answer.map_err(|error| error.kind())
        };
        assert_eq!(get(1).await, Ok(event()));
        assert_eq!(get(0).await, Err(ErrorKind::Protocol));
        assert_eq!(get(2).await, Err(ErrorKind::Protocol));
    }

    #[test]
    fn backends_are_known_by_their_tags() {
        for backend in [Backend::Ews, Backend::Graph] {
            assert_eq!(Backend::from_tag(backend.tag()), Some(backend));
            assert_eq!(serde_json::to_value(backend).unwrap(), backend.tag());
        }
        assert_eq!(Backend::from_tag("memory"), None);
    }
}
