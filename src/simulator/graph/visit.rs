//! From an HTTP request to Graph to its answer: token, limits, troubles, recording.

use http::header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue};
use http::request::Parts;
use http::{HeaderMap, Request};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;

use super::super::answers::Remembered;
use super::super::dispatch::said;
use super::super::log::Exchange;
use super::super::server::{Answer, Visit, gzip, lock, respond};
use super::super::trouble::Trouble;
use super::super::wire::Dropped;
use super::mail::upload;
use super::refusal::GraphRefusal;
use super::reply::{Content, JSON, Reply};
use super::request::GraphRequest;
use super::token::Grant;
use super::{part, route};

impl Visit {
    /// Answers a request to Graph.
    pub(in crate::simulator) async fn graph(
        self,
        request: Request<Incoming>,
    ) -> Result<Answer, Dropped> {
        let (head, body) = request.into_parts();
        if head.uri.path().starts_with(upload::ROOT) {
            return self.upload(&head, body).await;
        }
        let token = match self.token(&head.headers) {
            Ok(token) => token,
            Err(refusal) => {
                // The body is read, or the connection could not go on.
                let _ = body.collect().await;
                return Ok(Reply::refused(&refusal).into_answer(&head.headers, respond));
            }
        };
        let mailbox = self.mailbox_of(&head, &token);
        let account = match token.user {
            Some(user) => self.address(user),
            None => mailbox.map_or_else(String::new, |owner| self.address(owner)),
        };
        self.note_request(&account);
        let place = match mailbox {
            Some(owner) => self.enter_mailbox(owner).map(Some),
            None => Ok(None),
        };
        let _place = match place {
            Ok(place) => place,
            Err(refusal) => {
                let _ = body.collect().await;
                return Ok(Reply::refused(&refusal).into_answer(&head.headers, respond));
            }
        };
        let operation = operation(&head);
        let trouble = self.ordered(&operation, &account);
        let body = self.receive(body, trouble.as_ref()).await?;
        if let Some(response) = self.too_large(body.len()) {
            return Ok(response);
        }
        if let Some(response) = trouble.as_ref().and_then(|one| instead(one, &head.headers)) {
            return Ok(response);
        }
        let request = GraphRequest {
            page_limit: *lock(&self.shared.find_limit),
            ..GraphRequest::new(&self.shared, &head, body, token)
        };
        let reply = match &trouble {
            Some(Trouble::Item { at, code, back_off }) => {
                let refusal = ordered(code, *back_off);
                part::refused(&self.shared, &request, *at, false, &refusal)
            }
            Some(Trouble::Stop { at, code, back_off }) => {
                let refusal = ordered(code, *back_off);
                part::refused(&self.shared, &request, *at, true, &refusal)
            }
            _ => route::answer(&self.shared, &request),
        };
        self.keep(&operation, &account, &head, &request, &reply);
        self.send(reply, &operation, &head.headers, trouble).await
    }

    /// Answers a request to an upload session, whose URL is what allows it.
    async fn upload(&self, head: &Parts, body: Incoming) -> Result<Answer, Dropped> {
        let operation = format!("{} {}", head.method, upload::ROOT);
        let trouble = self.ordered(&operation, "");
        let body = self.receive(body, trouble.as_ref()).await?;
        let other = trouble.as_ref();
        if let Some(response) = other.and_then(|one| instead(one, &head.headers)) {
            return Ok(response);
        }
        let reply = upload::answer(&self.shared, head, &body);
        self.send(reply, &operation, &head.headers, trouble).await
    }

    fn token(&self, headers: &HeaderMap) -> Result<Grant, GraphRefusal> {
        let authorization = headers.get(AUTHORIZATION);
        let authorization = authorization.and_then(|value| value.to_str().ok());
        let now = self.shared.now();
        let judged = lock(&self.shared.tokens).judge(authorization, now);
        if judged.is_err() {
            lock(&self.shared.log).wrong_credentials += 1;
        }
        judged
    }

    /// The mailbox a request is about. A batch is about none: its parts come one after the other.
    fn mailbox_of(&self, head: &Parts, token: &Grant) -> Option<usize> {
        let request = GraphRequest::new(&self.shared, head, bytes::Bytes::new(), token.clone());
        match request.segments.as_slice() {
            [me, ..] if me == "me" => token.user,
            [users, user, ..] if users == "users" => {
                let store = lock(&self.shared.store);
                store.by_any_name(user)
            }
            _ => None,
        }
    }

    fn note_request(&self, account: &str) {
        let mut log = lock(&self.shared.log);
        log.requests += 1;
        if let Some(connection) = log.connections.get_mut(self.connection) {
            connection.requests += 1;
            connection.identity = Some(account.to_owned());
            if !connection.identities.iter().any(|one| one == account) {
                connection.identities.push(account.to_owned());
            }
        }
    }

    /// Takes a place among the requests for a mailbox, if one is free.
    ///
    /// Source: <https://learn.microsoft.com/graph/throttling-limits#outlook-service-limits>
    fn enter_mailbox(&self, owner: usize) -> Result<super::super::server::Place, GraphRefusal> {
        let limit = *lock(&self.shared.mailbox_concurrency);
        self.take_place(owner, limit).ok_or_else(|| {
            let mut refusal = GraphRefusal::new(
                429,
                "ApplicationThrottled",
                "Application is over its MailboxConcurrency limit.",
            );
            refusal.headers.push(("retry-after", "1".to_owned()));
            refusal
        })
    }

    /// Keeps a request and its answer where the simulator was told to.
    fn keep(
        &self,
        operation: &str,
        account: &str,
        head: &Parts,
        request: &GraphRequest,
        reply: &Reply,
    ) {
        if !self.shared.settings.record {
            return;
        }
        let headers = head.headers.iter();
        let headers = headers
            .filter(|(name, _)| *name != AUTHORIZATION)
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_owned(), value)
            })
            .collect();
        let target = head
            .uri
            .path_and_query()
            .map_or("", |target| target.as_str());
        lock(&self.shared.exchanges).push(Exchange {
            operation: operation.to_owned(),
            target: target.to_owned(),
            identity: account.to_owned(),
            headers,
            request: String::from_utf8_lossy(&request.body).into_owned(),
            status: reply.status,
            answer: reply.text(),
        });
    }

    /// Sends a reply, so far as a trouble lets it.
    async fn send(
        &self,
        mut reply: Reply,
        operation: &str,
        asked: &HeaderMap,
        trouble: Option<Trouble>,
    ) -> Result<Answer, Dropped> {
        let mut asked = asked.clone();
        let answer = Remembered {
            operation: operation.to_owned(),
            status: reply.status,
            envelope: reply.text(),
            id: asked.get("client-request-id").cloned(),
        };
        lock(&self.shared.graph_answers).remember(&answer);
        match trouble {
            Some(Trouble::DropAfter) => return Err(Dropped),
            Some(Trouble::Truncate) if matches!(reply.content, Content::Nothing) => {
                return Err(Dropped);
            }
            Some(Trouble::Delay(time)) => tokio::time::sleep(time).await,
            Some(Trouble::OtherOperation | Trouble::OtherRequest) => {
                let same_operation = trouble == Some(Trouble::OtherRequest);
                let other = lock(&self.shared.graph_answers).other(&answer, same_operation);
                reply.status = other.status;
                reply.content = Content::Bytes(other.envelope.into(), JSON);
                if let Some(id) = other.id {
                    asked.insert("client-request-id", id);
                }
            }
            _ => {}
        }
        let mut response = reply.into_answer(&asked, respond);
        if self.shared.settings.compress {
            pack(&mut response, &asked);
        }
        if let Some(trouble) = trouble {
            self.spoil(&mut response, trouble);
        }
        Ok(response)
    }
}

/// What a request asks for, without ids: `GET /me/events/{id}`.
fn operation(head: &Parts) -> String {
    let path = head.uri.path();
    let path = path.get(super::ROOT.len()..).unwrap_or_default();
    let segments: Vec<String> = path
        .split('/')
        .filter(|segment| !segment.is_empty())
        .map(|segment| {
            let decoded = percent_encoding::percent_decode_str(segment);
            decoded.decode_utf8_lossy().into_owned()
        })
        .collect();
    format!("{} {}", head.method, route::shape(&segments))
}

/// What a trouble answers in place of Graph.
fn instead(trouble: &Trouble, asked: &HeaderMap) -> Option<Answer> {
    let refusal = match trouble {
        Trouble::Status { body, .. } => {
            let mut response = Visit::instead_of_any(trouble)?;
            if body.starts_with('{') {
                let kind = HeaderValue::from_static(JSON);
                response.headers_mut().insert(CONTENT_TYPE, kind);
            }
            return Some(response);
        }
        Trouble::Fault { code, back_off } => ordered(code, *back_off),
        Trouble::Message { code, back_off } => ordered(code, *back_off),
        Trouble::ForgetLogon => GraphRefusal::expired(),
        _ => return Visit::instead_of_any(trouble),
    };
    Some(Reply::refused(&refusal).into_answer(asked, respond))
}

/// The refusal that a trouble ordered: Outlook's services say on Graph what they say on EWS.
fn ordered(code: &str, back_off: Option<u32>) -> GraphRefusal {
    let status = GraphRefusal::status_of(code);
    let mut refusal = GraphRefusal::new(status, code, said(code));
    if let Some(back_off) = back_off {
        let wait = f64::from(back_off) / 1000.0;
        refusal.headers.push(("retry-after", wait.to_string()));
    }
    refusal
}

fn pack(response: &mut Answer, asked: &HeaderMap) {
    let accepts = asked
        .get(ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains("gzip"));
    let is_json = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind == JSON);
    if !accepts || !is_json || response.body().data.len() <= 1024 {
        return;
    }
    if let Some(packed) = gzip(&response.body().data) {
        *response.body_mut() = super::super::wire::Content::new(packed);
        let gzip = HeaderValue::from_static("gzip");
        response.headers_mut().insert(CONTENT_ENCODING, gzip);
    }
}
