//! Items: a property bag and the parts that are no single properties.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Duration, NaiveDate, NaiveTime, Utc};

use super::attachment::Attachment;
use super::ids::Id;
use super::property::{APPOINTMENT, Bag, COMMON, MEETING, Property, Value};
use super::recurrence::Recurrence;
use super::zone::Zone;

pub(super) const ITEM_CLASS: Property = Property::Tag(0x001a);
pub(super) const SUBJECT: Property = Property::Tag(0x0037);
pub(super) const RECEIVED: Property = Property::Tag(0x0e06);
pub(super) const SENT: Property = Property::Tag(0x0039);
pub(super) const CREATED: Property = Property::Tag(0x3007);
pub(super) const MODIFIED: Property = Property::Tag(0x3008);
pub(super) const MODIFIER: Property = Property::Tag(0x3ffa);
pub(super) const READ: Property = Property::Tag(0x0e69);
pub(super) const IMPORTANCE: Property = Property::Tag(0x0017);
/// PidTagOriginatorDeliveryReportRequested.
pub(super) const DELIVERY_RECEIPT: Property = Property::Tag(0x0023);
/// PidTagReadReceiptRequested.
pub(super) const READ_RECEIPT: Property = Property::Tag(0x0029);
/// PidTagConversationTopic.
pub(super) const TOPIC: Property = Property::Tag(0x0070);
/// PidTagConversationIndex.
pub(super) const CONVERSATION_INDEX: Property = Property::Tag(0x0071);
/// PidTagMessageFlags ([MS-OXCMSG] 2.2.1.6).
pub(super) const MESSAGE_FLAGS: Property = Property::Tag(0x0e07);
pub(super) const MESSAGE_ID: Property = Property::Tag(0x1035);
pub(super) const REFERENCES: Property = Property::Tag(0x1039);
pub(super) const IN_REPLY_TO: Property = Property::Tag(0x1042);
/// PidTagFlagStatus: 1 complete, 2 flagged.
pub(super) const FLAG_STATUS: Property = Property::Tag(0x1090);
/// PidTagDeferredSendTime.
pub(super) const DEFERRED: Property = Property::Tag(0x3fef);
pub(super) const START: Property = Property::Id(APPOINTMENT, 0x820d);
pub(super) const END: Property = Property::Id(APPOINTMENT, 0x820e);
pub(super) const BUSY: Property = Property::Id(APPOINTMENT, 0x8205);
pub(super) const LOCATION: Property = Property::Id(APPOINTMENT, 0x8208);
pub(super) const ALL_DAY: Property = Property::Id(APPOINTMENT, 0x8215);
pub(super) const STATE: Property = Property::Id(APPOINTMENT, 0x8217);
pub(super) const RESPONSE: Property = Property::Id(APPOINTMENT, 0x8218);
pub(super) const REPLY_TIME: Property = Property::Id(APPOINTMENT, 0x8220);
pub(super) const SEQUENCE: Property = Property::Id(APPOINTMENT, 0x8201);
pub(super) const INVITED: Property = Property::Id(APPOINTMENT, 0x8229);
pub(super) const INTENDED: Property = Property::Id(APPOINTMENT, 0x8224);
pub(super) const REMINDER_SET: Property = Property::Id(COMMON, 0x8503);
pub(super) const REMINDER_MINUTES: Property = Property::Id(COMMON, 0x8501);
pub(super) const SENSITIVITY: Property = Property::Tag(0x0036);
pub(super) const CLEAN_OBJECT_ID: Property = Property::Id(MEETING, 0x0023);
pub(super) const OBJECT_ID: Property = Property::Id(MEETING, 0x0003);
/// PidLidMeetingType ([MS-OXOCAL] 2.2.6.5).
pub(super) const MEETING_TYPE: Property = Property::Id(MEETING, 0x0026);
pub(super) const PROPOSED_START: Property = Property::Id(APPOINTMENT, 0x8250);
pub(super) const PROPOSED_END: Property = Property::Id(APPOINTMENT, 0x8251);
/// The inverse of `AllowNewTimeProposal`.
pub(super) const NO_PROPOSALS: Property = Property::Id(APPOINTMENT, 0x825a);
pub(super) const STAMP: Property = Property::Id(MEETING, 0x001a);

/// The bit of [`STATE`] for a meeting.
pub(super) const STATE_MEETING: i64 = 1;
/// The bit of [`STATE`] for a meeting that came from somebody else.
pub(super) const STATE_RECEIVED: i64 = 2;
/// The bit of [`STATE`] for a cancelled meeting.
pub(super) const STATE_CANCELLED: i64 = 4;

/// Values of [`MEETING_TYPE`].
pub(super) const TYPE_NEW: i64 = 1;
pub(super) const TYPE_FULL: i64 = 0x1_0000;
pub(super) const TYPE_INFORMATIONAL: i64 = 0x2_0000;
/// A newer message has overtaken it.
pub(super) const TYPE_OUTDATED: i64 = 0x8_0000;
/// The owner's copy where a delegate handles meetings.
pub(super) const TYPE_PRINCIPAL: i64 = 0x10_0000;

/// What an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum ItemKind {
    CalendarItem,
    Message,
    MeetingRequest,
    MeetingCancellation,
    MeetingResponse,
    /// Tells the organizer about forwarding.
    MeetingNotification,
}

impl ItemKind {
    pub(super) const ALL: [Self; 6] = [
        Self::CalendarItem,
        Self::Message,
        Self::MeetingRequest,
        Self::MeetingCancellation,
        Self::MeetingResponse,
        Self::MeetingNotification,
    ];

    /// The element that carries it.
    pub(super) fn element(self) -> &'static str {
        match self {
            Self::CalendarItem => "CalendarItem",
            Self::Message => "Message",
            Self::MeetingRequest => "MeetingRequest",
            Self::MeetingCancellation => "MeetingCancellation",
            Self::MeetingResponse => "MeetingResponse",
            Self::MeetingNotification => "MeetingMessage",
        }
    }

    /// The first byte of its change keys.
    pub(super) fn key(self) -> u8 {
        match self {
            Self::CalendarItem => 0x0f,
            Self::Message => 0x09,
            _ => 0x0b,
        }
    }
}

/// A person or room.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Address {
    pub(super) name: String,
    pub(super) email: String,
}

impl Address {
    /// How mail gets there: people who left stay in old items by their distinguished name.
    pub(super) fn routing(&self) -> &'static str {
        if self.email.starts_with(DISTINGUISHED) {
            "EX"
        } else {
            "SMTP"
        }
    }
}

/// What distinguished names of the directory begin with.
pub(super) const DISTINGUISHED: &str = "/o=";

/// Which line of a message or meeting a recipient stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    To,
    Cc,
    Bcc,
    ReplyTo,
    Required,
    Optional,
    Resource,
}

/// A recipient of a message or attendee of a meeting.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Recipient {
    pub(super) role: Role,
    pub(super) address: Address,
    /// `t:ResponseType` as a number, see [`RESPONSES`].
    pub(super) response: i64,
    pub(super) replied: Option<DateTime<Utc>>,
    /// Another time that the attendee would like.
    pub(super) proposed: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

impl Recipient {
    /// Somebody who has not answered.
    pub(super) fn new(role: Role, address: Address) -> Self {
        Self {
            role,
            address,
            response: 0,
            replied: None,
            proposed: None,
        }
    }
}

/// Response types and their numbers ([MS-OXOCAL] 2.2.1.11).
pub(super) const RESPONSES: &[(&str, i64)] = &[
    ("Unknown", 0),
    ("Organizer", 1),
    ("Tentative", 2),
    ("Accept", 3),
    ("Decline", 4),
    ("NoResponseReceived", 5),
];

/// The body as it was written.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Body {
    pub(super) html: bool,
    pub(super) text: String,
}

/// Which occurrence of a series an item shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Occurrence {
    /// The start by the pattern.
    pub(super) original: DateTime<Utc>,
    pub(super) exception: bool,
}

/// What differs in an exception from its series.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Overrides {
    /// Changed properties; `None` for removed ones.
    pub(super) bag: BTreeMap<Property, Option<Value>>,
    pub(super) body: Option<Body>,
    pub(super) recipients: Option<Vec<Recipient>>,
    pub(super) attachments: Option<Vec<Attachment>>,
    pub(super) changed: u64,
}

/// What everybody may know of a private event.
const VISIBLE: [Property; 12] = [
    ITEM_CLASS,
    SENSITIVITY,
    START,
    END,
    ALL_DAY,
    BUSY,
    STATE,
    RESPONSE,
    READ,
    CREATED,
    MODIFIED,
    REMINDER_SET,
];

/// An item of a folder, or one occurrence of a series made from it.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) number: u64,
    /// The number it had at first: it stays when the item moves. 0 before it is in a folder.
    pub(super) origin: u64,
    pub(super) folder: u64,
    pub(super) kind: ItemKind,
    /// When it came into the folder, in the store's count of changes.
    pub(super) created: u64,
    /// When its content changed last.
    pub(super) changed: u64,
    /// When its read flag changed last.
    pub(super) read_changed: u64,
    pub(super) bag: Bag,
    pub(super) body: Body,
    pub(super) recipients: Vec<Recipient>,
    pub(super) attachments: Vec<Attachment>,
    pub(super) organizer: Option<Address>,
    pub(super) start_zone: Option<Zone>,
    pub(super) end_zone: Option<Zone>,
    pub(super) recurrence: Option<Recurrence>,
    pub(super) exceptions: BTreeMap<DateTime<Utc>, Overrides>,
    pub(super) deleted: BTreeSet<DateTime<Utc>>,
    /// Who sent it for the organizer or the attendee.
    pub(super) sender: Option<Address>,
    /// The owner of the mailbox that a delegate got this for.
    pub(super) representing: Option<Address>,
    /// The calendar item, or the occurrence of one, that a meeting message is about.
    pub(super) associated: Option<Id>,
    /// The original start of the one occurrence of a series that a message is about, or that its
    /// owner was invited to.
    pub(super) instance: Option<DateTime<Utc>>,
    pub(super) occurrence: Option<Occurrence>,
    /// The folder that it was deleted from, where it can be recovered.
    pub(super) deleted_from: Option<u64>,
    /// Whether it was never sent: a draft.
    pub(super) unsent: bool,
    /// Whether it waits in the Outbox.
    pub(super) submitted: bool,
    /// Whether the owner of the mailbox sent it.
    pub(super) from_me: bool,
    /// Whether its sender is told when it is read.
    pub(super) receipt_pending: bool,
    /// The message as it came, where nothing of it was changed since.
    pub(super) mime: Option<Arc<[u8]>>,
    /// When clients last wrote each property, by its path: what merging of stale writes needs.
    pub(super) written: BTreeMap<String, u64>,
}

impl Item {
    pub(super) fn new(kind: ItemKind) -> Self {
        Self {
            number: 0,
            origin: 0,
            folder: 0,
            kind,
            created: 0,
            changed: 0,
            read_changed: 0,
            bag: Bag::new(),
            body: Body::default(),
            recipients: Vec::new(),
            attachments: Vec::new(),
            organizer: None,
            start_zone: None,
            end_zone: None,
            recurrence: None,
            exceptions: BTreeMap::new(),
            deleted: BTreeSet::new(),
            sender: None,
            representing: None,
            associated: None,
            instance: None,
            occurrence: None,
            deleted_from: None,
            unsent: false,
            submitted: false,
            from_me: false,
            receipt_pending: false,
            mime: None,
            written: BTreeMap::new(),
        }
    }

    /// Bytes in the store.
    pub(super) fn size(&self) -> usize {
        let attached: usize = self.attachments.iter().map(Attachment::size).sum();
        let properties = 64 * self.bag.len() + 128 * self.recipients.len();
        2048 + self.body.text.len() + properties + attached
    }

    pub(super) fn set(&mut self, property: Property, value: Value) {
        self.bag.insert(property, value);
    }

    pub(super) fn text(&self, property: &Property) -> &str {
        self.bag
            .get(property)
            .and_then(Value::text)
            .unwrap_or_default()
    }

    pub(super) fn integer(&self, property: &Property) -> i64 {
        self.bag
            .get(property)
            .and_then(Value::integer)
            .unwrap_or_default()
    }

    pub(super) fn flag(&self, property: &Property) -> bool {
        self.bag
            .get(property)
            .and_then(Value::boolean)
            .unwrap_or_default()
    }

    pub(super) fn time(&self, property: &Property) -> Option<DateTime<Utc>> {
        self.bag.get(property).and_then(Value::time)
    }

    pub(super) fn start(&self) -> DateTime<Utc> {
        self.time(&START).unwrap_or_default()
    }

    pub(super) fn end(&self) -> DateTime<Utc> {
        self.time(&END).unwrap_or_else(|| self.start())
    }

    pub(super) fn zone(&self) -> Zone {
        self.start_zone.clone().unwrap_or_else(Zone::utc)
    }

    pub(super) fn is_all_day(&self) -> bool {
        self.flag(&ALL_DAY)
    }

    pub(super) fn is_meeting(&self) -> bool {
        self.integer(&STATE) & STATE_MEETING != 0
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.integer(&STATE) & STATE_CANCELLED != 0
    }

    pub(super) fn is_organizer(&self) -> bool {
        self.integer(&STATE) & STATE_RECEIVED == 0
    }

    pub(super) fn recipients_in(&self, role: Role) -> impl Iterator<Item = &Recipient> {
        self.recipients.iter().filter(move |one| one.role == role)
    }

    /// Attendees of any role.
    pub(super) fn attendees(&self) -> impl Iterator<Item = &Recipient> {
        self.recipients
            .iter()
            .filter(|one| matches!(one.role, Role::Required | Role::Optional | Role::Resource))
    }

    /// The original start of the occurrence that this is, or is about.
    pub(super) fn recurrence_id(&self) -> Option<DateTime<Utc>> {
        self.occurrence.map(|one| one.original).or(self.instance)
    }

    /// Whether others see only that there is something.
    pub(super) fn is_private(&self) -> bool {
        self.kind == ItemKind::CalendarItem && self.integer(&SENSITIVITY) == 2
    }

    /// What others see of a private event: when it is and how busy its owner is.
    pub(super) fn masked(&self) -> Self {
        let mut item = self.single();
        item.bag.retain(|property, _| VISIBLE.contains(property));
        item.set(SUBJECT, Value::Text("Private Appointment".to_owned()));
        item.body = Body::default();
        item.recipients.clear();
        item.attachments.clear();
        item.organizer = None;
        item.recurrence.clone_from(&self.recurrence);
        item.occurrence = self.occurrence;
        item
    }

    /// Whether a newer message about the meeting has overtaken this one.
    pub(super) fn is_out_of_date(&self) -> bool {
        self.integer(&MEETING_TYPE) == TYPE_OUTDATED
    }

    pub(super) fn is_invited(&self, email: &str) -> bool {
        self.attendees()
            .any(|one| one.address.email.eq_ignore_ascii_case(email))
    }

    /// Only the organizer knows what people answered.
    pub(super) fn forget_answers(&mut self) {
        for one in &mut self.recipients {
            *one = Recipient::new(one.role, std::mem::take(&mut one.address));
        }
    }

    /// Whole days for all-day events, and for series the first day of the pattern.
    pub(super) fn normalize(&mut self, context: &Zone) {
        if self.kind != ItemKind::CalendarItem {
            return;
        }
        let zone = self.start_zone.clone().unwrap_or_else(|| context.clone());
        if self.is_all_day() {
            let start = zone.local(self.start()).date();
            let end = zone.local(self.end());
            let mut last = end.date();
            if end.time() != NaiveTime::MIN || last <= start {
                last = last.max(start) + Duration::days(1);
            }
            let midnight = |date: NaiveDate| zone.instant(date.and_time(NaiveTime::MIN));
            self.set(START, Value::Time(midnight(start)));
            self.set(END, Value::Time(midnight(last)));
        }
        let meeting = self.attendees().next().is_some();
        if meeting && self.is_organizer() {
            let state = self.integer(&STATE) | STATE_MEETING;
            self.set(STATE, Value::Integer(state));
        }
        let first = self.pattern_from(NaiveDate::MIN).next();
        if let Some((start, end)) = first {
            self.set(START, Value::Time(start));
            self.set(END, Value::Time(end));
        }
    }
}
