//! The remote control for access and time: who may do what, and what servers forget.

use super::auth::AccountState;
use super::server::lock;
use super::store::{CalendarRights, Grant, Store};
use super::zone::Zone;
use super::{Simulator, SimulatorError, position};

impl Simulator {
    /// Lets one account into the calendar of another, and into the calendars under it. Private
    /// items stay hidden, see [`grant_private`](Self::grant_private).
    ///
    /// # Errors
    /// [`SimulatorError::NotFound`] where there is no such mailbox.
    pub fn grant(
        &self,
        owner: &str,
        grantee: &str,
        rights: CalendarRights,
    ) -> Result<(), SimulatorError> {
        self.grant_folder(owner, "calendar", grantee, rights, false)
    }

    /// As [`grant`](Self::grant), with the private items: Outlook's "delegate can see my private
    /// items".
    ///
    /// # Errors
    /// [`SimulatorError::NotFound`] where there is no such mailbox.
    pub fn grant_private(
        &self,
        owner: &str,
        grantee: &str,
        rights: CalendarRights,
    ) -> Result<(), SimulatorError> {
        self.grant_folder(owner, "calendar", grantee, rights, true)
    }

    /// Moves the owner of a mailbox to another time zone, by its Windows id. Their working hours
    /// are in it from then on, and so are the options of Outlook on the web, unless they
    /// [never used it](Self::forget_web_options). Items stay where they are.
    ///
    /// # Errors
    /// [`SimulatorError::NotFound`] where there is no such mailbox or zone.
    pub fn set_time_zone(&self, mailbox: &str, windows_id: &str) -> Result<(), SimulatorError> {
        let unknown = || SimulatorError::NotFound(format!("time zone {windows_id}"));
        let zone = Zone::windows(windows_id).ok_or_else(unknown)?;
        let mut store = lock(&self.shared.store);
        let position = position(&store, mailbox)?;
        if let Some(mailbox) = store.mailboxes.get_mut(position) {
            mailbox.zone = zone;
        }
        Ok(())
    }

    /// Makes it so that the owner of a mailbox never used Outlook on the web: GetUserConfiguration
    /// finds no options of it.
    ///
    /// # Errors
    /// [`SimulatorError::NotFound`] where there is no such mailbox.
    pub fn forget_web_options(&self, mailbox: &str) -> Result<(), SimulatorError> {
        let mut store = lock(&self.shared.store);
        let position = position(&store, mailbox)?;
        if let Some(mailbox) = store.mailboxes.get_mut(position) {
            mailbox.has_web_options = false;
        }
        Ok(())
    }

    /// Moves what is in a mailbox to the same one of another simulator, as from Exchange on-premises to Exchange
    /// Online: under new ids, with nothing of what was deleted. Here there is none for EWS any more
    /// ([`AccountState::MovedOnline`]).
    ///
    /// # Errors
    /// [`SimulatorError::NotFound`] where one of them has no such mailbox.
    pub fn move_mailbox(&self, mailbox: &str, to: &Self) -> Result<(), SimulatorError> {
        let (moved, count) = {
            let mut store = lock(&self.shared.store);
            let position = position(&store, mailbox)?;
            let count = store.count();
            let here = store.mailboxes.get_mut(position);
            let here = here.ok_or_else(|| SimulatorError::NotFound(mailbox.to_owned()))?;
            here.state = AccountState::MovedOnline;
            (here.clone(), count)
        };
        let mut store = lock(&to.shared.store);
        let position = position(&store, mailbox)?;
        store.pass(count);
        if let Some(there) = store.mailboxes.get_mut(position) {
            there.folders = moved.folders;
            there.items = moved.items;
            there.gone = Vec::new();
            for folder in there.folders.values_mut() {
                folder.deleted.clear();
            }
        }
        Ok(())
    }

    /// Lets one account into one folder of another, and into the folders under it. The folder is a
    /// distinguished name or a FolderId; the grant of the nearest folder counts.
    ///
    /// # Errors
    /// [`SimulatorError::NotFound`] where there is no such mailbox or folder.
    pub fn grant_folder(
        &self,
        owner: &str,
        folder: &str,
        grantee: &str,
        rights: CalendarRights,
        private: bool,
    ) -> Result<(), SimulatorError> {
        let mut store = lock(&self.shared.store);
        let address = address(&store, grantee)?;
        let owner = position(&store, owner)?;
        let mailbox = store.mailboxes.get_mut(owner);
        mailbox
            .and_then(|mailbox| {
                let number = mailbox.named(folder)?.number;
                let grant = Grant { rights, private };
                mailbox.grants.insert((address, number), grant);
                Some(())
            })
            .ok_or_else(|| SimulatorError::NotFound(format!("folder {folder}")))
    }

    /// Takes back what one account was let into by another, and that it is a delegate.
    ///
    /// # Errors
    /// [`SimulatorError::NotFound`] where there is no such mailbox.
    pub fn revoke(&self, owner: &str, grantee: &str) -> Result<(), SimulatorError> {
        let mut store = lock(&self.shared.store);
        let address = address(&store, grantee)?;
        let owner = position(&store, owner)?;
        if let Some(mailbox) = store.mailboxes.get_mut(owner) {
            mailbox.grants.retain(|(grantee, _), _| *grantee != address);
            mailbox.delegates.retain(|delegate| *delegate != address);
        }
        Ok(())
    }

    /// Makes one account a delegate of another: an editor of the calendar who gets a copy of each
    /// meeting message, with `IsDelegated`. The owner's requests become `PrincipalWantsCopy`.
    ///
    /// # Errors
    /// [`SimulatorError::NotFound`] where there is no such mailbox.
    pub fn delegate(&self, owner: &str, who: &str) -> Result<(), SimulatorError> {
        self.grant_folder(owner, "calendar", who, CalendarRights::Editor, false)?;
        let mut store = lock(&self.shared.store);
        let address = address(&store, who)?;
        let owner = position(&store, owner)?;
        if let Some(mailbox) = store.mailboxes.get_mut(owner) {
            mailbox.delegates.retain(|delegate| *delegate != address);
            mailbox.delegates.push(address);
        }
        Ok(())
    }

    /// Makes the server forget the sync states it gave out, as after a move of the mailbox: the
    /// next use of one ends in `ErrorInvalidSyncStateData`. Without state clients start again.
    pub fn expire_sync_states(&self) {
        let mut store = lock(&self.shared.store);
        store.valid_states = store.next();
    }
}

fn address(store: &Store, account: &str) -> Result<String, SimulatorError> {
    let position = position(store, account)?;
    store
        .mailboxes
        .get(position)
        .map(|mailbox| mailbox.address.email.clone())
        .ok_or_else(|| SimulatorError::NotFound(format!("mailbox {account}")))
}
