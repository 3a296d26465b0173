use serde::Deserialize;

/// What is attached to an item, without its content.
///
/// Source: <https://learn.microsoft.com/graph/api/resources/attachment>
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::graph) struct Attachment {
    /// `#microsoft.graph.fileAttachment`, `itemAttachment` or `referenceAttachment`.
    #[serde(rename = "@odata.type")]
    pub(in crate::graph) odata_type: Option<String>,
    pub(in crate::graph) id: Option<String>,
    pub(in crate::graph) name: Option<String>,
    pub(in crate::graph) content_type: Option<String>,
    pub(in crate::graph) size: Option<i64>,
    pub(in crate::graph) is_inline: Option<bool>,
    pub(in crate::graph) last_modified_date_time: Option<String>,
    pub(in crate::graph) content_id: Option<String>,
    pub(in crate::graph) content_location: Option<String>,
    /// Of an attached item, if it was asked for.
    pub(in crate::graph) item: Option<AttachedItem>,
}

/// An attached item, as far as it says what it is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::graph) struct AttachedItem {
    #[serde(rename = "@odata.type")]
    pub(in crate::graph) odata_type: Option<String>,
    pub(in crate::graph) meeting_message_type: Option<String>,
}

/// Where the ranges of a large file go. The URL is what allows to write to it: it is a secret.
///
/// Source: <https://learn.microsoft.com/graph/api/resources/uploadsession>
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::graph) struct UploadSession {
    pub(in crate::graph) upload_url: String,
    pub(in crate::graph) next_expected_ranges: Vec<String>,
}

impl std::fmt::Debug for UploadSession {
    /// Without the URL.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UploadSession")
            .field("next_expected_ranges", &self.next_expected_ranges)
            .finish_non_exhaustive()
    }
}
