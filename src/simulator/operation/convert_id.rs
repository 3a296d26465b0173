//! ConvertId: ids in the forms that programs keep.

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

/// One id in another form; of a mailbox there is none but the simulator's.
fn convert(node: Node<'_, '_>, to: &str) -> Result<String, Refusal> {
    let text = node.attribute("Id").unwrap_or_default();
    let entry = match node.attribute("Format").unwrap_or_default() {
        "EwsId" => Ok(Id::decode(text)),
        "EntryId" => Ok(STANDARD
            .decode(text)
            .ok()
            .and_then(|entry| Id::of_entry(&entry))),
        "HexEntryId" => Ok(hexadecimal(text).and_then(|entry| Id::of_entry(&entry))),
        _ => Err(unsupported()),
    };
    let id = entry?.ok_or_else(Refusal::malformed_id)?;
    match to {
        "EwsId" => Ok(id.encode()),
        "EntryId" => Ok(STANDARD.encode(id.entry())),
        "HexEntryId" => Ok(id
            .entry()
            .iter()
            .map(|byte| format!("{byte:02X}"))
            .collect()),
        _ => Err(unsupported()),
    }
}

fn unsupported() -> Refusal {
    Refusal::new(
        "ErrorUnsupportedTypeForConversion",
        "The simulator converts between EwsId, EntryId and HexEntryId only.",
    )
}

fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    let bytes = digits.chunks_exact(2).map(|pair| match pair {
        [high, low] => u8::try_from(high * 16 + low).ok(),
        _ => None,
    });
    bytes.collect()
}
