//! One server under one identity: its clients, its cookies, its way to log on.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::HeaderValue;
use http::header::AUTHORIZATION;
use reqwest::{Client, ClientBuilder, Response};
use url::{Host, Url};

use super::cookies::Cookies;
use super::failure;
#[cfg(feature = "ntlm")]
use super::gate::GateClosed;
#[cfg(feature = "ntlm")]
use super::lane::Lanes;
use super::options::{HttpOptions, Proxy};
use super::tls::Tls;
use super::{ConnectionFacts, Request, RequestBody, proof};
use crate::error::{Error, ErrorKind};

/// A server, that is scheme, host and port.
pub(super) struct Site {
    origin: url::Origin,
    /// Host and port, for messages.
    pub(super) host: String,
    /// The host's name, for the service principal name of NTLM.
    #[cfg(feature = "ntlm")]
    pub(super) name: String,
    encrypted: bool,
    /// Nobody else can read what is sent: TLS, or this machine.
    pub(super) private: bool,
    #[cfg(feature = "ntlm")]
    loopback: bool,
    pub(super) options: HttpOptions,
    #[cfg(feature = "ntlm")]
    pub(super) tls: Tls,
    /// For requests that carry their logon themselves.
    pub(super) client: Client,
    #[cfg(feature = "ntlm")]
    pub(super) lanes: Lanes,
    cookies: Cookies,
    way: Mutex<Option<Way>>,
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
    pub(super) fn into_error(self, operation: &'static str, host: &str) -> Error {
        match self {
            #[cfg(feature = "ntlm")]
            Self::Closed => Error::new(
                ErrorKind::Connection,
                operation,
                format!("{host} closed the connection"),
            ),
            Self::Silence(limit) => failure::silence(operation, host, limit),
            Self::Spent => Error::new(
                ErrorKind::Connection,
                operation,
                format!("{host} wanted another logon while the content was on its way"),
            ),
            Self::Failed(error) => failure::request(operation, host, error),
        }
    }

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
        let client = build(
            operation,
            builder(options, loopback).tls_backend_preconfigured(tls.config()?),
        )?;
        Ok(Self {
            origin: url.origin(),
            host: url
                .port()
                .map_or_else(|| host.to_string(), |port| format!("{host}:{port}")),
            #[cfg(feature = "ntlm")]
            name: host.to_string(),
            encrypted: url.scheme() == "https",
            private,
            #[cfg(feature = "ntlm")]
            loopback,
            options: options.clone(),
            #[cfg(feature = "ntlm")]
            tls: tls.clone(),
            client,
            #[cfg(feature = "ntlm")]
            lanes: Lanes::new(options.lanes),
            cookies: Cookies::default(),
            way: Mutex::new(None),
            learning: tokio::sync::Mutex::new(()),
        })
    }

    pub(super) fn serves(&self, url: &Url) -> bool {
        self.origin == url.origin()
    }

    pub(super) fn facts(&self) -> ConnectionFacts {
        ConnectionFacts {
            host: self.host.clone(),
            tls: self.encrypted,
            ..ConnectionFacts::default()
        }
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

    /// A client for one connection.
    #[cfg(feature = "ntlm")]
    pub(super) fn lane_builder(&self) -> ClientBuilder {
        builder(&self.options, self.loopback)
            .pool_max_idle_per_host(1)
            .pool_idle_timeout(None)
    }

    pub(super) fn silence(&self, request: &Request) -> Duration {
        request.timeout.unwrap_or(self.options.response_timeout)
    }

    /// Sends the request with this body, which may be left empty to spare the server the real one.
    pub(super) async fn post(
        &self,
        client: &Client,
        request: &Request,
        body: RequestBody,
        authorization: Option<HeaderValue>,
    ) -> Result<Response, Failure> {
        let mut headers = request.headers.clone();
        self.cookies.write(&mut headers);
        if let Some(mut value) = authorization {
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let silence = self.silence(request);
        if body.is_spent() {
            return Err(Failure::Spent);
        }
        let sending = client
            .post(request.url.clone())
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
        self.cookies.read(response.headers());
        Ok(response)
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

fn builder(options: &HttpOptions, loopback: bool) -> ClientBuilder {
    let builder = Client::builder()
        .http1_only()
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .gzip(true)
        .connect_timeout(options.connect_timeout)
        .tcp_keepalive(Duration::from_secs(60))
        .user_agent(&options.user_agent);
    if loopback || options.proxy == Proxy::Off {
        builder.no_proxy()
    } else {
        builder
    }
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => name.eq_ignore_ascii_case("localhost"),
        Host::Ipv4(address) => IpAddr::V4(*address).is_loopback(),
        Host::Ipv6(address) => IpAddr::V6(*address).is_loopback(),
    }
}

/// Whether this status shows that the password was right. A server too busy, a redirect or a page
/// of a gateway say nothing about it.
pub(super) fn proves(proof: &proof::Proof, response: &Response) {
    if matches!(response.status().as_u16(), 200..=299 | 500) {
        proof.accepted();
    }
}
