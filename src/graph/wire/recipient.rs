use serde::{Deserialize, Serialize};

/// Source: <https://learn.microsoft.com/graph/api/resources/recipient>
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::graph) struct Recipient {
    pub(in crate::graph) email_address: Option<EmailAddress>,
}

/// Source: <https://learn.microsoft.com/graph/api/resources/emailaddress>
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(in crate::graph) struct EmailAddress {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::graph) name: Option<String>,
    pub(in crate::graph) address: Option<String>,
}
