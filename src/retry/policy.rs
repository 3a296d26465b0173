use std::time::Duration;

/// Whether, how often and for how long a call is sent again that failed for a passing reason.
///
/// A call is here one request to the server, with all its repetitions; a method of a trait may
/// make several. What is sent again: any call that the server refused because it was busy, or that
/// did not reach it; a call that changes nothing also where the answer was lost. What is not sent
/// again: a change whose answer was lost ([`Effect::Unknown`](crate::Effect::Unknown)), and whatever
/// would fail in the same way, as a wrong password, a missing right, a certificate that is not
/// trusted or a request the server does not understand.
///
/// Before it is sent again a call waits as long as the server asked, and in any case a random time
/// which may double with each attempt. A rest that the server asks for is kept by all calls of the
/// mailbox; one that it asks for as a whole (HTTP 503), or because it cannot be reached, by all calls to it. Meanwhile
/// half as many calls go at a time, until calls succeed again.
///
/// ```
/// use std::time::Duration;
/// use exchange_connector::RetryPolicy;
///
/// // Somebody is waiting at the screen.
/// let policy = RetryPolicy::default().attempts(3).total_time(Duration::from_secs(20));
/// # let _ = policy;
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(not(any(feature = "ews", feature = "graph")), allow(dead_code))]
pub struct RetryPolicy {
    pub(super) attempts: u32,
    pub(super) total_time: Duration,
    pub(super) deadline: Duration,
    pub(super) longest_wait: Duration,
    pub(super) first_wait: Duration,
    pub(super) budget_share: f64,
    pub(super) budget_reserve: u32,
    pub(super) seed: Option<u64>,
}

impl Default for RetryPolicy {
    /// For programs somebody waits for: 5 attempts within 5 minutes, a first wait of up to a
    /// second, 10 minutes for a whole call.
    fn default() -> Self {
        Self {
            attempts: 5,
            total_time: Duration::from_secs(5 * 60),
            deadline: Duration::from_secs(10 * 60),
            longest_wait: Duration::from_secs(10 * 60),
            first_wait: Duration::from_secs(1),
            budget_share: 0.1,
            budget_reserve: 50,
            seed: None,
        }
    }
}

impl RetryPolicy {
    /// Each call is sent once, at once: rests that a server asks for are not kept either. The
    /// error says what is known ([`Error::retry_after`](crate::Error::retry_after), [`Error::effect`](crate::Error::effect)), and the program
    /// decides.
    pub fn none() -> Self {
        Self::default().attempts(1)
    }

    /// For programs nobody waits for: 20 attempts within an hour, 90 minutes for a whole call.
    pub fn patient() -> Self {
        Self::default()
            .attempts(20)
            .total_time(Duration::from_secs(60 * 60))
            .deadline(Duration::from_secs(90 * 60))
    }

    /// How often a call is sent at most; at least once. Default: 5.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// How long after its beginning a call may still be sent again. Default: 5 minutes.
    ///
    /// If a server asks for a longer wait than is left, the call fails at once, and the error says
    /// how long to wait ([`Error::retry_after`](crate::Error::retry_after)).
    #[must_use]
    pub fn total_time(mut self, limit: Duration) -> Self {
        self.total_time = limit;
        self
    }

    /// The longest time for a call as a whole: waiting for its turn, all attempts, all waits, and
    /// the answer. Then it is given up with [`ErrorKind::Timeout`](crate::ErrorKind::Timeout). Default: 10 minutes.
    ///
    /// Contents that come or go in pieces are not measured by it once they move; for them
    /// only the longest silence counts (`HttpOptions::response_timeout`).
    #[must_use]
    pub fn deadline(mut self, limit: Duration) -> Self {
        self.deadline = limit;
        self
    }

    /// The longest single wait a server may ask for. If it asks for more, the call fails at once.
    /// Default: 10 minutes, of which no more is used than [`total_time`](Self::total_time) leaves.
    #[must_use]
    pub fn longest_wait(mut self, limit: Duration) -> Self {
        self.longest_wait = limit;
        self
    }

    /// The longest first wait after a connection that failed, where nobody asked for one; with
    /// each attempt it may be twice as long, up to a minute. Default: one second. A server that
    /// is not available is waited for five times as long, one that is busy ten times.
    #[must_use]
    pub fn first_wait(mut self, wait: Duration) -> Self {
        self.first_wait = wait;
        self
    }

    /// How many repetitions a server is sent by all calls together, so that one that is broken is
    /// not hammered: a share of the calls, and a reserve, which fills again with one each second
    /// too. If it is used up, calls fail with the error of their first attempt. Default: 0.1 (one
    /// for ten calls), and 50.
    #[must_use]
    pub fn budget(mut self, share: f64, reserve: u32) -> Self {
        self.budget_share = if share.is_finite() {
            share.max(0.0)
        } else {
            0.0
        };
        self.budget_reserve = reserve;
        self
    }

    /// Makes the random part of the waits the same in each run of a program. For tests.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Whether calls are repeated, and rests kept.
    #[cfg(any(feature = "ews", feature = "graph"))]
    pub(super) fn repeats(&self) -> bool {
        self.attempts > 1
    }
}
