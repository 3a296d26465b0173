//! Time zones in iCalendar (RFC 5545 section 3.6.5): named, with the rules beside them.

mod read;
mod write;

use chrono::{NaiveDateTime, Weekday};

use crate::model::WeekIndex;

pub(super) use self::{
    read::Zones,
    write::{write, years_of},
};

/// The last year for which everybody knows rules: that of 32-bit clocks. Later changes of law are nobody's to know.
const KNOWN_UNTIL: i32 = 2037;

/// A time from which on a zone has an offset: `STANDARD` or `DAYLIGHT`.
#[derive(Debug, Clone, PartialEq)]
struct Observance {
    is_daylight: bool,
    /// In seconds east of UTC.
    from: i32,
    to: i32,
    /// When it begins, on the clock before.
    start: NaiveDateTime,
    /// Every year on such a day.
    rule: Option<YearlyDay>,
    /// When it begins again otherwise.
    again: Vec<NaiveDateTime>,
}

/// A weekday of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct YearlyDay {
    month: u8,
    week: WeekIndex,
    weekday: Weekday,
}
