//! What a failure means for a repetition.

use std::time::Duration;

use super::RetryPolicy;
use crate::error::{Effect, Error, ErrorKind, RetryAdvice};

/// How far a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Delivery {
    /// No connection came about, or it was closed before anything was written.
    NotSent,
    /// The server refused it unseen: it is busy, or not available.
    Rejected,
    /// The server dealt with it, or would refuse it again.
    Executed,
    /// It was sent, and what became of it is not known.
    Ambiguous,
}

/// Whose calls are to rest too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rest {
    /// Nobody's: the failure says nothing of other calls.
    Call,
    Mailbox,
    Server,
}

/// What to do about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) delivery: Delivery,
    pub(super) rest: Rest,
    /// Whether the same request may be sent again.
    pub(super) again: bool,
    /// Not before that long: what the server asked for.
    pub(super) asked: Duration,
    /// The longest random time to wait besides.
    pub(super) spread: Duration,
}

impl Verdict {
    /// `attempt` counts from 1.
    pub(super) fn of(error: &Error, repeatable: bool, attempt: u32, policy: &RetryPolicy) -> Self {
        let delivery = delivery(error);
        let is_passing = matches!(error.advice(), RetryAdvice::After(_));
        let again = is_passing
            && match delivery {
                Delivery::NotSent | Delivery::Rejected => true,
                Delivery::Ambiguous => repeatable,
                Delivery::Executed => false,
            };
        let usual = match error.kind() {
            ErrorKind::Throttled => 10,
            ErrorKind::Unavailable | ErrorKind::MailboxUnavailable => 5,
            _ => 1,
        };
        let asked = error.asked_wait();
        let first = match asked {
            Some(_) => policy.first_wait,
            None => policy.first_wait.saturating_mul(usual),
        };
        let doubled = 1_u32 << attempt.saturating_sub(1).min(16);
        Self {
            delivery,
            rest: rest(error, delivery, is_passing),
            again,
            asked: asked.unwrap_or_default(),
            spread: first.saturating_mul(doubled).min(LONGEST_SPREAD),
        }
    }
}

fn delivery(error: &Error) -> Delivery {
    match (error.effect(), error.kind()) {
        (Effect::Unknown, _) => Delivery::Ambiguous,
        (Effect::Partial, _) => Delivery::Executed,
        (Effect::None, ErrorKind::Connection) => Delivery::NotSent,
        // Nobody answered that it was late.
        (Effect::None, ErrorKind::Timeout)
            if error.http_status().is_none() && error.code().is_none() =>
        {
            Delivery::NotSent
        }
        (
            Effect::None,
            ErrorKind::Throttled
            | ErrorKind::Unavailable
            | ErrorKind::MailboxUnavailable
            | ErrorKind::Timeout
            | ErrorKind::Internal,
        ) => Delivery::Rejected,
        (Effect::None, _) => Delivery::Executed,
    }
}

fn rest(error: &Error, delivery: Delivery, is_passing: bool) -> Rest {
    match (error.kind(), delivery) {
        _ if !is_passing => Rest::Call,
        (ErrorKind::Throttled, _) => Rest::Mailbox,
        (ErrorKind::Connection, Delivery::NotSent) => Rest::Server,
        (ErrorKind::Unavailable, _)
            if error.http_status() == Some(503) && error.code().is_none() =>
        {
            Rest::Server
        }
        _ => Rest::Call,
    }
}

/// No random wait is longer.
const LONGEST_SPREAD: Duration = Duration::from_secs(60);
