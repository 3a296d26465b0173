//! From an e-mail address to the server: the URL and version of EWS, and whether the mailbox is
//! on-premises or in Exchange Online.
//!
//! ```sh
//! AUTODISCOVER_ADDRESS=alice@contoso.com EWS_USERNAME='CONTOSO\alice' EWS_PASSWORD=… \
//!     cargo run --example autodiscover -- --trace
//! ```
//!
//! With no address set it asks the simulator. `--trace` shows every step; after a failure they are
//! shown without it too.
//!
//! | variable | what |
//! |---|---|
//! | `AUTODISCOVER_ADDRESS` | the address of the mailbox |
//! | `EWS_USERNAME`, `EWS_PASSWORD` | who asks; without them only newer servers answer |
//! | `AUTODISCOVER_SEED` | a server to ask first: a host name or a URL |
//! | `AUTODISCOVER_APPROVE` | hosts that credentials may go to, with commas between |
//! | `AUTODISCOVER_MICROSOFT` | `1` to ask Microsoft too, which tells them the address |
//! | `EWS_CA_FILE` | certificates (PEM) to trust beside those of the system |

use std::env;
use std::error::Error;
use std::process::ExitCode;

use exchange_connector::autodiscover::{Autodiscover, Discovered, DiscoveryTrace, Location};
use exchange_connector::http::{Credentials, HttpOptions, Proxy};
use exchange_connector::simulator::Simulator;

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
    let shows_trace = env::args().any(|argument| argument == "--trace");
    let (search, _simulator) = match variable("AUTODISCOVER_ADDRESS") {
        Some(address) => (from_environment(address)?, None),
        None => {
            let (search, simulator) = simulated().await?;
            (search, Some(simulator))
        }
    };
    match search.discover().await {
        Ok(found) => print(&found, shows_trace),
        Err(error) => {
            if let Some(trace) = DiscoveryTrace::of(&error) {
                eprintln!("{trace}\n");
            }
            return Err(error.into());
        }
    }
    Ok(())
}

fn print(found: &Discovered, shows_trace: bool) {
    if shows_trace {
        println!("{}\n", found.trace);
    }
    println!("mailbox   {}", found.email_address);
    if let Some(name) = &found.display_name {
        println!("name      {name}");
    }
    println!("location  {}", found.location);
    println!("EWS       {}", found.ews_url);
    match found.version {
        Some(version) => println!("version   {version}"),
        None => println!("version   not told"),
    }
    if let Some(build) = &found.build {
        println!("build     {build}");
    }
    println!("found by  {} ({})", found.found_by, found.answered_by);
    if found.location == Location::Online {
        println!("\nUse Microsoft Graph: EWS is being switched off in Exchange Online.");
    }
}

fn from_environment(address: String) -> Result<Autodiscover, Box<dyn Error>> {
    let mut search = Autodiscover::new(address);
    if let (Some(user), Some(password)) = (variable("EWS_USERNAME"), variable("EWS_PASSWORD")) {
        search = search.credentials(Credentials::password(user, password));
    }
    if let Some(seed) = variable("AUTODISCOVER_SEED") {
        search = search.seed(seed);
    }
    for host in variable("AUTODISCOVER_APPROVE")
        .unwrap_or_default()
        .split(',')
    {
        search = search.approve_host(host);
    }
    if let Some(file) = variable("EWS_CA_FILE") {
        let certificates = std::fs::read(&file).map_err(|e| format!("EWS_CA_FILE={file}: {e}"))?;
        search = search.http(HttpOptions::default().root_certificates(certificates));
    }
    Ok(search.ask_microsoft(variable("AUTODISCOVER_MICROSOFT").as_deref() == Some("1")))
}

/// An organisation on this machine. Its names are in no DNS, so the search is told where they are.
async fn simulated() -> Result<(Autodiscover, Simulator), Box<dyn Error>> {
    let simulator = Simulator::builder().tls(true).start().await?;
    let ews = "https://mail.example.test/EWS/Exchange.asmx";
    simulator.announce_ews("https://exchange1.example.test/EWS/Exchange.asmx", ews);
    let accounts = simulator.accounts();
    let alice = accounts.first().ok_or("the simulator has no mailbox")?;
    let certificate = simulator.certificate_pem().unwrap_or_default();
    let options = HttpOptions::default()
        .proxy(Proxy::Off)
        .platform_roots(false)
        .root_certificates(certificate)
        .resolve("autodiscover.example.test", simulator.address())
        .resolve("example.test", simulator.address());
    let search = Autodiscover::new(&alice.address)
        .credentials(Credentials::password(
            &alice.address,
            alice.password.clone(),
        ))
        .http(options)
        .without_srv();
    eprintln!(
        "AUTODISCOVER_ADDRESS is not set: this is {} in the simulator.\n",
        alice.display_name
    );
    Ok((search, simulator))
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}
