//! Following the folders of a mailbox.

use crate::connector::Backend;
use crate::error::Result;
use crate::graph::call::Call;
use crate::graph::mailbox::GraphMailbox;
use crate::graph::permission::Permission;
use crate::graph::sync::{Synced, sized};
use crate::graph::wire;
use crate::model::{FolderChange, FolderId, SyncPage, SyncRequest, WellKnownFolder};

const OPERATION: &str = "sync_folders";

/// What such tokens are called.
const KIND: &str = "folders";

impl GraphMailbox {
    pub(super) async fn changed_folders(
        &self,
        request: SyncRequest<()>,
    ) -> Result<SyncPage<FolderChange>> {
        let path = ["mailFolders", "delta"];
        let first = Call::get(OPERATION, &path, Permission::MailReadBasic)
            .query("$select", "id,displayName,parentFolderId");
        let first = sized(first, request.page_size)?;
        let synced = self
            .sync_page(KIND, (), request.token.as_ref(), &first)
            .await?;
        let Synced::<wire::MailFolder> {
            page,
            token,
            more,
            full,
        } = synced;
        let mut changes: Vec<FolderChange> = Vec::with_capacity(page.items.len());
        let mut changed: Vec<String> = Vec::new();
        for row in page.items {
            let (id, is_gone) = match row {
                Ok(wire) => (wire.id, wire.removed.is_some()),
                Err(damaged) => (damaged.id, false),
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
        Ok(SyncPage::new(changes, token).more(more).full(full))
    }
}

fn gone(id: String) -> FolderChange {
    FolderChange::Deleted(FolderId::from_raw(Backend::Graph, id))
}
