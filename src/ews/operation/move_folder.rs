use super::{Folders, Needs, Operation, ResponseMessage, response_messages, pick};
use crate::ews::types::FolderIdRef;
use crate::xml::{Element, Problem, Tag};

/// Moves folders, with all that is in them, into another folder. They keep their identifiers.
///
/// Exchange 2007 and later. Where there is a folder of that name already, servers answer
/// `ErrorMoveCopyFailed`, not `ErrorFolderExists`; folders that every mailbox has are refused with
/// `ErrorMoveDistinguishedFolder`. It is not repeated in doubt: a folder with the same name may
/// have come in between.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/movefolder-operation>
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct MoveFolder {
    /// Where they go.
    pub to_folder: FolderIdRef,
    /// Which folders; one at least.
    pub ids: Vec<FolderIdRef>,
}

impl MoveFolder {
    /// Moves these folders into that folder.
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

impl Operation for MoveFolder {
    type Response = Vec<ResponseMessage<Folders>>;

    const NAME: &'static str = "MoveFolder";
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
        write(&self.to_folder, &self.ids, request);
    }

    fn read(response: &mut Element<'_, '_>) -> Result<Self::Response, Problem> {
        response_messages(response, Folders::read_child)
    }
}

/// Moving and copying are written the same.
pub(super) fn write(to_folder: &FolderIdRef, ids: &[FolderIdRef], request: Tag<'_>) {
    request.children(|body| {
        body.tag("m:ToFolderId").children(|out| to_folder.write(out));
        body.tag("m:FolderIds").children(|out| {
            for id in ids {
                id.write(out);
            }
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ews::testing::{assert_request, messages, refusal};
    use crate::ews::types::FolderId;
    use crate::ews::{DistinguishedFolderId, ResponseCode, ServerVersion};

    #[test]
    fn request() {
        let ids = [FolderId::new("AAMkAGZvbDEAAA="), FolderId::new("AAMkAGZvbDIAAA=")];
        let operation = MoveFolder::new(DistinguishedFolderId::Inbox, ids);
        let version = ServerVersion::Exchange2007Sp1;
        assert_request("move_folder/request", version, &operation);
        let nothing = MoveFolder::new(DistinguishedFolderId::Inbox, Vec::<FolderId>::new());
        assert_eq!(refusal(version, &nothing), "no folder is given");
    }

    #[test]
    fn answer() {
        let answer = messages::<MoveFolder>("move_folder/response");
        let [moved, refused] = <[_; 2]>::try_from(answer).unwrap();
        let id = moved.ok().unwrap().folders[0].properties.folder_id.clone();
        assert_eq!(id.unwrap().id, "AAMkAGZvbDEAAA=");
        assert_eq!(refused.code, Some(ResponseCode::ErrorMoveCopyFailed));
    }
}
