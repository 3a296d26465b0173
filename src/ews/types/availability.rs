use chrono::NaiveDateTime;

use crate::xml::{ListItem, names};

use super::{DayOfWeek, DaysOfWeek, LegacyFreeBusyStatus, record};

names! {
    /// How much of a calendar is shown.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/freebusyviewtype>
    pub open enum FreeBusyViewType {
        None = "None",
        MergedOnly = "MergedOnly",
        FreeBusy = "FreeBusy",
        FreeBusyMerged = "FreeBusyMerged",
        Detailed = "Detailed",
        DetailedMerged = "DetailedMerged",
    }
}

names! {
    /// As what somebody is invited.
    pub enum MeetingAttendeeType {
        Organizer = "Organizer",
        Required = "Required",
        Optional = "Optional",
        Room = "Room",
        Resource = "Resource",
    }
}

record! {
    /// A time zone by its rules for one year, as availability knows it.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/timezone-availability>
    pub struct SerializableTimeZone {
        /// Minutes to add to local time to get UTC, but for the bias of the season.
        bias: i32 = "Bias",
        /// When standard time begins.
        standard_time: SerializableTimeZoneTime = "StandardTime",
        /// When daylight time begins.
        daylight_time: SerializableTimeZoneTime = "DaylightTime",
    }
}

record! {
    /// When standard or daylight time begins.
    pub struct SerializableTimeZoneTime {
        /// Minutes to add to the bias of the zone.
        bias: i32 = "Bias",
        /// The time of day, as `02:00:00`.
        time: String = "Time",
        /// 1 to 5, of the days in the month; 5 is the last. A day of the month where a year is given.
        day_order: i32 = "DayOrder",
        /// 1 to 12; 0 if the zone does not change.
        month: i32 = "Month",
        /// The day.
        day_of_week: DayOfWeek = "DayOfWeek",
        /// The one year in which it holds.
        year: String = "Year",
    }
}

record! {
    /// What is in a calendar at some time. Times are in the zone of the request.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/calendarevent>
    pub struct CalendarEvent {
        /// When it begins, by the clock of the zone asked for.
        start_time: NaiveDateTime = "StartTime",
        /// When it ends, by the clock of the zone asked for.
        end_time: NaiveDateTime = "EndTime",
        /// How it shows.
        busy_type: LegacyFreeBusyStatus = "BusyType",
        /// What it is, if the caller may know.
        calendar_event_details: CalendarEventDetails = "CalendarEventDetails",
    }
}

impl ListItem for CalendarEvent {
    const TAG: &'static str = "t:CalendarEvent";
}

record! {
    /// What something in a calendar is.
    pub struct CalendarEventDetails {
        /// Identifies it in the store, in hexadecimal.
        id: String = "ID",
        /// Its subject.
        subject: String = "Subject",
        /// Where it takes place.
        location: String = "Location",
        /// Whether others are invited.
        is_meeting: bool = "IsMeeting",
        /// Whether it belongs to a series.
        is_recurring: bool = "IsRecurring",
        /// Whether it differs from its series.
        is_exception: bool = "IsException",
        /// Whether there is a reminder.
        is_reminder_set: bool = "IsReminderSet",
        /// Whether it is private.
        is_private: bool = "IsPrivate",
    }
}

record! {
    /// When somebody works.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/workinghours-ex15websvcsotherref>
    pub struct WorkingHours {
        /// In which zone.
        time_zone: SerializableTimeZone = "TimeZone",
        /// The hours.
        working_period_array: Vec<WorkingPeriod> = "WorkingPeriodArray",
    }
}

record! {
    /// Hours on some days.
    pub struct WorkingPeriod {
        /// The days; servers send none now and then.
        day_of_week: DaysOfWeek = "DayOfWeek",
        /// Minutes after midnight at which work begins.
        start_time_in_minutes: i32 = "StartTimeInMinutes",
        /// Minutes after midnight at which work ends.
        end_time_in_minutes: i32 = "EndTimeInMinutes",
    }
}

impl ListItem for WorkingPeriod {
    const TAG: &'static str = "t:WorkingPeriod";
}

record! {
    /// When somebody is free or busy.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/freebusyview>
    pub struct FreeBusyView {
        /// How much is shown: what rights allow, which may be less than was asked for.
        free_busy_view_type: FreeBusyViewType = "FreeBusyViewType",
        /// A digit for each interval: 0 free, 1 tentative, 2 busy, 3 out of office, 4 no data
        /// (on Exchange 2013 and later working elsewhere).
        merged_free_busy: String = "MergedFreeBusy",
        /// What is in the calendar.
        calendar_event_array: Vec<CalendarEvent> = "CalendarEventArray",
        /// When the person works.
        working_hours: WorkingHours = "WorkingHours",
    }
}
