//! Folders that belong to the organisation.

use crate::connector::Backend;
use crate::error::Result;
use crate::ews::client::Client;
use crate::ews::mailbox::lacks;
use crate::ews::operation::FindFolder;
use crate::ews::types::{
    BaseShape, FolderId as WireFolderId, FolderIdRef, FolderShape, Traversal, View,
};
use crate::ews::{DistinguishedFolderId, FieldUri};
use crate::model::{Folder, FolderId};

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
        let shape = FolderShape::new(BaseShape::IdOnly).with(PATHS.iter().cloned());
        let mut folders = Vec::new();
        loop {
            let offset = u32::try_from(folders.len()).unwrap_or(u32::MAX);
            let find = FindFolder::new(Traversal::Shallow, shape.clone(), [parent.clone()])
                .view(View::page(offset, FOLDERS_PER_REQUEST));
            let sent = self.client.send(&find).await;
            let answers = sent.map_err(|error| error.with_operation(OPERATION))?;
            let answer = answers.into_iter().next();
            let answer = answer.ok_or_else(|| lacks(OPERATION, "answer"))?;
            let found = answer
                .ok()
                .map_err(|refusal| refusal.into_error(OPERATION).with_backend(Backend::Ews))?;
            let is_last = found.paging.includes_last_item_in_range != Some(false);
            let page = found.folders;
            let is_empty = page.is_empty();
            folders.extend(page.iter().filter_map(folder));
            if is_last || is_empty {
                return Ok(folders);
            }
        }
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

const PATHS: &[FieldUri] = &[
    FieldUri::FolderParentFolderId,
    FieldUri::FolderFolderClass,
    FieldUri::FolderDisplayName,
    FieldUri::FolderTotalCount,
    FieldUri::FolderChildFolderCount,
    FieldUri::FolderUnreadCount,
];

fn folder(wire: &crate::ews::types::Folder) -> Option<Folder> {
    let properties = &wire.properties;
    let raw = |id: &str| FolderId::from_raw(Backend::Ews, id);
    let id = raw(&properties.folder_id.as_ref()?.id);
    let mut folder = Folder::new(id, properties.display_name.clone().unwrap_or_default());
    let count = |count: Option<i32>| count.and_then(|count| u32::try_from(count).ok());
    folder.parent = properties.parent_folder_id.as_ref().map(|id| raw(&id.id));
    folder.class.clone_from(&properties.folder_class);
    folder.child_folders = count(properties.child_folder_count);
    folder.total_items = count(properties.total_count);
    folder.unread_items = count(properties.unread_count);
    Some(folder)
}
