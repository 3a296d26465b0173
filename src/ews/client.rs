//! The one door: an operation out, its answer in.

mod parts;
mod transfer;

pub(crate) use transfer::Opened;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::HeaderMap;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderName, HeaderValue};
use tokio::sync::OnceCell;
use url::Url;
use uuid::Uuid;

use super::fault::in_doubt;
use super::operation::{GetFolder, Needs, Operation};
use super::soap::{self, Answer, ServerVersionInfo};
use super::types::{BaseShape, FolderShape};
use super::{DistinguishedFolderId, ServerVersion};
use crate::connector::{Backend, Principal};
use crate::error::{Effect, Error, ErrorKind, Result, RetryAdvice, Unreadable};
use crate::http::{
    Body, ConnectionFacts, Reply, Request, RequestBody, Transport, charset, refusal, retry_after,
};
use crate::retry::{Attempts, Pacing};
use crate::xml::{self, Gap, Problem};
use parts::Parts;

/// What surrounds each request.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    /// The version requests are made for.
    pub(crate) version: ServerVersion,
    /// The user in whose place the caller acts.
    pub(crate) impersonated: Option<Principal>,
}

/// Sends operations to one Exchange server, as one identity.
///
/// Clones share connections. Get one from [`EwsConnector::client`](super::EwsConnector::client).
#[derive(Clone)]
pub struct Client {
    server: Arc<Server>,
    /// The user in whose place the caller acts.
    impersonated: Option<Principal>,
    /// The SMTP address or principal name of the mailbox the requests are about: it finds the right
    /// back end.
    anchor: Option<String>,
    /// In place of the server's.
    pacing: Option<Arc<Pacing>>,
}

struct Server {
    url: Url,
    transport: Arc<dyn Transport>,
    /// Set by the caller, or found out with the first call.
    version: OnceCell<ServerVersion>,
    info: Mutex<Option<ServerVersionInfo>>,
    pacing: Arc<Pacing>,
    /// How many calls go at a time, if the caller set it.
    concurrency: Option<usize>,
}

impl Client {
    pub(super) fn new(
        url: Url,
        transport: Arc<dyn Transport>,
        version: Option<ServerVersion>,
        pacing: Arc<Pacing>,
        concurrency: Option<usize>,
    ) -> Self {
        Self {
            server: Arc::new(Server {
                url,
                transport,
                version: version.map_or_else(OnceCell::new, |v| OnceCell::new_with(Some(v))),
                info: Mutex::new(None),
                pacing,
                concurrency,
            }),
            impersonated: None,
            anchor: None,
            pacing: None,
        }
    }

    /// The same client, whose calls are sent once each and wait for no others.
    pub(super) fn once(mut self) -> Self {
        self.pacing = Some(self.server.pacing.once());
        self
    }

    /// Sends one operation and reads the answer.
    ///
    /// If it fails for a passing reason it is sent again, as the [`RetryPolicy`](crate::RetryPolicy) says; of several
    /// parts only those that were refused, where the operation can be made for some of them. A
    /// change of whose outcome nothing is known is not sent again: its error has
    /// [`Effect::Unknown`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsupported`] and [`ErrorKind::InvalidArgument`] before anything is sent, if
    /// the version requests are made for does not have what the operation needs; then whatever
    /// connecting and logging on can end in; the kind of the server's fault; and
    /// [`ErrorKind::Protocol`] with [`Error::unreadable`] for an answer that is none.
    pub async fn send<O: Operation>(&self, operation: &O) -> Result<O::Response> {
        let context = self.context().await?;
        let mut attempts = self.attempts(O::NAME, O::REPEATABLE);
        let mut parts = Parts::of(operation);
        loop {
            let place = match attempts.begin().await {
                Ok(place) => place,
                Err(error) => return parts.given_up(of_ews(error)),
            };
            let sent = self.send_as(&context, parts.request());
            let sent = async { sent.await?.into_result::<O>() };
            let error = match attempts.within(sent).await {
                Ok(answer) => match parts.take(answer, &attempts) {
                    Some(error) => error,
                    None => {
                        attempts.answered(&place);
                        return parts.answer();
                    }
                },
                Err(error) => error,
            };
            if let Err(error) = attempts.failed(place, error).await {
                return parts.given_up(of_ews(error));
            }
        }
    }

    /// Sends a body written elsewhere (the request element with prefixes `m:` and `t:`) and
    /// returns the envelope that came back, as text.
    ///
    /// For operations this crate has no type for. Faults are in the envelope. It is sent again if
    /// it did not reach the server.
    ///
    /// # Errors
    ///
    /// Those of connecting, logging on and reading an answer that is no XML.
    pub async fn send_raw(&self, operation: &'static str, body: &str) -> Result<String> {
        let context = self.context().await?;
        let envelope = bytes::Bytes::from(soap::raw_request(&context, body));
        let mut attempts = self.attempts(operation, false);
        loop {
            let place = attempts.begin().await.map_err(of_ews)?;
            let posted = self.post(operation, envelope.clone(), false);
            match attempts.within(posted).await {
                Ok(arrived) => {
                    attempts.answered(&place);
                    return Ok(arrived.envelope);
                }
                Err(error) => attempts.failed(place, error).await.map_err(of_ews)?,
            }
        }
    }

    /// The version requests are made for; `None` until the first call, if none was set.
    pub fn version(&self) -> Option<ServerVersion> {
        self.server.version.get().copied()
    }

    /// The name of the host requests go to, unless it is a bare address.
    pub(super) fn host(&self) -> Option<&str> {
        self.server.url.domain()
    }

    /// The address requests go to.
    pub(super) fn url(&self) -> &Url {
        &self.server.url
    }

    /// What the server said of itself last; `None` until the first call.
    pub fn server_version_info(&self) -> Option<ServerVersionInfo> {
        let info = &self.server.info;
        info.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What the connections have shown of the server by now. Sends nothing.
    pub fn connection_facts(&self) -> ConnectionFacts {
        self.server.transport.facts(&self.server.url)
    }

    /// The same client acting in that user's place (`ExchangeImpersonation`); a text is taken for an
    /// SMTP address.
    ///
    /// The account needs the role `ApplicationImpersonation`.
    #[must_use]
    pub fn acting_as(mut self, user: impl Into<Principal>) -> Self {
        let user = user.into();
        self.anchor = match &user {
            Principal::Smtp(name) | Principal::Upn(name) => Some(name.clone()),
            Principal::Sid(_) => None,
        };
        self.impersonated = Some(user);
        self
    }

    /// The same client for requests about another mailbox, with the caller's own rights.
    #[must_use]
    pub(super) fn anchored_at(mut self, smtp_address: impl Into<String>) -> Self {
        self.anchor = Some(smtp_address.into());
        self
    }

    /// The version to make requests for: the one that was set, or the newest that server speaks,
    /// found out with one call that every version answers.
    pub(super) async fn settle_version(&self) -> Result<ServerVersion> {
        let find_out = || async {
            let context = Context {
                version: ServerVersion::Exchange2007Sp1,
                impersonated: self.impersonated.clone(),
            };
            let shape = FolderShape::new(BaseShape::IdOnly);
            let probe = GetFolder::new(shape, [DistinguishedFolderId::Inbox]);
            let mut attempts = self.attempts(GetFolder::NAME, GetFolder::REPEATABLE);
            loop {
                let place = attempts.begin().await.map_err(of_ews)?;
                let sent = attempts.within(self.send_as(&context, &probe)).await;
                match sent.and_then(version_of) {
                    Ok(version) => {
                        attempts.answered(&place);
                        return Ok(version);
                    }
                    Err(error) => attempts.failed(place, error).await.map_err(of_ews)?,
                }
            }
        };
        self.server.version.get_or_try_init(find_out).await.copied()
    }

    /// The attempts of one call, charged to the user in whose place it is made.
    fn attempts(&self, operation: &'static str, repeatable: bool) -> Attempts {
        let server = &self.server;
        let connections = server.transport.most_at_once(&server.url);
        let pacing = self.pacing.as_ref().unwrap_or(&server.pacing);
        pacing.limit(server.concurrency(), connections);
        // The account itself, or the user in whose place it acts: theirs is the budget.
        let whose = self.impersonated.as_ref().map(Principal::as_str);
        let whose = whose.unwrap_or_default().to_lowercase();
        Attempts::new(pacing, operation, whose, repeatable)
    }

    async fn send_as<O: Operation>(
        &self,
        context: &Context,
        operation: &O,
    ) -> Result<Arrived<Answer<O::Response>>> {
        Needs::check(operation, context.version).map_err(of_ews)?;

        let envelope = soap::request(context, operation);
        let arrived = self.post(O::NAME, envelope, O::REPEATABLE).await?;
        self.server.read::<O>(arrived, operation.requested(), None)
    }

    /// Sends an envelope and returns the one that came back, as text.
    async fn post(
        &self,
        operation: &'static str,
        envelope: impl Into<RequestBody>,
        repeatable: bool,
    ) -> Result<Arrived<()>> {
        let (call, body) = self.begin(operation, envelope.into(), repeatable).await?;
        let bytes = body.collect().await.map_err(of_ews)?;
        call.envelope(bytes)
    }

    /// Sends an envelope; the answer is still on its way when this returns.
    async fn begin(
        &self,
        operation: &'static str,
        envelope: RequestBody,
        repeatable: bool,
    ) -> Result<(Call, Body)> {
        let request_id = Uuid::new_v4().to_string();
        let request = Request {
            operation,
            url: self.server.url.clone(),
            headers: self.headers(operation, &request_id),
            body: envelope,
            timeout: None,
        };
        let mut call = Call {
            server: self.server.clone(),
            operation,
            repeatable,
            status: 0,
            headers: HeaderMap::new(),
            request_id,
        };
        let reply = self.server.transport.send(request).await;
        let Reply {
            status,
            headers,
            body,
        } = reply.map_err(of_ews)?;
        call.status = status;
        if let Some(request_id) = header_text(&headers, "request-id") {
            call.request_id = request_id;
        }
        call.headers = headers;
        Ok((call, body))
    }

    async fn context(&self) -> Result<Context> {
        Ok(Context {
            version: self.settle_version().await?,
            impersonated: self.impersonated.clone(),
        })
    }

    fn headers(&self, operation: &str, request_id: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("text/xml; charset=utf-8"),
        );
        headers.insert(ACCEPT, HeaderValue::from_static("text/xml"));
        let action =
            format!("\"http://schemas.microsoft.com/exchange/services/2006/messages/{operation}\"");
        let texts = [
            ("soapaction", Some(action.as_str())),
            ("client-request-id", Some(request_id)),
            ("return-client-request-id", Some("true")),
            ("x-anchormailbox", self.anchor.as_deref()),
        ];
        for (name, text) in texts {
            if let Some(value) = text.and_then(|text| HeaderValue::from_str(text).ok()) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        headers
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("url", &self.server.url.as_str())
            .field("version", &self.version())
            .field("impersonated", &self.impersonated)
            .finish_non_exhaustive()
    }
}

impl Server {
    /// How many calls go at a time: as said, or as many as a user may by default
    /// (`EwsMaxConcurrency` of the throttling policy).
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/exchange-web-services/ews-throttling-in-exchange>
    fn concurrency(&self) -> usize {
        let info = self.info.lock().unwrap_or_else(PoisonError::into_inner);
        let is_old = match info.as_ref() {
            Some(info) => info.major_version < 15,
            None => self
                .version
                .get()
                .is_some_and(|version| *version < ServerVersion::Exchange2013),
        };
        self.concurrency.unwrap_or(if is_old { 10 } else { 27 })
    }

    /// Reads the answer to an operation that asked so many questions.
    fn read<O: Operation>(
        &self,
        arrived: Arrived<()>,
        requested: Option<usize>,
        gap: Option<Gap>,
    ) -> Result<Arrived<Answer<O::Response>>> {
        let answer = soap::response::<O>(&arrived.envelope, requested).map_err(|error| {
            let error = match gap {
                Some(gap) => gap.locate(error),
                None => error,
            };
            arrived.unreadable(O::NAME, error, O::REPEATABLE)
        })?;
        if let Some(info) = &answer.server {
            let mut known = self.info.lock().unwrap_or_else(PoisonError::into_inner);
            *known = Some(info.clone());
        }
        if answer.notes.replaced_characters > 0 || answer.notes.unreadable_values > 0 {
            tracing::warn!(
                operation = O::NAME,
                replaced_characters = answer.notes.replaced_characters,
                unreadable_values = answer.notes.unreadable_values,
                "the answer was not quite in order"
            );
        }
        Ok(arrived.with(answer))
    }
}

/// A call whose answer has begun to come.
struct Call {
    server: Arc<Server>,
    operation: &'static str,
    repeatable: bool,
    status: u16,
    headers: HeaderMap,
    request_id: String,
}

impl Call {
    /// What is to be said of content that broke off, after which nothing is tried again.
    fn judge(&self, error: Error) -> Error {
        let error = of_ews(error);
        if self.repeatable {
            error.with_effect(Effect::None)
        } else {
            error
        }
    }

    /// The envelope that these bytes are, or why they are none.
    fn envelope(self, bytes: Vec<u8>) -> Result<Arrived<()>> {
        let url = Some(&self.server.url);
        if let Some(refused) = refusal(self.operation, url, self.status, &self.headers, &bytes) {
            return Err(of_ews(refused).with_request_id(self.request_id));
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

    fn arrived(self, envelope: String) -> Arrived<()> {
        Arrived {
            answer: (),
            envelope,
            status: self.status,
            retry_after: retry_after(&self.headers),
            request_id: self.request_id,
        }
    }

    fn unreadable(&self, error: xml::Error) -> Error {
        unreadable(self.operation, error)
            .with_backend(Backend::Ews)
            .with_status(self.status)
            .with_request_id(self.request_id.clone())
            .with_effect(effect_of_lost_answer(self.repeatable))
    }

    fn no_answer(&self, message: String) -> Error {
        let error = Error::new(ErrorKind::Protocol, self.operation, message);
        self.judge(error)
            .with_status(self.status)
            .with_request_id(self.request_id.clone())
            .with_effect(effect_of_lost_answer(self.repeatable))
    }
}

/// What came back, and how.
struct Arrived<T> {
    answer: T,
    envelope: String,
    status: u16,
    request_id: String,
    retry_after: Option<Duration>,
}

impl Arrived<()> {
    fn with<U>(self, answer: U) -> Arrived<U> {
        Arrived {
            answer,
            envelope: String::new(),
            status: self.status,
            request_id: self.request_id,
            retry_after: self.retry_after,
        }
    }

    fn unreadable(&self, operation: &'static str, error: xml::Error, repeatable: bool) -> Error {
        unreadable(operation, error)
            .with_backend(Backend::Ews)
            .with_status(self.status)
            .with_request_id(self.request_id.clone())
            .with_effect(effect_of_lost_answer(repeatable))
    }
}

impl<T> Arrived<Answer<T>> {
    fn into_result<O: Operation<Response = T>>(self) -> Result<T> {
        self.answer.content.map_err(|fault| {
            let has_back_off = fault.back_off_milliseconds.is_some();
            let mut error = in_doubt::<O>(fault.into_error(O::NAME))
                .with_backend(Backend::Ews)
                .with_status(self.status)
                .with_request_id(self.request_id);
            if let (false, ErrorKind::Throttled | ErrorKind::Unavailable, Some(wait)) =
                (has_back_off, error.kind(), self.retry_after)
            {
                error = error.with_advice(RetryAdvice::After(wait));
            }
            error
        })
    }
}

/// The version that the answer to the first call shows: the newest the server speaks.
fn version_of(
    arrived: Arrived<Answer<<GetFolder as Operation>::Response>>,
) -> Result<ServerVersion> {
    let info = arrived.answer.server.as_ref();
    if let Some(version) = info.and_then(ServerVersionInfo::speaks) {
        return Ok(version);
    }
    // A refusal is worth more than a guess.
    let answered = arrived.into_result::<GetFolder>();
    answered.map(|_| ServerVersion::Exchange2007Sp1)
}

/// The error for an answer that cannot be read.
pub(super) fn unreadable(operation: &'static str, error: xml::Error) -> Error {
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

fn of_ews(error: Error) -> Error {
    error.with_backend(Backend::Ews)
}

/// A write whose answer cannot be read may have been carried out.
fn effect_of_lost_answer(repeatable: bool) -> Effect {
    if repeatable {
        Effect::None
    } else {
        Effect::Unknown
    }
}

fn header_text(headers: &HeaderMap, name: &str) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}
