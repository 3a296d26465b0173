//! When people are free.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{DaySet, FreeBusyStatus, TimeRange, Zone, recipient::check_smtp};
use crate::error::{Error, ErrorKind, Result};

const OPERATION: &str = "free_busy";

/// Whose availability to ask for, and when.
///
/// ```
/// use chrono::{TimeDelta, Utc};
/// use exchange_connector::model::{FreeBusyQuery, TimeRange};
///
/// let query = FreeBusyQuery::new(["ada@example.com"], TimeRange::lasting(Utc::now(), TimeDelta::days(5)))
///     .slot(TimeDelta::minutes(15));
/// assert!(query.validate().is_ok());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FreeBusyQuery {
    /// SMTP addresses of people, rooms or groups; any number.
    pub who: Vec<String>,
    /// Between which instants.
    pub window: TimeRange,
    /// How long a slot of [`Schedule::slots`] is.
    pub slot: TimeDelta,
}

/// `TimeWindow` and `MergedFreeBusyIntervalInMinutes` of GetUserAvailability: from 5 minutes to a day.
const SLOT_MINUTES: std::ops::RangeInclusive<i64> = 5..=1440;
/// Slots are kept in memory, so there is an end to them: nine years of five minutes.
const MOST_SLOTS: usize = 1_000_000;

impl FreeBusyQuery {
    /// The availability of these people, in slots of half an hour.
    pub fn new(who: impl IntoIterator<Item = impl Into<String>>, window: TimeRange) -> Self {
        Self {
            who: who.into_iter().map(Into::into).collect(),
            window,
            slot: TimeDelta::minutes(30),
        }
    }

    /// Sets whose availability, in place of those so far.
    #[must_use]
    pub fn who(mut self, addresses: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.who = addresses.into_iter().map(Into::into).collect();
        self
    }

    /// Sets between which instants.
    #[must_use]
    pub fn window(mut self, window: TimeRange) -> Self {
        self.window = window;
        self
    }

    /// Adds someone.
    #[must_use]
    pub fn and(mut self, address: impl Into<String>) -> Self {
        self.who.push(address.into());
        self
    }

    /// Sets how long a slot is: whole minutes, from 5 to 1440.
    #[must_use]
    pub fn slot(mut self, length: TimeDelta) -> Self {
        self.slot = length;
        self
    }

    /// Checks what every server refuses, so that it is found before anything is sent.
    ///
    /// # Errors
    /// [`InvalidArgument`](ErrorKind::InvalidArgument), which says what is wrong and why;
    /// [`LimitExceeded`](ErrorKind::LimitExceeded) for more than a million slots.
    pub fn validate(&self) -> Result<()> {
        self.window.validate(OPERATION)?;
        if self.slot.subsec_nanos() != 0
            || self.slot.num_seconds() % 60 != 0
            || !SLOT_MINUTES.contains(&self.slot.num_minutes())
        {
            let (least, most) = (SLOT_MINUTES.start(), SLOT_MINUTES.end());
            let problem = format!(
                "a slot of {} is not a whole number of minutes from {least} to {most}",
                self.slot
            );
            return Err(Error::invalid_argument(OPERATION, problem));
        }
        if self.slot_count() > MOST_SLOTS {
            let problem = format!(
                "the window has {} slots, more than {MOST_SLOTS}",
                self.slot_count()
            );
            return Err(Error::new(ErrorKind::LimitExceeded, OPERATION, problem));
        }
        self.who
            .iter()
            .try_for_each(|address| check_smtp(OPERATION, "person", address))
    }

    /// How many slots the window has, the last one perhaps reaching beyond it.
    pub fn slot_count(&self) -> usize {
        let (window, slot) = (
            self.window.duration().num_seconds(),
            self.slot.num_seconds(),
        );
        if window <= 0 || slot <= 0 {
            return 0;
        }
        usize::try_from((window - 1) / slot + 1).unwrap_or(usize::MAX)
    }

    /// The strongest status of the items in each slot; [`Free`](FreeBusyStatus::Free) where there is none. Where
    /// nothing is known ([`NoData`](FreeBusyStatus::NoData)) it stays so unless something else takes the time: it is
    /// never taken for free.
    ///
    /// For backends: servers disagree on what the digits of their own merged view mean. The query must be
    /// [valid](Self::validate).
    pub fn slots(&self, items: &[BusyItem]) -> Vec<FreeBusyStatus> {
        let count = self.slot_count().min(MOST_SLOTS);
        let mut slots = vec![FreeBusyStatus::Free; count];
        let length = self.slot.num_milliseconds().max(1);
        let since_start = |instant: DateTime<Utc>| (instant - self.window.start).num_milliseconds();
        for item in items
            .iter()
            .filter(|item| item.range.overlaps(&self.window))
        {
            let first = since_start(item.range.start).max(0) / length;
            let after = since_start(item.range.end.min(self.window.end)).saturating_add(length - 1)
                / length;
            let (first, after) = (
                usize::try_from(first).unwrap_or(0),
                usize::try_from(after).unwrap_or(0).min(count),
            );
            for slot in slots.get_mut(first..after).unwrap_or_default() {
                *slot = stronger(*slot, item.status);
            }
        }
        slots
    }
}

fn stronger(one: FreeBusyStatus, other: FreeBusyStatus) -> FreeBusyStatus {
    use FreeBusyStatus::{Free, NoData};
    match (one, other) {
        (NoData, Free) | (Free, NoData) => NoData,
        _ => one.max(other),
    }
}

/// The availability of one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Schedule {
    /// The address that was asked for.
    pub who: String,
    /// How much the rights of the account let be seen.
    pub detail: ScheduleDetail,
    /// What takes time, by start.
    pub items: Vec<BusyItem>,
    /// One value per slot of the window, made from [`items`](Self::items); only where the account may not see items
    /// from what the server itself merged.
    pub slots: Vec<FreeBusyStatus>,
    /// When the person works; `None` where it is not known.
    pub working_hours: Option<WorkingHours>,
}

impl Schedule {
    /// A schedule without anything in it.
    pub fn new(who: impl Into<String>, detail: ScheduleDetail) -> Self {
        Self {
            who: who.into(),
            detail,
            items: Vec::new(),
            slots: Vec::new(),
            working_hours: None,
        }
    }
}

/// How much of a schedule may be seen. EWS `FreeBusyViewType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ScheduleDetail {
    /// Only slots. EWS `MergedOnly`.
    SlotsOnly,
    /// When what takes time begins and ends. EWS `FreeBusy`, `FreeBusyMerged`.
    Times,
    /// Subjects and places too. EWS `Detailed`, `DetailedMerged`.
    Subjects,
}

/// Something that takes someone's time.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BusyItem {
    /// From when to when.
    pub range: TimeRange,
    /// How the time is taken.
    pub status: FreeBusyStatus,
    /// The subject, where it may be seen.
    pub subject: Option<String>,
    /// The place, where it may be seen.
    pub location: Option<String>,
    /// Its details are hidden, where the server says so.
    pub is_private: Option<bool>,
    /// It has attendees, where the server says so.
    pub is_meeting: Option<bool>,
    /// It belongs to a series, where the server says so.
    pub is_recurring: Option<bool>,
}

impl BusyItem {
    /// Something of which only this is known.
    pub fn new(range: TimeRange, status: FreeBusyStatus) -> Self {
        Self {
            range,
            status,
            subject: None,
            location: None,
            is_private: None,
            is_meeting: None,
            is_recurring: None,
        }
    }
}

/// When someone works.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WorkingHours {
    /// The periods. EWS may have several, Graph has one.
    pub periods: Vec<WorkingPeriod>,
    /// The zone of their wall clock.
    pub zone: Zone,
}

impl WorkingHours {
    /// These periods by the wall clock of a zone.
    pub fn new(periods: Vec<WorkingPeriod>, zone: impl Into<Zone>) -> Self {
        Self {
            periods,
            zone: zone.into(),
        }
    }
}

/// From when to when someone works on some days. EWS `WorkingPeriod`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WorkingPeriod {
    /// The days.
    pub days: DaySet,
    /// When work begins, in minutes from midnight.
    pub start_minute: u16,
    /// When work ends, in minutes from midnight, up to 1440.
    pub end_minute: u16,
}

impl WorkingPeriod {
    /// On these days between these minutes; `None` unless `start_minute` comes first and neither is beyond 1440.
    pub fn new(days: DaySet, start_minute: u16, end_minute: u16) -> Option<Self> {
        (start_minute < end_minute && end_minute <= 1440).then_some(Self {
            days,
            start_minute,
            end_minute,
        })
    }
}

#[cfg(test)]
mod tests {

    use proptest::prelude::*;

    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        "2026-03-02T08:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minute)
    }

    fn item(from: i64, to: i64, status: FreeBusyStatus) -> BusyItem {
        BusyItem::new(TimeRange::new(at(from), at(to)), status)
    }

    fn query(minutes: i64, slot: i64) -> FreeBusyQuery {
        FreeBusyQuery::new(["ada@example.com"], TimeRange::new(at(0), at(minutes)))
            .slot(TimeDelta::minutes(slot))
    }

    #[test]
    fn strongest_status_of_each_slot() {
        use FreeBusyStatus::*;
        let items = [
            item(-60, 10, Tentative),
            item(30, 60, Busy),
            item(45, 61, OutOfOffice),
            item(100, 500, WorkingElsewhere),
            item(-90, -30, Busy),
        ];
        assert_eq!(
            query(130, 30).slots(&items),
            [
                Tentative,
                OutOfOffice,
                OutOfOffice,
                WorkingElsewhere,
                WorkingElsewhere
            ]
        );
        assert_eq!(query(30, 30).slots(&[item(30, 60, Busy)]), [Free]);
        let dark = [
            item(0, 60, NoData),
            item(0, 60, Free),
            item(30, 60, Tentative),
        ];
        assert_eq!(query(90, 30).slots(&dark), [NoData, Tentative, Free]);
    }

    #[test]
    fn checks() {
        assert!(query(60, 5).validate().is_ok());
        for bad in [
            query(60, 4),
            query(60, 1441),
            query(0, 30),
            query(-10, 30),
            query(60, 30).and("ada"),
        ] {
            assert!(bad.validate().is_err(), "{bad:?}");
        }
        assert!(
            query(60, 30)
                .slot(TimeDelta::seconds(301))
                .validate()
                .is_err()
        );
        assert_eq!(
            query(5_000_005, 5).validate().unwrap_err().kind(),
            ErrorKind::LimitExceeded
        );
    }

    #[test]
    fn working_periods() {
        assert!(WorkingPeriod::new(DaySet::WEEKDAYS, 0, 1440).is_some());
        assert_eq!(WorkingPeriod::new(DaySet::WEEKDAYS, 0, 1441), None);
        assert_eq!(WorkingPeriod::new(DaySet::WEEKDAYS, 600, 600), None);
    }

    proptest! {
        #[test]
        fn slot_is_busy_when_something_overlaps_it(
            minutes in 1i64..600, slot in 5i64..120, spans in prop::collection::vec((-200i64..800, 1i64..300), 0..8)
        ) {
            let query = query(minutes, slot);
            let items: Vec<_> = spans.iter().map(|(from, length)| item(*from, from + length, FreeBusyStatus::Busy)).collect();
            let slots = query.slots(&items);
            prop_assert_eq!(slots.len(), query.slot_count());
            for (index, status) in slots.into_iter().enumerate() {
                let from = index as i64 * slot;
                let range = TimeRange::new(at(from), at((from + slot).min(minutes)));
                let busy = items.iter().any(|item| item.range.overlaps(&range));
                prop_assert_eq!(status == FreeBusyStatus::Busy, busy, "slot {}", index);
            }
        }
    }
}
