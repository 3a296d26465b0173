use serde::{Deserialize, Serialize};

/// Source: <https://learn.microsoft.com/graph/api/resources/patternedrecurrence>
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(in crate::graph) struct PatternedRecurrence {
    pub(in crate::graph) pattern: Option<RecurrencePattern>,
    pub(in crate::graph) range: Option<RecurrenceRange>,
}

/// Source: <https://learn.microsoft.com/graph/api/resources/recurrencepattern>
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::graph) struct RecurrencePattern {
    /// `daily`, `weekly`, `absoluteMonthly`, `relativeMonthly`, `absoluteYearly` or `relativeYearly`.
    #[serde(rename = "type")]
    pub(in crate::graph) kind: Option<String>,
    pub(in crate::graph) interval: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::graph) month: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::graph) day_of_month: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::graph) days_of_week: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::graph) first_day_of_week: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::graph) index: Option<String>,
}

/// Source: <https://learn.microsoft.com/graph/api/resources/recurrencerange>
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::graph) struct RecurrenceRange {
    /// `noEnd`, `endDate` or `numbered`.
    #[serde(rename = "type")]
    pub(in crate::graph) kind: Option<String>,
    pub(in crate::graph) start_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::graph) end_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::graph) number_of_occurrences: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::graph) recurrence_time_zone: Option<String>,
}
