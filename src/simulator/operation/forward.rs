//! ForwardItem: meetings, appointments and mail passed on.

use roxmltree::Node;

use super::Call;
use super::create_item::Created;
use super::respond::{body_of, reference};
use crate::simulator::attachment::Attachment;
use crate::simulator::booking::book;
use crate::simulator::change::recipients;
use crate::simulator::item::{
    Address, Body, ITEM_CLASS, Item, ItemKind, Recipient, Role, SENSITIVITY, SENT, SUBJECT,
};
use crate::simulator::meeting::{Notice, deliver, message_of, record, send_mail};
use crate::simulator::property::{Property, Value};
use crate::simulator::refusal::Refusal;
use crate::simulator::reply::tell_of_forward;
use crate::simulator::request::Element as _;

/// <https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/forwarditem>
pub(super) fn run(
    call: &mut Call<'_>,
    operation: Node<'_, '_>,
    node: Node<'_, '_>,
) -> Result<Created, Refusal> {
    let (found, disposition) = reference(call, operation, node)?;
    let mut people = Vec::new();
    for (element, role) in [
        ("ToRecipients", Role::To),
        ("CcRecipients", Role::Cc),
        ("BccRecipients", Role::Bcc),
    ] {
        if let Some(list) = node.child(element) {
            people.extend(recipients(list, role)?);
        }
    }
    let draft = disposition == "SaveOnly";
    if people.is_empty() && !draft {
        return Err(Refusal::new(
            "ErrorInvalidRecipients",
            "At least one recipient is needed to forward an item.",
        ));
    }
    let own = node.text_of("Subject").map(str::to_owned);
    let subject = own.unwrap_or_else(|| format!("FW: {}", found.item.text(&SUBJECT)));
    let passing = Passing {
        subject,
        body: body_of(node),
        people,
    };
    let sent = if found.item.is_meeting()
        && matches!(
            found.item.kind,
            ItemKind::CalendarItem | ItemKind::MeetingRequest
        ) {
        if draft {
            return Err(Refusal::new(
                "ErrorInvalidOperation",
                "The simulator keeps no drafts of forwarded meetings.",
            ));
        }
        pass_on_meeting(call, found.owner, found.item, passing)?
    } else {
        let mail = mail(call, found.item, passing)?;
        if !draft {
            send_mail(call.store, &mail, call.now);
        }
        mail
    };
    if disposition == "SendOnly" {
        return Ok(None);
    }
    let folder = if draft { "drafts" } else { "sentitems" };
    let (caller, name, now) = (call.caller, call.caller_name(), call.now);
    let folder = call.mailbox(caller)?.folder_number(folder);
    let saved = call.store.insert(caller, folder, sent, &name, now).cloned();
    Ok(saved.filter(|_| draft).map(|saved| (caller, saved)))
}

/// What the one who forwards adds.
struct Passing {
    subject: String,
    body: Body,
    people: Vec<Recipient>,
}

/// The comment above what was there before.
fn above(comment: Body, before: &Body) -> Body {
    if comment.text.is_empty() {
        return before.clone();
    }
    let gap = if comment.html { "<br>" } else { "\r\n\r\n" };
    Body {
        html: comment.html,
        text: format!("{}{gap}{}", comment.text, before.text),
    }
}

/// Invites people for the organizer, who is told about it.
fn pass_on_meeting(
    call: &mut Call<'_>,
    owner: usize,
    item: Item,
    passing: Passing,
) -> Result<Item, Refusal> {
    let forwarder = call.mailbox(owner)?.address.clone();
    let caller = call.mailbox(call.caller)?.address.clone();
    let subject = item.text(&SUBJECT).to_owned();
    let mut meeting = item;
    if meeting.kind == ItemKind::MeetingRequest {
        meeting
            .recipients
            .retain(|one| matches!(one.role, Role::Required | Role::Optional | Role::Resource));
    }
    meeting.set(SUBJECT, Value::Text(passing.subject));
    meeting.body = above(passing.body, &meeting.body);
    meeting.forget_answers();
    let addresses: Vec<Address> = passing
        .people
        .iter()
        .map(|one| one.address.clone())
        .collect();
    let mut message = message_of(&meeting, Notice::New);
    message
        .recipients
        .retain(|one| !matches!(one.role, Role::To | Role::Cc));
    message.recipients.extend(passing.people);
    message.sender = Some(caller);
    let now = call.now;
    for address in &addresses {
        let mut own = message.clone();
        own.associated = call
            .store
            .position(&address.email)
            .and_then(|owner| book(call.store, owner, &meeting, Notice::New, now));
        deliver(call.store, &address.email, own, now);
    }
    let to = addresses.iter().map(|one| one.email.clone()).collect();
    record(call.store, &message, to, now);
    meeting.set(SUBJECT, Value::Text(subject));
    tell_of_forward(call.store, &forwarder, &meeting, &addresses, now);
    message.set(SENT, Value::Time(now));
    Ok(message)
}

/// Mail with the mail below the comment, or with the appointment attached.
fn mail(call: &Call<'_>, item: Item, passing: Passing) -> Result<Item, Refusal> {
    let mut mail = Item::new(ItemKind::Message);
    mail.set(ITEM_CLASS, Value::Text("IPM.Note".to_owned()));
    mail.set(SUBJECT, Value::Text(passing.subject));
    mail.set(SENSITIVITY, Value::Integer(0));
    mail.set(Property::Tag(0x0017), Value::Integer(1));
    mail.recipients = passing.people;
    mail.organizer = Some(call.mailbox(call.caller)?.address.clone());
    if item.kind == ItemKind::CalendarItem {
        mail.body = passing.body;
        let attached = Attachment::of_item(&item, item.text(&SUBJECT), call.now);
        mail.attachments.push(attached);
    } else {
        mail.body = above(passing.body, &item.body);
        mail.attachments = item.attachments;
    }
    Ok(mail)
}
