//! Where the examples connect to: the server that the environment names, or the simulator.
//!
//! | variable | what |
//! |---|---|
//! | `EWS_URL` | host name, address of Outlook on the web, or full `https://…/EWS/Exchange.asmx` |
//! | `EWS_USERNAME`, `EWS_PASSWORD` | `DOMAIN\user`, `user@domain` or `user`, and the password |
//! | `EWS_TOKEN` | an access token (bearer) instead of them; it is not renewed |
//! | `EWS_CLIENT_CERTIFICATE` | a file (PEM) with a certificate and its key, shown beside the password or the token; without them it is the logon |
//! | `EWS_VERSION` | as `2016`, `Exchange2013_SP1`, `15.1.2507`; found out if not set |
//! | `EWS_AUTH` | `auto` (default), `basic`, `ntlm`, `kerberos` or `negotiate`, `bearer`, or a list of those allowed, as `ntlm,basic` |
//! | `EWS_CA_FILE` | certificates (PEM) to trust beside those of the system |
//! | `EWS_ATTEMPTS` | how often a call is sent at most that fails for a passing reason; 5 if not set |
//! | `EWS_PIN` | SHA-256 of the server's certificate in hexadecimal; nothing else is trusted then |
//! | `EWS_PROXY` | `http://user:password@host:port`; that of the system if not set |
//! | `EWS_MAILBOX` | somebody else's mailbox to open with one's own rights |
//! | `EWS_RECORD` | a new folder for the requests and answers, without what is in them |
//! | `EWS_TIME_ZONE` | the zone to show times in, as `Europe/Berlin`; that of this machine if not set |
//!
//! Exchange Online, by Microsoft Graph, is named by these instead:
//!
//! | variable | what |
//! |---|---|
//! | `GRAPH_TOKEN` | an access token; it is not renewed |
//! | `GRAPH_TENANT`, `GRAPH_CLIENT_ID`, `GRAPH_CLIENT_SECRET` | an application that signs in as itself (feature `oauth`) |
//! | `GRAPH_MAILBOX` | whose mailbox is opened: an application has none of its own |
//! | `GRAPH_URL`, `GRAPH_AUTHORITY_URL` | other addresses than those of the global cloud, as the simulator's |
//!
//! A variable that is empty counts as not set.

use std::env;
use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;

use chrono_tz::Tz;
use exchange_connector::ews::{Client, EwsConnector, EwsConnectorBuilder};
use exchange_connector::http::{ClientCertificate, Credentials, HttpOptions, Proxy};
use exchange_connector::simulator::Simulator;
use exchange_connector::{
    Connector, ConnectorConfig, Directory, ErrorKind, Mailbox, MailboxTarget, RetryPolicy,
};

/// A mailbox, the directory of its organisation, the zone to show times in, and the simulator it is
/// in, if it is. Not every example wants all of it.
#[allow(dead_code)]
pub(crate) struct Connected {
    pub(crate) mailbox: Arc<dyn Mailbox>,
    pub(crate) directory: Arc<dyn Directory>,
    /// One level down: the operations of EWS, where that is how it is connected.
    pub(crate) client: Option<Client>,
    pub(crate) zone: Tz,
    pub(crate) simulator: Option<Simulator>,
}

/// Says what went wrong, if anything did.
#[allow(dead_code)]
pub(crate) fn exit(done: Result<(), Box<dyn Error>>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// The arguments of the command line, which are all names or numbers. For `--help`, and for any other option, the
/// error says how the example is called.
#[allow(dead_code)]
pub(crate) fn arguments(usage: &str) -> Result<std::vec::IntoIter<String>, String> {
    let all: Vec<String> = env::args().skip(1).collect();
    match all.iter().any(|one| one.starts_with('-')) {
        true => Err(format!("usage: {usage}")),
        false => Ok(all.into_iter()),
    }
}

/// Whether an error is about one item alone, so that the others may go on.
#[allow(dead_code)]
pub(crate) fn is_its_own(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Unsupported
            | ErrorKind::NotFound
            | ErrorKind::DataCorrupt
            | ErrorKind::ContentRejected
    )
}

/// Connects as the environment says, else to a simulator with a seeded mailbox.
#[allow(dead_code)]
pub(crate) async fn connect() -> Result<Connected, Box<dyn Error>> {
    if let Some(config) = online()? {
        let connector = config.connect()?;
        let target = match (variable("GRAPH_MAILBOX"), variable("GRAPH_TOKEN")) {
            (Some(address), None) => MailboxTarget::act_as(address),
            (Some(address), Some(_)) => MailboxTarget::shared(address),
            (None, _) => MailboxTarget::Own,
        };
        return Ok(Connected {
            mailbox: connector.mailbox(&target)?,
            directory: connector.directory(),
            client: None,
            zone: zone()?,
            simulator: None,
        });
    }
    let Some(builder) = builder()? else {
        return simulated().await;
    };
    let zone = zone()?;
    let target = match variable("EWS_MAILBOX") {
        Some(address) => MailboxTarget::shared(address),
        None => MailboxTarget::Own,
    };
    let connector = builder.time_zone(zone).build()?;
    Ok(Connected {
        mailbox: connector.mailbox(&target)?,
        directory: connector.directory(),
        client: Some(connector.client()),
        zone,
        simulator: None,
    })
}

/// Exchange Online, as the environment describes it; `None` if it does not.
pub(crate) fn online() -> Result<Option<ConnectorConfig>, Box<dyn Error>> {
    let (token, secret) = (variable("GRAPH_TOKEN"), variable("GRAPH_CLIENT_SECRET"));
    if token.is_none() && secret.is_none() {
        return Ok(None);
    }
    if variable("EWS_URL").is_some() {
        return Err("EWS_URL is set, and so is what names Exchange Online: name one server".into());
    }
    let given = [
        ("server", Some("online".to_owned())),
        ("token", token),
        ("tenant", variable("GRAPH_TENANT")),
        ("client_id", variable("GRAPH_CLIENT_ID")),
        ("client_secret", secret),
        ("base_url", variable("GRAPH_URL")),
        ("authority_url", variable("GRAPH_AUTHORITY_URL")),
        ("time_zone", Some(zone()?.to_string())),
    ];
    let given = given
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?.into())));
    let given = serde_json::Value::Object(given.collect());
    Ok(Some(serde_json::from_value(given)?))
}

/// The connector that the environment describes; `None` if it names no server.
pub(crate) fn builder() -> Result<Option<EwsConnectorBuilder>, Box<dyn Error>> {
    let Some(url) = variable("EWS_URL") else {
        return Ok(None);
    };
    let needed = |name: &str| variable(name).ok_or_else(|| format!("{name} is not set"));
    let mut options = HttpOptions::default();
    let certificate = client_certificate()?;
    let credentials = match (variable("EWS_TOKEN"), certificate) {
        (Some(_), _) if variable("EWS_PASSWORD").is_some() => {
            return Err("EWS_TOKEN and EWS_PASSWORD are set: use one of them".into());
        }
        (None, Some(certificate)) if variable("EWS_USERNAME").is_none() => {
            Credentials::client_certificate(certificate)
        }
        (token, certificate) => {
            if let Some(certificate) = certificate {
                options = options.client_certificate(certificate);
            }
            match token {
                Some(token) => Credentials::bearer_token(token),
                None => Credentials::password(needed("EWS_USERNAME")?, needed("EWS_PASSWORD")?),
            }
        }
    };
    let mut builder = EwsConnector::builder(url).credentials(credentials);
    if let Some(version) = variable("EWS_VERSION") {
        builder = builder.version(version.parse()?);
    }
    if let Some(auth) = variable("EWS_AUTH") {
        builder = builder.auth(auth.parse()?);
    }
    if let Some(file) = variable("EWS_CA_FILE") {
        let certificates = std::fs::read(&file).map_err(|e| format!("EWS_CA_FILE={file}: {e}"))?;
        options = options.root_certificates(certificates);
    }
    if let Some(sha256) = variable("EWS_PIN") {
        options = options.pin_certificate(sha256).trust_only_pinned(true);
    }
    if let Some(proxy) = variable("EWS_PROXY") {
        options = options.proxy(Proxy::url(&proxy)?);
    }
    builder = builder.http(options);
    if let Some(folder) = variable("EWS_RECORD") {
        builder = builder.record_to(folder);
    }
    if let Some(attempts) = variable("EWS_ATTEMPTS") {
        builder = builder.retry(RetryPolicy::default().attempts(attempts.parse()?));
    }
    Ok(Some(builder))
}

fn client_certificate() -> Result<Option<ClientCertificate>, Box<dyn Error>> {
    let Some(file) = variable("EWS_CLIENT_CERTIFICATE") else {
        return Ok(None);
    };
    let explain = |problem: &dyn Error| format!("EWS_CLIENT_CERTIFICATE={file}: {problem}");
    // both are found in the same text
    let pem = std::fs::read_to_string(&file).map_err(|e| explain(&e))?;
    let certificate = ClientCertificate::from_pem(pem.clone(), pem).map_err(|e| explain(&e))?;
    Ok(Some(certificate))
}

/// The connector to the first account of a simulator.
pub(crate) fn simulated_builder(
    simulator: &Simulator,
) -> Result<EwsConnectorBuilder, Box<dyn Error>> {
    let accounts = simulator.accounts();
    let alice = accounts.first().ok_or("the simulator has no mailbox")?;
    eprintln!(
        "EWS_URL is not set: this is {} in the simulator.\n",
        alice.display_name
    );
    let credentials = Credentials::password(&alice.address, alice.password.clone());
    let builder = EwsConnector::builder(simulator.ews_url()).credentials(credentials);
    Ok(match variable("EWS_RECORD") {
        Some(folder) => builder.record_to(folder),
        None => builder,
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
    let connector = simulated_builder(&simulator)?
        .time_zone(SIMULATED_ZONE)
        .build()?;
    Ok(Connected {
        mailbox: connector.mailbox(&MailboxTarget::Own)?,
        directory: connector.directory(),
        client: Some(connector.client()),
        zone: SIMULATED_ZONE,
        simulator: Some(simulator),
    })
}

/// Where the people in the simulator live.
const SIMULATED_ZONE: Tz = Tz::Europe__Berlin;
