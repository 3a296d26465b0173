//! The UID of an event.

use serde::{Deserialize, Serialize};

/// The UID of an event as in iCalendar (RFC 5545 section 3.8.4.7): a series master, its occurrences and its exceptions
/// share it.
///
/// Exchange keeps a GlobalObjectId (MS-OXOCAL 2.2.1.27) and shows it as hexadecimal digits, in which bytes 16 to 19
/// name the day of one instance. EWS `calendar:UID` has the form of the series, Graph's `iCalUId` that of the instance;
/// here the day is always cleared, so that all compare equal. UIDs made elsewhere are kept as they are.
///
/// ```
/// use exchange_connector::model::ICalUid;
///
/// let series = "040000008200E00074C5B7101A82E00800000000BF7DFDB82DB1D301000000000000000010000000\
///               7E179DE3E9AA9C4DBB784CA0F90F0B86";
/// let occurrence = "040000008200E00074C5B7101A82E00807E50C0FBF7DFDB82DB1D301000000000000000010000000\
///                   7E179DE3E9AA9C4DBB784CA0F90F0B86";
/// assert_eq!(ICalUid::new(series), ICalUid::new(occurrence));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct ICalUid(String);

/// MS-OXOCAL 2.2.1.27: the first sixteen bytes of every GlobalObjectId.
const BYTE_ARRAY_ID: [u8; 16] = [
    0x04, 0, 0, 0, 0x82, 0, 0xE0, 0, 0x74, 0xC5, 0xB7, 0x10, 0x1A, 0x82, 0xE0, 0x08,
];
/// Where the day of the instance is: year (big-endian), month, day.
const INSTANCE_DATE: std::ops::Range<usize> = 16..20;
/// Identifier, date, creation time, reserved, size: what comes before the data.
const HEAD: usize = 16 + 4 + 8 + 8 + 4;

impl ICalUid {
    /// The UID of the series this text belongs to.
    pub fn new(text: &str) -> Self {
        let text = text.trim();
        match global_object_id(text) {
            Some(mut bytes) => {
                bytes.splice(INSTANCE_DATE, [0; 4]);
                Self(bytes.iter().map(|byte| format!("{byte:02X}")).collect())
            }
            None => Self(text.to_owned()),
        }
    }

    /// The text form: for a GlobalObjectId upper-case hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Year, month and day of the instance that the text names, as Graph's `iCalUId` of an occurrence does; `None`
    /// for a series or single event and for UIDs made elsewhere.
    pub fn instance_date(text: &str) -> Option<(u16, u8, u8)> {
        match *global_object_id(text.trim())?.get(INSTANCE_DATE)? {
            [0, 0, _, _] => None,
            [high, low, month, day] => Some((u16::from_be_bytes([high, low]), month, day)),
            _ => None,
        }
    }

    /// The value of the property PidLidCleanGlobalObjectId (property set Meeting, id 0x23, binary) of events with this
    /// UID. Exchange cannot search for `calendar:UID`, but for this property.
    ///
    /// UIDs made elsewhere are wrapped as MS-OXCICAL 2.1.3.1.1.20.26 says.
    pub fn to_clean_global_object_id(&self) -> Vec<u8> {
        if let Some(bytes) = global_object_id(&self.0) {
            return bytes;
        }
        const FOREIGN: &[u8] = b"vCal-Uid\x01\0\0\0";
        let size = u32::try_from(FOREIGN.len() + self.0.len() + 1).unwrap_or(u32::MAX);
        let mut bytes = BYTE_ARRAY_ID.to_vec();
        bytes.extend([0; 4 + 8 + 8]);
        bytes.extend(size.to_le_bytes());
        bytes.extend(FOREIGN);
        bytes.extend(self.0.as_bytes());
        bytes.push(0);
        bytes
    }
}

impl From<String> for ICalUid {
    fn from(text: String) -> Self {
        Self::new(&text)
    }
}

impl From<ICalUid> for String {
    fn from(uid: ICalUid) -> Self {
        uid.0
    }
}

impl std::fmt::Display for ICalUid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The bytes of a GlobalObjectId in hexadecimal digits; `None` for any other text.
fn global_object_id(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text
        .chars()
        .map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok()))
        .collect::<Option<_>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    let bytes: Vec<u8> = pairs.iter().map(|[high, low]| high << 4 | low).collect();
    (rest.is_empty() && bytes.len() >= HEAD && bytes.starts_with(&BYTE_ARRAY_ID)).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SERIES: &str = "040000008200E00074C5B7101A82E00800000000BF7DFDB82DB1D3010000000000000000100000007E179DE3E9AA9C4DBB784CA0F90F0B86";

    #[test]
    fn occurrence_equals_series() {
        let occurrence = SERIES.replacen("0800000000", "0807E50C0F", 1);
        assert_eq!(
            ICalUid::new(&occurrence),
            ICalUid::new(&SERIES.to_ascii_lowercase())
        );
        assert_eq!(ICalUid::new(&occurrence).as_str(), SERIES);
        assert_eq!(ICalUid::instance_date(&occurrence), Some((2021, 12, 15)));
        assert_eq!(ICalUid::instance_date(SERIES), None);
        assert_eq!(
            ICalUid::new(SERIES).to_clean_global_object_id().len(),
            SERIES.len() / 2
        );
    }

    #[test]
    fn foreign_uid_is_wrapped() {
        let bytes = ICalUid::new("abc@example.org").to_clean_global_object_id();
        assert_eq!(bytes.len(), HEAD + 12 + 15 + 1);
        assert_eq!(bytes[36..40], 28u32.to_le_bytes());
        assert!(bytes.ends_with(b"vCal-Uid\x01\0\0\0abc@example.org\0"));
    }

    proptest! {
        #[test]
        fn any_text_is_taken_and_stored(text in ".{0,140}") {
            let uid = ICalUid::new(&text);
            prop_assert_eq!(&ICalUid::new(uid.as_str()), &uid);
            prop_assert_eq!(&serde_json::from_str::<ICalUid>(&serde_json::to_string(&uid).unwrap()).unwrap(), &uid);
            uid.to_clean_global_object_id();
            ICalUid::instance_date(&text);
        }
    }
}
