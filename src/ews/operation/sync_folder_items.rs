use serde::Serialize;

use super::{Needs, Operation, ResponseMessage, response_messages};
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
        with_state(messages, |synced| &synced.sync_state)
    }
}

/// The answers, if each that is one says where it ends.
pub(super) fn with_state<T>(
    messages: Vec<ResponseMessage<T>>,
    state: impl Fn(&T) -> &str,
) -> Result<Vec<ResponseMessage<T>>, Problem> {
    let has_none = |one: &ResponseMessage<T>| one.is_ok() && state(&one.body).trim().is_empty();
    match messages.iter().any(has_none) {
        true => Err(Problem::Missing("SyncState")),
        false => Ok(messages),
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
                // There is one item only; what else may come some day does not take its place.
                ("Create" | "Update", _) if matches!(item, None | Some(Item::Other(_))) => {
                    Item::read_into(&mut item, &mut child)?;
                }
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::error::{ErrorKind, RetryAdvice};
    use crate::ews::testing::{assert_request, assert_since, fixture, messages, refusal};
    use crate::ews::types::{BaseShape, FolderId};
    use crate::ews::{DistinguishedFolderId, soap};

    fn calendar(max_changes_returned: u32) -> SyncFolderItems {
        let shape = ItemShape::new(BaseShape::IdOnly);
        let folder = DistinguishedFolderId::Calendar;
        SyncFolderItems::new(shape, folder, None, max_changes_returned)
    }

    #[test]
    fn request() {
        let state = Some("H4sIAAAAAAAEAGNgYGcA".to_owned());
        let folder = FolderId::new("AAMkAGNhbGVuAAA=");
        let shape = ItemShape::new(BaseShape::Default);
        let mut operation = SyncFolderItems::new(shape, folder, state, 512);
        operation.ignore = vec![ItemId::new("AAMkAGlnbm9yZQAAA=")];
        operation.sync_scope = Some(SyncScope::NormalAndAssociatedItems);
        let version = ServerVersion::Exchange2010Sp1;
        assert_request("sync_folder_items/request", version, &operation);
    }

    #[test]
    fn first_request() {
        let version = ServerVersion::Exchange2007Sp1;
        assert_request("sync_folder_items/request_first", version, &calendar(100));
    }

    #[test]
    fn what_cannot_be_sent() {
        let mut scoped = calendar(1);
        scoped.sync_scope = Some(SyncScope::NormalItems);
        assert_since(ServerVersion::Exchange2010, "SyncScope", &scoped);
        for number in [0, 513] {
            let said = refusal(ServerVersion::Exchange2016, &calendar(number));
            assert_eq!(said, "MaxChangesReturned must be 1 to 512");
        }
    }

    #[test]
    fn answer() {
        let answer = messages::<SyncFolderItems>("sync_folder_items/response");
        let synced = answer.into_iter().next().unwrap().ok().unwrap();
        assert!(synced.sync_state.starts_with("H4sI"));
        assert_eq!(synced.includes_last_item_in_range, Some(false));
        let [
            SyncChange::Create(created),
            SyncChange::Update(updated),
            SyncChange::Delete { item_id: deleted },
            SyncChange::ReadFlagChange { item_id: read, is_read },
        ] = synced.changes.as_slice()
        else {
            panic!("{synced:?}");
        };
        assert_eq!(created.properties().unwrap().subject.as_deref(), Some("Dentist"));
        assert_eq!(updated.item_id().unwrap().id, "AAMkAHN5bmMyAAA=");
        assert_eq!(deleted.id, "AAMkAHN5bmMzAAA=");
        assert_eq!((read.id.as_str(), *is_read), ("AAMkAHN5bmM0AAA=", true));
    }

    #[test]
    fn a_busy_server_sends_no_state_and_says_how_long_to_wait() {
        let answer = messages::<SyncFolderItems>("sync_folder_items/response_busy");
        let refusal = answer.into_iter().next().unwrap().ok().unwrap_err();
        let error = refusal.into_error("SyncFolderItems");
        assert_eq!(error.kind(), ErrorKind::Throttled);
        let wait = Duration::from_millis(12_500);
        assert_eq!(error.advice(), RetryAdvice::After(wait));
    }

    #[test]
    fn a_success_without_a_state_is_no_answer() {
        let envelope = fixture("ews/sync_folder_items/response");
        let (before, after) = envelope.split_once("<m:SyncState>").unwrap();
        let (_, after) = after.split_once("</m:SyncState>").unwrap();
        for state in ["", "<m:SyncState/>", "<m:SyncState> </m:SyncState>"] {
            let envelope = format!("{before}{state}{after}");
            let error = soap::response::<SyncFolderItems>(&envelope, Some(1)).unwrap_err();
            assert!(matches!(error.problem, Problem::Missing("SyncState")), "{error}");
        }
    }
}
