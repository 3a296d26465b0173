//! The properties of one event.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::TimeDelta;

use super::{ICalEvent, Reader, moment::Moment};
use crate::{
    error::Result,
    ical::{
        line::{Component, Line, texts_of},
        time::read_duration,
    },
    model::{
        Address, Attendee, AttendeeRole, Body, FreeBusyStatus, ICalUid, Importance, NewAttachment,
        NewEvent, OnlineMeeting, Recipient, ReminderChoice, Response, Sensitivity, When,
    },
};

/// Properties in which makers keep the address to join at.
const JOIN: [&str; 4] = [
    "CONFERENCE",
    "X-GOOGLE-CONFERENCE",
    "X-MICROSOFT-SKYPETEAMSMEETINGURL",
    "X-MICROSOFT-ONLINEMEETINGEXTERNALLINK",
];
/// Types.xsd, `ReminderMinutesBeforeStartType`.
const REMINDER_MINUTES: std::ops::RangeInclusive<i64> = 0..=2_629_800;

impl Reader<'_> {
    /// An event without its recurrence and without its place in a series.
    pub(super) fn event(&self, component: &Component) -> Result<ICalEvent> {
        let when = self.when(component)?;
        let mut ignored = component.unreadable.clone();
        let subject = component.value("SUMMARY").unwrap_or_default();
        let mut event = NewEvent::new(subject, when.clone());
        event.body = body(component);
        event.location = component.value("LOCATION").map(str::to_owned);
        event.show_as = show_as(component);
        event.sensitivity = sensitivity(component);
        event.importance = importance(component);
        event.categories = component
            .lines("CATEGORIES")
            .flat_map(|line| texts_of(&line.value))
            .map(|name| name.trim().to_owned())
            .filter(|name| !name.is_empty())
            .collect();
        event.reminder = self.reminder(component, &when, &mut ignored);
        let organizer = component.line("ORGANIZER").and_then(person);
        for line in component.lines("ATTENDEE") {
            match attendee(line) {
                Some(attendee) if is_same(&attendee.who, organizer.as_ref()) => {}
                Some(attendee) => event.attendees.push(attendee),
                None => ignored.push("ATTENDEE".to_owned()),
            }
        }
        let asked = component
            .lines("ATTENDEE")
            .any(|line| line.says("RSVP", "TRUE"));
        event.response_requested = asked || event.attendees.is_empty();
        event.allow_new_time_proposals = !component.is_true("X-MICROSOFT-DISALLOW-COUNTER");
        for line in component.lines("ATTACH") {
            match attachment(line) {
                Some(attachment) => event.attachments.push(attachment),
                None => ignored.push("ATTACH".to_owned()),
            }
        }
        let join = JOIN
            .iter()
            .flat_map(|name| component.lines(name))
            .map(|line| line.value.trim())
            .find(|value| value.starts_with("https://") || value.starts_with("http://"));
        let online_meeting =
            OnlineMeeting::find(join, &[], event.location.as_deref(), event.body.as_ref());
        Ok(ICalEvent {
            uid: component.value("UID").map(ICalUid::new),
            recurrence_id: None,
            event,
            organizer,
            is_cancelled: component.word("STATUS").as_deref() == Some("CANCELLED"),
            sequence: component
                .value("SEQUENCE")
                .and_then(|text| text.trim().parse().ok())
                .unwrap_or(0),
            stamp: component.instant("DTSTAMP"),
            created: component.instant("CREATED"),
            last_modified: component.instant("LAST-MODIFIED"),
            online_meeting,
            ignored,
        })
    }

    /// The first alarm that Exchange can keep: it has one, not after the start.
    fn reminder(
        &self,
        event: &Component,
        when: &When,
        ignored: &mut Vec<String>,
    ) -> ReminderChoice {
        let mut reminder = ReminderChoice::Off;
        let alarms = event.components.iter().filter(|part| {
            // Apple's word for no alarm.
            part.name == "VALARM" && part.word("ACTION").as_deref() != Some("NONE")
        });
        for alarm in alarms {
            match self.before(alarm, when) {
                Some(before) if reminder == ReminderChoice::Off => {
                    reminder = ReminderChoice::Before(before);
                }
                _ => ignored.push("VALARM".to_owned()),
            }
        }
        reminder
    }

    /// How long before the start an alarm is, in whole minutes.
    fn before(&self, alarm: &Component, when: &When) -> Option<TimeDelta> {
        let trigger = alarm.line("TRIGGER")?;
        let length = match when {
            When::Timed { start, end } => end.utc - start.utc,
            When::AllDay { start, end, .. } => *end - *start,
        };
        let after = match (read_duration(&trigger.value), when) {
            (Some(after), _) if trigger.says("RELATED", "END") => after.checked_add(&length)?,
            (Some(after), _) => after,
            (None, When::Timed { start, .. }) => match self.moment(trigger).ok()? {
                Moment::Time(at) => at.utc - start.utc,
                Moment::Day(_) => return None,
            },
            (None, When::AllDay { .. }) => return None,
        };
        let minutes = after.num_seconds().div_euclid(60).checked_neg()?;
        REMINDER_MINUTES
            .contains(&minutes)
            .then(|| TimeDelta::minutes(minutes))
    }
}

fn body(event: &Component) -> Option<Body> {
    let html = event
        .lines("X-ALT-DESC")
        .find(|line| line.says("FMTTYPE", "text/html") && !line.value.trim().is_empty())
        .map(|line| line.value.clone());
    // Thunderbird keeps HTML in a parameter.
    let beside = || {
        let data = event.line("DESCRIPTION")?.parameter("ALTREP")?;
        Some(decode(data.strip_prefix("data:text/html,")?))
    };
    let text = || event.value("DESCRIPTION").map(Body::text);
    html.or_else(beside).map(Body::html).or_else(text)
}

/// MS-OXCICAL 2.1.3.1.1.20.25 and .31, and RFC 5545 where they say nothing.
fn show_as(event: &Component) -> Option<FreeBusyStatus> {
    match event.word("X-MICROSOFT-CDO-BUSYSTATUS").as_deref() {
        Some("FREE") => return Some(FreeBusyStatus::Free),
        Some("TENTATIVE") => return Some(FreeBusyStatus::Tentative),
        Some("BUSY") => return Some(FreeBusyStatus::Busy),
        Some("OOF") => return Some(FreeBusyStatus::OutOfOffice),
        Some("WORKINGELSEWHERE") => return Some(FreeBusyStatus::WorkingElsewhere),
        _ => {}
    }
    match (
        event.word("TRANSP").as_deref(),
        event.word("STATUS").as_deref(),
    ) {
        (Some("TRANSPARENT"), _) => Some(FreeBusyStatus::Free),
        (_, Some("TENTATIVE")) => Some(FreeBusyStatus::Tentative),
        (Some("OPAQUE"), _) => Some(FreeBusyStatus::Busy),
        _ => None,
    }
}

fn sensitivity(event: &Component) -> Sensitivity {
    match event.word("CLASS").as_deref() {
        None | Some("PUBLIC") => Sensitivity::Normal,
        Some("X-PERSONAL") => Sensitivity::Personal,
        Some("CONFIDENTIAL") => Sensitivity::Confidential,
        // RFC 5545 section 3.8.1.3: what is not known is private.
        Some(_) => Sensitivity::Private,
    }
}

fn importance(event: &Component) -> Importance {
    match event
        .word("PRIORITY")
        .and_then(|text| text.parse::<u8>().ok())
    {
        Some(1..=4) => Importance::High,
        Some(6..=9) => Importance::Low,
        _ => Importance::Normal,
    }
}

/// Someone with an address, or of whom only the name is known.
fn person(line: &Line) -> Option<Recipient> {
    let (scheme, rest) = line.value.trim().split_once(':').unwrap_or_default();
    let mailto = scheme
        .eq_ignore_ascii_case("mailto")
        .then(|| decode(rest.trim()));
    // Apple names people by addresses of its own and says the mail address beside.
    let beside = || {
        line.parameter("EMAIL")
            .map(|address| address.trim().to_owned())
    };
    let address = mailto.or_else(beside).filter(|address| !address.is_empty());
    let name = line.parameter("CN").filter(|name| !name.trim().is_empty());
    match (address, name) {
        (Some(address), None) => Some(Recipient::smtp(address)),
        (Some(address), Some(name)) => Some(Recipient::smtp(address).named(name)),
        (None, Some(name)) => Some(Recipient::new(Address::Missing).named(name)),
        (None, None) => None,
    }
}

fn is_same(who: &Recipient, organizer: Option<&Recipient>) -> bool {
    let organizer = organizer.and_then(Recipient::smtp_address);
    match (who.smtp_address(), organizer) {
        (Some(address), Some(organizer)) => address.eq_ignore_ascii_case(organizer),
        _ => false,
    }
}

fn attendee(line: &Line) -> Option<Attendee> {
    let is_thing = line.says("CUTYPE", "RESOURCE") || line.says("CUTYPE", "ROOM");
    let role = if is_thing {
        AttendeeRole::Resource
    } else if line.says("ROLE", "OPT-PARTICIPANT") || line.says("ROLE", "NON-PARTICIPANT") {
        AttendeeRole::Optional
    } else {
        AttendeeRole::Required
    };
    let mut attendee = Attendee::new(person(line)?, role);
    let answer = line.parameter("PARTSTAT").map(str::to_ascii_uppercase);
    attendee.response.response = match answer.as_deref() {
        None => Response::None,
        Some("ACCEPTED") => Response::Accepted,
        Some("TENTATIVE") => Response::Tentative,
        Some("DECLINED") => Response::Declined,
        Some(_) => Response::NotResponded,
    };
    Some(attendee)
}

/// A file whose content stands in the text.
fn attachment(line: &Line) -> Option<NewAttachment> {
    if !line.says("ENCODING", "BASE64") {
        return None;
    }
    let content: String = line.value.split_ascii_whitespace().collect();
    let content = STANDARD.decode(content).ok()?;
    let names = ["FILENAME", "X-FILENAME", "X-APPLE-FILENAME"];
    let name = names.iter().find_map(|name| line.parameter(name));
    let attachment = NewAttachment::new(name.unwrap_or("attachment"), content);
    Some(match line.parameter("FMTTYPE") {
        Some(media_type) => attachment.content_type(media_type),
        None => attachment,
    })
}

/// Undoes percent encoding (RFC 3986 section 2.1), unless that gives no text.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let code = match (first, after) {
            (b'%', [high, low, ..]) => hex(*high).zip(hex(*low)),
            _ => None,
        };
        rest = match code {
            Some((high, low)) => {
                bytes.push(high << 4 | low);
                after.get(2..).unwrap_or_default()
            }
            None => {
                bytes.push(*first);
                after
            }
        };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

fn hex(digit: u8) -> Option<u8> {
    let digit = char::from(digit).to_digit(16)?;
    u8::try_from(digit).ok()
}
