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

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    fn error(kind: ErrorKind) -> Error {
        Error::new(kind, "operation", "what happened")
    }

    fn verdict(error: &Error, repeatable: bool) -> Verdict {
        Verdict::of(error, repeatable, 1, &RetryPolicy::default())
    }

    /// How far it came, whether a reading call and a change are sent again, and who rests.
    #[test]
    fn table() {
        use Delivery::{Ambiguous, Executed, NotSent, Rejected};
        use ErrorKind as Kind;
        let asked = |kind, wait| error(kind).with_advice(RetryAdvice::After(seconds(wait)));
        let never = |kind| error(kind).with_advice(RetryAdvice::Never);
        let unknown = |kind| error(kind).with_effect(Effect::Unknown);
        for (what, error, delivery, read, write, rest) in [
            (
                "no connection",
                error(Kind::Connection),
                NotSent,
                true,
                true,
                Rest::Server,
            ),
            (
                "certificate",
                never(Kind::Connection),
                NotSent,
                false,
                false,
                Rest::Call,
            ),
            (
                "cut",
                unknown(Kind::Connection),
                Ambiguous,
                true,
                false,
                Rest::Call,
            ),
            (
                "silence",
                unknown(Kind::Timeout),
                Ambiguous,
                true,
                false,
                Rest::Call,
            ),
            (
                "silence at the logon",
                error(Kind::Timeout),
                NotSent,
                true,
                true,
                Rest::Call,
            ),
            (
                "busy",
                asked(Kind::Throttled, 60).with_code("Busy"),
                Rejected,
                true,
                true,
                Rest::Mailbox,
            ),
            (
                "429",
                asked(Kind::Throttled, 60).with_status(429),
                Rejected,
                true,
                true,
                Rest::Mailbox,
            ),
            (
                "busy in the middle",
                unknown(Kind::Throttled).with_code("Memory"),
                Ambiguous,
                true,
                false,
                Rest::Mailbox,
            ),
            (
                "allowance",
                never(Kind::Throttled).with_code("Quota"),
                Rejected,
                false,
                false,
                Rest::Call,
            ),
            (
                "503",
                asked(Kind::Unavailable, 30).with_status(503),
                Rejected,
                true,
                true,
                Rest::Server,
            ),
            (
                "502",
                unknown(Kind::Unavailable).with_status(502),
                Ambiguous,
                true,
                false,
                Rest::Call,
            ),
            (
                "504",
                unknown(Kind::Timeout).with_status(504),
                Ambiguous,
                true,
                false,
                Rest::Call,
            ),
            (
                "408",
                error(Kind::Timeout).with_status(408),
                Rejected,
                true,
                true,
                Rest::Call,
            ),
            (
                "moved",
                error(Kind::MailboxUnavailable).with_code("Move"),
                Rejected,
                true,
                true,
                Rest::Call,
            ),
            (
                "failed inside",
                unknown(Kind::Internal).with_code("Inside"),
                Ambiguous,
                false,
                false,
                Rest::Call,
            ),
            (
                "500 page",
                asked(Kind::Internal, 10)
                    .with_status(500)
                    .with_effect(Effect::Unknown),
                Ambiguous,
                true,
                false,
                Rest::Call,
            ),
            (
                "partly done",
                error(Kind::Unavailable).with_effect(Effect::Partial),
                Executed,
                false,
                false,
                Rest::Call,
            ),
            (
                "wrong password",
                error(Kind::Unauthenticated),
                Executed,
                false,
                false,
                Rest::Call,
            ),
            (
                "no right",
                error(Kind::PermissionDenied),
                Executed,
                false,
                false,
                Rest::Call,
            ),
            (
                "conflict",
                error(Kind::Conflict),
                Executed,
                false,
                false,
                Rest::Call,
            ),
            (
                "not there",
                error(Kind::NotFound),
                Executed,
                false,
                false,
                Rest::Call,
            ),
            (
                "schema",
                error(Kind::Protocol),
                Executed,
                false,
                false,
                Rest::Call,
            ),
            (
                "wrong address",
                error(Kind::Configuration),
                Executed,
                false,
                false,
                Rest::Call,
            ),
            (
                "too large",
                error(Kind::TooLarge),
                Executed,
                false,
                false,
                Rest::Call,
            ),
            (
                "state",
                error(Kind::SyncStateInvalid),
                Executed,
                false,
                false,
                Rest::Call,
            ),
            (
                "unreadable",
                unknown(Kind::Protocol),
                Ambiguous,
                false,
                false,
                Rest::Call,
            ),
        ] {
            let (reading, writing) = (verdict(&error, true), verdict(&error, false));
            assert_eq!(reading.delivery, delivery, "{what}");
            assert_eq!((reading.again, writing.again), (read, write), "{what}");
            assert_eq!(reading.rest, rest, "{what}");
        }
    }

    #[test]
    fn waits() {
        let wait = |error: &Error, attempt| {
            let verdict = Verdict::of(error, true, attempt, &RetryPolicy::default());
            (verdict.asked.as_secs(), verdict.spread.as_secs())
        };
        let spreads = |error: &Error| [1, 2, 3, 4, 9, 60].map(|attempt| wait(error, attempt));
        let cut = error(ErrorKind::Connection);
        assert_eq!(
            spreads(&cut),
            [(0, 1), (0, 2), (0, 4), (0, 8), (0, 60), (0, 60)]
        );
        let busy = error(ErrorKind::Throttled);
        assert_eq!(
            spreads(&busy),
            [(0, 10), (0, 20), (0, 40), (0, 60), (0, 60), (0, 60)]
        );
        // What was asked for is kept, also where it is what is usual.
        let asked = busy.with_advice(RetryAdvice::After(seconds(10)));
        assert_eq!(
            spreads(&asked),
            [(10, 1), (10, 2), (10, 4), (10, 8), (10, 60), (10, 60)]
        );
    }
}
