//! Refusals: of one item of a batch, and of a whole request.

use super::xml::Writer;

/// Why one item of a request was refused: a response message of class Error or Warning.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Refusal {
    pub(super) code: &'static str,
    pub(super) message: String,
    /// `t:Value` elements of `MessageXml`.
    pub(super) values: Vec<(&'static str, String)>,
    /// Markup of the property that was at fault, for `MessageXml`.
    pub(super) path: Option<String>,
    pub(super) warning: bool,
}

impl Refusal {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            values: Vec::new(),
            path: None,
            warning: false,
        }
    }

    /// A refusal that names the property at fault.
    pub(super) fn of_field(code: &'static str, message: impl Into<String>, path: &str) -> Self {
        let mut refusal = Self::new(code, message);
        refusal.path = Some(path.to_owned());
        refusal
    }

    pub(super) fn not_found() -> Self {
        Self::new(
            "ErrorItemNotFound",
            "The specified object was not found in the store.",
        )
    }

    pub(super) fn malformed_id() -> Self {
        Self::new("ErrorInvalidIdMalformed", "Id is malformed.")
    }

    pub(super) fn access_denied() -> Self {
        Self::new(
            "ErrorAccessDenied",
            "Access is denied. Check credentials and try again.",
        )
    }

    pub(super) fn unknown_mailbox() -> Self {
        Self::new(
            "ErrorNonExistentMailbox",
            "The SMTP address has no mailbox associated with it.",
        )
    }

    pub(super) fn bad_date(text: &str) -> Self {
        Self::new(
            "ErrorInvalidValueForProperty",
            format!("'{text}' is not a date that can be read."),
        )
    }

    /// What the items after the one that stopped a batch get: a warning.
    pub(super) fn batch_stopped() -> Self {
        let mut stopped = Self::new(
            "ErrorBatchProcessingStopped",
            "The processing of the batch was stopped.",
        );
        stopped.warning = true;
        stopped
    }

    pub(super) fn class(&self) -> &'static str {
        if self.warning { "Warning" } else { "Error" }
    }

    /// `MessageText`, `ResponseCode`, `DescriptiveLinkKey` and `MessageXml`.
    pub(super) fn write(&self, writer: &mut Writer, prefix: &str) {
        writer.leaf(&format!("{prefix}MessageText"), &self.message);
        writer.leaf(&format!("{prefix}ResponseCode"), self.code);
        writer.leaf(&format!("{prefix}DescriptiveLinkKey"), "0");
        if self.path.is_some() || !self.values.is_empty() {
            writer.element(&format!("{prefix}MessageXml"), &[], |writer| {
                if let Some(path) = &self.path {
                    writer.raw(path);
                }
                for (name, value) in &self.values {
                    writer.leaf_with("t:Value", &[("Name", name)], value);
                }
            });
        }
    }
}

/// Why a whole request was refused: a SOAP fault.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fault {
    pub(super) code: String,
    pub(super) message: String,
    pub(super) detail: Option<FaultDetail>,
}

/// What stands in the `MessageXml` of a fault.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum FaultDetail {
    /// Milliseconds until the client may come back.
    BackOff(u32),
    /// How many requests one account may have under way.
    Concurrency(usize),
    /// Where the schema was violated, and how.
    Violation {
        line: u32,
        position: u32,
        text: String,
    },
}

impl Fault {
    pub(super) fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            detail: None,
        }
    }

    /// The account has as many requests under way as its policy allows.
    pub(super) fn too_many_at_once(limit: usize) -> Self {
        let message = "You have exceeded the available concurrent connections for your account.  Try again once your other requests have completed.";
        let mut fault = Self::new("ErrorExceededConnectionCount", message);
        fault.detail = Some(FaultDetail::Concurrency(limit));
        fault
    }

    pub(super) fn invalid_request() -> Self {
        Self::new("ErrorInvalidRequest", "The request is invalid.")
    }

    pub(super) fn schema(line: u32, position: u32, text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            code: "ErrorSchemaValidation".to_owned(),
            message: format!("The request failed schema validation: {text}"),
            detail: Some(FaultDetail::Violation {
                line,
                position,
                text,
            }),
        }
    }
}
