use std::time::Duration;

use chrono::TimeDelta;
use exchange_connector::model::{
    Body, CalendarRef, DeleteMode, Event, EventFilter, EventId, EventKind, EventPatch, EventQuery,
    FreeBusyStatus, Importance, NewEvent, Notify, Pattern, Projection, Range, Recurrence,
    ReminderChoice, Sensitivity,
};
use exchange_connector::simulator::Trouble;
use exchange_connector::{ErrorKind, Feature, Result};

use super::backend::{
    Backend, Doing, HOME, HOME_ON_WINDOWS, Planted, all_times, at, day, lasting, window, zones,
};
use super::bodies::stored_body;

/// Five Mondays from 2 March 2026 on, at ten: the one on the 9th on Tuesday at eleven, the one on
/// the 16th deleted. Returns the master.
pub(super) async fn plant_series(b: &Backend) -> Result<Event> {
    let mailbox = b.mailbox("alice");
    let weekly = Recurrence::new(
        Pattern::Weekly {
            interval: 1,
            days: chrono::Weekday::Mon.into(),
            first_day: chrono::Weekday::Sun,
        },
        Range::Count {
            start: day("2026-03-02"),
            count: 5,
        },
    );
    let event = NewEvent::new("Team", lasting("2026-03-02T10:00", 60)).recurrence(weekly);
    let master = mailbox
        .create_event(&CalendarRef::Default, event, Notify::Auto)
        .await?;
    let occurrences = mailbox
        .list_events(EventQuery::between(all_times()))
        .collect()
        .await?;
    let patch = EventPatch::new().when(lasting("2026-03-10T11:00", 60));
    mailbox
        .update_event(&occurrences[1].id, patch, None, Notify::Auto)
        .await?;
    mailbox
        .delete_event(&occurrences[2].id, DeleteMode::Trash, Notify::Auto)
        .await?;
    mailbox.get_event(&master.id, Projection::Full).await
}

async fn expanded(b: &Backend, query: EventQuery) -> Result<Vec<Event>> {
    b.mailbox("alice").list_events(query).collect().await
}

fn starts(events: &[Event]) -> Vec<String> {
    let start = |event: &Event| {
        event
            .when
            .span(HOME)
            .start
            .format("%d.%m. %H:%M")
            .to_string()
    };
    events.iter().map(start).collect()
}

pub(super) async fn expanded_is_what_happens_in_the_window(b: &Backend) -> Result<()> {
    plant_series(b).await?;
    for (subject, start, end) in [
        ("Before", "2026-02-27T09:00:00Z", "2026-02-27T10:00:00Z"),
        ("Later", "2026-03-23T08:30:00Z", "2026-03-23T12:00:00Z"),
        ("First", "2026-03-02T08:00:00Z", "2026-03-02T18:00:00Z"),
        ("After", "2026-04-27T09:00:00Z", "2026-04-27T10:00:00Z"),
    ] {
        b.plant("alice", &Planted::new(subject, start, end, ""));
    }
    let march = window("2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z");
    for query in [
        EventQuery::between(march),
        EventQuery::between(march).full(),
    ] {
        let events = expanded(b, query).await?;
        let seen: Vec<_> = events
            .iter()
            .zip(starts(&events))
            .map(|(event, start)| (event.subject.as_str(), start, event.kind))
            .collect();
        let expected = [
            ("First", "02.03. 08:00", EventKind::Single),
            ("Team", "02.03. 09:00", EventKind::Occurrence),
            ("Team", "10.03. 10:00", EventKind::Exception),
            ("Later", "23.03. 08:30", EventKind::Single),
            ("Team", "23.03. 09:00", EventKind::Occurrence),
            ("Team", "30.03. 08:00", EventKind::Occurrence),
        ]
        .map(|(subject, start, kind)| (subject, start.to_owned(), kind));
        assert_eq!(seen, expected);
    }
    Ok(())
}

pub(super) async fn edges_of_the_window(b: &Backend) -> Result<()> {
    for (subject, start, end) in [
        (
            "Ends when it begins",
            "2026-03-02T07:00:00Z",
            "2026-03-02T08:00:00Z",
        ),
        ("Reaches in", "2026-03-02T07:00:00Z", "2026-03-02T08:01:00Z"),
        ("Spans it", "2026-03-01T00:00:00Z", "2026-03-05T00:00:00Z"),
        (
            "Reaches out",
            "2026-03-02T17:59:00Z",
            "2026-03-02T19:00:00Z",
        ),
        (
            "Begins when it ends",
            "2026-03-02T18:00:00Z",
            "2026-03-02T19:00:00Z",
        ),
    ] {
        b.plant("alice", &Planted::new(subject, start, end, ""));
    }
    let query = EventQuery::between(window("2026-03-02T08:00:00Z", "2026-03-02T18:00:00Z"));
    let events = expanded(b, query).await?;
    let subjects: Vec<_> = events.iter().map(|event| event.subject.as_str()).collect();
    assert_eq!(subjects, ["Spans it", "Reaches in", "Reaches out"]);

    let before = b.requests();
    let empty = EventQuery::between(window("2026-03-02T08:00:00Z", "2026-03-02T08:00:00Z"));
    let refused = expanded(b, empty).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidArgument);
    assert_eq!(b.requests(), before);
    Ok(())
}

pub(super) async fn masters_and_singles(b: &Backend) -> Result<()> {
    let master = plant_series(b).await?;
    b.plant(
        "alice",
        &Planted::new("Alone", "2026-03-02T08:00:00Z", "2026-03-02T09:00:00Z", ""),
    );
    let query = EventQuery::masters(EventFilter::new()).full();
    let mut events = expanded(b, query).await?;
    events.sort_by(|a, b| a.subject.cmp(&b.subject));
    let seen: Vec<_> = events
        .iter()
        .map(|event| (event.subject.as_str(), event.kind))
        .collect();
    assert_eq!(
        seen,
        [
            ("Alone", EventKind::Single),
            ("Team", EventKind::SeriesMaster)
        ]
    );
    assert_eq!(events[1], master);
    Ok(())
}

pub(super) async fn filters(b: &Backend) -> Result<()> {
    for (subject, start, category) in [
        ("Alpha review", "2026-03-02T08:00:00Z", "Red"),
        ("Beta review", "2026-03-03T08:00:00Z", "Blue"),
        ("Gamma", "2026-03-04T08:00:00Z", "Red"),
    ] {
        let more = format!("<t:Categories><t:String>{category}</t:String></t:Categories>");
        b.plant(
            "alice",
            &Planted::new(subject, start, "2026-03-05T09:00:00Z", &more),
        );
    }
    let subjects = async |filter| -> Result<Vec<String>> {
        let events = expanded(b, EventQuery::masters(filter)).await?;
        let mut subjects: Vec<_> = events.into_iter().map(|event| event.subject).collect();
        subjects.sort();
        Ok(subjects)
    };
    let all = EventFilter::new;
    assert_eq!(subjects(all()).await?.len(), 3);
    assert_eq!(
        subjects(all().subject_contains("REVIEW")).await?,
        ["Alpha review", "Beta review"]
    );
    assert_eq!(
        subjects(all().category("Red")).await?,
        ["Alpha review", "Gamma"]
    );
    let after = all().starts_after(at("2026-03-03T08:00:00Z"));
    assert_eq!(subjects(after.clone()).await?, ["Beta review", "Gamma"]);
    let one = after.starts_before(at("2026-03-04T08:00:00Z"));
    assert_eq!(subjects(one.clone()).await?, ["Beta review"]);
    assert_eq!(subjects(one.category("Red")).await?, [""; 0]);
    let tomorrow = chrono::Utc::now() + TimeDelta::days(1);
    assert_eq!(subjects(all().modified_since(tomorrow)).await?, [""; 0]);
    Ok(())
}

pub(super) async fn summary_and_full(b: &Backend) -> Result<()> {
    let more = format!(
        "<t:Body BodyType=\"HTML\">&lt;p&gt;Agenda&lt;/p&gt;</t:Body><t:Location>Room 1</t:Location>{}",
        zones(HOME_ON_WINDOWS)
    );
    let event = Planted::new(
        "Plan",
        "2026-03-02T08:00:00Z",
        "2026-03-02T09:00:00Z",
        &more,
    );
    let id = b.plant("alice", &event);
    let mailbox = b.mailbox("alice");
    let query = || EventQuery::between(all_times());
    let listed = mailbox.list_events(query()).collect().await?.remove(0);
    let full = mailbox
        .list_events(query().full())
        .collect()
        .await?
        .remove(0);
    assert_eq!(listed.detail, None);
    let detail = full.detail.as_ref().expect("details");
    assert!(detail.body.as_ref().unwrap().content.contains("Agenda"));
    let calendar = mailbox.get_calendar(&CalendarRef::Default).await?;
    assert_eq!(detail.calendar_id.as_ref(), Some(&calendar.id));
    assert!(detail.response_requested && detail.allow_new_time_proposals);

    // A list says of an event what the event says of itself.
    let mut plain = full.clone();
    plain.detail = None;
    assert!(plain.created.is_some() && plain.last_modified.is_some());
    let mut said = plain.clone();
    if !b.can(Feature::DatesInSummaries) {
        (said.created, said.last_modified) = (None, None);
    }
    assert_eq!(listed, said);
    assert_eq!(mailbox.get_event(&id, Projection::Summary).await?, plain);
    assert_eq!(mailbox.get_event(&id, Projection::Full).await?, full);
    assert_eq!(listed.location.as_deref(), Some("Room 1"));
    assert!(listed.is_organizer && !listed.is_meeting && !listed.is_cancelled);
    Ok(())
}

pub(super) async fn pages_on_demand(b: &Backend) -> Result<()> {
    for hour in 10..17 {
        let (start, end) = (
            format!("2026-03-02T{hour}:00:00Z"),
            format!("2026-03-02T{hour}:30:00Z"),
        );
        b.plant("alice", &Planted::new(&hour.to_string(), &start, &end, ""));
    }
    let mailbox = b.mailbox("alice");
    let query = || EventQuery::masters(EventFilter::new()).page_size(3);
    let mut all = mailbox.list_events(query());
    assert_eq!(b.requests(), 0);
    let mut subjects = Vec::new();
    while let Some(event) = all.try_next().await? {
        subjects.push(event.subject);
        let pages = subjects.len().div_ceil(3);
        assert_eq!(b.requests_to(Doing::Lists) as usize, pages);
    }
    subjects.sort();
    assert_eq!(subjects, ["10", "11", "12", "13", "14", "15", "16"]);
    assert_eq!(b.requests_to(Doing::Lists), 3);

    // A server that gives less than it was asked for, or refuses to.
    b.limit_find(Some(2));
    let whole = EventQuery::masters(EventFilter::new());
    assert_eq!(mailbox.list_events(whole).collect().await?.len(), 7);
    b.limit_find(None);

    let before = b.requests_to(Doing::Lists);
    let mut some = mailbox.list_events(query());
    some.try_next().await?;
    drop(some);
    tokio::task::yield_now().await;
    assert_eq!(b.requests_to(Doing::Lists), before + 1);
    Ok(())
}

pub(super) async fn events_by_id_in_order(b: &Backend) -> Result<()> {
    let plant = |subject: &str| {
        let (start, end) = ("2026-03-02T08:00:00Z", "2026-03-02T09:00:00Z");
        b.plant("alice", &Planted::new(subject, start, end, ""))
    };
    let gone = plant("Gone");
    let mut ids: Vec<EventId> = (0..120).map(|n| plant(&n.to_string())).collect();
    b.remove(&gone);
    ids.insert(60, gone);
    ids.insert(0, EventId::from_raw(b.protocol(), "nonsense"));
    ids.push(EventId::from_raw(b.other_protocol(), "AAMkAD"));
    ids.push(ids[1].clone());

    let answers = b
        .mailbox("alice")
        .get_events(&ids, Projection::Summary)
        .await?;
    let words: Vec<String> = answers
        .into_iter()
        .map(|answer| match answer {
            Ok(event) => event.subject,
            Err(error) => format!("{:?}", error.kind()),
        })
        .collect();
    let mut expected: Vec<String> = (0..120).map(|n| n.to_string()).collect();
    expected.insert(60, "NotFound".to_owned());
    expected.insert(0, "InvalidId".to_owned());
    expected.extend(["InvalidId".to_owned(), "0".to_owned()]);
    assert_eq!(words, expected);
    assert_eq!(
        b.mailbox("alice")
            .get_events(&[], Projection::Full)
            .await?
            .len(),
        0
    );
    Ok(())
}

pub(super) async fn a_deleted_occurrence_is_gone(b: &Backend) -> Result<()> {
    plant_series(b).await?;
    let events = expanded(b, EventQuery::between(all_times())).await?;
    let expected = [
        "02.03. 09:00",
        "10.03. 10:00",
        "23.03. 09:00",
        "30.03. 08:00",
    ];
    assert_eq!(starts(&events), expected);
    Ok(())
}

pub(super) async fn a_moved_occurrence_knows_where_it_was(b: &Backend) -> Result<()> {
    plant_series(b).await?;
    for query in [
        EventQuery::between(all_times()),
        EventQuery::between(all_times()).full(),
    ] {
        let events = expanded(b, query).await?;
        let originals: Vec<_> = events.iter().map(|event| event.recurrence_id).collect();
        let expected = [
            "2026-03-02T09:00:00Z",
            "2026-03-09T09:00:00Z",
            "2026-03-23T09:00:00Z",
            "2026-03-30T08:00:00Z",
        ];
        assert_eq!(originals, expected.map(|text| Some(at(text))));
        assert_eq!(events[1].kind, EventKind::Exception);
        assert_eq!(events[1].when.span(HOME).start, at("2026-03-10T10:00:00Z"));
        assert_eq!(events[0].kind, EventKind::Occurrence);
    }
    Ok(())
}

pub(super) async fn a_series_has_one_uid(b: &Backend) -> Result<()> {
    let master = plant_series(b).await?;
    assert!(master.uid.is_some());
    for event in expanded(b, EventQuery::between(all_times())).await? {
        assert_eq!(event.uid, master.uid);
    }
    Ok(())
}

pub(super) async fn an_occurrence_knows_its_series(b: &Backend) -> Result<()> {
    let master = plant_series(b).await?;
    b.plant(
        "alice",
        &Planted::new("Alone", "2026-03-02T08:00:00Z", "2026-03-02T08:30:00Z", ""),
    );
    let events = expanded(b, EventQuery::between(all_times()).full()).await?;
    let series: Vec<_> = events
        .iter()
        .map(|event| event.detail.as_ref().unwrap().series_id.as_ref())
        .collect();
    let id = Some(&master.id);
    assert_eq!(series, [None, id, id, id, id]);
    let opened = b
        .mailbox("alice")
        .get_event(&master.id, Projection::Full)
        .await?;
    assert_eq!(opened.kind, EventKind::SeriesMaster);
    assert!(opened.detail.unwrap().recurrence.is_some());
    Ok(())
}

pub(super) async fn each_value_returns(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let event = || NewEvent::new("Value", lasting("2026-03-02T10:00", 60));
    let make = async |event| {
        let made = mailbox
            .create_event(&CalendarRef::Default, event, Notify::Auto)
            .await?;
        mailbox.get_event(&made.id, Projection::Summary).await
    };
    for status in [
        FreeBusyStatus::Free,
        FreeBusyStatus::Tentative,
        FreeBusyStatus::Busy,
        FreeBusyStatus::OutOfOffice,
    ] {
        assert_eq!(make(event().show_as(status)).await?.show_as, status);
    }
    for sensitivity in [
        Sensitivity::Normal,
        Sensitivity::Personal,
        Sensitivity::Private,
        Sensitivity::Confidential,
    ] {
        let read = make(event().sensitivity(sensitivity)).await?;
        assert_eq!(read.sensitivity, sensitivity);
    }
    for importance in [Importance::Low, Importance::Normal, Importance::High] {
        let read = make(event().importance(importance)).await?;
        assert_eq!(read.importance, importance);
    }
    let read = make(event().reminder(ReminderChoice::Before(TimeDelta::zero()))).await?;
    assert_eq!(read.reminder, Some(TimeDelta::zero()));
    for wanted in [false, true] {
        let event = event()
            .response_requested(wanted)
            .allow_new_time_proposals(wanted);
        let made = mailbox
            .create_event(&CalendarRef::Default, event, Notify::Auto)
            .await?;
        let detail = made.detail.unwrap();
        assert_eq!(detail.response_requested, wanted);
        assert_eq!(detail.allow_new_time_proposals, wanted);
    }
    let read = make(event().category("Red").category("Übung & <Spaß>")).await?;
    assert_eq!(read.categories.len(), 2);
    assert!(read.categories.contains("Übung & <Spaß>"));
    Ok(())
}

pub(super) async fn working_elsewhere_returns(b: &Backend) -> Result<()> {
    let elsewhere = FreeBusyStatus::WorkingElsewhere;
    let event = NewEvent::new("Home", lasting("2026-03-02T10:00", 60)).show_as(elsewhere);
    let made = b
        .mailbox("alice")
        .create_event(&CalendarRef::Default, event, Notify::Auto)
        .await?;
    assert_eq!(made.show_as, elsewhere);
    Ok(())
}

pub(super) async fn an_event_that_vanishes_is_left_out(b: &Backend) -> Result<()> {
    let plant = |subject: &str| {
        let (start, end) = ("2026-03-02T08:00:00Z", "2026-03-02T09:00:00Z");
        b.plant("alice", &Planted::new(subject, start, end, ""))
    };
    plant("Stays");
    let vanishing = plant("Vanishes");
    let mailbox = b.mailbox("alice");
    // It is found, and deleted before it is read.
    b.fail(Trouble::Delay(Duration::from_millis(700)));
    let listing = mailbox.list_events(EventQuery::between(all_times()).full());
    let delete = async {
        while b.requests_to(Doing::Lists) == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        b.remove(&vanishing);
    };
    let (events, ()) = tokio::join!(listing.collect(), delete);
    let subjects: Vec<_> = events?.into_iter().map(|event| event.subject).collect();
    assert_eq!(subjects, ["Stays"]);
    Ok(())
}

pub(super) async fn texts_return_as_they_were(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    for text in [
        "<b>&amp; ]]> \"quoted\" 'single'</b>",
        "Grüße aus Zürich, 会議, اجتماع, 👩🏽‍💻",
        "two\r\nlines\n\tand a tab",
        "  spaces around  ",
        "\u{2028}\u{feff}\u{a0}",
    ] {
        let event = NewEvent::new(text, lasting("2026-03-02T10:00", 60))
            .location(text)
            .body(Body::text(text));
        let made = mailbox
            .create_event(&CalendarRef::Default, event, Notify::Auto)
            .await?;
        let read = mailbox.get_event(&made.id, Projection::Full).await?;
        assert_eq!(
            (read.subject.as_str(), read.location.as_deref()),
            (text, Some(text))
        );
        let body = read.detail.unwrap().body;
        assert_eq!(body, stored_body(&Body::text(text), body.as_ref(), b));
    }
    Ok(())
}

pub(super) async fn pages_while_things_come_and_go(b: &Backend) -> Result<()> {
    let plant = |subject: &str| {
        let (start, end) = ("2026-03-02T08:00:00Z", "2026-03-02T09:00:00Z");
        b.plant("alice", &Planted::new(subject, start, end, ""))
    };
    let ids: Vec<_> = (0..9).map(|number| plant(&number.to_string())).collect();
    let mailbox = b.mailbox("alice");
    let mut listing = mailbox.list_events(EventQuery::masters(EventFilter::new()).page_size(3));
    let mut subjects = Vec::new();
    while let Some(page) = listing.next_page().await? {
        subjects.extend(page.items.into_iter().map(|event| event.subject));
        if subjects.len() == 3 {
            // What was read is deleted, and something new comes.
            b.remove(&ids[0]);
            b.remove(&ids[1]);
            plant("new");
        }
    }
    subjects.retain(|subject| subject != "new");
    subjects.sort();
    let expected: Vec<_> = (0..9).map(|number| number.to_string()).collect();
    assert_eq!(subjects, expected);
    Ok(())
}
