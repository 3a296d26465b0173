//! Answers of somebody else: logon pages, gateways and proxies on the way to Graph.

use http::HeaderMap;
use url::Url;

use super::call::Call;
use crate::connector::Backend;
use crate::error::{Effect, Error, ErrorKind, RetryAdvice, Unreadable};
use crate::http::{is_logon, request_id};

/// What an answer is to be taken for that is not of Graph's; `None` where its status says enough.
pub(super) fn error(
    call: &Call,
    base: &Url,
    status: u16,
    headers: &HeaderMap,
    body: &[u8],
) -> Option<Error> {
    // Graph names each request it answered.
    if request_id(headers).is_some() {
        return None;
    }
    let host = base.host_str().unwrap_or_default();
    let make = |kind, message: String, hint: String| {
        let error = Error::new(kind, call.name, message)
            .with_backend(Backend::Graph)
            .with_status(status)
            .with_hint(hint)
            .with_advice(RetryAdvice::Never);
        match (200..300).contains(&status) {
            true => error.with_unreadable(Unreadable::Protocol),
            false => error,
        }
    };
    let between = format!(
        "Something between this program and {host} answers for it, as a proxy, a firewall or the logon page of a guest network: have it let requests \
         to {host} pass."
    );
    if is_page(body) && is_logon(body) {
        let what = "a logon page came instead of an answer".to_owned();
        return Some(make(ErrorKind::Unauthenticated, what, between));
    }
    let error = match status {
        404 | 405 => make(
            ErrorKind::Configuration,
            format!("there is no Graph at {}", base.as_str().trim_end_matches('/')),
            "Check the address of the cloud, usually https://graph.microsoft.com/v1.0; or a gateway on the way sends requests elsewhere.".to_owned(),
        ),
        403 => make(
            ErrorKind::PermissionDenied,
            "something on the way forbids the request".to_owned(),
            between,
        ),
        407 => make(
            ErrorKind::Connection,
            "a proxy wants its own logon".to_owned(),
            "Put user name and password into the proxy's address (HTTPS_PROXY), or have it let this program pass.".to_owned(),
        ),
        200..300 if is_page(body) => make(
            ErrorKind::Protocol,
            "a web page came instead of an answer".to_owned(),
            between,
        )
        .with_effect(match call.repeatable {
            true => Effect::None,
            false => Effect::Unknown,
        }),
        _ => return None,
    };
    Some(error)
}

/// Whether a body is a web page, or other markup; JSON never begins so.
fn is_page(body: &[u8]) -> bool {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    body.trim_ascii_start().starts_with(b"<")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::permission::Permission;

    const PAGE: &[u8] = b" <html><title>Blocked</title></html>";

    fn judged(status: u16, body: &[u8]) -> Option<(ErrorKind, String)> {
        let call = Call::post("send", &["sendMail"], Permission::MailSend);
        let base = Url::parse("https://graph.example/v1.0").unwrap();
        let error = error(&call, &base, status, &HeaderMap::new(), body)?;
        Some((error.kind(), error.to_string()))
    }

    #[test]
    fn pages_and_statuses() {
        let logon = b"<html><input type=password></html>";
        for (status, body, kind, word) in [
            (200, &logon[..], ErrorKind::Unauthenticated, "logon page"),
            (401, logon, ErrorKind::Unauthenticated, "guest network"),
            (200, PAGE, ErrorKind::Protocol, "graph.example"),
            (403, PAGE, ErrorKind::PermissionDenied, "on the way"),
            (404, PAGE, ErrorKind::Configuration, "graph.example/v1.0"),
            (405, b"", ErrorKind::Configuration, "cloud"),
            (407, b"", ErrorKind::Connection, "HTTPS_PROXY"),
        ] {
            let (seen, words) = judged(status, body).unwrap();
            assert_eq!(seen, kind, "{status}: {words}");
            assert!(words.contains(word), "{status}: {words}");
        }
        for (status, body) in [(503, PAGE), (200, b"OK"), (502, b"")] {
            assert_eq!(judged(status, body), None, "{status}");
        }
    }

    /// What names the request is of Graph, whatever its body is.
    #[test]
    fn answers_of_graph_are_left_alone() {
        let call = Call::get("get_message", &["messages", "a"], Permission::MailRead);
        let base = Url::parse("https://graph.example/v1.0").unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("request-id", http::HeaderValue::from_static("1"));
        assert!(error(&call, &base, 404, &headers, b"").is_none());
    }
}
