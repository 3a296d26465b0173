//! Messages to write.

use serde_json::{Map, Value, json};

use super::item::{exact_instant, sensitivity_number};
use super::new_event::importance;
use super::{item_body, to_extended_properties, to_recipient};
use crate::connector::Backend;
use crate::error::{Error, Result};
use crate::model::{
    ExtendedProperty, NewMessage, PropertyKind, PropertyName, Recipient, Sensitivity, unfinished,
};

/// PidTagDeferredSendTime (MS-OXOMSG 2.2.3.4).
const DEFERRED_SEND_TIME: (u16, PropertyKind) = (0x3fef, PropertyKind::SystemTime);
/// PidTagInternetReferences (MS-OXOMSG 2.2.1.26).
const INTERNET_REFERENCES: (u16, PropertyKind) = (0x1039, PropertyKind::String);
/// PidTagInReplyToId (MS-OXOMSG 2.2.1.17).
const IN_REPLY_TO_ID: (u16, PropertyKind) = (0x1042, PropertyKind::String);
/// PidTagSensitivity (MS-OXCMSG 2.2.1.13).
pub(super) const SENSITIVITY: (u16, PropertyKind) = (0x0036, PropertyKind::Integer);

/// What a message has besides what its writer said.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::graph) struct Extras<'a> {
    /// The key of the send, or of the draft.
    pub(in crate::graph) key: Option<&'a ExtendedProperty>,
    /// The `Message-ID` it will have.
    pub(in crate::graph) message_id: Option<&'a str>,
    /// Something is still to be attached to it.
    pub(in crate::graph) is_unfinished: bool,
}

/// A message, without what is attached to it. Of one whose text is written as MIME only what MIME does not carry.
///
/// # Errors
///
/// A header that is there twice: a server keeps one.
pub(in crate::graph) fn new_message(
    new: &NewMessage,
    extras: Extras<'_>,
    operation: &'static str,
) -> Result<Map<String, Value>> {
    check_headers(new, operation)?;
    let is_mime = new.text_alternative.is_some();
    let mut message = Map::new();
    let mut set = |name: &str, value: Value| drop(message.insert(name.to_owned(), value));
    let tag = |(tag, kind): (u16, PropertyKind), value: &str| {
        ExtendedProperty::new(PropertyName::tag(tag, kind), value)
    };
    let mut properties: Vec<ExtendedProperty> = extras.key.into_iter().cloned().collect();
    if extras.is_unfinished {
        properties.push(ExtendedProperty::new(unfinished(), "true"));
    }
    properties.extend(
        new.send_at
            .map(|time| tag(DEFERRED_SEND_TIME, &exact_instant(time))),
    );
    if let Some(id) = extras.message_id {
        set("internetMessageId", json!(id));
    }
    if !new.categories.is_empty() {
        set("categories", json!(new.categories));
    }
    if !new.bcc.is_empty() {
        set("bccRecipients", people(&new.bcc));
    }
    if !is_mime {
        set("subject", json!(new.subject));
        if let Some(body) = &new.body {
            set("body", json!(item_body(body)));
        }
        for (name, list) in [
            ("toRecipients", &new.to),
            ("ccRecipients", &new.cc),
            ("replyTo", &new.reply_to),
        ] {
            if !list.is_empty() {
                set(name, people(list));
            }
        }
        if let Some(author) = &new.from {
            set("from", json!(to_recipient(author)));
        }
        if new.importance != Default::default() {
            set("importance", json!(importance(new.importance)));
        }
        if new.sensitivity != Sensitivity::Normal {
            properties.push(tag(SENSITIVITY, sensitivity_number(new.sensitivity)));
        }
        if !new.headers.is_empty() {
            let header = |(name, value): &(String, String)| json!({ "name": name, "value": value });
            let headers: Vec<Value> = new.headers.iter().map(header).collect();
            set("internetMessageHeaders", json!(headers));
        }
        properties.extend(new.in_reply_to.iter().map(|id| tag(IN_REPLY_TO_ID, id)));
        let references = new.references.iter();
        properties.extend(references.map(|ids| tag(INTERNET_REFERENCES, ids)));
    }
    if !is_mime || new.from.is_none() {
        // In MIME these name the author.
        for (name, is_wanted) in [
            ("isReadReceiptRequested", new.read_receipt),
            ("isDeliveryReceiptRequested", new.delivery_receipt),
        ] {
            if is_wanted {
                set(name, json!(true));
            }
        }
    }
    // What its writer names comes last, so that it holds.
    properties.extend(new.extended.iter().cloned());
    put_properties(&mut message, &properties);
    Ok(message)
}

/// Writes properties beside what is there.
pub(in crate::graph) fn put_properties(
    message: &mut Map<String, Value>,
    properties: &[ExtendedProperty],
) {
    let (single, multi) = to_extended_properties(properties);
    if !single.is_empty() {
        message.insert("singleValueExtendedProperties".to_owned(), json!(single));
    }
    if !multi.is_empty() {
        message.insert("multiValueExtendedProperties".to_owned(), json!(multi));
    }
}

/// A list of people.
pub(in crate::graph) fn people(list: &[Recipient]) -> Value {
    list.iter().map(|who| json!(to_recipient(who))).collect()
}

fn check_headers(new: &NewMessage, operation: &'static str) -> Result<()> {
    let mut seen = Vec::new();
    for (name, _) in &new.headers {
        let folded = name.to_ascii_lowercase();
        if seen.contains(&folded) {
            let problem = format!("the header {name} is there twice, but a server keeps one");
            return Err(Error::invalid_argument(operation, problem).with_backend(Backend::Graph));
        }
        seen.push(folded);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::keys;
    use crate::model::{Body, Importance};

    #[test]
    fn what_is_not_said_is_not_written() {
        let plain = NewMessage::new("Hi", Body::text("there"));
        let written = new_message(&plain, Extras::default(), "t").unwrap();
        let expected =
            json!({ "subject": "Hi", "body": { "contentType": "text", "content": "there" } });
        assert_eq!(Value::Object(written), expected);
    }

    #[test]
    fn all_of_a_message() {
        let new = NewMessage::new("Hi", Body::html("<p>there</p>"))
            .to(Recipient::smtp("bo@example.com").named("Bo"))
            .bcc(Recipient::smtp("cy@example.com"))
            .from(Recipient::smtp("al@example.com"))
            .importance(Importance::High)
            .sensitivity(Sensitivity::Private)
            .category("Own")
            .header("X-Ticket", "4711")
            .answering("<q@b>", "<p@b> <q@b>")
            .send_at("2026-11-22T10:00:00Z".parse().unwrap())
            .read_receipt();
        let key = keys::send_key("k");
        let extras = Extras {
            key: Some(&key),
            message_id: Some("<m@b>"),
            is_unfinished: true,
        };
        let written = Value::Object(new_message(&new, extras, "t").unwrap());
        assert_eq!(written["toRecipients"][0]["emailAddress"]["name"], "Bo");
        assert_eq!(written["internetMessageId"], "<m@b>");
        assert_eq!(written["internetMessageHeaders"][0]["name"], "X-Ticket");
        assert_eq!(written["isReadReceiptRequested"], true);
        assert_eq!(written.get("isDeliveryReceiptRequested"), None);
        let values = written["singleValueExtendedProperties"].as_array().unwrap();
        let values: Vec<&str> = values
            .iter()
            .map(|one| one["value"].as_str().unwrap())
            .collect();
        assert_eq!(
            values,
            [
                "k",
                "true",
                "2026-11-22T10:00:00Z",
                "2",
                "<q@b>",
                "<p@b> <q@b>"
            ]
        );
    }

    #[test]
    fn one_header_twice() {
        let new = NewMessage::new("Hi", Body::text(""))
            .header("X-A", "1")
            .header("x-a", "2");
        assert!(new_message(&new, Extras::default(), "t").is_err());
    }
}
