//! ForwardItem: meetings passed on; mail and appointments are in `answer.rs`.

use roxmltree::Node;

use super::Call;
use super::answer;
use super::create_item::Created;
use super::respond::{body_of, reference};
use crate::simulator::booking::book;
use crate::simulator::change::recipients;
use crate::simulator::item::{Address, Body, Item, ItemKind, Recipient, Role, SENT, SUBJECT};
use crate::simulator::meeting::{Notice, deliver, message_of, record};
use crate::simulator::property::Value;
use crate::simulator::refusal::Refusal;
use crate::simulator::reply::tell_of_forward;
use crate::simulator::request::Element as _;
use crate::simulator::transport::no_recipients;

/// <https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/forwarditem>
pub(super) fn run(
    call: &mut Call<'_>,
    operation: Node<'_, '_>,
    node: Node<'_, '_>,
) -> Result<Created, Refusal> {
    let (found, disposition) = reference(call, operation, node)?;
    let meeting = matches!(
        found.item.kind,
        ItemKind::CalendarItem | ItemKind::MeetingRequest
    );
    if !found.item.is_meeting() || !meeting {
        return answer::forward(call, operation, node);
    }
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
    if disposition == "SaveOnly" {
        return Err(Refusal::new(
            "ErrorInvalidOperation",
            "The simulator keeps no drafts of forwarded meetings.",
        ));
    }
    if people.is_empty() {
        return Err(no_recipients());
    }
    let own = node.text_of("Subject").map(str::to_owned);
    let subject = own.unwrap_or_else(|| format!("FW: {}", found.item.text(&SUBJECT)));
    let passing = Passing {
        subject,
        body: body_of(node),
        people,
    };
    let keeps_copy = disposition != "SendOnly";
    forward_meeting(call, found.owner, found.item, passing, keeps_copy)?;
    Ok(None)
}

/// Passes a meeting on, and keeps a copy of the message where that is wanted.
pub(in crate::simulator) fn forward_meeting(
    call: &mut Call<'_>,
    owner: usize,
    item: Item,
    passing: Passing,
    keeps_copy: bool,
) -> Result<(), Refusal> {
    let sent = pass_on_meeting(call, owner, item, passing)?;
    if keeps_copy {
        let (caller, name, now) = (call.caller, call.caller_name(), call.now);
        let folder = call.mailbox(caller)?.folder_number("sentitems");
        call.store.insert(caller, folder, sent, &name, now);
    }
    Ok(())
}

/// What the one who forwards adds.
pub(in crate::simulator) struct Passing {
    pub(in crate::simulator) subject: String,
    pub(in crate::simulator) body: Body,
    pub(in crate::simulator) people: Vec<Recipient>,
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
