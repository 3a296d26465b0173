//! Events as Graph shows them.
//!
//! <https://learn.microsoft.com/en-us/graph/api/resources/event>

use serde_json::{Map, Value, json};

use super::super::context::Context;
use super::super::lookup::etag;
use super::super::refusal::GraphRefusal;
use super::super::render::put;
use super::super::{body, person};

use super::clock::{Clock, NEVER, own_name, stamp};
use super::{online, place, recurrence};
use crate::simulator::fields::{keywords, transaction};
use crate::simulator::item::*;
use crate::simulator::property::{GRAPH, Property, Value as Kept};
use crate::simulator::store::{Mailbox, item_key};
use crate::simulator::uid;

/// PidTagResponseRequested.
pub(super) const RESPONSE_REQUESTED: Property = Property::Tag(0x0063);

/// Whether attendees see only themselves.
pub(super) fn hidden() -> Property {
    Property::Name(GRAPH, "HideAttendees".to_owned())
}

pub(super) const SENSITIVITIES: [&str; 4] = ["normal", "personal", "private", "confidential"];
pub(super) const IMPORTANCES: [&str; 3] = ["low", "normal", "high"];
pub(super) const STATUSES: [&str; 5] = ["free", "tentative", "busy", "oof", "workingElsewhere"];
const RESPONSES: [&str; 6] = [
    "none",
    "organizer",
    "tentativelyAccepted",
    "accepted",
    "declined",
    "notResponded",
];

/// The name of a number.
fn named(names: &[&'static str], number: i64, other: &'static str) -> &'static str {
    usize::try_from(number)
        .ok()
        .and_then(|at| names.get(at).copied())
        .unwrap_or(other)
}

/// How a request wants its events.
pub(super) struct View<'a> {
    context: &'a Context<'a>,
    mailbox: &'a Mailbox,
    clock: Clock,
    /// Whether the token shows neither texts nor what is attached.
    basic: bool,
}

/// What tokens may have that show everything.
pub(super) const READ: [&str; 2] = ["Calendars.Read", "Calendars.ReadWrite"];
/// What tokens may have that show when events are, and what they are called.
pub(super) const READ_BASIC: [&str; 4] = [
    "Calendars.ReadBasic",
    "Calendars.ReadBasic.All",
    "Calendars.Read",
    "Calendars.ReadWrite",
];

impl<'a> View<'a> {
    pub(super) fn new(context: &'a Context<'_>) -> Result<Self, GraphRefusal> {
        Ok(Self {
            context,
            mailbox: context.mailbox()?,
            clock: Clock::of(context.request)?,
            basic: context.need(&READ).is_err(),
        })
    }

    pub(super) fn context(&self) -> &Context<'_> {
        self.context
    }

    pub(super) fn is_basic(&self) -> bool {
        self.basic
    }

    pub(super) fn id(&self, item: &Item) -> String {
        self.context.item_id(self.mailbox, item)
    }

    /// The item as the caller may see it.
    pub(super) fn seen(&self, item: &Item) -> Item {
        let (caller, owner) = (self.context.caller, self.context.owner);
        let all = self.context.store.sees_private(caller, owner, item.folder);
        match item.is_private() && !all {
            true => item.masked(),
            false => item.clone(),
        }
    }

    /// The whole event.
    pub(super) fn write(&self, item: &Item) -> Map<String, Value> {
        let item = &self.seen(item);
        let id = self.id(item);
        let mut event = Map::new();
        let mut put = |name: &str, value: Value| {
            event.insert(name.to_owned(), value);
        };
        let text = |property: &Property| Value::from(item.text(property));
        let time = |property: &Property| {
            item.time(property)
                .map(stamp)
                .map_or(Value::Null, Value::from)
        };
        put("@odata.etag", etag(item).into());
        put("createdDateTime", time(&CREATED));
        put("lastModifiedDateTime", time(&MODIFIED));
        put("changeKey", item_key(item).into());
        put("categories", categories(item));
        let transaction = item.text(&transaction());
        put(
            "transactionId",
            (!transaction.is_empty()).then_some(transaction).into(),
        );
        put(
            "originalStartTimeZone",
            own_name(item.start_zone.as_ref()).into(),
        );
        put(
            "originalEndTimeZone",
            own_name(item.end_zone.as_ref()).into(),
        );
        put("iCalUId", uid::of_instance(item).into());
        put(
            "reminderMinutesBeforeStart",
            item.integer(&REMINDER_MINUTES).into(),
        );
        put("isReminderOn", item.flag(&REMINDER_SET).into());
        let attached = item.attachments.iter().any(|one| !one.inline);
        put("hasAttachments", attached.into());
        put("subject", text(&SUBJECT));
        put(
            "importance",
            named(&IMPORTANCES, item.integer(&IMPORTANCE), "normal").into(),
        );
        put(
            "sensitivity",
            named(&SENSITIVITIES, item.integer(&SENSITIVITY), "normal").into(),
        );
        put("isAllDay", item.is_all_day().into());
        put("isCancelled", item.is_cancelled().into());
        put("isOrganizer", item.is_organizer().into());
        put("responseRequested", asked_for(item).into());
        put("seriesMasterId", self.series(item).into());
        put(
            "showAs",
            named(&STATUSES, item.integer(&BUSY), "unknown").into(),
        );
        put("type", kind(item).into());
        put("webLink", web_link(&id).into());
        put("id", id.into());
        put("isOnlineMeeting", online::is_on(item).into());
        put("onlineMeetingProvider", online::provider(item).into());
        put("onlineMeetingUrl", online::external(item));
        put("onlineMeeting", online::written(item));
        put("allowNewTimeProposals", (!item.flag(&NO_PROPOSALS)).into());
        put("isDraft", false.into());
        put("hideAttendees", item.flag(&hidden()).into());
        put(
            "responseStatus",
            status(item.integer(&RESPONSE), item.time(&REPLY_TIME)),
        );
        let (start, end) = self.clock.span(item);
        put("start", start);
        put("end", end);
        let (location, locations) = place::written(item);
        put("location", location);
        put("locations", locations);
        put("recurrence", recurrence::written(item));
        put("attendees", self.attendees(item));
        let organizer = item.organizer.as_ref().map(person::recipient);
        put("organizer", organizer.into());
        put("originalStart", item.recurrence_id().map(stamp).into());
        if !self.basic {
            put("bodyPreview", body::preview(&item.body).into());
            put("body", body::written(self.context.request, &item.body));
        }
        event
    }

    /// An occurrence in a round of changes: when it is, and of which series.
    pub(super) fn lean(&self, item: &Item) -> Map<String, Value> {
        let (start, end) = self.clock.span(item);
        let lean = json!({
            "@odata.type": "#microsoft.graph.event",
            "@odata.etag": etag(item),
            "id": self.id(item),
            "seriesMasterId": self.series(item),
            "type": kind(item),
            "start": start,
            "end": end,
        });
        match lean {
            Value::Object(lean) => lean,
            _ => Map::new(),
        }
    }

    fn series(&self, item: &Item) -> Option<String> {
        item.occurrence?;
        let series = Item {
            occurrence: None,
            ..item.clone()
        };
        Some(self.id(&series))
    }

    fn attendees(&self, item: &Item) -> Value {
        let own = &self.mailbox.address.email;
        let hides = item.flag(&hidden()) && !item.is_organizer();
        item.attendees()
            .filter(|one| !hides || one.address.email.eq_ignore_ascii_case(own))
            .map(|one| {
                let mut attendee = person::recipient(&one.address);
                let role = match one.role {
                    Role::Optional => "optional",
                    Role::Resource => "resource",
                    _ => "required",
                };
                put(&mut attendee, "type", role);
                put(&mut attendee, "status", status(one.response, one.replied));
                if let Some((start, end)) = one.proposed {
                    put(
                        &mut attendee,
                        "proposedNewTime",
                        json!({
                            "start": self.clock.write(start),
                            "end": self.clock.write(end),
                        }),
                    );
                }
                attendee
            })
            .collect::<Vec<_>>()
            .into()
    }
}

fn status(response: i64, replied: Option<chrono::DateTime<chrono::Utc>>) -> Value {
    json!({
        "response": named(&RESPONSES, response, "none"),
        "time": replied.map_or_else(|| NEVER.to_owned(), stamp),
    })
}

/// Whether the organizer wants answers; so it is unless somebody said otherwise.
pub(super) fn asked_for(item: &Item) -> bool {
    let said = item.bag.get(&RESPONSE_REQUESTED).and_then(Kept::boolean);
    said.unwrap_or(true)
}

/// `type`.
pub(super) fn kind(item: &Item) -> &'static str {
    match item.occurrence {
        Some(one) if one.exception => "exception",
        Some(_) => "occurrence",
        None if item.recurrence.is_some() => "seriesMaster",
        None => "singleInstance",
    }
}

fn categories(item: &Item) -> Value {
    match item.bag.get(&keywords()) {
        Some(Kept::Many(names)) => names.iter().filter_map(Kept::text).collect(),
        _ => json!([]),
    }
}

fn web_link(id: &str) -> String {
    let id: String = url::form_urlencoded::byte_serialize(id.as_bytes()).collect();
    format!("https://outlook.office365.com/owa/?itemid={id}&exvsurl=1&path=/calendar/item")
}
