//! Answers that are no EWS answer: error pages, logon forms, redirects, throttling.

use std::borrow::Cow;
use std::time::Duration;

use chrono::{DateTime, Utc};
use http::HeaderMap;
use http::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER};
use url::Url;

use super::charset::excerpt;
use super::page::{BodyKind, is_logon, title};
use crate::error::{Effect, Error, ErrorKind, RetryAdvice, Unreadable};

/// The error an HTTP answer stands for, or `None` when its body is to be read as XML.
///
/// A body that begins with `<` and is no HTML is XML, whatever status and content type say: SOAP
/// faults come with 500, and proxies change labels. Status 200 with nothing or with plain text is
/// `None` too; what is missing there is the SOAP layer's to say.
pub(crate) fn refusal(
    operation: &'static str,
    url: Option<&Url>,
    status: u16,
    headers: &HeaderMap,
    body: &[u8],
) -> Option<Error> {
    let success = (200..300).contains(&status);
    match BodyKind::of(body) {
        BodyKind::Xml => return None,
        BodyKind::Html if success && is_xhtml(headers, body) => return None,
        BodyKind::Other if success => return None,
        BodyKind::Html | BodyKind::Other => {}
    }
    let answer = Answer {
        operation,
        url,
        status,
        headers,
        body,
    };
    Some(if success {
        answer.page()
    } else {
        answer.error()
    })
}

/// The support id of an answer: `request-id`, since Exchange 2013.
pub(super) fn request_id(headers: &HeaderMap) -> Option<&str> {
    ["request-id", "x-ms-diagnostics-request-id"]
        .into_iter()
        .find_map(|name| text(headers, name))
}

/// A page that says twice that it is XML, and wants no logon, is judged as XML.
fn is_xhtml(headers: &HeaderMap, body: &[u8]) -> bool {
    let content_type = text(headers, CONTENT_TYPE.as_str()).unwrap_or_default();
    let content_type = content_type.split(';').next().unwrap_or_default().trim();
    let is_labelled = content_type.eq_ignore_ascii_case("text/xml")
        || content_type.eq_ignore_ascii_case("application/soap+xml");
    let head = body.get(..body.len().min(4096)).unwrap_or_default();
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let is_declared = head.trim_start_matches('\u{feff}').starts_with("<?xml");
    is_labelled && is_declared && !head.contains("<!doctype") && !is_logon(head.as_bytes())
}

struct Answer<'a> {
    operation: &'static str,
    url: Option<&'a Url>,
    status: u16,
    headers: &'a HeaderMap,
    body: &'a [u8],
}

impl Answer<'_> {
    /// A page where an answer should be.
    fn page(&self) -> Error {
        let page = self.quote();
        if is_logon(self.body) {
            return self.logon(format!("a logon page came instead of an answer{page}"));
        }
        self.make(
            ErrorKind::Protocol,
            format!("a web page came instead of an answer{page}"),
            "A proxy, gateway or firewall may be in between; or the URL is wrong: it should end in /EWS/Exchange.asmx.",
        )
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
        let quote = self.quote();
        let diagnostics = diagnostics(self.headers);
        let (kind, what, hint) = match self.status {
            301 | 302 | 303 | 307 | 308 => return self.redirect(),
            440 => return self.logon("the session of a logon form has ended"),
            429 => return self.wait(Kind::Throttled, "too many requests".to_owned()),
            503 => {
                let what = format!("the server is not available or too busy{quote}");
                return self.wait(Kind::Unavailable, what);
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
                "EWS may be switched off for this mailbox or this program (EwsEnabled, EwsApplicationAccessPolicy, EwsAllowList, EwsBlockList), \
                 or a client certificate is wanted.",
            ),
            404 => (
                Kind::Configuration,
                format!("there is no EWS at {}{quote}", self.place()),
                "Check the URL, usually https://<server>/EWS/Exchange.asmx.",
            ),
            405 => (
                Kind::Configuration,
                format!("{} does not take EWS requests (POST)", self.place()),
                "Check the URL, usually https://<server>/EWS/Exchange.asmx.",
            ),
            407 => (
                Kind::Connection,
                "the proxy wants its own logon".to_owned(),
                "Put user and password into the proxy's address (HTTPS_PROXY).",
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
                "Its event log says why.",
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

    /// Redirects are never followed: a POST would become a GET, or the request and the credentials
    /// would go to somebody else.
    fn redirect(&self) -> Error {
        let location = text(self.headers, LOCATION.as_str()).unwrap_or_default();
        let lower = location.to_ascii_lowercase();
        if lower.contains("genericerrorpage") {
            let what = "the server redirected to its general error page";
            return self
                .make(
                    ErrorKind::Unavailable,
                    what,
                    "Usually this passes: try again later.",
                )
                .with_advice(RetryAdvice::After(TEN_SECONDS));
        }
        let target = match self.url {
            Some(url) => url.join(location).ok(),
            None => Url::parse(location).ok(),
        };
        let shown = target
            .as_ref()
            .map_or_else(|| excerpt(location.as_bytes(), 100), without_query);
        if is_logon(location.as_bytes()) || lower.trim_end_matches('/').ends_with("/owa") {
            return self.logon(format!("the server redirected to a logon form ({shown})"));
        }
        let (what, hint) = match (self.url, &target) {
            _ if location.is_empty() => (
                "the server redirected without saying where to".to_owned(),
                "Check the URL.",
            ),
            (Some(from), Some(to)) if from.scheme() == "https" && to.scheme() == "http" => (
                format!(
                    "the server redirected to {shown}, without encryption; this is not followed"
                ),
                "Correct the server or the URL.",
            ),
            (Some(from), Some(to)) if from.host_str() != to.host_str() => (
                format!(
                    "the server redirected to another server, {shown}, where credentials are not sent by themselves"
                ),
                "If it is the right one, use that URL.",
            ),
            (_, Some(_)) => (
                format!("the server redirected to {shown}"),
                "If that is the right place, use that URL.",
            ),
            (_, None) => (
                format!("the server redirected to an address that is not valid ({shown})"),
                "Correct the server or the URL.",
            ),
        };
        self.make(ErrorKind::Configuration, what, hint)
    }

    fn logon(&self, what: impl Into<String>) -> Error {
        let hint = "The address is protected by forms-based logon (Outlook on the web, or a gateway that logs on first), which programs \
                    cannot use: use the EWS address of the Exchange server, or have the administrator let /EWS pass with NTLM or Basic.";
        self.make(ErrorKind::Unauthenticated, what, hint)
            .with_advice(RetryAdvice::Never)
    }

    fn wait(&self, kind: ErrorKind, what: String) -> Error {
        let wait = retry_after(self.headers, Utc::now()).unwrap_or(Duration::from_secs(30));
        let hint = format!("Try again in {} s.", wait.as_secs());
        self.make(kind, what, hint)
            .with_advice(RetryAdvice::After(wait))
    }

    fn make(
        &self,
        kind: ErrorKind,
        what: impl Into<String>,
        hint: impl Into<Cow<'static, str>>,
    ) -> Error {
        let error = Error::new(kind, self.operation, what)
            .with_hint(hint)
            .with_unreadable(Unreadable::Http)
            .with_status(self.status);
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

    /// What the page says: its title, or the beginning of its text.
    fn quote(&self) -> String {
        let said = title(self.body).unwrap_or_else(|| match BodyKind::of(self.body) {
            BodyKind::Html => String::new(),
            _ => excerpt(
                self.body
                    .get(..self.body.len().min(400))
                    .unwrap_or_default(),
                120,
            ),
        });
        if said.is_empty() {
            said
        } else {
            format!(" (\"{said}\")")
        }
    }
}

/// The `reason` of `x-ms-diagnostics`, for a message.
pub(super) fn diagnostics(headers: &HeaderMap) -> String {
    text(headers, "x-ms-diagnostics")
        .and_then(|value| value.split_once("reason=\""))
        .and_then(|(_, reason)| reason.split('"').next())
        .map(|reason| format!(" (the server says: {})", excerpt(reason.as_bytes(), 200)))
        .unwrap_or_default()
}

/// `Retry-After` in seconds or as a date (RFC 9110, 10.2.3), at most a day.
pub(super) fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    const DAY: Duration = Duration::from_secs(86_400);
    let value = text(headers, RETRY_AFTER.as_str())?.trim();
    let wait = match value.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let when = DateTime::parse_from_rfc2822(value).ok()?;
            (when.with_timezone(&Utc) - now)
                .to_std()
                .unwrap_or_default()
        }
    };
    Some(wait.min(DAY))
}

fn without_query(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    let _ = url.set_password(None); // fails for addresses that cannot have one
    let _ = url.set_username("");
    excerpt(url.as_str().as_bytes(), 200)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

const TEN_SECONDS: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn judged(status: u16, headers: &[(&'static str, &str)], body: &str) -> Option<Error> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(
                HeaderName::from_static(name),
                HeaderValue::from_str(value).unwrap(),
            );
        }
        let url = Url::parse("https://mail.contoso.com/EWS/Exchange.asmx").unwrap();
        refusal("GetItem", Some(&url), status, &map, body.as_bytes())
    }

    fn expect(
        status: u16,
        headers: &[(&'static str, &str)],
        body: &str,
        kind: ErrorKind,
        words: &str,
    ) -> Error {
        let error = judged(status, headers, body)
            .unwrap_or_else(|| panic!("{status} {headers:?} {body} is an error"));
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(error.http_status(), Some(status));
        assert_eq!(error.unreadable(), Some(Unreadable::Http));
        assert!(error.to_string().contains(words), "\"{words}\" in {error}");
        error
    }

    #[test]
    fn xml_is_read_whatever_the_status() {
        for body in [
            "<?xml version=\"1.0\"?><s:Envelope/>",
            "\u{feff} \r\n<s:Envelope/>",
            "<!-- proxy --><?pi?><Envelope/>",
            "<headers/>",
            "<html:x/>",
            "<",
            "<?xml",
        ] {
            for status in [200, 400, 500, 503] {
                assert!(
                    judged(status, &[("content-type", "text/html")], body).is_none(),
                    "{status} {body}"
                );
            }
        }
        for body in ["", "just words", "PK\u{3}\u{4}"] {
            assert!(judged(200, &[], body).is_none());
        }
        let wide: Vec<u8> = "<a/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(refusal("GetItem", None, 500, &HeaderMap::new(), &wide).is_none());
    }

    #[test]
    fn pages() {
        let logon = "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 4.0\"><html><head><title>Outlook</title></head><form action=\"/owa/auth.owa\">";
        let error = expect(
            200,
            &[("content-type", "text/xml")],
            logon,
            ErrorKind::Unauthenticated,
            "(\"Outlook\")",
        );
        assert_eq!(error.advice(), RetryAdvice::Never);
        let xhtml = "<?xml version=\"1.0\"?>\n<!DOCTYPE html PUBLIC \"x\">\n<html><title>Blocked\n by policy</title>";
        expect(
            200,
            &[],
            xhtml,
            ErrorKind::Protocol,
            "(\"Blocked by policy\")",
        );
        let yellow = "<!DOCTYPE html>\n<html>\n<head><title>Runtime Error</title></head>";
        let error = expect(
            500,
            &[("request-id", "abc")],
            yellow,
            ErrorKind::Internal,
            "Runtime Error",
        );
        assert_eq!(
            (error.effect(), error.request_id()),
            (Effect::Unknown, Some("abc"))
        );
    }

    #[test]
    fn redirects() {
        let to =
            |location: &str, kind, words| expect(302, &[("location", location)], "", kind, words);
        let error = to(
            "/ews/genericerrorpage.htm?aspxerrorpath=/ews/exchange.asmx",
            ErrorKind::Unavailable,
            "error page",
        );
        assert_eq!(error.advice(), RetryAdvice::After(TEN_SECONDS));
        let error = to(
            "/owa/auth/logon.aspx?url=https://mail.contoso.com/EWS&reason=0",
            ErrorKind::Unauthenticated,
            "forms-based",
        );
        assert!(!error.to_string().contains("reason=0"), "{error}");
        to(
            "https://mail.contoso.com/owa/",
            ErrorKind::Unauthenticated,
            "forms-based",
        );
        to(
            "http://mail.contoso.com/EWS/Exchange.asmx",
            ErrorKind::Configuration,
            "without encryption",
        );
        to(
            "https://evil.example.net/EWS/Exchange.asmx",
            ErrorKind::Configuration,
            "https://evil.example.net/EWS",
        );
        to(
            "/ews2/Exchange.asmx",
            ErrorKind::Configuration,
            "https://mail.contoso.com/ews2/Exchange.asmx",
        );
        expect(
            307,
            &[],
            "",
            ErrorKind::Configuration,
            "without saying where",
        );
    }

    /// What is declared before an envelope, or says that it is XML, is for the reader of XML.
    #[test]
    fn pages_and_xml() {
        let xml = [("content-type", "text/xml; charset=utf-8")];
        let html = [("content-type", "text/html")];
        let xhtml =
            "<?xml version=\"1.0\"?><html xmlns=\"http://www.w3.org/1999/xhtml\"><body/></html>";
        let logon = "<?xml version=\"1.0\"?><html><input type=\"password\"/></html>";
        for (headers, body, is_page) in [
            (&xml, "<!DOCTYPE html><s:Envelope xmlns:s='x'/>", false),
            (&html, "<!DOCTYPE html><Envelope/>", false),
            (&xml, xhtml, false),
            (&html, xhtml, true),
            (&xml, logon, true),
            (&xml, "<!DOCTYPE html>", true),
            (&xml, "<!DOCTYPE html", true),
            (&xml, "<!doctype HTML PUBLIC 'x'><!-- c --><table>", true),
            (&xml, "<!DOCTYPE html5x><a/>", false),
            (&xml, "<HTML>", true),
            (&xml, "<?xml version='1.0'?><!DOCTYPE html><html/>", true),
        ] {
            assert_eq!(judged(200, headers, body).is_some(), is_page, "{body}");
        }
        let error = judged(500, &xml, xhtml).unwrap();
        assert_eq!(error.http_status(), Some(500));
    }

    #[test]
    fn waiting() {
        let after = |error: Error| match error.advice() {
            RetryAdvice::After(wait) => wait.as_secs(),
            other => panic!("{other:?}"),
        };
        assert_eq!(
            after(expect(
                429,
                &[("retry-after", "120")],
                "",
                ErrorKind::Throttled,
                "120 s"
            )),
            120
        );
        assert_eq!(
            after(expect(503, &[], "", ErrorKind::Unavailable, "busy")),
            30
        );
        let page = "<HTML><HEAD><TITLE>Service Unavailable</TITLE>";
        expect(
            503,
            &[],
            page,
            ErrorKind::Unavailable,
            "Service Unavailable",
        );
        let now = DateTime::parse_from_rfc3339("2037-10-21T07:27:30Z")
            .unwrap()
            .with_timezone(&Utc);
        let mut headers = HeaderMap::new();
        for (value, seconds) in [
            ("Wed, 21 Oct 2037 07:28:00 GMT", Some(30)),
            ("Wed, 21 Oct 2015 07:28:00 GMT", Some(0)),
            ("99999999999", Some(86_400)),
            ("soon", None),
            ("-1", None),
        ] {
            headers.insert(RETRY_AFTER, HeaderValue::from_static(value));
            assert_eq!(
                retry_after(&headers, now).map(|wait| wait.as_secs()),
                seconds,
                "{value}"
            );
        }
    }

    #[test]
    fn each_status_has_its_sentence() {
        expect(
            400,
            &[],
            "<html><title>Bad Request</title>",
            ErrorKind::InvalidArgument,
            "Bad Request",
        );
        expect(
            401,
            &[(
                "x-ms-diagnostics",
                "2000003;reason=\"The token has expired.\"",
            )],
            "",
            ErrorKind::Unauthenticated,
            "The token has expired.",
        );
        expect(
            401,
            &[("x-ms-credential-service-url", "https://x")],
            "",
            ErrorKind::Unauthenticated,
            "expired",
        );
        expect(403, &[], "", ErrorKind::PermissionDenied, "EwsEnabled");
        expect(
            404,
            &[],
            "",
            ErrorKind::Configuration,
            "https://mail.contoso.com/EWS/Exchange.asmx",
        );
        expect(405, &[], "", ErrorKind::Configuration, "POST");
        assert_eq!(
            expect(407, &[], "", ErrorKind::Connection, "proxy").advice(),
            RetryAdvice::Never
        );
        expect(413, &[], "<html>", ErrorKind::TooLarge, "fewer items");
        expect(440, &[], "", ErrorKind::Unauthenticated, "forms-based");
        let locked = [(
            "x-ms-location-password-expired",
            "https://login.example.com/?user=x",
        )];
        expect(
            456,
            &locked,
            "",
            ErrorKind::Unauthenticated,
            "(https://login.example.com/)",
        );
        assert_eq!(
            expect(500, &[], "", ErrorKind::Internal, "event log").effect(),
            Effect::Unknown
        );
        let error = expect(
            500,
            &[("x-caserrorcode", "EmptyAnchorMailbox")],
            "",
            ErrorKind::Unavailable,
            "EmptyAnchorMailbox",
        );
        assert_eq!(
            (error.code(), error.effect()),
            (Some("EmptyAnchorMailbox"), Effect::None)
        );
        expect(501, &[], "", ErrorKind::Unsupported, "kind of request");
        assert_eq!(
            expect(502, &[], "", ErrorKind::Unavailable, "gateway").effect(),
            Effect::Unknown
        );
        expect(504, &[], "", ErrorKind::Timeout, "gateway");
        expect(
            418,
            &[],
            "short and\nstout",
            ErrorKind::Protocol,
            "(\"short and stout\")",
        );
        expect(599, &[], "", ErrorKind::Internal, "failed");
    }
}
