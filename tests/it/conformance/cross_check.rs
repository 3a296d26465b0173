//! What is written through either backend, whatever it is and in whatever order, is read the same through both.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use exchange_connector::model::{
    Body, BodyWanted, CalendarRef, DeleteMode, DraftOptions, EventFilter, EventId, EventKind,
    EventPatch, EventQuery, FollowUpFlag, Importance, MessageId, MessagePatch, MessageQuery,
    NewEvent, NewMessage, Notify, Projection, Recipient, TimeRange, WellKnownFolder,
};
use exchange_connector::{Connector as _, Error, ErrorKind, Mailbox, MailboxTarget, Result};
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::any_event::{for_any, same, storable, strategy};
use super::backend::{Backend, HOME, address};

/// How many sequences there are, if `PROPTEST_CASES` does not say it.
const SEQUENCES: u32 = 16;

/// A write, and whether it goes over Graph.
#[derive(Clone, Debug)]
struct Step {
    over_graph: bool,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    CreateEvent(Box<NewEvent>),
    ChangeEvent(usize, Box<EventPatch>),
    DeleteEvent(usize),
    /// Of which series, which one.
    ChangeOccurrence(usize, usize, Box<EventPatch>),
    DeleteOccurrence(usize, usize),
    Draft(Box<NewMessage>),
    ChangeMessage(usize, Box<MessagePatch>),
    MoveMessage(usize),
    DeleteMessage(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (any::<bool>(), what()).prop_map(|(over_graph, what)| Step { over_graph, what });
    prop::collection::vec(step.boxed(), 1..10)
}

fn what() -> impl Strategy<Value = What> {
    let which = || 0..8_usize;
    // Boxed, since what makes an event is large, and stands on the stack of each of the others.
    prop_oneof![
        4 => strategy::new_event().prop_map(|mut event| {
            // Only one of the two lets a program choose it.
            event.uid = None;
            What::CreateEvent(Box::new(carried(&event)))
        }).boxed(),
        3 => (which(), strategy::changed_event()).prop_map(|(which, (_, patch))| {
            What::ChangeEvent(which, Box::new(carried(&patch)))
        }).boxed(),
        1 => which().prop_map(What::DeleteEvent),
        2 => strategy::series()
            .prop_map(|(event, ..)| What::CreateEvent(Box::new(carried(&event))))
            .boxed(),
        2 => (which(), which(), strategy::series())
            .prop_map(|(which, one, (_, patch, ..))| {
                What::ChangeOccurrence(which, one, Box::new(carried(&patch)))
            })
            .boxed(),
        1 => (which(), which()).prop_map(|(which, one)| What::DeleteOccurrence(which, one)),
        3 => draft().prop_map(|new| What::Draft(Box::new(new))).boxed(),
        3 => (which(), change()).prop_map(|(which, patch)| {
            What::ChangeMessage(which, Box::new(patch))
        }).boxed(),
        1 => which().prop_map(What::MoveMessage),
        1 => which().prop_map(What::DeleteMessage),
    ]
}

/// With texts that both protocols can carry: JSON has characters that XML has not.
fn carried<T: Serialize + DeserializeOwned>(value: &T) -> T {
    fn clean(value: &mut Value) {
        match value {
            Value::String(text) => *text = storable(text),
            Value::Array(values) => values.iter_mut().for_each(clean),
            Value::Object(fields) => fields.values_mut().for_each(clean),
            _ => {}
        }
    }
    let mut written = serde_json::to_value(value).unwrap();
    clean(&mut written);
    serde_json::from_value(written).unwrap()
}

fn draft() -> impl Strategy<Value = NewMessage> {
    let people = prop::collection::vec(prop_oneof![Just("bob"), Just("carol")], 0..3);
    ("[A-Za-zäß <&]{0,12}", "[a-z ]{0,20}", any::<bool>(), people).prop_map(
        |(subject, text, is_html, people)| {
            let body = match is_html {
                true => Body::html(format!("<html><body><p>{text}</p></body></html>")),
                false => Body::text(text),
            };
            let mut new = NewMessage::new(subject, body);
            new.to = people
                .into_iter()
                .map(|one| Recipient::smtp(address(one)))
                .collect();
            new
        },
    )
}

fn change() -> impl Strategy<Value = MessagePatch> {
    let importance = prop_oneof![Just(Importance::Low), Just(Importance::High)];
    prop_oneof![
        any::<bool>().prop_map(|read| MessagePatch::new().is_read(read)),
        "[A-Z][a-z]{1,8}".prop_map(|subject| MessagePatch::new().subject(subject)),
        importance.prop_map(|importance| MessagePatch::new().importance(importance)),
        Just(MessagePatch::new().flag(FollowUpFlag::flagged())),
        Just(
            MessagePatch::new().categories(std::collections::BTreeSet::from([
                "Red".to_owned(),
                "Blau".to_owned()
            ]))
        ),
    ]
}

pub(super) async fn any_writes_are_read_the_same(b: &Backend) -> Result<()> {
    for_any(b, SEQUENCES, steps, |steps| Box::pin(is_same(b, steps))).await
}

async fn is_same(b: &Backend, steps: Vec<Step>) -> Result<(), String> {
    let own = MailboxTarget::Own;
    let ews = b.ews_program("alice").mailbox(&own).unwrap();
    let graph = b.connector("alice").mailbox(&own).unwrap();
    // An attempt that failed leaves what it wrote.
    clear(&*ews).await.map_err(|error| error.to_string())?;
    for (number, step) in steps.iter().enumerate() {
        let side: &dyn Mailbox = if step.over_graph { &*graph } else { &*ews };
        let done = Box::pin(take(side, &step.what)).await;
        if let Err(error) = done
            && !matches!(
                error.kind(),
                ErrorKind::Unsupported | ErrorKind::InvalidArgument
            )
        {
            return Err(format!("step {number}: {error}"));
        }
        agree(
            &format!("after step {number}"),
            &*ews,
            &*graph,
            BodyWanted::Html,
        )
        .await?;
    }
    agree("at the end", &*ews, &*graph, BodyWanted::Text).await
}

/// Whether both sides read the same.
async fn agree(
    when: &str,
    ews: &dyn Mailbox,
    graph: &dyn Mailbox,
    body: BodyWanted,
) -> Result<(), String> {
    let over_ews = Box::pin(state(ews, body)).await;
    let over_graph = Box::pin(state(graph, body)).await;
    let [over_ews, over_graph] =
        [over_ews, over_graph].map(|seen| seen.map_err(|error| error.to_string()));
    let what = format!("what Graph reads {when}, and EWS otherwise");
    same(&what, &over_graph?, &over_ews?)
}

/// Does what a step says, to what this side lists in that place.
async fn take(side: &dyn Mailbox, what: &What) -> Result<(), Error> {
    match what {
        What::CreateEvent(new) => {
            let new = (**new).clone();
            side.create_event(&CalendarRef::Default, new, Notify::Auto)
                .await?;
        }
        What::ChangeEvent(which, patch) => {
            if let Some(id) = nth(events(side).await?, *which) {
                side.update_event(&id, (**patch).clone(), None, Notify::Auto)
                    .await?;
            }
        }
        What::DeleteEvent(which) => {
            if let Some(id) = nth(events(side).await?, *which) {
                side.delete_event(&id, DeleteMode::Permanent, Notify::Auto)
                    .await?;
            }
        }
        What::ChangeOccurrence(which, one, patch) => {
            if let Some(id) = occurrence(side, *which, *one).await? {
                side.update_event(&id, (**patch).clone(), None, Notify::Auto)
                    .await?;
            }
        }
        What::DeleteOccurrence(which, one) => {
            if let Some(id) = occurrence(side, *which, *one).await? {
                side.delete_event(&id, DeleteMode::Permanent, Notify::Auto)
                    .await?;
            }
        }
        What::Draft(new) => {
            side.create_draft((**new).clone(), DraftOptions::new())
                .await?;
        }
        What::ChangeMessage(which, patch) => {
            if let Some(id) = nth(messages(side).await?, *which) {
                side.update_message(&id, (**patch).clone(), None).await?;
            }
        }
        What::MoveMessage(which) => {
            if let Some(id) = nth(messages(side).await?, *which) {
                let to = WellKnownFolder::JunkEmail.into();
                side.move_messages(&[id], &to).await?.remove(0)?;
            }
        }
        What::DeleteMessage(which) => {
            if let Some(id) = nth(messages(side).await?, *which) {
                let outcomes = side.delete_messages(&[id], DeleteMode::Permanent).await;
                outcomes?.remove(0)?;
            }
        }
    }
    Ok(())
}

fn nth<T>(mut ids: Vec<T>, which: usize) -> Option<T> {
    let count = ids.len();
    (count > 0).then(|| ids.swap_remove(which % count))
}

/// In an order that both sides have.
async fn events(side: &dyn Mailbox) -> Result<Vec<EventId>, Error> {
    let query = EventQuery::masters(EventFilter::new());
    let mut listed = side.list_events(query).collect().await?;
    listed.sort_by_key(|event| event.uid.as_ref().map(ToString::to_string));
    Ok(listed.into_iter().map(|event| event.id).collect())
}

/// One of the first occurrences of a series.
async fn occurrence(
    side: &dyn Mailbox,
    which: usize,
    one: usize,
) -> Result<Option<EventId>, Error> {
    let query = EventQuery::masters(EventFilter::new());
    let mut series = side.list_events(query).collect().await?;
    series.retain(|event| event.kind == EventKind::SeriesMaster);
    series.sort_by_key(|event| event.uid.as_ref().map(ToString::to_string));
    let Some(series) = nth(series, which) else {
        return Ok(None);
    };
    let start = series.when.span(HOME).start - TimeDelta::days(1);
    let window = TimeRange::lasting(start, TimeDelta::days(90));
    let listed = side.list_occurrences(&series.id, window, Projection::Summary);
    let listed = listed.collect().await?;
    Ok(nth(listed, one).map(|event| event.id))
}

const FOLDERS: [WellKnownFolder; 2] = [WellKnownFolder::Drafts, WellKnownFolder::JunkEmail];

async fn messages(side: &dyn Mailbox) -> Result<Vec<MessageId>, Error> {
    let mut listed = Vec::new();
    for folder in FOLDERS {
        listed.extend(
            side.list_messages(MessageQuery::new(folder))
                .collect()
                .await?,
        );
    }
    listed.sort_by_key(|message| message.created);
    Ok(listed.into_iter().map(|message| message.id).collect())
}

/// All that one side reads, without what each side says in its own way.
async fn state(
    side: &dyn Mailbox,
    body: BodyWanted,
) -> Result<BTreeMap<String, Vec<Value>>, Error> {
    let query = EventQuery::masters(EventFilter::new()).full().body(body);
    let mut events = side.list_events(query).collect().await?;
    events.sort_by_key(|event| event.uid.as_ref().map(ToString::to_string));
    for event in &mut events {
        if let Some(detail) = &mut event.detail {
            // Graph does not say that somebody was invited once.
            event.is_meeting &= !detail.attendees.is_empty();
            // An excerpt of the body, which EWS has of mail alone.
            detail.preview = None;
        }
    }
    let mut state = BTreeMap::from([("events".to_owned(), portable(&events))]);
    for event in &events {
        if event.kind == EventKind::SeriesMaster {
            let uid = event.uid.as_ref().unwrap();
            let of_series = exceptions(side, &event.id).await?;
            state.insert(format!("exceptions of {uid}"), of_series);
        }
    }
    for folder in FOLDERS {
        let query = MessageQuery::new(folder).full().body(body);
        let mut messages = portable(&side.list_messages(query).collect().await?);
        // Several are made within a second, which is all that both sides tell of when.
        messages.sort_by_key(Value::to_string);
        state.insert(format!("{folder:?}"), messages);
    }
    Ok(state)
}

/// What is otherwise in a series, and when nothing of it takes place.
async fn exceptions(side: &dyn Mailbox, series: &EventId) -> Result<Vec<Value>, Error> {
    let series = side.get_series(series).await?;
    let mut changed = series.exceptions;
    for event in &mut changed {
        // Its texts come as they are stored, or not.
        let detail = event.detail.take();
        event.is_meeting &= detail.is_some_and(|detail| !detail.attendees.is_empty());
    }
    let mut all = portable(&changed);
    all.extend(portable(&series.deleted));
    Ok(all)
}

fn portable(items: &[impl Serialize]) -> Vec<Value> {
    let items = items.iter().map(|item| serde_json::to_value(item).unwrap());
    items
        .map(|mut item| {
            strip(&mut item);
            item
        })
        .collect()
}

/// What is of one backend: ids, versions, addresses for a browser.
const OWN: [&str; 7] = [
    "id",
    "version",
    "series_id",
    "calendar_id",
    "folder_id",
    "conversation_id",
    "web_link",
];

/// Times that the server notes; EWS tells them in whole seconds.
const NOTED: [&str; 4] = ["created", "last_modified", "received", "sent"];

fn strip(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| !OWN.contains(&name.as_str()));
            for name in NOTED {
                if let Some(time) = fields.get_mut(name)
                    && let Some(text) = time.as_str()
                {
                    *time = text.parse::<DateTime<Utc>>().unwrap().timestamp().into();
                }
            }
            fields.values_mut().for_each(strip);
        }
        Value::Array(items) => items.iter_mut().for_each(strip),
        _ => {}
    }
}

async fn clear(side: &dyn Mailbox) -> Result<(), Error> {
    for id in events(side).await? {
        side.delete_event(&id, DeleteMode::Permanent, Notify::Auto)
            .await?;
    }
    let ids = messages(side).await?;
    for outcome in side.delete_messages(&ids, DeleteMode::Permanent).await? {
        outcome?;
    }
    Ok(())
}
