use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::super::super::tests::raw;
use super::*;

fn file(name: &str, content: &[u8]) -> Value {
    json!({
        "@odata.type": "#microsoft.graph.fileAttachment",
        "name": name,
        "contentBytes": STANDARD.encode(content),
    })
}

#[tokio::test]
async fn files_and_items_are_attached_and_read() {
    let simulator = start().await;
    let client = alice(&simulator);
    let mut wanted = mail("A");
    wanted["attachments"] = json!([file("a.txt", b"one")]);
    let made = client.post("/me/messages", wanted).await.of(201);
    assert_eq!(made["hasAttachments"], true);
    let place = format!("{}/attachments", path(&made));
    let item = json!({
        "@odata.type": "#microsoft.graph.itemAttachment",
        "name": "Inner",
        "item": {"@odata.type": "microsoft.graph.message", "subject": "Within"},
    });
    let item = client.post(&place, item).await.of(201);
    let list = client.get(&place).await.of(200);
    let kinds: Vec<&str> = list["value"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["@odata.type"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        [
            "#microsoft.graph.fileAttachment",
            "#microsoft.graph.itemAttachment"
        ]
    );
    assert_eq!(list["value"][0]["contentBytes"], STANDARD.encode("one"));
    let few = client
        .get(&format!("{place}?$select=name,size"))
        .await
        .of(200);
    assert!(few["value"][0].get("contentBytes").is_none());
    let bare = client.get(&format!("{place}?$select=contentBytes")).await;
    assert_eq!(bare.refused(400), "BadRequest");
    let inner = format!(
        "{place}/{}?$expand=microsoft.graph.itemattachment/item",
        id(&item)
    );
    let inner = client.get(&inner).await.of(200);
    assert_eq!(inner["item"]["subject"], "Within");
    let value = format!("/v1.0{place}/{}/$value", id(&list["value"][0]));
    assert_eq!(client.raw("GET", &value, &[], b"").await.1, b"one");
    let value = format!("/v1.0{place}/{}/$value", id(&item));
    let (_, mime) = client.raw("GET", &value, &[], b"").await;
    assert!(String::from_utf8(mime).unwrap().contains("Subject: Within"));
    let gone = client.delete(&format!("{place}/{}", id(&item))).await;
    assert_eq!(gone.status, 204);
    let expanded = format!("{}?$expand=attachments($select=name)", path(&made));
    let expanded = client.get(&expanded).await.of(200);
    assert_eq!(expanded["attachments"].as_array().unwrap().len(), 1);
    let xml = simulator.item_xml(&on_ews(&expanded)).unwrap();
    assert!(xml.contains("<t:Name>a.txt</t:Name>"), "{xml}");
    for wrong in [
        json!({"name": "x"}),
        json!({"@odata.type": "#microsoft.graph.fileAttachment", "name": "x"}),
        json!({"@odata.type": "#microsoft.graph.fileAttachment", "name": "x", "contentBytes": "!"}),
    ] {
        assert_eq!(client.post(&place, wrong).await.status, 400);
    }
    let large = file("large", &vec![0; 3_200_000]);
    assert_eq!(client.post(&place, large).await.status, 413);
}

#[tokio::test]
async fn large_files_come_in_pieces_in_their_order() {
    let simulator = start().await;
    let client = alice(&simulator);
    let made = client.post("/me/messages", mail("A")).await.of(201);
    let place = format!("{}/attachments", path(&made));
    let session = |size: usize| json!({"AttachmentItem": {"attachmentType": "file", "name": "big.bin", "size": size}});
    let create = format!("{place}/createUploadSession");
    let small = client.post(&create, session(2_000_000)).await.refused(400);
    assert_eq!(small, "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize");
    let content: Vec<u8> = (0..3_500_000u32)
        .map(|number| number.to_le_bytes()[0])
        .collect();
    let opened = client.post(&create, session(content.len())).await.of(201);
    assert_eq!(opened["nextExpectedRanges"], json!(["0-"]));
    let url = opened["uploadUrl"].as_str().unwrap();
    let origin = format!("http://{}", simulator.address());
    let target = url.strip_prefix(&origin).unwrap();
    let put = async |from: usize, to: usize, token: bool| {
        let range = format!("bytes {from}-{}/{}", to - 1, content.len());
        let mut headers = vec![("Content-Range", range.as_str())];
        if token {
            headers.push(("Authorization", "Bearer x"));
        }
        raw(&simulator, "PUT", target, &headers, &content[from..to]).await
    };
    let (head, _) = put(0, 2_000_000, true).await;
    assert!(head.starts_with("HTTP/1.1 401"), "{head}");
    let (head, body) = put(0, 2_000_000, false).await;
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let progress: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(progress["nextExpectedRanges"], json!(["2000000"]));
    let (head, _) = put(2_500_000, content.len(), false).await;
    assert!(head.starts_with("HTTP/1.1 416"), "{head}");
    let (head, _) = put(2_000_000, content.len(), false).await;
    assert!(head.starts_with("HTTP/1.1 201"), "{head}");
    let (_, id) = head.split_once("Attachments('").unwrap();
    let (id, _) = id.split_once('\'').unwrap();
    let value = format!("/v1.0{place}/{id}/$value");
    assert_eq!(client.raw("GET", &value, &[], b"").await.1, content);
    let (head, _) = put(0, 10, false).await;
    assert!(head.starts_with("HTTP/1.1 404"), "{head}");
}

#[tokio::test]
async fn events_have_attachments_too() {
    let simulator = start().await;
    let client = Client::of(&simulator, ALICE, &["Calendars.ReadWrite"]);
    let event = json!({
        "subject": "Lunch",
        "start": {"dateTime": "2026-03-05T12:00:00", "timeZone": "UTC"},
        "end": {"dateTime": "2026-03-05T13:00:00", "timeZone": "UTC"},
    });
    let event = client.post("/me/events", event).await.of(201);
    let place = format!("/me/events/{}/attachments", id(&event));
    client.post(&place, file("menu.txt", b"soup")).await.of(201);
    let expanded = format!("/me/events/{}?$expand=attachments", id(&event));
    let expanded = client.get(&expanded).await.of(200);
    assert_eq!(expanded["hasAttachments"], true);
    assert_eq!(expanded["attachments"][0]["name"], "menu.txt");
    let mail = alice(&simulator);
    assert_eq!(mail.get(&place).await.refused(403), "ErrorAccessDenied");
}

#[tokio::test]
async fn invitations_are_messages_about_meetings() {
    let simulator = start().await;
    let organizer = Client::of(&simulator, ALICE, &["Calendars.ReadWrite"]);
    let event = json!({
        "subject": "Team",
        "start": {"dateTime": "2026-03-05T12:00:00", "timeZone": "UTC"},
        "end": {"dateTime": "2026-03-05T13:00:00", "timeZone": "UTC"},
        "attendees": [{"emailAddress": {"address": BOB}, "type": "required"}],
    });
    organizer.post("/me/events", event).await.of(201);
    let both = ["Mail.ReadWrite", "Calendars.ReadWrite"];
    let client = Client::of(&simulator, BOB, &both);
    let list = "/me/mailFolders/inbox/messages?$expand=microsoft.graph.eventMessage/event";
    let list = client.get(list).await.of(200);
    let request = &list["value"][0];
    assert_eq!(
        request["@odata.type"],
        "#microsoft.graph.eventMessageRequest"
    );
    assert_eq!(request["meetingMessageType"], "meetingRequest");
    assert_eq!(
        request["startDateTime"]["dateTime"],
        "2026-03-05T12:00:00.0000000"
    );
    let own = format!("/me/events/{}", id(&request["event"]));
    let answer = json!({"comment": "Perhaps", "sendResponse": true});
    let answer = client
        .post(&format!("{own}/tentativelyAccept"), answer)
        .await;
    assert_eq!(answer.status, 202);
    let came = alice(&simulator)
        .get("/me/mailFolders/inbox/messages")
        .await
        .of(200);
    let response = &came["value"][0];
    assert_eq!(
        response["@odata.type"],
        "#microsoft.graph.eventMessageResponse"
    );
    assert_eq!(response["meetingMessageType"], "meetingTenativelyAccepted");
    assert_eq!(response["responseType"], "tentativelyAccepted");
}
