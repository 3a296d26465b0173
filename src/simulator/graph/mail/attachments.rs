//! What is attached to messages and events.
//!
//! <https://learn.microsoft.com/en-us/graph/api/resources/attachment>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::Method;
use serde_json::{Map, Value, json};

use super::super::calendars;
use super::super::context::Context;
use super::super::ids::Reference;
use super::super::query::{self, Expand, Query, Resource};
use super::super::refusal::GraphRefusal;
use super::super::render::{self, bad_value, time};
use super::super::reply::Reply;
use super::message::View;
use super::update::check_size;
use super::{READ, WRITE, not_allowed, upload, write};
use crate::simulator::attachment::Attachment;
use crate::simulator::compose;
use crate::simulator::item::{Item, ItemKind};
use crate::simulator::operation::save::save;
use crate::simulator::store::CalendarRights;

const ATTACHMENT: Resource = Resource {
    name: "microsoft.graph.attachment",
    properties: &[
        "id",
        "contentType",
        "isInline",
        "lastModifiedDateTime",
        "name",
        "size",
    ],
    filterable: &["contentType", "isInline", "name", "size"],
    sortable: &["name", "size", "lastModifiedDateTime"],
    expandable: &["microsoft.graph.itemAttachment/item"],
    is_order_bound: false,
    page: (1000, 1000),
};

/// What a token needs for what is attached to an item.
fn need(context: &Context<'_>, item: &Item, writes: bool) -> Result<(), GraphRefusal> {
    let any: &[&str] = match (item.kind == ItemKind::CalendarItem, writes) {
        (false, false) => &READ,
        (false, true) => &WRITE,
        (true, false) => &["Calendars.Read", "Calendars.ReadWrite"],
        (true, true) => &["Calendars.ReadWrite"],
    };
    context.need(any)?;
    let rights = match writes {
        true => CalendarRights::Editor,
        false => CalendarRights::Reviewer,
    };
    context.require(item.folder, rights)?;
    // What is private is not for everybody.
    let sees = context
        .store
        .sees_private(context.caller, context.owner, item.folder);
    match item.is_private() && !sees {
        true => Err(GraphRefusal::access_denied()),
        false => Ok(()),
    }
}

/// Answers what is about the attachments of a message or an event.
pub(in crate::simulator::graph) fn route(
    context: &mut Context<'_>,
    item: Item,
    path: &[&str],
) -> Result<Reply, GraphRefusal> {
    let method = context.request.method.clone();
    need(context, &item, method != Method::GET)?;
    match (path, &method) {
        ([], &Method::GET) => list(context, &item),
        ([], &Method::POST) => create(context, item),
        (["createUploadSession"], &Method::POST) => upload::create(context, &item),
        ([id], &Method::GET) => get(context, &item, find(&item, id)?),
        ([id], &Method::DELETE) => delete(context, &item, id),
        ([id, "$value"], &Method::GET) => value(find(&item, id)?),
        _ => Err(not_allowed()),
    }
}

fn find<'a>(item: &'a Item, id: &str) -> Result<&'a Attachment, GraphRefusal> {
    let guid = Reference::decode_attachment(id)
        .ok_or_else(|| GraphRefusal::new(400, "ErrorInvalidIdMalformed", "Id is malformed."))?;
    let mut all = item.attachments.iter();
    let found = all.find(|one| one.guid == guid);
    found.ok_or_else(GraphRefusal::not_found)
}

/// An attachment as Graph shows it, with the item in it where that is expanded.
fn written(
    context: &Context<'_>,
    item: &Item,
    attachment: &Attachment,
    query: &Query,
) -> Result<Value, GraphRefusal> {
    let id = context.reference(context.mailbox()?, item);
    let kind = match (attachment.bytes(), attachment.link()) {
        (_, Some(_)) => "reference",
        (Some(_), None) => "file",
        (None, None) => "item",
    };
    let mut value = json!({
        "@odata.type": format!("#microsoft.graph.{kind}Attachment"),
        "id": id.encode_attachment(attachment.guid),
        "lastModifiedDateTime": time(attachment.modified()),
        "name": attachment.name(),
        "contentType": attachment.content_type(),
        "size": attachment.size(),
        "isInline": attachment.inline,
    });
    if let Some(bytes) = attachment.bytes() {
        let kind = attachment
            .content_type()
            .unwrap_or("application/octet-stream");
        render::put(&mut value, "@odata.mediaContentType", kind);
        render::put(&mut value, "contentId", attachment.content_id());
        render::put(&mut value, "contentLocation", attachment.content_location());
        if query.selects("contentBytes") {
            render::put(&mut value, "contentBytes", STANDARD.encode(bytes));
        }
    }
    let expands = query.expand.iter().any(|one| one.name() == "item");
    if let Some(inner) = attachment.item().filter(|_| expands) {
        render::put(&mut value, "item", inner_item(context, inner)?);
    }
    query.choose(&mut value);
    Ok(value)
}

/// The item within an attachment: it has no place of its own.
fn inner_item(context: &Context<'_>, inner: &Item) -> Result<Value, GraphRefusal> {
    let mut value = match inner.kind {
        ItemKind::CalendarItem => calendars::shown_event(context, inner)?,
        _ => View::new(context)?.whole(inner)?.into(),
    };
    let kind = match inner.kind {
        ItemKind::CalendarItem => "event",
        _ => "message",
    };
    if let Some(fields) = value.as_object_mut() {
        for name in ["@odata.etag", "changeKey", "parentFolderId", "webLink"] {
            fields.remove(name);
        }
        fields.insert("id".to_owned(), "".into());
        fields
            .entry("@odata.type")
            .or_insert(format!("#microsoft.graph.{kind}").into());
    }
    Ok(value)
}

fn list(context: &Context<'_>, item: &Item) -> Result<Reply, GraphRefusal> {
    let query = Query::read(context.request, &ATTACHMENT)?;
    let all = item.attachments.iter();
    let all = all.map(|one| written(context, item, one, &query));
    let mut all: Vec<Value> = all.collect::<Result<_, _>>()?;
    all.retain(|one| query.holds(one));
    all.sort_by(|one, other| query.compare(one, other));
    let total = all.len();
    let (skip, most) = query.page(&ATTACHMENT);
    let page = all.into_iter().skip(skip).take(most).collect();
    Ok(query.answer(context.request, &ATTACHMENT, page, total))
}

/// What `$expand=attachments` puts into an item.
pub(in crate::simulator::graph) fn expanded(
    context: &Context<'_>,
    item: &Item,
    expand: &Expand,
) -> Result<Value, GraphRefusal> {
    let query = expand.query(&ATTACHMENT)?;
    let all = item.attachments.iter();
    let all = all.map(|one| written(context, item, one, &query));
    Ok(all.collect::<Result<Vec<_>, _>>()?.into())
}

fn get(context: &Context<'_>, item: &Item, attachment: &Attachment) -> Result<Reply, GraphRefusal> {
    let query = Query::read(context.request, &ATTACHMENT)?;
    let value = written(context, item, attachment, &query)?;
    Ok(query::single(context.request, 200, value))
}

/// `$value`: the bytes of a file, an item as MIME or as iCalendar.
fn value(attachment: &Attachment) -> Result<Reply, GraphRefusal> {
    if attachment.link().is_some() {
        return Err(GraphRefusal::new(
            405,
            "ErrorInvalidRequest",
            "The content of a reference attachment is not here.",
        ));
    }
    let inner = attachment.item();
    let (bytes, kind) = match (attachment.bytes(), inner) {
        (Some(bytes), _) => (bytes.to_vec(), "application/octet-stream"),
        (None, Some(inner)) if inner.kind == ItemKind::CalendarItem => (
            compose::mime(inner, true).unwrap_or_default(),
            "text/calendar",
        ),
        (None, inner) => {
            let mime = inner.and_then(|inner| compose::mime(inner, true));
            (mime.unwrap_or_default(), "message/rfc822")
        }
    };
    Ok(Reply::bytes(Bytes::from(bytes), kind))
}

/// Reads the attachments of a new item.
pub(in crate::simulator::graph) fn read_all(
    value: &Value,
    now: DateTime<Utc>,
) -> Result<Vec<Attachment>, GraphRefusal> {
    let list = value.as_array().ok_or_else(|| bad_value("attachments"))?;
    list.iter().map(|one| read(one, now)).collect()
}

/// Reads an attachment of a request.
fn read(value: &Value, now: DateTime<Utc>) -> Result<Attachment, GraphRefusal> {
    let fields = value.as_object().ok_or_else(|| bad_value("attachments"))?;
    let kind = fields.get("@odata.type").and_then(Value::as_str);
    let kind = kind.unwrap_or_default().trim_start_matches('#');
    let common = [
        "id",
        "name",
        "contentType",
        "size",
        "isInline",
        "lastModifiedDateTime",
    ];
    let own: &[&str] = match kind {
        "microsoft.graph.fileAttachment" => &["contentBytes", "contentId", "contentLocation"],
        "microsoft.graph.itemAttachment" => &["item"],
        _ => {
            return Err(GraphRefusal::new(
                400,
                "RequestBodyRead",
                format!("An attachment is a file or an item, not '{kind}'."),
            ));
        }
    };
    let known: Vec<&str> = common.iter().chain(own).copied().collect();
    render::known_only(kind, value, &known)?;
    let text = |name: &str| match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(bad_value(name)),
    };
    let missing = |name: &str| {
        GraphRefusal::new(
            400,
            "ErrorRequiredPropertyMissing",
            format!("Required property is missing: {name}."),
        )
    };
    let name = text("name")?.filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| missing("name"))?;
    let inline = match fields.get("isInline") {
        None | Some(Value::Null) => false,
        Some(value) => value.as_bool().ok_or_else(|| bad_value("isInline"))?,
    };
    if let Some(item) = fields.get("item") {
        let inner = inner(item, now)?;
        return Ok(Attachment::of_item(&inner, &name, now));
    }
    let bytes = text("contentBytes")?.ok_or_else(|| missing("contentBytes"))?;
    let bytes = STANDARD
        .decode(bytes)
        .map_err(|_| bad_value("contentBytes"))?;
    let file = Attachment::file(name, text("contentType")?, bytes, now);
    let file = file.shown(text("contentId")?, inline);
    Ok(file.located(text("contentLocation")?))
}

/// The item that is to be attached.
fn inner(value: &Value, now: DateTime<Utc>) -> Result<Item, GraphRefusal> {
    let fields: &Map<String, Value> = value.as_object().ok_or_else(|| bad_value("item"))?;
    let kind = fields.get("@odata.type").and_then(Value::as_str);
    match kind.unwrap_or_default().trim_start_matches('#') {
        "microsoft.graph.message" => {
            let mut item = write::new(fields, now)?;
            item.unsent = false;
            Ok(item)
        }
        "microsoft.graph.event" => calendars::new_event(fields.clone(), now),
        _ => Err(bad_value("item")),
    }
}

fn create(context: &mut Context<'_>, item: Item) -> Result<Reply, GraphRefusal> {
    check_size(context.request)?;
    let wanted: Value = context.request.json()?;
    let attachment = read(&wanted, context.now)?;
    let (item, attachment) = attach(context, item, attachment)?;
    let value = written(context, &item, &attachment, &Query::default())?;
    Ok(query::single(context.request, 201, value))
}

/// Puts an attachment to an item of the store.
pub(super) fn attach(
    context: &mut Context<'_>,
    mut item: Item,
    attachment: Attachment,
) -> Result<(Item, Attachment), GraphRefusal> {
    item.attachments.push(attachment.clone());
    item.mime = None;
    context.store.check_size(&item)?;
    let owner = context.owner;
    let item = save(&mut context.call(), owner, item, &[])?;
    Ok((item, attachment))
}

fn delete(context: &mut Context<'_>, item: &Item, id: &str) -> Result<Reply, GraphRefusal> {
    let guid = find(item, id)?.guid;
    let mut item = item.clone();
    item.attachments.retain(|one| one.guid != guid);
    item.mime = None;
    let owner = context.owner;
    save(&mut context.call(), owner, item, &[])?;
    Ok(Reply::empty(204))
}
