use serde::{Deserialize, Serialize};

/// What a wall clock shows, and where.
///
/// Source: <https://learn.microsoft.com/graph/api/resources/datetimetimezone>
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::graph) struct DateTimeTimeZone {
    /// Without any offset: `2026-03-02T09:00:00.0000000`.
    pub(in crate::graph) date_time: Option<String>,
    /// A Windows id, `UTC`, or an IANA name.
    pub(in crate::graph) time_zone: Option<String>,
}

/// Source: <https://learn.microsoft.com/graph/api/resources/timeslot>
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(in crate::graph) struct TimeSlot {
    pub(in crate::graph) start: Option<DateTimeTimeZone>,
    pub(in crate::graph) end: Option<DateTimeTimeZone>,
}
