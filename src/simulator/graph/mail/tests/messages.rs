use super::*;
use crate::simulator::SimulatedMessage;

#[tokio::test]
async fn what_is_written_is_read_on_ews() {
    let simulator = start().await;
    let client = alice(&simulator);
    let mut wanted = mail("Lunch");
    wanted["categories"] = json!(["Red"]);
    wanted["importance"] = "high".into();
    wanted["internetMessageHeaders"] = json!([{"name": "X-Campaign", "value": "spring"}]);
    wanted["flag"] = json!({
        "flagStatus": "flagged",
        "startDateTime": {"dateTime": "2026-03-05T00:00:00", "timeZone": "UTC"},
        "dueDateTime": {"dateTime": "2026-03-06T00:00:00", "timeZone": "UTC"},
    });
    let made = client.post("/me/messages", wanted).await.of(201);
    let xml = simulator.item_xml(&on_ews(&made)).unwrap();
    for part in [
        "<t:Subject>Lunch</t:Subject>",
        "<t:String>Red</t:String>",
        "<t:Importance>High</t:Importance>",
        "<t:FlagStatus>Flagged</t:FlagStatus>",
        "<t:IsDraft>true</t:IsDraft>",
        "bob@example.test",
    ] {
        assert!(xml.contains(part), "{part} in {xml}");
    }
    assert_eq!(made["isDraft"], true);
    assert_eq!(made["flag"]["flagStatus"], "flagged");
    assert_eq!(
        made["flag"]["dueDateTime"]["dateTime"],
        "2026-03-06T00:00:00.0000000"
    );
    let again = client.get(&path(&made)).await.of(200);
    assert_eq!(again["changeKey"], made["changeKey"]);
    assert_eq!(again["body"]["content"], "<p>Hello</p>");
    assert!(again.get("uniqueBody").is_none() && again.get("internetMessageHeaders").is_none());
    let text = alice(&simulator).with("Prefer", "outlook.body-content-type=\"text\"");
    let text = text.get(&path(&made)).await.of(200);
    assert_eq!(
        text["body"],
        json!({"contentType": "text", "content": "Hello"})
    );
    let few = format!("{}?$select=subject,uniqueBody", path(&made));
    let few = client.get(&few).await.of(200);
    let names: Vec<&str> = few
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        names,
        [
            "@odata.context",
            "@odata.etag",
            "id",
            "subject",
            "uniqueBody"
        ]
    );
}

#[tokio::test]
async fn stale_and_wrong_writes_are_refused() {
    let simulator = start().await;
    let client = alice(&simulator);
    let made = client.post("/me/messages", mail("A")).await.of(201);
    let etag = made["@odata.etag"].as_str().unwrap().to_owned();
    let careful = alice(&simulator).with("If-Match", &etag);
    let changed = careful
        .patch(&path(&made), json!({"subject": "B"}))
        .await
        .of(200);
    assert_ne!(changed["changeKey"], made["changeKey"]);
    let stale = careful.patch(&path(&made), json!({"subject": "C"})).await;
    assert_eq!(stale.refused(412), "ErrorIrresolvableConflict");
    let unchanged = client.get(&path(&made)).await.of(200);
    assert_eq!(unchanged["subject"], "B");
    for (body, code) in [
        (json!({"subjet": "x"}), "RequestBodyRead"),
        (json!({"body": {"contentType": "rtf"}}), "RequestBodyRead"),
        (json!({"importance": "urgent"}), "RequestBodyRead"),
        (json!({"isDraft": false}), "ErrorInvalidPropertySet"),
        (json!({"attachments": []}), "ErrorInvalidPropertySet"),
        (
            json!({"toRecipients": [{"emailAddress": {"mail": "x"}}]}),
            "RequestBodyRead",
        ),
    ] {
        let refused = client.patch(&path(&made), body.clone()).await.refused(400);
        assert_eq!(refused, code, "{body}");
    }
    let header = json!({"internetMessageHeaders": [{"name": "Priority", "value": "1"}]});
    let refused = client.post("/me/messages", header).await.refused(400);
    assert_eq!(refused, "InvalidInternetMessageHeader");
    let sent = simulator.plant_mime(ALICE, "inbox", b"Subject: Old\r\n\r\nText\r\n");
    let sent = format!(
        "/me/messages/{}",
        sent.unwrap().replace('/', "-").replace('+', "_")
    );
    let refused = client.patch(&sent, json!({"subject": "New"})).await;
    assert_eq!(
        refused.refused(400),
        "ErrorInvalidPropertyUpdateSentMessage"
    );
    let read = client.patch(&sent, json!({"isRead": true})).await.of(200);
    assert_eq!(read["isRead"], true);
    let (_, mime) = client
        .raw("GET", &format!("/v1.0{sent}/$value"), &[], b"")
        .await;
    assert_eq!(mime, b"Subject: Old\r\n\r\nText\r\n");
}

#[tokio::test]
async fn ids_stay_where_they_are_wanted_to() {
    let simulator = start().await;
    let client = alice(&simulator);
    let lasting = alice(&simulator).with("Prefer", "IdType=\"ImmutableId\"");
    let made = lasting.post("/me/messages", mail("A")).await.of(201);
    let same = client.get(&path(&made)).await.of(200);
    assert_ne!(id(&same), id(&made));
    let to = json!({"destinationId": "inbox"});
    let moved = lasting
        .post(&format!("{}/move", path(&made)), to.clone())
        .await
        .of(201);
    assert_eq!(id(&moved), id(&made));
    assert_ne!(moved["parentFolderId"], made["parentFolderId"]);
    assert_eq!(
        client.get(&path(&same)).await.refused(404),
        "ErrorItemNotFound"
    );
    let copied = lasting
        .post(&format!("{}/copy", path(&made)), to)
        .await
        .of(201);
    assert_ne!(id(&copied), id(&made));
    assert_eq!(lasting.delete(&path(&made)).await.status, 204);
    let deleted = lasting.get(&path(&made)).await.of(200);
    let bin = client.get("/me/mailFolders/deleteditems").await.of(200);
    assert_eq!(deleted["parentFolderId"], bin["id"]);
    let purge = format!("{}/permanentDelete", path(&made));
    assert_eq!(lasting.post(&purge, json!({})).await.status, 204);
    assert_eq!(
        lasting.get(&path(&made)).await.refused(404),
        "ErrorItemNotFound"
    );
    let malformed = client.get("/me/messages/AAMkDUMMY").await.refused(400);
    assert_eq!(malformed, "ErrorInvalidIdMalformed");
}

#[tokio::test]
async fn listings_have_pages_filters_and_searches() {
    let simulator = start().await;
    let many = (0..25).map(|number| {
        let time = "2026-03-01T00:00:00Z"
            .parse::<chrono::DateTime<chrono::Utc>>()
            .unwrap();
        SimulatedMessage::new(format!("Report {number:02}"))
            .received(time + chrono::Duration::hours(number))
            .read(number % 2 == 0)
    });
    simulator.plant_messages(ALICE, "inbox", many).unwrap();
    let client = alice(&simulator);
    let root = "/me/mailFolders/inbox/messages";
    let first = client
        .get(&format!("{root}?$select=subject&$count=true"))
        .await
        .of(200);
    assert_eq!(first["@odata.count"], 25);
    assert_eq!(subjects(&first)[..2], ["Report 24", "Report 23"]);
    let mut all = subjects(&first).len();
    let mut next = first["@odata.nextLink"].as_str().map(str::to_owned);
    while let Some(link) = next {
        let page = client.get(&link).await.of(200);
        all += subjects(&page).len();
        next = page["@odata.nextLink"].as_str().map(str::to_owned);
    }
    assert_eq!(all, 25);
    let found = client
        .get(&format!(
            "{root}?$filter=receivedDateTime ge 2026-03-01T20:00:00Z and isRead eq false&$orderby=receivedDateTime"
        ))
        .await
        .of(200);
    assert_eq!(subjects(&found), ["Report 21", "Report 23"]);
    let found = client
        .get("/me/messages?$search=\"subject:report AND 07\"")
        .await
        .of(200);
    assert_eq!(subjects(&found), ["Report 07"]);
    for (query, code) in [
        (
            "$filter=isRead eq true&$orderby=receivedDateTime",
            "InefficientFilter",
        ),
        ("$filter=body/content eq 'x'", "ErrorInvalidProperty"),
        ("$search=\"a\"&$filter=isRead eq true", "SearchWithFilter"),
        ("$search=\"a\"&$orderby=subject", "SearchWithOrderBy"),
        ("$top=1001", "ErrorInvalidUrlQuery"),
        ("$top=x", "BadRequest"),
        ("$format=xml", "BadRequest"),
    ] {
        let refused = client.get(&format!("{root}?{query}")).await.refused(400);
        assert_eq!(refused, code, "{query}");
    }
}

#[tokio::test]
async fn properties_of_other_programs_are_kept_expanded_and_found() {
    let simulator = start().await;
    let client = alice(&simulator);
    let name = "String {66f5a359-4659-4830-9070-00047ec6ac6e} Name Ticket";
    let mut wanted = mail("A");
    wanted["singleValueExtendedProperties"] = json!([{"id": name, "value": "4711"}]);
    let made = client.post("/me/messages", wanted).await.of(201);
    client.post("/me/messages", mail("B")).await.of(201);
    assert!(made.get("singleValueExtendedProperties").is_none());
    let expand = format!("$expand=singleValueExtendedProperties($filter=id eq '{name}')");
    let shown = client
        .get(&format!("{}?{expand}", path(&made)))
        .await
        .of(200);
    assert_eq!(
        shown["singleValueExtendedProperties"],
        json!([{"id": name, "value": "4711"}])
    );
    let filter = format!(
        "$filter=singleValueExtendedProperties/Any(ep: ep/id eq '{name}' and ep/value eq '4711')"
    );
    let found = client.get(&format!("/me/messages?{filter}")).await.of(200);
    assert_eq!(subjects(&found), ["A"]);
    // Flags make an imported message one that is no draft.
    let mut imported = mail("Imported");
    imported["singleValueExtendedProperties"] = json!([{"id": "Integer 0x0E07", "value": "1"}]);
    let imported = client.post("/me/messages", imported).await.of(201);
    assert_eq!(
        (&imported["isDraft"], &imported["isRead"]),
        (&json!(false), &json!(true))
    );
}

#[tokio::test]
async fn tokens_show_and_do_what_they_may() {
    let simulator = start().await;
    let made = alice(&simulator)
        .post("/me/messages", mail("A"))
        .await
        .of(201);
    let basic = Client::of(&simulator, ALICE, &["Mail.ReadBasic"]);
    let seen = basic.get(&path(&made)).await.of(200);
    assert_eq!(seen["subject"], "A");
    assert!(seen.get("body").is_none() && seen.get("bodyPreview").is_none());
    for hidden in [
        format!("{}?$select=body", path(&made)),
        format!("{}?$expand=attachments", path(&made)),
        format!("{}/attachments", path(&made)),
        format!("{}/$value", path(&made)),
        "/me/messages?$search=\"a\"".to_owned(),
    ] {
        assert_eq!(
            basic.get(&hidden).await.refused(403),
            "ErrorAccessDenied",
            "{hidden}"
        );
    }
    let reader = Client::of(&simulator, ALICE, &["Mail.Read"]);
    let write = reader.patch(&path(&made), json!({"isRead": true})).await;
    assert_eq!(write.refused(403), "ErrorAccessDenied");
    assert_eq!(reader.delete(&path(&made)).await.status, 403);
    let sender = Client::of(&simulator, ALICE, &["Mail.Send"]);
    assert_eq!(sender.get("/me/messages").await.status, 403);
    let sent = json!({"message": mail("Sent"), "saveToSentItems": false});
    assert_eq!(sender.post("/me/sendMail", sent).await.status, 202);
    let strange = format!("/users/{BOB}/messages");
    assert_eq!(alice(&simulator).get(&strange).await.status, 403);
}
