//! Following the changes of a calendar, and of a window of it.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use exchange_connector::model::{
    CalendarRef, DeleteMode, Event, EventChange, EventFilter, EventId, EventKind, EventPatch,
    EventQuery, NewEvent, Notify, Pattern, Range, Recurrence, SyncPage, SyncRequest, SyncToken,
    TimeRange, ViewScope, When,
};
use exchange_connector::{CalendarReadExt, ErrorKind, Followed, Result};
use serde_json::json;

use super::backend::{Backend, HOME, Planted, at, clock, lasting, window};
use super::reading::plant_series;

/// What is followed.
#[derive(Clone, Copy, Debug)]
enum What {
    /// Single events and series as one.
    Events,
    /// What happens in a window.
    View(TimeRange),
}

const BOTH: fn() -> [What; 2] = || [What::Events, What::View(march())];

fn march() -> TimeRange {
    window("2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z")
}

/// One page, asked for by a program that has just started and read the token from a file.
async fn page(
    b: &Backend,
    what: What,
    token: Option<&SyncToken>,
    size: Option<u32>,
) -> Result<SyncPage<EventChange>> {
    let stored = serde_json::to_string(&token).unwrap();
    let token: Option<SyncToken> = serde_json::from_str(&stored).unwrap();
    let mailbox = b.mailbox("alice");
    match what {
        What::Events => {
            let mut request = SyncRequest::from_start(CalendarRef::Default);
            (request.token, request.page_size) = (token, size);
            mailbox.sync_events(request).await
        }
        What::View(window) => {
            let mut request = SyncRequest::from_start(ViewScope::new(window));
            (request.token, request.page_size) = (token, size);
            mailbox.sync_calendar_view(request).await
        }
    }
}

/// What a program keeps of a calendar.
#[derive(Default)]
struct Kept {
    events: BTreeMap<EventId, Event>,
    token: Option<SyncToken>,
}

impl Kept {
    /// Follows to the end of a round; returns how many changes came.
    async fn follow(&mut self, b: &Backend, what: What, size: Option<u32>) -> Result<usize> {
        let (mut count, mut named) = (0, Vec::new());
        loop {
            let page = page(b, what, self.token.as_ref(), size).await?;
            let most = size.unwrap_or(u32::MAX) as usize;
            assert!(
                page.changes.len() <= most,
                "a page of {}",
                page.changes.len()
            );
            count += page.changes.len();
            for change in page.changes {
                match change {
                    EventChange::Upserted(event) => {
                        named.push(event.id.clone());
                        self.events.insert(event.id.clone(), *event);
                    }
                    EventChange::Deleted(id) => drop(self.events.remove(&id)),
                    other => panic!("{other:?}"),
                }
            }
            self.token = Some(page.token);
            if !page.more {
                if page.full {
                    self.events.retain(|id, _| named.contains(id));
                }
                return Ok(count);
            }
        }
    }

    /// Whether what is kept is what a fresh listing gives.
    async fn assert_fresh(&self, b: &Backend, what: What, when: &str) -> Result<()> {
        let query = match what {
            What::Events => EventQuery::masters(EventFilter::new()),
            What::View(window) => EventQuery::between(window),
        };
        let listed = b.mailbox("alice").list_events(query).collect().await?;
        let listed: BTreeMap<_, _> = listed
            .into_iter()
            .map(|event| (event.id.clone(), event))
            .collect();
        assert_eq!(self.events, listed, "{what:?} {when}");
        Ok(())
    }
}

fn plant(b: &Backend, subject: &str, start: &str, end: &str) -> EventId {
    b.plant("alice", &Planted::new(subject, start, end, ""))
}

pub(super) async fn the_first_round_is_complete(b: &Backend) -> Result<()> {
    for what in BOTH() {
        let empty = page(b, what, None, None).await?;
        assert!(empty.full && empty.changes.is_empty());
    }
    plant_series(b).await?;
    plant(b, "Alone", "2026-03-05T08:00:00Z", "2026-03-05T09:00:00Z");
    plant(b, "Later", "2026-04-05T08:00:00Z", "2026-04-05T09:00:00Z");
    for (what, expected) in BOTH().into_iter().zip([3, 5]) {
        let mut kept = Kept::default();
        assert_eq!(kept.follow(b, what, None).await?, expected, "{what:?}");
        kept.assert_fresh(b, what, "at first").await?;
        let second = page(b, what, kept.token.as_ref(), None).await?;
        assert!(!second.full && !second.more);
        assert_eq!(second.changes, []);
        // Nothing changed: that costs one request, whatever there is.
        let before = b.requests();
        assert_eq!(kept.follow(b, what, None).await?, 0);
        assert_eq!(b.requests(), before + 1);
    }
    Ok(())
}

pub(super) async fn each_change_shows_up(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    plant_series(b).await?;
    let changed = plant(b, "Alone", "2026-03-05T08:00:00Z", "2026-03-05T09:00:00Z");
    let deleted = plant(b, "Off", "2026-03-06T08:00:00Z", "2026-03-06T09:00:00Z");
    let moved = plant(b, "Away", "2026-03-07T08:00:00Z", "2026-03-07T09:00:00Z");
    let mut all = BOTH().map(|what| (what, Kept::default()));
    for (what, kept) in &mut all {
        kept.follow(b, *what, None).await?;
    }

    let new = plant(b, "New", "2026-03-08T08:00:00Z", "2026-03-08T09:00:00Z");
    b.alter(&changed, "item:Subject", "Together");
    b.remove(&deleted);
    mailbox
        .delete_event(&moved, DeleteMode::Trash, Notify::Nobody)
        .await?;
    for (what, kept) in &mut all {
        kept.follow(b, *what, None).await?;
        assert_eq!(kept.events[&new].subject, "New");
        assert_eq!(kept.events[&changed].subject, "Together");
        assert!(!kept.events.contains_key(&deleted) && !kept.events.contains_key(&moved));
        kept.assert_fresh(b, *what, "after changes").await?;
    }

    // Out of the window, but not out of the calendar.
    let patch = EventPatch::new().when(lasting("2026-05-05T10:00", 60));
    mailbox
        .update_event(&changed, patch, None, Notify::Nobody)
        .await?;
    for (what, kept) in &mut all {
        let came = kept.follow(b, *what, None).await?;
        assert_eq!(came, 1, "{what:?}");
        kept.assert_fresh(b, *what, "after a move").await?;
    }
    Ok(())
}

pub(super) async fn a_token_is_good_after_every_page(b: &Backend) -> Result<()> {
    plant_series(b).await?;
    for hour in 8..18 {
        let (start, end) = (
            format!("2026-03-05T{hour:02}:00:00Z"),
            "2026-03-05T19:00:00Z",
        );
        plant(b, &hour.to_string(), &start, end);
    }
    for what in BOTH() {
        for size in [1, 4] {
            let mut kept = Kept::default();
            let came = kept.follow(b, what, Some(size)).await?;
            assert_eq!(came, kept.events.len(), "{what:?} by {size}: said twice");
            kept.assert_fresh(b, what, "in pages").await?;

            // In the middle of a round things happen, and the same page is asked for twice.
            let mut kept = Kept::default();
            let first = page(b, what, None, Some(size)).await?;
            assert!(first.more && first.full);
            let again = page(b, what, None, Some(size)).await?;
            assert_eq!(again.changes, first.changes);
            plant(
                b,
                "Meanwhile",
                "2026-03-09T08:00:00Z",
                "2026-03-09T09:00:00Z",
            );
            for change in first.changes {
                let EventChange::Upserted(event) = change else {
                    panic!("{change:?}");
                };
                kept.events.insert(event.id.clone(), *event);
            }
            kept.token = Some(first.token);
            let mut rest = Kept {
                token: kept.token.clone(),
                ..Kept::default()
            };
            rest.follow(b, what, Some(size)).await?;
            rest.follow(b, what, Some(size)).await?;
            kept.events.extend(rest.events);
            kept.assert_fresh(b, what, "after a pause").await?;
        }
    }
    Ok(())
}

pub(super) async fn tokens_of_something_else(b: &Backend) -> Result<()> {
    let april = TimeRange::new(march().end, at("2026-05-01T00:00:00Z"));
    let view = page(b, What::View(march()), None, None).await?.token;
    let events = page(b, What::Events, None, None).await?.token;
    let mailbox = b.mailbox("alice");
    let beside: CalendarRef = (&mailbox.create_calendar("Beside").await?).into();
    let before = b.requests();

    let refused = page(b, What::View(april), Some(&view), None).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidArgument);
    let scope = ViewScope::new(march()).calendar(beside.clone());
    let refused = mailbox.sync_calendar_view(SyncRequest::since(scope, view.clone()));
    assert_eq!(
        refused.await.unwrap_err().kind(),
        ErrorKind::InvalidArgument
    );
    let refused = mailbox.sync_events(SyncRequest::since(beside, events.clone()));
    assert_eq!(
        refused.await.unwrap_err().kind(),
        ErrorKind::InvalidArgument
    );
    for (what, token) in [
        (What::Events, view),
        (What::View(march()), events.clone()),
        (
            What::Events,
            serde_json::from_value(json!("nonsense")).unwrap(),
        ),
    ] {
        let refused = page(b, what, Some(&token), None).await;
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::SyncStateInvalid);
    }
    let refused = page(b, What::Events, Some(&events), Some(0)).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidArgument);
    assert_eq!(b.requests(), before);
    Ok(())
}

pub(super) async fn a_state_that_expired(b: &Backend) -> Result<()> {
    plant_series(b).await?;
    let gone = plant(b, "Off", "2026-03-06T08:00:00Z", "2026-03-06T09:00:00Z");
    for what in BOTH() {
        let mut kept = Kept::default();
        kept.follow(b, what, None).await?;
        b.expire_sync_states();
        let refused = page(b, what, kept.token.as_ref(), None).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::SyncStateInvalid, "{refused:?}");

        // Whoever starts again has the full state, and sees what is not there any more.
        kept.token = None;
        kept.follow(b, what, None).await?;
        kept.assert_fresh(b, what, "after a restart").await?;

        // Or leaves that to the helper.
        let stale = kept.token.clone().unwrap();
        b.expire_sync_states();
        let mailbox = b.mailbox("alice");
        let mut round = match what {
            What::Events => mailbox.follow_events(SyncRequest::since(CalendarRef::Default, stale)),
            What::View(window) => {
                mailbox.follow_calendar_view(SyncRequest::since(ViewScope::new(window), stale))
            }
        };
        let first = round.try_next().await?.unwrap();
        let Followed::Restarted { reason } = first else {
            panic!("{first:?}");
        };
        assert_eq!(reason.kind(), ErrorKind::SyncStateInvalid);
        let mut events = 0;
        while let Some(followed) = round.try_next().await? {
            let Followed::Page(page) = followed else {
                panic!("{followed:?}");
            };
            assert!(page.full);
            events += page.changes.len();
        }
        assert_eq!(events, kept.events.len());
    }
    b.remove(&gone);
    Ok(())
}

/// Numbers without any pattern, but the same each time: what failed once fails again.
struct Dice(u64);

impl Dice {
    /// A number below `sides` (splitmix64).
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % sides as u64) as usize
    }

    /// A time in or around March 2026.
    fn time(&mut self) -> NaiveDateTime {
        clock("2026-02-20T08:00") + TimeDelta::hours(self.roll(24 * 50) as i64)
    }

    fn when(&mut self) -> When {
        let start = self.time();
        let minutes = [30, 60, 60 * 30, 60 * 24 * 9][self.roll(4)];
        When::timed(start, start + TimeDelta::minutes(minutes), HOME)
    }
}

/// Changes something somewhere in the calendar.
async fn edit(b: &Backend, dice: &mut Dice) -> Result<String> {
    let mailbox = b.mailbox("alice");
    let around = TimeRange::lasting(march().start - TimeDelta::days(10), TimeDelta::days(60));
    let events = mailbox
        .list_events(EventQuery::between(around))
        .collect()
        .await?;
    let any = (!events.is_empty()).then(|| events[dice.roll(events.len())].clone());
    let fate = dice.roll(8);
    let said = match (fate, any) {
        (0 | 1, _) | (_, None) => {
            let event = NewEvent::new("Single", dice.when());
            mailbox
                .create_event(&CalendarRef::Default, event, Notify::Nobody)
                .await
                .map(drop)
        }
        (2, _) => {
            let start = dice.time();
            let pattern = Pattern::Daily {
                interval: 1 + dice.roll(6) as u16,
            };
            let count = 1 + dice.roll(12) as u32;
            let range = Range::Count {
                start: start.date(),
                count,
            };
            let when = When::timed(start, start + TimeDelta::minutes(30), HOME);
            let event = NewEvent::new("Series", when).recurrence(Recurrence::new(pattern, range));
            mailbox
                .create_event(&CalendarRef::Default, event, Notify::Nobody)
                .await
                .map(drop)
        }
        (3 | 4, Some(event)) => {
            let patch = EventPatch::new().subject(format!("Changed {}", dice.roll(1000)));
            mailbox
                .update_event(&event.id, patch, None, Notify::Nobody)
                .await
                .map(drop)
        }
        (5, Some(event)) => {
            // An occurrence that would cross its neighbour stays where it is.
            let when = match event.kind {
                EventKind::Single => dice.when(),
                _ => later(&event, TimeDelta::minutes(dice.roll(300) as i64)),
            };
            let patch = EventPatch::new().when(when);
            mailbox
                .update_event(&event.id, patch, None, Notify::Nobody)
                .await
                .map(drop)
        }
        (6, Some(event)) => {
            mailbox
                .delete_event(&event.id, DeleteMode::Trash, Notify::Nobody)
                .await
        }
        (_, Some(event)) => match mailbox.get_series(&event.id).await {
            Ok(series) => {
                let patch = EventPatch::new().location(format!("Room {}", dice.roll(1000)));
                mailbox
                    .update_event(&series.master.id, patch, None, Notify::Nobody)
                    .await
                    .map(drop)
            }
            Err(error) => Err(error),
        },
    };
    match said {
        Ok(()) => Ok(format!("{fate}")),
        Err(error) if error.kind() == ErrorKind::InvalidState => Ok(format!("{fate} refused")),
        Err(error) => Err(error),
    }
}

fn later(event: &Event, by: TimeDelta) -> When {
    let span = event.when.span(HOME);
    let local = |time: DateTime<Utc>| time.with_timezone(&HOME).naive_local() + by;
    When::timed(local(span.start), local(span.end), HOME)
}

pub(super) async fn views_equal_fresh_listings(b: &Backend) -> Result<()> {
    for seed in 1..=2 {
        let mut dice = Dice(seed);
        let mut all = BOTH().map(|what| (what, Kept::default()));
        let mut changes = 0;
        for round in 0..7 {
            let mut edits = Vec::new();
            for _ in 0..2 + dice.roll(6) {
                edits.push(edit(b, &mut dice).await?);
            }
            let size = [None, Some(9), Some(40)][dice.roll(3)];
            for (what, kept) in &mut all {
                changes += kept.follow(b, *what, size).await?;
                let when = format!("seed {seed}, round {round}, edits {edits:?}, by {size:?}");
                kept.assert_fresh(b, *what, &when).await?;
            }
        }
        assert!(changes > 40, "{changes} changes are no test");
    }
    Ok(())
}
