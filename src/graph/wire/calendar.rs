use serde::Deserialize;

use super::EmailAddress;

/// Source: <https://learn.microsoft.com/graph/api/resources/calendar>
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::graph) struct Calendar {
    pub(in crate::graph) id: Option<String>,
    pub(in crate::graph) name: Option<String>,
    pub(in crate::graph) owner: Option<EmailAddress>,
    pub(in crate::graph) is_default_calendar: Option<bool>,
    pub(in crate::graph) can_edit: Option<bool>,
    pub(in crate::graph) can_share: Option<bool>,
    pub(in crate::graph) can_view_private_items: Option<bool>,
    pub(in crate::graph) hex_color: Option<String>,
}
