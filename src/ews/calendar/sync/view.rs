//! Single events and each occurrence within a window.
//!
//! Servers follow folders, not windows. So the folder is followed, and if anything in it changed,
//! the window is listed and compared with what the program was told before.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::super::expansion::Expansion;
use super::super::load::Load;
use super::super::window::MOST_AT_ONCE;
use super::digest::Digest;
use crate::connector::Backend;
use crate::error::Result;
use crate::ews::mailbox::EwsMailbox;
use crate::ews::operation::SyncFolderItems;
use crate::ews::sync::{MOST_CHANGES, has_more, invalid, other_scope, page_size, place};
use crate::ews::types::{BaseShape, CalendarItem, FolderIdRef, ItemShape};
use crate::model::{EventChange, EventId, SyncPage, SyncRequest, SyncToken, TimeRange, ViewScope};

const OPERATION: &str = "sync_calendar_view";

/// What such tokens are called.
const KIND: &str = "calendar_view";

/// What is inside the token.
#[derive(Debug, Serialize, Deserialize)]
struct Place {
    scope: ViewScope,
    /// Whose mailbox, if it is another's.
    owner: Option<String>,
    /// What the server gave for the folder.
    state: Option<String>,
    /// The first round is not at its end yet.
    full: bool,
    step: Step,
    digest: String,
}

/// How far a round is.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Step {
    /// The folder is asked whether anything changed.
    Folder {
        /// Something did.
        changed: bool,
    },
    /// The window is listed.
    Window {
        /// From there on.
        next: DateTime<Utc>,
    },
    /// What was not in the window is gone.
    Sweep,
}

impl EwsMailbox {
    pub(in crate::ews::calendar) async fn changed_view(
        &self,
        request: SyncRequest<ViewScope>,
    ) -> Result<SyncPage<EventChange>> {
        let scope = request.scope;
        scope.window.validate(OPERATION)?;
        let folder = self.calendar_folder(&scope.calendar, OPERATION)?;
        let size = page_size(request.page_size, MOST_AT_ONCE, OPERATION)?;
        let owner = self.owner();
        let place: Option<Place> = place(request.token.as_ref(), KIND, OPERATION)?;
        let mut place = match place {
            None => Place {
                scope,
                owner,
                state: None,
                full: true,
                step: Step::Folder { changed: true },
                digest: Digest::default().encode(),
            },
            Some(place) if place.scope.window != scope.window => {
                return Err(other_scope(OPERATION, "window"));
            }
            Some(place) if place.scope != scope || place.owner != owner => {
                return Err(other_scope(OPERATION, "calendar"));
            }
            Some(place) => place,
        };
        let digest = Digest::decode(&place.digest);
        let digest = digest.ok_or_else(|| invalid(OPERATION, "what was known cannot be read"))?;
        let mut round = Round {
            mailbox: self,
            folder,
            size,
            digest,
            changes: Vec::new(),
        };
        let full = place.full;
        let more = round.go_on(&mut place).await?;
        place.digest = round.digest.encode();
        let token = SyncToken::encode(Backend::Ews, KIND, json!(place));
        Ok(SyncPage::new(round.changes, token).more(more).full(full))
    }
}

/// A page of a round.
struct Round<'a> {
    mailbox: &'a EwsMailbox,
    folder: FolderIdRef,
    /// How many changes the page may have.
    size: u32,
    digest: Digest,
    changes: Vec<EventChange>,
}

impl Round<'_> {
    /// Makes the next page; returns whether there is more.
    async fn go_on(&mut self, place: &mut Place) -> Result<bool> {
        if let Step::Folder { changed } = place.step {
            let (more, changed_now) = self.ask_folder(place).await?;
            let changed = changed || changed_now;
            place.step = Step::Folder { changed };
            if more || !changed {
                return Ok(more);
            }
            let next = place.scope.window.start;
            place.step = Step::Window { next };
        }
        if let Step::Window { next } = place.step {
            let window = TimeRange::new(next, place.scope.window.end);
            place.step = match self.list(window, place.full).await? {
                Some(next) => Step::Window { next },
                None => Step::Sweep,
            };
        }
        if let Step::Sweep = place.step {
            let (gone, is_done) = self.digest.sweep(self.room());
            let gone = gone
                .into_iter()
                .map(|id| EventChange::Deleted(EventId::from_raw(Backend::Ews, id)));
            self.changes.extend(gone);
            if is_done {
                place.step = Step::Folder { changed: false };
                place.full = false;
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn room(&self) -> usize {
        (self.size as usize).saturating_sub(self.changes.len())
    }

    /// Whether the server has more to say of the folder, and whether anything changed in it.
    async fn ask_folder(&self, place: &mut Place) -> Result<(bool, bool)> {
        let shape = ItemShape::new(BaseShape::IdOnly);
        let known = place.state.take();
        let folder = self.folder.clone();
        let sync = SyncFolderItems::new(shape, folder, known.clone(), MOST_CHANGES);
        let synced = self.mailbox.one(&sync, OPERATION).await?;
        let changed = !synced.changes.is_empty();
        let more = has_more(
            synced.includes_last_item_in_range,
            !changed,
            known.as_ref(),
            &synced.sync_state,
            OPERATION,
        )?;
        place.state = Some(synced.sync_state);
        Ok((more, changed))
    }

    /// Goes through the window until the page is full; returns from where to go on, `None` if
    /// nothing is left.
    async fn list(&mut self, window: TimeRange, full: bool) -> Result<Option<DateTime<Utc>>> {
        let load = Load::summary(self.mailbox.version(OPERATION).await?);
        // Later rounds pass over most of what is there.
        let at_once = if full { self.size } else { MOST_AT_ONCE };
        let (folder, shape) = (self.folder.clone(), load.list_shape());
        let mut expansion = Expansion::new(folder, shape, window, at_once, OPERATION);
        while let Some(found) = expansion.next(self.mailbox).await? {
            let mut told: Vec<CalendarItem> = Vec::new();
            let mut next = None;
            for one in found {
                let change_key = change_key(&one.item);
                if self.digest.meet(&one.id, change_key) {
                    continue;
                }
                if told.len() >= self.room() {
                    next = Some(one.start);
                    break;
                }
                self.digest.tell(&one.id, change_key);
                told.push(one.item);
            }
            let events = self
                .mailbox
                .load_found(told, &load, None, OPERATION)
                .await?;
            let events = events.into_iter().map(Box::new);
            self.changes.extend(events.map(EventChange::Upserted));
            let reached = expansion.reached();
            if next.is_some() || (self.room() == 0 && reached < window.end) {
                // What reaches into the window from before is found at its very beginning.
                return Ok(Some(next.unwrap_or(reached).max(window.start)));
            }
        }
        Ok(None)
    }
}

fn change_key(item: &CalendarItem) -> &str {
    let id = item.item.item_id.as_ref();
    id.and_then(|id| id.change_key.as_deref())
        .unwrap_or_default()
}
