//! Tags and texts, in XML, in web pages, and in what is neither.
//!
//! Nothing is refused: what is no tag is text. So nothing of a document is lost on those who look for what must not
//! be shown.

/// A piece of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// What stands between tags, with its references.
    Text(&'a str),
    /// What stands in `<![CDATA[…]]>`.
    CharacterData(&'a str),
    /// What stands in `<!--…-->`.
    Comment(&'a str),
    /// What stands in `<?…?>`.
    Instruction(&'a str),
    /// What stands in `<!…>`.
    Declaration(&'a str),
    /// `<name …>` or `<name …/>`.
    Start {
        name: &'a str,
        attributes: &'a str,
        is_empty: bool,
    },
    /// `</name>`.
    End(&'a str),
    /// From a `<` to the end of a document that breaks off there.
    Cut(&'a str),
}

/// The pieces of a document in their order.
pub(super) struct Lexer<'a> {
    rest: &'a str,
    /// The text up to this end tag is a script or a style.
    raw_until: Option<&'static str>,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            rest: text,
            raw_until: None,
        }
    }

    /// What follows is the text of this element, whatever it looks like.
    pub(super) fn raw(&mut self, end: &'static str) {
        self.raw_until = Some(end);
    }

    /// What stands between the ends of such a piece.
    fn between(&mut self, begin: &str, end: &str) -> Option<&'a str> {
        let inner = self.rest.strip_prefix(begin)?;
        let (inner, rest) = inner.split_once(end)?;
        self.rest = rest;
        Some(inner)
    }

    fn markup(&mut self) -> Token<'a> {
        let all = self.rest;
        for (begin, end, token) in PIECES {
            if all.starts_with(begin) {
                return match self.between(begin, end) {
                    Some(inner) => token(inner),
                    None => self.cut(),
                };
            }
        }
        if all.starts_with("</") {
            let end = all
                .char_indices()
                .skip(1)
                .find(|(_, c)| matches!(c, '<' | '>'));
            return match end {
                Some((at, '>')) => match split_around(all, at) {
                    Some((name, rest)) => {
                        self.rest = rest;
                        Token::End(name.trim_start_matches("</").trim_ascii_end())
                    }
                    None => self.cut(),
                },
                Some(_) => self.text(),
                None => self.cut(),
            };
        }
        let inner = all.strip_prefix('<').unwrap_or(all);
        if !inner.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | ':')) {
            return match inner.is_empty() {
                true => self.cut(),
                false => self.text(),
            };
        }
        let (tag, rest) = match end_of_tag(inner) {
            Ok(Some(parts)) => parts,
            Ok(None) => return self.cut(),
            Err(NoTag) => return self.text(),
        };
        self.rest = rest;
        let (tag, is_empty) = match tag.strip_suffix('/') {
            Some(tag) => (tag, true),
            None => (tag, false),
        };
        let end = tag.find(|c: char| c.is_ascii_whitespace() || c == '/');
        let (name, attributes) = tag
            .split_at_checked(end.unwrap_or(tag.len()))
            .unwrap_or((tag, ""));
        Token::Start {
            name,
            attributes,
            is_empty,
        }
    }

    /// Up to the next `<`, which may be the second character but not the first.
    fn text(&mut self) -> Token<'a> {
        let mut from = self.rest.char_indices();
        from.next();
        let end = from
            .find(|(_, c)| *c == '<')
            .map_or(self.rest.len(), |(at, _)| at);
        let (text, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        Token::Text(text)
    }

    fn cut(&mut self) -> Token<'a> {
        Token::Cut(std::mem::take(&mut self.rest))
    }
}

impl<'a> Iterator for Lexer<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        if let Some(end) = self.raw_until.take() {
            let is_end = |at: &usize| {
                let here = self.rest.get(*at..*at + end.len());
                here.is_some_and(|here| here.eq_ignore_ascii_case(end))
            };
            let ends = self.rest.match_indices("</").map(|(at, _)| at);
            let at = { ends }.find(is_end).unwrap_or(self.rest.len());
            let (text, rest) = self.rest.split_at_checked(at).unwrap_or((self.rest, ""));
            self.rest = rest;
            if !text.is_empty() {
                return Some(Token::Text(text));
            }
        }
        if self.rest.is_empty() {
            return None;
        }
        Some(match self.rest.starts_with('<') {
            true => self.markup(),
            false => self.text(),
        })
    }
}

type Make = for<'a> fn(&'a str) -> Token<'a>;

const PIECES: [(&str, &str, Make); 4] = [
    ("<!--", "-->", |inner| Token::Comment(inner)),
    ("<![CDATA[", "]]>", |inner| Token::CharacterData(inner)),
    ("<?", "?>", |inner| Token::Instruction(inner)),
    ("<!", ">", |inner| Token::Declaration(inner)),
];

struct NoTag;

/// What is before the `>` that ends a tag, and after it; `None` if there is none. One within quotes does not end it, if
/// the quotes do.
fn end_of_tag(inner: &str) -> Result<Option<(&str, &str)>, NoTag> {
    let mut quote = None;
    let mut first = None;
    for (at, c) in inner.char_indices() {
        match (quote, c) {
            (None, '>') => return Ok(split_around(inner, at)),
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            (_, '>') => first = first.or(Some(at)),
            // no value of an attribute has one: the quote was none
            (_, '<') => return first.map(|at| split_around(inner, at)).ok_or(NoTag),
            _ => {}
        }
    }
    Ok(first.and_then(|at| split_around(inner, at)))
}

fn split_around(text: &str, at: usize) -> Option<(&str, &str)> {
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// One attribute of a start tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Attribute<'a> {
    pub(super) name: &'a str,
    /// Without its quotes; `None` if there is none.
    pub(super) value: Option<&'a str>,
    /// The quotes; `None` if there are none, which XML does not allow.
    pub(super) quote: Option<char>,
}

/// The attributes of a start tag.
pub(super) fn attributes(mut rest: &str) -> Vec<Attribute<'_>> {
    let mut found = Vec::new();
    loop {
        rest = rest.trim_ascii_start();
        if rest.is_empty() {
            return found;
        }
        let end = rest
            .char_indices()
            .skip(1)
            .find(|(_, c)| c.is_ascii_whitespace() || *c == '=')
            .map_or(rest.len(), |(at, _)| at);
        let (name, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let Some(value) = after.trim_ascii_start().strip_prefix('=') else {
            found.push(Attribute {
                name,
                value: None,
                quote: None,
            });
            rest = after;
            continue;
        };
        let value = value.trim_ascii_start();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let quoted = quote.and_then(|quote| value.get(1..)?.split_once(quote));
        let (value, after, quote) = match quoted {
            Some((value, after)) => (value, after, quote),
            None => {
                let end = value.find(|c: char| c.is_ascii_whitespace());
                let (value, after) = value
                    .split_at_checked(end.unwrap_or(value.len()))
                    .unwrap_or((value, ""));
                (value, after, None)
            }
        };
        found.push(Attribute {
            name,
            value: Some(value),
            quote,
        });
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_piece_has_its_kind() {
        let document = "<?xml version='1.0'?><!DOCTYPE html><!-- c --><a:b c='>' d=\"e\"/>t &amp; 1 < 2<x><![CDATA[<y>]]></x ><";
        let tokens: Vec<Token<'_>> = Lexer::new(document).collect();
        let start = |name, attributes, is_empty| Token::Start {
            name,
            attributes,
            is_empty,
        };
        assert_eq!(
            tokens,
            [
                Token::Instruction("xml version='1.0'"),
                Token::Declaration("DOCTYPE html"),
                Token::Comment(" c "),
                start("a:b", " c='>' d=\"e\"", true),
                Token::Text("t &amp; 1 "),
                Token::Text("< 2"),
                start("x", "", false),
                Token::CharacterData("<y>"),
                Token::End("x"),
                Token::Cut("<"),
            ]
        );
    }

    #[test]
    fn scripts_are_text() {
        let mut lexer = Lexer::new("<script>if (a < b) '<p>'</SCRIPT>x");
        lexer.next();
        lexer.raw("</script");
        assert_eq!(lexer.next(), Some(Token::Text("if (a < b) '<p>'")));
        assert_eq!(lexer.next(), Some(Token::End("SCRIPT")));
    }

    #[test]
    fn attributes_also_wrong_ones() {
        let read: Vec<_> = attributes(" a = 'b c' d=\"e\"f=g h \" =i='")
            .into_iter()
            .map(|it| (it.name, it.value, it.quote))
            .collect();
        assert_eq!(
            read,
            [
                ("a", Some("b c"), Some('\'')),
                ("d", Some("e"), Some('"')),
                ("f", Some("g"), None),
                ("h", None, None),
                ("\"", Some("i='"), None),
            ]
        );
    }

    proptest! {
        /// Nothing is lost, and it ends.
        #[test]
        fn all_of_a_document_is_seen(document in "[<>/!?a-z\"'= \\[\\]&ü-]{0,200}") {
            let seen: usize = Lexer::new(&document)
                .map(|token| match token {
                    Token::Text(it) | Token::Cut(it) => it.len(),
                    Token::CharacterData(it) => it.len() + 12,
                    Token::Comment(it) => it.len() + 7,
                    Token::Instruction(it) => it.len() + 4,
                    Token::Declaration(it) => it.len() + 3,
                    Token::Start { name, attributes, is_empty } => {
                        name.len() + attributes.len() + 2 + usize::from(is_empty)
                    }
                    Token::End(name) => name.len() + 3,
                })
                .sum();
            // white space at the end of an end tag
            prop_assert!(seen <= document.len());
            prop_assert!(seen + document.matches(' ').count() >= document.len());
        }
    }
}
