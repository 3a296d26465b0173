use serde::Deserialize;

use super::{DateTimeTimeZone, Event, Location, Recipient, SingleValueProperty, TimeSlot};

/// A message about a meeting: what of it is not as in every message.
///
/// Source: <https://learn.microsoft.com/graph/api/resources/eventmessage>, and the two types that derive from it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::graph) struct EventMessage {
    pub(in crate::graph) id: Option<String>,
    pub(in crate::graph) change_key: Option<String>,
    #[serde(rename = "@odata.etag")]
    pub(in crate::graph) etag: Option<String>,
    /// `#microsoft.graph.eventMessageRequest` and the like.
    #[serde(rename = "@odata.type")]
    pub(in crate::graph) odata_type: Option<String>,
    pub(in crate::graph) subject: Option<String>,
    pub(in crate::graph) from: Option<Recipient>,
    pub(in crate::graph) received_date_time: Option<String>,
    pub(in crate::graph) is_read: Option<bool>,
    /// `meetingRequest`, `meetingCancelled`, `meetingAccepted`, `meetingTenativelyAccepted` (sic) or `meetingDeclined`.
    pub(in crate::graph) meeting_message_type: Option<String>,
    /// Of a response; says the same.
    pub(in crate::graph) response_type: Option<String>,
    pub(in crate::graph) is_out_of_date: Option<bool>,
    pub(in crate::graph) is_delegated: Option<bool>,
    pub(in crate::graph) is_all_day: Option<bool>,
    pub(in crate::graph) start_date_time: Option<DateTimeTimeZone>,
    pub(in crate::graph) end_date_time: Option<DateTimeTimeZone>,
    pub(in crate::graph) location: Option<Location>,
    pub(in crate::graph) proposed_new_time: Option<TimeSlot>,
    /// `outdated` among others.
    pub(in crate::graph) meeting_request_type: Option<String>,
    pub(in crate::graph) event: Option<Event>,
    pub(in crate::graph) single_value_extended_properties: Option<Vec<SingleValueProperty>>,
}
