use chrono::{DateTime, Utc};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::ews::operation::Needs;
use crate::xml::{
    self, Base64, Children, Element, ListItem, Problem, ReadElement, Tag, WriteElement, names,
};

use super::{
    Attachments, Body, CalendarItem, EffectiveRights, ExtendedProperties, FolderId, Gate, ItemId,
    MeetingMessage, Message, MimeContent, RawXml, ResponseObject, record,
};

names! {
    /// How private an item is.
    pub open enum Sensitivity {
        Normal = "Normal",
        Personal = "Personal",
        Private = "Private",
        Confidential = "Confidential",
    }
}

names! {
    /// How important an item is.
    pub open enum Importance {
        Low = "Low",
        Normal = "Normal",
        High = "High",
    }
}

names! {
    /// The state of a follow-up flag.
    pub open enum FlagStatus {
        NotFlagged = "NotFlagged",
        Flagged = "Flagged",
        Complete = "Complete",
    }
}

record! {
    /// A follow-up flag. Exchange 2013 and later.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/flag>
    pub struct Flag {
        /// Its state.
        flag_status: FlagStatus = "FlagStatus",
        /// When the work begins.
        start_date: DateTime<Utc> = "StartDate",
        /// When the work is due.
        due_date: DateTime<Utc> = "DueDate",
        /// When the work was done.
        complete_date: DateTime<Utc> = "CompleteDate",
    }
}

/// A header of an Internet message.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct InternetMessageHeader {
    /// Its name, as `X-Mailer`.
    pub header_name: String,
    /// What it says.
    pub value: String,
}

impl InternetMessageHeader {
    /// The header of that name.
    pub fn new(header_name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            header_name: header_name.into(),
            value: value.into(),
        }
    }
}

impl ReadElement for InternetMessageHeader {
    fn read_element(node: &mut Element<'_, '_>) -> Result<Option<Self>, Problem> {
        Ok(Some(Self {
            header_name: node.attribute("HeaderName")?.unwrap_or_default(),
            value: node.text()?,
        }))
    }
}

impl WriteElement for InternetMessageHeader {
    fn write_element(&self, tag: Tag<'_>) {
        tag.attribute("HeaderName", &self.header_name)
            .text(&self.value);
    }
}

impl ListItem for InternetMessageHeader {
    const TAG: &'static str = "t:InternetMessageHeader";
}

record! {
    /// The properties that items of every kind have.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/item>
    pub struct ItemProperties {
        /// The whole item as MIME.
        mime_content: MimeContent = "MimeContent" @ ItemMimeContent,
        /// Identifies the item and its state.
        item_id: ItemId = "ItemId" @ ItemItemId,
        /// Identifies the folder it is in.
        parent_folder_id: FolderId = "ParentFolderId" @ ItemParentFolderId,
        /// What it is, as `IPM.Appointment`.
        item_class: String = "ItemClass" @ ItemItemClass,
        /// The subject; at most 255 characters on the wire.
        subject: String = "Subject" @ ItemSubject,
        /// How private it is.
        sensitivity: Sensitivity = "Sensitivity" @ ItemSensitivity,
        /// The text.
        body: Body = "Body" @ ItemBody,
        /// What is attached, without content.
        attachments: Attachments = "Attachments" @ ItemAttachments,
        /// When it came.
        date_time_received: DateTime<Utc> = "DateTimeReceived" @ ItemDateTimeReceived,
        /// Bytes in the store.
        size: i64 = "Size" @ ItemSize,
        /// Labels.
        categories: Vec<String> = "Categories" @ ItemCategories,
        /// How important it is.
        importance: Importance = "Importance" @ ItemImportance,
        /// The message this one answers.
        in_reply_to: String = "InReplyTo" @ ItemInReplyTo,
        /// Whether it is on its way out.
        is_submitted: bool = "IsSubmitted" @ ItemIsSubmitted,
        /// Whether it was never sent.
        is_draft: bool = "IsDraft" @ ItemIsDraft,
        /// Whether the mailbox sent it to itself.
        is_from_me: bool = "IsFromMe" @ ItemIsFromMe,
        /// Whether it was sent before.
        is_resend: bool = "IsResend" @ ItemIsResend,
        /// Whether nobody changed it since.
        is_unmodified: bool = "IsUnmodified" @ ItemIsUnmodified,
        /// The headers of an Internet message.
        internet_message_headers: Vec<InternetMessageHeader> = "InternetMessageHeaders" @ ItemInternetMessageHeaders,
        /// When it was sent.
        date_time_sent: DateTime<Utc> = "DateTimeSent" @ ItemDateTimeSent,
        /// When it was made.
        date_time_created: DateTime<Utc> = "DateTimeCreated" @ ItemDateTimeCreated,
        /// Which answers to it are possible, as the server wrote it.
        response_objects: RawXml = "ResponseObjects" @ ItemResponseObjects,
        /// When the reminder is due.
        reminder_due_by: DateTime<Utc> = "ReminderDueBy" @ ItemReminderDueBy,
        /// Whether there is a reminder.
        reminder_is_set: bool = "ReminderIsSet" @ ItemReminderIsSet,
        /// When the reminder comes next. Exchange 2013 and later.
        reminder_next_time: DateTime<Utc> = "ReminderNextTime" @ ItemReminderNextTime,
        /// Minutes before the start at which the reminder comes.
        reminder_minutes_before_start: i32 = "ReminderMinutesBeforeStart" @ ItemReminderMinutesBeforeStart,
        /// The names of those who get a copy.
        display_cc: String = "DisplayCc" @ ItemDisplayCc,
        /// The names of those it is to.
        display_to: String = "DisplayTo" @ ItemDisplayTo,
        /// The names of those who get a blind copy. Exchange 2013 and later.
        display_bcc: String = "DisplayBcc" @ ItemDisplayBcc,
        /// Whether something is attached that is not part of the body.
        has_attachments: bool = "HasAttachments" @ ItemHasAttachments,
        /// MAPI properties that were asked for.
        extended_properties: ExtendedProperties = "ExtendedProperty",
        /// The language, as `en-US`.
        culture: String = "Culture" @ ItemCulture,
        /// What the caller may do with it.
        effective_rights: EffectiveRights = "EffectiveRights" @ ItemEffectiveRights,
        /// Who changed it last.
        last_modified_name: String = "LastModifiedName" @ ItemLastModifiedName,
        /// When it was changed last.
        last_modified_time: DateTime<Utc> = "LastModifiedTime" @ ItemLastModifiedTime,
        /// Whether it is hidden in its folder. Exchange 2010 and later.
        is_associated: bool = "IsAssociated" @ ItemIsAssociated,
        /// What to append to the address of Outlook on the web to read it. Exchange 2010 and later.
        web_client_read_form_query_string: String = "WebClientReadFormQueryString" @ ItemWebClientReadFormQueryString,
        /// What to append to the address of Outlook on the web to edit it. Exchange 2010 and later.
        web_client_edit_form_query_string: String = "WebClientEditFormQueryString" @ ItemWebClientEditFormQueryString,
        /// The conversation it belongs to. Exchange 2010 and later.
        conversation_id: ItemId = "ConversationId" @ ItemConversationId,
        /// The text without what it quotes. Exchange 2010 and later.
        unique_body: Body = "UniqueBody" @ ItemUniqueBody,
        /// The follow-up flag. Exchange 2013 and later.
        flag: Flag = "Flag" @ ItemFlag,
        /// Its identifier in the store. Exchange 2010 SP2 and later.
        store_entry_id: Base64 = "StoreEntryId" @ ItemStoreEntryId,
        /// A key for views. Exchange 2013 and later.
        instance_key: Base64 = "InstanceKey" @ ItemInstanceKey,
        /// The text in a form safe to show. Exchange 2013 and later.
        normalized_body: Body = "NormalizedBody" @ ItemNormalizedBody,
        /// What the server found in the text, as it wrote it. Exchange 2013 and later.
        entity_extraction_result: RawXml = "EntityExtractionResult" @ ItemEntityExtractionResult,
        /// The policy by which it is deleted, as the server wrote it. Exchange 2013 and later.
        policy_tag: RawXml = "PolicyTag" @ ItemPolicyTag,
        /// The policy by which it is archived, as the server wrote it. Exchange 2013 and later.
        archive_tag: RawXml = "ArchiveTag" @ ItemArchiveTag,
        /// When it will be deleted. Exchange 2013 and later.
        retention_date: DateTime<Utc> = "RetentionDate" @ ItemRetentionDate,
        /// How the text begins: up to 255 characters. Exchange 2013 and later.
        preview: String = "Preview" @ ItemPreview,
        /// What may be done with protected content, as the server wrote it. Exchange 2013 and later.
        rights_management_license_data: RawXml = "RightsManagementLicenseData" @ ItemRightsManagementLicenseData,
        /// Why the server thinks it matters, as it wrote it.
        predicted_action_reasons: RawXml = "PredictedActionReasons" @ ItemPredictedActionReasons,
        /// Whether the server thinks it does not matter.
        is_clutter: bool = "IsClutter" @ ItemIsClutter,
        /// Whether pictures and links are blocked. Exchange 2013 and later.
        block_status: bool = "BlockStatus" @ ItemBlockStatus,
        /// Whether pictures were blocked. Exchange 2013 and later.
        has_blocked_images: bool = "HasBlockedImages" @ ItemHasBlockedImages,
        /// The text without markup. Exchange 2013 and later.
        text_body: Body = "TextBody" @ ItemTextBody,
        /// Which picture stands for it. Exchange 2013 and later.
        icon_index: String = "IconIndex" @ ItemIconIndex,
        /// A key that copies share. Exchange 2013 SP1 and later.
        search_key: Base64 = "SearchKey" since Exchange2016,
        /// A key for sorting.
        sort_key: i64 = "SortKey" since Exchange2016,
        /// Hash tags in the text.
        hashtags: Vec<String> = "Hashtags" @ ItemHashtags,
        /// Who is mentioned, as the server wrote it.
        mentions: RawXml = "Mentions" @ ItemMentions,
        /// Whether the owner of the mailbox is mentioned.
        mentioned_me: bool = "MentionedMe" @ ItemMentionedMe,
        /// Who is mentioned, in short, as the server wrote it.
        mentions_preview: RawXml = "MentionsPreview" @ ItemMentionsPreview,
        /// Who mentioned whom, as the server wrote it.
        mentions_ex: RawXml = "MentionsEx" @ ItemMentionsEx,
        /// Hash tags that were added, as the server wrote it.
        applied_hashtags: RawXml = "AppliedHashtags" @ ItemAppliedHashtags,
        /// Hash tags that were added, in short, as the server wrote it.
        applied_hashtags_preview: RawXml = "AppliedHashtagsPreview" @ ItemAppliedHashtagsPreview,
        /// Who likes it, as the server wrote it.
        likes: RawXml = "Likes" @ ItemLikes,
        /// Who likes it, in short, as the server wrote it.
        likes_preview: RawXml = "LikesPreview" @ ItemLikesPreview,
        /// Tags waiting to be worked on.
        pending_social_activity_tag_ids: Vec<String> = "PendingSocialActivityTagIds" @ ItemPendingSocialActivityTagIds,
        /// Whether everybody is mentioned.
        at_all_mention: bool = "AtAllMention" @ ItemAtAllMention,
        /// Whether it may be deleted.
        can_delete: bool = "CanDelete" @ ItemCanDelete,
        /// Whether it is in the focused inbox.
        inference_classification: String = "InferenceClassification" @ ItemInferenceClassification,
    }
}

/// An item of any kind.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/items>
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Item {
    /// An appointment or a meeting.
    CalendarItem(Box<CalendarItem>),
    /// A message.
    Message(Box<Message>),
    /// A message about a meeting: `MeetingMessage`, `MeetingRequest`, `MeetingResponse` or
    /// `MeetingCancellation`.
    Meeting(Box<MeetingMessage>),
    /// An answer to a meeting, for sending only.
    Response(Box<ResponseObject>),
    /// Any other kind: its name, the properties all kinds have, and the element as it came.
    Other(Box<OtherItem>),
}

/// An item of a kind this crate has no type for.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct OtherItem {
    /// The element it came as, as `Contact`.
    pub kind: String,
    /// The properties all kinds have.
    pub item: ItemProperties,
    /// The element as it stood in the answer.
    pub xml: RawXml,
}

impl Item {
    /// The element it is on the wire.
    pub fn kind(&self) -> &str {
        match self {
            Self::CalendarItem(_) => "CalendarItem",
            Self::Message(_) => "Message",
            Self::Meeting(meeting) => meeting.kind.as_str(),
            Self::Response(response) => response.kind.as_str(),
            Self::Other(other) => &other.kind,
        }
    }

    /// The properties all kinds have; none for an answer that is still to be sent.
    pub fn properties(&self) -> Option<&ItemProperties> {
        match self {
            Self::CalendarItem(item) => Some(&item.item),
            Self::Message(message) => Some(&message.item),
            Self::Meeting(meeting) => Some(&meeting.message.item),
            Self::Response(_) => None,
            Self::Other(other) => Some(&other.item),
        }
    }

    /// Identifies the item and its state.
    pub fn item_id(&self) -> Option<&ItemId> {
        self.properties()?.item_id.as_ref()
    }

    pub(crate) fn write(&self, out: &mut Children<'_>) {
        match self {
            Self::CalendarItem(item) => out.value("t:CalendarItem", &**item),
            Self::Message(message) => out.value("t:Message", &**message),
            Self::Meeting(meeting) => {
                let name = format!("t:{}", meeting.kind);
                out.value(&name, &**meeting);
            }
            Self::Response(response) => response.write(out),
            Self::Other(other) => {
                let name = format!("t:{}", other.kind);
                out.value(&name, &other.item);
            }
        }
    }

    /// Names what is newer than the first version: properties, and what is in some of them.
    pub(crate) fn needs(&self, needs: &mut Needs) {
        match self {
            Self::CalendarItem(item) => item.gate(needs),
            Self::Message(message) => message.gate(needs),
            Self::Meeting(meeting) => {
                meeting.message.gate(needs);
                meeting.meeting.gate(needs);
            }
            Self::Response(answer) => answer.needs(needs),
            Self::Other(other) => other.item.gate(needs),
        }
    }

    /// Visits the properties that are set, in the schema's order: path, element, value.
    pub(crate) fn for_each_set<'s>(
        &'s self,
        visit: &mut dyn FnMut(Option<crate::ews::FieldUri>, &'static str, &'s dyn WriteElement),
    ) {
        match self {
            Self::CalendarItem(item) => item.for_each_set(visit),
            Self::Message(message) => message.for_each_set(visit),
            Self::Meeting(meeting) => meeting.for_each_set(visit),
            Self::Response(_) => {}
            Self::Other(other) => other.item.for_each_set(visit),
        }
    }
}

impl ReadElement for Item {
    fn read_element(node: &mut Element<'_, '_>) -> Result<Option<Self>, Problem> {
        Ok(match node.name() {
            // Large records are read where they stay.
            "CalendarItem" => {
                let mut item = Box::<CalendarItem>::default();
                item.read_properties(node)?;
                Some(Self::CalendarItem(item))
            }
            "Message" => {
                let mut message = Box::<Message>::default();
                message.read_properties(node)?;
                Some(Self::Message(message))
            }
            "MeetingMessage" | "MeetingRequest" | "MeetingResponse" | "MeetingCancellation" => {
                MeetingMessage::read(node)?.map(|item| Self::Meeting(Box::new(item)))
            }
            kind => {
                let kind = kind.to_owned();
                let mut item = ItemProperties::default();
                item.read_properties(node)?;
                let xml = RawXml(node.raw()?.to_owned());
                Some(Self::Other(Box::new(OtherItem { kind, item, xml })))
            }
        })
    }
}

impl Serialize for Item {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        match self {
            Self::CalendarItem(item) => map.serialize_entry(self.kind(), item)?,
            Self::Message(item) => map.serialize_entry(self.kind(), item)?,
            Self::Meeting(item) => map.serialize_entry(self.kind(), item)?,
            Self::Response(item) => map.serialize_entry(self.kind(), item)?,
            Self::Other(item) => map.serialize_entry(self.kind(), &**item)?,
        }
        map.end()
    }
}

impl Serialize for OtherItem {
    /// What is known of it, and all else as the server wrote it.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let known = serde_json::to_value(&self.item).map_err(serde::ser::Error::custom)?;
        match (known, xml::to_json(&self.xml.0)) {
            (serde_json::Value::Object(mut members), serde_json::Value::Object(written)) => {
                for (name, value) in written {
                    members.entry(name).or_insert(value);
                }
                members.serialize(serializer)
            }
            (known, _) => known.serialize(serializer),
        }
    }
}

/// Items of any kinds, one after the other.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct ItemList(pub Vec<Item>);

impl ReadElement for ItemList {
    fn read_element(node: &mut Element<'_, '_>) -> Result<Option<Self>, Problem> {
        let mut list = Vec::new();
        while let Some(mut child) = node.next_listed()? {
            list.extend(Item::read_element(&mut child)?);
        }
        Ok(Some(Self(list)))
    }
}

impl WriteElement for ItemList {
    fn write_element(&self, tag: Tag<'_>) {
        tag.children(|out| {
            for item in &self.0 {
                item.write(out);
            }
        });
    }
}
