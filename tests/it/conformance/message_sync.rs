//! Following the messages of a folder, and the folders of a mailbox.

use std::collections::{BTreeMap, BTreeSet};

use exchange_connector::model::{
    Categories, DeleteMode, Folder, FolderChange, FolderId, FolderQuery, FolderRef, Message,
    MessageChange, MessageId, MessagePatch, MessageQuery, SyncPage, SyncRequest, SyncToken,
    WellKnownFolder,
};
use exchange_connector::simulator::Trouble;
use exchange_connector::{ErrorKind, MailboxTarget, Result};
use serde_json::json;

use super::backend::{Backend, address};

fn inbox() -> FolderRef {
    WellKnownFolder::Inbox.into()
}

/// A token as a program has it that has just started and read it from a file.
fn stored(token: Option<&SyncToken>) -> Option<SyncToken> {
    let text = serde_json::to_string(&token).unwrap();
    serde_json::from_str(&text).unwrap()
}

async fn page(
    b: &Backend,
    token: Option<&SyncToken>,
    size: Option<u32>,
) -> Result<SyncPage<MessageChange>> {
    let mut request = SyncRequest::from_start(inbox());
    (request.token, request.page_size) = (stored(token), size);
    b.mailbox("alice").sync_messages(request).await
}

/// What a program keeps of the Inbox.
#[derive(Default)]
struct Kept {
    messages: BTreeMap<MessageId, Message>,
    token: Option<SyncToken>,
    read_states: usize,
}

impl Kept {
    /// Follows to the end of a round; returns how many changes came.
    async fn follow(&mut self, b: &Backend, size: Option<u32>) -> Result<usize> {
        let (mut count, mut named) = (0, BTreeSet::new());
        // Who goes on in the middle of a round has not seen all of it.
        let is_whole = self.token.is_none();
        loop {
            let page = page(b, self.token.as_ref(), size).await?;
            assert!(page.changes.len() <= size.unwrap_or(512) as usize);
            count += page.changes.len();
            for change in page.changes {
                match change {
                    MessageChange::Upserted(message) => {
                        named.insert(message.id.clone());
                        self.messages.insert(message.id.clone(), *message);
                    }
                    MessageChange::ReadState { id, is_read } => {
                        self.read_states += 1;
                        self.messages.get_mut(&id).unwrap().is_read = is_read;
                    }
                    MessageChange::Deleted(id) => drop(self.messages.remove(&id)),
                    other => panic!("{other:?}"),
                }
            }
            self.token = Some(page.token);
            if !page.more {
                if page.full && is_whole {
                    self.messages.retain(|id, _| named.contains(id));
                }
                return Ok(count);
            }
        }
    }

    /// Whether what is kept is what a fresh listing gives; a read flag changes the version too.
    async fn assert_fresh(&self, b: &Backend, when: &str) -> Result<()> {
        let query = MessageQuery::new(inbox());
        let listed = b.mailbox("alice").list_messages(query).collect().await?;
        let state = |message: &Message| {
            (
                message.subject.clone(),
                message.is_read,
                message.categories.clone(),
                message.flag,
                message.from.clone(),
            )
        };
        let listed: BTreeMap<_, _> = listed
            .iter()
            .map(|one| (one.id.clone(), state(one)))
            .collect();
        let kept: BTreeMap<_, _> = self
            .messages
            .iter()
            .map(|(id, one)| (id.clone(), state(one)))
            .collect();
        assert_eq!(kept, listed, "{when}");
        Ok(())
    }
}

fn red() -> Categories {
    Categories::from(["Red".to_owned()])
}

fn plant(b: &Backend, subject: &str) -> MessageId {
    b.plant_item(
        "alice",
        "inbox",
        &format!("<t:Message><t:Subject>{subject}</t:Subject></t:Message>"),
    )
}

pub(super) async fn the_first_round_has_all_messages(b: &Backend) -> Result<()> {
    let empty = page(b, None, None).await?;
    assert!(empty.full && empty.changes.is_empty() && !empty.more);
    for number in 0..5 {
        plant(b, &format!("m{number}"));
    }
    for size in [None, Some(1), Some(2), Some(5), Some(512), Some(10_000)] {
        let mut kept = Kept::default();
        assert_eq!(kept.follow(b, size).await?, 5, "{size:?}");
        kept.assert_fresh(b, "first").await?;
        assert_eq!(kept.follow(b, size).await?, 0);
    }
    // A listing says the same of each.
    let mut kept = Kept::default();
    kept.follow(b, None).await?;
    let listed = b
        .mailbox("alice")
        .list_messages(MessageQuery::new(inbox()))
        .collect()
        .await?;
    for message in listed {
        assert_eq!(kept.messages[&message.id], message);
    }
    let wrong = page(b, None, Some(0)).await.unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::InvalidArgument);
    Ok(())
}

pub(super) async fn each_change_of_a_message_shows_up(b: &Backend) -> Result<()> {
    let ids: Vec<_> = (0..6)
        .map(|number| plant(b, &format!("m{number}")))
        .collect();
    let mailbox = b.mailbox("alice");
    let mut kept = Kept::default();
    kept.follow(b, None).await?;

    mailbox
        .update_messages(&[ids[0].clone()], MessagePatch::new().is_read(true))
        .await?
        .remove(0)?;
    assert!(kept.follow(b, None).await? >= 1);
    assert!(kept.messages[&ids[0]].is_read);
    kept.assert_fresh(b, "read").await?;

    let patch = MessagePatch::new().categories(red());
    mailbox.update_message(&ids[1], patch, None).await?;
    mailbox
        .move_messages(&[ids[2].clone()], &WellKnownFolder::JunkEmail.into())
        .await?
        .remove(0)?;
    mailbox
        .delete_messages(&[ids[3].clone()], DeleteMode::Trash)
        .await?
        .remove(0)?;
    mailbox
        .delete_messages(&[ids[4].clone()], DeleteMode::Permanent)
        .await?
        .remove(0)?;
    plant(b, "new");
    assert!(kept.follow(b, Some(2)).await? >= 5);
    kept.assert_fresh(b, "changed").await?;

    let junk = mailbox
        .list_messages(MessageQuery::new(WellKnownFolder::JunkEmail))
        .collect()
        .await?;
    mailbox
        .move_messages(&[junk[0].id.clone()], &inbox())
        .await?
        .remove(0)?;
    kept.follow(b, None).await?;
    kept.assert_fresh(b, "moved back").await?;
    assert_eq!(kept.messages.len(), 5);
    Ok(())
}

/// EWS says of a read flag that it changed, and nothing else.
pub(super) async fn a_read_flag_comes_alone(b: &Backend) -> Result<()> {
    let id = plant(b, "m");
    let mut kept = Kept::default();
    kept.follow(b, None).await?;
    b.mailbox("alice")
        .update_messages(&[id], MessagePatch::new().is_read(true))
        .await?
        .remove(0)?;
    assert_eq!(kept.follow(b, None).await?, 1);
    assert_eq!(kept.read_states, 1);
    kept.assert_fresh(b, "read").await
}

pub(super) async fn message_tokens_are_good_after_every_page(b: &Backend) -> Result<()> {
    for number in 0..7 {
        plant(b, &format!("m{number}"));
    }
    // What was known at each place.
    let mut places = vec![(None, Kept::default().messages)];
    let mut kept = Kept::default();
    loop {
        let page = page(b, kept.token.as_ref(), Some(2)).await?;
        assert!(page.full);
        kept.token = Some(page.token.clone());
        for change in page.changes {
            if let MessageChange::Upserted(message) = change {
                kept.messages.insert(message.id.clone(), *message);
            }
        }
        places.push((kept.token.clone(), kept.messages.clone()));
        if !page.more {
            break;
        }
        // Mail arrives in the middle of the round.
        plant(b, "meanwhile");
        if places.len() > 6 {
            break;
        }
    }
    for (token, messages) in places {
        let mut again = Kept {
            token,
            messages,
            ..Kept::default()
        };
        again.follow(b, Some(3)).await?;
        // What arrived in the middle of a round may come with the next one.
        again.follow(b, None).await?;
        for message in b
            .mailbox("alice")
            .list_messages(MessageQuery::new(inbox()))
            .collect()
            .await?
        {
            assert!(
                again.messages.contains_key(&message.id),
                "{}",
                message.subject
            );
        }
    }
    Ok(())
}

pub(super) async fn message_tokens_of_something_else(b: &Backend) -> Result<()> {
    plant(b, "m");
    let mailbox = b.mailbox("alice");
    let token = page(b, None, None).await?.token;
    let folders = mailbox
        .sync_folders(SyncRequest::from_start(()))
        .await?
        .token;
    let junk = FolderRef::from(WellKnownFolder::JunkEmail);
    let before = b.requests();
    let error = mailbox
        .sync_messages(SyncRequest::since(junk, token.clone()))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error:?}");
    let shared = b
        .connector("alice")
        .mailbox(&MailboxTarget::shared(address("bob")))?;
    let error = shared
        .sync_messages(SyncRequest::since(inbox(), token.clone()))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error:?}");
    let error = shared
        .sync_folders(SyncRequest::since((), folders.clone()))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error:?}");
    for (messages, folders) in [(folders, token), (foreign(json!("?")), foreign(json!({})))] {
        let error = mailbox
            .sync_messages(SyncRequest::since(inbox(), messages))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SyncStateInvalid, "{error:?}");
        let error = mailbox
            .sync_folders(SyncRequest::since((), folders))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SyncStateInvalid, "{error:?}");
    }
    assert_eq!(b.requests(), before);
    Ok(())
}

fn foreign(data: serde_json::Value) -> SyncToken {
    serde_json::from_value(json!(data.to_string())).unwrap()
}

pub(super) async fn message_states_expire(b: &Backend) -> Result<()> {
    plant(b, "a");
    let mut kept = Kept::default();
    kept.follow(b, None).await?;
    let folders = b
        .mailbox("alice")
        .sync_folders(SyncRequest::from_start(()))
        .await?
        .token;
    b.expire_sync_states();
    plant(b, "b");
    let error = kept.follow(b, None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SyncStateInvalid);
    let error = b
        .mailbox("alice")
        .sync_folders(SyncRequest::since((), folders))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SyncStateInvalid);
    kept.token = None;
    assert_eq!(kept.follow(b, None).await?, 2);
    kept.assert_fresh(b, "again").await
}

/// A busy server that says so within an answer of success is not believed to have nothing new.
pub(super) async fn a_busy_server_is_no_progress(b: &Backend) -> Result<()> {
    plant(b, "a");
    let mut kept = Kept::default();
    kept.follow(b, None).await?;
    plant(b, "b");
    for code in ["ErrorServerBusy", "ErrorInternalServerTransientError"] {
        b.fail(Trouble::Message {
            code,
            back_off: Some(1000),
        });
        let error = kept.follow(b, None).await.unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::Throttled | ErrorKind::Unavailable),
            "{error:?}"
        );
    }
    assert_eq!(kept.follow(b, None).await?, 1);
    kept.assert_fresh(b, "at last").await
}

pub(super) async fn an_answer_without_a_state_is_none(b: &Backend) -> Result<()> {
    plant(b, "a");
    let mut kept = Kept::default();
    kept.follow(b, None).await?;
    plant(b, "b");
    let answer = page(b, kept.token.as_ref(), None).await.map(drop);
    assert!(answer.is_ok());
    let envelope = b.last_answer();
    let (before, rest) = envelope.split_once("<m:SyncState>").unwrap();
    let (_, after) = rest.split_once("</m:SyncState>").unwrap();
    b.answer_next(format!("{before}<m:SyncState></m:SyncState>{after}"));
    let error = kept.follow(b, None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol, "{error:?}");
    assert_eq!(kept.follow(b, None).await?, 1);
    kept.assert_fresh(b, "at last").await
}

pub(super) async fn a_damaged_message_does_not_stop_a_round(b: &Backend) -> Result<()> {
    for number in 0..3 {
        plant(b, &format!("m{number}"));
    }
    let corrupt = || Trouble::Message {
        code: "ErrorItemCorrupt",
        back_off: None,
    };
    // The answer as a whole is refused: each is read by itself.
    b.fail(corrupt());
    let first = page(b, None, None).await?;
    assert_eq!(first.changes.len(), 3);
    assert!(
        first
            .changes
            .iter()
            .all(|change| matches!(change, MessageChange::Upserted(one) if one.size.is_some()))
    );
    // Nor can they be read by themselves.
    b.fail(corrupt());
    b.fail_after(2, corrupt());
    let first = page(b, None, None).await?;
    assert!(
        first
            .changes
            .iter()
            .all(|change| matches!(change, MessageChange::Unreadable { .. })),
        "{:?}",
        first.changes
    );
    assert_eq!((first.changes.len(), first.more), (3, false));
    Ok(())
}

pub(super) async fn any_edits_of_a_folder(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let mut kept = Kept::default();
    let mut random = 88_172_645_463_325_252_u64;
    let mut next = move |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random % below as u64) as usize
    };
    for round in 0..12 {
        for _ in 0..next(6) {
            let ids: Vec<_> = kept.messages.keys().cloned().collect();
            match (next(5), ids.is_empty()) {
                (0, _) | (_, true) => drop(plant(b, &format!("m{round}"))),
                (what, false) => {
                    let one = [ids[next(ids.len())].clone()];
                    // It may be gone by an edit of this very round.
                    match what {
                        1 => drop(
                            mailbox
                                .update_messages(&one, MessagePatch::new().is_read(next(2) == 0))
                                .await?,
                        ),
                        2 => drop(
                            mailbox
                                .update_messages(&one, MessagePatch::new().categories(red()))
                                .await?,
                        ),
                        3 => drop(
                            mailbox
                                .move_messages(&one, &WellKnownFolder::JunkEmail.into())
                                .await?,
                        ),
                        _ => drop(mailbox.delete_messages(&one, DeleteMode::Permanent).await?),
                    }
                }
            }
        }
        kept.follow(b, Some(1 + next(4) as u32)).await?;
        kept.assert_fresh(b, &format!("round {round}")).await?;
    }
    Ok(())
}

pub(super) async fn folders_are_followed(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let mut kept: BTreeMap<FolderId, Folder> = BTreeMap::new();
    let mut token: Option<SyncToken> = None;
    let mut follow = async || {
        let (mut count, mut is_full) = (0, false);
        loop {
            let mut request = SyncRequest::from_start(());
            request.token = stored(token.as_ref());
            let page = mailbox.sync_folders(request).await?;
            (token, is_full) = (Some(page.token), is_full | page.full);
            count += page.changes.len();
            for change in page.changes {
                match change {
                    FolderChange::Upserted(folder) => drop(kept.insert(folder.id.clone(), *folder)),
                    FolderChange::Deleted(id) => drop(kept.remove(&id)),
                    other => panic!("{other:?}"),
                }
            }
            if !page.more {
                let listed = mailbox
                    .list_folders(FolderQuery::tree().with_hidden())
                    .collect()
                    .await?;
                let place = |folder: &Folder| {
                    (
                        folder.name.clone(),
                        folder.parent.clone(),
                        folder.well_known,
                    )
                };
                let listed: BTreeMap<_, _> = listed
                    .iter()
                    .map(|one| (one.id.clone(), place(one)))
                    .collect();
                let own: BTreeMap<_, _> = kept
                    .iter()
                    .map(|(id, one)| (id.clone(), place(one)))
                    .collect();
                assert_eq!(own, listed);
                return Result::Ok((count, is_full));
            }
        }
    };
    assert!(follow().await?.1);
    assert_eq!(follow().await?, (0, false));
    let made = mailbox
        .create_folder(&WellKnownFolder::Inbox.into(), "Projects")
        .await?;
    let inner = mailbox
        .create_folder(&FolderRef::from(&made), "One")
        .await?;
    assert!(follow().await?.0 >= 2);
    mailbox.rename_folder(&inner.id, "Two").await?;
    mailbox
        .move_folder(&inner.id, &WellKnownFolder::Root.into())
        .await?;
    follow().await?;
    mailbox
        .delete_folder(&made.id, DeleteMode::Permanent)
        .await?;
    assert!(follow().await?.0 >= 1);
    Ok(())
}
