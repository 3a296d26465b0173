//! Settings of a mailbox that asks before it writes.

use async_trait::async_trait;

use super::mailbox::GuardedMailbox;
use super::write::Write;
use crate::calendar::Batch;
use crate::error::Result;
use crate::model::{
    ClientRules, InboxRule, InboxRules, MailTips, MailboxSettings, OutOfOffice, RuleId,
};
use crate::settings::{SettingsRead, SettingsWrite};

#[async_trait]
impl SettingsRead for GuardedMailbox {
    async fn mailbox_settings(&self) -> Result<MailboxSettings> {
        self.inner.mailbox_settings().await
    }

    async fn out_of_office(&self) -> Result<OutOfOffice> {
        self.inner.out_of_office().await
    }

    async fn mail_tips(&self, recipients: &[String]) -> Result<Batch<MailTips>> {
        self.inner.mail_tips(recipients).await
    }

    async fn list_rules(&self) -> Result<InboxRules> {
        self.inner.list_rules().await
    }
}

#[async_trait]
impl SettingsWrite for GuardedMailbox {
    async fn set_out_of_office(&self, out_of_office: OutOfOffice) -> Result<()> {
        let write = Write::SetOutOfOffice {
            out_of_office: &out_of_office,
        };
        let intent = self.approved(write).await?;
        let outcome = self.inner.set_out_of_office(out_of_office).await;
        self.ended(&intent, outcome).await
    }

    async fn create_rule(&self, rule: InboxRule, client_rules: ClientRules) -> Result<InboxRule> {
        let write = Write::CreateRule {
            rule: &rule,
            client_rules,
        };
        let intent = self.approved(write).await?;
        let outcome = self.inner.create_rule(rule, client_rules).await;
        self.ended(&intent, outcome).await
    }

    async fn update_rule(&self, rule: InboxRule, client_rules: ClientRules) -> Result<InboxRule> {
        let write = Write::UpdateRule {
            rule: &rule,
            client_rules,
        };
        let intent = self.approved(write).await?;
        let outcome = self.inner.update_rule(rule, client_rules).await;
        self.ended(&intent, outcome).await
    }

    async fn delete_rule(&self, id: &RuleId, client_rules: ClientRules) -> Result<()> {
        let intent = self
            .approved(Write::DeleteRule { id, client_rules })
            .await?;
        let outcome = self.inner.delete_rule(id, client_rules).await;
        self.ended(&intent, outcome).await
    }
}
