//! Answering, cancelling and forwarding meetings.

use serde::Deserialize;
use serde_json::{Map, json};

use super::{GraphMailbox, lacks};
use crate::connector::Backend;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::call::Call;
use crate::graph::permission::Permission;
use crate::graph::{convert, wire};
use crate::model::{Answer, EventId, ItemRef, MeetingReply, Recipient};

/// What says whether a meeting can be answered or cancelled.
const FIELDS: &str = "id,isOrganizer,isCancelled,allowNewTimeProposals,attendees";

impl GraphMailbox {
    pub(super) async fn answer_meeting(&self, to: &ItemRef, reply: &MeetingReply) -> Result<()> {
        const OPERATION: &str = "respond";
        reply.validate()?;
        to.require(Backend::Graph, OPERATION)?;
        let mut body = Map::new();
        body.insert("sendResponse".to_owned(), reply.send.into());
        if let Some(comment) = &reply.comment {
            body.insert("comment".to_owned(), comment.as_str().into());
        }
        if let Some(times) = &reply.propose {
            let [start, end] = convert::to_slot(times, OPERATION)?;
            let times = json!({ "start": start, "end": end });
            body.insert("proposedNewTime".to_owned(), times);
        }
        let meeting = match to {
            ItemRef::Event(id) => {
                let raw = id.require(Backend::Graph, OPERATION)?;
                self.fields(raw, FIELDS, OPERATION).await?
            }
            ItemRef::Message(id) => {
                let raw = id.require(Backend::Graph, OPERATION)?;
                self.event_of_message(raw, OPERATION).await?
            }
        };
        check(&meeting, reply, OPERATION)?;
        let raw = meeting
            .id
            .as_deref()
            .ok_or_else(|| lacks(OPERATION, "id"))?;
        let action = match reply.answer {
            Answer::Accept => "accept",
            Answer::Tentative => "tentativelyAccept",
            Answer::Decline => "decline",
        };
        let path = ["events", raw, action];
        let call = Call::post(OPERATION, &path, Permission::CalendarsReadWrite).json(&body)?;
        self.client.done(&call).await
    }

    /// The event that an invitation is about, if the invitation can be answered.
    async fn event_of_message(&self, raw: &str, operation: &'static str) -> Result<wire::Event> {
        let call = Call::get(operation, &["messages", raw], Permission::MailRead)
            .query("$expand", "microsoft.graph.eventMessage/event");
        let found: Invitation = self.client.json(&call).await?;
        let said = |kind, problem: &str, hint: &'static str| {
            let error = Error::new(kind, operation, problem.to_owned());
            Err(error.with_backend(Backend::Graph).with_hint(hint))
        };
        if !found.is_of_meeting() {
            return said(
                ErrorKind::InvalidId,
                "the message is no invitation",
                "Name the invitation, or the event in the calendar.",
            );
        }
        if found.message.is_out_of_date.unwrap_or_default() {
            return said(
                ErrorKind::InvalidState,
                "the invitation is out of date: the organiser has sent a later one, or the meeting is over",
                "Answer the latest invitation, or the event in the calendar.",
            );
        }
        if found.message.is_delegated.unwrap_or_default() {
            return said(
                ErrorKind::InvalidState,
                "the invitation was left to a delegate to answer",
                "Let the delegate answer, or answer the event in the calendar.",
            );
        }
        match found.message.event {
            Some(event) => Ok(event),
            None => said(
                ErrorKind::InvalidState,
                "there is no event in the calendar for this message",
                "The meeting was cancelled or removed meanwhile: list the calendar again.",
            ),
        }
    }

    pub(super) async fn call_off(&self, id: &EventId, comment: Option<&str>) -> Result<()> {
        const OPERATION: &str = "cancel_event";
        let raw = id.require(Backend::Graph, OPERATION)?;
        let found = self.fields(raw, FIELDS, OPERATION).await?;
        if found.is_organizer == Some(false) {
            return Err(wrong_state(
                OPERATION,
                "the owner of this mailbox does not organise the meeting",
                "Only the organiser can cancel a meeting: decline it instead.",
            ));
        }
        let path = ["events", raw, "cancel"];
        let body = match comment {
            Some(comment) => json!({ "comment": comment }),
            None => json!({}),
        };
        let call = Call::post(OPERATION, &path, Permission::CalendarsReadWrite).json(&body)?;
        self.client.done(&call).await
    }

    pub(super) async fn forward(
        &self,
        id: &EventId,
        to: &[Recipient],
        comment: Option<&str>,
    ) -> Result<()> {
        const OPERATION: &str = "forward_event";
        if to.is_empty() {
            let problem = "there is nobody to forward the event to";
            return Err(Error::invalid_argument(OPERATION, problem).with_backend(Backend::Graph));
        }
        for recipient in to {
            recipient.require_smtp(OPERATION, "recipient")?;
        }
        let raw = id.require(Backend::Graph, OPERATION)?;
        let to: Vec<wire::Recipient> = to.iter().map(convert::to_recipient).collect();
        let mut body = Map::new();
        body.insert("toRecipients".to_owned(), json!(to));
        if let Some(comment) = comment {
            body.insert("comment".to_owned(), comment.into());
        }
        let path = ["events", raw, "forward"];
        let call = Call::post(OPERATION, &path, Permission::CalendarsRead).json(&body)?;
        self.client.done(&call).await
    }
}

/// A message that may be about a meeting.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Invitation {
    #[serde(flatten)]
    message: wire::EventMessage,
}

impl Invitation {
    fn is_of_meeting(&self) -> bool {
        let kind = self.message.odata_type.as_deref().unwrap_or_default();
        kind.to_ascii_lowercase().contains("eventmessage")
            || self.message.meeting_message_type.is_some()
            || self.message.event.is_some()
    }
}

/// What would make an answer wrong: the server says so in words that do not tell it from a mistake in the request.
fn check(meeting: &wire::Event, reply: &MeetingReply, operation: &'static str) -> Result<()> {
    let (problem, hint) = if meeting.is_organizer == Some(true) {
        (
            "the organiser has nothing to answer",
            "The owner of this mailbox organises the meeting: change or cancel it instead.",
        )
    } else if meeting.is_cancelled == Some(true) {
        (
            "the meeting is off",
            "The organiser cancelled the meeting: delete it instead.",
        )
    } else if reply.propose.is_some() && meeting.allow_new_time_proposals == Some(false) {
        (
            "the organiser wants no other times proposed",
            "Answer without another time, and say what suits better in the comment.",
        )
    } else {
        return Ok(());
    };
    Err(wrong_state(operation, problem, hint))
}

fn wrong_state(operation: &'static str, problem: &str, hint: &'static str) -> Error {
    let error = Error::new(ErrorKind::InvalidState, operation, problem);
    error.with_backend(Backend::Graph).with_hint(hint)
}
