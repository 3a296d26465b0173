//! The one door: an operation out, its answer in.

mod call;
mod parts;
#[cfg(test)]
mod tests;
mod transfer;
mod versions;

pub(super) use call::unreadable;
pub(crate) use transfer::Opened;
pub use versions::VersionCorrection;

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use http::HeaderMap;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderName, HeaderValue};
use url::Url;
use uuid::Uuid;

use super::ServerVersion;
use super::fault::{in_doubt, in_doubt_if};
use super::operation::{Needs, Operation};
use super::origin::{Access, Origin};
use super::soap::{self, Answer, ServerVersionInfo};
use crate::connector::{Backend, Principal};
use crate::error::Result;
use crate::http::{
    Affinity, Body, ConnectionFacts, Reply, Request, RequestBody, Transport, is_of_another,
    request_id, servers,
};
use crate::observe::{CallWatch, MailboxHash, Watch, Watchers};
use crate::retry::{Attempts, Pacing};
use crate::xml::Gap;
use call::{Arrived, Call, header_text, of_ews};
use parts::Parts;
use versions::{Corrected, Unsettled};

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
    /// The version of this mailbox, where it is on an older server than the one that answers.
    of_mailbox: Arc<Corrected>,
    /// The answers shall all come from one server.
    affinity: Option<Arc<Affinity>>,
}

struct Server {
    url: Url,
    watchers: Arc<Watchers>,
    /// The name by which the account signs in, for those who watch.
    account_hash: Option<MailboxHash>,
    transport: Arc<dyn Transport>,
    /// Set by the caller, or found out with the first call.
    version: OnceLock<ServerVersion>,
    unsettled: Unsettled,
    is_version_open: bool,
    corrected: Corrected,
    /// The name by which the account signs in.
    account: Option<Arc<str>>,
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
                watchers: Arc::default(),
                account_hash: None,
                transport,
                is_version_open: version.is_none(),
                version: version.map_or_else(OnceLock::new, OnceLock::from),
                unsettled: Unsettled::default(),
                corrected: Corrected::default(),
                account: None,
                info: Mutex::new(None),
                pacing,
                concurrency,
            }),
            impersonated: None,
            anchor: None,
            pacing: None,
            of_mailbox: Arc::default(),
            affinity: None,
        }
    }

    /// The same, watched, with the name by which the account signs in.
    pub(super) fn watched(mut self, watchers: Watchers, account: Option<Arc<str>>) -> Self {
        // nobody else has it yet
        if let Some(server) = Arc::get_mut(&mut self.server) {
            server.watchers = Arc::new(watchers);
            server.account_hash = account.as_deref().map(MailboxHash::of);
            server.account = account;
        }
        self
    }

    /// The same client, whose calls are sent once each and wait for no others.
    pub(super) fn once(mut self) -> Self {
        self.pacing = Some(self.server.pacing.once());
        self
    }

    /// Sends one operation and reads the answer.
    ///
    /// If the server refuses the version it is made for, it is sent once more for one that the server
    /// takes ([`version_corrected`](Self::version_corrected)).
    /// If it fails for a passing reason it is sent again, as the [`RetryPolicy`](crate::RetryPolicy) says; of several
    /// parts only those that were refused, where the operation can be made for some of them. A
    /// change of whose outcome nothing is known is not sent again: its error has
    /// [`Effect::Unknown`](crate::Effect::Unknown).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) and [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) before anything is sent, if
    /// the version requests are made for does not have what the operation needs; then whatever
    /// connecting and logging on can end in; the kind of the server's fault; and
    /// [`ErrorKind::Protocol`](crate::ErrorKind::Protocol) with [`Error::unreadable`](crate::Error::unreadable) for an answer that is none.
    pub async fn send<O: Operation>(&self, operation: &O) -> Result<O::Response> {
        let context = self.context().await?;
        let refused = match self.send_in(&context, operation).await {
            Ok(answer) => match versions::refused::<O>(&answer) {
                Some(refused) => refused,
                None => return Ok(answer),
            },
            Err(error) => error,
        };
        let context = Box::pin(self.correct(&context, refused)).await?;
        Box::pin(self.send_in(&context, operation)).await
    }

    async fn send_in<O: Operation>(&self, context: &Context, operation: &O) -> Result<O::Response> {
        let call = self.watch(O::NAME, context.version);
        let attempts = self.attempts(O::NAME, O::REPEATABLE, call.watch());
        // Large, and within the futures of all that send.
        call.follow(Box::pin(self.repeat(context, operation, attempts)))
            .await
    }

    async fn repeat<O: Operation>(
        &self,
        context: &Context,
        operation: &O,
        mut attempts: Attempts,
    ) -> Result<O::Response> {
        let mut parts = Parts::of(operation);
        loop {
            let place = match attempts.begin().await {
                Ok(place) => place,
                Err(error) => return parts.given_up(of_ews(error)),
            };
            parts.begin();
            let sent = self.send_as(context, parts.request(), attempts.watch());
            let sent = async { sent.await?.into_result::<O>() };
            let error = match attempts.within(sent).await {
                Ok(answer) => match parts.take(answer, &attempts) {
                    Some(error) => error,
                    None => {
                        attempts.answered(&place);
                        return parts.answer();
                    }
                },
                Err(error) => in_doubt::<O>(error),
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
    /// it did not reach the server, or was refused for the version it is made for.
    ///
    /// # Errors
    ///
    /// Those of connecting and logging on, and [`ErrorKind::Protocol`](crate::ErrorKind::Protocol) for what is no envelope or
    /// answers another operation.
    pub async fn send_raw(&self, operation: &'static str, body: &str) -> Result<String> {
        let context = self.context().await?;
        let arrived = self.send_raw_in(&context, operation, body).await?;
        let Some(refused) = versions::check_raw(operation, &arrived)? else {
            return Ok(arrived.envelope);
        };
        let Ok(context) = self.correct(&context, refused).await else {
            return Ok(arrived.envelope);
        };
        let arrived = self.send_raw_in(&context, operation, body).await?;
        versions::check_raw(operation, &arrived)?;
        Ok(arrived.envelope)
    }

    async fn send_raw_in(
        &self,
        context: &Context,
        operation: &'static str,
        body: &str,
    ) -> Result<Arrived<()>> {
        let envelope = bytes::Bytes::from(soap::raw_request(context, body));
        let call = self.watch(operation, context.version);
        let attempts = self.attempts(operation, false, call.watch());
        call.follow(self.repeat_raw(operation, envelope, attempts))
            .await
    }

    async fn repeat_raw(
        &self,
        operation: &'static str,
        envelope: bytes::Bytes,
        mut attempts: Attempts,
    ) -> Result<Arrived<()>> {
        loop {
            let place = attempts.begin().await.map_err(of_ews)?;
            let posted = self.post(operation, envelope.clone(), false, attempts.watch());
            match attempts.within(posted).await {
                Ok(arrived) => {
                    attempts.answered(&place);
                    return Ok(arrived);
                }
                Err(error) => {
                    let error = in_doubt_if(true, error);
                    attempts.failed(place, error).await.map_err(of_ews)?;
                }
            }
        }
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
        self.of_mailbox = Arc::default();
        self
    }

    /// The same client for requests about another mailbox, with the caller's own rights.
    #[must_use]
    pub(super) fn anchored_at(mut self, smtp_address: impl Into<String>) -> Self {
        self.anchor = Some(smtp_address.into());
        self.of_mailbox = Arc::default();
        self
    }

    /// The same client as one of a group whose requests all go to the same server, as
    /// subscriptions want it.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/exchange-web-services/how-to-maintain-affinity-between-group-of-subscriptions-and-mailbox-server>
    // The groups of subscriptions are the first that need it.
    #[cfg_attr(not(test), expect(dead_code))]
    #[must_use]
    pub(super) fn in_group(mut self, group: Arc<Affinity>) -> Self {
        self.affinity = Some(group);
        self
    }

    /// By what right the mailbox is used.
    fn access(&self) -> Access {
        match (&self.impersonated, &self.anchor) {
            (Some(user), _) => Access::ActAs(user.clone()),
            (None, Some(address)) => Access::Shared(address.clone()),
            (None, None) => Access::Own,
        }
    }

    /// The attempts of one call, charged to the user in whose place it is made.
    fn attempts(&self, operation: &'static str, repeatable: bool, watch: &Watch) -> Attempts {
        let server = &self.server;
        let connections = server.transport.most_at_once(&server.url);
        let pacing = self.pacing();
        pacing.limit(server.concurrency(), connections);
        // The account itself, or the user in whose place it acts: theirs is the budget.
        let whose = self.impersonated.as_ref().map_or("", Principal::as_str);
        let whose = whose.to_lowercase();
        Attempts::new(pacing, operation, whose, repeatable).watched(watch.clone())
    }

    fn pacing(&self) -> &Arc<Pacing> {
        self.pacing.as_ref().unwrap_or(&self.server.pacing)
    }

    /// The attempts of a method that can find out what became of a change it made.
    pub(super) fn lookups(&self, called: &'static str) -> Attempts {
        self.attempts(called, false, &Watch::default())
    }

    async fn send_as<O: Operation>(
        &self,
        context: &Context,
        operation: &O,
        watch: &Watch,
    ) -> Result<Arrived<Answer<O::Response>>> {
        Needs::check(operation, context.version).map_err(of_ews)?;

        let envelope = soap::request(context, operation);
        let arrived = self.post(O::NAME, envelope, O::REPEATABLE, watch).await?;
        let arrived = self
            .server
            .read::<O>(arrived, operation.requested(), None)?;
        // What was asked is wanted again only for a refusal.
        Ok(arrived.explained(|| soap::request(context, operation)))
    }

    /// Sends an envelope and returns the one that came back, as text.
    async fn post(
        &self,
        operation: &'static str,
        envelope: impl Into<RequestBody>,
        repeatable: bool,
        watch: &Watch,
    ) -> Result<Arrived<()>> {
        let (call, body) = self
            .begin(operation, envelope.into(), repeatable, watch)
            .await?;
        let bytes = body.collect().await.map_err(of_ews)?;
        call.envelope(bytes)
    }

    /// Sends an envelope; the answer is still on its way when this returns.
    async fn begin(
        &self,
        operation: &'static str,
        envelope: RequestBody,
        repeatable: bool,
        watch: &Watch,
    ) -> Result<(Call, Body)> {
        let sent_id = Uuid::new_v4().to_string();
        let request = Request {
            method: http::Method::POST,
            operation,
            url: self.server.url.clone(),
            headers: self.headers(operation, &sent_id),
            body: envelope,
            affinity: self.affinity.clone(),
            timeout: None,
            watch: watch.clone(),
        };
        let mut call = Call {
            server: self.server.clone(),
            operation,
            repeatable,
            status: 0,
            headers: HeaderMap::new(),
            origin: Origin {
                operation,
                account: self.server.account.clone(),
                access: self.access(),
                asked: self.version(),
                is_version_open: self.server.is_version_open,
                request_id: Some(sent_id.clone()),
                ..Origin::default()
            },
        };
        let reply = self.server.transport.send(request).await;
        let Reply {
            status,
            headers,
            body,
        } = reply.map_err(of_ews)?;
        call.status = status;
        if let Some(id) = request_id(&headers) {
            call.origin.request_id = Some(id.to_owned());
        }
        call.origin.servers = servers(&headers);
        call.headers = headers;
        if is_of_another(&call.headers, &sent_id) {
            // The body is dropped unread, and its connection with it.
            return Err(call.stray());
        }
        Ok((call, body))
    }

    /// A call begins, for those who watch.
    fn watch(&self, operation: &'static str, version: ServerVersion) -> CallWatch {
        let mailbox = self.anchor.as_deref().map(MailboxHash::of);
        let server = &self.server;
        server.watchers.begin(
            Backend::Ews,
            operation,
            mailbox.or(server.account_hash),
            Some(version.as_str()),
        )
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
        let prefers = self.affinity.is_some().then_some("true");
        let texts = texts
            .into_iter()
            .chain([("x-preferserveraffinity", prefers)]);
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
        let mut arrived = arrived;
        {
            let mut known = self.info.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(info) = &answer.server {
                *known = Some(info.clone());
            }
            arrived.origin.server.clone_from(&known);
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
