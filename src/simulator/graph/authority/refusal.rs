//! Refusals as Microsoft Entra and AD FS write them.

use chrono::Utc;
use serde_json::{Value, json};
use uuid::Uuid;

/// Why no token is issued.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) status: u16,
    error: &'static str,
    number: u64,
    why: String,
}

impl Refused {
    pub(super) fn new(error: &'static str, number: u64, why: impl Into<String>) -> Self {
        let status = match error {
            "invalid_client" => 401,
            _ => 400,
        };
        Self {
            status,
            error,
            number,
            why: why.into(),
        }
    }

    /// AD FS has numbers of its own, in the text alone.
    pub(super) fn body_of_adfs(&self) -> Value {
        let description = match self.number {
            700_016 => "MSIS9607: The 'client_id' parameter in the request is invalid. No registered client is found with this identifier.".to_owned(),
            500_011 => "MSIS9602: The received 'resource' parameter is invalid. The authorization server can not find a registered resource with the specified identifier.".to_owned(),
            _ if self.error == "invalid_client" => "MSIS9622: Client authentication failed. Please verify the credential provided for client authentication is valid.".to_owned(),
            _ => self.why.clone(),
        };
        json!({ "error": self.error, "error_description": description })
    }

    pub(super) fn body(&self) -> Value {
        let (trace, correlation) = (Uuid::new_v4().to_string(), Uuid::new_v4().to_string());
        let time = Utc::now().format("%Y-%m-%d %H:%M:%SZ").to_string();
        let Self { number, why, .. } = self;
        json!({
            "error": self.error,
            "error_description": format!(
                "AADSTS{number}: {why} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {time}"
            ),
            "error_codes": [number],
            "timestamp": time,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": format!("https://login.microsoftonline.com/error?code={number}"),
        })
    }
}
