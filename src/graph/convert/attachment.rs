//! What is attached to items.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::time::instant;
use crate::connector::Backend;
use crate::graph::wire;
use crate::model::{Attachment, AttachmentId, AttachmentKind, ItemKind, NewAttachment};

/// What is attached; nothing of what has no identifier, since nobody could open it.
pub(in crate::graph) fn attachment(wire: &wire::Attachment) -> Option<Attachment> {
    let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let id = AttachmentId::from_raw(Backend::Graph, wire.id.as_deref()?);
    let kind = match odata_type(wire.odata_type.as_ref()) {
        "itemAttachment" => AttachmentKind::Item {
            item: wire.item.as_ref().map_or(ItemKind::Other, item_kind),
        },
        "referenceAttachment" => AttachmentKind::Reference { url: None },
        _ => AttachmentKind::File {
            content_id: filled(&wire.content_id),
            content_location: filled(&wire.content_location),
        },
    };
    let mut read = Attachment::new(id, wire.name.clone().unwrap_or_default(), kind);
    read.content_type = filled(&wire.content_type);
    read.size = wire.size.and_then(|size| u64::try_from(size).ok());
    read.is_inline = wire.is_inline.unwrap_or_default();
    read.last_modified = instant(wire.last_modified_date_time.as_deref());
    Some(read)
}

/// The name of a type without what stands before it.
pub(super) fn odata_type(name: Option<&String>) -> &str {
    let name = name.map(String::as_str).unwrap_or_default();
    name.rsplit('.').next().unwrap_or_default()
}

fn item_kind(item: &wire::AttachedItem) -> ItemKind {
    let cancelled = item.meeting_message_type.as_deref() == Some("meetingCancelled");
    match odata_type(item.odata_type.as_ref()) {
        "message" => ItemKind::Message,
        "event" => ItemKind::Event,
        "contact" => ItemKind::Contact,
        "outlookTask" => ItemKind::Task,
        "eventMessageRequest" => ItemKind::MeetingRequest,
        "eventMessageResponse" => ItemKind::MeetingResponse,
        "eventMessage" if cancelled => ItemKind::MeetingCancellation,
        _ => ItemKind::Other,
    }
}

/// A file to attach, with what is in it.
pub(in crate::graph) fn new_attachment(new: &NewAttachment) -> Value {
    let mut file = Map::new();
    let mut set = |name: &str, value: Value| file.insert(name.to_owned(), value);
    set("@odata.type", json!("#microsoft.graph.fileAttachment"));
    set("name", json!(new.name));
    if let Some(kind) = &new.content_type {
        set("contentType", json!(kind));
    }
    if new.is_inline {
        set("isInline", json!(true));
    }
    if let Some(id) = &new.content_id {
        set("contentId", json!(id));
    }
    set("contentBytes", json!(STANDARD.encode(&new.content)));
    Value::Object(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: Value) -> Option<Attachment> {
        attachment(&serde_json::from_value(json).unwrap())
    }

    #[test]
    fn kinds_are_told_apart() {
        let of = |kind: &str| json!({ "@odata.type": format!("#microsoft.graph.{kind}"), "id": "a", "name": "n" });
        let file = read(of("fileAttachment")).unwrap();
        assert!(matches!(file.kind, AttachmentKind::File { .. }));
        let link = read(of("referenceAttachment")).unwrap();
        assert_eq!(link.kind, AttachmentKind::Reference { url: None });
        let mut item = of("itemAttachment");
        for (kind, is) in [
            ("message", ItemKind::Message),
            ("event", ItemKind::Event),
            ("contact", ItemKind::Contact),
            ("eventMessageRequest", ItemKind::MeetingRequest),
            ("post", ItemKind::Other),
        ] {
            item["item"] = json!({ "@odata.type": format!("#microsoft.graph.{kind}") });
            let read = read(item.clone()).unwrap();
            assert_eq!(read.kind, AttachmentKind::Item { item: is });
        }
        assert_eq!(read(json!({ "name": "n" })), None);
    }

    #[test]
    fn a_file_as_it_is_written() {
        let file = NewAttachment::new("a.txt", "abc").inline("logo");
        let written = new_attachment(&file);
        assert_eq!(written["contentBytes"], "YWJj");
        assert_eq!(written["contentId"], "logo");
        assert_eq!(written.get("contentType"), None);
    }
}
