//! Calendars and their groups.
//!
//! <https://learn.microsoft.com/en-us/graph/api/resources/calendar>

use http::Method;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::super::context::Context;
use super::super::person;
use super::super::query::{self, Expand, Query, Resource};
use super::super::refusal::GraphRefusal;
use super::super::reply::Reply;
use super::changes::unknown;
use super::event::READ_BASIC;
use super::write::WRITE;
use crate::simulator::ids::change_key;
use crate::simulator::operation::manage_folders;
use crate::simulator::store::{CalendarRights, Folder, Mailbox};

/// What requests may ask of calendars.
const CALENDAR: Resource = Resource {
    name: "microsoft.graph.calendar",
    properties: &[
        "allowedOnlineMeetingProviders",
        "canEdit",
        "canShare",
        "canViewPrivateItems",
        "changeKey",
        "color",
        "defaultOnlineMeetingProvider",
        "hexColor",
        "id",
        "isDefaultCalendar",
        "isRemovable",
        "isTallyingResponses",
        "name",
        "owner",
    ],
    filterable: &["name"],
    sortable: &["name"],
    expandable: &[],
    is_order_bound: false,
    page: (10, 1000),
};

const COLORS: [&str; 11] = [
    "auto",
    "lightBlue",
    "lightGreen",
    "lightOrange",
    "lightGray",
    "lightYellow",
    "lightTeal",
    "lightPink",
    "lightBrown",
    "lightRed",
    "maxColor",
];

/// The group that all calendars are in; others there are none.
const GROUP: &str = "My Calendars";

/// Whether a folder is a calendar that is not deleted.
pub(super) fn is_calendar(mailbox: &Mailbox, number: u64) -> bool {
    let bin = mailbox.folder_number("deleteditems");
    let folder = mailbox.folders.get(&number);
    folder.is_some_and(|folder| folder.class == "IPF.Appointment") && !mailbox.is_under(number, bin)
}

/// The calendar of a path, if the caller may see it.
pub(super) fn find(context: &Context<'_>, id: &str) -> Result<u64, GraphRefusal> {
    let number = context.folder(id)?.number;
    match is_calendar(context.mailbox()?, number) {
        true => Ok(number),
        false => Err(GraphRefusal::not_found()),
    }
}

fn written(context: &Context<'_>, mailbox: &Mailbox, folder: &Folder) -> Value {
    let (caller, owner, number) = (context.caller, context.owner, folder.number);
    let rights = context.store.rights(caller, owner, number);
    let default = folder.distinguished == Some("calendar");
    json!({
        "id": context.folder_id(mailbox, number),
        "name": folder.name,
        "color": folder.color,
        "hexColor": "",
        "isDefaultCalendar": default,
        "changeKey": change_key(1, folder.changed),
        "canShare": caller == owner,
        "canViewPrivateItems": context.store.sees_private(caller, owner, number),
        "canEdit": rights >= Some(CalendarRights::Editor),
        "allowedOnlineMeetingProviders": ["teamsForBusiness"],
        "defaultOnlineMeetingProvider": "teamsForBusiness",
        "isTallyingResponses": default,
        "isRemovable": !default,
        "owner": person::email_address(&mailbox.address),
    })
}

/// `/calendars`.
pub(super) fn collection(context: &mut Context<'_>) -> Result<Reply, GraphRefusal> {
    match context.request.method {
        Method::GET => list(context),
        Method::POST => create(context),
        _ => Err(not_allowed()),
    }
}

/// What a resource does not do.
pub(super) fn not_allowed() -> GraphRefusal {
    GraphRefusal::new(
        405,
        "ErrorInvalidRequest",
        "The OData request is not supported.",
    )
}

fn list(context: &Context<'_>) -> Result<Reply, GraphRefusal> {
    context.need(&READ_BASIC)?;
    let query = Query::read(context.request, &CALENDAR)?;
    let mailbox = context.mailbox()?;
    let visible = |number: u64| {
        let rights = context.store.rights(context.caller, context.owner, number);
        rights >= Some(CalendarRights::Reviewer)
    };
    let default = mailbox.folder_number("calendar");
    if !mailbox
        .folders
        .keys()
        .any(|number| is_calendar(mailbox, *number) && visible(*number))
    {
        return Err(GraphRefusal::access_denied());
    }
    let mut folders: Vec<&Folder> = mailbox
        .folders
        .values()
        .filter(|folder| is_calendar(mailbox, folder.number) && visible(folder.number))
        .collect();
    folders.sort_by_key(|folder| (folder.number != default, folder.number));
    let calendars = folders.iter().map(|one| written(context, mailbox, one));
    let mut calendars: Vec<Value> = calendars.filter(|one| query.holds(one)).collect();
    calendars.sort_by(|one, other| query.compare(one, other));
    let total = calendars.len();
    let (skip, most) = query.page(&CALENDAR);
    let mut page: Vec<Value> = calendars.into_iter().skip(skip).take(most).collect();
    page.iter_mut().for_each(|one| query.choose(one));
    Ok(query.answer(context.request, &CALENDAR, page, total))
}

/// `/calendar` and `/calendars/{id}`.
pub(super) fn one(context: &mut Context<'_>, number: u64) -> Result<Reply, GraphRefusal> {
    match context.request.method {
        Method::GET => {
            context.need(&READ_BASIC)?;
            context.require(number, CalendarRights::Reviewer)?;
            shown(context, number, 200)
        }
        Method::PATCH => update(context, number),
        Method::DELETE => {
            context.need(&WRITE)?;
            context.require(number, CalendarRights::Editor)?;
            let owner = context.owner;
            manage_folders::remove(&mut context.call(), owner, number, "MoveToDeletedItems")?;
            Ok(Reply::empty(204))
        }
        _ => Err(not_allowed()),
    }
}

fn shown(context: &Context<'_>, number: u64, status: u16) -> Result<Reply, GraphRefusal> {
    let query = Query::read(context.request, &CALENDAR)?;
    let mailbox = context.mailbox()?;
    let folder = mailbox.folders.get(&number);
    let folder = folder.ok_or_else(GraphRefusal::not_found)?;
    let mut calendar = written(context, mailbox, folder);
    query.choose(&mut calendar);
    Ok(query::single(context.request, status, calendar))
}

/// A calendar that comes along with one of its events.
pub(super) fn shown_in_event(
    context: &Context<'_>,
    number: u64,
    expand: &Expand,
) -> Result<Value, GraphRefusal> {
    let query = expand.query(&CALENDAR)?;
    let mailbox = context.mailbox()?;
    let folder = mailbox.folders.get(&number);
    let mut calendar = written(
        context,
        mailbox,
        folder.ok_or_else(GraphRefusal::not_found)?,
    );
    query.choose(&mut calendar);
    Ok(calendar)
}

/// What the body of a request says of a calendar.
struct Wanted {
    name: Option<String>,
    color: Option<&'static str>,
}

fn read(context: &Context<'_>) -> Result<Wanted, GraphRefusal> {
    let body: Map<String, Value> = context.request.json()?;
    let mut wanted = Wanted {
        name: None,
        color: None,
    };
    let unreadable =
        |name: &str| GraphRefusal::new(400, "RequestBodyRead", format!("'{name}' cannot be read."));
    for (name, value) in &body {
        match name.as_str() {
            "name" => {
                let text = value.as_str().ok_or_else(|| unreadable(name))?;
                wanted.name = Some(text.to_owned());
            }
            "color" => {
                let known = COLORS.iter().find(|color| value == **color);
                wanted.color = Some(*known.ok_or_else(|| unreadable(name))?);
            }
            // Kept as they are.
            "isDefaultCalendar" | "hexColor" | "defaultOnlineMeetingProvider" => {}
            annotation if annotation.contains('@') => {}
            known if CALENDAR.properties.contains(&known) => {
                return Err(GraphRefusal::new(
                    400,
                    "ErrorInvalidPropertySet",
                    format!("The property '{known}' is read-only and can't be set."),
                ));
            }
            other => return Err(unknown(other, "calendar")),
        }
    }
    Ok(wanted)
}

/// <https://learn.microsoft.com/en-us/graph/api/user-post-calendars>
fn create(context: &mut Context<'_>) -> Result<Reply, GraphRefusal> {
    context.need(&WRITE)?;
    let (owner, parent) = (context.owner, context.mailbox()?.folder_number("calendar"));
    context.require(parent, CalendarRights::Editor)?;
    let wanted = read(context)?;
    let name = wanted.name.filter(|name| !name.trim().is_empty());
    let name = name.ok_or_else(|| {
        GraphRefusal::new(
            400,
            "ErrorPropertyValidationFailure",
            "At least one property failed validation: a calendar needs a name.",
        )
    })?;
    manage_folders::free_name(&context.call(), owner, parent, &name, None)?;
    let number = context
        .store
        .add_folder(owner, parent, "IPF.Appointment", &name);
    let number = number.ok_or_else(GraphRefusal::not_found)?;
    paint(context, number, wanted.color);
    shown(context, number, 201)
}

fn update(context: &mut Context<'_>, number: u64) -> Result<Reply, GraphRefusal> {
    context.need(&WRITE)?;
    context.require(number, CalendarRights::Editor)?;
    let wanted = read(context)?;
    let owner = context.owner;
    if let Some(name) = wanted.name {
        manage_folders::rename(&mut context.call(), owner, number, &name)?;
    }
    paint(context, number, wanted.color);
    shown(context, number, 200)
}

fn paint(context: &mut Context<'_>, number: u64, color: Option<&'static str>) {
    let Some(color) = color else { return };
    let change = context.store.next();
    let mailbox = context.store.mailboxes.get_mut(context.owner);
    if let Some(folder) = mailbox.and_then(|mailbox| mailbox.folders.get_mut(&number)) {
        folder.color = color;
        folder.changed = change;
    }
}

/// `/calendarGroups`: there is one.
pub(super) fn groups(context: &mut Context<'_>, path: &[&str]) -> Result<Reply, GraphRefusal> {
    let id = group_id(context.mailbox()?);
    let group = json!({
        "id": id,
        "name": GROUP,
        "classId": Uuid::from_u128(0x0006_f0b7_0000_0000_c000_0000_0000_0046).to_string(),
        "changeKey": change_key(1, 1),
    });
    match path {
        [] if context.request.method == Method::GET => {
            context.need(&READ_BASIC)?;
            Ok(Reply::json(200, json!({"value": [group]})))
        }
        [one, ..] if *one != id => Err(GraphRefusal::not_found()),
        [_] if context.request.method == Method::GET => {
            context.need(&READ_BASIC)?;
            Ok(query::single(context.request, 200, group))
        }
        [_, "calendars"] => collection(context),
        _ => Err(not_allowed()),
    }
}

fn group_id(mailbox: &Mailbox) -> String {
    mailbox.guid.simple().to_string()
}
