//! Tokens of the simulator, renewed as a program would.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, Weak};

use async_trait::async_trait;
use exchange_connector::Error;
use exchange_connector::http::{AccessToken, TokenProvider};
use exchange_connector::simulator::{SimulatedToken, Simulator};

use super::address;

/// What a program of a person may do: all that the library knows to do.
const DELEGATED: &[&str] = &[
    "Calendars.ReadWrite",
    "Calendars.Read.Shared",
    "Calendars.ReadWrite.Shared",
    "Mail.ReadWrite",
    "Mail.Read.Shared",
    "Mail.ReadWrite.Shared",
    "Mail.Send",
    "Mail.Send.Shared",
    "MailboxSettings.ReadWrite",
    "User.Read",
    "User.Read.All",
    "User.ReadBasic.All",
    "People.Read",
    "GroupMember.Read.All",
    "Place.Read.All",
];

/// What a program that runs for others may do.
const APPLICATION: &[&str] = &[
    "Calendars.ReadWrite",
    "Mail.ReadWrite",
    "Mail.Send",
    "MailboxSettings.ReadWrite",
    "User.Read.All",
    "User.ReadBasic.All",
    "People.Read.All",
    "GroupMember.Read.All",
    "Place.Read.All",
];

/// The tokens of a user or of an application.
pub(super) struct Tokens {
    /// It must not keep the simulator running.
    simulator: Weak<Simulator>,
    /// Whose program.
    person: String,
    /// Where it is the token of an application: who may run one for all mailboxes.
    acting: Option<Arc<Mutex<BTreeSet<String>>>>,
    state: Mutex<State>,
}

/// The token in use.
#[derive(Default)]
struct State {
    token: Option<SimulatedToken>,
    is_allowed: bool,
    generation: u64,
}

impl Tokens {
    pub(super) fn of_user(person: &str, simulator: &Arc<Simulator>) -> Arc<Self> {
        Self::new(person, simulator, None)
    }

    pub(super) fn of_application(
        person: &str,
        simulator: &Arc<Simulator>,
        acting: &Arc<Mutex<BTreeSet<String>>>,
    ) -> Arc<Self> {
        Self::new(person, simulator, Some(Arc::clone(acting)))
    }

    fn new(
        person: &str,
        simulator: &Arc<Simulator>,
        acting: Option<Arc<Mutex<BTreeSet<String>>>>,
    ) -> Arc<Self> {
        Arc::new(Self {
            simulator: Arc::downgrade(simulator),
            person: person.to_owned(),
            acting,
            state: Mutex::default(),
        })
    }

    fn is_allowed(&self) -> bool {
        let acting = self.acting.as_ref();
        acting.is_none_or(|acting| acting.lock().unwrap().contains(&self.person))
    }

    fn issue(&self, is_allowed: bool) -> SimulatedToken {
        let simulator = self.simulator.upgrade().unwrap();
        match (&self.acting, is_allowed) {
            (None, _) => simulator
                .delegated_token(&address(&self.person), DELEGATED)
                .unwrap(),
            (Some(_), true) => simulator.application_token(APPLICATION),
            (Some(_), false) => simulator.application_token(&["User.Read.All"]),
        }
    }
}

#[async_trait]
impl TokenProvider for Tokens {
    async fn token(&self) -> Result<AccessToken, Error> {
        let is_allowed = self.is_allowed();
        let mut state = self.state.lock().unwrap();
        if state.token.is_none() || state.is_allowed != is_allowed {
            state.token = Some(self.issue(is_allowed));
            state.is_allowed = is_allowed;
            state.generation += 1;
        }
        let token = state.token.as_ref().unwrap();
        Ok(AccessToken::new(token.secret.clone(), state.generation))
    }

    async fn invalidate(&self, generation: u64) {
        let mut state = self.state.lock().unwrap();
        if state.generation == generation {
            state.token = None;
        }
    }
}
