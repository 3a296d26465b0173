//! The way of a message from its sender to the mailboxes: who may send as whom, where it goes, what
//! comes back.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::compose;
use super::conversation;
use super::item::*;
use super::meeting::{deliver, record};
use super::property::Value;
use super::refusal::Refusal;
use super::report;
use super::store::Store;

/// A message that waits in an Outbox for its time.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    owner: usize,
    number: u64,
    due: DateTime<Utc>,
    copy: Option<(usize, u64)>,
}

/// What people may send in somebody's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SendingRight {
    /// The receiver sees only the one in whose name it is.
    As,
    /// The receiver sees who sent it in whose name.
    OnBehalf,
}

/// Where the copies of a message go.
#[derive(Debug, Default)]
struct Route {
    /// Addresses with a mailbox here, each once.
    mailboxes: Vec<String>,
    /// Addresses of this organisation that nobody has.
    unknown: Vec<Address>,
    /// Addresses elsewhere.
    external: Vec<String>,
}

pub(super) fn no_recipients() -> Refusal {
    Refusal::new(
        "ErrorInvalidRecipients",
        "At least one recipient isn't valid., A message can't be sent because it contains no recipients.",
    )
}

/// Everybody a message goes to.
fn receivers(item: &Item) -> impl Iterator<Item = &Recipient> {
    let to = |one: &&Recipient| matches!(one.role, Role::To | Role::Cc | Role::Bcc);
    item.recipients.iter().filter(to)
}

/// Makes a message ready to leave: sender, recipients and limits are checked, what every sent
/// message has is filled in. `by` is the mailbox of the one who sends.
pub(super) fn prepare(
    store: &Store,
    by: usize,
    mail: &mut Item,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    if receivers(mail).next().is_none() {
        return Err(no_recipients());
    }
    for one in receivers(mail) {
        if !is_address(&one.address.email) {
            let message = format!(
                "At least one recipient isn't valid., Recipient \"{}\" isn't resolved. All recipients must be resolved before a message can be submitted.",
                one.address.name
            );
            return Err(Refusal::new("ErrorInvalidRecipients", message));
        }
    }
    sign(store, by, mail)?;
    store.check_sending(by, mail)?;
    for one in &mut mail.recipients {
        name_address(store, &mut one.address);
    }
    if mail.text(&MESSAGE_ID).is_empty() {
        let id = format!("<{}@exchange.example.test>", Uuid::new_v4().simple());
        mail.set(MESSAGE_ID, Value::Text(id));
    }
    conversation::join(store, mail, now);
    Ok(())
}

fn is_address(email: &str) -> bool {
    let smtp = email
        .rsplit_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty());
    let odd = email.contains([';', ',', '<', '>']) || email.contains(char::is_whitespace);
    email.starts_with(DISTINGUISHED) || (smtp && !odd)
}

/// People of the organisation are called as the directory has it.
fn name_address(store: &Store, address: &mut Address) {
    if address.name != address.email {
        return;
    }
    let known = store
        .position(&address.email)
        .and_then(|owner| store.mailboxes.get(owner))
        .map(|mailbox| &mailbox.address)
        .or_else(|| Some(&store.directory.group(&address.email)?.address));
    if let Some(known) = known {
        address.name.clone_from(&known.name);
    }
}

/// Puts From and Sender as the rights of the one who sends allow.
fn sign(store: &Store, by: usize, mail: &mut Item) -> Result<(), Refusal> {
    let own = store
        .mailboxes
        .get(by)
        .map(|mailbox| mailbox.address.clone())
        .ok_or_else(Refusal::unknown_mailbox)?;
    let mut from = mail.organizer.take().unwrap_or_else(|| own.clone());
    mail.sender = None;
    if from.email.eq_ignore_ascii_case(&own.email) {
        mail.organizer = Some(own);
        return Ok(());
    }
    match store.sending_right(&own.email, &from.email) {
        Some(SendingRight::As) => {}
        Some(SendingRight::OnBehalf) => mail.sender = Some(own),
        None => {
            return Err(Refusal::new(
                "ErrorSendAsDenied",
                "The user account which was used to submit this request does not have the right to send mail on behalf of the specified sending account.",
            ));
        }
    }
    if let Some(owner) = store.position(&from.email) {
        from = store
            .mailboxes
            .get(owner)
            .map_or(from, |mailbox| mailbox.address.clone());
    }
    mail.organizer = Some(from);
    Ok(())
}

/// Lets a prepared message go, now or when it is due, and keeps a copy where one is wanted.
pub(super) fn dispatch(
    store: &mut Store,
    by: usize,
    mut mail: Item,
    copy: Option<(usize, u64)>,
    now: DateTime<Utc>,
) {
    let due = mail.time(&DEFERRED).filter(|due| *due > now);
    let Some(due) = due else {
        send(store, by, mail, copy, now);
        return;
    };
    let outbox = store
        .mailboxes
        .get(by)
        .map_or(0, |mailbox| mailbox.folder_number("outbox"));
    mail.unsent = true;
    mail.submitted = true;
    let name = store.name_of(by);
    if let Some(waiting) = store.put_back(by, outbox, mail, &name, now) {
        let number = waiting.number;
        store.waiting.push(Waiting {
            owner: by,
            number,
            due,
            copy,
        });
    }
}

/// Sends what waited in an Outbox and is due. What was deleted there is not sent.
pub(super) fn release(store: &mut Store, now: DateTime<Utc>) {
    let (due, waiting) = std::mem::take(&mut store.waiting)
        .into_iter()
        .partition(|one: &Waiting| one.due <= now);
    store.waiting = waiting;
    let mut due: Vec<Waiting> = due;
    due.sort_by_key(|one| one.due);
    for one in due {
        let outbox = store
            .mailboxes
            .get(one.owner)
            .map(|mailbox| mailbox.folder_number("outbox"));
        let there = store
            .mailboxes
            .get(one.owner)
            .and_then(|mailbox| mailbox.items.get(&one.number))
            .is_some_and(|item| Some(item.folder) == outbox);
        if there && let Some(mail) = store.remove(one.owner, one.number) {
            send(store, one.owner, mail, one.copy, now);
        }
    }
}

fn send(
    store: &mut Store,
    by: usize,
    mut mail: Item,
    copy: Option<(usize, u64)>,
    now: DateTime<Utc>,
) {
    mail.unsent = false;
    mail.submitted = false;
    mail.set(SENT, Value::Time(now));
    conversation::remember(store, &mail);
    let route = route(store, &mail);
    let id = mail.text(&MESSAGE_ID).to_owned();
    let mut delivered = mail.clone();
    delivered.written.clear();
    delivered.receipt_pending = mail.flag(&READ_RECEIPT);
    delivered.bag.remove(&DEFERRED);
    // Nobody sees who else got a blind copy.
    delivered.recipients.retain(|one| one.role != Role::Bcc);
    delivered.mime = mail
        .mime
        .as_deref()
        .map(|mime| compose::for_delivery(mime, &mail).into());
    for address in &route.mailboxes {
        if !store.receives(address, &delivered) {
            let refused = Address {
                name: address.clone(),
                email: address.clone(),
            };
            report::undeliverable(store, by, &mail, &[refused], report::FULL, now);
            continue;
        }
        let arrived = store.moment(now);
        deliver(store, address, delivered.clone(), arrived);
        store.deliveries.push((id.clone(), address.clone()));
        if mail.flag(&DELIVERY_RECEIPT) {
            report::delivered(store, by, &mail, address, now);
        }
    }
    for address in &route.external {
        store.deliveries.push((id.clone(), address.clone()));
    }
    if !route.unknown.is_empty() {
        report::undeliverable(store, by, &mail, &route.unknown, report::UNKNOWN, now);
    }
    let to = receivers(&mail)
        .map(|one| one.address.email.clone())
        .collect();
    record(store, &mail, to, now);
    if let Some(last) = store.outbox.last_mut() {
        last.message_id = Some(id);
        if !route.external.is_empty() {
            last.mime = compose::mime(&delivered, false);
        }
        last.external = route.external;
    }
    if let Some((owner, folder)) = copy {
        mail.from_me = true;
        mail.set(READ, Value::Boolean(true));
        let arrived = store.moment(now);
        mail.set(RECEIVED, Value::Time(arrived));
        mail.bag.remove(&CREATED);
        mail.written.clear();
        let name = store.name_of(by);
        store.put_back(owner, folder, mail, &name, now);
    }
}

/// Looks up where the copies go; members of groups get one, whatever way they are reached.
fn route(store: &Store, mail: &Item) -> Route {
    let mut route = Route::default();
    let mut seen = BTreeSet::new();
    let mut open: Vec<Address> = receivers(mail).map(|one| one.address.clone()).collect();
    open.reverse();
    while let Some(address) = open.pop() {
        let email = match store.by_distinguished_name(&address.email) {
            Some(email) => email.to_lowercase(),
            None => address.email.trim().to_lowercase(),
        };
        if !seen.insert(email.clone()) {
            continue;
        }
        if let Some(group) = store.directory.group(&email) {
            open.extend(group.members.iter().rev().map(|one| one.address.clone()));
        } else if store.position(&email).is_some() {
            route.mailboxes.push(email);
        } else if store.is_own_domain(&email) {
            route.unknown.push(address);
        } else {
            route.external.push(email);
        }
    }
    let limit = store.limits.recipients;
    if limit.is_some_and(|limit| route.mailboxes.len() + route.external.len() > limit) {
        // Transport refuses the whole message, and tells its sender.
        let all = receivers(mail).map(|one| one.address.clone()).collect();
        return Route {
            unknown: all,
            ..Route::default()
        };
    }
    route
}
