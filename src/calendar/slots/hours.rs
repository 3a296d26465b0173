//! Working hours as stretches of time.

use chrono::{Days, NaiveDate, NaiveTime, TimeDelta};

use super::spans::Spans;
use crate::model::{TimeRange, WorkingHours, WorkingPeriod};

/// When these hours are within the window, by the clock of their zone; `None` when its rules are not known.
pub(super) fn spans(hours: &WorkingHours, window: TimeRange) -> Option<Spans> {
    // A period may begin the day before, and no zone is further than a day from UTC.
    let first = window.start.date_naive().checked_sub_days(Days::new(2))?;
    let last = window.end.date_naive().checked_add_days(Days::new(2))?;
    let mut ranges = Vec::new();
    for day in first.iter_days().take_while(|day| *day <= last) {
        for period in &hours.periods {
            if period.days.contains(chrono::Datelike::weekday(&day)) {
                ranges.push(on(hours, *period, day)?);
            }
        }
    }
    // Without any hour the rules were not looked at.
    hours.zone.offset_at(window.start)?;
    Some(Spans::of(ranges))
}

fn on(hours: &WorkingHours, period: WorkingPeriod, day: NaiveDate) -> Option<TimeRange> {
    let instant = |minute: u16| {
        let clock = TimeDelta::minutes(minute.into());
        let local = day.and_time(NaiveTime::MIN).checked_add_signed(clock)?;
        hours.zone.instant_of(local)
    };
    // What ends before it begins goes on over midnight.
    let over_midnight = period.end_minute < period.start_minute;
    let end = period
        .end_minute
        .saturating_add(if over_midnight { 1440 } else { 0 });
    Some(TimeRange::new(instant(period.start_minute)?, instant(end)?))
}
