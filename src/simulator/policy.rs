//! What the store decides about mail: in whose name, how much, to which addresses.

use chrono::{DateTime, Duration, Timelike as _, Utc};

use super::directory::distinguished_name;
use super::item::Item;
use super::refusal::Refusal;
use super::store::Store;
use super::transport::SendingRight;

fn full() -> Refusal {
    Refusal::new(
        "ErrorQuotaExceeded",
        "The mailbox has exceeded its quota. Delete items and try again.",
    )
}

impl Store {
    /// The name of a mailbox's owner.
    pub(super) fn name_of(&self, owner: usize) -> String {
        self.mailboxes
            .get(owner)
            .map(|mailbox| mailbox.address.name.clone())
            .unwrap_or_default()
    }

    /// How one person may send in the name of another.
    pub(super) fn sending_right(&self, sender: &str, owner: &str) -> Option<SendingRight> {
        let granted = |right: SendingRight| {
            self.sending.iter().any(|(whose, who, how)| {
                *how == right
                    && whose.eq_ignore_ascii_case(owner)
                    && who.eq_ignore_ascii_case(sender)
            })
        };
        let delegates = self
            .position(owner)
            .and_then(|owner| self.mailboxes.get(owner))
            .is_some_and(|mailbox| {
                let mut delegates = mailbox.delegates.iter();
                delegates.any(|one| one.eq_ignore_ascii_case(sender))
            });
        if granted(SendingRight::As) {
            Some(SendingRight::As)
        } else if granted(SendingRight::OnBehalf) || delegates {
            Some(SendingRight::OnBehalf)
        } else {
            None
        }
    }

    /// Whether an address belongs to the organisation, whoever has it.
    pub(super) fn is_own_domain(&self, email: &str) -> bool {
        let domain = |email: &str| email.rsplit('@').next().map(str::to_lowercase);
        let mut own = self.mailboxes.iter();
        own.any(|mailbox| domain(&mailbox.address.email) == domain(email))
            || email.starts_with(super::item::DISTINGUISHED)
    }

    /// The address that somebody's distinguished name stands for.
    pub(super) fn by_distinguished_name(&self, name: &str) -> Option<String> {
        if !name.starts_with(super::item::DISTINGUISHED) {
            return None;
        }
        let addresses = self.mailboxes.iter().map(|mailbox| &mailbox.address.email);
        let mut named =
            addresses.filter(|email| distinguished_name(email).eq_ignore_ascii_case(name));
        named.next().cloned()
    }

    /// When a message comes in that is sent now: each has a moment of its own, finer than the
    /// seconds that the wire shows.
    pub(super) fn moment(&mut self, now: DateTime<Utc>) -> DateTime<Utc> {
        // A clock that stands still stands at a whole second.
        let now = match now.nanosecond() {
            0 => now + Duration::milliseconds(7),
            _ => now,
        };
        let next = |last: DateTime<Utc>| last + Duration::microseconds(1);
        let moment = self.last.map_or(now, |last| now.max(next(last)));
        self.last = Some(moment);
        moment
    }

    /// Refuses an item that is too large.
    pub(super) fn check_size(&self, item: &Item) -> Result<(), Refusal> {
        let size = item.size();
        if self.limits.message_size.is_some_and(|most| size > most) {
            return Err(Refusal::new(
                "ErrorMessageSizeExceeded",
                "The message exceeds the maximum supported size.",
            ));
        }
        Ok(())
    }

    /// Refuses an item that is too large, or for which there is no room.
    pub(super) fn check_room(&self, owner: usize, item: &Item) -> Result<(), Refusal> {
        let size = item.size();
        self.check_size(item)?;
        let fits = self
            .limits
            .mailbox
            .is_none_or(|most| self.used(owner) + size <= most);
        if fits { Ok(()) } else { Err(full()) }
    }

    /// Refuses to send what is too large, or for somebody whose mailbox is full.
    pub(super) fn check_sending(&self, by: usize, mail: &Item) -> Result<(), Refusal> {
        self.check_size(mail)?;
        let may = self.limits.sending.is_none_or(|most| self.used(by) <= most);
        if may { Ok(()) } else { Err(full()) }
    }

    /// Whether there is room for a message in somebody's mailbox.
    pub(super) fn receives(&self, address: &str, mail: &Item) -> bool {
        let owner = self.position(address);
        owner.is_some_and(|owner| self.check_room(owner, mail).is_ok())
    }

    /// Bytes in a mailbox.
    fn used(&self, owner: usize) -> usize {
        let mailbox = self.mailboxes.get(owner);
        mailbox.map_or(0, |mailbox| mailbox.items.size())
    }
}
