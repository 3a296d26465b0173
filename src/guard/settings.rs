//! Settings of a mailbox that asks before it writes.

use async_trait::async_trait;

use super::mailbox::GuardedMailbox;
use crate::calendar::Batch;
use crate::error::{Error, Result};
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
    async fn set_out_of_office(&self, _out_of_office: OutOfOffice) -> Result<()> {
        Err(unbuilt("set_out_of_office"))
    }

    async fn create_rule(&self, _rule: InboxRule, _client_rules: ClientRules) -> Result<InboxRule> {
        Err(unbuilt("create_rule"))
    }

    async fn update_rule(&self, _rule: InboxRule, _client_rules: ClientRules) -> Result<InboxRule> {
        Err(unbuilt("update_rule"))
    }

    async fn delete_rule(&self, _id: &RuleId, _client_rules: ClientRules) -> Result<()> {
        Err(unbuilt("delete_rule"))
    }
}

fn unbuilt(operation: &'static str) -> Error {
    Error::unsupported(operation, "this is not built yet")
}
