use super::move_item::{check, write};
use super::{Items, Needs, Operation, ResponseMessage, response_messages, pick};
use crate::ews::types::{FolderIdRef, ItemIdRef};
use crate::xml::{Element, Problem, Tag};

/// Copies items into a folder.
///
/// Exchange 2007 and later. Sending it twice copies twice. One occurrence of a series cannot be
/// copied (`ErrorCalendarCannotMoveOrCopyOccurrence`).
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/copyitem-operation>
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CopyItem {
    /// Where the copies go.
    pub to_folder: FolderIdRef,
    /// Which items; one at least.
    pub ids: Vec<ItemIdRef>,
    /// Whether to answer with the identifiers of the copies; the server does if nothing is said.
    /// Exchange 2010 SP1 and later.
    pub return_new_item_ids: Option<bool>,
}

impl CopyItem {
    /// Copies these items into that folder.
    pub fn new(
        to_folder: impl Into<FolderIdRef>,
        ids: impl IntoIterator<Item = impl Into<ItemIdRef>>,
    ) -> Self {
        Self {
            to_folder: to_folder.into(),
            ids: ids.into_iter().map(Into::into).collect(),
            return_new_item_ids: None,
        }
    }
}

impl Operation for CopyItem {
    /// The identifiers of the copies; none of what went to another mailbox or to public folders.
    type Response = Vec<ResponseMessage<Items>>;

    const NAME: &'static str = "CopyItem";
    const REPEATABLE: bool = false;

    fn requested(&self) -> Option<usize> {
        Some(self.ids.len())
    }

    fn narrowed(&self, parts: &[usize]) -> Option<Self> {
        let ids = pick(&self.ids, parts);
        Some(Self { ids, ..self.clone() })
    }

    fn needs(&self, needs: &mut Needs) {
        check(&self.to_folder, &self.ids, self.return_new_item_ids, needs);
    }

    fn write(&self, request: Tag<'_>) {
        write(&self.to_folder, &self.ids, self.return_new_item_ids, request);
    }

    fn read(response: &mut Element<'_, '_>) -> Result<Self::Response, Problem> {
        response_messages(response, Items::read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ews::testing::{assert_request, messages, refusal};
    use crate::ews::types::ItemId;
    use crate::ews::{DistinguishedFolderId, ResponseCode, ServerVersion};

    #[test]
    fn request() {
        let version = ServerVersion::Exchange2010Sp1;
        let ids = [ItemId::new("AAMkAGFhMTExAAA=")];
        let mut operation = CopyItem::new(DistinguishedFolderId::Drafts, ids);
        operation.return_new_item_ids = Some(false);
        assert_request("copy_item/request", version, &operation);
        operation.ids.clear();
        assert_eq!(refusal(version, &operation), "no item is given");
    }

    #[test]
    fn answer() {
        let answer = messages::<CopyItem>("copy_item/response");
        let [copied, refused] = <[_; 2]>::try_from(answer).unwrap();
        let copied = copied.ok().unwrap().items;
        assert_eq!(copied[0].item_id().unwrap().id, "AAMkAGNvcHkAAA==");
        assert_eq!(refused.code, Some(ResponseCode::ErrorCalendarCannotMoveOrCopyOccurrence));
    }
}
