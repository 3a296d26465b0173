//! Messages moved, copied and deleted.

use crate::calendar::Batch;
use crate::connector::Backend;
use crate::error::{Effect, Error, ErrorKind, Result};
use crate::ews::convert;
use crate::ews::mailbox::EwsMailbox;
use crate::ews::operation::{CopyItem, DeleteItem, Items, MoveItem};
use crate::ews::types::Item;
use crate::model::{DeleteMode, FolderRef, MessageId};

impl EwsMailbox {
    pub(super) async fn relocate(
        &self,
        ids: &[MessageId],
        to: &FolderRef,
    ) -> Result<Batch<MessageId>> {
        const OPERATION: &str = "move_messages";
        let folder = self.mail_folder(to, OPERATION)?;
        let request = |ids: &[_]| MoveItem::new(folder.clone(), ids.to_vec());
        let moved = self.each(ids, OPERATION, request).await?;
        let new_id = |items| new_id(items, "moved", OPERATION);
        Ok(moved.into_iter().map(|one| one.and_then(new_id)).collect())
    }

    pub(super) async fn duplicate(
        &self,
        ids: &[MessageId],
        to: &FolderRef,
    ) -> Result<Batch<MessageId>> {
        const OPERATION: &str = "copy_messages";
        let folder = self.mail_folder(to, OPERATION)?;
        let request = |ids: &[_]| CopyItem::new(folder.clone(), ids.to_vec());
        let copied = self.each(ids, OPERATION, request).await?;
        let new_id = |items| new_id(items, "copied", OPERATION);
        Ok(copied.into_iter().map(|one| one.and_then(new_id)).collect())
    }

    pub(super) async fn dispose(&self, ids: &[MessageId], mode: DeleteMode) -> Result<Batch<()>> {
        let delete_type = convert::delete_type(mode);
        let request = |ids: &[_]| DeleteItem::new(delete_type, ids.to_vec());
        self.each(ids, "delete_messages", request).await
    }
}

/// The new identifier. Servers say none of what went to another mailbox or to public folders, and
/// Exchange 2007 SP1 says none at all before its update rollup 4
/// (<https://support.microsoft.com/kb/956775>).
fn new_id(items: Items, done: &str, operation: &'static str) -> Result<MessageId> {
    let id = items.items.first().and_then(Item::item_id);
    id.map(|id| MessageId::from_raw(Backend::Ews, id.id.as_str()))
        .ok_or_else(|| {
            let problem = format!("the message was {done}, but the server does not say its new id");
            Error::new(ErrorKind::Protocol, operation, problem)
                .with_backend(Backend::Ews)
                .with_effect(Effect::Partial)
                .with_hint("List the folder to find it. Exchange 2007 SP1 tells new ids from its update rollup 4 on.")
        })
}
