//! GetUserOofSettings and SetUserOofSettings.

use std::collections::BTreeSet;

use roxmltree::Node;

use super::Call;
use crate::simulator::away::{Away, State};
use crate::simulator::refusal::Refusal;
use crate::simulator::request::Element as _;
use crate::simulator::soap::response;
use crate::simulator::version::SimulatedVersion;
use crate::simulator::xml::Writer;
use crate::simulator::zone::{Zone, date_time};

/// <https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/getuseroofsettings-operation>
pub(super) fn get(call: &Call<'_>, operation: Node<'_, '_>) -> String {
    let found = owner(call, operation).and_then(|owner| call.mailbox(owner));
    response("GetUserOofSettings", |writer| {
        write_message(writer, found.as_ref().err());
        let Ok(mailbox) = found else { return };
        let preferences = &mailbox.preferences;
        writer.element("t:OofSettings", &[], |writer| {
            write(call, writer, &preferences.away);
        });
        writer.leaf("m:AllowExternalOof", "All");
    })
}

/// An answer that is refused as a whole, or done.
pub(in crate::simulator) fn answer(operation: &str, refusal: Option<&Refusal>) -> String {
    response(operation, |writer| write_message(writer, refusal))
}

fn write_message(writer: &mut Writer, refusal: Option<&Refusal>) {
    let class = refusal.map_or("Success", Refusal::class);
    writer.element(
        "m:ResponseMessage",
        &[("ResponseClass", class)],
        |writer| match refusal {
            Some(refusal) => refusal.write(writer, "m:"),
            None => writer.leaf("m:ResponseCode", "NoError"),
        },
    );
}

fn write(call: &Call<'_>, writer: &mut Writer, away: &Away) {
    writer.leaf("t:OofState", away.state.name());
    writer.leaf("t:ExternalAudience", &away.audience);
    // Always in UTC; only newer servers say so.
    let format = if call.version < SimulatedVersion::Exchange2010 {
        "%Y-%m-%dT%H:%M:%S"
    } else {
        "%Y-%m-%dT%H:%M:%SZ"
    };
    let (from, until) = away.window(call.now);
    writer.element("t:Duration", &[], |writer| {
        writer.leaf("t:StartTime", &from.format(format).to_string());
        writer.leaf("t:EndTime", &until.format(format).to_string());
    });
    for (name, (text, language)) in [
        ("t:InternalReply", &away.internal),
        ("t:ExternalReply", &away.external),
    ] {
        let attributes = language.iter().map(|one| ("xml:lang", one.as_str()));
        let attributes: Vec<_> = attributes.collect();
        writer.element(name, &attributes, |writer| writer.leaf("t:Message", text));
    }
}

/// The mailbox that a request names, if it is the caller's own.
fn owner(call: &Call<'_>, operation: Node<'_, '_>) -> Result<usize, Refusal> {
    let address = operation
        .child("Mailbox")
        .and_then(|mailbox| mailbox.text_of("Address"));
    let owner = call
        .store
        .position(address.unwrap_or_default())
        .ok_or_else(|| {
            Refusal::new(
                "ErrorMailRecipientNotFound",
                "Mailbox recipient was not found in the directory.",
            )
        })?;
    if owner != call.caller {
        return Err(Refusal::access_denied());
    }
    Ok(owner)
}

/// <https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/setuseroofsettings-operation>
pub(super) fn set(call: &mut Call<'_>, operation: Node<'_, '_>) -> String {
    let done = set_one(call, operation);
    answer("SetUserOofSettings", done.err().as_ref())
}

fn set_one(call: &mut Call<'_>, operation: Node<'_, '_>) -> Result<(), Refusal> {
    let owner = owner(call, operation)?;
    let invalid = || {
        Refusal::new(
            "ErrorInvalidUserOofSettings",
            "The settings of the automatic answer are not valid.",
        )
    };
    let settings = operation.child("UserOofSettings").ok_or_else(invalid)?;
    let state = match settings.text_of("OofState") {
        Some("Enabled") => State::Enabled,
        Some("Scheduled") => State::Scheduled,
        _ => State::Disabled,
    };
    let during = settings.child("Duration").and_then(|window| {
        let time = |name: &str| date_time(window.text_of(name)?, &Zone::utc());
        Some((time("StartTime")?, time("EndTime")?))
    });
    let reply = |name: &str| {
        let reply = settings.child(name);
        let language = reply.and_then(|node| {
            let found = node.attributes().find(|one| one.name() == "lang");
            found.map(|one| one.value().to_owned())
        });
        let text = reply.and_then(|node| node.text_of("Message"));
        (text.unwrap_or_default().to_owned(), language)
    };
    let now = call.now;
    let mailbox = call.store.mailboxes.get_mut(owner).ok_or_else(invalid)?;
    mailbox.preferences.away.change(
        Away {
            state,
            audience: settings
                .text_of("ExternalAudience")
                .unwrap_or("None")
                .to_owned(),
            during,
            internal: reply("InternalReply"),
            external: reply("ExternalReply"),
            answered: BTreeSet::new(),
        },
        now,
    )
}
