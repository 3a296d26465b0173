//! Receipts that readers send, or do not want to send.

use roxmltree::Node;

use super::Call;
use super::create_item::Created;
use crate::simulator::item::Item;
use crate::simulator::refusal::Refusal;
use crate::simulator::report;
use crate::simulator::request::Element as _;

/// SuppressReadReceipt: the sender is never told that the message was read.
///
/// <https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/suppressreadreceipt>
pub(super) fn suppress(call: &mut Call<'_>, node: Node<'_, '_>) -> Result<Created, Refusal> {
    let reference = node.child("ReferenceItemId").ok_or_else(|| {
        Refusal::new(
            "ErrorInvalidReferenceItem",
            "A response object needs the item it refers to.",
        )
    })?;
    let found = call.item(reference)?;
    call.require_write(&found)?;
    if !found.item.receipt_pending {
        return Err(Refusal::new(
            "ErrorReadReceiptNotPending",
            "A read receipt is not pending for this message.",
        ));
    }
    settle(call, found.owner, &found.item);
    Ok(None)
}

/// Sends the receipt of a message that was just read, if one is wanted and not suppressed.
pub(in crate::simulator) fn after_reading(
    call: &mut Call<'_>,
    owner: usize,
    item: &Item,
    suppressed: bool,
) {
    if !item.receipt_pending {
        return;
    }
    settle(call, owner, item);
    if !suppressed {
        report::read(call.store, owner, item, call.now);
    }
}

/// No receipt is pending any longer.
fn settle(call: &mut Call<'_>, owner: usize, item: &Item) {
    if let Some(item) = call
        .store
        .mailboxes
        .get_mut(owner)
        .and_then(|mailbox| mailbox.items.get_mut(&item.number))
    {
        item.receipt_pending = false;
    }
}
