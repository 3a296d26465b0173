//! A thousand mails over a connection that breaks at any moment, and what arrives of them.
//!
//! A program that repeats a call with its key until it succeeds ends with each mail once. One that
//! has no key repeats a call only where the error says that nothing was done: each mail arrives at
//! most once, and where that is not sure, the program was told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use exchange_connector::ews::{EwsConnector, ServerVersion};
use exchange_connector::http::{AuthPolicy, AuthScheme, Credentials, HttpOptions, Proxy};
use exchange_connector::model::{
    Body, MessageId, NewAttachment, NewMessage, NewReply, Recipient, SendOptions, SendReceipt,
};
use exchange_connector::simulator::{Simulator, Trouble};
use exchange_connector::{Backend, Connector, Effect, Mailbox, MailboxTarget, Result, RetryPolicy};

const VERSIONS: [ServerVersion; 4] = [
    ServerVersion::Exchange2007Sp1,
    ServerVersion::Exchange2010Sp2,
    ServerVersion::Exchange2013Sp1,
    ServerVersion::Exchange2016,
];

/// Mails with keys and mails without, on each of the four versions.
const MAILS: usize = 125;

/// A call is repeated that often at most; more troubles than this are never ordered at once.
const ATTEMPTS: usize = 8;

#[tokio::test(flavor = "multi_thread")]
async fn with_a_key_each_mail_arrives_once() {
    let mut tasks = Vec::new();
    for (seed, version) in (1..).zip(VERSIONS) {
        tasks.push(tokio::spawn(with_keys(version, seed)));
    }
    let mut stages = BTreeSet::new();
    for task in tasks {
        stages.extend(task.await.unwrap());
    }
    // Each operation of the flows was refused, lost its answer, and lost half of it.
    for operation in [
        "CreateItem",
        "FindItem",
        "SendItem",
        "CreateAttachment",
        "UpdateItem",
    ] {
        let met = stages.iter().filter(|(one, _)| one == operation).count();
        assert_eq!(met, 3, "{operation}: {stages:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_nothing_is_sent_twice() {
    let mut tasks = Vec::new();
    for (seed, version) in (101..).zip(VERSIONS) {
        tasks.push(tokio::spawn(without_keys(version, seed)));
    }
    let mut told = [0, 0];
    for task in tasks {
        let counts = task.await.unwrap();
        told = [told[0] + counts[0], told[1] + counts[1]];
    }
    // Doubt was right in both ways, so it was needed.
    assert!(told[0] > 10 && told[1] > 10, "{told:?}");
}

/// Which operations met which troubles, of those that leave a trace of the operation.
type Stages = BTreeSet<(String, &'static str)>;

async fn with_keys(version: ServerVersion, seed: u64) -> Stages {
    let mut office = Office::start(version).await;
    let mut random = Random(seed);
    for number in 0..MAILS {
        let order = Order::random(number, &mut random);
        let options = SendOptions::new().idempotency_key(format!("mail-{number}"));
        office.trouble(&mut random, 2);
        // Two programs at a time, now and then.
        let together = random.below(4) == 0;
        let first = office.until_sent(&order, &options);
        if together {
            tokio::join!(first, office.until_sent(&order, &options));
        } else {
            first.await;
        }
        office.settle().await;
        let again = office.send(&order, &options).await.unwrap();
        assert!(again.message_id.is_some(), "{order:?} on {version}");
    }
    let arrived = office.arrived();
    for number in 0..MAILS {
        let times = arrived.get(&number).copied().unwrap_or_default();
        assert_eq!(times, 1, "mail {number} on {version}, seed {seed}");
    }
    office.stages()
}

/// How many mails arrived, and did not, that were in doubt.
async fn without_keys(version: ServerVersion, seed: u64) -> [usize; 2] {
    let mut office = Office::start(version).await;
    let mut random = Random(seed);
    let mut in_doubt = Vec::new();
    let options = SendOptions::new();
    for number in 0..MAILS {
        let order = Order::random(number, &mut random);
        office.trouble(&mut random, 1);
        loop {
            match office.send(&order, &options).await {
                Ok(_) => break,
                Err(error) if error.effect() == Effect::None => {}
                Err(error) => {
                    let hint = error.advice_text().unwrap_or_default().to_owned();
                    in_doubt.push((number, error.effect(), hint));
                    break;
                }
            }
        }
        office.settle().await;
    }
    let arrived = office.arrived();
    let mut told = [0, 0];
    for number in 0..MAILS {
        let times = arrived.get(&number).copied().unwrap_or_default();
        match in_doubt.iter().find(|(one, ..)| *one == number) {
            None => assert_eq!(times, 1, "mail {number} on {version}, seed {seed}"),
            Some((_, effect, hint)) => {
                assert!(times <= 1, "mail {number} on {version}, seed {seed}");
                // What says that it was not sent says the truth.
                if *effect == Effect::Partial {
                    assert!(hint.contains("Nothing was sent"), "{hint}");
                    assert_eq!(times, 0, "mail {number} on {version}, seed {seed}");
                }
                told[times] += 1;
            }
        }
    }
    told
}

/// A server, and a program that sends.
struct Office {
    simulator: Simulator,
    connector: Arc<dyn Connector>,
    mailbox: Arc<dyn Mailbox>,
    /// What goes wrong with which request.
    troubles: BTreeMap<u32, &'static str>,
    settled_at: u32,
    /// What is answered.
    question: MessageId,
}

impl Office {
    async fn start(version: ServerVersion) -> Self {
        let builder = Simulator::builder().version(version.as_str().parse().unwrap());
        // That requests and answers are valid is for the conformance suite to find out.
        let builder = builder.check_schema(false).record(true);
        let simulator = builder.start().await.unwrap();
        let alice = simulator.accounts().remove(0);
        let connector: Arc<dyn Connector> = Arc::new(
            EwsConnector::builder(simulator.ews_url())
                .credentials(Credentials::password(&alice.address, alice.password))
                .auth(AuthPolicy::Only(AuthScheme::Basic))
                .version(version)
                .http(HttpOptions::default().proxy(Proxy::Off))
                .retry(RetryPolicy::none())
                .build()
                .unwrap(),
        );
        let question = "<t:Message><t:Subject>Question</t:Subject><t:From><t:Mailbox><t:EmailAddress>bob@example.test</t:EmailAddress></t:Mailbox></t:From></t:Message>";
        let question = simulator.plant(&alice.address, "inbox", question).unwrap();
        Self {
            mailbox: connector.mailbox(&MailboxTarget::Own).unwrap(),
            connector,
            simulator,
            troubles: BTreeMap::new(),
            settled_at: 0,
            question: MessageId::from_raw(Backend::Ews, question),
        }
    }

    async fn send(&self, order: &Order, options: &SendOptions) -> Result<SendReceipt> {
        if order.is_reply {
            let mut reply = NewReply::reply(Body::text(order.words()));
            reply.attachments.clone_from(&order.files);
            reply.cc.push(Recipient::smtp("carol@example.test"));
            return self
                .mailbox
                .send_reply(&self.question, reply, options.clone())
                .await;
        }
        let mut mail = NewMessage::new(order.words(), Body::text(order.words()))
            .to(Recipient::smtp("bob@example.test"));
        mail.attachments.clone_from(&order.files);
        self.mailbox.send(mail, options.clone()).await
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

    /// Orders troubles for some of the next requests.
    fn trouble(&mut self, random: &mut Random, most: u64) {
        let mut next = self.simulator.log().requests;
        for _ in 0..=random.below(most) {
            for _ in 0..random.below(7) {
                self.simulator.fail_next(Trouble::Delay(Duration::ZERO));
                next += 1;
            }
            let (name, trouble) = any_trouble(random);
            self.simulator.fail_next(trouble);
            self.troubles.insert(next, name);
            next += 1;
        }
        self.settled_at = next;
    }

    /// Uses up the troubles that nothing met.
    async fn settle(&self) {
        while self.simulator.log().requests < self.settled_at {
            let _ = self.connector.probe().await;
        }
    }

    fn stages(&self) -> Stages {
        let mut stages = Stages::new();
        let mut exchanges = self.simulator.exchanges().into_iter();
        for request in 0..self.simulator.log().requests {
            let name = self.troubles.get(&request).copied();
            if let Some("refused" | "unanswered" | "half") | None = name {
                let operation = exchanges.next().unwrap().operation;
                stages.extend(name.map(|name| (operation, name)));
            }
        }
        stages
    }

    /// How often each mail left.
    fn arrived(&self) -> BTreeMap<usize, usize> {
        let mut arrived = BTreeMap::new();
        for sent in self.simulator.outbox() {
            let number = sent
                .body
                .split_whitespace()
                .nth(1)
                .and_then(|n| n.parse().ok());
            *arrived.entry(number.unwrap()).or_insert(0) += 1;
        }
        arrived
    }
}

/// A mail to be sent.
#[derive(Clone, Debug)]
struct Order {
    number: usize,
    files: Vec<NewAttachment>,
    is_reply: bool,
}

impl Order {
    fn random(number: usize, random: &mut Random) -> Self {
        let files = (0..random.below(3)).map(|file| NewAttachment::new(format!("{file}.txt"), "x"));
        Self {
            number,
            files: files.collect(),
            is_reply: random.below(3) == 0,
        }
    }

    fn words(&self) -> String {
        format!("mail {} of today", self.number)
    }
}

fn any_trouble(random: &mut Random) -> (&'static str, Trouble) {
    let refused = Trouble::Message {
        code: "ErrorInternalServerError",
        back_off: None,
    };
    match random.below(9) {
        0 => ("dropped", Trouble::DropBefore),
        1 | 2 => ("unanswered", Trouble::DropAfter),
        3 | 4 => ("half", Trouble::Truncate),
        5 => ("busy", Trouble::busy(5)),
        6 => ("refused", refused),
        7 => ("unavailable", Trouble::status(503)),
        _ => ("page", Trouble::HtmlPage),
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
