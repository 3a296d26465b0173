//! What the headers of an answer say of it, for messages.

use http::HeaderMap;
use url::Url;

use super::charset::excerpt;

/// The support id of an answer: `request-id`, since Exchange 2013.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<&str> {
    ["request-id", "x-ms-diagnostics-request-id"]
        .into_iter()
        .find_map(|name| text(headers, name))
}

/// The `reason` of `x-ms-diagnostics`, for a message.
pub(super) fn diagnostics(headers: &HeaderMap) -> String {
    text(headers, "x-ms-diagnostics")
        .and_then(|value| value.split_once("reason=\""))
        .and_then(|(_, reason)| reason.split('"').next())
        .map(|reason| format!(" (the server says: {})", excerpt(reason.as_bytes(), 200)))
        .unwrap_or_default()
}

/// A URL for a message: what stands behind `?` may be a secret.
pub(crate) fn without_query(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    let _ = url.set_password(None); // fails for addresses that cannot have one
    let _ = url.set_username("");
    excerpt(url.as_str().as_bytes(), 200)
}

pub(super) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
/// An address as it may be shown: people write passwords into it, although they do no good there.
pub(crate) fn without_user(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    match rest.rsplit_once('@') {
        Some((_, server)) => format!("{scheme}://[redacted]@{server}"),
        None => url.to_owned(),
    }
}
