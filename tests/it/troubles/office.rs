//! The servers of the test, what goes wrong on them, and what they have in the end.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use exchange_connector::ews::{EwsConnector, ServerVersion};
use exchange_connector::http::{AuthPolicy, AuthScheme, Credentials, HttpOptions, Proxy};
use exchange_connector::model::{
    CalendarRef, EventId, MessageId, MessageQuery, Notify, WellKnownFolder,
};
use exchange_connector::simulator::{
    AuthScheme as Offer, Disturbance, ExtendedProtection, Log, SimulatedCertificate,
    SimulatedMessage, Simulator, Trouble,
};
use exchange_connector::{Connector, Mailbox, MailboxTarget, RetryPolicy};

use super::worker::event;
use super::{DEADLINE, LANES, MAILBOXES, SEED};

/// What programs have by default, with shorter waits.
fn policy() -> RetryPolicy {
    RetryPolicy::default()
        .first_wait(Duration::from_millis(2))
        .longest_wait(Duration::from_secs(2))
        .total_time(DEADLINE / 3)
        .deadline(DEADLINE / 2)
        .seed(SEED)
}

/// A server.
pub(super) struct Office {
    pub(super) simulator: Simulator,
    connectors: Vec<EwsConnector>,
    /// What lies in each mailbox from the beginning.
    planted: Vec<(EventId, MessageId)>,
    is_private: bool,
}

impl Office {
    pub(super) async fn start(is_private: bool) -> Self {
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

    pub(super) fn desks(&self) -> impl Iterator<Item = Desk> + '_ {
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

    pub(super) fn disturb(&self, seed: u64) {
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
    pub(super) fn check(&self, before: &Log) {
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

    pub(super) fn truth(&self) -> Truth {
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
pub(super) struct Truth {
    /// Places of events, whole subjects of drafts.
    pub(super) items: BTreeMap<String, Vec<String>>,
    pub(super) sent: BTreeMap<String, usize>,
}

/// A mailbox, and what lies in it from the beginning.
#[derive(Clone)]
pub(super) struct Desk {
    pub(super) office: usize,
    pub(super) mailbox: Arc<dyn Mailbox>,
    pub(super) event: EventId,
    pub(super) news: MessageId,
}
