use serde::{Serialize, Serializer};

use crate::xml::{self, Element, Problem, ReadElement, Tag, WriteElement};

/// An element as it stood in the answer, for what this crate has no type for.
///
/// Prefixes are those of the answer; their declarations may stand outside of it.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct RawXml(pub String);

impl ReadElement for RawXml {
    fn read_element(node: &mut Element<'_, '_>) -> Result<Option<Self>, Problem> {
        Ok(Some(Self(node.raw()?.to_owned())))
    }
}

impl WriteElement for RawXml {
    /// Such elements are read only: nothing of them is written but the name.
    fn write_element(&self, tag: Tag<'_>) {
        drop(tag);
    }
}

impl Serialize for RawXml {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        xml::to_json(&self.0).serialize(serializer)
    }
}
