//! Writes to calendars, in words.

use super::super::write::Known;
use super::{Summary, person, quoted, visible, word};
use crate::model::{
    Attendee, AttendeeRole, CalendarRef, Event, EventPatch, Importance, MeetingReply, NewEvent,
    Notify, Patch, Pattern, Range, Recurrence, ReminderChoice, Sensitivity, When, Zone, ZonedTime,
};

impl Summary {
    pub(super) fn create_event(
        &mut self,
        calendar: &CalendarRef,
        event: &NewEvent,
        notify: Notify,
    ) {
        self.head(format_args!("Create the event {}", quoted(&event.subject)));
        self.line("Calendar", calendar_words(calendar));
        self.told(notify, "the attendees");
        self.new_event(event);
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
        self.attachments(attachments);
        if let Some(status) = show_as {
            self.line("Shown as", word(status));
        }
        if *sensitivity != Sensitivity::Normal {
            self.line("Sensitivity", word(sensitivity));
        }
        if *importance != Importance::Normal {
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

    pub(super) fn event_patch(&mut self, patch: &EventPatch) {
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
        self.body_change(body);
        self.change("Shown as", show_as, word);
        self.change("Sensitivity", sensitivity, word);
        self.change("Importance", importance, word);
        self.categories_change(categories);
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
        self.extended_change(extended, remove_extended);
        if self.0.len() == before {
            self.line("Changes", "nothing");
        }
    }

    pub(super) fn meeting_reply(&mut self, reply: &MeetingReply) {
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
    pub(super) fn known_event(&mut self, event: &Event) {
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

pub(super) fn event_of(known: Option<&Known>) -> String {
    match known {
        Some(Known::Event(event)) => format!("the event {}", quoted(&event.subject)),
        Some(Known::Message(message)) => {
            format!("the invitation {}", quoted(&message.subject))
        }
        None => "an event".to_owned(),
    }
}

fn calendar_words(calendar: &CalendarRef) -> String {
    match calendar {
        CalendarRef::Default => "the default one".to_owned(),
        CalendarRef::Id(id) => visible(&id.to_string()),
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
