//! Microsoft Graph: Exchange Online (feature `graph`).
//!
//! A call goes down once and comes back once, as on EWS:
//!
//! ```text
//! CalendarRead::list_events      the trait                       calendar.rs
//!  └ Call::get("ListEvents", …)  one request, as a plain value   call.rs
//!     └ Client::send             tokens, places, repetition      client.rs
//!        └ Transport::send       connections; bytes only         http/
//!     └ wire::Event              what the server said, partial   wire/
//!  └ convert::event(…)           what a program may rely on      convert/
//! ```

mod attachments;
mod availability;
mod calendar;
mod call;
mod client;
mod cloud;
mod connector;
mod convert;
mod diagnosis;
mod directory;
mod home;
mod mail;
mod mailbox;
mod odata_error;
mod page;
mod permission;
mod settings;
mod stray;
mod sync;
mod translation;
mod wire;

pub use cloud::Cloud;
pub use connector::{GraphConnector, GraphConnectorBuilder, TokenKind};
