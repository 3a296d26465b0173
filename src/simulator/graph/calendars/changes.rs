//! What the body of a request sets of an event.

use chrono::{DateTime, Duration, NaiveTime, Utc};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::super::body::ItemBody;
use super::super::extended_property;
use super::super::person;
use super::super::refusal::GraphRefusal;
use super::super::render::plain;
use super::clock::ZonedClock;
use super::event::{IMPORTANCES, RESPONSE_REQUESTED, SENSITIVITIES, STATUSES, hidden};
use super::recurrence::PatternedRecurrence;
use super::{online, place};
use crate::simulator::fields::{keywords, transaction};
use crate::simulator::item::*;
use crate::simulator::path::Path;
use crate::simulator::property::Value as Kept;
use crate::simulator::zone::Zone;

/// What the service alone decides.
const READ_ONLY: [&str; 19] = [
    "bodyPreview",
    "cancelledOccurrences",
    "changeKey",
    "createdDateTime",
    "exceptionOccurrences",
    "hasAttachments",
    "iCalUId",
    "isCancelled",
    "isDraft",
    "isOrganizer",
    "lastModifiedDateTime",
    "onlineMeeting",
    "onlineMeetingUrl",
    "originalStart",
    "responseStatus",
    "seriesMasterId",
    "type",
    "webLink",
    "id",
];

/// What only its owner has of an event: nobody is told when it changes.
const PERSONAL: [&str; 7] = [
    "showAs",
    "sensitivity",
    "categories",
    "isReminderOn",
    "reminderMinutesBeforeStart",
    "singleValueExtendedProperties",
    "multiValueExtendedProperties",
];

/// The name on EWS of what a property writes, which merging of stale writes goes by.
const PATHS: [(&str, &str); 17] = [
    ("attendees", "calendar:RequiredAttendees"),
    ("body", "item:Body"),
    ("categories", "item:Categories"),
    ("end", "calendar:End"),
    ("importance", "item:Importance"),
    ("isAllDay", "calendar:IsAllDayEvent"),
    ("isReminderOn", "item:ReminderIsSet"),
    ("location", "calendar:Location"),
    ("locations", "calendar:Location"),
    ("recurrence", "calendar:Recurrence"),
    (
        "reminderMinutesBeforeStart",
        "item:ReminderMinutesBeforeStart",
    ),
    ("responseRequested", "calendar:IsResponseRequested"),
    ("sensitivity", "item:Sensitivity"),
    ("showAs", "calendar:LegacyFreeBusyStatus"),
    ("start", "calendar:Start"),
    ("subject", "item:Subject"),
    ("allowNewTimeProposals", "calendar:AllowNewTimeProposal"),
];

/// A property that its type does not have.
pub(super) fn unknown(name: &str, kind: &str) -> GraphRefusal {
    GraphRefusal::new(
        400,
        "RequestBodyRead",
        format!(
            "The property '{name}' does not exist on type 'microsoft.graph.{kind}'. Make sure to only use property names that are defined by the type."
        ),
    )
}

fn bad_value(name: &str, why: impl std::fmt::Display) -> GraphRefusal {
    GraphRefusal::new(
        400,
        "RequestBodyRead",
        format!("The value of '{name}' cannot be read: {why}"),
    )
}

fn failed(why: &str) -> GraphRefusal {
    GraphRefusal::new(400, "ErrorPropertyValidationFailure", why)
}

fn typed<T: DeserializeOwned>(name: &str, value: &Value) -> Result<T, GraphRefusal> {
    T::deserialize(plain(value)).map_err(|error| bad_value(name, error))
}

/// A list; nothing is an empty one.
fn list<T: DeserializeOwned>(name: &str, value: &Value) -> Result<Vec<T>, GraphRefusal> {
    let list: Option<Vec<T>> = typed(name, value)?;
    Ok(list.unwrap_or_default())
}

/// `attendee` as it is written.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Attendee {
    email_address: person::EmailAddress,
    #[serde(default, rename = "type")]
    kind: Option<String>,
    /// Answers and proposals are those of the attendees; what is sent is ignored.
    #[serde(default, rename = "status")]
    _status: Value,
    #[serde(default, rename = "proposedNewTime")]
    _proposed: Value,
}

impl Attendee {
    fn read(&self) -> Result<Recipient, GraphRefusal> {
        let role = match self.kind.as_deref() {
            None | Some("required") => Role::Required,
            Some("optional") => Role::Optional,
            Some("resource") => Role::Resource,
            Some(other) => return Err(bad_value("type", format!("'{other}'"))),
        };
        Ok(Recipient::new(role, self.email_address.read()?))
    }
}

/// The body of a request that writes an event.
pub(super) struct Changes(Map<String, Value>);

impl Changes {
    pub(super) fn read(body: Map<String, Value>, creates: bool) -> Result<Self, GraphRefusal> {
        for name in body.keys().filter(|name| !name.contains('@')) {
            let fixed = READ_ONLY.contains(&name.as_str()) || (name == "transactionId" && !creates);
            if fixed {
                return Err(GraphRefusal::new(
                    400,
                    "ErrorInvalidPropertySet",
                    format!("The property '{name}' is read-only and can't be set."),
                ));
            }
        }
        let times =
            ["start", "end"].map(|name| body.get(name).is_some_and(|value| !value.is_null()));
        if creates && times != [true, true] {
            return Err(failed(
                "At least one property failed validation: an event needs start and end.",
            ));
        }
        Ok(Self(body))
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        let names = self.0.keys().map(String::as_str);
        names.filter(|name| !name.contains('@'))
    }

    /// What is written, as EWS names it.
    pub(super) fn paths(&self) -> Vec<String> {
        let uri = |name: &str| {
            let mut known = PATHS.iter();
            known.find(|(known, _)| *known == name).map(|(_, uri)| *uri)
        };
        self.names()
            .filter_map(uri)
            .map(|uri| Path::Field(uri.to_owned()).markup())
            .collect()
    }

    /// Whom the service tells about such a change, in the words of EWS.
    pub(super) fn audience(&self) -> &'static str {
        let mut public = self.names().filter(|name| !PERSONAL.contains(name));
        match (public.next(), public.next()) {
            (None, _) => "SendToNone",
            (Some("attendees"), None) => "SendOnlyToChanged",
            _ => "SendToAllAndSaveCopy",
        }
    }

    /// Writes everything into an event.
    pub(super) fn apply(&self, item: &mut Item) -> Result<(), GraphRefusal> {
        self.apply_times(item)?;
        for (name, value) in &self.0 {
            if name.contains('@') || matches!(name.as_str(), "start" | "end" | "isAllDay") {
                continue;
            }
            self.set(item, name, value)?;
        }
        if self.get("isOnlineMeeting") == Some(&Value::Bool(true)) {
            let provider = self.get("onlineMeetingProvider").and_then(Value::as_str);
            online::set_up(item, provider.filter(|provider| *provider != "unknown"));
        }
        Ok(())
    }

    fn apply_times(&self, item: &mut Item) -> Result<(), GraphRefusal> {
        if let Some(value) = self.get("isAllDay") {
            item.set(ALL_DAY, Kept::Boolean(typed("isAllDay", value)?));
        }
        let read = |name: &str| -> Result<Option<(DateTime<Utc>, Zone)>, GraphRefusal> {
            let value = self.get(name);
            let clock: Option<ZonedClock> = value.map(|value| typed(name, value)).transpose()?;
            clock.map(|clock| clock.read()).transpose()
        };
        let (start, end) = (read("start")?, read("end")?);
        let before = item.start();
        if item.is_all_day() {
            check_days(start.as_ref(), end.as_ref())?;
        }
        if let Some((instant, zone)) = start {
            item.set(START, Kept::Time(instant));
            item.start_zone = Some(zone);
        }
        if let Some((instant, zone)) = end {
            item.set(END, Kept::Time(instant));
            item.end_zone = Some(zone);
        }
        if item.end() < item.start() {
            return Err(GraphRefusal::new(
                400,
                "ErrorCalendarEndDateIsEarlierThanStartDate",
                "The end of the event is before its start.",
            ));
        }
        // A series moves with its first day.
        let first = item.zone().local(item.start()).date();
        if item.start() != before
            && !self.has("recurrence")
            && let Some(recurrence) = &mut item.recurrence
        {
            recurrence.start = first;
        }
        Ok(())
    }

    fn set(&self, item: &mut Item, name: &str, value: &Value) -> Result<(), GraphRefusal> {
        let flag = || typed::<bool>(name, value).map(Kept::Boolean);
        let choice = |names: &[&str], initial: i64| match value {
            Value::Null => Ok(Kept::Integer(initial)),
            _ => number_of(names, name, value).map(Kept::Integer),
        };
        match name {
            "subject" => {
                let text: Option<String> = typed(name, value)?;
                item.set(SUBJECT, Kept::Text(text.unwrap_or_default()));
            }
            "body" => {
                let body: Option<ItemBody> = typed(name, value)?;
                item.body = body.map(ItemBody::read).transpose()?.unwrap_or_default();
            }
            "importance" => item.set(IMPORTANCE, choice(&IMPORTANCES, 1)?),
            "sensitivity" => item.set(SENSITIVITY, choice(&SENSITIVITIES, 0)?),
            "showAs" if value == "unknown" => item.set(BUSY, Kept::Integer(-1)),
            "showAs" => item.set(BUSY, choice(&STATUSES, 2)?),
            "categories" => {
                let names: Vec<String> = list(name, value)?;
                let names = names.into_iter().map(Kept::Text).collect();
                item.set(keywords(), Kept::Many(names));
            }
            "isReminderOn" => item.set(REMINDER_SET, flag()?),
            "reminderMinutesBeforeStart" => {
                let minutes: i32 = typed(name, value)?;
                item.set(REMINDER_MINUTES, Kept::Integer(minutes.into()));
            }
            "responseRequested" => item.set(RESPONSE_REQUESTED, flag()?),
            "allowNewTimeProposals" => {
                let allowed: bool = typed(name, value)?;
                item.set(NO_PROPOSALS, Kept::Boolean(!allowed));
            }
            "hideAttendees" => item.set(hidden(), flag()?),
            "location" if self.has("locations") => {}
            "location" => {
                let one: Option<Value> = typed(name, value)?;
                place::set(item, one.into_iter().collect())?;
            }
            "locations" => place::set(item, list(name, value)?)?,
            "attendees" => {
                let people: Vec<Attendee> = list(name, value)?;
                let people = people.iter().map(Attendee::read);
                item.recipients = people.collect::<Result<_, _>>()?;
            }
            "recurrence" => self.set_recurrence(item, value)?,
            "transactionId" => {
                let key: String = typed(name, value)?;
                item.set(transaction(), Kept::Text(key));
            }
            "singleValueExtendedProperties" => extended_property::set_single(item, value)?,
            "multiValueExtendedProperties" => extended_property::set_multiple(item, value)?,
            // Who owns the calendar organizes; attachments are read apart.
            "organizer"
            | "isOnlineMeeting"
            | "onlineMeetingProvider"
            | "attachments"
            | "originalStartTimeZone"
            | "originalEndTimeZone" => {}
            other => return Err(unknown(other, "event")),
        }
        Ok(())
    }

    fn set_recurrence(&self, item: &mut Item, value: &Value) -> Result<(), GraphRefusal> {
        let wanted: Option<PatternedRecurrence> = typed("recurrence", value)?;
        if wanted.is_some() && item.occurrence.is_some() {
            return Err(GraphRefusal::new(
                400,
                "ErrorInvalidPropertySet",
                "An occurrence of a series cannot recur.",
            ));
        }
        let start = item.zone().local(item.start()).date();
        let before = item.recurrence.take();
        item.recurrence = wanted.map(|wanted| wanted.read(start)).transpose()?;
        if item.recurrence != before {
            item.exceptions.clear();
            item.deleted.clear();
        }
        Ok(())
    }
}

/// The number of a name.
fn number_of(names: &[&str], name: &str, value: &Value) -> Result<i64, GraphRefusal> {
    let wanted: String = typed(name, value)?;
    let at = names.iter().position(|known| *known == wanted);
    at.and_then(|at| i64::try_from(at).ok())
        .ok_or_else(|| bad_value(name, format!("'{wanted}' is none of {}", names.join(", "))))
}

type Zoned = (DateTime<Utc>, Zone);

/// Days begin and end at midnight, in one zone.
fn check_days(start: Option<&Zoned>, end: Option<&Zoned>) -> Result<(), GraphRefusal> {
    for (name, edge) in [("Start", start), ("End", end)] {
        if let Some((instant, zone)) = edge
            && zone.local(*instant).time() != NaiveTime::MIN
        {
            return Err(failed(&format!(
                "The Event.{name} property for an all-day event needs to be set to midnight."
            )));
        }
    }
    if let (Some((start, zone)), Some((end, other))) = (start, end) {
        if zone.tz != other.tz {
            return Err(failed(
                "Start and end of an all-day event need to be in the same time zone.",
            ));
        }
        if zone.local(*end) - zone.local(*start) < Duration::days(1) {
            return Err(failed(
                "The duration of an event marked as All day must be at least 24 hours.",
            ));
        }
    }
    Ok(())
}
