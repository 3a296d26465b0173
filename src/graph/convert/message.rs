//! Messages, as they are read.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::attachment::{attachment, odata_type};
use super::event::importance;
use super::flag::flag;
use super::item::sensitivity;
use super::{body, extended_properties, instant, recipient};
use crate::connector::Backend;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::wire;
use crate::model::{
    ConversationId, ExtendedProperty, FolderId, ItemKind, Message, MessageDetail, MessageId,
    MessageLoad, Projection, PropertyKind, PropertyName, Recipient, Version,
};

/// PidTagMessageClass (MS-OXCMSG 2.2.1.3).
const CLASS: PropertyName = tag(0x001a, PropertyKind::String);
/// PidTagSensitivity (MS-OXCMSG 2.2.1.13).
const SENSITIVITY: PropertyName = tag(0x0036, PropertyKind::Integer);
/// PidTagMessageSize (MS-OXCMSG 2.2.1.7).
const SIZE: PropertyName = tag(0x0e08, PropertyKind::Integer);
/// PidTagInReplyToId (MS-OXOMSG 2.2.1.17).
const IN_REPLY_TO: PropertyName = tag(0x1042, PropertyKind::String);
/// PidTagInternetReferences (MS-OXOMSG 2.2.1.26).
const REFERENCES: PropertyName = tag(0x1039, PropertyKind::String);
/// PidTagConversationTopic (MS-OXOMSG 2.2.1.5).
const TOPIC: PropertyName = tag(0x0070, PropertyKind::String);

const fn tag(tag: u16, kind: PropertyKind) -> PropertyName {
    PropertyName::Tag { tag, kind }
}

/// What has no property of Graph's own, but is read of every message.
pub(in crate::graph) const ALWAYS_READ: [PropertyName; 3] = [CLASS, SENSITIVITY, SIZE];

/// And of messages that are read in full.
pub(in crate::graph) const READ_IN_FULL: [PropertyName; 3] = [IN_REPLY_TO, REFERENCES, TOPIC];

/// The id, for a program that may send it again.
pub(in crate::graph) fn raw_message_id(wire: &wire::Message) -> Option<MessageId> {
    let raw = wire.id.as_deref().filter(|id| !id.is_empty())?;
    Some(MessageId::from_raw(Backend::Graph, raw))
}

/// Whether it is a message, of whatever kind: folders hold other things too.
pub(in crate::graph) fn is_message(wire: &wire::Message) -> bool {
    let class = text_of(wire, &CLASS).unwrap_or_default();
    let class = class.to_ascii_lowercase();
    let is = |kind: &&str| class == **kind || class.starts_with(&format!("{kind}."));
    !NO_MESSAGES.iter().any(is)
}

/// MS-OXCMSG 2.2.1.3, MS-OXOPOST, MS-OXOCNTC, MS-OXOCAL, MS-OXOTASK, MS-OXONOTE, MS-OXOJRNL.
const NO_MESSAGES: [&str; 8] = [
    "ipm.post",
    "ipm.contact",
    "ipm.distlist",
    "ipm.appointment",
    "ipm.task",
    "ipm.taskrequest",
    "ipm.stickynote",
    "ipm.activity",
];

/// A message, as much of it as was asked for.
///
/// # Errors
///
/// [`ErrorKind::Protocol`] for one without an identifier.
pub(in crate::graph) fn message(
    wire: &wire::Message,
    load: &MessageLoad,
    operation: &'static str,
) -> Result<Message> {
    let id = raw_message_id(wire).ok_or_else(|| {
        let text = "the server gave a message without an id";
        Error::new(ErrorKind::Protocol, operation, text).with_backend(Backend::Graph)
    })?;
    let version = Version::from_raw(wire.change_key.as_deref().unwrap_or_default());
    let mut read = Message::new(id, version);
    let folder = filled(&wire.parent_folder_id);
    read.folder_id = folder.map(|id| FolderId::from_raw(Backend::Graph, id));
    read.kind = kind(wire);
    read.subject = wire.subject.clone().unwrap_or_default();
    read.from = wire.from.as_ref().and_then(recipient);
    read.sender = wire.sender.as_ref().and_then(recipient);
    read.internet_message_id = filled(&wire.internet_message_id);
    let conversation = filled(&wire.conversation_id);
    read.conversation_id = conversation.map(|id| ConversationId::from_raw(Backend::Graph, id));
    read.received = instant(wire.received_date_time.as_deref());
    read.created = instant(wire.created_date_time.as_deref());
    read.last_modified = instant(wire.last_modified_date_time.as_deref());
    read.is_read = wire.is_read.unwrap_or_default();
    read.is_draft = wire.is_draft.unwrap_or_default();
    // Servers tell of drafts when they were made.
    let sent = wire.sent_date_time.as_deref().filter(|_| !read.is_draft);
    read.sent = instant(sent);
    read.has_attachments = wire.has_attachments.unwrap_or_default();
    read.importance = importance(wire.importance.as_deref());
    read.sensitivity = sensitivity(text_of(wire, &SENSITIVITY).as_deref());
    read.categories = wire.categories.iter().flatten().cloned().collect();
    read.flag = flag(wire.flag.as_ref());
    read.size = text_of(wire, &SIZE).and_then(|size| size.parse().ok());
    if load.projection == Projection::Full {
        read.detail = Some(Box::new(detail(wire, &load.extended)));
    }
    Ok(read)
}

/// What it is, by its class if that came, else by its type.
fn kind(wire: &wire::Message) -> ItemKind {
    let class = text_of(wire, &CLASS).unwrap_or_default();
    let class = class.to_ascii_lowercase();
    match class.strip_prefix("ipm.schedule.meeting.") {
        Some(what) if what.starts_with("request") => return ItemKind::MeetingRequest,
        Some(what) if what.starts_with("resp") => return ItemKind::MeetingResponse,
        Some(what) if what.starts_with("canceled") => return ItemKind::MeetingCancellation,
        Some(_) => return ItemKind::Other,
        None => {}
    }
    match odata_type(wire.odata_type.as_ref()) {
        "eventMessageRequest" => ItemKind::MeetingRequest,
        "eventMessageResponse" => ItemKind::MeetingResponse,
        "eventMessage" => ItemKind::Other,
        _ => ItemKind::Message,
    }
}

fn detail(wire: &wire::Message, asked: &[PropertyName]) -> MessageDetail {
    let people = |list: &Option<Vec<wire::Recipient>>| -> Vec<Recipient> {
        list.iter().flatten().filter_map(recipient).collect()
    };
    let index = wire.conversation_index.as_ref();
    let headers = wire.internet_message_headers.iter().flatten();
    MessageDetail {
        body: wire.body.as_ref().and_then(body),
        unique_body: wire.unique_body.as_ref().and_then(body),
        preview: filled(&wire.body_preview),
        to: people(&wire.to_recipients),
        cc: people(&wire.cc_recipients),
        bcc: people(&wire.bcc_recipients),
        reply_to: people(&wire.reply_to),
        in_reply_to: text_of(wire, &IN_REPLY_TO),
        references: text_of(wire, &REFERENCES),
        conversation_index: index.and_then(|index| STANDARD.decode(index).ok()),
        conversation_topic: text_of(wire, &TOPIC),
        headers: headers
            .map(|one| (one.name.clone(), one.value.clone()))
            .collect(),
        read_receipt_requested: wire.is_read_receipt_requested.unwrap_or_default(),
        delivery_receipt_requested: wire.is_delivery_receipt_requested.unwrap_or_default(),
        attachments: wire
            .attachments
            .iter()
            .flatten()
            .filter_map(attachment)
            .collect(),
        web_link: filled(&wire.web_link),
        meeting: None,
        extended: extended(wire, asked),
    }
}

fn filled(text: &Option<String>) -> Option<String> {
    text.clone().filter(|text| !text.is_empty())
}

/// What was asked for, by the names it was asked for and in their order.
fn extended(wire: &wire::Message, asked: &[PropertyName]) -> Vec<ExtendedProperty> {
    let read = extended_properties(
        wire.single_value_extended_properties.as_ref(),
        wire.multi_value_extended_properties.as_ref(),
        asked,
    );
    let found = asked.iter().filter_map(|name| {
        let one = read.iter().find(|one| one.name == *name)?;
        Some(one.clone())
    });
    found.collect()
}

/// The value of a property that stands for something, if there is one.
pub(super) fn text_of(wire: &wire::Message, name: &PropertyName) -> Option<String> {
    let property = extended(wire, std::slice::from_ref(name)).pop()?;
    let text = property.value.first().filter(|text| !text.is_empty());
    text.map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::{FollowUpFlag, Importance, Sensitivity};

    fn wire() -> wire::Message {
        let json = json!({
            "@odata.etag": "W/\"CQAA\"",
            "@odata.type": "#microsoft.graph.message",
            "id": "AAkAL", "changeKey": "CQAA", "parentFolderId": "AAMkF", "subject": "Plan",
            "receivedDateTime": "2026-03-02T09:00:00Z", "isRead": true, "importance": "high",
            "categories": ["Red"], "hasAttachments": null, "internetMessageHeaders": null,
            "from": { "emailAddress": { "name": "Ada", "address": "ada@example.com" } },
            "toRecipients": [{ "emailAddress": { "address": "bob@example.com" } }, {}],
            "body": { "contentType": "html", "content": "<p>Hi</p>" },
            "flag": { "flagStatus": "flagged" },
            "conversationIndex": "AQI=",
            "attachments": [{ "@odata.type": "#microsoft.graph.fileAttachment", "id": "x", "name": "a.txt" }],
            "inferenceClassification": "focused",
            "singleValueExtendedProperties": [
                { "id": "String 0x1a", "value": "IPM.Note" },
                { "id": "Integer 0x36", "value": "3" },
                { "id": "Integer 0xe08", "value": "4711" },
                { "id": "String 0x1042", "value": "<a@b>" },
            ],
        });
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn a_message_in_full() {
        let read = message(&wire(), &MessageLoad::full(), "t").unwrap();
        assert_eq!((read.id.as_raw(), read.version.as_raw()), ("AAkAL", "CQAA"));
        assert_eq!((read.size, read.is_read), (Some(4711), true));
        assert_eq!(
            (read.importance, read.sensitivity),
            (Importance::High, Sensitivity::Confidential)
        );
        assert_eq!(read.flag, FollowUpFlag::flagged());
        assert_eq!(read.kind, ItemKind::Message);
        let detail = read.detail.unwrap();
        assert_eq!(detail.to, [Recipient::smtp("bob@example.com")]);
        assert_eq!(detail.in_reply_to.as_deref(), Some("<a@b>"));
        assert_eq!(detail.conversation_index, Some(vec![1, 2]));
        assert_eq!(detail.attachments.len(), 1);
    }

    #[test]
    fn a_summary_has_no_detail() {
        let read = message(&wire(), &MessageLoad::summary(), "t").unwrap();
        assert_eq!(read.detail, None);
        assert!(message(&wire::Message::default(), &MessageLoad::summary(), "t").is_err());
    }

    #[test]
    fn what_it_is() {
        let class = |class: &str| {
            let json = json!({ "id": "a", "singleValueExtendedProperties": [{ "id": "String 0x001A", "value": class }] });
            serde_json::from_value::<wire::Message>(json).unwrap()
        };
        for (name, expected) in [
            ("IPM.Note.SMIME", ItemKind::Message),
            ("IPM.Schedule.Meeting.Request", ItemKind::MeetingRequest),
            ("IPM.Schedule.Meeting.Resp.Pos", ItemKind::MeetingResponse),
            (
                "IPM.Schedule.Meeting.Canceled",
                ItemKind::MeetingCancellation,
            ),
            ("IPM.Schedule.Meeting.Notification.Forward", ItemKind::Other),
        ] {
            assert!(is_message(&class(name)));
            assert_eq!(kind(&class(name)), expected, "{name}");
        }
        assert!(!is_message(&class("IPM.Post")));
        assert!(!is_message(&class("IPM.Contact.Own")));
        assert!(is_message(&class("IPM.Poster")));
    }
}
