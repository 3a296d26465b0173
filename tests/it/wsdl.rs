//! The schema in `wsdl/` as data: what the tests and the generator of names ask of it.
//!
//! It reads any schema written with the prefixes `m:`, `t:` and `xs:`, so also Microsoft's.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use roxmltree::{Document, Node};

const XSD: &str = "http://www.w3.org/2001/XMLSchema";
const MARKS: &str = "urn:exchange-connector:schema";

/// The folder of our schema.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("wsdl")
}

/// The text of a file of our schema, by its path in `wsdl/`.
pub(crate) fn text(path: &str) -> String {
    read(&folder().join(path))
}

/// The values of the simple type `name` in the file `path`, in the order of the file.
pub(crate) fn enumeration(path: &str, name: &str) -> Vec<Value> {
    let text = text(path);
    let document = Document::parse(&text).unwrap();
    let definition = document
        .descendants()
        .find(|node| is(*node, "simpleType") && node.attribute("name") == Some(name))
        .unwrap_or_else(|| panic!("no {name} in {path}"));
    let mut found = Type::default();
    found.collect(definition, "");
    assert!(!found.values.is_empty(), "{name} allows nothing");
    found.values
}

/// A schema by the names of its types: `t:ItemType`. A type written inside an element is named
/// after where it is: `t:GroupByType/t:AggregateOn`, `element t:RequestServerVersion`.
#[derive(Debug, Default)]
pub(crate) struct Schema {
    pub(crate) types: BTreeMap<String, Type>,
    /// The global elements, `m:GetItem`.
    pub(crate) elements: BTreeSet<String>,
    /// The types of global elements, where they are named.
    pub(crate) element_types: BTreeMap<String, String>,
    /// The first versions of global elements that are newer than the oldest.
    pub(crate) newer: BTreeMap<String, String>,
}

/// A type, a group or an attribute group.
#[derive(Debug, Default)]
pub(crate) struct Type {
    pub(crate) base: Option<String>,
    /// It has only what it names itself: a restriction of its base.
    pub(crate) restricted: bool,
    /// In the order of the schema, the base's not among them.
    pub(crate) children: Vec<Child>,
    pub(crate) attributes: BTreeMap<String, Attribute>,
    pub(crate) values: Vec<Value>,
    /// The first versions of children and attributes that are newer than the type.
    pub(crate) newer: BTreeMap<String, String>,
}

/// An element a type contains.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Child {
    /// With its prefix: `t:Subject`; of a group: its name.
    pub(crate) name: String,
    /// `(ref)` for a reference, `(group)` for a group, `(inline)` for a type written inside.
    pub(crate) of: String,
    pub(crate) min: String,
    pub(crate) max: String,
}

/// An attribute of a type.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Attribute {
    pub(crate) of: String,
    pub(crate) required: bool,
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
    /// Servers send it although Microsoft's schema does not have it.
    pub(crate) added: bool,
}

impl Schema {
    /// Our own.
    pub(crate) fn ours() -> Self {
        Self::read(&folder())
    }

    /// All `.xsd` files of a folder and the folders in it.
    pub(crate) fn read(folder: &Path) -> Self {
        let mut schema = Self::default();
        for path in files(folder, "xsd") {
            let text = read(&path);
            let document = Document::parse(&text).unwrap();
            let root = document.root_element();
            let prefix = match root.attribute("targetNamespace") {
                Some(name) if name.ends_with("2006/messages") => "m",
                Some(name) if name.ends_with("2006/types") => "t",
                _ => continue,
            };
            for node in root.children().filter(|node| node.has_attribute("name")) {
                let name = format!("{prefix}:{}", node.attribute("name").unwrap());
                if is(node, "element") {
                    schema.define(node, format!("element {name}"), prefix);
                    if let Some(of) = node.attribute("type") {
                        schema.element_types.insert(name.clone(), of.to_owned());
                    }
                    if let Some(since) = mark(node, "since") {
                        schema.newer.insert(name.clone(), since);
                    }
                    schema.elements.insert(name);
                } else {
                    schema.define(node, name, prefix);
                }
            }
        }
        schema
    }

    /// Whether a type or one it builds on is a restriction.
    pub(crate) fn is_restricted(&self, name: &str) -> bool {
        self.types.get(name).is_some_and(|of| {
            of.restricted
                || of
                    .base
                    .as_ref()
                    .is_some_and(|base| self.is_restricted(base))
        })
    }

    /// Whether a type is that one, or extends it or has it as a group.
    pub(crate) fn builds_on(&self, name: &str, other: &str) -> bool {
        name == other
            || self.types.get(name).is_some_and(|of| {
                let groups = of.children.iter().filter(|child| child.of == "(group)");
                of.base
                    .iter()
                    .chain(groups.map(|group| &group.name))
                    .any(|part| self.builds_on(part, other))
            })
    }

    fn define(&mut self, node: Node<'_, '_>, name: String, prefix: &str) {
        let mut found = Type::default();
        found.collect(node, prefix);
        for inner in node.descendants().skip(1).filter(|it| is(*it, "element")) {
            if let Some(of) = inner.children().find(|it| is(*it, "complexType")) {
                let inner = inner.attribute("name").unwrap();
                self.define(of, format!("{name}/{prefix}:{inner}"), prefix);
            }
        }
        self.types.insert(name, found);
    }

    /// The children a complex type may have, in the order they must have: those of the base types
    /// first, those of groups in their place.
    ///
    /// This is what the order of writing in `src/ews/types` is to be compared with:
    /// `child_order("t:CalendarItemType")` begins with `t:MimeContent`.
    pub(crate) fn child_order(&self, name: &str) -> Vec<Child> {
        let of = self
            .types
            .get(name)
            .unwrap_or_else(|| panic!("no type {name}"));
        let mut order = match &of.base {
            Some(base) if !of.restricted && self.types.contains_key(base) => self.child_order(base),
            _ => Vec::new(),
        };
        for child in &of.children {
            match child.of.as_str() {
                "(group)" => order.extend(self.child_order(&child.name)),
                _ => order.push(child.clone()),
            }
        }
        order
    }
}

impl Type {
    fn collect(&mut self, node: Node<'_, '_>, prefix: &str) {
        let text = |node: Node<'_, '_>, name| node.attribute(name).map(str::to_owned);
        for part in node.children().filter(Node::is_element) {
            match part.tag_name().name() {
                "annotation" | "any" | "anyAttribute" => {}
                "element" | "group" => {
                    let name = match (part.attribute("name"), part.attribute("ref")) {
                        (Some(name), _) => format!("{prefix}:{name}"),
                        (None, reference) => reference.unwrap().to_owned(),
                    };
                    if let Some(since) = mark(part, "since") {
                        self.newer.insert(name.clone(), since);
                    }
                    self.children.push(Child {
                        name,
                        of: match (is(part, "group"), part.attribute("type")) {
                            (true, _) => "(group)".to_owned(),
                            (false, Some(of)) => of.to_owned(),
                            (false, None) if part.has_attribute("ref") => "(ref)".to_owned(),
                            (false, None) => "(inline)".to_owned(),
                        },
                        min: text(part, "minOccurs").unwrap_or_else(|| "1".to_owned()),
                        max: text(part, "maxOccurs").unwrap_or_else(|| "1".to_owned()),
                    });
                }
                "attribute" => {
                    let name = text(part, "name").or_else(|| text(part, "ref")).unwrap();
                    if let Some(since) = mark(part, "since") {
                        self.newer.insert(format!("@{name}"), since);
                    }
                    let attribute = Attribute {
                        of: text(part, "type").unwrap_or_default(),
                        required: part.attribute("use") == Some("required"),
                    };
                    self.attributes.insert(name, attribute);
                }
                "enumeration" => self.values.push(Value {
                    name: text(part, "value").unwrap(),
                    since: mark(part, "since"),
                    variant: mark(part, "variant"),
                    added: mark(part, "added").is_some(),
                }),
                _ => {
                    if let Some(base) = part.attribute("base") {
                        self.base = Some(base.to_owned());
                        self.restricted = is(part, "restriction");
                    }
                    self.collect(part, prefix);
                }
            }
        }
    }
}

/// The files with that ending in a folder and in the folders in it, in order.
pub(crate) fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.extension().is_some_and(|it| it == ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The text of a file; a byte order mark is not part of it.
pub(crate) fn read(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    text.trim_start_matches('\u{feff}').to_owned()
}

fn is(node: Node<'_, '_>, name: &str) -> bool {
    node.has_tag_name((XSD, name))
}

fn mark(node: Node<'_, '_>, name: &str) -> Option<String> {
    node.attribute((MARKS, name)).map(str::to_owned)
}
