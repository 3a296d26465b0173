use super::*;

fn ids(page: &Value) -> Vec<&str> {
    let list = page["value"].as_array().unwrap().iter();
    list.map(|one| one["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn rounds_tell_what_changed_until_the_server_forgets() {
    let simulator = start().await;
    let client = alice(&simulator).with("Prefer", "IdType=\"ImmutableId\", odata.maxpagesize=2");
    let mut made = Vec::new();
    for number in 0..3 {
        let subject = format!("M{number}");
        made.push(client.post("/me/messages", mail(&subject)).await.of(201));
    }
    let delta = "/me/mailFolders/drafts/messages/delta?$select=subject,isRead";
    let first = client.get(delta).await;
    assert!(
        first
            .head
            .to_lowercase()
            .contains("preference-applied: odata.maxpagesize=2")
    );
    let first = first.of(200);
    assert_eq!(subjects(&first), ["M0", "M1"]);
    assert!(first["value"][0].get("body").is_none());
    let rest = client
        .get(first["@odata.nextLink"].as_str().unwrap())
        .await
        .of(200);
    assert_eq!(subjects(&rest), ["M2"]);
    let link = rest["@odata.deltaLink"].as_str().unwrap().to_owned();
    let nothing = client.get(&link).await.of(200);
    assert_eq!(nothing["value"], json!([]));
    let to = json!({"destinationId": "inbox"});
    let place = format!("{}/move", path(&made[0]));
    client.post(&place, to).await.of(201);
    client
        .patch(&path(&made[1]), json!({"isRead": false}))
        .await
        .of(200);
    let round = client.get(&link).await.of(200);
    assert_eq!(ids(&round), [id(&made[1]), id(&made[0])]);
    assert_eq!(round["value"][0]["isRead"], false);
    assert_eq!(round["value"][1]["@removed"], json!({"reason": "deleted"}));
    simulator.expire_sync_states();
    assert_eq!(client.get(&link).await.refused(410), "SyncStateNotFound");
    let wrong = "/me/mailFolders/drafts/messages/delta?$deltatoken=x";
    assert_eq!(client.get(wrong).await.refused(400), "ErrorInvalidUrlQuery");
    let unsupported = format!("{delta}&$search=\"x\"");
    assert_eq!(
        client.get(&unsupported).await.refused(400),
        "ErrorInvalidUrlQuery"
    );
}

#[tokio::test]
async fn folders_that_come_and_go_are_told() {
    let simulator = start().await;
    let client = alice(&simulator);
    let first = client.get("/me/mailFolders/delta").await.of(200);
    assert_eq!(ids(&first).len(), 6);
    let link = first["@odata.deltaLink"].as_str().unwrap();
    let made = client
        .post("/me/mailFolders", json!({"displayName": "New"}))
        .await
        .of(201);
    let round = client.get(link).await.of(200);
    assert_eq!(round["value"][0]["displayName"], "New");
    let link = round["@odata.deltaLink"].as_str().unwrap();
    let purge = format!("/me/mailFolders/{}/permanentDelete", id(&made));
    assert_eq!(client.post(&purge, json!({})).await.status, 204);
    let round = client.get(link).await.of(200);
    assert_eq!(ids(&round), [id(&made)]);
    assert_eq!(round["value"][0]["@removed"]["reason"], "deleted");
}
