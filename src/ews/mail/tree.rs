//! Reading folders.

use crate::error::Result;
use crate::ews::convert;
use crate::ews::items::is_too_much;
use crate::ews::mailbox::{EwsMailbox, lacks};
use crate::ews::operation::{FindFolder, GetFolder};
use crate::ews::types::{BaseShape, Folder as WireFolder, FolderIdRef, FolderShape, Traversal};
use crate::listing::{Listing, Page};
use crate::mail::tree::in_order;
use crate::model::{Folder, FolderQuery, FolderRef};
use crate::paging::Paging;

const LIST_FOLDERS: &str = "list_folders";

/// How many come in one answer: as many as servers give at most by default.
const PAGE: u32 = 1000;

/// The folders below a folder.
pub(super) fn list(mailbox: EwsMailbox, query: FolderQuery) -> Listing<Folder> {
    let parent = match mailbox.mail_folder(&query.parent, LIST_FOLDERS) {
        Ok(parent) => parent,
        Err(error) => return Listing::from_error(error),
    };
    let state = Some((mailbox, query, parent));
    Listing::unfold(state, |state| async move {
        let Some((mailbox, query, parent)) = state else {
            return Ok(None);
        };
        let found = mailbox
            .find_folders(parent, query.deep, LIST_FOLDERS)
            .await?;
        let folders = mailbox.folders_of(&found, LIST_FOLDERS).await?;
        let folders = in_order(folders, query.hidden);
        let count = u64::try_from(folders.len()).unwrap_or(u64::MAX);
        Ok(Some((Page::new(folders).with_total(count), None)))
    })
}

impl EwsMailbox {
    /// All folders in a folder, and if `deep` in those too.
    pub(super) async fn find_folders(
        &self,
        parent: FolderIdRef,
        deep: bool,
        operation: &'static str,
    ) -> Result<Vec<WireFolder>> {
        let traversal = match deep {
            true => Traversal::Deep,
            false => Traversal::Shallow,
        };
        let shape = self.folder_shape(operation).await?;
        let find = FindFolder::new(traversal, shape, [parent]);
        let mut paging = Paging::new(PAGE);
        let mut folders = Vec::new();
        while let Some(span) = paging.span() {
            let page = find.clone().view(span.into());
            let found = match self.one(&page, operation).await {
                Err(error) if is_too_much(&error) && paging.refused() => continue,
                found => found?,
            };
            let fresh = paging.take(found.folders, raw_id, found.paging.extent());
            folders.extend(fresh.into_iter().flatten());
        }
        Ok(folders)
    }

    pub(super) async fn folder_shape(&self, operation: &'static str) -> Result<FolderShape> {
        let version = self.version(operation).await?;
        Ok(FolderShape::new(BaseShape::IdOnly).with(convert::mail_folder_paths(version)))
    }

    /// One folder, as programs get it.
    pub(super) async fn folder_as_it_is(
        &self,
        folder: &FolderRef,
        operation: &'static str,
    ) -> Result<Folder> {
        let wire = self.wire_folder(folder, operation).await?;
        if let FolderRef::WellKnown(known) = folder {
            let mut read =
                convert::mail_folder(&wire).ok_or_else(|| lacks(operation, "FolderId"))?;
            read.well_known = Some(*known);
            return Ok(read);
        }
        let folders = self.folders_of(&[wire], operation).await?;
        let folder = folders.into_iter().next();
        folder.ok_or_else(|| lacks(operation, "FolderId"))
    }

    pub(super) async fn wire_folder(
        &self,
        folder: &FolderRef,
        operation: &'static str,
    ) -> Result<WireFolder> {
        let id = self.mail_folder(folder, operation)?;
        let shape = self.folder_shape(operation).await?;
        let found = self.one(&GetFolder::new(shape, [id]), operation).await?;
        let folder = found.folders.into_iter().next();
        folder.ok_or_else(|| lacks(operation, "folder"))
    }
}

fn raw_id(folder: &WireFolder) -> Option<&str> {
    Some(folder.properties.folder_id.as_ref()?.id.as_str())
}
