//! The calendars of a mailbox.

use super::list::PAGE;
use super::of;
use crate::error::{Error, ErrorKind, Result};
use crate::ews::convert;
use crate::ews::mailbox::{EwsMailbox, lacks};
use crate::ews::operation::{FindFolder, GetFolder};
use crate::ews::types::{
    BaseShape, FieldPath, Folder, FolderShape, Operand, SearchExpression, Traversal, View,
};
use crate::ews::{DistinguishedFolderId, FieldUri};
use crate::listing::{Listing, Page};
use crate::model::CalendarInfo;

const LIST_CALENDARS: &str = "list_calendars";

/// All folders with appointments, the default calendar first; without those that were deleted.
pub(super) fn list(mailbox: EwsMailbox) -> Listing<CalendarInfo> {
    Listing::unfold(Some(mailbox), |mailbox| async move {
        let Some(mailbox) = mailbox else {
            return Ok(None);
        };
        Ok(Some((
            Page::new(find_calendars(&mailbox, LIST_CALENDARS).await?),
            None,
        )))
    })
}

pub(super) async fn find_calendars(
    mailbox: &EwsMailbox,
    operation: &'static str,
) -> Result<Vec<CalendarInfo>> {
    let shape = FolderShape::new(BaseShape::IdOnly)
        .with(convert::folder_paths())
        .with([FieldUri::FolderParentFolderId]);
    let known = [
        mailbox.folder(DistinguishedFolderId::Calendar),
        mailbox.folder(DistinguishedFolderId::DeletedItems),
    ];
    let answers = mailbox
        .send(&GetFolder::new(shape.clone(), known), operation)
        .await?;
    let mut known = answers.into_iter().map(|answer| {
        let folder = of(answer, operation)?.folders.into_iter().next();
        folder.ok_or_else(|| lacks(operation, "folder"))
    });
    let default = known.next().ok_or_else(|| lacks(operation, "answer"))??;
    // Who may see a calendar of somebody else need not see what was deleted.
    let deleted = known.next().and_then(|folder| id(&folder.ok()?));
    let mut others: Vec<Folder> = Vec::new();

    let root = mailbox.folder(DistinguishedFolderId::MsgFolderRoot);
    let is_calendar = SearchExpression::IsEqualTo(
        FieldPath::Field(FieldUri::FolderFolderClass),
        Operand::from("IPF.Appointment"),
    );
    let mut offset = 0;
    loop {
        let find = FindFolder::new(Traversal::Deep, shape.clone(), [root.clone()])
            .view(View::page(offset, PAGE))
            .restriction(is_calendar.clone());
        let found = match mailbox.one(&find, operation).await {
            Ok(found) => found,
            // Somebody may see a calendar without seeing what is around it.
            Err(error) if is_denied(&error) => break,
            Err(error) => return Err(error),
        };
        let count = u32::try_from(found.folders.len()).unwrap_or(u32::MAX);
        others.extend(found.folders);
        let is_last = found.paging.includes_last_item_in_range.unwrap_or(true);
        match next_offset(offset, count, found.paging.indexed_paging_offset, is_last) {
            Some(next) => offset = next,
            None => break,
        }
    }
    let mut calendars: Vec<CalendarInfo> =
        convert::calendar_info(&default, true).into_iter().collect();
    others.retain(|folder| id(folder) != id(&default));
    leave_out(&mut others, deleted);
    let others = others.iter();
    calendars.extend(others.filter_map(|folder| convert::calendar_info(folder, false)));
    Ok(calendars)
}

fn id(folder: &Folder) -> Option<String> {
    folder.properties.folder_id.as_ref().map(|id| id.id.clone())
}

/// Leaves out what is in that folder, and what is in that.
fn leave_out(folders: &mut Vec<Folder>, parent: Option<String>) {
    let mut parents: Vec<String> = parent.into_iter().collect();
    while let Some(parent) = parents.pop() {
        folders.retain(|folder| {
            let within = folder.properties.parent_folder_id.as_ref();
            let is_in = within.is_some_and(|id| id.id == parent);
            if is_in {
                parents.extend(id(folder));
            }
            !is_in
        });
    }
}

fn is_denied(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::PermissionDenied | ErrorKind::NotFound
    )
}

/// Where the next page begins; `None` if there is none, or the server makes no progress.
fn next_offset(offset: u32, count: u32, said: Option<u32>, is_last: bool) -> Option<u32> {
    if is_last || count == 0 {
        return None;
    }
    let counted = offset.saturating_add(count);
    said.filter(|said| *said > offset).or(Some(counted))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ews::types::FolderId;

    #[test]
    fn what_is_in_a_deleted_calendar_is_deleted() {
        let folder = |id: &str, parent: &str| {
            let mut folder = Folder::calendar(id);
            folder.properties.folder_id = Some(FolderId::new(id));
            folder.properties.parent_folder_id = Some(FolderId::new(parent));
            folder
        };
        let mut folders = vec![
            folder("kept", "calendar"),
            folder("inside", "gone"),
            folder("gone", "bin"),
            folder("deeper", "inside"),
        ];
        leave_out(&mut folders, Some("bin".to_owned()));
        let left: Vec<_> = folders.iter().filter_map(id).collect();
        assert_eq!(left, ["kept"]);
    }

    #[test]
    fn paging_ends() {
        assert_eq!(next_offset(0, 10, Some(10), false), Some(10));
        assert_eq!(next_offset(0, 10, None, false), Some(10));
        assert_eq!(next_offset(10, 10, Some(10), false), Some(20));
        assert_eq!(next_offset(10, 0, Some(10), false), None);
        assert_eq!(next_offset(10, 5, Some(15), true), None);
    }
}
