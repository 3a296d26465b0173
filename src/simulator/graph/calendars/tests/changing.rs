//! Events that are made, changed and deleted.

use super::*;

#[tokio::test(flavor = "current_thread")]
async fn what_is_written_is_read_on_ews() {
    let simulator = start().await;
    let client = alice(&simulator);
    let mut event = lunch("Lunch");
    for (name, value) in [
        ("showAs", json!("workingElsewhere")),
        ("importance", json!("high")),
        ("sensitivity", json!("personal")),
        ("categories", json!(["Red", "Blue"])),
        ("isReminderOn", json!(false)),
        ("location", json!({"displayName": "Harbour"})),
        (
            "body",
            json!({"contentType": "html", "content": "<p>Soup</p><script>x()</script>"}),
        ),
        ("allowNewTimeProposals", json!(false)),
        ("responseRequested", json!(false)),
        ("hideAttendees", json!(true)),
    ] {
        event[name] = value;
    }
    let made = client.post("/me/events", event.clone()).await.of(201);
    for name in [
        "showAs",
        "importance",
        "sensitivity",
        "categories",
        "isReminderOn",
        "allowNewTimeProposals",
        "responseRequested",
        "hideAttendees",
    ] {
        assert_eq!(made[name], event[name], "{name}");
    }
    assert_eq!(made["body"]["content"], "<p>Soup</p>");
    let raw = client
        .with("prefer", "outlook.allow-unsafe-html")
        .get(&path(&made))
        .await
        .of(200);
    assert_eq!(raw["body"]["content"], "<p>Soup</p><script>x()</script>");
    let xml = simulator
        .item_xml(&id(&made).replace('-', "/").replace('_', "+"))
        .unwrap();
    for part in [
        "<t:Subject>Lunch</t:Subject>",
        "<t:Start>2026-03-04T11:00:00Z</t:Start>",
        "<t:LegacyFreeBusyStatus>WorkingElsewhere</t:LegacyFreeBusyStatus>",
        "<t:Location>Harbour</t:Location>",
        "<t:Importance>High</t:Importance>",
        "<t:String>Blue</t:String>",
        "<t:AllowNewTimeProposal>false</t:AllowNewTimeProposal>",
        "Id=\"W. Europe Standard Time\"",
    ] {
        assert!(xml.contains(part), "{part} in {xml}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn bodies_that_say_too_much_or_too_little_are_refused() {
    let simulator = start().await;
    let client = alice(&simulator);
    let with = |name: &str, value: Value| {
        let mut event = lunch("x");
        event[name] = value;
        event
    };
    for (event, code) in [
        (json!({"subject": "x"}), "ErrorPropertyValidationFailure"),
        (with("colour", json!("red")), "RequestBodyRead"),
        (with("changeKey", json!("x")), "ErrorInvalidPropertySet"),
        (with("showAs", json!("asleep")), "RequestBodyRead"),
        (with("isAllDay", json!("yes")), "RequestBodyRead"),
        (
            with("start", json!({"dateTime": "2026-03-04T12:00:00"})),
            "TimeZoneNotSupportedException",
        ),
        (
            with("end", clock("2026-03-04T11:00:00")),
            "ErrorCalendarEndDateIsEarlierThanStartDate",
        ),
        (
            with("attendees", json!([{"emailAddress": {"name": "Bob"}}])),
            "ErrorInvalidRecipients",
        ),
        (
            with("location", json!({"name": "Harbour"})),
            "RequestBodyRead",
        ),
    ] {
        let shown = event.to_string();
        assert_eq!(
            client.post("/me/events", event).await.refused(400),
            code,
            "{shown}"
        );
    }
    let made = client.post("/me/events", lunch("x")).await.of(201);
    let code = client
        .patch(&path(&made), json!({"transactionId": "x"}))
        .await
        .refused(400);
    assert_eq!(code, "ErrorInvalidPropertySet");
    assert_eq!(subjects(&client.get("/me/events").await.of(200)), ["x"]);
    client.get("/me/events/AAMkDUMMY").await.refused(400);
}

#[tokio::test(flavor = "current_thread")]
async fn one_key_makes_one_event() {
    let simulator = start().await;
    let client = alice(&simulator);
    let mut event = invited(lunch("Once"), &[BOB]);
    event["transactionId"] = "7f1c".into();
    let made = client.post("/me/events", event.clone()).await.of(201);
    let again = client.post("/me/events", event.clone()).await.of(201);
    assert_eq!(
        (&made["id"], &made["transactionId"]),
        (&again["id"], &json!("7f1c"))
    );
    assert_eq!(sent(&simulator).len(), 1);
    event["subject"] = "Another".into();
    let same = client.post("/me/events", event.clone()).await.of(201);
    assert_eq!(
        (&same["id"], &same["subject"]),
        (&made["id"], &json!("Once"))
    );
    assert_eq!(subjects(&client.get("/me/events").await.of(200)), ["Once"]);
    // The key is Alice's alone, and goes with its event.
    let theirs = bob(&simulator).get("/me/events").await.of(200);
    assert_eq!(theirs["value"][0]["transactionId"], Value::Null);
    assert_eq!(client.delete(&path(&made)).await.status, 204);
    let new = client.post("/me/events", event).await.of(201);
    assert_eq!(new["subject"], "Another");
}

#[tokio::test(flavor = "current_thread")]
async fn stale_versions_are_refused() {
    let simulator = start().await;
    let client = alice(&simulator);
    let made = client.post("/me/events", lunch("One")).await.of(201);
    let etag = made["@odata.etag"].as_str().unwrap();
    assert_eq!(
        etag,
        format!("W/\"{}\"", made["changeKey"].as_str().unwrap())
    );
    let guarded = alice(&simulator).with("if-match", etag);
    let changed = guarded
        .patch(&path(&made), json!({"subject": "Two"}))
        .await
        .of(200);
    assert_ne!(changed["changeKey"], made["changeKey"]);
    let code = guarded
        .patch(&path(&made), json!({"subject": "Three"}))
        .await
        .refused(412);
    assert_eq!(code, "ErrorIrresolvableConflict");
    assert_eq!(
        guarded.delete(&path(&made)).await.refused(412),
        "ErrorIrresolvableConflict"
    );
    assert_eq!(client.get(&path(&made)).await.of(200)["subject"], "Two");
    assert_eq!(client.delete(&path(&made)).await.status, 204);
    client.get(&path(&made)).await.refused(404);
}

#[tokio::test(flavor = "current_thread")]
async fn occurrences_change_and_go_without_the_others() {
    let simulator = start().await;
    let client = alice(&simulator);
    let series = client.post("/me/events", weekly()).await.of(201);
    let view = client
        .get(&format!("/me/calendarView?{MARCH}"))
        .await
        .of(200);
    let moved = json!({
        "subject": "Team (moved)",
        "start": clock("2026-03-10T09:00:00"), "end": clock("2026-03-10T10:00:00"),
    });
    let changed = client.patch(&path(&view["value"][1]), moved).await.of(200);
    assert_eq!(
        (&changed["type"], &changed["seriesMasterId"]),
        (&json!("exception"), &series["id"])
    );
    assert_eq!(changed["originalStart"], "2026-03-09T08:00:00.0000000Z");
    assert_eq!(client.delete(&path(&view["value"][2])).await.status, 204);
    let over = json!({"start": clock("2026-03-31T09:00:00"), "end": clock("2026-03-31T10:00:00")});
    let code = client
        .patch(&path(&view["value"][3]), over)
        .await
        .refused(400);
    assert_eq!(code, "ErrorOccurrenceCrossingBoundary");
    let whole = format!(
        "{}?$select=subject,cancelledOccurrences&$expand=exceptionOccurrences",
        path(&series)
    );
    let whole = client.get(&whole).await.of(200);
    let series_id = id(&series);
    assert_eq!(
        whole["cancelledOccurrences"],
        json!([format!("OID.{series_id}.2026-03-16")])
    );
    assert_eq!(whole["exceptionOccurrences"][0]["subject"], "Team (moved)");
    let view = client
        .get(&format!("/me/calendarView?{MARCH}"))
        .await
        .of(200);
    assert_eq!(subjects(&view), ["Team", "Team (moved)", "Team", "Team"]);
    let recurring = client
        .patch(
            &path(&changed),
            json!({"recurrence": weekly()["recurrence"]}),
        )
        .await;
    assert_eq!(recurring.refused(400), "ErrorInvalidPropertySet");
    // An end to recurring.
    let single = client
        .patch(&path(&series), json!({"recurrence": null}))
        .await
        .of(200);
    assert_eq!(single["type"], "singleInstance");
}

#[tokio::test(flavor = "current_thread")]
async fn online_meetings_get_a_link_once() {
    let simulator = start().await;
    let client = alice(&simulator);
    let mut event = lunch("Call");
    event["isOnlineMeeting"] = true.into();
    event["body"] = json!({"contentType": "text", "content": "Agenda"});
    let made = client.post("/me/events", event).await.of(201);
    let link = made["onlineMeeting"]["joinUrl"].as_str().unwrap();
    assert!(link.starts_with("https://teams.microsoft.com/l/meetup-join/"));
    assert_eq!(made["onlineMeetingProvider"], "teamsForBusiness");
    let body = made["body"]["content"].as_str().unwrap();
    assert!(body.contains(link) && body.contains("Agenda"), "{body}");
    let again = client
        .patch(&path(&made), json!({"isOnlineMeeting": true}))
        .await
        .of(200);
    assert_eq!(again["onlineMeeting"], made["onlineMeeting"]);
}
