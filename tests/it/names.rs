//! `src/ews/names.rs` and `src/ews/elements.rs` are made from `wsdl/` by these tests.
//!
//! `UPDATE=1 cargo test --test it names` writes it; without `UPDATE` the test fails if the file is
//! out of date. As a test it links the library: if `names.rs` itself does not compile, take it back
//! from git first.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::{env, fs};

use crate::wsdl::{self, Schema, Value};

#[test]
fn names_are_those_of_the_schema() {
    compare("src/ews/names.rs", &generate());
}

#[test]
fn names_of_newer_elements_are_those_of_the_schema() {
    compare("src/ews/elements.rs", &newer());
}

fn compare(path: &str, expected: &str) {
    let file = wsdl::folder().with_file_name(path);
    if env::var_os("UPDATE").is_some() {
        fs::write(&file, expected).unwrap();
    }
    assert!(
        fs::read_to_string(&file).unwrap() == expected,
        "{path} is out of date: run UPDATE=1 cargo test --test it names"
    );
}

/// What is newer than Exchange 2007 SP1: elements, attributes, values.
fn newer() -> String {
    let schema = Schema::ours();
    let mut out = String::from(
        "// Made from wsdl/ by tests/it/names.rs: do not edit, run\n\
         // `UPDATE=1 cargo test --test it names`.\n\n\
         use super::ServerVersion;\n",
    );
    table(
        &mut out,
        "ELEMENTS",
        "Elements: the parent, where elsewhere the name is of another version; the name; the first\n\
         version that knows it.",
        &newer_elements(&schema),
    );
    let mut attributes: BTreeMap<&str, BTreeSet<Option<&String>>> = BTreeMap::new();
    for of in schema.types.values() {
        for name in of.attributes.keys() {
            let since = of.newer.get(&format!("@{name}"));
            attributes.entry(name).or_default().insert(since);
        }
    }
    let attributes = attributes
        .into_iter()
        .filter_map(|(name, since)| Some((String::new(), name.to_owned(), only(&since)?)));
    table(
        &mut out,
        "ATTRIBUTES",
        "Attributes that are new wherever they stand.",
        &attributes.collect(),
    );
    let values = schema.types.iter().flat_map(|(name, of)| {
        let of_type = local(name).to_owned();
        of.values.iter().filter_map(move |value| {
            Some((of_type.clone(), value.name.clone(), value.since.clone()?))
        })
    });
    // Those of properties and folders are in `names.rs`.
    let values = values.filter(|(of, ..)| {
        !["UnindexedFieldURIType", "DistinguishedFolderIdNameType"].contains(&of.as_str())
    });
    table(
        &mut out,
        "VALUES",
        "Values, with the types they belong to.",
        &values.collect(),
    );
    out
}

type Row = (String, String, String);

fn newer_elements(schema: &Schema) -> BTreeSet<Row> {
    // Every place where an element of that name may stand, with its first version there.
    /// The parent of an element, and the version it is there since.
    type Place<'a> = (Option<&'a String>, Option<&'a str>);
    let mut places: BTreeMap<&str, Vec<Place<'_>>> = BTreeMap::new();
    for name in &schema.elements {
        let place = (schema.newer.get(name), None);
        places.entry(local(name)).or_default().push(place);
    }
    for (name, of) in &schema.types {
        for child in of.children.iter().filter(|child| child.of != "(group)") {
            let place = (of.newer.get(&child.name), Some(name.as_str()));
            // A reference is as old as what it refers to, if it does not say otherwise.
            let place = match (child.of.as_str(), place.0) {
                ("(ref)", None) => (schema.newer.get(&child.name), place.1),
                _ => place,
            };
            places.entry(local(&child.name)).or_default().push(place);
        }
    }
    let mut rows = BTreeSet::new();
    for (name, places) in places {
        let versions = places.iter().map(|(since, _)| *since).collect();
        if let Some(since) = only(&versions) {
            rows.insert((String::new(), name.to_owned(), since));
            continue;
        }
        for (since, of) in places {
            if let (Some(since), Some(of)) = (since, of) {
                let parents = parents(schema, of);
                rows.extend(parents.map(|parent| (parent, name.to_owned(), since.clone())));
            }
        }
    }
    rows
}

/// The elements whose type is that one, or builds on it.
fn parents<'a>(schema: &'a Schema, of: &'a str) -> impl Iterator<Item = String> + 'a {
    let inline = of.split_once(['/', ' ']).map(|_| of);
    let inline = inline.map(|of| local(of).to_owned());
    let children = schema.types.values().flat_map(|it| &it.children);
    let children = children.map(|child| (child.name.as_str(), child.of.as_str()));
    let global = schema.element_types.iter();
    let global = global.map(|(name, of)| (name.as_str(), of.as_str()));
    let typed = children
        .chain(global)
        .filter(move |(_, it)| schema.builds_on(it, of));
    typed.map(|(name, _)| local(name).to_owned()).chain(inline)
}

/// `t:Subject` as `Subject`.
fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap()
}

/// The version, if it is the same everywhere and not the oldest.
fn only(versions: &BTreeSet<Option<&String>>) -> Option<String> {
    match Vec::from_iter(versions).as_slice() {
        [Some(since)] => Some((*since).clone()),
        _ => None,
    }
}

/// A table, one row a line.
fn table(out: &mut String, name: &str, doc: &str, rows: &BTreeSet<Row>) {
    out.push('\n');
    for line in doc.lines() {
        writeln!(out, "/// {line}").unwrap();
    }
    writeln!(
        out,
        "#[rustfmt::skip]\npub(super) const {name}: &[(&str, &str, ServerVersion)] = &["
    )
    .unwrap();
    for (parent, name, since) in rows {
        let version = since.replace("_SP", "Sp");
        writeln!(out, "    ({parent:?}, {name:?}, ServerVersion::{version}),").unwrap();
    }
    out.push_str("];\n");
}

fn generate() -> String {
    let codes = wsdl::enumeration("messages/response_code.xsd", "ResponseCodeType");
    let fields = wsdl::enumeration("types/field_uri.xsd", "UnindexedFieldURIType");
    let folders = wsdl::enumeration(
        "types/distinguished_folder.xsd",
        "DistinguishedFolderIdNameType",
    );

    let mut out = String::from(
        "// Made from wsdl/ by tests/it/names.rs: do not edit, run\n\
         // `UPDATE=1 cargo test --test it names`.\n\n\
         use super::ServerVersion;\n\
         use super::response_kind;\n\
         use crate::error::ErrorKind;\n\
         use crate::xml::names;\n",
    );
    names(
        &mut out,
        "ResponseCode",
        "How a request, or one item of it, went.\n\
         \n\
         The names are those of [ResponseCode][reference], and some that servers send although the\n\
         reference does not list them. An unknown code is kept as `Other`.\n\
         \n\
         [reference]: https://learn.microsoft.com/exchange/client-developer/web-service-reference/responsecode",
        &codes,
    );
    kinds(&mut out, &codes);
    names(
        &mut out,
        "FieldUri",
        "A property of an item, a folder, a conversation or a persona, as [FieldURI][reference] names it.\n\
         \n\
         A name this crate does not know is kept as `Other` and is sent as it is.\n\
         \n\
         [reference]: https://learn.microsoft.com/exchange/client-developer/web-service-reference/fielduri",
        &fields,
    );
    first_versions(&mut out, "FieldUri", "property", &fields);
    names(
        &mut out,
        "DistinguishedFolderId",
        "A folder that has the same name in every mailbox, as [DistinguishedFolderId][reference] names it.\n\
         \n\
         Not every mailbox has every one of them. A name this crate does not know is kept as `Other`\n\
         and is sent as it is.\n\
         \n\
         [reference]: https://learn.microsoft.com/exchange/client-developer/web-service-reference/distinguishedfolderid",
        &folders,
    );
    first_versions(&mut out, "DistinguishedFolderId", "folder", &folders);
    out
}

/// The enumeration itself.
fn names(out: &mut String, name: &str, doc: &str, values: &[Value]) {
    out.push_str("\nnames! {\n");
    for line in doc.lines() {
        writeln!(out, "    /// {line}").unwrap();
    }
    let mut variants = BTreeSet::new();
    writeln!(out, "    pub open enum {name} {{").unwrap();
    for value in values {
        assert!(variants.insert(variant(value)), "{value:?} twice in {name}");
        writeln!(out, "        {} = {:?},", variant(value), value.name).unwrap();
    }
    out.push_str("    }\n}\n");
    while let Some(blank) = out.find("/// \n") {
        out.replace_range(blank + 3..blank + 4, "");
    }
}

/// `ResponseCode::kind`, from the table beside the schema.
fn kinds(out: &mut String, codes: &[Value]) {
    let table = wsdl::text("response_codes.tsv");
    let mut kinds: BTreeMap<&str, &str> = table
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split_once('\t').unwrap())
        .collect();
    let mut groups: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for code in codes.iter().filter(|code| code.name != "NoError") {
        let kind = kinds.remove(code.name.as_str());
        let kind = kind.unwrap_or_else(|| panic!("response_codes.tsv lacks {}", code.name));
        groups.entry(kind).or_default().push(variant(code));
    }
    assert!(kinds.is_empty(), "not in the schema: {kinds:?}");

    out.push_str(
        "\nimpl ResponseCode {\n    \
         /// What the code means to the caller.\n    \
         ///\n    \
         /// An unknown code is judged by the ending of its name. `NoError` on something that failed\n    \
         /// is a contradiction, so it is [`ErrorKind::Protocol`].\n    \
         pub fn kind(&self) -> ErrorKind {\n        match self {\n            \
         Self::NoError => ErrorKind::Protocol,\n            \
         Self::Other(name) => response_kind::of_unknown(name),\n",
    );
    arms(out, &groups, "ErrorKind");
    out.push_str("        }\n    }\n}\n");
}

/// `since`, for an enumeration whose values are sent.
fn first_versions(out: &mut String, name: &str, what: &str, values: &[Value]) {
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for value in values {
        if let Some(since) = &value.since {
            let version = since.replace("_SP", "Sp");
            groups.entry(version).or_default().push(variant(value));
        }
    }
    write!(
        out,
        "\nimpl {name} {{\n    \
         /// The first version of Exchange that knows the {what}.\n    \
         ///\n    \
         /// [`ServerVersion::Exchange2007`] stands for that version and for 2007 SP1; it is also\n    \
         /// the answer for a name this crate does not know.\n    \
         pub fn since(&self) -> ServerVersion {{\n        match self {{\n"
    )
    .unwrap();
    arms(out, &groups, "ServerVersion");
    out.push_str("            _ => ServerVersion::Exchange2007,\n        }\n    }\n}\n");
}

/// One arm for each group, laid out as rustfmt does.
fn arms<K: AsRef<str>>(out: &mut String, groups: &BTreeMap<K, Vec<String>>, kind: &str) {
    const INDENT: &str = "            ";
    const WIDTH: usize = 100;
    for (name, variants) in groups {
        let value = format!("{kind}::{}", name.as_ref());
        let alternatives: Vec<_> = variants.iter().map(|it| format!("Self::{it}")).collect();
        let row = format!("{INDENT}{} => {value},", alternatives.join(" | "));
        let block = format!("{INDENT}{} => {{", alternatives.join(" | "));
        let column = alternatives.join(&format!("\n{INDENT}| "));
        match () {
            () if row.len() <= WIDTH => writeln!(out, "{row}"),
            () if block.len() <= WIDTH => {
                writeln!(out, "{block}\n{INDENT}    {value}\n{INDENT}}}")
            }
            () => writeln!(out, "{INDENT}{column} => {value},"),
        }
        .unwrap();
    }
}

/// `item:Subject` as `ItemSubject`.
fn variant(value: &Value) -> String {
    if let Some(variant) = &value.variant {
        return variant.clone();
    }
    value
        .name
        .split([':', '/', '-', '.', '_'])
        .map(|word| word[..1].to_uppercase() + &word[1..])
        .collect()
}
