//! Microsoft Exchange on-premises and online behind the same traits.

mod calendar;
mod connector;
mod error;
#[cfg(feature = "ews")]
pub mod ews;
pub mod http;
mod listing;
pub mod model;
#[cfg(feature = "simulator")]
pub mod simulator;
pub mod timezone;
#[cfg(feature = "ews")]
mod xml;

pub use calendar::{Availability, Batch, Calendar, CalendarRead, CalendarWrite};
pub use connector::{
    Backend, Capabilities, Connector, Feature, Limits, Mailbox, MailboxTarget, Support,
};
pub use error::{
    BoxError, Effect, Error, ErrorKind, Result, RetryAdvice, Unreadable, classify_http_status,
};
pub use listing::{BoxStream, Listing, Page};
