//! The operations: each reads its request element, works on the store and writes its answer.

pub(super) mod answer;
mod attachments;
pub(super) mod availability;
mod convert_id;
pub(super) mod create_item;
pub(super) mod delete_item;
mod find_item;
mod folder_contents;
mod folders;
pub(super) mod forward;
mod get_item;
mod inbox_rules;
mod mail_tips;
pub(super) mod manage_folders;
pub(super) mod move_folder;
pub(super) mod out_of_office;
pub(super) mod receipts;
pub(super) mod relocate;
mod resolve_names;
pub(super) mod respond;
pub(super) mod rooms;
pub(super) mod save;
mod search;
pub(super) mod send_item;
pub(super) mod sync;
mod time_zones;
pub(super) mod update_item;
mod user_configuration;

use chrono::{DateTime, Utc};
use roxmltree::Node;

use super::ids::{Id, change_of};
use super::item::Item;
use super::public_folders;
use super::refusal::{Fault, Refusal};
use super::request::Element as _;
use super::shape::{Shape, View};
use super::store::{CalendarRights, Mailbox, Store};
use super::version::SimulatedVersion;
use super::xml::Writer;
use super::zone::Zone;

/// One request and what it works on.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) store: &'a mut Store,
    /// The mailbox whose owner asks, after impersonation.
    pub(super) caller: usize,
    pub(super) version: SimulatedVersion,
    pub(super) zone: Option<Zone>,
    pub(super) now: DateTime<Utc>,
    /// How many items one FindItem may return, where the throttling policy limits it.
    pub(super) find_limit: Option<usize>,
    /// After how many items of a GetItem the server stops.
    pub(super) batch_limit: Option<usize>,
}

/// Whether the simulator has an operation of that element name.
pub(super) fn knows(name: &str) -> bool {
    matches!(
        name,
        "ConvertId"
            | "CopyFolder"
            | "CopyItem"
            | "CreateAttachment"
            | "CreateFolder"
            | "CreateItem"
            | "DeleteAttachment"
            | "DeleteFolder"
            | "DeleteItem"
            | "EmptyFolder"
            | "ExpandDL"
            | "FindFolder"
            | "FindItem"
            | "GetAttachment"
            | "GetFolder"
            | "GetInboxRules"
            | "GetItem"
            | "GetMailTips"
            | "GetRoomLists"
            | "GetRooms"
            | "GetServerTimeZones"
            | "GetServiceConfiguration"
            | "GetUserAvailabilityRequest"
            | "GetUserConfiguration"
            | "GetUserOofSettingsRequest"
            | "MarkAllItemsAsRead"
            | "MoveFolder"
            | "MoveItem"
            | "ResolveNames"
            | "SendItem"
            | "SetUserOofSettingsRequest"
            | "SyncFolderHierarchy"
            | "SyncFolderItems"
            | "UpdateFolder"
            | "UpdateInboxRules"
            | "UpdateItem"
    )
}

/// Whether the crate's own schema describes the operation. ConvertId is here for foreign clients,
/// which find out the server's version with it.
pub(super) fn in_schema(name: &str) -> bool {
    name != "ConvertId"
}

/// Runs an operation; the answer is the content of the SOAP body.
pub(super) fn run(call: &mut Call<'_>, operation: Node<'_, '_>) -> Result<String, Fault> {
    match operation.name() {
        "ConvertId" => convert_id::run(call, operation),
        "CopyFolder" => move_folder::copy_folders(call, operation),
        "CopyItem" => relocate::copy_items(call, operation),
        "CreateAttachment" => attachments::create(call, operation),
        "CreateFolder" => manage_folders::create(call, operation),
        "CreateItem" => create_item::run(call, operation),
        "DeleteAttachment" => attachments::delete(call, operation),
        "DeleteFolder" => manage_folders::delete(call, operation),
        "DeleteItem" => delete_item::run(call, operation),
        "EmptyFolder" => folder_contents::empty(call, operation),
        "ExpandDL" => Ok(rooms::expand(call, operation)),
        "FindFolder" => folders::find(call, operation),
        "FindItem" => find_item::run(call, operation),
        "GetAttachment" => attachments::get(call, operation),
        "GetFolder" => folders::get(call, operation),
        "GetInboxRules" => Ok(inbox_rules::get(call, operation)),
        "GetItem" => get_item::run(call, operation),
        "GetMailTips" => Ok(mail_tips::tips(call, operation)),
        "GetRoomLists" => Ok(rooms::lists(call)),
        "GetRooms" => Ok(rooms::rooms(call, operation)),
        "GetServerTimeZones" => time_zones::run(operation),
        "GetServiceConfiguration" => Ok(mail_tips::configuration(call)),
        "GetUserAvailabilityRequest" => availability::run(call, operation),
        "GetUserConfiguration" => user_configuration::run(call, operation),
        "GetUserOofSettingsRequest" => Ok(out_of_office::get(call, operation)),
        "MarkAllItemsAsRead" => folder_contents::mark(call, operation),
        "MoveFolder" => move_folder::move_folders(call, operation),
        "MoveItem" => relocate::move_items(call, operation),
        "ResolveNames" => resolve_names::run(call, operation),
        "SetUserOofSettingsRequest" => Ok(out_of_office::set(call, operation)),
        "SendItem" => send_item::run(call, operation),
        "SyncFolderHierarchy" => sync::hierarchy(call, operation),
        "SyncFolderItems" => sync::items(call, operation),
        "UpdateFolder" => manage_folders::update(call, operation),
        "UpdateInboxRules" => Ok(inbox_rules::update(call, operation)),
        "UpdateItem" => update_item::run(call, operation),
        _ => Err(Fault::invalid_request()),
    }
}

/// An item that a request named.
#[derive(Debug)]
struct Found {
    owner: usize,
    /// The item; for an occurrence the occurrence.
    item: Item,
    /// The change that the request's change key names, where it gave one.
    known: Option<u64>,
}

impl Call<'_> {
    /// The zone of times without an offset.
    fn zone_or_utc(&self) -> Zone {
        self.zone.clone().unwrap_or_else(Zone::utc)
    }

    fn mailbox(&self, owner: usize) -> Result<&Mailbox, Refusal> {
        self.store
            .mailboxes
            .get(owner)
            .ok_or_else(Refusal::unknown_mailbox)
    }

    /// The name of who asks.
    fn caller_name(&self) -> String {
        self.mailbox(self.caller)
            .map(|mailbox| mailbox.address.name.clone())
            .unwrap_or_default()
    }

    /// The folder of a `FolderId` or `DistinguishedFolderId`, if the caller may see it.
    fn folder(&self, node: Node<'_, '_>) -> Result<(usize, u64), Refusal> {
        let id = node.attribute("Id").unwrap_or_default();
        if node.name() == "FolderId" {
            if id.is_empty() {
                return Err(Refusal::new("ErrorInvalidIdEmpty", "Id must be non-empty."));
            }
            let Some(Id::Folder { mailbox, number }) = Id::decode(id) else {
                return Err(Refusal::malformed_id());
            };
            let not_found = Refusal::not_found;
            let owner = self.store.by_guid(mailbox).ok_or_else(not_found)?;
            if !self.mailbox(owner)?.folders.contains_key(&number) {
                return Err(not_found());
            }
            self.store
                .rights(self.caller, owner, number)
                .ok_or_else(not_found)?;
            return Ok((owner, number));
        }
        let owner = match node.child("Mailbox") {
            _ if id == public_folders::ROOT => self.store.public.unwrap_or(self.caller),
            Some(mailbox) => self
                .store
                .position(mailbox.text_of("EmailAddress").unwrap_or_default())
                .ok_or_else(Refusal::unknown_mailbox)?,
            None => self.caller,
        };
        let number = self
            .mailbox(owner)?
            .distinguished(id)
            .map(|folder| folder.number)
            .ok_or_else(|| {
                Refusal::new(
                    "ErrorFolderNotFound",
                    "The specified folder could not be found in the store.",
                )
            })?;
        self.store
            .rights(self.caller, owner, number)
            .ok_or_else(Refusal::access_denied)?;
        Ok((owner, number))
    }

    /// Refuses who may do less than `needed` in a folder.
    fn require(
        &self,
        owner: usize,
        folder: u64,
        needed: CalendarRights,
    ) -> Result<CalendarRights, Refusal> {
        self.store
            .rights(self.caller, owner, folder)
            .filter(|rights| *rights >= needed)
            .ok_or_else(Refusal::access_denied)
    }

    /// Refuses who may not change an item.
    fn require_write(&self, found: &Found) -> Result<(), Refusal> {
        let folder = found.item.folder;
        self.require(found.owner, folder, CalendarRights::Editor)?;
        self.require_sight(found)
    }

    /// Refuses who sees of an item only that there is something private.
    fn require_sight(&self, found: &Found) -> Result<(), Refusal> {
        let folder = found.item.folder;
        if found.item.is_private() && !self.store.sees_private(self.caller, found.owner, folder) {
            return Err(Refusal::access_denied());
        }
        Ok(())
    }

    /// The caller's rights in a folder, and whether private items are among what they see.
    fn access(&self, owner: usize, folder: u64) -> (CalendarRights, bool) {
        let rights = self.store.rights(self.caller, owner, folder);
        (
            rights.unwrap_or(CalendarRights::FreeBusy),
            self.store.sees_private(self.caller, owner, folder),
        )
    }

    /// The item of an `ItemId`, `OccurrenceItemId` or `RecurringMasterItemId`, if the caller may
    /// read it.
    fn item(&self, node: Node<'_, '_>) -> Result<Found, Refusal> {
        let attribute = match node.name() {
            "OccurrenceItemId" => "RecurringMasterId",
            "RecurringMasterItemId" => "OccurrenceId",
            _ => "Id",
        };
        let text = node.attribute(attribute).unwrap_or_default();
        if text.is_empty() {
            return Err(Refusal::new("ErrorInvalidIdEmpty", "Id must be non-empty."));
        }
        let id = Id::decode(text).ok_or_else(Refusal::malformed_id)?;
        let known = match node.attribute("ChangeKey") {
            None | Some("") => None,
            Some(key) => Some(change_of(key).ok_or_else(|| {
                Refusal::new("ErrorInvalidChangeKey", "The change key is invalid.")
            })?),
        };
        let (owner, item, start) = self.locate(id)?;
        let item = match (node.name(), start) {
            ("OccurrenceItemId", None) => nth_occurrence(item, node)?,
            ("OccurrenceItemId", Some(_)) => {
                return Err(Refusal::new(
                    "ErrorCalendarCannotUseIdForRecurringMasterId",
                    "The id is not that of a recurring master.",
                ));
            }
            ("RecurringMasterItemId", None) => {
                return Err(Refusal::new(
                    "ErrorCalendarCannotUseIdForOccurrenceId",
                    "The id is not that of an occurrence.",
                ));
            }
            ("RecurringMasterItemId", Some(_)) | (_, None) => item.clone(),
            (_, Some(start)) => living_occurrence(item, start)?,
        };
        Ok(Found { owner, item, known })
    }

    /// The item, or the living occurrence, of an id, if the caller may read it.
    fn item_of(&self, id: Id) -> Result<Found, Refusal> {
        let (owner, item, start) = self.locate(id)?;
        let item = match start {
            Some(start) => living_occurrence(item, start)?,
            None => item.clone(),
        };
        let known = None;
        Ok(Found { owner, item, known })
    }

    /// The item that an id is about, and the start of the occurrence where it names one.
    fn locate(&self, id: Id) -> Result<(usize, &Item, Option<DateTime<Utc>>), Refusal> {
        let (number, start) = match id {
            Id::Folder { .. } => {
                return Err(Refusal::new(
                    "ErrorCannotUseFolderIdForItemId",
                    "A folder id was given where an item id is needed.",
                ));
            }
            Id::Item { number, .. } => (number, None),
            Id::Occurrence { number, start, .. } => (number, Some(start)),
        };
        let owner = self
            .store
            .by_guid(id.mailbox())
            .ok_or_else(Refusal::not_found)?;
        let item = self
            .mailbox(owner)?
            .items
            .get(&number)
            .ok_or_else(Refusal::not_found)?;
        self.store
            .rights(self.caller, owner, item.folder)
            .filter(|rights| *rights >= CalendarRights::Reviewer)
            .ok_or_else(Refusal::access_denied)?;
        Ok((owner, item, start))
    }

    /// How an item of a mailbox is shown to the caller.
    fn view<'b>(
        &'b self,
        mailbox: &'b Mailbox,
        owner: usize,
        item: &Item,
        listing: bool,
    ) -> View<'b> {
        View {
            mailbox,
            access: self.access(owner, item.folder),
            zone: self.zone.as_ref(),
            version: self.version,
            listing,
        }
    }

    /// Writes an item of a mailbox.
    fn write(&self, writer: &mut Writer, owner: usize, item: &Item, shape: &Shape, listing: bool) {
        let Some(mailbox) = self.store.mailboxes.get(owner) else {
            return;
        };
        let mut view = self.view(mailbox, owner, item, listing);
        if item.is_private() && !view.access.1 {
            view.access.0 = view.access.0.min(CalendarRights::Reviewer);
            shape.write(writer, &item.masked(), &view);
        } else {
            shape.write(writer, item, &view);
        }
    }
}

fn nth_occurrence(master: &Item, node: Node<'_, '_>) -> Result<Item, Refusal> {
    let out_of_range = || {
        Refusal::new(
            "ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange",
            "Occurrence index is out of recurrence range.",
        )
    };
    let index: usize = node
        .attribute("InstanceIndex")
        .and_then(|text| text.parse().ok())
        .filter(|index| *index > 0)
        .ok_or_else(out_of_range)?;
    let (start, _) = master
        .pattern_before(DateTime::<Utc>::MAX_UTC)
        .nth(index - 1)
        .ok_or_else(out_of_range)?;
    living_occurrence(master, start)
}

fn living_occurrence(master: &Item, start: DateTime<Utc>) -> Result<Item, Refusal> {
    if master.deleted.contains(&start) {
        return Err(Refusal::new(
            "ErrorCalendarOccurrenceIsDeletedFromRecurrence",
            "Occurrence with this index was previously deleted from the recurrence.",
        ));
    }
    if !master.has_occurrence(start) {
        return Err(Refusal::not_found());
    }
    Ok(master.occurrence_at(start))
}

/// The child elements of a child element, such as the ids in `ItemIds`.
fn children<'a, 'input: 'a>(
    node: Node<'a, 'input>,
    name: &str,
) -> impl Iterator<Item = Node<'a, 'input>> {
    node.child(name)
        .into_iter()
        .flat_map(|list| list.elements().collect::<Vec<_>>())
}
