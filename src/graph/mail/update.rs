//! Changing messages.

use serde_json::{Map, Value};

use super::draft::WRITE;
use crate::calendar::Batch;
use crate::connector::Backend;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::call::Call;
use crate::graph::convert;
use crate::graph::mailbox::GraphMailbox;
use crate::graph::permission::Permission;
use crate::graph::wire;
use crate::model::{Message, MessageId, MessagePatch, Version};

impl GraphMailbox {
    pub(super) async fn change_message(
        &self,
        id: &MessageId,
        patch: &MessagePatch,
        version: Option<&Version>,
    ) -> Result<Message> {
        const OPERATION: &str = "update_message";
        id.require(Backend::Graph, OPERATION)?;
        let change = convert::message_patch(patch, OPERATION)?;
        if patch.is_for_drafts() {
            let checked = self.are_drafts(std::slice::from_ref(id), OPERATION).await?;
            checked.into_iter().collect::<Result<()>>()?;
        }
        self.change(id, &change, version, OPERATION).await?;
        self.message_back(id, OPERATION).await
    }

    pub(super) async fn change_messages(
        &self,
        ids: &[MessageId],
        patch: &MessagePatch,
    ) -> Result<Batch<()>> {
        const OPERATION: &str = "update_messages";
        // What is wrong with it is said before any request.
        let change = convert::message_patch(patch, OPERATION)?;
        let mut refused: Vec<Option<Error>> = ids.iter().map(|_| None).collect();
        let mut allowed = ids.to_vec();
        if patch.is_for_drafts() {
            let checked = self.are_drafts(ids, OPERATION).await?;
            refused = checked.into_iter().map(Result::err).collect();
            let kept = ids
                .iter()
                .zip(&refused)
                .filter(|(_, error)| error.is_none());
            allowed = kept.map(|(id, _)| id.clone()).collect();
        }
        let call = |raw: &str| {
            let patch = Call::patch(OPERATION, &["messages", raw], WRITE);
            patch.prefer("return=minimal").json(&change)
        };
        let mut changed = self.each(&allowed, OPERATION, call).await?.into_iter();
        let outcome = |refused: Option<Error>| match refused {
            Some(error) => Err(error),
            None => changed
                .next()
                .unwrap_or_else(|| Err(super::lacks(OPERATION, "answer")))
                .map(drop),
        };
        Ok(refused.into_iter().map(outcome).collect())
    }

    /// Makes one change.
    pub(super) async fn change(
        &self,
        id: &MessageId,
        change: &Map<String, Value>,
        version: Option<&Version>,
        operation: &'static str,
    ) -> Result<()> {
        let raw = id.require(Backend::Graph, operation)?;
        let call = Call::patch(operation, &["messages", raw], WRITE)
            .if_match(version)
            .json(change)?;
        self.client.done(&call).await
    }

    /// Refuses each message that was sent or received: its text and people stay.
    async fn are_drafts(&self, ids: &[MessageId], operation: &'static str) -> Result<Batch<()>> {
        let call = |raw: &str| {
            let get = Call::get(operation, &["messages", raw], Permission::MailReadBasic);
            Ok(get.query("$select", "id,isDraft"))
        };
        let read = self.each(ids, operation, call).await?.into_iter();
        let check = |answer: Result<_>| {
            let (call, answer): (Call, crate::graph::client::Answer) = answer?;
            let found: wire::Message = answer.json(&call)?;
            match found.is_draft {
                Some(true) => Ok(()),
                _ => Err(sent_already(operation)),
            }
        };
        Ok(read.map(check).collect())
    }
}

fn sent_already(operation: &'static str) -> Error {
    let problem = "the message is no draft, so its text and the people in it stay as they are";
    Error::new(ErrorKind::InvalidState, operation, problem)
        .with_backend(Backend::Graph)
        .with_hint(
            "Change what is the reader's own: read, flag, categories, importance, MAPI properties.",
        )
}
