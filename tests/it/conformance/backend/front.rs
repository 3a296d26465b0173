//! The programs of people: the same for the cases, over one protocol or another.

use std::sync::Arc;
use std::time::Duration;

use exchange_connector::ews::{EwsConnector, EwsConnectorBuilder, ServerVersion};
use exchange_connector::graph::{Cloud, GraphConnector, GraphConnectorBuilder, TokenKind};
use exchange_connector::http::{AuthPolicy, AuthScheme, Credentials, HttpOptions, Proxy};
use exchange_connector::{Connector, Mailbox, MailboxTarget, RetryPolicy};

use super::token::Tokens;
use super::{Backend, HOME, address, password};

/// Where a program connects to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::conformance) enum Front {
    Ews(ServerVersion),
    Graph,
}

impl Front {
    /// The version of the server behind it.
    pub(in crate::conformance) fn version(self) -> ServerVersion {
        match self {
            Self::Ews(version) => version,
            Self::Graph => ServerVersion::Exchange2016,
        }
    }
}

/// What somebody set up wrongly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::conformance) enum Wrong {
    /// The password, or the token.
    Secret,
    /// Another path of the same server.
    Path,
    /// A server that is not there.
    Server,
}

impl Backend {
    /// A program that signs in as this person.
    pub(in crate::conformance) fn connector(&self, person: &str) -> Arc<dyn Connector> {
        match self.front {
            Front::Ews(_) => Arc::new(self.ews_program(person)),
            Front::Graph => Arc::new(self.graph(self.tokens_of(person)).build().unwrap()),
        }
    }

    /// A program that this person runs for others: it reaches their mailboxes as they do, once
    /// [`allow_impersonation`](Backend::allow_impersonation) lets it.
    pub(in crate::conformance) fn service(&self, person: &str) -> Arc<dyn Connector> {
        match self.front {
            Front::Ews(_) => self.connector(person),
            Front::Graph => {
                let tokens = Tokens::of_application(person, &self.simulator, &self.acting);
                let builder = self.graph(tokens).tokens_are(TokenKind::Application);
                Arc::new(builder.build().unwrap())
            }
        }
    }

    /// A program that this person allowed just that. Only Graph has such permissions.
    pub(in crate::conformance) fn allowed(
        &self,
        person: &str,
        permissions: &[&str],
    ) -> Arc<dyn Connector> {
        let token = self
            .simulator
            .delegated_token(&address(person), permissions);
        let builder = GraphConnector::with_token(token.unwrap().secret);
        let cloud = Cloud::At(self.simulator.graph_url());
        Arc::new(Self::plain(builder).cloud(cloud).build().unwrap())
    }

    /// A program that takes the addresses of people as the server gives them.
    pub(in crate::conformance) fn incurious(&self, person: &str) -> Arc<dyn Connector> {
        let builder = self.ews(self.simulator.ews_url(), person, &password(person));
        Arc::new(builder.resolve_addresses(false).build().unwrap())
    }

    /// A program that wants HTML as it is.
    pub(in crate::conformance) fn trusting(&self, person: &str) -> Arc<dyn Connector> {
        match self.front {
            Front::Ews(_) => {
                let builder = self.ews(self.simulator.ews_url(), person, &password(person));
                let builder = builder.danger_leave_active_content_in_html();
                Arc::new(builder.build().unwrap())
            }
            Front::Graph => {
                let builder = self.graph(self.tokens_of(person));
                let builder = builder.danger_leave_active_content_in_html();
                Arc::new(builder.build().unwrap())
            }
        }
    }

    /// A program of alice that has something wrong.
    pub(in crate::conformance) fn misled(&self, wrong: Wrong) -> Arc<dyn Connector> {
        let aim = |url: &str| match wrong {
            Wrong::Secret => url.to_owned(),
            Wrong::Path => url
                .replace("/EWS/", "/elsewhere/")
                .replace("/v1.0", "/elsewhere"),
            Wrong::Server => "http://127.0.0.1:9/v1.0".to_owned(),
        };
        let is_guess = wrong == Wrong::Secret;
        match self.front {
            Front::Ews(_) => {
                let right = password("alice");
                let secret = if is_guess { "guess" } else { &right };
                let builder = self.ews(&aim(self.simulator.ews_url()), "alice", secret);
                Arc::new(builder.build().unwrap())
            }
            Front::Graph => {
                let builder = match is_guess {
                    true => GraphConnector::with_token("guess"),
                    false => GraphConnector::builder(self.tokens_of("alice")),
                };
                let cloud = Cloud::At(aim(&self.simulator.graph_url()));
                Arc::new(Self::plain(builder).cloud(cloud).build().unwrap())
            }
        }
    }

    /// The mailbox of this person, in a program that asks again where that may help, and does not
    /// wait long where nobody says how long. The others send each request once, so that a case sees
    /// what comes of a single trouble.
    pub(in crate::conformance) fn persistent(&self, person: &str) -> Arc<dyn Mailbox> {
        let policy = RetryPolicy::default().first_wait(Duration::from_millis(2));
        let connector: Arc<dyn Connector> = match self.front {
            Front::Ews(_) => {
                let builder = self.ews(self.simulator.ews_url(), person, &password(person));
                Arc::new(builder.retry(policy).build().unwrap())
            }
            Front::Graph => {
                let builder = self.graph(self.tokens_of(person)).retry(policy);
                Arc::new(builder.build().unwrap())
            }
        };
        connector.mailbox(&MailboxTarget::Own).unwrap()
    }

    /// The mailbox of this person, who signs in by a name that is no address.
    pub(in crate::conformance) fn by_login(&self, person: &str) -> Arc<dyn Mailbox> {
        match self.front {
            Front::Ews(_) => {
                let login = Credentials::password(format!(r"EXAMPLE\{person}"), password(person));
                let builder = self.ews(self.simulator.ews_url(), person, "");
                let connector = builder.credentials(login).build().unwrap();
                connector.mailbox(&MailboxTarget::Own).unwrap()
            }
            // A token says nothing about whose it is.
            Front::Graph => self.mailbox(person),
        }
    }

    /// A program over EWS, whatever the case is about: other programs use it.
    pub(in crate::conformance) fn ews_program(&self, person: &str) -> EwsConnector {
        let builder = self.ews(self.simulator.ews_url(), person, &password(person));
        builder.build().unwrap()
    }

    pub(in crate::conformance) fn ews(
        &self,
        url: &str,
        person: &str,
        password: &str,
    ) -> EwsConnectorBuilder {
        EwsConnector::builder(url)
            .credentials(Credentials::password(address(person), password))
            .auth(AuthPolicy::Only(AuthScheme::Basic))
            .version(self.front.version())
            .time_zone(HOME)
            .http(HttpOptions::default().proxy(Proxy::Off))
            .retry(RetryPolicy::none())
    }

    fn tokens_of(&self, person: &str) -> Arc<Tokens> {
        Tokens::of_user(person, &self.simulator)
    }

    fn graph(&self, tokens: Arc<Tokens>) -> GraphConnectorBuilder {
        let cloud = Cloud::At(self.simulator.graph_url());
        Self::plain(GraphConnector::builder(tokens)).cloud(cloud)
    }

    fn plain(builder: GraphConnectorBuilder) -> GraphConnectorBuilder {
        builder
            .time_zone(HOME)
            .http(HttpOptions::default().proxy(Proxy::Off))
            .retry(RetryPolicy::none())
    }

    /// An id of the simulator's as this backend shows it.
    pub(in crate::conformance) fn shown(&self, item_id: &str) -> String {
        match self.front {
            Front::Ews(_) => item_id.to_owned(),
            Front::Graph => self.simulator.graph_id(item_id).unwrap(),
        }
    }

    /// An id of this backend as the simulator's remote control takes it. What is none of its ids, as the name of a
    /// folder, stays as it is.
    pub(in crate::conformance) fn stored_id(&self, id: &str) -> String {
        match self.front {
            Front::Ews(_) => id.to_owned(),
            Front::Graph => {
                let stored = self.simulator.ews_id(id);
                stored.unwrap_or_else(|_| id.to_owned())
            }
        }
    }
}
