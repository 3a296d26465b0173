use super::{Items, Needs, Operation, ResponseMessage, response_messages, pick};
use crate::ews::ServerVersion;
use crate::ews::types::{FolderIdRef, ItemIdRef};
use crate::xml::{Element, Problem, Tag};

/// Moves items to another folder, where they get other identifiers.
///
/// Exchange 2007 and later. It is not repeated in doubt: the second answer would say that the item
/// does not exist.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/moveitem-operation>
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct MoveItem {
    /// Where they go.
    pub to_folder: FolderIdRef,
    /// Which items; one at least.
    pub ids: Vec<ItemIdRef>,
    /// Whether to answer with the new identifiers; the server does if nothing is said. Exchange
    /// 2010 SP1 and later.
    pub return_new_item_ids: Option<bool>,
}

impl MoveItem {
    /// Moves these items to that folder.
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

impl Operation for MoveItem {
    /// The new identifiers; none of what went to another mailbox or to public folders.
    type Response = Vec<ResponseMessage<Items>>;

    const NAME: &'static str = "MoveItem";
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

/// What a request to move or to copy needs.
pub(super) fn check(
    to_folder: &FolderIdRef,
    ids: &[ItemIdRef],
    return_new_item_ids: Option<bool>,
    needs: &mut Needs,
) {
    needs.folders(std::slice::from_ref(to_folder));
    if return_new_item_ids.is_some() {
        needs.at_least("ReturnNewItemIds", ServerVersion::Exchange2010Sp1);
    }
    if ids.is_empty() {
        needs.refuse("no item is given");
    }
}

/// Moving and copying are written the same.
pub(super) fn write(
    to_folder: &FolderIdRef,
    ids: &[ItemIdRef],
    return_new_item_ids: Option<bool>,
    request: Tag<'_>,
) {
    request.children(|body| {
        body.tag("m:ToFolderId").children(|out| to_folder.write(out));
        body.tag("m:ItemIds").children(|out| {
            for id in ids {
                id.write(out);
            }
        });
        body.value_if("m:ReturnNewItemIds", return_new_item_ids.as_ref());
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ews::testing::{assert_request, assert_since, messages, refusal};
    use crate::ews::types::{FolderId, ItemId};
    use crate::ews::{DistinguishedFolderId, ResponseCode};

    fn ids() -> [ItemId; 2] {
        [
            ItemId::new("AAMkAGFhMTExAAA=").with_change_key("DwAAABYAAABzZXJpZXM="),
            ItemId::new("AAMkAG1zZzEAAA="),
        ]
    }

    #[test]
    fn request() {
        let mut operation = MoveItem::new(FolderId::new("AAMkAGhvbAAA"), ids());
        operation.return_new_item_ids = Some(true);
        let version = ServerVersion::Exchange2010Sp1;
        assert_request("move_item/request", version, &operation);
        assert_since(version, "ReturnNewItemIds", &operation);
    }

    #[test]
    fn request_of_2007() {
        let operation = MoveItem::new(DistinguishedFolderId::Calendar, ids());
        let version = ServerVersion::Exchange2007Sp1;
        assert_request("move_item/request_2007", version, &operation);
        let nothing = MoveItem::new(DistinguishedFolderId::Calendar, Vec::<ItemId>::new());
        assert_eq!(refusal(version, &nothing), "no item is given");
    }

    #[test]
    fn answer() {
        let answer = messages::<MoveItem>("move_item/response");
        let [moved, abroad, refused] = <[_; 3]>::try_from(answer).unwrap();
        let moved = moved.ok().unwrap().items;
        assert_eq!(moved[0].item_id().unwrap().id, "AAMkAG1vdmVkAAA=");
        assert_eq!(abroad.ok().unwrap().items, []);
        assert_eq!(refused.code, Some(ResponseCode::ErrorItemNotFound));
    }
}
