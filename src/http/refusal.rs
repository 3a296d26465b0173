//! Answers that are no EWS answer: error pages, logon forms, throttling.

use std::borrow::Cow;
use std::time::Duration;

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use url::Url;

use super::body_kind::BodyKind;
use super::charset;
use super::headers::{diagnostics, request_id, text, without_query};
use super::page::{beginning, is_logon, quote};
use super::{retry_after, servers};
use crate::error::{Effect, Error, ErrorKind, RetryAdvice, Unreadable};

/// The error an HTTP answer stands for, or `None` when its body is to be read as XML.
///
/// An envelope is read whatever status and content type say: SOAP faults come with 500, and proxies
/// change labels. So is what was cut off before it shows whether it is one. Without an envelope the
/// status says most, and with success what is labelled as a web page is one. Status 200 with nothing,
/// with plain text or with other XML is `None` too; what is wrong there is the SOAP layer's to say.
pub(crate) fn refusal(
    operation: &'static str,
    url: Option<&Url>,
    status: u16,
    headers: &HeaderMap,
    body: &[u8],
) -> Option<Error> {
    let success = (200..300).contains(&status);
    let text = beginning(body);
    let is_for_reader = match BodyKind::of(&text) {
        BodyKind::Envelope | BodyKind::Cut => true,
        BodyKind::DeclaredEnvelope => success,
        BodyKind::Html => success && is_xhtml(headers, &text),
        BodyKind::OtherXml => success && !is_labelled_page(headers),
        BodyKind::Other => success && !(is_labelled_page(headers) && charset::is_text(body)),
    };
    if is_for_reader {
        return None;
    }
    let answer = Answer {
        operation,
        url,
        status,
        headers,
        text: &text,
    };
    Some(if success {
        answer.page()
    } else {
        answer.error()
    })
}

/// Whether this page is that of IIS for those who showed no client certificate, or another one with these words.
pub(crate) fn wants_client_certificate(body: &[u8]) -> bool {
    let text = beginning(body);
    let text = text.get(..text.len().min(4096)).unwrap_or_default();
    let text = String::from_utf8_lossy(text).to_ascii_lowercase();
    text.contains("client certificate")
}

/// A page that says twice that it is XML, and wants no logon, is judged as XML.
fn is_xhtml(headers: &HeaderMap, body: &[u8]) -> bool {
    let is_labelled = is_labelled(headers, &["text/xml", "application/soap+xml"]);
    let head = body.get(..body.len().min(4096)).unwrap_or_default();
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    is_labelled
        && head.starts_with("<?xml")
        && !head.contains("<!doctype")
        && !is_logon(head.as_bytes())
}

fn is_labelled_page(headers: &HeaderMap) -> bool {
    is_labelled(headers, &["text/html", "application/xhtml+xml"])
}

fn is_labelled(headers: &HeaderMap, labels: &[&str]) -> bool {
    let label = text(headers, CONTENT_TYPE.as_str()).unwrap_or_default();
    let label = label.split(';').next().unwrap_or_default().trim();
    labels.iter().any(|known| label.eq_ignore_ascii_case(known))
}

pub(super) struct Answer<'a> {
    operation: &'static str,
    pub(super) url: Option<&'a Url>,
    status: u16,
    pub(super) headers: &'a HeaderMap,
    /// The beginning of the body.
    text: &'a [u8],
}

impl Answer<'_> {
    /// A page where an answer should be.
    fn page(&self) -> Error {
        let page = quote(self.text);
        if is_logon(self.text) {
            return self.logon(format!("a logon page came instead of an answer{page}"));
        }
        self.make(
            ErrorKind::Protocol,
            format!("a web page came instead of an answer{page}"),
            "A proxy, gateway or firewall may be in between; or the URL is wrong: it should end in /EWS/Exchange.asmx.",
        )
        // the server may have had the request before a gateway lost patience
        .with_effect(Effect::Unknown)
    }

    fn error(&self) -> Error {
        use ErrorKind as Kind;
        if let Some(code) = text(self.headers, "x-caserrorcode") {
            let what = format!("the front end server could not pass the request on ({code})");
            let hint = "Usually this passes; if not, the administrator should look at the mailbox's state.";
            return self
                .make(Kind::Unavailable, what, hint)
                .with_code(code)
                .with_advice(RetryAdvice::After(TEN_SECONDS));
        }
        if self.headers.contains_key("x-ms-credential-service-url") {
            let what = "the password has expired";
            let hint = "The user must change it; then give the new one.";
            return self.make(Kind::Unauthenticated, what, hint);
        }
        let quote = quote(self.text);
        let diagnostics = diagnostics(self.headers);
        let (kind, what, hint) = match self.status {
            301 | 302 | 303 | 307 | 308 => return self.redirect(),
            440 => return self.logon("the session of a logon form has ended"),
            429 => return self.wait(Kind::Throttled, "too many requests".to_owned(), ""),
            503 => {
                let what = format!("the server is not available or too busy{quote}");
                let cause = "; if it stays so, the application pool MSExchangeServicesAppPool is stopped, or the balancer has no healthy server";
                let error = self.wait(Kind::Unavailable, what, cause);
                return match self.is_of_server() {
                    true => error,
                    false => error.with_effect(Effect::Unknown),
                };
            }
            400 => (
                Kind::InvalidArgument,
                format!("the server could not read the request{quote}"),
                "If it complains of long headers, the logon token or the cookies are too large (MaxRequestBytes of http.sys).",
            ),
            401 => (
                Kind::Unauthenticated,
                format!("the server did not accept the logon, or there was none{diagnostics}"),
                "Check user name and password, or the token.",
            ),
            403 => (
                Kind::PermissionDenied,
                format!("access is forbidden{quote}{diagnostics}"),
                if wants_client_certificate(self.text) {
                    "Give a client certificate of an authority that the server trusts in the options."
                } else {
                    // that of a refusal after a logon is the caller's to say
                    "It was refused before any logon, so it is no matter of the account: IIS may take some addresses only, a firewall or gateway may \
                     have a rule for /EWS, or a client certificate is wanted. Their administrator sees which in the log."
                },
            ),
            404 => (
                Kind::Configuration,
                format!("there is no EWS at {}{quote}", self.place()),
                "Check the URL, usually https://<server>/EWS/Exchange.asmx; or a gateway publishes /owa but not /EWS.",
            ),
            405 => (
                Kind::Configuration,
                format!("{} does not take EWS requests (POST)", self.place()),
                "Check the URL, usually https://<server>/EWS/Exchange.asmx.",
            ),
            407 => (
                Kind::Connection,
                "a proxy wants its own logon".to_owned(),
                "A firewall or hidden proxy on the way wants its own logon: have its administrator let this server pass. Where a proxy is set, put user \
                 and password into its address (HTTPS_PROXY).",
            ),
            408 => (
                Kind::Timeout,
                format!("the server waited too long for the request{quote}"),
                "Send less at a time, or use a faster connection.",
            ),
            413 => (
                Kind::TooLarge,
                "the request is larger than the server allows".to_owned(),
                "Send fewer items at a time or smaller attachments, or have the limits of IIS (maxAllowedContentLength, \
                 uploadReadAheadSize) and of EWS (MaxRequestLength) raised.",
            ),
            456 => (
                Kind::Unauthenticated,
                format!(
                    "the account is locked, its password has expired, or it needs a second factor{}",
                    self.password_page()
                ),
                "The user must log on in a browser first.",
            ),
            500 => (
                Kind::Internal,
                format!("the server failed before it could answer{quote}"),
                "The Application event log of that server says why.",
            ),
            501 => (
                Kind::Unsupported,
                format!("the server does not know this kind of request{quote}"),
                "A proxy may have changed it, or this is no EWS address.",
            ),
            502 => (
                Kind::Unavailable,
                format!("a gateway got no good answer from the Exchange server{quote}"),
                "If it stays so, the administrator should look at the gateway and the server.",
            ),
            504 => (
                Kind::Timeout,
                format!("a gateway got no answer from the Exchange server in time{quote}"),
                "Ask for less at a time, or have the gateway's time limit raised.",
            ),
            505.. => (
                Kind::Internal,
                format!("the server failed{quote}"),
                "Try again later.",
            ),
            _ => (
                Kind::Protocol,
                format!("this HTTP status is no answer to an EWS request{quote}"),
                "Check the URL, usually https://<server>/EWS/Exchange.asmx.",
            ),
        };
        let error = self.make(kind, what, hint);
        match self.status {
            407 => error.with_advice(RetryAdvice::Never),
            500 => error
                .with_effect(Effect::Unknown)
                .with_advice(RetryAdvice::After(TEN_SECONDS)),
            502.. => error.with_effect(Effect::Unknown),
            _ => error,
        }
    }

    pub(super) fn logon(&self, what: impl Into<String>) -> Error {
        let hint = "The address is protected by forms-based logon (Outlook on the web, or a gateway that logs on first), which programs \
                    cannot use: use the EWS address of the Exchange server, or have the administrator let /EWS pass with NTLM or Basic.";
        self.make(ErrorKind::Unauthenticated, what, hint)
            .with_advice(RetryAdvice::Never)
    }

    /// Whether a server says itself that it does not take the request, or a balancer for how long. Some balancers
    /// (Envoy) say 503 also when the connection to the server broke, after it had the request.
    fn is_of_server(&self) -> bool {
        let server = text(self.headers, "server").unwrap_or_default();
        server.starts_with("Microsoft-") || retry_after(self.headers).is_some()
    }

    fn wait(&self, kind: ErrorKind, what: String, cause: &str) -> Error {
        let wait = retry_after(self.headers).unwrap_or(Duration::from_secs(30));
        let hint = format!("Try again in {} s{cause}.", wait.as_secs());
        self.make(kind, what, hint)
            .with_advice(RetryAdvice::After(wait))
    }

    pub(super) fn make(
        &self,
        kind: ErrorKind,
        what: impl Into<String>,
        hint: impl Into<Cow<'static, str>>,
    ) -> Error {
        let error = Error::new(kind, self.operation, what)
            .with_hint(hint)
            .with_unreadable(Unreadable::Http)
            .with_status(self.status)
            .with_servers(servers(self.headers));
        match request_id(self.headers) {
            Some(id) => error.with_request_id(id),
            None => error,
        }
    }

    /// Where Exchange Online sends a user whose password has expired.
    fn password_page(&self) -> String {
        text(self.headers, "x-ms-location-password-expired")
            .and_then(|url| Url::parse(url).ok())
            .map(|url| format!(" ({})", without_query(&url)))
            .unwrap_or_default()
    }

    fn place(&self) -> String {
        self.url
            .map_or_else(|| "this address".to_owned(), without_query)
    }
}

pub(super) const TEN_SECONDS: Duration = Duration::from_secs(10);
