//! The other readers and writers. Each reads the same text and counts what it has kept.

use std::hint::black_box;

use ews::find_item::FindItemResponse;
use ews::get_item::{GetItem, GetItemResponse};
use ews::server_version::ExchangeServerVersion;
use ews::soap::{Envelope, Header};
use ews::sync_folder_items::SyncFolderItemsResponse;
use ews::{BaseItemId, BaseShape, ItemShape, OperationResponse, ResponseClass};
use quick_xml::Reader;
use quick_xml::events::Event;
use serde::de::DeserializeOwned;

use super::records;

/// The yardstick: all events of quick-xml's slice reader, nothing kept, attributes not parsed.
/// Returns the number of events.
pub(crate) fn bare_events(xml: &str) -> usize {
    let mut reader = Reader::from_str(xml);
    let mut events = 0;
    loop {
        match reader.read_event().expect("the documents are well-formed") {
            Event::Eof => return events,
            event => {
                black_box(&event);
                events += 1;
            }
        }
    }
}

/// A tree of the whole document, every element resolved; counts the children of `container`.
fn tree(xml: &str, container: &str) -> usize {
    let document = roxmltree::Document::parse(xml).expect("the documents are well-formed");
    document
        .descendants()
        .find(|node| node.tag_name().name() == container)
        .map_or(0, |node| node.children().count())
}

pub(crate) fn tree_find_item(xml: &str) -> usize {
    tree(xml, "Items")
}

pub(crate) fn tree_get_item(xml: &str) -> usize {
    tree(xml, "ResponseMessages")
}

pub(crate) fn tree_sync(xml: &str) -> usize {
    tree(xml, "Changes")
}

fn records<B: DeserializeOwned>(xml: &str) -> B {
    quick_xml::de::from_str::<records::Envelope<B>>(xml)
        .expect("the records fit the documents")
        .body
}

pub(crate) fn serde_find_item(xml: &str) -> usize {
    let body: records::FindItemBody = records(xml);
    let messages = &body
        .find_item_response
        .response_messages
        .find_item_response_message;
    messages
        .iter()
        .map(|message| message.root_folder.items.item.len())
        .sum()
}

pub(crate) fn serde_get_item(xml: &str) -> usize {
    let body: records::GetItemBody = records(xml);
    let messages = &body
        .get_item_response
        .response_messages
        .get_item_response_message;
    messages
        .iter()
        .map(|message| message.items.item.len())
        .sum()
}

pub(crate) fn serde_sync(xml: &str) -> usize {
    let body: records::SyncFolderItemsBody = records(xml);
    let messages = &body
        .sync_folder_items_response
        .response_messages
        .sync_folder_items_response_message;
    messages
        .iter()
        .map(|message| message.changes.change.len())
        .sum()
}

fn ews_messages<R: OperationResponse>(xml: &str, count: impl Fn(&R::Message) -> usize) -> usize {
    let envelope =
        Envelope::<R>::from_xml_document(xml.as_bytes()).expect("`ews` reads the documents");
    let messages = envelope.body.response_messages();
    messages
        .iter()
        .map(|message| match message {
            ResponseClass::Success(message) | ResponseClass::Warning(message) => count(message),
            ResponseClass::Error(_) => 0,
        })
        .sum()
}

/// `ews` has one type for every kind of item: of a calendar item it keeps what a message has
/// too, 25 of the 55 values.
pub(crate) fn ews_find_item(xml: &str) -> usize {
    ews_messages::<FindItemResponse>(xml, |message| message.root_folder.items.inner.len())
}

pub(crate) fn ews_get_item(xml: &str) -> usize {
    ews_messages::<GetItemResponse>(xml, |message| message.items.inner.len())
}

pub(crate) fn ews_sync(xml: &str) -> usize {
    ews_messages::<SyncFolderItemsResponse>(xml, |message| message.changes.inner.len())
}

/// The request of `ews` as a value, ready to be written.
pub(crate) fn ews_request(ids: &[(String, String)]) -> GetItem {
    let item_ids = ids
        .iter()
        .map(|(id, change_key)| BaseItemId::ItemId {
            id: id.clone(),
            change_key: Some(change_key.clone()),
        })
        .collect();
    GetItem {
        item_shape: ItemShape {
            base_shape: BaseShape::AllProperties,
            ..ItemShape::default()
        },
        item_ids,
    }
}

/// Writes a request that exists already.
pub(crate) fn ews_write_request(request: &GetItem) -> Vec<u8> {
    let headers = vec![Header::RequestServerVersion {
        version: ExchangeServerVersion::Exchange2013_SP1,
    }];
    Envelope {
        headers,
        body: request,
    }
    .as_xml_document()
    .expect("`ews` writes the request")
}

/// From the ids to the bytes, as a caller pays for it.
pub(crate) fn ews_write_get_item(ids: &[(String, String)]) -> Vec<u8> {
    ews_write_request(&ews_request(ids))
}
