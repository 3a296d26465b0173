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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml;

    fn read(content: &str) -> MessageXml {
        let xml = format!("<MessageXml>{content}</MessageXml>");
        xml::read_document(&xml, MessageXml::read).unwrap().0
    }

    fn pairs(content: &str) -> Vec<(String, String)> {
        let values = read(content).0.into_iter();
        values.map(|value| (value.name, value.value)).collect()
    }

    #[test]
    fn every_shape() {
        let content = "<Value Name='Policy'>a &amp; b</Value>\
            <FieldURI FieldURI='item:Subject'/>\
            <IndexedFieldURI FieldURI='contacts:EmailAddress' FieldIndex='EmailAddress1'/>\
            <ExtendedFieldURI PropertyTag='0x3007' PropertyType='SystemTime'/>\
            <ExtendedFieldURI PropertySetId='x' PropertyId='35' PropertyType='Binary'/>\
            <LineNumber xmlns='urn:other'>4</LineNumber>\
            <Deep><Er>1</Er><Er>2</Er></Deep>";
        let expected = [
            ("Policy", "a & b"),
            ("FieldURI", "item:Subject"),
            ("IndexedFieldURI", "contacts:EmailAddress"),
            ("ExtendedFieldURI", "0x3007"),
            ("ExtendedFieldURI", "35"),
            ("LineNumber", "4"),
            ("Deep", "12"),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(pairs(content), expected);
        assert_eq!(read(content).number("LineNumber"), Some(4));
    }

    #[test]
    fn how_long_to_wait() {
        let day = 24 * 60 * 60 * 1000;
        for (text, wait) in [
            ("297749", Some(297_749)),
            (" 3000\n", Some(3000)),
            ("0", Some(0)),
            ("99999999999999999999", Some(day)),
            ("864000000", Some(day)),
            ("-5", None),
            ("+5", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
        ] {
            let content = format!(
                "<Value Name='x'>1</Value><Value Name='BackOffMilliseconds'>{text}</Value>"
            );
            assert_eq!(read(&content).back_off_milliseconds(), wait, "{text}");
        }
        let element = "<BackOffMilliseconds xmlns='urn:errors'>5000</BackOffMilliseconds>";
        assert_eq!(read(element).back_off_milliseconds(), Some(5000));
        assert_eq!(read("").back_off_milliseconds(), None);
    }
}
