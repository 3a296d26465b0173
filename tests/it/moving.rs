//! Moving house: a mailbox goes from a server on-premises to Exchange Online, and a program takes along what it kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Europe::Berlin;
use exchange_connector::ews::EwsConnector;
use exchange_connector::graph::{Cloud, GraphConnector, TokenKind};
use exchange_connector::http::Credentials;
use exchange_connector::model::{
    Attendee, Body, CalendarRef, DeleteMode, DraftOptions, Event, EventChange, EventId, EventPatch,
    EventQuery, FolderRef, MessageId, MessageLoad, MessageQuery, NewEvent, NewMessage, Notify,
    Pattern, Projection, Range, Recipient, Recurrence, SaveSent, SendOptions, SyncRequest,
    TimeRange, WellKnownFolder, When, ZonedTime,
};
use exchange_connector::moving::{self, Matched, Unmatched};
use exchange_connector::simulator::Simulator;
use exchange_connector::{
    CalendarReadExt as _, Connector as _, ErrorKind, Followed, Mailbox, MailboxTarget,
};

const ALICE: &str = "alice@example.test";

struct House {
    from: Simulator,
    to: Simulator,
    old: Arc<dyn Mailbox>,
    new: Arc<dyn Mailbox>,
}

impl House {
    async fn new() -> Self {
        let (from, to) = (
            Simulator::builder().start().await.unwrap(),
            Simulator::builder().start().await.unwrap(),
        );
        let alice = from.accounts().remove(0);
        let old = EwsConnector::builder(from.ews_url())
            .credentials(Credentials::password(alice.address, alice.password))
            .build()
            .unwrap();
        let permissions = [
            "Calendars.ReadWrite",
            "Mail.ReadWrite",
            "MailboxSettings.Read",
        ];
        let token = to.delegated_token(ALICE, &permissions).unwrap();
        let new = GraphConnector::with_token(token.secret)
            .cloud(Cloud::At(to.graph_url()))
            .tokens_are(TokenKind::Delegated)
            .build()
            .unwrap();
        Self {
            old: old.mailbox(&MailboxTarget::Own).unwrap(),
            new: new.mailbox(&MailboxTarget::Own).unwrap(),
            from,
            to,
        }
    }

    fn moves(&self) {
        self.from.move_mailbox(ALICE, &self.to).unwrap();
    }

    async fn make(&self, event: NewEvent) -> Event {
        let made = self
            .old
            .create_event(&CalendarRef::Default, event, Notify::Auto);
        made.await.unwrap()
    }

    /// By the subjects and original starts that they have on both sides, what was matched is the same.
    async fn are_the_same(&self, before: &BTreeMap<EventId, Event>, matched: &Matched<EventId>) {
        for (old, new) in &matched.pairs {
            let now = self.new.get_event(new, Projection::Summary).await.unwrap();
            let then = &before[old];
            assert_eq!(
                (
                    &now.subject,
                    &now.uid,
                    now.recurrence_id,
                    now.when.span(Berlin)
                ),
                (
                    &then.subject,
                    &then.uid,
                    then.recurrence_id,
                    then.when.span(Berlin)
                ),
            );
        }
    }
}

/// Whole seconds, as servers keep them.
fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(Utc::now().timestamp(), 0).unwrap()
}

fn at(hours: i64) -> When {
    let time = |hours| ZonedTime::from_utc(now() + TimeDelta::hours(hours), Berlin);
    When::between(time(hours), time(hours + 1))
}

fn each_fourth_day(hours: i64, count: u32) -> Recurrence {
    let start = (now() + TimeDelta::hours(hours)).with_timezone(&Berlin);
    let start = start.date_naive();
    Recurrence::new(
        Pattern::Daily { interval: 4 },
        Range::Count { start, count },
    )
}

#[tokio::test]
async fn events_are_found_again() {
    let house = House::new().await;
    let meeting =
        NewEvent::new("Interview", at(5)).attendee(Attendee::required("bob@example.test"));
    let single = house.make(NewEvent::new("Once", at(1))).await;
    let meeting = house.make(meeting).await;
    let series = house
        .make(NewEvent::new("Standing", at(3)).recurrence(each_fourth_day(3, 6)))
        .await;
    let gone = house.make(NewEvent::new("Gone", at(7))).await;
    let left = house.make(NewEvent::new("Left behind", at(9))).await;

    let week = EventQuery::between(TimeRange::lasting(now(), TimeDelta::weeks(4)));
    let listed = house.old.list_events(week).collect().await.unwrap();
    let mut days: Vec<_> = listed
        .iter()
        .filter(|one| one.subject == "Standing")
        .collect();
    days.sort_by_key(|one| one.recurrence_id);
    assert_eq!(days.len(), 6);
    // one is renamed, one is put off by days, one will be left out
    let (plain, renamed, put_off, left_out) = (days[1], days[2], days[3], days[4]);
    let patch = EventPatch::new().subject("Standing, with cake");
    let change = house
        .old
        .update_event(&renamed.id, patch, None, Notify::Auto);
    change.await.unwrap();
    let patch = EventPatch::new().when(at(3 + 24 * (3 * 4 + 3)));
    let change = house
        .old
        .update_event(&put_off.id, patch, None, Notify::Auto);
    change.await.unwrap();

    let kept: Vec<EventId> = [
        &single, &meeting, &series, plain, renamed, put_off, left_out, &gone, &left,
    ]
    .map(|one| one.id.clone())
    .into();
    let mut before = BTreeMap::new();
    for id in &kept {
        let event = house.old.get_event(id, Projection::Summary).await.unwrap();
        before.insert(id.clone(), event);
    }
    house
        .old
        .delete_event(&gone.id, DeleteMode::Permanent, Notify::Auto)
        .await
        .unwrap();
    let noted = moving::note_events(&*house.old, &kept).await.unwrap();
    // between noting and moving things happen
    house
        .old
        .delete_event(&left.id, DeleteMode::Permanent, Notify::Auto)
        .await
        .unwrap();
    house
        .old
        .delete_event(&left_out.id, DeleteMode::Permanent, Notify::Auto)
        .await
        .unwrap();
    // what is kept survives the program
    let noted = serde_json::to_string(&noted).unwrap();
    let noted: Vec<moving::Noted<_, _>> = serde_json::from_str(&noted).unwrap();

    house.moves();
    let refused = house
        .old
        .get_event(&single.id, Projection::Summary)
        .await
        .unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::MailboxNotFound, "{refused}");

    let matched = moving::find_events(&*house.new, &noted).await.unwrap();
    let missing: BTreeMap<_, _> = matched
        .missing
        .iter()
        .map(|one| (&one.id, one.why))
        .collect();
    assert_eq!(
        missing,
        BTreeMap::from([
            (&gone.id, Unmatched::GoneBefore),
            (&left.id, Unmatched::NotThere),
            (&left_out.id, Unmatched::NotThere),
        ]),
    );
    assert_eq!(matched.pairs.len(), 6);
    house.are_the_same(&before, &matched).await;
}

#[tokio::test]
async fn messages_are_found_again() {
    let house = House::new().await;
    let draft = |subject: &str| NewMessage::new(subject, Body::text("Words"));
    let message = draft("Sent").to(Recipient::smtp("bob@example.test"));
    house.old.send(message, SendOptions::new()).await.unwrap();
    let mut kept: Vec<MessageId> = Vec::new();
    let sent = MessageQuery::new(WellKnownFolder::SentItems);
    kept.extend(
        house
            .old
            .list_messages(sent)
            .collect()
            .await
            .unwrap()
            .into_iter()
            .map(|one| one.id),
    );
    let message = draft("To myself").to(Recipient::smtp(ALICE));
    let nowhere = SendOptions::new().save(SaveSent::Nowhere);
    house.old.send(message, nowhere).await.unwrap();
    let inbox = || MessageQuery::new(WellKnownFolder::Inbox);
    kept.extend(
        house
            .old
            .list_messages(inbox())
            .collect()
            .await
            .unwrap()
            .into_iter()
            .map(|one| one.id),
    );
    let unsent = house
        .old
        .create_draft(draft("Unsent"), DraftOptions::new())
        .await
        .unwrap();
    kept.push(unsent.id.clone());
    assert_eq!(kept.len(), 3);
    let mut before = BTreeMap::new();
    for message in house
        .old
        .get_messages(&kept, &MessageLoad::summary())
        .await
        .unwrap()
    {
        let message = message.unwrap();
        before.insert(
            message.id.clone(),
            (message.subject, message.internet_message_id),
        );
    }
    let noted = moving::note_messages(&*house.old, &kept).await.unwrap();
    house.moves();

    let matched = moving::find_messages(&*house.new, &noted).await.unwrap();
    for (old, new) in &matched.pairs {
        let found = house
            .new
            .get_message(new, &MessageLoad::summary())
            .await
            .unwrap();
        assert_eq!((found.subject, found.internet_message_id), before[old]);
    }
    let why: Vec<_> = matched
        .missing
        .iter()
        .map(|one| (&one.id, one.why))
        .collect();
    match before[&unsent.id].1 {
        // a draft has a Message-ID where the server gives it one at once
        Some(_) => assert_eq!((matched.pairs.len(), why), (3, vec![])),
        None => assert_eq!(
            (matched.pairs.len(), why),
            (2, vec![(&unsent.id, Unmatched::Nameless)])
        ),
    }
}

/// What was copied into another folder has the same name: which of them is meant a person must say.
#[tokio::test]
async fn copies_are_ambiguous() {
    let house = House::new().await;
    let message = NewMessage::new("Hello", Body::text("Words")).to(Recipient::smtp(ALICE));
    house.old.send(message, SendOptions::new()).await.unwrap();
    let inbox = MessageQuery::new(WellKnownFolder::Inbox);
    let received = house
        .old
        .list_messages(inbox)
        .collect()
        .await
        .unwrap()
        .remove(0);
    let noted = moving::note_messages(&*house.old, &[received.id])
        .await
        .unwrap();
    house.moves();
    // it is in Sent Items too
    let matched = moving::find_messages(&*house.new, &noted).await.unwrap();
    assert_eq!(matched.missing[0].why, Unmatched::Ambiguous, "{matched:?}");
}

/// The tokens of the old server are good no more: the new one says so without a request, and following starts over.
#[tokio::test]
async fn synchronisation_starts_over() {
    let house = House::new().await;
    house.make(NewEvent::new("Once", at(1))).await;
    let all = || SyncRequest::from_start(CalendarRef::Default);
    let mut page = house.old.sync_events(all()).await.unwrap();
    while page.more {
        let next = SyncRequest::since(CalendarRef::Default, page.token);
        page = house.old.sync_events(next).await.unwrap();
    }
    let inbox = || FolderRef::from(WellKnownFolder::Inbox);
    let of_mail = house.old.sync_messages(SyncRequest::from_start(inbox()));
    let of_mail = of_mail.await.unwrap().token;
    house.moves();

    let requests = house.to.log().http_requests;
    let since = SyncRequest::since(CalendarRef::Default, page.token);
    let refused = house.new.sync_events(since.clone()).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::SyncStateInvalid, "{refused}");
    let refused = house
        .new
        .sync_messages(SyncRequest::since(inbox(), of_mail));
    let refused = refused.await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::SyncStateInvalid, "{refused}");
    assert_eq!(house.to.log().http_requests, requests);

    let (mut restarts, mut subjects) = (0, Vec::new());
    let mut following = house.new.follow_events(since);
    while let Some(step) = following.try_next().await.unwrap() {
        match step {
            Followed::Restarted { .. } => restarts += 1,
            Followed::Page(page) => {
                assert!(page.full);
                subjects.extend(page.changes.into_iter().filter_map(|change| match change {
                    EventChange::Upserted(event) => Some(event.subject),
                    _ => None,
                }));
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(
        (restarts, subjects.as_slice()),
        (1, &["Once".to_owned()][..])
    );
}
