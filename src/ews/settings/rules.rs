//! Rules of the Inbox: read, made, changed, removed.

use std::collections::BTreeSet;

use crate::connector::{Backend, Mailbox as _, MailboxTarget};
use crate::error::{Effect, Error, ErrorKind, Result};
use crate::ews::convert;
use crate::ews::fault::in_doubt;
use crate::ews::mailbox::{EwsMailbox, lacks};
use crate::ews::operation::{
    GetInboxRules, ResponseMessage, RuleOperation, RuleOperationErrors, UpdateInboxRules,
};
use crate::ews::types::{Rule, RuleValidationErrorCode};
use crate::model::{ClientRules, InboxRule, InboxRules, RuleId};

impl EwsMailbox {
    pub(super) async fn rules(&self, operation: &'static str) -> Result<InboxRules> {
        let mut get = GetInboxRules::new();
        get.mailbox_smtp_address = self.rules_of();
        let found = self.one(&get, operation).await?;
        let rules = found.inbox_rules.iter();
        let mut rules: Vec<InboxRule> = rules.filter_map(convert::inbox_rule).collect();
        rules.sort_by_key(|rule| rule.sequence);
        let people = rules.iter_mut().flat_map(InboxRule::people_mut).collect();
        self.addresses.resolve(&self.client, people).await;
        for rule in &mut rules {
            // Whom nobody can name cannot be written back.
            let is_nameless = rule.people_mut().any(|who| who.smtp_address().is_none());
            rule.is_read_only |= is_nameless;
        }
        Ok(InboxRules {
            rules,
            has_client_rules: found.outlook_rule_blob_exists.unwrap_or_default(),
        })
    }

    pub(super) async fn make_rule(
        &self,
        new: InboxRule,
        client_rules: ClientRules,
    ) -> Result<InboxRule> {
        const OPERATION: &str = "create_rule";
        let rule = self.to_wire(&new, OPERATION)?;
        let before = self.rules_to_change(client_rules, OPERATION).await?;
        self.update(RuleOperation::Create(rule), client_rules, OPERATION)
            .await?;
        // The server does not say which one it made.
        let known: BTreeSet<Option<RuleId>> =
            before.rules.into_iter().map(|rule| rule.id).collect();
        let after = self.rules(OPERATION).await.map_err(unread)?;
        let made = |rule: &InboxRule| rule.name == new.name && !known.contains(&rule.id);
        let made = after.rules.into_iter().find(made);
        made.ok_or_else(|| unread(lacks(OPERATION, "rule of that name")))
    }

    pub(super) async fn change_rule(
        &self,
        new: InboxRule,
        client_rules: ClientRules,
    ) -> Result<InboxRule> {
        const OPERATION: &str = "update_rule";
        let mut rule = self.to_wire(&new, OPERATION)?;
        let id = new.id.as_ref().ok_or_else(|| {
            Error::invalid_argument(OPERATION, "the rule has no id: it was never made")
        })?;
        rule.rule_id = Some(id.require(Backend::Ews, OPERATION)?.to_owned());
        let before = self.rules_to_change(client_rules, OPERATION).await?;
        let old = find(before, id, OPERATION)?;
        if old.is_read_only {
            let problem = format!(
                "the rule {:?} says more than can be written again: it would be lost",
                old.name
            );
            return Err(Error::new(ErrorKind::InvalidState, OPERATION, problem)
                .with_backend(Backend::Ews)
                .with_hint("Change it in Outlook, or remove it and make a new one."));
        }
        self.update(RuleOperation::Set(rule), client_rules, OPERATION)
            .await?;
        let after = self.rules(OPERATION).await.map_err(unread)?;
        find(after, id, OPERATION).map_err(unread)
    }

    pub(super) async fn drop_rule(&self, id: &RuleId, client_rules: ClientRules) -> Result<()> {
        const OPERATION: &str = "delete_rule";
        let raw = id.require(Backend::Ews, OPERATION)?.to_owned();
        let before = self.rules_to_change(client_rules, OPERATION).await?;
        find(before, id, OPERATION)?;
        self.update(RuleOperation::Delete(raw), client_rules, OPERATION)
            .await
    }

    fn to_wire(&self, new: &InboxRule, operation: &'static str) -> Result<Rule> {
        new.validate(operation)?;
        convert::rule(new, |folder| self.mail_folder(folder, operation), operation)
    }

    /// The rules there are, unless a change would take away what Outlook keeps and may not.
    async fn rules_to_change(
        &self,
        client_rules: ClientRules,
        operation: &'static str,
    ) -> Result<InboxRules> {
        let before = self.rules(operation).await?;
        if before.has_client_rules && client_rules != ClientRules::Discard {
            return Err(in_the_way(operation));
        }
        Ok(before)
    }

    async fn update(
        &self,
        change: RuleOperation,
        client_rules: ClientRules,
        operation: &'static str,
    ) -> Result<()> {
        let mut update = UpdateInboxRules::new(vec![change]);
        update.mailbox_smtp_address = self.rules_of();
        update.remove_outlook_rule_blob = (client_rules == ClientRules::Discard).then_some(true);
        let answers = self.send(&update, operation).await;
        let answer = answers?.into_iter().next();
        let answer =
            answer.ok_or_else(|| lacks(operation, "answer").with_effect(Effect::Unknown))?;
        settle(answer, operation)
            .map_err(|error| in_doubt::<UpdateInboxRules>(error.with_backend(Backend::Ews)))
    }

    /// Whose rules, where it is not the one who asks.
    fn rules_of(&self) -> Option<String> {
        match self.target() {
            MailboxTarget::Shared(address) => Some(address.clone()),
            MailboxTarget::Own | MailboxTarget::ActAs(_) => None,
        }
    }
}

/// What is wrong with a rule stands beside the refusal.
fn settle(answer: ResponseMessage<RuleOperationErrors>, operation: &'static str) -> Result<()> {
    let errors = answer.body.rule_operation_errors.clone();
    let flaws = errors
        .into_iter()
        .filter_map(|error| error.validation_errors);
    let flaws: Vec<_> = flaws.flatten().collect();
    let Err(refusal) = answer.ok() else {
        return Ok(());
    };
    let error = refusal.into_error(operation);
    if error.code() == Some("ErrorOutlookRuleBlobExists") {
        return Err(in_the_way(operation));
    }
    if flaws.is_empty() {
        return Err(error);
    }
    let is_gone = |code: &Option<_>| *code == Some(RuleValidationErrorCode::RuleNotFound);
    let kind = if flaws.iter().any(|flaw| is_gone(&flaw.error_code)) {
        ErrorKind::NotFound
    } else {
        ErrorKind::InvalidArgument
    };
    let words: Vec<String> = flaws
        .into_iter()
        .map(|flaw| {
            let code = flaw.error_code.map(|code| code.as_str().to_owned());
            let part = flaw.field_uri.unwrap_or_default();
            let why = flaw.error_message.or(code).unwrap_or_default();
            format!("{part}: {why}")
        })
        .collect();
    let problem = format!("the server refuses the rule: {}", words.join("; "));
    Err(Error::new(kind, operation, problem).with_code(error.code().unwrap_or_default()))
}

fn in_the_way(operation: &'static str) -> Error {
    let problem = "Outlook keeps rules in this mailbox that any change made here would take away";
    Error::new(ErrorKind::InvalidState, operation, problem)
        .with_backend(Backend::Ews)
        .with_hint("Ask the owner; if those rules may be lost, allow it with ClientRules::Discard.")
}

fn find(rules: InboxRules, id: &RuleId, operation: &'static str) -> Result<InboxRule> {
    let mut rules = rules.rules.into_iter();
    let found = rules.find(|rule| rule.id.as_ref() == Some(id));
    found.ok_or_else(|| {
        Error::new(ErrorKind::NotFound, operation, "there is no such rule")
            .with_backend(Backend::Ews)
    })
}

fn unread(error: Error) -> Error {
    error.with_effect(Effect::Partial).with_hint(
        "The rule was written, but could not be read back: list the rules before doing it again.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ews::testing::messages;

    #[test]
    fn what_the_server_finds_wrong_is_said() {
        let [answer] = messages::<UpdateInboxRules>("update_inbox_rules/response_error")
            .try_into()
            .unwrap();
        let error = settle(answer, "create_rule").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert_eq!(error.code(), Some("ErrorInboxRulesValidationError"));
        assert!(
            error.message().contains("Action:MoveToFolder: The folder"),
            "{error}"
        );
    }
}
