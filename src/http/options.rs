//! What a program can set about connections.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use super::client_certificate::ClientCertificate;
use super::proxy::Proxy;

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
    pub(super) tls_backend: TlsBackend,
    pub(super) old_tls: bool,
    pub(super) client_certificate: Option<ClientCertificate>,
    pub(super) pins: Vec<String>,
    pub(super) trust_only_pinned: bool,
    pub(super) channel_binding: ChannelBinding,
    /// See `proof.rs`.
    pub(super) trust: Duration,
    /// Hosts whose address is not looked up.
    pub(super) resolved: Vec<(String, SocketAddr)>,
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
            tls_backend: TlsBackend::Rustls,
            old_tls: false,
            client_certificate: None,
            pins: Vec::new(),
            trust_only_pinned: false,
            channel_binding: ChannelBinding::Auto,
            trust: Duration::from_secs(10),
            resolved: Vec::new(),
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

    /// Wants the server to show this certificate, besides being trusted: the SHA-256 of the whole certificate in 64
    /// hexadecimal digits, with or without colons. Called again, it adds a further one that will do, so that the next
    /// certificate can be pinned before it is installed. Not with [`TlsBackend::Native`].
    ///
    /// It guards against authorities that certify the wrong people. When the server's certificate is renewed, all
    /// connections fail until the pin is changed; the error says the SHA-256 that was seen.
    #[must_use]
    pub fn pin_certificate(mut self, sha256: impl Into<String>) -> Self {
        self.pins.push(sha256.into());
        self
    }

    /// Trusts the pinned certificates and nothing else: whoever shows one and has its key is the server, whatever
    /// authority, names and dates stand in it. For servers with a certificate of their own making.
    #[must_use]
    pub fn trust_only_pinned(mut self, only: bool) -> Self {
        self.trust_only_pinned = only;
        self
    }

    /// Shows this certificate to servers that ask for one in the handshake, beside the credentials. To log on with it
    /// alone, see [`Credentials::client_certificate`](super::Credentials::client_certificate).
    #[must_use]
    pub fn client_certificate(mut self, certificate: ClientCertificate) -> Self {
        self.client_certificate = Some(certificate);
        self
    }

    /// Which library encrypts the connections. Default: [`TlsBackend::Rustls`].
    #[must_use]
    pub fn tls_backend(mut self, backend: TlsBackend) -> Self {
        self.tls_backend = backend;
        self
    }

    /// Speaks TLS 1.0 and 1.1 with servers that know no other. Both have been broken for years (RFC 8996). Needs
    /// [`TlsBackend::Native`], and an operating system that still allows them (OpenSSL 3: `SECLEVEL=0`).
    #[must_use]
    pub fn danger_allow_old_tls(mut self, allow: bool) -> Self {
        self.old_tls = allow;
        self
    }

    /// Whether a logon names the TLS connection it comes over. Default: [`ChannelBinding::Auto`].
    #[must_use]
    pub fn channel_binding(mut self, binding: ChannelBinding) -> Self {
        self.channel_binding = binding;
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

    /// Sends what is for this host to that address, without a look-up of its name and past any
    /// proxy: for a server whose name is not in the DNS yet, and for tests. The certificate is
    /// still checked against the name. Port 0 stands for that of the scheme (443 for https); a port
    /// in the URL counts more than one here.
    ///
    /// ```
    /// use exchange_connector::http::HttpOptions;
    ///
    /// let options = HttpOptions::default().resolve("mail.contoso.com", "10.0.0.7:0".parse()?);
    /// # assert!(format!("{options:?}").contains("10.0.0.7"));
    /// # Ok::<(), std::net::AddrParseError>(())
    /// ```
    #[must_use]
    pub fn resolve(mut self, host: impl Into<String>, address: SocketAddr) -> Self {
        self.resolved
            .push((host.into().to_ascii_lowercase(), address));
        self
    }

    pub(super) fn is_resolved(&self, host: &str) -> bool {
        self.resolved.iter().any(|(known, _)| known == host)
    }
}

/// Which library encrypts the connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TlsBackend {
    /// rustls: TLS 1.2 and 1.3 with modern cipher suites.
    #[default]
    Rustls,
    /// The operating system's: OpenSSL, SChannel or Secure Transport. Needs the feature `native-tls`.
    ///
    /// For servers on Windows Server 2012 R2 or older with an RSA certificate, which share no cipher suite with
    /// rustls. Behind a proxy it does not tell the server's certificate, so no channel binding is sent there, and a
    /// server that requires Extended Protection refuses the logon.
    Native,
}

/// Whether a logon names the TLS connection it comes over (RFC 5929, `tls-server-end-point`), which servers call
/// Extended Protection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChannelBinding {
    /// Whenever the server's certificate is known.
    #[default]
    Auto,
    /// Never. Only where a proxy opens TLS on the way (with its own certificate) and the server merely allows
    /// Extended Protection: it then takes a logon without a binding, but never one with a wrong binding. A logon could
    /// be passed on by whoever is in between, so have the proxy leave this server alone instead, if that is possible.
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
