//! Writing into items: what `CreateItem` and `UpdateItem` send.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Duration, Utc};
use roxmltree::Node;

use super::attachment::Attachment;
use super::custom_zone;
use super::fields::{self, Field, Part, Source};
use super::flag;
use super::item::*;
use super::mime;
use super::path::{Extended, Path};
use super::property::{INTERNET_HEADERS, Property, Value};
use super::recurrence::Recurrence;
use super::refusal::Refusal;
use super::request::Element as _;
use super::uid;
use super::zone::Zone;

fn cannot_set(field: &Field) -> Refusal {
    let path = Path::Field(field.uri.to_owned()).markup();
    Refusal::of_field(
        "ErrorInvalidPropertySet",
        "Set action is invalid for property.",
        &path,
    )
}

fn bad_value(field: &Field) -> Refusal {
    let path = Path::Field(field.uri.to_owned()).markup();
    Refusal::of_field(
        "ErrorInvalidValueForProperty",
        "The specified value is invalid for property.",
        &path,
    )
}

/// Reads a new item. `zone` is the zone of times without offset.
pub(super) fn new_item(
    node: Node<'_, '_>,
    zone: &Zone,
    now: DateTime<Utc>,
) -> Result<Item, Refusal> {
    let kind = match node.name() {
        "CalendarItem" => ItemKind::CalendarItem,
        "Message" => ItemKind::Message,
        _ => {
            return Err(Refusal::new(
                "ErrorItemCorrupt",
                "Items of this kind cannot be created here.",
            ));
        }
    };
    let mut item = match node.child("MimeContent") {
        Some(mime) if kind == ItemKind::Message => mime::read(&mime_content(mime)?, now)?,
        Some(_) => {
            return Err(Refusal::new(
                "ErrorMimeContentConversionFailed",
                "The simulator reads no MIME content of calendar items.",
            ));
        }
        None => Item::new(kind),
    };
    let class = if kind == ItemKind::CalendarItem {
        "IPM.Appointment"
    } else {
        "IPM.Note"
    };
    for (property, value) in [
        (ITEM_CLASS, Value::Text(class.to_owned())),
        (SENSITIVITY, Value::Integer(0)),
        (IMPORTANCE, Value::Integer(1)),
    ] {
        item.bag.entry(property).or_insert(value);
    }
    if kind == ItemKind::CalendarItem {
        calendar_defaults(&mut item, now);
    }
    let properties = node.elements();
    for property in properties.filter(|property| property.name() != "MimeContent") {
        set(&mut item, property, zone, now)?;
    }
    if kind == ItemKind::CalendarItem {
        check_times(&item)?;
        item.normalize(zone);
    }
    Ok(item)
}

/// The bytes of a `t:MimeContent`.
fn mime_content(node: Node<'_, '_>) -> Result<Vec<u8>, Refusal> {
    let packed: String = node.content().split_whitespace().collect();
    STANDARD.decode(packed).map_err(|_| {
        Refusal::new(
            "ErrorMimeContentInvalidBase64String",
            "The MIME content is no valid base64.",
        )
    })
}

/// Whether a property is no part of what a message says, so that its MIME stays as it came.
fn is_outside(field: &Field) -> bool {
    let reminder = field.uri.starts_with("item:Reminder");
    reminder
        || matches!(
            field.uri,
            "message:IsRead"
                | "message:BccRecipients"
                | "item:Categories"
                | "item:Flag"
                | "item:Culture"
                | "item:ItemClass"
        )
}

/// The same for properties that have numbers and names.
pub(super) fn is_content(item: &Item, property: &Property) -> bool {
    match property {
        // A MIME text without an id gets it when it is sent.
        Property::Tag(0x1035) => item.bag.contains_key(property),
        Property::Tag(number) => matches!(
            number,
            0x0017 | 0x0036 | 0x0037 | 0x0e1d | 0x1000 | 0x1013 | 0x1039 | 0x1042
        ),
        Property::Name(set, _) => *set == INTERNET_HEADERS,
        Property::Id(..) => false,
    }
}

/// A new calendar item with what the server gives to each.
pub(super) fn calendar_item(now: DateTime<Utc>) -> Item {
    let mut item = Item::new(ItemKind::CalendarItem);
    for (property, value) in [
        (ITEM_CLASS, Value::Text("IPM.Appointment".to_owned())),
        (SENSITIVITY, Value::Integer(0)),
        (IMPORTANCE, Value::Integer(1)),
    ] {
        item.set(property, value);
    }
    calendar_defaults(&mut item, now);
    item
}

fn calendar_defaults(item: &mut Item, now: DateTime<Utc>) {
    let half = now.timestamp().div_euclid(1800) * 1800 + 1800;
    let start = DateTime::from_timestamp(half, 0).unwrap_or(now);
    item.set(START, Value::Time(start));
    item.set(ALL_DAY, Value::Boolean(false));
    item.set(BUSY, Value::Integer(2));
    item.set(INTENDED, Value::Integer(-1));
    item.set(REMINDER_SET, Value::Boolean(true));
    item.set(REMINDER_MINUTES, Value::Integer(15));
    item.set(Property::Tag(0x0063), Value::Boolean(true));
    item.set(RESPONSE, Value::Integer(1));
    item.set(STATE, Value::Integer(0));
    item.set(SEQUENCE, Value::Integer(0));
    item.set(INVITED, Value::Boolean(false));
    item.set(STAMP, Value::Time(now));
    uid::new_uid(item, now);
}

/// End not before start.
pub(super) fn check_times(item: &Item) -> Result<(), Refusal> {
    if item.time(&END).is_some_and(|end| end < item.start()) {
        return Err(Refusal::new(
            "ErrorCalendarEndDateIsEarlierThanStartDate",
            "EndDate is earlier than StartDate",
        ));
    }
    if item.end() - item.start() > Duration::days(5 * 366) {
        return Err(Refusal::new(
            "ErrorCalendarDurationIsTooLong",
            "The duration of the calendar item is longer than five years.",
        ));
    }
    Ok(())
}

/// Sets the property that an element carries.
pub(super) fn set(
    item: &mut Item,
    node: Node<'_, '_>,
    zone: &Zone,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    if node.name() == "ExtendedProperty" {
        let path = node
            .child("ExtendedFieldURI")
            .ok_or_else(|| Refusal::new("ErrorInvalidExtendedProperty", "A path is missing."))?;
        let extended = Extended::read(path)?;
        let value = extended.read_value(node)?;
        if is_content(item, &extended.property) {
            item.mime = None;
        }
        item.set(extended.property, value);
        return Ok(());
    }
    let field = fields::by_element(item.kind, node.name()).ok_or_else(|| {
        Refusal::new(
            "ErrorInvalidPropertySet",
            format!("Set action is invalid for property {}.", node.name()),
        )
    })?;
    if !field.settable {
        return Err(cannot_set(field));
    }
    if !is_outside(field) {
        item.mime = None;
    }
    match &field.source {
        Source::Bag(property) => {
            let value = field
                .parse(node.content(), zone)
                .ok_or_else(|| bad_value(field))?;
            item.set(property.clone(), value);
        }
        Source::Keywords => {
            let names = node
                .elements()
                .map(|name| Value::Text(name.content().to_owned()));
            item.set(fields::keywords(), Value::Many(names.collect()));
        }
        // A reminder is due at the start.
        Source::Computed(_) => {}
        Source::Part(Part::Attachments) => {
            item.attachments = node
                .elements()
                .map(|one| Attachment::read(one, zone, now))
                .collect::<Result<_, _>>()?;
        }
        Source::Part(part) => set_part(item, (*part, field), node, zone, now)?,
    }
    Ok(())
}

fn set_part(
    item: &mut Item,
    (part, field): (Part, &Field),
    node: Node<'_, '_>,
    zone: &Zone,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    match part {
        Part::Body => {
            item.body = Body {
                html: node.attribute("BodyType") == Some("HTML"),
                text: node.content().to_owned(),
            };
        }
        Part::Recipients(role) => {
            item.recipients.retain(|one| one.role != role);
            item.recipients.extend(recipients(node, role)?);
        }
        Part::Sender => item.sender = node.child("Mailbox").map(address).transpose()?,
        Part::Organizer => item.organizer = node.child("Mailbox").map(address).transpose()?,
        Part::Uid => uid::set_uid(item, node.content()),
        Part::Recurrence => {
            item.recurrence = Some(Recurrence::read(node)?);
            item.exceptions.clear();
            item.deleted.clear();
        }
        Part::StartTimeZone => item.start_zone = Some(read_zone(node)?),
        Part::EndTimeZone => item.end_zone = Some(read_zone(node)?),
        Part::MeetingTimeZone => {
            let zone = read_meeting_zone(node)?;
            item.start_zone = Some(zone.clone());
            item.end_zone = Some(zone);
        }
        Part::Flag => flag::set(item, node, zone, now)?,
        _ => return Err(cannot_set(field)),
    }
    Ok(())
}

fn unknown_zone(name: &str) -> Refusal {
    Refusal::new(
        "ErrorTimeZone",
        format!("The time zone '{name}' is not known."),
    )
}

fn read_zone(node: Node<'_, '_>) -> Result<Zone, Refusal> {
    let id = node.attribute("Id").unwrap_or_default();
    Zone::windows(id)
        .or_else(|| custom_zone::of_definition(node))
        .ok_or_else(|| unknown_zone(id))
}

fn read_meeting_zone(node: Node<'_, '_>) -> Result<Zone, Refusal> {
    let name = node.attribute("TimeZoneName").unwrap_or_default();
    Zone::windows(name)
        .or_else(|| Zone::displayed(name))
        .or_else(|| custom_zone::of_meeting(node))
        .ok_or_else(|| unknown_zone(name))
}

/// Reads a `t:Mailbox`; without a name the address stands for it.
pub(super) fn address(node: Node<'_, '_>) -> Result<Address, Refusal> {
    let email = node.text_of("EmailAddress").unwrap_or_default().trim();
    if !email.contains('@') && !email.starts_with(DISTINGUISHED) {
        return Err(Refusal::new(
            "ErrorInvalidRecipients",
            "At least one recipient isn't valid.",
        ));
    }
    let name = node.text_of("Name").filter(|name| !name.is_empty());
    Ok(Address {
        name: name.unwrap_or(email).to_owned(),
        email: email.to_owned(),
    })
}

/// Reads a list of people.
pub(super) fn recipients(node: Node<'_, '_>, role: Role) -> Result<Vec<Recipient>, Refusal> {
    node.elements()
        .map(|one| {
            let mailbox = if one.name() == "Attendee" {
                one.child("Mailbox").unwrap_or(one)
            } else {
                one
            };
            Ok(Recipient::new(role, address(mailbox)?))
        })
        .collect()
}

/// Removes a property.
pub(super) fn delete(item: &mut Item, path: &Path) -> Result<(), Refusal> {
    let invalid = || {
        Refusal::of_field(
            "ErrorInvalidPropertyDelete",
            "Delete action is invalid for property.",
            &path.markup(),
        )
    };
    let field = match path {
        Path::Extended(extended) => {
            if is_content(item, &extended.property) {
                item.mime = None;
            }
            item.bag.remove(&extended.property);
            return Ok(());
        }
        Path::Field(uri) | Path::Indexed(uri, _) => fields::by_uri(item.kind, uri),
    }
    .filter(|field| field.settable)
    .ok_or_else(invalid)?;
    if !is_outside(field) {
        item.mime = None;
    }
    match &field.source {
        Source::Bag(property) if *property == START || *property == END => return Err(invalid()),
        Source::Bag(property) => {
            item.bag.remove(property);
        }
        Source::Keywords => {
            item.bag.remove(&fields::keywords());
        }
        Source::Part(Part::Body) => item.body = Body::default(),
        Source::Part(Part::Recipients(role)) => item.recipients.retain(|one| one.role != *role),
        Source::Part(Part::Recurrence) => {
            item.recurrence = None;
            item.exceptions.clear();
            item.deleted.clear();
        }
        Source::Part(Part::Flag) => flag::clear(item),
        Source::Part(Part::Organizer) if item.kind == ItemKind::Message => item.organizer = None,
        Source::Computed(_) | Source::Part(_) => return Err(invalid()),
    }
    Ok(())
}

/// Adds to a property.
pub(super) fn append(item: &mut Item, node: Node<'_, '_>) -> Result<(), Refusal> {
    let field = fields::by_element(item.kind, node.name());
    item.mime = None;
    match field.map(|field| &field.source) {
        Some(Source::Part(Part::Body)) => item.body.text.push_str(node.content()),
        Some(Source::Part(Part::Recipients(role))) => {
            item.recipients.extend(recipients(node, *role)?);
        }
        _ => {
            return Err(Refusal::new(
                "ErrorInvalidPropertyAppend",
                "Append action is invalid for property.",
            ));
        }
    }
    Ok(())
}
