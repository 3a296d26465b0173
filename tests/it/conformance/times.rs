use chrono::{NaiveDate, NaiveTime, TimeDelta};
use chrono_tz::Tz;
use exchange_connector::model::{
    CalendarRef, CustomZone, EventPatch, EventQuery, NewEvent, Notify, Pattern, Projection, Range,
    Recurrence, When, Zone, ZonedTime,
};
use exchange_connector::timezone::{self, ZoneCertainty};
use exchange_connector::{ErrorKind, Feature, Result};

use super::any_event::is_shown_twice;
use super::backend::{
    Backend, HOME, HOME_ON_WINDOWS, Odd, Planted, all_times, at, clock, day, lasting, same_time,
    window, zones,
};

pub(super) async fn the_clock_on_the_wall_stays_over_a_change(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let start = lasting("2026-03-27T10:00", 60);
    let daily = Recurrence::new(
        Pattern::Daily { interval: 1 },
        Range::Count {
            start: day("2026-03-27"),
            count: 5,
        },
    );
    let event = NewEvent::new("Stand-up", start).recurrence(daily);
    mailbox
        .create_event(&CalendarRef::Default, event, Notify::Auto)
        .await?;
    for full in [false, true] {
        let mut query = EventQuery::between(all_times());
        if full {
            query = query.full();
        }
        let events = mailbox.list_events(query).collect().await?;
        assert_eq!(events.len(), 5);
        for (days, event) in events.iter().enumerate() {
            let When::Timed { start, end } = &event.when else {
                panic!("{:?}", event.when);
            };
            let expected = clock("2026-03-27T10:00") + TimeDelta::days(days as i64);
            assert_eq!((start.zone.tz, end.zone.tz), (Some(HOME), Some(HOME)));
            assert_eq!(start.local(), Some(expected));
            assert_eq!(end.local(), Some(expected + TimeDelta::hours(1)));
        }
        let utc = |at: usize| events[at].when.span(HOME).start.time();
        assert_eq!(utc(0), NaiveTime::from_hms_opt(9, 0, 0).unwrap());
        assert_eq!(utc(4), NaiveTime::from_hms_opt(8, 0, 0).unwrap());
    }
    Ok(())
}

pub(super) async fn start_and_end_in_different_zones(b: &Backend) -> Result<()> {
    let flight = When::between(
        ZonedTime::from_local(clock("2026-03-02T10:00"), HOME),
        ZonedTime::from_local(clock("2026-03-02T13:30"), chrono_tz::America::New_York),
    );
    let mailbox = b.mailbox("alice");
    let event = NewEvent::new("Flight", flight.clone());
    let made = mailbox
        .create_event(&CalendarRef::Default, event, Notify::Auto)
        .await?;
    assert!(same_time(&made.when, &flight), "{:?}", made.when);
    let listed = mailbox
        .list_events(EventQuery::between(all_times()))
        .collect()
        .await?;
    assert!(same_time(&listed[0].when, &flight), "{listed:?}");
    Ok(())
}

pub(super) async fn ambiguous_and_missing_times(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    for (local, utc) in [
        // There twice: the first. Not there: moved by the gap.
        ("2026-10-25T02:30", "2026-10-25T00:30:00Z"),
        ("2026-03-29T02:30", "2026-03-29T01:30:00Z"),
    ] {
        let event = NewEvent::new("Night shift", lasting(local, 240));
        let made = mailbox
            .create_event(&CalendarRef::Default, event, Notify::Auto)
            .await?;
        assert_eq!(made.when.span(HOME).start, at(utc));
        let When::Timed { start, .. } = &made.when else {
            panic!("{:?}", made.when);
        };
        let is_kept = b.can(Feature::RepeatedHour) || !is_shown_twice(&lasting(local, 240));
        let zone = if is_kept { HOME } else { Tz::UTC };
        assert_eq!(start.zone.tz, Some(zone), "{local}");
        let read = mailbox.get_event(&made.id, Projection::Summary).await?;
        assert_eq!(read.when, made.when);
    }
    Ok(())
}

pub(super) async fn whole_days(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let zones: [Option<Tz>; 4] = [
        // That of the connector.
        None,
        Some(HOME),
        Some(chrono_tz::America::Los_Angeles),
        Some(chrono_tz::Pacific::Auckland),
    ];
    for zone in zones {
        for (first, after) in [
            ("2026-07-14", "2026-07-15"),
            ("2026-03-28", "2026-03-31"),
            ("2026-10-24", "2026-10-27"),
            ("2026-12-31", "2027-01-01"),
        ] {
            let mut when = When::days(day(first), day(after));
            if let Some(zone) = zone {
                when = when.in_zone(zone);
            }
            let event = NewEvent::new("Holiday", when);
            let made = mailbox
                .create_event(&CalendarRef::Default, event, Notify::Auto)
                .await?;
            assert_eq!(dates(&made.when), (day(first), day(after)), "{zone:?}");
            let read = mailbox.get_event(&made.id, Projection::Summary).await?;
            assert_eq!(dates(&read.when), (day(first), day(after)), "{zone:?}");
            let later = EventPatch::new().when(read.when).subject("Leave");
            let moved = mailbox
                .update_event(&made.id, later, None, Notify::Auto)
                .await?;
            assert_eq!(dates(&moved.when), (day(first), day(after)), "{zone:?}");
        }
    }
    for event in mailbox
        .list_events(EventQuery::between(all_times()))
        .collect()
        .await?
    {
        assert!(event.when.is_all_day());
    }
    Ok(())
}

pub(super) async fn whole_days_made_elsewhere(b: &Backend) -> Result<()> {
    let planted = [
        (
            "Tokyo Standard Time",
            "2026-05-31T15:00:00Z",
            "2026-06-01T15:00:00Z",
        ),
        (
            "Hawaiian Standard Time",
            "2026-06-01T10:00:00Z",
            "2026-06-02T10:00:00Z",
        ),
        (
            "Pacific Standard Time",
            "2026-06-01T07:00:00Z",
            "2026-06-02T07:00:00Z",
        ),
        (
            "India Standard Time",
            "2026-05-31T18:30:00Z",
            "2026-06-01T18:30:00Z",
        ),
    ];
    for (zone, start, end) in planted {
        let more = format!("<t:IsAllDayEvent>true</t:IsAllDayEvent>{}", zones(zone));
        b.plant("alice", &Planted::new(zone, start, end, &more));
    }
    let around = window("2026-05-30T00:00:00Z", "2026-06-04T00:00:00Z");
    for query in [
        EventQuery::between(around),
        EventQuery::between(around).full(),
    ] {
        let events = b.mailbox("alice").list_events(query).collect().await?;
        assert_eq!(events.len(), planted.len());
        for event in events {
            let expected = (day("2026-06-01"), day("2026-06-02"));
            assert_eq!(dates(&event.when), expected, "{}", event.subject);
        }
    }
    Ok(())
}

pub(super) async fn a_zone_without_a_name_is_refused(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let nameless = chrono_tz::TZ_VARIANTS
        .iter()
        .find(|tz| Zone::from(**tz).windows_name().is_none())
        .expect("a zone without a Windows name");
    let clock = clock("2026-03-02T10:00");
    let when = When::timed(clock, clock + TimeDelta::hours(1), *nameless);
    let event = NewEvent::new("Nowhere", when.clone());
    let refused = mailbox
        .create_event(&CalendarRef::Default, event, Notify::Auto)
        .await
        .unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidArgument);
    assert!(refused.to_string().contains(nameless.name()), "{refused}");
    let id = exchange_connector::model::EventId::from_raw(
        b.mailbox("alice").capabilities().backend,
        "x",
    );
    let patch = EventPatch::new().when(when);
    let refused = mailbox.update_event(&id, patch, None, Notify::Auto).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidArgument);
    assert_eq!(b.requests(), 0);
    Ok(())
}

fn dates(when: &When) -> (NaiveDate, NaiveDate) {
    match when {
        When::AllDay { start, end, .. } => (*start, *end),
        other => panic!("not whole days: {other:?}"),
    }
}

pub(super) async fn a_series_of_whole_days(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let start = day("2026-03-21");
    let weekly = Pattern::Weekly {
        interval: 1,
        days: chrono::Weekday::Sat.into(),
        first_day: chrono::Weekday::Sun,
    };
    let weekends = Recurrence::new(weekly, Range::Count { start, count: 3 });
    let event =
        NewEvent::new("Weekend", When::days(start, day("2026-03-23"))).recurrence(weekends.clone());
    let made = mailbox
        .create_event(&CalendarRef::Default, event, Notify::Auto)
        .await?;
    assert_eq!(made.detail.unwrap().recurrence, Some(weekends));
    let listed = mailbox.list_events(EventQuery::between(all_times()));
    let seen: Vec<_> = listed
        .collect()
        .await?
        .iter()
        .map(|event| dates(&event.when))
        .collect();
    let expected = [
        ("2026-03-21", "2026-03-23"),
        ("2026-03-28", "2026-03-30"),
        ("2026-04-04", "2026-04-06"),
    ];
    assert_eq!(
        seen,
        expected.map(|(first, after)| (day(first), day(after)))
    );
    Ok(())
}

/// Zones that Outlook lets people make have rules and no known name.
pub(super) async fn a_zone_of_ones_own(b: &Backend) -> Result<()> {
    let (start, end) = ("2026-07-01T08:00:00Z", "2026-07-01T09:00:00Z");
    let id = b.plant(
        "alice",
        &Planted::new("Ours", start, end, &zones(HOME_ON_WINDOWS)),
    );
    let mailbox = b.mailbox("alice");
    mailbox.get_event(&id, Projection::Full).await?;
    b.answer_oddly(&b.last_answer(), Odd::OwnZone);
    let read = mailbox.get_event(&id, Projection::Full).await?;
    let When::Timed {
        start: from,
        end: to,
    } = &read.when
    else {
        panic!("{:?}", read.when);
    };
    assert_eq!((from.utc, to.utc), (at(start), at(end)));
    assert_eq!((from.zone.tz, to.zone.tz), (None, None), "{from:?}");
    // By its rules, where the server tells them: in summer two hours before UTC.
    if b.can(Feature::CustomZones) {
        assert_eq!(from.local(), Some(clock("2026-07-01T10:00")), "{from:?}");
    }

    // What changes something else says nothing about the zone.
    let before = zone_of(&b.stored(&id)).map(str::to_owned);
    let patch = EventPatch::new().subject("Still ours");
    mailbox.update_event(&id, patch, None, Notify::Auto).await?;
    assert_eq!(zone_of(&b.stored(&id)).map(str::to_owned), before);
    Ok(())
}

/// Rules without a name are written as they are, and come back.
pub(super) async fn a_zone_of_ones_own_is_written(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    for tz in [HOME, chrono_tz::America::New_York, chrono_tz::Asia::Kolkata] {
        let rules = timezone::rules_for_year(tz, 2026)?;
        let mut zone = Zone::from_wire("Customized Time Zone").with_custom(CustomZone::new(rules));
        for clock_shows in ["2026-03-02T10:00", "2026-07-01T10:00"] {
            let at = |hours| {
                let local = clock(clock_shows) + TimeDelta::hours(hours);
                let instant = zone.instant_of(local).expect("rules");
                ZonedTime::from_utc(instant, zone.clone())
            };
            let event = NewEvent::new("Ours", When::between(at(0), at(1)));
            let made = mailbox
                .create_event(&CalendarRef::Default, event, Notify::Auto)
                .await?;
            let When::Timed { start, .. } = &made.when else {
                panic!("{:?}", made.when);
            };
            assert_eq!(start.utc, at(0).utc, "{tz}");
            assert_eq!(start.local(), Some(clock(clock_shows)), "{tz}");
            assert_eq!(start.zone.tz, None, "{tz}");
            let resolution = start.zone.resolution();
            assert_ne!(resolution.certainty, ZoneCertainty::Exact, "{tz}");
            assert!(resolution.candidates.contains(&tz), "{tz}");
            let read = mailbox.get_event(&made.id, Projection::Full).await?;
            // What was read is written back as it is.
            let patch = EventPatch::new().when(read.when.clone());
            let again = mailbox
                .update_event(&made.id, patch, None, Notify::Auto)
                .await?;
            assert_eq!(again.when, read.when, "{tz}");
        }
        // Without a name it is as well.
        zone.wire = None;
        let start = zone.instant_of(clock("2026-07-01T10:00")).expect("rules");
        let [start, end] =
            [0, 1].map(|hours| ZonedTime::from_utc(start + TimeDelta::hours(hours), zone.clone()));
        let event = NewEvent::new("Nameless", When::between(start, end));
        let made = mailbox
            .create_event(&CalendarRef::Default, event, Notify::Auto)
            .await?;
        let When::Timed { start, .. } = &made.when else {
            panic!("{:?}", made.when);
        };
        assert_eq!(start.local(), Some(clock("2026-07-01T10:00")), "{tz}");
    }
    Ok(())
}

fn zone_of(stored: &str) -> Option<&str> {
    let (_, rest) = stored.split_once("<t:MeetingTimeZone")?;
    Some(rest.split_once("</t:MeetingTimeZone>")?.0)
}
