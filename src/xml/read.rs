//! Reading by pull.

use std::borrow::Cow;
use std::fmt;

use super::attributes::{Attribute, Attributes};
use super::place::{path_to, position_before_replacing};
use super::problem::{Error, Notes, Problem};
use super::reader::{Reader, Start, Step};
use super::{Namespace, ReadScalar, reference};

/// Reads a whole document: hands its root to `read`, then checks that the document ends well.
///
/// Any problem is reported with the place where it happened. What was unusual but did no harm is
/// in the [`Notes`].
pub(crate) fn read_document<T>(
    xml: &str,
    read: impl FnOnce(&mut Element<'_, '_>) -> Result<T, Problem>,
) -> Result<(T, Notes), Error> {
    read_unlocated(xml, read).map_err(|(problem, position)| locate(xml, problem, position))
}

/// As [`read_document`], but a problem comes as it is, with its position in the document as it was
/// read.
pub(crate) fn read_unlocated<T>(
    xml: &str,
    read: impl FnOnce(&mut Element<'_, '_>) -> Result<T, Problem>,
) -> Result<(T, Notes), (Problem, usize)> {
    let legal = without_control_characters(xml);
    let (xml, replaced) = match &legal {
        Some((legal, replaced)) => (legal.as_str(), *replaced),
        None => (xml, 0),
    };

    let mut reader = Reader::new(xml);
    reader.notes.replaced_characters = replaced;
    let value = reader.root().and_then(|start| {
        let mut root = Element {
            reader: &mut reader,
            start,
        };
        let value = read(&mut root)?;
        root.skip_rest()?;
        Ok(value)
    });

    match value.and_then(|value| reader.end().map(|()| value)) {
        Ok(value) => Ok((value, reader.notes)),
        Err(problem) => Err(reader.diagnose(problem)),
    }
}

fn locate(original: &str, problem: Problem, position: usize) -> Error {
    let legal = without_control_characters(original);
    let (xml, replaced) = match &legal {
        Some((legal, replaced)) => (legal.as_str(), *replaced),
        None => (original, 0),
    };
    Error {
        path: path_to(xml, position, &problem),
        problem,
        position: position_before_replacing(original, position, replaced),
    }
}

/// One open element of the document being read.
///
/// What the caller leaves unread is skipped, at any depth: an element dropped half-way costs
/// nothing but the bytes. A document that ends early is an error, never a shorter list.
pub struct Element<'r, 'x> {
    reader: &'r mut Reader<'x>,
    start: Start<'x>,
}

impl<'x> Element<'_, 'x> {
    /// The next child that Exchange or SOAP could mean, or `None` once this element is closed.
    #[inline]
    pub(crate) fn next_child(&mut self) -> Result<Option<Element<'_, 'x>>, Problem> {
        while let Some(start) = self.next_start()? {
            if start.namespace != Namespace::Foreign {
                return Ok(Some(self.open(start)));
            }
            self.reader.notes.skipped_elements += 1;
        }
        Ok(None)
    }

    /// The next of the things this element is a list of: passing over one would be a shorter list
    /// that nobody notices, so one of a foreign namespace is an error.
    pub(crate) fn next_listed(&mut self) -> Result<Option<Element<'_, 'x>>, Problem> {
        let Some(start) = self.next_start()? else {
            return Ok(None);
        };
        if start.namespace == Namespace::Foreign {
            let found = start.name().chars().take(64).collect();
            return Err(Problem::Unexpected(
                found,
                "something of Exchange's namespace",
            ));
        }
        Ok(Some(self.open(start)))
    }

    /// The next child of whatever namespace.
    pub(crate) fn next_child_of_any(&mut self) -> Result<Option<Element<'_, 'x>>, Problem> {
        Ok(self.next_start()?.map(|start| self.open(start)))
    }

    /// Calls `visit` with each child in turn.
    pub(crate) fn for_each(
        &mut self,
        mut visit: impl FnMut(&mut Element<'_, 'x>) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        while let Some(mut child) = self.next_child()? {
            visit(&mut child)?;
        }
        Ok(())
    }

    /// Passes over this element, because nothing here knows it.
    pub(crate) fn skip(&mut self) -> Result<(), Problem> {
        self.reader.notes.skipped_elements += 1;
        self.skip_rest()
    }

    /// The text of this element, with references resolved.
    pub(crate) fn text(&mut self) -> Result<String, Problem> {
        self.text_borrowed().map(Cow::into_owned)
    }

    /// The text of this element as a number, a date, a name or the like. What cannot be read is
    /// left out and counted.
    #[inline]
    pub(crate) fn lenient<T: ReadScalar>(&mut self) -> Result<Option<T>, Problem> {
        let text = self.text_borrowed()?;
        let value = scalar(&text);
        if value.is_none() && !text.trim_ascii().is_empty() {
            self.reader.notes.unreadable_values += 1;
        }
        Ok(value)
    }

    /// The value of an attribute; one that cannot be read is left out and counted.
    pub(crate) fn attribute<T: ReadScalar>(
        &mut self,
        name: &'static str,
    ) -> Result<Option<T>, Problem> {
        for attribute in Attributes::new(self.start.after_name()) {
            let Attribute { name: found, raw } = attribute.map_err(Problem::malformed)?;
            if found != name {
                continue;
            }
            // What was replaced is counted already, where the tag was read.
            let text =
                reference::attribute_value(raw, &mut 0).map_err(|_| Problem::UnknownEntity)?;
            let value = scalar(&text);
            if value.is_none() && !text.is_empty() {
                self.reader.notes.unreadable_values += 1;
            }
            return Ok(value);
        }
        Ok(None)
    }

    /// The value of an attribute without which the element makes no sense.
    pub(crate) fn required<T: ReadScalar>(&mut self, name: &'static str) -> Result<T, Problem> {
        self.attribute(name)?.ok_or(Problem::Missing(name))
    }

    /// This element as it stands in the document, with all that is in it, read or not.
    pub(crate) fn raw(&mut self) -> Result<&'x str, Problem> {
        self.skip_rest()?;
        Ok(self.reader.since(self.start.begin))
    }

    /// The texts in this element and in all that is in it.
    pub(crate) fn inner_text(&mut self) -> Result<String, Problem> {
        let mut text = self.start.text.unwrap_or_default().to_owned();
        while self.is_open() {
            match self.reader.step()? {
                Step::Text(part) => text.push_str(&part),
                Step::Character(c) => text.push(c),
                Step::Open(start) => text.push_str(start.text.unwrap_or_default()),
                Step::Close | Step::Nothing => {}
            }
        }
        Ok(text)
    }

    /// The local name.
    #[inline]
    pub(crate) fn name(&self) -> &'x str {
        self.start.name()
    }

    /// The namespace of the name.
    pub(crate) fn namespace(&self) -> Namespace {
        self.start.namespace
    }

    /// Whether this is a SOAP element of that name, of either version of SOAP.
    pub(crate) fn is_soap(&self, name: &str) -> bool {
        matches!(self.namespace(), Namespace::Soap | Namespace::Soap12) && self.name() == name
    }

    #[inline]
    fn next_start(&mut self) -> Result<Option<Start<'x>>, Problem> {
        while self.is_open() {
            match self.reader.step()? {
                Step::Open(start) if start.depth == self.start.depth + 1 => {
                    return Ok(Some(start));
                }
                _ => {}
            }
        }
        Ok(None)
    }

    #[inline]
    fn open(&mut self, start: Start<'x>) -> Element<'_, 'x> {
        Element {
            reader: &mut *self.reader,
            start,
        }
    }

    /// Nearly every text stands alone between its tags; then it is taken as it is.
    #[inline]
    fn text_borrowed(&mut self) -> Result<Cow<'x, str>, Problem> {
        if let Some(text) = self.start.text {
            return Ok(Cow::Borrowed(text));
        }
        let mut text = self.reader.lone_text(&self.start).unwrap_or_default();
        while self.is_open() {
            match self.reader.step()? {
                Step::Text(part) if text.is_empty() => text = part,
                Step::Text(part) => text.to_mut().push_str(&part),
                Step::Character(c) => text.to_mut().push(c),
                Step::Open(_) => return Err(Problem::UnexpectedChild),
                Step::Close | Step::Nothing => {}
            }
        }
        Ok(text)
    }

    fn skip_rest(&mut self) -> Result<(), Problem> {
        while self.is_open() {
            self.reader.step()?;
        }
        Ok(())
    }

    #[inline]
    fn is_open(&self) -> bool {
        self.reader.depth >= self.start.depth
    }
}

impl fmt::Debug for Element<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}>", self.name())
    }
}

#[inline]
fn scalar<T: ReadScalar>(text: &str) -> Option<T> {
    T::read_scalar(if T::KEEPS_SPACE {
        text
    } else {
        text.trim_ascii()
    })
}

/// `xml` with raw control characters replaced, and how many there were; `None` if there are none.
///
/// One pass that the compiler turns into wide comparisons, so clean documents hardly pay for it.
fn without_control_characters(xml: &str) -> Option<(String, u64)> {
    let is_control = |byte: u8| (byte < 0x20) & (byte != b'\t') & (byte != b'\n') & (byte != b'\r');
    let found = xml.as_bytes().chunks(4096).any(|chunk| {
        chunk
            .iter()
            .fold(false, |any, byte| any | is_control(*byte))
    });
    if !found {
        return None;
    }
    let mut replaced = 0;
    let legal = xml
        .chars()
        .map(|c| {
            if reference::is_legal(c) {
                c
            } else {
                replaced += 1;
                char::REPLACEMENT_CHARACTER
            }
        })
        .collect();
    Some((legal, replaced))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(xml: &str) -> Result<Vec<(String, String)>, Error> {
        read_document(xml, |root| {
            let mut found = Vec::new();
            while let Some(mut child) = root.next_child()? {
                let name = child.name().to_owned();
                found.push((name, child.text()?));
            }
            Ok(found)
        })
        .map(|(found, _)| found)
    }

    #[test]
    fn text() {
        let xml = "<a><b>1 &lt; <![CDATA[2 < 3]]><!-- 4 -->&#x21;&#0;\r\n</b><c/><d></d></a>";
        let (found, notes) = read_document(xml, |root| {
            let mut found = Vec::new();
            while let Some(mut child) = root.next_child()? {
                found.push(child.text()?);
            }
            Ok(found)
        })
        .unwrap();
        assert_eq!(found, ["1 < 2 < 3!\u{fffd}\n", "", ""]);
        assert_eq!(notes.replaced_characters, 1);
    }

    #[test]
    fn raw_control_characters() {
        let found = read("<a><b>x\u{b}y\u{7f}</b></a>").unwrap();
        assert_eq!(found[0].1, "x\u{fffd}y\u{7f}");
    }

    #[test]
    fn what_is_left_unread_is_skipped() {
        let xml = "<a><b><x><y/></x>z</b><c><b/></c><d/></a>";
        let (names, _) = read_document(xml, |root| {
            let mut names = Vec::new();
            while let Some(mut child) = root.next_child()? {
                match child.name() {
                    // Looks at one grandchild and no further.
                    "b" => names.extend(child.next_child()?.map(|x| x.name().to_owned())),
                    name => names.push(name.to_owned()),
                }
            }
            Ok(names)
        })
        .unwrap();
        assert_eq!(names, ["x", "c", "d"]);
    }

    #[test]
    fn foreign_elements_are_skipped() {
        let found = read(r#"<a xmlns:x="urn:x"><x:b>1</x:b><b>2</b></a>"#).unwrap();
        assert_eq!(found, [("b".to_owned(), "2".to_owned())]);
    }

    #[test]
    fn a_namespace_ends_with_its_element() {
        let xml = r#"<a><b xmlns="urn:x"/><c/><d xmlns="urn:x"><e/></d><f/></a>"#;
        let found: Vec<_> = read(xml)
            .unwrap()
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(found, ["c", "f"]);
    }

    #[test]
    fn raw_text_of_an_element() {
        let xml = "<a><b>1</b><c d='2'><e/>x</c><f/></a>";
        let (raw, _) = read_document(xml, |root| {
            let mut raw = Vec::new();
            while let Some(mut child) = root.next_child()? {
                raw.push(child.raw()?.to_owned());
            }
            Ok(raw)
        })
        .unwrap();
        assert_eq!(raw, ["<b>1</b>", "<c d='2'><e/>x</c>", "<f/>"]);
    }

    #[test]
    fn problems_say_where() {
        let e = read("<a><b>1</b><c>2<d/></c></a>").unwrap_err();
        assert_eq!(
            e.to_string(),
            "an element where text was expected (at byte 19, in a/c/d)"
        );
        let e = read("<a><b>1</b>").unwrap_err();
        assert_eq!(
            e.to_string(),
            "the document ends too early (at byte 11, in a)"
        );
    }

    #[test]
    fn malformed_documents() {
        for xml in [
            "<!DOCTYPE a><a/>",
            "<a><b></c></a>",
            "<a b='1' b='2'/>",
            "<a b='<'/>",
            "<a b=1/>",
            "<a b/>",
            "<a b='1'c='2'/>",
            "<a><x:b/></a>",
            "<a x:b='1'/>",
            "<a xmlns:x=''/>",
            "<a/><b/>",
            "<a/>text",
            "<a>1 & 2</a>",
            "<a>&nbsp;</a>",
            "<a>&#xZ;</a>",
            "<a><?xml version='1.0'?></a>",
            "1f\r\n<?xml version='1.0'?><a/>",
        ] {
            let e = read_document(xml, |root| root.text()).unwrap_err();
            assert!(
                matches!(
                    e.problem,
                    Problem::Malformed(_)
                        | Problem::Doctype
                        | Problem::UnknownEntity
                        | Problem::UnexpectedChild
                ),
                "{xml}: {e}"
            );
        }
        assert!(matches!(
            read("{\"error\": 1}").unwrap_err().problem,
            Problem::NotXml
        ));
    }

    #[test]
    fn absurd_documents() {
        let deep = format!("{}{}", "<a>".repeat(200), "</a>".repeat(200));
        let e = read_document(&deep, |root| root.skip()).unwrap_err();
        assert!(matches!(e.problem, Problem::TooDeep), "{e}");
        let wide: String = (0..1_000).map(|n| format!(" a{n}=''")).collect();
        assert!(matches!(
            read(&format!("<a{wide}/>")).unwrap_err().problem,
            Problem::TooManyAttributes
        ));
    }

    #[test]
    fn absurdly_many_namespaces() {
        let level = |level: usize| -> String {
            let names = (0..200).map(|n| format!(" xmlns:a{level}_{n}='urn:x'"));
            format!("<a{}>", names.collect::<String>())
        };
        let xml: String = (0..4).map(level).collect();
        let e = read_document(&xml, |root| root.skip()).unwrap_err();
        assert!(matches!(e.problem, Problem::TooManyNamespaces), "{e}");
        // One after the other they are not in force at once.
        let siblings = "<b xmlns:c='urn:x'/>".repeat(1_000);
        assert!(read_document(&format!("<a>{siblings}</a>"), |root| root.skip()).is_ok());
    }

    #[test]
    fn cut_anywhere_is_truncated() {
        let xml = "<?xml version='1.0'?><a b='1'><!-- c --><d>e&amp;f<![CDATA[g]]></d><h/></a>";
        for cut in 1..xml.len() {
            let e = read_document(&xml[..cut], |root| {
                while let Some(mut child) = root.next_child()? {
                    child.skip()?;
                }
                Ok(())
            })
            .unwrap_err();
            assert!(
                matches!(e.problem, Problem::Truncated | Problem::Malformed(_)),
                "{}: {e}",
                &xml[..cut]
            );
        }
    }
}
