//! Keeping a token, and renewing it in time.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use tokio::time::Instant;

use super::OPERATION;
use super::grant::{Grants, Issued};
use crate::error::{Error, ErrorKind, Result};
use crate::http::{AccessToken, TokenProvider};

/// Access tokens of one [`Registration`](super::Registration), renewed in time. Clones share them.
///
/// One call at a time asks for a new token; the others take the old one while it is good, or wait. A token is renewed
/// between five and seven minutes before it expires, at a moment that differs from program to program, and a renewal
/// that fails before that costs nothing: it is tried again a little later.
#[derive(Clone)]
pub struct OAuthTokens(Arc<Inner>);

struct Inner {
    grants: Grants,
    state: Mutex<State>,
    /// Held by the call that asks.
    asking: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    /// Of the newest token there was.
    generation: u64,
    refresh: Option<SecretString>,
    failed: Option<Failure>,
    /// How often the authority was asked.
    asked: u64,
}

struct Held {
    token: AccessToken,
    renew: Option<Instant>,
    end: Option<Instant>,
}

struct Failure {
    error: Error,
    /// Until then nobody asks again.
    until: Instant,
}

/// How long before its end a token is renewed, and by how much that varies.
const EARLY: Duration = Duration::from_secs(5 * 60);
const JITTER: Duration = Duration::from_secs(2 * 60);

/// How long an early renewal that failed rests.
const REST_EARLY: Duration = Duration::from_secs(30);

/// How long a refusal holds for other calls.
const REST_REFUSED: Duration = Duration::from_secs(5);

impl OAuthTokens {
    pub(super) fn new(grants: Grants) -> Self {
        let state = State {
            refresh: grants.first_refresh_token(),
            ..State::default()
        };
        Self(Arc::new(Inner {
            grants,
            state: Mutex::new(state),
            asking: Arc::default(),
        }))
    }

    /// Gets a token now, if there is none: for programs that want the user to sign in, or a wrong secret to be seen,
    /// before anything else is done.
    ///
    /// # Errors
    /// What the authority says, or what prevented asking it.
    pub async fn sign_in(&self) -> Result<()> {
        self.token().await.map(drop)
    }

    /// Asks for a new token, unless somebody else just did. Goes on if nobody waits for it any more, because a refresh
    /// token may be good for one use. Waits for its turn, if it does not have it.
    async fn renewed(&self, asked_before: u64, turn: Option<Turn>) -> Result<AccessToken> {
        let inner = Arc::clone(&self.0);
        let asking = tokio::spawn(async move {
            let _turn = match turn {
                Some(turn) => turn,
                None => Arc::clone(&inner.asking).lock_owned().await,
            };
            inner.renew(asked_before).await
        });
        asking.await.unwrap_or_else(|_| {
            let message = "asking for a token broke off";
            Err(Error::new(ErrorKind::Cancelled, OPERATION, message))
        })
    }
}

/// To be the one call that asks.
type Turn = tokio::sync::OwnedMutexGuard<()>;

/// What there is to do for a call that needs a token.
enum Need {
    Take(AccessToken),
    /// It is still good for a while.
    Early(AccessToken),
    Wait,
    Fail(Error),
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn renew(&self, asked_before: u64) -> Result<AccessToken> {
        let refresh = {
            let state = self.state();
            if state.asked != asked_before {
                // somebody did while this call waited
                match (&state.held, &state.failed) {
                    (Some(held), None) => return Ok(held.token.clone()),
                    (None, Some(failure)) => return Err(failure.error.again()),
                    _ => {}
                }
            }
            state.refresh.clone()
        };
        let answer = self.ask(refresh).await;
        let mut state = self.state();
        state.asked += 1;
        match answer {
            Ok(issued) => Ok(state.take(issued)),
            Err(error) => {
                state.fail(&error);
                Err(error)
            }
        }
    }

    async fn ask(&self, refresh: Option<SecretString>) -> Result<Issued> {
        let answer = self.grants.ask(refresh.as_ref()).await;
        match answer {
            Err(error)
                if refresh.is_some()
                    && self.grants.can_ask_user()
                    && error.kind() == ErrorKind::Unauthenticated =>
            {
                tracing::info!(%error, "the user has to sign in again");
                self.state().refresh = None;
                self.grants.ask(None).await
            }
            answer => answer,
        }
    }
}

impl State {
    fn need(&self, now: Instant) -> Need {
        let is_past = |moment: Option<Instant>| moment.is_some_and(|moment| moment <= now);
        let rests = self.failed.as_ref().filter(|failure| failure.until > now);
        match (&self.held, rests) {
            (Some(held), _) if !is_past(held.renew) => Need::Take(held.token.clone()),
            (Some(held), rests) if !is_past(held.end) => match rests {
                Some(_) => Need::Take(held.token.clone()),
                None => Need::Early(held.token.clone()),
            },
            (_, Some(failure)) => Need::Fail(failure.error.again()),
            _ => Need::Wait,
        }
    }

    fn take(&mut self, issued: Issued) -> AccessToken {
        let now = Instant::now();
        self.generation += 1;
        let token = AccessToken::new(issued.access, self.generation);
        let end = issued.lifetime.and_then(|time| now.checked_add(time));
        let renew = issued.lifetime.map(early);
        self.held = Some(Held {
            token: token.clone(),
            renew: renew.and_then(|time| now.checked_add(time)),
            end,
        });
        if issued.refresh.is_some() {
            self.refresh = issued.refresh;
        }
        self.failed = None;
        token
    }

    fn fail(&mut self, error: &Error) {
        let is_passing = matches!(
            error.kind(),
            ErrorKind::Connection | ErrorKind::Timeout | ErrorKind::Cancelled
        );
        // One that has ended helps nobody.
        let now = Instant::now();
        let is_good = |held: &Held| held.end.is_none_or(|end| end > now);
        let rest = match (self.held.as_ref().is_some_and(is_good), error.retry_after()) {
            (true, wait) => wait.unwrap_or_default().max(REST_EARLY),
            (false, _) if is_passing => Duration::ZERO,
            (false, wait) => wait.unwrap_or(REST_REFUSED),
        };
        self.failed = Some(Failure {
            error: error.again(),
            until: Instant::now() + rest,
        });
    }
}

/// After how long a token of this lifetime is renewed.
fn early(lifetime: Duration) -> Duration {
    let jitter = JITTER.mul_f64(fastrand::f64());
    // of a short life at least two thirds are used
    lifetime
        .saturating_sub(EARLY + jitter)
        .max(lifetime * 2 / 3)
}

#[async_trait]
impl TokenProvider for OAuthTokens {
    async fn token(&self) -> Result<AccessToken, Error> {
        let (need, asked) = {
            let state = self.0.state();
            (state.need(Instant::now()), state.asked)
        };
        match need {
            Need::Take(token) => Ok(token),
            Need::Fail(error) => Err(error),
            Need::Wait => self.renewed(asked, None).await,
            Need::Early(token) => match Arc::clone(&self.0.asking).try_lock_owned() {
                // another call is at it
                Err(_) => Ok(token),
                Ok(turn) => {
                    let renewed = self.renewed(asked, Some(turn)).await;
                    Ok(renewed.unwrap_or_else(|error| {
                        tracing::warn!(%error, "the token could not be renewed early");
                        token
                    }))
                }
            },
        }
    }

    async fn invalidate(&self, generation: u64) {
        let mut state = self.0.state();
        if state
            .held
            .as_ref()
            .is_some_and(|held| held.token.generation == generation)
        {
            state.held = None;
        }
    }
}

impl fmt::Debug for OAuthTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuthTokens")
            .field("authority", &self.0.grants.token_url.as_str())
            .field("client", &self.0.grants.client)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
