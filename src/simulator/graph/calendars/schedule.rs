//! When people and rooms are free.
//!
//! <https://learn.microsoft.com/en-us/graph/api/calendar-getschedule>

use chrono::{DateTime, Duration, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::context::Context;
use super::super::refusal::GraphRefusal;
use super::super::render::put;
use super::super::reply::Reply;
use super::clock::{Clock, ZonedClock};
use super::event::{READ_BASIC, STATUSES};
use crate::simulator::item::{BUSY, Item, LOCATION, SUBJECT};
use crate::simulator::operation::availability::{Busy, LARGEST_GROUP, LONGEST, items_of, merge};
use crate::simulator::store::{CalendarRights, Mailbox};
use crate::simulator::version::SimulatedVersion;

/// How many can be asked about at once.
const MOST: usize = 20;
const VERSION: SimulatedVersion = SimulatedVersion::Exchange2016;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    #[serde(alias = "Schedules")]
    schedules: Vec<String>,
    #[serde(alias = "StartTime", rename = "startTime")]
    start: ZonedClock,
    #[serde(alias = "EndTime", rename = "endTime")]
    end: ZonedClock,
    #[serde(
        default,
        alias = "AvailabilityViewInterval",
        rename = "availabilityViewInterval"
    )]
    interval: Option<i64>,
}

struct Window {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    minutes: i64,
}

/// `getSchedule`.
pub(super) fn run(context: &Context<'_>) -> Result<Reply, GraphRefusal> {
    context.need(&READ_BASIC)?;
    let question: Question = context.request.json()?;
    let (from, _) = question.start.read()?;
    let (to, _) = question.end.read()?;
    let window = Window {
        from,
        to,
        minutes: question.interval.unwrap_or(30),
    };
    check(&question.schedules, &window)?;
    let clock = Clock::of(context.request)?;
    let schedules = question.schedules.iter();
    let value: Vec<Value> = schedules
        .map(|address| schedule(context, &clock, &window, address))
        .collect();
    Ok(Reply::json(200, json!({"value": value})))
}

fn check(schedules: &[String], window: &Window) -> Result<(), GraphRefusal> {
    let refused = |code: &str, why: String| Err(GraphRefusal::new(400, code, why));
    let length = window.to - window.from;
    if schedules.is_empty() || schedules.len() > MOST {
        return refused(
            "ErrorInvalidParameter",
            format!("Between 1 and {MOST} schedules can be asked for."),
        );
    }
    if length <= Duration::zero() {
        return refused(
            "ErrorInvalidTimeInterval",
            "The end of the time window must be after its start.".to_owned(),
        );
    }
    if length > Duration::days(LONGEST) {
        return refused(
            "ErrorTimeIntervalTooBig",
            format!(
                "The requested time duration specified for FreeBusyViewOptions.TimeWindow is too long. The allowed limit = {LONGEST} days."
            ),
        );
    }
    if !(5..=1440).contains(&window.minutes) || Duration::minutes(window.minutes) > length {
        return refused(
            "ErrorInvalidMergedFreeBusyInterval",
            "The interval is between 5 and 1440 minutes, and less than the time window.".to_owned(),
        );
    }
    Ok(())
}

/// What is known of one of those that were asked about.
fn schedule(context: &Context<'_>, clock: &Clock, window: &Window, address: &str) -> Value {
    let store = &context.store;
    if let Some(group) = store.directory.group(address) {
        if group.members.len() > LARGEST_GROUP {
            return refused(
                address,
                "ErrorFreeBusyDLLimitReached",
                "The group is too large.",
            );
        }
        let members = group.members.iter();
        let members = members.filter_map(|member| store.position(&member.address.email));
        let items = members
            .filter_map(|owner| store.mailboxes.get(owner))
            .flat_map(|mailbox| items_of(mailbox, window.from, window.to));
        let items: Vec<Item> = items.collect();
        return json!({"scheduleId": address, "availabilityView": merged(&items, window)});
    }
    let owner = store.position(address);
    let found = owner.and_then(|owner| Some((owner, store.mailboxes.get(owner)?)));
    let Some((owner, mailbox)) = found else {
        return refused(
            address,
            "ErrorMailRecipientNotFound",
            &format!("Unable to resolve e-mail address {address} to an Active Directory object."),
        );
    };
    let items = items_of(mailbox, window.from, window.to);
    let calendar = mailbox.folder_number("calendar");
    // An application is nobody: it sees what everybody does, and all in the mailbox that it acts for.
    let rights = store.rights(context.caller, owner, calendar);
    let sees_all = rights >= Some(CalendarRights::Reviewer);
    let private = store.sees_private(context.caller, owner, calendar);
    let written = items.iter().map(|item| {
        let details = sees_all && (private || !item.is_private());
        schedule_item(clock, item, sees_all, details)
    });
    json!({
        "scheduleId": address,
        "availabilityView": merged(&items, window),
        "scheduleItems": written.collect::<Vec<_>>(),
        "workingHours": working_hours(mailbox),
    })
}

fn refused(address: &str, code: &str, message: &str) -> Value {
    json!({
        "scheduleId": address,
        "availabilityView": "",
        "error": {"message": message, "responseCode": code},
    })
}

fn merged(items: &[Item], window: &Window) -> String {
    let busy: Vec<Busy> = items.iter().map(|item| Busy::of(item, VERSION)).collect();
    merge(&busy, window.from, window.to, window.minutes)
}

fn schedule_item(clock: &Clock, item: &Item, sees_all: bool, details: bool) -> Value {
    let status = usize::try_from(item.integer(&BUSY)).ok();
    let status = status.and_then(|at| STATUSES.get(at).copied());
    // Whole days are told by the clock of the calendar.
    let mut written = json!({
        "status": status.unwrap_or("unknown"),
        "start": clock.write(item.start()),
        "end": clock.write(item.end()),
    });
    if sees_all {
        put(&mut written, "isPrivate", item.is_private());
    }
    if details {
        put(&mut written, "subject", item.text(&SUBJECT));
        put(&mut written, "location", item.text(&LOCATION));
    }
    written
}

/// Monday to Friday, 8 to 17 o'clock where the mailbox is.
pub(in crate::simulator) fn working_hours(mailbox: &Mailbox) -> Value {
    json!({
        "daysOfWeek": ["monday", "tuesday", "wednesday", "thursday", "friday"],
        "startTime": "08:00:00.0000000",
        "endTime": "17:00:00.0000000",
        "timeZone": {"@odata.type": "#microsoft.graph.timeZoneBase", "name": mailbox.zone.id},
    })
}
