//! Ids and change keys: opaque for clients, in the layout and length real servers use.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::zone::is_within_calendar;

/// What an id points at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Id {
    Folder {
        mailbox: Uuid,
        number: u64,
    },
    Item {
        mailbox: Uuid,
        number: u64,
    },
    /// One occurrence of a series, named by its original start.
    Occurrence {
        mailbox: Uuid,
        number: u64,
        start: DateTime<Utc>,
    },
}

const FOLDER_ENTRY: usize = 46;
const ITEM_ENTRY: usize = 70;
/// One level, 18 bytes, 16 of them a GUID.
const ATTACHMENT: [u8; 5] = [1, 18, 0, 16, 0];
/// Bytes that an occurrence id has more than an item id.
const OCCURRENCE: usize = 30;
/// The database that numbers are given out in; the same for all mailboxes of a simulator.
const DATABASE: Uuid = Uuid::from_u128(0x4290_8e63_8f38_4a43_b9a8_d888_c6cd_45af);

/// The id of a conversation in a mailbox: 80 characters.
pub(super) fn of_conversation(mailbox: Uuid, conversation: Uuid) -> String {
    let mut bytes = vec![0, 4, 36, 0];
    bytes.extend_from_slice(mailbox.to_string().as_bytes());
    bytes.extend_from_slice(&[0, 16, 0]);
    bytes.extend_from_slice(conversation.as_bytes());
    STANDARD.encode(bytes)
}

/// The conversation that an id names.
pub(super) fn conversation_of(id: &str) -> Option<Uuid> {
    let bytes = STANDARD.decode(id.trim()).ok()?;
    let rest = bytes.strip_prefix(&[0, 4, 36, 0])?;
    Uuid::from_slice(rest.get(39..)?).ok()
}

impl Id {
    /// The mailbox that the id belongs to.
    pub(super) fn mailbox(self) -> Uuid {
        match self {
            Self::Folder { mailbox, .. }
            | Self::Item { mailbox, .. }
            | Self::Occurrence { mailbox, .. } => mailbox,
        }
    }

    /// The id as clients see it: 120 (folder), 152 (item) or 192 (occurrence) characters.
    pub(super) fn encode(self) -> String {
        let (mailbox, number, entry, kind) = match self {
            Self::Folder { mailbox, number } => (mailbox, number, FOLDER_ENTRY, 1),
            Self::Item { mailbox, number } => (mailbox, number, ITEM_ENTRY, 7),
            Self::Occurrence {
                mailbox, number, ..
            } => (mailbox, number, ITEM_ENTRY, 7),
        };
        let occurrence = matches!(self, Self::Occurrence { .. });
        let mut bytes = vec![0, if occurrence { 5 } else { 3 }, 36, 0];
        bytes.extend_from_slice(mailbox.to_string().as_bytes());
        bytes.extend_from_slice(&[0, u8::try_from(entry).unwrap_or_default(), 0]);
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend_from_slice(mailbox.as_bytes());
        bytes.extend_from_slice(&[kind, 0]);
        if entry == ITEM_ENTRY {
            bytes.extend_from_slice(DATABASE.as_bytes());
            bytes.extend_from_slice(&[0, 0, 0, 0, 1, 0x0d, 0, 0]);
        }
        bytes.extend_from_slice(DATABASE.as_bytes());
        bytes.extend(number.to_be_bytes().get(2..).unwrap_or_default());
        bytes.extend_from_slice(&[0, 0]);
        if let Self::Occurrence { start, .. } = self {
            bytes.extend_from_slice(&[16, 0]);
            bytes.extend_from_slice(&start.timestamp().to_be_bytes());
            bytes.extend_from_slice(&[0; OCCURRENCE - 10]);
        }
        STANDARD.encode(bytes)
    }

    /// The entry id that MAPI programs know it by; of an occurrence that of its series.
    pub(super) fn entry(self) -> Vec<u8> {
        let bytes = STANDARD.decode(self.encode()).unwrap_or_default();
        let length = usize::from(bytes.get(41).copied().unwrap_or_default());
        bytes.get(43..43 + length).unwrap_or_default().to_vec()
    }

    /// What an entry id names; `None` where it is none of ours.
    pub(super) fn of_entry(entry: &[u8]) -> Option<Self> {
        let mailbox = Uuid::from_slice(entry.get(4..20)?).ok()?;
        let end = entry.len();
        let mut number = [0; 8];
        let bytes = entry.get(end.checked_sub(8)?..end - 2)?;
        number.get_mut(2..)?.copy_from_slice(bytes);
        let number = u64::from_be_bytes(number);
        let id = match end {
            FOLDER_ENTRY => Self::Folder { mailbox, number },
            ITEM_ENTRY => Self::Item { mailbox, number },
            _ => return None,
        };
        (id.entry() == entry).then_some(id)
    }

    /// The id of an attachment of this item: the item's, a count of levels, and the attachment's.
    pub(super) fn encode_attachment(self, attachment: Uuid) -> String {
        // What was encoded here can be decoded.
        let mut bytes = STANDARD.decode(self.encode()).unwrap_or_default();
        bytes.extend_from_slice(&ATTACHMENT);
        bytes.extend_from_slice(attachment.as_bytes());
        STANDARD.encode(bytes)
    }

    /// Reads the id of an attachment: its item and which one it is.
    pub(super) fn decode_attachment(text: &str) -> Option<(Self, Uuid)> {
        let bytes = STANDARD.decode(text).ok()?;
        let (item, attachment) = bytes.split_at_checked(bytes.len().checked_sub(16)?)?;
        let item = Self::decode(&STANDARD.encode(item.strip_suffix(&ATTACHMENT)?))?;
        let attachment = Uuid::from_slice(attachment).ok()?;
        (!matches!(item, Self::Folder { .. })).then_some((item, attachment))
    }

    /// Reads an id; `None` where it is none of ours.
    pub(super) fn decode(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text).ok()?;
        let mailbox = Uuid::try_parse(std::str::from_utf8(bytes.get(4..40)?).ok()?).ok()?;
        let entry = usize::from(*bytes.get(41)?);
        let end = 43 + entry;
        let mut number = [0; 8];
        number
            .get_mut(2..)?
            .copy_from_slice(bytes.get(end.checked_sub(8)?..end - 2)?);
        let number = u64::from_be_bytes(number);
        let id = match (*bytes.get(1)?, entry) {
            (3, FOLDER_ENTRY) => Self::Folder { mailbox, number },
            (3, ITEM_ENTRY) => Self::Item { mailbox, number },
            (5, ITEM_ENTRY) => {
                let seconds = bytes.get(end + 2..end + 10)?.try_into().ok()?;
                Self::Occurrence {
                    mailbox,
                    number,
                    start: DateTime::from_timestamp(i64::from_be_bytes(seconds), 0)
                        .filter(|start| is_within_calendar(start.date_naive()))?,
                }
            }
            _ => return None,
        };
        (id.encode() == text).then_some(id)
    }
}

/// The change key of a state: `kind` is the first byte, which differs by item kind.
pub(super) fn change_key(kind: u8, change: u64) -> String {
    let mut bytes = vec![kind, 0, 0, 0, 22, 0, 0, 0];
    bytes.extend_from_slice(DATABASE.as_bytes());
    bytes.extend(change.to_be_bytes().get(2..).unwrap_or_default());
    STANDARD.encode(bytes)
}

/// The change that a change key names; `None` where it is none of ours.
pub(super) fn change_of(key: &str) -> Option<u64> {
    let bytes = STANDARD.decode(key).ok()?;
    let mut number = [0; 8];
    number.get_mut(2..)?.copy_from_slice(bytes.get(24..30)?);
    let change = u64::from_be_bytes(number);
    (change_key(*bytes.first()?, change) == key).then_some(change)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entry_ids_come_back() {
        let mailbox = Uuid::from_u128(7);
        for id in [
            Id::Folder { mailbox, number: 9 },
            Id::Item { mailbox, number: 9 },
        ] {
            assert_eq!(Id::of_entry(&id.entry()), Some(id));
        }
        assert_eq!(Id::of_entry(&[0; 70]), None);
        assert_eq!(Id::of_entry(&[]), None);
    }

    #[test]
    fn ids_come_back_and_have_the_length_of_real_ones() {
        let mailbox = Uuid::from_u128(7);
        let start = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        for (id, length) in [
            (Id::Folder { mailbox, number: 9 }, 120),
            (
                Id::Item {
                    mailbox,
                    number: 10,
                },
                152,
            ),
            (
                Id::Occurrence {
                    mailbox,
                    number: 11,
                    start,
                },
                192,
            ),
        ] {
            let text = id.encode();
            assert_eq!(text.len(), length);
            assert_eq!(Id::decode(&text), Some(id));
            let attachment = Uuid::from_u128(8);
            let text = id.encode_attachment(attachment);
            assert_eq!(Id::decode(&text), None);
            let item = (length > 120).then_some((id, attachment));
            assert_eq!(Id::decode_attachment(&text), item);
        }
        assert_eq!(change_key(15, 3).len(), 40);
        assert_eq!(change_of(&change_key(15, 3)), Some(3));
    }

    #[test]
    fn conversations_have_ids() {
        let (mailbox, conversation) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let id = of_conversation(mailbox, conversation);
        assert_eq!(id.len(), 80);
        assert_eq!(conversation_of(&id), Some(conversation));
        assert_eq!(conversation_of("AAQk"), None);
    }

    #[test]
    fn foreign_and_damaged_ids_are_refused() {
        let id = Id::Item {
            mailbox: Uuid::from_u128(7),
            number: 1,
        }
        .encode();
        assert_eq!(Id::decode("DUMMY"), None);
        assert_eq!(Id::decode(&id[..100]), None);
        assert_eq!(Id::decode(&id.replacen("AAMk", "AAQk", 1)), None);
    }
}
