//! Finding times at which people and rooms are free together.

mod hours;
mod search;
mod spans;

use std::collections::BTreeSet;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::Availability;
use crate::{
    error::{Error, ErrorKind, Result},
    model::{
        AttendeeRole, FreeBusyQuery, FreeBusyStatus, Schedule, TimeRange, WorkingHours, check_smtp,
    },
};

const OPERATION: &str = "find_slots";

/// How fine the time is that is asked of whose calendar only slots may be seen: the finest that servers have.
const FINEST: TimeDelta = TimeDelta::minutes(5);

/// What can be made of free and busy times, the same for every backend: it is for everything that is
/// [`Availability`], a `dyn Mailbox` too.
#[async_trait]
pub trait AvailabilityExt: Availability {
    /// The times at which people and rooms are free together.
    ///
    /// All schedules are asked for with one call of [`free_busy`](Availability::free_busy), and the answer is computed
    /// from what is in them; so it is the same on every backend. [`SlotQuery::slots`] is the computation alone.
    ///
    /// ```
    /// use chrono::{TimeDelta, Utc};
    /// use exchange_connector::model::TimeRange;
    /// use exchange_connector::{AvailabilityExt, Mailbox, Result, SlotQuery};
    ///
    /// async fn interview(mailbox: &dyn Mailbox) -> Result<()> {
    ///     let fortnight = TimeRange::lasting(Utc::now(), TimeDelta::weeks(2));
    ///     let query = SlotQuery::new(fortnight, TimeDelta::minutes(45))
    ///         .required(["ada@example.com", "bo@example.com"])
    ///         .optional(["cleo@example.com"])
    ///         .rooms(["room1@example.com", "room2@example.com"])
    ///         .buffer(TimeDelta::minutes(15), TimeDelta::zero());
    ///     for slot in mailbox.find_slots(query).await?.slots {
    ///         println!("{} in {:?}", slot.range.start, slot.rooms);
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) and [`LimitExceeded`](ErrorKind::LimitExceeded) before any
    /// request, as [`SlotQuery::validate`]; the error of a required person whose schedule could not be had, unless
    /// [`SlotQuery::when_missing`] says otherwise; those of [`free_busy`](Availability::free_busy) for the whole.
    async fn find_slots(&self, query: SlotQuery) -> Result<FoundSlots> {
        query.validate()?;
        let asked = query.free_busy();
        let count = asked.who.len();
        let answers = self
            .free_busy(asked)
            .await
            .map_err(|error| error.with_operation(OPERATION))?;
        if answers.len() != count {
            let problem = format!("{} schedules came for {count} people", answers.len());
            return Err(Error::new(ErrorKind::Protocol, OPERATION, problem));
        }
        search::search(&query, &query.addresses(), answers)
    }
}

impl<T: Availability + ?Sized> AvailabilityExt for T {}

/// What kind of time is wanted, for whom.
///
/// ```
/// use chrono::{TimeDelta, Utc};
/// use exchange_connector::SlotQuery;
/// use exchange_connector::model::TimeRange;
///
/// let week = TimeRange::lasting(Utc::now(), TimeDelta::weeks(1));
/// let query = SlotQuery::new(week, TimeDelta::hours(1)).required(["ada@example.com"]);
/// assert!(query.validate().is_ok());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SlotQuery {
    /// SMTP addresses of those who must be free.
    pub required: Vec<String>,
    /// SMTP addresses of those of whom it is only said whether they are free.
    pub optional: Vec<String>,
    /// SMTP addresses of rooms, of which [`rooms_needed`](Self::rooms_needed) must be free.
    pub rooms: Vec<String>,
    /// How many of the rooms must be free; 1 if not said. Without effect when there are no rooms.
    pub rooms_needed: usize,
    /// Between which instants the whole slot must be.
    pub window: TimeRange,
    /// How long a slot is.
    pub duration: TimeDelta,
    /// How far apart slots may begin; a quarter of an hour if not said.
    pub granularity: TimeDelta,
    /// An instant at which a slot may begin: all others are whole granularities away. Midnight UTC if not said, which
    /// gives full hours, halves and quarters wherever clocks are whole hours away from UTC.
    pub grid: DateTime<Utc>,
    /// How long everybody must be free before a slot.
    pub buffer_before: TimeDelta,
    /// How long everybody must be free after a slot.
    pub buffer_after: TimeDelta,
    /// Which working hours the slot must be in.
    pub hours: SlotHours,
    /// Which statuses leave someone free; free and working elsewhere if not said. All others, those that a server may
    /// add later too, make busy.
    pub free_when: Vec<FreeBusyStatus>,
    /// What becomes of a required person whose schedule cannot be had.
    pub when_missing: WhenMissing,
    /// Which slots come first.
    pub order: SlotOrder,
    /// How many slots to return at most; 50 if not said.
    pub limit: usize,
}

/// Which working hours a slot must be in. The buffers around it may be outside.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SlotHours {
    /// Each person's own, by the clock of that person's zone. Of whom the hours are not known any hour will do;
    /// [`FoundSlots::without_hours`] names them. Rooms have none.
    #[default]
    Own,
    /// These, for all.
    Given(WorkingHours),
    /// Any hour of day and night.
    Any,
}

/// What becomes of a required person whose schedule cannot be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WhenMissing {
    /// There is no answer, but that person's error.
    #[default]
    Fail,
    /// The person counts as busy all the time: there are no slots.
    Busy,
    /// The slots are those of the others; whether this person is free must be found out in another way.
    Ignore,
}

/// Which slots come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SlotOrder {
    /// The earliest.
    #[default]
    Earliest,
    /// Those at which most of the optional people are free, of equals the earliest.
    MostOptional,
}

impl SlotQuery {
    /// Slots of this length within the window, for nobody yet.
    pub fn new(window: TimeRange, duration: TimeDelta) -> Self {
        Self {
            required: Vec::new(),
            optional: Vec::new(),
            rooms: Vec::new(),
            rooms_needed: 1,
            window,
            duration,
            granularity: TimeDelta::minutes(15),
            grid: DateTime::UNIX_EPOCH,
            buffer_before: TimeDelta::zero(),
            buffer_after: TimeDelta::zero(),
            hours: SlotHours::Own,
            free_when: vec![FreeBusyStatus::Free, FreeBusyStatus::WorkingElsewhere],
            when_missing: WhenMissing::Fail,
            order: SlotOrder::Earliest,
            limit: 50,
        }
    }

    /// Sets who must be free.
    #[must_use]
    pub fn required(mut self, people: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.required = people.into_iter().map(Into::into).collect();
        self
    }

    /// Sets of whom it is only said whether they are free.
    #[must_use]
    pub fn optional(mut self, people: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.optional = people.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the rooms, of which one must be free.
    #[must_use]
    pub fn rooms(mut self, rooms: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.rooms = rooms.into_iter().map(Into::into).collect();
        self
    }

    /// Sets how many of the rooms must be free; with 0 it is only said which are.
    #[must_use]
    pub fn rooms_needed(mut self, count: usize) -> Self {
        self.rooms_needed = count;
        self
    }

    /// Sets how far apart slots may begin: from a minute to a day.
    #[must_use]
    pub fn granularity(mut self, step: TimeDelta) -> Self {
        self.granularity = step;
        self
    }

    /// Sets an instant at which a slot may begin, for a grid by a clock that is not whole hours away from UTC.
    #[must_use]
    pub fn grid(mut self, instant: DateTime<Utc>) -> Self {
        self.grid = instant;
        self
    }

    /// Sets how long everybody must be free before and after a slot: up to a week each.
    #[must_use]
    pub fn buffer(mut self, before: TimeDelta, after: TimeDelta) -> Self {
        self.buffer_before = before;
        self.buffer_after = after;
        self
    }

    /// Sets which working hours the slot must be in.
    #[must_use]
    pub fn hours(mut self, hours: SlotHours) -> Self {
        self.hours = hours;
        self
    }

    /// Sets which statuses leave someone free, in place of those so far.
    #[must_use]
    pub fn free_when(mut self, statuses: impl IntoIterator<Item = FreeBusyStatus>) -> Self {
        self.free_when = statuses.into_iter().collect();
        self
    }

    /// Sets what becomes of a required person whose schedule cannot be had.
    #[must_use]
    pub fn when_missing(mut self, what: WhenMissing) -> Self {
        self.when_missing = what;
        self
    }

    /// Sets which slots come first.
    #[must_use]
    pub fn order(mut self, order: SlotOrder) -> Self {
        self.order = order;
        self
    }

    /// Sets how many slots to return at most.
    #[must_use]
    pub fn limit(mut self, slots: usize) -> Self {
        self.limit = slots;
        self
    }

    /// Checks all that can be known to be wrong before any schedule is asked for.
    ///
    /// # Errors
    /// [`InvalidArgument`](ErrorKind::InvalidArgument), which says what is wrong;
    /// [`LimitExceeded`](ErrorKind::LimitExceeded) for a window of more than nine years.
    pub fn validate(&self) -> Result<()> {
        self.window.validate(OPERATION)?;
        let addresses = self.addresses();
        for address in &addresses {
            check_smtp(OPERATION, "person", address)?;
        }
        let rooms = distinct(&self.rooms).count();
        let minute_to_day = TimeDelta::minutes(1)..=TimeDelta::days(1);
        let up_to_a_week = TimeDelta::zero()..=TimeDelta::weeks(1);
        let problem = if addresses.is_empty() {
            "nobody is named whose time it is about".to_owned()
        } else if self.duration <= TimeDelta::zero() {
            format!("a slot of {} is none", self.duration)
        } else if self.duration > self.window.duration() {
            "a slot is longer than the window".to_owned()
        } else if !minute_to_day.contains(&self.granularity) {
            format!(
                "the granularity of {} is not from a minute to a day",
                self.granularity
            )
        } else if !up_to_a_week.contains(&self.buffer_before)
            || !up_to_a_week.contains(&self.buffer_after)
        {
            "a buffer is not from nothing to a week".to_owned()
        } else if self.rooms_needed > rooms.max(1) {
            format!(
                "{} rooms are needed, but {rooms} are named",
                self.rooms_needed
            )
        } else if self.limit == 0 {
            "no slot at all may be returned".to_owned()
        } else if let SlotHours::Given(hours) = &self.hours
            && hours::spans(hours, self.window).is_none()
        {
            "the clock of the zone of the working hours is not known".to_owned()
        } else {
            let asked = self.free_busy().validate();
            return asked.map_err(|error| error.with_operation(OPERATION));
        };
        Err(Error::invalid_argument(OPERATION, problem))
    }

    /// The question that [`slots`](Self::slots) wants answered: everybody who is named, each once, with the buffers
    /// around the window.
    pub fn free_busy(&self) -> FreeBusyQuery {
        let floor = |time: DateTime<Utc>| {
            let over = time.timestamp().rem_euclid(FINEST.num_seconds());
            DateTime::from_timestamp(time.timestamp() - over, 0).unwrap_or(time)
        };
        let start = self.window.start.checked_sub_signed(self.buffer_before);
        let end = self.window.end.checked_add_signed(self.buffer_after);
        let start = floor(start.unwrap_or(self.window.start));
        let end = end.unwrap_or(self.window.end);
        let end = match floor(end) {
            whole if whole == end => end,
            before => before.checked_add_signed(FINEST).unwrap_or(end),
        };
        FreeBusyQuery::new(self.addresses(), TimeRange::new(start, end)).slot(FINEST)
    }

    /// The slots that these schedules leave, without asking anybody. They are the answers to
    /// [`free_busy`](Self::free_busy), in any order; who has none among them is missing.
    ///
    /// # Errors
    /// As [`validate`](Self::validate); [`NotFound`](ErrorKind::NotFound) for a required person without a schedule,
    /// unless [`when_missing`](Self::when_missing) says otherwise.
    pub fn slots(&self, schedules: &[Schedule]) -> Result<FoundSlots> {
        self.validate()?;
        let addresses = self.addresses();
        let answers = addresses.iter().map(|address| {
            let is_of = |schedule: &&Schedule| schedule.who.eq_ignore_ascii_case(address);
            let found = schedules.iter().find(is_of).cloned();
            let problem = "there is no schedule of that person";
            found.ok_or_else(|| Error::new(ErrorKind::NotFound, OPERATION, problem))
        });
        search::search(self, &addresses, answers.collect())
    }

    /// Everybody who is named, each once.
    fn addresses(&self) -> Vec<String> {
        let all = self.required.iter().chain(&self.optional);
        distinct(all.chain(&self.rooms)).cloned().collect()
    }
}

/// Each address once, whatever the case of its letters.
fn distinct<'a>(
    addresses: impl IntoIterator<Item = &'a String>,
) -> impl Iterator<Item = &'a String> {
    let mut seen = BTreeSet::new();
    let is_new = move |address: &&String| seen.insert(address.to_ascii_lowercase());
    addresses.into_iter().filter(is_new)
}

/// The times that were found.
#[derive(Debug)]
#[non_exhaustive]
pub struct FoundSlots {
    /// The slots, in the order that was wanted.
    pub slots: Vec<Slot>,
    /// Whose schedule could not be had, in the order of the query. Optional people and rooms among them count as
    /// busy; for required ones see [`WhenMissing`].
    pub missing: Vec<MissingSchedule>,
    /// Of whom the working hours are not known, although they were to be kept to ([`SlotHours::Own`]).
    pub without_hours: Vec<String>,
}

/// A time at which all who are required are free.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Slot {
    /// From when to when, without the buffers.
    pub range: TimeRange,
    /// Which of the optional people are free too, in the order of the query.
    pub optional: Vec<String>,
    /// Which rooms are free, in the order of the query.
    pub rooms: Vec<String>,
}

/// Somebody whose schedule could not be had.
#[derive(Debug)]
#[non_exhaustive]
pub struct MissingSchedule {
    /// The address, as in the query.
    pub who: String,
    /// As what: a room is a [`Resource`](AttendeeRole::Resource).
    pub role: AttendeeRole,
    /// Why.
    pub error: Error,
}
