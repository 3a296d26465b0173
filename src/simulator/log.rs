//! What a simulator saw.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

/// One TCP connection.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ConnectionLog {
    /// NTLM handshakes that ended well.
    pub handshakes: u32,
    /// The address of the account that spoke last.
    pub identity: Option<String>,
    /// The addresses of all accounts that spoke, each once.
    pub identities: Vec<String>,
    /// Operations on this connection, refused logons not counted.
    pub requests: u32,
}

/// Counts of connections, logons and requests.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Log {
    /// Every connection since the start, in order.
    pub connections: Vec<ConnectionLog>,
    /// HTTP requests of any outcome.
    pub http_requests: u32,
    /// Requests that were logged on.
    pub requests: u32,
    /// Requests by operation, such as `FindItem`, on Graph such as `GET /me/events`; there parts of a batch count too.
    pub operations: BTreeMap<String, u32>,
    /// Attempts with an unknown user or a wrong password.
    pub wrong_credentials: u32,
    /// Logons with the right password that were not bound to their connection as
    /// [`ExtendedProtection`](super::ExtendedProtection) wants it.
    pub wrong_bindings: u32,
    /// The most requests that one account had under way at a time.
    pub most_at_once: usize,
    /// Requests refused because an account had too many under way.
    pub refused_concurrency: u32,
    /// Troubles that requests and connections met, in order.
    pub met: Vec<MetTrouble>,
}

impl Log {
    /// How many troubles were met, by [name](super::Trouble::name).
    #[must_use]
    pub fn troubles(&self) -> BTreeMap<&'static str, u32> {
        let mut counts = BTreeMap::new();
        for met in &self.met {
            *counts.entry(met.trouble).or_default() += 1;
        }
        counts
    }
}

/// A trouble that was met.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MetTrouble {
    /// The [name](super::Trouble::name) of the trouble.
    pub trouble: &'static str,
    /// The operation as the request's `SOAPAction` has it, on Graph method and path without ids; nothing for a
    /// connection.
    pub operation: String,
    /// The address of the account that asked; nothing for a connection.
    pub account: String,
}

/// A message that was sent.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SentMessage {
    /// The item's element: `Message`, `MeetingRequest`, `MeetingCancellation`, `MeetingResponse`.
    pub kind: String,
    /// The sender's address.
    pub from: String,
    /// The addresses of all recipients, blind copies included.
    pub to: Vec<String>,
    /// The subject.
    pub subject: String,
    /// The body as it was written, HTML or text.
    pub body: String,
    /// The meeting's UID.
    pub uid: Option<String>,
    /// When.
    pub sent: DateTime<Utc>,
    /// The Message-ID, with its angle brackets; meeting messages have none here.
    pub message_id: Option<String>,
    /// The addresses outside the organisation, members of groups too.
    pub external: Vec<String>,
    /// The message as it went to those addresses; `None` where there are none.
    pub mime: Option<Vec<u8>>,
}

/// A request or answer that the schema does not allow.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Violation {
    /// The operation.
    pub operation: String,
    /// `true` where the simulator's own answer was at fault.
    pub answer: bool,
    /// What is wrong.
    pub problem: String,
    /// The envelope.
    pub envelope: String,
}

/// A request and its answer, kept where the simulator was told to record.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Exchange {
    /// The operation; on Graph method and path without ids, as `GET /me/events/{id}`.
    pub operation: String,
    /// On Graph the path with its query, as the request had it; nothing on EWS.
    pub target: String,
    /// The address of the account that asked.
    pub identity: String,
    /// The request's headers but `Authorization`.
    pub headers: Vec<(String, String)>,
    /// The request's envelope, or JSON.
    pub request: String,
    /// The HTTP status of the answer.
    pub status: u16,
    /// The answer's envelope, or JSON; nothing where Graph answered bytes.
    pub answer: String,
}
