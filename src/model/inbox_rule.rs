//! Rules that sort what arrives.

use serde::{Deserialize, Serialize};

use super::{Categories, FolderRef, Importance, Recipient, RuleId, Sensitivity};
use crate::error::{Error, Result};

/// The rules of an Inbox.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct InboxRules {
    /// In the order in which they are applied.
    pub rules: Vec<InboxRule>,
    /// Outlook keeps rules besides that only it can carry out, or that are switched off. They would be lost with any
    /// change made here; see [`ClientRules`]. Always `false` without
    /// [`Feature::ClientRules`](crate::Feature::ClientRules).
    pub has_client_rules: bool,
}

/// What becomes of the rules that only Outlook knows when another rule is changed. EWS `RemoveOutlookRuleBlob`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ClientRules {
    /// Nothing is changed where there are some: the call ends in
    /// [`InvalidState`](crate::ErrorKind::InvalidState).
    #[default]
    Keep,
    /// They are lost.
    Discard,
}

/// A rule.
///
/// ```
/// use exchange_connector::model::{InboxRule, Recipient, RuleActions, RulePredicates, WellKnownFolder};
///
/// let aside = RuleActions::new().move_to(WellKnownFolder::Archive).stop_processing();
/// let rule = InboxRule::new("Invoices", aside)
///     .when(RulePredicates::new().subject_contains("invoice").subject_contains("Rechnung"))
///     .except(RulePredicates::new().from(Recipient::smtp("boss@contoso.com")));
/// assert!(rule.validate("create_rule").is_ok());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct InboxRule {
    /// Its id; `None` for one that is to be made.
    pub id: Option<RuleId>,
    /// Its name.
    pub name: String,
    /// Where in the order it is, from 1.
    pub sequence: u32,
    /// It is applied.
    pub is_enabled: bool,
    /// The server could not carry it out.
    pub has_error: bool,
    /// It says something this library has no words for: it can be removed or left, but not changed.
    pub is_read_only: bool,
    /// When it applies: all of these must hold. Empty: always.
    pub conditions: RulePredicates,
    /// When it does not, although the conditions hold: one of these holds. Empty: never.
    pub exceptions: RulePredicates,
    /// What is done.
    pub actions: RuleActions,
}

impl InboxRule {
    /// A rule that does this, always, before all others.
    pub fn new(name: impl Into<String>, actions: RuleActions) -> Self {
        Self {
            id: None,
            name: name.into(),
            sequence: 1,
            is_enabled: true,
            has_error: false,
            is_read_only: false,
            conditions: RulePredicates::default(),
            exceptions: RulePredicates::default(),
            actions,
        }
    }

    /// Sets when it applies.
    #[must_use]
    pub fn when(mut self, conditions: RulePredicates) -> Self {
        self.conditions = conditions;
        self
    }

    /// Sets when it does not apply.
    #[must_use]
    pub fn except(mut self, exceptions: RulePredicates) -> Self {
        self.exceptions = exceptions;
        self
    }

    /// Sets where in the order it is, from 1.
    #[must_use]
    pub fn sequence(mut self, sequence: u32) -> Self {
        self.sequence = sequence;
        self
    }

    /// Sets whether it is applied.
    #[must_use]
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.is_enabled = enabled;
        self
    }

    fn people(&self) -> impl Iterator<Item = &Recipient> {
        let (actions, conditions, exceptions) = (&self.actions, &self.conditions, &self.exceptions);
        let lists = [
            &actions.forward_to,
            &actions.forward_as_attachment_to,
            &actions.redirect_to,
            &conditions.from,
            &conditions.sent_to,
            &exceptions.from,
            &exceptions.sent_to,
        ];
        lists.into_iter().flatten()
    }

    /// Everybody the rule names.
    #[cfg(feature = "ews")]
    pub(crate) fn people_mut(&mut self) -> impl Iterator<Item = &mut Recipient> {
        let (actions, conditions, exceptions) = (
            &mut self.actions,
            &mut self.conditions,
            &mut self.exceptions,
        );
        let lists = [
            &mut actions.forward_to,
            &mut actions.forward_as_attachment_to,
            &mut actions.redirect_to,
            &mut conditions.from,
            &mut conditions.sent_to,
            &mut exceptions.from,
            &mut exceptions.sent_to,
        ];
        lists.into_iter().flatten()
    }

    /// Checks what every server refuses.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument): no name, nothing to do, a recipient without an address.
    pub fn validate(&self, operation: &'static str) -> Result<()> {
        let problem = if self.name.trim().is_empty() {
            "the rule has no name"
        } else if self.sequence == 0 {
            "rules are counted from 1"
        } else if self.actions == RuleActions::default() {
            "the rule does nothing"
        } else {
            return self
                .people()
                .try_for_each(|person| person.require_smtp(operation, "person"));
        };
        Err(Error::invalid_argument(operation, problem))
    }
}

/// What is looked at in a message. What is empty or `None` is not looked at; of a list one entry is enough.
///
/// EWS `Conditions`, Graph `messageRulePredicates`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct RulePredicates {
    /// Who wrote it.
    pub from: Vec<Recipient>,
    /// Whom it was sent to.
    pub sent_to: Vec<Recipient>,
    /// What is in the author's address.
    pub sender_contains: Vec<String>,
    /// What is in a recipient's address.
    pub recipient_contains: Vec<String>,
    /// What is in the subject.
    pub subject_contains: Vec<String>,
    /// What is in the text.
    pub body_contains: Vec<String>,
    /// What is in either.
    pub subject_or_body_contains: Vec<String>,
    /// What is in a header.
    pub header_contains: Vec<String>,
    /// Which categories it has.
    pub categories: Categories,
    /// How important it is.
    pub importance: Option<Importance>,
    /// Whom it concerns.
    pub sensitivity: Option<Sensitivity>,
    /// Whether something is attached.
    pub has_attachments: Option<bool>,
    /// Whether the owner is among those it is to.
    pub sent_to_me: Option<bool>,
    /// Whether the owner is the only one it is to.
    pub sent_only_to_me: Option<bool>,
    /// Whether the owner gets a copy.
    pub sent_cc_me: Option<bool>,
    /// Whether the owner is among either.
    pub sent_to_or_cc_me: Option<bool>,
    /// Whether the owner is among neither.
    pub not_sent_to_me: Option<bool>,
    /// Whether it is an invitation.
    pub is_meeting_request: Option<bool>,
    /// Whether it was sent by a rule or an absence.
    pub is_automatic_reply: Option<bool>,
    /// From how many bytes on, and up to how many.
    pub size: Option<(u64, u64)>,
}

impl RulePredicates {
    /// Nothing is looked at.
    pub fn new() -> Self {
        Self::default()
    }

    /// Who wrote it: one more.
    #[must_use]
    pub fn from(mut self, author: Recipient) -> Self {
        self.from.push(author);
        self
    }

    /// Whom it was sent to: one more.
    #[must_use]
    pub fn sent_to(mut self, recipient: Recipient) -> Self {
        self.sent_to.push(recipient);
        self
    }

    /// What is in the author's address: one more.
    #[must_use]
    pub fn sender_contains(mut self, text: impl Into<String>) -> Self {
        self.sender_contains.push(text.into());
        self
    }

    /// What is in the subject: one more.
    #[must_use]
    pub fn subject_contains(mut self, text: impl Into<String>) -> Self {
        self.subject_contains.push(text.into());
        self
    }

    /// What is in the subject or the text: one more.
    #[must_use]
    pub fn subject_or_body_contains(mut self, text: impl Into<String>) -> Self {
        self.subject_or_body_contains.push(text.into());
        self
    }

    /// What is in a header: one more.
    #[must_use]
    pub fn header_contains(mut self, text: impl Into<String>) -> Self {
        self.header_contains.push(text.into());
        self
    }

    /// Refuses switches that are off: they would say nothing, so the rule would be for more than was meant.
    #[cfg(any(feature = "ews", feature = "graph"))]
    pub(crate) fn require_switches_on(&self, operation: &'static str) -> Result<()> {
        for (name, switch) in [
            ("has_attachments", self.has_attachments),
            ("sent_to_me", self.sent_to_me),
            ("sent_only_to_me", self.sent_only_to_me),
            ("sent_cc_me", self.sent_cc_me),
            ("sent_to_or_cc_me", self.sent_to_or_cc_me),
            ("not_sent_to_me", self.not_sent_to_me),
            ("is_meeting_request", self.is_meeting_request),
            ("is_automatic_reply", self.is_automatic_reply),
        ] {
            if switch == Some(false) {
                let problem = format!("Exchange has no rules for what is not so ({name})");
                return Err(Error::unsupported(operation, problem)
                    .with_hint("Make it an exception of the rule instead of a condition."));
            }
        }
        Ok(())
    }

    /// The least and the largest size in kilobytes, as servers want them: what is between two sizes in bytes is
    /// between those.
    #[cfg(any(feature = "ews", feature = "graph"))]
    pub(crate) fn kilobytes(&self, operation: &'static str) -> Result<Option<Kilobytes>> {
        const KILOBYTE: u64 = 1024;
        let Some((least, most)) = self.size else {
            return Ok(None);
        };
        if most < least || (least == 0 && most == u64::MAX) {
            let problem = format!("no sizes are from {least} up to {most} bytes and no others");
            return Err(Error::invalid_argument(operation, problem));
        }
        let size = |kilobytes: u64| i32::try_from(kilobytes).unwrap_or(i32::MAX);
        let least = (least > 0).then(|| size(least / KILOBYTE));
        let most = (most < u64::MAX).then(|| size(most.div_ceil(KILOBYTE)));
        Ok(Some((least, most)))
    }
}

/// From how many kilobytes on, and up to how many.
#[cfg(any(feature = "ews", feature = "graph"))]
pub(crate) type Kilobytes = (Option<i32>, Option<i32>);

/// What a rule does.
///
/// EWS `Actions`, Graph `messageRuleActions`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct RuleActions {
    /// Moves it there.
    pub move_to: Option<FolderRef>,
    /// Puts a copy there.
    pub copy_to: Option<FolderRef>,
    /// Moves it to the deleted items.
    pub delete: bool,
    /// Removes it for good.
    pub permanent_delete: bool,
    /// Marks it as read.
    pub mark_as_read: bool,
    /// Sets how important it is.
    pub mark_importance: Option<Importance>,
    /// Adds these categories.
    pub assign_categories: Categories,
    /// Passes it on to these.
    pub forward_to: Vec<Recipient>,
    /// Passes it on to these, attached to a message.
    pub forward_as_attachment_to: Vec<Recipient>,
    /// Passes it on to these as if it came from its author.
    pub redirect_to: Vec<Recipient>,
    /// No rule after this one is applied.
    pub stop_processing_rules: bool,
}

impl RuleActions {
    /// Nothing is done.
    pub fn new() -> Self {
        Self::default()
    }

    /// Moves it there.
    #[must_use]
    pub fn move_to(mut self, folder: impl Into<FolderRef>) -> Self {
        self.move_to = Some(folder.into());
        self
    }

    /// Puts a copy there.
    #[must_use]
    pub fn copy_to(mut self, folder: impl Into<FolderRef>) -> Self {
        self.copy_to = Some(folder.into());
        self
    }

    /// Marks it as read.
    #[must_use]
    pub fn mark_as_read(mut self) -> Self {
        self.mark_as_read = true;
        self
    }

    /// Adds a category.
    #[must_use]
    pub fn categorise(mut self, name: impl Into<String>) -> Self {
        self.assign_categories.insert(name.into());
        self
    }

    /// Passes it on to one more.
    #[must_use]
    pub fn forward_to(mut self, recipient: Recipient) -> Self {
        self.forward_to.push(recipient);
        self
    }

    /// No rule after this one is applied.
    #[must_use]
    pub fn stop_processing(mut self) -> Self {
        self.stop_processing_rules = true;
        self
    }
}

#[cfg(test)]
impl InboxRule {
    /// A rule with all that there is.
    pub(crate) fn everything(backend: crate::Backend) -> Self {
        let words = || vec!["one".to_owned(), "two".to_owned()];
        let people = |name: &str| vec![Recipient::smtp(format!("{name}@contoso.example"))];
        let when = RulePredicates {
            from: people("from"),
            sent_to: people("to"),
            sender_contains: words(),
            recipient_contains: words(),
            subject_contains: words(),
            body_contains: words(),
            subject_or_body_contains: words(),
            header_contains: words(),
            categories: words().into_iter().collect(),
            importance: Some(Importance::Normal),
            sensitivity: Some(Sensitivity::Confidential),
            has_attachments: Some(true),
            sent_to_me: Some(true),
            sent_only_to_me: Some(true),
            sent_cc_me: Some(true),
            sent_to_or_cc_me: Some(true),
            not_sent_to_me: Some(true),
            is_meeting_request: Some(true),
            is_automatic_reply: Some(true),
            size: Some((2048, 4096)),
        };
        let folder = |id: &str| Some(super::FolderId::from_raw(backend, id).into());
        let actions = RuleActions {
            move_to: folder("a"),
            copy_to: folder("b"),
            delete: true,
            permanent_delete: true,
            mark_as_read: true,
            mark_importance: Some(Importance::Low),
            assign_categories: words().into_iter().collect(),
            forward_to: people("forward"),
            forward_as_attachment_to: people("attach"),
            redirect_to: people("redirect"),
            stop_processing_rules: true,
        };
        Self::new("Everything", actions)
            .when(when.clone())
            .except(when)
            .sequence(3)
            .enabled(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_servers_refuse() {
        let stop = RuleActions {
            stop_processing_rules: true,
            ..RuleActions::default()
        };
        let rule = || InboxRule::new("Invoices", stop.clone());
        assert!(rule().validate("create_rule").is_ok());
        let mut to_nobody = rule();
        to_nobody.actions.redirect_to = vec![Recipient::smtp("Ada")];
        let nameless = InboxRule::new(" ", stop.clone());
        let idle = InboxRule::new("a", RuleActions::default());
        for wrong in [to_nobody, nameless, idle, rule().sequence(0)] {
            assert!(wrong.validate("create_rule").is_err(), "{wrong:?}");
        }
    }
}
