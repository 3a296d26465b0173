//! Which folders of a mailbox are those that every mailbox has.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use tokio::sync::OnceCell;

use crate::error::{ErrorKind, Result};
use crate::graph::call::Call;
use crate::graph::convert;
use crate::graph::mailbox::GraphMailbox;
use crate::graph::permission::Permission;
use crate::graph::wire;
use crate::model::{Folder, FolderId, WellKnownFolder};

/// The ids of the folders that every mailbox has, once they were looked up.
#[derive(Clone, Debug, Default)]
pub(in crate::graph) struct KnownFolders(Arc<OnceCell<Ids>>);

type Ids = BTreeMap<String, WellKnownFolder>;

impl GraphMailbox {
    /// Folders as programs get them: with what they are for.
    pub(super) async fn folders_of(
        &self,
        wire: &[wire::MailFolder],
        operation: &'static str,
    ) -> Result<Vec<Folder>> {
        let mut folders: Vec<Folder> = wire.iter().filter_map(convert::folder).collect();
        if !folders.is_empty() {
            let known = self.ids_of_known_folders(operation).await?;
            for folder in &mut folders {
                folder.well_known = known.get(folder.id.as_raw()).copied();
            }
        }
        Ok(folders)
    }

    /// What the folder with that id is for, if every mailbox has it.
    pub(super) async fn purpose_of(
        &self,
        id: &FolderId,
        operation: &'static str,
    ) -> Result<Option<WellKnownFolder>> {
        let known = self.ids_of_known_folders(operation).await?;
        Ok(known.get(id.as_raw()).copied())
    }

    /// Looked up with the first call, in one request.
    async fn ids_of_known_folders(&self, operation: &'static str) -> Result<&Ids> {
        #[derive(Deserialize)]
        struct Named {
            id: String,
        }
        let look_up = || async {
            let get = |name: &str| {
                let path = ["mailFolders", name];
                Call::get(operation, &path, Permission::MailReadBasic).query("$select", "id")
            };
            let named = convert::WELL_KNOWN.iter();
            let calls: Vec<Call> = named.map(|(_, name)| get(name)).collect();
            let answers = self.client.batch(&calls).await?;
            let mut ids = Ids::new();
            for (((known, _), call), answer) in convert::WELL_KNOWN.iter().zip(&calls).zip(answers)
            {
                match answer {
                    Ok(answer) => drop(ids.insert(answer.json::<Named>(call)?.id, *known)),
                    // Not every mailbox has all, and who may see it need not see all.
                    Err(error) if is_out_of_sight(error.kind()) => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(ids)
        };
        self.known_folders.0.get_or_try_init(look_up).await
    }
}

fn is_out_of_sight(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::NotFound
            | ErrorKind::PermissionDenied
            | ErrorKind::Unsupported
            | ErrorKind::InvalidId
            | ErrorKind::InvalidArgument
    )
}
