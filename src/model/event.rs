//! Events, as they are read.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{
    Attachment, Attendee, Body, CalendarId, Categories, EventId, ExtendedProperty, FreeBusyStatus,
    ICalUid, Importance, OnlineMeeting, Recipient, Recurrence, ResponseStatus, Sensitivity,
    Version, When,
};

/// An event in a calendar, as it was when it was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// Its version, for changing it only if nobody else did since.
    pub version: Version,
    /// Whether it stands alone or belongs to a series.
    pub kind: EventKind,
    /// The UID of the series; together with [`recurrence_id`](Self::recurrence_id) it names one occurrence.
    pub uid: Option<ICalUid>,
    /// When an occurrence or exception would have begun by the pattern of the series.
    pub recurrence_id: Option<DateTime<Utc>>,
    /// The subject; empty when there is none.
    pub subject: String,
    /// When it takes place.
    pub when: When,
    /// Where, as text.
    pub location: Option<String>,
    /// How the time is taken.
    pub show_as: FreeBusyStatus,
    /// Whom it concerns.
    pub sensitivity: Sensitivity,
    /// How important it is.
    pub importance: Importance,
    /// Its categories.
    pub categories: Categories,
    /// Who organises it.
    pub organizer: Option<Recipient>,
    /// The owner of this calendar organises it.
    pub is_organizer: bool,
    /// It has or had attendees; Graph tells the organiser only of those who are invited now.
    pub is_meeting: bool,
    /// The organiser cancelled it.
    pub is_cancelled: bool,
    /// What the owner of this calendar answered.
    pub my_response: ResponseStatus,
    /// How long before the start to remind; `None`: not at all.
    pub reminder: Option<TimeDelta>,
    /// It has attachments that are not part of the body.
    pub has_attachments: bool,
    /// When it was created; `None` where a list does not say.
    pub created: Option<DateTime<Utc>>,
    /// When it was last changed; `None` where a list does not say.
    pub last_modified: Option<DateTime<Utc>>,
    /// The rest, when loaded with [`Projection::Full`](super::Projection::Full).
    pub detail: Option<Box<EventDetail>>,
}

impl Event {
    /// A single event of which only this is known: busy, without anything else.
    pub fn new(id: EventId, version: Version, when: When) -> Self {
        Self {
            id,
            version,
            kind: EventKind::Single,
            uid: None,
            recurrence_id: None,
            subject: String::new(),
            when,
            location: None,
            show_as: FreeBusyStatus::Busy,
            sensitivity: Sensitivity::default(),
            importance: Importance::default(),
            categories: Categories::new(),
            organizer: None,
            is_organizer: false,
            is_meeting: false,
            is_cancelled: false,
            my_response: ResponseStatus::default(),
            reminder: None,
            has_attachments: false,
            created: None,
            last_modified: None,
            detail: None,
        }
    }
}

/// Whether an event stands alone or belongs to a series. EWS `CalendarItemType`, Graph `type`; unknown values read as
/// `Single`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EventKind {
    /// It stands alone.
    Single,
    /// It is the series. EWS `RecurringMaster`.
    SeriesMaster,
    /// It is one of a series, as the pattern says.
    Occurrence,
    /// It is one of a series, but was changed.
    Exception,
}

/// What of an event only [`Projection::Full`](super::Projection::Full) loads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EventDetail {
    /// The body; `None` when it is empty.
    pub body: Option<Body>,
    /// The beginning of the body as plain text; `None` when there is none. EWS: Exchange 2013, for what the server made
    /// one for.
    pub preview: Option<String>,
    /// Who is invited: who should come, who may, then rooms and equipment. The organiser is not among them.
    pub attendees: Vec<Attendee>,
    /// The series of an occurrence or exception. EWS tells it only when asked separately.
    pub series_id: Option<EventId>,
    /// How a series repeats.
    pub recurrence: Option<Recurrence>,
    /// Where, as far as the server knows more than the text. EWS: at most one, Exchange 2013.
    pub locations: Vec<Location>,
    /// Where to join online.
    pub online_meeting: Option<OnlineMeeting>,
    /// The organiser asks for answers.
    pub response_requested: bool,
    /// Attendees may propose another time.
    pub allow_new_time_proposals: bool,
    /// Attendees do not see each other; Graph only.
    pub hide_attendees: bool,
    /// What is attached, without content.
    pub attachments: Vec<Attachment>,
    /// Where to open it in a browser.
    pub web_link: Option<String>,
    /// The calendar it is in; `None` where the server does not say.
    pub calendar_id: Option<CalendarId>,
    /// The MAPI properties that were asked for.
    pub extended: Vec<ExtendedProperty>,
}

impl EventDetail {
    /// Nothing but the defaults of a new event: answers are asked for and other times may be proposed.
    pub fn new() -> Self {
        Self {
            body: None,
            preview: None,
            attendees: Vec::new(),
            series_id: None,
            recurrence: None,
            locations: Vec::new(),
            online_meeting: None,
            response_requested: true,
            allow_new_time_proposals: true,
            hide_attendees: false,
            attachments: Vec::new(),
            web_link: None,
            calendar_id: None,
            extended: Vec::new(),
        }
    }
}

impl Default for EventDetail {
    fn default() -> Self {
        Self::new()
    }
}

/// A place. EWS `EnhancedLocation` (Exchange 2013), Graph `locations`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Location {
    /// Its name.
    pub name: Option<String>,
    /// Its mailbox, for a room.
    pub email: Option<String>,
    /// What identifies it elsewhere.
    pub uri: Option<String>,
    /// Its postal address.
    pub address: Option<PostalAddress>,
    /// Latitude and longitude in degrees.
    pub coordinates: Option<(f64, f64)>,
}

impl Location {
    /// Whether it says more than the text of an event's location.
    #[cfg(any(feature = "ews", feature = "graph"))]
    pub(crate) fn adds_to(&self, text: Option<&str>) -> bool {
        let only_name = Self {
            name: self.name.clone(),
            ..Self::default()
        };
        *self != only_name || self.name.as_deref() != text
    }
}

/// A postal address.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct PostalAddress {
    /// Street and number.
    pub street: Option<String>,
    /// City.
    pub city: Option<String>,
    /// State or province.
    pub state: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Country or region.
    pub country: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{connector::Backend, model::JoinUrlSource};

    #[test]
    fn survives_storage() {
        let when = When::timed(
            "2026-05-04T09:00:00".parse().unwrap(),
            "2026-05-04T10:00:00".parse().unwrap(),
            chrono_tz::Europe::Berlin,
        );
        let mut event = Event::new(
            EventId::from_raw(Backend::Ews, "AAMk="),
            Version::from_raw("DwAA"),
            when,
        );
        event.uid = Some(ICalUid::new("abc@example.org"));
        event.reminder = Some(TimeDelta::minutes(15));
        event.categories.insert("Red".into());
        let mut detail = EventDetail::new();
        detail.attendees.push(Attendee::optional("ada@example.com"));
        detail.online_meeting = Some(OnlineMeeting::new(
            "https://meet.example/1",
            JoinUrlSource::Property,
        ));
        detail.locations.push(Location {
            coordinates: Some((52.5, 13.4)),
            ..Location::default()
        });
        event.detail = Some(Box::new(detail));
        let text = serde_json::to_string(&event).unwrap();
        assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), event);
    }
}
