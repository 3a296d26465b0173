//! The directory of the organisation.

use async_trait::async_trait;

use super::client::Client;
use super::mailbox::unbuilt;
use crate::directory::Directory;
use crate::error::Result;
use crate::model::*;

/// The directory, as the token shows it.
#[derive(Clone, Debug)]
pub(super) struct GraphDirectory {
    client: Client,
}

impl GraphDirectory {
    pub(super) fn new(client: Client) -> Self {
        Self { client }
    }
}

#[async_trait]
impl Directory for GraphDirectory {
    async fn resolve(&self, text: &str) -> Result<Vec<Person>> {
        let _ = text;
        Err(unbuilt("resolve"))
    }

    async fn expand_group(&self, group: &Recipient) -> Result<Vec<Person>> {
        let _ = group;
        Err(unbuilt("expand_group"))
    }

    async fn room_lists(&self) -> Result<Vec<Person>> {
        Err(unbuilt("room_lists"))
    }

    async fn rooms(&self, list: Option<&Recipient>) -> Result<Vec<Person>> {
        let _ = list;
        Err(unbuilt("rooms"))
    }
}
