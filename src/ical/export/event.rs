//! One event as a `VEVENT`.

use chrono::Utc;

use super::{Export, Property};
use crate::{
    error::Result,
    ical::{
        html,
        line::Text,
        time::{write_before, write_utc},
    },
    model::{
        Address, Attendee, AttendeeRole, Body, BodyFormat, Event, FreeBusyStatus, Importance,
        Recipient, Response, Sensitivity, When,
    },
};

impl Export {
    /// Adds an event; `lines` are what it has as a part of a series.
    pub(super) fn write_event(
        &mut self,
        text: &mut Text,
        event: &Event,
        lines: Vec<Property>,
    ) -> Result<()> {
        let changed = event.last_modified.or(event.created).or(self.stamp);
        let times = self.times(&event.when)?;
        text.begin("VEVENT");
        // RFC 5545 wants a UID. An id is one too, if no other program knows it.
        let uid = event
            .uid
            .as_ref()
            .map_or(event.id.as_raw(), |uid| uid.as_str());
        text.text("UID", &[], uid);
        text.line(
            "DTSTAMP",
            &[],
            &write_utc(changed.unwrap_or_else(Utc::now))?,
        );
        for (name, time) in [
            ("CREATED", event.created),
            ("LAST-MODIFIED", event.last_modified),
        ] {
            if let Some(time) = time {
                text.line(name, &[], &write_utc(time)?);
            }
        }
        for line in lines.iter().chain(&times) {
            line.write(text);
        }
        text.text("SUMMARY", &[], &event.subject);
        if let Some(location) = &event.location {
            text.text("LOCATION", &[], location);
        }
        write_states(text, event);
        if !event.categories.is_empty() {
            text.texts("CATEGORIES", event.categories.iter().map(String::as_str));
        }
        write_detail(text, event);
        if let Some(before) = event.reminder {
            text.begin("VALARM");
            text.line("ACTION", &[], "DISPLAY");
            text.text("DESCRIPTION", &[], "Reminder");
            text.line("TRIGGER", &[], &write_before(before));
            text.end("VALARM");
        }
        text.end("VEVENT");
        Ok(())
    }

    fn times(&mut self, when: &When) -> Result<[Property; 2]> {
        Ok(match when {
            When::Timed { start, end } => [self.time("DTSTART", start)?, self.time("DTEND", end)?],
            When::AllDay { start, end, .. } => [
                Property::date("DTSTART", *start)?,
                Property::date("DTEND", *end)?,
            ],
        })
    }
}

/// MS-OXCICAL 2.1.3.1.1.20: `CLASS`, `PRIORITY`, `STATUS`, `TRANSP`, `X-MICROSOFT-CDO-BUSYSTATUS`.
fn write_states(text: &mut Text, event: &Event) {
    let class = match event.sensitivity {
        Sensitivity::Normal => "PUBLIC",
        Sensitivity::Personal => "X-PERSONAL",
        Sensitivity::Private => "PRIVATE",
        Sensitivity::Confidential => "CONFIDENTIAL",
    };
    text.line("CLASS", &[], class);
    let priority = match event.importance {
        Importance::High => "1",
        Importance::Normal => "5",
        Importance::Low => "9",
    };
    text.line("PRIORITY", &[], priority);
    let status = match event.show_as {
        _ if event.is_cancelled => "CANCELLED",
        FreeBusyStatus::Tentative => "TENTATIVE",
        _ => "CONFIRMED",
    };
    text.line("STATUS", &[], status);
    let (transparency, busy) = match event.show_as {
        FreeBusyStatus::NoData => ("OPAQUE", None),
        FreeBusyStatus::Free => ("TRANSPARENT", Some("FREE")),
        FreeBusyStatus::WorkingElsewhere => ("TRANSPARENT", Some("WORKINGELSEWHERE")),
        FreeBusyStatus::Tentative => ("OPAQUE", Some("TENTATIVE")),
        FreeBusyStatus::Busy => ("OPAQUE", Some("BUSY")),
        FreeBusyStatus::OutOfOffice => ("OPAQUE", Some("OOF")),
    };
    text.line("TRANSP", &[], transparency);
    if let Some(busy) = busy {
        text.line("X-MICROSOFT-CDO-BUSYSTATUS", &[], busy);
    }
}

fn write_detail(text: &mut Text, event: &Event) {
    let detail = event.detail.as_deref();
    let attendees = detail
        .map(|detail| detail.attendees.as_slice())
        .unwrap_or_default();
    // With an organiser, programs take an event for a meeting.
    if let Some(organizer) = &event.organizer
        && (event.is_meeting || !attendees.is_empty())
    {
        write_person(text, "ORGANIZER", organizer, &[]);
    }
    let Some(detail) = detail else { return };
    for attendee in attendees {
        write_attendee(text, attendee, detail.response_requested);
    }
    if !detail.allow_new_time_proposals {
        text.line("X-MICROSOFT-DISALLOW-COUNTER", &[], "TRUE");
    }
    if let Some(body) = &detail.body {
        write_body(text, body);
    }
    if let Some(meeting) = &detail.online_meeting {
        let label = meeting.provider.as_deref().unwrap_or("Online meeting");
        let parameters = [("VALUE", "URI"), ("FEATURE", "VIDEO"), ("LABEL", label)];
        text.line("CONFERENCE", &parameters, &meeting.join_url);
    }
}

fn write_body(text: &mut Text, body: &Body) {
    match body.format {
        BodyFormat::Text => text.text("DESCRIPTION", &[], &body.content),
        BodyFormat::Html => {
            text.text("DESCRIPTION", &[], &html::to_text(&body.content));
            text.text("X-ALT-DESC", &[("FMTTYPE", "text/html")], &body.content);
        }
    }
}

fn write_attendee(text: &mut Text, attendee: &Attendee, asked: bool) {
    let (kind, role) = match attendee.role {
        AttendeeRole::Required => ("INDIVIDUAL", "REQ-PARTICIPANT"),
        AttendeeRole::Optional => ("INDIVIDUAL", "OPT-PARTICIPANT"),
        AttendeeRole::Resource => ("RESOURCE", "NON-PARTICIPANT"),
    };
    let mut parameters = vec![("CUTYPE", kind), ("ROLE", role)];
    parameters.extend(match attendee.response.response {
        Response::None => None,
        Response::Organizer | Response::Accepted => Some(("PARTSTAT", "ACCEPTED")),
        Response::Tentative => Some(("PARTSTAT", "TENTATIVE")),
        Response::Declined => Some(("PARTSTAT", "DECLINED")),
        Response::NotResponded => Some(("PARTSTAT", "NEEDS-ACTION")),
    });
    parameters.push(("RSVP", if asked { "TRUE" } else { "FALSE" }));
    write_person(text, "ATTENDEE", &attendee.who, &parameters);
}

fn write_person(text: &mut Text, name: &str, who: &Recipient, parameters: &[(&str, &str)]) {
    let mut parameters = parameters.to_vec();
    if let Some(shown) = who.name.as_deref().filter(|shown| !shown.is_empty()) {
        parameters.push(("CN", shown));
    }
    let address = match &who.address {
        Address::Smtp(address) => format!("mailto:{}", encode(address)),
        // What Outlook writes for somebody without a mail address.
        Address::ExchangeDn(_) | Address::Other { .. } | Address::Missing => {
            "invalid:nomail".to_owned()
        }
    };
    text.line(name, &parameters, &address);
}

/// RFC 6068: what means something else in a `mailto` URI.
fn encode(address: &str) -> String {
    address.chars().fold(String::new(), |mut text, character| {
        match character {
            '%' | '?' | '#' | '"' | '<' | '>' | ' ' | '\\' | '^' | '`' | '{' | '|' | '}' => {
                text += &format!("%{:02X}", u32::from(character));
            }
            other => text.push(other),
        }
        text
    })
}
