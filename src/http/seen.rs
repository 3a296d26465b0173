//! What the connections to one server have shown; `ConnectionFacts` is made of it when somebody asks.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::HeaderMap;

use super::certificate;
use super::challenge::Challenge;
use super::facts::{ChannelBindingFacts, ConnectionFacts, Marks};
use super::policy::AuthScheme;
use super::servers::{kept, same_servers, servers};

#[derive(Debug, Default)]
pub(super) struct Seen {
    state: Mutex<State>,
    pub(super) chain: Arc<Chain>,
}

#[derive(Debug, Default)]
struct State {
    offered: Vec<String>,
    tried: Vec<AuthScheme>,
    accepted: Option<AuthScheme>,
    binding: ChannelBindingFacts,
    /// The headers with the servers' names, of one answer.
    servers: HeaderMap,
    logon_time: Option<Duration>,
    marks: Marks,
}

impl Seen {
    /// What the server wrote in its `WWW-Authenticate` headers when it was asked without a logon, or refused one.
    pub(super) fn offered(&self, challenges: &[Challenge]) {
        let mut offered: Vec<String> = Vec::new();
        for challenge in challenges {
            if !offered.iter().any(|known| challenge.is(known)) {
                offered.push(challenge.scheme.chars().take(64).collect());
            }
        }
        let mut state = self.state();
        state.offered = offered;
        state.marks.offered = state.marks.answers;
    }

    /// Something came back from a server that was shown this logon.
    pub(super) fn tried(&self, scheme: AuthScheme) {
        let mut state = self.state();
        let answers = state.marks.answers;
        let known = state.tried.iter().position(|known| *known == scheme);
        match known.and_then(|at| state.marks.tried.get_mut(at)) {
            Some(mark) => *mark = answers,
            None => {
                state.tried.push(scheme);
                state.marks.tried.push(answers);
            }
        }
    }

    pub(super) fn accepted(&self, scheme: AuthScheme) {
        let mut state = self.state();
        state.accepted = Some(scheme);
        state.marks.accepted = state.marks.answers;
    }

    #[cfg_attr(not(feature = "ntlm"), allow(dead_code))]
    pub(super) fn binding(&self, binding: ChannelBindingFacts) {
        self.state().binding = binding;
    }

    #[cfg_attr(not(feature = "ntlm"), allow(dead_code))]
    pub(super) fn logged_on_in(&self, time: Duration) {
        self.state().logon_time = Some(time);
    }

    /// Who answered. Costs nothing while it stays the same server.
    pub(super) fn answer(&self, headers: &HeaderMap) {
        let mut state = self.state();
        state.marks.answers += 1;
        if !same_servers(&state.servers, headers) {
            state.servers = kept(headers);
        }
    }

    /// Adds what was seen.
    pub(super) fn fill(&self, facts: &mut ConnectionFacts) {
        let state = self.state();
        facts.offered.clone_from(&state.offered);
        facts.tried.clone_from(&state.tried);
        facts.accepted = state.accepted;
        facts.channel_binding = state.binding;
        facts.servers = servers(&state.servers);
        facts.logon_time = state.logon_time;
        facts.marks.clone_from(&state.marks);
        let chain = self.chain.lock();
        facts.certificates = chain.iter().map(|der| certificate::facts(der)).collect();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The certificates a server showed last, its own first, as bytes.
#[derive(Debug, Default)]
pub(super) struct Chain(Mutex<Vec<Vec<u8>>>);

impl Chain {
    pub(super) fn show<'a>(&self, certificates: impl Iterator<Item = &'a [u8]> + Clone) {
        let mut chain = self.lock();
        if !chain.iter().map(Vec::as_slice).eq(certificates.clone()) {
            *chain = certificates.take(MOST).map(<[u8]>::to_vec).collect();
        }
    }

    /// The server's own certificate.
    pub(super) fn own(&self) -> Option<Vec<u8>> {
        self.lock().first().cloned()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// So many certificates of a chain are kept.
const MOST: usize = 10;
