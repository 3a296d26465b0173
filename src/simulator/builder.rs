//! Describing and starting a simulator.

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::auth::{AuthScheme, ExtendedProtection};
use super::certificate::Tls;
use super::directory::furnish;
use super::item::Address;
use super::log::Log;
use super::refusal::Refusal;
use super::server::{Settings, Shared, serve};
use super::store::Store;
use super::version::SimulatedVersion;
use super::zone::Zone;
use super::{Simulator, SimulatorError, seed};

/// How a simulator is to be. Without settings: plain HTTP on a free port, Basic and NTLM, three
/// mailboxes, Exchange 2016, the schema checked, empty calendars.
///
/// Beside the mailboxes of people there are always the rooms `room1@example.test` to `room3`, the
/// lists of rooms `rooms-berlin@example.test` and `rooms-vienna`, and the groups
/// `team@example.test` and `everyone`.
#[derive(Clone, Debug)]
pub struct SimulatorBuilder {
    address: SocketAddr,
    tls: bool,
    host_names: Vec<String>,
    schemes: Vec<AuthScheme>,
    protection: ExtendedProtection,
    mailboxes: usize,
    version: SimulatedVersion,
    check_schema: bool,
    seed_agenda: bool,
    seed_calls: bool,
    record: bool,
    compress: bool,
    now: Option<DateTime<Utc>>,
}

impl Default for SimulatorBuilder {
    fn default() -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            tls: false,
            host_names: Vec::new(),
            schemes: vec![AuthScheme::Ntlm, AuthScheme::Basic],
            protection: ExtendedProtection::Off,
            mailboxes: 3,
            version: SimulatedVersion::Exchange2016,
            check_schema: true,
            seed_agenda: false,
            seed_calls: false,
            record: false,
            compress: true,
            now: None,
        }
    }
}

impl SimulatorBuilder {
    /// Where to listen; port 0 takes a free one.
    #[must_use]
    pub fn addr(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// HTTPS with a certificate of its own instead of HTTP.
    #[must_use]
    pub fn tls(mut self, tls: bool) -> Self {
        self.tls = tls;
        self
    }

    /// More names that the certificate is good for, beside loopback addresses, `localhost`,
    /// `example.test` and every host directly under it.
    #[must_use]
    pub fn host_names(mut self, names: &[&str]) -> Self {
        self.host_names = names.iter().map(|name| (*name).to_owned()).collect();
        self
    }

    /// The schemes to offer, in that order.
    #[must_use]
    pub fn auth(mut self, schemes: &[AuthScheme]) -> Self {
        self.schemes = schemes.to_vec();
        self
    }

    /// Whether NTLM over TLS must be bound to the certificate. Off if nothing is said.
    #[must_use]
    pub fn extended_protection(mut self, protection: ExtendedProtection) -> Self {
        self.protection = protection;
        self
    }

    /// How many mailboxes of people there are.
    #[must_use]
    pub fn mailboxes(mut self, count: usize) -> Self {
        self.mailboxes = count;
        self
    }

    /// The Exchange version to play.
    #[must_use]
    pub fn version(mut self, version: SimulatedVersion) -> Self {
        self.version = version;
        self
    }

    /// Whether requests and answers are checked against the schema; off for measurements.
    #[must_use]
    pub fn check_schema(mut self, check: bool) -> Self {
        self.check_schema = check;
        self
    }

    /// Whether the calendars of alice, bob and carol hold events of the current week.
    #[must_use]
    pub fn seed_agenda(mut self, seed: bool) -> Self {
        self.seed_agenda = seed;
        self
    }

    /// Whether the calendar of alice holds online meetings around now: one that is over, one declined, one cancelled,
    /// and one to join in less than half an hour.
    #[must_use]
    pub fn seed_calls(mut self, seed: bool) -> Self {
        self.seed_calls = seed;
        self
    }

    /// Whether [`Simulator::exchanges`] keeps requests and answers.
    #[must_use]
    pub fn record(mut self, record: bool) -> Self {
        self.record = record;
        self
    }

    /// Whether answers are packed with gzip for clients that accept it.
    #[must_use]
    pub fn compress(mut self, compress: bool) -> Self {
        self.compress = compress;
        self
    }

    /// A clock that stands still, for results that do not depend on the day.
    #[must_use]
    pub fn now(mut self, now: DateTime<Utc>) -> Self {
        self.now = Some(now);
        self
    }

    /// Starts it.
    ///
    /// # Errors
    /// [`SimulatorError::Listen`] where the address is taken, [`SimulatorError::Certificate`] where
    /// no certificate could be made.
    pub async fn start(self) -> Result<Simulator, SimulatorError> {
        let tls = self.tls.then(|| Tls::new(&self.host_names)).transpose()?;
        let certificate = tls.as_ref().map(Tls::pem);
        let mut store = Store::default();
        let berlin = Zone::windows("W. Europe Standard Time").unwrap_or_else(Zone::utc);
        for number in 1..=self.mailboxes {
            let (address, password) = account(number);
            store.add_mailbox(address, password, berlin.clone());
        }
        furnish(&mut store, &berlin);
        store.add_public_folders(berlin);
        let now = self.now.unwrap_or_else(Utc::now);
        let corrupt = |refusal: Refusal| SimulatorError::Item(refusal.message);
        if self.seed_agenda {
            seed::agenda(&mut store, now).map_err(corrupt)?;
        }
        if self.seed_calls {
            seed::calls(&mut store, now).map_err(corrupt)?;
        }
        let failed = |source| SimulatorError::Listen {
            address: self.address,
            source,
        };
        let listener = TcpListener::bind(self.address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let policies = self.version >= SimulatedVersion::Exchange2010;
        let scheme = if self.tls { "https" } else { "http" };
        let url = format!("{scheme}://{address}/EWS/Exchange.asmx");
        let shared = Arc::new(Shared {
            store: Mutex::new(store),
            log: Mutex::new(Log::default()),
            violations: Mutex::default(),
            exchanges: Mutex::default(),
            troubles: Mutex::new(VecDeque::new()),
            connection_troubles: Mutex::default(),
            disturbances: Mutex::default(),
            answers: Mutex::default(),
            graph_answers: Mutex::default(),
            running: Mutex::default(),
            concurrency: Mutex::new(policy_of(self.version)),
            mailbox_concurrency: Mutex::new(Some(4)),
            programs: Mutex::default(),
            restarts: watch::Sender::new(0),
            find_limit: Mutex::new(policies.then_some(1000)),
            batch_limit: Mutex::new(None),
            ahead: Mutex::default(),
            autodiscover: Mutex::default(),
            tokens: Mutex::default(),
            settings: Settings {
                schemes: self.schemes,
                protection: self.protection,
                tls,
                version: self.version,
                check_schema: self.check_schema,
                record: self.record,
                compress: self.compress,
                ews_url: url.clone(),
                now: self.now,
            },
        });
        Ok(Simulator {
            url,
            address,
            certificate,
            task: Mutex::new(tokio::spawn(serve(listener, Arc::clone(&shared)))),
            shared,
        })
    }
}

/// How many requests an account may have under way (`EwsMaxConcurrency`) if nothing is said: 10 for
/// Exchange 2010, 27 from Exchange 2013 on. Exchange 2007 has no such policies.
fn policy_of(version: SimulatedVersion) -> Option<usize> {
    match version {
        SimulatedVersion::Exchange2007 | SimulatedVersion::Exchange2007Sp1 => None,
        SimulatedVersion::Exchange2010
        | SimulatedVersion::Exchange2010Sp1
        | SimulatedVersion::Exchange2010Sp2 => Some(10),
        _ => Some(27),
    }
}

/// Address and password of the account with that number, from 1.
fn account(number: usize) -> (Address, String) {
    let (name, local) = match number {
        1 => ("Alice Adler".to_owned(), "alice".to_owned()),
        2 => ("Bob Berger".to_owned(), "bob".to_owned()),
        3 => ("Carol Conrad".to_owned(), "carol".to_owned()),
        _ => (format!("User {number}"), format!("user{number}")),
    };
    let address = Address {
        name,
        email: format!("{local}@example.test"),
    };
    (address, format!("{local}-Passw0rd"))
}
