//! One server under one identity: its clients, its cookies, its way to log on.

use std::net::IpAddr;
#[cfg(feature = "kerberos")]
use std::sync::OnceLock;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::header::AUTHORIZATION;
use http::{HeaderValue, StatusCode};
use reqwest::{Client, ClientBuilder, Response};
use url::{Host, Url};

use super::challenge::challenges;
use super::cookies::Cookies;
use super::failure::{self, Scene};
#[cfg(feature = "ntlm")]
use super::gate::{GateClosed, GateLayer};
#[cfg(feature = "kerberos")]
use super::gssapi::Problem;
#[cfg(feature = "ntlm")]
use super::lane::Lanes;
use super::options::HttpOptions;
use super::proxy::Route;
use super::seen::Seen;
use super::tls::Tls;
use super::watch::Watch;
use super::{ConnectionFacts, Request, RequestBody};
use crate::error::{Error, ErrorKind};

/// A server, that is scheme, host and port.
pub(super) struct Site {
    origin: url::Origin,
    /// Host and port, for messages.
    pub(super) host: String,
    /// The host's name, for the service principal name of NTLM.
    #[cfg(feature = "ntlm")]
    pub(super) name: String,
    pub(super) encrypted: bool,
    /// Nobody else can read what is sent: TLS, or this machine.
    pub(super) private: bool,
    route: Route,
    pub(super) options: HttpOptions,
    #[cfg_attr(not(feature = "ntlm"), allow(dead_code))]
    tls: Tls,
    /// For requests that carry their logon themselves.
    client: Client,
    /// Sees the handshakes of that client.
    watch: Watch,
    pub(super) seen: Seen,
    #[cfg(feature = "ntlm")]
    pub(super) lanes: Lanes,
    cookies: Cookies,
    way: Mutex<Option<Way>>,
    /// Why Kerberos is not used.
    #[cfg(feature = "kerberos")]
    pub(super) no_ticket: OnceLock<Problem>,
    /// Held by the call that asks the server what it offers.
    pub(super) learning: tokio::sync::Mutex<()>,
}

/// How a password gets to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// The server did not ask for any logon.
    Open,
    Basic,
    #[cfg(feature = "ntlm")]
    Ntlm,
    /// Kerberos.
    #[cfg(feature = "kerberos")]
    Negotiate,
}

/// Why a request has no answer.
#[derive(Debug)]
pub(super) enum Failure {
    /// The lane's connection was gone; nothing was sent.
    #[cfg(feature = "ntlm")]
    Closed,
    Silence(Duration),
    /// The server wants once more what can be sent once.
    Spent,
    Failed(reqwest::Error),
}

impl Failure {
    /// No connection came about, or not to an HTTP server, so another try would meet the same.
    #[cfg(feature = "ntlm")]
    pub(super) fn would_recur(&self) -> bool {
        matches!(self, Self::Failed(error) if error.is_connect() || failure::is_no_http(error))
    }
}

impl Site {
    /// Checks that credentials may go there at all.
    pub(super) fn new(
        operation: &'static str,
        url: &Url,
        options: &HttpOptions,
        tls: &Tls,
    ) -> Result<Self, Error> {
        let refuse = |message: String, hint: &'static str| {
            let error = Error::new(ErrorKind::Configuration, operation, message);
            Err(error.with_hint(hint))
        };
        let Some(host) = url.host() else {
            return refuse(
                "the URL names no server".to_owned(),
                "Check the URL, usually https://<server>/EWS/Exchange.asmx.",
            );
        };
        let loopback = is_loopback(&host);
        let private = match url.scheme() {
            "https" => true,
            "http" if loopback || options.plain_http_credentials => loopback,
            "http" => {
                return refuse(
                    format!(
                        "credentials are not sent to {host} over plain HTTP, where anybody on the way can read them"
                    ),
                    "Use https:// in the URL.",
                );
            }
            other => {
                return refuse(
                    format!("\"{other}\" is not a scheme this program speaks"),
                    "Use https:// in the URL.",
                );
            }
        };
        let direct = loopback || options.is_resolved(&host.to_string());
        let route = Route::to(url, direct, &options.proxy)
            .map_err(|error| error.with_operation(operation))?;
        let seen = Seen::default();
        let watch = Watch::new(&host.to_string(), seen.chain.clone());
        let client = build(operation, tls.set_up(builder(options, &route), &watch)?)?;
        Ok(Self {
            origin: url.origin(),
            host: url
                .port()
                .map_or_else(|| host.to_string(), |port| format!("{host}:{port}")),
            #[cfg(feature = "ntlm")]
            name: host.to_string(),
            encrypted: url.scheme() == "https",
            private,
            route,
            options: options.clone(),
            tls: tls.clone(),
            client,
            watch,
            seen,
            #[cfg(feature = "ntlm")]
            lanes: Lanes::new(options.lanes),
            cookies: Cookies::default(),
            way: Mutex::new(None),
            #[cfg(feature = "kerberos")]
            no_ticket: OnceLock::new(),
            learning: tokio::sync::Mutex::new(()),
        })
    }

    pub(super) fn serves(&self, url: &Url) -> bool {
        self.origin == url.origin()
    }

    pub(super) fn facts(&self) -> ConnectionFacts {
        let mut facts = ConnectionFacts {
            host: self.host.clone(),
            tls: self.encrypted,
            proxy: self.route.proxy().map(|proxy| proxy.host.clone()),
            user_agent: self.options.user_agent.clone(),
            ..ConnectionFacts::default()
        };
        #[cfg(feature = "kerberos")]
        if let Some(problem) = self.no_ticket.get() {
            facts.no_ticket = Some(problem.to_string());
        }
        self.seen.fill(&mut facts);
        facts
    }

    pub(super) fn way(&self) -> Option<Way> {
        *self.way.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The server is to be asked again.
    pub(super) fn forget_way(&self) {
        *self.way.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    pub(super) fn remember(&self, way: Way) {
        *self.way.lock().unwrap_or_else(PoisonError::into_inner) = Some(way);
    }

    /// A client for one connection, whose connector is wrapped so.
    #[cfg(feature = "ntlm")]
    pub(super) fn client_of_one_connection(
        &self,
        operation: &'static str,
        gate: GateLayer,
    ) -> Result<(Client, Watch), Error> {
        let watch = self.watch.of_one_connection();
        let builder = builder(&self.options, &self.route)
            .pool_max_idle_per_host(1)
            .pool_idle_timeout(None);
        let builder = self.tls.set_up(builder, &watch)?.connector_layer(gate);
        Ok((build(operation, builder)?, watch))
    }

    pub(super) fn silence(&self, request: &Request) -> Duration {
        request.timeout.unwrap_or(self.options.response_timeout)
    }

    /// Sends the request with this body, which may be left empty to spare the server the real one.
    pub(super) async fn send(
        &self,
        request: &Request,
        body: RequestBody,
        authorization: Option<HeaderValue>,
    ) -> Result<Response, Error> {
        self.post(&self.client, &self.watch, request, body, authorization)
            .await
            .map_err(|failure| self.error(request.operation, failure, &self.watch))
    }

    /// Why a request has no answer, in words.
    pub(super) fn error(&self, operation: &'static str, failure: Failure, watch: &Watch) -> Error {
        let host = &self.host;
        match failure {
            #[cfg(feature = "ntlm")]
            Failure::Closed => Error::new(
                ErrorKind::Connection,
                operation,
                format!("{host} closed the connection"),
            ),
            Failure::Silence(limit) => failure::silence(operation, host, limit),
            Failure::Spent => Error::new(
                ErrorKind::Connection,
                operation,
                format!("{host} wanted another logon while the content was on its way"),
            ),
            Failure::Failed(error) => {
                let scene = Scene {
                    host,
                    proxy: self.route.proxy(),
                    certificate: self.seen.chain.own(),
                    wants_certificate: watch.wants_certificate(),
                };
                failure::request(operation, &scene, error)
            }
        }
    }

    /// As [`send`](Self::send), with one of this site's clients and its watch.
    pub(super) async fn post(
        &self,
        client: &Client,
        watch: &Watch,
        request: &Request,
        body: RequestBody,
        authorization: Option<HeaderValue>,
    ) -> Result<Response, Failure> {
        let mut headers = request.headers.clone();
        let cookies = match &request.affinity {
            Some(group) => &group.cookies,
            None => &self.cookies,
        };
        cookies.write(&mut headers);
        if let Some(mut value) = authorization {
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let silence = self.silence(request);
        if body.is_spent() {
            return Err(Failure::Spent);
        }
        let sending = client
            .request(request.method.clone(), request.url.clone())
            .headers(headers)
            .body(body.to_reqwest())
            .send();
        let response = match body.patience(silence, sending).await {
            Err(_) => return Err(Failure::Silence(silence)),
            #[cfg(feature = "ntlm")]
            Ok(Err(error)) if failure::causes(&error).any(|cause| cause.is::<GateClosed>()) => {
                return Err(Failure::Closed);
            }
            Ok(Err(error)) => return Err(Failure::Failed(error)),
            Ok(Ok(response)) => response,
        };
        cookies.read(response.headers());
        self.look_at(&response, watch);
        Ok(response)
    }

    fn look_at(&self, response: &Response, watch: &Watch) {
        #[cfg(feature = "native-tls")]
        watch.answer(response);
        let _ = watch;
        self.seen.answer(response.headers());
        if response.status() == StatusCode::UNAUTHORIZED {
            let offered = challenges(response.headers());
            // a challenge in the middle of a logon names the scheme of that logon alone
            if offered.iter().all(|challenge| challenge.token().is_none()) {
                self.seen.offered(&offered);
            }
        }
    }
}

/// Reads an answer nobody wants, so that its connection can be used again. `false`: it cannot.
pub(super) async fn drain(mut response: Response, silence: Duration) -> bool {
    const MOST: usize = 4 * 1024 * 1024;
    let mut read = 0;
    loop {
        match tokio::time::timeout(silence, response.chunk()).await {
            Ok(Ok(None)) => return true,
            Ok(Ok(Some(piece))) if read + piece.len() <= MOST => read += piece.len(),
            _ => return false,
        }
    }
}

pub(super) fn build(operation: &'static str, builder: ClientBuilder) -> Result<Client, Error> {
    builder.build().map_err(|error| {
        Error::new(
            ErrorKind::Configuration,
            operation,
            "the connection's settings cannot be used (is the user agent printable ASCII?)",
        )
        .with_source(error)
    })
}

pub(super) fn builder(options: &HttpOptions, route: &Route) -> ClientBuilder {
    let mut builder = Client::builder()
        .http1_only()
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .gzip(true)
        .connect_timeout(options.connect_timeout)
        .tcp_keepalive(Duration::from_secs(60))
        .user_agent(&options.user_agent);
    for (host, address) in &options.resolved {
        builder = builder.resolve(host, *address);
    }
    route.set_up(builder)
}

pub(crate) fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => name.eq_ignore_ascii_case("localhost"),
        Host::Ipv4(address) => IpAddr::V4(*address).is_loopback(),
        Host::Ipv6(address) => IpAddr::V6(*address).is_loopback(),
    }
}

/// Whether this status shows that the password was right. A server too busy, a redirect or a page
/// of a gateway say nothing about it.
pub(super) fn proves(response: &Response) -> bool {
    matches!(response.status().as_u16(), 200..=299 | 500)
}
