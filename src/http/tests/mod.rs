//! The transport against servers in this process, and what is said about their answers.

#[cfg(feature = "ntlm")]
mod acceptor;
#[cfg(all(feature = "simulator", feature = "ntlm"))]
mod certificates;
#[cfg(all(feature = "simulator", feature = "ntlm"))]
mod encryption;
mod hostile;
#[cfg(feature = "ntlm")]
mod lanes;
mod limits;
mod logon;
#[cfg(all(feature = "simulator", feature = "ntlm"))]
mod proxies;
mod refusal;
mod server;
mod sources;
mod stray;
mod uploads;

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use super::{AuthPolicy, Credentials, HttpOptions, Reply, Request, Transport, connect};
use crate::error::Error;

fn request(url: &Url, tag: &str, body: impl Into<Bytes>) -> Request {
    let mut headers = HeaderMap::new();
    headers.insert(
        HeaderName::from_static("x-tag"),
        HeaderValue::from_str(tag).unwrap(),
    );
    Request {
        method: http::Method::POST,
        operation: "GetItem",
        url: url.clone(),
        headers,
        body: body.into().into(),
        affinity: None,
        timeout: None,
        watch: crate::observe::Watch::default(),
    }
}

fn client(credentials: Credentials, policy: &str) -> Arc<dyn Transport> {
    connect(
        &HttpOptions::default(),
        credentials,
        policy.parse::<AuthPolicy>().unwrap(),
    )
    .unwrap()
}

fn jdoe() -> Credentials {
    Credentials::password(r"CONTOSO\jdoe", PASSWORD)
}

async fn text(reply: Result<Reply, Error>) -> String {
    let reply = reply.unwrap();
    assert_eq!(reply.status, 200);
    String::from_utf8(reply.body.collect().await.unwrap()).unwrap()
}

/// What a person is told to do is a whole sentence, or several.
#[track_caller]
pub(super) fn assert_sentence(advice: Option<&str>) {
    if let Some(text) = advice {
        assert!(text.starts_with(char::is_uppercase), "{text}");
        assert!(text.ends_with('.'), "{text}");
    }
}

const PASSWORD: &str = "P@ssw0rd-é€";
