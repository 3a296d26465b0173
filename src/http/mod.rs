//! How bytes get to a server and back: connections, TLS, logon, limits.
//!
//! Here live the public settings ([`HttpOptions`], [`Credentials`], [`AuthPolicy`]) and, inside the
//! crate, `Transport`: a request in, an answer out. Nothing here knows SOAP or JSON. What to
//! do with an answer that is no answer is said by `refusal` for EWS (`body_kind.rs` tells envelopes from pages,
//! `redirect.rs` where one leads), how its bytes become text by `charset`; `page.rs` reads web pages, `headers.rs`
//! what an answer says of itself.
//!
//! - `connection.rs` is one identity (`identity.rs`) and its connections; `choose.rs` finds the way for each call:
//!   `basic.rs`, `bearer.rs`, or NTLM and Kerberos over lanes; `refused.rs` says why there is none. `site.rs` is one server with
//!   its clients and cookies, `proxy.rs` the way to it.
//! - `tls.rs` sets TLS up: `trust.rs` decides about certificates, `watch.rs` sees them, `certificate.rs` reads them.
//!   `seen.rs` keeps what a server showed.
//! - `lane.rs` keeps the authenticated connections of NTLM; `gate.rs`, `ntlm.rs` and
//!   `channel_binding.rs` serve it.
//! - `negotiate.rs` logs on with Kerberos over the same lanes; `gssapi.rs` is the system's Kerberos, `spnego.rs` what
//!   is put around it.
//! - `upload.rs` is what is sent, whole or in pieces; `body.rs` what comes back.
//! - `proof.rs` sees to it that a wrong password is sent once.

#[cfg(feature = "autodiscover")]
mod anonymous;
mod basic;
mod bearer;
mod body;
#[cfg(feature = "ews")]
mod body_kind;
mod certificate;
mod challenge;
#[cfg(feature = "ntlm")]
mod channel_binding;
pub(crate) mod charset;
mod choose;
mod client_certificate;
mod connection;
mod cookies;
mod correlation;
mod credentials;
mod encryption;
mod facts;
mod failure;
#[cfg(feature = "ntlm")]
mod gate;
#[cfg(feature = "kerberos")]
mod gssapi;
mod headers;
mod identity;
#[cfg(feature = "ntlm")]
mod lane;
#[cfg(feature = "native-tls")]
mod native;
#[cfg(feature = "kerberos")]
mod negotiate;
#[cfg(feature = "ntlm")]
mod ntlm;
mod options;
mod page;
mod policy;
mod proof;
mod proxy;
#[cfg(feature = "ews")]
mod redirect;
#[cfg(feature = "ews")]
mod refusal;
mod refused;
mod retry_after;
mod seen;
mod servers;
mod site;
#[cfg(feature = "kerberos")]
mod spnego;
#[cfg(test)]
mod tests;
mod tls;
mod token;
mod trust;
mod upload;
mod watch;

use std::fmt::{self, Debug};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::{HeaderMap, Method};
use url::Url;

pub use client_certificate::ClientCertificate;
pub use credentials::{CredentialSource, Credentials, UserPassword};
pub use facts::{CertificateFacts, ChannelBindingFacts, ConnectionFacts};
pub use options::{ChannelBinding, HttpOptions, TlsBackend};
pub use policy::{AuthPolicy, AuthScheme, AuthSchemes};
pub use proxy::{Proxy, ProxyServer};
pub use secrecy::SecretString;
pub use token::{AccessToken, FixedToken, TokenProvider};

#[cfg(feature = "autodiscover")]
pub(crate) use anonymous::Anonymous;
pub(crate) use body::Body;
#[cfg(feature = "ews")]
pub(crate) use body::too_large;
pub(crate) use cookies::Affinity;
pub(crate) use correlation::is_of_another;
pub(crate) use failure::is_tls;
pub(crate) use headers::request_id;
#[cfg(feature = "graph")]
pub(crate) use headers::without_query;
pub(crate) use headers::without_user;
pub(crate) use page::LOGON_SIGNS;
#[cfg(any(feature = "autodiscover", feature = "graph"))]
pub(crate) use page::is_logon;
#[cfg(feature = "graph")]
pub(crate) use page::{beginning, quote};
#[cfg(feature = "ews")]
pub(crate) use refusal::{refusal, wants_client_certificate};
pub(crate) use retry_after::retry_after;
#[cfg(feature = "ews")]
pub(crate) use servers::servers;
pub(crate) use site::is_loopback;
pub(crate) use upload::RequestBody;

use crate::error::Error;
use crate::observe::Watch;

/// A request.
pub(crate) struct Request {
    pub(crate) method: Method,
    /// For errors and the log.
    pub(crate) operation: &'static str,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: RequestBody,
    /// The group whose requests all go to the same server; it has cookies of its own.
    pub(crate) affinity: Option<Arc<Affinity>>,
    /// The longest silence of the server, instead of that of the options.
    pub(crate) timeout: Option<Duration>,
    /// The call this is an attempt of, for those who watch.
    pub(crate) watch: Watch,
}

impl Request {
    /// The same request with nothing in it.
    fn without_body(&self) -> Self {
        Self {
            method: self.method.clone(),
            operation: self.operation,
            url: self.url.clone(),
            headers: self.headers.clone(),
            body: RequestBody::default(),
            affinity: self.affinity.clone(),
            timeout: self.timeout,
            watch: self.watch.clone(),
        }
    }
}

impl Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("operation", &self.operation)
            .field("host", &self.url.host_str())
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}

/// What came back: any status but 401, whose meaning is settled by the transport.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
}

/// Sends requests under one identity.
#[async_trait]
pub(crate) trait Transport: Debug + Send + Sync {
    /// Sends one request. The answer's body is still on its way when this returns.
    ///
    /// Errors say with their `Effect` whether the server may have acted on the request; a caller
    /// whose request changes nothing may ignore that.
    async fn send(&self, request: Request) -> Result<Reply, Error>;

    /// What the connections to the server at this URL have shown by now. Sends nothing.
    fn facts(&self, url: &Url) -> ConnectionFacts;

    /// How many requests can be on their way to the server at this URL at a time, as far as that
    /// is known to be limited here.
    #[cfg(feature = "ews")]
    fn most_at_once(&self, url: &Url) -> Option<usize> {
        let _ = url;
        None
    }
}

/// A transport for these credentials. Connects with the first request.
///
/// # Errors
/// `Configuration`, when the options contradict each other or the credentials cannot be used.
pub(crate) fn connect(
    options: &HttpOptions,
    credentials: Credentials,
    policy: AuthPolicy,
) -> Result<Arc<dyn Transport>, Error> {
    Ok(Arc::new(connection::Connection::new(
        options,
        credentials,
        policy,
    )?))
}

/// A transport that shows no credentials, for URLs that are themselves what allows to use them.
///
/// # Errors
/// `Configuration`, when the options contradict each other.
#[cfg(any(feature = "graph", feature = "oauth"))]
pub(crate) fn connect_openly(options: &HttpOptions) -> Result<Arc<dyn Transport>, Error> {
    Ok(Arc::new(connection::Connection::open(options)?))
}
