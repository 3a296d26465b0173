//! HTML as lines of text with links.

use std::collections::HashMap;

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};

use super::document::{Line, Link, Part, links_in};

/// The lines of a document, in time linear in its length, whatever it is.
pub(super) fn lines(html: &str) -> Vec<Line> {
    let mut page = Page::default();
    let mut tag = Opening::default();
    let mut emitter = CallbackEmitter::new(
        |event: CallbackEvent<'_>, _: Span<()>| -> Option<std::convert::Infallible> {
            match event {
                CallbackEvent::OpenStartTag { name } => {
                    tag = Opening {
                        name: text(name),
                        ..Opening::default()
                    }
                }
                CallbackEvent::AttributeName { name } => tag.attribute = text(name),
                CallbackEvent::AttributeValue { value } => tag.set(value),
                CallbackEvent::CloseStartTag { .. } => page.open(std::mem::take(&mut tag)),
                CallbackEvent::EndTag { name } => page.close(&text(name)),
                CallbackEvent::String { value } => page.text(&text(value)),
                _ => {}
            }
            None
        },
    );
    // What scripts and styles hold is no text.
    emitter.naively_switch_states(true);
    let Ok(()) = Tokenizer::new_with_emitter(html, emitter).finish();
    page.end_line();
    page.lines
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A start tag, as far as it matters.
#[derive(Default)]
struct Opening {
    name: String,
    attribute: String,
    href: String,
    id: String,
    class: String,
    style: String,
    is_cite: bool,
}

impl Opening {
    fn set(&mut self, value: &[u8]) {
        let value = text(value);
        match self.attribute.as_str() {
            "href" => self.href = value,
            "id" => self.id = value.to_ascii_lowercase(),
            "class" => self.class = value.to_ascii_lowercase(),
            "style" => self.style = value.to_ascii_lowercase().replace(' ', ""),
            "type" => self.is_cite = value.eq_ignore_ascii_case("cite"),
            _ => {}
        }
    }

    fn region(&self) -> Option<Region> {
        // Word and Outlook indent with quotes that have no border.
        let is_indent = self.style.contains("border:none") && !self.is_cite;
        match self.name.as_str() {
            "blockquote" if !is_indent => return Some(Region::Left),
            "s" | "strike" | "del" | "head" | "title" | "style" | "script" | "select"
            | "template" => {
                return Some(Region::Left);
            }
            _ => {}
        }
        let classes = || self.class.split_ascii_whitespace();
        if self.style.contains("display:none") || classes().any(|class| class == "gmail_quote") {
            return Some(Region::Left);
        }
        let is_signature = self.id == "signature"
            || self.id == "ms-outlook-mobile-signature"
            || classes().any(|class| matches!(class, "gmail_signature" | "moz-signature"));
        is_signature.then_some(Region::Signature)
    }
}

/// What is special about the content of an element.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Region {
    /// It is not part of the text: quoted, struck out, or not shown.
    Left,
    Signature,
}

#[derive(Default)]
struct Page {
    lines: Vec<Line>,
    line: Line,
    /// The open elements, and what is special about them.
    open: Vec<(String, Option<Region>)>,
    /// How many of each name are open.
    count: HashMap<String, usize>,
    left: usize,
    signatures: usize,
    anchor: Option<Link>,
}

impl Page {
    fn open(&mut self, tag: Opening) {
        if tag.name == "a" {
            self.end_anchor();
        }
        if is_block(&tag.name) {
            self.end_line();
        } else if matches!(tag.name.as_str(), "td" | "th") {
            self.space();
        }
        let region = tag.region();
        match tag.name.as_str() {
            "hr" => self.line.text.push_str("____________"),
            "a" if self.left == 0 && !tag.href.is_empty() => {
                self.anchor = Some(Link {
                    address: tag.href.trim().to_owned(),
                    label: String::new(),
                });
            }
            _ => {}
        }
        if matches!(tag.id.as_str(), "divrplyfwdmsg" | "x_divrplyfwdmsg") {
            self.line.is_reply_header = true;
        }
        if is_void(&tag.name) {
            return self.after(&tag.name);
        }
        self.count_region(region, true);
        *self.count.entry(tag.name.clone()).or_default() += 1;
        self.open.push((tag.name, region));
    }

    fn after(&mut self, name: &str) {
        if is_block(name) {
            self.end_line();
        }
    }

    fn close(&mut self, name: &str) {
        if name == "a" {
            self.end_anchor();
        }
        // Each element is opened once and closed once, so that this is linear.
        if self.count.get(name).is_some_and(|open| *open > 0) {
            while let Some((closed, region)) = self.open.pop() {
                self.count_region(region, false);
                let is_it = closed == name;
                if let Some(open) = self.count.get_mut(&closed) {
                    *open = open.saturating_sub(1);
                }
                if is_it {
                    break;
                }
            }
        }
        self.after(name);
    }

    fn count_region(&mut self, region: Option<Region>, opens: bool) {
        let count = match region {
            Some(Region::Left) => &mut self.left,
            Some(Region::Signature) => &mut self.signatures,
            None => return,
        };
        *count = match opens {
            true => *count + 1,
            false => count.saturating_sub(1),
        };
    }

    fn text(&mut self, text: &str) {
        if self.left > 0 {
            return;
        }
        let label_from = self.line.text.len();
        for (at, word) in text.split(char::is_whitespace).enumerate() {
            if at > 0 {
                self.space();
            }
            self.line.text.push_str(word);
        }
        if self.signatures > 0 {
            self.line.part = Part::Signature;
        }
        if let (Some(anchor), Some(added)) = (&mut self.anchor, self.line.text.get(label_from..)) {
            anchor.label.push_str(added);
        }
    }

    fn space(&mut self) {
        if !self.line.text.is_empty() && !self.line.text.ends_with(' ') {
            self.line.text.push(' ');
        }
    }

    fn end_anchor(&mut self) {
        if let Some(anchor) = self.anchor.take() {
            self.line.links.push(anchor);
        }
    }

    fn end_line(&mut self) {
        // A link around several lines belongs to the first, and is open still.
        if let Some(anchor) = &mut self.anchor
            && !anchor.label.trim().is_empty()
        {
            self.end_anchor();
        }
        let mut line = std::mem::take(&mut self.line);
        line.text.truncate(line.text.trim_end().len());
        if line.text.is_empty() && line.links.is_empty() {
            // What was said of the line is true of the next.
            self.line.is_reply_header = line.is_reply_header;
            return;
        }
        line.links.extend(links_in(&line.text));
        self.lines.push(line);
    }
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "body"
            | "br"
            | "center"
            | "dd"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hr"
            | "li"
            | "main"
            | "nav"
            | "ol"
            | "p"
            | "pre"
            | "section"
            | "table"
            | "tbody"
            | "tr"
            | "ul"
    )
}

/// Elements without content, HTML Living Standard section 13.1.2.
fn is_void(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "br"
            | "col"
            | "embed"
            | "hr"
            | "img"
            | "input"
            | "link"
            | "meta"
            | "source"
            | "track"
            | "wbr"
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(html: &str) -> Vec<String> {
        lines(html).into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn blocks_are_lines() {
        assert_eq!(
            texts(
                "<p>One&nbsp;&amp; <b>two</b></p>three<br>four<table><tr><td>a:</td><td>b</td></tr></table>"
            ),
            ["One & two", "three", "four", "a: b"]
        );
        assert_eq!(
            texts("<style>p{}</style><script>'<p>x'</script><!-- <p>y --><p>z"),
            ["z"]
        );
        // Line breaks in the document are spaces.
        assert_eq!(texts("a\r\n  b"), ["a b"]);
    }

    #[test]
    fn links_have_their_text() {
        let lines = lines(
            "<p>Now: <a href='https://a.example/?x=1&amp;y=2'>Join <b>here</b></a> or https://b.example/c</p>",
        );
        let links: Vec<_> = lines[0]
            .links
            .iter()
            .map(|link| (link.address.as_str(), link.label.as_str()))
            .collect();
        assert_eq!(links[0], ("https://a.example/?x=1&y=2", "Join here"));
        assert_eq!(links[1].0, "https://b.example/c");
    }

    #[test]
    fn what_is_quoted_struck_out_or_hidden_is_left() {
        for html in [
            "<blockquote type=cite><p>x</p><blockquote>y</blockquote>z</blockquote>",
            "<div class='gmail_quote x'>x<div>y</div></div>",
            "<del>x</del><s>y</s><strike>z</strike>",
            "<div style='color: red; display: none'>x<p>y</div>",
            "<head><title>x</title></head>",
        ] {
            assert_eq!(texts(&format!("{html}<p>after")), ["after"], "{html}");
        }
        assert_eq!(
            texts("<blockquote style='margin:0 0 0 40px; border: none'>x</blockquote>"),
            ["x"]
        );
    }

    #[test]
    fn deep_and_broken_documents_take_linear_time() {
        for html in [
            "<div>".repeat(200_000),
            "<b></i>".repeat(200_000),
            "<a href=x>".repeat(200_000),
            "<".repeat(200_000),
            "&".repeat(200_000),
            "<p>https://".repeat(100_000),
            "https://".repeat(200_000),
            "<!--".repeat(100_000),
            format!(
                "{}{}",
                "<div>".repeat(100_000),
                "</p></span>".repeat(100_000)
            ),
        ] {
            let started = std::time::Instant::now();
            lines(&html);
            assert!(started.elapsed().as_secs() < 10, "{}…", &html[..20]);
        }
    }

    proptest! {
        #[test]
        fn any_document_is_taken(html in "(<a href=|<blockquote>|</?div|<td>|>|'|https://zoom\\.us/j/1|&amp;|é|[ -~]){0,30}") {
            lines(&html);
        }
    }
}
