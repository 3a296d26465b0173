use super::event::{event_id, text, version};
use super::{recipient, time};
use crate::connector::Backend;
use crate::graph::wire::EventMessage;
use crate::model::{ICalUid, MeetingMessage, MeetingMessageKind, MessageId, Response, When};

/// A message about a meeting; `None` for what has no identifier.
pub(in crate::graph) fn meeting_message(wire: &EventMessage) -> Option<MeetingMessage> {
    let id = MessageId::from_raw(Backend::Graph, wire.id.as_deref()?);
    let version = version(wire.change_key.as_deref(), wire.etag.as_deref());
    let mut read = MeetingMessage::new(id, version, kind(wire));
    read.subject = wire.subject.clone().unwrap_or_default();
    read.from = wire.from.as_ref().and_then(recipient);
    read.received = time::instant(wire.received_date_time.as_deref());
    read.is_read = wire.is_read.unwrap_or_default();
    read.location = wire
        .location
        .as_ref()
        .and_then(|one| text(&one.display_name));
    let outdated = wire.meeting_request_type.as_deref();
    let outdated = outdated.is_some_and(|kind| kind.eq_ignore_ascii_case("outdated"));
    read.is_out_of_date = wire.is_out_of_date.unwrap_or_default() || outdated;
    read.is_delegated = wire.is_delegated.unwrap_or_default();
    read.proposed = wire.proposed_new_time.as_ref().and_then(time::slot);
    read.when = when(wire);
    if let Some(event) = &wire.event {
        read.event_id = event.id.as_deref().map(event_id);
        let uid = text(&event.i_cal_uid);
        read.uid = uid.as_deref().map(ICalUid::new);
        read.recurrence_id = time::instant(event.original_start.as_deref());
    }
    Some(read)
}

/// What the message says of the time; in which zone only the event knows.
fn when(wire: &EventMessage) -> Option<When> {
    let zones = wire.event.as_ref();
    let zone = |of: fn(&crate::graph::wire::Event) -> &Option<String>| {
        time::zone(zones.and_then(|event| of(event).as_deref()))
    };
    time::when(time::Times {
        start: wire.start_date_time.as_ref()?,
        end: wire.end_date_time.as_ref()?,
        start_zone: zone(|event| &event.original_start_time_zone),
        end_zone: zone(|event| &event.original_end_time_zone),
        is_all_day: wire.is_all_day.unwrap_or_default(),
    })
}

fn kind(wire: &EventMessage) -> MeetingMessageKind {
    let word = wire.meeting_message_type.as_deref().unwrap_or_default();
    match word.to_ascii_lowercase().as_str() {
        "meetingrequest" => MeetingMessageKind::Request,
        "meetingcancelled" => MeetingMessageKind::Cancellation,
        "meetingaccepted" => MeetingMessageKind::Response(Response::Accepted),
        // The name of the value has lost a letter.
        "meetingtenativelyaccepted" | "meetingtentativelyaccepted" => {
            MeetingMessageKind::Response(Response::Tentative)
        }
        "meetingdeclined" => MeetingMessageKind::Response(Response::Declined),
        _ => MeetingMessageKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(json: Value) -> Option<MeetingMessage> {
        meeting_message(&serde_json::from_value(json).unwrap())
    }

    #[test]
    fn kinds() {
        for (word, kind) in [
            ("meetingRequest", MeetingMessageKind::Request),
            ("meetingCancelled", MeetingMessageKind::Cancellation),
            (
                "meetingAccepted",
                MeetingMessageKind::Response(Response::Accepted),
            ),
            (
                "meetingTenativelyAccepted",
                MeetingMessageKind::Response(Response::Tentative),
            ),
            (
                "meetingDeclined",
                MeetingMessageKind::Response(Response::Declined),
            ),
            ("none", MeetingMessageKind::Other),
        ] {
            let read = read(json!({ "id": "a", "meetingMessageType": word })).unwrap();
            assert_eq!(read.kind, kind, "{word}");
        }
        assert_eq!(
            read(json!({ "meetingMessageType": "meetingRequest" })),
            None
        );
    }

    #[test]
    fn an_invitation_knows_its_event() {
        let read = read(json!({
            "id": "m", "changeKey": "k", "subject": "Talk", "isRead": true, "isOutOfDate": false,
            "meetingRequestType": "outdated", "receivedDateTime": "2026-05-01T10:00:00Z",
            "startDateTime": { "dateTime": "2026-05-04T07:00:00.0000000", "timeZone": "UTC" },
            "endDateTime": { "dateTime": "2026-05-04T08:00:00.0000000", "timeZone": "UTC" },
            "location": { "displayName": "Room 5" },
            "event": { "id": "e", "iCalUId": "abc@example.org", "originalStartTimeZone": "W. Europe Standard Time" }
        }))
        .unwrap();
        assert_eq!(read.event_id.unwrap().as_raw(), "e");
        assert_eq!(read.uid.unwrap().as_str(), "abc@example.org");
        assert!(read.is_out_of_date && read.is_read && !read.is_delegated);
        let Some(When::Timed { start, .. }) = read.when else {
            panic!("no time")
        };
        assert_eq!(start.zone.tz, Some(chrono_tz::Europe::Berlin));
    }
}
