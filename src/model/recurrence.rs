//! How an event repeats: all that EWS and Graph can express, and what each of them cannot.

mod day_set;
mod days;
mod pattern;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use day_set::{DaySet, WeekIndex};
pub use days::Days;
pub use pattern::{Pattern, RegenerationUnit};

use super::time::check_year;
use crate::{
    connector::Backend,
    error::{Error, Result},
};

const OPERATION: &str = "recurrence";

/// How an event repeats.
///
/// ```
/// use chrono::{NaiveDate, Weekday};
/// use exchange_connector::{Backend, model::{DaySet, Pattern, Range, Recurrence}};
///
/// let days = DaySet::of(&[Weekday::Mon, Weekday::Wed]);
/// let start = NaiveDate::from_ymd_opt(2026, 1, 5).unwrap();
/// let recurrence = Recurrence::new(
///     Pattern::Weekly { interval: 2, days, first_day: Weekday::Mon },
///     Range::Count { start, count: 10 },
/// );
/// assert!(recurrence.check(Backend::Ews).is_ok());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Recurrence {
    /// On which days.
    pub pattern: Pattern,
    /// From when to when.
    pub range: Range,
}

impl Recurrence {
    /// These days, from when to when.
    pub fn new(pattern: Pattern, range: Range) -> Self {
        Self { pattern, range }
    }

    /// Checks that the backend can store it.
    ///
    /// # Errors
    /// As [`Pattern::check`] and [`Range::check`].
    pub fn check(&self, backend: Backend) -> Result<()> {
        self.pattern.check(backend)?;
        self.range.check()
    }

    /// The same in the form that both backends agree on, as [`Pattern::normalized`].
    #[must_use]
    pub fn normalized(self) -> Self {
        Self {
            pattern: self.pattern.normalized(self.range.start()),
            range: self.range,
        }
    }
}

/// From when to when an event repeats. All dates are dates in the zone of the event's start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Range {
    /// For ever. EWS `NoEndRecurrence`, Graph `noEnd`.
    NoEnd {
        /// The first day: that of the event's start.
        start: NaiveDate,
    },
    /// Until a day. EWS `EndDateRecurrence`, Graph `endDate`.
    Until {
        /// The first day: that of the event's start.
        start: NaiveDate,
        /// The last day on which it may still take place.
        end: NaiveDate,
    },
    /// So many times. EWS `NumberedRecurrence`, Graph `numbered`.
    Count {
        /// The first day: that of the event's start.
        start: NaiveDate,
        /// How many times, at least once.
        count: u32,
    },
}

impl Range {
    /// The first day.
    pub fn start(&self) -> NaiveDate {
        match self {
            Self::NoEnd { start } | Self::Until { start, .. } | Self::Count { start, .. } => *start,
        }
    }

    /// Checks what every server refuses: a last day before the first, no times at all, years that cannot be stored.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument).
    pub fn check(&self) -> Result<()> {
        check_year(OPERATION, "first day", self.start())?;
        match *self {
            Self::Until { start, end } => {
                check_year(OPERATION, "last day", end)?;
                if end < start {
                    let problem = format!("the last day {end} is before the first day {start}");
                    return Err(Error::invalid_argument(OPERATION, problem));
                }
            }
            Self::Count { count: 0, .. } => {
                return Err(Error::invalid_argument(
                    OPERATION,
                    "the event takes place no times at all",
                ));
            }
            // The wire type is a signed 32-bit integer.
            Self::Count { count, .. } if i32::try_from(count).is_err() => {
                return Err(Error::invalid_argument(
                    OPERATION,
                    format!("{count} times are too many"),
                ));
            }
            Self::Count { .. } | Self::NoEnd { .. } => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn ranges() {
        let start = day("2026-01-05");
        for good in [
            Range::NoEnd { start },
            Range::Until { start, end: start },
            Range::Count { start, count: 1 },
        ] {
            assert!(good.check().is_ok(), "{good:?}");
        }
        for bad in [
            Range::Until {
                start,
                end: day("2026-01-04"),
            },
            Range::Until {
                start,
                end: day("4501-01-01"),
            },
            Range::Count { start, count: 0 },
            Range::Count {
                start,
                count: u32::MAX,
            },
            Range::NoEnd {
                start: day("1500-01-01"),
            },
        ] {
            assert!(bad.check().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn stored_form() {
        let recurrence = Recurrence::new(
            Pattern::MonthlyOnWeekday {
                interval: 1,
                week: WeekIndex::Last,
                days: DaySet::WEEKEND,
            },
            Range::Count {
                start: day("2026-01-31"),
                count: 3,
            },
        );
        let text = serde_json::to_string(&recurrence).unwrap();
        assert_eq!(
            text,
            r#"{"pattern":{"monthly_on_weekday":{"interval":1,"week":"last","days":["Sat","Sun"]}},"range":{"count":{"start":"2026-01-31","count":3}}}"#
        );
        assert_eq!(
            serde_json::from_str::<Recurrence>(&text).unwrap(),
            recurrence
        );
    }
}
