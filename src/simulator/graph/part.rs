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
    let Some((rest, ids)) = cut else {
        return Reply::refused(refusal);
    };
    let mut reply = route::answer(shared, &rest);
    let refused = Reply::refused(refusal);
    if let Content::Json(answer) = &mut reply.content
        && let Some(Value::Array(responses)) = answer.get_mut("responses")
    {
        responses.extend(ids.iter().map(|id| {
            let headers: serde_json::Map<_, _> = refused
                .headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), json!(value)))
                .collect();
            json!({"id": id, "status": refused.status, "headers": headers, "body": refused.value()})
        }));
    }
    reply
}

/// The batch without what is refused, and the ids of that.
fn cut(request: &GraphRequest, at: usize, stop: bool) -> Option<(GraphRequest, Vec<Value>)> {
    if request.segments != ["$batch"] {
        return None;
    }
    let mut body: Value = serde_json::from_slice(&request.body).ok()?;
    let parts = body.get_mut("requests")?.as_array_mut()?;
    parts.get(at)?;
    let end = if stop { parts.len() } else { at + 1 };
    let ids = parts
        .drain(at..end)
        .map(|part| part.get("id").cloned().unwrap_or_default())
        .collect();
    let body = body.to_string().into();
    Some((
        GraphRequest {
            body,
            ..request.clone()
        },
        ids,
    ))
}
