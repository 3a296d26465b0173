//! Plain text from HTML, for programs that show no HTML.

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};

/// Tags at which a new line begins.
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
    let mut unseen: Option<String> = None;
    let mut emitter = CallbackEmitter::new(
        |event: CallbackEvent<'_>, _: Span<()>| -> Option<std::convert::Infallible> {
            match event {
                CallbackEvent::OpenStartTag { name } => {
                    let name = String::from_utf8_lossy(name);
                    if unseen.is_none() && UNSEEN.contains(&&*name) {
                        unseen = Some(name.into_owned());
                    } else if unseen.is_none() {
                        begin(&mut text, &name);
                    }
                }
                CallbackEvent::EndTag { name } => {
                    let name = String::from_utf8_lossy(name);
                    if unseen.as_deref() == Some(&*name) {
                        unseen = None;
                    } else if unseen.is_none() {
                        begin(&mut text, &name);
                    }
                }
                CallbackEvent::String { value } if unseen.is_none() => {
                    push_words(&mut text, &String::from_utf8_lossy(value));
                }
                _ => {}
            }
            None
        },
    );
    // What scripts and styles hold is no text.
    emitter.naively_switch_states(true);
    let Ok(()) = Tokenizer::new_with_emitter(html, emitter).finish();
    text.trim().to_owned()
}

/// A tag: of a block it begins a line, unless one has just begun.
fn begin(text: &mut String, name: &str) {
    if BLOCKS.contains(&name) && (name == "br" || !text.ends_with('\n')) && !text.is_empty() {
        text.truncate(text.trim_end_matches(' ').len());
        text.push('\n');
    }
}

/// White space is one space, and none at the beginning of a line.
fn push_words(text: &mut String, words: &str) {
    for character in words.chars() {
        let is_space = character.is_ascii_whitespace();
        if !is_space {
            text.push(character);
        } else if !text.is_empty() && !text.ends_with([' ', '\n']) {
            text.push(' ');
        }
    }
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
