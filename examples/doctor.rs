//! Finds out why a connection does not work, or shows that it does.
//!
//! With nothing set it looks at the simulator; `examples/connect/mod.rs` says how to name a server.
//!
//! ```sh
//! cargo run --example doctor
//! cargo run --example doctor -- --json --act-as bob@example.com --shared room5@example.com --send
//! ```
//!
//! | argument | what |
//! |---|---|
//! | `--json` | prints the report as JSON |
//! | `--act-as <address>` | also opens this mailbox in the place of its owner (impersonation) |
//! | `--shared <address>` | also opens this mailbox with the account's own rights |
//! | `--send` | also looks whether mail can be sent, by rights alone; no mail is sent |
//! | `--draft` | the same, by making a draft and deleting it; no mail is sent |
//! | `--no-own` | leaves out the mailbox of the account itself, which may have none |
//!
//! The exit status is 0 if all is in order, 1 if something is denied or failed, 2 if it was called
//! wrongly. The report holds names of accounts, mailboxes and servers, but no password, no token and
//! nothing that is in a mailbox.

mod connect;

use std::error::Error;
use std::process::ExitCode;

use exchange_connector::simulator::Simulator;
use exchange_connector::{Backend, Connector, Diagnosis, DiagnosisScope};

const USAGE: &str =
    "doctor [--json] [--act-as <address>]... [--shared <address>]... [--send | --draft] [--no-own]";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let wrong = |problem: Box<dyn Error>| {
        eprintln!("{problem}\n{USAGE}");
        ExitCode::from(2)
    };
    let asked = match Asked::read(std::env::args().skip(1)) {
        Ok(asked) => asked,
        Err(problem) => return wrong(problem.into()),
    };
    if asked.help {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    let diagnosis = match diagnose(&asked.scope).await {
        Ok(diagnosis) => diagnosis,
        Err(problem) => return wrong(problem),
    };
    if asked.json {
        match serde_json::to_string_pretty(&diagnosis) {
            Ok(json) => println!("{json}"),
            Err(problem) => return wrong(problem.into()),
        }
    } else {
        print!("{diagnosis}");
    }
    ExitCode::from(u8::from(!diagnosis.is_ok()))
}

async fn diagnose(scope: &DiagnosisScope) -> Result<Diagnosis, Box<dyn Error>> {
    if let Some(config) = connect::online()? {
        return Ok(match config.connect() {
            Ok(connector) => connector.diagnose(scope).await,
            Err(error) => Diagnosis::of_setup(Backend::Graph, &error),
        });
    }
    let simulator: Simulator;
    let builder = match connect::builder()? {
        Some(builder) => builder,
        None => {
            simulator = Simulator::builder().start().await?;
            connect::simulated_builder(&simulator)?
        }
    };
    Ok(match builder.build() {
        Ok(connector) => connector.diagnose(scope).await,
        Err(error) => Diagnosis::of_setup(Backend::Ews, &error),
    })
}

/// What the arguments say.
#[derive(Default)]
struct Asked {
    scope: DiagnosisScope,
    json: bool,
    help: bool,
}

impl Asked {
    fn read(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut asked = Self::default();
        while let Some(argument) = arguments.next() {
            let mut address = || {
                let next = arguments.next().filter(|next| !next.starts_with("--"));
                next.ok_or_else(|| format!("{argument} wants an address"))
            };
            let scope = asked.scope.clone();
            asked.scope = match argument.as_str() {
                "--act-as" => scope.act_as(address()?),
                "--shared" => scope.shared(address()?),
                "--send" => scope.send(true),
                "--draft" => scope.send_by_draft(),
                "--no-own" => scope.own_mailbox(false),
                "--json" => {
                    asked.json = true;
                    scope
                }
                "--help" | "-h" => {
                    asked.help = true;
                    scope
                }
                other => return Err(format!("there is no argument {other}")),
            };
        }
        Ok(asked)
    }
}
