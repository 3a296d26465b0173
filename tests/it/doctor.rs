//! What `doctor` says in each of many failures: the table in `doctor/situations.md`.
//!
//! Each situation is brought about for real, by the simulator, by a small server with a script, or by
//! nothing where something should be. `UPDATE=1 cargo test --test it doctor` writes the table anew.

mod certificates;
mod connections;
mod encryption;
mod logons;
mod mailboxes;
mod mask;
mod pages;
mod server;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use exchange_connector::ews::{EwsConnector, EwsConnectorBuilder};
use exchange_connector::http::{Credentials, HttpOptions, Proxy};
use exchange_connector::simulator::Simulator;
use exchange_connector::{Backend, Check, Connector, Diagnosis, DiagnosisScope, Verdict};

use mask::mask;

/// One failure and what came of looking for it.
struct Situation {
    name: &'static str,
    diagnosis: Diagnosis,
}

impl Situation {
    fn new(name: &'static str, diagnosis: Diagnosis) -> Self {
        Self { name, diagnosis }
    }

    /// What the table is about: the first error, or the first warning where there is none.
    fn finding(&self) -> Option<&Check> {
        let mut checks = self.diagnosis.checks.iter();
        self.diagnosis
            .first_error()
            .or_else(|| checks.find(|one| matches!(one.verdict, Verdict::Warning { .. })))
    }
}

/// The longest any of them may take: they wait for nothing but what never comes.
const LIMIT: Duration = Duration::from_secs(120);

#[tokio::test(flavor = "multi_thread")]
async fn the_table_of_failures() {
    let mut situations = Vec::new();
    let groups = async {
        connections::all(&mut situations).await;
        encryption::all(&mut situations).await;
        pages::all(&mut situations).await;
        logons::all(&mut situations).await;
        mailboxes::all(&mut situations).await;
    };
    tokio::time::timeout(LIMIT, groups).await.unwrap();

    compare(&table(&situations));
    let names: BTreeSet<_> = situations.iter().map(|one| one.name).collect();
    assert_eq!(names.len(), situations.len(), "a name is there twice");
    assert!(situations.len() >= 40, "{}", situations.len());
    let complaints: Vec<String> = situations.iter().flat_map(complaints).collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// What must hold for each of them.
fn complaints(situation: &Situation) -> Vec<String> {
    let Situation { name, diagnosis } = situation;
    let mut complaints = Vec::new();
    match situation.finding() {
        None => complaints.push(format!("{name}: nothing was found")),
        Some(check) if check.problem().is_some_and(|one| one.remedy.is_none()) => {
            complaints.push(format!("{name}: nobody is told what to do"));
        }
        Some(_) => {}
    }
    let shown = format!("{diagnosis} {}", serde_json::to_string(diagnosis).unwrap());
    for secret in ["Passw0rd", "Wr0ng"] {
        if shown.contains(secret) {
            complaints.push(format!("{name}: it shows {secret}"));
        }
    }
    complaints
}

/// Which of them is shown with all that was seen.
const WHOLE: &str = "Extended Protection behind a proxy that opens TLS";

/// The table, and a section for each of them.
fn table(situations: &[Situation]) -> String {
    let mut text = String::from(
        "# What `doctor` says\n\n\
         Made by `UPDATE=1 cargo test --test it doctor`. Ports, times, identifiers, hashes and the words of the operating system \
         are masked.\n\n\
         | situation | step | verdict | kind |\n|---|---|---|---|\n",
    );
    for situation in situations {
        let Some(finding) = situation.finding() else {
            continue;
        };
        let kind = finding.problem().map(|problem| {
            let kind = serde_json::to_value(problem.kind).unwrap();
            format!("`{}`", kind.as_str().unwrap())
        });
        writeln!(
            text,
            "| {} | {} | {} | {} |",
            situation.name,
            finding.subject,
            finding.verdict.word(),
            kind.unwrap_or_default()
        )
        .unwrap();
    }
    let whole = situations.iter().find(|one| one.name == WHOLE).unwrap();
    let report = mask(whole.diagnosis.to_string().trim_end());
    write!(
        text,
        "\n## A whole report: {WHOLE}\n\n```text\n{report}\n```\n"
    )
    .unwrap();
    for Situation { name, diagnosis } in situations {
        let shown = diagnosis.to_string();
        // What was seen is at the end; the table is about the verdicts.
        let verdicts = shown.split("\nURL ").next().unwrap_or_default();
        let verdicts = verdicts
            .split_once("\n\n")
            .map_or("", |(_, verdicts)| verdicts);
        let verdicts = mask(verdicts.trim_end());
        write!(text, "\n## {name}\n\n```text\n{verdicts}\n```\n").unwrap();
    }
    text
}

fn compare(table: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/doctor/situations.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, table).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let kept = kept.replace("\r\n", "\n");
    for (kept, now) in kept.lines().zip(table.lines()) {
        assert_eq!(now, kept, "if the new line is right: UPDATE=1");
    }
    assert_eq!(table.lines().count(), kept.lines().count());
}

/// A connector of Alice to that address, past the proxy of this machine.
fn alice(url: impl Into<String>) -> EwsConnectorBuilder {
    EwsConnector::builder(url)
        .credentials(Credentials::password(
            "alice@example.test",
            "alice-Passw0rd",
        ))
        .http(direct())
}

fn direct() -> HttpOptions {
    HttpOptions::default().proxy(Proxy::Off)
}

/// With limits for those who wait for what never comes.
fn impatient() -> HttpOptions {
    let limit = Duration::from_millis(400);
    direct().connect_timeout(limit).response_timeout(limit)
}

async fn simulator() -> Simulator {
    Simulator::builder().start().await.unwrap()
}

/// The diagnosis of a connector, also where it cannot be built.
async fn diagnose(builder: EwsConnectorBuilder, scope: &DiagnosisScope) -> Diagnosis {
    match builder.build() {
        Ok(connector) => connector.diagnose(scope).await,
        Err(error) => Diagnosis::of_setup(Backend::Ews, &error),
    }
}

async fn examine(builder: EwsConnectorBuilder) -> Diagnosis {
    diagnose(builder, &DiagnosisScope::new()).await
}
