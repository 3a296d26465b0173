//! One wrong password is tried once.
//!
//! Directories lock accounts after a few wrong passwords, so what is not known to be right is sent
//! by one call at a time, and what was refused is never sent again.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::error::Error;

/// What is known about a password.
#[derive(Default)]
pub(super) struct Proof {
    state: Mutex<State>,
    turn: tokio::sync::Mutex<()>,
}

#[derive(Default)]
enum State {
    #[default]
    Unknown,
    Good(Instant),
    Refused(Refusal),
}

/// Makes the error for the operation that asks.
type Refusal = Box<dyn Fn(&'static str) -> Error + Send + Sync>;

/// Leave to send the password. Held by the one call that finds out whether it is right.
pub(super) struct Leave<'a> {
    _turn: Option<tokio::sync::MutexGuard<'a, ()>>,
}

impl Proof {
    /// Fails if the password was refused before.
    pub(super) fn check(&self, operation: &'static str) -> Result<(), Error> {
        match &*self.state() {
            State::Refused(refusal) => Err(refusal(operation)),
            _ => Ok(()),
        }
    }

    /// Waits until the password may be sent: at once when it was right a moment ago, else as the
    /// only one. Fails if it was refused, also while waiting.
    pub(super) async fn leave(&self, operation: &'static str) -> Result<Leave<'_>, Error> {
        self.check(operation)?;
        if self.is_fresh() {
            return Ok(Leave { _turn: None });
        }
        let turn = self.turn.lock().await;
        self.check(operation)?;
        let still_needed = !self.is_fresh();
        Ok(Leave {
            _turn: still_needed.then_some(turn),
        })
    }

    /// The server took the password.
    pub(super) fn accepted(&self) {
        let mut state = self.state();
        if !matches!(&*state, State::Refused(_)) {
            *state = State::Good(Instant::now());
        }
    }

    /// The server refused the password. Returns the error of this and of every later call.
    pub(super) fn refused(
        &self,
        operation: &'static str,
        refusal: impl Fn(&'static str) -> Error + Send + Sync + 'static,
    ) -> Error {
        let error = refusal(operation);
        *self.state() = State::Refused(Box::new(refusal));
        error
    }

    fn is_fresh(&self) -> bool {
        matches!(&*self.state(), State::Good(when) if when.elapsed() < TRUST)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// So long a password that was right may be sent by several calls at once. It can be changed or
/// expire at any time.
const TRUST: Duration = Duration::from_secs(60);
