use super::{Folders, Needs, Operation, ResponseMessage, response_messages, pick};
use crate::ews::types::{Folder, FolderIdRef};
use crate::xml::{Element, Problem, Tag};

/// Creates folders in a folder.
///
/// Exchange 2007 and later. A folder whose name its parent has already is refused with
/// `ErrorFolderExists`, so sending it twice does not create twice, but the second answer is a
/// refusal.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/createfolder-operation>
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CreateFolder {
    /// Where to create them.
    pub parent: FolderIdRef,
    /// The folders; one at least.
    pub folders: Vec<Folder>,
}

impl CreateFolder {
    /// Creates these folders in that one.
    pub fn new(parent: impl Into<FolderIdRef>, folders: impl IntoIterator<Item = Folder>) -> Self {
        Self {
            parent: parent.into(),
            folders: folders.into_iter().collect(),
        }
    }
}

impl Operation for CreateFolder {
    /// The identifiers of the new folders.
    type Response = Vec<ResponseMessage<Folders>>;

    const NAME: &'static str = "CreateFolder";
    const REPEATABLE: bool = false;

    fn requested(&self) -> Option<usize> {
        Some(self.folders.len())
    }

    fn narrowed(&self, parts: &[usize]) -> Option<Self> {
        let folders = pick(&self.folders, parts);
        Some(Self { folders, ..self.clone() })
    }

    fn needs(&self, needs: &mut Needs) {
        needs.folders(std::slice::from_ref(&self.parent));
        if self.folders.is_empty() {
            needs.refuse("there is no folder to create");
        }
        for folder in &self.folders {
            folder.needs(needs);
            if folder.properties.display_name.as_deref().is_none_or(str::is_empty) {
                needs.refuse("a folder needs DisplayName");
            }
        }
    }

    fn write(&self, request: Tag<'_>) {
        request.children(|body| {
            body.tag("m:ParentFolderId")
                .children(|out| self.parent.write(out));
            body.tag("m:Folders").children(|out| {
                for folder in &self.folders {
                    folder.write(out);
                }
            });
        });
    }

    fn read(response: &mut Element<'_, '_>) -> Result<Self::Response, Problem> {
        response_messages(response, Folders::read_child)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::ews::testing::{assert_request, assert_since, messages, refusal};
    use crate::ews::{DistinguishedFolderId, ResponseCode, ServerVersion};

    #[test]
    fn request() {
        let folders = [
            Folder::calendar("Holidays & leave"),
            Folder::of_class("IPF.Contact", "Suppliers"),
            Folder::of_class("IPF.Task.Project", "Move"),
            Folder::of_class("IPF.Note", "Bills"),
            Folder::of_class("IPF.Tasks", "No tasks"),
        ];
        let operation = CreateFolder::new(DistinguishedFolderId::MsgFolderRoot, folders);
        let version = ServerVersion::Exchange2007Sp1;
        assert_request("create_folder/request", version, &operation);
    }

    #[test]
    fn what_cannot_be_sent() {
        let version = ServerVersion::Exchange2016;
        let create = |folder| CreateFolder::new(DistinguishedFolderId::Calendar, [folder]);
        let mut elsewhere = create(Folder::calendar("a"));
        elsewhere.parent = DistinguishedFolderId::ArchiveMsgFolderRoot.into();
        let since = ServerVersion::Exchange2010Sp1;
        assert_since(since, "archivemsgfolderroot", &elsewhere);
        let mut counted = Folder::calendar("a");
        counted.properties.unread_count = Some(1);
        let mut unknown = Folder::calendar("a");
        unknown.kind = "OutlookFolder".to_owned();
        for (folder, why) in [
            (Folder::calendar(""), "a folder needs DisplayName"),
            (counted, "t:UnreadCount can be read only"),
            (unknown, "OutlookFolder is no kind of folder"),
        ] {
            assert_eq!(refusal(version, &create(folder)), why);
        }
        let nothing = CreateFolder::new(DistinguishedFolderId::Calendar, []);
        assert_eq!(refusal(version, &nothing), "there is no folder to create");
    }

    #[test]
    fn answer() {
        let answer = messages::<CreateFolder>("create_folder/response");
        let [created, refused] = <[_; 2]>::try_from(answer).unwrap();
        let folders = created.ok().unwrap().folders;
        let id = folders[0].properties.folder_id.as_ref().unwrap();
        assert_eq!(folders[0].kind, "CalendarFolder");
        assert_eq!((id.id.as_str(), id.change_key.as_deref()), ("AAMkAGhvbAAA", Some("AgAAABYAAABob2w=")));
        assert_eq!(refused.code, Some(ResponseCode::ErrorFolderExists));
        let error = refused.ok().unwrap_err().into_error(CreateFolder::NAME);
        assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    }
}
