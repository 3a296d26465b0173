//! Rules as Graph writes them, and as EWS does: the store keeps the latter.

use serde_json::{Map, Value, json};

use super::super::super::ids::{Id, change_key};
use super::super::super::markup::Markup;
use super::super::context::Context;
use super::super::ids::rest;
use super::super::person;
use super::super::refusal::GraphRefusal;
use super::super::render::{bad_value, unknown_property};

/// What a part of a rule holds.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Switch,
    Word,
    Texts,
    People,
    Folder,
    Size,
}

/// The name of a part on Graph, that on EWS, and what it holds; in the order of the schema of EWS.
type Part = (&'static str, &'static str, Kind);

/// <https://learn.microsoft.com/en-us/graph/api/resources/messagerulepredicates>
const PREDICATES: &[Part] = &[
    ("categories", "Categories", Kind::Texts),
    ("bodyContains", "ContainsBodyStrings", Kind::Texts),
    ("headerContains", "ContainsHeaderStrings", Kind::Texts),
    ("recipientContains", "ContainsRecipientStrings", Kind::Texts),
    ("senderContains", "ContainsSenderStrings", Kind::Texts),
    (
        "bodyOrSubjectContains",
        "ContainsSubjectOrBodyStrings",
        Kind::Texts,
    ),
    ("subjectContains", "ContainsSubjectStrings", Kind::Texts),
    ("messageActionFlag", "FlaggedForAction", Kind::Word),
    ("fromAddresses", "FromAddresses", Kind::People),
    ("hasAttachments", "HasAttachments", Kind::Switch),
    ("importance", "Importance", Kind::Word),
    ("isApprovalRequest", "IsApprovalRequest", Kind::Switch),
    ("isAutomaticForward", "IsAutomaticForward", Kind::Switch),
    ("isAutomaticReply", "IsAutomaticReply", Kind::Switch),
    ("isEncrypted", "IsEncrypted", Kind::Switch),
    ("isMeetingRequest", "IsMeetingRequest", Kind::Switch),
    ("isMeetingResponse", "IsMeetingResponse", Kind::Switch),
    ("isNonDeliveryReport", "IsNDR", Kind::Switch),
    (
        "isPermissionControlled",
        "IsPermissionControlled",
        Kind::Switch,
    ),
    ("isReadReceipt", "IsReadReceipt", Kind::Switch),
    ("isSigned", "IsSigned", Kind::Switch),
    ("isVoicemail", "IsVoicemail", Kind::Switch),
    ("notSentToMe", "NotSentToMe", Kind::Switch),
    ("sentCcMe", "SentCcMe", Kind::Switch),
    ("sentOnlyToMe", "SentOnlyToMe", Kind::Switch),
    ("sentToAddresses", "SentToAddresses", Kind::People),
    ("sentToMe", "SentToMe", Kind::Switch),
    ("sentToOrCcMe", "SentToOrCcMe", Kind::Switch),
    ("sensitivity", "Sensitivity", Kind::Word),
    ("withinSizeRange", "WithinSizeRange", Kind::Size),
];

/// <https://learn.microsoft.com/en-us/graph/api/resources/messageruleactions>
const ACTIONS: &[Part] = &[
    ("assignCategories", "AssignCategories", Kind::Texts),
    ("copyToFolder", "CopyToFolder", Kind::Folder),
    ("delete", "Delete", Kind::Switch),
    (
        "forwardAsAttachmentTo",
        "ForwardAsAttachmentToRecipients",
        Kind::People,
    ),
    ("forwardTo", "ForwardToRecipients", Kind::People),
    ("markImportance", "MarkImportance", Kind::Word),
    ("markAsRead", "MarkAsRead", Kind::Switch),
    ("moveToFolder", "MoveToFolder", Kind::Folder),
    ("permanentDelete", "PermanentDelete", Kind::Switch),
    ("redirectTo", "RedirectToRecipients", Kind::People),
    ("stopProcessingRules", "StopProcessingRules", Kind::Switch),
];

pub(super) fn predicates(parts: &[Markup]) -> Value {
    write(PREDICATES, parts)
}

pub(super) fn actions(parts: &[Markup]) -> Value {
    write(ACTIONS, parts)
}

pub(super) fn read_predicates(
    context: &Context<'_>,
    value: &Value,
) -> Result<Vec<Markup>, GraphRefusal> {
    read(
        context,
        "microsoft.graph.messageRulePredicates",
        PREDICATES,
        value,
    )
}

pub(super) fn read_actions(
    context: &Context<'_>,
    value: &Value,
) -> Result<Vec<Markup>, GraphRefusal> {
    read(
        context,
        "microsoft.graph.messageRuleActions",
        ACTIONS,
        value,
    )
}

fn write(table: &[Part], parts: &[Markup]) -> Value {
    let known = parts.iter().filter_map(|part| {
        let (name, _, kind) = table.iter().find(|(_, ews, _)| *ews == part.name)?;
        Some(((*name).to_owned(), write_part(*kind, part)?))
    });
    Value::Object(known.collect::<Map<_, _>>())
}

fn write_part(kind: Kind, part: &Markup) -> Option<Value> {
    Some(match kind {
        Kind::Switch => part.is_true().into(),
        Kind::Word => {
            let mut letters = part.text.chars();
            let first = letters.next()?.to_ascii_lowercase();
            format!("{first}{}", letters.as_str()).into()
        }
        Kind::Texts => part.texts().collect::<Vec<_>>().into(),
        Kind::People => {
            let people = part.children.iter().map(|one| {
                let text = |name: &str| one.child(name).map(|child| child.text.as_str());
                let email = text("EmailAddress").unwrap_or_default();
                json!({"emailAddress": {"name": text("Name").unwrap_or(email), "address": email}})
            });
            people.collect::<Vec<_>>().into()
        }
        Kind::Folder => rest(part.child("FolderId")?.attribute("Id")?).into(),
        Kind::Size => {
            let number = |name: &str| part.child(name).and_then(Markup::number);
            json!({"minimumSize": number("MinimumSize"), "maximumSize": number("MaximumSize")})
        }
    })
}

fn read(
    context: &Context<'_>,
    type_name: &str,
    table: &[Part],
    value: &Value,
) -> Result<Vec<Markup>, GraphRefusal> {
    if value.is_null() {
        return Ok(Vec::new());
    }
    let fields = value.as_object().ok_or_else(|| bad_value(type_name))?;
    let is_known =
        |name: &&String| name.starts_with('@') || table.iter().any(|(known, ..)| known == name);
    if let Some(unknown) = fields.keys().find(|name| !is_known(name)) {
        return Err(unknown_property(unknown, type_name));
    }
    let mut parts = Vec::new();
    for (name, ews, kind) in table {
        let given = fields.get(*name).filter(|value| !value.is_null());
        if let Some(given) = given {
            let mut part = markup(ews);
            read_part(context, *kind, given, &mut part)?.ok_or_else(|| bad_value(name))?;
            parts.push(part);
        }
    }
    Ok(parts)
}

fn read_part(
    context: &Context<'_>,
    kind: Kind,
    value: &Value,
    part: &mut Markup,
) -> Result<Option<()>, GraphRefusal> {
    let leaf = |name: &str, text: String| Markup {
        text,
        ..markup(name)
    };
    match (kind, value) {
        (Kind::Switch, Value::Bool(on)) => part.text = on.to_string(),
        (Kind::Word, Value::String(word)) => {
            let mut letters = word.chars();
            let first = letters.next().map(|first| first.to_ascii_uppercase());
            part.text = first.into_iter().chain(letters).collect();
        }
        (Kind::Texts, Value::Array(texts)) => {
            let texts = texts.iter().map(Value::as_str).collect::<Option<Vec<_>>>();
            let Some(texts) = texts else { return Ok(None) };
            part.children = texts
                .into_iter()
                .map(|text| leaf("String", text.to_owned()))
                .collect();
        }
        (Kind::People, Value::Array(people)) => {
            for one in people {
                let Ok(one) = serde_json::from_value::<person::Recipient>(one.clone()) else {
                    return Ok(None);
                };
                let address = one.read()?;
                part.children.push(Markup {
                    children: vec![
                        leaf("Name", address.name),
                        leaf("EmailAddress", address.email),
                        leaf("RoutingType", "SMTP".to_owned()),
                    ],
                    ..markup("Address")
                });
            }
        }
        (Kind::Folder, Value::String(id)) => {
            let number = context.folder(id)?.number;
            let mailbox = context.mailbox()?.guid;
            let id = Id::Folder { mailbox, number }.encode();
            part.children.push(Markup {
                attributes: vec![
                    ("Id".to_owned(), id),
                    ("ChangeKey".to_owned(), change_key(1, 0)),
                ],
                ..markup("FolderId")
            });
        }
        (Kind::Size, Value::Object(range)) => {
            for (name, ews) in [
                ("minimumSize", "MinimumSize"),
                ("maximumSize", "MaximumSize"),
            ] {
                if let Some(size) = range.get(name).and_then(Value::as_i64) {
                    part.children.push(leaf(ews, size.to_string()));
                }
            }
        }
        _ => return Ok(None),
    }
    Ok(Some(()))
}

fn markup(name: &str) -> Markup {
    Markup {
        name: name.to_owned(),
        attributes: Vec::new(),
        text: String::new(),
        children: Vec::new(),
    }
}
