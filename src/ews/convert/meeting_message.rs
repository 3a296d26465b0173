use super::event::{event_id, known, when};
use super::recipient;
use crate::connector::Backend;
use crate::ews::types::{self, CalendarItem, FieldPath, Item, MeetingRequestType};
use crate::ews::{FieldUri, ServerVersion};
use crate::model::{ICalUid, MeetingMessage, MeetingMessageKind, MessageId, Version, ZonedTime};

/// What to read of a message about a meeting on that version.
pub(crate) fn paths(version: ServerVersion) -> Vec<FieldPath> {
    known(PATHS, version)
}

const PATHS: &[FieldUri] = &[
    FieldUri::ItemSubject,
    FieldUri::ItemDateTimeReceived,
    FieldUri::MessageFrom,
    FieldUri::MessageIsRead,
    FieldUri::MeetingAssociatedCalendarItemId,
    FieldUri::MeetingIsDelegated,
    FieldUri::MeetingIsOutOfDate,
    FieldUri::MeetingResponseType,
    FieldUri::MeetingProposedStart,
    FieldUri::MeetingProposedEnd,
    FieldUri::MeetingRequestMeetingRequestType,
    FieldUri::CalendarUID,
    FieldUri::CalendarRecurrenceId,
    FieldUri::CalendarStart,
    FieldUri::CalendarEnd,
    FieldUri::CalendarIsAllDayEvent,
    FieldUri::CalendarLocation,
    FieldUri::CalendarTimeZone,
    FieldUri::CalendarMeetingTimeZone,
    FieldUri::CalendarStartTimeZone,
    FieldUri::CalendarEndTimeZone,
];

/// A message about a meeting; `None` for what is none.
pub(crate) fn meeting_message(item: &Item) -> Option<MeetingMessage> {
    match item {
        Item::Meeting(message) => of_meeting(message),
        // Notes that a meeting was forwarded come as plain messages from some servers.
        Item::Message(message) => of_message(message, MeetingMessageKind::Other),
        _ => None,
    }
}

fn of_message(message: &types::Message, kind: MeetingMessageKind) -> Option<MeetingMessage> {
    let item = &message.item;
    let id = item.item_id.as_ref()?;
    let version = Version::from_raw(id.change_key.as_deref().unwrap_or_default());
    let id = MessageId::from_raw(Backend::Ews, id.id.as_str());
    let mut read = MeetingMessage::new(id, version, kind);
    read.subject = item.subject.clone().unwrap_or_default();
    read.from = recipient::single(message.from.as_ref());
    read.received = item.date_time_received;
    read.is_read = message.is_read.unwrap_or_default();
    Some(read)
}

fn of_meeting(message: &types::MeetingMessage) -> Option<MeetingMessage> {
    let meeting = &message.meeting;
    let mut read = of_message(&message.message, kind(message))?;
    read.event_id = meeting.associated_calendar_item_id.as_ref().map(event_id);
    let uid = meeting.uid.as_deref().filter(|uid| !uid.is_empty());
    read.uid = uid.map(ICalUid::new);
    read.recurrence_id = meeting.recurrence_id;
    let time = meeting.start.zip(meeting.end);
    read.when = time.map(|(start, end)| when(&calendar_item(meeting), start, end, None));
    read.location = meeting.location.clone().filter(|place| !place.is_empty());
    // Of a request it may be said in either place.
    let outdated = Some(MeetingRequestType::Outdated);
    read.is_out_of_date =
        meeting.is_out_of_date.unwrap_or_default() || meeting.meeting_request_type == outdated;
    read.is_delegated = meeting.is_delegated.unwrap_or_default();
    let proposed = meeting.proposed_start.zip(meeting.proposed_end);
    let utc = |time| ZonedTime::from_utc(time, chrono_tz::Tz::UTC);
    read.proposed = proposed.map(|(start, end)| (utc(start), utc(end)));
    Some(read)
}

fn kind(message: &types::MeetingMessage) -> MeetingMessageKind {
    match &message.kind {
        types::MeetingMessageKind::MeetingRequest => MeetingMessageKind::Request,
        types::MeetingMessageKind::MeetingCancellation => MeetingMessageKind::Cancellation,
        types::MeetingMessageKind::MeetingResponse => {
            let response = recipient::response(message.meeting.response_type.as_ref());
            MeetingMessageKind::Response(response)
        }
        types::MeetingMessageKind::MeetingMessage | types::MeetingMessageKind::Other(_) => {
            MeetingMessageKind::Other
        }
    }
}

/// What a message says of the time, as an item says it.
fn calendar_item(meeting: &types::MeetingProperties) -> CalendarItem {
    CalendarItem {
        is_all_day_event: meeting.is_all_day_event,
        time_zone: meeting.time_zone.clone(),
        meeting_time_zone: meeting.meeting_time_zone.clone(),
        start_time_zone: meeting.start_time_zone.clone(),
        end_time_zone: meeting.end_time_zone.clone(),
        start_time_zone_id: meeting.start_time_zone_id.clone(),
        end_time_zone_id: meeting.end_time_zone_id.clone(),
        ..CalendarItem::default()
    }
}
