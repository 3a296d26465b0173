use super::{DeleteType, Needs, Operation, ResponseMessage, response_messages, pick};
use crate::ews::ServerVersion;
use crate::ews::types::FolderIdRef;
use crate::xml::{Element, Problem, Tag};

/// Deletes all that is in folders, but not the folders themselves.
///
/// Exchange 2010 SP1 and later. Calendars and search folders are refused with
/// `ErrorCannotEmptyFolder`. It is not repeated in doubt: what came in between would be deleted
/// too.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/emptyfolder-operation>
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct EmptyFolder {
    /// Where what is deleted goes.
    pub delete_type: DeleteType,
    /// Whether the folders in them are deleted as well.
    pub delete_sub_folders: bool,
    /// Which folders; one at least.
    pub ids: Vec<FolderIdRef>,
}

impl EmptyFolder {
    /// Empties these folders, and leaves the folders in them as they are.
    pub fn new(
        delete_type: DeleteType,
        ids: impl IntoIterator<Item = impl Into<FolderIdRef>>,
    ) -> Self {
        Self {
            delete_type,
            delete_sub_folders: false,
            ids: ids.into_iter().map(Into::into).collect(),
        }
    }

    /// Deletes the folders in them as well.
    #[must_use]
    pub fn with_sub_folders(mut self) -> Self {
        self.delete_sub_folders = true;
        self
    }
}

impl Operation for EmptyFolder {
    type Response = Vec<ResponseMessage<()>>;

    const NAME: &'static str = "EmptyFolder";
    const SINCE: ServerVersion = ServerVersion::Exchange2010Sp1;
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
            .attribute("DeleteSubFolders", &self.delete_sub_folders)
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
    use crate::ews::testing::{assert_request, assert_since, messages};
    use crate::ews::types::FolderId;
    use crate::ews::{DistinguishedFolderId, ResponseCode};

    #[test]
    fn request() {
        let folders = [DistinguishedFolderId::JunkEmail.into(), FolderId::new("AAMkAGZvbDEAAA=").into()];
        let operation = EmptyFolder::new(DeleteType::SoftDelete, folders as [FolderIdRef; 2]);
        let version = ServerVersion::Exchange2010Sp1;
        assert_request("empty_folder/request", version, &operation);
        assert_since(version, "EmptyFolder", &operation);
    }

    #[test]
    fn request_with_sub_folders() {
        let folders = [DistinguishedFolderId::DeletedItems];
        let operation = EmptyFolder::new(DeleteType::HardDelete, folders).with_sub_folders();
        let version = ServerVersion::Exchange2010Sp1;
        assert_request("empty_folder/request_sub_folders", version, &operation);
    }

    #[test]
    fn answer() {
        let answer = messages::<EmptyFolder>("empty_folder/response");
        let [done, refused] = <[_; 2]>::try_from(answer).unwrap();
        assert!(done.is_ok());
        assert_eq!(refused.code, Some(ResponseCode::ErrorCannotEmptyFolder));
    }
}
