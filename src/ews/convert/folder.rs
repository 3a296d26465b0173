use crate::connector::Backend;
use crate::ews::FieldUri;
use crate::ews::types::Folder;
use crate::model::{CalendarId, CalendarInfo};

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
