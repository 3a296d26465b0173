//! What people are told who are about to write to somebody.

use chrono::{DateTime, Utc};

use super::item::Address;
use super::store::Store;

/// The domain of the organisation.
pub(super) const DOMAIN: &str = "example.test";

/// What is known of a recipient.
#[derive(Clone, Debug)]
pub(super) struct Tips {
    pub(super) address: Address,
    /// It is not found out in time whether the mailbox is full.
    pub(super) is_pending: bool,
    /// What is answered automatically, without markup; nobody does for a group or a stranger.
    pub(super) reply: Option<String>,
    pub(super) is_full: Option<bool>,
    pub(super) custom: Option<String>,
    pub(super) members: usize,
    pub(super) strangers: usize,
    pub(super) largest: Option<i32>,
    pub(super) is_restricted: bool,
    pub(super) is_moderated: bool,
    pub(super) is_invalid: bool,
}

impl Tips {
    pub(super) fn about(store: &Store, recipient: &Address, now: DateTime<Utc>) -> Self {
        let email = recipient.email.as_str();
        let owner = store.position(email).and_then(|at| store.mailboxes.get(at));
        let group = store.directory.group(email);
        let known = owner.map(|mailbox| &mailbox.address);
        let known = known.or_else(|| group.map(|group| &group.address));
        let own = store.mail_tips.get(&email.to_lowercase());
        let own = own.cloned().unwrap_or_default();
        let quota = store.limits.mailbox;
        let largest = store.limits.message_size;
        let largest = largest.and_then(|bytes| i32::try_from(bytes).ok());
        let custom = own.custom_tip;
        Self {
            address: known.unwrap_or(recipient).clone(),
            is_pending: own.pending,
            reply: owner.map(|mailbox| {
                let away = &mailbox.preferences.away;
                match away.is_active(now) {
                    true => text_of(&away.internal.0),
                    false => String::new(),
                }
            }),
            is_full: owner.filter(|_| !own.pending).map(|mailbox| {
                own.mailbox_full || quota.is_some_and(|quota| mailbox.items.size() >= quota)
            }),
            custom: custom.map(|tip| format!("<html>\n<body>\n{tip}\n</body>\n</html>\n")),
            members: group.map_or(1, |group| group.members.len()),
            strangers: match group {
                Some(group) => {
                    let members = group.members.iter();
                    members.filter(|one| is_outside(&one.address.email)).count()
                }
                None => usize::from(is_outside(email)),
            },
            largest: own.max_message_size.or(largest),
            is_restricted: own.restricted,
            is_moderated: own.moderated,
            is_invalid: !email.contains('@') || known.is_none() && !is_outside(email),
        }
    }
}

fn is_outside(email: &str) -> bool {
    let domain = email.rsplit('@').next().unwrap_or_default();
    !domain.eq_ignore_ascii_case(DOMAIN)
}

/// The words of an HTML text: tips have no markup.
fn text_of(html: &str) -> String {
    let mut text = String::new();
    let mut is_markup = false;
    for character in html.chars() {
        match character {
            '<' => is_markup = true,
            '>' => is_markup = false,
            other if !is_markup => text.push(other),
            _ => {}
        }
    }
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
        .trim()
        .to_owned()
}
