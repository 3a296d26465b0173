//! CreateItem: calendar items, messages, and the answers to meetings.

use roxmltree::Node;

use super::{Call, forward, respond};
use crate::simulator::change::new_item;
use crate::simulator::item::{INVITED, Item, ItemKind, Recipient, SENT};
use crate::simulator::meeting::{Notice, notify, send_mail};
use crate::simulator::path::Path;
use crate::simulator::property::Value;
use crate::simulator::refusal::{Fault, Refusal};
use crate::simulator::request::Element as _;
use crate::simulator::shape::Shape;
use crate::simulator::soap::responses;
use crate::simulator::store::CalendarRights;
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
    if node.child("Attachments").is_some() && call.version < SimulatedVersion::Exchange2010Sp2 {
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
    item.organizer = Some(call.mailbox(owner)?.address.clone());
    let attendees: Vec<Recipient> = item.attendees().cloned().collect();
    let invite = sending != "SendToNone" && !attendees.is_empty();
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
        if sending == "SendToAllAndSaveCopy" {
            save_copy(call, &item, ItemKind::MeetingRequest);
        }
    }
    Ok(Some((owner, item)))
}

/// Keeps a copy of a sent meeting message in Sent Items.
pub(super) fn save_copy(call: &mut Call<'_>, meeting: &Item, kind: ItemKind) -> Option<Item> {
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
    let disposition = operation.attribute("MessageDisposition").ok_or_else(|| {
        Refusal::new(
            "ErrorMessageDispositionRequired",
            "The MessageDisposition attribute is required for messages.",
        )
    })?;
    let default = if disposition == "SaveOnly" {
        "drafts"
    } else {
        "sentitems"
    };
    let (owner, folder) = target(call, operation, default)?;
    let mut item = new_item(node, &call.zone_or_utc(), call.now)?;
    if item.organizer.is_none() {
        item.organizer = Some(call.mailbox(owner)?.address.clone());
    }
    if disposition != "SaveOnly" {
        if item.recipients.is_empty() {
            return Err(Refusal::new(
                "ErrorInvalidRecipients",
                "At least one recipient is needed to send a message.",
            ));
        }
        item.set(SENT, Value::Time(call.now));
        send_mail(call.store, &item, call.now);
    }
    if disposition == "SendOnly" {
        return Ok(None);
    }
    let name = call.caller_name();
    let item = call
        .store
        .insert(owner, folder, item, &name, call.now)
        .cloned()
        .ok_or_else(Refusal::not_found)?;
    // Sending gives the saved copy an id later; clients get none.
    Ok((disposition == "SaveOnly").then_some((owner, item)))
}
