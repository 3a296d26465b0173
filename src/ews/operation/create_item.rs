use serde::Serialize;

use super::{Items, Needs, Operation, ResponseMessage, response_messages, pick};
use crate::ews::types::{FolderIdRef, Item};
use crate::xml::{Element, Place, Problem, Tag, names};

names! {
    /// What to do with a message that is created or changed.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/createitem>
    pub enum MessageDisposition {
        SaveOnly = "SaveOnly",
        SendOnly = "SendOnly",
        SendAndSaveCopy = "SendAndSaveCopy",
    }
}

names! {
    /// To whom to send invitations to a meeting that is created.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/createitem>
    pub enum SendMeetingInvitations {
        SendToNone = "SendToNone",
        SendOnlyToAll = "SendOnlyToAll",
        SendToAllAndSaveCopy = "SendToAllAndSaveCopy",
    }
}

/// Creates items, sends messages, answers invitations.
///
/// Exchange 2007 and later. Sending it twice creates twice.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/createitem-operation>
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CreateItem {
    /// For messages, and for answers to meetings: send, save or both.
    pub message_disposition: Option<MessageDisposition>,
    /// For calendar items: to whom to send invitations.
    pub send_meeting_invitations: Option<SendMeetingInvitations>,
    /// Where to put the items, or the copies of what is sent.
    pub saved_item_folder: Option<FolderIdRef>,
    /// The items; one at least.
    pub items: Vec<Item>,
}

impl CreateItem {
    /// Creates calendar items.
    pub fn calendar(items: Vec<Item>, send: SendMeetingInvitations) -> Self {
        Self {
            message_disposition: None,
            send_meeting_invitations: Some(send),
            saved_item_folder: None,
            items,
        }
    }

    /// Creates messages or answers.
    pub fn messages(items: Vec<Item>, disposition: MessageDisposition) -> Self {
        Self {
            message_disposition: Some(disposition),
            send_meeting_invitations: None,
            saved_item_folder: None,
            items,
        }
    }

    /// Puts them into that folder.
    #[must_use]
    pub fn into_folder(mut self, folder: impl Into<FolderIdRef>) -> Self {
        self.saved_item_folder = Some(folder.into());
        self
    }
}

impl CreateItem {
    /// Where a request has an item as MIME.
    pub(crate) const MIME: &'static [Place] =
        &[&["Envelope", "Body", "CreateItem", "Items", "*", "MimeContent"]];
}

impl Operation for CreateItem {
    type Response = Vec<ResponseMessage<CreatedItems>>;

    const NAME: &'static str = "CreateItem";
    const REPEATABLE: bool = false;

    fn requested(&self) -> Option<usize> {
        Some(self.items.len())
    }

    fn narrowed(&self, parts: &[usize]) -> Option<Self> {
        let items = pick(&self.items, parts);
        Some(Self { items, ..self.clone() })
    }

    fn needs(&self, needs: &mut Needs) {
        if let Some(folder) = &self.saved_item_folder {
            needs.folders(std::slice::from_ref(folder));
        }
        if self.items.is_empty() {
            needs.refuse("there is no item to create");
        }
        for item in &self.items {
            item.needs(needs);
            let (is_calendar_item, is_other) = match item {
                Item::CalendarItem(_) => (true, false),
                _ => (false, true),
            };
            if is_calendar_item && self.send_meeting_invitations.is_none() {
                needs.refuse("a calendar item needs SendMeetingInvitations");
            }
            if is_other && self.message_disposition.is_none() {
                needs.refuse("a message needs MessageDisposition");
            }
            let is_sent = self.message_disposition != Some(MessageDisposition::SaveOnly);
            if let Item::Response(response) = item
                && is_sent
                && response.needs_recipient()
            {
                needs.refuse("ForwardItem needs a recipient");
            }
        }
    }

    fn write(&self, request: Tag<'_>) {
        request
            .attribute_if("MessageDisposition", self.message_disposition.as_ref())
            .attribute_if(
                "SendMeetingInvitations",
                self.send_meeting_invitations.as_ref(),
            )
            .children(|body| {
                if let Some(folder) = &self.saved_item_folder {
                    body.tag("m:SavedItemFolderId")
                        .children(|out| folder.write(out));
                }
                body.tag("m:Items").children(|out| {
                    for item in &self.items {
                        item.write(out);
                    }
                });
            });
    }

    fn read(response: &mut Element<'_, '_>) -> Result<Self::Response, Problem> {
        response_messages(response, |created: &mut CreatedItems, child| {
            created.0.read(child)
        })
    }
}

/// The identifiers of what was created; none for what was only sent.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct CreatedItems(pub Items);

#[cfg(test)]
mod tests {
    use chrono::{NaiveDate, TimeDelta, TimeZone, Utc};

    use super::*;
    use crate::ews::soap;
    use crate::ews::testing::{assert_request, assert_since, fixture, messages, refusal};
    use crate::ews::types::{
        Attendee, Body, CalendarItem, DayOfWeek, DayOfWeekIndex, DaysOfWeek,
        DistinguishedPropertySetId, ExtendedFieldUri, ExtendedProperties, ExtendedProperty,
        Importance, InternetMessageHeader, ItemId, LegacyFreeBusyStatus, Mailbox, MapiPropertyType,
        MeetingTimeZone, Message, MimeContent, Month, PropertyValue, Recurrence, RecurrencePattern, RecurrenceRange,
        RelativeYearlyChange, ResponseObject, ResponseObjectKind, Sensitivity, TimeChange,
        TimeZoneDefinition,
    };
    use crate::ews::{DistinguishedFolderId, ResponseCode, ServerVersion};

    fn appointment() -> CalendarItem {
        let mut item = CalendarItem::new("Planning & <review>");
        item.start = Some(Utc.with_ymd_and_hms(2024, 5, 14, 9, 30, 0).unwrap());
        item.end = Some(Utc.with_ymd_and_hms(2024, 5, 14, 10, 30, 0).unwrap());
        item
    }

    fn day(month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2024, month, day).unwrap()
    }

    fn meeting() -> CalendarItem {
        let mut item = appointment();
        item.item.sensitivity = Some(Sensitivity::Private);
        item.item.body = Some(Body::text("Bring the plan & a pen."));
        item.item.categories = Some(vec!["Project".to_owned(), "Red category".to_owned()]);
        item.item.importance = Some(Importance::High);
        item.item.reminder_is_set = Some(true);
        item.item.reminder_minutes_before_start = Some(15);
        let tags = ExtendedFieldUri::named(
            DistinguishedPropertySetId::PublicStrings,
            "Tags",
            MapiPropertyType::StringArray,
        );
        let mut property = ExtendedProperty::new(tags, "");
        property.value = PropertyValue::Values(vec!["a".to_owned(), "b".to_owned()]);
        item.item.extended_properties = Some(ExtendedProperties(vec![property]));
        item.is_all_day_event = Some(false);
        item.legacy_free_busy_status = Some(LegacyFreeBusyStatus::OutOfOffice);
        item.location = Some("Room 1".to_owned());
        item.is_response_requested = Some(true);
        let mut bo = Mailbox::smtp("bo@contoso.example");
        bo.name = Some("Bo Lind".to_owned());
        bo.routing_type = Some("SMTP".to_owned());
        item.required_attendees = Some(vec![
            Attendee::new(bo),
            Attendee::new(Mailbox::smtp("cy@contoso.example")),
        ]);
        item.optional_attendees = Some(vec![Attendee::new(Mailbox::smtp("di@fabrikam.example"))]);
        item.resources = Some(vec![Attendee::new(Mailbox::smtp("room1@contoso.example"))]);
        item.recurrence = Some(Recurrence {
            pattern: RecurrencePattern::Weekly {
                interval: 2,
                days_of_week: DaysOfWeek(vec![DayOfWeek::Tuesday, DayOfWeek::Thursday]),
                first_day_of_week: Some(DayOfWeek::Monday),
            },
            range: RecurrenceRange::Numbered {
                start_date: day(5, 14),
                number_of_occurrences: 10,
            },
        });
        item.start_time_zone = Some(TimeZoneDefinition::named("W. Europe Standard Time"));
        item.end_time_zone = Some(TimeZoneDefinition::named("W. Europe Standard Time"));
        item.allow_new_time_proposal = Some(false);
        item
    }

    fn create(item: CalendarItem, send: SendMeetingInvitations) -> CreateItem {
        CreateItem::calendar(vec![Item::CalendarItem(Box::new(item))], send)
    }

    #[test]
    fn request() {
        let operation = create(appointment(), SendMeetingInvitations::SendToNone)
            .into_folder(DistinguishedFolderId::Calendar);
        let version = ServerVersion::Exchange2016;
        assert_request("create_item/request", version, &operation);
    }

    #[test]
    fn request_for_a_meeting() {
        let operation = create(meeting(), SendMeetingInvitations::SendToAllAndSaveCopy);
        let version = ServerVersion::Exchange2010Sp1;
        assert_request("create_item/request_meeting", version, &operation);
    }

    #[test]
    fn request_of_2007() {
        let mut item = appointment();
        let change = |offset, month| {
            let relative_yearly_recurrence = RelativeYearlyChange {
                days_of_week: Some(DayOfWeek::Sunday),
                day_of_week_index: Some(DayOfWeekIndex::Last),
                month: Some(month),
            };
            TimeChange {
                offset: Some(TimeDelta::minutes(offset)),
                relative_yearly_recurrence: Some(relative_yearly_recurrence),
                time: Some("02:00:00".to_owned()),
                ..TimeChange::default()
            }
        };
        item.meeting_time_zone = Some(MeetingTimeZone {
            time_zone_name: Some("W. Europe Standard Time".to_owned()),
            base_offset: Some(TimeDelta::minutes(-60)),
            standard: Some(change(0, Month::October)),
            daylight: Some(change(-60, Month::March)),
        });
        let operation = create(item, SendMeetingInvitations::SendToNone);
        let version = ServerVersion::Exchange2007Sp1;
        assert_request("create_item/request_2007", version, &operation);
    }

    #[test]
    fn every_kind_of_recurrence() {
        let start_date = day(5, 14);
        let patterns = [
            RecurrencePattern::RelativeYearly {
                days_of_week: DayOfWeek::Monday,
                day_of_week_index: DayOfWeekIndex::First,
                month: Month::May,
            },
            RecurrencePattern::AbsoluteYearly { day_of_month: 29, month: Month::February },
            RecurrencePattern::RelativeMonthly {
                interval: 3,
                days_of_week: DayOfWeek::WeekendDay,
                day_of_week_index: DayOfWeekIndex::Last,
            },
            RecurrencePattern::AbsoluteMonthly { interval: 1, day_of_month: 31 },
            RecurrencePattern::Daily { interval: 999 },
        ];
        let ranges = [
            RecurrenceRange::NoEnd { start_date },
            RecurrenceRange::EndDate { start_date, end_date: day(12, 31) },
        ];
        let items = patterns.into_iter().zip(ranges.into_iter().cycle());
        let items = items.map(|(pattern, range)| {
            Item::CalendarItem(Box::new(CalendarItem {
                recurrence: Some(Recurrence { pattern, range }),
                ..CalendarItem::default()
            }))
        });
        let send = SendMeetingInvitations::SendToNone;
        let operation = CreateItem::calendar(items.collect(), send);
        let version = ServerVersion::Exchange2007Sp1;
        assert_request("create_item/request_recurrences", version, &operation);
    }

    #[test]
    fn request_for_a_message() {
        let mut message = Message::default();
        message.item.subject = Some("Report".to_owned());
        message.item.body = Some(Body::html("<p>Grüße 😀</p>"));
        message.to_recipients = Some(vec![Mailbox::smtp("bo@contoso.example")]);
        message.cc_recipients = Some(vec![Mailbox::smtp("team@contoso.example")]);
        message.is_read_receipt_requested = Some(true);
        let items = vec![Item::Message(Box::new(message))];
        let operation = CreateItem::messages(items, MessageDisposition::SendAndSaveCopy)
            .into_folder(DistinguishedFolderId::SentItems);
        let version = ServerVersion::Exchange2007Sp1;
        assert_request("create_item/request_message", version, &operation);
    }

    /// A message as MIME, and what the server does not take from it.
    #[test]
    fn request_for_mime() {
        let mut message = Message::default();
        let mut mime = MimeContent::new("U3ViamVjdDogSGkNCg0KSGk=");
        mime.character_set = Some("UTF-8".to_owned());
        message.item.mime_content = Some(mime);
        message.item.item_class = Some("IPM.Note".to_owned());
        message.item.in_reply_to = Some("<a@contoso.example>".to_owned());
        let header = InternetMessageHeader::new("X-Ticket", "4711");
        message.item.internet_message_headers = Some(vec![header]);
        message.sender = Some(Mailbox::smtp("bo@contoso.example").into());
        message.bcc_recipients = Some(vec![Mailbox::smtp("di@contoso.example")]);
        message.is_delivery_receipt_requested = Some(true);
        message.from = Some(Mailbox::smtp("team@contoso.example").into());
        message.internet_message_id = Some("<b@contoso.example>".to_owned());
        message.is_read = Some(false);
        message.is_response_requested = Some(false);
        message.references = Some("<a@contoso.example>".to_owned());
        message.reply_to = Some(vec![Mailbox::smtp("list@contoso.example")]);
        let items = vec![Item::Message(Box::new(message))];
        let operation = CreateItem::messages(items, MessageDisposition::SaveOnly)
            .into_folder(DistinguishedFolderId::Drafts);
        let version = ServerVersion::Exchange2007Sp1;
        assert_request("create_item/request_mime", version, &operation);
    }

    /// A draft of a forwarded message gets its recipients later; one that is sent needs them.
    #[test]
    fn request_for_a_draft_to_forward() {
        let forward = ResponseObject::forward(meeting_id(), []);
        let items = vec![Item::Response(Box::new(forward))];
        let mut operation = CreateItem::messages(items, MessageDisposition::SaveOnly)
            .into_folder(DistinguishedFolderId::Drafts);
        let version = ServerVersion::Exchange2007Sp1;
        assert_request("create_item/request_forward_draft", version, &operation);
        operation.message_disposition = Some(MessageDisposition::SendOnly);
        assert_eq!(refusal(version, &operation), "ForwardItem needs a recipient");
    }

    fn answer_to_meeting(kind: ResponseObjectKind) -> ResponseObject {
        ResponseObject::new(kind, meeting_id())
    }

    fn meeting_id() -> ItemId {
        ItemId::new("AAMkAGFhMTExAAA=").with_change_key("DwAAABYAAABzZXJpZXM=")
    }

    fn send(answer: ResponseObject) -> CreateItem {
        let items = vec![Item::Response(Box::new(answer))];
        CreateItem::messages(items, MessageDisposition::SendAndSaveCopy)
    }

    #[test]
    fn request_to_cancel() {
        let mut answer = answer_to_meeting(ResponseObjectKind::CancelCalendarItem)
            .with_body(Body::text("The room is flooded."));
        answer.cc_recipients = vec![Mailbox::smtp("team@contoso.example")];
        let version = ServerVersion::Exchange2007Sp1;
        assert_request("create_item/request_cancel", version, &send(answer));
    }

    #[test]
    fn request_to_accept_at_another_time() {
        let mut answer = answer_to_meeting(ResponseObjectKind::TentativelyAcceptItem)
            .with_body(Body::text("Later, please."));
        answer.proposed_start = Some(Utc.with_ymd_and_hms(2024, 5, 14, 11, 0, 0).unwrap());
        answer.proposed_end = Some(Utc.with_ymd_and_hms(2024, 5, 14, 12, 0, 0).unwrap());
        let operation = send(answer);
        let version = ServerVersion::Exchange2013Sp1;
        assert_request("create_item/request_tentative", version, &operation);
        assert_since(version, "ProposedStart", &operation);
    }

    #[test]
    fn request_to_forward() {
        let to = [Mailbox::smtp("ed@fabrikam.example"), Mailbox::smtp("fi@fabrikam.example")];
        let mut forward = ResponseObject::forward(meeting_id(), to)
            .with_body(Body::html("<p>Please come too.</p>"));
        forward.subject = Some("FW: Planning & <review>".to_owned());
        forward.cc_recipients = vec![Mailbox::smtp("team@contoso.example")];
        forward.bcc_recipients = vec![Mailbox::smtp("archive@contoso.example")];
        forward.is_read_receipt_requested = Some(false);
        forward.is_delivery_receipt_requested = Some(true);
        forward.from = Some(Mailbox::smtp("bo@contoso.example").into());
        let version = ServerVersion::Exchange2007Sp1;
        assert_request("create_item/request_forward", version, &send(forward));
    }

    /// Every kind in one request, with what each can have beside the item.
    #[test]
    fn request_with_every_response() {
        let words = || Body::text("Thank you.");
        let id = meeting_id;
        let accept = {
            let mut accept = answer_to_meeting(ResponseObjectKind::AcceptItem).with_body(words());
            accept.sensitivity = Some(Sensitivity::Private);
            accept.to_recipients = vec![Mailbox::smtp("bo@contoso.example")];
            accept
        };
        let responses = [
            accept,
            answer_to_meeting(ResponseObjectKind::DeclineItem),
            answer_to_meeting(ResponseObjectKind::ReplyToItem).with_body(words()),
            answer_to_meeting(ResponseObjectKind::ReplyAllToItem).with_body(words()),
            ResponseObject::new(ResponseObjectKind::RemoveItem, id()),
            ResponseObject::new(ResponseObjectKind::SuppressReadReceipt, id()),
        ];
        let items = responses.map(|response| Item::Response(Box::new(response)));
        let operation = CreateItem::messages(items.into(), MessageDisposition::SaveOnly);
        let version = ServerVersion::Exchange2007Sp1;
        assert_request("create_item/request_responses", version, &operation);
    }

    #[test]
    fn responses_that_cannot_be_sent() {
        let version = ServerVersion::Exchange2016;
        let with = |kind, change: fn(&mut ResponseObject)| {
            let mut response = answer_to_meeting(kind);
            change(&mut response);
            refusal(version, &send(response))
        };
        let later = |response: &mut ResponseObject| {
            response.proposed_start = Some(Utc.with_ymd_and_hms(2024, 5, 14, 11, 0, 0).unwrap());
        };
        let titled = |response: &mut ResponseObject| response.subject = Some("No".to_owned());
        let private = |response: &mut ResponseObject| {
            response.sensitivity = Some(Sensitivity::Private);
        };
        let worded = |response: &mut ResponseObject| response.body = Some(Body::text("Gone."));
        for (said, why) in [
            (
                with(ResponseObjectKind::CancelCalendarItem, later),
                "CancelCalendarItem cannot have ProposedStart",
            ),
            (with(ResponseObjectKind::DeclineItem, titled), "DeclineItem cannot have Subject"),
            (
                with(ResponseObjectKind::ReplyToItem, private),
                "ReplyToItem cannot have Sensitivity",
            ),
            (
                with(ResponseObjectKind::RemoveItem, worded),
                "RemoveItem cannot have words and recipients",
            ),
            (with(ResponseObjectKind::ForwardItem, worded), "ForwardItem needs a recipient"),
        ] {
            assert_eq!(said, why);
        }
        let mut named = Mailbox::smtp("ed@fabrikam.example");
        named.original_display_name = Some("Ed".to_owned());
        let forward = ResponseObject::forward(meeting_id(), [named]);
        let since = ServerVersion::Exchange2013;
        assert_since(since, "OriginalDisplayName", &send(forward));
    }

    #[test]
    fn what_cannot_be_sent() {
        let mut meeting = meeting();
        meeting.recurrence = None;
        let meeting = create(meeting, SendMeetingInvitations::SendToNone);
        let said = refusal(ServerVersion::Exchange2007Sp1, &meeting);
        assert!(said.starts_with("calendar:StartTimeZone came with Exchange2010"), "{said}");

        let none = SendMeetingInvitations::SendToNone;
        let mut elsewhere = appointment();
        elsewhere.legacy_free_busy_status = Some(LegacyFreeBusyStatus::WorkingElsewhere);
        let since = ServerVersion::Exchange2013;
        assert_since(since, "WorkingElsewhere", &create(elsewhere, none));
        let mut weekly = appointment();
        weekly.recurrence = self::meeting().recurrence;
        let since = ServerVersion::Exchange2010Sp1;
        assert_since(since, "FirstDayOfWeek", &create(weekly, none));
        let mut shared = appointment();
        let set = DistinguishedPropertySetId::Sharing;
        let path = ExtendedFieldUri::named(set, "x", MapiPropertyType::String);
        shared.item.extended_properties =
            Some(ExtendedProperties(vec![ExtendedProperty::new(path, "y")]));
        let since = ServerVersion::Exchange2013;
        assert_since(since, "the property set Sharing", &create(shared, none));

        let disposition = MessageDisposition::SaveOnly;
        let mut silent = create(appointment(), none);
        silent.send_meeting_invitations = None;
        let mut undecided = send(answer_to_meeting(ResponseObjectKind::DeclineItem));
        undecided.message_disposition = None;
        for (operation, why) in [
            (silent, "a calendar item needs SendMeetingInvitations"),
            (undecided, "a message needs MessageDisposition"),
            (CreateItem::messages(Vec::new(), disposition), "there is no item to create"),
        ] {
            assert_eq!(refusal(ServerVersion::Exchange2016, &operation), why);
        }
    }

    /// What was only sent has no identifier.
    #[test]
    fn answer() {
        let answer = messages::<CreateItem>("create_item/response");
        let [created, sent] = <[_; 2]>::try_from(answer).unwrap();
        let created = created.ok().unwrap().0;
        assert_eq!(created.items[0].item_id().unwrap().id, "AAMkAG5ldzEAAA=");
        assert_eq!(sent.ok().unwrap().0.items, []);
    }

    #[test]
    fn one_refusal_for_a_whole_batch_holds_for_each_part() {
        let envelope = fixture("ews/create_item/response_error");
        let answer = soap::response::<CreateItem>(&envelope, Some(3)).unwrap();
        let messages = answer.content.unwrap();
        assert_eq!(messages.len(), 3);
        for message in messages {
            assert_eq!(message.code, Some(ResponseCode::ErrorFolderNotFound));
            assert!(!message.is_ok());
        }
    }
}
