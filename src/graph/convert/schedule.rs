use chrono::{NaiveDate, NaiveTime, TimeDelta, Timelike as _, Weekday};

use super::event::{show_as, text};
use super::recurrence::days;
use super::time::utc;
use crate::graph::wire::{self, ScheduleInformation, ScheduleItem};
use crate::model::{
    BusyItem, ChangeDay, CustomZone, Schedule, ScheduleDetail, TimeRange, WeekIndex, WorkingHours,
    Zone, ZoneRule, ZoneRules,
};

/// The availability of one person in `range`, as far as rights allow; `None` if nothing at all is shown, which is not
/// the same as free. Slots are computed from the items afterwards; only where there are none, items are made from the
/// digits that the server gave, one for each `digit`.
pub(in crate::graph) fn schedule(
    address: &str,
    wire: &ScheduleInformation,
    range: TimeRange,
    digit: TimeDelta,
) -> Option<Schedule> {
    let items = wire.schedule_items.iter().flatten();
    let items: Vec<BusyItem> = items.filter_map(item).collect();
    let digits = wire.availability_view.as_deref().unwrap_or_default().trim();
    let is_taken = digits.contains(|digit| digit != '0');
    let tells_what = items
        .iter()
        .any(|item| item.subject.is_some() || item.location.is_some() || item.is_private.is_some());
    let detail = match (items.is_empty(), is_taken, wire.schedule_items.is_some()) {
        (false, ..) if tells_what => ScheduleDetail::Subjects,
        (false, ..) => ScheduleDetail::Times,
        (true, true, _) => ScheduleDetail::SlotsOnly,
        // Nobody can tell by an empty calendar how much one would see of a full one.
        (true, false, true) => ScheduleDetail::Subjects,
        (true, false, false) if digits.is_empty() => return None,
        (true, false, false) => ScheduleDetail::SlotsOnly,
    };
    let mut schedule = Schedule::new(address, detail);
    schedule.items = match detail {
        ScheduleDetail::SlotsOnly => crate::calendar::items_of_digits(digits, range, digit, true),
        _ => items
            .into_iter()
            .filter(|item| item.range.overlaps(&range))
            .collect(),
    };
    schedule.working_hours = wire.working_hours.as_ref().and_then(working_hours);
    Some(schedule)
}

fn item(wire: &ScheduleItem) -> Option<BusyItem> {
    let range = TimeRange::new(utc(wire.start.as_ref()?)?, utc(wire.end.as_ref()?)?);
    let mut item = BusyItem::new(range, show_as(wire.status.as_deref()));
    item.subject = text(&wire.subject);
    item.location = text(&wire.location);
    item.is_private = wire.is_private;
    Some(item)
}

/// When somebody works.
pub(in crate::graph) fn working_hours(wire: &wire::WorkingHours) -> Option<WorkingHours> {
    let zone = zone(wire.time_zone.as_ref()?)?;
    let minute = |text: &Option<String>| {
        let time = clock(text.as_deref()?)?;
        u16::try_from(time.num_seconds_from_midnight() / 60).ok()
    };
    let (start, end) = (minute(&wire.start_time)?, minute(&wire.end_time)?);
    let days = days(wire.days_of_week.as_ref());
    let periods = crate::calendar::working_periods(days, start, end);
    (!periods.is_empty()).then(|| WorkingHours::new(periods, zone))
}

fn clock(text: &str) -> Option<NaiveTime> {
    NaiveTime::parse_from_str(text.trim().get(..8)?, "%H:%M:%S").ok()
}

/// A zone by its name, or by its rules where it has none that is known.
fn zone(wire: &wire::TimeZoneBase) -> Option<Zone> {
    let named = Zone::from_wire(wire.name.clone().unwrap_or_default());
    if named.tz.is_some() {
        return Some(named);
    }
    let rules = ZoneRules::fixed(within_a_day(wire.bias?)?);
    let standard = wire.standard_offset.as_ref();
    let daylight = wire.daylight_offset.as_ref();
    let standard = standard.and_then(|change| rule(change, 0));
    let daylight = daylight.and_then(|change| rule(change, change.daylight_bias?));
    let rules = match daylight.zip(standard) {
        Some((daylight, standard)) => rules.with_changes(daylight, standard),
        None => rules,
    };
    Some(named.with_custom(CustomZone::new(rules)))
}

fn rule(wire: &wire::ZoneChange, extra_bias: i32) -> Option<ZoneRule> {
    let month = u8::try_from(wire.month?).ok().filter(|month| *month > 0)?;
    let day = match wire.year {
        Some(year) if year > 0 => ChangeDay::Date(NaiveDate::from_ymd_opt(
            year,
            month.into(),
            wire.day_occurrence?,
        )?),
        _ => ChangeDay::Weekday {
            month,
            week: WeekIndex::from_number(u8::try_from(wire.day_occurrence?).ok()?)?,
            weekday: wire.day_of_week.as_deref()?.parse::<Weekday>().ok()?,
        },
    };
    let at = clock(wire.time.as_deref()?)?;
    Some(ZoneRule::new(within_a_day(extra_bias)?, day, at))
}

fn within_a_day(minutes: i32) -> Option<i32> {
    (-1440 < minutes && minutes < 1440).then_some(minutes)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use serde_json::{Value, json};

    use super::*;
    use crate::model::{DaySet, FreeBusyStatus};

    fn read(json: Value) -> Option<Schedule> {
        let range = TimeRange::lasting(DateTime::UNIX_EPOCH, TimeDelta::hours(2));
        let wire = serde_json::from_value(json).unwrap();
        schedule("a@x", &wire, range, TimeDelta::minutes(30))
    }

    fn item(from: &str, to: &str, more: Value) -> Value {
        let time = |clock: &str| json!({ "dateTime": format!("1970-01-01T{clock}:00.0000000"), "timeZone": "UTC" });
        let mut item = json!({ "status": "busy", "start": time(from), "end": time(to) });
        let fields = item.as_object_mut().unwrap();
        fields.extend(more.as_object().unwrap().clone());
        item
    }

    #[test]
    fn as_much_as_rights_allow() {
        let subjects = read(json!({
            "availabilityView": "2200",
            "scheduleItems": [
                item("00:00", "01:00", json!({ "subject": "Talk", "isPrivate": false })),
                item("05:00", "06:00", json!({ "subject": "Later" }))
            ]
        }))
        .unwrap();
        assert_eq!(subjects.detail, ScheduleDetail::Subjects);
        assert_eq!(subjects.items.len(), 1);
        let times = read(json!({ "scheduleItems": [item("00:00", "01:00", json!({}))] })).unwrap();
        assert_eq!(times.detail, ScheduleDetail::Times);
        let slots = read(json!({ "availabilityView": "0240", "scheduleItems": [] })).unwrap();
        assert_eq!(slots.detail, ScheduleDetail::SlotsOnly);
        let statuses: Vec<_> = slots.items.iter().map(|item| item.status).collect();
        assert_eq!(
            statuses,
            [FreeBusyStatus::Busy, FreeBusyStatus::WorkingElsewhere]
        );
        let free = read(json!({ "availabilityView": "0000", "scheduleItems": [] })).unwrap();
        assert!(free.items.is_empty());
        assert_eq!(read(json!({ "scheduleId": "a@x" })), None);
    }

    #[test]
    fn hours_of_work_by_name_or_by_rules() {
        let hours = |zone: Value| {
            let read = read(json!({
                "availabilityView": "0000",
                "workingHours": {
                    "daysOfWeek": ["monday", "friday"], "startTime": "08:00:00.0000000",
                    "endTime": "17:30:00.0000000", "timeZone": zone
                }
            }));
            read.unwrap().working_hours.unwrap()
        };
        let named = hours(json!({ "name": "W. Europe Standard Time" }));
        assert_eq!(named.zone.tz, Some(chrono_tz::Europe::Berlin));
        let period = named.periods[0];
        assert_eq!((period.start_minute, period.end_minute), (480, 1050));
        assert_eq!(period.days, DaySet::of(&[Weekday::Mon, Weekday::Fri]));
        let change = |month: u32, bias: i32| {
            json!({
                "time": "02:00:00.0000000", "dayOccurrence": 5, "dayOfWeek": "sunday", "month": month,
                "year": 0, "daylightBias": bias
            })
        };
        let ruled = hours(json!({
            "name": "Customized Time Zone", "bias": -60,
            "standardOffset": change(10, 0), "daylightOffset": change(3, -60)
        }));
        let july: DateTime<chrono::Utc> = "2026-07-01T00:00:00Z".parse().unwrap();
        let offset = ruled.zone.offset_at(july).unwrap();
        assert_eq!(offset.local_minus_utc(), 7200);
    }
}
