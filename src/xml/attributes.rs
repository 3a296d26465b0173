//! The attributes of one start tag.

use super::form;

/// Walks the attributes in what stands between `<name` and `>`.
///
/// A walk of our own, because quick-xml's copies and because well-formedness (quotes, `<`, white
/// space between) must be checked here: quick-xml looks at attributes only when asked.
#[derive(Clone, Debug)]
pub(super) struct Attributes<'x> {
    rest: &'x str,
}

/// One attribute as it stands in the document, references and all.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attribute<'x> {
    pub(super) name: &'x str,
    pub(super) raw: &'x str,
}

impl<'x> Attributes<'x> {
    pub(super) fn new(after_name: &'x str) -> Self {
        Self { rest: after_name }
    }
}

impl<'x> Iterator for Attributes<'x> {
    type Item = Result<Attribute<'x>, &'static str>;

    fn next(&mut self) -> Option<Self::Item> {
        let trimmed = self.rest.trim_ascii_start();
        if trimmed.is_empty() || trimmed == "/" {
            self.rest = "";
            return None;
        }
        if trimmed.len() == self.rest.len() {
            self.rest = "";
            return Some(Err("white space is missing between attributes"));
        }
        match split(trimmed) {
            Ok((attribute, rest)) => {
                self.rest = rest;
                Some(Ok(attribute))
            }
            Err(problem) => {
                self.rest = "";
                Some(Err(problem))
            }
        }
    }
}

fn split(text: &str) -> Result<(Attribute<'_>, &str), &'static str> {
    let name = form::qualified_name(text).ok_or("an attribute has no proper name")?;
    let (name, after) = text.split_at_checked(name.end).unwrap_or((text, ""));
    let after = after.trim_ascii_start();
    let value = after.strip_prefix('=').ok_or("an attribute has no value")?;
    let value = value.trim_ascii_start();

    let quote = match value.as_bytes().first() {
        Some(quote @ (b'"' | b'\'')) => *quote,
        _ => return Err("an attribute's value is not quoted"),
    };
    let value = value.get(1..).unwrap_or_default();
    let end = memchr::memchr2(quote, b'<', value.as_bytes());
    let (raw, rest) = end
        .and_then(|end| value.split_at_checked(end))
        .ok_or("an attribute's value has no end")?;
    if rest.starts_with('<') {
        return Err("an attribute's value has a < in it");
    }
    Ok((Attribute { name, raw }, rest.get(1..).unwrap_or_default()))
}
