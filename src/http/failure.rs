//! What went wrong with a connection, in words for the person who can mend it.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use rustls::{AlertDescription, CertificateError};

use crate::error::{Effect, Error, ErrorKind, RetryAdvice};

/// Sending a request failed. Nothing was sent if no connection came about; otherwise it is not
/// known whether the server acted on it.
pub(super) fn request(operation: &'static str, host: &str, error: reqwest::Error) -> Error {
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
    if !error.is_connect() {
        let message = format!(
            "the connection to {host} broke before the answer came: {}",
            root(&error)
        );
        return Error::new(ErrorKind::Connection, operation, message)
            .with_effect(Effect::Unknown)
            .with_source(error.without_url());
    }
    let Sentence { what, hint, passes } = connecting(host, &error);
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

/// Whether a connection did not come about because of its encryption.
pub(crate) fn is_tls(error: &Error) -> bool {
    error.message().starts_with("TLS: ")
}

/// What came does not even begin as an HTTP answer.
pub(super) fn is_no_http(error: &reqwest::Error) -> bool {
    // the HTTP library's own type is out of reach here; this is its sentence
    causes(error).any(|cause| cause.to_string().starts_with("invalid HTTP version"))
}

fn no_http(operation: &'static str, host: &str, error: reqwest::Error) -> Error {
    let is_plain = error.url().is_some_and(|url| url.scheme() == "http");
    let hint = if is_plain {
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
        .with_hint("The request may be too large for it: ask for less at a time, or raise response_timeout.")
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

struct Sentence {
    what: String,
    hint: Option<&'static str>,
    /// The same may work later.
    passes: bool,
}

impl Sentence {
    fn new(what: String, hint: &'static str) -> Self {
        Self {
            what,
            hint: Some(hint),
            passes: true,
        }
    }

    fn lasting(self) -> Self {
        Self {
            passes: false,
            ..self
        }
    }
}

/// The sentence for a connection that did not come about.
fn connecting(host: &str, error: &reqwest::Error) -> Sentence {
    for cause in causes(error) {
        if let Some(problem) = cause.downcast_ref::<rustls::Error>() {
            return tls(host, problem).lasting();
        }
    }
    let chain: Vec<String> = causes(error).map(ToString::to_string).collect();
    let says = |words: &str| chain.iter().any(|text| text.contains(words));
    let refused = causes(error)
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|error| error.kind() == io::ErrorKind::ConnectionRefused);
    let root = root(error);
    if says("proxy auth") {
        return Sentence::new(
            format!("the proxy on the way to {host} wants its own logon"),
            "Put user and password into the proxy's address (HTTPS_PROXY).",
        )
        .lasting();
    }
    if says("tunnel error") || says("proxy") {
        return Sentence::new(
            format!("the proxy on the way to {host} did not connect: {root}"),
            "Check the proxy's address (HTTPS_PROXY, NO_PROXY), or switch the proxy off in the options.",
        );
    }
    if says("dns error") || says("failed to lookup address") {
        return Sentence::new(
            format!("the name {host} cannot be resolved: {root}"),
            "Check the server's name and the DNS.",
        );
    }
    if error.is_timeout() {
        return Sentence::new(
            format!("{host} did not accept a connection in time"),
            "Check address, firewall and VPN, or raise connect_timeout.",
        );
    }
    if refused {
        return Sentence::new(
            format!("{host} refused the connection"),
            "Nothing listens at this address and port: check them.",
        );
    }
    Sentence {
        what: format!("no connection to {host}: {root}"),
        hint: None,
        passes: true,
    }
}

fn tls(host: &str, problem: &rustls::Error) -> Sentence {
    use rustls::Error as E;
    match problem {
        E::InvalidCertificate(reason) => certificate(host, reason, problem),
        E::AlertReceived(
            AlertDescription::HandshakeFailure
            | AlertDescription::ProtocolVersion
            | AlertDescription::InsufficientSecurity,
        )
        | E::PeerIncompatible(_) => Sentence::new(
            format!(
                "TLS: {host} and this program have no protocol version or cipher suite in common ({problem})"
            ),
            "Exchange on Windows Server 2012 R2 or older with an RSA certificate offers old cipher suites only, which this program does not \
             have. An ECDSA certificate on the server, or a newer proxy in front of it, helps.",
        ),
        E::General(text) if text.contains("No CA certificates") => Sentence::new(
            format!(
                "TLS: this machine has no list of certificate authorities, so {host} cannot be trusted"
            ),
            "Install ca-certificates, or give root certificates in the options.",
        ),
        E::InvalidMessage(_) => Sentence::new(
            format!("TLS: {host} does not speak TLS at this port ({problem})"),
            "Check the port; plain HTTP needs http:// in the URL.",
        ),
        _ => Sentence {
            what: format!("TLS: the connection to {host} failed: {problem}"),
            hint: None,
            passes: true,
        },
    }
}

fn certificate(host: &str, reason: &CertificateError, problem: &rustls::Error) -> Sentence {
    use CertificateError as C;
    let (what, hint) = match reason {
        C::UnknownIssuer => (
            "was issued by an authority that is not trusted here",
            "Add the company's root certificate to the options or to the system.",
        ),
        C::Expired | C::ExpiredContext { .. } => (
            "has expired",
            "The server's administrator must renew it; check this machine's clock too.",
        ),
        C::NotValidYet | C::NotValidYetContext { .. } => {
            ("is not valid yet", "Check this machine's clock.")
        }
        C::NotValidForName | C::NotValidForNameContext { .. } => (
            "is for another name",
            "Use the server's name as it stands in the certificate.",
        ),
        C::BadSignature => (
            "is not signed with the key that its authority has here",
            "If a certificate file was given, it may be an outdated root, with the right name but an old key: get the present one from the \
             administrator.",
        ),
        C::Revoked => (
            "has been revoked",
            "The server's administrator must replace it.",
        ),
        _ if problem
            .to_string()
            .contains("UnsupportedSignatureAlgorithm") =>
        {
            (
                "is signed with an algorithm that is not accepted here, such as SHA-1, MD5 or RSASSA-PSS",
                "Have it issued anew, signed with SHA-256.",
            )
        }
        _ => {
            return Sentence::new(
                format!("TLS: the certificate of {host} is not acceptable: {problem}"),
                "The server's administrator must replace it.",
            );
        }
    };
    Sentence::new(format!("TLS: the certificate of {host} {what}"), hint)
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
    use rustls::InvalidMessage;

    use super::*;

    #[test]
    fn tls_in_words() {
        use rustls::Error as E;
        let unsupported = CertificateError::UnsupportedSignatureAlgorithmContext {
            signature_algorithm_id: vec![6, 9],
            supported_algorithms: Vec::new(),
        };
        for (problem, words) in [
            (
                E::AlertReceived(AlertDescription::HandshakeFailure),
                "cipher suite",
            ),
            (
                E::AlertReceived(AlertDescription::ProtocolVersion),
                "2012 R2",
            ),
            (
                E::InvalidCertificate(CertificateError::UnknownIssuer),
                "root certificate",
            ),
            (E::InvalidCertificate(CertificateError::Expired), "expired"),
            (
                E::InvalidCertificate(CertificateError::NotValidYet),
                "clock",
            ),
            (
                E::InvalidCertificate(CertificateError::NotValidForName),
                "another name",
            ),
            (E::InvalidCertificate(unsupported), "SHA-256"),
            (
                E::InvalidCertificate(CertificateError::BadSignature),
                "outdated root",
            ),
            (
                E::InvalidMessage(InvalidMessage::InvalidContentType),
                "port",
            ),
            (
                E::InvalidCertificate(CertificateError::BadEncoding),
                "not acceptable",
            ),
            (
                E::General("No CA certificates were loaded from the system".into()),
                "ca-certificates",
            ),
            (E::DecryptError, "failed"),
        ] {
            let Sentence { what, hint, .. } = tls("mail.contoso.com", &problem);
            let sentence = format!("{what} {}", hint.unwrap_or_default());
            assert!(
                sentence.starts_with("TLS: ") && sentence.contains("mail.contoso.com"),
                "{sentence}"
            );
            assert!(sentence.contains(words), "{sentence}");
            assert!(!sentence.contains("rustls") && !sentence.contains("native-tls"));
            crate::http::tests::assert_sentence(hint);
        }
    }

    #[test]
    fn causes_hidden_in_io_errors() {
        let hidden = io::Error::other(io::Error::other(rustls::Error::DecryptError));
        assert!(causes(&hidden).any(|cause| cause.is::<rustls::Error>()));
    }
}
