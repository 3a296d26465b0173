//! [`SettingsRead`] and [`SettingsWrite`] on Graph.

mod rules;
mod tips;

use async_trait::async_trait;
use serde_json::json;

use super::call::Call;
use super::convert;
use super::mailbox::GraphMailbox;
use super::permission::Permission;
use super::wire;
use crate::calendar::Batch;
use crate::error::Result;
use crate::model::{
    ClientRules, InboxRule, InboxRules, MailTips, MailboxSettings, OutOfOffice, RuleId,
};
use crate::settings::{SettingsRead, SettingsWrite};

/// Where a mailbox keeps what it is set to.
const SETTINGS: &str = "mailboxSettings";

#[async_trait]
impl SettingsRead for GraphMailbox {
    async fn mailbox_settings(&self) -> Result<MailboxSettings> {
        let call = Call::get(
            "mailbox_settings",
            &[SETTINGS],
            Permission::MailboxSettingsRead,
        );
        let found: wire::MailboxSettings = self.client.json(&call).await?;
        Ok(convert::mailbox_settings(&found))
    }

    async fn out_of_office(&self) -> Result<OutOfOffice> {
        let call = Call::get(
            "out_of_office",
            &[SETTINGS],
            Permission::MailboxSettingsRead,
        )
        .query("$select", "automaticRepliesSetting");
        let found: wire::MailboxSettings = self.client.json(&call).await?;
        let replies = found.automatic_replies_setting.unwrap_or_default();
        Ok(convert::out_of_office(&replies))
    }

    async fn mail_tips(&self, recipients: &[String]) -> Result<Batch<MailTips>> {
        self.tips_about(recipients).await
    }

    async fn list_rules(&self) -> Result<InboxRules> {
        self.rules("list_rules").await
    }
}

#[async_trait]
impl SettingsWrite for GraphMailbox {
    async fn set_out_of_office(&self, out_of_office: OutOfOffice) -> Result<()> {
        const OPERATION: &str = "set_out_of_office";
        out_of_office.validate()?;
        let replies = convert::automatic_replies(&out_of_office);
        let call = Call::patch(OPERATION, &[SETTINGS], Permission::MailboxSettingsReadWrite);
        let body = json!({"automaticRepliesSetting": replies});
        self.client.done(&call.json(&body)?).await
    }

    async fn create_rule(&self, rule: InboxRule, client_rules: ClientRules) -> Result<InboxRule> {
        self.make_rule(rule, client_rules).await
    }

    async fn update_rule(&self, rule: InboxRule, client_rules: ClientRules) -> Result<InboxRule> {
        self.change_rule(rule, client_rules).await
    }

    async fn delete_rule(&self, id: &RuleId, client_rules: ClientRules) -> Result<()> {
        self.drop_rule(id, client_rules).await
    }
}
