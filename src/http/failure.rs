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
    if !error.is_connect() {
        let message = format!(
            "the connection to {host} broke before the answer came: {}",
            root(&error)
        );
        return Error::new(ErrorKind::Connection, operation, message)
            .with_effect(Effect::Unknown)
            .with_source(error.without_url());
    }
    let (message, retry) = connecting(host, &error);
    let mut failed =
        Error::new(ErrorKind::Connection, operation, message).with_source(error.without_url());
    if !retry {
        failed = failed.with_advice(RetryAdvice::Never);
    }
    failed
}

/// The server did not say a byte for too long.
pub(super) fn silence(operation: &'static str, host: &str, limit: Duration) -> Error {
    let message = format!(
        "{host} was silent for {} s: the request may be too large for it (ask for less at a time), or raise response_timeout",
        limit.as_secs_f32()
    );
    Error::new(ErrorKind::Timeout, operation, message).with_effect(Effect::Unknown)
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

/// The sentence for a connection that did not come about, and whether another try can help.
fn connecting(host: &str, error: &reqwest::Error) -> (String, bool) {
    for cause in causes(error) {
        if let Some(problem) = cause.downcast_ref::<rustls::Error>() {
            return (tls(host, problem), false);
        }
    }
    let chain: Vec<String> = causes(error).map(ToString::to_string).collect();
    let says = |words: &str| chain.iter().any(|text| text.contains(words));
    let io = |kind| {
        causes(error)
            .filter_map(|c| c.downcast_ref::<io::Error>())
            .any(|e| e.kind() == kind)
    };
    if says("proxy authorization required") || says("proxy auth") {
        return (
            format!(
                "the proxy on the way to {host} wants its own logon: put user and password into the proxy's address (HTTPS_PROXY)"
            ),
            false,
        );
    }
    if says("tunnel error") || says("proxy") {
        return (
            format!(
                "the proxy on the way to {host} did not connect: {}",
                root(error)
            ),
            true,
        );
    }
    if says("dns error") || says("failed to lookup address") {
        return (
            format!(
                "the name {host} cannot be resolved: check the server's name and the DNS ({})",
                root(error)
            ),
            true,
        );
    }
    if error.is_timeout() {
        return (
            format!(
                "{host} did not accept a connection in time: check address, firewall and VPN, or raise connect_timeout"
            ),
            true,
        );
    }
    if io(io::ErrorKind::ConnectionRefused) {
        return (
            format!("{host} refused the connection: nothing listens at this address and port"),
            true,
        );
    }
    (format!("no connection to {host}: {}", root(error)), true)
}

fn tls(host: &str, problem: &rustls::Error) -> String {
    use CertificateError as C;
    use rustls::Error as E;
    let untrusted = "was issued by an authority that is not trusted here: add the company's root certificate to the options or to the system";
    match problem {
        E::InvalidCertificate(reason) => {
            let what = match reason {
                C::UnknownIssuer => untrusted,
                C::Expired | C::ExpiredContext { .. } => {
                    "has expired: the server's administrator must renew it"
                }
                C::NotValidYet | C::NotValidYetContext { .. } => {
                    "is not valid yet: check this machine's clock"
                }
                C::NotValidForName | C::NotValidForNameContext { .. } => {
                    "is for another name: use the server's name as it stands in the certificate"
                }
                C::Revoked => "has been revoked",
                _ if problem
                    .to_string()
                    .contains("UnsupportedSignatureAlgorithm") =>
                {
                    "is signed with an algorithm the TLS library here (rustls) does not accept, such as SHA-1, MD5 or RSASSA-PSS: have it issued anew with SHA-256"
                }
                _ => return format!("TLS: the certificate of {host} is not acceptable: {problem}"),
            };
            format!("TLS: the certificate of {host} {what}")
        }
        E::AlertReceived(
            AlertDescription::HandshakeFailure
            | AlertDescription::ProtocolVersion
            | AlertDescription::InsufficientSecurity,
        )
        | E::PeerIncompatible(_) => format!(
            "TLS: {host} and this program have no protocol version or cipher suite in common ({problem}). Exchange on Windows Server 2012 R2 or \
             older with an RSA certificate offers old suites only, which the TLS library here (rustls) does not have: an ECDSA certificate on \
             the server, a newer proxy in front of it, or a build with the system's TLS (native-tls) helps"
        ),
        E::General(text) if text.contains("No CA certificates") => format!(
            "TLS: this machine has no list of certificate authorities, so {host} cannot be trusted: install ca-certificates or give root certificates"
        ),
        E::InvalidMessage(_) => {
            format!("TLS: {host} does not speak TLS at this port; is it plain HTTP? ({problem})")
        }
        _ => format!("TLS: the connection to {host} failed: {problem}"),
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
    fn tls_in_words() {
        use rustls::Error as E;
        let unsupported = CertificateError::UnsupportedSignatureAlgorithmContext {
            signature_algorithm_id: vec![6, 9],
            supported_algorithms: Vec::new(),
        };
        for (problem, words) in [
            (
                E::AlertReceived(AlertDescription::HandshakeFailure),
                "native-tls",
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
                E::InvalidCertificate(CertificateError::BadEncoding),
                "not acceptable",
            ),
            (
                E::General("No CA certificates were loaded from the system".into()),
                "ca-certificates",
            ),
            (E::DecryptError, "failed"),
        ] {
            let sentence = tls("mail.contoso.com", &problem);
            assert!(
                sentence.starts_with("TLS: ") && sentence.contains("mail.contoso.com"),
                "{sentence}"
            );
            assert!(sentence.contains(words), "{sentence}");
        }
    }

    #[test]
    fn causes_hidden_in_io_errors() {
        let hidden = io::Error::other(io::Error::other(rustls::Error::DecryptError));
        assert!(causes(&hidden).any(|cause| cause.is::<rustls::Error>()));
    }
}
