// A stand-in until the real module is merged.
#![allow(dead_code, missing_docs, clippy::all, rustdoc::all)]
//! Portable error model.
use std::{borrow::Cow, fmt, time::Duration};

/// Portable category. `#[non_exhaustive]`: callers must keep a `_` arm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The item, folder or occurrence does not exist **or** the caller may not see it (Exchange does not tell).
    NotFound,
    AlreadyExists,
    /// A value in the request is wrong; the same request will always fail.
    InvalidArgument,
    /// The id is malformed, of the other backend, of another item type, or no longer parseable.
    InvalidId,
    /// The item exists but its state forbids the operation (not organiser, already cancelled, sent message...).
    InvalidState,
    /// Optimistic concurrency: the item changed since the given `Version`. Re-read and retry.
    Conflict,
    Unauthenticated,
    PermissionDenied,
    /// Stopped on this side by a write guard / read-only wrapper; nothing was sent.
    PolicyDenied,
    /// Stopped on this side until a human approves; nothing was sent. See [`Error::ticket`].
    ApprovalRequired,
    /// This backend (or this server version) cannot do it; decided without network traffic where possible.
    Unsupported,
    /// Over a rate or concurrency budget. See [`Error::retry_after`].
    Throttled,
    QuotaExceeded,
    TooLarge,
    /// Too many results, too wide a window, too many recipients...
    LimitExceeded,
    /// The sync token is unusable: start over with no token.
    SyncStateInvalid,
    /// The notification subscription is gone: subscribe again and resync.
    SubscriptionLost,
    MailboxNotFound,
    /// The mailbox exists but cannot be reached now (move, failover) or not over this protocol.
    MailboxUnavailable,
    RecipientRejected,
    ContentRejected,
    DataCorrupt,
    Unavailable,
    Timeout,
    /// DNS, TCP, TLS, proxy.
    Connection,
    /// Server side or client side set-up is wrong (schema version, autodiscover, two access modes...).
    Configuration,
    /// The peer sent something this library cannot read, or said our request is not schema-valid.
    Protocol,
    Internal,
    Cancelled,
}

/// What is known about the effect of a failed write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Effect {
    /// Nothing was changed.
    None,
    /// The request may have been carried out (timeout or broken connection after the body was sent).
    Unknown,
    /// Part of a multi-step operation was carried out; the message says which.
    Partial,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryAdvice {
    Never,
    /// Same request again, not before this delay.
    After(Duration),
    /// Re-read the item, rebuild the change, try again.
    Refetch,
    /// Get new credentials first.
    Reauthenticate,
    /// Restart the sync without a token.
    Resync,
    /// Subscribe again, then resync.
    Resubscribe,
}

#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Backend {
    Ews,
    Graph,
    Memory,
}

pub type BoxError = Box<dyn std::error::Error + Send + Sync + 'static>;
pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug)]
struct Inner {
    kind: ErrorKind,
    backend: Option<Backend>,
    operation: Cow<'static, str>,
    message: String,
    code: Option<String>,
    http_status: Option<u16>,
    request_id: Option<String>,
    advice: RetryAdvice,
    effect: Effect,
    ticket: Option<String>,
    source: Option<BoxError>,
}

/// One pointer wide, so `Result<T>` stays small.
pub struct Error(Box<Inner>);

impl Error {
    pub fn new(
        kind: ErrorKind,
        operation: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Self {
        let advice = default_advice(kind);
        Self(Box::new(Inner {
            kind,
            backend: None,
            operation: operation.into(),
            message: message.into(),
            code: None,
            http_status: None,
            request_id: None,
            advice,
            effect: Effect::None,
            ticket: None,
            source: None,
        }))
    }
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }
    pub fn backend(&self) -> Option<Backend> {
        self.0.backend
    }
    pub fn operation(&self) -> &str {
        &self.0.operation
    }
    /// Server's own code: an EWS `ResponseCode` (Graph's Outlook service uses the same names) or a Graph error code.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }
    pub fn http_status(&self) -> Option<u16> {
        self.0.http_status
    }
    /// `request-id` for support calls.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }
    pub fn advice(&self) -> RetryAdvice {
        self.0.advice
    }
    pub fn effect(&self) -> Effect {
        self.0.effect
    }
    pub fn ticket(&self) -> Option<&str> {
        self.0.ticket.as_deref()
    }
    pub fn retry_after(&self) -> Option<Duration> {
        match self.0.advice {
            RetryAdvice::After(d) => Some(d),
            _ => None,
        }
    }
    pub fn unsupported(operation: &'static str, why: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unsupported, operation, why)
    }
    #[must_use]
    pub fn with_backend(mut self, b: Backend) -> Self {
        self.0.backend = Some(b);
        self
    }
    #[must_use]
    pub fn with_code(mut self, c: impl Into<String>) -> Self {
        self.0.code = Some(c.into());
        self
    }
    #[must_use]
    pub fn with_status(mut self, s: u16) -> Self {
        self.0.http_status = Some(s);
        self
    }
    #[must_use]
    pub fn with_request_id(mut self, r: impl Into<String>) -> Self {
        self.0.request_id = Some(r.into());
        self
    }
    #[must_use]
    pub fn with_advice(mut self, a: RetryAdvice) -> Self {
        self.0.advice = a;
        self
    }
    #[must_use]
    pub fn with_effect(mut self, e: Effect) -> Self {
        self.0.effect = e;
        self
    }
    #[must_use]
    pub fn with_ticket(mut self, t: impl Into<String>) -> Self {
        self.0.ticket = Some(t.into());
        self
    }
    #[must_use]
    pub fn with_source(mut self, s: impl Into<BoxError>) -> Self {
        self.0.source = Some(s.into());
        self
    }
}
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {:?}: {}",
            self.0.operation, self.0.kind, self.0.message
        )?;
        if let Some(c) = &self.0.code {
            write!(f, " [{c}]")?;
        }
        Ok(())
    }
}
impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0
            .source
            .as_deref()
            .map(|e| e as &(dyn std::error::Error + 'static))
    }
}

fn default_advice(kind: ErrorKind) -> RetryAdvice {
    use ErrorKind::*;
    match kind {
        Throttled => RetryAdvice::After(Duration::from_secs(10)),
        Unavailable | MailboxUnavailable => RetryAdvice::After(Duration::from_secs(5)),
        Timeout | Connection => RetryAdvice::After(Duration::from_secs(1)),
        Conflict => RetryAdvice::Refetch,
        Unauthenticated => RetryAdvice::Reauthenticate,
        SyncStateInvalid => RetryAdvice::Resync,
        SubscriptionLost => RetryAdvice::Resubscribe,
        _ => RetryAdvice::Never,
    }
}

/// Graph codes that are not EWS response codes.
pub fn classify_graph_code(code: &str) -> Option<ErrorKind> {
    use ErrorKind::*;
    // Graph changes the case of codes between services ("itemNotFound", "ItemNotFound").
    Some(match code.to_ascii_lowercase().as_str() {
        "itemnotfound"
        | "resourcenotfound"
        | "request_resourcenotfound"
        | "notfound"
        | "uploadsessionnotfound" => NotFound,
        "namealreadyexists" => AlreadyExists,
        "badrequest"
        | "invalidrequest"
        | "request_badrequest"
        | "requestbodyread"
        | "unabletodeserializepostbody"
        | "invalidrange"
        | "errorinvalidparameter"
        | "errorinvalidurlquery"
        | "errorinvalidurlqueryfilter"
        | "invalidqueryoption"
        | "timezonenotsupportedexception"
        | "propertynotupdateable"
        | "unsupportedentityexpression" => InvalidArgument,
        "inefficientfilter"
        | "requestentitytoolarge_query"
        | "toomanytermsinquery"
        | "toomanyresultsrequested"
        | "childitemcountexceeded"
        | "maxitemcountexceeded" => LimitExceeded,
        "resourcemodified" | "preconditionfailed" | "entitytagdoesnotmatch" => Conflict,
        "unauthenticated"
        | "invalidauthenticationtoken"
        | "authenticationerror"
        | "unauthorized"
        | "compacttokenexpired"
        | "tokenexpired"
        | "erroraccountdisabled" => Unauthenticated,
        "accessdenied"
        | "forbidden"
        | "authorization_requestdenied"
        | "accessrestricted"
        | "notallowed"
        | "errorinsufficientpermissionsinaccesstoken" => PermissionDenied,
        "toomanyrequests"
        | "applicationthrottled"
        | "activitylimitreached"
        | "throttledrequest"
        | "mailboxconcurrency" => Throttled,
        "quotalimitreached" | "insufficientstorage" => QuotaExceeded,
        "requestentitytoolarge"
        | "maxfilesizeexceeded"
        | "maxfragmentlengthexceeded"
        | "maxstreamsizeexceeded"
        | "errormaximumsizeexceeded" => TooLarge,
        "syncstatenotfound"
        | "syncstateinvalid"
        | "resyncrequired"
        | "resyncapplydifferences"
        | "resyncuploaddifferences" => SyncStateInvalid,
        "errorinvaliduser" | "mailboxnotfound" => MailboxNotFound,
        "mailboxnotenabledforrestapi"
        | "mailboxnotsupportedforrestapi"
        | "restapinotenabledforcomponentsharedmailbox"
        | "extensionerror"
        | "mailboxinfostale"
        | "orgconfignotfound" => MailboxUnavailable,
        "malwaredetected" | "virussuspicious" => ContentRejected,
        "notsupported" | "notimplemented" | "unsupportedqueryoption" => Unsupported,
        "servicenotavailable" | "serviceunavailable" | "servicereadonly" | "cannotsnapshottree" => {
            Unavailable
        }
        "gatewaytimeout" | "timeout" | "requesttimeout" => Timeout,
        "generalexception" | "internalservererror" | "unknownerror" => Internal,
        _ => return None,
    })
}

/// Last resort for both backends.
pub fn classify_http_status(status: u16) -> ErrorKind {
    use ErrorKind::*;
    match status {
        400 | 406 | 411 | 415 | 416 | 422 => InvalidArgument,
        401 | 407 => Unauthenticated,
        402 | 403 => PermissionDenied,
        404 => NotFound,
        405 | 501 | 505 => Unsupported,
        408 | 504 => Timeout,
        409 => Conflict,
        410 => SyncStateInvalid, // Graph answers 410 only for expired delta tokens on the endpoints used here
        412 => Conflict,
        413 => TooLarge,
        423 | 424 => Unavailable,
        429 | 509 => Throttled,
        507 => QuotaExceeded,
        502 | 503 => Unavailable,
        500..=599 => Internal,
        _ => Protocol,
    }
}
