//! What changed in a calendar since the last time: one run is one round.
//!
//! What is known is kept in a file, with the token that says how far it goes: run it again and only
//! what changed is printed. When the server does not know the token any more, everything is read
//! again, and that is said.
//!
//! With nothing set it starts the simulator; `examples/connect/mod.rs` says how to name a server,
//! which then wants the file as an argument. It only reads.
//!
//! ```sh
//! cargo run --example sync_calendar -- calendar.json
//! ```

mod connect;

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::{env, fs, io};

use chrono::{TimeDelta, Utc};
use exchange_connector::model::{
    CalendarRef, DeleteMode, Event, EventChange, EventId, EventPatch, NewEvent, Notify,
    SyncRequest, SyncToken, When, ZonedTime,
};
use exchange_connector::{CalendarReadExt, Followed, Mailbox};
use serde::{Deserialize, Serialize};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    connect::exit(run().await)
}

async fn run() -> Result<(), Box<dyn Error>> {
    let connected = connect::connect().await?;
    let mailbox = &connected.mailbox;
    let file = env::args().nth(1).map(PathBuf::from);
    if connected.simulator.is_none() {
        let file = file.ok_or("say in which file to keep what is known")?;
        return follow(mailbox, &file).await;
    }
    // A simulator is new each time, so it is gone through twice.
    let passing = env::temp_dir().join(format!("sync_calendar_{}.json", std::process::id()));
    let kept = file.as_deref().unwrap_or(&passing);
    let story = async {
        println!("the first round");
        follow(mailbox, kept).await?;
        meddle(mailbox, kept).await?;
        println!("\nthe second round");
        follow(mailbox, kept).await
    };
    let told = story.await;
    if file.is_none() {
        fs::remove_file(passing).ok();
    }
    told
}

/// What is known of the calendar.
#[derive(Default, Serialize, Deserialize)]
struct Known {
    /// How far it goes.
    token: Option<SyncToken>,
    /// The subject of each event.
    events: BTreeMap<EventId, String>,
}

/// One round, page by page. Token and events are stored together after each page, so that a run
/// that is cut off goes on there.
async fn follow(mailbox: &Arc<dyn Mailbox>, file: &Path) -> Result<(), Box<dyn Error>> {
    let mut known = Known::load(file)?;
    let mut before = BTreeMap::new();
    let mut request = SyncRequest::from_start(CalendarRef::Default);
    request.token = known.token.clone();
    let mut round = mailbox.follow_events(request);
    let mut changes = 0;
    while let Some(followed) = round.try_next().await? {
        match followed {
            Followed::Restarted { reason } => {
                println!("  everything is read again: {reason}");
                before = std::mem::take(&mut known.events);
            }
            Followed::Page(page) => {
                for change in page.changes {
                    changes += known.apply(change, &mut before);
                }
                known.token = Some(page.token);
                known.store(file)?;
            }
            _ => {}
        }
    }
    // What a round that tells everything did not tell of.
    for subject in before.values() {
        println!("  gone     {subject}");
        changes += 1;
    }
    match changes {
        0 => println!("  nothing changed"),
        _ => println!("  {} events are in the calendar", known.events.len()),
    }
    Ok(())
}

impl Known {
    fn load(file: &Path) -> Result<Self, Box<dyn Error>> {
        let named = |error: &dyn Error| format!("{}: {error}", file.display());
        match fs::read(file) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).map_err(|error| named(&error))?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(named(&error).into()),
        }
    }

    /// Whole or not at all: a new file takes the place of the old one.
    fn store(&self, file: &Path) -> Result<(), Box<dyn Error>> {
        let new = file.with_extension("new");
        let written = fs::write(&new, serde_json::to_vec_pretty(self)?);
        let moved = written.and_then(|()| fs::rename(&new, file));
        Ok(moved.map_err(|error| format!("{}: {error}", file.display()))?)
    }

    /// Prints what is new; returns how many things that are.
    fn apply(&mut self, change: EventChange, before: &mut BTreeMap<EventId, String>) -> usize {
        match change {
            EventChange::Upserted(event) => {
                let was_known = before.remove(&event.id).is_some();
                let known = self.events.insert(event.id.clone(), event.subject.clone());
                let word = match was_known || known.is_some() {
                    true => "changed",
                    false => "new",
                };
                println!("  {word:<8} {}, {}", event.subject, when(&event));
                1
            }
            // Whoever did not know it has nothing to do.
            EventChange::Deleted(id) => match self.events.remove(&id) {
                Some(subject) => {
                    println!("  gone     {subject}");
                    1
                }
                None => 0,
            },
            _ => 0,
        }
    }
}

fn when(event: &Event) -> String {
    match &event.when {
        When::AllDay { start, .. } => start.format("%a %d %b").to_string(),
        When::Timed { start, .. } => {
            let local = start.local().unwrap_or_else(|| start.utc.naive_utc());
            local.format("%a %d %b %H:%M").to_string()
        }
        _ => String::new(),
    }
}

/// Does in the simulator what people do between two rounds.
async fn meddle(mailbox: &Arc<dyn Mailbox>, file: &Path) -> Result<(), Box<dyn Error>> {
    let known = Known::load(file)?;
    let start = ZonedTime::from_utc(Utc::now() + TimeDelta::days(1), chrono_tz::Europe::Berlin);
    let end = ZonedTime::from_utc(start.utc + TimeDelta::hours(1), chrono_tz::Europe::Berlin);
    let event = NewEvent::new("Dentist", When::between(start, end));
    mailbox
        .create_event(&CalendarRef::Default, event, Notify::Nobody)
        .await?;
    let mut ids = known.events.keys();
    if let Some(id) = ids.next() {
        mailbox
            .delete_event(id, DeleteMode::Trash, Notify::Nobody)
            .await?;
    }
    if let Some(id) = ids.next() {
        let patch = EventPatch::new().subject("Renamed");
        mailbox
            .update_event(id, patch, None, Notify::Nobody)
            .await?;
    }
    Ok(())
}
