//! EmptyFolder and MarkAllItemsAsRead: what is done with all that is in a folder.

use roxmltree::Node;

use super::delete_item::dispose;
use super::manage_folders::remove;
use super::{Call, children};
use crate::simulator::item::{Item, READ};
use crate::simulator::property::Value;
use crate::simulator::refusal::{Fault, Refusal};
use crate::simulator::request::Element as _;
use crate::simulator::soap::responses;
use crate::simulator::store::CalendarRights;

/// <https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/emptyfolder-operation>
pub(super) fn empty(call: &mut Call<'_>, operation: Node<'_, '_>) -> Result<String, Fault> {
    let how = operation.attribute("DeleteType").unwrap_or("HardDelete");
    let deep = matches!(operation.attribute("DeleteSubFolders"), Some("true" | "1"));
    let ids: Vec<_> = children(operation, "FolderIds").collect();
    let mut results = Vec::with_capacity(ids.len());
    for id in ids {
        results.push(empty_one(call, how, deep, id));
    }
    Ok(responses("EmptyFolder", &results, "", |_, ()| ()))
}

fn empty_one(call: &mut Call<'_>, how: &str, deep: bool, id: Node<'_, '_>) -> Result<(), Refusal> {
    let (owner, number) = call.folder(id)?;
    call.require(owner, number, CalendarRights::Editor)?;
    let mailbox = call.mailbox(owner)?;
    let folder = mailbox
        .folders
        .get(&number)
        .ok_or_else(Refusal::not_found)?;
    // Emptying a calendar would call off nothing of what is in it.
    if folder.class == "IPF.Appointment" || folder.class == "IPF" {
        return Err(Refusal::new(
            "ErrorCannotEmptyFolder",
            "Emptying of the folder is not allowed.",
        ));
    }
    let items: Vec<Item> = mailbox.items_in(number).cloned().collect();
    let inner = mailbox.children_of(number).filter(|_| deep);
    let inner: Vec<u64> = inner.map(|folder| folder.number).collect();
    for item in items {
        dispose(call, owner, &item, how)?;
    }
    for one in inner {
        remove(call, owner, one, how)?;
    }
    Ok(())
}

/// <https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/markallitemsasread-operation>
pub(super) fn mark(call: &mut Call<'_>, operation: Node<'_, '_>) -> Result<String, Fault> {
    let read = matches!(operation.text_of("ReadFlag"), Some("true" | "1"));
    let ids: Vec<_> = children(operation, "FolderIds").collect();
    let mut results = Vec::with_capacity(ids.len());
    for id in ids {
        results.push(mark_one(call, read, id));
    }
    Ok(responses("MarkAllItemsAsRead", &results, "", |_, ()| ()))
}

fn mark_one(call: &mut Call<'_>, read: bool, id: Node<'_, '_>) -> Result<(), Refusal> {
    let (owner, number) = call.folder(id)?;
    call.require(owner, number, CalendarRights::Editor)?;
    let change = call.store.next();
    let mailbox = call.store.mailboxes.get_mut(owner);
    let mailbox = mailbox.ok_or_else(Refusal::unknown_mailbox)?;
    let other = mailbox
        .items_in(number)
        .filter(|item| item.flag(&READ) != read);
    let others: Vec<u64> = other.map(|item| item.number).collect();
    for number in others {
        if let Some(item) = mailbox.items.get_mut(&number) {
            item.set(READ, Value::Boolean(read));
            item.read_changed = change;
        }
    }
    Ok(())
}
