//! One store, two fronts: what one of them writes, the other one reads.

use serde_json::{Value, json};

use super::*;
use crate::simulator::graph::tests::Client;

const MARCH: &str = "startDateTime=2026-03-01T00:00:00Z&endDateTime=2026-04-01T00:00:00Z";

fn online<'a>(simulator: &'a Simulator, who: &str) -> Client<'a> {
    Client::of(simulator, who, &["Calendars.ReadWrite"])
}

fn ews_id(event: &Value) -> String {
    let id = event["id"].as_str().unwrap();
    id.replace('-', "/").replace('_', "+")
}

fn at(event: &Value) -> String {
    format!("/me/events/{}", event["id"].as_str().unwrap())
}

async fn item(simulator: &Simulator, who: &str, event: &Value) -> Reply {
    let id = format!("<t:ItemId Id=\"{}\"/>", ews_id(event));
    call_as(simulator, who, "", &get(&id)).await
}

async fn days(client: &Client<'_>) -> Vec<Value> {
    let view = client
        .get(&format!("/me/calendarView?{MARCH}"))
        .await
        .of(200);
    view["value"].as_array().unwrap().clone()
}

fn utc(text: &str) -> Value {
    json!({"dateTime": text, "timeZone": "UTC"})
}

#[tokio::test]
async fn a_meeting_is_made_on_one_front_and_answered_on_the_other() {
    let simulator = start().await;
    let lunch = event(
        "Lunch",
        "2026-03-09T11:00:00Z",
        "2026-03-09T12:00:00Z",
        BOB_INVITED,
    );
    call(&simulator, &create("SendToAllAndSaveCopy", &lunch)).await;
    let [bobs] = days(&online(&simulator, BOB)).await.try_into().unwrap();
    assert_eq!(bobs["subject"], "Lunch");
    let accept = format!("{}/accept", at(&bobs));
    let reply = online(&simulator, BOB)
        .post(&accept, json!({"comment": "Yes"}))
        .await;
    assert_eq!(reply.status, 202);
    let [own] = days(&online(&simulator, ALICE)).await.try_into().unwrap();
    assert_eq!(own["attendees"][0]["status"]["response"], "accepted");
    let on_ews = item(&simulator, ALICE, &own).await;
    assert_eq!(on_ews.texts("ResponseType"), ["Accept"]);
    assert_eq!(on_ews.texts("UID"), [own["iCalUId"].as_str().unwrap()]);
    assert_eq!(
        item(&simulator, BOB, &bobs).await.texts("MyResponseType"),
        ["Accept"]
    );
    // It moves on Graph, and everything is open again.
    let moved = json!({"start": utc("2026-03-10T11:00:00"), "end": utc("2026-03-10T12:00:00")});
    online(&simulator, ALICE)
        .patch(&at(&own), moved)
        .await
        .of(200);
    let on_ews = item(&simulator, BOB, &bobs).await;
    assert_eq!(on_ews.texts("Start"), ["2026-03-10T11:00:00Z"]);
    assert_eq!(on_ews.texts("MyResponseType"), ["NoResponseReceived"]);
}

#[tokio::test]
async fn a_series_has_the_same_exceptions_on_both() {
    let simulator = start().await;
    let client = online(&simulator, ALICE);
    let series = json!({
        "subject": "Stand-up",
        "start": utc("2026-03-09T09:00:00"), "end": utc("2026-03-09T09:15:00"),
        "recurrence": {
            "pattern": {"type": "daily", "interval": 1},
            "range": {"type": "numbered", "startDate": "2026-03-09", "numberOfOccurrences": 4},
        },
    });
    let series = client.post("/me/events", series).await.of(201);
    let occurrences = days(&client).await;
    client
        .patch(&at(&occurrences[1]), json!({"subject": "Long one"}))
        .await
        .of(200);
    let gone = format!(
        "<m:DeleteItem DeleteType=\"HardDelete\" SendMeetingCancellations=\"SendToNone\"><m:ItemIds><t:ItemId Id=\"{}\"/></m:ItemIds></m:DeleteItem>",
        ews_id(&occurrences[2])
    );
    assert_eq!(call(&simulator, &gone).await.code(), "NoError");
    let on_ews = item(&simulator, ALICE, &series).await;
    assert_eq!(on_ews.texts("CalendarItemType"), ["RecurringMaster"]);
    assert_eq!(on_ews.texts("NumberOfOccurrences"), ["4"]);
    assert_eq!(
        on_ews.texts("OriginalStart"),
        [
            "2026-03-09T09:00:00Z",
            "2026-03-12T09:00:00Z",
            "2026-03-10T09:00:00Z"
        ]
    );
    assert_eq!(on_ews.texts("DeletedOccurrence").len(), 1);
    let whole = format!(
        "{}?$select=cancelledOccurrences&$expand=exceptionOccurrences",
        at(&series)
    );
    let whole = client.get(&whole).await.of(200);
    let deleted = whole["cancelledOccurrences"][0].as_str().unwrap();
    assert!(
        deleted.starts_with("OID.") && deleted.ends_with(".2026-03-11"),
        "{deleted}"
    );
    assert_eq!(whole["exceptionOccurrences"][0]["subject"], "Long one");
    let listed = call(&simulator, &march(CALENDAR)).await;
    assert_eq!(
        listed.texts("Subject"),
        ["Stand-up", "Long one", "Stand-up"]
    );
    let subjects: Vec<Value> = days(&client)
        .await
        .iter()
        .map(|one| one["subject"].clone())
        .collect();
    assert_eq!(subjects, ["Stand-up", "Long one", "Stand-up"]);
}

#[tokio::test]
async fn a_stale_version_is_stale_on_both() {
    let simulator = start().await;
    let client = online(&simulator, ALICE);
    let made = json!({
        "subject": "One", "start": utc("2026-03-09T09:00:00"), "end": utc("2026-03-09T10:00:00"),
    });
    let made = client.post("/me/events", made).await.of(201);
    let key = made["changeKey"].as_str().unwrap();
    let (id, subject) = (ews_id(&made), "<t:Subject>Two</t:Subject>");
    let change = update(&id, key, "NeverOverwrite", "item:Subject", subject);
    assert_eq!(call(&simulator, &change).await.code(), "NoError");
    let etag = made["@odata.etag"].as_str().unwrap();
    let guarded = online(&simulator, ALICE).with("if-match", etag);
    let reply = guarded.patch(&at(&made), json!({"subject": "Three"})).await;
    assert_eq!(reply.refused(412), "ErrorIrresolvableConflict");
    client
        .patch(&at(&made), json!({"subject": "Four"}))
        .await
        .of(200);
    // What merges goes by what was written, whoever wrote it.
    let merged = update(&id, key, "AutoResolve", "item:Subject", subject);
    assert_eq!(
        call(&simulator, &merged).await.code(),
        "ErrorIrresolvableConflict"
    );
    let place = "<t:Location>Harbour</t:Location>";
    let merged = update(&id, key, "AutoResolve", "calendar:Location", place);
    assert_eq!(call(&simulator, &merged).await.code(), "NoError");
    let now = client.get(&at(&made)).await.of(200);
    assert_eq!(
        (&now["subject"], &now["location"]["displayName"]),
        (&json!("Four"), &json!("Harbour"))
    );
}

#[tokio::test]
async fn clients_of_ews_follow_what_is_done_on_graph() {
    let simulator = start().await;
    let client = online(&simulator, ALICE);
    let sync = |state: &str| {
        format!(
            "<m:SyncFolderItems><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape><m:SyncFolderId>{CALENDAR}</m:SyncFolderId><m:SyncState>{state}</m:SyncState><m:MaxChangesReturned>10</m:MaxChangesReturned></m:SyncFolderItems>"
        )
    };
    let first = call(&simulator, &sync("")).await;
    let made = json!({
        "subject": "One", "start": utc("2026-03-09T09:00:00"), "end": utc("2026-03-09T10:00:00"),
    });
    let made = client.post("/me/events", made).await.of(201);
    let second = call(&simulator, &sync(&first.texts("SyncState")[0])).await;
    assert_eq!(
        (
            second.texts("Create").len(),
            second.attributes("ItemId", "Id")
        ),
        (1, vec![ews_id(&made)])
    );
    client
        .patch(&at(&made), json!({"subject": "Two"}))
        .await
        .of(200);
    let third = call(&simulator, &sync(&second.texts("SyncState")[0])).await;
    assert_eq!(third.texts("Update").len(), 1);
    assert_eq!(client.delete(&at(&made)).await.status, 204);
    let fourth = call(&simulator, &sync(&third.texts("SyncState")[0])).await;
    assert_eq!(
        (
            fourth.texts("Delete").len(),
            fourth.attributes("ItemId", "Id")
        ),
        (1, vec![ews_id(&made)])
    );
}
