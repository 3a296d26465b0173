//! Troubles that a test can order.

use std::time::Duration;

/// Troubles for many requests: for a share of those of one operation, or for one among them.
///
/// Which requests they meet depends on nothing but the seed and the order of the requests.
///
/// ```
/// use exchange_connector::simulator::{Disturbance, Trouble};
///
/// // Of all messages that are sent, about one in three meets one of two troubles.
/// let disturbance = Disturbance::new(Trouble::DropAfter)
///     .or(Trouble::DropBefore)
///     .of("SendItem")
///     .share(0.33, 7);
/// # let _ = disturbance;
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Disturbance {
    troubles: Vec<Trouble>,
    operation: Option<String>,
    which: Which,
    random: u64,
    seen: u64,
    /// How many times it may still strike.
    left: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Which {
    All,
    Nth(u64),
    Share(f64),
}

impl Disturbance {
    /// A trouble for every request, if nothing else is said.
    #[must_use]
    pub fn new(trouble: Trouble) -> Self {
        Self {
            troubles: vec![trouble],
            operation: None,
            which: Which::All,
            random: 0,
            seen: 0,
            left: None,
        }
    }

    /// One more trouble; at random one of them strikes.
    #[must_use]
    pub fn or(mut self, trouble: Trouble) -> Self {
        self.troubles.push(trouble);
        self
    }

    /// Only requests of that operation, such as `CreateItem`.
    #[must_use]
    pub fn of(mut self, operation: impl Into<String>) -> Self {
        self.operation = Some(operation.into());
        self
    }

    /// Only that one of those requests, counted from 1.
    #[must_use]
    pub fn nth(mut self, number: u64) -> Self {
        self.which = Which::Nth(number);
        self
    }

    /// A share of those requests, from 0 to 1, picked with that seed.
    #[must_use]
    pub fn share(mut self, share: f64, seed: u64) -> Self {
        self.which = Which::Share(share);
        self.random = seed;
        self
    }

    /// Only so many times.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.left = Some(times);
        self
    }

    /// The seed for the choice among several troubles, where no share has one.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.random = seed;
        self
    }

    /// A random number (SplitMix64).
    fn next(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// The trouble that a request of an operation meets, if any.
    pub(super) fn strike(&mut self, operation: &str) -> Option<Trouble> {
        if self
            .operation
            .as_deref()
            .is_some_and(|one| one != operation)
            || self.left == Some(0)
        {
            return None;
        }
        self.seen += 1;
        let strikes = match self.which {
            Which::All => true,
            Which::Nth(number) => self.seen == number,
            Which::Share(share) => {
                let part = u32::try_from(self.next() >> 32).unwrap_or_default();
                f64::from(part) < share * 2f64.powi(32)
            }
        };
        if !strikes {
            return None;
        }
        self.left = self.left.map(|left| left - 1);
        let count = u64::try_from(self.troubles.len()).unwrap_or(1).max(1);
        let pick = usize::try_from(self.next() % count).unwrap_or_default();
        self.troubles.get(pick).cloned()
    }
}

/// What goes wrong with the next request that is logged on.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Trouble {
    /// The server answers with that HTTP status and body, and runs nothing.
    Status {
        /// The HTTP status, such as 503.
        status: u16,
        /// More headers, such as `Retry-After`.
        headers: Vec<(String, String)>,
        /// The body, sent as `text/html`.
        body: String,
    },
    /// The server answers with a SOAP fault (HTTP 500) and runs nothing.
    Fault {
        /// The ResponseCode, such as `ErrorServerBusy`.
        code: String,
        /// `BackOffMilliseconds` of the fault.
        back_off: Option<u32>,
    },
    /// The operation is refused with HTTP 200 and a response message of class Error, as throttling
    /// does it too; nothing runs. GetUserAvailability has no such message and gets a fault.
    Message {
        /// The ResponseCode, such as `ErrorServerBusy`.
        code: &'static str,
        /// `BackOffMilliseconds` in its MessageXml.
        back_off: Option<u32>,
    },
    /// One item of a batch is refused, as throttling does it too; the others are worked on.
    Item {
        /// Which, counted from 0. If there is no such one, all is refused.
        at: usize,
        /// The ResponseCode, such as `ErrorServerBusy`.
        code: &'static str,
        /// `BackOffMilliseconds` in its MessageXml.
        back_off: Option<u32>,
    },
    /// One item of a batch is refused, and those after it are not worked on:
    /// `ErrorBatchProcessingStopped`.
    Stop {
        /// Which is refused, counted from 0. If there is no such one, all is refused.
        at: usize,
        /// The ResponseCode, such as `ErrorServerBusy`.
        code: &'static str,
        /// `BackOffMilliseconds` in its MessageXml.
        back_off: Option<u32>,
    },
    /// The connection closes before the request's body is read; nothing runs.
    DropBefore,
    /// The request runs, then the connection closes without an answer.
    DropAfter,
    /// The request runs, but half of the answer is missing when the connection closes.
    Truncate,
    /// The connection closes when so many bytes of the request's body were read; nothing runs. A
    /// shorter body is read whole before.
    DropWhileReading {
        /// Bytes that are read before.
        after: usize,
    },
    /// The request runs, but of the answer's body only so many bytes come before the connection
    /// closes.
    TruncateAt {
        /// Bytes that come, as they are on the wire (packed, where the client takes gzip).
        bytes: usize,
    },
    /// A page of a proxy: HTTP 200, HTML, nothing runs.
    HtmlPage,
    /// The connection's logon is forgotten, as when an application pool is recycled: 401.
    ForgetLogon,
    /// The request runs, but the answer comes that much later.
    Delay(Duration),
}

impl Trouble {
    /// An HTTP status with a short HTML body.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::Status {
            status,
            headers: Vec::new(),
            body: format!("<html><body><h1>{status}</h1></body></html>"),
        }
    }

    /// A SOAP fault.
    #[must_use]
    pub fn fault(code: &str) -> Self {
        Self::Fault {
            code: code.to_owned(),
            back_off: None,
        }
    }

    /// `ErrorServerBusy` with the time to wait, in milliseconds.
    #[must_use]
    pub fn busy(back_off: u32) -> Self {
        Self::Fault {
            code: "ErrorServerBusy".to_owned(),
            back_off: Some(back_off),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn disturbances_strike_as_they_are_told() {
        let mut third = Disturbance::new(Trouble::DropAfter).of("SendItem").nth(3);
        let met = |one: &mut Disturbance, count: usize| -> Vec<bool> {
            (0..count)
                .map(|_| one.strike("SendItem").is_some())
                .collect()
        };
        assert_eq!(third.strike("GetItem"), None);
        assert_eq!(met(&mut third, 4), [false, false, true, false]);
        let share = || Disturbance::new(Trouble::DropAfter).share(0.25, 42);
        let struck = met(&mut share(), 1000);
        let count = struck.iter().filter(|met| **met).count();
        assert!((200..300).contains(&count), "{count}");
        assert_eq!(met(&mut share(), 1000), struck);
        let mut twice = Disturbance::new(Trouble::HtmlPage)
            .or(Trouble::DropBefore)
            .times(2);
        assert_eq!(met(&mut twice, 3), [true, true, false]);
    }
}
