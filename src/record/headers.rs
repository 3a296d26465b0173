//! Which headers may be shown.

use std::fmt::Write;

use encoding_rs::Encoding;
use http::HeaderMap;

use super::placeholder::{Placeholders, is_number};
use super::vocabulary;

/// What is known of the value of a header.
#[derive(Clone, Copy)]
enum Kind {
    ContentType,
    /// An id made for one request.
    RequestId,
    Number,
    /// Digits and a few signs, as of dates and versions, and known words.
    Plain,
    Address,
    Server,
    Token,
}

/// Every other header is left out.
const SHOWN: [(&str, Kind); 22] = [
    ("content-type", Kind::ContentType),
    ("content-length", Kind::Number),
    ("content-encoding", Kind::Plain),
    ("transfer-encoding", Kind::Plain),
    ("retry-after", Kind::Number),
    ("date", Kind::Plain),
    ("server", Kind::Plain),
    ("x-powered-by", Kind::Plain),
    ("x-aspnet-version", Kind::Plain),
    ("request-id", Kind::RequestId),
    ("client-request-id", Kind::RequestId),
    ("x-ms-diagnostics-request-id", Kind::RequestId),
    ("x-owa-version", Kind::Plain),
    ("x-caserrorcode", Kind::Token),
    ("x-anchormailbox", Kind::Address),
    ("x-publicfoldermailbox", Kind::Address),
    ("x-preferserveraffinity", Kind::Plain),
    ("x-feserver", Kind::Server),
    ("x-beserver", Kind::Server),
    ("x-calculatedbetarget", Kind::Server),
    ("x-targetbeserver", Kind::Server),
    ("x-diaginfo", Kind::Server),
];

pub(super) fn write(out: &mut String, headers: &HeaderMap, placeholders: &mut Placeholders) {
    for (name, kind) in SHOWN {
        for value in headers.get_all(name) {
            let shown = match value.to_str() {
                Ok(value) => show(kind, value.trim(), placeholders),
                Err(_) => placeholders.text(&String::from_utf8_lossy(value.as_bytes())),
            };
            let shown: String = shown.chars().filter(|c| !c.is_control()).collect();
            let _ = writeln!(out, "{name}: {shown}");
        }
    }
}

fn show(kind: Kind, value: &str, placeholders: &mut Placeholders) -> String {
    let is_shown = match kind {
        Kind::ContentType => is_content_type(value),
        Kind::Number => is_number(value),
        Kind::RequestId => uuid::Uuid::parse_str(value).is_ok(),
        Kind::Plain => is_plain(value),
        Kind::Token => vocabulary::is_token(value),
        Kind::Server => return placeholders.server(value),
        Kind::Address => false,
    };
    match is_shown {
        true => value.to_owned(),
        false => placeholders.value(value).into_owned(),
    }
}

/// A known type, and perhaps a known character set.
fn is_content_type(value: &str) -> bool {
    const TYPES: [&str; 8] = [
        "text/xml",
        "text/html",
        "text/plain",
        "application/xml",
        "application/xhtml+xml",
        "application/soap+xml",
        "application/json",
        "application/octet-stream",
    ];
    let mut parts = value.split(';').map(str::trim);
    let is_known = |name: &str| TYPES.iter().any(|it| it.eq_ignore_ascii_case(name));
    parts.next().is_some_and(is_known)
        && parts.all(|part| {
            let label = part
                .split_once('=')
                .filter(|(name, _)| name.eq_ignore_ascii_case("charset"));
            label.is_some_and(|(_, label)| {
                Encoding::for_label(label.trim_matches('"').as_bytes()).is_some()
            })
        })
}

/// Words that servers write there, and digits.
fn is_plain(value: &str) -> bool {
    const WORDS: [&str; 30] = [
        "gzip",
        "deflate",
        "identity",
        "chunked",
        "true",
        "false",
        "Microsoft",
        "IIS",
        "HTTPAPI",
        "ASP",
        "NET",
        "nginx",
        "GMT",
        "Mon",
        "Tue",
        "Wed",
        "Thu",
        "Fri",
        "Sat",
        "Sun",
        "Jan",
        "Feb",
        "Mar",
        "Apr",
        "May",
        "Jun",
        "Jul",
        "Aug",
        "Sep",
        "Oct",
    ];
    const MORE: [&str; 2] = ["Nov", "Dec"];
    value
        .split(|c: char| !c.is_ascii_alphanumeric())
        .all(|word| is_short_number(word) || WORDS.contains(&word) || MORE.contains(&word))
        && value.is_ascii()
}

fn is_short_number(word: &str) -> bool {
    word.len() <= 5 && word.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use http::header::{AUTHORIZATION, COOKIE, HeaderName};

    use super::*;

    #[test]
    fn only_what_is_known_is_shown() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("content-type", "text/xml; charset=utf-8"),
            ("retry-after", "30"),
            ("date", "Sun, 22 Nov 2026 06:47:00 GMT"),
            ("server", "Microsoft-IIS/10.0"),
            ("x-powered-by", "hunter2"),
            ("request-id", "6F9619FF-8B86-D011-B42D-00C04FC964FF"),
            ("client-request-id", "hunter2"),
            ("x-anchormailbox", "alice@contoso.com"),
            ("x-feserver", "EX01"),
            ("x-calculatedbetarget", "ex01"),
            ("x-secret", "hunter2"),
            ("set-cookie", "session=hunter2"),
        ] {
            headers.append(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            );
        }
        headers.insert(
            AUTHORIZATION,
            HeaderValue::from_static("Basic aHVudGVyMg=="),
        );
        headers.insert(COOKIE, HeaderValue::from_static("hunter2"));
        let mut shown = String::new();
        write(&mut shown, &headers, &mut Placeholders::default());
        assert_eq!(
            shown,
            "content-type: text/xml; charset=utf-8\nretry-after: 30\n\
             date: Sun, 22 Nov 2026 06:47:00 GMT\nserver: Microsoft-IIS/10.0\nx-powered-by: text-1\n\
             request-id: 6F9619FF-8B86-D011-B42D-00C04FC964FF\nclient-request-id: text-1\n\
             x-anchormailbox: person1@example.com\nx-feserver: server1.example.com\n\
             x-calculatedbetarget: server1.example.com\n"
        );
    }
}
