//! `$expand`: what comes along with a resource.

use super::super::refusal::GraphRefusal;
use super::{Query, Resource};

/// One navigation property that comes along, with options of its own.
#[derive(Clone, Debug)]
pub(in crate::simulator) struct Expand {
    /// As in the request, as `attachments` or `microsoft.graph.eventMessage/event`.
    pub(in crate::simulator) path: String,
    /// Its options, as `$select`.
    options: Vec<(String, String)>,
}

impl Expand {
    /// Reads all of a `$expand`.
    pub(super) fn read(text: &str, resource: &Resource) -> Result<Vec<Self>, GraphRefusal> {
        let mut all = Vec::new();
        for one in split(text, ',').into_iter().map(str::trim) {
            let (path, options) = match one.split_once('(') {
                None => (one, ""),
                Some((path, rest)) => {
                    let inner = rest.strip_suffix(')').ok_or_else(|| {
                        GraphRefusal::bad_request(format!(
                            "Found an unbalanced bracket expression in '{text}'."
                        ))
                    })?;
                    (path, inner)
                }
            };
            let known = resource.expandable.iter();
            if !known
                .clone()
                .any(|known| known.eq_ignore_ascii_case(path.trim()))
            {
                return Err(GraphRefusal::bad_request(format!(
                    "Parsing OData Select and Expand failed: Could not find a property named '{path}' on type '{}'.",
                    resource.name
                )));
            }
            let options = split(options, ';').into_iter().filter_map(|option| {
                let (name, value) = option.split_once('=')?;
                Some((name.trim().to_owned(), value.trim().to_owned()))
            });
            all.push(Self {
                path: path.trim().to_owned(),
                options: options.collect(),
            });
        }
        Ok(all)
    }

    /// The property that it fills.
    pub(in crate::simulator) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    pub(in crate::simulator) fn option(&self, name: &str) -> Option<&str> {
        let mut all = self.options.iter();
        let found = all.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The options, read for the resources that come along.
    pub(in crate::simulator) fn query(&self, resource: &Resource) -> Result<Query, GraphRefusal> {
        Query::of(resource, |name| self.option(name))
    }

    /// The ids in a filter of extended properties: `id eq 'String 0x0070' or id eq '…'`.
    pub(in crate::simulator) fn extended_ids(&self) -> Result<Vec<String>, GraphRefusal> {
        let invalid = || {
            GraphRefusal::new(
                400,
                "ErrorInvalidUrlQueryFilter",
                "Extended properties are expanded with a filter of their ids: id eq '{id}'.",
            )
        };
        let filter = self.option("$filter").ok_or_else(invalid)?;
        let parts: Vec<&str> = split(filter, '\'');
        // Between quotation marks are the ids, around them only words.
        let joins = parts.iter().step_by(2);
        let fits = joins.enumerate().all(|(at, text)| {
            let text = text.trim().trim_matches(['(', ')']).trim();
            let last = at * 2 + 1 == parts.len();
            match (at, last) {
                (_, true) => text.is_empty(),
                (0, false) => text.eq_ignore_ascii_case("id eq"),
                _ => {
                    let words: Vec<&str> = text
                        .split(|c: char| c.is_whitespace() || matches!(c, '(' | ')'))
                        .filter(|word| !word.is_empty())
                        .collect();
                    words == ["or", "id", "eq"]
                }
            }
        });
        let ids: Vec<String> = parts
            .iter()
            .skip(1)
            .step_by(2)
            .map(|id| (*id).to_owned())
            .collect();
        match fits && parts.len() % 2 == 1 && !ids.is_empty() {
            true => Ok(ids),
            false => Err(invalid()),
        }
    }
}

/// Splits where a sign stands outside parentheses and quotation marks; at quotation marks everywhere.
fn split(text: &str, sign: char) -> Vec<&str> {
    if sign == '\'' {
        return text.split(sign).collect();
    }
    let mut parts = Vec::new();
    let (mut depth, mut quoted, mut begin) = (0_usize, false, 0);
    for (at, one) in text.char_indices() {
        match one {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth = depth.saturating_sub(1),
            _ if one == sign && depth == 0 && !quoted => {
                parts.push(text.get(begin..at).unwrap_or_default());
                begin = at + one.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(text.get(begin..).unwrap_or_default());
    parts.retain(|part| !part.trim().is_empty());
    parts
}
