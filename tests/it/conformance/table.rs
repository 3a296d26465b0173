//! The table of what each backend can do, in the documentation of `Feature`: what the backends say, after a case showed
//! that it is so. `UPDATE=1` writes it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use exchange_connector::ews::ServerVersion;
use exchange_connector::{Feature, Support};

use super::backend::{Backend, Front};
use super::{ALL, Case, outcome};

const FRONTS: [(&str, Front); 5] = [
    ("2007 SP1", Front::Ews(ServerVersion::Exchange2007Sp1)),
    ("2010 SP2", Front::Ews(ServerVersion::Exchange2010Sp2)),
    ("2013 SP1", Front::Ews(ServerVersion::Exchange2013Sp1)),
    ("2016", Front::Ews(ServerVersion::Exchange2016)),
    ("Graph", Front::Graph),
];

/// What is shown by cases that do not need it, since it is not refused where it is not there.
const SHOWN_OTHERWISE: &[Feature] = &[
    Feature::ImmutableIds,
    Feature::HtmlSanitised,
    Feature::NativeBodies,
    Feature::ClientRules,
    Feature::FoldersOfAllKinds,
    Feature::FirstDayOfWeek,
    Feature::CreateOnlineMeeting,
    Feature::Conversations,
    Feature::RepeatedHour,
    Feature::DatesInSummaries,
    Feature::PagedViews,
];

const BEGIN: &str = "/// <!-- table: made by tests/it/conformance/table.rs -->\n";
const END: &str = "/// <!-- end of the table -->\n";

#[tokio::test]
async fn the_table_of_capabilities() {
    let mut columns = Vec::new();
    for (_, front) in FRONTS {
        columns.push(Backend::start(front).await.capabilities().clone());
    }
    let features: BTreeSet<Feature> = columns
        .iter()
        .flat_map(|column| column.features.keys().copied())
        .collect();
    let mut text = String::from(BEGIN);
    text.push_str("/// | |");
    for (name, _) in FRONTS {
        write!(text, " {name} |").unwrap();
    }
    text.push_str("\n/// |---|---|---|---|---|---|\n");
    for feature in &features {
        let supports: Vec<Support> = columns.iter().map(|one| one.support(*feature)).collect();
        match ALL.iter().find(|case| case.needs == Some(*feature)) {
            Some(case) => show(*case).await,
            None => {
                let is_shown =
                    SHOWN_OTHERWISE.contains(feature) || !supports.contains(&Support::No);
                assert!(is_shown, "no case shows {feature:?}");
            }
        }
        write!(text, "/// | `{feature:?}` |").unwrap();
        for support in supports {
            let word = match support {
                Support::Native => "yes",
                Support::Emulated => "by the library",
                _ => "",
            };
            write!(text, " {word} |").unwrap();
        }
        text.push('\n');
    }
    text.push_str(END);
    compare(&text, &features);
}

/// Sees what a feature does where it is said to be there, and that it is refused where not.
async fn show(case: Case) {
    for (name, front) in FRONTS {
        if let Err(failure) = outcome(case, front).await {
            panic!("{} on {name}: {failure}", case.name);
        }
    }
}

fn compare(table: &str, features: &BTreeSet<Feature>) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/connector/capabilities.rs");
    let source = fs::read_to_string(&file).unwrap();
    let (before, rest) = source.split_once(BEGIN).expect("a place for the table");
    let (_, after) = rest.split_once(END).expect("an end of the table");
    let variants = variants(after);
    let known: BTreeSet<String> = features.iter().map(|one| format!("{one:?}")).collect();
    assert_eq!(variants, known, "features that no backend tells of");
    let wanted = format!("{before}{table}{after}");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&file, wanted).unwrap();
    } else {
        assert!(
            source == wanted,
            "the table is not up to date; UPDATE=1 writes it"
        );
    }
}

/// The variants of the enumeration that follows.
fn variants(source: &str) -> BTreeSet<String> {
    let (_, body) = source.split_once("pub enum Feature {").expect("Feature");
    let (body, _) = body.split_once("\n}").expect("an end");
    let lines = body.lines().map(str::trim);
    let names: BTreeMap<String, ()> = lines
        .filter(|line| !line.starts_with("//"))
        .filter_map(|line| Some((line.strip_suffix(',')?.to_owned(), ())))
        .collect();
    names.into_keys().collect()
}
