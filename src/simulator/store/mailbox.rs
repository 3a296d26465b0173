//! A mailbox: its folders, its items, and who may see what.

use std::collections::BTreeMap;
use std::fmt;

use uuid::Uuid;

use crate::simulator::auth::AccountState;
use crate::simulator::graph::plain;
use crate::simulator::ids::Id;
use crate::simulator::item::{Address, Item, ItemKind};
use crate::simulator::items::Items;
use crate::simulator::preferences::Preferences;
use crate::simulator::zone::Zone;

/// What a mailbox lets somebody do in its calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum CalendarRights {
    /// Only free/busy times, which everybody has.
    FreeBusy,
    /// Reads everything.
    Reviewer,
    /// Reads, creates, changes and deletes.
    Editor,
}

/// What somebody was let into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulator) struct Grant {
    pub(in crate::simulator) rights: CalendarRights,
    /// Whether private items are shown too.
    pub(in crate::simulator) private: bool,
}

/// A folder of a mailbox.
#[derive(Clone, Debug)]
pub(in crate::simulator) struct Folder {
    pub(in crate::simulator) number: u64,
    pub(in crate::simulator) parent: Option<u64>,
    pub(in crate::simulator) distinguished: Option<&'static str>,
    pub(in crate::simulator) class: String,
    pub(in crate::simulator) name: String,
    /// The color that people gave a calendar, as Graph names it.
    pub(in crate::simulator) color: &'static str,
    /// Whether people are not shown it.
    pub(in crate::simulator) hidden: bool,
    /// When it came, in the store's count of changes.
    pub(in crate::simulator) created: u64,
    /// When its name or its parent changed last.
    pub(in crate::simulator) renamed: u64,
    /// When anything in it changed last.
    pub(in crate::simulator) changed: u64,
    /// Items that are gone: when, which, and when they had come.
    pub(in crate::simulator) deleted: Vec<Tombstone>,
    /// Where it was before: until when, and in which folder.
    pub(in crate::simulator) parents: Vec<(u64, Option<u64>)>,
}

impl Folder {
    /// A folder that is new.
    pub(in crate::simulator) fn new(
        number: u64,
        parent: Option<u64>,
        class: &str,
        name: &str,
    ) -> Self {
        Self {
            number,
            parent,
            distinguished: None,
            class: class.to_owned(),
            name: name.to_owned(),
            color: "auto",
            hidden: false,
            created: number,
            renamed: number,
            changed: number,
            deleted: Vec::new(),
            parents: Vec::new(),
        }
    }

    /// Whether mail programs do not show it.
    pub(in crate::simulator) fn is_hidden(&self) -> bool {
        self.hidden || self.class == "IPF"
    }

    /// The folder it was in at some time.
    fn parent_at(&self, time: u64) -> Option<u64> {
        let mut parents = self.parents.iter();
        let then = parents.find(|(until, _)| *until > time);
        then.map_or(self.parent, |(_, parent)| *parent)
    }
}

/// A trace of an item that was in a folder.
#[derive(Clone, Copy, Debug)]
pub(in crate::simulator) struct Tombstone {
    pub(in crate::simulator) change: u64,
    pub(in crate::simulator) number: u64,
    /// The number it had at first.
    pub(in crate::simulator) origin: u64,
    pub(in crate::simulator) created: u64,
    pub(in crate::simulator) kind: ItemKind,
}

/// A mailbox and its owner's account.
#[derive(Clone)]
pub(in crate::simulator) struct Mailbox {
    pub(in crate::simulator) guid: Uuid,
    pub(in crate::simulator) address: Address,
    pub(in crate::simulator) password: String,
    pub(in crate::simulator) impersonator: bool,
    pub(in crate::simulator) state: AccountState,
    /// What others may do in a calendar folder and those under it: by address and folder.
    pub(in crate::simulator) grants: BTreeMap<(String, u64), Grant>,
    /// Addresses of those who get a copy of what is about meetings.
    pub(in crate::simulator) delegates: Vec<String>,
    pub(in crate::simulator) zone: Zone,
    /// Whether its owner used Outlook on the web, which keeps the zone.
    pub(in crate::simulator) has_web_options: bool,
    pub(in crate::simulator) folders: BTreeMap<u64, Folder>,
    pub(in crate::simulator) items: Items,
    /// Folders that are gone, and when.
    pub(in crate::simulator) gone: Vec<(u64, Folder)>,
    pub(in crate::simulator) preferences: Preferences,
}

impl Mailbox {
    /// The user principal name of the account: its suffix is that of the forest, not of the mail
    /// addresses.
    pub(in crate::simulator) fn principal_name(&self) -> String {
        let local = self.address.email.split('@').next().unwrap_or_default();
        format!("{local}@corp.example.test")
    }
}

impl fmt::Debug for Mailbox {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailbox")
            .field("guid", &self.guid)
            .field("address", &self.address)
            .field("impersonator", &self.impersonator)
            .field("grants", &self.grants)
            .field("zone", &self.zone)
            .field("folders", &self.folders)
            .field("items", &self.items)
            .finish_non_exhaustive()
    }
}

impl Mailbox {
    /// The folder of a distinguished name.
    pub(in crate::simulator) fn distinguished(&self, name: &str) -> Option<&Folder> {
        self.folders
            .values()
            .find(|folder| folder.distinguished == Some(name))
    }

    /// The folder of a distinguished name or a FolderId, also as Graph writes it.
    pub(in crate::simulator) fn named(&self, name: &str) -> Option<&Folder> {
        self.distinguished(name)
            .or_else(|| match Id::decode(&plain(name)) {
                Some(Id::Folder { mailbox, number }) if mailbox == self.guid => {
                    self.folders.get(&number)
                }
                _ => None,
            })
    }

    /// The number of a distinguished folder that every mailbox has.
    pub(in crate::simulator) fn folder_number(&self, name: &str) -> u64 {
        self.distinguished(name).map_or(0, |folder| folder.number)
    }

    pub(in crate::simulator) fn folder_id(&self, number: u64) -> String {
        Id::Folder {
            mailbox: self.guid,
            number,
        }
        .encode()
    }

    pub(in crate::simulator) fn item_id(&self, item: &Item) -> String {
        self.id_of(item).encode()
    }

    pub(in crate::simulator) fn id_of(&self, item: &Item) -> Id {
        match item.occurrence {
            Some(occurrence) => Id::Occurrence {
                mailbox: self.guid,
                number: item.number,
                start: occurrence.original,
            },
            None => Id::Item {
                mailbox: self.guid,
                number: item.number,
            },
        }
    }

    /// The items of a folder, oldest first.
    pub(in crate::simulator) fn items_in(
        &self,
        folder: u64,
    ) -> impl DoubleEndedIterator<Item = &Item> {
        self.items.within(folder)
    }

    pub(in crate::simulator) fn children_of(&self, folder: u64) -> impl Iterator<Item = &Folder> {
        self.folders
            .values()
            .filter(move |one| one.parent == Some(folder))
    }

    /// Whether a folder is, or lies under, another one.
    pub(in crate::simulator) fn is_under(&self, folder: u64, above: u64) -> bool {
        let mut current = Some(folder);
        while let Some(number) = current {
            if number == above {
                return true;
            }
            current = self.folders.get(&number).and_then(|one| one.parent);
        }
        false
    }
}

impl Mailbox {
    /// Whether a folder, which may be gone by now, was under another one at some time.
    pub(in crate::simulator) fn was_under(&self, folder: u64, above: u64, time: u64) -> bool {
        let mut current = Some(folder);
        while let Some(number) = current {
            let gone = self.gone.iter().map(|(_, folder)| folder);
            let mut all = self.folders.get(&number).into_iter().chain(gone);
            let Some(folder) = all.find(|one| one.number == number) else {
                return false;
            };
            if folder.created > time {
                return false;
            }
            current = folder.parent_at(time);
            if current == Some(above) {
                return true;
            }
        }
        false
    }

    /// How many folders a folder is in.
    pub(in crate::simulator) fn depth(&self, folder: u64) -> usize {
        let mut depth = 0;
        let mut current = self.folders.get(&folder);
        while let Some(parent) = current.and_then(|one| one.parent) {
            depth += 1;
            current = self.folders.get(&parent);
        }
        depth
    }
}
