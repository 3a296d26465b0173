//! Rules for messages that come in: for which they are, and what they do.

use chrono::{DateTime, Utc};

use super::away::{AUTOMATIC, answer};
use super::fields::keywords;
use super::ids::Id;
use super::item::*;
use super::markup::Markup;
use super::meeting::{deliver, record};
use super::property::Value;
use super::store::Store;

/// A rule as its owner wrote it; the order of a list of them is that of their priorities.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rule {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) enabled: bool,
    /// It has parts that EWS cannot speak of.
    pub(super) unsupported: bool,
    pub(super) conditions: Vec<Markup>,
    pub(super) exceptions: Vec<Markup>,
    pub(super) actions: Vec<Markup>,
}

/// What rules want with a message.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Decision {
    /// Where it goes instead of the Inbox.
    pub(super) folder: Option<u64>,
    pub(super) copies: Vec<u64>,
    /// It is kept nowhere.
    pub(super) gone: bool,
    pub(super) read: bool,
    pub(super) importance: Option<i64>,
    pub(super) categories: Vec<String>,
    pub(super) forward: Vec<String>,
    pub(super) attach: Vec<String>,
    pub(super) redirect: Vec<String>,
}

/// What the rules of a mailbox want with a message that came for it.
pub(super) fn decide(store: &Store, owner: usize, message: &Item) -> Decision {
    let mut decision = Decision::default();
    let Some(mailbox) = store.mailboxes.get(owner) else {
        return decision;
    };
    let bin = mailbox.folder_number("deleteditems");
    for rule in &mailbox.preferences.rules {
        let me = mailbox.address.email.as_str();
        let holds = |one: &Markup| holds(one, message, me);
        let applies = rule.enabled
            && !rule.unsupported
            && rule.conditions.iter().all(|one| holds(one) != Some(false))
            && !rule.exceptions.iter().any(|one| holds(one) == Some(true));
        if !applies {
            continue;
        }
        let mut stops = false;
        for action in &rule.actions {
            let addresses = action.addresses().map(str::to_owned);
            match action.name.as_str() {
                "AssignCategories" => decision
                    .categories
                    .extend(action.texts().map(str::to_owned)),
                "CopyToFolder" => decision.copies.extend(folder(action)),
                "Delete" if action.is_true() => decision.folder = Some(bin),
                "ForwardAsAttachmentToRecipients" => decision.attach.extend(addresses),
                "ForwardToRecipients" => decision.forward.extend(addresses),
                "MarkImportance" => decision.importance = importance(&action.text),
                "MarkAsRead" if action.is_true() => decision.read = true,
                "MoveToFolder" => decision.folder = folder(action).or(decision.folder),
                "PermanentDelete" if action.is_true() => decision.gone = true,
                "RedirectToRecipients" => decision.redirect.extend(addresses),
                "StopProcessingRules" if action.is_true() => stops = true,
                _ => {}
            }
        }
        if stops {
            break;
        }
    }
    decision
        .copies
        .retain(|one| mailbox.folders.contains_key(one));
    decision.folder = decision
        .folder
        .filter(|one| mailbox.folders.contains_key(one));
    decision
}

/// The folder an action names: by its identifier, see `inbox_rules`.
fn folder(action: &Markup) -> Option<u64> {
    match Id::decode(action.child("FolderId")?.attribute("Id")?) {
        Some(Id::Folder { number, .. }) => Some(number),
        _ => None,
    }
}

fn importance(name: &str) -> Option<i64> {
    ["Low", "Normal", "High"]
        .iter()
        .position(|one| *one == name)
        .and_then(|number| i64::try_from(number).ok())
}

/// Whether a message has what a rule looks for; `None` for a switch that is off, which says nothing.
fn holds(one: &Markup, message: &Item, me: &str) -> Option<bool> {
    let sender = message.organizer.as_ref();
    let sender = sender.map_or("", |address| address.email.as_str());
    let (subject, body) = (message.text(&SUBJECT), message.body.text.as_str());
    let has = |text: &str| contains(text, one);
    let same = |email: &str| {
        one.addresses()
            .any(|wanted| wanted.eq_ignore_ascii_case(email))
    };
    let is_mine = |role| {
        let mut recipients = message.recipients_in(role);
        recipients.any(|one| one.address.email.eq_ignore_ascii_case(me))
    };
    let kind = message.kind;
    let switch = |holds: bool| one.is_true().then_some(holds);
    match one.name.as_str() {
        "Categories" => Some(one.texts().any(|wanted| has_category(message, wanted))),
        "ContainsBodyStrings" => Some(has(body)),
        "ContainsRecipientStrings" => {
            let mut recipients = message.recipients.iter();
            Some(recipients.any(|one| has(&one.address.email)))
        }
        "ContainsSenderStrings" => Some(has(sender)),
        "ContainsSubjectOrBodyStrings" => Some(has(subject) || has(body)),
        "ContainsSubjectStrings" => Some(has(subject)),
        "FromAddresses" => Some(same(sender)),
        "HasAttachments" => switch(message.attachments.iter().any(|one| !one.inline)),
        "Importance" => importance(&one.text).map(|wanted| importance_of(message) == wanted),
        "IsAutomaticReply" => switch(message.flag(&AUTOMATIC)),
        "IsMeetingRequest" => switch(kind == ItemKind::MeetingRequest),
        "IsMeetingResponse" => switch(kind == ItemKind::MeetingResponse),
        "ItemClasses" => {
            let class = message.text(&ITEM_CLASS);
            Some(one.texts().any(|wanted| wanted.eq_ignore_ascii_case(class)))
        }
        "NotSentToMe" => switch(!is_mine(Role::To) && !is_mine(Role::Cc)),
        "SentCcMe" => switch(is_mine(Role::Cc)),
        "SentOnlyToMe" => {
            let others = message.recipients_in(Role::To).count() > 1
                || message.recipients_in(Role::Cc).next().is_some();
            switch(is_mine(Role::To) && !others)
        }
        "SentToAddresses" => {
            let mut recipients = message.recipients.iter();
            Some(recipients.any(|one| same(&one.address.email)))
        }
        "SentToMe" => switch(is_mine(Role::To)),
        "SentToOrCcMe" => switch(is_mine(Role::To) || is_mine(Role::Cc)),
        "Sensitivity" => {
            let names = ["Normal", "Personal", "Private", "Confidential"];
            let wanted = names.iter().position(|name| *name == one.text);
            let wanted = wanted.and_then(|number| i64::try_from(number).ok());
            Some(wanted == Some(message.integer(&SENSITIVITY)))
        }
        "WithinSizeRange" => {
            let size = i64::try_from(message.size()).unwrap_or(i64::MAX) / 1024;
            let limit = |name: &str| one.child(name).and_then(Markup::number);
            Some(
                limit("MinimumSize").is_none_or(|least| size >= least)
                    && limit("MaximumSize").is_none_or(|most| size <= most),
            )
        }
        // What the simulator does not make no message has.
        _ => Some(false),
    }
}

fn importance_of(message: &Item) -> i64 {
    match message.bag.get(&IMPORTANCE) {
        Some(Value::Integer(number)) => *number,
        _ => 1,
    }
}

/// Whether a text has one of those that a rule looks for, in whatever case.
fn contains(text: &str, one: &Markup) -> bool {
    let text = text.to_lowercase();
    one.texts()
        .any(|wanted| text.contains(&wanted.to_lowercase()))
}

fn has_category(message: &Item, wanted: &str) -> bool {
    match message.bag.get(&keywords()) {
        Some(Value::Many(names)) => names
            .iter()
            .filter_map(Value::text)
            .any(|name| name.eq_ignore_ascii_case(wanted)),
        _ => false,
    }
}

/// Puts a message that came into the Inbox, or where the rules of its owner want it; passes it on as
/// they want; and answers it while the owner is away.
pub(super) fn file(store: &mut Store, owner: usize, inbox: u64, message: Item, now: DateTime<Utc>) {
    let decision = decide(store, owner, &message);
    let mut kept = message.clone();
    if decision.read {
        kept.set(READ, Value::Boolean(true));
    }
    if let Some(importance) = decision.importance {
        kept.set(IMPORTANCE, Value::Integer(importance));
    }
    if !decision.categories.is_empty() {
        let names = decision.categories.iter().cloned().map(Value::Text);
        kept.set(keywords(), Value::Many(names.collect()));
    }
    for copy in &decision.copies {
        store.insert(owner, *copy, kept.clone(), "Microsoft Exchange", now);
    }
    if !decision.gone {
        let folder = decision.folder.unwrap_or(inbox);
        store.insert(owner, folder, kept, "Microsoft Exchange", now);
    }
    pass_on(store, owner, &message, &decision, now);
    answer(store, owner, &message, now);
}

/// What rules pass on is not passed on by rules again.
fn pass_on(
    store: &mut Store,
    owner: usize,
    message: &Item,
    decision: &Decision,
    now: DateTime<Utc>,
) {
    let Some(me) = store.mailboxes.get(owner).map(|one| one.address.clone()) else {
        return;
    };
    if message.flag(&AUTOMATIC) {
        return;
    }
    for to in decision.forward.iter().chain(&decision.attach) {
        let mut forward = message.clone();
        let subject = format!("FW: {}", message.text(&SUBJECT));
        forward.kind = ItemKind::Message;
        forward.set(SUBJECT, Value::Text(subject));
        forward.organizer = Some(me.clone());
        forward.sender = None;
        forward.mime = None;
        forward.recipients = vec![Recipient::new(
            Role::To,
            Address {
                name: to.clone(),
                email: to.clone(),
            },
        )];
        send(store, to, forward, now);
    }
    for to in &decision.redirect {
        send(store, to, message.clone(), now);
    }
}

fn send(store: &mut Store, to: &str, mut message: Item, now: DateTime<Utc>) {
    message.set(AUTOMATIC, Value::Boolean(true));
    record(store, &message, vec![to.to_owned()], now);
    deliver(store, to, message, now);
}
