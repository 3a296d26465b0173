//! Making, changing and deleting events.

use http::Method;
use serde_json::{Map, Value};

use super::super::context::Context;
use super::super::mail::attachments;
use super::super::query;
use super::super::refusal::GraphRefusal;
use super::super::reply::Reply;
use super::changes::Changes;
use super::event::View;
use super::folder::is_calendar;
use crate::simulator::change::{calendar_item, check_times};
use crate::simulator::fields::transaction;
use crate::simulator::item::{Item, ItemKind};
use crate::simulator::operation::create_item::put_event;
use crate::simulator::operation::delete_item::{delete_event, dispose};
use crate::simulator::operation::update_item::update_event;
use crate::simulator::store::CalendarRights;

/// What tokens need to write.
pub(super) const WRITE: [&str; 1] = ["Calendars.ReadWrite"];

/// <https://learn.microsoft.com/en-us/graph/api/calendar-post-events>
pub(super) fn create(context: &mut Context<'_>, folder: u64) -> Result<Reply, GraphRefusal> {
    context.need(&WRITE)?;
    context.require(folder, CalendarRights::Editor)?;
    let body: Map<String, Value> = context.request.json()?;
    let changes = Changes::read(body, true)?;
    let mut item = calendar_item(context.now);
    changes.apply(&mut item)?;
    if let Some(list) = changes.get("attachments") {
        item.attachments = attachments::read_all(list, context.now)?;
    }
    if let Some(known) = known(context, &item)? {
        return shown(context, &known, 201);
    }
    let owner = context.owner;
    let invites = item.attendees().next().is_some();
    settle(&mut item)?;
    context.store.check_room(owner, &item)?;
    let item = put_event(&mut context.call(), (owner, folder), item, (invites, true))?;
    shown(context, &item, 201)
}

/// The event that was made before with the same key. One key makes one event.
fn known(context: &Context<'_>, item: &Item) -> Result<Option<Item>, GraphRefusal> {
    let Some(wanted) = item.bag.get(&transaction()) else {
        return Ok(None);
    };
    let mailbox = context.mailbox()?;
    let mut items = mailbox.items.values();
    let known = items.find(|one| {
        one.kind == ItemKind::CalendarItem
            && one.bag.get(&transaction()) == Some(wanted)
            && is_calendar(mailbox, one.folder)
    });
    Ok(known.cloned())
}

/// Checks the times of an event, and puts a series on the first day of its pattern.
pub(super) fn settle(item: &mut Item) -> Result<(), GraphRefusal> {
    check_times(item)?;
    let zone = item.zone();
    item.normalize(&zone);
    Ok(())
}

/// Answers with an event.
pub(super) fn shown(
    context: &Context<'_>,
    item: &Item,
    status: u16,
) -> Result<Reply, GraphRefusal> {
    let event = View::new(context)?.write(item);
    Ok(query::single(context.request, status, event.into()))
}

/// Refuses who sees of an item only that there is something private.
pub(super) fn require_sight(context: &Context<'_>, item: &Item) -> Result<(), GraphRefusal> {
    let (caller, owner) = (context.caller, context.owner);
    match item.is_private() && !context.store.sees_private(caller, owner, item.folder) {
        true => Err(GraphRefusal::access_denied()),
        false => Ok(()),
    }
}

/// <https://learn.microsoft.com/en-us/graph/api/event-update>
pub(super) fn update(context: &mut Context<'_>, item: &Item) -> Result<Reply, GraphRefusal> {
    context.need(&WRITE)?;
    context.require(item.folder, CalendarRights::Editor)?;
    require_sight(context, item)?;
    context.check_version(item)?;
    let body: Map<String, Value> = context.request.json()?;
    let changes = Changes::read(body, false)?;
    let mut changed = item.clone();
    changes.apply(&mut changed)?;
    settle(&mut changed)?;
    let owner = context.owner;
    let sending = changes.audience();
    let paths = changes.paths();
    let item = update_event(&mut context.call(), owner, item, changed, sending, &paths)?;
    if context
        .request
        .preferences()
        .any(|one| one == "return=minimal")
    {
        let mut reply = Reply::empty(204);
        let applied = "return=minimal".to_owned();
        reply.headers.push(("preference-applied", applied));
        return Ok(reply);
    }
    shown(context, &item, 200)
}

/// Deletes what lies in the Deleted Items: an id that survives moves still names it, and nobody is told again.
pub(super) fn discard(context: &mut Context<'_>, item: &Item) -> Result<Reply, GraphRefusal> {
    context.need(&WRITE)?;
    context.require(item.folder, CalendarRights::Editor)?;
    let owner = context.owner;
    dispose(&mut context.call(), owner, item, "SoftDelete")?;
    Ok(Reply::empty(204))
}

/// <https://learn.microsoft.com/en-us/graph/api/event-delete>
pub(super) fn delete(
    context: &mut Context<'_>,
    item: &Item,
    how: &str,
) -> Result<Reply, GraphRefusal> {
    context.need(&WRITE)?;
    context.require(item.folder, CalendarRights::Editor)?;
    require_sight(context, item)?;
    if context.request.method == Method::DELETE {
        context.check_version(item)?;
    }
    let owner = context.owner;
    delete_event(
        &mut context.call(),
        owner,
        item,
        how,
        "SendToAllAndSaveCopy",
    )?;
    Ok(Reply::empty(204))
}
