//! Folders that belong to the organisation.

use crate::connector::Backend;
use crate::error::Result;
use crate::ews::client::Client;
use crate::ews::items::is_too_much;
use crate::ews::mailbox::{lacks, of};
use crate::ews::operation::FindFolder;
use crate::ews::types::{
    BaseShape, Folder as WireFolder, FolderId as WireFolderId, FolderIdRef, FolderShape, Traversal,
};
use crate::ews::{DistinguishedFolderId, convert};
use crate::model::{Folder, FolderId};
use crate::paging::Paging;

const OPERATION: &str = "public_folders";

/// How many folders one request asks for.
const FOLDERS_PER_REQUEST: u32 = 500;

/// The public folders of an organisation, as one account sees them. Only Exchange has them.
///
/// Servers list them level by level; so does this. What is in them is read through a
/// [`Mailbox`](crate::Mailbox) of the same account, by the ids of the folders:
/// [`MailRead::list_messages`](crate::MailRead::list_messages).
///
/// ```no_run
/// # async fn run(connector: exchange_connector::ews::EwsConnector) -> exchange_connector::Result<()> {
/// let public = connector.public_folders();
/// for folder in public.children(None).await? {
///     println!("{}: {:?} items", folder.name, folder.total_items);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct PublicFolders {
    client: Client,
}

impl PublicFolders {
    /// Sends nothing.
    pub(in crate::ews) fn new(client: Client) -> Self {
        Self { client }
    }

    /// The folders directly in this one; those at the top for `None`.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) where the organisation has no public folders or not
    /// this one, [`PermissionDenied`](crate::ErrorKind::PermissionDenied).
    pub async fn children(&self, parent: Option<&FolderId>) -> Result<Vec<Folder>> {
        let parent = match parent {
            Some(id) => FolderIdRef::Id(WireFolderId::new(id.require(Backend::Ews, OPERATION)?)),
            None => DistinguishedFolderId::PublicFoldersRoot.into(),
        };
        let version = self.client.settle_version().await;
        let version = version.map_err(|error| error.with_operation(OPERATION))?;
        let shape = FolderShape::new(BaseShape::IdOnly).with(convert::mail_folder_paths(version));
        let mut paging = Paging::new(FOLDERS_PER_REQUEST);
        let mut folders = Vec::new();
        while let Some(span) = paging.span() {
            let find = FindFolder::new(Traversal::Shallow, shape.clone(), [parent.clone()]);
            let sent = self.client.send(&find.view(span.into())).await;
            let answers = sent.map_err(|error| error.with_operation(OPERATION))?;
            let answer = answers.into_iter().next();
            let answer = answer.ok_or_else(|| lacks(OPERATION, "answer"))?;
            let found = match of(answer, OPERATION) {
                Err(error) if is_too_much(&error) && paging.refused() => continue,
                found => found?,
            };
            let fresh = paging.take(found.folders, raw_id, found.paging.extent());
            folders.extend(fresh.iter().flatten().filter_map(convert::mail_folder));
        }
        Ok(folders)
    }

    /// The folder at the end of a path of names from the top, as `["News", "Local"]`; `None` if
    /// there is none. Names are compared as servers do, in whatever case.
    ///
    /// # Errors
    /// As [`children`](Self::children).
    pub async fn find(&self, path: &[&str]) -> Result<Option<Folder>> {
        let mut found: Option<Folder> = None;
        for name in path {
            let parent = found.as_ref().map(|folder| &folder.id);
            let wanted = name.to_lowercase();
            let children = self.children(parent).await?;
            let mut children = children.into_iter();
            found = children.find(|folder| folder.name.to_lowercase() == wanted);
            if found.is_none() {
                return Ok(None);
            }
        }
        Ok(found)
    }
}

fn raw_id(folder: &WireFolder) -> Option<&str> {
    Some(folder.properties.folder_id.as_ref()?.id.as_str())
}
