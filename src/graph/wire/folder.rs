use serde::Deserialize;

use super::SingleValueProperty;

/// Source: <https://learn.microsoft.com/graph/api/resources/mailfolder>
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::graph) struct MailFolder {
    pub(in crate::graph) id: Option<String>,
    pub(in crate::graph) display_name: Option<String>,
    pub(in crate::graph) parent_folder_id: Option<String>,
    pub(in crate::graph) child_folder_count: Option<i64>,
    pub(in crate::graph) total_item_count: Option<i64>,
    pub(in crate::graph) unread_item_count: Option<i64>,
    pub(in crate::graph) is_hidden: Option<bool>,
    pub(in crate::graph) single_value_extended_properties: Option<Vec<SingleValueProperty>>,
    /// In delta answers: it is gone.
    #[serde(rename = "@removed")]
    pub(in crate::graph) removed: Option<serde_json::Value>,
}
