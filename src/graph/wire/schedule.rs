use serde::Deserialize;

use super::DateTimeTimeZone;

/// Source: <https://learn.microsoft.com/graph/api/resources/scheduleinformation>
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::graph) struct ScheduleInformation {
    pub(in crate::graph) schedule_id: Option<String>,
    /// One digit for each slot.
    pub(in crate::graph) availability_view: Option<String>,
    pub(in crate::graph) schedule_items: Option<Vec<ScheduleItem>>,
    pub(in crate::graph) working_hours: Option<WorkingHours>,
    pub(in crate::graph) error: Option<FreeBusyError>,
}

/// Source: <https://learn.microsoft.com/graph/api/resources/scheduleitem>
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::graph) struct ScheduleItem {
    pub(in crate::graph) start: Option<DateTimeTimeZone>,
    pub(in crate::graph) end: Option<DateTimeTimeZone>,
    pub(in crate::graph) status: Option<String>,
    pub(in crate::graph) subject: Option<String>,
    pub(in crate::graph) location: Option<String>,
    pub(in crate::graph) is_private: Option<bool>,
}

/// Source: <https://learn.microsoft.com/graph/api/resources/freebusyerror>
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::graph) struct FreeBusyError {
    pub(in crate::graph) message: Option<String>,
    pub(in crate::graph) response_code: Option<String>,
}

/// Source: <https://learn.microsoft.com/graph/api/resources/workinghours>
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::graph) struct WorkingHours {
    pub(in crate::graph) days_of_week: Option<Vec<String>>,
    /// `08:00:00.0000000`.
    pub(in crate::graph) start_time: Option<String>,
    pub(in crate::graph) end_time: Option<String>,
    pub(in crate::graph) time_zone: Option<TimeZoneBase>,
}

/// A zone by name, or by rules.
///
/// Source: <https://learn.microsoft.com/graph/api/resources/timezonebase>,
/// <https://learn.microsoft.com/graph/api/resources/customtimezone>
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::graph) struct TimeZoneBase {
    pub(in crate::graph) name: Option<String>,
    /// UTC less local time, in minutes.
    pub(in crate::graph) bias: Option<i32>,
    pub(in crate::graph) standard_offset: Option<ZoneChange>,
    pub(in crate::graph) daylight_offset: Option<ZoneChange>,
}

/// When clocks are set.
///
/// Source: <https://learn.microsoft.com/graph/api/resources/standardtimezoneoffset>
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::graph) struct ZoneChange {
    /// What daylight time adds to the bias, in minutes.
    pub(in crate::graph) daylight_bias: Option<i32>,
    pub(in crate::graph) time: Option<String>,
    /// Which of those weekdays in the month, 5 for the last; of a day in one year, which day.
    pub(in crate::graph) day_occurrence: Option<u32>,
    pub(in crate::graph) day_of_week: Option<String>,
    pub(in crate::graph) month: Option<u32>,
    /// 0 for every year.
    pub(in crate::graph) year: Option<i32>,
}
