//! The operations, one file each.
//!
//! A file here holds the request, how it is written, and how its answer is read; what several
//! operations share is in [`types`](super::types). To add one: its file, a line in the list
//! below, its elements and its name in `wsdl/`, and `fixtures/ews/<operation>/request.xml` and `response.xml`,
//! which the schema in `wsdl/` checks.

mod message;
mod needs;

use message::serialize_inside;
pub use message::{Refusal, ResponseClass, ResponseMessage};
pub(crate) use message::{Summary, response_messages};
pub use needs::Needs;

use std::fmt;
use std::sync::Arc;

use super::ServerVersion;
use super::origin::Origin;
use crate::xml::{Element, Problem, Tag};

/// Declares the operations and lists them for [`inspect`](super::inspect).
macro_rules! operations {
    ($($module:ident: $operation:ident $(, $type:ident)*;)*) => {
        $(mod $module; pub use $module::{$operation $(, $type)*};)*

        /// Calls `$visit` with the operation of that name; `None` if there is none.
        pub(crate) fn visit<V: Visitor>(name: &str, visitor: V) -> Option<V::Output> {
            $(
                if name == $operation::NAME {
                    return Some(visitor.visit::<$operation>());
                }
            )*
            None
        }

        /// The names of all operations this crate has.
        pub const NAMES: &[&str] = &[$($operation::NAME),*];
    };
}

operations! {
    convert_id: ConvertId, AlternateId, ConvertedId, IdFormat;
    copy_folder: CopyFolder;
    copy_item: CopyItem;
    create_attachment: CreateAttachment, AttachmentInfo;
    create_folder: CreateFolder;
    create_item: CreateItem, CreatedItems, MessageDisposition, SendMeetingInvitations;
    delete_attachment: DeleteAttachment, DeletedAttachment;
    delete_folder: DeleteFolder;
    delete_item: DeleteItem, AffectedTaskOccurrences, DeleteType, SendMeetingCancellations;
    empty_folder: EmptyFolder;
    expand_dl: ExpandDL, DLExpansion;
    find_folder: FindFolder, FoundFolders;
    find_item: FindItem, FoundItems;
    get_attachment: GetAttachment;
    get_folder: GetFolder, Folders;
    get_inbox_rules: GetInboxRules, InboxRules;
    get_item: GetItem, Items;
    get_mail_tips: GetMailTips, RecipientMailTips;
    get_room_lists: GetRoomLists, RoomLists;
    get_rooms: GetRooms, Room, Rooms;
    get_server_time_zones: GetServerTimeZones, TimeZoneDefinitions;
    get_service_configuration: GetServiceConfiguration, ServiceConfiguration;
    get_user_availability: GetUserAvailability, FreeBusyResponse, MailboxData, UserAvailability;
    get_user_configuration: GetUserConfiguration, DictionaryEntry, DictionaryObject, UserConfiguration, UserConfigurationProperty, UserConfigurations;
    get_user_oof_settings: GetUserOofSettings, OofSettings;
    mark_all_items_as_read: MarkAllItemsAsRead;
    move_folder: MoveFolder;
    move_item: MoveItem;
    resolve_names: ResolveNames, Resolution, ResolutionSet, SearchScope;
    send_item: SendItem;
    set_user_oof_settings: SetUserOofSettings;
    sync_folder_hierarchy: SyncFolderHierarchy, SyncFolderChange, SyncedFolders;
    sync_folder_items: SyncFolderItems, SyncChange, SyncScope, SyncedItems;
    update_folder: UpdateFolder;
    update_inbox_rules: UpdateInboxRules, RuleOperation, RuleOperationErrors;
    update_item: UpdateItem, ConflictResolution, ConflictResults, SendMeetingInvitationsOrCancellations, UpdatedItems;
}

/// A request that knows how to write itself and how to read its answer.
///
/// Programs send operations with [`Client::send`](super::Client::send); they do not write their
/// own. The methods are not part of the stable interface.
pub trait Operation: fmt::Debug + Send + Sync {
    /// What the server answers.
    type Response: Response;

    /// The name of the operation; the answer is called the same, plus `Response`.
    const NAME: &'static str;

    /// The name of the request element, where it differs.
    const REQUEST: &'static str = Self::NAME;

    /// The first version that knows this operation.
    const SINCE: ServerVersion = ServerVersion::Exchange2007;

    /// Whether sending it once more, after an answer was lost, does no harm.
    const REPEATABLE: bool;

    /// How many answers there must be; `None` if the request asks one question as a whole.
    #[doc(hidden)]
    fn requested(&self) -> Option<usize> {
        None
    }

    /// Names what in the request is newer than the first version, and what cannot be sent at all.
    #[doc(hidden)]
    fn needs(&self, needs: &mut Needs) {
        let _ = needs;
    }

    /// The same request for some of its parts, by their positions; `None` if it is one as a whole.
    #[doc(hidden)]
    fn narrowed(&self, parts: &[usize]) -> Option<Self>
    where
        Self: Sized,
    {
        let _ = parts;
        None
    }

    /// Writes the attributes and the content of the request element.
    ///
    /// The schema is a sequence: the order of the calls is the order of the elements.
    #[doc(hidden)]
    fn write(&self, request: Tag<'_>);

    /// Reads the content of the response element.
    #[doc(hidden)]
    fn read(response: &mut Element<'_, '_>) -> Result<Self::Response, Problem>;
}

/// An answer to an operation.
pub trait Response: Sized + Send + fmt::Debug {
    /// Checks that there are as many answers as questions.
    #[doc(hidden)]
    fn settle(self, requested: Option<usize>) -> Result<Self, Problem>;

    /// The parts that were refused, by their positions.
    #[doc(hidden)]
    fn refusals(&self) -> Vec<(usize, Refusal)>;

    /// How many parts there are.
    #[doc(hidden)]
    fn parts(&self) -> usize;

    /// Puts the parts of another answer in these positions.
    #[doc(hidden)]
    fn put(&mut self, positions: &[usize], fresh: Self);

    /// What became of the parts in these positions is not known, because of this.
    #[doc(hidden)]
    fn lose(&mut self, positions: &[usize], why: &str);

    /// The answers for a person to look at.
    #[doc(hidden)]
    fn summaries(&self) -> Vec<Summary>;

    /// Tells each refusal in it where it came from, by its position and how many parts there are.
    #[doc(hidden)]
    fn refused(&mut self, origin: &mut dyn FnMut(usize, usize) -> Arc<Origin>);
}

/// Those of a list, in that order.
pub(super) fn pick<T: Clone>(list: &[T], positions: &[usize]) -> Vec<T> {
    let picked = positions.iter().filter_map(|position| list.get(*position));
    picked.cloned().collect()
}

/// Something to do with an operation known only by its name.
pub(crate) trait Visitor {
    type Output;

    fn visit<O: Operation>(self) -> Self::Output;
}
