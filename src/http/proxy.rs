//! Proxies: which one, and its logon.

use std::fmt;

use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use percent_encoding::percent_decode_str;
use reqwest::ClientBuilder;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::error::{Error, ErrorKind};

/// Which proxy the connections use. Never for loopback addresses.
///
/// ```
/// use exchange_connector::http::Proxy;
///
/// let proxy = Proxy::url("http://jdoe:secret@proxy.contoso.com:3128")?;
/// assert_eq!(format!("{proxy:?}"), "Url(ProxyServer { address: \"http://proxy.contoso.com:3128\", logon: true })");
/// # Ok::<(), exchange_connector::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Proxy {
    /// What the environment (`HTTPS_PROXY`, `NO_PROXY`) or the operating system says.
    #[default]
    System,
    /// None.
    Off,
    /// This one.
    Url(ProxyServer),
}

impl Proxy {
    /// The proxy at this address; see [`ProxyServer::new`].
    ///
    /// # Errors
    /// `Configuration`, when the address is none of an HTTP proxy.
    pub fn url(address: &str) -> Result<Self, Error> {
        ProxyServer::new(address).map(Self::Url)
    }
}

/// An HTTP proxy. It is asked for a tunnel (`CONNECT`, RFC 9110, 9.3.6), so it sees no more than the name of the server.
#[derive(Clone)]
pub struct ProxyServer {
    address: Url,
    logon: Option<(String, SecretString)>,
}

impl ProxyServer {
    /// The proxy at `http://host:port` or, itself reached by TLS, `https://host:port`. User and password may stand in
    /// the address, with `%40` for `@` and the like.
    ///
    /// # Errors
    /// `Configuration`, when the address is none of an HTTP proxy, or the user's name has a colon.
    pub fn new(address: &str) -> Result<Self, Error> {
        let refuse = |what: &str| {
            let message = format!("the proxy's address {what}: http://host:port is expected");
            Err(Error::new(ErrorKind::Configuration, "proxy", message))
        };
        // without a word of the address, which may hold a password
        let Ok(mut address) = Url::parse(address.trim()) else {
            return refuse("is not valid");
        };
        if !matches!(address.scheme(), "http" | "https") {
            return refuse(&format!("begins with {}://", address.scheme()));
        }
        if address.host_str().is_none_or(str::is_empty) {
            return refuse("names no server");
        }
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let user = decoded(address.username());
        let password = address.password().map(decoded);
        let _ = address.set_username(""); // it has a host, so it can
        let _ = address.set_password(None);
        address.set_path("");
        address.set_query(None);
        address.set_fragment(None);
        let proxy = Self {
            address,
            logon: None,
        };
        match (user.is_empty(), password) {
            (true, None) => Ok(proxy),
            (_, password) => proxy.logon(user, password.unwrap_or_default()),
        }
    }

    /// Logs on to the proxy with Basic (RFC 7617). The header goes to the proxy alone, also when the proxy only
    /// makes a tunnel. Without TLS to the proxy, others in its network can read the password.
    ///
    /// # Errors
    /// `Configuration`, when the name has a colon or a control character.
    pub fn logon(
        mut self,
        user: impl Into<String>,
        password: impl Into<SecretString>,
    ) -> Result<Self, Error> {
        let user = user.into();
        if user.contains(|c: char| c == ':' || c.is_control()) {
            let message = "the user name for the proxy holds a colon or a control character, which Basic cannot send";
            return Err(Error::new(ErrorKind::Configuration, "proxy", message));
        }
        self.logon = Some((user, password.into()));
        Ok(self)
    }
}

impl fmt::Debug for ProxyServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProxyServer")
            .field("address", &self.address.as_str().trim_end_matches('/'))
            .field("logon", &self.logon.is_some())
            .finish()
    }
}

/// How connections to one server go.
#[derive(Clone)]
pub(super) struct Route(Option<(reqwest::Proxy, Shown)>);

/// A proxy in words.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    /// Host and port.
    pub(super) host: String,
    pub(super) has_logon: bool,
}

impl Route {
    pub(super) fn to(url: &Url, is_loopback: bool, proxy: &Proxy) -> Result<Self, Error> {
        match proxy {
            _ if is_loopback => Ok(Self(None)),
            Proxy::Off => Ok(Self(None)),
            Proxy::Url(server) => {
                let mut proxy = all(server.address.as_str())?;
                if let Some((user, password)) = &server.logon {
                    proxy = proxy.basic_auth(user, password.expose_secret());
                }
                let host = host(&server.address);
                let has_logon = server.logon.is_some();
                Ok(Self(Some((proxy, Shown { host, has_logon }))))
            }
            Proxy::System => Self::of_system(url),
        }
    }

    fn of_system(url: &Url) -> Result<Self, Error> {
        let Ok(uri) = url.as_str().parse::<Uri>() else {
            return Ok(Self(None));
        };
        let Some(found) = Matcher::from_system().intercept(&uri) else {
            return Ok(Self(None));
        };
        if !matches!(found.uri().scheme_str(), Some("http" | "https")) {
            let scheme = found.uri().scheme_str().unwrap_or_default();
            let message = format!(
                "the system's proxy is one for {scheme}, which this program does not speak"
            );
            return Err(Error::new(ErrorKind::Configuration, "proxy", message)
                .with_hint("Set an HTTP proxy, or switch the proxy off in the options."));
        }
        let address = Url::parse(&found.uri().to_string()).map_err(|problem| {
            let message = "the address of the system's proxy is not valid";
            Error::new(ErrorKind::Configuration, "proxy", message).with_source(problem)
        })?;
        let mut proxy = all(address.as_str())?;
        let logon = found.basic_auth();
        if let Some(header) = logon {
            let mut header = header.clone();
            header.set_sensitive(true);
            proxy = proxy.custom_http_auth(header);
        }
        let host = host(&address);
        let has_logon = logon.is_some();
        Ok(Self(Some((proxy, Shown { host, has_logon }))))
    }

    pub(super) fn proxy(&self) -> Option<&Shown> {
        self.0.as_ref().map(|(_, shown)| shown)
    }

    pub(super) fn set_up(&self, builder: ClientBuilder) -> ClientBuilder {
        match &self.0 {
            None => builder.no_proxy(),
            Some((proxy, _)) => builder.proxy(proxy.clone()),
        }
    }
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Route").field(&self.proxy()).finish()
    }
}

fn all(address: &str) -> Result<reqwest::Proxy, Error> {
    reqwest::Proxy::all(address).map_err(|_| {
        let message = "the proxy's address cannot be used";
        Error::new(ErrorKind::Configuration, "proxy", message)
    })
}

fn host(address: &Url) -> String {
    let host = address.host_str().unwrap_or_default();
    match address.port_or_known_default() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, host, logon) in [
            ("http://proxy:3128", "proxy:3128", None),
            ("https://proxy.contoso.com/", "proxy.contoso.com:443", None),
            ("http://[fe80::1]:8080", "[fe80::1]:8080", None),
            (
                "http://j%40doe:p%3Aw@proxy/x?y#z",
                "proxy:80",
                Some(("j@doe", "p:w")),
            ),
            ("http://:p@proxy", "proxy:80", Some(("", "p"))),
        ] {
            let server = ProxyServer::new(text).unwrap();
            assert_eq!(super::host(&server.address), host);
            let known = server.logon.as_ref();
            assert_eq!(
                known.map(|(user, password)| (user.as_str(), password.expose_secret())),
                logon
            );
            assert!(!format!("{server:?}").contains("p:w"));
        }
    }

    #[test]
    fn what_is_no_proxy() {
        for (wrong, words) in [
            ("", "not valid"),
            ("proxy:3128", "begins with proxy://"),
            ("socks5://jdoe:s3cret@proxy", "begins with socks5://"),
            ("http://j%3Adoe:s3cret@proxy", "colon"),
            ("http://jdoe:s3cret@", "not valid"),
        ] {
            let error = Proxy::url(wrong).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration);
            assert!(error.message().contains(words), "{error}");
            assert!(!format!("{error:?}").contains("s3cret"));
        }
    }
}
