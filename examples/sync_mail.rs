//! What changed in the Inbox since the last time: one run is one round.
//!
//! The place reached is kept in a file: run it again and only what changed is printed. When the
//! server does not know the place any more, everything is read again, and that is said.
//!
//! With nothing set it starts the simulator; `examples/connect/mod.rs` says how to name a server,
//! which then wants the file as an argument. It only reads.
//!
//! ```sh
//! cargo run --example sync_mail -- inbox.json
//! ```

mod connect;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::{env, fs, io};

use exchange_connector::model::{
    DeleteMode, FolderRef, MessageChange, MessagePatch, MessageQuery, SyncRequest, SyncToken,
    WellKnownFolder,
};
use exchange_connector::simulator::{SimulatedMessage, Simulator};
use exchange_connector::{ErrorKind, Mailbox};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    connect::exit(run().await)
}

async fn run() -> Result<(), Box<dyn Error>> {
    let mut arguments = connect::arguments("sync_mail [FILE]")?;
    let connected = connect::connect().await?;
    let mailbox = &connected.mailbox;
    let file = arguments.next().map(PathBuf::from);
    let Some(simulator) = &connected.simulator else {
        let file = file.ok_or("say in which file to keep the place reached")?;
        return follow(mailbox, &file).await;
    };
    // A simulator is new each time, so it is gone through twice.
    let passing = env::temp_dir().join(format!("sync_mail_{}.json", std::process::id()));
    let kept = file.as_deref().unwrap_or(&passing);
    let story = async {
        deliver(simulator, &["Invoice 17", "Lunch", "Newsletter"])?;
        println!("the first round");
        follow(mailbox, kept).await?;
        meddle(mailbox).await?;
        deliver(simulator, &["Re: Lunch"])?;
        println!("\nthe second round");
        follow(mailbox, kept).await
    };
    let told = story.await;
    if file.is_none() {
        fs::remove_file(passing).ok();
    }
    told
}

/// One round, page by page. The place is stored after each page, so that a run that is cut off goes
/// on there.
async fn follow(mailbox: &Arc<dyn Mailbox>, file: &Path) -> Result<(), Box<dyn Error>> {
    let mut token = load(file)?;
    let mut changes = 0;
    loop {
        let mut request = SyncRequest::from_start(FolderRef::from(WellKnownFolder::Inbox));
        request.token.clone_from(&token);
        let page = match mailbox.sync_messages(request).await {
            Err(error) if error.kind() == ErrorKind::SyncStateInvalid && token.is_some() => {
                println!("  everything is read again: {error}");
                token = None;
                continue;
            }
            page => page?,
        };
        changes += page.changes.len();
        for change in &page.changes {
            println!("  {}", words(change));
        }
        store(file, &page.token)?;
        token = Some(page.token);
        if !page.more {
            break;
        }
    }
    if changes == 0 {
        println!("  nothing changed");
    }
    Ok(())
}

fn words(change: &MessageChange) -> String {
    match change {
        MessageChange::Upserted(message) => {
            let from = message.from.as_ref().and_then(|who| who.smtp_address());
            format!(
                "there    {}, from {}",
                message.subject,
                from.unwrap_or("nobody")
            )
        }
        MessageChange::ReadState { id, is_read: true } => format!("read     {id}"),
        MessageChange::ReadState { id, .. } => format!("unread   {id}"),
        MessageChange::Deleted(id) => format!("gone     {id}"),
        MessageChange::Unreadable { id, why } => format!("damaged  {id}: {why}"),
        _ => String::new(),
    }
}

fn load(file: &Path) -> Result<Option<SyncToken>, Box<dyn Error>> {
    let named = |error: &dyn Error| format!("{}: {error}", file.display());
    match fs::read(file) {
        Ok(bytes) => Ok(serde_json::from_slice(&bytes).map_err(|error| named(&error))?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(named(&error).into()),
    }
}

/// Whole or not at all: a new file takes the place of the old one.
fn store(file: &Path, token: &SyncToken) -> Result<(), Box<dyn Error>> {
    let new = file.with_extension("new");
    let written = fs::write(&new, serde_json::to_vec(token)?);
    let moved = written.and_then(|()| fs::rename(&new, file));
    Ok(moved.map_err(|error| format!("{}: {error}", file.display()))?)
}

/// Mail for the simulator.
fn deliver(simulator: &Simulator, subjects: &[&str]) -> Result<(), Box<dyn Error>> {
    let mails = subjects.iter().map(|subject| {
        SimulatedMessage::new(*subject)
            .from("Bob Berger", "bob@example.test")
            .text("Hello")
    });
    simulator.plant_messages("alice@example.test", "inbox", mails)?;
    Ok(())
}

/// Does in the simulator what people do between two rounds.
async fn meddle(mailbox: &Arc<dyn Mailbox>) -> Result<(), Box<dyn Error>> {
    let inbox = MessageQuery::new(WellKnownFolder::Inbox);
    for message in mailbox.list_messages(inbox).collect().await? {
        let id = [message.id.clone()];
        match message.subject.as_str() {
            "Newsletter" => mailbox
                .delete_messages(&id, DeleteMode::Trash)
                .await?
                .remove(0)?,
            _ => {
                let read = MessagePatch::new().is_read(true);
                mailbox.update_messages(&id, read).await?.remove(0)?;
            }
        }
    }
    Ok(())
}
