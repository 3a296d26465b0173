//! Mail folders.
//!
//! <https://learn.microsoft.com/en-us/graph/api/resources/mailfolder>

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::context::Context;
use super::super::extended_property::ExtendedId;
use super::super::query::{self, Query, Resource};
use super::super::refusal::GraphRefusal;
use super::super::render::{self, SINGLE};
use super::super::reply::Reply;
use super::{READ_BASIC, WRITE};
use crate::simulator::operation::{manage_folders, move_folder};
use crate::simulator::refusal::Refusal;
use crate::simulator::store::{CalendarRights, Folder, Mailbox};

pub(super) const FOLDER: Resource = Resource {
    name: "microsoft.graph.mailFolder",
    properties: &[
        "id",
        "displayName",
        "parentFolderId",
        "childFolderCount",
        "unreadItemCount",
        "totalItemCount",
        "isHidden",
        "singleValueExtendedProperties",
        "multiValueExtendedProperties",
    ],
    filterable: &[
        "displayName",
        "unreadItemCount",
        "totalItemCount",
        "childFolderCount",
    ],
    sortable: &["displayName", "unreadItemCount", "totalItemCount"],
    expandable: &["childFolders", SINGLE],
    is_order_bound: false,
    page: (10, 1000),
};

/// Classes of folders that have no mail in them.
const OTHERS: [&str; 5] = [
    "IPF.Appointment",
    "IPF.Contact",
    "IPF.Journal",
    "IPF.StickyNote",
    "IPF.Task",
];

fn has_mail(folder: &Folder) -> bool {
    !OTHERS.iter().any(|class| folder.class.starts_with(class))
}

/// The folder for mail of an id or a name.
pub(super) fn find(context: &Context<'_>, id: &str) -> Result<u64, GraphRefusal> {
    let folder = context.folder(id)?;
    match has_mail(folder) {
        true => Ok(folder.number),
        false => Err(GraphRefusal::not_found()),
    }
}

/// Whether messages of the folder are among all those of a mailbox.
pub(super) fn is_visible(mailbox: &Mailbox, folder: &Folder) -> bool {
    let root = mailbox.folder_number("msgfolderroot");
    has_mail(folder) && mailbox.is_under(folder.number, root)
}

/// Refuses who may see no folder of the mailbox at all.
pub(super) fn require_any(context: &Context<'_>) -> Result<(), GraphRefusal> {
    let mailbox = context.mailbox()?;
    let sees = |folder: &Folder| {
        let rights = context.require(folder.number, CalendarRights::Reviewer);
        has_mail(folder) && rights.is_ok()
    };
    match mailbox.folders.values().any(sees) {
        true => Ok(()),
        false => Err(GraphRefusal::not_found()),
    }
}

fn inner(mailbox: &Mailbox, parent: u64) -> impl Iterator<Item = &Folder> {
    mailbox.children_of(parent).filter(|one| has_mail(one))
}

/// A folder as Graph shows it.
pub(super) fn written(context: &Context<'_>, mailbox: &Mailbox, folder: &Folder) -> Value {
    let number = folder.number;
    let parent = folder.parent.unwrap_or(number);
    json!({
        "id": context.folder_id(mailbox, number),
        "displayName": folder.name,
        "parentFolderId": context.folder_id(mailbox, parent),
        "childFolderCount": inner(mailbox, number).count(),
        "unreadItemCount": mailbox.items.unread(number),
        "totalItemCount": mailbox.items.count(number),
        "isHidden": folder.is_hidden(),
    })
}

/// `GET /mailFolders` and `/childFolders`.
pub(super) fn children(context: &Context<'_>, parent: u64) -> Result<Reply, GraphRefusal> {
    context.need(&READ_BASIC)?;
    require_any(context)?;
    let query = Query::read(context.request, &FOLDER)?;
    let mailbox = context.mailbox()?;
    let hidden_too = context
        .request
        .parameter("includeHiddenFolders")
        .is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let shown = inner(mailbox, parent).filter(|folder| hidden_too || !folder.is_hidden());
    let rights = |folder: &&Folder| {
        context
            .require(folder.number, CalendarRights::Reviewer)
            .is_ok()
    };
    let mut folders: Vec<Value> = shown
        .filter(rights)
        .map(|folder| dressed(context, mailbox, folder, &query))
        .collect::<Result<_, _>>()?;
    folders.retain(|folder| query.holds(folder));
    folders.sort_by(|one, other| query.compare(one, other));
    let total = folders.len();
    let (skip, most) = query.page(&FOLDER);
    let page = folders.into_iter().skip(skip).take(most);
    let page = page.map(|mut folder| {
        query.choose(&mut folder);
        folder
    });
    Ok(query.answer(context.request, &FOLDER, page.collect(), total))
}

fn dressed(
    context: &Context<'_>,
    mailbox: &Mailbox,
    folder: &Folder,
    query: &Query,
) -> Result<Value, GraphRefusal> {
    let mut value = written(context, mailbox, folder);
    if query.expansion("childFolders").is_some() {
        let inner = inner(mailbox, folder.number).map(|one| written(context, mailbox, one));
        render::put(&mut value, "childFolders", inner.collect::<Vec<_>>());
    }
    if let Some(expand) = query.expansion(SINGLE) {
        let mut found = Vec::new();
        for id in expand.extended_ids()? {
            let id = ExtendedId::read(&id)?.written();
            if id == CLASS && !folder.class.is_empty() {
                found.push(json!({"id": id, "value": folder.class}));
            }
        }
        if !found.is_empty() {
            render::put(&mut value, SINGLE, found);
        }
    }
    Ok(value)
}

/// PidTagContainerClass (MS-OXOCFG 2.2.5): the one extended property that folders have here.
const CLASS: &str = "String 0x3613";

/// `GET /mailFolders/{id}`.
pub(super) fn get(context: &Context<'_>, number: u64) -> Result<Reply, GraphRefusal> {
    context.need(&READ_BASIC)?;
    let query = Query::read(context.request, &FOLDER)?;
    let mailbox = context.mailbox()?;
    let folder = mailbox.folders.get(&number);
    let folder = folder.ok_or_else(GraphRefusal::not_found)?;
    let mut value = dressed(context, mailbox, folder, &query)?;
    query.choose(&mut value);
    Ok(query::single(context.request, 200, value))
}

fn shown(context: &Context<'_>, number: u64, status: u16) -> Result<Reply, GraphRefusal> {
    let mailbox = context.mailbox()?;
    let folder = mailbox.folders.get(&number);
    let folder = folder.ok_or_else(GraphRefusal::not_found)?;
    let value = written(context, mailbox, folder);
    Ok(query::single(context.request, status, value))
}

/// What a request sets of a folder.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Wanted {
    #[serde(default, rename = "@odata.type")]
    _kind: Option<String>,
    display_name: Option<String>,
    is_hidden: Option<bool>,
}

/// The name that a request gives a folder.
fn name(wanted: &Wanted) -> Result<&str, GraphRefusal> {
    let name = wanted.display_name.as_deref();
    name.filter(|name| !name.trim().is_empty()).ok_or_else(|| {
        GraphRefusal::new(
            400,
            "ErrorFolderSavePropertyError",
            "The folder save operation failed due to invalid property values.",
        )
    })
}

/// `POST /mailFolders` and `/childFolders`.
pub(super) fn create(context: &mut Context<'_>, parent: u64) -> Result<Reply, GraphRefusal> {
    context.need(&WRITE)?;
    context.require(parent, CalendarRights::Editor)?;
    let wanted: Wanted = context.request.json()?;
    let name = name(&wanted)?;
    let owner = context.owner;
    manage_folders::free_name(&context.call(), owner, parent, name, None)?;
    let number = context.store.add_folder(owner, parent, "IPF.Note", name);
    let number = number.ok_or_else(GraphRefusal::not_found)?;
    let mailbox = context.store.mailboxes.get_mut(owner);
    if let Some(folder) = mailbox.and_then(|mailbox| mailbox.folders.get_mut(&number)) {
        folder.hidden = wanted.is_hidden.unwrap_or_default();
    }
    shown(context, number, 201)
}

/// `PATCH /mailFolders/{id}`.
pub(super) fn update(context: &mut Context<'_>, number: u64) -> Result<Reply, GraphRefusal> {
    context.need(&WRITE)?;
    context.require(number, CalendarRights::Editor)?;
    let wanted: Wanted = context.request.json()?;
    if wanted.is_hidden.is_some() {
        return Err(GraphRefusal::new(
            400,
            "ErrorInvalidPropertySet",
            "Set action is invalid for property.",
        ));
    }
    let name = name(&wanted)?;
    let owner = context.owner;
    manage_folders::rename(&mut context.call(), owner, number, name)?;
    shown(context, number, 200)
}

/// `DELETE /mailFolders/{id}` and `permanentDelete`.
pub(super) fn delete(
    context: &mut Context<'_>,
    number: u64,
    how: &str,
) -> Result<Reply, GraphRefusal> {
    context.need(&WRITE)?;
    context.require(number, CalendarRights::Editor)?;
    let owner = context.owner;
    manage_folders::remove(&mut context.call(), owner, number, how)?;
    Ok(Reply::empty(204))
}

/// Where something is to go.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Destination {
    #[serde(alias = "DestinationId", rename = "destinationId")]
    pub(super) id: String,
}

/// `move` and `copy` of a folder.
pub(super) fn relocate(
    context: &mut Context<'_>,
    number: u64,
    moves: bool,
) -> Result<Reply, GraphRefusal> {
    context.need(&WRITE)?;
    let destination: Destination = context.request.json()?;
    let parent = context.folder(&destination.id)?.number;
    context.require(parent, CalendarRights::Editor)?;
    let owner = context.owner;
    let mailbox = context.mailbox()?;
    let folder = mailbox.folders.get(&number);
    let name = folder.ok_or_else(GraphRefusal::not_found)?.name.clone();
    if mailbox.is_under(parent, number) {
        let failed = Refusal::new("ErrorMoveCopyFailed", "The move or copy operation failed.");
        return Err(failed.into());
    }
    let mut call = context.call();
    manage_folders::free_name(&call, owner, parent, &name, Some(number))?;
    let step = match moves {
        true => move_folder::move_one,
        false => move_folder::copy_one,
    };
    let (_, number) = step(&mut call, (owner, number), (owner, parent))?;
    // Unlike a message, which is made anew.
    shown(context, number, 200)
}
