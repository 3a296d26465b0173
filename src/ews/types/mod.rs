//! What operations share: one file per family of the schema.
//!
//! Types carry the schema's names less `Type`. Everything a server sends is optional here, because
//! which properties come depends on what was asked, on the version and on rights; what a program
//! may rely on is decided in `convert`. A new property is one line in its record.

mod attachment;
mod availability;
mod body;
mod calendar_item;
mod extended_property;
mod folder;
mod gate;
mod id;
mod inbox_rule;
mod item;
mod mail_tips;
mod mailbox;
mod meeting_message;
mod message;
mod out_of_office;
mod raw_xml;
mod record;
mod recurrence;
mod response_object;
mod restriction;
mod service_configuration;
mod shape;
mod time_zone;
mod update;
mod view;

pub use crate::xml::Base64;
pub use attachment::{
    Attachment, AttachmentId, AttachmentKind, AttachmentProperties, AttachmentShape, Attachments,
};
pub use availability::{
    CalendarEvent, CalendarEventDetails, FreeBusyView, FreeBusyViewType, MeetingAttendeeType,
    SerializableTimeZone, SerializableTimeZoneTime, WorkingHours, WorkingPeriod,
};
pub use body::{Body, BodyType, MimeContent};
pub use calendar_item::{
    Attendee, CalendarItem, CalendarItemType, DeletedOccurrenceInfo, EnhancedLocation,
    InboxReminder, LegacyFreeBusyStatus, OccurrenceInfo, PostalAddress, ResponseType,
};
pub use extended_property::{
    DistinguishedPropertySetId, ExtendedFieldUri, ExtendedProperties, ExtendedProperty,
    MapiPropertyType, PropertyValue,
};
pub use folder::{EffectiveRights, Folder, FolderProperties};
pub(crate) use gate::Gate;
pub use id::{FolderId, FolderIdRef, ItemId, ItemIdRef};
pub use inbox_rule::{
    FlaggedForAction, Rule, RuleActions, RuleAddresses, RuleDateRange, RuleOperationError,
    RulePredicates, RuleSizeRange, RuleValidationError, RuleValidationErrorCode, TargetFolder,
};
pub use item::{
    Flag, FlagStatus, Importance, InternetMessageHeader, Item, ItemList, ItemProperties, OtherItem,
    Sensitivity,
};
pub use mail_tips::{MailTipType, MailTipTypes, MailTips, OutOfOfficeMailTip, RecipientSuggestion};
pub use mailbox::{Mailbox, MailboxType, SingleRecipient};
pub use meeting_message::{
    MeetingMessage, MeetingMessageKind, MeetingProperties, MeetingRequestType,
};
pub use message::Message;
pub use out_of_office::{ExternalAudience, OofState, ReplyBody, TimeWindow, UserOofSettings};
pub use raw_xml::RawXml;
pub(crate) use record::record;
pub use recurrence::{
    DayOfWeek, DayOfWeekIndex, DaysOfWeek, Month, Recurrence, RecurrencePattern, RecurrenceRange,
};
pub use response_object::{ResponseObject, ResponseObjectKind};
pub use restriction::{ContainmentComparison, ContainmentMode, Operand, SearchExpression};
pub use service_configuration::{MailTipsServiceConfiguration, SmtpDomain};
pub(crate) use shape::write_additional;
pub use shape::{BaseShape, BodyTypeResponse, FieldPath, FolderShape, ItemShape};
pub use time_zone::{
    MeetingTimeZone, Period, RelativeYearlyChange, TimeChange, TimeZoneDefinition, Transition,
    TransitionRule, TransitionTarget, TransitionTargetKind, TransitionsGroup,
};
pub use update::{FolderChange, ItemChange};
pub(crate) use view::write_sort_order;
pub use view::{
    BasePoint, FieldOrder, FindResponsePagingAttributes, SortDirection, Traversal, View,
};

/// What is written has the order of the schema in `wsdl/`.
#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;

    use roxmltree::{Document, Node};

    use super::*;
    use crate::ews::ServerVersion;

    /// What the schema says of a type: the type it extends, and its own elements with the first
    /// version that has them.
    #[derive(Default)]
    struct Definition {
        base: Option<String>,
        elements: Vec<(String, Option<String>)>,
    }

    fn schema() -> BTreeMap<String, Definition> {
        let folder = format!("{}/wsdl/types", env!("CARGO_MANIFEST_DIR"));
        let mut schema = BTreeMap::new();
        for entry in fs::read_dir(folder).unwrap() {
            let text = fs::read_to_string(entry.unwrap().path()).unwrap();
            let document = Document::parse(&text).unwrap();
            for node in document.root_element().children() {
                if node.tag_name().name() == "complexType" {
                    let mut definition = Definition::default();
                    collect(node, &mut definition);
                    schema.insert(node.attribute("name").unwrap().to_owned(), definition);
                }
            }
        }
        schema
    }

    fn collect(node: Node<'_, '_>, definition: &mut Definition) {
        for child in node.children() {
            match child.tag_name().name() {
                "extension" => {
                    let base = child.attribute("base").unwrap();
                    definition.base = base.strip_prefix("t:").map(str::to_owned);
                    collect(child, definition);
                }
                // What an element holds is another type, even where it has no name.
                "element" => {
                    let since = (child.attributes())
                        .find(|attribute| attribute.name() == "since")
                        .map(|attribute| attribute.value().to_owned());
                    let name = child.attribute("name").or(child.attribute("ref"));
                    let name = name.unwrap().trim_start_matches("t:").to_owned();
                    definition.elements.push((name, since));
                }
                _ => collect(child, definition),
            }
        }
    }

    /// The elements of a type in their order, those of its base first.
    fn elements(
        schema: &BTreeMap<String, Definition>,
        name: &str,
    ) -> Vec<(String, Option<String>)> {
        let definition = schema.get(name).unwrap_or_else(|| panic!("no {name}"));
        let mut all = match &definition.base {
            Some(base) => elements(schema, base),
            None => Vec::new(),
        };
        all.extend(definition.elements.iter().cloned());
        all
    }

    /// Kinds of items that are sent, and what is in them: nothing is missing, nothing out of order.
    #[test]
    fn whole_records_have_the_order_of_the_schema() {
        let schema = schema();
        for (name, ours) in [
            ("ItemType", ItemProperties::elements()),
            ("CalendarItemType", CalendarItem::elements()),
            ("MessageType", Message::elements()),
            ("AttendeeType", Attendee::elements()),
            ("EmailAddressType", Mailbox::elements()),
            ("FlagType", Flag::elements()),
            ("OccurrenceInfoType", OccurrenceInfo::elements()),
            (
                "DeletedOccurrenceInfoType",
                DeletedOccurrenceInfo::elements(),
            ),
            ("EnhancedLocationType", EnhancedLocation::elements()),
            ("PersonaPostalAddressType", PostalAddress::elements()),
            ("InboxReminderType", InboxReminder::elements()),
            (
                "RelativeYearlyRecurrencePatternType",
                RelativeYearlyChange::elements(),
            ),
            ("SerializableTimeZone", SerializableTimeZone::elements()),
            (
                "SerializableTimeZoneTime",
                SerializableTimeZoneTime::elements(),
            ),
            ("CalendarEvent", CalendarEvent::elements()),
            ("CalendarEventDetails", CalendarEventDetails::elements()),
            ("WorkingHours", WorkingHours::elements()),
            ("FreeBusyView", FreeBusyView::elements()),
            ("EffectiveRightsType", EffectiveRights::elements()),
            ("MailTips", MailTips::elements()),
            (
                "MailTipsServiceConfiguration",
                MailTipsServiceConfiguration::elements(),
            ),
            ("RuleType", Rule::elements()),
            ("RulePredicatesType", RulePredicates::elements()),
            ("RuleActionsType", RuleActions::elements()),
            ("RuleValidationErrorType", RuleValidationError::elements()),
        ] {
            let theirs = elements(&schema, name);
            let theirs: Vec<&str> = theirs.iter().map(|(element, _)| element.as_str()).collect();
            assert_eq!(ours, theirs, "{name}");
        }
    }

    /// Records that hold the elements of several kinds: each of ours is in one of the kinds, and
    /// they have the order of the first, the only one that is ever written.
    #[test]
    fn shared_records_have_the_order_of_the_schema() {
        let schema = schema();
        let cases: [(&[&str], Vec<&str>); 2] = [
            (
                &[
                    "FileAttachmentType",
                    "ItemAttachmentType",
                    "ReferenceAttachmentType",
                ],
                AttachmentProperties::elements(),
            ),
            (
                &[
                    "MeetingRequestMessageType",
                    "MeetingResponseMessageType",
                    "MeetingCancellationMessageType",
                ],
                MeetingProperties::elements(),
            ),
        ];
        for (kinds, ours) in cases {
            let mut known: Vec<String> = Vec::new();
            for kind in kinds {
                let theirs = elements(&schema, kind)
                    .into_iter()
                    .map(|(element, _)| element);
                let theirs: Vec<String> = theirs.collect();
                let places: Vec<usize> = ours
                    .iter()
                    .filter_map(|element| theirs.iter().position(|name| name == element))
                    .collect();
                assert!(places.is_sorted() || *kind != kinds[0], "{kind}: {ours:?}");
                known.extend(theirs);
            }
            for element in ours {
                assert!(
                    known.iter().any(|name| name == element),
                    "{element} is in no kind"
                );
            }
        }
    }

    /// What is newer is refused before it is sent, by its path or by what its line says.
    #[test]
    fn nothing_is_sent_to_a_version_that_does_not_know_it() {
        let schema = schema();
        let mut newer = 0;
        for (kinds, ours) in [
            (&["CalendarItemType"][..], CalendarItem::versions()),
            (&["MessageType"], Message::versions()),
            (&["AttendeeType"], Attendee::versions()),
            (&["EmailAddressType"], Mailbox::versions()),
            (&["FlagType"], Flag::versions()),
            (&["InboxReminderType"], InboxReminder::versions()),
            (&["EffectiveRightsType"], EffectiveRights::versions()),
            (&["UserOofSettings"], UserOofSettings::versions()),
            (&["MailTips"], MailTips::versions()),
            (
                &["MailTipsServiceConfiguration"],
                MailTipsServiceConfiguration::versions(),
            ),
            (
                &[
                    "FileAttachmentType",
                    "ItemAttachmentType",
                    "ReferenceAttachmentType",
                ],
                AttachmentProperties::versions(),
            ),
            (
                &[
                    "MeetingRequestMessageType",
                    "MeetingResponseMessageType",
                    "MeetingCancellationMessageType",
                ],
                MeetingProperties::versions(),
            ),
        ] {
            for (element, since) in ours {
                let theirs = kinds.iter().find_map(|kind| {
                    let found = elements(&schema, kind);
                    found.into_iter().find(|(name, _)| name == element)
                });
                let Some((_, Some(theirs))) = theirs else {
                    continue;
                };
                let theirs: ServerVersion = theirs.parse().unwrap();
                assert!(
                    since >= theirs,
                    "{element}: {since}, but {theirs} in {kinds:?}"
                );
                newer += 1;
            }
        }
        assert!(newer > 80, "only {newer} compared");
    }

    /// Newer things deep inside an item are found too.
    #[test]
    fn what_is_newer_inside() {
        use crate::ews::operation::{CreateItem, MessageDisposition};
        use crate::ews::write_request;

        let sends = |message: Message, version| {
            let items = vec![Item::Message(Box::new(message))];
            let create = CreateItem::messages(items, MessageDisposition::SaveOnly);
            write_request(version, &create).is_ok()
        };
        let mut named = Mailbox::smtp("bob@contoso.example");
        named.original_display_name = Some("Bob".to_owned());
        let mut kind = Mailbox::smtp("bob@contoso.example");
        kind.mailbox_type = Some(MailboxType::GroupMailbox);
        for mailbox in [named, kind] {
            let message = Message {
                to_recipients: Some(vec![mailbox]),
                ..Message::default()
            };
            assert!(!sends(message.clone(), ServerVersion::Exchange2010Sp2));
            assert!(sends(message, ServerVersion::Exchange2013));
        }
        let message = Message {
            sender_smtp_address: Some("bob@contoso.example".to_owned()),
            ..Message::default()
        };
        assert!(!sends(message.clone(), ServerVersion::Exchange2013Sp1));
        assert!(sends(message, ServerVersion::Exchange2016));
    }

    /// Items with every property there is, as in `fixtures/ews/get_item/response.xml`.
    fn read_all_properties() -> Vec<Item> {
        let envelope = crate::ews::testing::fixture("ews/get_item/response");
        let answer = crate::ews::soap::response::<crate::ews::operation::GetItem>(&envelope, None);
        let messages = answer.unwrap().content.unwrap();
        messages
            .into_iter()
            .flat_map(|message| message.body.items)
            .collect()
    }

    /// What is read of a calendar item is written the same, but for what is read only.
    #[test]
    fn what_is_read_is_written_again() {
        let mut out = String::new();
        let mut items = read_all_properties();
        let Item::CalendarItem(item) = items.swap_remove(0) else {
            panic!("{items:?}");
        };
        crate::xml::Tag::open(&mut out, "t:CalendarItem")
            .attribute(
                "xmlns:t",
                "http://schemas.microsoft.com/exchange/services/2006/types",
            )
            .children(|out| item.write_properties(out));
        let (again, notes) = crate::xml::read_document(&out, |node| {
            <CalendarItem as crate::xml::ReadElement>::read_element(node)
        })
        .unwrap();
        let mut again = again.unwrap();
        let written = serde_json::to_value(&again).unwrap();
        let read = serde_json::to_value(&*item).unwrap();
        let raw = [
            "AppliedHashtags",
            "AppliedHashtagsPreview",
            "ArchiveTag",
            "CalendarActivityData",
            "EntityExtractionResult",
            "Likes",
            "LikesPreview",
            "Mentions",
            "MentionsEx",
            "MentionsPreview",
            "OnlineMeetingSettings",
            "PolicyTag",
            "PredictedActionReasons",
            "ResponseObjects",
            "RightsManagementLicenseData",
        ];
        for (name, value) in read.as_object().unwrap() {
            if !raw.contains(&name.as_str()) && name != "Body" && name != "UniqueBody" {
                assert_eq!(written[name], *value, "{name}");
            }
        }
        assert_eq!(again.item.body.take().unwrap().value, "<p>Agenda</p>");
        assert_eq!(notes.unreadable_values, 0);
    }
}
