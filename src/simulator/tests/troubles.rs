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

#[tokio::test]
async fn busy_is_said_in_each_way() {
    let simulator = start().await;
    let names = "<m:ResolveNames ReturnFullContactData=\"false\"><m:UnresolvedEntry>alice</m:UnresolvedEntry></m:ResolveNames>";
    let time = "2026-03-04T12:00:05Z".parse().unwrap();
    for (trouble, status, code, waits) in [
        (Trouble::busy(1500), 500, "ErrorServerBusy", vec!["1500"]),
        (
            Trouble::busy_message(20),
            200,
            "ErrorServerBusy",
            vec!["20"],
        ),
        (
            Trouble::mailbox_in_move(),
            200,
            "ErrorMailboxMoveInProgress",
            vec![],
        ),
        (
            Trouble::mailbox_moved(),
            200,
            "ErrorMailboxFailover",
            vec![],
        ),
        (
            Trouble::store_unavailable(),
            200,
            "ErrorMailboxStoreUnavailable",
            vec![],
        ),
        (
            Trouble::version_refused(),
            500,
            "ErrorInvalidServerVersion",
            vec![],
        ),
    ] {
        simulator.fail_next(trouble);
        let answer = call(&simulator, names).await;
        let codes = answer.texts("ResponseCode");
        assert_eq!((answer.status, codes[0].as_str()), (status, code));
        assert_eq!(answer.texts("Value"), waits);
    }
    for (trouble, status) in [
        (Trouble::unavailable_for(30), 503),
        (Trouble::unavailable_until(time), 503),
        (Trouble::too_many_requests(30), 429),
        (Trouble::redirect_to_logon(), 302),
        (Trouble::redirect_to_error_page(), 302),
        (
            Trouble::redirect("http://other.example.test/EWS/Exchange.asmx"),
            302,
        ),
        (Trouble::bad_gateway(), 502),
        (Trouble::gateway_timeout(), 504),
        (Trouble::proxy_logon(), 407),
        (Trouble::filter_page(), 200),
        (Trouble::HtmlPage, 200),
    ] {
        simulator.fail_next(trouble.clone());
        let body = envelope("Exchange2013_SP1", "", names);
        let answer = post(&simulator, ALICE, &body).await.unwrap();
        assert_eq!(answer.status, status, "{trouble:?}");
        assert!(
            answer.body.contains("<html>"),
            "{trouble:?}: {}",
            answer.body
        );
    }
    // Those in place of an operation did not run.
    assert_eq!(simulator.operations().len(), 1);
    assert_eq!(simulator.operations()["ResolveNames"], 4);
}

#[tokio::test]
async fn versions_that_it_does_not_know_are_refused() {
    let builder = Simulator::builder().version(SimulatedVersion::Exchange2010Sp2);
    let simulator = builder.start().await.unwrap();
    let names = "<m:ResolveNames ReturnFullContactData=\"false\"><m:UnresolvedEntry>alice</m:UnresolvedEntry></m:ResolveNames>";
    for (version, status) in [
        ("Exchange2007_SP1", 200),
        ("Exchange2010_SP2", 200),
        ("Exchange2010_SP3", 500),
        ("Exchange2013", 500),
        ("V2_23", 500),
    ] {
        let answer = post(&simulator, ALICE, &envelope(version, "", names))
            .await
            .unwrap();
        assert_eq!(answer.status, status, "{version}");
        if status == 500 {
            let code = answer.texts("ResponseCode").concat();
            assert_eq!(code, "ErrorInvalidServerVersion", "{version}");
        }
    }
}
