//! ResolveNames over the simulator's mailboxes and groups.

use roxmltree::Node;

use super::Call;
use crate::simulator::directory::distinguished_name;
use crate::simulator::item::{Address, DISTINGUISHED};
use crate::simulator::refusal::{Fault, Refusal};
use crate::simulator::request::Element as _;
use crate::simulator::shape::write_mailbox;
use crate::simulator::soap::response;
use crate::simulator::xml::Writer;

/// The most candidates that Exchange returns.
const MOST: usize = 100;

/// <https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/resolvenames-operation>
pub(super) fn run(call: &mut Call<'_>, operation: Node<'_, '_>) -> Result<String, Fault> {
    let entry = operation.text_of("UnresolvedEntry").unwrap_or_default();
    let full = matches!(
        operation.attribute("ReturnFullContactData"),
        Some("true" | "1")
    );
    let mailboxes = call.store.mailboxes.iter();
    let mailboxes = mailboxes.filter(|mailbox| !call.store.is_public(mailbox));
    let mailboxes = mailboxes.map(|mailbox| (&mailbox.address, "Mailbox"));
    let groups = call.store.directory.groups.iter();
    let groups = groups.map(|group| (&group.address, "PublicDL"));
    let found: Vec<(&Address, &str)> = mailboxes
        .chain(groups)
        .filter(|(address, _)| matches(address, entry))
        .collect();
    let refusal = match found.len() {
        0 => Some(Refusal::new(
            "ErrorNameResolutionNoResults",
            "No results were found.",
        )),
        1 => None,
        _ => {
            let mut warning = Refusal::new(
                "ErrorNameResolutionMultipleResults",
                "Multiple results were found.",
            );
            warning.warning = true;
            Some(warning)
        }
    };
    let class = refusal.as_ref().map_or("Success", Refusal::class);
    Ok(response("ResolveNames", |writer| {
        writer.element("m:ResponseMessages", &[], |writer| {
            writer.element(
                "m:ResolveNamesResponseMessage",
                &[("ResponseClass", class)],
                |writer| {
                    match &refusal {
                        Some(refusal) => refusal.write(writer, "m:"),
                        None => writer.leaf("m:ResponseCode", "NoError"),
                    }
                    if !found.is_empty() {
                        write_set(writer, &found, full);
                    }
                },
            );
        });
    }))
}

/// Whether the address, the alias or a word of the name begins with the entry, or the entry is the
/// distinguished name.
fn matches(address: &Address, entry: &str) -> bool {
    let entry = entry.trim().to_lowercase();
    if entry.starts_with(DISTINGUISHED) {
        return distinguished_name(&address.email).to_lowercase() == entry;
    }
    let entry = entry.strip_prefix("smtp:").unwrap_or(&entry);
    let (name, email) = (address.name.to_lowercase(), address.email.to_lowercase());
    !entry.is_empty()
        && (email.starts_with(entry)
            || name.starts_with(entry)
            || name.split_whitespace().any(|word| word.starts_with(entry)))
}

fn write_set(writer: &mut Writer, found: &[(&Address, &str)], full: bool) {
    let total = found.len().min(MOST).to_string();
    let complete = (found.len() <= MOST).to_string();
    writer.element(
        "m:ResolutionSet",
        &[
            ("TotalItemsInView", total.as_str()),
            ("IncludesLastItemInRange", complete.as_str()),
        ],
        |writer| {
            for (address, kind) in found.iter().take(MOST) {
                writer.element("t:Resolution", &[], |writer| {
                    write_mailbox(writer, address, Some(kind));
                    if full && *kind == "Mailbox" {
                        write_contact(writer, address);
                    }
                });
            }
        },
    );
}

fn write_contact(writer: &mut Writer, address: &Address) {
    let (given, surname) = address
        .name
        .split_once(' ')
        .unwrap_or((address.name.as_str(), ""));
    writer.element("t:Contact", &[], |writer| {
        writer.leaf("t:DisplayName", &address.name);
        writer.leaf("t:GivenName", given);
        writer.element("t:EmailAddresses", &[], |writer| {
            let smtp = format!("SMTP:{}", address.email);
            writer.leaf_with("t:Entry", &[("Key", "EmailAddress1")], &smtp);
        });
        writer.leaf("t:ContactSource", "ActiveDirectory");
        writer.leaf("t:Surname", surname);
    });
}
