use serde::Deserialize;

/// An entry of the directory: a user, a group, a contact, a place.
///
/// Source: <https://learn.microsoft.com/graph/api/resources/user>, <https://learn.microsoft.com/graph/api/resources/group>,
/// <https://learn.microsoft.com/graph/api/resources/orgcontact>, <https://learn.microsoft.com/graph/api/resources/room>
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::graph) struct DirectoryEntry {
    #[serde(rename = "@odata.type")]
    pub(in crate::graph) kind: Option<String>,
    pub(in crate::graph) id: Option<String>,
    pub(in crate::graph) display_name: Option<String>,
    /// Of users, groups and contacts.
    pub(in crate::graph) mail: Option<String>,
    /// Of places.
    pub(in crate::graph) email_address: Option<String>,
}

/// Source: <https://learn.microsoft.com/graph/api/resources/convertidresult>
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::graph) struct ConvertedId {
    pub(in crate::graph) source_id: Option<String>,
    pub(in crate::graph) target_id: Option<String>,
    pub(in crate::graph) error_details: Option<GenericError>,
}

/// Source: <https://learn.microsoft.com/graph/api/resources/genericerror>
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::graph) struct GenericError {
    pub(in crate::graph) code: Option<String>,
    pub(in crate::graph) message: Option<String>,
}
