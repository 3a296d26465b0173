//! Reading folders.

use std::collections::VecDeque;

use super::lacks;
use crate::error::Result;
use crate::graph::call::Call;
use crate::graph::convert;
use crate::graph::mailbox::GraphMailbox;
use crate::graph::page::Page as WirePage;
use crate::graph::permission::Permission;
use crate::graph::wire;
use crate::listing::{Listing, Page};
use crate::mail::tree::in_order;
use crate::model::{Folder, FolderQuery, FolderRef, WellKnownFolder};

const LIST_FOLDERS: &str = "list_folders";

/// How many come in one answer.
const PAGE: &str = "250";

const SELECT: &str =
    "id,displayName,parentFolderId,childFolderCount,unreadItemCount,totalItemCount,isHidden";

/// The folders below a folder.
pub(super) fn list(mailbox: GraphMailbox, query: FolderQuery) -> Listing<Folder> {
    if let Err(error) = convert::folder_path(&query.parent, LIST_FOLDERS) {
        return Listing::from_error(error);
    }
    Listing::unfold(Some((mailbox, query)), |state| async move {
        let Some((mailbox, query)) = state else {
            return Ok(None);
        };
        let found = mailbox.folders_below(&query, LIST_FOLDERS).await?;
        let folders = mailbox.folders_of(&found, LIST_FOLDERS).await?;
        let folders = in_order(folders, query.hidden);
        let count = u64::try_from(folders.len()).unwrap_or(u64::MAX);
        Ok(Some((Page::new(folders).with_total(count), None)))
    })
}

/// What to say of a folder.
fn described(call: Call) -> Call {
    let expand = convert::expand_properties(&[convert::folder_class()]);
    call.query("$select", SELECT)
        .query("$expand", expand.join(","))
}

impl GraphMailbox {
    /// The folders directly in a folder, and if it is a deep query those in these, level by level.
    pub(super) async fn folders_below(
        &self,
        query: &FolderQuery,
        operation: &'static str,
    ) -> Result<Vec<wire::MailFolder>> {
        let first = convert::folder_path(&query.parent, operation)?;
        let call = children(&first, query.hidden, operation);
        let mut folders = self.whole(&call, self.client.page(&call).await?).await?;
        let mut waiting: VecDeque<String> = VecDeque::new();
        let parents = |level: &[wire::MailFolder]| -> Vec<String> {
            let with_children = level.iter().filter(|one| one.child_folder_count != Some(0));
            with_children.filter_map(|one| one.id.clone()).collect()
        };
        if query.deep {
            waiting.extend(parents(&folders));
        }
        while !waiting.is_empty() {
            let calls: Vec<Call> = waiting
                .drain(..)
                .map(|id| children(&id, query.hidden, operation))
                .collect();
            let answers = self.client.batch(&calls).await?;
            for (call, answer) in calls.iter().zip(answers) {
                let page = match answer {
                    Ok(answer) => self.client.read_page(call, &answer)?,
                    // It went meanwhile.
                    Err(error) if error.kind() == crate::ErrorKind::NotFound => continue,
                    Err(error) => return Err(error),
                };
                let level = self.whole(call, page).await?;
                waiting.extend(parents(&level));
                folders.extend(level);
            }
        }
        Ok(folders)
    }

    /// All of a collection, from its first page on.
    async fn whole(
        &self,
        call: &Call,
        first: WirePage<wire::MailFolder>,
    ) -> Result<Vec<wire::MailFolder>> {
        let (mut page, mut folders) = (first, Vec::new());
        loop {
            let next = page.next.take();
            folders.extend(page.readable(call.name));
            match next {
                Some(link) => page = self.client.follow(call, &link).await?,
                None => return Ok(folders),
            }
        }
    }

    /// One folder, as programs get it.
    pub(super) async fn folder_as_it_is(
        &self,
        folder: &FolderRef,
        operation: &'static str,
    ) -> Result<Folder> {
        let path = convert::folder_path(folder, operation)?;
        let path = ["mailFolders", path.as_str()];
        let call = described(Call::get(operation, &path, Permission::MailReadBasic));
        let wire: wire::MailFolder = self.client.json(&call).await?;
        if let FolderRef::WellKnown(known) = folder {
            let mut read = convert::folder(&wire).ok_or_else(|| lacks(operation, "id"))?;
            read.well_known = Some(*known);
            return Ok(read);
        }
        let folder = self.folders_of(&[wire], operation).await?.pop();
        folder.ok_or_else(|| lacks(operation, "id"))
    }

    /// Folders by their ids, each as it is now; nothing for those that are gone.
    pub(super) async fn folders_by_id(
        &self,
        ids: &[String],
        operation: &'static str,
    ) -> Result<Vec<Option<Folder>>> {
        let get = |id: &String| {
            let path = ["mailFolders", id.as_str()];
            described(Call::get(operation, &path, Permission::MailReadBasic))
        };
        let calls: Vec<Call> = ids.iter().map(get).collect();
        let mut read = Vec::with_capacity(ids.len());
        for (call, answer) in calls.iter().zip(self.client.batch(&calls).await?) {
            read.push(match answer {
                Ok(answer) => {
                    let wire: wire::MailFolder = answer.json(call)?;
                    self.folders_of(&[wire], operation).await?.pop()
                }
                Err(error) if error.kind() == crate::ErrorKind::NotFound => None,
                Err(error) => return Err(error),
            });
        }
        Ok(read)
    }
}

fn children(parent: &str, hidden: bool, operation: &'static str) -> Call {
    let root = FolderRef::WellKnown(WellKnownFolder::Root);
    let is_root = convert::folder_path(&root, operation).is_ok_and(|root| root == parent);
    let path: &[&str] = match is_root {
        true => &["mailFolders"],
        false => &["mailFolders", parent, "childFolders"],
    };
    let call = described(Call::get(operation, path, Permission::MailReadBasic));
    let call = call.query("$top", PAGE);
    match hidden {
        true => call.query("includeHiddenFolders", "true"),
        false => call,
    }
}
