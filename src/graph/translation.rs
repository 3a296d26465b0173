//! Ids that another program kept.
//!
//! Source: <https://learn.microsoft.com/graph/api/user-translateexchangeids>

use std::collections::HashMap;

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE};
use serde_json::json;

use super::call::Call;
use super::mailbox::GraphMailbox;
use super::permission::Permission;
use super::wire::ConvertedId;
use crate::calendar::Batch;
use crate::connector::Backend;
use crate::error::{Error, ErrorKind, Result};
use crate::model::ForeignId;

/// How many ids one request can hold.
const AT_ONCE: usize = 1000;

/// The kinds of ids that requests name.
const KINDS: [&str; 3] = ["entryId", "ewsId", "restId"];

impl GraphMailbox {
    /// The immutable ids of these, in their order.
    pub(super) async fn translate(
        &self,
        foreign: &[ForeignId],
        operation: &'static str,
    ) -> Result<Batch<String>> {
        let spelt: Vec<Result<Spelt>> = foreign.iter().map(|id| spell(id, operation)).collect();
        let mut found = HashMap::new();
        for kind in KINDS {
            let ids: Vec<&str> = spelt
                .iter()
                .flatten()
                .filter(|id| id.kind == Some(kind))
                .map(|id| id.text.as_str())
                .collect();
            for ids in ids.chunks(AT_ONCE) {
                found.extend(self.convert(kind, ids, operation).await?);
            }
        }
        let outcome = |spelt: Result<Spelt>| {
            let Spelt { kind, text } = spelt?;
            let Some(kind) = kind else { return Ok(text) };
            let lost = || {
                let message = "the answer lacks one of the ids";
                Err(Error::new(ErrorKind::Protocol, operation, message)
                    .with_backend(Backend::Graph))
            };
            found
                .get(&(kind, text))
                .map_or_else(lost, |found| match found {
                    Ok(id) => Ok(id.clone()),
                    Err(error) => Err(error.again()),
                })
        };
        Ok(spelt.into_iter().map(outcome).collect())
    }

    async fn convert(
        &self,
        kind: &'static str,
        ids: &[&str],
        operation: &'static str,
    ) -> Result<Vec<((&'static str, String), Result<String>)>> {
        let body = json!({
            "inputIds": ids,
            "sourceIdType": kind,
            "targetIdType": "restImmutableEntryId",
        });
        let call = Call::post(operation, &["translateExchangeIds"], Permission::UserRead)
            .repeatable()
            .json(&body)?;
        let page = self.client.page::<ConvertedId>(&call).await?;
        let converted = page.readable(operation).into_iter();
        Ok(converted
            .filter_map(|one| Some(((kind, one.source_id.clone()?), outcome(one, operation))))
            .collect())
    }
}

fn outcome(converted: ConvertedId, operation: &'static str) -> Result<String> {
    let target = converted.target_id.filter(|id| !id.is_empty());
    target.ok_or_else(|| {
        let details = converted.error_details.unwrap_or_default();
        let message = details.message.unwrap_or_default();
        let message = match message.trim() {
            "" => "the id is none of this mailbox".to_owned(),
            message => message.to_owned(),
        };
        Error::new(ErrorKind::InvalidId, operation, message)
            .with_backend(Backend::Graph)
            .with_code(details.code.unwrap_or_default())
    })
}

/// An id as requests write it; of what kind, unless it is what is wanted already.
struct Spelt {
    kind: Option<&'static str>,
    text: String,
}

fn spell(id: &ForeignId, operation: &'static str) -> Result<Spelt> {
    let malformed = || {
        let message = format!("{} is malformed", id.kind());
        Error::new(ErrorKind::InvalidId, operation, message).with_backend(Backend::Graph)
    };
    if id.as_raw().trim().is_empty() {
        return Err(malformed());
    }
    let spelt = |kind, text: &str| Spelt {
        kind: Some(kind),
        text: text.to_owned(),
    };
    Ok(match id {
        ForeignId::EntryIdHex(text) => spelt(
            "entryId",
            &entry_id(&hexadecimal(text).ok_or_else(malformed)?),
        ),
        ForeignId::EntryIdBase64(text) => {
            let bytes = BASE64_STANDARD
                .decode(text.trim())
                .map_err(|_| malformed())?;
            spelt("entryId", &entry_id(&bytes))
        }
        ForeignId::Ews(text) => spelt("ewsId", text),
        ForeignId::Rest(text) => spelt("restId", text),
        ForeignId::RestImmutable(text) => Spelt {
            kind: None,
            text: text.clone(),
        },
        ForeignId::EwsLegacy(_) | ForeignId::Owa(_) => {
            let why = format!("Graph does not know {}", id.kind());
            return Err(Error::unsupported(operation, why).with_backend(Backend::Graph));
        }
    })
}

/// Binary ids are in base64 for URLs, with the number of padding characters instead of these.
fn entry_id(bytes: &[u8]) -> String {
    let text = BASE64_URL_SAFE.encode(bytes);
    let letters = text.trim_end_matches('=');
    format!("{letters}{}", text.len() - letters.len())
}

fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.trim().chars().map(|c| c.to_digit(16)).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    let bytes = digits.chunks_exact(2).map(|pair| match pair {
        [high, low] => u8::try_from(high * 16 + low).ok(),
        _ => None,
    });
    bytes.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_spelt_as_requests_want_them() {
        for (id, kind, text) in [
            (
                ForeignId::EntryIdHex("00fbff".to_owned()),
                Some("entryId"),
                "APv_0",
            ),
            (
                ForeignId::EntryIdHex("00FB".to_owned()),
                Some("entryId"),
                "APs1",
            ),
            (
                ForeignId::EntryIdBase64("+w==".to_owned()),
                Some("entryId"),
                "-w2",
            ),
            (
                ForeignId::Ews("AAMk/+=".to_owned()),
                Some("ewsId"),
                "AAMk/+=",
            ),
            (ForeignId::RestImmutable("AAkA".to_owned()), None, "AAkA"),
        ] {
            let spelt = spell(&id, "test").unwrap();
            assert_eq!((spelt.kind, spelt.text.as_str()), (kind, text));
        }
        for (id, kind) in [
            (ForeignId::EntryIdHex("0".to_owned()), ErrorKind::InvalidId),
            (ForeignId::EntryIdHex("0g".to_owned()), ErrorKind::InvalidId),
            (
                ForeignId::EntryIdBase64("?".to_owned()),
                ErrorKind::InvalidId,
            ),
            (ForeignId::Rest(" ".to_owned()), ErrorKind::InvalidId),
            (ForeignId::Owa("x".to_owned()), ErrorKind::Unsupported),
        ] {
            assert_eq!(
                spell(&id, "test").err().map(|error| error.kind()),
                Some(kind)
            );
        }
    }
}
