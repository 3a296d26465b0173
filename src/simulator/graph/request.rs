//! A request to Graph, or a part of a batch.

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method};
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;

use super::super::server::Shared;
use super::refusal::GraphRefusal;
use super::token::Grant;

/// Scheme and host as the client wrote them: `http://127.0.0.1:1234`.
pub(super) fn origin(shared: &Shared, headers: &HeaderMap) -> String {
    let host = headers.get(http::header::HOST);
    let host = host.and_then(|host| host.to_str().ok()).unwrap_or_default();
    let scheme = match shared.settings.tls {
        Some(_) => "https",
        None => "http",
    };
    format!("{scheme}://{host}")
}

/// A request, read as far as all of them are alike.
#[derive(Clone, Debug)]
pub(in crate::simulator) struct GraphRequest {
    pub(in crate::simulator) method: Method,
    /// The path behind the version, decoded: `["me", "events", "AAMk…"]`.
    pub(in crate::simulator) segments: Vec<String>,
    pub(in crate::simulator) query: Vec<(String, String)>,
    pub(in crate::simulator) headers: HeaderMap,
    pub(in crate::simulator) body: Bytes,
    pub(in crate::simulator) token: Grant,
    /// Scheme, host and version, for links: `http://127.0.0.1:1234/v1.0`.
    pub(in crate::simulator) base: String,
    /// How many a page has at most, whatever the request says.
    pub(in crate::simulator) page_limit: Option<usize>,
}

impl GraphRequest {
    pub(super) fn new(shared: &Shared, head: &Parts, body: Bytes, token: Grant) -> Self {
        let mut request = Self {
            method: head.method.clone(),
            segments: Vec::new(),
            query: Vec::new(),
            headers: head.headers.clone(),
            body,
            token,
            base: format!("{}/v1.0", origin(shared, &head.headers)),
            page_limit: None,
        };
        let path = head.uri.path();
        let path = path.get(super::ROOT.len()..).unwrap_or_default();
        request.aim(path, head.uri.query().unwrap_or_default());
        request
    }

    /// Takes path and query apart.
    pub(super) fn aim(&mut self, path: &str, query: &str) {
        let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let segments = path.split('/').filter(|segment| !segment.is_empty());
        self.segments = segments.map(decode).collect();
        self.query = url::form_urlencoded::parse(query.as_bytes())
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
    }

    /// A parameter of the query.
    pub(in crate::simulator) fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(one, _)| one == name);
        found.map(|(_, value)| value.as_str())
    }

    /// All preferences of all `Prefer` lines, as `outlook.timezone="UTC"`.
    pub(in crate::simulator) fn preferences(&self) -> impl Iterator<Item = &str> {
        let lines = self.headers.get_all("prefer").iter();
        lines
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(','))
            .map(str::trim)
    }

    /// The value of one preference, without its quotes.
    pub(in crate::simulator) fn preference(&self, name: &str) -> Option<&str> {
        self.preferences().find_map(|one| {
            let (found, value) = one.split_once('=')?;
            found
                .trim()
                .eq_ignore_ascii_case(name)
                .then(|| value.trim().trim_matches('"'))
        })
    }

    /// The JSON of the body.
    pub(in crate::simulator) fn json<T: DeserializeOwned>(&self) -> Result<T, GraphRefusal> {
        serde_json::from_slice(&self.body).map_err(|error| {
            GraphRefusal::new(
                400,
                "UnableToDeserializePostBody",
                format!("were unable to deserialize: {error}"),
            )
        })
    }
}
