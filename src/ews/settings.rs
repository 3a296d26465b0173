//! [`SettingsRead`] and [`SettingsWrite`] on EWS.

use async_trait::async_trait;

use super::mailbox::EwsMailbox;
use crate::calendar::Batch;
use crate::error::{Error, Result};
use crate::model::{
    ClientRules, InboxRule, InboxRules, MailTips, MailboxSettings, OutOfOffice, RuleId,
};
use crate::settings::{SettingsRead, SettingsWrite};

#[async_trait]
impl SettingsRead for EwsMailbox {
    async fn mailbox_settings(&self) -> Result<MailboxSettings> {
        Err(unbuilt("mailbox_settings"))
    }

    async fn out_of_office(&self) -> Result<OutOfOffice> {
        Err(unbuilt("out_of_office"))
    }

    async fn mail_tips(&self, _recipients: &[String]) -> Result<Batch<MailTips>> {
        Err(unbuilt("mail_tips"))
    }

    async fn list_rules(&self) -> Result<InboxRules> {
        Err(unbuilt("list_rules"))
    }
}

#[async_trait]
impl SettingsWrite for EwsMailbox {
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
