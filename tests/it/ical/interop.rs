//! Texts for programs that nobody here wrote, with what they must find in them: for
//! `tests/interop/ical_check.py`.

use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;
use exchange_connector::Backend;
use exchange_connector::ical::Export;
use exchange_connector::model::{
    Attendee, Body, ChangeDay, CustomZone, DaySet, Event, EventDetail, EventId, EventKind,
    FreeBusyStatus, ICalUid, Pattern, Range, Recipient, Recurrence, Response, Series, TimeRange,
    Version, WeekIndex, When, Zone, ZoneRule, ZoneRules, ZonedTime,
};
use serde_json::{Value, json};

const HOME: Tz = Tz::Europe__Berlin;

fn patterns() -> Vec<Pattern> {
    let days = DaySet::of(&[Weekday::Sun, Weekday::Tue, Weekday::Fri]);
    let weekly = |interval, first_day| Pattern::Weekly {
        interval,
        days,
        first_day,
    };
    let monthly = |interval, day| Pattern::MonthlyOnDay { interval, day };
    let on_weekday = |interval, week, days| Pattern::MonthlyOnWeekday {
        interval,
        week,
        days,
    };
    let yearly = |month, day| Pattern::YearlyOnDay {
        interval: 1,
        month,
        day,
    };
    vec![
        Pattern::Daily { interval: 1 },
        Pattern::Daily { interval: 9 },
        weekly(1, Weekday::Mon),
        weekly(2, Weekday::Mon),
        weekly(2, Weekday::Sun),
        monthly(1, 12),
        monthly(1, 29),
        monthly(2, 30),
        monthly(1, 31),
        on_weekday(1, WeekIndex::Second, Weekday::Tue.into()),
        on_weekday(1, WeekIndex::Last, DaySet::WEEKDAYS),
        on_weekday(3, WeekIndex::First, DaySet::WEEKEND),
        on_weekday(1, WeekIndex::Fourth, DaySet::ALL),
        yearly(2, 29),
        yearly(12, 24),
        Pattern::YearlyOnWeekday {
            interval: 1,
            month: 10,
            week: WeekIndex::Last,
            days: Weekday::Sun.into(),
        },
    ]
}

fn zones() -> Vec<Zone> {
    let rule = |extra, month| {
        let day = ChangeDay::Weekday {
            month,
            week: WeekIndex::Third,
            weekday: Weekday::Sat,
        };
        ZoneRule::new(extra, day, NaiveTime::from_hms_opt(3, 0, 0).unwrap())
    };
    let rules = ZoneRules::fixed(210).with_changes(rule(-60, 3), rule(0, 11));
    vec![
        HOME.into(),
        Tz::America__New_York.into(),
        Tz::Australia__Lord_Howe.into(),
        Tz::Asia__Kolkata.into(),
        Zone::utc(),
        Zone::from_wire("").with_custom(CustomZone::new(rules).named("Our own: \"zone\"")),
    ]
}

fn event(uid: &str, subject: &str, when: When) -> Event {
    let id = EventId::from_raw(Backend::Ews, uid);
    let mut event = Event::new(id, Version::from_raw("D"), when);
    event.uid = Some(ICalUid::new(uid));
    event.subject = subject.to_owned();
    event.last_modified = Some("2026-01-02T10:00:00Z".parse().unwrap());
    event.detail = Some(Box::default());
    event
}

fn when(zone: Option<&Zone>, day: NaiveDate) -> When {
    let Some(zone) = zone else {
        return When::days(day, day + chrono::Days::new(2)).in_zone(HOME);
    };
    let local = day.and_hms_opt(9, 15, 0).unwrap();
    let start = zone.instant_of(local).unwrap();
    let end = start + TimeDelta::minutes(50);
    When::between(
        ZonedTime::from_utc(start, zone.clone()),
        ZonedTime::from_utc(end, zone.clone()),
    )
}

/// A series of which the third is moved and the fifth deleted.
fn series(uid: &str, zone: Option<&Zone>, pattern: Pattern, count: Option<u32>) -> Series {
    let asked = "2026-01-30".parse().unwrap();
    let endless = Recurrence::new(pattern.clone(), Range::NoEnd { start: asked });
    let start = endless.days().next().unwrap();
    let range = match count {
        Some(count) => Range::Count { start, count },
        None => Range::Until {
            start,
            end: start + chrono::Days::new(1_000),
        },
    };
    let recurrence = Recurrence::new(pattern, range).normalized();
    let days: Vec<_> = recurrence.days().take(5).collect();
    let mut master = event(uid, "Planned", when(zone, start));
    master.kind = EventKind::SeriesMaster;
    if let Some(detail) = &mut master.detail {
        detail.recurrence = Some(recurrence);
    }
    let mut series = Series::new(master);
    let original = |at: usize| Some(when(zone, *days.get(at)?).span(HOME).start);
    if let Some(id) = original(2) {
        let moved = days[2] + chrono::Days::new(1);
        let mut exception = event(uid, "Moved", when(zone, moved));
        exception.kind = EventKind::Exception;
        exception.recurrence_id = Some(id);
        series.exceptions.push(exception);
    }
    series.deleted.extend(original(4));
    series
}

fn occurrences(series: &Series, window: TimeRange) -> Vec<Value> {
    let stamp = |instant: DateTime<Utc>| instant.format("%FT%TZ").to_string();
    let occurrences = series.occurrences(window, HOME).unwrap();
    occurrences
        .map(|one| {
            let subject = one.exception.unwrap_or(&series.master).subject.as_str();
            match one.when {
                When::AllDay { start, end, .. } => {
                    json!([start.to_string(), end.to_string(), subject])
                }
                when => {
                    let span = when.span(HOME);
                    json!([stamp(span.start), stamp(span.end), subject])
                }
            }
        })
        .collect()
}

/// A meeting with everything that has to be written with care. No backslash is before an `n`: the Python library takes
/// the two for a line break, however they are escaped.
fn meeting() -> Event {
    let mut event = event(
        "meeting; with, signs\\@example.com",
        "Budget: 5 000 €, \"final\"; C:\\data",
        when(Some(&HOME.into()), "2026-03-02".parse().unwrap()),
    );
    event.location = Some("Straße des 17. Juni 135\nBerlin".to_owned());
    event.categories = ["Finance", "Größe"].map(str::to_owned).into();
    event.show_as = FreeBusyStatus::OutOfOffice;
    event.reminder = Some(TimeDelta::minutes(45));
    event.is_meeting = true;
    event.organizer = Some(Recipient::smtp("boss@example.com").named("The Boss, really"));
    let mut detail = EventDetail::new();
    let words = "Grüße, alle; hier: \\ ist kein Umbruch.\n".repeat(20);
    detail.body = Some(Body::text(words));
    let mut guest = Attendee::optional("guest@example.com");
    guest.who = guest.who.named("O'Guest: Jo; Müller, \u{1f600}");
    guest.response.response = Response::Declined;
    detail.attendees = vec![
        guest,
        Attendee::required("colleague@example.com"),
        Attendee::resource("room@example.com"),
    ];
    event.detail = Some(Box::new(detail));
    event
}

#[test]
fn for_others() {
    let (mut files, window) = (
        Vec::new(),
        TimeRange::new(at("2026-01-01"), at("2028-12-01")),
    );
    for (number, zone) in zones().iter().map(Some).chain([None]).enumerate() {
        let (mut export, mut expected) = (Export::new().home(HOME), Vec::new());
        for (kind, pattern) in patterns().into_iter().enumerate() {
            for count in [None, Some(7)] {
                let ends = if count.is_some() { "count" } else { "until" };
                let uid = format!("{kind}-{ends}-{number}@example.com");
                let series = series(&uid, zone, pattern.clone(), count);
                export.series(&series).unwrap();
                let occurrences = occurrences(&series, window);
                assert!(occurrences.len() >= 2, "{series:?}");
                expected.push(json!({ "uid": uid, "occurrences": occurrences }));
            }
        }
        files.push((
            format!("series-{number}"),
            export,
            json!({ "series": expected }),
        ));
    }
    let meeting = meeting();
    let mut export = Export::new();
    export.event(&meeting).unwrap();
    let detail = meeting.detail.as_deref().unwrap();
    let expected = json!({ "meeting": {
        "uid": meeting.uid.as_ref().unwrap().as_str(),
        "summary": meeting.subject,
        "location": meeting.location,
        "description": detail.body.as_ref().unwrap().content,
        "categories": meeting.categories,
        "reminder": 45,
        "busy": "OOF",
        "organizer": ["boss@example.com", "The Boss, really"],
        "attendees": [
            ["guest@example.com", detail.attendees[0].who.name, "OPT-PARTICIPANT", "DECLINED"],
            ["colleague@example.com", null, "REQ-PARTICIPANT", null],
            ["room@example.com", null, "NON-PARTICIPANT", null],
        ],
    }});
    files.push(("meeting".to_owned(), export, expected));

    let Some(folder) = std::env::var_os("ICAL_INTEROP").map(PathBuf::from) else {
        println!("not written: ICAL_INTEROP is not set");
        return;
    };
    for (name, export, mut expected) in files {
        expected["window"] = json!(["2026-01-01", "2028-12-01"]);
        let text = export.to_text().unwrap();
        std::fs::write(folder.join(format!("{name}.ics")), text).unwrap();
        std::fs::write(folder.join(format!("{name}.json")), expected.to_string()).unwrap();
    }
}

fn at(day: &str) -> DateTime<Utc> {
    day.parse::<NaiveDate>()
        .unwrap()
        .and_time(NaiveTime::MIN)
        .and_utc()
}
