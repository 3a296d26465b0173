//! The second front: Microsoft Graph v1.0 over the same mailboxes.
//!
//! - `token.rs`: tokens, for whom they are and what they allow;
//! - `request.rs`, `reply.rs`: a request in, a reply out, for a part of a batch too; `refusal.rs` is an OData error;
//! - `route.rs`: which resource a path is about, in whose mailbox, and what a token must allow;
//! - `batch.rs`: many requests in one; `query.rs`: what a listing is asked for; `ids.rs`, `lookup.rs`: ids and what they
//!   name; `render.rs`: values that more than one family has;
//! - one file or folder for each family of resources.

mod batch;
mod body;
mod calendars;
mod context;
mod directory;
mod extended_property;
mod ids;
mod lookup;
mod mail;
mod person;
mod query;
mod refusal;
mod render;
mod reply;
mod request;
mod route;
mod settings;
#[cfg(test)]
pub(super) mod tests;
mod token;

use std::sync::Arc;

use http::header::AUTHORIZATION;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;

pub(super) use calendars::EventRounds;
pub use token::SimulatedToken;

pub(super) use ids::{Reference, plain};
pub(super) use mail::upload::Uploads;
use reply::Reply;
use request::GraphRequest;
pub(super) use token::Tokens;

use super::server::{Answer, Visit, lock, respond};
use super::wire::Dropped;
use super::{Simulator, SimulatorError, position};

/// What all paths of Graph begin with.
const ROOT: &str = "/v1.0/";

/// Whether a path is Graph's, or that of an upload.
pub(super) fn is_at(path: &str) -> bool {
    path.starts_with(ROOT) || path.starts_with(mail::upload::ROOT)
}

impl Simulator {
    /// Where Graph is: the URL up to and with `/v1.0`.
    #[must_use]
    pub fn graph_url(&self) -> String {
        let origin = self.url.split("/EWS/").next().unwrap_or_default();
        format!("{origin}/v1.0")
    }

    /// A token of a user, with these delegated permissions, as `Calendars.ReadWrite`; it is good for an hour of the
    /// simulator's clock.
    ///
    /// # Errors
    /// [`SimulatorError::NotFound`] where there is no such mailbox.
    pub fn delegated_token(
        &self,
        mailbox: &str,
        permissions: &[&str],
    ) -> Result<SimulatedToken, SimulatorError> {
        let user = position(&lock(&self.shared.store), mailbox)?;
        let now = self.shared.now();
        Ok(lock(&self.shared.tokens).issue(Some(user), permissions, now))
    }

    /// A token of an application, with these application permissions, for all mailboxes.
    #[must_use]
    pub fn application_token(&self, permissions: &[&str]) -> SimulatedToken {
        let now = self.shared.now();
        lock(&self.shared.tokens).issue(None, permissions, now)
    }

    /// The tokens so far are refused from now on (HTTP 401), as if they had expired.
    pub fn expire_tokens(&self) {
        lock(&self.shared.tokens).expire();
    }
}

impl Visit {
    /// Answers a request to Graph.
    pub(super) async fn graph(self, request: http::Request<Incoming>) -> Result<Answer, Dropped> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.map_err(|_| Dropped)?.to_bytes();
        if head.uri.path().starts_with(mail::upload::ROOT) {
            let reply = mail::upload::answer(&self.shared, &head, &body);
            return Ok(reply.into_answer(&head.headers, respond));
        }
        let now = self.shared.now();
        let authorization = head.headers.get(AUTHORIZATION);
        let authorization = authorization.and_then(|value| value.to_str().ok());
        let token = lock(&self.shared.tokens).judge(authorization, now);
        let reply = match token {
            Err(refusal) => Reply::refused(&refusal),
            Ok(token) => {
                let request = GraphRequest::new(&head, body, token);
                let shared = Arc::clone(&self.shared);
                route::answer(&shared, &request)
            }
        };
        Ok(reply.into_answer(&head.headers, respond))
    }
}
