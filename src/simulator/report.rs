//! What comes back to senders: undeliverable messages, delivery and read receipts ([MS-OXOMSG]
//! 2.2.2).

use chrono::{DateTime, Utc};

use super::conversation;
use super::item::*;
use super::meeting::deliver;
use super::property::Value;
use super::store::Store;

/// Why something did not arrive: the enhanced status code, and what it means.
pub(super) type Cause = (&'static str, &'static str);

pub(super) const UNKNOWN: Cause = (
    "550 5.1.10 RESOLVER.ADR.RecipientNotFound",
    "The e-mail address could not be found, or a limit on recipients was exceeded.",
);
pub(super) const FULL: Cause = (
    "554 5.2.2 mailbox full",
    "The recipient's mailbox is full and cannot accept messages now.",
);

/// Who writes reports.
fn system(store: &Store, by: usize) -> Address {
    let domain = store
        .mailboxes
        .get(by)
        .and_then(|mailbox| mailbox.address.email.split_once('@'))
        .map_or("example.test", |(_, domain)| domain);
    Address {
        name: "Microsoft Outlook".to_owned(),
        email: format!("MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@{domain}"),
    }
}

/// A report about a message, for its sender.
fn report(mail: &Item, class: &str, prefix: &str, from: Address, text: String) -> Item {
    let mut report = Item::new(ItemKind::Message);
    report.set(ITEM_CLASS, Value::Text(class.to_owned()));
    let subject = format!("{prefix}{}", mail.text(&SUBJECT));
    report.set(SUBJECT, Value::Text(subject));
    report.set(SENSITIVITY, Value::Integer(0));
    report.set(IMPORTANCE, Value::Integer(1));
    report.set(IN_REPLY_TO, Value::Text(mail.text(&MESSAGE_ID).to_owned()));
    report.organizer = Some(from);
    report.body = Body { html: false, text };
    report
}

fn send_back(store: &mut Store, to: &Address, mut report: Item, now: DateTime<Utc>) {
    let id = format!("<{}@exchange.example.test>", uuid::Uuid::new_v4().simple());
    report.set(MESSAGE_ID, Value::Text(id));
    report.recipients.push(Recipient::new(Role::To, to.clone()));
    conversation::join(store, &mut report, now);
    let arrived = store.moment(now);
    deliver(store, &to.email, report, arrived);
}

/// Tells the sender whom a message did not reach.
pub(super) fn undeliverable(
    store: &mut Store,
    by: usize,
    mail: &Item,
    people: &[Address],
    (code, cause): Cause,
    now: DateTime<Utc>,
) {
    let names: Vec<&str> = people.iter().map(|one| one.email.as_str()).collect();
    let text = format!(
        "Delivery has failed to these recipients or groups:\r\n\r\n{}\r\n{cause}\r\n\r\nRemote Server returned '{code}'",
        names.join("\r\n")
    );
    let from = system(store, by);
    let class = "REPORT.IPM.Note.NDR";
    let back = report(mail, class, "Undeliverable: ", from, text);
    if let Some(to) = mail.sender.clone().or_else(|| mail.organizer.clone()) {
        send_back(store, &to, back, now);
    }
}

/// Tells the sender that a message was delivered.
pub(super) fn delivered(
    store: &mut Store,
    by: usize,
    mail: &Item,
    address: &str,
    now: DateTime<Utc>,
) {
    let text = format!(
        "Your message has been delivered to the following recipients:\r\n\r\n{address}\r\n\r\nSubject: {}",
        mail.text(&SUBJECT)
    );
    let from = system(store, by);
    let class = "REPORT.IPM.Note.DR";
    let back = report(mail, class, "Delivered: ", from, text);
    if let Some(to) = mail.sender.clone().or_else(|| mail.organizer.clone()) {
        send_back(store, &to, back, now);
    }
}

/// Tells the sender that a message was read.
pub(super) fn read(store: &mut Store, owner: usize, mail: &Item, now: DateTime<Utc>) {
    let Some(reader) = store
        .mailboxes
        .get(owner)
        .map(|mailbox| mailbox.address.clone())
    else {
        return;
    };
    let text = format!(
        "Your message\r\n\r\nTo: {}\r\nSubject: {}\r\n\r\nwas read on {}.",
        reader.name,
        mail.text(&SUBJECT),
        now.format("%Y-%m-%d %H:%M:%S UTC")
    );
    let back = report(mail, "REPORT.IPM.Note.IPNRN", "Read: ", reader, text);
    if let Some(to) = mail.organizer.clone() {
        send_back(store, &to, back, now);
    }
}
