//! Ids that another program kept.

use super::mailbox::{EwsMailbox, lacks, of};
use super::operation::{AlternateId, ConvertId, IdFormat};
use crate::calendar::Batch;
use crate::connector::Backend;
use crate::error::{Error, ErrorKind, Result};
use crate::model::ForeignId;

/// So many ids go in one request.
const AT_ONCE: usize = 500;

impl EwsMailbox {
    /// The ids of EWS for these, in their order.
    pub(super) async fn translate(
        &self,
        foreign: &[ForeignId],
        operation: &'static str,
    ) -> Result<Batch<String>> {
        let spelt: Vec<Result<(IdFormat, &str)>> =
            foreign.iter().map(|id| spell(id, operation)).collect();
        let mut converted = Vec::new();
        if spelt.iter().any(Result::is_ok) {
            let mailbox = self.own_address(operation).await?;
            let known = spelt.iter().flatten();
            let ids: Vec<AlternateId> = known
                .map(|(format, id)| AlternateId::new(format.clone(), *id, mailbox))
                .collect();
            for ids in ids.chunks(AT_ONCE) {
                let convert = ConvertId::new(IdFormat::EwsId, ids.to_vec());
                converted.extend(self.send(&convert, operation).await?);
            }
        }
        let mut converted = converted.into_iter();
        let mut outcome = |spelt: Result<(IdFormat, &str)>| {
            spelt?;
            let answer = converted.next().ok_or_else(|| lacks(operation, "answer"))?;
            let id = of(answer, operation)?.id;
            id.ok_or_else(|| lacks(operation, "AlternateId"))
        };
        Ok(spelt.into_iter().map(&mut outcome).collect())
    }
}

fn spell<'a>(id: &'a ForeignId, operation: &'static str) -> Result<(IdFormat, &'a str)> {
    let format = match id {
        ForeignId::EntryIdHex(_) => IdFormat::HexEntryId,
        ForeignId::EntryIdBase64(_) => IdFormat::EntryId,
        ForeignId::Ews(_) => IdFormat::EwsId,
        ForeignId::EwsLegacy(_) => IdFormat::EwsLegacyId,
        ForeignId::Owa(_) => IdFormat::OwaId,
        ForeignId::Rest(_) | ForeignId::RestImmutable(_) => {
            let why = format!("Exchange Web Services do not know {}", id.kind());
            return Err(Error::unsupported(operation, why).with_backend(Backend::Ews));
        }
    };
    if id.as_raw().trim().is_empty() {
        let message = format!("{} is empty", id.kind());
        let error = Error::new(ErrorKind::InvalidId, operation, message);
        return Err(error.with_backend(Backend::Ews));
    }
    Ok((format, id.as_raw()))
}
