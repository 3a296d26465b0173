//! What is in the Inbox: all of it, what meets conditions, or what words are found in.
//!
//! With nothing set it starts the simulator; `examples/connect/mod.rs` says how to name a server. It
//! only reads.
//!
//! ```sh
//! cargo run --example inbox -- --unread --from bob@example.test --count 10
//! cargo run --example inbox -- --search 'subject:invoice'
//! ```

mod connect;

use std::env;
use std::error::Error;
use std::process::ExitCode;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use exchange_connector::model::{
    FollowUpFlag, Message, MessageFilter, MessageQuery, WellKnownFolder,
};
use exchange_connector::simulator::{SimulatedMessage, Simulator};

const USAGE: &str = "usage: inbox [--unread] [--flagged] [--attachments] [--from ADDRESS] \
    [--to ADDRESS] [--subject TEXT] [--since YYYY-MM-DD] [--count N] [--search WORDS]";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    connect::exit(run().await)
}

async fn run() -> Result<(), Box<dyn Error>> {
    let wanted = Wanted::from_arguments(env::args().skip(1))?;
    let connected = connect::connect().await?;
    if let Some(simulator) = &connected.simulator {
        fill(simulator)?;
    }
    let here = connected.zone;
    let inbox = MessageQuery::new(WellKnownFolder::Inbox);
    let query = match (&wanted.search, wanted.filter(here)) {
        (Some(_), Some(_)) => {
            return Err("words and conditions cannot be looked for together".into());
        }
        (Some(words), None) => inbox.search(words),
        (None, Some(filter)) => inbox.filter(filter),
        (None, None) => inbox,
    };
    // No more is fetched than is shown.
    let query = query.page_size(wanted.count.clamp(1, 1000));
    let mut messages = connected.mailbox.list_messages(query);
    let mut shown = 0;
    while shown < wanted.count
        && let Some(message) = messages.try_next().await?
    {
        println!("{}", line(&message, here));
        shown += 1;
    }
    match messages.total() {
        Some(total) => println!("{shown} of {total} messages"),
        None => println!("{shown} messages"),
    }
    Ok(())
}

/// What the arguments say.
struct Wanted {
    conditions: Vec<MessageFilter>,
    since: Option<NaiveDate>,
    search: Option<String>,
    count: u32,
}

impl Wanted {
    fn from_arguments(mut arguments: impl Iterator<Item = String>) -> Result<Self, Box<dyn Error>> {
        let mut wanted = Self {
            conditions: Vec::new(),
            since: None,
            search: None,
            count: 25,
        };
        while let Some(name) = arguments.next() {
            let mut value = || {
                arguments
                    .next()
                    .ok_or(format!("{name} says nothing\n{USAGE}"))
            };
            let condition = match name.as_str() {
                "--unread" => MessageFilter::unread(),
                "--flagged" => MessageFilter::IsFlagged(true),
                "--attachments" => MessageFilter::HasAttachments(true),
                "--from" => MessageFilter::From(value()?),
                "--to" => MessageFilter::To(value()?),
                "--subject" => MessageFilter::SubjectContains(value()?),
                "--since" => {
                    wanted.since = Some(value()?.parse()?);
                    continue;
                }
                "--count" => {
                    wanted.count = value()?.parse()?;
                    continue;
                }
                "--search" => {
                    wanted.search = Some(value()?);
                    continue;
                }
                _ => return Err(format!("{name} is not known\n{USAGE}").into()),
            };
            wanted.conditions.push(condition);
        }
        Ok(wanted)
    }

    fn filter(&self, here: Tz) -> Option<MessageFilter> {
        let since = self.since.and_then(|day| {
            let midnight = day.and_time(NaiveTime::MIN).and_local_timezone(here);
            Some(MessageFilter::ReceivedFrom(midnight.earliest()?.to_utc()))
        });
        let all: Vec<_> = self.conditions.iter().cloned().chain(since).collect();
        (!all.is_empty()).then_some(MessageFilter::All(all))
    }
}

fn line(message: &Message, here: Tz) -> String {
    let time = |time: DateTime<Utc>| time.with_timezone(&here).format("%d %b %H:%M").to_string();
    let from = message.from.as_ref().map(|who| {
        let name = who.name.as_deref().or_else(|| who.smtp_address());
        name.unwrap_or_default().to_owned()
    });
    let marks = [
        (!message.is_read, '*'),
        (matches!(message.flag, FollowUpFlag::Flagged { .. }), '!'),
        (message.has_attachments, '@'),
    ];
    let marks: String = marks
        .iter()
        .map(|(is_so, mark)| if *is_so { *mark } else { ' ' })
        .collect();
    format!(
        "{marks} {:<12}  {:<20}  {}",
        message.received.map(time).unwrap_or_default(),
        from.unwrap_or_default(),
        message.subject
    )
}

/// Mail for the simulator.
fn fill(simulator: &Simulator) -> Result<(), Box<dyn Error>> {
    let now = Utc::now();
    let mails = [
        (
            "Invoice 17",
            "Bob Berger",
            "bob@example.test",
            1,
            "Please pay until Friday.",
            false,
        ),
        (
            "Lunch",
            "Carol Clausen",
            "carol@example.test",
            3,
            "At noon?",
            true,
        ),
        (
            "Re: Lunch",
            "Bob Berger",
            "bob@example.test",
            2,
            "Only if somebody pays the invoice.",
            false,
        ),
    ];
    let mails = mails.map(|(subject, name, email, hours, text, read)| {
        let mail = SimulatedMessage::new(subject).from(name, email).text(text);
        mail.read(read).received(now - TimeDelta::hours(hours))
    });
    simulator.plant_messages("alice@example.test", "inbox", mails)?;
    Ok(())
}
