//! One large value taken out of a document while the document arrives.

use memchr::{memchr, memchr2};

use super::base64::Decoder;
use super::place::path_to;
use super::problem::{Error, Problem};
use super::reference;

/// Where in a document a value is: the local names from the root down to its element; `*` is any.
pub(crate) type Place = &'static [&'static str];

/// Takes the base64 of one element out of a document that comes in pieces, and decodes it.
///
/// The rest of the document is kept, with the element empty in its place, for the ordinary reader:
/// it judges what is well-formed and what it means. So this looks no closer at the document than
/// it takes to find the element. The bytes must be UTF-8, or agree with ASCII where it counts.
pub(crate) struct Extract {
    places: &'static [Place],
    /// How many names of each place the open elements have.
    matched: Vec<usize>,
    depth: usize,
    state: State,
    /// Whether the element is open.
    inside: bool,
    /// Where in what is kept the element's content was, once it is found.
    found: Option<usize>,
    kept: Vec<u8>,
    /// Where the newest tag begins in what is kept.
    tag: usize,
    /// How many bytes were not kept.
    taken: usize,
    decoder: Decoder,
}

#[derive(Debug)]
enum State {
    Text,
    /// After `<`, with the bytes since, until they tell what it is.
    Markup(Vec<u8>),
    /// In a start tag, perhaps in the value of an attribute.
    Start(Option<u8>),
    End,
    /// In what ends with so many dashes or the like and `>`, and how many of them have come.
    Until(u8, usize, usize),
    /// In a section of plain text inside of the element, with the bytes of its end that have come.
    Section(usize),
    /// After `&` inside of the element.
    Reference(Vec<u8>),
    /// Something that is no answer of the service: it is only kept.
    Passive,
}

impl Extract {
    /// Looks for the element at one of these places.
    pub(crate) fn new(places: &'static [Place]) -> Self {
        Self {
            places,
            matched: vec![0; places.len()],
            depth: 0,
            state: State::Text,
            inside: false,
            found: None,
            kept: Vec::new(),
            tag: 0,
            taken: 0,
            decoder: Decoder::default(),
        }
    }

    /// Reads the next piece, and appends what of the value is in it to `out`.
    pub(crate) fn push(&mut self, piece: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        let mut rest = piece;
        while !rest.is_empty() {
            let read = self
                .step(rest, out)
                .map_err(|problem| self.error(problem))?;
            rest = rest.get(read..).unwrap_or_default();
        }
        Ok(())
    }

    /// Whether the element has come, or has begun to.
    pub(crate) fn found(&self) -> bool {
        self.found.is_some()
    }

    /// How many bytes are kept.
    pub(crate) fn kept(&self) -> usize {
        self.kept.len()
    }

    /// The document with an empty element where the value was, and the gap, if the value was there.
    pub(crate) fn into_rest(self) -> (Vec<u8>, Option<Gap>) {
        let length = self.taken;
        (self.kept, self.found.map(|at| Gap { at, length }))
    }

    /// Reads some of what comes next: how many bytes.
    fn step(&mut self, rest: &[u8], out: &mut Vec<u8>) -> Result<usize, Problem> {
        match &mut self.state {
            State::Text if self.inside => self.content(rest, out),
            State::Text => {
                let length = memchr(b'<', rest).unwrap_or(rest.len());
                if length == rest.len() {
                    self.keep(rest);
                    return Ok(length);
                }
                self.keep(rest.get(..length).unwrap_or_default());
                self.tag = self.kept.len();
                self.keep(b"<");
                self.state = State::Markup(Vec::new());
                Ok(length + 1)
            }
            State::Passive => {
                self.kept.extend_from_slice(rest);
                Ok(rest.len())
            }
            State::Section(ended) => {
                let ended = *ended;
                self.section(rest, ended, out)
            }
            _ => {
                if let Some(byte) = rest.first() {
                    self.byte(*byte, out)?;
                }
                Ok(1)
            }
        }
    }

    /// Text of the value.
    fn content(&mut self, rest: &[u8], out: &mut Vec<u8>) -> Result<usize, Problem> {
        let end = memchr2(b'<', b'&', rest);
        let length = end.unwrap_or(rest.len());
        let text = rest.get(..length).unwrap_or_default();
        self.decoder.decode(text, out)?;
        self.taken += length;
        let Some(end) = end else {
            return Ok(length);
        };
        self.taken += 1;
        self.state = match rest.get(end) {
            Some(b'<') => State::Markup(Vec::new()),
            _ => State::Reference(Vec::new()),
        };
        Ok(length + 1)
    }

    /// Text of the value in a CDATA section. No base64 has a bracket, so the first is its end.
    fn section(&mut self, rest: &[u8], ended: usize, out: &mut Vec<u8>) -> Result<usize, Problem> {
        if ended == 0 {
            let length = memchr(b']', rest).unwrap_or(rest.len());
            let text = rest.get(..length).unwrap_or_default();
            self.decoder.decode(text, out)?;
            self.taken += length;
            if length > 0 {
                return Ok(length);
            }
        }
        self.state = match (ended, rest.first()) {
            (0 | 1, Some(b']')) => State::Section(ended + 1),
            (2, Some(b'>')) => State::Text,
            _ => return Err(Problem::NotBase64),
        };
        self.taken += 1;
        Ok(1)
    }

    /// A byte of markup or of a reference.
    fn byte(&mut self, byte: u8, out: &mut Vec<u8>) -> Result<(), Problem> {
        let mut state = std::mem::replace(&mut self.state, State::Text);
        if let State::Reference(name) = &mut state {
            self.taken += 1;
            if byte != b';' {
                name.push(byte);
                if name.len() > LONGEST_REFERENCE {
                    return Err(Problem::NotBase64);
                }
                self.state = state;
                return Ok(());
            }
            let name = String::from_utf8_lossy(name);
            let character =
                reference::resolve(&name, &mut 0).map_err(|_| Problem::UnknownEntity)?;
            let mut bytes = [0; 4];
            let text = character.encode_utf8(&mut bytes);
            return self.decoder.decode(text.as_bytes(), out);
        }
        self.keep(&[byte]);
        self.state = match state {
            State::Markup(seen) => self.markup(seen, byte)?,
            State::Start(None) if byte == b'>' => self.open()?,
            State::Start(None) if matches!(byte, b'"' | b'\'') => State::Start(Some(byte)),
            State::Start(Some(quote)) if byte == quote => State::Start(None),
            State::End if byte == b'>' => {
                self.close();
                State::Text
            }
            State::Until(_, wanted, come) if byte == b'>' && come >= wanted => State::Text,
            State::Until(mark, wanted, come) => {
                State::Until(mark, wanted, if byte == mark { come + 1 } else { 0 })
            }
            other => other,
        };
        Ok(())
    }

    /// What begins with `<`, the bytes seen and this one.
    fn markup(&mut self, mut seen: Vec<u8>, byte: u8) -> Result<State, Problem> {
        const COMMENT: &[u8] = b"!--";
        const SECTION: &[u8] = b"![CDATA[";
        seen.push(byte);
        Ok(match (seen.as_slice(), self.inside) {
            (b"/", true) => {
                self.decoder.finish()?;
                self.inside = false;
                self.taken -= 2;
                self.keep(b"</");
                State::End
            }
            (b"/", false) => State::End,
            (b"?", _) => State::Until(b'?', 1, 0),
            (COMMENT, _) => State::Until(b'-', 2, 0),
            (SECTION, true) => State::Section(0),
            (SECTION, false) => State::Until(b']', 2, 0),
            (begin, _) if COMMENT.starts_with(begin) || SECTION.starts_with(begin) => {
                State::Markup(seen)
            }
            (_, true) => return Err(Problem::UnexpectedChild),
            // A document type, which the reader refuses.
            ([b'!', ..], false) => State::Passive,
            ([b'>', ..], false) => State::Text,
            _ => State::Start(None),
        })
    }

    /// A start tag is complete: what comes next.
    fn open(&mut self) -> Result<State, Problem> {
        let tag = self
            .kept
            .get(self.tag + 1..self.kept.len().saturating_sub(1));
        let tag = tag.unwrap_or_default();
        let is_empty = tag.ends_with(b"/");
        let is_end = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'/';
        let name = tag.split(is_end).next().unwrap_or_default();
        let local = name.rsplit(|byte| *byte == b':').next().unwrap_or_default();

        let mut is_it = false;
        for (place, matched) in self.places.iter().zip(&mut self.matched) {
            let Some(wanted) = place.get(self.depth).filter(|_| *matched == self.depth) else {
                continue;
            };
            if *wanted == "*" || wanted.as_bytes() == local {
                *matched += 1;
                is_it |= *matched == place.len();
            }
        }
        if self.matched.iter().all(|matched| *matched == 0) {
            return Ok(State::Passive);
        }
        if is_it && self.found.is_some() {
            let found = String::from_utf8_lossy(local).chars().take(64).collect();
            return Err(Problem::Unexpected(found, "a single content"));
        }
        if is_it {
            self.found = Some(self.kept.len());
            self.inside = !is_empty;
        }
        self.depth += 1;
        if is_empty {
            self.close();
        }
        Ok(State::Text)
    }

    fn close(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        for matched in &mut self.matched {
            *matched = (*matched).min(self.depth);
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        if self.inside {
            self.taken += bytes.len();
        } else {
            self.kept.extend_from_slice(bytes);
        }
    }

    fn error(&self, problem: Problem) -> Error {
        let kept = String::from_utf8_lossy(&self.kept);
        Error {
            path: path_to(&kept, kept.len(), &problem),
            problem,
            position: self.kept.len() + self.taken,
        }
    }
}

/// Where a value was taken out of a document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gap {
    at: usize,
    length: usize,
}

impl Gap {
    /// Where it is.
    pub(super) fn at(self) -> usize {
        self.at
    }

    /// Where in the document as it came an error in the rest of it is.
    pub(crate) fn locate(self, mut error: Error) -> Error {
        if error.position > self.at {
            error.position += self.length;
        }
        error
    }
}

/// The longest reference to a character that base64 may hold, with zeros to spare.
const LONGEST_REFERENCE: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::read_document;

    const PLACES: &[Place] = &[&["a", "b", "content"], &["a", "i", "*", "mime"]];

    struct Extracted {
        value: Option<Vec<u8>>,
        rest: String,
    }

    fn extract(pieces: &[&[u8]]) -> Result<Extracted, Error> {
        let mut extract = Extract::new(PLACES);
        let mut value = Vec::new();
        for piece in pieces {
            extract.push(piece, &mut value)?;
        }
        let value = extract.found().then_some(value);
        let (rest, gap) = extract.into_rest();
        assert_eq!(gap.is_some(), value.is_some());
        let rest = String::from_utf8(rest).unwrap();
        Ok(Extracted { value, rest })
    }

    /// Cuts the document at each byte, in two places, and into bytes.
    fn each_way(document: &str, check: impl Fn(Result<Extracted, Error>, &str)) {
        let bytes = document.as_bytes();
        for at in 0..=bytes.len() {
            let (first, second) = bytes.split_at(at);
            let (second, third) = second.split_at(second.len().min(7));
            check(extract(&[first, second, third]), document);
        }
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        check(extract(&single), document);
    }

    #[test]
    fn the_value_and_the_rest() {
        for (document, value, rest) in [
            (
                "<?xml version='1.0'?><x:a xmlns:x='u'><x:b n='>\"'><x:content y='1'>QUJD</x:content><x:z/></x:b></x:a>",
                "ABC",
                "<?xml version='1.0'?><x:a xmlns:x='u'><x:b n='>\"'><x:content y='1'></x:content><x:z/></x:b></x:a>",
            ),
            ("<a><b><content/></b></a>", "", "<a><b><content/></b></a>"),
            (
                "<a><b><content></content></b></a>",
                "",
                "<a><b><content></content></b></a>",
            ),
            (
                "<a><i><z/><m ><q/><mime\n c='u' >\r\nQQ= =\r\n</mime ></m></i></a>",
                "A",
                "<a><i><z/><m ><q/><mime\n c='u' ></mime ></m></i></a>",
            ),
            (
                "<a><b><content>QU<![CDATA[J\nD]]>&#x51;&#13;<!-- - -- > -->&#0000000065;<?p ?? x?>==<![CDATA[]]></content></b></a>",
                "ABC@",
                "<a><b><content></content></b></a>",
            ),
            (
                "<a><!-- <b><content>QUJD --><b><![CDATA[<content>]] >]]]><?p <b>??><content>QUJD</content></b></a>",
                "ABC",
                "<a><!-- <b><content>QUJD --><b><![CDATA[<content>]] >]]]><?p <b>??><content></content></b></a>",
            ),
        ] {
            each_way(document, |extracted, document| {
                let extracted = extracted.unwrap();
                assert_eq!(extracted.value.unwrap(), value.as_bytes(), "{document}");
                assert_eq!(extracted.rest, rest);
            });
            read_document(rest, |root| root.skip()).unwrap();
        }
    }

    /// At another place it is left where it is, as are documents of other kinds.
    #[test]
    fn other_documents_are_kept_whole() {
        for document in [
            "",
            "no XML",
            "<a><content>QUJD</content><b><z><content>QUJD</content></z></b></a>",
            "<a><b/><content>x</content></a>",
            "<a><i><mime>QUJD</mime><m><n><mime>QUJD</mime></n></m></i></a>",
            "<html><a><b><content>QUJD</content></b></a></html>",
            "<!DOCTYPE a [<!ENTITY b 'c'>]><a><b><content>QUJD</content></b></a>",
            "<a><b>< ></b></c></d></e><b>",
            "<a><b>text \u{fc} &amp; more",
        ] {
            each_way(document, |extracted, document| {
                let extracted = extracted.unwrap();
                assert!(extracted.value.is_none(), "{document}");
                assert_eq!(extracted.rest, document);
            });
        }
    }

    #[test]
    fn a_document_that_is_cut_stays_cut() {
        let document = "<a><b><content>QUJDQUJD</content></b></a>";
        for length in 0..document.len() {
            match extract(&[&document.as_bytes()[..length]]) {
                Ok(extracted) => {
                    read_document(&extracted.rest, |root| root.skip()).unwrap_err();
                }
                Err(error) => panic!("{error}"),
            }
        }
    }

    #[test]
    fn values_that_are_none() {
        for (document, problem) in [
            ("<a><b><content>QU*D</content>", "wrong base64"),
            ("<a><b><content>QUJ</content>", "wrong base64"),
            ("<a><b><content>QUI=QUJD</content>", "wrong base64"),
            ("<a><b><content>QU&amp;D</content>", "wrong base64"),
            ("<a><b><content><![CDATA[QU]]D]]></content>", "wrong base64"),
            ("<a><b><content>&#000000000000000000065;", "wrong base64"),
            (
                "<a><b><content>QU&x;",
                "an entity this document does not define",
            ),
            (
                "<a><b><content>QU<z/>JD",
                "an element where text was expected",
            ),
            (
                "<a><b><content>QU<!DOCTYPE",
                "an element where text was expected",
            ),
            (
                "<a><b><content>QUJD</content><content>",
                "content where a single content was expected",
            ),
        ] {
            each_way(document, |extracted, document| {
                let error = extracted.err().unwrap();
                assert_eq!(error.problem.to_string(), problem, "{document}");
                assert!(error.path.starts_with("a/b/content"), "{error}");
                assert!(error.position <= document.len(), "{error}");
            });
        }
    }

    #[test]
    fn where_the_rest_is_wrong() {
        let document = "<a><b><content>QUJD</content><c></b></a>";
        let mut extract = Extract::new(PLACES);
        extract.push(document.as_bytes(), &mut Vec::new()).unwrap();
        let (rest, gap) = extract.into_rest();
        let rest = String::from_utf8(rest).unwrap();
        let there = read_document(document, |root| root.skip()).unwrap_err();
        let here = read_document(&rest, |root| root.skip()).unwrap_err();
        assert_ne!(here.position, there.position);
        assert_eq!(gap.unwrap().locate(here).position, there.position);
    }
}
