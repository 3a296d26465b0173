//! Items and folders by the ids of requests, and the ids that answers give.

use super::super::ids::Id;
use super::super::item::Item;
use super::super::operation::Call;
use super::super::store::{CalendarRights, Folder, Mailbox, Tombstone, item_key};
use super::super::version::SimulatedVersion;
use super::context::Context;
use super::ids::{Immutable, Reference, rest};
use super::refusal::GraphRefusal;

/// Names that stand for folders in paths; a mailbox has not all of them.
///
/// <https://learn.microsoft.com/en-us/graph/api/resources/mailfolder>
const WELL_KNOWN: [&str; 17] = [
    "archive",
    "clutter",
    "conflicts",
    "conversationhistory",
    "deleteditems",
    "drafts",
    "inbox",
    "junkemail",
    "localfailures",
    "msgfolderroot",
    "outbox",
    "recoverableitemsdeletions",
    "scheduled",
    "searchfolders",
    "sentitems",
    "serverfailures",
    "syncissues",
];

fn malformed() -> GraphRefusal {
    GraphRefusal::new(400, "ErrorInvalidIdMalformed", "Id is malformed.")
}

impl Context<'_> {
    /// The same request for what works on the store for EWS too.
    pub(in crate::simulator) fn call(&mut self) -> Call<'_> {
        Call {
            store: self.store,
            caller: self.caller,
            version: SimulatedVersion::Exchange2016,
            zone: None,
            now: self.now,
            find_limit: None,
            batch_limit: None,
        }
    }

    /// Whether the request wants ids that stay.
    pub(in crate::simulator) fn wants_immutable_ids(&self) -> bool {
        self.request
            .preference("IdType")
            .is_some_and(|kind| kind.eq_ignore_ascii_case("ImmutableId"))
    }

    /// What names an item of the mailbox, in the kind of id that the request wants.
    pub(in crate::simulator) fn reference(&self, mailbox: &Mailbox, item: &Item) -> Reference {
        match self.wants_immutable_ids() {
            true => Reference::Immutable(Immutable {
                mailbox: mailbox.guid,
                origin: item.origin,
                start: item.occurrence.map(|one| one.original),
            }),
            false => Reference::Current(mailbox.id_of(item)),
        }
    }

    /// The id of an item of the mailbox.
    pub(in crate::simulator) fn item_id(&self, mailbox: &Mailbox, item: &Item) -> String {
        match self.reference(mailbox, item) {
            Reference::Current(id) => rest(&id.encode()),
            Reference::Immutable(id) => id.encode(),
        }
    }

    /// The id of an item that is gone.
    pub(in crate::simulator) fn gone_id(&self, mailbox: &Mailbox, gone: &Tombstone) -> String {
        let (mailbox, number, origin) = (mailbox.guid, gone.number, gone.origin);
        match self.wants_immutable_ids() {
            true => Immutable {
                mailbox,
                origin,
                start: None,
            }
            .encode(),
            false => rest(&Id::Item { mailbox, number }.encode()),
        }
    }

    /// The item of an id in the mailbox of the path, if the caller may read it; of an occurrence the occurrence.
    pub(in crate::simulator) fn item(&self, id: &str) -> Result<Item, GraphRefusal> {
        let mailbox = self.mailbox()?;
        let (found, start) = match Reference::decode(id).ok_or_else(malformed)? {
            Reference::Immutable(id) if id.mailbox == mailbox.guid => {
                (mailbox.items.by_origin(id.origin), id.start)
            }
            Reference::Current(Id::Item {
                mailbox: guid,
                number,
            }) if guid == mailbox.guid => (mailbox.items.get(&number), None),
            Reference::Current(Id::Occurrence {
                mailbox: guid,
                number,
                start,
            }) if guid == mailbox.guid => (mailbox.items.get(&number), Some(start)),
            Reference::Current(Id::Folder { .. }) => return Err(malformed()),
            _ => (None, None),
        };
        let item = found.ok_or_else(GraphRefusal::not_found)?;
        self.require(item.folder, CalendarRights::Reviewer)?;
        match start {
            None => Ok(item.clone()),
            Some(start) if item.has_occurrence(start) && !item.deleted.contains(&start) => {
                Ok(item.occurrence_at(start))
            }
            Some(_) => Err(GraphRefusal::not_found()),
        }
    }

    /// The folder of an id or a well-known name in the mailbox of the path, if the caller may see it.
    pub(in crate::simulator) fn folder(&self, id: &str) -> Result<&Folder, GraphRefusal> {
        let mailbox = self.mailbox()?;
        let name = id.to_ascii_lowercase();
        let folder = match Reference::decode(id) {
            _ if WELL_KNOWN.contains(&name.as_str()) => mailbox.distinguished(&name),
            Some(Reference::Current(Id::Folder {
                mailbox: guid,
                number,
            })) => {
                let own = guid == mailbox.guid;
                mailbox.folders.get(&number).filter(|_| own)
            }
            _ => return Err(malformed()),
        };
        let folder = folder.ok_or_else(GraphRefusal::not_found)?;
        self.require(folder.number, CalendarRights::Reviewer)?;
        Ok(folder)
    }

    /// The id of a folder: of one kind only.
    pub(in crate::simulator) fn folder_id(&self, mailbox: &Mailbox, number: u64) -> String {
        rest(&mailbox.folder_id(number))
    }

    /// Refuses a write whose `If-Match` names another version of the item.
    pub(in crate::simulator) fn check_version(&self, item: &Item) -> Result<(), GraphRefusal> {
        let wanted = self.request.headers.get("if-match");
        let wanted = wanted.and_then(|value| value.to_str().ok()).map(str::trim);
        match wanted {
            None | Some("*") => Ok(()),
            Some(wanted) if wanted.trim_start_matches("W/").trim_matches('"') == item_key(item) => {
                Ok(())
            }
            Some(_) => Err(GraphRefusal::new(
                412,
                "ErrorIrresolvableConflict",
                "The send or update operation could not be performed because the change key passed in the request does not match the current change key for the item.",
            )),
        }
    }
}

/// The version of an item as a header has it.
pub(in crate::simulator) fn etag(item: &Item) -> String {
    format!("W/\"{}\"", item_key(item))
}
