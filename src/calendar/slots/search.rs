//! From schedules to slots.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::spans::{Spans, Starts};
use super::{
    FoundSlots, MissingSchedule, OPERATION, Slot, SlotHours, SlotOrder, SlotQuery, WhenMissing,
    distinct, hours,
};
use crate::{
    calendar::Batch,
    error::{Error, Result},
    model::{AttendeeRole, FreeBusyStatus, Schedule, ScheduleDetail, TimeRange},
};

/// The slots that the answers leave: one for each of the addresses, which are all that a valid query names.
pub(super) fn search(
    query: &SlotQuery,
    addresses: &[String],
    answers: Batch<Schedule>,
) -> Result<FoundSlots> {
    let mut found = FoundSlots {
        slots: Vec::new(),
        missing: Vec::new(),
        without_hours: Vec::new(),
    };
    let asked = query.free_busy().window;
    let mut known = Known::default();
    let mut starts = Spans::of([query.window]).starts(TimeDelta::zero(), query.duration);
    if let SlotHours::Given(given) = &query.hours {
        let given = hours::spans(given, query.window);
        let given = given.map(|hours| hours.starts(TimeDelta::zero(), query.duration));
        starts = starts.and(&given.unwrap_or(Starts::NEVER));
    }
    for (who, answer) in addresses.iter().zip(answers) {
        let role = role(query, who);
        match answer {
            Ok(schedule) => {
                let of_one = starts_of(query, &schedule, role, asked);
                let of_one = of_one.unwrap_or_else(|any_hour| {
                    found.without_hours.push(who.clone());
                    any_hour
                });
                if role == AttendeeRole::Required {
                    starts = starts.and(&of_one);
                }
                known.0.insert(who.to_ascii_lowercase(), of_one);
            }
            Err(error) => {
                match (role, query.when_missing) {
                    (AttendeeRole::Required, WhenMissing::Fail) => return Err(without(who, error)),
                    (AttendeeRole::Required, WhenMissing::Busy) => starts = Starts::NEVER,
                    _ => {}
                }
                let who = who.clone();
                found.missing.push(MissingSchedule { who, role, error });
            }
        }
    }
    let optional = known.group(&query.optional);
    let rooms = known.group(&query.rooms);
    let names = |group: &Group<'_>, start| -> Vec<String> {
        let free = group.iter().filter(|(_, starts)| starts.contains(start));
        free.map(|(who, _)| (*who).clone()).collect()
    };
    let slot = |start| Slot {
        range: TimeRange::lasting(start, query.duration),
        optional: names(&optional, start),
        rooms: names(&rooms, start),
    };
    found.slots = choose(query, &starts, &optional, &rooms)
        .into_iter()
        .map(slot)
        .collect();
    Ok(found)
}

/// As what somebody is named; the first counts.
fn role(query: &SlotQuery, who: &str) -> AttendeeRole {
    let is_in = |list: &[String]| list.iter().any(|one| one.eq_ignore_ascii_case(who));
    if is_in(&query.required) {
        AttendeeRole::Required
    } else if is_in(&query.optional) {
        AttendeeRole::Optional
    } else {
        AttendeeRole::Resource
    }
}

/// The error for a required person without a schedule.
fn without(who: &str, cause: Error) -> Error {
    let problem = format!(
        "the schedule of {who} could not be had: {}",
        cause.message()
    );
    let mut error = Error::new(cause.kind(), OPERATION, problem).with_advice(cause.advice());
    if let Some(backend) = cause.backend() {
        error = error.with_backend(backend);
    }
    if let Some(code) = cause.code() {
        error = error.with_code(code);
    }
    if let Some(advice) = cause.advice_text() {
        error = error.with_hint(advice.to_owned());
    }
    error.with_source(cause)
}

/// When something can begin for each person and room, by address in small letters.
#[derive(Default)]
struct Known(BTreeMap<String, Starts>);

/// When something can begin for those of one role, in the order of the query.
type Group<'a> = Vec<(&'a String, &'a Starts)>;

impl Known {
    fn group<'a>(&'a self, addresses: &'a [String]) -> Group<'a> {
        let starts = |who: &String| self.0.get(&who.to_ascii_lowercase());
        distinct(addresses)
            .filter_map(|who| Some((who, starts(who)?)))
            .collect()
    }
}

/// When a slot can begin for somebody; as an error where the hours to keep to are not known.
fn starts_of(
    query: &SlotQuery,
    schedule: &Schedule,
    role: AttendeeRole,
    asked: TimeRange,
) -> Result<Starts, Starts> {
    let from_beginning = query.duration + query.buffer_after;
    let free = busy(query, schedule, asked).gaps(asked);
    let starts = free.starts(query.buffer_before, from_beginning);
    if query.hours != SlotHours::Own || role == AttendeeRole::Resource {
        return Ok(starts);
    }
    let own = schedule.working_hours.as_ref();
    match own.and_then(|own| hours::spans(own, query.window)) {
        Some(own) => Ok(starts.and(&own.starts(TimeDelta::zero(), query.duration))),
        None => Err(starts),
    }
}

/// When somebody has no time, as far as the schedule goes.
fn busy(query: &SlotQuery, schedule: &Schedule, asked: TimeRange) -> Spans {
    let is_busy = |status: &FreeBusyStatus| !query.free_when.contains(status);
    let items = schedule.items.iter().filter(|item| is_busy(&item.status));
    let mut ranges: Vec<TimeRange> = items.map(|item| item.range).collect();
    if schedule.detail == ScheduleDetail::SlotsOnly {
        // There may be no items at all; and what the slots do not reach to is not known.
        let mut start = asked.start;
        for status in &schedule.slots {
            let slot = TimeRange::lasting(start, super::FINEST);
            ranges.extend(is_busy(status).then_some(slot));
            start = slot.end;
        }
        ranges.push(TimeRange::new(start, asked.end.max(start)));
    }
    Spans::of(ranges)
}

/// The best of the instants on the grid, in the order that is wanted.
fn choose(
    query: &SlotQuery,
    starts: &Starts,
    optional: &Group<'_>,
    rooms: &Group<'_>,
) -> Vec<DateTime<Utc>> {
    let count = |group: &Group<'_>, start| {
        let is_free = |(_, starts): &&(&String, &Starts)| starts.contains(start);
        group.iter().filter(is_free).count()
    };
    let rooms_needed = query.rooms_needed.min(distinct(&query.rooms).count());
    let best = match query.order {
        SlotOrder::Earliest => 0,
        SlotOrder::MostOptional => optional.len(),
    };
    // By how many of the optional people are free, and each of these lists by time, as the grid is.
    let mut ranked: Vec<Vec<DateTime<Utc>>> = vec![Vec::new(); best + 1];
    for start in starts.on_grid(query.grid, query.granularity) {
        if count(rooms, start) < rooms_needed {
            continue;
        }
        let rank = match query.order {
            SlotOrder::Earliest => 0,
            SlotOrder::MostOptional => count(optional, start),
        };
        let Some(equals) = ranked.get_mut(rank) else {
            continue;
        };
        if equals.len() < query.limit {
            equals.push(start);
        }
        if rank == best && equals.len() >= query.limit {
            break;
        }
    }
    let by_rank = ranked.into_iter().rev().flatten();
    by_rank.take(query.limit).collect()
}

#[cfg(test)]
mod tests {
    use chrono::{Datelike, TimeZone, Timelike, Weekday};
    use chrono_tz::Tz;
    use proptest::prelude::*;

    use super::*;
    use crate::error::ErrorKind;
    use crate::model::{BusyItem, DaySet, WorkingHours, WorkingPeriod, Zone};

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn range(start: &str, end: &str) -> TimeRange {
        let on = |clock: &str| at(&format!("2026-03-02T{clock}:00Z"));
        TimeRange::new(on(start), on(end))
    }

    fn office(zone: Tz) -> WorkingHours {
        let period = WorkingPeriod::new(DaySet::WEEKDAYS, 9 * 60, 17 * 60).unwrap();
        WorkingHours::new(vec![period], zone)
    }

    fn schedule(who: &str, busy: &[(&str, &str)]) -> Schedule {
        let mut schedule = Schedule::new(who, ScheduleDetail::Times);
        let item =
            |(start, end): &(&str, &str)| BusyItem::new(range(start, end), FreeBusyStatus::Busy);
        schedule.items = busy.iter().map(item).collect();
        schedule
    }

    /// A Monday, an hour, on full hours.
    fn query() -> SlotQuery {
        SlotQuery::new(range("06:00", "20:00"), TimeDelta::hours(1))
            .required(["a@x"])
            .granularity(TimeDelta::hours(1))
            .hours(SlotHours::Any)
    }

    fn hours_of(found: &FoundSlots) -> Vec<u32> {
        found
            .slots
            .iter()
            .map(|slot| slot.range.start.hour())
            .collect()
    }

    #[test]
    fn buffers_keep_apart() {
        let asked = query().buffer(TimeDelta::minutes(30), TimeDelta::minutes(15));
        let found = asked.slots(&[schedule("A@X", &[("08:00", "08:30"), ("12:00", "18:00")])]);
        assert_eq!(hours_of(&found.unwrap()), [6, 9, 10, 19]);
    }

    #[test]
    fn own_hours_in_own_zones() {
        let mut berlin = schedule("a@x", &[]);
        berlin.working_hours = Some(office(Tz::Europe__Berlin));
        let mut york = schedule("b@x", &[]);
        york.working_hours = Some(office(Tz::America__New_York));
        let both = query().required(["a@x", "b@x"]).hours(SlotHours::Own);
        // 8 to 16 and 14 to 22 o'clock UTC.
        let found = both.slots(&[berlin.clone(), york]).unwrap();
        assert_eq!(hours_of(&found), [14, 15]);
        assert_eq!(found.without_hours, [""; 0]);
        // After New York's clocks were set and before Berlin's they are an hour nearer.
        let day = "2026-03-10T00:00:00Z";
        let mut later = query().hours(SlotHours::Given(office(Tz::America__New_York)));
        later.window = TimeRange::lasting(at(day), TimeDelta::days(1));
        let found = later.slots(&[berlin.clone()]).unwrap();
        assert_eq!(hours_of(&found), [13, 14, 15, 16, 17, 18, 19, 20]);
        // Whose hours are not known can always, and it is said.
        let unknown = both.slots(&[berlin, schedule("b@x", &[])]).unwrap();
        assert_eq!(hours_of(&unknown), [8, 9, 10, 11, 12, 13, 14, 15]);
        assert_eq!(unknown.without_hours, ["b@x"]);
    }

    #[test]
    fn hours_over_midnight() {
        let mut night = WorkingPeriod::new(Weekday::Sun.into(), 0, 1).unwrap();
        (night.start_minute, night.end_minute) = (22 * 60, 8 * 60);
        let hours = WorkingHours::new(vec![night], Tz::UTC);
        let found = query().hours(SlotHours::Given(hours));
        let found = found.slots(&[schedule("a@x", &[])]).unwrap();
        assert_eq!(hours_of(&found), [6, 7]);
    }

    #[test]
    fn rooms_and_optional_people() {
        let schedules = [
            schedule("a@x", &[("06:00", "09:00"), ("12:00", "20:00")]),
            schedule("b@x", &[("09:00", "10:00")]),
            schedule("r1@x", &[("09:00", "11:00")]),
            schedule("r2@x", &[("10:00", "11:00")]),
        ];
        let asked = query().optional(["b@x"]).rooms(["r1@x", "R1@x", "r2@x"]);
        let found = asked.slots(&schedules).unwrap();
        assert_eq!(hours_of(&found), [9, 11]);
        assert_eq!(found.slots[0].optional, [""; 0]);
        assert_eq!(found.slots[0].rooms, ["r2@x"]);
        assert_eq!(found.slots[1].optional, ["b@x"]);
        assert_eq!(found.slots[1].rooms, ["r1@x", "r2@x"]);
        let ranked = asked.clone().order(SlotOrder::MostOptional);
        assert_eq!(hours_of(&ranked.slots(&schedules).unwrap()), [11, 9]);
        assert_eq!(hours_of(&ranked.limit(1).slots(&schedules).unwrap()), [11]);
        let two = asked.clone().rooms_needed(2);
        assert_eq!(hours_of(&two.slots(&schedules).unwrap()), [11]);
        let any = asked.clone().rooms_needed(0);
        assert_eq!(hours_of(&any.slots(&schedules).unwrap()), [9, 10, 11]);
        // A room that is not known is not free.
        let found = asked.slots(&schedules[..2]).unwrap();
        assert_eq!(hours_of(&found), [0; 0]);
        let missing: Vec<_> = found
            .missing
            .iter()
            .map(|one| (&*one.who, one.role))
            .collect();
        let resource = AttendeeRole::Resource;
        assert_eq!(missing, [("r1@x", resource), ("r2@x", resource)]);
    }

    #[test]
    fn nobody_is_free_silently() {
        let asked = query().required(["a@x", "b@x"]);
        let known = [schedule("a@x", &[("07:00", "20:00")])];
        let error = asked.slots(&known).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(error.message().contains("b@x"), "{error}");
        let busy = asked.clone().when_missing(WhenMissing::Busy);
        let busy = busy.slots(&known).unwrap();
        assert_eq!((busy.slots.len(), busy.missing.len()), (0, 1));
        let ignored = asked.when_missing(WhenMissing::Ignore);
        let ignored = ignored.slots(&known).unwrap();
        assert_eq!(hours_of(&ignored), [6]);
        assert_eq!(ignored.missing[0].who, "b@x");
        assert_eq!(ignored.missing[0].role, AttendeeRole::Required);

        // No data, and slots that end before the window does, are busy.
        let mut dim = Schedule::new("a@x", ScheduleDetail::SlotsOnly);
        assert_eq!(query().slots(&[dim.clone()]).unwrap().slots, []);
        dim.slots = vec![FreeBusyStatus::Free; 4 * 12];
        dim.slots[12] = FreeBusyStatus::NoData;
        dim.slots[24] = FreeBusyStatus::Tentative;
        let found = query().slots(std::slice::from_ref(&dim)).unwrap();
        assert_eq!(hours_of(&found), [6, 9]);
        let statuses = [FreeBusyStatus::Free, FreeBusyStatus::Tentative];
        let found = query().free_when(statuses).slots(&[dim]).unwrap();
        assert_eq!(hours_of(&found), [6, 8, 9]);
    }

    #[test]
    fn what_is_asked_covers_the_buffers() {
        let mut asked = query().optional(["A@x", "b@x"]).rooms(["b@X", "r@x"]);
        asked.window.start += TimeDelta::minutes(3);
        let asked = asked.buffer(TimeDelta::minutes(10), TimeDelta::minutes(2));
        let asked = asked.free_busy();
        assert_eq!(asked.window, range("05:50", "20:05"));
        assert_eq!(asked.who, ["a@x", "b@x", "r@x"]);
    }

    #[test]
    fn what_cannot_be_asked() {
        let minutes = TimeDelta::minutes;
        let lawless = SlotHours::Given(WorkingHours::new(Vec::new(), Zone::from_wire("Mine")));
        let mut empty = query();
        empty.window.end = empty.window.start;
        for (wrong, words) in [
            (query().required([""; 0]), "nobody is named"),
            (query().required(["a"]), "not a mail address"),
            (query().granularity(minutes(0)), "granularity"),
            (query().granularity(minutes(1441)), "granularity"),
            (query().buffer(minutes(-1), minutes(0)), "buffer"),
            (query().buffer(minutes(0), TimeDelta::MAX), "buffer"),
            (query().rooms(["r@x", "R@x"]).rooms_needed(2), "2 rooms"),
            (query().limit(0), "no slot"),
            (query().hours(lawless), "clock of the zone"),
            (
                SlotQuery {
                    duration: minutes(0),
                    ..query()
                },
                "is none",
            ),
            (
                SlotQuery {
                    duration: minutes(841),
                    ..query()
                },
                "longer than",
            ),
            (empty, "is empty"),
        ] {
            let error = wrong.validate().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument);
            assert_eq!(error.operation(), OPERATION);
            assert!(error.message().contains(words), "{words}: {error}");
        }
        let mut long = query();
        long.window.end += TimeDelta::days(3700);
        assert_eq!(
            long.validate().unwrap_err().kind(),
            ErrorKind::LimitExceeded
        );
    }

    const ZONES: [Tz; 6] = [
        Tz::UTC,
        Tz::Europe__Berlin,
        Tz::America__New_York,
        Tz::Australia__Lord_Howe,
        Tz::Asia__Kolkata,
        Tz::Pacific__Kiritimati,
    ];

    /// Somebody: what takes time (from, length, status), the zone, when work is and whether only slots are seen.
    type Somebody = (Vec<(i64, i64, FreeBusyStatus)>, Option<Hours>, bool);
    /// Days, beginning, end and zone of working hours.
    type Hours = (u8, u16, u16, usize);

    fn somebody() -> impl Strategy<Value = Somebody> {
        use FreeBusyStatus::*;
        let status = prop::sample::select(vec![
            Free,
            Tentative,
            Busy,
            OutOfOffice,
            WorkingElsewhere,
            NoData,
        ]);
        let items = prop::collection::vec((-300i64..4600, 1i64..400, status), 0..9);
        // Not between 1 and 4 o'clock, when clocks are set: what that means there is a matter of taste.
        let minute = || prop_oneof![0u16..60, 240u16..1440];
        let hours = (1u8..128, minute(), minute(), 0..ZONES.len());
        (items, prop::option::of(hours), any::<bool>())
    }

    fn person(
        index: usize,
        somebody: &Somebody,
        query: &SlotQuery,
        start: DateTime<Utc>,
    ) -> Schedule {
        let (items, hours, only_slots) = somebody;
        let mut schedule = Schedule::new(format!("p{index}@x"), ScheduleDetail::Times);
        let item = |(from, length, status): &(i64, i64, FreeBusyStatus)| {
            let from = start + TimeDelta::minutes(*from);
            BusyItem::new(
                TimeRange::lasting(from, TimeDelta::minutes(*length)),
                *status,
            )
        };
        schedule.items = items.iter().map(item).collect();
        if *only_slots {
            schedule.detail = ScheduleDetail::SlotsOnly;
            schedule.slots = query.free_busy().slots(&schedule.items);
            schedule.items.clear();
        }
        schedule.working_hours = hours.map(|(days, from, to, zone)| {
            let mut period = WorkingPeriod::new(days_of(days), 0, 1).unwrap();
            (period.start_minute, period.end_minute) = (from, to);
            WorkingHours::new(vec![period], ZONES[zone])
        });
        schedule
    }

    fn days_of(days: u8) -> DaySet {
        let all = DaySet::ALL.iter().enumerate();
        all.filter(|(bit, _)| days & (1 << bit) != 0)
            .map(|(_, day)| day)
            .collect()
    }

    /// Whether somebody has time in this minute, looked at alone.
    fn has_time(query: &SlotQuery, schedule: &Schedule, minute: DateTime<Utc>) -> bool {
        let is_free = |status| query.free_when.contains(status);
        if schedule.detail == ScheduleDetail::SlotsOnly {
            let slot = (minute - query.free_busy().window.start).num_minutes() / 5;
            return is_free(&schedule.slots[usize::try_from(slot).unwrap()]);
        }
        let over = |item: &&BusyItem| item.range.contains(minute);
        schedule
            .items
            .iter()
            .filter(over)
            .all(|item| is_free(&item.status))
    }

    /// Whether somebody works in this minute, by the clock on the wall.
    fn works(schedule: &Schedule, minute: DateTime<Utc>) -> bool {
        let Some(hours) = &schedule.working_hours else {
            return true;
        };
        let local = hours
            .zone
            .tz
            .unwrap()
            .from_utc_datetime(&minute.naive_utc());
        let clock = u16::try_from(local.hour() * 60 + local.minute()).unwrap();
        hours.periods.iter().any(|period| {
            let (start, end) = (period.start_minute, period.end_minute);
            let (today, yesterday) = (local.weekday(), local.weekday().pred());
            if start <= end {
                return period.days.contains(today) && (start..end).contains(&clock);
            }
            period.days.contains(today) && clock >= start
                || period.days.contains(yesterday) && clock < end
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn equal_to_looking_at_each_minute(
            people in prop::collection::vec(somebody(), 1..6),
            // Clocks are set on these days in Berlin, New York, Lord Howe; the last is one like any other.
            day in prop::sample::select(vec!["2026-03-28", "2026-10-24", "2026-03-07", "2026-10-31", "2026-04-04", "2026-06-10"]),
            from in 0i64..2000, length in 200i64..2600, duration in 1i64..150, step in 1i64..90, anchor in -200i64..200,
            before in 0i64..40, after in 0i64..40, needed in 0usize..3, tentative in any::<bool>(), most in any::<bool>(),
            limit in 1usize..60, hours in prop::option::of(prop::option::of((1u8..128, 240u16..700, 800u16..1440, 0..ZONES.len()))),
        ) {
            let start = at(&format!("{day}T00:00:00Z"));
            let minutes = TimeDelta::minutes;
            let window = TimeRange::lasting(start + minutes(from), minutes(length));
            let name = |index: usize| format!("p{index}@x");
            let mut query = SlotQuery::new(window, minutes(duration))
                .required((0..people.len()).filter(|index| index % 3 == 0).map(name))
                .optional((0..people.len()).filter(|index| index % 3 == 1).map(name))
                .rooms((0..people.len()).filter(|index| index % 3 == 2).map(name))
                .granularity(minutes(step))
                .grid(start + minutes(anchor))
                .buffer(minutes(before), minutes(after))
                .limit(limit);
            query.rooms_needed = needed.min(query.rooms.len());
            if tentative {
                query.free_when.push(FreeBusyStatus::Tentative);
            }
            if most {
                query.order = SlotOrder::MostOptional;
            }
            query.hours = match hours {
                None => SlotHours::Any,
                Some(None) => SlotHours::Own,
                Some(Some((days, from, to, zone))) => {
                    let period = WorkingPeriod::new(days_of(days), from, to).unwrap();
                    SlotHours::Given(WorkingHours::new(vec![period], ZONES[zone]))
                }
            };
            let schedules: Vec<Schedule> = people.iter().enumerate()
                .map(|(index, somebody)| person(index, somebody, &query, start))
                .collect();
            let mut given = schedule("all@x", &[]);
            if let SlotHours::Given(hours) = &query.hours {
                given.working_hours = Some(hours.clone());
            }

            // What is so in each minute of the window with its buffers.
            let first = window.start - minutes(before);
            let table = |is_so: &dyn Fn(DateTime<Utc>) -> bool| -> Vec<bool> {
                (0..before + length + after).map(|minute| is_so(first + minutes(minute))).collect()
            };
            let all = |table: &[bool], from: i64, until: i64| table[from as usize..until as usize].iter().all(|is_so| *is_so);
            let free: Vec<_> = schedules.iter().map(|one| table(&|minute| has_time(&query, one, minute))).collect();
            let at_work: Vec<_> = schedules.iter().map(|one| table(&|minute| works(one, minute))).collect();
            let given = table(&|minute| works(&given, minute));
            let mut expected = Vec::new();
            for slot in before..=before + length - duration {
                let start = first + minutes(slot);
                let can = |index: &usize| {
                    let own = query.hours == SlotHours::Own && index % 3 != 2;
                    all(&free[*index], slot - before, slot + duration + after)
                        && (!own || all(&at_work[*index], slot, slot + duration))
                };
                if (start - query.grid).num_minutes().rem_euclid(step) != 0 || !all(&given, slot, slot + duration) {
                    continue;
                }
                let free: Vec<usize> = (0..people.len()).filter(can).collect();
                let of = |role: usize| free.iter().filter(|index| **index % 3 == role).map(|index| name(*index)).collect::<Vec<_>>();
                if of(0).len() == query.required.len() && of(2).len() >= query.rooms_needed {
                    let range = TimeRange::lasting(start, query.duration);
                    expected.push(Slot { range, optional: of(1), rooms: of(2) });
                }
            }
            if most {
                expected.sort_by_key(|slot| std::cmp::Reverse(slot.optional.len()));
            }
            expected.truncate(limit);
            let found = query.slots(&schedules).unwrap();
            prop_assert_eq!(found.slots, expected);
            prop_assert!(found.missing.is_empty());
        }
    }
}
