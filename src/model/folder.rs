//! Folders.

use serde::{Deserialize, Serialize};

use super::FolderId;

/// A folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Folder {
    /// Its id.
    pub id: FolderId,
    /// Its name.
    pub name: String,
    /// The folder it is in; `None` where the server does not say.
    pub parent: Option<FolderId>,
    /// What every mailbox has it for, if that is known. EWS says so from Exchange 2013 on; before, the ids of the
    /// well-known folders are looked up.
    pub well_known: Option<WellKnownFolder>,
    /// What it holds, as a MAPI container class such as `IPF.Note` (MS-OXOSFLD 2.2.6); `None` where it has none.
    pub class: Option<String>,
    /// How many folders are directly in it.
    pub child_folders: Option<u32>,
    /// How many items are in it.
    pub total_items: Option<u32>,
    /// How many of them are unread.
    pub unread_items: Option<u32>,
    /// Mail programs do not show it (PidTagAttributeHidden).
    pub is_hidden: bool,
}

impl Folder {
    /// A folder of which only this is known.
    pub fn new(id: FolderId, name: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
            parent: None,
            well_known: None,
            class: None,
            child_folders: None,
            total_items: None,
            unread_items: None,
            is_hidden: false,
        }
    }

    /// Whether messages belong in it: its class is `IPF.Note` or below, or it has none.
    pub fn holds_messages(&self) -> bool {
        self.class.as_deref().is_none_or(|class| {
            let class = class.to_ascii_lowercase();
            class.is_empty() || class == "ipf.note" || class.starts_with("ipf.note.")
        })
    }
}

/// A folder to work on.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FolderRef {
    /// The folder with this id.
    Id(FolderId),
    /// The folder every mailbox has for this.
    WellKnown(WellKnownFolder),
}

impl From<FolderId> for FolderRef {
    fn from(id: FolderId) -> Self {
        Self::Id(id)
    }
}

impl From<&Folder> for FolderRef {
    fn from(folder: &Folder) -> Self {
        Self::Id(folder.id.clone())
    }
}

impl From<WellKnownFolder> for FolderRef {
    fn from(folder: WellKnownFolder) -> Self {
        Self::WellKnown(folder)
    }
}

/// A folder that mailboxes have by themselves, in whatever language it is shown.
///
/// EWS `DistinguishedFolderId`, Graph well-known folder name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WellKnownFolder {
    /// Where all folders a person sees are in. EWS and Graph `msgfolderroot`.
    Root,
    /// What arrives.
    Inbox,
    /// What is not sent yet.
    Drafts,
    /// Copies of what was sent.
    SentItems,
    /// What was deleted, until it is emptied.
    DeletedItems,
    /// What was taken for unwanted.
    JunkEmail,
    /// What is on its way out.
    Outbox,
    /// Where "archive" in mail programs puts messages. EWS: Exchange 2016; not every mailbox has it.
    Archive,
    /// Chats kept by Skype for Business. EWS: Exchange 2013.
    ConversationHistory,
    /// Folders that are searches.
    SearchFolders,
    /// What was deleted for good by the user, but can be taken back for some days. EWS: Exchange 2010.
    RecoverableDeletions,
    /// Troubles of Outlook with synchronising. EWS: Exchange 2013.
    SyncIssues,
    /// Of these, conflicts. EWS: Exchange 2013.
    Conflicts,
    /// Of these, what could not be sent to the server. EWS: Exchange 2013.
    LocalFailures,
    /// Of these, what could not be fetched from it. EWS: Exchange 2013.
    ServerFailures,
}

/// Which folders to list.
///
/// ```
/// use exchange_connector::model::{FolderQuery, WellKnownFolder};
///
/// let everything = FolderQuery::tree();
/// let below_inbox = FolderQuery::children(WellKnownFolder::Inbox);
/// assert!(everything.deep && !below_inbox.deep);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FolderQuery {
    /// In which folder.
    pub parent: FolderRef,
    /// Those in its folders too, and so on.
    pub deep: bool,
    /// Also those that mail programs do not show.
    pub hidden: bool,
}

impl FolderQuery {
    /// All folders a person sees, each after the one it is in.
    pub fn tree() -> Self {
        Self::children(WellKnownFolder::Root).deep()
    }

    /// The folders directly in this one.
    pub fn children(parent: impl Into<FolderRef>) -> Self {
        Self {
            parent: parent.into(),
            deep: false,
            hidden: false,
        }
    }

    /// Those in its folders too, and so on.
    #[must_use]
    pub fn deep(mut self) -> Self {
        self.deep = true;
        self
    }

    /// Also those that mail programs do not show.
    #[must_use]
    pub fn with_hidden(mut self) -> Self {
        self.hidden = true;
        self
    }
}
