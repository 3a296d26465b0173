use serde::Serialize;

use super::{Needs, Operation, ResponseClass, ResponseMessage, response_messages};
use crate::ews::ServerVersion;
use crate::ews::types::{FolderIdRef, Item, ItemId, ItemShape};
use crate::xml::{Element, Problem, ReadElement, Tag, WriteElement, names};

names! {
    /// Which items to follow. Exchange 2010 and later.
    pub enum SyncScope {
        NormalItems = "NormalItems",
        NormalAndAssociatedItems = "NormalAndAssociatedItems",
    }
}

/// Follows the changes of a folder.
///
/// Exchange 2007 and later. With the same state it gives the same changes.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/syncfolderitems-operation>
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SyncFolderItems {
    /// What to read of the items.
    pub shape: ItemShape,
    /// Which folder.
    pub folder: FolderIdRef,
    /// Where the last answer ended; from the beginning if not said.
    pub sync_state: Option<String>,
    /// Items not to speak of.
    pub ignore: Vec<ItemId>,
    /// Changes at most, 1 to 512.
    pub max_changes_returned: u32,
    /// Which items. Exchange 2010 and later.
    pub sync_scope: Option<SyncScope>,
}

impl SyncFolderItems {
    /// The changes since `sync_state`, or all items if there is none.
    pub fn new(
        shape: ItemShape,
        folder: impl Into<FolderIdRef>,
        sync_state: Option<String>,
        max_changes_returned: u32,
    ) -> Self {
        Self {
            shape,
            folder: folder.into(),
            sync_state,
            ignore: Vec::new(),
            max_changes_returned,
            sync_scope: None,
        }
    }
}

impl Operation for SyncFolderItems {
    type Response = Vec<ResponseMessage<SyncedItems>>;

    const NAME: &'static str = "SyncFolderItems";
    const REPEATABLE: bool = true;

    fn requested(&self) -> Option<usize> {
        Some(1)
    }

    fn needs(&self, needs: &mut Needs) {
        self.shape.needs(needs);
        needs.folders(std::slice::from_ref(&self.folder));
        if self.sync_scope.is_some() {
            needs.at_least("SyncScope", ServerVersion::Exchange2010);
        }
        if !(1..=512).contains(&self.max_changes_returned) {
            needs.refuse("MaxChangesReturned must be 1 to 512");
        }
    }

    fn write(&self, request: Tag<'_>) {
        request.children(|body| {
            self.shape.write(body.tag("m:ItemShape"));
            body.tag("m:SyncFolderId")
                .children(|out| self.folder.write(out));
            body.value_if("m:SyncState", self.sync_state.as_ref());
            if !self.ignore.is_empty() {
                self.ignore.write_element(body.tag("m:Ignore"));
            }
            body.value("m:MaxChangesReturned", &self.max_changes_returned);
            body.value_if("m:SyncScope", self.sync_scope.as_ref());
        });
    }

    /// An answer without a state is none: taken for one it would set the caller back to the
    /// beginning. Servers send an empty one when they are busy.
    fn read(response: &mut Element<'_, '_>) -> Result<Self::Response, Problem> {
        let messages: Self::Response =
            response_messages(response, |synced: &mut SyncedItems, child| {
                match child.name() {
                    "SyncState" => synced.sync_state = child.text()?,
                    "IncludesLastItemInRange" => {
                        synced.includes_last_item_in_range = child.lenient()?;
                    }
                    "Changes" => {
                        while let Some(mut change) = child.next_child()? {
                            synced.changes.extend(SyncChange::read(&mut change)?);
                        }
                    }
                    _ => child.skip()?,
                }
                Ok(())
            })?;
        let has_no_state = |message: &ResponseMessage<SyncedItems>| {
            message.class == ResponseClass::Success && message.body.sync_state.trim().is_empty()
        };
        if messages.iter().any(has_no_state) {
            return Err(Problem::Missing("SyncState"));
        }
        Ok(messages)
    }
}

/// What has changed in a folder.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct SyncedItems {
    /// Where this answer ends: opaque, up to some hundred kilobytes.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sync_state: String,
    /// Whether there is nothing more for now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub includes_last_item_in_range: Option<bool>,
    /// The changes, oldest first.
    pub changes: Vec<SyncChange>,
}

/// One change in a folder.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub enum SyncChange {
    /// An item is new, or was moved here.
    Create(Item),
    /// An item was changed.
    Update(Item),
    /// An item was deleted, or moved away.
    #[serde(rename_all = "PascalCase")]
    Delete {
        /// Which item it was.
        item_id: ItemId,
    },
    /// A message was marked read or unread. Exchange 2007 SP1 and later.
    #[serde(rename_all = "PascalCase")]
    ReadFlagChange {
        /// Which message.
        item_id: ItemId,
        /// Whether it is read now.
        is_read: bool,
    },
}

impl SyncChange {
    fn read(node: &mut Element<'_, '_>) -> Result<Option<Self>, Problem> {
        let kind = node.name().to_owned();
        let (mut item, mut item_id, mut is_read) = (None, None, None);
        while let Some(mut child) = node.next_child()? {
            match (kind.as_str(), child.name()) {
                ("Create" | "Update", _) => Item::read_into(&mut item, &mut child)?,
                (_, "ItemId") => ItemId::read_into(&mut item_id, &mut child)?,
                (_, "IsRead") => is_read = child.lenient()?,
                _ => child.skip()?,
            }
        }
        Ok(match (kind.as_str(), item, item_id, is_read) {
            ("Create", Some(item), _, _) => Some(Self::Create(item)),
            ("Update", Some(item), _, _) => Some(Self::Update(item)),
            ("Delete", _, Some(item_id), _) => Some(Self::Delete { item_id }),
            ("ReadFlagChange", _, Some(item_id), Some(is_read)) => {
                Some(Self::ReadFlagChange { item_id, is_read })
            }
            _ => None,
        })
    }
}
