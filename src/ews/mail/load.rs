//! Reading messages by their identifiers.

use crate::calendar::Batch;
use crate::connector::Backend;
use crate::error::{Error, ErrorKind, Result};
use crate::ews::convert;
use crate::ews::items::SANITISES_SINCE;
use crate::ews::mailbox::{EwsMailbox, lacks};
use crate::ews::types::{BaseShape, BodyTypeResponse, ItemId, ItemShape};
use crate::ews::{FieldUri, ServerVersion};
use crate::mail::condition::is_met_at_last;
use crate::model::{BodyWanted, Message, MessageFilter, MessageId, MessageLoad, Projection};

/// What to read of a message, and how.
#[derive(Clone, Debug)]
pub(super) struct Load {
    pub(super) shape: ItemShape,
    pub(super) wanted: MessageLoad,
}

impl Load {
    /// # Errors
    /// [`Unsupported`](crate::ErrorKind::Unsupported) for what that version does not have.
    pub(super) fn of(
        wanted: &MessageLoad,
        version: ServerVersion,
        operation: &'static str,
    ) -> Result<Self> {
        let mut shape = ItemShape::new(BaseShape::IdOnly);
        if wanted.projection == Projection::Full {
            if wanted.unique_body && FieldUri::ItemUniqueBody.since() > version {
                let problem = format!("{version} does not tell a text from what it quotes");
                return Err(Error::unsupported(operation, problem).with_backend(Backend::Ews));
            }
            shape.body_type = Some(match wanted.body {
                BodyWanted::Html => BodyTypeResponse::Html,
                BodyWanted::Text => BodyTypeResponse::Text,
                BodyWanted::Native => BodyTypeResponse::Best,
            });
            shape.filter_html_content = (version >= SANITISES_SINCE).then_some(true);
            shape.additional_properties = convert::message_full_paths(version, wanted);
        } else {
            shape.additional_properties = convert::message_summary_paths(version);
        }
        Ok(Self {
            shape,
            wanted: wanted.clone(),
        })
    }

    pub(super) fn summary(version: ServerVersion) -> Self {
        Self {
            shape: ItemShape::new(BaseShape::IdOnly).with(convert::message_summary_paths(version)),
            wanted: MessageLoad::summary(),
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.wanted.projection == Projection::Full
    }
}

impl EwsMailbox {
    pub(super) async fn messages_by_id(
        &self,
        ids: &[MessageId],
        load: &MessageLoad,
    ) -> Result<Batch<Message>> {
        const OPERATION: &str = "get_messages";
        let raw: Vec<Result<String>> = ids
            .iter()
            .map(|id| id.require(Backend::Ews, OPERATION).map(str::to_owned))
            .collect();
        let own: Vec<ItemId> = raw.iter().flatten().map(ItemId::new).collect();
        let mut read = match own.is_empty() {
            true => Vec::new(),
            false => {
                let load = Load::of(load, self.version(OPERATION).await?, OPERATION)?;
                self.load_messages(&own, &load, OPERATION).await?
            }
        }
        .into_iter();
        let answers = raw.into_iter().map(|id| {
            id.and_then(|_| {
                read.next()
                    .unwrap_or_else(|| Err(lacks(OPERATION, "answer")))
            })
        });
        Ok(answers.collect())
    }

    /// Reads messages by their identifiers, in order, in as many requests as it takes.
    pub(super) async fn load_messages(
        &self,
        ids: &[ItemId],
        load: &Load,
        operation: &'static str,
    ) -> Result<Batch<Message>> {
        let items = self.read_items(ids, &load.shape, operation).await?;
        let message = |item| convert::message(&item, &load.wanted, operation);
        let mut messages: Batch<Message> = items
            .into_iter()
            .map(|item| item.and_then(message))
            .collect();
        self.name_people(messages.iter_mut().flatten()).await;
        Ok(messages)
    }

    /// Gives everybody named in messages the SMTP address, where the directory knows it.
    pub(super) async fn name_people(&self, messages: impl IntoIterator<Item = &mut Message>) {
        let people = messages.into_iter().flat_map(Message::people_mut).collect();
        self.addresses.resolve(&self.client, people).await;
    }

    /// Whether a message meets a condition, as far as it can be known: who is named by a
    /// distinguished name is looked up, and whom the directory does not know has no address.
    pub(super) async fn is_met(
        &self,
        filter: &MessageFilter,
        mut message: Message,
        operation: &'static str,
    ) -> Result<bool> {
        if let Some(is_met) = filter.is_met_by(&message) {
            return Ok(is_met);
        }
        let named = message.people_mut().collect();
        let resolved = self.addresses.resolve_or_fail(&self.client, named).await;
        resolved.map_err(|error| error.with_operation(operation))?;
        Ok(is_met_at_last(filter, message))
    }

    /// What a list found, read as far as is wanted. What is not there any more is left out; what
    /// the server cannot give whole stays as the list had it.
    pub(super) async fn load_listed(
        &self,
        found: Vec<Message>,
        load: &Load,
        operation: &'static str,
    ) -> Result<Vec<Message>> {
        if !load.is_full() || found.is_empty() {
            return Ok(found);
        }
        let ids: Vec<ItemId> = found
            .iter()
            .map(|one| ItemId::new(one.id.as_raw()))
            .collect();
        let read = self.load_messages(&ids, load, operation).await?;
        let mut messages = Vec::with_capacity(found.len());
        for (found, read) in found.into_iter().zip(read) {
            match read {
                Ok(message) => messages.push(message),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) if error.is_of_one_item() => {
                    tracing::warn!(id = %found.id, %error, "a message comes in summary only");
                    messages.push(found);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(messages)
    }
}
