//! The second front: Microsoft Graph v1.0 over the same mailboxes.
//!
//! - `authority.rs`: who issues tokens; `token.rs`: for whom they are and what they allow;
//! - `request.rs`, `reply.rs`: a request in, a reply out, for a part of a batch too; `refusal.rs` is an OData error;
//! - `visit.rs`: token, limits, troubles and recording of a request; `part.rs`: parts of a batch that are refused;
//! - `route.rs`: which resource a path is about, in whose mailbox, and what a token must allow;
//! - `batch.rs`: many requests in one; `query.rs`: what a listing is asked for; `ids.rs`, `lookup.rs`: ids and what they
//!   name; `render.rs`: values that more than one family has;
//! - one file or folder for each family of resources.

mod authority;
mod batch;
mod body;
mod calendars;
mod context;
mod directory;
mod extended_property;
mod ids;
mod lookup;
mod mail;
mod part;
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
mod visit;

pub use authority::SimulatedApplication;
pub(super) use authority::endpoint as authority_endpoint;
pub(super) use calendars::EventRounds;
pub use token::SimulatedToken;

pub(super) use ids::{Reference, plain};
pub(super) use mail::upload::Uploads;
pub(super) use token::Tokens;

use super::ids::Id;
use super::server::lock;
use super::{Simulator, SimulatorError, find, position};

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

    /// How many requests may be under way for one mailbox at a time (`MailboxConcurrency`); `None` for no limit. Those
    /// above it end in HTTP 429. In the beginning 4, as Microsoft documents it for one application and mailbox.
    pub fn limit_mailbox_concurrency(&self, requests: Option<usize>) {
        *lock(&self.shared.mailbox_concurrency) = requests;
    }

    /// The tokens so far are refused from now on (HTTP 401), as if they had expired.
    pub fn expire_tokens(&self) {
        lock(&self.shared.tokens).expire();
    }

    /// The id that Graph gives an item, an occurrence or a folder, by its ItemId or FolderId: the immutable one.
    ///
    /// # Errors
    /// [`SimulatorError::NotFound`] where there is none of that id.
    pub fn graph_id(&self, ews_id: &str) -> Result<String, SimulatorError> {
        let unknown = || SimulatorError::NotFound("item of that id".to_owned());
        if let Some(Id::Folder { .. }) = Id::decode(ews_id) {
            return Ok(ids::rest(ews_id));
        }
        let store = lock(&self.shared.store);
        let (owner, item) = find(&store, ews_id).ok_or_else(unknown)?;
        let mailbox = store.mailboxes.get(owner).ok_or_else(unknown)?;
        let id = ids::Immutable {
            mailbox: mailbox.guid,
            origin: item.origin,
            start: item.occurrence.map(|one| one.original),
        };
        Ok(id.encode())
    }

    /// The ItemId or FolderId of what Graph calls so: the way back from [`graph_id`](Self::graph_id).
    ///
    /// # Errors
    /// [`SimulatorError::NotFound`] where there is none of that id.
    pub fn ews_id(&self, graph_id: &str) -> Result<String, SimulatorError> {
        let unknown = || SimulatorError::NotFound("item of that id".to_owned());
        let id = match Reference::decode(graph_id).ok_or_else(unknown)? {
            Reference::Current(id) => return Ok(id.encode()),
            Reference::Immutable(id) => id,
        };
        let store = lock(&self.shared.store);
        let owner = store.by_guid(id.mailbox).ok_or_else(unknown)?;
        let mailbox = store.mailboxes.get(owner).ok_or_else(unknown)?;
        let item = mailbox.items.by_origin(id.origin).ok_or_else(unknown)?;
        Ok(match id.start {
            Some(start) => mailbox.item_id(&item.occurrence_at(start)),
            None => mailbox.item_id(item),
        })
    }
}
