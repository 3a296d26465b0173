//! Messages, their folders, and what is attached to messages and events.
//!
//! - `folders.rs`: folders; `listing.rs`: messages of a folder or of all; `delta.rs`: what changed in either;
//! - `message.rs`: a message as JSON, with `meeting.rs` for those about meetings; `write.rs`: JSON into a message;
//! - `update.rs`: making, changing, moving, deleting; `send.rs`: sending, answering, passing on;
//! - `attachments.rs`, `upload.rs`: what is attached, and large files in pieces.

pub(super) mod attachments;
mod delta;
mod folders;
mod listing;
mod meeting;
mod message;
mod send;
mod update;
pub(super) mod upload;
mod write;

#[cfg(test)]
mod tests;

use http::Method;

use super::context::Context;
use super::refusal::GraphRefusal;
use super::reply::Reply;
use crate::simulator::item::{Item, ItemKind};

/// What a token needs to see that there are messages, and of whom.
const READ_BASIC: [&str; 4] = [
    "Mail.ReadBasic",
    "Mail.ReadBasic.All",
    "Mail.Read",
    "Mail.ReadWrite",
];
/// What a token needs to see what messages say.
const READ: [&str; 2] = ["Mail.Read", "Mail.ReadWrite"];
const WRITE: [&str; 1] = ["Mail.ReadWrite"];
const SEND: [&str; 1] = ["Mail.Send"];

fn not_allowed() -> GraphRefusal {
    GraphRefusal::new(
        405,
        "ErrorInvalidRequest",
        "The OData request is not supported.",
    )
}

/// Answers what is about mail.
pub(super) fn route(context: &mut Context<'_>, path: &[&str]) -> Result<Reply, GraphRefusal> {
    let method = context.request.method.clone();
    // Functions and actions may be written with their namespace and with parentheses.
    let path: Vec<&str> = path
        .iter()
        .map(|one| one.strip_prefix("microsoft.graph.").unwrap_or(one))
        .map(|one| one.strip_suffix("()").unwrap_or(one))
        .collect();
    match (path.as_slice(), &method) {
        (["sendMail"], &Method::POST) => send::send_mail(context),
        (["messages", rest @ ..], _) => messages(context, None, rest),
        (["mailFolders"], &Method::GET) => {
            let root = context.mailbox()?.folder_number("msgfolderroot");
            folders::children(context, root)
        }
        (["mailFolders"], &Method::POST) => {
            let root = context.mailbox()?.folder_number("msgfolderroot");
            folders::create(context, root)
        }
        (["mailFolders", "delta"], &Method::GET) => delta::folders(context),
        (["mailFolders", id, rest @ ..], _) => in_folder(context, id, rest),
        _ => Err(not_allowed()),
    }
}

/// What is about one folder.
fn in_folder(context: &mut Context<'_>, id: &str, path: &[&str]) -> Result<Reply, GraphRefusal> {
    context.need(&READ_BASIC)?;
    let folder = folders::find(context, id)?;
    let method = context.request.method.clone();
    match (path, &method) {
        (["childFolders", id, rest @ ..], _) => in_folder(context, id, rest),
        (["messages", rest @ ..], _) => messages(context, Some(folder), rest),
        ([], &Method::GET) => folders::get(context, folder),
        ([], &Method::PATCH) => folders::update(context, folder),
        ([], &Method::DELETE) => folders::delete(context, folder, "MoveToDeletedItems"),
        (["childFolders"], &Method::GET) => folders::children(context, folder),
        (["childFolders"], &Method::POST) => folders::create(context, folder),
        (["move"], &Method::POST) => folders::relocate(context, folder, true),
        (["copy"], &Method::POST) => folders::relocate(context, folder, false),
        (["permanentDelete"], &Method::POST) => folders::delete(context, folder, "HardDelete"),
        _ => Err(not_allowed()),
    }
}

/// What is about messages, of a folder or of the whole mailbox.
fn messages(
    context: &mut Context<'_>,
    folder: Option<u64>,
    path: &[&str],
) -> Result<Reply, GraphRefusal> {
    let method = context.request.method.clone();
    match (path, &method, folder) {
        ([], &Method::GET, _) => listing::list(context, folder),
        ([], &Method::POST, _) => update::create(context, folder),
        (["delta"], &Method::GET, Some(folder)) => delta::messages(context, folder),
        ([id, rest @ ..], ..) => {
            let is_send = matches!(rest, ["send" | "reply" | "replyAll" | "forward"]);
            match is_send {
                true => context.need(&SEND)?,
                false => context.need(&READ_BASIC)?,
            }
            let item = find(context, id, folder)?;
            message(context, item, rest)
        }
        _ => Err(not_allowed()),
    }
}

/// The message of an id, in that folder or in any.
fn find(context: &Context<'_>, id: &str, folder: Option<u64>) -> Result<Item, GraphRefusal> {
    let item = context.item(id)?;
    let is_there =
        item.kind != ItemKind::CalendarItem && folder.is_none_or(|folder| folder == item.folder);
    match is_there {
        true => Ok(item),
        false => Err(GraphRefusal::not_found()),
    }
}

/// What is about one message.
fn message(context: &mut Context<'_>, item: Item, path: &[&str]) -> Result<Reply, GraphRefusal> {
    let method = context.request.method.clone();
    match (path, &method) {
        ([], &Method::GET) => listing::get(context, &item),
        ([], &Method::PATCH) => update::update(context, &item),
        ([], &Method::DELETE) => update::delete(context, &item, false),
        (["$value"], &Method::GET) => listing::mime(context, &item),
        (["attachments", rest @ ..], _) => attachments::route(context, item, rest),
        (["permanentDelete"], &Method::POST) => update::delete(context, &item, true),
        (["move"], &Method::POST) => update::relocate(context, item, true),
        (["copy"], &Method::POST) => update::relocate(context, item, false),
        (["send"], &Method::POST) => send::send(context, item),
        (["reply"], &Method::POST) => send::answer(context, &item, send::Answer::Reply),
        (["replyAll"], &Method::POST) => send::answer(context, &item, send::Answer::ReplyAll),
        (["forward"], &Method::POST) => send::answer(context, &item, send::Answer::Forward),
        (["createReply"], &Method::POST) => send::draft(context, &item, send::Answer::Reply),
        (["createReplyAll"], &Method::POST) => send::draft(context, &item, send::Answer::ReplyAll),
        (["createForward"], &Method::POST) => send::draft(context, &item, send::Answer::Forward),
        _ => Err(not_allowed()),
    }
}
