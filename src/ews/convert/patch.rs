use super::new_event::{Times, body, importance, list, minutes, sensitivity, show_as};
use super::{property, recipient, recurrence};
use crate::error::{Error, Result};
use crate::ews::types::{CalendarItem, ExtendedProperties, FieldPath, Item, ItemChange, ItemId};
use crate::ews::{FieldUri, ServerVersion};
use crate::model::{Attendee, AttendeeRole, EventPatch, FreeBusyStatus, Patch, Zone};

/// What to change about a calendar item, for a server of that version: just what the patch names.
///
/// # Errors
///
/// What the version cannot hold, before anything is sent.
pub(crate) fn item_change(
    id: ItemId,
    patch: &EventPatch,
    version: ServerVersion,
    home: Option<&Zone>,
    operation: &'static str,
) -> Result<ItemChange> {
    patch
        .validate()
        .map_err(|error| error.with_operation(operation))?;
    if matches!(patch.online_meeting, Patch::Set(true)) {
        let why = "EWS cannot create online meetings";
        return Err(Error::unsupported(operation, why));
    }

    let mut item = CalendarItem::default();
    let mut change = ItemChange::new(id);
    let mut delete = |uri| change.delete.push(FieldUri::into(uri));

    match &patch.subject {
        Patch::Keep => {}
        Patch::Clear => delete(FieldUri::ItemSubject),
        Patch::Set(subject) => item.item.subject = Some(subject.clone()),
    }
    match &patch.when {
        Patch::Keep => {}
        Patch::Clear => {
            return Err(Error::invalid_argument(
                operation,
                "an event must have a time",
            ));
        }
        Patch::Set(when) => Times::of(when, version, home, operation)?.write_to(&mut item),
    }
    match &patch.body {
        Patch::Keep => {}
        Patch::Clear => delete(FieldUri::ItemBody),
        Patch::Set(text) => item.item.body = Some(body(text)),
    }
    match &patch.location {
        Patch::Keep => {}
        Patch::Clear => delete(FieldUri::CalendarLocation),
        Patch::Set(location) => item.location = Some(location.clone()),
    }
    match &patch.recurrence {
        Patch::Keep => {}
        Patch::Clear => delete(FieldUri::CalendarRecurrence),
        Patch::Set(r) => item.recurrence = Some(recurrence::to_wire(r, version, operation)?),
    }
    match &patch.show_as {
        Patch::Keep => {}
        Patch::Clear => {
            item.legacy_free_busy_status = Some(show_as(FreeBusyStatus::Busy, version, operation)?);
        }
        Patch::Set(status) => {
            item.legacy_free_busy_status = Some(show_as(*status, version, operation)?);
        }
    }
    item.item.sensitivity = or_default(&patch.sensitivity).map(sensitivity);
    item.item.importance = or_default(&patch.importance).map(importance);
    match &patch.categories {
        Patch::Keep => {}
        Patch::Set(categories) if !categories.is_empty() => {
            item.item.categories = list(categories.iter().cloned());
        }
        Patch::Clear | Patch::Set(_) => delete(FieldUri::ItemCategories),
    }
    match &patch.reminder {
        Patch::Keep => {}
        Patch::Clear => item.item.reminder_is_set = Some(false),
        Patch::Set(before) => {
            item.item.reminder_is_set = Some(true);
            item.item.reminder_minutes_before_start = Some(minutes(*before));
        }
    }
    // What nobody said is what a new event has: answers are wanted, other times welcome.
    item.is_response_requested = or(&patch.response_requested, true);
    item.allow_new_time_proposal = or(&patch.allow_new_time_proposals, true);
    item.item.extended_properties =
        list(patch.extended.iter().map(property::extended_uri)).map(ExtendedProperties);

    let none: &[Attendee] = &[];
    let attendees = match &patch.attendees {
        Patch::Keep => None,
        Patch::Clear => Some(none),
        Patch::Set(attendees) => Some(attendees.as_slice()),
    };
    if let Some(attendees) = attendees {
        let of = |role| recipient::attendees_to_wire(attendees, role);
        item.required_attendees = of(AttendeeRole::Required);
        item.optional_attendees = of(AttendeeRole::Optional);
        item.resources = of(AttendeeRole::Resource);
        for (list, uri) in [
            (
                &item.required_attendees,
                FieldUri::CalendarRequiredAttendees,
            ),
            (
                &item.optional_attendees,
                FieldUri::CalendarOptionalAttendees,
            ),
            (&item.resources, FieldUri::CalendarResources),
        ] {
            if list.is_none() {
                delete(uri);
            }
        }
    }
    let removed = patch.remove_extended.iter().map(property::property_uri);
    change.delete.extend(removed.map(FieldPath::Extended));
    Ok(change.set(Item::CalendarItem(Box::new(item))))
}

/// The value to write, that of a new event if it is to be cleared.
fn or_default<T: Copy + Default>(patch: &Patch<T>) -> Option<T> {
    or(patch, T::default())
}

fn or<T: Copy>(patch: &Patch<T>, default: T) -> Option<T> {
    match patch {
        Patch::Keep => None,
        Patch::Clear => Some(default),
        Patch::Set(value) => Some(*value),
    }
}
