//! `POST /$batch`: up to 20 requests in one.
//!
//! <https://learn.microsoft.com/en-us/graph/json-batching>

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, Method};
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::server::Shared;
use super::refusal::GraphRefusal;
use super::reply::{Content, Reply};
use super::request::GraphRequest;
use super::{part, route};

/// The most parts of a batch.
const MOST: usize = 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Batch {
    requests: Vec<Part>,
}

/// A request of a batch. Graph passes over what it does not know here: Microsoft's SDK for Python sends `depends_on`
/// (<https://github.com/microsoftgraph/msgraph-sdk-python-core/pull/996>).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Part {
    id: String,
    method: String,
    url: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    body: Option<Value>,
    #[serde(default)]
    depends_on: Vec<String>,
}

/// Answers a batch.
pub(super) fn answer(shared: &Shared, request: &GraphRequest) -> Result<Reply, GraphRefusal> {
    if request.method != Method::POST {
        return Err(GraphRefusal::new(
            405,
            "Request_BadRequest",
            "A batch is sent with POST.",
        ));
    }
    let batch: Batch = request.json()?;
    check(&batch)?;
    let mut states: BTreeMap<&str, u16> = BTreeMap::new();
    let mut responses = Vec::with_capacity(batch.requests.len());
    for step in &batch.requests {
        let failed = |id: &String| states.get(id.as_str()).is_none_or(|status| *status >= 400);
        let reply = match step.depends_on.iter().any(failed) {
            true => Reply::refused(&part::failed_dependency()),
            false => match aim(request, step) {
                Ok(one) => route::answer(shared, &one),
                Err(refusal) => Reply::refused(&refusal),
            },
        };
        states.insert(&step.id, reply.status);
        responses.push(written(&step.id, reply));
    }
    // Answers come in any order: the last first, so that nobody counts on another one.
    responses.reverse();
    Ok(Reply::json(200, json!({"responses": responses})))
}

fn check(batch: &Batch) -> Result<(), GraphRefusal> {
    let count = batch.requests.len();
    if count > MOST {
        return Err(GraphRefusal::new(
            400,
            "MaximumValueExceeded",
            format!("Number of batch request steps exceeds the maximum value of {MOST}."),
        ));
    }
    let mut known = BTreeSet::new();
    for part in &batch.requests {
        let depends = part.depends_on.iter().all(|id| known.contains(id.as_str()));
        if part.id.is_empty() || !known.insert(part.id.as_str()) || !depends {
            return Err(GraphRefusal::bad_request("Invalid batch payload format."));
        }
    }
    Ok(())
}

/// The request that a part is: with the token of the batch.
fn aim(batch: &GraphRequest, part: &Part) -> Result<GraphRequest, GraphRefusal> {
    let invalid = || GraphRefusal::bad_request("Invalid batch request step.");
    let mut headers = HeaderMap::new();
    for (name, value) in &part.headers {
        let name = HeaderName::try_from(name).map_err(|_| invalid())?;
        headers.append(name, HeaderValue::from_str(value).map_err(|_| invalid())?);
    }
    if let Some(token) = batch.headers.get(AUTHORIZATION) {
        headers.insert(AUTHORIZATION, token.clone());
    }
    let is_json = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_none_or(|kind| kind.starts_with("application/json"));
    let body = match &part.body {
        None => Bytes::new(),
        Some(_) if !headers.contains_key(CONTENT_TYPE) => {
            return Err(GraphRefusal::bad_request(
                "A Content-Type header is required for a batch request step with a body.",
            ));
        }
        Some(Value::String(text)) if !is_json => Bytes::from(text.clone()),
        Some(value) => Bytes::from(value.to_string()),
    };
    let url = part.url.trim_start_matches('/');
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    if path.starts_with("$batch") || part.url.contains("://") {
        return Err(invalid());
    }
    let mut request = GraphRequest {
        method: Method::from_bytes(part.method.as_bytes()).map_err(|_| invalid())?,
        headers,
        body,
        ..batch.clone()
    };
    request.aim(path, query);
    Ok(request)
}

fn written(id: &str, reply: Reply) -> Value {
    let mut headers = serde_json::Map::new();
    for (name, value) in reply.headers {
        headers.insert(name.to_owned(), value.into());
    }
    let body = match reply.content {
        Content::Nothing => None,
        Content::Json(value) => {
            headers.insert("Content-Type".to_owned(), "application/json".into());
            Some(value)
        }
        Content::Bytes(bytes, kind) => {
            headers.insert("Content-Type".to_owned(), kind.into());
            Some(STANDARD.encode(bytes).into())
        }
    };
    let mut response = json!({"id": id, "status": reply.status, "headers": headers});
    if let (Some(body), Some(response)) = (body, response.as_object_mut()) {
        response.insert("body".to_owned(), body);
    }
    response
}
