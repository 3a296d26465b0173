//! The document event by event.

use std::borrow::Cow;
use std::collections::HashSet;
use std::io::BufRead;

use quick_xml::events::Event;

use super::attributes::{Attribute, Attributes};
use super::form::QualifiedName;
use super::namespace::{Bindings, Refused};
use super::problem::{Notes, Problem};
use super::{Namespace, form, reference};

/// The document with a depth, which is all the state that [`Element`](super::Element)s share.
///
/// quick-xml takes it apart; what it leaves to its callers is checked here: names, attributes,
/// prefixes, references, declarations, and that every element is closed.
pub(crate) struct Reader<'x> {
    events: quick_xml::Reader<&'x [u8]>,
    xml: &'x str,
    /// How many elements are open.
    pub(super) depth: usize,
    /// Where the newest event begins.
    event_start: usize,
    bindings: Bindings,
    /// Whether `]]>` is anywhere, which may not be in text.
    has_section_end: bool,
    /// Whether quick-xml expects text or markup next. After a text it insists on markup, and
    /// nothing may be taken out of its hands.
    expects_anything: bool,
    pub(super) notes: Notes,
}

/// What comes next in a document.
pub(super) enum Step<'x> {
    Open(Start<'x>),
    Close,
    Text(Cow<'x, str>),
    Character(char),
    Nothing,
}

/// The start tag of an element.
#[derive(Clone, Copy)]
pub(super) struct Start<'x> {
    /// What stands between `<` and `>` or `/>`.
    content: &'x str,
    /// Where the local name begins in it.
    local: usize,
    /// Where the name ends in it.
    name_end: usize,
    pub(super) namespace: Namespace,
    /// The text, if the whole element was read with its start tag.
    pub(super) text: Option<&'x str>,
    /// Where the tag begins in the document.
    pub(super) begin: usize,
    /// How many elements are open inside of it. An empty element, and one that was read as a whole,
    /// is closed from the start: the reader never goes inside.
    pub(super) depth: usize,
}

impl<'x> Start<'x> {
    #[inline]
    pub(super) fn name(&self) -> &'x str {
        let name = self.content.get(self.local..self.name_end);
        name.unwrap_or_default()
    }

    pub(super) fn after_name(&self) -> &'x str {
        self.content.get(self.name_end..).unwrap_or_default()
    }
}

impl<'x> Reader<'x> {
    pub(super) fn new(xml: &'x str) -> Self {
        let xml = xml.strip_prefix('\u{feff}').unwrap_or(xml);
        let mut events = quick_xml::Reader::from_str(xml);
        events.config_mut().check_comments = true;
        Self {
            events,
            xml,
            depth: 0,
            event_start: 0,
            bindings: Bindings::default(),
            expects_anything: false,
            has_section_end: memchr::memmem::find(xml.as_bytes(), b"]]>").is_some(),
            notes: Notes::default(),
        }
    }

    pub(super) fn root(&mut self) -> Result<Start<'x>, Problem> {
        if !looks_like_xml(self.xml) {
            return Err(Problem::NotXml);
        }
        loop {
            match self.step()? {
                Step::Open(start) => return Ok(start),
                Step::Text(text) if text.trim().is_empty() => {}
                Step::Text(_) | Step::Character(_) => {
                    return Err(Problem::malformed("text before the first element"));
                }
                Step::Close | Step::Nothing => {}
            }
        }
    }

    /// Checks that nothing but comments and white space follows the root.
    pub(super) fn end(&mut self) -> Result<(), Problem> {
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
    pub(super) fn diagnose(&mut self, problem: Problem) -> (Problem, usize) {
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
            self.step()?;
        }
        self.end()
    }

    /// The next step inside the root. The end of the document is none.
    #[inline]
    pub(super) fn step(&mut self) -> Result<Step<'x>, Problem> {
        if let Some(leaf) = self.leaf()? {
            return Ok(Step::Open(leaf));
        }
        Ok(match self.event()? {
            Event::Start(_) => {
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return Err(Problem::TooDeep);
                }
                Step::Open(self.open(">".len(), self.depth)?)
            }
            Event::Empty(_) => Step::Open(self.open("/>".len(), self.depth + 1)?),
            Event::End(_) => {
                self.depth -= 1;
                self.bindings.leave(self.depth);
                Step::Close
            }
            Event::Text(text) => Step::Text(text.xml10_content()),
            Event::CData(text) => Step::Text(text.xml10_content()),
            Event::GeneralRef(name) => {
                let replaced = &mut self.notes.replaced_characters;
                let c = reference::resolve(&name, replaced);
                Step::Character(c.map_err(|_| Problem::UnknownEntity)?)
            }
            Event::Eof => return Err(Problem::Truncated),
            Event::Comment(_) | Event::PI(_) | Event::Decl(_) | Event::DocType(_) => Step::Nothing,
        })
    }

    /// The next element, if it is a start tag without attributes, text that means what it spells,
    /// and the end tag. Nearly all are, and quick-xml would take them apart in three events.
    #[inline]
    fn leaf(&mut self) -> Result<Option<Start<'x>>, Problem> {
        if !self.expects_anything || self.has_section_end || self.depth == 0 {
            return Ok(None);
        }
        let begin = self.end_of_event();
        let Some((content, name, text, length)) = self.xml.get(begin..).and_then(split_leaf) else {
            return Ok(None);
        };
        let prefix = content.get(..name.colon).unwrap_or_default();
        let Some(namespace) = self.bindings.resolve(prefix) else {
            return Err(undeclared(prefix));
        };
        self.event_start = begin;
        self.events.stream().consume(length);
        Ok(Some(Start {
            content,
            local: name.local,
            name_end: name.end,
            namespace,
            text: Some(text),
            begin,
            depth: self.depth + 1,
        }))
    }

    /// The text of an element that was just opened, if it is all there is in it. The end tag comes
    /// next.
    #[inline]
    pub(super) fn lone_text(&mut self, start: &Start<'x>) -> Option<Cow<'x, str>> {
        if start.begin != self.event_start || start.depth != self.depth || self.has_section_end {
            return None;
        }
        let rest = self.xml.get(self.end_of_event()..)?;
        let (text, length) = text_before_end(rest, &mut self.notes.replaced_characters)?;
        self.events.stream().consume(length);
        Some(text)
    }

    /// The document from there to the end of the newest event.
    pub(super) fn since(&self, begin: usize) -> &'x str {
        let xml = self.xml.get(begin..self.end_of_event());
        xml.unwrap_or_default()
    }

    #[inline]
    fn event(&mut self) -> Result<Event<'x>, Problem> {
        self.event_start = self.end_of_event();
        let event = match self.events.read_event() {
            Ok(event) => event,
            Err(error) => return Err(bad(&error)),
        };
        self.expects_anything = !matches!(event, Event::Text(_));
        match &event {
            Event::Start(_) | Event::Empty(_) | Event::End(_) => {}
            Event::Text(text) if self.has_section_end && text.contains("]]>") => {
                return Err(Problem::malformed("]]> in a text"));
            }
            // Neither SOAP 1.1 nor Exchange has a use for a DTD; an attacker has.
            Event::DocType(_) => return Err(Problem::Doctype),
            Event::Decl(_) if !self.nothing_before() => {
                return Err(Problem::malformed("an XML declaration in the middle"));
            }
            Event::Decl(decl) => {
                let content = decl.get(3..).unwrap_or_default();
                if let Some(problem) = form::declaration_problem(content) {
                    return Err(Problem::malformed(problem));
                }
            }
            Event::PI(instruction) if !form::is_instruction(instruction) => {
                return Err(Problem::malformed(
                    "a processing instruction without a proper name",
                ));
            }
            _ => {}
        }
        Ok(event)
    }

    /// The start tag just read, whose end is so many bytes long, of an element at that depth.
    #[inline]
    fn open(&mut self, end: usize, depth: usize) -> Result<Start<'x>, Problem> {
        let begin = self.event_start;
        let content = self.xml.get(begin + 1..self.end_of_event() - end);
        let content = content.unwrap_or_default();
        let Some(name) = form::qualified_name(content) else {
            return Err(Problem::malformed("an element has no proper name"));
        };
        if name.end < content.len() {
            let after_name = content.get(name.end..).unwrap_or_default();
            self.enter(after_name, depth)?;
        }
        let prefix = content.get(..name.colon).unwrap_or_default();
        let Some(namespace) = self.bindings.resolve(prefix) else {
            return Err(undeclared(prefix));
        };
        if depth > self.depth {
            // No end will come that forgets what an empty element declares.
            self.bindings.leave(self.depth);
        }
        Ok(Start {
            content,
            local: name.local,
            name_end: name.end,
            namespace,
            text: None,
            begin,
            depth,
        })
    }

    /// Takes note of the namespaces an element declares, and checks its attributes.
    fn enter(&mut self, after_name: &str, depth: usize) -> Result<(), Problem> {
        let mut count = 0;
        let mut has_prefixed = false;
        for attribute in Attributes::new(after_name) {
            let Attribute { name, raw } = attribute.map_err(Problem::malformed)?;
            count += 1;
            if count > MAX_ATTRIBUTES {
                return Err(Problem::TooManyAttributes);
            }
            let declared = match name.strip_prefix("xmlns") {
                Some("") => Some(""),
                Some(rest) if rest.starts_with(':') => rest.get(1..),
                _ => {
                    has_prefixed |= name.as_bytes().contains(&b':');
                    None
                }
            };
            let has_reference = memchr::memchr(b'&', raw.as_bytes()).is_some();
            if declared.is_none() && !has_reference {
                continue;
            }
            let value = reference::attribute_value(raw, &mut self.notes.replaced_characters)
                .map_err(|_| Problem::UnknownEntity)?;
            if let Some(prefix) = declared {
                let declared = self.bindings.declare(prefix, &value, depth);
                declared.map_err(|refused| match refused {
                    Refused::TooMany => Problem::TooManyNamespaces,
                    Refused::Wrong(what) => Problem::malformed(what),
                })?;
            }
        }
        if has_prefixed {
            self.check_prefixes(after_name)?;
        }
        if count > 1 && has_repeated(after_name, count) {
            return Err(Problem::malformed("an attribute is there twice"));
        }
        Ok(())
    }

    /// A prefix may be declared behind the attribute that uses it.
    fn check_prefixes(&self, after_name: &str) -> Result<(), Problem> {
        for attribute in Attributes::new(after_name).flatten() {
            match attribute.name.split_once(':') {
                Some((prefix, _))
                    if prefix != "xmlns" && self.bindings.resolve(prefix).is_none() =>
                {
                    return Err(undeclared(prefix));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether the newest event is the first thing in the document, white space apart.
    fn nothing_before(&self) -> bool {
        let before = self.xml.get(..self.event_start);
        before.is_some_and(|before| before.trim().is_empty())
    }

    #[inline]
    fn end_of_event(&self) -> usize {
        usize::try_from(self.events.buffer_position()).unwrap_or(usize::MAX)
    }

    fn position(&self) -> usize {
        let error = usize::try_from(self.events.error_position()).unwrap_or(usize::MAX);
        error.max(self.end_of_event())
    }
}

/// A leaf at the beginning of `xml`: what is in its start tag, the name, the text, and how long the
/// whole is.
#[inline]
fn split_leaf(xml: &str) -> Option<(&str, QualifiedName, &str, usize)> {
    let tag = xml.strip_prefix('<')?;
    let name = form::qualified_name(tag)?;
    let (content, after) = tag.split_at_checked(name.end)?;
    let after = after.strip_prefix('>')?;
    let at = memchr::memchr3(b'<', b'&', b'\r', after.as_bytes())?;
    let (text, end) = after.split_at_checked(at)?;
    let rest = end.strip_prefix("</")?.strip_prefix(content)?;
    let rest = rest.strip_prefix('>')?;
    Some((content, name, text, xml.len() - rest.len()))
}

/// The text before an end tag, with references resolved, and how long it is in the document;
/// `None` if something else stands before the end tag, or something is wrong.
fn text_before_end<'x>(xml: &'x str, replaced: &mut u64) -> Option<(Cow<'x, str>, usize)> {
    let mut text = Cow::Borrowed("");
    let mut count = 0;
    let mut rest = xml;
    loop {
        let at = memchr::memchr3(b'<', b'&', b'\r', rest.as_bytes())?;
        let (plain, from) = rest.split_at_checked(at)?;
        if text.is_empty() {
            text = Cow::Borrowed(plain);
        } else {
            text.to_mut().push_str(plain);
        }
        if from.starts_with("</") {
            *replaced += count;
            return Some((text, xml.len() - from.len()));
        }
        rest = match from.strip_prefix('\r') {
            // A line ends with a line feed, whatever the document has (XML 1.0, 2.11).
            Some(after) => {
                text.to_mut().push('\n');
                after.strip_prefix('\n').unwrap_or(after)
            }
            None => {
                let (name, after) = from.strip_prefix('&')?.split_once(';')?;
                text.to_mut()
                    .push(reference::resolve(name, &mut count).ok()?);
                after
            }
        };
    }
}

/// A document cut in the middle of a tag looks malformed; what is wrong is that it was cut.
#[cold]
fn bad(error: &quick_xml::Error) -> Problem {
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

#[cold]
fn undeclared(prefix: &str) -> Problem {
    let prefix: String = prefix.chars().take(64).collect();
    Problem::malformed(format_args!("nothing declares the prefix {prefix:?}"))
}

/// Whether two attributes have the same name. Most elements have two, and none has many.
fn has_repeated(after_name: &str, count: usize) -> bool {
    let names = || {
        let attributes = Attributes::new(after_name).flatten();
        attributes.map(|attribute| attribute.name)
    };
    if count > 8 {
        let mut seen = HashSet::new();
        return !names().all(|name| seen.insert(name));
    }
    names()
        .enumerate()
        .any(|(at, name)| names().take(at).any(|before| before == name))
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

/// Far above anything the schema can nest, far below anything that hurts.
pub(super) const MAX_DEPTH: usize = 128;

/// Exchange writes six at most, and a few namespaces beside them.
pub(super) const MAX_ATTRIBUTES: usize = 256;
