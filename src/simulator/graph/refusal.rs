//! Refusals as Graph writes them: OData errors.

use serde_json::{Value, json};

use super::super::refusal::Refusal;

/// Why a request was refused.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::simulator) struct GraphRefusal {
    pub(in crate::simulator) status: u16,
    pub(in crate::simulator) code: String,
    pub(in crate::simulator) message: String,
    /// What is sent besides, as `Retry-After`.
    pub(in crate::simulator) headers: Vec<(&'static str, String)>,
}

impl GraphRefusal {
    pub(in crate::simulator) fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.to_owned(),
            message: message.into(),
            headers: Vec::new(),
        }
    }

    pub(in crate::simulator) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequest", message)
    }

    pub(in crate::simulator) fn not_found() -> Self {
        Self::new(
            404,
            "ErrorItemNotFound",
            "The specified object was not found in the store.",
        )
    }

    /// The mailbox is on-premises.
    ///
    /// Source: <https://learn.microsoft.com/graph/hybrid-rest-support>
    pub(super) fn not_online() -> Self {
        Self::new(
            404,
            "MailboxNotEnabledForRESTAPI",
            "The mailbox is either inactive, soft-deleted, or is hosted on-premise.",
        )
    }

    pub(in crate::simulator) fn access_denied() -> Self {
        Self::new(
            403,
            "ErrorAccessDenied",
            "Access is denied. Check credentials and try again.",
        )
    }

    /// The body of the answer.
    pub(super) fn body(&self, request_id: &str, date: &str) -> Value {
        json!({"error": {
            "code": self.code,
            "message": self.message,
            "innerError": {"date": date, "request-id": request_id, "client-request-id": request_id},
        }})
    }
}

/// Outlook's services say on Graph what they say on EWS, with an HTTP status.
impl From<Refusal> for GraphRefusal {
    fn from(refusal: Refusal) -> Self {
        Self::new(Self::status_of(refusal.code), refusal.code, refusal.message)
    }
}

impl GraphRefusal {
    /// The token was good once.
    pub(super) fn expired() -> Self {
        Self::new(
            401,
            "InvalidAuthenticationToken",
            "Lifetime validation failed, the token is expired.",
        )
    }

    /// The HTTP status that goes with a code.
    pub(super) fn status_of(code: &str) -> u16 {
        match code {
            "ErrorItemNotFound" | "ErrorFolderNotFound" | "ErrorNonExistentMailbox" => 404,
            "ErrorAccessDenied" | "ErrorCreateItemAccessDenied" | "ErrorSendAsDenied" => 403,
            "ErrorIrresolvableConflict" => 412,
            "ErrorFolderExists" => 409,
            "ErrorQuotaExceeded" => 507,
            "ErrorMessageSizeExceeded" => 413,
            "ErrorServerBusy" | "ErrorExceededConnectionCount" | "ApplicationThrottled" => 429,
            "ErrorInternalServerError" | "ErrorItemCorrupt" => 500,
            "ErrorInternalServerTransientError"
            | "ErrorMailboxStoreUnavailable"
            | "ErrorMailboxMoveInProgress"
            | "ErrorMailboxFailover"
            | "ErrorBatchProcessingStopped" => 503,
            "ErrorTimeoutExpired" => 504,
            _ => 400,
        }
    }
}
