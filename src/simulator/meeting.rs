//! Mail and meetings between the simulator's mailboxes.

use chrono::{DateTime, Utc};

use super::SentMessage;
use super::fields::uid;
use super::item::*;
use super::property::{Property, Value};
use super::store::Store;

/// Which message a meeting produces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notice {
    Request,
    Cancellation,
}

/// Notes a sent message for tests to look at.
pub(super) fn record(store: &mut Store, item: &Item, to: Vec<String>, now: DateTime<Utc>) {
    store.outbox.push(SentMessage {
        kind: item.kind.element().to_owned(),
        from: item
            .organizer
            .as_ref()
            .map(|address| address.email.clone())
            .unwrap_or_default(),
        to,
        subject: item.text(&SUBJECT).to_owned(),
        body: item.body.text.clone(),
        uid: uid(item),
        sent: now,
    });
}

/// Delivers a mail to the mailboxes of its recipients.
pub(super) fn send_mail(store: &mut Store, mail: &Item, now: DateTime<Utc>) {
    let to: Vec<String> = mail
        .recipients
        .iter()
        .filter(|one| one.role != Role::ReplyTo)
        .map(|one| one.address.email.clone())
        .collect();
    let mut delivered = mail.clone();
    // Nobody sees who else got a blind copy.
    delivered.recipients.retain(|one| one.role != Role::Bcc);
    for address in &to {
        deliver(store, address, delivered.clone(), now);
    }
    record(store, mail, to, now);
}

/// Puts a message into somebody's Inbox, unread.
fn deliver(store: &mut Store, address: &str, mut message: Item, now: DateTime<Utc>) {
    let Some(owner) = store.position(address) else {
        return;
    };
    let inbox = store
        .mailboxes
        .get(owner)
        .map_or(0, |mailbox| mailbox.folder_number("inbox"));
    message.set(READ, Value::Boolean(false));
    message.set(RECEIVED, Value::Time(now));
    message.set(SENT, Value::Time(now));
    message.bag.remove(&CREATED);
    store.insert(owner, inbox, message, "Microsoft Exchange", now);
}

/// Sends a meeting, as its organizer's mailbox has it, to some of its attendees: a message into
/// the Inbox and an item into the calendar of each who has a mailbox here.
pub(super) fn notify(
    store: &mut Store,
    meeting: &Item,
    attendees: &[Recipient],
    notice: Notice,
    now: DateTime<Utc>,
) {
    let organizer = meeting.organizer.clone().unwrap_or_default();
    let mut to = Vec::new();
    for attendee in attendees {
        let email = &attendee.address.email;
        if email.eq_ignore_ascii_case(&organizer.email) {
            continue;
        }
        to.push(email.clone());
        let Some(owner) = store.position(email) else {
            continue;
        };
        let associated = match notice {
            Notice::Request => book(store, owner, meeting, now),
            Notice::Cancellation => call_off(store, owner, meeting, now),
        };
        let mut message = message_of(meeting, notice);
        message.associated = associated;
        deliver(store, email, message, now);
    }
    if !to.is_empty() {
        record(store, &message_of(meeting, notice), to, now);
    }
}

/// The message about a meeting.
fn message_of(meeting: &Item, notice: Notice) -> Item {
    let mut message = meeting.clone();
    let (kind, class, prefix) = match notice {
        Notice::Request => (ItemKind::MeetingRequest, "IPM.Schedule.Meeting.Request", ""),
        Notice::Cancellation => (
            ItemKind::MeetingCancellation,
            "IPM.Schedule.Meeting.Canceled",
            "Canceled: ",
        ),
    };
    message.kind = kind;
    message.written.clear();
    message.set(ITEM_CLASS, Value::Text(class.to_owned()));
    let subject = format!("{prefix}{}", meeting.text(&SUBJECT));
    message.set(SUBJECT, Value::Text(subject));
    message.set(INTENDED, Value::Integer(meeting.integer(&BUSY)));
    message.set(BUSY, Value::Integer(1));
    message.set(RESPONSE, Value::Integer(5));
    let state = STATE_MEETING
        | STATE_RECEIVED
        | if notice == Notice::Cancellation {
            STATE_CANCELLED
        } else {
            0
        };
    message.set(STATE, Value::Integer(state));
    for recipient in &mut message.recipients {
        recipient.response = 0;
        recipient.replied = None;
    }
    let attendees: Vec<Recipient> = message.attendees().cloned().collect();
    message
        .recipients
        .extend(attendees.into_iter().map(|mut one| {
            one.role = if one.role == Role::Required {
                Role::To
            } else {
                Role::Cc
            };
            one
        }));
    message
}

/// The calendar item of a mailbox with the UID of a meeting.
pub(super) fn same_meeting(store: &Store, owner: usize, meeting: &Item) -> Option<u64> {
    let wanted = meeting.bag.get(&CLEAN_OBJECT_ID)?;
    let mailbox = store.mailboxes.get(owner)?;
    let deleted = mailbox.folder_number("deleteditems");
    mailbox
        .items
        .values()
        .find(|item| {
            item.kind == ItemKind::CalendarItem
                && item.folder != deleted
                && item.bag.get(&CLEAN_OBJECT_ID) == Some(wanted)
        })
        .map(|item| item.number)
}

/// Puts a meeting into an attendee's calendar, tentatively, or brings it up to date there.
fn book(store: &mut Store, owner: usize, meeting: &Item, now: DateTime<Utc>) -> Option<u64> {
    let organizer = meeting.organizer.clone().unwrap_or_default().name;
    let mut copy = meeting.clone();
    copy.written.clear();
    copy.set(STATE, Value::Integer(STATE_MEETING | STATE_RECEIVED));
    copy.set(RESPONSE, Value::Integer(5));
    copy.set(INTENDED, Value::Integer(meeting.integer(&BUSY)));
    copy.set(BUSY, Value::Integer(1));
    copy.set(STAMP, Value::Time(now));
    copy.bag.remove(&CREATED);
    if let Some(number) = same_meeting(store, owner, meeting) {
        let existing = store.mailboxes.get_mut(owner)?.items.get_mut(&number)?;
        copy.number = existing.number;
        copy.folder = existing.folder;
        copy.created = existing.created;
        if let Some(created) = existing.bag.get(&CREATED) {
            copy.bag.insert(CREATED, created.clone());
        }
        *existing = copy;
        store.touch(owner, number, &organizer, now);
        return Some(number);
    }
    let calendar = store.mailboxes.get(owner)?.folder_number("calendar");
    store
        .insert(owner, calendar, copy, &organizer, now)
        .map(|item| item.number)
}

/// Marks a meeting, or one occurrence of it, as cancelled in an attendee's calendar.
fn call_off(store: &mut Store, owner: usize, meeting: &Item, now: DateTime<Utc>) -> Option<u64> {
    let number = same_meeting(store, owner, meeting)?;
    let item = store.mailboxes.get_mut(owner)?.items.get_mut(&number)?;
    let cancel = |item: &mut Item| {
        let state = item.integer(&STATE) | STATE_CANCELLED;
        item.set(STATE, Value::Integer(state));
        item.set(BUSY, Value::Integer(0));
        let subject = format!("Canceled: {}", item.text(&SUBJECT));
        item.set(SUBJECT, Value::Text(subject));
    };
    match meeting.occurrence {
        Some(occurrence) if item.recurrence.is_some() => {
            let mut one = item.occurrence_at(occurrence.original);
            cancel(&mut one);
            let mut overrides = item.differences(&one, occurrence.original);
            overrides.changed = item.changed;
            item.exceptions.insert(occurrence.original, overrides);
        }
        _ => cancel(item),
    }
    let organizer = meeting.organizer.clone().unwrap_or_default().name;
    store.touch(owner, number, &organizer, now);
    Some(number)
}

/// Sends an attendee's answer to the organizer, and notes it in the organizer's calendar.
pub(super) fn reply(
    store: &mut Store,
    attendee: &Address,
    meeting: &Item,
    response: i64,
    body: Body,
    now: DateTime<Utc>,
) {
    let Some(organizer) = meeting.organizer.clone() else {
        return;
    };
    let (class, prefix) = match response {
        3 => ("IPM.Schedule.Meeting.Resp.Pos", "Accepted: "),
        2 => ("IPM.Schedule.Meeting.Resp.Tent", "Tentative: "),
        _ => ("IPM.Schedule.Meeting.Resp.Neg", "Declined: "),
    };
    let mut message = Item::new(ItemKind::MeetingResponse);
    message.set(ITEM_CLASS, Value::Text(class.to_owned()));
    let subject = format!("{prefix}{}", meeting.text(&SUBJECT));
    message.set(SUBJECT, Value::Text(subject));
    message.set(SENSITIVITY, Value::Integer(0));
    message.set(Property::Tag(0x0017), Value::Integer(1));
    message.set(RESPONSE, Value::Integer(response));
    for property in [CLEAN_OBJECT_ID, OBJECT_ID] {
        if let Some(value) = meeting.bag.get(&property) {
            message.set(property, value.clone());
        }
    }
    message.set(STAMP, Value::Time(now));
    message.body = body;
    message.organizer = Some(attendee.clone());
    message.recipients.push(Recipient {
        role: Role::To,
        address: organizer.clone(),
        response: 0,
        replied: None,
    });
    record(store, &message, vec![organizer.email.clone()], now);
    let Some(owner) = store.position(&organizer.email) else {
        return;
    };
    let number = same_meeting(store, owner, meeting);
    message.associated = number;
    deliver(store, &organizer.email, message, now);
    let Some(number) = number else { return };
    if let Some(item) = store
        .mailboxes
        .get_mut(owner)
        .and_then(|mailbox| mailbox.items.get_mut(&number))
    {
        for one in &mut item.recipients {
            if one.address.email.eq_ignore_ascii_case(&attendee.email) {
                one.response = response;
                one.replied = Some(now);
            }
        }
    }
    store.touch(owner, number, &attendee.name, now);
}
