use serde::Serialize;

use super::{Needs, Operation, ResponseMessage};
use crate::ews::ServerVersion;
use crate::ews::types::{Gate, Rule, RuleOperationError};
use crate::xml::{Children, Element, Problem, ReadElement, Tag};

/// Creates, changes and deletes rules for messages that come in: all that is given, or nothing.
///
/// Exchange 2010 SP1 and later. Where Outlook has rules of its own in the mailbox, the server
/// refuses with `ErrorOutlookRuleBlobExists` unless
/// [`remove_outlook_rule_blob`](Self::remove_outlook_rule_blob) is set, and then rules that only
/// Outlook carries out are lost. Sending it twice creates twice.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/updateinboxrules-operation>
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct UpdateInboxRules {
    /// The SMTP address of the mailbox; the caller's own if not said.
    pub mailbox_smtp_address: Option<String>,
    /// Whether to take away what Outlook has of its own.
    pub remove_outlook_rule_blob: Option<bool>,
    /// The changes; one at least.
    pub operations: Vec<RuleOperation>,
}

/// A change of one rule.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum RuleOperation {
    /// Adds a rule, which has no identifier yet.
    Create(Rule),
    /// Replaces a rule: what is not said is gone.
    Set(Rule),
    /// Deletes the rule with that identifier.
    Delete(String),
}

impl UpdateInboxRules {
    /// Makes these changes in the caller's own mailbox, unless Outlook has rules of its own there.
    pub fn new(operations: Vec<RuleOperation>) -> Self {
        Self {
            mailbox_smtp_address: None,
            remove_outlook_rule_blob: None,
            operations,
        }
    }
}

impl RuleOperation {
    fn needs(&self, needs: &mut Needs) {
        let rule = match self {
            Self::Create(rule) => {
                if rule.rule_id.is_some() {
                    needs.refuse("a rule that is created has no RuleId yet");
                }
                rule
            }
            Self::Set(rule) => {
                if rule.rule_id.is_none() {
                    needs.refuse("a rule that is changed needs its RuleId");
                }
                rule
            }
            Self::Delete(_) => return,
        };
        rule.gate(needs);
        if rule.display_name.is_none() || rule.priority.is_none() || rule.is_enabled.is_none() {
            needs.refuse("a rule needs DisplayName, Priority and IsEnabled");
        }
        if rule.is_not_supported.is_some() || rule.is_in_error.is_some() {
            needs.refuse("IsNotSupported and IsInError can be read only");
        }
    }

    fn write(&self, out: &mut Children<'_>) {
        match self {
            Self::Create(rule) => out
                .tag("t:CreateRuleOperation")
                .children(|out| out.value("t:Rule", rule)),
            Self::Set(rule) => out
                .tag("t:SetRuleOperation")
                .children(|out| out.value("t:Rule", rule)),
            Self::Delete(rule_id) => out
                .tag("t:DeleteRuleOperation")
                .children(|out| out.text("t:RuleId", rule_id)),
        }
    }
}

impl Operation for UpdateInboxRules {
    type Response = Vec<ResponseMessage<RuleOperationErrors>>;

    const NAME: &'static str = "UpdateInboxRules";
    const SINCE: ServerVersion = ServerVersion::Exchange2010Sp1;
    const REPEATABLE: bool = false;

    fn requested(&self) -> Option<usize> {
        Some(1)
    }

    fn needs(&self, needs: &mut Needs) {
        if self.operations.is_empty() {
            needs.refuse("no rule is to be changed");
        }
        for operation in &self.operations {
            operation.needs(needs);
        }
    }

    fn write(&self, request: Tag<'_>) {
        request.children(|body| {
            body.value_if("m:MailboxSmtpAddress", self.mailbox_smtp_address.as_ref());
            body.value_if(
                "m:RemoveOutlookRuleBlob",
                self.remove_outlook_rule_blob.as_ref(),
            );
            body.tag("m:Operations").children(|out| {
                for operation in &self.operations {
                    operation.write(out);
                }
            });
        });
    }

    fn read(response: &mut Element<'_, '_>) -> Result<Self::Response, Problem> {
        let message = ResponseMessage::read(response, |found: &mut RuleOperationErrors, child| {
            match child.name() {
                "RuleOperationErrors" => {
                    found.rule_operation_errors =
                        Vec::read_element(child)?.unwrap_or_default();
                }
                _ => child.skip()?,
            }
            Ok(())
        })?;
        Ok(vec![message])
    }
}

/// What is wrong with the changes; nothing of a request was done if something is.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct RuleOperationErrors {
    /// One for each change that is refused.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rule_operation_errors: Vec<RuleOperationError>,
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone, Utc};

    use super::*;
    use crate::ews::testing::{assert_request, assert_since, messages, refusal};
    use crate::ews::types::{
        FlaggedForAction, Importance, ItemId, Mailbox, RuleActions, RuleAddresses, RuleDateRange,
        RulePredicates, RuleSizeRange, RuleValidationErrorCode, Sensitivity, TargetFolder,
    };
    use crate::ews::types::FolderId;
    use crate::ews::{DistinguishedFolderId, ResponseCode};

    const VERSION: ServerVersion = ServerVersion::Exchange2010Sp1;

    fn to_junk() -> Rule {
        let actions = RuleActions {
            move_to_folder: Some(TargetFolder(DistinguishedFolderId::JunkEmail.into())),
            stop_processing_rules: Some(true),
            ..RuleActions::default()
        };
        let mut rule = Rule::new("Offers & prizes", 1, actions);
        rule.conditions = Some(RulePredicates {
            contains_subject_strings: Some(vec!["prize".to_owned()]),
            ..RulePredicates::default()
        });
        rule
    }

    #[test]
    fn request() {
        let mut changed = to_junk();
        changed.rule_id = Some("dCsAAABjzvA=".to_owned());
        changed.priority = Some(2);
        changed.is_enabled = Some(false);
        let mut operation = UpdateInboxRules::new(vec![
            RuleOperation::Create(to_junk()),
            RuleOperation::Set(changed),
            RuleOperation::Delete("dCsAAABjzvE=".to_owned()),
        ]);
        operation.mailbox_smtp_address = Some("bo@contoso.example".to_owned());
        operation.remove_outlook_rule_blob = Some(true);
        assert_request("update_inbox_rules/request", VERSION, &operation);
        assert_since(VERSION, "UpdateInboxRules", &operation);
    }

    /// Every condition and every action there is.
    #[test]
    fn request_with_all() {
        let texts = |text: &str| Some(vec![text.to_owned()]);
        let addresses = |name: &str| {
            let address = format!("{name}@contoso.example");
            Some(RuleAddresses(vec![Mailbox::smtp(address)]))
        };
        let everything = RulePredicates {
            categories: texts("Red category"),
            contains_body_strings: texts("body"),
            contains_header_strings: texts("X-Spam"),
            contains_recipient_strings: texts("team"),
            contains_sender_strings: texts("fabrikam"),
            contains_subject_or_body_strings: texts("either"),
            contains_subject_strings: texts("subject"),
            flagged_for_action: Some(FlaggedForAction::Fyi),
            from_addresses: addresses("from"),
            from_connected_accounts: texts("account"),
            has_attachments: Some(true),
            importance: Some(Importance::High),
            is_approval_request: Some(true),
            is_automatic_forward: Some(true),
            is_automatic_reply: Some(true),
            is_encrypted: Some(true),
            is_meeting_request: Some(true),
            is_meeting_response: Some(true),
            is_ndr: Some(true),
            is_permission_controlled: Some(true),
            is_read_receipt: Some(true),
            is_signed: Some(true),
            is_voicemail: Some(true),
            item_classes: texts("IPM.Note"),
            message_classifications: texts("internal"),
            not_sent_to_me: Some(true),
            sent_cc_me: Some(true),
            sent_only_to_me: Some(true),
            sent_to_addresses: addresses("to"),
            sent_to_me: Some(true),
            sent_to_or_cc_me: Some(true),
            sensitivity: Some(Sensitivity::Private),
            within_date_range: Some(RuleDateRange {
                start_date_time: Some(Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap()),
                end_date_time: Some(Utc.with_ymd_and_hms(2027, 1, 1, 0, 0, 0).unwrap()),
            }),
            within_size_range: Some(RuleSizeRange {
                minimum_size: Some(1),
                maximum_size: Some(100),
            }),
        };
        let actions = RuleActions {
            assign_categories: texts("Blue category"),
            copy_to_folder: Some(TargetFolder(FolderId::new("AAMkAGNvcHk=").into())),
            delete: Some(true),
            forward_as_attachment_to_recipients: addresses("attached"),
            forward_to_recipients: addresses("forward"),
            mark_importance: Some(Importance::Low),
            mark_as_read: Some(true),
            move_to_folder: Some(TargetFolder(DistinguishedFolderId::JunkEmail.into())),
            permanent_delete: Some(true),
            redirect_to_recipients: addresses("redirect"),
            send_sms_alert_to_recipients: addresses("alert"),
            server_reply_with_message: Some(ItemId::new("AAMkAHJlcGx5")),
            stop_processing_rules: Some(true),
        };
        let mut rule = Rule::new("All", 1, actions);
        rule.conditions = Some(everything.clone());
        rule.exceptions = Some(everything);
        let operation = UpdateInboxRules::new(vec![RuleOperation::Create(rule)]);
        assert_request("update_inbox_rules/request_all", VERSION, &operation);
    }

    #[test]
    fn what_cannot_be_sent() {
        let said = |operation| refusal(VERSION, &UpdateInboxRules::new(vec![operation]));
        let nothing = refusal(VERSION, &UpdateInboxRules::new(Vec::new()));
        assert_eq!(nothing, "no rule is to be changed");
        assert_eq!(said(RuleOperation::Set(to_junk())), "a rule that is changed needs its RuleId");
        let mut rule = to_junk();
        rule.rule_id = Some("dCsA".to_owned());
        let known = said(RuleOperation::Create(rule));
        assert_eq!(known, "a rule that is created has no RuleId yet");
        let mut rule = to_junk();
        rule.is_enabled = None;
        let half = said(RuleOperation::Create(rule));
        assert_eq!(half, "a rule needs DisplayName, Priority and IsEnabled");
        let mut rule = to_junk();
        rule.is_in_error = Some(false);
        let state = said(RuleOperation::Create(rule));
        assert_eq!(state, "IsNotSupported and IsInError can be read only");
    }

    #[test]
    fn answer() {
        let answer = messages::<UpdateInboxRules>("update_inbox_rules/response");
        assert!(answer[0].is_ok());
    }

    #[test]
    fn answer_with_errors() {
        let answer = messages::<UpdateInboxRules>("update_inbox_rules/response_error");
        let [message] = <[_; 1]>::try_from(answer).unwrap();
        assert_eq!(message.code, Some(ResponseCode::ErrorInboxRulesValidationError));
        let [error] = <[_; 1]>::try_from(message.body.rule_operation_errors).unwrap();
        assert_eq!(error.operation_index, Some(1));
        let wrong = &error.validation_errors.unwrap()[0];
        assert_eq!(wrong.field_uri.as_deref(), Some("Action:MoveToFolder"));
        assert_eq!(wrong.error_code, Some(RuleValidationErrorCode::FolderDoesNotExist));
        assert_eq!(wrong.field_value.as_deref(), Some("AAMkAGdvbmU="));
    }
}
