//! Ids on Graph: those of EWS in letters that a URL may have, and immutable ones that survive moves.
//!
//! <https://learn.microsoft.com/en-us/graph/outlook-immutable-id>

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::super::ids::Id;

/// What an id of an item names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulator) enum Reference {
    /// By the number that it has now.
    Current(Id),
    /// By the number that it had at first.
    Immutable(Immutable),
}

/// An id that an item keeps while it is in its mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulator) struct Immutable {
    pub(in crate::simulator) mailbox: Uuid,
    pub(in crate::simulator) origin: u64,
    /// The original start, of an occurrence.
    pub(in crate::simulator) start: Option<DateTime<Utc>>,
}

/// What all immutable ids begin with, behind a zero and a byte for the kind.
const MARK: [u8; 7] = [0, 0x2e, 0, 0, 0, 0, 0];
const ITEM: u8 = 9;
const OCCURRENCE: u8 = 11;
/// What stands between the id of an item and that of its attachment, as on EWS.
const ATTACHMENT: [u8; 5] = [1, 18, 0, 16, 0];

/// An EWS id as Graph writes it.
pub(in crate::simulator) fn rest(id: &str) -> String {
    id.replace('/', "-").replace('+', "_")
}

/// An id of Graph as EWS writes it.
pub(in crate::simulator) fn plain(id: &str) -> String {
    id.replace('-', "/").replace('_', "+")
}

impl Immutable {
    fn bytes(self) -> Vec<u8> {
        let kind = match self.start {
            Some(_) => OCCURRENCE,
            None => ITEM,
        };
        let mut bytes = vec![0, kind];
        bytes.extend_from_slice(&MARK);
        bytes.extend_from_slice(self.mailbox.as_bytes());
        bytes.extend_from_slice(&self.origin.to_be_bytes());
        if let Some(start) = self.start {
            bytes.extend_from_slice(&start.timestamp().to_be_bytes());
            bytes.push(0);
        }
        bytes
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(&[0])?;
        let (kind, rest) = rest.split_first()?;
        let rest = rest.strip_prefix(&MARK)?;
        let number = |at: usize| -> Option<[u8; 8]> { rest.get(at..at + 8)?.try_into().ok() };
        let start = match (*kind, rest.len()) {
            (ITEM, 24) => None,
            (OCCURRENCE, 33) => {
                let seconds = i64::from_be_bytes(number(24)?);
                Some(DateTime::from_timestamp(seconds, 0)?)
            }
            _ => return None,
        };
        Some(Self {
            mailbox: Uuid::from_slice(rest.get(..16)?).ok()?,
            origin: u64::from_be_bytes(number(16)?),
            start,
        })
    }

    pub(in crate::simulator) fn encode(self) -> String {
        URL_SAFE.encode(self.bytes())
    }
}

impl Reference {
    /// Reads an id of either kind; `None` where it is none of ours.
    pub(in crate::simulator) fn decode(text: &str) -> Option<Self> {
        let immutable = URL_SAFE.decode(text).ok();
        if let Some(id) = immutable.and_then(|bytes| Immutable::read(&bytes)) {
            return Some(Self::Immutable(id));
        }
        Id::decode(&plain(text)).map(Self::Current)
    }

    /// The id of an attachment of this item.
    pub(in crate::simulator) fn encode_attachment(self, attachment: Uuid) -> String {
        match self {
            Self::Current(id) => rest(&id.encode_attachment(attachment)),
            Self::Immutable(id) => {
                let mut bytes = id.bytes();
                bytes.extend_from_slice(&ATTACHMENT);
                bytes.extend_from_slice(attachment.as_bytes());
                URL_SAFE.encode(bytes)
            }
        }
    }

    /// Reads the id of an attachment: which one it is.
    pub(in crate::simulator) fn decode_attachment(text: &str) -> Option<Uuid> {
        let immutable = URL_SAFE.decode(text).ok().and_then(|bytes| {
            let (item, attachment) = bytes.split_at_checked(bytes.len().checked_sub(16)?)?;
            Immutable::read(item.strip_suffix(&ATTACHMENT)?)?;
            Uuid::from_slice(attachment).ok()
        });
        immutable.or_else(|| Some(Id::decode_attachment(&plain(text))?.1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_both_kinds_come_back() {
        let mailbox = Uuid::from_u128(0xfbff_ffff);
        let start = DateTime::from_timestamp(1_700_000_000, 0);
        let attachment = Uuid::from_u128(5);
        for start in [None, start] {
            let id = Immutable {
                mailbox,
                origin: 77,
                start,
            };
            let text = id.encode();
            assert!(!text.contains(['=', '+', '/']) && text.len() > 30, "{text}");
            assert_eq!(Reference::decode(&text), Some(Reference::Immutable(id)));
            let inner = Reference::Immutable(id).encode_attachment(attachment);
            assert_eq!(Reference::decode_attachment(&inner), Some(attachment));
            assert_eq!(Reference::decode(&inner), None);
        }
        let id = Id::Item { mailbox, number: 9 };
        let text = rest(&id.encode());
        assert_eq!(Reference::decode(&text), Some(Reference::Current(id)));
        let inner = Reference::Current(id).encode_attachment(attachment);
        assert_eq!(Reference::decode_attachment(&inner), Some(attachment));
        assert_eq!(Reference::decode("AAMkDUMMY"), None);
    }
}
