use serde::Serialize;

use crate::ews::DistinguishedFolderId;
use crate::xml::{Children, Element, ListItem, Problem, ReadElement, Tag, WriteElement};

use super::Mailbox;

/// Identifies an item, and with a change key one state of it.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/itemid>
#[derive(Clone, Debug, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ItemId {
    /// The identifier: opaque, case-sensitive; it changes when the item moves.
    pub id: String,
    /// Which state of the item is meant; any if not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change_key: Option<String>,
}

impl ItemId {
    /// The item, whatever its state.
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            change_key: None,
        }
    }

    /// The item in that state.
    #[must_use]
    pub fn with_change_key(mut self, change_key: impl Into<String>) -> Self {
        self.change_key = Some(change_key.into());
        self
    }
}

impl ReadElement for ItemId {
    fn read_element(node: &mut Element<'_, '_>) -> Result<Option<Self>, Problem> {
        Ok(read(node)?.map(|(id, change_key)| Self { id, change_key }))
    }
}

impl WriteElement for ItemId {
    fn write_element(&self, tag: Tag<'_>) {
        write(tag, &self.id, self.change_key.as_ref());
    }
}

/// The identifier and the change key of an item or a folder; `None` without the identifier.
fn read(node: &mut Element<'_, '_>) -> Result<Option<(String, Option<String>)>, Problem> {
    let Some(id) = node.attribute("Id")? else {
        return Ok(None);
    };
    Ok(Some((id, node.attribute("ChangeKey")?)))
}

fn write(tag: Tag<'_>, id: &String, change_key: Option<&String>) {
    tag.attribute("Id", id)
        .attribute_if("ChangeKey", change_key);
}

impl ListItem for ItemId {
    const TAG: &'static str = "t:ItemId";
}

/// Which item a request is about: by its own identifier or by its place in a series.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/itemids>
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum ItemIdRef {
    /// The item itself.
    Item(ItemId),
    /// One occurrence of a series, by the id of the master and its number, counted from 1.
    Occurrence {
        /// Identifier of the recurring master.
        recurring_master_id: String,
        /// Which state of the master is meant; any if not said.
        change_key: Option<String>,
        /// The number of the occurrence, counted from 1; deleted ones count too.
        instance_index: u32,
    },
    /// The master of the series an occurrence belongs to.
    RecurringMaster {
        /// Identifier of the occurrence.
        occurrence_id: String,
        /// Which state of the occurrence is meant; any if not said.
        change_key: Option<String>,
    },
}

impl From<ItemId> for ItemIdRef {
    fn from(id: ItemId) -> Self {
        Self::Item(id)
    }
}

impl ItemIdRef {
    pub(crate) fn write(&self, out: &mut Children<'_>) {
        match self {
            Self::Item(id) => out.value("t:ItemId", id),
            Self::Occurrence {
                recurring_master_id,
                change_key,
                instance_index,
            } => drop(
                out.tag("t:OccurrenceItemId")
                    .attribute("RecurringMasterId", recurring_master_id)
                    .attribute_if("ChangeKey", change_key.as_ref())
                    .attribute("InstanceIndex", instance_index),
            ),
            Self::RecurringMaster {
                occurrence_id,
                change_key,
            } => drop(
                out.tag("t:RecurringMasterItemId")
                    .attribute("OccurrenceId", occurrence_id)
                    .attribute_if("ChangeKey", change_key.as_ref()),
            ),
        }
    }
}

/// Identifies a folder, and with a change key one state of it.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/folderid>
#[derive(Clone, Debug, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct FolderId {
    /// The identifier: opaque, case-sensitive; it stays when the folder moves.
    pub id: String,
    /// Which state of the folder is meant; any if not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change_key: Option<String>,
}

impl FolderId {
    /// The folder, whatever its state.
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            change_key: None,
        }
    }

    /// The folder in that state.
    #[must_use]
    pub fn with_change_key(mut self, change_key: impl Into<String>) -> Self {
        self.change_key = Some(change_key.into());
        self
    }
}

impl ReadElement for FolderId {
    fn read_element(node: &mut Element<'_, '_>) -> Result<Option<Self>, Problem> {
        Ok(read(node)?.map(|(id, change_key)| Self { id, change_key }))
    }
}

impl WriteElement for FolderId {
    fn write_element(&self, tag: Tag<'_>) {
        write(tag, &self.id, self.change_key.as_ref());
    }
}

/// Which folder a request is about: by identifier or by what it is for.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum FolderIdRef {
    /// Any folder.
    Id(FolderId),
    /// A folder every mailbox has; of the caller's own mailbox if none is named.
    Distinguished(DistinguishedFolderId, Option<Mailbox>),
}

impl From<DistinguishedFolderId> for FolderIdRef {
    fn from(id: DistinguishedFolderId) -> Self {
        Self::Distinguished(id, None)
    }
}

impl From<FolderId> for FolderIdRef {
    fn from(id: FolderId) -> Self {
        Self::Id(id)
    }
}

impl FolderIdRef {
    pub(crate) fn write(&self, out: &mut Children<'_>) {
        match self {
            Self::Id(id) => out.value("t:FolderId", id),
            Self::Distinguished(id, mailbox) => {
                let tag = out.tag("t:DistinguishedFolderId").attribute("Id", id);
                if let Some(mailbox) = mailbox {
                    tag.children(|out| out.value("t:Mailbox", mailbox));
                }
            }
        }
    }
}
