//! As much of HTML as is needed to find an address in it.

use std::borrow::Cow;

/// Replaces the character references (HTML Living Standard section 13.2.5.72) that occur in and around addresses: the
/// five of XML, the no-break space and all numeric ones. Others stay as they are.
pub(crate) fn decode_entities(html: &str) -> Cow<'_, str> {
    if !html.contains('&') {
        return Cow::Borrowed(html);
    }
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('&') {
        text.push_str(before);
        match reference(after) {
            Some((character, after)) => {
                text.push(character);
                rest = after;
            }
            None => {
                text.push('&');
                rest = after;
            }
        }
    }
    text.push_str(rest);
    Cow::Owned(text)
}

/// The character that the text after an `&` stands for, and what follows it.
fn reference(text: &str) -> Option<(char, &str)> {
    // No reference that is replaced here is longer.
    let end = text.bytes().take(10).position(|byte| byte == b';')?;
    let (name, rest) = (text.get(..end)?, text.get(end + 1..)?);
    let character = match name {
        "amp" | "AMP" => '&',
        "lt" | "LT" => '<',
        "gt" | "GT" => '>',
        "quot" | "QUOT" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    };
    Some((character, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn references() {
        for (html, text) in [
            ("a=1&amp;b=2", "a=1&b=2"),
            ("&#38;&#x26;&#X26;", "&&&"),
            ("&lt;https://x&gt;", "<https://x>"),
            ("&amp;amp;", "&amp;"),
            ("?a=1&b=2&", "?a=1&b=2&"),
            ("&copy;&#xD800;&#99999999;&;", "&copy;&#xD800;&#99999999;&;"),
            ("plain", "plain"),
        ] {
            assert_eq!(decode_entities(html), text);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_taken(text in "[&#;a-zé ]{0,40}") {
            decode_entities(&text);
        }
    }
}
