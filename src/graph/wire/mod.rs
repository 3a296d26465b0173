//! What Graph says, as partial structures: every field may be missing, enumerations are texts, and what is not known is
//! passed over. One file for each family of resources.

mod attachment;
mod body;
mod calendar;
mod directory;
mod event;
mod event_message;
mod extended_property;
mod flag;
mod folder;
mod message;
mod message_rule;
mod recipient;
mod recurrence;
mod schedule;
mod settings;
mod time;

pub(super) use attachment::{AttachedItem, Attachment, UploadSession};
pub(super) use body::ItemBody;
pub(super) use calendar::Calendar;
pub(super) use directory::{ConvertedId, DirectoryEntry};
pub(super) use event::{Attendee, Event, Location, ResponseStatus};
pub(super) use event_message::EventMessage;
pub(super) use extended_property::{MultiValueProperty, SingleValueProperty};
pub(super) use flag::FollowupFlag;
pub(super) use folder::MailFolder;
pub(super) use message::Message;
pub(super) use message_rule::{MessageRule, RuleActions, RulePredicates, SizeRange};
pub(super) use recipient::{EmailAddress, Recipient};
pub(super) use recurrence::{PatternedRecurrence, RecurrencePattern, RecurrenceRange};
pub(super) use schedule::{
    FreeBusyError, ScheduleInformation, ScheduleItem, TimeZoneBase, WorkingHours, ZoneChange,
};
pub(super) use settings::{AutomaticReplies, MailTips, MailTipsError, MailboxSettings};
pub(super) use time::{DateTimeTimeZone, TimeSlot};
