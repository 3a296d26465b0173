//! The mailboxes of a simulator, their folders and items, and who may see what.

mod mailbox;

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::SentMessage;
use super::auth::AccountState;
use super::directory::Directory;
use super::graph::EventRounds;
use super::graph::Uploads;
use super::ids::change_key;
use super::item::{Address, CREATED, Item, MODIFIED, MODIFIER, READ};
use super::items::Items;
use super::limits::Limits;
use super::preferences::{Preferences, SimulatedMailTips};
use super::property::Value;
use super::transport::{SendingRight, Waiting};
use super::zone::Zone;

pub use mailbox::CalendarRights;
pub(super) use mailbox::{Folder, Grant, Mailbox, Tombstone};

/// Name for clients, class, display name and parent of the folders every mailbox has.
const FOLDERS: [(&str, &str, &str, &str); 17] = [
    ("root", "IPF", "Root", ""),
    (
        "msgfolderroot",
        "IPF.Note",
        "Top of Information Store",
        "root",
    ),
    ("calendar", "IPF.Appointment", "Calendar", "msgfolderroot"),
    ("contacts", "IPF.Contact", "Contacts", "msgfolderroot"),
    ("deleteditems", "IPF.Note", "Deleted Items", "msgfolderroot"),
    ("drafts", "IPF.Note", "Drafts", "msgfolderroot"),
    ("inbox", "IPF.Note", "Inbox", "msgfolderroot"),
    ("journal", "IPF.Journal", "Journal", "msgfolderroot"),
    ("junkemail", "IPF.Note", "Junk Email", "msgfolderroot"),
    ("notes", "IPF.StickyNote", "Notes", "msgfolderroot"),
    ("outbox", "IPF.Note", "Outbox", "msgfolderroot"),
    ("sentitems", "IPF.Note", "Sent Items", "msgfolderroot"),
    ("tasks", "IPF.Task", "Tasks", "msgfolderroot"),
    ("searchfolders", "IPF", "Finder", "root"),
    ("recoverableitemsroot", "IPF", "Recoverable Items", "root"),
    (
        "recoverableitemsdeletions",
        "IPF",
        "Deletions",
        "recoverableitemsroot",
    ),
    ("voicemail", "IPF.Note", "Voice Mail", "searchfolders"),
];

/// The change key of an item.
pub(super) fn item_key(item: &Item) -> String {
    change_key(item.kind.key(), item.changed.max(item.read_changed))
}

/// All mailboxes.
#[derive(Debug, Default)]
pub(super) struct Store {
    pub(super) mailboxes: Vec<Mailbox>,
    pub(super) directory: Directory,
    pub(super) outbox: Vec<SentMessage>,
    /// Sync states that are older than this are no longer known.
    pub(super) valid_states: u64,
    /// Rounds of changes that clients of Graph follow.
    pub(super) event_rounds: EventRounds,
    /// The mailbox of the public folders.
    pub(super) public: Option<usize>,
    /// What people are told who are about to write to somebody, by address in small letters.
    pub(super) mail_tips: BTreeMap<String, SimulatedMailTips>,
    /// How many recipients one GetMailTips may ask about.
    pub(super) mail_tips_limit: Option<usize>,
    pub(super) limits: Limits,
    /// Messages that wait for their time.
    pub(super) waiting: Vec<Waiting>,
    /// Conversation indexes by Message-ID.
    pub(super) threads: HashMap<String, Vec<u8>>,
    /// Message-ID and receiver of each copy that left, in order.
    pub(super) deliveries: Vec<(String, String)>,
    /// In whose name others may send: owner, sender, how.
    pub(super) sending: Vec<(String, String, SendingRight)>,
    /// What was found lately, so that the next page need not search again.
    pub(super) finds: RefCell<VecDeque<(String, Arc<Vec<u64>>)>>,
    /// Files that come in pieces.
    pub(super) uploads: Uploads,
    /// When the last message came.
    pub(super) last: Option<DateTime<Utc>>,
    count: u64,
}

impl Store {
    /// The number given out last.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Goes past the numbers of another store, so that what comes from it keeps its own.
    pub(super) fn pass(&mut self, count: u64) {
        self.count = self.count.max(count);
    }

    /// The next number, for ids and changes alike.
    pub(super) fn next(&mut self) -> u64 {
        self.count += 1;
        self.count
    }

    pub(super) fn add_mailbox(&mut self, address: Address, password: String, zone: Zone) {
        let guid = Uuid::new_v4();
        let mut folders: BTreeMap<u64, Folder> = BTreeMap::new();
        for (distinguished, class, name, parent) in FOLDERS {
            let number = self.next();
            let parent = folders
                .values()
                .find(|folder| folder.distinguished == Some(parent))
                .map(|folder| folder.number);
            folders.insert(
                number,
                Folder {
                    distinguished: Some(distinguished),
                    ..Folder::new(number, parent, class, name)
                },
            );
        }
        self.mailboxes.push(Mailbox {
            guid,
            address,
            password,
            impersonator: false,
            state: AccountState::default(),
            grants: BTreeMap::new(),
            delegates: Vec::new(),
            zone,
            has_web_options: true,
            folders,
            items: Items::default(),
            gone: Vec::new(),
            preferences: Preferences::default(),
        });
    }

    /// Makes a folder under another one; `None` where the mailbox is unknown.
    pub(super) fn add_folder(
        &mut self,
        owner: usize,
        parent: u64,
        class: &str,
        name: &str,
    ) -> Option<u64> {
        let number = self.next();
        let folder = Folder::new(number, Some(parent), class, name);
        let mailbox = self.mailboxes.get_mut(owner)?;
        mailbox.folders.insert(number, folder);
        Some(number)
    }

    /// Puts a folder into another one.
    pub(super) fn move_folder(&mut self, owner: usize, number: u64, parent: u64) {
        let change = self.next();
        let mailbox = self.mailboxes.get_mut(owner);
        if let Some(folder) = mailbox.and_then(|mailbox| mailbox.folders.get_mut(&number)) {
            folder.parents.push((change, folder.parent));
            folder.parent = Some(parent);
            folder.renamed = change;
            folder.changed = change;
        }
    }

    /// Takes a folder away with all that is in and under it.
    pub(super) fn remove_folder(&mut self, owner: usize, number: u64) {
        let change = self.next();
        let Some(mailbox) = self.mailboxes.get_mut(owner) else {
            return;
        };
        let gone: Vec<u64> = mailbox
            .folders
            .keys()
            .copied()
            .filter(|one| mailbox.is_under(*one, number))
            .collect();
        for folder in &gone {
            let numbers: Vec<u64> = mailbox.items_in(*folder).map(|one| one.number).collect();
            for number in numbers {
                mailbox.items.remove(&number);
            }
        }
        mailbox.grants.retain(|(_, one), _| !gone.contains(one));
        for number in gone {
            if let Some(folder) = mailbox.folders.remove(&number) {
                mailbox.gone.push((change, folder));
            }
        }
    }

    /// The position of the mailbox with an SMTP address.
    pub(super) fn position(&self, address: &str) -> Option<usize> {
        self.mailboxes
            .iter()
            .position(|mailbox| mailbox.address.email.eq_ignore_ascii_case(address.trim()))
    }

    /// The position of the mailbox of the account with this user principal name.
    pub(super) fn by_principal_name(&self, name: &str) -> Option<usize> {
        self.mailboxes
            .iter()
            .position(|mailbox| mailbox.principal_name().eq_ignore_ascii_case(name))
    }

    /// The position of the mailbox with this address, user principal name, or id.
    pub(super) fn by_any_name(&self, name: &str) -> Option<usize> {
        self.mailboxes.iter().position(|mailbox| {
            let names = [
                &mailbox.address.email,
                &mailbox.principal_name(),
                &mailbox.guid.to_string(),
            ];
            names.iter().any(|one| one.eq_ignore_ascii_case(name))
        })
    }

    /// The position of the mailbox of the account with this security identifier.
    pub(super) fn by_sid(&self, sid: &str) -> Option<usize> {
        (0..self.mailboxes.len()).find(|position| Self::sid(*position) == sid)
    }

    /// The security identifier of the account of a mailbox.
    pub(super) fn sid(position: usize) -> String {
        format!(
            "S-1-5-21-1004336348-1177238915-682003330-{}",
            1104 + position
        )
    }

    /// The account of a user name: `user@domain`, `DOMAIN\user` or `user`.
    pub(super) fn account(&self, user: &str) -> Option<usize> {
        let name = user.rsplit('\\').next().unwrap_or(user);
        if name.contains('@') {
            return self.position(name);
        }
        self.mailboxes.iter().position(|mailbox| {
            mailbox
                .address
                .email
                .split('@')
                .next()
                .is_some_and(|local| local.eq_ignore_ascii_case(name))
        })
    }

    pub(super) fn by_guid(&self, guid: Uuid) -> Option<usize> {
        self.mailboxes
            .iter()
            .position(|mailbox| mailbox.guid == guid)
    }

    /// What one mailbox's owner may do in a folder of another mailbox; `None` for nothing at all.
    pub(super) fn rights(
        &self,
        caller: usize,
        owner: usize,
        folder: u64,
    ) -> Option<CalendarRights> {
        if caller == owner {
            return Some(CalendarRights::Editor);
        }
        let everybody = (self.public == Some(owner)).then_some(CalendarRights::Reviewer);
        self.granted(caller, owner, folder)
            .map(|grant| grant.rights)
            .or(everybody)
    }

    /// Whether one mailbox's owner sees private items in a folder of another mailbox.
    pub(super) fn sees_private(&self, caller: usize, owner: usize, folder: u64) -> bool {
        caller == owner
            || self
                .granted(caller, owner, folder)
                .is_some_and(|grant| grant.private)
    }

    /// The grant for a folder, or for the nearest folder above it.
    fn granted(&self, caller: usize, owner: usize, folder: u64) -> Option<Grant> {
        let mailbox = self.mailboxes.get(owner)?;
        let caller = &self.mailboxes.get(caller)?.address.email;
        let mut current = Some(folder);
        while let Some(number) = current {
            if let Some(grant) = mailbox.grants.get(&(caller.clone(), number)) {
                return Some(*grant);
            }
            current = mailbox.folders.get(&number).and_then(|one| one.parent);
        }
        None
    }

    /// Puts a new item into a folder and gives it its number.
    pub(super) fn insert(
        &mut self,
        owner: usize,
        folder: u64,
        mut item: Item,
        by: &str,
        now: DateTime<Utc>,
    ) -> Option<&Item> {
        item.origin = 0;
        self.put_back(owner, folder, item, by, now)
    }

    /// Puts an item that was taken out of a folder into another one: its number changes, the one it had at first stays.
    pub(super) fn put_back(
        &mut self,
        owner: usize,
        folder: u64,
        mut item: Item,
        by: &str,
        now: DateTime<Utc>,
    ) -> Option<&Item> {
        let number = self.next();
        item.number = number;
        let items = self.mailboxes.get(owner).map(|mailbox| &mailbox.items);
        if item.origin == 0 || items.is_some_and(|items| items.by_origin(item.origin).is_some()) {
            item.origin = number;
        }
        item.folder = folder;
        item.created = number;
        item.changed = number;
        item.read_changed = 0;
        item.bag.entry(CREATED).or_insert(Value::Time(now));
        item.bag.entry(READ).or_insert(Value::Boolean(true));
        item.set(MODIFIED, Value::Time(now));
        item.set(MODIFIER, Value::Text(by.to_owned()));
        let mailbox = self.mailboxes.get_mut(owner)?;
        if let Some(folder) = mailbox.folders.get_mut(&folder) {
            folder.changed = number;
        }
        mailbox.items.insert(item);
        mailbox.items.get(&number)
    }

    /// Notes that an item changed.
    pub(super) fn touch(&mut self, owner: usize, number: u64, by: &str, now: DateTime<Utc>) {
        let change = self.next();
        if let Some(item) = self
            .mailboxes
            .get_mut(owner)
            .and_then(|mailbox| mailbox.items.get_mut(&number))
        {
            item.changed = change;
            item.set(MODIFIED, Value::Time(now));
            item.set(MODIFIER, Value::Text(by.to_owned()));
        }
    }

    /// Takes an item out of its folder, leaving a trace for synchronising clients.
    pub(super) fn remove(&mut self, owner: usize, number: u64) -> Option<Item> {
        let change = self.next();
        let mailbox = self.mailboxes.get_mut(owner)?;
        let item = mailbox.items.remove(&number)?;
        if let Some(folder) = mailbox.folders.get_mut(&item.folder) {
            folder.changed = change;
            folder.deleted.push(Tombstone {
                change,
                number,
                origin: item.origin,
                created: item.created,
                kind: item.kind,
            });
        }
        Some(item)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_found_by_each_spelling_and_rights_end_at_the_calendar() {
        let mut store = Store::default();
        for name in ["alice", "bob"] {
            let address = Address {
                name: name.to_owned(),
                email: format!("{name}@example.test"),
            };
            store.add_mailbox(address, "secret".to_owned(), Zone::utc());
        }
        for user in [
            "bob",
            "EXAMPLE\\bob",
            "Bob@Example.test",
            "\\bob@example.test",
        ] {
            assert_eq!(store.account(user), Some(1), "{user}");
        }
        assert_eq!(store.account("carol"), None);
        let shown = format!("{:?}", store.mailboxes[0]);
        assert!(!shown.contains("secret") && shown.contains("alice@example.test"));
        let calendar = store.mailboxes[0].folder_number("calendar");
        let inbox = store.mailboxes[0].folder_number("inbox");
        assert_eq!(store.rights(1, 0, calendar), None);
        let grant = Grant {
            rights: CalendarRights::Reviewer,
            private: false,
        };
        store.mailboxes[0]
            .grants
            .insert(("bob@example.test".to_owned(), calendar), grant);
        assert_eq!(store.rights(1, 0, calendar), Some(CalendarRights::Reviewer));
        assert_eq!(store.rights(1, 0, inbox), None);
        assert!(!store.sees_private(1, 0, calendar) && store.sees_private(0, 0, inbox));
    }
}
