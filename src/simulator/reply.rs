//! Answers of attendees, and what forwarding tells the organizer.

use chrono::{DateTime, Utc};

use super::booking::same_meeting;
use super::ids::Id;
use super::item::*;
use super::meeting::{deliver, record};
use super::property::{Property, Value};
use super::store::Store;

/// Another time that an attendee proposes.
pub(super) type Proposal = Option<(DateTime<Utc>, DateTime<Utc>)>;

/// What an attendee says.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    /// The number of a response type.
    pub(super) response: i64,
    pub(super) body: Body,
    pub(super) proposed: Proposal,
    /// Who answers for the attendee.
    pub(super) sender: Option<Address>,
}

/// A message about a meeting from one person to its organizer.
fn message_to_organizer(kind: ItemKind, class: &str, subject: &str, meeting: &Item) -> Item {
    let mut message = Item::new(kind);
    message.set(ITEM_CLASS, Value::Text(class.to_owned()));
    message.set(SUBJECT, Value::Text(subject.to_owned()));
    message.set(SENSITIVITY, Value::Integer(0));
    message.set(Property::Tag(0x0017), Value::Integer(1));
    for property in [CLEAN_OBJECT_ID, OBJECT_ID, START, END, LOCATION, SEQUENCE] {
        if let Some(value) = meeting.bag.get(&property) {
            message.set(property, value.clone());
        }
    }
    message.start_zone.clone_from(&meeting.start_zone);
    message.recurrence.clone_from(&meeting.recurrence);
    message.instance = meeting.recurrence_id();
    let organizer = meeting.organizer.clone().unwrap_or_default();
    message.recipients.push(Recipient::new(Role::To, organizer));
    message
}

/// Sends an attendee's answer to the organizer, and notes it in the organizer's calendar.
pub(super) fn reply(
    store: &mut Store,
    attendee: &Address,
    meeting: &Item,
    answer: Answer,
    now: DateTime<Utc>,
) {
    let Some(organizer) = meeting.organizer.clone() else {
        return;
    };
    let (class, prefix) = match (answer.response, answer.proposed.is_some()) {
        (3, _) => ("IPM.Schedule.Meeting.Resp.Pos", "Accepted: "),
        (_, true) => ("IPM.Schedule.Meeting.Resp.Tent", "New Time Proposed: "),
        (2, _) => ("IPM.Schedule.Meeting.Resp.Tent", "Tentative: "),
        _ => ("IPM.Schedule.Meeting.Resp.Neg", "Declined: "),
    };
    let class = match answer.response {
        4 => "IPM.Schedule.Meeting.Resp.Neg",
        _ => class,
    };
    let subject = format!("{prefix}{}", meeting.text(&SUBJECT));
    let mut message = message_to_organizer(ItemKind::MeetingResponse, class, &subject, meeting);
    message.set(RESPONSE, Value::Integer(answer.response));
    message.set(STAMP, Value::Time(now));
    message.body = answer.body;
    message.organizer = Some(attendee.clone());
    message.sender = answer.sender;
    if let Some((start, end)) = answer.proposed {
        message.set(PROPOSED_START, Value::Time(start));
        message.set(PROPOSED_END, Value::Time(end));
    }
    record(store, &message, vec![organizer.email.clone()], now);
    let Some(owner) = store.position(&organizer.email) else {
        return;
    };
    let (id, current) = track(store, owner, &message, attendee, answer.proposed, now);
    message.associated = id;
    if !current {
        message.set(MEETING_TYPE, Value::Integer(TYPE_OUTDATED));
    }
    deliver(store, &organizer.email, message, now);
}

/// Notes an answer in the organizer's calendar, if it is about the meeting as it is now: the item
/// or occurrence, and whether it was.
fn track(
    store: &mut Store,
    owner: usize,
    message: &Item,
    attendee: &Address,
    proposed: Proposal,
    now: DateTime<Utc>,
) -> (Option<Id>, bool) {
    let number = same_meeting(store, owner, message, None);
    let change = store.next();
    let slot = store.mailboxes.get_mut(owner).and_then(|mailbox| {
        let guid = mailbox.guid;
        Some((guid, mailbox.items.get_mut(&number?)?))
    });
    let Some((mailbox, item)) = slot else {
        return (None, false);
    };
    let number = item.number;
    let note = |item: &mut Item| {
        if message.integer(&SEQUENCE) < item.integer(&SEQUENCE) {
            return false;
        }
        for one in &mut item.recipients {
            if one.address.email.eq_ignore_ascii_case(&attendee.email) {
                one.response = message.integer(&RESPONSE);
                one.replied = Some(now);
                one.proposed = proposed;
            }
        }
        true
    };
    let (id, current) = match message.instance {
        Some(original) if item.recurrence.is_some() => {
            let mut one = item.occurrence_at(original);
            let current = !item.deleted.contains(&original) && note(&mut one);
            if current {
                let mut overrides = item.differences(&one, original);
                overrides.changed = change;
                item.exceptions.insert(original, overrides);
            }
            let id = Id::Occurrence {
                mailbox,
                number,
                start: original,
            };
            (id, current)
        }
        _ => (Id::Item { mailbox, number }, note(item)),
    };
    if current {
        store.touch(owner, number, &attendee.name, now);
    }
    (Some(id), current)
}

/// Tells the organizer that somebody forwarded the meeting, and notes the new people as optional
/// attendees.
pub(super) fn tell_of_forward(
    store: &mut Store,
    forwarder: &Address,
    meeting: &Item,
    to: &[Address],
    now: DateTime<Utc>,
) {
    let Some(organizer) = meeting.organizer.clone() else {
        return;
    };
    let own = organizer.email.eq_ignore_ascii_case(&forwarder.email);
    let owner = store.position(&organizer.email);
    let number = owner.and_then(|owner| same_meeting(store, owner, meeting, None));
    if let (Some(owner), Some(number)) = (owner, number) {
        let change = store.next();
        let slot = store.mailboxes.get_mut(owner);
        if let Some(item) = slot.and_then(|mailbox| mailbox.items.get_mut(&number)) {
            let add = |item: &mut Item| {
                for address in to {
                    if !item.is_invited(&address.email) {
                        let one = Recipient::new(Role::Optional, address.clone());
                        item.recipients.push(one);
                    }
                }
            };
            match meeting.recurrence_id() {
                Some(original) if item.recurrence.is_some() => {
                    let mut one = item.occurrence_at(original);
                    add(&mut one);
                    let mut overrides = item.differences(&one, original);
                    overrides.changed = change;
                    item.exceptions.insert(original, overrides);
                }
                _ => add(item),
            }
        }
        store.touch(owner, number, &forwarder.name, now);
    }
    if own {
        return;
    }
    let subject = format!("Meeting Forward Notification: {}", meeting.text(&SUBJECT));
    let class = "IPM.Schedule.Meeting.Notification.Forward";
    let mut message = message_to_organizer(ItemKind::MeetingNotification, class, &subject, meeting);
    message.organizer = Some(forwarder.clone());
    let names: Vec<&str> = to.iter().map(|address| address.name.as_str()).collect();
    message.body.text = format!(
        "{} has forwarded your meeting request to: {}",
        forwarder.name,
        names.join("; ")
    );
    record(store, &message, vec![organizer.email.clone()], now);
    deliver(store, &organizer.email, message, now);
}
