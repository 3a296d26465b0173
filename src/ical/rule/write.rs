//! The rule that gives the days of a pattern.

use chrono::Weekday;

use crate::model::{DaySet, Pattern, WeekIndex};

/// The rule of a recurrence without its end, or `None` for [`Pattern::Regenerate`].
pub(in crate::ical) fn write_pattern(pattern: &Pattern) -> Option<String> {
    let interval = match pattern.interval() {
        1 => String::new(),
        interval => format!(";INTERVAL={interval}"),
    };
    Some(match *pattern {
        Pattern::Daily { .. } => format!("FREQ=DAILY{interval}"),
        Pattern::Weekly {
            days, first_day, ..
        } => format!(
            "FREQ=WEEKLY{interval};BYDAY={};WKST={}",
            names(days),
            name(first_day)
        ),
        Pattern::MonthlyOnDay { day, .. } => {
            format!("FREQ=MONTHLY{interval};{}", month_day(day, 31))
        }
        Pattern::MonthlyOnWeekday { week, days, .. } => {
            format!("FREQ=MONTHLY{interval};{}", weekday(week, days))
        }
        Pattern::YearlyOnDay { month, day, .. } => format!(
            "FREQ=YEARLY{interval};BYMONTH={month};{}",
            month_day(day, longest(month))
        ),
        Pattern::YearlyOnWeekday {
            month, week, days, ..
        } => format!(
            "FREQ=YEARLY{interval};BYMONTH={month};{}",
            weekday(week, days)
        ),
        Pattern::Regenerate { .. } => return None,
    })
}

/// `most` is the last day that such a month can have.
fn month_day(day: u8, most: u8) -> String {
    if day <= 28 {
        return format!("BYMONTHDAY={day}");
    }
    if day >= most {
        return "BYMONTHDAY=-1".to_owned();
    }
    let days: Vec<_> = (28..=day).map(|day| day.to_string()).collect();
    format!("BYMONTHDAY={};BYSETPOS=-1", days.join(","))
}

fn weekday(week: WeekIndex, days: DaySet) -> String {
    let nth = week.nth().map_or("-1".to_owned(), |nth| nth.to_string());
    match days.single() {
        Some(day) => format!("BYDAY={nth}{}", name(day)),
        None => format!("BYDAY={};BYSETPOS={nth}", names(days)),
    }
}

fn names(days: DaySet) -> String {
    days.iter().map(name).collect::<Vec<_>>().join(",")
}

fn name(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "MO",
        Weekday::Tue => "TU",
        Weekday::Wed => "WE",
        Weekday::Thu => "TH",
        Weekday::Fri => "FR",
        Weekday::Sat => "SA",
        Weekday::Sun => "SU",
    }
}

/// How many days a month can have.
pub(super) fn longest(month: u8) -> u8 {
    match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
