use chrono::{DateTime, Utc};

use crate::xml::{ListItem, names};

use super::{
    ItemId, ItemList, ItemProperties, Mailbox, MeetingTimeZone, RawXml, Recurrence,
    SingleRecipient, TimeZoneDefinition, record,
};

names! {
    /// Whether a calendar item is part of a series.
    pub open enum CalendarItemType {
        Single = "Single",
        Occurrence = "Occurrence",
        Exception = "Exception",
        RecurringMaster = "RecurringMaster",
    }
}

names! {
    /// How the time of a calendar item shows to others.
    ///
    /// `WorkingElsewhere` came with Exchange 2013.
    pub open enum LegacyFreeBusyStatus {
        Free = "Free",
        Tentative = "Tentative",
        Busy = "Busy",
        OutOfOffice = "OOF",
        WorkingElsewhere = "WorkingElsewhere",
        NoData = "NoData",
    }
}

names! {
    /// What somebody answered to an invitation.
    pub open enum ResponseType {
        Unknown = "Unknown",
        Organizer = "Organizer",
        Tentative = "Tentative",
        Accept = "Accept",
        Decline = "Decline",
        NoResponseReceived = "NoResponseReceived",
    }
}

record! {
    /// Somebody who is invited.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/attendee>
    pub struct Attendee {
        /// Who it is.
        mailbox: Mailbox = "Mailbox",
        /// What was answered.
        response_type: ResponseType = "ResponseType",
        /// When it was answered.
        last_response_time: DateTime<Utc> = "LastResponseTime",
        /// When it should begin instead. Exchange 2013 SP1 and later.
        proposed_start: DateTime<Utc> = "ProposedStart" since Exchange2013Sp1,
        /// When it should end instead. Exchange 2013 SP1 and later.
        proposed_end: DateTime<Utc> = "ProposedEnd" since Exchange2013Sp1,
    }
}

impl Attendee {
    /// Invites that mailbox.
    pub fn new(mailbox: Mailbox) -> Self {
        Self {
            mailbox: Some(mailbox),
            ..Self::default()
        }
    }
}

impl ListItem for Attendee {
    const TAG: &'static str = "t:Attendee";
}

record! {
    /// An occurrence that differs from its series, or the first or last of one.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/occurrence>
    pub struct OccurrenceInfo {
        /// Identifies the occurrence.
        item_id: ItemId = "ItemId",
        /// When it begins.
        start: DateTime<Utc> = "Start",
        /// When it ends.
        end: DateTime<Utc> = "End",
        /// When it would begin by the pattern.
        original_start: DateTime<Utc> = "OriginalStart",
    }
}

impl ListItem for OccurrenceInfo {
    const TAG: &'static str = "t:Occurrence";
}

record! {
    /// An occurrence that was deleted from its series.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/deletedoccurrence>
    pub struct DeletedOccurrenceInfo {
        /// When it would begin by the pattern.
        start: DateTime<Utc> = "Start",
    }
}

impl ListItem for DeletedOccurrenceInfo {
    const TAG: &'static str = "t:DeletedOccurrence";
}

record! {
    /// An address by streets. Exchange 2013 and later.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/postaladdress>
    pub struct PostalAddress {
        /// Street and number.
        street: String = "Street",
        /// City.
        city: String = "City",
        /// State or province.
        state: String = "State",
        /// Country.
        country: String = "Country",
        /// Postal code.
        postal_code: String = "PostalCode",
        /// Post-office box.
        post_office_box: String = "PostOfficeBox",
        /// What kind of address it is, as `Business`.
        address_type: String = "Type",
        /// Degrees north.
        latitude: f64 = "Latitude",
        /// Degrees east.
        longitude: f64 = "Longitude",
        /// How exact the position is, in metres.
        accuracy: f64 = "Accuracy",
        /// Height in metres.
        altitude: f64 = "Altitude",
        /// How exact the height is, in metres.
        altitude_accuracy: f64 = "AltitudeAccuracy",
        /// The address in one text.
        formatted_address: String = "FormattedAddress",
        /// What identifies the place, as the address of a room.
        location_uri: String = "LocationUri",
        /// Where it is known from, as `Resource`.
        location_source: String = "LocationSource",
    }
}

record! {
    /// A place with an address. Exchange 2013 and later.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/enhancedlocation>
    pub struct EnhancedLocation {
        /// The name shown.
        display_name: String = "DisplayName",
        /// A remark.
        annotation: String = "Annotation",
        /// Where it is.
        postal_address: PostalAddress = "PostalAddress",
    }
}

record! {
    /// A reminder sent by mail.
    pub struct InboxReminder {
        /// Identifies the reminder.
        id: String = "Id",
        /// Minutes before the start.
        reminder_offset: i32 = "ReminderOffset",
        /// What it says.
        message: String = "Message",
        /// Whether the organiser set it.
        is_organizer_reminder: bool = "IsOrganizerReminder",
        /// How it changes for one occurrence.
        occurrence_change: String = "OccurrenceChange",
        /// To whom it is sent.
        send_option: String = "SendOption",
    }
}

impl ListItem for InboxReminder {
    const TAG: &'static str = "t:InboxReminder";
}

record! {
    /// An appointment or a meeting.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/calendaritem>
    pub struct CalendarItem(
        /// The properties all items have.
        item: ItemProperties
    ) {
        /// Identifies the series in all mailboxes. Cannot be searched for.
        uid: String = "UID" @ CalendarUID,
        /// Which occurrence of the series it is: its original start.
        recurrence_id: DateTime<Utc> = "RecurrenceId" @ CalendarRecurrenceId,
        /// When the organiser changed it last.
        date_time_stamp: DateTime<Utc> = "DateTimeStamp" @ CalendarDateTimeStamp,
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
        /// Whether those invited should answer.
        is_response_requested: bool = "IsResponseRequested" @ CalendarIsResponseRequested,
        /// Whether it is a single item, a series, or part of one.
        calendar_item_type: CalendarItemType = "CalendarItemType" @ CalendarCalendarItemType,
        /// What the owner of the calendar answered.
        my_response_type: ResponseType = "MyResponseType" @ CalendarMyResponseType,
        /// Who organises it.
        organizer: SingleRecipient = "Organizer" @ CalendarOrganizer,
        /// Who must come.
        required_attendees: Vec<Attendee> = "RequiredAttendees" @ CalendarRequiredAttendees,
        /// Who may come.
        optional_attendees: Vec<Attendee> = "OptionalAttendees" @ CalendarOptionalAttendees,
        /// Rooms and equipment.
        resources: Vec<Attendee> = "Resources" @ CalendarResources,
        /// Reminders sent by mail.
        inbox_reminders: Vec<InboxReminder> = "InboxReminders" @ CalendarInboxReminders,
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
        /// When the owner of the calendar answered.
        appointment_reply_time: DateTime<Utc> = "AppointmentReplyTime" @ CalendarAppointmentReplyTime,
        /// Counts the changes the organiser sent.
        appointment_sequence_number: i32 = "AppointmentSequenceNumber" @ CalendarAppointmentSequenceNumber,
        /// Bits: 1 a meeting, 2 received, 4 cancelled.
        appointment_state: i32 = "AppointmentState" @ CalendarAppointmentState,
        /// How the series repeats; on its master only.
        recurrence: Recurrence = "Recurrence" @ CalendarRecurrence,
        /// The first occurrence of the series.
        first_occurrence: OccurrenceInfo = "FirstOccurrence" @ CalendarFirstOccurrence,
        /// The last occurrence of the series.
        last_occurrence: OccurrenceInfo = "LastOccurrence" @ CalendarLastOccurrence,
        /// Occurrences that differ.
        modified_occurrences: Vec<OccurrenceInfo> = "ModifiedOccurrences" @ CalendarModifiedOccurrences,
        /// Occurrences that were deleted.
        deleted_occurrences: Vec<DeletedOccurrenceInfo> = "DeletedOccurrences" @ CalendarDeletedOccurrences,
        /// The zone by its rules; what Exchange 2007 knows, and no later version should be sent.
        meeting_time_zone: MeetingTimeZone = "MeetingTimeZone" @ CalendarMeetingTimeZone,
        /// The zone of the start. Exchange 2010 and later.
        start_time_zone: TimeZoneDefinition = "StartTimeZone" @ CalendarStartTimeZone,
        /// The zone of the end. Exchange 2010 and later.
        end_time_zone: TimeZoneDefinition = "EndTimeZone" @ CalendarEndTimeZone,
        /// What kind of online meeting it is: 0 NetMeeting, 1 NetShow, 2 Chat.
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
        /// The wall clock at the start, with the offset of its zone. Exchange 2013 and later.
        start_wall_clock: DateTime<Utc> = "StartWallClock" @ CalendarStartWallClock,
        /// The wall clock at the end, with the offset of its zone. Exchange 2013 and later.
        end_wall_clock: DateTime<Utc> = "EndWallClock" @ CalendarEndWallClock,
        /// The name of the zone of the start. Exchange 2013 and later.
        start_time_zone_id: String = "StartTimeZoneId" @ CalendarStartTimeZoneId,
        /// The name of the zone of the end. Exchange 2013 and later.
        end_time_zone_id: String = "EndTimeZoneId" @ CalendarEndTimeZoneId,
        /// How the organiser wants the time to show. Exchange 2013 SP1 and later.
        intended_free_busy_status: LegacyFreeBusyStatus = "IntendedFreeBusyStatus" since Exchange2013,
        /// Where to join. Exchange 2013 and later.
        join_online_meeting_url: String = "JoinOnlineMeetingUrl" @ CalendarJoinOnlineMeetingUrl,
        /// Who may join and how, as the server wrote it. Exchange 2013 and later.
        online_meeting_settings: RawXml = "OnlineMeetingSettings" @ CalendarOnlineMeetingSettings,
        /// Whether the owner of the calendar organises it. Exchange 2013 and later.
        is_organizer: bool = "IsOrganizer" @ CalendarIsOrganizer,
        /// What was done with it, as the server wrote it.
        calendar_activity_data: RawXml = "CalendarActivityData" @ CalendarCalendarActivityData,
        /// Whether it must not be passed on.
        do_not_forward_meeting: bool = "DoNotForwardMeeting" @ CalendarDoNotForwardMeeting,
    }
}

impl CalendarItem {
    /// An appointment with that subject.
    pub fn new(subject: impl Into<String>) -> Self {
        let mut item = Self::default();
        item.item.subject = Some(subject.into());
        item
    }
}
