//! Messages about meetings.

use crate::error::Result;
use crate::ews::convert;
use crate::ews::items::present;
use crate::ews::mailbox::EwsMailbox;
use crate::ews::operation::FindItem;
use crate::ews::types::{
    BaseShape, ContainmentComparison, ContainmentMode, FieldOrder, FieldPath, ItemId, ItemShape,
    SearchExpression,
};
use crate::ews::{DistinguishedFolderId, FieldUri};
use crate::listing::{Listing, Page};
use crate::model::MeetingMessage;
use crate::paging::Paging;

const OPERATION: &str = "list_meeting_messages";

/// What the classes of all of them begin with (MS-OXOCAL 2.2.5 and after).
const CLASS: &str = "IPM.Schedule.Meeting";

/// How many come a page.
const PAGE: u32 = 100;

/// Those in the Inbox, newest first.
pub(super) fn list(mailbox: EwsMailbox) -> Listing<MeetingMessage> {
    let state = (mailbox, Paging::new(PAGE));
    Listing::unfold(state, |(mailbox, mut paging)| async move {
        let page = next_page(&mailbox, &mut paging).await?;
        Ok(page.map(|page| (page, (mailbox, paging))))
    })
}

async fn next_page(
    mailbox: &EwsMailbox,
    paging: &mut Paging,
) -> Result<Option<Page<MeetingMessage>>> {
    let inbox = mailbox.folder(DistinguishedFolderId::Inbox);
    // Lists say neither whose meeting it is nor which event it is about: items do.
    let find = FindItem::new(ItemShape::new(BaseShape::IdOnly), [inbox])
        .restriction(SearchExpression::Contains {
            path: FieldPath::Field(FieldUri::ItemItemClass),
            mode: ContainmentMode::Prefixed,
            comparison: ContainmentComparison::IgnoreCase,
            text: CLASS.to_owned(),
        })
        .sort_by(FieldOrder::descending(FieldUri::ItemDateTimeReceived));
    let Some((found, _)) = mailbox.find_page(paging, find, OPERATION).await? else {
        return Ok(None);
    };
    let ids = found.iter().filter_map(|item| item.item_id());
    let ids: Vec<ItemId> = ids.map(|id| ItemId::new(&id.id)).collect();
    let version = mailbox.version(OPERATION).await?;
    let shape = ItemShape::new(BaseShape::IdOnly).with(convert::meeting_paths(version));
    let items = present(mailbox.read_items(&ids, &shape, OPERATION).await?)?;
    let messages = items.iter().filter_map(convert::meeting_message);
    let mut messages: Vec<MeetingMessage> = messages.collect();
    let people = messages.iter_mut().filter_map(|one| one.from.as_mut());
    let people = people.collect();
    mailbox.addresses.resolve(&mailbox.client, people).await;
    Ok(Some(Page::new(messages)))
}
