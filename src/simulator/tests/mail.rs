//! Synchronisation, drafts, and items that move.

use super::*;

#[tokio::test]
async fn synchronisation_tells_each_change_once() {
    let simulator = start().await;
    let planted: Vec<String> = (0..5)
        .map(|number| {
            let item = event(
                &number.to_string(),
                "2026-03-05T10:00:00Z",
                "2026-03-05T11:00:00Z",
                "",
            );
            simulator.plant(ALICE, "calendar", &item).unwrap()
        })
        .collect();
    let sync = async |state: &str, ignore: &str| {
        let body = format!(
            "<m:SyncFolderItems><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape><m:SyncFolderId>{CALENDAR}</m:SyncFolderId>{state}{ignore}<m:MaxChangesReturned>2</m:MaxChangesReturned></m:SyncFolderItems>"
        );
        call(&simulator, &body).await
    };
    let state_of = |reply: &Reply| {
        format!(
            "<m:SyncState>{}</m:SyncState>",
            reply.texts("SyncState").concat()
        )
    };
    let mut seen = Vec::new();
    let mut state = String::new();
    for last in ["false", "false", "true"] {
        let page = sync(&state, "").await;
        assert_eq!(page.texts("IncludesLastItemInRange"), [last]);
        seen.extend(page.attributes("ItemId", "Id"));
        state = state_of(&page);
    }
    assert_eq!(seen, planted);
    assert_eq!(sync(&state, "").await.attributes("ItemId", "Id").len(), 0);

    simulator
        .alter(&planted[1], "item:Subject", "changed \u{2}")
        .unwrap();
    simulator.remove(&planted[0]).unwrap();
    let changed = sync(&state, "").await;
    assert_eq!(changed.texts("Update").len(), 1);
    assert_eq!(changed.texts("Delete").len(), 1);
    let ignore = format!("<m:Ignore><t:ItemId Id=\"{}\"/></m:Ignore>", planted[1]);
    assert_eq!(sync(&state, &ignore).await.texts("Update").len(), 0);
    let invalid = sync("<m:SyncState>H4sIAAA=</m:SyncState>", "").await;
    assert_eq!(invalid.code(), "ErrorInvalidSyncStateData");
    assert_eq!(invalid.texts("SyncState"), [""]);
    // What XML forbids goes out as a reference, as from real servers.
    assert!(
        simulator
            .item_xml(&planted[1])
            .unwrap()
            .contains("changed &#x2;")
    );
}

#[tokio::test]
async fn drafts_are_sent_and_items_move() {
    let simulator = start().await;
    let draft = "<m:CreateItem MessageDisposition=\"SaveOnly\"><m:Items><t:Message><t:Subject>Draft</t:Subject><t:Body BodyType=\"Text\">Hi</t:Body><t:ToRecipients><t:Mailbox><t:EmailAddress>bob@example.test</t:EmailAddress></t:Mailbox></t:ToRecipients></t:Message></m:Items></m:CreateItem>";
    let created = call(&simulator, draft).await;
    let id = created.attributes("ItemId", "Id").concat();
    let key = created.attributes("ItemId", "ChangeKey").concat();
    let send = |key: &str| {
        format!(
            "<m:SendItem SaveItemToFolder=\"true\"><m:ItemIds><t:ItemId Id=\"{id}\"{key}/></m:ItemIds></m:SendItem>"
        )
    };
    assert_eq!(
        call(&simulator, &send("")).await.code(),
        "ErrorChangeKeyRequired"
    );
    let key = format!(" ChangeKey=\"{key}\"");
    assert_eq!(call(&simulator, &send(&key)).await.code(), "NoError");
    assert_eq!(simulator.item_ids(ALICE, "drafts").unwrap().len(), 0);
    assert_eq!(simulator.item_ids(ALICE, "sentitems").unwrap().len(), 1);
    let [received] = simulator
        .item_ids(BOB, "inbox")
        .unwrap()
        .try_into()
        .unwrap();
    assert!(
        simulator
            .item_xml(&received)
            .unwrap()
            .contains("<t:IsRead>false</t:IsRead>")
    );
    let relocate = |name: &str| {
        format!(
            "<m:{name}><m:ToFolderId><t:DistinguishedFolderId Id=\"junkemail\"/></m:ToFolderId><m:ItemIds><t:ItemId Id=\"{received}\"/></m:ItemIds></m:{name}>"
        )
    };
    for (name, left, moved) in [("CopyItem", 1, 1), ("MoveItem", 0, 2)] {
        assert_eq!(
            call_as(&simulator, BOB, "", &relocate(name)).await.code(),
            "NoError"
        );
        assert_eq!(simulator.item_ids(BOB, "inbox").unwrap().len(), left);
        assert_eq!(simulator.item_ids(BOB, "junkemail").unwrap().len(), moved);
    }
    let gone = call_as(&simulator, BOB, "", &relocate("MoveItem")).await;
    assert_eq!(gone.code(), "ErrorItemNotFound");
}
