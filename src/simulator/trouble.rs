//! Troubles that a test can order.

use std::time::Duration;

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
        /// Which, counted from 0. If there is no such one, or no other, all is refused.
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
