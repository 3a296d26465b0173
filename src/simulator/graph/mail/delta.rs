//! What changed in a folder, and among the folders, since somebody looked last.
//!
//! <https://learn.microsoft.com/en-us/graph/delta-query-messages>

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::super::context::Context;
use super::super::query::{Query, context_of, link};
use super::super::refusal::GraphRefusal;
use super::super::reply::Reply;
use super::folders::{FOLDER, written};
use super::listing::MESSAGE;
use super::message::View;
use super::{READ, READ_BASIC};
use crate::simulator::item::ItemKind;
use crate::simulator::operation::sync::{Change, State, hierarchy_round, round};
use crate::simulator::store::CalendarRights;

/// How many changes come on a page where the request does not say it.
const PAGE: usize = 10;

fn invalid_token() -> GraphRefusal {
    GraphRefusal::new(
        400,
        "ErrorInvalidUrlQuery",
        "The delta token of the request is not valid.",
    )
}

/// The state that the token of a request names, or that of who knows nothing.
fn state(context: &Context<'_>, folder: u64) -> Result<State, GraphRefusal> {
    let mailbox = context.mailbox()?.guid;
    let request = context.request;
    let token = request
        .parameter("$deltatoken")
        .or_else(|| request.parameter("$skiptoken"));
    let Some(token) = token else {
        return Ok(State::fresh(mailbox, folder));
    };
    let text = URL_SAFE_NO_PAD.decode(token).ok();
    let state = text
        .and_then(|text| State::decode(&String::from_utf8(text).ok()?))
        .filter(|state| state.mailbox == mailbox && state.folder == folder)
        .ok_or_else(invalid_token)?;
    match state.is_known(context.store) {
        true => Ok(state),
        false => Err(GraphRefusal::new(
            410,
            "SyncStateNotFound",
            "The sync state generation is not found; synchronize from the beginning.",
        )),
    }
}

/// How many changes a page has at most.
fn most(context: &Context<'_>) -> Result<usize, GraphRefusal> {
    let Some(text) = context.request.preference("odata.maxpagesize") else {
        return Ok(PAGE);
    };
    let most = text.parse().ok().filter(|most| (1..=1000).contains(most));
    most.ok_or_else(|| GraphRefusal::bad_request("The value of odata.maxpagesize is not valid."))
}

/// A page with the link to what comes next.
fn page(context: &Context<'_>, state: State, complete: bool, values: Vec<Value>) -> Reply {
    let request = context.request;
    let token = URL_SAFE_NO_PAD.encode(state.encode());
    let (name, parameter) = match complete {
        true => ("@odata.deltaLink", "$deltatoken"),
        false => ("@odata.nextLink", "$skiptoken"),
    };
    let mut body = Map::new();
    body.insert("@odata.context".to_owned(), context_of(request).into());
    body.insert(
        name.to_owned(),
        link(request, &[(parameter, &token)]).into(),
    );
    body.insert("value".to_owned(), values.into());
    let mut reply = Reply::json(200, body.into());
    if let Some(most) = request.preference("odata.maxpagesize") {
        let applied = format!("odata.maxpagesize={most}");
        reply.headers.push(("preference-applied", applied));
    }
    reply
}

fn removed(id: String) -> Value {
    json!({"@removed": {"reason": "deleted"}, "id": id})
}

/// The options of a round: the token in them names a state, not a place.
fn query(
    context: &Context<'_>,
    resource: &super::super::query::Resource,
) -> Result<Query, GraphRefusal> {
    let mut request = context.request.clone();
    request.query.retain(|(name, _)| name != "$skiptoken");
    let query = Query::read(&request, resource)?;
    let unsupported = [
        ("$search", query.search.is_some()),
        ("$skip", request.parameter("$skip").is_some()),
        ("$count", request.parameter("$count").is_some()),
    ];
    match unsupported.iter().find(|(_, is_there)| *is_there) {
        None => Ok(query),
        Some((name, _)) => Err(GraphRefusal::new(
            400,
            "ErrorInvalidUrlQuery",
            format!("The following parameters are not supported with change tracking: '{name}'."),
        )),
    }
}

/// `GET /mailFolders/{id}/messages/delta`.
pub(super) fn messages(context: &Context<'_>, folder: u64) -> Result<Reply, GraphRefusal> {
    context.need(&READ_BASIC)?;
    context.require(folder, CalendarRights::Reviewer)?;
    let query = query(context, &MESSAGE)?;
    if query.has_filter() && !query.filters_only_by("receivedDateTime") {
        return Err(GraphRefusal::new(
            400,
            "ErrorInvalidUrlQueryFilter",
            "Only receivedDateTime can be filtered by with change tracking.",
        ));
    }
    if !query.expand.is_empty() {
        context.need(&READ)?;
    }
    let wanted = match context.request.parameter("changeType") {
        None => None,
        Some(kind @ ("created" | "updated" | "deleted")) => Some(kind),
        Some(_) => return Err(GraphRefusal::bad_request("The changeType is not valid.")),
    };
    let mut state = state(context, folder)?;
    let most = most(context)?;
    let (complete, changes) = round(context.store, context.owner, &mut state, most, &[]);
    let mailbox = context.mailbox()?;
    let view = View::new(context)?;
    let mut values = Vec::with_capacity(changes.len());
    for change in changes {
        let (kind, item) = match change {
            Change::Create(item) => ("created", item),
            Change::Update(item) | Change::Read(item) => ("updated", item),
            Change::Delete(gone) => {
                let shown = gone.kind != ItemKind::CalendarItem;
                if shown && wanted.is_none_or(|wanted| wanted == "deleted") {
                    values.push(removed(context.gone_id(mailbox, &gone)));
                }
                continue;
            }
        };
        let is_message = item.kind != ItemKind::CalendarItem;
        let fits = wanted.is_none_or(|wanted| wanted == kind);
        if !is_message || !fits || !query.holds(&view.plain(&item).into()) {
            continue;
        }
        let mut message = view.dressed(&item, &query)?;
        if let Some(fields) = message.as_object_mut() {
            fields
                .entry("@odata.type")
                .or_insert("#microsoft.graph.message".into());
        }
        values.push(message);
    }
    Ok(page(context, state, complete, values))
}

/// `GET /mailFolders/delta`.
pub(super) fn folders(context: &Context<'_>) -> Result<Reply, GraphRefusal> {
    context.need(&READ_BASIC)?;
    let query = query(context, &FOLDER)?;
    let mailbox = context.mailbox()?;
    let root = mailbox.folder_number("msgfolderroot");
    let mut state = state(context, root)?;
    let changes = hierarchy_round(context.store, mailbox, &mut state);
    let mut values = Vec::with_capacity(changes.len());
    for (change, number) in changes {
        let living = mailbox.folders.get(&number);
        match living.filter(|_| change != "t:Delete") {
            Some(folder) if super::folders::is_visible(mailbox, folder) => {
                let mut value = written(context, mailbox, folder);
                query.choose(&mut value);
                values.push(value);
            }
            Some(_) => {}
            None => values.push(removed(context.folder_id(mailbox, number))),
        }
    }
    Ok(page(context, state, true, values))
}
