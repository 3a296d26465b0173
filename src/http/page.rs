//! Web pages where an answer should be.

use super::charset::excerpt;

/// What a body seems to be.
pub(super) enum BodyKind {
    Xml,
    Html,
    /// Nothing, text, or bytes of any kind.
    Other,
}

impl BodyKind {
    pub(super) fn of(body: &[u8]) -> Self {
        // UTF-16 is XML: pages do not come in it
        if let [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [b'<', 0, ..] | [0, b'<', ..] = body {
            return Self::Xml;
        }
        let mut rest = body
            .strip_prefix(b"\xef\xbb\xbf")
            .unwrap_or(body)
            .trim_ascii_start();
        if !rest.starts_with(b"<") {
            return Self::Other;
        }
        // declaration, processing instructions and comments may stand before the first element
        let mut is_declared_html = false;
        loop {
            let end: &[u8] = if rest.starts_with(b"<?") {
                b"?>"
            } else if rest.starts_with(b"<!--") {
                b"-->"
            } else if !is_declared_html && starts_with_tag(rest, b"<!doctype html") {
                is_declared_html = true;
                b">"
            } else {
                break;
            };
            let Some(at) = rest.windows(end.len()).position(|window| window == end) else {
                return if is_declared_html {
                    Self::Html
                } else {
                    Self::Xml
                };
            };
            rest = rest
                .get(at + end.len()..)
                .unwrap_or_default()
                .trim_ascii_start();
        }
        let is_html = HTML_STARTS.iter().any(|start| starts_with_tag(rest, start));
        // an envelope does not become a page by what is declared before it
        if is_html || is_declared_html && !is_envelope(rest) {
            Self::Html
        } else {
            Self::Xml
        }
    }
}

fn starts_with_tag(text: &[u8], start: &[u8]) -> bool {
    let head = text.get(..start.len());
    head.is_some_and(|head| head.eq_ignore_ascii_case(start))
        && text
            .get(start.len())
            .is_none_or(|next| !next.is_ascii_alphanumeric() && *next != b':')
}

fn is_envelope(text: &[u8]) -> bool {
    let end = text
        .iter()
        .position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'));
    let name = text.get(1..end.unwrap_or(text.len())).unwrap_or_default();
    name.rsplit(|byte| *byte == b':').next() == Some(b"Envelope")
}

/// Signs of the logon pages of Exchange, AD FS, Entra and of common gateways.
pub(super) fn is_logon(text: &[u8]) -> bool {
    const MOST: usize = 64 * 1024;
    let text = text.get(..text.len().min(MOST)).unwrap_or_default();
    let lower_case = String::from_utf8_lossy(text).to_ascii_lowercase();
    [
        "/owa/auth",
        "auth.owa",
        "logon.aspx",
        "/adfs/ls",
        "login.microsoftonline.com",
        "/my.policy",
        "type=password",
        "type=\"password\"",
        "type='password'",
    ]
    .iter()
    .any(|sign| lower_case.contains(sign))
}

/// The page's title, for a message.
pub(super) fn title(body: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(body.get(..body.len().min(4096))?).into_owned();
    let lower = head.to_ascii_lowercase();
    let start = lower.find("<title")?;
    let start = start + lower.get(start..)?.find('>')? + 1;
    let end = start + lower.get(start..)?.find("</title")?;
    Some(excerpt(head.get(start..end)?.as_bytes(), 120)).filter(|title| !title.is_empty())
}

const HTML_STARTS: &[&[u8]] = &[
    b"<html", b"<head", b"<body", b"<title", b"<script", b"<meta", b"<h1", b"<h2", b"<p", b"<div",
    b"<center",
];
