//! Large files that come in pieces, to an address of their own that needs no token.
//!
//! <https://learn.microsoft.com/en-us/graph/outlook-large-attachments>

use std::fmt;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use http::header::{AUTHORIZATION, CONTENT_RANGE};
use http::request::Parts;
use http::{HeaderMap, Method};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::super::context::Context;
use super::super::ids::{Immutable, Reference};
use super::super::refusal::GraphRefusal;
use super::super::render;
use super::super::reply::Reply;
use super::super::request::origin;
use crate::simulator::attachment::Attachment;
use crate::simulator::item::{Item, ItemKind};
use crate::simulator::operation::Call;
use crate::simulator::operation::save::save;
use crate::simulator::server::{Shared, lock};
use crate::simulator::store::Store;
use crate::simulator::version::SimulatedVersion;

/// What the addresses of uploads begin with: they are not Graph's, but Outlook's.
pub(in crate::simulator) const ROOT: &str = "/api/v2.0/Users(";

/// What is too small for a session, and too large for the service.
const SIZES: std::ops::RangeInclusive<usize> = 2_097_152..=150 * 1024 * 1024;
/// The largest piece.
const PIECE: usize = 4 * 1024 * 1024;
/// How long a session lasts without a piece.
const PATIENCE: TimeDelta = TimeDelta::hours(1);

/// The sessions that are open.
#[derive(Debug, Default)]
pub(in crate::simulator) struct Uploads {
    open: Vec<Upload>,
}

/// A file on its way.
struct Upload {
    /// What makes the address one that only its receiver knows.
    secret: String,
    owner: usize,
    caller: usize,
    item: Immutable,
    /// Whether the answer names the attachment by an id that stays.
    stays: bool,
    file: File,
    bytes: Vec<u8>,
    until: DateTime<Utc>,
}

impl fmt::Debug for Upload {
    /// Without the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload")
            .field("file", &self.file)
            .field("received", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

/// `attachmentItem`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct File {
    #[serde(default, rename = "@odata.type")]
    _kind: Option<String>,
    attachment_type: Option<String>,
    name: String,
    size: usize,
    #[serde(default)]
    content_type: Option<String>,
    #[serde(default)]
    content_id: Option<String>,
    #[serde(default)]
    is_inline: Option<bool>,
}

/// `createUploadSession`.
pub(super) fn create(context: &mut Context<'_>, item: &Item) -> Result<Reply, GraphRefusal> {
    let body: Map<String, Value> = context.request.json()?;
    let wanted = body
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("attachmentItem"));
    let wanted = wanted.map_or(&Value::Null, |(_, value)| value);
    let file: File = render::read("AttachmentItem", wanted)?;
    if !file
        .attachment_type
        .as_deref()
        .is_some_and(|kind| kind.eq_ignore_ascii_case("file"))
    {
        return Err(render::bad_value("attachmentType"));
    }
    if file.size < *SIZES.start() {
        return Err(GraphRefusal::new(
            400,
            "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize",
            "Attachment size must be greater than the minimum size.",
        ));
    }
    if file.size > *SIZES.end() {
        return Err(GraphRefusal::new(
            413,
            "ErrorMessageSizeExceeded",
            "The message exceeds the maximum supported size.",
        ));
    }
    let mailbox = context.mailbox()?;
    let reference = Immutable {
        mailbox: mailbox.guid,
        origin: item.origin,
        start: item.occurrence.map(|one| one.original),
    };
    let family = family(item);
    let secret = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
    let origin = context.request.base.trim_end_matches("/v1.0");
    let url = format!(
        "{origin}{ROOT}'{}')/{family}('{}')/AttachmentSessions('{}')?authtoken={secret}",
        mailbox.guid,
        reference.encode(),
        Uuid::new_v4().simple(),
    );
    let until = context.now + PATIENCE;
    let upload = Upload {
        secret,
        owner: context.owner,
        caller: context.caller,
        item: reference,
        stays: context.wants_immutable_ids(),
        file,
        bytes: Vec::new(),
        until,
    };
    context.store.uploads.open.push(upload);
    Ok(Reply::json(
        201,
        json!({
            "@odata.context": format!("{}/$metadata#microsoft.graph.uploadSession", context.request.base),
            "uploadUrl": url,
            "expirationDateTime": render::time(until),
            "nextExpectedRanges": ["0-"],
        }),
    ))
}

fn family(item: &Item) -> &'static str {
    match item.kind {
        ItemKind::CalendarItem => "Events",
        _ => "Messages",
    }
}

/// Answers a request to the address of an upload.
pub(in crate::simulator::graph) fn answer(shared: &Shared, head: &Parts, body: &Bytes) -> Reply {
    *lock(&shared.log)
        .operations
        .entry(format!("{} AttachmentSessions", head.method))
        .or_default() += 1;
    let now = shared.now();
    let store = &mut lock(&shared.store);
    let origin = origin(shared, &head.headers);
    let reply = piece(store, &origin, head, body, now);
    reply.unwrap_or_else(|refusal| Reply::refused(&refusal))
}

fn piece(
    store: &mut Store,
    origin: &str,
    head: &Parts,
    body: &Bytes,
    now: DateTime<Utc>,
) -> Result<Reply, GraphRefusal> {
    if head.headers.contains_key(AUTHORIZATION) {
        return Err(GraphRefusal::new(
            401,
            "InvalidAuthenticationToken",
            "The address of an upload session is authenticated already; a token of another service is refused.",
        ));
    }
    store.uploads.open.retain(|one| one.until > now);
    let query = head.uri.query().unwrap_or_default();
    let secret = query.strip_prefix("authtoken=").unwrap_or_default();
    let mut open = store.uploads.open.iter();
    let at = open.position(|one| one.secret == secret);
    let at = at.ok_or_else(|| {
        GraphRefusal::new(404, "ErrorItemNotFound", "There is no such upload session.")
    })?;
    if head.method == Method::DELETE {
        store.uploads.open.remove(at);
        return Ok(Reply::empty(204));
    }
    let upload = store.uploads.open.get_mut(at);
    let upload = upload.ok_or_else(GraphRefusal::not_found)?;
    match head.method {
        Method::GET => return Ok(progress(upload)),
        Method::PUT => receive(upload, &head.headers, body, now)?,
        _ => return Err(super::not_allowed()),
    }
    if upload.bytes.len() < upload.file.size {
        return Ok(progress(upload));
    }
    let upload = store.uploads.open.remove(at);
    finish(store, upload, origin, now)
}

/// How far an upload is.
fn progress(upload: &Upload) -> Reply {
    Reply::json(
        200,
        json!({
            "expirationDateTime": render::time(upload.until),
            "nextExpectedRanges": [upload.bytes.len().to_string()],
        }),
    )
}

/// Takes a piece that is the next one.
fn receive(
    upload: &mut Upload,
    headers: &HeaderMap,
    body: &Bytes,
    now: DateTime<Utc>,
) -> Result<(), GraphRefusal> {
    if body.len() > PIECE {
        return Err(GraphRefusal::new(
            413,
            "RequestEntityTooLarge",
            "Request Entity Too Large",
        ));
    }
    let range = headers
        .get(CONTENT_RANGE)
        .and_then(|value| value.to_str().ok());
    let (first, last, whole) = range.and_then(read_range).ok_or_else(|| {
        GraphRefusal::new(
            400,
            "InvalidContentRange",
            "The Content-Range header is not valid.",
        )
    })?;
    let fits = first == upload.bytes.len()
        && last.checked_sub(first).map(|length| length + 1) == Some(body.len())
        && whole == upload.file.size
        && last < whole;
    if !fits {
        return Err(GraphRefusal::new(
            416,
            "RangeNotSatisfiable",
            format!("The next piece begins at byte {}.", upload.bytes.len()),
        ));
    }
    upload.bytes.extend_from_slice(body);
    upload.until = now + PATIENCE;
    Ok(())
}

/// `bytes 0-99/1000`.
fn read_range(text: &str) -> Option<(usize, usize, usize)> {
    let (range, whole) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    Some((
        first.trim().parse().ok()?,
        last.trim().parse().ok()?,
        whole.trim().parse().ok()?,
    ))
}

/// Attaches what came.
fn finish(
    store: &mut Store,
    upload: Upload,
    origin: &str,
    now: DateTime<Utc>,
) -> Result<Reply, GraphRefusal> {
    let Upload {
        owner, item, file, ..
    } = upload;
    let mailbox = store.mailboxes.get(owner);
    let found = mailbox.and_then(|mailbox| mailbox.items.by_origin(item.origin));
    let found = found.ok_or_else(GraphRefusal::not_found)?;
    let mut found = match item.start {
        Some(start) => found.occurrence_at(start),
        None => found.clone(),
    };
    let attachment = Attachment::file(file.name, file.content_type, upload.bytes, now)
        .shown(file.content_id, file.is_inline.unwrap_or_default());
    let guid = attachment.guid;
    found.attachments.push(attachment);
    found.mime = None;
    store.check_size(&found)?;
    let mut call = Call {
        store,
        caller: upload.caller,
        version: SimulatedVersion::Exchange2016,
        zone: None,
        now,
        find_limit: None,
        batch_limit: None,
    };
    let saved = save(&mut call, owner, found, &[])?;
    let current = store
        .mailboxes
        .get(owner)
        .map(|mailbox| mailbox.id_of(&saved));
    let reference = match current.filter(|_| !upload.stays) {
        Some(id) => Reference::Current(id),
        None => Reference::Immutable(item),
    };
    let location = format!(
        "{origin}{ROOT}'{}')/{}('{}')/Attachments('{}')",
        item.mailbox,
        family(&saved),
        item.encode(),
        reference.encode_attachment(guid),
    );
    let mut reply = Reply::empty(201);
    reply.headers.push(("location", location));
    Ok(reply)
}
