//! The properties of items that have a `FieldURI`: where each lives and how it looks.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::body::plain;
use super::conversation::{self, normalized};
use super::item::*;
use super::property::{APPOINTMENT, GRAPH, PUBLIC_STRINGS, Property, Value};
use super::uid::uid;
use super::version::SimulatedVersion;
use super::version::SimulatedVersion::{Exchange2007, Exchange2010, Exchange2013};
use super::zone::date_time;

/// One property of an item.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) uri: &'static str,
    /// The element that carries it.
    pub(super) element: &'static str,
    pub(super) source: Source,
    pub(super) kind: Kind,
    pub(super) level: Level,
    pub(super) since: SimulatedVersion,
    /// Whether clients may set it.
    pub(super) settable: bool,
}

/// Where a property lives.
#[derive(Debug)]
pub(super) enum Source {
    Bag(Property),
    /// The categories: a name needs memory of its own.
    Keywords,
    /// Made from other properties.
    Computed(fn(&Item) -> Option<Value>),
    Part(Part),
}

/// Properties with child elements of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    ItemId,
    ParentFolderId,
    Body,
    Attachments,
    TextBody,
    ResponseObjects,
    EffectiveRights,
    Flag,
    Recipients(Role),
    Organizer,
    Sender,
    Representing,
    ReceivedBy,
    Headers,
    ConversationId,
    UniqueBody,
    Uid,
    Recurrence,
    FirstOccurrence,
    LastOccurrence,
    ModifiedOccurrences,
    DeletedOccurrences,
    MeetingTimeZone,
    StartTimeZone,
    EndTimeZone,
    AssociatedCalendarItemId,
}

/// How a simple property is written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Text,
    Integer,
    Boolean,
    /// A flag that the store keeps the other way round.
    Inverse,
    Time,
    Choice(&'static [(&'static str, i64)]),
    Texts,
    /// It has a writer of its own.
    Structure,
}

/// Which shapes contain a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// `Default` and above, in listings too.
    Default,
    /// `Default` and above, not in listings.
    DefaultGet,
    /// `AllProperties`, in listings too.
    All,
    /// `AllProperties`, not in listings.
    AllGet,
    /// Only when asked for.
    Asked,
}

impl Level {
    pub(super) fn in_listings(self) -> bool {
        matches!(self, Self::Default | Self::All | Self::Asked)
    }
}

pub(super) const BUSY_TYPES: &[(&str, i64)] = &[
    ("Free", 0),
    ("Tentative", 1),
    ("Busy", 2),
    ("OOF", 3),
    ("WorkingElsewhere", 4),
    ("NoData", -1),
];
const SENSITIVITIES: &[(&str, i64)] = &[
    ("Normal", 0),
    ("Personal", 1),
    ("Private", 2),
    ("Confidential", 3),
];
const IMPORTANCES: &[(&str, i64)] = &[("Low", 0), ("Normal", 1), ("High", 2)];

const fn field(
    uri: &'static str,
    element: &'static str,
    source: Source,
    kind: Kind,
    level: Level,
) -> Field {
    Field {
        uri,
        element,
        source,
        kind,
        level,
        since: Exchange2007,
        settable: true,
    }
}

impl Field {
    const fn since(mut self, version: SimulatedVersion) -> Self {
        self.since = version;
        self
    }

    const fn fixed(mut self) -> Self {
        self.settable = false;
        self
    }
}

use Kind::{Boolean, Choice, Integer, Inverse, Structure, Text, Texts, Time};
use Level::{All, AllGet, Asked, Default, DefaultGet};
use Source::{Bag, Computed, Keywords};

const fn part(part: Part) -> Source {
    Source::Part(part)
}

const fn tag(number: u16) -> Source {
    Bag(Property::Tag(number))
}

const fn appointment(number: u32) -> Source {
    Bag(Property::Id(APPOINTMENT, number))
}

/// Properties of every item, in the order of the schema.
#[rustfmt::skip]
static ITEM: &[Field] = &[
    field("item:ItemId", "ItemId", part(Part::ItemId), Structure, Default).fixed(),
    field("item:ParentFolderId", "ParentFolderId", part(Part::ParentFolderId), Structure, All).fixed(),
    field("item:ItemClass", "ItemClass", Bag(ITEM_CLASS), Text, All),
    field("item:Subject", "Subject", Bag(SUBJECT), Text, Default),
    field("item:Sensitivity", "Sensitivity", Bag(SENSITIVITY), Choice(SENSITIVITIES), All),
    field("item:Body", "Body", part(Part::Body), Structure, DefaultGet),
    field("item:Attachments", "Attachments", part(Part::Attachments), Structure, AllGet),
    field("item:DateTimeReceived", "DateTimeReceived", Bag(RECEIVED), Time, All).fixed(),
    field("item:Size", "Size", Computed(size), Integer, All).fixed(),
    field("item:Categories", "Categories", Keywords, Texts, All),
    field("item:Importance", "Importance", Bag(IMPORTANCE), Choice(IMPORTANCES), All),
    field("item:InReplyTo", "InReplyTo", Bag(IN_REPLY_TO), Text, All),
    field("item:IsSubmitted", "IsSubmitted", Computed(|item| Some(Value::Boolean(item.submitted))), Boolean, All).fixed(),
    field("item:IsDraft", "IsDraft", Computed(is_draft), Boolean, All).fixed(),
    field("item:IsFromMe", "IsFromMe", Computed(|item| Some(Value::Boolean(item.from_me))), Boolean, All).fixed(),
    field("item:IsResend", "IsResend", Computed(|_| Some(Value::Boolean(false))), Boolean, All).fixed(),
    field("item:IsUnmodified", "IsUnmodified", Computed(is_unmodified), Boolean, All).fixed(),
    field("item:InternetMessageHeaders", "InternetMessageHeaders", part(Part::Headers), Structure, AllGet).fixed(),
    field("item:DateTimeSent", "DateTimeSent", Bag(SENT), Time, All).fixed(),
    field("item:DateTimeCreated", "DateTimeCreated", Bag(CREATED), Time, All).fixed(),
    field("item:ResponseObjects", "ResponseObjects", part(Part::ResponseObjects), Structure, DefaultGet).fixed(),
    field("item:ReminderDueBy", "ReminderDueBy", Computed(reminder_due), Time, All),
    field("item:ReminderIsSet", "ReminderIsSet", Bag(REMINDER_SET), Boolean, All),
    field("item:ReminderMinutesBeforeStart", "ReminderMinutesBeforeStart", Bag(REMINDER_MINUTES), Integer, All),
    field("item:DisplayCc", "DisplayCc", Computed(|item| display(item, &[Role::Cc, Role::Optional])), Text, All).fixed(),
    field("item:DisplayTo", "DisplayTo", Computed(|item| display(item, &[Role::To, Role::Required])), Text, All).fixed(),
    field("item:HasAttachments", "HasAttachments", Computed(has_attachments), Boolean, Default).fixed(),
    field("item:Culture", "Culture", tag(0x3ff1), Text, All),
    field("item:EffectiveRights", "EffectiveRights", part(Part::EffectiveRights), Structure, All).fixed(),
    field("item:LastModifiedName", "LastModifiedName", Bag(MODIFIER), Text, All).fixed(),
    field("item:LastModifiedTime", "LastModifiedTime", Bag(MODIFIED), Time, All).fixed(),
    field("item:IsAssociated", "IsAssociated", Computed(|_| Some(Value::Boolean(false))), Boolean, All).since(Exchange2010).fixed(),
    field("item:ConversationId", "ConversationId", part(Part::ConversationId), Structure, All).since(Exchange2010).fixed(),
    field("item:UniqueBody", "UniqueBody", part(Part::UniqueBody), Structure, Asked).since(Exchange2010).fixed(),
    field("item:Flag", "Flag", part(Part::Flag), Structure, All).since(Exchange2013),
    field("item:Preview", "Preview", Computed(preview), Text, All).since(Exchange2013).fixed(),
    field("item:TextBody", "TextBody", part(Part::TextBody), Structure, Asked).since(Exchange2013).fixed(),
];

#[rustfmt::skip]
static CALENDAR: &[Field] = &[
    field("calendar:UID", "UID", part(Part::Uid), Text, All),
    field("calendar:RecurrenceId", "RecurrenceId", Computed(recurrence_id), Time, All).fixed(),
    field("calendar:DateTimeStamp", "DateTimeStamp", Bag(STAMP), Time, All),
    field("calendar:Start", "Start", Bag(START), Time, Default),
    field("calendar:End", "End", Bag(END), Time, Default),
    field("calendar:OriginalStart", "OriginalStart", Computed(recurrence_id), Time, All).fixed(),
    field("calendar:IsAllDayEvent", "IsAllDayEvent", Bag(ALL_DAY), Boolean, All),
    field("calendar:LegacyFreeBusyStatus", "LegacyFreeBusyStatus", Bag(BUSY), Choice(BUSY_TYPES), Default),
    field("calendar:Location", "Location", Bag(LOCATION), Text, Default),
    field("calendar:When", "When", appointment(0x8232), Text, AllGet),
    field("calendar:IsMeeting", "IsMeeting", Computed(|item| Some(Value::Boolean(item.is_meeting()))), Boolean, All).fixed(),
    field("calendar:IsCancelled", "IsCancelled", Computed(|item| Some(Value::Boolean(item.is_cancelled()))), Boolean, All).fixed(),
    field("calendar:IsRecurring", "IsRecurring", Computed(|item| Some(Value::Boolean(item.recurrence_id().is_some()))), Boolean, All).fixed(),
    field("calendar:MeetingRequestWasSent", "MeetingRequestWasSent", Bag(INVITED), Boolean, All).fixed(),
    field("calendar:IsResponseRequested", "IsResponseRequested", tag(0x0063), Boolean, All),
    field("calendar:CalendarItemType", "CalendarItemType", Computed(item_type), Text, Default).fixed(),
    field("calendar:MyResponseType", "MyResponseType", Bag(RESPONSE), Choice(RESPONSES), All).fixed(),
    field("calendar:Organizer", "Organizer", part(Part::Organizer), Structure, Default).fixed(),
    field("calendar:RequiredAttendees", "RequiredAttendees", part(Part::Recipients(Role::Required)), Structure, DefaultGet),
    field("calendar:OptionalAttendees", "OptionalAttendees", part(Part::Recipients(Role::Optional)), Structure, DefaultGet),
    field("calendar:Resources", "Resources", part(Part::Recipients(Role::Resource)), Structure, DefaultGet),
    field("calendar:ConflictingMeetingCount", "ConflictingMeetingCount", Computed(|_| Some(Value::Integer(0))), Integer, AllGet).fixed(),
    field("calendar:AdjacentMeetingCount", "AdjacentMeetingCount", Computed(|_| Some(Value::Integer(0))), Integer, AllGet).fixed(),
    field("calendar:Duration", "Duration", Computed(length), Text, All).fixed(),
    field("calendar:TimeZone", "TimeZone", Computed(zone_name), Text, All).fixed(),
    field("calendar:AppointmentReplyTime", "AppointmentReplyTime", Bag(REPLY_TIME), Time, All).fixed(),
    field("calendar:AppointmentSequenceNumber", "AppointmentSequenceNumber", Bag(SEQUENCE), Integer, All).fixed(),
    field("calendar:AppointmentState", "AppointmentState", Bag(STATE), Integer, All).fixed(),
    field("calendar:Recurrence", "Recurrence", part(Part::Recurrence), Structure, DefaultGet),
    field("calendar:FirstOccurrence", "FirstOccurrence", part(Part::FirstOccurrence), Structure, DefaultGet).fixed(),
    field("calendar:LastOccurrence", "LastOccurrence", part(Part::LastOccurrence), Structure, DefaultGet).fixed(),
    field("calendar:ModifiedOccurrences", "ModifiedOccurrences", part(Part::ModifiedOccurrences), Structure, DefaultGet).fixed(),
    field("calendar:DeletedOccurrences", "DeletedOccurrences", part(Part::DeletedOccurrences), Structure, DefaultGet).fixed(),
    field("calendar:MeetingTimeZone", "MeetingTimeZone", part(Part::MeetingTimeZone), Structure, AllGet),
    field("calendar:StartTimeZone", "StartTimeZone", part(Part::StartTimeZone), Structure, AllGet).since(Exchange2010),
    field("calendar:EndTimeZone", "EndTimeZone", part(Part::EndTimeZone), Structure, AllGet).since(Exchange2010),
    field("calendar:ConferenceType", "ConferenceType", appointment(0x8241), Integer, AllGet),
    field("calendar:AllowNewTimeProposal", "AllowNewTimeProposal", Bag(NO_PROPOSALS), Inverse, AllGet),
    field("calendar:IsOnlineMeeting", "IsOnlineMeeting", appointment(0x8240), Boolean, All),
    field("calendar:MeetingWorkspaceUrl", "MeetingWorkspaceUrl", appointment(0x8209), Text, All),
    field("calendar:NetShowUrl", "NetShowUrl", appointment(0x8248), Text, All),
    field("calendar:StartTimeZoneId", "StartTimeZoneId", Computed(|item| zone_id(item.start_zone.as_ref())), Text, All).since(Exchange2013),
    field("calendar:EndTimeZoneId", "EndTimeZoneId", Computed(|item| zone_id(item.end_zone.as_ref())), Text, All).since(Exchange2013),
    field("calendar:IntendedFreeBusyStatus", "IntendedFreeBusyStatus", Bag(INTENDED), Choice(BUSY_TYPES), All).since(Exchange2013).fixed(),
    field("calendar:IsOrganizer", "IsOrganizer", Computed(|item| Some(Value::Boolean(item.is_organizer()))), Boolean, All).since(Exchange2013).fixed(),
];

#[rustfmt::skip]
static MESSAGE: &[Field] = &[
    field("message:Sender", "Sender", part(Part::Sender), Structure, Default),
    field("message:ToRecipients", "ToRecipients", part(Part::Recipients(Role::To)), Structure, DefaultGet),
    field("message:CcRecipients", "CcRecipients", part(Part::Recipients(Role::Cc)), Structure, DefaultGet),
    field("message:BccRecipients", "BccRecipients", part(Part::Recipients(Role::Bcc)), Structure, DefaultGet),
    field("message:IsReadReceiptRequested", "IsReadReceiptRequested", Bag(READ_RECEIPT), Boolean, Default),
    field("message:IsDeliveryReceiptRequested", "IsDeliveryReceiptRequested", Bag(DELIVERY_RECEIPT), Boolean, All),
    field("message:ConversationIndex", "ConversationIndex", Bag(CONVERSATION_INDEX), Text, All).fixed(),
    field("message:ConversationTopic", "ConversationTopic", Computed(topic), Text, All).fixed(),
    field("message:From", "From", part(Part::Organizer), Structure, Default),
    field("message:InternetMessageId", "InternetMessageId", Bag(MESSAGE_ID), Text, All),
    field("message:IsRead", "IsRead", Bag(READ), Boolean, Default),
    field("message:IsResponseRequested", "IsResponseRequested", tag(0x0063), Boolean, All),
    field("message:References", "References", Bag(REFERENCES), Text, All),
    field("message:ReplyTo", "ReplyTo", part(Part::Recipients(Role::ReplyTo)), Structure, AllGet),
    field("message:ReceivedBy", "ReceivedBy", part(Part::ReceivedBy), Structure, AllGet).fixed(),
    field("message:ReceivedRepresenting", "ReceivedRepresenting", part(Part::Representing), Structure, AllGet).fixed(),
];

#[rustfmt::skip]
static MEETING_MESSAGE: &[Field] = &[
    field("meeting:AssociatedCalendarItemId", "AssociatedCalendarItemId", part(Part::AssociatedCalendarItemId), Structure, DefaultGet).fixed(),
    field("meeting:IsDelegated", "IsDelegated", Computed(|item| Some(Value::Boolean(item.representing.is_some()))), Boolean, All).fixed(),
    field("meeting:IsOutOfDate", "IsOutOfDate", Computed(|item| Some(Value::Boolean(item.is_out_of_date()))), Boolean, All).fixed(),
    field("meeting:HasBeenProcessed", "HasBeenProcessed", Computed(|_| Some(Value::Boolean(true))), Boolean, All).fixed(),
    field("meeting:ResponseType", "ResponseType", Bag(RESPONSE), Choice(RESPONSES), All).fixed(),
    field("calendar:UID", "UID", part(Part::Uid), Text, All).fixed(),
    field("calendar:RecurrenceId", "RecurrenceId", Computed(recurrence_id), Time, All).fixed(),
    field("calendar:DateTimeStamp", "DateTimeStamp", Bag(STAMP), Time, All).fixed(),
];

/// What answers and cancellations tell about the meeting.
#[rustfmt::skip]
static MEETING_SUMMARY: &[Field] = &[
    field("calendar:Start", "Start", Bag(START), Time, All).since(Exchange2013).fixed(),
    field("calendar:End", "End", Bag(END), Time, All).since(Exchange2013).fixed(),
    field("calendar:Location", "Location", Bag(LOCATION), Text, All).since(Exchange2013).fixed(),
    field("calendar:Recurrence", "Recurrence", part(Part::Recurrence), Structure, AllGet).since(Exchange2013).fixed(),
    field("calendar:CalendarItemType", "CalendarItemType", Computed(item_type), Text, All).since(Exchange2013).fixed(),
    field("meeting:ProposedStart", "ProposedStart", Bag(PROPOSED_START), Time, All).since(Exchange2013).fixed(),
    field("meeting:ProposedEnd", "ProposedEnd", Bag(PROPOSED_END), Time, All).since(Exchange2013).fixed(),
];

#[rustfmt::skip]
static MEETING_REQUEST: &[Field] = &[
    field("meetingRequest:MeetingRequestType", "MeetingRequestType", Computed(request_type), Text, All).fixed(),
    field("meetingRequest:IntendedFreeBusyStatus", "IntendedFreeBusyStatus", Bag(INTENDED), Choice(BUSY_TYPES), All).fixed(),
    field("calendar:Start", "Start", Bag(START), Time, Default).fixed(),
    field("calendar:End", "End", Bag(END), Time, Default).fixed(),
    field("calendar:OriginalStart", "OriginalStart", Computed(recurrence_id), Time, All).fixed(),
    field("calendar:IsAllDayEvent", "IsAllDayEvent", Bag(ALL_DAY), Boolean, All).fixed(),
    field("calendar:LegacyFreeBusyStatus", "LegacyFreeBusyStatus", Bag(BUSY), Choice(BUSY_TYPES), All).fixed(),
    field("calendar:Location", "Location", Bag(LOCATION), Text, Default).fixed(),
    field("calendar:IsMeeting", "IsMeeting", Computed(|_| Some(Value::Boolean(true))), Boolean, All).fixed(),
    field("calendar:IsCancelled", "IsCancelled", Computed(|item| Some(Value::Boolean(item.is_cancelled()))), Boolean, All).fixed(),
    field("calendar:IsRecurring", "IsRecurring", Computed(|item| Some(Value::Boolean(item.recurrence_id().is_some()))), Boolean, All).fixed(),
    field("calendar:CalendarItemType", "CalendarItemType", Computed(item_type), Text, All).fixed(),
    field("calendar:MyResponseType", "MyResponseType", Bag(RESPONSE), Choice(RESPONSES), All).fixed(),
    field("calendar:Organizer", "Organizer", part(Part::Organizer), Structure, DefaultGet).fixed(),
    field("calendar:RequiredAttendees", "RequiredAttendees", part(Part::Recipients(Role::Required)), Structure, DefaultGet).fixed(),
    field("calendar:OptionalAttendees", "OptionalAttendees", part(Part::Recipients(Role::Optional)), Structure, DefaultGet).fixed(),
    field("calendar:Resources", "Resources", part(Part::Recipients(Role::Resource)), Structure, DefaultGet).fixed(),
    field("calendar:AppointmentSequenceNumber", "AppointmentSequenceNumber", Bag(SEQUENCE), Integer, All).fixed(),
    field("calendar:Recurrence", "Recurrence", part(Part::Recurrence), Structure, AllGet).fixed(),
    field("calendar:StartTimeZone", "StartTimeZone", part(Part::StartTimeZone), Structure, AllGet).since(Exchange2010).fixed(),
    field("calendar:EndTimeZone", "EndTimeZone", part(Part::EndTimeZone), Structure, AllGet).since(Exchange2010).fixed(),
    field("calendar:AllowNewTimeProposal", "AllowNewTimeProposal", Bag(NO_PROPOSALS), Inverse, AllGet).fixed(),
];

/// All fields of an item kind in the order of the schema.
pub(super) fn of(kind: ItemKind) -> impl Iterator<Item = &'static Field> {
    let parts: [&'static [Field]; 3] = match kind {
        ItemKind::CalendarItem => [CALENDAR, &[], &[]],
        ItemKind::Message => [MESSAGE, &[], &[]],
        ItemKind::MeetingRequest => [MESSAGE, MEETING_MESSAGE, MEETING_REQUEST],
        ItemKind::MeetingCancellation | ItemKind::MeetingResponse => {
            [MESSAGE, MEETING_MESSAGE, MEETING_SUMMARY]
        }
        ItemKind::MeetingNotification => [MESSAGE, MEETING_MESSAGE, &[]],
    };
    ITEM.iter().chain(parts.into_iter().flatten())
}

/// The field of a URI.
pub(super) fn by_uri(kind: ItemKind, uri: &str) -> Option<&'static Field> {
    static KNOWN: OnceLock<HashMap<(ItemKind, &str), &Field>> = OnceLock::new();
    let known: &HashMap<_, &'static Field> = KNOWN.get_or_init(|| {
        let kinds = ItemKind::ALL.into_iter();
        let fields = kinds.flat_map(|kind| of(kind).map(move |field| ((kind, field.uri), field)));
        // The first of two with one name counts.
        fields.collect::<Vec<_>>().into_iter().rev().collect()
    });
    known.get(&(kind, uri)).copied()
}

/// The field that is kept under a number or name.
pub(super) fn by_property(kind: ItemKind, property: &Property) -> Option<&'static Field> {
    of(kind).find(|field| matches!(&field.source, Bag(known) if known == property))
}

/// The field that an element carries.
pub(super) fn by_element(kind: ItemKind, element: &str) -> Option<&'static Field> {
    of(kind).find(|field| field.element == element)
}

/// The named property that keeps categories.
pub(super) fn keywords() -> Property {
    Property::Name(PUBLIC_STRINGS, "Keywords".to_owned())
}

/// The key that a client of Graph gave an event when it made it.
pub(super) fn transaction() -> Property {
    Property::Name(GRAPH, "TransactionId".to_owned())
}

impl Field {
    /// The value of a simple property.
    pub(super) fn value(&self, item: &Item) -> Option<Value> {
        match &self.source {
            Bag(property) => item.bag.get(property).cloned(),
            Keywords => item.bag.get(&keywords()).cloned(),
            Computed(compute) => compute(item),
            Source::Part(Part::Uid) => Some(Value::Text(uid(item)?)),
            Source::Part(Part::Body) => Some(Value::Text(item.body.text.clone())),
            // People are found by name and by address.
            Source::Part(part @ (Part::Organizer | Part::Sender)) => {
                let sender = item.sender.as_ref().filter(|_| *part == Part::Sender);
                let who = sender.or(item.organizer.as_ref())?;
                let texts = [&who.name, &who.email].map(|text| Value::Text(text.clone()));
                Some(Value::Many(texts.into()))
            }
            Source::Part(Part::ConversationId) => conversation::id(item).map(Value::Guid),
            Source::Part(Part::Recipients(role)) => {
                let names: Vec<Value> = item
                    .recipients_in(*role)
                    .map(|one| Value::Text(one.address.email.clone()))
                    .collect();
                (!names.is_empty()).then_some(Value::Many(names))
            }
            Source::Part(_) => None,
        }
    }

    /// The text of a simple property's value.
    pub(super) fn text(&self, value: &Value, zone: Option<&super::zone::Zone>) -> String {
        match (self.kind, value) {
            (Choice(names), Value::Integer(number)) => names
                .iter()
                .find(|(_, known)| known == number)
                .or_else(|| names.first())
                .map_or_else(String::new, |(name, _)| (*name).to_owned()),
            (Inverse, Value::Boolean(flag)) => (!flag).to_string(),
            _ => super::path::text(value, zone),
        }
    }

    /// Reads the text of a simple property.
    pub(super) fn parse(&self, text: &str, zone: &super::zone::Zone) -> Option<Value> {
        match self.kind {
            Text | Texts | Structure => Some(Value::Text(text.to_owned())),
            Integer => text.trim().parse().ok().map(Value::Integer),
            Boolean | Inverse => {
                let flag = match text.trim() {
                    "true" | "1" => true,
                    "false" | "0" => false,
                    _ => return None,
                };
                let inverse = matches!(self.kind, Inverse);
                Some(Value::Boolean(flag != inverse))
            }
            Time => date_time(text, zone).map(Value::Time),
            Choice(names) => names
                .iter()
                .find(|(name, _)| *name == text.trim())
                .map(|(_, number)| Value::Integer(*number)),
        }
    }
}

fn size(item: &Item) -> Option<Value> {
    i64::try_from(item.size()).ok().map(Value::Integer)
}

/// Pictures inside the body do not count.
fn has_attachments(item: &Item) -> Option<Value> {
    Some(Value::Boolean(
        item.attachments.iter().any(|one| !one.inline),
    ))
}

fn is_draft(item: &Item) -> Option<Value> {
    Some(Value::Boolean(item.unsent))
}

fn is_unmodified(item: &Item) -> Option<Value> {
    Some(Value::Boolean(
        item.kind != ItemKind::CalendarItem && item.changed == item.created,
    ))
}

fn reminder_due(item: &Item) -> Option<Value> {
    (item.kind == ItemKind::CalendarItem).then(|| Value::Time(item.start()))
}

fn display(item: &Item, roles: &[Role]) -> Option<Value> {
    let names: Vec<&str> = item
        .recipients
        .iter()
        .filter(|one| roles.contains(&one.role))
        .map(|one| one.address.name.as_str())
        .collect();
    (item.kind != ItemKind::CalendarItem || !names.is_empty())
        .then(|| Value::Text(names.join("; ")))
}

fn topic(item: &Item) -> Option<Value> {
    let kept = item.bag.get(&TOPIC).cloned();
    kept.or_else(|| Some(Value::Text(normalized(item.text(&SUBJECT)).to_owned())))
}

/// The beginning of the text.
fn preview(item: &Item) -> Option<Value> {
    let text = if item.body.html {
        plain(&item.body.text)
    } else {
        item.body.text.clone()
    };
    (item.kind != ItemKind::CalendarItem).then(|| Value::Text(text.chars().take(255).collect()))
}

fn recurrence_id(item: &Item) -> Option<Value> {
    item.recurrence_id().map(Value::Time)
}

fn item_type(item: &Item) -> Option<Value> {
    let name = match item.occurrence {
        Some(occurrence) if occurrence.exception => "Exception",
        Some(_) => "Occurrence",
        None if item.recurrence.is_some() => "RecurringMaster",
        None => "Single",
    };
    Some(Value::Text(name.to_owned()))
}

fn request_type(item: &Item) -> Option<Value> {
    let name = match item.integer(&MEETING_TYPE) {
        TYPE_FULL => "FullUpdate",
        TYPE_INFORMATIONAL => "InformationalUpdate",
        TYPE_OUTDATED => "Outdated",
        TYPE_PRINCIPAL => "PrincipalWantsCopy",
        _ => "NewMeetingRequest",
    };
    Some(Value::Text(name.to_owned()))
}

/// The length as xs:duration with days, as .NET writes it.
fn length(item: &Item) -> Option<Value> {
    let seconds = (item.end() - item.start()).num_seconds();
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let mut text = "P".to_owned();
    if days > 0 {
        text.push_str(&format!("{days}D"));
    }
    if rest > 0 || days == 0 {
        let rest = super::zone::duration(i32::try_from(rest).ok()?);
        text.push_str(rest.trim_start_matches('P'));
    }
    Some(Value::Text(text))
}

fn zone_name(item: &Item) -> Option<Value> {
    Some(Value::Text(item.zone().display_name()))
}

fn zone_id(zone: Option<&super::zone::Zone>) -> Option<Value> {
    Some(Value::Text(zone?.id.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_in_days_hours_and_minutes() {
        let mut item = Item::new(ItemKind::CalendarItem);
        let start = chrono::DateTime::<chrono::Utc>::from_timestamp(0, 0).unwrap();
        item.set(START, Value::Time(start));
        for (minutes, text) in [
            (0, "PT0S"),
            (30, "PT30M"),
            (90, "PT1H30M"),
            (1440, "P1D"),
            (1500, "P1DT1H"),
        ] {
            item.set(END, Value::Time(start + chrono::Duration::minutes(minutes)));
            assert_eq!(length(&item), Some(Value::Text(text.to_owned())));
        }
    }
}
