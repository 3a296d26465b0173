//! Ten thousand calls, 64 at a time, on servers where much goes wrong, and what is left of them.
//!
//! Each call that writes is held against what the servers have in the end: what succeeded is there
//! once, what is said to have done nothing is not there, and what is said to be in doubt is there
//! once at most.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Europe::Berlin;
use exchange_connector::ews::{EwsConnector, ServerVersion};
use exchange_connector::http::{AuthPolicy, AuthScheme, Credentials, HttpOptions, Proxy};
use exchange_connector::model::{
    Attendee, Body, CalendarRef, DeleteMode, DraftOptions, EventId, EventPatch, EventQuery,
    FolderQuery, FreeBusyQuery, MessageId, MessageLoad, MessagePatch, MessageQuery, NewAttachment,
    NewEvent, NewMessage, Notify, Projection, Recipient, SendOptions, SyncRequest, SyncToken,
    TimeRange, WellKnownFolder, When,
};
use exchange_connector::simulator::{
    AuthScheme as Offer, Disturbance, ExtendedProtection, Log, SimulatedCertificate,
    SimulatedMessage, Simulator, Trouble,
};
use exchange_connector::{
    Connector, Effect, Error, ErrorKind, Mailbox, MailboxTarget, Result, RetryAdvice, RetryPolicy,
};

const CALLS: usize = 10_000;
const AT_A_TIME: usize = 64;
const MAILBOXES: usize = 4;
const LANES: usize = 4;
const SEED: u64 = 20_260_304;

/// No call lasts longer, whatever happens.
const DEADLINE: Duration = Duration::from_secs(60);

/// How often a program repeats a call that has a key.
const ATTEMPTS: usize = 3;

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_calls_under_troubles() {
    let begun = Instant::now();
    let offices = [Office::start(true).await, Office::start(false).await];
    let desks: Vec<Desk> = offices.iter().flat_map(Office::desks).collect();
    for (number, office) in (1..).zip(&offices) {
        office.disturb(SEED + number);
    }
    let mut running = Vec::new();
    for number in 0..AT_A_TIME {
        let desk = desks[number % desks.len()].clone();
        running.push(tokio::spawn(Worker::new(number, desk).work()));
    }
    let mut workers = Vec::new();
    for worker in running {
        workers.push(worker.await.expect("no panic"));
    }

    let before: Vec<Log> = offices
        .iter()
        .map(|office| office.simulator.log())
        .collect();
    for office in &offices {
        office.simulator.calm();
    }
    all_is_well(&desks).await;
    for (office, before) in offices.iter().zip(&before) {
        office.check(before);
    }
    let mut summary = Summary::default();
    for worker in &workers {
        let truth = &offices[worker.desk.office].truth();
        worker.check(truth);
        summary.add(worker);
    }
    summary.show(&before, begun.elapsed());
    summary.check(&before);
}

/// The client binds its logon to whatever certificate it trusts, and comes back when the server does.
#[tokio::test]
async fn certificates_and_servers_come_and_go() {
    use SimulatedCertificate::{Expired, Regular, Renewed, Untrusted, WrongName};
    let office = Office::start(true).await;
    let desk = office.desks().next().unwrap();
    let call = || desk.mailbox.get_calendar(&CalendarRef::Default);
    let simulator = &office.simulator;
    for (certificate, is_fine) in [
        (Renewed, true),
        (Expired, false),
        (WrongName, false),
        (Untrusted, false),
        (Regular, true),
    ] {
        simulator.show_certificate(certificate).unwrap();
        simulator.restart();
        match call().await {
            Ok(_) => assert!(is_fine, "{certificate:?}"),
            Err(error) => {
                assert!(!is_fine, "{certificate:?}: {error:?}");
                assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
                assert_eq!(error.effect(), Effect::None, "{error}");
                assert!(error.to_string().contains("certificate"), "{error}");
            }
        }
    }
    simulator.stop_listening().await;
    let error = call().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.effect()),
        (ErrorKind::Connection, Effect::None),
        "{error}"
    );
    simulator.listen_again().await.unwrap();
    call().await.unwrap();
    let log = simulator.log();
    assert_eq!((log.wrong_credentials, log.wrong_bindings), (0, 0));
}

/// Answers that are not to the request are not taken, and nothing more is read where they came from.
#[tokio::test]
async fn answers_belong_to_their_requests() {
    let office = Office::start(false).await;
    let desk = office.desks().next().unwrap();
    let call = || desk.mailbox.get_calendar(&CalendarRef::Default);
    let simulator = &office.simulator;
    call().await.unwrap();
    for (trouble, is_fine) in [
        (Trouble::OtherOperation, false),
        (Trouble::OtherRequest, false),
        (Trouble::StrayAnswer, true),
        (Trouble::garbage(), true),
        (Trouble::CloseAfter, true),
    ] {
        simulator.fail_next(trouble.clone());
        let answer = call().await;
        assert_eq!(answer.is_ok(), is_fine, "{trouble:?}: {answer:?}");
        if let Err(error) = answer {
            assert_eq!(error.kind(), ErrorKind::Protocol, "{error}");
        }
        call().await.unwrap();
    }
    let create = || desk.mailbox.create_draft(mail("once"), DraftOptions::new());
    simulator.fail_next(Trouble::OtherRequest);
    let lost = create().await.unwrap_err();
    assert_eq!(
        (lost.kind(), lost.effect()),
        (ErrorKind::Protocol, Effect::Unknown),
        "{lost}"
    );
    let drafts = simulator.item_ids("alice@example.test", "drafts");
    assert_eq!(drafts.unwrap().len(), 1);
}

/// What programs have by default, with shorter waits.
fn policy() -> RetryPolicy {
    RetryPolicy::default()
        .first_wait(Duration::from_millis(2))
        .longest_wait(Duration::from_secs(2))
        .total_time(DEADLINE / 3)
        .deadline(DEADLINE / 2)
        .seed(SEED)
}

/// Each of 64 calls succeeds.
async fn all_is_well(desks: &[Desk]) {
    let mut running = Vec::new();
    for number in 0..AT_A_TIME {
        let mailbox = desks[number % desks.len()].mailbox.clone();
        running.push(tokio::spawn(async move {
            let call = mailbox.get_calendar(&CalendarRef::Default);
            tokio::time::timeout(DEADLINE, call).await
        }));
    }
    for call in running {
        call.await.unwrap().expect("an end").expect("success");
    }
}

/// A server.
struct Office {
    simulator: Simulator,
    connectors: Vec<EwsConnector>,
    /// What lies in each mailbox from the beginning.
    planted: Vec<(EventId, MessageId)>,
    is_private: bool,
}

impl Office {
    async fn start(is_private: bool) -> Self {
        let builder = Simulator::builder()
            .mailboxes(MAILBOXES)
            .auth(&[Offer::Ntlm])
            .tls(is_private)
            .extended_protection(ExtendedProtection::Require);
        // That requests and answers are valid is for the conformance suite to find out.
        let simulator = builder.check_schema(false).start().await.unwrap();
        simulator.limit_concurrency(Some(27));
        let mut office = Self {
            connectors: Vec::new(),
            planted: Vec::new(),
            is_private,
            simulator,
        };
        for account in office.simulator.accounts() {
            let connector = office.connector(&account.address, &account.password);
            let mail = (0..3).map(|number| SimulatedMessage::new(format!("News {number}")));
            let planted = office
                .simulator
                .plant_messages(&account.address, "inbox", mail);
            planted.unwrap();
            let mailbox = connector.mailbox(&MailboxTarget::Own).unwrap();
            let event =
                mailbox.create_event(&CalendarRef::Default, event("Old", 0), Notify::Nobody);
            let event = event.await.unwrap().id;
            let news = mailbox.list_messages(MessageQuery::new(WellKnownFolder::Inbox));
            let news = news.collect().await.unwrap().remove(0).id;
            office.planted.push((event, news));
            office.connectors.push(connector);
        }
        office
    }

    fn connector(&self, user: &str, password: &str) -> EwsConnector {
        let mut http = HttpOptions::default().proxy(Proxy::Off).lanes(LANES);
        if let Some(pem) = self.simulator.certificate_pem() {
            http = http.platform_roots(false).root_certificates(pem);
        }
        EwsConnector::builder(self.simulator.ews_url())
            .credentials(Credentials::password(user, password))
            .auth(AuthPolicy::Only(AuthScheme::Ntlm))
            .version(ServerVersion::Exchange2016)
            .http(http.response_timeout(DEADLINE / 3))
            .retry(policy())
            .build()
            .unwrap()
    }

    fn desks(&self) -> impl Iterator<Item = Desk> + '_ {
        let own = |connector: &EwsConnector| connector.mailbox(&MailboxTarget::Own).unwrap();
        self.connectors
            .iter()
            .enumerate()
            .map(move |(at, connector)| Desk {
                office: usize::from(!self.is_private),
                mailbox: own(connector),
                event: self.planted[at].0.clone(),
                news: self.planted[at].1.clone(),
            })
    }

    fn disturb(&self, seed: u64) {
        let short = Duration::from_millis(20);
        // Each kind has numbers of its own, so that they meet different requests.
        let disturb = |share: f64, troubles: Vec<Trouble>| {
            let seed = seed * 100 + troubles.len() as u64;
            let mut troubles = troubles.into_iter();
            let first = Disturbance::new(troubles.next().unwrap());
            let all = troubles.fold(first, Disturbance::or);
            self.simulator.disturb(all.share(share, seed));
        };
        for nth in [1000, 3000, 5000] {
            let start = Disturbance::new(Trouble::Restart);
            self.simulator.disturb(start.nth(nth));
        }
        disturb(
            0.05,
            vec![
                Trouble::DropBefore,
                Trouble::DropWhileReading { after: 200 },
                Trouble::DropAfter,
                Trouble::Truncate,
                Trouble::TruncateAt { bytes: 50 },
                Trouble::CloseAfter,
                Trouble::StrayAnswer,
                Trouble::garbage(),
                Trouble::ForgetLogon,
                Trouble::OtherOperation,
                Trouble::OtherRequest,
            ],
        );
        disturb(
            0.06,
            vec![
                Trouble::busy(5),
                Trouble::busy_message(5),
                Trouble::message("ErrorInternalServerTransientError"),
                Trouble::fault("ErrorInternalServerError"),
                Trouble::Item {
                    at: 0,
                    code: "ErrorServerBusy",
                    back_off: Some(5),
                },
                Trouble::mailbox_in_move(),
                Trouble::store_unavailable(),
                Trouble::Delay(short),
                Trouble::DelayBefore(short),
                Trouble::status(500),
                Trouble::bad_gateway(),
                Trouble::gateway_timeout(),
                Trouble::too_many_requests(0),
                Trouble::unavailable_for(0),
                Trouble::unavailable_until(Utc::now()),
            ],
        );
        disturb(
            0.006,
            vec![
                Trouble::HtmlPage,
                Trouble::filter_page(),
                Trouble::redirect_to_logon(),
                Trouble::redirect_to_error_page(),
                Trouble::proxy_logon(),
                // Each byte goes by itself, which takes its time.
                Trouble::Trickle {
                    pause: Duration::ZERO,
                },
            ],
        );
        let mut connections = vec![Trouble::Refuse, Trouble::Silence(short)];
        if self.is_private {
            connections.push(Trouble::Certificate(SimulatedCertificate::Expired));
            connections.push(Trouble::Certificate(SimulatedCertificate::Renewed));
        }
        disturb(0.1, connections);
    }

    /// The logons were right, few, and are still there.
    fn check(&self, before: &Log) {
        let log = self.simulator.log();
        assert_eq!((log.wrong_credentials, log.wrong_bindings), (0, 0));
        let handshakes = |log: &Log| {
            log.connections
                .iter()
                .map(|one| one.handshakes)
                .sum::<u32>()
        };
        let lanes = MAILBOXES * LANES;
        let fresh = log.connections.len() - before.connections.len();
        assert!(fresh <= lanes, "{fresh} connections without a trouble");
        assert!((handshakes(&log) - handshakes(before)) as usize <= lanes);
        // A trouble costs one connection, a new start all of them.
        let met = before.met.len();
        let starts = before
            .troubles()
            .get("restart")
            .copied()
            .unwrap_or_default();
        let most = met + (starts as usize + 1) * lanes;
        let opened = before.connections.len();
        assert!(
            opened <= most,
            "{opened} connections, {met} troubles, {starts} new starts"
        );
        assert!(handshakes(before) as usize <= most);
        assert!(log.most_at_once <= 27, "{}", log.most_at_once);
    }

    fn truth(&self) -> Truth {
        let mut truth = Truth::default();
        for account in self.simulator.accounts() {
            for folder in ["calendar", "drafts"] {
                for id in self.simulator.item_ids(&account.address, folder).unwrap() {
                    let xml = self.simulator.item_xml(&id).unwrap();
                    let (subject, state) = if folder == "calendar" {
                        (text(&xml, "Subject"), text(&xml, "Location"))
                    } else {
                        let subject = text(&xml, "Subject");
                        (subject.split('/').next().unwrap().to_owned(), subject)
                    };
                    truth.items.entry(subject).or_default().push(state);
                }
            }
        }
        for sent in self.simulator.outbox() {
            let name = sent.subject.split('/').next().unwrap().to_owned();
            *truth.sent.entry(name).or_default() += 1;
        }
        truth
    }
}

/// The text of an element without markup.
fn text(xml: &str, name: &str) -> String {
    let open = format!("<t:{name}>");
    let text = xml
        .split_once(&open)
        .and_then(|(_, rest)| rest.split('<').next());
    text.unwrap_or_default().to_owned()
}

/// What the servers have in the end, by subject.
#[derive(Default)]
struct Truth {
    /// Places of events, whole subjects of drafts.
    items: BTreeMap<String, Vec<String>>,
    sent: BTreeMap<String, usize>,
}

/// A mailbox, and what lies in it from the beginning.
#[derive(Clone)]
struct Desk {
    office: usize,
    mailbox: Arc<dyn Mailbox>,
    event: EventId,
    news: MessageId,
}

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
struct Worker {
    number: usize,
    desk: Desk,
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
    outcomes: BTreeMap<(&'static str, String), usize>,
    longest: (Duration, &'static str),
}

impl Worker {
    fn new(number: usize, desk: Desk) -> Self {
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

    async fn work(mut self) -> Self {
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
    fn check(&self, truth: &Truth) {
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
fn event(subject: &str, call: usize) -> NewEvent {
    let first = NaiveDate::from_ymd_opt(2026, 3, 1).unwrap();
    let start = (first + TimeDelta::days(call as i64 % 300))
        .and_hms_opt(9, 0, 0)
        .unwrap();
    NewEvent::new(
        subject,
        When::timed(start, start + TimeDelta::hours(1), Berlin),
    )
}

fn mail(subject: &str) -> NewMessage {
    NewMessage::new(subject, Body::text("For your files.")).to(Recipient::smtp("to@elsewhere.test"))
}

/// What came of all calls.
#[derive(Default)]
struct Summary {
    outcomes: BTreeMap<String, BTreeMap<&'static str, usize>>,
    longest: (Duration, &'static str),
}

impl Summary {
    fn add(&mut self, worker: &Worker) {
        for ((what, outcome), count) in &worker.outcomes {
            let all = self.outcomes.entry(outcome.clone()).or_default();
            *all.entry(what).or_default() += count;
        }
        self.longest = self.longest.max(worker.longest);
    }

    fn show(&self, logs: &[Log], took: Duration) {
        println!("{CALLS} calls, {AT_A_TIME} at a time, seed {SEED}, in {took:.1?}");
        for (name, log) in ["TLS, bound NTLM", "HTTP, NTLM"].iter().zip(logs) {
            let handshakes: u32 = log.connections.iter().map(|one| one.handshakes).sum();
            let met = log.met.len();
            println!(
                "{name}: {} requests, {} connections, {handshakes} logons, {met} troubles, {} at once at most, {} refused for that",
                log.requests,
                log.connections.len(),
                log.most_at_once,
                log.refused_concurrency,
            );
            let troubles: Vec<String> = log
                .troubles()
                .iter()
                .map(|(name, count)| format!("{name} {count}"))
                .collect();
            println!("  {}", troubles.join(", "));
        }
        for (outcome, calls) in &self.outcomes {
            let sum: usize = calls.values().sum();
            let calls: Vec<String> = calls
                .iter()
                .map(|(what, count)| format!("{what} {count}"))
                .collect();
            println!("{outcome}: {sum} ({})", calls.join(", "));
        }
        println!("longest call: {} in {:.1?}", self.longest.1, self.longest.0);
    }

    /// Much went wrong, and most went well.
    fn check(&self, logs: &[Log]) {
        let sum = |outcome: &BTreeMap<_, usize>| outcome.values().sum::<usize>();
        assert_eq!(self.outcomes.values().map(sum).sum::<usize>(), CALLS);
        assert!(sum(&self.outcomes["ok"]) > CALLS / 2);
        for log in logs {
            for name in KINDS {
                assert!(
                    log.troubles().contains_key(name),
                    "nothing met {name}: {:?}",
                    log.troubles()
                );
            }
        }
        assert!(logs[0].troubles()["certificate"] > 0);
    }
}

/// Each of these is met on both servers.
const KINDS: &[&str] = &[
    "bad-gateway",
    "busy",
    "busy-message",
    "close-after",
    "delay",
    "delay-before",
    "drop-after",
    "drop-before",
    "drop-while-reading",
    "fault",
    "forget-logon",
    "gateway-timeout",
    "item",
    "logon-page",
    "message",
    "other-operation",
    "other-request",
    "page",
    "proxy-logon",
    "redirect",
    "refuse",
    "restart",
    "silence",
    "status",
    "stray-answer",
    "stray-bytes",
    "too-many-requests",
    "trickle",
    "truncate",
    "truncate-at",
    "unavailable",
];

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
