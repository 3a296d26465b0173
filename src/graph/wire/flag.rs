use serde::Deserialize;

use super::DateTimeTimeZone;

/// Source: <https://learn.microsoft.com/graph/api/resources/followupflag>
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::graph) struct FollowupFlag {
    /// `notFlagged`, `complete` or `flagged`.
    pub(in crate::graph) flag_status: Option<String>,
    pub(in crate::graph) start_date_time: Option<DateTimeTimeZone>,
    pub(in crate::graph) due_date_time: Option<DateTimeTimeZone>,
    pub(in crate::graph) completed_date_time: Option<DateTimeTimeZone>,
}
