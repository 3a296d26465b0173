//! GetUserAvailability: free/busy views and working hours.

use chrono::{DateTime, Datelike, Duration, NaiveDateTime, NaiveTime, Utc};
use roxmltree::Node;

use super::{Call, children};
use crate::simulator::directory::Group;
use crate::simulator::item::{BUSY, Item, ItemKind, LOCATION, REMINDER_SET, SENSITIVITY, SUBJECT};
use crate::simulator::refusal::{Fault, Refusal};
use crate::simulator::request::{Element as _, MESSAGES, TYPES};
use crate::simulator::serializable_zone::{SerializableZone, YearlyChange};
use crate::simulator::store::{CalendarRights, Mailbox};
use crate::simulator::version::SimulatedVersion;
use crate::simulator::xml::Writer;
use crate::simulator::zone::{clock, weekday};

/// The longest window that Exchange answers.
pub(in crate::simulator) const LONGEST: i64 = 62;
/// The most members of a group that Exchange looks at.
pub(in crate::simulator) const LARGEST_GROUP: usize = 100;
const CHILD: &[(&str, &str)] = &[("xmlns", TYPES)];

/// What is asked about every mailbox.
struct Question {
    zone: SerializableZone,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    interval: i64,
    view: View,
    version: SimulatedVersion,
}

/// Which parts the answer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct View {
    merged: bool,
    events: bool,
    details: bool,
}

impl View {
    fn read(name: &str) -> Self {
        Self {
            merged: matches!(name, "MergedOnly" | "FreeBusyMerged" | "DetailedMerged"),
            events: !matches!(name, "MergedOnly" | "None"),
            details: matches!(name, "Detailed" | "DetailedMerged"),
        }
    }

    fn name(self) -> &'static str {
        match (self.merged, self.events, self.details) {
            (true, false, _) => "MergedOnly",
            (false, true, false) => "FreeBusy",
            (true, true, false) => "FreeBusyMerged",
            (false, true, true) => "Detailed",
            (true, true, true) => "DetailedMerged",
            (false, false, _) => "None",
        }
    }
}

/// <https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/getuseravailability-operation>
pub(super) fn run(call: &mut Call<'_>, operation: Node<'_, '_>) -> Result<String, Fault> {
    let question = read(call, operation)?;
    let mut writer = Writer::default();
    writer.element(
        "GetUserAvailabilityResponse",
        &[("xmlns", MESSAGES)],
        |writer| {
            writer.element("FreeBusyResponseArray", &[], |writer| {
                for data in children(operation, "MailboxDataArray") {
                    writer.element("FreeBusyResponse", &[], |writer| {
                        answer(call, writer, &question, data);
                    });
                }
            });
        },
    );
    Ok(writer.into_string())
}

fn read(call: &Call<'_>, operation: Node<'_, '_>) -> Result<Question, Fault> {
    let options = operation.child("FreeBusyViewOptions").ok_or_else(|| {
        Fault::new(
            "ErrorInvalidFreeBusyViewType",
            "FreeBusyViewOptions is missing; the simulator makes no suggestions.",
        )
    })?;
    let window = options.child("TimeWindow");
    let zone = match operation.child("TimeZone") {
        Some(node) => read_zone(node)
            .ok_or_else(|| Fault::new("ErrorTimeZone", "The time zone cannot be read."))?,
        None => {
            let zone = call
                .zone
                .as_ref()
                .ok_or_else(|| Fault::new("ErrorTimeZone", "The request names no time zone."))?;
            SerializableZone::of(zone, call.now.year())
        }
    };
    let edge = |name: &str| -> Result<DateTime<Utc>, Fault> {
        let text = window
            .and_then(|node| node.text_of(name))
            .unwrap_or_default();
        DateTime::parse_from_rfc3339(text.trim())
            .map(|instant| instant.with_timezone(&Utc))
            .ok()
            .or_else(|| clock(text).map(|local| zone.instant(local)))
            .ok_or_else(|| {
                Fault::new(
                    "ErrorInvalidTimeInterval",
                    "The time window cannot be read.",
                )
            })
    };
    let (from, to) = (edge("StartTime")?, edge("EndTime")?);
    if to <= from {
        return Err(Fault::new(
            "ErrorInvalidTimeInterval",
            "The end of the time window must be after its start.",
        ));
    }
    if to - from > Duration::days(LONGEST) {
        return Err(Fault::new(
            "ErrorTimeIntervalTooBig",
            format!("The time window is longer than {LONGEST} days."),
        ));
    }
    let interval = options
        .text_of("MergedFreeBusyIntervalInMinutes")
        .map_or(Some(30), |text| text.trim().parse().ok())
        .filter(|minutes| (5..=1440).contains(minutes) && Duration::minutes(*minutes) < to - from)
        .ok_or_else(|| {
            Fault::new(
                "ErrorInvalidMergedFreeBusyInterval",
                "The interval is between 5 and 1440 minutes, and less than the time window.",
            )
        })?;
    Ok(Question {
        view: View::read(options.text_of("RequestedView").unwrap_or("FreeBusy")),
        version: call.version,
        zone,
        from,
        to,
        interval,
    })
}

fn read_zone(node: Node<'_, '_>) -> Option<SerializableZone> {
    // Of 32 bits, as the schema has it: then no sum of them is beyond what dates can bear.
    let number = |node: Node<'_, '_>, name: &str| -> Option<i64> {
        let number: i32 = node.text_of(name)?.trim().parse().ok()?;
        Some(i64::from(number))
    };
    let change = |name: &str| {
        let node = node.child(name)?;
        Some(YearlyChange {
            bias: number(node, "Bias")?,
            month: u32::try_from(number(node, "Month")?).ok()?,
            order: u32::try_from(number(node, "DayOrder")?).ok()?,
            weekday: weekday(node.text_of("DayOfWeek")?.trim())?,
            time: NaiveTime::parse_from_str(node.text_of("Time")?.trim(), "%H:%M:%S%.f").ok()?,
        })
    };
    Some(SerializableZone {
        bias: number(node, "Bias")?,
        standard: change("StandardTime")?,
        daylight: change("DaylightTime")?,
    })
}

fn answer(call: &Call<'_>, writer: &mut Writer, question: &Question, data: Node<'_, '_>) {
    let email = data
        .child("Email")
        .and_then(|email| email.text_of("Address"))
        .unwrap_or_default();
    if let Some(group) = call.store.directory.group(email) {
        return answer_group(call, writer, question, group);
    }
    let owner = call
        .store
        .position(email)
        .and_then(|owner| Some((owner, call.store.mailboxes.get(owner)?)));
    let Some((owner, mailbox)) = owner else {
        let refusal = Refusal::new(
            "ErrorMailRecipientNotFound",
            format!("Unable to resolve e-mail address {email} to an Active Directory object."),
        );
        return refuse(writer, &refusal);
    };
    succeed(writer);
    let calendar = mailbox.folder_number("calendar");
    let rights = call.store.rights(call.caller, owner, calendar);
    let mut view = question.view;
    view.details &= rights.is_some_and(|rights| rights >= CalendarRights::Reviewer);
    let items = items_of(mailbox, question.from, question.to);
    writer.element("FreeBusyView", &[], |writer| {
        writer.leaf_with("FreeBusyViewType", CHILD, view.name());
        if view.merged {
            write_merged(writer, question, &items);
        }
        if view.events && !items.is_empty() {
            writer.element("CalendarEventArray", CHILD, |writer| {
                for item in &items {
                    write_event(
                        writer,
                        question,
                        item,
                        mailbox,
                        owner == call.caller,
                        view.details,
                    );
                }
            });
        }
        working_hours(writer, mailbox, question.from.year());
    });
}

fn refuse(writer: &mut Writer, refusal: &Refusal) {
    writer.element("ResponseMessage", &[("ResponseClass", "Error")], |writer| {
        refusal.write(writer, "");
    });
}

fn succeed(writer: &mut Writer) {
    let class = [("ResponseClass", "Success")];
    writer.element("ResponseMessage", &class, |writer| {
        writer.leaf("ResponseCode", "NoError");
    });
}

/// What is in a calendar within the window, in order.
pub(in crate::simulator) fn items_of(
    mailbox: &Mailbox,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Vec<Item> {
    let mut items: Vec<Item> = mailbox
        .items_in(mailbox.folder_number("calendar"))
        .filter(|item| item.kind == ItemKind::CalendarItem)
        .flat_map(|item| item.within(from, to))
        .collect();
    items.sort_by_key(|item| (item.start(), item.end(), item.number));
    items
}

/// A group counts as its members, of whom only the merged view is shown.
fn answer_group(call: &Call<'_>, writer: &mut Writer, question: &Question, group: &Group) {
    if group.members.len() > LARGEST_GROUP {
        let problem = format!("The group has more than {LARGEST_GROUP} members.");
        return refuse(
            writer,
            &Refusal::new("ErrorFreeBusyDLLimitReached", problem),
        );
    }
    let members = group.members.iter();
    let mailboxes = members.filter_map(|member| {
        let position = call.store.position(&member.address.email)?;
        call.store.mailboxes.get(position)
    });
    let items: Vec<Item> = mailboxes
        .flat_map(|mailbox| items_of(mailbox, question.from, question.to))
        .collect();
    succeed(writer);
    writer.element("FreeBusyView", &[], |writer| {
        writer.leaf_with("FreeBusyViewType", CHILD, "MergedOnly");
        write_merged(writer, question, &items);
    });
}

fn write_merged(writer: &mut Writer, question: &Question, items: &[Item]) {
    let busy = items.iter().map(|item| Busy::of(item, question.version));
    let busy: Vec<Busy> = busy.collect();
    let text = merge(&busy, question.from, question.to, question.interval);
    writer.leaf_with("MergedFreeBusy", CHILD, &text);
}

fn write_event(
    writer: &mut Writer,
    question: &Question,
    item: &Item,
    mailbox: &Mailbox,
    own: bool,
    details: bool,
) {
    let local = |instant| -> NaiveDateTime { question.zone.local(instant) };
    let text = |time: NaiveDateTime| time.format("%Y-%m-%dT%H:%M:%S").to_string();
    let private = item.integer(&SENSITIVITY) == 2;
    writer.element("CalendarEvent", &[], |writer| {
        writer.leaf("StartTime", &text(local(item.start())));
        writer.leaf("EndTime", &text(local(item.end())));
        writer.leaf("BusyType", Busy::of(item, question.version).name());
        if !details {
            return;
        }
        writer.element("CalendarEventDetails", &[], |writer| {
            let id = mailbox.item_id(item);
            let hexadecimal: String = id.bytes().map(|byte| format!("{byte:02X}")).collect();
            writer.leaf("ID", &hexadecimal);
            if own || !private {
                writer.leaf("Subject", item.text(&SUBJECT));
                writer.leaf("Location", item.text(&LOCATION));
            }
            let exception = item.occurrence.is_some_and(|one| one.exception);
            for (name, flag) in [
                ("IsMeeting", item.is_meeting()),
                ("IsRecurring", item.occurrence.is_some()),
                ("IsException", exception),
                ("IsReminderSet", item.flag(&REMINDER_SET)),
                ("IsPrivate", private),
            ] {
                writer.leaf(name, &flag.to_string());
            }
        });
    });
}

/// Monday to Friday, 8 to 17 o'clock where the mailbox is.
fn working_hours(writer: &mut Writer, mailbox: &Mailbox, year: i32) {
    writer.element("WorkingHours", CHILD, |writer| {
        SerializableZone::of(&mailbox.zone, year).write(writer);
        writer.element("WorkingPeriodArray", &[], |writer| {
            writer.element("WorkingPeriod", &[], |writer| {
                writer.leaf("DayOfWeek", "Monday Tuesday Wednesday Thursday Friday");
                writer.leaf("StartTimeInMinutes", "480");
                writer.leaf("EndTimeInMinutes", "1020");
            });
        });
    });
}

/// A time span and how busy it is.
#[derive(Clone, Copy, Debug)]
pub(in crate::simulator) struct Busy {
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    status: i64,
}

impl Busy {
    /// Older versions than 2013 know no work elsewhere: it is free time to them.
    pub(in crate::simulator) fn of(item: &Item, version: SimulatedVersion) -> Self {
        let status = match item.integer(&BUSY) {
            4 if version < SimulatedVersion::Exchange2013 => 0,
            status => status,
        };
        Self {
            start: item.start(),
            end: item.end(),
            status,
        }
    }

    fn name(self) -> &'static str {
        match self.status {
            1 => "Tentative",
            2 => "Busy",
            3 => "OOF",
            4 => "WorkingElsewhere",
            _ => "Free",
        }
    }

    /// What wins where several things happen at once.
    fn weight(self) -> i64 {
        match self.status {
            3 => 4,
            2 => 3,
            1 => 2,
            4 => 1,
            _ => 0,
        }
    }
}

/// One digit for each interval of the window: free 0, tentative 1, busy 2, away 3, elsewhere 4.
pub(in crate::simulator) fn merge(
    busy: &[Busy],
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    minutes: i64,
) -> String {
    let mut text = String::new();
    let mut start = from;
    while start < to {
        let end = start + Duration::minutes(minutes);
        let strongest = busy
            .iter()
            .filter(|one| one.start < end && one.end > start)
            .max_by_key(|one| one.weight());
        let status = strongest.map_or(0, |one| one.status.clamp(0, 4));
        text.push_str(&status.to_string());
        start = end;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merging_takes_the_strongest_of_each_interval() {
        let at =
            |text: &str| -> DateTime<Utc> { format!("2026-03-02T{text}:00Z").parse().unwrap() };
        let busy = |from: &str, to: &str, status| Busy {
            start: at(from),
            end: at(to),
            status,
        };
        let spans = [
            busy("08:30", "09:30", 1),
            busy("09:00", "10:00", 2),
            busy("10:10", "10:20", 3),
            busy("11:00", "12:00", 4),
            busy("11:30", "12:00", 0),
        ];
        assert_eq!(merge(&spans, at("08:00"), at("12:00"), 30), "01223044");
        assert_eq!(merge(&spans, at("10:00"), at("10:45"), 30), "30");
        assert_eq!(merge(&[], at("08:00"), at("09:00"), 15), "0000");
    }

    #[test]
    fn no_bias_is_too_much() {
        let zone = |bias: i64| {
            let change = "<Bias>-60</Bias><Time>02:00:00</Time><DayOrder>5</DayOrder>\
                          <Month>3</Month><DayOfWeek>Sunday</DayOfWeek>";
            let xml = format!(
                "<TimeZone xmlns='http://schemas.microsoft.com/exchange/services/2006/types'>\
                 <Bias>{bias}</Bias><StandardTime>{change}</StandardTime>\
                 <DaylightTime>{change}</DaylightTime></TimeZone>"
            );
            let document = roxmltree::Document::parse(&xml).unwrap();
            read_zone(document.root_element())
        };
        assert_eq!(zone(i64::MAX), None);
        assert_eq!(zone(i64::MIN), None);
        for bias in [i32::MIN, i32::MAX] {
            let zone = zone(i64::from(bias)).unwrap();
            for text in ["0001-01-01T00:00:00", "9999-12-31T23:59:59"] {
                let clock = clock(text).unwrap();
                assert_eq!(zone.local(zone.instant(clock)), clock);
            }
        }
        assert_eq!(clock("+262142-12-31T23:59:59"), None);
    }

    #[test]
    fn view_names_come_back() {
        for name in [
            "MergedOnly",
            "FreeBusy",
            "FreeBusyMerged",
            "Detailed",
            "DetailedMerged",
        ] {
            assert_eq!(View::read(name).name(), name);
        }
    }
}
