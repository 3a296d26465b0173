//! Recurrence patterns of Exchange and the dates they give.

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};
use roxmltree::Node;

use super::refusal::Refusal;
use super::request::Element as _;
use super::xml::Writer;
use super::zone::{is_within_calendar, month, month_name, weekday, weekday_name};

/// A pattern and how long it goes on.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Recurrence {
    pub(super) pattern: Pattern,
    pub(super) start: NaiveDate,
    pub(super) end: End,
}

/// On which days.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Pattern {
    Daily {
        interval: u32,
    },
    Weekly {
        interval: u32,
        days: Vec<Weekday>,
        first: Weekday,
    },
    AbsoluteMonthly {
        interval: u32,
        day: u32,
    },
    RelativeMonthly {
        interval: u32,
        days: DayGroup,
        index: Index,
    },
    AbsoluteYearly {
        month: u32,
        day: u32,
    },
    RelativeYearly {
        month: u32,
        days: DayGroup,
        index: Index,
    },
}

/// Until when.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum End {
    Never,
    On(NaiveDate),
    After(u32),
}

/// The days that a relative pattern counts, under the name it was given.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct DayGroup {
    name: String,
    days: Vec<Weekday>,
}

/// Which of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Index {
    Nth(usize),
    Last,
}

const WORKDAYS: [Weekday; 5] = [
    Weekday::Mon,
    Weekday::Tue,
    Weekday::Wed,
    Weekday::Thu,
    Weekday::Fri,
];

impl DayGroup {
    fn read(text: &str) -> Option<Self> {
        let mut days = Vec::new();
        for name in text.split_whitespace() {
            match name {
                "Day" => {
                    days.extend(WORKDAYS);
                    days.extend([Weekday::Sat, Weekday::Sun]);
                }
                "Weekday" => days.extend(WORKDAYS),
                "WeekendDay" => days.extend([Weekday::Sat, Weekday::Sun]),
                other => days.push(weekday(other)?),
            }
        }
        (!days.is_empty()).then(|| Self {
            name: text.trim().to_owned(),
            days,
        })
    }
}

impl DayGroup {
    /// These days, under the name that EWS has for them.
    pub(super) fn of(days: Vec<Weekday>) -> Self {
        let same = |others: &[Weekday]| {
            days.len() == others.len() && others.iter().all(|day| days.contains(day))
        };
        let weekend = [Weekday::Sat, Weekday::Sun];
        let name = if same(&[&WORKDAYS[..], &weekend[..]].concat()) {
            "Day".to_owned()
        } else if same(&WORKDAYS) {
            "Weekday".to_owned()
        } else if same(&weekend) {
            "WeekendDay".to_owned()
        } else {
            let names: Vec<&str> = days.iter().map(|day| weekday_name(*day)).collect();
            names.join(" ")
        };
        Self { name, days }
    }

    pub(super) fn days(&self) -> &[Weekday] {
        &self.days
    }
}

impl Index {
    const NAMES: [(&'static str, Self); 5] = [
        ("First", Self::Nth(0)),
        ("Second", Self::Nth(1)),
        ("Third", Self::Nth(2)),
        ("Fourth", Self::Nth(3)),
        ("Last", Self::Last),
    ];

    pub(super) fn name(self) -> &'static str {
        Self::NAMES
            .iter()
            .find(|(_, index)| *index == self)
            .map_or("First", |(name, _)| name)
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        let mut known = Self::NAMES.iter();
        known
            .find(|(known, _)| *known == name)
            .map(|(_, index)| *index)
    }
}

fn invalid(what: &str) -> Refusal {
    Refusal::new(
        "ErrorCalendarInvalidRecurrence",
        format!("The recurrence is invalid: {what}"),
    )
}

impl Recurrence {
    /// Reads a `t:Recurrence` element.
    pub(super) fn read(node: Node<'_, '_>) -> Result<Self, Refusal> {
        let mut parts = node.elements();
        let (Some(pattern), Some(range)) = (parts.next(), parts.next()) else {
            return Err(invalid("a pattern and a range are needed"));
        };
        let start = date(range.text_of("StartDate").unwrap_or_default())
            .ok_or_else(|| invalid("StartDate"))?;
        let end = match range.name() {
            "NoEndRecurrence" => End::Never,
            "EndDateRecurrence" => End::On(
                date(range.text_of("EndDate").unwrap_or_default())
                    .filter(|end| *end >= start)
                    .ok_or_else(|| {
                        Refusal::new(
                            "ErrorCalendarEndDateIsEarlierThanStartDate",
                            "EndDate is earlier than StartDate.",
                        )
                    })?,
            ),
            "NumberedRecurrence" => End::After(
                number(range, "NumberOfOccurrences", 1..=999)
                    .ok_or_else(|| invalid("NumberOfOccurrences is 1 to 999"))?,
            ),
            other => return Err(invalid(other)),
        };
        let recurrence = Self {
            pattern: read_pattern(pattern)?,
            start,
            end,
        };
        if recurrence.dates().next().is_none() {
            return Err(Refusal::new(
                "ErrorRecurrenceHasNoOccurrence",
                "The recurrence has no occurrence.",
            ));
        }
        Ok(recurrence)
    }

    /// The dates, in order.
    pub(super) fn dates(&self) -> impl Iterator<Item = NaiveDate> + '_ {
        let (until, count) = match self.end {
            End::Never => (None, usize::MAX),
            End::On(date) => (Some(date), usize::MAX),
            End::After(count) => (None, usize::try_from(count).unwrap_or(usize::MAX)),
        };
        // A pattern that hits nothing for so many rounds never will.
        let rounds: u32 = 40_000;
        (0..rounds)
            .flat_map(|round| self.round(round))
            .skip_while(|date| *date < self.start)
            .take_while(move |date| {
                is_within_calendar(*date) && until.is_none_or(|until| *date <= until)
            })
            .take(count)
    }

    /// The dates of one interval of the pattern, in order.
    fn round(&self, round: u32) -> Vec<NaiveDate> {
        match &self.pattern {
            Pattern::Daily { interval } => self
                .start
                .checked_add_days(Days::new(u64::from(round) * u64::from(*interval)))
                .into_iter()
                .collect(),
            Pattern::Weekly {
                interval,
                days,
                first,
            } => {
                let into = self.start.weekday().days_since(*first);
                let week = self
                    .start
                    .checked_sub_days(Days::new(u64::from(into)))
                    .and_then(|start| {
                        start.checked_add_days(Days::new(
                            7 * u64::from(round) * u64::from(*interval),
                        ))
                    });
                let mut dates: Vec<NaiveDate> = week
                    .into_iter()
                    .flat_map(|week| {
                        days.iter().filter_map(move |day| {
                            week.checked_add_days(Days::new(u64::from(day.days_since(*first))))
                        })
                    })
                    .collect();
                dates.sort_unstable();
                dates.dedup();
                dates
            }
            Pattern::AbsoluteMonthly { interval, day } => self
                .months_on(round.checked_mul(*interval))
                .and_then(|first| on_day(first, *day))
                .into_iter()
                .collect(),
            Pattern::RelativeMonthly {
                interval,
                days,
                index,
            } => self
                .months_on(round.checked_mul(*interval))
                .and_then(|first| nth(first, days, *index))
                .into_iter()
                .collect(),
            Pattern::AbsoluteYearly { month, day } => self
                .year_on(round, *month)
                .and_then(|first| on_day(first, *day))
                .into_iter()
                .collect(),
            Pattern::RelativeYearly { month, days, index } => self
                .year_on(round, *month)
                .and_then(|first| nth(first, days, *index))
                .into_iter()
                .collect(),
        }
    }

    fn months_on(&self, months: Option<u32>) -> Option<NaiveDate> {
        self.start
            .with_day(1)?
            .checked_add_months(Months::new(months?))
    }

    fn year_on(&self, years: u32, month: u32) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(self.start.year() + i32::try_from(years).ok()?, month, 1)
    }

    /// Writes the element; `suffix` is the offset that dates carry, `first_day` whether the version
    /// knows `FirstDayOfWeek` (from Exchange 2010 SP1).
    pub(super) fn write(&self, writer: &mut Writer, suffix: &str, first_day: bool) {
        let date = |date: NaiveDate| format!("{}{suffix}", date.format("%Y-%m-%d"));
        writer.element("t:Recurrence", &[], |writer| {
            self.write_pattern(writer, first_day);
            let range = match self.end {
                End::Never => "t:NoEndRecurrence",
                End::On(_) => "t:EndDateRecurrence",
                End::After(_) => "t:NumberedRecurrence",
            };
            writer.element(range, &[], |writer| {
                writer.leaf("t:StartDate", &date(self.start));
                match self.end {
                    End::Never => {}
                    End::On(end) => writer.leaf("t:EndDate", &date(end)),
                    End::After(count) => {
                        writer.leaf("t:NumberOfOccurrences", &count.to_string());
                    }
                }
            });
        });
    }

    fn write_pattern(&self, writer: &mut Writer, first_day: bool) {
        let every = |writer: &mut Writer, interval: u32| {
            writer.leaf("t:Interval", &interval.to_string());
        };
        let relative = |writer: &mut Writer, days: &DayGroup, index: Index| {
            writer.leaf("t:DaysOfWeek", &days.name);
            writer.leaf("t:DayOfWeekIndex", index.name());
        };
        match &self.pattern {
            Pattern::Daily { interval } => writer.element("t:DailyRecurrence", &[], |writer| {
                every(writer, *interval);
            }),
            Pattern::Weekly {
                interval,
                days,
                first,
            } => writer.element("t:WeeklyRecurrence", &[], |writer| {
                every(writer, *interval);
                let names: Vec<_> = days.iter().map(|day| weekday_name(*day)).collect();
                writer.leaf("t:DaysOfWeek", &names.join(" "));
                if first_day {
                    writer.leaf("t:FirstDayOfWeek", weekday_name(*first));
                }
            }),
            Pattern::AbsoluteMonthly { interval, day } => {
                writer.element("t:AbsoluteMonthlyRecurrence", &[], |writer| {
                    every(writer, *interval);
                    writer.leaf("t:DayOfMonth", &day.to_string());
                });
            }
            Pattern::RelativeMonthly {
                interval,
                days,
                index,
            } => writer.element("t:RelativeMonthlyRecurrence", &[], |writer| {
                every(writer, *interval);
                relative(writer, days, *index);
            }),
            Pattern::AbsoluteYearly { month, day } => {
                writer.element("t:AbsoluteYearlyRecurrence", &[], |writer| {
                    writer.leaf("t:DayOfMonth", &day.to_string());
                    writer.leaf("t:Month", month_name(*month));
                });
            }
            Pattern::RelativeYearly { month, days, index } => {
                writer.element("t:RelativeYearlyRecurrence", &[], |writer| {
                    relative(writer, days, *index);
                    writer.leaf("t:Month", month_name(*month));
                });
            }
        }
    }
}

fn read_pattern(node: Node<'_, '_>) -> Result<Pattern, Refusal> {
    let interval = |most| number(node, "Interval", 1..=most).ok_or_else(|| invalid("Interval"));
    let day = || number(node, "DayOfMonth", 1..=31).ok_or_else(|| invalid("DayOfMonth"));
    let month =
        || month(node.text_of("Month").unwrap_or_default().trim()).ok_or_else(|| invalid("Month"));
    let days = || {
        DayGroup::read(node.text_of("DaysOfWeek").unwrap_or_default())
            .ok_or_else(|| invalid("DaysOfWeek"))
    };
    let index = || {
        let name = node.text_of("DayOfWeekIndex").unwrap_or_default().trim();
        Index::named(name).ok_or_else(|| invalid("DayOfWeekIndex"))
    };
    Ok(match node.name() {
        "DailyRecurrence" => Pattern::Daily {
            interval: interval(999)?,
        },
        "WeeklyRecurrence" => Pattern::Weekly {
            interval: interval(99)?,
            days: days()?.days,
            first: node
                .text_of("FirstDayOfWeek")
                .map_or(Some(Weekday::Sun), |name| weekday(name.trim()))
                .ok_or_else(|| invalid("FirstDayOfWeek"))?,
        },
        "AbsoluteMonthlyRecurrence" => Pattern::AbsoluteMonthly {
            interval: interval(99)?,
            day: day()?,
        },
        "RelativeMonthlyRecurrence" => Pattern::RelativeMonthly {
            interval: interval(99)?,
            days: days()?,
            index: index()?,
        },
        "AbsoluteYearlyRecurrence" => Pattern::AbsoluteYearly {
            month: month()?,
            day: day()?,
        },
        "RelativeYearlyRecurrence" => Pattern::RelativeYearly {
            month: month()?,
            days: days()?,
            index: index()?,
        },
        other => return Err(invalid(other)),
    })
}

fn number(node: Node<'_, '_>, name: &str, range: std::ops::RangeInclusive<u32>) -> Option<u32> {
    let number = node.text_of(name)?.trim().parse().ok()?;
    range.contains(&number).then_some(number)
}

/// Reads an xs:date; an offset at its end says nothing about the day.
fn date(text: &str) -> Option<NaiveDate> {
    let date = NaiveDate::parse_from_str(text.trim().get(..10)?, "%Y-%m-%d").ok()?;
    is_within_calendar(date).then_some(date)
}

fn last_of_month(first: NaiveDate) -> Option<NaiveDate> {
    first.checked_add_months(Months::new(1))?.pred_opt()
}

/// A day of the month; in shorter months the last day, as Exchange has it.
fn on_day(first: NaiveDate, day: u32) -> Option<NaiveDate> {
    first.with_day(day).or_else(|| last_of_month(first))
}

fn nth(first: NaiveDate, days: &DayGroup, index: Index) -> Option<NaiveDate> {
    let last = last_of_month(first)?;
    let mut found = first
        .iter_days()
        .take_while(|date| *date <= last)
        .filter(|date| days.days.contains(&date.weekday()));
    match index {
        Index::Nth(position) => found.nth(position),
        Index::Last => found.last(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dates(xml: &str, count: usize) -> Vec<String> {
        let text = format!(
            "<t:Recurrence xmlns:t=\"{}\">{xml}</t:Recurrence>",
            super::super::request::TYPES
        );
        let document = roxmltree::Document::parse(&text).unwrap();
        let recurrence = Recurrence::read(document.root_element()).unwrap();
        recurrence
            .dates()
            .take(count)
            .map(|date| date.to_string())
            .collect()
    }

    const FOREVER: &str =
        "<t:NoEndRecurrence><t:StartDate>2026-01-31Z</t:StartDate></t:NoEndRecurrence>";

    #[test]
    fn short_months_take_their_last_day() {
        let xml = format!(
            "<t:AbsoluteMonthlyRecurrence><t:Interval>1</t:Interval><t:DayOfMonth>31</t:DayOfMonth></t:AbsoluteMonthlyRecurrence>{FOREVER}"
        );
        assert_eq!(
            dates(&xml, 4),
            ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]
        );
    }

    #[test]
    fn leap_day_moves_to_the_28th() {
        let xml = "<t:AbsoluteYearlyRecurrence><t:DayOfMonth>29</t:DayOfMonth><t:Month>February</t:Month></t:AbsoluteYearlyRecurrence>\
                   <t:NoEndRecurrence><t:StartDate>2024-01-01</t:StartDate></t:NoEndRecurrence>";
        assert_eq!(
            dates(xml, 5),
            [
                "2024-02-29",
                "2025-02-28",
                "2026-02-28",
                "2027-02-28",
                "2028-02-29"
            ]
        );
    }

    #[test]
    fn first_day_of_week_decides_which_weeks_count() {
        let weekly = |first: &str| {
            format!(
                "<t:WeeklyRecurrence><t:Interval>2</t:Interval><t:DaysOfWeek>Sunday Tuesday</t:DaysOfWeek><t:FirstDayOfWeek>{first}</t:FirstDayOfWeek></t:WeeklyRecurrence>\
                 <t:NumberedRecurrence><t:StartDate>2026-01-06</t:StartDate><t:NumberOfOccurrences>4</t:NumberOfOccurrences></t:NumberedRecurrence>"
            )
        };
        assert_eq!(
            dates(&weekly("Monday"), 9),
            ["2026-01-06", "2026-01-11", "2026-01-20", "2026-01-25"]
        );
        assert_eq!(
            dates(&weekly("Sunday"), 9),
            ["2026-01-06", "2026-01-18", "2026-01-20", "2026-02-01"]
        );
    }

    #[test]
    fn relative_patterns() {
        let monthly = format!(
            "<t:RelativeMonthlyRecurrence><t:Interval>1</t:Interval><t:DaysOfWeek>Weekday</t:DaysOfWeek><t:DayOfWeekIndex>Last</t:DayOfWeekIndex></t:RelativeMonthlyRecurrence>{FOREVER}"
        );
        // 30 January lies before the start of the range.
        assert_eq!(
            dates(&monthly, 3),
            ["2026-02-27", "2026-03-31", "2026-04-30"]
        );
        let yearly = format!(
            "<t:RelativeYearlyRecurrence><t:DaysOfWeek>Thursday</t:DaysOfWeek><t:DayOfWeekIndex>Fourth</t:DayOfWeekIndex><t:Month>November</t:Month></t:RelativeYearlyRecurrence>{FOREVER}"
        );
        assert_eq!(dates(&yearly, 2), ["2026-11-26", "2027-11-25"]);
    }

    #[test]
    fn end_date_is_included() {
        let xml = "<t:DailyRecurrence><t:Interval>3</t:Interval></t:DailyRecurrence>\
                   <t:EndDateRecurrence><t:StartDate>2026-01-01</t:StartDate><t:EndDate>2026-01-07</t:EndDate></t:EndDateRecurrence>";
        assert_eq!(dates(xml, 9), ["2026-01-01", "2026-01-04", "2026-01-07"]);
    }

    #[test]
    fn a_series_without_occurrence_is_refused() {
        let text = format!(
            "<t:Recurrence xmlns:t=\"{}\"><t:AbsoluteYearlyRecurrence><t:DayOfMonth>1</t:DayOfMonth><t:Month>May</t:Month></t:AbsoluteYearlyRecurrence>\
             <t:EndDateRecurrence><t:StartDate>2026-06-01</t:StartDate><t:EndDate>2026-07-01</t:EndDate></t:EndDateRecurrence></t:Recurrence>",
            super::super::request::TYPES
        );
        let document = roxmltree::Document::parse(&text).unwrap();
        let refusal = Recurrence::read(document.root_element()).unwrap_err();
        assert_eq!(refusal.code, "ErrorRecurrenceHasNoOccurrence");
    }
}
