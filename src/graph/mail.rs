//! [`MailRead`](crate::MailRead), [`MailWrite`](crate::MailWrite) and [`MailSend`](crate::MailSend) on Graph.

mod batch;
mod changes;
mod condition;
mod draft;
mod folders;
mod hierarchy;
mod known_folders;
mod list;
mod load;
mod mime;
mod once;
mod quote;
mod read;
mod relocate;
mod reply;
mod send;
mod submit;
#[cfg(test)]
#[cfg(feature = "simulator")]
mod tests;
mod tree;
mod update;
mod write;

pub(in crate::graph) use known_folders::KnownFolders;
pub(in crate::graph) use load::ATTACHMENT;

use crate::connector::Backend;
use crate::error::{Error, ErrorKind};

/// The server left out what its answers have.
pub(in crate::graph) fn lacks(operation: &'static str, what: &str) -> Error {
    let problem = format!("the answer has no {what}");
    Error::new(ErrorKind::Protocol, operation, problem).with_backend(Backend::Graph)
}
