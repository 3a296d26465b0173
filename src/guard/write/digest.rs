//! The forms of arguments that a fingerprint is taken of.
//!
//! What is not set is left out of them: a field that a later version adds does not change the fingerprint of a request
//! without it. Contents, which may be large, are there as digests.

use bytes::Bytes;
use chrono::NaiveDate;
use serde::{Serialize, Serializer, ser::Error as _};
use serde_json::{Map, Value};

use super::super::fingerprint;
use crate::model::{
    Answer, DraftOptions, EventPatch, InboxRule, MeetingReply, MessagePatch, NewAttachment,
    NewEvent, NewMessage, NewReply, OutOfOffice, ReplyKind, RuleActions, RulePredicates,
    SendOptions, When,
};

/// A file, with the digest of its content in place of it.
#[derive(Serialize)]
struct File {
    file: NewAttachment,
    sha256: String,
}

/// Takes the files out of a list, as digests.
fn take_files(attachments: &mut Vec<NewAttachment>) -> Vec<File> {
    let files = std::mem::take(attachments).into_iter();
    let digested = files.map(|mut file| {
        let content = std::mem::replace(&mut file.content, Bytes::new());
        let sha256 = fingerprint::sha256(&content);
        File { file, sha256 }
    });
    digested.collect()
}

/// The members in which a structure differs from an empty one, and its files.
fn with_files<T: Serialize, S: Serializer>(
    value: &T,
    empty: &T,
    files: Vec<File>,
    out: S,
) -> Result<S::Ok, S::Error> {
    let mut members = unlike(value, empty).map_err(S::Error::custom)?;
    if !files.is_empty() {
        let files = serde_json::to_value(files).map_err(S::Error::custom)?;
        members.insert("attachments".to_owned(), files);
    }
    members.serialize(out)
}

pub(super) fn event<S: Serializer>(event: &&NewEvent, out: S) -> Result<S::Ok, S::Error> {
    let mut light = (*event).clone();
    let files = take_files(&mut light.attachments);
    // No event can be at that time.
    let empty = NewEvent::new("", When::days(NaiveDate::MAX, NaiveDate::MIN));
    with_files(&light, &empty, files, out)
}

pub(super) fn message<S: Serializer>(message: &&NewMessage, out: S) -> Result<S::Ok, S::Error> {
    let mut light = (*message).clone();
    let files = take_files(&mut light.attachments);
    with_files(&light, &NewMessage::default(), files, out)
}

pub(super) fn reply<S: Serializer>(reply: &&NewReply, out: S) -> Result<S::Ok, S::Error> {
    let mut light = (*reply).clone();
    let files = take_files(&mut light.attachments);
    with_files(&light, &NewReply::new(ReplyKind::Reply, None), files, out)
}

pub(super) fn event_patch<S: Serializer>(patch: &&EventPatch, out: S) -> Result<S::Ok, S::Error> {
    differences(*patch, &EventPatch::new(), out)
}

pub(super) fn message_patch<S: Serializer>(
    patch: &&MessagePatch,
    out: S,
) -> Result<S::Ok, S::Error> {
    differences(*patch, &MessagePatch::new(), out)
}

pub(super) fn meeting_reply<S: Serializer>(
    reply: &&MeetingReply,
    out: S,
) -> Result<S::Ok, S::Error> {
    differences(*reply, &MeetingReply::new(Answer::Accept), out)
}

pub(super) fn draft_options<S: Serializer>(
    options: &&DraftOptions,
    out: S,
) -> Result<S::Ok, S::Error> {
    differences(*options, &DraftOptions::new(), out)
}

pub(super) fn send_options<S: Serializer>(
    options: &&SendOptions,
    out: S,
) -> Result<S::Ok, S::Error> {
    differences(*options, &SendOptions::new(), out)
}

pub(super) fn out_of_office<S: Serializer>(
    settings: &&OutOfOffice,
    out: S,
) -> Result<S::Ok, S::Error> {
    differences(*settings, &OutOfOffice::disabled(), out)
}

pub(super) fn rule<S: Serializer>(rule: &&InboxRule, out: S) -> Result<S::Ok, S::Error> {
    let digest = || -> serde_json::Result<Map<String, Value>> {
        let empty = InboxRule::new("", RuleActions::default());
        let mut members = unlike(*rule, &empty)?;
        let predicates = |of| unlike(of, &RulePredicates::default());
        for (name, parts) in [
            ("conditions", predicates(&rule.conditions)?),
            ("exceptions", predicates(&rule.exceptions)?),
            ("actions", unlike(&rule.actions, &RuleActions::default())?),
        ] {
            members.insert(name.to_owned(), Value::Object(parts));
        }
        Ok(members)
    };
    digest().map_err(S::Error::custom)?.serialize(out)
}

pub(super) fn file<S: Serializer>(file: &&NewAttachment, out: S) -> Result<S::Ok, S::Error> {
    take_files(&mut vec![(*file).clone()]).serialize(out)
}

pub(super) fn content<S: Serializer>(content: &&Bytes, out: S) -> Result<S::Ok, S::Error> {
    fingerprint::sha256(content).serialize(out)
}

fn differences<T: Serialize, S: Serializer>(
    value: &T,
    empty: &T,
    out: S,
) -> Result<S::Ok, S::Error> {
    unlike(value, empty)
        .map_err(S::Error::custom)?
        .serialize(out)
}

/// The members of a structure in which it differs from an empty one.
fn unlike<T: Serialize>(value: &T, empty: &T) -> serde_json::Result<Map<String, Value>> {
    let (value, empty) = (serde_json::to_value(value)?, serde_json::to_value(empty)?);
    let Value::Object(mut members) = value else {
        return Err(serde_json::Error::custom("not a structure"));
    };
    members.retain(|name, member| empty.get(name) != Some(member));
    Ok(members)
}
