//! The calendars of a mailbox.

use super::list::PAGE;
use crate::error::{Error, ErrorKind, Result};
use crate::ews::convert;
use crate::ews::mailbox::{EwsMailbox, lacks};
use crate::ews::operation::{FindFolder, GetFolder};
use crate::ews::types::{
    BaseShape, FieldPath, FolderShape, Operand, SearchExpression, Traversal, View,
};
use crate::ews::{DistinguishedFolderId, FieldUri};
use crate::listing::{Listing, Page};
use crate::model::CalendarInfo;

const LIST_CALENDARS: &str = "list_calendars";

/// All folders with appointments, the default calendar first.
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
    let shape = FolderShape::new(BaseShape::IdOnly).with(convert::folder_paths());
    let default = mailbox.folder(DistinguishedFolderId::Calendar);
    let default = mailbox
        .one(&GetFolder::new(shape, [default]), operation)
        .await?;
    let default = default.folders.into_iter().next();
    let default = default.ok_or_else(|| lacks(operation, "folder"))?;
    let default = convert::calendar_info(&default, true);
    let default = default.ok_or_else(|| lacks(operation, "FolderId"))?;

    // Somebody may see a calendar, and those in it, without seeing what is around it.
    let mut others = Vec::new();
    for root in [
        DistinguishedFolderId::MsgFolderRoot,
        DistinguishedFolderId::Calendar,
    ] {
        match calendars_under(mailbox, root, operation).await {
            Err(error) if is_denied(&error) => {}
            found => {
                others = found?;
                break;
            }
        }
    }
    others.retain(|other| other.id != default.id);
    others.insert(0, default);
    Ok(others)
}

async fn calendars_under(
    mailbox: &EwsMailbox,
    root: DistinguishedFolderId,
    operation: &'static str,
) -> Result<Vec<CalendarInfo>> {
    let is_calendar = SearchExpression::IsEqualTo(
        FieldPath::Field(FieldUri::FolderFolderClass),
        Operand::from("IPF.Appointment"),
    );
    let shape = FolderShape::new(BaseShape::IdOnly).with(convert::folder_paths());
    let find = FindFolder::new(Traversal::Deep, shape, [mailbox.folder(root)]);
    let find = find.restriction(is_calendar);
    let mut calendars = Vec::new();
    let mut offset = 0;
    loop {
        let page = find.clone().view(View::page(offset, PAGE));
        let found = mailbox.one(&page, operation).await?;
        let infos = found.folders.iter();
        calendars.extend(infos.filter_map(|folder| convert::calendar_info(folder, false)));
        let count = u32::try_from(found.folders.len()).unwrap_or(u32::MAX);
        let is_last = found.paging.includes_last_item_in_range.unwrap_or(true);
        match next_offset(offset, count, found.paging.indexed_paging_offset, is_last) {
            Some(next) => offset = next,
            None => return Ok(calendars),
        }
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

    #[test]
    fn paging_ends() {
        assert_eq!(next_offset(0, 10, Some(10), false), Some(10));
        assert_eq!(next_offset(0, 10, None, false), Some(10));
        assert_eq!(next_offset(10, 10, Some(10), false), Some(20));
        assert_eq!(next_offset(10, 0, Some(10), false), None);
        assert_eq!(next_offset(10, 5, Some(15), true), None);
    }
}
