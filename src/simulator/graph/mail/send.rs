//! Sending, answering and passing on.

use serde_json::{Map, Value};

use super::super::context::Context;
use super::super::refusal::GraphRefusal;
use super::super::render;
use super::super::reply::Reply;
use super::listing::shown;
use super::update::{check_size, read_mime};
use super::write::{self, Stage};
use super::{READ, SEND, WRITE};
use crate::simulator::item::{Body, Item, ItemKind, Role};
use crate::simulator::operation::answer::{FORWARDED, forwarded, note, replied, verb};
use crate::simulator::operation::create_item::save_or_send;
use crate::simulator::operation::send_item::send_stored;
use crate::simulator::quote;
use crate::simulator::transport::no_recipients;

/// What is made of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Reply,
    ReplyAll,
    Forward,
}

/// A parameter of an action, which may begin with a capital letter.
fn parameter<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let mut all = fields.iter();
    let found = all.find(|(known, _)| known.eq_ignore_ascii_case(name));
    found
        .map(|(_, value)| value)
        .filter(|value| !value.is_null())
}

/// Refuses parameters that an action has not.
fn check_parameters(fields: &Map<String, Value>, known: &[&str]) -> Result<(), GraphRefusal> {
    let is_known = |name: &str| known.iter().any(|known| known.eq_ignore_ascii_case(name));
    let unknown = fields
        .keys()
        .find(|name| !name.contains('@') && !is_known(name));
    match unknown {
        None => Ok(()),
        Some(name) => Err(GraphRefusal::bad_request(format!(
            "The parameter '{name}' in the request payload is not a valid parameter for the operation."
        ))),
    }
}

/// The fields of the `message` parameter.
fn message(fields: &Map<String, Value>) -> Result<Option<&Map<String, Value>>, GraphRefusal> {
    parameter(fields, "message")
        .map(|value| {
            value
                .as_object()
                .ok_or_else(|| render::bad_value("message"))
        })
        .transpose()
}

/// `POST /sendMail`: JSON or MIME.
pub(super) fn send_mail(context: &mut Context<'_>) -> Result<Reply, GraphRefusal> {
    context.need(&SEND)?;
    check_size(context.request)?;
    let (mut item, keeps) = match read_mime(context)? {
        Some(item) => (item, true),
        None => {
            let fields: Map<String, Value> = context.request.json()?;
            check_parameters(&fields, &["message", "saveToSentItems"])?;
            let message = message(&fields)?
                .ok_or_else(|| GraphRefusal::bad_request("The parameter 'message' is missing."))?;
            let keeps = match parameter(&fields, "saveToSentItems") {
                None => true,
                Some(Value::Bool(keeps)) => *keeps,
                Some(Value::String(text)) if text.eq_ignore_ascii_case("false") => false,
                Some(Value::String(text)) if text.eq_ignore_ascii_case("true") => true,
                Some(_) => return Err(render::bad_value("saveToSentItems")),
            };
            (write::new(message, context.now)?, keeps)
        }
    };
    let mailbox = context.mailbox()?;
    if item.organizer.is_none() {
        item.organizer = Some(mailbox.address.clone());
    }
    let place = (context.owner, mailbox.folder_number("sentitems"));
    let disposition = match keeps {
        true => "SendAndSaveCopy",
        false => "SendOnly",
    };
    save_or_send(&mut context.call(), disposition, place, item)?;
    Ok(Reply::empty(202))
}

/// `POST /messages/{id}/send`.
pub(super) fn send(context: &mut Context<'_>, item: Item) -> Result<Reply, GraphRefusal> {
    context.need(&SEND)?;
    context.check_version(&item)?;
    if item.kind != ItemKind::Message || !item.unsent {
        return Err(GraphRefusal::new(
            400,
            "ErrorInvalidItemForOperationSendItem",
            "Only drafts of messages can be sent with this operation.",
        ));
    }
    let owner = context.owner;
    let sent = context.mailbox()?.folder_number("sentitems");
    send_stored(&mut context.call(), owner, item, Some((owner, sent)))?;
    Ok(Reply::empty(202))
}

/// The answer that a request describes: with a comment above the original, or with a body instead.
fn written(context: &Context<'_>, original: &Item, answer: Answer) -> Result<Item, GraphRefusal> {
    check_size(context.request)?;
    let fields: Map<String, Value> = match context.request.body.is_empty() {
        true => Map::new(),
        false => context.request.json()?,
    };
    let known: &[&str] = match answer {
        Answer::Forward => &["message", "comment", "toRecipients"],
        Answer::Reply | Answer::ReplyAll => &["message", "comment"],
    };
    check_parameters(&fields, known)?;
    let message = message(&fields)?;
    let comment = match parameter(&fields, "comment") {
        None => None,
        Some(Value::String(text)) => Some(text.clone()),
        Some(_) => return Err(render::bad_value("comment")),
    };
    let people = parameter(&fields, "toRecipients");
    let has = |name: &str| message.is_some_and(|message| message.contains_key(name));
    let twice = (comment.as_deref().is_some_and(|text| !text.is_empty()) && has("body"))
        || (people.is_some() && has("toRecipients"));
    if twice {
        return Err(GraphRefusal::new(
            400,
            "ErrorInvalidRequest",
            "A comment or the body of a message can be given, and recipients once, but not both.",
        ));
    }
    let mailbox = context.mailbox()?;
    let own = &mailbox.address.email;
    let mut mail = match answer {
        Answer::Forward => forwarded(original, context.now),
        _ => replied(original, own, answer == Answer::ReplyAll, context.now),
    };
    mail.organizer = Some(mailbox.address.clone());
    let comment = Body {
        html: false,
        text: comment.unwrap_or_default(),
    };
    mail.body = quote::above(comment, original);
    if let Some(people) = people {
        render::read_recipients(&mut mail, "toRecipients", people, Role::To)?;
    }
    if let Some(message) = message {
        // What is attached comes besides what the answer has already.
        let attached = std::mem::take(&mut mail.attachments);
        write::apply(&mut mail, message, Stage::New, context.now)?;
        mail.attachments.splice(0..0, attached);
    }
    Ok(mail)
}

/// `reply`, `replyAll` and `forward`.
pub(super) fn answer(
    context: &mut Context<'_>,
    original: &Item,
    answer: Answer,
) -> Result<Reply, GraphRefusal> {
    context.need(&SEND)?;
    let mail = written(context, original, answer)?;
    if mail.recipients.is_empty() {
        return Err(no_recipients().into());
    }
    let is_to_somebody = mail.recipients.iter().any(|one| one.role == Role::To);
    if answer == Answer::Forward && !is_to_somebody {
        return Err(GraphRefusal::new(
            400,
            "ErrorInvalidRequest",
            "The recipients are to be given once: as a parameter, or within the message.",
        ));
    }
    let owner = context.owner;
    let place = (owner, context.mailbox()?.folder_number("sentitems"));
    let mut call = context.call();
    save_or_send(&mut call, "SendAndSaveCopy", place, mail)?;
    if original.kind == ItemKind::Message {
        let verb = match answer {
            Answer::Forward => FORWARDED,
            _ => verb(answer == Answer::ReplyAll),
        };
        note(&mut call, (owner, original.number), verb);
    }
    Ok(Reply::empty(202))
}

/// `createReply`, `createReplyAll` and `createForward`.
pub(super) fn draft(
    context: &mut Context<'_>,
    original: &Item,
    answer: Answer,
) -> Result<Reply, GraphRefusal> {
    context.need(&WRITE)?;
    context.need(&READ)?;
    let mail = written(context, original, answer)?;
    let place = (context.owner, context.mailbox()?.folder_number("drafts"));
    let created = save_or_send(&mut context.call(), "SaveOnly", place, mail)?;
    let (_, item) = created.ok_or_else(GraphRefusal::not_found)?;
    shown(context, &item, 201)
}
