//! Parts of a batch that are refused, as throttling does it.

use serde_json::{Value, json};

use super::super::server::Shared;
use super::refusal::GraphRefusal;
use super::reply::{Content, Reply};
use super::request::GraphRequest;
use super::route;

/// Answers a batch of which a part is refused, and where `stop` is said those after it. What is no batch, or has no such
/// part, is refused as a whole.
pub(super) fn refused(
    shared: &Shared,
    request: &GraphRequest,
    at: usize,
    stop: bool,
    refusal: &GraphRefusal,
) -> Reply {
    let cut = cut(request, at, stop);
    let Some(cut) = cut else {
        return Reply::refused(refusal);
    };
    let mut reply = match &cut.rest {
        Some(rest) => route::answer(shared, rest),
        None => Reply::json(200, json!({"responses": []})),
    };
    let refused = Reply::refused(refusal);
    let failed = Reply::refused(&failed_dependency());
    if let Content::Json(answer) = &mut reply.content
        && let Some(Value::Array(responses)) = answer.get_mut("responses")
    {
        responses.extend(cut.refused.iter().map(|id| written(id, &refused)));
        responses.extend(cut.dependent.iter().map(|id| written(id, &failed)));
    }
    reply
}

/// That a part was not tried, since one that it depends on has failed.
pub(super) fn failed_dependency() -> GraphRefusal {
    let why = "A request that this one depends on has failed.";
    GraphRefusal::new(424, "FailedDependency", why)
}

fn written(id: &Value, refused: &Reply) -> Value {
    let headers: serde_json::Map<_, _> = refused
        .headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), json!(value)))
        .collect();
    json!({"id": id, "status": refused.status, "headers": headers, "body": refused.value()})
}

/// A batch of which something is refused.
struct Cut {
    /// What is not; nothing where that is all.
    rest: Option<GraphRequest>,
    /// The ids of what is refused.
    refused: Vec<Value>,
    /// And of what depends on it.
    dependent: Vec<Value>,
}

/// Takes out of a batch what is refused, and what depends on that.
fn cut(request: &GraphRequest, at: usize, stop: bool) -> Option<Cut> {
    if request.segments != ["$batch"] {
        return None;
    }
    let mut body: Value = serde_json::from_slice(&request.body).ok()?;
    let parts = body.get_mut("requests")?.as_array_mut()?;
    parts.get(at)?;
    let end = if stop { parts.len() } else { at + 1 };
    let id = |part: &Value| part.get("id").cloned().unwrap_or_default();
    let refused: Vec<Value> = parts.drain(at..end).map(|part| id(&part)).collect();
    let mut dependent: Vec<Value> = Vec::new();
    parts.retain(|part| {
        let needed = part.get("dependsOn").and_then(Value::as_array);
        let mut needed = needed.into_iter().flatten();
        let is_kept = !needed.any(|one| refused.contains(one) || dependent.contains(one));
        if !is_kept {
            dependent.push(id(part));
        }
        is_kept
    });
    let is_left = !parts.is_empty();
    let body = body.to_string().into();
    let rest = is_left.then(|| GraphRequest {
        body,
        ..request.clone()
    });
    Some(Cut {
        rest,
        refused,
        dependent,
    })
}
