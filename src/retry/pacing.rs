//! What the calls to one server share.
//!
//! A call wants a place before it is sent, and keeps it until its answer is read. Places are given
//! out in turn: to one call of each mailbox that waits, then to the next of each. So a mailbox with
//! thousands of calls, or one that has to rest, does not keep the others back.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use tokio::sync::{Notify, oneshot};
use tokio::time::{Instant, sleep_until};

use super::RetryPolicy;
use super::attempts::later;
use super::budget::Budget;
use super::decision::Rest;
use super::flow::Flow;
use crate::error::{Effect, Error, ErrorKind, Result, RetryAdvice};

/// The places, rests and repetitions of one server under one identity.
pub(crate) struct Pacing {
    pub(super) policy: RetryPolicy,
    /// Without a place coming free for that long, somebody holds them who does not read on.
    patience: Duration,
    state: Mutex<State>,
    /// A rest has begun.
    changed: Notify,
}

struct State {
    /// How many calls go to the server at a time at most.
    most: usize,
    /// How many of one mailbox.
    each: usize,
    /// How many connections there are, where each serves one call at a time.
    connections: Option<usize>,
    server: Flow,
    mailboxes: HashMap<Arc<str>, Mailbox>,
    /// The mailboxes that wait; each once.
    turns: VecDeque<Arc<str>>,
    tickets: u64,
    /// When a place was last given or given back, or its call went on.
    moved: Instant,
    budget: Budget,
    random: fastrand::Rng,
}

#[derive(Default)]
struct Mailbox {
    flow: Flow,
    waiting: VecDeque<(u64, oneshot::Sender<()>)>,
}

/// What a call has until its answer is read. Clones are the same place.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    held: Arc<Held>,
}

struct Held {
    pacing: Arc<Pacing>,
    mailbox: Arc<str>,
    began: Instant,
}

/// What a call that waits for its turn knows.
pub(super) struct Wish<'a> {
    pub(super) operation: &'static str,
    /// Whose budget it is charged to.
    pub(super) mailbox: &'a Arc<str>,
    /// It had a place before.
    pub(super) is_again: bool,
    /// A rest that ends later is not waited for.
    pub(super) latest: Instant,
    /// It does not wait for its turn any longer.
    pub(super) deadline: Instant,
}

impl Pacing {
    /// One call at a time, until there is another [`limit`](Self::limit). `patience` is the longest
    /// silence of the server.
    pub(crate) fn new(policy: RetryPolicy, patience: Duration) -> Arc<Self> {
        let random = match policy.seed {
            Some(seed) => fastrand::Rng::with_seed(seed),
            None => fastrand::Rng::new(),
        };
        let state = State {
            most: 1,
            each: 1,
            connections: None,
            server: Flow::default(),
            mailboxes: HashMap::new(),
            turns: VecDeque::new(),
            tickets: 0,
            moved: Instant::now(),
            budget: Budget::new(&policy),
            random,
        };
        Arc::new(Self {
            policy,
            patience,
            state: Mutex::new(state),
            changed: Notify::new(),
        })
    }

    /// For calls beside those of this one, each sent once.
    pub(crate) fn once(&self) -> Arc<Self> {
        Self::new(RetryPolicy::none(), self.patience)
    }

    /// How many calls go at a time from now on: `most`, and no more than there are connections.
    #[cfg(feature = "ews")]
    pub(crate) fn limit(&self, most: usize, connections: Option<usize>) {
        let mut state = self.state();
        state.most = most.max(1);
        state.each = state.most;
        state.connections = connections;
        state.give(Instant::now());
    }

    /// How many calls of one mailbox go at a time from now on, and how many to the server.
    #[cfg(feature = "graph")]
    pub(crate) fn limit_each(&self, each: usize, most: usize) {
        let mut state = self.state();
        state.most = most.max(1);
        state.each = each.max(1);
        state.give(Instant::now());
    }

    /// How many calls are on their way now.
    #[cfg(test)]
    pub(crate) fn in_use(&self) -> usize {
        self.state().server.in_use
    }

    /// The call's turn: when all rests are over that it has to keep, and a place is free.
    pub(super) async fn place(self: &Arc<Self>, wish: &Wish<'_>) -> Result<Place> {
        let mut turn = self.queue_up(wish);
        loop {
            let mut changed = pin!(self.changed.notified());
            changed.as_mut().enable();
            let wake = self.next_look(&turn, wish)?;
            let mut sleep = pin!(sleep_until(wake));
            let came = poll_fn(|context| {
                if turn.poll(context).is_ready() {
                    return Poll::Ready(true);
                }
                let stirred = changed.as_mut().poll(context).is_ready();
                match stirred || sleep.as_mut().poll(context).is_ready() {
                    true => Poll::Ready(false),
                    false => Poll::Pending,
                }
            });
            if came.await {
                turn.is_over = true;
                return Ok(Place {
                    held: Arc::new(Held {
                        pacing: self.clone(),
                        mailbox: wish.mailbox.clone(),
                        began: Instant::now(),
                    }),
                });
            }
            self.state().give(Instant::now());
        }
    }

    fn queue_up(self: &Arc<Self>, wish: &Wish<'_>) -> Turn {
        let (sender, receiver) = oneshot::channel();
        let mut state = self.state();
        if !wish.is_again {
            state.budget.earn();
        }
        state.tickets += 1;
        let ticket = state.tickets;
        let mailbox = state.mailboxes.entry(wish.mailbox.clone()).or_default();
        let is_first = mailbox.waiting.is_empty();
        match wish.is_again {
            true => mailbox.waiting.push_front((ticket, sender)),
            false => mailbox.waiting.push_back((ticket, sender)),
        }
        if is_first {
            state.turns.push_back(wish.mailbox.clone());
        }
        state.give(Instant::now());
        Turn {
            pacing: self.clone(),
            mailbox: wish.mailbox.clone(),
            ticket,
            receiver,
            began: Instant::now(),
            is_over: false,
        }
    }

    /// When to look again if nothing happens before; an error if there is no sense in waiting.
    fn next_look(&self, turn: &Turn, wish: &Wish<'_>) -> Result<Instant> {
        let now = Instant::now();
        let state = self.state();
        if state.is_served(turn) {
            return Ok(now);
        }
        if now >= wish.deadline {
            let waited = (now - turn.began).as_secs();
            let text = format!("the call waited {waited} s for its turn");
            return Err(
                Error::new(ErrorKind::Timeout, wish.operation, text).with_hint(
                    "Start fewer calls at a time, or raise the deadline of the RetryPolicy.",
                ),
            );
        }
        let mailbox = state.mailboxes.get(&turn.mailbox).map(|one| &one.flow);
        let flows = || [Some(&state.server), mailbox].into_iter().flatten();
        if self.policy.repeats() {
            let holds = flows().filter_map(|flow| flow.hold(now));
            if let Some(hold) = holds.max_by_key(|hold| hold.until) {
                let left = hold.until - now;
                if hold.until > wish.latest || left > self.policy.longest_wait {
                    let error = hold.why.again().with_operation(wish.operation);
                    let error = error.with_effect(Effect::None);
                    return Err(error.with_advice(RetryAdvice::After(left)));
                }
                return Ok(hold.until.min(wish.deadline));
            }
        }
        let held = flows().filter_map(Flow::held_until);
        let since = held.fold(state.moved.max(turn.began), Instant::max);
        let stuck = later(since.min(now), self.patience);
        if now >= stuck {
            // Answers that nobody reads on would be waited for without an end.
            let error = Error::new(
                ErrorKind::Timeout,
                wish.operation,
                "all connections to the server are in use",
            );
            return Err(error
                .with_effect(Effect::None)
                .with_hint("Contents that are being read hold a connection each until their end: read or drop them first, or allow more at a time."));
        }
        Ok(stuck.min(wish.deadline))
    }

    /// A call was refused, and others have to rest too.
    pub(super) fn refused(&self, place: &Place, rest: Rest, wait: Duration, why: &Error) {
        if !self.policy.repeats() {
            return;
        }
        let mut state = self.state();
        let most = state.most_of(rest);
        if let Some(flow) = state.flow(rest, &place.held.mailbox) {
            flow.slow_down(most, place.held.began);
            // A server may come back earlier than it says: whoever asks then is its judge.
            let rest = wait.min(self.policy.longest_wait);
            flow.rest(later(Instant::now(), rest), why);
            drop(state);
            self.changed.notify_waiters();
        }
    }

    /// A call was answered.
    pub(super) fn answered(&self, place: &Place) {
        let mut state = self.state();
        for rest in [Rest::Server, Rest::Mailbox] {
            let most = state.most_of(rest);
            if let Some(flow) = state.flow(rest, &place.held.mailbox) {
                flow.speed_up(most);
            }
        }
    }

    /// Whether one more repetition may be sent.
    pub(super) fn spend(&self) -> bool {
        self.state().budget.spend()
    }

    /// A random time up to this.
    pub(super) fn spread(&self, most: Duration) -> Duration {
        most.mul_f64(self.state().random.f64())
    }

    /// A call that has a place goes on: whoever waits for one need not despair.
    pub(crate) fn moved(&self) {
        self.state().moved = Instant::now();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// The call goes on.
    pub(crate) fn moved(&self) {
        self.held.pacing.moved();
    }
}

impl State {
    /// How many calls go at a time.
    fn most(&self) -> usize {
        let connections = self.connections.unwrap_or(usize::MAX).max(1);
        self.most.min(connections)
    }

    fn most_of(&self, rest: Rest) -> usize {
        match rest {
            Rest::Mailbox => self.most().min(self.each),
            Rest::Call | Rest::Server => self.most(),
        }
    }

    fn flow(&mut self, rest: Rest, mailbox: &str) -> Option<&mut Flow> {
        match rest {
            Rest::Call => None,
            Rest::Server => Some(&mut self.server),
            Rest::Mailbox => self.mailboxes.get_mut(mailbox).map(|one| &mut one.flow),
        }
    }

    /// Gives out the places that are free, one to each mailbox in turn.
    fn give(&mut self, now: Instant) {
        let (most, each) = (self.most(), self.each);
        let mut passed_over = 0;
        while passed_over < self.turns.len() && self.server.is_free(most, now) {
            let Some(whose) = self.turns.pop_front() else {
                return;
            };
            let Some(mailbox) = self.mailboxes.get_mut(&whose) else {
                continue;
            };
            if !mailbox.flow.is_free(most.min(each), now) {
                self.turns.push_back(whose);
                passed_over += 1;
                continue;
            }
            passed_over = 0;
            if let Some((_, waiter)) = mailbox.waiting.pop_front()
                && waiter.send(()).is_ok()
            {
                mailbox.flow.in_use += 1;
                self.server.in_use += 1;
                self.moved = now;
            }
            if !mailbox.waiting.is_empty() {
                self.turns.push_back(whose);
            }
        }
    }

    fn give_back(&mut self, mailbox: &str) {
        let now = Instant::now();
        self.moved = now;
        self.server.in_use = self.server.in_use.saturating_sub(1);
        if let Some(one) = self.mailboxes.get_mut(mailbox) {
            one.flow.in_use = one.flow.in_use.saturating_sub(1);
        }
        self.forget(mailbox, now);
        self.give(now);
    }

    fn is_served(&self, turn: &Turn) -> bool {
        let mailbox = self.mailboxes.get(&turn.mailbox);
        mailbox.is_none_or(|one| one.waiting.iter().all(|(ticket, _)| *ticket != turn.ticket))
    }

    /// Removes a call that waits; whether it did.
    fn leave(&mut self, mailbox: &str, ticket: u64) -> bool {
        let Some(one) = self.mailboxes.get_mut(mailbox) else {
            return false;
        };
        let before = one.waiting.len();
        one.waiting.retain(|(waiting, _)| *waiting != ticket);
        let was_there = one.waiting.len() < before;
        if was_there && one.waiting.is_empty() {
            self.turns.retain(|whose| **whose != *mailbox);
            self.forget(mailbox, Instant::now());
        }
        was_there
    }

    fn forget(&mut self, mailbox: &str, now: Instant) {
        if let Some(one) = self.mailboxes.get(mailbox)
            && one.waiting.is_empty()
            && one.flow.is_idle(now)
        {
            self.mailboxes.remove(mailbox);
        }
    }
}

/// A call that waits. Dropped, it gives up its turn, or the place it was just given.
struct Turn {
    pacing: Arc<Pacing>,
    mailbox: Arc<str>,
    ticket: u64,
    receiver: oneshot::Receiver<()>,
    began: Instant,
    is_over: bool,
}

impl Turn {
    fn poll(&mut self, context: &mut std::task::Context<'_>) -> Poll<()> {
        pin!(&mut self.receiver).poll(context).map(drop)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        let mut state = self.pacing.state();
        if !state.leave(&self.mailbox, self.ticket) {
            state.give_back(&self.mailbox);
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.pacing.state().give_back(&self.mailbox);
    }
}

impl fmt::Debug for Pacing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pacing")
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Place").finish_non_exhaustive()
    }
}
