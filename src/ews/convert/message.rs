//! Messages, as they are read.

use super::event::{body, importance, is_there, known, sensitivity, version};
use super::{attachment, flag, meeting_message, property, recipient};
use crate::connector::Backend;
use crate::error::{Error, ErrorKind, Result};
use crate::ews::types::{
    self, ExtendedFieldUri, FieldPath, Item, ItemId, ItemProperties, MapiPropertyType,
    SingleRecipient,
};
use crate::ews::{FieldUri, ServerVersion};
use crate::model::{
    Address, ConversationId, ExtendedProperty, FolderId, ItemKind, Message, MessageDetail,
    MessageId, MessageLoad, Projection, PropertyName, Recipient,
};

/// What a list can return of a message on that version.
pub(crate) fn message_summary_paths(version: ServerVersion) -> Vec<FieldPath> {
    let mut paths = known(SUMMARY, version);
    paths.extend(FROM.stored(version).chain(SENDER.stored(version)));
    if version < flag::SINCE {
        paths.extend(flag::paths());
    }
    paths
}

/// What there is to know of a message on that version, as far as it is asked for.
pub(crate) fn message_full_paths(version: ServerVersion, load: &MessageLoad) -> Vec<FieldPath> {
    let mut paths = message_summary_paths(version);
    paths.extend(known(FULL, version));
    if load.unique_body {
        paths.push(FieldUri::ItemUniqueBody.into());
    }
    if version < HEADERS_ARE_WHOLE_SINCE {
        paths.push(transport_headers().into());
    }
    let asked = load.extended.iter().map(property::property_uri);
    for path in meeting_message::paths(version)
        .into_iter()
        .chain(asked.map(FieldPath::Extended))
    {
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    paths
}

const SUMMARY: &[FieldUri] = &[
    FieldUri::ItemParentFolderId,
    FieldUri::ItemItemClass,
    FieldUri::ItemSubject,
    FieldUri::ItemSensitivity,
    FieldUri::ItemDateTimeReceived,
    FieldUri::ItemSize,
    FieldUri::ItemCategories,
    FieldUri::ItemImportance,
    FieldUri::ItemIsDraft,
    FieldUri::ItemDateTimeSent,
    FieldUri::ItemDateTimeCreated,
    FieldUri::ItemHasAttachments,
    FieldUri::ItemLastModifiedTime,
    FieldUri::ItemConversationId,
    FieldUri::ItemFlag,
    FieldUri::MessageSender,
    FieldUri::MessageFrom,
    FieldUri::MessageInternetMessageId,
    FieldUri::MessageIsRead,
];

const FULL: &[FieldUri] = &[
    FieldUri::ItemBody,
    FieldUri::ItemAttachments,
    FieldUri::ItemInReplyTo,
    FieldUri::ItemInternetMessageHeaders,
    FieldUri::ItemWebClientReadFormQueryString,
    FieldUri::ItemPreview,
    FieldUri::MessageToRecipients,
    FieldUri::MessageCcRecipients,
    FieldUri::MessageBccRecipients,
    FieldUri::MessageReplyTo,
    FieldUri::MessageReferences,
    FieldUri::MessageConversationIndex,
    FieldUri::MessageConversationTopic,
    FieldUri::MessageIsReadReceiptRequested,
    FieldUri::MessageIsDeliveryReceiptRequested,
];

/// Before, servers leave some headers out.
const HEADERS_ARE_WHOLE_SINCE: ServerVersion = ServerVersion::Exchange2013;

/// PidTagTransportMessageHeaders (MS-OXOMSG 2.2.1.61): as they came.
fn transport_headers() -> ExtendedFieldUri {
    ExtendedFieldUri::tag(0x007d, MapiPropertyType::String)
}

/// Where a message keeps the address of somebody (MS-OXOMSG 2.2.1.48 and after).
struct Stored {
    /// The SMTP address, whatever the routing type.
    smtp: u16,
    address: u16,
    routing: u16,
}

const FROM: Stored = Stored {
    smtp: 0x5d02,
    address: 0x0065,
    routing: 0x0064,
};

const SENDER: Stored = Stored {
    smtp: 0x5d01,
    address: 0x0c1f,
    routing: 0x0c1e,
};

impl Stored {
    /// What to read of it: lists of older servers give names without addresses.
    fn stored(&self, version: ServerVersion) -> impl Iterator<Item = FieldPath> + use<> {
        let (smtp, older) = (Some(self.smtp), version < ServerVersion::Exchange2013);
        let older = older.then_some([self.address, self.routing]);
        let tags = smtp.into_iter().chain(older.into_iter().flatten());
        tags.map(|tag| text(tag).into())
    }

    /// Somebody, by the SMTP address that was stored with the message if there is one: it spares a
    /// look into the directory, and is there when the person is not any more.
    fn read(&self, said: Option<&SingleRecipient>, item: &ItemProperties) -> Option<Recipient> {
        let mut who = recipient::single(said)?;
        if who.address == Address::Missing {
            let wire = types::Mailbox {
                name: who.name.clone(),
                email_address: value(item, self.address).map(str::to_owned),
                routing_type: value(item, self.routing).map(str::to_owned),
                ..types::Mailbox::default()
            };
            who = recipient(&wire).unwrap_or(who);
        }
        if let (Address::ExchangeDn(_), Some(smtp)) = (&who.address, value(item, self.smtp))
            && smtp.contains('@')
        {
            who.address = Address::Smtp(smtp.to_owned());
        }
        Some(who)
    }
}

/// The properties by which an author is found, for conditions: the SMTP address, the address, its
/// routing type.
pub(crate) fn author_paths() -> [FieldPath; 3] {
    [FROM.smtp, FROM.address, FROM.routing].map(|tag| text(tag).into())
}

fn text(tag: u16) -> ExtendedFieldUri {
    ExtendedFieldUri::tag(tag, MapiPropertyType::String)
}

/// What an item has in a property with that tag.
fn value(item: &ItemProperties, tag: u16) -> Option<&str> {
    let list = item.extended_properties.as_ref()?.0.iter();
    let mut found = list.filter(|one| property::tag_of(&one.uri) == Some(tag));
    match &found.next()?.value {
        types::PropertyValue::Value(value) => Some(value.as_str()).filter(|text| !text.is_empty()),
        types::PropertyValue::Values(_) => None,
    }
}

/// Whether it is a message, of whatever kind: folders hold other things too.
pub(crate) fn is_message(item: &Item) -> bool {
    matches!(item, Item::Message(_) | Item::Meeting(_))
}

pub(crate) fn message_ref(id: &ItemId) -> MessageId {
    MessageId::from_raw(Backend::Ews, id.id.as_str())
}

/// A message, as much of it as was asked for.
///
/// # Errors
///
/// [`ErrorKind::InvalidId`] for what is no message, [`ErrorKind::Protocol`] for one without an
/// identifier.
pub(crate) fn message(item: &Item, load: &MessageLoad, operation: &'static str) -> Result<Message> {
    let (wire, kind) = match item {
        Item::Message(message) => (&**message, ItemKind::Message),
        Item::Meeting(meeting) => (&meeting.message, meeting_kind(&meeting.kind)),
        _ => {
            let found = format!("the server gave a {} for a message", item.kind());
            return Err(
                Error::new(ErrorKind::InvalidId, operation, found).with_backend(Backend::Ews)
            );
        }
    };
    let base = &wire.item;
    let id = base.item_id.as_ref().ok_or_else(|| {
        let text = "the server gave a message without ItemId";
        Error::new(ErrorKind::Protocol, operation, text).with_backend(Backend::Ews)
    })?;
    let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let mut read = Message::new(message_ref(id), version(id));
    let folder = base.parent_folder_id.as_ref();
    read.folder_id = folder.map(|id| FolderId::from_raw(Backend::Ews, id.id.as_str()));
    read.kind = kind;
    read.subject = base.subject.clone().unwrap_or_default();
    read.from = FROM.read(wire.from.as_ref(), base);
    read.sender = SENDER.read(wire.sender.as_ref(), base);
    read.internet_message_id = filled(&wire.internet_message_id);
    let conversation = base.conversation_id.as_ref();
    read.conversation_id =
        conversation.map(|id| ConversationId::from_raw(Backend::Ews, id.id.as_str()));
    read.received = base.date_time_received;
    read.created = base.date_time_created;
    read.last_modified = base.last_modified_time;
    read.is_read = wire.is_read.unwrap_or_default();
    read.is_draft = base.is_draft.unwrap_or_default();
    // Servers may tell of drafts when they were made.
    read.sent = base.date_time_sent.filter(|_| !read.is_draft);
    read.has_attachments = base.has_attachments.unwrap_or_default();
    read.importance = importance(base.importance.as_ref());
    read.sensitivity = sensitivity(base.sensitivity.as_ref());
    read.categories = base.categories.iter().flatten().cloned().collect();
    read.flag = flag::read(base);
    read.size = base.size.and_then(|size| u64::try_from(size).ok());
    if load.projection == Projection::Full {
        let mut detail = detail(wire, &load.extended);
        if is_about_meeting(item, base) {
            detail.meeting = meeting_message(item).map(Box::new);
        }
        read.detail = Some(Box::new(detail));
    }
    Ok(read)
}

fn meeting_kind(kind: &types::MeetingMessageKind) -> ItemKind {
    match kind {
        types::MeetingMessageKind::MeetingRequest => ItemKind::MeetingRequest,
        types::MeetingMessageKind::MeetingResponse => ItemKind::MeetingResponse,
        types::MeetingMessageKind::MeetingCancellation => ItemKind::MeetingCancellation,
        types::MeetingMessageKind::MeetingMessage | types::MeetingMessageKind::Other(_) => {
            ItemKind::Other
        }
    }
}

/// Notes that a meeting was forwarded come as plain messages from some servers (MS-OXOCAL 2.2.5 and
/// after).
fn is_about_meeting(item: &Item, base: &ItemProperties) -> bool {
    const CLASS: &[u8] = b"ipm.schedule.meeting";
    let class = base.item_class.as_deref().unwrap_or_default().as_bytes();
    let begins = class.get(..CLASS.len());
    matches!(item, Item::Meeting(_)) || begins.is_some_and(|own| own.eq_ignore_ascii_case(CLASS))
}

fn detail(wire: &types::Message, asked: &[PropertyName]) -> MessageDetail {
    let base = &wire.item;
    let people = |list: &Option<Vec<types::Mailbox>>| {
        let list = list.iter().flatten();
        list.filter_map(recipient).collect()
    };
    let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let text = |wire: &Option<types::Body>| wire.as_ref().map(body).filter(is_there);
    MessageDetail {
        body: text(&base.body),
        unique_body: text(&base.unique_body),
        preview: filled(&base.preview),
        to: people(&wire.to_recipients),
        cc: people(&wire.cc_recipients),
        bcc: people(&wire.bcc_recipients),
        reply_to: people(&wire.reply_to),
        in_reply_to: filled(&base.in_reply_to),
        references: filled(&wire.references),
        conversation_index: wire
            .conversation_index
            .as_ref()
            .map(|bytes| bytes.0.clone()),
        conversation_topic: filled(&wire.conversation_topic),
        headers: headers(base),
        read_receipt_requested: wire.is_read_receipt_requested.unwrap_or_default(),
        delivery_receipt_requested: wire.is_delivery_receipt_requested.unwrap_or_default(),
        attachments: attachment::attachments(base.attachments.as_ref()),
        web_link: filled(&base.web_client_read_form_query_string),
        meeting: None,
        extended: extended(base, asked),
    }
}

/// What was asked for, by the names it was asked for.
fn extended(base: &ItemProperties, asked: &[PropertyName]) -> Vec<ExtendedProperty> {
    let list = base.extended_properties.iter().flat_map(|list| &list.0);
    let read: Vec<_> = list.filter_map(property::extended_property).collect();
    let found = asked.iter().filter_map(|name| {
        let one = read.iter().find(|one| one.name.is_same(name))?;
        Some(ExtendedProperty {
            name: name.clone(),
            value: one.value.clone(),
        })
    });
    found.collect()
}

/// The headers as they came, where the server keeps them so, else those it names.
fn headers(base: &ItemProperties) -> Vec<(String, String)> {
    if let Some(text) = value(base, 0x007d) {
        return unfolded(text);
    }
    let named = base.internet_message_headers.iter().flatten();
    named
        .map(|one| (one.header_name.clone(), one.value.clone()))
        .collect()
}

/// Header fields of a text (RFC 5322 section 2.2): a line that begins with a space belongs to the
/// one before.
fn unfolded(text: &str) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        if line.is_empty() {
            break;
        }
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = fields.last_mut() {
                value.push_str(line);
            }
        } else if let Some((name, value)) = line.split_once(':') {
            fields.push((name.trim_end().to_owned(), value.trim_start().to_owned()));
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ews::types::{ExtendedProperties, Mailbox};

    #[test]
    fn headers_are_unfolded() {
        let text =
            "Received: from a\r\n\tby b\r\nSubject: \r\nX-Empty:\r\nno field\r\n\r\nBody: no\r\n";
        let fields = unfolded(text);
        let fields: Vec<_> = fields
            .iter()
            .map(|(a, b)| (a.as_str(), b.as_str()))
            .collect();
        let expected = [
            ("Received", "from a\tby b"),
            ("Subject", ""),
            ("X-Empty", ""),
        ];
        assert_eq!(fields, expected);
    }

    #[test]
    fn the_address_of_an_author_is_found_where_it_is() {
        let stored = |values: &[(u16, &str)]| ItemProperties {
            extended_properties: Some(ExtendedProperties(
                values
                    .iter()
                    .map(|(tag, value)| types::ExtendedProperty::new(text(*tag), *value))
                    .collect(),
            )),
            ..ItemProperties::default()
        };
        let said = |address: Option<&str>, routing: Option<&str>| SingleRecipient {
            mailbox: Some(Mailbox {
                name: Some("Ada".to_owned()),
                email_address: address.map(str::to_owned),
                routing_type: routing.map(str::to_owned),
                ..Mailbox::default()
            }),
        };
        let name = "/o=x/cn=ada";
        let dn = || Address::ExchangeDn(name.to_owned());
        let smtp = |address: &str| Address::Smtp(address.to_owned());
        for (said, values, address) in [
            (
                said(Some("a@x.example"), None),
                vec![(0x5d02, "b@x.example")],
                smtp("a@x.example"),
            ),
            (
                said(Some(name), Some("EX")),
                vec![(0x5d02, "b@x.example")],
                smtp("b@x.example"),
            ),
            (said(Some(name), Some("EX")), vec![(0x5d02, name)], dn()),
            (
                said(None, None),
                vec![(0x0065, "c@x.example"), (0x0064, "SMTP")],
                smtp("c@x.example"),
            ),
            (said(None, None), vec![(0x0065, name), (0x0064, "EX")], dn()),
            (said(None, None), vec![], Address::Missing),
        ] {
            let who = FROM.read(Some(&said), &stored(&values)).unwrap();
            assert_eq!((who.name.as_deref(), who.address), (Some("Ada"), address));
        }
        assert_eq!(FROM.read(None, &stored(&[(0x0065, name)])), None);
    }
}
