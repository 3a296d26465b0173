//! The directory of the simulated organisation: groups, rooms and lists of rooms.

use uuid::Uuid;

use super::item::{Address, DISTINGUISHED};
use super::store::Store;
use super::zone::Zone;

/// A distribution list.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) address: Address,
    pub(super) members: Vec<Member>,
    pub(super) is_room_list: bool,
}

/// A member of a list, and its `MailboxType`.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) address: Address,
    pub(super) kind: &'static str,
}

/// Groups and rooms. Rooms are mailboxes too, which nobody can log on to.
#[derive(Clone, Debug, Default)]
pub(super) struct Directory {
    pub(super) groups: Vec<Group>,
    rooms: Vec<String>,
}

impl Directory {
    /// The group with an SMTP address.
    pub(super) fn group(&self, email: &str) -> Option<&Group> {
        let is_it = |group: &&Group| group.address.email.eq_ignore_ascii_case(email.trim());
        self.groups.iter().find(is_it)
    }

    /// Whether somebody's address is that of a room.
    pub(super) fn is_room(&self, email: &str) -> bool {
        self.rooms
            .iter()
            .any(|room| room.eq_ignore_ascii_case(email))
    }
}

/// Adds three rooms in two lists, a team of the first three people with a list and a stranger in
/// it, and a list of everybody.
pub(super) fn furnish(store: &mut Store, zone: &Zone) {
    let people: Vec<Member> = store
        .mailboxes
        .iter()
        .map(|mailbox| member(mailbox.address.clone(), "Mailbox"))
        .collect();
    let mut add = |name: &str, local: &str, members: Vec<Member>, is_room_list| {
        store.directory.groups.push(Group {
            address: address(name, local),
            members,
            is_room_list,
        });
    };
    let rooms = [
        address("Room 1 (8 seats)", "room1"),
        address("Room 2", "room2"),
        address("Room 3", "room3"),
    ];
    let [first, second, third] = rooms.clone().map(|room| member(room, "Mailbox"));
    add(
        "Rooms in Berlin",
        "rooms-berlin",
        vec![first, second.clone()],
        true,
    );
    // One room may be in several lists.
    add("Rooms in Vienna", "rooms-vienna", vec![second, third], true);
    let mut team: Vec<Member> = people.iter().take(3).cloned().collect();
    let desk = Address {
        name: "Service desk".to_owned(),
        email: "desk@elsewhere.test".to_owned(),
    };
    team.push(member(address("Everyone", "everyone"), "PublicDL"));
    team.push(member(desk, "Contact"));
    add("Team", "team", team, false);
    add("Everyone", "everyone", people, false);
    for room in rooms {
        store.directory.rooms.push(room.email.clone());
        store.add_mailbox(room, Uuid::new_v4().to_string(), zone.clone());
    }
}

fn member(address: Address, kind: &'static str) -> Member {
    Member { address, kind }
}

fn address(name: &str, local: &str) -> Address {
    Address {
        name: name.to_owned(),
        email: format!("{local}@example.test"),
    }
}

/// The distinguished name (`legacyExchangeDN`) that older items have instead of an address.
pub(super) fn distinguished_name(email: &str) -> String {
    let local = email.split('@').next().unwrap_or(email);
    format!("{DISTINGUISHED}Example/ou=Exchange Administrative Group/cn=Recipients/cn={local}")
}
