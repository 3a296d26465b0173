use serde::Serialize;

use super::{Needs, Operation, ResponseMessage, response_messages};
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
        response_messages(response, |folders: &mut Folders, child| {
            match child.name() {
                "Folders" => folders.read(child)?,
                _ => child.skip()?,
            }
            Ok(())
        })
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
    pub(super) fn read(&mut self, list: &mut Element<'_, '_>) -> Result<(), Problem> {
        while let Some(mut child) = list.next_listed()? {
            self.folders.extend(Folder::read_element(&mut child)?);
        }
        Ok(())
    }
}
