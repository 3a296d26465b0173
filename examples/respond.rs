//! The invitations in the Inbox that are still open, and an answer to one of them.
//!
//! With nothing set it starts the simulator, where a colleague has sent invitations;
//! `examples/connect/mod.rs` says how to name a server. On a server it only lists, unless
//! `RESPOND_WITH` is `accept`, `tentative` or `decline`: then it answers the first invitation whose
//! subject has `RESPOND_TO` in it, with the words of `RESPOND_COMMENT`.
//!
//! ```sh
//! cargo run --example respond
//! ```

mod connect;

use std::env;
use std::error::Error;
use std::process::ExitCode;

use chrono::{Days, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use exchange_connector::ews::EwsConnector;
use exchange_connector::http::Credentials;
use exchange_connector::model::{
    Answer, Attendee, CalendarRef, MeetingMessage, MeetingMessageKind, MeetingReply, NewEvent,
    Notify, Projection, Response, When,
};
use exchange_connector::simulator::Simulator;
use exchange_connector::{Connector, Mailbox, MailboxTarget};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    connect::exit(run().await)
}

async fn run() -> Result<(), Box<dyn Error>> {
    let connected = connect::connect().await?;
    let here = connected.zone;
    if let Some(simulator) = &connected.simulator {
        invite(simulator, here).await?;
    }
    let mailbox = &*connected.mailbox;
    let open = open_invitations(mailbox).await?;
    println!("open invitations, times of {here}");
    for invitation in &open {
        println!("  {}", describe(invitation, here));
    }

    let simulated = connected.simulator.as_ref().map(|_| Answer::Accept);
    let Some(answer) = wanted()?.or(simulated) else {
        return Ok(());
    };
    let subject = variable("RESPOND_TO").unwrap_or_default();
    let chosen = open.iter().find(|one| one.subject.contains(&subject));
    let chosen = chosen.ok_or("there is no such invitation")?;
    let mut reply = MeetingReply::new(answer);
    reply.comment = variable("RESPOND_COMMENT");
    mailbox.respond(&chosen.item(), reply).await?;
    println!("\nanswered: {}", describe(chosen, here));
    if let Some(event) = &chosen.event_id
        && answer != Answer::Decline
    {
        let event = mailbox.get_event(event, Projection::Summary).await?;
        let words = match event.my_response.response {
            Response::Accepted => "accepted",
            Response::Tentative => "perhaps",
            _ => "open",
        };
        println!("in the calendar: {}, {words}", event.subject);
    }
    Ok(())
}

/// What nobody has answered yet, and what no later message has overtaken.
async fn open_invitations(mailbox: &dyn Mailbox) -> Result<Vec<MeetingMessage>, Box<dyn Error>> {
    let mut messages = mailbox.list_meeting_messages();
    let mut open = Vec::new();
    while let Some(message) = messages.try_next().await? {
        let is_request = message.kind == MeetingMessageKind::Request;
        if !is_request || message.is_out_of_date || message.is_delegated {
            continue;
        }
        let Some(event) = &message.event_id else {
            continue;
        };
        // The event is where an answer shows, from whatever program it was given.
        let event = mailbox.get_event(event, Projection::Summary).await?;
        let answer = event.my_response.response;
        if matches!(answer, Response::None | Response::NotResponded) && !event.is_cancelled {
            open.push(message);
        }
    }
    Ok(open)
}

fn describe(message: &MeetingMessage, here: Tz) -> String {
    let from = message.from.as_ref();
    let name = from.and_then(|who| who.name.as_deref().or(who.smtp_address()));
    let when = message.when.as_ref().map_or_else(
        || "some time".to_owned(),
        |when| {
            let start = when.span(here).start.with_timezone(&here);
            start.format("%a %d %b %H:%M").to_string()
        },
    );
    let name = name.unwrap_or("somebody");
    format!("{when} {} (from {name})", message.subject)
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn wanted() -> Result<Option<Answer>, String> {
    Ok(Some(match variable("RESPOND_WITH").as_deref() {
        None => return Ok(None),
        Some("accept") => Answer::Accept,
        Some("tentative") => Answer::Tentative,
        Some("decline") => Answer::Decline,
        Some(other) => {
            return Err(format!(
                "RESPOND_WITH={other} is none of accept, tentative, decline"
            ));
        }
    }))
}

/// Two invitations from a colleague in the simulator.
async fn invite(simulator: &Simulator, here: Tz) -> Result<(), Box<dyn Error>> {
    let accounts = simulator.accounts();
    let [alice, bob, ..] = accounts.as_slice() else {
        return Err("the simulator has too few mailboxes".into());
    };
    let connector = EwsConnector::builder(simulator.ews_url())
        .credentials(Credentials::password(&bob.address, bob.password.clone()))
        .time_zone(here)
        .build()?;
    let mailbox = connector.mailbox(&MailboxTarget::Own)?;
    let tomorrow = Utc::now().with_timezone(&here).date_naive() + Days::new(1);
    for (subject, hour) in [("Lunch", 12), ("Budget", 16)] {
        let start = tomorrow.and_time(NaiveTime::MIN) + TimeDelta::hours(hour);
        let when = When::timed(start, start + TimeDelta::hours(1), here);
        let event = NewEvent::new(subject, when).attendee(Attendee::required(&alice.address));
        mailbox
            .create_event(&CalendarRef::Default, event, Notify::Auto)
            .await?;
    }
    Ok(())
}
