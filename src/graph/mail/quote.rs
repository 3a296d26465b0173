//! Own words above a text that is quoted.

use crate::model::{Body, BodyFormat};

/// The words, then what they answer. Where one of both is HTML, all of it is.
pub(super) fn above(own: &Body, quoted: Option<&Body>) -> Body {
    let Some(quoted) = quoted else {
        return own.clone();
    };
    if (own.format, quoted.format) == (BodyFormat::Text, BodyFormat::Text) {
        return Body::text(format!("{}\r\n\r\n{}", own.content, quoted.content));
    }
    let own = in_html(own);
    let quoted = match quoted.format {
        BodyFormat::Html => quoted.content.clone(),
        BodyFormat::Text => in_html(quoted),
    };
    let at = body_begin(&quoted);
    let (before, after) = quoted.split_at(at);
    Body::html(format!("{before}{own}{after}"))
}

/// As a part of a document: what is within its `body`.
fn in_html(text: &Body) -> String {
    match text.format {
        BodyFormat::Html => {
            let begin = body_begin(&text.content);
            let content = text.content.get(begin..).unwrap_or_default();
            let lower = content.to_ascii_lowercase();
            let end = lower.rfind("</body").or_else(|| lower.rfind("</html"));
            content
                .get(..end.unwrap_or(content.len()))
                .unwrap_or(content)
                .to_owned()
        }
        BodyFormat::Text => {
            let escaped = text
                .content
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;");
            let lines: Vec<&str> = escaped.lines().collect();
            format!("<div>{}</div>", lines.join("<br>\r\n"))
        }
    }
}

/// Where the content of a document begins: behind its `<body>`, else at its beginning.
fn body_begin(html: &str) -> usize {
    let lower = html.to_ascii_lowercase();
    let mut from = 0;
    while let Some(found) = lower.get(from..).and_then(|rest| rest.find("<body")) {
        let at = from + found + "<body".len();
        let rest = lower.get(at..).unwrap_or_default();
        if rest.starts_with(|c: char| c == '>' || c.is_whitespace()) {
            return rest.find('>').map_or(0, |end| at + end + 1);
        }
        from = at;
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_first() {
        let text = above(&Body::text("Yes."), Some(&Body::text("> Really?")));
        assert_eq!(text, Body::text("Yes.\r\n\r\n> Really?"));
        let html = Body::html("<html><head></head><BODY lang=en><p>old</p></body></html>");
        let mixed = above(&Body::text("a < b\nc"), Some(&html));
        assert_eq!(
            mixed.content,
            "<html><head></head><BODY lang=en><div>a &lt; b<br>\r\nc</div><p>old</p></body></html>"
        );
        let both = above(
            &Body::html("<html><body><p>new</p></body></html>"),
            Some(&html),
        );
        assert!(
            both.content.contains("lang=en><p>new</p><p>old</p>"),
            "{both:?}"
        );
        assert_eq!(both.content.matches("</html>").count(), 1);
        let bare = above(&Body::html("<p>new</p>"), Some(&Body::text("old & grey")));
        assert_eq!(bare.content, "<p>new</p><div>old &amp; grey</div>");
        assert_eq!(above(&Body::text("a"), None), Body::text("a"));
    }
}
