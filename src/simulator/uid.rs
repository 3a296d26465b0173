//! UIDs of meetings: text for clients, global object ids in the store ([MS-OXOCAL] 2.2.1.27).

use chrono::{DateTime, Datelike as _, Utc};

use super::item::{CLEAN_OBJECT_ID, Item, OBJECT_ID};
use super::property::Value;

/// The prefix of every global object id ([MS-OXOCAL] 2.2.1.27).
const OBJECT_ID_CLASS: [u8; 16] = [
    0x04, 0, 0, 0, 0x82, 0, 0xe0, 0, 0x74, 0xc5, 0xb7, 0x10, 0x1a, 0x82, 0xe0, 0x08,
];
/// What marks an object id that wraps a UID of another system.
const FOREIGN: &[u8] = b"vCal-Uid\x01\0\0\0";

/// The UID as text: that of another system unwrapped, our own in hexadecimal.
pub(super) fn uid(item: &Item) -> Option<String> {
    let Some(Value::Binary(bytes)) = item.bag.get(&CLEAN_OBJECT_ID) else {
        return None;
    };
    let foreign = bytes
        .get(40..)
        .and_then(|data| data.strip_prefix(FOREIGN))
        .and_then(|text| std::str::from_utf8(text).ok());
    Some(foreign.map_or_else(
        || bytes.iter().map(hexadecimal).collect(),
        |text| text.trim_end_matches('\0').to_owned(),
    ))
}

/// The id of one instance, as the service gives it: that of an occurrence has the date of its original start in it
/// ([MS-OXOCAL] 2.2.1.27), unless it is a UID of another system.
pub(super) fn of_instance(item: &Item) -> Option<String> {
    let own = uid(item)?;
    let Some(original) = item.recurrence_id() else {
        return Some(own);
    };
    let date = item.zone().local(original).date();
    let class: String = OBJECT_ID_CLASS.iter().map(hexadecimal).collect();
    // Behind the class is the date, in eight digits.
    let rest = own.strip_prefix(&class).and_then(|rest| rest.get(8..));
    let dated = rest.map(|rest| {
        let (year, month, day) = (date.year(), date.month(), date.day());
        format!("{class}{year:04X}{month:02X}{day:02X}{rest}")
    });
    dated.or(Some(own))
}

fn hexadecimal(byte: &u8) -> String {
    format!("{byte:02X}")
}

/// Keeps a UID as the global object id that MAPI clients look for.
pub(super) fn set_uid(item: &mut Item, text: &str) {
    let hexadecimal: Option<Vec<u8>> = (text.len().is_multiple_of(2) && text.is_ascii())
        .then(|| {
            text.as_bytes()
                .chunks(2)
                .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
                .collect()
        })
        .flatten();
    let bytes = hexadecimal
        .filter(|bytes| bytes.starts_with(&OBJECT_ID_CLASS) && bytes.len() >= 40)
        .unwrap_or_else(|| {
            let mut data = FOREIGN.to_vec();
            data.extend_from_slice(text.as_bytes());
            data.push(0);
            object_id(DateTime::UNIX_EPOCH, &data)
        });
    item.set(CLEAN_OBJECT_ID, Value::Binary(bytes.clone()));
    item.set(OBJECT_ID, Value::Binary(bytes));
}

/// Gives a new item a UID of its own.
pub(super) fn new_uid(item: &mut Item, now: DateTime<Utc>) {
    let bytes = object_id(now, uuid::Uuid::new_v4().as_bytes());
    item.set(CLEAN_OBJECT_ID, Value::Binary(bytes.clone()));
    item.set(OBJECT_ID, Value::Binary(bytes));
}

fn object_id(created: DateTime<Utc>, data: &[u8]) -> Vec<u8> {
    let mut bytes = OBJECT_ID_CLASS.to_vec();
    bytes.extend_from_slice(&[0; 4]);
    // FILETIME: 100 ns since 1601.
    let ticks = if created == DateTime::UNIX_EPOCH {
        0
    } else {
        (created.timestamp() + 11_644_473_600) * 10_000_000
    };
    bytes.extend_from_slice(&ticks.to_le_bytes());
    bytes.extend_from_slice(&[0; 8]);
    bytes.extend_from_slice(&u32::try_from(data.len()).unwrap_or_default().to_le_bytes());
    bytes.extend_from_slice(data);
    bytes
}

#[cfg(test)]
mod tests {
    use super::super::item::ItemKind;
    use super::*;

    #[test]
    fn uids_come_back() {
        let mut item = Item::new(ItemKind::CalendarItem);
        set_uid(&mut item, "7f1c@calendar.example");
        assert_eq!(uid(&item).as_deref(), Some("7f1c@calendar.example"));
        new_uid(
            &mut item,
            DateTime::from_timestamp(1_700_000_000, 0).unwrap(),
        );
        let own = uid(&item).unwrap();
        assert_eq!(of_instance(&item), Some(own.clone()));
        item.instance = Some("2026-03-09T08:00:00Z".parse().unwrap());
        let instance = of_instance(&item).unwrap();
        assert_eq!(&instance[32..40], "07EA0309");
        assert_eq!((&instance[..32], &instance[40..]), (&own[..32], &own[40..]));
        let mut foreign = item.clone();
        set_uid(&mut foreign, "7f1c@calendar.example");
        assert_eq!(
            of_instance(&foreign).as_deref(),
            Some("7f1c@calendar.example")
        );
        assert_eq!(own.len(), 112);
        let mut copy = Item::new(ItemKind::CalendarItem);
        set_uid(&mut copy, &own);
        assert_eq!(copy.bag.get(&OBJECT_ID), item.bag.get(&OBJECT_ID));
    }
}
