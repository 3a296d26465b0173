use chrono::{DateTime, TimeDelta, Utc};

use super::{attachment, property, recipient, recurrence, zone};
use crate::connector::Backend;
use crate::error::{Error, ErrorKind, Result};
use crate::ews::types::{
    self, BodyType, CalendarItem, CalendarItemType, EnhancedLocation, FieldPath, Item, ItemId,
    LegacyFreeBusyStatus,
};
use crate::ews::{FieldUri, ServerVersion};
use crate::model::{
    AttendeeRole, Body, CalendarId, Event, EventDetail, EventId, EventKind, FreeBusyStatus,
    ICalUid, Importance, JoinUrlSource, Location, OnlineMeeting, PostalAddress, PropertyName,
    ResponseStatus, Sensitivity, Version, When, Zone, ZonedTime,
};

/// What a list can return of a calendar item on that version.
pub(crate) fn summary_paths(version: ServerVersion) -> Vec<FieldPath> {
    known(SUMMARY, version)
}

/// What there is to know of a calendar item on that version, with these MAPI properties.
pub(crate) fn full_paths(version: ServerVersion, extended: &[PropertyName]) -> Vec<FieldPath> {
    let mut paths = known(SUMMARY, version);
    paths.extend(known(FULL, version));
    let joins = OnlineMeeting::properties();
    for name in extended.iter().chain(&joins) {
        let path = FieldPath::Extended(property::property_uri(name));
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    paths
}

pub(super) fn known(uris: &[FieldUri], version: ServerVersion) -> Vec<FieldPath> {
    uris.iter()
        .filter(|uri| uri.since() <= version)
        .map(|uri| FieldPath::Field(uri.clone()))
        .collect()
}

const SUMMARY: &[FieldUri] = &[
    FieldUri::ItemSubject,
    FieldUri::ItemSensitivity,
    FieldUri::ItemCategories,
    FieldUri::ItemImportance,
    FieldUri::ItemDateTimeCreated,
    FieldUri::ItemLastModifiedTime,
    FieldUri::ItemReminderIsSet,
    FieldUri::ItemReminderMinutesBeforeStart,
    FieldUri::ItemHasAttachments,
    FieldUri::CalendarUID,
    FieldUri::CalendarRecurrenceId,
    FieldUri::CalendarStart,
    FieldUri::CalendarEnd,
    FieldUri::CalendarIsAllDayEvent,
    FieldUri::CalendarLegacyFreeBusyStatus,
    FieldUri::CalendarLocation,
    FieldUri::CalendarIsMeeting,
    FieldUri::CalendarIsCancelled,
    FieldUri::CalendarCalendarItemType,
    FieldUri::CalendarMyResponseType,
    FieldUri::CalendarOrganizer,
    FieldUri::CalendarAppointmentReplyTime,
    FieldUri::CalendarAppointmentState,
    FieldUri::CalendarTimeZone,
    FieldUri::CalendarStartTimeZoneId,
    FieldUri::CalendarEndTimeZoneId,
    FieldUri::CalendarIsOrganizer,
];

const FULL: &[FieldUri] = &[
    FieldUri::ItemParentFolderId,
    FieldUri::ItemBody,
    FieldUri::ItemAttachments,
    FieldUri::ItemWebClientReadFormQueryString,
    FieldUri::ItemPreview,
    FieldUri::CalendarIsResponseRequested,
    FieldUri::CalendarRequiredAttendees,
    FieldUri::CalendarOptionalAttendees,
    FieldUri::CalendarResources,
    FieldUri::CalendarRecurrence,
    FieldUri::CalendarMeetingTimeZone,
    FieldUri::CalendarStartTimeZone,
    FieldUri::CalendarEndTimeZone,
    FieldUri::CalendarAllowNewTimeProposal,
    FieldUri::CalendarMeetingWorkspaceUrl,
    FieldUri::CalendarNetShowUrl,
    FieldUri::CalendarEnhancedLocation,
    FieldUri::CalendarJoinOnlineMeetingUrl,
];

/// An event, with its details if `full`. Whole days that begin at no midnight of their own zone are
/// those of `home`, if they do there: see [`wants_home`].
///
/// # Errors
///
/// [`ErrorKind::Protocol`] for what is no calendar item, has no identifier, or no start and end.
pub(crate) fn event_at_home(
    item: &Item,
    full: bool,
    home: Option<&Zone>,
    operation: &'static str,
) -> Result<Event> {
    let Item::CalendarItem(item) = item else {
        let found = format!("the server gave a {} for a calendar item", item.kind());
        return Err(Error::new(ErrorKind::InvalidId, operation, found));
    };
    let lacks = |what: &str| {
        let text = format!("the server gave a calendar item without {what}");
        Error::new(ErrorKind::Protocol, operation, text)
    };
    let id = item.item.item_id.as_ref().ok_or_else(|| lacks("ItemId"))?;
    let start = item.start.ok_or_else(|| lacks("Start"))?;
    let end = item.end.ok_or_else(|| lacks("End"))?;

    let base = &item.item;
    let mut event = Event::new(event_id(id), version(id), when(item, start, end, home));
    event.kind = kind(item.calendar_item_type.as_ref());
    event.uid = item
        .uid
        .as_deref()
        .filter(|uid| !uid.is_empty())
        .map(ICalUid::new);
    if matches!(event.kind, EventKind::Occurrence | EventKind::Exception) {
        event.recurrence_id = item.recurrence_id.or(item.original_start);
    }
    event.subject = base.subject.clone().unwrap_or_default();
    event.location = item
        .location
        .clone()
        .filter(|location| !location.is_empty());
    event.show_as = show_as(item.legacy_free_busy_status.as_ref());
    event.sensitivity = sensitivity(base.sensitivity.as_ref());
    event.importance = importance(base.importance.as_ref());
    event.categories = base.categories.iter().flatten().cloned().collect();
    event.organizer = recipient::single(item.organizer.as_ref());
    event.is_organizer = is_organizer(item);
    event.is_meeting = item.is_meeting.unwrap_or_default();
    event.is_cancelled = item.is_cancelled.unwrap_or_default();
    event.my_response = ResponseStatus::new(
        recipient::response(item.my_response_type.as_ref()),
        item.appointment_reply_time,
    );
    event.reminder = reminder(base.reminder_is_set, base.reminder_minutes_before_start);
    event.has_attachments = base.has_attachments.unwrap_or_default();
    event.created = base.date_time_created;
    event.last_modified = base.last_modified_time;
    event.detail = full.then(|| Box::new(detail(item)));
    Ok(event)
}

fn detail(item: &CalendarItem) -> EventDetail {
    let base = &item.item;
    let mut detail = EventDetail::new();
    detail.body = base.body.as_ref().map(body).filter(is_there);
    detail.preview = base.preview.clone().filter(|text| !text.is_empty());
    detail.attendees = [
        (&item.required_attendees, AttendeeRole::Required),
        (&item.optional_attendees, AttendeeRole::Optional),
        (&item.resources, AttendeeRole::Resource),
    ]
    .into_iter()
    .flat_map(|(list, role)| recipient::attendees(list.as_ref(), role))
    .collect();
    detail.recurrence = item.recurrence.as_ref().and_then(recurrence::recurrence);
    let locations = item.enhanced_location.iter().filter_map(location);
    let text = item.location.as_deref();
    detail.locations = locations.filter(|one| one.adds_to(text)).collect();
    detail.response_requested = item.is_response_requested.unwrap_or_default();
    // Kept as its opposite, and only where somebody said it.
    detail.allow_new_time_proposals = item.allow_new_time_proposal.unwrap_or(true);
    detail.attachments = attachment::attachments(base.attachments.as_ref());
    detail.web_link = base.web_client_read_form_query_string.clone();
    detail.calendar_id = base
        .parent_folder_id
        .as_ref()
        .map(|id| CalendarId::from_raw(Backend::Ews, id.id.as_str()));
    let extended = base.extended_properties.iter().flat_map(|list| &list.0);
    detail.extended = extended.filter_map(property::extended_property).collect();
    detail.online_meeting = OnlineMeeting::find(
        join_property(item),
        &detail.extended,
        item.location.as_deref(),
        detail.body.as_ref(),
    );
    detail
}

/// The property with the address to join at. Before Exchange 2013 there was none, and add-ins took
/// those for workspaces and broadcasts, which hold other addresses too.
fn join_property(item: &CalendarItem) -> Option<&str> {
    let is_meeting = |url: &&str| OnlineMeeting::known(url, JoinUrlSource::Property).is_some();
    let older = [&item.meeting_workspace_url, &item.net_show_url];
    let own = item.join_online_meeting_url.as_deref();
    own.filter(|url| !url.trim().is_empty()).or_else(|| {
        let mut older = older.into_iter().filter_map(|url| url.as_deref());
        older.find(is_meeting)
    })
}

pub(crate) fn event_id(id: &ItemId) -> EventId {
    EventId::from_raw(Backend::Ews, id.id.as_str())
}

pub(super) fn version(id: &ItemId) -> Version {
    Version::from_raw(id.change_key.as_deref().unwrap_or_default())
}

/// Whether a whole day begins at no midnight of its own zone, so that its dates are those of the
/// mailbox's zone.
pub(crate) fn wants_home(item: &Item) -> bool {
    let Item::CalendarItem(item) = item else {
        return false;
    };
    let is_all_day = item.is_all_day_event.unwrap_or_default();
    let is_off = |start| !zone::is_midnight(start, &zone::zones(item).0);
    is_all_day && item.start.is_some_and(is_off)
}

pub(super) fn when(
    item: &CalendarItem,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    home: Option<&Zone>,
) -> When {
    let (start_zone, end_zone) = zone::zones(item);
    if item.is_all_day_event.unwrap_or_default() {
        let is_home =
            |home: &&Zone| !zone::is_midnight(start, &start_zone) && zone::is_midnight(start, home);
        let (first, after) = match home.filter(is_home) {
            Some(home) => (home.date_near(start), home.date_near(end)),
            None => (start_zone.date_near(start), end_zone.date_near(end)),
        };
        // An event that ends when it begins takes the day all the same.
        let after = after.max(first.succ_opt().unwrap_or(first));
        let days = When::days(first, after);
        return match start_zone.wire.is_some() || start_zone.tz.is_some() {
            true => days.in_zone(start_zone),
            false => days,
        };
    }
    When::between(
        ZonedTime::from_utc(start, start_zone),
        ZonedTime::from_utc(end, end_zone),
    )
}

fn kind(kind: Option<&CalendarItemType>) -> EventKind {
    match kind {
        Some(CalendarItemType::RecurringMaster) => EventKind::SeriesMaster,
        Some(CalendarItemType::Occurrence) => EventKind::Occurrence,
        Some(CalendarItemType::Exception) => EventKind::Exception,
        Some(CalendarItemType::Single | CalendarItemType::Other(_)) | None => EventKind::Single,
    }
}

pub(super) fn show_as(status: Option<&LegacyFreeBusyStatus>) -> FreeBusyStatus {
    match status {
        Some(LegacyFreeBusyStatus::Free) => FreeBusyStatus::Free,
        Some(LegacyFreeBusyStatus::Tentative) => FreeBusyStatus::Tentative,
        Some(LegacyFreeBusyStatus::Busy) => FreeBusyStatus::Busy,
        Some(LegacyFreeBusyStatus::OutOfOffice) => FreeBusyStatus::OutOfOffice,
        Some(LegacyFreeBusyStatus::WorkingElsewhere) => FreeBusyStatus::WorkingElsewhere,
        Some(LegacyFreeBusyStatus::NoData | LegacyFreeBusyStatus::Other(_)) | None => {
            FreeBusyStatus::NoData
        }
    }
}

/// What nobody knows is taken for private, so that nothing is shown by mistake.
pub(super) fn sensitivity(sensitivity: Option<&types::Sensitivity>) -> Sensitivity {
    match sensitivity {
        Some(types::Sensitivity::Normal) | None => Sensitivity::Normal,
        Some(types::Sensitivity::Personal) => Sensitivity::Personal,
        Some(types::Sensitivity::Private | types::Sensitivity::Other(_)) => Sensitivity::Private,
        Some(types::Sensitivity::Confidential) => Sensitivity::Confidential,
    }
}

pub(super) fn importance(importance: Option<&types::Importance>) -> Importance {
    match importance {
        Some(types::Importance::Low) => Importance::Low,
        Some(types::Importance::High) => Importance::High,
        Some(types::Importance::Normal | types::Importance::Other(_)) | None => Importance::Normal,
    }
}

/// Exchange 2013 and later say so; before, a meeting (bit 1) that was not received (bit 2).
fn is_organizer(item: &CalendarItem) -> bool {
    const MEETING: i32 = 1;
    const RECEIVED: i32 = 2;
    if let Some(is_organizer) = item.is_organizer {
        return is_organizer;
    }
    match (item.appointment_state, &item.my_response_type) {
        (Some(state), _) if state & MEETING != 0 => state & RECEIVED == 0,
        (_, Some(types::ResponseType::Organizer)) => true,
        // What is no meeting is the owner's own.
        _ => !item.is_meeting.unwrap_or_default(),
    }
}

fn reminder(is_set: Option<bool>, minutes: Option<i32>) -> Option<TimeDelta> {
    is_set
        .unwrap_or_default()
        .then(|| TimeDelta::minutes(minutes.unwrap_or_default().into()))
}

pub(super) fn body(body: &types::Body) -> Body {
    let mut read = match body.body_type {
        BodyType::Html => Body::html(body.value.clone()),
        BodyType::Text | BodyType::Other(_) => Body::text(body.value.clone()),
    };
    read.truncated = body.is_truncated.unwrap_or_default();
    read
}

/// What never had a body comes with an empty one.
pub(super) fn is_there(body: &Body) -> bool {
    !body.content.is_empty() || body.truncated
}

fn location(wire: &EnhancedLocation) -> Option<Location> {
    let address = wire.postal_address.clone().unwrap_or_default();
    let mut location = Location {
        name: wire.display_name.clone().filter(|name| !name.is_empty()),
        coordinates: address.latitude.zip(address.longitude),
        ..Location::default()
    };
    match address.location_uri.filter(|uri| !uri.is_empty()) {
        Some(uri) if uri.contains('@') && !uri.contains("//") => location.email = Some(uri),
        uri => location.uri = uri,
    }
    let postal = PostalAddress {
        street: address.street,
        city: address.city,
        state: address.state,
        postal_code: address.postal_code,
        country: address.country,
    };
    location.address = (postal != PostalAddress::default()).then_some(postal);
    (location != Location::default()).then_some(location)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_with_addresses_to_join_at() {
        let meeting = "https://fabrikam.webex.com/fabrikam/j.php?MTID=m1";
        let other = "https://team.fabrikam.example/sites/review";
        for (join, workspace, net_show, found) in [
            // The property made for it may hold any address.
            (Some(other), None, None, Some(other)),
            (Some(other), Some(meeting), None, Some(other)),
            (Some(" "), Some(meeting), None, Some(meeting)),
            (None, Some(meeting), Some(other), Some(meeting)),
            (None, Some(other), Some(meeting), Some(meeting)),
            (None, Some(other), Some(other), None),
            (None, None, None, None),
        ] {
            let item = CalendarItem {
                join_online_meeting_url: join.map(str::to_owned),
                meeting_workspace_url: workspace.map(str::to_owned),
                net_show_url: net_show.map(str::to_owned),
                ..CalendarItem::default()
            };
            assert_eq!(join_property(&item), found, "{item:?}");
        }
    }
}
