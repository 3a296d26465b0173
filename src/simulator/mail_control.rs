//! The remote control for mail: limits, rights to send, the clock, what arrived.

use std::time::Duration;

use chrono::TimeDelta;

use super::limits::Limits;
use super::server::lock;
use super::transport::{SendingRight, release};
use super::{Simulator, SimulatorError, position};

impl Simulator {
    /// Sets the limits of the server, in place of those before.
    pub fn set_limits(&self, limits: Limits) {
        lock(&self.shared.store).limits = limits;
    }

    /// Lets one account send as another (Send As): receivers see only the other one.
    ///
    /// # Errors
    /// [`SimulatorError::NotFound`] where one of them has no mailbox.
    pub fn allow_send_as(&self, owner: &str, sender: &str) -> Result<(), SimulatorError> {
        self.allow_sending(owner, sender, SendingRight::As)
    }

    /// Lets one account send on behalf of another, which receivers see. Delegates have that right
    /// anyway.
    ///
    /// # Errors
    /// [`SimulatorError::NotFound`] where one of them has no mailbox.
    pub fn allow_send_on_behalf(&self, owner: &str, sender: &str) -> Result<(), SimulatorError> {
        self.allow_sending(owner, sender, SendingRight::OnBehalf)
    }

    fn allow_sending(
        &self,
        owner: &str,
        sender: &str,
        right: SendingRight,
    ) -> Result<(), SimulatorError> {
        let mut store = lock(&self.shared.store);
        position(&store, sender)?;
        if store.directory.group(owner).is_none() {
            position(&store, owner)?;
        }
        let right = (owner.to_owned(), sender.to_owned(), right);
        store.sending.push(right);
        Ok(())
    }

    /// Lets the server's clock go on, and sends what was deferred until then.
    pub fn advance(&self, time: Duration) {
        let time = TimeDelta::from_std(time).unwrap_or(TimeDelta::MAX);
        {
            let mut ahead = lock(&self.shared.ahead);
            *ahead = ahead.checked_add(&time).unwrap_or(TimeDelta::MAX);
        }
        let now = self.shared.now();
        release(&mut lock(&self.shared.store), now);
    }

    /// Who got a copy of the message with that Message-ID, in order, inside and outside of the
    /// organisation. Who got it twice is there twice.
    #[must_use]
    pub fn deliveries(&self, message_id: &str) -> Vec<String> {
        let store = lock(&self.shared.store);
        let copies = store.deliveries.iter();
        copies
            .filter(|(id, _)| id == message_id)
            .map(|(_, address)| address.clone())
            .collect()
    }
}
