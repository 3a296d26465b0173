//! Seeded values for the documents: the same seed gives the same bytes on every machine.

use chrono::DateTime;

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const GIVEN_NAMES: [&str; 12] = [
    "Amélie",
    "Bogdan",
    "Chiara",
    "Daan",
    "Eszter",
    "Farid",
    "Gunnhild",
    "Haruka",
    "Íris",
    "Jonas",
    "Kateřina",
    "Lwazi",
];
const SURNAMES: [&str; 12] = [
    "Andersen",
    "Baños",
    "Castellani",
    "Dvořák",
    "Engström",
    "Fontaine",
    "Groß",
    "Horváth",
    "Ito",
    "Kaya",
    "Lefèvre",
    "Nowak",
];
const WORDS: [&str; 28] = [
    "annual",
    "architecture",
    "audit",
    "board",
    "call",
    "canteen",
    "coffee",
    "deployment",
    "design",
    "dinner",
    "figures",
    "for",
    "handover",
    "interview",
    "kick-off",
    "lab",
    "offer",
    "on",
    "pricing",
    "roadmap",
    "Réunion",
    "sales",
    "sprint",
    "supplier",
    "team",
    "the",
    "workshop",
    "Zürich",
];

/// SplitMix64 (Steele, Lea and Flood, 2014).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low + 1)
    }

    pub(crate) fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }

    /// Characters of base64. A length divisible by four is valid `xs:base64Binary`.
    pub(crate) fn base64(&mut self, length: usize) -> String {
        (0..length).map(|_| char::from(self.pick(BASE64))).collect()
    }

    pub(crate) fn hexadecimal(&mut self, length: usize) -> String {
        (0..length)
            .map(|_| char::from(self.pick(b"0123456789ABCDEF")))
            .collect()
    }

    pub(crate) fn words(&mut self, low: u64, high: u64) -> String {
        let count = self.between(low, high);
        (0..count)
            .map(|_| self.pick(&WORDS))
            .collect::<Vec<_>>()
            .join(" ")
    }

    pub(crate) fn person(&mut self) -> Person {
        let (given, surname) = (self.pick(&GIVEN_NAMES), self.pick(&SURNAMES));
        let local = |name: &str| name.to_lowercase().replace(|c: char| !c.is_ascii(), "");
        Person {
            name: format!("{given} {surname}"),
            address: format!("{}.{}@contoso.com", local(given), local(surname)),
        }
    }

    /// A moment of 2024, on a full second, as seconds since 1970.
    pub(crate) fn moment(&mut self) -> i64 {
        1_704_067_200 + self.below(31_500_000) as i64
    }
}

pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) address: String,
}

/// The way Exchange writes a moment in UTC.
pub(crate) fn utc(seconds: i64) -> String {
    formatted(seconds, "%Y-%m-%dT%H:%M:%SZ")
}

/// The way an internet header writes a moment (RFC 5322, section 3.3).
pub(crate) fn internet_date(seconds: i64) -> String {
    formatted(seconds, "%a, %d %b %Y %H:%M:%S +0000")
}

fn formatted(seconds: i64, format: &str) -> String {
    DateTime::from_timestamp(seconds, 0)
        .map(|moment| moment.format(format).to_string())
        .unwrap_or_default()
}
