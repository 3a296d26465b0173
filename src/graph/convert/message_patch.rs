//! Changes to messages.

use serde_json::{Map, Value, json};

use super::flag::flag_json;
use super::item::sensitivity_number;
use super::new_event::importance as importance_name;
use super::new_message::{SENSITIVITY, people};
use super::{item_body, property_id, to_extended_properties, to_recipient};
use crate::error::Result;
use crate::model::{Body, ExtendedProperty, MessagePatch, Patch, PropertyName};

/// What to change about a message: just what the patch names.
///
/// # Errors
///
/// What no server can hold, before anything is sent.
pub(in crate::graph) fn message_patch(
    patch: &MessagePatch,
    operation: &'static str,
) -> Result<Map<String, Value>> {
    patch.validate(operation)?;
    let mut change = Map::new();
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            change.insert(name.to_owned(), value);
        }
    };
    set("isRead", or_default(&patch.is_read).map(Value::from));
    let importance = or_default(&patch.importance).map(importance_name);
    set("importance", importance.map(Value::from));
    let flag = or_default(&patch.flag).map(|flag| flag_json(flag, operation));
    set("flag", flag.transpose()?);
    set(
        "categories",
        or_default(&patch.categories).map(|list| json!(list)),
    );
    set("subject", or_default(&patch.subject).map(Value::from));
    let body = match &patch.body {
        Patch::Keep => None,
        Patch::Clear => Some(Body::text("")),
        Patch::Set(body) => Some(body.clone()),
    };
    set("body", body.map(|body| json!(item_body(&body))));
    for (name, list) in [
        ("toRecipients", &patch.to),
        ("ccRecipients", &patch.cc),
        ("bccRecipients", &patch.bcc),
        ("replyTo", &patch.reply_to),
    ] {
        set(name, or_default(list).map(|list| people(&list)));
    }
    set(
        "from",
        match &patch.from {
            Patch::Keep => None,
            Patch::Clear => Some(Value::Null),
            Patch::Set(author) => Some(json!(to_recipient(author))),
        },
    );
    let mut properties = patch.extended.clone();
    if let Some(sensitivity) = or_default(&patch.sensitivity) {
        let name = PropertyName::tag(SENSITIVITY.0, SENSITIVITY.1);
        properties.push(ExtendedProperty::new(name, sensitivity_number(sensitivity)));
    }
    let (single, multi) = to_extended_properties(&properties);
    let mut single: Vec<Value> = single.into_iter().map(|one| json!(one)).collect();
    let mut multi: Vec<Value> = multi.into_iter().map(|one| json!(one)).collect();
    for name in &patch.remove_extended {
        // One without a value is removed; lists cannot be null.
        let id = property_id(name);
        match name.kind().is_array() {
            true => multi.push(json!({ "id": id, "value": [] })),
            false => single.push(json!({ "id": id, "value": null })),
        }
    }
    for (name, list) in [
        ("singleValueExtendedProperties", single),
        ("multiValueExtendedProperties", multi),
    ] {
        set(name, (!list.is_empty()).then(|| json!(list)));
    }
    Ok(change)
}

/// The value to write, that of a new message if it is to be cleared.
fn or_default<T: Clone + Default>(patch: &Patch<T>) -> Option<T> {
    match patch {
        Patch::Keep => None,
        Patch::Clear => Some(T::default()),
        Patch::Set(value) => Some(value.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FollowUpFlag, PropertyKind, PropertySet, Recipient, Sensitivity};

    fn written(patch: &MessagePatch) -> Value {
        Value::Object(message_patch(patch, "t").unwrap())
    }

    #[test]
    fn just_what_it_names() {
        let read = MessagePatch::new().is_read(true);
        assert_eq!(written(&read), json!({ "isRead": true }));
        let cleared = MessagePatch::new()
            .is_read(Patch::Clear)
            .flag(Patch::Clear)
            .categories(Patch::Clear)
            .cc(Patch::Clear)
            .from(Patch::Clear)
            .body(Patch::Clear);
        let expected = json!({
            "isRead": false, "flag": { "flagStatus": "notFlagged" }, "categories": [], "ccRecipients": [],
            "from": null, "body": { "contentType": "text", "content": "" },
        });
        assert_eq!(written(&cleared), expected);
    }

    #[test]
    fn properties_set_and_removed() {
        let name = PropertyName::named(PropertySet::PublicStrings, "A", PropertyKind::String);
        let patch = MessagePatch::new()
            .sensitivity(Sensitivity::Personal)
            .remove_extended(name)
            .to(vec![Recipient::smtp("bo@example.com")]);
        let written = written(&patch);
        let list = written["singleValueExtendedProperties"].as_array().unwrap();
        assert_eq!(list[0], json!({ "id": "Integer 0x0036", "value": "1" }));
        assert_eq!(list[1]["value"], Value::Null);
        assert!(message_patch(&MessagePatch::new(), "t").is_err());
        let endless = FollowUpFlag::Flagged {
            start: "2026-03-02".parse().ok(),
            due: None,
        };
        assert!(message_patch(&MessagePatch::new().flag(endless), "t").is_err());
    }
}
