use serde::{Deserialize, Serialize};

/// A MAPI property with one value; the id is its name.
///
/// Source: <https://learn.microsoft.com/graph/api/resources/singlevaluelegacyextendedproperty>
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(in crate::graph) struct SingleValueProperty {
    pub(in crate::graph) id: String,
    pub(in crate::graph) value: Option<String>,
}

/// A MAPI property with many values.
///
/// Source: <https://learn.microsoft.com/graph/api/resources/multivaluelegacyextendedproperty>
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(in crate::graph) struct MultiValueProperty {
    pub(in crate::graph) id: String,
    pub(in crate::graph) value: Option<Vec<String>>,
}
