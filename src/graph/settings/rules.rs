//! Rules of the Inbox: read, made, changed, removed.
//!
//! Source: <https://learn.microsoft.com/graph/api/resources/messagerule>

use serde::Deserialize;

use crate::connector::Backend;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::call::Call;
use crate::graph::mailbox::GraphMailbox;
use crate::graph::permission::Permission;
use crate::graph::{convert, wire};
use crate::model::{ClientRules, FolderRef, InboxRule, InboxRules, RuleId};

/// The rules of a mailbox are those of its Inbox.
const RULES: [&str; 3] = ["mailFolders", "inbox", "messageRules"];

impl GraphMailbox {
    /// Graph does not say whether Outlook keeps others besides.
    pub(super) async fn rules(&self, operation: &'static str) -> Result<InboxRules> {
        let call = Call::get(operation, &RULES, Permission::MailboxSettingsRead);
        let listed = self.client.list(call, |wire: wire::MessageRule| {
            Ok(convert::inbox_rule(&wire))
        });
        let mut rules = listed.collect().await?;
        rules.sort_by_key(|rule| rule.sequence);
        Ok(InboxRules {
            rules,
            ..InboxRules::default()
        })
    }

    /// Outlook's own rules are out of reach here and stay as they are, whatever may become of them.
    pub(super) async fn make_rule(&self, new: InboxRule, _: ClientRules) -> Result<InboxRule> {
        const OPERATION: &str = "create_rule";
        let rule = self.to_wire(&new, OPERATION).await?;
        let call = Call::post(OPERATION, &RULES, Permission::MailboxSettingsReadWrite);
        let made: wire::MessageRule = self.client.json(&call.json(&rule)?).await?;
        read(&made, OPERATION)
    }

    pub(super) async fn change_rule(&self, new: InboxRule, _: ClientRules) -> Result<InboxRule> {
        const OPERATION: &str = "update_rule";
        let id = new.id.as_ref().ok_or_else(|| {
            Error::invalid_argument(OPERATION, "the rule has no id: it was never made")
        })?;
        let id = id.require(Backend::Graph, OPERATION)?;
        let [folders, inbox, rules] = RULES;
        let path = [folders, inbox, rules, id];
        let rule = self.to_wire(&new, OPERATION).await?;
        let before = Call::get(OPERATION, &path, Permission::MailboxSettingsRead);
        let before: wire::MessageRule = self.client.json(&before).await?;
        let before = read(&before, OPERATION)?;
        if before.is_read_only {
            let problem = format!(
                "the rule {:?} says more than can be written again: it would be lost",
                before.name
            );
            return Err(Error::new(ErrorKind::InvalidState, OPERATION, problem)
                .with_backend(Backend::Graph)
                .with_hint("Change it in Outlook, or remove it and make a new one."));
        }
        let call = Call::patch(OPERATION, &path, Permission::MailboxSettingsReadWrite);
        let changed: wire::MessageRule = self.client.json(&call.json(&rule)?).await?;
        read(&changed, OPERATION)
    }

    pub(super) async fn drop_rule(&self, id: &RuleId, _: ClientRules) -> Result<()> {
        const OPERATION: &str = "delete_rule";
        let id = id.require(Backend::Graph, OPERATION)?;
        let [folders, inbox, rules] = RULES;
        let path = [folders, inbox, rules, id];
        let call = Call::delete(OPERATION, &path, Permission::MailboxSettingsReadWrite);
        self.client.done(&call).await
    }

    async fn to_wire(&self, new: &InboxRule, operation: &'static str) -> Result<wire::MessageRule> {
        new.validate(operation)?;
        // what cannot be said is refused before anything is asked
        convert::message_rule(new, convert::RuleFolders::default(), operation)?;
        let folders = convert::RuleFolders {
            move_to: self
                .rule_folder(new.actions.move_to.as_ref(), operation)
                .await?,
            copy_to: self
                .rule_folder(new.actions.copy_to.as_ref(), operation)
                .await?,
        };
        convert::message_rule(new, folders, operation)
    }

    /// The identifier of a folder: rules take no other name.
    async fn rule_folder(
        &self,
        folder: Option<&FolderRef>,
        operation: &'static str,
    ) -> Result<Option<String>> {
        #[derive(Deserialize)]
        struct Found {
            id: String,
        }
        let path = match folder {
            None => return Ok(None),
            Some(FolderRef::Id(id)) => {
                return Ok(Some(id.require(Backend::Graph, operation)?.to_owned()));
            }
            Some(known) => convert::folder_path(known, operation)?,
        };
        let call = Call::get(
            operation,
            &["mailFolders", &path],
            Permission::MailReadBasic,
        )
        .query("$select", "id");
        let found: Found = self.client.json(&call).await?;
        Ok(Some(found.id))
    }
}

fn read(wire: &wire::MessageRule, operation: &'static str) -> Result<InboxRule> {
    convert::inbox_rule(wire).ok_or_else(|| {
        let message = "the answer holds a rule without an id";
        Error::new(ErrorKind::Protocol, operation, message).with_backend(Backend::Graph)
    })
}
