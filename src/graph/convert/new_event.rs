use chrono::TimeDelta;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::extended_property::{property_id, to_extended_properties};
use super::{body, recipient, recurrence, time};
use crate::connector::Backend;
use crate::error::{Error, Result};
use crate::model::{
    Attendee, AttendeeRole, EventPatch, ExtendedProperty, FreeBusyStatus, Importance, NewEvent,
    Patch, ReminderChoice, Sensitivity, When, Zone,
};

/// The fields of an event that are written, and no others.
pub(in crate::graph) type Fields = Map<String, Value>;

/// An event to create, but for who is invited. Whole days without a zone of their own begin and end at midnight in
/// `home`.
///
/// # Errors
/// What Graph cannot hold, before anything is sent.
pub(in crate::graph) fn new_event(
    event: &NewEvent,
    home: Option<&Zone>,
    operation: &'static str,
) -> Result<Fields> {
    event
        .validate()
        .map_err(|error| error.with_operation(operation))?;
    if event.uid.is_some() {
        let why = "Graph gives each new event a UID of its own";
        return Err(Error::unsupported(operation, why)
            .with_backend(Backend::Graph)
            .with_hint("Leave the UID out, and keep the one that the new event has."));
    }
    let mut fields = Fields::new();
    set(&mut fields, "subject", &event.subject);
    set_times(
        &mut fields,
        &event.when,
        event.recurrence.is_some(),
        home,
        operation,
    )?;
    if let Some(text) = &event.body {
        set(&mut fields, "body", &body::item_body(text));
    }
    if let Some(location) = &event.location {
        set(&mut fields, "location", &place(location));
    }
    if let Some(rule) = &event.recurrence {
        let zone = zone_of(&event.when, home);
        let rule = recurrence::to_wire(rule, zone, operation)?;
        set(&mut fields, "recurrence", &rule);
    }
    if let Some(status) = event.show_as {
        set(&mut fields, "showAs", show_as(status));
    }
    set(&mut fields, "sensitivity", sensitivity(event.sensitivity));
    set(&mut fields, "importance", importance(event.importance));
    if !event.categories.is_empty() {
        set(&mut fields, "categories", &event.categories);
    }
    match event.reminder {
        ReminderChoice::MailboxDefault => {}
        ReminderChoice::Off => set(&mut fields, "isReminderOn", &false),
        ReminderChoice::Before(before) => set_reminder(&mut fields, before),
    }
    set(&mut fields, "responseRequested", &event.response_requested);
    let allowed = &event.allow_new_time_proposals;
    set(&mut fields, "allowNewTimeProposals", allowed);
    if event.online_meeting {
        set_online(&mut fields, true);
    }
    set_extended(&mut fields, &event.extended);
    if let Some(key) = &event.idempotency_key {
        set(&mut fields, "transactionId", key);
    }
    Ok(fields)
}

/// Adds who is invited.
pub(in crate::graph) fn set_attendees(fields: &mut Fields, attendees: &[Attendee]) {
    let attendees: Vec<Value> = attendees.iter().map(attendee).collect();
    set(fields, "attendees", &attendees);
}

/// Adds MAPI properties.
pub(in crate::graph) fn set_extended(fields: &mut Fields, properties: &[ExtendedProperty]) {
    let (single, multi) = to_extended_properties(properties);
    for (name, mut list) in [
        ("singleValueExtendedProperties", values(&single)),
        ("multiValueExtendedProperties", values(&multi)),
    ] {
        if list.is_empty() {
            continue;
        }
        match fields.get_mut(name) {
            Some(Value::Array(there)) => there.append(&mut list),
            _ => set(fields, name, &list),
        }
    }
}

fn values(list: &[impl Serialize]) -> Vec<Value> {
    list.iter().map(|one| json!(one)).collect()
}

/// What to change about an event: just what the patch names.
///
/// # Errors
/// What Graph cannot hold, before anything is sent.
pub(in crate::graph) fn changed_fields(
    patch: &EventPatch,
    home: Option<&Zone>,
    operation: &'static str,
) -> Result<Fields> {
    patch
        .validate()
        .map_err(|error| error.with_operation(operation))?;
    if matches!(patch.online_meeting, Patch::Clear | Patch::Set(false)) {
        let problem = "an online meeting stays one";
        return Err(Error::unsupported(operation, problem).with_backend(Backend::Graph));
    }
    fields_of(patch, home, operation)
}

/// The same of a patch that was made here, and may touch this library's own properties.
pub(in crate::graph) fn fields_of(
    patch: &EventPatch,
    home: Option<&Zone>,
    operation: &'static str,
) -> Result<Fields> {
    let mut fields = Fields::new();
    let fields = &mut fields;
    if let Some(subject) = or(&patch.subject, String::new()) {
        set(fields, "subject", &subject);
    }
    if let Some(when) = patch.when.value() {
        let is_series = patch.recurrence.value().is_some();
        set_times(fields, when, is_series, home, operation)?;
    }
    match &patch.body {
        Patch::Keep => {}
        Patch::Clear => set(
            fields,
            "body",
            &json!({ "contentType": "text", "content": "" }),
        ),
        Patch::Set(text) => set(fields, "body", &body::item_body(text)),
    }
    if let Some(location) = or(&patch.location, String::new()) {
        set(fields, "location", &place(&location));
    }
    match &patch.recurrence {
        Patch::Keep => {}
        Patch::Clear => set(fields, "recurrence", &Value::Null),
        Patch::Set(rule) => {
            let zone = patch.when.value().and_then(|when| zone_of(when, home));
            let rule = recurrence::to_wire(rule, zone, operation)?;
            set(fields, "recurrence", &rule);
        }
    }
    if let Some(status) = or(&patch.show_as, FreeBusyStatus::Busy) {
        set(fields, "showAs", show_as(status));
    }
    if let Some(value) = or(&patch.sensitivity, Sensitivity::default()) {
        set(fields, "sensitivity", sensitivity(value));
    }
    if let Some(value) = or(&patch.importance, Importance::default()) {
        set(fields, "importance", importance(value));
    }
    if let Some(categories) = or(&patch.categories, Default::default()) {
        set(fields, "categories", &categories);
    }
    match &patch.reminder {
        Patch::Keep => {}
        Patch::Clear => set(fields, "isReminderOn", &false),
        Patch::Set(before) => set_reminder(fields, *before),
    }
    // What nobody said is what a new event has: answers are wanted, other times welcome.
    if let Some(requested) = or(&patch.response_requested, true) {
        set(fields, "responseRequested", &requested);
    }
    if let Some(allowed) = or(&patch.allow_new_time_proposals, true) {
        set(fields, "allowNewTimeProposals", &allowed);
    }
    if let Some(is_online) = or(&patch.online_meeting, false) {
        set_online(fields, is_online);
    }
    if let Some(attendees) = or(&patch.attendees, Vec::new()) {
        set_attendees(fields, &attendees);
    }
    set_extended(fields, &patch.extended);
    for name in &patch.remove_extended {
        // One without a value is removed; lists cannot be null.
        let (list, nothing) = match name.kind().is_array() {
            false => ("singleValueExtendedProperties", Value::Null),
            true => ("multiValueExtendedProperties", json!([])),
        };
        let gone = json!({ "id": property_id(name), "value": nothing });
        match fields.get_mut(list) {
            Some(Value::Array(there)) => there.push(gone),
            _ => set(fields, list, &[gone]),
        }
    }
    Ok(std::mem::take(fields))
}

fn set(fields: &mut Fields, name: &str, value: &(impl Serialize + ?Sized)) {
    // Nothing that is written here can fail to be JSON.
    let value = serde_json::to_value(value).unwrap_or_default();
    fields.insert(name.to_owned(), value);
}

fn set_times(
    fields: &mut Fields,
    when: &When,
    is_series: bool,
    home: Option<&Zone>,
    operation: &'static str,
) -> Result<()> {
    let (start, end) = time::to_times(when, is_series, home, operation)?;
    set(fields, "start", &start);
    set(fields, "end", &end);
    set(fields, "isAllDay", &when.is_all_day());
    Ok(())
}

/// The zone in which a series repeats.
fn zone_of<'a>(when: &'a When, home: Option<&'a Zone>) -> Option<&'a Zone> {
    match when {
        When::Timed { start, .. } => Some(&start.zone),
        When::AllDay { zone, .. } => zone.as_ref().or(home),
    }
}

fn place(name: &str) -> Value {
    json!({ "displayName": name })
}

fn set_reminder(fields: &mut Fields, before: TimeDelta) {
    set(fields, "isReminderOn", &true);
    set(fields, "reminderMinutesBeforeStart", &before.num_minutes());
}

/// The meeting of Teams is the one that Exchange Online makes with an event.
fn set_online(fields: &mut Fields, is_online: bool) {
    set(fields, "isOnlineMeeting", &is_online);
    if is_online {
        set(fields, "onlineMeetingProvider", "teamsForBusiness");
    }
}

fn attendee(attendee: &Attendee) -> Value {
    let role = match attendee.role {
        AttendeeRole::Required => "required",
        AttendeeRole::Optional => "optional",
        AttendeeRole::Resource => "resource",
    };
    json!({ "emailAddress": recipient::to_email_address(&attendee.who), "type": role })
}

fn show_as(status: FreeBusyStatus) -> &'static str {
    match status {
        FreeBusyStatus::NoData => "unknown",
        FreeBusyStatus::Free => "free",
        FreeBusyStatus::WorkingElsewhere => "workingElsewhere",
        FreeBusyStatus::Tentative => "tentative",
        FreeBusyStatus::Busy => "busy",
        FreeBusyStatus::OutOfOffice => "oof",
    }
}

fn sensitivity(sensitivity: Sensitivity) -> &'static str {
    match sensitivity {
        Sensitivity::Normal => "normal",
        Sensitivity::Personal => "personal",
        Sensitivity::Private => "private",
        Sensitivity::Confidential => "confidential",
    }
}

pub(super) fn importance(importance: Importance) -> &'static str {
    match importance {
        Importance::Low => "low",
        Importance::Normal => "normal",
        Importance::High => "high",
    }
}

/// The value to write; `default` if the field is to be cleared.
fn or<T: Clone>(patch: &Patch<T>, default: T) -> Option<T> {
    match patch {
        Patch::Keep => None,
        Patch::Clear => Some(default),
        Patch::Set(value) => Some(value.clone()),
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDateTime;

    use super::*;
    use crate::error::ErrorKind;
    use crate::model::{
        Body, Categories, ICalUid, Pattern, PropertyKind, PropertyName, PropertySet, Range,
        Recurrence,
    };

    fn talk() -> NewEvent {
        let nine: NaiveDateTime = "2026-05-04T09:00:00".parse().unwrap();
        let ten = nine + TimeDelta::hours(1);
        NewEvent::new("Talk", When::timed(nine, ten, chrono_tz::Europe::Berlin))
    }

    fn ticket() -> PropertyName {
        PropertyName::named(PropertySet::PublicStrings, "Ticket", PropertyKind::String)
    }

    #[test]
    fn what_nobody_set_is_not_sent() {
        let fields = new_event(&talk(), None, "test").unwrap();
        let names: Vec<&str> = fields.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            [
                "allowNewTimeProposals",
                "end",
                "importance",
                "isAllDay",
                "responseRequested",
                "sensitivity",
                "start",
                "subject"
            ]
        );
        assert_eq!(
            fields["start"],
            json!({ "dateTime": "2026-05-04T09:00:00", "timeZone": "W. Europe Standard Time" })
        );
        assert!(
            changed_fields(&EventPatch::new(), None, "test")
                .unwrap()
                .is_empty()
        );
    }

    #[test]
    fn everything_in_its_words() {
        let start = "2026-05-04".parse().unwrap();
        let daily = Recurrence::new(Pattern::Daily { interval: 2 }, Range::NoEnd { start });
        let event = talk()
            .body(Body::html("<p>x"))
            .location("Room 5")
            .recurrence(daily)
            .show_as(FreeBusyStatus::OutOfOffice)
            .sensitivity(Sensitivity::Confidential)
            .importance(Importance::High)
            .category("Red")
            .reminder(ReminderChoice::Before(TimeDelta::minutes(5)))
            .online_meeting(true)
            .extended(ExtendedProperty::new(ticket(), "4711"))
            .idempotency_key("once");
        let mut fields = new_event(&event, None, "test").unwrap();
        set_attendees(&mut fields, &[Attendee::optional("bob@example.com")]);
        let own = ExtendedProperty::new(crate::model::idempotency_key(), "once");
        set_extended(&mut fields, &[own]);
        assert_eq!(fields["showAs"], "oof");
        assert_eq!(fields["sensitivity"], "confidential");
        assert_eq!(
            fields["body"],
            json!({ "contentType": "html", "content": "<p>x" })
        );
        assert_eq!(fields["location"], json!({ "displayName": "Room 5" }));
        assert_eq!(
            fields["recurrence"]["pattern"],
            json!({ "type": "daily", "interval": 2 })
        );
        assert_eq!(fields["reminderMinutesBeforeStart"], 5);
        assert_eq!(fields["isOnlineMeeting"], true);
        assert_eq!(fields["transactionId"], "once");
        assert_eq!(
            fields["attendees"],
            json!([{ "emailAddress": { "address": "bob@example.com" }, "type": "optional" }])
        );
        let properties = fields["singleValueExtendedProperties"].as_array().unwrap();
        assert_eq!(properties.len(), 2);
        assert_eq!(properties[0]["value"], "4711");
    }

    #[test]
    fn a_uid_is_the_servers() {
        let error = new_event(&talk().uid(ICalUid::new("a@b")), None, "test").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
    }

    #[test]
    fn fields_are_cleared_in_their_own_way() {
        let patch = EventPatch::new()
            .subject(Patch::Clear)
            .body(Patch::Clear)
            .location(Patch::Clear)
            .recurrence(Patch::Clear)
            .show_as(Patch::Clear)
            .categories(Patch::Clear)
            .reminder(Patch::Clear)
            .attendees(Patch::Clear)
            .response_requested(Patch::Clear)
            .remove_extended(ticket());
        let fields = changed_fields(&patch, None, "test").unwrap();
        let expected = json!({
            "subject": "", "body": { "contentType": "text", "content": "" },
            "location": { "displayName": "" }, "recurrence": null, "showAs": "busy", "categories": [],
            "isReminderOn": false, "attendees": [], "responseRequested": true,
            "singleValueExtendedProperties": [{
                "id": "String {00020329-0000-0000-c000-000000000046} Name Ticket", "value": null
            }]
        });
        assert_eq!(Value::Object(fields), expected);
        let categories = Categories::from(["Red".to_owned()]);
        let patch = EventPatch::new().categories(categories);
        let fields = changed_fields(&patch, None, "test").unwrap();
        assert_eq!(Value::Object(fields), json!({ "categories": ["Red"] }));
    }

    #[test]
    fn the_librarys_own_properties_are_not_the_callers() {
        let patch = EventPatch::new().remove_extended(crate::model::unfinished());
        assert!(changed_fields(&patch, None, "test").is_err());
        assert!(fields_of(&patch, None, "test").is_ok());
    }
}
