use std::time::{Duration, Instant};

use exchange_connector::model::{
    Categories, DeleteMode, FolderId, FolderRef, FollowUpFlag, Importance, Message, MessageId,
    MessageLoad, MessagePatch, MessageQuery, Patch, SendOptions, WellKnownFolder,
};
use exchange_connector::simulator::Trouble;
use exchange_connector::{Effect, ErrorKind, Feature, Result};

use super::backend::{Backend, day};
use super::sending::{mail, messages, only};

const INBOX: WellKnownFolder = WellKnownFolder::Inbox;

/// So many messages in the Inbox of bob.
async fn received(b: &Backend, count: usize) -> Result<Vec<MessageId>> {
    for number in 0..count {
        b.plant_message("bob", "IPM.Note", &format!("Message {number}"));
    }
    let list = messages(b, "bob", INBOX).await?;
    Ok(list.into_iter().map(|one| one.id).collect())
}

fn unknown(b: &Backend) -> MessageId {
    // Of the right form, but of nothing.
    MessageId::from_raw(b.protocol(), "AAMkAGFhMTExAAA=")
}

pub(super) async fn sent_mail_stays_as_it_is(b: &Backend) -> Result<()> {
    b.mailbox("alice").send(mail(), SendOptions::new()).await?;
    for (person, folder) in [("alice", WellKnownFolder::SentItems), ("bob", INBOX)] {
        let mailbox = b.mailbox(person);
        let there = only(b, person, folder).await?;
        let patch = MessagePatch::new().subject("Other");
        let refused = mailbox
            .update_message(&there.id, patch.clone(), None)
            .await
            .unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidState, "{refused}");
        assert_eq!(refused.effect(), Effect::None);
        let ids = [there.id.clone(), unknown(b)];
        let refused = mailbox.update_messages(&ids, patch).await?;
        let kinds: Vec<_> = refused
            .into_iter()
            .map(|one| one.unwrap_err().kind())
            .collect();
        assert_eq!(kinds[0], ErrorKind::InvalidState);
        // What is the reader's own may be changed.
        let own = MessagePatch::new()
            .importance(Importance::High)
            .is_read(true);
        let changed = mailbox.update_message(&there.id, own, None).await?;
        assert_eq!(changed.importance, Importance::High);
        assert_eq!(changed.subject, "Minutes");
    }
    Ok(())
}

pub(super) async fn marked_in_batches(b: &Backend) -> Result<()> {
    let mut ids = received(b, 3).await?;
    let mailbox = b.mailbox("bob");
    ids.insert(1, unknown(b));
    let foreign = MessageId::from_raw(b.other_protocol(), "x");
    ids.push(foreign);
    let categories = Categories::from(["Blue".to_owned(), "Red".to_owned()]);
    for (patch, is_as_said) in [
        (
            MessagePatch::new().is_read(true),
            (|one| one.is_read) as fn(&Message) -> bool,
        ),
        (MessagePatch::new().is_read(Patch::Clear), |one| {
            !one.is_read
        }),
        (MessagePatch::new().flag(FollowUpFlag::flagged()), |one| {
            one.flag == FollowUpFlag::flagged()
        }),
        (
            MessagePatch::new().flag(FollowUpFlag::due(day("2026-03-05"))),
            |one| {
                one.flag
                    == FollowUpFlag::Flagged {
                        start: Some(day("2026-03-05")),
                        due: Some(day("2026-03-05")),
                    }
            },
        ),
        (MessagePatch::new().flag(FollowUpFlag::complete()), |one| {
            matches!(one.flag, FollowUpFlag::Complete { .. })
        }),
        (MessagePatch::new().flag(Patch::Clear), |one| {
            one.flag == FollowUpFlag::NotFlagged
        }),
        (MessagePatch::new().categories(categories), |one| {
            one.categories.len() == 2
        }),
        (MessagePatch::new().categories(Patch::Clear), |one| {
            one.categories.is_empty()
        }),
    ] {
        let outcomes = mailbox.update_messages(&ids, patch.clone()).await?;
        let kinds: Vec<_> = outcomes
            .iter()
            .map(|one| one.as_ref().err().map(|error| error.kind()))
            .collect();
        let [first, missing, second, third, foreign] = <[_; 5]>::try_from(kinds).unwrap();
        assert_eq!((first, second, third), (None, None, None), "{outcomes:?}");
        assert!(
            matches!(missing, Some(ErrorKind::NotFound | ErrorKind::InvalidId)),
            "{missing:?}"
        );
        assert_eq!(foreign, Some(ErrorKind::InvalidId));
        let known = [ids[0].clone(), ids[2].clone(), ids[3].clone()];
        for read in mailbox
            .get_messages(&known, &MessageLoad::summary())
            .await?
        {
            let read = read?;
            assert!(is_as_said(&read), "{patch:?} made {read:#?}");
        }
    }
    let nothing = mailbox.update_messages(&ids, MessagePatch::new()).await;
    assert_eq!(nothing.unwrap_err().kind(), ErrorKind::InvalidArgument);
    assert_eq!(
        mailbox
            .update_messages(&[], MessagePatch::new().is_read(true))
            .await?
            .len(),
        0
    );
    let endless = FollowUpFlag::Flagged {
        start: Some(day("2026-03-05")),
        due: None,
    };
    let before = b.requests();
    let endless = mailbox
        .update_messages(&ids, MessagePatch::new().flag(endless))
        .await;
    assert_eq!(endless.unwrap_err().kind(), ErrorKind::InvalidArgument);
    assert_eq!(b.requests(), before);
    Ok(())
}

pub(super) async fn many_messages_take_few_requests(b: &Backend) -> Result<()> {
    let ids = received(b, 120).await?;
    let mailbox = b.mailbox("bob");
    let before = b.requests();
    let outcomes = mailbox
        .update_messages(&ids, MessagePatch::new().is_read(true))
        .await?;
    assert!(outcomes.iter().all(Result::is_ok));
    let batch = b.capabilities().limits.batch_items.unwrap() as usize;
    assert_eq!((b.requests() - before) as usize, ids.len().div_ceil(batch));
    // What comes after a failure says what became of it.
    b.fail_after(1, Trouble::DropAfter);
    let outcomes = mailbox.delete_messages(&ids, DeleteMode::Permanent).await?;
    let effects: Vec<_> = outcomes
        .iter()
        .map(|one| one.as_ref().err().map(|error| error.effect()))
        .collect();
    assert!(effects[..batch].iter().all(Option::is_none));
    assert!(
        effects[batch..2 * batch]
            .iter()
            .all(|one| *one == Some(Effect::Unknown))
    );
    assert!(effects[2 * batch..].iter().all(Option::is_none));
    assert_eq!(b.count("bob", "inbox"), 0);
    b.fail(Trouble::DropBefore);
    let lost = mailbox.delete_messages(&ids, DeleteMode::Permanent).await;
    let effect = match &lost {
        Ok(outcomes) => outcomes[0].as_ref().unwrap_err().effect(),
        Err(error) => error.effect(),
    };
    assert_eq!(effect, Effect::Unknown, "{lost:?}");
    Ok(())
}

pub(super) async fn a_busy_server_is_asked_again_for_what_it_refused(b: &Backend) -> Result<()> {
    let ids = received(b, 3).await?;
    let mailbox = b.persistent("bob");
    let before = b.requests();
    b.fail(Trouble::Item {
        at: 1,
        code: "ErrorServerBusy",
        back_off: Some(200),
    });
    let start = Instant::now();
    let outcomes = mailbox
        .update_messages(&ids, MessagePatch::new().is_read(true))
        .await?;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert!(start.elapsed() >= Duration::from_millis(200));
    assert_eq!(b.requests() - before, 2);
    assert_eq!(b.parts_of_last_change(), 1);

    // What the server did not come to is sent once more; a long wait is the program's.
    for (code, back_off, is_done, requests) in [
        ("ErrorBatchProcessingStopped", None, true, 2),
        ("ErrorServerBusy", Some(600_000), false, 1),
        ("ErrorItemCorrupt", None, false, 1),
    ] {
        // One that was told to rest would rest.
        let mailbox = b.persistent("bob");
        let before = b.requests();
        b.fail(Trouble::Item {
            at: 2,
            code,
            back_off,
        });
        let patch = MessagePatch::new().flag(FollowUpFlag::flagged());
        let outcomes = mailbox.update_messages(&ids, patch).await?;
        assert!(outcomes[0].is_ok() && outcomes[1].is_ok(), "{outcomes:?}");
        assert_eq!(outcomes[2].is_ok(), is_done, "{code}: {outcomes:?}");
        assert_eq!(b.requests() - before, requests, "{code}");
    }
    // Not for ever.
    let before = b.requests();
    for _ in 0..5 {
        b.fail(Trouble::Message {
            code: "ErrorServerBusy",
            back_off: Some(1),
        });
    }
    let outcomes = mailbox
        .update_messages(&ids, MessagePatch::new().is_read(false))
        .await;
    // Said of each, or of all at once.
    let kinds: Vec<_> = match outcomes {
        Ok(outcomes) => outcomes
            .into_iter()
            .map(|one| one.unwrap_err().kind())
            .collect(),
        Err(error) => {
            assert_eq!(error.effect(), Effect::None, "{error:?}");
            vec![error.kind(); ids.len()]
        }
    };
    assert_eq!(kinds, [ErrorKind::Throttled; 3]);
    assert_eq!(b.requests() - before, 5);
    Ok(())
}

pub(super) async fn moved_and_copied(b: &Backend) -> Result<()> {
    let ids = received(b, 2).await?;
    let mailbox = b.mailbox("bob");
    let summary = MessageLoad::summary();
    let immutable = b
        .connector("bob")
        .capabilities()
        .supports(Feature::ImmutableIds);
    let asked = [ids[0].clone(), unknown(b)];
    let to = FolderRef::WellKnown(WellKnownFolder::JunkEmail);
    let mut moved = mailbox.move_messages(&asked, &to).await?;
    assert!(moved.pop().unwrap().is_err());
    let moved = moved.pop().unwrap()?;
    let there = mailbox.get_message(&moved, &summary).await?;
    assert_eq!(b.count("bob", "junkemail"), 1);
    let old = mailbox.get_message(&ids[0], &summary).await;
    assert_eq!(old.is_ok(), immutable);
    if let Err(error) = old {
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }

    let copied = mailbox.copy_messages(&ids[1..], &to).await?.remove(0)?;
    assert_ne!(copied, ids[1]);
    let copy = mailbox.get_message(&copied, &summary).await?;
    let original = mailbox.get_message(&ids[1], &summary).await?;
    assert_eq!(
        (copy.subject, copy.folder_id),
        (original.subject, there.folder_id)
    );
    assert_eq!(
        (b.count("bob", "inbox"), b.count("bob", "junkemail")),
        (1, 2)
    );

    let nowhere = FolderRef::Id(FolderId::from_raw(b.protocol(), "AQMkAGFhMTExAAA="));
    let lost = mailbox.move_messages(&ids[1..], &nowhere).await?;
    assert!(lost[0].is_err());
    b.fail(Trouble::DropAfter);
    let lost = mailbox.copy_messages(&ids[1..], &to).await;
    let effect = match lost {
        Ok(mut outcomes) => outcomes.remove(0).unwrap_err().effect(),
        Err(error) => error.effect(),
    };
    assert_eq!(effect, Effect::Unknown);
    Ok(())
}

pub(super) async fn deleted_three_ways(b: &Backend) -> Result<()> {
    let ids = received(b, 3).await?;
    let mailbox = b.mailbox("bob");
    for (id, mode) in ids.iter().zip([
        DeleteMode::Trash,
        DeleteMode::Recoverable,
        DeleteMode::Permanent,
    ]) {
        let one = std::slice::from_ref(id);
        mailbox.delete_messages(one, mode).await?.remove(0)?;
        let again = mailbox.delete_messages(one, mode).await?.remove(0);
        // What can still be taken back is found by an id that stays.
        let is_there = mode != DeleteMode::Permanent && b.can(Feature::ImmutableIds);
        match is_there {
            true => again?,
            false => assert_eq!(again.unwrap_err().kind(), ErrorKind::NotFound),
        }
        let read = mailbox.get_message(id, &MessageLoad::summary()).await;
        assert_eq!(read.is_ok(), is_there, "{mode:?}: {read:?}");
    }
    assert_eq!(b.count("bob", "inbox"), 0);
    assert_eq!(b.count("bob", "deleteditems"), 1);
    Ok(())
}

pub(super) async fn what_was_deleted_can_be_taken_back(b: &Backend) -> Result<()> {
    let folder = MessageQuery::new(WellKnownFolder::RecoverableDeletions);
    let mailbox = b.mailbox("bob");
    // Refused without a request where there is no such folder.
    mailbox.list_messages(folder.clone()).collect().await?;
    let ids = received(b, 1).await?;
    mailbox
        .delete_messages(&ids, DeleteMode::Recoverable)
        .await?
        .remove(0)?;
    let found = mailbox.list_messages(folder).collect().await?;
    let found: Vec<_> = found.into_iter().map(|one| one.id).collect();
    assert_eq!(found.len(), 1);
    let to = FolderRef::WellKnown(INBOX);
    mailbox.move_messages(&found, &to).await?.remove(0)?;
    assert_eq!(b.count("bob", "inbox"), 1);
    Ok(())
}
