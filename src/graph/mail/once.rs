//! Messages with a key, as Graph finds and sends them; see [`crate::mail::once`].

use std::future::Future;

use async_trait::async_trait;

use super::draft::WRITE;
use crate::connector::Backend;
use crate::error::{Effect, Error, Result};
use crate::graph::call::Call;
use crate::graph::convert;
use crate::graph::mailbox::GraphMailbox;
use crate::graph::permission::Permission;
use crate::graph::wire;
use crate::mail::keys;
use crate::mail::once::{self, Outgoing};
use crate::model::{ExtendedProperty, MessageId, PropertyName, WellKnownFolder, unfinished};
use crate::retry::Attempts;

type Keyed = once::Keyed<MessageId>;
type Found = once::Found<MessageId>;

/// A send that must not happen twice.
pub(super) struct Once<'a> {
    pub(super) mailbox: &'a GraphMailbox,
    pub(super) key: &'a str,
    pub(super) operation: &'static str,
}

#[async_trait]
impl Outgoing for Once<'_> {
    type Draft = MessageId;

    fn backend(&self) -> Backend {
        Backend::Graph
    }

    fn operation(&self) -> &'static str {
        self.operation
    }

    fn lookups(&self) -> Attempts {
        self.mailbox.client.lookups(self.operation)
    }

    fn id(&self, draft: &MessageId) -> MessageId {
        draft.clone()
    }

    async fn sent_or_saved(&self) -> Result<Found> {
        let places = [
            WellKnownFolder::Drafts,
            WellKnownFolder::Outbox,
            WellKnownFolder::SentItems,
        ];
        let mut folders = Vec::with_capacity(places.len());
        for place in places {
            folders.push(convert::folder_path(&place.into(), self.operation)?);
        }
        let keys = [keys::send_key(self.key), keys::stored_send_key(self.key)];
        let mut found = Found::default();
        let answers = self
            .mailbox
            .with_keys(&keys, &folders, self.operation)
            .await?;
        for (place, messages) in answers.into_iter().enumerate() {
            let is_outbox = place == 1;
            for (message, is_draft) in messages {
                if is_draft && !is_outbox {
                    found.drafts.push(message);
                } else {
                    found.sent.get_or_insert(message);
                }
            }
        }
        Ok(found)
    }

    async fn send_saved(&self, draft: &MessageId) -> Result<()> {
        self.mailbox.send_saved(draft, self.operation).await
    }

    async fn put_aside(&self, draft: &MessageId) -> Result<bool> {
        self.mailbox.discard(draft, self.operation).await
    }

    async fn retract_unsent(&self, draft: &MessageId, error: Error) -> Error {
        self.mailbox
            .retract_unsent(draft, error, self.operation)
            .await
    }
}

impl GraphMailbox {
    /// Sends a draft as it is.
    pub(super) async fn send_saved(&self, id: &MessageId, operation: &'static str) -> Result<()> {
        let raw = id.require(Backend::Graph, operation)?;
        let call = Call::post(operation, &["messages", raw, "send"], Permission::MailSend);
        self.client.done(&call).await
    }

    /// The draft with a key: the one that is there, else the one that `build` makes.
    pub(super) async fn draft_once(
        &self,
        key: &ExtendedProperty,
        place: &str,
        build: impl Future<Output = Result<MessageId>> + Send,
        operation: &'static str,
    ) -> Result<MessageId> {
        let places = [place.to_owned()];
        let keys = [key.clone()];
        let first = |found: Vec<Vec<(Keyed, bool)>>| {
            let drafts = found.into_iter().flatten().map(|(one, _)| one);
            drafts
                .filter(|one| !one.is_unfinished)
                .map(|one| one.draft)
                .next()
        };
        if let Some(there) = first(self.with_keys(&keys, &places, operation).await?) {
            return Ok(there);
        }
        let made = build.await?;
        // Another call may have made one meanwhile: the older stays.
        let found = self.with_keys(&keys, &places, operation).await;
        let found = found.map_err(|error| error.with_effect(Effect::Partial))?;
        let Some(oldest) = first(found).filter(|oldest| *oldest != made) else {
            return Ok(made);
        };
        let removed = self.discard(&made, operation).await;
        removed.map_err(|error| error.with_effect(Effect::Partial))?;
        Ok(oldest)
    }

    /// The messages with one of these keys in each of these folders, the oldest first, and whether each is a draft. Of
    /// several keys the second is that of what is stored.
    async fn with_keys(
        &self,
        keys: &[ExtendedProperty],
        places: &[String],
        operation: &'static str,
    ) -> Result<Vec<Vec<(Keyed, bool)>>> {
        let value = keys.first().and_then(|key| key.value.first());
        let value = value.unwrap_or_default();
        let names: Vec<PropertyName> = keys.iter().map(|key| key.name.clone()).collect();
        let conditions: Vec<String> = names
            .iter()
            .map(|name| convert::property_equals(name, value))
            .collect();
        let mut asked = names.clone();
        asked.push(unfinished());
        let expand = convert::expand_properties(&asked).join(",");
        let calls: Vec<Call> = places
            .iter()
            .map(|place| {
                let path = ["mailFolders", place.as_str(), "messages"];
                Call::get(operation, &path, WRITE)
                    .query("$filter", conditions.join(" or "))
                    .query("$select", "id,isDraft,internetMessageId,createdDateTime")
                    .query("$expand", expand.clone())
                    .query("$top", "100")
            })
            .collect();
        let mut folders = Vec::with_capacity(calls.len());
        for (call, answer) in calls.iter().zip(self.client.batch(&calls).await?) {
            let page = self.client.read_page::<wire::Message>(call, &answer?)?;
            let mut found = page.readable(operation);
            found.sort_by_key(|one| convert::instant(one.created_date_time.as_deref()));
            let keyed = |one: &wire::Message| {
                let properties = convert::extended_properties(
                    one.single_value_extended_properties.as_ref(),
                    None,
                    &asked,
                );
                // Servers may compare without regard to case; keys are not the same for that.
                let key = properties
                    .iter()
                    .find(|own| names.contains(&own.name) && own.value.first() == Some(value))?;
                let message = Keyed {
                    draft: convert::raw_message_id(one)?,
                    message_id: one.internet_message_id.clone(),
                    is_unfinished: properties.iter().any(|own| own.name == unfinished()),
                    is_stored: names.get(1) == Some(&key.name),
                };
                Some((message, one.is_draft.unwrap_or(true)))
            };
            folders.push(found.iter().filter_map(keyed).collect());
        }
        Ok(folders)
    }
}
