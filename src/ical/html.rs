//! Plain text from HTML, for programs that show no HTML.

use crate::model::decode_entities;

/// Tags after which a new line begins.
const BLOCKS: [&str; 14] = [
    "br",
    "p",
    "div",
    "li",
    "tr",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "table",
    "ul",
    "blockquote",
];
/// Elements whose content nobody sees.
const UNSEEN: [&str; 4] = ["script", "style", "head", "title"];

/// The words of an HTML document, by line. Not a browser: tables become lines, and styles are not looked at.
pub(super) fn to_text(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some((words, markup)) = rest.split_once('<') {
        push_words(&mut text, words);
        let (tag, after) = match markup.strip_prefix("!--") {
            Some(comment) => ("", comment.split_once("-->").map_or("", |(_, after)| after)),
            None => markup.split_once('>').unwrap_or((markup, "")),
        };
        rest = after;
        let name: String = tag
            .trim_start_matches('/')
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect();
        let name = name.to_ascii_lowercase();
        if UNSEEN.contains(&name.as_str()) && !tag.starts_with('/') && !tag.ends_with('/') {
            rest = after_end(rest, &name);
        } else if BLOCKS.contains(&name.as_str())
            && (name == "br" || !text.ends_with('\n'))
            && !text.is_empty()
        {
            text.truncate(text.trim_end_matches(' ').len());
            text.push('\n');
        }
    }
    push_words(&mut text, rest);
    text.trim().to_owned()
}

/// White space is one space, and none at the beginning of a line.
fn push_words(text: &mut String, words: &str) {
    let words = decode_entities(words);
    for character in words.chars() {
        let is_space = character.is_ascii_whitespace();
        if !is_space {
            text.push(character);
        } else if !text.is_empty() && !text.ends_with([' ', '\n']) {
            text.push(' ');
        }
    }
}

/// What follows the end tag of an element.
fn after_end<'a>(html: &'a str, name: &str) -> &'a str {
    let ends = html.match_indices("</").map(|(at, _)| at + 2);
    let rest = ends.filter_map(|at| html.get(at..)).find(|rest| {
        let found = rest.get(..name.len());
        found.is_some_and(|found| found.eq_ignore_ascii_case(name))
    });
    rest.and_then(|rest| rest.split_once('>'))
        .map_or("", |(_, after)| after)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_and_lines() {
        for (html, text) in [
            (
                "<html><head><title>x</title><style>p {}</style></head>\r\n<body><p>One  <b>two</b></p>\r\n<p>three<br>four &amp; five</p></body></html>",
                "One two\nthree\nfour & five",
            ),
            ("a<!-- <p>b</p> -->c", "ac"),
            ("<ul><li>a</li><li>b</li></ul>", "a\nb"),
            ("a <script>if (a < b) {}</SCRIPT> b", "a b"),
            ("plain", "plain"),
            ("a<br><br>b", "a\n\nb"),
            ("<style>never ends", ""),
        ] {
            assert_eq!(to_text(html), text, "{html}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_taken(html in "(<p>|</p>|<br/>|<!--|-->|<style>|</sty|<|>|&amp;|&|é| |\n){0,40}") {
            to_text(&html);
        }
    }
}
