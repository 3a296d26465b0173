//! What was seen of the way to a server, as verdicts.

use chrono::{TimeDelta, Utc};
use url::Url;

use super::{DiagnosedCertificate, Verdict};
use crate::http::{self, ConnectionFacts};

/// So long before its end a certificate is worth a warning.
const CERTIFICATE_ENDS_SOON: TimeDelta = TimeDelta::days(30);

/// The server could be reached.
pub(crate) fn connection(url: &Url, seen: &ConnectionFacts) -> Verdict {
    let host = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or_default();
    Verdict::ok(match &seen.proxy {
        Some(proxy) => format!("to {host}, port {port}, by the proxy {proxy}"),
        None => format!("to {host}, port {port}"),
    })
}

/// The connection is as safe as was asked for.
pub(crate) fn encryption(url: &Url, seen: &ConnectionFacts) -> Verdict {
    if url.scheme() != "https" {
        return match url.host().is_some_and(|host| http::is_loopback(&host)) {
            true => Verdict::ok("none, and none needed: the server is on this machine"),
            false => Verdict::warning(
                "there is none: whoever is on the way can read everything",
                "Use https:// in the address.",
            ),
        };
    }
    match seen.certificates.first() {
        Some(seen) => certificate(&seen.into()),
        None => Verdict::ok("TLS; the certificate is not known"),
    }
}

fn certificate(seen: &DiagnosedCertificate) -> Verdict {
    let names = match seen.names.as_slice() {
        [] => String::new(),
        names => format!(" for {}", names.join(", ")),
    };
    let issuer = match seen.is_self_signed() {
        true => "issued by itself".to_owned(),
        false => format!("issued by {}", seen.issuer),
    };
    let Some(end) = seen.not_after else {
        return Verdict::ok(format!(
            "TLS; certificate {}{names}, {issuer}",
            seen.subject
        ));
    };
    let text = format!(
        "TLS; certificate {}{names}, {issuer}, until {}",
        seen.subject,
        end.format("%F")
    );
    let left = end - Utc::now();
    if left < TimeDelta::zero() {
        return Verdict::warning(
            format!("{text}: it has expired, and was accepted since the options say so"),
            "The server's administrator must renew it.",
        );
    }
    if left < CERTIFICATE_ENDS_SOON {
        return Verdict::warning(
            format!("{text}: it ends in {} days", left.num_days()),
            "The server's administrator should renew it now.",
        );
    }
    Verdict::ok(text)
}
