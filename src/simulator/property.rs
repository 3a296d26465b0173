//! Properties as a mailbox keeps them: numbers and names as in MAPI ([MS-OXPROPS]), values typed.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use uuid::{Uuid, uuid};

/// PSETID_Appointment.
pub(super) const APPOINTMENT: Uuid = uuid!("00062002-0000-0000-c000-000000000046");
/// PSETID_Common.
pub(super) const COMMON: Uuid = uuid!("00062008-0000-0000-c000-000000000046");
/// PSETID_Meeting.
pub(super) const MEETING: Uuid = uuid!("6ed8da90-450b-101b-98da-00aa003f1305");
/// PSETID_Task.
pub(super) const TASK: Uuid = uuid!("00062003-0000-0000-c000-000000000046");
/// The set of what only Graph shows of calendars.
pub(super) const GRAPH: Uuid = uuid!("41f28f13-83f4-4114-a584-eedb5a6b0bff");
/// PS_PUBLIC_STRINGS.
pub(super) const PUBLIC_STRINGS: Uuid = uuid!("00020329-0000-0000-c000-000000000046");
/// PS_INTERNET_HEADERS.
pub(super) const INTERNET_HEADERS: Uuid = uuid!("00020386-0000-0000-c000-000000000046");

/// The property sets that requests may name (`DistinguishedPropertySetId`).
pub(super) const SETS: [(&str, Uuid); 9] = [
    ("Meeting", MEETING),
    ("Appointment", APPOINTMENT),
    ("Common", COMMON),
    ("PublicStrings", PUBLIC_STRINGS),
    ("Address", uuid!("00062004-0000-0000-c000-000000000046")),
    ("InternetHeaders", INTERNET_HEADERS),
    (
        "CalendarAssistant",
        uuid!("11000e07-b51b-40d6-af21-caa85edab1d0"),
    ),
    (
        "UnifiedMessaging",
        uuid!("4442858e-a9e3-4e80-b900-317a210cc15b"),
    ),
    ("Task", TASK),
];

/// The key of a property.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Property {
    /// A property with a number of its own.
    Tag(u16),
    /// A named property with a number in a set.
    Id(Uuid, u32),
    /// A named property with a name in a set.
    Name(Uuid, String),
}

/// The value of a property.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Text(String),
    Integer(i64),
    Boolean(bool),
    Time(DateTime<Utc>),
    Double(f64),
    Binary(Vec<u8>),
    Guid(Uuid),
    Many(Vec<Self>),
}

/// The properties of one item.
pub(super) type Bag = BTreeMap<Property, Value>;

impl Value {
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn time(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Time(time) => Some(*time),
            _ => None,
        }
    }

    pub(super) fn integer(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            _ => None,
        }
    }

    pub(super) fn boolean(&self) -> Option<bool> {
        match self {
            Self::Boolean(flag) => Some(*flag),
            _ => None,
        }
    }
}
