//! Meetings in the calendars of those who are invited.

use chrono::{DateTime, Utc};

use super::fields;
use super::ids::Id;
use super::item::*;
use super::meeting::Notice;
use super::property::{Property, Value};
use super::store::Store;

/// Whether a property belongs to whose calendar it is in, not to the meeting.
fn is_personal(property: &Property) -> bool {
    const PERSONAL: [Property; 14] = [
        ITEM_CLASS,
        RESPONSE,
        REPLY_TIME,
        BUSY,
        INTENDED,
        STATE,
        REMINDER_SET,
        REMINDER_MINUTES,
        SENSITIVITY,
        CREATED,
        MODIFIED,
        MODIFIER,
        READ,
        STAMP,
    ];
    PERSONAL.contains(property)
        || *property == fields::keywords()
        || *property == fields::transaction()
}

/// Brings what the organizer decides over into an attendee's item or occurrence.
fn bring_over(target: &mut Item, meeting: &Item, notice: Notice, now: DateTime<Utc>) {
    target
        .bag
        .retain(|property, _| is_personal(property) || meeting.bag.contains_key(property));
    for (property, value) in &meeting.bag {
        if !is_personal(property) {
            target.set(property.clone(), value.clone());
        }
    }
    target.body.clone_from(&meeting.body);
    target.attachments.clone_from(&meeting.attachments);
    target.recipients.clone_from(&meeting.recipients);
    target.forget_answers();
    target.organizer.clone_from(&meeting.organizer);
    target.start_zone.clone_from(&meeting.start_zone);
    target.end_zone.clone_from(&meeting.end_zone);
    let intended = meeting.integer(&BUSY);
    target.set(INTENDED, Value::Integer(intended));
    target.set(STATE, Value::Integer(STATE_MEETING | STATE_RECEIVED));
    target.set(STAMP, Value::Time(now));
    if notice != Notice::Informational || !target.bag.contains_key(&RESPONSE) {
        target.set(RESPONSE, Value::Integer(5));
        target.set(BUSY, Value::Integer(intended.min(1)));
        target.bag.remove(&REPLY_TIME);
    }
}

/// A new item for an attendee, with what is personal as the organizer suggests it.
fn fresh(meeting: &Item) -> Item {
    let mut item = Item::new(ItemKind::CalendarItem);
    item.set(ITEM_CLASS, Value::Text("IPM.Appointment".to_owned()));
    for property in [SENSITIVITY, REMINDER_SET, REMINDER_MINUTES] {
        if let Some(value) = meeting.bag.get(&property) {
            item.set(property, value.clone());
        }
    }
    item
}

/// The calendar item of a mailbox with the UID of a meeting: the series or single meeting, or with
/// `instance` the one occurrence of a series that its owner was invited to alone.
pub(super) fn same_meeting(
    store: &Store,
    owner: usize,
    meeting: &Item,
    instance: Option<DateTime<Utc>>,
) -> Option<u64> {
    let wanted = meeting.bag.get(&CLEAN_OBJECT_ID)?;
    let mailbox = store.mailboxes.get(owner)?;
    let deleted = mailbox.folder_number("deleteditems");
    mailbox
        .items
        .values()
        .find(|item| {
            item.kind == ItemKind::CalendarItem
                && !mailbox.is_under(item.folder, deleted)
                && item.instance == instance
                && item.bag.get(&CLEAN_OBJECT_ID) == Some(wanted)
        })
        .map(|item| item.number)
}

/// Puts a meeting, or one occurrence of it, into an attendee's calendar, tentatively, or brings it
/// up to date there.
pub(super) fn book(
    store: &mut Store,
    owner: usize,
    meeting: &Item,
    notice: Notice,
    now: DateTime<Utc>,
) -> Option<Id> {
    let instance = meeting.recurrence_id();
    let series = same_meeting(store, owner, meeting, None);
    if let (Some(original), Some(number)) = (instance, series) {
        return book_occurrence(store, owner, number, original, meeting, notice, now);
    }
    let organizer = meeting.organizer.clone().unwrap_or_default().name;
    let known = same_meeting(store, owner, meeting, instance);
    let mailbox = store.mailboxes.get_mut(owner)?;
    let guid = mailbox.guid;
    let attendee = mailbox.address.email.clone();
    let calendar = mailbox.folder_number("calendar");
    let existing = known.and_then(|number| mailbox.items.get_mut(&number));
    let mut copy = match &existing {
        Some(existing) => Item::clone(existing),
        None => fresh(meeting),
    };
    bring_over(&mut copy, meeting, notice, now);
    copy.instance = instance;
    let same_pattern = existing.is_some() && copy.recurrence == meeting.recurrence;
    copy.recurrence.clone_from(&meeting.recurrence);
    if !same_pattern || notice == Notice::Full {
        copy.exceptions.clear();
        copy.deleted.clear();
    }
    copy.deleted.extend(&meeting.deleted);
    for original in meeting.exceptions.keys() {
        let theirs = meeting.occurrence_at(*original);
        if !theirs.is_invited(&attendee) && meeting.is_invited(&attendee) {
            copy.deleted.insert(*original);
            continue;
        }
        let mut own = copy.occurrence_at(*original);
        bring_over(&mut own, &theirs, notice, now);
        let overrides = copy.differences(&own, *original);
        copy.exceptions.insert(*original, overrides);
    }
    let deleted = copy.deleted.clone();
    copy.exceptions
        .retain(|original, _| !deleted.contains(original));
    let number = if let Some(existing) = existing {
        let number = existing.number;
        *existing = copy;
        store.touch(owner, number, &organizer, now);
        number
    } else {
        store.insert(owner, calendar, copy, &organizer, now)?.number
    };
    Some(Id::Item {
        mailbox: guid,
        number,
    })
}

/// Brings one occurrence of a series that an attendee has up to date.
fn book_occurrence(
    store: &mut Store,
    owner: usize,
    number: u64,
    original: DateTime<Utc>,
    meeting: &Item,
    notice: Notice,
    now: DateTime<Utc>,
) -> Option<Id> {
    let organizer = meeting.organizer.clone().unwrap_or_default().name;
    let change = store.next();
    let mailbox = store.mailboxes.get_mut(owner)?;
    let guid = mailbox.guid;
    let series = mailbox.items.get_mut(&number)?;
    series.deleted.remove(&original);
    let mut own = series.occurrence_at(original);
    bring_over(&mut own, meeting, notice, now);
    let mut overrides = series.differences(&own, original);
    overrides.changed = change;
    series.exceptions.insert(original, overrides);
    store.touch(owner, number, &organizer, now);
    Some(Id::Occurrence {
        mailbox: guid,
        number,
        start: original,
    })
}

/// Marks a meeting, or one occurrence of it, as cancelled in an attendee's calendar.
pub(super) fn call_off(
    store: &mut Store,
    owner: usize,
    meeting: &Item,
    now: DateTime<Utc>,
) -> Option<Id> {
    let instance = meeting.recurrence_id();
    let series = same_meeting(store, owner, meeting, None);
    let number = series.or_else(|| same_meeting(store, owner, meeting, instance))?;
    let organizer = meeting.organizer.clone().unwrap_or_default().name;
    let change = store.next();
    let mailbox = store.mailboxes.get_mut(owner)?;
    let guid = mailbox.guid;
    let item = mailbox.items.get_mut(&number)?;
    let cancel = |item: &mut Item| {
        let state = item.integer(&STATE) | STATE_CANCELLED;
        item.set(STATE, Value::Integer(state));
        item.set(BUSY, Value::Integer(0));
        let subject = format!("Canceled: {}", item.text(&SUBJECT));
        item.set(SUBJECT, Value::Text(subject));
    };
    let id = match instance {
        Some(original) if item.recurrence.is_some() => {
            // An attendee who declined it has nothing to call off.
            if item.deleted.contains(&original) {
                return None;
            }
            let mut one = item.occurrence_at(original);
            cancel(&mut one);
            let mut overrides = item.differences(&one, original);
            overrides.changed = change;
            item.exceptions.insert(original, overrides);
            Id::Occurrence {
                mailbox: guid,
                number,
                start: original,
            }
        }
        _ => {
            cancel(item);
            Id::Item {
                mailbox: guid,
                number,
            }
        }
    };
    store.touch(owner, number, &organizer, now);
    Some(id)
}
