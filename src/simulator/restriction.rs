//! Evaluating `Restriction` and comparing for `SortOrder`.

use std::borrow::Cow;
use std::cell::OnceCell;
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
        (Value::Text(a), Value::Text(b)) => compare_texts(a, b),
        (Value::Integer(a), Value::Integer(b)) => a.cmp(b),
        (Value::Boolean(a), Value::Boolean(b)) => a.cmp(b),
        (Value::Time(a), Value::Time(b)) => a.cmp(b),
        (Value::Double(a), Value::Double(b)) => a.partial_cmp(b)?,
        (Value::Binary(a), Value::Binary(b)) => a.cmp(b),
        (Value::Guid(a), Value::Guid(b)) => a.cmp(b),
        (Value::Many(a), Value::Many(b)) => compare(a.first()?, b.first()?)?,
        // A property with many values matches when one of them does.
        (Value::Many(values), other) => values
            .iter()
            .filter_map(|one| compare(one, other))
            .min_by_key(|order| *order != Ordering::Equal)?,
        _ => return None,
    })
}

fn compare_texts(one: &str, other: &str) -> Ordering {
    if one.is_ascii() && other.is_ascii() {
        return one.to_ascii_lowercase().cmp(&other.to_ascii_lowercase());
    }
    one.to_lowercase().cmp(&other.to_lowercase())
}

/// A restriction, read once for many items or folders.
#[derive(Debug)]
pub(super) enum Filter {
    And(Vec<Self>),
    Or(Vec<Self>),
    Not(Box<Self>),
    Exists(Path),
    Contains(Path, Words),
    Excludes(Path, i64),
    Relation(Path, Relation, Operand),
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Relation {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Relation {
    fn read(name: &str) -> Option<Self> {
        Some(match name {
            "IsEqualTo" => Self::Equal,
            "IsNotEqualTo" => Self::NotEqual,
            "IsLessThan" => Self::Less,
            "IsLessThanOrEqualTo" => Self::LessOrEqual,
            "IsGreaterThan" => Self::Greater,
            "IsGreaterThanOrEqualTo" => Self::GreaterOrEqual,
            _ => return None,
        })
    }

    fn holds(self, order: Option<Ordering>) -> bool {
        match self {
            Self::Equal => order == Some(Ordering::Equal),
            Self::NotEqual => order != Some(Ordering::Equal),
            Self::Less => order == Some(Ordering::Less),
            Self::LessOrEqual => matches!(order, Some(Ordering::Less | Ordering::Equal)),
            Self::Greater => order == Some(Ordering::Greater),
            Self::GreaterOrEqual => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        }
    }
}

/// What a property is compared with.
#[derive(Debug)]
pub(super) enum Operand {
    /// A text, and what it means for the property; all things of a search have it in one type.
    Constant(String, OnceCell<Value>),
    Property(Path),
}

/// What a text is to contain.
#[derive(Debug)]
pub(super) struct Words {
    wanted: String,
    exact: bool,
    mode: Mode,
}

#[derive(Clone, Copy, Debug)]
enum Mode {
    Whole,
    Prefix,
    Anywhere,
    PrefixOfWord,
    Phrase,
}

impl Filter {
    /// Reads the element inside `Restriction`.
    pub(super) fn read(node: Node<'_, '_>) -> Result<Self, Refusal> {
        let parts = || node.elements().map(Self::read).collect::<Result<_, _>>();
        let first = || node.first().ok_or_else(invalid);
        Ok(match node.name() {
            "And" => Self::And(parts()?),
            "Or" => Self::Or(parts()?),
            "Not" => Self::Not(Box::new(Self::read(first()?)?)),
            "Exists" => Self::Exists(Path::read(first()?)?),
            "Contains" => Self::Contains(Path::read(first()?)?, Words::read(node)?),
            "Excludes" => Self::Excludes(Path::read(first()?)?, mask(node)?),
            name => {
                let relation = Relation::read(name).ok_or_else(invalid)?;
                let operand = node
                    .child("FieldURIOrConstant")
                    .and_then(|operand| operand.first())
                    .ok_or_else(invalid)?;
                let right = if operand.name() == "Constant" {
                    let text = operand.attribute("Value").unwrap_or_default();
                    Operand::Constant(text.to_owned(), OnceCell::new())
                } else {
                    Operand::Property(Path::read(operand)?)
                };
                Self::Relation(Path::read(first()?)?, relation, right)
            }
        })
    }

    /// Refuses paths and constants that cannot be searched for.
    pub(super) fn check<S: Subject>(&self, sample: &S) -> Result<(), Refusal> {
        match self {
            Self::And(parts) | Self::Or(parts) => {
                parts.iter().try_for_each(|one| one.check(sample))
            }
            Self::Not(part) => part.check(sample),
            Self::Exists(path) | Self::Contains(path, _) | Self::Excludes(path, _) => {
                sample.value(path).map(drop)
            }
            Self::Relation(path, _, operand) => {
                sample.value(path)?;
                match operand {
                    Operand::Property(path) => sample.value(path).map(drop),
                    Operand::Constant(..) => Ok(()),
                }
            }
        }
    }

    /// Whether an item or folder fulfils it.
    pub(super) fn holds<S: Subject>(&self, item: &S, zone: &Zone) -> Result<bool, Refusal> {
        Ok(match self {
            Self::And(parts) => {
                for part in parts {
                    if !part.holds(item, zone)? {
                        return Ok(false);
                    }
                }
                true
            }
            Self::Or(parts) => {
                for part in parts {
                    if part.holds(item, zone)? {
                        return Ok(true);
                    }
                }
                false
            }
            Self::Not(part) => !part.holds(item, zone)?,
            Self::Exists(path) => item.value(path)?.is_some(),
            Self::Contains(path, words) => words.are_in(item.value(path)?.as_ref()),
            Self::Excludes(path, mask) => {
                let value = item.value(path)?;
                value.as_ref().and_then(Value::integer).unwrap_or_default() & mask == 0
            }
            Self::Relation(path, relation, operand) => {
                let left = item.value(path)?;
                let other;
                let right = match operand {
                    Operand::Constant(text, value) => match value.get() {
                        Some(value) => Some(value),
                        None => {
                            let read = item.constant(path, text, zone)?;
                            Some(value.get_or_init(|| read))
                        }
                    },
                    Operand::Property(path) => {
                        other = item.value(path)?;
                        other.as_ref()
                    }
                };
                let both = left.as_ref().zip(right);
                relation.holds(both.and_then(|(left, right)| compare(left, right)))
            }
        })
    }
}

/// Whether an item or folder fulfils a restriction (the element inside `Restriction`).
pub(super) fn holds<S: Subject>(
    item: &S,
    node: Node<'_, '_>,
    zone: &Zone,
) -> Result<bool, Refusal> {
    Filter::read(node)?.holds(item, zone)
}

impl Words {
    fn read(node: Node<'_, '_>) -> Result<Self, Refusal> {
        let wanted = node
            .child("Constant")
            .and_then(|constant| constant.attribute("Value"))
            .ok_or_else(invalid)?;
        let exact = matches!(
            node.attribute("ContainmentComparison"),
            None | Some("Exact")
        );
        let mode = match node.attribute("ContainmentMode") {
            Some("Prefixed") => Mode::Prefix,
            Some("Substring") => Mode::Anywhere,
            Some("PrefixOnWords") => Mode::PrefixOfWord,
            Some("ExactPhrase") => Mode::Phrase,
            _ => Mode::Whole,
        };
        Ok(Self {
            wanted: if exact {
                wanted.to_owned()
            } else {
                wanted.to_lowercase()
            },
            exact,
            mode,
        })
    }

    fn are_in(&self, value: Option<&Value>) -> bool {
        match value {
            Some(Value::Text(text)) => self.fit(text),
            Some(Value::Many(values)) => values
                .iter()
                .filter_map(Value::text)
                .any(|one| self.fit(one)),
            _ => false,
        }
    }

    fn fit(&self, text: &str) -> bool {
        let text = if self.exact {
            Cow::Borrowed(text)
        } else {
            Cow::Owned(text.to_lowercase())
        };
        match self.mode {
            Mode::Prefix => text.starts_with(&self.wanted),
            Mode::Anywhere => text.contains(&self.wanted),
            Mode::PrefixOfWord => text
                .split(|character: char| !character.is_alphanumeric())
                .any(|word| word.starts_with(&self.wanted)),
            Mode::Phrase => has_phrase(&text, &self.wanted),
            Mode::Whole => text == self.wanted,
        }
    }
}

/// Whether a text has these words, whole and in a row.
pub(super) fn has_phrase(text: &str, wanted: &str) -> bool {
    text.match_indices(wanted).any(|(at, found)| {
        let edge = |character: Option<char>| character.is_none_or(|one| !one.is_alphanumeric());
        let (before, rest) = text.split_at(at);
        let after = rest.get(found.len()..).unwrap_or_default();
        edge(before.chars().next_back()) && edge(after.chars().next())
    })
}

fn mask(node: Node<'_, '_>) -> Result<i64, Refusal> {
    let text = node
        .child("Bitmask")
        .and_then(|mask| mask.attribute("Value"))
        .ok_or_else(invalid)?;
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => i64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
    .ok_or_else(invalid)
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
