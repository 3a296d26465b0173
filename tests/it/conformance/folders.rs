//! Folders: the tree, what every mailbox has, making, renaming, moving, deleting and emptying them.

use std::collections::BTreeMap;

use exchange_connector::model::{
    DeleteMode, Folder, FolderId, FolderQuery, FolderRef, MessageQuery, WellKnownFolder,
};
use exchange_connector::simulator::{CalendarRights, SimulatedMessage, Trouble};
use exchange_connector::{Effect, ErrorKind, Feature, Mailbox, MailboxTarget, Result};

use super::backend::{Backend, address};

/// All there is, by name.
async fn tree(mailbox: &dyn Mailbox) -> Result<BTreeMap<String, Folder>> {
    let folders = mailbox.list_folders(FolderQuery::tree()).collect().await?;
    let named = folders
        .into_iter()
        .map(|folder| (folder.name.clone(), folder));
    Ok(named.collect())
}

fn mail(subjects: &[&str]) -> Vec<SimulatedMessage> {
    subjects
        .iter()
        .map(|subject| SimulatedMessage::new(*subject))
        .collect()
}

pub(super) async fn the_tree_of_a_mailbox(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let inbox = FolderRef::from(WellKnownFolder::Inbox);
    let projects = mailbox.create_folder(&inbox, "Projects").await?;
    let one = mailbox
        .create_folder(&FolderRef::from(&projects), "One")
        .await?;
    b.plant_messages("alice", "inbox", mail(&["a", "b"]));
    b.plant_messages(
        "alice",
        "inbox",
        vec![SimulatedMessage::new("c").read(true)],
    );

    let all = mailbox.list_folders(FolderQuery::tree()).collect().await?;
    for (place, folder) in all.iter().enumerate() {
        let above = all
            .iter()
            .position(|one| Some(&one.id) == folder.parent.as_ref());
        assert!(
            above.is_none_or(|above| above < place),
            "{} before its parent",
            folder.name
        );
    }
    let known: BTreeMap<_, _> = all
        .iter()
        .filter_map(|folder| Some((folder.well_known?, folder)))
        .collect();
    for expected in [
        WellKnownFolder::Inbox,
        WellKnownFolder::Drafts,
        WellKnownFolder::SentItems,
        WellKnownFolder::DeletedItems,
        WellKnownFolder::JunkEmail,
        WellKnownFolder::Outbox,
    ] {
        let folder = known[&expected];
        assert!(folder.holds_messages() && !folder.is_hidden, "{folder:?}");
        assert_eq!(
            mailbox.get_folder(&expected.into()).await?,
            **known.get(&expected).unwrap()
        );
    }
    let found = known[&WellKnownFolder::Inbox];
    assert_eq!(
        (found.total_items, found.unread_items, found.child_folders),
        (Some(3), Some(2), Some(1))
    );
    let mut calendars = all
        .iter()
        .filter(|folder| folder.class.as_deref() == Some("IPF.Appointment"));
    let calendar = calendars.next();
    assert_eq!(calendar.is_some(), b.can(Feature::FoldersOfAllKinds));
    assert!(calendar.is_none_or(|folder| !folder.holds_messages()));
    assert!(
        all.iter()
            .all(|folder| ![&projects, &one].contains(&folder) || folder.well_known.is_none())
    );

    let names = async |query: FolderQuery| {
        let listed = mailbox.list_folders(query).collect().await?;
        Result::Ok(
            listed
                .into_iter()
                .map(|folder| folder.name)
                .collect::<Vec<_>>(),
        )
    };
    assert_eq!(
        names(FolderQuery::children(inbox.clone())).await?,
        ["Projects"]
    );
    assert_eq!(
        names(FolderQuery::children(inbox).deep()).await?,
        ["Projects", "One"]
    );
    assert_eq!(names(FolderQuery::children(&one)).await?, [""; 0]);
    let gone = FolderId::from_raw(b.protocol(), one.id.as_raw());
    mailbox
        .delete_folder(&one.id, DeleteMode::Permanent)
        .await?;
    let error = names(FolderQuery::children(gone)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    Ok(())
}

pub(super) async fn hidden_folders(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    b.hidden_folder("Quick Steps").await?;
    assert!(!tree(&*mailbox).await?.contains_key("Quick Steps"));
    let all = mailbox
        .list_folders(FolderQuery::tree().with_hidden())
        .collect()
        .await?;
    let hidden = all
        .iter()
        .find(|folder| folder.name == "Quick Steps")
        .unwrap();
    assert!(hidden.is_hidden);
    let read = mailbox.get_folder(&FolderRef::from(hidden)).await?;
    assert!(read.is_hidden);
    Ok(())
}

/// Each folder is there, or is not in this mailbox, or not in this version.
pub(super) async fn folders_that_every_mailbox_has(b: &Backend) -> Result<()> {
    use WellKnownFolder as W;
    let mailbox = b.mailbox("alice");
    for folder in [
        W::Root,
        W::Inbox,
        W::Drafts,
        W::SentItems,
        W::DeletedItems,
        W::JunkEmail,
        W::Outbox,
        W::SearchFolders,
    ] {
        assert_eq!(
            mailbox.get_folder(&folder.into()).await?.well_known,
            Some(folder)
        );
    }
    for folder in [
        W::Archive,
        W::ConversationHistory,
        W::SyncIssues,
        W::Conflicts,
        W::LocalFailures,
        W::ServerFailures,
    ] {
        let before = b.requests();
        let error = mailbox.get_folder(&folder.into()).await.unwrap_err();
        let listed = mailbox
            .list_messages(MessageQuery::new(folder))
            .collect()
            .await
            .unwrap_err();
        assert_eq!(listed.kind(), error.kind());
        match error.kind() {
            ErrorKind::NotFound => {}
            ErrorKind::Unsupported => assert_eq!(b.requests(), before, "{folder:?}"),
            other => panic!("{folder:?}: {other:?}"),
        }
    }
    let foreign = FolderRef::Id(FolderId::from_raw(b.other_protocol(), "AAMk"));
    let error = mailbox.get_folder(&foreign).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidId);
    Ok(())
}

pub(super) async fn what_can_be_recovered(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let query = MessageQuery::new(WellKnownFolder::RecoverableDeletions);
    assert_eq!(mailbox.list_messages(query.clone()).collect().await?, []);
    b.plant_messages("alice", "inbox", mail(&["a"]));
    let listed = mailbox
        .list_messages(MessageQuery::new(WellKnownFolder::Inbox))
        .collect()
        .await?;
    mailbox
        .delete_messages(&[listed[0].id.clone()], DeleteMode::Recoverable)
        .await?
        .remove(0)?;
    let found = mailbox.list_messages(query).collect().await?;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].subject, "a");
    // What is deleted for good cannot.
    b.plant_messages("alice", "inbox", mail(&["b"]));
    let listed = mailbox
        .list_messages(MessageQuery::new(WellKnownFolder::Inbox))
        .collect()
        .await?;
    mailbox
        .delete_messages(&[listed[0].id.clone()], DeleteMode::Permanent)
        .await?
        .remove(0)?;
    let query = MessageQuery::new(WellKnownFolder::RecoverableDeletions);
    assert_eq!(mailbox.list_messages(query).collect().await?, found);
    Ok(())
}

pub(super) async fn made_renamed_moved_and_deleted(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let (root, inbox) = (WellKnownFolder::Root.into(), WellKnownFolder::Inbox.into());
    let made = mailbox.create_folder(&root, "Projects").await?;
    assert_eq!(
        (made.name.as_str(), made.total_items, made.well_known),
        ("Projects", Some(0), None)
    );
    assert!(made.holds_messages() && made.class.is_some());
    let again = mailbox.create_folder(&root, "Projects").await.unwrap_err();
    assert_eq!(again.kind(), ErrorKind::AlreadyExists);
    // Elsewhere it may be called the same.
    let inner = mailbox.create_folder(&inbox, "Projects").await?;
    b.plant_messages("alice", made.id.as_raw(), mail(&["kept"]));

    let renamed = mailbox.rename_folder(&made.id, "Work").await?;
    assert_eq!(
        (&renamed.id, renamed.name.as_str(), &renamed.class),
        (&made.id, "Work", &made.class)
    );
    let error = mailbox.rename_folder(&made.id, "Inbox").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);

    let moved = mailbox
        .move_folder(&made.id, &FolderRef::from(&inner))
        .await?;
    assert_eq!(
        (&moved.id, moved.parent.as_ref()),
        (&made.id, Some(&inner.id))
    );
    assert_eq!(moved.total_items, Some(1));
    let error = mailbox
        .move_folder(&inner.id, &FolderRef::from(&moved))
        .await
        .unwrap_err();
    assert!(
        matches!(
            error.kind(),
            ErrorKind::InvalidArgument | ErrorKind::InvalidState
        ),
        "{error:?}"
    );

    mailbox.delete_folder(&inner.id, DeleteMode::Trash).await?;
    let trash = FolderQuery::children(WellKnownFolder::DeletedItems).deep();
    let names: Vec<_> = mailbox
        .list_folders(trash)
        .collect()
        .await?
        .into_iter()
        .map(|one| one.name)
        .collect();
    assert_eq!(names, ["Projects", "Work"]);
    mailbox
        .delete_folder(&made.id, DeleteMode::Permanent)
        .await?;
    for error in [
        mailbox
            .delete_folder(&made.id, DeleteMode::Trash)
            .await
            .unwrap_err(),
        mailbox.rename_folder(&made.id, "x").await.unwrap_err(),
        mailbox.move_folder(&made.id, &root).await.unwrap_err(),
        mailbox
            .create_folder(&FolderRef::from(&made), "x")
            .await
            .unwrap_err(),
        mailbox
            .get_folder(&FolderRef::from(&made))
            .await
            .unwrap_err(),
    ] {
        assert_eq!(
            (error.kind(), error.effect()),
            (ErrorKind::NotFound, Effect::None),
            "{error:?}"
        );
    }
    Ok(())
}

pub(super) async fn what_may_not_be_done_to_folders(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let root = FolderRef::from(WellKnownFolder::Root);
    for name in ["", " ", "a\nb"] {
        let error = mailbox.create_folder(&root, name).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    }
    assert_eq!(b.requests(), 0);
    let folders = mailbox.list_folders(FolderQuery::tree()).collect().await?;
    for folder in folders {
        for error in [
            mailbox.rename_folder(&folder.id, "Mine").await.unwrap_err(),
            mailbox
                .move_folder(&folder.id, &WellKnownFolder::JunkEmail.into())
                .await
                .unwrap_err(),
            mailbox
                .delete_folder(&folder.id, DeleteMode::Trash)
                .await
                .unwrap_err(),
        ] {
            assert_eq!(
                error.kind(),
                ErrorKind::InvalidState,
                "{}: {error:?}",
                folder.name
            );
        }
    }
    let foreign = FolderId::from_raw(b.other_protocol(), "AAMk");
    let before = b.requests();
    let error = mailbox.rename_folder(&foreign, "x").await.unwrap_err();
    assert_eq!((error.kind(), b.requests()), (ErrorKind::InvalidId, before));
    Ok(())
}

pub(super) async fn folders_are_emptied(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let folder = mailbox
        .create_folder(&WellKnownFolder::Root.into(), "Old")
        .await?;
    let inner = mailbox
        .create_folder(&FolderRef::from(&folder), "Older")
        .await?;
    let target = FolderRef::from(&folder);
    let counts = async || {
        let folder = mailbox.get_folder(&target).await?;
        Result::Ok((folder.total_items.unwrap(), folder.child_folders.unwrap()))
    };
    for (mode, trash) in [
        (DeleteMode::Trash, 120),
        (DeleteMode::Recoverable, 120),
        (DeleteMode::Permanent, 120),
    ] {
        let messages = (0..120).map(|number| SimulatedMessage::new(format!("m{number}")));
        b.plant_messages("alice", folder.id.as_raw(), messages.collect());
        mailbox.empty_folder(&target, mode, false).await?;
        assert_eq!(counts().await?, (0, 1), "{mode:?}");
        assert_eq!(b.count("alice", "deleteditems"), trash);
    }
    b.plant_messages("alice", inner.id.as_raw(), mail(&["deep"]));
    mailbox
        .empty_folder(&target, DeleteMode::Permanent, true)
        .await?;
    assert_eq!(counts().await?, (0, 0));
    let trash = FolderRef::from(WellKnownFolder::DeletedItems);
    let error = mailbox
        .empty_folder(&trash, DeleteMode::Trash, true)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    mailbox
        .empty_folder(&trash, DeleteMode::Permanent, true)
        .await?;
    assert_eq!(b.count("alice", "deleteditems"), 0);
    mailbox
        .delete_folder(&folder.id, DeleteMode::Permanent)
        .await?;
    let error = mailbox
        .empty_folder(&target, DeleteMode::Trash, true)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error:?}");
    Ok(())
}

/// What is written, but not read back, is said to be written.
pub(super) async fn a_folder_that_is_not_read_back(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let root = FolderRef::from(WellKnownFolder::Root);
    b.fail_after(1, Trouble::DropBefore);
    let error = mailbox.create_folder(&root, "Projects").await.unwrap_err();
    assert_eq!(error.effect(), Effect::Partial, "{error:?}");
    assert!(tree(&*mailbox).await?.contains_key("Projects"));
    b.fail(Trouble::DropAfter);
    let error = mailbox.create_folder(&root, "More").await.unwrap_err();
    assert_eq!(error.effect(), Effect::Unknown, "{error:?}");
    Ok(())
}

pub(super) async fn folders_of_others(b: &Backend) -> Result<()> {
    let shared = b
        .connector("alice")
        .mailbox(&MailboxTarget::shared(address("bob")))?;
    let made = b
        .mailbox("bob")
        .create_folder(&WellKnownFolder::Inbox.into(), "Shared")
        .await?;
    b.grant_folder("bob", "msgfolderroot", "alice", CalendarRights::Editor);
    let folders = tree(&*shared).await?;
    assert_eq!(folders["Shared"].id, made.id);
    assert_eq!(folders["Inbox"].well_known, Some(WellKnownFolder::Inbox));
    let own = tree(&*b.mailbox("alice")).await?;
    assert_ne!(own["Inbox"].id, folders["Inbox"].id);
    let renamed = shared.rename_folder(&made.id, "Ours").await?;
    assert_eq!(renamed.name, "Ours");
    let error = shared
        .rename_folder(&folders["Inbox"].id, "x")
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidState);
    b.allow_impersonation("alice");
    let acting = b
        .service("alice")
        .mailbox(&MailboxTarget::act_as(address("bob")))?;
    assert_eq!(tree(&*acting).await?["Ours"].id, made.id);
    Ok(())
}
