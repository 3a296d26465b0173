//! Which version of the protocol first knew an element, an attribute or a value.

use std::collections::HashMap;

use roxmltree::{Document, Node};

const XSD: &str = "http://www.w3.org/2001/XMLSchema";
const MARKS: &str = "urn:exchange-connector:schema";

/// The namespaces of the service, by the prefixes they have in `wsdl/`.
const PREFIXES: [(&str, &str); 2] = [
    (
        "m",
        "http://schemas.microsoft.com/exchange/services/2006/messages",
    ),
    (
        "t",
        "http://schemas.microsoft.com/exchange/services/2006/types",
    ),
];

/// Something a request uses although its version does not know it.
pub(super) struct Newer {
    /// What it is, since when it is known, and what the request asked for.
    pub(super) message: String,
    /// Where it is, in bytes.
    pub(super) offset: usize,
}

/// The marks `since` of the whole schema, by type.
#[derive(Default)]
pub(super) struct FirstVersions {
    /// The names of versions, oldest first.
    versions: Vec<String>,
    types: Vec<Type>,
    /// Named types, groups and attribute groups: `t:ItemType`.
    named: HashMap<String, usize>,
    /// Global elements: `m:GetItem`.
    elements: HashMap<String, Known>,
}

/// What one type of the schema may contain.
#[derive(Default)]
struct Type {
    /// Types whose content this one has as well: bases, groups, members of a union.
    also: Vec<String>,
    elements: HashMap<String, Known>,
    attributes: HashMap<String, Known>,
    values: HashMap<String, Option<usize>>,
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

impl FirstVersions {
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
            for definition in schema.children().filter(Node::is_element) {
                this.define(definition, prefix)?;
            }
        }
        Ok(this)
    }

    /// Takes in a global element, type or group.
    fn define(&mut self, node: Node<'_, '_>, prefix: &str) -> Result<(), String> {
        let Some(name) = node.attribute("name") else {
            return Ok(());
        };
        let name = format!("{prefix}:{name}");
        if node.has_tag_name((XSD, "element")) {
            let known = self.known(node, prefix)?;
            if let Some(head) = node.attribute("substitutionGroup") {
                // Whoever refers to the head may contain this element: they share one group.
                let group = self.group_of(head);
                if let Some(group) = self.types.get_mut(group) {
                    group.elements.insert(name.clone(), known.clone());
                    group.also.push(format!("head {name}"));
                }
            }
            self.elements.insert(name, known);
        } else {
            let index = self.read_type(node, prefix)?;
            self.named.insert(name, index);
        }
        Ok(())
    }

    /// The group of the elements that may stand for the global element `head`.
    fn group_of(&mut self, head: &str) -> usize {
        let next = self.types.len();
        let index = *self.named.entry(format!("head {head}")).or_insert(next);
        if index == next {
            self.types.push(Type::default());
        }
        index
    }

    fn read_type(&mut self, node: Node<'_, '_>, prefix: &str) -> Result<usize, String> {
        let mut found = Type::default();
        self.collect(node, prefix, &mut found)?;
        self.types.push(found);
        Ok(self.types.len() - 1)
    }

    /// Adds what the parts of a definition allow, but not what its inner elements allow.
    fn collect(
        &mut self,
        node: Node<'_, '_>,
        prefix: &str,
        found: &mut Type,
    ) -> Result<(), String> {
        for part in node
            .children()
            .filter(|part| part.tag_name().namespace() == Some(XSD))
        {
            match (part.tag_name().name(), part.attribute("name")) {
                ("annotation" | "any" | "anyAttribute", _) => {}
                ("element", Some(name)) => {
                    let known = self.known(part, prefix)?;
                    found.elements.insert(format!("{prefix}:{name}"), known);
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
                    let known = self.known(part, prefix)?;
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
                    found
                        .also
                        .extend(others.flat_map(str::split_whitespace).map(str::to_owned));
                    self.collect(part, prefix, found)?;
                }
            }
        }
        Ok(())
    }

    /// An element or an attribute with its type, named or written inside.
    fn known(&mut self, node: Node<'_, '_>, prefix: &str) -> Result<Known, String> {
        let inner = node.children().find(|inner| {
            ["complexType", "simpleType"]
                .iter()
                .any(|kind| inner.has_tag_name((XSD, *kind)))
        });
        Ok(Known {
            since: self.since(node)?,
            of: match (node.attribute("type"), inner) {
                (Some(name), _) => Some(TypeName::Named(name.to_owned())),
                (None, Some(inner)) => Some(TypeName::Anonymous(self.read_type(inner, prefix)?)),
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

    /// The first thing in a request that its version does not know; `None` for an answer.
    pub(super) fn newer_than_request(&self, document: &Document<'_>) -> Option<Newer> {
        let envelope = document.root_element();
        let version = envelope
            .descendants()
            .find(|node| key(*node).as_deref() == Some("t:RequestServerVersion"))?
            .attribute("Version")?;
        let check = Check {
            all: self,
            asked: self.version(version)?,
            version,
        };
        envelope
            .children()
            .flat_map(|part| part.children())
            .filter(Node::is_element)
            .find_map(|block| check.tree(block, self.elements.get(&key(block)?)?))
    }

    fn resolve(&self, name: &TypeName) -> Option<&Type> {
        match name {
            TypeName::Named(name) => self.types.get(*self.named.get(name)?),
            TypeName::Anonymous(index) => self.types.get(*index),
        }
    }

    /// Looks something up in a type and in all it builds on.
    fn find<'a, T>(
        &'a self,
        of: &'a Type,
        look: &impl Fn(&'a Type) -> Option<&'a T>,
    ) -> Option<&'a T> {
        look(of).or_else(|| {
            of.also.iter().find_map(|name| {
                let of = self.types.get(*self.named.get(name)?)?;
                self.find(of, look)
            })
        })
    }
}

/// One walk through one request.
struct Check<'a> {
    all: &'a FirstVersions,
    asked: usize,
    version: &'a str,
}

impl<'a> Check<'a> {
    /// Looks at a global element and at all that is in it. A stack of its own, because a condition
    /// may nest as deep as a client likes.
    fn tree(&self, root: Node<'_, '_>, known: &'a Known) -> Option<Newer> {
        let mut open = vec![(root, known)];
        while let Some((node, known)) = open.pop() {
            let name = node.tag_name().name();
            if let Some(newer) = self.newer(node, known.since, || name.to_owned()) {
                return Some(newer);
            }
            let Some(of) = self.type_of(node, known) else {
                continue;
            };
            let newer = self
                .attributes(node, of)
                .or_else(|| self.value(node, of, node.text().unwrap_or_default(), name));
            if newer.is_some() {
                return newer;
            }
            for child in node.children().rev().filter(Node::is_element) {
                let known =
                    key(child).and_then(|key| self.all.find(of, &|of| of.elements.get(&key)));
                open.extend(known.map(|known| (child, known)));
            }
        }
        None
    }

    /// A reference knows when it appeared, the global element what is in it.
    fn type_of(&self, node: Node<'_, '_>, known: &'a Known) -> Option<&'a Type> {
        let of = known.of.as_ref().or_else(|| {
            let global = self.all.elements.get(&key(node)?)?;
            global.of.as_ref()
        })?;
        self.all.resolve(of)
    }

    fn attributes(&self, node: Node<'_, '_>, of: &'a Type) -> Option<Newer> {
        node.attributes().find_map(|attribute| {
            let name = attribute.name();
            let known = self.all.find(of, &|of| of.attributes.get(name))?;
            let full = || format!("{}/@{name}", node.tag_name().name());
            self.newer(node, known.since, full).or_else(|| {
                let of = self.all.resolve(known.of.as_ref()?)?;
                self.value(node, of, attribute.value(), &full())
            })
        })
    }

    /// The text of an element or an attribute, which may be a list of values.
    fn value(&self, node: Node<'_, '_>, of: &'a Type, text: &str, owner: &str) -> Option<Newer> {
        text.split_whitespace().find_map(|value| {
            let since = *self.all.find(of, &|of| of.values.get(value))?;
            self.newer(node, since, || format!("{value:?} in {owner}"))
        })
    }

    fn newer(
        &self,
        node: Node<'_, '_>,
        since: Option<usize>,
        what: impl Fn() -> String,
    ) -> Option<Newer> {
        let since = since.filter(|since| *since > self.asked)?;
        let since = self.all.versions.get(since)?;
        Some(Newer {
            message: format!(
                "{} is known since {since}, the request is for {}",
                what(),
                self.version
            ),
            offset: node.range().start,
        })
    }
}

/// The name of an element as the schema writes it, `t:ItemId`.
fn key(node: Node<'_, '_>) -> Option<String> {
    let prefix = prefix(node.tag_name().namespace()?)?;
    Some(format!("{prefix}:{}", node.tag_name().name()))
}

fn prefix(namespace: &str) -> Option<&'static str> {
    PREFIXES
        .iter()
        .find(|(_, known)| *known == namespace)
        .map(|(prefix, _)| *prefix)
}
