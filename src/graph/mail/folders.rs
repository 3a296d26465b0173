//! Making, renaming, moving, deleting and emptying folders.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::json;

use super::draft::WRITE;
use super::lacks;
use crate::connector::Backend;
use crate::error::{Effect, Error, ErrorKind, Result};
use crate::graph::call::Call;
use crate::graph::convert;
use crate::graph::mailbox::GraphMailbox;
use crate::graph::permission::Permission;
use crate::graph::wire;
use crate::model::{
    DeleteMode, Folder, FolderId, FolderQuery, FolderRef, MessageId, WellKnownFolder,
};

/// How many messages of a folder are removed with one look at it.
const AT_ONCE: usize = 100;

impl GraphMailbox {
    pub(super) async fn make_folder(&self, parent: &FolderRef, name: &str) -> Result<Folder> {
        const OPERATION: &str = "create_folder";
        convert::check_folder_name(name, OPERATION)?;
        let path = convert::folder_path(parent, OPERATION)?;
        let path: &[&str] = match parent {
            FolderRef::WellKnown(WellKnownFolder::Root) => &["mailFolders"],
            _ => &["mailFolders", path.as_str(), "childFolders"],
        };
        let call = Call::post(OPERATION, path, WRITE).json(&json!({ "displayName": name }))?;
        let made: wire::MailFolder = self.client.json(&call).await?;
        let id = made
            .id
            .ok_or_else(|| lacks(OPERATION, "id of what was made").with_effect(Effect::Partial))?;
        self.written_folder(&id, OPERATION).await
    }

    pub(super) async fn name_folder(&self, id: &FolderId, name: &str) -> Result<Folder> {
        const OPERATION: &str = "rename_folder";
        convert::check_folder_name(name, OPERATION)?;
        let raw = self.folder_to_change(id, OPERATION).await?;
        let call = Call::patch(OPERATION, &["mailFolders", raw], WRITE);
        self.client
            .done(&call.json(&json!({ "displayName": name }))?)
            .await?;
        self.written_folder(raw, OPERATION).await
    }

    pub(super) async fn put_folder(&self, id: &FolderId, to: &FolderRef) -> Result<Folder> {
        const OPERATION: &str = "move_folder";
        let to = convert::folder_path(to, OPERATION)?;
        let raw = self.folder_to_change(id, OPERATION).await?;
        let moved = self.moved(raw, &to, OPERATION).await?;
        self.written_folder(moved.as_deref().unwrap_or(raw), OPERATION)
            .await
    }

    pub(super) async fn drop_folder(&self, id: &FolderId, mode: DeleteMode) -> Result<()> {
        const OPERATION: &str = "delete_folder";
        if mode == DeleteMode::Permanent {
            self.can_delete_for_good(OPERATION)?;
        }
        let raw = self.folder_to_change(id, OPERATION).await?;
        self.remove_folder(raw, mode, OPERATION).await
    }

    async fn remove_folder(
        &self,
        raw: &str,
        mode: DeleteMode,
        operation: &'static str,
    ) -> Result<()> {
        let to = match mode {
            DeleteMode::Trash => WellKnownFolder::DeletedItems,
            DeleteMode::Recoverable => WellKnownFolder::RecoverableDeletions,
            DeleteMode::Permanent => {
                let path = ["mailFolders", raw, "permanentDelete"];
                return self.client.done(&Call::post(operation, &path, WRITE)).await;
            }
        };
        let to = convert::folder_path(&to.into(), operation)?;
        self.moved(raw, &to, operation).await.map(drop)
    }

    /// Moves a folder; its id after that, if the server says it.
    async fn moved(&self, raw: &str, to: &str, operation: &'static str) -> Result<Option<String>> {
        let call = Call::post(operation, &["mailFolders", raw, "move"], WRITE);
        let call = call.json(&json!({ "destinationId": to }))?;
        let moved: wire::MailFolder = self.client.json(&call).await?;
        Ok(moved.id)
    }

    pub(super) async fn clear_folder(
        &self,
        folder: &FolderRef,
        mode: DeleteMode,
        folders: bool,
    ) -> Result<()> {
        const OPERATION: &str = "empty_folder";
        if mode == DeleteMode::Permanent {
            self.can_delete_for_good(OPERATION)?;
        }
        let path = convert::folder_path(folder, OPERATION)?;
        let is_trash = match folder {
            FolderRef::WellKnown(known) => *known == WellKnownFolder::DeletedItems,
            FolderRef::Id(id) if mode == DeleteMode::Trash => {
                let purpose = self.purpose_of(id, OPERATION).await?;
                purpose == Some(WellKnownFolder::DeletedItems)
            }
            FolderRef::Id(_) => false,
        };
        if is_trash && mode == DeleteMode::Trash {
            let problem = "what is in Deleted Items cannot be moved there once more";
            return Err(Error::invalid_argument(OPERATION, problem)
                .with_backend(Backend::Graph)
                .with_hint("Empty it with DeleteMode::Recoverable or DeleteMode::Permanent."));
        }
        let mut sweep = Sweep::default();
        self.clear_messages(&path, mode, &mut sweep, OPERATION)
            .await?;
        if folders && !sweep.is_denied() {
            let query = FolderQuery::children(folder.clone()).with_hidden();
            let below = self.folders_below(&query, OPERATION).await;
            let below = below.map_err(|error| sweep.stopped(error))?;
            for raw in below.into_iter().filter_map(|one| one.id) {
                sweep.note(self.remove_folder(&raw, mode, OPERATION).await);
            }
        }
        match sweep.failure.take() {
            Some(error) => Err(sweep.stopped(error)),
            None => Ok(()),
        }
    }

    /// Removes messages until none is left but those that cannot be.
    async fn clear_messages(
        &self,
        path: &str,
        mode: DeleteMode,
        sweep: &mut Sweep,
        operation: &'static str,
    ) -> Result<()> {
        #[derive(Deserialize)]
        struct Named {
            id: String,
        }
        let path = ["mailFolders", path, "messages"];
        loop {
            let call = Call::get(operation, &path, Permission::MailReadBasic)
                .query("$select", "id")
                // What cannot be removed stays in the list, wherever in it.
                .query(
                    "$top",
                    (AT_ONCE + sweep.passed_over.len()).min(1000).to_string(),
                );
            let page = self.client.page::<Named>(&call).await;
            let page = page.map_err(|error| sweep.stopped(error))?;
            let ids: Vec<MessageId> = page
                .readable(operation)
                .into_iter()
                .map(|one| MessageId::from_raw(Backend::Graph, one.id))
                .filter(|id| !sweep.passed_over.contains(id))
                .collect();
            if ids.is_empty() {
                return Ok(());
            }
            let gone = self.dispose(&ids, mode).await;
            let gone = gone.map_err(|error| sweep.stopped(error.with_operation(operation)))?;
            for (id, one) in ids.into_iter().zip(gone) {
                if !sweep.note(one) {
                    sweep.passed_over.insert(id);
                }
            }
            if sweep.is_denied() {
                return Ok(());
            }
        }
    }

    /// A folder after it was written.
    async fn written_folder(&self, raw: &str, operation: &'static str) -> Result<Folder> {
        let folder = FolderRef::Id(FolderId::from_raw(Backend::Graph, raw));
        let read = self.folder_as_it_is(&folder, operation).await;
        read.map_err(|error| {
            error.with_effect(Effect::Partial).with_hint(
                "The folder was written, but could not be read back: list the folders again.",
            )
        })
    }

    /// The folder, if it is none that every mailbox has: those stay as they are.
    async fn folder_to_change<'i>(
        &self,
        id: &'i FolderId,
        operation: &'static str,
    ) -> Result<&'i str> {
        let raw = id.require(Backend::Graph, operation)?;
        if let Some(known) = self.purpose_of(id, operation).await? {
            let problem =
                format!("{known:?} is a folder that every mailbox has: it stays as it is");
            return Err(Error::new(ErrorKind::InvalidState, operation, problem)
                .with_backend(Backend::Graph));
        }
        Ok(raw)
    }
}

/// How far the emptying of a folder is.
#[derive(Default)]
struct Sweep {
    /// Something was removed.
    began: bool,
    /// What could not be, or was gone already and is listed nevertheless.
    passed_over: BTreeSet<MessageId>,
    /// Why the first of them could not be.
    failure: Option<Error>,
}

impl Sweep {
    /// Whether it was removed.
    fn note(&mut self, removed: Result<()>) -> bool {
        match removed {
            Ok(()) => {
                self.began = true;
                true
            }
            // Somebody else was faster.
            Err(error) if error.kind() == ErrorKind::NotFound => false,
            Err(error) => {
                self.failure.get_or_insert(error);
                false
            }
        }
    }

    /// Nothing was removed because nothing may be.
    fn is_denied(&self) -> bool {
        let failure = self.failure.as_ref();
        let is_denied = failure.is_some_and(|e| e.kind() == ErrorKind::PermissionDenied);
        is_denied && !self.began
    }

    fn stopped(&self, error: Error) -> Error {
        if !self.began {
            return error;
        }
        error
            .with_effect(Effect::Partial)
            .with_hint("Part of the folder may be empty already: repeat the call.")
    }
}
