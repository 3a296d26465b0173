//! What troubles do to a request and to its answer, on both fronts.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{HeaderName, HeaderValue};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;

use super::dispatch::said;
use super::disturbance::Target;
use super::refusal::{Fault, FaultDetail};
use super::server::{Answer, HTML, Visit, lock, respond};
use super::trouble::Trouble;
use super::wire::{Dropped, Tail};

impl Visit {
    /// The trouble that a request meets.
    pub(super) fn ordered(&self, operation: &str, account: &str) -> Option<Trouble> {
        let ordered = lock(&self.shared.troubles).pop_front();
        if ordered.is_none() && lock(&self.shared.disturbances).is_empty() {
            return None;
        }
        self.shared
            .meet(ordered, Target::Request { operation, account })
    }

    /// The body of a request, so far as a trouble lets it come.
    pub(super) async fn receive(
        &self,
        body: Incoming,
        trouble: Option<&Trouble>,
    ) -> Result<Bytes, Dropped> {
        match trouble {
            Some(Trouble::DropBefore) => return Err(Dropped),
            Some(Trouble::DropWhileReading { after }) => return read_some(body, *after).await,
            Some(Trouble::Restart) => {
                self.shared.restarts.send_modify(|count| *count += 1);
                return Err(Dropped);
            }
            _ => {}
        }
        let body = body.collect().await.map_err(|_| Dropped)?.to_bytes();
        if let Some(Trouble::DelayBefore(time)) = trouble {
            tokio::time::sleep(*time).await;
        }
        Ok(body)
    }

    /// What a trouble makes of an answer.
    pub(super) fn spoil(&self, response: &mut Answer, trouble: Trouble) {
        let body = response.body_mut();
        let whole = body.data.len();
        let kept = match trouble {
            Trouble::Truncate => Some(whole / 2),
            Trouble::TruncateAt { bytes } => Some(bytes).filter(|bytes| *bytes < whole),
            _ => None,
        };
        if let Some(kept) = kept {
            body.data.truncate(kept);
            body.broken = true;
        }
        let tail = match trouble {
            Trouble::Trickle { pause } => {
                body.pause = Some(pause);
                return;
            }
            Trouble::StrayAnswer => Tail::of(lock(&self.shared.answers).stray()),
            Trouble::StrayBytes(bytes) => Tail::of(bytes),
            Trouble::CloseAfter => Tail::close(),
            _ => return,
        };
        *lock(&self.tail) = tail;
        body.tail = Some(Arc::clone(&self.tail));
    }

    /// What a trouble answers in place of the operation.
    pub(super) fn instead(&self, trouble: &Trouble) -> Option<Answer> {
        let Trouble::Fault { code, back_off } = trouble else {
            return Self::instead_of_any(trouble);
        };
        let mut fault = Fault::new(code.as_str(), said(code));
        fault.detail = back_off.map(FaultDetail::BackOff);
        Some(self.fault(&fault))
    }

    /// What a trouble answers in place of a server of whatever protocol.
    pub(super) fn instead_of_any(trouble: &Trouble) -> Option<Answer> {
        match trouble {
            Trouble::Status {
                status,
                headers,
                body,
            } => {
                let mut response = respond(*status, HTML, body.clone());
                for (name, value) in headers {
                    if let (Ok(name), Ok(value)) =
                        (name.parse::<HeaderName>(), HeaderValue::from_str(value))
                    {
                        response.headers_mut().append(name, value);
                    }
                }
                Some(response)
            }
            Trouble::HtmlPage => Some(respond(
                200,
                HTML,
                "<html><head><title>Sign in</title></head><body><form action=\"/owa/auth\"></form></body></html>",
            )),
            _ => None,
        }
    }
}

/// Reads some of a body and gives up.
async fn read_some(mut body: Incoming, after: usize) -> Result<Bytes, Dropped> {
    let mut read = 0;
    while read < after {
        match body.frame().await {
            Some(Ok(frame)) => read += frame.data_ref().map_or(0, Bytes::len),
            _ => break,
        }
    }
    Err(Dropped)
}
