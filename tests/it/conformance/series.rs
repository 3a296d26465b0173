//! A series as a whole, its occurrences, and finding it by its UID.

use exchange_connector::model::{
    CalendarRef, Event, EventId, EventKind, EventQuery, ICalUid, NewEvent, Notify, Projection,
    Series, TimeRange,
};
use exchange_connector::{ErrorKind, Result};

use super::backend::{
    Backend, Doing, HOME_ON_WINDOWS, Planted, all_times, at, lasting, window, zones,
};
use super::reading::plant_series;

pub(super) async fn the_same_from_each_part(b: &Backend) -> Result<()> {
    let master = plant_series(b).await?;
    let mailbox = b.mailbox("alice");
    let parts = mailbox
        .list_events(EventQuery::between(all_times()).full())
        .collect()
        .await?;
    let kinds: Vec<_> = parts.iter().map(|part| part.kind).collect();
    use EventKind::{Exception, Occurrence};
    assert_eq!(kinds, [Occurrence, Exception, Occurrence, Occurrence]);

    let mut expected = Series::new(master.clone());
    expected.exceptions = vec![parts[1].clone()];
    expected.deleted = vec![at("2026-03-16T09:00:00Z")];
    assert_eq!(mailbox.get_series(&master.id).await?, expected);
    for part in &parts {
        assert_eq!(mailbox.get_series(&part.id).await?, expected);
    }
    Ok(())
}

pub(super) async fn what_is_no_series(b: &Backend) -> Result<()> {
    let plant = || Planted::new("Alone", "2026-03-02T08:00:00Z", "2026-03-02T09:00:00Z", "");
    let (single, gone) = (b.plant("alice", &plant()), b.plant("alice", &plant()));
    b.remove(&gone);
    let mailbox = b.mailbox("alice");
    for (id, kind) in [
        (single, ErrorKind::InvalidState),
        (gone, ErrorKind::NotFound),
    ] {
        let refused = mailbox.get_series(&id).await.unwrap_err();
        assert_eq!(refused.kind(), kind, "{refused:?}");
    }
    let before = b.requests();
    let foreign = EventId::from_raw(b.other_protocol(), "AAMkAD");
    let refused = mailbox.get_series(&foreign).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidId);
    assert_eq!(b.requests(), before);
    Ok(())
}

pub(super) async fn deleted_occurrences_are_named(b: &Backend) -> Result<()> {
    let master = plant_series(b).await?;
    let mailbox = b.mailbox("alice");
    let events = mailbox
        .list_events(EventQuery::between(all_times()))
        .collect()
        .await?;
    // The exception: it is deleted by its original start, not by where it was moved to.
    b.remove(&events[1].id);
    let series = mailbox.get_series(&master.id).await?;
    assert_eq!(series.exceptions, []);
    let deleted = [at("2026-03-09T09:00:00Z"), at("2026-03-16T09:00:00Z")];
    assert_eq!(series.deleted, deleted);
    let read = mailbox.get_event(&events[1].id, Projection::Summary).await;
    assert_eq!(read.unwrap_err().kind(), ErrorKind::NotFound);
    Ok(())
}

/// A series of the same time as others, without an end. Returns its master.
fn plant_endless(b: &Backend, subject: &str) -> EventId {
    let more = format!(
        "<t:Recurrence><t:WeeklyRecurrence><t:Interval>1</t:Interval>\
         <t:DaysOfWeek>Monday</t:DaysOfWeek></t:WeeklyRecurrence><t:NoEndRecurrence>\
         <t:StartDate>2026-01-05</t:StartDate></t:NoEndRecurrence></t:Recurrence>{}",
        zones(HOME_ON_WINDOWS)
    );
    let (start, end) = ("2026-01-05T09:00:00Z", "2026-01-05T10:00:00Z");
    b.plant("alice", &Planted::new(subject, start, end, &more))
}

async fn occurrences(
    b: &Backend,
    series: &EventId,
    window: TimeRange,
    projection: Projection,
) -> Result<Vec<Event>> {
    let mailbox = b.mailbox("alice");
    mailbox
        .list_occurrences(series, window, projection)
        .collect()
        .await
}

pub(super) async fn occurrences_of_one_series(b: &Backend) -> Result<()> {
    let master = plant_series(b).await?;
    plant_endless(b, "Team");
    let mailbox = b.mailbox("alice");
    for (query, projection) in [
        (EventQuery::between(all_times()), Projection::Summary),
        (EventQuery::between(all_times()).full(), Projection::Full),
    ] {
        let mut expected = mailbox.list_events(query).collect().await?;
        expected.retain(|event| event.uid == master.uid);
        assert_eq!(expected.len(), 4);
        for part in [&master.id, &expected[0].id, &expected[1].id] {
            let found = occurrences(b, part, all_times(), projection).await?;
            assert_eq!(found, expected);
        }
        // The one that was moved is where it is, not where it was.
        for (start, end, part) in [
            ("2026-03-09T00:00:00Z", "2026-03-10T00:00:00Z", 0..0),
            ("2026-03-10T00:00:00Z", "2026-03-11T00:00:00Z", 1..2),
            ("2026-03-10T00:00:00Z", "2026-03-24T00:00:00Z", 1..3),
        ] {
            let found = occurrences(b, &master.id, window(start, end), projection).await?;
            assert_eq!(found, expected[part]);
        }
    }
    Ok(())
}

pub(super) async fn occurrences_in_a_long_window(b: &Backend) -> Result<()> {
    let master = plant_series(b).await?;
    let endless = plant_endless(b, "Endless");
    let decades = window("2001-01-01T00:00:00Z", "2041-01-01T00:00:00Z");
    // A series that ends is not looked for beyond its end.
    let before = b.requests_to(Doing::Lists);
    let found = occurrences(b, &master.id, decades, Projection::Summary).await?;
    assert_eq!(found.len(), 4);
    assert_eq!(b.requests_to(Doing::Lists), before + 1);
    let elsewhere = window("2027-01-01T00:00:00Z", "2041-01-01T00:00:00Z");
    let found = occurrences(b, &master.id, elsewhere, Projection::Summary).await?;
    assert_eq!(found, []);
    assert_eq!(b.requests_to(Doing::Lists), before + 1);

    let years = window("2001-01-01T00:00:00Z", "2030-01-07T00:00:00Z");
    let found = occurrences(b, &endless, years, Projection::Summary).await?;
    assert_eq!(found.len(), 4 * 52 + 1);
    assert!(found.is_sorted_by_key(|event| event.recurrence_id));
    Ok(())
}

pub(super) async fn occurrences_of_what_is_no_series(b: &Backend) -> Result<()> {
    let single = Planted::new("Alone", "2026-03-02T08:00:00Z", "2026-03-02T09:00:00Z", "");
    let single = b.plant("alice", &single);
    let refused = occurrences(b, &single, all_times(), Projection::Summary).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidState);
    let before = b.requests();
    let nowhen = TimeRange::new(all_times().end, all_times().start);
    let refused = occurrences(b, &single, nowhen, Projection::Summary).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidArgument);
    let foreign = EventId::from_raw(b.other_protocol(), "AAMkAD");
    let refused = occurrences(b, &foreign, all_times(), Projection::Summary).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidId);
    assert_eq!(b.requests(), before);
    Ok(())
}

pub(super) async fn are_found_by_uid(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let master = plant_series(b).await?;
    let single = Planted::new("Alone", "2026-03-02T08:00:00Z", "2026-03-02T09:00:00Z", "");
    let single = b.plant("alice", &single);
    let single = mailbox.get_event(&single, Projection::Full).await?;
    for event in [master, single] {
        let uid = event.uid.clone().unwrap();
        assert_eq!(mailbox.find_by_uid(&uid).await?, [event]);
        // As other programs write it, and with the day of an occurrence in it.
        let other = uid.as_str().to_lowercase();
        let occurrence = format!("{}07ea0309{}", &other[..32], &other[40..]);
        for text in [other, occurrence] {
            assert_eq!(mailbox.find_by_uid(&ICalUid::new(&text)).await?.len(), 1);
        }
    }
    for unknown in [
        "nobody@example.org",
        &format!("040000008200E00074C5B7101A82E008{}", "0".repeat(48)),
    ] {
        assert_eq!(mailbox.find_by_uid(&ICalUid::new(unknown)).await?, []);
    }
    Ok(())
}

pub(super) async fn foreign_uids_are_found(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let uid = ICalUid::new("b1f2-Übung@calendar.example.org");
    let event =
        || NewEvent::new("Made elsewhere", lasting("2026-03-02T10:00", 60)).uid(uid.clone());
    let first = mailbox
        .create_event(&CalendarRef::Default, event(), Notify::Auto)
        .await?;
    assert_eq!(
        mailbox.find_by_uid(&uid).await?,
        std::slice::from_ref(&first)
    );
    // The same event may be in another calendar too.
    let beside = mailbox.create_calendar("Beside").await?;
    let second = mailbox
        .create_event(&(&beside).into(), event(), Notify::Auto)
        .await?;
    let mut found = mailbox.find_by_uid(&uid).await?;
    found.sort_by_key(|event| event.id != first.id);
    assert_eq!(found, [first, second]);
    Ok(())
}
