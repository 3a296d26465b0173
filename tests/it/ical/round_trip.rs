//! Whatever is written comes back the same, in every respect that the text can say.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;
use exchange_connector::ical::{Export, ICalEntry, ICalEvent, Import, RecurrenceId};
use exchange_connector::model::{
    Address, Attendee, AttendeeRole, Body, BodyFormat, ChangeDay, CustomZone, DaySet, Event,
    EventDetail, EventId, EventKind, FreeBusyStatus, ICalUid, Importance, JoinUrlSource, NewEvent,
    OnlineMeeting, Pattern, Range, Recipient, Recurrence, ReminderChoice, Response, ResponseStatus,
    Sensitivity, Series, TimeRange, Version, WeekIndex, When, Zone, ZoneRule, ZoneRules, ZonedTime,
};
use exchange_connector::{Backend, Result};
use proptest::prelude::*;

const HOME: Tz = Tz::Europe__Berlin;

fn text() -> impl Strategy<Value = String> {
    "[A-Za-zäß漢😀,;:\\\\\"^=%&<>'()-]{1,12}( [A-Za-z,;:\\\\\"^]{1,80}){0,3}|\\PC{0,3}x"
        .prop_map(|text| text.trim().to_owned())
        .prop_filter("blank texts are none", |text| !text.is_empty())
}

fn lines() -> impl Strategy<Value = String> {
    proptest::collection::vec(text(), 1..4).prop_map(|lines| lines.join("\n"))
}

fn custom_zone() -> Zone {
    let rule = |extra, month| {
        let day = ChangeDay::Weekday {
            month,
            week: WeekIndex::Last,
            weekday: Weekday::Fri,
        };
        ZoneRule::new(extra, day, NaiveTime::from_hms_opt(1, 0, 0).unwrap())
    };
    let rules = ZoneRules::fixed(-105).with_changes(rule(-60, 4), rule(0, 10));
    Zone::from_wire("").with_custom(CustomZone::new(rules).named("Our own, \"own\" zone; really"))
}

fn zone() -> impl Strategy<Value = Zone> {
    prop_oneof![
        Just(HOME.into()),
        Just(Tz::America__New_York.into()),
        Just(Tz::Australia__Lord_Howe.into()),
        Just(Tz::Asia__Kolkata.into()),
        Just(Tz::Africa__Casablanca.into()),
        Just(Zone::utc()),
        Just(Zone::from_wire("Romance Standard Time")),
        Just(custom_zone()),
    ]
}

fn date() -> impl Strategy<Value = NaiveDate> {
    (0_u64..15_000).prop_map(|days| day("2001-01-01") + chrono::Days::new(days))
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A time, or if the clock shows it for the second time, a later one: that could be written in UTC only.
fn shown_first(mut utc: DateTime<Utc>, zone: Zone) -> ZonedTime {
    loop {
        let time = ZonedTime::from_utc(utc, zone.clone());
        if zone.instant_of(time.local().unwrap()) == Some(utc) {
            return time;
        }
        utc += TimeDelta::hours(1);
    }
}

fn when() -> impl Strategy<Value = When> {
    let timed = (date(), 0_i64..86_400, 0_i64..200_000, zone(), zone()).prop_map(
        |(date, second, length, zone, end_zone)| {
            let local = date.and_time(NaiveTime::MIN) + TimeDelta::seconds(second);
            let start = zone.instant_of(local).unwrap();
            let end = shown_first(start + TimeDelta::seconds(length), end_zone);
            When::between(ZonedTime::from_utc(start, zone), end)
        },
    );
    let days =
        (date(), 1_u64..5, proptest::option::of(zone())).prop_map(|(start, length, zone)| {
            let when = When::days(start, start + chrono::Days::new(length));
            match zone {
                Some(zone) => when.in_zone(zone),
                None => when,
            }
        });
    prop_oneof![3 => timed, 1 => days]
}

fn address() -> impl Strategy<Value = String> {
    "[a-z%+?#'é]{1,8}(\\.[a-z]{1,5})?@[a-z]{1,8}\\.example"
}

fn attendee() -> impl Strategy<Value = Attendee> {
    let role = prop_oneof![
        Just(AttendeeRole::Required),
        Just(AttendeeRole::Optional),
        Just(AttendeeRole::Resource)
    ];
    let response = prop_oneof![
        Just(Response::None),
        Just(Response::Accepted),
        Just(Response::Tentative),
        Just(Response::Declined),
        Just(Response::NotResponded)
    ];
    let who = prop_oneof![
        4 => (address(), proptest::option::of(text())).prop_map(|(address, name)| match name {
            Some(name) => Recipient::smtp(address).named(name),
            None => Recipient::smtp(address),
        }),
        1 => text().prop_map(|name| Recipient::new(Address::Missing).named(name)),
    ];
    (who, role, response).prop_map(|(who, role, response)| {
        let mut attendee = Attendee::new(who, role);
        attendee.response = ResponseStatus::new(response, None);
        attendee
    })
}

fn detail() -> impl Strategy<Value = EventDetail> {
    let body = prop_oneof![
        Just(None),
        lines().prop_map(|text| Some(Body::text(text))),
        lines().prop_map(|text| Some(Body::html(format!("<p>{text}</p>")))),
    ];
    let meeting = proptest::option::of(Just(OnlineMeeting::new(
        "https://teams.microsoft.com/l/meetup-join/19%3ameeting_x,y;z/0",
        JoinUrlSource::Property,
    )));
    let attendees = proptest::collection::vec(attendee(), 0..4);
    (body, meeting, attendees, any::<[bool; 2]>()).prop_map(
        |(body, meeting, attendees, [asked, allowed])| {
            let mut detail = EventDetail::new();
            detail.body = body;
            detail.online_meeting = meeting;
            detail.response_requested = asked || attendees.is_empty();
            detail.attendees = attendees;
            detail.allow_new_time_proposals = allowed;
            detail
        },
    )
}

fn event_at(when: impl Strategy<Value = When>) -> impl Strategy<Value = Event> {
    let status = prop_oneof![
        Just(FreeBusyStatus::Free),
        Just(FreeBusyStatus::WorkingElsewhere),
        Just(FreeBusyStatus::Tentative),
        Just(FreeBusyStatus::Busy),
        Just(FreeBusyStatus::OutOfOffice)
    ];
    let sensitivity = prop_oneof![
        Just(Sensitivity::Normal),
        Just(Sensitivity::Personal),
        Just(Sensitivity::Private),
        Just(Sensitivity::Confidential)
    ];
    let importance = prop_oneof![
        Just(Importance::Low),
        Just(Importance::Normal),
        Just(Importance::High)
    ];
    let categories = proptest::collection::btree_set("[A-Za-zäé ,;\\\\]{0,10}[a-z]", 0..3);
    let categories = categories.prop_map(|names| {
        let names = names.into_iter().map(|name| name.trim().to_owned());
        names.collect()
    });
    (
        when,
        (text(), proptest::option::of(lines())),
        (status, sensitivity, importance),
        categories,
        proptest::option::of(0_i64..100_000),
        any::<bool>(),
        detail(),
        "[a-zA-Z0-9@{}-]{1,90}",
    )
        .prop_map(
            |(when, (subject, location), states, categories, reminder, cancelled, detail, uid)| {
                let id = EventId::from_raw(Backend::Ews, "AAMk");
                let mut event = Event::new(id, Version::from_raw("DwAA"), when);
                event.uid = Some(ICalUid::new(&uid));
                event.subject = subject;
                event.location = location;
                (event.show_as, event.sensitivity, event.importance) = states;
                event.categories = categories;
                event.reminder = reminder.map(TimeDelta::minutes);
                event.is_cancelled = cancelled;
                event.is_meeting = !detail.attendees.is_empty();
                event.organizer = Some(Recipient::smtp("boss@firm.example").named("The \"Boss\""));
                event.created = Some("2026-01-01T10:00:00Z".parse().unwrap());
                event.last_modified = Some("2026-01-02T10:00:00Z".parse().unwrap());
                event.detail = Some(Box::new(detail));
                event
            },
        )
}

fn pattern() -> impl Strategy<Value = Pattern> {
    let days = (1_u8..128).prop_map(|bits| -> DaySet {
        let all = DaySet::ALL.iter().enumerate();
        all.filter(|(at, _)| bits & 1 << at != 0)
            .map(|(_, day)| day)
            .collect()
    });
    let weekday = (0_usize..7).prop_map(|at| DaySet::ALL.iter().nth(at).unwrap());
    let week = (1_u8..=5).prop_map(|number| WeekIndex::from_number(number).unwrap());
    prop_oneof![
        (1_u16..60).prop_map(|interval| Pattern::Daily { interval }),
        (1_u16..5, days.clone(), weekday).prop_map(|(interval, days, first_day)| {
            Pattern::Weekly {
                interval,
                days,
                first_day,
            }
        }),
        (1_u16..5, 1_u8..=31).prop_map(|(interval, day)| Pattern::MonthlyOnDay { interval, day }),
        (1_u16..5, week.clone(), days.clone()).prop_map(|(interval, week, days)| {
            Pattern::MonthlyOnWeekday {
                interval,
                week,
                days,
            }
        }),
        (1_u16..3, 1_u8..=12, 1_u8..=29).prop_map(|(interval, month, day)| Pattern::YearlyOnDay {
            interval,
            month,
            day
        }),
        (1_u16..3, 1_u8..=12, week, days).prop_map(|(interval, month, week, days)| {
            Pattern::YearlyOnWeekday {
                interval,
                month,
                week,
                days,
            }
        }),
    ]
}

/// The same at another date, on the same clock.
fn on_day(when: &When, day: NaiveDate) -> When {
    match when {
        When::Timed { start, end } => {
            let clock = start.local().unwrap().time();
            let begin = start.zone.instant_of(day.and_time(clock)).unwrap();
            When::between(
                ZonedTime::from_utc(begin, start.zone.clone()),
                shown_first(begin + (end.utc - start.utc), end.zone.clone()),
            )
        }
        When::AllDay { start, end, zone } => {
            When::days(day, day + (*end - *start)).in_zone(zone.clone().unwrap_or(HOME.into()))
        }
        other => other.clone(),
    }
}

fn series() -> impl Strategy<Value = Series> {
    let range = prop_oneof![
        Just(None),
        (1_u32..40).prop_map(|count| Some(Ok(count))),
        (0_u64..700).prop_map(|days| Some(Err(days)))
    ];
    let changes = proptest::collection::btree_map(0_usize..20, event_at(when()), 0..3);
    let deleted = proptest::collection::btree_set(0_usize..20, 0..4);
    (event_at(when()), pattern(), range, changes, deleted).prop_map(
        |(mut master, pattern, range, changes, deleted)| {
            let asked = master.when.start_date().unwrap();
            let endless = Recurrence::new(pattern.clone(), Range::NoEnd { start: asked });
            let start = endless.days().next().unwrap();
            master.when = on_day(&master.when, start);
            let range = match range {
                None => Range::NoEnd { start },
                Some(Ok(count)) => Range::Count { start, count },
                Some(Err(days)) => Range::Until {
                    start,
                    end: start + chrono::Days::new(days),
                },
            };
            let recurrence = Recurrence::new(pattern, range).normalized();
            let days: Vec<_> = recurrence.days().take(20).collect();
            master.kind = EventKind::SeriesMaster;
            if let Some(detail) = &mut master.detail {
                detail.recurrence = Some(recurrence);
            }
            let original = |day: &NaiveDate| on_day(&master.when, *day).span(HOME).start;
            let deleted = deleted
                .iter()
                .filter(|at| !changes.contains_key(at))
                .filter_map(|at| days.get(*at))
                .map(original)
                .collect();
            let exceptions = changes
                .into_iter()
                .filter_map(|(at, mut event)| {
                    event.kind = EventKind::Exception;
                    event.uid.clone_from(&master.uid);
                    event.recurrence_id = Some(original(days.get(at)?));
                    Some(event)
                })
                .collect();
            let mut series = Series::new(master);
            series.exceptions = exceptions;
            series.deleted = deleted;
            series
        },
    )
}

/// What the text can say of a zone: no name of a server.
fn zone_of(zone: &Zone) -> Zone {
    match zone.tz {
        Some(tz) => tz.into(),
        None => Zone::from_wire("").with_custom(*zone.custom.clone().unwrap()),
    }
}

fn expected_time(time: &ZonedTime) -> ZonedTime {
    ZonedTime::from_utc(time.utc, zone_of(&time.zone))
}

fn expected_when(when: &When) -> When {
    match when {
        When::Timed { start, end } => When::between(expected_time(start), expected_time(end)),
        When::AllDay { start, end, .. } => When::days(*start, *end),
        other => other.clone(),
    }
}

fn expected(event: &Event) -> NewEvent {
    let detail = event.detail.as_deref().unwrap();
    let mut new = NewEvent::new(event.subject.clone(), expected_when(&event.when))
        .show_as(event.show_as)
        .sensitivity(event.sensitivity)
        .importance(event.importance)
        .attendees(detail.attendees.clone())
        .response_requested(detail.response_requested)
        .allow_new_time_proposals(detail.allow_new_time_proposals)
        .reminder(
            event
                .reminder
                .map_or(ReminderChoice::Off, ReminderChoice::Before),
        );
    new.location.clone_from(&event.location);
    new.body.clone_from(&detail.body);
    new.categories = event.categories.clone();
    new.recurrence.clone_from(&detail.recurrence);
    new
}

fn check(read: &ICalEvent, event: &Event) {
    let mut wanted = expected(event);
    wanted.uid.clone_from(&read.event.uid);
    assert_eq!(read.event, wanted);
    assert_eq!(read.uid, event.uid);
    assert_eq!(read.is_cancelled, event.is_cancelled);
    assert_eq!(
        (read.created, read.last_modified),
        (event.created, event.last_modified)
    );
    assert_eq!(read.stamp, event.last_modified);
    let organizer = event.organizer.clone().filter(|_| event.is_meeting);
    assert_eq!(read.organizer, organizer);
    let detail = event.detail.as_deref().unwrap();
    if detail.online_meeting.is_some() {
        assert_eq!(read.online_meeting, detail.online_meeting);
    }
    assert!(read.ignored.is_empty(), "{:?}", read.ignored);
}

fn id(instant: DateTime<Utc>, series: &When) -> RecurrenceId {
    match series {
        When::AllDay { zone, .. } => {
            let zone = zone.clone().unwrap_or(HOME.into());
            RecurrenceId::On(ZonedTime::from_utc(instant, zone).local().unwrap().date())
        }
        _ => RecurrenceId::At(instant),
    }
}

fn through_text(export: &Export) -> Vec<ICalEntry> {
    let text = export.to_text().unwrap();
    for line in text.split("\r\n") {
        assert!(line.len() <= 75 && !line.contains(['\r', '\n']), "{line:?}");
    }
    let calendar = Import::new().read(&text).unwrap();
    let entries: Result<Vec<_>> = calendar.entries.into_iter().collect();
    entries.unwrap_or_else(|error| panic!("{error}\n{text}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn events_come_back(events in proptest::collection::vec(event_at(when()), 1..4)) {
        let mut export = Export::new();
        for (number, event) in events.iter().enumerate() {
            let mut event = event.clone();
            event.uid = Some(ICalUid::new(&format!("{number}")));
            export.event(&event).unwrap();
        }
        let entries = through_text(&export);
        prop_assert_eq!(entries.len(), events.len());
        for (number, (entry, event)) in entries.iter().zip(&events).enumerate() {
            let mut event = event.clone();
            event.uid = Some(ICalUid::new(&format!("{number}")));
            check(&entry.main, &event);
        }
    }

    #[test]
    fn series_come_back(series in series()) {
        let mut export = Export::new().home(HOME);
        export.series(&series).unwrap();
        let entries = through_text(&export);
        prop_assert_eq!(entries.len(), 1);
        let entry = &entries[0];
        check(&entry.main, &series.master);
        prop_assert_eq!(entry.exceptions.len(), series.exceptions.len());
        for (read, exception) in entry.exceptions.iter().zip(&series.exceptions) {
            check(read, exception);
            let original = exception.recurrence_id.unwrap();
            prop_assert_eq!(read.recurrence_id, Some(id(original, &series.master.when)));
        }
        let deleted: Vec<_> = series.deleted.iter().map(|one| id(*one, &series.master.when)).collect();
        prop_assert_eq!(&entry.deleted, &deleted);

        // What the program would have to do makes the same series again.
        let mut again = Series::new(series.master.clone());
        again.master.when = entry.main.event.when.clone();
        again.deleted = entry.deleted.iter().map(|one| one.instant(HOME)).collect();
        for read in &entry.exceptions {
            let changes = read.changes_from(&entry.main.event);
            prop_assert_eq!(changes.subject.is_keep(), read.event.subject == entry.main.event.subject);
            let mut exception = series.master.clone();
            exception.recurrence_id = read.recurrence_id.map(|one| one.instant(HOME));
            exception.when = read.event.when.clone();
            again.exceptions.push(exception);
        }
        // Midnights of whole days are in another zone then, but their dates are the same.
        let window = TimeRange::lasting(series.master.when.span(HOME).start, TimeDelta::days(20_000));
        let planned = |series: &Series| -> Vec<_> {
            let occurrences = series.occurrences(window, HOME).unwrap();
            let planned = occurrences.filter(|one| one.exception.is_none());
            planned
                .map(|one| (id(one.recurrence_id, &series.master.when), expected_when(&one.when)))
                .take(15)
                .collect()
        };
        prop_assert_eq!(planned(&series), planned(&again));
    }
}

/// A zone that nobody knows: an instant can be written, a series cannot.
#[test]
fn unknown_zones() {
    let at = |text: &str| ZonedTime::from_utc(text.parse().unwrap(), Zone::from_wire("Custom 7"));
    let when = When::between(at("2026-05-04T07:00:00Z"), at("2026-05-04T08:00:00Z"));
    let mut event = Event::new(
        EventId::from_raw(Backend::Ews, "AAMk"),
        Version::from_raw("D"),
        when,
    );
    let mut export = Export::new();
    export.event(&event).unwrap();
    let read = through_text(&export).remove(0).main;
    let When::Timed { start, .. } = read.event.when else {
        panic!("{read:?}")
    };
    assert_eq!(start, ZonedTime::from(at("2026-05-04T07:00:00Z").utc));
    assert_eq!(read.uid, Some(ICalUid::new("AAMk")));

    let mut detail = EventDetail::new();
    let start = day("2026-05-04");
    detail.recurrence = Some(Recurrence::new(
        Pattern::Daily { interval: 1 },
        Range::NoEnd { start },
    ));
    event.detail = Some(Box::new(detail));
    event.kind = EventKind::SeriesMaster;
    let error = export.event(&event).unwrap_err();
    assert!(
        error
            .message()
            .contains("Custom 7, whose rules nobody knows"),
        "{error}"
    );
    // Nothing of it is in the text.
    assert_eq!(through_text(&export).len(), 1);
}

/// HTML is there for programs that show none too.
#[test]
fn bodies() {
    let when = When::all_day(day("2026-05-04"));
    let mut event = Event::new(
        EventId::from_raw(Backend::Ews, "A"),
        Version::from_raw("D"),
        when,
    );
    let mut detail = EventDetail::new();
    detail.body = Some(Body::html("<p>One &amp; two</p><p>three</p>"));
    event.detail = Some(Box::new(detail));
    let mut export = Export::new().name("Mine, all mine").method("PUBLISH");
    export.event(&event).unwrap();
    let text = export.to_text().unwrap();
    assert!(text.contains("DESCRIPTION:One & two\\nthree\r\n"), "{text}");
    let calendar = Import::new().read(&text).unwrap();
    assert_eq!(calendar.name.as_deref(), Some("Mine, all mine"));
    assert_eq!(calendar.method.as_deref(), Some("PUBLISH"));
    let body = calendar.entries[0]
        .as_ref()
        .unwrap()
        .main
        .event
        .body
        .clone()
        .unwrap();
    assert_eq!(body.format, BodyFormat::Html);
}
