//! Ids of one kind for those of another.
//!
//! <https://learn.microsoft.com/en-us/graph/api/user-translateexchangeids>

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::super::ids::Id;
use super::super::context::Context;
use super::super::ids::{Immutable, Reference, plain, rest};
use super::super::refusal::GraphRefusal;
use super::super::reply::Reply;
use super::need;

/// So many may be asked for at once.
const MOST: usize = 1000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    #[serde(rename = "inputIds", alias = "InputIds")]
    ids: Vec<String>,
    #[serde(rename = "sourceIdType", alias = "SourceIdType")]
    from: Format,
    #[serde(rename = "targetIdType", alias = "TargetIdType")]
    to: Format,
}

// Each is called as Graph calls it.
#[allow(clippy::enum_variant_names)]
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
enum Format {
    EntryId,
    EwsId,
    ImmutableEntryId,
    RestId,
    RestImmutableEntryId,
}

pub(super) fn run(context: &Context<'_>) -> Result<Reply, GraphRefusal> {
    need(
        context,
        &[
            "User.Read",
            "User.ReadBasic.All",
            "User.Read.All",
            "User.ReadWrite",
        ],
    )?;
    let asked: Asked = context.request.json()?;
    if asked.ids.len() > MOST {
        return Err(GraphRefusal::bad_request(format!(
            "The collection 'inputIds' must not hold more than {MOST} ids."
        )));
    }
    let converted = asked
        .ids
        .iter()
        .map(|id| one(context, id, asked.from, asked.to));
    let body = json!({
        "@odata.context": format!("{}/$metadata#Collection(microsoft.graph.convertIdResult)", context.request.base),
        "value": converted.collect::<Vec<_>>(),
    });
    Ok(Reply::json(200, body))
}

fn one(context: &Context<'_>, source: &str, from: Format, to: Format) -> Value {
    match convert(context, source, from, to) {
        Some(target) => json!({"sourceId": source, "targetId": target}),
        None => json!({
            "sourceId": source,
            "errorDetails": {"code": "ErrorInvalidIdMalformed", "message": "Id is malformed."},
        }),
    }
}

fn convert(context: &Context<'_>, source: &str, from: Format, to: Format) -> Option<String> {
    let mailbox = context.mailbox().ok()?;
    let own = |id: Id| (id.mailbox() == mailbox.guid).then_some(id);
    let id = match from {
        Format::EwsId => own(Id::decode(source)?)?,
        Format::RestId => own(Id::decode(&plain(source))?)?,
        Format::EntryId => own(Id::of_entry(&read_entry(source)?)?)?,
        Format::RestImmutableEntryId | Format::ImmutableEntryId => {
            let Reference::Immutable(id) = Reference::decode(source)? else {
                return None;
            };
            let item = mailbox.items.by_origin(id.origin)?;
            match id.start {
                Some(start) => Id::Occurrence {
                    mailbox: mailbox.guid,
                    number: item.number,
                    start,
                },
                None => mailbox.id_of(item),
            }
        }
    };
    Some(match to {
        Format::EwsId => id.encode(),
        Format::RestId => rest(&id.encode()),
        Format::EntryId => write_entry(&id.entry()),
        Format::RestImmutableEntryId | Format::ImmutableEntryId => {
            let (number, start) = match id {
                Id::Item { number, .. } => (number, None),
                Id::Occurrence { number, start, .. } => (number, Some(start)),
                Id::Folder { .. } => return None,
            };
            Immutable {
                mailbox: mailbox.guid,
                origin: mailbox.items.get(&number)?.origin,
                start,
            }
            .encode()
        }
    })
}

/// Binary ids stand in letters for URLs, with the number of padding characters instead of these.
fn write_entry(entry: &[u8]) -> String {
    let text = URL_SAFE.encode(entry);
    let letters = text.trim_end_matches('=');
    format!("{letters}{}", text.len() - letters.len())
}

fn read_entry(text: &str) -> Option<Vec<u8>> {
    let (letters, padding) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let padding = match padding {
        "0" => "",
        "1" => "=",
        "2" => "==",
        _ => return None,
    };
    URL_SAFE.decode(format!("{letters}{padding}")).ok()
}
