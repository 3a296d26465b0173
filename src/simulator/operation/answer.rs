//! ReplyToItem, ReplyAllToItem, and ForwardItem of messages.

use chrono::{DateTime, Utc};
use roxmltree::Node;

use super::create_item::{Created, save_or_send, target};
use super::respond::reference;
use super::{Call, Found};
use crate::simulator::attachment::Attachment;
use crate::simulator::change::{address, recipients};
use crate::simulator::conversation;
use crate::simulator::item::*;
use crate::simulator::property::{Property, Value};
use crate::simulator::quote;
use crate::simulator::refusal::Refusal;
use crate::simulator::request::Element as _;

/// PidTagLastVerbExecuted and its time ([MS-OXOMSG] 2.2.1.29).
const VERB: Property = Property::Tag(0x1081);
const VERB_TIME: Property = Property::Tag(0x1082);
/// PidTagIconIndex.
const ICON: Property = Property::Tag(0x1080);

/// An answer to the sender of an item, or to everybody.
///
/// <https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/replytoitem>
pub(super) fn run(
    call: &mut Call<'_>,
    operation: Node<'_, '_>,
    node: Node<'_, '_>,
) -> Result<Created, Refusal> {
    let (found, disposition) = reference(call, operation, node)?;
    let all = node.name() == "ReplyAllToItem";
    let own = call.mailbox(call.caller)?.address.email.clone();
    let mail = replied(&found.item, &own, all, call.now);
    finish(call, (operation, node, disposition), found, mail, verb(all))
}

/// What is noted on a message that was answered, to its sender or to all.
pub(in crate::simulator) fn verb(all: bool) -> i64 {
    if all { 103 } else { 102 }
}

/// The answer of somebody to the sender of a message, or to all, without a body.
pub(in crate::simulator) fn replied(
    original: &Item,
    own: &str,
    all: bool,
    now: DateTime<Utc>,
) -> Item {
    let mut mail = follow_up(original, "RE: ", now);
    let mut people: Vec<Recipient> = original.recipients_in(Role::ReplyTo).cloned().collect();
    let mine = original
        .organizer
        .as_ref()
        .is_some_and(|from| from.email.eq_ignore_ascii_case(own));
    // Who answers to all in their own message goes on writing to the others.
    if people.is_empty() && !(all && mine) {
        let from = original.organizer.clone();
        people.extend(from.map(|from| Recipient::new(Role::To, from)));
    }
    for one in &mut people {
        one.role = Role::To;
    }
    if all {
        let to = |one: &&Recipient| matches!(one.role, Role::To | Role::Required);
        let cc = |one: &&Recipient| matches!(one.role, Role::Cc | Role::Optional);
        let others = |role: Role, list: Vec<&Recipient>, people: &mut Vec<Recipient>| {
            for one in list {
                let email = &one.address.email;
                let known = people
                    .iter()
                    .any(|known| known.address.email.eq_ignore_ascii_case(email));
                if !known && !email.eq_ignore_ascii_case(own) {
                    people.push(Recipient::new(role, one.address.clone()));
                }
            }
        };
        let recipients = &original.recipients;
        others(
            Role::To,
            recipients.iter().filter(to).collect(),
            &mut people,
        );
        others(
            Role::Cc,
            recipients.iter().filter(cc).collect(),
            &mut people,
        );
    }
    mail.recipients = people;
    // Pictures in the quoted text come along, files do not.
    let inline = original.attachments.iter().filter(|one| one.inline);
    mail.attachments = inline.map(Attachment::again).collect();
    mail
}

/// A message passed on.
///
/// <https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/forwarditem>
pub(super) fn forward(
    call: &mut Call<'_>,
    operation: Node<'_, '_>,
    node: Node<'_, '_>,
) -> Result<Created, Refusal> {
    let (found, disposition) = reference(call, operation, node)?;
    let mail = forwarded(&found.item, call.now);
    finish(call, (operation, node, disposition), found, mail, FORWARDED)
}

/// What is noted on a message that was passed on.
pub(in crate::simulator) const FORWARDED: i64 = 104;

/// An item to be passed on, without recipients and body.
pub(in crate::simulator) fn forwarded(original: &Item, now: DateTime<Utc>) -> Item {
    let mut mail = follow_up(original, "FW: ", now);
    if original.kind == ItemKind::CalendarItem {
        let attached = Attachment::of_item(original, original.text(&SUBJECT), now);
        mail.attachments.push(attached);
    } else {
        let attachments = original.attachments.iter();
        mail.attachments = attachments.map(Attachment::again).collect();
    }
    mail
}

/// A new message in the conversation of another one.
fn follow_up(original: &Item, prefix: &str, now: DateTime<Utc>) -> Item {
    let mut mail = Item::new(ItemKind::Message);
    mail.unsent = true;
    mail.set(ITEM_CLASS, Value::Text("IPM.Note".to_owned()));
    let subject = quote::subject(prefix, original);
    mail.set(SUBJECT, Value::Text(subject));
    let sensitivity = original.integer(&SENSITIVITY);
    mail.set(SENSITIVITY, Value::Integer(sensitivity));
    mail.set(IMPORTANCE, Value::Integer(1));
    if let Some(topic) = original.bag.get(&TOPIC) {
        mail.set(TOPIC, topic.clone());
    }
    if let Some(Value::Binary(index)) = original.bag.get(&CONVERSATION_INDEX) {
        let index = conversation::answer(index, now);
        mail.set(CONVERSATION_INDEX, Value::Binary(index));
    }
    let id = original.text(&MESSAGE_ID);
    if !id.is_empty() {
        let known = original.text(&REFERENCES);
        let references = format!("{known} {id}").trim_start().to_owned();
        mail.set(IN_REPLY_TO, Value::Text(id.to_owned()));
        mail.set(REFERENCES, Value::Text(references));
    }
    mail
}

/// Puts in what the request says, then saves or sends.
fn finish(
    call: &mut Call<'_>,
    (operation, node, disposition): (Node<'_, '_>, Node<'_, '_>, &str),
    found: Found,
    mut mail: Item,
    verb: i64,
) -> Result<Created, Refusal> {
    if let Some(subject) = node.text_of("Subject") {
        mail.set(SUBJECT, Value::Text(subject.to_owned()));
    }
    for (element, role) in [
        ("ToRecipients", Role::To),
        ("CcRecipients", Role::Cc),
        ("BccRecipients", Role::Bcc),
    ] {
        if let Some(list) = node.child(element) {
            mail.recipients.retain(|one| one.role != role);
            mail.recipients.extend(recipients(list, role)?);
        }
    }
    for (element, property) in [
        ("IsReadReceiptRequested", READ_RECEIPT),
        ("IsDeliveryReceiptRequested", DELIVERY_RECEIPT),
    ] {
        if matches!(node.text_of(element), Some("true" | "1")) {
            mail.set(property, Value::Boolean(true));
        }
    }
    let written = |node: Node<'_, '_>| Body {
        html: node.attribute("BodyType") == Some("HTML"),
        text: node.content().to_owned(),
    };
    mail.body = match node.child("Body") {
        Some(whole) => written(whole),
        None if found.item.kind == ItemKind::CalendarItem => node
            .child("NewBodyContent")
            .map(written)
            .unwrap_or_default(),
        None => {
            let comment = node.child("NewBodyContent").map(written);
            quote::above(comment.unwrap_or_default(), &found.item)
        }
    };
    let draft = disposition == "SaveOnly";
    let place = target(call, operation, if draft { "drafts" } else { "sentitems" })?;
    let from = node.child("From").and_then(|from| from.child("Mailbox"));
    mail.organizer = Some(match from {
        Some(from) => address(from)?,
        None => call.mailbox(call.caller)?.address.clone(),
    });
    let created = save_or_send(call, disposition, place, mail)?;
    let mail = matches!(found.item.kind, ItemKind::Message) && found.owner == call.caller;
    if !draft && mail {
        note(call, (found.owner, found.item.number), verb);
    }
    Ok(created)
}

/// Notes on the original what was done with it.
pub(in crate::simulator) fn note(call: &mut Call<'_>, (owner, number): (usize, u64), verb: i64) {
    let icon = if verb == FORWARDED { 262 } else { 261 };
    let (name, now) = (call.caller_name(), call.now);
    if let Some(original) = call
        .store
        .mailboxes
        .get_mut(owner)
        .and_then(|mailbox| mailbox.items.get_mut(&number))
    {
        original.set(VERB, Value::Integer(verb));
        original.set(VERB_TIME, Value::Time(now));
        original.set(ICON, Value::Integer(icon));
    }
    call.store.touch(owner, number, &name, now);
}
