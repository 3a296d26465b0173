use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::{property, recipient, recurrence, zone};
use crate::error::{Error, Result};
use crate::ews::ServerVersion;
use crate::ews::types::{
    self, CalendarItem, ExtendedProperties, LegacyFreeBusyStatus, MeetingTimeZone,
    TimeZoneDefinition,
};
use crate::model::{
    AttendeeRole, Body, BodyFormat, ExtendedProperty, FreeBusyStatus, Importance, NewEvent,
    ReminderChoice, Sensitivity, When, Zone, idempotency_key,
};

/// A calendar item to create, for a server of that version. Whole days without a zone of their own
/// begin and end at midnight in `home`.
///
/// # Errors
///
/// What the version cannot hold, before anything is sent.
pub(crate) fn calendar_item(
    event: &NewEvent,
    version: ServerVersion,
    home: Option<&Zone>,
    operation: &'static str,
) -> Result<CalendarItem> {
    event
        .validate()
        .map_err(|error| error.with_operation(operation))?;
    if event.online_meeting {
        let why = "EWS cannot create online meetings; create it with its own service and put the link into the body";
        return Err(Error::unsupported(operation, why));
    }

    let mut item = CalendarItem::new(event.subject.clone());
    item.item.sensitivity = Some(sensitivity(event.sensitivity));
    item.item.body = event.body.as_ref().map(body);
    item.item.categories = list(event.categories.iter().cloned());
    item.item.importance = Some(importance(event.importance));
    (
        item.item.reminder_is_set,
        item.item.reminder_minutes_before_start,
    ) = match event.reminder {
        ReminderChoice::MailboxDefault => (None, None),
        ReminderChoice::Off => (Some(false), None),
        ReminderChoice::Before(before) => (Some(true), Some(minutes(before))),
    };
    let mut extended = event.extended.clone();
    if let Some(key) = &event.idempotency_key {
        extended.push(ExtendedProperty::new(idempotency_key(), key.clone()));
    }
    item.item.extended_properties =
        list(extended.iter().map(property::extended_uri)).map(ExtendedProperties);

    item.uid = event.uid.as_ref().map(|uid| uid.as_str().to_owned());
    let times = Times::of(&event.when, version, home, operation)?;
    times.write_to(&mut item);
    if let Some(status) = event.show_as {
        item.legacy_free_busy_status = Some(show_as(status, version, operation)?);
    }
    item.location.clone_from(&event.location);
    item.is_response_requested = Some(event.response_requested);
    let attendees = |role| recipient::attendees_to_wire(&event.attendees, role);
    item.required_attendees = attendees(AttendeeRole::Required);
    item.optional_attendees = attendees(AttendeeRole::Optional);
    item.resources = attendees(AttendeeRole::Resource);
    item.recurrence = event
        .recurrence
        .as_ref()
        .map(|r| recurrence::to_wire(r, version, operation))
        .transpose()?;
    item.allow_new_time_proposal = Some(event.allow_new_time_proposals);
    Ok(item)
}

/// When an event takes place, as a version of the protocol says it.
pub(super) struct Times {
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    is_all_day: bool,
    zones: Zones,
}

enum Zones {
    ByRules(MeetingTimeZone),
    ByName(TimeZoneDefinition, TimeZoneDefinition),
}

impl Times {
    pub(super) fn of(
        when: &When,
        version: ServerVersion,
        home: Option<&Zone>,
        operation: &'static str,
    ) -> Result<Self> {
        when.validate(operation)?;
        let (start, end, start_zone, end_zone) = match when {
            When::Timed { start, end } => {
                (start.utc, end.utc, start.zone.clone(), end.zone.clone())
            }
            When::AllDay { start, end, zone } => {
                let zone = match (zone, home) {
                    (Some(zone), _) => zone.clone(),
                    (None, Some(home)) => home.clone(),
                    (None, None) => return Err(homeless(operation)),
                };
                let start = midnight(*start, &zone, operation)?;
                let end = midnight(*end, &zone, operation)?;
                (start, end, zone.clone(), zone)
            }
        };

        let zones = if version < ServerVersion::Exchange2010 {
            if start_zone != end_zone {
                let why = "a zone for each end came with Exchange2010: Exchange 2007 has one zone for both";
                return Err(Error::unsupported(operation, why));
            }
            Zones::ByRules(zone::to_meeting(&start_zone, start, operation)?)
        } else {
            Zones::ByName(
                zone::to_definition(&start_zone, operation)?,
                zone::to_definition(&end_zone, operation)?,
            )
        };
        Ok(Self {
            start,
            end,
            is_all_day: when.is_all_day(),
            zones,
        })
    }

    pub(super) fn write_to(self, item: &mut CalendarItem) {
        item.start = Some(self.start);
        item.end = Some(self.end);
        item.is_all_day_event = Some(self.is_all_day);
        match self.zones {
            Zones::ByRules(zone) => item.meeting_time_zone = Some(zone),
            Zones::ByName(start, end) => {
                item.start_time_zone = Some(start);
                item.end_time_zone = Some(end);
            }
        }
    }
}

fn homeless(operation: &'static str) -> Error {
    Error::invalid_argument(
        operation,
        "an all-day event begins at midnight somewhere, but neither the event nor the connector names a zone",
    )
    .with_hint("Give the event a zone (When::in_zone), or the connector that of its mailboxes (EwsConnectorBuilder::time_zone).")
}

fn midnight(date: NaiveDate, zone: &Zone, operation: &'static str) -> Result<DateTime<Utc>> {
    zone.instant_of(date.and_time(NaiveTime::MIN))
        .ok_or_else(|| {
            Error::invalid_argument(
                operation,
                "nobody knows when a day begins in this time zone",
            )
        })
}

pub(super) fn list<T>(values: impl Iterator<Item = T>) -> Option<Vec<T>> {
    let list: Vec<T> = values.collect();
    (!list.is_empty()).then_some(list)
}

pub(crate) fn body(body: &Body) -> types::Body {
    match body.format {
        BodyFormat::Html => types::Body::html(body.content.clone()),
        BodyFormat::Text => types::Body::text(body.content.clone()),
    }
}

pub(super) fn sensitivity(sensitivity: Sensitivity) -> types::Sensitivity {
    match sensitivity {
        Sensitivity::Normal => types::Sensitivity::Normal,
        Sensitivity::Personal => types::Sensitivity::Personal,
        Sensitivity::Private => types::Sensitivity::Private,
        Sensitivity::Confidential => types::Sensitivity::Confidential,
    }
}

pub(super) fn importance(importance: Importance) -> types::Importance {
    match importance {
        Importance::Low => types::Importance::Low,
        Importance::Normal => types::Importance::Normal,
        Importance::High => types::Importance::High,
    }
}

pub(super) fn show_as(
    status: FreeBusyStatus,
    version: ServerVersion,
    operation: &'static str,
) -> Result<LegacyFreeBusyStatus> {
    Ok(match status {
        FreeBusyStatus::NoData => LegacyFreeBusyStatus::NoData,
        FreeBusyStatus::Free => LegacyFreeBusyStatus::Free,
        FreeBusyStatus::Tentative => LegacyFreeBusyStatus::Tentative,
        FreeBusyStatus::Busy => LegacyFreeBusyStatus::Busy,
        FreeBusyStatus::OutOfOffice => LegacyFreeBusyStatus::OutOfOffice,
        FreeBusyStatus::WorkingElsewhere if version < ServerVersion::Exchange2013 => {
            let why = "\"working elsewhere\" came with Exchange2013";
            return Err(Error::unsupported(operation, why));
        }
        FreeBusyStatus::WorkingElsewhere => LegacyFreeBusyStatus::WorkingElsewhere,
    })
}

/// Whole minutes before the start.
pub(super) fn minutes(before: TimeDelta) -> i32 {
    i32::try_from(before.num_minutes()).unwrap_or(i32::MAX)
}
