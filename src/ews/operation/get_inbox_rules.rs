use serde::Serialize;

use super::{Operation, ResponseMessage};
use crate::ews::ServerVersion;
use crate::ews::types::Rule;
use crate::xml::{Element, Problem, ReadElement, Tag};

/// Reads what happens to messages as they come in.
///
/// Exchange 2010 SP1 and later. Rules that only Outlook knows are not among them; whether there may
/// be some says [`InboxRules::outlook_rule_blob_exists`]. A mailbox that never had a rule is
/// refused by some servers with `ErrorInboxRulesNotFound`.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/getinboxrules-operation>
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct GetInboxRules {
    /// The SMTP address of the mailbox; the caller's own if not said.
    pub mailbox_smtp_address: Option<String>,
}

impl GetInboxRules {
    /// Of the caller's own mailbox.
    pub fn new() -> Self {
        Self::default()
    }

    /// Of the mailbox with that SMTP address.
    pub fn of(mailbox_smtp_address: impl Into<String>) -> Self {
        Self {
            mailbox_smtp_address: Some(mailbox_smtp_address.into()),
        }
    }
}

impl Operation for GetInboxRules {
    type Response = Vec<ResponseMessage<InboxRules>>;

    const NAME: &'static str = "GetInboxRules";
    const SINCE: ServerVersion = ServerVersion::Exchange2010Sp1;
    const REPEATABLE: bool = true;

    fn requested(&self) -> Option<usize> {
        Some(1)
    }

    fn write(&self, request: Tag<'_>) {
        request.children(|body| {
            body.value_if("m:MailboxSmtpAddress", self.mailbox_smtp_address.as_ref());
        });
    }

    fn read(response: &mut Element<'_, '_>) -> Result<Self::Response, Problem> {
        let message = ResponseMessage::read(response, |found: &mut InboxRules, child| {
            match child.name() {
                "OutlookRuleBlobExists" => found.outlook_rule_blob_exists = child.lenient()?,
                "InboxRules" => found.inbox_rules = Vec::read_element(child)?.unwrap_or_default(),
                _ => child.skip()?,
            }
            Ok(())
        })?;
        Ok(vec![message])
    }
}

/// What happens to messages as they come in.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct InboxRules {
    /// Whether Outlook has rules of its own in the mailbox. Any change of rules takes them away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outlook_rule_blob_exists: Option<bool>,
    /// The rules, in the order they are carried out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inbox_rules: Vec<Rule>,
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone, Utc};

    use super::*;
    use crate::ews::testing::{assert_request, assert_since, messages};
    use crate::ews::types::{FlaggedForAction, FolderIdRef};
    use crate::ews::DistinguishedFolderId;

    #[test]
    fn request() {
        let version = ServerVersion::Exchange2010Sp1;
        let operation = GetInboxRules::of("bo@contoso.example");
        assert_request("get_inbox_rules/request", version, &operation);
        assert_since(version, "GetInboxRules", &operation);
        assert_request("get_inbox_rules/request_own", version, &GetInboxRules::new());
    }

    #[test]
    fn answer() {
        let [message] = messages::<GetInboxRules>("get_inbox_rules/response").try_into().unwrap();
        let message: ResponseMessage<InboxRules> = message;
        let found = message.ok().unwrap();
        assert_eq!(found.outlook_rule_blob_exists, Some(true));
        let [invoices, odd] = <[_; 2]>::try_from(found.inbox_rules).unwrap();
        assert_eq!(invoices.rule_id.as_deref(), Some("dCsAAABjzvA="));
        assert_eq!(invoices.priority, Some(1));
        let conditions = invoices.conditions.unwrap();
        assert_eq!(conditions.contains_subject_strings.unwrap(), ["invoice", "Rechnung"]);
        let from = &conditions.from_addresses.unwrap().0[0];
        assert_eq!(from.email_address.as_deref(), Some("billing@fabrikam.example"));
        assert_eq!(conditions.flagged_for_action, Some(FlaggedForAction::FollowUp));
        let from = conditions.within_date_range.unwrap().start_date_time;
        assert_eq!(from, Some(Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap()));
        assert_eq!(conditions.within_size_range.unwrap().maximum_size, Some(2048));
        assert_eq!(invoices.exceptions.unwrap().sent_cc_me, Some(true));
        let actions = invoices.actions.unwrap();
        let FolderIdRef::Id(folder) = actions.move_to_folder.unwrap().0 else {
            panic!("no identifier");
        };
        assert_eq!(folder.id, "AAMkAGludm9pY2U=");
        let copies = actions.copy_to_folder.unwrap().0;
        assert_eq!(copies, DistinguishedFolderId::JunkEmail.into());
        assert_eq!(actions.server_reply_with_message.unwrap().id, "AAMkAHJlcGx5");
        assert_eq!((odd.is_not_supported, odd.is_in_error), (Some(true), Some(true)));
    }

    #[test]
    fn answer_of_a_mailbox_without_rules() {
        let answer = messages::<GetInboxRules>("get_inbox_rules/response_none");
        let found = answer.into_iter().next().unwrap().ok().unwrap();
        assert_eq!((found.outlook_rule_blob_exists, found.inbox_rules), (Some(false), Vec::new()));
    }
}
