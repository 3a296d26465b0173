//! Messages moved, copied and deleted.

use serde_json::json;

use super::draft::WRITE;
use crate::calendar::Batch;
use crate::connector::Backend;
use crate::error::{Effect, Error, ErrorKind, Result};
use crate::graph::call::Call;
use crate::graph::convert;
use crate::graph::mailbox::GraphMailbox;
use crate::graph::wire;
use crate::model::{DeleteMode, FolderRef, MessageId, WellKnownFolder};

impl GraphMailbox {
    pub(super) async fn relocate(
        &self,
        ids: &[MessageId],
        to: &FolderRef,
    ) -> Result<Batch<MessageId>> {
        self.put(ids, to, "move", "move_messages").await
    }

    pub(super) async fn duplicate(
        &self,
        ids: &[MessageId],
        to: &FolderRef,
    ) -> Result<Batch<MessageId>> {
        self.put(ids, to, "copy", "copy_messages").await
    }

    pub(super) async fn dispose(&self, ids: &[MessageId], mode: DeleteMode) -> Result<Batch<()>> {
        const OPERATION: &str = "delete_messages";
        let to = match mode {
            DeleteMode::Trash => WellKnownFolder::DeletedItems,
            DeleteMode::Recoverable => WellKnownFolder::RecoverableDeletions,
            DeleteMode::Permanent => {
                self.can_delete_for_good(OPERATION)?;
                let call = |raw: &str| {
                    let path = ["messages", raw, "permanentDelete"];
                    Ok(Call::post(OPERATION, &path, WRITE))
                };
                let gone = self.each(ids, OPERATION, call).await?;
                return Ok(gone.into_iter().map(|one| one.map(drop)).collect());
            }
        };
        let moved = self.put(ids, &to.into(), "move", OPERATION).await?;
        Ok(moved.into_iter().map(|one| one.map(drop)).collect())
    }

    /// Refuses what only some clouds can do.
    ///
    /// Source: <https://learn.microsoft.com/graph/api/message-permanentdelete>
    pub(super) fn can_delete_for_good(&self, operation: &'static str) -> Result<()> {
        if self.deletes_permanently {
            return Ok(());
        }
        let problem = "this cloud cannot delete for good";
        Err(Error::unsupported(operation, problem)
            .with_backend(Backend::Graph)
            .with_hint(
                "Delete with DeleteMode::Recoverable: the server removes it after some days.",
            ))
    }

    async fn put(
        &self,
        ids: &[MessageId],
        to: &FolderRef,
        action: &str,
        operation: &'static str,
    ) -> Result<Batch<MessageId>> {
        let folder = convert::folder_path(to, operation)?;
        let body = json!({ "destinationId": folder });
        let call = |raw: &str| Call::post(operation, &["messages", raw, action], WRITE).json(&body);
        let new_id = |answer: Result<(Call, crate::graph::client::Answer)>| {
            let (call, answer) = answer?;
            let there: wire::Message = answer.json(&call)?;
            convert::raw_message_id(&there).ok_or_else(|| without_id(operation))
        };
        let answers = self.each(ids, operation, call).await?;
        Ok(answers.into_iter().map(new_id).collect())
    }
}

fn without_id(operation: &'static str) -> Error {
    let problem = "it was done, but the server does not say the new id";
    Error::new(ErrorKind::Protocol, operation, problem)
        .with_backend(Backend::Graph)
        .with_effect(Effect::Partial)
        .with_hint("List the folder to find it.")
}
