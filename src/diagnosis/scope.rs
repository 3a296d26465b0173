use serde::{Deserialize, Serialize};

use crate::connector::MailboxTarget;

/// What [`Connector::diagnose`](crate::Connector::diagnose) looks at beyond the way to the server, the logon and the
/// version.
///
/// ```
/// use exchange_connector::DiagnosisScope;
///
/// let scope = DiagnosisScope::new().mail(false).shared("room5@example.com");
/// assert!(scope.calendar && !scope.mail);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct DiagnosisScope {
    /// Whether the mailbox of the account itself is opened.
    pub own_mailbox: bool,
    /// Whether the default calendar of each mailbox is looked at.
    pub calendar: bool,
    /// Whether the inbox of each mailbox is looked at.
    pub mail: bool,
    /// Whether mail can be sent from the own mailbox and from those acted for.
    pub send: SendCheck,
    /// The mailboxes of others that are looked at.
    pub others: Vec<MailboxTarget>,
}

/// How far it is looked into whether mail can be sent. No mail is sent in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SendCheck {
    /// Not at all.
    #[default]
    Off,
    /// As far as that leaves nothing behind: whether the account may put messages into Drafts and Sent Items. A full
    /// mailbox, and rules of the organisation about mail, do not show.
    Rights,
    /// A draft without recipients is made and deleted for good, which a full mailbox does not let be.
    Draft,
}

impl Default for DiagnosisScope {
    fn default() -> Self {
        Self {
            own_mailbox: true,
            calendar: true,
            mail: true,
            send: SendCheck::Off,
            others: Vec::new(),
        }
    }
}

impl DiagnosisScope {
    /// The mailbox of the account with its calendar and its inbox.
    pub fn new() -> Self {
        Self::default()
    }

    /// The way to the server, the logon and the version, and no mailbox. One authenticated request is needed for it
    /// all the same.
    pub fn connection() -> Self {
        Self {
            own_mailbox: false,
            ..Self::default()
        }
    }

    /// Whether the mailbox of the account itself is opened. Yes if not said; accounts that only act for others need
    /// have none.
    #[must_use]
    pub fn own_mailbox(mut self, look: bool) -> Self {
        self.own_mailbox = look;
        self
    }

    /// Whether calendars are looked at. Yes if not said.
    #[must_use]
    pub fn calendar(mut self, look: bool) -> Self {
        self.calendar = look;
        self
    }

    /// Whether inboxes are looked at. Yes if not said.
    #[must_use]
    pub fn mail(mut self, look: bool) -> Self {
        self.mail = look;
        self
    }

    /// Whether it is looked at if mail can be sent, as far as that leaves nothing behind. No if not said.
    #[must_use]
    pub fn send(mut self, look: bool) -> Self {
        self.send = match look {
            true => SendCheck::Rights,
            false => SendCheck::Off,
        };
        self
    }

    /// Lets a draft be made and deleted, to find out whether mail can be sent.
    #[must_use]
    pub fn send_by_draft(mut self) -> Self {
        self.send = SendCheck::Draft;
        self
    }

    /// Looks at the mailbox with this address too, in the place of its owner ([`MailboxTarget::ActAs`]).
    #[must_use]
    pub fn act_as(self, address: impl Into<String>) -> Self {
        self.other(MailboxTarget::act_as(address))
    }

    /// Looks at the mailbox with this address too, with the rights of the account ([`MailboxTarget::Shared`]).
    #[must_use]
    pub fn shared(self, address: impl Into<String>) -> Self {
        self.other(MailboxTarget::shared(address))
    }

    /// Looks at this mailbox too.
    #[must_use]
    pub fn other(mut self, mailbox: MailboxTarget) -> Self {
        self.others.push(mailbox);
        self
    }

    /// The mailboxes to look at, the own one first.
    pub fn mailboxes(&self) -> Vec<MailboxTarget> {
        let own = self.own_mailbox.then_some(MailboxTarget::Own);
        own.into_iter().chain(self.others.iter().cloned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mailboxes_in_order() {
        let scope = DiagnosisScope::new()
            .shared("room5@example.com")
            .act_as("ada@example.com");
        let expected = [
            MailboxTarget::Own,
            MailboxTarget::shared("room5@example.com"),
            MailboxTarget::act_as("ada@example.com"),
        ];
        assert_eq!(scope.mailboxes(), expected);
        assert_eq!(DiagnosisScope::connection().mailboxes(), []);
    }

    #[test]
    fn what_is_not_said() {
        let scope: DiagnosisScope = serde_json::from_str(r#"{"send": "draft"}"#).unwrap();
        assert_eq!(scope, DiagnosisScope::new().send_by_draft());
    }
}
