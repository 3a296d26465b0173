//! Making, renaming and deleting calendars.

use super::of;
use crate::connector::Backend;
use crate::error::{Effect, Error, ErrorKind, Result};
use crate::ews::mailbox::{EwsMailbox, lacks};
use crate::ews::operation::{CreateFolder, DeleteFolder, DeleteType, GetFolder, UpdateFolder};
use crate::ews::types::{BaseShape, Folder, FolderChange, FolderId, FolderIdRef, FolderShape};
use crate::ews::{DistinguishedFolderId, FieldUri, convert};
use crate::model::{CalendarId, CalendarInfo};

impl EwsMailbox {
    /// A calendar below the default one, where Outlook puts those it makes.
    pub(super) async fn make_calendar(&self, name: &str) -> Result<CalendarInfo> {
        const OPERATION: &str = "create_calendar";
        convert::check_folder_name("calendar", name, OPERATION)?;
        let parent = self.folder(DistinguishedFolderId::Calendar);
        let create = CreateFolder::new(parent, [Folder::calendar(name)]);
        let made = self.one(&create, OPERATION).await?;
        let id = made.folders.into_iter().next();
        let id = id.and_then(|folder| folder.properties.folder_id);
        let id = id.ok_or_else(|| {
            lacks(OPERATION, "FolderId for what it created").with_effect(Effect::Partial)
        })?;
        self.calendar_as_it_is(id, OPERATION).await.map_err(unread)
    }

    pub(super) async fn name_calendar(&self, id: &CalendarId, name: &str) -> Result<CalendarInfo> {
        const OPERATION: &str = "rename_calendar";
        convert::check_folder_name("calendar", name, OPERATION)?;
        let id = self.calendar_to_change(id, OPERATION).await?;
        let change = FolderChange::new(id.clone()).set(Folder::calendar(name));
        let update = UpdateFolder::new([change]);
        self.one(&update, OPERATION).await?;
        self.calendar_as_it_is(id, OPERATION).await.map_err(unread)
    }

    pub(super) async fn drop_calendar(&self, id: &CalendarId) -> Result<()> {
        const OPERATION: &str = "delete_calendar";
        let id = self.calendar_to_change(id, OPERATION).await?;
        let delete = DeleteFolder::new(DeleteType::MoveToDeletedItems, [id]);
        self.one(&delete, OPERATION).await
    }

    async fn calendar_as_it_is(
        &self,
        id: FolderId,
        operation: &'static str,
    ) -> Result<CalendarInfo> {
        let shape = FolderShape::new(BaseShape::IdOnly).with(convert::folder_paths());
        // The state of a moment ago may be gone already.
        let id = FolderIdRef::Id(FolderId::new(id.id));
        let found = self.one(&GetFolder::new(shape, [id]), operation).await?;
        let info = found.folders.first();
        let info = info.and_then(|folder| convert::calendar_info(folder, false));
        info.ok_or_else(|| lacks(operation, "folder"))
    }

    /// Finds out whether it is a calendar that may be changed: not the default one, not one that
    /// was deleted, and no folder of another kind.
    async fn calendar_to_change(
        &self,
        id: &CalendarId,
        operation: &'static str,
    ) -> Result<FolderId> {
        let id = FolderId::new(id.require(Backend::Ews, operation)?);
        let shape = FolderShape::new(BaseShape::IdOnly)
            .with([FieldUri::FolderParentFolderId, FieldUri::FolderFolderClass]);
        let folders = [
            FolderIdRef::Id(id.clone()),
            self.folder(DistinguishedFolderId::Calendar),
            self.folder(DistinguishedFolderId::DeletedItems),
        ];
        let answers = self
            .send(&GetFolder::new(shape, folders), operation)
            .await?;
        let mut found = answers.into_iter().map(|answer| {
            let folders = of(answer, operation)?.folders;
            let folder = folders.into_iter().next();
            folder.ok_or_else(|| lacks(operation, "folder"))
        });
        let mut next = || {
            found
                .next()
                .unwrap_or_else(|| Err(lacks(operation, "folder")))
        };
        let (folder, default, deleted) = (next()?, next(), next());

        // Who may see only this calendar may not see the others.
        let id_of = |folder: Result<Folder>| Some(folder.ok()?.properties.folder_id?.id);
        let own = folder.properties.folder_id.map(|id| id.id);
        let parent = folder.properties.parent_folder_id.map(|id| id.id);
        let class = folder.properties.folder_class.unwrap_or_default();
        let (default, deleted) = (id_of(default), id_of(deleted));
        let refuse = |kind, problem: &str| {
            Err(Error::new(kind, operation, problem).with_backend(Backend::Ews))
        };
        if folder.kind != "CalendarFolder" && !class.starts_with("IPF.Appointment") {
            return refuse(ErrorKind::InvalidId, "the folder is no calendar");
        }
        if default.is_some() && own == default {
            let problem = "the default calendar of a mailbox stays, with its name";
            return refuse(ErrorKind::InvalidState, problem);
        }
        if deleted.is_some() && parent == deleted {
            return refuse(ErrorKind::NotFound, "the calendar was deleted");
        }
        Ok(id)
    }
}

fn unread(error: Error) -> Error {
    error.with_effect(Effect::Partial).with_hint(
        "The calendar was written, but could not be read back: list the calendars again.",
    )
}
