//! What of a document may be written.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use super::json;
use super::lexer::{Attribute, Lexer, Token, attributes};
use super::placeholder::{Placeholders, is_boolean, is_number, is_time};
use super::vocabulary::{
    Kind, NAMESPACES, PAGE, PAGE_ATTRIBUTES, PREFIXES, has_attribute, has_element, is_token,
    of_attribute, of_element,
};
use crate::http::LOGON_SIGNS;
use crate::timezone;

/// What kind of document it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// XML, perhaps cut: names, and values that the schema calls harmless, stay.
    Envelope,
    /// Nearly XML. Where one value ends is not sure, so only words of the protocol stay.
    Broken,
    /// A web page: its tags stay, and the signs of a logon page.
    Page,
    /// JSON: names, and values that Graph has as words and numbers, stay.
    Json,
    /// No markup: one placeholder.
    Other,
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Envelope => "XML",
            Self::Broken => "broken XML",
            Self::Page => "a web page",
            Self::Json => "JSON",
            Self::Other => "no markup",
        })
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Redacted {
    pub(super) form: Form,
    pub(super) text: String,
}

/// The document with placeholders for all that is not known to be harmless. `is_text` is `false` if bytes of it could
/// not be decoded.
pub(super) fn redact(document: &str, is_text: bool, placeholders: &mut Placeholders) -> Redacted {
    let document = document.trim_start_matches('\u{feff}');
    if is_text
        && document.trim_ascii_start().starts_with(['{', '['])
        && let Some(text) = json::redact(document, placeholders)
    {
        let form = Form::Json;
        return Redacted { form, text };
    }
    let form = match is_text && is_orderly(document) {
        _ if !document.trim_ascii_start().starts_with('<') => Form::Other,
        _ if is_page(document) => Form::Page,
        true => Form::Envelope,
        false => Form::Broken,
    };
    let mut redactor = Redactor {
        form,
        placeholders,
        open: Vec::new(),
        before: None,
        known_prefixes: HashSet::new(),
        out: String::with_capacity(document.len()),
    };
    let mut lexer = Lexer::new(document);
    while let Some(token) = lexer.next() {
        if let (
            Form::Page,
            Token::Start {
                name,
                is_empty: false,
                ..
            },
        ) = (form, token)
        {
            match name.to_ascii_lowercase().as_str() {
                "script" => lexer.raw("</script"),
                "style" => lexer.raw("</style"),
                _ => {}
            }
        }
        redactor.token(token);
    }
    Redacted {
        form,
        text: redactor.out,
    }
}

fn is_page(document: &str) -> bool {
    Lexer::new(document)
        .find_map(|token| match token {
            Token::Declaration(text) => is_html(text).then_some(true),
            Token::Start { name, .. } => {
                let name = name.to_ascii_lowercase();
                Some(["html", "head", "body", "meta", "script", "title"].contains(&name.as_str()))
            }
            _ => None,
        })
        .unwrap_or(false)
}

fn is_html(declaration: &str) -> bool {
    let mut words = declaration.split_ascii_whitespace();
    words
        .next()
        .is_some_and(|word| word.eq_ignore_ascii_case("doctype"))
        && words
            .next()
            .is_some_and(|word| word.eq_ignore_ascii_case("html"))
}

/// Whether each tag is where it belongs, so that it is sure what each text is the text of. The end may be missing.
fn is_orderly(document: &str) -> bool {
    let mut open = Vec::new();
    Lexer::new(document).all(|token| match token {
        Token::Text(text) => {
            !text.starts_with('<') && (!open.is_empty() || text.trim_ascii().is_empty())
        }
        Token::CharacterData(_) => !open.is_empty(),
        Token::Comment(_) | Token::Instruction(_) | Token::Cut(_) => true,
        Token::Declaration(_) => false,
        Token::Start {
            name,
            attributes: rest,
            is_empty,
        } => {
            if !is_empty {
                open.push(name);
            }
            let is_one = |it: &Attribute<'_>| it.quote.is_some() && is_name(it.name);
            is_name(name) && attributes(rest).iter().all(is_one)
        }
        Token::End(name) => open.pop() == Some(name),
    })
}

fn is_name(name: &str) -> bool {
    let part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
    };
    match name.split_once(':') {
        Some((prefix, local)) => part(prefix) && part(local),
        None => part(name),
    }
}

/// An element whose end has not come.
struct Open<'a> {
    local: &'a str,
    /// Its name as it was written.
    written: String,
    /// Its attribute `Name`, which says what a `Value` of a fault is.
    named: Option<&'a str>,
}

struct Redactor<'a, 'p> {
    form: Form,
    placeholders: &'p mut Placeholders,
    open: Vec<Open<'a>>,
    /// The element whose start tag was the last piece.
    before: Option<&'a str>,
    /// Those of namespaces that are known.
    known_prefixes: HashSet<&'a str>,
    out: String,
}

impl<'a> Redactor<'a, '_> {
    fn token(&mut self, token: Token<'a>) {
        let before = self.before.take();
        match token {
            Token::Text(raw) => {
                let shown = self.text(&decode(raw), before);
                escape(&mut self.out, &shown, Some(raw));
            }
            Token::CharacterData(raw) => {
                let shown = self.text(raw, before);
                self.out.push_str("<![CDATA[");
                self.out.push_str(&shown);
                self.out.push_str("]]>");
            }
            Token::Comment(_) => self.out.push_str("<!-- a comment -->"),
            Token::Instruction(text) => self.out.push_str(match text.starts_with("xml") {
                // it is written in UTF-8, whatever it was in
                true => "<?xml version=\"1.0\" encoding=\"utf-8\"?>",
                false => "<?unknown?>",
            }),
            Token::Declaration(text) => self.out.push_str(match is_html(text) {
                true => "<!DOCTYPE html>",
                false => "<!DOCTYPE unknown>",
            }),
            Token::Start {
                name,
                attributes,
                is_empty,
            } => self.start(name, attributes, is_empty),
            Token::End(name) => self.end(name),
            Token::Cut(text) => self.cut(text),
        }
    }

    fn start(&mut self, name: &'a str, rest: &'a str, is_empty: bool) {
        let attributes = attributes(rest);
        for one in &attributes {
            if let (Some(prefix), Some(value)) = (declared(one.name), one.value) {
                match NAMESPACES.contains(&value) {
                    true => self.known_prefixes.insert(prefix),
                    false => self.known_prefixes.remove(prefix),
                };
            }
        }
        let (_, local) = split(name);
        let written = self.tag(name);
        self.out.push('<');
        self.out.push_str(&written);
        for one in &attributes {
            self.attribute(name, one);
        }
        self.out.push_str(if is_empty { "/>" } else { ">" });
        if !is_empty {
            self.before = Some(local);
            if self.form == Form::Envelope {
                let named = attributes.iter().find(|one| one.name == "Name");
                self.open.push(Open {
                    local,
                    written,
                    named: named.and_then(|one| one.value),
                });
            }
        }
    }

    fn end(&mut self, name: &'a str) {
        let written = match self.open.pop() {
            Some(open) => open.written,
            None => self.tag(name),
        };
        self.out.push_str("</");
        self.out.push_str(&written);
        self.out.push('>');
    }

    /// As much of the last piece as says how it began.
    fn cut(&mut self, text: &'a str) {
        for begin in ["<!--", "<![CDATA[", "<?", "<!"] {
            if text.starts_with(begin) {
                self.out.push_str(begin);
                return;
            }
        }
        let name = text.trim_start_matches(['<', '/']);
        self.out
            .push_str(if text.starts_with("</") { "</" } else { "<" });
        if let Some((name, _)) = name.split_once(|c: char| c.is_ascii_whitespace()) {
            let name = self.tag(name);
            self.out.push_str(&name);
            self.out.push(' ');
        }
    }

    /// The name of an element as it may be written.
    fn tag(&mut self, name: &str) -> String {
        let (prefix, local) = split(name);
        let is_shown =
            has_element(local) || self.is_page_word(&PAGE, local) || self.is_known(prefix, local);
        self.name(prefix, local, is_shown)
    }

    fn is_page_word(&self, words: &[&str], word: &str) -> bool {
        self.form != Form::Envelope && words.iter().any(|it| it.eq_ignore_ascii_case(word))
    }

    /// What a server newer than the schema says in a known namespace is its name for it.
    fn is_known(&self, prefix: &str, local: &str) -> bool {
        self.form == Form::Envelope && is_name(local) && self.known_prefixes.contains(prefix)
    }

    fn name(&mut self, prefix: &str, local: &str, is_shown: bool) -> String {
        let local = match is_shown {
            true => local.to_owned(),
            false => self.placeholders.name(local),
        };
        match prefix {
            "" => local,
            known if PREFIXES.contains(&known) => format!("{known}:{local}"),
            other => format!("{}:{local}", self.placeholders.prefix(other)),
        }
    }

    fn attribute(&mut self, element: &str, one: &Attribute<'_>) {
        let (prefix, local) = split(one.name);
        let (of_prefix, of_local) = split(element);
        let name = match declared(one.name) {
            Some("") => "xmlns".to_owned(),
            Some(prefix) if PREFIXES.contains(&prefix) => one.name.to_owned(),
            Some(prefix) => format!("xmlns:{}", self.placeholders.prefix(prefix)),
            None => {
                let is_shown = has_attribute(local)
                    || self.is_page_word(&PAGE_ATTRIBUTES, local)
                    || self.is_known(of_prefix, local);
                self.name(prefix, local, is_shown)
            }
        };
        self.out.push(' ');
        self.out.push_str(&name);
        let Some(value) = one.value else { return };
        let quote = one.quote.unwrap_or('"');
        let decoded = decode(value);
        let shown: Cow<'_, str> = match declared(one.name) {
            Some(_) if NAMESPACES.contains(&value) || value.is_empty() => value.into(),
            Some(_) => self.placeholders.namespace(value).into(),
            None => self
                .attribute_value(of_local, local, &decoded)
                .into_owned()
                .into(),
        };
        self.out.push('=');
        if one.quote.is_some() {
            self.out.push(quote);
        }
        let begin = self.out.len();
        escape(&mut self.out, &shown, Some(value));
        let written = self.out.split_off(begin);
        self.out.push_str(&match quote {
            '"' => written.replace('"', "&quot;"),
            _ => written.replace('\'', "&apos;"),
        });
        if one.quote.is_some() {
            self.out.push(quote);
        }
    }

    fn attribute_value<'v>(&mut self, element: &str, name: &str, value: &'v str) -> Cow<'v, str> {
        if value.trim_ascii().is_empty() {
            return value.into();
        }
        match self.form {
            Form::Page | Form::Json | Form::Other => {
                let sign = LOGON_SIGNS.iter().find(|sign| {
                    let lower = value.to_ascii_lowercase();
                    lower.contains(**sign)
                });
                let is_type = name.eq_ignore_ascii_case("type") && FIELDS.contains(&value);
                return match (is_type, sign) {
                    (true, _) => value.into(),
                    (_, Some(sign)) => (*sign).to_owned().into(),
                    _ => self.placeholders.value(value),
                };
            }
            Form::Envelope | Form::Broken => {}
        }
        let kind = of_attribute(element, name);
        if self.is_harmless(kind, value) {
            return value.into();
        }
        let is_id = matches!(
            name,
            "Id" | "ChangeKey" | "RootItemId" | "RootItemChangeKey"
        );
        match name {
            _ if kind == Some(Kind::Binary) => self.placeholders.binary(value).into(),
            _ if element.contains("TimeZone") && timezone::from_wire(value).is_some() => {
                value.into()
            }
            "Name" if VALUES_OF_FAULTS.contains(&value) => value.into(),
            // xsi:type, which is called like an element
            "type" if is_type_of_element(value) => value.into(),
            "lang" if is_language(value) => value.into(),
            "Version" if is_version(value) => value.into(),
            // which property of MAPI it is; these numbers are the same everywhere
            "PropertyTag" if is_number(value) => value.into(),
            _ if is_id => self.placeholders.id(value).into(),
            _ => self.placeholders.value(value),
        }
    }

    /// Whether the schema says what the value can be, it is such a one, and that tells nothing of a person.
    fn is_harmless(&self, kind: Option<Kind>, value: &str) -> bool {
        match kind {
            Some(Kind::Token) => is_token(value),
            Some(Kind::Mixed) => is_token(value) || self.form == Form::Envelope && is_number(value),
            Some(Kind::Boolean) => is_boolean(value) || matches!(value, "0" | "1"),
            Some(Kind::Number) => self.form == Form::Envelope && is_number(value),
            Some(Kind::Time) => self.form == Form::Envelope && is_time(value),
            _ => false,
        }
    }

    fn text(&mut self, text: &str, before: Option<&'a str>) -> String {
        let value = text.trim_ascii();
        if value.is_empty() {
            return text.to_owned();
        }
        let shown = match self.form {
            Form::Envelope => self.element_value(value),
            Form::Broken => {
                let kind = before.and_then(of_element);
                match self.is_harmless(kind, value) {
                    true => value.into(),
                    false => self.placeholders.value(value),
                }
            }
            Form::Page | Form::Json | Form::Other => self.placeholders.text(value).into(),
        };
        // the white space around it may be what a reader stumbles over
        let (begin, end) = text.split_once(value).unwrap_or_default();
        format!("{begin}{shown}{end}")
    }

    /// The text of the element that is open.
    fn element_value<'v>(&mut self, value: &'v str) -> Cow<'v, str> {
        let Some(Open { local, named, .. }) = self.open.last() else {
            return self.placeholders.value(value);
        };
        let (element, named) = (*local, *named);
        let parent = self.open.iter().rev().nth(1).map_or("", |open| open.local);
        let kind = of_element(element);
        if self.is_harmless(kind, value) {
            return value.into();
        }
        match element {
            "Content" | "MimeContent" | "MimeContentUTF8" => self.placeholders.binary(value).into(),
            _ if kind == Some(Kind::Binary) => self.placeholders.binary(value).into(),
            "faultcode" | "Value" if is_qualified_token(value) => value.into(),
            "Value" if named.is_some_and(|name| is_value_of_fault(name, value)) => value.into(),
            "Culture" if is_language(value) => value.into(),
            "faultstring" | "MessageText" => sentence(value).into(),
            // of a fault; elsewhere a message may be what somebody wrote
            "Message" | "Text" | "Violation"
                if matches!(parent, "detail" | "Detail" | "Reason") =>
            {
                sentence(value).into()
            }
            "Value" if named == Some("InnerErrorMessageText") => sentence(value).into(),
            "ItemClass" | "FolderClass" | "DistributionListType" if is_class(value) => value.into(),
            _ if element.contains("TimeZone") && timezone::from_wire(value).is_some() => {
                value.into()
            }
            _ => self.placeholders.value(value),
        }
    }
}

/// The prefix that an attribute declares; empty for the default.
fn declared(name: &str) -> Option<&str> {
    match name.strip_prefix("xmlns") {
        Some("") => Some(""),
        Some(rest) => rest.strip_prefix(':'),
        None => None,
    }
}

fn split(name: &str) -> (&str, &str) {
    name.split_once(':').unwrap_or(("", name))
}

/// As `s:Client`.
fn is_qualified_token(value: &str) -> bool {
    let (prefix, local) = split(value);
    !prefix.is_empty() && PREFIXES.contains(&prefix) && !local.is_empty() && is_token(local)
}

/// As `t:AlternateIdType`.
fn is_type_of_element(value: &str) -> bool {
    let (prefix, local) = split(value);
    let is_element = local.strip_suffix("Type").is_some_and(has_element);
    is_element && (prefix.is_empty() || PREFIXES.contains(&prefix))
}

/// Whether that is what such a value of a fault can be.
fn is_value_of_fault(name: &str, value: &str) -> bool {
    VALUES_OF_FAULTS.contains(&name)
        && (is_number(value) || is_token(value) || name == "Policy" && POLICIES.contains(&value))
}

/// What a server says of a failure, with a mark for each word that is neither one of the protocol nor one of those
/// that such sentences are made of.
pub(super) fn sentence(text: &str) -> String {
    let mut shown = String::new();
    for part in text.split_inclusive(|c: char| !c.is_ascii_alphanumeric()) {
        let word = part.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        let is_known = || {
            let lower = word.to_ascii_lowercase();
            has_element(word)
                || has_attribute(word)
                || is_token(word)
                || WORDS.contains(&lower.as_str())
        };
        match word.is_empty() || is_known() {
            true => shown.push_str(word),
            false => shown.push('_'),
        }
        let mark = part.chars().last().filter(|_| part.len() > word.len());
        shown.extend(mark.filter(char::is_ascii));
    }
    shown
}

/// As `de-AT`.
fn is_language(value: &str) -> bool {
    let mut parts = value.split('-');
    let is_first = |part: &str| {
        (2..=3).contains(&part.len()) && part.bytes().all(|it| it.is_ascii_alphabetic())
    };
    parts.next().is_some_and(is_first)
        && parts.clone().count() <= 2
        && parts.all(|part| {
            (2..=4).contains(&part.len()) && part.bytes().all(|it| it.is_ascii_alphabetic())
        })
}

/// As `V2017_07_11`.
fn is_version(value: &str) -> bool {
    is_token(value)
        || value.len() < 16
            && value.strip_prefix('V').is_some_and(|rest| {
                rest.starts_with("20") && rest.bytes().all(|it| it.is_ascii_digit() || it == b'_')
            })
}

/// As `IPM.Schedule.Meeting.Request`.
fn is_class(value: &str) -> bool {
    value.split('.').all(|part| CLASSES.contains(&part))
}

/// The parts of the classes that Exchange itself gives.
const CLASSES: [&str; 30] = [
    "IPM",
    "IPF",
    "REPORT",
    "Note",
    "Appointment",
    "Schedule",
    "Meeting",
    "Request",
    "Resp",
    "Canceled",
    "Neg",
    "Pos",
    "Tent",
    "Contact",
    "DistList",
    "Task",
    "Post",
    "StickyNote",
    "Journal",
    "Activity",
    "Rules",
    "OofTemplate",
    "Microsoft",
    "SMIME",
    "MultipartSigned",
    "NDR",
    "DR",
    "IPNRN",
    "IPNNRN",
    "Forward",
];

/// What a fault says of throttling and of inner errors.
const VALUES_OF_FAULTS: [&str; 5] = [
    "BackOffMilliseconds",
    "Limit",
    "Policy",
    "InnerErrorResponseCode",
    "InnerErrorMessageText",
];

/// The limits of a throttling policy, as faults name them.
const POLICIES: [&str; 12] = [
    "EWSMaxConcurrency",
    "EWSPercentTimeInAD",
    "EWSPercentTimeInCAS",
    "EWSPercentTimeInMailboxRPC",
    "EWSMaxSubscriptions",
    "EWSFindCountLimit",
    "EWSFastSearchTimeoutInSeconds",
    "EwsMaxBurst",
    "EwsRechargeRate",
    "EwsCutoffBalance",
    "ConcurrentSyncCalls",
    "Cpu",
];

/// What the sentences of Exchange about failures are made of.
const WORDS: [&str; 96] = [
    "a",
    "access",
    "account",
    "action",
    "active",
    "address",
    "allowed",
    "an",
    "and",
    "another",
    "are",
    "at",
    "attribute",
    "available",
    "be",
    "because",
    "been",
    "before",
    "body",
    "by",
    "calendar",
    "call",
    "cannot",
    "change",
    "child",
    "completed",
    "contain",
    "content",
    "could",
    "current",
    "data",
    "date",
    "deleted",
    "denied",
    "directory",
    "does",
    "element",
    "enough",
    "error",
    "exceeded",
    "exist",
    "expected",
    "failed",
    "folder",
    "for",
    "found",
    "from",
    "has",
    "have",
    "id",
    "in",
    "internal",
    "invalid",
    "is",
    "item",
    "its",
    "later",
    "list",
    "mailbox",
    "malformed",
    "more",
    "moved",
    "namespace",
    "no",
    "not",
    "object",
    "occurred",
    "of",
    "on",
    "operation",
    "or",
    "passed",
    "permission",
    "please",
    "possible",
    "property",
    "request",
    "required",
    "schema",
    "server",
    "specified",
    "store",
    "that",
    "the",
    "this",
    "time",
    "to",
    "too",
    "try",
    "type",
    "unable",
    "valid",
    "value",
    "version",
    "was",
    "with",
];

/// Fields of a form.
const FIELDS: [&str; 8] = [
    "password", "text", "hidden", "submit", "checkbox", "email", "radio", "button",
];

/// Resolves references. What cannot be resolved stays as it is.
fn decode(raw: &str) -> Cow<'_, str> {
    if !raw.contains('&') {
        return raw.into();
    }
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once('&') {
        text.push_str(before);
        // the longest name has ten letters: to look further takes too long in a text full of `&`
        let end = after.bytes().take(11).position(|byte| byte == b';');
        let name = end.and_then(|end| Some((after.get(..end)?, after.get(end + 1..)?)));
        match name.and_then(|(name, after)| Some((character(name)?, after))) {
            Some((c, after)) => {
                text.push(c);
                rest = after;
            }
            None => {
                text.push('&');
                rest = after;
            }
        }
    }
    text.push_str(rest);
    text.into()
}

fn character(name: &str) -> Option<char> {
    let number = match name {
        "amp" => return Some('&'),
        "lt" => return Some('<'),
        "gt" => return Some('>'),
        "quot" => return Some('"'),
        "apos" => return Some('\''),
        _ => name.strip_prefix('#')?,
    };
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => number.parse().ok()?,
    };
    Some(char::from_u32(code).unwrap_or('\u{fffd}'))
}

/// Writes a text with references where XML wants them; a control character as it was written in `raw`.
fn escape(out: &mut String, text: &str, raw: Option<&str>) {
    use std::fmt::Write;
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\t' | '\n' | '\r' => out.push(c),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' if raw.is_none_or(|raw| !raw.contains(c)) => {
                let _ = write!(out, "&#x{:X};", u32::from(c));
            }
            _ => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests;
