//! Making, changing, moving and deleting messages.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::CONTENT_TYPE;
use serde_json::{Map, Value};

use super::super::context::Context;
use super::super::refusal::GraphRefusal;
use super::super::reply::Reply;
use super::super::request::GraphRequest;
use super::WRITE;
use super::folders::Destination;
use super::listing::shown;
use super::write::{self, Stage};
use crate::simulator::item::{Item, READ};
use crate::simulator::mime;
use crate::simulator::operation::create_item::save_or_send;
use crate::simulator::operation::delete_item::dispose;
use crate::simulator::operation::receipts::after_reading;
use crate::simulator::operation::relocate::relocated;
use crate::simulator::operation::save::{mark_read, save};
use crate::simulator::store::CalendarRights;

/// The largest body of a request that is no upload.
const MOST: usize = 4 * 1024 * 1024;

/// Refuses a body that is too large for the service.
pub(super) fn check_size(request: &GraphRequest) -> Result<(), GraphRefusal> {
    match request.body.len() > MOST {
        true => Err(GraphRefusal::new(
            413,
            "RequestEntityTooLarge",
            "Request Entity Too Large",
        )),
        false => Ok(()),
    }
}

/// The message in a request, where it comes as MIME: base64 in plain text.
pub(super) fn read_mime(context: &Context<'_>) -> Result<Option<Item>, GraphRefusal> {
    let kind = context.request.headers.get(CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.trim_start().starts_with("text/plain") {
        return Ok(None);
    }
    let packed = context.request.body.iter().copied();
    let packed: Vec<u8> = packed.filter(|byte| !byte.is_ascii_whitespace()).collect();
    let bytes = STANDARD.decode(packed).map_err(|_| {
        GraphRefusal::new(
            400,
            "ErrorMimeContentInvalidBase64String",
            "Invalid base64 string for MIME content.",
        )
    })?;
    let mut item = mime::read(&bytes, context.now)?;
    write::settle(&mut item);
    Ok(Some(item))
}

/// `POST /messages` and `/mailFolders/{id}/messages`.
pub(super) fn create(
    context: &mut Context<'_>,
    folder: Option<u64>,
) -> Result<Reply, GraphRefusal> {
    context.need(&WRITE)?;
    check_size(context.request)?;
    let mut item = match read_mime(context)? {
        Some(item) => item,
        None => {
            let fields: Map<String, Value> = context.request.json()?;
            write::new(&fields, context.now)?
        }
    };
    let mailbox = context.mailbox()?;
    let folder = folder.unwrap_or_else(|| mailbox.folder_number("drafts"));
    if item.organizer.is_none() {
        item.organizer = Some(mailbox.address.clone());
    }
    context.require(folder, CalendarRights::Editor)?;
    let place = (context.owner, folder);
    let created = save_or_send(&mut context.call(), "SaveOnly", place, item)?;
    let (_, item) = created.ok_or_else(GraphRefusal::not_found)?;
    shown(context, &item, 201)
}

/// `PATCH /messages/{id}`.
pub(super) fn update(context: &mut Context<'_>, before: &Item) -> Result<Reply, GraphRefusal> {
    context.need(&WRITE)?;
    context.require(before.folder, CalendarRights::Editor)?;
    context.check_version(before)?;
    check_size(context.request)?;
    let fields: Map<String, Value> = context.request.json()?;
    let stage = match before.unsent {
        true => Stage::Draft,
        false => Stage::Sent,
    };
    let mut item = before.clone();
    write::apply(&mut item, &fields, stage, context.now)?;
    let owner = context.owner;
    let is_read = item.flag(&READ);
    let mut call = context.call();
    if is_read && !before.flag(&READ) {
        after_reading(&mut call, owner, before, false);
        item.receipt_pending = false;
    }
    let only_read = fields
        .keys()
        .all(|name| name == "isRead" || name.contains('@'));
    let item = if only_read {
        mark_read(&mut call, owner, item.number, is_read)?
    } else {
        call.store.check_size(&item)?;
        save(&mut call, owner, item, &write::paths(&fields))?
    };
    match context
        .request
        .preferences()
        .any(|one| one == "return=minimal")
    {
        true => Ok(Reply::empty(204)),
        false => shown(context, &item, 200),
    }
}

/// `DELETE /messages/{id}`, and `permanentDelete`. What is deleted from the bin can still be recovered, unless it is
/// for ever.
pub(super) fn delete(
    context: &mut Context<'_>,
    item: &Item,
    for_ever: bool,
) -> Result<Reply, GraphRefusal> {
    context.need(&WRITE)?;
    context.require(item.folder, CalendarRights::Editor)?;
    context.check_version(item)?;
    let bin = context.mailbox()?.folder_number("deleteditems");
    let how = match for_ever {
        true => "HardDelete",
        false if item.folder == bin => "SoftDelete",
        false => "MoveToDeletedItems",
    };
    let owner = context.owner;
    dispose(&mut context.call(), owner, item, how)?;
    Ok(Reply::empty(204))
}

/// `move` and `copy`.
pub(super) fn relocate(
    context: &mut Context<'_>,
    item: Item,
    moves: bool,
) -> Result<Reply, GraphRefusal> {
    context.need(&WRITE)?;
    let destination: Destination = context.request.json()?;
    let folder = context.folder(&destination.id)?.number;
    context.require(folder, CalendarRights::Editor)?;
    if moves {
        context.require(item.folder, CalendarRights::Editor)?;
    }
    let owner = context.owner;
    let mut call = context.call();
    let (_, item) = relocated(&mut call, (owner, item), (owner, folder), moves)?;
    shown(context, &item, 201)
}
