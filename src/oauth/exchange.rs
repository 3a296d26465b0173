//! One request to the authority, over the connections of `http/`.

use std::sync::Arc;

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use oauth2::{HttpRequest, HttpResponse};
use url::Url;

use super::{OPERATION, refusal};
use crate::error::{Effect, Error, ErrorKind, RetryAdvice};
use crate::http::{Request, Transport, request_id, retry_after};
use crate::observe::Watch;

/// The largest answer that is read.
const MOST: u64 = 256 * 1024;

/// Sends a request that the crate `oauth2` made. What no OAuth server says comes back as an error.
pub(super) async fn send(
    transport: Arc<dyn Transport>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (head, body) = request.into_parts();
    let url = Url::parse(&head.uri.to_string()).map_err(|_| {
        let message = "the authority's URL cannot be used";
        Error::new(ErrorKind::Configuration, OPERATION, message)
    })?;
    let request = Request {
        method: head.method,
        operation: OPERATION,
        url,
        headers: head.headers,
        body: body.into(),
        affinity: None,
        timeout: None,
        // what goes over here is never recorded
        watch: Watch::default(),
    };
    let answered = async {
        let mut reply = transport.send(request).await?;
        reply.body.set_limit(MOST);
        Ok((reply.status, reply.headers, reply.body.collect().await?))
    };
    // nothing that a call is about has been sent yet
    let answered: Result<_, Error> = answered.await;
    let (status, headers, body) =
        answered.map_err(|error| error.with_operation(OPERATION).with_effect(Effect::None))?;
    if let Some(error) = unusable(status, &headers, &body) {
        return Err(error);
    }
    let mut response = http::Response::new(body);
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or_default();
    *response.headers_mut() = headers;
    Ok(response)
}

/// The error of an answer that says nothing of OAuth, or that it is too much now.
fn unusable(status: u16, headers: &HeaderMap, body: &[u8]) -> Option<Error> {
    let is_json = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.to_ascii_lowercase().contains("json"));
    let kind = match status {
        200 | 400..=428 if is_json => return None,
        429 => ErrorKind::Throttled,
        500..=599 => ErrorKind::Unavailable,
        _ => ErrorKind::Configuration,
    };
    let said = refusal::description(body);
    let message = match said {
        Some(said) => format!("the authority issues no token now: {said}"),
        None => "the authority's answer is not one of OAuth".to_owned(),
    };
    let mut error = Error::new(kind, OPERATION, message).with_status(status);
    if let Some(id) = request_id(headers) {
        error = error.with_request_id(id);
    }
    Some(match (kind, retry_after(headers)) {
        (ErrorKind::Configuration, _) => {
            error.with_hint("Check the authority's URL, and that no proxy answers in its place.")
        }
        (_, Some(wait)) => error.with_advice(RetryAdvice::After(wait)),
        _ => error,
    })
}
