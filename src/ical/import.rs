//! Events from iCalendar text.

mod entry;
mod event;
mod moment;

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;

use super::{line::Component, problem, zone::Zones};
use crate::{
    error::Result,
    model::{
        Event, EventPatch, ICalUid, NewEvent, OnlineMeeting, Patch, Recipient, ReminderChoice,
        When, Zone, ZonedTime, when_on,
    },
};

/// Reads iCalendar text of any maker, and says what to do where a text does not say what is meant.
///
/// Without a choice such an event is an error that says what to choose:
///
/// - Times without a zone (RFC 5545 section 3.3.5, form 1) mean the clock of whoever looks: [`floating`](Self::floating).
/// - `TZID`s that nobody knows and the text does not define: [`unknown_zones`](Self::unknown_zones).
/// - Rules that leave out months without a day 29, 30 or 31, which Exchange cannot:
///   [`short_months_on_last_day`](Self::short_months_on_last_day).
///
/// Zones are found by IANA or Windows name before their definition in the text is looked at. All else becomes a zone
/// with [its own rules](crate::model::CustomZone), the last of the definition.
#[derive(Debug, Clone, Default)]
pub struct Import {
    floating: Option<Zone>,
    unknown_zones: Option<Zone>,
    last_day: bool,
}

/// What a text holds.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct ICalendar {
    /// What the calendar is called (RFC 7986 `NAME`, else `X-WR-CALNAME`).
    pub name: Option<String>,
    /// What is to be done with the events (RFC 5546), such as `REQUEST` or `CANCEL`; in upper case.
    pub method: Option<String>,
    /// Single events, and series with their exceptions, in the order of the text; for each that cannot be read why.
    pub entries: Vec<Result<ICalEntry>>,
    /// The names of components that are no events, such as `VTODO`, each as often as it is there.
    pub ignored: Vec<String>,
}

/// A single event, or a series with all that differs from it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ICalEntry {
    /// The event or series. With a [`recurrence_id`](ICalEvent::recurrence_id) it is one occurrence of a series that
    /// is not in the text.
    pub main: ICalEvent,
    /// The occurrences that were changed, by their original start.
    pub exceptions: Vec<ICalEvent>,
    /// The occurrences that do not take place, in order. None of them is among the exceptions.
    pub deleted: Vec<RecurrenceId>,
}

/// An event as iCalendar has it: what can be created, and what else the text says.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ICalEvent {
    /// Its UID.
    pub uid: Option<ICalUid>,
    /// Which occurrence of the series it is.
    pub recurrence_id: Option<RecurrenceId>,
    /// The event to create, with the UID; see [`Feature::SetUid`](crate::Feature::SetUid). Without a `VALARM` the
    /// reminder is off. Attendees keep their answers.
    pub event: NewEvent,
    /// Who organises it. Whoever creates the event becomes its organiser.
    pub organizer: Option<Recipient>,
    /// It was cancelled.
    pub is_cancelled: bool,
    /// How often it was changed in a way that concerns attendees.
    pub sequence: u32,
    /// When this state of it was written.
    pub stamp: Option<DateTime<Utc>>,
    /// When it was created.
    pub created: Option<DateTime<Utc>>,
    /// When it was last changed.
    pub last_modified: Option<DateTime<Utc>>,
    /// Where to join online: `CONFERENCE` and its like, else as [`OnlineMeeting::find`].
    pub online_meeting: Option<OnlineMeeting>,
    /// Lines that mean something, but could not be read or cannot be kept: further alarms, unreadable attendees,
    /// `EXDATE`s on which there is nothing.
    pub ignored: Vec<String>,
}

/// When an occurrence would have begun by the pattern of its series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecurrenceId {
    /// At an instant.
    At(DateTime<Utc>),
    /// On a day, for series of whole days.
    On(NaiveDate),
}

impl RecurrenceId {
    /// The instant; of a day its midnight in `home`.
    pub fn instant(self, home: Tz) -> DateTime<Utc> {
        match self {
            Self::At(instant) => instant,
            Self::On(day) => ZonedTime::from_local(day.and_time(NaiveTime::MIN), home).utc,
        }
    }

    /// Whether this event, read from a server, is that occurrence. Days are those in the event's own zone, else in
    /// `home`.
    pub fn is_of(self, event: &Event, home: Tz) -> bool {
        let start = event.when.span(home).start;
        let original = event.recurrence_id.unwrap_or(start);
        match self {
            Self::At(instant) => original == instant,
            Self::On(day) => {
                let zone = match &event.when {
                    When::AllDay { zone, .. } => zone.clone(),
                    When::Timed { start, .. } => Some(start.zone.clone()),
                };
                let zone = zone.unwrap_or_else(|| home.into());
                let local = ZonedTime::from_utc(original, zone).local();
                local.is_some_and(|local| local.date() == day)
            }
        }
    }
}

impl Import {
    /// Leaves nothing to choice: what a text does not say is an error.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the zone of times without one.
    #[must_use]
    pub fn floating(mut self, zone: impl Into<Zone>) -> Self {
        self.floating = Some(zone.into());
        self
    }

    /// Sets the zone of times in a zone that nobody knows.
    #[must_use]
    pub fn unknown_zones(mut self, zone: impl Into<Zone>) -> Self {
        self.unknown_zones = Some(zone.into());
        self
    }

    /// Sets whether a rule that leaves out short months may become one that takes their last day.
    #[must_use]
    pub fn short_months_on_last_day(mut self, allowed: bool) -> Self {
        self.last_day = allowed;
        self
    }

    /// Reads a text of at most 64 MiB.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) when it is not iCalendar: cut off, badly nested, of
    /// version 1.0; [`TooLarge`](crate::ErrorKind::TooLarge). What is wrong with one event is said at its
    /// [entry](ICalendar::entries): `InvalidArgument` for what means nothing or was not chosen,
    /// [`Unsupported`](crate::ErrorKind::Unsupported) for what Exchange cannot keep, with the rule in question.
    pub fn read(&self, text: &str) -> Result<ICalendar> {
        let mut calendars = Component::read_all(text)?;
        calendars.retain(|component| component.name == "VCALENDAR");
        if calendars.is_empty() {
            return Err(problem("the text has no VCALENDAR"));
        }
        if calendars
            .iter()
            .any(|calendar| calendar.value("VERSION") == Some("1.0"))
        {
            let error = problem("the text is vCalendar 1.0, not iCalendar");
            return Err(error.with_hint("Export it as iCalendar (.ics)."));
        }
        let reader = Reader {
            choices: self,
            zones: Zones::new(&calendars),
        };
        let first = |name: &str| calendars.iter().find_map(|calendar| calendar.value(name));
        let parts = || calendars.iter().flat_map(|calendar| &calendar.components);
        Ok(ICalendar {
            name: first("NAME")
                .or_else(|| first("X-WR-CALNAME"))
                .map(str::to_owned),
            method: first("METHOD").map(|method| method.trim().to_ascii_uppercase()),
            entries: groups(parts().filter(|part| part.name == "VEVENT"))
                .into_iter()
                .flat_map(|group| reader.entries(&group))
                .collect(),
            ignored: parts()
                .filter(|part| !matches!(part.name.as_str(), "VEVENT" | "VTIMEZONE"))
                .map(|part| part.name.clone())
                .collect(),
        })
    }
}

/// Reads the events of one text.
struct Reader<'a> {
    choices: &'a Import,
    zones: Zones,
}

/// Events with the same UID, in the order of their first.
fn groups<'a>(events: impl Iterator<Item = &'a Component>) -> Vec<Vec<&'a Component>> {
    let mut groups: Vec<Vec<&Component>> = Vec::new();
    let mut known: HashMap<&str, usize> = HashMap::new();
    for event in events {
        let uid = event.value("UID").map(str::trim);
        match uid.and_then(|uid| groups.get_mut(*known.get(uid)?)) {
            Some(group) => group.push(event),
            None => {
                known.extend(uid.map(|uid| (uid, groups.len())));
                groups.push(vec![event]);
            }
        }
    }
    groups
}

impl ICalEvent {
    /// The change that makes an occurrence of this series what this exception is: nothing but what differs.
    pub fn changes_from(&self, series: &NewEvent) -> EventPatch {
        let this = &self.event;
        let planned = self
            .recurrence_id
            .and_then(|id| when_on(&series.when, self.day(id, series)?));
        let mut patch = EventPatch::new();
        if planned.as_ref() != Some(&this.when) {
            patch.when = Patch::Set(this.when.clone());
        }
        patch.subject = changed(&series.subject, &this.subject);
        patch.body = option_changed(&series.body, &this.body);
        patch.location = option_changed(&series.location, &this.location);
        patch.attendees = changed(&series.attendees, &this.attendees);
        patch.show_as = match &this.show_as {
            Some(status) if series.show_as != this.show_as => Patch::Set(*status),
            _ => Patch::Keep,
        };
        patch.sensitivity = changed(&series.sensitivity, &this.sensitivity);
        patch.importance = changed(&series.importance, &this.importance);
        patch.categories = changed(&series.categories, &this.categories);
        patch.reminder = match this.reminder {
            same if same == series.reminder => Patch::Keep,
            ReminderChoice::Before(time) => Patch::Set(time),
            ReminderChoice::Off => Patch::Clear,
            ReminderChoice::MailboxDefault => Patch::Keep,
        };
        patch.response_requested = changed(&series.response_requested, &this.response_requested);
        patch.allow_new_time_proposals = changed(
            &series.allow_new_time_proposals,
            &this.allow_new_time_proposals,
        );
        patch
    }

    fn day(&self, id: RecurrenceId, series: &NewEvent) -> Option<NaiveDate> {
        match (id, &series.when) {
            (RecurrenceId::On(day), _) => Some(day),
            (RecurrenceId::At(instant), When::Timed { start, .. }) => {
                let local = ZonedTime::from_utc(instant, start.zone.clone()).local()?;
                Some(local.date())
            }
            (RecurrenceId::At(_), When::AllDay { .. }) => None,
        }
    }
}

fn changed<T: Clone + PartialEq>(before: &T, after: &T) -> Patch<T> {
    if before == after {
        Patch::Keep
    } else {
        Patch::Set(after.clone())
    }
}

fn option_changed<T: Clone + PartialEq>(before: &Option<T>, after: &Option<T>) -> Patch<T> {
    match after {
        _ if before == after => Patch::Keep,
        Some(after) => Patch::Set(after.clone()),
        None => Patch::Clear,
    }
}
