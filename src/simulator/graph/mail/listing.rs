//! Messages that are read: one, those of a folder, those of a mailbox.

use bytes::Bytes;
use serde_json::Value;

use super::super::context::Context;
use super::super::query::{self, Query, Resource};
use super::super::refusal::GraphRefusal;
use super::super::render::{self, SINGLE};
use super::super::reply::Reply;
use super::message::View;
use super::{READ, READ_BASIC, folders};
use crate::simulator::aqs;
use crate::simulator::compose;
use crate::simulator::item::{Item, ItemKind, RECEIVED};
use crate::simulator::store::{CalendarRights, Mailbox};
use crate::simulator::zone::Zone;

pub(super) const MESSAGE: Resource = Resource {
    name: "microsoft.graph.message",
    properties: &[
        "id",
        "bccRecipients",
        "body",
        "bodyPreview",
        "categories",
        "ccRecipients",
        "changeKey",
        "conversationId",
        "conversationIndex",
        "createdDateTime",
        "flag",
        "from",
        "hasAttachments",
        "importance",
        "inferenceClassification",
        "internetMessageHeaders",
        "internetMessageId",
        "isDeliveryReceiptRequested",
        "isDraft",
        "isRead",
        "isReadReceiptRequested",
        "lastModifiedDateTime",
        "parentFolderId",
        "receivedDateTime",
        "replyTo",
        "sender",
        "sentDateTime",
        "subject",
        "toRecipients",
        "uniqueBody",
        "webLink",
        "singleValueExtendedProperties",
        "multiValueExtendedProperties",
    ],
    filterable: &[
        "categories",
        "conversationId",
        "createdDateTime",
        "flag/flagStatus",
        "from/emailAddress/address",
        "from/emailAddress/name",
        "hasAttachments",
        "importance",
        "inferenceClassification",
        "internetMessageId",
        "isDraft",
        "isRead",
        "lastModifiedDateTime",
        "receivedDateTime",
        "sender/emailAddress/address",
        "sender/emailAddress/name",
        "sentDateTime",
        "subject",
        "singleValueExtendedProperties",
    ],
    sortable: &[
        "createdDateTime",
        "from/emailAddress/address",
        "from/emailAddress/name",
        "hasAttachments",
        "importance",
        "isRead",
        "lastModifiedDateTime",
        "receivedDateTime",
        "sender/emailAddress/address",
        "sentDateTime",
        "subject",
    ],
    expandable: &[
        "attachments",
        "singleValueExtendedProperties",
        "multiValueExtendedProperties",
        "microsoft.graph.eventMessage/event",
    ],
    is_order_bound: true,
    page: (10, 1000),
};

/// The most that a search finds.
const MOST_FOUND: usize = 250;

/// The answer that shows a message.
pub(super) fn shown(
    context: &Context<'_>,
    item: &Item,
    status: u16,
) -> Result<Reply, GraphRefusal> {
    let message = View::new(context)?.whole(item)?;
    let mut reply = query::single(context.request, status, message.into());
    reply
        .headers
        .push(("etag", super::super::lookup::etag(item)));
    Ok(reply)
}

/// `GET /messages/{id}`.
pub(super) fn get(context: &Context<'_>, item: &Item) -> Result<Reply, GraphRefusal> {
    let query = Query::read(context.request, &MESSAGE)?;
    let message = View::new(context)?.dressed(item, &query)?;
    let mut reply = query::single(context.request, 200, message);
    reply
        .headers
        .push(("etag", super::super::lookup::etag(item)));
    Ok(reply)
}

/// `GET /messages/{id}/$value`.
pub(super) fn mime(context: &Context<'_>, item: &Item) -> Result<Reply, GraphRefusal> {
    context.need(&READ)?;
    let mime = compose::mime(item, true).ok_or_else(GraphRefusal::not_found)?;
    Ok(Reply::bytes(Bytes::from(mime), "text/plain"))
}

/// `GET /messages` and `/mailFolders/{id}/messages`.
pub(super) fn list(context: &Context<'_>, folder: Option<u64>) -> Result<Reply, GraphRefusal> {
    context.need(&READ_BASIC)?;
    let query = Query::read(context.request, &MESSAGE)?;
    let items = match &query.search {
        Some(text) => searched(context, folder, &query, text)?,
        None => newest_first(context, folder)?,
    };
    let view = View::new(context)?;
    let mut found = Vec::with_capacity(items.len());
    for item in items {
        if !query.has_filter() && query.orders.is_empty() {
            found.push((Value::Null, item));
            continue;
        }
        let message = filtered(&view, item, &query)?;
        if query.holds(&message) {
            found.push((message, item));
        }
    }
    found.sort_by(|(one, _), (other, _)| query.compare(one, other));
    let (skip, most) = query.page(&MESSAGE);
    let page = found.iter().skip(skip).take(most);
    let values = page
        .map(|(_, item)| view.dressed(item, &query))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(query.answer(context.request, &MESSAGE, values, found.len()))
}

/// A message as a filter looks at it.
fn filtered(view: &View<'_>, item: &Item, query: &Query) -> Result<Value, GraphRefusal> {
    let mut message: Value = view.plain(item).into();
    if query.filters_by(SINGLE) {
        view.require_content()?;
        render::put(
            &mut message,
            SINGLE,
            render::filtered_extended(item, query)?,
        );
    }
    Ok(message)
}

/// The messages of a folder, or of all of them that the caller may read, newest first.
fn newest_first<'a>(
    context: &'a Context<'_>,
    folder: Option<u64>,
) -> Result<Vec<&'a Item>, GraphRefusal> {
    let mailbox = context.mailbox()?;
    let is_message = |item: &&Item| item.kind != ItemKind::CalendarItem;
    if let Some(folder) = folder {
        context.require(folder, CalendarRights::Reviewer)?;
        return Ok(by_time(mailbox, folder).filter(is_message).collect());
    }
    folders::require_any(context)?;
    let readable = mailbox.folders.values().filter(|folder| {
        let rights = context.require(folder.number, CalendarRights::Reviewer);
        folders::is_visible(mailbox, folder) && rights.is_ok()
    });
    let all = readable.flat_map(|folder| by_time(mailbox, folder.number));
    let mut all: Vec<&Item> = all.filter(is_message).collect();
    all.sort_by_key(|item| std::cmp::Reverse((item.time(&RECEIVED), item.number)));
    Ok(all)
}

fn by_time(mailbox: &Mailbox, folder: u64) -> impl Iterator<Item = &Item> {
    let numbers = mailbox.items.by_time(folder, true, 0, usize::MAX);
    let items = numbers.into_iter();
    items.filter_map(|number| mailbox.items.get(&number))
}

/// What a search finds: newest first, and no more than the index gives.
///
/// <https://learn.microsoft.com/en-us/graph/search-query-parameter#using-search-on-message-collections>
fn searched<'a>(
    context: &'a Context<'_>,
    folder: Option<u64>,
    query: &Query,
    text: &str,
) -> Result<Vec<&'a Item>, GraphRefusal> {
    context.need(&READ)?;
    let parameter = |name: &str| context.request.parameter(name).is_some();
    for (name, code, is_there) in [
        ("$filter", "SearchWithFilter", query.has_filter()),
        ("$orderBy", "SearchWithOrderBy", !query.orders.is_empty()),
        ("$skip", "SearchWithSkip", parameter("$skip")),
        ("$count", "SearchWithCount", parameter("$count")),
    ] {
        if is_there {
            let message = format!("The query parameter '{name}' is not supported with '$search'.");
            return Err(GraphRefusal::new(400, code, message));
        }
    }
    // The whole stands in quotation marks, those within are escaped.
    let inner = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    let words = inner.unwrap_or(text).replace("\\\"", "\"");
    let query = aqs::Query::read(&words, &Zone::utc(), context.now).map_err(|refusal| {
        GraphRefusal::bad_request(format!("Syntax error in '{text}': {}", refusal.message))
    })?;
    let mut found = newest_first(context, folder)?;
    found.retain(|item| query.holds(item));
    found.truncate(MOST_FOUND);
    Ok(found)
}
