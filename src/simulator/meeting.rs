//! Mail and meetings between the simulator's mailboxes: what is sent and what lands where.

use chrono::{DateTime, Utc};

use super::SentMessage;
use super::booking::{book, call_off, same_meeting};
use super::item::*;
use super::property::Value;
use super::rule::file;
use super::store::Store;
use super::uid::uid;

/// Which message a meeting produces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notice {
    /// An invitation.
    New,
    /// An update that wants a new answer: the time or the pattern changed.
    Full,
    /// An update that leaves answers as they are.
    Informational,
    Cancellation,
}

/// Notes a sent message for tests to look at.
pub(super) fn record(store: &mut Store, item: &Item, to: Vec<String>, now: DateTime<Utc>) {
    store.outbox.push(SentMessage {
        kind: item.kind.element().to_owned(),
        from: item
            .sender
            .as_ref()
            .or(item.organizer.as_ref())
            .map(|address| address.email.clone())
            .unwrap_or_default(),
        to,
        subject: item.text(&SUBJECT).to_owned(),
        body: item.body.text.clone(),
        uid: uid(item),
        sent: now,
        message_id: None,
        external: Vec::new(),
        mime: None,
    });
}

/// Puts a message into somebody's Inbox, unread. What is about meetings goes to delegates too.
pub(super) fn deliver(store: &mut Store, address: &str, message: Item, now: DateTime<Utc>) {
    let Some(owner) = store.position(address) else {
        return;
    };
    let delegates: Vec<usize> = match store.mailboxes.get(owner) {
        Some(mailbox) if message.kind != ItemKind::Message => mailbox
            .delegates
            .iter()
            .filter_map(|delegate| store.position(delegate))
            .collect(),
        _ => Vec::new(),
    };
    let represented = store.mailboxes.get(owner).map(|one| one.address.clone());
    for delegate in &delegates {
        let mut copy = message.clone();
        copy.representing.clone_from(&represented);
        drop_into_inbox(store, *delegate, copy, now);
    }
    let mut own = message;
    if !delegates.is_empty() && own.kind == ItemKind::MeetingRequest {
        own.set(MEETING_TYPE, Value::Integer(TYPE_PRINCIPAL));
    }
    drop_into_inbox(store, owner, own, now);
}

fn drop_into_inbox(store: &mut Store, owner: usize, mut message: Item, now: DateTime<Utc>) {
    let inbox = store
        .mailboxes
        .get(owner)
        .map_or(0, |mailbox| mailbox.folder_number("inbox"));
    if matches!(
        message.kind,
        ItemKind::MeetingRequest | ItemKind::MeetingCancellation
    ) {
        outdate(store, owner, inbox, &message, now);
    }
    message.set(READ, Value::Boolean(false));
    message.set(RECEIVED, Value::Time(now));
    if message.kind != ItemKind::Message || !message.bag.contains_key(&SENT) {
        message.set(SENT, Value::Time(now));
    }
    message.bag.remove(&CREATED);
    file(store, owner, inbox, message, now);
}

/// Requests that a newer message about the same meeting has overtaken.
fn outdate(store: &mut Store, owner: usize, inbox: u64, newer: &Item, now: DateTime<Utc>) {
    let Some(mailbox) = store.mailboxes.get_mut(owner) else {
        return;
    };
    let older = |item: &&Item| {
        item.kind == ItemKind::MeetingRequest
            && item.bag.get(&CLEAN_OBJECT_ID) == newer.bag.get(&CLEAN_OBJECT_ID)
            && (newer.instance.is_none() || item.instance == newer.instance)
    };
    let older = mailbox.items_in(inbox).filter(older);
    let overtaken: Vec<u64> = older.map(|item| item.number).collect();
    for number in &overtaken {
        if let Some(item) = mailbox.items.get_mut(number) {
            item.set(MEETING_TYPE, Value::Integer(TYPE_OUTDATED));
        }
    }
    for number in overtaken {
        store.touch(owner, number, "Microsoft Exchange", now);
    }
}

/// Sends a meeting or one occurrence of it, as its organizer's mailbox has it, to some of its
/// attendees: a message into the Inbox and an item into the calendar of each who has a mailbox
/// here.
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
        let known = [None, meeting.recurrence_id()];
        let notice = match notice {
            Notice::Cancellation => notice,
            _ if known
                .iter()
                .all(|instance| same_meeting(store, owner, meeting, *instance).is_none()) =>
            {
                Notice::New
            }
            _ => notice,
        };
        let associated = match notice {
            Notice::Cancellation => call_off(store, owner, meeting, now),
            request => book(store, owner, meeting, request, now),
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
pub(super) fn message_of(meeting: &Item, notice: Notice) -> Item {
    let mut message = meeting.clone();
    let (kind, class, prefix, meeting_type) = match notice {
        Notice::Cancellation => (
            ItemKind::MeetingCancellation,
            "IPM.Schedule.Meeting.Canceled",
            "Canceled: ",
            0,
        ),
        request => (
            ItemKind::MeetingRequest,
            "IPM.Schedule.Meeting.Request",
            "",
            match request {
                Notice::Full => TYPE_FULL,
                Notice::Informational => TYPE_INFORMATIONAL,
                _ => TYPE_NEW,
            },
        ),
    };
    message.kind = kind;
    message.instance = meeting.recurrence_id();
    message.occurrence = None;
    message.written.clear();
    message.set(ITEM_CLASS, Value::Text(class.to_owned()));
    let subject = format!("{prefix}{}", meeting.text(&SUBJECT));
    message.set(SUBJECT, Value::Text(subject));
    message.set(MEETING_TYPE, Value::Integer(meeting_type));
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
    message.forget_answers();
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
