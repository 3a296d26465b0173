//! Folders that come, change their names and go.

use super::*;

const ROOT: &str = "<t:DistinguishedFolderId Id=\"msgfolderroot\"/>";

fn make(parent: &str, name: &str) -> String {
    format!(
        "<m:CreateFolder><m:ParentFolderId>{parent}</m:ParentFolderId><m:Folders><t:CalendarFolder><t:DisplayName>{name}</t:DisplayName></t:CalendarFolder></m:Folders></m:CreateFolder>"
    )
}

fn rename(folder: &str, name: &str) -> String {
    format!(
        "<m:UpdateFolder><m:FolderChanges><t:FolderChange>{folder}<t:Updates><t:SetFolderField><t:FieldURI FieldURI=\"folder:DisplayName\"/><t:CalendarFolder><t:DisplayName>{name}</t:DisplayName></t:CalendarFolder></t:SetFolderField></t:Updates></t:FolderChange></m:FolderChanges></m:UpdateFolder>"
    )
}

fn delete(folder: &str, how: &str) -> String {
    format!(
        "<m:DeleteFolder DeleteType=\"{how}\"><m:FolderIds>{folder}</m:FolderIds></m:DeleteFolder>"
    )
}

fn changes(state: &str) -> String {
    format!(
        "<m:SyncFolderHierarchy><m:FolderShape><t:BaseShape>AllProperties</t:BaseShape></m:FolderShape>{state}</m:SyncFolderHierarchy>"
    )
}

fn by_id(id: &str) -> String {
    format!("<t:FolderId Id=\"{id}\"/>")
}

#[tokio::test]
async fn a_secondary_calendar_lives_and_dies() {
    let simulator = start().await;
    let before = call(&simulator, &changes("")).await;
    let known = before.texts("SyncState").concat();
    let since = |state: &str| changes(&format!("<m:SyncState>{state}</m:SyncState>"));

    let made = call(&simulator, &make(ROOT, "Holidays")).await;
    let id = made.attributes("FolderId", "Id").concat();
    let folder = by_id(&id);
    assert_eq!(
        call(&simulator, &make(ROOT, "HOLIDAYS")).await.code(),
        "ErrorFolderExists"
    );
    let item = event("Easter", "2026-03-05T10:00:00Z", "2026-03-05T11:00:00Z", "");
    let planted = simulator.plant(ALICE, &id, &item).unwrap();
    let seen = call(&simulator, &march(&folder)).await;
    assert_eq!(seen.texts("Subject"), ["Easter"]);
    let own = call(&simulator, &march(CALENDAR)).await;
    assert_eq!(own.texts("Subject").len(), 0);

    let renamed = call(&simulator, &rename(&folder, "Days off")).await;
    assert_eq!(renamed.code(), "NoError");
    let told = call(&simulator, &since(&known)).await;
    assert_eq!(told.texts("DisplayName"), ["Days off"]);
    assert_eq!(told.texts("Create").len(), 1);
    let known = told.texts("SyncState").concat();
    call(&simulator, &rename(&folder, "Leave")).await;
    let told = call(&simulator, &since(&known)).await;
    assert_eq!(told.texts("Update").len(), 1);
    let known = told.texts("SyncState").concat();

    // Into the bin as it is, and out of the bin for good.
    let binned = call(&simulator, &delete(&folder, "MoveToDeletedItems")).await;
    assert_eq!(binned.code(), "NoError");
    assert_eq!(
        call(&simulator, &march(&folder))
            .await
            .texts("Subject")
            .len(),
        1
    );
    let gone = call(&simulator, &delete(&folder, "MoveToDeletedItems")).await;
    assert_eq!(gone.code(), "NoError");
    assert_eq!(
        call(&simulator, &march(&folder)).await.code(),
        "ErrorItemNotFound"
    );
    assert!(simulator.item_xml(&planted).is_none());
    let told = call(&simulator, &since(&known)).await;
    assert_eq!(told.attributes("FolderId", "Id"), [id]);
    assert_eq!(told.texts("Delete").len(), 1);
}

#[tokio::test]
async fn what_cannot_be_done_to_folders() {
    let simulator = start().await;
    let refused = async |body: &str| call(&simulator, body).await.code();
    assert_eq!(
        refused(&delete(CALENDAR, "HardDelete")).await,
        "ErrorDeleteDistinguishedFolder"
    );
    assert_eq!(
        refused(&rename(CALENDAR, "Mine")).await,
        "ErrorMoveDistinguishedFolder"
    );
    assert_eq!(
        refused(&make(ROOT, " ")).await,
        "ErrorFolderSavePropertyError"
    );
    let made = call(&simulator, &make(CALENDAR, "A")).await;
    let id = made.attributes("FolderId", "Id").concat();
    call(&simulator, &delete(&by_id(&id), "HardDelete")).await;
    assert_eq!(
        refused(&make(&by_id(&id), "B")).await,
        "ErrorParentFolderNotFound"
    );
    let bobs = format!(
        "<t:DistinguishedFolderId Id=\"calendar\"><t:Mailbox><t:EmailAddress>{BOB}</t:EmailAddress></t:Mailbox></t:DistinguishedFolderId>"
    );
    simulator
        .grant(BOB, ALICE, CalendarRights::Reviewer)
        .unwrap();
    assert_eq!(refused(&make(&bobs, "C")).await, "ErrorAccessDenied");
    simulator.grant(BOB, ALICE, CalendarRights::Editor).unwrap();
    assert_eq!(refused(&make(&bobs, "C")).await, "NoError");
}

#[tokio::test]
async fn rights_count_for_the_folder_they_were_given_for() {
    let simulator = start().await;
    let made = call_as(&simulator, BOB, "", &make(ROOT, "Team")).await;
    let id = made.attributes("FolderId", "Id").concat();
    let folder = by_id(&id);
    simulator
        .grant(BOB, ALICE, CalendarRights::Reviewer)
        .unwrap();
    assert_eq!(
        call(&simulator, &march(&folder)).await.code(),
        "ErrorItemNotFound"
    );
    simulator
        .grant_folder(BOB, &id, ALICE, CalendarRights::Editor, true)
        .unwrap();
    assert_eq!(call(&simulator, &march(&folder)).await.code(), "NoError");
    let rights = format!(
        "<m:GetFolder><m:FolderShape><t:BaseShape>AllProperties</t:BaseShape></m:FolderShape><m:FolderIds>{folder}</m:FolderIds></m:GetFolder>"
    );
    let rights = call(&simulator, &rights).await;
    assert_eq!(rights.texts("CreateContents"), ["true"]);
    assert_eq!(rights.texts("ViewPrivateItems"), ["true"]);
    simulator.revoke(BOB, ALICE).unwrap();
    assert_eq!(
        call(&simulator, &march(&folder)).await.code(),
        "ErrorItemNotFound"
    );
}

#[tokio::test]
async fn forgotten_sync_states_are_refused() {
    let simulator = start().await;
    let sync = |state: &str| {
        format!(
            "<m:SyncFolderItems><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape><m:SyncFolderId>{CALENDAR}</m:SyncFolderId>{state}<m:MaxChangesReturned>10</m:MaxChangesReturned></m:SyncFolderItems>"
        )
    };
    let first = call(&simulator, &sync(""))
        .await
        .texts("SyncState")
        .concat();
    let first = format!("<m:SyncState>{first}</m:SyncState>");
    assert_eq!(call(&simulator, &sync(&first)).await.code(), "NoError");
    simulator.expire_sync_states();
    assert_eq!(
        call(&simulator, &sync(&first)).await.code(),
        "ErrorInvalidSyncStateData"
    );
    let again = call(&simulator, &sync(""))
        .await
        .texts("SyncState")
        .concat();
    let again = format!("<m:SyncState>{again}</m:SyncState>");
    assert_eq!(call(&simulator, &sync(&again)).await.code(), "NoError");
}
