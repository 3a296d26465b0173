//! Connections that break, batches that stop.

use super::*;

fn batch(ids: &[String]) -> String {
    let ids: String = ids
        .iter()
        .map(|id| format!("<t:ItemId Id=\"{id}\"/>"))
        .collect();
    format!("<m:DeleteItem DeleteType=\"HardDelete\"><m:ItemIds>{ids}</m:ItemIds></m:DeleteItem>")
}

fn plant(simulator: &Simulator, count: usize) -> Vec<String> {
    let messages = (0..count).map(|number| SimulatedMessage::new(number.to_string()));
    simulator.plant_messages(ALICE, "inbox", messages).unwrap();
    simulator.item_ids(ALICE, "inbox").unwrap()
}

#[tokio::test]
async fn an_item_of_a_batch_is_refused_and_the_rest_runs_or_stops() {
    let simulator = start().await;
    let ids = plant(&simulator, 4);
    let (code, back_off) = ("ErrorServerBusy", Some(1500));
    let at = 1;
    simulator.fail_next(Trouble::Item { at, code, back_off });
    let answer = call(&simulator, &batch(&ids[..3])).await;
    assert_eq!(
        answer.texts("ResponseCode"),
        ["NoError", "ErrorServerBusy", "NoError"]
    );
    assert_eq!(answer.texts("Value"), ["1500"]);
    assert_eq!(
        simulator.item_ids(ALICE, "inbox").unwrap(),
        [ids[1].clone(), ids[3].clone()]
    );
    let at = 0;
    simulator.fail_next(Trouble::Stop { at, code, back_off });
    let answer = call(&simulator, &batch(&[ids[1].clone(), ids[3].clone()])).await;
    assert_eq!(
        answer.texts("ResponseCode"),
        ["ErrorServerBusy", "ErrorBatchProcessingStopped"]
    );
    let classes = answer.attributes("DeleteItemResponseMessage", "ResponseClass");
    assert_eq!(classes, ["Error", "Warning"]);
    assert_eq!(simulator.item_ids(ALICE, "inbox").unwrap().len(), 2);
}

#[tokio::test]
async fn connections_break_at_each_stage() {
    let simulator = start().await;
    let ids = plant(&simulator, 2);
    let body = |at: usize| envelope("Exchange2013_SP1", "", &batch(&ids[at..=at]));
    let left = || simulator.item_ids(ALICE, "inbox").unwrap().len();
    simulator.fail_next(Trouble::DropWhileReading { after: 100 });
    assert!(post(&simulator, ALICE, &body(0)).await.is_none());
    assert_eq!(left(), 2);
    simulator.fail_next(Trouble::TruncateAt { bytes: 0 });
    assert!(post(&simulator, ALICE, &body(0)).await.is_none());
    assert_eq!(left(), 1);
    simulator.fail_next(Trouble::TruncateAt { bytes: 1_000_000 });
    let whole = post(&simulator, ALICE, &body(1)).await.unwrap();
    assert_eq!((whole.status, left()), (200, 0));
}

#[tokio::test]
async fn a_throttled_round_has_no_state() {
    let simulator = start().await;
    simulator.fail_next(Trouble::Message {
        code: "ErrorServerBusy",
        back_off: Some(100),
    });
    let sync = "<m:SyncFolderItems><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape><m:SyncFolderId><t:DistinguishedFolderId Id=\"inbox\"/></m:SyncFolderId><m:MaxChangesReturned>10</m:MaxChangesReturned></m:SyncFolderItems>";
    let answer = call(&simulator, sync).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (200, "ErrorServerBusy")
    );
    assert_eq!(answer.texts("SyncState"), [""]);
}
