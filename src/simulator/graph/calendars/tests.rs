//! Calendars over HTTP, as clients of Graph see them, with what is on EWS next to it.

mod changing;
mod following;
mod meetings;
mod reading;

use serde_json::{Value, json};

use super::super::tests::Client;
use crate::simulator::Simulator;

const ALICE: &str = "alice@example.test";
const BOB: &str = "bob@example.test";
const BERLIN: &str = "W. Europe Standard Time";
const MARCH: &str = "startDateTime=2026-03-01T00:00:00Z&endDateTime=2026-04-01T00:00:00Z";

async fn start() -> Simulator {
    Simulator::builder()
        .now("2026-03-02T06:00:00Z".parse().unwrap())
        .start()
        .await
        .unwrap()
}

fn alice(simulator: &Simulator) -> Client<'_> {
    Client::of(simulator, ALICE, &["Calendars.ReadWrite"])
}

fn bob(simulator: &Simulator) -> Client<'_> {
    Client::of(simulator, BOB, &["Calendars.ReadWrite"])
}

fn clock(text: &str) -> Value {
    json!({"dateTime": text, "timeZone": BERLIN})
}

/// An hour in Berlin.
fn lunch(subject: &str) -> Value {
    json!({
        "subject": subject,
        "start": clock("2026-03-04T12:00:00"),
        "end": clock("2026-03-04T13:00:00"),
    })
}

/// Mondays at nine in Berlin, six of them, over the change of the clock.
fn weekly() -> Value {
    json!({
        "subject": "Team",
        "start": clock("2026-03-02T09:00:00"),
        "end": clock("2026-03-02T10:00:00"),
        "recurrence": {
            "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["monday"], "firstDayOfWeek": "monday"},
            "range": {"type": "numbered", "startDate": "2026-03-02", "numberOfOccurrences": 6},
        },
    })
}

fn invited(mut event: Value, people: &[&str]) -> Value {
    let people = people.iter();
    let people =
        people.map(|email| json!({"emailAddress": {"address": email}, "type": "required"}));
    event["attendees"] = people.collect::<Vec<_>>().into();
    event
}

fn id(event: &Value) -> String {
    event["id"].as_str().unwrap().to_owned()
}

fn path(event: &Value) -> String {
    format!("/me/events/{}", id(event))
}

fn subjects(list: &Value) -> Vec<&str> {
    let list = list["value"].as_array().unwrap().iter();
    list.map(|one| one["subject"].as_str().unwrap_or("-"))
        .collect()
}

/// What was sent: kind, subject and to whom.
fn sent(simulator: &Simulator) -> Vec<(String, String, Vec<String>)> {
    let outbox = simulator.outbox().into_iter();
    outbox.map(|one| (one.kind, one.subject, one.to)).collect()
}
