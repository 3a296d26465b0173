//! Answers that are no EWS answer: error pages, logon forms, redirects, throttling.

use std::time::Duration;

use chrono::{DateTime, Utc};
use http::HeaderMap;
use http::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER};
use url::Url;

use super::charset::excerpt;
use crate::error::{Effect, Error, ErrorKind, RetryAdvice};

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
    match kind_of(body) {
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

enum BodyKind {
    Xml,
    Html,
    Other,
}

fn kind_of(body: &[u8]) -> BodyKind {
    // UTF-16 is XML: pages do not come in it
    if let [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [b'<', 0, ..] | [0, b'<', ..] = body {
        return BodyKind::Xml;
    }
    let mut rest = body
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(body)
        .trim_ascii_start();
    if !rest.starts_with(b"<") {
        return BodyKind::Other;
    }
    // declaration, processing instructions and comments may stand before the first element
    let mut is_declared_html = false;
    loop {
        let end: &[u8] = if rest.starts_with(b"<?") {
            b"?>"
        } else if rest.starts_with(b"<!--") {
            b"-->"
        } else if !is_declared_html && starts_with_tag(rest, b"<!doctype html") {
            is_declared_html = true;
            b">"
        } else {
            break;
        };
        let Some(at) = rest.windows(end.len()).position(|window| window == end) else {
            return if is_declared_html {
                BodyKind::Html
            } else {
                BodyKind::Xml
            };
        };
        rest = rest
            .get(at + end.len()..)
            .unwrap_or_default()
            .trim_ascii_start();
    }
    let is_html = HTML_STARTS.iter().any(|start| starts_with_tag(rest, start));
    // an envelope does not become a page by what is declared before it
    if is_html || is_declared_html && !is_envelope(rest) {
        BodyKind::Html
    } else {
        BodyKind::Xml
    }
}

fn starts_with_tag(text: &[u8], start: &[u8]) -> bool {
    let head = text.get(..start.len());
    head.is_some_and(|head| head.eq_ignore_ascii_case(start))
        && text
            .get(start.len())
            .is_none_or(|next| !next.is_ascii_alphanumeric() && *next != b':')
}

fn is_envelope(text: &[u8]) -> bool {
    let end = text
        .iter()
        .position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'));
    let name = text.get(1..end.unwrap_or(text.len())).unwrap_or_default();
    name.rsplit(|byte| *byte == b':').next() == Some(b"Envelope")
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
    is_labelled && is_declared && !head.contains("<!doctype") && !is_logon(&head)
}

const HTML_STARTS: &[&[u8]] = &[
    b"<html", b"<head", b"<body", b"<title", b"<script", b"<meta", b"<h1", b"<h2", b"<p", b"<div",
    b"<center",
];

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
        if is_logon(&String::from_utf8_lossy(self.body).to_ascii_lowercase()) {
            return self.logon(&format!("a logon page came instead of an answer{page}"));
        }
        let message = format!(
            "a web page came instead of an answer{page}: a proxy, gateway or firewall may be in between; check the URL in a browser, it should end in /EWS/Exchange.asmx"
        );
        self.make(ErrorKind::Protocol, message)
    }

    fn error(&self) -> Error {
        use ErrorKind::{
            Configuration, Connection, Internal, InvalidArgument, PermissionDenied, Protocol,
            Throttled, Timeout, TooLarge, Unauthenticated, Unavailable, Unsupported,
        };
        if let Some(code) = text(self.headers, "x-caserrorcode") {
            let message = format!(
                "the front end server could not pass the request on ({code}); usually this passes, else check the mailbox's state"
            );
            return self
                .make(Unavailable, message)
                .with_code(code)
                .with_advice(RetryAdvice::After(TEN_SECONDS));
        }
        if self.headers.contains_key("x-ms-credential-service-url")
            || self.headers.contains_key("x-ms-credentials-expired")
        {
            return self
                .make(
                    Unauthenticated,
                    "the password has expired: the user must change it, then give the new one",
                )
                .with_advice(RetryAdvice::Reauthenticate);
        }
        let quote = self.quote();
        match self.status {
            301 | 302 | 303 | 307 | 308 => self.redirect(),
            400 => self.make(InvalidArgument, format!("the server could not read the request{quote}; if it complains of long headers, the logon token or the cookies are too large (MaxRequestBytes in http.sys)")),
            401 => self.make(Unauthenticated, format!("the server wants a logon that this request did not carry or that it did not accept{}", self.diagnostics())),
            403 => self.make(PermissionDenied, format!("access is forbidden{quote}{}: EWS may be switched off for this mailbox or program (EwsEnabled, EwsApplicationAccessPolicy, EwsAllowList, EwsBlockList), or a client certificate is wanted", self.diagnostics())),
            404 => self.make(Configuration, format!("there is no EWS at {}: check the URL, usually https://<server>/EWS/Exchange.asmx{quote}", self.place())),
            405 => self.make(Configuration, format!("{} does not take EWS requests (POST): check the URL, usually https://<server>/EWS/Exchange.asmx", self.place())),
            407 => self.make(Connection, "the proxy wants its own logon: put user and password into the proxy's address (HTTPS_PROXY)").with_advice(RetryAdvice::Never),
            408 => self.make(Timeout, format!("the server waited too long for the request{quote}")),
            413 => self.make(TooLarge, "the request is larger than the server allows: send fewer items at a time or smaller attachments, or raise the limits of IIS (maxAllowedContentLength, uploadReadAheadSize) and of EWS (MaxRequestLength)"),
            429 => self.wait(Throttled, "too many requests"),
            440 => self.logon("the session of a logon form has ended"),
            456 => self.locked(),
            500 => self.make(Internal, format!("the server failed before it could answer{quote}; its event log says why")).with_effect(Effect::Unknown).with_advice(RetryAdvice::After(TEN_SECONDS)),
            501 => self.make(Unsupported, format!("the server does not know this kind of request{quote}: a proxy may have changed it, or this is no EWS address")),
            502 => self.make(Unavailable, format!("a gateway got no good answer from the Exchange server{quote}")).with_effect(Effect::Unknown),
            503 => self.wait(Unavailable, &format!("the server is not available or too busy{quote}")),
            504 => self.make(Timeout, format!("a gateway got no answer from the Exchange server in time{quote}")).with_effect(Effect::Unknown),
            status @ 500.. => self.make(Internal, format!("the server failed with HTTP status {status}{quote}")).with_effect(Effect::Unknown),
            status => self.make(Protocol, format!("HTTP status {status} is no answer to an EWS request{quote}")),
        }
    }

    /// Redirects are never followed: a POST would become a GET, or the request and the credentials
    /// would go to somebody else.
    fn redirect(&self) -> Error {
        let Some(location) = text(self.headers, LOCATION.as_str()) else {
            return self.make(
                ErrorKind::Configuration,
                "the server redirected without saying where to",
            );
        };
        let lower = location.to_ascii_lowercase();
        if lower.contains("genericerrorpage") {
            return self
                .make(
                    ErrorKind::Unavailable,
                    "the server redirected to its general error page; usually this passes",
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
        if is_logon(&lower) {
            return self.logon(&format!("the server redirected to a logon form ({shown})"));
        }
        let message = match (self.url, &target) {
            (Some(from), Some(to)) if from.scheme() == "https" && to.scheme() == "http" => {
                format!(
                    "the server redirected to {shown}, without encryption; this is not followed. Correct the server or the URL"
                )
            }
            (Some(from), Some(to)) if from.host_str() != to.host_str() => {
                format!(
                    "the server redirected to another server, {shown}; credentials are not sent there by themselves. If it is the right one, use that URL"
                )
            }
            (_, Some(_)) => format!(
                "the server redirected to {shown}; if that is the right place, use that URL"
            ),
            (_, None) => format!("the server redirected to an address that is not valid ({shown})"),
        };
        self.make(ErrorKind::Configuration, message)
    }

    fn logon(&self, what: &str) -> Error {
        let message = format!(
            "{what}: the address is protected by forms-based logon (Outlook on the web, or a gateway that logs on first), which programs cannot \
             use. Use the EWS address of the Exchange server, or have the administrator let /EWS pass with NTLM or Basic"
        );
        self.make(ErrorKind::Unauthenticated, message)
            .with_advice(RetryAdvice::Never)
    }

    fn locked(&self) -> Error {
        let place = text(self.headers, "x-ms-location-password-expired")
            .and_then(|url| Url::parse(url).ok())
            .map(|url| format!(" ({})", without_query(&url)))
            .unwrap_or_default();
        let message = format!(
            "the account is locked, its password has expired, or it needs a second factor: the user must log on in a browser first{place}"
        );
        self.make(ErrorKind::Unauthenticated, message)
    }

    fn wait(&self, kind: ErrorKind, what: &str) -> Error {
        let wait = retry_after(self.headers, Utc::now()).unwrap_or(Duration::from_secs(30));
        let message = format!("{what}: try again in {} s", wait.as_secs());
        self.make(kind, message)
            .with_advice(RetryAdvice::After(wait))
    }

    fn make(&self, kind: ErrorKind, message: impl Into<String>) -> Error {
        let error = Error::new(
            kind,
            self.operation,
            format!("HTTP {}: {}", self.status, message.into()),
        )
        .with_status(self.status);
        match request_id(self.headers) {
            Some(id) => error.with_request_id(id),
            None => error,
        }
    }

    fn place(&self) -> String {
        self.url
            .map_or_else(|| "this address".to_owned(), without_query)
    }

    /// The reason Exchange gives for a refused token.
    fn diagnostics(&self) -> String {
        diagnostics(self.headers)
    }

    /// What the page says: its title, or the beginning of its text.
    fn quote(&self) -> String {
        let said = title(self.body).unwrap_or_else(|| match kind_of(self.body) {
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

/// Signs of the logon pages of Exchange, AD FS, Entra and of common gateways.
fn is_logon(lower_case: &str) -> bool {
    [
        "/owa/auth",
        "auth.owa",
        "logon.aspx",
        "/adfs/ls",
        "login.microsoftonline.com",
        "/my.policy",
        "type=password",
        "type=\"password\"",
        "type='password'",
    ]
    .iter()
    .any(|sign| lower_case.contains(sign))
        || lower_case.trim_end_matches('/').ends_with("/owa")
}

fn title(body: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(body.get(..body.len().min(4096))?).into_owned();
    let lower = head.to_ascii_lowercase();
    let start = lower.find("<title")?;
    let start = start + lower.get(start..)?.find('>')? + 1;
    let end = start + lower.get(start..)?.find("</title")?;
    Some(excerpt(head.get(start..end)?.as_bytes(), 120)).filter(|title| !title.is_empty())
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
        expect(599, &[], "", ErrorKind::Internal, "599");
    }
}
