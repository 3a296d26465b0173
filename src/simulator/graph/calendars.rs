//! Calendars, events, and what is free.
//!
//! - `folder.rs`: calendars and groups; `listing.rs`: events of a calendar, of a time span, of a series;
//! - `event.rs`: an event as JSON, with `clock.rs`, `recurrence.rs`, `place.rs` and `online.rs`;
//! - `changes.rs`: JSON into an event; `write.rs`: making, changing, deleting; `answer.rs`: answers, cancellation, passing on;
//! - `schedule.rs`: what is free; `delta.rs`: what changed.

mod answer;
mod changes;
pub(super) mod clock;
mod delta;
mod event;
mod folder;
mod listing;
mod online;
pub(super) mod place;
pub(super) mod recurrence;
mod schedule;
#[cfg(test)]
mod tests;
mod write;

pub(in crate::simulator) use schedule::working_hours;

use chrono::{DateTime, Utc};
use http::Method;
use serde_json::{Map, Value};

pub(in crate::simulator) use delta::EventRounds;

use super::context::Context;
use super::mail::attachments;
use super::refusal::GraphRefusal;
use super::reply::Reply;
use crate::simulator::change::calendar_item;
use crate::simulator::item::{Item, ItemKind};

/// How paths name what follows changes.
const DELTA: [&str; 3] = ["delta", "delta()", "microsoft.graph.delta()"];

/// Answers what is about calendars.
pub(super) fn route(context: &mut Context<'_>, path: &[&str]) -> Result<Reply, GraphRefusal> {
    let default = context.mailbox()?.folder_number("calendar");
    match path {
        ["calendarGroups", _, "calendars", id, rest @ ..] => {
            let calendar = folder::find(context, id)?;
            in_calendar(context, calendar, rest)
        }
        ["calendarGroups", rest @ ..] => folder::groups(context, rest),
        ["calendars"] => folder::collection(context),
        ["calendars", id, rest @ ..] => {
            let calendar = folder::find(context, id)?;
            in_calendar(context, calendar, rest)
        }
        ["calendar", rest @ ..] => in_calendar(context, default, rest),
        ["events", id] if context.request.method == Method::DELETE => {
            let item = context.item(id)?;
            let bin = context.mailbox()?.folder_number("deleteditems");
            if item.folder == bin && item.kind == ItemKind::CalendarItem {
                return write::discard(context, &item);
            }
            let item = find(context, id, None)?;
            event(context, item, &[])
        }
        ["events", id, rest @ ..] if !DELTA.contains(id) => {
            let item = find(context, id, None)?;
            event(context, item, rest)
        }
        rest => in_calendar(context, default, rest),
    }
}

/// What is about one calendar.
fn in_calendar(
    context: &mut Context<'_>,
    calendar: u64,
    path: &[&str],
) -> Result<Reply, GraphRefusal> {
    match (path, &context.request.method) {
        ([], _) => folder::one(context, calendar),
        (["events"], &Method::GET) => listing::events(context, calendar),
        (["events"], &Method::POST) => write::create(context, calendar),
        (["events", last], &Method::GET) if DELTA.contains(last) => {
            delta::events(context, calendar)
        }
        (["calendarView", last], &Method::GET) if DELTA.contains(last) => {
            delta::view(context, calendar)
        }
        (["calendarView"], &Method::GET) => listing::view(context, calendar),
        (["getSchedule" | "microsoft.graph.getSchedule"], &Method::POST) => schedule::run(context),
        (["events", id, rest @ ..], _) => {
            let item = find(context, id, Some(calendar))?;
            event(context, item, rest)
        }
        _ => Err(folder::not_allowed()),
    }
}

/// The event of an id, in that calendar or in any.
fn find(context: &Context<'_>, id: &str, calendar: Option<u64>) -> Result<Item, GraphRefusal> {
    let item = context.item(id)?;
    let mailbox = context.mailbox()?;
    let is_there = item.kind == ItemKind::CalendarItem
        && calendar.is_none_or(|calendar| calendar == item.folder)
        && folder::is_calendar(mailbox, item.folder);
    match is_there {
        true => Ok(item),
        false => Err(GraphRefusal::not_found()),
    }
}

/// What is about one event.
fn event(context: &mut Context<'_>, item: Item, path: &[&str]) -> Result<Reply, GraphRefusal> {
    match (path, &context.request.method) {
        ([], &Method::GET) => listing::one(context, &item),
        ([], &Method::PATCH) => write::update(context, &item),
        ([], &Method::DELETE) => write::delete(context, &item, "MoveToDeletedItems"),
        (["instances"], &Method::GET) => listing::instances(context, &item),
        (["attachments", rest @ ..], _) => attachments::route(context, item, rest),
        (["accept"], &Method::POST) => answer::respond(context, &item, 3),
        (["tentativelyAccept"], &Method::POST) => answer::respond(context, &item, 2),
        (["decline"], &Method::POST) => answer::respond(context, &item, 4),
        (["cancel"], &Method::POST) => answer::cancel(context, &item),
        (["forward"], &Method::POST) => answer::forward(context, &item),
        (["permanentDelete"], &Method::POST) => write::delete(context, &item, "HardDelete"),
        _ => Err(folder::not_allowed()),
    }
}

/// An event as it is shown within something else.
pub(super) fn shown_event(context: &Context<'_>, item: &Item) -> Result<Value, GraphRefusal> {
    Ok(event::View::new(context)?.write(item).into())
}

/// An event that is in no calendar: it is attached to something.
pub(super) fn new_event(
    fields: Map<String, Value>,
    now: DateTime<Utc>,
) -> Result<Item, GraphRefusal> {
    let changes = changes::Changes::read(fields, true)?;
    let mut item = calendar_item(now);
    changes.apply(&mut item)?;
    write::settle(&mut item)?;
    Ok(item)
}
