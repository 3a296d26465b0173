use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout_at};

use super::decision::Verdict;
use super::pacing::{Pacing, Place, Wish};
use crate::error::{Effect, Error, ErrorKind, Result};
use crate::observe::{WaitReason, Watch};

/// The attempts of one call.
///
/// A call takes a place, is sent [within the time there is](Self::within), and says what came of it:
///
/// ```text
/// loop {
///     let place = attempts.begin().await?;
///     match attempts.within(send()).await {
///         Ok(answer) => { attempts.answered(&place); return Ok(answer) }
///         Err(error) => attempts.failed(place, error).await?,
///     }
/// }
/// ```
#[derive(Debug)]
pub(crate) struct Attempts {
    pacing: Arc<Pacing>,
    operation: &'static str,
    mailbox: Arc<str>,
    /// Whether sending it twice does no harm.
    repeatable: bool,
    began: Instant,
    count: u32,
    waited: Duration,
    watch: Watch,
}

impl Attempts {
    /// A call that is charged to this mailbox, or account.
    pub(crate) fn new(
        pacing: &Arc<Pacing>,
        operation: &'static str,
        mailbox: impl Into<Arc<str>>,
        repeatable: bool,
    ) -> Self {
        Self {
            pacing: pacing.clone(),
            operation,
            mailbox: mailbox.into(),
            repeatable,
            began: Instant::now(),
            count: 0,
            waited: Duration::ZERO,
            watch: Watch::default(),
        }
    }

    /// The same, its waits told to those who watch.
    pub(crate) fn watched(mut self, watch: Watch) -> Self {
        self.watch = watch;
        self
    }

    /// For those who watch.
    pub(crate) fn watch(&self) -> &Watch {
        &self.watch
    }

    /// How often it was sent by now.
    pub(crate) fn count(&self) -> u32 {
        self.count
    }

    /// How long it waited by now: for its turn, and to be sent again.
    pub(crate) fn waited(&self) -> Duration {
        self.waited
    }

    /// Waits for the call's turn. The place is held until it is dropped.
    pub(crate) async fn begin(&mut self) -> Result<Place> {
        let policy = &self.pacing.policy;
        let wish = Wish {
            operation: self.operation,
            mailbox: &self.mailbox,
            is_again: self.count > 0,
            latest: later(self.began, policy.total_time),
            deadline: later(self.began, policy.deadline),
        };
        let asked = Instant::now();
        let place = self.pacing.place(&wish).await;
        let wait = asked.elapsed();
        if wait >= NOTABLE {
            self.watch.waited(WaitReason::Turn, wait);
        }
        self.waited += wait;
        self.count += 1;
        place
    }

    /// Gives an attempt up when the call has no time left.
    pub(crate) async fn within<T>(&self, attempt: impl Future<Output = Result<T>>) -> Result<T> {
        let limit = self.pacing.policy.deadline;
        match timeout_at(later(self.began, limit), attempt).await {
            Ok(outcome) => outcome,
            Err(_) => {
                let text = format!("the call was not finished within {} s", limit.as_secs_f32());
                Err(Error::new(ErrorKind::Timeout, self.operation, text)
                    .with_effect(Effect::Unknown)
                    .with_hint("Ask for less at a time, or raise the deadline of the RetryPolicy."))
            }
        }
    }

    /// The server answered.
    pub(crate) fn answered(&self, place: &Place) {
        self.pacing.answered(place);
        if self.count() > 1 {
            let waited = u64::try_from(self.waited().as_millis()).unwrap_or(u64::MAX);
            tracing::debug!(
                operation = self.operation,
                attempts = self.count(),
                waited_milliseconds = waited,
                "answered after repetition"
            );
        }
    }

    /// Whether a failure is one after which the call may be sent again.
    pub(crate) fn would_repeat(&self, error: &Error) -> bool {
        Verdict::of(error, self.repeatable, self.count, &self.pacing.policy).again
    }

    /// Waits until the call may be sent again, or says why it may not: then that is its error.
    pub(crate) async fn failed(&mut self, place: Place, error: Error) -> Result<()> {
        let policy = &self.pacing.policy;
        let verdict = Verdict::of(&error, self.repeatable, self.count, policy);
        let wait = verdict.asked + self.pacing.spread(verdict.spread);
        self.pacing.refused(&place, verdict.rest, wait, &error);
        drop(place);

        let is_worth_it = verdict.again && verdict.asked <= policy.longest_wait;
        if !is_worth_it || !self.has_time(wait) || !self.pacing.spend() {
            return Err(self.final_error(error));
        }
        tracing::debug!(
            operation = self.operation,
            attempt = self.count,
            kind = ?error.kind(),
            delivery = ?verdict.delivery,
            wait_milliseconds = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
            "repeated"
        );
        let reason = match error.kind() {
            ErrorKind::Throttled => WaitReason::Throttled,
            _ => WaitReason::Retry,
        };
        self.rest(wait, reason).await;
        Ok(())
    }

    /// Waits until it is worth looking what became of a change whose outcome is not known, or says
    /// that it is not: for calls that can find that out. Takes no place.
    pub(crate) async fn look_again(&mut self, error: Error) -> Result<()> {
        let first = self.pacing.policy.first_wait;
        self.count += 1;
        let wait = first + self.pacing.spread(first);
        if !self.has_time(wait) || !self.pacing.spend() {
            return Err(error);
        }
        self.rest(wait, WaitReason::Retry).await;
        Ok(())
    }

    /// Whether it may look once more, as far as that can be said now.
    #[cfg(feature = "ews")]
    pub(crate) fn may_look_again(&self) -> bool {
        self.count + 1 < self.pacing.policy.attempts && self.has_time(self.pacing.policy.first_wait)
    }

    /// Whether one more attempt may begin after this wait.
    fn has_time(&self, wait: Duration) -> bool {
        let policy = &self.pacing.policy;
        let limit = policy.total_time.min(policy.deadline);
        self.count < policy.attempts && later(Instant::now(), wait) <= later(self.began, limit)
    }

    async fn rest(&mut self, wait: Duration, reason: WaitReason) {
        sleep_until(later(Instant::now(), wait)).await;
        self.waited += wait;
        self.watch.waited(reason, wait);
    }

    /// What is known when nothing more is tried: what changes nothing has no effect.
    pub(crate) fn final_error(&self, error: Error) -> Error {
        match self.repeatable {
            true => error.with_effect(Effect::None),
            false => error,
        }
    }
}

/// A shorter wait is none.
const NOTABLE: Duration = Duration::from_millis(1);

/// A time that far away is never.
pub(super) fn later(from: Instant, wait: Duration) -> Instant {
    const NEVER: Duration = Duration::from_secs(30 * 365 * 86_400);
    from.checked_add(wait).unwrap_or_else(|| from + NEVER)
}
