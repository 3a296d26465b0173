//! Conversations: which messages belong together ([MS-OXOMSG] 2.2.1.2 to 2.2.1.4).

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::item::{CONVERSATION_INDEX, IN_REPLY_TO, Item, MESSAGE_ID, REFERENCES, SUBJECT, TOPIC};
use super::property::Value;
use super::store::Store;

/// Bytes of an index before the five of each answer: a mark, a time, a GUID.
const HEADER: usize = 22;

/// A subject without the prefix of an answer: up to three characters that are no digits, then a
/// colon and a blank ([MS-OXCMSG] 2.2.1.9).
pub(super) fn normalized(subject: &str) -> &str {
    let Some((prefix, rest)) = subject.split_once(": ") else {
        return subject;
    };
    let length = prefix.chars().count();
    let is_prefix = (1..=3).contains(&length) && !prefix.chars().any(|one| one.is_ascii_digit());
    if is_prefix { rest } else { subject }
}

/// 100 ns since 1601, in the upper seven bytes of eight.
fn filetime(now: DateTime<Utc>) -> u64 {
    let seconds = u64::try_from(now.timestamp() + 11_644_473_600).unwrap_or_default();
    seconds * 10_000_000 + u64::from(now.timestamp_subsec_nanos() / 100)
}

/// The index of a message that begins a conversation.
fn begin(now: DateTime<Utc>) -> Vec<u8> {
    let mut index = vec![1];
    index.extend(filetime(now).to_be_bytes().iter().skip(1).take(5));
    index.extend_from_slice(Uuid::new_v4().as_bytes());
    index
}

/// The index of an answer to a message with that index.
pub(super) fn answer(index: &[u8], now: DateTime<Utc>) -> Vec<u8> {
    let mut child = index.to_vec();
    let mut begun = [0; 8];
    for (to, from) in begun.iter_mut().skip(1).zip(index.iter().skip(1).take(5)) {
        *to = *from;
    }
    let passed = filetime(now).saturating_sub(u64::from_be_bytes(begun)) >> 18;
    let passed = u32::try_from(passed & 0x7fff_ffff).unwrap_or_default();
    child.extend_from_slice(&passed.to_be_bytes());
    child.push(0);
    child
}

/// The GUID in the index of an item.
pub(super) fn id(item: &Item) -> Option<Uuid> {
    let Some(Value::Binary(index)) = item.bag.get(&CONVERSATION_INDEX) else {
        return None;
    };
    Uuid::from_slice(index.get(6..HEADER)?).ok()
}

/// The ids in a header, as they stand there.
pub(super) fn ids(header: &str) -> impl DoubleEndedIterator<Item = &str> {
    header.split_whitespace()
}

/// Gives a message its place in a conversation, where it has none: that of the newest message it
/// refers to, or one of its own.
pub(super) fn join(store: &Store, item: &mut Item, now: DateTime<Utc>) {
    if !item.bag.contains_key(&TOPIC) {
        let topic = normalized(item.text(&SUBJECT)).to_owned();
        item.set(TOPIC, Value::Text(topic));
    }
    if id(item).is_some() {
        return;
    }
    let known = ids(item.text(&IN_REPLY_TO))
        .chain(ids(item.text(&REFERENCES)).rev())
        .find_map(|id| store.threads.get(id));
    let index = known.map_or_else(|| begin(now), |parent| answer(parent, now));
    item.set(CONVERSATION_INDEX, Value::Binary(index));
}

/// Remembers where a message is, so that what refers to it can join.
pub(super) fn remember(store: &mut Store, item: &Item) {
    let message_id = item.text(&MESSAGE_ID);
    if let Some(Value::Binary(index)) = item.bag.get(&CONVERSATION_INDEX)
        && !message_id.is_empty()
    {
        store.threads.insert(message_id.to_owned(), index.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::item::ItemKind;

    #[test]
    fn prefixes_of_up_to_three_characters() {
        for (subject, topic) in [
            ("RE: Lunch", "Lunch"),
            ("AW: RE: Lunch", "RE: Lunch"),
            ("Fwd: Lunch", "Lunch"),
            ("Note: Lunch", "Note: Lunch"),
            ("10: Lunch", "10: Lunch"),
            ("Lunch", "Lunch"),
            (": Lunch", ": Lunch"),
        ] {
            assert_eq!(normalized(subject), topic);
        }
    }

    #[test]
    fn answers_stay_in_the_conversation() {
        let now: DateTime<Utc> = "2026-03-04T12:00:00Z".parse().unwrap();
        let mut store = Store::default();
        let mut first = Item::new(ItemKind::Message);
        first.set(SUBJECT, Value::Text("Lunch".to_owned()));
        first.set(MESSAGE_ID, Value::Text("<1@a.test>".to_owned()));
        join(&store, &mut first, now);
        remember(&mut store, &first);
        let mut second = Item::new(ItemKind::Message);
        second.set(SUBJECT, Value::Text("RE: Lunch".to_owned()));
        second.set(REFERENCES, Value::Text("<0@a.test> <1@a.test>".to_owned()));
        join(&store, &mut second, now + chrono::Duration::hours(1));
        assert_eq!(id(&first), id(&second));
        assert!(id(&first).is_some());
        assert_eq!(second.text(&TOPIC), "Lunch");
        let Some(Value::Binary(index)) = second.bag.get(&CONVERSATION_INDEX) else {
            panic!("no index");
        };
        assert_eq!(index.len(), HEADER + 5);
    }
}
