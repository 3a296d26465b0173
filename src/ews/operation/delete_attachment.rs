use serde::Serialize;

use super::{Needs, Operation, ResponseMessage, response_messages, pick};
use crate::ews::types::{AttachmentId, ItemId};
use crate::xml::{Element, Problem, Tag};

/// Takes attachments away from their items.
///
/// Exchange 2007 and later. It is not repeated in doubt: the second answer would say that the
/// attachment does not exist.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/deleteattachment-operation>
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct DeleteAttachment {
    /// Which attachments; one at least.
    pub ids: Vec<AttachmentId>,
}

impl DeleteAttachment {
    /// Takes these attachments away.
    pub fn new(ids: impl IntoIterator<Item = AttachmentId>) -> Self {
        Self {
            ids: ids.into_iter().collect(),
        }
    }
}

impl Operation for DeleteAttachment {
    type Response = Vec<ResponseMessage<DeletedAttachment>>;

    const NAME: &'static str = "DeleteAttachment";
    const REPEATABLE: bool = false;

    fn requested(&self) -> Option<usize> {
        Some(self.ids.len())
    }

    fn narrowed(&self, parts: &[usize]) -> Option<Self> {
        let ids = pick(&self.ids, parts);
        Some(Self { ids, ..self.clone() })
    }

    fn needs(&self, needs: &mut Needs) {
        if self.ids.is_empty() {
            needs.refuse("no attachment is to be deleted");
        }
    }

    fn write(&self, request: Tag<'_>) {
        request.children(|body| {
            body.tag("m:AttachmentIds").children(|ids| {
                for id in &self.ids {
                    id.write(ids);
                }
            });
        });
    }

    fn read(response: &mut Element<'_, '_>) -> Result<Self::Response, Problem> {
        response_messages(response, |deleted: &mut DeletedAttachment, child| {
            match child.name() {
                "RootItemId" => {
                    let change_key = child.attribute("RootItemChangeKey")?;
                    let id = child.attribute("RootItemId")?;
                    deleted.root_item_id = id.map(|id| ItemId { id, change_key });
                }
                _ => child.skip()?,
            }
            Ok(())
        })
    }
}

/// What is left of an attachment.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DeletedAttachment {
    /// The item it was attached to, in its new state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root_item_id: Option<ItemId>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ews::testing::{assert_request, messages, refusal};
    use crate::ews::{ResponseCode, ServerVersion};

    #[test]
    fn request() {
        let ids = ["AAMkAGFnZW5kYQAA", "AAMkAGxvZ28AAA=="].map(AttachmentId::new);
        let version = ServerVersion::Exchange2007Sp1;
        assert_request("delete_attachment/request", version, &DeleteAttachment::new(ids));
        let nothing = DeleteAttachment::new([]);
        assert_eq!(refusal(version, &nothing), "no attachment is to be deleted");
    }

    #[test]
    fn answer() {
        let answer = messages::<DeleteAttachment>("delete_attachment/response");
        let [deleted, refused] = <[_; 2]>::try_from(answer).unwrap();
        let item = ItemId::new("AAMkAGFhMTExAAA=").with_change_key("DwAAABYAAABsYXRlcg==");
        assert_eq!(deleted.ok().unwrap().root_item_id, Some(item));
        assert_eq!(refused.code, Some(ResponseCode::ErrorItemNotFound));
    }
}
