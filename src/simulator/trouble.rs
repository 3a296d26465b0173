//! Troubles that a test can order.

use std::str::FromStr;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::SimulatorError;
use super::certificate::SimulatedCertificate;

/// What goes wrong with a request that is logged on, or with a connection.
///
/// Order one with [`Simulator::fail_next`](super::Simulator::fail_next), or many with a
/// [`Disturbance`](super::Disturbance). Each has a [`name`](Self::name), by which
/// [`Log::troubles`](super::Log::troubles) counts those that were met; those that need no more
/// words than that can be read from it.
///
/// They meet requests to Graph as well. What is a SOAP fault or a response message on EWS is an OData error there, with
/// the same code, the HTTP status that goes with it, and `Retry-After`; an item of a batch is a part of `$batch`.
///
/// ```
/// use exchange_connector::simulator::Trouble;
///
/// let trouble: Trouble = "drop-after".parse()?;
/// assert_eq!(trouble, Trouble::DropAfter);
/// assert_eq!(Trouble::unavailable_for(30).name(), "unavailable");
/// # Ok::<(), exchange_connector::simulator::SimulatorError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Trouble {
    /// The server, or what stands before it, answers with that HTTP status and body, and runs
    /// nothing.
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
    /// The connection closes when so many bytes of the request's body were read; nothing runs. A
    /// shorter body is read whole before.
    DropWhileReading {
        /// Bytes that are read before.
        after: usize,
    },
    /// The request runs, then the connection closes without an answer.
    DropAfter,
    /// The request runs, but half of the answer is missing when the connection closes. One without a
    /// body does not come at all.
    Truncate,
    /// The request runs, but of the answer's body only so many bytes come before the connection
    /// closes.
    TruncateAt {
        /// Bytes that come, as they are on the wire (packed, where the client takes gzip).
        bytes: usize,
    },
    /// The right answer comes, then the connection closes although nobody said so.
    CloseAfter,
    /// The request runs that much later. A client that goes away in that time keeps it from running.
    DelayBefore(Duration),
    /// The request runs, but the answer comes that much later.
    Delay(Duration),
    /// The answer's body comes byte by byte.
    Trickle {
        /// The time between two bytes. Zero is as fast as it goes.
        pause: Duration,
    },
    /// The request runs, but what comes is the answer of another operation.
    OtherOperation,
    /// The request runs, but what comes is the answer to another request by the same operation, with
    /// that request's `client-request-id`. Where there was none yet, only the id is another.
    OtherRequest,
    /// After the right answer a second HTTP answer follows on the connection, to no request.
    StrayAnswer,
    /// After the right answer bytes follow on the connection that belong to nothing.
    StrayBytes(Vec<u8>),
    /// A logon page: HTTP 200, HTML, nothing runs.
    HtmlPage,
    /// The connection's logon is forgotten, as when an application pool is recycled: 401, nothing
    /// runs. On Graph the token is refused this once, as if it had expired. The request that ends a logon is answered, and the next one meets the 401.
    ForgetLogon,
    /// The server starts anew: all connections break off, nothing runs.
    Restart,
    /// A connection is closed as soon as it is there.
    Refuse,
    /// A connection is accepted, but not a byte is read or written for that long.
    Silence(Duration),
    /// A connection shows that certificate. Without TLS nothing happens.
    Certificate(SimulatedCertificate),
}

/// Busy, in each of the ways that servers say it.
impl Trouble {
    /// `ErrorServerBusy` as a SOAP fault with the time to wait, in milliseconds.
    #[must_use]
    pub fn busy(back_off: u32) -> Self {
        Self::Fault {
            code: "ErrorServerBusy".to_owned(),
            back_off: Some(back_off),
        }
    }

    /// `ErrorServerBusy` in the response message of an answer with HTTP 200, with the time to wait,
    /// in milliseconds.
    #[must_use]
    pub fn busy_message(back_off: u32) -> Self {
        Self::Message {
            code: "ErrorServerBusy",
            back_off: Some(back_off),
        }
    }

    /// HTTP 503 with `Retry-After` in seconds.
    #[must_use]
    pub fn unavailable_for(seconds: u32) -> Self {
        Self::page(503, "Service Unavailable").header("Retry-After", &seconds.to_string())
    }

    /// HTTP 503 with `Retry-After` as a date.
    #[must_use]
    pub fn unavailable_until(time: DateTime<Utc>) -> Self {
        let date = time.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        Self::page(503, "Service Unavailable").header("Retry-After", &date)
    }

    /// HTTP 429 with `Retry-After` in seconds.
    #[must_use]
    pub fn too_many_requests(seconds: u32) -> Self {
        Self::page(429, "Too Many Requests").header("Retry-After", &seconds.to_string())
    }
}

/// What a server says of an operation or a mailbox.
impl Trouble {
    /// A SOAP fault.
    #[must_use]
    pub fn fault(code: &str) -> Self {
        Self::Fault {
            code: code.to_owned(),
            back_off: None,
        }
    }

    /// A refusal in the response message of an answer with HTTP 200.
    #[must_use]
    pub fn message(code: &'static str) -> Self {
        Self::Message {
            code,
            back_off: None,
        }
    }

    /// The mailbox is being moved to another database: `ErrorMailboxMoveInProgress`.
    #[must_use]
    pub fn mailbox_in_move() -> Self {
        Self::message("ErrorMailboxMoveInProgress")
    }

    /// The mailbox has just gone to another server: `ErrorMailboxFailover`.
    #[must_use]
    pub fn mailbox_moved() -> Self {
        Self::message("ErrorMailboxFailover")
    }

    /// The mailbox database is not mounted: `ErrorMailboxStoreUnavailable`.
    #[must_use]
    pub fn store_unavailable() -> Self {
        Self::message("ErrorMailboxStoreUnavailable")
    }

    /// The server does not take requests of the version they name: `ErrorInvalidServerVersion`.
    #[must_use]
    pub fn version_refused() -> Self {
        Self::fault("ErrorInvalidServerVersion")
    }
}

/// What stands between client and server says, or a web server in place of Exchange.
impl Trouble {
    /// An HTTP status with a short HTML body.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::page(status, &status.to_string())
    }

    /// An HTTP status with an HTML page of that title.
    #[must_use]
    pub fn page(status: u16, title: &str) -> Self {
        Self::Status {
            status,
            headers: Vec::new(),
            body: format!(
                "<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
            ),
        }
    }

    /// HTTP 302 to that address.
    #[must_use]
    pub fn redirect(location: &str) -> Self {
        Self::page(302, "Object moved").header("Location", location)
    }

    /// HTTP 302 to the logon form of Outlook on the web.
    #[must_use]
    pub fn redirect_to_logon() -> Self {
        Self::redirect("/owa/auth/logon.aspx?replaceCurrent=1&url=%2fEWS%2fExchange.asmx")
    }

    /// HTTP 302 to the page to which ASP.NET sends what failed on the way to the back end.
    #[must_use]
    pub fn redirect_to_error_page() -> Self {
        Self::redirect("/EWS/genericerrorpage.htm?aspxerrorpath=/EWS/Exchange.asmx")
    }

    /// HTTP 502 with the page of a gateway.
    #[must_use]
    pub fn bad_gateway() -> Self {
        Self::page(502, "Bad Gateway")
    }

    /// HTTP 504 with the page of a gateway.
    #[must_use]
    pub fn gateway_timeout() -> Self {
        Self::page(504, "Gateway Time-out")
    }

    /// HTTP 407: a proxy wants its own logon.
    #[must_use]
    pub fn proxy_logon() -> Self {
        Self::page(407, "Proxy Authentication Required")
            .header("Proxy-Authenticate", "Basic realm=\"proxy\"")
    }

    /// HTTP 200 with the page of a filter.
    #[must_use]
    pub fn filter_page() -> Self {
        Self::page(200, "Blocked by web filter")
    }

    /// One more header of an answer with a status; nothing where it is another trouble.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let Self::Status { headers, .. } = &mut self {
            headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// Bytes after an answer that are the beginning of nothing.
    #[must_use]
    pub fn garbage() -> Self {
        Self::StrayBytes(b"\0\x01garbage\r\n".to_vec())
    }
}

impl Trouble {
    /// A short name of its kind, as `drop-after`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        let busy = |code: &str| code == "ErrorServerBusy";
        match self {
            Self::Status { status, .. } => match status {
                200..300 => "page",
                300..400 => "redirect",
                407 => "proxy-logon",
                429 => "too-many-requests",
                502 => "bad-gateway",
                503 => "unavailable",
                504 => "gateway-timeout",
                _ => "status",
            },
            Self::Fault { code, .. } if busy(code) => "busy",
            Self::Fault { .. } => "fault",
            Self::Message { code, .. } if busy(code) => "busy-message",
            Self::Message { .. } => "message",
            Self::Item { .. } => "item",
            Self::Stop { .. } => "stop",
            Self::DropBefore => "drop-before",
            Self::DropWhileReading { .. } => "drop-while-reading",
            Self::DropAfter => "drop-after",
            Self::Truncate => "truncate",
            Self::TruncateAt { .. } => "truncate-at",
            Self::CloseAfter => "close-after",
            Self::DelayBefore(_) => "delay-before",
            Self::Delay(_) => "delay",
            Self::Trickle { .. } => "trickle",
            Self::OtherOperation => "other-operation",
            Self::OtherRequest => "other-request",
            Self::StrayAnswer => "stray-answer",
            Self::StrayBytes(_) => "stray-bytes",
            Self::HtmlPage => "logon-page",
            Self::ForgetLogon => "forget-logon",
            Self::Restart => "restart",
            Self::Refuse => "refuse",
            Self::Silence(_) => "silence",
            Self::Certificate(_) => "certificate",
        }
    }

    /// Whether it meets connections, not requests.
    pub(super) fn is_of_connection(&self) -> bool {
        matches!(self, Self::Refuse | Self::Silence(_) | Self::Certificate(_))
    }

    /// Those that can be read from their name, with times of a second and less.
    fn named() -> Vec<Self> {
        let short = Duration::from_millis(500);
        vec![
            Self::busy(500),
            Self::busy_message(500),
            Self::unavailable_for(1),
            Self::too_many_requests(1),
            Self::fault("ErrorInternalServerError"),
            Self::message("ErrorInternalServerTransientError"),
            Self::status(500),
            Self::filter_page(),
            Self::redirect_to_logon(),
            Self::proxy_logon(),
            Self::bad_gateway(),
            Self::gateway_timeout(),
            Self::DropBefore,
            Self::DropWhileReading { after: 100 },
            Self::DropAfter,
            Self::Truncate,
            Self::TruncateAt { bytes: 100 },
            Self::CloseAfter,
            Self::DelayBefore(short),
            Self::Delay(short),
            Self::Trickle {
                pause: Duration::from_millis(1),
            },
            Self::OtherOperation,
            Self::OtherRequest,
            Self::StrayAnswer,
            Self::garbage(),
            Self::HtmlPage,
            Self::ForgetLogon,
            Self::Restart,
            Self::Refuse,
            Self::Silence(short),
            Self::Certificate(SimulatedCertificate::Renewed),
        ]
    }
}

impl FromStr for Trouble {
    type Err = SimulatorError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut named = Self::named().into_iter();
        named
            .find(|trouble| trouble.name() == text.trim())
            .ok_or_else(|| {
                let names: Vec<_> = Self::named().iter().map(Self::name).collect();
                SimulatorError::Trouble(text.to_owned(), names.join(", "))
            })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_name_stands_for_one_trouble() {
        let names: BTreeSet<_> = Trouble::named().iter().map(Trouble::name).collect();
        assert_eq!(names.len(), Trouble::named().len());
        for trouble in Trouble::named() {
            assert_eq!(trouble.name().parse::<Trouble>().unwrap(), trouble);
        }
        let unknown = "drop".parse::<Trouble>().unwrap_err().to_string();
        assert!(
            unknown.contains("'drop'") && unknown.contains("drop-after"),
            "{unknown}"
        );
    }

    #[test]
    fn dates_are_those_of_http() {
        let time = "2026-03-04T12:00:05Z".parse().unwrap();
        let Trouble::Status { headers, .. } = Trouble::unavailable_until(time) else {
            panic!("no status");
        };
        assert_eq!(headers[0].1, "Wed, 04 Mar 2026 12:00:05 GMT");
    }
}
