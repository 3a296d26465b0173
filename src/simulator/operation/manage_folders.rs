//! CreateFolder, UpdateFolder and DeleteFolder.

use roxmltree::Node;

use super::folders::{FolderShape, write_folder};
use super::{Call, children};
use crate::simulator::path::Path;
use crate::simulator::refusal::{Fault, Refusal};
use crate::simulator::request::Element as _;
use crate::simulator::soap::responses;
use crate::simulator::store::CalendarRights;
use crate::simulator::xml::Writer;

pub(super) type Place = (usize, u64);

/// <https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/createfolder-operation>
pub(super) fn create(call: &mut Call<'_>, operation: Node<'_, '_>) -> Result<String, Fault> {
    let parent = operation
        .child("ParentFolderId")
        .and_then(|parent| parent.first());
    let nodes: Vec<_> = children(operation, "Folders").collect();
    let mut results = Vec::with_capacity(nodes.len());
    for node in nodes {
        results.push(create_one(call, parent, node));
    }
    Ok(answer(call, "CreateFolder", &results))
}

pub(super) fn answer(
    call: &Call<'_>,
    operation: &str,
    results: &[Result<Place, Refusal>],
) -> String {
    responses(operation, results, "<m:Folders/>", |writer, place| {
        writer.element("m:Folders", &[], |writer| write_id(call, writer, *place));
    })
}

fn write_id(call: &Call<'_>, writer: &mut Writer, (owner, number): Place) {
    if let (Ok(mailbox), Ok(shape)) = (call.mailbox(owner), FolderShape::read(None))
        && let Some(folder) = mailbox.folders.get(&number)
    {
        let access = call.access(owner, number);
        write_folder(writer, mailbox, folder, &shape, access, call.version);
    }
}

fn create_one(
    call: &mut Call<'_>,
    parent: Option<Node<'_, '_>>,
    node: Node<'_, '_>,
) -> Result<Place, Refusal> {
    let missing = || {
        Refusal::new(
            "ErrorParentFolderNotFound",
            "The specified parent folder could not be found.",
        )
    };
    let (owner, parent) =
        call.folder(parent.ok_or_else(missing)?)
            .map_err(|refusal| match refusal.code {
                "ErrorItemNotFound" | "ErrorFolderNotFound" => missing(),
                _ => refusal,
            })?;
    call.require(owner, parent, CalendarRights::Editor)?;
    let class = match node.name() {
        "CalendarFolder" => "IPF.Appointment",
        "ContactsFolder" => "IPF.Contact",
        "TasksFolder" => "IPF.Task",
        _ => "IPF.Note",
    };
    let class = match node.text_of("FolderClass") {
        Some(own) if node.name() == "Folder" || own.starts_with(class) => own,
        Some(_) => {
            return Err(Refusal::new(
                "ErrorNoFolderClassOverride",
                "The folder class of a folder of this kind cannot be chosen.",
            ));
        }
        None => class,
    };
    let name = display_name(node)?;
    free_name(call, owner, parent, name, None)?;
    call.store
        .add_folder(owner, parent, class, name)
        .map(|number| (owner, number))
        .ok_or_else(Refusal::not_found)
}

fn display_name<'a>(node: Node<'a, '_>) -> Result<&'a str, Refusal> {
    let path = Path::Field("folder:DisplayName".to_owned()).markup();
    match node.text_of("DisplayName") {
        Some(name) if !name.trim().is_empty() => Ok(name),
        Some(_) => Err(Refusal::of_field(
            "ErrorFolderSavePropertyError",
            "A folder cannot be saved with that property.",
            &path,
        )),
        None => Err(Refusal::of_field(
            "ErrorRequiredPropertyMissing",
            "Required property is missing.",
            &path,
        )),
    }
}

/// Refuses a name that another folder of the same parent has, in whatever case.
pub(in crate::simulator) fn free_name(
    call: &Call<'_>,
    owner: usize,
    parent: u64,
    name: &str,
    except: Option<u64>,
) -> Result<(), Refusal> {
    let wanted = name.to_lowercase();
    let taken = call
        .mailbox(owner)?
        .children_of(parent)
        .any(|folder| Some(folder.number) != except && folder.name.to_lowercase() == wanted);
    if taken {
        return Err(Refusal::new(
            "ErrorFolderExists",
            "A folder with the specified name already exists.",
        ));
    }
    Ok(())
}

/// <https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/updatefolder-operation>
pub(super) fn update(call: &mut Call<'_>, operation: Node<'_, '_>) -> Result<String, Fault> {
    let changes: Vec<_> = children(operation, "FolderChanges").collect();
    let mut results = Vec::with_capacity(changes.len());
    for change in changes {
        results.push(update_one(call, change));
    }
    Ok(answer(call, "UpdateFolder", &results))
}

fn update_one(call: &mut Call<'_>, change: Node<'_, '_>) -> Result<Place, Refusal> {
    let (owner, number) = call.folder(change.first().ok_or_else(Refusal::malformed_id)?)?;
    call.require(owner, number, CalendarRights::Editor)?;
    for update in children(change, "Updates") {
        let path = update.first().map(Path::read).transpose()?;
        let refused = |code: &'static str, message: &str| match &path {
            Some(path) => Refusal::of_field(code, message, &path.markup()),
            None => Refusal::new(code, message),
        };
        match update.name() {
            "SetFolderField" => {}
            "DeleteFolderField" => {
                return Err(refused(
                    "ErrorInvalidPropertyDelete",
                    "Delete action is invalid for property.",
                ));
            }
            _ => {
                return Err(refused(
                    "ErrorInvalidPropertyAppend",
                    "Append action is invalid for property.",
                ));
            }
        }
        if path != Some(Path::Field("folder:DisplayName".to_owned())) {
            return Err(refused(
                "ErrorInvalidPropertySet",
                "Set action is invalid for property.",
            ));
        }
        let folder = update.elements().nth(1).ok_or_else(|| {
            refused(
                "ErrorUpdatePropertyMismatch",
                "The property path does not match the property in the object.",
            )
        })?;
        rename(call, owner, number, display_name(folder)?)?;
    }
    Ok((owner, number))
}

pub(in crate::simulator) fn rename(
    call: &mut Call<'_>,
    owner: usize,
    number: u64,
    name: &str,
) -> Result<(), Refusal> {
    let folder = call.mailbox(owner)?.folders.get(&number);
    let folder = folder.ok_or_else(Refusal::not_found)?;
    if folder.distinguished.is_some() {
        return Err(Refusal::new(
            "ErrorMoveDistinguishedFolder",
            "Distinguished folders cannot be moved or renamed.",
        ));
    }
    if let Some(parent) = folder.parent {
        free_name(call, owner, parent, name, Some(number))?;
    }
    let change = call.store.next();
    let mailbox = call.store.mailboxes.get_mut(owner);
    if let Some(folder) = mailbox.and_then(|mailbox| mailbox.folders.get_mut(&number)) {
        name.clone_into(&mut folder.name);
        folder.renamed = change;
        folder.changed = change;
    }
    Ok(())
}

/// <https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/deletefolder-operation>
pub(super) fn delete(call: &mut Call<'_>, operation: Node<'_, '_>) -> Result<String, Fault> {
    let how = operation.attribute("DeleteType").unwrap_or("HardDelete");
    let ids: Vec<_> = children(operation, "FolderIds").collect();
    let mut results = Vec::with_capacity(ids.len());
    for id in ids {
        results.push(delete_one(call, how, id));
    }
    Ok(responses("DeleteFolder", &results, "", |_, ()| ()))
}

fn delete_one(call: &mut Call<'_>, how: &str, id: Node<'_, '_>) -> Result<(), Refusal> {
    let (owner, number) = call.folder(id)?;
    call.require(owner, number, CalendarRights::Editor)?;
    remove(call, owner, number, how)
}

/// Takes a folder out of its parent.
pub(in crate::simulator) fn remove(
    call: &mut Call<'_>,
    owner: usize,
    number: u64,
    how: &str,
) -> Result<(), Refusal> {
    let mailbox = call.mailbox(owner)?;
    let bin = mailbox.folder_number("deleteditems");
    let folder = mailbox.folders.get(&number);
    let folder = folder.ok_or_else(Refusal::not_found)?;
    if folder.distinguished.is_some() {
        return Err(Refusal::new(
            "ErrorDeleteDistinguishedFolder",
            "Distinguished folders cannot be deleted.",
        ));
    }
    // Only into the bin a folder moves as it is. What is soft deleted stays recoverable on real
    // servers, yet out of sight as here. What is deleted from the bin is gone.
    if how != "MoveToDeletedItems" || mailbox.is_under(number, bin) {
        call.store.remove_folder(owner, number);
        return Ok(());
    }
    let taken = |name: &str| mailbox.children_of(bin).any(|one| one.name == name);
    let mut name = folder.name.clone();
    let mut copy = 1;
    while taken(&name) {
        name = format!("{}{copy}", folder.name);
        copy += 1;
    }
    call.store.move_folder(owner, number, bin);
    let mailbox = call.store.mailboxes.get_mut(owner);
    if let Some(folder) = mailbox.and_then(|mailbox| mailbox.folders.get_mut(&number)) {
        folder.name = name;
    }
    Ok(())
}
