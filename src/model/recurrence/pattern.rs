//! On which days an event repeats.

use chrono::{Datelike, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

use super::{DaySet, OPERATION, WeekIndex};
use crate::{
    connector::Backend,
    error::{Error, Result},
};

/// On which days an event repeats. `interval` is every how many days, weeks, months or years, from 1.
///
/// The elements named are those of EWS (all versions) and Graph's `recurrencePattern`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Pattern {
    /// Every so many days, up to 999. EWS `DailyRecurrence`, Graph `daily`.
    Daily {
        /// Every how many days.
        interval: u16,
    },
    /// On these days every so many weeks, up to 99. EWS `WeeklyRecurrence`, Graph `weekly`.
    Weekly {
        /// Every how many weeks.
        interval: u16,
        /// The days.
        days: DaySet,
        /// The day that weeks begin with, which matters when not every week is meant. EWS: Exchange 2010 SP1, before
        /// always Sunday.
        first_day: Weekday,
    },
    /// On one day of the month every so many months, up to 99. EWS `AbsoluteMonthlyRecurrence`, Graph
    /// `absoluteMonthly`.
    MonthlyOnDay {
        /// Every how many months.
        interval: u16,
        /// 1 to 31; in shorter months the last day is meant, unlike in iCalendar.
        day: u8,
    },
    /// On one weekday of the month every so many months, up to 99. EWS `RelativeMonthlyRecurrence`, Graph
    /// `relativeMonthly`.
    MonthlyOnWeekday {
        /// Every how many months.
        interval: u16,
        /// Which of the days in the month.
        week: WeekIndex,
        /// The days, of which one is meant: a single day, all, Monday to Friday, the weekend; others where there is
        /// [`Feature::WeekdaySets`](crate::Feature::WeekdaySets).
        days: DaySet,
    },
    /// On one day of the year every so many years, up to 8. EWS `AbsoluteYearlyRecurrence`, or for more than one year as
    /// many months; Graph `absoluteYearly`.
    YearlyOnDay {
        /// Every how many years.
        interval: u16,
        /// 1 to 12.
        month: u8,
        /// 1 to 31; in shorter months the last day is meant.
        day: u8,
    },
    /// On one weekday of a month of the year every so many years, up to 8. EWS `RelativeYearlyRecurrence`, or for more
    /// than one year as many months; Graph `relativeYearly`.
    YearlyOnWeekday {
        /// Every how many years.
        interval: u16,
        /// 1 to 12.
        month: u8,
        /// Which of the days in the month.
        week: WeekIndex,
        /// The days, of which one is meant: as for [`MonthlyOnWeekday`](Self::MonthlyOnWeekday).
        days: DaySet,
    },
    /// So long after the last was done: only for tasks, only on EWS (`DailyRegeneration` and its like).
    Regenerate {
        /// After how many units.
        interval: u16,
        /// The unit.
        unit: RegenerationUnit,
    },
}

/// The unit of [`Pattern::Regenerate`].
///
/// Closed on purpose: the protocols know no further unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegenerationUnit {
    /// Days.
    Day,
    /// Weeks.
    Week,
    /// Months.
    Month,
    /// Years.
    Year,
}

impl Pattern {
    /// Every how many days, weeks, months or years.
    pub fn interval(&self) -> u16 {
        match self {
            Self::Daily { interval }
            | Self::Weekly { interval, .. }
            | Self::MonthlyOnDay { interval, .. }
            | Self::MonthlyOnWeekday { interval, .. }
            | Self::YearlyOnDay { interval, .. }
            | Self::YearlyOnWeekday { interval, .. }
            | Self::Regenerate { interval, .. } => *interval,
        }
    }

    /// Checks that the backend can store it.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) for what means nothing anywhere,
    /// [`Unsupported`](crate::ErrorKind::Unsupported) for what only the other backend can store.
    pub fn check(&self, backend: Backend) -> Result<()> {
        self.check_meaning()
            .map_err(|problem| Error::invalid_argument(OPERATION, problem))?;
        let limits = self.check_interval().and_then(|()| match backend {
            Backend::Ews => self.check_ews(),
            Backend::Graph => self.check_graph(),
        });
        limits.map_err(|problem| Error::unsupported(OPERATION, problem).with_backend(backend))
    }

    fn check_meaning(&self) -> Result<(), String> {
        if self.interval() == 0 {
            return Err("the interval must be at least 1".into());
        }
        if let Self::Weekly { days, .. }
        | Self::MonthlyOnWeekday { days, .. }
        | Self::YearlyOnWeekday { days, .. } = self
            && days.is_empty()
        {
            return Err("no weekday is given".into());
        }
        if let Self::YearlyOnDay { month, .. } | Self::YearlyOnWeekday { month, .. } = self
            && !(1..=12).contains(month)
        {
            return Err(format!("there is no month {month}"));
        }
        let days_at_most = match self {
            Self::YearlyOnDay { month: 2, .. } => 29,
            Self::YearlyOnDay {
                month: 4 | 6 | 9 | 11,
                ..
            } => 30,
            _ => 31,
        };
        if let Self::MonthlyOnDay { day, .. } | Self::YearlyOnDay { day, .. } = self
            && !(1..=days_at_most).contains(day)
        {
            return Err(format!("there is no day {day} in that month"));
        }
        Ok(())
    }

    /// What Exchange can keep (MS-OXOCAL 2.2.1.44.1, `Period`).
    fn check_interval(&self) -> Result<(), String> {
        let at_most = match self {
            Self::Daily { .. } => 999,
            // n years are kept as 12n months, of which there are at most 99.
            Self::YearlyOnDay { .. } | Self::YearlyOnWeekday { .. } => 8,
            _ => 99,
        };
        match self.interval() {
            interval if interval > at_most => Err(format!(
                "the interval {interval} is over the limit of {at_most}"
            )),
            _ => Ok(()),
        }
    }

    fn check_ews(&self) -> Result<(), String> {
        if let Self::MonthlyOnWeekday { days, .. } | Self::YearlyOnWeekday { days, .. } = self
            && days.single().is_none()
            && ![DaySet::ALL, DaySet::WEEKDAYS, DaySet::WEEKEND].contains(days)
        {
            return Err(format!(
                "of {days:?} no one day of the month can be chosen: only of a single day, all days, Monday to Friday, or the weekend"
            ));
        }
        Ok(())
    }

    fn check_graph(&self) -> Result<(), String> {
        match self {
            Self::Regenerate { .. } => Err("it has no tasks that are made anew when done".into()),
            _ => Ok(()),
        }
    }

    /// The form that both backends agree on: every twelve months becomes every year, in the month of the first day.
    #[must_use]
    pub fn normalized(self, first_day: NaiveDate) -> Self {
        let month = u8::try_from(first_day.month()).unwrap_or(1);
        match self {
            Self::MonthlyOnDay { interval, day } if is_years(interval) => Self::YearlyOnDay {
                interval: interval / 12,
                month,
                day,
            },
            Self::MonthlyOnWeekday {
                interval,
                week,
                days,
            } if is_years(interval) => Self::YearlyOnWeekday {
                interval: interval / 12,
                month,
                week,
                days,
            },
            other => other,
        }
    }
}

fn is_years(months: u16) -> bool {
    months > 0 && months.is_multiple_of(12)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn limits_of_backends() {
        let on = |days| Pattern::MonthlyOnWeekday {
            interval: 1,
            week: WeekIndex::First,
            days,
        };
        let two = on(DaySet::of(&[Weekday::Tue, Weekday::Thu]));
        assert_eq!(
            two.check(Backend::Ews).unwrap_err().kind(),
            ErrorKind::Unsupported
        );
        assert!(two.check(Backend::Graph).is_ok());
        for days in [
            DaySet::ALL,
            DaySet::WEEKDAYS,
            DaySet::WEEKEND,
            Weekday::Wed.into(),
        ] {
            assert!(on(days).check(Backend::Ews).is_ok());
        }
        for (pattern, fits) in [
            (Pattern::Daily { interval: 999 }, true),
            (Pattern::Daily { interval: 1000 }, false),
            (
                Pattern::MonthlyOnDay {
                    interval: 100,
                    day: 1,
                },
                false,
            ),
            (
                Pattern::YearlyOnDay {
                    interval: 8,
                    month: 2,
                    day: 29,
                },
                true,
            ),
            (
                Pattern::YearlyOnDay {
                    interval: 9,
                    month: 2,
                    day: 28,
                },
                false,
            ),
        ] {
            for backend in [Backend::Ews, Backend::Graph] {
                assert_eq!(pattern.check(backend).is_ok(), fits, "{pattern:?}");
            }
        }
        let again = Pattern::Regenerate {
            interval: 2,
            unit: RegenerationUnit::Week,
        };
        assert!(again.check(Backend::Ews).is_ok());
        assert_eq!(
            again.check(Backend::Graph).unwrap_err().kind(),
            ErrorKind::Unsupported
        );
    }

    #[test]
    fn what_means_nothing() {
        for pattern in [
            Pattern::Daily { interval: 0 },
            Pattern::Weekly {
                interval: 1,
                days: DaySet::EMPTY,
                first_day: Weekday::Mon,
            },
            Pattern::MonthlyOnDay {
                interval: 1,
                day: 0,
            },
            Pattern::MonthlyOnDay {
                interval: 1,
                day: 32,
            },
            Pattern::YearlyOnDay {
                interval: 1,
                month: 2,
                day: 30,
            },
            Pattern::YearlyOnDay {
                interval: 1,
                month: 13,
                day: 1,
            },
            Pattern::YearlyOnWeekday {
                interval: 1,
                month: 0,
                week: WeekIndex::Last,
                days: DaySet::ALL,
            },
        ] {
            for backend in [Backend::Ews, Backend::Graph] {
                assert_eq!(
                    pattern.check(backend).unwrap_err().kind(),
                    ErrorKind::InvalidArgument,
                    "{pattern:?}"
                );
            }
        }
    }

    #[test]
    fn twelve_months_are_a_year() {
        let start = NaiveDate::from_ymd_opt(2024, 7, 4).unwrap();
        assert_eq!(
            Pattern::MonthlyOnDay {
                interval: 24,
                day: 4
            }
            .normalized(start),
            Pattern::YearlyOnDay {
                interval: 2,
                month: 7,
                day: 4
            }
        );
        let half = Pattern::MonthlyOnDay {
            interval: 6,
            day: 4,
        };
        assert_eq!(half.clone().normalized(start), half);
    }
}
