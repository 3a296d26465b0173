//! Any draft the model can hold is, written and read back, the same, and so is any change to one.
//!
//! As with events, `PROPTEST_CASES` says how many of each; what fails is made as small as it can be.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, SecondsFormat, TimeDelta};
use exchange_connector::model::{
    DeleteMode, DraftOptions, ExtendedProperty, FollowUpFlag, Message, MessageLoad, MessagePatch,
    NewMessage, Patch, PropertyKind, PropertyName, PropertySet, Recipient,
};
use exchange_connector::{ErrorKind, Feature, Result};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::any_event::strategy::{
    attachments, body, categories, change, importance, properties, sensitivity, storable_property,
    text,
};
use super::any_event::{for_any, same, storable, stored_files};
use super::backend::Backend;
use super::bodies::stored_body;

/// How many drafts a case makes up, in each of four versions.
const DRAFTS: u32 = 24;

pub(super) async fn any_draft_returns(b: &Backend) -> Result<()> {
    for_any(b, DRAFTS, draft, |draft| returns(b, draft)).await
}

pub(super) async fn any_change_to_a_draft_is_made(b: &Backend) -> Result<()> {
    for_any(b, DRAFTS, changed_draft, |(draft, patch)| {
        is_made(b, draft, patch)
    })
    .await
}

async fn returns(b: &Backend, new: NewMessage) -> Result<(), String> {
    let mailbox = b.mailbox("alice");
    let before = b.requests();
    let made = mailbox.create_draft(new.clone(), DraftOptions::new()).await;
    let has_picture = new.attachments.iter().any(|file| file.is_inline);
    if has_picture && !b.can(Feature::InlineAttachments) {
        let refused = made.map(drop).map_err(|error| error.kind());
        return match (refused, b.requests() - before) {
            (Err(ErrorKind::Unsupported), 0) => Ok(()),
            other => Err(format!("a picture in the body ended in {other:?}")),
        };
    }
    let made = made.map_err(|error| error.to_string())?;
    let read = mailbox.get_message(&made.id, &load(&new, None)).await;
    let read = read.map_err(|error| error.to_string())?;
    same("draft", &read, &expected(&new, &read, b))?;
    remove(b, &made).await
}

async fn is_made(b: &Backend, new: NewMessage, patch: MessagePatch) -> Result<(), String> {
    let mailbox = b.mailbox("alice");
    let made = mailbox.create_draft(new.clone(), DraftOptions::new()).await;
    let made = made.map_err(|error| error.to_string())?;
    if !patch.is_empty() {
        let changed = mailbox.update_message(&made.id, patch.clone(), Some(&made.version));
        changed.await.map_err(|error| error.to_string())?;
    }
    let read = mailbox
        .get_message(&made.id, &load(&new, Some(&patch)))
        .await;
    let read = read.map_err(|error| error.to_string())?;
    let mut wanted = expected(&new, &read, b);
    apply(&mut wanted, &patch, &read, b);
    same("changed draft", &read, &wanted)?;
    remove(b, &made).await
}

async fn remove(b: &Backend, made: &Message) -> Result<(), String> {
    let ids = std::slice::from_ref(&made.id);
    let removed = b
        .mailbox("alice")
        .delete_messages(ids, DeleteMode::Permanent)
        .await;
    let removed = removed.and_then(|mut outcomes| outcomes.remove(0));
    removed.map_err(|error| error.to_string())
}

/// Everything, and the MAPI properties that were written.
fn load(new: &NewMessage, patch: Option<&MessagePatch>) -> MessageLoad {
    let mut load = MessageLoad::full();
    let added = patch
        .map(|patch| patch.extended.as_slice())
        .unwrap_or_default();
    for property in written(new).iter().chain(added) {
        load = load.extended(property.name.clone());
    }
    load
}

/// What has no field of its own in what is read.
fn written(new: &NewMessage) -> Vec<ExtendedProperty> {
    let mut list = new.extended.clone();
    for (name, value) in &new.headers {
        let set = PropertySet::InternetHeaders;
        let name = PropertyName::named(set, name.clone(), PropertyKind::String);
        list.push(ExtendedProperty::new(name, value.clone()));
    }
    if let Some(time) = new.send_at {
        let name = PropertyName::tag(0x3fef, PropertyKind::SystemTime);
        list.push(ExtendedProperty::new(
            name,
            time.to_rfc3339_opts(SecondsFormat::Secs, true),
        ));
    }
    list.iter_mut().for_each(storable_property);
    list
}

fn expected(new: &NewMessage, read: &Message, b: &Backend) -> Message {
    let mut wanted = read.clone();
    wanted.subject = storable(&new.subject);
    if let Some(author) = &new.from {
        wanted.from = Some(shown(author));
        wanted.sender.clone_from(&read.sender);
    }
    wanted.importance = new.importance;
    wanted.sensitivity = new.sensitivity;
    wanted.categories.clone_from(&new.categories);
    wanted.is_draft = true;
    wanted.flag = FollowUpFlag::NotFlagged;
    wanted.has_attachments = new.attachments.iter().any(|file| !file.is_inline);
    let detail = wanted.detail.as_mut().unwrap();
    let body = new.body.as_ref();
    detail.body = body.and_then(|body| stored_body(body, detail.body.as_ref(), b));
    detail.to = list(&new.to);
    detail.cc = list(&new.cc);
    detail.bcc = list(&new.bcc);
    detail.reply_to = list(&new.reply_to);
    detail.in_reply_to.clone_from(&new.in_reply_to);
    detail.references.clone_from(&new.references);
    detail.read_receipt_requested = new.read_receipt;
    detail.delivery_receipt_requested = new.delivery_receipt;
    detail.attachments = stored_files(&new.attachments, &detail.attachments);
    detail.extended = in_order(written(new), &detail.extended);
    wanted
}

fn apply(wanted: &mut Message, patch: &MessagePatch, read: &Message, b: &Backend) {
    fn put<T: Clone>(slot: &mut T, patch: &Patch<T>, cleared: T) {
        match patch {
            Patch::Keep => {}
            Patch::Clear => *slot = cleared,
            Patch::Set(value) => slot.clone_from(value),
        }
    }
    put(&mut wanted.is_read, &patch.is_read, false);
    put(
        &mut wanted.categories,
        &patch.categories,
        Default::default(),
    );
    put(
        &mut wanted.importance,
        &patch.importance,
        Default::default(),
    );
    put(
        &mut wanted.sensitivity,
        &patch.sensitivity,
        Default::default(),
    );
    let subject = patch.subject.clone().map(|subject| storable(&subject));
    put(&mut wanted.subject, &subject, String::new());
    let author = patch.from.clone().map(|author| Some(shown(&author)));
    // What a draft without an author shows, is up to the server.
    put(&mut wanted.from, &author, read.from.clone());
    let flag = patch.flag.clone().map(|flag| match (flag, read.flag) {
        (FollowUpFlag::Flagged { start: None, due }, _) => {
            FollowUpFlag::Flagged { start: due, due }
        }
        // When it was done, says the server.
        (FollowUpFlag::Complete { on: None }, seen @ FollowUpFlag::Complete { on: Some(_) }) => {
            seen
        }
        (flag, _) => flag,
    });
    put(&mut wanted.flag, &flag, FollowUpFlag::NotFlagged);
    let detail = wanted.detail.as_mut().unwrap();
    let seen = read.detail.as_ref().and_then(|detail| detail.body.as_ref());
    let body = patch.body.clone().map(|body| stored_body(&body, seen, b));
    put(&mut detail.body, &body, None);
    for (slot, patch) in [
        (&mut detail.to, &patch.to),
        (&mut detail.cc, &patch.cc),
        (&mut detail.bcc, &patch.bcc),
        (&mut detail.reply_to, &patch.reply_to),
    ] {
        put(slot, &patch.clone().map(|people| list(&people)), Vec::new());
    }
    let mut extended = detail.extended.clone();
    extended.retain(|one| !patch.remove_extended.contains(&one.name));
    let mut added = patch.extended.clone();
    added.iter_mut().for_each(storable_property);
    extended.extend(added);
    let seen = &read.detail.as_ref().unwrap().extended;
    detail.extended = in_order(extended, seen);
}

/// People are shown with a name: their address, if there is no other.
fn shown(who: &Recipient) -> Recipient {
    let mut who = who.clone();
    let address = who.smtp_address().map(str::to_owned);
    who.name = who.name.take().or(address);
    who
}

fn list(people: &[Recipient]) -> Vec<Recipient> {
    people.iter().map(shown).collect()
}

/// Servers return properties in an order of their own.
fn in_order(wanted: Vec<ExtendedProperty>, seen: &[ExtendedProperty]) -> Vec<ExtendedProperty> {
    let place = |one: &ExtendedProperty| seen.iter().position(|seen| seen.name == one.name);
    let mut wanted = wanted;
    wanted.sort_by_key(|one| place(one).unwrap_or(usize::MAX));
    wanted
}

fn draft() -> impl Strategy<Value = NewMessage> {
    let texts = (line(), option::of(body()), headers());
    let people = (
        people(),
        people(),
        people(),
        vec(person(), 0..3),
        option::of(person()),
    );
    let words = (importance(), sensitivity(), categories());
    let thread = (
        option::of(message_id()),
        option::of(vec(message_id(), 1..4)),
    );
    let receipts = (any::<bool>(), any::<bool>());
    let later = option::weighted(0.2, 0_i64..4_000_000_000);
    let rest = (attachments(), properties(), later);
    (texts, people, words, thread, receipts, rest).prop_map(
        |(texts, people, words, thread, receipts, rest)| {
            let mut new = NewMessage::default();
            (new.subject, new.body, new.headers) = texts;
            (new.to, new.cc, new.bcc, new.reply_to, new.from) = people;
            (new.importance, new.sensitivity, new.categories) = words;
            new.in_reply_to = thread.0;
            new.references = thread.1.map(|ids| ids.join(" "));
            (new.read_receipt, new.delivery_receipt) = receipts;
            let later;
            (new.attachments, new.extended, later) = rest;
            new.send_at = later.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
            new
        },
    )
}

/// A draft and a change to it.
fn changed_draft() -> impl Strategy<Value = (NewMessage, MessagePatch)> {
    let own = (change(any::<bool>()), change(flag()), change(categories()));
    let words = (
        change(importance()),
        change(sensitivity()),
        change(line()),
        change(body()),
    );
    let people = (
        change(people()),
        change(people()),
        change(people()),
        change(people()),
    );
    let rest = (change(person()), properties());
    let patch = (own, words, people, rest).prop_map(|(own, words, people, rest)| {
        let mut patch = MessagePatch::new();
        (patch.is_read, patch.flag, patch.categories) = own;
        (
            patch.importance,
            patch.sensitivity,
            patch.subject,
            patch.body,
        ) = words;
        (patch.to, patch.cc, patch.bcc, patch.reply_to) = people;
        (patch.from, patch.extended) = rest;
        patch
    });
    (draft(), patch).prop_flat_map(|(mut new, patch)| {
        new.attachments.clear();
        let names: Vec<_> = new.extended.iter().map(|one| one.name.clone()).collect();
        let fewer = 0..=names.len();
        let removed = proptest::sample::subsequence(names, fewer);
        (Just(new), Just(patch), removed).prop_map(|(new, mut patch, removed)| {
            patch.remove_extended = removed;
            (new, patch)
        })
    })
}

/// A text in one line.
fn line() -> impl Strategy<Value = String> {
    text().prop_map(|text| text.chars().filter(|one| !one.is_control()).collect())
}

fn headers() -> impl Strategy<Value = Vec<(String, String)>> {
    let one = ("[Xx]-[A-Za-z0-9-]{0,12}[a-z]", line());
    vec(one, 0..4).prop_map(|list| {
        let mut seen = BTreeSet::new();
        let is_new = |(name, _): &(String, String)| seen.insert(name.to_ascii_lowercase());
        list.into_iter().filter(is_new).collect()
    })
}

fn message_id() -> impl Strategy<Value = String> {
    "<[a-z0-9.]{1,20}[a-z]@[a-z]{1,12}\\.example>"
}

fn person() -> impl Strategy<Value = Recipient> {
    let address = "[a-z][a-z0-9.+_-]{0,10}[a-z0-9]@(somewhere|elsewhere)\\.example";
    let name = option::of("[a-zA-Zäß日 ,.()&<'-]{0,12}[a-z]");
    (address, name).prop_map(|(address, name)| match name {
        Some(name) => Recipient::smtp(address).named(name),
        None => Recipient::smtp(address),
    })
}

/// Mostly few, sometimes many.
fn people() -> impl Strategy<Value = Vec<Recipient>> {
    prop_oneof![4 => vec(person(), 0..4), 1 => vec(person(), 60..80)]
}

fn flag() -> impl Strategy<Value = FollowUpFlag> {
    let day = (0_i64..20_000).prop_map(|days| NaiveDate::default() + TimeDelta::days(days));
    prop_oneof![
        Just(FollowUpFlag::NotFlagged),
        Just(FollowUpFlag::flagged()),
        Just(FollowUpFlag::complete()),
        day.clone().prop_map(FollowUpFlag::due),
        day.clone()
            .prop_map(|on| FollowUpFlag::Complete { on: Some(on) }),
        (day, 0_i64..100).prop_map(|(start, days)| FollowUpFlag::Flagged {
            start: Some(start),
            due: Some(start + TimeDelta::days(days)),
        }),
    ]
}
