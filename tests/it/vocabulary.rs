//! `src/record/vocabulary.txt` is made from `wsdl/` by this test: what a recording may show as it is.
//!
//! `UPDATE=1 cargo test --test it vocabulary` writes it; without `UPDATE` the test fails if the file is out of date.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

use roxmltree::{Document, Node};

use crate::wsdl;

#[test]
fn the_vocabulary_is_that_of_the_schema() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/record/vocabulary.txt");
    let expected = generate();
    if env::var_os("UPDATE").is_some() {
        fs::write(&path, &expected).unwrap();
    }
    assert!(
        fs::read_to_string(&path).is_ok_and(|found| found == expected),
        "src/record/vocabulary.txt is out of date: run UPDATE=1 cargo test --test it vocabulary"
    );
}

/// What the text of an element or the value of an attribute is. Where a name has several types, the first of these.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Kind {
    Text,
    Binary,
    Time,
    Number,
    Boolean,
    Token,
    Empty,
}

/// A named type of the schema: the kind of its text, and the kinds of its attributes.
#[derive(Clone, Debug, Default)]
struct Type {
    base: Option<String>,
    kind: Option<Kind>,
    attributes: Vec<(String, Kind)>,
}

#[derive(Default)]
struct Vocabulary {
    names: BTreeMap<String, Kind>,
    tokens: BTreeSet<String>,
}

impl Vocabulary {
    fn add(&mut self, name: &str, kind: Kind) {
        let known = self.names.entry(name.to_owned()).or_insert(kind);
        // an element without a text takes nothing away from one that has it
        *known = match (*known, kind) {
            (Kind::Empty, other) | (other, Kind::Empty) => other,
            (one, other) if one == other => one,
            _ => Kind::Text,
        };
    }
}

fn generate() -> String {
    let texts: Vec<String> = wsdl::files(&wsdl::folder(), "xsd")
        .iter()
        .map(|path| wsdl::read(path))
        .collect();
    let documents: Vec<Document<'_>> = texts
        .iter()
        .map(|it| Document::parse(it).unwrap())
        .collect();
    let mut types = BTreeMap::new();
    let mut found = Vocabulary::default();
    // simple types first: attributes are of them
    for wanted in ["simpleType", "attributeGroup", "complexType"] {
        for document in &documents {
            let root = document.root_element();
            let prefix = match root.attribute("targetNamespace") {
                Some(name) if name.ends_with("2006/messages") => "m",
                _ => "t",
            };
            for node in root.children() {
                if node.tag_name().name() == wanted {
                    let of = read(node, &types);
                    let name = node.attribute("name").unwrap();
                    types.insert(format!("{prefix}:{name}"), of);
                }
            }
        }
    }
    for node in documents.iter().flat_map(Document::descendants) {
        match node.tag_name().name() {
            "enumeration" => {
                let value = node.attribute("value").unwrap();
                found
                    .tokens
                    .extend(value.split_whitespace().map(str::to_owned));
            }
            "element" => {
                let Some(name) = node.attribute("name") else {
                    continue;
                };
                let of = match node.attribute("type") {
                    Some(name) => named(name, &types),
                    None => node
                        .children()
                        .find(|inner| {
                            matches!(inner.tag_name().name(), "simpleType" | "complexType")
                        })
                        .map_or_else(Type::default, |inner| read(inner, &types)),
                };
                found.add(name, kind_of(&of, &types));
                for (attribute, kind) in attributes_of(&of, &types) {
                    found.add(&format!("{name}@{attribute}"), kind);
                }
            }
            _ => {}
        }
    }
    // its type is a text where it stands in a fault, yet the codes are the same
    found.names.insert("ResponseCode".to_owned(), Kind::Token);

    let mut out = String::from(
        "# Made from wsdl/ by tests/it/vocabulary.rs: do not edit, run UPDATE=1 cargo test --test it vocabulary\n",
    );
    for (name, kind) in &found.names {
        writeln!(out, "{name} {}", format!("{kind:?}").to_lowercase()).unwrap();
    }
    for token in &found.tokens {
        writeln!(out, "= {token}").unwrap();
    }
    out
}

fn read(node: Node<'_, '_>, types: &BTreeMap<String, Type>) -> Type {
    let mut of = Type::default();
    let parts = || {
        node.descendants().skip(1).filter(|part| {
            part.ancestors()
                .skip(1)
                .take_while(|it| *it != node)
                .all(|it| {
                    // what an element inside has is its own
                    it.tag_name().name() != "element"
                })
        })
    };
    if parts().any(|part| part.tag_name().name() == "enumeration") {
        of.kind = Some(Kind::Token);
    }
    for part in parts() {
        match part.tag_name().name() {
            "restriction" | "extension" => of.base = part.attribute("base").map(str::to_owned),
            "list" => of.base = part.attribute("itemType").map(str::to_owned).or(of.base),
            "union" => of.base = part.attribute("memberTypes").map(str::to_owned).or(of.base),
            "attributeGroup" => {
                if let Some(group) = part.attribute("ref") {
                    of.attributes.extend(named(group, types).attributes);
                }
            }
            "attribute" => {
                let Some(name) = part.attribute("name") else {
                    continue;
                };
                let kind = match part.attribute("type") {
                    Some(of) => kind_of(&named(of, types), types),
                    None => kind_of(&read(part, types), types),
                };
                of.attributes.push((name.to_owned(), kind));
            }
            _ => {}
        }
    }
    of
}

fn named(name: &str, types: &BTreeMap<String, Type>) -> Type {
    let Some(local) = name.strip_prefix("xs:") else {
        return types.get(name).cloned().unwrap_or_default();
    };
    let kind = match local {
        "base64Binary" => Kind::Binary,
        "boolean" => Kind::Boolean,
        "date" | "dateTime" | "duration" | "time" => Kind::Time,
        "byte" | "decimal" | "double" | "float" | "int" | "integer" | "long" | "short"
        | "nonNegativeInteger" | "positiveInteger" | "unsignedByte" | "unsignedInt"
        | "unsignedLong" | "unsignedShort" => Kind::Number,
        _ => Kind::Text,
    };
    Type {
        kind: Some(kind),
        ..Type::default()
    }
}

fn kind_of(of: &Type, types: &BTreeMap<String, Type>) -> Kind {
    match (&of.kind, &of.base) {
        (Some(kind), _) => *kind,
        (None, Some(base)) => kind_of(&named(base, types), types),
        (None, None) => Kind::Empty,
    }
}

fn attributes_of(of: &Type, types: &BTreeMap<String, Type>) -> Vec<(String, Kind)> {
    let mut all = of.attributes.clone();
    if let Some(base) = &of.base {
        all.extend(attributes_of(&named(base, types), types));
    }
    all
}
