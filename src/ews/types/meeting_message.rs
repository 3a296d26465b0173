use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::xml::{Children, Element, Problem, Tag, WriteElement, names};

use super::{
    Attendee, CalendarItemType, DeletedOccurrenceInfo, EnhancedLocation, ItemId, ItemList,
    LegacyFreeBusyStatus, MeetingTimeZone, Message, OccurrenceInfo, RawXml, Recurrence,
    ResponseType, SingleRecipient, TimeZoneDefinition, record,
};

names! {
    /// What a message about a meeting is.
    pub open enum MeetingMessageKind {
        MeetingMessage = "MeetingMessage",
        MeetingRequest = "MeetingRequest",
        MeetingResponse = "MeetingResponse",
        MeetingCancellation = "MeetingCancellation",
    }
}

names! {
    /// How a request changes what was known of a meeting.
    pub open enum MeetingRequestType {
        None = "None",
        FullUpdate = "FullUpdate",
        InformationalUpdate = "InformationalUpdate",
        NewMeetingRequest = "NewMeetingRequest",
        Outdated = "Outdated",
        SilentUpdate = "SilentUpdate",
        PrincipalWantsCopy = "PrincipalWantsCopy",
    }
}

record! {
    /// What a message about a meeting says of it: the properties of requests, answers and
    /// cancellations together.
    pub struct MeetingProperties {
        /// The calendar item it is about.
        associated_calendar_item_id: ItemId = "AssociatedCalendarItemId" @ MeetingAssociatedCalendarItemId,
        /// Whether a delegate handles it.
        is_delegated: bool = "IsDelegated" @ MeetingIsDelegated,
        /// Whether a newer message has overtaken it.
        is_out_of_date: bool = "IsOutOfDate" @ MeetingIsOutOfDate,
        /// Whether the calendar item shows it already.
        has_been_processed: bool = "HasBeenProcessed" @ MeetingHasBeenProcessed,
        /// What was answered.
        response_type: ResponseType = "ResponseType" @ MeetingResponseType,
        /// Identifies the series in all mailboxes.
        uid: String = "UID" @ CalendarUID,
        /// Which occurrence it is about: its original start.
        recurrence_id: DateTime<Utc> = "RecurrenceId" @ CalendarRecurrenceId,
        /// When the organiser changed it last.
        date_time_stamp: DateTime<Utc> = "DateTimeStamp" @ CalendarDateTimeStamp,
        /// Whether the owner of the mailbox organises it. Exchange 2013 and later.
        is_organizer: bool = "IsOrganizer" @ CalendarIsOrganizer,
        /// How it changes what was known.
        meeting_request_type: MeetingRequestType = "MeetingRequestType" @ MeetingRequestMeetingRequestType,
        /// How the organiser wants the time to show.
        intended_free_busy_status: LegacyFreeBusyStatus = "IntendedFreeBusyStatus" @ MeetingRequestIntendedFreeBusyStatus,
        /// When it begins.
        start: DateTime<Utc> = "Start" @ CalendarStart,
        /// When it ends.
        end: DateTime<Utc> = "End" @ CalendarEnd,
        /// When it would begin by the pattern of its series.
        original_start: DateTime<Utc> = "OriginalStart" @ CalendarOriginalStart,
        /// Whether it takes whole days.
        is_all_day_event: bool = "IsAllDayEvent" @ CalendarIsAllDayEvent,
        /// How its time shows to others.
        legacy_free_busy_status: LegacyFreeBusyStatus = "LegacyFreeBusyStatus" @ CalendarLegacyFreeBusyStatus,
        /// Where it takes place.
        location: String = "Location" @ CalendarLocation,
        /// When it takes place, in words.
        when: String = "When" @ CalendarWhen,
        /// Whether others are invited.
        is_meeting: bool = "IsMeeting" @ CalendarIsMeeting,
        /// Whether it was called off.
        is_cancelled: bool = "IsCancelled" @ CalendarIsCancelled,
        /// Whether it is part of a series.
        is_recurring: bool = "IsRecurring" @ CalendarIsRecurring,
        /// Whether invitations were sent.
        meeting_request_was_sent: bool = "MeetingRequestWasSent" @ CalendarMeetingRequestWasSent,
        /// Whether it is a single item, a series, or part of one.
        calendar_item_type: CalendarItemType = "CalendarItemType" @ CalendarCalendarItemType,
        /// What the owner of the mailbox answered.
        my_response_type: ResponseType = "MyResponseType" @ CalendarMyResponseType,
        /// Who organises it.
        organizer: SingleRecipient = "Organizer" @ CalendarOrganizer,
        /// Who must come.
        required_attendees: Vec<Attendee> = "RequiredAttendees" @ CalendarRequiredAttendees,
        /// Who may come.
        optional_attendees: Vec<Attendee> = "OptionalAttendees" @ CalendarOptionalAttendees,
        /// Rooms and equipment.
        resources: Vec<Attendee> = "Resources" @ CalendarResources,
        /// How many items lie at the same time.
        conflicting_meeting_count: i32 = "ConflictingMeetingCount" @ CalendarConflictingMeetingCount,
        /// How many items lie next to it.
        adjacent_meeting_count: i32 = "AdjacentMeetingCount" @ CalendarAdjacentMeetingCount,
        /// Items at the same time.
        conflicting_meetings: ItemList = "ConflictingMeetings" @ CalendarConflictingMeetings,
        /// Items next to it.
        adjacent_meetings: ItemList = "AdjacentMeetings" @ CalendarAdjacentMeetings,
        /// How long it takes, as `PT1H`.
        duration: String = "Duration" @ CalendarDuration,
        /// The name of the zone, as shown.
        time_zone: String = "TimeZone" @ CalendarTimeZone,
        /// When the owner of the mailbox answered.
        appointment_reply_time: DateTime<Utc> = "AppointmentReplyTime" @ CalendarAppointmentReplyTime,
        /// Counts the changes the organiser sent.
        appointment_sequence_number: i32 = "AppointmentSequenceNumber" @ CalendarAppointmentSequenceNumber,
        /// Bits: 1 a meeting, 2 received, 4 cancelled.
        appointment_state: i32 = "AppointmentState" @ CalendarAppointmentState,
        /// How the series repeats.
        recurrence: Recurrence = "Recurrence" @ CalendarRecurrence,
        /// The first occurrence of the series.
        first_occurrence: OccurrenceInfo = "FirstOccurrence" @ CalendarFirstOccurrence,
        /// The last occurrence of the series.
        last_occurrence: OccurrenceInfo = "LastOccurrence" @ CalendarLastOccurrence,
        /// Occurrences that differ.
        modified_occurrences: Vec<OccurrenceInfo> = "ModifiedOccurrences" @ CalendarModifiedOccurrences,
        /// Occurrences that were deleted.
        deleted_occurrences: Vec<DeletedOccurrenceInfo> = "DeletedOccurrences" @ CalendarDeletedOccurrences,
        /// The zone by its rules, as Exchange 2007 writes it.
        meeting_time_zone: MeetingTimeZone = "MeetingTimeZone" @ CalendarMeetingTimeZone,
        /// The zone of the start. Exchange 2010 and later.
        start_time_zone: TimeZoneDefinition = "StartTimeZone" @ CalendarStartTimeZone,
        /// The zone of the end. Exchange 2010 and later.
        end_time_zone: TimeZoneDefinition = "EndTimeZone" @ CalendarEndTimeZone,
        /// What kind of online meeting it is.
        conference_type: i32 = "ConferenceType" @ CalendarConferenceType,
        /// Whether those invited may propose another time.
        allow_new_time_proposal: bool = "AllowNewTimeProposal" @ CalendarAllowNewTimeProposal,
        /// Whether it takes place online.
        is_online_meeting: bool = "IsOnlineMeeting" @ CalendarIsOnlineMeeting,
        /// A shared workspace.
        meeting_workspace_url: String = "MeetingWorkspaceUrl" @ CalendarMeetingWorkspaceUrl,
        /// An address of NetShow.
        net_show_url: String = "NetShowUrl" @ CalendarNetShowUrl,
        /// The place with its address. Exchange 2013 and later.
        enhanced_location: EnhancedLocation = "EnhancedLocation" @ CalendarEnhancedLocation,
        /// What changed against the request before, as the server wrote it. Exchange 2013 and later.
        change_highlights: RawXml = "ChangeHighlights" @ MeetingRequestChangeHighlights,
        /// The wall clock at the start, with the offset of its zone. Exchange 2013 and later.
        start_wall_clock: DateTime<Utc> = "StartWallClock" @ CalendarStartWallClock,
        /// The wall clock at the end, with the offset of its zone. Exchange 2013 and later.
        end_wall_clock: DateTime<Utc> = "EndWallClock" @ CalendarEndWallClock,
        /// The name of the zone of the start. Exchange 2013 and later.
        start_time_zone_id: String = "StartTimeZoneId" @ CalendarStartTimeZoneId,
        /// The name of the zone of the end. Exchange 2013 and later.
        end_time_zone_id: String = "EndTimeZoneId" @ CalendarEndTimeZoneId,
        /// When somebody would rather begin (answers). Exchange 2013 and later.
        proposed_start: DateTime<Utc> = "ProposedStart" @ MeetingProposedStart,
        /// When somebody would rather end (answers). Exchange 2013 and later.
        proposed_end: DateTime<Utc> = "ProposedEnd" @ MeetingProposedEnd,
        /// Whether it must not be passed on.
        do_not_forward_meeting: bool = "DoNotForwardMeeting" @ CalendarDoNotForwardMeeting,
    }
}

/// A message about a meeting.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/meetingrequest>
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct MeetingMessage {
    /// Which of them it is.
    #[serde(skip)]
    pub kind: MeetingMessageKind,
    /// The properties all messages have.
    #[serde(flatten)]
    pub message: Message,
    /// What it says of the meeting.
    #[serde(flatten)]
    pub meeting: MeetingProperties,
}

impl MeetingMessage {
    pub(crate) fn read(node: &mut Element<'_, '_>) -> Result<Option<Self>, Problem> {
        let mut value = Self {
            kind: MeetingMessageKind::named(node.name()),
            message: Message::default(),
            meeting: MeetingProperties::default(),
        };
        while let Some(mut child) = node.next_child()? {
            let known = value.meeting.read_property(&mut child)?
                || value.message.read_property(&mut child)?;
            if !known {
                child.skip()?;
            }
        }
        Ok(Some(value))
    }

    pub(crate) fn for_each_set<'s>(
        &'s self,
        visit: &mut dyn FnMut(Option<crate::ews::FieldUri>, &'static str, &'s dyn WriteElement),
    ) {
        self.message.for_each_set(visit);
        self.meeting.for_each_set(visit);
    }
}

impl WriteElement for MeetingMessage {
    fn write_element(&self, tag: Tag<'_>) {
        tag.children(|out: &mut Children<'_>| {
            self.message.write_properties(out);
            self.meeting.write_properties(out);
        });
    }
}
