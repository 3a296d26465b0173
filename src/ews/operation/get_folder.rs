use serde::Serialize;

use super::{Needs, Operation, ResponseMessage, response_messages, pick};
use crate::ews::types::{Folder, FolderIdRef, FolderShape};
use crate::xml::{Element, Problem, ReadElement, Tag};

/// Reads folders by their identifiers, or by what they are for.
///
/// Exchange 2007 and later.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/getfolder-operation>
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct GetFolder {
    /// What to read of them.
    pub shape: FolderShape,
    /// Which folders; one at least.
    pub ids: Vec<FolderIdRef>,
}

impl GetFolder {
    /// Reads these folders.
    pub fn new(shape: FolderShape, ids: impl IntoIterator<Item = impl Into<FolderIdRef>>) -> Self {
        Self {
            shape,
            ids: ids.into_iter().map(Into::into).collect(),
        }
    }
}

impl Operation for GetFolder {
    type Response = Vec<ResponseMessage<Folders>>;

    const NAME: &'static str = "GetFolder";
    const REPEATABLE: bool = true;

    fn requested(&self) -> Option<usize> {
        Some(self.ids.len())
    }

    fn narrowed(&self, parts: &[usize]) -> Option<Self> {
        let ids = pick(&self.ids, parts);
        Some(Self { ids, ..self.clone() })
    }

    fn needs(&self, needs: &mut Needs) {
        self.shape.needs(needs);
        needs.folders(&self.ids);
    }

    fn write(&self, request: Tag<'_>) {
        request.children(|body| {
            self.shape.write(body.tag("m:FolderShape"));
            body.tag("m:FolderIds").children(|ids| {
                for id in &self.ids {
                    id.write(ids);
                }
            });
        });
    }

    fn read(response: &mut Element<'_, '_>) -> Result<Self::Response, Problem> {
        response_messages(response, Folders::read_child)
    }
}

/// Folders as they were found.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Folders {
    /// The folders.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub folders: Vec<Folder>,
}

impl Folders {
    /// Reads the part of an answer that lists folders, and passes over any other.
    pub(super) fn read_child(&mut self, child: &mut Element<'_, '_>) -> Result<(), Problem> {
        match child.name() {
            "Folders" => self.read(child),
            _ => child.skip(),
        }
    }

    pub(super) fn read(&mut self, list: &mut Element<'_, '_>) -> Result<(), Problem> {
        while let Some(mut child) = list.next_listed()? {
            self.folders.extend(Folder::read_element(&mut child)?);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ews::testing::{assert_request, assert_since, messages, refusal};
    use crate::ews::types::{BaseShape, FolderId, Mailbox};
    use crate::ews::{DistinguishedFolderId, FieldUri, ResponseCode, ServerVersion};

    #[test]
    fn request() {
        let shape = FolderShape::new(BaseShape::IdOnly)
            .with([FieldUri::FolderDisplayName, FieldUri::FolderEffectiveRights]);
        let owner = Mailbox::smtp("bo@contoso.example");
        let operation = GetFolder::new(
            shape,
            [
                DistinguishedFolderId::Calendar.into(),
                FolderIdRef::Distinguished(DistinguishedFolderId::Calendar, Some(owner)),
                FolderId::new("AAMkAHNlYXIAAA=").into(),
            ],
        );
        assert_request("get_folder/request", ServerVersion::Exchange2010, &operation);
    }

    #[test]
    fn what_cannot_be_sent() {
        let shape = FolderShape::new(BaseShape::IdOnly);
        let folders = [DistinguishedFolderId::Calendar];
        let newer = shape.clone().with([FieldUri::FolderDistinguishedFolderId]);
        let newer = GetFolder::new(newer, folders);
        assert_since(ServerVersion::Exchange2013, "folder:DistinguishedFolderId", &newer);
        let nothing = GetFolder::new(shape, Vec::<FolderId>::new());
        assert_eq!(refusal(ServerVersion::Exchange2016, &nothing), "no folder is given");
    }

    #[test]
    fn answer() {
        let answer = messages::<GetFolder>("get_folder/response");
        let [calendar, search, refused] = answer.as_slice() else {
            panic!("{answer:?}");
        };
        let calendar = &calendar.body.folders[0];
        assert_eq!(calendar.kind, "CalendarFolder");
        let properties = &calendar.properties;
        assert_eq!(properties.display_name.as_deref(), Some("Calendar"));
        assert_eq!(properties.child_folder_count, Some(1));
        assert_eq!(
            properties.distinguished_folder_id,
            Some(DistinguishedFolderId::Calendar)
        );
        let rights = properties.effective_rights.as_ref().unwrap();
        assert_eq!((rights.modify, rights.view_private_items), (Some(true), Some(true)));
        let search = &search.body.folders[0];
        assert_eq!((search.kind.as_str(), search.properties.unread_count), ("SearchFolder", Some(3)));
        assert_eq!(refused.code, Some(ResponseCode::ErrorAccessDenied));
        assert!(!refused.is_ok());
    }
}
