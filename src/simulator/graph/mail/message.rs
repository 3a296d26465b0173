//! Messages as Graph shows them.
//!
//! <https://learn.microsoft.com/en-us/graph/api/resources/message>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::super::calendars::clock::Clock;
use super::super::context::Context;
use super::super::ids::rest;
use super::super::lookup::etag;
use super::super::query::Query;
use super::super::refusal::GraphRefusal;
use super::super::render::{self, IMPORTANCES, name_of, time};
use super::super::{body, person};
use super::{READ, attachments, meeting};
use crate::simulator::compose;
use crate::simulator::conversation;
use crate::simulator::flag::Flag;
use crate::simulator::ids::of_conversation;
use crate::simulator::item::{
    Address, CONVERSATION_INDEX, CREATED, DELIVERY_RECEIPT, IMPORTANCE, Item, MESSAGE_ID, MODIFIED,
    READ as IS_READ, READ_RECEIPT, RECEIVED, Role, SENT, SUBJECT,
};
use crate::simulator::property::Value as Stored;
use crate::simulator::quote::unique;
use crate::simulator::store::{Mailbox, item_key};

/// States of a flag and how the store keeps them.
pub(super) const FLAGS: &[(&str, i64)] = &[("notFlagged", 0), ("complete", 1), ("flagged", 2)];

/// How a request wants its messages.
pub(super) struct View<'a> {
    context: &'a Context<'a>,
    mailbox: &'a Mailbox,
    clock: Clock,
    /// Whether the token shows no texts and nothing attached.
    is_basic: bool,
}

impl<'a> View<'a> {
    pub(super) fn new(context: &'a Context<'_>) -> Result<Self, GraphRefusal> {
        Ok(Self {
            context,
            mailbox: context.mailbox()?,
            clock: Clock::of(context.request)?,
            is_basic: context.need(&READ).is_err(),
        })
    }

    /// Refuses a token that shows no content.
    pub(super) fn require_content(&self) -> Result<(), GraphRefusal> {
        match self.is_basic {
            true => Err(GraphRefusal::access_denied()),
            false => Ok(()),
        }
    }

    /// A message with what the request expands, and without what it did not select.
    pub(super) fn dressed(&self, item: &Item, query: &Query) -> Result<Value, GraphRefusal> {
        let hidden = [
            "body",
            "bodyPreview",
            "uniqueBody",
            "internetMessageHeaders",
        ];
        let extends = query.expand.iter().any(|one| one.name() != "event");
        if extends || hidden.iter().any(|name| query.names(name)) {
            self.require_content()?;
        }
        let mut message = self.whole(item)?;
        if query.names("uniqueBody") {
            let unique = unique(&item.body);
            message.insert(
                "uniqueBody".to_owned(),
                body::written(self.context.request, &unique),
            );
        }
        // A draft has none.
        if query.names("internetMessageHeaders") && !item.unsent {
            message.insert("internetMessageHeaders".to_owned(), headers(item));
        }
        render::expand_extended(item, query, &mut message)?;
        if let Some(expand) = query.expansion("attachments") {
            let list = attachments::expanded(self.context, item, expand)?;
            message.insert("attachments".to_owned(), list);
        }
        if query
            .expansion("microsoft.graph.eventMessage/event")
            .is_some()
        {
            let event = meeting::event(self.context, item)?;
            message.extend(event.map(|event| ("event".to_owned(), event)));
        }
        let mut message = message.into();
        query.choose(&mut message);
        Ok(message)
    }

    /// All properties that come without being asked for.
    pub(super) fn whole(&self, item: &Item) -> Result<Map<String, Value>, GraphRefusal> {
        let mut message = self.plain(item);
        meeting::write(&mut message, item, &self.clock);
        if !self.is_basic {
            let preview = body::preview(&item.body);
            message.insert("bodyPreview".to_owned(), preview.into());
            let body = body::written(self.context.request, &item.body);
            message.insert("body".to_owned(), body);
        }
        Ok(message)
    }

    /// Somebody, by the address where the directory has one.
    fn person(&self, who: &Address) -> Value {
        let address = self.context.store.by_distinguished_name(&who.email);
        let email = address.unwrap_or_else(|| who.email.clone());
        person::recipient(&Address {
            name: who.name.clone(),
            email,
        })
    }

    /// The properties of every message, without its texts.
    pub(super) fn plain(&self, item: &Item) -> Map<String, Value> {
        let id = self.context.item_id(self.mailbox, item);
        let created = item.time(&CREATED);
        let instant = |one: Option<_>| one.map_or(Value::Null, time);
        let sent = item.time(&SENT).or(created);
        let received = item.time(&RECEIVED).or(created);
        let sender = item.sender.as_ref().or(item.organizer.as_ref());
        let person = |one: Option<_>| one.map_or(Value::Null, |one| self.person(one));
        let conversation = conversation::id(item);
        let conversation = conversation.map(|one| rest(&of_conversation(self.mailbox.guid, one)));
        let index = match item.bag.get(&CONVERSATION_INDEX) {
            Some(Stored::Binary(index)) => Some(STANDARD.encode(index)),
            _ => None,
        };
        let people = |roles: &[Role]| -> Value {
            let people = roles.iter().flat_map(|role| item.recipients_in(*role));
            people.map(|one| self.person(&one.address)).collect()
        };
        let text = |name: &str| match name {
            "" => Value::Null,
            name => name.into(),
        };
        let mut message = json!({
            "@odata.etag": etag(item),
            "createdDateTime": instant(created),
            "lastModifiedDateTime": instant(item.time(&MODIFIED)),
            "changeKey": item_key(item),
            "categories": render::categories(item),
            "receivedDateTime": instant(received),
            "sentDateTime": instant(sent),
            "hasAttachments": item.attachments.iter().any(|one| !one.inline),
            "internetMessageId": text(item.text(&MESSAGE_ID)),
            "subject": item.text(&SUBJECT),
            "importance": name_of(IMPORTANCES, item.integer(&IMPORTANCE)),
            "parentFolderId": self.context.folder_id(self.mailbox, item.folder),
            "conversationId": conversation,
            "conversationIndex": index,
            "isDeliveryReceiptRequested": item.flag(&DELIVERY_RECEIPT),
            "isReadReceiptRequested": item.flag(&READ_RECEIPT),
            "isRead": item.flag(&IS_READ),
            "isDraft": item.unsent,
            "webLink": format!("https://outlook.office365.com/owa/?ItemID={id}&exvsurl=1&viewmodel=ReadMessageItem"),
            "inferenceClassification": "focused",
            "sender": person(sender),
            "from": person(item.organizer.as_ref()),
            "toRecipients": people(&[Role::To, Role::Required]),
            "ccRecipients": people(&[Role::Cc, Role::Optional]),
            "bccRecipients": people(&[Role::Bcc, Role::Resource]),
            "replyTo": people(&[Role::ReplyTo]),
            "flag": flag(item, &self.clock),
        });
        render::put(&mut message, "id", id);
        match message {
            Value::Object(fields) => fields,
            _ => Map::new(),
        }
    }
}

fn flag(item: &Item, clock: &Clock) -> Value {
    let flag = Flag::of(item);
    let mut written = json!({"flagStatus": name_of(FLAGS, flag.status)});
    for (name, date) in [
        ("startDateTime", flag.start),
        ("dueDateTime", flag.due),
        ("completedDateTime", flag.completed),
    ] {
        if let Some(date) = date {
            render::put(&mut written, name, clock.write(date));
        }
    }
    written
}

/// The headers that a message came with.
fn headers(item: &Item) -> Value {
    let headers = compose::headers(item).into_iter();
    headers
        .map(|(name, value)| json!({"name": name, "value": value}))
        .collect::<Vec<_>>()
        .into()
}
