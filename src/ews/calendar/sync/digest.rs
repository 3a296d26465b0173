//! What a program was told of the events in a window.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

/// The identifiers of all events a program knows, with a hash of the state it knows each in.
///
/// As text it takes some 25 to 50 bytes for each event: occurrences of one series differ in a few
/// bytes of their identifiers and share their change key.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Digest(BTreeMap<String, Known>);

#[derive(Clone, Copy, Debug, PartialEq)]
struct Known {
    /// 63 bits of it.
    state: u64,
    /// It was met on the way through the window.
    is_met: bool,
}

impl Digest {
    /// Notes that an event was met in a state. Returns whether it was known in it.
    pub(super) fn meet(&mut self, id: &str, change_key: &str) -> bool {
        let state = hash(change_key);
        match self.0.get_mut(id) {
            Some(known) if known.state == state => {
                known.is_met = true;
                true
            }
            _ => false,
        }
    }

    /// Notes that a program is told of an event in a state.
    pub(super) fn tell(&mut self, id: &str, change_key: &str) {
        let (state, is_met) = (hash(change_key), true);
        self.0.insert(id.to_owned(), Known { state, is_met });
    }

    /// Takes out at most so many of those that were not met on the way through the window. If they
    /// were all, the next way begins.
    pub(super) fn sweep(&mut self, most: usize) -> (Vec<String>, bool) {
        let mut gone: Vec<String> = self
            .0
            .iter()
            .filter(|(_, known)| !known.is_met)
            .map(|(id, _)| id.clone())
            .take(most.saturating_add(1))
            .collect();
        let is_done = gone.len() <= most;
        gone.truncate(most);
        for id in &gone {
            self.0.remove(id);
        }
        if is_done {
            self.0.values_mut().for_each(|known| known.is_met = false);
        }
        (gone, is_done)
    }

    pub(super) fn encode(&self) -> String {
        let mut bytes = Vec::new();
        for (id, known) in &self.0 {
            // Identifiers are no longer than that; one that is, is told again each time.
            let Ok(length) = u16::try_from(id.len()) else {
                continue;
            };
            bytes.extend(length.to_be_bytes());
            bytes.extend(id.as_bytes());
            bytes.extend((known.state << 1 | u64::from(known.is_met)).to_be_bytes());
        }
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        // Writing into memory does not fail.
        let written = encoder.write_all(&bytes).and_then(|()| encoder.finish());
        STANDARD_NO_PAD.encode(written.unwrap_or_default())
    }

    /// `None` for what is none.
    pub(super) fn decode(text: &str) -> Option<Self> {
        let packed = STANDARD_NO_PAD.decode(text).ok()?;
        let mut bytes = Vec::new();
        let mut decoder = DeflateDecoder::new(packed.as_slice()).take(MOST_BYTES);
        decoder.read_to_end(&mut bytes).ok()?;
        let mut rest = bytes.as_slice();
        let mut known = BTreeMap::new();
        while !rest.is_empty() {
            let (length, after) = rest.split_first_chunk()?;
            let (id, after) = after.split_at_checked(u16::from_be_bytes(*length).into())?;
            let (number, after) = after.split_first_chunk()?;
            let number = u64::from_be_bytes(*number);
            let (state, is_met) = (number >> 1, number & 1 == 1);
            let id = String::from_utf8(id.to_vec()).ok()?;
            known.insert(id, Known { state, is_met });
            rest = after;
        }
        Some(Self(known))
    }
}

/// More is no digest: a quarter of a million events.
const MOST_BYTES: u64 = 64 << 20;

/// FNV-1a, folded to 63 bits: it stays the same in all versions of this crate and on all machines,
/// because it is stored.
fn hash(text: &str) -> u64 {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (hash ^ hash >> 63) & (u64::MAX >> 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Identifiers of the length and make of Exchange's: the mailbox, the day of the occurrence, the
    /// item.
    fn occurrence(series: usize, day: usize) -> (String, String) {
        let mailbox = STANDARD_NO_PAD.encode([b'a'; 36]);
        let day = STANDARD_NO_PAD.encode(hash(&day.to_string()).to_be_bytes());
        let mut item = [7u8; 70];
        for (place, byte) in item.iter_mut().enumerate().skip(22) {
            *byte = hash(&format!("{series} {place}")).to_be_bytes()[3];
        }
        let item = STANDARD_NO_PAD.encode(item);
        (
            format!("AAMk{mailbox}FRAAg{day}{item}="),
            format!("DwAAABYA{series}"),
        )
    }

    fn five_thousand() -> Digest {
        let mut digest = Digest::default();
        for number in 0..5000 {
            let (id, key) = occurrence(number % 50, number / 50);
            digest.tell(&id, &key);
        }
        digest
    }

    #[test]
    fn it_is_small() {
        let digest = five_thousand();
        let (id, _) = occurrence(1, 1);
        assert!(id.len() > 150, "{}", id.len());
        let text = digest.encode();
        assert!(text.len() < 5000 * 50, "{} bytes", text.len());
        assert_eq!(Digest::decode(&text), Some(digest));
    }

    #[test]
    fn it_knows_what_changed_and_what_is_gone() {
        let mut digest = Digest::default();
        for id in ["a", "b", "c"] {
            assert!(!digest.meet(id, "1"));
            digest.tell(id, "1");
        }
        assert_eq!(digest.sweep(10), (vec![], true));

        let mut digest = Digest::decode(&digest.encode()).unwrap();
        assert!(digest.meet("a", "1"));
        assert!(!digest.meet("b", "2"));
        assert_eq!(digest.sweep(1), (vec!["b".to_owned()], false));
        assert_eq!(digest.sweep(1), (vec!["c".to_owned()], true));
        assert!(digest.meet("a", "1") && !digest.meet("c", "1"));
    }

    #[test]
    fn what_is_none_is_refused() {
        let text = five_thousand().encode();
        assert_eq!(Digest::decode("?"), None);
        assert_eq!(Digest::decode("AAAA"), None);
        for end in [1, 100, text.len() - 2] {
            let cut = text.get(..end).unwrap();
            assert_ne!(Digest::decode(cut), Some(five_thousand()), "{end}");
        }
    }

    #[test]
    fn the_hash_stays() {
        // The test vectors of FNV-1a, 64 bits, folded.
        assert_eq!(hash(""), (0xcbf2_9ce4_8422_2325 ^ 1) & (u64::MAX >> 1));
        assert_eq!(
            hash("foobar"),
            (0x8594_4171_f739_67e8 ^ 1) & (u64::MAX >> 1)
        );
    }
}
