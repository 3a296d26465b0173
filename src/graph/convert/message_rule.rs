use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{recipient, to_recipient};
use crate::connector::Backend;
use crate::error::Result;
use crate::graph::wire;
use crate::model::{
    FolderId, FolderRef, InboxRule, Recipient, RuleActions, RuleId, RulePredicates,
};

/// Sizes in rules are in kilobytes.
const KILOBYTE: u64 = 1024;

/// A rule; `None` for one without an identifier.
pub(in crate::graph) fn inbox_rule(wire: &wire::MessageRule) -> Option<InboxRule> {
    let id = RuleId::from_raw(Backend::Graph, wire.id.as_deref()?);
    let mut is_whole = wire.is_read_only != Some(true);
    let actions = read_actions(wire.actions.as_ref(), &mut is_whole);
    let conditions = read_predicates(wire.conditions.as_ref(), &mut is_whole);
    let exceptions = read_predicates(wire.exceptions.as_ref(), &mut is_whole);
    let sequence = wire.sequence.and_then(|one| u32::try_from(one).ok());
    let mut rule = InboxRule::new(wire.display_name.clone().unwrap_or_default(), actions)
        .when(conditions)
        .except(exceptions)
        .sequence(sequence.unwrap_or(1))
        .enabled(wire.is_enabled.unwrap_or_default());
    rule.id = Some(id);
    rule.has_error = wire.has_error.unwrap_or_default();
    rule.is_read_only = !is_whole;
    Some(rule)
}

fn read_predicates(wire: Option<&wire::RulePredicates>, is_whole: &mut bool) -> RulePredicates {
    let Some(wire) = wire else {
        return RulePredicates::default();
    };
    *is_whole &= says_nothing(&wire.more);
    // a switch that is off says nothing
    let on = |switch: Option<bool>| switch.filter(|on| *on);
    let texts = |texts: &Option<Vec<String>>| texts.clone().unwrap_or_default();
    let bytes = |size: Option<i64>| u64::try_from(size?).ok()?.checked_mul(KILOBYTE);
    RulePredicates {
        from: people(wire.from_addresses.as_ref(), is_whole),
        sent_to: people(wire.sent_to_addresses.as_ref(), is_whole),
        sender_contains: texts(&wire.sender_contains),
        recipient_contains: texts(&wire.recipient_contains),
        subject_contains: texts(&wire.subject_contains),
        body_contains: texts(&wire.body_contains),
        subject_or_body_contains: texts(&wire.body_or_subject_contains),
        header_contains: texts(&wire.header_contains),
        categories: texts(&wire.categories).into_iter().collect(),
        importance: read_name(wire.importance.as_deref(), is_whole),
        sensitivity: read_name(wire.sensitivity.as_deref(), is_whole),
        has_attachments: on(wire.has_attachments),
        sent_to_me: on(wire.sent_to_me),
        sent_only_to_me: on(wire.sent_only_to_me),
        sent_cc_me: on(wire.sent_cc_me),
        sent_to_or_cc_me: on(wire.sent_to_or_cc_me),
        not_sent_to_me: on(wire.not_sent_to_me),
        is_meeting_request: on(wire.is_meeting_request),
        is_automatic_reply: on(wire.is_automatic_reply),
        size: wire.within_size_range.as_ref().map(|range| {
            let least = bytes(range.minimum_size).unwrap_or(0);
            (least, bytes(range.maximum_size).unwrap_or(u64::MAX))
        }),
    }
}

fn read_actions(wire: Option<&wire::RuleActions>, is_whole: &mut bool) -> RuleActions {
    let Some(wire) = wire else {
        return RuleActions::default();
    };
    *is_whole &= says_nothing(&wire.more);
    let folder = |id: &Option<String>| {
        let id = id.as_deref().filter(|id| !id.is_empty())?;
        Some(FolderRef::Id(FolderId::from_raw(Backend::Graph, id)))
    };
    let categories = wire.assign_categories.clone().unwrap_or_default();
    RuleActions {
        move_to: folder(&wire.move_to_folder),
        copy_to: folder(&wire.copy_to_folder),
        delete: wire.delete.unwrap_or_default(),
        permanent_delete: wire.permanent_delete.unwrap_or_default(),
        mark_as_read: wire.mark_as_read.unwrap_or_default(),
        mark_importance: read_name(wire.mark_importance.as_deref(), is_whole),
        assign_categories: categories.into_iter().collect(),
        forward_to: people(wire.forward_to.as_ref(), is_whole),
        forward_as_attachment_to: people(wire.forward_as_attachment_to.as_ref(), is_whole),
        redirect_to: people(wire.redirect_to.as_ref(), is_whole),
        stop_processing_rules: wire.stop_processing_rules.unwrap_or_default(),
    }
}

/// Whether what the model has no words for is empty or off.
fn says_nothing(more: &Map<String, Value>) -> bool {
    let is_nothing = |value: &Value| match value {
        Value::Null | Value::Bool(false) => true,
        Value::Array(values) => values.is_empty(),
        _ => false,
    };
    let mut said = more.iter().filter(|(name, _)| !name.starts_with('@'));
    said.all(|(_, value)| is_nothing(value))
}

/// The names of the model's enumerations are those of Graph.
fn read_name<T: DeserializeOwned>(name: Option<&str>, is_whole: &mut bool) -> Option<T> {
    let name = name?;
    let known = serde_json::from_value(Value::from(name.to_ascii_lowercase())).ok();
    *is_whole &= known.is_some();
    known
}

fn name_of<T: Serialize>(value: Option<T>) -> Option<String> {
    let name = serde_json::to_value(value?).ok()?;
    Some(name.as_str()?.to_owned())
}

fn people(wire: Option<&Vec<wire::Recipient>>, is_whole: &mut bool) -> Vec<Recipient> {
    let wire = wire.map(Vec::as_slice).unwrap_or_default();
    let people: Vec<Recipient> = wire.iter().filter_map(recipient).collect();
    let is_named = |who: &Recipient| who.smtp_address().is_some();
    // whom nobody can name cannot be written back
    *is_whole &= people.len() == wire.len() && people.iter().all(is_named);
    people
}

/// A rule to write; its folders by the identifiers that were found for them.
pub(in crate::graph) fn message_rule(
    new: &InboxRule,
    folders: RuleFolders,
    operation: &'static str,
) -> Result<wire::MessageRule> {
    Ok(wire::MessageRule {
        display_name: Some(new.name.clone()),
        sequence: Some(i64::from(new.sequence)),
        is_enabled: Some(new.is_enabled),
        conditions: write_predicates(&new.conditions, operation)?,
        exceptions: write_predicates(&new.exceptions, operation)?,
        actions: Some(write_actions(&new.actions, folders)),
        ..wire::MessageRule::default()
    })
}

/// The folders of a rule's actions, as Graph names them.
#[derive(Debug, Default)]
pub(in crate::graph) struct RuleFolders {
    pub(in crate::graph) move_to: Option<String>,
    pub(in crate::graph) copy_to: Option<String>,
}

fn write_predicates(
    new: &RulePredicates,
    operation: &'static str,
) -> Result<Option<wire::RulePredicates>> {
    if *new == RulePredicates::default() {
        return Ok(None);
    }
    new.require_switches_on(operation)?;
    let range = new.kilobytes(operation)?;
    Ok(Some(wire::RulePredicates {
        body_contains: texts(&new.body_contains),
        body_or_subject_contains: texts(&new.subject_or_body_contains),
        categories: texts(&new.categories),
        from_addresses: addresses(&new.from),
        has_attachments: new.has_attachments,
        header_contains: texts(&new.header_contains),
        importance: name_of(new.importance),
        is_automatic_reply: new.is_automatic_reply,
        is_meeting_request: new.is_meeting_request,
        not_sent_to_me: new.not_sent_to_me,
        recipient_contains: texts(&new.recipient_contains),
        sender_contains: texts(&new.sender_contains),
        sensitivity: name_of(new.sensitivity),
        sent_cc_me: new.sent_cc_me,
        sent_only_to_me: new.sent_only_to_me,
        sent_to_addresses: addresses(&new.sent_to),
        sent_to_me: new.sent_to_me,
        sent_to_or_cc_me: new.sent_to_or_cc_me,
        subject_contains: texts(&new.subject_contains),
        within_size_range: range.map(|(least, most)| wire::SizeRange {
            minimum_size: least.map(i64::from),
            maximum_size: most.map(i64::from),
        }),
        more: Map::new(),
    }))
}

fn write_actions(new: &RuleActions, folders: RuleFolders) -> wire::RuleActions {
    let on = |switch: bool| switch.then_some(true);
    wire::RuleActions {
        assign_categories: texts(&new.assign_categories),
        copy_to_folder: folders.copy_to,
        delete: on(new.delete),
        forward_as_attachment_to: addresses(&new.forward_as_attachment_to),
        forward_to: addresses(&new.forward_to),
        mark_as_read: on(new.mark_as_read),
        mark_importance: name_of(new.mark_importance),
        move_to_folder: folders.move_to,
        permanent_delete: on(new.permanent_delete),
        redirect_to: addresses(&new.redirect_to),
        stop_processing_rules: on(new.stop_processing_rules),
        more: Map::new(),
    }
}

fn texts<'a>(texts: impl IntoIterator<Item = &'a String>) -> Option<Vec<String>> {
    let texts: Vec<String> = texts.into_iter().cloned().collect();
    (!texts.is_empty()).then_some(texts)
}

fn addresses(people: &[Recipient]) -> Option<Vec<wire::Recipient>> {
    (!people.is_empty()).then(|| people.iter().map(to_recipient).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(new: &InboxRule) -> Value {
        let folders = RuleFolders {
            move_to: Some("a".to_owned()),
            copy_to: Some("b".to_owned()),
        };
        let wire = message_rule(new, folders, "create_rule").unwrap();
        let mut json = serde_json::to_value(wire).unwrap();
        json["id"] = "id".into();
        json
    }

    fn read(json: Value) -> InboxRule {
        inbox_rule(&serde_json::from_value(json).unwrap()).unwrap()
    }

    #[test]
    fn a_rule_returns() {
        let mut new = InboxRule::everything(Backend::Graph);
        let json = written(&new);
        new.id = Some(RuleId::from_raw(Backend::Graph, "id"));
        assert_eq!(read(json), new);
        let idle = written(&InboxRule::new("Idle", RuleActions::default()));
        assert!(idle["conditions"].is_null() && idle.get("hasError").is_none());
    }

    #[test]
    fn rules_of_more_can_only_be_read() {
        let spoilt = |part: &str, name: &str, value: Value| {
            let mut json = written(&InboxRule::everything(Backend::Graph));
            json[part][name] = value;
            read(json).is_read_only
        };
        assert!(!spoilt("conditions", "isSigned", false.into()));
        assert!(!spoilt("conditions", "isSigned", Value::Null));
        assert!(spoilt("conditions", "isSigned", true.into()));
        assert!(spoilt("exceptions", "messageActionFlag", "call".into()));
        assert!(spoilt("conditions", "importance", "utmost".into()));
        assert!(spoilt("actions", "sing", "loud".into()));
    }
}
