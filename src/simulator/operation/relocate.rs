//! MoveItem and CopyItem: items that go somewhere else as they are.

use roxmltree::Node;

use super::delete_item::dispose;
use super::{Call, children};
use crate::simulator::item::Item;
use crate::simulator::refusal::{Fault, Refusal};
use crate::simulator::request::Element as _;
use crate::simulator::shape::Shape;
use crate::simulator::soap::responses;
use crate::simulator::store::CalendarRights;

/// <https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/moveitem-operation>
pub(super) fn move_items(call: &mut Call<'_>, operation: Node<'_, '_>) -> Result<String, Fault> {
    relocate(call, operation, "MoveItem", true)
}

/// <https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/copyitem-operation>
pub(super) fn copy_items(call: &mut Call<'_>, operation: Node<'_, '_>) -> Result<String, Fault> {
    relocate(call, operation, "CopyItem", false)
}

fn relocate(
    call: &mut Call<'_>,
    operation: Node<'_, '_>,
    name: &str,
    moves: bool,
) -> Result<String, Fault> {
    let returns = !matches!(operation.text_of("ReturnNewItemIds"), Some("false" | "0"));
    let ids: Vec<_> = children(operation, "ItemIds").collect();
    let mut results = Vec::with_capacity(ids.len());
    for id in ids {
        results.push(one(call, operation, id, moves));
    }
    let shape = Shape::id_only();
    Ok(responses(
        name,
        &results,
        "<m:Items/>",
        |writer, (owner, item)| {
            writer.element("m:Items", &[], |writer| {
                if returns {
                    call.write(writer, *owner, item, &shape, false);
                }
            });
        },
    ))
}

fn one(
    call: &mut Call<'_>,
    operation: Node<'_, '_>,
    id: Node<'_, '_>,
    moves: bool,
) -> Result<(usize, Item), Refusal> {
    let to = operation
        .child("ToFolderId")
        .and_then(|folder| folder.first())
        .ok_or_else(Refusal::malformed_id)?;
    let (target, folder) = call.folder(to)?;
    call.require(target, folder, CalendarRights::Editor)?;
    let found = call.item(id)?;
    if moves {
        call.require_write(&found)?;
    }
    relocated(call, (found.owner, found.item), (target, folder), moves)
}

/// Moves or copies an item that may go, and returns it as it is then, and where.
pub(in crate::simulator) fn relocated(
    call: &mut Call<'_>,
    (owner, item): (usize, Item),
    (target, folder): (usize, u64),
    moves: bool,
) -> Result<(usize, Item), Refusal> {
    if item.occurrence.is_some() {
        return Err(Refusal::new(
            "ErrorCalendarCannotMoveOrCopyOccurrence",
            "An occurrence can neither be moved nor copied.",
        ));
    }
    if !moves || target != owner {
        call.store.check_room(target, &item)?;
    }
    if moves {
        dispose(call, owner, &item, "HardDelete")?;
    }
    let mut item = Item {
        deleted_from: None,
        ..item
    };
    if !moves {
        item.origin = 0;
    }
    let (name, now) = (call.caller_name(), call.now);
    call.store
        .put_back(target, folder, item, &name, now)
        .map(|item| (target, item.clone()))
        .ok_or_else(Refusal::not_found)
}
