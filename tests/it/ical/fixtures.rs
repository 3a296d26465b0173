//! Texts in the manner of other programs.

use std::path::Path;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;
use exchange_connector::ical::{ICalEntry, ICalendar, Import, RecurrenceId};
use exchange_connector::model::{
    Address, AttendeeRole, BodyFormat, DaySet, FreeBusyStatus, Importance, Pattern, Range,
    ReminderChoice, Response, Sensitivity, WeekIndex, When,
};
use exchange_connector::{Error, ErrorKind};

pub(super) fn fixture(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/ical");
    std::fs::read_to_string(folder.join(name)).unwrap()
}

fn entries(calendar: &ICalendar) -> Vec<&ICalEntry> {
    let read = |entry: &'_ Result<ICalEntry, Error>| entry.as_ref().err().map(Error::to_string);
    let wrong: Vec<_> = calendar.entries.iter().filter_map(read).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    calendar.entries.iter().flatten().collect()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn timed(start: &str, end: &str, tz: Tz) -> When {
    When::timed(start.parse().unwrap(), end.parse().unwrap(), tz)
}

#[test]
fn outlook() {
    let calendar = Import::new().read(&fixture("outlook.ics")).unwrap();
    assert_eq!(calendar.name.as_deref(), Some("Nadia Novak"));
    assert_eq!(calendar.method.as_deref(), Some("PUBLISH"));
    let [meeting, bridge, call] = entries(&calendar)[..] else {
        panic!("{calendar:?}");
    };

    let event = &meeting.main.event;
    assert_eq!(event.subject, "Lenkungskreis");
    assert_eq!(
        event.when,
        timed(
            "2026-01-05T09:00:00",
            "2026-01-05T10:00:00",
            Tz::Europe__Berlin
        )
    );
    assert_eq!(event.location.as_deref(), Some("Raum 5"));
    assert_eq!(event.show_as, Some(FreeBusyStatus::OutOfOffice));
    assert_eq!(event.sensitivity, Sensitivity::Private);
    assert_eq!(event.importance, Importance::High);
    assert!(!event.allow_new_time_proposals);
    assert_eq!(event.reminder, ReminderChoice::Before(TimeDelta::hours(18)));
    let body = event.body.as_ref().unwrap();
    assert_eq!(body.format, BodyFormat::Html);
    assert!(
        body.content.contains("first, then <b>the rest</b>"),
        "{}",
        body.content
    );
    let recurrence = event.recurrence.as_ref().unwrap();
    assert_eq!(
        recurrence.pattern,
        Pattern::Weekly {
            interval: 2,
            days: DaySet::of(&[Weekday::Mon, Weekday::Wed]),
            first_day: Weekday::Sun,
        }
    );
    // 9:00 in summer is 7:00 UTC.
    let start = day("2026-01-05");
    let end = day("2026-06-29");
    assert_eq!(recurrence.range, Range::Until { start, end });
    // Of the two, 23 March is in a week between.
    assert_eq!(
        meeting.deleted,
        [RecurrenceId::At(at("2026-02-02T08:00:00Z"))]
    );
    assert_eq!(meeting.main.ignored, ["EXDATE:20260323T090000"]);
    let uid = meeting.main.uid.as_ref().unwrap().as_str();
    assert!(
        uid.starts_with("040000008200E0") && uid.ends_with("EEFF"),
        "{uid}"
    );
    assert_eq!(event.uid, meeting.main.uid);

    let [moved] = &meeting.exceptions[..] else {
        panic!("{meeting:?}");
    };
    assert_eq!(
        moved.recurrence_id,
        Some(RecurrenceId::At(at("2026-01-19T08:00:00Z")))
    );
    let changes = moved.changes_from(event);
    assert_eq!(
        changes.subject.value().unwrap(),
        "Lenkungskreis (verschoben)"
    );
    assert_eq!(
        changes.when.value(),
        Some(&timed(
            "2026-01-20T14:00:00",
            "2026-01-20T15:00:00",
            Tz::Europe__Berlin
        ))
    );
    assert_eq!(changes.show_as.value(), Some(&FreeBusyStatus::Busy));
    assert!(changes.sensitivity.is_keep() && changes.categories.is_keep());

    assert_eq!(
        bridge.main.event.when,
        When::days(day("2026-05-01"), day("2026-05-03"))
    );
    assert_eq!(bridge.main.event.show_as, Some(FreeBusyStatus::Free));

    let When::Timed { start, .. } = &call.main.event.when else {
        panic!("{call:?}");
    };
    assert_eq!(start.utc, at("2026-05-04T03:15:00Z"));
    assert_eq!(start.zone.custom.as_ref().unwrap().rules.bias_minutes, -345);
    let people = &call.main.event.attendees;
    assert_eq!(people[0].who.name.as_deref(), Some("Berger, Bob (Extern)"));
    assert_eq!(
        (people[0].role, people[1].role),
        (AttendeeRole::Optional, AttendeeRole::Resource)
    );
    let join = call.main.online_meeting.as_ref().unwrap();
    assert_eq!(join.provider.as_deref(), Some("Microsoft Teams"));
}

#[test]
fn google() {
    let calendar = Import::new().read(&fixture("google.ics")).unwrap();
    let [review, holidays] = entries(&calendar)[..] else {
        panic!("{calendar:?}");
    };
    let event = &review.main.event;
    let recurrence = event.recurrence.as_ref().unwrap();
    assert_eq!(
        recurrence.pattern,
        Pattern::MonthlyOnWeekday {
            interval: 1,
            week: WeekIndex::First,
            days: Weekday::Tue.into(),
        }
    );
    assert_eq!(
        recurrence.range,
        Range::Count {
            start: day("2026-03-03"),
            count: 6
        }
    );
    assert_eq!(
        review.deleted,
        [RecurrenceId::At(at("2026-05-05T13:30:00Z"))]
    );
    let organizer = review.main.organizer.as_ref().unwrap();
    assert_eq!(organizer.smtp_address(), Some("ada@example.com"));
    // The organiser is not among those invited.
    let people: Vec<_> = event
        .attendees
        .iter()
        .map(|one| {
            (
                one.who.smtp_address().unwrap(),
                one.role,
                one.response.response,
            )
        })
        .collect();
    assert_eq!(
        people,
        [
            (
                "grace@example.com",
                AttendeeRole::Required,
                Response::NotResponded
            ),
            (
                "room-1@resource.calendar.example",
                AttendeeRole::Resource,
                Response::Declined
            ),
        ]
    );
    assert_eq!(
        event.body.as_ref().unwrap().content,
        "Agenda:\n- one;\n- two"
    );
    assert_eq!(event.location, None);
    assert_eq!(
        event.reminder,
        ReminderChoice::Before(TimeDelta::minutes(30))
    );
    assert_eq!(review.main.ignored, ["VALARM"]);
    let join = review.main.online_meeting.as_ref().unwrap();
    assert_eq!(join.provider.as_deref(), Some("Google Meet"));
    assert_eq!(
        review.exceptions[0].event.show_as,
        Some(FreeBusyStatus::Tentative)
    );

    assert_eq!(
        holidays.main.event.when,
        When::days(day("2026-12-24"), day("2026-12-27"))
    );
    assert_eq!(
        holidays.main.event.recurrence.as_ref().unwrap().pattern,
        Pattern::YearlyOnDay {
            interval: 1,
            month: 12,
            day: 24,
        }
    );
}

#[test]
fn apple() {
    let text = fixture("apple.ics");
    let refused = Import::new().read(&text).unwrap();
    let error = refused.entries[1].as_ref().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert_eq!(
        error.to_string(),
        "read iCalendar: the event floating@example.fr: DTSTART has a time without a time zone. \
         Choose the zone of such times with Import::floating."
    );

    let calendar = Import::new()
        .floating(Tz::Europe__Paris)
        .read(&text)
        .unwrap();
    assert_eq!(calendar.ignored, ["VTODO"]);
    let [dinner, pill] = entries(&calendar)[..] else {
        panic!("{calendar:?}");
    };
    assert_eq!(
        dinner.main.event.recurrence.as_ref().unwrap().pattern,
        Pattern::MonthlyOnDay {
            interval: 1,
            day: 31,
        }
    );
    assert_eq!(
        dinner.main.event.location.as_deref(),
        Some("12 rue de l'Exemple\n75000 Paris\nFrance")
    );
    let people = &dinner.main.event.attendees;
    assert_eq!(people.len(), 1);
    assert_eq!(
        people[0].who.address,
        Address::Smtp("luc@example.fr".to_owned())
    );
    assert_eq!(dinner.main.event.reminder, ReminderChoice::Off);

    assert_eq!(
        pill.main.event.when,
        timed(
            "2026-02-01T08:00:00",
            "2026-02-01T08:15:00",
            Tz::Europe__Paris
        )
    );
    assert_eq!(
        pill.main.event.reminder,
        ReminderChoice::Before(TimeDelta::minutes(5))
    );
    assert_eq!(
        pill.main.event.recurrence.as_ref().unwrap().days().count(),
        7
    );
}

fn one(lines: &str, import: &Import) -> Result<ICalEntry, Error> {
    let lines = lines.replace(' ', "\n").replace('_', " ");
    let text =
        format!("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:u1\n{lines}\nEND:VEVENT\nEND:VCALENDAR\n");
    let mut calendar = import.read(&text).unwrap();
    assert_eq!(calendar.entries.len(), 1);
    calendar.entries.remove(0)
}

#[test]
fn what_exchange_cannot_keep_names_the_rule() {
    for (lines, kind, why) in [
        (
            "DTSTART:20260101T090000Z RRULE:FREQ=HOURLY",
            ErrorKind::Unsupported,
            "RRULE:FREQ=HOURLY",
        ),
        (
            "DTSTART:20260101T090000Z RRULE:FREQ=DAILY;COUNT=2 RDATE:20260201T090000Z",
            ErrorKind::Unsupported,
            "RDATE:20260201T090000Z",
        ),
        (
            "DTSTART:20260101T090000Z RRULE:FREQ=DAILY RRULE:FREQ=WEEKLY",
            ErrorKind::Unsupported,
            "two rules, RRULE:FREQ=DAILY and RRULE:FREQ=WEEKLY",
        ),
        (
            "DTSTART:20260101T090000Z RRULE:FREQ=DAILY;UNTIL=20251231T090000Z",
            ErrorKind::Unsupported,
            "ends before it begins",
        ),
        (
            "DTSTART:20260131T090000Z RRULE:FREQ=MONTHLY",
            ErrorKind::Unsupported,
            "leaves out months without a day 31",
        ),
        ("SUMMARY:x", ErrorKind::InvalidArgument, "no DTSTART"),
        (
            "DTSTART:tomorrow",
            ErrorKind::InvalidArgument,
            "\"tomorrow\", which is no date",
        ),
        (
            "DTSTART;TZID=Nowhere:20260101T090000",
            ErrorKind::InvalidArgument,
            "\"Nowhere\"",
        ),
        (
            "DTSTART:20260102T090000Z DTEND:20260101T090000Z",
            ErrorKind::InvalidArgument,
            "ends before it begins",
        ),
        (
            "DTSTART;VALUE=DATE:20260102 DTEND:20260103T090000Z",
            ErrorKind::InvalidArgument,
            "one is a day",
        ),
        (
            "DTSTART:20260102T090000Z DURATION:soon",
            ErrorKind::InvalidArgument,
            "DURATION",
        ),
    ] {
        let error = one(lines, &Import::new()).unwrap_err();
        assert_eq!(error.kind(), kind, "{lines}");
        assert!(
            error.message().contains(why) && error.message().contains("u1"),
            "{error}"
        );
    }
}

#[test]
fn choices() {
    let lines = "DTSTART;TZID=Nowhere:20260101T090000";
    let import = Import::new().unknown_zones(Tz::Asia__Tokyo);
    let event = one(lines, &import).unwrap().main.event;
    assert_eq!(event.when.span(Tz::UTC).start, at("2026-01-01T00:00:00Z"));
    let lines = "DTSTART:20260131T090000Z RRULE:FREQ=MONTHLY;COUNT=3";
    let import = Import::new().short_months_on_last_day(true);
    let recurrence = one(lines, &import).unwrap().main.event.recurrence.unwrap();
    let days: Vec<_> = recurrence.days().map(|day| day.to_string()).collect();
    assert_eq!(days, ["2026-01-31", "2026-02-28", "2026-03-31"]);
}

#[test]
fn ends_and_lengths() {
    for (lines, when) in [
        (
            "DTSTART;VALUE=DATE:20260328",
            When::all_day(day("2026-03-28")),
        ),
        (
            "DTSTART;VALUE=DATE:20260328 DTEND;VALUE=DATE:20260328",
            When::all_day(day("2026-03-28")),
        ),
        (
            "DTSTART:20260328 DURATION:P2D",
            When::days(day("2026-03-28"), day("2026-03-30")),
        ),
        (
            // A day on the clock is 23 hours then, 24 hours are 24.
            "DTSTART;TZID=Europe/Berlin:20260328T120000 DURATION:P1D",
            timed(
                "2026-03-28T12:00:00",
                "2026-03-29T12:00:00",
                Tz::Europe__Berlin,
            ),
        ),
        (
            "DTSTART;TZID=Europe/Berlin:20260328T120000 DURATION:PT25H",
            timed(
                "2026-03-28T12:00:00",
                "2026-03-29T14:00:00",
                Tz::Europe__Berlin,
            ),
        ),
        (
            "DTSTART;TZID=Europe/Berlin:20260328T120000",
            timed(
                "2026-03-28T12:00:00",
                "2026-03-28T12:00:00",
                Tz::Europe__Berlin,
            ),
        ),
    ] {
        assert_eq!(
            one(lines, &Import::new()).unwrap().main.event.when,
            when,
            "{lines}"
        );
    }
    for (until, last) in [
        ("20260330T070000Z", "2026-03-30"),
        ("20260330T065959Z", "2026-03-29"),
        ("20260330", "2026-03-30"),
        ("20260330T090000", "2026-03-30"),
    ] {
        let lines =
            format!("DTSTART;TZID=Europe/Berlin:20260328T090000 RRULE:FREQ=DAILY;UNTIL={until}");
        let recurrence = one(&lines, &Import::new())
            .unwrap()
            .main
            .event
            .recurrence
            .unwrap();
        assert_eq!(recurrence.days().last(), Some(day(last)), "{until}");
    }
}

#[test]
fn states_of_one_event() {
    let event = |lines: &str| format!("BEGIN:VEVENT\nUID:u1\n{lines}\nEND:VEVENT\n");
    let master = "DTSTART:20260101T090000Z\nRRULE:FREQ=DAILY\n";
    let changed = "RECURRENCE-ID:20260103T090000Z\nDTSTART:20260103T100000Z\n";
    let text = [
        event(&format!("{master}SEQUENCE:2\nSUMMARY:newest")),
        event(&format!("{master}SEQUENCE:1\nSUMMARY:older")),
        event(&format!("{changed}SEQUENCE:1\nSUMMARY:older")),
        event(&format!(
            "{changed}SEQUENCE:3\nSUMMARY:newest\nSTATUS:CANCELLED"
        )),
    ]
    .concat();
    let read = |text: &str| {
        let text = format!("BEGIN:VCALENDAR\n{text}END:VCALENDAR\n");
        let mut calendar = Import::new().read(&text).unwrap();
        assert_eq!(calendar.entries.len(), 1);
        calendar.entries.remove(0)
    };
    let entry = read(&text).unwrap();
    assert_eq!(entry.main.event.subject, "newest");
    assert_eq!(entry.exceptions.len(), 1);
    assert_eq!(entry.exceptions[0].event.subject, "newest");
    assert!(entry.exceptions[0].is_cancelled);
    assert_eq!(entry.exceptions[0].event.uid, None);

    let alone = read(&event(changed)).unwrap();
    assert_eq!(
        alone.main.recurrence_id,
        Some(RecurrenceId::At(at("2026-01-03T09:00:00Z")))
    );

    for (changed, why) in [
        (
            "RECURRENCE-ID:20260103T093000Z\nDTSTART:20260103T100000Z",
            "does not have",
        ),
        (
            "RECURRENCE-ID;RANGE=THISANDFUTURE:20260103T090000Z\nDTSTART:20260103T100000Z",
            "RANGE=THISANDFUTURE",
        ),
    ] {
        let error = read(&(event(master) + &event(changed))).unwrap_err();
        assert!(error.message().contains(why), "{error}");
    }
    let single = event("DTSTART:20260101T090000Z") + &event(changed);
    assert!(
        read(&single)
            .unwrap_err()
            .message()
            .contains("does not repeat")
    );
}

#[test]
fn attachments_in_the_text() {
    let lines = "DTSTART:20260101T090000Z \
        ATTACH;VALUE=BINARY;ENCODING=BASE64;FMTTYPE=text/plain;X-FILENAME=a.txt:SGVsbG8= \
        ATTACH:https://example.com/a.pdf ATTACH;ENCODING=BASE64:!";
    let event = one(lines, &Import::new()).unwrap().main;
    assert_eq!(event.event.attachments.len(), 1);
    assert_eq!(&event.event.attachments[0].content[..], b"Hello");
    assert_eq!(event.event.attachments[0].name, "a.txt");
    assert_eq!(event.ignored, ["ATTACH", "ATTACH"]);
}
