//! The words an error is described with.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

/// What happened, in terms common to all backends.
///
/// New kinds may be added: keep a `_` arm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// The item, folder or occurrence does not exist, or the caller may not see it: Exchange does not tell which.
    NotFound,
    /// Something with this name or key is there already.
    AlreadyExists,
    /// A value in the request is wrong; the same request always fails.
    InvalidArgument,
    /// The id is malformed, belongs to another backend or mailbox, or to another type of item.
    InvalidId,
    /// The item exists, but its state forbids the operation: not the organiser, already cancelled, already sent.
    InvalidState,
    /// The item changed since the given [`Version`](crate::model::Version) was read.
    Conflict,
    /// The server did not accept the credentials.
    Unauthenticated,
    /// The account is known, but may not do this.
    PermissionDenied,
    /// Stopped on this side by a write guard; nothing was sent.
    PolicyDenied,
    /// Stopped on this side until a person approves; nothing was sent. See [`Error::ticket`](crate::Error::ticket).
    ApprovalRequired,
    /// This backend or this server version cannot do it; decided without a request where possible.
    Unsupported,
    /// Over a rate or concurrency budget. See [`Error::retry_after`](crate::Error::retry_after).
    Throttled,
    /// The mailbox is full.
    QuotaExceeded,
    /// The item, attachment or request is larger than the server accepts.
    TooLarge,
    /// Too many results, too wide a window, too many recipients.
    LimitExceeded,
    /// The sync token cannot be used any more: start over without one.
    SyncStateInvalid,
    /// The notification subscription is gone: subscribe again, then synchronise.
    SubscriptionLost,
    /// There is no such mailbox.
    MailboxNotFound,
    /// The mailbox exists, but cannot be reached now (move, failover) or not over this protocol.
    MailboxUnavailable,
    /// A recipient or attendee was refused.
    RecipientRejected,
    /// The content was refused: malware, malformed MIME, blocked attachment.
    ContentRejected,
    /// The stored item is damaged.
    DataCorrupt,
    /// The server is there, but cannot serve the request now.
    Unavailable,
    /// No answer in time.
    Timeout,
    /// Name resolution, TCP, TLS or proxy failed.
    Connection,
    /// The set-up of the server or of this side is wrong: address, schema version, access rights of the application.
    Configuration,
    /// The peer sent something this library cannot read, or found our request not valid. See
    /// [`Error::unreadable`](crate::Error::unreadable).
    Protocol,
    /// The server failed inside.
    Internal,
    /// The caller gave up before the operation was finished.
    Cancelled,
}

impl ErrorKind {
    pub(super) fn advice(self) -> RetryAdvice {
        match self {
            Self::Throttled => RetryAdvice::After(Duration::from_secs(10)),
            Self::Unavailable | Self::MailboxUnavailable => {
                RetryAdvice::After(Duration::from_secs(5))
            }
            Self::Timeout | Self::Connection => RetryAdvice::After(Duration::from_secs(1)),
            Self::Conflict => RetryAdvice::Refetch,
            Self::Unauthenticated => RetryAdvice::Reauthenticate,
            Self::SyncStateInvalid => RetryAdvice::Resync,
            Self::SubscriptionLost => RetryAdvice::Resubscribe,
            _ => RetryAdvice::Never,
        }
    }

    pub(super) fn advice_text(self) -> Option<&'static str> {
        Some(match self {
            Self::NotFound => {
                "It was deleted or moved, or this account may not see it: list it again."
            }
            Self::AlreadyExists => "Use the one that is there, or choose another name.",
            Self::InvalidId => "Use the id exactly as this mailbox and this backend gave it.",
            Self::Conflict => "Read the item again and apply the change to what it is now.",
            Self::Unauthenticated => {
                "Check the user name and the password or token, and that the account is not locked."
            }
            Self::PermissionDenied => {
                "Ask the administrator to give the account the right: delegate access, impersonation role or application permission."
            }
            Self::PolicyDenied => {
                "This program was set up not to do this; whoever runs it can change that."
            }
            Self::ApprovalRequired => "Repeat the call once it was approved.",
            Self::Throttled => "Wait, then go on with fewer requests at a time.",
            Self::QuotaExceeded => {
                "Make room in the mailbox, or ask the administrator for a larger quota."
            }
            Self::TooLarge => {
                "Send less at a time, or ask the administrator to raise the size limit."
            }
            Self::LimitExceeded => "Ask for less at a time: a shorter window, fewer recipients.",
            Self::SyncStateInvalid => "Start the synchronisation again without a token.",
            Self::SubscriptionLost => "Subscribe again, then synchronise.",
            Self::MailboxNotFound => "Check the address of the mailbox.",
            Self::MailboxUnavailable => {
                "Try again later; if it stays so, ask the administrator where the mailbox is hosted."
            }
            Self::RecipientRejected => "Check the addresses of the recipients.",
            Self::ContentRejected => "Remove what the server does not accept from the content.",
            Self::DataCorrupt => "Ask the administrator to repair the mailbox, or delete the item.",
            Self::Unavailable => "Try again later.",
            Self::Timeout => {
                "Try again; if it stays so, ask for less at a time or raise the time limit."
            }
            Self::Connection => "Check the network, the proxy and the certificate of the server.",
            Self::Configuration => "Check the address and the settings of the connection.",
            Self::Internal => {
                "Try again later; if it stays so, give the administrator the request id and the time."
            }
            Self::InvalidArgument
            | Self::InvalidState
            | Self::Unsupported
            | Self::Protocol
            | Self::Cancelled => {
                return None;
            }
        })
    }
}

/// What is known about the effect of a write that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Effect {
    /// Nothing was changed.
    #[default]
    None,
    /// The request may have been carried out: time limit or broken connection after it was sent.
    Unknown,
    /// Some steps of the operation were carried out; the message says which.
    Partial,
}

impl Effect {
    pub(super) fn sentence(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Unknown => Some("The change may have been made"),
            Self::Partial => Some("Part of the change was made"),
        }
    }
}

/// Whether, when and how a failed call may be tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RetryAdvice {
    /// The same call fails again.
    Never,
    /// The same call, not before this delay. After a write, look at [`Effect`] first.
    After(Duration),
    /// Read the item again, build the change anew, try again.
    Refetch,
    /// Get new credentials first.
    Reauthenticate,
    /// Start the synchronisation again without a token.
    Resync,
    /// Subscribe again, then synchronise.
    Resubscribe,
}

/// In what way an answer could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Unreadable {
    /// Not well-formed XML: cut off, wrongly nested, a document type declaration.
    Xml,
    /// The bytes are not text in the charset the answer names.
    Encoding,
    /// Well-formed, but not an answer to this call.
    Protocol,
    /// Not an answer of the service at all, by its HTTP status or content type: a proxy's page, a logon form.
    Http,
    /// Larger or more deeply nested than the limits of this side.
    Limit,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Xml => "malformed XML",
            Self::Encoding => "wrong character encoding",
            Self::Protocol => "unexpected answer",
            Self::Http => "unexpected HTTP answer",
            Self::Limit => "over a limit",
        })
    }
}

/// The kind that follows from an HTTP status alone: the last resort, when the answer carries no code of its own.
///
/// Statuses as in RFC 9110 section 15, and 509 as IIS and older Exchange Online use it for throttling.
///
/// ```
/// use exchange_connector::{ErrorKind, classify_http_status};
///
/// assert_eq!(classify_http_status(503), ErrorKind::Unavailable);
/// assert_eq!(classify_http_status(401), ErrorKind::Unauthenticated);
/// ```
pub fn classify_http_status(status: u16) -> ErrorKind {
    match status {
        400 | 406 | 411 | 415 | 416 | 422 => ErrorKind::InvalidArgument,
        401 | 407 => ErrorKind::Unauthenticated,
        402 | 403 => ErrorKind::PermissionDenied,
        404 => ErrorKind::NotFound,
        405 | 501 | 505 => ErrorKind::Unsupported,
        408 | 504 => ErrorKind::Timeout,
        409 | 412 => ErrorKind::Conflict,
        // Of the endpoints used here only Graph's delta queries answer 410: the token has expired.
        410 => ErrorKind::SyncStateInvalid,
        413 => ErrorKind::TooLarge,
        429 | 509 => ErrorKind::Throttled,
        507 => ErrorKind::QuotaExceeded,
        423 | 424 | 502 | 503 => ErrorKind::Unavailable,
        500..=599 => ErrorKind::Internal,
        // A redirection that could not be followed: the address is not the one of the service.
        300..=399 => ErrorKind::Configuration,
        _ => ErrorKind::Protocol,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses() {
        for (status, kind) in [
            (302, ErrorKind::Configuration),
            (400, ErrorKind::InvalidArgument),
            (403, ErrorKind::PermissionDenied),
            (410, ErrorKind::SyncStateInvalid),
            (412, ErrorKind::Conflict),
            (429, ErrorKind::Throttled),
            (500, ErrorKind::Internal),
            (502, ErrorKind::Unavailable),
            (504, ErrorKind::Timeout),
            (599, ErrorKind::Internal),
            (200, ErrorKind::Protocol),
            (700, ErrorKind::Protocol),
        ] {
            assert_eq!(classify_http_status(status), kind, "{status}");
        }
    }

    #[test]
    fn stored_names_are_fixed() {
        assert_eq!(
            serde_json::to_string(&ErrorKind::SyncStateInvalid).unwrap(),
            "\"sync_state_invalid\""
        );
        assert_eq!(
            serde_json::from_str::<Unreadable>("\"limit\"").unwrap(),
            Unreadable::Limit
        );
        assert_eq!(
            serde_json::to_string(&Effect::Unknown).unwrap(),
            "\"unknown\""
        );
    }
}
