use super::{Needs, Operation, ResponseMessage, response_messages, pick};
use crate::ews::ServerVersion;
use crate::ews::types::FolderIdRef;
use crate::xml::{Element, Problem, Tag};

/// Marks all messages of folders as read, or as unread.
///
/// Exchange 2013 and later. It is not repeated in doubt: what came in between would be marked too.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/markallitemsasread-operation>
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct MarkAllItemsAsRead {
    /// Whether they are read from now on.
    pub read_flag: bool,
    /// Whether to send no receipts to those who asked for one.
    pub suppress_read_receipts: bool,
    /// Which folders; one at least.
    pub ids: Vec<FolderIdRef>,
}

impl MarkAllItemsAsRead {
    /// Marks all in these folders as read, without receipts.
    pub fn new(ids: impl IntoIterator<Item = impl Into<FolderIdRef>>) -> Self {
        Self {
            read_flag: true,
            suppress_read_receipts: true,
            ids: ids.into_iter().map(Into::into).collect(),
        }
    }
}

impl Operation for MarkAllItemsAsRead {
    type Response = Vec<ResponseMessage<()>>;

    const NAME: &'static str = "MarkAllItemsAsRead";
    const SINCE: ServerVersion = ServerVersion::Exchange2013;
    const REPEATABLE: bool = false;

    fn requested(&self) -> Option<usize> {
        Some(self.ids.len())
    }

    fn narrowed(&self, parts: &[usize]) -> Option<Self> {
        let ids = pick(&self.ids, parts);
        Some(Self { ids, ..self.clone() })
    }

    fn needs(&self, needs: &mut Needs) {
        needs.folders(&self.ids);
    }

    fn write(&self, request: Tag<'_>) {
        request.children(|body| {
            body.value("m:ReadFlag", &self.read_flag);
            body.value("m:SuppressReadReceipts", &self.suppress_read_receipts);
            body.tag("m:FolderIds").children(|ids| {
                for id in &self.ids {
                    id.write(ids);
                }
            });
        });
    }

    fn read(response: &mut Element<'_, '_>) -> Result<Self::Response, Problem> {
        response_messages(response, |(), child| child.skip())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ews::testing::{assert_request, assert_since, messages};
    use crate::ews::{DistinguishedFolderId, ResponseCode};

    #[test]
    fn request() {
        let folders = [DistinguishedFolderId::Inbox, DistinguishedFolderId::JunkEmail];
        let mut operation = MarkAllItemsAsRead::new(folders);
        let version = ServerVersion::Exchange2013;
        assert_request("mark_all_items_as_read/request", version, &operation);
        assert_since(version, "MarkAllItemsAsRead", &operation);
        operation.read_flag = false;
        operation.suppress_read_receipts = false;
        assert_request("mark_all_items_as_read/request_unread", version, &operation);
    }

    #[test]
    fn answer() {
        let answer = messages::<MarkAllItemsAsRead>("mark_all_items_as_read/response");
        let [done, refused] = <[_; 2]>::try_from(answer).unwrap();
        assert!(done.is_ok());
        assert_eq!(refused.code, Some(ResponseCode::ErrorFolderNotFound));
    }
}
