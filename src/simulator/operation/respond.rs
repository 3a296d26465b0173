//! The response objects that CreateItem takes: answers to meetings and their cancellation.

use roxmltree::Node;

use super::Call;
use super::create_item::{Created, save_copy};
use super::delete_item::dispose;
use crate::simulator::item::{
    BUSY, Body, INTENDED, Item, ItemKind, REPLY_TIME, RESPONSE, Recipient,
};
use crate::simulator::meeting::{Notice, notify, reply, same_meeting};
use crate::simulator::property::Value;
use crate::simulator::refusal::Refusal;
use crate::simulator::request::Element as _;

/// Runs one response object.
pub(super) fn run(
    call: &mut Call<'_>,
    operation: Node<'_, '_>,
    node: Node<'_, '_>,
) -> Result<Created, Refusal> {
    let reference = node.child("ReferenceItemId").ok_or_else(|| {
        Refusal::new(
            "ErrorInvalidReferenceItem",
            "A response object needs the item it refers to.",
        )
    })?;
    let found = call.item(reference)?;
    let disposition = operation.attribute("MessageDisposition").ok_or_else(|| {
        Refusal::new(
            "ErrorMessageDispositionRequired",
            "The MessageDisposition attribute is required for response objects.",
        )
    })?;
    let body_node = node.child("NewBodyContent").or_else(|| node.child("Body"));
    let body = body_node.map_or_else(Body::default, |body| Body {
        html: body.attribute("BodyType") == Some("HTML"),
        text: body.content().to_owned(),
    });
    match node.name() {
        "CancelCalendarItem" => cancel(call, disposition, found.owner, found.item, body),
        "AcceptItem" => answer(call, disposition, found.owner, &found.item, 3, body),
        "TentativelyAcceptItem" => answer(call, disposition, found.owner, &found.item, 2, body),
        "DeclineItem" => answer(call, disposition, found.owner, &found.item, 4, body),
        "RemoveItem" => remove(call, found.owner, &found.item),
        other => Err(Refusal::new(
            "ErrorInvalidOperation",
            format!("The simulator has no {other}."),
        )),
    }
}

fn cancel(
    call: &mut Call<'_>,
    disposition: &str,
    owner: usize,
    mut item: Item,
    body: Body,
) -> Result<Created, Refusal> {
    if item.kind != ItemKind::CalendarItem || !item.is_organizer() || !item.is_meeting() {
        return Err(Refusal::new(
            "ErrorCalendarIsNotOrganizer",
            "Only the organizer of a meeting can cancel it.",
        ));
    }
    if disposition == "SaveOnly" {
        return Err(Refusal::new(
            "ErrorInvalidOperation",
            "A cancellation is sent; the simulator keeps no drafts of it.",
        ));
    }
    let original = item.clone();
    if !body.text.is_empty() {
        item.body = body;
    }
    let attendees: Vec<Recipient> = item.attendees().cloned().collect();
    notify(
        call.store,
        &item,
        &attendees,
        Notice::Cancellation,
        call.now,
    );
    let copy = if disposition == "SendAndSaveCopy" {
        save_copy(call, &item, ItemKind::MeetingCancellation)
    } else {
        None
    };
    dispose(call, owner, &original, "MoveToDeletedItems")?;
    Ok(copy.map(|copy| (call.caller, copy)))
}

fn answer(
    call: &mut Call<'_>,
    disposition: &str,
    owner: usize,
    item: &Item,
    response: i64,
    body: Body,
) -> Result<Created, Refusal> {
    let request = item.kind == ItemKind::MeetingRequest;
    let number = if request {
        item.associated
            .or_else(|| same_meeting(call.store, owner, item))
    } else {
        Some(item.number)
    };
    let meeting = number
        .and_then(|number| call.store.mailboxes.get(owner)?.items.get(&number))
        .filter(|meeting| meeting.kind == ItemKind::CalendarItem)
        .cloned()
        .ok_or_else(Refusal::not_found)?;
    if meeting.is_organizer() {
        let code = match response {
            2 => "ErrorCalendarIsOrganizerForTentative",
            3 => "ErrorCalendarIsOrganizerForAccept",
            _ => "ErrorCalendarIsOrganizerForDecline",
        };
        return Err(Refusal::new(
            code,
            "The organizer of a meeting cannot answer it.",
        ));
    }
    if meeting.is_cancelled() {
        let code = match response {
            2 => "ErrorCalendarIsCancelledForTentative",
            3 => "ErrorCalendarIsCancelledForAccept",
            _ => "ErrorCalendarIsCancelledForDecline",
        };
        return Err(Refusal::new(code, "The meeting is cancelled."));
    }
    let attendee = call.mailbox(owner)?.address.clone();
    if disposition != "SaveOnly" {
        reply(call.store, &attendee, &meeting, response, body, call.now);
    }
    if request {
        dispose(call, owner, item, "MoveToDeletedItems")?;
    }
    if response == 4 {
        dispose(call, owner, &meeting, "MoveToDeletedItems")?;
        return Ok(None);
    }
    let (name, now) = (call.caller_name(), call.now);
    if let Some(item) = call
        .store
        .mailboxes
        .get_mut(owner)
        .and_then(|mailbox| mailbox.items.get_mut(&meeting.number))
    {
        let busy = if response == 2 {
            1
        } else {
            item.integer(&INTENDED)
        };
        item.set(RESPONSE, Value::Integer(response));
        item.set(BUSY, Value::Integer(busy));
        item.set(REPLY_TIME, Value::Time(now));
    }
    call.store.touch(owner, meeting.number, &name, now);
    Ok(call
        .mailbox(owner)?
        .items
        .get(&meeting.number)
        .map(|item| (owner, item.clone())))
}

fn remove(call: &mut Call<'_>, owner: usize, item: &Item) -> Result<Created, Refusal> {
    let meeting = item
        .associated
        .and_then(|number| call.store.mailboxes.get(owner)?.items.get(&number))
        .cloned();
    if let Some(meeting) = meeting {
        dispose(call, owner, &meeting, "MoveToDeletedItems")?;
    }
    dispose(call, owner, item, "MoveToDeletedItems")?;
    Ok(None)
}
