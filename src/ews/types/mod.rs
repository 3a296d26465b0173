//! What operations share: one file per family of the schema.
//!
//! Types carry the schema's names less `Type`. Everything a server sends is optional here, because
//! which properties come depends on what was asked, on the version and on rights; what a program
//! may rely on is decided in `convert`. A new property is one line in its record.

mod attachment;
mod availability;
mod body;
mod calendar_item;
mod extended_property;
mod folder;
mod id;
mod item;
mod mailbox;
mod meeting_message;
mod message;
mod raw_xml;
mod record;
mod recurrence;
mod response_object;
mod restriction;
mod shape;
mod time_zone;
mod update;
mod view;

pub use crate::xml::Base64;
pub use attachment::{Attachment, AttachmentKind, AttachmentProperties, Attachments};
pub use availability::{
    CalendarEvent, CalendarEventDetails, FreeBusyView, FreeBusyViewType, MeetingAttendeeType,
    SerializableTimeZone, SerializableTimeZoneTime, WorkingHours, WorkingPeriod,
};
pub use body::{Body, BodyType, MimeContent};
pub use calendar_item::{
    Attendee, CalendarItem, CalendarItemType, DeletedOccurrenceInfo, EnhancedLocation,
    InboxReminder, LegacyFreeBusyStatus, OccurrenceInfo, PostalAddress, ResponseType,
};
pub use extended_property::{
    DistinguishedPropertySetId, ExtendedFieldUri, ExtendedProperties, ExtendedProperty,
    MapiPropertyType, PropertyValue,
};
pub use folder::{EffectiveRights, Folder, FolderProperties};
pub use id::{FolderId, FolderIdRef, ItemId, ItemIdRef};
pub use item::{
    Flag, FlagStatus, Importance, InternetMessageHeader, Item, ItemList, ItemProperties, OtherItem,
    Sensitivity,
};
pub use mailbox::{Mailbox, MailboxType, SingleRecipient};
pub use meeting_message::{
    MeetingMessage, MeetingMessageKind, MeetingProperties, MeetingRequestType,
};
pub use message::Message;
pub use raw_xml::RawXml;
pub(crate) use record::record;
pub use recurrence::{
    DayOfWeek, DayOfWeekIndex, DaysOfWeek, Month, Recurrence, RecurrencePattern, RecurrenceRange,
};
pub use response_object::{ResponseObject, ResponseObjectKind};
pub use restriction::{ContainmentComparison, ContainmentMode, Operand, SearchExpression};
pub use shape::{BaseShape, BodyTypeResponse, FieldPath, FolderShape, ItemShape};
pub use time_zone::{
    MeetingTimeZone, Period, RelativeYearlyChange, TimeChange, TimeZoneDefinition, Transition,
    TransitionRule, TransitionTarget, TransitionTargetKind, TransitionsGroup,
};
pub use update::ItemChange;
pub(crate) use view::write_sort_order;
pub use view::{BasePoint, FieldOrder, SortDirection, Traversal, View};
