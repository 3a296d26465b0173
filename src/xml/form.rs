//! What quick-xml leaves to its callers: names, declarations and processing instructions.

use super::attributes::{Attribute, Attributes};

/// Where the parts of a name are in what begins with it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct QualifiedName {
    /// Where the prefix ends; 0 if there is none.
    pub(super) colon: usize,
    /// Where the local name begins.
    pub(super) local: usize,
    /// Where the name ends: at white space, `=`, `>`, or the end of the text.
    pub(super) end: usize,
}

/// The name of an element or an attribute with which `text` begins; `None` if it is none.
///
/// One pass over names of ASCII letters, which all of Exchange's are.
///
/// Source: Namespaces in XML 1.0, productions 7 to 11 (`QName`).
#[inline]
pub(super) fn qualified_name(text: &str) -> Option<QualifiedName> {
    let mut colon = 0;
    let mut local = 0;
    let mut end = text.len();
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {}
            b'0'..=b'9' | b'-' | b'.' if at > local => {}
            b':' if local == 0 && at > 0 => {
                colon = at;
                local = at + 1;
            }
            b'>' | b' ' | b'=' | b'\t' | b'\n' | b'\r' => {
                end = at;
                break;
            }
            0x80.. => return unusual_name(text),
            _ => return None,
        }
    }
    (end > local).then_some(QualifiedName { colon, local, end })
}

#[cold]
fn unusual_name(text: &str) -> Option<QualifiedName> {
    let end = text
        .find(|c: char| c.is_ascii_whitespace() || matches!(c, '=' | '>'))
        .unwrap_or(text.len());
    let name = text.get(..end)?;
    let (colon, local) = name.find(':').map_or((0, 0), |at| (at, at + 1));
    let is_name = is_unprefixed_name(name.get(local..)?)
        && (local == 0 || is_unprefixed_name(name.get(..colon)?));
    is_name.then_some(QualifiedName { colon, local, end })
}

#[inline]
fn is_unprefixed_name(name: &str) -> bool {
    let Some((first, rest)) = name.as_bytes().split_first() else {
        return false;
    };
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    if name.is_ascii() {
        return (first.is_ascii_alphabetic() || *first == b'_') && rest.iter().all(is_plain);
    }
    let mut characters = name.chars();
    characters.next().is_some_and(begins_name) && characters.all(|c| begins_name(c) || continues(c))
}

/// Source: XML 1.0, production 4 (`NameStartChar`), without the colon.
fn begins_name(c: char) -> bool {
    matches!(c,
        'A'..='Z' | '_' | 'a'..='z'
        | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}'
        | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}'
        | '\u{2070}'..='\u{218f}' | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}'
        | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}' | '\u{10000}'..='\u{effff}')
}

/// Source: XML 1.0, production 4a (`NameChar`).
fn continues(c: char) -> bool {
    matches!(c,
        '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
}

/// What is wrong with what stands between `<?xml` and `?>`, if something is.
///
/// Source: XML 1.0, production 23 (`XMLDecl`).
pub(super) fn declaration_problem(after_name: &str) -> Option<&'static str> {
    let mut rest = ["version", "encoding", "standalone"].into_iter();
    for (at, attribute) in Attributes::new(after_name).enumerate() {
        let name = match attribute {
            Ok(Attribute { name, .. }) => name,
            Err(problem) => return Some(problem),
        };
        let is_in_order = rest.any(|expected| expected == name);
        if !is_in_order || (at == 0) != (name == "version") {
            return Some("the XML declaration says something else than version and encoding");
        }
    }
    (rest.len() == 3).then_some("the XML declaration has no version")
}

/// Whether what stands between `<?` and `?>` begins with a proper name.
///
/// Source: XML 1.0, production 16 (`PI`).
pub(super) fn is_instruction(content: &str) -> bool {
    let name = content
        .split(|c: char| c.is_ascii_whitespace())
        .next()
        .unwrap_or_default();
    is_unprefixed_name(name) && !name.eq_ignore_ascii_case("xml")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let parts =
            |text: &str| qualified_name(text).map(|name| (name.colon, name.local, name.end));
        for name in ["a", "_x-1.y", "Größe", "a·b"] {
            assert_eq!(parts(name), Some((0, 0, name.len())), "{name}");
            let with_more = format!("{name} b='1'");
            assert_eq!(parts(&with_more), Some((0, 0, name.len())), "{name}");
        }
        assert_eq!(parts("t:Item\tx"), Some((1, 2, 6)));
        assert_eq!(parts("q:日本"), Some((1, 2, 8)));
        assert_eq!(parts("Id='1'"), Some((0, 0, 2)));
        for name in [
            "", " a", ":a", "a:", "a:b:c", "1a", "-a", "a:1", "a&b", "a×", "×", "é:", "a/",
        ] {
            assert_eq!(parts(name), None, "{name}");
        }
    }

    #[test]
    fn declarations() {
        for good in [
            " version=\"1.0\"",
            " version='1.0' encoding = 'utf-8' standalone='no' ",
            " version='1.1' standalone='yes'",
        ] {
            assert_eq!(declaration_problem(good), None, "{good}");
        }
        for bad in [
            "",
            " encoding='utf-8'",
            " version='1.0'encoding='utf-8'",
            " version='1.0' encodig='utf-8'",
            " version='1.0' version='1.0'",
            " version=1.0",
            " version='1.0' standalone='no' encoding='utf-8'",
        ] {
            assert!(declaration_problem(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn instructions() {
        assert!(is_instruction("mso-application progid='x'"));
        for bad in ["", " x", "XML x", "1a", "a<b"] {
            assert!(!is_instruction(bad), "{bad}");
        }
    }
}
