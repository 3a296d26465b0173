//! The portable types: events, messages, times, recurrence, availability, settings. No protocol is in them.
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
mod file_name;
mod folder;
mod foreign_id;
mod ical_uid;
mod id;
mod inbox_rule;
mod item;
mod meeting;
mod message;
mod message_match;
mod message_patch;
mod message_query;
mod new_event;
mod new_message;
mod online_meeting;
mod patch;
mod person;
mod recipient;
mod recurrence;
mod series;
mod settings;
mod sync;
mod sync_token;
mod time;
mod zone;

pub use attachment::{Attachment, AttachmentKind, AttachmentUpload, ItemKind, NewAttachment};
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
#[cfg(any(feature = "ews", feature = "graph"))]
pub(crate) use extended_property::{idempotency_key, own_property, unfinished};
pub use file_name::{FileNames, safe_file_name};
pub use folder::{Folder, FolderQuery, FolderRef, WellKnownFolder};
pub use foreign_id::ForeignId;
pub use ical_uid::ICalUid;
pub use id::{
    AttachmentId, CalendarId, ConversationId, EventId, FolderId, ItemRef, MessageId, RuleId,
    Version,
};
pub use inbox_rule::{ClientRules, InboxRule, InboxRules, RuleActions, RulePredicates};
pub use item::{
    Categories, DeleteMode, FreeBusyStatus, Importance, Notify, Projection, Sensitivity,
};
pub use meeting::{Answer, MeetingMessage, MeetingMessageKind, MeetingReply};
pub use message::{FollowUpFlag, Message, MessageDetail, MessageLoad};
pub use message_patch::MessagePatch;
pub use message_query::{MessageFilter, MessageOrder, MessageQuery, MessageSelect};
pub use new_event::{NewEvent, ReminderChoice};
pub use new_message::{
    DraftOptions, NewMessage, NewReply, ReplyKind, SaveSent, SendOptions, SendReceipt,
};
pub use online_meeting::{DialIn, JoinUrlSource, OnlineMeeting};
pub use patch::Patch;
pub use person::{Person, PersonKind};
pub(crate) use recipient::check_smtp;
pub use recipient::{Address, Recipient};
pub use recurrence::{DaySet, Days, Pattern, Range, Recurrence, RegenerationUnit, WeekIndex};
#[cfg(feature = "icalendar")]
pub(crate) use series::when_on;
pub use series::{Occurrence, Occurrences, Series, SplitSeries};
pub use settings::{ExternalAudience, MailTips, MailboxSettings, OutOfOffice, OutOfOfficeStatus};
pub use sync::{EventChange, FolderChange, MessageChange, SyncPage, SyncRequest, ViewScope};
pub use sync_token::SyncToken;
pub use time::{TimeRange, When, ZonedTime};
pub use zone::{ChangeDay, CustomZone, Zone, ZoneRule, ZoneRules};

#[cfg(test)]
mod tests {
    use serde::Serialize;

    use super::*;

    fn names<T: Serialize>(values: &[T]) -> String {
        let name = |value| serde_json::to_string(value).unwrap().replace('"', "");
        values.iter().map(name).collect::<Vec<_>>().join(" ")
    }

    /// What programs have stored must be read by every later version.
    #[test]
    fn stored_names_are_fixed() {
        use FreeBusyStatus::*;
        assert_eq!(
            names(&[NoData, Free, WorkingElsewhere, Tentative, Busy, OutOfOffice]),
            "no_data free working_elsewhere tentative busy out_of_office"
        );
        use EventKind::*;
        assert_eq!(
            names(&[Single, SeriesMaster, Occurrence, Exception]),
            "single series_master occurrence exception"
        );
        let responses = [
            Response::None,
            Response::Organizer,
            Response::Tentative,
            Response::Accepted,
            Response::Declined,
            Response::NotResponded,
        ];
        assert_eq!(
            names(&responses),
            "none organizer tentative accepted declined not_responded"
        );
        let roles = [
            AttendeeRole::Required,
            AttendeeRole::Optional,
            AttendeeRole::Resource,
        ];
        assert_eq!(names(&roles), "required optional resource");
        assert_eq!(
            names(&[Importance::Low, Importance::Normal, Importance::High]),
            "low normal high"
        );
        use Sensitivity::*;
        assert_eq!(
            names(&[Normal, Personal, Private, Confidential]),
            "normal personal private confidential"
        );
        assert_eq!(
            names(&[Notify::Auto, Notify::All, Notify::Nobody]),
            "auto all nobody"
        );
        let modes = [
            DeleteMode::Trash,
            DeleteMode::Recoverable,
            DeleteMode::Permanent,
        ];
        assert_eq!(names(&modes), "trash recoverable permanent");
        assert_eq!(
            names(&[Projection::Summary, Projection::Full]),
            "summary full"
        );
        assert_eq!(
            names(&[BodyWanted::Native, BodyWanted::Html, BodyWanted::Text]),
            "native html text"
        );
        assert_eq!(names(&[BodyFormat::Html, BodyFormat::Text]), "html text");
        let sources = [
            JoinUrlSource::Property,
            JoinUrlSource::ExtendedProperty,
            JoinUrlSource::Location,
            JoinUrlSource::Body,
        ];
        assert_eq!(names(&sources), "property extended_property location body");
        let details = [
            ScheduleDetail::SlotsOnly,
            ScheduleDetail::Times,
            ScheduleDetail::Subjects,
        ];
        assert_eq!(names(&details), "slots_only times subjects");
        use WeekIndex::*;
        assert_eq!(
            names(&[First, Second, Third, Fourth, Last]),
            "first second third fourth last"
        );
        assert_eq!(
            names(&[Patch::Keep, Patch::Clear, Patch::Set(1)]),
            "keep clear {set:1}"
        );
    }

    #[test]
    fn stored_forms_are_fixed() {
        let when = When::timed(
            "2026-05-04T09:00:00".parse().unwrap(),
            "2026-05-04T10:00:00".parse().unwrap(),
            chrono_tz::Europe::Berlin,
        );
        let five_minutes = ReminderChoice::Before(chrono::TimeDelta::minutes(5));
        let event = NewEvent::new("Review", when).reminder(five_minutes);
        let expected = concat!(
            r#"{"subject":"Review","when":{"timed":{"#,
            r#""start":{"utc":"2026-05-04T07:00:00Z","#,
            r#""zone":{"wire":null,"tz":"Europe/Berlin","custom":null}},"#,
            r#""end":{"utc":"2026-05-04T08:00:00Z","#,
            r#""zone":{"wire":null,"tz":"Europe/Berlin","custom":null}}}},"#,
            r#""body":null,"location":null,"attendees":[],"recurrence":null,"show_as":null,"#,
            r#""sensitivity":"normal","importance":"normal","categories":[],"#,
            r#""reminder":{"before":[300,0]},"response_requested":true,"#,
            r#""allow_new_time_proposals":true,"online_meeting":false,"attachments":[],"extended":[],"#,
            r#""idempotency_key":null,"uid":null}"#,
        );
        assert_eq!(serde_json::to_string(&event).unwrap(), expected);
        let rules = crate::timezone::rules_for_year(chrono_tz::Europe::Berlin, 2026).unwrap();
        let expected = concat!(
            r#"{"bias_minutes":-60,"changes":[{"extra_bias_minutes":-60,"#,
            r#""day":{"weekday":{"month":3,"week":"last","weekday":"Sun"}},"at":"02:00:00"},"#,
            r#"{"extra_bias_minutes":0,"#,
            r#""day":{"weekday":{"month":10,"week":"last","weekday":"Sun"}},"at":"03:00:00"}]}"#,
        );
        assert_eq!(serde_json::to_string(&rules).unwrap(), expected);
        assert_eq!(serde_json::from_str::<ZoneRules>(expected).unwrap(), rules);
    }
}
