//! The names of the servers that an answer came from.

use http::{HeaderMap, HeaderName, HeaderValue};

/// Headers that name a server, front end first. Exchange 2013 and later, and Exchange Online.
///
/// Source: <https://learn.microsoft.com/archive/blogs/webdav_101/best-practices-important-and-critical-headers-for-ews>
/// and answers of servers.
const HEADERS: [&str; 6] = [
    "x-calculatedfetarget",
    "x-feserver",
    "x-calculatedbetarget",
    "x-targetbeserver",
    "x-beserver",
    "x-diaginfo",
];

/// The servers that handled a request, front end first, each once: by its full name if one header
/// has it, whatever another calls it. What is no name of a computer is left out.
pub(crate) fn servers(headers: &HeaderMap) -> Vec<String> {
    let mut servers: Vec<String> = Vec::new();
    for name in HEADERS {
        for value in headers.get_all(name) {
            let Some(server) = value.to_str().ok().map(str::trim).filter(is_name) else {
                continue;
            };
            let known = servers.iter_mut().find(|known| is_same(known, server));
            if let Some(known) = known {
                if known.len() < server.len() {
                    *known = server.to_owned();
                }
            } else if servers.len() < MOST {
                servers.push(server.to_owned());
            }
        }
    }
    servers
}

const MOST: usize = 8;

/// Whether [`servers`] would find the same names in both; without making them.
pub(super) fn same_servers(one: &HeaderMap, other: &HeaderMap) -> bool {
    HEADERS
        .iter()
        .all(|name| one.get(*name) == other.get(*name))
}

/// Only the headers that [`servers`] looks at.
pub(super) fn kept(headers: &HeaderMap) -> HeaderMap {
    let header = |name: &&'static str| {
        let value = headers.get(*name)?;
        // own bytes: these must not keep the buffer of the connection
        let value = HeaderValue::from_bytes(value.as_bytes()).ok()?;
        Some((HeaderName::from_static(name), value))
    };
    HEADERS.iter().filter_map(header).collect()
}

fn is_name(text: &&str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    (1..=255).contains(&text.len())
        && text.contains(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(is_part)
}

/// `EX1` is `ex1.contoso.local`; two full names differ where they differ.
fn is_same(one: &str, other: &str) -> bool {
    let first = |name: &str| name.split('.').next().unwrap_or_default().to_lowercase();
    let is_short = !one.contains('.') || !other.contains('.');
    one.eq_ignore_ascii_case(other) || (is_short && first(one) == first(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&'static str, &'static str)]) -> Vec<String> {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            headers.append(name, HeaderValue::from_static(value));
        }
        servers(&headers)
    }

    #[test]
    fn front_end_first_and_each_once() {
        assert!(of(&[("request-id", "1")]).is_empty());
        let named = of(&[
            ("X-DiagInfo", "EX2"),
            ("X-BEServer", "EX2"),
            ("X-CalculatedBETarget", "ex2.contoso.local"),
            ("X-FEServer", "EX1"),
        ]);
        assert_eq!(named, ["EX1", "ex2.contoso.local"]);
        let one = of(&[
            ("X-FEServer", "EX1"),
            ("X-CalculatedBETarget", "ex1.contoso.local"),
            ("X-BEServer", "EX1"),
        ]);
        assert_eq!(one, ["ex1.contoso.local"]);
        let sites = of(&[
            ("X-CalculatedFETarget", "ex1.a.contoso.local"),
            ("X-CalculatedBETarget", "ex1.b.contoso.local"),
        ]);
        assert_eq!(sites.len(), 2);
    }

    #[test]
    fn what_is_no_name() {
        for value in ["", " ", "...", "a b", "<script>", "ex1, ex2", "münchen"] {
            let mut headers = HeaderMap::new();
            if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
                headers.insert("x-feserver", value);
            }
            assert!(servers(&headers).is_empty(), "{value:?}");
        }
        assert!(is_name(&"EX_01-a.contoso.local"));
        assert!(!is_name(&"x".repeat(256).as_str()));
    }
}
