//! A mail sent: text and HTML, files, and a key by which it is sent once, however often the program
//! is run.
//!
//! With nothing set it starts the simulator; `examples/connect/mod.rs` says how to name a server.
//! On a server it sends to real people, so the first of these must be set:
//!
//! | variable | what |
//! |---|---|
//! | `SEND_TO` | addresses with commas between them |
//! | `SEND_SUBJECT` | the subject |
//! | `SEND_TEXT` | the text |
//! | `SEND_HTML` | the same in HTML; the text goes with it for those who do not read HTML |
//! | `SEND_FILES` | files to attach, with commas between them |
//! | `SEND_KEY` | what makes repeated calls one mail; none if not set |
//!
//! It ends with 0 if the mail was sent, with 1 if it was not, and with 2 if nobody knows: then run
//! it again with the same `SEND_KEY`, or look into the sent items if it had none.
//!
//! ```sh
//! cargo run --example send_mail
//! ```

mod connect;

use std::env;
use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use exchange_connector::model::{
    Body, NewAttachment, NewMessage, Recipient, SendOptions, SendReceipt,
};
use exchange_connector::{Effect, MailSend};

/// Nobody knows whether it was sent.
const IN_DOUBT: u8 = 2;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let done = run().await;
    let failure = done.as_ref().err().and_then(|error| error.downcast_ref());
    let is_in_doubt =
        failure.is_some_and(|error: &exchange_connector::Error| error.effect() == Effect::Unknown);
    let ended = connect::exit(done);
    if is_in_doubt {
        return ExitCode::from(IN_DOUBT);
    }
    ended
}

async fn run() -> Result<(), Box<dyn Error>> {
    let connected = connect::connect().await?;
    let is_simulated = connected.simulator.is_some();
    let message = message(is_simulated)?;
    let key = variable("SEND_KEY").or(is_simulated.then(|| "send-mail-example".to_owned()));
    let mut options = SendOptions::new().track();
    options.idempotency_key = key;

    let receipt = send(&*connected.mailbox, &message, &options).await?;
    print(&receipt);
    if is_simulated {
        println!("\nonce more, with the same key:");
        print(&send(&*connected.mailbox, &message, &options).await?);
    }
    Ok(())
}

/// Nothing but sending is needed here.
async fn send(
    mail: &dyn MailSend,
    message: &NewMessage,
    options: &SendOptions,
) -> exchange_connector::Result<SendReceipt> {
    let done = mail.send(message.clone(), options.clone()).await;
    match done {
        // Half done, or nobody knows: with a key, asking again finishes it.
        Err(error) if options.idempotency_key.is_some() && error.effect() != Effect::None => {
            eprintln!("once more, because {error}");
            let again = mail.send(message.clone(), options.clone()).await;
            // That the second did nothing says nothing of the first.
            again.map_err(|second| match (error.effect(), second.effect()) {
                (Effect::Unknown, Effect::None) => error,
                _ => second,
            })
        }
        done => done,
    }
}

fn print(receipt: &SendReceipt) {
    match &receipt.message_id {
        Some(copy) => println!("was sent before: the copy is {copy}"),
        None => println!("sent"),
    }
    if let Some(id) = &receipt.internet_message_id {
        println!("Message-ID: {id}");
    }
}

fn message(is_simulated: bool) -> Result<NewMessage, Box<dyn Error>> {
    let or =
        |name: &str, simulated: &str| variable(name).or(is_simulated.then(|| simulated.to_owned()));
    let to = or("SEND_TO", "bob@example.test").ok_or("SEND_TO is not set: to whom to send it")?;
    let subject = or("SEND_SUBJECT", "The new office").unwrap_or_default();
    let text = or("SEND_TEXT", "See you there on Monday.").unwrap_or_default();
    let html = or("SEND_HTML", "<p>See you <b>there</b> on Monday.</p>");
    let mut message = match html {
        Some(html) => NewMessage::new(subject, Body::html(html)).text_alternative(text),
        None => NewMessage::new(subject, Body::text(text)),
    };
    for address in listed(&to) {
        message = message.to(Recipient::smtp(address));
    }
    if let Some(files) = variable("SEND_FILES") {
        for path in listed(&files) {
            let content = std::fs::read(path).map_err(|error| format!("{path}: {error}"))?;
            let name = Path::new(path).file_name().unwrap_or_default();
            let name = name.to_string_lossy().into_owned();
            message = message.attachment(NewAttachment::new(name, content));
        }
    } else if is_simulated {
        message = message.attachment(NewAttachment::new("way.txt", "Left, then left again.\n"));
    }
    Ok(message)
}

fn listed(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|one| !one.is_empty())
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}
