use chrono::NaiveDate;
use serde::Serialize;

use crate::xml::{
    Element, Problem, ReadElement, ReadScalar, Tag, WriteElement, WriteScalar, names,
};

names! {
    /// A day of the week, or one of three words for several.
    ///
    /// `Day`, `Weekday` and `WeekendDay` are meant for relative patterns.
    pub open enum DayOfWeek {
        Sunday = "Sunday",
        Monday = "Monday",
        Tuesday = "Tuesday",
        Wednesday = "Wednesday",
        Thursday = "Thursday",
        Friday = "Friday",
        Saturday = "Saturday",
        Day = "Day",
        Weekday = "Weekday",
        WeekendDay = "WeekendDay",
    }
}

names! {
    /// Which of several days in a month.
    pub open enum DayOfWeekIndex {
        First = "First",
        Second = "Second",
        Third = "Third",
        Fourth = "Fourth",
        Last = "Last",
    }
}

names! {
    /// A month by its English name.
    pub open enum Month {
        January = "January",
        February = "February",
        March = "March",
        April = "April",
        May = "May",
        June = "June",
        July = "July",
        August = "August",
        September = "September",
        October = "October",
        November = "November",
        December = "December",
    }
}

/// Days of the week, as a list with spaces on the wire.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq, Serialize)]
#[serde(transparent)]
pub struct DaysOfWeek(pub Vec<DayOfWeek>);

impl ReadScalar for DaysOfWeek {
    fn read_scalar(text: &str) -> Option<Self> {
        let days = text.split_ascii_whitespace().map(DayOfWeek::named);
        Some(Self(days.collect()))
    }
}

impl WriteScalar for DaysOfWeek {
    fn write_scalar(&self, out: &mut String) {
        for (n, day) in self.0.iter().enumerate() {
            if n > 0 {
                out.push(' ');
            }
            out.push_str(day.as_str());
        }
    }
}

/// How an item repeats.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/recurrence-recurrencetype>
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Recurrence {
    /// In which rhythm.
    #[serde(flatten)]
    pub pattern: RecurrencePattern,
    /// From when to when.
    #[serde(flatten)]
    pub range: RecurrenceRange,
}

impl Recurrence {
    /// In that rhythm, from when to when.
    pub fn new(pattern: RecurrencePattern, range: RecurrenceRange) -> Self {
        Self { pattern, range }
    }
}

/// In which rhythm an item repeats.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all_fields = "PascalCase")]
#[non_exhaustive]
pub enum RecurrencePattern {
    /// A day of some week of a month, each year.
    #[serde(rename = "RelativeYearlyRecurrence")]
    RelativeYearly {
        /// The day, or a word for several.
        days_of_week: DayOfWeek,
        /// Which of them.
        day_of_week_index: DayOfWeekIndex,
        /// The month.
        month: Month,
    },
    /// A date, each year.
    #[serde(rename = "AbsoluteYearlyRecurrence")]
    AbsoluteYearly {
        /// 1 to 31; in shorter months the last day.
        day_of_month: u32,
        /// The month.
        month: Month,
    },
    /// A day of some week of a month.
    #[serde(rename = "RelativeMonthlyRecurrence")]
    RelativeMonthly {
        /// Every so many months, 1 to 99.
        interval: u32,
        /// The day, or a word for several.
        days_of_week: DayOfWeek,
        /// Which of them.
        day_of_week_index: DayOfWeekIndex,
    },
    /// A day of a month.
    #[serde(rename = "AbsoluteMonthlyRecurrence")]
    AbsoluteMonthly {
        /// Every so many months, 1 to 99.
        interval: u32,
        /// 1 to 31; in shorter months the last day.
        day_of_month: u32,
    },
    /// Days of a week.
    #[serde(rename = "WeeklyRecurrence")]
    Weekly {
        /// Every so many weeks, 1 to 99.
        interval: u32,
        /// The days.
        days_of_week: DaysOfWeek,
        /// On which day a week begins; Sunday if not said. Exchange 2010 SP1 and later.
        #[serde(skip_serializing_if = "Option::is_none")]
        first_day_of_week: Option<DayOfWeek>,
    },
    /// Days.
    #[serde(rename = "DailyRecurrence")]
    Daily {
        /// Every so many days, 1 to 999.
        interval: u32,
    },
    /// A task that comes again so long after it was done.
    #[serde(untagged)]
    Regeneration {
        /// The element: `DailyRegeneration`, `WeeklyRegeneration`, `MonthlyRegeneration` or
        /// `YearlyRegeneration`.
        #[serde(rename = "Regeneration")]
        unit: String,
        /// Every so many of the unit.
        interval: u32,
    },
}

/// From when to when an item repeats. Dates are dates in the zone of its start.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all_fields = "PascalCase")]
#[non_exhaustive]
pub enum RecurrenceRange {
    /// For ever.
    #[serde(rename = "NoEndRecurrence")]
    NoEnd {
        /// The first date.
        start_date: NaiveDate,
    },
    /// Until a date.
    #[serde(rename = "EndDateRecurrence")]
    EndDate {
        /// The first date.
        start_date: NaiveDate,
        /// The last date on which it may begin.
        end_date: NaiveDate,
    },
    /// So many times.
    #[serde(rename = "NumberedRecurrence")]
    Numbered {
        /// The first date.
        start_date: NaiveDate,
        /// How many times; deleted occurrences count too.
        number_of_occurrences: u32,
    },
}

/// Everything that can stand in a pattern or a range.
#[derive(Default)]
struct Parts {
    interval: Option<u32>,
    days_of_week: Option<DaysOfWeek>,
    day_of_week_index: Option<DayOfWeekIndex>,
    month: Option<Month>,
    day_of_month: Option<u32>,
    first_day_of_week: Option<DayOfWeek>,
    start_date: Option<NaiveDate>,
    end_date: Option<NaiveDate>,
    number_of_occurrences: Option<u32>,
}

impl Parts {
    fn read(node: &mut Element<'_, '_>) -> Result<Self, Problem> {
        let mut parts = Self::default();
        while let Some(mut child) = node.next_child()? {
            let child = &mut child;
            match child.name() {
                "Interval" => parts.interval = child.lenient()?,
                "DaysOfWeek" => parts.days_of_week = child.lenient()?,
                "DayOfWeekIndex" => parts.day_of_week_index = child.lenient()?,
                "Month" => parts.month = child.lenient()?,
                "DayOfMonth" => parts.day_of_month = child.lenient()?,
                "FirstDayOfWeek" => parts.first_day_of_week = child.lenient()?,
                "StartDate" => parts.start_date = child.lenient()?,
                "EndDate" => parts.end_date = child.lenient()?,
                "NumberOfOccurrences" => parts.number_of_occurrences = child.lenient()?,
                _ => child.skip()?,
            }
        }
        Ok(parts)
    }

    fn day_of_week(&mut self) -> Option<DayOfWeek> {
        self.days_of_week.take()?.0.into_iter().next()
    }

    fn pattern(mut self, name: &str) -> Option<RecurrencePattern> {
        let interval = self.interval.unwrap_or(1);
        Some(match name {
            "RelativeYearlyRecurrence" => RecurrencePattern::RelativeYearly {
                days_of_week: self.day_of_week()?,
                day_of_week_index: self.day_of_week_index?,
                month: self.month?,
            },
            "AbsoluteYearlyRecurrence" => RecurrencePattern::AbsoluteYearly {
                day_of_month: self.day_of_month?,
                month: self.month?,
            },
            "RelativeMonthlyRecurrence" => RecurrencePattern::RelativeMonthly {
                interval,
                days_of_week: self.day_of_week()?,
                day_of_week_index: self.day_of_week_index?,
            },
            "AbsoluteMonthlyRecurrence" => RecurrencePattern::AbsoluteMonthly {
                interval,
                day_of_month: self.day_of_month?,
            },
            "WeeklyRecurrence" => RecurrencePattern::Weekly {
                interval,
                days_of_week: self.days_of_week.unwrap_or_default(),
                first_day_of_week: self.first_day_of_week,
            },
            "DailyRecurrence" => RecurrencePattern::Daily { interval },
            name if name.ends_with("Regeneration") => RecurrencePattern::Regeneration {
                unit: name.to_owned(),
                interval,
            },
            _ => return None,
        })
    }

    fn range(self, name: &str) -> Option<RecurrenceRange> {
        let start_date = self.start_date?;
        Some(match name {
            "NoEndRecurrence" => RecurrenceRange::NoEnd { start_date },
            "EndDateRecurrence" => RecurrenceRange::EndDate {
                start_date,
                end_date: self.end_date?,
            },
            "NumberedRecurrence" => RecurrenceRange::Numbered {
                start_date,
                number_of_occurrences: self.number_of_occurrences?,
            },
            _ => return None,
        })
    }
}

impl ReadElement for Recurrence {
    fn read_element(node: &mut Element<'_, '_>) -> Result<Option<Self>, Problem> {
        let (mut pattern, mut range) = (None, None);
        while let Some(mut child) = node.next_child()? {
            let name = child.name().to_owned();
            let parts = Parts::read(&mut child)?;
            if matches!(
                name.as_str(),
                "NoEndRecurrence" | "EndDateRecurrence" | "NumberedRecurrence"
            ) {
                range = parts.range(&name).or(range);
            } else {
                pattern = parts.pattern(&name).or(pattern);
            }
        }
        Ok(pattern
            .zip(range)
            .map(|(pattern, range)| Self { pattern, range }))
    }
}

impl WriteElement for Recurrence {
    fn write_element(&self, tag: Tag<'_>) {
        tag.children(|out| {
            self.pattern.write(out);
            self.range.write(out);
        });
    }
}

impl RecurrencePattern {
    fn write(&self, out: &mut crate::xml::Children<'_>) {
        match self {
            Self::RelativeYearly {
                days_of_week,
                day_of_week_index,
                month,
            } => out.tag("t:RelativeYearlyRecurrence").children(|out| {
                out.value("t:DaysOfWeek", days_of_week);
                out.value("t:DayOfWeekIndex", day_of_week_index);
                out.value("t:Month", month);
            }),
            Self::AbsoluteYearly {
                day_of_month,
                month,
            } => out.tag("t:AbsoluteYearlyRecurrence").children(|out| {
                out.value("t:DayOfMonth", day_of_month);
                out.value("t:Month", month);
            }),
            Self::RelativeMonthly {
                interval,
                days_of_week,
                day_of_week_index,
            } => out.tag("t:RelativeMonthlyRecurrence").children(|out| {
                out.value("t:Interval", interval);
                out.value("t:DaysOfWeek", days_of_week);
                out.value("t:DayOfWeekIndex", day_of_week_index);
            }),
            Self::AbsoluteMonthly {
                interval,
                day_of_month,
            } => out.tag("t:AbsoluteMonthlyRecurrence").children(|out| {
                out.value("t:Interval", interval);
                out.value("t:DayOfMonth", day_of_month);
            }),
            Self::Weekly {
                interval,
                days_of_week,
                first_day_of_week,
            } => out.tag("t:WeeklyRecurrence").children(|out| {
                out.value("t:Interval", interval);
                out.value("t:DaysOfWeek", days_of_week);
                out.value_if("t:FirstDayOfWeek", first_day_of_week.as_ref());
            }),
            Self::Daily { interval } => out.tag("t:DailyRecurrence").children(|out| {
                out.value("t:Interval", interval);
            }),
            Self::Regeneration { unit, interval } => {
                out.tag(&format!("t:{unit}")).children(|out| {
                    out.value("t:Interval", interval);
                });
            }
        }
    }
}

impl RecurrenceRange {
    fn write(&self, out: &mut crate::xml::Children<'_>) {
        match self {
            Self::NoEnd { start_date } => out.tag("t:NoEndRecurrence").children(|out| {
                out.value("t:StartDate", start_date);
            }),
            Self::EndDate {
                start_date,
                end_date,
            } => out.tag("t:EndDateRecurrence").children(|out| {
                out.value("t:StartDate", start_date);
                out.value("t:EndDate", end_date);
            }),
            Self::Numbered {
                start_date,
                number_of_occurrences,
            } => out.tag("t:NumberedRecurrence").children(|out| {
                out.value("t:StartDate", start_date);
                out.value("t:NumberOfOccurrences", number_of_occurrences);
            }),
        }
    }
}
