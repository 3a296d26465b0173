//! Calendars on Graph.

mod calendars;
mod create;
mod delete;
mod list;
mod load;
mod meeting_messages;
mod notify;
mod occurrences;
mod read;
mod respond;
mod series;
mod sync;
#[cfg(test)]
#[cfg(feature = "simulator")]
mod tests;
mod uid;
mod update;
mod write;

use super::mailbox::GraphMailbox;
use crate::connector::Backend;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{CalendarId, CalendarRef};

/// The path of a calendar, and what is below it.
fn in_calendar<'a>(
    calendar: &'a CalendarRef,
    rest: &[&'a str],
    operation: &'static str,
) -> Result<Vec<&'a str>> {
    let mut path = match calendar {
        CalendarRef::Default => vec!["calendar"],
        CalendarRef::Id(id) => vec!["calendars", id.require(Backend::Graph, operation)?],
    };
    path.extend(rest);
    Ok(path)
}

/// The id, if the calendar was named by it: an event does not say in which it is.
fn known_id(calendar: &CalendarRef) -> Option<CalendarId> {
    match calendar {
        CalendarRef::Id(id) => Some(id.clone()),
        CalendarRef::Default => None,
    }
}

/// An answer that is not whole.
fn lacks(operation: &'static str, what: &str) -> Error {
    let text = format!("the answer has no {what}");
    Error::new(ErrorKind::Protocol, operation, text).with_backend(Backend::Graph)
}
