//! `src/ews/names.rs` is made from `wsdl/` by this test.
//!
//! `UPDATE=1 cargo test --test it names` writes it; without `UPDATE` the test fails if the file is
//! out of date. As a test it links the library: if `names.rs` itself does not compile, take it back
//! from git first.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::{env, fs};

use crate::wsdl::{self, Value};

#[test]
fn names_are_those_of_the_schema() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/ews/names.rs");
    let expected = generate();
    if env::var_os("UPDATE").is_some() {
        fs::write(path, &expected).unwrap();
    }
    assert!(
        fs::read_to_string(path).unwrap() == expected,
        "src/ews/names.rs is out of date: run UPDATE=1 cargo test --test it names"
    );
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
