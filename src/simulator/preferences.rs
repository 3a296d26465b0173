//! What the owner of a mailbox set, and what an administrator did.

use super::away::Away;
use super::rule::Rule;
use super::server::lock;
use super::{Simulator, SimulatorError, position};

/// What the owner of a mailbox set.
#[derive(Clone, Debug, Default)]
pub(super) struct Preferences {
    pub(super) away: Away,
    pub(super) rules: Vec<Rule>,
    /// Whether Outlook keeps rules of its own.
    pub(super) outlook_rules: bool,
}

/// What people who write to a mailbox or a group are told beforehand, beside what the simulator
/// knows by itself.
///
/// ```
/// use exchange_connector::simulator::SimulatedMailTips;
///
/// let tips = SimulatedMailTips::new().custom_tip("Think twice.").moderated(true);
/// # let _ = tips;
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SimulatedMailTips {
    pub(super) custom_tip: Option<String>,
    pub(super) mailbox_full: bool,
    pub(super) max_message_size: Option<i32>,
    pub(super) restricted: bool,
    pub(super) moderated: bool,
    pub(super) pending: bool,
}

impl SimulatedMailTips {
    /// Nothing in particular.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What the administrator wants to be known; servers make HTML of it.
    #[must_use]
    pub fn custom_tip(mut self, text: impl Into<String>) -> Self {
        self.custom_tip = Some(text.into());
        self
    }

    /// Whether the mailbox takes no more messages.
    #[must_use]
    pub fn mailbox_full(mut self, full: bool) -> Self {
        self.mailbox_full = full;
        self
    }

    /// How many bytes a message to it may have.
    #[must_use]
    pub fn max_message_size(mut self, bytes: i32) -> Self {
        self.max_message_size = Some(bytes);
        self
    }

    /// Whether nobody may write to it.
    #[must_use]
    pub fn restricted(mut self, restricted: bool) -> Self {
        self.restricted = restricted;
        self
    }

    /// Whether somebody must approve messages to it.
    #[must_use]
    pub fn moderated(mut self, moderated: bool) -> Self {
        self.moderated = moderated;
        self
    }

    /// Whether the server does not find out in time how full the mailbox is.
    #[must_use]
    pub fn pending(mut self, pending: bool) -> Self {
        self.pending = pending;
        self
    }
}

impl Simulator {
    /// Sets what people are told who are about to write to a mailbox or a group.
    pub fn set_mail_tips(&self, address: &str, tips: SimulatedMailTips) {
        let address = address.trim().to_lowercase();
        lock(&self.shared.store).mail_tips.insert(address, tips);
    }

    /// How many recipients one GetMailTips may ask about; 50 if nothing is said.
    pub fn limit_mail_tips(&self, recipients: usize) {
        lock(&self.shared.store).mail_tips_limit = Some(recipients);
    }

    /// Makes it so that Outlook keeps rules of its own in a mailbox: UpdateInboxRules is refused
    /// until it is told to take them away.
    ///
    /// # Errors
    /// [`SimulatorError::NotFound`] where there is no such mailbox.
    pub fn keep_outlook_rules(&self, mailbox: &str) -> Result<(), SimulatorError> {
        self.prefer(mailbox, |preferences| preferences.outlook_rules = true)
    }

    /// Makes the rule of that name one with parts that EWS cannot speak of (`IsNotSupported`).
    ///
    /// # Errors
    /// [`SimulatorError::NotFound`] where there is no such mailbox.
    pub fn spoil_rule(&self, mailbox: &str, name: &str) -> Result<(), SimulatorError> {
        self.prefer(mailbox, |preferences| {
            for rule in &mut preferences.rules {
                rule.unsupported |= rule.name == name;
            }
        })
    }

    fn prefer(
        &self,
        mailbox: &str,
        change: impl FnOnce(&mut Preferences),
    ) -> Result<(), SimulatorError> {
        let mut store = lock(&self.shared.store);
        let position = position(&store, mailbox)?;
        if let Some(mailbox) = store.mailboxes.get_mut(position) {
            change(&mut mailbox.preferences);
        }
        Ok(())
    }
}
