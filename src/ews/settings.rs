//! [`SettingsRead`] and [`SettingsWrite`] on EWS.

mod public_folders;
mod rules;
mod tips;

use async_trait::async_trait;

pub use public_folders::PublicFolders;

use super::convert;
use super::home::{ZONE, known};
use super::mailbox::{EwsMailbox, lacks};
use super::operation::{GetUserOofSettings, SetUserOofSettings};
use crate::calendar::Batch;
use crate::error::{ErrorKind, Result};
use crate::model::{
    ClientRules, InboxRule, InboxRules, MailTips, MailboxSettings, OutOfOffice, RuleId, Zone,
};
use crate::settings::{SettingsRead, SettingsWrite};

#[async_trait]
impl SettingsRead for EwsMailbox {
    async fn mailbox_settings(&self) -> Result<MailboxSettings> {
        const OPERATION: &str = "mailbox_settings";
        let mut settings = MailboxSettings::default();
        if let Some(options) = known(self.web_options(OPERATION).await)? {
            let text = |name| options.text(name).filter(|text| !text.is_empty());
            settings.time_zone = text(ZONE).map(Zone::from_wire);
            settings.date_format = text("dateformat").map(str::to_owned);
            settings.time_format = text("timeformat").map(str::to_owned);
        }
        match self.own_address(OPERATION).await {
            Ok(address) => {
                settings.working_hours = known(self.working_hours(address).await)?.flatten();
            }
            // Without its address nobody knows the hours; that is no reason to tell nothing.
            Err(error) if error.kind() == ErrorKind::Configuration => {}
            Err(error) => return Err(error),
        }
        if settings.time_zone.is_none() {
            let hours = settings.working_hours.as_ref();
            settings.time_zone = hours.map(|hours| hours.zone.clone());
        }
        Ok(settings)
    }

    async fn out_of_office(&self) -> Result<OutOfOffice> {
        const OPERATION: &str = "out_of_office";
        let address = self.own_address(OPERATION).await?;
        let found = self
            .one(&GetUserOofSettings::new(address), OPERATION)
            .await?;
        let settings = found.oof_settings;
        let settings = settings.ok_or_else(|| lacks(OPERATION, "OofSettings"))?;
        Ok(convert::out_of_office(&settings))
    }

    async fn mail_tips(&self, recipients: &[String]) -> Result<Batch<MailTips>> {
        self.tips_about(recipients).await
    }

    async fn list_rules(&self) -> Result<InboxRules> {
        self.rules("list_rules").await
    }
}

#[async_trait]
impl SettingsWrite for EwsMailbox {
    async fn set_out_of_office(&self, out_of_office: OutOfOffice) -> Result<()> {
        const OPERATION: &str = "set_out_of_office";
        out_of_office.validate()?;
        let address = self.own_address(OPERATION).await?;
        let settings = convert::oof_settings(&out_of_office);
        let set = SetUserOofSettings::new(address, settings);
        self.one(&set, OPERATION).await
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
