//! Messages to write: by their properties, and as MIME where those do not do.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, SecondsFormat, Utc};

use super::new_event::{body, importance, list, sensitivity};
use super::{attachment, property, recipient};
use crate::error::{Error, Result};
use crate::ews::ServerVersion;
use crate::ews::types::{self, Attachments, ExtendedProperties, Mailbox, Message, MimeContent};
use crate::mail::alternative;
use crate::model::{
    ExtendedProperty, NewAttachment, NewMessage, PropertyKind, PropertyName, PropertySet,
    Recipient, unfinished,
};

/// Since when a server takes what is attached together with the message.
///
/// Before, the message is saved, then each file is attached to it: Exchange 2007 refuses it
/// otherwise, and versions of 2010 are known to lose what they should send at once.
pub(crate) const ATTACHES_AT_ONCE_SINCE: ServerVersion = ServerVersion::Exchange2013;

/// Since when an attachment can be said to belong to the body.
const INLINE_SINCE: ServerVersion = ServerVersion::Exchange2010;

/// PidTagDeferredSendTime (MS-OXOMSG 2.2.3.4).
const DEFERRED_SEND_TIME: (u16, PropertyKind) = (0x3fef, PropertyKind::SystemTime);
/// PidTagInternetReferences (MS-OXOMSG 2.2.1.26).
const INTERNET_REFERENCES: (u16, PropertyKind) = (0x1039, PropertyKind::String);
/// PidTagInReplyToId (MS-OXOMSG 2.2.1.17).
const IN_REPLY_TO_ID: (u16, PropertyKind) = (0x1042, PropertyKind::String);
/// PidTagInternetMessageId (MS-OXOMSG 2.2.1.12).
const INTERNET_MESSAGE_ID: (u16, PropertyKind) = (0x1035, PropertyKind::String);

/// What a message has besides what its writer said.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Extras<'a> {
    /// The key of the send, or of the draft.
    pub(crate) key: Option<&'a ExtendedProperty>,
    /// The `Message-ID` it will have.
    pub(crate) message_id: Option<&'a str>,
    /// In whose name it is, if nobody is said.
    pub(crate) author: Option<&'a str>,
}

/// A message as it is saved, and what comes after that.
#[derive(Debug)]
pub(crate) struct Draft<'m> {
    pub(crate) message: Message,
    /// What is to be attached to it after it is saved.
    pub(crate) rest: Vec<&'m NewAttachment>,
    /// It says of itself that something is still to be attached.
    pub(crate) is_marked: bool,
}

/// A message as properties, for a server of that version.
///
/// # Errors
///
/// What the version cannot hold, before anything is sent.
pub(crate) fn message<'m>(
    new: &'m NewMessage,
    version: ServerVersion,
    extras: Extras<'_>,
    operation: &'static str,
) -> Result<Draft<'m>> {
    new.validate(operation)?;
    can_attach(&new.attachments, version, operation)?;
    let mut message = Message::default();
    message.item.categories = list(new.categories.iter().cloned());
    // Beside MIME too: servers need not look for blind copies in it.
    message.bcc_recipients = mailboxes(&new.bcc);
    let wants = |receipt: bool| receipt.then_some(true);
    let mut rest = Vec::new();
    if let Some(text) = &new.text_alternative {
        // Properties know one body; a text of its own beside HTML is known to MIME only.
        let mime = alternative::mime(new, text, extras.author);
        message.item.mime_content = Some(MimeContent::new(STANDARD.encode(mime)));
        if alternative::signed(new, extras.author).is_none() {
            // In MIME these name the author.
            message.is_read_receipt_requested = wants(new.read_receipt);
            message.is_delivery_receipt_requested = wants(new.delivery_receipt);
        }
    } else {
        message.item.subject = Some(new.subject.clone());
        message.item.body = new.body.as_ref().map(body);
        message.item.importance = Some(importance(new.importance));
        message.item.sensitivity = Some(sensitivity(new.sensitivity));
        message.to_recipients = mailboxes(&new.to);
        message.cc_recipients = mailboxes(&new.cc);
        message.reply_to = mailboxes(&new.reply_to);
        let named = new.from.as_ref().map(recipient::to_wire);
        let author = named.or_else(|| extras.author.map(Mailbox::smtp));
        message.from = author.map(Into::into);
        message.is_read_receipt_requested = wants(new.read_receipt);
        message.is_delivery_receipt_requested = wants(new.delivery_receipt);
        if version < ATTACHES_AT_ONCE_SINCE {
            rest = new.attachments.iter().collect();
        } else {
            let files = new.attachments.iter().map(attachment::new_attachment);
            message.item.attachments = list(files).map(Attachments);
        }
    }
    let is_marked = extras.key.is_some() && !rest.is_empty();
    // What its writer names comes last, so that it holds.
    let mut extended = own_properties(new, extras, is_marked, operation)?;
    extended.extend(new.extended.iter().map(property::extended_uri));
    message.item.extended_properties = list(extended.into_iter()).map(ExtendedProperties);
    Ok(Draft {
        message,
        rest,
        is_marked,
    })
}

/// The property that holds the `Message-ID`.
pub(crate) fn message_id(id: &str) -> ExtendedProperty {
    let (tag, kind) = INTERNET_MESSAGE_ID;
    ExtendedProperty::new(PropertyName::tag(tag, kind), id)
}

/// Refuses what a server of that version cannot attach.
pub(crate) fn can_attach(
    files: &[NewAttachment],
    version: ServerVersion,
    operation: &'static str,
) -> Result<()> {
    if version < INLINE_SINCE && files.iter().any(|file| file.is_inline) {
        let why = format!("attachments that are part of the body came with {INLINE_SINCE}");
        return Err(Error::unsupported(operation, why));
    }
    Ok(())
}

/// People in a list; nothing if there are none, because the schema allows no empty list.
pub(crate) fn mailboxes(people: &[Recipient]) -> Option<Vec<Mailbox>> {
    list(people.iter().map(recipient::to_wire))
}

/// What has no property of the schema that could be written.
fn own_properties(
    new: &NewMessage,
    extras: Extras<'_>,
    is_marked: bool,
    operation: &'static str,
) -> Result<Vec<types::ExtendedProperty>> {
    let tag = |(tag, kind): (u16, PropertyKind), value: &str| {
        ExtendedProperty::new(PropertyName::tag(tag, kind), value)
    };
    let mut properties = Vec::new();
    properties.extend(extras.key.cloned());
    if is_marked {
        properties.push(ExtendedProperty::new(unfinished(), "true"));
    }
    properties.extend(extras.message_id.map(message_id));
    properties.extend(new.send_at.map(|time| tag(DEFERRED_SEND_TIME, &utc(time))));
    let mut seen = Vec::new();
    for (name, _) in &new.headers {
        let folded = name.to_ascii_lowercase();
        if seen.contains(&folded) {
            let problem = format!("the header {name} is there twice, but a server keeps one");
            return Err(Error::invalid_argument(operation, problem));
        }
        seen.push(folded);
    }
    if new.text_alternative.is_some() {
        // MIME has the headers.
        return Ok(properties.iter().map(property::extended_uri).collect());
    }
    properties.extend(new.in_reply_to.iter().map(|id| tag(IN_REPLY_TO_ID, id)));
    properties.extend(
        new.references
            .iter()
            .map(|ids| tag(INTERNET_REFERENCES, ids)),
    );
    for (name, value) in &new.headers {
        let set = PropertySet::InternetHeaders;
        let header = PropertyName::named(set, name.clone(), PropertyKind::String);
        properties.push(ExtendedProperty::new(header, value.clone()));
    }
    Ok(properties.iter().map(property::extended_uri).collect())
}

/// A time as the value of a MAPI property.
pub(super) fn utc(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::model::Body;

    fn with_file() -> NewMessage {
        NewMessage::new("Minutes", Body::html("<p>All agreed.</p>"))
            .attachment(NewAttachment::new("a.txt", "a"))
    }

    fn names(message: &Message) -> Vec<String> {
        let list = message
            .item
            .extended_properties
            .iter()
            .flat_map(|list| &list.0);
        let name = |one: &types::ExtendedProperty| {
            let uri = one.uri.clone();
            uri.property_name.or(uri.property_tag).unwrap_or_default()
        };
        list.map(name).collect()
    }

    #[test]
    fn files_go_with_the_message_or_after_it() {
        let new = with_file();
        let extras = Extras::default();
        let at_once = message(&new, ServerVersion::Exchange2013, extras, "t").unwrap();
        assert!(at_once.message.item.attachments.is_some() && at_once.rest.is_empty());
        let after = message(&new, ServerVersion::Exchange2007Sp1, extras, "t").unwrap();
        assert!(after.message.item.attachments.is_none() && !after.is_marked);
        assert_eq!(after.rest.len(), 1);
        // What is found by its key must not be taken for whole too early.
        let key = crate::mail::keys::send_key("k");
        let extras = Extras {
            key: Some(&key),
            ..extras
        };
        let keyed = message(&new, ServerVersion::Exchange2007Sp1, extras, "t").unwrap();
        assert!(keyed.is_marked);
        assert_eq!(
            names(&keyed.message),
            ["idempotency-key", "create-unfinished"]
        );
        let at_once = message(&new, ServerVersion::Exchange2016, extras, "t").unwrap();
        assert!(!at_once.is_marked);
    }

    #[test]
    fn headers_are_properties_or_mime() {
        let new = with_file()
            .header("X-Ticket", "1")
            .answering("<1@b>", "<0@b>");
        let plain = message(&new, ServerVersion::Exchange2007Sp1, Extras::default(), "t").unwrap();
        assert_eq!(names(&plain.message), ["0x1042", "0x1039", "X-Ticket"]);
        let new = new.text_alternative("All agreed.");
        let mime = message(&new, ServerVersion::Exchange2007Sp1, Extras::default(), "t").unwrap();
        assert_eq!(names(&mime.message), Vec::<String>::new());
        assert!(mime.message.item.mime_content.is_some());
        assert!(mime.message.item.subject.is_none() && mime.rest.is_empty());
        let twice = new.header("x-ticket", "2");
        assert!(message(&twice, ServerVersion::Exchange2016, Extras::default(), "t").is_err());
    }

    #[test]
    fn pictures_in_the_body_came_later() {
        let mut new = with_file();
        new.attachments[0] = new.attachments[0].clone().inline("a");
        let of = |version| message(&new, version, Extras::default(), "t").map(drop);
        assert!(of(ServerVersion::Exchange2007Sp1).is_err());
        assert!(of(ServerVersion::Exchange2010).is_ok());
    }
}
