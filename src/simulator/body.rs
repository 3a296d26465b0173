//! Bodies: HTML and plain text made of each other.

use super::item::Body;
use super::xml::Writer;

/// The type of body that a request wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyType {
    Best,
    Html,
    Text,
}

/// Writes a body in the type that is wanted.
pub(super) fn write_body(writer: &mut Writer, name: &str, body: &Body, wanted: BodyType) {
    let (kind, text) = match (wanted, body.html) {
        (BodyType::Text, true) => ("Text", plain(&body.text)),
        (BodyType::Html, false) => ("HTML", hypertext(&body.text)),
        (_, true) => ("HTML", body.text.clone()),
        (_, false) => ("Text", body.text.clone()),
    };
    writer.leaf_with(name, &[("BodyType", kind)], &text);
}

/// HTML without its scripts, which stands for all that Exchange takes out of it.
pub(super) fn without_scripts(html: &str) -> String {
    let mut left = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(begin) = rest.to_ascii_lowercase().find("<script") {
        let (before, script) = rest.split_at(begin);
        left.push_str(before);
        let end = script.to_ascii_lowercase().find("</script>");
        rest = end
            .and_then(|end| script.get(end + 9..))
            .unwrap_or_default();
    }
    left + rest
}

/// Plain text as HTML; of nothing nothing.
pub(super) fn hypertext(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let mut html = String::with_capacity(text.len() + 96);
    html.push_str("<html>\r\n<body>\r\n<div class=\"PlainText\">");
    for character in text.chars() {
        match character {
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '&' => html.push_str("&amp;"),
            '\n' => html.push_str("<br>\r\n"),
            '\r' => {}
            other => html.push(other),
        }
    }
    html.push_str("</div>\r\n</body>\r\n</html>\r\n");
    html
}

/// The text of HTML: tags out, breaks and paragraphs as lines, the commonest entities read.
pub(super) fn plain(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        let (before, tag) = rest.split_at(open);
        text.push_str(before);
        let end = tag.find('>').map_or(tag.len(), |at| at + 1);
        let (tag, after) = tag.split_at(end);
        let name = tag
            .trim_start_matches(['<', '/'])
            .split([' ', '>', '/'])
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        let closing = tag.starts_with("</");
        rest = after;
        match name.as_str() {
            "br" => text.push_str("\r\n"),
            "p" | "div" | "tr" if closing => text.push_str("\r\n"),
            "style" | "script" | "head" if !closing => {
                let end = format!("</{name}");
                rest = after
                    .find(&end)
                    .and_then(|at| after.get(at..))
                    .unwrap_or("");
            }
            _ => {}
        }
    }
    text.push_str(rest);
    for (entity, character) in [
        ("&nbsp;", " "),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ] {
        text = text.replace(entity, character);
    }
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_change_their_type() {
        assert_eq!(
            plain(
                "<html><head><style>p{}</style></head><body><p>a&nbsp;&amp; b</p><div>c<br>d</div></body></html>"
            ),
            "a & b\r\nc\r\nd"
        );
        assert!(hypertext("a < b\nc").contains("a &lt; b<br>\r\nc"));
    }
}
