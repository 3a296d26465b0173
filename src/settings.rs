//! Settings of a mailbox, the same for every backend.

use async_trait::async_trait;

use crate::{
    calendar::Batch,
    error::Result,
    model::{ClientRules, InboxRule, InboxRules, MailTips, MailboxSettings, OutOfOffice, RuleId},
};

/// All settings: reading and writing them.
pub trait Settings: SettingsRead + SettingsWrite {}

impl<T: SettingsRead + SettingsWrite + ?Sized> Settings for T {}

/// Reading settings. Graph permission: `MailboxSettings.Read`; for mail tips `Mail.Read`.
#[async_trait]
pub trait SettingsRead: Send + Sync {
    /// Time zone, working hours, language.
    async fn mailbox_settings(&self) -> Result<MailboxSettings>;

    /// What the mailbox answers by itself while its owner is away.
    async fn out_of_office(&self) -> Result<OutOfOffice>;

    /// What to know of recipients before writing to them, one answer per address, in order. EWS: Exchange 2010.
    ///
    /// # Errors
    /// Per address: what the server says of it. For the whole:
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) before any request,
    /// [`Unsupported`](crate::ErrorKind::Unsupported) without [`Feature::MailTips`](crate::Feature::MailTips).
    async fn mail_tips(&self, recipients: &[String]) -> Result<Batch<MailTips>>;

    /// The rules of the Inbox, in the order in which they are applied. EWS: Exchange 2010 SP1.
    ///
    /// # Errors
    /// [`Unsupported`](crate::ErrorKind::Unsupported) without [`Feature::InboxRules`](crate::Feature::InboxRules).
    async fn list_rules(&self) -> Result<InboxRules>;
}

/// Changing settings. Graph permission: `MailboxSettings.ReadWrite`.
#[async_trait]
pub trait SettingsWrite: Send + Sync {
    /// Sets what the mailbox answers by itself, as a whole.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) before any request.
    async fn set_out_of_office(&self, out_of_office: OutOfOffice) -> Result<()>;

    /// Makes a rule; it comes back with its id.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) before any request and for what the server finds wrong
    /// with it; [`InvalidState`](crate::ErrorKind::InvalidState) where Outlook keeps rules that would be lost, unless
    /// they may be ([`ClientRules::Discard`]); [`Unsupported`](crate::ErrorKind::Unsupported) without
    /// [`Feature::InboxRules`](crate::Feature::InboxRules).
    async fn create_rule(&self, rule: InboxRule, client_rules: ClientRules) -> Result<InboxRule>;

    /// Changes a rule to this one, found by its id.
    ///
    /// # Errors
    /// As [`create_rule`](Self::create_rule); [`NotFound`](crate::ErrorKind::NotFound).
    async fn update_rule(&self, rule: InboxRule, client_rules: ClientRules) -> Result<InboxRule>;

    /// Removes a rule.
    ///
    /// # Errors
    /// As [`create_rule`](Self::create_rule); [`NotFound`](crate::ErrorKind::NotFound).
    async fn delete_rule(&self, id: &RuleId, client_rules: ClientRules) -> Result<()>;
}
