//! One wrong password is tried once.
//!
//! Directories lock accounts after a few wrong passwords, so what is not known to be right is sent by one call at a
//! time, and what was refused is never sent again. When there is a source, it is asked for another.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::credentials::{CredentialSource, Password};
use crate::error::{Error, ErrorKind};

/// The password of one identity, and what is known about it.
pub(super) struct Proof {
    /// `None` when the password is fixed.
    source: Option<Arc<dyn CredentialSource>>,
    state: Mutex<State>,
    /// Held by the call that finds out whether the password is right.
    turn: tokio::sync::Mutex<()>,
    /// Held by the call that asks the source.
    asking: tokio::sync::Mutex<()>,
    /// So long a password that was right may go with several requests at once. It can be changed or expire at any
    /// time; what is then on its way is refused in one go, and sent again with the new one.
    trust: Duration,
}

#[derive(Default)]
struct State {
    password: Option<Arc<Password>>,
    /// Grows with each password.
    generation: u64,
    standing: Standing,
    /// How often the source was asked.
    asked: u64,
    /// The source gave nothing else since the last refusal.
    in_vain: bool,
    /// The server took a password of this user.
    proven: bool,
    refused: Vec<Arc<Password>>,
}

#[derive(Default)]
enum Standing {
    #[default]
    Unknown,
    Good(Instant),
    Refused(Refusal),
}

/// Makes the error for the operation that asks.
type Refusal = Arc<dyn Fn(&'static str) -> Error + Send + Sync>;

/// What one call knows of the passwords.
#[derive(Debug)]
pub(super) struct Ticket {
    operation: &'static str,
    asked: u64,
    refusals: u32,
}

/// What a password is sent for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sending {
    /// It goes with each request.
    Request,
    /// It logs a connection on, which is rare enough to be done one after the other.
    #[cfg_attr(not(feature = "ntlm"), allow(dead_code))]
    Logon,
}

/// Leave to send the password.
pub(super) struct Leave<'a> {
    proof: &'a Proof,
    pub(super) password: Arc<Password>,
    generation: u64,
    _turn: Option<tokio::sync::MutexGuard<'a, ()>>,
}

impl Proof {
    pub(super) fn of(password: Password, trust: Duration) -> Self {
        let state = State {
            password: Some(Arc::new(password)),
            ..State::default()
        };
        Self::new(None, state, trust)
    }

    pub(super) fn from_source(source: Arc<dyn CredentialSource>, trust: Duration) -> Self {
        Self::new(Some(source), State::default(), trust)
    }

    fn new(source: Option<Arc<dyn CredentialSource>>, state: State, trust: Duration) -> Self {
        Self {
            source,
            state: Mutex::new(state),
            turn: tokio::sync::Mutex::default(),
            asking: tokio::sync::Mutex::default(),
            trust,
        }
    }

    /// Begins a call. Fails if the password was refused and there will be no other.
    pub(super) fn ticket(&self, operation: &'static str) -> Result<Ticket, Error> {
        let state = self.state();
        match &state.standing {
            Standing::Refused(refusal) if self.source.is_none() => Err(refusal(operation)),
            _ => Ok(Ticket {
                operation,
                asked: state.asked,
                refusals: 0,
            }),
        }
    }

    /// The password as it is known now; the source is asked when there is none.
    #[cfg(feature = "kerberos")]
    pub(super) async fn password(&self, ticket: &mut Ticket) -> Result<Arc<Password>, Error> {
        loop {
            if let Some(leave) = self.usable(|_| true) {
                return Ok(leave.password);
            }
            self.renew(ticket).await?;
        }
    }

    /// Waits until a password may be sent: one that was right a moment ago at once, else as the only one. Fails if
    /// there is none but what was refused.
    pub(super) async fn leave(
        &self,
        ticket: &mut Ticket,
        sending: Sending,
    ) -> Result<Leave<'_>, Error> {
        loop {
            if let Some(leave) = self.usable(|since| {
                sending == Sending::Request && since.is_some_and(|since| since < self.trust)
            }) {
                return Ok(leave);
            }
            let turn = match self.usable(|since| since.is_some()) {
                // it is most likely still right: a refusal comes soon, so whoever takes longer is at work
                Some(_) => match tokio::time::timeout(PATIENCE, self.turn.lock()).await {
                    Ok(turn) => Some(turn),
                    Err(_) => match self.usable(|since| since.is_some()) {
                        Some(good) => return Ok(good),
                        // it was refused meanwhile
                        None => continue,
                    },
                },
                None => Some(self.turn.lock().await),
            };
            if let Some(mut leave) = self.usable(|_| true) {
                leave._turn = turn;
                return Ok(leave);
            }
            drop(turn);
            self.renew(ticket).await?;
        }
    }

    /// The password, if it was not refused and its proof, so long ago, is good enough.
    fn usable(&self, enough: impl Fn(Option<Duration>) -> bool) -> Option<Leave<'_>> {
        let state = self.state();
        let since = match &state.standing {
            Standing::Unknown => None,
            Standing::Good(when) => Some(when.elapsed()),
            Standing::Refused(_) => return None,
        };
        Some(Leave {
            proof: self,
            password: state.password.clone().filter(|_| enough(since))?,
            generation: state.generation,
            _turn: None,
        })
    }

    /// Asks the source for a password that was not refused yet. One call asks, the others take what it got.
    async fn renew(&self, ticket: &mut Ticket) -> Result<(), Error> {
        let _asking = self.asking.lock().await;
        {
            let state = self.state();
            if let Standing::Refused(refusal) = &state.standing {
                let was_asked = state.in_vain && state.asked != ticket.asked;
                if self.source.is_none() || was_asked || ticket.refusals > 1 {
                    return Err(refusal(ticket.operation));
                }
            } else if state.password.is_some() {
                return Ok(());
            }
        }
        let Some(source) = &self.source else {
            let message = "there is no password";
            return Err(Error::new(ErrorKind::Internal, ticket.operation, message));
        };
        let given = source.credentials().await?;
        let given = Password::new(&given.user, given.password)?;
        let mut state = self.state();
        state.asked += 1;
        ticket.asked = state.asked;
        if state.refused.iter().any(|refused| refused.is_same(&given)) {
            state.in_vain = true;
            if let Standing::Refused(refusal) = &state.standing {
                return Err(refusal(ticket.operation));
            }
        }
        if let Some(before) = &state.password
            && state.proven
            && !before.is_same_user(&given)
        {
            let message = "the source of the credentials gave another user than before";
            return Err(
                Error::new(ErrorKind::Configuration, ticket.operation, message).with_hint(
                    "One connector is one identity: make another connector for another user.",
                ),
            );
        }
        state.password = Some(Arc::new(given));
        state.generation += 1;
        state.standing = Standing::Unknown;
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Leave<'_> {
    /// The server took the password.
    pub(super) fn accepted(&self) {
        let mut state = self.proof.state();
        if state.generation == self.generation && !matches!(state.standing, Standing::Refused(_)) {
            state.standing = Standing::Good(Instant::now());
            state.proven = true;
        }
    }

    /// The server answered this identity, whatever it said: what is known by now is of this user.
    #[cfg_attr(not(feature = "ntlm"), allow(dead_code))]
    pub(super) fn logged_on(&self) {
        let mut state = self.proof.state();
        if state.generation == self.generation {
            state.proven = true;
        }
    }

    /// The server refused the password: it is not sent again. `refusal` is the error of each call that has no other.
    pub(super) fn refused(
        self,
        ticket: &mut Ticket,
        refusal: impl Fn(&'static str) -> Error + Send + Sync + 'static,
    ) {
        ticket.refusals += 1;
        let mut state = self.proof.state();
        if state.generation == self.generation {
            state.standing = Standing::Refused(Arc::new(refusal));
            state.in_vain = false;
            if !state
                .refused
                .iter()
                .any(|known| Arc::ptr_eq(known, &self.password))
            {
                state.refused.push(self.password.clone());
            }
        }
    }
}

impl fmt::Debug for Leave<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Leave")
            .field("generation", &self.generation)
            .finish_non_exhaustive()
    }
}

/// So long a call waits for the one before it to prove once more what was right already.
const PATIENCE: Duration = Duration::from_secs(5);
