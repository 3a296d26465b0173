use super::{DeleteType, Needs, Operation, ResponseMessage, response_messages, pick};
use crate::ews::types::FolderIdRef;
use crate::xml::{Element, Problem, Tag};

/// Deletes folders with all that is in them.
///
/// Exchange 2007 and later. Folders that every mailbox has are refused with
/// `ErrorDeleteDistinguishedFolder`. It is not repeated in doubt: the second answer would say that
/// the folder does not exist.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/deletefolder-operation>
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct DeleteFolder {
    /// Where they go.
    pub delete_type: DeleteType,
    /// Which folders; one at least.
    pub ids: Vec<FolderIdRef>,
}

impl DeleteFolder {
    /// Deletes these folders.
    pub fn new(
        delete_type: DeleteType,
        ids: impl IntoIterator<Item = impl Into<FolderIdRef>>,
    ) -> Self {
        Self {
            delete_type,
            ids: ids.into_iter().map(Into::into).collect(),
        }
    }
}

impl Operation for DeleteFolder {
    type Response = Vec<ResponseMessage<()>>;

    const NAME: &'static str = "DeleteFolder";
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
        request
            .attribute("DeleteType", &self.delete_type)
            .children(|body| {
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
    use crate::error::ErrorKind;
    use crate::ews::testing::{assert_request, messages, refusal};
    use crate::ews::types::FolderId;
    use crate::ews::{ResponseCode, ServerVersion};

    #[test]
    fn requests() {
        let version = ServerVersion::Exchange2007Sp1;
        for (delete_type, name) in [
            (DeleteType::MoveToDeletedItems, "request"),
            (DeleteType::SoftDelete, "request_soft"),
            (DeleteType::HardDelete, "request_hard"),
        ] {
            let ids = [FolderId::new("AAMkAGhvbAAA"), FolderId::new("AAMkAG9sZAAA")];
            let operation = DeleteFolder::new(delete_type, ids);
            assert_request(&format!("delete_folder/{name}"), version, &operation);
        }
        let nothing = DeleteFolder::new(DeleteType::HardDelete, Vec::<FolderId>::new());
        assert_eq!(refusal(version, &nothing), "no folder is given");
    }

    #[test]
    fn answer() {
        let answer = messages::<DeleteFolder>("delete_folder/response");
        let [done, refused] = <[_; 2]>::try_from(answer).unwrap();
        assert!(done.is_ok());
        assert_eq!(refused.code, Some(ResponseCode::ErrorDeleteDistinguishedFolder));
        let error = refused.ok().unwrap_err().into_error(DeleteFolder::NAME);
        assert_eq!(error.kind(), ErrorKind::InvalidState);
    }
}
