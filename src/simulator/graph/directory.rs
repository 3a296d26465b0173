//! People, groups, rooms, and ids.

mod translate;

use http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::directory::{Group, Member};
use super::super::item::Address;
use super::context::Context;
use super::query::{Query, Resource, single};
use super::refusal::GraphRefusal;
use super::reply::Reply;

const USERS: Resource = Resource {
    name: "microsoft.graph.user",
    properties: &[
        "id",
        "displayName",
        "mail",
        "userPrincipalName",
        "givenName",
        "surname",
    ],
    filterable: &[
        "displayName",
        "mail",
        "userPrincipalName",
        "givenName",
        "surname",
    ],
    sortable: &["displayName", "userPrincipalName"],
    expandable: &[],
    is_order_bound: false,
    page: (100, 999),
};

const GROUPS: Resource = Resource {
    name: "microsoft.graph.group",
    properties: &[
        "id",
        "displayName",
        "mail",
        "mailEnabled",
        "securityEnabled",
        "groupTypes",
    ],
    filterable: &["displayName", "mail", "mailEnabled", "securityEnabled"],
    sortable: &["displayName"],
    expandable: &[],
    is_order_bound: false,
    page: (100, 999),
};

const MEMBERS: Resource = Resource {
    name: "microsoft.graph.directoryObject",
    properties: &["id", "displayName", "mail", "userPrincipalName"],
    filterable: &[],
    sortable: &[],
    expandable: &[],
    is_order_bound: false,
    page: (100, 999),
};

const PLACES: Resource = Resource {
    name: "microsoft.graph.place",
    properties: &[
        "id",
        "displayName",
        "emailAddress",
        "capacity",
        "bookingType",
    ],
    filterable: &[],
    sortable: &["displayName"],
    expandable: &[],
    is_order_bound: false,
    page: (100, 100),
};

const PEOPLE: Resource = Resource {
    name: "microsoft.graph.person",
    properties: &[
        "id",
        "displayName",
        "scoredEmailAddresses",
        "personType",
        "userPrincipalName",
    ],
    filterable: &[],
    sortable: &[],
    expandable: &[],
    is_order_bound: false,
    page: (10, 1000),
};

/// Answers what is about the organisation, and about ids.
pub(super) fn route(context: &mut Context<'_>, path: &[&str]) -> Result<Reply, GraphRefusal> {
    if path == ["translateExchangeIds"] && context.request.method == Method::POST {
        return translate::run(context);
    }
    if context.request.method != Method::GET {
        return Err(GraphRefusal::new(
            405,
            "MethodNotAllowed",
            "The method is not supported for this resource.",
        ));
    }
    let kind = |kind: &str| kind.to_ascii_lowercase();
    match path {
        ["users"] => users(context),
        ["groups"] => groups(context),
        ["groups", id, "members"] => members(context, id),
        ["people"] => people(context),
        ["places", one] if kind(one) == "microsoft.graph.roomlist" => room_lists(context),
        ["places", one] if kind(one) == "microsoft.graph.room" => rooms(context, None),
        ["places", list, one, "rooms"] if kind(one) == "microsoft.graph.roomlist" => {
            rooms(context, Some(list))
        }
        _ => Err(GraphRefusal::bad_request(format!(
            "Resource not found for the segment '{}'.",
            path.first().unwrap_or(&"")
        ))),
    }
}

/// The directory belongs to nobody: no permission has a `.Shared` one.
fn need(context: &Context<'_>, any: &[&str]) -> Result<(), GraphRefusal> {
    match context.request.token.has(any) {
        true => Ok(()),
        false => Err(GraphRefusal::new(
            403,
            "Authorization_RequestDenied",
            "Insufficient privileges to complete the operation.",
        )),
    }
}

/// The user whose mailbox it is.
pub(super) fn user(context: &Context<'_>) -> Result<Reply, GraphRefusal> {
    match context.request.token.user == Some(context.owner) {
        true => need(
            context,
            &[&["User.Read", "User.ReadWrite"], USER_READERS].concat(),
        )?,
        false => need(context, USER_READERS)?,
    }
    let mailbox = context.mailbox()?;
    let user = user_of(&mailbox.address, mailbox.guid, mailbox.principal_name());
    let query = Query::read(context.request, &USERS)?;
    let mut user = user;
    query.choose(&mut user);
    Ok(single(context.request, 200, user))
}

fn user_of(address: &Address, id: Uuid, principal: String) -> Value {
    let (given, surname) = address.name.split_once(' ').unwrap_or((&address.name, ""));
    json!({
        "id": id.to_string(),
        "displayName": address.name,
        "givenName": given,
        "surname": surname,
        "mail": address.email,
        "userPrincipalName": principal,
    })
}

/// <https://learn.microsoft.com/en-us/graph/api/user-list>
fn users(context: &Context<'_>) -> Result<Reply, GraphRefusal> {
    need(context, USER_READERS)?;
    let store = &*context.store;
    let mailboxes = store.mailboxes.iter();
    let users = mailboxes
        .filter(|mailbox| !store.is_public(mailbox))
        .map(|mailbox| user_of(&mailbox.address, mailbox.guid, mailbox.principal_name()));
    answer(context, &USERS, users.collect())
}

/// <https://learn.microsoft.com/en-us/graph/api/group-list>
fn groups(context: &Context<'_>) -> Result<Reply, GraphRefusal> {
    need(context, GROUP_READERS)?;
    let groups = context.store.directory.groups.iter().enumerate();
    let groups = groups.map(|(place, group)| {
        json!({
            "id": group_id(place),
            "displayName": group.address.name,
            "mail": group.address.email,
            "mailEnabled": true,
            "securityEnabled": false,
            "groupTypes": [],
        })
    });
    answer(context, &GROUPS, groups.collect())
}

const USER_READERS: &[&str] = &["User.ReadBasic.All", "User.Read.All", "Directory.Read.All"];

const GROUP_READERS: &[&str] = &[
    "GroupMember.Read.All",
    "Group.Read.All",
    "Directory.Read.All",
];

fn group_id(place: usize) -> String {
    Uuid::from_u128(0x6772_6f75_7000_4000_8000_0000_0000_0000 + place as u128).to_string()
}

/// <https://learn.microsoft.com/en-us/graph/api/group-list-members>
fn members(context: &Context<'_>, id: &str) -> Result<Reply, GraphRefusal> {
    need(context, GROUP_READERS)?;
    let groups = &context.store.directory.groups;
    let mut places = groups.iter().enumerate();
    let found = places.find(|(place, _)| group_id(*place) == id);
    let (_, group) = found.ok_or_else(|| {
        GraphRefusal::new(
            404,
            "Request_ResourceNotFound",
            format!("Resource '{id}' does not exist or one of its queried reference-property objects are not present."),
        )
    })?;
    let members = group
        .members
        .iter()
        .map(|member| member_of(context, member));
    answer(context, &MEMBERS, members.collect())
}

fn member_of(context: &Context<'_>, member: &Member) -> Value {
    let Member { address, kind } = member;
    let kind = match *kind {
        "Mailbox" => "user",
        "PublicDL" => "group",
        _ => "orgContact",
    };
    let at = context.store.position(&address.email);
    let owner = at.and_then(|at| context.store.mailboxes.get(at));
    let id = owner.map_or(Uuid::nil(), |mailbox| mailbox.guid);
    json!({
        "@odata.type": format!("#microsoft.graph.{kind}"),
        "id": id.to_string(),
        "displayName": address.name,
        "mail": address.email,
    })
}

/// <https://learn.microsoft.com/en-us/graph/api/place-list>
fn room_lists(context: &Context<'_>) -> Result<Reply, GraphRefusal> {
    need(context, &["Place.Read.All"])?;
    let groups = context.store.directory.groups.iter();
    let lists = groups.filter(|group| group.is_room_list);
    let lists = lists.map(|list| place_of(&list.address));
    answer(context, &PLACES, lists.collect())
}

fn rooms(context: &Context<'_>, list: Option<&str>) -> Result<Reply, GraphRefusal> {
    need(context, &["Place.Read.All"])?;
    let directory = &context.store.directory;
    let is_list = |group: &&Group| group.is_room_list;
    let rooms: Vec<&Address> = match list {
        Some(list) => {
            let list = directory.group(list).filter(is_list);
            let list = list.ok_or_else(|| {
                GraphRefusal::new(404, "ItemNotFound", "The place was not found.")
            })?;
            list.members.iter().map(|member| &member.address).collect()
        }
        None => {
            let mailboxes = context.store.mailboxes.iter();
            let addresses = mailboxes.map(|mailbox| &mailbox.address);
            addresses
                .filter(|address| directory.is_room(&address.email))
                .collect()
        }
    };
    answer(context, &PLACES, rooms.into_iter().map(place_of).collect())
}

fn place_of(address: &Address) -> Value {
    json!({
        "id": address.email,
        "displayName": address.name,
        "emailAddress": address.email,
    })
}

/// Whom a user has to do with: here everybody.
///
/// <https://learn.microsoft.com/en-us/graph/api/user-list-people>
fn people(context: &Context<'_>) -> Result<Reply, GraphRefusal> {
    need(context, &["People.Read", "People.Read.All"])?;
    let mailboxes = context.store.mailboxes.iter();
    let people = mailboxes.map(|mailbox| {
        json!({
            "id": mailbox.guid.to_string(),
            "displayName": mailbox.address.name,
            "userPrincipalName": mailbox.principal_name(),
            "scoredEmailAddresses": [{"address": mailbox.address.email, "relevanceScore": 1.0}],
            "personType": {"class": "Person", "subclass": "OrganizationUser"},
        })
    });
    answer(context, &PEOPLE, people.collect())
}

/// The page of a list that a request asks for.
fn answer(
    context: &Context<'_>,
    resource: &Resource,
    mut all: Vec<Value>,
) -> Result<Reply, GraphRefusal> {
    let query = Query::read(context.request, resource)?;
    if let Some(search) = &query.search {
        let eventual = context.request.headers.get("consistencylevel");
        if eventual.is_none_or(|level| !level.as_bytes().eq_ignore_ascii_case(b"eventual")) {
            return Err(GraphRefusal::new(
                400,
                "Request_UnsupportedQuery",
                "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'",
            ));
        }
        let terms = terms(search)?;
        all.retain(|one| terms.iter().any(|(name, text)| begins(one, name, text)));
    }
    all.retain(|one| query.holds(one));
    all.sort_by(|one, other| query.compare(one, other));
    let total = all.len();
    let (skip, most) = query.page(resource);
    let mut page: Vec<Value> = all.into_iter().skip(skip).take(most).collect();
    page.iter_mut().for_each(|one| query.choose(one));
    Ok(query.answer(context.request, resource, page, total))
}

/// `"displayName:ada" OR "mail:ada"`.
///
/// <https://learn.microsoft.com/en-us/graph/search-query-parameter#using-search-on-directory-object-collections>
fn terms(search: &str) -> Result<Vec<(String, String)>, GraphRefusal> {
    let wrong = || {
        GraphRefusal::new(
            400,
            "Request_BadRequest",
            "Syntax error: each clause of $search must be a property and a value within quotation marks.",
        )
    };
    let mut terms = Vec::new();
    let mut rest = search.trim();
    loop {
        let inside = rest.strip_prefix('"').ok_or_else(wrong)?;
        let mut text = String::new();
        let mut letters = inside.char_indices();
        let end = loop {
            match letters.next() {
                None => return Err(wrong()),
                Some((at, '"')) => break at + 1,
                Some((_, '\\')) => text.extend(letters.next().map(|(_, letter)| letter)),
                Some((_, letter)) => text.push(letter),
            }
        };
        let (name, value) = text.split_once(':').ok_or_else(wrong)?;
        if ![
            "displayName",
            "mail",
            "userPrincipalName",
            "givenName",
            "surname",
        ]
        .contains(&name)
        {
            return Err(wrong());
        }
        terms.push((name.to_owned(), value.trim().to_lowercase()));
        rest = inside.get(end..).unwrap_or_default().trim();
        if rest.is_empty() {
            return Ok(terms);
        }
        rest = rest.strip_prefix("OR ").ok_or_else(wrong)?.trim_start();
    }
}

/// Whether a property, or a word of it, begins so.
fn begins(one: &Value, name: &str, text: &str) -> bool {
    let value = one.get(name).and_then(Value::as_str).unwrap_or_default();
    let value = value.to_lowercase();
    !text.is_empty()
        && (value.starts_with(text) || value.split_whitespace().any(|word| word.starts_with(text)))
}
