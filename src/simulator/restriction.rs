//! Evaluating `Restriction` and comparing for `SortOrder`.

use std::cmp::Ordering;

use roxmltree::Node;

use super::fields;
use super::ids::conversation_of;
use super::item::Item;
use super::mapi::extended_value;
use super::path::Path;
use super::property::Value;
use super::refusal::Refusal;
use super::request::Element as _;
use super::zone::Zone;

fn invalid() -> Refusal {
    Refusal::new("ErrorInvalidRestriction", "The restriction is invalid.")
}

/// Properties that Exchange computes from several others, or that are lists of their own: neither
/// filters nor sort orders can have them. For the lists of people there are DisplayTo and
/// DisplayCc, for the flag its property of MAPI.
const NOT_SEARCHABLE: &[&str] = &[
    "item:ItemId",
    "item:MimeContent",
    "item:Attachments",
    "item:InternetMessageHeaders",
    "item:ResponseObjects",
    "item:EffectiveRights",
    "item:UniqueBody",
    "item:TextBody",
    "item:Flag",
    "item:Preview",
    "message:ToRecipients",
    "message:CcRecipients",
    "message:BccRecipients",
    "message:ReplyTo",
    "message:ReceivedBy",
    "message:ReceivedRepresenting",
];

fn unsupported(path: &Path) -> Refusal {
    Refusal::of_field(
        "ErrorUnsupportedPathForQuery",
        "The property path is not supported in queries.",
        &path.markup(),
    )
}

/// What a restriction can look at: an item or a folder.
pub(super) trait Subject {
    /// The value that a path finds.
    fn value(&self, path: &Path) -> Result<Option<Value>, Refusal>;
    /// The value that a constant stands for, by the type of the property it is compared with.
    fn constant(&self, path: &Path, text: &str, zone: &Zone) -> Result<Value, Refusal>;
}

impl Subject for Item {
    fn value(&self, path: &Path) -> Result<Option<Value>, Refusal> {
        match path {
            Path::Extended(extended) => Ok(extended_value(self, &extended.property)),
            Path::Field(uri) if NOT_SEARCHABLE.contains(&uri.as_str()) => Err(unsupported(path)),
            Path::Field(uri) => {
                Ok(fields::by_uri(self.kind, uri).and_then(|field| field.value(self)))
            }
            Path::Indexed(..) => Err(unsupported(path)),
        }
    }

    fn constant(&self, path: &Path, text: &str, zone: &Zone) -> Result<Value, Refusal> {
        match path {
            Path::Extended(extended) => extended.parse(text),
            Path::Field(uri) if uri == "item:ConversationId" => {
                let id = conversation_of(text).ok_or_else(Refusal::malformed_id)?;
                Ok(Value::Guid(id))
            }
            Path::Field(uri) => match fields::by_uri(self.kind, uri) {
                Some(field) => field.parse(text, zone).ok_or_else(|| {
                    Refusal::of_field(
                        "ErrorInvalidValueForProperty",
                        "The specified value is invalid for property.",
                        &path.markup(),
                    )
                }),
                None => Ok(Value::Text(text.to_owned())),
            },
            Path::Indexed(..) => Err(invalid()),
        }
    }
}

/// Orders two values of one type; text without regard to case.
pub(super) fn compare(one: &Value, other: &Value) -> Option<Ordering> {
    Some(match (one, other) {
        (Value::Text(a), Value::Text(b)) => a.to_lowercase().cmp(&b.to_lowercase()),
        (Value::Integer(a), Value::Integer(b)) => a.cmp(b),
        (Value::Boolean(a), Value::Boolean(b)) => a.cmp(b),
        (Value::Time(a), Value::Time(b)) => a.cmp(b),
        (Value::Double(a), Value::Double(b)) => a.partial_cmp(b)?,
        (Value::Binary(a), Value::Binary(b)) => a.cmp(b),
        (Value::Guid(a), Value::Guid(b)) => a.cmp(b),
        // A property with many values matches when one of them does.
        (Value::Many(values), other) => values
            .iter()
            .filter_map(|one| compare(one, other))
            .min_by_key(|order| *order != Ordering::Equal)?,
        _ => return None,
    })
}

/// Whether an item or folder fulfils a restriction (the element inside `Restriction`).
pub(super) fn holds<S: Subject>(
    item: &S,
    node: Node<'_, '_>,
    zone: &Zone,
) -> Result<bool, Refusal> {
    match node.name() {
        "And" => {
            for part in node.elements() {
                if !holds(item, part, zone)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        "Or" => {
            for part in node.elements() {
                if holds(item, part, zone)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        "Not" => Ok(!holds(item, node.first().ok_or_else(invalid)?, zone)?),
        name => {
            let path = Path::read(node.first().ok_or_else(invalid)?)?;
            let left = item.value(&path)?;
            match name {
                "Exists" => Ok(left.is_some()),
                "Contains" => contains(left.as_ref(), node),
                "Excludes" => excludes(left.as_ref(), node),
                _ => relation(item, node, &path, left.as_ref(), zone),
            }
        }
    }
}

fn relation<S: Subject>(
    item: &S,
    node: Node<'_, '_>,
    path: &Path,
    left: Option<&Value>,
    zone: &Zone,
) -> Result<bool, Refusal> {
    let operand = node
        .child("FieldURIOrConstant")
        .and_then(|operand| operand.first())
        .ok_or_else(invalid)?;
    let right = if operand.name() == "Constant" {
        let text = operand.attribute("Value").unwrap_or_default();
        Some(item.constant(path, text, zone)?)
    } else {
        item.value(&Path::read(operand)?)?
    };
    let order = left
        .zip(right.as_ref())
        .and_then(|(left, right)| compare(left, right));
    Ok(match node.name() {
        "IsEqualTo" => order == Some(Ordering::Equal),
        "IsNotEqualTo" => order != Some(Ordering::Equal),
        "IsLessThan" => order == Some(Ordering::Less),
        "IsLessThanOrEqualTo" => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        "IsGreaterThan" => order == Some(Ordering::Greater),
        "IsGreaterThanOrEqualTo" => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        _ => return Err(invalid()),
    })
}

fn contains(left: Option<&Value>, node: Node<'_, '_>) -> Result<bool, Refusal> {
    let wanted = node
        .child("Constant")
        .and_then(|constant| constant.attribute("Value"))
        .ok_or_else(invalid)?;
    let exact = matches!(
        node.attribute("ContainmentComparison"),
        None | Some("Exact")
    );
    let fold = |text: &str| {
        if exact {
            text.to_owned()
        } else {
            text.to_lowercase()
        }
    };
    let wanted = fold(wanted);
    let mode = node.attribute("ContainmentMode").unwrap_or("FullString");
    let matches = |text: &str| {
        let text = fold(text);
        match mode {
            "Prefixed" => text.starts_with(&wanted),
            "Substring" => text.contains(&wanted),
            "PrefixOnWords" => text
                .split(|character: char| !character.is_alphanumeric())
                .any(|word| word.starts_with(&wanted)),
            "ExactPhrase" => text.match_indices(&wanted).any(|(at, found)| {
                let edge =
                    |character: Option<char>| character.is_none_or(|one| !one.is_alphanumeric());
                let (before, rest) = text.split_at(at);
                edge(before.chars().next_back())
                    && edge(
                        rest.get(found.len()..)
                            .and_then(|after| after.chars().next()),
                    )
            }),
            _ => text == wanted,
        }
    };
    Ok(match left {
        Some(Value::Text(text)) => matches(text),
        Some(Value::Many(values)) => values.iter().filter_map(Value::text).any(matches),
        _ => false,
    })
}

fn excludes(left: Option<&Value>, node: Node<'_, '_>) -> Result<bool, Refusal> {
    let text = node
        .child("Bitmask")
        .and_then(|mask| mask.attribute("Value"))
        .ok_or_else(invalid)?;
    let mask = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => i64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
    .ok_or_else(invalid)?;
    Ok(left.and_then(Value::integer).unwrap_or_default() & mask == 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::item::{BUSY, ItemKind, START, SUBJECT};
    use crate::simulator::request::TYPES;

    fn item() -> Item {
        let mut item = Item::new(ItemKind::CalendarItem);
        item.set(SUBJECT, Value::Text("Budget review, part two".to_owned()));
        item.set(START, Value::Time("2026-03-02T08:00:00Z".parse().unwrap()));
        item.set(BUSY, Value::Integer(2));
        item
    }

    fn check(xml: &str) -> Result<bool, Refusal> {
        let text = format!("<t:Restriction xmlns:t=\"{TYPES}\">{xml}</t:Restriction>");
        let document = roxmltree::Document::parse(&text).unwrap();
        holds(
            &item(),
            document.root_element().first().unwrap(),
            &Zone::utc(),
        )
    }

    fn compare_to(operator: &str, uri: &str, constant: &str) -> String {
        format!(
            "<t:{operator}><t:FieldURI FieldURI=\"{uri}\"/><t:FieldURIOrConstant><t:Constant Value=\"{constant}\"/></t:FieldURIOrConstant></t:{operator}>"
        )
    }

    #[test]
    fn relations() {
        for (operator, uri, constant, expected) in [
            ("IsEqualTo", "item:Subject", "BUDGET REVIEW, PART TWO", true),
            ("IsNotEqualTo", "item:Subject", "x", true),
            (
                "IsGreaterThan",
                "calendar:Start",
                "2026-03-02T09:00:00+01:00",
                false,
            ),
            (
                "IsGreaterThanOrEqualTo",
                "calendar:Start",
                "2026-03-02T09:00:00+01:00",
                true,
            ),
            ("IsLessThan", "calendar:Start", "2026-03-02T08:00:01Z", true),
            ("IsEqualTo", "calendar:LegacyFreeBusyStatus", "Busy", true),
            (
                "IsLessThanOrEqualTo",
                "calendar:LegacyFreeBusyStatus",
                "Free",
                false,
            ),
            ("IsEqualTo", "item:InReplyTo", "x", false),
        ] {
            let xml = compare_to(operator, uri, constant);
            assert_eq!(check(&xml), Ok(expected), "{xml}");
        }
        let bad = check(&compare_to("IsLessThan", "calendar:Start", "soon"));
        assert_eq!(bad.unwrap_err().code, "ErrorInvalidValueForProperty");
    }

    #[test]
    fn containment() {
        for (mode, comparison, constant, expected) in [
            ("Substring", "IgnoreCase", "REVIEW", true),
            ("Substring", "Exact", "REVIEW", false),
            ("Prefixed", "Exact", "Budget", true),
            ("PrefixOnWords", "IgnoreCase", "par", true),
            ("PrefixOnWords", "IgnoreCase", "art", false),
            ("ExactPhrase", "IgnoreCase", "part two", true),
            ("ExactPhrase", "IgnoreCase", "part tw", false),
            ("FullString", "IgnoreCase", "budget review", false),
        ] {
            let xml = format!(
                "<t:Contains ContainmentMode=\"{mode}\" ContainmentComparison=\"{comparison}\"><t:FieldURI FieldURI=\"item:Subject\"/><t:Constant Value=\"{constant}\"/></t:Contains>"
            );
            assert_eq!(check(&xml), Ok(expected), "{xml}");
        }
    }

    #[test]
    fn logic_existence_and_bits() {
        let yes = compare_to("IsEqualTo", "calendar:LegacyFreeBusyStatus", "Busy");
        let no = compare_to("IsEqualTo", "calendar:LegacyFreeBusyStatus", "OOF");
        assert_eq!(check(&format!("<t:And>{yes}{no}</t:And>")), Ok(false));
        assert_eq!(check(&format!("<t:Or>{no}{yes}</t:Or>")), Ok(true));
        assert_eq!(check(&format!("<t:Not>{no}</t:Not>")), Ok(true));
        let exists = |tag: &str| {
            format!(
                "<t:Exists><t:ExtendedFieldURI PropertyTag=\"{tag}\" PropertyType=\"String\"/></t:Exists>"
            )
        };
        assert_eq!(check(&exists("0x0037")), Ok(true));
        assert_eq!(check(&exists("0x1035")), Ok(false));
        let busy = |mask: &str| {
            format!(
                "<t:Excludes><t:ExtendedFieldURI DistinguishedPropertySetId=\"Appointment\" PropertyId=\"33285\" PropertyType=\"Integer\"/><t:Bitmask Value=\"{mask}\"/></t:Excludes>"
            )
        };
        assert_eq!(check(&busy("0x2")), Ok(false));
        assert_eq!(check(&busy("4")), Ok(true));
    }
}
