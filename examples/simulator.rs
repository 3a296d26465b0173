//! Runs the simulated Exchange server, for other programs and other languages.
//!
//! ```sh
//! cargo run --example simulator -- --addr 127.0.0.1:0 --auth basic,ntlm --mailboxes 3
//! ```
//!
//! It prints where EWS and Graph are, and for each person an address with a token for Graph and one with a password.
//!
//! With `--trouble drop-after:0.1 --seed 7` one in ten requests loses its answer; the option may be
//! given several times, and an unknown name is answered with those that are known.

use std::io::Write as _;
use std::process::ExitCode;

use exchange_connector::simulator::{
    AuthScheme, Disturbance, Simulator, SimulatorBuilder, Trouble,
};

const USAGE: &str = "usage: simulator [--help] [--addr 127.0.0.1:PORT] [--tls [--ca-file PATH]] \
[--auth basic,ntlm,negotiate] [--extended-protection off|allow|require] [--mailboxes N] [--version Exchange2016] [--seed-agenda] \
[--no-schema-check] [--trouble NAME:SHARE]... [--seed N]";

/// What the tokens for Graph allow, which are printed beside the passwords and are good for an hour.
const PERMISSIONS: &[&str] = &[
    "Calendars.ReadWrite",
    "Mail.ReadWrite",
    "Mail.Send",
    "MailboxSettings.ReadWrite",
    "User.Read",
    "User.ReadBasic.All",
];

struct Options {
    builder: SimulatorBuilder,
    ca_file: Option<String>,
    /// What goes wrong, with which share of the requests or connections.
    troubles: Vec<(Trouble, f64)>,
    seed: u64,
}

/// Reads `drop-after:0.1`.
fn trouble(text: &str) -> Result<(Trouble, f64), String> {
    let (name, share) = text
        .split_once(':')
        .ok_or_else(|| format!("'{text}' is not NAME:SHARE, such as drop-after:0.1"))?;
    let trouble = name.parse::<Trouble>().map_err(|error| error.to_string())?;
    match share.parse() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok((trouble, share)),
        _ => Err(format!("'{share}' is no share: from 0 to 1")),
    }
}

/// What the arguments ask for; `None` for help.
fn options(mut arguments: impl Iterator<Item = String>) -> Result<Option<Options>, String> {
    let mut builder = Simulator::builder();
    let mut tls = false;
    let mut ca_file = None;
    let mut troubles = Vec::new();
    let mut seed = 0;
    while let Some(option) = arguments.next() {
        let mut value = || {
            arguments
                .next()
                .ok_or_else(|| format!("{option} needs a value"))
        };
        let failed = |error: &dyn std::fmt::Display| format!("{option}: {error}");
        builder = match option.as_str() {
            "--addr" => builder.addr(value()?.parse().map_err(|error| failed(&error))?),
            "-h" | "--help" => return Ok(None),
            "--tls" => {
                tls = true;
                builder.tls(true)
            }
            "--auth" => {
                let schemes: Result<Vec<AuthScheme>, _> =
                    value()?.split(',').map(str::parse).collect();
                builder.auth(&schemes.map_err(|error| failed(&error))?)
            }
            "--mailboxes" => match value()?.parse().map_err(|error| failed(&error))? {
                0 => return Err(failed(&"there must be one mailbox at least")),
                count => builder.mailboxes(count),
            },
            "--version" => builder.version(value()?.parse().map_err(|error| failed(&error))?),
            "--extended-protection" => {
                let protection = value()?.parse().map_err(|error| failed(&error))?;
                builder.extended_protection(protection)
            }
            "--trouble" => {
                troubles.push(trouble(&value()?).map_err(|error| failed(&error))?);
                builder
            }
            "--seed" => {
                seed = value()?.parse().map_err(|error| failed(&error))?;
                builder
            }
            "--seed-agenda" => builder.seed_agenda(true),
            "--no-schema-check" => builder.check_schema(false),
            "--ca-file" => {
                ca_file = Some(value()?);
                builder
            }
            _ => return Err(format!("unknown option {option}")),
        };
    }
    if ca_file.is_some() && !tls {
        return Err("--ca-file: without --tls there is no certificate to write".to_owned());
    }
    Ok(Some(Options {
        builder,
        ca_file,
        troubles,
        seed,
    }))
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = match options(std::env::args().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Err(problem) => {
            eprintln!("{problem}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match serve(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(options: Options) -> Result<(), Box<dyn std::error::Error>> {
    let simulator = options.builder.start().await?;
    if let (Some(path), Some(pem)) = (options.ca_file, simulator.certificate_pem()) {
        std::fs::write(path, pem)?;
    }
    for (number, (trouble, share)) in (0..).zip(options.troubles) {
        let seed = options.seed.wrapping_add(number);
        simulator.disturb(Disturbance::new(trouble).share(share, seed));
    }
    let mut output = std::io::stdout().lock();
    writeln!(output, "ews {}", simulator.ews_url())?;
    writeln!(output, "graph {}", simulator.graph_url())?;
    for account in simulator.accounts() {
        let token = simulator.delegated_token(&account.address, PERMISSIONS)?;
        writeln!(output, "token {} {}", account.address, token.secret)?;
    }
    for account in simulator.accounts() {
        writeln!(output, "user {} {}", account.address, account.password)?;
    }
    output.flush()?;
    drop(output);
    tokio::signal::ctrl_c().await?;
    for violation in simulator.violations() {
        let side = if violation.answer {
            "answer"
        } else {
            "request"
        };
        eprintln!(
            "violation: {side} of {}: {}",
            violation.operation, violation.problem
        );
    }
    simulator.shutdown().await;
    Ok(())
}
