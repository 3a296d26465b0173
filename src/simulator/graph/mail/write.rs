//! What the JSON of a request sets of a message.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::super::body::ItemBody;
use super::super::calendars::clock::ZonedClock;
use super::super::person::Recipient;
use super::super::refusal::GraphRefusal;
use super::super::render::{self, IMPORTANCES, MULTI, SINGLE, bad_value};
use super::attachments;
use super::message::FLAGS;
use crate::simulator::flag::Flag;
use crate::simulator::item::{
    Address, DELIVERY_RECEIPT, IMPORTANCE, ITEM_CLASS, Item, ItemKind, MESSAGE_FLAGS, MESSAGE_ID,
    READ, READ_RECEIPT, Role, SENSITIVITY, SUBJECT,
};
use crate::simulator::path::Path;
use crate::simulator::property::{INTERNET_HEADERS, Property, Value as Stored};

/// In which state a message is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// It is being made.
    New,
    Draft,
    Sent,
}

/// What the service keeps.
const READ_ONLY: [&str; 13] = [
    "bodyPreview",
    "changeKey",
    "conversationId",
    "conversationIndex",
    "createdDateTime",
    "hasAttachments",
    "isDraft",
    "lastModifiedDateTime",
    "parentFolderId",
    "receivedDateTime",
    "sentDateTime",
    "uniqueBody",
    "webLink",
];

/// What stays as it is once a message was sent.
const OF_DRAFTS: [&str; 12] = [
    "bccRecipients",
    "body",
    "ccRecipients",
    "from",
    "internetMessageHeaders",
    "internetMessageId",
    "isDeliveryReceiptRequested",
    "isReadReceiptRequested",
    "replyTo",
    "sender",
    "subject",
    "toRecipients",
];

/// Properties that EWS knows by another name, for those who merge their writes with those of Graph.
const PATHS: [(&str, &str); 13] = [
    ("bccRecipients", "message:BccRecipients"),
    ("body", "item:Body"),
    ("categories", "item:Categories"),
    ("ccRecipients", "message:CcRecipients"),
    ("flag", "item:Flag"),
    ("from", "message:From"),
    ("importance", "item:Importance"),
    ("internetMessageId", "message:InternetMessageId"),
    ("isRead", "message:IsRead"),
    ("replyTo", "message:ReplyTo"),
    ("sender", "message:Sender"),
    ("subject", "item:Subject"),
    ("toRecipients", "message:ToRecipients"),
];

/// The paths of what a request writes, as EWS has them.
pub(super) fn paths(fields: &Map<String, Value>) -> Vec<String> {
    let known = PATHS.iter().filter(|(name, _)| fields.contains_key(*name));
    known
        .map(|(_, uri)| Path::Field((*uri).to_owned()).markup())
        .collect()
}

/// A message that a request makes.
pub(super) fn new(fields: &Map<String, Value>, now: DateTime<Utc>) -> Result<Item, GraphRefusal> {
    let mut item = Item::new(ItemKind::Message);
    settle(&mut item);
    apply(&mut item, fields, Stage::New, now)?;
    Ok(item)
}

/// What every new message has. A draft it is unless its flags say that it was sent, as imported messages do.
pub(super) fn settle(item: &mut Item) {
    for (property, value) in [
        (ITEM_CLASS, Stored::Text("IPM.Note".to_owned())),
        (SENSITIVITY, Stored::Integer(0)),
        (IMPORTANCE, Stored::Integer(1)),
    ] {
        item.bag.entry(property).or_insert(value);
    }
    item.unsent = true;
}

/// Sets what stands in the JSON.
pub(super) fn apply(
    item: &mut Item,
    fields: &Map<String, Value>,
    stage: Stage,
    now: DateTime<Utc>,
) -> Result<(), GraphRefusal> {
    for (name, value) in fields {
        let name = name.as_str();
        if name.contains('@') || name == "id" {
            continue;
        }
        if READ_ONLY.contains(&name) {
            return Err(GraphRefusal::new(
                400,
                "ErrorInvalidPropertySet",
                format!("Set action is invalid for property '{name}'."),
            ));
        }
        if stage == Stage::Sent && OF_DRAFTS.contains(&name) {
            return Err(GraphRefusal::new(
                400,
                "ErrorInvalidPropertyUpdateSentMessage",
                format!("Update operation is invalid for property '{name}' of a sent message."),
            ));
        }
        set(item, name, value, stage, now)?;
    }
    if stage == Stage::New {
        read_flags(item);
    }
    Ok(())
}

/// Message flags as an extended property make a new message a sent or a read one.
fn read_flags(item: &mut Item) {
    const UNSENT: i64 = 8;
    let flags = item.bag.remove(&MESSAGE_FLAGS);
    if let Some(flags) = flags.as_ref().and_then(Stored::integer) {
        item.unsent = flags & UNSENT != 0;
        let read = Stored::Boolean(flags & 1 != 0);
        item.bag.entry(READ).or_insert(read);
    }
}

fn set(
    item: &mut Item,
    name: &str,
    value: &Value,
    stage: Stage,
    now: DateTime<Utc>,
) -> Result<(), GraphRefusal> {
    let text = || match value {
        Value::Null => Ok(String::new()),
        Value::String(text) => Ok(text.clone()),
        _ => Err(bad_value(name)),
    };
    let truth = || value.as_bool().ok_or_else(|| bad_value(name));
    // What is no part of what a message says leaves its MIME as it came.
    let outside = [
        "isRead",
        "bccRecipients",
        "categories",
        "flag",
        "inferenceClassification",
        SINGLE,
        MULTI,
    ];
    if !outside.contains(&name) {
        item.mime = None;
    }
    match name {
        "subject" => item.set(SUBJECT, Stored::Text(text()?)),
        "body" if value.is_null() => item.body = Default::default(),
        "body" => item.body = render::read::<ItemBody>(name, value)?.read()?,
        "toRecipients" => render::read_recipients(item, name, value, Role::To)?,
        "ccRecipients" => render::read_recipients(item, name, value, Role::Cc)?,
        "bccRecipients" => render::read_recipients(item, name, value, Role::Bcc)?,
        "replyTo" => render::read_recipients(item, name, value, Role::ReplyTo)?,
        "from" => item.organizer = person(name, value)?,
        "sender" => item.sender = person(name, value)?,
        "importance" => {
            let importance = render::read_name(IMPORTANCES, name, value)?;
            item.set(IMPORTANCE, Stored::Integer(importance));
        }
        "inferenceClassification" => {
            let names = [("focused", 0), ("other", 1)];
            render::read_name(&names, name, value)?;
        }
        "categories" => render::read_categories(item, name, value)?,
        "isRead" => item.set(READ, Stored::Boolean(truth()?)),
        "isReadReceiptRequested" => item.set(READ_RECEIPT, Stored::Boolean(truth()?)),
        "isDeliveryReceiptRequested" => item.set(DELIVERY_RECEIPT, Stored::Boolean(truth()?)),
        "internetMessageId" => item.set(MESSAGE_ID, Stored::Text(text()?)),
        "flag" => flag(item, name, value, now)?,
        "internetMessageHeaders" if stage == Stage::New => headers(item, name, value)?,
        "attachments" if stage == Stage::New => {
            item.attachments = attachments::read_all(value, now)?;
        }
        SINGLE | MULTI => render::read_extended(item, name, value)?,
        "internetMessageHeaders" | "attachments" => {
            return Err(GraphRefusal::new(
                400,
                "ErrorInvalidPropertySet",
                format!("Set action is invalid for property '{name}'."),
            ));
        }
        _ => return Err(render::unknown_property(name, "microsoft.graph.message")),
    }
    Ok(())
}

fn person(name: &str, value: &Value) -> Result<Option<Address>, GraphRefusal> {
    match value {
        Value::Null => Ok(None),
        value => Ok(Some(render::read::<Recipient>(name, value)?.read()?)),
    }
}

fn flag(
    item: &mut Item,
    name: &str,
    value: &Value,
    now: DateTime<Utc>,
) -> Result<(), GraphRefusal> {
    render::known_only(
        name,
        value,
        &[
            "flagStatus",
            "startDateTime",
            "dueDateTime",
            "completedDateTime",
        ],
    )?;
    let date = |name: &str| match value.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(date) => {
            Ok::<_, GraphRefusal>(Some(render::read::<ZonedClock>(name, date)?.read()?.0))
        }
    };
    let status = match value.get("flagStatus") {
        None | Some(Value::Null) => 0,
        Some(status) => render::read_name(FLAGS, "flagStatus", status)?,
    };
    let flag = Flag {
        status,
        start: date("startDateTime")?,
        due: date("dueDateTime")?,
        completed: date("completedDateTime")?,
    };
    match flag.put(item, now) {
        true => Ok(()),
        false => Err(GraphRefusal::new(
            400,
            "ErrorInvalidArgument",
            "The dates of the flag do not go with its status.",
        )),
    }
}

/// Headers of a new message: only those of programs.
fn headers(item: &mut Item, name: &str, value: &Value) -> Result<(), GraphRefusal> {
    for one in value.as_array().ok_or_else(|| bad_value(name))? {
        render::known_only(name, one, &["name", "value"])?;
        let text = |field: &str| one.get(field).and_then(Value::as_str);
        let header = text("name").ok_or_else(|| bad_value(name))?;
        if !header.to_ascii_lowercase().starts_with("x-") {
            return Err(GraphRefusal::new(
                400,
                "InvalidInternetMessageHeader",
                format!(
                    "The internet message header name '{header}' should start with 'x-' or 'X-'."
                ),
            ));
        }
        let text = text("value").ok_or_else(|| bad_value(name))?;
        let property = Property::Name(INTERNET_HEADERS, header.to_owned());
        item.set(property, Stored::Text(text.to_owned()));
    }
    Ok(())
}
