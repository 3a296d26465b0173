//! DeleteItem.

use roxmltree::Node;

use super::Call;
use super::children;
use super::create_item::save_copy;
use crate::simulator::item::{Item, ItemKind, Recipient};
use crate::simulator::meeting::{Notice, notify};
use crate::simulator::refusal::{Fault, Refusal};
use crate::simulator::soap::responses;

/// <https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/deleteitem-operation>
pub(super) fn run(call: &mut Call<'_>, operation: Node<'_, '_>) -> Result<String, Fault> {
    let ids: Vec<_> = children(operation, "ItemIds").collect();
    let mut results = Vec::with_capacity(ids.len());
    for node in ids {
        results.push(delete(call, operation, node));
    }
    Ok(responses("DeleteItem", &results, "", |_, ()| ()))
}

fn delete(call: &mut Call<'_>, operation: Node<'_, '_>, node: Node<'_, '_>) -> Result<(), Refusal> {
    let found = call.item(node)?;
    call.require_write(&found)?;
    let how = operation.attribute("DeleteType").unwrap_or("HardDelete");
    if found.item.kind == ItemKind::CalendarItem {
        let sending = operation
            .attribute("SendMeetingCancellations")
            .ok_or_else(|| {
                Refusal::new(
                    "ErrorSendMeetingCancellationsRequired",
                    "The SendMeetingCancellations attribute is required for calendar items.",
                )
            })?;
        return delete_event(call, found.owner, &found.item, how, sending);
    }
    dispose(call, found.owner, &found.item, how)
}

/// Takes an event out of its calendar; an organizer's meeting is cancelled where `sending` says so.
pub(in crate::simulator) fn delete_event(
    call: &mut Call<'_>,
    owner: usize,
    item: &Item,
    how: &str,
    sending: &str,
) -> Result<(), Refusal> {
    let cancels =
        sending != "SendToNone" && item.is_meeting() && item.is_organizer() && !item.is_cancelled();
    if cancels {
        let attendees: Vec<Recipient> = item.attendees().cloned().collect();
        notify(call.store, item, &attendees, Notice::Cancellation, call.now);
        if sending == "SendToAllAndSaveCopy" {
            save_copy(call, item, ItemKind::MeetingCancellation);
        }
    }
    dispose(call, owner, item, how)
}

/// Takes an item, or one occurrence of a series, out of its folder.
pub(in crate::simulator) fn dispose(
    call: &mut Call<'_>,
    owner: usize,
    item: &Item,
    how: &str,
) -> Result<(), Refusal> {
    let name = call.caller_name();
    if let Some(occurrence) = item.occurrence {
        let master = call
            .store
            .mailboxes
            .get_mut(owner)
            .and_then(|mailbox| mailbox.items.get_mut(&item.number))
            .ok_or_else(Refusal::not_found)?;
        master.exceptions.remove(&occurrence.original);
        master.deleted.insert(occurrence.original);
        call.store.touch(owner, item.number, &name, call.now);
        return Ok(());
    }
    let mut removed = call
        .store
        .remove(owner, item.number)
        .ok_or_else(Refusal::not_found)?;
    let bin = match how {
        "MoveToDeletedItems" => "deleteditems",
        "SoftDelete" => "recoverableitemsdeletions",
        _ => return Ok(()),
    };
    let folder = call.mailbox(owner)?.folder_number(bin);
    // What is deleted from the bin is gone.
    if removed.folder != folder {
        if how == "SoftDelete" {
            removed.deleted_from = Some(removed.folder);
        }
        call.store.put_back(owner, folder, removed, &name, call.now);
    }
    Ok(())
}
