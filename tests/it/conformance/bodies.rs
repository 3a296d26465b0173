//! What bodies say, whatever format a server gives them in.

use exchange_connector::Feature;
use exchange_connector::model::{Body, BodyFormat};

use super::any_event::{not_empty, storable};
use super::backend::Backend;

/// What Exchange puts around plain text that it makes HTML of.
const PLAIN_TEXT: &str = "<div class=\"PlainText\">";

/// A text as it must be read: an empty one is none. Where bodies do not come in the format they are stored in, plain
/// text comes as HTML that says the same.
pub(super) fn stored_body(written: &Body, read: Option<&Body>, b: &Backend) -> Option<Body> {
    let mut stored = written.clone();
    stored.content = not_empty(&written.content)?;
    let is_converted = |read: &&Body| {
        read.format == BodyFormat::Html
            && stored.format == BodyFormat::Text
            && plain_text(&storable(&read.content)) == Some(stored.content.replace('\r', ""))
    };
    let converted = read.filter(|_| !b.can(Feature::NativeBodies));
    let converted = converted.filter(is_converted).cloned();
    Some(match converted {
        Some(mut read) => {
            read.content = storable(&read.content);
            read
        }
        None => stored,
    })
}

/// What a text says, without what a server puts around it and at the ends of its lines.
pub(super) fn words(body: Option<&Body>) -> String {
    let content = body.map(|body| {
        let plain = plain_text(&body.content).filter(|_| body.format == BodyFormat::Html);
        plain.unwrap_or_else(|| body.content.replace("\r\n", "\n"))
    });
    content.unwrap_or_default().trim_end().to_owned()
}

/// The plain text that HTML was made of, its lines parted by line feeds.
fn plain_text(html: &str) -> Option<String> {
    let (_, rest) = html.split_once(PLAIN_TEXT)?;
    let (text, after) = rest.split_once("</div>")?;
    let after = after.replace("</body>", "").replace("</html>", "");
    if !after.trim().is_empty() {
        // It is a part of something else.
        return None;
    }
    let text = text.replace(['\r', '\n'], "").replace("<br>", "\n");
    let read = ["&lt;", "<", "&gt;", ">", "&amp;", "&"];
    let read = read
        .chunks(2)
        .fold(text, |text, pair| text.replace(pair[0], pair[1]));
    Some(read)
}
