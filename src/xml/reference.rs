//! Character and entity references.

use std::borrow::Cow;

/// A reference to an entity this document cannot have.
#[derive(Debug)]
pub(super) struct UnknownEntity;

/// Whether XML 1.0 has this character.
///
/// Source: XML 1.0, production 2 (`Char`).
pub(super) fn is_legal(c: char) -> bool {
    !matches!(c, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}')
}

/// What `name` in `&name;` stands for.
///
/// Exchange lets characters through that XML does not know, such as `&#0;`. They stand in people's
/// mail, and a mailbox must not become unreadable for one of them: they become U+FFFD and are
/// counted in `replaced`.
pub(super) fn resolve(name: &str, replaced: &mut u64) -> Result<char, UnknownEntity> {
    let Some(number) = name.strip_prefix('#') else {
        return match name {
            "lt" => Ok('<'),
            "gt" => Ok('>'),
            "amp" => Ok('&'),
            "quot" => Ok('"'),
            "apos" => Ok('\''),
            _ => Err(UnknownEntity),
        };
    };

    let (digits, radix) = match number.strip_prefix('x') {
        Some(hex) => (hex, 16),
        None => (number, 10),
    };
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return Err(UnknownEntity);
    }
    let c = u32::from_str_radix(digits, radix)
        .ok()
        .and_then(char::from_u32)
        .filter(|c| is_legal(*c));
    Ok(c.unwrap_or_else(|| {
        *replaced += 1;
        char::REPLACEMENT_CHARACTER
    }))
}

/// An attribute's value as XML means it: references resolved, white space made spaces.
pub(super) fn attribute_value<'x>(
    raw: &'x str,
    replaced: &mut u64,
) -> Result<Cow<'x, str>, UnknownEntity> {
    let is_special = |byte: u8| matches!(byte, b'&' | b'\t' | b'\n' | b'\r');
    if !raw.bytes().fold(false, |any, byte| any | is_special(byte)) {
        return Ok(Cow::Borrowed(raw));
    }

    let mut value = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once('&') {
        push_normalized(&mut value, before);
        let (name, after) = after.split_once(';').ok_or(UnknownEntity)?;
        value.push(resolve(name, replaced)?);
        rest = after;
    }
    push_normalized(&mut value, rest);
    Ok(Cow::Owned(value))
}

/// A line break of two characters is one, as it would be in text (XML 1.0, 2.11 and 3.3.3).
fn push_normalized(value: &mut String, raw: &str) {
    let mut characters = raw.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '\r' if characters.peek() == Some(&'\n') => {}
            '\t' | '\n' | '\r' => value.push(' '),
            _ => value.push(c),
        }
    }
}
