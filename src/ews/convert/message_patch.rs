//! Changes to messages.

use super::flag;
use super::new_event::{body, importance, list, sensitivity};
use super::new_message::mailboxes;
use super::{property, recipient};
use crate::error::Result;
use crate::ews::types::{self, ExtendedProperties, FieldPath, Item, ItemChange, ItemId, Message};
use crate::ews::{FieldUri, ServerVersion};
use crate::model::{MessagePatch, Patch, Recipient};

/// What to change about a message, for a server of that version: just what the patch names.
///
/// # Errors
///
/// What the version cannot hold, before anything is sent.
pub(crate) fn message_change(
    id: ItemId,
    patch: &MessagePatch,
    version: ServerVersion,
    operation: &'static str,
) -> Result<ItemChange> {
    patch.validate(operation)?;
    let mut message = Message::default();
    let mut change = ItemChange::new(id);
    let mut extended: Vec<_> = patch.extended.iter().map(property::extended_uri).collect();
    let mut delete = |uri: FieldUri| change.delete.push(uri.into());

    message.is_read = or_default(&patch.is_read);
    message.item.importance = or_default(&patch.importance).map(importance);
    message.item.sensitivity = or_default(&patch.sensitivity).map(sensitivity);
    match &patch.categories {
        Patch::Keep => {}
        Patch::Set(categories) if !categories.is_empty() => {
            message.item.categories = list(categories.iter().cloned());
        }
        Patch::Clear | Patch::Set(_) => delete(FieldUri::ItemCategories),
    }
    match &patch.subject {
        Patch::Keep => {}
        Patch::Clear => delete(FieldUri::ItemSubject),
        Patch::Set(subject) => message.item.subject = Some(subject.clone()),
    }
    match &patch.body {
        Patch::Keep => {}
        Patch::Clear => delete(FieldUri::ItemBody),
        Patch::Set(text) => message.item.body = Some(body(text)),
    }
    match &patch.from {
        Patch::Keep => {}
        Patch::Clear => delete(FieldUri::MessageFrom),
        Patch::Set(author) => message.from = Some(recipient::to_wire(author).into()),
    }
    for (people, slot, uri) in [
        (
            &patch.to,
            &mut message.to_recipients,
            FieldUri::MessageToRecipients,
        ),
        (
            &patch.cc,
            &mut message.cc_recipients,
            FieldUri::MessageCcRecipients,
        ),
        (
            &patch.bcc,
            &mut message.bcc_recipients,
            FieldUri::MessageBccRecipients,
        ),
        (
            &patch.reply_to,
            &mut message.reply_to,
            FieldUri::MessageReplyTo,
        ),
    ] {
        if let Some(people) = new_people(people) {
            *slot = mailboxes(people);
            if slot.is_none() {
                delete(uri);
            }
        }
    }
    if let Some(flag) = or_default(&patch.flag) {
        let written = flag::write(flag, version, operation)?;
        message.item.flag = written.flag;
        extended.extend(written.set);
        change.delete.extend(written.delete);
    }
    message.item.extended_properties = list(extended.into_iter()).map(ExtendedProperties);
    let removed = patch.remove_extended.iter().map(property::property_uri);
    change.delete.extend(removed.map(FieldPath::Extended));
    Ok(change.set(Item::Message(Box::new(message))))
}

/// What a change adds to a message that is there: to its recipients, and to its MAPI properties.
pub(crate) fn message_addition(
    id: ItemId,
    (to, cc, bcc): (&[Recipient], &[Recipient], &[Recipient]),
    properties: Vec<types::ExtendedProperty>,
) -> Option<ItemChange> {
    let more = Message {
        to_recipients: mailboxes(to),
        cc_recipients: mailboxes(cc),
        bcc_recipients: mailboxes(bcc),
        ..Message::default()
    };
    let adds = more != Message::default();
    if !adds && properties.is_empty() {
        return None;
    }
    let mut change = ItemChange::new(id);
    if adds {
        change = change.append(Item::Message(Box::new(more)));
    }
    if !properties.is_empty() {
        let mut marked = Message::default();
        marked.item.extended_properties = Some(ExtendedProperties(properties));
        change = change.set(Item::Message(Box::new(marked)));
    }
    Some(change)
}

fn new_people(patch: &Patch<Vec<Recipient>>) -> Option<&[Recipient]> {
    match patch {
        Patch::Keep => None,
        Patch::Clear => Some(&[]),
        Patch::Set(people) => Some(people),
    }
}

/// The value to write, that of a new message if it is to be cleared.
fn or_default<T: Copy + Default>(patch: &Patch<T>) -> Option<T> {
    match patch {
        Patch::Keep => None,
        Patch::Clear => Some(T::default()),
        Patch::Set(value) => Some(*value),
    }
}
