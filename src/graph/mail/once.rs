//! Messages with a key, as Graph finds and sends them; see [`crate::mail::once`].
//!
//! An immutable id finds a draft also where it was put aside, and then it could still be sent. So drafts are sent and
//! removed by the ids that Graph gives without being asked for others: they change with the folder, and so each finds a
//! draft once, to send it or to remove it. Folders are looked at one after the other, since a message that is sent
//! meanwhile would else be in neither.

use std::future::Future;

use async_trait::async_trait;

use super::draft::WRITE;
use crate::connector::Backend;
use crate::error::{Effect, Error, ErrorKind, Result};
use crate::graph::call::{Call, Ids};
use crate::graph::convert;
use crate::graph::mailbox::GraphMailbox;
use crate::graph::permission::Permission;
use crate::graph::wire;
use crate::mail::keys;
use crate::mail::once::{self, Outgoing};
use crate::model::{
    ExtendedProperty, MessageId, PropertyKind, PropertyName, WellKnownFolder, unfinished,
};
use crate::retry::Attempts;

type Keyed = once::Keyed<MessageId>;
type Found = once::Found<MessageId>;

/// PidTagMessageFlags (MS-OXCMSG 2.2.1.6), and in it that the message is on its way.
const FLAGS: PropertyName = PropertyName::Tag {
    tag: 0x0e07,
    kind: PropertyKind::Integer,
};
const SUBMITTED: u32 = 4;

/// A send that must not happen twice.
pub(super) struct Once<'a> {
    pub(super) mailbox: &'a GraphMailbox,
    pub(super) key: &'a str,
    pub(super) operation: &'static str,
}

#[async_trait]
impl Outgoing for Once<'_> {
    /// Of what is among the drafts the id that it has there, else the lasting one.
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
            (WellKnownFolder::Drafts, Ids::Passing),
            (WellKnownFolder::Outbox, Ids::Lasting),
            (WellKnownFolder::SentItems, Ids::Lasting),
        ];
        let mut folders = Vec::with_capacity(places.len());
        for (place, ids) in places {
            folders.push((convert::folder_path(&place.into(), self.operation)?, ids));
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
                } else if found.sent.is_none() {
                    let is_on_its_way = place == 0;
                    found.sent = Some(match is_on_its_way {
                        true => self.mailbox.with_lasting_id(message, self.operation).await,
                        false => message,
                    });
                }
            }
        }
        Ok(found)
    }

    async fn send_saved(&self, draft: &MessageId) -> Result<()> {
        self.mailbox.send_saved(draft, self.operation).await
    }

    async fn put_aside(&self, draft: &MessageId) -> Result<bool> {
        let removed = self.mailbox.delete_draft(draft, self.operation).await;
        was_there(removed)
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

    /// The same message with the id that stays: the one by which it was found is good for a moment only.
    async fn with_lasting_id(&self, mut message: Keyed, operation: &'static str) -> Keyed {
        let path = ["messages", message.draft.as_raw()];
        let call = Call::get(operation, &path, WRITE).query("$select", "id");
        let found = self.client.json::<wire::Message>(&call).await.ok();
        let id = found.and_then(|wire| convert::raw_message_id(&wire));
        message.draft = id.unwrap_or(message.draft);
        message
    }

    /// The draft with a key: the one that is there, else the one that `build` makes.
    pub(super) async fn draft_once(
        &self,
        key: &ExtendedProperty,
        place: &str,
        build: impl Future<Output = Result<MessageId>> + Send,
        operation: &'static str,
    ) -> Result<MessageId> {
        let places = [(place.to_owned(), Ids::Lasting)];
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

    /// The messages with one of these keys in each of these folders, the oldest first, and whether each is a draft that
    /// nobody has sent yet. Of several keys the second is that of what is stored. The folders are looked at in their
    /// order.
    async fn with_keys(
        &self,
        keys: &[ExtendedProperty],
        places: &[(String, Ids)],
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
        asked.extend([unfinished(), FLAGS]);
        let expand = convert::expand_properties(&asked).join(",");
        let calls: Vec<Call> = places
            .iter()
            .map(|(place, ids)| {
                let path = ["mailFolders", place.as_str(), "messages"];
                Call::get(operation, &path, WRITE)
                    .ids(*ids)
                    .query("$filter", conditions.join(" or "))
                    .query("$select", "id,isDraft,internetMessageId,createdDateTime")
                    .query("$expand", expand.clone())
                    .query("$top", "100")
            })
            .collect();
        let mut folders = Vec::with_capacity(calls.len());
        let answers = match calls.as_slice() {
            [only] => vec![self.client.send(only).await?],
            calls => self.client.sequence(calls).await?,
        };
        for (call, answer) in calls.iter().zip(answers) {
            let mut page = self.client.read_page::<wire::Message>(call, &answer)?;
            let mut found = Vec::new();
            loop {
                let next = page.next.take();
                found.extend(page.readable(operation));
                let Some(next) = next else { break };
                page = self.client.follow(call, &next).await?;
            }
            // Times are whole seconds, and all who look must see the same order.
            found.sort_by(|one, other| {
                let of = |one: &wire::Message| {
                    let created = convert::instant(one.created_date_time.as_deref());
                    (created, one.id.clone())
                };
                of(one).cmp(&of(other))
            });
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
                let flags = properties.iter().find(|own| own.name.is_same(&FLAGS));
                let flags = flags.and_then(|own| own.value.first()?.parse::<u32>().ok());
                let is_on_its_way = flags.is_some_and(|flags| flags & SUBMITTED != 0);
                Some((message, one.is_draft.unwrap_or(true) && !is_on_its_way))
            };
            folders.push(found.iter().filter_map(keyed).collect());
        }
        Ok(folders)
    }
}

/// Whether a draft was there that was to be removed.
fn was_there(removed: Result<()>) -> Result<bool> {
    match removed {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        removed => removed.map(|()| true),
    }
}
