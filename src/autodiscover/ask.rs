//! One question over the wire.

use std::time::Duration;

use http::header::{ACCEPT, CONTENT_TYPE, LOCATION};
use http::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use super::address::{Address, OPERATION, shown};
use super::answer::Answer;
use super::place::plain;
use super::read::read_answer;
use crate::error::{Error, ErrorKind, Result};
use crate::http::{Anonymous, Reply, Request, Transport, charset, is_logon, refusal};
use crate::observe::Watch;

/// What came back.
#[derive(Debug)]
pub(super) enum Told {
    Answer(Answer),
    /// By its HTTP status; to whatever URL.
    Redirect(Url),
    Failed(Failure),
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) why: Why,
    /// In words.
    pub(super) text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// The server cannot be reached; another question to it would end in the same way.
    NoConnection,
    /// It refused the credentials.
    Unauthenticated,
    /// It takes none of this kind, or not in this way: it judged no password.
    NoCommonScheme,
    /// It may answer later.
    Passing,
    /// There is no such service, or it says what cannot be used.
    NoService,
}

impl Failure {
    pub(super) fn new(why: Why, text: impl Into<String>) -> Self {
        Self {
            why,
            text: text.into(),
        }
    }

    fn of(error: &Error) -> Self {
        let why = match error.kind() {
            ErrorKind::Connection => Why::NoConnection,
            ErrorKind::Unauthenticated => of_logon(error),
            ErrorKind::Timeout | ErrorKind::Unavailable | ErrorKind::Throttled => Why::Passing,
            _ => Why::NoService,
        };
        Self::new(why, error.message())
    }
}

/// Whether a password was judged. Over the wire each is a 401, so the transport's words count; where they are not known
/// it was, since too many refusals lock the account.
fn of_logon(error: &Error) -> Why {
    const NOT_JUDGED: [&str; 6] = [
        "there is no common way to log on",
        "the server does not accept ",
        " anew in the middle of the logon",
        "the server refused the access token",
        "the server refused the Kerberos ticket",
        "the server did not take the client certificate",
    ];
    let says = |words: &str| error.message().contains(words);
    if says("so that the account is not locked") {
        // also by a domain controller, which has no HTTP status
        Why::Unauthenticated
    } else if NOT_JUDGED.into_iter().any(says) {
        Why::NoCommonScheme
    } else if error.http_status() == Some(401) {
        Why::Unauthenticated
    } else {
        Why::NoService
    }
}

impl From<Failure> for Told {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// Asks with the logon of the transport.
pub(super) async fn post(
    transport: &dyn Transport,
    url: &Url,
    address: &Address,
    body: String,
    limit: Duration,
) -> Told {
    let mut headers = HeaderMap::new();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/xml; charset=utf-8"),
    );
    headers.insert(ACCEPT, HeaderValue::from_static("text/xml"));
    if let Ok(anchor) = HeaderValue::from_str(address.as_str()) {
        headers.insert(HeaderName::from_static("x-anchormailbox"), anchor);
    }
    let request = Request {
        method: http::Method::POST,
        operation: OPERATION,
        url: url.clone(),
        headers,
        body: bytes::Bytes::from(body).into(),
        timeout: Some(limit),
        watch: Watch::default(),
        affinity: None,
    };
    let asked = async { judge(url, transport.send(request).await?).await };
    within(limit, asked).await
}

/// Asks without a logon.
pub(super) async fn get(
    anonymous: &Anonymous,
    url: &Url,
    accept: &'static str,
    limit: Duration,
) -> Told {
    let asked = async { judge(url, anonymous.get(OPERATION, url, accept).await?).await };
    within(limit, asked).await
}

async fn within(limit: Duration, asked: impl Future<Output = Result<Told>>) -> Told {
    match tokio::time::timeout(limit, asked).await {
        Ok(Ok(told)) => told,
        Ok(Err(error)) => Failure::of(&error).into(),
        Err(_) => {
            let text = format!("no answer within {} s", limit.as_secs_f32());
            Failure::new(Why::NoConnection, text).into()
        }
    }
}

/// What an HTTP answer says.
async fn judge(url: &Url, reply: Reply) -> Result<Told> {
    let Reply {
        status,
        headers,
        body,
    } = reply;
    let failed = |why, text: String| Ok(Failure::new(why, text).into());
    let content_type = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    // V2 says in words what its status means
    let is_json = content_type.is_some_and(|kind| kind.contains("json"));
    match status {
        301 | 302 | 303 | 307 | 308 => return Ok(redirect(url, status, &headers)),
        _ if is_json => {}
        401 => return failed(Why::NoService, "HTTP 401, it wants a logon".to_owned()),
        403 => return failed(Why::NoService, "HTTP 403, access is forbidden".to_owned()),
        404 | 405 | 410 => {
            return failed(Why::NoService, format!("HTTP {status}, no such service"));
        }
        _ => {}
    }
    let bytes = body.collect().await?;
    if !is_json && let Some(error) = refusal(OPERATION, Some(url), status, &headers, &bytes) {
        let Failure { why, text } = Failure::of(&error);
        return failed(why, format!("HTTP {status}, {text}"));
    }
    if bytes.trim_ascii().is_empty() {
        return failed(Why::NoService, format!("HTTP {status} with nothing in it"));
    }
    let text = match charset::decode(content_type, bytes) {
        Ok(text) => text,
        Err(problem) => return failed(Why::NoService, problem.to_string()),
    };
    match read_answer(&text) {
        Ok(answer) => Ok(Told::Answer(answer)),
        Err(error) => failed(Why::NoService, error.message().to_owned()),
    }
}

fn redirect(url: &Url, status: u16, headers: &HeaderMap) -> Told {
    let location = headers.get(LOCATION).and_then(|value| value.to_str().ok());
    let Some(location) = location.filter(|text| !text.trim().is_empty()) else {
        let text = format!("HTTP {status} that does not say where to");
        return Failure::new(Why::NoService, text).into();
    };
    let Ok(target) = url.join(location.trim()) else {
        let text = format!("HTTP {status} to what is no URL ({})", shown(location));
        return Failure::new(Why::NoService, text).into();
    };
    let lower = location.to_ascii_lowercase();
    if is_logon(lower.as_bytes()) || lower.trim_end_matches('/').ends_with("/owa") {
        let text = format!(
            "HTTP {status} to a logon form ({}), which programs cannot use",
            plain(&target)
        );
        return Failure::new(Why::NoService, text).into();
    }
    Told::Redirect(target)
}
