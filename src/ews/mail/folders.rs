//! Making, renaming, moving, deleting and emptying folders.

use std::collections::BTreeSet;

use crate::connector::Backend;
use crate::error::{Effect, Error, ErrorKind, Result};
use crate::ews::items::{ITEMS_PER_REQUEST, raw_id};
use crate::ews::mailbox::{EwsMailbox, lacks, of};
use crate::ews::operation::{
    AffectedTaskOccurrences, CreateFolder, DeleteFolder, DeleteItem, EmptyFolder, FindItem,
    GetFolder, MoveFolder, Operation, SendMeetingCancellations, UpdateFolder,
};
use crate::ews::types::{
    BaseShape, Folder as WireFolder, FolderChange, FolderId as WireFolderId, FolderIdRef,
    FolderShape, ItemId, ItemShape, View,
};
use crate::ews::{FieldUri, convert};
use crate::model::{DeleteMode, Folder, FolderId, FolderRef, WellKnownFolder};

/// Folders lie no deeper in each other.
const MOST_LEVELS: usize = 300;

impl EwsMailbox {
    pub(super) async fn make_folder(&self, parent: &FolderRef, name: &str) -> Result<Folder> {
        const OPERATION: &str = "create_folder";
        convert::check_folder_name("folder", name, OPERATION)?;
        let parent = self.mail_folder(parent, OPERATION)?;
        let create = CreateFolder::new(parent, [WireFolder::of_class("IPF.Note", name)]);
        let made = self.one(&create, OPERATION).await?;
        let folder = made.folders.into_iter().next();
        let id = folder.and_then(|folder| folder.properties.folder_id);
        let id = id.ok_or_else(|| {
            lacks(OPERATION, "FolderId for what it created").with_effect(Effect::Partial)
        })?;
        self.written_folder(&id.id, OPERATION).await
    }

    pub(super) async fn name_folder(&self, id: &FolderId, name: &str) -> Result<Folder> {
        const OPERATION: &str = "rename_folder";
        convert::check_folder_name("folder", name, OPERATION)?;
        let folder = self.folder_to_change(id, OPERATION).await?;
        let mut named = WireFolder::of_class("", name);
        // What kind of folder it is stays, and so does its class.
        named.kind = folder.kind;
        named.properties.folder_class = None;
        let change = FolderChange::new(WireFolderId::new(id.as_raw())).set(named);
        self.one(&UpdateFolder::new([change]), OPERATION).await?;
        self.written_folder(id.as_raw(), OPERATION).await
    }

    pub(super) async fn put_folder(&self, id: &FolderId, to: &FolderRef) -> Result<Folder> {
        const OPERATION: &str = "move_folder";
        let to = self.mail_folder(to, OPERATION)?;
        self.folder_to_change(id, OPERATION).await?;
        let put = MoveFolder::new(to.clone(), [WireFolderId::new(id.as_raw())]);
        let moved = match self.one(&put, OPERATION).await {
            // Servers say this of many things.
            Err(error) if error.code() == Some("ErrorMoveCopyFailed") => {
                return Err(match self.is_within(to, id, OPERATION).await {
                    Ok(true) => {
                        let problem = "a folder cannot be moved into itself";
                        Error::new(ErrorKind::InvalidState, OPERATION, problem)
                            .with_backend(Backend::Ews)
                    }
                    _ => error,
                });
            }
            moved => moved?,
        };
        // It stays the same, but the server has the say.
        let folder = moved.folders.into_iter().next();
        let new = folder.and_then(|folder| folder.properties.folder_id);
        let raw = new.map_or_else(|| id.as_raw().to_owned(), |id| id.id);
        self.written_folder(&raw, OPERATION).await
    }

    pub(super) async fn drop_folder(&self, id: &FolderId, mode: DeleteMode) -> Result<()> {
        const OPERATION: &str = "delete_folder";
        self.folder_to_change(id, OPERATION).await?;
        let id = WireFolderId::new(id.as_raw());
        let delete = DeleteFolder::new(convert::delete_type(mode), [id]);
        self.one(&delete, OPERATION).await
    }

    pub(super) async fn clear_folder(
        &self,
        folder: &FolderRef,
        mode: DeleteMode,
        folders: bool,
    ) -> Result<()> {
        const OPERATION: &str = "empty_folder";
        let target = self.mail_folder(folder, OPERATION)?;
        let version = self.version(OPERATION).await?;
        let is_trash = match folder {
            FolderRef::WellKnown(known) => *known == WellKnownFolder::DeletedItems,
            // Only there would what is deleted come back as something new for ever.
            FolderRef::Id(id) if version < EmptyFolder::SINCE => {
                self.purpose_of(id, OPERATION).await? == Some(WellKnownFolder::DeletedItems)
            }
            FolderRef::Id(_) => false,
        };
        if is_trash && mode == DeleteMode::Trash {
            let problem = "what is in Deleted Items cannot be moved there once more";
            return Err(Error::invalid_argument(OPERATION, problem)
                .with_backend(Backend::Ews)
                .with_hint("Empty it with DeleteMode::Recoverable or DeleteMode::Permanent."));
        }
        if version < EmptyFolder::SINCE {
            return self.clear_by_hand(&target, mode, folders, OPERATION).await;
        }
        let empty = EmptyFolder::new(convert::delete_type(mode), [target]);
        let empty = match folders {
            true => empty.with_sub_folders(),
            false => empty,
        };
        self.one(&empty, OPERATION).await.map_err(in_between)
    }

    /// Lists what is in the folder and deletes it, until nothing is left but what cannot be.
    async fn clear_by_hand(
        &self,
        target: &FolderIdRef,
        mode: DeleteMode,
        folders: bool,
        operation: &'static str,
    ) -> Result<()> {
        let mut sweep = Sweep::default();
        loop {
            // What cannot be deleted stays in the list, wherever in it.
            let entries = ITEMS_PER_REQUEST.saturating_add(sweep.left());
            let find = FindItem::new(ItemShape::new(BaseShape::IdOnly), [target.clone()])
                .view(View::page(0, entries));
            let found = self.one(&find, operation).await;
            let found = found.map_err(|error| sweep.stopped(error))?;
            let ids = found.items.iter().filter_map(raw_id);
            let ids = ids.filter(|id| !sweep.passed_over.contains(*id));
            let ids: Vec<ItemId> = ids
                .take(ITEMS_PER_REQUEST as usize)
                .map(ItemId::new)
                .collect();
            if ids.is_empty() {
                break;
            }
            let mut delete = DeleteItem::new(convert::delete_type(mode), ids.clone())
                .send_meeting_cancellations(SendMeetingCancellations::SendToNone);
            delete.affected_task_occurrences = Some(AffectedTaskOccurrences::AllOccurrences);
            let deleted = self.send(&delete, operation).await;
            let deleted = deleted.map_err(|error| sweep.stopped(error))?;
            for (id, answer) in ids.iter().zip(deleted) {
                sweep.note(&id.id, of(answer, operation));
            }
            if sweep.is_denied() {
                break;
            }
        }
        if folders {
            let found = self.find_folders(target.clone(), false, operation).await;
            let found = found.map_err(|error| sweep.stopped(error))?;
            let ids = found.into_iter().filter_map(|one| one.properties.folder_id);
            for id in ids {
                let own = WireFolderId::new(&id.id);
                let delete = DeleteFolder::new(convert::delete_type(mode), [own]);
                sweep.note(&id.id, self.one(&delete, operation).await);
            }
        }
        match sweep.failure.take() {
            Some(error) => Err(sweep.stopped(error)),
            None => Ok(()),
        }
    }

    /// Whether a folder is another one, or is somewhere in it.
    async fn is_within(
        &self,
        folder: FolderIdRef,
        other: &FolderId,
        operation: &'static str,
    ) -> Result<bool> {
        let shape = FolderShape::new(BaseShape::IdOnly).with([FieldUri::FolderParentFolderId]);
        let mut above = Some(folder);
        for _ in 0..MOST_LEVELS {
            let Some(folder) = above else {
                break;
            };
            let found = self
                .one(&GetFolder::new(shape.clone(), [folder]), operation)
                .await?;
            let properties = found.folders.into_iter().next().map(|one| one.properties);
            let (id, parent) = match properties {
                Some(properties) => (properties.folder_id, properties.parent_folder_id),
                None => break,
            };
            if id.is_some_and(|id| id.id == other.as_raw()) {
                return Ok(true);
            }
            above = parent.map(FolderIdRef::Id);
        }
        Ok(false)
    }

    /// A folder after it was written.
    async fn written_folder(&self, raw: &str, operation: &'static str) -> Result<Folder> {
        let folder = FolderRef::Id(FolderId::from_raw(Backend::Ews, raw));
        let read = self.folder_as_it_is(&folder, operation).await;
        read.map_err(|error| {
            error.with_effect(Effect::Partial).with_hint(
                "The folder was written, but could not be read back: list the folders again.",
            )
        })
    }

    /// The folder, if it is none that every mailbox has: servers differ in whether they let those
    /// be changed.
    async fn folder_to_change(&self, id: &FolderId, operation: &'static str) -> Result<WireFolder> {
        let folder = FolderRef::Id(id.clone());
        let folder = self.wire_folder(&folder, operation).await?;
        if self.is_distinguished(&folder, operation).await? {
            let name = folder.properties.display_name.unwrap_or_default();
            let problem = format!("{name:?} is a folder that every mailbox has: it stays as it is");
            return Err(
                Error::new(ErrorKind::InvalidState, operation, problem).with_backend(Backend::Ews)
            );
        }
        Ok(folder)
    }
}

/// How far the emptying of a folder is.
#[derive(Default)]
struct Sweep {
    /// Something was deleted.
    began: bool,
    /// What could not be, or was gone already and is listed nevertheless.
    passed_over: BTreeSet<String>,
    /// Why the first of them could not be.
    failure: Option<Error>,
}

impl Sweep {
    fn note(&mut self, id: &str, deleted: Result<()>) {
        match deleted {
            Ok(()) => self.began = true,
            // Somebody else was faster.
            Err(error) if error.kind() == ErrorKind::NotFound => {
                self.passed_over.insert(id.to_owned());
            }
            Err(error) => {
                self.passed_over.insert(id.to_owned());
                self.failure.get_or_insert(error);
            }
        }
    }

    fn left(&self) -> u32 {
        u32::try_from(self.passed_over.len()).unwrap_or(u32::MAX)
    }

    /// Nothing was deleted because nothing may be.
    fn is_denied(&self) -> bool {
        let failure = self.failure.as_ref();
        let is_denied = failure.is_some_and(|e| e.kind() == ErrorKind::PermissionDenied);
        is_denied && !self.began
    }

    fn stopped(&self, error: Error) -> Error {
        match self.began {
            true => in_between(error.with_effect(Effect::Partial)),
            false => error,
        }
    }
}

/// What failed in between may have been done in part.
fn in_between(error: Error) -> Error {
    match error.effect() {
        Effect::None => error,
        _ => error
            .with_effect(Effect::Partial)
            .with_hint("Part of the folder may be empty already: repeat the call."),
    }
}
