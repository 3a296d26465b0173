//! The schema in `wsdl/` as data: what the tests and the generator of names ask of it.

use std::fs;
use std::path::{Path, PathBuf};

use roxmltree::{Document, Node};

/// The namespace of our own marks: `since`, `added`, `variant`.
pub(crate) const MARKS: &str = "urn:exchange-connector:schema";

/// The folder of the schema.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("wsdl")
}

/// The text of a file of the schema, by its path in `wsdl/`.
pub(crate) fn text(path: &str) -> String {
    let path = folder().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A value that a simple type allows.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Value {
    /// As it is on the wire.
    pub(crate) name: String,
    /// The first version of the protocol that knows it, if that is not the oldest.
    pub(crate) since: Option<String>,
    /// The name in Rust, where the wire's name has no words.
    pub(crate) variant: Option<String>,
}

/// The values of the simple type `name` in the file `path`, in the order of the file.
pub(crate) fn enumeration(path: &str, name: &str) -> Vec<Value> {
    let text = text(path);
    let document = Document::parse(&text).unwrap();
    let values: Vec<Value> = document
        .descendants()
        .find(|node| is(*node, "simpleType") && node.attribute("name") == Some(name))
        .unwrap_or_else(|| panic!("no {name} in {path}"))
        .descendants()
        .filter(|node| is(*node, "enumeration"))
        .map(|node| Value {
            name: node.attribute("value").unwrap().to_owned(),
            since: mark(node, "since"),
            variant: mark(node, "variant"),
        })
        .collect();
    assert!(!values.is_empty(), "{name} allows nothing");
    values
}

fn is(node: Node<'_, '_>, name: &str) -> bool {
    node.has_tag_name(("http://www.w3.org/2001/XMLSchema", name))
}

fn mark(node: Node<'_, '_>, name: &str) -> Option<String> {
    node.attribute((MARKS, name)).map(str::to_owned)
}
