//! More about a refusal: `MessageXml`, in the three shapes servers give it.

use serde::Serialize;

use crate::xml::{Element, Problem};

/// Something a server says about a refusal, by name.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Value {
    /// What it is about: `BackOffMilliseconds`, `FieldURI`, `InnerErrorResponseCode` …
    pub name: String,
    /// What it says.
    pub value: String,
}

/// What stands in `MessageXml`: values with names, paths of properties, or elements of whatever
/// namespace.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/messagexml>
#[derive(Clone, Debug, Default)]
pub(crate) struct MessageXml(pub(crate) Vec<Value>);

impl MessageXml {
    pub(crate) fn read(node: &mut Element<'_, '_>) -> Result<Self, Problem> {
        let mut values = Vec::new();
        while let Some(mut child) = node.next_child_of_any()? {
            let name = match child.attribute("Name")? {
                Some(name) => name,
                None => child.name().to_owned(),
            };
            let attribute = match child.attribute::<String>("FieldURI")? {
                Some(uri) => Some(uri),
                None => extended_uri(&mut child)?,
            };
            let value = match attribute {
                Some(value) => value,
                None => child.inner_text()?,
            };
            values.push(Value { name, value });
        }
        Ok(Self(values))
    }

    pub(crate) fn number(&self, name: &str) -> Option<u32> {
        self.find(name)?.trim().parse().ok()
    }

    /// How long to wait. What is no number, or negative, is no hint; and nobody waits for weeks.
    pub(crate) fn back_off_milliseconds(&self) -> Option<u64> {
        const DAY: u64 = 24 * 60 * 60 * 1000;
        let text = self.find("BackOffMilliseconds")?.trim();
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        Some(text.parse().map_or(DAY, |wait: u64| wait.min(DAY)))
    }

    fn find(&self, name: &str) -> Option<&str> {
        let is_it = |value: &&Value| value.name.eq_ignore_ascii_case(name);
        self.0.iter().find(is_it).map(|value| value.value.as_str())
    }
}

fn extended_uri(node: &mut Element<'_, '_>) -> Result<Option<String>, Problem> {
    if node.name() != "ExtendedFieldURI" {
        return Ok(None);
    }
    for attribute in ["PropertyTag", "PropertyName", "PropertyId"] {
        if let Some(value) = node.attribute(attribute)? {
            return Ok(Some(value));
        }
    }
    Ok(None)
}
