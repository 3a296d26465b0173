//! What following changes has in common, whatever is followed: tokens that hold a link of the server.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::call::Call;
use super::mailbox::GraphMailbox;
use super::page::{Link, Page};
use crate::connector::{Backend, Mailbox as _, MailboxTarget};
use crate::error::{Error, ErrorKind, Result};
use crate::model::SyncToken;

/// What is inside a token.
#[derive(Serialize, Deserialize)]
struct Place<S> {
    scope: S,
    /// Whose mailbox, if it is another's.
    owner: Option<String>,
    /// Where the server goes on: it gives access to what is followed.
    link: String,
    /// The first round is not at its end yet.
    full: bool,
}

/// One page of a round, before its rows are read.
pub(super) struct Synced<T> {
    pub(super) page: Page<T>,
    pub(super) token: SyncToken,
    pub(super) more: bool,
    pub(super) full: bool,
}

impl GraphMailbox {
    /// The next page of what is followed: `first` where there is no token yet.
    ///
    /// # Errors
    /// `SyncStateInvalid` for a token that is none of these, `InvalidArgument` for one of another scope.
    pub(super) async fn sync_page<S, T>(
        &self,
        kind: &'static str,
        scope: S,
        token: Option<&SyncToken>,
        first: &Call,
    ) -> Result<Synced<T>>
    where
        S: Serialize + DeserializeOwned + PartialEq,
        T: DeserializeOwned,
    {
        let operation = first.name;
        let owner = self.owner();
        let known: Option<Place<S>> = place(token, kind, operation)?;
        let (mut page, full) = match known {
            None => (self.client.page(first).await?, true),
            Some(place) if place.scope != scope || place.owner != owner => {
                let why = "the token belongs to something else than what is to be followed";
                return Err(Error::invalid_argument(operation, why)
                    .with_backend(Backend::Graph)
                    .with_hint(
                        "Keep one token for each folder, calendar and window that is followed.",
                    ));
            }
            Some(place) => {
                let link = self.link_of(&place.link, operation)?;
                let page = self.client.follow(first, &link).await;
                let refused = |error: Error| match (error.kind(), error.http_status()) {
                    (ErrorKind::InvalidArgument, Some(400)) => {
                        invalid(operation, "the server does not take the token").with_source(error)
                    }
                    _ => error,
                };
                (page.map_err(refused)?, place.full)
            }
        };
        let (more, link) = match (page.next.take(), page.delta.take()) {
            (Some(next), _) => (true, next),
            (None, Some(delta)) => (false, delta),
            (None, None) => {
                let problem = "the server does not say where its changes go on";
                return Err(Error::new(ErrorKind::Protocol, operation, problem)
                    .with_backend(Backend::Graph));
            }
        };
        let place = Place {
            scope,
            owner,
            link: link.as_str().to_owned(),
            full: full && more,
        };
        Ok(Synced {
            page,
            token: SyncToken::encode(Backend::Graph, kind, json!(place)),
            more,
            full,
        })
    }

    /// A link out of a token, which may have been stored by anybody.
    fn link_of(&self, text: &str, operation: &'static str) -> Result<Link> {
        self.client.link(operation, text).map_err(|error| {
            let why = "the token leads to another server than this one";
            invalid(operation, why).with_source(error)
        })
    }

    /// Whose mailbox it is, if not of the account that signed in.
    fn owner(&self) -> Option<String> {
        match self.target() {
            MailboxTarget::Shared(address) => Some(address.to_ascii_lowercase()),
            MailboxTarget::ActAs(principal) => Some(principal.as_str().to_ascii_lowercase()),
            MailboxTarget::Own => None,
        }
    }
}

fn place<T: DeserializeOwned>(
    token: Option<&SyncToken>,
    kind: &str,
    operation: &'static str,
) -> Result<Option<T>> {
    let Some(token) = token else {
        return Ok(None);
    };
    let named = |error: Error| error.with_operation(operation);
    let data = token.decode(Backend::Graph, kind).map_err(named)?;
    let place = serde_json::from_value(data).map_err(|error| {
        invalid(operation, "what is inside the token cannot be read").with_source(error)
    })?;
    Ok(Some(place))
}

fn invalid(operation: &'static str, why: &str) -> Error {
    Error::new(ErrorKind::SyncStateInvalid, operation, why).with_backend(Backend::Graph)
}

/// The first request of a round, with how many changes are to come a page.
pub(super) fn sized(call: Call, page_size: Option<u32>) -> Result<Call> {
    match page_size {
        Some(0) => Err(Error::invalid_argument(
            call.name,
            "a page must have at least one change",
        )),
        Some(size) => Ok(call.prefer(format!("odata.maxpagesize={size}"))),
        None => Ok(call),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::permission::Permission;
    use crate::graph::{Cloud, GraphConnector};

    /// Nothing is sent: nobody listens there.
    fn mailbox(target: &MailboxTarget) -> GraphMailbox {
        let connector = GraphConnector::with_token("t")
            .cloud(Cloud::At("http://127.0.0.1:9/v1.0".to_owned()))
            .build()
            .unwrap();
        connector.graph_mailbox(target).unwrap()
    }

    async fn next(target: &MailboxTarget, scope: &str, token: &SyncToken) -> ErrorKind {
        let first = Call::get("sync", &["calendar"], Permission::CalendarsRead);
        let mailbox = mailbox(target);
        let page = mailbox.sync_page::<_, ()>("events", scope.to_owned(), Some(token), &first);
        page.await.map(drop).unwrap_err().kind()
    }

    fn token(link: &str, owner: Option<&str>) -> SyncToken {
        let place = Place {
            scope: "a".to_owned(),
            owner: owner.map(str::to_owned),
            link: link.to_owned(),
            full: false,
        };
        SyncToken::encode(Backend::Graph, "events", json!(place))
    }

    #[tokio::test]
    async fn tokens_are_looked_at_before_anything_is_sent() {
        let own = MailboxTarget::Own;
        let here = token("http://127.0.0.1:9/v1.0/me/x?t=1", None);
        assert_eq!(next(&own, "b", &here).await, ErrorKind::InvalidArgument);
        let shared = MailboxTarget::shared("Ada@example.com");
        assert_eq!(next(&shared, "a", &here).await, ErrorKind::InvalidArgument);
        // A token of the program's user is sent to nobody else.
        for elsewhere in [
            "http://127.0.0.1:8/v1.0/me/x",
            "https://evil.example/x",
            "x",
        ] {
            let token = token(elsewhere, None);
            assert_eq!(next(&own, "a", &token).await, ErrorKind::SyncStateInvalid);
        }
        let of_other = SyncToken::encode(Backend::Ews, "events", json!({}));
        assert_eq!(
            next(&own, "a", &of_other).await,
            ErrorKind::SyncStateInvalid
        );
        let damaged = SyncToken::encode(Backend::Graph, "events", json!({ "link": 1 }));
        assert_eq!(next(&own, "a", &damaged).await, ErrorKind::SyncStateInvalid);
    }

    #[test]
    fn a_page_has_something_on_it() {
        let call = Call::get("sync", &["calendar"], Permission::CalendarsRead);
        assert!(sized(call.clone(), Some(0)).is_err());
        let five = sized(call, Some(5)).unwrap();
        assert_eq!(five.prefer, ["odata.maxpagesize=5"]);
    }
}
