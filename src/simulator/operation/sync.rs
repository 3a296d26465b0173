//! SyncFolderItems and SyncFolderHierarchy.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use roxmltree::Node;
use uuid::Uuid;

use super::folders::{FolderShape, write_folder};
use super::{Call, children};
use crate::simulator::ids::{Id, change_key};
use crate::simulator::item::{Item, READ};
use crate::simulator::refusal::{Fault, Refusal};
use crate::simulator::request::Element as _;
use crate::simulator::shape::Shape;
use crate::simulator::soap::responses;
use crate::simulator::store::{CalendarRights, Mailbox, Store, Tombstone};
use crate::simulator::xml::Writer;

/// How far a client is. A round tells everything between two counts of the store; a state in the
/// middle of a round says which items and deletions were told already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulator) struct State {
    pub(in crate::simulator) mailbox: Uuid,
    pub(in crate::simulator) folder: u64,
    /// Everything up to this change is known to the client.
    base: u64,
    /// Where the round ends; equal to `base` between rounds.
    until: u64,
    /// The last item told in this round.
    item: u64,
    /// The last deletion told in this round.
    deletion: u64,
    /// When the state was given out.
    made: u64,
}

/// What a state begins with, so that foreign text is told from ours.
const MARK: &[u8] = b"ESS2";

impl State {
    /// The state of a client that knows nothing.
    pub(in crate::simulator) fn fresh(mailbox: Uuid, folder: u64) -> Self {
        Self {
            mailbox,
            folder,
            base: 0,
            until: 0,
            item: 0,
            deletion: 0,
            made: 0,
        }
    }

    /// Whether the server still knows what it told.
    pub(in crate::simulator) fn is_known(self, store: &Store) -> bool {
        self.made >= store.valid_states
    }

    pub(in crate::simulator) fn encode(self) -> String {
        let mut bytes = MARK.to_vec();
        bytes.extend_from_slice(self.mailbox.as_bytes());
        let numbers = [
            self.folder,
            self.base,
            self.until,
            self.item,
            self.deletion,
            self.made,
        ];
        for number in numbers {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        STANDARD.encode(bytes)
    }

    pub(in crate::simulator) fn decode(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text.trim()).ok()?;
        let bytes = bytes.strip_prefix(MARK)?;
        if bytes.len() != 64 {
            return None;
        }
        let number = |at: usize| -> Option<u64> {
            let at = 16 + 8 * at;
            Some(u64::from_be_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
        };
        Some(Self {
            mailbox: Uuid::from_slice(bytes.get(..16)?).ok()?,
            folder: number(0)?,
            base: number(1)?,
            until: number(2)?,
            item: number(3)?,
            deletion: number(4)?,
            made: number(5)?,
        })
    }
}

fn invalid_state() -> Refusal {
    Refusal::new(
        "ErrorInvalidSyncStateData",
        "The synchronization state data is corrupt or otherwise invalid.",
    )
}

/// The state of a request, or a fresh one.
fn state(
    call: &Call<'_>,
    operation: Node<'_, '_>,
    owner: usize,
    folder: u64,
) -> Result<State, Refusal> {
    let mailbox = call.mailbox(owner)?.guid;
    let text = operation.text_of("SyncState").unwrap_or_default();
    if text.trim().is_empty() {
        return Ok(State::fresh(mailbox, folder));
    }
    State::decode(text)
        .filter(|state| state.mailbox == mailbox && state.folder == folder)
        .filter(|state| state.is_known(call.store))
        .ok_or_else(invalid_state)
}

/// One change to tell.
pub(in crate::simulator) enum Change {
    Create(Item),
    Update(Item),
    Read(Item),
    Delete(Tombstone),
}

struct Page {
    owner: usize,
    state: State,
    complete: bool,
    changes: Vec<Change>,
}

/// <https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/syncfolderitems-operation>
pub(super) fn items(call: &mut Call<'_>, operation: Node<'_, '_>) -> Result<String, Fault> {
    // MIME may be asked for here, unlike in FindItem, yet it does not come.
    let shape = Shape::read(operation.child("ItemShape"));
    let result = shape
        .as_ref()
        .map_err(Refusal::clone)
        .and_then(|shape| Ok((page(call, operation)?, shape)));
    let empty = "<m:SyncState/><m:IncludesLastItemInRange>true</m:IncludesLastItemInRange>";
    Ok(responses(
        "SyncFolderItems",
        &[result],
        empty,
        |writer, (page, shape)| {
            writer.leaf("m:SyncState", &page.state.encode());
            writer.leaf("m:IncludesLastItemInRange", &page.complete.to_string());
            writer.element("m:Changes", &[], |writer| {
                for change in &page.changes {
                    write_change(call, writer, page.owner, change, shape);
                }
            });
        },
    ))
}

fn write_change(
    call: &Call<'_>,
    writer: &mut Writer,
    owner: usize,
    change: &Change,
    shape: &Shape,
) {
    let Ok(mailbox) = call.mailbox(owner) else {
        return;
    };
    let id = |writer: &mut Writer, id: String, key: String| {
        writer.empty(
            "t:ItemId",
            &[("Id", id.as_str()), ("ChangeKey", key.as_str())],
        );
    };
    match change {
        Change::Create(item) => writer.element("t:Create", &[], |writer| {
            call.write(writer, owner, item, shape, true);
        }),
        Change::Update(item) => writer.element("t:Update", &[], |writer| {
            call.write(writer, owner, item, shape, true);
        }),
        Change::Delete(tombstone) => writer.element("t:Delete", &[], |writer| {
            let number = tombstone.number;
            let mailbox = mailbox.guid;
            id(
                writer,
                Id::Item { mailbox, number }.encode(),
                change_key(tombstone.kind.key(), tombstone.change),
            );
        }),
        Change::Read(item) => writer.element("t:ReadFlagChange", &[], |writer| {
            let key = crate::simulator::store::item_key(item);
            id(writer, mailbox.item_id(item), key);
            writer.leaf("t:IsRead", &item.flag(&READ).to_string());
        }),
    }
}

fn page(call: &Call<'_>, operation: Node<'_, '_>) -> Result<Page, Refusal> {
    let folder = operation
        .child("SyncFolderId")
        .and_then(|folder| folder.first())
        .ok_or_else(Refusal::malformed_id)?;
    let (owner, folder) = call.folder(folder)?;
    call.require(owner, folder, CalendarRights::Reviewer)?;
    let mut state = state(call, operation, owner, folder)?;
    let most: usize = operation
        .text_of("MaxChangesReturned")
        .and_then(|text| text.trim().parse().ok())
        .filter(|most| (1..=512).contains(most))
        .ok_or_else(|| {
            Refusal::new(
                "ErrorInvalidPagingMaxRows",
                "MaxChangesReturned is between 1 and 512.",
            )
        })?;
    let ignored: Vec<Id> = children(operation, "Ignore")
        .filter_map(|node| Id::decode(node.attribute("Id")?))
        .collect();
    let ignored: Vec<u64> = ignored
        .into_iter()
        .filter_map(|id| match id {
            Id::Item { mailbox, number } if mailbox == state.mailbox => Some(number),
            _ => None,
        })
        .collect();
    let (complete, changes) = round(call.store, owner, &mut state, most, &ignored);
    Ok(Page {
        owner,
        state,
        complete,
        changes,
    })
}

/// The next changes of a folder, and whether they are all; the state goes on.
pub(in crate::simulator) fn round(
    store: &Store,
    owner: usize,
    state: &mut State,
    most: usize,
    ignored: &[u64],
) -> (bool, Vec<Change>) {
    let Some(mailbox) = store.mailboxes.get(owner) else {
        return (true, Vec::new());
    };
    let folder = state.folder;
    if state.until == state.base {
        state.until = store.count();
    }
    let (base, until) = (state.base, state.until);
    let mut changes: Vec<(u64, Change)> = Vec::new();
    // The first round tells all items, later ones those that changed.
    let numbers: Vec<u64> = if base == 0 {
        let most = most + 1 + ignored.len();
        mailbox.items.numbered(folder, state.item + 1..=until, most)
    } else {
        let changed = mailbox.items.changed_after(folder, base);
        changed.range(state.item + 1..).copied().collect()
    };
    for item in numbers
        .iter()
        .filter_map(|number| mailbox.items.get(number))
    {
        if item.created > until || ignored.contains(&item.number) {
            continue;
        }
        let change = if item.created > base {
            Change::Create(item.clone())
        } else if item.changed > base {
            Change::Update(item.clone())
        } else if item.read_changed > base {
            Change::Read(item.clone())
        } else {
            continue;
        };
        changes.push((item.number, change));
        if changes.len() > most {
            break;
        }
    }
    let deleted = mailbox
        .folders
        .get(&folder)
        .map_or(&[][..], |folder| &folder.deleted);
    for tombstone in deleted {
        let new = tombstone.change > base.max(state.deletion) && tombstone.change <= until;
        if new && tombstone.created <= base && !ignored.contains(&tombstone.number) {
            changes.push((tombstone.change, Change::Delete(*tombstone)));
        }
    }
    let complete = changes.len() <= most;
    changes.truncate(most);
    for (number, change) in &changes {
        match change {
            Change::Delete(_) => state.deletion = *number,
            _ => state.item = *number,
        }
    }
    if complete {
        state.base = state.until;
        state.item = 0;
        state.deletion = 0;
    }
    state.made = store.count();
    let changes = changes.into_iter().map(|(_, change)| change);
    (complete, changes.collect())
}

/// <https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/syncfolderhierarchy-operation>
pub(super) fn hierarchy(call: &mut Call<'_>, operation: Node<'_, '_>) -> Result<String, Fault> {
    let shape = FolderShape::read(operation.child("FolderShape"));
    let result = shape
        .as_ref()
        .map_err(Refusal::clone)
        .and_then(|shape| Ok((hierarchy_page(call, operation)?, shape)));
    let empty = "<m:SyncState/><m:IncludesLastFolderInRange>true</m:IncludesLastFolderInRange>";
    Ok(responses(
        "SyncFolderHierarchy",
        &[result],
        empty,
        |writer, ((owner, state, changes), shape)| {
            writer.leaf("m:SyncState", &state.encode());
            writer.leaf("m:IncludesLastFolderInRange", "true");
            writer.element("m:Changes", &[], |writer| {
                let Ok(mailbox) = call.mailbox(*owner) else {
                    return;
                };
                for (change, number) in changes {
                    let living = mailbox.folders.get(number);
                    let living = living.filter(|_| *change != "t:Delete");
                    writer.element(change, &[], |writer| match living {
                        Some(folder) => {
                            let access = call.access(*owner, *number);
                            write_folder(writer, mailbox, folder, shape, access, call.version);
                        }
                        None => {
                            let id = mailbox.folder_id(*number);
                            writer.empty("t:FolderId", &[("Id", id.as_str())]);
                        }
                    });
                }
            });
        },
    ))
}

/// Elements of changes and the folders they are about.
pub(in crate::simulator) type FolderChanges = Vec<(&'static str, u64)>;

/// What happened to folders since the client looked last.
fn hierarchy_page(
    call: &Call<'_>,
    operation: Node<'_, '_>,
) -> Result<(usize, State, FolderChanges), Refusal> {
    let named = operation
        .child("SyncFolderId")
        .and_then(|folder| folder.first());
    let (owner, root) = match named {
        Some(node) => call.folder(node)?,
        None => {
            let root = call.mailbox(call.caller)?.folder_number("msgfolderroot");
            (call.caller, root)
        }
    };
    let mut state = state(call, operation, owner, root)?;
    let mailbox = call.mailbox(owner)?;
    let changes = hierarchy_round(call.store, mailbox, &mut state);
    Ok((owner, state, changes))
}

/// What happened to the folders under one; the state goes on.
pub(in crate::simulator) fn hierarchy_round(
    store: &Store,
    mailbox: &Mailbox,
    state: &mut State,
) -> FolderChanges {
    let (base, root) = (state.base, state.folder);
    let mut changes = FolderChanges::new();
    for folder in mailbox.folders.values() {
        let number = folder.number;
        let is_inside = number != root && mailbox.is_under(number, root);
        let was_inside = base > 0 && mailbox.was_under(number, root, base);
        match (was_inside, is_inside) {
            (false, true) => changes.push(("t:Create", number)),
            (true, true) if folder.renamed > base => changes.push(("t:Update", number)),
            (true, false) => changes.push(("t:Delete", number)),
            _ => {}
        }
    }
    let gone = mailbox.gone.iter().filter(|(change, _)| *change > base);
    let gone = gone.map(|(_, folder)| folder.number);
    let gone = gone.filter(|number| base > 0 && mailbox.was_under(*number, root, base));
    changes.extend(gone.map(|number| ("t:Delete", number)));
    // No folder is told of before the one it is in.
    changes.sort_by_key(|(_, number)| mailbox.depth(*number));
    state.base = store.count();
    state.until = state.base;
    state.made = state.base;
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_come_back_and_foreign_ones_are_refused() {
        let state = State {
            mailbox: Uuid::from_u128(3),
            folder: 1,
            base: 2,
            until: 30,
            item: 4,
            deletion: 5,
            made: 31,
        };
        assert_eq!(State::decode(&state.encode()), Some(state));
        assert_eq!(State::decode("H4sIAAA="), None);
        assert_eq!(State::decode(&STANDARD.encode(b"ESS2")), None);
    }
}
