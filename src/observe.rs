//! Watching calls: hooks for metrics, and the spans of [`tracing`].
//!
//! A call is one operation, as `GetItem`, however often it had to be sent; an attempt is one of those times. A method of
//! a trait makes as many calls as it takes.
//!
//! | in `tracing` | level | what |
//! |---|---|---|
//! | span `call` | debug | one call; its fields are those of [`CallSummary`], filled in when they are known |
//! | event `attempt` | debug | one attempt, within the span: the fields of [`AttemptSummary`] |
//! | event `waited` | debug | after a wait of 1 ms or more, within the span: the fields of [`WaitSummary`] |
//! | event `call` | debug | the end of the call, within the span: the fields of [`CallSummary`] |
//!
//! Nothing here holds a secret, an address or the content of an item: a mailbox is a [`MailboxHash`]. If nobody
//! listens, none of it is put together.

mod watch;

use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::OnceLock;
use std::time::Duration;

use crate::connector::Backend;
use crate::error::{Error, ErrorKind};

pub(crate) use watch::{CallWatch, Watch, Watchers};

/// Is told of calls, for metrics and the like. Each method does nothing unless it is written.
///
/// The methods run in the middle of the calls they report, so they should be quick: count, or hand over to a channel.
/// One that panics is not felt by the call: the panic is caught and logged.
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// use exchange_connector::{CallSummary, Observer, Outcome};
/// use exchange_connector::ews::EwsConnector;
/// use exchange_connector::http::Credentials;
///
/// #[derive(Default)]
/// struct Counter {
///     failed: AtomicU64,
/// }
///
/// impl Observer for Counter {
///     fn call_ended(&self, call: &CallSummary) {
///         if let Outcome::Failed(_) = call.outcome {
///             self.failed.fetch_add(1, Ordering::Relaxed);
///         }
///     }
/// }
///
/// let counter = Arc::new(Counter::default());
/// let connector = EwsConnector::builder("https://mail.contoso.com")
///     .credentials(Credentials::password("alice", "secret"))
///     .observer(counter.clone())
///     .build()?;
/// # Ok::<(), exchange_connector::Error>(())
/// ```
pub trait Observer: Send + Sync {
    /// A call has come to its end: its answer was read, it failed, or it was dropped.
    fn call_ended(&self, call: &CallSummary) {
        let _ = call;
    }

    /// One attempt of a call has come to its end.
    fn attempt_ended(&self, attempt: &AttemptSummary) {
        let _ = attempt;
    }

    /// A call has waited, for its turn or to be sent again: 1 ms at least.
    fn waited(&self, wait: &WaitSummary) {
        let _ = wait;
    }
}

/// A call that has come to its end.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CallSummary {
    /// Which protocol.
    pub backend: Backend,
    /// The operation, as `GetItem`.
    pub operation: &'static str,
    /// The mailbox it was about; `None` if that is not known, as with a token whose owner is not known.
    pub mailbox: Option<MailboxHash>,
    /// The version of the protocol the request was made for, as `Exchange2016`.
    pub version: Option<&'static str>,
    /// The HTTP status of the last answer.
    pub status: Option<u16>,
    /// The server's id of the last attempt.
    pub request_id: Option<String>,
    /// How many times it was sent; 0 if it failed before.
    pub attempts: u32,
    /// The bodies of its requests, in bytes, of all attempts.
    pub bytes_sent: u64,
    /// The bodies of the answers, in bytes, unpacked, of all attempts.
    pub bytes_received: u64,
    /// How long it waited for a place or before it was sent again.
    pub waited: Duration,
    /// From its begin to its end, with everything.
    pub duration: Duration,
    /// How it ended.
    pub outcome: Outcome,
}

/// One time a call was sent. Logging on is part of it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AttemptSummary {
    /// The operation, as `GetItem`.
    pub operation: &'static str,
    /// The mailbox it was about.
    pub mailbox: Option<MailboxHash>,
    /// Counted from 1 in each call.
    pub number: u32,
    /// Host and port it was sent to.
    pub host: String,
    /// The HTTP status; `None` if no answer came.
    pub status: Option<u16>,
    /// The server's id of it.
    pub request_id: Option<String>,
    /// The body of the request, in bytes.
    pub bytes_sent: u64,
    /// The body of the answer as far as it was read, in bytes, unpacked.
    pub bytes_received: u64,
    /// From its begin to the end of the answer.
    pub duration: Duration,
    /// How it went on the wire: an answer that refuses the call is [`Outcome::Done`] here.
    pub outcome: Outcome,
}

/// A call that has waited.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WaitSummary {
    /// The operation, as `GetItem`.
    pub operation: &'static str,
    /// The mailbox it is about.
    pub mailbox: Option<MailboxHash>,
    /// What for.
    pub reason: WaitReason,
    /// How long.
    pub duration: Duration,
}

/// What a call waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WaitReason {
    /// Its turn: as many calls are on their way as are allowed, or the server asked other calls to wait.
    Turn,
    /// The server was too busy for it, and it is sent again.
    Throttled,
    /// It failed for another passing reason, and it is sent again.
    Retry,
}

/// How a call or an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// An answer came and was read.
    Done,
    /// It failed.
    Failed(ErrorKind),
    /// Nobody waited for the end: the future or the content was dropped.
    Abandoned,
}

impl Outcome {
    pub(crate) fn of<T>(result: &Result<T, Error>) -> Self {
        match result {
            Ok(_) => Self::Done,
            Err(error) => Self::Failed(error.kind()),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done => f.write_str("done"),
            Self::Failed(kind) => write!(f, "failed: {kind:?}"),
            Self::Abandoned => f.write_str("abandoned"),
        }
    }
}

impl fmt::Display for WaitReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Retry => "retry",
            Self::Throttled => "throttled",
            Self::Turn => "turn",
        })
    }
}

/// Stands for a mailbox in logs and metrics: the same for the same address as long as the process runs.
///
/// It is a keyed hash (SipHash). The key is drawn at random when the process first needs it and is never shown, so
/// that nobody who has the log can find the address by trying addresses. Another process gives other hashes.
///
/// ```
/// use exchange_connector::MailboxHash;
///
/// let alice = MailboxHash::of("alice@contoso.com");
/// assert_eq!(alice, MailboxHash::of("Alice@Contoso.com"));
/// assert_ne!(alice, MailboxHash::of("bob@contoso.com"));
/// assert_eq!(alice.to_string().len(), 16);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MailboxHash(u64);

impl MailboxHash {
    /// The hash of a mailbox, by the address or the name that is used for it. The same mailbox under another name has
    /// another hash; the case of ASCII letters does not matter.
    pub fn of(address: &str) -> Self {
        static KEY: OnceLock<RandomState> = OnceLock::new();
        let mut hasher = KEY.get_or_init(RandomState::new).build_hasher();
        for byte in address.trim().bytes() {
            hasher.write_u8(byte.to_ascii_lowercase());
        }
        Self(hasher.finish())
    }
}

impl fmt::Display for MailboxHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}
