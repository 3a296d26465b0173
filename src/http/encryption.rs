//! Why TLS failed, in words.

use chrono::Utc;
use rustls::{AlertDescription, CertificateError, PeerIncompatible};

use super::certificate;
use super::facts::CertificateFacts;
use super::failure::{Scene, Sentence};
use super::trust::PinMismatch;

pub(super) fn rustls(scene: &Scene<'_>, problem: &rustls::Error) -> Sentence {
    use rustls::Error as E;
    let host = scene.host;
    match problem {
        E::InvalidCertificate(reason) => certificate(scene, reason, problem),
        E::AlertReceived(alert) if is_about_us(*alert, scene) => client_certificate(host),
        E::AlertReceived(AlertDescription::ProtocolVersion)
        | E::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
        ) => nothing_in_common(host, &problem.to_string(), OLD_TLS),
        E::AlertReceived(
            AlertDescription::HandshakeFailure | AlertDescription::InsufficientSecurity,
        )
        | E::PeerIncompatible(_) => nothing_in_common(host, &problem.to_string(), OLD_CIPHERS),
        E::General(text) if text.contains("No CA certificates") => Sentence::new(
            format!(
                "TLS: this machine has no list of certificate authorities, so {host} cannot be trusted"
            ),
            "Install ca-certificates, or give root certificates in the options.",
        ),
        E::InvalidMessage(_) => no_tls(host, &problem.to_string()),
        _ => other(host, &problem.to_string()),
    }
}

/// What OpenSSL says; other systems' words end in the last sentence, with their own text.
#[cfg(feature = "native-tls")]
pub(super) fn native(scene: &Scene<'_>, problem: &native_tls::Error) -> Sentence {
    use CertificateError as C;
    let text = problem.to_string();
    let says = |words: &[&str]| words.iter().any(|words| text.contains(words));
    let unknown = rustls::Error::General(text.clone());
    if says(&["hostname mismatch", "IP address mismatch"]) {
        return certificate(scene, &C::NotValidForName, &unknown);
    }
    if says(&["certificate has expired"]) {
        return certificate(scene, &C::Expired, &unknown);
    }
    if says(&["certificate is not yet valid"]) {
        return certificate(scene, &C::NotValidYet, &unknown);
    }
    if says(&["certificate revoked"]) {
        return certificate(scene, &C::Revoked, &unknown);
    }
    if says(&[
        "self-signed",
        "self signed",
        "unable to get local issuer",
        "unable to get issuer",
    ]) {
        return certificate(scene, &C::UnknownIssuer, &unknown);
    }
    if says(&[
        "certificate required",
        "alert bad certificate",
        "alert unknown ca",
    ]) {
        return client_certificate(scene.host);
    }
    if says(&[
        "unsupported protocol",
        "alert protocol version",
        "no protocols available",
    ]) {
        return nothing_in_common(scene.host, &text, OLD_TLS);
    }
    if says(&["handshake failure", "dh key too small", "legacy sigalg"]) {
        let hint = "The server may know TLS 1.0 or 1.1 only, or keys and signatures that are too weak: its administrator should enable TLS 1.2; \
                    danger_allow_old_tls is the last resort.";
        return nothing_in_common(scene.host, &text, hint);
    }
    if says(&[
        "wrong version number",
        "packet length too long",
        "http request",
    ]) {
        return no_tls(scene.host, &text);
    }
    other(scene.host, &text)
}

/// An alert of a server that asked for a certificate: with TLS 1.2 there is no other word for "none came".
fn is_about_us(alert: AlertDescription, scene: &Scene<'_>) -> bool {
    use AlertDescription as A;
    alert == A::CertificateRequired
        || scene.wants_certificate
            && matches!(
                alert,
                A::HandshakeFailure
                    | A::BadCertificate
                    | A::UnsupportedCertificate
                    | A::CertificateRevoked
                    | A::CertificateExpired
                    | A::CertificateUnknown
                    | A::UnknownCA
                    | A::AccessDenied
            )
}

fn client_certificate(host: &str) -> Sentence {
    Sentence::new(
        format!("TLS: {host} wants a client certificate, and got none that it takes"),
        "Give a client certificate of an authority that the server trusts in the options.",
    )
}

const OLD_TLS: &str = "The server knows TLS 1.0 or 1.1 only: its administrator must enable TLS 1.2 (Schannel). The last resort is TlsBackend::Native \
     with danger_allow_old_tls.";

const OLD_CIPHERS: &str = "Exchange on Windows Server 2012 R2 or older with an RSA certificate offers old cipher suites only, which rustls does not \
     have. TlsBackend::Native (feature native-tls) has them; an ECDSA certificate on the server, or a newer proxy in front of it, helps too.";

fn nothing_in_common(host: &str, said: &str, hint: &'static str) -> Sentence {
    Sentence::new(
        format!(
            "TLS: {host} and this program have no protocol version or cipher suite in common ({said})"
        ),
        hint,
    )
}

fn no_tls(host: &str, said: &str) -> Sentence {
    Sentence::new(
        format!("TLS: {host} does not speak TLS at this port ({said})"),
        "Check the port: EWS by https is usually at 443. Plain http:// is used for this machine only.",
    )
}

fn other(host: &str, said: &str) -> Sentence {
    Sentence {
        what: format!("TLS: the connection to {host} failed: {said}"),
        hint: None,
        passes: true,
    }
}

fn certificate(scene: &Scene<'_>, reason: &CertificateError, problem: &rustls::Error) -> Sentence {
    use CertificateError as C;
    let shown = scene.certificate.as_deref().map(certificate::facts);
    let shown = shown.as_ref();
    let detail = |text: &dyn Fn(&CertificateFacts) -> Option<String>| {
        shown.and_then(text).unwrap_or_default()
    };
    let (what, hint) = match reason {
        C::UnknownIssuer if shown.is_some_and(|shown| shown.subject == shown.issuer) => (
            format!("is its own authority{}", detail(&|shown| Some(format!(" (SHA-256 {})", shown.sha256)))),
            "If the administrator confirms this SHA-256, pin it and trust only what is pinned; or add the certificate as a root.",
        ),
        C::UnknownIssuer => (
            format!(
                "was issued by an authority that is not trusted here{}",
                detail(&|shown| (!shown.issuer.is_empty()).then(|| format!(" ({})", shown.issuer)))
            ),
            "Add the company's root certificate to the options or to the system. If the issuer is well known, the server may not send \
             the certificates in between.",
        ),
        C::Expired | C::ExpiredContext { .. } => (
            format!(
                "has expired{}",
                detail(&|shown| {
                    let end = shown.not_after.filter(|end| *end < Utc::now())?;
                    Some(format!(" on {}", end.format("%F")))
                })
            ),
            "The server's administrator must renew it; check this machine's clock too.",
        ),
        C::NotValidYet | C::NotValidYetContext { .. } => (
            format!(
                "is not valid yet{}",
                detail(&|shown| {
                    let begin = shown.not_before.filter(|begin| *begin > Utc::now())?;
                    Some(format!(", but from {} on", begin.format("%F")))
                })
            ),
            "Check this machine's clock.",
        ),
        C::NotValidForName | C::NotValidForNameContext { .. } => (
            format!("is for another name{}", detail(&|shown| Some(names(shown)))),
            "Use a name that stands in the certificate.",
        ),
        C::BadSignature => (
            "is not signed with the key that its authority has here".to_owned(),
            "If a certificate file was given, it may be an outdated root, with the right name but an old key: get the present one from the \
             administrator.",
        ),
        C::Revoked => (
            "has been revoked".to_owned(),
            "The server's administrator must replace it.",
        ),
        C::Other(other) if other.0.is::<PinMismatch>() => (
            other.0.to_string(),
            "Ask the administrator whether the certificate was renewed, and pin the new one; else somebody is in between.",
        ),
        _ if problem.to_string().contains("UnsupportedSignatureAlgorithm") => (
            "is signed with an algorithm that is not accepted here, such as SHA-1, MD5 or RSASSA-PSS".to_owned(),
            "Have it issued anew, signed with SHA-256.",
        ),
        _ if problem.to_string().contains("CaUsedAsEndEntity") => (
            "is one of an authority, not of a server".to_owned(),
            "Have one issued for the server; or, if the administrator confirms it, pin it and trust only what is pinned.",
        ),
        _ => (
            format!("is not acceptable: {problem}"),
            "The server's administrator must replace it.",
        ),
    };
    Sentence::new(
        format!("TLS: the certificate of {} {what}", scene.host),
        hint,
    )
}

fn names(shown: &CertificateFacts) -> String {
    const MOST: usize = 5;
    if shown.names.is_empty() {
        return format!(": it names no host ({})", shown.subject);
    }
    let names: Vec<&str> = shown.names.iter().take(MOST).map(String::as_str).collect();
    let more = if shown.names.len() > MOST { " …" } else { "" };
    format!(": it is for {}{more}", names.join(", "))
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
        let invalid = E::InvalidCertificate;
        for (problem, words) in [
            (
                E::AlertReceived(AlertDescription::HandshakeFailure),
                "cipher suite",
            ),
            (
                E::AlertReceived(AlertDescription::InsufficientSecurity),
                "feature native-tls",
            ),
            (
                E::AlertReceived(AlertDescription::ProtocolVersion),
                "must enable TLS 1.2",
            ),
            (
                E::AlertReceived(AlertDescription::CertificateRequired),
                "client certificate",
            ),
            (invalid(CertificateError::UnknownIssuer), "root certificate"),
            (invalid(CertificateError::Expired), "expired"),
            (invalid(CertificateError::NotValidYet), "clock"),
            (invalid(CertificateError::NotValidForName), "another name"),
            (invalid(CertificateError::Revoked), "revoked"),
            (invalid(unsupported), "SHA-256"),
            (invalid(CertificateError::BadSignature), "outdated root"),
            (
                E::InvalidMessage(InvalidMessage::InvalidContentType),
                "port",
            ),
            (invalid(CertificateError::BadEncoding), "not acceptable"),
            (
                E::General("No CA certificates were loaded from the system".into()),
                "ca-certificates",
            ),
            (E::DecryptError, "failed"),
        ] {
            let scene = Scene {
                host: "mail.contoso.com",
                proxy: None,
                certificate: None,
                wants_certificate: false,
            };
            let Sentence { what, hint, .. } = rustls(&scene, &problem);
            let sentence = format!("{what} {}", hint.unwrap_or_default());
            assert!(
                sentence.starts_with("TLS: ") && sentence.contains("mail.contoso.com"),
                "{sentence}"
            );
            assert!(sentence.contains(words), "{sentence}");
            crate::http::tests::assert_sentence(hint);
        }
    }

    #[test]
    fn an_alert_after_the_server_asked_for_a_certificate() {
        let scene = Scene {
            host: "mail.contoso.com",
            proxy: None,
            certificate: None,
            wants_certificate: true,
        };
        let alert = rustls::Error::AlertReceived(AlertDescription::HandshakeFailure);
        assert!(
            rustls(&scene, &alert)
                .what
                .contains("wants a client certificate")
        );
    }
}
