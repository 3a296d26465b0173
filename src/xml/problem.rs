//! What can be wrong with a document, and what may be unusual.

use std::fmt;

use super::namespace::MAX_BINDINGS;
use super::reader::{MAX_ATTRIBUTES, MAX_DEPTH};

/// A document that could not be read, and where.
#[derive(Debug, thiserror::Error)]
#[error("{problem} (at byte {position}, in {path})")]
pub(crate) struct Error {
    pub(crate) problem: Problem,
    pub(crate) path: String,
    pub(crate) position: usize,
}

/// Why a document could not be read.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Problem {
    #[error("a document type declaration is not allowed")]
    Doctype,
    #[error("malformed XML: {0}")]
    Malformed(String),
    #[error("{0} is missing")]
    Missing(&'static str),
    #[error("wrong base64")]
    NotBase64,
    #[error("this is not XML")]
    NotXml,
    #[error("an element has more than {MAX_ATTRIBUTES} attributes")]
    TooManyAttributes,
    #[error("more than {MAX_BINDINGS} namespaces are declared at once")]
    TooManyNamespaces,
    #[error("elements nest deeper than {MAX_DEPTH} levels")]
    TooDeep,
    #[error("the document ends too early")]
    Truncated,
    #[error("an element where text was expected")]
    UnexpectedChild,
    #[error("{0} where {1} was expected")]
    Unexpected(String, &'static str),
    #[error("<{found}> is no answer to {operation}")]
    OtherAnswer { found: String, operation: String },
    #[error("{got} answers came to {requested} questions")]
    WrongCount { requested: usize, got: usize },
    #[error("an entity this document does not define")]
    UnknownEntity,
}

impl Problem {
    /// Whether the document is no well-formed XML, or is beyond what is read of one.
    pub(super) fn is_of_form(&self) -> bool {
        match self {
            Self::Doctype
            | Self::Malformed(_)
            | Self::NotXml
            | Self::TooDeep
            | Self::TooManyAttributes
            | Self::TooManyNamespaces
            | Self::Truncated
            | Self::UnknownEntity => true,
            Self::Missing(_)
            | Self::NotBase64
            | Self::OtherAnswer { .. }
            | Self::Unexpected(..)
            | Self::UnexpectedChild
            | Self::WrongCount { .. } => false,
        }
    }

    pub(super) fn malformed(what: impl fmt::Display) -> Self {
        Self::Malformed(what.to_string())
    }
}

/// What was unusual about a document, though it could be read.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Notes {
    /// Characters XML does not know, which became U+FFFD.
    pub(crate) replaced_characters: u64,
    /// Elements nothing here knows.
    pub(crate) skipped_elements: u64,
    /// Values that are not what their element holds, as 30 February.
    pub(crate) unreadable_values: u64,
}
