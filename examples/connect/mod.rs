//! Where the examples connect to: the server that the environment names, or the simulator.
//!
//! | variable | what |
//! |---|---|
//! | `EWS_URL` | host name, address of Outlook on the web, or full `https://…/EWS/Exchange.asmx` |
//! | `EWS_USERNAME`, `EWS_PASSWORD` | `DOMAIN\user`, `user@domain` or `user`, and the password |
//! | `EWS_VERSION` | as `2016`, `Exchange2013_SP1`, `15.1.2507`; found out if not set |
//! | `EWS_AUTH` | `auto` (default), `basic` or `ntlm` |
//! | `EWS_CA_FILE` | certificates (PEM) to trust beside those of the system |
//! | `EWS_MAILBOX` | somebody else's mailbox to open with one's own rights |

use std::env;
use std::error::Error;
use std::sync::Arc;

use exchange_connector::ews::EwsConnector;
use exchange_connector::http::{Credentials, HttpOptions};
use exchange_connector::simulator::Simulator;
use exchange_connector::{Connector, Mailbox, MailboxTarget};

/// A mailbox, and the simulator it is in, if it is.
pub(crate) struct Connected {
    pub(crate) mailbox: Arc<dyn Mailbox>,
    pub(crate) simulator: Option<Simulator>,
}

/// Connects as the environment says, else to a simulator with a seeded mailbox.
pub(crate) async fn connect() -> Result<Connected, Box<dyn Error>> {
    let Ok(url) = env::var("EWS_URL") else {
        return simulated().await;
    };
    let needed = |name: &str| env::var(name).map_err(|_| format!("{name} is not set"));
    let credentials = Credentials::password(needed("EWS_USERNAME")?, needed("EWS_PASSWORD")?);
    let mut builder = EwsConnector::builder(url).credentials(credentials);
    if let Ok(version) = env::var("EWS_VERSION") {
        builder = builder.version(version.parse()?);
    }
    if let Ok(auth) = env::var("EWS_AUTH") {
        builder = builder.auth(auth.parse()?);
    }
    if let Ok(file) = env::var("EWS_CA_FILE") {
        let certificates = std::fs::read(&file).map_err(|e| format!("{file}: {e}"))?;
        builder = builder.http(HttpOptions::default().root_certificates(certificates));
    }
    let target = match env::var("EWS_MAILBOX") {
        Ok(address) => MailboxTarget::shared(address),
        Err(_) => MailboxTarget::Own,
    };
    Ok(Connected {
        mailbox: builder.build()?.mailbox(&target)?,
        simulator: None,
    })
}

async fn simulated() -> Result<Connected, Box<dyn Error>> {
    let simulator = Simulator::builder().seed_agenda(true).start().await?;
    let accounts = simulator.accounts();
    let alice = accounts.first().ok_or("the simulator has no mailbox")?;
    let connector = EwsConnector::builder(simulator.ews_url())
        .credentials(Credentials::password(
            &alice.address,
            alice.password.clone(),
        ))
        .time_zone(chrono_tz::Europe::Berlin)
        .build()?;
    println!(
        "EWS_URL is not set: this is {} in the simulator.\n",
        alice.display_name
    );
    Ok(Connected {
        mailbox: connector.mailbox(&MailboxTarget::Own)?,
        simulator: Some(simulator),
    })
}
