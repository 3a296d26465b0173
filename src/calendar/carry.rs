//! Carrying exceptions and deletions from one series to another.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::{CalendarRead, CalendarWrite};
use crate::error::{ErrorKind, Result};
use crate::model::{
    Attendee, AttendeeRole, DeleteMode, Event, EventDetail, EventId, EventKind, EventPatch, Notify,
    Patch, Projection, TimeRange, When, ZonedTime,
};

/// What one day of a series has that its pattern has not.
pub(super) struct Carry {
    day: NaiveDate,
    /// Nobody needs to be told of it any more.
    is_past: bool,
    what: What,
}

enum What {
    Deleted,
    Changed(Box<(Event, EventPatch)>),
}

impl What {
    /// The exception, as it was.
    fn exception(&self) -> Option<Event> {
        match self {
            Self::Deleted => None,
            Self::Changed(change) => Some(change.0.clone()),
        }
    }
}

impl Carry {
    /// An occurrence that was deleted from a series with such times.
    pub(super) fn deletion(series: &When, start: DateTime<Utc>) -> Option<Self> {
        Some(Self {
            day: same_place(series, start)?.start_date()?,
            is_past: start < Utc::now(),
            what: What::Deleted,
        })
    }

    /// How an exception differs from its series, but for what `patch` says anew; nothing if it
    /// does not.
    pub(super) fn exception(master: &Event, event: &Event, patch: &EventPatch) -> Option<Self> {
        let pattern = same_place(&master.when, event.recurrence_id?)?;
        let differs = difference(master, &pattern, event, patch);
        if differs.is_empty() {
            return None;
        }
        Some(Self {
            day: pattern.start_date()?,
            is_past: event.when.span(chrono_tz::Tz::UTC).end < Utc::now(),
            what: What::Changed(Box::new((event.clone(), differs))),
        })
    }

    pub(super) fn is_deletion(&self) -> bool {
        matches!(self.what, What::Deleted)
    }
}

/// Makes a series differ from its pattern on these days, where it does not yet. Returns the
/// exceptions for which it has no place.
pub(super) async fn carry<C>(
    calendar: &C,
    series: &EventId,
    times: &When,
    carried: impl Iterator<Item = &Carry>,
    notify: Notify,
) -> Result<Vec<Event>>
where
    C: CalendarRead + CalendarWrite + ?Sized,
{
    let mut carried: Vec<&Carry> = carried.collect();
    carried.sort_by_key(|one| one.day);
    let (Some(first), Some(last)) = (carried.first(), carried.last()) else {
        return Ok(Vec::new());
    };
    // A day more on each side: days are those of the zone of the series.
    let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
    let window = TimeRange::new(
        midnight(first.day) - TimeDelta::days(1),
        midnight(last.day) + TimeDelta::days(2),
    );
    let days: BTreeSet<NaiveDate> = carried.iter().map(|one| one.day).collect();
    let mut places = Vec::new();
    let mut listed = calendar.list_occurrences(series, window, Projection::Summary);
    while let Some(event) = listed.try_next().await? {
        let day = event
            .recurrence_id
            .and_then(|start| same_place(times, start)?.start_date());
        if let Some(day) = day.filter(|day| days.contains(day)) {
            places.push((day, event));
        }
    }
    let mut lost = Vec::new();
    for one in carried {
        let place = places.iter().find(|(day, _)| *day == one.day);
        let place = place.map(|(_, event)| event);
        let Some(place) = place else {
            lost.extend(one.what.exception());
            continue;
        };
        // A server that keeps exceptions has it already.
        if !one.is_deletion() && place.kind == EventKind::Exception {
            continue;
        }
        let mut done = match one.is_past {
            true => apply(calendar, &place.id, &one.what, Notify::Nobody).await,
            false => apply(calendar, &place.id, &one.what, notify).await,
        };
        if one.is_past && is(&done, ErrorKind::Unsupported) {
            done = apply(calendar, &place.id, &one.what, notify).await;
        }
        // It would cross its new neighbour.
        if is(&done, ErrorKind::InvalidState) {
            lost.extend(one.what.exception());
        } else {
            done?;
        }
    }
    Ok(lost)
}

fn is(done: &Result<()>, kind: ErrorKind) -> bool {
    done.as_ref().is_err_and(|error| error.kind() == kind)
}

async fn apply<C>(calendar: &C, place: &EventId, what: &What, notify: Notify) -> Result<()>
where
    C: CalendarRead + CalendarWrite + ?Sized,
{
    match what {
        What::Deleted => {
            calendar
                .delete_event(place, DeleteMode::Trash, notify)
                .await
        }
        What::Changed(change) => {
            let patch = change.1.clone();
            calendar
                .update_event(place, patch, None, notify)
                .await
                .map(drop)
        }
    }
}

/// When an occurrence that begins at this instant takes place, in a series with such times. `None`
/// when the rules of its zone are not known.
pub(super) fn same_place(series: &When, instant: DateTime<Utc>) -> Option<When> {
    Some(match series {
        When::Timed { start, end } => {
            let begin = ZonedTime::from_utc(instant, start.zone.clone());
            let nights = end.local()?.date() - start.local()?.date();
            let day = begin.local()?.date().checked_add_signed(nights)?;
            let finish = end.zone.instant_of(day.and_time(end.local()?.time()))?;
            // The clocks may be set in between.
            let finish = finish.max(instant);
            When::between(begin, ZonedTime::from_utc(finish, end.zone.clone()))
        }
        When::AllDay { start, end, zone } => {
            let local = match zone {
                Some(zone) => instant
                    .naive_utc()
                    .checked_add_offset(zone.offset_at(instant)?)?,
                // A midnight somewhere: the day whose noon is nearest in UTC.
                None => instant
                    .naive_utc()
                    .checked_add_signed(TimeDelta::hours(12))?,
            };
            let days = u64::try_from((*end - *start).num_days()).ok()?;
            let day = local.date();
            let whole = When::days(day, day.checked_add_days(Days::new(days))?);
            match zone {
                Some(zone) => whole.in_zone(zone.clone()),
                None => whole,
            }
        }
    })
}

/// The change that makes an occurrence of a series what an exception is.
fn difference(master: &Event, pattern: &When, event: &Event, patch: &EventPatch) -> EventPatch {
    let none = EventDetail::new();
    let old = master.detail.as_deref().unwrap_or(&none);
    let new = event.detail.as_deref().unwrap_or(&none);
    let mut differs = EventPatch::new();
    let text = |new: &Option<String>| new.clone().map_or(Patch::Clear, Patch::Set);

    if patch.subject.is_keep() && event.subject != master.subject {
        differs.subject = Patch::Set(event.subject.clone());
    }
    let moves = !patch.when.is_keep() || !patch.recurrence.is_keep();
    if !moves && !same_time(&event.when, pattern) {
        differs.when = Patch::Set(event.when.clone());
    }
    if patch.location.is_keep() && event.location != master.location {
        differs.location = text(&event.location);
    }
    let content = |detail: &EventDetail| detail.body.as_ref().map(|body| body.content.clone());
    let (old_body, new_body) = (content(old), content(new));
    if patch.body.is_keep() && old_body.unwrap_or_default() != new_body.unwrap_or_default() {
        differs.body = new.body.clone().map_or(Patch::Clear, Patch::Set);
    }
    if patch.attendees.is_keep() && people(&old.attendees) != people(&new.attendees) {
        differs.attendees = Patch::Set(new.attendees.clone());
    }
    if patch.show_as.is_keep() && event.show_as != master.show_as {
        differs.show_as = Patch::Set(event.show_as);
    }
    if patch.sensitivity.is_keep() && event.sensitivity != master.sensitivity {
        differs.sensitivity = Patch::Set(event.sensitivity);
    }
    if patch.importance.is_keep() && event.importance != master.importance {
        differs.importance = Patch::Set(event.importance);
    }
    if patch.categories.is_keep() && event.categories != master.categories {
        differs.categories = Patch::Set(event.categories.clone());
    }
    if patch.reminder.is_keep() && event.reminder != master.reminder {
        differs.reminder = event.reminder.map_or(Patch::Clear, Patch::Set);
    }
    differs
}

fn same_time(one: &When, other: &When) -> bool {
    let utc = chrono_tz::Tz::UTC;
    one.is_all_day() == other.is_all_day() && one.span(utc) == other.span(utc)
}

fn people(attendees: &[Attendee]) -> BTreeSet<(String, u8)> {
    let role = |role| match role {
        AttendeeRole::Required => 0,
        AttendeeRole::Optional => 1,
        AttendeeRole::Resource => 2,
    };
    attendees
        .iter()
        .map(|one| {
            let address = one.who.smtp_address().or(one.who.name.as_deref());
            (address.unwrap_or_default().to_lowercase(), role(one.role))
        })
        .collect()
}
