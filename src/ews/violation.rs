//! What a server found wrong in the form of a request: where, and since when what is there is known.
//!
//! A server says it in words of its language, as .NET has them; what is quoted in them are the names
//! (<https://learn.microsoft.com/dotnet/api/system.xml.schema.xmlschemaexception>). Where they do not
//! help, the place in our own request does.

use super::elements::{ATTRIBUTES, ELEMENTS, VALUES};
use super::fault::Fault;
use super::origin::Origin;
use super::{DistinguishedFolderId, FieldUri, ResponseCode, ServerVersion};

/// What is not as the schema has it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Violation {
    /// The element, attribute or value.
    pub(super) what: Option<String>,
    /// The first version that knows it, if that is newer than the oldest.
    pub(super) since: Option<ServerVersion>,
}

/// Whether it is the version in the header that the schema of an old server does not have.
pub(super) fn is_of_version(fault: &Fault) -> bool {
    let names = quoted(text(fault));
    names
        .iter()
        .any(|name| matches!(local(name), "RequestServerVersion" | "ExchangeVersionType"))
}

impl Violation {
    /// What a fault complains of; `None` if it is not of the form of the request.
    pub(super) fn of(fault: &Fault, request: &str) -> Option<Self> {
        match fault.code.as_ref()? {
            ResponseCode::ErrorSchemaValidation => {}
            ResponseCode::ErrorInvalidRequest if fault.line.is_some() => {}
            _ => return None,
        }
        let there = fault.line.zip(fault.position);
        let there = there.and_then(|(line, position)| Place::find(request, line, position));
        Some(Self::said(&quoted(text(fault)), there.as_ref()))
    }

    fn said(names: &[&str], there: Option<&Place<'_>>) -> Self {
        // 'Id', 'workingset', 'http://…/types:DistinguishedFolderIdNameType'
        let typed = names.iter().rposition(|name| local(name) != *name);
        if let Some([value, of]) = typed.and_then(|at| names.get(at.checked_sub(1)?..=at))
            && is_value(names, typed)
        {
            return Self {
                what: Some((*value).to_owned()),
                since: value_since(local(of), value),
            };
        }
        let names: Vec<&str> = names
            .iter()
            .map(|name| local(name))
            .filter(|name| is_name(name))
            .collect();
        let (parent, what) = match (names.as_slice(), there) {
            // What stands at the place is meant, in whatever order a language names the two.
            ([first, second, ..], Some(there))
                if there.element == *first && there.element != *second =>
            {
                (Some(*second), Some(*first))
            }
            ([first, second, ..], _) => (Some(*first), Some(*second)),
            ([only], there) => (there.and_then(|there| there.parent), Some(*only)),
            ([], Some(there)) => (there.parent, Some(there.element)),
            ([], None) => (None, None),
        };
        let since = what.and_then(|what| {
            element_since(parent, what)
                .or_else(|| attribute_since(what).filter(|_| names.len() == 1))
        });
        Self {
            what: what.map(str::to_owned),
            since,
        }
    }

    /// What is to be done about it.
    pub(super) fn advice(&self, origin: &Origin) -> Option<String> {
        let (what, since) = (self.what.as_deref()?, self.since?);
        let server = origin.server.as_ref();
        let speaks = server.and_then(|server| server.speaks());
        let is_old = format!("{what} begins with {since}");
        let build = server.map(|server| server.build());
        Some(match (speaks, build) {
            (Some(speaks), Some(build)) if speaks < since => format!(
                "{is_old}, but the server is {build}: leave it out, and set the version to {speaks} or none."
            ),
            (Some(speaks), Some(build)) if origin.asked.is_some_and(|asked| asked < since) => {
                format!(
                    "{is_old}, and the server is {build}, but the request was made for an earlier version: set the version to {speaks} or none."
                )
            }
            // The mailbox may be on an older server than the one that answered last.
            _ => format!(
                "{is_old}: the server that answers is older, or the request was made for an earlier version; set none, and it is found out."
            ),
        })
    }
}

/// Where the server's sentence is.
fn text(fault: &Fault) -> &str {
    let violation = fault
        .details
        .iter()
        .find(|detail| detail.name == "Violation");
    violation.map_or(fault.text.as_str(), |violation| violation.value.as_str())
}

/// What stands in quotes, of whatever kind a language has.
fn quoted(text: &str) -> Vec<&str> {
    const QUOTES: [(char, char); 6] = [
        ('\'', '\''),
        ('"', '"'),
        ('\u{201c}', '\u{201d}'),
        ('\u{201e}', '\u{201c}'),
        ('\u{ab}', '\u{bb}'),
        ('\u{300c}', '\u{300d}'),
    ];
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((at, open)) = rest.char_indices().find(|(at, character)| {
        // An apostrophe within a word begins nothing.
        let before = rest
            .get(..*at)
            .and_then(|before| before.chars().next_back());
        QUOTES.iter().any(|(open, _)| open == character)
            && !before.is_some_and(|before| *character == '\'' && before.is_alphanumeric())
    }) {
        let after = rest.get(at + open.len_utf8()..).unwrap_or_default();
        let close = QUOTES
            .iter()
            .find(|(begin, _)| *begin == open)
            .map(|(_, close)| *close);
        let Some(end) = close.and_then(|close| after.find(close)) else {
            break;
        };
        found.push(after.get(..end).unwrap_or_default().trim());
        rest = after
            .get(end..)
            .and_then(|rest| rest.get(close.map_or(1, char::len_utf8)..))
            .unwrap_or_default();
    }
    found
}

/// `http://…/types:Start` as `Start`; a namespace stays whole.
fn local(name: &str) -> &str {
    match name.rsplit_once(':') {
        Some((before, name)) if before.contains("//") => name,
        _ => name,
    }
}

/// Whether a type was named last, and before it a value; an element may be named with its namespace
/// alone.
fn is_value(names: &[&str], typed: Option<usize>) -> bool {
    typed.is_some_and(|at| at >= 2 || names.first().is_some_and(|first| local(first) == *first))
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 64
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// An element of our own request.
#[derive(Debug, PartialEq)]
struct Place<'a> {
    element: &'a str,
    parent: Option<&'a str>,
}

impl<'a> Place<'a> {
    /// The tag at a line and a position, both counted from 1, in the units of UTF-16 that .NET
    /// counts in.
    fn find(request: &'a str, line: u32, position: u32) -> Option<Self> {
        let line = usize::try_from(line).ok()?.checked_sub(1)?;
        let begin = match line {
            0 => 0,
            line => request.match_indices('\n').nth(line - 1)?.0 + 1,
        };
        let mut left = usize::try_from(position).ok()?;
        let mut at = begin;
        for character in request.get(begin..)?.chars() {
            left = left.saturating_sub(character.len_utf16());
            if left == 0 || character == '\n' {
                break;
            }
            at += character.len_utf8();
        }
        // The position is that of the name or, here and there, of the bracket before it.
        let from = (at + 1..=request.len()).find(|from| request.is_char_boundary(*from));
        let from = from.unwrap_or(request.len());
        let start = request.get(..from)?.rfind('<')?;
        let (is_end, element) = tag(request.get(start..)?)?;
        let parent = parent(request.get(..start)?, is_end);
        Some(Self { element, parent })
    }
}

/// Whether it is an end tag, and its local name.
fn tag(text: &str) -> Option<(bool, &str)> {
    let text = text.strip_prefix('<')?;
    let (is_end, text) = match text.strip_prefix('/') {
        Some(text) => (true, text),
        None => (false, text),
    };
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, ':' | '_'))?;
    let name = text.get(..end)?.rsplit(':').next()?;
    (!name.is_empty()).then_some((is_end, name))
}

/// The element that is open where this text ends; one further up for what follows an end tag.
fn parent(before: &str, is_end: bool) -> Option<&str> {
    let mut closed = usize::from(is_end);
    let mut rest = before;
    while let Some(at) = rest.rfind('<') {
        let (head, this) = rest.split_at(at);
        if let Some((is_end, name)) = tag(this) {
            let tag_text = this.split('>').next().unwrap_or_default();
            if is_end {
                closed += 1;
            } else if !tag_text.ends_with('/') {
                match closed.checked_sub(1) {
                    Some(left) => closed = left,
                    None => return Some(name),
                }
            }
        }
        rest = head;
    }
    None
}

fn element_since(parent: Option<&str>, name: &str) -> Option<ServerVersion> {
    let row = |(of, element, _): &&(&str, &str, ServerVersion)| {
        *element == name && (of.is_empty() || Some(*of) == parent)
    };
    ELEMENTS.iter().find(row).map(|(.., since)| *since)
}

fn attribute_since(name: &str) -> Option<ServerVersion> {
    let found = ATTRIBUTES
        .iter()
        .find(|(_, attribute, _)| *attribute == name);
    found.map(|(.., since)| *since)
}

fn value_since(of: &str, value: &str) -> Option<ServerVersion> {
    let since = match of {
        "UnindexedFieldURIType" => FieldUri::named(value).since(),
        "DistinguishedFolderIdNameType" => DistinguishedFolderId::named(value).since(),
        _ => {
            let row = |(it, name, _): &&(&str, &str, ServerVersion)| *it == of && *name == value;
            return VALUES.iter().find(row).map(|(.., since)| *since);
        }
    };
    (since > ServerVersion::Exchange2007).then_some(since)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ews::message_xml::Value;
    use crate::ews::soap::ServerVersionInfo;

    const TYPES: &str = "http://schemas.microsoft.com/exchange/services/2006/types";
    const MESSAGES: &str = "http://schemas.microsoft.com/exchange/services/2006/messages";

    fn fault(text: &str, place: Option<(u32, u32)>) -> Fault {
        Fault {
            code: Some(ResponseCode::ErrorSchemaValidation),
            text: "The request failed schema validation.".to_owned(),
            details: vec![Value {
                name: "Violation".to_owned(),
                value: text.to_owned(),
            }],
            line: place.map(|(line, _)| line),
            position: place.map(|(_, position)| position),
            ..Fault::default()
        }
    }

    fn of(text: &str) -> Violation {
        Violation::of(&fault(text, None), "").unwrap()
    }

    fn violation(what: &str, since: Option<ServerVersion>) -> Violation {
        Violation {
            what: Some(what.to_owned()),
            since,
        }
    }

    #[test]
    fn names_in_the_sentences_of_servers() {
        let filter = |before: &str, between: &str, after: &str| {
            format!(
                "{before} 'ItemShape' {between} '{MESSAGES}' {after} 'UniqueBodyType' '{TYPES}'"
            )
        };
        let body = Some(ServerVersion::Exchange2013Sp1);
        for (text, expected) in [
            (
                filter("The element", "in namespace", "has invalid child element"),
                violation("UniqueBodyType", body),
            ),
            (
                filter(
                    "Das Element",
                    "im Namespace",
                    "hat ein ungültiges untergeordnetes Element",
                ),
                violation("UniqueBodyType", body),
            ),
            (
                format!(
                    "L'élément «ItemShape» de l'espace de noms «{MESSAGES}» a un élément enfant non valide «UniqueBodyType»."
                ),
                violation("UniqueBodyType", body),
            ),
            (
                format!("命名空间“{MESSAGES}”中的元素“ItemShape”的子元素“UniqueBodyType”无效。"),
                violation("UniqueBodyType", body),
            ),
            (
                "The 'SuppressReadReceipts' attribute is not declared.".to_owned(),
                violation("SuppressReadReceipts", Some(ServerVersion::Exchange2013Sp1)),
            ),
            (
                format!(
                    "The 'Id' attribute is invalid - The value 'workingset' is invalid according to its datatype '{TYPES}:DistinguishedFolderIdNameType' - The Enumeration constraint failed."
                ),
                violation(
                    "workingset",
                    Some(DistinguishedFolderId::named("workingset").since())
                        .filter(|it| *it > ServerVersion::Exchange2007),
                ),
            ),
            (
                format!(
                    "The 'FieldURI' attribute is invalid - The value 'item:Flag' is invalid according to its datatype '{TYPES}:UnindexedFieldURIType' - The Enumeration constraint failed."
                ),
                violation("item:Flag", Some(ServerVersion::Exchange2013)),
            ),
            (
                format!(
                    "The '{TYPES}:LegacyFreeBusyStatus' element is invalid - The value 'WorkingElsewhere' is invalid according to its datatype '{TYPES}:LegacyFreeBusyType' - The Enumeration constraint failed."
                ),
                violation("WorkingElsewhere", Some(ServerVersion::Exchange2013)),
            ),
            (
                "The required attribute 'Id' is missing.".to_owned(),
                violation("Id", None),
            ),
            ("x".to_owned(), Violation::default()),
            ("an 'open quote".to_owned(), Violation::default()),
        ] {
            assert_eq!(of(&text), expected, "{text}");
        }
    }

    /// The same name may be of one version here and of another there.
    #[test]
    fn the_parent_tells() {
        let size = |parent: &str| {
            let text = format!(
                "The element '{parent}' in namespace '{TYPES}' has invalid child element 'Size' in namespace '{TYPES}'."
            );
            of(&text).since
        };
        assert_eq!(size("FileAttachment"), Some(ServerVersion::Exchange2010));
        assert_eq!(size("Message"), None);
    }

    #[test]
    fn the_place_in_the_request() {
        let request = "<s:Envelope>\n<m:GetItem><m:ItemShape a=\"1\"><t:BaseShape>ü😀</t:BaseShape><t:UniqueBodyType>Text</t:UniqueBodyType></m:ItemShape></m:GetItem>";
        let second = request.split_once('\n').unwrap().1;
        let column = |text: &str| {
            let before = &second[..second.find(text).unwrap()];
            u32::try_from(before.encode_utf16().count()).unwrap()
        };
        for (text, element, parent) in [
            ("<m:GetItem>", "GetItem", Some("Envelope")),
            ("<m:ItemShape", "ItemShape", Some("GetItem")),
            ("<t:UniqueBodyType>", "UniqueBodyType", Some("ItemShape")),
            ("</m:ItemShape>", "ItemShape", Some("GetItem")),
        ] {
            // At the bracket and at the name.
            for position in [column(text) + 1, column(text) + 2] {
                let place = Place::find(request, 2, position).unwrap();
                assert_eq!(
                    (place.element, place.parent),
                    (element, parent),
                    "{position}"
                );
            }
        }
        assert_eq!(Place::find(request, 9, 1), None);
        assert_eq!(Place::find("", 1, 1), None);
        assert_eq!(Place::find("x", 0, 0), None);
        for line in 0..4 {
            for position in 0..200 {
                let _ = Place::find(request, line, position);
            }
        }
        // Nothing but the place says what it is.
        let at = column("<t:UniqueBodyType>") + 2;
        let found = Violation::of(&fault("?", Some((2, at))), request).unwrap();
        assert_eq!(
            found,
            violation("UniqueBodyType", Some(ServerVersion::Exchange2013Sp1))
        );
        // The place decides between two names.
        let turned = fault("'UniqueBodyType' not in 'ItemShape'", Some((2, at)));
        let found = Violation::of(&turned, request).unwrap();
        assert_eq!(found.what.as_deref(), Some("UniqueBodyType"));
    }

    #[test]
    fn what_to_do() {
        let newer = violation("UniqueBodyType", Some(ServerVersion::Exchange2013Sp1));
        let origin = |major, asked| Origin {
            server: Some(ServerVersionInfo {
                major_version: major,
                minor_version: if major == 14 { 3 } else { 1 },
                ..ServerVersionInfo::default()
            }),
            asked: Some(asked),
            ..Origin::default()
        };
        assert_eq!(
            newer
                .advice(&origin(14, ServerVersion::Exchange2016))
                .unwrap(),
            "UniqueBodyType begins with Exchange2013_SP1, but the server is 14.3.0.0: leave it out, and set the version to Exchange2010_SP2 or none."
        );
        let set = newer
            .advice(&origin(15, ServerVersion::Exchange2010))
            .unwrap();
        assert!(set.contains("set the version to Exchange2016"), "{set}");
        assert!(newer.advice(&Origin::default()).is_some());
        assert_eq!(violation("Subject", None).advice(&Origin::default()), None);
    }

    #[test]
    fn a_version_the_schema_does_not_have() {
        let text = format!(
            "The 'Version' attribute is invalid - The value 'Exchange2013' is invalid according to its datatype '{TYPES}:ExchangeVersionType' - The Enumeration constraint failed."
        );
        assert!(is_of_version(&fault(&text, None)));
        assert!(!is_of_version(&fault(
            "The 'Id' attribute is invalid - The value 'Exchange2013' is invalid",
            None
        )));
        let mut busy = fault(&text, None);
        busy.code = Some(ResponseCode::ErrorServerBusy);
        assert_eq!(Violation::of(&busy, ""), None);
    }
}
