//! Folders that belong to the organisation: a tree that everybody reads.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::item::Address;
use super::server::lock;
use super::store::{Folder, Mailbox, Store};
use super::zone::Zone;
use super::{Simulator, SimulatorError};

/// What the root of the tree is called in requests.
pub(super) const ROOT: &str = "publicfoldersroot";

impl Store {
    /// Makes the tree, which has nothing in it.
    pub(super) fn add_public_folders(&mut self, zone: Zone) {
        let address = Address {
            name: "Public Folders".to_owned(),
            email: Simulator::PUBLIC_FOLDERS.to_owned(),
        };
        // Nobody logs on to it.
        self.add_mailbox(address, Uuid::new_v4().to_string(), zone);
        let number = self.next();
        if let Some(mailbox) = self.mailboxes.last_mut() {
            let root = Folder::new(number, None, "IPF", "IPM_SUBTREE");
            let root = Folder {
                distinguished: Some(ROOT),
                ..root
            };
            mailbox.folders = BTreeMap::from([(number, root)]);
        }
        self.public = self.mailboxes.len().checked_sub(1);
    }

    /// Whether a mailbox is that of the public folders.
    pub(super) fn is_public(&self, mailbox: &Mailbox) -> bool {
        let public = self.public.and_then(|owner| self.mailboxes.get(owner));
        public.is_some_and(|public| public.guid == mailbox.guid)
    }
}

impl Simulator {
    /// What stands for the mailbox of the public folders in [`plant`](Self::plant),
    /// [`item_ids`](Self::item_ids) and [`grant_folder`](Self::grant_folder).
    pub const PUBLIC_FOLDERS: &str = "publicfolders@example.test";

    /// Makes a public folder and returns its FolderId. `parent` is the FolderId of another one, or
    /// `publicfoldersroot`. Everybody reads it; to write is granted with
    /// [`grant_folder`](Self::grant_folder).
    ///
    /// # Errors
    /// [`SimulatorError::NotFound`] where there is no such parent.
    pub fn add_public_folder(
        &self,
        parent: &str,
        class: &str,
        name: &str,
    ) -> Result<String, SimulatorError> {
        let unknown = || SimulatorError::NotFound(format!("public folder {parent}"));
        let mut store = lock(&self.shared.store);
        let owner = store.public.ok_or_else(unknown)?;
        let mailbox = store.mailboxes.get(owner).ok_or_else(unknown)?;
        let parent = mailbox.named(parent).ok_or_else(unknown)?.number;
        let number = store.add_folder(owner, parent, class, name);
        let number = number.ok_or_else(unknown)?;
        let mailbox = store.mailboxes.get(owner).ok_or_else(unknown)?;
        Ok(mailbox.folder_id(number))
    }
}
