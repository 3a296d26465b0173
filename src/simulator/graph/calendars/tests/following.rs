//! Rounds of changes.

use super::*;

/// All changes of a round, and where the next one begins.
async fn round(client: &Client<'_>, first: &str) -> (Vec<Value>, String) {
    let mut next = first.to_owned();
    let mut rows = Vec::new();
    loop {
        let page = client.get(&next).await.of(200);
        let value = page["value"].as_array().unwrap();
        assert!(value.len() <= 2, "{page}");
        rows.extend(value.iter().cloned());
        if let Some(link) = page["@odata.deltaLink"].as_str() {
            return (rows, link.to_owned());
        }
        page["@odata.nextLink"]
            .as_str()
            .unwrap()
            .clone_into(&mut next);
    }
}

fn kinds(rows: &[Value]) -> Vec<&str> {
    rows.iter()
        .map(|row| row["type"].as_str().unwrap_or("removed"))
        .collect()
}

#[tokio::test(flavor = "current_thread")]
async fn a_view_is_followed() {
    let simulator = start().await;
    let client = alice(&simulator).with("prefer", "odata.maxpagesize=2");
    let series = client.post("/me/events", weekly()).await.of(201);
    let single = client.post("/me/events", lunch("Lunch")).await.of(201);
    let first = format!("/me/calendarView/delta?{MARCH}");
    let (rows, link) = round(&client, &first).await;
    assert_eq!(rows.len(), 7);
    assert_eq!(
        kinds(&rows)[..3],
        ["seriesMaster", "occurrence", "occurrence"]
    );
    assert!(rows[1].get("subject").is_none() && rows[1]["seriesMasterId"] == series["id"]);
    let (rows, again) = round(&client, &link).await;
    assert_eq!(rows, [Value::Null; 0]);
    // The single event changes, one of the series goes.
    client
        .patch(&path(&single), json!({"subject": "Dinner"}))
        .await
        .of(200);
    let occurrence = client
        .get(&format!("{}/instances?{MARCH}", path(&series)))
        .await
        .of(200);
    let second = occurrence["value"][1].clone();
    client.delete(&path(&second)).await;
    for link in [&link, &again] {
        let (rows, _) = round(&client, link).await;
        let removed: Vec<&Value> = rows
            .iter()
            .filter(|row| row.get("@removed").is_some())
            .collect();
        assert_eq!(removed.len(), 1);
        assert_eq!(
            (&removed[0]["id"], &removed[0]["@removed"]["reason"]),
            (&second["id"], &json!("deleted"))
        );
        assert!(rows.iter().any(|row| row["subject"] == "Dinner"));
    }
    // What leaves the window is gone from it.
    let (_, link) = round(&client, &again).await;
    let later = json!({"start": clock("2026-05-04T12:00:00"), "end": clock("2026-05-04T13:00:00")});
    client.patch(&path(&single), later).await.of(200);
    let (rows, link) = round(&client, &link).await;
    assert_eq!(
        (kinds(&rows), &rows[0]["id"]),
        (vec!["removed"], &single["id"])
    );
    simulator.expire_sync_states();
    assert_eq!(client.get(&link).await.refused(410), "SyncStateNotFound");
    let (rows, _) = round(&client, &first).await;
    assert_eq!(rows.len(), 5);
    let code = client
        .get(&format!("{first}&$select=subject"))
        .await
        .refused(400);
    assert_eq!(code, "ErrorInvalidUrlQuery");
    assert_eq!(
        client
            .get("/me/calendarView/delta?$deltatoken=x")
            .await
            .refused(410),
        "SyncStateNotFound"
    );
}

#[tokio::test(flavor = "current_thread")]
async fn a_calendar_is_followed() {
    let simulator = start().await;
    let client = alice(&simulator)
        .with("prefer", "odata.maxpagesize=2")
        .with("prefer", "IdType=\"ImmutableId\"");
    let series = client.post("/me/events", weekly()).await.of(201);
    let single = client.post("/me/events", lunch("Lunch")).await.of(201);
    let calendar = id(&client.get("/me/calendar").await.of(200));
    let (rows, link) = round(&client, &format!("/me/calendars/{calendar}/events/delta")).await;
    assert_eq!(kinds(&rows), ["seriesMaster", "singleInstance"]);
    assert_eq!(
        [&rows[0]["id"], &rows[1]["id"]],
        [&series["id"], &single["id"]]
    );
    client.delete(&path(&single)).await;
    let (rows, _) = round(&client, &link).await;
    assert_eq!(
        (kinds(&rows), &rows[0]["id"]),
        (vec!["removed"], &single["id"])
    );
    let later = "/me/events/delta?startDateTime=2026-05-01T00:00:00Z";
    assert_eq!(round(&client, later).await.0, [Value::Null; 0]);
}
