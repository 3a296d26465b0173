//! ConvertId: enough for clients that use it to find out the server's version.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use roxmltree::Node;

use super::{Call, children};
use crate::simulator::ids::Id;
use crate::simulator::refusal::{Fault, Refusal};
use crate::simulator::soap::responses;

/// <https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/convertid-operation>
pub(super) fn run(call: &mut Call<'_>, operation: Node<'_, '_>) -> Result<String, Fault> {
    let to = operation
        .attribute("DestinationFormat")
        .unwrap_or_default()
        .to_owned();
    let results: Vec<Result<(String, String), Refusal>> = children(operation, "SourceIds")
        .map(|node| {
            let mailbox = node.attribute("Mailbox").unwrap_or_default();
            call.store
                .position(mailbox)
                .ok_or_else(Refusal::unknown_mailbox)?;
            let id = convert(node, &to)?;
            Ok((id, mailbox.to_owned()))
        })
        .collect();
    Ok(responses(
        "ConvertId",
        &results,
        "",
        |writer, (id, mailbox)| {
            writer.empty(
                "m:AlternateId",
                &[
                    ("xsi:type", "t:AlternateIdType"),
                    ("Format", to.as_str()),
                    ("Id", id),
                    ("Mailbox", mailbox),
                ],
            );
        },
    ))
}

/// The entry id inside one of our ids, in base64 or hexadecimal.
fn convert(node: Node<'_, '_>, to: &str) -> Result<String, Refusal> {
    let text = node.attribute("Id").unwrap_or_default();
    let from = node.attribute("Format").unwrap_or_default();
    Id::decode(text).ok_or_else(Refusal::malformed_id)?;
    let bytes = STANDARD.decode(text).map_err(|_| Refusal::malformed_id())?;
    let length = usize::from(bytes.get(41).copied().unwrap_or_default());
    let entry = bytes.get(43..43 + length).unwrap_or_default();
    match (from, to) {
        ("EwsId", "EwsId") => Ok(text.to_owned()),
        ("EwsId", "EntryId") => Ok(STANDARD.encode(entry)),
        ("EwsId", "HexEntryId") => Ok(entry.iter().map(|byte| format!("{byte:02X}")).collect()),
        _ => Err(Refusal::new(
            "ErrorUnsupportedTypeForConversion",
            "The simulator converts ids from EwsId to EntryId and HexEntryId only.",
        )),
    }
}
