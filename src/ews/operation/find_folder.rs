use serde::Serialize;

use super::{Folders, Needs, Operation, ResponseMessage, response_messages, serialize_inside, pick};
use crate::ews::types::{
    FindResponsePagingAttributes, Folder, FolderIdRef, FolderShape, SearchExpression, Traversal, View,
};
use crate::xml::{Element, Problem, Tag};

/// Finds folders in folders.
///
/// Exchange 2007 and later.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/findfolder-operation>
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FindFolder {
    /// How deep to look: shallow, deep or soft-deleted.
    pub traversal: Traversal,
    /// What to read of them.
    pub shape: FolderShape,
    /// Which part of the list to return; all if not said.
    pub view: Option<View>,
    /// Which conditions they must meet.
    pub restriction: Option<SearchExpression>,
    /// Where to look; one folder at least.
    pub parents: Vec<FolderIdRef>,
}

impl FindFolder {
    /// Finds the folders in these.
    pub fn new(
        traversal: Traversal,
        shape: FolderShape,
        parents: impl IntoIterator<Item = impl Into<FolderIdRef>>,
    ) -> Self {
        Self {
            traversal,
            shape,
            view: None,
            restriction: None,
            parents: parents.into_iter().map(Into::into).collect(),
        }
    }

    /// Returns that part of the list.
    #[must_use]
    pub fn view(mut self, view: View) -> Self {
        self.view = Some(view);
        self
    }

    /// Returns only folders that meet the conditions.
    #[must_use]
    pub fn restriction(mut self, restriction: SearchExpression) -> Self {
        self.restriction = Some(restriction);
        self
    }
}

impl Operation for FindFolder {
    type Response = Vec<ResponseMessage<FoundFolders>>;

    const NAME: &'static str = "FindFolder";
    const REPEATABLE: bool = true;

    fn requested(&self) -> Option<usize> {
        Some(self.parents.len())
    }

    fn narrowed(&self, parts: &[usize]) -> Option<Self> {
        let parents = pick(&self.parents, parts);
        Some(Self { parents, ..self.clone() })
    }

    fn needs(&self, needs: &mut Needs) {
        self.shape.needs(needs);
        needs.folders(&self.parents);
        if let Some(restriction) = &self.restriction {
            restriction.needs(needs);
        }
        if self.traversal == Traversal::Associated {
            needs.refuse("folders cannot be looked for with the traversal Associated");
        }
        if matches!(self.view, Some(View::Calendar { .. })) {
            needs.refuse("a calendar view finds items, not folders");
        }
    }

    fn write(&self, request: Tag<'_>) {
        request
            .attribute("Traversal", &self.traversal)
            .children(|body| {
                self.shape.write(body.tag("m:FolderShape"));
                if let Some(view) = &self.view {
                    view.write("m:IndexedPageFolderView", body);
                }
                if let Some(restriction) = &self.restriction {
                    body.tag("m:Restriction")
                        .children(|out| restriction.write(out));
                }
                body.tag("m:ParentFolderIds").children(|ids| {
                    for id in &self.parents {
                        id.write(ids);
                    }
                });
            });
    }

    fn read(response: &mut Element<'_, '_>) -> Result<Self::Response, Problem> {
        response_messages(response, |found: &mut FoundFolders, child| {
            match child.name() {
                "RootFolder" => found.read(child)?,
                _ => child.skip()?,
            }
            Ok(())
        })
    }
}

/// Folders that were found in one folder.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/rootfolder-findfolderresponsemessage>
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase", remote = "Self")]
#[non_exhaustive]
pub struct FoundFolders {
    /// Which part of the list it is.
    #[serde(flatten)]
    pub paging: FindResponsePagingAttributes,
    /// The folders.
    pub folders: Vec<Folder>,
}

impl FoundFolders {
    fn read(&mut self, root: &mut Element<'_, '_>) -> Result<(), Problem> {
        self.paging = FindResponsePagingAttributes::read(root)?;
        while let Some(mut child) = root.next_child()? {
            match child.name() {
                "Folders" => {
                    let mut folders = Folders::default();
                    folders.read(&mut child)?;
                    self.folders = folders.folders;
                }
                _ => child.skip()?,
            }
        }
        Ok(())
    }
}

serialize_inside!("RootFolder", FoundFolders);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ews::testing::{assert_request, messages, refusal};
    use crate::ews::types::BaseShape;
    use crate::ews::{DistinguishedFolderId, FieldUri, ServerVersion};

    fn below_root() -> FindFolder {
        let shape = FolderShape::new(BaseShape::Default).with([FieldUri::FolderFolderClass]);
        FindFolder::new(Traversal::Deep, shape, [DistinguishedFolderId::MsgFolderRoot])
    }

    #[test]
    fn request() {
        let class = FieldUri::FolderFolderClass.into();
        let operation = below_root()
            .view(View::page(50, 25))
            .restriction(SearchExpression::IsEqualTo(class, "IPF.Appointment".into()));
        let version = ServerVersion::Exchange2007Sp1;
        assert_request("find_folder/request", version, &operation);
    }

    #[test]
    fn what_cannot_be_sent() {
        let mut hidden = below_root();
        hidden.traversal = Traversal::Associated;
        let now = chrono::Utc::now();
        let calendar = below_root().view(View::calendar(now, now));
        for (operation, why) in [
            (hidden, "folders cannot be looked for with the traversal Associated"),
            (calendar, "a calendar view finds items, not folders"),
        ] {
            assert_eq!(refusal(ServerVersion::Exchange2016, &operation), why);
        }
    }

    #[test]
    fn answer() {
        let [message] = messages::<FindFolder>("find_folder/response").try_into().unwrap();
        let found: FoundFolders = ResponseMessage::ok(message).unwrap();
        assert_eq!(found.paging.indexed_paging_offset, Some(2));
        assert_eq!(found.paging.total_items_in_view, Some(5));
        assert_eq!(found.paging.includes_last_item_in_range, Some(false));
        let [calendar, inbox] = found.folders.as_slice() else {
            panic!("{found:?}");
        };
        assert_eq!(calendar.kind, "CalendarFolder");
        assert_eq!(calendar.properties.total_count, Some(12));
        assert_eq!(inbox.kind, "Folder");
        assert_eq!(inbox.properties.unread_count, Some(4));
    }
}
