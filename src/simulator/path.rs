//! Property paths: `FieldURI`, `IndexedFieldURI` and `ExtendedFieldURI`, and extended values.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use roxmltree::Node;
use uuid::Uuid;

use super::property::{Property, SETS, Value};
use super::refusal::Refusal;
use super::request::Element as _;
use super::xml::Writer;
use super::zone::{Zone, date_time, write_time};

/// What a request points at.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Path {
    Field(String),
    Indexed(String, String),
    Extended(Extended),
}

/// A property named by number or name.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Extended {
    pub(super) property: Property,
    /// `PropertyType` as it was asked for.
    kind: String,
    /// The distinguished name of the set, where the request used it.
    set: Option<&'static str>,
}

impl Path {
    /// Reads one of the three path elements.
    pub(super) fn read(node: Node<'_, '_>) -> Result<Self, Refusal> {
        let attribute = |name| node.attribute(name).map(str::to_owned);
        match node.name() {
            "FieldURI" => attribute("FieldURI").map(Self::Field),
            "IndexedFieldURI" => attribute("FieldURI")
                .zip(attribute("FieldIndex"))
                .map(|(uri, index)| Self::Indexed(uri, index)),
            "ExtendedFieldURI" => return Extended::read(node).map(Self::Extended),
            _ => None,
        }
        .ok_or_else(|| Refusal::new("ErrorInvalidRequest", "A property path was expected."))
    }

    /// The path as it stands in the `MessageXml` of a refusal.
    pub(super) fn markup(&self) -> String {
        let mut writer = Writer::default();
        match self {
            Self::Field(uri) => writer.empty("t:FieldURI", &[("FieldURI", uri)]),
            Self::Indexed(uri, index) => writer.empty(
                "t:IndexedFieldURI",
                &[("FieldURI", uri), ("FieldIndex", index)],
            ),
            Self::Extended(extended) => extended.write_path(&mut writer),
        }
        writer.into_string()
    }
}

impl Extended {
    pub(super) fn read(node: Node<'_, '_>) -> Result<Self, Refusal> {
        let invalid = || {
            Refusal::new(
                "ErrorInvalidExtendedProperty",
                "The extended property attribute combination is invalid.",
            )
        };
        let kind = node
            .attribute("PropertyType")
            .ok_or_else(invalid)?
            .to_owned();
        if let Some(tag) = node.attribute("PropertyTag") {
            return Ok(Self {
                property: Property::Tag(number(tag).ok_or_else(invalid)?),
                kind,
                set: None,
            });
        }
        let (set, guid) = match node.attribute("DistinguishedPropertySetId") {
            Some(name) => SETS
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(known, guid)| (Some(*known), *guid))
                .ok_or_else(invalid)?,
            None => {
                let text = node.attribute("PropertySetId").ok_or_else(invalid)?;
                (None, Uuid::try_parse(text).map_err(|_| invalid())?)
            }
        };
        let property = match (node.attribute("PropertyName"), node.attribute("PropertyId")) {
            (Some(name), None) => Property::Name(guid, name.to_owned()),
            (None, Some(id)) => Property::Id(guid, id.parse().map_err(|_| invalid())?),
            _ => return Err(invalid()),
        };
        Ok(Self {
            property,
            kind,
            set,
        })
    }

    /// Reads the value of a `t:ExtendedProperty` element or of a constant.
    pub(super) fn parse(&self, text: &str) -> Result<Value, Refusal> {
        let one = self.kind.trim_end_matches("Array");
        let value = match one {
            "Boolean" => match text.trim() {
                "true" | "1" => Some(Value::Boolean(true)),
                "false" | "0" => Some(Value::Boolean(false)),
                _ => None,
            },
            "Integer" | "Short" | "Long" | "Currency" | "Error" => {
                text.trim().parse().ok().map(Value::Integer)
            }
            "Double" | "Float" | "ApplicationTime" => text.trim().parse().ok().map(Value::Double),
            "SystemTime" => date_time(text, &Zone::utc()).map(Value::Time),
            "CLSID" => Uuid::try_parse(text.trim()).ok().map(Value::Guid),
            "Binary" => STANDARD.decode(text.trim()).ok().map(Value::Binary),
            "String" => Some(Value::Text(text.to_owned())),
            _ => None,
        };
        value.ok_or_else(|| {
            Refusal::of_field(
                "ErrorInvalidExtendedPropertyValue",
                "The extended property value does not match the type of the property.",
                &Path::Extended(self.clone()).markup(),
            )
        })
    }

    /// Reads a whole `t:ExtendedProperty` element.
    pub(super) fn read_value(&self, node: Node<'_, '_>) -> Result<Value, Refusal> {
        match node.child("Values") {
            Some(values) => values
                .elements()
                .map(|value| self.parse(value.content()))
                .collect::<Result<_, _>>()
                .map(Value::Many),
            None => self.parse(node.text_of("Value").unwrap_or_default()),
        }
    }

    fn write_path(&self, writer: &mut Writer) {
        let mut attributes: Vec<(&str, String)> = Vec::new();
        let mut set = |guid: &Uuid| match self.set {
            Some(name) => attributes.push(("DistinguishedPropertySetId", name.to_owned())),
            None => attributes.push(("PropertySetId", guid.to_string())),
        };
        match &self.property {
            Property::Tag(tag) => attributes.push(("PropertyTag", format!("0x{tag:x}"))),
            Property::Id(guid, id) => {
                set(guid);
                attributes.push(("PropertyId", id.to_string()));
            }
            Property::Name(guid, name) => {
                set(guid);
                attributes.push(("PropertyName", name.clone()));
            }
        }
        attributes.push(("PropertyType", self.kind.clone()));
        let attributes: Vec<(&str, &str)> = attributes
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        writer.empty("t:ExtendedFieldURI", &attributes);
    }

    /// Writes a `t:ExtendedProperty` element.
    pub(super) fn write(&self, writer: &mut Writer, value: &Value, zone: Option<&Zone>) {
        writer.element("t:ExtendedProperty", &[], |writer| {
            self.write_path(writer);
            match value {
                Value::Many(values) => writer.element("t:Values", &[], |writer| {
                    for value in values {
                        writer.leaf("t:Value", &text(value, zone));
                    }
                }),
                one => writer.leaf("t:Value", &text(one, zone)),
            }
        });
    }
}

/// A value as text on the wire.
pub(super) fn text(value: &Value, zone: Option<&Zone>) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Boolean(flag) => flag.to_string(),
        Value::Time(time) => write_time(*time, zone),
        Value::Double(number) => number.to_string(),
        Value::Binary(bytes) => STANDARD.encode(bytes),
        Value::Guid(guid) => guid.to_string(),
        Value::Many(values) => {
            let parts: Vec<String> = values.iter().map(|one| text(one, zone)).collect();
            parts.join(", ")
        }
    }
}

/// A property tag: hexadecimal with `0x`, or decimal.
fn number(text: &str) -> Option<u16> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => u16::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}
