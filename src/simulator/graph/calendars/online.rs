//! Meetings that people join from afar.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::simulator::item::{Body, Item};
use crate::simulator::property::{APPOINTMENT, GRAPH, PUBLIC_STRINGS, Property, Value as Kept};

/// PidLidConferencingCheck: what `calendar:IsOnlineMeeting` shows.
const CONFERENCE: Property = Property::Id(APPOINTMENT, 0x8240);

/// Where Teams meetings have their link.
fn teams_link() -> Property {
    Property::Name(PUBLIC_STRINGS, "SkypeTeamsMeetingUrl".to_owned())
}

fn external_link() -> Property {
    Property::Name(PUBLIC_STRINGS, "OnlineMeetingExternalLink".to_owned())
}

fn provider_name() -> Property {
    Property::Name(GRAPH, "OnlineMeetingProvider".to_owned())
}

pub(super) fn is_on(item: &Item) -> bool {
    item.flag(&CONFERENCE) || !item.text(&teams_link()).is_empty()
}

pub(super) fn provider(item: &Item) -> String {
    match (item.text(&provider_name()), is_on(item)) {
        ("", true) => "teamsForBusiness".to_owned(),
        ("", false) => "unknown".to_owned(),
        (name, _) => name.to_owned(),
    }
}

/// `onlineMeetingUrl`: none of Teams meetings.
pub(super) fn external(item: &Item) -> Value {
    match item.text(&external_link()) {
        "" => Value::Null,
        link => link.into(),
    }
}

/// `onlineMeeting`.
pub(super) fn written(item: &Item) -> Value {
    match item.text(&teams_link()) {
        "" => Value::Null,
        link => json!({"joinUrl": link}),
    }
}

/// Makes a Teams meeting of an event, once: it gets a link, which stands in the text too.
pub(super) fn set_up(item: &mut Item, provider: Option<&str>) {
    if !item.text(&teams_link()).is_empty() {
        return;
    }
    let link = format!(
        "https://teams.microsoft.com/l/meetup-join/19%3ameeting_{}%40thread.v2/0",
        Uuid::new_v4().simple()
    );
    item.set(CONFERENCE, Kept::Boolean(true));
    let provider = provider.unwrap_or("teamsForBusiness");
    item.set(provider_name(), Kept::Text(provider.to_owned()));
    item.set(teams_link(), Kept::Text(link.clone()));
    let before = match item.body.html {
        true => item.body.text.clone(),
        false => crate::simulator::body::hypertext(&item.body.text),
    };
    let invitation = format!(
        "<div>________________</div><div>Microsoft Teams meeting</div>\
         <div><a href=\"{link}\">Click here to join the meeting</a></div>"
    );
    let end = before.to_ascii_lowercase().rfind("</body>");
    let text = match end.and_then(|at| before.split_at_checked(at)) {
        Some((head, tail)) => format!("{head}{invitation}{tail}"),
        None => format!("{before}{invitation}"),
    };
    item.body = Body { html: true, text };
}
