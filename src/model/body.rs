//! The text of an item.

use serde::{Deserialize, Serialize};

/// The text of an item.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Body {
    /// What the content is written in.
    pub format: BodyFormat,
    /// The text.
    pub content: String,
    /// The server cut it off. Only EWS does so (`IsTruncated`, Exchange 2013), and only when asked to.
    pub truncated: bool,
}

impl Body {
    /// Plain text.
    pub fn text(content: impl Into<String>) -> Self {
        Self {
            format: BodyFormat::Text,
            content: content.into(),
            truncated: false,
        }
    }

    /// HTML.
    pub fn html(content: impl Into<String>) -> Self {
        Self {
            format: BodyFormat::Html,
            content: content.into(),
            truncated: false,
        }
    }
}

/// What a body is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BodyFormat {
    /// HTML.
    Html,
    /// Plain text.
    Text,
}

/// What to ask for; the answer says what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BodyWanted {
    /// As it is stored: EWS `Best`. HTML where the server has no such thing, as Graph; see
    /// [`Feature::NativeBodies`](crate::Feature::NativeBodies).
    #[default]
    Native,
    /// HTML, converted by the server where it is stored otherwise.
    Html,
    /// Plain text, converted by the server where it is stored otherwise.
    Text,
}
