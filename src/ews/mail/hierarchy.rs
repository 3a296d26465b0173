//! Following the folders of a mailbox.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::connector::Backend;
use crate::error::Result;
use crate::ews::DistinguishedFolderId;
use crate::ews::mailbox::EwsMailbox;
use crate::ews::operation::{SyncFolderChange, SyncFolderHierarchy};
use crate::ews::sync::{has_more, other_scope, page_size, place};
use crate::model::{FolderChange, FolderId, SyncPage, SyncRequest, SyncToken};

const OPERATION: &str = "sync_folders";

/// What such tokens are called.
const KIND: &str = "folders";

/// What is inside the token.
#[derive(Debug, Serialize, Deserialize)]
struct Place {
    /// Whose mailbox, if it is another's.
    owner: Option<String>,
    /// What the server gave.
    state: String,
    /// The first round is not at its end yet.
    full: bool,
}

impl EwsMailbox {
    pub(super) async fn changed_folders(
        &self,
        request: SyncRequest<()>,
    ) -> Result<SyncPage<FolderChange>> {
        // The server alone decides how many come at once.
        page_size(request.page_size, u32::MAX, OPERATION)?;
        let place: Option<Place> = place(request.token.as_ref(), KIND, OPERATION)?;
        let owner = self.owner();
        if place.as_ref().is_some_and(|place| place.owner != owner) {
            return Err(other_scope(OPERATION, "mailbox"));
        }
        let (known, is_full) = place.map_or((None, true), |place| (Some(place.state), place.full));

        let root = self.folder(DistinguishedFolderId::MsgFolderRoot);
        let shape = self.folder_shape(OPERATION).await?;
        let sync = SyncFolderHierarchy::new(shape, root, known.clone());
        let synced = self.one(&sync, OPERATION).await?;
        let more = has_more(
            synced.includes_last_folder_in_range,
            synced.changes.is_empty(),
            known.as_ref(),
            &synced.sync_state,
            OPERATION,
        )?;

        let mut changes = Vec::with_capacity(synced.changes.len());
        for change in synced.changes {
            match change {
                SyncFolderChange::Create(folder) | SyncFolderChange::Update(folder) => {
                    let folders = self.folders_of(&[folder], OPERATION).await?.into_iter();
                    changes.extend(folders.map(Box::new).map(FolderChange::Upserted));
                }
                SyncFolderChange::Delete { folder_id } => {
                    let id = FolderId::from_raw(Backend::Ews, folder_id.id);
                    changes.push(FolderChange::Deleted(id));
                }
            }
        }
        let next = Place {
            owner,
            state: synced.sync_state,
            full: is_full && more,
        };
        let token = SyncToken::encode(Backend::Ews, KIND, json!(next));
        Ok(SyncPage::new(changes, token).more(more).full(is_full))
    }
}
