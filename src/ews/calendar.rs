//! [`CalendarRead`](crate::CalendarRead) and [`CalendarWrite`](crate::CalendarWrite) on EWS.

mod calendars;
mod create;
mod expansion;
mod folders;
mod list;
mod load;
mod meeting_messages;
mod occurrences;
mod read;
mod respond;
mod series;
mod sync;
mod uid;
mod window;
mod write;

use super::items::is_too_much;
use super::mailbox::of;
use crate::error::Error;

/// Whether it was the number of items that was too much.
fn is_full(error: &Error) -> bool {
    error.code() == Some("ErrorExceededFindCountLimit")
}
