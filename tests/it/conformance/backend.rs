//! The harness: what a case may do to the organisation it runs in.

mod doing;
mod front;
mod judge;
mod odd;
mod place;
mod token;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use exchange_connector::ews::operation::{CreateItem, MessageDisposition};
use exchange_connector::ews::types::{Item, ItemId, ResponseObject, ResponseObjectKind};
use exchange_connector::model::{EventId, EventQuery, MessageId, Notify, TimeRange, When};
use exchange_connector::simulator::{
    CalendarRights, Disturbance, SentMessage, SimulatedMessage, Simulator, Trouble,
};
use exchange_connector::{
    Backend as Protocol, Capabilities, Connector as _, Feature, Mailbox, MailboxTarget, Result,
};

pub(super) use doing::Doing;
pub(super) use front::{Front, Wrong};
pub(super) use odd::Odd;

/// The zone of the organisation.
pub(super) const HOME: Tz = chrono_tz::Europe::Berlin;

/// What Windows calls it.
pub(super) const HOME_ON_WINDOWS: &str = "W. Europe Standard Time";

/// How many people there are: alice, bob, carol, user4 …
pub(super) const PEOPLE: usize = 150;

/// A simulated organisation, how a program connects to it over one protocol, and its remote control, which knows nothing
/// of protocols.
pub(super) struct Backend {
    pub(super) front: Front,
    simulator: Arc<Simulator>,
    /// What the backend says it can do.
    capabilities: Capabilities,
    /// Whether the program may act as anybody, by who runs it.
    acting: Arc<Mutex<BTreeSet<String>>>,
    /// How many sent messages were looked at.
    read: Mutex<usize>,
}

impl Backend {
    pub(super) async fn start(front: Front) -> Self {
        let simulator = Simulator::builder()
            .version(front.version().as_str().parse().unwrap())
            .mailboxes(PEOPLE)
            .record(true)
            .start()
            .await
            .unwrap();
        let mut backend = Self {
            front,
            simulator: Arc::new(simulator),
            capabilities: Capabilities::new(Protocol::Ews, ""),
            acting: Arc::default(),
            read: Mutex::new(0),
        };
        backend.capabilities = backend.connector("alice").capabilities();
        backend
    }

    /// Whether the backend says that it can do something.
    pub(super) fn can(&self, feature: Feature) -> bool {
        self.capabilities.supports(feature)
    }

    pub(super) fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// Telling nobody, where that can be; else as usual.
    pub(super) fn quietly(&self) -> Notify {
        match self.can(Feature::SilentMeetingChange) {
            true => Notify::Nobody,
            false => Notify::Auto,
        }
    }

    /// Whose ids are good here.
    pub(super) fn protocol(&self) -> Protocol {
        self.capabilities.backend
    }

    /// Whose ids are good elsewhere.
    pub(super) fn other_protocol(&self) -> Protocol {
        match self.protocol() {
            Protocol::Ews => Protocol::Graph,
            _ => Protocol::Ews,
        }
    }

    /// The mailbox of this person, opened by its owner.
    pub(super) fn mailbox(&self, person: &str) -> Arc<dyn Mailbox> {
        self.connector(person).mailbox(&MailboxTarget::Own).unwrap()
    }

    /// All of the remote control, for what only a few cases need.
    pub(super) fn simulator(&self) -> &Simulator {
        &self.simulator
    }

    /// Puts an event into a calendar behind the library's back, as another program would.
    pub(super) fn plant(&self, person: &str, event: &Planted) -> EventId {
        let id = self.simulator.plant(&address(person), "calendar", &event.0);
        EventId::from_raw(self.protocol(), self.shown(&id.unwrap()))
    }

    /// Puts a message of a class into somebody's Inbox.
    pub(super) fn plant_message(&self, person: &str, class: &str, subject: &str) {
        let message = format!(
            "<t:Message><t:ItemClass>{class}</t:ItemClass><t:Subject>{subject}</t:Subject></t:Message>"
        );
        let planted = self.simulator.plant(&address(person), "inbox", &message);
        planted.unwrap();
    }

    /// Puts a message into a folder behind the library's back, as another program writes it.
    pub(super) fn plant_item(&self, person: &str, folder: &str, item: &str) -> MessageId {
        let id = self.simulator.plant(&address(person), folder, item);
        MessageId::from_raw(self.protocol(), self.shown(&id.unwrap()))
    }

    /// Puts a message into a folder that came in over the Internet.
    pub(super) fn plant_mime(
        &self,
        person: &str,
        folder: &str,
        mime: impl AsRef<[u8]>,
    ) -> MessageId {
        let simulator = &self.simulator;
        let id = simulator.plant_mime(&address(person), folder, mime.as_ref());
        MessageId::from_raw(self.protocol(), self.shown(&id.unwrap()))
    }

    /// Puts many messages into a folder at once.
    pub(super) fn plant_messages(
        &self,
        person: &str,
        folder: &str,
        messages: Vec<SimulatedMessage>,
    ) {
        let folder = self.stored_id(folder);
        let planted = self
            .simulator
            .plant_messages(&address(person), &folder, messages);
        planted.unwrap();
    }

    /// Changes a property of a message behind the library's back.
    pub(super) fn alter_message(&self, id: &MessageId, property: &str, value: &str) {
        self.simulator
            .alter(&self.stored_id(id.as_raw()), property, value)
            .unwrap();
    }

    /// Removes a message behind the library's back.
    pub(super) fn remove_message(&self, id: &MessageId) {
        self.simulator.remove(&self.stored_id(id.as_raw())).unwrap();
    }

    /// Makes a folder that mail programs do not show.
    pub(super) async fn hidden_folder(&self, name: &str) -> Result<()> {
        let body = format!(
            "<m:CreateFolder><m:ParentFolderId><t:DistinguishedFolderId Id=\"msgfolderroot\"/>\
             </m:ParentFolderId><m:Folders><t:Folder><t:FolderClass>IPF</t:FolderClass>\
             <t:DisplayName>{name}</t:DisplayName></t:Folder></m:Folders></m:CreateFolder>"
        );
        self.send_raw("CreateFolder", &body).await.map(drop)
    }

    /// Lets somebody into a folder.
    pub(super) fn grant_folder(
        &self,
        owner: &str,
        folder: &str,
        who: &str,
        rights: CalendarRights,
    ) {
        let (owner, who) = (address(owner), address(who));
        let granted = self
            .simulator
            .grant_folder(&owner, folder, &who, rights, false);
        granted.unwrap();
    }

    /// Changes a property of an event behind the library's back.
    pub(super) fn alter(&self, id: &EventId, property: &str, value: &str) {
        self.simulator
            .alter(&self.stored_id(id.as_raw()), property, value)
            .unwrap();
    }

    /// Removes an event behind the library's back.
    pub(super) fn remove(&self, id: &EventId) {
        self.simulator.remove(&self.stored_id(id.as_raw())).unwrap();
    }

    /// All the server has of an event.
    pub(super) fn stored(&self, id: &EventId) -> String {
        self.simulator
            .item_xml(&self.stored_id(id.as_raw()))
            .unwrap()
    }

    /// How many items a folder of this person has.
    pub(super) fn count(&self, person: &str, folder: &str) -> usize {
        let items = self.simulator.item_ids(&address(person), folder);
        items.unwrap().len()
    }

    /// Answers an invitation as this person, with another program.
    pub(super) async fn answer(&self, person: &str, subject: &str, how: ResponseObjectKind) {
        let program = self.ews_program(person);
        let mailbox = program.mailbox(&MailboxTarget::Own).unwrap();
        let mut events = mailbox.list_events(EventQuery::between(all_times()));
        let event = loop {
            let event = events.try_next().await.unwrap().expect(subject);
            if event.subject == subject {
                break event;
            }
        };
        let mut item = ItemId::new(event.id.as_raw());
        item.change_key = Some(event.version.as_raw().to_owned());
        let items = vec![Item::Response(Box::new(ResponseObject::new(how, item)))];
        let answer = CreateItem::messages(items, MessageDisposition::SendAndSaveCopy);
        for response in program.client().send(&answer).await.unwrap() {
            response.ok().unwrap();
        }
    }

    /// A request of another program of alice, over EWS.
    pub(super) async fn send_raw(&self, operation: &'static str, body: &str) -> Result<String> {
        let program = self.ews_program("alice");
        program.client().send_raw(operation, body).await
    }

    /// Lets somebody into a calendar.
    pub(super) fn grant(&self, owner: &str, who: &str, rights: CalendarRights) {
        let (owner, who) = (address(owner), address(who));
        self.simulator.grant(&owner, &who, rights).unwrap();
    }

    /// Lets somebody into a calendar, private events included.
    pub(super) fn grant_private(&self, owner: &str, who: &str, rights: CalendarRights) {
        let (owner, who) = (address(owner), address(who));
        self.simulator.grant_private(&owner, &who, rights).unwrap();
    }

    /// Lets the program that somebody runs act as anybody.
    pub(super) fn allow_impersonation(&self, who: &str) {
        self.acting.lock().unwrap().insert(who.to_owned());
        self.simulator.allow_impersonation(&address(who)).unwrap();
    }

    /// The user principal name of somebody's account.
    pub(super) fn principal_name(&self, who: &str) -> String {
        self.simulator.principal_name(&address(who)).unwrap()
    }

    /// The security identifier of somebody's account.
    pub(super) fn sid(&self, who: &str) -> String {
        self.simulator.sid(&address(who)).unwrap()
    }

    /// Makes somebody a delegate, who gets the meeting messages too.
    pub(super) fn delegate(&self, owner: &str, who: &str) {
        self.simulator
            .delegate(&address(owner), &address(who))
            .unwrap();
    }

    /// The server forgets how far those who follow changes are.
    pub(super) fn expire_sync_states(&self) {
        self.simulator.expire_sync_states();
    }

    /// Limits how many items a listing may return.
    pub(super) fn limit_find(&self, items: Option<usize>) {
        self.simulator.limit_find(items);
    }

    /// What left the server since the last look, in order.
    pub(super) fn sent(&self) -> Vec<Sent> {
        let mut read = self.read.lock().unwrap();
        let outbox = self.simulator.outbox();
        let fresh = outbox.iter().skip(*read).map(Sent::of).collect();
        *read = outbox.len();
        fresh
    }

    /// The next request goes wrong.
    pub(super) fn fail(&self, trouble: Trouble) {
        self.simulator.fail_next(trouble);
    }

    /// The request after the next `requests` goes wrong.
    pub(super) fn fail_after(&self, requests: usize, trouble: Trouble) {
        let nth = u64::try_from(requests).unwrap() + 1;
        self.simulator.disturb(Disturbance::new(trouble).nth(nth));
    }

    /// No more troubles.
    pub(super) fn calm(&self) {
        self.simulator.calm();
    }

    /// How many troubles requests met.
    pub(super) fn troubles_met(&self) -> usize {
        self.simulator.log().met.len()
    }

    /// How many requests the server saw, of whatever outcome.
    pub(super) fn requests(&self) -> u32 {
        let log = self.simulator.log();
        log.http_requests
    }
}

/// A message that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sent {
    pub kind: String,
    pub from: String,
    /// In alphabetical order.
    pub to: Vec<String>,
    pub subject: String,
    pub body: String,
}

impl Sent {
    fn of(message: &SentMessage) -> Self {
        let mut to = message.to.clone();
        to.sort();
        Self {
            kind: message.kind.clone(),
            from: message.from.clone(),
            to,
            subject: message.subject.clone(),
            body: message.body.clone(),
        }
    }

    /// Kind and recipients.
    pub(super) fn to_whom(&self) -> (&str, Vec<&str>) {
        let to = self.to.iter().map(String::as_str).collect();
        (&self.kind, to)
    }
}

/// An event of another program.
pub(super) struct Planted(String);

impl Planted {
    /// One from an instant to another, with more elements of `t:CalendarItem` after them.
    pub(super) fn new(subject: &str, start: &str, end: &str, more: &str) -> Self {
        Self(format!(
            "<t:CalendarItem><t:Subject>{subject}</t:Subject>\
             <t:Start>{start}</t:Start><t:End>{end}</t:End>{more}</t:CalendarItem>"
        ))
    }
}

/// The zones of an event of another program.
pub(super) fn zones(windows: &str) -> String {
    format!("<t:StartTimeZone Id=\"{windows}\"/><t:EndTimeZone Id=\"{windows}\"/>")
}

pub(super) fn address(person: &str) -> String {
    format!("{person}@example.test")
}

pub(super) fn password(person: &str) -> String {
    format!("{person}-Passw0rd")
}

/// An instant: `2026-03-02T10:00:00Z`.
pub(super) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(super) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// What the clock says: `2026-03-02T10:00`.
pub(super) fn clock(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").unwrap()
}

/// So many minutes from then on, in the zone of the organisation.
pub(super) fn lasting(start: &str, minutes: i64) -> When {
    let start = clock(start);
    When::timed(start, start + TimeDelta::minutes(minutes), HOME)
}

pub(super) fn window(start: &str, end: &str) -> TimeRange {
    TimeRange::new(at(start), at(end))
}

/// All the time the cases are about, in one request.
pub(super) fn all_times() -> TimeRange {
    window("2026-01-01T00:00:00Z", "2027-06-01T00:00:00Z")
}

/// Whether two events take place at the same time in the same zones, by whatever names the server
/// calls them.
pub(super) fn same_time(one: &When, other: &When) -> bool {
    match (one, other) {
        (When::Timed { start: a, end: b }, When::Timed { start: c, end: d }) => {
            (a.utc, b.utc, a.zone.tz, b.zone.tz) == (c.utc, d.utc, c.zone.tz, d.zone.tz)
        }
        _ => one == other,
    }
}
