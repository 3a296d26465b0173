//! MoveFolder and CopyFolder.

use roxmltree::Node;

use super::manage_folders::{Place, answer};
use super::{Call, children};
use crate::simulator::item::Item;
use crate::simulator::refusal::{Fault, Refusal};
use crate::simulator::request::Element as _;
use crate::simulator::store::{CalendarRights, Folder};

/// <https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/movefolder-operation>
pub(super) fn move_folders(call: &mut Call<'_>, operation: Node<'_, '_>) -> Result<String, Fault> {
    relocate(call, operation, "MoveFolder", move_one)
}

/// <https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/copyfolder-operation>
pub(super) fn copy_folders(call: &mut Call<'_>, operation: Node<'_, '_>) -> Result<String, Fault> {
    relocate(call, operation, "CopyFolder", copy_one)
}

type Step = fn(&mut Call<'_>, Place, Place) -> Result<Place, Refusal>;

fn relocate(
    call: &mut Call<'_>,
    operation: Node<'_, '_>,
    name: &str,
    step: Step,
) -> Result<String, Fault> {
    let ids: Vec<_> = children(operation, "FolderIds").collect();
    let mut results = Vec::with_capacity(ids.len());
    for id in ids {
        results.push(one(call, operation, id, step));
    }
    Ok(answer(call, name, &results))
}

fn one(
    call: &mut Call<'_>,
    operation: Node<'_, '_>,
    id: Node<'_, '_>,
    step: Step,
) -> Result<Place, Refusal> {
    let to = operation
        .child("ToFolderId")
        .and_then(|folder| folder.first())
        .ok_or_else(Refusal::malformed_id)?;
    let (target, parent) = call.folder(to).map_err(|refusal| match refusal.code {
        "ErrorItemNotFound" | "ErrorFolderNotFound" => Refusal::new(
            "ErrorToFolderNotFound",
            "The destination folder could not be found.",
        ),
        _ => refusal,
    })?;
    call.require(target, parent, CalendarRights::Editor)?;
    let (owner, number) = call.folder(id)?;
    call.require(owner, number, CalendarRights::Reviewer)?;
    if owner != target {
        return Err(Refusal::new(
            "ErrorCrossMailboxMoveCopy",
            "Folders cannot go from one mailbox to another.",
        ));
    }
    let mailbox = call.mailbox(owner)?;
    let folder = mailbox.folders.get(&number);
    let name = folder.ok_or_else(Refusal::not_found)?.name.to_lowercase();
    // Real servers say no more where the name is taken.
    let is_taken = mailbox
        .children_of(parent)
        .any(|one| one.number != number && one.name.to_lowercase() == name);
    if is_taken || mailbox.is_under(parent, number) {
        return Err(failed());
    }
    step(call, (owner, number), (owner, parent))
}

fn failed() -> Refusal {
    Refusal::new("ErrorMoveCopyFailed", "The move or copy operation failed.")
}

pub(in crate::simulator) fn move_one(
    call: &mut Call<'_>,
    (owner, number): Place,
    (_, parent): Place,
) -> Result<Place, Refusal> {
    call.require(owner, number, CalendarRights::Editor)?;
    let folder = call.mailbox(owner)?.folders.get(&number);
    if folder.is_some_and(|folder| folder.distinguished.is_some()) {
        return Err(Refusal::new(
            "ErrorMoveDistinguishedFolder",
            "Distinguished folders cannot be moved or renamed.",
        ));
    }
    call.store.move_folder(owner, number, parent);
    Ok((owner, number))
}

pub(in crate::simulator) fn copy_one(
    call: &mut Call<'_>,
    (owner, number): Place,
    (_, parent): Place,
) -> Result<Place, Refusal> {
    let folder = call.mailbox(owner)?.folders.get(&number);
    let folder: Folder = folder.cloned().ok_or_else(Refusal::not_found)?;
    let copy = call
        .store
        .add_folder(owner, parent, &folder.class, &folder.name)
        .ok_or_else(failed)?;
    let mailbox = call.mailbox(owner)?;
    let items: Vec<Item> = mailbox.items_in(number).cloned().collect();
    let inner = mailbox.children_of(number).map(|folder| folder.number);
    let inner: Vec<u64> = inner.filter(|one| *one != copy).collect();
    let (name, now) = (call.caller_name(), call.now);
    for item in items {
        call.store.insert(owner, copy, item, &name, now);
    }
    for one in inner {
        copy_one(call, (owner, one), (owner, copy))?;
    }
    Ok((owner, copy))
}
