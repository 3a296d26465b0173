//! The one door: a call out, its answer in.

mod batch;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use http::HeaderMap;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderName, HeaderValue};
use serde::de::DeserializeOwned;
use url::Url;
use uuid::Uuid;

pub(super) use batch::CALLS_PER_REQUEST;

use super::call::{Call, Content, Ids, Place};
use super::odata_error::{self, Scene};
use super::page::{self, Link, Page, RawPage};
use super::stray;
use crate::connector::{Backend, MailboxTarget};
use crate::error::{Effect, Error, ErrorKind, Result, RetryAdvice, Unreadable};
use crate::http::{
    Body, ConnectionFacts, Request, RequestBody, Transport, is_of_another, request_id,
};
use crate::listing::{Listing, Page as ListedPage};
use crate::observe::{CallWatch, MailboxHash, Watch, Watchers};
use crate::retry::{Attempts, Pacing};
use crate::stream::ByteStream;

/// Sends calls to Graph, about one mailbox. Clones share connections and turns.
#[derive(Clone)]
pub(crate) struct Client {
    server: Arc<Server>,
    target: MailboxTarget,
    /// `/me`, or `/users/{address}`.
    prefix: Arc<str>,
    /// In place of the server's.
    pacing: Option<Arc<Pacing>>,
}

struct Server {
    base: Url,
    transport: Arc<dyn Transport>,
    /// For upload sessions, whose URLs are what allows to write to them.
    uploads: Arc<dyn Transport>,
    watchers: Arc<Watchers>,
    pacing: Arc<Pacing>,
}

/// Requests that may be under way for one mailbox and application.
///
/// Source: <https://learn.microsoft.com/graph/throttling-limits#outlook-service-limits>
pub(super) const AT_A_TIME: usize = 4;

/// And for all mailboxes together, so that no machine is flooded with connections.
pub(super) const ALL_AT_A_TIME: usize = 128;

/// A success.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// What a client is made of.
pub(super) struct Parts {
    pub(super) base: Url,
    pub(super) transport: Arc<dyn Transport>,
    pub(super) uploads: Arc<dyn Transport>,
    pub(super) watchers: Watchers,
    pub(super) pacing: Arc<Pacing>,
}

impl Client {
    /// About the mailbox of the signed-in user.
    pub(super) fn new(parts: Parts) -> Self {
        Self {
            server: Arc::new(Server {
                base: parts.base,
                transport: parts.transport,
                uploads: parts.uploads,
                watchers: Arc::new(parts.watchers),
                pacing: parts.pacing,
            }),
            target: MailboxTarget::Own,
            prefix: "/me".into(),
            pacing: None,
        }
    }

    /// The same about another mailbox.
    pub(super) fn about(&self, target: &MailboxTarget, prefix: String) -> Self {
        Self {
            target: target.clone(),
            prefix: prefix.into(),
            ..self.clone()
        }
    }

    /// The same client, whose calls are sent once each and wait for no others.
    pub(super) fn once(mut self) -> Self {
        self.pacing = Some(self.server.pacing.once());
        self
    }

    pub(crate) fn target(&self) -> &MailboxTarget {
        &self.target
    }

    pub(super) fn base(&self) -> &Url {
        &self.server.base
    }

    /// Without any token, for the ranges of upload sessions.
    pub(super) fn uploads(&self) -> &Arc<dyn Transport> {
        &self.server.uploads
    }

    pub(super) fn facts(&self) -> ConnectionFacts {
        self.server.transport.facts(&self.server.base)
    }

    /// Sends a call. If it fails for a passing reason it is sent again, as the [`RetryPolicy`](crate::RetryPolicy)
    /// says, and as far as that does no harm.
    pub(crate) async fn send(&self, call: &Call) -> Result<Answer> {
        let watched = self.watch(call.name);
        let attempts = self.attempts(call.name, call.repeatable, watched.watch());
        watched.follow(Box::pin(self.repeat(call, attempts))).await
    }

    async fn repeat(&self, call: &Call, mut attempts: Attempts) -> Result<Answer> {
        loop {
            let place = attempts.begin().await.map_err(of_graph)?;
            let asked = async {
                let (scene, body) = self.begin(call, attempts.watch()).await?;
                let body = body.collect().await.map_err(of_graph)?;
                scene.judge(self, call, body)
            };
            match attempts.within(asked).await {
                Ok(answer) => {
                    attempts.answered(&place);
                    return Ok(answer);
                }
                Err(error) => attempts.failed(place, error).await.map_err(of_graph)?,
            }
        }
    }

    /// The looks for what a change did whose answer was lost: each before the change is made again.
    pub(super) fn lookups(&self, operation: &'static str) -> Attempts {
        self.attempts(operation, false, &Watch::default())
    }

    /// Sends a call and reads the JSON that comes back.
    pub(crate) async fn json<T: DeserializeOwned>(&self, call: &Call) -> Result<T> {
        let answer = self.send(call).await?;
        answer.json(call)
    }

    /// Sends a call whose answer says nothing that is wanted.
    pub(crate) async fn done(&self, call: &Call) -> Result<()> {
        self.send(call).await.map(drop)
    }

    /// One page of a collection.
    pub(crate) async fn page<T: DeserializeOwned>(&self, call: &Call) -> Result<Page<T>> {
        let answer = self.send(call).await?;
        self.read_page(call, &answer)
    }

    /// The page in an answer that came in company.
    pub(crate) fn read_page<T: DeserializeOwned>(
        &self,
        call: &Call,
        answer: &Answer,
    ) -> Result<Page<T>> {
        let raw: RawPage = answer.json(call)?;
        let link = |text: Option<String>| text.map(|text| self.link(call.name, &text)).transpose();
        Ok(Page {
            items: raw.value.iter().map(|raw| page::read(raw)).collect(),
            next: link(raw.next)?,
            delta: link(raw.delta)?,
            count: raw.count,
        })
    }

    /// The page behind a link, asked for as the first one was.
    pub(crate) async fn follow<T: DeserializeOwned>(
        &self,
        first: &Call,
        link: &Link,
    ) -> Result<Page<T>> {
        self.page(&first.follow(link.0.clone())).await
    }

    /// A whole collection, page by page as it is asked for. What cannot be read is left out.
    pub(crate) fn list<T, U>(
        &self,
        call: Call,
        convert: impl Fn(T) -> Result<Option<U>> + Send + Sync + 'static,
    ) -> Listing<U>
    where
        T: DeserializeOwned + Send + 'static,
        U: Send + 'static,
    {
        let client = self.clone();
        let convert = Arc::new(convert);
        Listing::unfold(Some(call), move |state| {
            let (client, convert) = (client.clone(), Arc::clone(&convert));
            async move {
                let Some(call) = state else { return Ok(None) };
                let mut page = client.page::<T>(&call).await?;
                let next = page.next.take().map(|link| call.follow(link.0));
                let mut items = Vec::new();
                for item in page.readable(call.name) {
                    items.extend(convert(item)?);
                }
                Ok(Some((ListedPage::new(items), next)))
            }
        })
    }

    /// Content of any size, read while it comes. A refusal is an error at once.
    pub(crate) async fn open(&self, call: &Call) -> Result<ByteStream> {
        let watched = self.watch(call.name);
        let mut attempts = self.attempts(call.name, call.repeatable, watched.watch());
        let (body, place) = loop {
            let place = attempts.begin().await.map_err(of_graph)?;
            let begun = async {
                let (scene, mut body) = self.begin(call, attempts.watch()).await?;
                if (200..300).contains(&scene.status) {
                    // it passes through piece by piece
                    body.set_limit(u64::MAX);
                    return Ok(body);
                }
                let refused = body.collect().await.map_err(of_graph)?;
                Err(scene.refused(self, call, &refused))
            };
            match attempts.within(begun).await {
                Ok(body) => {
                    attempts.answered(&place);
                    break (body, place);
                }
                Err(error) => attempts.failed(place, error).await.map_err(of_graph)?,
            }
        };
        let name = call.name;
        Ok(ByteStream::unfold(
            // the request is under way until its end
            (body, place, watched),
            move |(mut body, place, watched)| async move {
                place.moved();
                let piece = body.chunk().await;
                let piece = piece.map_err(|error| of_graph(error).with_operation(name))?;
                Ok(piece.map(|piece| (piece, (body, place, watched))))
            },
        ))
    }

    /// A link of the server's, if it leads to the server: a token goes nowhere else.
    pub(crate) fn link(&self, operation: &'static str, text: &str) -> Result<Link> {
        let refuse = |why: String| {
            Error::new(ErrorKind::Protocol, operation, why)
                .with_backend(Backend::Graph)
                .with_hint("A link leads to another server than the one that was asked; the token is not sent there.")
        };
        let url = Url::parse(text).map_err(|_| refuse("a link is no URL".to_owned()))?;
        if url.origin() != self.server.base.origin() || !url.username().is_empty() {
            let host = url.host_str().unwrap_or("nowhere");
            return Err(refuse(format!("a link leads to {host}")));
        }
        Ok(Link(url))
    }

    fn watch(&self, operation: &'static str) -> CallWatch {
        let mailbox = self.target.address().map(MailboxHash::of);
        self.server
            .watchers
            .begin(Backend::Graph, operation, mailbox, Some("v1.0"))
    }

    /// The attempts of one call, charged to the mailbox.
    pub(super) fn attempts(
        &self,
        operation: &'static str,
        repeatable: bool,
        watch: &Watch,
    ) -> Attempts {
        let pacing = self.pacing.as_ref().unwrap_or(&self.server.pacing);
        let whose = self.prefix.to_lowercase();
        Attempts::new(pacing, operation, whose, repeatable).watched(watch.clone())
    }

    fn url(&self, call: &Call) -> Url {
        let mut url = self.server.base.clone();
        let path = match &call.place {
            Place::Link(link) => return link.clone(),
            Place::Mailbox(path) => format!("{}{path}", self.prefix),
            Place::Root(path) => path.clone(),
        };
        // encoded by whoever made it
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}{path}"));
        if !call.query.is_empty() {
            let mut pairs = url.query_pairs_mut();
            for (name, value) in &call.query {
                pairs.append_pair(name, value);
            }
        }
        url
    }

    fn headers(&self, call: &Call) -> Result<HeaderMap> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let lasting = (call.ids == Ids::Lasting).then_some("IdType=\"ImmutableId\"");
        for preference in lasting.into_iter().chain(["outlook.timezone=\"UTC\""]) {
            headers.append(PREFER, HeaderValue::from_static(preference));
        }
        for preference in &call.prefer {
            if let Ok(value) = HeaderValue::from_str(preference) {
                headers.append(PREFER, value);
            }
        }
        if let Some(version) = &call.if_match {
            let value = HeaderValue::from_str(version).map_err(|_| {
                let problem = "the version is none of this server's";
                Error::invalid_argument(call.name, problem).with_backend(Backend::Graph)
            })?;
            headers.insert(http::header::IF_MATCH, value);
        }
        if call.eventual {
            let value = HeaderValue::from_static("eventual");
            headers.insert(HeaderName::from_static("consistencylevel"), value);
        }
        let kind = match &call.content {
            Content::None => None,
            Content::Json(_) => Some("application/json"),
            Content::Mime(_) => Some("text/plain"),
        };
        if let Some(kind) = kind {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        Ok(headers)
    }

    /// Sends a call; the answer is still on its way when this returns.
    async fn begin(&self, call: &Call, watch: &Watch) -> Result<(Arrived, Body)> {
        let id = Uuid::new_v4().to_string();
        let mut headers = self.headers(call)?;
        for (name, text) in [
            ("client-request-id", id.as_str()),
            ("return-client-request-id", "true"),
        ] {
            if let Ok(value) = HeaderValue::from_str(text) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        let body = match &call.content {
            Content::None => RequestBody::default(),
            Content::Json(bytes) | Content::Mime(bytes) => bytes.clone().into(),
        };
        let request = Request {
            method: call.method.clone(),
            operation: call.name,
            url: self.url(call),
            headers,
            body,
            affinity: None,
            timeout: None,
            watch: watch.clone(),
        };
        let reply = self
            .server
            .transport
            .send(request)
            .await
            .map_err(of_graph)?;
        let arrived = Arrived {
            status: reply.status,
            headers: reply.headers,
        };
        if is_of_another(&arrived.headers, &id) {
            return Err(arrived.stray(call));
        }
        Ok((arrived, reply.body))
    }
}

const PREFER: HeaderName = HeaderName::from_static("prefer");

/// The head of an answer.
pub(super) struct Arrived {
    status: u16,
    headers: HeaderMap,
}

impl Arrived {
    fn judge(self, client: &Client, call: &Call, body: Vec<u8>) -> Result<Answer> {
        if !(200..300).contains(&self.status) {
            return Err(self.refused(client, call, &body));
        }
        if let Some(error) = stray::page(call, self.status, &self.headers, &body) {
            return Err(error);
        }
        Ok(Answer {
            status: self.status,
            headers: self.headers,
            body,
        })
    }

    fn refused(&self, client: &Client, call: &Call, body: &[u8]) -> Error {
        let scene = Scene {
            call,
            target: &client.target,
        };
        odata_error::error(&scene, self.status, &self.headers, body)
    }

    /// The answer is to another request.
    fn stray(&self, call: &Call) -> Error {
        let text = "the answer belongs to another request (client-request-id)";
        let error = Error::new(ErrorKind::Protocol, call.name, text)
            .with_backend(Backend::Graph)
            .with_status(self.status)
            .with_unreadable(Unreadable::Protocol)
            .with_hint("A proxy or balancer between mixes connections up.")
            .with_effect(Effect::Unknown);
        error.with_advice(RetryAdvice::After(std::time::Duration::ZERO))
    }
}

impl Answer {
    /// The JSON of the answer.
    pub(crate) fn json<T: DeserializeOwned>(&self, call: &Call) -> Result<T> {
        serde_json::from_slice(&self.body).map_err(|problem| {
            let effect = match call.repeatable {
                true => Effect::None,
                false => Effect::Unknown,
            };
            let error = Error::new(ErrorKind::Protocol, call.name, format!("the answer cannot be read: {problem}"))
                .with_backend(Backend::Graph)
                .with_status(self.status)
                .with_unreadable(Unreadable::Protocol)
                .with_effect(effect)
                .with_hint("See whether something between this program and the server changes answers; else report it with the request id.");
            match request_id(&self.headers) {
                Some(id) => error.with_request_id(id),
                None => error,
            }
        })
    }
}

pub(super) fn of_graph(error: Error) -> Error {
    error.with_backend(Backend::Graph)
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base", &self.server.base.as_str())
            .field("target", &self.target)
            .finish_non_exhaustive()
    }
}
