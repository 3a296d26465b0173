//! The words of the protocol: what may be shown as it is.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// What the text of an element or the value of an attribute is by the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// No text, but elements.
    Empty,
    /// One of the words of an enumeration, or several.
    Token,
    Number,
    Boolean,
    Time,
    Binary,
    Text,
}

struct Vocabulary {
    /// By the name of the element, or `element@attribute`.
    kinds: HashMap<&'static str, Kind>,
    attributes: HashSet<&'static str>,
    tokens: HashSet<&'static str>,
}

/// Made from the schema by `tests/it/vocabulary.rs`.
static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| {
    let mut words = Vocabulary {
        kinds: HashMap::new(),
        attributes: HashSet::new(),
        tokens: HashSet::from(FAULT_CODES),
    };
    for line in include_str!("vocabulary.txt").lines() {
        match line.split_once(' ') {
            Some(("=", token)) => {
                words.tokens.insert(token);
            }
            Some((name, kind)) => {
                let kind = match kind {
                    "empty" => Kind::Empty,
                    "token" => Kind::Token,
                    "number" => Kind::Number,
                    "boolean" => Kind::Boolean,
                    "time" => Kind::Time,
                    "binary" => Kind::Binary,
                    "text" => Kind::Text,
                    _ => continue,
                };
                words.kinds.insert(name, kind);
                if let Some((_, attribute)) = name.split_once('@') {
                    words.attributes.insert(attribute);
                }
            }
            None => {}
        }
    }
    words
});

/// Whether the protocol has an element of that local name.
pub(super) fn has_element(name: &str) -> bool {
    VOCABULARY.kinds.contains_key(name) && !name.contains('@') || SOAP.contains(&name)
}

/// Whether the protocol has an attribute of that local name.
pub(super) fn has_attribute(name: &str) -> bool {
    VOCABULARY.attributes.contains(name) || XML_ATTRIBUTES.contains(&name)
}

/// What an element holds.
pub(super) fn of_element(name: &str) -> Option<Kind> {
    VOCABULARY.kinds.get(name).copied()
}

/// What an attribute of an element holds.
pub(super) fn of_attribute(element: &str, attribute: &str) -> Option<Kind> {
    match attribute {
        "nil" | "mustUnderstand" => Some(Kind::Boolean),
        _ => {
            let key = format!("{element}@{attribute}");
            VOCABULARY.kinds.get(key.as_str()).copied()
        }
    }
}

/// Whether each word is one of an enumeration of the protocol.
pub(super) fn is_token(value: &str) -> bool {
    value
        .split_ascii_whitespace()
        .all(|word| VOCABULARY.tokens.contains(word))
}

/// SOAP 1.1 and 1.2.
const SOAP: [&str; 17] = [
    "Envelope",
    "Header",
    "Body",
    "Fault",
    "faultcode",
    "faultstring",
    "faultactor",
    "detail",
    "Code",
    "Subcode",
    "Reason",
    "Text",
    "Detail",
    "Role",
    "Node",
    "Value",
    "MessageXml",
];

/// The codes of SOAP itself; those of Exchange are in the schema.
const FAULT_CODES: [&str; 7] = [
    "Client",
    "Server",
    "Sender",
    "Receiver",
    "VersionMismatch",
    "MustUnderstand",
    "DataEncodingUnknown",
];

const XML_ATTRIBUTES: [&str; 8] = [
    "xmlns",
    "lang",
    "space",
    "nil",
    "type",
    "mustUnderstand",
    "actor",
    "encodingStyle",
];

/// Namespaces that may be shown.
pub(super) const NAMESPACES: [&str; 14] = [
    "http://schemas.xmlsoap.org/soap/envelope/",
    "http://www.w3.org/2003/05/soap-envelope",
    "http://schemas.microsoft.com/exchange/services/2006/types",
    "http://schemas.microsoft.com/exchange/services/2006/messages",
    "http://schemas.microsoft.com/exchange/services/2006/errors",
    "http://schemas.microsoft.com/exchange/2010/Autodiscover",
    "http://schemas.microsoft.com/ws/2005/05/addressing/none",
    "http://schemas.xmlsoap.org/ws/2004/08/addressing",
    "http://www.w3.org/2005/08/addressing",
    "http://www.w3.org/2001/XMLSchema",
    "http://www.w3.org/2001/XMLSchema-instance",
    "http://www.w3.org/1999/xhtml",
    "http://www.w3.org/XML/1998/namespace",
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd",
];

/// Prefixes that may be shown.
pub(super) const PREFIXES: [&str; 24] = [
    "s", "S", "soap", "soapenv", "soap12", "SOAP-ENV", "SOAP", "env", "E", "m", "t", "e", "h", "a",
    "b", "i", "p", "q1", "q2", "wsa", "xsi", "xsd", "xml", "xmlns",
];

/// Elements of web pages that may be shown.
pub(super) const PAGE: [&str; 48] = [
    "html", "head", "title", "meta", "link", "base", "style", "script", "noscript", "body",
    "header", "footer", "main", "nav", "section", "article", "div", "span", "p", "br", "hr", "h1",
    "h2", "h3", "h4", "h5", "h6", "a", "b", "i", "u", "em", "strong", "font", "center", "pre",
    "ul", "ol", "li", "table", "tbody", "tr", "td", "th", "form", "input", "button", "label",
];

/// Attributes of web pages that may be shown; their values are judged apart.
pub(super) const PAGE_ATTRIBUTES: [&str; 20] = [
    "action",
    "charset",
    "class",
    "content",
    "dir",
    "height",
    "href",
    "http-equiv",
    "id",
    "lang",
    "method",
    "name",
    "onload",
    "rel",
    "src",
    "style",
    "target",
    "type",
    "value",
    "width",
];
