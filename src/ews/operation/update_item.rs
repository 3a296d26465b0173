use serde::Serialize;

use super::{Items, MessageDisposition, Needs, Operation, ResponseMessage, response_messages, pick};
use crate::ews::ServerVersion;
use crate::ews::types::{FolderIdRef, Item, ItemChange};
use crate::xml::{Element, Problem, Tag, names};

names! {
    /// What to do if the item has changed since its change key.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/updateitem>
    pub enum ConflictResolution {
        /// Refuse.
        NeverOverwrite = "NeverOverwrite",
        /// Refuse only if the same properties changed.
        AutoResolve = "AutoResolve",
        /// Change it all the same.
        AlwaysOverwrite = "AlwaysOverwrite",
    }
}

names! {
    /// To whom to send word of a change to a meeting.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/updateitem>
    pub enum SendMeetingInvitationsOrCancellations {
        SendToNone = "SendToNone",
        SendOnlyToAll = "SendOnlyToAll",
        SendOnlyToChanged = "SendOnlyToChanged",
        SendToAllAndSaveCopy = "SendToAllAndSaveCopy",
        SendToChangedAndSaveCopy = "SendToChangedAndSaveCopy",
    }
}

/// Changes properties of items.
///
/// Exchange 2007 and later. It is not repeated in doubt: with invitations it would send them
/// twice.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/updateitem-operation>
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct UpdateItem {
    /// What to do if somebody else was first.
    pub conflict_resolution: ConflictResolution,
    /// For messages: send, save or both.
    pub message_disposition: Option<MessageDisposition>,
    /// For calendar items: to whom to send word.
    pub send_meeting_invitations_or_cancellations: Option<SendMeetingInvitationsOrCancellations>,
    /// Whether to send no receipts for messages that are marked as read. Exchange 2013 SP1 and
    /// later.
    pub suppress_read_receipts: Option<bool>,
    /// Where to put the copies of what is sent.
    pub saved_item_folder: Option<FolderIdRef>,
    /// The changes; one at least.
    pub changes: Vec<ItemChange>,
}

impl UpdateItem {
    /// Changes calendar items.
    pub fn calendar(
        changes: Vec<ItemChange>,
        conflict_resolution: ConflictResolution,
        send: SendMeetingInvitationsOrCancellations,
    ) -> Self {
        Self {
            conflict_resolution,
            message_disposition: None,
            send_meeting_invitations_or_cancellations: Some(send),
            suppress_read_receipts: None,
            saved_item_folder: None,
            changes,
        }
    }

    /// Changes messages.
    pub fn messages(
        changes: Vec<ItemChange>,
        conflict_resolution: ConflictResolution,
        disposition: MessageDisposition,
    ) -> Self {
        Self {
            conflict_resolution,
            message_disposition: Some(disposition),
            send_meeting_invitations_or_cancellations: None,
            suppress_read_receipts: None,
            saved_item_folder: None,
            changes,
        }
    }
}

impl Operation for UpdateItem {
    type Response = Vec<ResponseMessage<UpdatedItems>>;

    const NAME: &'static str = "UpdateItem";
    const REPEATABLE: bool = false;

    fn requested(&self) -> Option<usize> {
        Some(self.changes.len())
    }

    fn narrowed(&self, parts: &[usize]) -> Option<Self> {
        let changes = pick(&self.changes, parts);
        Some(Self { changes, ..self.clone() })
    }

    fn needs(&self, needs: &mut Needs) {
        if self.changes.is_empty() {
            needs.refuse("there is no item to change");
        }
        if self.suppress_read_receipts.is_some() {
            needs.at_least("SuppressReadReceipts", ServerVersion::Exchange2013Sp1);
        }
        if let Some(folder) = &self.saved_item_folder {
            needs.folders(std::slice::from_ref(folder));
        }
        for change in &self.changes {
            change.needs(needs);
            let is_message = matches!(change.set, Some(Item::Message(_)));
            if is_message && self.message_disposition.is_none() {
                needs.refuse("a message needs MessageDisposition");
            }
            let is_calendar_item = matches!(change.set, Some(Item::CalendarItem(_)));
            if is_calendar_item && self.send_meeting_invitations_or_cancellations.is_none() {
                needs.refuse("a calendar item needs SendMeetingInvitationsOrCancellations");
            }
        }
    }

    fn write(&self, request: Tag<'_>) {
        request
            .attribute("ConflictResolution", &self.conflict_resolution)
            .attribute_if("MessageDisposition", self.message_disposition.as_ref())
            .attribute_if(
                "SendMeetingInvitationsOrCancellations",
                self.send_meeting_invitations_or_cancellations.as_ref(),
            )
            .attribute_if("SuppressReadReceipts", self.suppress_read_receipts.as_ref())
            .children(|body| {
                if let Some(folder) = &self.saved_item_folder {
                    body.tag("m:SavedItemFolderId")
                        .children(|out| folder.write(out));
                }
                body.tag("m:ItemChanges").children(|out| {
                    for change in &self.changes {
                        change.write(out);
                    }
                });
            });
    }

    fn read(response: &mut Element<'_, '_>) -> Result<Self::Response, Problem> {
        response_messages(response, |updated: &mut UpdatedItems, child| {
            match child.name() {
                "ConflictResults" => {
                    let mut results = ConflictResults::default();
                    while let Some(mut part) = child.next_child()? {
                        match part.name() {
                            "Count" => results.count = part.lenient()?,
                            _ => part.skip()?,
                        }
                    }
                    updated.conflict_results = Some(results);
                    Ok(())
                }
                _ => updated.items.read(child),
            }
        })
    }
}

/// The new state of what was changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct UpdatedItems {
    /// Identifiers with new change keys.
    #[serde(flatten)]
    pub items: Items,
    /// What was overwritten. Exchange 2007 and later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conflict_results: Option<ConflictResults>,
}

/// How many conflicts were resolved.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ConflictResults {
    /// Their number.
    pub count: Option<u32>,
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone, Utc};

    use super::*;
    use crate::error::ErrorKind;
    use crate::ews::testing::{assert_request, assert_since, messages, refusal};
    use crate::ews::types::{
        Attendee, Body, CalendarItem, DistinguishedPropertySetId, ExtendedFieldUri,
        ExtendedProperties, ExtendedProperty, Flag, FlagStatus, Importance, ItemId,
        LegacyFreeBusyStatus, Sensitivity, Mailbox, MapiPropertyType, Message,
        TimeZoneDefinition,
    };
    use crate::ews::{DistinguishedFolderId, FieldUri, ServerVersion};

    fn id() -> ItemId {
        ItemId::new("AAMkAGFhMTExAAA=").with_change_key("DwAAABYAAABzZXJpZXM=")
    }

    fn update(change: ItemChange) -> UpdateItem {
        UpdateItem::calendar(
            vec![change],
            ConflictResolution::AutoResolve,
            SendMeetingInvitationsOrCancellations::SendToChangedAndSaveCopy,
        )
    }

    fn moved() -> CalendarItem {
        let mut item = CalendarItem::new("Planning & more");
        item.item.body = Some(Body::html("<p>New agenda</p>"));
        item.item.categories = Some(vec!["Project".to_owned()]);
        let tags = ExtendedFieldUri::named(
            DistinguishedPropertySetId::PublicStrings,
            "Tag",
            MapiPropertyType::String,
        );
        item.item.extended_properties =
            Some(ExtendedProperties(vec![ExtendedProperty::new(tags, "blue")]));
        item.start = Some(Utc.with_ymd_and_hms(2024, 5, 14, 11, 0, 0).unwrap());
        item.end = Some(Utc.with_ymd_and_hms(2024, 5, 14, 12, 0, 0).unwrap());
        item.required_attendees = Some(vec![Attendee::new(Mailbox::smtp("bo@contoso.example"))]);
        item
    }

    #[test]
    fn request() {
        let mut item = moved();
        item.start_time_zone = Some(TimeZoneDefinition::named("W. Europe Standard Time"));
        let change = ItemChange::new(id())
            .set(Item::CalendarItem(Box::new(item)))
            .delete(FieldUri::CalendarOptionalAttendees)
            .delete(ExtendedFieldUri::tag(0x8001, MapiPropertyType::Integer));
        let version = ServerVersion::Exchange2010;
        assert_request("update_item/request", version, &update(change));
    }

    #[test]
    fn request_for_a_message() {
        let message = Message {
            is_read: Some(true),
            ..Message::default()
        };
        let change = ItemChange::new(id()).set(Item::Message(Box::new(message)));
        let mut operation = UpdateItem::messages(
            vec![change],
            ConflictResolution::AlwaysOverwrite,
            MessageDisposition::SaveOnly,
        );
        operation.saved_item_folder = Some(DistinguishedFolderId::SentItems.into());
        let version = ServerVersion::Exchange2007Sp1;
        assert_request("update_item/request_message", version, &operation);
    }

    /// All that a program can change of a draft.
    #[test]
    fn request_for_a_draft() {
        let mut message = Message::default();
        message.item.subject = Some("Report & figures".to_owned());
        message.item.sensitivity = Some(Sensitivity::Confidential);
        message.item.body = Some(Body::html("<p>Here</p>"));
        message.item.importance = Some(Importance::High);
        message.item.in_reply_to = Some("<a@contoso.example>".to_owned());
        message.item.flag = Some(Flag {
            flag_status: Some(FlagStatus::Flagged),
            ..Flag::default()
        });
        message.to_recipients = Some(vec![Mailbox::smtp("bo@contoso.example")]);
        message.cc_recipients = Some(vec![Mailbox::smtp("cy@contoso.example")]);
        message.bcc_recipients = Some(vec![Mailbox::smtp("di@contoso.example")]);
        message.is_read_receipt_requested = Some(true);
        message.is_delivery_receipt_requested = Some(false);
        message.from = Some(Mailbox::smtp("team@contoso.example").into());
        message.is_read = Some(true);
        message.is_response_requested = Some(true);
        message.references = Some("<a@contoso.example>".to_owned());
        message.reply_to = Some(vec![Mailbox::smtp("list@contoso.example")]);
        let change = ItemChange::new(id()).set(Item::Message(Box::new(message)));
        let mut operation = UpdateItem::messages(
            vec![change],
            ConflictResolution::AutoResolve,
            MessageDisposition::SendAndSaveCopy,
        );
        operation.suppress_read_receipts = Some(true);
        let version = ServerVersion::Exchange2013Sp1;
        assert_request("update_item/request_draft", version, &operation);
        assert_since(version, "SuppressReadReceipts", &operation);
    }

    #[test]
    fn request_with_an_addition() {
        let more = Message {
            cc_recipients: Some(vec![Mailbox::smtp("team@contoso.example")]),
            ..Message::default()
        };
        let mut marked = Message::default();
        let message_id = ExtendedFieldUri::tag(0x1035, MapiPropertyType::String);
        let message_id = ExtendedProperty::new(message_id, "<1@contoso.example>");
        marked.item.extended_properties = Some(ExtendedProperties(vec![message_id]));
        let change = ItemChange::new(id())
            .append(Item::Message(Box::new(more)))
            .set(Item::Message(Box::new(marked)));
        let operation = UpdateItem::messages(
            vec![change],
            ConflictResolution::AlwaysOverwrite,
            MessageDisposition::SaveOnly,
        );
        let version = ServerVersion::Exchange2007Sp1;
        assert_request("update_item/request_addition", version, &operation);
    }

    #[test]
    fn what_cannot_be_sent() {
        let item = CalendarItem {
            start_time_zone: Some(TimeZoneDefinition::named("UTC")),
            ..CalendarItem::default()
        };
        let zoned = update(ItemChange::new(id()).set(Item::CalendarItem(Box::new(item))));
        assert_since(ServerVersion::Exchange2010, "calendar:StartTimeZone", &zoned);
        let newer = update(ItemChange::new(id()).delete(FieldUri::ItemFlag));
        assert_since(ServerVersion::Exchange2013, "item:Flag", &newer);

        let change = ItemChange::new(id()).set(Item::CalendarItem(Box::new(moved())));
        let mut silent = update(change);
        silent.send_meeting_invitations_or_cancellations = None;
        let mut empty = update(ItemChange::new(id()));
        let item = CalendarItem {
            intended_free_busy_status: Some(LegacyFreeBusyStatus::Busy),
            ..moved()
        };
        let pathless = update(ItemChange::new(id()).set(Item::CalendarItem(Box::new(item))));
        for (operation, why) in [
            (
                &pathless,
                "t:IntendedFreeBusyStatus has no path, so it cannot be changed",
            ),
            (&silent, "a calendar item needs SendMeetingInvitationsOrCancellations"),
            (&empty, "an item is to be changed, but no property is given"),
        ] {
            assert_eq!(refusal(ServerVersion::Exchange2016, operation), why);
        }
        empty.changes.clear();
        let said = refusal(ServerVersion::Exchange2016, &empty);
        assert_eq!(said, "there is no item to change");
    }

    #[test]
    fn answer() {
        let answer = messages::<UpdateItem>("update_item/response");
        let [updated, refused] = <[_; 2]>::try_from(answer).unwrap();
        let updated: UpdatedItems = ResponseMessage::ok(updated).unwrap();
        let id = updated.items.items[0].item_id().unwrap();
        assert_eq!(id.change_key.as_deref(), Some("DwAAABYAAABsYXRlcg=="));
        assert_eq!(updated.conflict_results.unwrap().count, Some(1));
        let error = refused.ok().unwrap_err().into_error(UpdateItem::NAME);
        assert_eq!(error.kind(), ErrorKind::Conflict);
    }
}
