//! What went wrong, with which operation, what the server said, and what to do about it.
//!
//! Every function of this crate that can fail answers [`Error`]. [`Error::kind`] says what happened in terms that are
//! the same for every backend, [`Error::advice`] whether and when the same call may work, and [`Error::effect`]
//! whether a failed write may have been carried out all the same.

mod kind;

use std::{borrow::Cow, fmt, time::Duration};

pub use kind::{Effect, ErrorKind, RetryAdvice, Unreadable, classify_http_status};

use crate::connector::Backend;

/// A cause of any type, as [`std::error::Error::source`] hands it on.
pub type BoxError = Box<dyn std::error::Error + Send + Sync + 'static>;

/// The result of everything in this crate that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failed operation.
///
/// One pointer wide, so that a [`Result`] stays small. Its text and its [`Debug`](fmt::Debug) form are made for logs:
/// they hold no password, token or item content, because nothing of the kind is ever put into an error.
///
/// ```
/// use exchange_connector::{Error, ErrorKind};
///
/// let error = Error::new(ErrorKind::NotFound, "GetItem", "the server does not know this item")
///     .with_code("ErrorItemNotFound")
///     .with_hint("List the calendar again: the event was deleted or moved.");
/// assert_eq!(
///     error.to_string(),
///     "GetItem: the server does not know this item [ErrorItemNotFound]. \
///      List the calendar again: the event was deleted or moved."
/// );
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    backend: Option<Backend>,
    operation: Cow<'static, str>,
    message: String,
    code: Option<String>,
    http_status: Option<u16>,
    request_id: Option<String>,
    servers: Vec<String>,
    /// That of the kind, unless another was given.
    advice: Option<RetryAdvice>,
    hint: Option<Cow<'static, str>>,
    effect: Effect,
    unreadable: Option<Unreadable>,
    ticket: Option<String>,
    claims: Option<String>,
    source: Option<BoxError>,
}

impl Error {
    /// An error of this kind, in this operation. `message` is a sentence about what happened, without a full stop.
    ///
    /// The operation is named as a person finds it in the documentation: the EWS operation (`GetItem`), the trait
    /// method (`create_event`) or the step (`connect`).
    pub fn new(
        kind: ErrorKind,
        operation: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Self {
        Self(Box::new(Inner {
            kind,
            backend: None,
            operation: operation.into(),
            message: message.into(),
            code: None,
            http_status: None,
            request_id: None,
            servers: Vec::new(),
            advice: None,
            hint: None,
            effect: Effect::None,
            unreadable: None,
            ticket: None,
            claims: None,
            source: None,
        }))
    }

    /// A value the caller gave is wrong ([`ErrorKind::InvalidArgument`]); nothing was sent.
    pub fn invalid_argument(
        operation: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Self {
        Self::new(ErrorKind::InvalidArgument, operation, message)
    }

    /// The backend or this server version cannot do it ([`ErrorKind::Unsupported`]); nothing was sent.
    pub fn unsupported(operation: impl Into<Cow<'static, str>>, why: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unsupported, operation, why)
    }

    /// What happened, in terms common to all backends.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Which backend was asked; `None` when the failure came before one was chosen.
    pub fn backend(&self) -> Option<Backend> {
        self.0.backend
    }

    /// The operation that failed.
    pub fn operation(&self) -> &str {
        &self.0.operation
    }

    /// The sentence about what happened, alone.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The server's own code: an EWS `ResponseCode` (Graph's Outlook service uses the same names) or a Graph code.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// The HTTP status of the answer, when there was one and it matters.
    pub fn http_status(&self) -> Option<u16> {
        self.0.http_status
    }

    /// The server's id of the request, which its administrators and Microsoft's support can look up.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// The names of the servers that answered, front end first, as far as the answer gave them: where administrators
    /// look for the request id.
    pub fn servers(&self) -> &[String] {
        &self.0.servers
    }

    /// Whether, when and how the call may be tried again.
    pub fn advice(&self) -> RetryAdvice {
        self.0.advice.unwrap_or_else(|| self.0.kind.advice())
    }

    /// What the person who can fix this should do: the [hint](Self::with_hint) if one was given, else the general
    /// advice for this kind of error. `None` when there is nothing a person could do.
    pub fn advice_text(&self) -> Option<&str> {
        self.0.hint.as_deref().or_else(|| self.0.kind.advice_text())
    }

    /// Whether a failed write may have been carried out.
    pub fn effect(&self) -> Effect {
        self.0.effect
    }

    /// In what way an answer could not be read; `None` for every other failure.
    pub fn unreadable(&self) -> Option<Unreadable> {
        self.0.unreadable
    }

    /// The ticket under which an [approval](ErrorKind::ApprovalRequired) was asked for.
    pub fn ticket(&self) -> Option<&str> {
        self.0.ticket.as_deref()
    }

    /// The claims that a new token must have, as JSON, where a server or an authority asked for some (Conditional
    /// Access, a second factor): whoever signs the user in sends them along.
    ///
    /// Source: <https://learn.microsoft.com/entra/identity-platform/claims-challenge>
    pub fn claims(&self) -> Option<&str> {
        self.0.claims.as_deref()
    }

    /// How long to wait before the same call may be repeated; `None` when repeating it does not help.
    pub fn retry_after(&self) -> Option<Duration> {
        match self.advice() {
            RetryAdvice::After(delay) => Some(delay),
            _ => None,
        }
    }

    /// The wait that was asked for, not that of the kind.
    #[cfg(any(feature = "ews", feature = "graph"))]
    pub(crate) fn asked_wait(&self) -> Option<Duration> {
        match self.0.advice {
            Some(RetryAdvice::After(delay)) => Some(delay),
            _ => None,
        }
    }

    /// Whether what is wrong is wrong with one item only: it must not keep the others back.
    #[cfg(any(feature = "ews", feature = "graph"))]
    pub(crate) fn is_of_one_item(&self) -> bool {
        matches!(
            self.kind(),
            ErrorKind::ContentRejected
                | ErrorKind::DataCorrupt
                | ErrorKind::PermissionDenied
                | ErrorKind::Protocol
                | ErrorKind::TooLarge
                | ErrorKind::Unsupported
        )
    }

    /// The same error for another place that it holds for, without its [cause](std::error::Error::source).
    #[cfg(any(feature = "ews", feature = "graph"))]
    pub(crate) fn again(&self) -> Self {
        let inner = &*self.0;
        Self(Box::new(Inner {
            operation: inner.operation.clone(),
            message: inner.message.clone(),
            code: inner.code.clone(),
            request_id: inner.request_id.clone(),
            servers: inner.servers.clone(),
            hint: inner.hint.clone(),
            ticket: inner.ticket.clone(),
            claims: inner.claims.clone(),
            source: None,
            ..*inner
        }))
    }

    /// Names another operation: for checks that do not know for which one they are made.
    #[must_use]
    pub fn with_operation(mut self, operation: impl Into<Cow<'static, str>>) -> Self {
        self.0.operation = operation.into();
        self
    }

    /// Says which backend was asked.
    #[must_use]
    pub fn with_backend(mut self, backend: Backend) -> Self {
        self.0.backend = Some(backend);
        self
    }

    /// Adds the server's own code.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.0.code = Some(code.into());
        self
    }

    /// Adds the HTTP status.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.0.http_status = Some(status);
        self
    }

    /// Adds the server's id of the request.
    #[must_use]
    pub fn with_request_id(mut self, id: impl Into<String>) -> Self {
        self.0.request_id = Some(id.into());
        self
    }

    /// Adds the names of the servers that answered, front end first.
    #[must_use]
    pub fn with_servers(mut self, servers: Vec<String>) -> Self {
        self.0.servers = servers;
        self
    }

    /// Replaces the advice that follows from the kind.
    #[must_use]
    pub fn with_advice(mut self, advice: RetryAdvice) -> Self {
        self.0.advice = Some(advice);
        self
    }

    /// Says what the person who can fix this should do: one or two whole sentences.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Says whether the write may have been carried out.
    #[must_use]
    pub fn with_effect(mut self, effect: Effect) -> Self {
        self.0.effect = effect;
        self
    }

    /// Says in what way the answer could not be read.
    #[must_use]
    pub fn with_unreadable(mut self, cause: Unreadable) -> Self {
        self.0.unreadable = Some(cause);
        self
    }

    /// Adds the ticket of a pending approval.
    #[must_use]
    pub fn with_ticket(mut self, ticket: impl Into<String>) -> Self {
        self.0.ticket = Some(ticket.into());
        self
    }

    /// Adds the claims that a new token must have.
    #[must_use]
    pub fn with_claims(mut self, claims: impl Into<String>) -> Self {
        self.0.claims = Some(claims.into());
        self
    }

    /// Adds the underlying cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<BoxError>) -> Self {
        self.0.source = Some(source.into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        write!(
            f,
            "{}: {}",
            inner.operation,
            inner.message.trim_end_matches('.')
        )?;
        let mut facts = Vec::new();
        facts.extend(inner.code.clone());
        facts.extend(inner.http_status.map(|status| format!("HTTP {status}")));
        facts.extend(inner.request_id.as_ref().map(|id| format!("request {id}")));
        if !inner.servers.is_empty() {
            facts.push(format!("server {}", inner.servers.join(", ")));
        }
        if !facts.is_empty() {
            write!(f, " [{}]", facts.join(", "))?;
        }
        if let Some(effect) = inner.effect.sentence() {
            write!(f, ". {effect}")?;
        }
        match self.advice_text() {
            Some(advice) => write!(f, ". {advice}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        let mut debug = f.debug_struct("Error");
        debug
            .field("kind", &inner.kind)
            .field("operation", &inner.operation)
            .field("message", &inner.message);
        if let Some(backend) = inner.backend {
            debug.field("backend", &backend);
        }
        if let Some(code) = &inner.code {
            debug.field("code", code);
        }
        if let Some(status) = inner.http_status {
            debug.field("http_status", &status);
        }
        if let Some(id) = &inner.request_id {
            debug.field("request_id", id);
        }
        if !inner.servers.is_empty() {
            debug.field("servers", &inner.servers);
        }
        debug
            .field("advice", &self.advice())
            .field("effect", &inner.effect);
        if let Some(hint) = &inner.hint {
            debug.field("hint", hint);
        }
        if let Some(cause) = inner.unreadable {
            debug.field("unreadable", &cause);
        }
        if let Some(ticket) = &inner.ticket {
            debug.field("ticket", ticket);
        }
        if let Some(source) = &inner.source {
            // The cause's sentence, not its insides: other crates' Debug output is not ours to vouch for.
            debug.field("source", &source.to_string());
        }
        debug.finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0
            .source
            .as_deref()
            .map(|source| source as &(dyn std::error::Error + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_has_every_fact_in_order() {
        let error = Error::new(ErrorKind::Timeout, "CreateItem", "no answer within 60 s")
            .with_code("ErrorTimeoutExpired")
            .with_status(504)
            .with_request_id("7c1b")
            .with_effect(Effect::Unknown)
            .with_hint("Look into the calendar before trying again.");
        assert_eq!(
            error.to_string(),
            "CreateItem: no answer within 60 s [ErrorTimeoutExpired, HTTP 504, request 7c1b]. \
             The change may have been made. Look into the calendar before trying again."
        );
    }

    #[test]
    fn advice_follows_the_kind_until_replaced() {
        let error = Error::new(ErrorKind::Throttled, "FindItem", "server busy");
        assert_eq!(error.retry_after(), Some(Duration::from_secs(10)));
        assert_eq!(error.with_advice(RetryAdvice::Never).retry_after(), None);
        assert_eq!(
            Error::new(ErrorKind::Conflict, "x", "y").advice(),
            RetryAdvice::Refetch
        );
    }

    #[test]
    fn kind_gives_general_advice() {
        let error = Error::new(ErrorKind::PermissionDenied, "FindItem", "access is denied");
        assert!(
            error
                .advice_text()
                .is_some_and(|text| text.contains("administrator"))
        );
        assert!(error.to_string().ends_with(error.advice_text().unwrap()));
    }

    #[test]
    fn debug_shows_the_sentence_of_the_cause_only() {
        struct Cause;
        impl fmt::Debug for Cause {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("password=hunter2")
            }
        }
        impl fmt::Display for Cause {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("handshake failed")
            }
        }
        impl std::error::Error for Cause {}
        let shown = format!(
            "{:?}",
            Error::new(ErrorKind::Connection, "connect", "no TLS").with_source(Cause)
        );
        assert!(
            shown.contains("handshake failed") && !shown.contains("hunter2"),
            "{shown}"
        );
    }

    #[test]
    fn one_pointer_wide() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }
}
