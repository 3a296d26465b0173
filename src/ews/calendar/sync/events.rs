//! Single events and series as one.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::super::load::Load;
use crate::connector::Backend;
use crate::error::Result;
use crate::ews::convert;
use crate::ews::mailbox::EwsMailbox;
use crate::ews::operation::{SyncChange, SyncFolderItems};
use crate::ews::sync::{
    Change, MOST_CHANGES, Step, has_more, other_scope, page_size, place, settled, to_read,
};
use crate::ews::types::{BaseShape, Item, ItemId, ItemShape};
use crate::model::{CalendarRef, Event, EventChange, SyncPage, SyncRequest, SyncToken, Zone};

const OPERATION: &str = "sync_events";

/// What such tokens are called.
const KIND: &str = "events";

/// What is inside the token.
#[derive(Debug, Serialize, Deserialize)]
struct Place {
    calendar: CalendarRef,
    /// Whose mailbox, if it is another's.
    owner: Option<String>,
    /// What the server gave.
    state: String,
    /// The first round is not at its end yet.
    full: bool,
}

impl EwsMailbox {
    pub(in crate::ews::calendar) async fn changed_events(
        &self,
        request: SyncRequest<CalendarRef>,
    ) -> Result<SyncPage<EventChange>> {
        let folder = self.calendar_folder(&request.scope, OPERATION)?;
        let size = page_size(request.page_size, MOST_CHANGES, OPERATION)?;
        let place: Option<Place> = place(request.token.as_ref(), KIND, OPERATION)?;
        let owner = self.owner();
        if let Some(place) = &place
            && (place.calendar != request.scope || place.owner != owner)
        {
            return Err(other_scope(OPERATION, "calendar"));
        }
        let (known, is_full) = place.map_or((None, true), |place| (Some(place.state), place.full));

        let load = Load::summary(self.version(OPERATION).await?);
        let shape = match load.needs_items() {
            true => ItemShape::new(BaseShape::IdOnly),
            false => load.shape.clone(),
        };
        let sync = SyncFolderItems::new(shape, folder, known.clone(), size);
        let synced = self.one(&sync, OPERATION).await?;
        let more = has_more(
            synced.includes_last_item_in_range,
            synced.changes.is_empty(),
            known.as_ref(),
            &synced.sync_state,
            OPERATION,
        )?;

        let items = synced.changes.iter().filter_map(|change| match change {
            SyncChange::Create(item) | SyncChange::Update(item) if !load.needs_items() => {
                Some(item)
            }
            _ => None,
        });
        let home = self.home_of(items, OPERATION).await;
        let steps = synced.changes.into_iter();
        let steps = steps.filter_map(|change| Step::of(change, &load, home.as_ref()).transpose());
        let changes = self
            .take_steps(steps.collect::<Result<_>>()?, &load)
            .await?;
        let next = Place {
            calendar: request.scope,
            owner,
            state: synced.sync_state,
            full: is_full && more,
        };
        let token = SyncToken::encode(Backend::Ews, KIND, json!(next));
        Ok(SyncPage::new(changes, token).more(more).full(is_full))
    }

    /// Reads what is to be read, and keeps the order.
    async fn take_steps(
        &self,
        steps: Vec<Step<EventChange>>,
        load: &Load,
    ) -> Result<Vec<EventChange>> {
        let read = self.load_events(&to_read(&steps), load, OPERATION).await?;
        let mut changes = settled(steps, read, OPERATION)?;
        let events = changes.iter_mut().filter_map(|change| match change {
            EventChange::Upserted(event) => Some(&mut **event),
            _ => None,
        });
        let events = events.collect();
        self.addresses.resolve_in(&self.client, events).await;
        Ok(changes)
    }
}

impl Change<Event> for EventChange {
    fn upserted(event: Event) -> Self {
        Self::Upserted(Box::new(event))
    }

    fn deleted(id: &ItemId) -> Self {
        Self::Deleted(convert::event_id(id))
    }

    fn unreadable(id: &ItemId, why: String) -> Self {
        let id = convert::event_id(id);
        Self::Unreadable { id, why }
    }
}

impl Step<EventChange> {
    /// `None` for what is no event.
    fn of(change: SyncChange, load: &Load, home: Option<&Zone>) -> Result<Option<Self>> {
        Ok(match change {
            SyncChange::Create(item) | SyncChange::Update(item) => {
                let Item::CalendarItem(_) = item else {
                    return Ok(None);
                };
                if load.needs_items() {
                    item.item_id().map(|id| Self::ToRead(ItemId::new(&id.id)))
                } else {
                    let read = convert::event_at_home(&item, false, home, OPERATION);
                    Some(Self::Known(match item.item_id() {
                        Some(id) => EventChange::of(id, read)?,
                        None => EventChange::upserted(read?),
                    }))
                }
            }
            // Events are not read or unread, but this too gives a new version.
            SyncChange::ReadFlagChange { item_id, .. } => {
                Some(Self::ToRead(ItemId::new(item_id.id)))
            }
            SyncChange::Delete { item_id } => Some(Self::Known(EventChange::Deleted(
                convert::event_id(&item_id),
            ))),
        })
    }
}
