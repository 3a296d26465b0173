use super::{Needs, Operation, ResponseMessage, response_messages, pick};
use crate::ews::types::{FolderIdRef, ItemIdRef};
use crate::xml::{Element, Problem, Tag};

/// Sends messages that are saved, mostly drafts.
///
/// Exchange 2007 and later. The draft is gone afterwards; a copy has another identifier, which the
/// answer does not say. It is not repeated in doubt: if the answer was lost, the second would say
/// that the item does not exist.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/senditem-operation>
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SendItem {
    /// Whether to keep a copy.
    pub save_item_to_folder: bool,
    /// Which messages, each with its change key; one at least.
    pub ids: Vec<ItemIdRef>,
    /// Where to keep the copies; Sent Items if not said.
    pub saved_item_folder: Option<FolderIdRef>,
}

impl SendItem {
    /// Sends these messages, with copies in Sent Items.
    pub fn new(ids: impl IntoIterator<Item = impl Into<ItemIdRef>>) -> Self {
        Self {
            save_item_to_folder: true,
            ids: ids.into_iter().map(Into::into).collect(),
            saved_item_folder: None,
        }
    }

    /// Keeps the copies in that folder.
    #[must_use]
    pub fn into_folder(mut self, folder: impl Into<FolderIdRef>) -> Self {
        self.save_item_to_folder = true;
        self.saved_item_folder = Some(folder.into());
        self
    }

    /// Keeps no copies.
    #[must_use]
    pub fn without_copy(mut self) -> Self {
        self.save_item_to_folder = false;
        self.saved_item_folder = None;
        self
    }
}

impl Operation for SendItem {
    type Response = Vec<ResponseMessage<()>>;

    const NAME: &'static str = "SendItem";
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
            needs.refuse("no message is to be sent");
        }
        let without_key =
            |id: &ItemIdRef| matches!(id, ItemIdRef::Item(id) if id.change_key.is_none());
        if self.ids.iter().any(without_key) {
            needs.refuse("a message can be sent only in a state that is known: its change key is missing");
        }
        if let Some(folder) = &self.saved_item_folder {
            needs.folders(std::slice::from_ref(folder));
            if !self.save_item_to_folder {
                needs.refuse("a folder for the copies is given, but none are to be kept");
            }
        }
    }

    fn write(&self, request: Tag<'_>) {
        request
            .attribute("SaveItemToFolder", &self.save_item_to_folder)
            .children(|body| {
                body.tag("m:ItemIds").children(|ids| {
                    for id in &self.ids {
                        id.write(ids);
                    }
                });
                if let Some(folder) = &self.saved_item_folder {
                    body.tag("m:SavedItemFolderId")
                        .children(|out| folder.write(out));
                }
            });
    }

    fn read(response: &mut Element<'_, '_>) -> Result<Self::Response, Problem> {
        response_messages(response, |(), child| child.skip())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ews::testing::{assert_request, messages, refusal};
    use crate::ews::types::ItemId;
    use crate::ews::{DistinguishedFolderId, ResponseCode, ServerVersion};

    fn draft() -> ItemId {
        ItemId::new("AAMkAGRyYWZ0AAA=").with_change_key("CQAAABYAAABkcmFmdA==")
    }

    #[test]
    fn request() {
        let ids = [draft(), ItemId::new("AAMkAG1zZzEAAA=").with_change_key("CQAAABYAAABt")];
        let operation = SendItem::new(ids).into_folder(DistinguishedFolderId::SentItems);
        assert_request("send_item/request", ServerVersion::Exchange2007Sp1, &operation);
    }

    #[test]
    fn request_without_copy() {
        let operation = SendItem::new([draft()]).without_copy();
        let version = ServerVersion::Exchange2007Sp1;
        assert_request("send_item/request_no_copy", version, &operation);
    }

    #[test]
    fn what_cannot_be_sent() {
        let version = ServerVersion::Exchange2016;
        let nothing = SendItem::new(Vec::<ItemId>::new());
        assert_eq!(refusal(version, &nothing), "no message is to be sent");
        let said = refusal(version, &SendItem::new([ItemId::new("AAMk")]));
        assert!(said.ends_with("its change key is missing"), "{said}");
        let mut odd = SendItem::new([draft()]).into_folder(DistinguishedFolderId::SentItems);
        odd.save_item_to_folder = false;
        assert!(refusal(version, &odd).ends_with("none are to be kept"));
    }

    #[test]
    fn answer() {
        let answer = messages::<SendItem>("send_item/response");
        let [sent, refused] = <[_; 2]>::try_from(answer).unwrap();
        assert!(sent.is_ok());
        assert_eq!(refused.code, Some(ResponseCode::ErrorInvalidRecipients));
    }
}
