//! Several calls in one request (`$batch`), each with an outcome of its own.
//!
//! Source: <https://learn.microsoft.com/graph/json-batching>

use std::collections::BTreeMap;

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Answer, Arrived, Call, Client, Content, of_graph};
use crate::connector::Backend;
use crate::error::{Effect, Error, ErrorKind, Result};

/// How many calls one request can hold.
pub(in crate::graph) const CALLS_PER_REQUEST: usize = 20;

#[derive(Serialize)]
struct Requests<'a> {
    requests: Vec<Part<'a>>,
}

#[derive(Serialize)]
struct Part<'a> {
    id: String,
    method: &'a str,
    url: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'a RawValue>,
    #[serde(rename = "dependsOn", skip_serializing_if = "Vec::is_empty")]
    depends_on: Vec<String>,
}

/// In which order the calls of one request are worked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    /// As the server likes, several at a time.
    Any,
    /// One after the other.
    OneByOne,
}

/// What a call was answered that was not tried, since the one before it failed.
const FAILED_DEPENDENCY: u16 = 424;

#[derive(Deserialize)]
struct Responses {
    responses: Vec<PartAnswer>,
}

#[derive(Deserialize)]
struct PartAnswer {
    id: String,
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: Option<Box<RawValue>>,
}

impl Client {
    /// Sends several calls, 20 to a request, and says what came of each, in their order. One that was refused for a
    /// passing reason is sent again alone.
    ///
    /// # Errors
    /// Only if nothing was done, as where all calls just read. A request that fails later is the outcome of its calls,
    /// and of those after it, which are not sent any more.
    pub(crate) async fn batch(&self, calls: &[Call]) -> Result<Vec<Result<Answer>>> {
        let just_read = calls.iter().all(|call| call.method == Method::GET);
        let mut outcomes = Vec::with_capacity(calls.len());
        let mut chunks = calls.chunks(CALLS_PER_REQUEST);
        while let Some(calls) = chunks.next() {
            let sent = match calls {
                [call] => Ok(vec![self.send(call).await]),
                calls => self.batch_of(calls, Order::Any).await,
            };
            match sent {
                Ok(answers) => outcomes.extend(answers),
                Err(error) if just_read => return Err(error),
                Err(error) if outcomes.is_empty() && error.effect() == Effect::None => {
                    return Err(error);
                }
                Err(error) => {
                    outcomes.extend(calls.iter().map(|call| Err(of_call(&error, call))));
                    let unsent = error.with_effect(Effect::None);
                    for call in chunks.by_ref().flatten() {
                        outcomes.push(Err(of_call(&unsent, call)));
                    }
                }
            }
        }
        Ok(outcomes)
    }

    /// Sends a few calls that only read, in one request, to be worked on one after the other. Of a batch the server
    /// works on several at a time else.
    ///
    /// # Errors
    /// The first that failed.
    pub(crate) async fn sequence(&self, calls: &[Call]) -> Result<Vec<Answer>> {
        let answers = self.batch_of(calls, Order::OneByOne).await?;
        answers.into_iter().collect()
    }

    async fn batch_of(&self, calls: &[Call], order: Order) -> Result<Vec<Result<Answer>>> {
        let Some(first) = calls.first() else {
            return Ok(Vec::new());
        };
        let parts: Result<Vec<Part<'_>>> = calls
            .iter()
            .enumerate()
            .map(|(index, call)| self.part(index, call, order))
            .collect();
        let mut request = Call::post(first.name, &["$batch"], first.permission)
            .of_organisation()
            .json(&Requests { requests: parts? })?;
        request.repeatable = calls.iter().all(|call| call.repeatable);
        let responses: Responses = self.json(&request).await?;
        let mut outcomes: Vec<Option<Result<Answer>>> = calls.iter().map(|_| None).collect();
        for part in responses.responses {
            let index: Option<usize> = part.id.parse().ok();
            let Some((index, call)) = index.and_then(|at| Some((at, calls.get(at)?))) else {
                continue;
            };
            if let Some(outcome) = outcomes.get_mut(index) {
                *outcome = Some(self.outcome(call, part));
            }
        }
        let mut answers: Vec<Result<Answer>> = Vec::with_capacity(calls.len());
        for (call, outcome) in calls.iter().zip(outcomes) {
            let outcome = outcome.unwrap_or_else(|| Err(unanswered(call)));
            let attempts = self.attempts(call.name, call.repeatable, &Default::default());
            let are_sound = answers.iter().all(Result::is_ok);
            answers.push(match outcome {
                Err(error) if attempts.would_repeat(&error) => self.again(call, error).await,
                // The one before it was sent again, and succeeded.
                Err(error) if are_sound && error.http_status() == Some(FAILED_DEPENDENCY) => {
                    self.send(call).await
                }
                outcome => outcome,
            });
        }
        Ok(answers)
    }

    /// Sends a call alone that was refused in company, when its time has come.
    async fn again(&self, call: &Call, refused: Error) -> Result<Answer> {
        let watched = self.watch(call.name);
        let mut attempts = self.attempts(call.name, call.repeatable, watched.watch());
        let place = attempts.begin().await.map_err(of_graph)?;
        attempts.failed(place, refused).await.map_err(of_graph)?;
        watched.follow(Box::pin(self.repeat(call, attempts))).await
    }

    fn part<'a>(&self, index: usize, call: &'a Call, order: Order) -> Result<Part<'a>> {
        let url = self.url(call);
        let base = self.server.base.as_str().trim_end_matches('/');
        let relative = url.as_str().strip_prefix(base).unwrap_or_default();
        let body = match &call.content {
            Content::None => None,
            Content::Json(bytes) => Some(serde_json::from_slice(bytes).map_err(|problem| {
                Error::new(
                    ErrorKind::Internal,
                    call.name,
                    "the request cannot be written as JSON",
                )
                .with_source(problem)
            })?),
            Content::Mime(_) => {
                let why = "MIME cannot be sent in a batch";
                return Err(Error::new(ErrorKind::Internal, call.name, why));
            }
        };
        let mut headers = BTreeMap::new();
        for (name, value) in &self.headers(call)? {
            let Ok(value) = value.to_str() else { continue };
            let line: &mut String = headers.entry(name.as_str().to_owned()).or_default();
            if !line.is_empty() {
                line.push_str(", ");
            }
            line.push_str(value);
        }
        headers.remove("accept");
        Ok(Part {
            id: index.to_string(),
            method: call.method.as_str(),
            url: relative.to_owned(),
            headers,
            body,
            depends_on: match (order, index.checked_sub(1)) {
                (Order::OneByOne, Some(before)) => vec![before.to_string()],
                _ => Vec::new(),
            },
        })
    }

    fn outcome(&self, call: &Call, part: PartAnswer) -> Result<Answer> {
        let mut headers = HeaderMap::new();
        for (name, value) in &part.headers {
            let name = HeaderName::from_bytes(name.as_bytes());
            if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
                headers.append(name, value);
            }
        }
        let body = part
            .body
            .map_or_else(Vec::new, |body| body.get().as_bytes().to_vec());
        let arrived = Arrived {
            status: part.status,
            headers,
        };
        arrived.judge(self, call, body)
    }
}

/// What became of a call whose request failed as a whole.
fn of_call(error: &Error, call: &Call) -> Error {
    let error = error.again().with_operation(call.name);
    match call.repeatable {
        true => error.with_effect(Effect::None),
        false => error,
    }
}

fn unanswered(call: &Call) -> Error {
    let effect = match call.repeatable {
        true => Effect::None,
        false => Effect::Unknown,
    };
    Error::new(
        ErrorKind::Protocol,
        call.name,
        "the server said nothing of this part of a batch",
    )
    .with_backend(Backend::Graph)
    .with_effect(effect)
}
