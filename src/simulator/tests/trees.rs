//! Folders that move, are copied and emptied, and folders of everybody.

use super::*;

fn well_known(name: &str) -> String {
    format!("<t:DistinguishedFolderId Id=\"{name}\"/>")
}

fn by_id(id: &str) -> String {
    format!("<t:FolderId Id=\"{id}\"/>")
}

async fn make(simulator: &Simulator, parent: &str, name: &str) -> String {
    let body = format!(
        "<m:CreateFolder><m:ParentFolderId>{parent}</m:ParentFolderId><m:Folders><t:Folder><t:DisplayName>{name}</t:DisplayName></t:Folder></m:Folders></m:CreateFolder>"
    );
    let made = call(simulator, &body).await;
    made.attributes("FolderId", "Id").concat()
}

async fn relocate(simulator: &Simulator, operation: &str, to: &str, folder: &str) -> Reply {
    let body = format!(
        "<m:{operation}><m:ToFolderId>{to}</m:ToFolderId><m:FolderIds>{folder}</m:FolderIds></m:{operation}>"
    );
    call(simulator, &body).await
}

fn message(subject: &str) -> String {
    format!("<t:Message><t:Subject>{subject}</t:Subject></t:Message>")
}

#[tokio::test]
async fn folders_move_and_are_copied() {
    let simulator = start().await;
    let inbox = well_known("inbox");
    let outer = make(&simulator, &inbox, "Outer").await;
    let inner = make(&simulator, &by_id(&outer), "Inner").await;
    simulator.plant(ALICE, &inner, &message("Kept")).unwrap();

    let root = well_known("msgfolderroot");
    let moved = relocate(&simulator, "MoveFolder", &root, &by_id(&outer)).await;
    assert_eq!(moved.code(), "NoError");
    assert_eq!(moved.attributes("FolderId", "Id"), [outer.clone()]);
    let copied = relocate(&simulator, "CopyFolder", &inbox, &by_id(&outer)).await;
    let copy = copied.attributes("FolderId", "Id").concat();
    assert_ne!(copy, outer);
    assert_eq!(simulator.item_ids(ALICE, &inner).unwrap().len(), 1);
    let body = format!(
        "<m:FindFolder Traversal=\"Deep\"><m:FolderShape><t:BaseShape>Default</t:BaseShape></m:FolderShape><m:ParentFolderIds>{inbox}</m:ParentFolderIds></m:FindFolder>"
    );
    let below = call(&simulator, &body).await;
    assert_eq!(below.texts("DisplayName"), ["Outer", "Inner"]);
    assert_eq!(below.texts("TotalCount"), ["0", "1"]);

    // The name is taken, the way leads into itself, everybody has it.
    for (operation, to, folder, code) in [
        ("MoveFolder", &inbox, by_id(&outer), "ErrorMoveCopyFailed"),
        ("CopyFolder", &inbox, by_id(&outer), "ErrorMoveCopyFailed"),
        (
            "MoveFolder",
            &by_id(&inner),
            by_id(&outer),
            "ErrorMoveCopyFailed",
        ),
        (
            "MoveFolder",
            &by_id(&outer),
            well_known("drafts"),
            "ErrorMoveDistinguishedFolder",
        ),
    ] {
        let refused = relocate(&simulator, operation, to, &folder).await;
        assert_eq!(refused.code(), code, "{operation}");
    }
}

#[tokio::test]
async fn a_tree_tells_what_came_into_it_and_what_left() {
    let simulator = start().await;
    let inbox = well_known("inbox");
    let outer = make(&simulator, &inbox, "Outer").await;
    let elsewhere = make(&simulator, &well_known("msgfolderroot"), "Elsewhere").await;
    let sync = async |state: &str| {
        let state = match state {
            "" => String::new(),
            state => format!("<m:SyncState>{state}</m:SyncState>"),
        };
        let body = format!(
            "<m:SyncFolderHierarchy><m:FolderShape><t:BaseShape>Default</t:BaseShape></m:FolderShape><m:SyncFolderId>{inbox}</m:SyncFolderId>{state}</m:SyncFolderHierarchy>"
        );
        let told = call(&simulator, &body).await;
        (told.texts("SyncState").concat(), told)
    };
    let (state, first) = sync("").await;
    assert_eq!(first.texts("DisplayName"), ["Outer"]);
    assert_eq!(first.texts("Delete").len(), 0);

    // A folder that is older than the one it goes into comes after it.
    relocate(&simulator, "MoveFolder", &inbox, &by_id(&elsewhere)).await;
    let (state, came) = sync(&state).await;
    assert_eq!(came.texts("Create").len(), 1);
    let newer = make(&simulator, &inbox, "Newer").await;
    relocate(&simulator, "MoveFolder", &by_id(&newer), &by_id(&outer)).await;
    let (state, within) = sync(&state).await;
    assert_eq!(within.texts("DisplayName"), ["Newer", "Outer"]);
    assert_eq!(
        (within.texts("Create").len(), within.texts("Update").len()),
        (1, 1)
    );

    relocate(
        &simulator,
        "MoveFolder",
        &well_known("msgfolderroot"),
        &by_id(&elsewhere),
    )
    .await;
    let binned = format!(
        "<m:DeleteFolder DeleteType=\"MoveToDeletedItems\"><m:FolderIds>{}</m:FolderIds></m:DeleteFolder>",
        by_id(&newer)
    );
    call(&simulator, &binned).await;
    let (state, left) = sync(&state).await;
    let mut gone = left.attributes("FolderId", "Id");
    let mut expected = vec![elsewhere, newer, outer];
    (gone.sort(), expected.sort());
    assert_eq!((gone, left.texts("Delete").len()), (expected, 3));
    assert_eq!(sync(&state).await.1.texts("FolderId").len(), 0);
    simulator.expire_sync_states();
    assert_eq!(sync(&state).await.1.code(), "ErrorInvalidSyncStateData");
}

#[tokio::test]
async fn folders_are_emptied_and_read() {
    let simulator = start().await;
    let junk = well_known("junkemail");
    let inner = make(&simulator, &junk, "Inner").await;
    for folder in ["junkemail", &inner] {
        simulator.plant(ALICE, folder, &message("Offer")).unwrap();
    }
    let empty = async |folder: &str, how: &str, deep: bool| {
        let body = format!(
            "<m:EmptyFolder DeleteType=\"{how}\" DeleteSubFolders=\"{deep}\"><m:FolderIds>{folder}</m:FolderIds></m:EmptyFolder>"
        );
        call(&simulator, &body).await.code()
    };
    let count = |folder: &str| simulator.item_ids(ALICE, folder).map_or(0, |ids| ids.len());
    assert_eq!(empty(&junk, "SoftDelete", false).await, "NoError");
    assert_eq!((count("junkemail"), count(&inner)), (0, 1));
    assert_eq!(count("recoverableitemsdeletions"), 1);
    assert_eq!(empty(&junk, "MoveToDeletedItems", true).await, "NoError");
    // The folder went as it was.
    assert_eq!(count(&inner), 1);
    assert_eq!(
        empty(&well_known("deleteditems"), "HardDelete", true).await,
        "NoError"
    );
    assert_eq!(count(&inner), 0);
    assert_eq!(
        empty(CALENDAR, "HardDelete", false).await,
        "ErrorCannotEmptyFolder"
    );

    let unread = "<t:Message><t:Subject>New</t:Subject><t:IsRead>false</t:IsRead></t:Message>";
    simulator.plant(ALICE, "inbox", unread).unwrap();
    let count = async || {
        let body = "<m:GetFolder><m:FolderShape><t:BaseShape>Default</t:BaseShape></m:FolderShape><m:FolderIds><t:DistinguishedFolderId Id=\"inbox\"/></m:FolderIds></m:GetFolder>";
        call(&simulator, body).await.texts("UnreadCount").concat()
    };
    assert_eq!(count().await, "1");
    let mark = "<m:MarkAllItemsAsRead><m:ReadFlag>true</m:ReadFlag><m:SuppressReadReceipts>true</m:SuppressReadReceipts><m:FolderIds><t:DistinguishedFolderId Id=\"inbox\"/></m:FolderIds></m:MarkAllItemsAsRead>";
    assert_eq!(call(&simulator, mark).await.code(), "NoError");
    assert_eq!(count().await, "0");
}

#[tokio::test]
async fn public_folders_are_read_by_everybody_level_by_level() {
    let simulator = start().await;
    let news = simulator
        .add_public_folder("publicfoldersroot", "IPF.Note", "News")
        .unwrap();
    let local = simulator
        .add_public_folder(&news, "IPF.Note", "Local")
        .unwrap();
    simulator
        .plant(Simulator::PUBLIC_FOLDERS, &local, &message("Flood"))
        .unwrap();
    let root = well_known("publicfoldersroot");
    let find = async |user: &str, traversal: &str, folder: &str| {
        let body = format!(
            "<m:FindFolder Traversal=\"{traversal}\"><m:FolderShape><t:BaseShape>Default</t:BaseShape></m:FolderShape><m:ParentFolderIds>{folder}</m:ParentFolderIds></m:FindFolder>"
        );
        call_as(&simulator, user, "", &body).await
    };
    for user in [ALICE, BOB] {
        assert_eq!(
            find(user, "Shallow", &root).await.texts("DisplayName"),
            ["News"]
        );
        let below = find(user, "Shallow", &by_id(&news)).await;
        assert_eq!(below.texts("DisplayName"), ["Local"]);
        assert_eq!(below.texts("TotalCount"), ["1"]);
    }
    assert_eq!(
        find(ALICE, "Deep", &root).await.code(),
        "ErrorInvalidOperation"
    );
    let make = format!(
        "<m:CreateFolder><m:ParentFolderId>{}</m:ParentFolderId><m:Folders><t:Folder><t:DisplayName>Mine</t:DisplayName></t:Folder></m:Folders></m:CreateFolder>",
        by_id(&news)
    );
    assert_eq!(call(&simulator, &make).await.code(), "ErrorAccessDenied");
    simulator
        .grant_folder(
            Simulator::PUBLIC_FOLDERS,
            &news,
            ALICE,
            CalendarRights::Editor,
            false,
        )
        .unwrap();
    assert_eq!(call(&simulator, &make).await.code(), "NoError");
    // They are nobody's account.
    assert_eq!(simulator.accounts().len(), 3);
}
