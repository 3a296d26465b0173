//! What the body of an answer seems to be: an envelope, a page, or something else.

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
    /// Judges the beginning of a body, as [`beginning`](super::page::beginning) gives it.
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

const HTML_STARTS: &[&[u8]] = &[
    b"<html", b"<head", b"<body", b"<title", b"<script", b"<meta", b"<h1", b"<h2", b"<p", b"<div",
    b"<center",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::page::beginning;

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
}
