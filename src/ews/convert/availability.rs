use chrono::{DateTime, TimeDelta, Utc};

use super::event::show_as;
use super::recurrence::days;
use super::zone::of_serializable;
use crate::ews::types::{
    self, CalendarEvent, DayOfWeek, FreeBusyView, FreeBusyViewType, SerializableTimeZone,
    SerializableTimeZoneTime,
};
use crate::model::{
    BusyItem, FreeBusyStatus, Schedule, ScheduleDetail, TimeRange, WorkingHours, WorkingPeriod,
};

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

/// The availability of one person in `range`, as far as rights allow. Slots are computed from the
/// items afterwards; only where there are none, from the digits the server gave.
pub(crate) fn schedule(
    address: &str,
    view: &FreeBusyView,
    range: TimeRange,
    digit: TimeDelta,
    knows_elsewhere: bool,
) -> Schedule {
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
    let events = view.calendar_event_array.iter().flatten();
    schedule.items = events.filter_map(item).collect();
    if detail == ScheduleDetail::SlotsOnly
        && let Some(digits) = &view.merged_free_busy
    {
        schedule.items = of_digits(digits, range.start, digit, knows_elsewhere);
    }
    schedule.working_hours = view.working_hours.as_ref().and_then(working_hours);
    schedule
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

/// Stretches of the same digit as items. A 4 is "no data" by the reference, "working elsewhere"
/// since Exchange 2013.
fn of_digits(
    digits: &str,
    start: DateTime<Utc>,
    length: TimeDelta,
    knows_elsewhere: bool,
) -> Vec<BusyItem> {
    let mut items: Vec<BusyItem> = Vec::new();
    let mut from = start;
    for digit in digits.chars() {
        let status = match digit {
            '0' => FreeBusyStatus::Free,
            '1' => FreeBusyStatus::Tentative,
            '2' => FreeBusyStatus::Busy,
            '3' => FreeBusyStatus::OutOfOffice,
            '4' if knows_elsewhere => FreeBusyStatus::WorkingElsewhere,
            _ => FreeBusyStatus::NoData,
        };
        let Some(to) = from.checked_add_signed(length) else {
            break;
        };
        match items.last_mut() {
            Some(last) if last.status == status && last.range.end == from => last.range.end = to,
            _ if status == FreeBusyStatus::Free => {}
            _ => items.push(BusyItem::new(TimeRange::new(from, to), status)),
        }
        from = to;
    }
    items
}

fn working_hours(wire: &types::WorkingHours) -> Option<WorkingHours> {
    let zone = of_serializable(wire.time_zone.as_ref()?)?;
    let periods = wire
        .working_period_array
        .iter()
        .flatten()
        .filter_map(|period| {
            let minute = |minutes: Option<i32>| u16::try_from(minutes?).ok();
            let days = days(&period.day_of_week.clone().unwrap_or_default().0);
            WorkingPeriod::new(
                days,
                minute(period.start_time_in_minutes)?,
                minute(period.end_time_in_minutes)?,
            )
        })
        .collect();
    Some(WorkingHours::new(periods, zone))
}
