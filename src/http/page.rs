//! Web pages where an answer should be.

use std::borrow::Cow;

use super::charset::excerpt;

/// What a body seems to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyKind {
    /// XML whose root is an envelope, perhaps a cut one.
    Envelope,
    /// An envelope after a document type of HTML. It does not become a page by that, but a reader of
    /// XML refuses it.
    DeclaredEnvelope,
    /// It ends before the name of its root element does.
    Cut,
    /// XML, or tags at least, whose root is something else.
    OtherXml,
    /// A web page that begins as one.
    Html,
    /// Nothing, text, or bytes of any kind.
    Other,
}

impl BodyKind {
    /// Judges the beginning of a body, as [`beginning`] gives it.
    pub(super) fn of(text: &[u8]) -> Self {
        let mut rest = text.trim_ascii_start();
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
            let after = rest
                .windows(end.len())
                .position(|window| window == end)
                .and_then(|at| rest.get(at + end.len()..));
            rest = after.unwrap_or_default().trim_ascii_start();
        }
        if HTML_STARTS.iter().any(|start| starts_with_tag(rest, start)) {
            return Self::Html;
        }
        match (Root::of(rest), is_declared_html) {
            (Root::Envelope, true) => Self::DeclaredEnvelope,
            (_, true) => Self::Html,
            (Root::Envelope, false) => Self::Envelope,
            (Root::Cut, false) => Self::Cut,
            (Root::Other, false) => Self::OtherXml,
        }
    }
}

/// The beginning of a body as UTF-8 without a byte order mark, long enough to judge it.
pub(super) fn beginning(body: &[u8]) -> Cow<'_, [u8]> {
    const MOST: usize = 128 * 1024;
    type Unit = fn([u8; 2]) -> u16;
    let (unit, rest): (Unit, &[u8]) = match body {
        [0xff, 0xfe, rest @ ..] => (u16::from_le_bytes, rest),
        [0xfe, 0xff, rest @ ..] => (u16::from_be_bytes, rest),
        [b'<', 0, ..] => (u16::from_le_bytes, body),
        [0, b'<', ..] => (u16::from_be_bytes, body),
        _ => return Cow::Borrowed(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)),
    };
    let (pairs, _) = rest.as_chunks::<2>();
    let units: Vec<u16> = pairs
        .iter()
        .take(MOST / 2)
        .map(|pair| unit(*pair))
        .collect();
    Cow::Owned(String::from_utf16_lossy(&units).into_bytes())
}

fn starts_with_tag(text: &[u8], start: &[u8]) -> bool {
    let head = text.get(..start.len());
    head.is_some_and(|head| head.eq_ignore_ascii_case(start))
        && text
            .get(start.len())
            .is_none_or(|next| !next.is_ascii_alphanumeric() && *next != b':')
}

enum Root {
    Envelope,
    Cut,
    Other,
}

impl Root {
    fn of(text: &[u8]) -> Self {
        let end = text
            .iter()
            .position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'));
        let Some(name) = end.and_then(|end| text.get(1..end)) else {
            return Self::Cut;
        };
        if name.rsplit(|byte| *byte == b':').next() == Some(b"Envelope") {
            // where its tag ends, if it does, is for the reader of XML
            Self::Envelope
        } else {
            Self::Other
        }
    }
}

/// Signs of the logon pages of Exchange, AD FS, Entra and of common gateways.
pub(crate) fn is_logon(text: &[u8]) -> bool {
    const MOST: usize = 64 * 1024;
    let text = text.get(..text.len().min(MOST)).unwrap_or_default();
    let lower_case = String::from_utf8_lossy(text).to_ascii_lowercase();
    let is_field = |sign: &&str| lower_case.contains(*sign);
    LOGON_SIGNS.iter().any(is_field)
        || ["type=password", "type=\"password\"", "type='password'"]
            .iter()
            .any(is_field)
}

/// Addresses that logon pages lead to.
pub(crate) const LOGON_SIGNS: [&str; 6] = [
    "/owa/auth",
    "auth.owa",
    "logon.aspx",
    "/adfs/ls",
    "login.microsoftonline.com",
    "/my.policy",
];

/// The page's title, for a message.
pub(super) fn title(body: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(body.get(..body.len().min(4096))?).into_owned();
    let lower = head.to_ascii_lowercase();
    let start = lower.find("<title")?;
    let start = start + lower.get(start..)?.find('>')? + 1;
    let end = start + lower.get(start..)?.find("</title")?;
    Some(excerpt(head.get(start..end)?.as_bytes(), 120)).filter(|title| !title.is_empty())
}

/// What a person would read of a body: its words without its tags, styles and scripts.
pub(super) fn words(body: &[u8], limit: usize) -> String {
    let text = String::from_utf8_lossy(body.get(..body.len().min(4096)).unwrap_or_default());
    let mut words = String::new();
    let mut rest = text.as_ref();
    while let Some((before, after)) = rest.split_once('<') {
        words.push_str(before);
        words.push(' ');
        let skipped = ["style", "script", "!--"].into_iter().find(|name| {
            let head = after.get(..name.len());
            head.is_some_and(|head| head.eq_ignore_ascii_case(name))
        });
        let end = match skipped {
            Some("!--") => after.find("-->").map(|at| at + "-->".len()),
            Some(name) => {
                let end = format!("</{name}>");
                let at = after.to_ascii_lowercase().find(&end);
                at.map(|at| at + end.len())
            }
            None => after.find('>').map(|at| at + 1),
        };
        rest = end.and_then(|end| after.get(end..)).unwrap_or_default();
    }
    words.push_str(rest);
    excerpt(words.as_bytes(), limit)
}

const HTML_STARTS: &[&[u8]] = &[
    b"<html", b"<head", b"<body", b"<title", b"<script", b"<meta", b"<h1", b"<h2", b"<p", b"<div",
    b"<center",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds() {
        use BodyKind::*;
        for (text, kind) in [
            ("", Other),
            ("words <b>", Other),
            ("<", Cut),
            ("<?xml", Cut),
            ("<?xml version='1.0'?> ", Cut),
            ("<!-- <html>", Cut),
            ("<s:Enve", Cut),
            ("<s:Envelope", Cut),
            ("<s:Envelope xmlns:s='http", Envelope),
            (" <!-- <html> --><?pi?>\r\n<s:Envelope>", Envelope),
            ("<Envelope/>", Envelope),
            ("<Envelopes/>", OtherXml),
            ("<Error><Code>SlowDown", OtherXml),
            ("<Error xmlns='", OtherXml),
            ("<b>Access denied</b><br>", OtherXml),
            ("<!DOCTYPE x [", OtherXml),
            ("<!DOCTYPE html><Envelope/>", DeclaredEnvelope),
            ("<!DOCTYPE html", Html),
            ("<!DOCTYPE html><table>", Html),
            ("<HTML lang='", Html),
        ] {
            assert_eq!(BodyKind::of(text.as_bytes()), kind, "{text}");
            let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            let mut wide = vec![
                [&b"\xff\xfe"[..], &little].concat(),
                [&b"\xfe\xff"[..], &big].concat(),
            ];
            if text.starts_with('<') {
                wide.extend([little, big]);
            }
            wide.push([b"\xef\xbb\xbf", text.as_bytes()].concat());
            for bytes in wide {
                assert_eq!(BodyKind::of(&beginning(&bytes)), kind, "{bytes:?}");
            }
        }
    }

    #[test]
    fn what_a_person_reads() {
        for (body, read) in [
            ("<b>Access denied</b><br>", "Access denied"),
            ("<Error><Code>SlowDown</Code><Message>Less", "SlowDown Less"),
            (
                "<STYLE>b { x }</Style><!-- <i>no</i> --><h1>Bad\ngateway",
                "Bad gateway",
            ),
            ("<script>var é = 1;", ""),
            ("plain", "plain"),
            ("é<", "é"),
        ] {
            assert_eq!(words(body.as_bytes(), 100), read, "{body}");
        }
        assert_eq!(words(b"<a>12345", 3), "123");
    }
}
