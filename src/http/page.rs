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
        loop {
            let end: &[u8] = if rest.starts_with(b"<?") {
                b"?>"
            } else if rest.starts_with(b"<!--") {
                b"-->"
            } else {
                break;
            };
            let Some(at) = rest.windows(end.len()).position(|window| window == end) else {
                return Self::Xml;
            };
            rest = rest
                .get(at + end.len()..)
                .unwrap_or_default()
                .trim_ascii_start();
        }
        let head = rest
            .get(..rest.len().min(16))
            .unwrap_or_default()
            .to_ascii_lowercase();
        let html = HTML_STARTS.iter().any(|start| {
            head.strip_prefix(*start).is_some_and(|after| {
                after
                    .first()
                    .is_none_or(|next| !next.is_ascii_alphanumeric() && *next != b':')
            })
        });
        if html { Self::Html } else { Self::Xml }
    }
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
    b"<!doctype html",
    b"<html",
    b"<head",
    b"<body",
    b"<title",
    b"<script",
    b"<meta",
    b"<h1",
    b"<h2",
    b"<p",
    b"<div",
    b"<center",
];
