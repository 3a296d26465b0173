//! [`Directory`] on EWS.

use async_trait::async_trait;

use super::client::Client;
use crate::directory::Directory;
use crate::error::{Error, Result};
use crate::model::{Person, Recipient};

/// The directory of an organisation, as one account sees it.
#[derive(Clone, Debug)]
pub(super) struct EwsDirectory {
    client: Client,
}

impl EwsDirectory {
    /// Sends nothing.
    pub(super) fn new(client: Client) -> Self {
        Self { client }
    }
}

#[async_trait]
impl Directory for EwsDirectory {
    async fn resolve(&self, text: &str) -> Result<Vec<Person>> {
        Err(self.absent("resolve", text))
    }

    async fn expand_group(&self, group: &Recipient) -> Result<Vec<Person>> {
        Err(self.absent("expand_group", group.smtp_address().unwrap_or_default()))
    }

    async fn room_lists(&self) -> Result<Vec<Person>> {
        Err(self.absent("room_lists", ""))
    }

    async fn rooms(&self, list: Option<&Recipient>) -> Result<Vec<Person>> {
        let list = list.and_then(Recipient::smtp_address);
        Err(self.absent("rooms", list.unwrap_or_default()))
    }
}

impl EwsDirectory {
    fn absent(&self, operation: &'static str, what: &str) -> Error {
        let version = self.client.version();
        Error::unsupported(operation, format!("not built yet: {what} {version:?}"))
    }
}
