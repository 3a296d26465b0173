use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Recipient;

/// A rule of the inbox. What a rule does not say must be sent too, as `null`, where another one said it.
///
/// Source: <https://learn.microsoft.com/graph/api/resources/messagerule>
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::graph) struct MessageRule {
    #[serde(skip_serializing)]
    pub(in crate::graph) id: Option<String>,
    pub(in crate::graph) display_name: Option<String>,
    pub(in crate::graph) sequence: Option<i64>,
    pub(in crate::graph) is_enabled: Option<bool>,
    #[serde(skip_serializing)]
    pub(in crate::graph) has_error: Option<bool>,
    #[serde(skip_serializing)]
    pub(in crate::graph) is_read_only: Option<bool>,
    pub(in crate::graph) conditions: Option<RulePredicates>,
    pub(in crate::graph) exceptions: Option<RulePredicates>,
    pub(in crate::graph) actions: Option<RuleActions>,
}

macro_rules! partial {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $kind:ty,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, Deserialize, Serialize)]
        #[serde(default, rename_all = "camelCase")]
        pub(in crate::graph) struct $name {
            $(
                #[serde(skip_serializing_if = "Option::is_none")]
                pub(in crate::graph) $field: Option<$kind>,
            )+
            /// What the model has no words for.
            #[serde(flatten)]
            pub(in crate::graph) more: Map<String, Value>,
        }
    };
}

partial! {
    /// Source: <https://learn.microsoft.com/graph/api/resources/messagerulepredicates>
    RulePredicates {
        body_contains: Vec<String>,
        body_or_subject_contains: Vec<String>,
        categories: Vec<String>,
        from_addresses: Vec<Recipient>,
        has_attachments: bool,
        header_contains: Vec<String>,
        importance: String,
        is_automatic_reply: bool,
        is_meeting_request: bool,
        not_sent_to_me: bool,
        recipient_contains: Vec<String>,
        sender_contains: Vec<String>,
        sensitivity: String,
        sent_cc_me: bool,
        sent_only_to_me: bool,
        sent_to_addresses: Vec<Recipient>,
        sent_to_me: bool,
        sent_to_or_cc_me: bool,
        subject_contains: Vec<String>,
        within_size_range: SizeRange,
    }
}

partial! {
    /// Source: <https://learn.microsoft.com/graph/api/resources/messageruleactions>
    RuleActions {
        assign_categories: Vec<String>,
        copy_to_folder: String,
        delete: bool,
        forward_as_attachment_to: Vec<Recipient>,
        forward_to: Vec<Recipient>,
        mark_as_read: bool,
        mark_importance: String,
        move_to_folder: String,
        permanent_delete: bool,
        redirect_to: Vec<Recipient>,
        stop_processing_rules: bool,
    }
}

/// In kilobytes.
///
/// Source: <https://learn.microsoft.com/graph/api/resources/sizerange>
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::graph) struct SizeRange {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::graph) minimum_size: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::graph) maximum_size: Option<i64>,
}
