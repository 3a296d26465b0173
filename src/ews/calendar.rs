//! [`CalendarRead`](crate::CalendarRead) and [`CalendarWrite`](crate::CalendarWrite) on EWS.

mod calendars;
mod create;
mod expansion;
mod folders;
mod list;
mod load;
mod meeting_messages;
mod occurrences;
mod paging;
mod read;
mod respond;
mod series;
mod sync;
mod uid;
mod window;
mod write;

use super::ServerVersion;
use super::mailbox::{EwsMailbox, lacks};
use super::operation::{Operation, ResponseMessage};
use crate::connector::Backend;
use crate::error::{Effect, Error, ErrorKind, Result};

/// How many items a request asks for at most: more are asked for in several requests.
pub(super) const ITEMS_PER_REQUEST: u32 = 50;

/// Since when a server takes what could do harm out of HTML. Exchange 2010 has the switch too, but
/// later servers refuse it in requests made for that version.
pub(super) const SANITISES_SINCE: ServerVersion = ServerVersion::Exchange2013;

impl EwsMailbox {
    /// Sends an operation about one thing, and returns what came of it.
    pub(super) async fn one<O, T>(&self, operation: &O, called: &'static str) -> Result<T>
    where
        O: Operation<Response = Vec<ResponseMessage<T>>>,
    {
        let answers = self.send(operation, called).await.map_err(in_doubt::<O>)?;
        let answer = answers.into_iter().next();
        let answer = answer.ok_or_else(|| lacks(called, "answer"))?;
        of(answer, called).map_err(in_doubt::<O>)
    }
}

/// A server that fails inside may have written before it did, and even have sent.
pub(super) fn in_doubt<O: Operation>(error: Error) -> Error {
    let is_inside = matches!(error.kind(), ErrorKind::Internal | ErrorKind::Timeout);
    if O::REPEATABLE || !is_inside || error.effect() != Effect::None {
        return error;
    }
    error.with_effect(Effect::Unknown)
}

/// What an answer holds, or the error a caller gets.
pub(super) fn of<T>(answer: ResponseMessage<T>, operation: &'static str) -> Result<T> {
    answer
        .ok()
        .map_err(|refusal| refusal.into_error(operation).with_backend(Backend::Ews))
}

/// Whether a server found a window too wide, or too full.
fn is_too_much(error: &Error) -> bool {
    error.code().is_some() && error.kind() == ErrorKind::LimitExceeded
}

/// Whether it was the number of items that was too much.
fn is_full(error: &Error) -> bool {
    error.code() == Some("ErrorExceededFindCountLimit")
}
