//! The HTTP side: connections, logon, troubles, and the way from request to answer.

use std::collections::{BTreeMap, VecDeque};
use std::io::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use http::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue, SERVER,
    USER_AGENT, WWW_AUTHENTICATE,
};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::answers::{Answers, Remembered};
use super::auth::{
    AccountState, AuthScheme, Bearer, Connection, ExtendedProtection, Rules, Verdict, WrongToken,
    judge,
};
use super::autodiscover::{Front, Service};
use super::certificate::Tls;
use super::dispatch::{Orders, exchange, refused};
use super::disturbance::{self, Disturbance, Target};
use super::graph;
use super::headers::Dressing;
use super::log::{ConnectionLog, Exchange, Log, MetTrouble, Violation};
use super::refusal::Fault;
use super::soap;
use super::store::Store;
use super::trouble::Trouble;
use super::version::SimulatedVersion;
use super::wire::{Content, Dropped, Tail, Wire};

/// What all connections share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) store: Mutex<Store>,
    pub(super) log: Mutex<Log>,
    pub(super) violations: Mutex<Vec<Violation>>,
    pub(super) exchanges: Mutex<Vec<Exchange>>,
    pub(super) troubles: Mutex<VecDeque<Trouble>>,
    /// Troubles of the next connections.
    pub(super) connection_troubles: Mutex<VecDeque<Trouble>>,
    pub(super) disturbances: Mutex<Vec<Disturbance>>,
    pub(super) answers: Mutex<Answers>,
    /// The same of Graph.
    pub(super) graph_answers: Mutex<Answers>,
    /// How many requests each account has under way.
    pub(super) running: Mutex<BTreeMap<usize, usize>>,
    /// How many it may have.
    pub(super) concurrency: Mutex<Option<usize>>,
    /// How many may be under way for one mailbox on Graph.
    pub(super) mailbox_concurrency: Mutex<Option<usize>>,
    /// Whose programs may use EWS, by their user agent; all where it is `None`.
    pub(super) programs: Mutex<Option<Vec<String>>>,
    /// How often it started anew.
    pub(super) restarts: watch::Sender<u64>,
    pub(super) find_limit: Mutex<Option<usize>>,
    pub(super) batch_limit: Mutex<Option<usize>>,
    /// How far the clock was put on.
    pub(super) ahead: Mutex<TimeDelta>,
    pub(super) autodiscover: Mutex<Front>,
    /// Access tokens, and what the authority knows.
    pub(super) tokens: Mutex<graph::Tokens>,
    pub(super) settings: Settings,
}

/// What does not change while a simulator runs.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) schemes: Vec<AuthScheme>,
    pub(super) protection: ExtendedProtection,
    pub(super) tls: Option<Tls>,
    pub(super) version: SimulatedVersion,
    pub(super) check_schema: bool,
    pub(super) record: bool,
    pub(super) compress: bool,
    pub(super) ews_url: String,
    /// The clock, where it stands still.
    pub(super) now: Option<DateTime<Utc>>,
}

/// A lock that a panic elsewhere does not take away.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub(super) fn now(&self) -> DateTime<Utc> {
        let now = self.settings.now.unwrap_or_else(Utc::now);
        let ahead = *lock(&self.ahead);
        now.checked_add_signed(ahead).unwrap_or(now)
    }
}

/// Accepts connections until it is dropped; they end with it, or when it starts anew.
pub(super) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    let mut restarts = shared.restarts.subscribe();
    loop {
        while connections.try_join_next().is_some() {}
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = restarts.changed() => {
                connections.abort_all();
                continue;
            }
        };
        let Ok((stream, _)) = accepted else {
            continue;
        };
        connections.spawn(accept(stream, Arc::clone(&shared)));
    }
}

async fn accept(stream: TcpStream, shared: Arc<Shared>) {
    // Small answers must not wait for more data.
    let _ = stream.set_nodelay(true);
    let trouble = shared.connection_trouble();
    match trouble {
        Some(Trouble::Refuse) => return,
        Some(Trouble::Silence(time)) => tokio::time::sleep(time).await,
        _ => {}
    }
    let Some(tls) = &shared.settings.tls else {
        connection(TokioIo::new(stream), None, Arc::clone(&shared)).await;
        return;
    };
    let shown = match trouble {
        Some(Trouble::Certificate(which)) => tls.certificate(which).ok(),
        _ => Some(tls.current()),
    };
    if let Some(shown) = shown
        && let Ok(stream) = shown.acceptor.accept(stream).await
    {
        let binding = Some(shown.binding);
        connection(TokioIo::new(stream), binding, Arc::clone(&shared)).await;
    }
}

async fn connection<S>(stream: S, binding: Option<[u8; 16]>, shared: Arc<Shared>)
where
    S: hyper::rt::Read + hyper::rt::Write + Unpin,
{
    let number = {
        let mut log = lock(&shared.log);
        log.connections.push(ConnectionLog::default());
        log.connections.len() - 1
    };
    let state = Arc::new(Mutex::new(Connection::default()));
    let (stream, tail) = Wire::new(stream);
    let service = service_fn(move |request| {
        let visit = Visit {
            shared: Arc::clone(&shared),
            state: Arc::clone(&state),
            tail: Arc::clone(&tail),
            binding,
            connection: number,
        };
        async move { visit.answer(request).await }
    });
    // An error here is a client that went away, or a connection that was to break.
    let _ = http1::Builder::new()
        .title_case_headers(true)
        .serve_connection(stream, service)
        .await;
}

impl Shared {
    /// The trouble that a connection meets.
    fn connection_trouble(&self) -> Option<Trouble> {
        let ordered = lock(&self.connection_troubles).pop_front();
        self.meet(ordered, Target::Connection)
    }

    /// What meets the target: a trouble that was ordered for it comes first.
    pub(super) fn meet(&self, ordered: Option<Trouble>, target: Target<'_>) -> Option<Trouble> {
        let trouble = disturbance::meet(&mut lock(&self.disturbances), target, ordered)?;
        let (operation, account) = target.names();
        lock(&self.log).met.push(MetTrouble {
            trouble: trouble.name(),
            operation,
            account,
        });
        Some(trouble)
    }
}

pub(super) type Answer = Response<Content>;

pub(super) fn respond(status: u16, kind: &'static str, body: impl Into<Bytes>) -> Answer {
    let mut response = Response::new(Content::new(body));
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(SERVER, HeaderValue::from_static("Microsoft-IIS/10.0"));
    headers.insert("x-powered-by", HeaderValue::from_static("ASP.NET"));
    response
}

pub(super) const HTML: &str = "text/html; charset=utf-8";
pub(super) const XML: &str = "text/xml; charset=utf-8";

/// One request on its connection.
pub(super) struct Visit {
    pub(super) shared: Arc<Shared>,
    state: Arc<Mutex<Connection>>,
    pub(super) tail: Arc<Mutex<Tail>>,
    /// What a logon over the connection is bound to.
    binding: Option<[u8; 16]>,
    pub(super) connection: usize,
}

/// A place among the requests of an account that are under way.
pub(super) struct Place {
    shared: Arc<Shared>,
    account: usize,
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(running) = lock(&self.shared.running).get_mut(&self.account) {
            *running = running.saturating_sub(1);
        }
    }
}

impl Visit {
    async fn answer(self, request: Request<Incoming>) -> Result<Answer, Dropped> {
        lock(&self.shared.log).http_requests += 1;
        if let Some(service) = Service::at(request.uri().path()) {
            return self.autodiscover(service, request).await;
        }
        if graph::is_at(request.uri().path()) {
            return self.graph(request).await;
        }
        if graph::authority_endpoint(request.uri().path()).is_some() {
            return self.authority(request).await;
        }
        let (head, body) = request.into_parts();
        if !head.uri.path().eq_ignore_ascii_case("/EWS/Exchange.asmx") {
            return Ok(respond(404, HTML, "<html><body>Not found</body></html>"));
        }
        let (account, handshake) = match self.log_on(&head.headers) {
            Ok(accepted) => accepted,
            Err(response) => {
                // The body is read, or the connection could not go on.
                let _ = body.collect().await;
                return Ok(self.dressed(*response, &head.headers, false));
            }
        };
        if self.is_forbidden(account, &head.headers) {
            let _ = body.collect().await;
            return Ok(self.dressed(respond(403, HTML, ""), &head.headers, true));
        }
        if head.method != Method::POST {
            return Ok(respond(405, HTML, "<html><body>Use POST</body></html>"));
        }
        if body.is_end_stream() {
            // A client that logs on before it sends what it has.
            return Ok(respond(400, HTML, ""));
        }
        let _place = match self.enter(account) {
            Ok(place) => place,
            Err(fault) => {
                let _ = body.collect().await;
                let response = self.fault(&fault);
                return Ok(self.dressed(response, &head.headers, true));
            }
        };
        let action = operation(&head.headers).unwrap_or_default();
        let trouble = self.ordered(action, &self.address(account));
        let body = self.receive(body, trouble.as_ref()).await?;
        if let Some(response) = self.too_large(body.len()) {
            return Ok(response);
        }
        if trouble == Some(Trouble::ForgetLogon) {
            *lock(&self.state) = Connection::Unknown;
            if !handshake {
                return Ok(self.dressed(self.unauthorized(None), &head.headers, false));
            }
        }
        if let Some(response) = trouble.as_ref().and_then(|one| self.instead(one)) {
            return Ok(response);
        }
        let mut answer = self.run(account, &head.headers, &body, trouble.as_ref());
        match trouble {
            Some(Trouble::DropAfter) => return Err(Dropped),
            Some(Trouble::Delay(time)) => tokio::time::sleep(time).await,
            Some(Trouble::OtherOperation | Trouble::OtherRequest) => {
                let same_operation = trouble == Some(Trouble::OtherRequest);
                answer = lock(&self.shared.answers).other(&answer, same_operation);
            }
            _ => {}
        }
        let mut response = self.wrap(&answer, &head.headers);
        if let Some(trouble) = trouble {
            self.spoil(&mut response, trouble);
        }
        Ok(response)
    }

    /// What the operation answers, so far as a trouble lets it.
    fn run(
        &self,
        account: usize,
        headers: &HeaderMap,
        body: &[u8],
        trouble: Option<&Trouble>,
    ) -> Remembered {
        let orders = match trouble {
            Some(Trouble::Message { code, back_off }) => Orders {
                refusal: Some(refused(code, *back_off)),
                stopped: None,
            },
            Some(Trouble::Item { at, code, back_off }) => Orders {
                refusal: None,
                stopped: Some((*at, refused(code, *back_off), false)),
            },
            Some(Trouble::Stop { at, code, back_off }) => Orders {
                refusal: None,
                stopped: Some((*at, refused(code, *back_off), true)),
            },
            _ => Orders::default(),
        };
        let visit = self.connection;
        let (status, envelope) = exchange(&self.shared, visit, account, headers, body, orders);
        let id = headers.get("client-request-id").cloned();
        let answer = Remembered {
            operation: operation(headers).unwrap_or_default().to_owned(),
            status,
            envelope,
            id,
        };
        lock(&self.shared.answers).remember(&answer);
        answer
    }

    /// Of the mailbox.
    pub(super) fn address(&self, account: usize) -> String {
        let store = lock(&self.shared.store);
        let mailbox = store.mailboxes.get(account);
        mailbox.map_or_else(String::new, |one| one.address.email.clone())
    }

    /// Whether EWS is off for a mailbox, or for the program that asks.
    fn is_forbidden(&self, account: usize, headers: &HeaderMap) -> bool {
        let store = lock(&self.shared.store);
        let state = store.mailboxes.get(account).map(|mailbox| mailbox.state);
        if state == Some(AccountState::EwsDisabled) {
            return true;
        }
        let agent = headers
            .get(USER_AGENT)
            .and_then(|value| value.to_str().ok());
        let agent = agent.unwrap_or_default();
        let allowed = |pattern: &String| match pattern.strip_suffix('*') {
            Some(start) => agent.starts_with(start),
            None => agent == pattern,
        };
        let programs = lock(&self.shared.programs);
        programs
            .as_ref()
            .is_some_and(|patterns| !patterns.iter().any(allowed))
    }

    /// Takes a place among the requests of an account, if one is free.
    fn enter(&self, account: usize) -> Result<Place, Fault> {
        let limit = *lock(&self.shared.concurrency);
        self.take_place(account, limit)
            .ok_or_else(|| Fault::too_many_at_once(limit.unwrap_or_default()))
    }

    /// One more request under way, if there are fewer than `limit`.
    pub(super) fn take_place(&self, account: usize, limit: Option<usize>) -> Option<Place> {
        let mut all = lock(&self.shared.running);
        let running = all.entry(account).or_default();
        let mut log = lock(&self.shared.log);
        if limit.is_some_and(|limit| *running >= limit) {
            log.refused_concurrency += 1;
            return None;
        }
        *running += 1;
        log.most_at_once = log.most_at_once.max(*running);
        Some(Place {
            shared: Arc::clone(&self.shared),
            account,
        })
    }

    /// The account of a request and whether it logs on with it, or the 401 to send.
    pub(super) fn log_on(&self, headers: &HeaderMap) -> Result<(usize, bool), Box<Answer>> {
        let bearer = self.bearer(headers);
        let store = lock(&self.shared.store);
        let mut state = lock(&self.state);
        let rules = Rules {
            schemes: &self.shared.settings.schemes,
            protection: self.shared.settings.protection,
            binding: self.binding,
            bearer: bearer.as_ref(),
        };
        let verdict = judge(&mut state, headers, &rules, &store);
        let mut log = lock(&self.shared.log);
        let challenge = match verdict {
            Verdict::Accepted(account, handshake) => {
                log.requests += 1;
                if let Some(connection) = log.connections.get_mut(self.connection) {
                    connection.handshakes += u32::from(handshake);
                    connection.requests += 1;
                    connection.identity = store
                        .mailboxes
                        .get(account)
                        .map(|mailbox| mailbox.address.email.clone());
                    if let Some(identity) = &connection.identity
                        && !connection.identities.contains(identity)
                    {
                        connection.identities.push(identity.clone());
                    }
                }
                return Ok((account, handshake));
            }
            Verdict::Anonymous => None,
            Verdict::Challenge(challenge) => Some(challenge),
            Verdict::WrongCredentials => {
                log.wrong_credentials += 1;
                None
            }
            Verdict::WrongBinding => {
                log.wrong_bindings += 1;
                None
            }
            Verdict::WrongToken(wrong) => {
                log.wrong_credentials += 1;
                let mut response = self.unauthorized(None);
                let said = HeaderValue::from_static(wrong.diagnostics());
                response.headers_mut().insert("x-ms-diagnostics", said);
                return Err(Box::new(response));
            }
        };
        Err(Box::new(self.unauthorized(challenge)))
    }

    /// What the access token of a request means for EWS, if it has one.
    fn bearer(&self, headers: &HeaderMap) -> Option<Result<Bearer, WrongToken>> {
        let header = headers.get(AUTHORIZATION)?.to_str().ok()?;
        let (scheme, token) = header.split_once(' ')?;
        let is_bearer = scheme.eq_ignore_ascii_case(AuthScheme::Bearer.name());
        is_bearer.then(|| lock(&self.shared.tokens).for_ews(token.trim(), self.shared.now()))
    }

    fn unauthorized(&self, challenge: Option<String>) -> Answer {
        let mut response = respond(
            401,
            HTML,
            "<!DOCTYPE html><html><head><title>401 - Unauthorized: Access is denied due to invalid credentials.</title></head><body><h2>401 - Unauthorized</h2></body></html>",
        );
        let offers = match challenge {
            Some(challenge) => vec![challenge],
            None => self
                .shared
                .settings
                .schemes
                .iter()
                .map(|scheme| match scheme {
                    AuthScheme::Basic => "Basic realm=\"mail.example.test\"".to_owned(),
                    AuthScheme::Bearer => self.bearer_offer(),
                    other => other.name().to_owned(),
                })
                .collect(),
        };
        for offer in offers {
            if let Ok(value) = HeaderValue::from_str(&offer) {
                response.headers_mut().append(WWW_AUTHENTICATE, value);
            }
        }
        response
    }

    /// Who issues the tokens that are taken.
    ///
    /// Source: <https://learn.microsoft.com/microsoft-365/enterprise/configure-exchange-server-for-hybrid-modern-authentication>
    fn bearer_offer(&self) -> String {
        let url = &self.shared.settings.ews_url;
        let origin = url.split("/EWS/").next().unwrap_or_default();
        format!(
            "Bearer client_id=\"00000002-0000-0ff1-ce00-000000000000\", token_types=\"app_asserted_user_v1 service_asserted_app_v1\", authorization_uri=\"{origin}/common/oauth2/authorize\""
        )
    }

    /// What IIS and ASP.NET answer to more bytes than they allow.
    pub(super) fn too_large(&self, bytes: usize) -> Option<Answer> {
        let limit = lock(&self.shared.store).limits.request?;
        if bytes <= limit {
            return None;
        }
        let old = self.shared.settings.version < SimulatedVersion::Exchange2010;
        Some(if old {
            let page = "<html><head><title>Maximum request length exceeded.</title></head></html>";
            respond(500, HTML, page)
        } else {
            respond(413, HTML, "")
        })
    }

    pub(super) fn fault(&self, fault: &Fault) -> Answer {
        respond(500, XML, soap::fault(self.shared.settings.version, fault))
    }

    /// With the headers that Exchange puts on its answers.
    fn dressed(&self, mut response: Answer, asked: &HeaderMap, known: bool) -> Answer {
        let persistent = known && matches!(*lock(&self.state), Connection::Authenticated(_));
        let dressing = Dressing {
            version: self.shared.settings.version,
            asked,
            known,
            persistent,
            tls: self.shared.settings.tls.is_some(),
        };
        dressing.put_on(&mut response);
        response
    }

    /// The HTTP answer around an envelope.
    fn wrap(&self, answer: &Remembered, asked: &HeaderMap) -> Answer {
        let envelope = &answer.envelope;
        let accepts = asked
            .get(ACCEPT_ENCODING)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.contains("gzip"));
        let packed = (self.shared.settings.compress && accepts && envelope.len() > 1024)
            .then(|| gzip(envelope.as_bytes()))
            .flatten();
        let mut response = match packed {
            Some(packed) => {
                let mut response = respond(answer.status, XML, packed);
                let headers = response.headers_mut();
                headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
                response
            }
            None => respond(answer.status, XML, envelope.clone()),
        };
        let headers = response.headers_mut();
        headers.insert("cache-control", HeaderValue::from_static("private"));
        let wants_echo = asked
            .get("return-client-request-id")
            .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"true"));
        if let Some(id) = answer.id.as_ref().filter(|_| wants_echo) {
            headers.insert("client-request-id", id.clone());
        }
        self.dressed(response, asked, true)
    }
}

/// The operation that a request names in its `SOAPAction`.
fn operation(headers: &HeaderMap) -> Option<&str> {
    let action = headers.get("soapaction")?.to_str().ok()?;
    action.trim_matches('"').rsplit('/').next()
}

pub(super) fn gzip(data: &[u8]) -> Option<Vec<u8>> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(data).ok()?;
    packer.finish().ok()
}
