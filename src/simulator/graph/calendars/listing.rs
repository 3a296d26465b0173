//! Events of a calendar: all of them, those of a time span, and the instances of a series.

use chrono::{DateTime, Duration, Utc};
use serde_json::Value;

use super::super::context::Context;
use super::super::extended_property::{self, ExtendedId};
use super::super::mail::attachments;
use super::super::query::{self, Expand, Query, Resource};
use super::super::refusal::GraphRefusal;
use super::super::render::put;
use super::super::reply::Reply;
use super::clock;
use super::event::{READ_BASIC, View};
use super::folder;
use crate::simulator::item::{Item, ItemKind};
use crate::simulator::store::CalendarRights;
use crate::simulator::zone::Zone;

/// What requests may ask of events.
///
/// <https://learn.microsoft.com/en-us/graph/api/user-list-events>
pub(super) const EVENT: Resource = Resource {
    name: "microsoft.graph.event",
    properties: &[
        "allowNewTimeProposals",
        "attachments",
        "attendees",
        "body",
        "bodyPreview",
        "cancelledOccurrences",
        "categories",
        "changeKey",
        "createdDateTime",
        "end",
        "exceptionOccurrences",
        "hasAttachments",
        "hideAttendees",
        "iCalUId",
        "id",
        "importance",
        "isAllDay",
        "isCancelled",
        "isDraft",
        "isOnlineMeeting",
        "isOrganizer",
        "isReminderOn",
        "lastModifiedDateTime",
        "location",
        "locations",
        "multiValueExtendedProperties",
        "onlineMeeting",
        "onlineMeetingProvider",
        "onlineMeetingUrl",
        "organizer",
        "originalEndTimeZone",
        "originalStart",
        "originalStartTimeZone",
        "recurrence",
        "reminderMinutesBeforeStart",
        "responseRequested",
        "responseStatus",
        "sensitivity",
        "seriesMasterId",
        "showAs",
        "singleValueExtendedProperties",
        "start",
        "subject",
        "transactionId",
        "type",
        "webLink",
    ],
    filterable: &[
        "categories",
        "createdDateTime",
        "end/dateTime",
        "hasAttachments",
        "iCalUId",
        "importance",
        "isAllDay",
        "isCancelled",
        "isOrganizer",
        "lastModifiedDateTime",
        "organizer/emailAddress/address",
        "sensitivity",
        "seriesMasterId",
        "showAs",
        "singleValueExtendedProperties",
        "start/dateTime",
        "subject",
        "type",
    ],
    sortable: &[
        "createdDateTime",
        "end/dateTime",
        "importance",
        "lastModifiedDateTime",
        "start/dateTime",
        "subject",
    ],
    expandable: &[
        "attachments",
        "calendar",
        "exceptionOccurrences",
        "multiValueExtendedProperties",
        "singleValueExtendedProperties",
    ],
    is_order_bound: false,
    page: (10, 1000),
};

/// The longest view that the service gives.
const LONGEST: i64 = 1825;

/// Single events and series of a calendar.
pub(super) fn events(context: &Context<'_>, folder: u64) -> Result<Reply, GraphRefusal> {
    context.need(&READ_BASIC)?;
    context.require(folder, CalendarRights::Reviewer)?;
    listed(context, masters(context, folder)?)
}

/// Single events and series of a calendar, oldest first.
pub(super) fn masters(context: &Context<'_>, folder: u64) -> Result<Vec<Item>, GraphRefusal> {
    let items = context.mailbox()?.items_in(folder);
    Ok(items
        .filter(|item| item.kind == ItemKind::CalendarItem)
        .cloned()
        .collect())
}

/// What happens in a calendar in a time span, in order.
///
/// <https://learn.microsoft.com/en-us/graph/api/user-list-calendarview>
pub(super) fn view(context: &Context<'_>, folder: u64) -> Result<Reply, GraphRefusal> {
    context.need(&READ_BASIC)?;
    context.require(folder, CalendarRights::Reviewer)?;
    let window = window(context)?;
    let selected = context.request.parameter("$select").unwrap_or_default();
    let refused = selected
        .split(',')
        .map(str::trim)
        .find(|name| matches!(*name, "createdDateTime" | "lastModifiedDateTime"));
    if let Some(name) = refused {
        return Err(GraphRefusal::new(
            400,
            "ErrorInvalidProperty",
            format!("The property '{name}' does not support $select in a calendar view."),
        ));
    }
    listed(context, happening(context, folder, window)?)
}

pub(super) type Window = (DateTime<Utc>, DateTime<Utc>);

/// What happens in a calendar within a window, in order.
pub(super) fn happening(
    context: &Context<'_>,
    folder: u64,
    (from, to): Window,
) -> Result<Vec<Item>, GraphRefusal> {
    let mut items: Vec<Item> = masters(context, folder)?
        .iter()
        .flat_map(|item| item.within(from, to))
        .collect();
    items.sort_by_key(|item| (item.start(), item.end(), item.number));
    Ok(items)
}

/// The time span that a request names.
pub(super) fn window(context: &Context<'_>) -> Result<Window, GraphRefusal> {
    // These names are the same in either case.
    let edge = |name: &str| {
        let mut parameters = context.request.query.iter();
        let found = parameters.find(|(one, _)| one.eq_ignore_ascii_case(name));
        let text = found.ok_or_else(|| {
            GraphRefusal::new(
                400,
                "ErrorInvalidParameter",
                "This request requires a time window specified by the query string parameters StartDateTime and EndDateTime.",
            )
        })?;
        clock::instant(&text.1, &Zone::utc())
    };
    let (from, to) = (edge("startDateTime")?, edge("endDateTime")?);
    if to < from {
        return Err(GraphRefusal::new(
            400,
            "ErrorCalendarEndDateIsEarlierThanStartDate",
            "EndDate is earlier than StartDate",
        ));
    }
    if to - from > Duration::days(LONGEST) {
        return Err(GraphRefusal::new(
            400,
            "ErrorCalendarViewRangeTooBig",
            format!(
                "Your request can't be completed. The range between the start and end dates is greater than the allowed range. Maximum number of days: {LONGEST}"
            ),
        ));
    }
    Ok((from, to))
}

/// The occurrences of a series in a time span.
///
/// <https://learn.microsoft.com/en-us/graph/api/event-list-instances>
pub(super) fn instances(context: &Context<'_>, item: &Item) -> Result<Reply, GraphRefusal> {
    context.need(&READ_BASIC)?;
    if item.recurrence.is_none() || item.occurrence.is_some() {
        return Err(GraphRefusal::new(
            400,
            "ErrorInvalidRequest",
            "Your request can't be completed. The event is no series.",
        ));
    }
    let (from, to) = window(context)?;
    let mut items = item.within(from, to);
    items.sort_by_key(Item::start);
    listed(context, items)
}

/// One event.
pub(super) fn one(context: &Context<'_>, item: &Item) -> Result<Reply, GraphRefusal> {
    context.need(&READ_BASIC)?;
    let query = Query::read(context.request, &EVENT)?;
    let view = View::new(context)?;
    let event = dressed(&view, &query, item)?;
    Ok(query::single(context.request, 200, event))
}

/// The page of events that a request asks for.
fn listed(context: &Context<'_>, mut items: Vec<Item>) -> Result<Reply, GraphRefusal> {
    let query = Query::read(context.request, &EVENT)?;
    if query.search.is_some() {
        return Err(GraphRefusal::bad_request(
            "The query parameter '$search' is not supported.",
        ));
    }
    let view = View::new(context)?;
    let filtered = read_ids(&query.extended_ids())?;
    let whole = |item: &Item| -> Value {
        let mut event = view.write(item);
        let extended = extended_property::single(item, &filtered);
        event.insert("singleValueExtendedProperties".to_owned(), extended);
        event.into()
    };
    if query.has_filter() {
        items.retain(|item| query.holds(&whole(item)));
    }
    if !query.orders.is_empty() {
        let mut events: Vec<(Value, Item)> =
            items.into_iter().map(|item| (whole(&item), item)).collect();
        events.sort_by(|(one, _), (other, _)| query.compare(one, other));
        items = events.into_iter().map(|(_, item)| item).collect();
    }
    let total = items.len();
    let (skip, most) = query.page(&EVENT);
    let page = items.iter().skip(skip).take(most);
    let events = page.map(|item| dressed(&view, &query, item));
    let events = events.collect::<Result<Vec<_>, _>>()?;
    Ok(query.answer(context.request, &EVENT, events, total))
}

fn read_ids(ids: &[String]) -> Result<Vec<ExtendedId>, GraphRefusal> {
    ids.iter().map(|id| ExtendedId::read(id)).collect()
}

/// An event with what the request expands, and without what it did not select.
pub(super) fn dressed(view: &View<'_>, query: &Query, item: &Item) -> Result<Value, GraphRefusal> {
    let mut event: Value = view.write(item).into();
    let seen = view.seen(item);
    if query.names("cancelledOccurrences") {
        put(&mut event, "cancelledOccurrences", cancelled(view, &seen));
    }
    for expand in &query.expand {
        put(&mut event, expand.name(), expanded(view, expand, &seen)?);
    }
    query.choose(&mut event);
    Ok(event)
}

fn expanded(view: &View<'_>, expand: &Expand, item: &Item) -> Result<Value, GraphRefusal> {
    if view.is_basic() && !["calendar", "exceptionOccurrences"].contains(&expand.name()) {
        return Err(GraphRefusal::access_denied());
    }
    Ok(match expand.name() {
        "singleValueExtendedProperties" => {
            extended_property::single(item, &read_ids(&expand.extended_ids()?)?)
        }
        "multiValueExtendedProperties" => {
            extended_property::multiple(item, &read_ids(&expand.extended_ids()?)?)
        }
        "calendar" => folder::shown_in_event(view.context(), item.folder, expand)?,
        "exceptionOccurrences" => {
            let query = expand.query(&EVENT)?;
            let exceptions = item.exceptions.keys();
            let exceptions = exceptions.map(|original| {
                let one = item.occurrence_at(*original);
                dressed(view, &query, &one)
            });
            exceptions.collect::<Result<Vec<_>, _>>()?.into()
        }
        _ => attachments::expanded(view.context(), item, expand)?,
    })
}

/// `cancelledOccurrences`: `OID.` with the id of the series and the day.
fn cancelled(view: &View<'_>, item: &Item) -> Value {
    let (id, zone) = (view.id(item), item.zone());
    let days = item.deleted.iter().map(|start| {
        let day = zone.local(*start).date();
        Value::from(format!("OID.{id}.{day}"))
    });
    days.collect::<Vec<_>>().into()
}
