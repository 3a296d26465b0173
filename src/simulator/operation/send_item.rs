//! SendItem, and what CreateItem and UpdateItem have in common with it.

use roxmltree::Node;

use super::delete_item::dispose;
use super::{Call, children};
use crate::simulator::item::{Item, ItemKind};
use crate::simulator::refusal::{Fault, Refusal};
use crate::simulator::request::Element as _;
use crate::simulator::soap::responses;
use crate::simulator::store::CalendarRights;
use crate::simulator::transport::{dispatch, prepare};

/// <https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/senditem-operation>
pub(super) fn run(call: &mut Call<'_>, operation: Node<'_, '_>) -> Result<String, Fault> {
    let ids: Vec<_> = children(operation, "ItemIds").collect();
    let mut results = Vec::with_capacity(ids.len());
    for id in ids {
        results.push(send(call, operation, id));
    }
    Ok(responses("SendItem", &results, "", |_, ()| ()))
}

fn send(call: &mut Call<'_>, operation: Node<'_, '_>, id: Node<'_, '_>) -> Result<(), Refusal> {
    let found = call.item(id)?;
    call.require_write(&found)?;
    let Some(known) = found.known else {
        return Err(Refusal::new(
            "ErrorChangeKeyRequired",
            "A change key is required to send an item.",
        ));
    };
    if known < found.item.changed {
        return Err(Refusal::new(
            "ErrorStaleObject",
            "The send operation could not be performed because the change key passed in the request does not match the current change key for the item.",
        ));
    }
    if found.item.kind != ItemKind::Message {
        return Err(Refusal::new(
            "ErrorInvalidItemForOperationSendItem",
            "Only messages can be sent with this operation.",
        ));
    }
    let saves = matches!(operation.attribute("SaveItemToFolder"), Some("true" | "1"));
    let named = operation
        .child("SavedItemFolderId")
        .and_then(|folder| folder.first());
    if named.is_some() && !saves {
        return Err(Refusal::new(
            "ErrorInvalidSendItemSaveSettings",
            "A folder was named for a copy that is not to be saved.",
        ));
    }
    let copy = copy_folder(call, named, found.owner)?.filter(|_| saves);
    send_stored(call, found.owner, found.item, copy)
}

/// The folder for the copy of a sent message: the one that is named, or Sent Items.
pub(super) fn copy_folder(
    call: &Call<'_>,
    named: Option<Node<'_, '_>>,
    owner: usize,
) -> Result<Option<(usize, u64)>, Refusal> {
    let (owner, folder) = match named {
        Some(node) => call.folder(node)?,
        None => (owner, call.mailbox(owner)?.folder_number("sentitems")),
    };
    call.require(owner, folder, CalendarRights::Editor)?;
    Ok(Some((owner, folder)))
}

/// Sends a message of the store and takes it out of its folder. A refused one stays.
pub(in crate::simulator) fn send_stored(
    call: &mut Call<'_>,
    owner: usize,
    mut mail: Item,
    copy: Option<(usize, u64)>,
) -> Result<(), Refusal> {
    prepare(call.store, call.caller, &mut mail, call.now)?;
    let (caller, now) = (call.caller, call.now);
    dispose(call, owner, &mail, "HardDelete")?;
    dispatch(call.store, caller, mail, copy, now);
    Ok(())
}
