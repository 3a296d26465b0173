use serde::Deserialize;

use super::{
    Attachment, FollowupFlag, ItemBody, MultiValueProperty, Recipient, SingleValueProperty,
};

/// A message of any kind; what only those about meetings have is in [`EventMessage`](super::EventMessage).
///
/// Source: <https://learn.microsoft.com/graph/api/resources/message>
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::graph) struct Message {
    #[serde(rename = "@odata.type")]
    pub(in crate::graph) odata_type: Option<String>,
    pub(in crate::graph) id: Option<String>,
    pub(in crate::graph) change_key: Option<String>,
    pub(in crate::graph) parent_folder_id: Option<String>,
    pub(in crate::graph) subject: Option<String>,
    pub(in crate::graph) body: Option<ItemBody>,
    pub(in crate::graph) unique_body: Option<ItemBody>,
    pub(in crate::graph) body_preview: Option<String>,
    pub(in crate::graph) from: Option<Recipient>,
    pub(in crate::graph) sender: Option<Recipient>,
    pub(in crate::graph) to_recipients: Option<Vec<Recipient>>,
    pub(in crate::graph) cc_recipients: Option<Vec<Recipient>>,
    pub(in crate::graph) bcc_recipients: Option<Vec<Recipient>>,
    pub(in crate::graph) reply_to: Option<Vec<Recipient>>,
    pub(in crate::graph) internet_message_id: Option<String>,
    /// `null` for what was never sent over the Internet.
    pub(in crate::graph) internet_message_headers: Option<Vec<InternetMessageHeader>>,
    pub(in crate::graph) conversation_id: Option<String>,
    pub(in crate::graph) conversation_index: Option<String>,
    pub(in crate::graph) received_date_time: Option<String>,
    pub(in crate::graph) sent_date_time: Option<String>,
    pub(in crate::graph) created_date_time: Option<String>,
    pub(in crate::graph) last_modified_date_time: Option<String>,
    pub(in crate::graph) is_read: Option<bool>,
    pub(in crate::graph) is_draft: Option<bool>,
    pub(in crate::graph) has_attachments: Option<bool>,
    pub(in crate::graph) is_read_receipt_requested: Option<bool>,
    pub(in crate::graph) is_delivery_receipt_requested: Option<bool>,
    pub(in crate::graph) importance: Option<String>,
    pub(in crate::graph) categories: Option<Vec<String>>,
    pub(in crate::graph) flag: Option<FollowupFlag>,
    pub(in crate::graph) web_link: Option<String>,
    pub(in crate::graph) attachments: Option<Vec<Attachment>>,
    pub(in crate::graph) single_value_extended_properties: Option<Vec<SingleValueProperty>>,
    pub(in crate::graph) multi_value_extended_properties: Option<Vec<MultiValueProperty>>,
    /// In delta answers: it is gone.
    #[serde(rename = "@removed")]
    pub(in crate::graph) removed: Option<serde_json::Value>,
}

/// Source: <https://learn.microsoft.com/graph/api/resources/internetmessageheader>
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::graph) struct InternetMessageHeader {
    pub(in crate::graph) name: String,
    pub(in crate::graph) value: String,
}
