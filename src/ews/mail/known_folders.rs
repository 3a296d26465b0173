//! Which folders of a mailbox are those that every mailbox has.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::OnceCell;

use crate::error::{ErrorKind, Result};
use crate::ews::mailbox::{EwsMailbox, of};
use crate::ews::operation::GetFolder;
use crate::ews::types::{BaseShape, Folder as WireFolder, FolderShape};
use crate::ews::{DistinguishedFolderId, ServerVersion, convert};
use crate::model::{Folder, FolderId, WellKnownFolder};

/// Since when a server says of each folder what every mailbox has it for.
const SAID_SINCE: ServerVersion = ServerVersion::Exchange2013;

/// By their identifiers, once they were looked up. Clones share it.
#[derive(Clone, Debug, Default)]
pub(in crate::ews) struct KnownFolders(Arc<OnceCell<Ids>>);

/// What the folders with these identifiers are for; `None` for what programs do not ask for.
type Ids = BTreeMap<String, Option<WellKnownFolder>>;

/// Those without a name in the model, which cannot be moved or deleted either.
const OTHERS: [DistinguishedFolderId; 5] = [
    DistinguishedFolderId::Calendar,
    DistinguishedFolderId::Contacts,
    DistinguishedFolderId::Journal,
    DistinguishedFolderId::Notes,
    DistinguishedFolderId::Tasks,
];

impl EwsMailbox {
    /// Folders as programs get them: with what they are for, on every version.
    pub(super) async fn folders_of(
        &self,
        wire: &[WireFolder],
        operation: &'static str,
    ) -> Result<Vec<Folder>> {
        let mut folders: Vec<Folder> = wire.iter().filter_map(convert::mail_folder).collect();
        if self.version(operation).await? < SAID_SINCE && !folders.is_empty() {
            let known = self.ids_of_known_folders(operation).await?;
            for folder in &mut folders {
                folder.well_known = known.get(folder.id.as_raw()).copied().flatten();
            }
        }
        Ok(folders)
    }

    /// Whether every mailbox has that folder, so that it stays where it is and as it is called.
    pub(super) async fn is_distinguished(
        &self,
        folder: &WireFolder,
        operation: &'static str,
    ) -> Result<bool> {
        if self.version(operation).await? >= SAID_SINCE {
            return Ok(folder.properties.distinguished_folder_id.is_some());
        }
        let known = self.ids_of_known_folders(operation).await?;
        let id = folder.properties.folder_id.as_ref();
        Ok(id.is_some_and(|id| known.contains_key(&id.id)))
    }

    /// What the folder with that identifier is for, if that is known without asking again.
    pub(super) async fn purpose_of(
        &self,
        id: &FolderId,
        operation: &'static str,
    ) -> Result<Option<WellKnownFolder>> {
        let known = self.ids_of_known_folders(operation).await?;
        Ok(known.get(id.as_raw()).copied().flatten())
    }

    /// Looked up with the first call, in one request.
    async fn ids_of_known_folders(&self, operation: &'static str) -> Result<&Ids> {
        let look_up = || async {
            let version = self.version(operation).await?;
            let named = convert::WELL_KNOWN.iter();
            let named = named.map(|(known, id)| (id.clone(), Some(*known)));
            let others = OTHERS.into_iter().map(|id| (id, None));
            let wanted: Vec<_> = named
                .chain(others)
                .filter(|(id, _)| id.since() <= version)
                .collect();
            let folders = wanted.iter().map(|(id, _)| self.folder(id.clone()));
            let get = GetFolder::new(FolderShape::new(BaseShape::IdOnly), folders);
            let answers = self.send(&get, operation).await?;
            let mut ids = Ids::new();
            for ((_, known), answer) in wanted.into_iter().zip(answers) {
                let found = match of(answer, operation) {
                    Ok(found) => found,
                    // Not every mailbox has all, and who may see it need not see all.
                    Err(error) if is_out_of_sight(error.kind()) => continue,
                    Err(error) => return Err(error),
                };
                let folder = found.folders.into_iter().next();
                let id = folder.and_then(|folder| folder.properties.folder_id);
                ids.extend(id.map(|id| (id.id, known)));
            }
            Ok(ids)
        };
        self.known_folders.0.get_or_try_init(look_up).await
    }
}

fn is_out_of_sight(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::NotFound | ErrorKind::PermissionDenied | ErrorKind::Unsupported
    )
}
