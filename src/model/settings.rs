//! Settings of a mailbox.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Body, Recipient, WorkingHours, Zone};
use crate::error::{Error, Result};

/// What a mailbox is set to. What the server does not say is `None`.
///
/// EWS: the options of Outlook on the web (`OWA.UserOptions`, Exchange 2010) and the working hours that
/// `GetUserAvailability` gives. Graph `mailboxSettings`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MailboxSettings {
    /// The zone its owner lives in.
    pub time_zone: Option<Zone>,
    /// When its owner works.
    pub working_hours: Option<WorkingHours>,
    /// The language its owner reads, as `de-DE` (RFC 5646). Exchange keeps it where EWS does not reach.
    pub language: Option<String>,
    /// How dates are written, in the server's own notation, as `dd.MM.yyyy`.
    pub date_format: Option<String>,
    /// How times are written, in the server's own notation, as `HH:mm`.
    pub time_format: Option<String>,
}

/// What a mailbox answers by itself while its owner is away.
///
/// ```
/// use chrono::{TimeDelta, Utc};
/// use exchange_connector::model::{ExternalAudience, OutOfOffice};
///
/// let now = Utc::now();
/// let away = OutOfOffice::scheduled(now, now + TimeDelta::weeks(2))
///     .internal_reply("<p>Ada stands in for me.</p>")
///     .external_reply(ExternalAudience::All, "<p>I am back in two weeks.</p>");
/// assert!(away.validate().is_ok());
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct OutOfOffice {
    /// Whether it answers.
    pub status: OutOfOfficeStatus,
    /// From when to when, with [`OutOfOfficeStatus::Scheduled`]; servers keep it in the other states too.
    pub schedule: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// What it answers people of the organisation, as HTML; empty for nothing.
    pub internal_reply: String,
    /// Who of the others gets an answer.
    pub external_audience: ExternalAudience,
    /// What it answers them, as HTML; empty for nothing.
    pub external_reply: String,
}

/// Whether a mailbox answers by itself. Unknown values read as `Disabled`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OutOfOfficeStatus {
    /// It does not.
    #[default]
    Disabled,
    /// It does until it is switched off.
    AlwaysEnabled,
    /// It does from one time to another.
    Scheduled,
}

/// Who outside the organisation gets an answer. Unknown values read as `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ExternalAudience {
    /// Nobody.
    #[default]
    None,
    /// Who is among the contacts. EWS `Known`.
    ContactsOnly,
    /// Everybody.
    All,
}

impl OutOfOffice {
    /// No answers.
    pub fn disabled() -> Self {
        Self::default()
    }

    /// Answers until they are switched off.
    pub fn enabled() -> Self {
        Self {
            status: OutOfOfficeStatus::AlwaysEnabled,
            ..Self::default()
        }
    }

    /// Answers from one time to another.
    pub fn scheduled(start: DateTime<Utc>, end: DateTime<Utc>) -> Self {
        Self {
            status: OutOfOfficeStatus::Scheduled,
            schedule: Some((start, end)),
            ..Self::default()
        }
    }

    /// Sets what people of the organisation are answered, as HTML.
    #[must_use]
    pub fn internal_reply(mut self, html: impl Into<String>) -> Self {
        self.internal_reply = html.into();
        self
    }

    /// Sets what others are answered, as HTML, and which of them.
    #[must_use]
    pub fn external_reply(mut self, audience: ExternalAudience, html: impl Into<String>) -> Self {
        self.external_audience = audience;
        self.external_reply = html.into();
        self
    }

    /// Checks what every server refuses.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument): a schedule that is missing, or ends before it begins.
    pub fn validate(&self) -> Result<()> {
        let problem = match (self.status, self.schedule) {
            (OutOfOfficeStatus::Scheduled, None) => "answers from when to when is not said",
            (_, Some((start, end))) if end <= start => "the answers do not end after they begin",
            _ => return Ok(()),
        };
        Err(Error::invalid_argument("set_out_of_office", problem))
    }
}

/// What to know of a recipient before writing to them.
///
/// EWS `GetMailTips`, Exchange 2010; Graph `getMailTips`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MailTips {
    /// Whom it is about.
    pub recipient: Recipient,
    /// What they answer by themselves while they are away; `None` when they do not.
    pub automatic_reply: Option<Body>,
    /// Their mailbox is full: nothing arrives.
    pub mailbox_full: Option<bool>,
    /// What an administrator wants to be known.
    pub custom_tip: Option<String>,
    /// How many members a group has; 1 for a person.
    pub total_members: Option<u32>,
    /// How many of them are outside the organisation.
    pub external_members: Option<u32>,
    /// Somebody has to approve the message first.
    pub is_moderated: Option<bool>,
    /// They do not take messages from this sender.
    pub delivery_restricted: Option<bool>,
    /// The largest message they take, in bytes.
    pub max_message_bytes: Option<u64>,
    /// The address is none the server can deliver to.
    pub invalid_recipient: Option<bool>,
    /// The server did not find out everything in time: what is `None` may only be not known yet.
    pub is_pending: bool,
}

impl MailTips {
    /// Nothing is known.
    pub fn new(recipient: Recipient) -> Self {
        Self {
            recipient,
            automatic_reply: None,
            mailbox_full: None,
            custom_tip: None,
            total_members: None,
            external_members: None,
            is_moderated: None,
            delivery_restricted: None,
            max_message_bytes: None,
            invalid_recipient: None,
            is_pending: false,
        }
    }

    /// What somebody answers by themselves: servers give the words alone; some give what was written.
    #[cfg(any(feature = "ews", feature = "graph"))]
    pub(crate) fn reply_of(text: &str) -> Option<Body> {
        match text.trim() {
            "" => None,
            html if html.starts_with('<') => Some(Body::html(text)),
            _ => Some(Body::text(text)),
        }
    }

    /// The tip within the document that servers make of it.
    #[cfg(any(feature = "ews", feature = "graph"))]
    pub(crate) fn custom_tip_of(document: &str) -> Option<String> {
        let mut tip = document.trim();
        for (begin, end) in [("<html>", "</html>"), ("<body>", "</body>")] {
            let inside = tip
                .strip_prefix(begin)
                .and_then(|tip| tip.strip_suffix(end));
            tip = inside.unwrap_or(tip).trim();
        }
        (!tip.is_empty()).then(|| tip.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn schedules() {
        let now = Utc::now();
        assert!(OutOfOffice::disabled().validate().is_ok());
        assert!(OutOfOffice::enabled().validate().is_ok());
        assert!(OutOfOffice::scheduled(now, now).validate().is_err());
        let mut unscheduled = OutOfOffice::scheduled(now, now + TimeDelta::days(1));
        assert!(unscheduled.validate().is_ok());
        unscheduled.schedule = None;
        assert!(unscheduled.validate().is_err());
    }
}
