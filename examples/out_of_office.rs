//! What a mailbox answers by itself while its owner is away: shows it, sets it, switches it off.
//!
//! With nothing set it starts the simulator, goes away for two weeks there, gets a message and
//! comes back; `examples/connect/mod.rs` says how to name a server. On a server it only shows,
//! unless one of these is set:
//!
//! | variable | what |
//! |---|---|
//! | `OOF_FROM`, `OOF_TO` | first and last day away, as `2026-12-23`: answers are sent from the beginning of the one to the end of the other |
//! | `OOF_INTERNAL` | what people of the organisation are answered, as text |
//! | `OOF_EXTERNAL` | what others are answered, as text; nothing if it is not set |
//! | `OOF_EXTERNAL_TO` | `all` (default) or `contacts` |
//! | `OOF_OFF` | anything: no more answers |
//!
//! ```sh
//! OOF_FROM=2026-12-23 OOF_TO=2027-01-06 OOF_INTERNAL='Ask Bob.' cargo run --example out_of_office
//! ```

mod connect;

use std::env;
use std::error::Error;
use std::process::ExitCode;

use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use exchange_connector::ews::EwsConnector;
use exchange_connector::http::Credentials;
use exchange_connector::model::{
    Body, ExternalAudience, NewMessage, OutOfOffice, OutOfOfficeStatus, Recipient, SendOptions,
    When,
};
use exchange_connector::simulator::Simulator;
use exchange_connector::{Connector, Mailbox, MailboxTarget};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    connect::exit(run().await)
}

async fn run() -> Result<(), Box<dyn Error>> {
    let connected = connect::connect().await?;
    let mailbox = &*connected.mailbox;
    let here = connected.zone;
    println!("before, times of {here}");
    show(mailbox, here).await?;
    match (&connected.simulator, wanted(mailbox, here).await?) {
        (Some(simulator), None) => try_out(simulator, mailbox, here).await,
        (_, None) => Ok(()),
        (_, Some(new)) => {
            mailbox.set_out_of_office(new).await?;
            println!("\nafter");
            show(mailbox, here).await
        }
    }
}

async fn show(mailbox: &dyn Mailbox, here: Tz) -> Result<(), Box<dyn Error>> {
    let now = mailbox.out_of_office().await?;
    match (now.status, now.schedule) {
        (OutOfOfficeStatus::AlwaysEnabled, _) => println!("  answers until it is switched off"),
        (OutOfOfficeStatus::Scheduled, Some((start, end))) => {
            let clock = |time: DateTime<Utc>| time.with_timezone(&here).format("%a %d %b %H:%M");
            println!("  answers from {} to {}", clock(start), clock(end));
        }
        _ => {
            println!("  answers nobody");
            return Ok(());
        }
    }
    let others = match now.external_audience {
        ExternalAudience::None => "nobody outside",
        ExternalAudience::ContactsOnly => "contacts outside",
        _ => "everybody outside",
    };
    println!("  inside: {}", one_line(&now.internal_reply));
    println!("  {others}: {}", one_line(&now.external_reply));
    Ok(())
}

/// The words of an answer, for a line of a terminal.
fn one_line(html: &str) -> String {
    let mut text = String::new();
    let mut is_markup = false;
    for character in html.chars() {
        match character {
            '<' => is_markup = true,
            '>' => is_markup = false,
            _ if is_markup => {}
            other if other.is_whitespace() || other.is_control() => text.push(' '),
            other => text.push(other),
        }
    }
    for (reference, character) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&nbsp;", " "),
        ("&quot;", "\""),
        ("&amp;", "&"),
    ] {
        text = text.replace(reference, character);
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
}

/// What the environment asks for, if anything: the texts of before stay where none is given.
async fn wanted(mailbox: &dyn Mailbox, here: Tz) -> Result<Option<OutOfOffice>, Box<dyn Error>> {
    if variable("OOF_OFF").is_some() {
        let mut now = mailbox.out_of_office().await?;
        now.status = OutOfOfficeStatus::Disabled;
        return Ok(Some(now));
    }
    let (first, last) = match (day("OOF_FROM")?, day("OOF_TO")?) {
        (None, None) => return Ok(None),
        (Some(first), Some(last)) => (first, last),
        _ => return Err("OOF_FROM and OOF_TO go together".into()),
    };
    let internal = variable("OOF_INTERNAL").ok_or("OOF_INTERNAL is not set")?;
    let audience = match variable("OOF_EXTERNAL_TO").as_deref() {
        None | Some("all") => ExternalAudience::All,
        Some("contacts") => ExternalAudience::ContactsOnly,
        Some(other) => {
            return Err(format!("OOF_EXTERNAL_TO={other} is none of all, contacts").into());
        }
    };
    let external = variable("OOF_EXTERNAL");
    Ok(Some(away(
        first,
        last,
        here,
        &internal,
        external.map(|text| (audience, text)),
    )?))
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn day(name: &str) -> Result<Option<NaiveDate>, String> {
    let read = |text: String| {
        let day = text.parse();
        day.map_err(|_| format!("{name}={text} is no day: give it as 2026-12-23"))
    };
    variable(name).map(read).transpose()
}

/// Away from the beginning of the first day to the end of the last.
fn away(
    first: NaiveDate,
    last: NaiveDate,
    here: Tz,
    internal: &str,
    external: Option<(ExternalAudience, String)>,
) -> Result<OutOfOffice, Box<dyn Error>> {
    let after = last
        .checked_add_days(Days::new(1))
        .ok_or("OOF_TO is too late")?;
    let span = When::days(first, after).span(here);
    let away = OutOfOffice::scheduled(span.start, span.end).internal_reply(html(internal));
    Ok(match external {
        Some((audience, text)) => away.external_reply(audience, html(&text)),
        None => away,
    })
}

/// A text as answers have it.
fn html(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    format!("<p>{}</p>", text.replace('>', "&gt;").replace('\n', "<br>"))
}

/// Away and back again in the simulator, with a colleague who writes in between.
async fn try_out(
    simulator: &Simulator,
    mailbox: &dyn Mailbox,
    here: Tz,
) -> Result<(), Box<dyn Error>> {
    let today = Utc::now().with_timezone(&here).date_naive();
    let others = Some((ExternalAudience::All, "I am back in two weeks.".to_owned()));
    let new = away(
        today,
        today + Days::new(13),
        here,
        "Bob stands in for me.",
        others,
    )?;
    mailbox.set_out_of_office(new).await?;
    println!("\nset");
    show(mailbox, here).await?;

    let accounts = simulator.accounts();
    let [alice, bob, ..] = accounts.as_slice() else {
        return Err("the simulator has too few mailboxes".into());
    };
    let connector = EwsConnector::builder(simulator.ews_url())
        .credentials(Credentials::password(&bob.address, bob.password.clone()))
        .build()?;
    let colleague = connector.mailbox(&MailboxTarget::Own)?;
    let tips = colleague
        .mail_tips(std::slice::from_ref(&alice.address))
        .await?;
    for tips in tips {
        if let Some(reply) = tips?.automatic_reply {
            println!(
                "\nwho writes to {} is told before: {}",
                alice.address, reply.content
            );
        }
    }
    let lunch = NewMessage::new("Lunch?", Body::text("At twelve."));
    let lunch = lunch.to(Recipient::smtp(&alice.address));
    colleague.send(lunch, SendOptions::new()).await?;
    for message in simulator.outbox() {
        if message.from == alice.address {
            let text = one_line(&message.body);
            println!(
                "answered {}: {}: {text}",
                message.to.join(", "),
                message.subject
            );
        }
    }

    let mut now = mailbox.out_of_office().await?;
    now.status = OutOfOfficeStatus::Disabled;
    mailbox.set_out_of_office(now).await?;
    println!("\nback");
    show(mailbox, here).await
}
