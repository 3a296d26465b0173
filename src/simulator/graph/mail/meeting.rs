//! Messages about meetings.
//!
//! <https://learn.microsoft.com/en-us/graph/api/resources/eventmessage>

use serde_json::{Map, Value, json};

use super::super::calendars::clock::Clock;
use super::super::calendars::{self, place, recurrence};
use super::super::context::Context;
use super::super::refusal::GraphRefusal;
use crate::simulator::booking::same_meeting;
use crate::simulator::fields;
use crate::simulator::ids::Id;
use crate::simulator::item::{
    Item, ItemKind, NO_PROPOSALS, PROPOSED_END, PROPOSED_START, RESPONSE, START,
};
use crate::simulator::property::{Property, Value as Stored};

/// PidTagResponseRequested.
const RESPONSE_REQUESTED: Property = Property::Tag(0x0063);

/// What Graph calls the answers to meetings.
const ANSWERS: &[(&str, i64)] = &[
    ("none", 0),
    ("organizer", 1),
    ("tentativelyAccepted", 2),
    ("accepted", 3),
    ("declined", 4),
    ("notResponded", 5),
];

/// Puts what is said about the meeting into a message; nothing into one that is about none.
pub(super) fn write(message: &mut Map<String, Value>, item: &Item, clock: &Clock) {
    let (kind, what) = match (item.kind, item.integer(&RESPONSE)) {
        (ItemKind::Message | ItemKind::CalendarItem, _) => return,
        (ItemKind::MeetingRequest, _) => ("eventMessageRequest", "meetingRequest"),
        (ItemKind::MeetingCancellation, _) => ("eventMessage", "meetingCancelled"),
        (ItemKind::MeetingResponse, 3) => ("eventMessageResponse", "meetingAccepted"),
        // The service spells it so.
        (ItemKind::MeetingResponse, 2) => ("eventMessageResponse", "meetingTenativelyAccepted"),
        (ItemKind::MeetingResponse, _) => ("eventMessageResponse", "meetingDeclined"),
        (ItemKind::MeetingNotification, _) => ("eventMessage", "none"),
    };
    let mut put = |name: &str, value: Value| {
        message.insert(name.to_owned(), value);
    };
    put("@odata.type", format!("#microsoft.graph.{kind}").into());
    put("meetingMessageType", what.into());
    put("isDelegated", item.representing.is_some().into());
    put("isOutOfDate", item.is_out_of_date().into());
    put("isAllDay", item.is_all_day().into());
    let event_type = match (item.recurrence_id(), &item.recurrence) {
        (Some(_), _) => "occurrence",
        (None, Some(_)) => "seriesMaster",
        (None, None) => "singleInstance",
    };
    put("type", event_type.into());
    put("location", place::written(item).0);
    put("recurrence", recurrence::written(item));
    if item.time(&START).is_some() {
        let (start, end) = clock.span(item);
        put("startDateTime", start);
        put("endDateTime", end);
    }
    match item.kind {
        ItemKind::MeetingRequest => {
            let field = fields::by_uri(item.kind, "meetingRequest:MeetingRequestType");
            let name = field.and_then(|field| field.value(item));
            let name = name.as_ref().and_then(Stored::text).unwrap_or_default();
            put("meetingRequestType", small(name).into());
            put("responseRequested", item.flag(&RESPONSE_REQUESTED).into());
            put("allowNewTimeProposals", (!item.flag(&NO_PROPOSALS)).into());
            for name in [
                "previousStartDateTime",
                "previousEndDateTime",
                "previousLocation",
            ] {
                put(name, Value::Null);
            }
        }
        ItemKind::MeetingResponse => {
            let answer = super::super::render::name_of(ANSWERS, item.integer(&RESPONSE));
            put("responseType", answer.into());
            let proposed = item.time(&PROPOSED_START).zip(item.time(&PROPOSED_END));
            let proposed = proposed
                .map(|(start, end)| json!({"start": clock.write(start), "end": clock.write(end)}));
            put("proposedNewTime", proposed.into());
        }
        _ => {}
    }
}

/// A name that begins with a small letter.
fn small(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

/// The event in the calendar of the mailbox that a message is about, where there is one.
pub(super) fn event(context: &Context<'_>, item: &Item) -> Result<Option<Value>, GraphRefusal> {
    if matches!(item.kind, ItemKind::Message | ItemKind::CalendarItem) {
        return Ok(None);
    }
    let mailbox = context.mailbox()?;
    let found = match item.associated {
        Some(Id::Item { number, .. }) => mailbox.items.get(&number).cloned(),
        Some(Id::Occurrence { number, start, .. }) => {
            let series = mailbox.items.get(&number);
            series.map(|series| series.occurrence_at(start))
        }
        _ => {
            let number = same_meeting(context.store, context.owner, item, item.instance);
            number.and_then(|number| mailbox.items.get(&number).cloned())
        }
    };
    found
        .map(|event| calendars::shown_event(context, &event))
        .transpose()
}
