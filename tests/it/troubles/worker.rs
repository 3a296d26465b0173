//! Programs that make one call after the other, and hold the servers to what they said.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Europe::Berlin;
use exchange_connector::model::{
    Attendee, Body, CalendarRef, DeleteMode, DraftOptions, EventId, EventPatch, EventQuery,
    FolderQuery, FreeBusyQuery, MessageId, MessageLoad, MessagePatch, MessageQuery, NewAttachment,
    NewEvent, NewMessage, Notify, Projection, Recipient, SendOptions, SyncRequest, SyncToken,
    TimeRange, WellKnownFolder, When,
};
use exchange_connector::{Effect, Error, ErrorKind, Result, RetryAdvice};

use super::office::{Desk, Truth};
use super::{AT_A_TIME, CALLS, DEADLINE, SEED};

/// How often a program repeats a call that has a key.
const ATTEMPTS: usize = 3;

/// What one write may have made of a thing.
const GONE: &str = "(gone)";

const SENT: &str = "(sent)";

/// An event or a draft of a worker, and all the states that it may be in by what was said.
#[derive(Clone, Debug)]
struct Thing<I> {
    /// What it is called on the server.
    name: String,
    id: I,
    states: BTreeSet<String>,
}

impl<I> Thing<I> {
    fn new(name: &str, id: I, state: &str) -> Self {
        Self {
            name: name.to_owned(),
            id,
            states: BTreeSet::from([state.to_owned()]),
        }
    }

    fn is_certain(&self) -> bool {
        self.states.len() == 1
    }

    /// A write to it ended.
    fn note<T>(&mut self, result: &Result<T>, state: &str) {
        match result {
            Ok(_) => self.states = BTreeSet::from([state.to_owned()]),
            Err(error) if error.effect() == Effect::None => {}
            Err(_) => drop(self.states.insert(state.to_owned())),
        }
    }
}

/// How often something that was to be made once may be there.
type Allowed = std::ops::RangeInclusive<usize>;

/// Makes one call after the other.
pub(super) struct Worker {
    number: usize,
    pub(super) desk: Desk,
    random: Random,
    events: Vec<Thing<EventId>>,
    drafts: Vec<Thing<MessageId>>,
    /// Things that are out of the hands of the worker.
    left: Vec<(String, BTreeSet<String>)>,
    /// What was to be created, and to be sent, once each.
    created: Vec<(String, Allowed)>,
    sent: Vec<(String, Allowed)>,
    messages: Option<SyncToken>,
    calendar: Option<SyncToken>,
    pub(super) outcomes: BTreeMap<(&'static str, String), usize>,
    pub(super) longest: (Duration, &'static str),
}

impl Worker {
    pub(super) fn new(number: usize, desk: Desk) -> Self {
        Self {
            random: Random::new(SEED + number as u64),
            number,
            desk,
            events: Vec::new(),
            drafts: Vec::new(),
            left: Vec::new(),
            created: Vec::new(),
            sent: Vec::new(),
            messages: None,
            calendar: None,
            outcomes: BTreeMap::new(),
            longest: (Duration::ZERO, "nothing"),
        }
    }

    pub(super) async fn work(mut self) -> Self {
        for call in (self.number..CALLS).step_by(AT_A_TIME) {
            let begun = Instant::now();
            let done = tokio::time::timeout(DEADLINE * 2, self.call(call)).await;
            let (what, error) = done.expect("no call hangs");
            let lasted = begun.elapsed();
            assert!(lasted < DEADLINE, "{what} lasted {lasted:?}");
            self.longest = self.longest.max((lasted, what));
            let outcome = match error {
                None => "ok".to_owned(),
                Some(error) => {
                    described(&error);
                    format!("{:?}, effect {:?}", error.kind(), error.effect())
                }
            };
            *self.outcomes.entry((what, outcome)).or_default() += 1;
        }
        self
    }

    /// One call; what it was, and what went wrong.
    async fn call(&mut self, call: usize) -> (&'static str, Option<Error>) {
        match self.random.below(100) {
            0..50 => self.read().await,
            50..60 => ("create event", self.create_event(call).await.err()),
            60..69 => ("update event", self.update_event(call).await.err()),
            69..74 => ("delete event", self.delete_event().await.err()),
            74..80 => ("create draft", self.create_draft(call).await.err()),
            80..85 => ("update draft", self.update_draft(call).await.err()),
            85..88 => ("delete draft", self.delete_draft().await.err()),
            88..91 => ("send draft", self.send_draft().await.err()),
            _ => ("send", self.send(call).await.err()),
        }
    }

    async fn read(&mut self) -> (&'static str, Option<Error>) {
        let mailbox = self.desk.mailbox.clone();
        let inbox = || MessageQuery::new(WellKnownFolder::Inbox);
        match self.random.below(9) {
            0 => {
                let list = mailbox.list_events(EventQuery::between(day()));
                ("list events", list.collect().await.err())
            }
            1 => {
                let got = mailbox
                    .get_event(&self.desk.event, Projection::default())
                    .await;
                if let Ok(event) = &got {
                    assert_eq!(event.id, self.desk.event);
                }
                ("get event", got.err())
            }
            2 => {
                let list = mailbox.list_messages(inbox()).collect().await;
                if let Ok(list) = &list {
                    assert_eq!(list.len(), 3);
                }
                ("list messages", list.err())
            }
            3 | 4 => {
                let got = mailbox
                    .get_message(&self.desk.news, &MessageLoad::default())
                    .await;
                if let Ok(message) = &got {
                    assert_eq!(message.id, self.desk.news);
                }
                ("get message", got.err())
            }
            5 => {
                let query = FreeBusyQuery::new(["alice@example.test", "bob@example.test"], day());
                let answer = mailbox.free_busy(query).await;
                let error = match answer {
                    Ok(answers) => {
                        assert_eq!(answers.len(), 2);
                        answers.into_iter().find_map(Result::err)
                    }
                    Err(error) => Some(error),
                };
                ("free/busy", error)
            }
            6 => {
                let list = mailbox.list_folders(FolderQuery::tree()).collect().await;
                ("list folders", list.err())
            }
            7 => {
                let mut request = SyncRequest::from_start(WellKnownFolder::Inbox.into());
                request.token = self.messages.clone();
                let page = mailbox.sync_messages(request).await;
                let page = page.map(|page| self.messages = Some(page.token));
                ("sync messages", page.err())
            }
            _ => {
                let mut request = SyncRequest::from_start(CalendarRef::Default).page_size(50);
                request.token = self.calendar.clone();
                let page = mailbox.sync_events(request).await;
                let page = page.map(|page| self.calendar = Some(page.token));
                ("sync events", page.err())
            }
        }
    }

    async fn create_event(&mut self, call: usize) -> Result<()> {
        let name = format!("event-{call}");
        let mut new = event(&name, call);
        let is_meeting = self.random.below(4) == 0;
        if is_meeting {
            new = new.attendee(Attendee::required("guest@elsewhere.test"));
        }
        let is_keyed = self.random.below(2) == 0;
        if is_keyed {
            new = new.idempotency_key(&name);
        }
        let mailbox = self.desk.mailbox.clone();
        let (result, allowed) = once(is_keyed, || {
            mailbox.create_event(&CalendarRef::Default, new.clone(), Notify::All)
        })
        .await;
        if is_meeting {
            self.sent.push((name.clone(), allowed.clone()));
        }
        match result {
            Ok(made) => {
                assert_eq!(made.subject, name);
                self.events.push(Thing::new(&name, made.id, ""));
                Ok(())
            }
            Err(error) => {
                self.created.push((name, allowed));
                Err(error)
            }
        }
    }

    async fn update_event(&mut self, call: usize) -> Result<()> {
        let Some(at) = self.random.pick(self.events.len()) else {
            return self.create_event(call).await;
        };
        let place = format!("place-{call}");
        let patch = EventPatch::new().location(place.clone());
        let thing = &mut self.events[at];
        let mailbox = &self.desk.mailbox;
        let result = mailbox
            .update_event(&thing.id, patch, None, Notify::Nobody)
            .await;
        thing.note(&result, &place);
        if let Ok(updated) = &result {
            assert_eq!(updated.id, thing.id);
        }
        result.map(drop)
    }

    async fn delete_event(&mut self) -> Result<()> {
        let Some(at) = self.random.pick(self.events.len()) else {
            return Ok(());
        };
        let mut thing = self.events.swap_remove(at);
        let mailbox = &self.desk.mailbox;
        let result = mailbox
            .delete_event(&thing.id, DeleteMode::Permanent, Notify::Nobody)
            .await;
        thing.note(&result, GONE);
        if thing.is_certain() && !thing.states.contains(GONE) {
            self.events.push(thing);
        } else {
            self.left.push((thing.name, thing.states));
        }
        result
    }

    async fn create_draft(&mut self, call: usize) -> Result<()> {
        let name = format!("draft-{call}");
        let new = mail(&name);
        let mut options = DraftOptions::new();
        let is_keyed = self.random.below(2) == 0;
        if is_keyed {
            options = options.idempotency_key(&name);
        }
        let mailbox = self.desk.mailbox.clone();
        let (result, allowed) = once(is_keyed, || {
            mailbox.create_draft(new.clone(), options.clone())
        })
        .await;
        match result {
            Ok(made) => {
                assert_eq!(made.subject, name);
                self.drafts.push(Thing::new(&name, made.id, &name));
                Ok(())
            }
            Err(error) => {
                self.created.push((name, allowed));
                Err(error)
            }
        }
    }

    async fn update_draft(&mut self, call: usize) -> Result<()> {
        let Some(at) = self.random.pick(self.drafts.len()) else {
            return self.create_draft(call).await;
        };
        let thing = &mut self.drafts[at];
        let subject = format!("{}/{call}", thing.name);
        let patch = MessagePatch::new().subject(subject.clone());
        let result = self
            .desk
            .mailbox
            .update_message(&thing.id, patch, None)
            .await;
        thing.note(&result, &subject);
        result.map(drop)
    }

    async fn delete_draft(&mut self) -> Result<()> {
        let Some(at) = self.random.pick(self.drafts.len()) else {
            return Ok(());
        };
        let mut thing = self.drafts.swap_remove(at);
        let ids = [thing.id.clone()];
        let answer = self
            .desk
            .mailbox
            .delete_messages(&ids, DeleteMode::Permanent)
            .await;
        let result = answer.and_then(|mut batch| batch.remove(0));
        thing.note(&result, GONE);
        self.put_aside(thing, GONE);
        result
    }

    async fn send_draft(&mut self) -> Result<()> {
        let Some(at) = self.random.pick(self.drafts.len()) else {
            return Ok(());
        };
        let mut thing = self.drafts.swap_remove(at);
        let mut options = SendOptions::new();
        let is_keyed = self.random.below(2) == 0;
        if is_keyed {
            options = options.idempotency_key(format!("send {}", thing.name));
        }
        let mailbox = self.desk.mailbox.clone();
        let mut result = mailbox.send_draft(&thing.id, options.clone()).await;
        thing.note(&result, SENT);
        for _ in 1..ATTEMPTS {
            if result.is_ok() || !is_keyed {
                break;
            }
            result = mailbox.send_draft(&thing.id, options.clone()).await;
            thing.note(&result, SENT);
        }
        self.put_aside(thing, SENT);
        result.map(drop)
    }

    /// A draft that may be used up is left alone.
    fn put_aside(&mut self, thing: Thing<MessageId>, by: &str) {
        if thing.states.contains(by) {
            self.left.push((thing.name, thing.states));
        } else {
            self.drafts.push(thing);
        }
    }

    async fn send(&mut self, call: usize) -> Result<()> {
        let name = format!("mail-{call}");
        let mut new = mail(&name);
        for file in 0..self.random.below(3) {
            new = new.attachment(NewAttachment::new(format!("{file}.txt"), "x"));
        }
        let mut options = SendOptions::new();
        let is_keyed = self.random.below(2) == 0;
        if is_keyed {
            options = options.idempotency_key(&name);
        }
        let mailbox = self.desk.mailbox.clone();
        let (result, allowed) = once(is_keyed, || mailbox.send(new.clone(), options.clone())).await;
        self.sent.push((name, allowed));
        result.map(drop)
    }

    /// What was said is what is.
    pub(super) fn check(&self, truth: &Truth) {
        let count = |name: &String| truth.items.get(name).map_or(0, Vec::len);
        let sent = |name: &String| truth.sent.get(name).copied().unwrap_or_default();
        for (name, allowed) in &self.created {
            assert!(
                allowed.contains(&count(name)),
                "{name}: {} there, {allowed:?} said",
                count(name)
            );
        }
        for (name, allowed) in &self.sent {
            assert!(
                allowed.contains(&sent(name)),
                "{name}: {} sent, {allowed:?} said",
                sent(name)
            );
        }
        let events = self.events.iter().map(|one| (&one.name, &one.states));
        let drafts = self.drafts.iter().map(|one| (&one.name, &one.states));
        let left = self.left.iter().map(|(name, states)| (name, states));
        for (name, states) in events.chain(drafts).chain(left) {
            let there = truth.items.get(name).map_or(&[][..], Vec::as_slice);
            let is_draft = name.starts_with("draft");
            let state = match (there, if is_draft { sent(name) } else { 0 }) {
                ([], 0) => GONE,
                ([], 1) => SENT,
                ([one], 0) => one.as_str(),
                more => panic!("{name} is there more than once: {more:?}"),
            };
            assert!(
                states.contains(state),
                "{name} is {state:?}, said was {states:?}"
            );
        }
    }
}

/// Makes a call, with a key again until it succeeds; with how often its effect may be there.
async fn once<T, F: Future<Output = Result<T>>>(
    is_keyed: bool,
    call: impl Fn() -> F,
) -> (Result<T>, Allowed) {
    let mut most = 0;
    let mut result = call().await;
    for _ in 1..ATTEMPTS {
        match &result {
            Ok(_) => break,
            Err(error) => most = most.max(left_behind(error)),
        }
        if !is_keyed {
            break;
        }
        result = call().await;
    }
    let allowed = match &result {
        Ok(_) => 1..=1,
        Err(error) => 0..=most.max(left_behind(error)),
    };
    (result, allowed)
}

/// How often something may be there that was to be made once.
fn left_behind(error: &Error) -> usize {
    match error.effect() {
        Effect::None => 0,
        // What was made first is left, and the text says what was not done.
        Effect::Partial => usize::from(
            !error
                .advice_text()
                .unwrap_or_default()
                .contains("Nothing was sent"),
        ),
        Effect::Unknown => 1,
        _ => panic!("{error:?}"),
    }
}

/// An error says what is to be said.
fn described(error: &Error) {
    assert!(!error.message().is_empty(), "{error:?}");
    assert_ne!(error.kind(), ErrorKind::InvalidArgument, "{error:?}");
    if error.effect() == Effect::Partial {
        assert!(error.advice_text().is_some(), "{error:?}");
    }
    if error.kind() == ErrorKind::Throttled {
        assert!(matches!(error.advice(), RetryAdvice::After(_)), "{error:?}");
    }
}

fn day() -> TimeRange {
    let start: DateTime<Utc> = "2026-03-01T00:00:00Z".parse().unwrap();
    TimeRange::lasting(start, TimeDelta::days(1))
}

/// An event, on a day of its own after the one that is looked at.
pub(super) fn event(subject: &str, call: usize) -> NewEvent {
    let first = NaiveDate::from_ymd_opt(2026, 3, 1).unwrap();
    let start = (first + TimeDelta::days(call as i64 % 300))
        .and_hms_opt(9, 0, 0)
        .unwrap();
    NewEvent::new(
        subject,
        When::timed(start, start + TimeDelta::hours(1), Berlin),
    )
}

pub(super) fn mail(subject: &str) -> NewMessage {
    NewMessage::new(subject, Body::text("For your files.")).to(Recipient::smtp("to@elsewhere.test"))
}

/// A generator whose numbers are the same each time (xorshift64*).
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % limit
    }

    fn pick(&mut self, length: usize) -> Option<usize> {
        let number = self.below(1 << 20);
        (length > 0).then(|| number as usize % length)
    }
}
