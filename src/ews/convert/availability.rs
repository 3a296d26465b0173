use chrono::TimeDelta;

use super::event::show_as;
use super::recurrence::days;
use super::zone::of_serializable;
use crate::calendar::items_of_digits;
use crate::ews::types::{
    self, CalendarEvent, DayOfWeek, FreeBusyView, FreeBusyViewType, SerializableTimeZone,
    SerializableTimeZoneTime,
};
use crate::model::{BusyItem, Schedule, ScheduleDetail, TimeRange, WorkingHours, WorkingPeriod};

/// UTC, as availability wants a zone: all times of a request and its answer are in it, so that
/// nothing shifts.
pub(crate) fn utc() -> SerializableTimeZone {
    let never = SerializableTimeZoneTime {
        bias: Some(0),
        time: Some("00:00:00".to_owned()),
        day_order: Some(0),
        month: Some(0),
        day_of_week: Some(DayOfWeek::Sunday),
        ..SerializableTimeZoneTime::default()
    };
    SerializableTimeZone {
        bias: Some(0),
        standard_time: Some(never.clone()),
        daylight_time: Some(never),
    }
}

/// The availability of one person in `range`, as far as rights allow; `None` if nothing at all is
/// shown, which is not the same as free. Slots are computed from the items afterwards; only where
/// there are none, items are made from the digits the server gave.
pub(crate) fn schedule(
    address: &str,
    view: &FreeBusyView,
    range: TimeRange,
    digit: TimeDelta,
    knows_elsewhere: bool,
) -> Option<Schedule> {
    let detail = match view.free_busy_view_type {
        Some(FreeBusyViewType::Detailed | FreeBusyViewType::DetailedMerged) => {
            ScheduleDetail::Subjects
        }
        Some(FreeBusyViewType::FreeBusy | FreeBusyViewType::FreeBusyMerged) => {
            ScheduleDetail::Times
        }
        _ => ScheduleDetail::SlotsOnly,
    };
    let mut schedule = Schedule::new(address, detail);
    if detail == ScheduleDetail::SlotsOnly {
        let digits = view.merged_free_busy.as_ref()?;
        schedule.items = items_of_digits(digits, range, digit, knows_elsewhere);
    } else {
        // A day is asked for where less is wanted.
        let events = view.calendar_event_array.iter().flatten().filter_map(item);
        schedule.items = events.filter(|item| item.range.overlaps(&range)).collect();
    }
    schedule.working_hours = view.working_hours.as_ref().and_then(working_hours);
    Some(schedule)
}

fn item(event: &CalendarEvent) -> Option<BusyItem> {
    let (start, end) = event.start_time.zip(event.end_time)?;
    let range = TimeRange::new(start.and_utc(), end.and_utc());
    let mut item = BusyItem::new(range, show_as(event.busy_type.as_ref()));
    if let Some(details) = &event.calendar_event_details {
        let text = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        item.subject = text(&details.subject);
        item.location = text(&details.location);
        item.is_private = details.is_private;
        item.is_meeting = details.is_meeting;
        item.is_recurring = details.is_recurring;
    }
    Some(item)
}

/// `None` too if no period says on which days it is, as some servers do: that is not known, not
/// never.
fn working_hours(wire: &types::WorkingHours) -> Option<WorkingHours> {
    let zone = of_serializable(wire.time_zone.as_ref()?)?;
    let periods = wire.working_period_array.iter().flatten();
    let periods: Vec<_> = periods.flat_map(working_periods).collect();
    (!periods.is_empty()).then(|| WorkingHours::new(periods, zone))
}

fn working_periods(wire: &types::WorkingPeriod) -> Vec<WorkingPeriod> {
    let days = days(&wire.day_of_week.clone().unwrap_or_default().0);
    let minute = |minutes: Option<i32>| u16::try_from(minutes?).ok();
    let start = minute(wire.start_time_in_minutes);
    match start.zip(minute(wire.end_time_in_minutes)) {
        Some((start, end)) => crate::calendar::working_periods(days, start, end),
        None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use chrono::Weekday;

    use super::*;
    use crate::ews::types::DaysOfWeek;
    use crate::model::{DaySet, FreeBusyStatus};

    fn range(minutes: i64) -> TimeRange {
        TimeRange::lasting(chrono::DateTime::UNIX_EPOCH, TimeDelta::minutes(minutes))
    }

    fn view(kind: FreeBusyViewType, digits: Option<&str>) -> FreeBusyView {
        FreeBusyView {
            free_busy_view_type: Some(kind),
            merged_free_busy: digits.map(str::to_owned),
            ..FreeBusyView::default()
        }
    }

    #[test]
    fn what_is_not_shown_is_not_free() {
        let half_an_hour = TimeDelta::minutes(30);
        let read = |view: &FreeBusyView, knows_elsewhere| {
            let read = schedule("a@x", view, range(140), half_an_hour, knows_elsewhere)?;
            let minutes = |item: &BusyItem| (item.range.duration().num_minutes(), item.status);
            Some((
                read.detail,
                read.items.iter().map(minutes).collect::<Vec<_>>(),
            ))
        };
        assert_eq!(read(&view(FreeBusyViewType::None, None), true), None);
        let merged = view(FreeBusyViewType::MergedOnly, Some("0224"));
        use FreeBusyStatus::{Busy, NoData, WorkingElsewhere};
        let slots_only = ScheduleDetail::SlotsOnly;
        let newer = vec![(60, Busy), (30, WorkingElsewhere), (20, NoData)];
        assert_eq!(read(&merged, true), Some((slots_only, newer)));
        let older = vec![(60, Busy), (50, NoData)];
        assert_eq!(read(&merged, false), Some((slots_only, older)));
        // More than was wanted is not shown.
        let longer = view(FreeBusyViewType::MergedOnly, Some("000022222"));
        let last = vec![(20, Busy)];
        assert_eq!(read(&longer, true), Some((slots_only, last)));
    }

    #[test]
    fn periods_of_work() {
        let period = |days: &[DayOfWeek], start, end| types::WorkingPeriod {
            day_of_week: Some(DaysOfWeek(days.to_vec())),
            start_time_in_minutes: Some(start),
            end_time_in_minutes: Some(end),
        };
        let read = |wire| working_periods(&wire);
        let night = read(period(&[DayOfWeek::Saturday, DayOfWeek::Sunday], 1320, 360));
        let next_days = DaySet::of(&[Weekday::Sun, Weekday::Mon]);
        let expected = [
            WorkingPeriod::new(DaySet::WEEKEND, 1320, 1440).unwrap(),
            WorkingPeriod::new(next_days, 0, 360).unwrap(),
        ];
        assert_eq!(night, expected);
        assert_eq!(read(period(&[DayOfWeek::Monday], 480, 1020)).len(), 1);
        for nothing in [
            period(&[], 480, 1020),
            period(&[DayOfWeek::Monday], 480, 480),
            period(&[DayOfWeek::Monday], -1, 480),
            types::WorkingPeriod::default(),
        ] {
            assert_eq!(read(nothing), []);
        }
    }
}
