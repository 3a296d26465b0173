//! Folders.

use crate::connector::Backend;
use crate::error::{Error, Result};
use crate::graph::wire;
use crate::model::{Folder, FolderId, FolderRef, PropertyKind, PropertyName, WellKnownFolder};

use super::extended_property::extended_properties;

/// PidTagContainerClass (MS-OXOCFG 2.2.5).
const CLASS: (u16, PropertyKind) = (0x3613, PropertyKind::String);

/// What to ask for besides, to know what a folder holds.
pub(in crate::graph) fn class() -> PropertyName {
    PropertyName::tag(CLASS.0, CLASS.1)
}

/// Refuses what no folder can be called.
pub(in crate::graph) fn check_folder_name(name: &str, operation: &'static str) -> Result<()> {
    if name.trim().is_empty() || name.contains(char::is_control) {
        let problem = format!("a folder cannot be called {name:?}");
        return Err(Error::invalid_argument(operation, problem).with_backend(Backend::Graph));
    }
    Ok(())
}

/// A folder; `None` for one without an identifier.
pub(in crate::graph) fn folder(wire: &wire::MailFolder) -> Option<Folder> {
    let raw = |id: &String| FolderId::from_raw(Backend::Graph, id.as_str());
    let count = |count: Option<i64>| count.and_then(|count| u32::try_from(count).ok());
    let name = wire.display_name.clone().unwrap_or_default();
    let mut read = Folder::new(raw(wire.id.as_ref()?), name);
    read.parent = wire.parent_folder_id.as_ref().map(raw);
    read.child_folders = count(wire.child_folder_count);
    read.total_items = count(wire.total_item_count);
    read.unread_items = count(wire.unread_item_count);
    read.is_hidden = wire.is_hidden.unwrap_or_default();
    let single = wire.single_value_extended_properties.as_ref();
    let class = extended_properties(single, None, &[class()]);
    let class = class.first().and_then(|class| class.value.first());
    read.class = class.map(str::to_owned);
    Some(read)
}

/// The folders programs may ask for by what they are for, and what Graph calls them.
///
/// Source: <https://learn.microsoft.com/graph/api/resources/mailfolder>
pub(in crate::graph) const WELL_KNOWN: &[(WellKnownFolder, &str)] = &[
    (WellKnownFolder::Root, "msgfolderroot"),
    (WellKnownFolder::Inbox, "inbox"),
    (WellKnownFolder::Drafts, "drafts"),
    (WellKnownFolder::SentItems, "sentitems"),
    (WellKnownFolder::DeletedItems, "deleteditems"),
    (WellKnownFolder::JunkEmail, "junkemail"),
    (WellKnownFolder::Outbox, "outbox"),
    (WellKnownFolder::Archive, "archive"),
    (WellKnownFolder::ConversationHistory, "conversationhistory"),
    (WellKnownFolder::SearchFolders, "searchfolders"),
    (
        WellKnownFolder::RecoverableDeletions,
        "recoverableitemsdeletions",
    ),
    (WellKnownFolder::SyncIssues, "syncissues"),
    (WellKnownFolder::Conflicts, "conflicts"),
    (WellKnownFolder::LocalFailures, "localfailures"),
    (WellKnownFolder::ServerFailures, "serverfailures"),
];

/// What Graph calls a folder that every mailbox has.
pub(in crate::graph) fn well_known_name(folder: WellKnownFolder) -> Option<&'static str> {
    let mut list = WELL_KNOWN.iter();
    list.find(|(known, _)| *known == folder)
        .map(|(_, name)| *name)
}

/// The segment of a path that stands for a folder.
pub(in crate::graph) fn folder_path(folder: &FolderRef, operation: &'static str) -> Result<String> {
    match folder {
        FolderRef::Id(id) => id.require(Backend::Graph, operation).map(str::to_owned),
        FolderRef::WellKnown(known) => {
            let name = well_known_name(*known).ok_or_else(|| {
                let problem = format!("Graph has no name for the folder {known:?}");
                Error::unsupported(operation, problem).with_backend(Backend::Graph)
            });
            name.map(str::to_owned)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_as_it_comes() {
        let wire = r#"{"id":"AAMk","displayName":"Inbox","parentFolderId":"AAMl","childFolderCount":2,
            "totalItemCount":-1,"isHidden":true,
            "singleValueExtendedProperties":[{"id":"String 0x3613","value":"IPF.Note"}]}"#;
        let read = folder(&serde_json::from_str(wire).unwrap()).unwrap();
        assert_eq!((read.id.as_raw(), read.name.as_str()), ("AAMk", "Inbox"));
        assert_eq!((read.child_folders, read.total_items), (Some(2), None));
        assert!(read.is_hidden && read.holds_messages());
        assert_eq!(read.class.as_deref(), Some("IPF.Note"));
        assert_eq!(folder(&serde_json::from_str("{}").unwrap()), None);
    }

    #[test]
    fn foreign_folders_are_refused() {
        let foreign = FolderRef::Id(FolderId::from_raw(Backend::Ews, "AAMk"));
        assert!(folder_path(&foreign, "t").is_err());
        assert_eq!(
            folder_path(&WellKnownFolder::Root.into(), "t").unwrap(),
            "msgfolderroot"
        );
        assert!(check_folder_name(" ", "t").is_err());
    }
}
