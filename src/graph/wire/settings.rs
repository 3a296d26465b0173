use serde::{Deserialize, Serialize};

use super::{DateTimeTimeZone, EmailAddress, WorkingHours};

/// Source: <https://learn.microsoft.com/graph/api/resources/mailboxsettings>
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::graph) struct MailboxSettings {
    pub(in crate::graph) automatic_replies_setting: Option<AutomaticReplies>,
    pub(in crate::graph) time_zone: Option<String>,
    pub(in crate::graph) date_format: Option<String>,
    pub(in crate::graph) time_format: Option<String>,
    pub(in crate::graph) language: Option<Language>,
    pub(in crate::graph) working_hours: Option<WorkingHours>,
}

/// Source: <https://learn.microsoft.com/graph/api/resources/localeinfo>
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::graph) struct Language {
    pub(in crate::graph) locale: Option<String>,
}

/// Source: <https://learn.microsoft.com/graph/api/resources/automaticrepliessetting>
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::graph) struct AutomaticReplies {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::graph) status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::graph) external_audience: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::graph) scheduled_start_date_time: Option<DateTimeTimeZone>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::graph) scheduled_end_date_time: Option<DateTimeTimeZone>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::graph) internal_reply_message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::graph) external_reply_message: Option<String>,
}

/// Source: <https://learn.microsoft.com/graph/api/resources/mailtips>
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::graph) struct MailTips {
    pub(in crate::graph) email_address: Option<EmailAddress>,
    pub(in crate::graph) automatic_replies: Option<AutomaticReply>,
    pub(in crate::graph) mailbox_full: Option<bool>,
    pub(in crate::graph) custom_mail_tip: Option<String>,
    pub(in crate::graph) external_member_count: Option<i64>,
    pub(in crate::graph) total_member_count: Option<i64>,
    pub(in crate::graph) delivery_restricted: Option<bool>,
    pub(in crate::graph) is_moderated: Option<bool>,
    pub(in crate::graph) max_message_size: Option<i64>,
    pub(in crate::graph) error: Option<MailTipsError>,
}

/// Source: <https://learn.microsoft.com/graph/api/resources/automaticrepliesmailtips>
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::graph) struct AutomaticReply {
    pub(in crate::graph) message: Option<String>,
}

/// Source: <https://learn.microsoft.com/graph/api/resources/mailtipserror>
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::graph) struct MailTipsError {
    pub(in crate::graph) code: Option<String>,
    pub(in crate::graph) message: Option<String>,
}
