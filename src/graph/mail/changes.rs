//! Following the messages of a folder.

use super::load::Load;
use crate::connector::Backend;
use crate::error::{ErrorKind, Result};
use crate::graph::call::Call;
use crate::graph::convert;
use crate::graph::mailbox::GraphMailbox;
use crate::graph::page::Page;
use crate::graph::permission::Permission;
use crate::graph::sync::{Synced, sized};
use crate::graph::wire;
use crate::model::{FolderRef, MessageChange, MessageId, MessageLoad, SyncPage, SyncRequest};

const OPERATION: &str = "sync_messages";

/// What such tokens are called.
const KIND: &str = "messages";

/// How many changes come at once at most.
const MOST: u32 = 500;

impl GraphMailbox {
    pub(super) async fn changed_messages(
        &self,
        request: SyncRequest<FolderRef>,
    ) -> Result<SyncPage<MessageChange>> {
        let folder = convert::folder_path(&request.scope, OPERATION)?;
        let load = self.load(&MessageLoad::summary());
        let path = ["mailFolders", folder.as_str(), "messages", "delta"];
        let first = load.ask(Call::get(OPERATION, &path, Permission::MailRead));
        let first = sized(first, Some(request.page_size.unwrap_or(MOST).min(MOST)))?;
        let token = request.token.as_ref();
        let synced = self.sync_page(KIND, request.scope, token, &first).await?;
        let Synced::<wire::Message> {
            page,
            token,
            more,
            full,
        } = synced;
        let changes = self.message_changes(page, &load).await?;
        Ok(SyncPage::new(changes, token).more(more).full(full))
    }

    /// What each row says. Rows that say just what changed are read.
    async fn message_changes(
        &self,
        page: Page<wire::Message>,
        load: &Load,
    ) -> Result<Vec<MessageChange>> {
        let mut changes: Vec<Option<MessageChange>> = Vec::with_capacity(page.items.len());
        let mut open: Vec<(usize, MessageId)> = Vec::new();
        for row in page.items {
            let wire = match row {
                Ok(wire) => wire,
                Err(damaged) => {
                    let Some(id) = damaged.id else {
                        continue;
                    };
                    let why = damaged.problem.to_string();
                    let id = MessageId::from_raw(Backend::Graph, id);
                    changes.push(Some(MessageChange::Unreadable { id, why }));
                    continue;
                }
            };
            let Some(id) = convert::raw_message_id(&wire) else {
                continue;
            };
            if wire.removed.is_some() {
                changes.push(Some(MessageChange::Deleted(id)));
            } else if lacks_something(&wire) {
                open.push((changes.len(), id));
                changes.push(None);
            } else if convert::is_message(&wire) {
                let message = load.read(&wire, OPERATION)?;
                changes.push(Some(MessageChange::Upserted(Box::new(message))));
            }
        }
        let ids: Vec<MessageId> = open.iter().map(|(_, id)| id.clone()).collect();
        let read = self.messages_by_id(&ids, &load.wanted, OPERATION).await?;
        for ((at, id), read) in open.into_iter().zip(read) {
            if let Some(slot) = changes.get_mut(at) {
                *slot = Some(change_of(id, read)?);
            }
        }
        Ok(changes.into_iter().flatten().collect())
    }
}

/// What is wrong with one message must not keep the others back; all else is an error.
fn change_of(id: MessageId, read: Result<crate::model::Message>) -> Result<MessageChange> {
    match read {
        Ok(message) => Ok(MessageChange::Upserted(Box::new(message))),
        // It was deleted since: the next round says so again.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(MessageChange::Deleted(id)),
        Err(error) if error.is_of_one_item() => {
            let why = error.to_string();
            Ok(MessageChange::Unreadable { id, why })
        }
        Err(error) => Err(error),
    }
}

/// Whether the server said just what changed.
fn lacks_something(wire: &wire::Message) -> bool {
    let needed: [bool; 5] = [
        wire.change_key.is_some(),
        wire.created_date_time.is_some(),
        wire.subject.is_some() || wire.is_draft == Some(true) || wire.sender.is_some(),
        wire.is_read.is_some(),
        wire.single_value_extended_properties.is_some(),
    ];
    needed.contains(&false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn rows_that_say_just_what_changed() {
        let whole = r#"{"id":"a","changeKey":"k","createdDateTime":"2026-03-02T09:00:00Z","subject":"s",
            "isRead":true,"singleValueExtendedProperties":[]}"#;
        assert!(!lacks_something(&serde_json::from_str(whole).unwrap()));
        let part = r#"{"id":"a","isRead":true}"#;
        assert!(lacks_something(&serde_json::from_str(part).unwrap()));
    }

    #[test]
    fn one_that_cannot_be_read() {
        let id = || MessageId::from_raw(Backend::Graph, "a");
        let of = |kind| change_of(id(), Err(Error::new(kind, "t", "no")));
        assert_eq!(
            of(ErrorKind::NotFound).unwrap(),
            MessageChange::Deleted(id())
        );
        assert!(matches!(
            of(ErrorKind::DataCorrupt),
            Ok(MessageChange::Unreadable { .. })
        ));
        assert!(of(ErrorKind::Throttled).is_err());
    }
}
