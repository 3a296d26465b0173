//! Following the folders of a mailbox.

use serde_json::{Value, json};

use crate::connector::Backend;
use crate::error::Result;
use crate::graph::call::Call;
use crate::graph::mailbox::GraphMailbox;
use crate::graph::permission::Permission;
use crate::graph::sync::{self, Place};
use crate::graph::wire;
use crate::model::{FolderChange, FolderId, SyncPage, SyncRequest, SyncToken, WellKnownFolder};

const OPERATION: &str = "sync_folders";

/// What such tokens are called.
const KIND: &str = "folders";

/// How many changes come at once at most.
const MOST: u32 = 250;

impl GraphMailbox {
    pub(super) async fn changed_folders(
        &self,
        request: SyncRequest<()>,
    ) -> Result<SyncPage<FolderChange>> {
        let size = sync::page_size(request.page_size, MOST, OPERATION)?;
        let place = self.sync_place(request.token.as_ref(), KIND, &Value::Null, OPERATION)?;
        let path = ["mailFolders", "delta"];
        let call = Call::get(OPERATION, &path, Permission::MailReadBasic)
            .query("$select", "id,displayName,parentFolderId")
            .prefer(format!("odata.maxpagesize={size}"));
        let (rows, next) = self
            .next_changes::<wire::MailFolder>(&call, place, Value::Null, OPERATION)
            .await?;
        let mut changes: Vec<FolderChange> = Vec::with_capacity(rows.len());
        let mut changed: Vec<String> = Vec::new();
        for row in rows {
            let (id, is_gone) = match row {
                Ok(wire) => (wire.id, wire.removed.is_some()),
                Err((id, _)) => (Some(id), false),
            };
            match id {
                Some(id) if is_gone => changes.push(gone(id)),
                Some(id) => changed.push(id),
                None => {}
            }
        }
        // Rows say what changed; a program wants the folder.
        let read = self.folders_by_id(&changed, OPERATION).await?;
        for (id, folder) in changed.into_iter().zip(read) {
            match folder {
                // It is not among those it holds.
                Some(folder) if folder.well_known == Some(WellKnownFolder::Root) => {}
                Some(folder) => changes.push(FolderChange::Upserted(Box::new(folder))),
                None => changes.push(gone(id)),
            }
        }
        let (more, full) = (next.more, next.was_full);
        let token = SyncToken::encode(Backend::Graph, KIND, json!(Place::from(next)));
        Ok(SyncPage::new(changes, token).more(more).full(full))
    }
}

fn gone(id: String) -> FolderChange {
    FolderChange::Deleted(FolderId::from_raw(Backend::Graph, id))
}
