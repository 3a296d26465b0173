//! Single events and series as one.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::super::load::Load;
use crate::connector::Backend;
use crate::error::{Error, ErrorKind, Result};
use crate::ews::convert;
use crate::ews::items::is_of_one_item;
use crate::ews::mailbox::{EwsMailbox, lacks};
use crate::ews::operation::{SyncChange, SyncFolderItems};
use crate::ews::sync::{MOST_CHANGES, has_more, other_scope, page_size, place};
use crate::ews::types::{BaseShape, Item, ItemId, ItemShape};
use crate::model::{CalendarRef, EventChange, SyncPage, SyncRequest, SyncToken, Zone};

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

/// A change, or what is to be read to know it.
enum Step {
    Known(EventChange),
    ToRead(ItemId),
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
        let stands = synced.changes.is_empty() && known.as_ref() == Some(&synced.sync_state);
        let more = has_more(
            synced.includes_last_item_in_range,
            synced.changes.is_empty(),
            stands,
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
    async fn take_steps(&self, steps: Vec<Step>, load: &Load) -> Result<Vec<EventChange>> {
        let to_read = steps.iter().filter_map(|step| match step {
            Step::ToRead(id) => Some(id.clone()),
            Step::Known(_) => None,
        });
        let ids: Vec<ItemId> = to_read.collect();
        let mut read = self.load_events(&ids, load, OPERATION).await?.into_iter();
        let mut changes = Vec::with_capacity(steps.len());
        for step in steps {
            changes.push(match step {
                Step::Known(change) => change,
                Step::ToRead(id) => match read.next() {
                    Some(Ok(event)) => EventChange::Upserted(Box::new(event)),
                    // It was deleted since: the next round says so again.
                    Some(Err(error)) if error.kind() == ErrorKind::NotFound => {
                        EventChange::Deleted(convert::event_id(&id))
                    }
                    // A message that strayed into the calendar is no event.
                    Some(Err(error)) if error.kind() == ErrorKind::InvalidId => continue,
                    Some(Err(error)) => unreadable(&id, error)?,
                    None => return Err(lacks(OPERATION, "answer")),
                },
            });
        }
        let events = changes.iter_mut().filter_map(|change| match change {
            EventChange::Upserted(event) => Some(&mut **event),
            _ => None,
        });
        let events = events.collect();
        self.addresses.resolve_in(&self.client, events).await;
        Ok(changes)
    }
}

/// What is wrong with one event must not keep the others back; all else is an error.
fn unreadable(id: &ItemId, error: Error) -> Result<EventChange> {
    match is_of_one_item(&error) {
        true => Ok(EventChange::Unreadable {
            id: convert::event_id(id),
            why: error.to_string(),
        }),
        false => Err(error),
    }
}

impl Step {
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
                    Some(Self::Known(
                        match convert::event_at_home(&item, false, home, OPERATION) {
                            Ok(event) => EventChange::Upserted(Box::new(event)),
                            Err(error) => match item.item_id() {
                                Some(id) => unreadable(id, error)?,
                                None => return Err(error),
                            },
                        },
                    ))
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
