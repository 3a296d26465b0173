//! What is answered.

use bytes::Bytes;
use chrono::Utc;
use http::HeaderMap;
use http::header::{HeaderName, HeaderValue};
use serde_json::Value;
use uuid::Uuid;

use super::super::server::Answer;
use super::refusal::GraphRefusal;

/// An answer, of a request or of a part of a batch.
#[derive(Clone, Debug)]
pub(in crate::simulator) struct Reply {
    pub(in crate::simulator) status: u16,
    pub(in crate::simulator) headers: Vec<(&'static str, String)>,
    pub(in crate::simulator) content: Content,
}

/// What JSON is sent as.
pub(super) const JSON: &str = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";

#[derive(Clone, Debug)]
pub(in crate::simulator) enum Content {
    Nothing,
    Json(Value),
    Bytes(Bytes, &'static str),
}

impl Reply {
    pub(in crate::simulator) fn json(status: u16, value: Value) -> Self {
        Self {
            status,
            headers: Vec::new(),
            content: Content::Json(value),
        }
    }

    pub(in crate::simulator) fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            content: Content::Nothing,
        }
    }

    pub(in crate::simulator) fn bytes(bytes: Bytes, kind: &'static str) -> Self {
        Self {
            status: 200,
            headers: Vec::new(),
            content: Content::Bytes(bytes, kind),
        }
    }

    pub(in crate::simulator) fn refused(refusal: &GraphRefusal) -> Self {
        let id = Uuid::new_v4().to_string();
        let date = Utc::now().format("%Y-%m-%dT%H:%M:%S").to_string();
        Self {
            status: refusal.status,
            headers: refusal.headers.clone(),
            content: Content::Json(refusal.body(&id, &date)),
        }
    }

    /// The JSON of the answer; `null` where there is none.
    pub(super) fn value(&self) -> Value {
        match &self.content {
            Content::Json(value) => value.clone(),
            _ => Value::Null,
        }
    }

    /// The JSON of the answer as text; nothing where there is none.
    pub(super) fn text(&self) -> String {
        match &self.content {
            Content::Json(value) => value.to_string(),
            _ => String::new(),
        }
    }

    /// The answer over HTTP to a request with these headers.
    pub(super) fn into_answer(
        self,
        asked: &HeaderMap,
        respond: fn(u16, &'static str, Bytes) -> Answer,
    ) -> Answer {
        let mut answer = match self.content {
            Content::Nothing => respond(self.status, "text/plain", Bytes::new()),
            Content::Json(value) => respond(self.status, JSON, value.to_string().into()),
            Content::Bytes(bytes, kind) => respond(self.status, kind, bytes),
        };
        let headers = answer.headers_mut();
        let id = Uuid::new_v4().to_string();
        for (name, value) in [("request-id", id)].into_iter().chain(self.headers) {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        if asked.contains_key("return-client-request-id")
            && let Some(id) = asked.get("client-request-id")
        {
            headers.insert("client-request-id", id.clone());
        }
        answer
    }
}
