//! What fastxml does not look at: in which namespace an element stands, and since which version of
//! the protocol it is known.
//!
//! fastxml 0.12 compares the children of an element by their local names: `t:Items` passes for
//! `m:Items`. Exchange refuses that, and it is an easy mistake to make.

use std::collections::HashMap;

use roxmltree::{Document, Node};

const XSD: &str = "http://www.w3.org/2001/XMLSchema";
const MARKS: &str = "urn:exchange-connector:schema";

/// The namespaces of an envelope, by the prefixes they have in `wsdl/`.
const PREFIXES: [(&str, &str); 3] = [
    (
        "m",
        "http://schemas.microsoft.com/exchange/services/2006/messages",
    ),
    ("s", "http://schemas.xmlsoap.org/soap/envelope/"),
    (
        "t",
        "http://schemas.microsoft.com/exchange/services/2006/types",
    ),
];

/// What is wrong with a document, and where.
pub(super) struct Finding {
    pub(super) message: String,
    /// In bytes from the start.
    pub(super) offset: usize,
}

/// The elements, attributes and values of the whole schema, with their marks `since`.
#[derive(Default)]
pub(super) struct Grammar {
    /// The names of versions, oldest first.
    versions: Vec<String>,
    types: Vec<Type>,
    /// Named types, groups and attribute groups, `t:ItemType`; and for each head of a substitution
    /// group those that may stand for it, `head t:Path`.
    named: HashMap<String, usize>,
    /// Global elements: `m:GetItem`.
    elements: HashMap<String, Known>,
}

/// What one type may contain.
#[derive(Default)]
struct Type {
    /// Types whose content this one has as well: bases, groups, members of a union.
    also: Vec<String>,
    elements: HashMap<String, Known>,
    attributes: HashMap<String, Known>,
    /// The first version of each, as in [`Known`].
    values: HashMap<String, Option<usize>>,
    /// It has a wildcard.
    any: bool,
}

/// An element or an attribute.
#[derive(Clone, Default)]
struct Known {
    /// An index into the versions; `None` for what was there from the start.
    since: Option<usize>,
    of: Option<TypeName>,
}

#[derive(Clone)]
enum TypeName {
    Named(String),
    Anonymous(usize),
}

impl Grammar {
    /// Reads the files of the schema, each with its path.
    pub(super) fn read(files: &[(&str, &str)]) -> Result<Self, String> {
        let documents = files
            .iter()
            .map(|(path, text)| Document::parse(text).map_err(|error| format!("{path}: {error}")))
            .collect::<Result<Vec<_>, _>>()?;
        let mut this = Self {
            versions: documents
                .iter()
                .flat_map(Document::descendants)
                .find(|node| node.attribute("name") == Some("ExchangeVersionType"))
                .into_iter()
                .flat_map(|node| node.descendants())
                .filter_map(|node| node.attribute("value"))
                .map(str::to_owned)
                .collect(),
            ..Self::default()
        };
        for document in &documents {
            let schema = document.root_element();
            let Some(prefix) = schema.attribute("targetNamespace").and_then(prefix) else {
                continue;
            };
            let qualified = schema.attribute("elementFormDefault") == Some("qualified");
            for definition in schema.children().filter(Node::is_element) {
                this.define(definition, prefix, if qualified { prefix } else { "" })?;
            }
        }
        this.types = (0..this.types.len())
            .map(|index| this.whole(index))
            .collect();
        Ok(this)
    }

    /// A type with the content of all it builds on.
    fn whole(&self, index: usize) -> Type {
        let mut whole = Type::default();
        let mut parts = vec![index];
        while let Some(part) = parts.pop().and_then(|index| self.types.get(index)) {
            let Type {
                also,
                elements,
                attributes,
                values,
                any,
            } = part;
            whole.any |= any;
            whole.values.extend(values.clone());
            for (name, known) in elements {
                whole
                    .elements
                    .entry(name.clone())
                    .or_insert_with(|| known.clone());
            }
            for (name, known) in attributes {
                whole
                    .attributes
                    .entry(name.clone())
                    .or_insert_with(|| known.clone());
            }
            parts.extend(also.iter().filter_map(|name| self.named.get(name)));
        }
        whole
    }

    /// Takes in a global element, type or group. Elements inside are in the namespace `local`.
    fn define(&mut self, node: Node<'_, '_>, prefix: &str, local: &str) -> Result<(), String> {
        let Some(name) = node.attribute("name") else {
            return Ok(());
        };
        let name = qualified(prefix, name);
        if !node.has_tag_name((XSD, "element")) {
            let index = self.read_type(node, local)?;
            self.named.insert(name, index);
            return Ok(());
        }
        let known = self.known(node, local)?;
        if let Some(head) = node.attribute("substitutionGroup") {
            let group = self.group_of(head);
            if let Some(group) = self.types.get_mut(group) {
                group.elements.insert(name.clone(), known.clone());
                group.also.push(format!("head {name}"));
            }
        }
        self.elements.insert(name, known);
        Ok(())
    }

    /// The elements that may stand for the global element `head`.
    fn group_of(&mut self, head: &str) -> usize {
        let next = self.types.len();
        let index = *self.named.entry(format!("head {head}")).or_insert(next);
        if index == next {
            self.types.push(Type::default());
        }
        index
    }

    fn read_type(&mut self, node: Node<'_, '_>, local: &str) -> Result<usize, String> {
        let mut found = Type::default();
        self.collect(node, local, &mut found)?;
        self.types.push(found);
        Ok(self.types.len() - 1)
    }

    /// Adds what the parts of a definition allow, but not what its inner elements allow.
    fn collect(&mut self, node: Node<'_, '_>, local: &str, found: &mut Type) -> Result<(), String> {
        let parts = node
            .children()
            .filter(|part| part.tag_name().namespace() == Some(XSD));
        for part in parts {
            match (part.tag_name().name(), part.attribute("name")) {
                ("annotation" | "anyAttribute", _) => {}
                ("any", _) => found.any = true,
                ("element", Some(name)) => {
                    let known = self.known(part, local)?;
                    found.elements.insert(qualified(local, name), known);
                }
                ("element", None) => {
                    let head = part.attribute("ref").unwrap_or_default();
                    found.also.push(format!("head {head}"));
                    let known = Known {
                        since: self.since(part)?,
                        of: None,
                    };
                    found.elements.insert(head.to_owned(), known);
                }
                ("attribute", Some(name)) => {
                    let known = self.known(part, local)?;
                    found.attributes.insert(name.to_owned(), known);
                }
                ("enumeration", _) => {
                    let since = self.since(part)?;
                    let value = part.attribute("value").unwrap_or_default();
                    found.values.insert(value.to_owned(), since);
                }
                _ => {
                    let others = ["base", "ref", "itemType", "memberTypes"];
                    let others = others.iter().filter_map(|name| part.attribute(*name));
                    let others = others.flat_map(str::split_whitespace);
                    found.also.extend(others.map(str::to_owned));
                    self.collect(part, local, found)?;
                }
            }
        }
        Ok(())
    }

    /// An element or an attribute with its type, named or written inside.
    fn known(&mut self, node: Node<'_, '_>, local: &str) -> Result<Known, String> {
        let inner = node.children().find(|inner| {
            ["complexType", "simpleType"]
                .iter()
                .any(|kind| inner.has_tag_name((XSD, *kind)))
        });
        Ok(Known {
            since: self.since(node)?,
            of: match (node.attribute("type"), inner) {
                (Some(name), _) => Some(TypeName::Named(name.to_owned())),
                (None, Some(inner)) => Some(TypeName::Anonymous(self.read_type(inner, local)?)),
                (None, None) => None,
            },
        })
    }

    fn since(&self, node: Node<'_, '_>) -> Result<Option<usize>, String> {
        node.attribute((MARKS, "since"))
            .map(|since| {
                self.version(since)
                    .ok_or_else(|| format!("{since:?} is no version of Exchange"))
            })
            .transpose()
    }

    fn version(&self, name: &str) -> Option<usize> {
        self.versions.iter().position(|version| version == name)
    }

    /// The first thing in an envelope that stands in a wrong namespace or, in a request, is newer
    /// than the version the request is for.
    pub(super) fn finding(&self, document: &Document<'_>) -> Option<Finding> {
        let version = document
            .descendants()
            .find(|node| key(*node) == "t:RequestServerVersion")
            .and_then(|node| node.attribute("Version"));
        let check = Check {
            grammar: self,
            asked: version.and_then(|version| Some((self.version(version)?, version))),
        };
        check.envelope(document.root_element())
    }

    fn resolve(&self, name: &TypeName) -> Option<&Type> {
        match name {
            TypeName::Named(name) => self.types.get(*self.named.get(name)?),
            TypeName::Anonymous(index) => self.types.get(*index),
        }
    }
}

/// One walk through one envelope.
struct Check<'a> {
    grammar: &'a Grammar,
    /// The version a request is for: its place in the order, and its name.
    asked: Option<(usize, &'a str)>,
}

impl<'a> Check<'a> {
    /// With a stack of its own, because a condition may nest as deep as a client likes.
    fn envelope(&self, root: Node<'_, '_>) -> Option<Finding> {
        let mut open = vec![(root, self.grammar.elements.get(&key(root))?)];
        while let Some((node, known)) = open.pop() {
            let name = node.tag_name().name();
            // A reference may be younger than the global element, which knows what is in it.
            let global = match known.of {
                None => self.grammar.elements.get(&key(node)).unwrap_or(known),
                Some(_) => known,
            };
            let since = known.since.max(global.since);
            if let Some(newer) = self.newer(node, since, || name.to_owned()) {
                return Some(newer);
            }
            let of = global.of.as_ref().and_then(|of| self.grammar.resolve(of));
            let Some(of) = of else {
                continue;
            };
            let newer = self
                .attributes(node, of)
                .or_else(|| self.value(node, of, node.text().unwrap_or_default(), name));
            if newer.is_some() {
                return newer;
            }
            for child in node.children().rev().filter(Node::is_element) {
                match self.child(of, child) {
                    Ok(known) => open.extend(known.map(|known| (child, known))),
                    Err(finding) => return Some(finding),
                }
            }
        }
        None
    }

    /// What is known of a child; nothing if a wildcard lets in what the schema does not have.
    fn child(&self, of: &'a Type, child: Node<'_, '_>) -> Result<Option<&'a Known>, Finding> {
        let key = key(child);
        match of.elements.get(&key) {
            None if of.any => return Ok(self.grammar.elements.get(&key)),
            None => {}
            known => return Ok(known),
        }
        Err(Finding {
            message: format!(
                "{} does not belong here in the namespace {:?}",
                child.tag_name().name(),
                child.tag_name().namespace().unwrap_or_default()
            ),
            offset: child.range().start,
        })
    }

    fn attributes(&self, node: Node<'_, '_>, of: &'a Type) -> Option<Finding> {
        node.attributes().find_map(|attribute| {
            let name = attribute.name();
            let known = of.attributes.get(name)?;
            let full = || format!("{}/@{name}", node.tag_name().name());
            self.newer(node, known.since, full).or_else(|| {
                let of = self.grammar.resolve(known.of.as_ref()?)?;
                self.value(node, of, attribute.value(), &full())
            })
        })
    }

    /// The text of an element or an attribute, which may be a list of values.
    fn value(&self, node: Node<'_, '_>, of: &'a Type, text: &str, owner: &str) -> Option<Finding> {
        self.asked?;
        text.split_whitespace().find_map(|value| {
            let since = *of.values.get(value)?;
            self.newer(node, since, || format!("{value:?} in {owner}"))
        })
    }

    fn newer(
        &self,
        node: Node<'_, '_>,
        since: Option<usize>,
        what: impl Fn() -> String,
    ) -> Option<Finding> {
        let (asked, version) = self.asked?;
        let since = since.filter(|since| *since > asked)?;
        let since = self.grammar.versions.get(since)?;
        Some(Finding {
            message: format!(
                "{} is known since {since}, the request is for {version}",
                what()
            ),
            offset: node.range().start,
        })
    }
}

/// The name of an element as the schema writes it: `t:ItemId`, or `faultcode` without a namespace.
fn key(node: Node<'_, '_>) -> String {
    match node.tag_name().namespace() {
        None => node.tag_name().name().to_owned(),
        Some(namespace) => qualified(prefix(namespace).unwrap_or("?"), node.tag_name().name()),
    }
}

fn qualified(prefix: &str, name: &str) -> String {
    match prefix {
        "" => name.to_owned(),
        _ => format!("{prefix}:{name}"),
    }
}

fn prefix(namespace: &str) -> Option<&'static str> {
    PREFIXES
        .iter()
        .find(|(_, known)| *known == namespace)
        .map(|(prefix, _)| *prefix)
}
