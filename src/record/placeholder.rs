//! What stands for a value that is not shown: of the same kind, and the same for the same value.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, NaiveDate, NaiveTime};

use super::gather;

/// The values seen so far, by their hashes: no value is kept.
#[derive(Default)]
pub(super) struct Placeholders {
    numbers: HashMap<(Kind, u64, u64), u32>,
    last: HashMap<Kind, u32>,
    keys: [RandomState; 2],
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Kind {
    Address,
    Binary,
    Guid,
    Id,
    Name,
    Number,
    Person,
    Prefix,
    Server,
    Sid,
    Text,
    Url,
}

impl Placeholders {
    /// The number of a value among those of its kind.
    fn number(&mut self, kind: Kind, value: &str) -> u32 {
        let [one, other] = &self.keys;
        let key = (kind, one.hash_one(value), other.hash_one(value));
        let last = self.last.entry(kind).or_insert(0);
        *self.numbers.entry(key).or_insert_with(|| {
            *last += 1;
            *last
        })
    }

    /// For a value of any kind, by what it looks like. Times stay, and so do `true` and `false`.
    pub(super) fn value<'a>(&mut self, value: &'a str) -> Cow<'a, str> {
        if is_time(value) || is_boolean(value) {
            return value.into();
        }
        if is_integer(value) {
            return self.number(Kind::Number, value).to_string().into();
        }
        if value.starts_with("0x") && is_number(value) {
            return format!("0x{:X}", self.number(Kind::Number, value)).into();
        }
        if let Some((scheme, address)) = address(value) {
            let address = address.to_ascii_lowercase();
            let number = self.number(Kind::Address, &address);
            return format!("{scheme}person{number}@example.com").into();
        }
        if value
            .get(..3)
            .is_some_and(|it| it.eq_ignore_ascii_case("/o="))
        {
            let number = self.number(Kind::Person, &value.to_ascii_lowercase());
            return format!("/o=example/ou=group/cn=recipients/cn=person{number}").into();
        }
        if let Some(scheme) = scheme(value) {
            let number = self.number(Kind::Url, value);
            return format!("{scheme}://host.example.com/{number}").into();
        }
        if is_guid(value) {
            let number = self.number(Kind::Guid, &value.to_ascii_lowercase());
            return format!("00000000-0000-0000-0000-{number:012}").into();
        }
        if value.starts_with("S-1-") && value.len() < 200 {
            let number = self.number(Kind::Sid, value);
            return format!("S-1-5-21-0-0-0-{number}").into();
        }
        let is_base64 =
            |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '-' | '_' | '~');
        if value.len() >= 24 && value.chars().all(is_base64) {
            return self.id(value).into();
        }
        self.text(value).into()
    }

    /// For an id: base64 of the same length, if that is not very small or large.
    pub(super) fn id(&mut self, value: &str) -> String {
        let number = self.number(Kind::Id, value);
        fake_base64(&format!("Id{number:06}"), value)
    }

    /// For base64; a large one becomes its length.
    pub(super) fn binary(&mut self, value: &str) -> String {
        if value.len() > LARGEST_BINARY || !value.len().is_multiple_of(4) {
            let length = gather::length(value);
            return BASE64_STANDARD.encode(format!("{length} characters of base64 were here"));
        }
        let number = self.number(Kind::Binary, value);
        fake_base64(&format!("Data{number:04}"), value)
    }

    /// For an element or an attribute that the protocol does not have.
    pub(super) fn name(&mut self, name: &str) -> String {
        format!("unknown{}", self.number(Kind::Name, name))
    }

    /// For a prefix of names.
    pub(super) fn prefix(&mut self, prefix: &str) -> String {
        format!("ns{}", self.number(Kind::Prefix, prefix))
    }

    /// For a namespace that is not known.
    pub(super) fn namespace(&mut self, name: &str) -> String {
        format!("urn:example:{}", self.number(Kind::Url, name))
    }

    /// For the name of a server.
    pub(super) fn server(&mut self, name: &str) -> String {
        let number = self.number(Kind::Server, &name.to_ascii_lowercase());
        format!("server{number}.example.com")
    }

    /// For words: `text-1`, then lorem ipsum up to the power of two that the text reached, then one character of each
    /// kind it has which readers may stumble over.
    pub(super) fn text(&mut self, value: &str) -> String {
        let mut text = format!("text-{}", self.number(Kind::Text, value));
        let length = usize::try_from(gather::length(value)).unwrap_or(usize::MAX);
        if length >= SHORTEST_FILLED {
            let power = length.ilog2().min(LONGEST_FILLED.ilog2());
            let filler = LOREM.chars().cycle().take((1 << power) - text.len());
            text.extend(filler);
        }
        let mut seen = Vec::new();
        for c in value.chars().filter_map(representative) {
            if !seen.contains(&c) {
                seen.push(c);
            }
        }
        text.extend(seen);
        text
    }
}

/// The character that stands for others of its kind; `None` for the ordinary ones.
fn representative(c: char) -> Option<char> {
    Some(match c {
        ' '..='~' => return matches!(c, '&' | '<' | '>' | '"' | '\'').then_some(c),
        '\0'..='\u{1f}' | '\u{7f}' | '\u{fffd}'..='\u{ffff}' => c,
        '\u{80}'..='\u{9f}' => '\u{85}',
        '\u{a0}'..='\u{2ff}' => 'ä',
        '\u{300}'..='\u{36f}' => '\u{301}',
        '\u{370}'..='\u{58f}' => 'ж',
        '\u{590}'..='\u{8ff}' => 'ש',
        '\u{900}'..='\u{1fff}' => 'अ',
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => c,
        '\u{2000}'..='\u{2dff}' => '–',
        '\u{2e00}'..='\u{d7ff}' => '漢',
        '\u{e000}'..='\u{f8ff}' => '\u{e000}',
        '\u{f900}'..='\u{fffc}' => '漢',
        '\u{10000}'.. => '😀',
    })
}

/// Begins with the label, has the length of the value, and ends in as many `=`.
fn fake_base64(label: &str, value: &str) -> String {
    let length = value.len().clamp(label.len(), LARGEST_ID);
    let padding = match value.len() == length {
        true => value.len() - value.trim_end_matches('=').len(),
        false => 0,
    };
    let letters = length - padding.min(2);
    let mut id = label.to_owned();
    id.extend(std::iter::repeat_n(
        'A',
        letters.saturating_sub(label.len()),
    ));
    id.extend(std::iter::repeat_n('=', length.saturating_sub(id.len())));
    id
}

pub(super) fn is_boolean(value: &str) -> bool {
    matches!(value, "true" | "false")
}

fn is_integer(value: &str) -> bool {
    let digits = value.strip_prefix('-').unwrap_or(value);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// A number as the schema writes it: also with a fraction, or as the tag of a property.
pub(super) fn is_number(value: &str) -> bool {
    if let Some(hex) = value.strip_prefix("0x").or(value.strip_prefix("0X")) {
        return hex.len() <= 8 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    }
    let plain = |c: char| c.is_ascii_digit() || matches!(c, '-' | '.');
    value.len() <= 20 && value.chars().all(plain) && value.parse::<f64>().is_ok()
}

/// A date, a time, both, or a duration, as the schema writes them.
pub(super) fn is_time(value: &str) -> bool {
    if value.len() > 40 || !value.is_ascii() {
        return false;
    }
    let bare = value.strip_suffix('Z').unwrap_or(value);
    DateTime::parse_from_rfc3339(value).is_ok()
        || value.parse::<NaiveDate>().is_ok() && value.len() >= 10
        || bare.contains('T') && bare.parse::<chrono::NaiveDateTime>().is_ok()
        || bare.contains(':') && bare.parse::<NaiveTime>().is_ok()
        || is_date_with_zone(value)
        || is_duration(value)
}

/// `2026-01-05Z`, `2026-01-05+01:00`.
fn is_date_with_zone(value: &str) -> bool {
    let Some((date, zone)) = value.split_at_checked(10) else {
        return false;
    };
    let zone = zone.strip_prefix(['+', '-']).unwrap_or(zone);
    date.parse::<NaiveDate>().is_ok() && (zone == "Z" || zone.parse::<NaiveTime>().is_ok())
}

fn is_duration(value: &str) -> bool {
    let rest = value.strip_prefix('-').unwrap_or(value);
    let part = |c: char| c.is_ascii_digit() || matches!(c, 'Y' | 'M' | 'D' | 'T' | 'H' | 'S' | '.');
    let Some(rest) = rest.strip_prefix('P') else {
        return false;
    };
    let has_digit = rest.bytes().any(|byte| byte.is_ascii_digit());
    let letters = rest.bytes().filter(u8::is_ascii_alphabetic).count();
    has_digit
        && letters <= 7
        && rest.chars().all(part)
        && rest.ends_with(|c: char| c.is_ascii_alphabetic())
}

/// What is before an address, as `SMTP:`, and the address.
fn address(value: &str) -> Option<(&'static str, &str)> {
    const SCHEMES: [&str; 5] = ["smtp:", "SMTP:", "sip:", "SIP:", "mailto:"];
    let scheme = SCHEMES.into_iter().find(|scheme| value.starts_with(scheme));
    let scheme = scheme.unwrap_or_default();
    let address = value.strip_prefix(scheme)?;
    let (local, domain) = address.split_once('@')?;
    let fits = |part: &str| {
        !part.is_empty()
            && part.len() < 300
            && !part
                .contains(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '@' | '"' | '/'))
    };
    (fits(local) && fits(domain)).then_some((scheme, address))
}

fn scheme(value: &str) -> Option<&'static str> {
    let (scheme, rest) = value.split_once("://")?;
    let known = ["https", "http", "ftp", "file", "msteams", "tzone"];
    let is_one = !rest.contains(char::is_whitespace);
    known
        .into_iter()
        .find(|known| is_one && scheme.eq_ignore_ascii_case(known))
}

fn is_guid(value: &str) -> bool {
    value.len() == 36
        && value.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

const SHORTEST_FILLED: usize = 64;
const LONGEST_FILLED: usize = 16 * 1024;
const LARGEST_ID: usize = 1024;
const LARGEST_BINARY: usize = 512;
const LOREM: &str =
    " lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_stays_and_the_value_does_not() {
        let mut placeholders = Placeholders::default();
        for (value, shown) in [
            ("Alice Adler", "text-1"),
            ("Alice Adler", "text-1"),
            ("Bob", "text-2"),
            ("alice@contoso.com", "person1@example.com"),
            ("SMTP:Alice@contoso.com", "SMTP:person1@example.com"),
            ("bob@contoso.com", "person2@example.com"),
            (
                "/O=Contoso/OU=x/cn=alice",
                "/o=example/ou=group/cn=recipients/cn=person1",
            ),
            ("https://contoso.com/a?b=c", "https://host.example.com/1"),
            ("4711", "1"),
            ("-4711", "2"),
            ("0x4711", "0x3"),
            ("true", "true"),
            ("2026-01-05T08:00:00Z", "2026-01-05T08:00:00Z"),
            ("PT1H30M", "PT1H30M"),
            (
                "AAMkAGI2TG93AAA=AAMkAGI2TG93AAA=",
                "Id000001AAAAAAAAAAAAAAAAAAAAAAA=",
            ),
            (
                "6F9619FF-8B86-D011-B42D-00C04FC964FF",
                "00000000-0000-0000-0000-000000000001",
            ),
            ("S-1-5-21-1-2-3-1104", "S-1-5-21-0-0-0-1"),
            ("Grüße & <b>", "text-3ä&<>"),
            ("a\u{1f}b\u{1F600}", "text-4\u{1f}😀"),
        ] {
            assert_eq!(placeholders.value(value), shown, "{value}");
        }
        let long = placeholders.value(&"word ".repeat(100)).into_owned();
        assert_eq!(long.len(), 256);
        assert!(long.starts_with("text-5 lorem ipsum"));
    }

    #[test]
    fn base64_stays_base64() {
        let mut placeholders = Placeholders::default();
        for value in [
            "QQ==",
            "QUI=",
            "QUJD",
            &"QUJD".repeat(128),
            &"QUJD".repeat(5000),
        ] {
            let shown = placeholders.binary(value);
            assert!(BASE64_STANDARD.decode(&shown).is_ok(), "{shown}");
            assert!(!shown.contains("QUJD"));
        }
        assert_eq!(placeholders.id("a"), "Id000001");
        assert_eq!(placeholders.id(&"x".repeat(30)).len(), 30);
        assert_ne!(placeholders.id("b"), placeholders.id("c"));
    }

    #[test]
    fn what_is_a_time() {
        for time in [
            "2026-01-05",
            "2026-01-05Z",
            "2026-01-05+01:00",
            "2026-01-05T08:00:00",
            "2026-01-05T08:00:00.123Z",
            "2026-01-05T08:00:00-05:00",
            "08:00:00",
            "08:00:00.000",
            "P1D",
            "-PT60M",
            "PT0S",
        ] {
            assert!(is_time(time), "{time}");
        }
        for other in [
            "",
            "Z",
            "P",
            "PASSWORD",
            "PIN 1234",
            "26",
            "1",
            "T",
            "2026-01-05 or so",
            "P1DHM!",
        ] {
            assert!(!is_time(other), "{other}");
        }
    }
}
