//! XML in and out: the only module that knows quick-xml.
//!
//! Reading is by pull: an [`Element`] is one open element and [`Element::next_child`] walks its
//! children. Writing is by [`Tag`]: an open start tag that takes attributes, then content, and
//! closes itself. Both follow the document, so code reads like the XML it stands for.

mod attributes;
mod base64;
mod element;
mod extract;
mod form;
mod insert;
mod json;
mod names;
mod namespace;
mod place;
mod problem;
mod read;
mod reader;
mod reference;
mod scalar;
mod stream;
mod time;
mod write;

pub(crate) use element::{ListItem, ReadElement, WriteElement};
pub(crate) use extract::{Extract, Gap, Place};
pub(crate) use insert::{Inserted, insert};
pub(crate) use json::{add_member, to_json};
pub(crate) use names::{name_key, names};
pub(crate) use namespace::Namespace;
pub(crate) use problem::{Error, Notes, Problem};
#[cfg(test)]
pub(crate) use read::read_unlocated;
pub(crate) use read::{Element, read_document};
pub use scalar::Base64;
pub(crate) use scalar::{ReadScalar, WriteScalar};
pub(crate) use stream::split_documents;
pub(crate) use write::{Children, Tag};
