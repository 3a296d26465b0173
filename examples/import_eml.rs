//! A directory of `.eml` files into a folder, each file once, however often it is run.
//!
//! The messages look as if they had been received: `IMPORT_AS=received`, the default, sets the MAPI
//! property that says so, which takes an operation of EWS. `IMPORT_AS=drafts` makes drafts with the
//! portable traits alone, as it would on any backend. What was imported already is known by the
//! digest of its content, which is kept with the message.
//!
//! With nothing set it starts the simulator; `examples/connect/mod.rs` says how to name a server. The
//! second argument names the folder; the Inbox without it, or the drafts.
//!
//! ```sh
//! IMPORT_AS=drafts cargo run --example import_eml -- mail
//! ```

mod connect;

use std::collections::HashSet;
use std::env;
use std::error::Error;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use chrono::{DateTime, SecondsFormat};
use exchange_connector::ews::Client;
use exchange_connector::ews::operation::{CreateItem, FindItem, MessageDisposition};
use exchange_connector::ews::types::{
    BaseShape, DistinguishedPropertySetId, ExtendedFieldUri, ExtendedProperty, FieldPath, FolderId,
    FolderIdRef, Item, ItemShape, MapiPropertyType, Message, MimeContent, PropertyValue, View,
};
use exchange_connector::model::{DraftOptions, FolderQuery, FolderRef, WellKnownFolder};
use exchange_connector::{ByteStream, ErrorKind, Mailbox, Upload};
use mail_parser::MessageParser;
use sha2::{Digest, Sha256};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    connect::exit(run().await)
}

async fn run() -> Result<(), Box<dyn Error>> {
    let mut arguments = connect::arguments("import_eml [DIRECTORY [FOLDER]]")?;
    let connected = connect::connect().await?;
    let mailbox = &*connected.mailbox;
    let files = match (arguments.next(), &connected.simulator) {
        (Some(directory), _) => files(Path::new(&directory))?,
        (None, Some(_)) => files(&sample()?)?,
        (None, None) => return Err("say in which directory the messages are".into()),
    };
    let folder = arguments.next();
    let (new, known) = match env::var("IMPORT_AS").as_deref() {
        Ok("drafts") => {
            let folder = find(mailbox, folder, WellKnownFolder::Drafts).await?;
            as_drafts(mailbox, &folder, &files).await?
        }
        Ok("received" | "") | Err(_) => {
            let folder = find(mailbox, folder, WellKnownFolder::Inbox).await?;
            let id = mailbox.get_folder(&folder).await?.id;
            let folder = FolderIdRef::Id(FolderId::new(id.as_raw()));
            let client = connected.client.as_ref();
            let client = client.ok_or("Graph makes drafts only: IMPORT_AS=drafts")?;
            as_received(client, &folder, &files).await?
        }
        Ok(other) => return Err(format!("IMPORT_AS={other} is none of drafts, received").into()),
    };
    println!("{new} messages imported, {known} were there already");
    Ok(())
}

/// The messages of a directory, in the order of their names.
fn files(directory: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).map_err(|e| format!("{}: {e}", directory.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "eml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The folder of that name, wherever it is.
async fn find(
    mailbox: &dyn Mailbox,
    name: Option<String>,
    default: WellKnownFolder,
) -> Result<FolderRef, Box<dyn Error>> {
    let Some(name) = name else {
        return Ok(default.into());
    };
    let mut folders = mailbox.list_folders(FolderQuery::tree());
    while let Some(folder) = folders.try_next().await? {
        if folder.name == name {
            return Ok(folder.id.into());
        }
    }
    Err(format!("there is no folder {name:?}").into())
}

/// On any backend: the key of a draft is the digest, so that a second one is not made. Files are
/// read while they are sent. How many there are now, and how many were there.
async fn as_drafts(
    mailbox: &dyn Mailbox,
    folder: &FolderRef,
    files: &[PathBuf],
) -> Result<(usize, usize), Box<dyn Error>> {
    let before = mailbox.get_folder(folder).await?.total_items;
    for path in files {
        let options = DraftOptions::new()
            .folder(folder.clone())
            .idempotency_key(digest(path)?);
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        let upload = Upload::stream(length, stream(file));
        let made = mailbox.create_draft_mime(upload, options).await;
        made.map_err(|error| format!("{}: {error}", path.display()))?;
    }
    let after = mailbox.get_folder(folder).await?.total_items;
    let new = after
        .unwrap_or_default()
        .saturating_sub(before.unwrap_or_default()) as usize;
    Ok((new, files.len().saturating_sub(new)))
}

fn stream(file: File) -> ByteStream {
    ByteStream::unfold(file, |mut file| async move {
        let mut piece = vec![0; 64 * 1024];
        let length = file.read(&mut piece).map_err(|error| {
            exchange_connector::Error::new(ErrorKind::Configuration, "read", error.to_string())
        })?;
        piece.truncate(length);
        Ok((length > 0).then(|| (Bytes::from(piece), file)))
    })
}

/// With EWS's own operations: the flags say that the message was sent, and by its date when.
async fn as_received(
    client: &Client,
    folder: &FolderIdRef,
    files: &[PathBuf],
) -> Result<(usize, usize), Box<dyn Error>> {
    let mut there = imported(client, folder).await?;
    let (mut new, mut known) = (0, 0);
    for path in files {
        let digest = digest(path)?;
        if !there.insert(digest.clone()) {
            known += 1;
            continue;
        }
        let mime = fs::read(path)?;
        let mut properties = vec![
            ExtendedProperty::new(marker(), digest),
            ExtendedProperty::new(
                ExtendedFieldUri::tag(MESSAGE_FLAGS, MapiPropertyType::Integer),
                "1",
            ),
        ];
        let parsed = MessageParser::default().parse_headers(&mime);
        let date = parsed.as_ref().and_then(|message| message.date());
        if let Some(date) = date.and_then(|date| DateTime::from_timestamp(date.to_timestamp(), 0)) {
            let time = date.to_rfc3339_opts(SecondsFormat::Secs, true);
            let received =
                ExtendedFieldUri::tag(MESSAGE_DELIVERY_TIME, MapiPropertyType::SystemTime);
            properties.push(ExtendedProperty::new(received, time));
        }
        let mut message = Message::default();
        message.item.mime_content = Some(MimeContent::new(STANDARD.encode(&mime)));
        message.item.extended_properties.get_or_insert_default().0 = properties;
        let items = vec![Item::Message(Box::new(message))];
        let create = CreateItem::messages(items, MessageDisposition::SaveOnly);
        let made = client.send(&create.into_folder(folder.clone())).await;
        let made = made.map_err(|error| format!("{}: {error}", path.display()))?;
        for message in made {
            let refused = |refusal: exchange_connector::ews::operation::Refusal| {
                let error = refusal.into_error("CreateItem");
                format!("{}: {error}", path.display())
            };
            message.ok().map_err(refused)?;
        }
        new += 1;
    }
    Ok((new, known))
}

/// The digests of all that was imported into a folder.
async fn imported(
    client: &Client,
    folder: &FolderIdRef,
) -> Result<HashSet<String>, Box<dyn Error>> {
    const PAGE: u32 = 500;
    let mut digests = HashSet::new();
    let mut offset = 0;
    loop {
        let mut shape = ItemShape::new(BaseShape::IdOnly);
        shape.additional_properties = vec![FieldPath::Extended(marker())];
        let find = FindItem::new(shape, [folder.clone()]).view(View::page(offset, PAGE));
        let answer = client.send(&find).await?.into_iter().next();
        let answer = answer.ok_or("the server gave no answer")?;
        let found = answer
            .ok()
            .map_err(|refusal| refusal.into_error("FindItem"))?;
        for item in &found.items {
            let properties = item.properties();
            let list = properties.and_then(|item| item.extended_properties.as_ref());
            for property in list.iter().flat_map(|list| &list.0) {
                if let PropertyValue::Value(digest) = &property.value {
                    digests.insert(digest.clone());
                }
            }
        }
        if found.items.is_empty() || found.paging.includes_last_item_in_range != Some(false) {
            return Ok(digests);
        }
        offset += u32::try_from(found.items.len())?;
    }
}

fn digest(path: &Path) -> Result<String, Box<dyn Error>> {
    let mut file = File::open(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut digest = Sha256::new();
    std::io::copy(&mut file, &mut digest)?;
    Ok(digest
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

/// Where the digest is kept: a property of this program's own.
fn marker() -> ExtendedFieldUri {
    let public = DistinguishedPropertySetId::PublicStrings;
    ExtendedFieldUri::named(public, "imported-from", MapiPropertyType::String)
        .in_set("1c1c4cf4-0f4f-4b2e-9d0b-6f0a3f3b7a55")
}

/// PidTagMessageFlags (MS-OXCMSG 2.2.1.6): 1 is `mfRead`; without 8, `mfUnsent`, it is no draft.
const MESSAGE_FLAGS: u16 = 0x0e07;

/// PidTagMessageDeliveryTime (MS-OXOMSG 2.2.3.9).
const MESSAGE_DELIVERY_TIME: u16 = 0x0e06;

/// Something to import.
fn sample() -> Result<PathBuf, Box<dyn Error>> {
    let directory = env::temp_dir().join("import_eml");
    fs::create_dir_all(&directory)?;
    for number in 1..=3 {
        let mail = format!(
            "From: Bob <bob@example.test>\r\nTo: Alice <alice@example.test>\r\nSubject: Report {number}\r\n\
             Date: {number} Mar 2026 10:00:00 +0000\r\n\r\nNothing new.\r\n"
        );
        fs::write(directory.join(format!("{number}.eml")), mail)?;
    }
    Ok(directory)
}
