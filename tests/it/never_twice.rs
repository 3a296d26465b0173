//! More than a thousand mails over a connection that breaks at any moment, and what arrives of them.
//!
//! A program that repeats a call with its key until it succeeds ends with each mail once. One that
//! has no key repeats a call only where the error says that nothing was done: each mail arrives at
//! most once, and where that is not sure, the program was told.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use exchange_connector::ews::{EwsConnector, ServerVersion};
use exchange_connector::graph::{Cloud, GraphConnector};
use exchange_connector::http::{AuthPolicy, AuthScheme, Credentials, HttpOptions, Proxy};
use exchange_connector::model::{
    Body, DraftOptions, MessageId, NewAttachment, NewMessage, NewReply, Recipient, SendOptions,
    SendReceipt,
};
use exchange_connector::simulator::{Disturbance, Simulator, Trouble};
use exchange_connector::{Backend, Connector, Effect, Mailbox, MailboxTarget, Result, RetryPolicy};

/// What programs send over.
#[derive(Clone, Copy, Debug)]
enum Server {
    Ews(ServerVersion),
    Graph,
}

const SERVERS: [Server; 6] = [
    Server::Ews(ServerVersion::Exchange2007Sp1),
    Server::Ews(ServerVersion::Exchange2010Sp2),
    Server::Ews(ServerVersion::Exchange2013Sp1),
    Server::Ews(ServerVersion::Exchange2016),
    Server::Graph,
    Server::Graph,
];

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ews(version) => write!(f, "{version}"),
            Self::Graph => f.write_str("Graph"),
        }
    }
}

/// Mails with keys and mails without, on each of these.
const MAILS: usize = 125;

/// A call is repeated that often at most; more troubles than this are never ordered at once.
const ATTEMPTS: usize = 8;

#[tokio::test(flavor = "multi_thread")]
async fn with_a_key_each_mail_arrives_once() {
    let mut tasks = Vec::new();
    for (seed, server) in (1..).zip(SERVERS) {
        tasks.push(tokio::spawn(with_keys(server, seed)));
    }
    let mut stages = Stages::new();
    for task in tasks {
        stages.extend(task.await.unwrap());
    }
    // Each operation of the flows met each trouble that leaves a trace of it.
    for operation in [
        "CreateItem",
        "FindItem",
        "SendItem",
        "CreateAttachment",
        "UpdateItem",
        "POST /$batch",
        "POST /me/mailFolders/drafts/messages",
        "PATCH /me/messages/{id}",
        "POST /me/messages/{id}/send",
    ] {
        for trouble in ["message", "drop-after", "truncate", "truncate-at"] {
            let stage = (operation.to_owned(), trouble);
            assert!(stages.contains(&stage), "{stage:?} is not in {stages:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_nothing_is_sent_twice() {
    let mut tasks = Vec::new();
    for (seed, server) in (101..).zip(SERVERS) {
        tasks.push(tokio::spawn(without_keys(server, seed)));
    }
    let mut told = [0, 0];
    for task in tasks {
        let counts = task.await.unwrap();
        told = [told[0] + counts[0], told[1] + counts[1]];
    }
    // Doubt was right in both ways, so it was needed.
    assert!(told[0] > 10 && told[1] > 10, "{told:?}");
}

/// Which operations met which troubles.
type Stages = BTreeSet<(String, &'static str)>;

async fn with_keys(server: Server, seed: u64) -> Stages {
    let mut office = Office::start(server).await;
    let mut random = Random(seed);
    for number in 0..MAILS {
        let order = Order::random(number, &mut random);
        let options = SendOptions::new().idempotency_key(format!("mail-{number}"));
        let requests = office.requests(&order, true).await;
        let desk = office.desk(&order).await;
        let met = office.simulator.log().met.len();
        office.trouble(&mut random, requests, 2);
        // Two programs at a time, now and then.
        let together = random.below(4) == 0;
        let first = desk.until_sent(&order, &options);
        if together {
            tokio::join!(first, desk.until_sent(&order, &options));
        } else {
            first.await;
        }
        office.simulator.calm();
        assert!(
            office.simulator.log().met.len() > met,
            "nothing met {order:?}"
        );
        // That it was sent is found out, and nothing is sent.
        desk.send(&order, &options).await.unwrap();
    }
    let arrived = office.arrived();
    for number in 0..MAILS {
        let times = arrived.get(&number).copied().unwrap_or_default();
        assert_eq!(times, 1, "mail {number} on {server}, seed {seed}");
    }
    let met = office.simulator.log().met.into_iter();
    met.map(|met| (met.operation, met.trouble)).collect()
}

/// How many mails arrived, and did not, that were in doubt.
async fn without_keys(server: Server, seed: u64) -> [usize; 2] {
    let mut office = Office::start(server).await;
    let mut random = Random(seed);
    let mut in_doubt = BTreeMap::new();
    let options = SendOptions::new();
    for number in 0..MAILS {
        let order = Order::random(number, &mut random);
        let requests = office.requests(&order, false).await;
        let desk = office.desk(&order).await;
        let met = office.simulator.log().met.len();
        office.trouble(&mut random, requests, 1);
        for _ in 0..ATTEMPTS {
            match desk.send(&order, &options).await {
                Ok(_) => break,
                Err(error) if error.effect() == Effect::None => {}
                Err(error) => {
                    let hint = error.advice_text().unwrap_or_default().to_owned();
                    in_doubt.insert(number, (error.effect(), hint));
                    break;
                }
            }
        }
        office.simulator.calm();
        assert!(
            office.simulator.log().met.len() > met,
            "nothing met {order:?}"
        );
    }
    let arrived = office.arrived();
    let mut told = [0, 0];
    for number in 0..MAILS {
        let times = arrived.get(&number).copied().unwrap_or_default();
        match in_doubt.get(&number) {
            None => assert_eq!(times, 1, "mail {number} on {server}, seed {seed}"),
            Some((effect, hint)) => {
                assert!(times <= 1, "mail {number} on {server}, seed {seed}");
                // What says that it was not sent says the truth.
                if *effect == Effect::Partial {
                    assert!(hint.contains("Nothing was sent"), "{hint}");
                    assert_eq!(times, 0, "mail {number} on {server}, seed {seed}");
                }
                told[times] += 1;
            }
        }
    }
    told
}

/// A server, and programs that send: one that repeats what it may by itself, one that does not.
struct Office {
    simulator: Simulator,
    mailboxes: [Arc<dyn Mailbox>; 2],
    /// What is answered.
    question: MessageId,
    /// How many requests a mail takes where nothing goes wrong.
    known: BTreeMap<(Flow, usize, bool), u64>,
}

impl Office {
    async fn start(server: Server) -> Self {
        let version = match server {
            Server::Ews(version) => version,
            Server::Graph => ServerVersion::Exchange2016,
        };
        let builder = Simulator::builder().version(version.as_str().parse().unwrap());
        // That requests and answers are valid is for the conformance suite to find out.
        let builder = builder.check_schema(false);
        let simulator = builder.start().await.unwrap();
        let alice = simulator.accounts().remove(0);
        let quick = RetryPolicy::default().first_wait(Duration::from_millis(1));
        let http = || HttpOptions::default().proxy(Proxy::Off);
        let over_ews = |policy| -> Arc<dyn Connector> {
            let password = Credentials::password(&alice.address, alice.password.as_str());
            let builder = EwsConnector::builder(simulator.ews_url())
                .credentials(password)
                .auth(AuthPolicy::Only(AuthScheme::Basic))
                .version(version);
            Arc::new(builder.http(http()).retry(policy).build().unwrap())
        };
        let over_graph = |policy| -> Arc<dyn Connector> {
            let may = ["Mail.ReadWrite", "Mail.Send"];
            let token = simulator.delegated_token(&alice.address, &may).unwrap();
            let builder =
                GraphConnector::with_token(token.secret).cloud(Cloud::At(simulator.graph_url()));
            Arc::new(builder.http(http()).retry(policy).build().unwrap())
        };
        let mailboxes = [RetryPolicy::none(), quick].map(|policy| {
            let connector = match server {
                Server::Ews(_) => over_ews(policy),
                Server::Graph => over_graph(policy),
            };
            connector.mailbox(&MailboxTarget::Own).unwrap()
        });
        let question = "<t:Message><t:Subject>Question</t:Subject><t:From><t:Mailbox><t:EmailAddress>bob@example.test</t:EmailAddress></t:Mailbox></t:From></t:Message>";
        let question = simulator.plant(&alice.address, "inbox", question).unwrap();
        let question = match server {
            Server::Ews(_) => MessageId::from_raw(Backend::Ews, question),
            Server::Graph => {
                let question = simulator.graph_id(&question).unwrap();
                MessageId::from_raw(Backend::Graph, question)
            }
        };
        Self {
            mailboxes,
            simulator,
            question,
            known: BTreeMap::new(),
        }
    }

    /// A program with what it needs beforehand.
    async fn desk(&self, order: &Order) -> Desk {
        let mailbox = self.mailboxes[order.number % 2].clone();
        let draft = match order.flow {
            Flow::Draft => {
                let draft = mailbox
                    .create_draft(order.mail(), DraftOptions::new())
                    .await;
                Some(draft.unwrap().id)
            }
            _ => None,
        };
        Desk {
            question: self.question.clone(),
            mailbox,
            draft,
        }
    }

    /// How many requests a mail like this takes where nothing goes wrong.
    async fn requests(&mut self, order: &Order, has_key: bool) -> u64 {
        let like = (order.flow, order.files.len(), has_key);
        if let Some(known) = self.known.get(&like) {
            return *known;
        }
        let count = || u64::from(self.simulator.log().http_requests);
        let sample = Order {
            number: SAMPLE + self.known.len(),
            ..order.clone()
        };
        let mut options = SendOptions::new();
        if has_key {
            options = options.idempotency_key(format!("sample-{}", sample.number));
        }
        let desk = self.desk(&sample).await;
        let before = count();
        desk.send(&sample, &options).await.unwrap();
        let requests = count() - before;
        self.known.insert(like, requests);
        requests
    }

    /// Orders a trouble for one of so many requests, and others for some that follow.
    fn trouble(&self, random: &mut Random, requests: u64, most: u64) {
        let mut nth = 1 + random.below(requests);
        for _ in 0..=random.below(most) {
            let trouble = Disturbance::new(any_trouble(random));
            self.simulator.disturb(trouble.nth(nth));
            nth += 1 + random.below(requests);
        }
    }

    /// How often each mail left.
    fn arrived(&self) -> BTreeMap<usize, usize> {
        let mut arrived = BTreeMap::new();
        for sent in self.simulator.outbox() {
            // Text, or HTML with the same words.
            let (_, words) = sent.body.split_once("mail ").expect(&sent.body);
            let number = words.split_whitespace().next().and_then(|n| n.parse().ok());
            *arrived.entry(number.expect(&sent.body)).or_insert(0) += 1;
        }
        arrived
    }
}

/// Mails from this number on only show how many requests they take.
const SAMPLE: usize = 1_000_000;

/// A program that sends one mail.
struct Desk {
    mailbox: Arc<dyn Mailbox>,
    question: MessageId,
    draft: Option<MessageId>,
}

impl Desk {
    async fn send(&self, order: &Order, options: &SendOptions) -> Result<SendReceipt> {
        let options = options.clone();
        match (order.flow, &self.draft) {
            (Flow::Reply, _) => {
                let mut reply = NewReply::reply(Body::text(order.words()));
                reply.attachments.clone_from(&order.files);
                reply.cc.push(Recipient::smtp("carol@example.test"));
                self.mailbox
                    .send_reply(&self.question, reply, options)
                    .await
            }
            (Flow::Mime, _) => self.mailbox.send_mime(order.mime().into(), options).await,
            (Flow::Draft, Some(draft)) => self.mailbox.send_draft(draft, options).await,
            _ => self.mailbox.send(order.mail(), options).await,
        }
    }

    async fn until_sent(&self, order: &Order, options: &SendOptions) {
        let mut failures = Vec::new();
        while failures.len() < ATTEMPTS {
            match self.send(order, options).await {
                Ok(_) => return,
                Err(error) => failures.push(error),
            }
        }
        panic!("{order:?} was not sent: {failures:#?}");
    }
}

/// By which method a mail is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Flow {
    New,
    Reply,
    Draft,
    Mime,
}

/// A mail to be sent.
#[derive(Clone, Debug)]
struct Order {
    number: usize,
    files: Vec<NewAttachment>,
    flow: Flow,
}

impl Order {
    fn random(number: usize, random: &mut Random) -> Self {
        let flow = match random.below(6) {
            0 | 1 => Flow::New,
            2 | 3 => Flow::Reply,
            4 => Flow::Draft,
            _ => Flow::Mime,
        };
        // What a text of MIME has attached is in the text.
        let most = if flow == Flow::Mime { 1 } else { 3 };
        let files =
            (0..random.below(most)).map(|file| NewAttachment::new(format!("{file}.txt"), "x"));
        Self {
            number,
            files: files.collect(),
            flow,
        }
    }

    fn words(&self) -> String {
        format!("mail {} of today", self.number)
    }

    fn mail(&self) -> NewMessage {
        let mut mail = NewMessage::new(self.words(), Body::text(self.words()))
            .to(Recipient::smtp("bob@example.test"));
        mail.attachments.clone_from(&self.files);
        mail
    }

    fn mime(&self) -> String {
        let words = self.words();
        format!(
            "From: alice@example.test\r\nTo: bob@example.test\r\nSubject: {words}\r\nContent-Type: text/plain\r\n\r\n{words}\r\n"
        )
    }
}

fn any_trouble(random: &mut Random) -> Trouble {
    match random.below(12) {
        0 => Trouble::DropBefore,
        1 | 2 => Trouble::DropAfter,
        3 => Trouble::Truncate,
        4 => Trouble::TruncateAt { bytes: 80 },
        5 => Trouble::DropWhileReading { after: 100 },
        6 => Trouble::busy(5),
        7 | 8 => Trouble::message("ErrorInternalServerError"),
        9 => Trouble::unavailable_for(0),
        10 => Trouble::gateway_timeout(),
        _ => Trouble::HtmlPage,
    }
}

/// A generator whose numbers are the same each time (xorshift64*).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % limit
    }
}
