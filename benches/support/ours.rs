//! Our own reader and writer, as a program would call them.

use exchange_connector::ews::operation::{FindItem, GetItem, SyncFolderItems};
use exchange_connector::ews::types::{BaseShape, ItemId, ItemShape};
use exchange_connector::ews::{ServerVersion, read_response, write_request};

/// What each case calls: readers return how many items they read.
pub(crate) struct Ours {
    pub(crate) read_find_item: fn(&str) -> usize,
    pub(crate) read_get_item: fn(&str) -> usize,
    pub(crate) read_sync: fn(&str) -> usize,
    pub(crate) write_get_item: fn(&[(String, String)]) -> String,
}

pub(crate) const OURS: Option<Ours> = Some(Ours {
    read_find_item,
    read_get_item,
    read_sync,
    write_get_item,
});

fn read_find_item(xml: &str) -> usize {
    let messages = read_response::<FindItem>(xml).expect("a readable answer");
    messages
        .iter()
        .map(|message| message.body.items.len())
        .sum()
}

fn read_get_item(xml: &str) -> usize {
    let messages = read_response::<GetItem>(xml).expect("a readable answer");
    messages
        .iter()
        .map(|message| message.body.items.len())
        .sum()
}

fn read_sync(xml: &str) -> usize {
    let messages = read_response::<SyncFolderItems>(xml).expect("a readable answer");
    messages
        .iter()
        .map(|message| message.body.changes.len())
        .sum()
}

fn write_get_item(ids: &[(String, String)]) -> String {
    let ids = ids
        .iter()
        .map(|(id, change_key)| ItemId::new(id).with_change_key(change_key));
    let operation = GetItem::new(ItemShape::new(BaseShape::AllProperties), ids);
    write_request(ServerVersion::Exchange2013Sp1, &operation).expect("a valid request")
}
