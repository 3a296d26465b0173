//! A folder as a directory of `.eml` files, one for each message.
//!
//! It can be interrupted at any moment and run again: it goes on where it stopped, and ends with each
//! message once. A file gets its name when it is whole; until then it is called `.part`. Messages
//! that came since are added, those that are gone stay.
//!
//! With nothing set it starts the simulator; `examples/connect/mod.rs` says how to name a server. It
//! only reads. The second argument names the folder; the Inbox without it.
//!
//! ```sh
//! cargo run --example export_eml -- mail "Project X"
//! ```

mod connect;

use std::collections::HashSet;
use std::env;
use std::error::Error;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use exchange_connector::model::{
    FolderQuery, FolderRef, Message, MessageId, MessageQuery, WellKnownFolder, safe_file_name,
};
use exchange_connector::simulator::Simulator;
use exchange_connector::{ErrorKind, Mailbox};
use indicatif::{ProgressBar, ProgressStyle};
use sha2::{Digest, Sha256};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    connect::exit(run().await)
}

async fn run() -> Result<(), Box<dyn Error>> {
    let mut arguments = connect::arguments("export_eml [DIRECTORY [FOLDER]]")?;
    let connected = connect::connect().await?;
    let directory = match (arguments.next(), &connected.simulator) {
        (Some(directory), _) => directory.into(),
        (None, Some(_)) => env::temp_dir().join(format!("mail_{}", std::process::id())),
        (None, None) => return Err("say in which directory to keep the messages".into()),
    };
    if let Some(simulator) = &connected.simulator {
        deliver(simulator)?;
    }
    let folder = folder(&*connected.mailbox, arguments.next()).await?;
    fs::create_dir_all(&directory)?;
    export(&*connected.mailbox, folder, &directory).await
}

/// The folder of that name, wherever it is.
async fn folder(mailbox: &dyn Mailbox, name: Option<String>) -> Result<FolderRef, Box<dyn Error>> {
    let Some(name) = name else {
        return Ok(WellKnownFolder::Inbox.into());
    };
    let mut folders = mailbox.list_folders(FolderQuery::tree());
    while let Some(folder) = folders.try_next().await? {
        if folder.name == name {
            return Ok(folder.id.into());
        }
    }
    Err(format!("there is no folder {name:?}").into())
}

async fn export(
    mailbox: &dyn Mailbox,
    folder: FolderRef,
    directory: &Path,
) -> Result<(), Box<dyn Error>> {
    let total = mailbox.get_folder(&folder).await?.total_items;
    let progress = ProgressBar::new(total.unwrap_or_default().into()).with_style(
        ProgressStyle::with_template("{bar:40} {pos}/{len} messages, {eta} left")?,
    );
    let there = there(directory)?;
    let (mut new, mut left_out) = (0, 0);
    // From the oldest on, so that what arrives meanwhile comes last.
    let mut messages = mailbox.list_messages(MessageQuery::new(folder).oldest_first());
    while let Some(message) = messages.try_next().await? {
        progress.inc(1);
        if there.contains(&mark(&message.id)) {
            continue;
        }
        let path = directory.join(file_name(&message));
        match keep(mailbox, &message.id, &path).await {
            Ok(()) => new += 1,
            Err(error) => match error.downcast::<exchange_connector::Error>() {
                // Moved or deleted since it was listed.
                Ok(error) if error.kind() == ErrorKind::NotFound => {}
                Ok(error) if connect::is_its_own(error.kind()) => {
                    progress.suspend(|| eprintln!("left out: {}: {error}", message.subject));
                    left_out += 1;
                }
                Ok(error) => return Err(format!("{error}\nRun it again to go on.").into()),
                Err(error) => return Err(error),
            },
        }
    }
    progress.finish_and_clear();
    println!(
        "{new} messages written to {}, {} were there already, {left_out} left out",
        directory.display(),
        there.len()
    );
    Ok(())
}

/// The marks of the messages that are there whole. What an interrupted run left is removed.
fn there(directory: &Path) -> Result<HashSet<String>, Box<dyn Error>> {
    let mut marks = HashSet::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.ends_with(".eml.part") {
            fs::remove_file(&path)?;
        } else if let Some((_, mark)) = name
            .strip_suffix(".eml")
            .and_then(|stem| stem.rsplit_once('_'))
        {
            marks.insert(mark.to_owned());
        }
    }
    Ok(marks)
}

/// What tells a message from all others, short enough for a file name.
fn mark(id: &MessageId) -> String {
    let digest = Sha256::digest(id.to_string());
    digest
        .iter()
        .take(10)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// For people the day and the subject, for programs the mark.
fn file_name(message: &Message) -> String {
    let time = message.received.or(message.created);
    let day = time.map_or_else(
        || "undated".to_owned(),
        |time| time.format("%Y-%m-%d").to_string(),
    );
    let subject = safe_file_name(&message.subject).unwrap_or_default();
    let subject: String = subject.chars().take(40).collect();
    format!("{day}_{}_{}.eml", subject.trim(), mark(&message.id))
}

async fn keep(mailbox: &dyn Mailbox, id: &MessageId, path: &Path) -> Result<(), Box<dyn Error>> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let mut content = mailbox.open_mime(id).await?;
    let mut file = File::create(&part)?;
    while let Some(piece) = content.try_next().await? {
        file.write_all(&piece)?;
    }
    // On the disk before it has its name, or a power failure could leave half of it.
    file.sync_all()?;
    fs::rename(part, path)?;
    Ok(())
}

/// Something to look at.
fn deliver(simulator: &Simulator) -> Result<(), Box<dyn Error>> {
    for number in 1..=12 {
        let mail = format!(
            "From: Bob <bob@example.test>\r\nTo: Alice <alice@example.test>\r\nSubject: Report {number}/12\r\n\
             Date: {number} Mar 2026 10:00:00 +0000\r\nMessage-ID: <{number}@example.test>\r\n\r\n\
             Nothing new.\r\n"
        );
        simulator.plant_mime("alice@example.test", "inbox", mail.as_bytes())?;
    }
    Ok(())
}
