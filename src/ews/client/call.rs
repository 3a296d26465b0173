//! What comes back from a call, and what is to be said of it.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use http::header::CONTENT_TYPE;

use super::Server;
use crate::connector::Backend;
use crate::error::{Effect, Error, ErrorKind, Result, RetryAdvice, Unreadable};
use crate::ews::denial;
use crate::ews::fault::in_doubt;
use crate::ews::operation::{Operation, Response};
use crate::ews::origin::Origin;
use crate::ews::soap::Answer;
use crate::http::{charset, refusal, retry_after, wants_client_certificate};
use crate::xml::{self, Problem};

/// A call whose answer has begun to come.
pub(super) struct Call {
    pub(super) server: Arc<Server>,
    pub(super) operation: &'static str,
    pub(super) repeatable: bool,
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) origin: Origin,
}

impl Call {
    /// What is to be said of content that broke off, after which nothing is tried again.
    pub(super) fn judge(&self, error: Error) -> Error {
        let error = of_ews(error);
        if self.repeatable {
            error.with_effect(Effect::None)
        } else {
            error
        }
    }

    /// The envelope that these bytes are, or why they are none.
    pub(super) fn envelope(self, bytes: Vec<u8>) -> Result<Arrived<()>> {
        let url = Some(&self.server.url);
        if let Some(refused) = refusal(self.operation, url, self.status, &self.headers, &bytes) {
            let refused = self.origin.mark(of_ews(refused));
            let is_of_service =
                refused.http_status() == Some(403) && !wants_client_certificate(&bytes);
            if is_of_service {
                let facts = self.server.transport.facts(&self.server.url);
                if facts.is_logon_tried() {
                    let program = facts.user_agent.as_str();
                    return Err(refused.with_hint(denial::switched_off(&self.origin, program)));
                }
            }
            return Err(refused);
        }
        if bytes.trim_ascii().is_empty() {
            let text = "the answer is empty";
            let hint = "Something between this program and the server, such as a proxy or a load balancer, may have swallowed it.";
            let error = self.no_answer(text.to_owned());
            return Err(error.with_unreadable(Unreadable::Protocol).with_hint(hint));
        }
        let content_type = header_text(&self.headers, CONTENT_TYPE.as_str());
        let envelope = charset::decode(content_type.as_deref(), bytes).map_err(|problem| {
            let text = format!("the answer is not readable text: {problem}");
            self.no_answer(text).with_unreadable(Unreadable::Encoding)
        })?;
        Ok(self.arrived(envelope))
    }

    pub(super) fn arrived(self, envelope: String) -> Arrived<()> {
        Arrived {
            answer: (),
            envelope,
            status: self.status,
            retry_after: retry_after(&self.headers),
            origin: self.origin,
            request: None,
        }
    }

    pub(super) fn unreadable(&self, error: xml::Error) -> Error {
        let error = unreadable(self.operation, error).with_status(self.status);
        lost(error, &self.origin, self.repeatable)
    }

    pub(super) fn no_answer(&self, message: String) -> Error {
        let error = Error::new(ErrorKind::Protocol, self.operation, message);
        lost(
            error.with_status(self.status),
            &self.origin,
            self.repeatable,
        )
    }

    /// The answer is to a request somebody else made, or this client before. What became of this
    /// one is not known; on another connection it may be asked again.
    pub(super) fn stray(&self) -> Error {
        let text = "the answer belongs to another request (client-request-id)".to_owned();
        let hint =
            "A proxy or balancer between mixes connections up, or the server does: go past it.";
        self.no_answer(text)
            .with_unreadable(Unreadable::Protocol)
            .with_hint(hint)
            .with_effect(Effect::Unknown)
            .with_advice(RetryAdvice::After(Duration::ZERO))
    }
}

/// What came back, and how.
pub(super) struct Arrived<T> {
    pub(super) answer: T,
    pub(super) envelope: String,
    pub(super) status: u16,
    pub(super) origin: Origin,
    pub(super) retry_after: Option<Duration>,
    /// The text of the request, if what was wrong in it may be shown.
    pub(super) request: Option<String>,
}

impl Arrived<()> {
    pub(super) fn with<U>(self, answer: U) -> Arrived<U> {
        Arrived {
            answer,
            envelope: String::new(),
            status: self.status,
            origin: self.origin,
            retry_after: self.retry_after,
            request: None,
        }
    }

    pub(super) fn unreadable(
        &self,
        operation: &'static str,
        error: xml::Error,
        repeatable: bool,
    ) -> Error {
        let error = unreadable(operation, error).with_status(self.status);
        lost(error, &self.origin, repeatable)
    }
}

impl<T: Response> Arrived<Answer<T>> {
    /// Tells refusals what was asked and who refused it.
    pub(super) fn explained(mut self, request: impl FnOnce() -> String) -> Self {
        match &mut self.answer.content {
            Ok(content) => {
                let mut found = Some((std::mem::take(&mut self.origin), request));
                let mut shared: Arc<Origin> = Arc::default();
                content.refused(&mut |at, parts| {
                    if let Some((origin, request)) = found.take() {
                        shared = Arc::new(origin.with_request(&request()));
                    }
                    Origin::of_part(&shared, at, parts)
                });
            }
            Err(_) => {
                let text = request();
                self.origin = self.origin.with_request(&text);
                self.request = Some(text);
            }
        }
        self
    }

    pub(super) fn into_result<O: Operation<Response = T>>(self) -> Result<T> {
        self.answer.content.map_err(|fault| {
            let has_back_off = fault.back_off_milliseconds.is_some();
            let error = fault.into_error_of(&self.origin, self.request.as_deref());
            let mut error = in_doubt::<O>(error)
                .with_backend(Backend::Ews)
                .with_status(self.status);
            if let (false, ErrorKind::Throttled | ErrorKind::Unavailable, Some(wait)) =
                (has_back_off, error.kind(), self.retry_after)
            {
                error = error.with_advice(RetryAdvice::After(wait));
            }
            error
        })
    }
}

/// The error for an answer that cannot be read.
pub(in crate::ews) fn unreadable(operation: &'static str, error: xml::Error) -> Error {
    let cause = match error.problem {
        Problem::TooDeep | Problem::TooManyAttributes | Problem::TooManyNamespaces => {
            Unreadable::Limit
        }
        Problem::Doctype | Problem::Malformed(_) | Problem::Truncated | Problem::UnknownEntity => {
            Unreadable::Xml
        }

        Problem::Missing(_)
        | Problem::NotBase64
        | Problem::NotXml
        | Problem::OtherAnswer { .. }
        | Problem::Unexpected(..)
        | Problem::UnexpectedChild
        | Problem::WrongCount { .. } => Unreadable::Protocol,
    };
    let hint = match error.problem {
        Problem::OtherAnswer { .. } | Problem::WrongCount { .. } => {
            "Something between this program and the server, such as a proxy or a load balancer, may mix up answers: go past it."
        }
        _ => {
            "If it comes again, see whether something between this program and the server changes answers; else report it with the request id."
        }
    };
    Error::new(
        ErrorKind::Protocol,
        operation,
        format!("the answer cannot be read: {error}"),
    )
    .with_hint(hint)
    .with_unreadable(cause)
    .with_source(error)
}

pub(super) fn of_ews(error: Error) -> Error {
    error.with_backend(Backend::Ews)
}

/// An answer that cannot be read: a write may have been carried out.
fn lost(error: Error, origin: &Origin, repeatable: bool) -> Error {
    let effect = match repeatable {
        true => Effect::None,
        false => Effect::Unknown,
    };
    origin.mark(of_ews(error)).with_effect(effect)
}

pub(super) fn header_text(headers: &HeaderMap, name: &str) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}
