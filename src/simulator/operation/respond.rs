//! The response objects that CreateItem takes: answers to meetings and their cancellation.

use roxmltree::Node;

use super::create_item::{Created, save_copy};
use super::delete_item::dispose;
use super::{Call, Found};
use crate::simulator::booking::same_meeting;
use crate::simulator::ids::Id;
use crate::simulator::item::{
    BUSY, Body, INTENDED, Item, ItemKind, NO_PROPOSALS, REPLY_TIME, RESPONSE, Recipient,
};
use crate::simulator::meeting::{Notice, notify};
use crate::simulator::property::Value;
use crate::simulator::refusal::Refusal;
use crate::simulator::reply::{Answer, Proposal, reply};
use crate::simulator::request::Element as _;
use crate::simulator::zone::date_time;

/// The item that a response object refers to, and what to do with the message.
pub(super) fn reference<'a>(
    call: &Call<'_>,
    operation: Node<'a, '_>,
    node: Node<'_, '_>,
) -> Result<(Found, &'a str), Refusal> {
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
    Ok((found, disposition))
}

/// The text of a response object.
pub(super) fn body_of(node: Node<'_, '_>) -> Body {
    let body = node.child("NewBodyContent").or_else(|| node.child("Body"));
    body.map_or_else(Body::default, |body| Body {
        html: body.attribute("BodyType") == Some("HTML"),
        text: body.content().to_owned(),
    })
}

/// Runs one response object.
pub(super) fn run(
    call: &mut Call<'_>,
    operation: Node<'_, '_>,
    node: Node<'_, '_>,
) -> Result<Created, Refusal> {
    let (found, disposition) = reference(call, operation, node)?;
    call.require_write(&found)?;
    let body = body_of(node);
    let response = match node.name() {
        "CancelCalendarItem" => {
            return cancel(call, disposition, found.owner, found.item, body);
        }
        "RemoveItem" => return remove(call, found.owner, &found.item),
        "AcceptItem" => 3,
        "TentativelyAcceptItem" => 2,
        "DeclineItem" => 4,
        other => {
            return Err(Refusal::new(
                "ErrorInvalidOperation",
                format!("The simulator has no {other}."),
            ));
        }
    };
    let answer = Answer {
        response,
        body,
        proposed: proposal(call, node)?,
        sender: None,
    };
    respond(call, disposition, found.owner, &found.item, answer)
}

/// The other time that a response object proposes.
fn proposal(call: &Call<'_>, node: Node<'_, '_>) -> Result<Proposal, Refusal> {
    let zone = call.zone_or_utc();
    let time = |name: &str| {
        node.text_of(name)
            .map(|text| date_time(text, &zone).ok_or_else(|| Refusal::bad_date(text)))
            .transpose()
    };
    let proposed = match (time("ProposedStart")?, time("ProposedEnd")?) {
        (None, None) => return Ok(None),
        (Some(start), Some(end)) if start < end => (start, end),
        _ => return Err(no_proposal("a start before an end is needed")),
    };
    if node.name() == "AcceptItem" {
        return Err(no_proposal("who accepts cannot propose another time"));
    }
    Ok(Some(proposed))
}

/// No recording shows the code that real servers refuse proposals with; this one says what it is.
fn no_proposal(why: &str) -> Refusal {
    Refusal::new(
        "ErrorCalendarInvalidPropertyState",
        format!("The proposed time is invalid: {why}."),
    )
}

/// Cancels a meeting, or one occurrence of it, and takes it out of its organizer's calendar.
pub(in crate::simulator) fn cancel(
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

/// A code for each of the three answers.
fn by_answer(response: i64, codes: [&'static str; 3], message: &str) -> Refusal {
    let [accept, tentative, decline] = codes;
    let code = match response {
        2 => tentative,
        3 => accept,
        _ => decline,
    };
    Refusal::new(code, message)
}

/// The calendar item, or occurrence, that an item is about: itself, or that of a request.
fn meeting_of(call: &Call<'_>, owner: usize, item: &Item) -> Result<Item, Refusal> {
    if item.kind != ItemKind::MeetingRequest {
        let own = (item.kind == ItemKind::CalendarItem && item.is_meeting()).then(|| item.clone());
        return own.ok_or_else(|| {
            Refusal::new(
                "ErrorInvalidItemForOperationAcceptItem",
                "Only meetings and meeting requests can be answered.",
            )
        });
    }
    let id = item.associated.or_else(|| {
        let number = same_meeting(call.store, owner, item, item.instance)?;
        let mailbox = call.mailbox(owner).ok()?.guid;
        Some(Id::Item { mailbox, number })
    });
    Ok(call.item_of(id.ok_or_else(Refusal::not_found)?)?.item)
}

/// Answers a meeting, or the request for it.
pub(in crate::simulator) fn respond(
    call: &mut Call<'_>,
    disposition: &str,
    owner: usize,
    item: &Item,
    mut answer: Answer,
) -> Result<Created, Refusal> {
    let response = answer.response;
    if item.representing.is_some() {
        let codes = [
            "ErrorCalendarIsDelegatedForAccept",
            "ErrorCalendarIsDelegatedForTentative",
            "ErrorCalendarIsDelegatedForDecline",
        ];
        let message = "A delegate answers with the item in the owner's calendar.";
        return Err(by_answer(response, codes, message));
    }
    let request = item.kind == ItemKind::MeetingRequest;
    if request && item.is_out_of_date() {
        return Err(Refusal::new(
            "ErrorCalendarMeetingRequestIsOutOfDate",
            "The meeting request is out of date: a newer one has come.",
        ));
    }
    let meeting = meeting_of(call, owner, item)?;
    if meeting.is_organizer() {
        let codes = [
            "ErrorCalendarIsOrganizerForAccept",
            "ErrorCalendarIsOrganizerForTentative",
            "ErrorCalendarIsOrganizerForDecline",
        ];
        let message = "The organizer of a meeting cannot answer it.";
        return Err(by_answer(response, codes, message));
    }
    if meeting.is_cancelled() {
        let codes = [
            "ErrorCalendarIsCancelledForAccept",
            "ErrorCalendarIsCancelledForTentative",
            "ErrorCalendarIsCancelledForDecline",
        ];
        return Err(by_answer(response, codes, "The meeting is cancelled."));
    }
    if answer.proposed.is_some() {
        if meeting.flag(&NO_PROPOSALS) {
            return Err(no_proposal("the organizer does not allow it"));
        }
        if meeting.recurrence.is_some() {
            return Err(no_proposal("a whole series can get none"));
        }
    }
    let attendee = call.mailbox(owner)?.address.clone();
    if call.caller != owner {
        answer.sender = Some(call.mailbox(call.caller)?.address.clone());
    }
    if disposition != "SaveOnly" {
        reply(call.store, &attendee, &meeting, answer, call.now);
    }
    if request {
        dispose(call, owner, item, "MoveToDeletedItems")?;
    }
    if response == 4 {
        dispose(call, owner, &meeting, "MoveToDeletedItems")?;
        return Ok(None);
    }
    note(call, owner, meeting, response).map(Some)
}

/// Notes the answer in the attendee's own calendar.
fn note(
    call: &mut Call<'_>,
    owner: usize,
    mut meeting: Item,
    response: i64,
) -> Result<(usize, Item), Refusal> {
    let intended = meeting.integer(&INTENDED);
    let busy = if response == 2 {
        intended.min(1)
    } else {
        intended
    };
    meeting.set(RESPONSE, Value::Integer(response));
    meeting.set(BUSY, Value::Integer(busy));
    meeting.set(REPLY_TIME, Value::Time(call.now));
    let name = call.caller_name();
    let change = call.store.next();
    let slot = call
        .store
        .mailboxes
        .get_mut(owner)
        .and_then(|mailbox| mailbox.items.get_mut(&meeting.number))
        .ok_or_else(Refusal::not_found)?;
    let original = meeting
        .recurrence_id()
        .filter(|_| meeting.occurrence.is_some());
    match meeting.occurrence {
        Some(occurrence) => {
            let mut overrides = slot.differences(&meeting, occurrence.original);
            overrides.changed = change;
            slot.exceptions.insert(occurrence.original, overrides);
        }
        None => {
            // A new answer to the series counts for its exceptions too.
            for overrides in slot.exceptions.values_mut() {
                for property in [RESPONSE, BUSY, REPLY_TIME] {
                    overrides.bag.remove(&property);
                }
            }
            *slot = Item {
                exceptions: std::mem::take(&mut slot.exceptions),
                ..meeting
            };
        }
    }
    let number = slot.number;
    call.store.touch(owner, number, &name, call.now);
    let item = call.mailbox(owner)?.items.get(&number);
    let item = item.ok_or_else(Refusal::not_found)?;
    Ok((
        owner,
        original.map_or_else(|| item.clone(), |start| item.occurrence_at(start)),
    ))
}

fn remove(call: &mut Call<'_>, owner: usize, item: &Item) -> Result<Created, Refusal> {
    if item.representing.is_some() {
        return Err(Refusal::new(
            "ErrorCalendarIsDelegatedForRemove",
            "A delegate removes the item in the owner's calendar.",
        ));
    }
    let cancelled = match item.kind {
        ItemKind::MeetingCancellation => true,
        ItemKind::CalendarItem if item.is_meeting() && item.is_organizer() => {
            return Err(Refusal::new(
                "ErrorCalendarIsOrganizerForRemove",
                "The organizer cancels or deletes a meeting.",
            ));
        }
        ItemKind::CalendarItem => item.is_cancelled(),
        _ => false,
    };
    if !cancelled {
        return Err(Refusal::new(
            "ErrorInvalidItemForOperationRemoveItem",
            "Only what is cancelled can be removed.",
        ));
    }
    let meeting = item
        .associated
        .and_then(|id| call.item_of(id).ok())
        .map(|found| found.item);
    if let Some(meeting) = meeting {
        dispose(call, owner, &meeting, "MoveToDeletedItems")?;
    }
    dispose(call, owner, item, "MoveToDeletedItems")?;
    Ok(None)
}
