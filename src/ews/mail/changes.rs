//! Following the messages of a folder.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::load::Load;
use crate::connector::Backend;
use crate::error::{ErrorKind, Result};
use crate::ews::convert;
use crate::ews::items::raw_id;
use crate::ews::mailbox::EwsMailbox;
use crate::ews::operation::{SyncChange, SyncFolderItems, SyncedItems};
use crate::ews::sync::{
    Change, MOST_CHANGES, Step, has_more, other_scope, page_size, place, settled, to_read,
};
use crate::ews::types::{BaseShape, Item, ItemId, ItemShape};
use crate::model::{FolderRef, Message, MessageChange, SyncPage, SyncRequest, SyncToken};

const OPERATION: &str = "sync_messages";

/// What such tokens are called.
const KIND: &str = "messages";

/// What is inside the token.
#[derive(Debug, Serialize, Deserialize)]
struct Place {
    folder: FolderRef,
    /// Whose mailbox, if it is another's.
    owner: Option<String>,
    /// What the server gave.
    state: String,
    /// The first round is not at its end yet.
    full: bool,
}

impl EwsMailbox {
    pub(super) async fn changed_messages(
        &self,
        request: SyncRequest<FolderRef>,
    ) -> Result<SyncPage<MessageChange>> {
        let folder = self.mail_folder(&request.scope, OPERATION)?;
        let size = page_size(request.page_size, MOST_CHANGES, OPERATION)?;
        let place: Option<Place> = place(request.token.as_ref(), KIND, OPERATION)?;
        let owner = self.owner();
        if let Some(place) = &place
            && (place.folder != request.scope || place.owner != owner)
        {
            return Err(other_scope(OPERATION, "folder or mailbox"));
        }
        let (known, is_full) = place.map_or((None, true), |place| (Some(place.state), place.full));

        let load = Load::summary(self.version(OPERATION).await?);
        let sync = SyncFolderItems::new(load.shape.clone(), folder, known.clone(), size);
        let (synced, is_whole) = self.sync_even_if_damaged(sync).await?;
        let more = has_more(
            synced.includes_last_item_in_range,
            synced.changes.is_empty(),
            known.as_ref(),
            &synced.sync_state,
            OPERATION,
        )?;

        let mut steps = Vec::with_capacity(synced.changes.len());
        for change in synced.changes {
            steps.extend(Step::of(change, &load, is_whole)?);
        }
        let changes = self.take_message_steps(steps, &load).await?;
        let next = Place {
            folder: request.scope,
            owner,
            state: synced.sync_state,
            full: is_full && more,
        };
        let token = SyncToken::encode(Backend::Ews, KIND, json!(next));
        Ok(SyncPage::new(changes, token).more(more).full(is_full))
    }

    /// What changed, and whether it is whole. If something is so damaged that the server gives
    /// nothing at all, only identifiers are asked for.
    async fn sync_even_if_damaged(&self, mut sync: SyncFolderItems) -> Result<(SyncedItems, bool)> {
        match self.one(&sync, OPERATION).await {
            Err(error) if error.kind() == ErrorKind::DataCorrupt => {
                tracing::warn!(%error, "a folder has something damaged in it");
                sync.shape = ItemShape::new(BaseShape::IdOnly);
                Ok((self.one(&sync, OPERATION).await?, false))
            }
            synced => Ok((synced?, true)),
        }
    }

    /// Reads what is to be read, and keeps the order.
    async fn take_message_steps(
        &self,
        steps: Vec<Step<MessageChange>>,
        load: &Load,
    ) -> Result<Vec<MessageChange>> {
        let ids = to_read(&steps);
        let read = match ids.is_empty() {
            true => Vec::new(),
            false => self.load_messages(&ids, load, OPERATION).await?,
        };
        let mut changes = settled(steps, read, OPERATION)?;
        let messages = changes.iter_mut().filter_map(|change| match change {
            MessageChange::Upserted(message) => Some(&mut **message),
            _ => None,
        });
        self.name_people(messages).await;
        Ok(changes)
    }
}

impl Change<Message> for MessageChange {
    fn upserted(message: Message) -> Self {
        Self::Upserted(Box::new(message))
    }

    fn deleted(id: &ItemId) -> Self {
        Self::Deleted(convert::message_ref(id))
    }

    fn unreadable(id: &ItemId, why: String) -> Self {
        let id = convert::message_ref(id);
        Self::Unreadable { id, why }
    }
}

impl Step<MessageChange> {
    /// `None` for what is no message, as an event in Deleted Items.
    fn of(change: SyncChange, load: &Load, is_whole: bool) -> Result<Option<Self>> {
        let item = match change {
            SyncChange::Create(item) | SyncChange::Update(item) => item,
            SyncChange::ReadFlagChange { item_id, is_read } => {
                let id = convert::message_ref(&item_id);
                return Ok(Some(Self::Known(MessageChange::ReadState { id, is_read })));
            }
            SyncChange::Delete { item_id } => {
                let id = convert::message_ref(&item_id);
                return Ok(Some(Self::Known(MessageChange::Deleted(id))));
            }
        };
        if !convert::is_message(&item) {
            return Ok(None);
        }
        if !is_whole || lacks_something(&item) {
            return Ok(raw_id(&item).map(|id| Self::ToRead(ItemId::new(id))));
        }
        let read = convert::message(&item, &load.wanted, OPERATION);
        Ok(Some(Self::Known(match item.item_id() {
            Some(id) => MessageChange::of(id, read)?,
            None => MessageChange::upserted(read?),
        })))
    }
}

/// Whether the server left out what every message has, as some do in this answer.
fn lacks_something(item: &Item) -> bool {
    let base = item.properties();
    base.is_none_or(|base| base.size.is_none() && base.date_time_created.is_none())
}
