//! The names of the servers behind an address, as the answers give them.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::refusal::text;

/// In the order in which a request passes: front end, then the mailbox server. Exchange 2013 and later; a balancer may
/// take them out.
///
/// Source: <https://learn.microsoft.com/exchange/client-developer/exchange-web-services/instrumenting-client-requests-for-ews-and-rest-in-exchange>
const NAMES: [&str; 5] = [
    "x-feserver",
    "x-calculatedbetarget",
    "x-targetbeserver",
    "x-beserver",
    "x-diaginfo",
];

/// The names of the servers that made this answer, front end first, each once.
///
/// The back end is told in several ways, with and without its domain; the longer form stays.
pub(crate) fn servers(headers: &HeaderMap) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for name in NAMES.iter().filter_map(|name| text(headers, name)) {
        let name = name.trim();
        if name.is_empty() || !name.chars().all(is_of_a_name) || name.len() > 253 {
            continue;
        }
        match found.iter_mut().find(|known| is_same(known, name)) {
            Some(known) if known.len() < name.len() => *known = name.to_owned(),
            Some(_) => {}
            None => found.push(name.to_owned()),
        }
    }
    found
}

/// Whether `servers` would find the same names in both; without making them.
pub(super) fn same_servers(one: &HeaderMap, other: &HeaderMap) -> bool {
    NAMES.iter().all(|name| one.get(*name) == other.get(*name))
}

/// Only the headers that `servers` looks at.
pub(super) fn kept(headers: &HeaderMap) -> HeaderMap {
    let header = |name: &&'static str| {
        let value = headers.get(*name)?;
        // own bytes: these must not keep the buffer of the connection
        let value = HeaderValue::from_bytes(value.as_bytes()).ok()?;
        Some((HeaderName::from_static(name), value))
    };
    NAMES.iter().filter_map(header).collect()
}

fn is_of_a_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')
}

/// `EX01` and `ex01.contoso.com` are one server.
fn is_same(one: &str, other: &str) -> bool {
    let first = |name: &str| {
        name.split('.')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase()
    };
    let has_domain = |name: &str| name.contains('.');
    if has_domain(one) && has_domain(other) {
        return one.eq_ignore_ascii_case(other);
    }
    first(one) == first(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(headers: &[(&'static str, &'static str)]) -> Vec<String> {
        let pairs = headers.iter().map(|(name, value)| {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            (name, HeaderValue::from_static(value))
        });
        servers(&pairs.collect())
    }

    #[test]
    fn front_end_first_and_each_once() {
        let answer = [
            ("X-DiagInfo", "EX02"),
            ("X-BEServer", "EX02"),
            ("X-CalculatedBETarget", "ex02.contoso.com"),
            ("X-FEServer", "EX01"),
        ];
        assert_eq!(found(&answer), ["EX01", "ex02.contoso.com"]);
        assert_eq!(
            found(&[("X-BEServer", "EX02"), ("X-FEServer", "EX02")]),
            ["EX02"]
        );
        let two = [
            ("X-FEServer", "ex01.a.example"),
            ("X-TargetBEServer", "ex01.b.example"),
        ];
        assert_eq!(found(&two), ["ex01.a.example", "ex01.b.example"]);
    }

    #[test]
    fn what_is_no_name_is_left_out() {
        assert_eq!(found(&[("X-FEServer", " ")]), [""; 0]);
        assert_eq!(found(&[("X-FEServer", "<script>")]), [""; 0]);
        assert_eq!(found(&[("Server", "Microsoft-IIS/10.0")]), [""; 0]);
    }
}
