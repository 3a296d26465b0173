//! Where the examples connect to: the server that the environment names, or the simulator.
//!
//! | variable | what |
//! |---|---|
//! | `EWS_URL` | host name, address of Outlook on the web, or full `https://…/EWS/Exchange.asmx` |
//! | `EWS_USERNAME`, `EWS_PASSWORD` | `DOMAIN\user`, `user@domain` or `user`, and the password |
//! | `EWS_VERSION` | as `2016`, `Exchange2013_SP1`, `15.1.2507`; found out if not set |
//! | `EWS_AUTH` | `auto` (default), `basic` or `ntlm` |
//! | `EWS_CA_FILE` | certificates (PEM) to trust beside those of the system |
//! | `EWS_ATTEMPTS` | how often a call is sent at most that fails for a passing reason; 5 if not set |
//! | `EWS_MAILBOX` | somebody else's mailbox to open with one's own rights |
//! | `EWS_TIME_ZONE` | the zone to show times in, as `Europe/Berlin`; that of this machine if not set |
//!
//! A variable that is empty counts as not set.

use std::env;
use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;

use chrono_tz::Tz;
use exchange_connector::ews::{Client, EwsConnector};
use exchange_connector::http::{Credentials, HttpOptions};
use exchange_connector::simulator::Simulator;
use exchange_connector::{Connector, Directory, Mailbox, MailboxTarget, RetryPolicy};

/// A mailbox, the directory of its organisation, the zone to show times in, and the simulator it is
/// in, if it is. Not every example wants all of it.
#[allow(dead_code)]
pub(crate) struct Connected {
    pub(crate) mailbox: Arc<dyn Mailbox>,
    pub(crate) directory: Arc<dyn Directory>,
    /// One level down: the operations of EWS.
    pub(crate) client: Client,
    pub(crate) zone: Tz,
    pub(crate) simulator: Option<Simulator>,
}

/// Says what went wrong, if anything did.
pub(crate) fn exit(done: Result<(), Box<dyn Error>>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Connects as the environment says, else to a simulator with a seeded mailbox.
pub(crate) async fn connect() -> Result<Connected, Box<dyn Error>> {
    let Some(url) = variable("EWS_URL") else {
        return simulated().await;
    };
    let zone = zone()?;
    let needed = |name: &str| variable(name).ok_or_else(|| format!("{name} is not set"));
    let credentials = Credentials::password(needed("EWS_USERNAME")?, needed("EWS_PASSWORD")?);
    let mut builder = EwsConnector::builder(url)
        .credentials(credentials)
        .time_zone(zone);
    if let Some(version) = variable("EWS_VERSION") {
        builder = builder.version(version.parse()?);
    }
    if let Some(auth) = variable("EWS_AUTH") {
        builder = builder.auth(auth.parse()?);
    }
    if let Some(file) = variable("EWS_CA_FILE") {
        let certificates = std::fs::read(&file).map_err(|e| format!("EWS_CA_FILE={file}: {e}"))?;
        builder = builder.http(HttpOptions::default().root_certificates(certificates));
    }
    if let Some(attempts) = variable("EWS_ATTEMPTS") {
        builder = builder.retry(RetryPolicy::default().attempts(attempts.parse()?));
    }
    let target = match variable("EWS_MAILBOX") {
        Some(address) => MailboxTarget::shared(address),
        None => MailboxTarget::Own,
    };
    let connector = builder.build()?;
    Ok(Connected {
        mailbox: connector.mailbox(&target)?,
        directory: connector.directory(),
        client: connector.client(),
        zone,
        simulator: None,
    })
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// The zone that was asked for, else that of this machine.
fn zone() -> Result<Tz, String> {
    match variable("EWS_TIME_ZONE") {
        Some(name) => {
            let unknown = |_| format!("EWS_TIME_ZONE={name}: there is no such time zone");
            name.parse().map_err(unknown)
        }
        None => {
            let name = iana_time_zone::get_timezone().unwrap_or_default();
            name.parse()
                .map_err(|_| "the zone of this machine is not known: set EWS_TIME_ZONE".to_owned())
        }
    }
}

async fn simulated() -> Result<Connected, Box<dyn Error>> {
    let simulator = Simulator::builder()
        .seed_agenda(true)
        .seed_calls(true)
        .start()
        .await?;
    let accounts = simulator.accounts();
    let alice = accounts.first().ok_or("the simulator has no mailbox")?;
    let connector = EwsConnector::builder(simulator.ews_url())
        .credentials(Credentials::password(
            &alice.address,
            alice.password.clone(),
        ))
        .time_zone(SIMULATED_ZONE)
        .build()?;
    eprintln!(
        "EWS_URL is not set: this is {} in the simulator.\n",
        alice.display_name
    );
    Ok(Connected {
        mailbox: connector.mailbox(&MailboxTarget::Own)?,
        directory: connector.directory(),
        client: connector.client(),
        zone: SIMULATED_ZONE,
        simulator: Some(simulator),
    })
}

/// Where the people in the simulator live.
const SIMULATED_ZONE: Tz = Tz::Europe__Berlin;
