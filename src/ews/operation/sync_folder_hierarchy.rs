use serde::Serialize;

use super::{Needs, Operation, ResponseMessage, response_messages, sync_folder_items};
use crate::ews::types::{Folder, FolderId, FolderIdRef, FolderShape};
use crate::xml::{Element, Problem, ReadElement, Tag};

/// Follows the changes of a tree of folders: what came, what was renamed or moved, what went.
///
/// Exchange 2007 and later. With the same state it gives the same changes. It tells nothing of
/// the items in the folders.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/syncfolderhierarchy-operation>
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SyncFolderHierarchy {
    /// What to read of the folders.
    pub shape: FolderShape,
    /// The top of the tree, which is not itself told of; the root of the mailbox if not said.
    pub folder: Option<FolderIdRef>,
    /// Where the last answer ended; from the beginning if not said.
    pub sync_state: Option<String>,
}

impl SyncFolderHierarchy {
    /// The changes below that folder since `sync_state`, or all folders if there is none.
    pub fn new(
        shape: FolderShape,
        folder: impl Into<FolderIdRef>,
        sync_state: Option<String>,
    ) -> Self {
        Self {
            shape,
            folder: Some(folder.into()),
            sync_state,
        }
    }
}

impl Operation for SyncFolderHierarchy {
    type Response = Vec<ResponseMessage<SyncedFolders>>;

    const NAME: &'static str = "SyncFolderHierarchy";
    const REPEATABLE: bool = true;

    fn requested(&self) -> Option<usize> {
        Some(1)
    }

    fn needs(&self, needs: &mut Needs) {
        self.shape.needs(needs);
        if let Some(folder) = &self.folder {
            needs.folders(std::slice::from_ref(folder));
        }
    }

    fn write(&self, request: Tag<'_>) {
        request.children(|body| {
            self.shape.write(body.tag("m:FolderShape"));
            if let Some(folder) = &self.folder {
                body.tag("m:SyncFolderId")
                    .children(|out| folder.write(out));
            }
            body.value_if("m:SyncState", self.sync_state.as_ref());
        });
    }

    /// An answer without a state is none, see [`SyncFolderItems`](super::SyncFolderItems).
    fn read(response: &mut Element<'_, '_>) -> Result<Self::Response, Problem> {
        let messages: Self::Response =
            response_messages(response, |synced: &mut SyncedFolders, child| {
                match child.name() {
                    "SyncState" => synced.sync_state = child.text()?,
                    "IncludesLastFolderInRange" => {
                        synced.includes_last_folder_in_range = child.lenient()?;
                    }
                    "Changes" => {
                        while let Some(mut change) = child.next_child()? {
                            synced.changes.extend(SyncFolderChange::read(&mut change)?);
                        }
                    }
                    _ => child.skip()?,
                }
                Ok(())
            })?;
        sync_folder_items::with_state(messages, |synced| &synced.sync_state)
    }
}

/// What happened to the folders.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct SyncedFolders {
    /// Where this answer ends: to be kept, and given with the next request.
    pub sync_state: String,
    /// Whether there is nothing more for now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub includes_last_folder_in_range: Option<bool>,
    /// The changes, parents before what is in them.
    pub changes: Vec<SyncFolderChange>,
}

/// One change of a tree of folders.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub enum SyncFolderChange {
    /// A folder is new, or was moved here.
    Create(Folder),
    /// A folder was changed, or moved within the tree.
    Update(Folder),
    /// A folder was deleted, or moved away.
    #[serde(rename_all = "PascalCase")]
    Delete {
        /// Which folder it was.
        folder_id: FolderId,
    },
}

impl SyncFolderChange {
    fn read(node: &mut Element<'_, '_>) -> Result<Option<Self>, Problem> {
        let kind = node.name().to_owned();
        let (mut folder, mut folder_id) = (None, None);
        while let Some(mut child) = node.next_child()? {
            match (kind.as_str(), child.name()) {
                // Of whatever kind: `CalendarFolder`, or one that is newer than this crate.
                ("Create" | "Update", name) if name.ends_with("Folder") => {
                    Folder::read_into(&mut folder, &mut child)?;
                }
                ("Delete", "FolderId") => FolderId::read_into(&mut folder_id, &mut child)?,
                _ => child.skip()?,
            }
        }
        Ok(match (kind.as_str(), folder, folder_id) {
            ("Create", Some(folder), _) => Some(Self::Create(folder)),
            ("Update", Some(folder), _) => Some(Self::Update(folder)),
            ("Delete", _, Some(folder_id)) => Some(Self::Delete { folder_id }),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::ews::testing::{assert_request, fixture, messages};
    use crate::ews::types::BaseShape;
    use crate::ews::{DistinguishedFolderId, FieldUri, ServerVersion, soap};

    #[test]
    fn request() {
        let shape = FolderShape::new(BaseShape::IdOnly)
            .with([FieldUri::FolderDisplayName, FieldUri::FolderParentFolderId]);
        let state = Some("H4sIAAAA".to_owned());
        let folder = DistinguishedFolderId::MsgFolderRoot;
        let operation = SyncFolderHierarchy::new(shape, folder, state);
        let version = ServerVersion::Exchange2010Sp2;
        assert_request("sync_folder_hierarchy/request", version, &operation);
    }

    #[test]
    fn first_request() {
        let operation = SyncFolderHierarchy {
            shape: FolderShape::new(BaseShape::Default),
            folder: None,
            sync_state: None,
        };
        let version = ServerVersion::Exchange2007Sp1;
        assert_request("sync_folder_hierarchy/request_first", version, &operation);
    }

    #[test]
    fn answer() {
        let answer = messages::<SyncFolderHierarchy>("sync_folder_hierarchy/response");
        let synced = answer.into_iter().next().unwrap().ok().unwrap();
        assert_eq!(synced.sync_state, "H4sIAAAB");
        assert_eq!(synced.includes_last_folder_in_range, Some(true));
        let [
            SyncFolderChange::Create(created),
            SyncFolderChange::Update(updated),
            SyncFolderChange::Delete { folder_id: deleted },
        ] = synced.changes.as_slice()
        else {
            panic!("{synced:?}");
        };
        assert_eq!(created.kind, "CalendarFolder");
        assert_eq!(created.properties.display_name.as_deref(), Some("Rooms"));
        assert_eq!(updated.kind, "Folder");
        assert_eq!(updated.properties.display_name.as_deref(), Some("Archive 2026"));
        assert_eq!(deleted.id, "AAMkAGUx=");
    }

    #[test]
    fn a_busy_server_sends_no_state() {
        let answer = messages::<SyncFolderHierarchy>("sync_folder_hierarchy/response_busy");
        let refusal = answer.into_iter().next().unwrap().ok().unwrap_err();
        let error = refusal.into_error(SyncFolderHierarchy::NAME);
        assert_eq!(error.kind(), ErrorKind::Throttled);
    }

    #[test]
    fn a_success_without_a_state_is_no_answer() {
        let envelope = fixture("ews/sync_folder_hierarchy/response");
        let envelope = envelope.replace("H4sIAAAB", " ");
        let error = soap::response::<SyncFolderHierarchy>(&envelope, Some(1)).unwrap_err();
        assert!(matches!(error.problem, Problem::Missing("SyncState")), "{error}");
    }
}
