//! Keeps what is attached to the newest messages of the Inbox as files in a directory.
//!
//! Files come as they are, attached messages as `.eml`, events as `.ics`, contacts as `.vcf`; links
//! are printed. Contents are written while they arrive, so their size does not matter, and names are
//! made safe: whatever a sender calls a file, it ends up in that directory and replaces nothing.
//!
//! With nothing set it starts the simulator; `examples/connect/mod.rs` says how to name a server. It
//! only reads. The second argument says of how many messages; 20 without it.
//!
//! ```sh
//! cargo run --example save_attachments -- attachments 50
//! ```

mod connect;

use std::env;
use std::error::Error;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use exchange_connector::Mailbox;
use exchange_connector::model::{
    Attachment, AttachmentKind, FileNames, ItemRef, MessageQuery, WellKnownFolder,
};
use exchange_connector::simulator::Simulator;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    connect::exit(run().await)
}

async fn run() -> Result<(), Box<dyn Error>> {
    let mut arguments = connect::arguments("save_attachments [DIRECTORY [COUNT]]")?;
    let connected = connect::connect().await?;
    let directory = match (arguments.next(), &connected.simulator) {
        (Some(directory), _) => directory.into(),
        (None, Some(_)) => env::temp_dir().join(format!("attachments_{}", std::process::id())),
        (None, None) => return Err("say in which directory to keep the files".into()),
    };
    let count = match arguments.next() {
        Some(count) => count
            .parse()
            .map_err(|_| format!("{count:?} is no number of messages"))?,
        None => 20,
    };
    if let Some(simulator) = &connected.simulator {
        deliver(simulator)?;
    }
    fs::create_dir_all(&directory)?;
    save(&*connected.mailbox, &directory, count).await?;
    println!("kept in {}", directory.display());
    Ok(())
}

async fn save(mailbox: &dyn Mailbox, directory: &Path, count: usize) -> Result<(), Box<dyn Error>> {
    let mut names = FileNames::new();
    for entry in fs::read_dir(directory)? {
        names.extend([entry?.file_name().to_string_lossy()]);
    }
    let newest = MessageQuery::new(WellKnownFolder::Inbox).full();
    for message in mailbox.list_messages(newest).take(count).await? {
        let attached = message.detail.as_ref().map(|detail| &detail.attachments);
        if attached.is_none_or(Vec::is_empty) {
            continue;
        }
        println!("{}", message.subject);
        let message = ItemRef::from(message.id);
        for attachment in mailbox.list_attachments(&message).await? {
            if let AttachmentKind::Reference { url } = &attachment.kind {
                let url = url.as_deref().unwrap_or("unknown");
                println!("  {} is a link: {url}", attachment.name);
                continue;
            }
            let name = names.unique(attachment.file_name());
            match keep(mailbox, &message, &attachment, &directory.join(&name)).await {
                Ok(length) => println!("  {name}, {length} bytes"),
                // One that cannot be read does not cost the others.
                Err(error) => match error.downcast::<exchange_connector::Error>() {
                    Ok(error) if connect::is_its_own(error.kind()) => {
                        println!("  left out: {name}: {error}")
                    }
                    Ok(error) => return Err(error),
                    Err(error) => return Err(error),
                },
            }
        }
    }
    Ok(())
}

/// Writes an attachment to a file that is not there yet. What did not come whole is removed.
async fn keep(
    mailbox: &dyn Mailbox,
    message: &ItemRef,
    attachment: &Attachment,
    path: &Path,
) -> Result<u64, Box<dyn Error>> {
    let mut content = mailbox.open_attachment(message, &attachment.id).await?;
    let mut file = File::create_new(path)?;
    let mut write = async || -> Result<u64, Box<dyn Error>> {
        let mut length = 0;
        while let Some(piece) = content.try_next().await? {
            file.write_all(&piece)?;
            length += piece.len() as u64;
        }
        Ok(length)
    };
    let written = write().await;
    if written.is_err() {
        fs::remove_file(path).ok();
    }
    written
}

/// Something to look at: a mail with files, one of which means no good.
fn deliver(simulator: &Simulator) -> Result<(), Box<dyn Error>> {
    let mail = "From: Bob <bob@example.test>\r\nTo: Alice <alice@example.test>\r\n\
        Date: Mon, 2 Mar 2026 10:00:00 +0000\r\nSubject: Minutes and plans\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/mixed; boundary=b\r\n\r\n\
        --b\r\nContent-Type: text/plain\r\n\r\nSee below.\r\n\
        --b\r\nContent-Type: application/pdf; name=\"plan.pdf\"\r\nContent-Disposition: attachment\r\n\
        Content-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjQK\r\n\
        --b\r\nContent-Type: application/octet-stream; name=\"../../plan.pdf\"\r\n\
        Content-Disposition: attachment\r\n\r\nnot in the parent directory\r\n\
        --b\r\nContent-Type: message/rfc822\r\n\r\nSubject: The first mail\r\n\
        Content-Type: text/plain\r\n\r\nHello.\r\n--b--\r\n";
    simulator.plant_mime("alice@example.test", "inbox", mail.as_bytes())?;
    Ok(())
}
