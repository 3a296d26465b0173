//! Calendars against the simulator.

use std::sync::Arc;

use chrono::{NaiveDateTime, TimeDelta, Weekday};

use crate::connector::{Connector as _, Mailbox, MailboxTarget};
use crate::error::ErrorKind;
use crate::graph::{Cloud, GraphConnector};
use crate::http::{HttpOptions, Proxy};
use crate::model::*;
use crate::retry::RetryPolicy;
use crate::simulator::Simulator;

const BERLIN: chrono_tz::Tz = chrono_tz::Europe::Berlin;

async fn simulator() -> Simulator {
    Simulator::builder().mailboxes(3).start().await.unwrap()
}

fn mailbox(simulator: &Simulator, person: &str) -> Arc<dyn Mailbox> {
    let may = [
        "Calendars.ReadWrite",
        "Calendars.Read.Shared",
        "Mail.ReadWrite",
        "MailboxSettings.Read",
    ];
    let token = simulator.delegated_token(person, &may).unwrap();
    let connector = GraphConnector::with_token(token.secret)
        .cloud(Cloud::At(simulator.graph_url()))
        .http(HttpOptions::default().proxy(Proxy::Off))
        .retry(RetryPolicy::none())
        .time_zone(BERLIN)
        .build()
        .unwrap();
    connector.mailbox(&MailboxTarget::Own).unwrap()
}

fn at(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

fn talk() -> NewEvent {
    let nine = at("2026-05-04T09:00:00");
    NewEvent::new(
        "Talk",
        When::timed(nine, nine + TimeDelta::hours(1), BERLIN),
    )
}

fn weekly(count: u32) -> Recurrence {
    let pattern = Pattern::Weekly {
        interval: 1,
        days: DaySet::of(&[Weekday::Mon]),
        first_day: Weekday::Mon,
    };
    let start = "2026-05-04".parse().unwrap();
    Recurrence::new(pattern, Range::Count { start, count })
}

fn may() -> TimeRange {
    let start = at("2026-05-01T00:00:00").and_utc();
    TimeRange::lasting(start, TimeDelta::days(31))
}

#[tokio::test]
async fn an_event_comes_changes_and_goes() {
    let simulator = simulator().await;
    let alice = mailbox(&simulator, "alice@example.test");
    let property = ExtendedProperty::new(
        PropertyName::named(PropertySet::PublicStrings, "Ticket", PropertyKind::String),
        "4711",
    );
    let new = talk()
        .body(Body::text("See you <then>."))
        .location("Room 5")
        .category("Red")
        .reminder(ReminderChoice::Before(TimeDelta::minutes(10)))
        .extended(property.clone());
    let made = alice
        .create_event(&CalendarRef::Default, new, Notify::Auto)
        .await
        .unwrap();
    assert_eq!(made.subject, "Talk");
    let When::Timed { start, .. } = &made.when else {
        panic!("{made:?}")
    };
    assert_eq!(start.local(), Some(at("2026-05-04T09:00:00")));
    assert_eq!(made.reminder, Some(TimeDelta::minutes(10)));
    assert!(made.detail.is_some() && !made.is_meeting && made.is_organizer);

    let query = EventQuery::between(may())
        .full()
        .extended(property.name.clone());
    let listed = alice.list_events(query).collect().await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].id, made.id);
    assert_eq!(listed[0].detail.as_ref().unwrap().extended, [property]);
    let masters = EventQuery::masters(EventFilter::new().subject_contains("talk"));
    assert_eq!(alice.list_events(masters).collect().await.unwrap().len(), 1);

    let patch = EventPatch::new().subject("Other").location(Patch::Clear);
    let changed = alice
        .update_event(&made.id, patch.clone(), Some(&made.version), Notify::Auto)
        .await
        .unwrap();
    assert_eq!(
        (changed.subject.as_str(), &changed.location),
        ("Other", &None)
    );
    assert_eq!(changed.categories, made.categories);
    assert_ne!(changed.version, made.version);
    let stale = alice
        .update_event(&made.id, patch, Some(&made.version), Notify::Auto)
        .await;
    assert_eq!(stale.unwrap_err().kind(), ErrorKind::Conflict);

    let uid = made.uid.clone().unwrap();
    assert_eq!(alice.find_by_uid(&uid).await.unwrap().len(), 1);
    alice
        .delete_event(&made.id, DeleteMode::Trash, Notify::Auto)
        .await
        .unwrap();
    let gone = alice.get_event(&made.id, Projection::Summary).await;
    assert_eq!(gone.unwrap_err().kind(), ErrorKind::NotFound);
    assert!(alice.find_by_uid(&uid).await.unwrap().is_empty());
}

#[tokio::test]
async fn whole_days_and_patterns_come_back() {
    let simulator = simulator().await;
    let alice = mailbox(&simulator, "alice@example.test");
    let days = When::days("2026-05-05".parse().unwrap(), "2026-05-07".parse().unwrap());
    let made = alice
        .create_event(
            &CalendarRef::Default,
            NewEvent::new("Days", days),
            Notify::Auto,
        )
        .await
        .unwrap();
    let When::AllDay { start, end, .. } = &made.when else {
        panic!("{made:?}")
    };
    assert_eq!(
        (start.to_string(), end.to_string()),
        ("2026-05-05".to_owned(), "2026-05-07".to_owned())
    );

    let series = alice
        .create_event(
            &CalendarRef::Default,
            talk().recurrence(weekly(4)),
            Notify::Auto,
        )
        .await
        .unwrap();
    assert_eq!(series.kind, EventKind::SeriesMaster);
    assert_eq!(series.detail.as_ref().unwrap().recurrence, Some(weekly(4)));
    let listing = alice.list_occurrences(&series.id, may(), Projection::Full);
    let parts = listing.collect().await.unwrap();
    assert_eq!(parts.len(), 4);
    let detail = parts[1].detail.as_ref().unwrap();
    assert_eq!(detail.series_id, Some(series.id.clone()));
    assert_eq!(parts[1].uid, series.uid);

    let moved = EventPatch::new().subject("Later");
    alice
        .update_event(&parts[1].id, moved, None, Notify::Auto)
        .await
        .unwrap();
    alice
        .delete_event(&parts[2].id, DeleteMode::Trash, Notify::Auto)
        .await
        .unwrap();
    for any in [&series.id, &parts[0].id, &parts[1].id] {
        let whole = alice.get_series(any).await.unwrap();
        assert_eq!(whole.master.id, series.id);
        assert_eq!(whole.exceptions.len(), 1, "{whole:?}");
        assert_eq!(whole.exceptions[0].subject, "Later");
        assert_eq!(whole.exceptions[0].recurrence_id, parts[1].recurrence_id);
        assert_eq!(whole.deleted, Vec::from_iter(parts[2].recurrence_id));
    }
    let single = alice.get_series(&made.id).await.unwrap_err();
    assert_eq!(single.kind(), ErrorKind::InvalidState);
}

#[tokio::test]
async fn meetings_are_answered_and_called_off() {
    let simulator = simulator().await;
    let alice = mailbox(&simulator, "alice@example.test");
    let bob = mailbox(&simulator, "bob@example.test");
    let meeting = talk().attendee(Attendee::required("bob@example.test"));
    let silent = alice
        .create_event(&CalendarRef::Default, meeting.clone(), Notify::Nobody)
        .await;
    assert_eq!(silent.unwrap_err().kind(), ErrorKind::Unsupported);
    let made = alice
        .create_event(&CalendarRef::Default, meeting, Notify::Auto)
        .await
        .unwrap();
    assert!(made.is_meeting && made.is_organizer);

    let listed = bob.list_events(EventQuery::between(may())).collect();
    let invited = listed.await.unwrap().remove(0);
    assert!(invited.is_meeting && !invited.is_organizer);
    assert_eq!(invited.uid, made.uid);
    let reply = MeetingReply::new(Answer::Accept).comment("Gladly");
    bob.respond(&invited.id.clone().into(), reply.clone())
        .await
        .unwrap();
    let answered = alice.get_event(&made.id, Projection::Full).await.unwrap();
    let attendees = &answered.detail.as_ref().unwrap().attendees;
    assert_eq!(attendees[0].response.response, Response::Accepted);
    let own = alice.respond(&made.id.clone().into(), reply).await;
    assert_eq!(own.unwrap_err().kind(), ErrorKind::InvalidState);
    let cancel = bob.cancel_event(&invited.id, None).await;
    assert_eq!(cancel.unwrap_err().kind(), ErrorKind::InvalidState);

    let who = [
        "alice@example.test",
        "nobody@example.test",
        "bob@example.test",
    ];
    let answers = bob.free_busy(FreeBusyQuery::new(who, may())).await.unwrap();
    assert_eq!(answers.len(), 3);
    assert_eq!(answers[0].as_ref().unwrap().items.len(), 1);
    let unknown = answers[1].as_ref().unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::MailboxNotFound);

    alice.cancel_event(&made.id, Some("Ill")).await.unwrap();
    let gone = alice.get_event(&made.id, Projection::Summary).await;
    assert_eq!(gone.unwrap_err().kind(), ErrorKind::NotFound);
}

async fn follow(
    mailbox: &dyn Mailbox,
    token: &mut Option<SyncToken>,
    view: bool,
) -> (Vec<EventChange>, bool) {
    let (mut changes, mut full);
    changes = Vec::new();
    loop {
        let page = match view {
            true => {
                let mut request = SyncRequest::from_start(ViewScope::new(may())).page_size(3);
                request.token = token.clone();
                mailbox.sync_calendar_view(request).await.unwrap()
            }
            false => {
                let mut request = SyncRequest::from_start(CalendarRef::Default).page_size(3);
                request.token = token.clone();
                mailbox.sync_events(request).await.unwrap()
            }
        };
        changes.extend(page.changes);
        full = page.full;
        *token = Some(page.token);
        if !page.more {
            return (changes, full);
        }
    }
}

fn upserted(changes: &[EventChange]) -> Vec<(&str, EventKind)> {
    let of = |change: &EventChange| match change {
        EventChange::Upserted(event) => Some(event.id.clone()),
        _ => None,
    };
    let mut ids: Vec<EventId> = Vec::new();
    let mut found = Vec::new();
    for change in changes.iter().rev() {
        if let (Some(id), EventChange::Upserted(event)) = (of(change), change)
            && !ids.contains(&id)
        {
            ids.push(id);
            found.push((event.subject.as_str(), event.kind));
        }
    }
    found.sort_by_key(|(subject, _)| *subject);
    found
}

#[tokio::test]
async fn changes_are_followed_as_wholes_and_in_a_window() {
    let simulator = simulator().await;
    let alice = mailbox(&simulator, "alice@example.test");
    let create = |event| alice.create_event(&CalendarRef::Default, event, Notify::Auto);
    let series = create(talk().recurrence(weekly(3))).await.unwrap();
    let lunch = When::timed(at("2026-05-06T12:00:00"), at("2026-05-06T13:00:00"), BERLIN);
    let single = create(NewEvent::new("Lunch", lunch)).await.unwrap();

    let (mut whole, mut view) = (None, None);
    let (changes, full) = follow(&*alice, &mut whole, false).await;
    assert!(full);
    let expected = [
        ("Lunch", EventKind::Single),
        ("Talk", EventKind::SeriesMaster),
    ];
    assert_eq!(upserted(&changes), expected);
    let (changes, full) = follow(&*alice, &mut view, true).await;
    assert!(full);
    let part = ("Talk", EventKind::Occurrence);
    assert_eq!(
        upserted(&changes),
        [("Lunch", EventKind::Single), part, part, part]
    );
    for view_wanted in [false, true] {
        let token = if view_wanted { &mut view } else { &mut whole };
        let (changes, full) = follow(&*alice, token, view_wanted).await;
        assert!(changes.is_empty() && !full, "{changes:?}");
    }

    let patch = EventPatch::new().subject("Speech");
    alice
        .update_event(&series.id, patch, None, Notify::Auto)
        .await
        .unwrap();
    alice
        .delete_event(&single.id, DeleteMode::Trash, Notify::Auto)
        .await
        .unwrap();
    let (changes, _) = follow(&*alice, &mut whole, false).await;
    assert_eq!(upserted(&changes), [("Speech", EventKind::SeriesMaster)]);
    assert!(changes.contains(&EventChange::Deleted(single.id.clone())));
    let (changes, _) = follow(&*alice, &mut view, true).await;
    let part = ("Speech", EventKind::Occurrence);
    assert_eq!(upserted(&changes), [part, part, part]);
    assert!(changes.contains(&EventChange::Deleted(single.id.clone())));
}

#[tokio::test]
async fn one_key_makes_one_event() {
    let simulator = simulator().await;
    let alice = mailbox(&simulator, "alice@example.test");
    let event = talk()
        .idempotency_key("booking 4711")
        .attendee(Attendee::required("bob@example.test"))
        .attachment(NewAttachment::new("agenda.txt", "1. Welcome"));
    let mut ids = Vec::new();
    for _ in 0..2 {
        let made = alice
            .create_event(&CalendarRef::Default, event.clone(), Notify::Auto)
            .await
            .unwrap();
        let detail = made.detail.as_ref().unwrap();
        assert_eq!(detail.attachments.len(), 1);
        assert_eq!(detail.attendees.len(), 1);
        ids.push(made.id);
    }
    assert_eq!(ids[0], ids[1]);
    let other = talk().idempotency_key("Booking 4711");
    let other = alice
        .create_event(&CalendarRef::Default, other, Notify::Auto)
        .await
        .unwrap();
    assert_ne!(other.id, ids[0]);
    let bob = mailbox(&simulator, "bob@example.test");
    let invited = bob.list_events(EventQuery::between(may())).collect();
    assert!(invited.await.unwrap()[0].has_attachments);
}

#[tokio::test]
async fn deleted_events_go_where_they_are_wanted() {
    let simulator = simulator().await;
    let alice = mailbox(&simulator, "alice@example.test");
    for mode in [
        DeleteMode::Trash,
        DeleteMode::Recoverable,
        DeleteMode::Permanent,
    ] {
        let made = alice
            .create_event(&CalendarRef::Default, talk(), Notify::Auto)
            .await
            .unwrap();
        alice
            .delete_event(&made.id, mode, Notify::Auto)
            .await
            .unwrap();
        let gone = alice.get_event(&made.id, Projection::Summary).await;
        assert_eq!(gone.unwrap_err().kind(), ErrorKind::NotFound, "{mode:?}");
    }
    let count = |folder: FolderRef| {
        let alice = &alice;
        async move { alice.get_folder(&folder).await.unwrap().total_items }
    };
    let bin = count(WellKnownFolder::DeletedItems.into()).await;
    let recoverable = count(WellKnownFolder::RecoverableDeletions.into()).await;
    assert_eq!((bin, recoverable), (Some(1), Some(1)));
}
