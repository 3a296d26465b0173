//! The portable types: events, times, recurrence, availability. No protocol is in them.
//!
//! - What is **read** ([`Event`], [`CalendarInfo`], [`Schedule`]) and what is **written** ([`NewEvent`],
//!   [`EventPatch`]) are different types. What a caller did not set is not sent, so nothing that this model cannot
//!   hold is ever overwritten.
//! - What is read has two levels: [`Projection::Summary`] is what a list gives on every server at the cost of one
//!   request a page; [`Projection::Full`] has [`Event::detail`] too.
//! - Ids, versions and sync tokens are opaque and know their backend; all types can be stored with serde. Field and
//!   variant names of the stored form do not change within a major version.
//! - Values a server may add later to an enumeration read as the neutral value documented with it.

mod attachment;
mod attendee;
mod availability;
mod body;
mod calendar;
mod event;
mod event_patch;
mod event_query;
mod extended_property;
mod ical_uid;
mod id;
mod item;
mod new_event;
mod online_meeting;
mod patch;
mod recipient;
mod recurrence;
mod sync_token;
mod time;
mod zone;

pub use attachment::{Attachment, AttachmentKind, ItemKind};
pub use attendee::{Attendee, AttendeeRole, Response, ResponseStatus};
pub use availability::{
    BusyItem, FreeBusyQuery, Schedule, ScheduleDetail, WorkingHours, WorkingPeriod,
};
pub use body::{Body, BodyFormat, BodyWanted};
pub use calendar::{CalendarInfo, CalendarRef};
pub use event::{Event, EventDetail, EventKind, Location, PostalAddress};
pub use event_patch::EventPatch;
pub use event_query::{EventFilter, EventQuery, EventView};
pub use extended_property::{
    ExtendedProperty, PropertyKind, PropertyName, PropertySet, PropertyValue,
};
pub use ical_uid::ICalUid;
pub use id::{AttachmentId, CalendarId, EventId, Version};
pub use item::{
    Categories, DeleteMode, FreeBusyStatus, Importance, Notify, Projection, Sensitivity,
};
pub use new_event::{NewEvent, ReminderChoice};
pub use online_meeting::{JoinUrlSource, OnlineMeeting};
pub use patch::Patch;
pub use recipient::{Address, Recipient};
pub use recurrence::{DaySet, Pattern, Range, Recurrence, RegenerationUnit, WeekIndex};
pub use sync_token::SyncToken;
pub use time::{TimeRange, When, ZonedTime};
pub use zone::{ChangeDay, CustomZone, Zone, ZoneRule, ZoneRules};
