use super::{Folders, Needs, Operation, ResponseMessage, response_messages, pick};
use crate::ews::types::FolderChange;
use crate::xml::{Element, Problem, Tag};

/// Changes properties of folders, as their names.
///
/// Exchange 2007 and later. The last writer wins: there is no way to ask for a refusal if the
/// folder has changed.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/updatefolder-operation>
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct UpdateFolder {
    /// The changes; one at least.
    pub changes: Vec<FolderChange>,
}

impl UpdateFolder {
    /// Makes these changes.
    pub fn new(changes: impl IntoIterator<Item = FolderChange>) -> Self {
        Self {
            changes: changes.into_iter().collect(),
        }
    }
}

impl Operation for UpdateFolder {
    /// The identifiers of the folders with new change keys.
    type Response = Vec<ResponseMessage<Folders>>;

    const NAME: &'static str = "UpdateFolder";
    const REPEATABLE: bool = false;

    fn requested(&self) -> Option<usize> {
        Some(self.changes.len())
    }

    fn narrowed(&self, parts: &[usize]) -> Option<Self> {
        let changes = pick(&self.changes, parts);
        Some(Self { changes, ..self.clone() })
    }

    fn needs(&self, needs: &mut Needs) {
        if self.changes.is_empty() {
            needs.refuse("there is no folder to change");
        }
        for change in &self.changes {
            change.needs(needs);
        }
    }

    fn write(&self, request: Tag<'_>) {
        request.children(|body| {
            body.tag("m:FolderChanges").children(|out| {
                for change in &self.changes {
                    change.write(out);
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
    use crate::ews::testing::{assert_request, assert_since, messages, refusal};
    use crate::ews::types::{
        ExtendedFieldUri, ExtendedProperties, ExtendedProperty, Folder, FolderId, FolderProperties,
        MapiPropertyType,
    };
    use crate::ews::{DistinguishedFolderId, FieldUri, ResponseCode, ServerVersion};

    fn id() -> FolderId {
        FolderId::new("AAMkAGhvbAAA").with_change_key("AgAAABYAAABob2w=")
    }

    #[test]
    fn request() {
        let hidden = ExtendedFieldUri::tag(0x10f4, MapiPropertyType::Boolean);
        let properties = FolderProperties {
            extended_properties: Some(ExtendedProperties(vec![ExtendedProperty::new(
                hidden, "true",
            )])),
            ..FolderProperties::default()
        };
        let hide = Folder {
            kind: "Folder".to_owned(),
            properties,
        };
        let changes = [
            FolderChange::new(id()).set(Folder::calendar("Leave & holidays")),
            FolderChange::new(DistinguishedFolderId::Notes)
                .set(hide)
                .delete(ExtendedFieldUri::tag(0x3004, MapiPropertyType::String)),
        ];
        let version = ServerVersion::Exchange2007Sp1;
        assert_request("update_folder/request", version, &UpdateFolder::new(changes));
    }

    #[test]
    fn what_cannot_be_sent() {
        let newer = FolderChange::new(id()).delete(FieldUri::FolderPolicyTag);
        let newer = UpdateFolder::new([newer]);
        assert_since(ServerVersion::Exchange2013, "folder:PolicyTag", &newer);
        let version = ServerVersion::Exchange2016;
        for (operation, why) in [
            (UpdateFolder::new([]), "there is no folder to change"),
            (
                UpdateFolder::new([FolderChange::new(id())]),
                "a folder is to be changed, but no property is given",
            ),
        ] {
            assert_eq!(refusal(version, &operation), why);
        }
    }

    #[test]
    fn answer() {
        let answer = messages::<UpdateFolder>("update_folder/response");
        let [renamed, refused] = <[_; 2]>::try_from(answer).unwrap();
        let folders = renamed.ok().unwrap().folders;
        let id = folders[0].properties.folder_id.as_ref().unwrap();
        assert_eq!(id.change_key.as_deref(), Some("AgAAABYAAABsYXRlcg=="));
        assert_eq!(refused.code, Some(ResponseCode::ErrorAccessDenied));
    }
}
