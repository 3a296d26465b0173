//! The HTTP side: connections, logon, troubles, and the way from request to answer.

use std::collections::VecDeque;
use std::io::Write as _;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use http::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue, SERVER,
    WWW_AUTHENTICATE,
};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::auth::{AuthScheme, Connection, Verdict, judge};
use super::dispatch::{BUSY, Orders, exchange, refused};
use super::log::{ConnectionLog, Exchange, Log, Violation};
use super::refusal::{Fault, FaultDetail};
use super::soap;
use super::store::Store;
use super::trouble::{Disturbance, Trouble};
use super::version::SimulatedVersion;

/// What all connections share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) store: Mutex<Store>,
    pub(super) log: Mutex<Log>,
    pub(super) violations: Mutex<Vec<Violation>>,
    pub(super) exchanges: Mutex<Vec<Exchange>>,
    pub(super) troubles: Mutex<VecDeque<Trouble>>,
    pub(super) disturbances: Mutex<Vec<Disturbance>>,
    pub(super) find_limit: Mutex<Option<usize>>,
    pub(super) batch_limit: Mutex<Option<usize>>,
    /// How far the clock was put on.
    pub(super) ahead: Mutex<TimeDelta>,
    pub(super) settings: Settings,
}

/// What does not change while a simulator runs.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) schemes: Vec<AuthScheme>,
    pub(super) version: SimulatedVersion,
    pub(super) check_schema: bool,
    pub(super) record: bool,
    pub(super) compress: bool,
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

/// Accepts connections until it is dropped.
pub(super) async fn serve(listener: TcpListener, tls: Option<TlsAcceptor>, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        // Small answers must not wait for more data.
        let _ = stream.set_nodelay(true);
        let (tls, shared) = (tls.clone(), Arc::clone(&shared));
        connections.spawn(async move {
            match tls {
                Some(tls) => {
                    if let Ok(stream) = tls.accept(stream).await {
                        connection(TokioIo::new(stream), shared).await;
                    }
                }
                None => connection(TokioIo::new(stream), shared).await,
            }
        });
    }
}

async fn connection<S>(stream: S, shared: Arc<Shared>)
where
    S: hyper::rt::Read + hyper::rt::Write + Unpin,
{
    let number = {
        let mut log = lock(&shared.log);
        log.connections.push(ConnectionLog::default());
        log.connections.len() - 1
    };
    let state = Arc::new(Mutex::new(Connection::default()));
    let service = service_fn(move |request| {
        let visit = Visit {
            shared: Arc::clone(&shared),
            state: Arc::clone(&state),
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

/// The connection is to close without an answer.
#[derive(Debug)]
struct Dropped;

impl std::fmt::Display for Dropped {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("the connection was dropped on purpose")
    }
}

impl std::error::Error for Dropped {}

/// An answer's body; a broken one ends before it says it would.
struct Content {
    data: Option<Bytes>,
    announced: u64,
    broken: bool,
}

impl Body for Content {
    type Data = Bytes;
    type Error = Dropped;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Dropped>>> {
        Poll::Ready(match self.data.take() {
            Some(data) => Some(Ok(Frame::data(data))),
            None if self.broken => Some(Err(Dropped)),
            None => None,
        })
    }

    fn is_end_stream(&self) -> bool {
        self.data.is_none() && !self.broken
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.announced)
    }
}

fn content(data: impl Into<Bytes>) -> Content {
    let data = data.into();
    Content {
        announced: u64::try_from(data.len()).unwrap_or_default(),
        data: (!data.is_empty()).then_some(data),
        broken: false,
    }
}

type Answer = Response<Content>;

/// Reads some of a body and gives up.
async fn read_some(mut body: Incoming, after: usize) -> Result<Answer, Dropped> {
    let mut read = 0;
    while read < after {
        match body.frame().await {
            Some(Ok(frame)) => read += frame.data_ref().map_or(0, Bytes::len),
            _ => break,
        }
    }
    Err(Dropped)
}

fn respond(status: u16, kind: &'static str, body: impl Into<Bytes>) -> Answer {
    let mut response = Response::new(content(body));
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(SERVER, HeaderValue::from_static("Microsoft-IIS/10.0"));
    headers.insert("x-powered-by", HeaderValue::from_static("ASP.NET"));
    response
}

const HTML: &str = "text/html; charset=utf-8";
const XML: &str = "text/xml; charset=utf-8";

/// One request on its connection.
struct Visit {
    shared: Arc<Shared>,
    state: Arc<Mutex<Connection>>,
    connection: usize,
}

impl Visit {
    async fn answer(self, request: Request<Incoming>) -> Result<Answer, Dropped> {
        lock(&self.shared.log).http_requests += 1;
        let (head, body) = request.into_parts();
        if !head.uri.path().eq_ignore_ascii_case("/EWS/Exchange.asmx") {
            return Ok(respond(404, HTML, "<html><body>Not found</body></html>"));
        }
        let account = match self.log_on(&head.headers) {
            Ok(account) => account,
            Err(response) => {
                // The body is read, or the connection could not go on.
                let _ = body.collect().await;
                return Ok(*response);
            }
        };
        if head.method != Method::POST {
            return Ok(respond(405, HTML, "<html><body>Use POST</body></html>"));
        }
        if body.is_end_stream() {
            // A client that logs on before it sends what it has.
            return Ok(respond(400, HTML, ""));
        }
        let trouble = self.trouble(&head.headers);
        match trouble {
            Some(Trouble::DropBefore) => return Err(Dropped),
            Some(Trouble::DropWhileReading { after }) => return read_some(body, after).await,
            _ => {}
        }
        let body = body.collect().await.map_err(|_| Dropped)?.to_bytes();
        if let Some(response) = self.too_large(body.len()) {
            return Ok(response);
        }
        if let Some(response) = self.instead(trouble.as_ref()) {
            return Ok(response);
        }
        let visit = self.connection;
        let shared = Arc::clone(&self.shared);
        let headers = head.headers.clone();
        let refusal = match &trouble {
            Some(Trouble::Message { code, back_off }) => Some(refused(code, *back_off)),
            _ => None,
        };
        let stopped = match &trouble {
            Some(Trouble::Item { at, code, back_off }) => {
                Some((*at, refused(code, *back_off), false))
            }
            Some(Trouble::Stop { at, code, back_off }) => {
                Some((*at, refused(code, *back_off), true))
            }
            _ => None,
        };
        let orders = Orders { refusal, stopped };
        let (status, envelope) = exchange(&shared, visit, account, &headers, &body, orders);
        match trouble {
            Some(Trouble::DropAfter) => return Err(Dropped),
            Some(Trouble::Delay(time)) => tokio::time::sleep(time).await,
            _ => {}
        }
        let mut response = self.wrap(status, envelope, &head.headers);
        let body = response.body_mut();
        let whole = body.data.as_ref().map_or(0, Bytes::len);
        let kept = match trouble {
            Some(Trouble::Truncate) => Some(whole / 2),
            Some(Trouble::TruncateAt { bytes }) => Some(bytes).filter(|bytes| *bytes < whole),
            _ => None,
        };
        if let Some(kept) = kept {
            if let Some(data) = &mut body.data {
                data.truncate(kept);
            }
            body.broken = true;
        }
        Ok(response)
    }

    /// The trouble that a request meets: those in order come first.
    fn trouble(&self, headers: &HeaderMap) -> Option<Trouble> {
        let ordered = lock(&self.shared.troubles).pop_front();
        if ordered.is_some() {
            return ordered;
        }
        let action = headers.get("soapaction")?.to_str().ok()?;
        let operation = action.trim_matches('"').rsplit('/').next()?;
        let mut disturbances = lock(&self.shared.disturbances);
        let mut disturbances = disturbances.iter_mut();
        disturbances.find_map(|one| one.strike(operation))
    }

    /// The account of a request, or the 401 to send.
    fn log_on(&self, headers: &HeaderMap) -> Result<usize, Box<Answer>> {
        let store = lock(&self.shared.store);
        let mut state = lock(&self.state);
        let verdict = judge(&mut state, headers, &self.shared.settings.schemes, &store);
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
                return Ok(account);
            }
            Verdict::Anonymous => None,
            Verdict::Challenge(challenge) => Some(challenge),
            Verdict::WrongCredentials => {
                log.wrong_credentials += 1;
                None
            }
        };
        Err(Box::new(self.unauthorized(challenge)))
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

    /// What IIS and ASP.NET answer to more bytes than they allow.
    fn too_large(&self, bytes: usize) -> Option<Answer> {
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

    /// What a trouble answers in place of the operation.
    fn instead(&self, trouble: Option<&Trouble>) -> Option<Answer> {
        match trouble? {
            Trouble::Status {
                status,
                headers,
                body,
            } => {
                let mut response = respond(*status, HTML, body.clone());
                for (name, value) in headers {
                    if let (Ok(name), Ok(value)) =
                        (name.parse::<HeaderName>(), HeaderValue::from_str(value))
                    {
                        response.headers_mut().append(name, value);
                    }
                }
                Some(response)
            }
            Trouble::Fault { code, back_off } => {
                let mut fault = Fault::new(code.as_str(), BUSY);
                fault.detail = back_off.map(FaultDetail::BackOff);
                let envelope = soap::fault(self.shared.settings.version, &fault);
                Some(respond(500, XML, envelope))
            }
            Trouble::HtmlPage => Some(respond(
                200,
                HTML,
                "<html><head><title>Sign in</title></head><body><form action=\"/owa/auth\"></form></body></html>",
            )),
            Trouble::ForgetLogon => {
                *lock(&self.state) = Connection::Unknown;
                Some(self.unauthorized(None))
            }
            Trouble::Item { .. }
            | Trouble::Stop { .. }
            | Trouble::Message { .. }
            | Trouble::DropBefore
            | Trouble::DropAfter
            | Trouble::DropWhileReading { .. }
            | Trouble::Truncate
            | Trouble::TruncateAt { .. }
            | Trouble::Delay(_) => None,
        }
    }

    /// The HTTP answer around an envelope.
    fn wrap(&self, status: u16, envelope: String, asked: &HeaderMap) -> Answer {
        let accepts = asked
            .get(ACCEPT_ENCODING)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.contains("gzip"));
        let packed = (self.shared.settings.compress && accepts && envelope.len() > 1024)
            .then(|| gzip(envelope.as_bytes()))
            .flatten();
        let mut response = match packed {
            Some(packed) => {
                let mut response = respond(status, XML, packed);
                let headers = response.headers_mut();
                headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
                response
            }
            None => respond(status, XML, envelope),
        };
        let headers = response.headers_mut();
        headers.insert("cache-control", HeaderValue::from_static("private"));
        let id = uuid::Uuid::new_v4().to_string();
        if let Ok(id) = HeaderValue::from_str(&id) {
            headers.insert("request-id", id);
        }
        let wants_echo = asked
            .get("return-client-request-id")
            .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"true"));
        if let Some(id) = asked.get("client-request-id").filter(|_| wants_echo) {
            headers.insert("client-request-id", id.clone());
        }
        response
    }
}

fn gzip(data: &[u8]) -> Option<Vec<u8>> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(data).ok()?;
    packer.finish().ok()
}
