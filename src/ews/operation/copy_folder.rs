use super::{Folders, Needs, Operation, ResponseMessage, move_folder, response_messages, pick};
use crate::ews::types::FolderIdRef;
use crate::xml::{Element, Problem, Tag};

/// Copies folders, with all that is in them, into another folder.
///
/// Exchange 2007 and later. Where there is a folder of that name already, servers answer
/// `ErrorMoveCopyFailed`.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/copyfolder-operation>
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CopyFolder {
    /// Where the copies go.
    pub to_folder: FolderIdRef,
    /// Which folders; one at least.
    pub ids: Vec<FolderIdRef>,
}

impl CopyFolder {
    /// Copies these folders into that folder.
    pub fn new(
        to_folder: impl Into<FolderIdRef>,
        ids: impl IntoIterator<Item = impl Into<FolderIdRef>>,
    ) -> Self {
        Self {
            to_folder: to_folder.into(),
            ids: ids.into_iter().map(Into::into).collect(),
        }
    }
}

impl Operation for CopyFolder {
    /// The copies, with their identifiers.
    type Response = Vec<ResponseMessage<Folders>>;

    const NAME: &'static str = "CopyFolder";
    const REPEATABLE: bool = false;

    fn requested(&self) -> Option<usize> {
        Some(self.ids.len())
    }

    fn narrowed(&self, parts: &[usize]) -> Option<Self> {
        let ids = pick(&self.ids, parts);
        Some(Self { ids, ..self.clone() })
    }

    fn needs(&self, needs: &mut Needs) {
        needs.folders(std::slice::from_ref(&self.to_folder));
        needs.folders(&self.ids);
    }

    fn write(&self, request: Tag<'_>) {
        move_folder::write(&self.to_folder, &self.ids, request);
    }

    fn read(response: &mut Element<'_, '_>) -> Result<Self::Response, Problem> {
        response_messages(response, Folders::read_child)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ews::testing::{assert_request, messages};
    use crate::ews::types::FolderId;
    use crate::ews::{DistinguishedFolderId, ServerVersion};

    #[test]
    fn request() {
        let ids = [FolderId::new("AAMkAGZvbDEAAA=")];
        let operation = CopyFolder::new(DistinguishedFolderId::MsgFolderRoot, ids);
        assert_request("copy_folder/request", ServerVersion::Exchange2007Sp1, &operation);
    }

    #[test]
    fn answer() {
        let [copied] = messages::<CopyFolder>("copy_folder/response").try_into().unwrap();
        let copied: ResponseMessage<Folders> = copied;
        let id = copied.ok().unwrap().folders[0].properties.folder_id.clone();
        assert_eq!(id.unwrap().id, "AAMkAGNvcHkxAAA=");
    }
}
