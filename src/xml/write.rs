//! Writing by scope.

use std::fmt;
use std::ops::Range;

use super::{WriteElement, WriteScalar, reference};

/// An open start tag: takes attributes, then content, and closes itself.
///
/// Dropped without content it becomes an empty element, so XML out of balance cannot be written.
/// Writing cannot fail either: it only ever appends to a string.
pub struct Tag<'w> {
    out: &'w mut String,
    /// Where in `out` the name is, for the closing tag.
    name: Range<usize>,
    has_content: bool,
}

impl<'w> Tag<'w> {
    pub(crate) fn open(out: &'w mut String, name: &str) -> Self {
        out.push('<');
        let start = out.len();
        out.push_str(name);
        Self {
            name: start..out.len(),
            has_content: false,
            out,
        }
    }

    /// Adds an attribute.
    pub(crate) fn attribute<T: WriteScalar + ?Sized>(self, name: &str, value: &T) -> Self {
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
        match value.as_text() {
            Some(text) => escape(text, true, self.out),
            None => {
                let mut text = String::new();
                value.write_scalar(&mut text);
                escape(&text, true, self.out);
            }
        }
        self.out.push('"');
        self
    }

    /// Adds an attribute, if there is a value for it.
    pub(crate) fn attribute_if<T: WriteScalar>(self, name: &str, value: Option<&T>) -> Self {
        match value {
            Some(value) => self.attribute(name, value),
            None => self,
        }
    }

    /// Fills the element with text.
    pub(crate) fn text<T: WriteScalar + ?Sized>(mut self, value: &T) {
        let out = self.content();
        match value.as_text() {
            Some(text) => escape(text, false, out),
            None => {
                let mut text = String::new();
                value.write_scalar(&mut text);
                escape(&text, false, out);
            }
        }
    }

    /// Fills the element with other elements.
    pub(crate) fn children(mut self, write: impl FnOnce(&mut Children<'_>)) {
        write(&mut Children {
            out: self.content(),
        });
    }

    fn content(&mut self) -> &mut String {
        self.out.push('>');
        self.has_content = true;
        self.out
    }
}

impl Drop for Tag<'_> {
    fn drop(&mut self) {
        if !self.has_content {
            self.out.push_str("/>");
            return;
        }
        self.out.push_str("</");
        self.out.extend_from_within(self.name.clone());
        self.out.push('>');
    }
}

impl fmt::Debug for Tag<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.out.get(self.name.clone()).unwrap_or_default();
        write!(f, "<{name}")
    }
}

/// The inside of an element that holds other elements.
#[derive(Debug)]
pub(crate) struct Children<'w> {
    out: &'w mut String,
}

impl Children<'_> {
    /// Opens a child.
    pub(crate) fn tag(&mut self, name: &str) -> Tag<'_> {
        Tag::open(self.out, name)
    }

    /// Writes a child that holds a value.
    pub(crate) fn value<T: WriteElement + ?Sized>(&mut self, name: &str, value: &T) {
        value.write_in(self, name);
    }

    /// Writes a child that holds a value, if there is one.
    pub(crate) fn value_if<T: WriteElement>(&mut self, name: &str, value: Option<&T>) {
        if let Some(value) = value {
            self.value(name, value);
        }
    }

    /// Writes a child that holds just a text.
    pub(crate) fn text(&mut self, name: &str, text: &str) {
        self.tag(name).text(text);
    }

    /// Writes an element and whatever it holds, without a tag of its own in between.
    pub(crate) fn raw(&mut self, xml: &str) {
        self.out.push_str(xml);
    }
}

/// Appends `text` with what XML gives a meaning to escaped.
///
/// Characters that XML 1.0 cannot hold even escaped become U+FFFD: a calendar imported from
/// elsewhere can well have a vertical tab in a subject, and Exchange would refuse the whole
/// request for it. A carriage return is escaped, or the server would read a line feed.
fn escape(text: &str, in_attribute: bool, out: &mut String) {
    // Identifiers and most texts are clean; the compiler makes wide comparisons of this.
    if !text.bytes().fold(false, |any, byte| any | is_special(byte)) {
        out.push_str(text);
        return;
    }
    let mut rest = text;
    loop {
        let special = rest.bytes().position(is_special);
        let Some((clean, from)) = special.and_then(|at| rest.split_at_checked(at)) else {
            out.push_str(rest);
            return;
        };
        out.push_str(clean);
        let mut characters = from.chars();
        match characters.next() {
            Some('&') => out.push_str("&amp;"),
            Some('<') => out.push_str("&lt;"),
            Some('>') => out.push_str("&gt;"),
            Some('"') if in_attribute => out.push_str("&quot;"),
            Some('\r') => out.push_str("&#xD;"),
            Some('\n') if in_attribute => out.push_str("&#xA;"),
            Some('\t') if in_attribute => out.push_str("&#x9;"),
            Some(c) if reference::is_legal(c) => out.push(c),
            Some(_) => out.push(char::REPLACEMENT_CHARACTER),
            None => return,
        }
        rest = characters.as_str();
    }
}

/// Whether a byte may have to be escaped or replaced; 0xef is how U+FFFE and U+FFFF begin.
fn is_special(byte: u8) -> bool {
    (byte < b' ')
        | (byte == b'&')
        | (byte == b'<')
        | (byte == b'>')
        | (byte == b'"')
        | (byte == 0xef)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::read_document;

    fn written(write: impl FnOnce(Tag<'_>)) -> String {
        let mut out = String::new();
        write(Tag::open(&mut out, "a"));
        out
    }

    #[test]
    fn tags_close_themselves() {
        assert_eq!(written(|a| drop(a)), "<a/>");
        assert_eq!(written(|a| a.children(|_| {})), "<a></a>");
        let nested = written(|a| {
            a.attribute("b", &1).children(|a| {
                a.tag("c").attribute_if("d", Some(&true));
                a.text("e", "f");
            });
        });
        assert_eq!(nested, r#"<a b="1"><c d="true"/><e>f</e></a>"#);
    }

    #[test]
    fn what_is_written_is_read_back() {
        let text = "a & b < c > \"d\" 'e'\r\n\tf ]]> é 😀";
        let xml = written(|a| a.attribute("b", text).text(text));
        let (read, _) =
            read_document(&xml, |a| Ok((a.required::<String>("b")?, a.text()?))).unwrap();
        assert_eq!(read, (text.to_owned(), text.to_owned()));
    }

    #[test]
    fn characters_xml_cannot_hold() {
        let xml = written(|a| a.text("x\u{b}\0y\u{ffff}"));
        assert_eq!(xml, "<a>x\u{fffd}\u{fffd}y\u{fffd}</a>");
    }
}
