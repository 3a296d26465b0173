//! The words of a `$filter`.

use super::super::refusal::GraphRefusal;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Open,
    Close,
    Comma,
    /// `'…'`, with `''` read as one.
    Text(String),
    /// A name, a path, an operator, a number or a time.
    Word(String),
}

/// That a filter cannot be read.
pub(super) fn invalid(why: &str) -> GraphRefusal {
    GraphRefusal::bad_request(format!("Invalid filter clause: {why}."))
}

pub(super) fn tokens(text: &str) -> Result<Vec<Token>, GraphRefusal> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let after = rest.get(first.len_utf8()..).unwrap_or_default();
        let left = match first {
            '(' => {
                tokens.push(Token::Open);
                after
            }
            ')' => {
                tokens.push(Token::Close);
                after
            }
            ',' => {
                tokens.push(Token::Comma);
                after
            }
            '\'' => {
                let (text, after) = quoted(after)?;
                tokens.push(Token::Text(text));
                after
            }
            _ => {
                let is_end = |one: char| one.is_whitespace() || "(),'".contains(one);
                let end = rest.find(is_end).unwrap_or(rest.len());
                let (word, after) = rest.split_at(end);
                tokens.push(Token::Word(word.to_owned()));
                after
            }
        };
        rest = left.trim_start();
    }
    Ok(tokens)
}

/// A text up to its closing quotation mark, and what comes behind.
fn quoted(text: &str) -> Result<(String, &str), GraphRefusal> {
    let mut out = String::new();
    let mut rest = text;
    loop {
        let (part, after) = rest
            .split_once('\'')
            .ok_or_else(|| invalid("there is an unterminated string literal"))?;
        out.push_str(part);
        match after.strip_prefix('\'') {
            Some(after) => {
                out.push('\'');
                rest = after;
            }
            None => return Ok((out, after)),
        }
    }
}
