//! Answers to meetings, and the messages meetings are made with.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{EventId, ICalUid, ItemRef, MessageId, Recipient, Response, Version, When, ZonedTime};
use crate::error::{Error, Result};

/// An answer to a meeting.
///
/// ```
/// use exchange_connector::model::{Answer, MeetingReply};
///
/// let reply = MeetingReply::new(Answer::Decline).comment("I am away that week.");
/// assert!(reply.send && reply.validate().is_ok());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MeetingReply {
    /// What is answered.
    pub answer: Answer,
    /// What to say with it.
    pub comment: Option<String>,
    /// Tell the organiser.
    pub send: bool,
    /// From when to when it should take place instead; not with [`Answer::Accept`]. See
    /// [`Feature::ProposeNewTime`](crate::Feature::ProposeNewTime).
    pub propose: Option<(ZonedTime, ZonedTime)>,
}

/// What is answered to a meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Yes.
    Accept,
    /// Perhaps.
    Tentative,
    /// No: the event leaves the calendar.
    Decline,
}

impl MeetingReply {
    /// An answer the organiser is told, without words.
    pub fn new(answer: Answer) -> Self {
        Self {
            answer,
            comment: None,
            send: true,
            propose: None,
        }
    }

    /// Adds words.
    #[must_use]
    pub fn comment(mut self, text: impl Into<String>) -> Self {
        self.comment = Some(text.into());
        self
    }

    /// Tells nobody: only the own calendar changes.
    #[must_use]
    pub fn silently(mut self) -> Self {
        self.send = false;
        self
    }

    /// Proposes another time.
    #[must_use]
    pub fn propose(mut self, start: impl Into<ZonedTime>, end: impl Into<ZonedTime>) -> Self {
        self.propose = Some((start.into(), end.into()));
        self
    }

    /// Checks what every server refuses, so that it is found before anything is sent.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument): another time goes with no or perhaps only, must be
    /// sent, and must end after it begins.
    pub fn validate(&self) -> Result<()> {
        const OPERATION: &str = "respond";
        let Some((start, end)) = &self.propose else {
            return Ok(());
        };
        let problem = if self.answer == Answer::Accept {
            "another time cannot be proposed while accepting"
        } else if !self.send {
            "another time cannot be proposed without telling the organiser"
        } else if end.utc <= start.utc {
            "the proposed time does not end after it begins"
        } else {
            return When::between(start.clone(), end.clone()).validate(OPERATION);
        };
        Err(Error::invalid_argument(OPERATION, problem))
    }
}

/// A message about a meeting: an invitation, an answer or a cancellation.
///
/// EWS `MeetingRequest`, `MeetingResponse`, `MeetingCancellation`, `MeetingMessage`; Graph `eventMessage`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MeetingMessage {
    /// Its id.
    pub id: MessageId,
    /// Its version.
    pub version: Version,
    /// What it is.
    pub kind: MeetingMessageKind,
    /// The subject; empty when there is none.
    pub subject: String,
    /// Who sent it: the organiser, or who answers.
    pub from: Option<Recipient>,
    /// When it arrived.
    pub received: Option<DateTime<Utc>>,
    /// It was read.
    pub is_read: bool,
    /// The event in the own calendar; `None` when there is none.
    pub event_id: Option<EventId>,
    /// The UID of the meeting.
    pub uid: Option<ICalUid>,
    /// When the occurrence it is about would have begun, if it is about one.
    pub recurrence_id: Option<DateTime<Utc>>,
    /// When the meeting takes place, as this message knows it.
    pub when: Option<When>,
    /// Where, as this message knows it.
    pub location: Option<String>,
    /// A later message about the same meeting has come: this one is not to be acted on.
    pub is_out_of_date: bool,
    /// It was sent to a delegate, to be answered for somebody else.
    pub is_delegated: bool,
    /// The other time that somebody who answers proposes.
    pub proposed: Option<(ZonedTime, ZonedTime)>,
}

/// What a message about a meeting is. Unknown values read as `Other`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MeetingMessageKind {
    /// An invitation, or an update to it.
    Request,
    /// An answer.
    Response(Response),
    /// The meeting is called off.
    Cancellation,
    /// Something else, such as the note that somebody forwarded the meeting.
    Other,
}

impl MeetingMessage {
    /// A message of which only this is known.
    pub fn new(id: MessageId, version: Version, kind: MeetingMessageKind) -> Self {
        Self {
            id,
            version,
            kind,
            subject: String::new(),
            from: None,
            received: None,
            is_read: false,
            event_id: None,
            uid: None,
            recurrence_id: None,
            when: None,
            location: None,
            is_out_of_date: false,
            is_delegated: false,
            proposed: None,
        }
    }

    /// The message as what an answer is given to.
    pub fn item(&self) -> ItemRef {
        ItemRef::Message(self.id.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn proposals() {
        let at = |hour| {
            let day: chrono::NaiveDate = "2026-05-04".parse().unwrap();
            ZonedTime::from(day.and_hms_opt(hour, 0, 0).unwrap().and_utc())
        };
        let decline = || MeetingReply::new(Answer::Decline);
        assert!(decline().propose(at(9), at(10)).validate().is_ok());
        for wrong in [
            decline().propose(at(9), at(9)),
            decline().propose(at(9), at(10)).silently(),
            MeetingReply::new(Answer::Accept).propose(at(9), at(10)),
        ] {
            assert_eq!(
                wrong.validate().unwrap_err().kind(),
                ErrorKind::InvalidArgument
            );
        }
    }
}
