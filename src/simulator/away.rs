//! What a mailbox answers while its owner is away.

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, Utc};

use super::item::*;
use super::meeting::{deliver, record};
use super::property::{Property, Value};
use super::refusal::Refusal;
use super::store::Store;

/// Messages that programs made by themselves have it, so that they do not answer each other.
pub(super) const AUTOMATIC: Property = Property::Tag(0x0005);

const CLASS: &str = "IPM.Note.Rules.OofTemplate.Microsoft";

/// Whether a mailbox answers by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum State {
    #[default]
    Disabled,
    Enabled,
    Scheduled,
}

impl State {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Disabled => "Disabled",
            Self::Enabled => "Enabled",
            Self::Scheduled => "Scheduled",
        }
    }
}

/// What a mailbox answers, and to whom.
#[derive(Clone, Debug)]
pub(super) struct Away {
    pub(super) state: State,
    /// `None`, `Known` or `All`.
    pub(super) audience: String,
    pub(super) during: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// The text for those inside, and its language.
    pub(super) internal: (String, Option<String>),
    /// The text for those outside, and its language.
    pub(super) external: (String, Option<String>),
    /// Who got an answer already.
    pub(super) answered: BTreeSet<String>,
}

impl Default for Away {
    fn default() -> Self {
        Self {
            state: State::default(),
            audience: "All".to_owned(),
            during: None,
            internal: Default::default(),
            external: Default::default(),
            answered: BTreeSet::new(),
        }
    }
}

impl Away {
    pub(super) fn is_active(&self, now: DateTime<Utc>) -> bool {
        match (self.state, self.during) {
            (State::Disabled, _) | (State::Scheduled, None) => false,
            (State::Enabled, _) => true,
            (State::Scheduled, Some((from, until))) => from <= now && now < until,
        }
    }

    /// Sets it anew. Without a time that of before stays.
    pub(super) fn change(&mut self, new: Self, now: DateTime<Utc>) -> Result<(), Refusal> {
        let is_scheduled = new.state == State::Scheduled;
        let is_wrong = match new.during {
            Some((from, until)) => until <= from || (is_scheduled && until <= now),
            None => is_scheduled,
        };
        if is_wrong {
            return Err(Refusal::new(
                "ErrorInvalidScheduledOofDuration",
                "The scheduled time must end after it begins, and not be over.",
            ));
        }
        // Those who got an answer get no other one until it is switched off and on again.
        let answered = match self.state == new.state {
            true => std::mem::take(&mut self.answered),
            false => BTreeSet::new(),
        };
        *self = Self {
            during: new.during.or(self.during),
            answered,
            ..new
        };
        Ok(())
    }

    /// The time that is kept, or from now on for a day: servers always say one.
    pub(super) fn window(&self, now: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
        let hour = now - Duration::seconds(now.timestamp().rem_euclid(3600));
        self.during.unwrap_or((hour, hour + Duration::days(1)))
    }
}

/// Answers a message that came, once for each sender.
pub(super) fn answer(store: &mut Store, owner: usize, message: &Item, now: DateTime<Utc>) {
    let Some(mailbox) = store.mailboxes.get_mut(owner) else {
        return;
    };
    let Some(sender) = message.organizer.clone() else {
        return;
    };
    let is_own = sender.email.eq_ignore_ascii_case(&mailbox.address.email);
    let is_note =
        message.kind == ItemKind::Message && !message.text(&ITEM_CLASS).starts_with("REPORT");
    let is_quiet = !is_note || message.flag(&AUTOMATIC) || is_own;
    let away = &mut mailbox.preferences.away;
    let text = away.internal.0.clone();
    if is_quiet
        || text.is_empty()
        || !away.is_active(now)
        || !away.answered.insert(sender.email.to_lowercase())
    {
        return;
    }
    let mut reply = Item::new(ItemKind::Message);
    reply.set(ITEM_CLASS, Value::Text(CLASS.to_owned()));
    let subject = format!("Automatic reply: {}", message.text(&SUBJECT));
    reply.set(SUBJECT, Value::Text(subject));
    reply.set(AUTOMATIC, Value::Boolean(true));
    reply.body = Body { html: true, text };
    reply.organizer = Some(mailbox.address.clone());
    let recipient = Recipient::new(Role::To, sender.clone());
    reply.recipients.push(recipient);
    record(store, &reply, vec![sender.email.clone()], now);
    deliver(store, &sender.email, reply, now);
}
