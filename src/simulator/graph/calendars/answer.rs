//! Answers to meetings, their cancellation, and passing them on.
//!
//! <https://learn.microsoft.com/en-us/graph/api/event-accept>

use serde::Deserialize;
use serde_json::{Map, Value};

use super::super::context::Context;
use super::super::person;
use super::super::refusal::GraphRefusal;
use super::super::reply::Reply;
use super::clock::ZonedClock;
use super::event::{READ, asked_for};
use super::write::{WRITE, require_sight};
use crate::simulator::item::{Body, Item, NO_PROPOSALS, Recipient, Role, SUBJECT};
use crate::simulator::operation::forward::{Passing, forward_meeting};
use crate::simulator::operation::respond;
use crate::simulator::reply::{Answer, Proposal};
use crate::simulator::store::CalendarRights;

/// Some actions are not for everybody.
fn invalid(why: &str) -> GraphRefusal {
    GraphRefusal::new(
        400,
        "ErrorInvalidRequest",
        format!("Your request can't be completed. {why}"),
    )
}

/// `timeSlot`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TimeSlot {
    #[serde(default, rename = "@odata.type")]
    _kind: Option<String>,
    start: ZonedClock,
    end: ZonedClock,
}

/// The parameters of an action. Their names are the same with a large first letter.
struct Parameters(Map<String, Value>);

impl Parameters {
    fn read(context: &Context<'_>, known: &[&str]) -> Result<Self, GraphRefusal> {
        if context.request.body.is_empty() {
            return Ok(Self(Map::new()));
        }
        let body: Map<String, Value> = context.request.json()?;
        let mut parameters = Map::new();
        for (name, value) in body {
            let mut letters = name.chars();
            let first = letters.next().map(|letter| letter.to_ascii_lowercase());
            let small: String = first.into_iter().chain(letters).collect();
            if !known.contains(&small.as_str()) && !name.contains('@') {
                return Err(GraphRefusal::new(
                    400,
                    "RequestBodyRead",
                    format!(
                        "The parameter '{name}' in the request payload is not a valid parameter for the operation."
                    ),
                ));
            }
            parameters.insert(small, value);
        }
        Ok(Self(parameters))
    }

    fn take<T: for<'a> Deserialize<'a>>(&mut self, name: &str) -> Result<Option<T>, GraphRefusal> {
        let value = self.0.remove(name).filter(|value| !value.is_null());
        value
            .map(serde_json::from_value)
            .transpose()
            .map_err(|error| {
                GraphRefusal::new(
                    400,
                    "RequestBodyRead",
                    format!("The value of '{name}' cannot be read: {error}"),
                )
            })
    }

    fn comment(&mut self) -> Result<Body, GraphRefusal> {
        let text: Option<String> = self.take("comment")?;
        Ok(Body {
            html: false,
            text: text.unwrap_or_default(),
        })
    }
}

fn require_write(context: &Context<'_>, item: &Item) -> Result<(), GraphRefusal> {
    context.need(&WRITE)?;
    context.require(item.folder, CalendarRights::Editor)?;
    require_sight(context, item)
}

/// `accept`, `tentativelyAccept` and `decline`; `response` is the number of the answer.
pub(super) fn respond(
    context: &mut Context<'_>,
    item: &Item,
    response: i64,
) -> Result<Reply, GraphRefusal> {
    require_write(context, item)?;
    let known: &[&str] = match response {
        3 => &["comment", "sendResponse"],
        _ => &["comment", "sendResponse", "proposedNewTime"],
    };
    let mut parameters = Parameters::read(context, known)?;
    let body = parameters.comment()?;
    let sends = parameters.take("sendResponse")?.unwrap_or(true);
    let proposed = proposal(parameters.take("proposedNewTime")?)?;
    if !item.is_meeting() || item.is_organizer() {
        return Err(invalid(
            "You can't respond to this meeting because you're the meeting organizer.",
        ));
    }
    if sends && !asked_for(item) {
        return Err(invalid(
            "The meeting organizer hasn't requested a response.",
        ));
    }
    if proposed.is_some() && !sends {
        return Err(invalid("A new time cannot be proposed without a response."));
    }
    if proposed.is_some() && item.flag(&NO_PROPOSALS) {
        return Err(invalid(
            "The meeting organizer hasn't allowed new time proposals.",
        ));
    }
    let answer = Answer {
        response,
        body,
        proposed,
        sender: None,
    };
    let disposition = if sends { "SendAndSaveCopy" } else { "SaveOnly" };
    let owner = context.owner;
    respond::respond(&mut context.call(), disposition, owner, item, answer)?;
    Ok(Reply::empty(202))
}

fn proposal(slot: Option<TimeSlot>) -> Result<Proposal, GraphRefusal> {
    let Some(slot) = slot else { return Ok(None) };
    let ((start, _), (end, _)) = (slot.start.read()?, slot.end.read()?);
    match start < end {
        true => Ok(Some((start, end))),
        false => Err(invalid("The proposed time ends before it starts.")),
    }
}

/// <https://learn.microsoft.com/en-us/graph/api/event-cancel>
pub(super) fn cancel(context: &mut Context<'_>, item: &Item) -> Result<Reply, GraphRefusal> {
    require_write(context, item)?;
    let body = Parameters::read(context, &["comment"])?.comment()?;
    if !item.is_organizer() {
        return Err(invalid("You need to be an organizer to cancel a meeting."));
    }
    if !item.is_meeting() {
        return Err(invalid("Only a meeting with attendees can be cancelled."));
    }
    let owner = context.owner;
    let mut call = context.call();
    respond::cancel(&mut call, "SendAndSaveCopy", owner, item.clone(), body)?;
    Ok(Reply::empty(202))
}

/// <https://learn.microsoft.com/en-us/graph/api/event-forward>
pub(super) fn forward(context: &mut Context<'_>, item: &Item) -> Result<Reply, GraphRefusal> {
    context.need(&READ)?;
    require_sight(context, item)?;
    let mut parameters = Parameters::read(context, &["comment", "toRecipients"])?;
    let body = parameters.comment()?;
    let to: Option<Vec<person::Recipient>> = parameters.take("toRecipients")?;
    let to = to.unwrap_or_default();
    if to.is_empty() {
        return Err(GraphRefusal::new(
            400,
            "ErrorInvalidRecipients",
            "At least one recipient is needed.",
        ));
    }
    if !item.is_meeting() {
        return Err(invalid("Only meetings can be forwarded."));
    }
    let people = to
        .iter()
        .map(|one| Ok(Recipient::new(Role::To, one.read()?)));
    let passing = Passing {
        subject: format!("FW: {}", item.text(&SUBJECT)),
        body,
        people: people.collect::<Result<_, GraphRefusal>>()?,
    };
    let owner = context.owner;
    forward_meeting(&mut context.call(), owner, item.clone(), passing, true)?;
    Ok(Reply::empty(202))
}
