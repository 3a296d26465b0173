//! Answers that are not Graph's: pages of proxies, gateways, and networks that want somebody to log on.

use http::HeaderMap;
use http::header::LOCATION;
use url::Url;

use super::call::Call;
use crate::connector::Backend;
use crate::error::{Effect, Error, ErrorKind, RetryAdvice, Unreadable, classify_http_status};
use crate::http::{beginning, is_logon, quote, request_id, without_query};

const LOGON: &str = "Something between wants somebody to log on in a browser first (a proxy, a gateway, the network of a guest): let this program's requests to Graph pass.";
const BETWEEN: &str = "A proxy, gateway or firewall may answer in Graph's place; or the base URL is wrong: it ends in /v1.0.";

/// What a refusal means in which Graph says nothing: of items and their states only Graph knows.
pub(super) fn kind(status: u16, body: &[u8]) -> ErrorKind {
    match status {
        ..500 if is_logon(&beginning(body)) => ErrorKind::Unauthenticated,
        407 => ErrorKind::Connection,
        404 | 405 | 410 => ErrorKind::Configuration,
        409 | 412 => ErrorKind::Protocol,
        _ => classify_http_status(status),
    }
}

/// What came, and what it says to a person.
pub(super) fn message(status: u16, headers: &HeaderMap, body: &[u8]) -> String {
    let leads = match leads_to(headers) {
        Some(place) => format!("; it leads to {place}"),
        None => quote(&beginning(body)),
    };
    format!("the server answered with HTTP {status} and nothing that is of Graph{leads}")
}

/// What to do about it.
pub(super) fn hint(status: u16, headers: &HeaderMap, body: &[u8]) -> Option<&'static str> {
    let location = headers.get(LOCATION).map(http::HeaderValue::as_bytes);
    if is_logon(&beginning(body)) || location.is_some_and(is_logon) {
        return Some(LOGON);
    }
    (status < 500 && status != 429).then_some(BETWEEN)
}

/// The error for a page where JSON should be, or nothing: a success that says nothing of what was done.
pub(super) fn page(call: &Call, status: u16, headers: &HeaderMap, body: &[u8]) -> Option<Error> {
    let text = beginning(body);
    if !text.trim_ascii_start().starts_with(b"<") {
        return None;
    }
    let (kind, what, hint) = match is_logon(&text) {
        true => (ErrorKind::Unauthenticated, "logon", LOGON),
        false => (ErrorKind::Protocol, "web", BETWEEN),
    };
    let message = format!("a {what} page came instead of an answer{}", quote(&text));
    let effect = match call.repeatable {
        true => Effect::None,
        // a gateway may have lost patience after Graph had the request
        false => Effect::Unknown,
    };
    let error = Error::new(kind, call.name, message)
        .with_backend(Backend::Graph)
        .with_status(status)
        .with_unreadable(Unreadable::Http)
        .with_advice(RetryAdvice::Never)
        .with_effect(effect)
        .with_hint(hint);
    Some(match request_id(headers) {
        Some(id) => error.with_request_id(id),
        None => error,
    })
}

/// Redirects are never followed: the token would go to somebody else.
fn leads_to(headers: &HeaderMap) -> Option<String> {
    let location = headers.get(LOCATION)?.to_str().ok()?;
    Url::parse(location).ok().map(|url| without_query(&url))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_person_learns_who_answered() {
        let mut headers = HeaderMap::new();
        let page = b"<html><title>Guest network</title><input type=password>";
        let said = message(403, &headers, page);
        assert!(
            said.ends_with("nothing that is of Graph (\"Guest network\")"),
            "{said}"
        );
        assert_eq!(hint(403, &headers, page), Some(LOGON));
        assert_eq!(hint(404, &headers, b"no such page"), Some(BETWEEN));
        assert_eq!(hint(502, &headers, b"bad gateway"), None);

        let location = "https://portal.example.test/in?session=4711";
        headers.insert(LOCATION, HeaderValue::from_static(location));
        let said = message(302, &headers, b"");
        assert!(
            said.ends_with("it leads to https://portal.example.test/in"),
            "{said}"
        );
    }

    #[test]
    fn only_graph_knows_its_items() {
        for (status, expected) in [
            (404, ErrorKind::Configuration),
            (410, ErrorKind::Configuration),
            (407, ErrorKind::Connection),
            (412, ErrorKind::Protocol),
            (302, ErrorKind::Configuration),
            (403, ErrorKind::PermissionDenied),
            (503, ErrorKind::Unavailable),
        ] {
            assert_eq!(kind(status, b""), expected, "{status}");
        }
    }
}
