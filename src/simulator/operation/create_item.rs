//! CreateItem: calendar items, messages, and the answers to meetings.

use roxmltree::Node;

use super::{Call, answer, forward, receipts, respond};
use crate::simulator::change::new_item;
use crate::simulator::conversation;
use crate::simulator::item::{
    INVITED, Item, ItemKind, MESSAGE_FLAGS, READ, RECEIVED, Recipient, SENT,
};
use crate::simulator::meeting::{Notice, notify};
use crate::simulator::path::Path;
use crate::simulator::property::Value;
use crate::simulator::refusal::{Fault, Refusal};
use crate::simulator::request::Element as _;
use crate::simulator::shape::Shape;
use crate::simulator::soap::responses;
use crate::simulator::store::CalendarRights;
use crate::simulator::transport::{dispatch, prepare};
use crate::simulator::version::SimulatedVersion;

/// <https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/createitem-operation>
pub(super) fn run(call: &mut Call<'_>, operation: Node<'_, '_>) -> Result<String, Fault> {
    let items: Vec<_> = operation
        .child("Items")
        .into_iter()
        .flat_map(|items| items.elements().collect::<Vec<_>>())
        .collect();
    let mut results = Vec::with_capacity(items.len());
    for node in items {
        results.push(create(call, operation, node));
    }
    let shape = Shape::created();
    Ok(responses(
        "CreateItem",
        &results,
        "<m:Items/>",
        |writer, created| {
            writer.element("m:Items", &[], |writer| {
                if let Some((owner, item)) = created {
                    call.write(writer, *owner, item, &shape, false);
                }
            });
        },
    ))
}

/// What was created, where anything is left to show.
pub(super) type Created = Option<(usize, Item)>;

fn create(
    call: &mut Call<'_>,
    operation: Node<'_, '_>,
    node: Node<'_, '_>,
) -> Result<Created, Refusal> {
    if node.child("Attachments").is_some() && call.version < SimulatedVersion::Exchange2013Sp1 {
        return Err(Refusal::of_field(
            "ErrorInvalidPropertySet",
            "Set action is invalid for property.",
            &Path::Field("item:Attachments".to_owned()).markup(),
        ));
    }
    match node.name() {
        "CalendarItem" => create_event(call, operation, node),
        "Message" => create_message(call, operation, node),
        "ForwardItem" => forward::run(call, operation, node),
        "ReplyToItem" | "ReplyAllToItem" => answer::run(call, operation, node),
        "SuppressReadReceipt" => receipts::suppress(call, node),
        _ => respond::run(call, operation, node),
    }
}

/// The folder that the request names, or a distinguished one of the caller.
pub(super) fn target(
    call: &Call<'_>,
    operation: Node<'_, '_>,
    default: &str,
) -> Result<(usize, u64), Refusal> {
    let named = operation
        .child("SavedItemFolderId")
        .and_then(|folder| folder.first());
    let (owner, folder) = match named {
        Some(node) => call.folder(node)?,
        None => {
            let mailbox = call.mailbox(call.caller)?;
            (call.caller, mailbox.folder_number(default))
        }
    };
    call.require(owner, folder, CalendarRights::Editor)
        .map_err(|_| {
            Refusal::new(
                "ErrorCreateItemAccessDenied",
                "Access is denied. The item cannot be created in this folder.",
            )
        })?;
    Ok((owner, folder))
}

fn create_event(
    call: &mut Call<'_>,
    operation: Node<'_, '_>,
    node: Node<'_, '_>,
) -> Result<Created, Refusal> {
    let sending = operation
        .attribute("SendMeetingInvitations")
        .ok_or_else(|| {
            Refusal::new(
                "ErrorSendMeetingInvitationsRequired",
                "The SendMeetingInvitations attribute is required for calendar items.",
            )
        })?;
    let (owner, folder) = target(call, operation, "calendar")?;
    let zone = call.zone_or_utc();
    let mut item = new_item(node, &zone, call.now)?;
    if item.start_zone.is_none() {
        item.start_zone = Some(zone.clone());
        item.normalize(&zone);
    }
    if item.end_zone.is_none() {
        item.end_zone.clone_from(&item.start_zone);
    }
    let invite = sending != "SendToNone" && item.attendees().next().is_some();
    let keeps_copy = sending == "SendToAllAndSaveCopy";
    let item = put_event(call, (owner, folder), item, (invite, keeps_copy))?;
    Ok(Some((owner, item)))
}

/// Puts a new event into a calendar, whose owner organizes it, and invites its attendees where that is wanted.
pub(in crate::simulator) fn put_event(
    call: &mut Call<'_>,
    (owner, folder): (usize, u64),
    mut item: Item,
    (invite, keeps_copy): (bool, bool),
) -> Result<Item, Refusal> {
    item.organizer = Some(call.mailbox(owner)?.address.clone());
    let attendees: Vec<Recipient> = item.attendees().cloned().collect();
    item.set(INVITED, Value::Boolean(invite));
    if invite {
        item.set(SENT, Value::Time(call.now));
    }
    let name = call.caller_name();
    let item = call
        .store
        .insert(owner, folder, item, &name, call.now)
        .cloned()
        .ok_or_else(Refusal::not_found)?;
    if invite {
        notify(call.store, &item, &attendees, Notice::New, call.now);
        if keeps_copy {
            save_copy(call, &item, ItemKind::MeetingRequest);
        }
    }
    Ok(item)
}

/// Keeps a copy of a sent meeting message in Sent Items.
pub(in crate::simulator) fn save_copy(
    call: &mut Call<'_>,
    meeting: &Item,
    kind: ItemKind,
) -> Option<Item> {
    let mut copy = meeting.clone();
    copy.kind = kind;
    copy.instance = meeting.recurrence_id();
    copy.occurrence = None;
    copy.written.clear();
    copy.set(SENT, Value::Time(call.now));
    let caller = call.caller;
    let sent = call.mailbox(caller).ok()?.folder_number("sentitems");
    let name = call.caller_name();
    call.store
        .insert(caller, sent, copy, &name, call.now)
        .cloned()
}

fn create_message(
    call: &mut Call<'_>,
    operation: Node<'_, '_>,
    node: Node<'_, '_>,
) -> Result<Created, Refusal> {
    let disposition = disposition(operation)?;
    let mut item = new_item(node, &call.zone_or_utc(), call.now)?;
    let default = if disposition == "SaveOnly" {
        "drafts"
    } else {
        "sentitems"
    };
    let place = target(call, operation, default)?;
    if item.organizer.is_none() {
        item.organizer = Some(call.mailbox(place.0)?.address.clone());
    }
    // Unless its flags say that it was sent, as imported messages do.
    let flags = item.bag.remove(&MESSAGE_FLAGS);
    let flags = flags.as_ref().and_then(Value::integer);
    item.unsent = flags.is_none_or(|flags| flags & UNSENT != 0);
    if let Some(flags) = flags {
        let read = Value::Boolean(flags & 1 != 0);
        item.bag.entry(READ).or_insert(read);
    }
    save_or_send(call, disposition, place, item)
}

/// The bit of the message flags for drafts.
const UNSENT: i64 = 8;

/// What is to be done with a message.
pub(super) fn disposition<'a>(operation: Node<'a, '_>) -> Result<&'a str, Refusal> {
    operation.attribute("MessageDisposition").ok_or_else(|| {
        Refusal::new(
            "ErrorMessageDispositionRequired",
            "The MessageDisposition attribute is required for messages.",
        )
    })
}

/// Saves a new message, or sends it and keeps a copy in that folder where one is wanted.
pub(in crate::simulator) fn save_or_send(
    call: &mut Call<'_>,
    disposition: &str,
    (owner, folder): (usize, u64),
    mut item: Item,
) -> Result<Created, Refusal> {
    call.store.check_room(owner, &item)?;
    if disposition != "SaveOnly" {
        prepare(call.store, call.caller, &mut item, call.now)?;
        let copy = (disposition == "SendAndSaveCopy").then_some((owner, folder));
        dispatch(call.store, call.caller, item, copy, call.now);
        // The copy gets its id later; clients are told none.
        return Ok(None);
    }
    conversation::join(call.store, &mut item, call.now);
    item.bag.entry(RECEIVED).or_insert(Value::Time(call.now));
    let name = call.caller_name();
    let item = call
        .store
        .insert(owner, folder, item, &name, call.now)
        .cloned()
        .ok_or_else(Refusal::not_found)?;
    Ok(Some((owner, item)))
}
