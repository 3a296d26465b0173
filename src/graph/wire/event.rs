use serde::Deserialize;

use super::{
    Attachment, DateTimeTimeZone, EmailAddress, ItemBody, MultiValueProperty, PatternedRecurrence,
    Recipient, SingleValueProperty, TimeSlot,
};

/// An event, or a row of a change list, which may say little more than the id.
///
/// Source: <https://learn.microsoft.com/graph/api/resources/event>
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::graph) struct Event {
    pub(in crate::graph) id: Option<String>,
    pub(in crate::graph) change_key: Option<String>,
    #[serde(rename = "@odata.etag")]
    pub(in crate::graph) etag: Option<String>,
    /// In a change list: the event is gone.
    #[serde(rename = "@removed")]
    pub(in crate::graph) removed: Option<Removed>,
    /// `singleInstance`, `occurrence`, `exception` or `seriesMaster`.
    #[serde(rename = "type")]
    pub(in crate::graph) kind: Option<String>,
    #[serde(rename = "iCalUId")]
    pub(in crate::graph) i_cal_uid: Option<String>,
    pub(in crate::graph) series_master_id: Option<String>,
    pub(in crate::graph) original_start: Option<String>,
    pub(in crate::graph) subject: Option<String>,
    pub(in crate::graph) start: Option<DateTimeTimeZone>,
    pub(in crate::graph) end: Option<DateTimeTimeZone>,
    pub(in crate::graph) original_start_time_zone: Option<String>,
    pub(in crate::graph) original_end_time_zone: Option<String>,
    pub(in crate::graph) is_all_day: Option<bool>,
    pub(in crate::graph) location: Option<Location>,
    pub(in crate::graph) locations: Option<Vec<Location>>,
    /// `free`, `tentative`, `busy`, `oof`, `workingElsewhere` or `unknown`.
    pub(in crate::graph) show_as: Option<String>,
    pub(in crate::graph) sensitivity: Option<String>,
    pub(in crate::graph) importance: Option<String>,
    pub(in crate::graph) categories: Option<Vec<String>>,
    pub(in crate::graph) organizer: Option<Recipient>,
    pub(in crate::graph) is_organizer: Option<bool>,
    pub(in crate::graph) is_cancelled: Option<bool>,
    pub(in crate::graph) response_status: Option<ResponseStatus>,
    pub(in crate::graph) is_reminder_on: Option<bool>,
    pub(in crate::graph) reminder_minutes_before_start: Option<i64>,
    pub(in crate::graph) has_attachments: Option<bool>,
    pub(in crate::graph) created_date_time: Option<String>,
    pub(in crate::graph) last_modified_date_time: Option<String>,
    pub(in crate::graph) attendees: Option<Vec<Attendee>>,
    pub(in crate::graph) body: Option<ItemBody>,
    pub(in crate::graph) body_preview: Option<String>,
    pub(in crate::graph) recurrence: Option<PatternedRecurrence>,
    pub(in crate::graph) online_meeting: Option<OnlineMeetingInfo>,
    pub(in crate::graph) online_meeting_url: Option<String>,
    pub(in crate::graph) response_requested: Option<bool>,
    pub(in crate::graph) allow_new_time_proposals: Option<bool>,
    pub(in crate::graph) hide_attendees: Option<bool>,
    pub(in crate::graph) web_link: Option<String>,
    /// `OID.{series}.{date}`.
    pub(in crate::graph) cancelled_occurrences: Option<Vec<String>>,
    /// Of each as much as was asked for.
    pub(in crate::graph) exception_occurrences: Option<Vec<Self>>,
    #[serde(rename = "exceptionOccurrences@odata.nextLink")]
    pub(in crate::graph) more_exceptions: Option<String>,
    pub(in crate::graph) calendar: Option<Named>,
    pub(in crate::graph) attachments: Option<Vec<Attachment>>,
    pub(in crate::graph) single_value_extended_properties: Option<Vec<SingleValueProperty>>,
    pub(in crate::graph) multi_value_extended_properties: Option<Vec<MultiValueProperty>>,
}

/// Something of which only the id is wanted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::graph) struct Named {
    pub(in crate::graph) id: Option<String>,
}

/// Why a row is gone from a change list.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::graph) struct Removed {
    /// `deleted`, or `changed` for what is not in the list any more.
    #[allow(dead_code)]
    pub(in crate::graph) reason: Option<String>,
}

/// Source: <https://learn.microsoft.com/graph/api/resources/attendee>
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::graph) struct Attendee {
    pub(in crate::graph) email_address: Option<EmailAddress>,
    /// `required`, `optional` or `resource`.
    #[serde(rename = "type")]
    pub(in crate::graph) kind: Option<String>,
    pub(in crate::graph) status: Option<ResponseStatus>,
    pub(in crate::graph) proposed_new_time: Option<TimeSlot>,
}

/// Source: <https://learn.microsoft.com/graph/api/resources/responsestatus>
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::graph) struct ResponseStatus {
    /// `none`, `organizer`, `tentativelyAccepted`, `accepted`, `declined` or `notResponded`.
    pub(in crate::graph) response: Option<String>,
    pub(in crate::graph) time: Option<String>,
}

/// Source: <https://learn.microsoft.com/graph/api/resources/location>
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::graph) struct Location {
    pub(in crate::graph) display_name: Option<String>,
    pub(in crate::graph) location_email_address: Option<String>,
    pub(in crate::graph) location_uri: Option<String>,
    pub(in crate::graph) address: Option<PhysicalAddress>,
    pub(in crate::graph) coordinates: Option<Coordinates>,
}

/// Source: <https://learn.microsoft.com/graph/api/resources/physicaladdress>
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::graph) struct PhysicalAddress {
    pub(in crate::graph) street: Option<String>,
    pub(in crate::graph) city: Option<String>,
    pub(in crate::graph) state: Option<String>,
    pub(in crate::graph) country_or_region: Option<String>,
    pub(in crate::graph) postal_code: Option<String>,
}

/// Source: <https://learn.microsoft.com/graph/api/resources/outlookgeocoordinates>
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::graph) struct Coordinates {
    pub(in crate::graph) latitude: Option<f64>,
    pub(in crate::graph) longitude: Option<f64>,
}

/// Source: <https://learn.microsoft.com/graph/api/resources/onlinemeetinginfo>
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::graph) struct OnlineMeetingInfo {
    pub(in crate::graph) join_url: Option<String>,
}
