//! Exchange Web Services: what every Exchange Server from 2007 on speaks.
//!
//! [`EwsConnector`] gives mailboxes with the portable traits. One level down, [`Client::send`]
//! takes any [`operation`] with the same transport, logon and errors.
//!
//! A call goes one way: `calendar` (trait) → [`operation`] → `soap` (envelope) →
//! [`http`](crate::http) → `soap` → `convert` → [`model`](crate::model).

mod addresses;
mod attachments;
mod availability;
mod calendar;
mod client;
mod connector;
mod convert;
mod denial;
mod diagnosis;
mod directory;
mod elements;
mod endpoint;
mod fault;
mod home;
mod inspect;
mod items;
mod mail;
mod mailbox;
mod message_xml;
mod names;
pub mod operation;
mod origin;
mod response_kind;
mod settings;
mod soap;
mod sync;
#[cfg(test)]
pub(crate) mod testing;
mod translation;
pub mod types;
mod version;
mod violation;

pub use client::{Client, VersionCorrection};
pub use connector::{EwsConnector, EwsConnectorBuilder};
pub use fault::Fault;
pub use inspect::{Arrival, Inspection, inspect};
pub use message_xml::Value;
pub use names::{DistinguishedFolderId, FieldUri, ResponseCode};
pub use settings::PublicFolders;
pub use soap::{ServerVersionInfo, read_response, write_request};
pub use version::ServerVersion;
