use super::*;

#[tokio::test]
async fn folders_are_made_renamed_moved_and_deleted() {
    let simulator = start().await;
    let client = alice(&simulator);
    let made = client
        .post("/me/mailFolders", json!({"displayName": "Projects"}))
        .await
        .of(201);
    let place = format!("/me/mailFolders/{}", id(&made));
    let taken = client
        .post("/me/mailFolders", json!({"displayName": "projects"}))
        .await;
    assert_eq!(taken.refused(409), "ErrorFolderExists");
    let inner = client
        .post(
            &format!("{place}/childFolders"),
            json!({"displayName": "A", "isHidden": true}),
        )
        .await
        .of(201);
    assert_eq!(inner["parentFolderId"], made["id"]);
    let shown = client.get(&format!("{place}/childFolders")).await.of(200);
    assert_eq!(shown["value"], json!([]));
    let all = format!("{place}/childFolders?includeHiddenFolders=true");
    let all = client.get(&all).await.of(200);
    assert_eq!(all["value"][0]["id"], inner["id"]);
    let renamed = client
        .patch(&place, json!({"displayName": "Done"}))
        .await
        .of(200);
    assert_eq!(
        (&renamed["displayName"], &renamed["childFolderCount"]),
        (&json!("Done"), &json!(1))
    );
    let to = json!({"destinationId": "inbox"});
    let moved = client.post(&format!("{place}/move"), to).await.of(200);
    assert_eq!(moved["id"], made["id"]);
    let inbox = client.get("/me/mailFolders/inbox").await.of(200);
    assert_eq!(moved["parentFolderId"], inbox["id"]);
    assert_eq!(client.delete(&place).await.status, 204);
    let bin = client.get("/me/mailFolders/deleteditems").await.of(200);
    let gone = client.get(&place).await.of(200);
    assert_eq!(gone["parentFolderId"], bin["id"]);
    let purge = client
        .post(&format!("{place}/permanentDelete"), json!({}))
        .await;
    assert_eq!(purge.status, 204);
    assert_eq!(client.get(&place).await.refused(404), "ErrorItemNotFound");
    let fixed = client.delete("/me/mailFolders/inbox").await.refused(400);
    assert_eq!(fixed, "ErrorDeleteDistinguishedFolder");
    let odd = client.post("/me/mailFolders", json!({"name": "x"})).await;
    assert_eq!(odd.status, 400);
}

#[tokio::test]
async fn only_folders_for_mail_are_listed() {
    let simulator = start().await;
    let client = alice(&simulator);
    let list = client
        .get("/me/mailFolders?$top=100&$select=displayName&$orderby=displayName")
        .await
        .of(200);
    let names: Vec<&str> = list["value"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["displayName"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "Deleted Items",
            "Drafts",
            "Inbox",
            "Junk Email",
            "Outbox",
            "Sent Items"
        ]
    );
    let found = client
        .get("/me/mailFolders?$filter=displayName eq 'inbox'")
        .await
        .of(200);
    assert_eq!(found["value"][0]["totalItemCount"], 0);
    let page = client.get("/me/mailFolders?$top=4").await.of(200);
    let rest = page["@odata.nextLink"].as_str().unwrap();
    let rest = client.get(rest).await.of(200);
    assert_eq!(rest["value"].as_array().unwrap().len(), 2);
    let unknown = client.get("/me/mailFolders/calendar").await.refused(400);
    assert_eq!(unknown, "ErrorInvalidIdMalformed");
}
