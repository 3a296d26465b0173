use serde::Serialize;

use crate::xml::{Element, Problem, ReadElement, Tag, WriteElement, names};

names! {
    /// The form of a body.
    pub open enum BodyType {
        Html = "HTML",
        Text = "Text",
    }
}

/// The text of an item.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/body>
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Body {
    /// Its form.
    pub body_type: BodyType,
    /// Whether the server cut it. Exchange 2010 and later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_truncated: Option<bool>,
    /// The text itself.
    pub value: String,
}

impl Body {
    /// A plain text.
    pub fn text(value: impl Into<String>) -> Self {
        Self {
            body_type: BodyType::Text,
            is_truncated: None,
            value: value.into(),
        }
    }

    /// A text in HTML.
    pub fn html(value: impl Into<String>) -> Self {
        Self {
            body_type: BodyType::Html,
            is_truncated: None,
            value: value.into(),
        }
    }
}

impl ReadElement for Body {
    fn read_element(node: &mut Element<'_, '_>) -> Result<Option<Self>, Problem> {
        Ok(Some(Self {
            body_type: node.attribute("BodyType")?.unwrap_or(BodyType::Text),
            is_truncated: node.attribute("IsTruncated")?,
            value: node.text()?,
        }))
    }
}

impl WriteElement for Body {
    fn write_element(&self, tag: Tag<'_>) {
        tag.attribute("BodyType", &self.body_type).text(&self.value);
    }
}

/// An item as MIME, in base64.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/mimecontent>
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct MimeContent {
    /// The character set, as `UTF-8`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub character_set: Option<String>,
    /// The MIME stream in base64, as the server wrote it.
    pub value: String,
}

impl MimeContent {
    /// A MIME stream, already in base64, in the character set it says itself.
    pub fn new(base64: impl Into<String>) -> Self {
        Self {
            character_set: None,
            value: base64.into(),
        }
    }
}

impl ReadElement for MimeContent {
    fn read_element(node: &mut Element<'_, '_>) -> Result<Option<Self>, Problem> {
        Ok(Some(Self {
            character_set: node.attribute("CharacterSet")?,
            value: node.text()?,
        }))
    }
}

impl WriteElement for MimeContent {
    fn write_element(&self, tag: Tag<'_>) {
        tag.attribute_if("CharacterSet", self.character_set.as_ref())
            .text(&self.value);
    }
}
