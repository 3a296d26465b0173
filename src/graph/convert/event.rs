use chrono::TimeDelta;

use super::body::body;
use super::extended_property::{expand_properties, extended_properties};
use super::{attachment, recipient, recurrence, time};
use crate::connector::Backend;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::mail::ATTACHMENT;
use crate::graph::wire;
use crate::model::{
    Attendee, AttendeeRole, CalendarId, Event, EventDetail, EventId, EventKind, FreeBusyStatus,
    ICalUid, Importance, Location, OnlineMeeting, PostalAddress, PropertyName, Response,
    ResponseStatus, Sensitivity, Version, When,
};

/// What of an event a summary needs, for `$select`. Who is invited says whether it is a meeting.
const SUMMARY: &[&str] = &[
    "id",
    "changeKey",
    "type",
    "iCalUId",
    "seriesMasterId",
    "originalStart",
    "subject",
    "start",
    "end",
    "originalStartTimeZone",
    "originalEndTimeZone",
    "isAllDay",
    "location",
    "showAs",
    "sensitivity",
    "importance",
    "categories",
    "organizer",
    "isOrganizer",
    "isCancelled",
    "responseStatus",
    "isReminderOn",
    "reminderMinutesBeforeStart",
    "hasAttachments",
    "attendees",
];

/// Calendar views refuse to choose these.
///
/// Source: <https://learn.microsoft.com/graph/api/calendar-list-calendarview>
const DATES: &[&str] = &["createdDateTime", "lastModifiedDateTime"];

const FULL: &[&str] = &[
    "body",
    "bodyPreview",
    "recurrence",
    "locations",
    "onlineMeeting",
    "onlineMeetingUrl",
    "responseRequested",
    "allowNewTimeProposals",
    "hideAttendees",
    "webLink",
];

/// `$select` of a summary; that of a view leaves out when it was made.
pub(in crate::graph) fn summary_fields(is_view: bool) -> String {
    let dates = DATES.iter().filter(|_| !is_view);
    let fields: Vec<&str> = SUMMARY.iter().chain(dates).copied().collect();
    fields.join(",")
}

/// `$select` of everything.
pub(in crate::graph) fn full_fields() -> String {
    let fields: Vec<&str> = SUMMARY.iter().chain(DATES).chain(FULL).copied().collect();
    fields.join(",")
}

/// `$expand` of everything, with these MAPI properties.
pub(in crate::graph) fn full_expansion(extended: &[PropertyName]) -> String {
    let mut parts = vec![
        format!("attachments($select={ATTACHMENT})"),
        "calendar($select=id)".to_owned(),
    ];
    parts.extend(expand_properties(&with_joins(extended)));
    parts.join(",")
}

/// The properties asked for, with those in which add-ins keep where to join.
pub(in crate::graph) fn with_joins(extended: &[PropertyName]) -> Vec<PropertyName> {
    let mut names = extended.to_vec();
    for join in OnlineMeeting::properties() {
        if !names.iter().any(|name| name.is_same(&join)) {
            names.push(join);
        }
    }
    names
}

/// What the answer to a request does not say, or only in the words it was asked in.
#[derive(Clone, Debug, Default)]
pub(in crate::graph) struct Reading {
    pub(in crate::graph) is_full: bool,
    /// The MAPI properties that were asked for.
    pub(in crate::graph) extended: Vec<PropertyName>,
    /// The calendar that was listed.
    pub(in crate::graph) calendar: Option<CalendarId>,
}

/// An event.
///
/// # Errors
/// `Protocol` for what has no identifier, or no start and end.
pub(in crate::graph) fn event(
    wire: wire::Event,
    reading: &Reading,
    operation: &'static str,
) -> Result<Event> {
    let lacks = |what: &str| {
        let text = format!("the server gave an event without {what}");
        Error::new(ErrorKind::Protocol, operation, text).with_backend(Backend::Graph)
    };
    let id = wire.id.as_deref().ok_or_else(|| lacks("id"))?;
    let when = when(&wire).ok_or_else(|| lacks("start and end"))?;
    let version = version(wire.change_key.as_deref(), wire.etag.as_deref());
    let mut event = Event::new(event_id(id), version, when);
    event.kind = kind(wire.kind.as_deref());
    event.uid = text(&wire.i_cal_uid).map(|uid| ICalUid::new(&uid));
    if matches!(event.kind, EventKind::Occurrence | EventKind::Exception) {
        event.recurrence_id = time::instant(wire.original_start.as_deref());
    }
    event.subject = wire.subject.clone().unwrap_or_default();
    event.location = wire
        .location
        .as_ref()
        .and_then(|one| text(&one.display_name));
    event.show_as = show_as(wire.show_as.as_deref());
    event.sensitivity = sensitivity(wire.sensitivity.as_deref());
    event.importance = importance(wire.importance.as_deref());
    event.categories = wire.categories.iter().flatten().cloned().collect();
    event.organizer = wire.organizer.as_ref().and_then(recipient);
    let is_invited = wire.attendees.iter().flatten().next().is_some();
    event.is_organizer = wire.is_organizer.unwrap_or_default();
    event.is_meeting = is_invited || wire.is_organizer == Some(false);
    event.is_cancelled = wire.is_cancelled.unwrap_or_default();
    event.my_response = wire
        .response_status
        .as_ref()
        .map(response)
        .unwrap_or_default();
    event.reminder = wire.is_reminder_on.unwrap_or_default().then(|| {
        let minutes = wire.reminder_minutes_before_start.unwrap_or_default();
        TimeDelta::try_minutes(minutes).unwrap_or_default()
    });
    event.has_attachments = wire.has_attachments.unwrap_or_default();
    event.created = time::instant(wire.created_date_time.as_deref());
    event.last_modified = time::instant(wire.last_modified_date_time.as_deref());
    event.detail = reading.is_full.then(|| Box::new(detail(&wire, reading)));
    Ok(event)
}

fn detail(wire: &wire::Event, reading: &Reading) -> EventDetail {
    let mut detail = EventDetail::new();
    detail.body = wire.body.as_ref().and_then(body);
    detail.preview = text(&wire.body_preview);
    detail.attendees = wire
        .attendees
        .iter()
        .flatten()
        .filter_map(attendee)
        .collect();
    // As EWS has them; the order among those of a role stays.
    detail.attendees.sort_by_key(|one| match one.role {
        AttendeeRole::Required => 0,
        AttendeeRole::Optional => 1,
        AttendeeRole::Resource => 2,
    });
    detail.series_id = wire.series_master_id.as_deref().map(event_id);
    detail.recurrence = wire.recurrence.as_ref().and_then(recurrence);
    let place = wire
        .location
        .as_ref()
        .and_then(|one| text(&one.display_name));
    detail.locations = wire
        .locations
        .iter()
        .flatten()
        .filter_map(location)
        .filter(|one| one.adds_to(place.as_deref()))
        .collect();
    detail.response_requested = wire.response_requested.unwrap_or(true);
    detail.allow_new_time_proposals = wire.allow_new_time_proposals.unwrap_or(true);
    detail.hide_attendees = wire.hide_attendees.unwrap_or_default();
    let attached = wire.attachments.iter().flatten();
    detail.attachments = attached.filter_map(attachment).collect();
    detail.web_link = text(&wire.web_link);
    let calendar = wire.calendar.as_ref().and_then(|one| one.id.as_deref());
    let calendar = calendar.map(|id| CalendarId::from_raw(Backend::Graph, id));
    detail.calendar_id = calendar.or_else(|| reading.calendar.clone());
    detail.extended = extended_properties(
        wire.single_value_extended_properties.as_ref(),
        wire.multi_value_extended_properties.as_ref(),
        &reading.extended,
    );
    let join = wire
        .online_meeting
        .as_ref()
        .and_then(|one| text(&one.join_url));
    let join = join.or_else(|| text(&wire.online_meeting_url));
    detail.online_meeting = OnlineMeeting::find(
        join.as_deref(),
        &detail.extended,
        place.as_deref(),
        detail.body.as_ref(),
    );
    detail
}

pub(in crate::graph) fn event_id(id: &str) -> EventId {
    EventId::from_raw(Backend::Graph, id)
}

/// The change key, which is also what is between the quotes of the entity tag.
pub(in crate::graph) fn version(change_key: Option<&str>, etag: Option<&str>) -> Version {
    let in_tag = || etag?.trim_start_matches("W/").trim_matches('"').into();
    let tag: Option<&str> = change_key.filter(|key| !key.is_empty()).or_else(in_tag);
    Version::from_raw(tag.unwrap_or_default())
}

/// When an event takes place, if it says so.
pub(in crate::graph) fn when(wire: &wire::Event) -> Option<When> {
    time::when(time::Times {
        start: wire.start.as_ref()?,
        end: wire.end.as_ref()?,
        start_zone: time::zone(wire.original_start_time_zone.as_deref()),
        end_zone: time::zone(wire.original_end_time_zone.as_deref()),
        is_all_day: wire.is_all_day.unwrap_or_default(),
    })
}

pub(super) fn text(text: &Option<String>) -> Option<String> {
    text.clone().filter(|text| !text.is_empty())
}

/// Words are compared without regard to case: references write them in both.
fn word(text: Option<&str>) -> String {
    text.unwrap_or_default().to_ascii_lowercase()
}

pub(in crate::graph) fn kind(kind: Option<&str>) -> EventKind {
    match word(kind).as_str() {
        "seriesmaster" => EventKind::SeriesMaster,
        "occurrence" => EventKind::Occurrence,
        "exception" => EventKind::Exception,
        _ => EventKind::Single,
    }
}

pub(super) fn show_as(status: Option<&str>) -> FreeBusyStatus {
    match word(status).as_str() {
        "free" => FreeBusyStatus::Free,
        "tentative" => FreeBusyStatus::Tentative,
        "busy" => FreeBusyStatus::Busy,
        "oof" => FreeBusyStatus::OutOfOffice,
        "workingelsewhere" => FreeBusyStatus::WorkingElsewhere,
        _ => FreeBusyStatus::NoData,
    }
}

/// What nobody knows is taken for private, so that nothing is shown by mistake.
fn sensitivity(sensitivity: Option<&str>) -> Sensitivity {
    match word(sensitivity).as_str() {
        "normal" | "" => Sensitivity::Normal,
        "personal" => Sensitivity::Personal,
        "confidential" => Sensitivity::Confidential,
        _ => Sensitivity::Private,
    }
}

pub(super) fn importance(importance: Option<&str>) -> Importance {
    match word(importance).as_str() {
        "low" => Importance::Low,
        "high" => Importance::High,
        _ => Importance::Normal,
    }
}

fn response(wire: &wire::ResponseStatus) -> ResponseStatus {
    let response = match word(wire.response.as_deref()).as_str() {
        "organizer" => Response::Organizer,
        "tentativelyaccepted" => Response::Tentative,
        "accepted" => Response::Accepted,
        "declined" => Response::Declined,
        "notresponded" => Response::NotResponded,
        _ => Response::None,
    };
    ResponseStatus::new(response, time::instant(wire.time.as_deref()))
}

fn attendee(wire: &wire::Attendee) -> Option<Attendee> {
    let who = recipient::email_address(wire.email_address.as_ref()?)?;
    let role = match word(wire.kind.as_deref()).as_str() {
        "optional" => AttendeeRole::Optional,
        "resource" => AttendeeRole::Resource,
        _ => AttendeeRole::Required,
    };
    let mut attendee = Attendee::new(who, role);
    attendee.response = wire.status.as_ref().map(response).unwrap_or_default();
    attendee.proposed = wire.proposed_new_time.as_ref().and_then(time::slot);
    Some(attendee)
}

fn location(wire: &wire::Location) -> Option<Location> {
    let mut location = Location {
        name: text(&wire.display_name),
        email: text(&wire.location_email_address),
        uri: text(&wire.location_uri),
        ..Location::default()
    };
    if let Some(coordinates) = &wire.coordinates {
        location.coordinates = coordinates.latitude.zip(coordinates.longitude);
    }
    let address = wire.address.as_ref().map(|address| PostalAddress {
        street: text(&address.street),
        city: text(&address.city),
        state: text(&address.state),
        postal_code: text(&address.postal_code),
        country: text(&address.country_or_region),
    });
    location.address = address.filter(|address| *address != PostalAddress::default());
    (location != Location::default()).then_some(location)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::error::ErrorKind;
    use crate::model::{JoinUrlSource, PropertyKind, PropertySet};

    fn read(json: Value, reading: &Reading) -> Result<Event> {
        event(serde_json::from_value(json).unwrap(), reading, "test")
    }

    fn bare() -> Value {
        json!({
            "id": "AAMkbare=",
            "start": { "dateTime": "2026-05-04T07:00:00.0000000", "timeZone": "UTC" },
            "end": { "dateTime": "2026-05-04T08:00:00.0000000", "timeZone": "UTC" }
        })
    }

    fn with(fields: Value) -> Value {
        let mut event = bare();
        let all = event.as_object_mut().unwrap();
        all.extend(fields.as_object().unwrap().clone());
        event
    }

    #[test]
    fn little_is_enough() {
        let event = read(bare(), &Reading::default()).unwrap();
        assert_eq!(event.id.to_string(), "graph:AAMkbare=");
        assert_eq!(event.kind, EventKind::Single);
        assert_eq!(event.show_as, FreeBusyStatus::NoData);
        assert_eq!(event.reminder, None);
        assert!(event.detail.is_none() && !event.is_meeting);
        for field in ["id", "start", "end"] {
            let mut lacking = bare();
            lacking.as_object_mut().unwrap().remove(field);
            let error = read(lacking, &Reading::default()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Protocol, "{field}");
        }
    }

    #[test]
    fn nothing_unknown_fails() {
        let odd = with(json!({
            "type": "moonPhase", "showAs": "asleep", "sensitivity": "secret", "importance": "vast",
            "responseStatus": { "response": "maybe", "time": "0001-01-01T00:00:00Z" },
            "originalStartTimeZone": "tzone://Microsoft/Custom", "attendees": null, "categories": null,
            "createdDateTime": "yesterday", "location": null, "newThing": { "a": 1 }
        }));
        let event = read(odd, &Reading::default()).unwrap();
        assert_eq!(event.sensitivity, Sensitivity::Private);
        assert_eq!(event.importance, Importance::Normal);
        assert_eq!(event.my_response, ResponseStatus::default());
        assert_eq!(event.created, None);
        let When::Timed { start, end } = &event.when else {
            panic!("{event:?}")
        };
        // The instant is right, though nobody knows the clock.
        assert_eq!(start.utc.to_rfc3339(), "2026-05-04T07:00:00+00:00");
        assert_eq!((start.local(), end.local()), (None, None));
    }

    #[test]
    fn an_exception_of_a_meeting() {
        let wire = with(json!({
            "@odata.etag": "W/\"tag==\"", "type": "exception", "seriesMasterId": "AAMkmaster=",
            "iCalUId": "040000008200E00074C5B7101A82E00807EA0504000000000000000000000000100000007E179DE3E9AA9C4DBB784CA0F90F0B86",
            "originalStart": "2026-05-04T06:00:00Z", "isOrganizer": false, "isReminderOn": true,
            "reminderMinutesBeforeStart": 15, "originalStartTimeZone": "W. Europe Standard Time",
            "organizer": { "emailAddress": { "name": "Ada", "address": "ada@example.com" } },
            "attendees": [
                {
                    "type": "optional", "emailAddress": { "name": "Bob", "address": "bob@example.com" },
                    "status": { "response": "tentativelyAccepted", "time": "2026-05-01T10:00:00Z" },
                    "proposedNewTime": {
                        "start": { "dateTime": "2026-05-05T07:00:00", "timeZone": "UTC" },
                        "end": { "dateTime": "2026-05-05T08:00:00", "timeZone": "UTC" }
                    }
                },
                { "type": "required", "emailAddress": {} }
            ],
            "locations": [
                { "displayName": "Room 5", "locationEmailAddress": "room5@example.com",
                  "coordinates": { "latitude": 52.5, "longitude": 13.4 }, "address": { "city": "Berlin" } },
                { "displayName": "", "coordinates": {} }
            ],
            "body": { "contentType": "text", "content": "See you" },
            "singleValueExtendedProperties": [
                { "id": "String {00020329-0000-0000-C000-000000000046} Name SkypeTeamsMeetingUrl",
                  "value": "https://teams.microsoft.com/l/meetup-join/19%3ameeting_x%40thread.v2/0" }
            ]
        }));
        let reading = Reading {
            is_full: true,
            ..Reading::default()
        };
        let event = read(wire, &reading).unwrap();
        assert_eq!(event.version.as_raw(), "tag==");
        assert_eq!(event.kind, EventKind::Exception);
        assert!(event.is_meeting && !event.is_organizer);
        assert_eq!(event.reminder, Some(TimeDelta::minutes(15)));
        // The UID is that of the series, whose day is cleared.
        assert!(event.uid.unwrap().as_str().contains("1A82E0080000000000"));
        assert_eq!(
            event.recurrence_id.unwrap().to_rfc3339(),
            "2026-05-04T06:00:00+00:00"
        );
        let detail = event.detail.unwrap();
        assert_eq!(detail.series_id.unwrap().as_raw(), "AAMkmaster=");
        assert_eq!(detail.attendees.len(), 1);
        assert_eq!(detail.attendees[0].role, AttendeeRole::Optional);
        assert_eq!(detail.attendees[0].response.response, Response::Tentative);
        assert!(detail.attendees[0].proposed.is_some());
        assert_eq!(detail.locations.len(), 1);
        assert_eq!(detail.locations[0].coordinates, Some((52.5, 13.4)));
        let join = detail.online_meeting.unwrap();
        assert_eq!(join.source, JoinUrlSource::ExtendedProperty);
        assert_eq!(join.provider.as_deref(), Some("Microsoft Teams"));
    }

    #[test]
    fn a_view_leaves_out_what_it_may_not_choose() {
        assert!(!summary_fields(true).contains("createdDateTime"));
        assert!(summary_fields(false).contains("lastModifiedDateTime"));
        let own = PropertyName::named(PropertySet::PublicStrings, "Ticket", PropertyKind::String);
        let expansion = full_expansion(&[own]);
        assert!(expansion.contains("Name Ticket") && expansion.contains("SkypeTeamsMeetingUrl"));
    }
}
