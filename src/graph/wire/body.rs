use serde::{Deserialize, Serialize};

/// Source: <https://learn.microsoft.com/graph/api/resources/itembody>
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::graph) struct ItemBody {
    /// `text` or `html`.
    pub(in crate::graph) content_type: Option<String>,
    pub(in crate::graph) content: Option<String>,
}
