//! The simulator as a client sees it, over plain HTTP.

mod access;
mod accounts;
mod attachments;
mod calendar;
mod connections;
mod content;
mod folders;
mod fronts;
mod mail;
mod many;
mod meetings;
mod replies;
mod requests;
mod sending;
mod settings;
mod speed;
mod trees;
mod troubles;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::request::{MESSAGES, SOAP, TYPES};
use super::*;

const ALICE: &str = "alice@example.test";
const BOB: &str = "bob@example.test";
const CALENDAR: &str = "<t:DistinguishedFolderId Id=\"calendar\"/>";

async fn start() -> Simulator {
    Simulator::builder()
        .now("2026-03-04T12:00:00Z".parse().unwrap())
        .start()
        .await
        .unwrap()
}

/// An answer: the HTTP status and the body.
#[derive(Debug)]
struct Reply {
    status: u16,
    body: String,
}

impl Reply {
    /// The texts of all elements of that name.
    fn texts(&self, name: &str) -> Vec<String> {
        let document = roxmltree::Document::parse(&self.body).unwrap();
        document
            .descendants()
            .filter(|node| node.is_element() && node.tag_name().name() == name)
            .map(|node| node.text().unwrap_or_default().to_owned())
            .collect()
    }

    /// The values of an attribute of all elements of that name.
    fn attributes(&self, name: &str, attribute: &str) -> Vec<String> {
        let document = roxmltree::Document::parse(&self.body).unwrap();
        document
            .descendants()
            .filter(|node| node.is_element() && node.tag_name().name() == name)
            .filter_map(|node| node.attribute(attribute).map(str::to_owned))
            .collect()
    }

    fn code(&self) -> String {
        self.texts("ResponseCode").concat()
    }
}

fn envelope(version: &str, headers: &str, body: &str) -> String {
    format!(
        "<s:Envelope xmlns:s=\"{SOAP}\" xmlns:m=\"{MESSAGES}\" xmlns:t=\"{TYPES}\"><s:Header><t:RequestServerVersion Version=\"{version}\"/>{headers}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    )
}

/// Posts a body; `None` where the connection broke before a whole answer came.
async fn post(simulator: &Simulator, user: &str, body: &str) -> Option<Reply> {
    let account = simulator
        .accounts()
        .into_iter()
        .find(|one| one.address == user);
    let password = account.map_or_else(|| "wrong".to_owned(), |account| account.password);
    let logon = STANDARD.encode(format!("{user}:{password}"));
    let mut stream = TcpStream::connect(simulator.address()).await.unwrap();
    let head = format!(
        "POST /EWS/Exchange.asmx HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic {logon}\r\nContent-Type: text/xml; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.ok()?;
    stream.write_all(body.as_bytes()).await.ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.ok()?;
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let length: usize = head
        .lines()
        .find_map(|line| {
            line.to_lowercase()
                .strip_prefix("content-length: ")?
                .parse()
                .ok()
        })
        .unwrap();
    (body.len() == length).then(|| Reply {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        body: body.to_owned(),
    })
}

async fn call_as(simulator: &Simulator, user: &str, headers: &str, body: &str) -> Reply {
    let reply = post(
        simulator,
        user,
        &envelope("Exchange2013_SP1", headers, body),
    )
    .await;
    let reply = reply.expect("a whole answer");
    assert_eq!(simulator.violations(), [], "{}", reply.body);
    reply
}

async fn call(simulator: &Simulator, body: &str) -> Reply {
    call_as(simulator, ALICE, "", body).await
}

fn view(folder: &str, from: &str, to: &str, more: &str) -> String {
    format!(
        "<m:FindItem Traversal=\"Shallow\"><m:ItemShape><t:BaseShape>Default</t:BaseShape></m:ItemShape><m:CalendarView {more} StartDate=\"{from}\" EndDate=\"{to}\"/><m:ParentFolderIds>{folder}</m:ParentFolderIds></m:FindItem>"
    )
}

fn march(folder: &str) -> String {
    view(folder, "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z", "")
}

fn get(ids: &str) -> String {
    format!(
        "<m:GetItem><m:ItemShape><t:BaseShape>AllProperties</t:BaseShape></m:ItemShape><m:ItemIds>{ids}</m:ItemIds></m:GetItem>"
    )
}

fn event(subject: &str, start: &str, end: &str, more: &str) -> String {
    format!(
        "<t:CalendarItem><t:Subject>{subject}</t:Subject><t:Start>{start}</t:Start><t:End>{end}</t:End>{more}</t:CalendarItem>"
    )
}

fn create(sending: &str, item: &str) -> String {
    format!(
        "<m:CreateItem SendMeetingInvitations=\"{sending}\"><m:Items>{item}</m:Items></m:CreateItem>"
    )
}

fn update(id: &str, key: &str, how: &str, uri: &str, property: &str) -> String {
    format!(
        "<m:UpdateItem ConflictResolution=\"{how}\" SendMeetingInvitationsOrCancellations=\"SendToAllAndSaveCopy\"><m:ItemChanges><t:ItemChange><t:ItemId Id=\"{id}\" ChangeKey=\"{key}\"/><t:Updates><t:SetItemField><t:FieldURI FieldURI=\"{uri}\"/><t:CalendarItem>{property}</t:CalendarItem></t:SetItemField></t:Updates></t:ItemChange></m:ItemChanges></m:UpdateItem>"
    )
}

const BOB_INVITED: &str = "<t:RequiredAttendees><t:Attendee><t:Mailbox><t:EmailAddress>bob@example.test</t:EmailAddress></t:Mailbox></t:Attendee></t:RequiredAttendees>";
