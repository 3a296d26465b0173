//! What a mailbox is set to: its settings, mail tips, and the rules of its inbox.

mod rule;
mod rules;

use http::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::super::away::{Away, State};
use super::super::item::Address;
use super::super::mail_tips::Tips;
use super::super::store::Mailbox;
use super::calendars::working_hours;
use super::context::Context;
use super::person::email_address;
use super::query::{context_of, single};
use super::refusal::GraphRefusal;
use super::render::{bad_value, known_only, read_zoned, zoned};
use super::reply::Reply;

const READ: &[&str] = &["MailboxSettings.Read", "MailboxSettings.ReadWrite"];
const WRITE: &[&str] = &["MailboxSettings.ReadWrite"];

/// The properties of `mailboxSettings`.
const PROPERTIES: [&str; 9] = [
    "archiveFolder",
    "automaticRepliesSetting",
    "dateFormat",
    "delegateMeetingMessageDeliveryOptions",
    "language",
    "timeFormat",
    "timeZone",
    "userPurpose",
    "workingHours",
];

/// Answers what is about settings.
pub(super) fn route(context: &mut Context<'_>, path: &[&str]) -> Result<Reply, GraphRefusal> {
    let method = context.request.method.clone();
    match (&method, path) {
        (&Method::GET, ["mailboxSettings"]) => read(context),
        (&Method::GET, ["mailboxSettings", property]) => read_one(context, property),
        (&Method::PATCH, ["mailboxSettings"]) => change(context),
        (&Method::POST, ["getMailTips"]) => tips(context),
        (_, ["mailFolders", folder, "messageRules", rest @ ..]) => {
            rules::route(context, folder, rest)
        }
        _ => Err(GraphRefusal::new(
            405,
            "MethodNotAllowed",
            "The method is not supported for this resource.",
        )),
    }
}

/// Settings are the owner's: nothing shares them.
fn need(context: &Context<'_>, any: &[&str]) -> Result<(), GraphRefusal> {
    let token = &context.request.token;
    let is_of_others = token.user.is_some_and(|user| user != context.owner);
    match token.has(any) && !is_of_others {
        true => Ok(()),
        false => Err(GraphRefusal::access_denied()),
    }
}

/// <https://learn.microsoft.com/en-us/graph/api/user-get-mailboxsettings>
fn read(context: &Context<'_>) -> Result<Reply, GraphRefusal> {
    need(context, READ)?;
    let mut settings = settings(context)?;
    if let Some(selected) = context.request.parameter("$select") {
        let names: Vec<&str> = selected.split(',').map(str::trim).collect();
        if let Some(unknown) = names.iter().find(|name| !PROPERTIES.contains(name)) {
            return Err(GraphRefusal::bad_request(format!(
                "Could not find a property named '{unknown}' on type 'microsoft.graph.mailboxSettings'."
            )));
        }
        settings.retain(|name, _| names.contains(&name.as_str()));
    }
    Ok(single(context.request, 200, settings.into()))
}

fn read_one(context: &Context<'_>, property: &str) -> Result<Reply, GraphRefusal> {
    need(context, READ)?;
    let mut settings = settings(context)?;
    match settings.remove(property) {
        Some(value @ Value::Object(_)) => Ok(single(context.request, 200, value)),
        Some(value) => {
            let body = json!({"@odata.context": context_of(context.request), "value": value});
            Ok(Reply::json(200, body))
        }
        None => Err(GraphRefusal::bad_request(format!(
            "Resource not found for the segment '{property}'."
        ))),
    }
}

fn settings(context: &Context<'_>) -> Result<Map<String, Value>, GraphRefusal> {
    let mailbox = context.mailbox()?;
    let settings = json!({
        "archiveFolder": null,
        "timeZone": mailbox.zone.id,
        "delegateMeetingMessageDeliveryOptions": "sendToDelegateOnly",
        "dateFormat": "dd.MM.yyyy",
        "timeFormat": "HH:mm",
        "userPurpose": "user",
        // nobody chose one yet
        "language": {"locale": "", "displayName": ""},
        "workingHours": working_hours(mailbox),
        "automaticRepliesSetting": replies(context, mailbox)?,
    });
    match settings {
        Value::Object(settings) => Ok(settings),
        _ => Err(GraphRefusal::not_found()),
    }
}

fn replies(context: &Context<'_>, mailbox: &Mailbox) -> Result<Value, GraphRefusal> {
    let away = &mailbox.preferences.away;
    let name = context.request.preference("outlook.timezone");
    let name = name.unwrap_or("UTC");
    let zone = super::render::zone(name)?;
    let (from, until) = away.window(context.now);
    let status = match away.state {
        State::Disabled => "disabled",
        State::Enabled => "alwaysEnabled",
        State::Scheduled => "scheduled",
    };
    let audience = match away.audience.as_str() {
        "All" => "all",
        "Known" => "contactsOnly",
        _ => "none",
    };
    Ok(json!({
        "status": status,
        "externalAudience": audience,
        "scheduledStartDateTime": zoned(from, &zone, name),
        "scheduledEndDateTime": zoned(until, &zone, name),
        "internalReplyMessage": away.internal.0,
        "externalReplyMessage": away.external.0,
    }))
}

/// <https://learn.microsoft.com/en-us/graph/api/user-update-mailboxsettings>
fn change(context: &mut Context<'_>) -> Result<Reply, GraphRefusal> {
    need(context, WRITE)?;
    let body: Value = context.request.json()?;
    known_only("microsoft.graph.mailboxSettings", &body, &PROPERTIES)?;
    let new = body.get("automaticRepliesSetting");
    let new = new.map(|new| read_replies(context, new)).transpose()?;
    let zone = body.get("timeZone").map(|zone| {
        let name = zone.as_str().ok_or_else(|| bad_value("timeZone"))?;
        super::render::zone(name)
    });
    let zone = zone.transpose()?;
    let now = context.now;
    let mailbox = context.store.mailboxes.get_mut(context.owner);
    let mailbox = mailbox.ok_or_else(GraphRefusal::not_found)?;
    if let Some(new) = new {
        mailbox.preferences.away.change(new, now)?;
    }
    if let Some(zone) = zone {
        mailbox.zone = zone;
    }
    read(context)
}

/// The automatic replies as they are to be: what is not said stays.
fn read_replies(context: &Context<'_>, new: &Value) -> Result<Away, GraphRefusal> {
    const NAME: &str = "microsoft.graph.automaticRepliesSetting";
    let known = [
        "status",
        "externalAudience",
        "scheduledStartDateTime",
        "scheduledEndDateTime",
        "internalReplyMessage",
        "externalReplyMessage",
    ];
    known_only(NAME, new, &known)?;
    let mut away = context.mailbox()?.preferences.away.clone();
    let text = |name: &'static str| match new.get(name) {
        None => Ok(None),
        Some(Value::Null) => Ok(Some("")),
        Some(value) => value.as_str().map(Some).ok_or_else(|| bad_value(name)),
    };
    if let Some(status) = text("status")? {
        away.state = match status {
            "disabled" => State::Disabled,
            "alwaysEnabled" => State::Enabled,
            "scheduled" => State::Scheduled,
            _ => return Err(bad_value("status")),
        };
    }
    if let Some(audience) = text("externalAudience")? {
        let name = match audience {
            "none" => "None",
            "contactsOnly" => "Known",
            "all" => "All",
            _ => return Err(bad_value("externalAudience")),
        };
        away.audience = name.to_owned();
    }
    if let Some(reply) = text("internalReplyMessage")? {
        away.internal.0 = reply.to_owned();
    }
    if let Some(reply) = text("externalReplyMessage")? {
        away.external.0 = reply.to_owned();
    }
    let time = |name: &'static str| {
        let value = new.get(name).filter(|value| !value.is_null());
        value
            .map(|value| read_zoned(name, value).map(|(time, _)| time))
            .transpose()
    };
    let (from, until) = (
        time("scheduledStartDateTime")?,
        time("scheduledEndDateTime")?,
    );
    away.during = match (from.zip(until), away.during) {
        (None, before) => before,
        (now, _) => now,
    };
    Ok(away)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    #[serde(rename = "EmailAddresses", alias = "emailAddresses")]
    addresses: Vec<String>,
    #[serde(rename = "MailTipsOptions", alias = "mailTipsOptions")]
    options: String,
}

/// <https://learn.microsoft.com/en-us/graph/api/user-getmailtips>
fn tips(context: &Context<'_>) -> Result<Reply, GraphRefusal> {
    context.need(&["Mail.Read", "Mail.ReadWrite"])?;
    let asked: Asked = context.request.json()?;
    let most = context.store.mail_tips_limit.unwrap_or(100);
    if asked.addresses.len() > most {
        return Err(GraphRefusal::new(
            400,
            "ErrorInvalidArgument",
            "There are more recipients than one request may ask about.",
        ));
    }
    let options: Vec<&str> = asked.options.split(',').map(str::trim).collect();
    let about = asked.addresses.iter().map(|email| {
        let address = Address {
            name: String::new(),
            email: email.clone(),
        };
        tip(&Tips::about(context.store, &address, context.now), &options)
    });
    let body = json!({
        "@odata.context": format!("{}/$metadata#Collection(microsoft.graph.mailTips)", context.request.base),
        "value": about.collect::<Vec<_>>(),
    });
    Ok(Reply::json(200, body))
}

fn tip(tips: &Tips, options: &[&str]) -> Value {
    let mut value = Map::new();
    value.insert("emailAddress".to_owned(), email_address(&tips.address));
    if tips.is_invalid {
        let error =
            json!({"code": "ErrorInvalidRecipients", "message": "The recipient was not found."});
        value.insert("error".to_owned(), error);
        return value.into();
    }
    let reply = tips.reply.as_deref().filter(|text| !text.is_empty());
    for (option, name, told) in [
        (
            "automaticReplies",
            "automaticReplies",
            reply.map(|text| json!({"message": text})),
        ),
        (
            "mailboxFullStatus",
            "mailboxFull",
            tips.is_full.map(Value::from),
        ),
        (
            "customMailTip",
            "customMailTip",
            tips.custom.clone().map(Value::from),
        ),
        (
            "totalMemberCount",
            "totalMemberCount",
            Some(tips.members.into()),
        ),
        (
            "externalMemberCount",
            "externalMemberCount",
            Some(tips.strangers.into()),
        ),
        (
            "maxMessageSize",
            "maxMessageSize",
            tips.largest.map(Value::from),
        ),
        (
            "deliveryRestriction",
            "deliveryRestricted",
            Some(tips.is_restricted.into()),
        ),
        (
            "moderationStatus",
            "isModerated",
            Some(tips.is_moderated.into()),
        ),
    ] {
        if let Some(told) = told.filter(|_| options.contains(&option)) {
            value.insert(name.to_owned(), told);
        }
    }
    value.into()
}
