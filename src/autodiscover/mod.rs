//! From an e-mail address to the server: Autodiscover.
//!
//! ```no_run
//! use exchange_connector::autodiscover::{Autodiscover, Location};
//! use exchange_connector::http::Credentials;
//!
//! # async fn run() -> exchange_connector::Result<()> {
//! let found = Autodiscover::new("alice@contoso.com")
//!     .credentials(Credentials::password(r"CONTOSO\alice", "secret"))
//!     .discover()
//!     .await?;
//! match found.location {
//!     Location::Online => println!("in Exchange Online: use Microsoft Graph"),
//!     _ => println!("{} speaks {:?}", found.ews_url, found.version),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Whom it asks
//!
//! 1. the servers the caller [named](Autodiscover::seed);
//! 2. `https://autodiscover.<domain>`;
//! 3. where `http://autodiscover.<domain>` redirects to;
//! 4. the hosts of the SRV records `_autodiscover._tcp.<domain>`;
//! 5. `https://<domain>`, which is often a web server that somebody else runs:
//!    [`ask_domain`](Autodiscover::ask_domain) switches it off;
//! 6. Microsoft, if the caller [allows](Autodiscover::ask_microsoft) it: not by default, since that
//!    tells Microsoft the address.
//!
//! Everything that needs no logon is asked at the same time: Autodiscover V2 (JSON), the redirect
//! and the SRV records. What needs one is asked one after the other, GetUserSettings (SOAP) before
//! POX, up to the first answer. The service connection points in Active Directory are not read: a
//! program that can do so names what it found there with [`seed`](Autodiscover::seed).
//!
//! # Where credentials go
//!
//! Only by https, never by a redirect that the HTTP library follows, and only to approved hosts:
//! those the caller named or [approved](Autodiscover::approve_host), the domain of the address, its
//! `autodiscover` host, and hosts of the same registrable domain (`mail.contoso.com` for
//! `alice@eu.contoso.com`). For others a [rule](Autodiscover::approve_redirects) is asked; without
//! one the search goes on without them, and its error says which host to approve. Credentials are
//! never sent to Exchange Online. Each host has connections of its own.
//!
//! A wrong password is sent once to a host, and to two hosts at most: a third refusal could lock
//! the account. [`Credentials::from_source`] is asked for each host anew, and asked again by a host
//! that refused: another password that it gives then is sent too. It should give the same one to all,
//! and no other before a person changed it.
//!
//! Once a service has answered a logon that it does not know the address, nobody else sees the
//! credentials. Nor does the web server of the domain, where V2 has an answer by then. At most ten
//! redirects are followed, and none twice.

mod address;
mod answer;
mod approval;
mod ask;
mod discovered;
mod json;
mod place;
mod pox;
mod read;
mod search;
mod settle;
mod soap;
mod srv;
mod trace;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub use answer::{Answer, UserSettings};
pub use approval::Redirect;
pub use discovered::{Discovered, FoundBy, Location};
pub use read::read_answer;
pub use srv::{SrvRecord, SrvResolver, SystemSrvResolver};
pub use trace::{Asked, DiscoveryStep, DiscoveryTrace, StepOutcome};

use address::Address;
use approval::Approval;
use search::Search;

use crate::error::Result;
use crate::ews::EwsConnector;
use crate::http::{AuthPolicy, Credentials, HttpOptions};

/// A search for the server of a mailbox; see [the module](self) for what it does.
#[derive(Clone)]
#[must_use]
pub struct Autodiscover {
    email_address: String,
    credentials: Option<Credentials>,
    auth: AuthPolicy,
    http: HttpOptions,
    approval: Approval,
    seeds: Vec<String>,
    resolver: Option<Arc<dyn SrvResolver>>,
    asks_domain: bool,
    asks_microsoft: bool,
    prefers_internal: bool,
    timeout: Duration,
}

impl Autodiscover {
    /// A search for the mailbox of this address.
    pub fn new(email_address: impl Into<String>) -> Self {
        Self {
            email_address: email_address.into(),
            credentials: None,
            auth: AuthPolicy::Automatic,
            http: HttpOptions::default(),
            approval: Approval::default(),
            seeds: Vec::new(),
            resolver: Some(Arc::new(SystemSrvResolver)),
            asks_domain: true,
            asks_microsoft: false,
            prefers_internal: false,
            timeout: Duration::from_secs(20),
        }
    }

    /// Who is asking. Without credentials only Autodiscover V2 can answer, which later updates of
    /// Exchange 2016 and later have, and which does not tell the version.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// How to log on; what the server offers, strongest first, if not said.
    pub fn auth(mut self, policy: AuthPolicy) -> Self {
        self.auth = policy;
        self
    }

    /// Certificates, proxy and the like. Answers are never larger than 1 MiB here.
    pub fn http(mut self, options: HttpOptions) -> Self {
        self.http = options;
        self
    }

    /// Asks this server first: a host name, or the URL of its Autodiscover service (as in a service
    /// connection point). The host is approved by that. `http` is taken for this machine only, and
    /// nothing with an `@`.
    pub fn seed(mut self, server: impl Into<String>) -> Self {
        self.seeds.push(server.into());
        self
    }

    /// Lets credentials go to this host, where a redirect, an SRV record or the answer itself names
    /// it. Only the host of a URL counts, without its port. The whole name is meant: no hosts under
    /// it. What is no host makes [`discover`](Self::discover) fail.
    pub fn approve_host(mut self, host: impl AsRef<str>) -> Self {
        self.approval.add_host(host.as_ref());
        self
    }

    /// Decides about each host that is not approved otherwise. It is asked for https only.
    ///
    /// ```
    /// # use exchange_connector::autodiscover::Autodiscover;
    /// let search = Autodiscover::new("alice@contoso.com")
    ///     .approve_redirects(|redirect| redirect.host.ends_with(".contoso-services.net"));
    /// # drop(search);
    /// ```
    pub fn approve_redirects(
        mut self,
        rule: impl Fn(&Redirect) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.approval.set_rule(Arc::new(rule));
        self
    }

    /// Whether to ask `https://<domain>`. Default: yes, as the last one.
    pub fn ask_domain(mut self, ask: bool) -> Self {
        self.asks_domain = ask;
        self
    }

    /// Whether to ask Microsoft if nobody else had an answer. Default: no, since it tells Microsoft
    /// the address. No credentials are sent.
    pub fn ask_microsoft(mut self, ask: bool) -> Self {
        self.asks_microsoft = ask;
        self
    }

    /// Prefers the URL inside of the network, where the server gives both. If its host is not
    /// approved the one from everywhere is taken. Default: the one from everywhere, and the other only
    /// where there is none.
    pub fn prefer_internal(mut self, prefer: bool) -> Self {
        self.prefers_internal = prefer;
        self
    }

    /// Looks up SRV records in another way than by the name servers of this machine.
    pub fn srv_resolver(mut self, resolver: Arc<dyn SrvResolver>) -> Self {
        self.resolver = Some(resolver);
        self
    }

    /// Looks up no SRV records.
    pub fn without_srv(mut self) -> Self {
        self.resolver = None;
        self
    }

    /// The longest time for one question. Default: 20 s.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = limit;
        self
    }

    /// Searches.
    ///
    /// # Errors
    /// With every step in [`DiscoveryTrace::of`] the error:
    /// - `InvalidArgument`, when the address is none; nothing was asked then;
    /// - `Unauthenticated`, when the credentials were refused, or nobody takes such a logon;
    /// - `MailboxNotFound`, when a server does not know the address;
    /// - `Configuration`, when a host is not approved, or there is no such service; also when a seed or
    ///   an approved host is none, and nothing was asked then;
    /// - `Connection`, when nobody could be reached, and `Unavailable`, when a server may answer
    ///   later.
    pub async fn discover(&self) -> Result<Discovered> {
        let address = Address::parse(&self.email_address)?;
        self.approval.check()?;
        Search::new(self, address)?.run().await
    }

    /// Searches, and connects to what was found with the same credentials and settings.
    ///
    /// # Errors
    /// Those of [`discover`](Self::discover) and of [`Discovered::connector`]; `Configuration`
    /// without credentials.
    pub async fn connect(&self) -> Result<EwsConnector> {
        let found = self.discover().await?;
        let mut builder = found.connector()?.auth(self.auth).http(self.http.clone());
        if let Some(credentials) = &self.credentials {
            builder = builder.credentials(credentials.clone());
        }
        builder.build()
    }
}

impl fmt::Debug for Autodiscover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seeds: Vec<String> = self
            .seeds
            .iter()
            .map(|seed| search::shown_seed(seed))
            .collect();
        f.debug_struct("Autodiscover")
            .field("email_address", &self.email_address)
            .field("credentials", &self.credentials)
            .field("auth", &self.auth)
            .field("approval", &self.approval)
            .field("seeds", &seeds)
            .field("resolver", &self.resolver)
            .field("asks_domain", &self.asks_domain)
            .field("asks_microsoft", &self.asks_microsoft)
            .field("prefers_internal", &self.prefers_internal)
            .field("timeout", &self.timeout)
            .field("http", &self.http)
            .finish()
    }
}
