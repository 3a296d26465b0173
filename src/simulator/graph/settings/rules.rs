//! `messageRules` of the inbox.
//!
//! <https://learn.microsoft.com/en-us/graph/api/resources/messagerule>

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Method;
use serde_json::{Value, json};

use super::super::super::preferences::Preferences;
use super::super::super::rule::Rule;
use super::super::context::Context;
use super::super::query::{context_of, single};
use super::super::refusal::GraphRefusal;
use super::super::render::{bad_value, known_only, put};
use super::super::reply::Reply;
use super::rule::{actions, predicates, read_actions, read_predicates};
use super::{READ, WRITE, need};

const NAME: &str = "microsoft.graph.messageRule";

const PROPERTIES: [&str; 9] = [
    "id",
    "displayName",
    "sequence",
    "isEnabled",
    "hasError",
    "isReadOnly",
    "conditions",
    "exceptions",
    "actions",
];

pub(super) fn route(
    context: &mut Context<'_>,
    folder: &str,
    rest: &[&str],
) -> Result<Reply, GraphRefusal> {
    let method = context.request.method.clone();
    let is_reading = method == Method::GET;
    need(context, if is_reading { READ } else { WRITE })?;
    // rules are those of the inbox, whatever else is named
    let named = context.folder(folder)?.number;
    if named != context.mailbox()?.folder_number("inbox") {
        return Err(GraphRefusal::bad_request(
            "Rules can only be created in the Inbox folder.",
        ));
    }
    match (&method, rest) {
        (&Method::GET, []) => list(context),
        (&Method::POST, []) => create(context),
        (&Method::GET, [id]) => {
            let place = find(context, id)?;
            Ok(single(context.request, 200, at(context, place)?))
        }
        (&Method::PATCH, [id]) => change(context, id),
        (&Method::DELETE, [id]) => {
            let place = find(context, id)?;
            preferences(context)?.rules.remove(place);
            Ok(Reply::empty(204))
        }
        _ => Err(GraphRefusal::new(
            405,
            "MethodNotAllowed",
            "The method is not supported for this resource.",
        )),
    }
}

fn preferences<'a>(context: &'a mut Context<'_>) -> Result<&'a mut Preferences, GraphRefusal> {
    let mailbox = context.store.mailboxes.get_mut(context.owner);
    let mailbox = mailbox.ok_or_else(GraphRefusal::not_found)?;
    Ok(&mut mailbox.preferences)
}

/// Where in the list the rule of an id is.
fn find(context: &Context<'_>, id: &str) -> Result<usize, GraphRefusal> {
    let mut rules = context.mailbox()?.preferences.rules.iter();
    rules
        .position(|rule| of_graph(&rule.id) == id)
        .ok_or_else(GraphRefusal::not_found)
}

/// Ids are of letters that a URL may have.
fn of_graph(id: &str) -> String {
    id.replace('/', "-").replace('+', "_")
}

fn list(context: &Context<'_>) -> Result<Reply, GraphRefusal> {
    let count = context.mailbox()?.preferences.rules.len();
    let rules: Result<Vec<_>, _> = (0..count).map(|place| at(context, place)).collect();
    let body = json!({"@odata.context": context_of(context.request), "value": rules?});
    Ok(Reply::json(200, body))
}

fn at(context: &Context<'_>, place: usize) -> Result<Value, GraphRefusal> {
    let rule = context.mailbox()?.preferences.rules.get(place);
    let rule = rule.ok_or_else(GraphRefusal::not_found)?;
    let mut value = json!({
        "id": of_graph(&rule.id),
        "displayName": rule.name,
        "sequence": place + 1,
        "isEnabled": rule.enabled,
        "hasError": false,
        "isReadOnly": rule.unsupported,
        "actions": actions(&rule.actions),
    });
    for (name, parts) in [
        ("conditions", &rule.conditions),
        ("exceptions", &rule.exceptions),
    ] {
        if !parts.is_empty() {
            put(&mut value, name, predicates(parts));
        }
    }
    Ok(value)
}

fn create(context: &mut Context<'_>) -> Result<Reply, GraphRefusal> {
    let body: Value = context.request.json()?;
    let mut rule = Rule {
        id: URL_SAFE_NO_PAD.encode(context.store.next().to_be_bytes()),
        name: String::new(),
        enabled: true,
        unsupported: false,
        conditions: Vec::new(),
        exceptions: Vec::new(),
        actions: Vec::new(),
    };
    let place = fill(context, &mut rule, &body)?.unwrap_or(1);
    let rules = &mut preferences(context)?.rules;
    let place = (place - 1).min(rules.len());
    rules.insert(place, rule);
    Ok(single(context.request, 201, at(context, place)?))
}

fn change(context: &mut Context<'_>, id: &str) -> Result<Reply, GraphRefusal> {
    let body: Value = context.request.json()?;
    let before = find(context, id)?;
    let rule = context.mailbox()?.preferences.rules.get(before);
    let mut rule = rule.cloned().ok_or_else(GraphRefusal::not_found)?;
    if rule.unsupported {
        return Err(GraphRefusal::new(
            400,
            "ErrorInvalidOperation",
            "The rule is read-only.",
        ));
    }
    let place = fill(context, &mut rule, &body)?.unwrap_or(before + 1);
    let rules = &mut preferences(context)?.rules;
    rules.remove(before);
    let place = (place - 1).min(rules.len());
    rules.insert(place, rule);
    Ok(single(context.request, 200, at(context, place)?))
}

/// Puts what a request says into a rule, and tells at which place it is to be.
fn fill(
    context: &Context<'_>,
    rule: &mut Rule,
    body: &Value,
) -> Result<Option<usize>, GraphRefusal> {
    known_only(NAME, body, &PROPERTIES)?;
    for fixed in ["id", "hasError", "isReadOnly"] {
        if body.get(fixed).is_some() {
            return Err(GraphRefusal::new(
                400,
                "ErrorInvalidPropertySet",
                format!("The property '{fixed}' is read-only and cannot be set."),
            ));
        }
    }
    if let Some(name) = body.get("displayName") {
        rule.name = name
            .as_str()
            .ok_or_else(|| bad_value("displayName"))?
            .to_owned();
    }
    if let Some(enabled) = body.get("isEnabled") {
        rule.enabled = enabled.as_bool().ok_or_else(|| bad_value("isEnabled"))?;
    }
    for (name, parts) in [
        ("conditions", &mut rule.conditions),
        ("exceptions", &mut rule.exceptions),
    ] {
        if let Some(given) = body.get(name) {
            *parts = read_predicates(context, given)?;
        }
    }
    if let Some(given) = body.get("actions") {
        rule.actions = read_actions(context, given)?;
    }
    if rule.name.trim().is_empty() || rule.actions.is_empty() {
        return Err(GraphRefusal::new(
            400,
            "ErrorInvalidRequest",
            "A rule needs a display name and at least one action.",
        ));
    }
    let place = body.get("sequence").map(|place| {
        let place = place.as_u64().filter(|place| *place > 0);
        place.and_then(|place| usize::try_from(place).ok())
    });
    match place {
        None => Ok(None),
        Some(Some(place)) => Ok(Some(place)),
        Some(None) => Err(bad_value("sequence")),
    }
}
