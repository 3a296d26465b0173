use serde::Serialize;

use super::{Needs, Operation, ResponseMessage, pick, response_messages};
use crate::xml::{Element, Problem, Tag, names};

names! {
    /// In which form an identifier is written.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/alternateid>
    pub open enum IdFormat {
        /// As EWS of Exchange 2007 without a service pack wrote it.
        EwsLegacyId = "EwsLegacyId",
        /// As EWS writes it.
        EwsId = "EwsId",
        /// The entry id of MAPI, in base64.
        EntryId = "EntryId",
        /// The entry id of MAPI, in hexadecimal.
        HexEntryId = "HexEntryId",
        /// As the store writes it.
        StoreId = "StoreId",
        /// As Outlook on the web writes it.
        OwaId = "OwaId",
    }
}

/// Converts identifiers of items and folders from one form to another. Nothing is looked up in the mailbox.
///
/// Exchange 2007 SP1 and later.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/convertid-operation>
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ConvertId {
    /// The form that is wanted.
    pub destination: IdFormat,
    /// What to convert; one at least.
    pub ids: Vec<AlternateId>,
}

impl ConvertId {
    /// Converts these.
    pub fn new(destination: IdFormat, ids: impl IntoIterator<Item = AlternateId>) -> Self {
        Self {
            destination,
            ids: ids.into_iter().collect(),
        }
    }
}

/// An identifier, the form it has, and the mailbox it belongs to.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AlternateId {
    /// Its form.
    pub format: IdFormat,
    /// The identifier.
    pub id: String,
    /// The SMTP address of the mailbox.
    pub mailbox: String,
}

impl AlternateId {
    /// An identifier of this form in that mailbox.
    pub fn new(format: IdFormat, id: impl Into<String>, mailbox: impl Into<String>) -> Self {
        Self {
            format,
            id: id.into(),
            mailbox: mailbox.into(),
        }
    }
}

impl Operation for ConvertId {
    type Response = Vec<ResponseMessage<ConvertedId>>;

    const NAME: &'static str = "ConvertId";
    const REPEATABLE: bool = true;

    fn requested(&self) -> Option<usize> {
        Some(self.ids.len())
    }

    fn narrowed(&self, parts: &[usize]) -> Option<Self> {
        let ids = pick(&self.ids, parts);
        Some(Self { ids, ..self.clone() })
    }

    fn needs(&self, needs: &mut Needs) {
        if self.ids.is_empty() {
            needs.refuse("no identifier is to be converted");
        }
        if self.ids.iter().any(|id| id.mailbox.is_empty()) {
            needs.refuse("an identifier is converted for a mailbox, which has no address here");
        }
    }

    fn write(&self, request: Tag<'_>) {
        request
            .attribute("DestinationFormat", &self.destination)
            .children(|body| {
                body.tag("m:SourceIds").children(|ids| {
                    for one in &self.ids {
                        let id = ids
                            .tag("t:AlternateId")
                            .attribute("Format", &one.format)
                            .attribute("Id", &one.id)
                            .attribute("Mailbox", &one.mailbox);
                        drop(id);
                    }
                });
            });
    }

    fn read(response: &mut Element<'_, '_>) -> Result<Self::Response, Problem> {
        response_messages(response, |converted: &mut ConvertedId, child| {
            if child.name() == "AlternateId" {
                converted.id = child.attribute("Id")?;
            }
            child.skip()
        })
    }
}

/// What an identifier is in the form that was wanted.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ConvertedId {
    /// The identifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ews::testing::{assert_request, messages, refusal};
    use crate::ews::{ResponseCode, ServerVersion};

    #[test]
    fn request() {
        let of_ada = |format, id| AlternateId::new(format, id, "ada@contoso.example");
        let mut operation = ConvertId::new(
            IdFormat::EwsId,
            [
                of_ada(IdFormat::HexEntryId, "00000000A2B4"),
                of_ada(IdFormat::EntryId, "AAAAAKK0"),
            ],
        );
        let version = ServerVersion::Exchange2007Sp1;
        assert_request("convert_id/request", version, &operation);
        operation.ids.clear();
        assert_eq!(refusal(version, &operation), "no identifier is to be converted");
    }

    #[test]
    fn answer() {
        let answer = messages::<ConvertId>("convert_id/response");
        let [converted, refused] = <[_; 2]>::try_from(answer).unwrap();
        let id = converted.ok().unwrap().id;
        assert_eq!(id.as_deref(), Some("AAMkAGFhMTExAAA="));
        assert_eq!(refused.code, Some(ResponseCode::ErrorInvalidIdMalformed));
    }
}
