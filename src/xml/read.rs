//! Reading by pull.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use quick_xml::events::{BytesStart, Event};

use super::attributes::{Attribute, Attributes};
use super::namespace::Bindings;
use super::{Namespace, ReadScalar, form, reference};

/// Reads a whole document: hands its root to `read`, then checks that the document ends well.
///
/// Any problem is reported with the place where it happened. What was unusual but did no harm is
/// in the [`Notes`].
pub(crate) fn read_document<T>(
    xml: &str,
    read: impl FnOnce(&mut Element<'_, '_>) -> Result<T, Problem>,
) -> Result<(T, Notes), Error> {
    let original = xml;
    let legal = without_control_characters(xml);
    let (xml, replaced) = match &legal {
        Some((legal, replaced)) => (legal.as_str(), *replaced),
        None => (xml, 0),
    };

    let mut reader = Reader::new(xml);
    reader.notes.replaced_characters = replaced;
    let value = reader.root().and_then(|mut root| {
        let value = read(&mut root)?;
        root.skip_rest()?;
        Ok(value)
    });

    match value.and_then(|value| reader.end().map(|()| value)) {
        Ok(value) => Ok((value, reader.notes)),
        Err(problem) => {
            let (problem, position) = reader.diagnose(problem);
            Err(Error {
                path: path_to(xml, position, &problem),
                problem,
                position: position_before_replacing(original, position, replaced),
            })
        }
    }
}

/// One open element of the document being read.
///
/// What the caller leaves unread is skipped, at any depth: an element dropped half-way costs
/// nothing but the bytes. A document that ends early is an error, never a shorter list.
pub struct Element<'r, 'x> {
    reader: &'r mut Reader<'x>,
    start: BytesStart<'x>,
    namespace: Namespace,
    /// Where the local name stands in `start`.
    name: (usize, usize),
    /// Where the start tag begins in the document.
    begin: usize,
    /// The reader's depth while it is directly inside this element; less means it is closed.
    depth: usize,
}

impl<'x> Element<'_, 'x> {
    /// The next child that Exchange or SOAP could mean, or `None` once this element is closed.
    pub(crate) fn next_child(&mut self) -> Result<Option<Element<'_, 'x>>, Problem> {
        while let Some(opened) = self.next_start()? {
            if opened.namespace == Namespace::Foreign {
                self.reader.notes.skipped_elements += 1;
                continue;
            }
            return Ok(Some(self.open(opened)));
        }
        Ok(None)
    }

    /// The next of the things this element is a list of: passing over one would be a shorter list
    /// that nobody notices, so one of a foreign namespace is an error.
    pub(crate) fn next_listed(&mut self) -> Result<Option<Element<'_, 'x>>, Problem> {
        let Some(opened) = self.next_start()? else {
            return Ok(None);
        };
        let child = self.open(opened);
        if child.namespace == Namespace::Foreign {
            let found = child.name().chars().take(64).collect();
            return Err(Problem::Unexpected(
                found,
                "something of Exchange's namespace",
            ));
        }
        Ok(Some(child))
    }

    /// The next child of whatever namespace.
    pub(crate) fn next_child_of_any(&mut self) -> Result<Option<Element<'_, 'x>>, Problem> {
        Ok(self.next_start()?.map(|opened| self.open(opened)))
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

    /// The text of this element as a number, a date, a name or the like; a value that cannot be
    /// read is left out and counted.
    pub(crate) fn lenient<T: ReadScalar>(&mut self) -> Result<Option<T>, Problem> {
        let text = self.text_borrowed()?;
        let value = scalar(&text);
        if value.is_none() && !text.trim().is_empty() {
            self.reader.notes.unreadable_values += 1;
        }
        Ok(value)
    }

    /// The value of an attribute; one that cannot be read is left out and counted.
    pub(crate) fn attribute<T: ReadScalar>(
        &mut self,
        name: &'static str,
    ) -> Result<Option<T>, Problem> {
        for attribute in self.reader.attributes(&self.start) {
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
        let end = self.reader.end_of_event();
        Ok(self.reader.xml.get(self.begin..end).unwrap_or_default())
    }

    /// The local name.
    pub(crate) fn name(&self) -> &str {
        self.start.get(self.name.0..self.name.1).unwrap_or_default()
    }

    /// The namespace of the name.
    pub(crate) fn namespace(&self) -> Namespace {
        self.namespace
    }

    /// Whether this is a SOAP element of that name, of either version of SOAP.
    pub(crate) fn is_soap(&self, name: &str) -> bool {
        matches!(self.namespace, Namespace::Soap | Namespace::Soap12) && self.name() == name
    }

    fn next_start(&mut self) -> Result<Option<Opened<'x>>, Problem> {
        while self.is_open() {
            let (start, depth) = match self.reader.next()? {
                Event::Start(start) => (start, self.reader.depth),
                // An empty element is closed from the start: the reader never goes inside.
                Event::Empty(start) => (start, self.reader.depth + 1),
                Event::GeneralRef(name) => {
                    self.reader.resolve(&name)?;
                    continue;
                }
                _ => continue,
            };
            if depth == self.depth + 1 {
                return Ok(Some(Opened {
                    name: local_name(&start),
                    namespace: self.reader.namespace(&start)?,
                    begin: self.reader.event_start,
                    start,
                    depth,
                }));
            }
        }
        Ok(None)
    }

    fn open(&mut self, opened: Opened<'x>) -> Element<'_, 'x> {
        Element {
            reader: &mut *self.reader,
            start: opened.start,
            namespace: opened.namespace,
            name: opened.name,
            begin: opened.begin,
            depth: opened.depth,
        }
    }

    fn text_borrowed(&mut self) -> Result<Cow<'x, str>, Problem> {
        let mut text = Cow::Borrowed("");
        while self.is_open() {
            match self.reader.next()? {
                Event::Text(part) => append(&mut text, part.xml10_content()),
                Event::CData(part) => append(&mut text, part.xml10_content()),
                Event::GeneralRef(name) => text.to_mut().push(self.reader.resolve(&name)?),
                Event::Start(_) | Event::Empty(_) => return Err(Problem::UnexpectedChild),
                _ => {}
            }
        }
        Ok(text)
    }

    /// The texts in this element and in all that is in it.
    pub(crate) fn inner_text(&mut self) -> Result<String, Problem> {
        let mut text = String::new();
        while self.is_open() {
            match self.reader.next()? {
                Event::Text(part) => text.push_str(&part.xml10_content()),
                Event::CData(part) => text.push_str(&part.xml10_content()),
                Event::GeneralRef(name) => text.push(self.reader.resolve(&name)?),
                _ => {}
            }
        }
        Ok(text)
    }

    fn skip_rest(&mut self) -> Result<(), Problem> {
        while self.is_open() {
            self.reader.pass()?;
        }
        Ok(())
    }

    fn is_open(&self) -> bool {
        self.reader.depth >= self.depth
    }
}

impl fmt::Debug for Element<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}>", self.name())
    }
}

/// What was unusual about a document, though it could be read.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Notes {
    /// Characters XML does not know, which became U+FFFD.
    pub(crate) replaced_characters: u64,
    /// Elements nothing here knows.
    pub(crate) skipped_elements: u64,
    /// Values that are not what their element holds, as 30 February.
    pub(crate) unreadable_values: u64,
}

/// A document that could not be read, and where.
#[derive(Debug, thiserror::Error)]
#[error("{problem} (at byte {position}, in {path})")]
pub(crate) struct Error {
    pub(crate) problem: Problem,
    pub(crate) path: String,
    pub(crate) position: usize,
}

/// Why a document could not be read.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Problem {
    #[error("a document type declaration is not allowed")]
    Doctype,
    #[error("malformed XML: {0}")]
    Malformed(String),
    #[error("{0} is missing")]
    Missing(&'static str),
    #[error("this is not XML")]
    NotXml,
    #[error("an element has more than {MAX_ATTRIBUTES} attributes")]
    TooManyAttributes,
    #[error("elements nest deeper than {MAX_DEPTH} levels")]
    TooDeep,
    #[error("the document ends too early")]
    Truncated,
    #[error("an element where text was expected")]
    UnexpectedChild,
    #[error("{0} where {1} was expected")]
    Unexpected(String, &'static str),
    #[error("<{found}> is no answer to {operation}")]
    OtherAnswer { found: String, operation: String },
    #[error("{got} answers came to {requested} questions")]
    WrongCount { requested: usize, got: usize },
    #[error("an entity this document does not define")]
    UnknownEntity,
}

impl Problem {
    /// Whether the document is no well-formed XML, or is beyond what is read of one.
    fn is_of_form(&self) -> bool {
        match self {
            Self::Doctype
            | Self::Malformed(_)
            | Self::NotXml
            | Self::TooDeep
            | Self::TooManyAttributes
            | Self::Truncated
            | Self::UnknownEntity => true,
            Self::Missing(_)
            | Self::OtherAnswer { .. }
            | Self::Unexpected(..)
            | Self::UnexpectedChild
            | Self::WrongCount { .. } => false,
        }
    }

    fn malformed(what: impl fmt::Display) -> Self {
        Self::Malformed(what.to_string())
    }
}

/// A start tag that has been read but not yet handed out.
struct Opened<'x> {
    start: BytesStart<'x>,
    namespace: Namespace,
    name: (usize, usize),
    begin: usize,
    depth: usize,
}

/// The document with a depth, which is all the state that [`Element`]s share.
struct Reader<'x> {
    events: quick_xml::Reader<&'x [u8]>,
    xml: &'x str,
    depth: usize,
    /// Where the newest event begins.
    event_start: usize,
    bindings: Bindings,
    notes: Notes,
}

impl<'x> Reader<'x> {
    fn new(xml: &'x str) -> Self {
        let xml = xml.strip_prefix('\u{feff}').unwrap_or(xml);
        let mut events = quick_xml::Reader::from_str(xml);
        events.config_mut().check_comments = true;
        Self {
            events,
            xml,
            depth: 0,
            event_start: 0,
            bindings: Bindings::default(),
            notes: Notes::default(),
        }
    }

    fn root(&mut self) -> Result<Element<'_, 'x>, Problem> {
        if !looks_like_xml(self.xml) {
            return Err(Problem::NotXml);
        }
        loop {
            let (start, depth) = match self.next()? {
                Event::Start(start) => (start, self.depth),
                Event::Empty(start) => (start, self.depth + 1),
                Event::Text(text) if text.trim().is_empty() => continue,
                Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) => {
                    return Err(Problem::malformed("text before the first element"));
                }
                _ => continue,
            };
            return Ok(Element {
                name: local_name(&start),
                namespace: self.namespace(&start)?,
                begin: self.event_start,
                reader: self,
                start,
                depth,
            });
        }
    }

    /// Checks that nothing but comments and white space follows the root.
    fn end(&mut self) -> Result<(), Problem> {
        loop {
            match self.event()? {
                Event::Eof => return Ok(()),
                Event::Comment(_) | Event::PI(_) => {}
                Event::Text(text) if text.trim().is_empty() => {}
                _ => return Err(Problem::malformed("something follows the last element")),
            }
        }
    }

    /// What is wrong and where: a document that is cut or malformed further on is not judged by
    /// what it seemed to say.
    fn diagnose(&mut self, problem: Problem) -> (Problem, usize) {
        let position = self.position();
        if problem.is_of_form() {
            return (problem, position);
        }
        match self.drain() {
            Ok(()) => (problem, position),
            Err(malformed) => (malformed, self.position()),
        }
    }

    fn drain(&mut self) -> Result<(), Problem> {
        while self.depth > 0 {
            self.pass()?;
        }
        self.end()
    }

    /// Reads on over something nobody wants; it must be well-formed all the same.
    fn pass(&mut self) -> Result<(), Problem> {
        match self.next()? {
            Event::GeneralRef(name) => {
                self.resolve(&name)?;
            }
            Event::Start(start) | Event::Empty(start) => {
                self.namespace(&start)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn resolve(&mut self, name: &str) -> Result<char, Problem> {
        reference::resolve(name, &mut self.notes.replaced_characters)
            .map_err(|_| Problem::UnknownEntity)
    }

    #[inline]
    fn next(&mut self) -> Result<Event<'x>, Problem> {
        let event = self.event()?;
        match &event {
            Event::Start(start) => {
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return Err(Problem::TooDeep);
                }
                self.enter(start, self.depth)?;
            }
            Event::Empty(start) => self.enter(start, self.depth + 1)?,
            Event::End(_) => {
                self.depth -= 1;
                self.bindings.leave(self.depth + 1);
            }
            Event::Eof => return Err(Problem::Truncated),
            _ => {}
        }
        Ok(event)
    }

    #[inline]
    fn event(&mut self) -> Result<Event<'x>, Problem> {
        self.event_start = self.end_of_event();
        let event = self.events.read_event().map_err(|error| self.bad(&error))?;
        match &event {
            // Neither SOAP 1.1 nor Exchange has a use for a DTD; an attacker has.
            Event::DocType(_) => Err(Problem::Doctype),
            Event::Decl(_) if !self.nothing_before() => {
                Err(Problem::malformed("an XML declaration in the middle"))
            }
            Event::Decl(decl) => match form::declaration_problem(decl.get(3..).unwrap_or_default())
            {
                Some(problem) => Err(Problem::malformed(problem)),
                None => Ok(event),
            },
            Event::PI(instruction) if !form::is_instruction(instruction) => Err(
                Problem::malformed("a processing instruction without a proper name"),
            ),
            Event::Text(text) if text.as_bytes().contains(&b']') && text.contains("]]>") => {
                Err(Problem::malformed("]]> in a text"))
            }
            _ => Ok(event),
        }
    }

    /// Takes note of the namespaces an element declares, and checks its attributes.
    fn enter(&mut self, start: &BytesStart<'x>, depth: usize) -> Result<(), Problem> {
        if !form::is_qualified_name(start.name().into_inner()) {
            return Err(Problem::malformed("an element has no proper name"));
        }
        // An empty sibling leaves no end behind, so what it declared is forgotten here.
        self.bindings.leave(depth - 1);
        if start.len() == start.name().into_inner().len() {
            return Ok(());
        }

        let mut names: Vec<&str> = Vec::new();
        let after_name = start.get(start.name().into_inner().len()..);
        for attribute in Attributes::new(after_name.unwrap_or_default()) {
            let Attribute { name, raw } = attribute.map_err(Problem::malformed)?;
            if names.len() == MAX_ATTRIBUTES {
                return Err(Problem::TooManyAttributes);
            }
            names.push(name);
            let declared = match name.split_once(':') {
                Some(("xmlns", prefix)) => Some(prefix),
                None if name == "xmlns" => Some(""),
                _ => None,
            };
            if declared.is_none() && !raw.contains('&') {
                continue;
            }
            let value = reference::attribute_value(raw, &mut self.notes.replaced_characters)
                .map_err(|_| Problem::UnknownEntity)?;
            if let Some(prefix) = declared {
                let bindings = &mut self.bindings;
                let result = bindings.declare(prefix, &value, depth);
                result.map_err(Problem::malformed)?;
            }
        }

        let prefixes = names.iter().filter_map(|name| name.split_once(':'));
        for (prefix, _) in prefixes {
            if prefix != "xmlns" && self.bindings.resolve(prefix).is_none() {
                return Err(undeclared(prefix));
            }
        }
        let mut seen = HashSet::new();
        if names.len() > 1 && !names.iter().all(|name| seen.insert(*name)) {
            return Err(Problem::malformed("an attribute is there twice"));
        }
        Ok(())
    }

    fn attributes<'s>(&self, start: &'s BytesStart<'x>) -> Attributes<'s> {
        let after_name = start.get(start.name().into_inner().len()..);
        Attributes::new(after_name.unwrap_or_default())
    }

    fn namespace(&self, start: &BytesStart<'x>) -> Result<Namespace, Problem> {
        let prefix = match start.name().prefix() {
            Some(prefix) => prefix.into_inner(),
            None => "",
        };
        self.bindings
            .resolve(prefix)
            .ok_or_else(|| undeclared(prefix))
    }

    /// Whether the newest event is the first thing in the document, white space apart.
    fn nothing_before(&self) -> bool {
        let before = self.xml.get(..self.event_start);
        before.is_some_and(|before| before.trim().is_empty())
    }

    /// A document cut in the middle of a tag looks malformed; what is wrong is that it was cut.
    fn bad(&self, error: &quick_xml::Error) -> Problem {
        use quick_xml::errors::SyntaxError;
        match error {
            quick_xml::Error::Syntax(
                SyntaxError::UnclosedTag
                | SyntaxError::UnclosedComment
                | SyntaxError::UnclosedCData
                | SyntaxError::UnclosedPI
                | SyntaxError::UnclosedDoctype,
            ) => Problem::Truncated,
            _ => Problem::malformed(error),
        }
    }

    fn end_of_event(&self) -> usize {
        usize::try_from(self.events.buffer_position()).unwrap_or(usize::MAX)
    }

    fn position(&self) -> usize {
        let error = usize::try_from(self.events.error_position()).unwrap_or(usize::MAX);
        error.max(self.end_of_event())
    }
}

fn scalar<T: ReadScalar>(text: &str) -> Option<T> {
    T::read_scalar(if T::KEEPS_SPACE { text } else { text.trim() })
}

fn undeclared(prefix: &str) -> Problem {
    let prefix: String = prefix.chars().take(64).collect();
    Problem::malformed(format_args!("nothing declares the prefix {prefix:?}"))
}

fn local_name(start: &BytesStart<'_>) -> (usize, usize) {
    let end = start.name().into_inner().len();
    (end - start.local_name().into_inner().len(), end)
}

/// Text, JSON and the like are not malformed XML but no XML at all; something binary, or XML with
/// something before it, is malformed.
fn looks_like_xml(xml: &str) -> bool {
    let text = xml.trim_start();
    text.starts_with('<')
        || text.contains("<?xml")
        || text.contains("Envelope")
        || text.contains(char::REPLACEMENT_CHARACTER)
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

/// Where in the document as it came a position in the document as it was read is.
fn position_before_replacing(original: &str, position: usize, replaced: u64) -> usize {
    if replaced == 0 {
        return position;
    }
    let mut read = 0;
    let found = original.char_indices().find(|(_, c)| {
        let here = read;
        read += match reference::is_legal(*c) {
            true => c.len_utf8(),
            false => char::REPLACEMENT_CHARACTER.len_utf8(),
        };
        here >= position
    });
    found.map_or(original.len(), |(at, _)| at)
}

/// The names of the elements open at a position.
///
/// Found by reading the document once more: failures pay for their own description, and success
/// pays nothing.
fn path_to(xml: &str, position: usize, problem: &Problem) -> String {
    // A bad value is found at the end of its element, which belongs to the path all the same.
    let keeps_closed = !matches!(problem, Problem::Truncated);
    let mut reader = quick_xml::Reader::from_str(xml);
    let mut path: Vec<String> = Vec::new();
    while let Ok(event) = reader.read_event() {
        let here = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let last = here >= position;
        match event {
            Event::Start(start) => path.push(start.local_name().into_inner().to_owned()),
            Event::Empty(start) if last => path.push(start.local_name().into_inner().to_owned()),
            Event::End(_) if !(last && keeps_closed) => drop(path.pop()),
            Event::Eof => break,
            _ => {}
        }
        if last {
            break;
        }
    }
    match path.get(..MAX_PATH) {
        Some(start) if path.len() > MAX_PATH => format!("{}/…", start.join("/")),
        _ if path.is_empty() => "the document".to_owned(),
        _ => path.join("/"),
    }
}

fn append<'x>(text: &mut Cow<'x, str>, part: Cow<'x, str>) {
    if text.is_empty() {
        *text = part;
    } else {
        text.to_mut().push_str(&part);
    }
}

/// Far above anything the schema can nest, far below anything that hurts.
const MAX_DEPTH: usize = 128;

/// Exchange writes six at most, and a few namespaces beside them.
const MAX_ATTRIBUTES: usize = 256;

/// How many names of a path are shown.
const MAX_PATH: usize = 16;

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
