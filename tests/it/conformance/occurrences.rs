//! Changes to parts of a series: one occurrence, this and the following, the whole.

use exchange_connector::model::{
    Attendee, CalendarRef, DeleteMode, Event, EventKind, EventPatch, EventQuery, NewEvent, Notify,
    Patch, Pattern, Projection, Range, Recurrence,
};
use exchange_connector::simulator::Trouble;
use exchange_connector::{CalendarExt, Effect, ErrorKind, Feature, Mailbox, Result};

use super::backend::{Backend, Doing, HOME, address, at, day, lasting, window};
use super::reading::plant_series;
use super::writing::events;

pub(super) async fn one_occurrence_of_a_series(b: &Backend) -> Result<()> {
    let master = plant_series(b).await?;
    let mailbox = b.mailbox("alice");
    let before = events(b, "alice").await?;
    let patch = EventPatch::new()
        .location("Room 9")
        .subject("Team, special");
    let changed = mailbox
        .update_event(&before[2].id, patch, None, Notify::Auto)
        .await?;
    assert_eq!(changed.recurrence_id, Some(at("2026-03-23T09:00:00Z")));
    assert_eq!(changed.location.as_deref(), Some("Room 9"));

    // The others are what they were; so is the rule of the series.
    let after = events(b, "alice").await?;
    assert_eq!(after.len(), before.len());
    for (number, (old, new)) in before.iter().zip(&after).enumerate() {
        let words = |event: &Event| {
            let when = event.when.clone();
            (
                event.subject.clone(),
                when,
                event.location.clone(),
                event.kind,
            )
        };
        assert_eq!(words(old) == words(new), number != 2, "{number}");
    }
    mailbox
        .delete_event(&after[3].id, DeleteMode::Trash, Notify::Auto)
        .await?;
    let starts: Vec<_> = events(b, "alice")
        .await?
        .iter()
        .map(|event| event.when.span(HOME).start)
        .collect();
    let expected = [
        "2026-03-02T09:00:00Z",
        "2026-03-10T10:00:00Z",
        "2026-03-23T09:00:00Z",
    ];
    assert_eq!(starts, expected.map(at));
    let now = mailbox.get_event(&master.id, Projection::Full).await?;
    assert_eq!(
        now.detail.unwrap().recurrence,
        master.detail.unwrap().recurrence
    );
    assert_eq!((now.subject, now.when), (master.subject, master.when));
    Ok(())
}

pub(super) async fn an_occurrence_may_not_cross_its_neighbour(b: &Backend) -> Result<()> {
    plant_series(b).await?;
    let before = events(b, "alice").await?;
    let patch = EventPatch::new().when(lasting("2026-03-31T10:00", 60));
    let refused = b
        .mailbox("alice")
        .update_event(&before[2].id, patch, None, Notify::Auto)
        .await
        .unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidState);
    assert_eq!(events(b, "alice").await?, before);
    Ok(())
}

pub(super) async fn an_occurrence_has_a_version(b: &Backend) -> Result<()> {
    plant_series(b).await?;
    let mailbox = b.mailbox("alice");
    let before = events(b, "alice").await?;
    let change = async |subject: &str| {
        let (id, version) = (&before[0].id, Some(&before[0].version));
        let patch = EventPatch::new().subject(subject);
        mailbox.update_event(id, patch, version, Notify::Auto).await
    };
    let changed = change("First").await?;
    assert_eq!(changed.kind, EventKind::Exception);
    let refused = change("Second").await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Conflict);
    assert_eq!(events(b, "alice").await?[0].subject, "First");
    Ok(())
}
/// All events of somebody in a year that is still to come, but has the days of 2026.
async fn future(b: &Backend, person: &str) -> Result<Vec<Event>> {
    let year = window("2043-01-01T00:00:00Z", "2044-12-01T00:00:00Z");
    let query = EventQuery::between(year).full();
    b.mailbox(person).list_events(query).collect().await
}

/// Starts, as `02.03. 10:00`, and locations.
fn table(events: &[Event]) -> Vec<String> {
    let row = |event: &Event| {
        let start = event.when.span(HOME).start.with_timezone(&HOME);
        let location = event.location.as_deref().unwrap_or("-");
        format!("{} {location}", start.format("%d.%m. %H:%M"))
    };
    events.iter().map(row).collect()
}

/// Mondays from 2 March 2043 on, at ten, as the range says; with bob, if he is to come. The one on
/// the 9th is in another room, the one on the 16th deleted, the one on the 30th an hour later, the
/// one on 6 April deleted.
async fn team(b: &Backend, range: Range, with_bob: bool) -> Result<Event> {
    let mailbox = b.mailbox("alice");
    let weekly = Pattern::Weekly {
        interval: 1,
        days: chrono::Weekday::Mon.into(),
        first_day: chrono::Weekday::Sun,
    };
    let mut event = NewEvent::new("Team", lasting("2043-03-02T10:00", 60))
        .location("Room 1")
        .recurrence(Recurrence::new(weekly, range));
    if with_bob {
        event = event.attendee(Attendee::required(address("bob")));
    }
    let master = mailbox
        .create_event(&CalendarRef::Default, event, Notify::Auto)
        .await?;
    let all = future(b, "alice").await?;
    let nobody = b.quietly();
    let room = EventPatch::new().location("Room 9");
    mailbox.update_event(&all[1].id, room, None, nobody).await?;
    let later = EventPatch::new().when(lasting("2043-03-30T11:00", 60));
    mailbox
        .update_event(&all[4].id, later, None, nobody)
        .await?;
    for gone in [2, 5] {
        mailbox
            .delete_event(&all[gone].id, DeleteMode::Permanent, nobody)
            .await?;
    }
    b.sent();
    mailbox.get_event(&master.id, Projection::Full).await
}

fn counted() -> Range {
    Range::Count {
        start: day("2043-03-02"),
        count: 9,
    }
}

const BEFORE: [&str; 7] = [
    "02.03. 10:00 Room 1",
    "09.03. 10:00 Room 9",
    "23.03. 10:00 Room 1",
    "30.03. 11:00 Room 1",
    "13.04. 10:00 Room 1",
    "20.04. 10:00 Room 1",
    "27.04. 10:00 Room 1",
];

/// The occurrence on the 23rd.
async fn fourth(b: &Backend) -> Result<Event> {
    let all = future(b, "alice").await?;
    assert_eq!(table(&all)[..7], BEFORE);
    Ok(all[2].clone())
}

fn range_of(series: &Event) -> Range {
    let detail = series.detail.as_ref().unwrap();
    detail.recurrence.as_ref().unwrap().range
}

pub(super) async fn the_time_of_a_series_changes_all_of_it(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let master = team(b, counted(), false).await?;
    // What is no time leaves each as it differs.
    let patch = EventPatch::new().subject("Team of teams");
    mailbox
        .update_event(&master.id, patch, None, Notify::Auto)
        .await?;
    let all = future(b, "alice").await?;
    assert_eq!(table(&all), BEFORE);
    assert!(all.iter().all(|event| event.subject == "Team of teams"));

    // Another time drops exceptions, and brings back what was deleted.
    let patch = EventPatch::new().when(lasting("2043-03-02T14:00", 30));
    mailbox
        .update_event(&master.id, patch, None, Notify::Auto)
        .await?;
    let all = future(b, "alice").await?;
    assert_eq!(all.len(), 9);
    assert!(all.iter().all(|event| event.kind == EventKind::Occurrence));
    assert!(table(&all).iter().all(|row| row.ends_with("14:00 Room 1")));
    let series = mailbox.get_series(&master.id).await?;
    assert_eq!((series.exceptions, series.deleted), (vec![], vec![]));
    Ok(())
}

pub(super) async fn one_occurrence_is_cancelled(b: &Backend) -> Result<()> {
    let master = team(b, counted(), true).await?;
    let fourth = fourth(b).await?;
    let mailbox = b.mailbox("alice");
    let cancelled = async || -> Result<Vec<_>> {
        let events = future(b, "bob").await?;
        let cancelled = events.iter().filter(|event| event.is_cancelled);
        Ok(cancelled.map(|event| event.recurrence_id).collect())
    };
    // What was deleted before, where it could not be done quietly.
    let before = cancelled().await?;
    assert_eq!(before.is_empty(), b.can(Feature::SilentMeetingChange));
    mailbox
        .cancel_event(&fourth.id, Some("No room that day."))
        .await?;
    let sent = b.sent();
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert_eq!(
        sent[0].to_whom(),
        ("MeetingCancellation", vec!["bob@example.test"])
    );
    assert!(sent[0].body.contains("No room that day."), "{sent:?}");
    let mut left = BEFORE.to_vec();
    left.remove(2);
    assert_eq!(table(&future(b, "alice").await?), left);
    let now = mailbox.get_event(&master.id, Projection::Full).await?;
    assert_eq!(range_of(&now), range_of(&master));
    // Bob's copy says so of that one alone.
    let mut starts = cancelled().await?;
    starts.retain(|start| !before.contains(start));
    assert_eq!(starts, [Some(at("2043-03-23T09:00:00Z"))]);
    Ok(())
}

pub(super) async fn this_and_following_change(b: &Backend) -> Result<()> {
    let start = day("2043-03-02");
    let end = day("2043-04-27");
    for range in [
        counted(),
        Range::Until { start, end },
        Range::NoEnd { start },
    ] {
        let master = team(b, range, false).await?;
        let fourth = fourth(b).await?;
        let mailbox = b.mailbox("alice");
        let patch = EventPatch::new().location("Room 2").subject("Team, new");
        let split = mailbox
            .change_this_and_following(&fourth.id, patch, Notify::Auto)
            .await?;
        let all = future(b, "alice").await?;
        let expected = BEFORE.map(|row| row.replace("Room 1", "Room 2"));
        assert_eq!(table(&all)[..2], BEFORE[..2], "{range:?}");
        assert_eq!(table(&all)[2..7], expected[2..], "{range:?}");
        if !matches!(range, Range::NoEnd { .. }) {
            assert_eq!(all.len(), 7, "{range:?}");
        }
        assert!(all[2..].iter().all(|event| event.subject == "Team, new"));
        assert!(all[..2].iter().all(|event| event.subject == "Team"));

        let (earlier, later) = (split.earlier.unwrap(), split.later);
        assert_eq!((&split.lost, &split.attachments), (&vec![], &vec![]));
        assert_eq!(earlier.id, master.id);
        assert_ne!(earlier.uid, later.uid);
        let begins = day("2043-03-23");
        let (ended, begun) = match range {
            Range::Count { .. } => (
                Range::Count { start, count: 3 },
                Range::Count {
                    start: begins,
                    count: 6,
                },
            ),
            _ => {
                let last = day("2043-03-22");
                let begun = match range {
                    Range::Until { .. } => Range::Until { start: begins, end },
                    _ => Range::NoEnd { start: begins },
                };
                (Range::Until { start, end: last }, begun)
            }
        };
        // A server may say the last day as that of the last occurrence.
        assert!(
            range_of(&earlier) == ended || matches!(ended, Range::Until { .. }),
            "{earlier:?}"
        );
        assert_eq!(range_of(&later), begun);
        let series = mailbox.get_series(&earlier.id).await?;
        assert_eq!(series.exceptions.len(), 1, "{range:?}");
        assert_eq!(series.deleted, [at("2043-03-16T09:00:00Z")], "{range:?}");
        for series in [earlier, later] {
            mailbox
                .delete_event(&series.id, DeleteMode::Permanent, b.quietly())
                .await?;
        }
    }
    assert_eq!(b.sent(), []);
    Ok(())
}

pub(super) async fn this_and_following_move(b: &Backend) -> Result<()> {
    team(b, counted(), false).await?;
    let fourth = fourth(b).await?;
    let mailbox = b.mailbox("alice");
    // From Mondays at ten to Tuesdays at four; what has no Monday any more is told.
    let patch = EventPatch::new().when(lasting("2043-03-24T16:00", 45));
    let split = mailbox
        .change_this_and_following(&fourth.id, patch, Notify::Auto)
        .await?;
    let rows = table(&future(b, "alice").await?);
    assert_eq!(rows[..2], BEFORE[..2]);
    let tuesdays = ["24.03.", "31.03.", "07.04.", "14.04.", "21.04.", "28.04."];
    assert_eq!(rows[2..], tuesdays.map(|day| format!("{day} 16:00 Room 1")));
    // It differed in its time alone, which the patch says anew.
    assert_eq!(split.lost, []);

    // From the first occurrence on it is the series itself that changes.
    let first = future(b, "alice").await?[2].clone();
    let patch = EventPatch::new().location("Room 3");
    let whole = mailbox
        .change_this_and_following(&first.id, patch, Notify::Auto)
        .await?;
    assert_eq!((whole.earlier, &whole.later.id), (None, &split.later.id));
    let rows = table(&future(b, "alice").await?);
    assert_eq!(rows[2..], tuesdays.map(|day| format!("{day} 16:00 Room 3")));

    // What can only be said with a pattern.
    let single = EventPatch::new().recurrence(Patch::Clear).subject("Last");
    let all = future(b, "alice").await?;
    let last = mailbox
        .change_this_and_following(&all[6].id, single, Notify::Auto)
        .await?;
    assert_eq!(last.later.kind, EventKind::Single);
    assert_eq!(future(b, "alice").await?.len(), 7);
    Ok(())
}

pub(super) async fn attendees_hear_of_a_split(b: &Backend) -> Result<()> {
    team(b, counted(), true).await?;
    let fourth = fourth(b).await?;
    let patch = EventPatch::new().location("Room 2");
    let split = b
        .mailbox("alice")
        .change_this_and_following(&fourth.id, patch, Notify::Auto)
        .await?;
    let attendees = |event: &Event| event.detail.as_ref().unwrap().attendees.len();
    assert_eq!(
        (
            attendees(split.earlier.as_ref().unwrap()),
            attendees(&split.later)
        ),
        (1, 1)
    );
    let sent = b.sent();
    assert!(
        sent.iter().all(|one| one.to == ["bob@example.test"]),
        "{sent:?}"
    );
    // His calendar is that of alice.
    let mut own = table(&future(b, "alice").await?);
    let mut his = future(b, "bob").await?;
    his.retain(|event| !event.is_cancelled);
    let mut his = table(&his);
    own.sort();
    his.sort();
    assert_eq!(his, own);
    Ok(())
}

pub(super) async fn this_and_following_deleted(b: &Backend) -> Result<()> {
    let master = team(b, counted(), true).await?;
    let fourth = fourth(b).await?;
    let mailbox = b.mailbox("alice");
    let left = mailbox
        .delete_this_and_following(&fourth.id, Notify::Auto)
        .await?
        .unwrap();
    assert_eq!(left.id, master.id);
    assert_eq!(table(&future(b, "alice").await?), BEFORE[..2]);
    let mut his = future(b, "bob").await?;
    his.retain(|event| !event.is_cancelled);
    assert_eq!(table(&his), BEFORE[..2]);
    b.sent();

    let first = future(b, "alice").await?.remove(0);
    let nothing = mailbox
        .delete_this_and_following(&first.id, Notify::Auto)
        .await?;
    assert_eq!(nothing, None);
    assert_eq!(future(b, "alice").await?, []);
    let sent = b.sent();
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert_eq!(sent[0].kind, "MeetingCancellation");
    Ok(())
}

pub(super) async fn what_cannot_be_split(b: &Backend) -> Result<()> {
    let master = team(b, counted(), true).await?;
    let invited = future(b, "bob").await?;
    let patch = || EventPatch::new().location("Room 2");
    let alice: &dyn Mailbox = &*b.mailbox("alice");
    let bob: &dyn Mailbox = &*b.mailbox("bob");
    let before = future(b, "alice").await?;
    for refused in [
        alice
            .change_this_and_following(&master.id, patch(), Notify::Auto)
            .await
            .err(),
        alice
            .delete_this_and_following(&master.id, Notify::Auto)
            .await
            .err(),
        bob.change_this_and_following(&invited[3].id, patch(), Notify::Auto)
            .await
            .err(),
        bob.delete_this_and_following(&invited[3].id, Notify::Auto)
            .await
            .err(),
    ] {
        assert_eq!(refused.unwrap().kind(), ErrorKind::InvalidState);
    }
    let mut timeless = patch();
    timeless.when = Patch::Clear;
    let nobody = patch().attendees(vec![Attendee::required("nobody")]);
    for wrong in [timeless, nobody] {
        let refused = alice
            .change_this_and_following(&before[2].id, wrong, Notify::Auto)
            .await;
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidArgument);
    }
    assert_eq!(future(b, "alice").await?, before);
    assert_eq!(b.sent(), []);
    Ok(())
}

/// Whatever goes wrong while the new series is made or the old one is ended, all is as it was.
pub(super) async fn a_split_that_fails_changes_nothing(b: &Backend) -> Result<()> {
    team(b, counted(), true).await?;
    let fourth = fourth(b).await?;
    let before = future(b, "alice").await?;
    let mailbox = b.mailbox("alice");
    let creating = b.requests_to(Doing::Creates);
    let ending = b.requests_to(Doing::Changes);
    let mut failures = 0;
    for step in 0..40 {
        let refusal = Trouble::Message {
            code: "ErrorAccessDenied",
            back_off: None,
        };
        b.fail_after(step, refusal);
        let patch = EventPatch::new().location("Room 2");
        let split = mailbox
            .change_this_and_following(&fourth.id, patch, Notify::Auto)
            .await;
        // The ending went through: from there on it is a split.
        if b.requests_to(Doing::Changes) > ending + 1 || split.is_ok() {
            break;
        }
        let error = split.unwrap_err();
        failures += 1;
        assert!(
            error.effect() == Effect::None || error.effect() == Effect::Partial,
            "{step}: {error:?}"
        );
        let after = future(b, "alice").await?;
        assert_eq!(table(&after), table(&before), "{step}: {error:?}");
        assert_eq!(b.sent(), [], "{step}");
    }
    assert!(failures > 3 && b.requests_to(Doing::Creates) > creating);
    Ok(())
}
