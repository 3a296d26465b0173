//! What a program can set about connections.

use std::fmt;
use std::time::Duration;

/// Settings of the connections to one server: time limits, trust, size limits.
///
/// ```
/// use std::time::Duration;
/// use exchange_connector::http::HttpOptions;
///
/// let options = HttpOptions::default()
///     .connect_timeout(Duration::from_secs(5))
///     .lanes(2);
/// assert!(format!("{options:?}").contains("lanes: 2"));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct HttpOptions {
    pub(super) connect_timeout: Duration,
    pub(super) response_timeout: Duration,
    pub(super) max_response_bytes: u64,
    pub(super) lanes: usize,
    pub(super) roots: Vec<Pem>,
    pub(super) platform_roots: bool,
    pub(super) accept_invalid_certificates: bool,
    pub(super) plain_http_credentials: bool,
    pub(super) user_agent: String,
    pub(super) proxy: Proxy,
    /// How long a lane waits for its connection to return; see `gate.rs`.
    #[cfg_attr(not(feature = "ntlm"), allow(dead_code))]
    pub(super) patience: Duration,
}

impl Default for HttpOptions {
    /// 15 s to connect, 120 s to the first byte, 256 MiB per answer, 4 lanes, the platform's
    /// certificates, the system's proxy.
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(15),
            response_timeout: Duration::from_secs(120),
            max_response_bytes: 256 * 1024 * 1024,
            lanes: 4,
            roots: Vec::new(),
            platform_roots: true,
            accept_invalid_certificates: false,
            plain_http_credentials: false,
            user_agent: concat!("exchange-connector/", env!("CARGO_PKG_VERSION")).to_owned(),
            proxy: Proxy::System,
            patience: Duration::from_millis(100),
        }
    }
}

impl HttpOptions {
    /// The longest time for name look-up, TCP and TLS together. Default: 15 s.
    #[must_use]
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = limit;
        self
    }

    /// The longest silence of the server: from the request to the first byte of the answer, and
    /// between two pieces of it. Default: 120 s, because FindItem in large folders is slow.
    #[must_use]
    pub fn response_timeout(mut self, limit: Duration) -> Self {
        self.response_timeout = limit;
        self
    }

    /// The longest silence of the server.
    pub(crate) fn silence(&self) -> Duration {
        self.response_timeout
    }

    /// The largest answer that is read, in bytes after decompression. Default: 256 MiB.
    #[must_use]
    pub fn max_response_bytes(mut self, limit: u64) -> Self {
        self.max_response_bytes = limit;
        self
    }

    /// How many connections NTLM may use at a time; at least 1. Default: 4.
    ///
    /// NTLM authenticates a connection, so each call holds one until its answer is read. Exchange
    /// allows 10 (2010) or 27 (2013 and later) concurrent calls per user by default
    /// (`EwsMaxConcurrency`). Calls that wait for one are served in turn, mailbox by mailbox.
    #[must_use]
    pub fn lanes(mut self, lanes: usize) -> Self {
        self.lanes = lanes.max(1);
        self
    }

    /// Trusts the certificates of a PEM file too, for example of the company's own authority.
    #[must_use]
    pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.roots.push(Pem(pem.into()));
        self
    }

    /// Whether the authorities the operating system trusts are trusted. Default: yes. With `false`
    /// only those of [`root_certificates`](Self::root_certificates) are.
    #[must_use]
    pub fn platform_roots(mut self, trusted: bool) -> Self {
        self.platform_roots = trusted;
        self
    }

    /// Accepts every certificate: expired, for another host, of anybody. Whoever sits on the way
    /// can then read everything, and with Basic the password as well. For tests only.
    #[must_use]
    pub fn danger_accept_invalid_certificates(mut self, accept: bool) -> Self {
        self.accept_invalid_certificates = accept;
        self
    }

    /// Sends credentials over `http://` to other machines. Without this, plain HTTP is refused
    /// except to the own machine (loopback).
    #[must_use]
    pub fn danger_allow_plain_http_credentials(mut self, allow: bool) -> Self {
        self.plain_http_credentials = allow;
        self
    }

    /// The `User-Agent` header. Administrators allow and block programs by it (`EwsAllowList`,
    /// `EwsBlockList`), so give your program's own. Default: `exchange-connector/<version>`.
    #[must_use]
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = user_agent.into();
        self
    }

    /// Which proxy is used. Default: [`Proxy::System`]. Never for loopback addresses.
    #[must_use]
    pub fn proxy(mut self, proxy: Proxy) -> Self {
        self.proxy = proxy;
        self
    }
}

/// Which proxy the connections use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Proxy {
    /// What the environment (`HTTPS_PROXY`, `NO_PROXY`) or the operating system says.
    #[default]
    System,
    /// None.
    Off,
}

/// The bytes of a PEM file; `Debug` shows their number only.
#[derive(Clone)]
pub(super) struct Pem(pub(super) Vec<u8>);

impl fmt::Debug for Pem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pem({} bytes)", self.0.len())
    }
}
