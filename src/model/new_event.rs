//! Events to create.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{
    Attendee, Body, Categories, ExtendedProperty, FreeBusyStatus, ICalUid, Importance,
    NewAttachment, Pattern, Recurrence, Sensitivity, When, extended_property::check_properties,
    item::check_categories,
};
use crate::error::{Error, Result};

const OPERATION: &str = "create_event";

/// An event to create. What is not set gets the default of the server.
///
/// ```
/// use chrono::{NaiveDate, TimeDelta};
/// use exchange_connector::model::{Attendee, Body, NewEvent, ReminderChoice, When};
///
/// let day = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
/// let nine = day.and_hms_opt(9, 0, 0).unwrap();
/// let event = NewEvent::new("Interview", When::timed(nine, nine + TimeDelta::hours(1), chrono_tz::Europe::Berlin))
///     .body(Body::text("See you then."))
///     .location("Room 5")
///     .attendee(Attendee::required("ada@example.com"))
///     .reminder(ReminderChoice::Before(TimeDelta::minutes(10)));
/// assert!(event.validate().is_ok());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NewEvent {
    /// The subject; may be empty.
    pub subject: String,
    /// When it takes place.
    pub when: When,
    /// The body.
    pub body: Option<Body>,
    /// Where.
    pub location: Option<String>,
    /// Who is invited; with anyone in it the event is a meeting.
    pub attendees: Vec<Attendee>,
    /// How it repeats.
    pub recurrence: Option<Recurrence>,
    /// How the time is taken; `None`: busy, or free for whole days, as the server has it.
    pub show_as: Option<FreeBusyStatus>,
    /// Whom it concerns.
    pub sensitivity: Sensitivity,
    /// How important it is.
    pub importance: Importance,
    /// Its categories.
    pub categories: Categories,
    /// Whether and when to remind.
    pub reminder: ReminderChoice,
    /// Ask the attendees for answers.
    pub response_requested: bool,
    /// Let attendees propose another time.
    pub allow_new_time_proposals: bool,
    /// Make an online meeting with it; see [`Feature::CreateOnlineMeeting`](crate::Feature::CreateOnlineMeeting).
    pub online_meeting: bool,
    /// What is attached, in place before invitations go out.
    #[serde(default)]
    pub attachments: Vec<NewAttachment>,
    /// MAPI properties.
    pub extended: Vec<ExtendedProperty>,
    /// A key of the caller's, the same for each attempt to create this event: then a repeated create makes no second
    /// one. Graph `transactionId`; EWS a named property that is looked up before a repeated create. Up to 127
    /// characters.
    pub idempotency_key: Option<String>,
    /// The UID; see [`Feature::SetUid`](crate::Feature::SetUid). `None`: the server makes one.
    pub uid: Option<ICalUid>,
}

/// Whether and when to remind of a new event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ReminderChoice {
    /// As the mailbox is set up.
    #[default]
    MailboxDefault,
    /// Not at all.
    Off,
    /// So long before the start: whole minutes, from 0 to 2 629 800 (five years).
    Before(TimeDelta),
}

/// Types.xsd, `ReminderMinutesBeforeStartType`.
const REMINDER_MINUTES: std::ops::RangeInclusive<i64> = 0..=2_629_800;

/// Servers may cut off longer texts where they look for them, at 255 bytes of UTF-16 (MAPI, "Working with Large
/// Columns": <https://learn.microsoft.com/office/client-developer/outlook/mapi/working-with-large-columns>).
const KEY_UNITS: usize = 127;

impl NewEvent {
    /// An event with this subject at this time, and nothing else.
    pub fn new(subject: impl Into<String>, when: When) -> Self {
        Self {
            subject: subject.into(),
            when,
            body: None,
            location: None,
            attendees: Vec::new(),
            recurrence: None,
            show_as: None,
            sensitivity: Sensitivity::default(),
            importance: Importance::default(),
            categories: Categories::new(),
            reminder: ReminderChoice::default(),
            response_requested: true,
            allow_new_time_proposals: true,
            online_meeting: false,
            attachments: Vec::new(),
            extended: Vec::new(),
            idempotency_key: None,
            uid: None,
        }
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: Body) -> Self {
        self.body = Some(body);
        self
    }

    /// Sets where it takes place.
    #[must_use]
    pub fn location(mut self, location: impl Into<String>) -> Self {
        self.location = Some(location.into());
        self
    }

    /// Adds an attendee.
    #[must_use]
    pub fn attendee(mut self, attendee: Attendee) -> Self {
        self.attendees.push(attendee);
        self
    }

    /// Adds attendees.
    #[must_use]
    pub fn attendees(mut self, attendees: impl IntoIterator<Item = Attendee>) -> Self {
        self.attendees.extend(attendees);
        self
    }

    /// Sets how it repeats.
    #[must_use]
    pub fn recurrence(mut self, recurrence: Recurrence) -> Self {
        self.recurrence = Some(recurrence);
        self
    }

    /// Sets how the time is taken.
    #[must_use]
    pub fn show_as(mut self, status: FreeBusyStatus) -> Self {
        self.show_as = Some(status);
        self
    }

    /// Sets whom it concerns.
    #[must_use]
    pub fn sensitivity(mut self, sensitivity: Sensitivity) -> Self {
        self.sensitivity = sensitivity;
        self
    }

    /// Sets how important it is.
    #[must_use]
    pub fn importance(mut self, importance: Importance) -> Self {
        self.importance = importance;
        self
    }

    /// Adds a category.
    #[must_use]
    pub fn category(mut self, category: impl Into<String>) -> Self {
        self.categories.insert(category.into());
        self
    }

    /// Sets whether and when to remind.
    #[must_use]
    pub fn reminder(mut self, reminder: ReminderChoice) -> Self {
        self.reminder = reminder;
        self
    }

    /// Sets whether the attendees are asked for answers.
    #[must_use]
    pub fn response_requested(mut self, requested: bool) -> Self {
        self.response_requested = requested;
        self
    }

    /// Sets whether attendees may propose another time.
    #[must_use]
    pub fn allow_new_time_proposals(mut self, allowed: bool) -> Self {
        self.allow_new_time_proposals = allowed;
        self
    }

    /// Sets whether an online meeting is made with it.
    #[must_use]
    pub fn online_meeting(mut self, online: bool) -> Self {
        self.online_meeting = online;
        self
    }

    /// Attaches a file.
    #[must_use]
    pub fn attachment(mut self, attachment: NewAttachment) -> Self {
        self.attachments.push(attachment);
        self
    }

    /// Adds a MAPI property.
    #[must_use]
    pub fn extended(mut self, property: ExtendedProperty) -> Self {
        self.extended.push(property);
        self
    }

    /// Sets the key that makes repeated creates one.
    #[must_use]
    pub fn idempotency_key(mut self, key: impl Into<String>) -> Self {
        self.idempotency_key = Some(key.into());
        self
    }

    /// Sets the UID.
    #[must_use]
    pub fn uid(mut self, uid: ICalUid) -> Self {
        self.uid = Some(uid);
        self
    }

    /// Checks what every server refuses, so that it is found before anything is sent.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument), which says which field is wrong and why.
    pub fn validate(&self) -> Result<()> {
        self.when.validate(OPERATION)?;
        check_attendees(OPERATION, &self.attendees)?;
        check_categories(OPERATION, &self.categories)?;
        self.attachments
            .iter()
            .try_for_each(|attachment| attachment.validate(OPERATION))?;
        check_properties(OPERATION, &self.extended)?;
        if let ReminderChoice::Before(time) = self.reminder {
            check_reminder(OPERATION, time)?;
        }
        if let Some(recurrence) = &self.recurrence {
            check_recurrence(OPERATION, recurrence, Some(&self.when))?;
        }
        if self
            .uid
            .as_ref()
            .is_some_and(|uid| uid.as_str().trim().is_empty())
        {
            return Err(Error::invalid_argument(OPERATION, "the UID is empty"));
        }
        check_key(OPERATION, self.idempotency_key.as_deref())
    }
}

pub(super) fn check_key(operation: &'static str, key: Option<&str>) -> Result<()> {
    let problem = match key {
        Some(key) if key.trim().is_empty() => "the idempotency key is empty".to_owned(),
        Some(key) if key.encode_utf16().count() > KEY_UNITS => {
            format!("the idempotency key has more than {KEY_UNITS} characters")
        }
        _ => return Ok(()),
    };
    Err(Error::invalid_argument(operation, problem))
}

pub(super) fn check_attendees(operation: &'static str, attendees: &[Attendee]) -> Result<()> {
    for attendee in attendees {
        attendee.who.require_smtp(operation, "attendee")?;
    }
    Ok(())
}

pub(super) fn check_reminder(operation: &'static str, before: TimeDelta) -> Result<()> {
    let whole = before.subsec_nanos() == 0 && before.num_seconds() % 60 == 0;
    if whole && REMINDER_MINUTES.contains(&before.num_minutes()) {
        return Ok(());
    }
    let last = REMINDER_MINUTES.end();
    Err(Error::invalid_argument(
        operation,
        format!(
            "the reminder {before} before the start is not a whole number of minutes from 0 to {last}"
        ),
    ))
}

/// `when` is that of the event, where it is known.
pub(super) fn check_recurrence(
    operation: &'static str,
    recurrence: &Recurrence,
    when: Option<&When>,
) -> Result<()> {
    if matches!(recurrence.pattern, Pattern::Regenerate { .. }) {
        return Err(Error::invalid_argument(
            operation,
            "only tasks can be made anew when they are done",
        ));
    }
    recurrence
        .range
        .check()
        .map_err(|error| error.with_operation(operation))?;
    let first = recurrence.range.start();
    match when.and_then(When::start_date) {
        Some(date) if date != first => {
            let problem = format!(
                "the series begins on {first}, but its first event on {date} in its own zone"
            );
            Err(Error::invalid_argument(operation, problem)
                .with_hint("Begin the range of the recurrence on the day the event starts."))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::model::{Address, Range, Recipient};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn late_evening() -> NewEvent {
        // 23:30 on 2 March in New York is 3 March in UTC.
        let start = day("2026-03-02").and_hms_opt(23, 30, 0).unwrap();
        NewEvent::new(
            "",
            When::timed(
                start,
                start + TimeDelta::minutes(15),
                chrono_tz::America::New_York,
            ),
        )
    }

    fn problem(event: &NewEvent) -> String {
        event.validate().unwrap_err().message().to_owned()
    }

    #[test]
    fn empty_subject_is_fine() {
        assert!(late_evening().validate().is_ok());
    }

    #[test]
    fn series_begins_with_its_first_event() {
        let daily = |start| Recurrence::new(Pattern::Daily { interval: 1 }, Range::NoEnd { start });
        assert!(
            late_evening()
                .recurrence(daily(day("2026-03-02")))
                .validate()
                .is_ok()
        );
        let wrong = problem(&late_evening().recurrence(daily(day("2026-03-03"))));
        assert_eq!(
            wrong,
            "the series begins on 2026-03-03, but its first event on 2026-03-02 in its own zone"
        );
        let none = Range::Count {
            start: day("2026-03-02"),
            count: 0,
        };
        let never = Recurrence::new(Pattern::Daily { interval: 1 }, none);
        let error = late_evening().recurrence(never).validate().unwrap_err();
        assert_eq!(error.operation(), "create_event");
        let task = Recurrence::new(
            Pattern::Regenerate {
                interval: 1,
                unit: crate::model::RegenerationUnit::Day,
            },
            Range::NoEnd {
                start: day("2026-03-02"),
            },
        );
        assert!(problem(&late_evening().recurrence(task)).contains("only tasks"));
    }

    #[test]
    fn attendees_have_mail_addresses() {
        assert!(
            problem(&late_evening().attendee(Attendee::required("Ada")))
                .contains("\"Ada\" is not a mail address")
        );
        let internal = Recipient::new(Address::ExchangeDn("/o=x/cn=ada".into())).named("Ada");
        let attendee = Attendee::new(internal, crate::model::AttendeeRole::Required);
        assert_eq!(
            problem(&late_evening().attendee(attendee)),
            "the attendee Ada has no mail address"
        );
    }

    #[test]
    fn reminders() {
        for (seconds, good) in [
            (0, true),
            (60, true),
            (90, false),
            (-60, false),
            (2_629_800 * 60, true),
            (2_629_801 * 60, false),
        ] {
            let event =
                late_evening().reminder(ReminderChoice::Before(TimeDelta::seconds(seconds)));
            assert_eq!(event.validate().is_ok(), good, "{seconds}");
        }
    }

    #[test]
    fn empty_keys() {
        assert!(problem(&late_evening().idempotency_key(" ")).contains("idempotency key"));
        assert!(problem(&late_evening().uid(ICalUid::new(""))).contains("UID"));
        let long = |length| late_evening().idempotency_key("ä".repeat(length));
        assert!(long(127).validate().is_ok());
        assert!(problem(&long(128)).contains("more than 127"));
    }

    #[test]
    fn survives_storage() {
        for reminder in [
            ReminderChoice::MailboxDefault,
            ReminderChoice::Off,
            ReminderChoice::Before(TimeDelta::minutes(5)),
        ] {
            let event = late_evening()
                .reminder(reminder)
                .category("Red")
                .idempotency_key("booking-4711");
            assert_eq!(
                serde_json::from_str::<NewEvent>(&serde_json::to_string(&event).unwrap()).unwrap(),
                event
            );
        }
    }
}
