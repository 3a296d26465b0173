use super::event::known;
use super::property;
use crate::connector::Backend;
use crate::error::{Error, Result};
use crate::ews::operation::DeleteType;
use crate::ews::types::{ExtendedFieldUri, FieldPath, Folder, MapiPropertyType, PropertyValue};
use crate::ews::{DistinguishedFolderId, FieldUri, ServerVersion};
use crate::model::{self, CalendarId, CalendarInfo, DeleteMode, FolderId, WellKnownFolder};

/// What a server does to delete.
pub(crate) fn delete_type(mode: DeleteMode) -> DeleteType {
    match mode {
        DeleteMode::Trash => DeleteType::MoveToDeletedItems,
        DeleteMode::Recoverable => DeleteType::SoftDelete,
        DeleteMode::Permanent => DeleteType::HardDelete,
    }
}

/// Refuses what no folder can be called; `what` is what it is for.
pub(crate) fn check_folder_name(what: &str, name: &str, operation: &'static str) -> Result<()> {
    if name.trim().is_empty() || name.contains(char::is_control) {
        let problem = format!("a {what} cannot be called {name:?}");
        return Err(Error::invalid_argument(operation, problem).with_backend(Backend::Ews));
    }
    Ok(())
}

/// What to read of a folder to know the calendar.
pub(crate) fn paths() -> [FieldUri; 3] {
    [
        FieldUri::FolderDisplayName,
        FieldUri::FolderFolderClass,
        FieldUri::FolderEffectiveRights,
    ]
}

/// A calendar; `None` for a folder without an identifier.
///
/// Servers before 2010 do not say whether private items can be seen; then the owner of the mailbox
/// may, which is what a right to change the folder comes nearest to.
pub(crate) fn calendar_info(folder: &Folder, is_default: bool) -> Option<CalendarInfo> {
    let properties = &folder.properties;
    let id = properties.folder_id.as_ref()?;
    let rights = properties.effective_rights.clone().unwrap_or_default();
    let can_edit = rights.create_contents.unwrap_or_default();
    let mut info = CalendarInfo::new(
        CalendarId::from_raw(Backend::Ews, id.id.as_str()),
        properties.display_name.clone().unwrap_or_default(),
    );
    info.is_default = is_default;
    info.can_edit = can_edit;
    info.can_view_private = rights
        .view_private_items
        .unwrap_or_else(|| rights.modify.unwrap_or_default());
    Some(info)
}

/// PidTagAttributeHidden (MS-OXOFLDER 2.2.2.2.1).
const HIDDEN: u16 = 0x10f4;

/// What to read of a folder on that version.
pub(crate) fn mail_folder_paths(version: ServerVersion) -> Vec<FieldPath> {
    let mut paths = known(PATHS, version);
    let hidden = ExtendedFieldUri::tag(HIDDEN, MapiPropertyType::Boolean);
    paths.push(hidden.into());
    paths
}

const PATHS: &[FieldUri] = &[
    FieldUri::FolderParentFolderId,
    FieldUri::FolderFolderClass,
    FieldUri::FolderDisplayName,
    FieldUri::FolderTotalCount,
    FieldUri::FolderChildFolderCount,
    FieldUri::FolderDistinguishedFolderId,
    FieldUri::FolderUnreadCount,
];

/// A folder; `None` for one without an identifier.
pub(crate) fn mail_folder(folder: &Folder) -> Option<model::Folder> {
    let properties = &folder.properties;
    let raw = |id: &str| FolderId::from_raw(Backend::Ews, id);
    let id = raw(&properties.folder_id.as_ref()?.id);
    let count = |count: Option<i32>| count.and_then(|count| u32::try_from(count).ok());
    let name = properties.display_name.clone().unwrap_or_default();
    let mut read = model::Folder::new(id, name);
    read.parent = properties.parent_folder_id.as_ref().map(|id| raw(&id.id));
    let distinguished = properties.distinguished_folder_id.as_ref();
    read.well_known = distinguished.and_then(well_known);
    read.class.clone_from(&properties.folder_class);
    read.child_folders = count(properties.child_folder_count);
    read.total_items = count(properties.total_count);
    read.unread_items = count(properties.unread_count);
    let list = properties.extended_properties.iter();
    let mut extended = list.flat_map(|list| &list.0);
    let hidden = extended.find(|one| property::tag_of(&one.uri) == Some(HIDDEN));
    read.is_hidden = hidden.is_some_and(|one| match &one.value {
        PropertyValue::Value(value) => matches!(value.as_str(), "true" | "1"),
        PropertyValue::Values(_) => false,
    });
    Some(read)
}

/// The folders programs may ask for by what they are for, and what EWS calls them.
pub(crate) const WELL_KNOWN: &[(WellKnownFolder, DistinguishedFolderId)] = &[
    (WellKnownFolder::Root, DistinguishedFolderId::MsgFolderRoot),
    (WellKnownFolder::Inbox, DistinguishedFolderId::Inbox),
    (WellKnownFolder::Drafts, DistinguishedFolderId::Drafts),
    (WellKnownFolder::SentItems, DistinguishedFolderId::SentItems),
    (
        WellKnownFolder::DeletedItems,
        DistinguishedFolderId::DeletedItems,
    ),
    (WellKnownFolder::JunkEmail, DistinguishedFolderId::JunkEmail),
    (WellKnownFolder::Outbox, DistinguishedFolderId::Outbox),
    (WellKnownFolder::Archive, DistinguishedFolderId::Archive),
    (
        WellKnownFolder::ConversationHistory,
        DistinguishedFolderId::ConversationHistory,
    ),
    (
        WellKnownFolder::SearchFolders,
        DistinguishedFolderId::SearchFolders,
    ),
    (
        WellKnownFolder::RecoverableDeletions,
        DistinguishedFolderId::RecoverableItemsDeletions,
    ),
    (
        WellKnownFolder::SyncIssues,
        DistinguishedFolderId::SyncIssues,
    ),
    (WellKnownFolder::Conflicts, DistinguishedFolderId::Conflicts),
    (
        WellKnownFolder::LocalFailures,
        DistinguishedFolderId::LocalFailures,
    ),
    (
        WellKnownFolder::ServerFailures,
        DistinguishedFolderId::ServerFailures,
    ),
];

pub(crate) fn well_known(id: &DistinguishedFolderId) -> Option<WellKnownFolder> {
    let mut list = WELL_KNOWN.iter();
    list.find(|(_, own)| own == id).map(|(known, _)| *known)
}

/// What EWS calls a folder that every mailbox has.
pub(crate) fn distinguished(folder: WellKnownFolder) -> Option<DistinguishedFolderId> {
    let mut list = WELL_KNOWN.iter();
    list.find(|(known, _)| *known == folder)
        .map(|(_, id)| id.clone())
}
