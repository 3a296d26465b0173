//! Answering, cancelling and forwarding meetings.

use crate::connector::Backend;
use crate::error::{Error, ErrorKind, Result};
use crate::ews::convert;
use crate::ews::mailbox::{EwsMailbox, lacks};
use crate::ews::operation::{CreateItem, GetItem, MessageDisposition};
use crate::ews::types::{
    BaseShape, Body, Item, ItemId, ItemShape, ResponseObject, ResponseObjectKind,
};
use crate::ews::{FieldUri, ServerVersion};
use crate::model::{Answer, EventId, ItemRef, MeetingReply, Recipient};

impl EwsMailbox {
    pub(super) async fn answer_meeting(&self, to: &ItemRef, reply: MeetingReply) -> Result<()> {
        const OPERATION: &str = "respond";
        reply.validate()?;
        let id = to.require(Backend::Ews, OPERATION)?;
        let since = ServerVersion::Exchange2013Sp1;
        if reply.propose.is_some() && self.version(OPERATION).await? < since {
            let why = format!("proposing another time came with {since}");
            return Err(Error::unsupported(OPERATION, why).with_backend(Backend::Ews));
        }
        let meeting = self.meeting(id, to, OPERATION).await?;
        meeting.check(&reply, OPERATION)?;

        let kind = match reply.answer {
            Answer::Accept => ResponseObjectKind::AcceptItem,
            Answer::Tentative => ResponseObjectKind::TentativelyAcceptItem,
            Answer::Decline => ResponseObjectKind::DeclineItem,
        };
        let mut response = ResponseObject::new(kind, meeting.id);
        response.body = reply.comment.map(Body::text);
        if let Some((start, end)) = reply.propose {
            response.proposed_start = Some(start.utc);
            response.proposed_end = Some(end.utc);
        }
        let disposition = match reply.send {
            true => MessageDisposition::SendAndSaveCopy,
            false => MessageDisposition::SaveOnly,
        };
        self.send_response(response, disposition, OPERATION).await
    }

    pub(super) async fn call_off(&self, id: &EventId, comment: Option<&str>) -> Result<()> {
        const OPERATION: &str = "cancel_event";
        let to = ItemRef::Event(id.clone());
        let raw = id.require(Backend::Ews, OPERATION)?;
        let meeting = self.meeting(raw, &to, OPERATION).await?;
        let kind = ResponseObjectKind::CancelCalendarItem;
        let mut cancel = ResponseObject::new(kind, meeting.id);
        cancel.body = comment.map(Body::text);
        let disposition = MessageDisposition::SendAndSaveCopy;
        self.send_response(cancel, disposition, OPERATION).await
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
            return Err(Error::invalid_argument(OPERATION, problem).with_backend(Backend::Ews));
        }
        for recipient in to {
            recipient.require_smtp(OPERATION, "recipient")?;
        }
        let raw = id.require(Backend::Ews, OPERATION)?;
        let about = ItemRef::Event(id.clone());
        let meeting = self.meeting(raw, &about, OPERATION).await?;
        let to = to.iter().map(convert::mailbox);
        let mut forward = ResponseObject::forward(meeting.id, to);
        forward.body = comment.map(Body::text);
        let disposition = MessageDisposition::SendAndSaveCopy;
        self.send_response(forward, disposition, OPERATION).await
    }

    async fn send_response(
        &self,
        response: ResponseObject,
        disposition: MessageDisposition,
        operation: &'static str,
    ) -> Result<()> {
        let items = vec![Item::Response(Box::new(response))];
        let create = CreateItem::messages(items, disposition);
        let answer = self.one(&create, operation).await;
        answer.map(drop).map_err(explain)
    }

    /// What must be known of a meeting to answer it: its change key, which every response object
    /// wants, and what would make an answer wrong.
    async fn meeting(&self, id: &str, to: &ItemRef, operation: &'static str) -> Result<Meeting> {
        let mut shape = ItemShape::new(BaseShape::IdOnly);
        shape.additional_properties = vec![FieldUri::CalendarAllowNewTimeProposal.into()];
        if matches!(to, ItemRef::Message(_)) {
            let more = [FieldUri::MeetingIsOutOfDate, FieldUri::MeetingIsDelegated];
            shape.additional_properties.extend(more.map(Into::into));
        }
        let get = GetItem::new(shape, [ItemId::new(id)]);
        let found = self.one(&get, operation).await?;
        let item = found.items.into_iter().next();
        let item = item.ok_or_else(|| lacks(operation, "item"))?;
        let id = item.item_id().cloned();
        let mut meeting = Meeting {
            id: id.ok_or_else(|| lacks(operation, "ItemId"))?,
            allows_proposals: true,
            is_out_of_date: false,
            is_delegated: false,
        };
        match &item {
            Item::CalendarItem(item) => {
                meeting.allows_proposals = item.allow_new_time_proposal.unwrap_or(true);
            }
            Item::Meeting(message) => {
                let said = &message.meeting;
                meeting.allows_proposals = said.allow_new_time_proposal.unwrap_or(true);
                meeting.is_out_of_date = said.is_out_of_date.unwrap_or_default();
                meeting.is_delegated = said.is_delegated.unwrap_or_default();
            }
            other => {
                let problem = format!("the item is no meeting, but a {}", other.kind());
                return Err(
                    Error::new(ErrorKind::InvalidId, operation, problem).with_backend(Backend::Ews)
                );
            }
        }
        Ok(meeting)
    }
}

struct Meeting {
    id: ItemId,
    allows_proposals: bool,
    is_out_of_date: bool,
    is_delegated: bool,
}

impl Meeting {
    fn check(&self, reply: &MeetingReply, operation: &'static str) -> Result<()> {
        let (problem, hint) = if self.is_out_of_date {
            (
                "the invitation is out of date: the organiser has sent a later one, or the meeting is over",
                OUT_OF_DATE,
            )
        } else if self.is_delegated {
            ("the invitation was left to a delegate to answer", DELEGATED)
        } else if reply.propose.is_some() && !self.allows_proposals {
            (
                "the organiser wants no other times proposed",
                "Answer without another time, and say what suits better in the comment.",
            )
        } else {
            return Ok(());
        };
        let error = Error::new(ErrorKind::InvalidState, operation, problem);
        Err(error.with_backend(Backend::Ews).with_hint(hint))
    }
}

const OUT_OF_DATE: &str = "Answer the latest invitation, or the event in the calendar.";
const DELEGATED: &str = "Let the delegate answer, or answer the event in the calendar.";

/// Says what to do about the refusals that response objects have codes of their own for.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/responsecode>
fn explain(error: Error) -> Error {
    let Some(code) = error.code() else {
        return error;
    };
    let hint = if code == "ErrorCalendarMeetingRequestIsOutOfDate" {
        OUT_OF_DATE
    } else if code.starts_with("ErrorCalendarIsDelegatedFor") {
        DELEGATED
    } else if code.starts_with("ErrorCalendarIsOrganizerFor") {
        "The owner of this mailbox organises the meeting: change or cancel it instead."
    } else if code.starts_with("ErrorCalendarIsCancelledFor") {
        "The organiser cancelled the meeting: delete it instead."
    } else if code == "ErrorCalendarIsNotOrganizer" {
        "Only the organiser can cancel a meeting: decline it instead."
    } else {
        return error;
    };
    error.with_hint(hint)
}
