//! Settings of a mailbox.

use async_trait::async_trait;

use super::mailbox::{GraphMailbox, unbuilt};
use crate::calendar::Batch;
use crate::error::Result;
use crate::model::*;
use crate::settings::{SettingsRead, SettingsWrite};

#[async_trait]
impl SettingsRead for GraphMailbox {
    async fn mailbox_settings(&self) -> Result<MailboxSettings> {
        Err(unbuilt("mailbox_settings"))
    }

    async fn out_of_office(&self) -> Result<OutOfOffice> {
        Err(unbuilt("out_of_office"))
    }

    async fn mail_tips(&self, recipients: &[String]) -> Result<Batch<MailTips>> {
        let _ = recipients;
        Err(unbuilt("mail_tips"))
    }

    async fn list_rules(&self) -> Result<InboxRules> {
        Err(unbuilt("list_rules"))
    }
}

#[async_trait]
impl SettingsWrite for GraphMailbox {
    async fn set_out_of_office(&self, out_of_office: OutOfOffice) -> Result<()> {
        let _ = out_of_office;
        Err(unbuilt("set_out_of_office"))
    }

    async fn create_rule(&self, rule: InboxRule, client_rules: ClientRules) -> Result<InboxRule> {
        let _ = rule;
        let _ = client_rules;
        Err(unbuilt("create_rule"))
    }

    async fn update_rule(&self, rule: InboxRule, client_rules: ClientRules) -> Result<InboxRule> {
        let _ = rule;
        let _ = client_rules;
        Err(unbuilt("update_rule"))
    }

    async fn delete_rule(&self, id: &RuleId, client_rules: ClientRules) -> Result<()> {
        let _ = id;
        let _ = client_rules;
        Err(unbuilt("delete_rule"))
    }
}
