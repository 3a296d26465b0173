//! Which request an answer is to.

use http::HeaderMap;

/// Whether an answer says that it is to another request than the one with this id.
pub(crate) fn is_of_another(headers: &HeaderMap, id: &str) -> bool {
    let mut named = headers.get_all("client-request-id").iter().peekable();
    named.peek().is_some()
        && !named.any(|value| {
            value
                .as_bytes()
                .trim_ascii()
                .eq_ignore_ascii_case(id.as_bytes())
        })
}
