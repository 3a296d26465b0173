//! MAPI properties, which both backends reach by the same names.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The name of a MAPI property. EWS `ExtendedFieldURI`; Graph the `id` of a single- or multi-value extended property.
///
/// Names and types: MS-OXPROPS.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PropertyName {
    /// A property with a fixed number, such as `0x0E08`.
    Tag {
        /// Its number.
        tag: u16,
        /// Its type.
        kind: PropertyKind,
    },
    /// A named property with a number.
    Id {
        /// The property set.
        set: PropertySet,
        /// Its number in the set.
        id: u32,
        /// Its type.
        kind: PropertyKind,
    },
    /// A named property with a text.
    Named {
        /// The property set.
        set: PropertySet,
        /// Its name in the set.
        name: String,
        /// Its type.
        kind: PropertyKind,
    },
}

impl PropertyName {
    /// A property with a fixed number.
    pub fn tag(tag: u16, kind: PropertyKind) -> Self {
        Self::Tag { tag, kind }
    }

    /// A named property with a number.
    pub fn id(set: PropertySet, id: u32, kind: PropertyKind) -> Self {
        Self::Id { set, id, kind }
    }

    /// A named property with a text.
    pub fn named(set: PropertySet, name: impl Into<String>, kind: PropertyKind) -> Self {
        Self::Named {
            set,
            name: name.into(),
            kind,
        }
    }

    /// Whether both name the same property: a set by its name is the same as by its GUID.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let same_set = |a: &PropertySet, b: &PropertySet| a.guid().eq_ignore_ascii_case(b.guid());
        match (self, other) {
            (
                Self::Id { set, id, kind },
                Self::Id {
                    set: s,
                    id: i,
                    kind: k,
                },
            ) => (id, kind) == (i, k) && same_set(set, s),
            (
                Self::Named { set, name, kind },
                Self::Named {
                    set: s,
                    name: n,
                    kind: k,
                },
            ) => (name, kind) == (n, k) && same_set(set, s),
            _ => self == other,
        }
    }

    /// Its type.
    pub fn kind(&self) -> PropertyKind {
        match self {
            Self::Tag { kind, .. } | Self::Id { kind, .. } | Self::Named { kind, .. } => *kind,
        }
    }
}

macro_rules! property_kinds {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {
        /// The type of a MAPI property (MS-OXCDATA 2.11.1), by the name that both protocols use on the wire.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum PropertyKind {
            $($(#[$doc])* $name,)+
        }

        impl PropertyKind {
            /// All types.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The name on the wire: EWS `PropertyType`, and the first word of a Graph property id.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)+
                }
            }

            /// Whether a property of this type has many values.
            pub fn is_array(self) -> bool {
                self.name().ends_with("Array")
            }
        }
    };
}

property_kinds! {
    /// Days since the end of 1899, as a floating-point number.
    ApplicationTime,
    /// Many of them.
    ApplicationTimeArray,
    /// Bytes, in base64.
    Binary,
    /// Many of them.
    BinaryArray,
    /// `true` or `false`.
    Boolean,
    /// A GUID.
    CLSID,
    /// Many of them.
    CLSIDArray,
    /// Ten-thousandths of a currency unit, as a 64-bit integer.
    Currency,
    /// Many of them.
    CurrencyArray,
    /// A 64-bit floating-point number.
    Double,
    /// Many of them.
    DoubleArray,
    /// A 32-bit floating-point number.
    Float,
    /// Many of them.
    FloatArray,
    /// A 32-bit integer.
    Integer,
    /// Many of them.
    IntegerArray,
    /// A 64-bit integer.
    Long,
    /// Many of them.
    LongArray,
    /// A 16-bit integer.
    Short,
    /// Many of them.
    ShortArray,
    /// Text.
    String,
    /// Many of them.
    StringArray,
    /// A date and time in UTC.
    SystemTime,
    /// Many of them.
    SystemTimeArray,
}

/// The set a named property belongs to. The variants but [`Guid`](Self::Guid) are those that EWS has a word for
/// (`DistinguishedPropertySetId`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PropertySet {
    /// PSETID_Meeting.
    Meeting,
    /// PSETID_Appointment.
    Appointment,
    /// PSETID_Common.
    Common,
    /// PS_PUBLIC_STRINGS.
    PublicStrings,
    /// PSETID_Address.
    Address,
    /// PS_INTERNET_HEADERS.
    InternetHeaders,
    /// PSETID_CalendarAssistant.
    CalendarAssistant,
    /// PSETID_UnifiedMessaging.
    UnifiedMessaging,
    /// PSETID_Task.
    Task,
    /// PSETID_Sharing.
    Sharing,
    /// Any other, by its GUID without braces.
    Guid(String),
}

impl PropertySet {
    /// The GUID of the set (MS-OXPROPS 1.3.2), without braces.
    pub fn guid(&self) -> &str {
        match self {
            Self::Meeting => "6ed8da90-450b-101b-98da-00aa003f1305",
            Self::Appointment => "00062002-0000-0000-c000-000000000046",
            Self::Common => "00062008-0000-0000-c000-000000000046",
            Self::PublicStrings => "00020329-0000-0000-c000-000000000046",
            Self::Address => "00062004-0000-0000-c000-000000000046",
            Self::InternetHeaders => "00020386-0000-0000-c000-000000000046",
            Self::CalendarAssistant => "11000e07-b51b-40d6-af21-caa85edab1d0",
            Self::UnifiedMessaging => "4442858e-a9e3-4e80-b900-317a210cc15b",
            Self::Task => "00062003-0000-0000-c000-000000000046",
            Self::Sharing => "00062040-0000-0000-c000-000000000046",
            Self::Guid(guid) => guid,
        }
    }
}

/// A MAPI property with its value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ExtendedProperty {
    /// Its name.
    pub name: PropertyName,
    /// Its value.
    pub value: PropertyValue,
}

impl ExtendedProperty {
    /// A property with one value.
    pub fn new(name: PropertyName, value: impl Into<String>) -> Self {
        Self {
            name,
            value: PropertyValue::One(value.into()),
        }
    }

    /// A property with many values.
    pub fn many(name: PropertyName, values: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            name,
            value: PropertyValue::Many(values.into_iter().map(Into::into).collect()),
        }
    }
}

/// The value of a MAPI property, in the text form both protocols use.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PropertyValue {
    /// One value.
    One(String),
    /// Many values.
    Many(Vec<String>),
}

impl PropertyValue {
    /// The value, or the first of many.
    pub fn first(&self) -> Option<&str> {
        match self {
            Self::One(value) => Some(value),
            Self::Many(values) => values.first().map(String::as_str),
        }
    }
}

/// From here on each mailbox hands out numbers to named properties as it likes (MS-OXCPRPT).
const FIRST_NAMED_TAG: u16 = 0x8000;

/// The property set of this library's own properties.
pub(crate) const OWN_SET: uuid::Uuid = uuid::uuid!("5e0a7d54-9c1f-4a6e-8d27-3b4f6a9c21d8");

/// One of this library's own properties.
#[cfg(any(feature = "ews", feature = "graph"))]
pub(crate) fn own_property(name: &str) -> PropertyName {
    let set = PropertySet::Guid(OWN_SET.to_string());
    PropertyName::named(set, name, PropertyKind::String)
}

/// The property that holds the caller's idempotency key.
#[cfg(any(feature = "ews", feature = "graph"))]
pub(crate) fn idempotency_key() -> PropertyName {
    own_property("idempotency-key")
}

/// The property that marks an event or a draft as half-made, until what is attached is in place and the invitations
/// are sent.
#[cfg(any(feature = "ews", feature = "graph"))]
pub(crate) fn unfinished() -> PropertyName {
    own_property("create-unfinished")
}

pub(super) fn check_name(operation: &'static str, name: &PropertyName) -> Result<()> {
    let set = match name {
        PropertyName::Tag { tag, .. } if *tag >= FIRST_NAMED_TAG => {
            let problem = format!(
                "the property 0x{tag:04x} is a named one, whose number differs between mailboxes"
            );
            return Err(Error::invalid_argument(operation, problem)
                .with_hint("Name it by its set and its id or name."));
        }
        PropertyName::Tag { .. } => return Ok(()),
        PropertyName::Named { name, .. } if name.is_empty() => {
            return Err(Error::invalid_argument(
                operation,
                "the name of a property is empty",
            ));
        }
        PropertyName::Id { set, .. } | PropertyName::Named { set, .. } => set,
    };
    match uuid::Uuid::try_parse(set.guid()) {
        Ok(_) => Ok(()),
        Err(cause) => {
            let problem = format!("the property set {:?} is not a GUID", set.guid());
            Err(Error::invalid_argument(operation, problem).with_source(cause))
        }
    }
}

/// Checks the name of a property that is written: what is kept in our own set decides what is sent and made once.
pub(super) fn check_written_name(operation: &'static str, name: &PropertyName) -> Result<()> {
    check_name(operation, name)?;
    let set = match name {
        PropertyName::Id { set, .. } | PropertyName::Named { set, .. } => set.guid(),
        PropertyName::Tag { .. } => return Ok(()),
    };
    if uuid::Uuid::try_parse(set) != Ok(OWN_SET) {
        return Ok(());
    }
    let problem = "the property set is that of this library's own properties, which only it writes";
    Err(Error::invalid_argument(operation, problem))
}

pub(super) fn check_properties(
    operation: &'static str,
    properties: &[ExtendedProperty],
) -> Result<()> {
    for property in properties {
        check_written_name(operation, &property.name)?;
        if property.name.kind().is_array() != matches!(property.value, PropertyValue::Many(_)) {
            let kind = property.name.kind().name();
            let problem = format!(
                "a property of the type {kind} has one value where many belong, or many where one does"
            );
            return Err(Error::invalid_argument(operation, problem));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks() {
        let name = |set| PropertyName::named(set, "Key", PropertyKind::String);
        let good = ExtendedProperty::new(
            name(PropertySet::Guid(
                "c11ff724-aa03-4555-9952-8fa248a11c3e".into(),
            )),
            "1",
        );
        assert!(check_properties("t", &[good]).is_ok());
        for bad in [
            ExtendedProperty::new(name(PropertySet::Guid("nonsense".into())), "1"),
            ExtendedProperty::many(name(PropertySet::Common), ["1"]),
            ExtendedProperty::new(
                PropertyName::named(PropertySet::Common, "", PropertyKind::String),
                "1",
            ),
            ExtendedProperty::new(PropertyName::tag(0x8000, PropertyKind::String), "1"),
            ExtendedProperty::new(name(PropertySet::Guid(OWN_SET.to_string())), "1"),
        ] {
            assert!(
                check_properties("t", std::slice::from_ref(&bad)).is_err(),
                "{bad:?}"
            );
        }
        for set in [
            PropertySet::Meeting,
            PropertySet::CalendarAssistant,
            PropertySet::UnifiedMessaging,
        ] {
            assert!(check_name("t", &name(set)).is_ok());
        }
        // It may be read by everybody.
        let own = name(PropertySet::Guid(OWN_SET.to_string().to_uppercase()));
        assert!(check_name("t", &own).is_ok() && check_written_name("t", &own).is_err());
    }

    #[test]
    fn stored_form() {
        let property = ExtendedProperty::many(
            PropertyName::named(
                PropertySet::PublicStrings,
                "Keywords",
                PropertyKind::StringArray,
            ),
            ["a", "b"],
        );
        let text = serde_json::to_string(&property).unwrap();
        assert_eq!(
            text,
            r#"{"name":{"named":{"set":"public_strings","name":"Keywords","kind":"StringArray"}},"value":{"many":["a","b"]}}"#
        );
        assert_eq!(
            serde_json::from_str::<ExtendedProperty>(&text).unwrap(),
            property
        );
    }

    #[test]
    fn kinds() {
        assert_eq!(PropertyKind::ALL.len(), 23);
        assert!(PropertyKind::CLSIDArray.is_array() && !PropertyKind::Binary.is_array());
    }
}
