//! Microsoft Exchange on-premises and online behind the same traits.
//!
//! A program builds one [`Connector`], asks it for a [`Mailbox`], and from there on works with small traits that are
//! the same for every backend: [`CalendarRead`], [`CalendarWrite`], [`Availability`], [`MailRead`], [`MailWrite`],
//! [`MailSend`], [`SettingsRead`], [`SettingsWrite`]. Nothing in this function knows which server it talks to:
//!
//! ```
//! use chrono::{TimeDelta, Utc};
//! use exchange_connector::{
//!     Connector, MailboxTarget, Result,
//!     model::{EventQuery, TimeRange},
//! };
//!
//! async fn agenda(connector: &dyn Connector) -> Result<()> {
//!     let mailbox = connector.mailbox(&MailboxTarget::Own)?;
//!     let week = TimeRange::lasting(Utc::now(), TimeDelta::weeks(1));
//!     let mut events = mailbox.list_events(EventQuery::between(week));
//!     while let Some(event) = events.try_next().await? {
//!         println!("{:?} {}", event.when.start_date(), event.subject);
//!     }
//!     Ok(())
//! }
//! ```
//!
//! | module | what is in it |
//! |---|---|
//! | [`model`] | what is read and written: events, messages, times, recurrence, availability, settings |
//! | [`timezone`] | Windows and IANA names of time zones |
//! | `ews` | Exchange Web Services (feature `ews`): the connector, and every operation typed |
//! | `graph` | Microsoft Graph (feature `graph`): the connector to Exchange Online |
//! | `autodiscover` | from an e-mail address to the server (feature `autodiscover`) |
//! | `http` | connections and logon, shared by the backends |
//! | `oauth` | where access tokens come from (feature `oauth`) |
//! | [`moving`] | taking kept ids along when a mailbox goes to another server |
//! | `ical` | iCalendar text of events and series, and back (feature `icalendar`) |
//! | `simulator` | an Exchange server in this process (feature `simulator`) |
//!
//! All errors are [`Error`]: what happened, in which operation, what the server said, and what to do about it.

/// The programs of the README compile.
#[cfg(all(doctest, feature = "ews", feature = "graph"))]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(feature = "autodiscover")]
pub mod autodiscover;
mod calendar;
mod connector;
mod diagnosis;
mod directory;
mod error;
#[cfg(feature = "ews")]
pub mod ews;
#[cfg(feature = "graph")]
pub mod graph;
mod guard;
#[cfg(any(feature = "ews", feature = "graph"))]
pub mod http;
#[cfg(feature = "icalendar")]
pub mod ical;
mod listing;
mod mail;
pub mod model;
pub mod moving;
#[cfg(all(feature = "oauth", any(feature = "ews", feature = "graph")))]
pub mod oauth;
#[cfg(any(feature = "ews", feature = "graph"))]
mod observe;
#[cfg(any(feature = "ews", feature = "graph"))]
mod paging;
#[cfg(any(feature = "ews", feature = "graph"))]
mod record;
mod retry;
mod settings;
#[cfg(feature = "simulator")]
pub mod simulator;
mod stream;
pub mod timezone;
#[cfg(feature = "ews")]
mod xml;

pub use calendar::{Availability, Batch, Calendar, CalendarExt, CalendarRead, CalendarWrite};
pub use calendar::{
    AvailabilityExt, FoundSlots, MissingSchedule, Slot, SlotHours, SlotOrder, SlotQuery,
    WhenMissing,
};
pub use calendar::{CalendarReadExt, Followed};
pub use connector::{
    Backend, Capabilities, Connector, Feature, Limits, Mailbox, MailboxTarget, Principal, Support,
};
#[cfg(any(feature = "ews", feature = "graph"))]
pub use connector::{
    CloudConfig, ConnectorConfig, OnPremisesConfig, OnlineConfig, Secret, TokenConfig,
};
pub use diagnosis::{
    Check, DiagnosedCertificate, Diagnosis, DiagnosisFacts, DiagnosisScope, Problem, SendCheck,
    Subject, Verdict,
};
pub use directory::Directory;
pub use error::{
    BoxError, Effect, Error, ErrorKind, Result, RetryAdvice, Unreadable, classify_http_status,
};
pub use guard::{Decision, Guarded, WriteGuard, WriteIntent, WriteOperation};
pub use listing::{BoxStream, Listing, Page};
pub use mail::{AttachmentRead, AttachmentWrite, Mail, MailRead, MailSend, MailWrite};
#[cfg(any(feature = "ews", feature = "graph"))]
pub use observe::{
    AttemptSummary, CallSummary, MailboxHash, Observer, Outcome, WaitReason, WaitSummary,
};
pub use retry::RetryPolicy;
pub use settings::{Settings, SettingsRead, SettingsWrite};
pub use stream::{ByteStream, Upload};
