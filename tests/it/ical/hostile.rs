//! Texts that were made, or damaged, to break a reader.

use chrono_tz::Tz;
use exchange_connector::ErrorKind;
use exchange_connector::ical::{ICalendar, Import};
use proptest::prelude::*;

use super::fixtures::fixture;

const FILES: [&str; 3] = ["outlook.ics", "google.ics", "apple.ics"];

fn read(text: &str) -> Option<ICalendar> {
    let import = Import::new()
        .floating(Tz::Europe__Berlin)
        .unknown_zones(Tz::Europe__Berlin)
        .short_months_on_last_day(true);
    let calendar = import.read(text).ok()?;
    for entry in calendar.entries.iter().flatten() {
        let event = &entry.main.event;
        let _ = event.validate();
        if let Some(recurrence) = &event.recurrence {
            assert!(recurrence.days().next().is_some());
        }
        for exception in &entry.exceptions {
            exception.changes_from(event).is_empty();
        }
    }
    Some(calendar)
}

#[test]
fn what_is_cut_off_is_refused() {
    for file in FILES {
        let text = fixture(file);
        for end in (0..text.trim_end().len()).filter(|end| text.is_char_boundary(*end)) {
            assert!(read(&text[..end]).is_none(), "{file} to {end}");
        }
        assert!(read(&text).is_some());
    }
}

#[test]
fn bombs() {
    let begun = std::time::Instant::now();
    let nested = "BEGIN:VEVENT\n".repeat(1_000_000);
    assert!(read(&nested).is_none());
    let event = |lines: &str| {
        format!("BEGIN:VCALENDAR\nBEGIN:VEVENT\n{lines}\nEND:VEVENT\nEND:VCALENDAR\n")
    };
    // Many dates that do not fit a series without an end.
    let dates = "20250101T090001Z,".repeat(100_000);
    let rule = "DTSTART:00010101T090000Z\nRRULE:FREQ=DAILY";
    assert!(read(&event(&format!("{rule}\nEXDATE:{dates}"))).is_some());
    let parts = "BYDAY=MO,".repeat(100_000);
    assert!(
        read(&event(&format!(
            "DTSTART:20260101T090000Z\nRRULE:FREQ=WEEKLY;{parts}"
        )))
        .is_some()
    );
    let one_line = "x".repeat(5_000_000);
    assert!(
        read(&event(&format!(
            "DTSTART:20260101T090000Z\nSUMMARY:{one_line}"
        )))
        .is_some()
    );
    let folded = "x\n ".repeat(1_000_000);
    assert!(
        read(&event(&format!(
            "DTSTART:20260101T090000Z\nSUMMARY:{folded}"
        )))
        .is_some()
    );
    let events = "BEGIN:VEVENT\nDTSTART:20260101T090000Z\nEND:VEVENT\n".repeat(50_000);
    let many = read(&format!("BEGIN:VCALENDAR\n{events}END:VCALENDAR\n")).unwrap();
    assert_eq!(many.entries.len(), 50_000);
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());

    let error = Import::new().read(&" ".repeat((64 << 20) + 1)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
}

#[test]
fn what_is_no_icalendar() {
    for (text, why) in [
        ("", "no VCALENDAR"),
        ("<html>", "no VCALENDAR"),
        ("BEGIN:VCARD\nEND:VCARD\n", "no VCALENDAR"),
        (
            "BEGIN:VCALENDAR\nVERSION:1.0\nEND:VCALENDAR\n",
            "vCalendar 1.0",
        ),
        ("BEGIN:VCALENDAR\nEND:VEVENT\n", "END:VEVENT stands where"),
    ] {
        let error = Import::new().read(text).unwrap_err();
        assert!(error.message().contains(why), "{error}");
    }
}

fn damaged() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just(String::new()),
        "\\PC{0,8}",
        Just("99991231T235959Z".to_owned()),
        Just("00000000".to_owned()),
        Just("-99999999999999999999".to_owned()),
        Just("FREQ=YEARLY;INTERVAL=65535;BYDAY=-1SU;BYMONTH=2".to_owned()),
        Just("\r\n ".to_owned()),
        Just("\"".to_owned()),
        Just("BEGIN:VALARM\r\n".to_owned()),
    ];
    let edits = proptest::collection::vec((any::<prop::sample::Index>(), 0_usize..12, piece), 1..6);
    (0_usize..FILES.len(), edits).prop_map(|(file, edits)| {
        let mut text = fixture(FILES[file]);
        for (at, length, piece) in edits {
            let boundary = |at: usize| {
                (0..=at.min(text.len()))
                    .rfind(|at| text.is_char_boundary(*at))
                    .unwrap()
            };
            let start = boundary(at.index(text.len()));
            let end = boundary(start + length);
            text.replace_range(start..end.max(start), &piece);
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn damaged_texts_do_no_harm(text in damaged()) {
        read(&text);
    }

    #[test]
    fn values_of_any_kind_do_no_harm(
        start in "[0-9]{8}(T[0-9]{6}Z?)?",
        end in "[0-9]{8}(T[0-9]{6}Z?)?|-?P[0-9]{1,10}[DWHMS]",
        rule in "FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)(;(COUNT|INTERVAL|BYMONTH|BYMONTHDAY|UNTIL)=-?[0-9]{1,8})?(;BYDAY=-?[0-9]?(MO|SU))?",
        zone in "(Europe/Berlin|Nowhere|)",
        trigger in "-?P[0-9]{1,19}[DWHMS]|[0-9]{8}T[0-9]{6}Z",
    ) {
        let text = format!(
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;TZID={zone}:{start}\nDTEND:{end}\nDURATION:{end}\nRRULE:{rule}\n\
             EXDATE:{start},{end}\nBEGIN:VALARM\nTRIGGER:{trigger}\nEND:VALARM\nEND:VEVENT\nBEGIN:VEVENT\n\
             RECURRENCE-ID:{start}\nDTSTART:{start}\nEND:VEVENT\nEND:VCALENDAR\n"
        );
        read(&text);
    }
}
