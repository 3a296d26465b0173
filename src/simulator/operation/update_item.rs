//! UpdateItem.

use roxmltree::Node;

use super::create_item::Created;
use super::receipts::after_reading;
use super::save::{mark_read, save};
use super::send_item::{copy_folder, send_stored};
use super::{Call, Found, children};
use crate::simulator::change::{append, check_times, delete, set};
use crate::simulator::fields::by_element;
use crate::simulator::item::{
    ALL_DAY, END, INVITED, Item, ItemKind, READ, Recipient, SENT, SEQUENCE, START,
};
use crate::simulator::meeting::{Notice, notify};
use crate::simulator::path::{Extended, Path};
use crate::simulator::property::Value;
use crate::simulator::refusal::{Fault, Refusal};
use crate::simulator::request::Element as _;
use crate::simulator::shape::Shape;
use crate::simulator::soap::responses;

/// <https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/updateitem-operation>
pub(super) fn run(call: &mut Call<'_>, operation: Node<'_, '_>) -> Result<String, Fault> {
    let changes: Vec<_> = children(operation, "ItemChanges").collect();
    let mut results = Vec::with_capacity(changes.len());
    for change in changes {
        results.push(update(call, operation, change));
    }
    let shape = Shape::id_only();
    Ok(responses(
        "UpdateItem",
        &results,
        "<m:Items/>",
        |writer, updated| {
            writer.element("m:Items", &[], |writer| {
                if let Some((owner, item)) = updated {
                    call.write(writer, *owner, item, &shape, false);
                }
            });
            writer.element("m:ConflictResults", &[], |writer| {
                writer.leaf("t:Count", "0")
            });
        },
    ))
}

/// One of the changes of a request, read.
enum Update<'a, 'input> {
    Set(Path, Node<'a, 'input>),
    Append(Path, Node<'a, 'input>),
    Delete(Path),
}

impl Update<'_, '_> {
    fn path(&self) -> &Path {
        match self {
            Self::Set(path, _) | Self::Append(path, _) | Self::Delete(path) => path,
        }
    }
}

fn read<'a, 'input: 'a>(
    kind: ItemKind,
    node: Node<'a, 'input>,
) -> Result<Update<'a, 'input>, Refusal> {
    let mismatch = |path: &Path| {
        Refusal::of_field(
            "ErrorUpdatePropertyMismatch",
            "The property path does not match the property in the object.",
            &path.markup(),
        )
    };
    let path = Path::read(node.first().ok_or_else(|| {
        Refusal::new("ErrorInvalidRequest", "An update without a property path.")
    })?)?;
    if node.name() == "DeleteItemField" {
        return Ok(Update::Delete(path));
    }
    let property = node
        .elements()
        .nth(1)
        .and_then(|item| item.first())
        .ok_or_else(|| mismatch(&path))?;
    let matches = match &path {
        Path::Field(uri) | Path::Indexed(uri, _) => {
            by_element(kind, property.name()).is_none_or(|field| field.uri == uri)
        }
        Path::Extended(extended) => property
            .child("ExtendedFieldURI")
            .and_then(|node| Extended::read(node).ok())
            .is_some_and(|other| other.property == extended.property),
    };
    if !matches {
        return Err(mismatch(&path));
    }
    Ok(if node.name() == "AppendToItemField" {
        Update::Append(path, property)
    } else {
        Update::Set(path, property)
    })
}

fn update(
    call: &mut Call<'_>,
    operation: Node<'_, '_>,
    change: Node<'_, '_>,
) -> Result<Created, Refusal> {
    let id = change
        .first()
        .ok_or_else(|| Refusal::new("ErrorInvalidRequest", "A change without an id."))?;
    let found = call.item(id)?;
    call.require_write(&found)?;
    let mut item = found.item.clone();
    let mut updates = Vec::new();
    for node in children(change, "Updates") {
        updates.push(read(item.kind, node)?);
    }
    check_conflict(operation, &found, &updates)?;
    let sending = operation.attribute("SendMeetingInvitationsOrCancellations");
    if item.kind == ItemKind::CalendarItem && sending.is_none() {
        return Err(Refusal::new(
            "ErrorSendMeetingInvitationsOrCancellationsRequired",
            "The SendMeetingInvitationsOrCancellations attribute is required for calendar items.",
        ));
    }
    if item.kind != ItemKind::CalendarItem && !item.unsent {
        check_sent(&item, &updates)?;
    }
    let zone = call.zone_or_utc();
    for update in &updates {
        if *update.path() == Path::Field("item:Attachments".to_owned()) {
            return Err(Refusal::of_field(
                "ErrorInvalidPropertySet",
                "Set action is invalid for property.",
                &update.path().markup(),
            ));
        }
        match update {
            Update::Set(_, property) => set(&mut item, *property, &zone, call.now)?,
            Update::Append(_, property) => append(&mut item, *property)?,
            Update::Delete(path) => delete(&mut item, path)?,
        }
    }
    if item.occurrence.is_some() && item.recurrence.is_some() {
        return Err(Refusal::of_field(
            "ErrorInvalidPropertySet",
            "Set action is invalid for property.",
            &Path::Field("calendar:Recurrence".to_owned()).markup(),
        ));
    }
    let paths: Vec<String> = updates.iter().map(|one| one.path().markup()).collect();
    if item.kind == ItemKind::CalendarItem {
        check_times(&item)?;
        item.normalize(&zone);
        let sending = sending.unwrap_or("SendToNone");
        let stored = update_event(call, found.owner, &found.item, item, sending, &paths)?;
        return Ok(Some((found.owner, stored)));
    }
    let only_read = updates
        .iter()
        .all(|update| *update.path() == Path::Field("message:IsRead".to_owned()));
    if item.flag(&READ) && !found.item.flag(&READ) {
        let suppressed = operation.attribute("SuppressReadReceipts");
        let suppressed = matches!(suppressed, Some("true" | "1"));
        after_reading(call, found.owner, &found.item, suppressed);
        item.receipt_pending = false;
    }
    if only_read {
        let marked = mark_read(call, found.owner, item.number, item.flag(&READ))?;
        return Ok(Some((found.owner, marked)));
    }
    let disposition = operation.attribute("MessageDisposition");
    let sends = matches!(disposition, Some("SendOnly" | "SendAndSaveCopy"));
    if item.kind == ItemKind::Message && sends {
        let named = operation
            .child("SavedItemFolderId")
            .and_then(|folder| folder.first());
        let copy = copy_folder(call, named, found.owner)?;
        let copy = copy.filter(|_| disposition == Some("SendAndSaveCopy"));
        send_stored(call, found.owner, item, copy)?;
        return Ok(None);
    }
    call.store.check_size(&item)?;
    let stored = save(call, found.owner, item, &paths)?;
    Ok(Some((found.owner, stored)))
}

/// Stores a changed event and tells its attendees, as far as `sending` says. `paths` are what the client wrote.
pub(in crate::simulator) fn update_event(
    call: &mut Call<'_>,
    owner: usize,
    before: &Item,
    mut item: Item,
    sending: &str,
    paths: &[String],
) -> Result<Item, Refusal> {
    keep_responses(before, &mut item);
    let notices = notices(sending, before, &item);
    if notices.iter().any(|(notice, _)| *notice == Notice::Full) {
        item.forget_answers();
    }
    if !notices.is_empty() {
        let sequence = item.integer(&SEQUENCE) + 1;
        item.set(SEQUENCE, Value::Integer(sequence));
        item.set(INVITED, Value::Boolean(true));
        item.set(SENT, Value::Time(call.now));
    }
    call.store.check_size(&item)?;
    let stored = save(call, owner, item, paths)?;
    for (notice, attendees) in notices {
        notify(call.store, &stored, &attendees, notice, call.now);
    }
    Ok(stored)
}

/// What of a message can be written only while it is a draft. Exchange refuses the rest too where
/// it is kept by the server, see `fields.rs`.
const OF_DRAFTS: &[&str] = &[
    "message:ToRecipients",
    "message:CcRecipients",
    "message:BccRecipients",
    "message:ReplyTo",
    "message:From",
    "message:Sender",
    "message:InternetMessageId",
    "message:IsReadReceiptRequested",
    "message:IsDeliveryReceiptRequested",
    "item:Subject",
    "item:Body",
];

/// Refuses to rewrite what was sent.
fn check_sent(item: &Item, updates: &[Update<'_, '_>]) -> Result<(), Refusal> {
    let refused = updates.iter().find(
        |update| matches!(update.path(), Path::Field(uri) if OF_DRAFTS.contains(&uri.as_str())),
    );
    let Some(update) = refused.filter(|_| item.kind == ItemKind::Message) else {
        return Ok(());
    };
    Err(Refusal::of_field(
        "ErrorInvalidPropertyUpdateSentMessage",
        "Update operation is invalid for property of a sent message.",
        &update.path().markup(),
    ))
}

/// Refuses stale writes, by the policy that the request names.
fn check_conflict(
    operation: Node<'_, '_>,
    found: &Found,
    updates: &[Update<'_, '_>],
) -> Result<(), Refusal> {
    let policy = operation
        .attribute("ConflictResolution")
        .unwrap_or("AutoResolve");
    let Some(known) = found.known else {
        return if policy == "NeverOverwrite" {
            Err(Refusal::new(
                "ErrorChangeKeyRequiredForWriteOperations",
                "A change key is required for this operation.",
            ))
        } else {
            Ok(())
        };
    };
    let item = &found.item;
    let stale = known < item.changed;
    let written_since = |update: &Update<'_, '_>| {
        item.written
            .get(&update.path().markup())
            .is_some_and(|change| *change > known)
    };
    let conflict = match policy {
        "AlwaysOverwrite" => false,
        "NeverOverwrite" => stale,
        _ => stale && updates.iter().any(written_since),
    };
    if conflict {
        return Err(Refusal::new(
            "ErrorIrresolvableConflict",
            "The send or update operation could not be performed because the change key passed in the request does not match the current change key for the item.",
        ));
    }
    Ok(())
}

/// Attendees that stay keep their answers.
fn keep_responses(before: &Item, after: &mut Item) {
    for one in &mut after.recipients {
        let known = before
            .recipients
            .iter()
            .find(|old| old.address.email.eq_ignore_ascii_case(&one.address.email));
        if let Some(known) = known {
            one.response = known.response;
            one.replied = known.replied;
            one.proposed = known.proposed;
        }
    }
}

/// Whether a change makes the answers so far void ([MS-OXOCAL] 3.1.4.7.3).
fn is_significant(before: &Item, after: &Item) -> bool {
    [START, END, ALL_DAY]
        .iter()
        .any(|property| before.bag.get(property) != after.bag.get(property))
        || before.recurrence != after.recurrence
}

/// Which messages a changed meeting causes.
fn notices(sending: &str, before: &Item, after: &Item) -> Vec<(Notice, Vec<Recipient>)> {
    if sending == "SendToNone" || !after.is_meeting() || !after.is_organizer() {
        return Vec::new();
    }
    let only_changed = matches!(sending, "SendOnlyToChanged" | "SendToChangedAndSaveCopy");
    let missing_in = |item: &Item, one: &Recipient| {
        !item
            .attendees()
            .any(|other| other.address.email.eq_ignore_ascii_case(&one.address.email))
    };
    let removed: Vec<Recipient> = before
        .attendees()
        .filter(|one| missing_in(after, one))
        .cloned()
        .collect();
    let kept: Vec<Recipient> = after
        .attendees()
        .filter(|one| !only_changed || missing_in(before, one))
        .cloned()
        .collect();
    let update = if only_changed || !is_significant(before, after) {
        Notice::Informational
    } else {
        Notice::Full
    };
    [(Notice::Cancellation, removed), (update, kept)]
        .into_iter()
        .filter(|(_, attendees)| !attendees.is_empty())
        .collect()
}
