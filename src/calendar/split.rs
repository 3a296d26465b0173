//! Splitting a series before one of its occurrences.

use chrono::{DateTime, Days, NaiveDate, Utc};
use sha2::{Digest, Sha256};

use super::carry::{Carry, carry, same_place};
use super::{CalendarRead, CalendarWrite};
use crate::error::{Effect, Error, ErrorKind, Result};
use crate::model::{
    CalendarRef, DeleteMode, Event, EventDetail, EventId, EventKind, EventPatch, NewEvent, Notify,
    Patch, Pattern, Projection, Range, Recurrence, ReminderChoice, Series, SplitSeries, When,
};

const CHANGE: &str = "change_this_and_following";
const DELETE: &str = "delete_this_and_following";

/// See [`CalendarExt::change_this_and_following`](super::CalendarExt::change_this_and_following).
pub(super) async fn change<C>(
    calendar: &C,
    occurrence: &EventId,
    patch: EventPatch,
    notify: Notify,
) -> Result<SplitSeries>
where
    C: CalendarRead + CalendarWrite + ?Sized,
{
    patch
        .validate()
        .map_err(|error| error.with_operation(CHANGE))?;
    let cut = Cut::find(calendar, occurrence, CHANGE).await?;
    let master = &cut.series.master;
    let left = cut.left();
    let later = cut.later(&patch, left.used)?;
    if cut.is_whole() {
        let mut patch = patch;
        let moved = later.recurrence.filter(|new| *new != cut.recurrence);
        if let (Patch::Keep, Some(moved)) = (&patch.recurrence, moved) {
            patch.recurrence = Patch::Set(moved);
        }
        let version = Some(&master.version);
        let changed = calendar.update_event(&master.id, patch, version, notify);
        return Ok(SplitSeries::whole(changed.await?));
    }

    // Without attendees nobody hears of it before it is sure to stay.
    let place = match cut.detail.calendar_id.clone() {
        Some(id) => CalendarRef::Id(id),
        None => CalendarRef::Default,
    };
    let mut alone = later.clone();
    let attendees = std::mem::take(&mut alone.attendees);
    let made = create(calendar, &place, alone, key(master, occurrence, &patch)).await?;
    let times = cut.times.clone();
    let following = cut.following(&patch);
    let ended = async {
        let deleted = following.iter().filter(|one| one.is_deletion());
        carry(calendar, &made.id, &times, deleted, Notify::Auto).await?;
        cut.end(calendar, &left, notify).await
    };
    let earlier = match ended.await {
        Ok(earlier) => earlier,
        Err(error) if error.effect() == Effect::None => {
            return Err(undo(calendar, &made, error).await);
        }
        Err(error) => {
            let hint = format!(
                "The following part is there as {}, without attendees: look whether the old series still goes on, and if so, delete the new one.",
                made.id
            );
            return Err(partial(error, CHANGE, hint));
        }
    };
    let mut made = made;
    if !attendees.is_empty() {
        let patch = EventPatch::new().attendees(attendees);
        let invited = calendar.update_event(&made.id, patch, None, notify).await;
        made = invited.map_err(|error| {
            let hint = format!(
                "The series was split, but the attendees of the following part, {}, may not have been invited: set its attendees.",
                made.id
            );
            partial(error, CHANGE, hint)
        })?;
    }
    let rest = |error| {
        let hint = format!(
            "The series was split; the following part is {}. Not all exceptions were carried over: change those occurrences again.",
            made.id
        );
        partial(error, CHANGE, hint)
    };
    let changed = following.iter().filter(|one| !one.is_deletion());
    let mut lost = match &earlier {
        Some(_) => cut.restore(calendar, notify).await.map_err(rest)?,
        None => Vec::new(),
    };
    let carried = carry(calendar, &made.id, &times, changed, notify).await;
    lost.extend(carried.map_err(rest)?);
    Ok(SplitSeries {
        earlier,
        later: calendar
            .get_event(&made.id, Projection::Full)
            .await
            .map_err(rest)?,
        lost,
        attachments: cut.detail.attachments.clone(),
    })
}

/// See [`CalendarExt::delete_this_and_following`](super::CalendarExt::delete_this_and_following).
pub(super) async fn delete<C>(
    calendar: &C,
    occurrence: &EventId,
    notify: Notify,
) -> Result<Option<Event>>
where
    C: CalendarRead + CalendarWrite + ?Sized,
{
    let cut = Cut::find(calendar, occurrence, DELETE).await?;
    let left = cut.left();
    let Some(earlier) = cut.end(calendar, &left, notify).await? else {
        return Ok(None);
    };
    let hint = "The series was ended, but exceptions before its end may be lost: change those occurrences again.";
    let lost = cut.restore(calendar, notify).await;
    let lost = lost.map_err(|error| partial(error, DELETE, hint.to_owned()))?;
    if lost.is_empty() {
        return Ok(Some(earlier));
    }
    let days = lost.iter().filter_map(|event| event.when.start_date());
    let days: Vec<_> = days.map(|day| day.to_string()).collect();
    let problem = format!(
        "the server dropped exceptions when the series was ended, and has no place for them any more: those of {}",
        days.join(", ")
    );
    let error = Error::new(ErrorKind::InvalidState, DELETE, problem);
    Err(partial(error, DELETE, hint.to_owned()))
}

/// Where a series is split.
struct Cut {
    operation: &'static str,
    series: Series,
    detail: EventDetail,
    recurrence: Recurrence,
    /// When its first occurrence takes place: it names the zone in which days are counted.
    times: When,
    /// The start of the first occurrence of the later part, by the pattern.
    instant: DateTime<Utc>,
    /// Its day.
    day: NaiveDate,
}

/// What of a series lies before the split.
struct Left {
    /// How many occurrences the pattern has used up, those deleted among them.
    used: u32,
    /// Whether any of them is there.
    is_any: bool,
}

impl Cut {
    async fn find<C>(calendar: &C, occurrence: &EventId, operation: &'static str) -> Result<Self>
    where
        C: CalendarRead + CalendarWrite + ?Sized,
    {
        let state = |problem: &str| Error::new(ErrorKind::InvalidState, operation, problem);
        let event = calendar.get_event(occurrence, Projection::Summary).await?;
        if !matches!(event.kind, EventKind::Occurrence | EventKind::Exception) {
            return Err(
                state("the event is no occurrence of a series").with_hint(
                    "Give the id of an occurrence, as an expanded list has it; a whole series is changed by update_event.",
                ),
            );
        }
        let unknown = |what: &str| {
            let problem = format!("the server does not say {what}");
            Error::new(ErrorKind::Protocol, operation, problem)
        };
        let instant = event
            .recurrence_id
            .ok_or_else(|| unknown("which occurrence of the series it is"))?;
        let series = calendar.get_series(occurrence).await?;
        let master = &series.master;
        if master.is_meeting && !master.is_organizer {
            return Err(state(
                "only the organiser of a meeting can split its series",
            ));
        }
        if master.is_cancelled {
            return Err(state("the series is cancelled"));
        }
        let detail = master.detail.as_deref();
        let detail = detail.ok_or_else(|| unknown("what the series is like"))?;
        let recurrence = detail
            .recurrence
            .clone()
            .ok_or_else(|| unknown("how the series repeats"))?;
        let day = same_place(&master.when, instant)
            .and_then(|when| when.start_date())
            .ok_or_else(|| {
                Error::unsupported(
                    operation,
                    "the rules of the time zone of the series are not known, so nobody knows on which day an occurrence is",
                )
            })?;
        Ok(Self {
            operation,
            detail: detail.clone(),
            recurrence,
            times: master.when.clone(),
            instant,
            day,
            series,
        })
    }

    /// Whether there is nothing before the split.
    fn is_whole(&self) -> bool {
        self.day <= self.recurrence.range.start()
    }

    /// The later part as a new event, with its attendees.
    fn later(&self, patch: &EventPatch, used: u32) -> Result<NewEvent> {
        let master = &self.series.master;
        let detail = &self.detail;
        let when = match &patch.when {
            Patch::Set(when) => when.clone(),
            Patch::Keep | Patch::Clear => {
                same_place(&master.when, self.instant).unwrap_or_else(|| master.when.clone())
            }
        };
        let keep = |patch: &Patch<String>, old: Option<&String>| match patch {
            Patch::Keep => old.cloned(),
            Patch::Clear => None,
            Patch::Set(new) => Some(new.clone()),
        };
        let subject = keep(&patch.subject, Some(&master.subject)).unwrap_or_default();
        let mut event = NewEvent::new(subject, when);
        event.location = keep(&patch.location, master.location.as_ref());
        event.body = match &patch.body {
            Patch::Keep => detail.body.clone(),
            Patch::Clear => None,
            Patch::Set(body) => Some(body.clone()),
        };
        event.show_as = match &patch.show_as {
            Patch::Keep => Some(master.show_as),
            Patch::Clear => None,
            Patch::Set(status) => Some(*status),
        };
        event.sensitivity = or(&patch.sensitivity, master.sensitivity);
        event.importance = or(&patch.importance, master.importance);
        event.categories = match &patch.categories {
            Patch::Keep => master.categories.clone(),
            Patch::Clear => Default::default(),
            Patch::Set(categories) => categories.clone(),
        };
        event.reminder = match (patch.reminder.clone(), master.reminder) {
            (Patch::Set(before), _) | (Patch::Keep, Some(before)) => ReminderChoice::Before(before),
            (Patch::Clear, _) | (Patch::Keep, None) => ReminderChoice::Off,
        };
        event.response_requested = match patch.response_requested {
            Patch::Keep => detail.response_requested,
            Patch::Clear => true,
            Patch::Set(requested) => requested,
        };
        event.allow_new_time_proposals = match patch.allow_new_time_proposals {
            Patch::Keep => detail.allow_new_time_proposals,
            Patch::Clear => true,
            Patch::Set(allowed) => allowed,
        };
        event.online_meeting = matches!(patch.online_meeting, Patch::Set(true));
        event.attendees = match &patch.attendees {
            Patch::Keep => detail.attendees.clone(),
            Patch::Clear => Vec::new(),
            Patch::Set(attendees) => attendees.clone(),
        };
        // What of the old series was read is what finds its join link; the patch comes last.
        event.extended = detail.extended.clone();
        event
            .extended
            .retain(|old| !patch.remove_extended.contains(&old.name));
        for property in &patch.extended {
            event.extended.retain(|old| old.name != property.name);
            event.extended.push(property.clone());
        }
        event.recurrence = match &patch.recurrence {
            Patch::Clear => None,
            Patch::Set(recurrence) => Some(recurrence.clone()),
            Patch::Keep => Some(self.rest(&event.when, used)?),
        };
        event
            .validate()
            .map_err(|error| error.with_operation(self.operation))?;
        Ok(event)
    }

    /// How the later part repeats if it begins at that time, after so many occurrences.
    fn rest(&self, when: &When, used: u32) -> Result<Recurrence> {
        let start = when.start_date().unwrap_or(self.day);
        let pattern = moved(&self.recurrence.pattern, self.day, start).ok_or_else(|| {
            let problem = format!(
                "the pattern of the series cannot simply move from {} to {start}",
                self.day
            );
            Error::invalid_argument(self.operation, problem)
                .with_hint("Say in the patch how the series repeats from there.")
        })?;
        let range = match self.recurrence.range {
            Range::NoEnd { .. } => Range::NoEnd { start },
            Range::Until { end, .. } => Range::Until { start, end },
            Range::Count { count, .. } => Range::Count {
                start,
                count: count.saturating_sub(used),
            },
        };
        Ok(Recurrence::new(pattern, range))
    }

    /// Counts what lies before the split.
    fn left(&self) -> Left {
        let days = self.recurrence.days();
        let used = days.take_while(|day| *day < self.day).count();
        let deleted = self.series.deleted.iter();
        let deleted = deleted.filter(|start| **start < self.instant).count();
        Left {
            used: u32::try_from(used).unwrap_or(u32::MAX),
            is_any: used > deleted,
        }
    }

    /// Ends the old series before the split; `None` if it had to go as a whole.
    async fn end<C>(&self, calendar: &C, left: &Left, notify: Notify) -> Result<Option<Event>>
    where
        C: CalendarRead + CalendarWrite + ?Sized,
    {
        let master = &self.series.master;
        if !left.is_any {
            calendar
                .delete_event(&master.id, DeleteMode::Trash, notify)
                .await?;
            return Ok(None);
        }
        let start = self.recurrence.range.start();
        let range = match self.recurrence.range {
            Range::Count { .. } => Range::Count {
                start,
                count: left.used,
            },
            Range::NoEnd { .. } | Range::Until { .. } => Range::Until {
                start,
                end: self.day.checked_sub_days(Days::new(1)).unwrap_or(start),
            },
        };
        let recurrence = Recurrence::new(self.recurrence.pattern.clone(), range);
        let patch = EventPatch::new().recurrence(recurrence);
        let version = Some(&master.version);
        let ended = calendar
            .update_event(&master.id, patch, version, notify)
            .await?;
        Ok(Some(ended))
    }

    /// What of the later part differs from its pattern, for the new series.
    fn following(&self, patch: &EventPatch) -> Vec<Carry> {
        self.differences(patch, |start| start >= self.instant)
    }

    /// Puts back what the old series lost when it was ended: a server may drop exceptions with any
    /// change of the recurrence. Returns those for which it has no place any more.
    async fn restore<C>(&self, calendar: &C, notify: Notify) -> Result<Vec<Event>>
    where
        C: CalendarRead + CalendarWrite + ?Sized,
    {
        let kept = self.differences(&EventPatch::new(), |start| start < self.instant);
        let id = &self.series.master.id;
        carry(calendar, id, &self.times, kept.iter(), notify).await
    }

    fn differences(
        &self,
        patch: &EventPatch,
        wanted: impl Fn(DateTime<Utc>) -> bool,
    ) -> Vec<Carry> {
        let master = &self.series.master;
        let exceptions = self.series.exceptions.iter();
        let exceptions = exceptions.filter(|event| event.recurrence_id.is_some_and(&wanted));
        let deleted = self.series.deleted.iter().copied().filter(|s| wanted(*s));
        deleted
            .filter_map(|start| Carry::deletion(&self.times, start))
            .chain(exceptions.filter_map(|event| Carry::exception(master, event, patch)))
            .collect()
    }
}

/// The pattern for a series that is moved from one day to another; `None` where it is not clear
/// what is meant.
fn moved(pattern: &Pattern, from: NaiveDate, to: NaiveDate) -> Option<Pattern> {
    use chrono::Datelike;

    if from == to {
        return Some(pattern.clone());
    }
    let day = u8::try_from(to.day()).ok()?;
    let month = u8::try_from(to.month()).ok()?;
    match pattern {
        Pattern::Daily { .. } => Some(pattern.clone()),
        // Days of several weeks would not stay together.
        Pattern::Weekly {
            interval,
            days,
            first_day,
        } if *interval == 1 || days.len() == 1 => {
            let by = (to - from).num_days().rem_euclid(7);
            let shifted: Vec<_> = days
                .iter()
                .map(|day| (0..by).fold(day, |day, _| day.succ()))
                .collect();
            Some(Pattern::Weekly {
                interval: *interval,
                days: crate::model::DaySet::of(&shifted),
                first_day: *first_day,
            })
        }
        Pattern::MonthlyOnDay { interval, .. } => Some(Pattern::MonthlyOnDay {
            interval: *interval,
            day,
        }),
        Pattern::YearlyOnDay { interval, .. } => Some(Pattern::YearlyOnDay {
            interval: *interval,
            month,
            day,
        }),
        _ => None,
    }
}

fn or<T: Copy + Default>(patch: &Patch<T>, old: T) -> T {
    match patch {
        Patch::Keep => old,
        Patch::Clear => T::default(),
        Patch::Set(new) => *new,
    }
}

/// The same for each attempt at this split of the series as it is: who repeats it makes no second one, and an approval
/// is good for all attempts.
fn key(master: &Event, occurrence: &EventId, patch: &EventPatch) -> String {
    let what = (&master.id, &master.version, occurrence, patch);
    // Writing these types into memory does not fail.
    let what = serde_json::to_vec(&what).unwrap_or_default();
    let digest = Sha256::digest(what);
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("split-{hex}")
}

/// Creates the new series; if nobody knows whether that went well, once more with the same key.
async fn create<C>(
    calendar: &C,
    place: &CalendarRef,
    mut event: NewEvent,
    key: String,
) -> Result<Event>
where
    C: CalendarRead + CalendarWrite + ?Sized,
{
    event.idempotency_key = Some(key);
    let first = calendar
        .create_event(place, event.clone(), Notify::Auto)
        .await;
    let made = match first {
        Err(error) if error.effect() != Effect::None => {
            calendar.create_event(place, event, Notify::Auto).await
        }
        done => done,
    };
    made.map_err(|error| match error.effect() {
        Effect::None => error.with_operation(CHANGE),
        _ => {
            let hint = "The old series is unchanged, but a new one without attendees may be in the calendar: look for it, and delete it.";
            partial(error, CHANGE, hint.to_owned())
        }
    })
}

/// Takes the new series away again.
async fn undo<C>(calendar: &C, made: &Event, error: Error) -> Error
where
    C: CalendarRead + CalendarWrite + ?Sized,
{
    let removed = calendar
        .delete_event(&made.id, DeleteMode::Trash, Notify::Auto)
        .await;
    match removed {
        Ok(()) => error.with_operation(CHANGE),
        Err(_) => {
            let hint = format!(
                "The old series is unchanged, but the new one is there as {}: delete it.",
                made.id
            );
            partial(error, CHANGE, hint)
        }
    }
}

fn partial(error: Error, operation: &'static str, hint: String) -> Error {
    error
        .with_operation(operation)
        .with_effect(Effect::Partial)
        .with_hint(hint)
}
