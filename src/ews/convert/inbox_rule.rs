use super::new_event;
use super::new_event::list;
use super::new_message::mailboxes;
use super::recipient::recipient;
use crate::connector::Backend;
use crate::error::{Error, Result};
use crate::ews::types::{self, FolderIdRef, Rule, RuleAddresses, RuleSizeRange, TargetFolder};
use crate::model::{
    FolderId, FolderRef, Importance, InboxRule, Recipient, RuleActions, RuleId, RulePredicates,
    Sensitivity,
};

/// Sizes in rules are in kilobytes.
const KILOBYTE: u64 = 1024;

/// A rule; `None` for one without an identifier.
pub(crate) fn inbox_rule(wire: &Rule) -> Option<InboxRule> {
    let id = RuleId::from_raw(Backend::Ews, wire.rule_id.as_deref()?);
    let mut is_whole = wire.is_not_supported != Some(true);
    let actions = wire.actions.clone().unwrap_or_default();
    let actions = read_actions(actions, &mut is_whole);
    let mut predicates = |wire: &Option<types::RulePredicates>| {
        read_predicates(wire.clone().unwrap_or_default(), &mut is_whole)
    };
    let conditions = predicates(&wire.conditions);
    let exceptions = predicates(&wire.exceptions);
    let mut rule = InboxRule::new(wire.display_name.clone().unwrap_or_default(), actions)
        .when(conditions)
        .except(exceptions)
        .sequence(
            wire.priority
                .and_then(|one| u32::try_from(one).ok())
                .unwrap_or(1),
        )
        .enabled(wire.is_enabled.unwrap_or_default());
    rule.id = Some(id);
    rule.has_error = wire.is_in_error.unwrap_or_default();
    rule.is_read_only = !is_whole;
    Some(rule)
}

fn read_predicates(wire: types::RulePredicates, is_whole: &mut bool) -> RulePredicates {
    // Each property is named, so that a new one cannot be forgotten here.
    let types::RulePredicates {
        categories,
        contains_body_strings,
        contains_header_strings,
        contains_recipient_strings,
        contains_sender_strings,
        contains_subject_or_body_strings,
        contains_subject_strings,
        flagged_for_action,
        from_addresses,
        from_connected_accounts,
        has_attachments,
        importance,
        is_approval_request,
        is_automatic_forward,
        is_automatic_reply,
        is_encrypted,
        is_meeting_request,
        is_meeting_response,
        is_ndr,
        is_permission_controlled,
        is_read_receipt,
        is_signed,
        is_voicemail,
        item_classes,
        message_classifications,
        not_sent_to_me,
        sent_cc_me,
        sent_only_to_me,
        sent_to_addresses,
        sent_to_me,
        sent_to_or_cc_me,
        sensitivity,
        within_date_range,
        within_size_range,
    } = wire;
    // A switch that is off says nothing.
    let on = |switch: Option<bool>| switch.filter(|on| *on);
    let has_more = [
        is_approval_request,
        is_automatic_forward,
        is_encrypted,
        is_meeting_response,
        is_ndr,
        is_permission_controlled,
        is_read_receipt,
        is_signed,
        is_voicemail,
    ]
    .into_iter()
    .any(|switch| on(switch).is_some())
        || [
            from_connected_accounts,
            item_classes,
            message_classifications,
        ]
        .into_iter()
        .flatten()
        .any(|texts| !texts.is_empty())
        || flagged_for_action.is_some()
        || within_date_range.is_some()
        || matches!(importance, Some(types::Importance::Other(_)))
        || matches!(sensitivity, Some(types::Sensitivity::Other(_)));
    *is_whole &= !has_more;
    RulePredicates {
        from: people(from_addresses, is_whole),
        sent_to: people(sent_to_addresses, is_whole),
        sender_contains: contains_sender_strings.unwrap_or_default(),
        recipient_contains: contains_recipient_strings.unwrap_or_default(),
        subject_contains: contains_subject_strings.unwrap_or_default(),
        body_contains: contains_body_strings.unwrap_or_default(),
        subject_or_body_contains: contains_subject_or_body_strings.unwrap_or_default(),
        header_contains: contains_header_strings.unwrap_or_default(),
        categories: categories.into_iter().flatten().collect(),
        importance: importance.as_ref().and_then(read_importance),
        sensitivity: sensitivity.as_ref().and_then(read_sensitivity),
        has_attachments: on(has_attachments),
        sent_to_me: on(sent_to_me),
        sent_only_to_me: on(sent_only_to_me),
        sent_cc_me: on(sent_cc_me),
        sent_to_or_cc_me: on(sent_to_or_cc_me),
        not_sent_to_me: on(not_sent_to_me),
        is_meeting_request: on(is_meeting_request),
        is_automatic_reply: on(is_automatic_reply),
        size: within_size_range.map(|range| {
            let bytes = |size: Option<i32>| u64::try_from(size?).ok().map(|size| size * KILOBYTE);
            let least = bytes(range.minimum_size).unwrap_or(0);
            (least, bytes(range.maximum_size).unwrap_or(u64::MAX))
        }),
    }
}

fn read_actions(wire: types::RuleActions, is_whole: &mut bool) -> RuleActions {
    let types::RuleActions {
        assign_categories,
        copy_to_folder,
        delete,
        forward_as_attachment_to_recipients,
        forward_to_recipients,
        mark_importance,
        mark_as_read,
        move_to_folder,
        permanent_delete,
        redirect_to_recipients,
        send_sms_alert_to_recipients,
        server_reply_with_message,
        stop_processing_rules,
    } = wire;
    *is_whole &= send_sms_alert_to_recipients.is_none()
        && server_reply_with_message.is_none()
        && !matches!(mark_importance, Some(types::Importance::Other(_)));
    RuleActions {
        move_to: folder(move_to_folder, is_whole),
        copy_to: folder(copy_to_folder, is_whole),
        delete: delete.unwrap_or_default(),
        permanent_delete: permanent_delete.unwrap_or_default(),
        mark_as_read: mark_as_read.unwrap_or_default(),
        mark_importance: mark_importance.as_ref().and_then(read_importance),
        assign_categories: assign_categories.into_iter().flatten().collect(),
        forward_to: people(forward_to_recipients, is_whole),
        forward_as_attachment_to: people(forward_as_attachment_to_recipients, is_whole),
        redirect_to: people(redirect_to_recipients, is_whole),
        stop_processing_rules: stop_processing_rules.unwrap_or_default(),
    }
}

/// Servers name folders by their identifiers; one that is named otherwise can only be kept.
fn folder(wire: Option<TargetFolder>, is_whole: &mut bool) -> Option<FolderRef> {
    match wire?.0 {
        FolderIdRef::Id(id) => Some(FolderId::from_raw(Backend::Ews, id.id).into()),
        FolderIdRef::Distinguished(..) => {
            *is_whole = false;
            None
        }
    }
}

fn people(wire: Option<RuleAddresses>, is_whole: &mut bool) -> Vec<Recipient> {
    let wire = wire.unwrap_or_default().0;
    let people: Vec<Recipient> = wire.iter().filter_map(recipient).collect();
    *is_whole &= people.len() == wire.len();
    people
}

fn read_importance(wire: &types::Importance) -> Option<Importance> {
    match wire {
        types::Importance::Low => Some(Importance::Low),
        types::Importance::Normal => Some(Importance::Normal),
        types::Importance::High => Some(Importance::High),
        types::Importance::Other(_) => None,
    }
}

fn read_sensitivity(wire: &types::Sensitivity) -> Option<Sensitivity> {
    match wire {
        types::Sensitivity::Normal => Some(Sensitivity::Normal),
        types::Sensitivity::Personal => Some(Sensitivity::Personal),
        types::Sensitivity::Private => Some(Sensitivity::Private),
        types::Sensitivity::Confidential => Some(Sensitivity::Confidential),
        types::Sensitivity::Other(_) => None,
    }
}

/// A rule to write. `folder` says how requests name a folder.
pub(crate) fn rule(
    new: &InboxRule,
    folder: impl Fn(&FolderRef) -> Result<FolderIdRef>,
    operation: &'static str,
) -> Result<Rule> {
    let priority = i32::try_from(new.sequence).map_err(|_| {
        let problem = format!("there is no place {} in a list of rules", new.sequence);
        Error::invalid_argument(operation, problem)
    })?;
    let actions = write_actions(&new.actions, folder)?;
    let mut rule = Rule::new(new.name.as_str(), priority, actions);
    rule.is_enabled = Some(new.is_enabled);
    rule.conditions = write_predicates(&new.conditions, operation)?;
    rule.exceptions = write_predicates(&new.exceptions, operation)?;
    Ok(rule)
}

fn write_predicates(
    new: &RulePredicates,
    operation: &'static str,
) -> Result<Option<types::RulePredicates>> {
    if *new == RulePredicates::default() {
        return Ok(None);
    }
    new.require_switches_on(operation)?;
    let range = new.kilobytes(operation)?;
    Ok(Some(types::RulePredicates {
        categories: list(new.categories.iter().cloned()),
        contains_body_strings: texts(&new.body_contains),
        contains_header_strings: texts(&new.header_contains),
        contains_recipient_strings: texts(&new.recipient_contains),
        contains_sender_strings: texts(&new.sender_contains),
        contains_subject_or_body_strings: texts(&new.subject_or_body_contains),
        contains_subject_strings: texts(&new.subject_contains),
        from_addresses: addresses(&new.from),
        has_attachments: new.has_attachments,
        importance: new.importance.map(new_event::importance),
        is_automatic_reply: new.is_automatic_reply,
        is_meeting_request: new.is_meeting_request,
        not_sent_to_me: new.not_sent_to_me,
        sent_cc_me: new.sent_cc_me,
        sent_only_to_me: new.sent_only_to_me,
        sent_to_addresses: addresses(&new.sent_to),
        sent_to_me: new.sent_to_me,
        sent_to_or_cc_me: new.sent_to_or_cc_me,
        sensitivity: new.sensitivity.map(new_event::sensitivity),
        within_size_range: range.map(|(least, most)| RuleSizeRange {
            minimum_size: least,
            maximum_size: most,
        }),
        ..types::RulePredicates::default()
    }))
}

fn write_actions(
    new: &RuleActions,
    folder: impl Fn(&FolderRef) -> Result<FolderIdRef>,
) -> Result<types::RuleActions> {
    let folder = |one: &Option<FolderRef>| one.as_ref().map(&folder).transpose();
    let on = |switch: bool| switch.then_some(true);
    Ok(types::RuleActions {
        assign_categories: list(new.assign_categories.iter().cloned()),
        copy_to_folder: folder(&new.copy_to)?.map(TargetFolder),
        delete: on(new.delete),
        forward_as_attachment_to_recipients: addresses(&new.forward_as_attachment_to),
        forward_to_recipients: addresses(&new.forward_to),
        mark_importance: new.mark_importance.map(new_event::importance),
        mark_as_read: on(new.mark_as_read),
        move_to_folder: folder(&new.move_to)?.map(TargetFolder),
        permanent_delete: on(new.permanent_delete),
        redirect_to_recipients: addresses(&new.redirect_to),
        stop_processing_rules: on(new.stop_processing_rules),
        ..types::RuleActions::default()
    })
}

fn texts(texts: &[String]) -> Option<Vec<String>> {
    list(texts.iter().cloned())
}

fn addresses(people: &[Recipient]) -> Option<RuleAddresses> {
    mailboxes(people).map(RuleAddresses)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use crate::ews::types::FolderId as WireFolderId;

    fn by_id(folder: &FolderRef) -> Result<FolderIdRef> {
        match folder {
            FolderRef::Id(id) => Ok(FolderIdRef::Id(WireFolderId::new(id.as_raw()))),
            FolderRef::WellKnown(_) => Err(Error::invalid_argument("test", "no identifier")),
        }
    }

    fn written(new: &InboxRule) -> Rule {
        let mut wire = rule(new, by_id, "create_rule").unwrap();
        wire.rule_id = Some("id".to_owned());
        wire
    }

    #[test]
    fn a_rule_returns() {
        let stop = RuleActions {
            stop_processing_rules: true,
            ..RuleActions::default()
        };
        for mut new in [
            InboxRule::everything(Backend::Ews),
            InboxRule::new("Stop", stop),
        ] {
            let read = inbox_rule(&written(&new)).unwrap();
            new.id = Some(RuleId::from_raw(Backend::Ews, "id"));
            assert_eq!(read, new);
        }
    }

    /// What the model has no words for makes a rule one that is better not written again.
    #[test]
    fn rules_of_more_can_only_be_read() {
        let spoilt = |spoil: fn(&mut Rule)| {
            let mut wire = written(&InboxRule::everything(Backend::Ews));
            spoil(&mut wire);
            inbox_rule(&wire).unwrap().is_read_only
        };
        assert!(!spoilt(|_| {}));
        // What is off says nothing.
        assert!(!spoilt(|rule| rule
            .conditions
            .as_mut()
            .unwrap()
            .is_signed = Some(false)));
        assert!(spoilt(
            |rule| rule.conditions.as_mut().unwrap().is_signed = Some(true)
        ));
        assert!(spoilt(|rule| rule
            .exceptions
            .as_mut()
            .unwrap()
            .item_classes =
            Some(vec!["IPM".to_owned()])));
        assert!(spoilt(|rule| rule.is_not_supported = Some(true)));
        assert!(spoilt(|rule| {
            let alert = RuleAddresses(vec![types::Mailbox::smtp("a@contoso.example")]);
            rule.actions.as_mut().unwrap().send_sms_alert_to_recipients = Some(alert);
        }));
        assert!(spoilt(|rule| {
            let junk = crate::ews::DistinguishedFolderId::JunkEmail;
            rule.actions.as_mut().unwrap().move_to_folder = Some(TargetFolder(junk.into()));
        }));
    }

    #[test]
    fn what_cannot_be_said_is_refused() {
        let kind = |change: fn(&mut RulePredicates)| {
            let mut new = InboxRule::everything(Backend::Ews);
            change(&mut new.conditions);
            rule(&new, by_id, "create_rule").unwrap_err().kind()
        };
        assert_eq!(
            kind(|when| when.has_attachments = Some(false)),
            ErrorKind::Unsupported
        );
        assert_eq!(
            kind(|when| when.size = Some((2, 1))),
            ErrorKind::InvalidArgument
        );
        assert_eq!(
            kind(|when| when.size = Some((0, u64::MAX))),
            ErrorKind::InvalidArgument
        );
        let range = |least, most| {
            let when = RulePredicates {
                size: Some((least, most)),
                ..RulePredicates::default()
            };
            when.kilobytes("create_rule").unwrap().unwrap()
        };
        assert_eq!(range(1, 1025), (Some(0), Some(2)));
        assert_eq!(range(0, 1024), (None, Some(1)));
        assert_eq!(range(5 * 1024, u64::MAX), (Some(5), None));
        assert_eq!(
            range(u64::MAX - 1, u64::MAX - 1),
            (Some(i32::MAX), Some(i32::MAX))
        );
    }
}
