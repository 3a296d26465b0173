//! What went wrong with a connection, in words for the person who can mend it.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use rustls::AlertDescription;

use super::encryption;
use super::proxy::Shown;
use crate::error::{Effect, Error, ErrorKind, RetryAdvice};

/// Between whom it happened.
pub(super) struct Scene<'a> {
    /// Host and port.
    pub(super) host: &'a str,
    pub(super) proxy: Option<&'a Shown>,
    /// The server's certificate, as it was shown last.
    pub(super) certificate: Option<Vec<u8>>,
    /// The server asked for a client certificate.
    pub(super) wants_certificate: bool,
}

/// Sending a request failed. Nothing was sent if no connection came about; otherwise it is not
/// known whether the server acted on it.
pub(super) fn request(operation: &'static str, scene: &Scene<'_>, error: reqwest::Error) -> Error {
    let host = scene.host;
    if error.is_builder() {
        return Error::new(
            ErrorKind::Configuration,
            operation,
            format!("the request to {host} cannot be made: {}", root(&error)),
        )
        .with_source(error.without_url());
    }
    if is_no_http(&error) {
        return no_http(operation, host, error);
    }
    if !error.is_connect() && !is_certificate_wanted(&error) {
        let message = format!(
            "the connection to {host} broke before the answer came: {}",
            root(&error)
        );
        return Error::new(ErrorKind::Connection, operation, message)
            .with_effect(Effect::Unknown)
            .with_hint(match scene.wants_certificate {
                true => WANTED,
                false => CLOSED,
            })
            .with_source(error.without_url());
    }
    let Sentence { what, hint, passes } = connecting(scene, &error);
    let mut failed =
        Error::new(ErrorKind::Connection, operation, what).with_source(error.without_url());
    if let Some(hint) = hint {
        failed = failed.with_hint(hint);
    }
    if !passes {
        failed = failed.with_advice(RetryAdvice::Never);
    }
    failed
}

const CLOSED: &str = "The server was started anew, or something between closed it: a firewall, or a balancer with no server behind it. If it stays so, \
     their logs say why.";

/// With TLS 1.3 the reason may come too late to be read.
const WANTED: &str = "The server asked for a TLS client certificate, and there is none to show: if it wants one, it closes the connection so. Give one \
     (HttpOptions::client_certificate), or have the server not ask for it.";

/// With TLS 1.3 this comes after the handshake; the server has looked at nothing that was sent.
fn is_certificate_wanted(error: &reqwest::Error) -> bool {
    use rustls::Error as E;
    causes(error).any(|cause| {
        matches!(
            cause.downcast_ref(),
            Some(E::AlertReceived(AlertDescription::CertificateRequired))
        )
    })
}

/// Whether a connection did not come about because of its encryption.
pub(crate) fn is_tls(error: &Error) -> bool {
    error.message().starts_with("TLS: ")
}

/// What came does not even begin as an HTTP answer.
pub(super) fn is_no_http(error: &reqwest::Error) -> bool {
    // the HTTP library's own type is out of reach here; this is its sentence
    causes(error).any(|cause| {
        let text = cause.to_string();
        text.starts_with("invalid HTTP version") || is_said_unasked(&text)
    })
}

/// Before the first request, or on a connection nobody used.
fn is_said_unasked(text: &str) -> bool {
    text.starts_with("received unexpected message")
}

fn no_http(operation: &'static str, host: &str, error: reqwest::Error) -> Error {
    let is_plain = error.url().is_some_and(|url| url.scheme() == "http");
    let hint = if causes(&error).any(|cause| is_said_unasked(&cause.to_string())) {
        "It speaks without being asked, as mail servers (SMTP, IMAP) do: check the port, which for EWS is usually 443."
    } else if is_plain {
        "The port is probably one for TLS: use https:// in the URL."
    } else {
        "Check the port, and what stands between this program and the server."
    };
    let message = format!("{host} speaks something else than HTTP");
    Error::new(ErrorKind::Connection, operation, message)
        .with_effect(Effect::Unknown)
        .with_advice(RetryAdvice::Never)
        .with_hint(hint)
        .with_source(error.without_url())
}

/// The server did not say a byte for too long.
pub(super) fn silence(operation: &'static str, host: &str, limit: Duration) -> Error {
    let message = format!("{host} was silent for {} s", limit.as_secs_f32());
    Error::new(ErrorKind::Timeout, operation, message)
        .with_effect(Effect::Unknown)
        .with_hint(
            "It may be overloaded, or something between may swallow the answer. Large requests take longer: ask for less at a time, or raise \
             response_timeout.",
        )
}

/// The answer broke off.
pub(super) fn body(operation: &'static str, host: &str, read: u64, error: reqwest::Error) -> Error {
    let (kind, message) = if is_compression(&error) {
        let message = format!(
            "the compressed answer of {host} cannot be decompressed: {}",
            root(&error)
        );
        (ErrorKind::Protocol, message)
    } else {
        let message = format!(
            "the answer of {host} broke off after {read} bytes: {}",
            root(&error)
        );
        (ErrorKind::Connection, message)
    };
    Error::new(kind, operation, message)
        .with_effect(Effect::Unknown)
        .with_source(error.without_url())
}

fn is_compression(error: &reqwest::Error) -> bool {
    // the decoder's errors have no type of their own
    causes(error).any(|cause| {
        let text = cause.to_string();
        ["compress", "deflate", "gzip"]
            .iter()
            .any(|word| text.contains(word))
    })
}

pub(super) struct Sentence {
    pub(super) what: String,
    pub(super) hint: Option<&'static str>,
    /// The same may work later.
    pub(super) passes: bool,
}

impl Sentence {
    pub(super) fn new(what: String, hint: &'static str) -> Self {
        Self {
            what,
            hint: Some(hint),
            passes: true,
        }
    }

    pub(super) fn lasting(self) -> Self {
        Self {
            passes: false,
            ..self
        }
    }
}

/// The sentence for a connection that did not come about.
fn connecting(scene: &Scene<'_>, error: &reqwest::Error) -> Sentence {
    for cause in causes(error) {
        if let Some(problem) = cause.downcast_ref::<rustls::Error>() {
            return encryption::rustls(scene, problem).lasting();
        }
        #[cfg(feature = "native-tls")]
        if let Some(problem) = cause.downcast_ref::<native_tls::Error>() {
            return encryption::native(scene, problem).lasting();
        }
    }
    let host = scene.host;
    let chain: Vec<String> = causes(error).map(ToString::to_string).collect();
    let says = |words: &str| chain.iter().any(|text| text.contains(words));
    let is = |kinds: &[io::ErrorKind]| {
        causes(error)
            .filter_map(|cause| cause.downcast_ref::<io::Error>())
            .any(|error| kinds.contains(&error.kind()))
    };
    let root = root(error);
    // who could not be reached
    let (who, check) = match scene.proxy {
        None => (host.to_owned(), "Check the server's name and the DNS."),
        Some(proxy) => (
            format!("{}, the proxy on the way to {host},", proxy.host),
            "Check the proxy's address (HTTPS_PROXY, NO_PROXY), or switch the proxy off in the options.",
        ),
    };
    if says("proxy auth") {
        let proxy = scene.proxy.map_or("the proxy", |proxy| &proxy.host);
        if scene.proxy.is_some_and(|proxy| proxy.has_logon) {
            return Sentence::new(
                format!(
                    "{proxy}, the proxy on the way to {host}, refused its user name or password"
                ),
                "Correct them in the proxy's address; only Basic is used for proxies.",
            )
            .lasting();
        }
        return Sentence::new(
            format!("{proxy}, the proxy on the way to {host}, wants its own logon"),
            "Put user and password into the proxy's address (HTTPS_PROXY, or the option proxy).",
        )
        .lasting();
    }
    if says("dns error") || says("failed to lookup address") {
        return Sentence::new(
            format!("the name of {who} cannot be resolved: {root}"),
            check,
        );
    }
    if error.is_timeout() || is(&[io::ErrorKind::TimedOut]) {
        return Sentence::new(
            format!("{who} did not accept a connection in time"),
            match scene.proxy {
                None => "Check address, firewall and VPN, or raise connect_timeout.",
                Some(_) => {
                    "Check the proxy's address (HTTPS_PROXY, NO_PROXY) and the way to it, or raise connect_timeout; or the proxy waits in vain for the server."
                }
            },
        );
    }
    if is(&[io::ErrorKind::ConnectionRefused]) {
        return Sentence::new(
            format!("{who} refused the connection"),
            match scene.proxy {
                None => "Nothing listens at this address and port: check them.",
                Some(_) => {
                    "No proxy listens at this address and port: check them (HTTPS_PROXY, NO_PROXY), or switch the proxy off in the options."
                }
            },
        );
    }
    if is(&[
        io::ErrorKind::NetworkUnreachable,
        io::ErrorKind::HostUnreachable,
    ]) {
        return Sentence::new(
            format!("{who} cannot be reached from here: {root}"),
            "Check network, routes and VPN.",
        );
    }
    if says("tunnel error") {
        let said = chain.iter().rfind(|text| text.contains("tunnel error"));
        let said = said.map_or("", |text| text.trim_start_matches("tunnel error: "));
        // with which status, the HTTP library does not tell
        let said = match said {
            "" | "unsuccessful" => String::new(),
            said => format!(": {said}"),
        };
        return Sentence::new(
            format!("{who} did not make the connection{said}"),
            "The proxy may forbid this server, not reach it, or be no proxy at all: ask its administrator, or switch the proxy off in the options.",
        );
    }
    Sentence {
        what: format!("no connection to {who} came about: {root}"),
        hint: None,
        passes: true,
    }
}

/// The error and all its causes, also those `io::Error` hides.
pub(super) fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error| {
        let error: &'a (dyn StdError + 'static) = *error;
        match error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
        {
            Some(inner) => Some(inner),
            None => error.source(),
        }
    })
}

/// The innermost cause says most.
fn root(error: &(dyn StdError + 'static)) -> String {
    causes(error)
        .last()
        .map(ToString::to_string)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_hidden_in_io_errors() {
        let hidden = io::Error::other(io::Error::other(rustls::Error::DecryptError));
        assert!(causes(&hidden).any(|cause| cause.is::<rustls::Error>()));
    }
}
