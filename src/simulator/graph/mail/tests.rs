//! Mail over HTTP, as clients of Graph see it, with what is on EWS next to it.

mod attached;
mod folders;
mod following;
mod messages;
mod sending;

use serde_json::{Value, json};

use super::super::tests::Client;
use crate::simulator::Simulator;

const ALICE: &str = "alice@example.test";
const BOB: &str = "bob@example.test";

async fn start() -> Simulator {
    Simulator::builder()
        .now("2026-03-04T12:00:00Z".parse().unwrap())
        .start()
        .await
        .unwrap()
}

fn of<'a>(simulator: &'a Simulator, mailbox: &str) -> Client<'a> {
    Client::of(simulator, mailbox, &["Mail.ReadWrite", "Mail.Send"])
}

fn alice(simulator: &Simulator) -> Client<'_> {
    of(simulator, ALICE)
}

fn bob(simulator: &Simulator) -> Client<'_> {
    of(simulator, BOB)
}

fn person(email: &str) -> Value {
    json!({"emailAddress": {"address": email}})
}

fn mail(subject: &str) -> Value {
    json!({
        "subject": subject,
        "body": {"contentType": "html", "content": "<p>Hello</p>"},
        "toRecipients": [person(BOB)],
    })
}

fn id(value: &Value) -> String {
    value["id"].as_str().unwrap().to_owned()
}

fn path(message: &Value) -> String {
    format!("/me/messages/{}", id(message))
}

fn subjects(list: &Value) -> Vec<&str> {
    let list = list["value"].as_array().unwrap().iter();
    list.map(|one| one["subject"].as_str().unwrap_or("-"))
        .collect()
}

/// The id of the same item on EWS.
fn on_ews(message: &Value) -> String {
    id(message).replace('-', "/").replace('_', "+")
}
