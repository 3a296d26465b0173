//! A refusal of a whole call.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use super::message_xml::{MessageXml, Value};
use super::operation::Operation;
use super::origin::Origin;
use super::violation::Violation;
use super::{ResponseCode, denial};
use crate::error::{Effect, Error, ErrorKind, RetryAdvice};
use crate::xml::{Element, Problem};

/// The server refused a call as a whole: a SOAP fault.
///
/// It comes in several forms, of SOAP 1.1 and now and then 1.2; Exchange 2007 says its code only in
/// the detail, later versions in `faultcode` too. The detail counts where they differ.
///
/// References: <https://learn.microsoft.com/openspecs/exchange_server_protocols/ms-oxwums/a9e1fd8d-5f87-4caf-84f6-a99031d4bd56>
/// for its form (MS-OXWUMS, 2.2.2.1), and
/// <https://learn.microsoft.com/exchange/client-developer/exchange-web-services/ews-throttling-in-exchange>
/// for that of a busy server.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Fault {
    /// What Exchange calls the reason; none if the request never got that far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<ResponseCode>,
    /// What SOAP calls the reason, as `s:Server`.
    #[serde(rename = "faultcode", skip_serializing_if = "Option::is_none")]
    pub fault_code: Option<String>,
    /// The reason in words, in the server's language.
    pub text: String,
    /// More about the reason, by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<Value>,
    /// How long to wait before the next call, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub back_off_milliseconds: Option<u64>,
    /// The line of the request that was refused, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The column of the request that was refused, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<u32>,
}

impl Fault {
    pub(crate) fn kind(&self) -> ErrorKind {
        match (&self.code, self.fault_code.as_deref()) {
            (Some(code), _) => code.kind(),
            (None, Some(code)) if code.ends_with("Client") || code.ends_with("Sender") => {
                ErrorKind::Protocol
            }
            _ => ErrorKind::Internal,
        }
    }

    /// The error a caller gets, of a server nothing is known of.
    pub(crate) fn into_error(self, operation: &'static str) -> Error {
        let origin = Origin {
            operation,
            ..Origin::default()
        };
        self.into_error_of(&origin, None)
    }

    /// The error a caller gets; from the text of the request it says what in it was wrong.
    pub(crate) fn into_error_of(self, origin: &Origin, request: Option<&str>) -> Error {
        let violation = Violation::of(&self, request.unwrap_or_default());
        let kind = self.kind();
        let mut text = match self.text.trim() {
            "" => "the server gave no reason".to_owned(),
            text => text.to_owned(),
        };
        if let Some((line, position)) = self.line.zip(self.position) {
            let what = violation
                .as_ref()
                .and_then(|violation| violation.what.as_deref());
            let what = what.map_or_else(String::new, |what| format!(": {what}"));
            text = format!("{text} (line {line}, position {position} of the request{what})");
        }
        let mut error = origin.mark(Error::new(kind, origin.operation, text));
        if let Some(code) = &self.code {
            error = error.with_code(code.as_str());
            let hint = violation.and_then(|violation| violation.advice(origin));
            if let Some(hint) = hint.or_else(|| denial::advice(code, origin)) {
                error = error.with_hint(hint);
            }
            if let Some(advice) = advice(code, self.back_off_milliseconds) {
                error = error.with_advice(advice);
            }
        } else if let Some(code) = &self.fault_code {
            error = error.with_code(code.clone());
        }
        error.with_source(self)
    }

    /// Whatever its shape: a refusal must not be lost because something in it is odd.
    pub(crate) fn read(node: &mut Element<'_, '_>) -> Result<Self, Problem> {
        let mut fault = Self::default();
        let mut soap_code = None;
        while let Some(mut child) = node.next_child_of_any()? {
            match child.name() {
                "faultcode" => fault.fault_code = Some(child.inner_text()?.trim().to_owned()),
                "faultstring" => fault.text = child.inner_text()?,
                "detail" | "Detail" => fault.read_detail(&mut child)?,
                "Code" => soap_code = read_code(&mut child)?,
                "Reason" => {
                    while let Some(mut text) = child.next_child_of_any()? {
                        let text = text.inner_text()?;
                        if fault.text.is_empty() {
                            fault.text = text;
                        }
                    }
                }
                _ => child.skip()?,
            }
        }

        fault.fault_code = fault.fault_code.or(soap_code);
        if fault.code.is_none() {
            fault.code = fault.fault_code.as_deref().and_then(exchange_code);
        }
        Ok(fault)
    }

    fn read_detail(&mut self, detail: &mut Element<'_, '_>) -> Result<(), Problem> {
        while let Some(mut child) = detail.next_child_of_any()? {
            match child.name() {
                "ResponseCode" => {
                    let code = child.inner_text()?;
                    let code = Some(code.trim()).filter(|code| !code.is_empty());
                    self.code = code.map(ResponseCode::named);
                }
                "Message" => {
                    let text = child.inner_text()?;
                    if self.text.is_empty() {
                        self.text = text;
                    }
                }
                "Line" => self.line = child.inner_text()?.trim().parse().ok(),
                "Position" => self.position = child.inner_text()?.trim().parse().ok(),
                "MessageXml" => {
                    let details = MessageXml::read(&mut child)?;
                    self.back_off_milliseconds = details.back_off_milliseconds();
                    self.line = self.line.or(details.number("LineNumber"));
                    self.position = self.position.or(details.number("LinePosition"));
                    self.details = details.0;
                }
                _ => child.skip()?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SOAP fault")?;
        if let Some(code) = &self.fault_code {
            write!(f, " {code}")?;
        }
        for Value { name, value } in &self.details {
            write!(f, ", {name}: {value}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Fault {}

/// The code of SOAP 1.2, which nests: the innermost says most.
fn read_code(node: &mut Element<'_, '_>) -> Result<Option<String>, Problem> {
    let mut code = None;
    while let Some(mut child) = node.next_child_of_any()? {
        match child.name() {
            "Value" => code = Some(child.inner_text()?.trim().to_owned()),
            "Subcode" => code = read_code(&mut child)?.or(code),
            _ => child.skip()?,
        }
    }
    Ok(code)
}

/// `a:ErrorServerBusy` as Exchange's own code; `s:Client` is none.
fn exchange_code(fault_code: &str) -> Option<ResponseCode> {
    let name = fault_code.rsplit(':').next()?;
    name.starts_with("Error").then(|| ResponseCode::named(name))
}

/// A server that fails inside may have written before it did, and even have sent. So may a front end
/// that lost the server behind it: it says the same as one that never reached it.
pub(crate) fn in_doubt<O: Operation>(error: Error) -> Error {
    in_doubt_if(!O::REPEATABLE, error)
}

/// The same, where it is known of the call whether it writes.
pub(crate) fn in_doubt_if(writes: bool, error: Error) -> Error {
    let is_inside = match error.kind() {
        ErrorKind::Internal => true,
        // Where nobody answered, whoever waited knows whether it was sent.
        ErrorKind::Timeout => error.code().is_some() || error.http_status().is_some(),
        ErrorKind::Unavailable | ErrorKind::MailboxUnavailable => {
            let before = ["ErrorBatchProcessingStopped", "ErrorMailboxMoveInProgress"];
            error.code().is_some_and(|code| !before.contains(&code))
        }
        // A server that runs out of something may do so in the middle.
        ErrorKind::Throttled => {
            let inside = [
                "ErrorInsufficientResources",
                "ErrorNotEnoughMemory",
                "ErrorTooManyObjectsOpened",
            ];
            error.code().is_some_and(|code| inside.contains(&code))
        }
        _ => false,
    };
    if !writes || !is_inside || error.effect() != Effect::None {
        return error;
    }
    error.with_effect(Effect::Unknown)
}

/// When the same call may work, where the kind does not say it.
pub(crate) fn advice(
    code: &ResponseCode,
    back_off_milliseconds: Option<u64>,
) -> Option<RetryAdvice> {
    match (code, back_off_milliseconds) {
        // Allowances of a day, or of a folder.
        (
            ResponseCode::ErrorExceededMessageLimit
            | ResponseCode::ErrorExceededMessageLimitShowTierUpgrade
            | ResponseCode::ErrorMessagePerFolderCountReceiveQuotaExceeded
            | ResponseCode::ErrorSubmissionQuotaExceeded,
            None,
        ) => Some(RetryAdvice::Never),
        (_, wait) => wait.map(|wait| RetryAdvice::After(Duration::from_millis(wait))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ews::operation::GetItem;
    use crate::ews::soap;
    use crate::ews::testing::{fixture, response};

    fn of(name: &str) -> Fault {
        *response::<GetItem>(&format!("fault/{name}"))
            .content
            .unwrap_err()
    }

    fn read(content: &str) -> Fault {
        let xml = format!(
            "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body>{content}</s:Body></s:Envelope>"
        );
        *soap::response::<GetItem>(&xml, Some(1))
            .unwrap()
            .content
            .unwrap_err()
    }

    #[test]
    fn a_busy_server_says_how_long_to_wait() {
        let error = of("response_busy").into_error("GetItem");
        assert_eq!(error.kind(), ErrorKind::Throttled);
        assert_eq!(error.code(), Some("ErrorServerBusy"));
        let wait = Duration::from_millis(297_749);
        assert_eq!(error.advice(), RetryAdvice::After(wait));
        assert_eq!(error.effect(), Effect::None);
        assert!(error.to_string().contains("throttling policy"), "{error}");
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert_eq!(
            source,
            "SOAP fault a:ErrorServerBusy, Policy: EwsMaxBurst, BackOffMilliseconds: 297749"
        );
    }

    /// Exchange 2007 says its code only in the detail.
    #[test]
    fn of_2007() {
        let fault = of("response_2007");
        assert_eq!(fault.code, Some(ResponseCode::ErrorSchemaValidation));
        assert_eq!(fault.fault_code.as_deref(), Some("soap11:Client"));
        let error = fault.into_error("GetItem");
        assert_eq!(
            error.message(),
            "The request failed schema validation. (line 2, position 630 of the request)"
        );
    }

    #[test]
    fn a_position_in_the_details() {
        let fault = of("response_schema");
        assert_eq!((fault.line, fault.position), (Some(1), Some(412)));
        assert_eq!(fault.details[2].name, "Violation");
    }

    #[test]
    fn a_fault_of_soap_alone() {
        let fault = of("response_must_understand");
        assert_eq!((&fault.code, fault.kind()), (&None, ErrorKind::Internal));
        let error = fault.into_error("GetItem");
        assert_eq!(error.code(), Some("s:MustUnderstand"));
    }

    /// The first reason is in English, or in the only language there is.
    #[test]
    fn of_soap_12() {
        let answer = soap::response::<GetItem>(&fixture("soap12/fault"), Some(1)).unwrap();
        let fault = answer.content.unwrap_err();
        assert_eq!(fault.code, Some(ResponseCode::ErrorInvalidRequest));
        assert_eq!(fault.fault_code.as_deref(), Some("a:ErrorInvalidRequest"));
        assert_eq!(fault.text, "The request is invalid.");
    }

    #[test]
    fn the_detail_counts_where_codes_differ() {
        let fault = read(
            "<s:Fault><detail><ResponseCode> ErrorAccessDenied </ResponseCode></detail>\
             <faultcode>x:ErrorServerBusy</faultcode></s:Fault>",
        );
        assert_eq!(fault.code, Some(ResponseCode::ErrorAccessDenied));
    }

    #[test]
    fn whatever_its_shape() {
        for (content, code, text) in [
            ("<s:Fault/>", None, ""),
            ("<s:Fault><detail/></s:Fault>", None, ""),
            ("<Fault><faultstring>x</faultstring></Fault>", None, "x"),
            (
                "<s:Fault><faultstring>a <b>b</b></faultstring></s:Fault>",
                None,
                "a b",
            ),
            (
                "<s:Fault><detail><Line>x</Line><ResponseCode><a>ErrorServerBusy</a></ResponseCode></detail></s:Fault>",
                Some(ResponseCode::ErrorServerBusy),
                "",
            ),
            (
                "<s:Fault><detail><Message>from the detail</Message></detail></s:Fault>",
                None,
                "from the detail",
            ),
            (
                "<s:Fault><faultcode>a:ErrorOfTomorrow</faultcode></s:Fault>",
                Some(ResponseCode::named("ErrorOfTomorrow")),
                "",
            ),
        ] {
            let fault = read(content);
            assert_eq!(
                (fault.code.clone(), fault.text.as_str()),
                (code, text),
                "{content}"
            );
            let error = fault.into_error("GetItem");
            assert!(!error.message().is_empty());
        }
        let client = read("<s:Fault><faultcode>s:Client</faultcode></s:Fault>");
        assert_eq!(client.kind(), ErrorKind::Protocol);
    }
}
