//! Requests of any kind: refusals, troubles, versions.

use super::*;

#[tokio::test]
async fn what_is_no_good_request_is_refused_as_exchange_does() {
    let simulator = start().await;
    let unknown = call(&simulator, "<m:Dance/>").await;
    assert_eq!(
        (unknown.status, unknown.code().as_str()),
        (500, "ErrorInvalidRequest")
    );
    let newer = post(
        &simulator,
        ALICE,
        &envelope("Exchange2030", "", "<m:GetItem/>"),
    )
    .await;
    assert_eq!(newer.unwrap().code(), "ErrorInvalidServerVersion");
    let foreign = envelope("Exchange2013", "", "<m:GetItem/>")
        .replace("http://schemas.m", "https://schemas.m");
    assert_eq!(post(&simulator, ALICE, &foreign).await.unwrap().status, 501);
    assert_eq!(
        post(&simulator, ALICE, "<s:Envelope").await.unwrap().status,
        400
    );
    assert_eq!(
        post(&simulator, "eve@example.test", "<a/>")
            .await
            .unwrap()
            .status,
        401
    );
    assert_eq!(simulator.log().wrong_credentials, 1);
    assert_eq!(simulator.log().connections.len(), 5);

    let old = Simulator::builder().version(SimulatedVersion::Exchange2007Sp1);
    let old = old.start().await.unwrap();
    let refused = post(&old, ALICE, &envelope("Exchange2010", "", "<m:GetItem/>"))
        .await
        .unwrap();
    assert_eq!(refused.texts("faultcode"), ["soap11:Client"]);
    assert_eq!(
        refused.attributes("ServerVersionInfo", "Version"),
        ["Exchange2007_SP1"]
    );
}

#[tokio::test]
async fn troubles_come_in_order_and_pass() {
    let simulator = start().await;
    let item = event("Once", "2026-03-05T10:00:00Z", "2026-03-05T11:00:00Z", "");
    let create = envelope("Exchange2013", "", &create("SendToNone", &item));
    let find = envelope("Exchange2013", "", &march(CALENDAR));
    let mut headers = Trouble::status(503);
    if let Trouble::Status { headers, .. } = &mut headers {
        headers.push(("Retry-After".to_owned(), "7".to_owned()));
    }
    for trouble in [
        Trouble::DropBefore,
        Trouble::DropAfter,
        Trouble::Truncate,
        headers,
        Trouble::busy(1500),
        Trouble::Message {
            code: "ErrorServerBusy",
            back_off: Some(250),
        },
        Trouble::HtmlPage,
        Trouble::ForgetLogon,
    ] {
        simulator.fail_next(trouble);
    }
    assert!(post(&simulator, ALICE, &create).await.is_none());
    assert!(post(&simulator, ALICE, &create).await.is_none());
    assert!(post(&simulator, ALICE, &find).await.is_none());
    assert_eq!(post(&simulator, ALICE, &find).await.unwrap().status, 503);
    let busy = post(&simulator, ALICE, &find).await.unwrap();
    assert_eq!(busy.code(), "ErrorServerBusy");
    assert_eq!(busy.texts("Value"), ["1500"]);
    let busy = post(&simulator, ALICE, &find).await.unwrap();
    assert_eq!(
        (busy.status, busy.code().as_str()),
        (200, "ErrorServerBusy")
    );
    assert_eq!(busy.texts("Value"), ["250"]);
    assert!(
        post(&simulator, ALICE, &find)
            .await
            .unwrap()
            .body
            .contains("Sign in")
    );
    assert_eq!(post(&simulator, ALICE, &find).await.unwrap().status, 401);
    // The dropped requests: the first never ran, the second did.
    let after = post(&simulator, ALICE, &find).await.unwrap();
    assert_eq!(after.texts("Subject"), ["Once"]);
    assert_eq!(simulator.log().operations.get("CreateItem"), Some(&1));
}

#[tokio::test]
async fn old_versions_speak_their_own_words() {
    let simulator = Simulator::builder().version(SimulatedVersion::Exchange2007Sp1);
    let simulator = simulator.start().await.unwrap();
    let zone = "<t:MeetingTimeZone TimeZoneName=\"W. Europe Standard Time\"/>";
    let item = event(
        "Old",
        "2026-03-05T10:00:00+01:00",
        "2026-03-05T11:00:00+01:00",
        zone,
    );
    let id = simulator.plant(ALICE, "calendar", &item).unwrap();
    let request = envelope(
        "Exchange2007_SP1",
        "",
        &get(&format!("<t:ItemId Id=\"{id}\"/>")),
    );
    let reply = post(&simulator, ALICE, &request).await.unwrap();
    assert_eq!(
        reply.attributes("MeetingTimeZone", "TimeZoneName"),
        ["W. Europe Standard Time"]
    );
    assert_eq!(reply.texts("BaseOffset"), ["-PT1H"]);
    assert_eq!(reply.texts("StartTimeZone").len(), 0);
    assert_eq!(reply.texts("Start"), ["2026-03-05T09:00:00Z"]);
}

/// What an answer shows must be known to the version that the request named.
#[tokio::test]
async fn answers_use_nothing_newer_than_the_request() {
    let day = "<m:GetUserAvailabilityRequest><t:TimeZone><t:Bias>0</t:Bias><t:StandardTime><t:Bias>0</t:Bias><t:Time>00:00:00</t:Time><t:DayOrder>0</t:DayOrder><t:Month>0</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek></t:StandardTime><t:DaylightTime><t:Bias>0</t:Bias><t:Time>00:00:00</t:Time><t:DayOrder>0</t:DayOrder><t:Month>0</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek></t:DaylightTime></t:TimeZone><m:MailboxDataArray><t:MailboxData><t:Email><t:Address>bob@example.test</t:Address></t:Email><t:AttendeeType>Required</t:AttendeeType></t:MailboxData></m:MailboxDataArray><t:FreeBusyViewOptions><t:TimeWindow><t:StartTime>2026-03-02T00:00:00</t:StartTime><t:EndTime>2026-03-06T00:00:00</t:EndTime></t:TimeWindow><t:MergedFreeBusyIntervalInMinutes>60</t:MergedFreeBusyIntervalInMinutes><t:RequestedView>FreeBusyMerged</t:RequestedView></t:FreeBusyViewOptions></m:GetUserAvailabilityRequest>";
    let folders = "<m:GetFolder><m:FolderShape><t:BaseShape>AllProperties</t:BaseShape></m:FolderShape><m:FolderIds><t:DistinguishedFolderId Id=\"calendar\"/><t:DistinguishedFolderId Id=\"inbox\"/></m:FolderIds></m:GetFolder>";
    let names = "<m:ResolveNames ReturnFullContactData=\"true\"><m:UnresolvedEntry>bob</m:UnresolvedEntry></m:ResolveNames>";
    let sync = format!(
        "<m:SyncFolderItems><m:ItemShape><t:BaseShape>AllProperties</t:BaseShape></m:ItemShape><m:SyncFolderId>{CALENDAR}</m:SyncFolderId><m:MaxChangesReturned>512</m:MaxChangesReturned></m:SyncFolderItems>"
    );
    for version in [
        SimulatedVersion::Exchange2007Sp1,
        SimulatedVersion::Exchange2010,
        SimulatedVersion::Exchange2010Sp2,
        SimulatedVersion::Exchange2013,
        SimulatedVersion::Exchange2016,
    ] {
        let simulator = Simulator::builder()
            .now("2026-03-04T12:00:00Z".parse().unwrap())
            .version(version)
            .seed_agenda(true)
            .start()
            .await
            .unwrap();
        let elsewhere = "<t:LegacyFreeBusyStatus>WorkingElsewhere</t:LegacyFreeBusyStatus>";
        let item = event(
            "Home",
            "2026-03-02T20:00:00Z",
            "2026-03-02T21:00:00Z",
            elsewhere,
        );
        for mailbox in [ALICE, BOB] {
            simulator.plant(mailbox, "calendar", &item).unwrap();
        }
        let ids: String = simulator
            .item_ids(ALICE, "calendar")
            .unwrap()
            .iter()
            .map(|id| format!("<t:ItemId Id=\"{id}\"/>"))
            .collect();
        let view = march(CALENDAR).replace("Default", "AllProperties");
        for body in [&get(&ids), &view, day, folders, names, &sync] {
            let request = envelope(version.name(), "", body);
            let reply = post(&simulator, ALICE, &request).await.unwrap();
            assert_eq!(reply.status, 200, "{version} {}", reply.body);
            assert_eq!(
                reply.texts("ResponseCode")[0],
                "NoError",
                "{version} {body}"
            );
            // The check of a request's version works on any envelope that names one.
            let mark = format!(
                "Header><t:RequestServerVersion xmlns:t=\"{TYPES}\" Version=\"{version}\"/>"
            );
            let marked = reply.body.replacen("Header>", &mark, 1);
            assert_eq!(check_envelope(&marked), Ok(()), "{version} {}", reply.body);
        }
        assert_eq!(simulator.violations(), []);
    }
}

#[tokio::test]
async fn a_batch_may_be_stopped() {
    let simulator = start().await;
    let item = event("One", "2026-03-05T10:00:00Z", "2026-03-05T11:00:00Z", "");
    let ids: String = (0..3)
        .map(|_| simulator.plant(ALICE, "calendar", &item).unwrap())
        .map(|id| format!("<t:ItemId Id=\"{id}\"/>"))
        .collect();
    simulator.limit_batch(Some(2));
    let stopped = call(&simulator, &get(&ids)).await;
    assert_eq!(
        stopped.texts("ResponseCode"),
        ["NoError", "NoError", "ErrorBatchProcessingStopped"]
    );
    simulator.limit_batch(None);
    let whole = call(&simulator, &get(&ids)).await;
    assert_eq!(whole.texts("Subject").len(), 3);
}
