//! The same properties as owned values, for quick-xml's serde: dates are `DateTime<Utc>`, closed
//! sets are enums that keep an unknown value, the rest is numbers, `bool` and `String`.
#![allow(
    clippy::enum_variant_names,
    clippy::upper_case_acronyms,
    reason = "variants carry the names of the schema"
)]

use std::fmt;

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::de::{Deserialize, Deserializer, Error, Visitor};

/// An enum of the schema: known values by name, everything else in `Other`.
macro_rules! names {
    ($($name:ident { $($value:ident)+ })+) => { $(
        #[derive(Debug)]
        pub(crate) enum $name { $($value,)+ Other(#[expect(dead_code)] Box<str>) }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Name;
                impl Visitor<'_> for Name {
                    type Value = $name;
                    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                        formatter.write_str(stringify!($name))
                    }
                    fn visit_str<E: Error>(self, text: &str) -> Result<$name, E> {
                        Ok(match text {
                            $(stringify!($value) => $name::$value,)+
                            other => $name::Other(other.into()),
                        })
                    }
                }
                deserializer.deserialize_str(Name)
            }
        }
    )+ };
}

names! {
    ResponseClass { Success Warning Error }
    ResponseCode { NoError ErrorItemNotFound ErrorServerBusy }
    Sensitivity { Normal Personal Private Confidential }
    Importance { Low Normal High }
    LegacyFreeBusyStatus { Free Tentative Busy OOF WorkingElsewhere NoData }
    CalendarItemType { Single Occurrence Exception RecurringMaster }
    MyResponseType { Unknown Organizer Tentative Accept Decline NoResponseReceived }
    MailboxType { Mailbox PublicDL PrivateDL Contact PublicFolder Unknown OneOff GroupMailbox }
    BodyType { HTML Text }
}

/// Records whose elements carry the names of the fields in PascalCase.
macro_rules! records {
    ($($(#[$attribute:meta])* $name:ident $(<$parameter:ident>)? { $($(#[$on:meta])* $field:ident: $type:ty,)* })+) => { $(
        #[derive(Debug, serde::Deserialize)]
        #[serde(rename_all = "PascalCase")]
        #[allow(dead_code, reason = "kept as a caller would keep it")]
        $(#[$attribute])*
        pub(crate) struct $name $(<$parameter>)? { $($(#[$on])* pub(crate) $field: $type,)* }
    )+ };
}

/// An item type: what every item has, then what is its own.
macro_rules! items {
    ($($name:ident { $($(#[$on:meta])* $field:ident: $type:ty,)* })+) => { $(
        records! { $name {
            item_id: Option<Id>,
            parent_folder_id: Option<Id>,
            item_class: Option<String>,
            subject: Option<String>,
            sensitivity: Option<Sensitivity>,
            body: Option<Body>,
            attachments: Option<Attachments>,
            date_time_received: Option<DateTime<Utc>>,
            size: Option<u32>,
            categories: Option<Categories>,
            importance: Option<Importance>,
            in_reply_to: Option<String>,
            is_submitted: Option<bool>,
            is_draft: Option<bool>,
            is_from_me: Option<bool>,
            is_resend: Option<bool>,
            is_unmodified: Option<bool>,
            internet_message_headers: Option<InternetMessageHeaders>,
            date_time_sent: Option<DateTime<Utc>>,
            date_time_created: Option<DateTime<Utc>>,
            reminder_due_by: Option<DateTime<Utc>>,
            reminder_is_set: Option<bool>,
            reminder_minutes_before_start: Option<u32>,
            display_cc: Option<String>,
            display_to: Option<String>,
            has_attachments: Option<bool>,
            culture: Option<String>,
            effective_rights: Option<EffectiveRights>,
            last_modified_name: Option<String>,
            last_modified_time: Option<DateTime<Utc>>,
            conversation_id: Option<Id>,
            $($(#[$on])* $field: $type,)*
        } }
    )+ };
}

items! {
    CalendarItem {
        #[serde(rename = "UID")]
        uid: Option<String>,
        start: Option<DateTime<Utc>>,
        end: Option<DateTime<Utc>>,
        is_all_day_event: Option<bool>,
        legacy_free_busy_status: Option<LegacyFreeBusyStatus>,
        location: Option<String>,
        is_meeting: Option<bool>,
        is_cancelled: Option<bool>,
        is_recurring: Option<bool>,
        meeting_request_was_sent: Option<bool>,
        is_response_requested: Option<bool>,
        calendar_item_type: Option<CalendarItemType>,
        my_response_type: Option<MyResponseType>,
        organizer: Option<Recipient>,
        conflicting_meeting_count: Option<u32>,
        duration: Option<String>,
        time_zone: Option<String>,
        appointment_sequence_number: Option<u32>,
        start_time_zone: Option<TimeZone>,
        end_time_zone: Option<TimeZone>,
    }
    Message {
        sender: Option<Recipient>,
        to_recipients: Option<Recipients>,
        cc_recipients: Option<Recipients>,
        bcc_recipients: Option<Recipients>,
        is_read_receipt_requested: Option<bool>,
        is_delivery_receipt_requested: Option<bool>,
        conversation_index: Option<String>,
        conversation_topic: Option<String>,
        from: Option<Recipient>,
        internet_message_id: Option<String>,
        is_read: Option<bool>,
        received_by: Option<Recipient>,
        received_representing: Option<Recipient>,
    }
}

records! {
    Id {
        #[serde(rename = "@Id")]
        id: String,
        #[serde(rename = "@ChangeKey")]
        change_key: Option<String>,
    }
    TimeZone {
        #[serde(rename = "@Id")]
        id: String,
        #[serde(rename = "@Name")]
        name: Option<String>,
    }
    Body {
        #[serde(rename = "@BodyType")]
        body_type: BodyType,
        #[serde(rename = "@IsTruncated")]
        is_truncated: Option<bool>,
        #[serde(rename = "$text", default)]
        content: String,
    }
    Categories { string: Vec<String>, }
    EffectiveRights {
        create_associated: bool,
        create_contents: bool,
        create_hierarchy: bool,
        delete: bool,
        modify: bool,
        read: bool,
        view_private_items: Option<bool>,
    }
    Recipient { mailbox: Mailbox, }
    Recipients { #[serde(default)] mailbox: Vec<Mailbox>, }
    Mailbox {
        name: Option<String>,
        email_address: Option<String>,
        routing_type: Option<String>,
        mailbox_type: Option<MailboxType>,
    }
    InternetMessageHeaders { internet_message_header: Vec<InternetMessageHeader>, }
    InternetMessageHeader {
        #[serde(rename = "@HeaderName")]
        header_name: String,
        #[serde(rename = "$text", default)]
        value: String,
    }
    Attachments { file_attachment: Vec<FileAttachment>, }
    FileAttachment {
        attachment_id: Id,
        name: Option<String>,
        content_type: Option<String>,
        size: Option<u32>,
        last_modified_time: Option<NaiveDateTime>,
        is_inline: Option<bool>,
        is_contact_photo: Option<bool>,
    }
}

#[derive(Debug, serde::Deserialize)]
#[allow(dead_code, reason = "kept as a caller would keep it")]
pub(crate) enum Item {
    CalendarItem(Box<CalendarItem>),
    Message(Box<Message>),
}

#[derive(Debug, serde::Deserialize)]
#[allow(dead_code, reason = "kept as a caller would keep it")]
pub(crate) enum Change {
    Create(Changed),
    Update(Changed),
    #[serde(rename_all = "PascalCase")]
    Delete {
        item_id: Id,
    },
    #[serde(rename_all = "PascalCase")]
    ReadFlagChange {
        item_id: Id,
        is_read: bool,
    },
}

records! {
    Changed { #[serde(rename = "$value")] item: Item, }
    Changes { #[serde(rename = "$value", default)] change: Vec<Change>, }
    Items { #[serde(rename = "$value", default)] item: Vec<Item>, }
    RootFolder {
        #[serde(rename = "@TotalItemsInView")]
        total_items_in_view: u32,
        #[serde(rename = "@IncludesLastItemInRange")]
        includes_last_item_in_range: bool,
        items: Items,
    }
    FindItemResponseMessage {
        #[serde(rename = "@ResponseClass")]
        response_class: ResponseClass,
        response_code: ResponseCode,
        root_folder: RootFolder,
    }
    GetItemResponseMessage {
        #[serde(rename = "@ResponseClass")]
        response_class: ResponseClass,
        response_code: ResponseCode,
        items: Items,
    }
    SyncFolderItemsResponseMessage {
        #[serde(rename = "@ResponseClass")]
        response_class: ResponseClass,
        response_code: ResponseCode,
        sync_state: String,
        includes_last_item_in_range: bool,
        changes: Changes,
    }
    ServerVersionInfo {
        #[serde(rename = "@MajorVersion")]
        major_version: u32,
        #[serde(rename = "@MinorVersion")]
        minor_version: u32,
        #[serde(rename = "@MajorBuildNumber")]
        major_build_number: u32,
        #[serde(rename = "@MinorBuildNumber")]
        minor_build_number: u32,
        #[serde(rename = "@Version")]
        version: Option<String>,
    }
    Header { server_version_info: ServerVersionInfo, }
    Envelope<B> { header: Header, body: B, }
    FindItemBody { find_item_response: Response<FindItemResponseMessages>, }
    GetItemBody { get_item_response: Response<GetItemResponseMessages>, }
    SyncFolderItemsBody { sync_folder_items_response: Response<SyncFolderItemsResponseMessages>, }
    Response<M> { response_messages: M, }
    FindItemResponseMessages { find_item_response_message: Vec<FindItemResponseMessage>, }
    GetItemResponseMessages { get_item_response_message: Vec<GetItemResponseMessage>, }
    SyncFolderItemsResponseMessages { sync_folder_items_response_message: Vec<SyncFolderItemsResponseMessage>, }
}
