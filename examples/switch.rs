//! The same program on-premises and online: one function, which knows no server, run against both.
//!
//! With nothing set it starts the simulator and goes to the same mailbox by both ways. Else it goes to the one server
//! that is described, in JSON (`ConnectorConfig`), by the file that the first argument names or by the variable
//! `EXCHANGE_CONFIG`:
//!
//! ```json
//! {"server": "on_premises", "url": "mail.contoso.com", "user": "CONTOSO\\alice", "password": "…"}
//! {"server": "online", "tenant": "contoso.onmicrosoft.com", "client_id": "…", "client_secret": "…"}
//! ```
//!
//! | variable | what |
//! |---|---|
//! | `EXCHANGE_CONFIG` | the description, as JSON |
//! | `EXCHANGE_ACT_AS` | whose mailbox is opened in the place of its owner; a program that signs in as itself must say it |
//!
//! On a real server it only reads.
//!
//! ```sh
//! cargo run --example switch --features oauth
//! ```

use std::env;
use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;

use chrono::{TimeDelta, Utc};
use exchange_connector::model::{
    CalendarRef, EventQuery, NewEvent, Notify, TimeRange, When, ZonedTime,
};
use exchange_connector::simulator::{SimulatedApplication, Simulator};
use exchange_connector::{Connector, ConnectorConfig, MailboxTarget};
use serde_json::json;

/// All this program does. Nothing in it knows where the mailbox is.
async fn agenda(
    connector: &dyn Connector,
    whose: &MailboxTarget,
) -> exchange_connector::Result<()> {
    let mailbox = connector.mailbox(whose)?;
    println!("by {}:", connector.backend());
    let week = TimeRange::lasting(Utc::now(), TimeDelta::weeks(1));
    let mut events = mailbox.list_events(EventQuery::between(week));
    while let Some(event) = events.try_next().await? {
        let day = event.when.start_date().map(|day| day.to_string());
        println!("  {}  {}", day.unwrap_or_default(), event.subject);
    }
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let whose = match env::var("EXCHANGE_ACT_AS") {
        Ok(address) if !address.is_empty() => MailboxTarget::act_as(address),
        _ => MailboxTarget::Own,
    };
    match described()? {
        Some(config) => agenda(&*config.connect()?, &whose).await?,
        None => simulated().await?,
    }
    Ok(())
}

/// The server that was described, if one was.
fn described() -> Result<Option<ConnectorConfig>, Box<dyn Error>> {
    let text = match env::args().nth(1) {
        Some(file) => std::fs::read_to_string(file)?,
        None => env::var("EXCHANGE_CONFIG").unwrap_or_default(),
    };
    match text.trim() {
        "" => Ok(None),
        json => Ok(Some(serde_json::from_str(json)?)),
    }
}

/// One mailbox, by two ways.
async fn simulated() -> Result<(), Box<dyn Error>> {
    const CLIENT: &str = "0f1d3a5c-1c1e-4b2a-9d55-8c2f5f2f7c11";
    const SECRET: &str = "not-a-secret";
    let simulator = Simulator::builder().start().await?;
    let application = SimulatedApplication::new(CLIENT)
        .secret(SECRET)
        .application_permissions(&["Calendars.ReadWrite", "MailboxSettings.Read"]);
    simulator.register_application(application);
    let alice = simulator.accounts().remove(0);
    let on_premises = json!({
        "server": "on_premises",
        "url": simulator.ews_url(),
        "user": alice.address,
        "password": alice.password,
    });
    let online = json!({
        "server": "online",
        "tenant": "example.test",
        "client_id": CLIENT,
        "client_secret": SECRET,
        "base_url": simulator.graph_url(),
        "authority_url": simulator.authority_url(),
    });
    for (config, subject) in [
        (on_premises, "Booked on-premises"),
        (online, "Booked online"),
    ] {
        let config: ConnectorConfig = serde_json::from_value(config)?;
        let connector = config.connect()?;
        // an application has no mailbox of its own
        let whose = match config {
            ConnectorConfig::Online(_) => MailboxTarget::act_as(alice.address.as_str()),
            _ => MailboxTarget::Own,
        };
        book(&connector, &whose, subject).await?;
        agenda(&*connector, &whose).await?;
    }
    Ok(())
}

async fn book(
    connector: &Arc<dyn Connector>,
    whose: &MailboxTarget,
    subject: &str,
) -> exchange_connector::Result<()> {
    let start = Utc::now() + TimeDelta::days(1);
    let when = When::between(
        ZonedTime::from_utc(start, chrono_tz::Europe::Berlin),
        ZonedTime::from_utc(start + TimeDelta::hours(1), chrono_tz::Europe::Berlin),
    );
    let event = NewEvent::new(subject, when);
    let mailbox = connector.mailbox(whose)?;
    mailbox
        .create_event(&CalendarRef::Default, event, Notify::Auto)
        .await?;
    Ok(())
}
