//! What a write does, in words for whoever approves it.
//!
//! Structures are taken apart by all their fields, so that a new one does not compile until it is shown here.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::{
    fingerprint,
    write::{Write, address},
};
use crate::{
    connector::MailboxTarget,
    model::{
        Attendee, AttendeeRole, Body, BodyFormat, CalendarRef, DeleteMode, Event, EventPatch,
        ExtendedProperty, MeetingReply, NewAttachment, NewEvent, Notify, Patch, Pattern,
        PropertyName, PropertyValue, Range, Recipient, Recurrence, ReminderChoice, Sensitivity,
        When, Zone, ZonedTime,
    },
};

/// How much of a body is shown, in characters.
const BODY_CHARACTERS: usize = 4_000;

/// All that a write does, a line for each thing.
pub(super) fn of(write: &Write<'_>, mailbox: &MailboxTarget, known: Option<&Event>) -> String {
    let mut text = Summary::default();
    match write {
        Write::CreateEvent {
            calendar,
            event,
            notify,
        } => {
            text.head(format_args!("Create the event {}", quoted(&event.subject)));
            text.line("Calendar", calendar_words(calendar));
            text.told(*notify, "the attendees");
            text.new_event(event);
        }
        Write::UpdateEvent {
            id,
            patch,
            version,
            notify,
        } => {
            text.head(format_args!("Change {}", subject_of(known)));
            text.line("Event", visible(&id.to_string()));
            match version {
                Some(version) => text.line("Only if its version is", visible(version.as_raw())),
                None => text.line("Only if its version is", "whatever it is by then"),
            }
            text.told(*notify, "the attendees, those added or removed among them");
            text.patch(patch);
        }
        Write::CancelEvent { id, comment } => {
            text.head(format_args!("Cancel {}", subject_of(known)));
            text.line("Event", visible(&id.to_string()));
            text.line("Told", "all attendees");
            text.comment(*comment);
        }
        Write::DeleteEvent { id, mode, notify } => {
            text.head(format_args!("Delete {}", subject_of(known)));
            text.line("Event", visible(&id.to_string()));
            text.line(
                "It goes",
                match mode {
                    DeleteMode::Trash => "to the Deleted Items folder",
                    DeleteMode::Recoverable => "to the Recoverable Items",
                    DeleteMode::Permanent => "for good",
                },
            );
            text.told(*notify, "the attendees, if the mailbox is the organiser's");
        }
        Write::Respond { to, reply } => {
            let answer = word(&reply.answer);
            text.head(format_args!("Answer {answer} to {}", subject_of(known)));
            text.line("Meeting", visible(&to.to_string()));
            text.reply(reply);
        }
        Write::ForwardEvent { id, to, comment } => {
            text.head(format_args!("Forward {}", subject_of(known)));
            text.line("Event", visible(&id.to_string()));
            text.list("To", to.iter().map(person));
            text.comment(*comment);
        }
        Write::CreateCalendar { name } => {
            text.head(format_args!("Create the calendar {}", quoted(name)));
        }
        Write::RenameCalendar { id, name } => {
            text.head(format_args!("Rename a calendar to {}", quoted(name)));
            text.line("Calendar", visible(&id.to_string()));
        }
        Write::DeleteCalendar { id } => {
            text.head(format_args!("Delete a calendar with all its events"));
            text.line("Calendar", visible(&id.to_string()));
            text.line("Told", "nobody");
        }
    }
    text.line("Mailbox", mailbox_words(mailbox));
    if let Some(event) = known {
        text.known(event);
    }
    text.0
}

#[derive(Default)]
struct Summary(String);

impl Summary {
    fn head(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing into a String does not fail.
        let _ = write!(self.0, "{text}");
    }

    fn line(&mut self, name: &str, value: impl std::fmt::Display) {
        let _ = write!(self.0, "\n{name}: {value}");
    }

    fn list(&mut self, name: &str, values: impl Iterator<Item = String>) {
        let _ = write!(self.0, "\n{name}:");
        let mut empty = true;
        for value in values {
            empty = false;
            let _ = write!(self.0, "\n- {value}");
        }
        if empty {
            self.0.push_str(" nobody");
        }
    }

    fn told(&mut self, notify: Notify, whom: &str) {
        match notify {
            Notify::All => self.line("Told", format_args!("{whom}, in any case")),
            Notify::Auto => self.line("Told", format_args!("{whom}, if they would notice")),
            Notify::Nobody => self.line("Told", "nobody"),
        }
    }

    fn comment(&mut self, comment: Option<&str>) {
        if let Some(comment) = comment {
            self.text("Comment", comment);
        }
    }

    fn text(&mut self, name: &str, content: &str) {
        let _ = write!(self.0, "\n{name}:");
        let shown: String = content.chars().take(BODY_CHARACTERS).collect();
        for line in shown.split('\n') {
            let line = line.strip_suffix('\r').unwrap_or(line);
            let _ = write!(self.0, "\n| {}", visible(line));
        }
        let more = content.chars().skip(BODY_CHARACTERS).count();
        if more > 0 {
            let digest = fingerprint::sha256(content.as_bytes());
            let _ = write!(
                self.0,
                "\n({more} more characters are not shown; SHA-256 of the whole: {digest})"
            );
        }
    }

    fn body(&mut self, name: &str, body: &Body) {
        let Body {
            format,
            content,
            truncated: _,
        } = body;
        let format = match format {
            BodyFormat::Html => "HTML",
            BodyFormat::Text => "plain text",
        };
        let size = content.chars().count();
        self.text(&format!("{name} ({format}, {size} characters)"), content);
    }

    fn new_event(&mut self, event: &NewEvent) {
        // The subject is in the headline.
        let NewEvent {
            subject: _,
            when,
            body,
            location,
            attendees,
            recurrence,
            show_as,
            sensitivity,
            importance,
            categories,
            reminder,
            response_requested,
            allow_new_time_proposals,
            online_meeting,
            attachments,
            extended,
            idempotency_key,
            uid,
        } = event;
        self.line("When", when_words(when));
        if let Some(recurrence) = recurrence {
            self.line("Repeats", recurrence_words(recurrence));
        }
        if let Some(location) = location {
            self.line("Where", visible(location));
        }
        self.list("Attendees", attendees.iter().map(attendee_words));
        if let Some(body) = body {
            self.body("Body", body);
        }
        if !attachments.is_empty() {
            self.list("Attachments", attachments.iter().map(attachment_words));
        }
        if let Some(status) = show_as {
            self.line("Shown as", word(status));
        }
        if *sensitivity != Sensitivity::Normal {
            self.line("Sensitivity", word(sensitivity));
        }
        if *importance != crate::model::Importance::Normal {
            self.line("Importance", word(importance));
        }
        if !categories.is_empty() {
            self.list("Categories", categories.iter().map(|name| visible(name)));
        }
        match reminder {
            ReminderChoice::MailboxDefault => {}
            ReminderChoice::Off => self.line("Reminder", "none"),
            ReminderChoice::Before(time) => {
                self.line(
                    "Reminder",
                    format_args!("{} minutes before", time.num_minutes()),
                );
            }
        }
        if !response_requested {
            self.line("Answers", "are not asked for");
        }
        if !allow_new_time_proposals {
            self.line("Other times", "may not be proposed");
        }
        if *online_meeting {
            self.line("Online meeting", "is made with it");
        }
        self.extended(extended);
        if let Some(uid) = uid {
            self.line("UID", visible(uid.as_str()));
        }
        if let Some(key) = idempotency_key {
            self.line("Made once for the key", visible(key));
        }
    }

    fn patch(&mut self, patch: &EventPatch) {
        let EventPatch {
            subject,
            when,
            body,
            location,
            attendees,
            recurrence,
            show_as,
            sensitivity,
            importance,
            categories,
            reminder,
            response_requested,
            allow_new_time_proposals,
            online_meeting,
            extended,
            remove_extended,
        } = patch;
        let before = self.0.len();
        self.change("Subject", subject, |text| visible(text));
        self.change("When", when, when_words);
        self.change("Repeats", recurrence, recurrence_words);
        self.change("Where", location, |text| visible(text));
        match attendees {
            Patch::Keep => {}
            Patch::Clear => self.line("New attendees", "nobody; all so far are removed"),
            Patch::Set(list) => {
                let others = "New attendees; whoever is not among them is removed";
                self.list(others, list.iter().map(attendee_words));
            }
        }
        match body {
            Patch::Keep => {}
            Patch::Clear => self.line("New body", "none"),
            Patch::Set(body) => self.body("New body", body),
        }
        self.change("Shown as", show_as, word);
        self.change("Sensitivity", sensitivity, word);
        self.change("Importance", importance, word);
        match categories {
            Patch::Keep => {}
            Patch::Clear => self.line("New categories", "none"),
            Patch::Set(names) => {
                self.list("New categories", names.iter().map(|name| visible(name)))
            }
        }
        self.change("Reminder", reminder, |time| {
            format!("{} minutes before", time.num_minutes())
        });
        self.change("Asks for answers", response_requested, word);
        self.change(
            "Other times may be proposed",
            allow_new_time_proposals,
            word,
        );
        self.change("Online meeting", online_meeting, word);
        self.extended(extended);
        if !remove_extended.is_empty() {
            let names = remove_extended.iter().map(property_name_words);
            self.list("Properties taken away", names);
        }
        if self.0.len() == before {
            self.line("Changes", "nothing");
        }
    }

    fn change<T>(&mut self, name: &str, patch: &Patch<T>, words: impl Fn(&T) -> String) {
        match patch {
            Patch::Keep => {}
            Patch::Clear => self.line(&format!("New: {name}"), "none"),
            Patch::Set(value) => self.line(&format!("New: {name}"), words(value)),
        }
    }

    fn extended(&mut self, properties: &[ExtendedProperty]) {
        if !properties.is_empty() {
            self.list("Properties", properties.iter().map(property_words));
        }
    }

    fn reply(&mut self, reply: &MeetingReply) {
        let MeetingReply {
            answer: _,
            comment,
            send,
            propose,
        } = reply;
        self.line("Told", if *send { "the organiser" } else { "nobody" });
        if let Some((start, end)) = propose {
            self.line("Proposes instead", between(start, end));
        }
        self.comment(comment.as_deref());
    }

    /// What the event is now.
    fn known(&mut self, event: &Event) {
        self.line("Now: When", when_words(&event.when));
        if let Some(location) = &event.location {
            self.line("Now: Where", visible(location));
        }
        if let Some(organizer) = &event.organizer {
            self.line("Now: Organiser", person(organizer));
        }
        if let Some(detail) = &event.detail {
            if let Some(recurrence) = &detail.recurrence {
                self.line("Now: Repeats", recurrence_words(recurrence));
            }
            self.list(
                "Now: Attendees",
                detail.attendees.iter().map(attendee_words),
            );
        }
    }
}

fn subject_of(known: Option<&Event>) -> String {
    match known {
        Some(event) => format!("the event {}", quoted(&event.subject)),
        None => "an event".to_owned(),
    }
}

fn calendar_words(calendar: &CalendarRef) -> String {
    match calendar {
        CalendarRef::Default => "the default one".to_owned(),
        CalendarRef::Id(id) => visible(&id.to_string()),
    }
}

fn mailbox_words(mailbox: &MailboxTarget) -> String {
    match mailbox {
        MailboxTarget::Own => "that of the account signed in".to_owned(),
        MailboxTarget::Shared(address) => {
            format!("{}, with the account's own rights", visible(address))
        }
        MailboxTarget::ActAs(address) => format!("{}, as if by its owner", visible(address)),
    }
}

fn person(who: &Recipient) -> String {
    let address = address(who);
    match &who.name {
        Some(name) => format!("{} ({})", visible(&address), visible(name)),
        None => visible(&address),
    }
}

fn attendee_words(attendee: &Attendee) -> String {
    let role = match attendee.role {
        AttendeeRole::Required => "",
        AttendeeRole::Optional => ", optional",
        AttendeeRole::Resource => ", as a resource",
    };
    format!("{}{role}", person(&attendee.who))
}

fn attachment_words(file: &NewAttachment) -> String {
    let NewAttachment {
        name,
        content_type,
        is_inline,
        content_id,
        content,
    } = file;
    let mut text = format!("{}, {} bytes", visible(name), content.len());
    if let Some(content_type) = content_type {
        let _ = write!(text, ", {}", visible(content_type));
    }
    if *is_inline {
        text.push_str(", within the body");
    }
    if let Some(id) = content_id {
        let _ = write!(text, ", as cid:{}", visible(id));
    }
    let _ = write!(text, ", SHA-256 {}", fingerprint::sha256(content));
    text
}

fn property_words(property: &ExtendedProperty) -> String {
    let ExtendedProperty { name, value } = property;
    let name = property_name_words(name);
    let value = match value {
        PropertyValue::One(value) => quoted(value),
        PropertyValue::Many(values) => {
            let values: Vec<_> = values.iter().map(|value| quoted(value)).collect();
            values.join(", ")
        }
    };
    format!("{name} = {value}")
}

fn property_name_words(name: &PropertyName) -> String {
    match name {
        PropertyName::Tag { tag, kind } => format!("0x{tag:04X} ({})", kind.name()),
        PropertyName::Id { set, id, kind } => {
            format!("0x{id:04X} in {} ({})", visible(set.guid()), kind.name())
        }
        PropertyName::Named { set, name, kind } => {
            let (name, set) = (visible(name), visible(set.guid()));
            format!("{name} in {set} ({})", kind.name())
        }
    }
}

fn when_words(when: &When) -> String {
    match when {
        When::Timed { start, end } => between(start, end),
        When::AllDay { start, end, zone } => {
            let last = end.pred_opt().unwrap_or(*end);
            let zone = match zone {
                Some(zone) => format!(" in {}", zone_words(zone)),
                None => String::new(),
            };
            if last == *start {
                format!("{}, all day{zone}", start.format("%a %F"))
            } else {
                let (first, last) = (start.format("%a %F"), last.format("%a %F"));
                format!("{first} to {last}, whole days{zone}")
            }
        }
    }
}

fn between(start: &ZonedTime, end: &ZonedTime) -> String {
    format!("{} to {}", time_words(start), time_words(end))
}

fn time_words(time: &ZonedTime) -> String {
    let ZonedTime { utc, zone } = time;
    match time.local() {
        Some(local) => format!(
            "{} {} ({} UTC)",
            local.format("%a %F %T"),
            zone_words(zone),
            utc.format("%F %T")
        ),
        None => format!("{} UTC, in {}", utc.format("%a %F %T"), zone_words(zone)),
    }
}

fn zone_words(zone: &Zone) -> String {
    match (zone.tz, &zone.wire) {
        (Some(tz), _) => tz.name().to_owned(),
        (None, Some(wire)) => format!("the zone {}", visible(wire)),
        (None, None) => "a zone without a name".to_owned(),
    }
}

fn recurrence_words(recurrence: &Recurrence) -> String {
    let Recurrence { pattern, range } = recurrence;
    let every = |interval: u16, unit: &str| match interval {
        1 => format!("every {unit}"),
        _ => format!("every {interval} {unit}s"),
    };
    let pattern = match pattern {
        Pattern::Daily { interval } => every(*interval, "day"),
        Pattern::Weekly {
            interval,
            days,
            first_day,
        } => {
            let weeks = every(*interval, "week");
            format!("{weeks} on {days:?}, weeks beginning on {first_day}")
        }
        Pattern::MonthlyOnDay { interval, day } => {
            format!("{} on day {day}", every(*interval, "month"))
        }
        Pattern::MonthlyOnWeekday {
            interval,
            week,
            days,
        } => {
            let months = every(*interval, "month");
            format!("{months} on the {} of {days:?}", word(week))
        }
        Pattern::YearlyOnDay {
            interval,
            month,
            day,
        } => format!("{} on day {day} of month {month}", every(*interval, "year")),
        Pattern::YearlyOnWeekday {
            interval,
            month,
            week,
            days,
        } => {
            let years = every(*interval, "year");
            format!("{years} on the {} of {days:?} in month {month}", word(week))
        }
        Pattern::Regenerate { interval, unit } => {
            format!("{} after it was done", every(*interval, &word(unit)))
        }
    };
    match range {
        Range::NoEnd { start } => format!("{pattern}, from {start} for ever"),
        Range::Until { start, end } => format!("{pattern}, from {start} until {end}"),
        Range::Count { start, count } => format!("{pattern}, from {start} on {count} times"),
    }
}

/// A value of an enumeration as its stored form has it.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word.replace('_', " "),
        Ok(other) => other.to_string(),
        Err(_) => "something".to_owned(),
    }
}

fn quoted(text: &str) -> String {
    format!("\u{201c}{}\u{201d}", visible(text))
}

/// The text with everything escaped that could make it look like something else: line ends, control characters, and
/// what is invisible or turns the direction of writing.
fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' | '\'' | '\\' => shown.push(character),
            _ if is_combining(character) => shown.push(character),
            _ => shown.extend(character.escape_debug()),
        }
    }
    shown
}

/// Marks that belong to the letter before them: `escape_debug` takes all of them apart from it. They end before the
/// first that is used to hide text.
fn is_combining(character: char) -> bool {
    !character.is_control()
        && !matches!(character, '\u{34f}' | '\u{200b}'..='\u{200f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..)
        && !format!("a{character}")
            .escape_debug()
            .to_string()
            .contains("\\u")
}

#[cfg(test)]
mod tests;
