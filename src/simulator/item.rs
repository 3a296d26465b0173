//! Items: a property bag and the parts that are no single properties.

use std::collections::{BTreeMap, BTreeSet};

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// When clients last wrote each property, by its path: what merging of stale writes needs.
    pub(super) written: BTreeMap<String, u64>,
}

impl Item {
    pub(super) fn new(kind: ItemKind) -> Self {
        Self {
            number: 0,
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
            written: BTreeMap::new(),
        }
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

    /// Start and end of the pattern's occurrences whose date is not before `from`, without end for
    /// endless series. Lengths are measured on the clock, so that an occurrence over a change of the
    /// clock ends when it says.
    fn pattern_from(
        &self,
        from: NaiveDate,
    ) -> impl Iterator<Item = (DateTime<Utc>, DateTime<Utc>)> + '_ {
        let (zone, time, length) = self.clock();
        self.recurrence
            .iter()
            .flat_map(Recurrence::dates)
            .skip_while(move |date| *date < from)
            .map(move |date| {
                let local = date.and_time(time);
                (zone.instant(local), zone.instant(local + length))
            })
    }

    /// The zone, the time of day and the length on the clock.
    fn clock(&self) -> (Zone, NaiveTime, Duration) {
        let zone = self.zone();
        let start = zone.local(self.start());
        let length = zone.local(self.end()) - start;
        (zone, start.time(), length)
    }

    /// The starts of the pattern before an instant, those of deleted occurrences included.
    pub(super) fn pattern_before(
        &self,
        limit: DateTime<Utc>,
    ) -> impl Iterator<Item = (DateTime<Utc>, DateTime<Utc>)> + '_ {
        self.pattern_from(NaiveDate::MIN)
            .take_while(move |(start, _)| *start < limit)
    }

    /// Occurrences of the pattern that may overlap a time span, and few others.
    fn pattern_about(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> impl Iterator<Item = (DateTime<Utc>, DateTime<Utc>)> + '_ {
        let (_, _, length) = self.clock();
        // Zones are less than two days from UTC.
        let margin = length + Duration::days(2);
        let first = from.checked_sub_signed(margin).unwrap_or(from);
        self.pattern_from(first.date_naive())
            .take_while(move |(start, _)| *start < to)
    }

    /// Whether the pattern has an occurrence with that start.
    pub(super) fn has_occurrence(&self, start: DateTime<Utc>) -> bool {
        self.pattern_about(start, start + Duration::seconds(1))
            .any(|(one, _)| one == start)
    }

    /// A copy that is no series.
    fn single(&self) -> Self {
        Self {
            bag: self.bag.clone(),
            body: self.body.clone(),
            recipients: self.recipients.clone(),
            attachments: self.attachments.clone(),
            organizer: self.organizer.clone(),
            sender: self.sender.clone(),
            representing: self.representing.clone(),
            associated: self.associated,
            instance: self.instance,
            start_zone: self.start_zone.clone(),
            end_zone: self.end_zone.clone(),
            recurrence: None,
            exceptions: BTreeMap::new(),
            deleted: BTreeSet::new(),
            occurrence: None,
            written: self.written.clone(),
            ..*self
        }
    }

    /// The occurrence with that original start as the pattern has it.
    fn plain_occurrence(&self, original: DateTime<Utc>) -> Self {
        let (zone, _, length) = self.clock();
        let end = zone.instant(zone.local(original) + length);
        let mut item = self.single();
        item.set(START, Value::Time(original));
        item.set(END, Value::Time(end));
        item.occurrence = Some(Occurrence {
            original,
            exception: false,
        });
        let class = "IPM.Appointment.Occurrence";
        item.set(ITEM_CLASS, Value::Text(class.to_owned()));
        item
    }

    /// The occurrence with that original start, as an item of its own.
    pub(super) fn occurrence_at(&self, original: DateTime<Utc>) -> Self {
        let mut item = self.plain_occurrence(original);
        if let Some(overrides) = self.exceptions.get(&original) {
            item.occurrence = Some(Occurrence {
                original,
                exception: true,
            });
            let class = "IPM.OLE.CLASS.{00061055-0000-0000-C000-000000000046}";
            item.set(ITEM_CLASS, Value::Text(class.to_owned()));
            for (property, value) in &overrides.bag {
                match value {
                    Some(value) => item.bag.insert(property.clone(), value.clone()),
                    None => item.bag.remove(property),
                };
            }
            if let Some(body) = &overrides.body {
                item.body.clone_from(body);
            }
            if let Some(recipients) = &overrides.recipients {
                item.recipients.clone_from(recipients);
            }
            if let Some(attachments) = &overrides.attachments {
                item.attachments.clone_from(attachments);
            }
            item.changed = item.changed.max(overrides.changed);
        }
        item
    }

    /// What of an occurrence, changed by a client, differs from the series.
    pub(super) fn differences(&self, occurrence: &Self, original: DateTime<Utc>) -> Overrides {
        let plain = self.plain_occurrence(original);
        let mut overrides = Overrides::default();
        for (property, value) in &occurrence.bag {
            if *property != ITEM_CLASS && plain.bag.get(property) != Some(value) {
                overrides.bag.insert(property.clone(), Some(value.clone()));
            }
        }
        for property in plain.bag.keys() {
            if !occurrence.bag.contains_key(property) {
                overrides.bag.insert(property.clone(), None);
            }
        }
        overrides.body = (occurrence.body != plain.body).then(|| occurrence.body.clone());
        overrides.recipients =
            (occurrence.recipients != plain.recipients).then(|| occurrence.recipients.clone());
        overrides.attachments =
            (occurrence.attachments != plain.attachments).then(|| occurrence.attachments.clone());
        overrides
    }

    /// The item itself, or of a series all occurrences, that overlap a time span. What only
    /// touches its edge is out; what has no length is in from its start on.
    pub(super) fn within(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Self> {
        let overlaps = |start: DateTime<Utc>, end: DateTime<Utc>| {
            start < to && (end > from || (start == end && start >= from))
        };
        if self.recurrence.is_none() {
            return if overlaps(self.start(), self.end()) {
                vec![self.clone()]
            } else {
                Vec::new()
            };
        }
        let plain = self.pattern_about(from, to).filter(|(start, end)| {
            overlaps(*start, *end)
                && !self.deleted.contains(start)
                && !self.exceptions.contains_key(start)
        });
        let mut items: Vec<Self> = plain.map(|(start, _)| self.occurrence_at(start)).collect();
        items.extend(
            self.exceptions
                .keys()
                .map(|original| self.occurrence_at(*original))
                .filter(|item| overlaps(item.start(), item.end())),
        );
        items
    }

    /// The first and the last occurrence that is not deleted; no last one for an endless series.
    pub(super) fn first_and_last(&self) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
        let alive = |start: &DateTime<Utc>| !self.deleted.contains(start);
        let starts = || self.pattern_from(NaiveDate::MIN).map(|(start, _)| start);
        let endless = self
            .recurrence
            .as_ref()
            .is_none_or(|one| one.end == super::recurrence::End::Never);
        let last = if endless {
            None
        } else {
            starts().filter(alive).last()
        };
        (starts().find(alive), last)
    }
}

#[cfg(test)]
mod tests {
    use super::super::recurrence::{End, Pattern};
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn weekly() -> Item {
        let mut item = Item::new(ItemKind::CalendarItem);
        item.start_zone = Zone::windows("W. Europe Standard Time");
        item.set(START, Value::Time(at("2026-03-02T08:00:00Z")));
        item.set(END, Value::Time(at("2026-03-02T09:00:00Z")));
        item.recurrence = Some(Recurrence {
            pattern: Pattern::Weekly {
                interval: 1,
                days: vec![chrono::Weekday::Mon],
                first: chrono::Weekday::Mon,
            },
            start: "2026-03-02".parse().unwrap(),
            end: End::After(6),
        });
        item.normalize(&Zone::utc());
        item
    }

    fn starts(items: &[Item]) -> Vec<String> {
        items.iter().map(|item| item.start().to_rfc3339()).collect()
    }

    #[test]
    fn a_series_keeps_its_clock_over_the_change() {
        let items = weekly().within(at("2026-03-20T00:00:00Z"), at("2026-04-01T00:00:00Z"));
        assert_eq!(
            starts(&items),
            ["2026-03-23T08:00:00+00:00", "2026-03-30T07:00:00+00:00"]
        );
    }

    #[test]
    fn edges_are_out_and_exceptions_move() {
        let mut series = weekly();
        let touching = series.within(at("2026-03-02T09:00:00Z"), at("2026-03-09T08:00:00Z"));
        assert!(touching.is_empty());
        let original = at("2026-03-09T08:00:00Z");
        let mut moved = series.occurrence_at(original);
        moved.set(START, Value::Time(at("2026-03-10T08:00:00Z")));
        moved.set(END, Value::Time(at("2026-03-10T09:00:00Z")));
        moved.set(SUBJECT, Value::Text("moved".to_owned()));
        let overrides = series.differences(&moved, original);
        assert_eq!(overrides.bag.len(), 3);
        series.exceptions.insert(original, overrides);
        series.deleted.insert(at("2026-03-16T08:00:00Z"));
        let items = series.within(at("2026-03-05T00:00:00Z"), at("2026-03-24T00:00:00Z"));
        assert_eq!(
            starts(&items),
            ["2026-03-23T08:00:00+00:00", "2026-03-10T08:00:00+00:00"]
        );
        assert_eq!(items[1].text(&SUBJECT), "moved");
        assert!(items[1].occurrence.unwrap().exception);
        let (first, last) = series.first_and_last();
        assert_eq!(first, Some(at("2026-03-02T08:00:00Z")));
        assert_eq!(last, Some(at("2026-04-06T07:00:00Z")));
    }

    #[test]
    fn all_day_takes_whole_days_of_its_zone() {
        let mut item = Item::new(ItemKind::CalendarItem);
        item.start_zone = Zone::windows("W. Europe Standard Time");
        item.set(ALL_DAY, Value::Boolean(true));
        item.set(START, Value::Time(at("2026-07-01T10:00:00Z")));
        item.set(END, Value::Time(at("2026-07-01T10:00:00Z")));
        item.normalize(&Zone::utc());
        assert_eq!(item.start(), at("2026-06-30T22:00:00Z"));
        assert_eq!(item.end(), at("2026-07-01T22:00:00Z"));
    }
}
