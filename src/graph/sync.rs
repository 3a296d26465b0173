//! What following changes has in common, whatever is followed.
//!
//! Source: <https://learn.microsoft.com/graph/delta-query-overview>

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::call::Call;
use super::mailbox::GraphMailbox;
use crate::connector::{Backend, Mailbox as _, MailboxTarget};
use crate::error::{Error, ErrorKind, Result};
use crate::model::SyncToken;

/// What is inside a token. The link may give access to what is followed: it is a secret.
#[derive(Serialize, Deserialize)]
pub(super) struct Place {
    /// What is followed.
    scope: Value,
    /// Whose mailbox, if it is another's.
    owner: Option<String>,
    /// Where what comes next is.
    link: String,
    /// The first round is not at its end yet.
    full: bool,
}

/// The place reached with a page.
pub(super) struct Next {
    place: Place,
    /// There is more now.
    pub(super) more: bool,
    /// The page is one of the first round.
    pub(super) was_full: bool,
}

impl From<Next> for Place {
    fn from(next: Next) -> Self {
        next.place
    }
}

/// A change, or the id of one that cannot be read and why.
pub(super) type Row<T> = std::result::Result<T, (String, String)>;

impl GraphMailbox {
    /// What is inside a token, if there is one, and if it belongs to what is to be followed.
    pub(super) fn sync_place(
        &self,
        token: Option<&SyncToken>,
        kind: &str,
        scope: &Value,
        operation: &'static str,
    ) -> Result<Option<Place>> {
        let Some(token) = token else {
            return Ok(None);
        };
        let named = |error: Error| error.with_operation(operation);
        let data = token.decode(Backend::Graph, kind).map_err(named)?;
        let place: Place = serde_json::from_value(data).map_err(|error| {
            invalid(operation, "what is inside the token cannot be read").with_source(error)
        })?;
        if place.scope != *scope || place.owner != self.owner() {
            let why = "the token belongs to another folder, calendar, window or mailbox";
            return Err(Error::invalid_argument(operation, why)
                .with_backend(Backend::Graph)
                .with_hint(
                    "Keep one token for each folder, calendar and window that is followed.",
                ));
        }
        Ok(Some(place))
    }

    /// The next changes: the first ones by the call, later ones by the link of the place.
    pub(super) async fn next_changes<T: DeserializeOwned>(
        &self,
        call: &Call,
        place: Option<Place>,
        scope: Value,
        operation: &'static str,
    ) -> Result<(Vec<Row<T>>, Next)> {
        let asked = async {
            match &place {
                None => self.client.page::<T>(call).await,
                Some(place) => {
                    let link = self.client.link(operation, &place.link)?;
                    self.client.follow(call, &link).await
                }
            }
        };
        let page = asked.await?;
        let was_full = place.is_none_or(|place| place.full);
        let more = page.next.is_some();
        let link = page.next.or(page.delta).ok_or_else(|| {
            let problem = "the answer does not say where later changes are";
            Error::new(ErrorKind::Protocol, operation, problem).with_backend(Backend::Graph)
        })?;
        let rows = page.items.into_iter().filter_map(|item| match item {
            Ok(item) => Some(Ok(item)),
            Err(damaged) => {
                let why = damaged.problem.to_string();
                Some(Err((damaged.id?, why)))
            }
        });
        let rows = rows.collect();
        let place = Place {
            scope,
            owner: self.owner(),
            link: link.as_str().to_owned(),
            full: was_full && more,
        };
        let next = Next {
            place,
            more,
            was_full,
        };
        Ok((rows, next))
    }

    /// Whose mailbox it is, if not of the account that signs in.
    pub(super) fn owner(&self) -> Option<String> {
        match self.target() {
            MailboxTarget::Shared(address) => Some(address.to_ascii_lowercase()),
            MailboxTarget::ActAs(principal) => Some(principal.as_str().to_ascii_lowercase()),
            MailboxTarget::Own => None,
        }
    }
}

fn invalid(operation: &'static str, why: &str) -> Error {
    Error::new(ErrorKind::SyncStateInvalid, operation, why).with_backend(Backend::Graph)
}

/// How many changes come a page.
pub(super) fn page_size(asked: Option<u32>, most: u32, operation: &'static str) -> Result<u32> {
    match asked {
        Some(0) => Err(Error::invalid_argument(
            operation,
            "a page must have at least one change",
        )),
        asked => Ok(asked.unwrap_or(most).min(most)),
    }
}
