//! Events, changes and series made up at random: all that the model can hold and EWS can store.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;
use exchange_connector::model::{
    Attendee, AttendeeRole, Body, Categories, DaySet, EventPatch, ExtendedProperty, FreeBusyStatus,
    ICalUid, Importance, NewAttachment, NewEvent, Patch, Pattern, PropertyKind, PropertyName,
    PropertySet, PropertyValue, Range, Recipient, Recurrence, ReminderChoice, Sensitivity,
    WeekIndex, When, ZonedTime,
};
use exchange_connector::timezone;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::storable;

/// One IANA zone for each zone of Windows.
static ZONES: LazyLock<Vec<Tz>> = LazyLock::new(|| {
    let names: BTreeSet<_> = chrono_tz::TZ_VARIANTS
        .into_iter()
        .filter_map(timezone::to_windows)
        .collect();
    names.into_iter().filter_map(timezone::from_wire).collect()
});

pub(in crate::conformance) fn new_event() -> impl Strategy<Value = NewEvent> {
    (when(), any::<bool>()).prop_flat_map(|(when, repeats)| {
        let recurrence = match (repeats, recurrence(&when)) {
            (true, Some(recurrence)) => option::of(recurrence).boxed(),
            _ => Just(None).boxed(),
        };
        event_at(when, recurrence)
    })
}

/// An event and a change to it: of all its fields, or of some.
pub(in crate::conformance) fn changed_event() -> impl Strategy<Value = (NewEvent, EventPatch)> {
    (new_event(), when()).prop_flat_map(|(event, when)| {
        // A series keeps the time it has, or gets one with a pattern that fits.
        let new_time = match event.recurrence {
            Some(_) => Just(Patch::Keep).boxed(),
            None => prop_oneof![Just(Patch::Keep), Just(Patch::Set(when))].boxed(),
        };
        let from = event.when.clone();
        (Just(event), new_time).prop_flat_map(move |(event, new_time)| {
            let at = new_time.value().unwrap_or(&from).clone();
            let set = match recurrence(&at) {
                Some(recurrence) => recurrence.prop_map(Patch::Set).boxed(),
                None => Just(Patch::Keep).boxed(),
            };
            let clear = match event.recurrence {
                Some(_) => Patch::Clear,
                None => Patch::Keep,
            };
            let recurrence = prop_oneof![2 => Just(Patch::Keep), 1 => Just(clear), 1 => set];
            let names: Vec<_> = event.extended.iter().map(|one| one.name.clone()).collect();
            let fewer = 0..=names.len();
            let removed = proptest::sample::subsequence(names, fewer);
            let lists = (change(attendees()), properties(), removed);
            let patch = (fields(), recurrence, lists).prop_map(
                move |(mut patch, recurrence, (attendees, extended, removed))| {
                    patch.remove_extended = removed;
                    patch.when = new_time.clone();
                    patch.recurrence = recurrence;
                    patch.attendees = attendees;
                    patch.extended = extended;
                    patch
                },
            );
            (Just(event), patch)
        })
    })
}

/// A short series, a change to one of its occurrences, by how many minutes it is moved, which it is, and which one is
/// deleted.
pub(in crate::conformance) fn series()
-> impl Strategy<Value = (NewEvent, EventPatch, i64, [usize; 2])> {
    let when = prop_oneof![timed_in_one_zone(1..=12 * 60), whole_days(1)];
    let count = 2_u32..8;
    (when, 1_u16..4, count, any::<bool>()).prop_flat_map(|(when, interval, count, weekly)| {
        let start = when.start_date().unwrap();
        let pattern = match weekly {
            true => Pattern::Weekly {
                interval,
                days: start.weekday().into(),
                first_day: Weekday::Sun,
            },
            false => Pattern::Daily { interval },
        };
        let recurrence = Recurrence::new(pattern, Range::Count { start, count });
        let event = event_at(when, Just(Some(recurrence)).boxed()).prop_map(|mut event| {
            // Only what is asked for by name comes with occurrences, and files are the series'.
            event.extended.clear();
            event.attachments.clear();
            event
        });
        (event, fields(), 0_i64..90, any::<[usize; 2]>()).prop_map(
            |(event, mut patch, later, which)| {
                // An occurrence has them from its series.
                patch.sensitivity = Patch::Keep;
                patch.response_requested = Patch::Keep;
                patch.allow_new_time_proposals = Patch::Keep;
                if patch.is_empty() {
                    patch.subject = Patch::Set("Changed".to_owned());
                }
                (event, patch, later, which)
            },
        )
    })
}

fn event_at(
    when: When,
    recurrence: BoxedStrategy<Option<Recurrence>>,
) -> impl Strategy<Value = NewEvent> {
    let texts = (text(), option::of(text()), option::of(body()));
    let values = (
        option::of(show_as()),
        sensitivity(),
        importance(),
        categories(),
    );
    let people = (attendees(), any::<bool>(), any::<bool>());
    let keys = (
        option::weighted(0.2, key()),
        option::weighted(0.2, key()),
        attachments(),
    );
    (
        texts,
        values,
        people,
        reminder(),
        properties(),
        recurrence,
        keys,
    )
        .prop_map(
            move |(texts, values, people, reminder, extended, recurrence, keys)| {
                let mut event = NewEvent::new(texts.0, when.clone());
                (event.location, event.body) = (texts.1, texts.2);
                (
                    event.show_as,
                    event.sensitivity,
                    event.importance,
                    event.categories,
                ) = values;
                (
                    event.attendees,
                    event.response_requested,
                    event.allow_new_time_proposals,
                ) = people;
                event.reminder = reminder;
                event.extended = extended;
                event.recurrence = recurrence;
                event.idempotency_key = keys.0;
                event.attachments = keys.2;
                event.uid = keys
                    .1
                    .map(|uid| ICalUid::new(&format!("{uid}@example.org")));
                event
            },
        )
}

/// Changes to what any event has by itself.
fn fields() -> impl Strategy<Value = EventPatch> {
    let minutes = prop_oneof![0_i64..100, 0_i64..=2_629_800];
    let texts = (change(text()), change(text()), change(body()));
    let values = (
        change(show_as()),
        change(sensitivity()),
        change(importance()),
        change(categories()),
    );
    let reminder = change(minutes.prop_map(TimeDelta::minutes));
    (
        texts,
        values,
        reminder,
        change(any::<bool>()),
        change(any::<bool>()),
    )
        .prop_map(|(texts, values, reminder, requested, proposals)| {
            let mut patch = EventPatch::new();
            (patch.subject, patch.location, patch.body) = texts;
            (
                patch.show_as,
                patch.sensitivity,
                patch.importance,
                patch.categories,
            ) = values;
            patch.reminder = reminder;
            patch.response_requested = requested;
            patch.allow_new_time_proposals = proposals;
            patch
        })
}

pub(in crate::conformance) fn change<T: Clone + std::fmt::Debug + 'static>(
    value: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Patch<T>> {
    prop_oneof![3 => Just(Patch::Keep), 1 => Just(Patch::Clear), 3 => value.prop_map(Patch::Set)]
}

fn zone() -> impl Strategy<Value = Tz> {
    select(ZONES.as_slice())
}

fn when() -> impl Strategy<Value = When> {
    prop_oneof![
        3 => timed_in_one_zone(0..=60 * 24 * 40),
        1 => timed_in_two_zones(),
        2 => whole_days(40),
    ]
}

/// Near the changes of the clocks too; mostly in our time.
fn clock() -> impl Strategy<Value = NaiveDateTime> {
    let date = prop_oneof![
        4 => (2000_i32..2045, 1_u32..=366),
        1 => (1985_i32..2200, 1_u32..=366),
    ]
    .prop_map(|(year, day)| NaiveDate::from_yo_opt(year, day.min(365)).unwrap());
    let time = prop_oneof![
        (0_u32..24 * 4).prop_map(|quarter| quarter * 15),
        0_u32..24 * 60,
    ]
    .prop_map(|minute| NaiveTime::from_num_seconds_from_midnight_opt(minute * 60, 0).unwrap());
    (date, time).prop_map(|(date, time)| date.and_time(time))
}

fn timed_in_one_zone(minutes: std::ops::RangeInclusive<i64>) -> BoxedStrategy<When> {
    (clock(), zone(), minutes)
        .prop_map(|(clock, tz, minutes)| {
            let start = ZonedTime::from_local(clock, tz);
            let end = ZonedTime::from_utc(start.utc + TimeDelta::minutes(minutes), tz);
            When::between(start, end)
        })
        .boxed()
}

/// Instants to the second, also the second of those a clock shows twice.
fn timed_in_two_zones() -> BoxedStrategy<When> {
    (
        500_000_000_i64..4_000_000_000,
        0_i64..100_000,
        zone(),
        zone(),
    )
        .prop_map(|(start, seconds, from, to)| {
            let start: DateTime<Utc> = DateTime::from_timestamp(start, 0).unwrap();
            When::between(
                ZonedTime::from_utc(start, from),
                ZonedTime::from_utc(start + TimeDelta::seconds(seconds), to),
            )
        })
        .boxed()
}

fn whole_days(longest: i64) -> BoxedStrategy<When> {
    (clock(), 1..=longest, option::of(zone()))
        .prop_map(|(clock, days, tz)| {
            let start = clock.date();
            let days = When::days(start, start + TimeDelta::days(days));
            match tz {
                Some(tz) => days.in_zone(tz),
                None => days,
            }
        })
        .boxed()
}

/// Patterns that have the day the event starts on; `None` where the event is longer than they leave room for.
fn recurrence(when: &When) -> Option<BoxedStrategy<Recurrence>> {
    let start = when.start_date()?;
    let length = when.span(chrono_tz::UTC).duration();
    // What falls into the hour that is there twice has two starts by the clock.
    if let When::Timed { start, end } = when
        && (start.zone != end.zone
            || *start != ZonedTime::from_local(start.local()?, start.zone.tz?)
            || start.utc.timestamp() % 60 != 0
            || end.utc.timestamp() % 60 != 0)
    {
        return None;
    }
    let day = start.day() as u8;
    let month = start.month() as u8;
    let mut patterns = Vec::new();
    if length <= TimeDelta::hours(24) {
        patterns.push(
            (1_u16..=999)
                .prop_map(|interval| Pattern::Daily { interval })
                .boxed(),
        );
        let weekly = (1_u16..=99, any::<u8>(), 0_u8..7).prop_map(move |(interval, days, first)| {
            let all = DaySet::ALL.iter().enumerate();
            let days = all
                .filter(|(n, _)| days & (1 << n) != 0)
                .map(|(_, day)| day);
            Pattern::Weekly {
                interval,
                days: days.collect::<DaySet>().with(start.weekday()),
                first_day: Weekday::try_from(first).unwrap(),
            }
        });
        patterns.push(weekly.boxed());
    }
    if length > TimeDelta::days(20) {
        return None;
    }
    let on_day = (1_u16..=99).prop_map(move |interval| Pattern::MonthlyOnDay { interval, day });
    patterns.push(on_day.boxed());
    let yearly = (1_u16..=8).prop_map(move |interval| Pattern::YearlyOnDay {
        interval,
        month,
        day,
    });
    patterns.push(yearly.boxed());
    let places = places(start);
    let on_weekday = (1_u16..=99, select(places.clone())).prop_map(|(interval, (week, days))| {
        Pattern::MonthlyOnWeekday {
            interval,
            week,
            days,
        }
    });
    patterns.push(on_weekday.boxed());
    let yearly = (1_u16..=8, select(places)).prop_map(move |(interval, (week, days))| {
        Pattern::YearlyOnWeekday {
            interval,
            month,
            week,
            days,
        }
    });
    patterns.push(yearly.boxed());
    let range = prop_oneof![
        Just(Range::NoEnd { start }),
        (1_u32..=999).prop_map(move |count| Range::Count { start, count }),
        (0_i64..20_000).prop_map(move |days| Range::Until {
            start,
            end: start + TimeDelta::days(days)
        }),
    ];
    let pattern = proptest::strategy::Union::new(patterns);
    Some(
        (pattern, range)
            .prop_map(|(pattern, range)| Recurrence::new(pattern, range))
            .boxed(),
    )
}

/// In what words of a relative pattern the day can be named.
fn places(date: NaiveDate) -> Vec<(WeekIndex, DaySet)> {
    let sets = [
        date.weekday().into(),
        DaySet::ALL,
        DaySet::WEEKDAYS,
        DaySet::WEEKEND,
    ];
    let days: Vec<NaiveDate> = date
        .with_day(1)
        .unwrap()
        .iter_days()
        .take_while(|day| day.month() == date.month())
        .collect();
    let mut places = Vec::new();
    for set in sets {
        let of_set: Vec<_> = days
            .iter()
            .filter(|day| set.contains(day.weekday()))
            .collect();
        let Some(index) = of_set.iter().position(|day| **day == date) else {
            continue;
        };
        let named = u8::try_from(index + 1)
            .ok()
            .and_then(WeekIndex::from_number);
        places.extend(
            named
                .filter(|week| *week != WeekIndex::Last)
                .map(|week| (week, set)),
        );
        if index + 1 == of_set.len() {
            places.push((WeekIndex::Last, set));
        }
    }
    places
}

/// Any characters: letters of all scripts, what XML gives a meaning to, spaces, control characters.
pub(in crate::conformance) fn text() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        6 => proptest::char::range('a', 'z'),
        2 => any::<char>(),
        1 => select(vec!['<', '>', '&', '"', '\'', ']', ' ', '\t', '\r', '\n', '\u{b}', '\u{feff}', '\u{85}']),
    ];
    vec(character, 0..30).prop_map(|characters| characters.into_iter().collect())
}

pub(in crate::conformance) fn body() -> impl Strategy<Value = Body> {
    prop_oneof![
        text().prop_map(Body::text),
        text().prop_map(|text| {
            let text = text.replace('&', "&amp;").replace('<', "&lt;");
            Body::html(format!("<html><body><p>{text}</p></body></html>"))
        }),
    ]
}

fn key() -> impl Strategy<Value = String> {
    "[a-z0-9-]{8,24}"
}

fn show_as() -> impl Strategy<Value = FreeBusyStatus> {
    use FreeBusyStatus::*;
    select(vec![
        Free,
        Tentative,
        Busy,
        OutOfOffice,
        WorkingElsewhere,
        NoData,
    ])
}

pub(in crate::conformance) fn sensitivity() -> impl Strategy<Value = Sensitivity> {
    use Sensitivity::*;
    select(vec![Normal, Personal, Private, Confidential])
}

pub(in crate::conformance) fn importance() -> impl Strategy<Value = Importance> {
    select(vec![Importance::Low, Importance::Normal, Importance::High])
}

pub(in crate::conformance) fn categories() -> impl Strategy<Value = Categories> {
    let names = vec!["Red", "Grün", "a b", "x/y", "日本", "<&>", "😀"];
    proptest::sample::subsequence(names, 0..=4)
        .prop_map(|names| names.into_iter().map(str::to_owned).collect())
}

fn reminder() -> impl Strategy<Value = ReminderChoice> {
    prop_oneof![
        Just(ReminderChoice::MailboxDefault),
        Just(ReminderChoice::Off),
        prop_oneof![0_i64..100, 0_i64..=2_629_800]
            .prop_map(|minutes| ReminderChoice::Before(TimeDelta::minutes(minutes))),
    ]
}

fn attendees() -> impl Strategy<Value = Vec<Attendee>> {
    use AttendeeRole::*;
    let address = "[a-z][a-z0-9.+_-]{0,10}[a-z0-9]@(example\\.test|elsewhere\\.example)";
    let name = option::of("[a-zA-Zäß日 ,.()&<'-]{0,12}[a-z]");
    let one = (address, name, select(vec![Required, Optional, Resource]));
    vec(one, 0..5).prop_map(|people| {
        let mut seen = BTreeSet::new();
        people
            .into_iter()
            .filter(|(address, ..)| seen.insert(address.clone()))
            .map(|(address, name, role)| {
                let who = Recipient::smtp(address);
                let who = match name {
                    Some(name) => who.named(name),
                    None => who,
                };
                Attendee::new(who, role)
            })
            .collect()
    })
}

/// Usually none, since each file is one request more.
pub(in crate::conformance) fn attachments() -> impl Strategy<Value = Vec<NewAttachment>> {
    let content = vec(any::<u8>(), 0..100);
    let kind = option::of(select(vec!["text/plain", "application/pdf"]));
    let file = (content, kind, option::weighted(0.2, "[a-z]{3,8}"));
    let file = file.prop_map(|(content, kind, id)| {
        let mut file = NewAttachment::new("", content);
        if let Some(kind) = kind {
            file = file.content_type(kind);
        }
        match id {
            Some(id) => file.inline(id),
            None => file,
        }
    });
    let files = vec(file, 1..4).prop_map(|mut files| {
        for (index, file) in files.iter_mut().enumerate() {
            file.name = format!("Größe & {index}.txt");
        }
        files
    });
    prop_oneof![5 => Just(Vec::new()), 1 => files]
}

/// Properties of all the types whose text has one form.
pub(in crate::conformance) fn properties() -> impl Strategy<Value = Vec<ExtendedProperty>> {
    use PropertyKind as Kind;
    let time = (0_i64..4_000_000_000).prop_map(|seconds| {
        let time = DateTime::from_timestamp(seconds, 0).unwrap();
        time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
    });
    let bytes = select(vec!["", "AA==", "AQID", "//79/A=="]).prop_map(str::to_owned);
    let guid = any::<u128>().prop_map(uuid_text);
    let value = prop_oneof![
        text().prop_map(|text| (Kind::String, PropertyValue::One(text))),
        vec("[a-z <&]{1,8}", 1..4)
            .prop_map(|texts| (Kind::StringArray, PropertyValue::Many(texts))),
        any::<i32>().prop_map(|n| (Kind::Integer, PropertyValue::One(n.to_string()))),
        vec(any::<i32>(), 1..4).prop_map(|numbers| {
            let texts = numbers.iter().map(ToString::to_string).collect();
            (Kind::IntegerArray, PropertyValue::Many(texts))
        }),
        any::<i64>().prop_map(|n| (Kind::Long, PropertyValue::One(n.to_string()))),
        any::<i16>().prop_map(|n| (Kind::Short, PropertyValue::One(n.to_string()))),
        any::<bool>().prop_map(|b| (Kind::Boolean, PropertyValue::One(b.to_string()))),
        (-1000_i32..1000).prop_map(|n| {
            let half = f64::from(n) + 0.5;
            (Kind::Double, PropertyValue::One(half.to_string()))
        }),
        time.prop_map(|time| (Kind::SystemTime, PropertyValue::One(time))),
        bytes.prop_map(|bytes| (Kind::Binary, PropertyValue::One(bytes))),
        guid.prop_map(|guid| (Kind::CLSID, PropertyValue::One(guid))),
    ];
    let set = prop_oneof![
        Just(PropertySet::PublicStrings),
        any::<u128>().prop_map(|id| PropertySet::Guid(uuid_text(id))),
    ];
    let named = (
        set,
        "[A-Za-z][A-Za-z0-9 _.-]{0,14}[a-z]",
        any::<bool>(),
        0x8000_u32..0xffff,
    );
    vec((named, value), 0..4).prop_map(|list| {
        let property = |((set, name, numbered, id), (kind, value))| {
            let name = match (numbered, &set) {
                // A number in the set of texts would be no text.
                (true, PropertySet::Guid(_)) => PropertyName::id(set, id, kind),
                _ => PropertyName::named(set, name, kind),
            };
            match value {
                PropertyValue::Many(values) => ExtendedProperty::many(name, values),
                value => ExtendedProperty::new(name, value.first().unwrap_or_default()),
            }
        };
        list.into_iter().map(property).collect()
    })
}

fn uuid_text(id: u128) -> String {
    let hex = format!("{id:032x}");
    let part = |from: usize, to: usize| &hex[from..to];
    [
        part(0, 8),
        part(8, 12),
        part(12, 16),
        part(16, 20),
        part(20, 32),
    ]
    .join("-")
}

/// The property as XML can carry it.
pub(in crate::conformance) fn storable_property(property: &mut ExtendedProperty) {
    let values = match &property.value {
        PropertyValue::One(value) => PropertyValue::One(storable(value)),
        PropertyValue::Many(values) => {
            PropertyValue::Many(values.iter().map(|value| storable(value)).collect())
        }
        other => other.clone(),
    };
    property.value = values;
}
