//! Properties of other programs: `singleValueLegacyExtendedProperty` and its sister with many values.
//!
//! <https://learn.microsoft.com/en-us/graph/api/resources/extended-properties-overview>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::item::Item;
use super::super::mapi::extended_value;
use super::super::property::{Property, Value as Kept};
use super::refusal::GraphRefusal;

/// The types of values; each may be followed by `Array`.
const TYPES: [&str; 11] = [
    "ApplicationTime",
    "Binary",
    "Boolean",
    "CLSID",
    "Currency",
    "Double",
    "Float",
    "Integer",
    "Long",
    "Short",
    "String",
];

/// A property as its id names it: `String {66f5a359-4659-4830-9070-00047ec6ac6e} Name Color`,
/// `Integer {00062008-0000-0000-c000-000000000046} Id 0x8503` or `String 0x1035`.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::simulator) struct ExtendedId {
    kind: String,
    pub(in crate::simulator) property: Property,
}

fn invalid(id: &str) -> GraphRefusal {
    GraphRefusal::new(
        400,
        "ErrorInvalidProperty",
        format!("'{id}' is no id of an extended property."),
    )
}

fn bad_value(id: &str) -> GraphRefusal {
    GraphRefusal::new(
        400,
        "ErrorInvalidExtendedPropertyValue",
        format!("The value of '{id}' does not match its type."),
    )
}

impl ExtendedId {
    pub(in crate::simulator) fn read(id: &str) -> Result<Self, GraphRefusal> {
        Self::parse(id).ok_or_else(|| invalid(id))
    }

    fn parse(id: &str) -> Option<Self> {
        let (kind, rest) = id.trim().split_once(' ')?;
        let one = kind.strip_suffix("Array").unwrap_or(kind);
        let known = TYPES.iter().chain(&["SystemTime"]);
        let one = known
            .copied()
            .find(|known| known.eq_ignore_ascii_case(one))?;
        let many = if kind.ends_with("Array") { "Array" } else { "" };
        let property = match rest.trim().strip_prefix('{') {
            None => Property::Tag(u16::try_from(number(rest.trim())?).ok()?),
            Some(rest) => {
                let (set, rest) = rest.split_once('}')?;
                let set = Uuid::try_parse(set).ok()?;
                let (word, name) = rest.trim().split_once(' ')?;
                match word.to_ascii_lowercase().as_str() {
                    "name" => Property::Name(set, name.trim().to_owned()),
                    "id" => Property::Id(set, number(name.trim())?),
                    _ => return None,
                }
            }
        };
        Some(Self {
            kind: format!("{one}{many}"),
            property,
        })
    }

    /// The id as answers have it.
    pub(in crate::simulator) fn written(&self) -> String {
        let kind = &self.kind;
        match &self.property {
            Property::Tag(tag) => format!("{kind} 0x{tag:x}"),
            Property::Id(set, id) => format!("{kind} {{{set}}} Id 0x{id:x}"),
            Property::Name(set, name) => format!("{kind} {{{set}}} Name {name}"),
        }
    }

    fn is_many(&self) -> bool {
        self.kind.ends_with("Array")
    }

    fn parse_value(&self, text: &str) -> Option<Kept> {
        match self.kind.trim_end_matches("Array") {
            "Boolean" => text.to_ascii_lowercase().parse().ok().map(Kept::Boolean),
            "Integer" | "Short" | "Long" | "Currency" => text.parse().ok().map(Kept::Integer),
            "Double" | "Float" | "ApplicationTime" => text.parse().ok().map(Kept::Double),
            "SystemTime" => {
                let time = DateTime::parse_from_rfc3339(text).ok()?;
                Some(Kept::Time(time.with_timezone(&Utc)))
            }
            "CLSID" => Uuid::try_parse(text).ok().map(Kept::Guid),
            "Binary" => STANDARD.decode(text).ok().map(Kept::Binary),
            _ => Some(Kept::Text(text.to_owned())),
        }
    }
}

/// A number in hexadecimal with `0x`, or decimal.
fn number(text: &str) -> Option<u32> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

fn text(value: &Kept) -> String {
    match value {
        Kept::Text(text) => text.clone(),
        Kept::Integer(number) => number.to_string(),
        Kept::Boolean(flag) => flag.to_string(),
        Kept::Double(number) => number.to_string(),
        Kept::Time(time) => time.to_rfc3339_opts(SecondsFormat::Secs, true),
        Kept::Binary(bytes) => STANDARD.encode(bytes),
        Kept::Guid(guid) => guid.to_string(),
        Kept::Many(values) => values.iter().map(text).collect::<Vec<_>>().join(", "),
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Single {
    #[serde(default, rename = "@odata.type")]
    _kind: Option<String>,
    id: String,
    value: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Multiple {
    #[serde(default, rename = "@odata.type")]
    _kind: Option<String>,
    id: String,
    value: Vec<String>,
}

fn unreadable(error: &serde_json::Error) -> GraphRefusal {
    GraphRefusal::new(400, "RequestBodyRead", error.to_string())
}

/// Sets what stands in `singleValueExtendedProperties`; `null` removes a property.
pub(in crate::simulator) fn set_single(item: &mut Item, list: &Value) -> Result<(), GraphRefusal> {
    let list: Vec<Single> = Deserialize::deserialize(list).map_err(|error| unreadable(&error))?;
    for one in list {
        let id = ExtendedId::read(&one.id)?;
        if id.is_many() {
            return Err(invalid(&one.id));
        }
        match one.value {
            None => {
                item.bag.remove(&id.property);
            }
            Some(text) => {
                let value = id.parse_value(&text).ok_or_else(|| bad_value(&one.id))?;
                item.set(id.property, value);
            }
        }
    }
    Ok(())
}

/// Sets what stands in `multiValueExtendedProperties`; one without values is removed.
pub(in crate::simulator) fn set_multiple(
    item: &mut Item,
    list: &Value,
) -> Result<(), GraphRefusal> {
    let list: Vec<Multiple> = Deserialize::deserialize(list).map_err(|error| unreadable(&error))?;
    for one in list {
        let id = ExtendedId::read(&one.id)?;
        if !id.is_many() {
            return Err(invalid(&one.id));
        }
        let values = one.value.iter().map(|text| id.parse_value(text));
        let values: Option<Vec<Kept>> = values.collect();
        let values = values.ok_or_else(|| bad_value(&one.id))?;
        match values.is_empty() {
            true => drop(item.bag.remove(&id.property)),
            false => item.set(id.property, Kept::Many(values)),
        }
    }
    Ok(())
}

/// Those of an item, for `singleValueExtendedProperties`.
pub(in crate::simulator) fn single(item: &Item, ids: &[ExtendedId]) -> Value {
    let found = ids.iter().filter(|id| !id.is_many()).filter_map(|id| {
        let value = extended_value(item, &id.property)?;
        Some(json!({"id": id.written(), "value": text(&value)}))
    });
    found.collect::<Vec<_>>().into()
}

/// Those of an item, for `multiValueExtendedProperties`.
pub(in crate::simulator) fn multiple(item: &Item, ids: &[ExtendedId]) -> Value {
    let found = ids.iter().filter(|id| id.is_many()).filter_map(|id| {
        let values = match extended_value(item, &id.property)? {
            Kept::Many(values) => values.iter().map(text).collect(),
            one => vec![text(&one)],
        };
        Some(json!({"id": id.written(), "value": values}))
    });
    found.collect::<Vec<_>>().into()
}

#[cfg(test)]
mod tests {
    use super::super::super::item::ItemKind;
    use super::*;

    #[test]
    fn ids_are_read_in_all_their_forms() {
        for (id, written) in [
            (
                "String {66F5A359-4659-4830-9070-00047EC6AC6E} Name Color",
                "String {66f5a359-4659-4830-9070-00047ec6ac6e} Name Color",
            ),
            (
                "Integer {00062008-0000-0000-C000-000000000046} Id 0x8503",
                "Integer {00062008-0000-0000-c000-000000000046} Id 0x8503",
            ),
            ("string 0x1035", "String 0x1035"),
            (
                "StringArray {00020329-0000-0000-c000-000000000046} Name Keywords",
                "StringArray {00020329-0000-0000-c000-000000000046} Name Keywords",
            ),
        ] {
            assert_eq!(ExtendedId::read(id).unwrap().written(), written);
        }
        for wrong in [
            "",
            "Color",
            "Text 0x1",
            "String {1} Name x",
            "Integer 0xfffff",
        ] {
            assert_eq!(ExtendedId::read(wrong).unwrap_err().status, 400, "{wrong}");
        }
    }

    #[test]
    fn values_come_back_in_their_type() {
        let mut item = Item::new(ItemKind::CalendarItem);
        let set = "{66f5a359-4659-4830-9070-00047ec6ac6e}";
        let list = json!([
            {"id": format!("String {set} Name Color"), "value": "green"},
            {"id": format!("Integer {set} Name Size"), "value": "7"},
            {"id": format!("Boolean {set} Name Wet"), "value": "True"},
            {"id": format!("Binary {set} Name Raw"), "value": "AQI="},
            {"id": format!("SystemTime {set} Name Since"), "value": "2026-03-02T08:00:00Z"},
        ]);
        set_single(&mut item, &list).unwrap();
        let many = json!([{"id": format!("StringArray {set} Name All"), "value": ["a", "b"]}]);
        set_multiple(&mut item, &many).unwrap();
        let names = |list: &Value| -> Vec<ExtendedId> {
            let list = list.as_array().unwrap().iter();
            list.map(|one| ExtendedId::read(one["id"].as_str().unwrap()).unwrap())
                .collect()
        };
        let back = single(&item, &names(&list));
        assert_eq!(back[0]["value"], "green");
        assert_eq!(back[1]["value"], "7");
        assert_eq!(back[2]["value"], "true");
        assert_eq!(back[4]["value"], "2026-03-02T08:00:00Z");
        assert_eq!(multiple(&item, &names(&many)), many);
        let wrong = json!([{"id": format!("Integer {set} Name Size"), "value": "big"}]);
        let refusal = set_single(&mut item, &wrong).unwrap_err();
        assert_eq!(refusal.code, "ErrorInvalidExtendedPropertyValue");
    }
}
