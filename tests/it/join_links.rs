//! Join links in the bodies of `fixtures/join_links`, against their manifest.

use std::collections::BTreeSet;
use std::path::PathBuf;

use exchange_connector::model::{Body, OnlineMeeting};
use serde_json::{Value, json};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/join_links")
}

fn manifest() -> Vec<Value> {
    let text = std::fs::read_to_string(folder().join("manifest.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn body(file: &str) -> Body {
    let content = std::fs::read_to_string(folder().join(file)).unwrap();
    match file.ends_with(".html") {
        true => Body::html(content),
        false => Body::text(content),
    }
}

/// What the manifest says of a meeting: everything that is not empty.
fn described(meeting: Option<&OnlineMeeting>) -> Value {
    fn lean(value: Value) -> Value {
        match value {
            Value::Object(map) => map
                .into_iter()
                .filter(|(_, value)| !value.is_null() && *value != json!([]))
                .map(|(name, value)| (name, lean(value)))
                .collect(),
            Value::Array(list) => list.into_iter().map(lean).collect(),
            value => value,
        }
    }
    lean(serde_json::to_value(meeting).unwrap())
}

#[test]
fn bodies_have_the_links_of_the_manifest() {
    let manifest = manifest();
    let mut wrong = Vec::new();
    for entry in &manifest {
        let file = entry["file"].as_str().unwrap();
        let found = OnlineMeeting::find(None, &[], entry["location"].as_str(), Some(&body(file)));
        let found = described(found.as_ref());
        if found != entry["found"] {
            wrong.push(format!(
                "{file} ({}):\n  wanted {}\n  found  {found}",
                entry["why"], entry["found"]
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        manifest.len(),
        wrong.join("\n")
    );
    // Both kinds are there.
    let none = manifest
        .iter()
        .filter(|entry| entry["found"].is_null())
        .count();
    assert!(
        none >= 15 && manifest.len() - none >= 40,
        "{none} of {}",
        manifest.len()
    );
}

#[test]
fn the_manifest_has_every_body() {
    let listed: BTreeSet<String> = manifest()
        .iter()
        .map(|entry| entry["file"].as_str().unwrap().to_owned())
        .collect();
    let there: BTreeSet<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".html") || name.ends_with(".txt"))
        .collect();
    assert_eq!(listed, there);
}

/// The end of a body may be missing, its format wrong, its line ends those of another system: what is found is
/// either nothing or an address that is there.
#[test]
fn disturbed_bodies_give_no_other_links() {
    for entry in manifest() {
        let file = entry["file"].as_str().unwrap();
        let whole = body(file).content;
        let dos = whole.replace('\n', "\r\n");
        let dos = match file.ends_with(".html") {
            true => Body::html(dos),
            false => Body::text(dos),
        };
        let found = OnlineMeeting::find(None, &[], entry["location"].as_str(), Some(&dos));
        assert_eq!(
            described(found.as_ref()),
            entry["found"],
            "{file} with CR LF"
        );
        for end in (0..whole.len())
            .step_by(7)
            .filter(|end| whole.is_char_boundary(*end))
        {
            for cut in [Body::html(&whole[..end]), Body::text(&whole[..end])] {
                if let Some(found) = OnlineMeeting::find(None, &[], None, Some(&cut)) {
                    assert!(found.join_url.starts_with("http"), "{file} cut at {end}");
                }
            }
        }
    }
}
